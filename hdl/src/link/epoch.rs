use crate::arith::value;
use rust_hdl::prelude::*;

/// The epoch: a word of 32 bits that is kept until it is cleared, 0 at power-up.
///
/// `value` is the word, one clock after `reading` at the latest, and 0 without it; a clock after
/// `write` or `clear` the next `reading` finds what they did. It is not read and written at once.
/// Block RAMs are for designs that run out of logic cells. The memory's first word is always 0; the
/// second's address is no constant, so that yosys makes a memory of it.
#[derive(LogicBlock, Default)]
pub struct Epoch {
    pub clock: Signal<In, Clock>,
    pub write: Signal<In, Bit>,
    pub clear: Signal<In, Bit>,
    pub data: Signal<In, Bits<32>>,
    pub reading: Signal<In, Bit>,
    pub value: Signal<Out, Bits<32>>,
    _blocks: bool,
    _word: Option<u32>,
}

impl Epoch {
    /// In two block RAMs, or in flip-flops.
    pub fn new(blocks: bool) -> Self {
        Self { _blocks: blocks, ..Default::default() }
    }
}

impl Logic for Epoch {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            let found = if self.reading.val() { self._word.unwrap_or(0) } else { 0 };
            self.value.next = u64::from(found).into();
            if self.clear.val() {
                self._word = None;
            } else if self.write.val() {
                self._word = Some(value(self.data.val()) as u32);
            }
        }
    }

    fn connect(&mut self) {
        self.value.connect();
    }

    fn hdl(&self) -> Verilog {
        let kept = if self._blocks {
            "\
(* no_rw_check, ram_style = \"block\" *) reg [31:0] words [0:1];
reg written;
initial begin
  words[0] = 0;
  words[1] = 0;
  written = 0;
end
always @(posedge clock) begin
  if (write) words[written | write] <= data;
  value <= words[written & reading];
  written <= (written | write) & ~clear;
end"
        } else {
            "\
reg [31:0] word;
initial word = 0;
always @(posedge clock)
  if (clear) word <= 0;
  else if (write) word <= data;
always @(*) value = reading ? word : 32'd0;"
        };
        Verilog::Custom(kept.into())
    }
}
