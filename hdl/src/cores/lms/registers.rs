use crate::registers::{memory_words, Judge};
use fixlearn_map::lms::{LmsBuilt, RATE, TAPS};
use rust_hdl::prelude::*;

/// The filter's registers, in flip-flops: what the host sets, and what the core counts.
/// [`fixlearn_map::lms`] is the map; a word on the bus has 32 bits.
#[derive(LogicBlock)]
pub struct Registers {
    pub clock: Signal<In, Clock>,
    /// Every register goes back to its word at power-up.
    pub clear: Signal<In, Bit>,
    /// The register's number; with the word to write, there a clock before `write`.
    pub address: Signal<In, Bits<8>>,
    pub write: Signal<In, Bit>,
    pub write_data: Signal<In, Bits<32>>,
    /// One clock after `address`.
    pub read_data: Signal<Out, Bits<32>>,
    /// The word to write is out of range, or there is no such register.
    pub refused: Signal<Out, Bit>,
    /// A strobe: a sample was learned.
    pub learned: Signal<In, Bit>,
    /// A strobe: `square` is to be added to the energy.
    pub squared: Signal<In, Bit>,
    pub square: Signal<In, Bits<32>>,
    /// Flags to add: output, error, weight.
    pub clamped: Signal<In, Bits<3>>,
    /// Taps in use less 1.
    pub last_tap: Signal<Out, Bits<8>>,
    pub shift: Signal<Out, Bits<5>>,
    /// Where the next sample goes in the delay line, and its answer in the outputs.
    pub place: Signal<Out, Bits<8>>,
    judge: Judge,
    judged: DFF<Bit>,
    taps: DFF<Bits<9>>,
    rate: DFF<Bits<5>>,
    samples: DFF<Bits<32>>,
    energy_low: DFF<Bits<32>>,
    energy_high: DFF<Bits<32>>,
    saturated: DFF<Bits<3>>,
    peak: DFF<Bits<32>>,
    // What the low word of the energy passes on.
    carry: DFF<Bit>,
    total: Signal<Local, Bits<33>>,
    less: Signal<Local, Bits<9>>,
    word: DFF<Bits<32>>,
    found: Signal<Local, Bits<32>>,
    taken: Signal<Local, Bit>,
    one9: Constant<Bits<9>>,
    one32: Constant<Bits<32>>,
    zero32: Constant<Bits<32>>,
    zero3: Constant<Bits<3>>,
    taps_reset: Constant<Bits<9>>,
    rate_reset: Constant<Bits<5>>,
}

impl Registers {
    /// Of a filter that is built with these taps.
    pub fn new(built: LmsBuilt) -> Self {
        let words = memory_words(&built);
        let reset = |number: u8| u64::from(words[usize::from(number)]);
        Self {
            clock: Default::default(),
            clear: Default::default(),
            address: Default::default(),
            write: Default::default(),
            write_data: Default::default(),
            read_data: Default::default(),
            refused: Default::default(),
            learned: Default::default(),
            squared: Default::default(),
            square: Default::default(),
            clamped: Default::default(),
            last_tap: Default::default(),
            shift: Default::default(),
            place: Default::default(),
            judge: Judge::new(built),
            judged: Default::default(),
            taps: Default::default(),
            rate: Default::default(),
            samples: Default::default(),
            energy_low: Default::default(),
            energy_high: Default::default(),
            saturated: Default::default(),
            peak: Default::default(),
            carry: Default::default(),
            total: Default::default(),
            less: Default::default(),
            word: Default::default(),
            found: Default::default(),
            taken: Default::default(),
            one9: Constant::new(1_u64.into()),
            one32: Constant::new(1_u64.into()),
            zero32: Constant::new(0_u64.into()),
            zero3: Constant::new(0_u64.into()),
            taps_reset: Constant::new(reset(TAPS).into()),
            rate_reset: Constant::new(reset(RATE).into()),
        }
    }
}

// The kernel, with the registers' numbers as tokens.
macro_rules! kernel {
    (
        TAPS = $TAPS:tt,
        RATE = $RATE:tt,
        SAMPLES = $SAMPLES:tt,
        ENERGY_LOW = $ENERGY_LOW:tt,
        ENERGY_HIGH = $ENERGY_HIGH:tt,
        SATURATED = $SATURATED:tt,
        PEAK = $PEAK:tt,
    ) => {
        impl Logic for Registers {
            #[hdl_gen]
            fn update(&mut self) {
                dff_setup!(
                    self,
                    clock,
                    taps,
                    rate,
                    samples,
                    energy_low,
                    energy_high,
                    saturated,
                    peak,
                    carry,
                    word,
                    judged
                );
                // What the datapath sees.
                self.less.next = self.taps.q.val() - self.one9.val();
                self.last_tap.next = self.less.val().get_bits::<8>(0);
                self.shift.next = self.rate.q.val();
                self.place.next = self.samples.q.val().get_bits::<8>(0);

                // What it counts.
                if self.learned.val() {
                    self.samples.d.next = self.samples.q.val() + self.one32.val();
                }
                self.saturated.d.next = self.saturated.q.val() | self.clamped.val();
                self.total.next = bit_cast::<33, 32>(self.energy_low.q.val())
                    + bit_cast::<33, 32>(self.square.val());
                self.carry.d.next = self.squared.val() & self.total.val().get_bit(32);
                if self.squared.val() {
                    self.energy_low.d.next = self.total.val().get_bits::<32>(0);
                }
                if self.carry.q.val() {
                    self.energy_high.d.next = self.energy_high.q.val() + self.one32.val();
                }

                if self.squared.val() & (self.square.val() > self.peak.q.val()) {
                    self.peak.d.next = self.square.val();
                }

                // The bus.
                self.judge.address.next = self.address.val();
                self.judge.data.next = self.write_data.val();
                self.judge.low_any.next = false;
                self.judged.d.next = self.judge.refused.val();
                self.refused.next = self.judged.q.val();
                self.found.next = self.zero32.val();
                if self.address.val() == $TAPS {
                    self.found.next = bit_cast::<32, 9>(self.taps.q.val());
                }
                if self.address.val() == $RATE {
                    self.found.next = bit_cast::<32, 5>(self.rate.q.val());
                }
                if self.address.val() == $SAMPLES {
                    self.found.next = self.samples.q.val();
                }
                if self.address.val() == $ENERGY_LOW {
                    self.found.next = self.energy_low.q.val();
                }
                if self.address.val() == $ENERGY_HIGH {
                    self.found.next = self.energy_high.q.val();
                }
                if self.address.val() == $SATURATED {
                    self.found.next = bit_cast::<32, 3>(self.saturated.q.val());
                }
                if self.address.val() == $PEAK {
                    self.found.next = self.peak.q.val();
                }
                self.word.d.next = self.found.val();
                self.read_data.next = self.word.q.val();
                self.taken.next = self.write.val() & (!self.judged.q.val());
                if self.taken.val() {
                    if self.address.val() == $TAPS {
                        self.taps.d.next = self.write_data.val().get_bits::<9>(0);
                    }
                    if self.address.val() == $RATE {
                        self.rate.d.next = self.write_data.val().get_bits::<5>(0);
                    }
                    if self.address.val() == $SAMPLES {
                        self.samples.d.next = self.write_data.val();
                    }
                    if self.address.val() == $ENERGY_LOW {
                        self.energy_low.d.next = self.write_data.val();
                    }
                    if self.address.val() == $ENERGY_HIGH {
                        self.energy_high.d.next = self.write_data.val();
                    }
                    if self.address.val() == $SATURATED {
                        self.saturated.d.next = self.write_data.val().get_bits::<3>(0);
                    }
                    if self.address.val() == $PEAK {
                        self.peak.d.next = self.write_data.val();
                    }
                }
                if self.clear.val() {
                    self.taps.d.next = self.taps_reset.val();
                    self.rate.d.next = self.rate_reset.val();
                    self.samples.d.next = self.zero32.val();
                    self.energy_low.d.next = self.zero32.val();
                    self.energy_high.d.next = self.zero32.val();
                    self.saturated.d.next = self.zero3.val();
                    self.peak.d.next = self.zero32.val();
                }
            }
        }
    };
}

fixlearn_map::lms_registers!(kernel);
