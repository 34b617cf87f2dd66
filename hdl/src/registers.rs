//! What the registers of every core need, made from its map.

use crate::arith::value;
use fixlearn_map::{Built, Register, Reset};
use rust_hdl::prelude::*;
use std::fmt::Write as _;

/// Whether a register refuses a word, combinational. A number that the map does not have refuses
/// every word.
///
/// The Verilog is made of [`Register::refuses`], the model beside it of [`Register::takes`].
#[derive(LogicBlock, Default)]
pub struct Judge {
    pub address: Signal<In, Bits<8>>,
    pub data: Signal<In, Bits<32>>,
    /// The word that was last written to the low one of a pair is not 0.
    pub low_any: Signal<In, Bit>,
    pub refused: Signal<Out, Bit>,
    _registers: Vec<Register>,
    _sizes: Option<Box<dyn Fn(usize) -> u32>>,
}

impl Judge {
    /// The judge of a core that is built like this.
    pub fn new<B: Built>(built: B) -> Self {
        Self {
            _registers: built.registers().to_vec(),
            _sizes: Some(Box::new(move |which| built.size(which))),
            ..Default::default()
        }
    }

    fn size(&self, which: usize) -> u32 {
        self._sizes.as_ref().map_or(0, |sizes| sizes(which))
    }
}

impl Logic for Judge {
    fn update(&mut self) {
        let (word, low) = (value(self.data.val()) as u32, u32::from(self.low_any.val()));
        let register = self._registers.get(value(self.address.val()) as usize);
        let takes = register.is_some_and(|r| r.takes(word, &|which| self.size(which), low));
        self.refused.next = !takes;
    }

    fn connect(&mut self) {
        self.refused.connect();
    }

    fn hdl(&self) -> Verilog {
        let mut text = String::from("always @(*) case (address)\n");
        for register in &self._registers {
            let refuses = register.refuses(&|which| self.size(which), "data", "low_any");
            let _ = writeln!(text, "  8'd{}: refused = {refuses};", register.number);
        }
        Verilog::Custom(text + "  default: refused = 1'b1;\nendcase")
    }
}

/// The 32 words of the registers' memory after power-up. Those of the noise's seed are 0: the
/// generator has it, and the memory only what was written.
pub fn memory_words<B: Built>(built: &B) -> [u32; 32] {
    let mut words = [0; 32];
    for register in built.registers() {
        if !matches!(register.reset, Reset::SeedLow | Reset::SeedHigh) {
            words[usize::from(register.number)] = register.reset_word(&|which| built.size(which));
        }
    }
    words
}

/// The same words by their address, combinational: what `clear` writes.
#[derive(LogicBlock, Default)]
pub struct ResetWords {
    pub address: Signal<In, Bits<5>>,
    pub word: Signal<Out, Bits<32>>,
    _words: [u32; 32],
}

impl ResetWords {
    /// Those of a core that is built like this.
    pub fn new<B: Built>(built: B) -> Self {
        Self { _words: memory_words(&built), ..Default::default() }
    }
}

impl Logic for ResetWords {
    fn update(&mut self) {
        self.word.next = u64::from(self._words[value(self.address.val()) as usize]).into();
    }

    fn connect(&mut self) {
        self.word.connect();
    }

    fn hdl(&self) -> Verilog {
        // Not a `case`: yosys would make a memory of it.
        let words = self._words.iter().enumerate().filter(|(_, &word)| word != 0);
        let choices = words.map(|(at, word)| format!("  address == 5'd{at} ? 32'd{word} :\n"));
        Verilog::Custom(format!("always @(*) word =\n{}  32'd0;", choices.collect::<String>()))
    }
}
