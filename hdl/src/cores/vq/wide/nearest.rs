use crate::arith::{to_bits, value};
use rust_hdl::prelude::*;
use std::collections::VecDeque;

/// The nearest of `B` banks, a power of two to 16: its distance and number, [`Nearest::CLOCKS`]
/// later. Ties go to the lower bank.
///
/// In the last slot, banks behind `last_bank` hold no codeword in use. With `alone`, only bank
/// `bank` is in the race.
#[derive(LogicBlock)]
pub struct Nearest<const B: usize> {
    pub clock: Signal<In, Clock>,
    pub distance: [Signal<In, Bits<24>>; B],
    pub last_slot: Signal<In, Bit>,
    pub last_bank: Signal<In, Bits<8>>,
    pub alone: Signal<In, Bit>,
    pub bank: Signal<In, Bits<8>>,
    pub least: Signal<Out, Bits<24>>,
    pub least_bank: Signal<Out, Bits<8>>,
    _line: VecDeque<(u64, u64)>,
}

/// Behind every distance.
const OUT: u64 = 1 << 24;

impl<const B: usize> Nearest<B> {
    /// From the distances to the least.
    pub const CLOCKS: usize = B.ilog2() as usize;
}

impl<const B: usize> Default for Nearest<B> {
    fn default() -> Self {
        assert!(B.is_power_of_two() && (2..=16).contains(&B));
        Self {
            clock: Default::default(),
            distance: std::array::from_fn(|_| Default::default()),
            last_slot: Default::default(),
            last_bank: Default::default(),
            alone: Default::default(),
            bank: Default::default(),
            least: Default::default(),
            least_bank: Default::default(),
            _line: vec![(0, 0); Self::CLOCKS - 1].into(),
        }
    }
}

impl<const B: usize> Logic for Nearest<B> {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            let last = value(self.last_bank.val());
            let races = |bank: u64| match self.alone.val() {
                true => bank == value(self.bank.val()),
                false => !self.last_slot.val() || bank <= last,
            };
            let keys = (0..).zip(&self.distance).map(|(bank, distance)| {
                (if races(bank) { value(distance.val()) } else { OUT }, bank)
            });
            self._line.push_front(keys.min().unwrap_or((OUT, 0)));
            let (least, bank) = self._line.pop_back().unwrap_or((OUT, 0));
            (self.least.next, self.least_bank.next) = (to_bits(least as i64), to_bits(bank as i64));
        }
    }

    fn connect(&mut self) {
        self.least.connect();
        self.least_bank.connect();
    }

    fn hdl(&self) -> Verilog {
        let mut text = String::new();
        for bank in 0..B {
            text += &format!(
                "wire out{bank} = alone ? bank != 8'd{bank}\n\
                 : last_slot & (last_bank < 8'd{bank});\n\
                 wire [24:0] key0_{bank} = {{out{bank}, distance${bank}}};\n\
                 wire [7:0] bank0_{bank} = 8'd{bank};\n"
            );
        }
        for level in 1..=Self::CLOCKS {
            let below = level - 1;
            for pair in 0..B >> level {
                let (left, right) = (2 * pair, 2 * pair + 1);
                text += &format!(
                    "\
reg [24:0] key{level}_{pair};
reg [7:0] bank{level}_{pair};
wire right{level}_{pair} = key{below}_{right} < key{below}_{left};
always @(posedge clock) begin
  key{level}_{pair} <= right{level}_{pair} ? key{below}_{right} : key{below}_{left};
  bank{level}_{pair} <= right{level}_{pair} ? bank{below}_{right} : bank{below}_{left};
end
"
                );
            }
        }
        let top = Self::CLOCKS;
        Verilog::Custom(format!(
            "{text}always @(*) begin\n  least = key{top}_0[23:0];\n  least_bank = bank{top}_0;\nend"
        ))
    }
}
