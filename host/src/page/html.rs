//! Text, numbers and pictures within HTML.

use crate::output;
use base64::Engine as _;
use serde::Serialize;

/// A PNG as an address.
pub fn data(png: &[u8]) -> String {
    let text = base64::engine::general_purpose::STANDARD.encode(png);
    format!("data:image/png;base64,{text}")
}

/// A value as JSON that can stand in a script: nothing in it ends one.
pub fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default().replace('<', "\\u003c")
}

/// Text as it stands in HTML, within and without quotes.
pub fn text(plain: &str) -> String {
    let mut text = String::with_capacity(plain.len());
    for c in plain.chars() {
        match c {
            '&' => text.push_str("&amp;"),
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            '"' => text.push_str("&quot;"),
            '\'' => text.push_str("&#39;"),
            c => text.push(c),
        }
    }
    text
}

/// A number with three digits that count, or a whole one.
pub fn short(x: f64) -> String {
    if x.fract() == 0.0 && x.abs() < 1e6 {
        return output::rounded(x, 0);
    }
    let digits = 2.0 - x.abs().log10().floor();
    match digits > 5.0 {
        true => format!("{x:.2e}"),
        false => output::rounded(x, digits.max(0.0) as usize),
    }
}

/// A number with five digits that count; whole ones that are not long have all of theirs.
pub fn number(x: f64) -> String {
    if x.fract() == 0.0 && x.abs() < 1e9 {
        return output::rounded(x, 0);
    }
    let digits = 4.0 - x.abs().log10().floor();
    match digits > 7.0 {
        true => format!("{x:.4e}"),
        false => output::rounded(x, digits.max(0.0) as usize),
    }
}
