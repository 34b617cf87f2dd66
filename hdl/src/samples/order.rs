use crate::arith::{to_bits, value};
use rust_hdl::prelude::*;

/// The bits of a number by turns: those at even places, and those at odd ones; no clock.
#[derive(LogicBlock, Default)]
pub struct Split {
    pub whole: Signal<In, Bits<24>>,
    pub even: Signal<Out, Bits<12>>,
    pub odd: Signal<Out, Bits<12>>,
}

/// The places of the bits, from the highest down.
fn places(first: usize) -> String {
    let bits = (0..12).rev().map(|i| format!("whole[{}]", 2 * i + first));
    bits.collect::<Vec<_>>().join(", ")
}

impl Logic for Split {
    fn update(&mut self) {
        let whole = value(self.whole.val());
        let every = |first: usize| {
            (0..12).fold(0, |half, i| half | ((whole >> (2 * i + first) & 1) << i) as i64)
        };
        self.even.next = to_bits(every(0));
        self.odd.next = to_bits(every(1));
    }

    fn connect(&mut self) {
        self.even.connect();
        self.odd.connect();
    }

    fn hdl(&self) -> Verilog {
        Verilog::Custom(format!(
            "always @(*) even = {{{}}};\nalways @(*) odd = {{{}}};",
            places(0),
            places(1)
        ))
    }
}

/// The number whose bits at even and odd places these are; no clock.
#[derive(LogicBlock, Default)]
pub struct Merge {
    pub even: Signal<In, Bits<12>>,
    pub odd: Signal<In, Bits<12>>,
    pub whole: Signal<Out, Bits<24>>,
}

impl Logic for Merge {
    fn update(&mut self) {
        let (even, odd) = (value(self.even.val()), value(self.odd.val()));
        let whole = (0..12)
            .fold(0, |whole, i| whole | (even >> i & 1) << (2 * i) | (odd >> i & 1) << (2 * i + 1));
        self.whole.next = to_bits(whole as i64);
    }

    fn connect(&mut self) {
        self.whole.connect();
    }

    fn hdl(&self) -> Verilog {
        let pairs = (0..12).rev().map(|i| format!("odd[{i}], even[{i}]"));
        let all = pairs.collect::<Vec<_>>().join(", ");
        Verilog::Custom(format!("always @(*) whole = {{{all}}};"))
    }
}

#[derive(Copy, Clone, Debug, PartialEq, LogicState)]
enum State {
    Idle,
    Smear,
    Add,
    Mix,
    Range,
}

/// Which vector is learned in a step: a permutation of the numbers 0 to `last`.
///
/// A Feistel network over the bits of the number, those at even places against those at odd ones,
/// permutes the numbers below the next power of two; what lies beyond `last` goes through it again
/// (cycle walking: Black and Rogaway, "Ciphers with arbitrary finite domains", CT-RSA 2002). The
/// specification is `fixlearn_sim::golden::order`.
///
/// | state | clocks | does |
/// |---|---|---|
/// | Idle | 1 | takes `start`; with key 0 `index` is `step`, and it stays Idle |
/// | Smear | 24, after `measure` | makes the mask of as many bits as `last` has |
/// | Add | 1 | one half and 16 bits of the key |
/// | Mix | 1 | the round's function into the other half; 8 rounds of Add and Mix |
/// | Range | 1 | Idle, or Add again |
///
/// The eight rounds turn the key thrice all the way round. `index` is right from the clock in which
/// `busy` has gone down until the next `start`.
#[derive(LogicBlock)]
pub struct Order {
    pub clock: Signal<In, Clock>,
    /// The last number has changed.
    pub measure: Signal<In, Bit>,
    pub last: Signal<In, Bits<24>>,
    /// Another key.
    pub load: Signal<In, Bit>,
    pub key: Signal<In, Bits<32>>,
    pub step: Signal<In, Bits<24>>,
    pub start: Signal<In, Bit>,
    pub busy: Signal<Out, Bit>,
    pub index: Signal<Out, Bits<24>>,
    state: DFF<State>,
    count: DFF<Bits<5>>,
    mask: DFF<Bits<24>>,
    odd: DFF<Bits<12>>,
    even: DFF<Bits<12>>,
    /// The key; it turns with the rounds.
    turned: DFF<Bits<32>>,
    sum: DFF<Bits<16>>,
    split_step: Split,
    split_mask: Split,
    merge: Merge,
    product: Signal<Local, Bits<16>>,
    mixed: Signal<Local, Bits<16>>,
    mask_half: Signal<Local, Bits<12>>,
    limit: Constant<Bits<24>>,
    limit_half: Constant<Bits<12>>,
    zero5: Constant<Bits<5>>,
    one5: Constant<Bits<5>>,
}

impl Order {
    /// For numbers up to this one, which is a power of two less 1.
    pub fn new(limit: u32) -> Self {
        let half = (1_u64 << (32 - limit.leading_zeros()).div_ceil(2)) - 1;
        Self {
            clock: Default::default(),
            measure: Default::default(),
            last: Default::default(),
            load: Default::default(),
            key: Default::default(),
            step: Default::default(),
            start: Default::default(),
            busy: Default::default(),
            index: Default::default(),
            state: Default::default(),
            count: Default::default(),
            mask: Default::default(),
            odd: Default::default(),
            even: Default::default(),
            turned: Default::default(),
            sum: Default::default(),
            split_step: Default::default(),
            split_mask: Default::default(),
            merge: Default::default(),
            product: Default::default(),
            mixed: Default::default(),
            mask_half: Default::default(),
            limit: Constant::new(u64::from(limit).into()),
            limit_half: Constant::new(half.into()),
            zero5: Constant::new(0_u64.into()),
            one5: Constant::new(1_u64.into()),
        }
    }
}

impl Logic for Order {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, state, count, mask, odd, even, turned, sum);
        if self.load.val() {
            self.turned.d.next = self.key.val();
        }
        self.busy.next = self.state.q.val() != State::Idle;
        self.split_step.whole.next = self.step.val();
        self.split_mask.whole.next = self.mask.q.val();
        self.merge.even.next = self.even.q.val();
        self.merge.odd.next = self.odd.q.val();
        self.index.next = self.merge.whole.val();

        // The round's function.
        self.sum.d.next =
            bit_cast::<16, 12>(self.even.q.val()) + self.turned.q.val().get_bits::<16>(0);
        self.product.next = self.sum.q.val() + (self.sum.q.val() << 9) + (self.sum.q.val() << 4);
        self.mixed.next =
            self.product.val() ^ (self.product.val() >> 6) ^ (self.product.val() >> 11);
        // The halves change places in each round.
        self.mask_half.next = self.split_mask.odd.val();
        if self.count.q.val().get_bit(0) {
            self.mask_half.next = self.split_mask.even.val();
        }

        match self.state.q.val() {
            State::Idle => {
                self.count.d.next = self.zero5.val();
                if self.measure.val() {
                    self.mask.d.next = self.last.val() & self.limit.val();
                    self.state.d.next = State::Smear;
                } else if self.start.val() {
                    self.even.d.next = self.split_step.even.val() & self.limit_half.val();
                    self.odd.d.next = self.split_step.odd.val() & self.limit_half.val();
                    if self.turned.q.val().any() {
                        self.state.d.next = State::Add;
                    }
                }
            }
            State::Smear => {
                self.mask.d.next =
                    (self.mask.q.val() | (self.mask.q.val() >> 1)) & self.limit.val();
                self.count.d.next = self.count.q.val() + self.one5.val();
                if self.count.q.val() == 23 {
                    self.state.d.next = State::Idle;
                }
            }
            State::Add => {
                self.state.d.next = State::Mix;
            }
            State::Mix => {
                self.even.d.next = (self.odd.q.val()
                    ^ (self.mixed.val().get_bits::<12>(0) & self.mask_half.val()))
                    & self.limit_half.val();
                self.odd.d.next = self.even.q.val() & self.limit_half.val();
                self.turned.d.next = (self.turned.q.val() << 12)
                    | bit_cast::<32, 12>(self.turned.q.val().get_bits::<12>(20));
                self.count.d.next = self.count.q.val() + self.one5.val();
                self.state.d.next = State::Add;
                if self.count.q.val() == 7 {
                    self.state.d.next = State::Range;
                }
            }
            State::Range => {
                self.count.d.next = self.zero5.val();
                self.state.d.next = State::Add;
                if self.index.val() <= self.last.val() {
                    self.state.d.next = State::Idle;
                }
            }
            _ => {
                self.state.d.next = State::Idle;
            }
        }
    }
}
