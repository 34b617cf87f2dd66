//! Clocks a vector takes in the core, measured in co-simulation, beside the bounds.
//!
//! `cargo bench --bench cycles`

use fixlearn_hdl::design::VQ_SIZES;
use fixlearn_sim::golden::vq::{Config, Vq};
use fixlearn_tests::vq::{compare, core, design, Case};

fn main() {
    println!("   size         recall  bound  learn more  bound");
    for size in VQ_SIZES {
        let design = design(size.codewords, size.dimension, size.lanes);
        let mut core = core(&design, str::to_string);
        let config = Config::power_up(size.codewords.into(), size.dimension.into());
        let start = Vq::new(config, size.lanes.into());
        let sample: Vec<u8> = (0..size.dimension).map(|i| (i * 37) as u8).collect();
        let case = Case { start, vectors: vec![(sample, true)], gaps: vec![0] };
        let cycles = compare(&mut core, &case).expect("equal to the golden model");
        let beats = u64::from(size.dimension) / u64::from(size.lanes);
        let bound = u64::from(size.codewords) * beats + beats + 16;
        for (_, took) in cycles {
            println!(
                "{:>10} {:12} {bound:6} {:11} {:6}",
                size.to_string(),
                took.result,
                took.update,
                beats + 16
            );
        }
    }
}
