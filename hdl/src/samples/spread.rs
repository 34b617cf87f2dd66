use crate::arith::{to_bits, value};
use fixlearn_map::packed::Packing;
use rust_hdl::prelude::*;

/// The lowest components of a packed beat, a byte each; no clock.
///
/// Of 8, 4, 2 or 1 bits, by `halvings` 0 to 3; with `repeated` a byte is its bits over and over.
/// Bytes behind number `last` are 0.
#[derive(LogicBlock, Default)]
pub struct Spread<const SB: usize> {
    pub held: Signal<In, Bits<SB>>,
    pub halvings: Signal<In, Bits<2>>,
    pub repeated: Signal<In, Bit>,
    pub last: Signal<In, Bits<8>>,
    pub beat: Signal<Out, Bits<SB>>,
}

impl<const SB: usize> Logic for Spread<SB> {
    fn update(&mut self) {
        let halvings = value(self.halvings.val()) as u8;
        let packing = Packing { halvings, repeated: self.repeated.val() };
        let (bits, last) = (usize::from(packing.bits()), value(self.last.val()) as usize);
        let mut beat = Bits::<SB>::default();
        for lane in 0..(SB / 8).min(last + 1) {
            let all = value(self.held.val().get_bits::<8>(lane * bits)) as u8;
            let byte = packing.byte(all & (0xff >> (8 - bits)));
            beat = beat | (to_bits::<SB>(i64::from(byte)) << (8 * lane as u64));
        }
        self.beat.next = beat;
    }

    fn connect(&mut self) {
        self.beat.connect();
    }

    fn hdl(&self) -> Verilog {
        let mut text = String::from("always @(*) begin\n");
        for lane in 0..SB / 8 {
            let bits = |bits: usize| match bits {
                1 => format!("held[{lane}]"),
                _ => format!("held[{}:{}]", bits * (lane + 1) - 1, bits * lane),
            };
            let (four, two, one) = (bits(4), bits(2), bits(1));
            text += &format!(
                "\
  case (halvings)
    2'd1: beat[{high}:{low}] = {{{four} & {{4{{repeated}}}}, {four}}};
    2'd2: beat[{high}:{low}] = {{{{3{{{two} & {{2{{repeated}}}}}}}}, {two}}};
    2'd3: beat[{high}:{low}] = {{{{7{{{one} & repeated}}}}, {one}}};
    default: beat[{high}:{low}] = {eight};
  endcase
  if (last < 8'd{lane}) beat[{high}:{low}] = 8'd0;
",
                high = 8 * lane + 7,
                low = 8 * lane,
                eight = bits(8),
            );
        }
        Verilog::Custom(text + "end")
    }
}
