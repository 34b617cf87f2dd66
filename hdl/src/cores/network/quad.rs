//! Four lanes: their weights, products and sums.

use crate::arith::{to_bits, value};
use crate::fabric::Fabric;
use crate::primitive::{mac16, Table};
use fixlearn_map::network::SUM_BITS;
use rust_hdl::prelude::*;

/// Bits of the sums of four lanes.
const SUMS: usize = 4 * SUM_BITS as usize;
const _: () = assert!(SUMS == 108, "the signals of four sums have 108 bits");

/// A weight of each of four lanes, from a word of a byte a lane; registered once.
#[derive(LogicBlock, Default)]
pub struct Unpack {
    pub clock: Signal<In, Clock>,
    pub word: Signal<In, Bits<32>>,
    /// The logarithm of the bits of a weight's place; with 0 the bit is its sign.
    pub place: Signal<In, Bits<2>>,
    /// Which of the byte's weights.
    pub which: Signal<In, Bits<3>>,
    /// A signed byte each.
    pub weights: Signal<Out, Bits<32>>,
}

impl Logic for Unpack {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            let bits = 1 << value(self.place.val());
            let low = value(self.which.val()) * bits % 8;
            let weight = |lane: u64| {
                let code = value(self.word.val()) >> (8 * lane + low);
                match bits {
                    1 => 2 * (code & 1) as i64 - 1,
                    _ => ((code << (64 - bits)) as i64) >> (64 - bits),
                }
            };
            let word = (0..4).map(|lane| (weight(lane) & 0xff) << (8 * lane)).sum();
            self.weights.next = to_bits(word);
        }
    }

    fn connect(&mut self) {
        self.weights.connect();
    }

    fn hdl(&self) -> Verilog {
        let lanes: String = (0..4)
            .map(|lane| {
                let (high, low) = (8 * lane + 7, 8 * lane);
                format!(
                    "\
wire [7:0] code{lane} = word[{high}:{low}] >> by;
always @(posedge clock) case (place)
  2'd0: weights[{high}:{low}] <= {{{{7{{!code{lane}[0]}}}}, 1'b1}};
  2'd1: weights[{high}:{low}] <= {{{{6{{code{lane}[1]}}}}, code{lane}[1:0]}};
  2'd2: weights[{high}:{low}] <= {{{{4{{code{lane}[3]}}}}, code{lane}[3:0]}};
  default: weights[{high}:{low}] <= code{lane};
endcase
"
                )
            })
            .collect();
        Verilog::Custom(format!(
            "\
wire [2:0] by = place == 2'd0 ? which : place == 2'd1 ? {{which[1:0], 1'b0}} :
  place == 2'd2 ? {{which[0], 2'd0}} : 3'd0;
{lanes}"
        ))
    }
}

/// Products of four signed bytes with an unsigned one, 16 bits each; registered once.
///
/// Two to an SB_MAC16 on an UltraPlus, one to a MULT18X18D on ECP5, logic cells elsewhere.
#[derive(LogicBlock, Default)]
pub struct Products {
    pub clock: Signal<In, Clock>,
    pub weights: Signal<In, Bits<32>>,
    pub x: Signal<In, Bits<8>>,
    pub products: Signal<Out, Bits<64>>,
    _fabric: Fabric,
}

impl Products {
    pub fn new(fabric: Fabric) -> Self {
        Self { _fabric: fabric, ..Default::default() }
    }
}

impl Logic for Products {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            let x = value(self.x.val()) as i64;
            let product = |lane: u64| {
                let weight = (value(self.weights.val()) >> (8 * lane)) as u8 as i8;
                ((i64::from(weight) * x) & 0xffff) << (16 * lane)
            };
            self.products.next = to_bits((0..4).fold(0, |all, lane| all | product(lane)));
        }
    }

    fn connect(&mut self) {
        self.products.connect();
    }

    fn hdl(&self) -> Verilog {
        let lane = |i: usize| (format!("weights[{}:{}]", 8 * i + 7, 8 * i), 16 * i + 15, 16 * i);
        Verilog::Custom(match self._fabric {
            Fabric::Inferred | Fabric::Logic => (0..4)
                .map(lane)
                .map(|(weight, high, low)| {
                    format!(
                        "always @(posedge clock) \
                         products[{high}:{low}] <= $signed({weight}) * $signed({{1'b0, x}});\n"
                    )
                })
                .collect(),
            Fabric::Mac16 => {
                let pair = |i: usize| {
                    let (a, o) = (16 * i..16 * i + 16, format!("o[{}:{}]", 32 * i + 31, 32 * i));
                    let a = format!("weights[{}:{}]", a.end - 1, a.start);
                    mac16::pair_8x8_signed(&format!("mac{i}"), &a, "{x, x}", &o)
                };
                format!("wire [63:0] o;\n{}{}always @(*) products = o;", pair(0), pair(1))
            }
        })
    }
}

/// Sums of four lanes, exact: `sums` are those of the products up to the last clock's.
#[derive(LogicBlock, Default)]
pub struct Sums {
    pub clock: Signal<In, Clock>,
    pub products: Signal<In, Bits<64>>,
    /// Nothing came before.
    pub first: Signal<In, Bit>,
    pub sums: Signal<Out, Bits<108>>,
    _sums: [i64; 4],
}

impl Logic for Sums {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            let products = value(self.products.val());
            for (lane, sum) in self._sums.iter_mut().enumerate() {
                let product = i64::from((products >> (16 * lane)) as u16 as i16);
                *sum = product + if self.first.val() { 0 } else { *sum };
            }
        }
        let sums = self._sums.iter().rev().fold(Bits::<108>::default(), |all, &sum| {
            let sum: Bits<27> = to_bits(sum);
            (all << 27) | bit_cast::<108, 27>(sum)
        });
        self.sums.next = sums;
    }

    fn connect(&mut self) {
        self.sums.connect();
    }

    fn hdl(&self) -> Verilog {
        let lanes: String = (0..4)
            .map(|lane| {
                let bits = SUM_BITS as usize;
                let (high, low) = (bits * lane + bits - 1, bits * lane);
                let sign = 16 * lane + 15;
                format!(
                    "always @(posedge clock) sums[{high}:{low}] <= \
                     (first ? {bits}'d0 : sums[{high}:{low}]) + \
                     {{{{{more}{{products[{sign}]}}}}, products[{sign}:{from}]}};\n",
                    more = bits - 16,
                    from = 16 * lane,
                )
            })
            .collect();
        Verilog::Custom(lanes)
    }
}

/// Four lanes.
///
/// ```text
/// clock  0        1     2        3         4
///        address  word  weights  products  sums
/// ```
#[derive(LogicBlock)]
pub struct Quad {
    pub clock: Signal<In, Clock>,
    pub address: Signal<In, Bits<14>>,
    pub write: Signal<In, Bit>,
    pub write_data: Signal<In, Bits<32>>,
    pub word: Signal<Out, Bits<32>>,
    /// With the word.
    pub place: Signal<In, Bits<2>>,
    pub which: Signal<In, Bits<3>>,
    /// With the weights.
    pub x: Signal<In, Bits<8>>,
    /// With the products: the first of a sum.
    pub first: Signal<In, Bit>,
    pub sums: Signal<Out, Bits<108>>,
    /// A signed byte each.
    pub weights: Signal<Out, Bits<32>>,
    memory: Table,
    unpack: Unpack,
    multiply: Products,
    add: Sums,
}

impl Quad {
    /// With `2^bits` words of weights: block RAM up to 1024, on an UltraPlus its large RAMs above.
    pub fn new(bits: u8, fabric: Fabric) -> Self {
        let fabric_of_memory = if bits <= 10 { Fabric::Inferred } else { fabric };
        Self {
            clock: Default::default(),
            address: Default::default(),
            write: Default::default(),
            write_data: Default::default(),
            word: Default::default(),
            place: Default::default(),
            which: Default::default(),
            x: Default::default(),
            first: Default::default(),
            sums: Default::default(),
            weights: Default::default(),
            memory: Table::new(bits, fabric_of_memory),
            unpack: Default::default(),
            multiply: Products::new(fabric),
            add: Default::default(),
        }
    }
}

impl Logic for Quad {
    #[hdl_gen]
    fn update(&mut self) {
        clock!(self, clock, memory, unpack, multiply, add);
        self.memory.address.next = self.address.val();
        self.memory.write_enable.next = self.write.val();
        self.memory.write_data.next = self.write_data.val();
        self.word.next = self.memory.read_data.val();
        self.unpack.word.next = self.memory.read_data.val();
        self.unpack.place.next = self.place.val();
        self.unpack.which.next = self.which.val();
        self.weights.next = self.unpack.weights.val();
        self.multiply.weights.next = self.unpack.weights.val();
        self.multiply.x.next = self.x.val();
        self.add.products.next = self.multiply.products.val();
        self.add.first.next = self.first.val();
        self.sums.next = self.add.sums.val();
    }
}
