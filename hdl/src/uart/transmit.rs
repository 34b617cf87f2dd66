use rust_hdl::prelude::*;

/// Transmitter: takes a byte when `valid` and `ready`, and sends it with no gap after the byte
/// before if it is offered in time.
#[derive(LogicBlock)]
pub struct UartTransmit {
    pub clock: Signal<In, Clock>,
    pub data: Signal<In, Bits<8>>,
    pub valid: Signal<In, Bit>,
    pub ready: Signal<Out, Bit>,
    pub tx: Signal<Out, Bit>,
    /// Stop bit, data, start bit, sent from the low end; all ones when idle.
    shift: DFFWithInit<Bits<10>>,
    left: DFF<Bits<4>>,
    phase: DFF<Bits<25>>,
    tick: Signal<Local, Bit>,
    fraction: Signal<Local, Bits<25>>,
    free: Signal<Local, Bit>,
    increment: Constant<Bits<25>>,
    mask: Constant<Bits<25>>,
    stop: Constant<Bits<10>>,
    ten: Constant<Bits<4>>,
    one: Constant<Bits<4>>,
}

impl UartTransmit {
    pub fn new(clock_hz: u64, baud: u64) -> Self {
        Self {
            clock: Default::default(),
            data: Default::default(),
            valid: Default::default(),
            ready: Default::default(),
            tx: Default::default(),
            shift: DFFWithInit::new(0x3ff_u64.into()),
            left: Default::default(),
            phase: Default::default(),
            tick: Default::default(),
            fraction: Default::default(),
            free: Default::default(),
            increment: Constant::new(super::increment(clock_hz, baud).into()),
            mask: Constant::new(((1_u64 << 24) - 1).into()),
            stop: Constant::new(0x200_u64.into()),
            ten: Constant::new(10_u64.into()),
            one: Constant::new(1_u64.into()),
        }
    }
}

impl Logic for UartTransmit {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, shift, left, phase);
        self.tick.next = self.phase.q.val().get_bit(24);
        self.fraction.next = self.phase.q.val() & self.mask.val();
        self.free.next = !self.left.q.val().any();
        if (self.left.q.val() == 1) & self.tick.val() {
            self.free.next = true;
        }
        self.phase.d.next = self.fraction.val() + self.increment.val();
        if !self.left.q.val().any() {
            self.phase.d.next = self.increment.val();
        }
        if self.tick.val() & self.left.q.val().any() {
            self.shift.d.next = (self.shift.q.val() >> 1) | self.stop.val();
            self.left.d.next = self.left.q.val() - self.one.val();
        }
        if self.free.val() & self.valid.val() {
            self.shift.d.next = (bit_cast::<10, 8>(self.data.val()) << 1) | self.stop.val();
            self.left.d.next = self.ten.val();
        }
        self.ready.next = self.free.val();
        self.tx.next = self.shift.q.val().get_bit(0);
    }
}
