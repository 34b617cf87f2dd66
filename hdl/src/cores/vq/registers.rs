use crate::registers::{memory_words, Judge, ResetWords};
use fixlearn_map::vq::{self as map, VqBuilt};
use rust_hdl::prelude::*;

/// The core's registers: configuration that the host writes, schedules that the core advances,
/// and counters. [`fixlearn_map::vq`] is the map; a word on the bus has 32 bits.
///
/// All of them are words of one memory; the few bits that the datapath needs at any time are kept
/// in flip-flops beside it. A write outside a register's range changes nothing and raises
/// `refused`. From `learning` on, nine clocks add to the distortion and the vector count and
/// advance the schedules' timers; with `learned`, the rate shift rises by one every `RATE_PERIOD`
/// vectors up to `RATE_FINAL`, and the radius falls by one every `RADIUS_PERIOD` vectors down to 0.
/// A period of 0 holds it.
///
/// ```text
/// step  reads          writes what it read the step before
/// 1     VECTORS
/// 2     DISTORTION_LOW   VECTORS + 1
/// 3     DISTORTION_HIGH  DISTORTION_LOW + distance
/// 4     RATE_TIMER       DISTORTION_HIGH + carry
/// 5     RATE_PERIOD      HALVE
/// 6     RADIUS_TIMER     RATE_TIMER + 1, or 0 when it reaches the period
/// 7     RADIUS_PERIOD    RATE_SHIFT
/// 8                      RADIUS_TIMER + 1, or 0
/// 9                      RADIUS
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
    /// Strobes: a vector is being learned, with its distance; 9 clocks or more later, it has been.
    pub learning: Signal<In, Bit>,
    pub learned: Signal<In, Bit>,
    pub distance: Signal<In, Bits<24>>,
    /// Strobe, 2 clocks after `learning`: the pending halving has been done, and whether the next
    /// one is due.
    pub halved: Signal<In, Bit>,
    pub halve_next: Signal<In, Bit>,
    pub noise_state: Signal<In, Bits<64>>,
    /// A write of the high word loads it from the bus; a clock later, the low word that was
    /// written before it is loaded from `noise_low`.
    pub noise_load_high: Signal<Out, Bit>,
    pub noise_load_low: Signal<Out, Bit>,
    pub noise_low: Signal<Out, Bits<32>>,
    pub last_codeword: Signal<Out, Bits<8>>,
    pub last_dimension: Signal<Out, Bits<8>>,
    pub squared: Signal<Out, Bit>,
    pub rounding: Signal<Out, Bits<2>>,
    pub frequency_sensitive: Signal<Out, Bit>,
    pub count_based: Signal<Out, Bit>,
    pub offset_binary: Signal<Out, Bit>,
    pub rate_shift: Signal<Out, Bits<4>>,
    pub radius: Signal<Out, Bits<8>>,
    pub columns: Signal<Out, Bits<4>>,
    pub falloff: Signal<Out, Bits<2>>,
    pub cap: Signal<Out, Bits<16>>,
    pub halve: Signal<Out, Bit>,
    memory: RAM<Bits<32>, 5>,
    judge: Judge,
    reset: ResetWords,
    // What the datapath sees.
    last_codeword_now: DFF<Bits<8>>,
    last_dimension_now: DFF<Bits<8>>,
    mode: DFF<Bits<6>>,
    rate_now: DFF<Bits<4>>,
    rate_final: DFF<Bits<4>>,
    radius_now: DFF<Bits<8>>,
    grid: DFF<Bits<6>>,
    cap_now: DFF<Bits<16>>,
    halve_now: DFF<Bit>,
    // The sequence after a learned vector.
    step: DFF<Bits<4>>,
    carry: DFF<Bit>,
    ticked: DFF<Bits<24>>,
    rate_due: DFF<Bit>,
    radius_due: DFF<Bit>,
    rate_next: Signal<Local, Bits<4>>,
    radius_next: Signal<Local, Bits<8>>,
    operand: Signal<Local, Bits<33>>,
    sum: Signal<Local, Bits<33>>,
    timed: Signal<Local, Bits<24>>,
    // The bus.
    judged: DFF<Bit>,
    accepted: Signal<Local, Bit>,
    place: DFF<Bits<8>>,
    seed_low_any: DFF<Bit>,
    seeding: DFF<Bit>,
    data: Signal<Local, Bits<32>>,
    stored: Signal<Local, Bits<32>>,
    less: Signal<Local, Bits<9>>,
    codewords_reset: Constant<Bits<8>>,
    dimension_reset: Constant<Bits<8>>,
    mode_reset: Constant<Bits<6>>,
    rate_reset: Constant<Bits<4>>,
    grid_reset: Constant<Bits<6>>,
    cap_reset: Constant<Bits<16>>,
    one9: Constant<Bits<9>>,
    one8: Constant<Bits<8>>,
    one4: Constant<Bits<4>>,
}

impl Registers {
    /// `max_codewords` and `max_dimension` are the built sizes, at most 256 each, and the reset
    /// values of the two size registers; with squares, or L1 alone.
    pub fn new(max_codewords: u64, max_dimension: u64, squares: bool) -> Self {
        let narrow = VqBuilt::narrow(max_codewords as u16, max_dimension as u16, 1);
        let built = VqBuilt { squares, ..narrow };
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
            learning: Default::default(),
            learned: Default::default(),
            distance: Default::default(),
            halved: Default::default(),
            halve_next: Default::default(),
            noise_state: Default::default(),
            noise_load_high: Default::default(),
            noise_load_low: Default::default(),
            noise_low: Default::default(),
            last_codeword: Default::default(),
            last_dimension: Default::default(),
            squared: Default::default(),
            rounding: Default::default(),
            frequency_sensitive: Default::default(),
            count_based: Default::default(),
            offset_binary: Default::default(),
            rate_shift: Default::default(),
            radius: Default::default(),
            columns: Default::default(),
            falloff: Default::default(),
            cap: Default::default(),
            halve: Default::default(),
            memory: RAM::from(words.into_iter().map(Bits::<32>::from)),
            judge: Judge::new(built),
            reset: ResetWords::new(built),
            last_codeword_now: Default::default(),
            last_dimension_now: Default::default(),
            mode: Default::default(),
            rate_now: Default::default(),
            rate_final: Default::default(),
            radius_now: Default::default(),
            grid: Default::default(),
            cap_now: Default::default(),
            halve_now: Default::default(),
            step: Default::default(),
            carry: Default::default(),
            ticked: Default::default(),
            rate_due: Default::default(),
            radius_due: Default::default(),
            rate_next: Default::default(),
            radius_next: Default::default(),
            operand: Default::default(),
            sum: Default::default(),
            timed: Default::default(),
            judged: Default::default(),
            accepted: Default::default(),
            place: Default::default(),
            seed_low_any: Default::default(),
            seeding: Default::default(),
            data: Default::default(),
            stored: Default::default(),
            less: Default::default(),
            codewords_reset: Constant::new((max_codewords - 1).into()),
            dimension_reset: Constant::new((max_dimension - 1).into()),
            mode_reset: Constant::new(after(map::MODE).into()),
            rate_reset: Constant::new(after(map::RATE_SHIFT).into()),
            grid_reset: Constant::new(after(map::GRID).into()),
            cap_reset: Constant::new(after(map::COUNT_CAP).into()),
            one9: Constant::new(1_u64.into()),
            one8: Constant::new(1_u64.into()),
            one4: Constant::new(1_u64.into()),
        }
    }
}

// The kernel, with the registers' numbers as tokens.
macro_rules! kernel {
    (
        CODEWORDS = $CODEWORDS:tt, DIMENSION = $DIMENSION:tt, MODE = $MODE:tt,
        RATE_SHIFT = $RATE_SHIFT:tt, RATE_FINAL = $RATE_FINAL:tt, RATE_PERIOD = $RATE_PERIOD:tt,
        RATE_TIMER = $RATE_TIMER:tt, RADIUS = $RADIUS:tt, RADIUS_PERIOD = $RADIUS_PERIOD:tt,
        RADIUS_TIMER = $RADIUS_TIMER:tt, GRID = $GRID:tt, COUNT_CAP = $COUNT_CAP:tt,
        HALVE = $HALVE:tt, NOISE_LOW = $NOISE_LOW:tt, NOISE_HIGH = $NOISE_HIGH:tt,
        VECTORS = $VECTORS:tt, DISTORTION_LOW = $DISTORTION_LOW:tt,
        DISTORTION_HIGH = $DISTORTION_HIGH:tt,
    ) => {
        impl Logic for Registers {
            #[hdl_gen]
            fn update(&mut self) {
                dff_setup!(
                    self,
                    clock,
                    last_codeword_now,
                    last_dimension_now,
                    mode,
                    rate_now,
                    rate_final,
                    radius_now,
                    grid,
                    cap_now,
                    halve_now,
                    step,
                    carry,
                    ticked,
                    rate_due,
                    radius_due,
                    judged,
                    place,
                    seed_low_any,
                    seeding
                );
                self.memory.read_clock.next = self.clock.val();
                self.memory.write_clock.next = self.clock.val();
                // What the datapath sees.
                self.last_codeword.next = self.last_codeword_now.q.val();
                self.last_dimension.next = self.last_dimension_now.q.val();
                self.squared.next = self.mode.q.val().get_bit(0);
                self.rounding.next = self.mode.q.val().get_bits::<2>(1);
                self.frequency_sensitive.next = self.mode.q.val().get_bit(3);
                self.count_based.next = self.mode.q.val().get_bit(4);
                self.offset_binary.next = self.mode.q.val().get_bit(5);
                self.rate_shift.next = self.rate_now.q.val();
                self.radius.next = self.radius_now.q.val();
                self.columns.next = self.grid.q.val().get_bits::<4>(0);
                self.falloff.next = self.grid.q.val().get_bits::<2>(4);
                self.cap.next = self.cap_now.q.val();
                self.halve.next = self.halve_now.q.val();
                if self.halved.val() {
                    self.halve_now.d.next = self.halve_next.val();
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
                self.less.next = self.write_data.val().get_bits::<9>(0) - self.one9.val();
                if self.address.val() == $CODEWORDS {
                    if self.accepted.val() {
                        self.last_codeword_now.d.next = self.less.val().get_bits::<8>(0);
                    }
                } else if self.address.val() == $DIMENSION {
                    if self.accepted.val() {
                        self.last_dimension_now.d.next = self.less.val().get_bits::<8>(0);
                    }
                } else if self.address.val() == $MODE {
                    if self.accepted.val() {
                        self.mode.d.next = self.write_data.val().get_bits::<6>(0);
                    }
                } else if self.address.val() == $RATE_SHIFT {
                    if self.accepted.val() {
                        self.rate_now.d.next = self.write_data.val().get_bits::<4>(0);
                    }
                } else if self.address.val() == $RATE_FINAL {
                    if self.accepted.val() {
                        self.rate_final.d.next = self.write_data.val().get_bits::<4>(0);
                    }
                } else if self.address.val() == $RADIUS {
                    if self.accepted.val() {
                        self.radius_now.d.next = self.write_data.val().get_bits::<8>(0);
                    }
                } else if self.address.val() == $GRID {
                    if self.accepted.val() {
                        self.grid.d.next = self.write_data.val().get_bits::<6>(0);
                    }
                } else if self.address.val() == $COUNT_CAP {
                    if self.accepted.val() {
                        self.cap_now.d.next = self.write_data.val().get_bits::<16>(0);
                    }
                } else if self.address.val() == $HALVE {
                    if self.accepted.val() {
                        self.halve_now.d.next = self.write_data.val().get_bit(0);
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
                }

                // The sequence: one addition a step.
                self.data.next = self.memory.read_data.val();
                self.timed.next = self.data.val().get_bits::<24>(0);
                self.operand.next = 1.into();
                if self.step.q.val() == 3 {
                    self.operand.next = bit_cast::<33, 24>(self.distance.val());
                }
                if (self.step.q.val() == 4) & (!self.carry.q.val()) {
                    self.operand.next = 0.into();
                }
                self.sum.next = bit_cast::<33, 32>(self.data.val()) + self.operand.val();
                self.carry.d.next = self.sum.val().get_bit(32);
                self.ticked.d.next = self.sum.val().get_bits::<24>(0);
                self.rate_next.next = self.rate_now.q.val();
                if self.rate_due.q.val() & (self.rate_now.q.val() < self.rate_final.q.val()) {
                    self.rate_next.next = self.rate_now.q.val() + self.one4.val();
                }
                self.radius_next.next = self.radius_now.q.val();
                if self.radius_due.q.val() & self.radius_now.q.val().any() {
                    self.radius_next.next = self.radius_now.q.val() - self.one8.val();
                }
                if self.learned.val() {
                    self.rate_now.d.next = self.rate_next.val();
                    self.radius_now.d.next = self.radius_next.val();
                }

                // The memory: the bus, or the sequence.
                self.memory.read_address.next = self.address.val().get_bits::<5>(0);
                self.memory.write_address.next = self.address.val().get_bits::<5>(0);
                self.memory.write_enable.next = self.accepted.val();
                self.stored.next = self.write_data.val();
                if self.write.val() & (self.address.val() == $NOISE_HIGH) {
                    self.memory.read_address.next = $NOISE_LOW.into();
                }
                if self.step.q.val().any() {
                    self.step.d.next = self.step.q.val() + self.one4.val();
                    self.memory.write_enable.next = true;
                    self.stored.next = self.sum.val().get_bits::<32>(0);
                }
                if self.step.q.val() == 1 {
                    self.memory.read_address.next = $VECTORS.into();
                    self.memory.write_enable.next = false;
                }
                if self.step.q.val() == 2 {
                    self.memory.read_address.next = $DISTORTION_LOW.into();
                    self.memory.write_address.next = $VECTORS.into();
                }
                if self.step.q.val() == 3 {
                    self.memory.read_address.next = $DISTORTION_HIGH.into();
                    self.memory.write_address.next = $DISTORTION_LOW.into();
                }
                if self.step.q.val() == 4 {
                    self.memory.read_address.next = $RATE_TIMER.into();
                    self.memory.write_address.next = $DISTORTION_HIGH.into();
                    self.stored.next = bit_cast::<32, 16>(self.sum.val().get_bits::<16>(0));
                }
                if self.step.q.val() == 5 {
                    self.memory.read_address.next = $RATE_PERIOD.into();
                    self.memory.write_address.next = $HALVE.into();
                    self.stored.next = 0.into();
                    if self.halve_now.q.val() {
                        self.stored.next = 1.into();
                    }
                }
                if self.step.q.val() == 6 {
                    self.memory.read_address.next = $RADIUS_TIMER.into();
                    self.memory.write_address.next = $RATE_TIMER.into();
                }
                if self.step.q.val() == 7 {
                    self.memory.read_address.next = $RADIUS_PERIOD.into();
                    self.memory.write_address.next = $RATE_SHIFT.into();
                    self.stored.next = bit_cast::<32, 4>(self.rate_next.val());
                }
                if self.step.q.val() == 8 {
                    self.memory.write_address.next = $RADIUS_TIMER.into();
                }
                if self.step.q.val() == 9 {
                    self.memory.write_address.next = $RADIUS.into();
                    self.stored.next = bit_cast::<32, 8>(self.radius_next.val());
                    self.step.d.next = 0.into();
                }
                if (self.step.q.val() == 6) | (self.step.q.val() == 8) {
                    // What was read is the period.
                    self.memory.write_enable.next = self.timed.val().any();
                    self.stored.next = bit_cast::<32, 24>(self.ticked.q.val());
                    if self.ticked.q.val() >= self.timed.val() {
                        self.stored.next = 0.into();
                    }
                }
                if self.step.q.val() == 6 {
                    self.rate_due.d.next =
                        self.timed.val().any() & (self.ticked.q.val() >= self.timed.val());
                }
                if self.step.q.val() == 8 {
                    self.radius_due.d.next =
                        self.timed.val().any() & (self.ticked.q.val() >= self.timed.val());
                }
                if self.learning.val() {
                    self.step.d.next = 1.into();
                    self.rate_due.d.next = false;
                    self.radius_due.d.next = false;
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
                if self.place.q.val() > 31 {
                    self.read_data.next = 0.into();
                }
                self.noise_load_low.next = self.seeding.q.val();
                self.noise_low.next = self.data.val();

                // Reset: as after power-up.
                if self.clear.val() {
                    self.last_codeword_now.d.next = self.codewords_reset.val();
                    self.last_dimension_now.d.next = self.dimension_reset.val();
                    self.mode.d.next = self.mode_reset.val();
                    self.rate_now.d.next = self.rate_reset.val();
                    self.rate_final.d.next = self.rate_reset.val();
                    self.radius_now.d.next = 0.into();
                    self.grid.d.next = self.grid_reset.val();
                    self.cap_now.d.next = self.cap_reset.val();
                    self.halve_now.d.next = false;
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

fixlearn_map::vq_registers!(kernel);
