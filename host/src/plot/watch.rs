//! A curve in a terminal, as it grows.

use textplots::{Chart, Plot as _, Shape};

/// Columns and lines of a terminal that a curve takes, without what is beside and below it.
const COLUMNS: u32 = 64;
const LINES: u32 = 10;

/// What is larger has no room beside the axes, and is left out.
const MOST: f64 = 1e12;

/// A curve in braille characters, each of 2 x 4 dots, with the ends of its axes, and what it is;
/// empty before there are two points of different places.
pub fn text(what: &str, points: &[(f64, f64)]) -> String {
    let whole: Vec<(f32, f32)> = points
        .iter()
        .filter(|(x, y)| x.abs() < MOST && y.abs() < MOST)
        .map(|&(x, y)| (x as f32, y as f32))
        .collect();
    let ends = |of: fn(&(f32, f32)) -> f32| {
        let all = whole.iter().map(of);
        all.fold((f32::INFINITY, f32::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)))
    };
    let ((left, right), (low, high)) = (ends(|p| p.0), ends(|p| p.1));
    if left >= right {
        return String::new();
    }
    // A curve that is flat is in the middle.
    let room = if low < high { 0.0 } else { low.abs().max(1.0) / 2.0 };
    let shape = Shape::Lines(&whole);
    let (width, height) = (2 * COLUMNS, 4 * LINES);
    let mut chart = Chart::new_with_y_range(width, height, left, right, low - room, high + room);
    let chart = chart.lineplot(&shape);
    chart.axis();
    chart.figures();
    format!("{what}\n{}", chart.to_string().trim_end())
}

#[cfg(test)]
mod tests {
    use super::text;
    use proptest::prelude::*;

    /// The line of the first dot of a column.
    fn highest(text: &str, column: usize) -> Option<usize> {
        let dots = |line: &str| line.chars().nth(column).is_some_and(|c| c > '\u{2800}');
        text.lines().skip(1).position(dots)
    }

    #[test]
    fn a_curve_that_falls_is_seen_to_fall() {
        let falling: Vec<(f64, f64)> = (0..40).map(|x| (x.into(), 40.0 - f64::from(x))).collect();
        let text = text("distance", &falling);
        assert!(text.starts_with("distance\n"));
        let (early, late) = (highest(&text, 8), highest(&text, 56));
        assert!(early < late, "{text}");
        assert!(text.contains("40.0") && text.contains("1.0"), "{text}");
    }

    proptest! {
        #[test]
        fn whatever_the_values_it_is_no_wider_than_it_says(
            points in prop::collection::vec((-1e9..1e9_f64, any::<f64>()), 0..50),
        ) {
            let text = text("f", &points);
            prop_assert!(text.lines().all(|line| line.chars().count() <= 96), "{}", text);
            prop_assert!(text.lines().count() <= 14, "{}", text);
        }
    }
}
