use rust_hdl::prelude::*;

/// Marsaglia's xorshift64 (shifts 13, 7, 17), a 64-bit linear-feedback generator: one new state
/// a `step`. State 0 would stay 0; the register file never loads it.
#[derive(LogicBlock)]
pub struct Noise {
    pub clock: Signal<In, Clock>,
    pub step: Signal<In, Bit>,
    pub load: Signal<In, Bit>,
    pub seed: Signal<In, Bits<64>>,
    pub state: Signal<Out, Bits<64>>,
    word: DFFWithInit<Bits<64>>,
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
            load: Default::default(),
            seed: Default::default(),
            state: Default::default(),
            word: DFFWithInit::new(NOISE_SEED.into()),
            a: Default::default(),
            b: Default::default(),
            c: Default::default(),
        }
    }
}

impl Logic for Noise {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, word);
        self.a.next = self.word.q.val() ^ (self.word.q.val() << 13);
        self.b.next = self.a.val() ^ (self.a.val() >> 7);
        self.c.next = self.b.val() ^ (self.b.val() << 17);
        if self.step.val() {
            self.word.d.next = self.c.val();
        }
        if self.load.val() {
            self.word.d.next = self.seed.val();
        }
        self.state.next = self.word.q.val();
    }
}
