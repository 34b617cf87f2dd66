//! The points of a sweep.

use super::axis::{fault, Axis};
use crate::order::mix;
use crate::Result;
use serde::Deserialize;
use std::collections::BTreeSet;

/// A sweep has at most so many points, and so many jobs.
pub const MOST: usize = 100_000;

/// Points at random.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    points: usize,
    #[serde(default)]
    seed: u64,
}

/// The points: every combination, but of axes that are tied the values that go together; or some
/// of them, drawn at random.
pub(super) fn points(
    axes: &[Axis],
    tied: &[Vec<usize>],
    sample: Option<&Sample>,
) -> Result<Vec<Vec<usize>>> {
    // What varies on its own: an axis, or some that are tied.
    let mut free: Vec<Vec<usize>> = Vec::new();
    for (axis, Axis { name, .. }) in axes.iter().enumerate() {
        let mut groups = tied.iter().filter(|group| group.contains(&axis));
        let group = groups.next();
        let again = groups.next().is_some()
            || group.is_some_and(|group| group.iter().filter(|&&i| i == axis).count() > 1);
        if again {
            let why = format!("{name} is there twice; once says it");
            return Err(fault("together", why));
        }
        match group {
            Some(group) if group.iter().min() == Some(&axis) => free.push(group.clone()),
            Some(_) => {}
            None => free.push(vec![axis]),
        }
    }
    for group in &free {
        let many = |i: usize| axes[i].listed.len();
        if let Some(&other) = group.iter().find(|&&i| many(i) != many(group[0])) {
            let (a, b) = (&axes[group[0]].name, &axes[other].name);
            let (first, second) = (many(group[0]), many(other));
            let why = format!("{a} has {first} values, and {b} {second}; give both as many");
            return Err(fault("together", why));
        }
        let mut seen = BTreeSet::new();
        for k in 0..many(group[0]) {
            let values: Vec<usize> = group.iter().map(|&i| axes[i].listed[k]).collect();
            if !seen.insert(values.clone()) {
                let shown = group.iter().zip(values).map(|(&i, v)| &*axes[i].values[v].shown);
                let (names, shown): (Vec<&str>, Vec<&str>) =
                    group.iter().map(|&i| &*axes[i].name).zip(shown).unzip();
                let why = format!("`{}` is there twice; leave one out", shown.join(", "));
                return Err(fault(&format!("axes, {}", names.join(" and ")), why));
            }
        }
    }
    let lengths: Vec<u64> = free.iter().map(|group| axes[group[0]].listed.len() as u64).collect();
    let all = lengths.iter().try_fold(1_u64, |all, n| all.checked_mul(*n));
    let too_many = || {
        let mend = format!("at most {MOST}; take values away, or sample = {{ points = 1000 }}");
        let many = all.map_or("far too many".into(), |all| all.to_string());
        fault("axes", format!("{many} points are too many; {mend}"))
    };
    let all = all.ok_or_else(too_many)?;
    let numbers: Vec<u64> = match sample {
        Some(Sample { points, .. }) if *points == 0 || *points > MOST => {
            return Err(fault("sample.points", format!("1 to {MOST}")));
        }
        Some(sample) if (sample.points as u64) < all => drawn(sample, all),
        _ if all > MOST as u64 => return Err(too_many()),
        _ => (0..all).collect(),
    };
    let point = |number: u64| {
        let (mut rest, mut point) = (number, vec![0; axes.len()]);
        // The last axis varies fastest.
        for (group, length) in free.iter().zip(&lengths).rev() {
            let k = (rest % length) as usize;
            group.iter().for_each(|&axis| point[axis] = axes[axis].listed[k]);
            rest /= length;
        }
        point
    };
    Ok(numbers.into_iter().map(point).collect())
}

/// So many different numbers below `all`, in order: the same on every machine.
fn drawn(sample: &Sample, all: u64) -> Vec<u64> {
    // Floyd's way: every subset is as likely as every other, and each draw adds one.
    let mut taken = BTreeSet::new();
    for last in all - sample.points as u64..all {
        let hash = mix(sample.seed.wrapping_add(mix(last.wrapping_add(0x9e37_79b9_7f4a_7c15))));
        // The high half of the product is even over 0 to `last`.
        let draw = (u128::from(hash) * u128::from(last + 1)) >> 64;
        let draw = draw as u64;
        taken.insert(if taken.contains(&draw) { last } else { draw });
    }
    taken.into_iter().collect()
}
