use rust_hdl::prelude::*;

/// Eight counters of 16 bits, saturating, in one block RAM with one adder; words behind them are 0.
///
/// Each bit of `events` counts once for each clock that it is high; an event of the same kind may
/// follow after 24 clocks at the earliest, which is less than the shortest frame takes. While
/// `reading`, `value` is that of `address`, 2 clocks after both, and events wait.
#[derive(LogicBlock)]
pub struct Counters {
    pub clock: Signal<In, Clock>,
    pub events: Signal<In, Bits<8>>,
    pub reading: Signal<In, Bit>,
    pub address: Signal<In, Bits<4>>,
    pub value: Signal<Out, Bits<16>>,
    memory: RAM<Bits<16>, 4>,
    due: DFF<Bits<8>>,
    chosen: DFF<Bits<4>>,
    adding: DFF<Bit>,
    choice: Signal<Local, Bits<4>>,
    mark: Signal<Local, Bits<8>>,
    one8: Constant<Bits<8>>,
    one16: Constant<Bits<16>>,
}

impl Default for Counters {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            events: Default::default(),
            reading: Default::default(),
            address: Default::default(),
            value: Default::default(),
            memory: RAM::from((0..16).map(|_| Bits::<16>::from(0_u64))),
            due: Default::default(),
            chosen: Default::default(),
            adding: Default::default(),
            choice: Default::default(),
            mark: Default::default(),
            one8: Constant::new(1_u64.into()),
            one16: Constant::new(1_u64.into()),
        }
    }
}

impl Logic for Counters {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, due, chosen, adding);
        self.memory.read_clock.next = self.clock.val();
        self.memory.write_clock.next = self.clock.val();
        // The first that is due.
        self.choice.next = 7.into();
        if self.due.q.val().get_bit(6) {
            self.choice.next = 6.into();
        }
        if self.due.q.val().get_bit(5) {
            self.choice.next = 5.into();
        }
        if self.due.q.val().get_bit(4) {
            self.choice.next = 4.into();
        }
        if self.due.q.val().get_bit(3) {
            self.choice.next = 3.into();
        }
        if self.due.q.val().get_bit(2) {
            self.choice.next = 2.into();
        }
        if self.due.q.val().get_bit(1) {
            self.choice.next = 1.into();
        }
        if self.due.q.val().get_bit(0) {
            self.choice.next = 0.into();
        }
        self.mark.next = self.one8.val() << self.choice.val();
        self.memory.read_address.next = self.choice.val();
        if self.reading.val() {
            self.memory.read_address.next = self.address.val();
        }
        self.value.next = self.memory.read_data.val();
        // One clock reads it, the next writes it back, one higher.
        self.due.d.next = self.due.q.val() | self.events.val();
        self.adding.d.next = false;
        self.chosen.d.next = self.choice.val();
        if self.due.q.val().any() & ((!self.reading.val()) & (!self.adding.q.val())) {
            self.adding.d.next = true;
            self.due.d.next = (self.due.q.val() ^ self.mark.val()) | self.events.val();
        }
        self.memory.write_address.next = self.chosen.q.val();
        self.memory.write_data.next = self.memory.read_data.val() + self.one16.val();
        self.memory.write_enable.next =
            self.adding.q.val() & (self.memory.read_data.val() != 0xffff);
    }
}
