use crate::registers::{memory_words, Judge, ResetWords};
use fixlearn_map::gradient::{self as map, GradientBuilt};
use rust_hdl::prelude::*;

/// The core's registers: configuration that the host writes, and the rate, which the core adapts
/// and schedules. [`fixlearn_map::gradient`] is the map; a word on the bus has 32 bits.
///
/// All of them are words of one memory; what the datapath needs at any time is kept in flip-flops
/// beside it. A write outside a register's range changes nothing and raises `refused`; address and
/// data are there a clock before `write`. From
/// `judging` on, ten clocks count the iteration and keep its value; with `advance`: adaptive, the
/// rate halves if the value grew or the largest component is the one before with the other sign,
/// and doubles after `PATIENCE` iterations with the same one and sign; then, every `RATE_PERIOD`
/// iterations, it halves; always between `2^-RATE_MOST` and `2^-RATE_LEAST`.
///
/// ```text
/// step  reads        writes what it read the step before, or else
/// 1     VALUE_LOW
/// 2     VALUE_HIGH   VALUE_LOW (value)
/// 3     ITERATIONS   VALUE_HIGH (value)
/// 4     RATE_TIMER   ITERATIONS + 1
/// 5     RATE_PERIOD
/// 6     ITERATE      RATE_TIMER + 1, or 0 when it reaches the period
/// 7                  ITERATE - 1
/// 8                  RATE (next)
/// 9                  CALM (next)
/// 10                 LAST (next)
/// ```
///
/// With a search the sequence goes on. NOISE_TIMER is read in step 9, and what follows a clock
/// after each other; a kept point's value is written in steps 5 and 16, if it is the point's, and
/// not in 2 and 3.
///
/// ```text
/// 11    RESOLUTION_TIMER   NOISE_TIMER + 1, or 0 when it reaches the period
/// 12    RESOLUTION_PERIOD  NOISE_WIDTH (next)
/// 13                       RESOLUTION_TIMER + 1, or 0
/// 14                       GRADIENT_BITS (next)
/// 15                       POINT_BITS (next)
/// ```
#[derive(LogicBlock)]
pub struct Registers {
    pub clock: Signal<In, Clock>,
    /// While every register goes back to its value at power-up: 32 clocks at least, the address
    /// running through the memory.
    pub clear: Signal<In, Bit>,
    pub clear_address: Signal<In, Bits<5>>,
    pub address: Signal<In, Bits<8>>,
    pub write: Signal<In, Bit>,
    pub write_data: Signal<In, Bits<32>>,
    /// One clock after `address`.
    pub read_data: Signal<Out, Bits<32>>,
    pub refused: Signal<Out, Bit>,
    /// Strobes: an iteration's value and largest component are known; 10 clocks or more later, it
    /// ends.
    pub judging: Signal<In, Bit>,
    pub advance: Signal<In, Bit>,
    /// The iteration is one of those that ITERATE asked for.
    pub counting: Signal<In, Bit>,
    pub largest: Signal<In, Bits<6>>,
    pub negative: Signal<In, Bit>,
    pub value: Signal<In, Bits<48>>,
    /// Flags to add: point, gradient, value.
    pub held: Signal<In, Bits<3>>,
    pub noise_state: Signal<In, Bits<64>>,
    /// A write of the high word loads it from the bus; a clock later, the low word that was written
    /// before it is loaded from `noise_low`.
    pub noise_load_high: Signal<Out, Bit>,
    pub noise_load_low: Signal<Out, Bit>,
    pub noise_low: Signal<Out, Bits<32>>,
    pub objective_number: Signal<Out, Bits<3>>,
    pub last_dimension: Signal<Out, Bits<6>>,
    pub rounding: Signal<Out, Bits<2>>,
    pub compensation: Signal<Out, Bit>,
    pub link: Signal<Out, Bits<2>>,
    pub rate: Signal<Out, Bits<5>>,
    pub gradient_bits: Signal<Out, Bits<5>>,
    pub point_bits: Signal<Out, Bits<5>>,
    pub low: Signal<Out, Bits<32>>,
    pub high: Signal<Out, Bits<32>>,
    pub levels: Signal<Out, Bits<5>>,
    /// The best point is kept; this one is not it, from four clocks after `judging` on.
    pub keep: Signal<Out, Bit>,
    pub dropped: Signal<Out, Bit>,
    pub noise_width: Signal<Out, Bits<6>>,
    /// Iterations are left to do.
    pub pending: Signal<Out, Bit>,
    memory: RAM<Bits<32>, 5>,
    judge: Judge,
    reset: ResetWords,
    // What the datapath sees.
    searches: Constant<Bit>,
    search: DFF<Bits<3>>,
    noise_width_now: DFF<Bits<6>>,
    gradient_most: DFF<Bits<5>>,
    point_most: DFF<Bits<5>>,
    noise_due: DFF<Bit>,
    resolution_due: DFF<Bit>,
    late: DFF<Bit>,
    keeps: Signal<Local, Bit>,
    drops: Signal<Local, Bit>,
    noise_width_next: Signal<Local, Bits<6>>,
    gradient_places_next: Signal<Local, Bits<5>>,
    point_places_next: Signal<Local, Bits<5>>,
    one6: Constant<Bits<6>>,
    objective_mask: Constant<Bits<3>>,
    noise_width_reset: Constant<Bits<6>>,
    gradient_most_reset: Constant<Bits<5>>,
    point_most_reset: Constant<Bits<5>>,
    objective: DFF<Bits<3>>,
    dimension_last: DFF<Bits<6>>,
    mode: DFF<Bits<6>>,
    rate_now: DFF<Bits<5>>,
    rate_least: DFF<Bits<5>>,
    rate_most: DFF<Bits<5>>,
    patience: DFF<Bits<8>>,
    calm: DFF<Bits<8>>,
    gradient_places: DFF<Bits<5>>,
    point_places: DFF<Bits<5>>,
    low_now: DFF<Bits<32>>,
    high_now: DFF<Bits<32>>,
    levels_now: DFF<Bits<5>>,
    saturated: DFF<Bits<3>>,
    last: DFF<Bits<8>>,
    left_any: DFF<Bit>,
    // An iteration's sequence.
    step: DFF<Bits<4>>,
    more: DFF<Bit>,
    grown: DFF<Bit>,
    ticked: DFF<Bits<24>>,
    due: DFF<Bit>,
    value_part: Signal<Local, Bits<32>>,
    above: Signal<Local, Bit>,
    equal: Signal<Local, Bit>,
    operand: Signal<Local, Bits<32>>,
    sum: Signal<Local, Bits<32>>,
    timed: Signal<Local, Bits<24>>,
    calmer: Signal<Local, Bits<8>>,
    same: Signal<Local, Bit>,
    flipped: Signal<Local, Bit>,
    adapts: Signal<Local, Bit>,
    patient: Signal<Local, Bit>,
    adapted: DFF<Bits<5>>,
    rate_next: Signal<Local, Bits<5>>,
    calm_next: DFF<Bits<8>>,
    last_next: Signal<Local, Bits<8>>,
    // The bus.
    judged: DFF<Bit>,
    accepted: Signal<Local, Bit>,
    place: DFF<Bits<8>>,
    seed_low_any: DFF<Bit>,
    seeding: DFF<Bit>,
    data: Signal<Local, Bits<32>>,
    stored: Signal<Local, Bits<32>>,
    less: Signal<Local, Bits<7>>,
    known: Constant<Bits<8>>,
    known_negative: Constant<Bits<8>>,
    one8: Constant<Bits<8>>,
    one7: Constant<Bits<7>>,
    one5: Constant<Bits<5>>,
    all_ones: Constant<Bits<32>>,
    objective_reset: Constant<Bits<3>>,
    dimension_last_reset: Constant<Bits<6>>,
    rate_now_reset: Constant<Bits<5>>,
    rate_most_reset: Constant<Bits<5>>,
    patience_reset: Constant<Bits<8>>,
    gradient_places_reset: Constant<Bits<5>>,
    point_places_reset: Constant<Bits<5>>,
    low_now_reset: Constant<Bits<32>>,
    high_now_reset: Constant<Bits<32>>,
    levels_now_reset: Constant<Bits<5>>,
}

impl Registers {
    /// For a core with the objectives whose bits are set in `built`; the first is the one after
    /// power-up.
    pub fn new(built: u16) -> Self {
        let built = GradientBuilt { objectives: built, dimension: 64 };
        let words = memory_words(&built).map(u64::from);
        let after = |register: u8| words[usize::from(register)];
        Self {
            clock: Default::default(),
            clear: Default::default(),
            clear_address: Default::default(),
            address: Default::default(),
            write: Default::default(),
            write_data: Default::default(),
            read_data: Default::default(),
            refused: Default::default(),
            judging: Default::default(),
            advance: Default::default(),
            counting: Default::default(),
            largest: Default::default(),
            negative: Default::default(),
            value: Default::default(),
            held: Default::default(),
            noise_state: Default::default(),
            noise_load_high: Default::default(),
            noise_load_low: Default::default(),
            noise_low: Default::default(),
            objective_number: Default::default(),
            last_dimension: Default::default(),
            rounding: Default::default(),
            compensation: Default::default(),
            link: Default::default(),
            rate: Default::default(),
            gradient_bits: Default::default(),
            point_bits: Default::default(),
            low: Default::default(),
            high: Default::default(),
            levels: Default::default(),
            keep: Default::default(),
            dropped: Default::default(),
            noise_width: Default::default(),
            pending: Default::default(),
            memory: RAM::from(words.into_iter().map(Bits::<32>::from)),
            judge: Judge::new(built),
            reset: ResetWords::new(built),
            searches: Constant::new(built.searches()),
            search: Default::default(),
            noise_width_now: Default::default(),
            gradient_most: Default::default(),
            point_most: Default::default(),
            noise_due: Default::default(),
            resolution_due: Default::default(),
            late: Default::default(),
            keeps: Default::default(),
            drops: Default::default(),
            noise_width_next: Default::default(),
            gradient_places_next: Default::default(),
            point_places_next: Default::default(),
            one6: Constant::new(1_u64.into()),
            objective_mask: Constant::new((if built.searches() { 7_u64 } else { 3 }).into()),
            noise_width_reset: Constant::new(after(map::NOISE_WIDTH).into()),
            gradient_most_reset: Constant::new((after(map::RESOLUTION_MOST) & 31).into()),
            point_most_reset: Constant::new((after(map::RESOLUTION_MOST) >> 8).into()),
            objective: Default::default(),
            dimension_last: Default::default(),
            mode: Default::default(),
            rate_now: Default::default(),
            rate_least: Default::default(),
            rate_most: Default::default(),
            patience: Default::default(),
            calm: Default::default(),
            gradient_places: Default::default(),
            point_places: Default::default(),
            low_now: Default::default(),
            high_now: Default::default(),
            levels_now: Default::default(),
            saturated: Default::default(),
            last: Default::default(),
            left_any: Default::default(),
            step: Default::default(),
            more: Default::default(),
            grown: Default::default(),
            ticked: Default::default(),
            due: Default::default(),
            value_part: Default::default(),
            above: Default::default(),
            equal: Default::default(),
            operand: Default::default(),
            sum: Default::default(),
            timed: Default::default(),
            calmer: Default::default(),
            same: Default::default(),
            flipped: Default::default(),
            adapts: Default::default(),
            patient: Default::default(),
            adapted: Default::default(),
            rate_next: Default::default(),
            calm_next: Default::default(),
            last_next: Default::default(),
            judged: Default::default(),
            accepted: Default::default(),
            place: Default::default(),
            seed_low_any: Default::default(),
            seeding: Default::default(),
            data: Default::default(),
            stored: Default::default(),
            less: Default::default(),
            known: Constant::new(128_u64.into()),
            known_negative: Constant::new(192_u64.into()),
            one8: Constant::new(1_u64.into()),
            one7: Constant::new(1_u64.into()),
            one5: Constant::new(1_u64.into()),
            all_ones: Constant::new(0xffff_ffff_u64.into()),
            objective_reset: Constant::new(after(map::OBJECTIVE).into()),
            dimension_last_reset: Constant::new((after(map::DIMENSION) - 1).into()),
            rate_now_reset: Constant::new(after(map::RATE).into()),
            rate_most_reset: Constant::new(after(map::RATE_MOST).into()),
            patience_reset: Constant::new(after(map::PATIENCE).into()),
            gradient_places_reset: Constant::new(after(map::GRADIENT_BITS).into()),
            point_places_reset: Constant::new(after(map::POINT_BITS).into()),
            low_now_reset: Constant::new(after(map::LOW).into()),
            high_now_reset: Constant::new(after(map::HIGH).into()),
            levels_now_reset: Constant::new(after(map::LEVELS).into()),
        }
    }
}

// The kernel, with the registers' numbers as tokens.
macro_rules! kernel {
    (
        OBJECTIVE = $OBJECTIVE:tt, DIMENSION = $DIMENSION:tt, MODE = $MODE:tt, RATE = $RATE:tt,
        RATE_LEAST = $RATE_LEAST:tt, RATE_MOST = $RATE_MOST:tt, RATE_PERIOD = $RATE_PERIOD:tt,
        RATE_TIMER = $RATE_TIMER:tt, PATIENCE = $PATIENCE:tt, CALM = $CALM:tt,
        GRADIENT_BITS = $GRADIENT_BITS:tt, POINT_BITS = $POINT_BITS:tt, LOW = $LOW:tt,
        HIGH = $HIGH:tt, LEVELS = $LEVELS:tt, ITERATIONS = $ITERATIONS:tt,
        VALUE_LOW = $VALUE_LOW:tt, VALUE_HIGH = $VALUE_HIGH:tt, NOISE_LOW = $NOISE_LOW:tt,
        NOISE_HIGH = $NOISE_HIGH:tt, SATURATED = $SATURATED:tt, LAST = $LAST:tt,
        ITERATE = $ITERATE:tt, SEARCH = $SEARCH:tt, NOISE_WIDTH = $NOISE_WIDTH:tt,
        NOISE_PERIOD = $NOISE_PERIOD:tt, NOISE_TIMER = $NOISE_TIMER:tt,
        RESOLUTION_PERIOD = $RESOLUTION_PERIOD:tt, RESOLUTION_TIMER = $RESOLUTION_TIMER:tt,
        RESOLUTION_MOST = $RESOLUTION_MOST:tt,
    ) => {
        impl Logic for Registers {
            #[hdl_gen]
            fn update(&mut self) {
                dff_setup!(
                    self,
                    clock,
                    search,
                    noise_width_now,
                    gradient_most,
                    point_most,
                    noise_due,
                    resolution_due,
                    late,
                    objective,
                    dimension_last,
                    mode,
                    rate_now,
                    rate_least,
                    rate_most,
                    patience,
                    calm,
                    gradient_places,
                    point_places,
                    low_now,
                    high_now,
                    levels_now,
                    saturated,
                    last,
                    left_any,
                    step,
                    more,
                    grown,
                    ticked,
                    due,
                    judged,
                    place,
                    seed_low_any,
                    seeding,
                    adapted,
                    calm_next
                );
                self.memory.read_clock.next = self.clock.val();
                self.memory.write_clock.next = self.clock.val();
                // What the datapath sees.
                self.objective_number.next = self.objective.q.val();
                self.last_dimension.next = self.dimension_last.q.val();
                self.rounding.next = self.mode.q.val().get_bits::<2>(0);
                self.compensation.next = self.mode.q.val().get_bit(2);
                self.link.next = self.mode.q.val().get_bits::<2>(4);
                self.rate.next = self.rate_now.q.val();
                self.gradient_bits.next = self.gradient_places.q.val();
                self.point_bits.next = self.point_places.q.val();
                self.low.next = self.low_now.q.val();
                self.high.next = self.high_now.q.val();
                self.levels.next = self.levels_now.q.val();
                self.pending.next = self.left_any.q.val();
                self.keeps.next = self.search.q.val().get_bit(0);
                self.drops.next =
                    self.keeps.val() & (self.last.q.val().get_bit(7) & self.grown.q.val());
                self.keep.next = self.keeps.val();
                self.dropped.next = self.drops.val();
                self.noise_width.next = self.noise_width_now.q.val();

                // The search's schedules.
                self.noise_width_next.next = self.noise_width_now.q.val();
                if self.noise_due.q.val() & (!self.noise_width_now.q.val().get_bit(5)) {
                    self.noise_width_next.next = self.noise_width_now.q.val() + self.one6.val();
                }
                self.gradient_places_next.next = self.gradient_places.q.val();
                if (self.resolution_due.q.val() & self.search.q.val().get_bit(1))
                    & (self.gradient_places.q.val() < self.gradient_most.q.val())
                {
                    self.gradient_places_next.next = self.gradient_places.q.val() + self.one5.val();
                }
                self.point_places_next.next = self.point_places.q.val();
                if (self.resolution_due.q.val() & self.search.q.val().get_bit(2))
                    & (self.point_places.q.val() < self.point_most.q.val())
                {
                    self.point_places_next.next = self.point_places.q.val() + self.one5.val();
                }
                self.saturated.d.next = self.saturated.q.val() | self.held.val();

                // The adaptive rate, and the schedule on top.
                self.same.next = self.last.q.val().get_bits::<6>(0) == self.largest.val();
                self.flipped.next =
                    self.same.val() & (self.last.q.val().get_bit(6) ^ self.negative.val());
                self.calmer.next = self.calm.q.val() + self.one8.val();
                // 255 and one more is 0 here.
                self.patient.next =
                    (self.calmer.val() >= self.patience.q.val()) | (!self.calmer.val().any());
                self.adapts.next = self.mode.q.val().get_bit(3) & self.last.q.val().get_bit(7);
                self.adapted.d.next = self.rate_now.q.val();
                self.calm_next.d.next = self.calm.q.val();
                if self.adapts.val() {
                    self.calm_next.d.next = 0.into();
                    if self.grown.q.val() | self.flipped.val() {
                        if self.rate_now.q.val() < self.rate_most.q.val() {
                            self.adapted.d.next = self.rate_now.q.val() + self.one5.val();
                        }
                    } else if self.same.val() {
                        if self.patient.val() {
                            if self.rate_now.q.val() > self.rate_least.q.val() {
                                self.adapted.d.next = self.rate_now.q.val() - self.one5.val();
                            }
                        } else {
                            self.calm_next.d.next = self.calmer.val();
                        }
                    }
                }
                self.rate_next.next = self.adapted.q.val();
                if self.due.q.val() & (self.adapted.q.val() < self.rate_most.q.val()) {
                    self.rate_next.next = self.adapted.q.val() + self.one5.val();
                }
                self.last_next.next = bit_cast::<8, 6>(self.largest.val()) | self.known.val();
                if self.negative.val() {
                    self.last_next.next =
                        bit_cast::<8, 6>(self.largest.val()) | self.known_negative.val();
                }
                if self.advance.val() {
                    self.rate_now.d.next = self.rate_next.val();
                    self.calm.d.next = self.calm_next.q.val();
                    self.last.d.next = self.last_next.val();
                }
                if self.advance.val() & self.searches.val() {
                    self.noise_width_now.d.next = self.noise_width_next.val();
                    self.gradient_places.d.next = self.gradient_places_next.val();
                    self.point_places.d.next = self.point_places_next.val();
                }

                // The bus: which writes are out of range, and what the others change beside the
                // memory.
                self.reset.address.next = self.clear_address.val();
                self.judge.address.next = self.address.val();
                self.judge.data.next = self.write_data.val();
                self.judge.low_any.next = self.seed_low_any.q.val();
                self.judged.d.next = self.judge.refused.val();
                self.accepted.next = self.write.val() & (!self.judged.q.val());
                self.refused.next = self.write.val() & self.judged.q.val();
                self.noise_load_high.next = false;
                self.seeding.d.next = false;
                self.less.next = self.write_data.val().get_bits::<7>(0) - self.one7.val();
                if self.address.val() == $OBJECTIVE {
                    if self.accepted.val() {
                        self.objective.d.next =
                            self.write_data.val().get_bits::<3>(0) & self.objective_mask.val();
                    }
                } else if self.address.val() == $DIMENSION {
                    if self.accepted.val() {
                        self.dimension_last.d.next = self.less.val().get_bits::<6>(0);
                    }
                } else if self.address.val() == $MODE {
                    if self.accepted.val() {
                        self.mode.d.next = self.write_data.val().get_bits::<6>(0);
                    }
                } else if self.address.val() == $RATE {
                    if self.accepted.val() {
                        self.rate_now.d.next = self.write_data.val().get_bits::<5>(0);
                    }
                } else if self.address.val() == $RATE_LEAST {
                    if self.accepted.val() {
                        self.rate_least.d.next = self.write_data.val().get_bits::<5>(0);
                    }
                } else if self.address.val() == $RATE_MOST {
                    if self.accepted.val() {
                        self.rate_most.d.next = self.write_data.val().get_bits::<5>(0);
                    }
                } else if self.address.val() == $PATIENCE {
                    if self.accepted.val() {
                        self.patience.d.next = self.write_data.val().get_bits::<8>(0);
                    }
                } else if self.address.val() == $CALM {
                    if self.accepted.val() {
                        self.calm.d.next = self.write_data.val().get_bits::<8>(0);
                    }
                } else if self.address.val() == $GRADIENT_BITS {
                    if self.accepted.val() {
                        self.gradient_places.d.next = self.write_data.val().get_bits::<5>(0);
                    }
                } else if self.address.val() == $POINT_BITS {
                    if self.accepted.val() {
                        self.point_places.d.next = self.write_data.val().get_bits::<5>(0);
                    }
                } else if self.address.val() == $LOW {
                    if self.accepted.val() {
                        self.low_now.d.next = self.write_data.val();
                    }
                } else if self.address.val() == $HIGH {
                    if self.accepted.val() {
                        self.high_now.d.next = self.write_data.val();
                    }
                } else if self.address.val() == $LEVELS {
                    if self.accepted.val() {
                        self.levels_now.d.next = self.write_data.val().get_bits::<5>(0);
                    }
                } else if self.address.val() == $NOISE_LOW {
                    if self.accepted.val() {
                        self.seed_low_any.d.next = self.write_data.val().any();
                    }
                } else if self.address.val() == $NOISE_HIGH {
                    if self.accepted.val() {
                        self.noise_load_high.next = true;
                        self.seeding.d.next = true;
                    }
                } else if self.address.val() == $SATURATED {
                    if self.accepted.val() {
                        self.saturated.d.next = self.write_data.val().get_bits::<3>(0);
                    }
                } else if self.address.val() == $LAST {
                    if self.accepted.val() {
                        self.last.d.next = self.write_data.val().get_bits::<8>(0);
                    }
                } else if self.address.val() == $ITERATE {
                    if self.accepted.val() {
                        self.left_any.d.next = self.write_data.val().get_bits::<24>(0).any();
                    }
                } else if self.address.val() == $SEARCH {
                    if self.accepted.val() & self.searches.val() {
                        self.search.d.next = self.write_data.val().get_bits::<3>(0);
                    }
                } else if self.address.val() == $NOISE_WIDTH {
                    if self.accepted.val() & self.searches.val() {
                        self.noise_width_now.d.next = self.write_data.val().get_bits::<6>(0);
                    }
                } else if self.address.val() == $RESOLUTION_MOST {
                    if self.accepted.val() & self.searches.val() {
                        self.gradient_most.d.next = self.write_data.val().get_bits::<5>(0);
                        self.point_most.d.next = self.write_data.val().get_bits::<5>(8);
                    }
                }

                // The sequence: a comparison and an addition a step.
                self.data.next = self.memory.read_data.val();
                self.timed.next = self.data.val().get_bits::<24>(0);
                self.value_part.next = self.value.val().get_bits::<32>(0);
                if (self.step.q.val() == 3) | self.late.q.val() {
                    self.value_part.next = bit_cast::<32, 16>(self.value.val().get_bits::<16>(32));
                }
                self.above.next = self.value_part.val() > self.data.val();
                self.equal.next = self.value_part.val() == self.data.val();
                self.more.d.next = self.above.val();
                self.operand.next = 1.into();
                if self.step.q.val() == 7 {
                    self.operand.next = self.all_ones.val();
                }
                self.sum.next = self.data.val() + self.operand.val();
                self.ticked.d.next = self.sum.val().get_bits::<24>(0);

                // The memory: the bus, or the sequence.
                self.memory.read_address.next = self.address.val().get_bits::<5>(0);
                self.memory.write_address.next = self.address.val().get_bits::<5>(0);
                self.memory.write_enable.next = self.accepted.val();
                self.stored.next = self.write_data.val();
                if self.write.val() & (self.address.val() == $NOISE_HIGH) {
                    self.memory.read_address.next = $NOISE_LOW.into();
                }
                if self.step.q.val().any() {
                    self.step.d.next = self.step.q.val() + 1;
                    self.memory.write_enable.next = true;
                    self.stored.next = self.sum.val();
                }
                if self.step.q.val() == 1 {
                    self.memory.read_address.next = $VALUE_LOW.into();
                    self.memory.write_enable.next = false;
                }
                if self.step.q.val() == 2 {
                    self.memory.read_address.next = $VALUE_HIGH.into();
                    self.memory.write_address.next = $VALUE_LOW.into();
                    self.memory.write_enable.next = !self.keeps.val();
                    self.stored.next = self.value_part.val();
                }
                if self.step.q.val() == 3 {
                    self.memory.read_address.next = $ITERATIONS.into();
                    self.memory.write_address.next = $VALUE_HIGH.into();
                    self.memory.write_enable.next = !self.keeps.val();
                    self.stored.next = self.value_part.val();
                    self.grown.d.next = self.above.val() | (self.equal.val() & self.more.q.val());
                }
                if self.step.q.val() == 4 {
                    self.memory.read_address.next = $RATE_TIMER.into();
                    self.memory.write_address.next = $ITERATIONS.into();
                }
                if self.step.q.val() == 5 {
                    self.memory.read_address.next = $RATE_PERIOD.into();
                    self.memory.write_enable.next = false;
                    if self.searches.val() {
                        self.memory.write_address.next = $VALUE_LOW.into();
                        self.memory.write_enable.next = self.keeps.val() & (!self.drops.val());
                        self.stored.next = self.value_part.val();
                    }
                }
                if self.step.q.val() == 6 {
                    // What was read is the period.
                    self.memory.read_address.next = $ITERATE.into();
                    self.memory.write_address.next = $RATE_TIMER.into();
                    self.memory.write_enable.next = self.timed.val().any();
                    self.stored.next = bit_cast::<32, 24>(self.ticked.q.val());
                    self.due.d.next = false;
                    if self.ticked.q.val() >= self.timed.val() {
                        self.stored.next = 0.into();
                        self.due.d.next = self.timed.val().any();
                    }
                }
                if self.step.q.val() == 7 {
                    self.memory.write_address.next = $ITERATE.into();
                    self.memory.write_enable.next = self.counting.val();
                    if self.counting.val() {
                        self.left_any.d.next = self.sum.val().any();
                    }
                }
                if self.step.q.val() == 8 {
                    self.memory.write_address.next = $RATE.into();
                    self.stored.next = bit_cast::<32, 5>(self.rate_next.val());
                }
                if self.step.q.val() == 9 {
                    self.memory.write_address.next = $CALM.into();
                    self.stored.next = bit_cast::<32, 8>(self.calm_next.q.val());
                }
                if self.step.q.val() == 10 {
                    self.memory.write_address.next = $LAST.into();
                    self.stored.next = bit_cast::<32, 8>(self.last_next.val());
                    if !self.searches.val() {
                        self.step.d.next = 0.into();
                    }
                }
                if self.searches.val() {
                    self.late.d.next = self.step.q.val() == 15;
                    if self.step.q.val() == 9 {
                        self.memory.read_address.next = $NOISE_TIMER.into();
                    }
                    if self.step.q.val() == 10 {
                        self.memory.read_address.next = $NOISE_PERIOD.into();
                    }
                    if (self.step.q.val() == 11) | (self.step.q.val() == 13) {
                        // What was read is the period.
                        self.memory.write_enable.next = self.timed.val().any();
                        self.stored.next = bit_cast::<32, 24>(self.ticked.q.val());
                        if self.ticked.q.val() >= self.timed.val() {
                            self.stored.next = 0.into();
                        }
                    }
                    if self.step.q.val() == 11 {
                        self.memory.read_address.next = $RESOLUTION_TIMER.into();
                        self.memory.write_address.next = $NOISE_TIMER.into();
                        self.noise_due.d.next =
                            self.timed.val().any() & (self.ticked.q.val() >= self.timed.val());
                    }
                    if self.step.q.val() == 12 {
                        self.memory.read_address.next = $RESOLUTION_PERIOD.into();
                        self.memory.write_address.next = $NOISE_WIDTH.into();
                        self.stored.next = bit_cast::<32, 6>(self.noise_width_next.val());
                    }
                    if self.step.q.val() == 13 {
                        self.memory.write_address.next = $RESOLUTION_TIMER.into();
                        self.resolution_due.d.next =
                            self.timed.val().any() & (self.ticked.q.val() >= self.timed.val());
                    }
                    if self.step.q.val() == 14 {
                        self.memory.write_address.next = $GRADIENT_BITS.into();
                        self.stored.next = bit_cast::<32, 5>(self.gradient_places_next.val());
                    }
                    if self.step.q.val() == 15 {
                        self.memory.write_address.next = $POINT_BITS.into();
                        self.stored.next = bit_cast::<32, 5>(self.point_places_next.val());
                    }
                    if self.late.q.val() {
                        self.memory.write_address.next = $VALUE_HIGH.into();
                        self.memory.write_enable.next = self.keeps.val() & (!self.drops.val());
                        self.stored.next = self.value_part.val();
                    }
                }
                if self.judging.val() {
                    self.step.d.next = 1.into();
                }

                // Reads, and the low word of the noise from where it was written.
                self.place.d.next = self.address.val();
                self.read_data.next = self.data.val();
                if self.place.q.val() == $NOISE_LOW {
                    self.read_data.next = self.noise_state.val().get_bits::<32>(0);
                }
                if self.place.q.val() == $NOISE_HIGH {
                    self.read_data.next = self.noise_state.val().get_bits::<32>(32);
                }
                if self.place.q.val() == $SATURATED {
                    self.read_data.next = bit_cast::<32, 3>(self.saturated.q.val());
                }
                if self.place.q.val() > 31 {
                    self.read_data.next = 0.into();
                }
                self.noise_load_low.next = self.seeding.q.val();
                self.noise_low.next = self.data.val();

                // Reset: as after power-up.
                if self.clear.val() & self.searches.val() {
                    self.search.d.next = 0.into();
                    self.noise_width_now.d.next = self.noise_width_reset.val();
                    self.gradient_most.d.next = self.gradient_most_reset.val();
                    self.point_most.d.next = self.point_most_reset.val();
                }
                if self.clear.val() {
                    self.objective.d.next = self.objective_reset.val();
                    self.dimension_last.d.next = self.dimension_last_reset.val();
                    self.mode.d.next = 0.into();
                    self.rate_now.d.next = self.rate_now_reset.val();
                    self.rate_least.d.next = 0.into();
                    self.rate_most.d.next = self.rate_most_reset.val();
                    self.patience.d.next = self.patience_reset.val();
                    self.calm.d.next = 0.into();
                    self.gradient_places.d.next = self.gradient_places_reset.val();
                    self.point_places.d.next = self.point_places_reset.val();
                    self.low_now.d.next = self.low_now_reset.val();
                    self.high_now.d.next = self.high_now_reset.val();
                    self.levels_now.d.next = self.levels_now_reset.val();
                    self.saturated.d.next = 0.into();
                    self.last.d.next = 0.into();
                    self.left_any.d.next = false;
                    self.seed_low_any.d.next = false;
                    self.memory.write_enable.next = true;
                    self.memory.write_address.next = self.clear_address.val();
                    self.stored.next = self.reset.word.val();
                }
                self.memory.write_data.next = self.stored.val();
            }
        }
    };
}

fixlearn_map::gradient_registers!(kernel);
