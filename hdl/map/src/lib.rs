//! What hdl, sim and host agree on: the wire protocol ([`link`]), and the map of each core's
//! registers, declared once. Numbers, ranges, words at power-up, the Verilog that judges a write,
//! the checks of the host and the tables of the documentation follow from it.

#![deny(missing_docs)]

#[macro_use]
mod number;
#[macro_use]
mod register;
pub mod boltzmann;
pub mod fusion;
pub mod gradient;
pub mod link;
pub mod lms;
pub mod network;
pub mod packed;
pub mod samples;
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
    /// In the order of their numbers.
    pub registers: &'static [Register],
    /// The memories beside the registers.
    pub memories: &'static [Memory],
    /// The first of the three registers that an acknowledgement carries: vectors learned or
    /// iterations, and low and high word of a sum or value.
    pub acknowledgement: u8,
}

/// Every core.
pub const CORES: &[&Core] =
    &[&vq::CORE, &gradient::CORE, &lms::CORE, &boltzmann::CORE, &fusion::CORE, &network::CORE];

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

/// The core's map in Markdown: registers and memories. `hdl/map/NAME.md` is this page, and a test
/// compares them, so that no number changes unseen.
pub fn page(core: &Core) -> String {
    let mut text = table(core.registers);
    text += "\n| number | memory | columns | is |\n|---|---|---|---|\n";
    for m in core.memories {
        let columns = m.columns.map_or("256".into(), |register| {
            format!("`{}`", core.registers[usize::from(register)].name)
        });
        text += &format!("| {} | `{}` | {columns} | {} |\n", m.number, m.name, m.doc.trim());
    }
    text
}

/// The sizes that a core was built for, as its identity says them.
pub trait Built: Copy + PartialEq + std::fmt::Debug + Send + Sync + 'static {
    /// The core that is built.
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

    /// The registers that it has: those of its core, or the first of them.
    fn registers(&self) -> &'static [Register] {
        Self::CORE.registers
    }

    /// Whether the register of this number takes the word; see [`Register::takes`].
    fn takes(&self, register: u8, word: u32, low: u32) -> bool {
        let register = self.registers().get(usize::from(register));
        register.is_some_and(|r| r.takes(word, &|which| self.size(which), low))
    }

    /// The registers' words at power-up.
    fn reset_words(&self) -> Vec<u32> {
        let words = self.registers().iter();
        words.map(|r| r.reset_word(&|which| self.size(which))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    /// `FIXLEARN_RENEW=1 cargo test -p fixlearn-map` writes the pages anew.
    #[test]
    fn maps_are_those_of_the_pages() {
        for core in CORES {
            let name = format!("{}.md", core.name);
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
            if std::env::var_os("FIXLEARN_RENEW").is_some() {
                std::fs::write(&path, page(core)).expect("written");
            }
            assert_eq!(std::fs::read_to_string(&path).expect("the page"), page(core));
        }
    }

    /// A core's number and name are its own, and what it acknowledges are registers.
    #[test]
    fn cores_are_told_apart() {
        for (i, core) in CORES.iter().enumerate() {
            let others = &CORES[i + 1..];
            assert!(others.iter().all(|o| o.number != core.number && o.name != core.name));
            assert!(usize::from(core.acknowledgement) + 3 <= core.registers.len());
            let memory = |m: &Memory| (1..=251).contains(&m.number);
            assert!(core.memories.iter().all(memory), "{}", core.name);
        }
    }
}
