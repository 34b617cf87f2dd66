use crate::arith::{to_bits, value};
use fixlearn_map::boltzmann as map;
use fixlearn_map::{Built, Register};
use rust_hdl::prelude::*;
use std::fmt::Write as _;

/// Declares the register file with an output for each register that the datapath sees.
macro_rules! registers {
    ($($NUMBER:ident $output:ident: $bits:literal,)*) => {
        /// The machine's registers, in flip-flops: what the host sets, and what the core counts.
        /// [`fixlearn_map::boltzmann`] is the map; a word on the bus has 32 bits.
        ///
        /// The Verilog is made from the map: a register has as many flip-flops as its range has
        /// bits, and goes back to its word at power-up by `clear`.
        #[derive(LogicBlock, Default)]
        pub struct Registers {
            pub clock: Signal<In, Clock>,
            /// Every register goes back to its word at power-up.
            pub clear: Signal<In, Bit>,
            pub address: Signal<In, Bits<8>>,
            /// The word is one that the register takes.
            pub write: Signal<In, Bit>,
            pub write_data: Signal<In, Bits<32>>,
            /// One clock after `address`.
            pub read_data: Signal<Out, Bits<32>>,
            /// A strobe: a vector was learned; of it, whether a target was missed.
            pub learned: Signal<In, Bit>,
            pub missed: Signal<In, Bit>,
            pub noise_state: Signal<In, Bits<64>>,
            /// The noise takes its low word from here with a write of its high word.
            pub noise_load: Signal<Out, Bit>,
            pub noise_low: Signal<Out, Bits<32>>,
            /// The vector is its epoch's first.
            pub fresh: Signal<Out, Bit>,
            /// With the vector that is learned, an epoch ends at which weights are drawn, or move.
            pub draws: Signal<Out, Bit>,
            pub moving: Signal<Out, Bit>,
            $(pub $output: Signal<Out, Bits<$bits>>,)*
            _built: Option<map::BoltzmannBuilt>,
            _words: Vec<u32>,
            _noise_low: u32,
        }

        impl Registers {
            fn show(&mut self) {
                $(self.$output.next = to_bits(self.word(map::$NUMBER).into());)*
            }
        }

        impl Registers {
            const OUTPUTS: &'static [(u8, &'static str, u32)] =
                &[$((map::$NUMBER, stringify!($output), $bits)),*];

            fn connect_outputs(&mut self) {
                $(self.$output.connect();)*
            }
        }
    };
}

registers! {
    UNITS units: 6,
    VISIBLE visible: 6,
    HALF half: 7,
    SCALE scale: 3,
    GAIN gain: 15,
    RATIO ratio: 15,
    GAIN_MOST gain_most: 15,
    TEMPERATURES temperatures: 5,
    SWEEPS sweeps: 2,
    RULE rule: 1,
    MOVES moves: 4,
    BAND band: 31,
    CHANCE chance: 5,
    RATE rate: 5,
    SPREAD spread: 4,
    MARGIN margin: 7,
}

/// The largest word of a counter of 16 bits, at which it stays.
const MOST: u32 = 0xffff;

impl Registers {
    /// Of a machine that is built like this.
    pub fn new(built: map::BoltzmannBuilt) -> Self {
        Self { _built: Some(built), _words: built.reset_words(), ..Default::default() }
    }

    fn word(&self, number: u8) -> u32 {
        self._words.get(usize::from(number)).copied().unwrap_or(0)
    }

    fn set(&mut self, number: u8, word: u32) {
        if let Some(old) = self._words.get_mut(usize::from(number)) {
            *old = word;
        }
    }

    /// Whether the epoch ends with this vector; vectors of it that missed; whether it draws.
    fn judged(&self) -> (bool, u32, bool) {
        let ends = self.word(map::PATTERN) + 1 >= self.word(map::PATTERNS);
        let missed = (self.word(map::MISSED) + u32::from(self.missed.val())).min(MOST);
        let patience = self.word(map::PATIENCE);
        let overdue = patience > 0 && (self.word(map::AGE) + 1).min(MOST) >= patience;
        (ends, missed, overdue)
    }

    fn count(&mut self) {
        let (ends, missed, overdue) = self.judged();
        let one = u32::from(self.missed.val());
        self.set(map::VECTORS, self.word(map::VECTORS).wrapping_add(1));
        self.set(map::WRONG, self.word(map::WRONG).wrapping_add(one));
        self.set(map::PATTERN, if ends { 0 } else { self.word(map::PATTERN) + 1 });
        self.set(map::MISSED, if ends { 0 } else { missed });
        if !ends {
            return;
        }
        self.set(map::LAST, missed);
        if missed > 0 && overdue {
            self.set(map::AGE, 0);
            self.set(map::DRAWN, self.word(map::DRAWN).wrapping_add(1));
        } else if missed > 0 {
            self.set(map::AGE, (self.word(map::AGE) + 1).min(MOST));
        }
    }

    fn bits(&self, register: &Register) -> u32 {
        use fixlearn_map::Allowed::{Range, UpTo};
        let size = |which| self._built.map_or(0, |built| built.size(which));
        match register.allowed {
            Range(_, most) => 32 - most.leading_zeros(),
            UpTo(which) => 32 - size(which).leading_zeros(),
            _ => 32,
        }
    }
}

/// A name of some bits, with zeros above them.
fn padded(name: &str, bits: u32, wide: u32) -> String {
    match wide.saturating_sub(bits) {
        0 => name.into(),
        zeros => format!("{{{zeros}'d0, {name}}}"),
    }
}

impl Logic for Registers {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            let number = value(self.address.val()) as u8;
            let noise = value(self.noise_state.val());
            self.read_data.next = to_bits(match number {
                map::NOISE_LOW => (noise & 0xffff_ffff) as i64,
                map::NOISE_HIGH => (noise >> 32) as i64,
                _ => self.word(number).into(),
            });
            let word = value(self.write_data.val()) as u32;
            if self.clear.val() {
                self._words = self._built.map_or_else(Vec::new, |built| built.reset_words());
                self._noise_low = 0;
            } else if self.write.val() {
                self.set(number, word);
                if number == map::NOISE_LOW {
                    self._noise_low = word;
                }
            } else if self.learned.val() {
                self.count();
            }
        }
        let (ends, missed, overdue) = self.judged();
        let fails = ends && missed > 0;
        self.draws.next = fails && overdue;
        self.moving.next = fails && !overdue;
        self.fresh.next = self.word(map::PATTERN) == 0;
        self.noise_load.next =
            self.write.val() && value(self.address.val()) == u64::from(map::NOISE_HIGH);
        self.noise_low.next = to_bits(self._noise_low.into());
        self.show();
    }

    fn connect(&mut self) {
        self.read_data.connect();
        self.noise_load.connect();
        self.noise_low.connect();
        self.fresh.connect();
        self.draws.connect();
        self.moving.connect();
        self.connect_outputs();
    }

    fn hdl(&self) -> Verilog {
        let (mut declared, mut cleared) = (String::new(), String::new());
        let (mut written, mut found) = (String::new(), String::new());
        let noise = |number: u8| match number {
            map::NOISE_LOW => Some("noise_state[31:0]"),
            map::NOISE_HIGH => Some("noise_state[63:32]"),
            _ => None,
        };
        for register in map::REGISTERS {
            let (number, bits) = (register.number, self.bits(register));
            let name = format!("r{number}");
            let shown = noise(number).unwrap_or(&name);
            let wide = padded(shown, if noise(number).is_some() { 32 } else { bits }, 32);
            let _ = writeln!(found, "  8'd{number}: read_data <= {wide};");
            if number == map::NOISE_HIGH {
                continue;
            }
            // The noise's generator has the word at power-up; here is what was written.
            let reset = self._built.map_or(0, |built| built.reset_words()[usize::from(number)]);
            let reset = if noise(number).is_some() { 0 } else { reset };
            let _ = writeln!(
                declared,
                "reg [{}:0] {name};\ninitial {name} = {bits}'d{reset};",
                bits - 1
            );
            let _ = writeln!(cleared, "  {name} <= {bits}'d{reset};");
            let _ = writeln!(
                written,
                "  if (write && address == 8'd{number}) {name} <= write_data[{}:0];",
                bits - 1
            );
        }
        let outputs: String = Self::OUTPUTS
            .iter()
            .map(|&(number, name, bits)| {
                let word = padded(
                    &format!("r{number}"),
                    self.bits(&map::REGISTERS[usize::from(number)]),
                    bits,
                );
                format!("always @(*) {name} = {word};\n")
            })
            .collect();
        let r = |number: u8| format!("r{number}");
        let [patterns, pattern, missed, age] =
            [map::PATTERNS, map::PATTERN, map::MISSED, map::AGE].map(r);
        let [patience, drawn, vectors, wrong] =
            [map::PATIENCE, map::DRAWN, map::VECTORS, map::WRONG].map(r);
        let [last, low] = [map::LAST, map::NOISE_LOW].map(r);
        Verilog::Custom(format!(
            "\
{declared}
wire [16:0] next_pattern = {{1'b0, {pattern}}} + 17'd1;
wire ends = next_pattern >= {{1'b0, {patterns}}};
wire [15:0] more_missed = {missed} + {{15'd0, missed & ~&{missed}}};
wire [15:0] older = {age} + {{15'd0, ~&{age}}};
wire overdue = |{patience} && older >= {patience};
wire fails = ends && |more_missed;
always @(*) draws = fails && overdue;
always @(*) moving = fails && !overdue;
always @(*) fresh = !(|{pattern});
always @(*) noise_load = write && address == 8'd{high};
always @(*) noise_low = {low};
{outputs}always @(posedge clock) begin
{written}  if (learned) begin
    {vectors} <= {vectors} + 32'd1;
    {wrong} <= {wrong} + {{31'd0, missed}};
    {pattern} <= ends ? 16'd0 : next_pattern[15:0];
    {missed} <= ends ? 16'd0 : more_missed;
    if (ends) {last} <= more_missed;
    if (moving) {age} <= older;
    if (draws) begin
      {age} <= 16'd0;
      {drawn} <= {drawn} + 32'd1;
    end
  end
  if (clear) begin
{cleared}  end
end
always @(posedge clock) case (address)
{found}  default: read_data <= 32'd0;
endcase",
            high = map::NOISE_HIGH,
        ))
    }
}
