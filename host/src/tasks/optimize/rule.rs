//! How the gradient core's point moves, as far as it is said.

use crate::tasks::in_registers;
use crate::Result;
use fixlearn_map::gradient::{self as map, REGISTERS};
use fixlearn_sim::golden::cores::gradient::Config;
use serde::Deserialize;

/// The rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Rule {
    Plain,
    Compensated,
    Adaptive,
}

/// The rule, and what it counts with; what is none is as the task has it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Moves {
    pub rule: Option<Rule>,
    pub gradient_bits: Option<u32>,
    pub point_bits: Option<u32>,
    pub patience: u32,
}

impl Moves {
    pub fn apply(&self, config: &mut Config, default: Rule) {
        let rule = self.rule.unwrap_or(default);
        config.compensation = rule != Rule::Plain;
        config.adaptive = rule == Rule::Adaptive;
        config.patience = self.patience;
        config.gradient_bits = self.gradient_bits.unwrap_or(config.gradient_bits);
        config.point_bits = self.point_bits.unwrap_or(config.point_bits);
    }

    /// What the command line's parser sees to already.
    ///
    /// # Errors
    /// Naming the first option that is out of range.
    pub fn in_range(&self) -> Result<()> {
        words_in_range(&[
            ("--gradient-bits", map::GRADIENT_BITS, self.gradient_bits),
            ("--point-bits", map::POINT_BITS, self.point_bits),
            ("--patience", map::PATIENCE, Some(self.patience)),
        ])
    }
}

/// Says whether words that were given are in the ranges of the core's registers.
///
/// # Errors
/// Naming the first option that is out of range.
pub fn words_in_range(words: &[(&str, u8, Option<u32>)]) -> Result<()> {
    in_registers(REGISTERS, words)
}
