use crate::arith::value;
use rust_hdl::prelude::*;

/// A memory of activations: `read_data` is the byte at `read_address` a clock later. Addresses are
/// modulo its size.
#[derive(LogicBlock, Default)]
pub struct Bank {
    pub clock: Signal<In, Clock>,
    pub read_address: Signal<In, Bits<13>>,
    pub read_data: Signal<Out, Bits<8>>,
    pub write: Signal<In, Bit>,
    pub write_address: Signal<In, Bits<13>>,
    pub write_data: Signal<In, Bits<8>>,
    _bytes: Vec<u8>,
}

impl Bank {
    /// Of `2^bits` bytes, at most `2^13`.
    pub fn new(bits: u8) -> Self {
        Self { _bytes: vec![0; 1 << bits], ..Default::default() }
    }
}

impl Logic for Bank {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            let last = self._bytes.len() - 1;
            let at = value(self.read_address.val()) as usize & last;
            self.read_data.next = u64::from(self._bytes[at]).into();
            if self.write.val() {
                let at = value(self.write_address.val()) as usize & last;
                self._bytes[at] = value(self.write_data.val()) as u8;
            }
        }
    }

    fn connect(&mut self) {
        self.read_data.connect();
    }

    fn hdl(&self) -> Verilog {
        Verilog::Custom(format!(
            "\
reg [7:0] mem[{last}:0];
integer i;
initial for (i = 0; i <= {last}; i = i + 1) mem[i] = 8'd0;
wire [{top}:0] from = read_address[{top}:0];
wire [{top}:0] to = write_address[{top}:0];
always @(posedge clock) begin
  if (write) mem[to] <= write_data;
  read_data <= mem[from];
end",
            last = self._bytes.len() - 1,
            top = self._bytes.len().trailing_zeros() - 1,
        ))
    }
}
