use crate::arith::{to_bits, value};
use rust_hdl::prelude::*;

/// Which lanes of a row have a dimension in use, a clock later: all, or in the `tail` those up to
/// `last_lane`, which is static.
#[derive(LogicBlock, Default)]
pub struct ActiveLanes<const L: usize> {
    pub clock: Signal<In, Clock>,
    pub tail: Signal<In, Bit>,
    pub last_lane: Signal<In, Bits<8>>,
    pub active: Signal<Out, Bits<L>>,
}

impl<const L: usize> Logic for ActiveLanes<L> {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            let last = value(self.last_lane.val()) as usize;
            let lanes = (0..L).filter(|&lane| !self.tail.val() || lane <= last);
            self.active.next =
                lanes.fold(Bits::default(), |all, lane| all | (Bits::<L>::from(1) << lane as u64));
        }
    }

    fn connect(&mut self) {
        self.active.connect();
    }

    fn hdl(&self) -> Verilog {
        Verilog::Custom(format!(
            "\
integer i;
reg [{top}:0] mask;
always @(posedge clock) begin
  for (i = 0; i < {L}; i = i + 1) mask[i] <= i[7:0] <= last_lane;
  active <= tail ? mask : {{{L}{{1'b1}}}};
end",
            top = L - 1,
        ))
    }
}

/// A row of words on its way back: what the `U` update units made of it, or what the bus writes to
/// one of them, or zeros. Combinational.
///
/// The bus writes the word of unit `lane`; a search memory takes whole rows, so the words that
/// stand beside it go with it.
#[derive(LogicBlock)]
pub struct NewRow<const U: usize, const UB: usize> {
    /// What is in the memory now.
    pub word: [Signal<In, Bits<23>>; U],
    pub updated: [Signal<In, Bits<23>>; U],
    /// From the bus, to `lane`.
    pub load: Signal<In, Bit>,
    pub load_data: Signal<In, Bits<23>>,
    pub lane: Signal<In, Bits<8>>,
    /// Zeros.
    pub clear: Signal<In, Bit>,
    pub row: [Signal<Out, Bits<23>>; U],
    /// Which words are new.
    pub fresh: Signal<Out, Bits<16>>,
    /// The codewords, rounded to the nearest sample, halves up.
    pub rounded: Signal<Out, Bits<UB>>,
    /// The word of `lane` in the memory.
    pub picked: Signal<Out, Bits<23>>,
    /// Unit `i` takes byte `i % 8`.
    pub noise: Signal<In, Bits<64>>,
    pub unit_noise: [Signal<Out, Bits<8>>; U],
}

impl<const U: usize, const UB: usize> Default for NewRow<U, UB> {
    fn default() -> Self {
        assert!(U.is_power_of_two() && (2..=16).contains(&U) && UB == 8 * U);
        Self {
            word: std::array::from_fn(|_| Default::default()),
            updated: std::array::from_fn(|_| Default::default()),
            load: Default::default(),
            load_data: Default::default(),
            lane: Default::default(),
            clear: Default::default(),
            row: std::array::from_fn(|_| Default::default()),
            fresh: Default::default(),
            rounded: Default::default(),
            picked: Default::default(),
            noise: Default::default(),
            unit_noise: std::array::from_fn(|_| Default::default()),
        }
    }
}

impl<const U: usize, const UB: usize> Logic for NewRow<U, UB> {
    fn update(&mut self) {
        let lane = value(self.lane.val()) as usize % U;
        let mut rounded = Bits::<UB>::default();
        let mut fresh = 0;
        for unit in 0..U {
            let word = match (self.clear.val(), self.load.val()) {
                (true, _) => Bits::default(),
                (_, true) if unit == lane => self.load_data.val(),
                (_, true) => self.word[unit].val(),
                _ => self.updated[unit].val(),
            };
            self.row[unit].next = word;
            fresh |= u64::from(self.clear.val() || !self.load.val() || unit == lane) << unit;
            let byte = ((value(word) & 0x7fff) + 64) >> 7;
            rounded = rounded | (to_bits::<UB>(byte as i64 & 255) << (8 * unit as u64));
            let noise = value(self.noise.val()) >> (8 * (unit % 8));
            self.unit_noise[unit].next = to_bits(noise as i64 & 255);
        }
        (self.rounded.next, self.fresh.next) = (rounded, fresh.into());
        self.picked.next = self.word[lane].val();
    }

    fn connect(&mut self) {
        for unit in 0..U {
            self.row[unit].connect();
            self.unit_noise[unit].connect();
        }
        self.fresh.connect();
        self.rounded.connect();
        self.picked.connect();
    }

    fn hdl(&self) -> Verilog {
        let mut wires = String::new();
        let mut text = String::from("always @(*) begin\n  fresh = 16'd0;\n");
        for unit in 0..U {
            wires += &format!("wire [15:0] half{unit} = {{1'b0, row${unit}[14:0]}} + 16'd64;\n");
            let noise = 8 * (unit % 8);
            text += &format!(
                "  fresh[{unit}] = clear | !load | (at == 8'd{unit});
  row${unit} = clear ? 23'd0
    : !load ? updated${unit} : at == 8'd{unit} ? load_data : word${unit};
  rounded[{}:{}] = half{unit}[14:7];
  unit_noise${unit} = noise[{}:{noise}];
",
                8 * unit + 7,
                8 * unit,
                noise + 7,
            );
        }
        let cases: String = (1..U)
            .map(|unit| format!("    8'd{unit}: picked = word${unit};\n"))
            .chain(["    default: picked = word$0;\n".to_string()])
            .collect();
        Verilog::Custom(format!(
            "wire [7:0] at = lane & 8'd{};\n{wires}{text}  case (at)\n{cases}  endcase\nend",
            U - 1,
        ))
    }
}
