//! Clocks that the cores take, measured in co-simulation: of the vector quantizer a vector, beside
//! the bounds; of the gradient core an iteration, beside its products, which are the clocks that
//! one multiplier allows.
//!
//! `cargo bench --bench cycles`

use fixlearn_hdl::design::VQ_SIZES;
use fixlearn_sim::golden::gradient::{self, Gradient, Objective, Sample};
use fixlearn_sim::golden::vq::{Config, Vq};
use fixlearn_tests::gradient::products;
use fixlearn_tests::vq::{compare, core, design, Case};

fn main() {
    quantizer();
    optimizer();
}

fn quantizer() {
    println!("   size         recall  bound  learn more  bound");
    for size in VQ_SIZES {
        let design = design(size.codewords, size.dimension, size.lanes);
        let mut core = core(&design, str::to_string);
        let config = Config::power_up(size.codewords.into(), size.dimension.into());
        let start = Vq::new(config, size.lanes.into());
        let sample: Vec<u8> = (0..size.dimension).map(|i| (i * 37) as u8).collect();
        let case = Case { start, vectors: vec![(sample, true)], gaps: vec![0] };
        let cycles = compare(&design, &mut core, &case).expect("equal to the golden model");
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

fn optimizer() {
    let mut core = fixlearn_tests::gradient::core(str::to_string);
    println!("\nobjective       dimensions  clocks  products  clocks / product");
    for &objective in Objective::ALL {
        for d in [2, 4, 16, 64] {
            let config =
                gradient::Config { objective, dimension: d, ..gradient::Config::power_up() };
            let mut golden = Gradient::new(config, vec![1 << 20; d]);
            assert!(core.load(&golden));
            let took = if objective.streams() {
                let sample = Sample { features: vec![77; d], target: 1 };
                golden.iterate(Some(&sample));
                core.run(&sample, true, &[0]).1
            } else {
                golden.iterate(None);
                core.step()
            };
            assert_eq!(core.difference(&golden), None, "equal to the golden model");
            let products = products(objective, d);
            println!(
                "{:14} {d:11} {took:7} {products:9} {:17.1}",
                format!("{objective:?}"),
                took as f64 / products as f64
            );
        }
    }
}
