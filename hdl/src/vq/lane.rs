use crate::arith::{AddDither, Multiply, Pipe, SaturatingAdd, ShiftRight};
use rust_hdl::prelude::*;
use std::collections::BTreeMap;

/// One lane's share of the codebook: `2^AB` words of a UQ8.7 codeword (bits 14..0) and, where
/// the core is built with residues, the UQ0.8 residue of error feedback (bits 22..15).
/// Without residues those bits read as zero and cost no memory.
///
/// One read and one write port; a read sees the word before a write of the same clock.
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
            let read = crate::arith::value(self.read_address.val());
            let word = self._words.get(&read).copied().unwrap_or(0);
            self.read_data.next = word.into();
            if self.write_enable.val() {
                let mask = if self._residues { 0x7f_ffff } else { 0x7fff };
                let word = crate::arith::value(self.write_data.val()) & mask;
                let write = crate::arith::value(self.write_address.val());
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

/// One lane: it takes one dimension a clock, and gives that dimension's share of the distance
/// or moves that component of a codeword.
///
/// ```text
/// clock  0        1          2          3        4        5        6        7
///        address  w, x       d = x-w    a, b     p = a*b  term
///                                       (gain)            v = p>>  s = v+..  y -> RAM
/// ```
///
/// Search: `a = b = round(d)`, `term = p` or `abs(round(d))`. Update: `a = d`, `b = gain`.
/// `round(d)` is `x` minus the codeword rounded to the nearest sample, 9 bits.
#[derive(LogicBlock)]
pub struct Lane<const AB: usize> {
    pub clock: Signal<In, Clock>,
    /// Clock 0: the word to read.
    pub read_address: Signal<In, Bits<AB>>,
    /// Clock 1: the sample, and whether this lane has a dimension in this beat.
    pub x: Signal<In, Bits<8>>,
    pub active: Signal<In, Bit>,
    /// Clock 2: update instead of search, and the gain `R << (3 - e % 4)`.
    pub learning: Signal<In, Bit>,
    pub gain: Signal<In, Bits<13>>,
    /// Clock 4: `e / 4`.
    pub coarse: Signal<In, Bits<2>>,
    /// Clock 5: fresh noise for stochastic rounding.
    pub noise: Signal<In, Bits<8>>,
    /// Clock 7: where the updated word goes.
    pub write_address: Signal<In, Bits<AB>>,
    pub write_enable: Signal<In, Bit>,
    /// A word from the bus (or zero, on a clear) instead of the updated one.
    pub load: Signal<In, Bit>,
    pub load_data: Signal<In, Bits<23>>,
    /// Static: 1 squares, 0 takes absolute values; 0..=3 truncate, nearest, stochastic, feedback.
    pub squared: Signal<In, Bit>,
    pub rounding: Signal<In, Bits<2>>,
    /// Clock 5: this dimension's share of the distance.
    pub term: Signal<Out, Bits<16>>,
    /// Clock 1: the word read.
    pub word: Signal<Out, Bits<23>>,
    ram: CodebookRam<AB>,
    difference: DFF<Bits<16>>,
    operand_a: DFF<Bits<16>>,
    operand_b: DFF<Bits<16>>,
    multiply: Multiply,
    magnitude: Pipe<Bits<16>, 2>,
    term_out: DFF<Bits<16>>,
    shift: ShiftRight,
    codeword_late: Pipe<Bits<15>, 5>,
    residue_late: Pipe<Bits<8>, 4>,
    dither: AddDither<25, 8, 26>,
    add: SaturatingAdd,
    sample: Signal<Local, Bits<16>>,
    codeword: Signal<Local, Bits<16>>,
    step: Signal<Local, Bits<16>>,
    biased: Signal<Local, Bits<16>>,
    rounded: Signal<Local, Bits<16>>,
    residue: Signal<Local, Bits<23>>,
    updated: Signal<Local, Bits<23>>,
    half: Constant<Bits<16>>,
    sign: Constant<Bits<16>>,
    zero: Constant<Bits<16>>,
    nearest: Constant<Bits<8>>,
    zero_dither: Constant<Bits<8>>,
    zero_residue: Constant<Bits<23>>,
}

impl<const AB: usize> Lane<AB> {
    pub fn new(residues: bool) -> Self {
        Self {
            clock: Default::default(),
            read_address: Default::default(),
            x: Default::default(),
            active: Default::default(),
            learning: Default::default(),
            gain: Default::default(),
            coarse: Default::default(),
            noise: Default::default(),
            write_address: Default::default(),
            write_enable: Default::default(),
            load: Default::default(),
            load_data: Default::default(),
            squared: Default::default(),
            rounding: Default::default(),
            term: Default::default(),
            word: Default::default(),
            ram: CodebookRam::new(residues),
            difference: Default::default(),
            operand_a: Default::default(),
            operand_b: Default::default(),
            multiply: Default::default(),
            magnitude: Default::default(),
            term_out: Default::default(),
            shift: Default::default(),
            codeword_late: Default::default(),
            residue_late: Default::default(),
            dither: Default::default(),
            add: Default::default(),
            sample: Default::default(),
            codeword: Default::default(),
            step: Default::default(),
            biased: Default::default(),
            rounded: Default::default(),
            residue: Default::default(),
            updated: Default::default(),
            half: Constant::new(63_u64.into()),
            sign: Constant::new(0xfe00_u64.into()),
            zero: Constant::new(0_u64.into()),
            nearest: Constant::new(128_u64.into()),
            zero_dither: Constant::new(0_u64.into()),
            zero_residue: Constant::new(0_u64.into()),
        }
    }
}

impl<const AB: usize> Logic for Lane<AB> {
    #[hdl_gen]
    fn update(&mut self) {
        clock!(
            self,
            clock,
            ram,
            multiply,
            magnitude,
            shift,
            codeword_late,
            residue_late,
            dither,
            add
        );
        dff_setup!(self, clock, difference, operand_a, operand_b, term_out);

        // Clock 1: the difference, or nothing where this lane has no dimension.
        self.ram.read_address.next = self.read_address.val();
        self.word.next = self.ram.read_data.val();
        self.sample.next = bit_cast::<16, 8>(self.x.val()) << 7;
        self.codeword.next = bit_cast::<16, 15>(self.ram.read_data.val().get_bits::<15>(0));
        self.step.next = self.sample.val() - self.codeword.val();
        self.difference.d.next = self.zero.val();
        if self.active.val() {
            self.difference.d.next = self.step.val();
        }
        self.codeword_late.d.next = self.ram.read_data.val().get_bits::<15>(0);
        self.residue_late.d.next = self.ram.read_data.val().get_bits::<8>(15);

        // Clock 2: round to whole samples, (d + 63) >> 7, and choose the operands.
        self.biased.next = self.difference.q.val() + self.half.val();
        self.rounded.next = bit_cast::<16, 9>(self.biased.val().get_bits::<9>(7));
        if self.biased.val().get_bit(15) {
            self.rounded.next =
                bit_cast::<16, 9>(self.biased.val().get_bits::<9>(7)) | self.sign.val();
        }
        self.magnitude.d.next = self.rounded.val();
        if self.biased.val().get_bit(15) {
            self.magnitude.d.next = self.zero.val() - self.rounded.val();
        }
        self.operand_a.d.next = self.rounded.val();
        self.operand_b.d.next = self.rounded.val();
        if self.learning.val() {
            self.operand_a.d.next = self.difference.q.val();
            self.operand_b.d.next = bit_cast::<16, 13>(self.gain.val());
        }

        // Clock 3: multiply.
        self.multiply.a.next = self.operand_a.q.val();
        self.multiply.b.next = self.operand_b.q.val();

        // Clock 4: the term of the distance, and the shifted step.
        self.term_out.d.next = self.magnitude.q.val();
        if self.squared.val() {
            self.term_out.d.next = self.multiply.p.val().get_bits::<16>(0);
        }
        self.term.next = self.term_out.q.val();
        self.shift.p.next = self.multiply.p.val();
        self.shift.coarse.next = self.coarse.val();

        // Clock 5: dither.
        self.dither.v.next = self.shift.v.val();
        self.dither.dither.next = self.zero_dither.val();
        if self.rounding.val() == 1 {
            self.dither.dither.next = self.nearest.val();
        }
        if self.rounding.val() == 2 {
            self.dither.dither.next = self.noise.val();
        }
        if self.rounding.val() == 3 {
            self.dither.dither.next = self.residue_late.q.val();
        }

        // Clock 6: add and saturate. Clock 7: write back.
        self.add.w.next = self.codeword_late.q.val();
        self.add.s.next = self.dither.s.val();
        self.residue.next = self.zero_residue.val();
        if self.rounding.val() == 3 {
            self.residue.next = bit_cast::<23, 8>(self.add.residue.val()) << 15;
        }
        self.updated.next = bit_cast::<23, 15>(self.add.y.val()) | self.residue.val();
        self.ram.write_address.next = self.write_address.val();
        self.ram.write_enable.next = self.write_enable.val();
        self.ram.write_data.next = self.updated.val();
        if self.load.val() {
            self.ram.write_data.next = self.load_data.val();
        }
    }
}
