//! Clocks that the cores take, measured in co-simulation: of the vector quantizer a vector, beside
//! the bounds; of the gradient core an iteration, beside its products, which are the clocks that
//! one multiplier allows.
//!
//! `cargo bench --bench cycles`

use fixlearn_hdl::design::VQ_SIZES;
use fixlearn_sim::golden::cores::gradient::{self, Objective, Sample};
use fixlearn_sim::golden::cores::vq::Config;
use fixlearn_tests::cores::gradient::{products, Gradient};
use fixlearn_tests::cores::vq::{design, Vq};
use fixlearn_tests::cores::{self, Tested};
use fixlearn_tests::cosim::{compare, core, Case};

fn main() {
    quantizer();
    optimizer();
}

fn quantizer() {
    println!("   size         recall  bound  learn more  bound");
    for size in VQ_SIZES {
        let design = design(size.codewords, size.dimension, size.lanes);
        let mut core = core::<Vq>(&design, str::to_string);
        let config = Config::power_up(size.codewords.into(), size.dimension.into());
        let start = Vq::new(config, size.lanes.into());
        let sample: Vec<u8> = (0..size.dimension).map(|i| (i * 37) as u8).collect();
        let case = Case { start, vectors: vec![(sample, true)], iterations: 0, gaps: vec![0] };
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
    let design = cores::design::<Gradient>(Gradient::SIZE);
    let mut core = core::<Gradient>(design.as_ref(), str::to_string);
    println!("\nobjective       dimensions  clocks  products  clocks / product");
    for &objective in Objective::ALL {
        for d in [2, 4, 16, 64] {
            let config =
                gradient::Config { objective, dimension: d, ..gradient::Config::power_up() };
            let mut golden = Gradient::new(config, vec![1 << 20; d]);
            assert!(core.load(&golden));
            let took = if objective.streams() {
                let sample = Sample { features: vec![77; d], target: 1 };
                golden.descend(Some(&sample));
                let vector: Vec<u8> = sample.bytes().collect();
                core.run(&vector, true, &[0]).1.result
            } else {
                golden.descend(None);
                core.iterate(1)
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
