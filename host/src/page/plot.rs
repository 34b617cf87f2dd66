//! Curves and clouds of points that a reader can walk along.

use super::html::{json, number, text};
use super::{figure, table};
use serde::Serialize;
use std::fmt::Write;

/// Rows that the table below a plot has at most, and places that are drawn.
const ROWS: usize = 200;
const DRAWN: usize = 4000;

/// Values over one axis.
#[derive(Clone, Debug, Serialize)]
pub struct Plot {
    pub name: &'static str,
    pub title: String,
    /// What the axes are.
    pub x: String,
    pub y: String,
    /// The second axis goes by powers of ten.
    pub decades: bool,
    /// Each value is a dot of its own, beside no other; else they are joined.
    pub dots: bool,
    /// Rising.
    pub at: Vec<f64>,
    pub series: Vec<Series>,
    /// What is said beside what the values say.
    #[serde(skip)]
    pub note: String,
}

/// A curve: of each place a value, or none.
#[derive(Clone, Debug, Serialize)]
pub struct Series {
    pub name: String,
    pub values: Vec<Option<f64>>,
    /// It is joined and has no dots, whatever the others do: the line that they should be on.
    pub is_guide: bool,
}

impl Series {
    pub fn new(name: &str, values: Vec<Option<f64>>) -> Self {
        Self { name: name.into(), values, is_guide: false }
    }
}

impl Plot {
    /// Joined curves.
    pub fn curves(
        name: &'static str,
        title: &str,
        (x, y): (&str, &str),
        at: Vec<f64>,
        series: Vec<Series>,
    ) -> Self {
        let (title, x, y) = (title.into(), x.into(), y.into());
        let (decades, dots, note) = (false, false, String::new());
        Self { name, title, x, y, decades, dots, at, series, note }
    }

    /// Points as a cloud, by their first number, with the line on which both are equal.
    pub fn cloud(
        name: &'static str,
        title: &str,
        (x, y): (&str, &str),
        mut points: Vec<(f64, f64)>,
    ) -> Self {
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        let at: Vec<f64> = points.iter().map(|p| p.0).collect();
        let equal = at.iter().map(|&x| Some(x)).collect();
        let series = vec![
            Series::new(y, points.iter().map(|p| Some(p.1)).collect()),
            Series { is_guide: true, ..Series::new("equal", equal) },
        ];
        Self { dots: true, ..Self::curves(name, title, (x, y), at, series) }
    }

    /// What is to be seen, in words.
    fn words(&self) -> String {
        let mut words = String::new();
        for series in self.series.iter().filter(|series| !series.is_guide) {
            let there = self.at.iter().zip(&series.values);
            let there: Vec<(f64, f64)> = there.filter_map(|(&x, y)| Some((x, (*y)?))).collect();
            let (Some(first), Some(last)) = (there.first(), there.last()) else {
                let _ = write!(words, "{} has no value. ", series.name);
                continue;
            };
            let least = there.iter().min_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or(first);
            let most = there.iter().max_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or(first);
            let at = |p: &(f64, f64)| format!("{} at {}", number(p.1), number(p.0));
            let _ = match there.len() {
                1 => write!(words, "{}: {}. ", series.name, at(first)),
                count if self.dots => write!(
                    words,
                    "{}: {count} points, the least {}, the greatest {}. ",
                    series.name,
                    at(least),
                    at(most)
                ),
                _ => write!(
                    words,
                    "{} begins with {} and ends with {}; its least is {}, its greatest {}. ",
                    series.name,
                    at(first),
                    at(last),
                    at(least),
                    at(most)
                ),
            };
        }
        let mut all = format!("{} against {}. {words}{}", self.y, self.x, self.note);
        // A sentence begins with a capital letter, where there is one.
        if let Some(first) = all.get_mut(0..1) {
            first.make_ascii_uppercase();
        }
        all.trim_end().into()
    }

    /// Every so many of the places, and the last, so that there are at most so many of them.
    fn thinned(&self, most: usize) -> (usize, Self) {
        let step = self.at.len().div_ceil(most).max(1);
        let last = self.at.len().saturating_sub(1);
        fn some<V: Copy>(values: &[V], step: usize, last: usize) -> Vec<V> {
            let kept = values.iter().enumerate().filter(|(i, _)| i % step == 0 || *i == last);
            kept.map(|(_, &value)| value).collect()
        }
        let series = self
            .series
            .iter()
            .map(|series| Series { values: some(&series.values, step, last), ..series.clone() });
        let at = some(&self.at, step, last);
        (step, Self { at, series: series.collect(), ..self.clone() })
    }

    pub(super) fn html(&self) -> String {
        let name = self.name;
        let (step, drawn) = self.thinned(DRAWN);
        let mut words = self.words();
        if step > 1 {
            let _ = write!(words, " One of {step} values is drawn.");
        }
        let mut inside = String::new();
        let _ = writeln!(
            inside,
            "<div class=\"chart\" tabindex=\"0\" role=\"group\" aria-label=\"{0}: arrow keys go \
             from value to value, Home and End to the ends\" aria-describedby=\"{name}-words\" \
             data-title=\"{0}\"></div>",
            text(&self.title),
        );
        if self.series.len() > 1 {
            inside += "<ul class=\"legend\">";
            for (i, series) in self.series.iter().enumerate() {
                let i = i % 8;
                let _ = write!(
                    inside,
                    "<li><svg viewBox=\"0 0 14 14\" aria-hidden=\"true\"><rect class=\"c{i}\" \
                     y=\"5\" width=\"14\" height=\"4\"/></svg>{}</li>",
                    text(&series.name)
                );
            }
            inside += "</ul>\n";
        }
        let _ = write!(
            inside,
            "<output class=\"reading\" for=\"{name}\">Point at the plot, or move along it with \
             the arrow keys.</output>\n<script type=\"application/json\">{}</script>\n",
            json(&drawn)
        );
        let mut html = figure(name, "plot", &self.title, &inside, &words);
        // The table belongs to its figure.
        html.truncate(html.len() - "</figure>\n".len());
        html + &self.table() + "</figure>\n"
    }

    /// The same as a table.
    fn table(&self) -> String {
        let (step, some) = self.thinned(ROWS);
        let series = || some.series.iter().filter(|series| !series.is_guide);
        let names = std::iter::once(&self.x).chain(series().map(|series| &series.name));
        let names: Vec<String> = names.cloned().collect();
        let row = |(i, &x): (usize, &f64)| {
            let value = |s: &Series| s.values[i].map_or("–".into(), number);
            std::iter::once(number(x)).chain(series().map(value)).collect()
        };
        let rows: Vec<Vec<String>> = some.at.iter().enumerate().map(row).collect();
        let what = match step {
            1 => "The values as a table".to_string(),
            _ => format!("Values as a table, one row of every {step}"),
        };
        let plain = table::plain(&self.title, &names, &rows);
        format!("<details><summary>{what}</summary>\n{plain}</details>\n")
    }
}
