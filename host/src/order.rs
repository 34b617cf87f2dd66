//! The order of vectors in each pass: a function of seed and pass, the same on every machine.

use fixlearn_sim::golden::samples;
use std::collections::BinaryHeap;

/// splitmix64's output function: a hash of 64 bits.
pub fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A hash of seed and pass.
fn base(seed: u64, pass: u64) -> u64 {
    mix(seed.wrapping_add(mix(pass.wrapping_add(0x9e37_79b9_7f4a_7c15))))
}

/// An order of so many numbers, for a draw among them: sorted by a hash of seed, pass and number.
///
/// ```
/// use fixlearn::order::order;
/// let mut all = order(1, 0, 5);
/// assert_eq!(all, order(1, 0, 5), "it repeats");
/// all.sort();
/// assert_eq!(all, [0, 1, 2, 3, 4]);
/// ```
pub fn order(seed: u64, pass: u64, vectors: usize) -> Vec<usize> {
    let base = base(seed, pass);
    let mut all: Vec<usize> = (0..vectors).collect();
    all.sort_by_cached_key(|&i| (mix(base.wrapping_add(i as u64)), i));
    all
}

/// The first of [`order`]'s, without the memory that all take.
///
/// ```
/// use fixlearn::order::{first, order};
/// assert_eq!(first(7, 2, 1000, 5), order(7, 2, 1000)[..5]);
/// assert_eq!(first(7, 2, 3, 5), order(7, 2, 3));
/// ```
pub fn first(seed: u64, pass: u64, vectors: usize, many: usize) -> Vec<usize> {
    let base = base(seed, pass);
    let mut least = BinaryHeap::new();
    for i in 0..vectors {
        let entry = (mix(base.wrapping_add(i as u64)), i);
        if least.len() < many {
            least.push(entry);
        } else if let Some(mut greatest) = least.peek_mut().filter(|greatest| **greatest > entry) {
            *greatest = entry;
        }
    }
    least.into_sorted_vec().into_iter().map(|(_, i)| i).collect()
}

/// How a task goes through its vectors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Order {
    /// Of a pass.
    pub vectors: usize,
    /// By which each pass has an order of its own; none: they are learned as they stand.
    pub seed: Option<u64>,
}

impl Order {
    /// The pass of this step.
    pub fn pass(self, step: u64) -> u64 {
        step / (self.vectors as u64).max(1)
    }

    /// The key of a pass, as a device's sample memory takes it.
    pub fn key(self, pass: u64) -> u32 {
        self.seed.map_or(0, |seed| (base(seed, pass) as u32).max(1))
    }
}

/// The numbers of the vectors that are learned in the steps of a run.
#[derive(Clone, Debug, Default)]
pub enum Passes {
    /// As a device's sample memory goes through them by itself.
    #[default]
    Walked,
    /// As runs before version 3 did: sorted by a hash of seed, pass and number. With the pass that
    /// was sorted last.
    Sorted(Option<(Order, u64, Vec<usize>)>),
}

impl Passes {
    /// Of a run's file of this version.
    pub fn of(version: u32) -> Self {
        match version {
            ..3 => Self::Sorted(None),
            _ => Self::Walked,
        }
    }

    /// Whether a device's sample memory can go through them by itself.
    pub fn are_walked(&self) -> bool {
        matches!(self, Self::Walked)
    }

    /// The numbers of these steps, which are all of one pass if it has an order of its own.
    pub fn numbers(&mut self, order: Order, steps: std::ops::Range<u64>) -> Vec<usize> {
        let length = (order.vectors as u64).max(1);
        let turns = steps.clone().map(|step| (step % length) as usize);
        let (Some(seed), pass) = (order.seed, order.pass(steps.start)) else {
            return turns.collect();
        };
        let Self::Sorted(sorted) = self else {
            let (key, last) = (order.key(pass), order.vectors.saturating_sub(1) as u32);
            return turns.map(|turn| samples::order(key, last, turn as u32) as usize).collect();
        };
        let known = sorted.take().filter(|(o, p, _)| (*o, *p) == (order, pass));
        let fresh = || (order, pass, self::order(seed, pass, order.vectors));
        let (.., all) = sorted.insert(known.unwrap_or_else(fresh));
        turns.filter_map(|turn| all.get(turn).copied()).collect()
    }
}
