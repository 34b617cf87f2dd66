use crate::arith::{to_bits, value};
use rust_hdl::prelude::*;
use std::collections::BTreeMap;

/// One lane's share of the codebook: `2^AB` words of a UQ8.7 codeword (bits 14..0) and, where
/// the core is built with residues, the UQ0.8 residue of error feedback (bits 22..15).
/// Without residues those bits read as zero and cost no memory.
///
/// One read and one write port; what a read of a word gives in the clock of its write is not used.
#[derive(LogicBlock, Default)]
pub struct CodebookRam<const AB: usize> {
    pub clock: Signal<In, Clock>,
    pub read_address: Signal<In, Bits<AB>>,
    pub read_data: Signal<Out, Bits<23>>,
    pub write_address: Signal<In, Bits<AB>>,
    pub write_data: Signal<In, Bits<23>>,
    pub write_enable: Signal<In, Bit>,
    _residues: bool,
    _words: BTreeMap<u64, u64>,
}

impl<const AB: usize> CodebookRam<AB> {
    pub fn new(residues: bool) -> Self {
        Self { _residues: residues, ..Default::default() }
    }
}

impl<const AB: usize> Logic for CodebookRam<AB> {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            let read = value(self.read_address.val());
            let word = self._words.get(&read).copied().unwrap_or(0);
            self.read_data.next = word.into();
            if self.write_enable.val() {
                let mask = if self._residues { 0x7f_ffff } else { 0x7fff };
                let word = value(self.write_data.val()) & mask;
                let write = value(self.write_address.val());
                self._words.insert(write, word);
            }
        }
    }

    fn connect(&mut self) {
        self.read_data.connect();
    }

    fn hdl(&self) -> Verilog {
        // Codeword and residue are two memories: 16 and 8 bits wide on an SB_RAM40_4K.
        let last = (1 << AB) - 1;
        let residue = if self._residues {
            format!(
                "reg [7:0] residue[{last}:0];
reg [7:0] residue_data;
always @(posedge clock) residue_data <= residue[read_address];
always @(posedge clock) if (write_enable) residue[write_address] <= write_data[22:15];"
            )
        } else {
            "wire [7:0] residue_data = 8'd0;".into()
        };
        Verilog::Custom(format!(
            "\
reg [14:0] codeword[{last}:0];
reg [14:0] codeword_data;
always @(posedge clock) codeword_data <= codeword[read_address];
always @(posedge clock) if (write_enable) codeword[write_address] <= write_data[14:0];
{residue}
always @(*) read_data = {{residue_data, codeword_data}};"
        ))
    }
}

/// `magnitude = abs(x - round(w))`, 2 clocks later, 0 where `active` is low: the codeword is
/// rounded to the nearest sample, halves up.
#[derive(LogicBlock, Default)]
pub struct Deviation {
    pub clock: Signal<In, Clock>,
    pub x: Signal<In, Bits<8>>,
    pub w: Signal<In, Bits<15>>,
    pub active: Signal<In, Bit>,
    pub magnitude: Signal<Out, Bits<8>>,
    _late: i64,
}

impl Logic for Deviation {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            self.magnitude.next = to_bits(self._late.abs());
            let rounded = (value(self.w.val()) + 64) >> 7;
            let difference = value(self.x.val()) as i64 - rounded as i64;
            self._late = if self.active.val() { difference } else { 0 };
        }
    }

    fn connect(&mut self) {
        self.magnitude.connect();
    }

    fn hdl(&self) -> Verilog {
        // Twice the difference, with the rounding bit as the codeword's last: one subtraction.
        Verilog::Custom(
            "\
wire [9:0] twice = {1'b0, x, 1'b0} - {1'b0, w[14:6]};
reg [8:0] difference;
initial begin difference = 0; magnitude = 0; end
always @(posedge clock) begin
  difference <= active ? twice[9:1] : 9'd0;
  magnitude <= difference[8] ? 8'd0 - difference[7:0] : difference[7:0];
end"
            .into(),
        )
    }
}

/// One lane of the search: its share of the codebook, and how far each dimension is from it.
///
/// ```text
/// clock  0        1     2           3
///        address  w, x  difference  magnitude
/// ```
#[derive(LogicBlock, Default)]
pub struct Lane<const AB: usize> {
    pub clock: Signal<In, Clock>,
    /// Clock 0: the word to read.
    pub read_address: Signal<In, Bits<AB>>,
    /// Clock 1: the sample, and whether this lane has a dimension in this beat.
    pub x: Signal<In, Bits<8>>,
    pub active: Signal<In, Bit>,
    /// Clock 1: the word read.
    pub word: Signal<Out, Bits<23>>,
    /// Clock 3: `abs(x - round(w))`.
    pub magnitude: Signal<Out, Bits<8>>,
    pub write_address: Signal<In, Bits<AB>>,
    pub write_enable: Signal<In, Bit>,
    pub write_data: Signal<In, Bits<23>>,
    ram: CodebookRam<AB>,
    deviation: Deviation,
}

impl<const AB: usize> Lane<AB> {
    pub fn new(residues: bool) -> Self {
        Self { ram: CodebookRam::new(residues), ..Default::default() }
    }
}

impl<const AB: usize> Logic for Lane<AB> {
    #[hdl_gen]
    fn update(&mut self) {
        clock!(self, clock, ram, deviation);
        self.ram.read_address.next = self.read_address.val();
        self.ram.write_address.next = self.write_address.val();
        self.ram.write_enable.next = self.write_enable.val();
        self.ram.write_data.next = self.write_data.val();
        self.word.next = self.ram.read_data.val();
        self.deviation.x.next = self.x.val();
        self.deviation.w.next = self.ram.read_data.val().get_bits::<15>(0);
        self.deviation.active.next = self.active.val();
        self.magnitude.next = self.deviation.magnitude.val();
    }
}
