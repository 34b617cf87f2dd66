//! Numbers that kernels need, declared once: a constant for each, and a macro that hands them on
//! as tokens, since `hdl_gen` reads a path as a signal's name.

/// A memory of a core, with words of 32 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    /// 1 to 251.
    pub number: u8,
    /// In messages.
    pub name: &'static str,
    /// What its rows, columns and words are.
    pub doc: &'static str,
    /// The register that holds the number of columns in a row; none: 256.
    pub columns: Option<u8>,
}

impl Memory {
    /// The last column of a row, when the registers hold these words.
    pub fn column_last(&self, register: impl Fn(u8) -> u32) -> u8 {
        self.columns.map_or(u8::MAX, |columns| register(columns).wrapping_sub(1) as u8)
    }
}

/// Declares constants of the type `u8` in modules, and a macro `$callback!(then)` that calls
/// `then! { NAME = number, ... }` with all of them.
#[macro_export]
macro_rules! numbers {
    ($dollar:tt $callback:ident;
     $($(#[doc = $about:literal])* $module:ident {
        $($(#[doc = $doc:literal])* $NAME:ident = $number:tt;)*
     })*) => {
        $($(#[doc = $about])* pub mod $module {
            $($(#[doc = $doc])* pub const $NAME: u8 = $number;)*
        })*

        /// Calls a macro with every name and number, as tokens.
        #[macro_export]
        macro_rules! $callback {
            ($dollar then:ident) => { $dollar then! { $($($NAME = $number,)*)* } };
        }
    };
}

/// Declares a core's memories: a constant for each number in the module `memory`, `MEMORIES`, and a
/// macro that hands the numbers to a kernel. `by REGISTER` names the register that holds the number
/// of columns in a row.
///
/// ```
/// mod map {
///     const DIMENSION: u8 = 1;
///     fixlearn_map::memories! { $ toy_memories;
///         /// Row: codeword; column: dimension.
///         CODEBOOK = 1 by DIMENSION;
///         /// Column: codeword.
///         COUNTS = 2;
///     }
/// }
/// assert_eq!(map::memory::COUNTS, 2);
/// assert_eq!(map::MEMORIES[0].column_last(|_| 16), 15);
/// assert_eq!(map::MEMORIES[1].column_last(|_| 16), 255);
/// ```
#[macro_export]
macro_rules! memories {
    ($dollar:tt $callback:ident;
     $($(#[doc = $doc:literal])* $NAME:ident = $number:tt $(by $columns:ident)?;)*) => {
        $crate::numbers! { $dollar $callback;
            /// The memories' numbers.
            memory {
                /// The registers.
                REGISTERS = 0;
                $($(#[doc = $doc])* $NAME = $number;)*
            }
        }

        /// Every memory beside the registers.
        pub const MEMORIES: &[$crate::Memory] = &[$($crate::Memory {
            number: $number,
            name: stringify!($NAME),
            doc: concat!($($doc),*),
            columns: [$(Some($columns),)? None][0],
        }),*];
    };
}
