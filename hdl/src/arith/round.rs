use super::{signed_value, to_bits, value};
use rust_hdl::prelude::*;

/// `s = v + dither`: a signed value of `M` bits plus an unsigned fraction of `K` bits, in `N` bits.
///
/// With a dither below one step, dropping the bits below the step then truncates (dither 0),
/// rounds to nearest (half a step), rounds stochastically (uniform noise) or feeds the last error
/// back (its residue).
#[derive(LogicBlock, Default)]
pub struct AddDither<const M: usize, const K: usize, const N: usize> {
    pub clock: Signal<In, Clock>,
    pub v: Signal<In, Bits<M>>,
    pub dither: Signal<In, Bits<K>>,
    pub s: Signal<Out, Bits<N>>,
}

impl<const M: usize, const K: usize, const N: usize> Logic for AddDither<M, K, N> {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            self.s.next = to_bits(signed_value(self.v.val()) + value(self.dither.val()) as i64);
        }
    }

    fn connect(&mut self) {
        self.s.connect();
    }

    fn hdl(&self) -> Verilog {
        Verilog::Custom(format!(
            "\
initial s = 0;
always @(posedge clock) s <= {{{{{}{{v[{}]}}}}, v}} + {{{}'d0, dither}};",
            N - M,
            M - 1,
            N - K
        ))
    }
}

/// `y = clamp(w + (s >> 8), 0, 32640)`: a UQ8.7 codeword plus a signed step, held inside the
/// sample range 0..=255 (255 is 32640 in UQ8.7); `residue = s & 255`, what the shift dropped.
#[derive(LogicBlock, Default)]
pub struct SaturatingAdd {
    pub clock: Signal<In, Clock>,
    pub w: Signal<In, Bits<15>>,
    pub s: Signal<In, Bits<26>>,
    pub y: Signal<Out, Bits<15>>,
    pub residue: Signal<Out, Bits<8>>,
}

impl Logic for SaturatingAdd {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            let s = signed_value(self.s.val());
            let y = value(self.w.val()) as i64 + (s >> 8);
            self.y.next = to_bits(y.clamp(0, 32640));
            self.residue.next = to_bits(s & 255);
        }
    }

    fn connect(&mut self) {
        self.y.connect();
        self.residue.connect();
    }

    fn hdl(&self) -> Verilog {
        Verilog::Custom(
            "\
wire [18:0] total = {s[25], s[25:8]} + {4'd0, w};
initial begin y = 0; residue = 0; end
always @(posedge clock) begin
  if (total[18]) y <= 15'd0;
  else if (total[17:0] > 18'd32640) y <= 15'd32640;
  else y <= total[14:0];
  residue <= s[7:0];
end"
            .into(),
        )
    }
}
