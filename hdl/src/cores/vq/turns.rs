use crate::arith::{to_bits, value};
use rust_hdl::prelude::*;

/// Lanes and update units take turns: in turn `t` of a beat, unit `j` serves lane `t * U + j`.
/// Combinational.
///
/// `L` lanes and `U` units, powers of two, `U <= L <= 16`; `XB = 8 * L`. Outside an update, `turn`
/// and `lane` choose the word that the bus reads.
#[derive(LogicBlock)]
pub struct Turns<const L: usize, const U: usize, const XB: usize> {
    /// Clock 1: the lanes' words and samples, and whose turn it is.
    pub word: [Signal<In, Bits<23>>; L],
    pub samples: Signal<In, Bits<XB>>,
    pub turn: Signal<In, Bits<4>>,
    /// The last beat, and its last lane.
    pub tail: Signal<In, Bit>,
    pub last_lane: Signal<In, Bits<8>>,
    pub unit_word: [Signal<Out, Bits<23>>; U],
    pub unit_x: [Signal<Out, Bits<8>>; U],
    pub unit_active: [Signal<Out, Bit>; U],
    /// The word of lane `turn * U + lane % U`.
    pub lane: Signal<In, Bits<8>>,
    pub bus_word: Signal<Out, Bits<23>>,
    /// Clock 4: lane `i` takes byte `i % 8`.
    pub noise: Signal<In, Bits<64>>,
    pub noise_turn: Signal<In, Bits<4>>,
    pub unit_noise: [Signal<Out, Bits<8>>; U],
    /// Clock 6: the lanes that are written, and with what: their unit's word, or, with `load`, one
    /// from the bus.
    pub write_turn: Signal<In, Bits<4>>,
    pub lane_write: Signal<Out, Bits<16>>,
    pub updated: [Signal<In, Bits<23>>; U],
    pub load: Signal<In, Bit>,
    pub load_data: Signal<In, Bits<23>>,
    pub lane_data: [Signal<Out, Bits<23>>; L],
}

impl<const L: usize, const U: usize, const XB: usize> Default for Turns<L, U, XB> {
    fn default() -> Self {
        assert!(L.is_power_of_two() && U.is_power_of_two() && U <= L && L <= 16 && XB == 8 * L);
        Self {
            word: std::array::from_fn(|_| Default::default()),
            samples: Default::default(),
            turn: Default::default(),
            tail: Default::default(),
            last_lane: Default::default(),
            unit_word: std::array::from_fn(|_| Default::default()),
            unit_x: std::array::from_fn(|_| Default::default()),
            unit_active: std::array::from_fn(|_| Default::default()),
            lane: Default::default(),
            bus_word: Default::default(),
            noise: Default::default(),
            noise_turn: Default::default(),
            unit_noise: std::array::from_fn(|_| Default::default()),
            write_turn: Default::default(),
            lane_write: Default::default(),
            updated: std::array::from_fn(|_| Default::default()),
            load: Default::default(),
            load_data: Default::default(),
            lane_data: std::array::from_fn(|_| Default::default()),
        }
    }
}

impl<const L: usize, const U: usize, const XB: usize> Logic for Turns<L, U, XB> {
    fn update(&mut self) {
        let lane_of = |turn: u64, unit: usize| (turn as usize * U + unit) % L;
        let turn = value(self.turn.val());
        let noise = value(self.noise.val());
        for unit in 0..U {
            let lane = lane_of(turn, unit);
            self.unit_word[unit].next = self.word[lane].val();
            self.unit_x[unit].next = self.samples.val().get_bits::<8>(8 * lane);
            self.unit_active[unit].next =
                !self.tail.val() || value(self.last_lane.val()) >= lane as u64;
            let lane = lane_of(value(self.noise_turn.val()), unit);
            self.unit_noise[unit].next = to_bits((noise >> (8 * (lane % 8)) & 255) as i64);
        }
        let lane = lane_of(turn, value(self.lane.val()) as usize % U);
        self.bus_word.next = self.word[lane].val();
        let written = (0..U).fold(0, |w, j| w | 1 << lane_of(value(self.write_turn.val()), j));
        self.lane_write.next = to_bits(written);
        for lane in 0..L {
            let updated = self.updated[lane % U].val();
            self.lane_data[lane].next =
                if self.load.val() { self.load_data.val() } else { updated };
        }
    }

    fn connect(&mut self) {
        for unit in 0..U {
            self.unit_word[unit].connect();
            self.unit_x[unit].connect();
            self.unit_active[unit].connect();
            self.unit_noise[unit].connect();
        }
        self.bus_word.connect();
        self.lane_write.connect();
        for lane in 0..L {
            self.lane_data[lane].connect();
        }
    }

    fn hdl(&self) -> Verilog {
        let mut text = String::from("always @(*) begin\n");
        // One of a unit's turns; `item(lane)` is what it gets in that turn.
        let choose = |to: &str, by: &str, unit: usize, item: &dyn Fn(usize) -> String| {
            let cases: String = (0..L / U)
                .map(|t| match t {
                    0 => format!("    default: {to} = {};\n", item(unit)),
                    _ => format!("    4'd{t}: {to} = {};\n", item(t * U + unit)),
                })
                .collect();
            format!("  case ({by})\n{cases}  endcase\n")
        };
        for unit in 0..U {
            text += &choose(&format!("unit_word${unit}"), "turn", unit, &|i| format!("word${i}"));
            text += &choose(&format!("unit_x${unit}"), "turn", unit, &|i| {
                format!("samples[{}:{}]", 8 * i + 7, 8 * i)
            });
            text += &choose(&format!("unit_active${unit}"), "turn", unit, &|i| {
                format!("!tail | (last_lane >= 8'd{i})")
            });
            text += &choose(&format!("unit_noise${unit}"), "noise_turn", unit, &|i| {
                format!("noise[{}:{}]", 8 * (i % 8) + 7, 8 * (i % 8))
            });
        }
        let bus: String = (1..U)
            .map(|j| format!("    {j}: bus_word = unit_word${j};\n"))
            .chain(["    default: bus_word = unit_word$0;\n".to_string()])
            .collect();
        text += &format!("  case (lane & {})\n{bus}  endcase\n", U - 1);
        text += "  lane_write = 16'd0;\n";
        for lane in 0..L {
            text += &format!("  lane_write[{lane}] = write_turn == 4'd{};\n", lane / U);
            text += &format!("  lane_data${lane} = load ? load_data : updated${};\n", lane % U);
        }
        Verilog::Custom(text + "end")
    }
}
