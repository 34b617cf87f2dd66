use crate::registers::{memory_words, Judge};
use fixlearn_map::fusion::{FusionBuilt, BITS, CENTRE, NODES, WEIGHT};
use rust_hdl::prelude::*;

/// The fusion node's registers, in flip-flops: what the host sets, and what the core counts.
/// [`fixlearn_map::fusion`] is the map; a word on the bus has 32 bits.
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
    /// A strobe: a sample was learned, `distance` from what would have been answered.
    pub learned: Signal<In, Bit>,
    pub distance: Signal<In, Bits<17>>,
    /// Its combination was not stored before.
    pub unseen: Signal<In, Bit>,
    /// There was a free place in its bucket.
    pub free: Signal<In, Bit>,
    /// Nodes in use less 1.
    pub last_node: Signal<Out, Bits<3>>,
    pub bits: Signal<Out, Bits<3>>,
    pub weight: Signal<Out, Bits<2>>,
    pub centre: Signal<Out, Bits<32>>,
    judge: Judge,
    judged: DFF<Bit>,
    nodes_in_use: DFF<Bits<4>>,
    width: DFF<Bits<3>>,
    shift: DFF<Bits<2>>,
    middle: DFF<Bits<32>>,
    samples: DFF<Bits<32>>,
    error_low: DFF<Bits<32>>,
    error_high: DFF<Bits<32>>,
    stored: DFF<Bits<32>>,
    dropped: DFF<Bits<32>>,
    not_seen: DFF<Bits<32>>,
    // What the low word of the error passes on.
    carry: DFF<Bit>,
    total: Signal<Local, Bits<33>>,
    less: Signal<Local, Bits<4>>,
    word: DFF<Bits<32>>,
    found: Signal<Local, Bits<32>>,
    taken: Signal<Local, Bit>,
    one4: Constant<Bits<4>>,
    one32: Constant<Bits<32>>,
    zero32: Constant<Bits<32>>,
    nodes_reset: Constant<Bits<4>>,
    bits_reset: Constant<Bits<3>>,
    weight_reset: Constant<Bits<2>>,
    centre_reset: Constant<Bits<32>>,
}

impl Registers {
    /// Of a core that is built like this.
    pub fn new(built: FusionBuilt) -> Self {
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
            distance: Default::default(),
            unseen: Default::default(),
            free: Default::default(),
            last_node: Default::default(),
            bits: Default::default(),
            weight: Default::default(),
            centre: Default::default(),
            judge: Judge::new(built),
            judged: Default::default(),
            nodes_in_use: Default::default(),
            width: Default::default(),
            shift: Default::default(),
            middle: Default::default(),
            samples: Default::default(),
            error_low: Default::default(),
            error_high: Default::default(),
            stored: Default::default(),
            dropped: Default::default(),
            not_seen: Default::default(),
            carry: Default::default(),
            total: Default::default(),
            less: Default::default(),
            word: Default::default(),
            found: Default::default(),
            taken: Default::default(),
            one4: Constant::new(1_u64.into()),
            one32: Constant::new(1_u64.into()),
            zero32: Constant::new(0_u64.into()),
            nodes_reset: Constant::new(reset(NODES).into()),
            bits_reset: Constant::new(reset(BITS).into()),
            weight_reset: Constant::new(reset(WEIGHT).into()),
            centre_reset: Constant::new(reset(CENTRE).into()),
        }
    }
}

// The kernel, with the registers' numbers as tokens.
macro_rules! kernel {
    (
        NODES = $NODES:tt,
        BITS = $BITS:tt,
        WEIGHT = $WEIGHT:tt,
        CENTRE = $CENTRE:tt,
        SAMPLES = $SAMPLES:tt,
        ERROR_LOW = $ERROR_LOW:tt,
        ERROR_HIGH = $ERROR_HIGH:tt,
        STORED = $STORED:tt,
        DROPPED = $DROPPED:tt,
        UNSEEN = $UNSEEN:tt,
    ) => {
        impl Logic for Registers {
            #[hdl_gen]
            fn update(&mut self) {
                dff_setup!(
                    self,
                    clock,
                    nodes_in_use,
                    width,
                    shift,
                    middle,
                    samples,
                    error_low,
                    error_high,
                    stored,
                    dropped,
                    not_seen,
                    carry,
                    word,
                    judged
                );
                // What the datapath sees.
                self.less.next = self.nodes_in_use.q.val() - self.one4.val();
                self.last_node.next = self.less.val().get_bits::<3>(0);
                self.bits.next = self.width.q.val();
                self.weight.next = self.shift.q.val();
                self.centre.next = self.middle.q.val();

                // What it counts.
                self.total.next = bit_cast::<33, 32>(self.error_low.q.val())
                    + bit_cast::<33, 17>(self.distance.val());
                self.carry.d.next = self.learned.val() & self.total.val().get_bit(32);
                if self.learned.val() {
                    self.samples.d.next = self.samples.q.val() + self.one32.val();
                    self.error_low.d.next = self.total.val().get_bits::<32>(0);
                    if self.unseen.val() {
                        self.not_seen.d.next = self.not_seen.q.val() + self.one32.val();
                        if self.free.val() {
                            self.stored.d.next = self.stored.q.val() + self.one32.val();
                        } else {
                            self.dropped.d.next = self.dropped.q.val() + self.one32.val();
                        }
                    }
                }
                if self.carry.q.val() {
                    self.error_high.d.next = self.error_high.q.val() + self.one32.val();
                }

                // The bus.
                self.judge.address.next = self.address.val();
                self.judge.data.next = self.write_data.val();
                self.judge.low_any.next = false;
                self.judged.d.next = self.judge.refused.val();
                self.refused.next = self.judged.q.val();
                self.found.next = self.zero32.val();
                if self.address.val() == $NODES {
                    self.found.next = bit_cast::<32, 4>(self.nodes_in_use.q.val());
                }
                if self.address.val() == $BITS {
                    self.found.next = bit_cast::<32, 3>(self.width.q.val());
                }
                if self.address.val() == $WEIGHT {
                    self.found.next = bit_cast::<32, 2>(self.shift.q.val());
                }
                if self.address.val() == $CENTRE {
                    self.found.next = self.middle.q.val();
                }
                if self.address.val() == $SAMPLES {
                    self.found.next = self.samples.q.val();
                }
                if self.address.val() == $ERROR_LOW {
                    self.found.next = self.error_low.q.val();
                }
                if self.address.val() == $ERROR_HIGH {
                    self.found.next = self.error_high.q.val();
                }
                if self.address.val() == $STORED {
                    self.found.next = self.stored.q.val();
                }
                if self.address.val() == $DROPPED {
                    self.found.next = self.dropped.q.val();
                }
                if self.address.val() == $UNSEEN {
                    self.found.next = self.not_seen.q.val();
                }
                self.word.d.next = self.found.val();
                self.read_data.next = self.word.q.val();
                self.taken.next = self.write.val() & (!self.judged.q.val());
                if self.taken.val() {
                    if self.address.val() == $NODES {
                        self.nodes_in_use.d.next = self.write_data.val().get_bits::<4>(0);
                    }
                    if self.address.val() == $BITS {
                        self.width.d.next = self.write_data.val().get_bits::<3>(0);
                    }
                    if self.address.val() == $WEIGHT {
                        self.shift.d.next = self.write_data.val().get_bits::<2>(0);
                    }
                    if self.address.val() == $CENTRE {
                        self.middle.d.next = self.write_data.val();
                    }
                    if self.address.val() == $SAMPLES {
                        self.samples.d.next = self.write_data.val();
                    }
                    if self.address.val() == $ERROR_LOW {
                        self.error_low.d.next = self.write_data.val();
                    }
                    if self.address.val() == $ERROR_HIGH {
                        self.error_high.d.next = self.write_data.val();
                    }
                    if self.address.val() == $STORED {
                        self.stored.d.next = self.write_data.val();
                    }
                    if self.address.val() == $DROPPED {
                        self.dropped.d.next = self.write_data.val();
                    }
                    if self.address.val() == $UNSEEN {
                        self.not_seen.d.next = self.write_data.val();
                    }
                }
                if self.clear.val() {
                    self.nodes_in_use.d.next = self.nodes_reset.val();
                    self.width.d.next = self.bits_reset.val();
                    self.shift.d.next = self.weight_reset.val();
                    self.middle.d.next = self.centre_reset.val();
                    self.samples.d.next = self.zero32.val();
                    self.error_low.d.next = self.zero32.val();
                    self.error_high.d.next = self.zero32.val();
                    self.stored.d.next = self.zero32.val();
                    self.dropped.d.next = self.zero32.val();
                    self.not_seen.d.next = self.zero32.val();
                }
            }
        }
    };
}

fixlearn_map::fusion_registers!(kernel);
