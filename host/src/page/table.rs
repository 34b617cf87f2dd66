//! Tables, whose cells may be shaded by their values: then they are pictures and text at once.

use super::html::{number, short, text};
use std::fmt::Write;

/// Rows that a page shows at most.
pub const ROWS: usize = 512;

/// A table.
#[derive(Clone, Debug)]
pub struct Table {
    pub name: &'static str,
    pub title: String,
    /// The heading of each column; the first one's is of the rows' names.
    pub columns: Vec<String>,
    pub rows: Vec<Row>,
    /// What is to be seen.
    pub words: String,
    /// It is a picture: cells are small.
    pub is_map: bool,
}

/// A row: its name, and its cells.
#[derive(Clone, Debug)]
pub struct Row {
    pub name: String,
    pub cells: Vec<Cell>,
}

/// A cell.
#[derive(Clone, Debug, Default)]
pub struct Cell {
    pub text: String,
    pub is_number: bool,
    /// How strongly it is shaded: 0 to 1, below 0 in the other colour.
    pub shade: Option<f64>,
    /// The number of its kind, whose colour it has.
    pub kind: Option<usize>,
}

impl Cell {
    pub fn word(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    pub fn number(x: f64) -> Self {
        Self { text: number(x), is_number: true, ..Self::default() }
    }

    /// With the digits that a small cell has room for.
    pub fn short(x: f64) -> Self {
        Self { text: short(x), ..Self::number(x) }
    }

    pub fn shaded(self, share: f64) -> Self {
        let shade = Some(share.clamp(-1.0, 1.0)).filter(|share| share.is_finite());
        Self { shade, ..self }
    }

    fn html(&self) -> String {
        let class = if self.is_number { " class=\"number\"" } else { "" };
        let shade = self.shade.map_or(String::new(), |share| {
            let colour = if share < 0.0 { "--below" } else { "--above" };
            let percent = (100.0 * share.abs()).round();
            format!(" style=\"--heat:var({colour});--share:{percent}%\" data-shade")
        });
        let shade = self.kind.map_or(shade, |kind| {
            format!(" style=\"--heat:var(--c{});--share:40%\" data-shade", kind % 8)
        });
        format!("<td{class}{shade}>{}</td>", text(&self.text))
    }
}

impl Row {
    pub fn new(name: impl Into<String>, cells: Vec<Cell>) -> Self {
        Self { name: name.into(), cells }
    }
}

impl Table {
    /// Of numbers, shaded from none to the largest of their amounts.
    pub fn shaded(
        name: &'static str,
        title: &str,
        columns: Vec<String>,
        rows: Vec<(String, Vec<Option<f64>>)>,
    ) -> Self {
        let all = || rows.iter().flat_map(|row| row.1.iter().flatten());
        let most = all().fold(0.0, |most: f64, x| most.max(x.abs())).max(f64::MIN_POSITIVE);
        let cell = |x: &Option<f64>| match x {
            Some(x) => Cell::short(*x).shaded(x / most),
            None => Cell::default(),
        };
        let rows = rows.iter().map(|(name, row)| Row::new(name, row.iter().map(cell).collect()));
        let (rows, words) = (rows.collect(), String::new());
        Self { name, title: title.into(), columns, rows, words, is_map: true }
    }

    pub(super) fn html(&self) -> String {
        let more = self.rows.len().saturating_sub(ROWS);
        let mut inside = format!(
            "<div class=\"wide\" tabindex=\"0\" role=\"group\" aria-label=\"{0}\"><table{1} \
             aria-describedby=\"{2}-words\">\n<thead><tr>",
            text(&self.title),
            if self.is_map { " class=\"map\"" } else { "" },
            self.name
        );
        let numbers = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.cells.get(column));
            column < self.columns.len() && cells.clone().count() > 0 && cells.clone().all(number_is)
        };
        for (i, column) in self.columns.iter().enumerate() {
            let class = if i > 0 && numbers(i - 1) { " class=\"number\"" } else { "" };
            let _ = write!(inside, "<th scope=\"col\"{class}>{}</th>", text(column));
        }
        inside += "</tr></thead>\n<tbody>\n";
        for row in self.rows.iter().take(ROWS) {
            let cells: String = row.cells.iter().map(Cell::html).collect();
            let _ = writeln!(inside, "<tr><th scope=\"row\">{}</th>{cells}</tr>", text(&row.name));
        }
        inside += "</tbody></table></div>\n";
        let rest = match more {
            0 => String::new(),
            _ => format!(" The first {ROWS} rows are shown; {more} follow."),
        };
        let words = format!("{}{rest}", self.words);
        super::figure(self.name, "table", &self.title, &inside, words.trim())
    }
}

fn number_is(cell: &Cell) -> bool {
    cell.is_number
}

/// A table of text, as it stands.
pub fn plain(title: &str, columns: &[String], rows: &[Vec<String>]) -> String {
    let mut html = format!(
        "<div class=\"wide\" tabindex=\"0\" role=\"group\" aria-label=\"{}\"><table>\n<thead><tr>",
        text(title)
    );
    for column in columns {
        let _ = write!(html, "<th scope=\"col\">{}</th>", text(column));
    }
    html += "</tr></thead>\n<tbody>\n";
    for row in rows {
        html += "<tr>";
        for (i, cell) in row.iter().enumerate() {
            let cell = text(cell);
            let _ = match i {
                0 => write!(html, "<th scope=\"row\">{cell}</th>"),
                _ => write!(html, "<td>{cell}</td>"),
            };
        }
        html += "</tr>\n";
    }
    html + "</tbody></table></div>\n"
}
