use rust_hdl::prelude::*;

/// The component of the largest magnitude, ties to the lowest index, two clocks after it.
#[derive(LogicBlock)]
pub struct Largest {
    pub clock: Signal<In, Clock>,
    pub valid: Signal<In, Bit>,
    pub gradient: Signal<In, Bits<32>>,
    pub position: Signal<In, Bits<6>>,
    pub index: Signal<Out, Bits<6>>,
    pub negative: Signal<Out, Bit>,
    valid_one: DFF<Bit>,
    magnitude: DFF<Bits<32>>,
    sign: DFF<Bit>,
    position_one: DFF<Bits<6>>,
    best: DFF<Bits<32>>,
    best_index: DFF<Bits<6>>,
    best_sign: DFF<Bit>,
    zero32: Constant<Bits<32>>,
}

impl Default for Largest {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            valid: Default::default(),
            gradient: Default::default(),
            position: Default::default(),
            index: Default::default(),
            negative: Default::default(),
            valid_one: Default::default(),
            magnitude: Default::default(),
            sign: Default::default(),
            position_one: Default::default(),
            best: Default::default(),
            best_index: Default::default(),
            best_sign: Default::default(),
            zero32: Constant::new(0_u64.into()),
        }
    }
}

impl Logic for Largest {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            valid_one,
            magnitude,
            sign,
            position_one,
            best,
            best_index,
            best_sign
        );
        self.valid_one.d.next = self.valid.val();
        self.magnitude.d.next = self.gradient.val();
        if self.gradient.val().get_bit(31) {
            self.magnitude.d.next = self.zero32.val() - self.gradient.val();
        }
        self.sign.d.next = self.gradient.val().get_bit(31);
        self.position_one.d.next = self.position.val();
        if self.valid_one.q.val()
            & ((!self.position_one.q.val().any()) | (self.magnitude.q.val() > self.best.q.val()))
        {
            self.best.d.next = self.magnitude.q.val();
            self.best_index.d.next = self.position_one.q.val();
            self.best_sign.d.next = self.sign.q.val();
        }
        self.index.next = self.best_index.q.val();
        self.negative.next = self.best_sign.q.val();
    }
}
