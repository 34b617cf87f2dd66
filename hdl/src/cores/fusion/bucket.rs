use crate::arith::value;
use fixlearn_map::fusion::{bucket, SPREAD, WAYS};
use rust_hdl::prelude::*;

/// The bucket of these codewords, and the tag that tells them from others in it; no clock.
#[derive(LogicBlock, Default)]
pub struct Bucket {
    pub key: Signal<In, Bits<32>>,
    pub bucket: Signal<Out, Bits<12>>,
    pub tag: Signal<Out, Bits<24>>,
    _bits: u32,
}

impl Bucket {
    /// Where there are `2^place_bits` places.
    pub fn new(place_bits: u8) -> Self {
        Self { _bits: u32::from(place_bits) - WAYS.ilog2(), ..Default::default() }
    }
}

impl Logic for Bucket {
    fn update(&mut self) {
        let (bucket, tag) = bucket(value(self.key.val()) as u32, self._bits);
        self.bucket.next = u64::from(bucket).into();
        self.tag.next = u64::from(tag).into();
    }

    fn connect(&mut self) {
        self.bucket.connect();
        self.tag.connect();
    }

    fn hdl(&self) -> Verilog {
        let bits = self._bits;
        let sums: Vec<String> = (0..bits)
            .map(|bit| {
                let spread = (bits..32).filter(|i| SPREAD[(i - bits) as usize] >> bit & 1 == 1);
                let keys = spread.chain([bit]).map(|i| format!("key[{i}]"));
                format!("assign sum[{bit}] = {};\n", keys.collect::<Vec<_>>().join(" ^ "))
            })
            .collect();
        Verilog::Custom(format!(
            "\
wire [{top}:0] sum;
{}always @(*) bucket = sum;
always @(*) tag = key[31:{bits}];",
            sums.concat(),
            top = bits - 1,
        ))
    }
}
