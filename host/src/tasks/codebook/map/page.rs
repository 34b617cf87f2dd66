//! What the page of a map shows besides what that of any codebook does.

use super::{Classes, Labels, Map};
use crate::input::{range, Selection};
use crate::output::rounded;
use crate::page::run::Given;
use crate::page::table::{Cell, Row, Table};
use crate::Result;

/// Values of codewords, by rows of a grid.
pub(in super::super) fn by_codeword<V: Copy>(
    values: &[V],
    across: usize,
    number: impl Fn(V) -> f64,
) -> Vec<(String, Vec<Option<f64>>)> {
    let row = |(i, row): (usize, &[V])| {
        let mut cells: Vec<Option<f64>> = row.iter().map(|&v| Some(number(v))).collect();
        cells.resize(across, None);
        ((i * across).to_string(), cells)
    };
    values.chunks(across.max(1)).enumerate().map(row).collect()
}

/// Headings of a grid of codewords.
pub(in super::super) fn headings(across: usize) -> Vec<String> {
    std::iter::once("codeword".into()).chain((0..across).map(|i| format!("+{i}"))).collect()
}

/// The class of each unit, if what was learned from has classes.
///
/// # Errors
/// If a column is named that is none, or a row has no class.
pub(in super::super) fn classes(
    map: &Map,
    winners: &[u8],
    given: &Given,
    selection: &Selection,
) -> Result<Option<Table>> {
    let Some((path, table)) = Labels::table(given.input, given.labels)? else {
        return Ok(None);
    };
    let Some(column) = Labels::column(path, &table, given.labels, selection)? else {
        return Ok(None);
    };
    let labels = Labels::of(path, &table, column, selection)?;
    let classes = Classes::on(map, winners, &labels);
    let across = map.grid.columns;
    let cell = |class: &Option<usize>| match *class {
        Some(class) => Cell { kind: Some(class), ..Cell::word(Classes::letter(class)) },
        None => Cell::word("."),
    };
    let row = |(i, row): (usize, &[Option<usize>])| {
        Row::new((i * across).to_string(), row.iter().map(cell).collect())
    };
    Ok(Some(Table {
        name: "classes",
        title: format!("Class of most vectors: {}", classes.column),
        columns: headings(across),
        rows: classes.of.chunks(across).enumerate().map(row).collect(),
        words: format!(
            "{}; a unit with a point has no vectors. Purity, the share of the vectors that are of \
             their unit's class, is {:.3}.",
            classes.legend(),
            classes.purity
        ),
        is_map: true,
    }))
}

/// Components that are shown.
pub(in super::super) const PLANES: usize = 12;

/// A component's value in each unit of a map, of the first components.
pub(in super::super) fn planes(map: &Map) -> impl Iterator<Item = Table> + '_ {
    const NAMES: [&str; PLANES] = [
        "plane-1", "plane-2", "plane-3", "plane-4", "plane-5", "plane-6", "plane-7", "plane-8",
        "plane-9", "plane-10", "plane-11", "plane-12",
    ];
    let across = map.grid.columns;
    NAMES.iter().take(map.dimension).enumerate().map(move |(component, name)| {
        let plane = map.plane(component);
        let (least, most) = range(plane.iter().copied());
        let shade =
            |&x: &f64| Cell::short(x).shaded((x - least) / (most - least).max(f64::MIN_POSITIVE));
        let row = |(i, row): (usize, &[f64])| {
            Row::new((i * across).to_string(), row.iter().map(shade).collect())
        };
        let what = map.name(component);
        Table {
            name,
            title: format!("Component plane: {what}"),
            columns: headings(across),
            rows: plane.chunks(across).enumerate().map(row).collect(),
            words: format!(
                "Its value in each unit of the grid, in the input's units: {} to {}.",
                rounded(least, 3),
                rounded(most, 3)
            ),
            is_map: true,
        }
    })
}

pub(in super::super) fn u_matrix(map: &Map, across: usize) -> Table {
    let far = map.u_matrix();
    let (least, most) = range(far.iter().copied());
    let rows = by_codeword(&far, across, |far| far);
    Table {
        words: format!(
            "The mean distance of each codeword to its neighbours on the grid, as a share of \
             the components' ranges: {} to {}. Shaded cells are borders between regions of \
             codewords that are alike.",
            rounded(least, 3),
            rounded(most, 3)
        ),
        ..Table::shaded("u-matrix", "U-matrix", headings(across), rows)
    }
}
