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

    /// The vector that stands at this place where so many are resident: if that is all of them, as
    /// they were given; else shuffled, so that the resident ones are from everywhere.
    pub fn at(self, resident: usize, place: usize) -> usize {
        match resident < self.vectors {
            true => walked(self.key(u64::MAX), self.vectors, place),
            false => place,
        }
    }

    /// The vector that is learned in this turn of a pass: the resident ones come first.
    fn vector(self, resident: usize, pass: u64, turn: usize) -> usize {
        let key = self.key(pass);
        let place = match turn.checked_sub(resident) {
            None => walked(key, resident.min(self.vectors), turn),
            Some(rest) => resident + walked(key, self.vectors - resident, rest),
        };
        self.at(resident, place)
    }
}

/// The number of a turn in a walk through so many of them.
fn walked(key: u32, many: usize, turn: usize) -> usize {
    samples::order(key, many.saturating_sub(1) as u32, turn as u32) as usize
}

/// The numbers of the vectors that are learned in the steps of a run.
#[derive(Clone, Debug)]
pub enum Passes {
    /// As a device's sample memory goes through them by itself: in each pass so many, which it can
    /// keep, and then the others.
    Walked { resident: usize },
    /// As runs before version 3 did: sorted by a hash of seed, pass and number. With the pass that
    /// was sorted last.
    Sorted(Option<(Order, u64, Vec<usize>)>),
}

impl Default for Passes {
    fn default() -> Self {
        Self::Walked { resident: usize::MAX }
    }
}

impl Passes {
    /// Of a run's file of this version, with so many resident vectors; none: all.
    pub fn of(version: u32, resident: Option<usize>) -> Self {
        match version {
            ..3 => Self::Sorted(None),
            _ => Self::Walked { resident: resident.unwrap_or(usize::MAX) },
        }
    }

    /// The vectors of a pass that are resident: a device's sample memory can go through them by
    /// itself. None if it cannot.
    pub fn resident(&self, order: Order) -> Option<usize> {
        match *self {
            Self::Walked { resident } => Some(resident.min(order.vectors)),
            Self::Sorted(_) => None,
        }
    }

    /// The numbers of these steps, which are all of one pass if it has an order of its own.
    pub fn numbers(&mut self, order: Order, steps: std::ops::Range<u64>) -> Vec<usize> {
        let length = (order.vectors as u64).max(1);
        let turns = steps.clone().map(|step| (step % length) as usize);
        let (Some(seed), pass) = (order.seed, order.pass(steps.start)) else {
            return turns.collect();
        };
        let sorted = match self {
            Self::Walked { resident } => {
                return turns.map(|turn| order.vector(*resident, pass, turn)).collect();
            }
            Self::Sorted(sorted) => sorted,
        };
        let known = sorted.take().filter(|(o, p, _)| (*o, *p) == (order, pass));
        let fresh = || (order, pass, self::order(seed, pass, order.vectors));
        let (.., all) = sorted.insert(known.unwrap_or_else(fresh));
        turns.filter_map(|turn| all.get(turn).copied()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_pass_is_a_permutation_whose_first_turns_are_the_resident_ones(
            vectors in 1_usize..300,
            resident in 1_usize..400,
            seed in any::<u64>(),
            pass in 0_u64..5,
        ) {
            let order = Order { vectors, seed: Some(seed) };
            let mut passes = Passes::of(3, Some(resident));
            let kept = passes.resident(order).expect("it is walked");
            let first = pass * vectors as u64;
            let numbers = passes.numbers(order, first..first + vectors as u64);
            let sorted = |numbers: &[usize]| {
                let mut sorted = numbers.to_vec();
                sorted.sort();
                sorted
            };
            prop_assert_eq!(sorted(&numbers), Vec::from_iter(0..vectors));
            let stored: Vec<usize> = (0..kept).map(|place| order.at(kept, place)).collect();
            prop_assert_eq!(sorted(&numbers[..kept]), sorted(&stored));
            // In the memory's walk of them, and from everywhere.
            let walk = (0..kept).map(|turn| stored[walked(order.key(pass), kept, turn)]);
            prop_assert_eq!(walk.collect::<Vec<_>>(), &numbers[..kept]);
        }
    }
}
