use crate::arith::{Extend, Multiply};
use crate::fabric::Fabric;
use rust_hdl::prelude::*;

/// A lane: every `L`-th unit's share of what is heard. Its memories hold the weights' columns and
/// the states of its units.
///
/// ```text
/// clock  0                  1              2
///        addresses          weight, state  product
/// ```
#[derive(LogicBlock)]
pub struct Lane {
    pub clock: Signal<In, Clock>,
    /// The hearing unit, 5 bits, and which of the lane's units is heard, 3 bits.
    pub weight_address: Signal<In, Bits<8>>,
    pub weight: Signal<Out, Bits<8>>,
    pub weight_write: Signal<In, Bit>,
    pub weight_place: Signal<In, Bits<8>>,
    pub weight_data: Signal<In, Bits<8>>,
    /// The phase, the buffer, and which of the lane's units, 3 bits.
    pub state_address: Signal<In, Bits<5>>,
    pub state: Signal<Out, Bits<8>>,
    pub state_write: Signal<In, Bit>,
    pub state_place: Signal<In, Bits<5>>,
    pub state_data: Signal<In, Bits<8>>,
    pub product: Signal<Out, Bits<32>>,
    weights: RAM<Bits<8>, 8>,
    states: RAM<Bits<8>, 5>,
    wide_weight: Extend<8, 16>,
    wide_state: Extend<8, 16>,
    multiply: Multiply,
}

impl Lane {
    pub fn new(fabric: Fabric) -> Self {
        Self {
            clock: Default::default(),
            weight_address: Default::default(),
            weight: Default::default(),
            weight_write: Default::default(),
            weight_place: Default::default(),
            weight_data: Default::default(),
            state_address: Default::default(),
            state: Default::default(),
            state_write: Default::default(),
            state_place: Default::default(),
            state_data: Default::default(),
            product: Default::default(),
            weights: Default::default(),
            states: Default::default(),
            wide_weight: Default::default(),
            wide_state: Default::default(),
            multiply: Multiply::new(fabric),
        }
    }
}

impl Logic for Lane {
    #[hdl_gen]
    fn update(&mut self) {
        clock!(self, clock, multiply);
        self.weights.read_clock.next = self.clock.val();
        self.weights.write_clock.next = self.clock.val();
        self.weights.read_address.next = self.weight_address.val();
        self.weights.write_address.next = self.weight_place.val();
        self.weights.write_enable.next = self.weight_write.val();
        self.weights.write_data.next = self.weight_data.val();
        self.weight.next = self.weights.read_data.val();
        self.states.read_clock.next = self.clock.val();
        self.states.write_clock.next = self.clock.val();
        self.states.read_address.next = self.state_address.val();
        self.states.write_address.next = self.state_place.val();
        self.states.write_enable.next = self.state_write.val();
        self.states.write_data.next = self.state_data.val();
        self.state.next = self.states.read_data.val();
        self.wide_weight.x.next = self.weights.read_data.val();
        self.wide_state.x.next = self.states.read_data.val();
        self.multiply.a.next = self.wide_weight.y.val();
        self.multiply.b.next = self.wide_state.y.val();
        self.product.next = self.multiply.p.val();
    }
}
