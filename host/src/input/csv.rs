//! Tables of text: CSV, and what people and programs write in its place.
//!
//! Encoding, separator, decimal sign and a line of names are recognized; what was taken for what is
//! in the table's notes, where it is not plain CSV.

use super::table::{inexact, missing, numbers, Table};
use crate::output::count;
use crate::{Error, Result};
use encoding_rs::{Encoding, WINDOWS_1252};
use std::borrow::Cow;
use std::path::Path;

/// How cells are separated, and what stands before a number's fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Style {
    separator: u8,
    decimal: char,
}

/// The usual ones, the most usual first.
const STYLES: &[Style] = &[
    Style { separator: b',', decimal: '.' },
    Style { separator: b'\t', decimal: '.' },
    Style { separator: b';', decimal: '.' },
    Style { separator: b';', decimal: ',' },
    Style { separator: b'\t', decimal: ',' },
    Style { separator: b'|', decimal: '.' },
    Style { separator: b'|', decimal: ',' },
    Style { separator: b',', decimal: ',' },
];

/// Lines that are looked at to find the style.
const LOOK: usize = 200;

/// Reads a table; with `header` its first line is names, else it is if it looks like that.
///
/// # Errors
/// If rows have different lengths, or the file is no table.
pub fn read(path: &Path, bytes: &[u8], header: bool) -> Result<Table> {
    separated(path, bytes, header, STYLES.to_vec())
}

/// The same, with tabs between the cells of a line, if there are any tabs.
///
/// # Errors
/// As [`read`].
pub fn tabs(path: &Path, bytes: &[u8], header: bool) -> Result<Table> {
    let (mut styles, others): (Vec<Style>, Vec<Style>) =
        STYLES.iter().partition(|style| style.separator == b'\t');
    if !bytes.contains(&b'\t') {
        styles.extend(others);
    }
    separated(path, bytes, header, styles)
}

/// A line that is no comment, with its number.
struct Line<'a> {
    number: usize,
    cells: Vec<Cow<'a, str>>,
}

fn separated(path: &Path, bytes: &[u8], header: bool, mut styles: Vec<Style>) -> Result<Table> {
    let mut notes = Vec::new();
    is_text(path, bytes)?;
    let text = decode(bytes, &mut notes);
    if let Some(at) = text.find('\0') {
        let message = format!(
            "line {}: text has no bytes 0; if it is UTF-16 or UTF-32, save it as UTF-8",
            1 + text[..at].matches('\n').count()
        );
        return Err(Error::input(path, message));
    }
    // Spreadsheets name the separator in a first line of its own.
    let usual = styles[0];
    let (text, before) = match named_separator(&text) {
        Some((separator, rest)) if STYLES.iter().any(|style| style.separator == separator) => {
            styles = STYLES.iter().copied().filter(|s| s.separator == separator).collect();
            (rest, 1)
        }
        _ => (&*text, 0),
    };
    let style = styles
        .iter()
        .map(|&style| (style, share(text, style, styles[0])))
        .fold((styles[0], -1.0), |best, next| if next.1 > best.1 { next } else { best })
        .0;
    if style.separator != usual.separator {
        let name = if style.separator == b'\t' {
            "tabs".into()
        } else {
            format!("`{}`", style.separator as char)
        };
        notes.push(format!("cells separated by {name}"));
    }
    if style.decimal == ',' {
        notes.push("decimal commas".into());
    }
    let Lines { mut lines, marked, mut comments } = lines(path, text, style, before, &mut notes)?;
    let columns = lines.first().map_or(0, |line| line.cells.len());
    // A line of names is text above numbers; one that begins with # counts if it is as long.
    let is_number = |cell: &Cow<str>| number(cell, style.decimal).is_some();
    // The first name may be empty, as above row numbers that a program wrote.
    let text_alone = |cells: &[Cow<str>]| {
        let named = |(i, cell): (usize, &Cow<str>)| !missing(cell) || i == 0 && cell.is_empty();
        !cells.iter().any(is_number)
            && cells.iter().enumerate().all(named)
            && cells.iter().any(|cell| !missing(cell))
    };
    let mut names: Vec<String> = Vec::new();
    let first = lines.first().map_or(&[][..], |line| &line.cells[..]);
    if let Some(cells) = marked.filter(|cells| cells.len() == columns && text_alone(cells)) {
        if !text_alone(first) {
            names = cells.iter().map(|cell| cell.to_string()).collect();
            notes.push("names in the first line, behind a #".into());
            comments -= 1;
        }
    }
    if comments > 0 {
        let begin = if comments == 1 { "begins" } else { "begin" };
        notes.push(format!("{} that {begin} with # left out", count(comments, "line")));
    }
    if names.is_empty() && !lines.is_empty() {
        // The first value that is there in a column, below the first line, is a number.
        let value = |column: usize| {
            let mut cells = lines[1..].iter().take(LOOK).filter_map(|line| line.cells.get(column));
            cells.find(|cell| !missing(cell))
        };
        let below = (0..columns).any(|column| value(column).is_some_and(is_number));
        // A line of text that is alone has no cell that could be used.
        let guessed = text_alone(first) && (below || lines.len() == 1);
        if header || guessed {
            if !guessed && first.iter().all(is_number) {
                notes
                    .push("the first line is names, as --header says, though it is numbers".into());
            } else if !header {
                notes.push("names in the first line".into());
            }
            names = lines.remove(0).cells.iter().map(|cell| cell.to_string()).collect();
            if names[0].is_empty() {
                names[0] = "index".into();
            }
        }
    }
    let mut values = Vec::with_capacity(lines.len() * columns);
    let (mut texts, mut rows) = (Vec::new(), Vec::with_capacity(lines.len()));
    for Line { number: line, cells } in lines {
        if cells.len() != columns {
            let message =
                format!("line {line} has {}, the first line {columns}", count(cells.len(), "cell"));
            return Err(Error::input(path, message));
        }
        rows.push(line);
        for cell in cells {
            let value = number(&cell, style.decimal);
            // Digits alone are perhaps a name, whose zeros and last digits count.
            let digits = |v: f64| {
                cell.bytes().all(|b| b.is_ascii_digit()) && cell != crate::output::number(v)
            };
            // What its digits would not all come back of is no number here.
            let value = value.filter(|_| !inexact(&cell));
            if value.is_none_or(digits) {
                texts.push((values.len(), cell.into_owned().into_boxed_str()));
            }
            values.push(value.unwrap_or(f64::NAN));
        }
    }
    let named = !names.is_empty();
    if !named {
        names = numbers(columns);
    }
    Ok(Table { names, named, columns, values, texts, lines: rows, notes, ..Table::default() })
}

/// Says whether the file can be text at all.
fn is_text(path: &Path, bytes: &[u8]) -> Result<()> {
    let kinds: [(&[u8], &str); 2] = [
        (&[0x1f, 0x8b], "is packed by gzip; unpack it"),
        (b"PK\x03\x04", "is a ZIP archive, as .xlsx and .ods are; save the table as CSV"),
    ];
    match kinds.iter().find(|(start, _)| bytes.starts_with(start)) {
        Some((_, message)) => Err(Error::input(path, *message)),
        None => Ok(()),
    }
}

/// The separator that a first line as `sep=;` names, and what is below it.
fn named_separator(text: &str) -> Option<(u8, &str)> {
    let (first, rest) = text.split_once('\n')?;
    match first.trim_end_matches('\r').trim_matches('"').as_bytes() {
        [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', separator] => Some((*separator, rest)),
        _ => None,
    }
}

/// The text, whatever its encoding.
fn decode<'a>(bytes: &'a [u8], notes: &mut Vec<String>) -> Cow<'a, str> {
    if let Some(text) = utf_32(bytes) {
        notes.push("text in UTF-32".into());
        return text.into();
    }
    if let Some((text, name)) = utf_16(bytes) {
        notes.push(format!("text in {name}"));
        return text;
    }
    if let Some((encoding, bom)) = Encoding::for_bom(bytes) {
        if encoding != encoding_rs::UTF_8 {
            notes.push(format!("text in {}", encoding.name()));
        }
        return encoding.decode_without_bom_handling(&bytes[bom..]).0;
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => {
            notes.push("text in Latin-1".into());
            WINDOWS_1252.decode_without_bom_handling(bytes).0
        }
    }
}

/// Text in UTF-32, with or without a mark at its beginning. What is below 0x30000, as all letters
/// are, has a byte 0 in its first place of four, and 0 to 2 in its second: in other encodings these
/// would be control characters.
fn utf_32(bytes: &[u8]) -> Option<String> {
    let text = |of: fn([u8; 4]) -> u32| -> Option<String> {
        // A piece of another length is none.
        let unit = |piece: &[u8]| Some(of(piece.try_into().ok()?)).filter(|&c| c < 0x30000);
        let letters = bytes.chunks(4).map(|piece| unit(piece).and_then(char::from_u32));
        let text: String = letters.collect::<Option<_>>()?;
        Some(text.strip_prefix('\u{feff}').unwrap_or(&text).to_string()).filter(|t| !t.is_empty())
    };
    text(u32::from_le_bytes).or_else(|| text(u32::from_be_bytes))
}

/// Text in UTF-16 without a mark at its beginning, and the encoding: the high bytes alone are 0,
/// and most of them are.
fn utf_16(bytes: &[u8]) -> Option<(Cow<'_, str>, &'static str)> {
    let zeros = |parity| bytes.iter().skip(parity).step_by(2).filter(|&&b| b == 0).count();
    let encoding = match (zeros(0), zeros(1)) {
        (0, low) if 4 * low > bytes.len() => encoding_rs::UTF_16LE,
        (high, 0) if 4 * high > bytes.len() => encoding_rs::UTF_16BE,
        _ => return None,
    };
    let text = encoding.decode_without_bom_handling_and_without_replacement(bytes)?;
    Some((text, encoding.name()))
}

/// A reader of this style. Blank lines are left out.
fn reader(text: &str, style: Style) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new()
        .has_headers(false)
        .delimiter(style.separator)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes())
}

/// How much of the text makes sense in this style: the share of cells that are numbers, below the
/// first line; 0 if lines have different lengths.
fn share(text: &str, style: Style, usual: Style) -> f64 {
    let (mut cells, mut good, mut columns) = (0, 0, None);
    // Where commas separate, those within cells are perhaps of thousands.
    let mut doubt = style.separator == b',' && style.decimal == ',';
    let records = reader(text, style).into_records().map_while(|record| record.ok());
    let table = records.filter(|record| !record.get(0).is_some_and(|c| c.starts_with('#')));
    let mut first = None;
    for record in table.take(LOOK) {
        match columns {
            None => {
                columns = Some(record.len());
                first = Some(record);
            }
            Some(n) if n != record.len() => return 0.0,
            Some(_) => {
                cells += record.len();
                let known = |c: &&str| number(c, style.decimal).is_some() || missing(c);
                good += record.iter().filter(known).count();
                let fraction = |c: &str| c.split_once(',').is_some_and(|(_, f)| f.len() != 3);
                doubt &= !record.iter().any(fraction);
            }
        }
    }
    // A line alone says it by itself.
    if let (Some(line), 0) = (first, cells) {
        cells = line.len();
        good = line.iter().filter(|cell| number(cell, style.decimal).is_some()).count();
    }
    // What separates nothing is no separator.
    if doubt || columns == Some(1) && style != usual {
        return 0.0;
    }
    f64::from(good as u32) / f64::from((cells as u32).max(1))
}

/// The lines of a table.
struct Lines<'a> {
    lines: Vec<Line<'a>>,
    /// The cells of the first line, if that begins with a #.
    marked: Option<Vec<Cow<'a, str>>>,
    /// How many begin with a #.
    comments: usize,
}

/// The table's lines, which so many others are before in the file.
fn lines<'a>(
    path: &Path,
    text: &str,
    style: Style,
    before: usize,
    notes: &mut Vec<String>,
) -> Result<Lines<'a>> {
    let mut lines: Vec<Line> = Vec::new();
    let mut marked = None;
    let (mut comments, mut read) = (0, 0);
    // Those within a quoted cell are doubled.
    let unclosed = !text.matches('"').count().is_multiple_of(2);
    let (mut at, mut number) = (0, before + 1);
    for record in reader(text, style).into_records() {
        let record = record.map_err(|e| Error::input(path, e.to_string()))?;
        // A position is before the line feed of the line before, and before blank lines.
        let from = record.position().map_or(0, csv::Position::byte) as usize;
        let ends = text.bytes().skip(from).take_while(|byte| matches!(byte, b'\r' | b'\n'));
        let from = from + ends.count();
        number += text.bytes().take(from).skip(at).filter(|&byte| byte == b'\n').count();
        at = from;
        let mut cells: Vec<Cow<str>> = record.iter().map(|cell| cell.to_string().into()).collect();
        read += 1;
        if unclosed && cells.iter().any(|cell| cell.contains('\n')) {
            let message = format!(
                "line {number} has a cell that begins with a quotation mark and goes on to another \
                 line, and not all marks have their pair; close it"
            );
            return Err(Error::input(path, message));
        }
        if let Some(rest) = cells[0].strip_prefix('#') {
            if lines.is_empty() && marked.is_none() {
                cells[0] = rest.trim().to_string().into();
                marked = Some(cells);
            }
            comments += 1;
            continue;
        }
        lines.push(Line { number, cells });
    }
    if let Some((line, column)) = behind_a_mark(text, style.separator) {
        let message = format!(
            "line {}, column {column}: a quotation mark closes the cell, and text follows; double \
             the marks within a cell, or take them out",
            line + before
        );
        return Err(Error::input(path, message));
    }
    let blank = text.lines().filter(|line| line.trim().is_empty()).count();
    if blank > 0 && read > 0 {
        notes.push(format!("{} left out", count(blank, "blank line")));
    }
    Ok(Lines { lines, marked, comments })
}

/// The line and the column of the first cell that goes on behind the quotation mark that closes it,
/// in a line that does not begin with a #.
fn behind_a_mark(text: &str, separator: u8) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let (mut line, mut column, mut at, mut begin) = (1, 1, 0, 0);
    while at < bytes.len() {
        if bytes[at] == b'"' {
            let first = line;
            at += 1;
            loop {
                match (bytes.get(at)?, bytes.get(at + 1)) {
                    (b'"', Some(b'"')) => at += 1,
                    (b'"', _) => break,
                    (b'\n', _) => line += 1,
                    _ => {}
                }
                at += 1;
            }
            at += 1;
            let rest = &bytes[at..];
            let end = rest.iter().position(|b| *b == separator || b"\r\n".contains(b));
            let rest = &rest[..end.unwrap_or(rest.len())];
            if bytes[begin] != b'#' && !rest.trim_ascii().is_empty() {
                return Some((first, column));
            }
        }
        let end = bytes[at..].iter().position(|b| *b == separator || b"\r\n".contains(b))?;
        at += end + 1;
        match bytes[at - 1] {
            b'\n' => (line, column, begin) = (line + 1, 1, at),
            b'\r' => (column, begin) = (1, at),
            _ => column += 1,
        }
    }
    None
}

/// A finite number.
fn number(cell: &str, decimal: char) -> Option<f64> {
    let value: Option<f64> = match decimal {
        '.' => cell.parse().ok(),
        _ if cell.contains('.') => None,
        _ => cell.replacen(decimal, ".", 1).parse().ok(),
    };
    value.filter(|v| v.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn table(bytes: &[u8]) -> Table {
        read(Path::new("a.csv"), bytes, false).expect("a table")
    }

    fn said(bytes: &[u8]) -> String {
        let path = Path::new("a.csv");
        let every = |table: Table| {
            (0..table.columns).try_for_each(|column| table.numbers(path, column).map(drop))
        };
        read(path, bytes, false).and_then(every).expect_err("refused").to_string()
    }

    #[test]
    fn tables_are_read_as_people_have_them() {
        let plain = table(b"1,2.5\n3,4\n");
        assert_eq!((plain.named, plain.notes.len()), (false, 0));
        for (bytes, notes) in [
            (&b"x,y\n1,2.5\n3,4\n"[..], "names in the first line"),
            (b"# x, y\n1,2.5\n3,4\n", "names in the first line, behind a #"),
            (b"x;y\n1;2,5\n3;4\n", "decimal commas"),
            (b"x\ty\n1\t2.5\n3\t4\n", "separated by tabs"),
            (b"x|y\n1|2.5\n3|4\n", "separated by `|`"),
            (b"\xef\xbb\xbfx,y\n1,2.5\n3,4\n", "names"),
            (b"x,y\n1,2.5\n\n3,4\n", "1 blank line left out"),
            (b"x,y\n1,2.5\n# no row\n3,4\n", "1 line that begins with # left out"),
        ] {
            let found = table(bytes);
            assert_eq!(found.values, plain.values, "{:?}", String::from_utf8_lossy(bytes));
            assert_eq!(found.names, ["x", "y"]);
            assert!(found.notes.iter().any(|n| n.contains(notes)), "{:?}", found.notes);
        }
        let utf16: Vec<u8> =
            "\u{feff}x,y\n1,2.5\n3,4\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(table(&utf16).values, plain.values);
        assert_eq!(table(b"gr\xf6\xdfe,y\n1,2.5\n3,4\n").names, ["gr\u{f6}\u{df}e", "y"]);
    }

    #[test]
    fn what_is_no_number_is_named() {
        assert_eq!(
            said(b"x,y\n1,2\n3,no\n"),
            "a.csv: line 3, column 2 (`y`): `no` is not a number; mend it"
        );
        for (cells, what) in [
            (&b"1,2\n3,\n"[..], "the value is missing"),
            (b"1,2\n3,NA\n", "`NA` stands for a missing value"),
        ] {
            let start = format!("a.csv: line 2, column 2: {what}");
            assert!(said(cells).starts_with(&start), "{}", said(cells));
        }
        assert_eq!(said(b"1,2\n3\n"), "a.csv: line 2 has 1 cell, the first line 2");
        assert!(said(b"1,2\n3,inf\n").contains("`inf` is not a number"));
    }

    #[test]
    fn names_that_are_numbers_are_named_as_such() {
        let found = read(Path::new("a.csv"), b"1,2\n3,4\n5,6\n", true).expect("a table");
        assert_eq!((found.named, found.rows()), (true, 2));
        assert!(found.notes[0].contains("though it is numbers"), "{:?}", found.notes);
    }

    /// Cells that are missing say nothing of the line above them.
    #[test]
    fn names_are_found_above_missing_values() {
        for (bytes, named) in [
            (&b"x,y\n?,\n1,2\n"[..], true),
            (b"x,y\nNA,red\n,blue\n3,red\n", true),
            (b"x,y\nNA,NA\n", false),
            (b"red,a\nblue,NA\nred,b\n", false),
            (b"1,y\n?,\n1,2\n", false),
        ] {
            assert_eq!(table(bytes).named, named, "{:?}", String::from_utf8_lossy(bytes));
        }
    }

    proptest! {
        #[test]
        fn every_style_is_recognized(
            rows in prop::collection::vec(prop::collection::vec(-1e6..1e6_f64, 3), 2..20),
            style in 0..STYLES.len(), named: bool,
        ) {
            let Style { separator, decimal } = STYLES[style];
            let separator = (separator as char).to_string();
            let cell = |v: &f64| {
                let text = format!("{v:.4}").replace('.', &decimal.to_string());
                if separator == "," && decimal == ',' { format!("\"{text}\"") } else { text }
            };
            let line = |row: &Vec<f64>| row.iter().map(cell).collect::<Vec<_>>().join(&separator);
            let mut lines: Vec<String> = rows.iter().map(line).collect();
            if named {
                lines.insert(0, ["a", "b", "c"].join(&separator));
            }
            let found = read(Path::new("a.csv"), lines.join("\n").as_bytes(), false);
            let found = found.expect("a table");
            prop_assert_eq!((found.named, found.columns, found.rows()), (named, 3, rows.len()));
            for (a, b) in found.values.iter().zip(rows.concat()) {
                prop_assert!((a - b).abs() < 0.001);
            }
        }
    }
}
