//! `train --core gradient` and `predict`: a linear model of a table.

use super::gradient::{objectives, one, open, trace_file, warning, RuleArg};
use super::{
    report, resumed, say_checkpoint, stop_flag, InputArgs, LinkReport, PortArgs, TrainArgs,
};
use clap::Args;
use fixlearn::gradient::data::{self, prepared, Options};
use fixlearn::gradient::regress::{self, Score};
use fixlearn::gradient::run::{begin, Run, Task};
use fixlearn::{first_broken, output, picture, Error, Result};
use fixlearn_sim::golden::gradient::{Config, Gradient, Objective, POINT_FRACTION};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// A linear model of a table.
#[derive(Args)]
pub struct RegressionArgs {
    /// Gradient: the column to predict, by name or number
    #[arg(long)]
    target: Option<String>,
    /// Gradient: the model
    #[arg(long, value_parser = objectives(true), default_value = "least-squares")]
    objective: Objective,
    /// Gradient: share of the rows that are held out
    #[arg(long, default_value_t = 0.2)]
    hold_out: f64,
    /// Gradient: take features as they are, not to mean 0 and variance 1
    #[arg(long)]
    raw: bool,
    /// Gradient: features (and a regression's target) times this
    #[arg(long, default_value_t = 1.0)]
    scale: f64,
    /// Gradient: features in this many levels between the table's extremes, 2 to 4096
    #[arg(long)]
    grey_levels: Option<u32>,
    /// Gradient: bits of a weight, sign included, 1 to 32; the rest of the range is cut off
    #[arg(long)]
    weight_bits: Option<u32>,
    /// Gradient: output levels of the perceptron, 2 (sign) to 16
    #[arg(long, default_value_t = 2)]
    levels: u32,
    /// Gradient: draw the learning curve to this file (.svg)
    #[arg(long)]
    plot: Option<PathBuf>,
    /// Gradient: write the learning curve to this file (.csv or .json)
    #[arg(long)]
    trace: Option<PathBuf>,
}

impl RegressionArgs {
    /// Something of a regression was asked for.
    pub fn asked(&self) -> bool {
        self.target.is_some()
            || self.grey_levels.is_some()
            || self.weight_bits.is_some()
            || self.plot.is_some()
            || self.trace.is_some()
    }

    fn options(&self, seed: u64, header: bool) -> Result<Options> {
        let rules = [
            ((0.0..1.0).contains(&self.hold_out), "--hold-out: 0 to less than 1"),
            (self.scale > 0.0 && self.scale.is_finite(), "--scale: more than 0"),
            (self.grey_levels.is_none_or(|g| (2..=4096).contains(&g)), "--grey-levels: 2 to 4096"),
            (self.weight_bits.is_none_or(|b| (1..=32).contains(&b)), "--weight-bits: 1 to 32"),
        ];
        first_broken(&rules).map_err(Error::Request)?;
        Ok(Options {
            objective: self.objective,
            hold_out: self.hold_out,
            seed,
            standardize: !self.raw,
            scale: self.scale,
            grey_levels: self.grey_levels,
            header,
        })
    }

    /// Bounds of a weight of so many bits, two's complement, with this step.
    fn bounds(&self, point_bits: u32) -> Result<(i32, i32)> {
        let Some(bits) = self.weight_bits else {
            return Ok((i32::MIN, i32::MAX));
        };
        let step = 1_i64 << (POINT_FRACTION - point_bits.min(POINT_FRACTION));
        let half = 1_i64 << (bits - 1);
        let bound = |x: i64| {
            i32::try_from(x).map_err(|_| {
                Error::request(format!(
                    "weights of {bits} bits with {point_bits} fractional ones exceed Q4.28; \
                     --point-bits {} would fit",
                    bits.saturating_sub(4)
                ))
            })
        };
        Ok((bound(-half * step)?, bound((half - 1) * step)?))
    }
}

impl TrainArgs {
    /// The first state; `total` is the number of samples to come.
    fn gradient_start(&self, dimension: usize, total: u64) -> Result<Gradient> {
        let mut config = Config {
            objective: self.regression.objective,
            dimension,
            rounding: self.rounding.rounding(),
            rate: self.rate_shift,
            rate_most: self.rate_final.unwrap_or((self.rate_shift + 5).min(31)),
            levels: self.regression.levels,
            ..Config::power_up()
        };
        self.rule.apply(&mut config, RuleArg::Plain);
        // Not given: the halvings spread evenly over the samples.
        let halvings = u64::from(config.rate_most.saturating_sub(config.rate)) + 1;
        config.rate_period = match self.rate_period {
            0 if !config.adaptive => (total / halvings).clamp(1, 0xff_ffff) as u32,
            period => period,
        };
        (config.low, config.high) = self.regression.bounds(config.point_bits)?;
        begin(config, vec![0; dimension])
    }
}

#[derive(Serialize)]
struct Learned {
    run: String,
    objective: Objective,
    target: String,
    features: usize,
    dropped: Vec<String>,
    rows: usize,
    held_out_rows: usize,
    passes: u64,
    /// `rmse` or `accuracy`.
    measure: &'static str,
    training: Option<f64>,
    held_out: Option<f64>,
    saturated: bool,
    #[serde(flatten)]
    link: LinkReport,
}

pub fn run_train(args: &TrainArgs, json: bool) -> Result<bool> {
    let path = one(&args.input.input)?;
    let resumed = resumed(args.resume, &args.out, Run::read)?;
    let header = match resumed.as_ref().map(|run| &run.task) {
        Some(Task::Regress { preparation, .. }) => preparation.options.header,
        _ => args.input.header,
    };
    let table = fixlearn::data::table(path, header)?;
    let (mut run, preparation, samples) = match resumed {
        Some(run) => {
            let (preparation, samples) = prepared(&run, &args.out, path, &table)?;
            (run, preparation, samples)
        }
        None => {
            let target = args.regression.target.as_deref().ok_or_else(|| {
                Error::request("--core gradient needs --target: the column to predict")
            })?;
            let options = args.regression.options(args.seed, args.input.header)?;
            if args.passes > 1 << 20 {
                return Err(Error::request("passes: at most 1048576"));
            }
            let (preparation, samples) = data::prepare(path, &table, target, &options)?;
            let total = args.passes * samples.training.len() as u64;
            let start = args.gradient_start(preparation.features.len() + 1, total)?;
            let task = Task::Regress {
                preparation: Box::new(preparation.clone()),
                passes: args.passes,
                trace: Vec::new(),
            };
            (Run::new(start, task), preparation, samples)
        }
    };
    let mut device = open(&args.port)?;
    device.check(&run.state)?;
    let stop = stop_flag()?;
    device.client.stop = stop.clone();
    let begun = device.client.now();
    let outcome = regress::regress(&mut device, &mut run, &samples, Some(&args.out), &stop);
    run.write(&args.out)?;
    if let Err(e) = &outcome {
        say_checkpoint(e, &args.out, run.state.config.iterations.into(), "samples");
    }
    outcome?;
    let Task::Regress { trace, passes, .. } = &run.task else {
        return Ok(false);
    };
    let measure = preparation.measure();
    if let Some(path) = &args.regression.plot {
        output::write(path, picture::scores(trace, measure)?.as_bytes())?;
    }
    if let Some(path) = &args.regression.trace {
        output::write(path, &trace_file(path, trace, || scores(trace))?)?;
    }
    let last = trace.last();
    let learned = Learned {
        run: args.out.display().to_string(),
        objective: preparation.options.objective,
        target: preparation.target.clone(),
        features: preparation.features.len(),
        dropped: preparation.dropped.clone(),
        rows: samples.training.len(),
        held_out_rows: samples.held_out.len(),
        passes: *passes,
        measure,
        training: last.map(|s| s.training),
        held_out: last.and_then(|s| s.held_out),
        saturated: run.state.config.saturated.any(),
        link: LinkReport::new(&mut device.client, begun)?,
    };
    report(json, &learned, || {
        let number = |x: Option<f64>| x.map_or("-".into(), |x| format!("{x:.4}"));
        format!(
            "{}: {measure} {} on {} rows, {} on {} held out{}{}",
            learned.run,
            number(learned.training),
            learned.rows,
            number(learned.held_out),
            learned.held_out_rows,
            warning(&run.state),
            learned.link.text()
        )
    })?;
    Ok(true)
}

#[derive(Serialize)]
struct Predicted {
    rows: usize,
    /// Against the target, where the table has it: root mean square error, or share of right ones.
    score: Option<f64>,
    measure: &'static str,
    out: String,
}

pub fn run_predict(
    port: &PortArgs,
    input: &InputArgs,
    model: &Path,
    out: &Path,
    json: bool,
) -> Result<bool> {
    let run = Run::read(model)?;
    let Task::Regress { preparation, .. } = &run.task else {
        return Err(Error::input(model, "is of an optimization, which predicts nothing"));
    };
    if out.extension().and_then(|e| e.to_str()) != Some("csv") {
        return Err(Error::input(out, "predictions are written as .csv"));
    }
    let path = one(&input.input)?;
    let table = fixlearn::data::table(path, input.header)?;
    let samples = data::apply(path, &table, preparation)?;
    let mut device = open(port)?;
    let predictions = loop {
        match device.load(&run.state).and_then(|()| device.predict(&samples)) {
            Err(Error::Reset { .. }) => device.client.recover()?,
            other => break other?,
        }
    };
    let mut text = String::from("prediction,output\n");
    for &p in &predictions {
        let output = f64::from(p) / f64::from(1 << 20);
        text += &format!("{},{output}\n", regress::answer(preparation, p));
    }
    output::write(out, text.as_bytes())?;
    let targets = table
        .column(&preparation.target)
        .map(|at| (0..table.rows()).map(|row| table.value(row, at)).collect::<Vec<f64>>());
    let predicted = Predicted {
        rows: predictions.len(),
        score: targets.map(|t| regress::score(preparation, &predictions, &t)),
        measure: preparation.measure(),
        out: out.display().to_string(),
    };
    report(json, &predicted, || {
        let score = predicted.score.map(|s| format!(", {} {s:.4}", predicted.measure));
        format!("{}: {} rows{}", predicted.out, predicted.rows, score.unwrap_or_default())
    })?;
    Ok(true)
}

fn scores(trace: &[Score]) -> String {
    let mut text = String::from("pass,training,held_out,rate\n");
    for s in trace {
        let held_out = s.held_out.map_or(String::new(), |x| x.to_string());
        text += &format!("{},{},{held_out},{}\n", s.pass, s.training, s.rate);
    }
    text
}
