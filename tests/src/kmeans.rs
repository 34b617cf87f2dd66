//! k-means in floating point: the quality that learning on the chip is held against.
//!
//! Lloyd's algorithm (1982) from k-means++ (Arthur and Vassilvitskii, 2007), the best of several
//! starts, as scikit-learn's `KMeans` does it, with its default tolerance.

use fixlearn::order::mix;

/// Lloyd's iterations at most, scikit-learn's default.
const MOST: usize = 300;
/// The movement of all codewords, in shares of the mean variance, at which it stands still.
const TOLERANCE: f64 = 1e-4;

/// The best codebook of `starts` runs: `codewords * dimension` components.
pub fn kmeans(vectors: &[f32], dimension: usize, codewords: usize, starts: u64) -> Vec<f64> {
    let run = |seed| {
        let found = lloyd(vectors, dimension, codewords, seed);
        (error(vectors, dimension, &found), found)
    };
    // Two at once, as the starts do not depend on each other.
    let all: Vec<(f64, Vec<f64>)> = std::thread::scope(|scope| {
        let halves = [0, 1].map(|half| {
            scope.spawn(move || (half..starts).step_by(2).map(run).collect::<Vec<_>>())
        });
        halves.into_iter().flat_map(|half| half.join().expect("a run")).collect()
    });
    let best = all.into_iter().min_by(|a, b| a.0.total_cmp(&b.0));
    best.map_or_else(Vec::new, |(_, found)| found)
}

/// Sum of the squared distances to the nearest codewords.
pub fn error(vectors: &[f32], dimension: usize, codebook: &[f64]) -> f64 {
    let search = Search::new(codebook, dimension);
    vectors.chunks_exact(dimension).map(|x| distance(x, search.word(search.nearest(x)))).sum()
}

fn distance(x: &[f32], w: &[f64]) -> f64 {
    x.iter().zip(w).map(|(&x, w)| (f64::from(x) - w).powi(2)).sum()
}

fn lloyd(vectors: &[f32], dimension: usize, codewords: usize, seed: u64) -> Vec<f64> {
    let rows = vectors.len() / dimension;
    let mut codebook = plus_plus(vectors, dimension, codewords, seed);
    let tolerance = TOLERANCE * variance(vectors, dimension);
    for _ in 0..MOST {
        let search = Search::new(&codebook, dimension);
        let mut sums = vec![0.0; codebook.len()];
        let mut counts = vec![0_u32; codewords];
        for x in vectors.chunks_exact(dimension) {
            let j = search.nearest(x);
            counts[j] += 1;
            let sums = &mut sums[j * dimension..][..dimension];
            sums.iter_mut().zip(x).for_each(|(s, &x)| *s += f64::from(x));
        }
        let mut moved = 0.0;
        for (j, &count) in counts.iter().enumerate() {
            // One that nothing chose goes to a vector at random.
            let drawn = mix(seed ^ mix(j as u64)) as usize % rows;
            for k in 0..dimension {
                let new = match count {
                    0 => f64::from(vectors[drawn * dimension + k]),
                    n => sums[j * dimension + k] / f64::from(n),
                };
                let old = std::mem::replace(&mut codebook[j * dimension + k], new);
                moved += (new - old).powi(2);
            }
        }
        if moved <= tolerance {
            break;
        }
    }
    codebook
}

/// The mean of the columns' variances.
fn variance(vectors: &[f32], dimension: usize) -> f64 {
    let rows = (vectors.len() / dimension) as f64;
    let column = |k: usize| {
        let values = || vectors.iter().skip(k).step_by(dimension).map(|&x| f64::from(x));
        let mean = values().sum::<f64>() / rows;
        values().map(|x| (x - mean).powi(2)).sum::<f64>() / rows
    };
    (0..dimension).map(column).sum::<f64>() / dimension as f64
}

/// Of several vectors that k-means++ draws, the one that leaves the least distance is taken, as
/// scikit-learn does it.
fn plus_plus(vectors: &[f32], dimension: usize, codewords: usize, seed: u64) -> Vec<f64> {
    let rows = vectors.len() / dimension;
    let trials = 2 + (codewords as f64).ln() as usize;
    let word = |i: usize| -> Vec<f64> {
        vectors[i * dimension..][..dimension].iter().map(|&x| f64::from(x)).collect()
    };
    let mut draws = (0..).map(|i| mix(mix(seed) ^ mix(i)) as f64 / 2.0_f64.powi(64));
    let mut draw = || draws.next().unwrap_or(0.0);
    let mut codebook = word((draw() * rows as f64) as usize);
    let mut nearest = vec![f64::INFINITY; rows];
    let closer = |nearest: &[f64], w: &[f64]| -> Vec<f64> {
        let rows = vectors.chunks_exact(dimension);
        rows.zip(nearest).map(|(x, least)| least.min(distance(x, w))).collect()
    };
    nearest = closer(&nearest, &codebook);
    while codebook.len() < codewords * dimension {
        let total: f64 = nearest.iter().sum();
        let tries = (0..trials).map(|_| {
            let mut left = draw() * total;
            let next = nearest.iter().position(|d| {
                left -= d;
                left < 0.0
            });
            let w = word(next.unwrap_or(0));
            let then = closer(&nearest, &w);
            (then.iter().sum::<f64>(), w, then)
        });
        let Some((_, w, then)) = tries.min_by(|a, b| a.0.total_cmp(&b.0)) else { break };
        codebook.extend(w);
        nearest = then;
    }
    codebook
}

/// A codebook arranged for the search: component by component.
struct Search<'a> {
    codebook: &'a [f64],
    dimension: usize,
    columns: Vec<f32>,
    squares: Vec<f32>,
}

impl<'a> Search<'a> {
    fn new(codebook: &'a [f64], dimension: usize) -> Self {
        let words = codebook.chunks_exact(dimension);
        let squares = words.clone().map(|w| w.iter().map(|w| w * w).sum::<f64>() as f32).collect();
        let column = |k: usize| words.clone().map(move |w| (-2.0 * w[k]) as f32);
        let columns = (0..dimension).flat_map(column).collect();
        Self { codebook, dimension, columns, squares }
    }

    fn word(&self, j: usize) -> &[f64] {
        &self.codebook[j * self.dimension..][..self.dimension]
    }

    fn nearest(&self, x: &[f32]) -> usize {
        let mut scores = self.squares.clone();
        for (column, &x) in self.columns.chunks_exact(scores.len()).zip(x) {
            scores.iter_mut().zip(column).for_each(|(s, c)| *s += x * c);
        }
        let least = scores.iter().copied().fold(f32::INFINITY, f32::min);
        scores.iter().position(|&s| s == least).unwrap_or(0)
    }
}
