//! A codebook as a map: codewords on a grid, and how far neighbours are apart.

use super::Model;
use crate::task::Task;

/// Rows and columns of the grid.
pub fn shape(model: &Model) -> (usize, usize) {
    let (codewords, columns) = (model.state.config.codewords, 1 << model.plan.plan.columns_log2);
    let columns = columns.min(codewords.max(1));
    (codewords.div_ceil(columns), columns)
}

/// By row and column the mean distance of a codeword to its neighbours on the grid (up to 8, those
/// of the core's first ring), Euclidean, in the units of the input (Ultsch and Siemon, 1990). None
/// beyond the last codeword, and where there is no neighbour.
pub fn u_matrix(model: &Model) -> Vec<Vec<Option<f64>>> {
    let (rows, columns) = shape(model);
    let learned = model.plan.learned(&model.state);
    let values: Vec<f64> = learned.values().collect();
    let dimension = learned.scales.len().max(1);
    let codeword = |row: usize, column: usize| {
        let at = (row * columns + column) * dimension;
        values.get(at..at + dimension)
    };
    let distance =
        |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt();
    let mean = |row: usize, column: usize| {
        let own = codeword(row, column)?;
        let (above, before) = (row.saturating_sub(1), column.saturating_sub(1));
        let around = (above..=(row + 1).min(rows - 1))
            .flat_map(|r| (before..=(column + 1).min(columns - 1)).map(move |c| (r, c)));
        let others = around.filter(|&place| place != (row, column));
        let far: Vec<f64> =
            others.filter_map(|(r, c)| Some(distance(own, codeword(r, c)?))).collect();
        (!far.is_empty()).then(|| far.iter().sum::<f64>() / far.len() as f64)
    };
    (0..rows).map(|row| (0..columns).map(|column| mean(row, column)).collect()).collect()
}
