use crate::arith::{to_bits, value};
use rust_hdl::prelude::*;

/// Words of 32 bits as beats. A word's first byte, its highest, is the lowest of its place in a
/// beat.
///
/// Of a beat of up to 32 bits, `beat` is part `part` of `word`, without a clock; of a larger one it
/// is the words that were last taken with `shift`, the latest in the high bits.
#[derive(LogicBlock, Default)]
pub struct Beats<const SB: usize> {
    pub clock: Signal<In, Clock>,
    pub word: Signal<In, Bits<32>>,
    pub part: Signal<In, Bits<2>>,
    pub shift: Signal<In, Bit>,
    pub beat: Signal<Out, Bits<SB>>,
}

impl<const SB: usize> Logic for Beats<SB> {
    fn update(&mut self) {
        let word = (value(self.word.val()) as u32).swap_bytes();
        if SB <= 32 {
            let part = u64::from(word) >> (value(self.part.val()) as usize * SB % 32);
            self.beat.next = to_bits((part & ((1 << SB) - 1)) as i64);
        } else if self.clock.pos_edge() && self.shift.val() {
            let high = to_bits::<SB>(i64::from(word)) << (SB as u64 - 32);
            self.beat.next = (self.beat.val() >> 32_u64) | high;
        }
    }

    fn connect(&mut self) {
        self.beat.connect();
    }

    fn hdl(&self) -> Verilog {
        let swapped =
            "wire [31:0] turned = {word[7:0], word[15:8], word[23:16], word[31:24]};\n".to_string();
        let beat = match SB {
            32 => "always @(*) beat = turned;\n".into(),
            ..32 => format!("always @(*) beat = turned >> ({SB} * part);\n"),
            _ => format!(
                "always @(posedge clock) if (shift) beat <= {{turned, beat[{}:32]}};\n",
                SB - 1
            ),
        };
        Verilog::Custom(swapped + &beat)
    }
}
