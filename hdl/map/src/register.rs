//! Registers as data: number, name, range, reset and documentation, declared once by
//! [`registers!`](crate::registers).

/// Who changes a register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// The host alone.
    Setting,
    /// The core changes it, too.
    State,
    /// A write starts work; it is no part of a core's state.
    Start,
}

/// The words that a register takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allowed {
    /// Every word.
    Any,
    /// From the first to the second, both included.
    Range(u32, u32),
    /// From 1 to the built size of this number.
    UpTo(usize),
    /// The number of a bit that is set in the built size of this number.
    BitOf(usize),
    /// No bits but those that are set in the built size of this number.
    BitsOf(usize),
    /// Fields from bit 0 up: bits, and the largest value. Bits above them are 0.
    Fields(&'static [(u32, u32)]),
    /// The high word of a pair that is not 0 as a whole; the low word is the register before it,
    /// which takes effect with this one.
    SeedHigh,
}

/// A register's word at power-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reset {
    /// This word.
    Word(u32),
    /// The built size of this number.
    Built(usize),
    /// The lowest bit that is set in the built size of this number.
    LowestBitOf(usize),
    /// The bits of this word that are set in the built size of this number.
    BitsOf(u32, usize),
    /// The low word of [`SEED`].
    SeedLow,
    /// The high word of it.
    SeedHigh,
}

/// The noise generator's state at power-up.
pub const SEED: u64 = 0x9e37_79b9_7f4a_7c15;

/// A register of 32 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Register {
    /// Its column in the memory of registers.
    pub number: u8,
    /// In messages.
    pub name: &'static str,
    /// What it is.
    pub doc: &'static str,
    /// Who changes it.
    pub access: Access,
    /// The words that it takes.
    pub allowed: Allowed,
    /// Its word at power-up.
    pub reset: Reset,
}

/// The built sizes of a core, by number.
pub type Sizes<'a> = &'a dyn Fn(usize) -> u32;

impl Register {
    /// Whether it takes the word in a core of these sizes; `low` is what was last written to the
    /// register before it ([`Allowed::SeedHigh`]).
    ///
    /// ```
    /// use fixlearn_map::vq;
    /// let rate = vq::REGISTERS[usize::from(vq::RATE_SHIFT)];
    /// assert!(rate.takes(15, &|_| 0, 0) && !rate.takes(16, &|_| 0, 0));
    /// ```
    pub fn takes(&self, word: u32, sizes: Sizes, low: u32) -> bool {
        match self.allowed {
            Allowed::Any => true,
            Allowed::Range(least, most) => (least..=most).contains(&word),
            Allowed::UpTo(size) => (1..=sizes(size)).contains(&word),
            Allowed::BitOf(size) => word < 32 && sizes(size) >> word & 1 == 1,
            Allowed::BitsOf(size) => word & !sizes(size) == 0,
            Allowed::Fields(fields) => {
                let mut rest = word;
                let fits = fields.iter().all(|&(bits, most)| {
                    let field = rest & ((1 << bits) - 1);
                    rest >>= bits;
                    field <= most
                });
                fits && rest == 0
            }
            Allowed::SeedHigh => word | low != 0,
        }
    }

    /// Its word at power-up in a core of these sizes.
    pub fn reset_word(&self, sizes: Sizes) -> u32 {
        match self.reset {
            Reset::Word(word) => word,
            Reset::Built(size) => sizes(size),
            Reset::LowestBitOf(size) => sizes(size).trailing_zeros() & 31,
            Reset::BitsOf(word, size) => word & sizes(size),
            Reset::SeedLow => SEED as u32,
            Reset::SeedHigh => (SEED >> 32) as u32,
        }
    }

    /// The range in words, as `0 to 15`.
    pub fn range(&self) -> String {
        match self.allowed {
            Allowed::Any => "any word".into(),
            Allowed::Range(least, most) => format!("{least} to {most}"),
            Allowed::UpTo(_) => "1 to the built size".into(),
            Allowed::BitOf(_) => "one that is built in".into(),
            Allowed::BitsOf(_) => "bits that are built in".into(),
            Allowed::Fields(fields) => {
                let mut low = 0;
                let field = |&(bits, most): &(u32, u32)| {
                    let text = format!("bits {}..{low}: 0 to {most}", low + bits - 1);
                    low += bits;
                    text
                };
                fields.iter().map(field).collect::<Vec<_>>().join("; ")
            }
            Allowed::SeedHigh => "not 0 with the low word".into(),
        }
    }

    /// The least and the largest number, of a register that is a number with fixed bounds.
    pub fn bounds(&self) -> Option<(u32, u32)> {
        match self.allowed {
            Allowed::Range(least, most) => Some((least, most)),
            _ => None,
        }
    }

    /// An expression in Verilog that is 1 if the word on `data` is refused; `low_any` is 1 if the
    /// low word of the pair is not 0.
    pub fn refuses(&self, sizes: Sizes, data: &str, low_any: &str) -> String {
        // Narrow comparisons, and the bits above by themselves: small and fast in logic cells.
        let between = |least: u32, most: u32| {
            let bits = u32::BITS - most.leading_zeros();
            let low = format!("{data}[{}:0]", bits.max(1) - 1);
            let mut terms = Vec::new();
            if bits < u32::BITS {
                terms.push(format!("|{data}[31:{bits}]"));
            }
            if u64::from(most) + 1 < 1 << bits {
                terms.push(format!("{low} > {bits}'d{most}"));
            }
            match least {
                0 => {}
                _ if least.is_power_of_two() => {
                    terms.push(format!("!(|{data}[{}:{}])", bits - 1, least.ilog2()));
                }
                _ => terms.push(format!("{low} < {bits}'d{least}")),
            }
            if terms.is_empty() {
                "1'b0".into()
            } else {
                terms.join(" || ")
            }
        };
        match self.allowed {
            Allowed::Any => "1'b0".into(),
            Allowed::Range(least, most) => between(least, most),
            Allowed::UpTo(size) => between(1, sizes(size)),
            Allowed::BitOf(size) => {
                let mask = sizes(size);
                let bits = (u32::BITS - mask.leading_zeros()).next_power_of_two().ilog2().max(1);
                let ones = 1_u32 << bits;
                format!("|{data}[31:{bits}] || !({ones}'d{mask} >> {data}[{}:0] & 1'b1)", bits - 1)
            }
            Allowed::BitsOf(size) => {
                format!("|({data} & 32'h{:08x})", !sizes(size))
            }
            Allowed::Fields(fields) => {
                let mut low = 0;
                let mut terms = Vec::new();
                for &(bits, most) in fields {
                    if most + 1 < 1 << bits {
                        terms.push(format!("{data}[{}:{low}] > {bits}'d{most}", low + bits - 1));
                    }
                    low += bits;
                }
                terms.push(format!("|{data}[31:{low}]"));
                terms.join(" || ")
            }
            Allowed::SeedHigh => format!("!(|{data} || {low_any})"),
        }
    }
}

/// A table of the map in Markdown.
pub fn table(registers: &[Register]) -> String {
    let mut text = String::from("| number | register | changed by | takes | at power-up | is |\n");
    text += "|---|---|---|---|---|---|\n";
    for r in registers {
        let by = match r.access {
            Access::Setting => "host",
            Access::State => "host and core",
            Access::Start => "host; starts work",
        };
        let reset = match r.reset {
            Reset::Word(word) if word > 0xffff => format!("{word:#x}"),
            Reset::Word(word) => word.to_string(),
            Reset::Built(_) => "the built size".into(),
            Reset::LowestBitOf(_) => "the first built in".into(),
            Reset::BitsOf(word, _) => word.to_string(),
            Reset::SeedLow => format!("{:#x}", SEED as u32),
            Reset::SeedHigh => format!("{:#x}", SEED >> 32),
        };
        let doc = r.doc.trim();
        text +=
            &format!("| {} | `{}` | {by} | {} | {reset} | {doc} |\n", r.number, r.name, r.range());
    }
    text
}

/// Declares a core's registers: a constant for each number, `REGISTERS`, and a macro that hands
/// the numbers to a RustHDL kernel.
///
/// RustHDL's `hdl_gen` reads a path as a signal's name, so that a constant cannot stand in a
/// kernel. The macro `$callback!(then)` calls `then! { NAME = number, ... }`; a kernel that is
/// written inside `then` has the numbers as tokens.
///
/// ```
/// mod map {
///     fixlearn_map::registers! { $ toy_registers;
///         /// Rate `2^-shift`.
///         RATE_SHIFT = 0: State Range(0, 15), Word(4);
///     }
/// }
/// assert_eq!(map::RATE_SHIFT, 0);
/// assert_eq!(map::REGISTERS[0].range(), "0 to 15");
/// ```
#[macro_export]
macro_rules! registers {
    ($dollar:tt $callback:ident;
     $($(#[doc = $doc:literal])*
       $NAME:ident = $number:tt : $access:ident $allowed:expr, $reset:expr;)*) => {
        $($(#[doc = $doc])* pub const $NAME: u8 = $number;)*

        /// Every register, in the order of the numbers.
        pub const REGISTERS: &[$crate::Register] = {
            #[allow(unused_imports)]
            use $crate::{Access, Allowed::{self, *}, Reset::{self, Built, LowestBitOf, Word}};
            &[$($crate::Register {
                number: $number,
                name: stringify!($NAME),
                doc: concat!($($doc),*),
                access: Access::$access,
                allowed: $allowed,
                reset: $reset,
            }),*]
        };

        // A register's number is its place.
        const _: () = {
            let mut i = 0;
            while i < REGISTERS.len() {
                assert!(REGISTERS[i].number as usize == i, "the numbers are 0, 1, 2 and so on");
                i += 1;
            }
        };

        /// Calls a macro with every register's name and number, as tokens.
        #[macro_export]
        macro_rules! $callback {
            ($dollar then:ident) => { $dollar then! { $($NAME = $number,)* } };
        }
    };
}
