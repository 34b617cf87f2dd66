use rust_hdl::prelude::*;

/// Marsaglia's xorshift64 (shifts 13, 7, 17), a 64-bit linear-feedback generator: one new state
/// a `step`. State 0 would stay 0; the register file never loads it.
#[derive(LogicBlock)]
pub struct Noise {
    pub clock: Signal<In, Clock>,
    pub step: Signal<In, Bit>,
    /// The state as after power-up.
    pub clear: Signal<In, Bit>,
    /// Halves of a new state.
    pub load_low: Signal<In, Bit>,
    pub load_high: Signal<In, Bit>,
    pub low: Signal<In, Bits<32>>,
    pub high: Signal<In, Bits<32>>,
    pub state: Signal<Out, Bits<64>>,
    lower: DFF<Bits<32>>,
    upper: DFF<Bits<32>>,
    lower_start: Constant<Bits<32>>,
    upper_start: Constant<Bits<32>>,
    word: Signal<Local, Bits<64>>,
    a: Signal<Local, Bits<64>>,
    b: Signal<Local, Bits<64>>,
    c: Signal<Local, Bits<64>>,
}

/// The state after power-up and after a reset.
pub const NOISE_SEED: u64 = 0x9e37_79b9_7f4a_7c15;

impl Default for Noise {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            step: Default::default(),
            clear: Default::default(),
            load_low: Default::default(),
            load_high: Default::default(),
            low: Default::default(),
            high: Default::default(),
            state: Default::default(),
            lower: Default::default(),
            upper: Default::default(),
            lower_start: Constant::new((NOISE_SEED & 0xffff_ffff).into()),
            upper_start: Constant::new((NOISE_SEED >> 32).into()),
            word: Default::default(),
            a: Default::default(),
            b: Default::default(),
            c: Default::default(),
        }
    }
}

impl Logic for Noise {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, lower, upper);
        self.word.next =
            bit_cast::<64, 32>(self.lower.q.val()) | (bit_cast::<64, 32>(self.upper.q.val()) << 32);
        self.a.next = self.word.val() ^ (self.word.val() << 13);
        self.b.next = self.a.val() ^ (self.a.val() >> 7);
        self.c.next = self.b.val() ^ (self.b.val() << 17);
        if self.step.val() {
            self.lower.d.next = self.c.val().get_bits::<32>(0);
            self.upper.d.next = self.c.val().get_bits::<32>(32);
        }
        if self.load_low.val() {
            self.lower.d.next = self.low.val();
        }
        if self.load_high.val() {
            self.upper.d.next = self.high.val();
        }
        if self.clear.val() {
            self.lower.d.next = self.lower_start.val();
            self.upper.d.next = self.upper_start.val();
        }
        self.state.next = self.word.val();
    }
}
