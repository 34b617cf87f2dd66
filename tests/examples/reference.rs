//! `reference MODEL IMAGE`: trains the `f64` reference by the model's own plan, on the same
//! vectors in the same order from the same codebook, and prints its PSNR and unused codewords.

use fixlearn::input;
use fixlearn::order::order;
use fixlearn::task::Task;
use fixlearn::tasks::codebook::Model;
use fixlearn_sim::golden::cores::vq::Reference;
use fixlearn_sim::golden::Core;
use std::error::Error;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [model, image] = arguments.as_slice() else {
        return Err("usage: reference MODEL IMAGE".into());
    };
    let model = Model::read(Path::new(model))?;
    let block = model.plan.block.ok_or("the model is not of images")?;
    let cut = input::Cut { block, grey: !model.plan.colour };
    let samples =
        input::load(&[image.into()], cut, false, &Default::default(), input::Scaling::ByColumn)?;
    let start = model.plan.start(&samples, &model.state.built())?;
    let codebook = start.codebook.iter().map(|&w| f64::from(w) / 128.0).collect();
    let mut reference = Reference::new(start.config, codebook);
    let vectors: Vec<Vec<f64>> = (0..samples.layout.vectors())
        .map(|i| samples.vector(i).iter().map(|&x| f64::from(x)).collect())
        .collect();
    let plan = &model.plan.plan;
    for pass in 0..plan.passes {
        reference.config.frequency_sensitive = pass < plan.frequency_passes;
        if plan.fresh_counts {
            reference.counts.fill(1.0);
            reference.config.halve = false;
        }
        for i in order(plan.seed, pass, vectors.len()) {
            reference.learn(&vectors[i]);
        }
    }
    // Decoded as the core decodes: to whole grey levels.
    for w in &mut reference.codebook {
        *w = w.round().clamp(0.0, 255.0);
    }
    let mut used = vec![false; plan.codewords];
    let mut sum = 0.0;
    for v in &vectors {
        let winner = reference.search(v, false);
        used[winner] = true;
        sum += reference.distance(winner, v);
    }
    let mse = sum / samples.vectors.len() as f64;
    let psnr = 10.0 * (255.0_f64.powi(2) / mse).log10();
    let unused = used.iter().filter(|&&u| !u).count();
    println!("{{\"psnr_db\":{psnr},\"unused_codewords\":{unused}}}");
    Ok(())
}
