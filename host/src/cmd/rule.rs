//! What the gradient core's commands share.

use super::args::{help, word};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::ValueEnum;
use fixlearn::outputs::{Kind, Outputs};
use fixlearn::tasks::optimize::rule::{Moves, Rule};
use fixlearn::{plot, Error, Result};
use fixlearn_map::gradient::{self as map, REGISTERS};
use fixlearn_sim::golden::cores::gradient::{Config, Gradient, Objective};
use serde::Serialize;
use std::path::Path;

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum RuleArg {
    /// x' = x - rate * Q(g)
    Plain,
    /// And what the quantizer dropped is made up for, orthogonally to the largest component
    Compensated,
    /// And the rate adapts from one iteration to the next
    Adaptive,
}

/// One of the objectives, by name: those that stream samples, or the functions.
pub fn objectives(streams: bool) -> impl TypedValueParser<Value = Objective> {
    let mine = move |o: &&Objective| o.streams() == streams;
    let names = Objective::ALL.iter().filter(mine).map(|o| o.name());
    PossibleValuesParser::new(names).map(|name| {
        // The parser lets only these names through.
        Objective::named(&name).unwrap_or(Objective::ALL[0])
    })
}

/// How the point moves.
#[derive(clap::Args)]
pub struct RuleArgs {
    /// Plain, compensated, adaptive [default: plain; optimize adaptive]
    #[arg(long, value_enum, hide_possible_values = true)]
    rule: Option<RuleArg>,
    #[arg(long, value_name = "N", value_parser = word(REGISTERS, map::GRADIENT_BITS))]
    #[arg(help = help("Fractional bits of the gradient [default: 12, regress 20]", REGISTERS,
                      map::GRADIENT_BITS))]
    gradient_bits: Option<u32>,
    #[arg(long, value_name = "N", value_parser = word(REGISTERS, map::POINT_BITS))]
    #[arg(help = help("Fractional bits of the point; 12 is Q4.12", REGISTERS, map::POINT_BITS))]
    point_bits: Option<u32>,
    #[arg(long, default_value_t = 16, value_parser = word(REGISTERS, map::PATIENCE))]
    #[arg(help = help("Calm iterations before the rate doubles", REGISTERS, map::PATIENCE))]
    patience: u32,
}

impl RuleArgs {
    /// Whether it is this rule.
    pub fn is(&self, rule: Rule, default: Rule) -> bool {
        self.moves().rule.unwrap_or(default) == rule
    }

    /// What they ask for.
    pub fn moves(&self) -> Moves {
        let rule = self.rule.map(|rule| match rule {
            RuleArg::Plain => Rule::Plain,
            RuleArg::Compensated => Rule::Compensated,
            RuleArg::Adaptive => Rule::Adaptive,
        });
        let &Self { gradient_bits, point_bits, patience, .. } = self;
        Moves { rule, gradient_bits, point_bits, patience }
    }
}

/// Whether a point moves by the same rule.
pub fn same_rule(a: &Config, b: &Config) -> bool {
    (a.compensation, a.adaptive) == (b.compensation, b.adaptive)
}

/// What was clamped on the way.
pub fn clamped(state: &Gradient) -> Vec<&'static str> {
    let s = state.config.saturated;
    let names = [(s.point, "point"), (s.gradient, "gradient"), (s.value, "value")];
    names.iter().filter(|(set, _)| *set).map(|&(_, name)| name).collect()
}

/// The files that a gradient core's learning is drawn to and written to.
///
/// # Errors
/// As [`Outputs::add`]'s.
pub fn learned_files(
    outputs: &mut Outputs,
    trace: Option<&Path>,
    plotted: Option<&Path>,
) -> Result<()> {
    outputs.add_given("--trace", trace, Kind::As(&["csv", "json"]))?;
    outputs.add_given("--plot", plotted, Kind::As(plot::ENDINGS))
}

/// The learning curve in the format of the file's ending.
///
/// # Errors
/// If it is neither .csv nor .json.
pub fn trace_file<T: Serialize>(
    path: &Path,
    trace: &[T],
    csv: impl FnOnce() -> String,
) -> Result<Vec<u8>> {
    match fixlearn::input::ending(path).as_str() {
        "json" => serde_json::to_vec(trace).map_err(|e| Error::request(e.to_string())),
        "csv" => Ok(csv().into_bytes()),
        _ => Err(Error::input(path, "traces are written as .csv or .json")),
    }
}
