use super::spram;
use crate::arith::{to_bits, value};
use crate::fabric::Fabric;
use fixlearn_map::samples::Samples;
use rust_hdl::prelude::*;

/// A memory with one port that is written in words of 32 bits, and read in beats.
///
/// A row is a beat, or 32 bits if a beat is less. With `write`, `data` is written to `word`; else
/// `beat` is part `part` of row `row` a clock later. What it is after a write is not defined. A
/// word's first byte, its highest, is the lowest of its place in a beat. Where the memory is
/// [registered](Rows::registered), that beat comes out in the clock after the next `take`, and
/// stays until another is taken.
///
/// SB_SPRAM256KA on an UltraPlus, block RAMs elsewhere.
#[derive(LogicBlock, Default)]
pub struct Rows<const SB: usize> {
    pub clock: Signal<In, Clock>,
    pub word: Signal<In, Bits<24>>,
    pub write: Signal<In, Bit>,
    pub data: Signal<In, Bits<32>>,
    pub row: Signal<In, Bits<24>>,
    pub part: Signal<In, Bits<2>>,
    pub take: Signal<In, Bit>,
    pub beat: Signal<Out, Bits<SB>>,
    _size: Option<Samples>,
    _fabric: Fabric,
    _words: Vec<u32>,
    _next: Bits<SB>,
}

impl<const SB: usize> Rows<SB> {
    /// Of this size, whose alignment is that of beats of `SB` bits.
    pub fn new(size: Samples, fabric: Fabric) -> Self {
        let words = vec![0; size.words() as usize];
        Self { _size: Some(size), _fabric: fabric, _words: words, ..Default::default() }
    }

    /// Whether its beats have a register of their own: ECP5's block RAMs take half a clock of 80
    /// MHz to answer.
    pub fn registered(fabric: Fabric) -> bool {
        fabric == Fabric::Inferred
    }
}

impl<const SB: usize> Logic for Rows<SB> {
    fn update(&mut self) {
        if !self.clock.pos_edge() {
            return;
        }
        let (all, slices) = (self._words.len(), (SB / 32).max(1));
        let word = value(self.word.val()) as usize % all;
        if self.write.val() {
            self._words[word] = value(self.data.val()) as u32;
        }
        let first = value(self.row.val()) as usize * slices % all;
        let bytes = self._words[first..first + slices].iter().flat_map(|w| w.to_be_bytes());
        let skip = if SB < 32 { value(self.part.val()) as usize * SB / 8 } else { 0 };
        let mut beat = Bits::<SB>::default();
        for (at, byte) in bytes.skip(skip).take(SB / 8).enumerate() {
            beat = beat | (to_bits::<SB>(i64::from(byte)) << (8 * at as u64));
        }
        if !Self::registered(self._fabric) {
            self.beat.next = beat;
        } else if self.take.val() {
            self.beat.next = self._next;
        }
        self._next = beat;
    }

    fn connect(&mut self) {
        self.beat.connect();
    }

    fn hdl(&self) -> Verilog {
        let Some(size) = self._size else { return Verilog::Empty };
        let slices = (SB / 32).max(1);
        let shift = slices.ilog2();
        let bits = u32::from(size.bits) - shift;
        let mut text = format!(
            "\
wire [{top}:0] at = write ? word[{high}:{shift}] : row[{top}:0];
wire [31:0] d = {{data[7:0], data[15:8], data[23:16], data[31:24]}};
reg [1:0] part_then;
always @(posedge clock) part_then <= part;
",
            top = bits - 1,
            high = size.bits - 1,
        );
        let slice = |of: &str| match shift {
            0 => "1'd0".to_string(),
            1 => format!("{of}[0]"),
            _ => format!("{of}[{}:0]", shift - 1),
        };
        for k in 0..slices {
            let write = format!("write{k}");
            text += &format!(
                "wire {write} = write & ({} == {});\n",
                slice("word"),
                if slices == 1 { "1'd0".into() } else { format!("{shift}'d{k}") },
            );
            text += &match self._fabric {
                Fabric::Mac16 => single_ports(k, bits, &write),
                Fabric::Inferred | Fabric::Logic => format!(
                    "\
reg [31:0] q{k};
reg [31:0] mem{k}[{last}:0];
always @(posedge clock) begin
  if ({write}) mem{k}[at] <= d;
  q{k} <= mem{k}[at];
end
",
                    last = (1_u32 << bits) - 1,
                ),
            };
        }
        let all = (0..slices).rev().map(|k| format!("q{k}")).collect::<Vec<_>>().join(", ");
        text += &format!("wire [{}:0] all = {{{all}}};\n", 32 * slices - 1);
        let beat = if SB < 32 { format!("all >> ({SB} * part_then)") } else { "all".into() };
        text += &match Self::registered(self._fabric) {
            true => format!("always @(posedge clock) if (take) beat <= {beat};\n"),
            false => format!("always @(*) beat = {beat};\n"),
        };
        Verilog::Custom(text)
    }
}

/// The UltraPlus's memories of slice `k`: sets of 16384 rows, and the word `q` of the one that was
/// addressed.
fn single_ports(k: usize, bits: u32, write: &str) -> String {
    let sets = 1_u32 << bits.saturating_sub(14);
    let width = bits.min(14);
    let mut text = String::new();
    for set in 0..sets {
        let (chosen, out) = match sets {
            1 => (write.to_string(), format!("q{k}")),
            _ => (format!("write{k}_{set}"), format!("q{k}_{set}")),
        };
        if sets > 1 {
            let high = bits - 1;
            text += &format!("wire {chosen} = {write} & (at[{high}:14] == {set});\n");
        }
        let address = match width {
            14 => "at[13:0]".to_string(),
            _ => format!("{{{}'d0, at[{}:0]}}", 14 - width, width - 1),
        };
        text += &format!("wire [31:0] {out};\n");
        text += &spram::words_of_32(&address, &chosen, "d", &out)
            .replace(" low (", &format!(" low{k}_{set} ("))
            .replace(" high (", &format!(" high{k}_{set} ("));
    }
    if sets > 1 {
        let top = bits - 15;
        let choices = (0..sets).map(|set| format!("set_then{k} == {set} ? q{k}_{set} : "));
        text += &format!(
            "reg [{top}:0] set_then{k};\n\
             always @(posedge clock) set_then{k} <= at[{high}:14];\n\
             wire [31:0] q{k} = {choices}32'd0;\n",
            high = bits - 1,
            choices = choices.collect::<String>(),
        );
    }
    text
}
