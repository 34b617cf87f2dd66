//! The grid of a map: which units are neighbours.

use fixlearn_sim::golden::cores::vq::Config;

/// A rectangular grid, row after row; the last row may be shorter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grid {
    pub units: usize,
    pub columns: usize,
}

impl Grid {
    /// The grid that a core's registers describe.
    pub fn of(config: &Config) -> Self {
        let units = config.codewords;
        Self { units, columns: units.min(1 << config.columns_log2).max(1) }
    }

    pub fn rows(self) -> usize {
        self.units.div_ceil(self.columns)
    }

    /// A unit's row and column.
    pub fn place(self, unit: usize) -> (usize, usize) {
        (unit / self.columns, unit % self.columns)
    }

    /// Two units touch, along a side or at a corner: each has up to 8 such neighbours. A unit
    /// touches itself.
    pub fn touch(self, a: usize, b: usize) -> bool {
        let ((r, c), (s, d)) = (self.place(a), self.place(b));
        r.abs_diff(s).max(c.abs_diff(d)) <= 1
    }

    /// The units that touch this one.
    pub fn neighbours(self, unit: usize) -> impl Iterator<Item = usize> {
        let (row, column) = self.place(unit);
        let across = column.saturating_sub(1)..=(column + 1).min(self.columns - 1);
        (row.saturating_sub(1)..=row + 1)
            .flat_map(move |r| across.clone().map(move |c| r * self.columns + c))
            .filter(move |&other| other != unit && other < self.units)
    }

    /// What belongs to each unit, as rows.
    pub fn rows_of<T: Clone>(self, units: &[T]) -> Vec<Vec<T>> {
        units.chunks(self.columns).map(<[T]>::to_vec).collect()
    }
}
