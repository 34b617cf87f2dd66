//! A curve in a terminal, as it grows.

use super::tick;
use textplots::{Chart, Plot as _, Shape};

/// Columns and lines that a curve has at most and at least.
const COLUMNS: (u16, u16) = (64, 16);
const LINES: (u16, u16) = (10, 3);
/// What stands beside and below it, the bar and a prompt among it.
const BESIDE: u16 = 12;
const BELOW: u16 = 5;

/// What is larger has no room beside the axes, and is left out.
const MOST: f64 = 1e12;

/// A curve in braille characters, each of 2 x 4 dots, with the ends of its axes, and what it is;
/// empty before there are two points of different places, and where the terminal is too small.
pub fn text(what: &str, points: &[(f64, f64)], (columns, lines): (u16, u16)) -> String {
    let columns = columns.saturating_sub(BESIDE).min(COLUMNS.0);
    let lines = lines.saturating_sub(BELOW).min(LINES.0);
    if columns < COLUMNS.1 || lines < LINES.1 {
        return String::new();
    }
    let whole: Vec<(f32, f32)> = points
        .iter()
        .take(points.len() - usize::from(ends_short(points)))
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
    let (width, height) = (2 * u32::from(columns), 4 * u32::from(lines));
    let mut chart = Chart::new_with_y_range(width, height, left, right, low - room, high + room);
    let chart = chart.lineplot(&shape);
    chart.axis();
    chart.figures();
    let label = |value: f32, (low, high): (f32, f32)| {
        // What does not change has its own size for a length.
        let length = if low < high { high - low } else { high.abs().max(1.0) };
        let text = tick(&value.into(), length.into());
        if text.len() > 9 {
            format!("{value:.2e}")
        } else {
            text
        }
    };
    let frame = chart.frame().replace(' ', "\u{2800}");
    let mut rows: Vec<String> = frame.lines().map(str::to_string).collect();
    rows.truncate(lines.into());
    if let [first, .., last] = &mut rows[..] {
        *first += &format!(" {}", label(high, (low, high)));
        *last += &format!(" {}", label(low, (low, high)));
    }
    let (from, to) = (label(left, (left, right)), label(right, (left, right)));
    let between = usize::from(columns).saturating_sub(from.len());
    let what: String = what.chars().take(usize::from(columns + BESIDE) - 1).collect();
    format!("{what}\n{}\n{from}{to:>between$}", rows.join("\n"))
}

/// The last value is of a much shorter stretch than those before it, and says little.
fn ends_short(points: &[(f64, f64)]) -> bool {
    matches!(points, [.., (a, _), (b, _), (c, _)] if c - b < (b - a) / 2.0)
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
        let text = text("distance", &falling, (80, 24));
        assert!(text.starts_with("distance\n"));
        let (early, late) = (highest(&text, 8), highest(&text, 56));
        assert!(early < late, "{text}");
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 12);
        assert!(lines[1].ends_with(" 40") && lines[10].ends_with(" 1"), "{text}");
        assert!(lines[11].starts_with("0 ") && lines[11].ends_with(" 39"), "{text}");
    }

    #[test]
    fn a_last_value_of_few_steps_is_left_out() {
        let points = [(0.0, 9.0), (10.0, 8.0), (20.0, 7.0), (21.0, 1.0)];
        let drawn = |points| text("distance", points, (80, 24));
        assert_eq!(drawn(&points), drawn(&points[..3]));
        assert_ne!(drawn(&points[..3]), drawn(&points[..2]));
    }

    proptest! {
        #[test]
        fn whatever_the_values_it_is_no_wider_than_it_says(
            points in prop::collection::vec((-1e9..1e9_f64, any::<f64>()), 0..50),
            columns in any::<u8>(),
            lines in any::<u8>(),
        ) {
            let (columns, lines) = (columns.into(), lines.into());
            let text = text("mean distance", &points, (columns, lines));
            let wide = |line: &str| line.chars().count() > columns.into();
            prop_assert!(!text.lines().any(wide), "{}", text);
            prop_assert!(text.lines().count() + 2 <= usize::from(lines).max(2), "{}", text);
        }
    }
}
