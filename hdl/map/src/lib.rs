//! What hdl, sim and host agree on: the wire protocol ([`link`]), and the map of each core's
//! registers, declared once. Numbers, ranges, words at power-up, the Verilog that judges a write,
//! the checks of the host and the tables of the documentation follow from it.

#[macro_use]
mod number;
#[macro_use]
mod register;
pub mod gradient;
pub mod link;
pub mod vq;

pub use number::Memory;
pub use register::{table, Access, Allowed, Register, Reset, Sizes, SEED};

/// What is known of a core without building one.
#[derive(Debug, PartialEq, Eq)]
pub struct Core {
    /// In the identity.
    pub number: u8,
    /// On the command line and in files.
    pub name: &'static str,
    /// In messages, with its article.
    pub title: &'static str,
    pub registers: &'static [Register],
    /// The memories beside the registers.
    pub memories: &'static [Memory],
    /// The first of the three registers that an acknowledgement carries: vectors learned or
    /// iterations, and low and high word of a sum or value.
    pub acknowledgement: u8,
}

/// Every core.
pub const CORES: &[&Core] = &[&vq::CORE, &gradient::CORE];

/// What to call the core of this number.
///
/// ```
/// assert_eq!(fixlearn_map::title(1), "a vector quantizer");
/// ```
pub fn title(number: u8) -> String {
    match CORES.iter().find(|core| core.number == number) {
        Some(core) => core.title.into(),
        None => format!("core number {number}, unknown to this version"),
    }
}

/// The sizes that a core was built for, as its identity says them.
pub trait Built: Copy + PartialEq + std::fmt::Debug + Send + Sync + 'static {
    const CORE: &'static Core;

    /// The built size of this number, which the map's ranges refer to.
    ///
    /// # Panics
    /// If the map has no such size.
    fn size(&self, which: usize) -> u32;

    /// The most bytes that an answer to a recalled vector has, 1 to 248.
    fn answer(&self) -> u8;

    /// Its bytes in the identity.
    fn parameters(&self) -> [u8; link::PARAMETERS];

    /// `None` if they are none of a core that this version knows.
    fn from_parameters(bytes: &[u8; link::PARAMETERS]) -> Option<Self>;

    /// Whether the register of this number takes the word; see [`Register::takes`].
    fn takes(&self, register: u8, word: u32, low: u32) -> bool {
        let register = Self::CORE.registers.get(usize::from(register));
        register.is_some_and(|r| r.takes(word, &|which| self.size(which), low))
    }

    /// The registers' words at power-up.
    fn reset_words(&self) -> Vec<u32> {
        let words = Self::CORE.registers.iter();
        words.map(|r| r.reset_word(&|which| self.size(which))).collect()
    }
}
