//! How good predictions are, beside what says nothing scores.

use super::data::{class_name, Preparation};
use crate::output::{number, rounded, shown};
use fixlearn_sim::golden::cores::gradient::Kind;
use serde::Serialize;

/// A prediction (Q12.20) as the user's: a number, or a class's target value.
pub fn answer(preparation: &Preparation, prediction: i32) -> f64 {
    match (preparation.classes, preparation.options.objective.kind()) {
        (Some((no, yes)), Kind::Classification { threshold, .. }) => {
            if prediction >= threshold {
                yes
            } else {
                no
            }
        }
        _ => preparation.value(prediction),
    }
}

/// The same in text: a class that is a word, as that.
pub fn answer_text(preparation: &Preparation, prediction: i32) -> String {
    let answer = answer(preparation, prediction);
    match preparation.classes {
        Some((_, yes)) => class_name(preparation, answer == yes),
        None => number(answer),
    }
}

/// Scores predictions (Q12.20) against targets in their own units: root mean square error, or the
/// share of right classes.
pub fn score(preparation: &Preparation, predictions: &[i32], targets: &[f64]) -> f64 {
    let n = targets.len().max(1) as f64;
    let answers = predictions.iter().map(|&p| answer(preparation, p)).zip(targets);
    if preparation.classes.is_some() {
        answers.filter(|(a, t)| a == *t).count() as f64 / n
    } else {
        (answers.map(|(a, t)| (a - t).powi(2)).sum::<f64>() / n).sqrt()
    }
}

/// What a constant answer scores on these targets: root mean square error, or the share of right
/// classes.
pub fn baseline(preparation: &Preparation, constant: f64, targets: &[f64]) -> f64 {
    let count = targets.len().max(1) as f64;
    if preparation.classes.is_some() {
        return targets.iter().filter(|t| **t == constant).count() as f64 / count;
    }
    (targets.iter().map(|t| (t - constant).powi(2)).sum::<f64>() / count).sqrt()
}

/// The baseline in words, behind a score.
pub fn baseline_text(preparation: &Preparation, baseline: f64) -> String {
    let what = match preparation.classes {
        Some(_) => "the more frequent class",
        None => "the mean",
    };
    format!("; {what} alone: {}", crate::output::rounded(baseline, 4))
}

/// What a score alone does not say.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Quality {
    /// Regression: 1 less the share of the targets' variance that is left; none if they are equal.
    pub r2: Option<f64>,
    pub confusion: Option<Confusion>,
}

/// Rows by what they are, and by what was answered.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Confusion {
    pub classes: [String; 2],
    /// `counts[is][answered]`.
    pub counts: [[usize; 2]; 2],
}

impl Quality {
    pub fn new(preparation: &Preparation, predictions: &[i32], targets: &[f64]) -> Self {
        let answers = predictions.iter().map(|&p| answer(preparation, p)).zip(targets);
        if let Some((_, yes)) = preparation.classes {
            let mut counts = [[0; 2]; 2];
            for (answer, &target) in answers.filter(|(_, t)| !preparation.is_unknown(**t)) {
                counts[usize::from(target == yes)][usize::from(answer == yes)] += 1;
            }
            let classes = [class_name(preparation, false), class_name(preparation, true)];
            return Self { r2: None, confusion: Some(Confusion { classes, counts }) };
        }
        let mean = targets.iter().sum::<f64>() / targets.len().max(1) as f64;
        let all: f64 = targets.iter().map(|t| (t - mean).powi(2)).sum();
        let left: f64 = answers.map(|(a, t)| (a - t).powi(2)).sum();
        Self { r2: (all > 0.0).then(|| 1.0 - left / all), confusion: None }
    }

    /// In words, behind a score.
    pub fn text(&self) -> String {
        let r2 = self.r2.map(|r2| format!(", R2 {}", rounded(r2, 4)));
        let confusion = self.confusion.as_ref().map(|c| {
            let of = |is: usize| {
                let [a, b] = c.counts[is];
                let right = if is == 0 { a } else { b };
                format!("{right} of {} `{}`", a + b, shown(&c.classes[is]))
            };
            format!(" ({} and {} right)", of(0), of(1))
        });
        r2.or(confusion).unwrap_or_default()
    }

    /// What makes the score say little.
    pub fn warning(&self) -> Option<String> {
        let c = self.confusion.as_ref()?;
        let only = c.counts.iter().position(|answered| answered.iter().sum::<usize>() == 0)?;
        let class = shown(&c.classes[1 - only]);
        Some(format!("every row that was asked is of class `{class}`; the accuracy says little"))
    }
}
