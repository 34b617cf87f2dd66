//! The order of vectors in each pass: a function of seed and pass, the same on every machine.

/// splitmix64's output function: a hash of 64 bits.
pub fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The order of vectors in a pass: sorted by a hash of seed, pass and number.
///
/// ```
/// use fixlearn::order::order;
/// let mut all = order(1, 0, 5);
/// assert_eq!(all, order(1, 0, 5), "it repeats");
/// all.sort();
/// assert_eq!(all, [0, 1, 2, 3, 4]);
/// ```
pub fn order(seed: u64, pass: u64, vectors: usize) -> Vec<usize> {
    let base = mix(seed.wrapping_add(mix(pass.wrapping_add(0x9e37_79b9_7f4a_7c15))));
    let mut all: Vec<usize> = (0..vectors).collect();
    all.sort_by_cached_key(|&i| (mix(base.wrapping_add(i as u64)), i));
    all
}

/// The numbers of the vectors of these steps, which are learned in their own order in each pass.
pub fn in_turn(vectors: usize, steps: std::ops::Range<u64>) -> impl Iterator<Item = usize> {
    let length = (vectors as u64).max(1);
    steps.map(move |step| (step % length) as usize)
}

/// The pass that was asked for last, sorted once.
#[derive(Clone, Debug, Default)]
pub struct Passes {
    sorted: Option<(u64, u64, Vec<usize>)>,
}

impl Passes {
    /// The numbers of the vectors of these steps, which are all of one pass.
    pub fn numbers(&mut self, seed: u64, vectors: usize, steps: std::ops::Range<u64>) -> &[usize] {
        let rows = (vectors as u64).max(1);
        let pass = steps.start / rows;
        let known =
            self.sorted.take().filter(|(s, p, all)| (*s, *p, all.len()) == (seed, pass, vectors));
        let (.., all) =
            self.sorted.insert(known.unwrap_or_else(|| (seed, pass, order(seed, pass, vectors))));
        let first = (steps.start - pass * rows) as usize;
        let many = (steps.end - steps.start) as usize;
        &all[first..(first + many).min(vectors)]
    }
}
