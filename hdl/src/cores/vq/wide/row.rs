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
#[derive(LogicBlock)]
pub struct NewRow<const U: usize> {
    /// What is in the memory now.
    pub word: [Signal<In, Bits<23>>; U],
    pub updated: [Signal<In, Bits<23>>; U],
    /// From the bus, to `load_lane`.
    pub load: Signal<In, Bit>,
    pub load_data: Signal<In, Bits<23>>,
    pub load_lane: Signal<In, Bits<8>>,
    /// Zeros.
    pub clear: Signal<In, Bit>,
    pub row: [Signal<Out, Bits<23>>; U],
    /// Which words are new.
    pub fresh: Signal<Out, Bits<16>>,
    /// The word of `lane` in the memory.
    pub lane: Signal<In, Bits<8>>,
    pub picked: Signal<Out, Bits<23>>,
    /// Unit `i` takes byte `i % 8`.
    pub noise: Signal<In, Bits<64>>,
    pub unit_noise: [Signal<Out, Bits<8>>; U],
}

impl<const U: usize> Default for NewRow<U> {
    fn default() -> Self {
        assert!(U.is_power_of_two() && (2..=16).contains(&U));
        Self {
            word: std::array::from_fn(|_| Default::default()),
            updated: std::array::from_fn(|_| Default::default()),
            load: Default::default(),
            load_data: Default::default(),
            load_lane: Default::default(),
            clear: Default::default(),
            row: std::array::from_fn(|_| Default::default()),
            fresh: Default::default(),
            lane: Default::default(),
            picked: Default::default(),
            noise: Default::default(),
            unit_noise: std::array::from_fn(|_| Default::default()),
        }
    }
}

impl<const U: usize> Logic for NewRow<U> {
    fn update(&mut self) {
        let lane = value(self.load_lane.val()) as usize % U;
        let mut fresh = 0;
        for unit in 0..U {
            self.row[unit].next = match (self.clear.val(), self.load.val()) {
                (true, _) => Bits::default(),
                (_, true) => self.load_data.val(),
                _ => self.updated[unit].val(),
            };
            fresh |= u64::from(self.clear.val() || !self.load.val() || unit == lane) << unit;
            let noise = value(self.noise.val()) >> (8 * (unit % 8));
            self.unit_noise[unit].next = to_bits(noise as i64 & 255);
        }
        self.fresh.next = fresh.into();
        self.picked.next = self.word[value(self.lane.val()) as usize % U].val();
    }

    fn connect(&mut self) {
        for unit in 0..U {
            self.row[unit].connect();
            self.unit_noise[unit].connect();
        }
        self.fresh.connect();
        self.picked.connect();
    }

    fn hdl(&self) -> Verilog {
        let mask = U - 1;
        let mut text = format!(
            "wire [7:0] at = lane & 8'd{mask};\nwire [7:0] to = load_lane & 8'd{mask};\n\
             always @(*) begin\n  fresh = 16'd0;\n"
        );
        for unit in 0..U {
            let noise = 8 * (unit % 8);
            text += &format!(
                "  fresh[{unit}] = clear | !load | (to == 8'd{unit});
  row${unit} = clear ? 23'd0 : load ? load_data : updated${unit};
  unit_noise${unit} = noise[{}:{noise}];
",
                noise + 7,
            );
        }
        let cases: String = (1..U)
            .map(|unit| format!("    8'd{unit}: picked = word${unit};\n"))
            .chain(["    default: picked = word$0;\n".to_string()])
            .collect();
        Verilog::Custom(format!("{text}  case (at)\n{cases}  endcase\nend"))
    }
}

/// The codewords of a row, rounded to the nearest sample, halves up, 2 clocks later: new ones where
/// they are fresh, else those that stand beside them in the memory. A search memory takes whole
/// rows.
#[derive(LogicBlock)]
pub struct RoundedRow<const U: usize, const UB: usize> {
    pub clock: Signal<In, Clock>,
    pub word: [Signal<In, Bits<23>>; U],
    pub row: [Signal<In, Bits<23>>; U],
    pub fresh: Signal<In, Bits<16>>,
    pub rounded: Signal<Out, Bits<UB>>,
    _late: Bits<UB>,
}

impl<const U: usize, const UB: usize> Default for RoundedRow<U, UB> {
    fn default() -> Self {
        assert!(UB == 8 * U);
        Self {
            clock: Default::default(),
            word: std::array::from_fn(|_| Default::default()),
            row: std::array::from_fn(|_| Default::default()),
            fresh: Default::default(),
            rounded: Default::default(),
            _late: Default::default(),
        }
    }
}

impl<const U: usize, const UB: usize> Logic for RoundedRow<U, UB> {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            self.rounded.next = self._late;
            self._late = (0..U).fold(Bits::default(), |rounded, unit| {
                let fresh = self.fresh.val().get_bit(unit);
                let word = if fresh { self.row[unit].val() } else { self.word[unit].val() };
                let sample = ((value(word) & 0x7fff) + 64) >> 7;
                rounded | (to_bits::<UB>(sample as i64 & 255) << (8 * unit as u64))
            });
        }
    }

    fn connect(&mut self) {
        self.rounded.connect();
    }

    fn hdl(&self) -> Verilog {
        let mut text = String::from("reg [15:0] taken;\nalways @(posedge clock) taken <= fresh;\n");
        for unit in 0..U {
            text += &format!(
                "\
reg [14:0] kept{unit}, row{unit};
wire [14:0] word{unit} = taken[{unit}] ? row{unit} : kept{unit};
wire [15:0] half{unit} = {{1'b0, word{unit}}} + 16'd64;
always @(posedge clock) begin
  kept{unit} <= word${unit}[14:0];
  row{unit} <= row${unit}[14:0];
  rounded[{}:{}] <= half{unit}[14:7];
end
",
                8 * unit + 7,
                8 * unit,
            );
        }
        Verilog::Custom(text)
    }
}
