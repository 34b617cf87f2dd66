use super::Spread;
use rust_hdl::prelude::*;

/// Unpacks the vectors that come to a core: see [`fixlearn_map::packed`] for registers and formats.
///
/// Its ports are those between link and core that it takes part in: by their names those of the
/// side that vectors come from, and with `core_` before them those of the core's side.
///
/// A packed beat is taken into a register, and leaves it in 2, 4 or 8 beats, one a clock; in the
/// clock of its last one the next packed beat is taken. With 8 bits a component beats pass through,
/// to the clock.
#[derive(LogicBlock)]
pub struct Door<const SB: usize> {
    pub clock: Signal<In, Clock>,
    pub clear: Signal<In, Bit>,
    pub bus_memory: Signal<In, Bits<8>>,
    pub bus_row: Signal<In, Bits<16>>,
    pub bus_column: Signal<In, Bits<8>>,
    pub bus_write_data: Signal<In, Bits<32>>,
    // The side that vectors come from.
    pub sample_data: Signal<In, Bits<SB>>,
    pub sample_valid: Signal<In, Bit>,
    pub sample_learn: Signal<In, Bit>,
    pub sample_ready: Signal<Out, Bit>,
    pub bus_write: Signal<In, Bit>,
    pub bus_refused: Signal<Out, Bit>,
    pub column_last: Signal<Out, Bits<8>>,
    pub vector_last: Signal<Out, Bits<8>>,
    pub busy: Signal<Out, Bit>,
    // The core's side.
    pub core_sample_data: Signal<Out, Bits<SB>>,
    pub core_sample_valid: Signal<Out, Bit>,
    pub core_sample_learn: Signal<Out, Bit>,
    pub core_sample_ready: Signal<In, Bit>,
    pub core_bus_write: Signal<Out, Bit>,
    pub core_bus_refused: Signal<In, Bit>,
    pub core_column_last: Signal<In, Bits<8>>,
    pub core_vector_last: Signal<In, Bits<8>>,
    pub core_busy: Signal<In, Bit>,
    spread: Spread<SB>,
    // The register.
    halvings: DFF<Bits<2>>,
    repeated: DFF<Bit>,
    // The bus, a clock later.
    here: DFF<Bit>,
    refuses: DFF<Bit>,
    // What is left of a packed beat, in how many beats; of the vector, how many beats were given.
    held: DFF<Bits<SB>>,
    left: DFF<Bits<4>>,
    learn: DFF<Bit>,
    beat: DFF<Bits<8>>,
    plain: Signal<Local, Bit>,
    offers: Signal<Local, Bit>,
    beat_last: Signal<Local, Bits<8>>,
    closing: Signal<Local, Bit>,
    empty: Signal<Local, Bit>,
    takes: Signal<Local, Bit>,
    lane_mask: Constant<Bits<8>>,
    lane_bits: Constant<Bits<8>>,
    half: Constant<Bits<8>>,
    quarter: Constant<Bits<8>>,
    eighth: Constant<Bits<8>>,
    zero8: Constant<Bits<8>>,
    one8: Constant<Bits<8>>,
    zero4: Constant<Bits<4>>,
    one4: Constant<Bits<4>>,
    zero2: Constant<Bits<2>>,
}

impl<const SB: usize> Default for Door<SB> {
    fn default() -> Self {
        let lanes = SB as u64 / 8;
        let eight = |x: u64| Constant::new(x.into());
        Self {
            clock: Default::default(),
            clear: Default::default(),
            bus_memory: Default::default(),
            bus_row: Default::default(),
            bus_column: Default::default(),
            bus_write_data: Default::default(),
            sample_data: Default::default(),
            sample_valid: Default::default(),
            sample_learn: Default::default(),
            sample_ready: Default::default(),
            bus_write: Default::default(),
            bus_refused: Default::default(),
            column_last: Default::default(),
            vector_last: Default::default(),
            busy: Default::default(),
            core_sample_data: Default::default(),
            core_sample_valid: Default::default(),
            core_sample_learn: Default::default(),
            core_sample_ready: Default::default(),
            core_bus_write: Default::default(),
            core_bus_refused: Default::default(),
            core_column_last: Default::default(),
            core_vector_last: Default::default(),
            core_busy: Default::default(),
            spread: Default::default(),
            halvings: Default::default(),
            repeated: Default::default(),
            here: Default::default(),
            refuses: Default::default(),
            held: Default::default(),
            left: Default::default(),
            learn: Default::default(),
            beat: Default::default(),
            plain: Default::default(),
            offers: Default::default(),
            beat_last: Default::default(),
            closing: Default::default(),
            empty: Default::default(),
            takes: Default::default(),
            lane_mask: eight(lanes - 1),
            lane_bits: eight(lanes.ilog2().into()),
            half: eight(SB as u64 / 2),
            quarter: eight(SB as u64 / 4),
            eighth: eight(SB as u64 / 8),
            zero8: eight(0),
            one8: eight(1),
            zero4: Constant::new(0_u64.into()),
            one4: Constant::new(1_u64.into()),
            zero2: Constant::new(0_u64.into()),
        }
    }
}

// The kernel, with the memory's numbers as tokens.
macro_rules! kernel {
    (DOOR = $DOOR:tt, PACKING = $PACKING:tt,) => {
        impl<const SB: usize> Logic for Door<SB> {
            #[hdl_gen]
            fn update(&mut self) {
                dff_setup!(self, clock, halvings, repeated, here, refuses, held, left, learn, beat);
                // The bus: a word's address is there a clock before it is written.
                self.here.d.next = self.bus_memory.val() == $DOOR;
                self.refuses.d.next = self.bus_row.val().any()
                    | ((self.bus_column.val() != $PACKING)
                        | self.bus_write_data.val().get_bits::<29>(3).any());
                self.bus_refused.next = self.core_bus_refused.val();
                self.column_last.next = self.core_column_last.val();
                if self.here.q.val() {
                    self.bus_refused.next = self.refuses.q.val();
                    self.column_last.next = 255.into();
                }
                self.core_bus_write.next = self.bus_write.val() & (!self.here.q.val());
                if self.bus_write.val() & (self.here.q.val() & (!self.refuses.q.val())) {
                    self.halvings.d.next = self.bus_write_data.val().get_bits::<2>(0);
                    self.repeated.d.next = self.bus_write_data.val().get_bit(2);
                }
                self.vector_last.next =
                    self.core_vector_last.val() >> bit_cast::<8, 2>(self.halvings.q.val());

                // A beat of the core's.
                self.plain.next = !self.halvings.q.val().any();
                self.offers.next = self.left.q.val().any();
                self.beat_last.next = self.core_vector_last.val() >> self.lane_bits.val();
                self.closing.next = self.beat.q.val() == self.beat_last.val();
                self.spread.held.next = self.held.q.val();
                self.spread.halvings.next = self.halvings.q.val();
                self.spread.repeated.next = self.repeated.q.val();
                self.spread.last.next = self.lane_mask.val();
                if self.closing.val() {
                    self.spread.last.next = self.core_vector_last.val() & self.lane_mask.val();
                }
                self.empty.next = !self.offers.val();
                if self.offers.val() & self.core_sample_ready.val() {
                    self.beat.d.next = self.beat.q.val() + self.one8.val();
                    self.left.d.next = self.left.q.val() - self.one4.val();
                    self.held.d.next = self.held.q.val() >> self.half.val();
                    if self.halvings.q.val() == 2 {
                        self.held.d.next = self.held.q.val() >> self.quarter.val();
                    }
                    if self.halvings.q.val() == 3 {
                        self.held.d.next = self.held.q.val() >> self.eighth.val();
                    }
                    self.empty.next = self.left.q.val() == self.one4.val();
                    if self.closing.val() {
                        self.beat.d.next = self.zero8.val();
                        self.left.d.next = self.zero4.val();
                        self.empty.next = true;
                    }
                }

                // A packed one.
                self.takes.next =
                    (self.sample_valid.val() & self.empty.val()) & (!self.plain.val());
                if self.takes.val() {
                    self.held.d.next = self.sample_data.val();
                    self.left.d.next = self.one4.val() << bit_cast::<4, 2>(self.halvings.q.val());
                    if (!self.beat.q.val().any()) | (self.offers.val() & self.closing.val()) {
                        self.learn.d.next = self.sample_learn.val();
                    }
                }

                self.core_sample_data.next = self.spread.beat.val();
                self.core_sample_valid.next = self.offers.val();
                self.core_sample_learn.next = self.learn.q.val();
                self.sample_ready.next = self.empty.val();
                self.busy.next = self.core_busy.val() | self.offers.val();
                if self.plain.val() {
                    self.core_sample_data.next = self.sample_data.val();
                    self.core_sample_valid.next = self.sample_valid.val();
                    self.core_sample_learn.next = self.sample_learn.val();
                    self.sample_ready.next = self.core_sample_ready.val();
                }
                if self.clear.val() {
                    self.halvings.d.next = self.zero2.val();
                    self.repeated.d.next = false;
                }
            }
        }
    };
}

fixlearn_map::packed_numbers!(kernel);
