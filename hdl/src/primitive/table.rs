use super::spram;
use crate::arith::value;
use crate::fabric::Fabric;
use rust_hdl::prelude::*;

/// A memory of words of 32 bits with one port: `read_data` is the word at `address` a clock later;
/// what it is after a clock with `write_enable` is not defined.
///
/// Two SB_SPRAM256KA on an UltraPlus, block RAMs elsewhere.
#[derive(LogicBlock, Default)]
pub struct Table {
    pub clock: Signal<In, Clock>,
    pub address: Signal<In, Bits<14>>,
    pub write_enable: Signal<In, Bit>,
    pub write_data: Signal<In, Bits<32>>,
    pub read_data: Signal<Out, Bits<32>>,
    _bits: u8,
    _fabric: Fabric,
    _words: Vec<u32>,
}

impl Table {
    /// Of `2^bits` words, at most `2^14`.
    pub fn new(bits: u8, fabric: Fabric) -> Self {
        Self { _bits: bits, _fabric: fabric, _words: vec![0; 1 << bits], ..Default::default() }
    }
}

impl Logic for Table {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            let at = value(self.address.val()) as usize % self._words.len();
            self.read_data.next = u64::from(self._words[at]).into();
            if self.write_enable.val() {
                self._words[at] = value(self.write_data.val()) as u32;
            }
        }
    }

    fn connect(&mut self) {
        self.read_data.connect();
    }

    fn hdl(&self) -> Verilog {
        Verilog::Custom(match self._fabric {
            Fabric::Mac16 => format!(
                "wire [31:0] o;\n{}always @(*) read_data = o;",
                spram::words_of_32("address", "write_enable", "write_data", "o")
            ),
            Fabric::Inferred | Fabric::Logic => format!(
                "\
reg [31:0] mem[{last}:0];
wire [{top}:0] read_address = address[{top}:0];
wire [{top}:0] write_address = address[{top}:0];
always @(posedge clock) begin
  if (write_enable) mem[write_address] <= write_data;
  read_data <= mem[read_address];
end",
                last = (1_u32 << self._bits) - 1,
                top = self._bits - 1,
            ),
        })
    }
}
