use crate::arith::{AddDither, Multiply, Pipe, SaturatingAdd, ShiftRight};
use crate::fabric::Fabric;
use rust_hdl::prelude::*;

/// One update unit: moves one component of a codeword towards the sample, one a clock.
///
/// ```text
/// clock  1     2          3         4        5        6
///        w, x  d = x - w  p = d*g   v = p>>  s = v+.. y, residue
/// ```
#[derive(LogicBlock)]
pub struct Update {
    pub clock: Signal<In, Clock>,
    /// Clock 1: the sample, its word of the codebook, and whether there is such a dimension.
    pub x: Signal<In, Bits<8>>,
    pub word: Signal<In, Bits<23>>,
    pub active: Signal<In, Bit>,
    /// Clock 2: the gain `R << (3 - e % 4)`. Clock 3: `e / 4`.
    pub gain: Signal<In, Bits<13>>,
    pub coarse: Signal<In, Bits<2>>,
    /// Clock 4: fresh noise for stochastic rounding.
    pub noise: Signal<In, Bits<8>>,
    /// Static: truncate, nearest, stochastic, feedback.
    pub rounding: Signal<In, Bits<2>>,
    /// Clock 6.
    pub updated: Signal<Out, Bits<23>>,
    difference: DFF<Bits<16>>,
    multiply: Multiply,
    shift: ShiftRight,
    codeword_late: Pipe<Bits<15>, 4>,
    residue_late: Pipe<Bits<8>, 3>,
    dither: AddDither<25, 8, 26>,
    add: SaturatingAdd,
    sample: Signal<Local, Bits<16>>,
    codeword: Signal<Local, Bits<16>>,
    step: Signal<Local, Bits<16>>,
    residue: Signal<Local, Bits<23>>,
    nearest: Constant<Bits<8>>,
}

impl Update {
    pub fn new(fabric: Fabric) -> Self {
        Self {
            clock: Default::default(),
            x: Default::default(),
            word: Default::default(),
            active: Default::default(),
            gain: Default::default(),
            coarse: Default::default(),
            noise: Default::default(),
            rounding: Default::default(),
            updated: Default::default(),
            difference: Default::default(),
            multiply: Multiply::new(fabric),
            shift: Default::default(),
            codeword_late: Default::default(),
            residue_late: Default::default(),
            dither: Default::default(),
            add: Default::default(),
            sample: Default::default(),
            codeword: Default::default(),
            step: Default::default(),
            residue: Default::default(),
            nearest: Constant::new(128_u64.into()),
        }
    }
}

impl Logic for Update {
    #[hdl_gen]
    fn update(&mut self) {
        clock!(self, clock, multiply, shift, codeword_late, residue_late, dither, add);
        dff_setup!(self, clock, difference);

        // Clock 1: the difference, or nothing where there is no dimension.
        self.sample.next = bit_cast::<16, 8>(self.x.val()) << 7;
        self.codeword.next = bit_cast::<16, 15>(self.word.val().get_bits::<15>(0));
        self.step.next = self.sample.val() - self.codeword.val();
        self.difference.d.next = 0.into();
        if self.active.val() {
            self.difference.d.next = self.step.val();
        }
        self.codeword_late.d.next = self.word.val().get_bits::<15>(0);
        self.residue_late.d.next = self.word.val().get_bits::<8>(15);

        // Clock 2: multiply. Clock 3: shift.
        self.multiply.a.next = self.difference.q.val();
        self.multiply.b.next = bit_cast::<16, 13>(self.gain.val());
        self.shift.p.next = self.multiply.p.val();
        self.shift.coarse.next = self.coarse.val();

        // Clock 4: dither.
        self.dither.v.next = self.shift.v.val();
        self.dither.dither.next = 0.into();
        if self.rounding.val() == 1 {
            self.dither.dither.next = self.nearest.val();
        }
        if self.rounding.val() == 2 {
            self.dither.dither.next = self.noise.val();
        }
        if self.rounding.val() == 3 {
            self.dither.dither.next = self.residue_late.q.val();
        }

        // Clock 5: add and saturate.
        self.add.w.next = self.codeword_late.q.val();
        self.add.s.next = self.dither.s.val();
        self.residue.next = 0.into();
        if self.rounding.val() == 3 {
            self.residue.next = bit_cast::<23, 8>(self.add.residue.val()) << 15;
        }
        self.updated.next = bit_cast::<23, 15>(self.add.y.val()) | self.residue.val();
    }
}
