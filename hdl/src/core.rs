//! The contract between the link and any core: the ports of a core, declared once.
//!
//! | ports | rule |
//! |---|---|
//! | `clear` | a strobe while the core is not busy: memories and registers become as after power-up |
//! | `sample_data`, `sample_valid`, `sample_ready` | a vector's bytes, as many in a beat as it is wide, the first in the low bits; zeros follow the vector's end, and the next vector starts with a beat of its own |
//! | `sample_learn` | is taken with a vector's first beat: learn from it, or only answer |
//! | `result`, `result_valid`, `result_ready` | for each vector: its answer in words, the first byte in the high bits, or one word of any value where it was learned; a word stays, and stays the same, until it is taken |
//! | `bus_memory`, `bus_row`, `bus_column` | the address of a word: memory 0 the registers (row 0, column the register's number), others as in the core's map |
//! | `column_last` | the last column of a row of `bus_memory`, combinational; 255 in the registers |
//! | `bus_write`, `bus_write_data`, `bus_refused` | a write, only while `busy` is low; address and word are there a clock before; a word or an address out of range changes nothing and raises `bus_refused` |
//! | `bus_read_data` | answers 4 clocks after the address, while `busy` is low |
//! | `busy` | the core works: its words may change |
//! | `vector_last`, `answer_last` | bytes of a vector, and of an answer, less 1 |

/// Hands the ports between link and core to a macro: those of a `core`, or their other ends at the
/// `link`. `$beat` is the width of a beat of samples in bits.
macro_rules! core_ports {
    (core $beat:tt $then:ident $context:tt) => {
        core_ports! { @ In Out $beat $then $context }
    };
    (link $beat:tt $then:ident $context:tt) => {
        core_ports! { @ Out In $beat $then $context }
    };
    (@ $to:ident $from:ident $beat:tt $then:ident $context:tt) => {
        $then! { $context
            pub clear: [Signal<$to, Bit>],
            pub sample_data: [Signal<$to, Bits<$beat>>],
            pub sample_valid: [Signal<$to, Bit>],
            pub sample_learn: [Signal<$to, Bit>],
            pub sample_ready: [Signal<$from, Bit>],
            pub result_valid: [Signal<$from, Bit>],
            pub result_ready: [Signal<$to, Bit>],
            pub result: [Signal<$from, Bits<32>>],
            pub bus_memory: [Signal<$to, Bits<8>>],
            pub bus_row: [Signal<$to, Bits<16>>],
            pub bus_column: [Signal<$to, Bits<8>>],
            pub bus_write: [Signal<$to, Bit>],
            pub bus_write_data: [Signal<$to, Bits<32>>],
            pub bus_read_data: [Signal<$from, Bits<32>>],
            pub bus_refused: [Signal<$from, Bit>],
            pub column_last: [Signal<$from, Bits<8>>],
            pub busy: [Signal<$from, Bit>],
            pub vector_last: [Signal<$from, Bits<8>>],
            pub answer_last: [Signal<$from, Bits<8>>],
        }
    };
}

/// Declares a block with a clock, the ports between link and core, and fields of its own, each of
/// which starts as its default or as the value that is given:
///
/// ```text
/// block! {
///     /// What it is.
///     Name<SIZE>, core 16;          // or: link 16
///     new(argument: u64) { let half = argument / 2; }
///     count: [DFF<Bits<SIZE>>],
///     limit: [Constant<Bits<SIZE>>] = Constant::new(half.into()),
/// }
/// ```
macro_rules! block {
    ($(#[$meta:meta])* $block:ident<$($size:ident),*>, $side:ident $beat:tt; $($rest:tt)*) => {
        core_ports! { $side $beat declare [[$(#[$meta])*] $block [$($size)*] $($rest)*] }
    };
}

macro_rules! declare {
    ([[$(#[$meta:meta])*] $block:ident [$($size:ident)*]
        $(#[$note:meta])* new($($argument:ident: $kind:ty),*) { $($prepare:tt)* }
        $($(#[$doc:meta])* $vis:vis $field:ident: [$($type:tt)*] $(= $value:expr)?,)*]
        $(pub $port:ident: [$($port_type:tt)*],)*
    ) => {
        $(#[$meta])*
        #[derive(LogicBlock)]
        pub struct $block<$(const $size: usize),*> {
            pub clock: Signal<In, Clock>,
            $(pub $port: $($port_type)*,)*
            $($(#[$doc])* $vis $field: $($type)*,)*
        }

        impl<$(const $size: usize),*> $block<$($size),*> {
            $(#[$note])*
            pub fn new($($argument: $kind),*) -> Self {
                $($prepare)*
                Self {
                    clock: Default::default(),
                    $($port: Default::default(),)*
                    $($field: initial!($($value)?),)*
                }
            }
        }
    };
}

/// A field's first value.
macro_rules! initial {
    () => {
        Default::default()
    };
    ($value:expr) => {
        $value
    };
}
