//! Frames as indices of their blocks, and back as samples.

use super::entropy::{Coder, Indices, Known, Table};
use super::format::{Head, Stage};

/// In place of an index: this block has none.
pub const NONE: u16 = u16::MAX;

/// The indices of a frame: by plane, stage and place in the stage's grid, row after row.
pub type Tree = Vec<Vec<Vec<u16>>>;

/// A frame without indices.
pub fn bare(head: &Head) -> Tree {
    let stage = |s| {
        let (across, down) = head.grid(s);
        vec![NONE; across * down]
    };
    let plane: Vec<Vec<u16>> = (0..head.stages.len()).map(stage).collect();
    vec![plane; head.planes]
}

/// Writes frames, or reads them: the models of what has been coded so far.
pub struct Walk {
    head: Head,
    /// By plane and stage: of indices, and of the flag that a block is split into the next stage.
    models: Vec<Vec<(Indices, Table)>>,
    last: Tree,
}

impl Walk {
    pub fn new(head: &Head) -> Self {
        let model = |s: usize| {
            let Stage { codewords, contexts, .. } = head.stages[s];
            let whole = if s > 0 { head.stages[s - 1].codewords } else { 1 };
            (Indices::new(codewords, whole, contexts), Table::new(2, 27))
        };
        let plane = || (0..head.stages.len()).map(model).collect();
        let models = (0..head.planes).map(|_| plane()).collect();
        Self { head: head.clone(), models, last: bare(head) }
    }

    /// Writes the frame, or reads it into `tree`; none if it is damaged.
    pub fn frame(&mut self, coder: &mut Coder, tree: &mut Tree) -> Option<()> {
        let (across, down) = self.head.grid(0);
        for plane in 0..self.head.planes {
            for place in 0..across * down {
                self.block(coder, tree, plane, 0, (place % across, place / across), None)?;
            }
        }
        self.last.clone_from(tree);
        Some(())
    }

    /// A block and its parts.
    fn block(
        &mut self,
        coder: &mut Coder,
        tree: &mut Tree,
        plane: usize,
        stage: usize,
        (x, y): (usize, usize),
        whole: Option<usize>,
    ) -> Option<()> {
        let (across, _) = self.head.grid(stage);
        let at = y * across + x;
        let some = |index: u16| (index != NONE).then_some(usize::from(index));
        let here = &tree[plane][stage];
        let known = Known {
            last: some(self.last[plane][stage][at]),
            left: (x > 0).then(|| some(here[at - 1])).flatten(),
            above: (y > 0).then(|| some(here[at - across])).flatten(),
            whole,
        };
        let index = some(here[at]).unwrap_or(0);
        let index = self.models[plane][stage].0.code(coder, &known, index)?;
        tree[plane][stage][at] = index as u16;
        let Some(next) = self.head.stages.get(stage + 1) else { return Some(()) };
        let this = &self.head.stages[stage];
        let (wide, high) = (this.width / next.width, this.height / next.height);
        let across_next = self.head.grid(stage + 1).0;
        let parts = move |x: usize, y: usize| (y * high * across_next) + x * wide;
        if next.split {
            // Whether a block is split, by whether its neighbours are: 0 unknown, 1 no, 2 yes.
            let was = |grid: &[u16], there: bool, x: usize, y: usize| match there {
                true => 1 + usize::from(grid[parts(x, y)] != NONE),
                false => 0,
            };
            let (now, before) = (&tree[plane][stage + 1], &self.last[plane][stage + 1]);
            let row = was(before, known.last.is_some(), x, y) * 9
                + was(now, known.left.is_some(), x.wrapping_sub(1), y) * 3
                + was(now, known.above.is_some(), x, y.wrapping_sub(1));
            let flag = usize::from(now[parts(x, y)] != NONE);
            if self.models[plane][stage].1.code(coder, row, flag)? == 0 {
                return Some(());
            }
        }
        for part in 0..wide * high {
            let place = (x * wide + part % wide, y * high + part / wide);
            self.block(coder, tree, plane, stage + 1, place, Some(index))?;
        }
        Some(())
    }
}

/// A stage's codebook as a decoder has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Codebook {
    /// What one step of a component stands for, in 2^-16 of a sample's.
    pub step: u32,
    /// Codeword after codeword, a byte a component; 128 is 0 where the stage is signed.
    pub components: Vec<u8>,
}

/// Writes codebooks, or reads them: the models, and the codebooks so far.
pub struct Shelf {
    stages: Vec<Stage>,
    models: Vec<(Table, Table, Table)>,
    pub now: Vec<Codebook>,
}

impl Shelf {
    pub fn new(head: &Head) -> Self {
        let model = || (Table::new(256, 2), Table::new(2, 1), Table::new(256, 1));
        let stages = head.stages.clone();
        let models = stages.iter().map(|_| model()).collect();
        let now = vec![Codebook::default(); stages.len()];
        Self { stages, models, now }
    }

    /// Writes this stage's codebook.
    pub fn code(&mut self, coder: &mut Coder, stage: usize, components: &[u8]) -> Option<()> {
        self.now[stage].components = self.components(coder, stage, components)?;
        Some(())
    }

    /// Writes the components of this stage, or reads them: at first all, then what has changed.
    pub fn components(
        &mut self,
        coder: &mut Coder,
        stage: usize,
        components: &[u8],
    ) -> Option<Vec<u8>> {
        let Stage { width, codewords, .. } = self.stages[stage];
        let dimension = self.stages[stage].dimension();
        let (whole, changed, change) = &mut self.models[stage];
        let old = &self.now[stage].components;
        let mut new: Vec<u8> = Vec::with_capacity(codewords * dimension);
        for word in 0..codewords {
            let start = word * dimension;
            let wanted = |k: usize| components.get(start + k).copied().unwrap_or(0);
            if old.is_empty() {
                for k in 0..dimension {
                    // From the components to the left and above, else from the codeword before.
                    let at = start + k;
                    let left = (k % width > 0).then(|| u16::from(new[at - 1]));
                    let above = (k >= width).then(|| u16::from(new[at - width]));
                    let guess = match (left, above) {
                        (Some(left), Some(above)) => (left + above) / 2,
                        (Some(one), None) | (None, Some(one)) => one,
                        _ if word > 0 => new[at - dimension].into(),
                        _ => 128,
                    } as u8;
                    let symbol = wanted(k).wrapping_sub(guess);
                    let row = usize::from(k > 0);
                    new.push((whole.code(coder, row, symbol.into())? as u8).wrapping_add(guess));
                }
                continue;
            }
            let old = &old[start..start + dimension];
            let differs = (0..dimension).any(|k| wanted(k) != old[k]);
            if changed.code(coder, 0, differs.into())? == 0 {
                new.extend(old);
                continue;
            }
            for (k, &old) in old.iter().enumerate() {
                let symbol = wanted(k).wrapping_sub(old);
                new.push((change.code(coder, 0, symbol.into())? as u8).wrapping_add(old));
            }
        }
        Some(new)
    }
}

/// Calls `visit(place in the padded plane, component)` for the samples of a block.
pub fn samples(head: &Head, stage: usize, cell: usize, mut visit: impl FnMut(usize, usize)) {
    let Stage { width, height, .. } = head.stages[stage];
    let (across, _) = head.grid(stage);
    let line = head.padded().0;
    let corner = (cell / across) * height * line + (cell % across) * width;
    for k in 0..width * height {
        visit(corner + (k / width) * line + k % width, k);
    }
}

/// What a codeword stands for, in 2^-16 of a sample.
pub fn value(stage: &Stage, codebook: &Codebook, index: u16, component: usize) -> i64 {
    let at = usize::from(index) * stage.dimension() + component;
    let zero = if stage.signed { 128 } else { 0 };
    (i64::from(codebook.components.get(at).copied().unwrap_or(0)) - zero) * i64::from(codebook.step)
}

/// A plane of a frame, its repeated edges cropped.
pub fn plane(head: &Head, codebooks: &[Codebook], indices: &[Vec<u16>]) -> Vec<i16> {
    let Stage { width: across, height: down, .. } = head.stages[0];
    let (least, greatest) = head.bounds();
    let mut plane = vec![0; head.width * head.height];
    let mut sums = vec![0_i64; across * down];
    for block in 0..indices[0].len() {
        let (x, y) = (block % head.grid(0).0, block / head.grid(0).0);
        sums.fill(0);
        for (s, stage) in head.stages.iter().enumerate() {
            let (wide, high) = (across / stage.width, down / stage.height);
            for (i, j) in (0..wide * high).map(|part| (part % wide, part / wide)) {
                let index = indices[s][(y * high + j) * head.grid(s).0 + x * wide + i];
                if index == NONE {
                    continue;
                }
                let corner = j * stage.height * across + i * stage.width;
                for k in 0..stage.dimension() {
                    let at = corner + k / stage.width * across + k % stage.width;
                    sums[at] += value(stage, &codebooks[s], index, k);
                }
            }
        }
        let (x, y) = (x * across, y * down);
        for (line, sums) in (y..head.height).zip(sums.chunks_exact(across)) {
            let wide = across.min(head.width - x);
            let inside = &mut plane[line * head.width + x..][..wide];
            for (sample, &sum) in inside.iter_mut().zip(sums) {
                *sample = ((sum + (1 << 15)) >> 16).clamp(least, greatest) as i16;
            }
        }
    }
    plane
}
