use crate::registers::{memory_words, Judge};
use fixlearn_map::network::NetworkBuilt;
use rust_hdl::prelude::*;

/// The registers: what the host sets, and what the core counts. A word on the bus has 32 bits.
///
/// [`fixlearn_map::network`] is the map; which words a register takes is made from it. `read_data`
/// and `refused` answer a clock after the address.
#[derive(LogicBlock)]
pub struct Registers {
    pub clock: Signal<In, Clock>,
    /// Every register goes back to its word at power-up.
    pub clear: Signal<In, Bit>,
    pub address: Signal<In, Bits<8>>,
    pub write: Signal<In, Bit>,
    pub write_data: Signal<In, Bits<32>>,
    pub read_data: Signal<Out, Bits<32>>,
    pub refused: Signal<Out, Bit>,
    /// A strobe: an image was learned, this class was found, and it was another.
    pub learned: Signal<In, Bit>,
    pub found_class: Signal<In, Bits<8>>,
    pub missed: Signal<In, Bit>,
    pub inputs: Signal<Out, Bits<8>>,
    pub layers: Signal<Out, Bits<5>>,
    pub scores: Signal<Out, Bits<6>>,
    /// The last layer learns, and how.
    pub learning: Signal<Out, Bit>,
    pub rate: Signal<Out, Bits<4>>,
    pub rounding: Signal<Out, Bits<2>>,
    pub margin: Signal<Out, Bits<26>>,
    /// A strobe: a weight was clamped.
    pub clamped: Signal<In, Bit>,
    /// The noise moves.
    pub noise_step: Signal<In, Bit>,
    pub noise: Signal<Out, Bits<15>>,
    judge: Judge,
    judged: DFF<Bit>,
    pixels: DFF<Bits<8>>,
    running: DFF<Bits<5>>,
    asked: DFF<Bits<6>>,
    images: DFF<Bits<32>>,
    wrong: DFF<Bits<32>>,
    winner: DFF<Bits<8>>,
    learns: DFF<Bits<1>>,
    shift: DFF<Bits<4>>,
    rounds: DFF<Bits<2>>,
    ahead: DFF<Bits<26>>,
    saturated: DFF<Bits<1>>,
    state: DFF<Bits<32>>,
    a: Signal<Local, Bits<32>>,
    b: Signal<Local, Bits<32>>,
    word: DFF<Bits<32>>,
    found: Signal<Local, Bits<32>>,
    taken: Signal<Local, Bit>,
    one32: Constant<Bits<32>>,
    zero32: Constant<Bits<32>>,
    zero8: Constant<Bits<8>>,
    zero1: Constant<Bits<1>>,
    one1: Constant<Bits<1>>,
    zero26: Constant<Bits<26>>,
    inputs_reset: Constant<Bits<8>>,
    layers_reset: Constant<Bits<5>>,
    scores_reset: Constant<Bits<6>>,
    rate_reset: Constant<Bits<4>>,
    rounding_reset: Constant<Bits<2>>,
    noise_reset: Constant<Bits<32>>,
}

impl Registers {
    /// Of a core that is built like this.
    pub fn new(built: NetworkBuilt) -> Self {
        let words = memory_words(&built);
        let reset = |number: u8| u64::from(words[usize::from(number)]);
        use fixlearn_map::network::{INPUTS, LAYERS, NOISE, RATE, ROUNDING, SCORES};
        Self {
            clock: Default::default(),
            clear: Default::default(),
            address: Default::default(),
            write: Default::default(),
            write_data: Default::default(),
            read_data: Default::default(),
            refused: Default::default(),
            learned: Default::default(),
            found_class: Default::default(),
            missed: Default::default(),
            inputs: Default::default(),
            layers: Default::default(),
            scores: Default::default(),
            learning: Default::default(),
            rate: Default::default(),
            rounding: Default::default(),
            margin: Default::default(),
            clamped: Default::default(),
            noise_step: Default::default(),
            noise: Default::default(),
            judge: Judge::new(built),
            judged: Default::default(),
            pixels: Default::default(),
            running: Default::default(),
            asked: Default::default(),
            images: Default::default(),
            wrong: Default::default(),
            winner: Default::default(),
            learns: Default::default(),
            shift: Default::default(),
            rounds: Default::default(),
            ahead: Default::default(),
            saturated: Default::default(),
            state: Default::default(),
            a: Default::default(),
            b: Default::default(),
            word: Default::default(),
            found: Default::default(),
            taken: Default::default(),
            one32: Constant::new(1_u64.into()),
            zero32: Constant::new(0_u64.into()),
            zero8: Constant::new(0_u64.into()),
            zero1: Constant::new(0_u64.into()),
            one1: Constant::new(1_u64.into()),
            zero26: Constant::new(0_u64.into()),
            inputs_reset: Constant::new(reset(INPUTS).into()),
            layers_reset: Constant::new(reset(LAYERS).into()),
            scores_reset: Constant::new(reset(SCORES).into()),
            rate_reset: Constant::new(reset(RATE).into()),
            rounding_reset: Constant::new(reset(ROUNDING).into()),
            noise_reset: Constant::new(reset(NOISE).into()),
        }
    }
}

// The kernel, with the registers' numbers as tokens.
macro_rules! kernel {
    (
        INPUTS = $INPUTS:tt,
        LAYERS = $LAYERS:tt,
        SCORES = $SCORES:tt,
        IMAGES = $IMAGES:tt,
        WRONG = $WRONG:tt,
        CLASS = $CLASS:tt,
        LEARNING = $LEARNING:tt,
        RATE = $RATE:tt,
        ROUNDING = $ROUNDING:tt,
        MARGIN = $MARGIN:tt,
        SATURATED = $SATURATED:tt,
        NOISE = $NOISE:tt,
    ) => {
        impl Logic for Registers {
            #[hdl_gen]
            fn update(&mut self) {
                dff_setup!(
                    self, clock, pixels, running, asked, images, wrong, winner, learns, shift,
                    rounds, ahead, saturated, state, word, judged
                );
                // What the datapath sees.
                self.inputs.next = self.pixels.q.val();
                self.layers.next = self.running.q.val();
                self.scores.next = self.asked.q.val();
                self.learning.next = self.learns.q.val().any();
                self.rate.next = self.shift.q.val();
                self.rounding.next = self.rounds.q.val();
                self.margin.next = self.ahead.q.val();
                self.noise.next = self.state.q.val().get_bits::<15>(0);
                // Marsaglia's xorshift32.
                self.a.next = self.state.q.val() ^ (self.state.q.val() << 13);
                self.b.next = self.a.val() ^ (self.a.val() >> 17);
                if self.noise_step.val() {
                    self.state.d.next = self.b.val() ^ (self.b.val() << 5);
                }

                // What it counts.
                if self.learned.val() {
                    self.images.d.next = self.images.q.val() + self.one32.val();
                    self.winner.d.next = self.found_class.val();
                    if self.missed.val() {
                        self.wrong.d.next = self.wrong.q.val() + self.one32.val();
                    }
                }

                if self.clamped.val() {
                    self.saturated.d.next = self.one1.val();
                }

                // The bus.
                self.judge.address.next = self.address.val();
                self.judge.data.next = self.write_data.val();
                self.judge.low_any.next = false;
                self.judged.d.next = self.judge.refused.val();
                self.refused.next = self.judged.q.val();
                self.found.next = self.zero32.val();
                if self.address.val() == $INPUTS {
                    self.found.next = bit_cast::<32, 8>(self.pixels.q.val());
                }
                if self.address.val() == $LAYERS {
                    self.found.next = bit_cast::<32, 5>(self.running.q.val());
                }
                if self.address.val() == $SCORES {
                    self.found.next = bit_cast::<32, 6>(self.asked.q.val());
                }
                if self.address.val() == $IMAGES {
                    self.found.next = self.images.q.val();
                }
                if self.address.val() == $WRONG {
                    self.found.next = self.wrong.q.val();
                }
                if self.address.val() == $CLASS {
                    self.found.next = bit_cast::<32, 8>(self.winner.q.val());
                }
                if self.address.val() == $LEARNING {
                    self.found.next = bit_cast::<32, 1>(self.learns.q.val());
                }
                if self.address.val() == $RATE {
                    self.found.next = bit_cast::<32, 4>(self.shift.q.val());
                }
                if self.address.val() == $ROUNDING {
                    self.found.next = bit_cast::<32, 2>(self.rounds.q.val());
                }
                if self.address.val() == $MARGIN {
                    self.found.next = bit_cast::<32, 26>(self.ahead.q.val());
                }
                if self.address.val() == $SATURATED {
                    self.found.next = bit_cast::<32, 1>(self.saturated.q.val());
                }
                if self.address.val() == $NOISE {
                    self.found.next = self.state.q.val();
                }
                self.word.d.next = self.found.val();
                self.read_data.next = self.word.q.val();
                self.taken.next = self.write.val() & (!self.judged.q.val());
                if self.taken.val() {
                    if self.address.val() == $INPUTS {
                        self.pixels.d.next = self.write_data.val().get_bits::<8>(0);
                    }
                    if self.address.val() == $LAYERS {
                        self.running.d.next = self.write_data.val().get_bits::<5>(0);
                    }
                    if self.address.val() == $SCORES {
                        self.asked.d.next = self.write_data.val().get_bits::<6>(0);
                    }
                    if self.address.val() == $IMAGES {
                        self.images.d.next = self.write_data.val();
                    }
                    if self.address.val() == $WRONG {
                        self.wrong.d.next = self.write_data.val();
                    }
                    if self.address.val() == $CLASS {
                        self.winner.d.next = self.write_data.val().get_bits::<8>(0);
                    }
                    if self.address.val() == $LEARNING {
                        self.learns.d.next = self.write_data.val().get_bits::<1>(0);
                    }
                    if self.address.val() == $RATE {
                        self.shift.d.next = self.write_data.val().get_bits::<4>(0);
                    }
                    if self.address.val() == $ROUNDING {
                        self.rounds.d.next = self.write_data.val().get_bits::<2>(0);
                    }
                    if self.address.val() == $MARGIN {
                        self.ahead.d.next = self.write_data.val().get_bits::<26>(0);
                    }
                    if self.address.val() == $SATURATED {
                        self.saturated.d.next = self.write_data.val().get_bits::<1>(0);
                    }
                    if self.address.val() == $NOISE {
                        self.state.d.next = self.write_data.val();
                    }
                }
                if self.clear.val() {
                    self.pixels.d.next = self.inputs_reset.val();
                    self.running.d.next = self.layers_reset.val();
                    self.asked.d.next = self.scores_reset.val();
                    self.images.d.next = self.zero32.val();
                    self.wrong.d.next = self.zero32.val();
                    self.winner.d.next = self.zero8.val();
                    self.learns.d.next = self.zero1.val();
                    self.shift.d.next = self.rate_reset.val();
                    self.rounds.d.next = self.rounding_reset.val();
                    self.ahead.d.next = self.zero26.val();
                    self.saturated.d.next = self.zero1.val();
                    self.state.d.next = self.noise_reset.val();
                }
            }
        }
    };
}

fixlearn_map::network_registers!(kernel);
