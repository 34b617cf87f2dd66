use super::Order;
use fixlearn_map::samples::Samples as Size;
use rust_hdl::prelude::*;

#[derive(Copy, Clone, Debug, PartialEq, LogicState)]
enum Place {
    Idle,
    Order,
    Times,
    Found,
}

/// The sample memory without the memory: see the module's documentation for its diagram, registers
/// and clocks.
///
/// Its ports are those between link and core that it takes part in: by their names those of the
/// link's side, and with `core_` before them those of the core's side. Those that are left lead to
/// the memory's block, [`FromRows`](super::FromRows) or [`FromSdram`](super::FromSdram), whose
/// ports have the same names: it writes a word with `memory_write`, and may then say
/// `memory_busy`; from the row that it takes with `place_take` on it offers a vector's beats.
///
/// ```text
/// place   clocks                does                                goes on to
/// Idle    1                     begins the next step's order        Order
/// Order   17 a walk, 1 by key 0 which vector                        Times
/// Times   bits of the stride    number times stride, one bit each   Found
/// Found   until it is taken     the vector's first row              Idle
/// ```
#[derive(LogicBlock)]
pub struct Samples<const SB: usize> {
    pub clock: Signal<In, Clock>,
    pub clear: Signal<In, Bit>,
    pub vector_last: Signal<In, Bits<8>>,
    pub bus_memory: Signal<In, Bits<8>>,
    pub bus_row: Signal<In, Bits<16>>,
    pub bus_column: Signal<In, Bits<8>>,
    pub bus_write_data: Signal<In, Bits<32>>,
    // The link's side.
    pub sample_data: Signal<In, Bits<SB>>,
    pub sample_valid: Signal<In, Bit>,
    pub sample_learn: Signal<In, Bit>,
    pub sample_ready: Signal<Out, Bit>,
    pub result_valid: Signal<Out, Bit>,
    pub result_ready: Signal<In, Bit>,
    pub bus_write: Signal<In, Bit>,
    pub bus_refused: Signal<Out, Bit>,
    pub column_last: Signal<Out, Bits<8>>,
    pub busy: Signal<Out, Bit>,
    // The core's side.
    pub core_sample_data: Signal<Out, Bits<SB>>,
    pub core_sample_valid: Signal<Out, Bit>,
    pub core_sample_learn: Signal<Out, Bit>,
    pub core_sample_ready: Signal<In, Bit>,
    pub core_result_valid: Signal<In, Bit>,
    pub core_result_ready: Signal<Out, Bit>,
    pub core_bus_write: Signal<Out, Bit>,
    pub core_bus_refused: Signal<In, Bit>,
    pub core_column_last: Signal<In, Bits<8>>,
    pub core_busy: Signal<In, Bit>,
    // The memory's side.
    pub memory_word: Signal<Out, Bits<24>>,
    pub memory_write: Signal<Out, Bit>,
    pub memory_data: Signal<Out, Bits<32>>,
    pub memory_busy: Signal<In, Bit>,
    pub place_row: Signal<Out, Bits<24>>,
    pub place_found: Signal<Out, Bit>,
    pub place_take: Signal<In, Bit>,
    pub beat: Signal<In, Bits<SB>>,
    pub beat_valid: Signal<In, Bit>,
    pub beat_ready: Signal<Out, Bit>,
    order: Order,
    // Registers.
    last: DFF<Bits<24>>,
    next: DFF<Bits<24>>,
    // The bus, a clock later.
    is_samples: DFF<Bit>,
    is_order: DFF<Bit>,
    refuses: DFF<Bit>,
    measure: DFF<Bit>,
    // Vectors whose result is to come, and how many of them were begun.
    running: DFF<Bit>,
    left: DFF<Bits<24>>,
    ahead: DFF<Bits<4>>,
    place: DFF<Place>,
    factor: DFF<Bits<9>>,
    term: DFF<Bits<24>>,
    found: DFF<Bits<24>>,
    at: Signal<Local, Bits<24>>,
    beyond: Signal<Local, Bit>,
    high: Signal<Local, Bit>,
    done: Signal<Local, Bit>,
    more: Signal<Local, Bit>,
    odd: Signal<Local, Bit>,
    mine: Signal<Local, Bit>,
    row_last: Signal<Local, Bits<8>>,
    limit: Constant<Bits<24>>,
    beyond_words: Constant<Bits<24>>,
    beyond_last: Constant<Bits<32>>,
    row_shift: Constant<Bits<8>>,
    one4: Constant<Bits<4>>,
    ahead_most: Constant<Bits<4>>,
    one9: Constant<Bits<9>>,
    zero24: Constant<Bits<24>>,
    one24: Constant<Bits<24>>,
    zero32: Constant<Bits<32>>,
}

impl<const SB: usize> Samples<SB> {
    /// Of this size.
    pub fn new(size: Size) -> Self {
        let row_shift = (SB as u64 / 8).max(4).ilog2();
        Self {
            clock: Default::default(),
            clear: Default::default(),
            vector_last: Default::default(),
            bus_memory: Default::default(),
            bus_row: Default::default(),
            bus_column: Default::default(),
            bus_write_data: Default::default(),
            sample_data: Default::default(),
            sample_valid: Default::default(),
            sample_learn: Default::default(),
            sample_ready: Default::default(),
            result_valid: Default::default(),
            result_ready: Default::default(),
            bus_write: Default::default(),
            bus_refused: Default::default(),
            column_last: Default::default(),
            busy: Default::default(),
            core_sample_data: Default::default(),
            core_sample_valid: Default::default(),
            core_sample_learn: Default::default(),
            core_sample_ready: Default::default(),
            core_result_valid: Default::default(),
            core_result_ready: Default::default(),
            core_bus_write: Default::default(),
            core_bus_refused: Default::default(),
            core_column_last: Default::default(),
            core_busy: Default::default(),
            memory_word: Default::default(),
            memory_write: Default::default(),
            memory_data: Default::default(),
            memory_busy: Default::default(),
            place_row: Default::default(),
            place_found: Default::default(),
            place_take: Default::default(),
            beat: Default::default(),
            beat_valid: Default::default(),
            beat_ready: Default::default(),
            order: Order::new(size.last_max()),
            last: Default::default(),
            next: Default::default(),
            is_samples: Default::default(),
            is_order: Default::default(),
            refuses: Default::default(),
            measure: Default::default(),
            running: Default::default(),
            left: Default::default(),
            ahead: Default::default(),
            place: Default::default(),
            factor: Default::default(),
            term: Default::default(),
            found: Default::default(),
            at: Default::default(),
            beyond: Default::default(),
            high: Default::default(),
            done: Default::default(),
            more: Default::default(),
            odd: Default::default(),
            mine: Default::default(),
            row_last: Default::default(),
            limit: Constant::new(u64::from(size.last_max()).into()),
            beyond_words: Constant::new(u64::from(0xff_ffff & !(size.words() - 1)).into()),
            beyond_last: Constant::new(u64::from(!size.last_max()).into()),
            row_shift: Constant::new(u64::from(row_shift).into()),
            one4: Constant::new(1_u64.into()),
            ahead_most: Constant::new(15_u64.into()),
            one9: Constant::new(1_u64.into()),
            zero24: Constant::new(0_u64.into()),
            one24: Constant::new(1_u64.into()),
            zero32: Constant::new(0_u64.into()),
        }
    }
}

// The kernel, with the memories' numbers as tokens.
macro_rules! kernel {
    (
        SAMPLES = $SAMPLES:tt, ORDER = $ORDER:tt,
        LAST = $LAST:tt, KEY = $KEY:tt, NEXT = $NEXT:tt, LEARN = $LEARN:tt,
    ) => {
        impl<const SB: usize> Logic for Samples<SB> {
            #[hdl_gen]
            fn update(&mut self) {
                clock!(self, clock, order);
                dff_setup!(
                    self, clock, last, next, is_samples, is_order, refuses, measure, running, left,
                    ahead, place, factor, term, found
                );
                // The bus: a word's address is there a clock before it is written.
                self.at.next = (bit_cast::<24, 16>(self.bus_row.val()) << 8)
                    | bit_cast::<24, 8>(self.bus_column.val());
                self.is_samples.d.next = self.bus_memory.val() == $SAMPLES;
                self.is_order.d.next = self.bus_memory.val() == $ORDER;
                self.mine.next = self.is_samples.q.val() | self.is_order.q.val();
                self.beyond.next = (self.at.val() & self.beyond_words.val()).any();
                self.high.next = (self.bus_write_data.val() & self.beyond_last.val()).any();
                self.refuses.d.next = true;
                if self.bus_memory.val() == $SAMPLES {
                    self.refuses.d.next = self.beyond.val();
                } else if !self.at.val().get_bits::<22>(2).any() {
                    if self.bus_column.val() == $LAST {
                        self.refuses.d.next = self.high.val();
                    }
                    if self.bus_column.val() == $KEY {
                        self.refuses.d.next = false;
                    }
                    if self.bus_column.val() == $NEXT {
                        self.refuses.d.next = self.high.val()
                            | (self.bus_write_data.val().get_bits::<24>(0) > self.last.q.val());
                    }
                    if self.bus_column.val() == $LEARN {
                        self.refuses.d.next = self.high.val();
                    }
                }
                self.bus_refused.next = self.core_bus_refused.val();
                self.column_last.next = self.core_column_last.val();
                if self.mine.val() {
                    self.bus_refused.next = self.refuses.q.val();
                    self.column_last.next = 255.into();
                }
                self.core_bus_write.next = self.bus_write.val() & (!self.mine.val());
                self.memory_word.next = self.at.val();
                self.memory_data.next = self.bus_write_data.val();
                self.memory_write.next =
                    self.bus_write.val() & (self.is_samples.q.val() & (!self.refuses.q.val()));

                // Link and core, while no vector is learned from here.
                self.busy.next = (self.core_busy.val() | self.memory_busy.val())
                    | (self.running.q.val() | (self.measure.q.val() | self.order.busy.val()));
                self.core_sample_data.next = self.sample_data.val();
                self.core_sample_valid.next = self.sample_valid.val();
                self.core_sample_learn.next = self.sample_learn.val();
                self.sample_ready.next = self.core_sample_ready.val();
                self.result_valid.next = self.core_result_valid.val();
                self.core_result_ready.next = self.result_ready.val();
                self.beat_ready.next = self.running.q.val() & self.core_sample_ready.val();
                if self.running.q.val() {
                    self.core_sample_data.next = self.beat.val();
                    self.core_sample_valid.next = self.beat_valid.val();
                    self.core_sample_learn.next = true;
                    self.sample_ready.next = false;
                    self.result_valid.next = false;
                    self.core_result_ready.next = true;
                }

                // A vector is learned: one result each.
                self.done.next = self.running.q.val() & self.core_result_valid.val();
                self.more.next = (self.running.q.val()
                    & (self.ahead.q.val() != self.ahead_most.val()))
                    & (self.left.q.val().get_bits::<20>(4).any()
                        | (self.left.q.val().get_bits::<4>(0) > self.ahead.q.val()));
                if self.done.val() {
                    self.left.d.next = (self.left.q.val() - self.one24.val()) & self.limit.val();
                    self.ahead.d.next = self.ahead.q.val() - self.one4.val();
                    if self.left.q.val() == self.one24.val() {
                        self.running.d.next = false;
                    }
                }

                // Which vector comes next, and where it is.
                self.row_last.next = self.vector_last.val() >> self.row_shift.val();
                self.order.measure.next = self.measure.q.val();
                self.measure.d.next = false;
                self.order.last.next = self.last.q.val();
                self.order.load.next = false;
                self.order.key.next = self.bus_write_data.val();
                self.order.step.next = self.next.q.val();
                self.order.start.next = false;
                self.place_row.next = self.found.q.val();
                self.place_found.next = self.place.q.val() == Place::Found;
                self.odd.next = self.factor.q.val().get_bit(0);
                match self.place.q.val() {
                    Place::Idle => {
                        if self.more.val() {
                            self.order.start.next = true;
                            self.ahead.d.next = self.ahead.q.val() + self.one4.val();
                            if self.done.val() {
                                self.ahead.d.next = self.ahead.q.val();
                            }
                            self.next.d.next =
                                (self.next.q.val() + self.one24.val()) & self.limit.val();
                            if self.next.q.val() == self.last.q.val() {
                                self.next.d.next = self.zero24.val();
                            }
                            self.place.d.next = Place::Order;
                        }
                    }
                    Place::Order => {
                        self.factor.d.next =
                            bit_cast::<9, 8>(self.row_last.val()) + self.one9.val();
                        self.term.d.next = self.order.index.val();
                        self.found.d.next = self.zero24.val();
                        if !self.order.busy.val() {
                            self.place.d.next = Place::Times;
                        }
                    }
                    Place::Times => {
                        self.factor.d.next = self.factor.q.val() >> 1;
                        self.term.d.next = (self.term.q.val() << 1) & self.limit.val();
                        if self.odd.val() {
                            self.found.d.next =
                                (self.found.q.val() + self.term.q.val()) & self.limit.val();
                        }
                        if !self.factor.q.val().get_bits::<8>(1).any() {
                            self.place.d.next = Place::Found;
                        }
                    }
                    Place::Found => {
                        if self.place_take.val() {
                            self.place.d.next = Place::Idle;
                        }
                    }
                    _ => {
                        self.place.d.next = Place::Idle;
                    }
                }

                // Writes to the registers.
                if self.bus_write.val() & (self.is_order.q.val() & (!self.refuses.q.val())) {
                    if self.bus_column.val() == $LAST {
                        self.last.d.next =
                            self.bus_write_data.val().get_bits::<24>(0) & self.limit.val();
                        self.next.d.next = self.zero24.val();
                        self.measure.d.next = true;
                    }
                    if self.bus_column.val() == $KEY {
                        self.order.load.next = true;
                    }
                    if self.bus_column.val() == $NEXT {
                        self.next.d.next =
                            self.bus_write_data.val().get_bits::<24>(0) & self.limit.val();
                    }
                    if self.bus_column.val() == $LEARN {
                        self.left.d.next =
                            self.bus_write_data.val().get_bits::<24>(0) & self.limit.val();
                        self.running.d.next = self.bus_write_data.val().any();
                    }
                }
                if self.clear.val() {
                    self.last.d.next = self.zero24.val();
                    self.order.load.next = true;
                    self.order.key.next = self.zero32.val();
                    self.next.d.next = self.zero24.val();
                    self.measure.d.next = true;
                }
            }
        }
    };
}

fixlearn_map::samples_numbers!(kernel);
