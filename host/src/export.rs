//! What was learned, in the formats of other programs: a format a function, and a line in
//! `FORMATS`.

use crate::input::Scale;
use crate::{output, Error, Result};
use std::fmt::Write as _;
use std::path::Path;

/// How a word is stored: two's complement if signed, `fraction` of its `bits` behind the point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Format {
    pub signed: bool,
    /// 1 to 32.
    pub bits: u32,
    pub fraction: u32,
}

impl Format {
    /// As in the documentation: Q4.28 has 4 bits, the sign's among them, before the point.
    fn name(self) -> String {
        let Self { signed, bits, fraction } = self;
        format!("{}Q{}.{fraction}", if signed { "" } else { "U" }, bits - fraction)
    }

    fn c_type(self) -> String {
        let width = if self.bits > 16 { 32 } else { 16 };
        format!("{}int{width}_t", if self.signed { "" } else { "u" })
    }
}

/// What was learned: words as the core's memory holds them, and what they stand for.
#[derive(Clone, Debug, PartialEq)]
pub struct Learned {
    /// What it is: a name in C.
    pub name: &'static str,
    /// Of the columns, if they have names.
    pub names: Vec<String>,
    pub format: Format,
    /// Of each column: `value = offset + scale * word / 2^fraction`, in the units of the input.
    pub scales: Vec<Scale>,
    /// Row after row, as many a row as there are scales.
    pub words: Vec<i64>,
}

impl Learned {
    fn columns(&self) -> usize {
        self.scales.len().max(1)
    }

    fn rows(&self) -> usize {
        self.words.len() / self.columns()
    }

    /// In the units of the input, row after row.
    pub fn values(&self) -> impl Iterator<Item = f64> + '_ {
        let step = (-f64::from(self.format.fraction)).exp2();
        let value =
            move |(&word, scale): (&i64, &Scale)| scale.offset + scale.scale * (word as f64 * step);
        self.words.iter().zip(self.scales.iter().cycle()).map(value)
    }
}

/// A format: the ending of its files, and its writer.
type Entry = (&'static str, fn(&Learned) -> std::io::Result<Vec<u8>>);

/// Every format.
const FORMATS: &[Entry] = &[("npy", npy), ("csv", csv), ("h", header), ("hex", memory)];

/// The endings of all formats.
pub const ENDINGS: &[&str] = &["npy", "csv", "h", "hex"];

/// The file, in the format of the path's ending.
///
/// # Errors
/// If it is of none.
pub fn bytes(learned: &Learned, out: &Path) -> Result<Vec<u8>> {
    let ending = crate::input::ending(out);
    let format = FORMATS.iter().find(|(name, _)| *name == ending);
    let (_, write) = format.ok_or_else(|| {
        Error::input(out, format!("what was learned is written as .{}", ENDINGS.join(", .")))
    })?;
    write(learned).map_err(Error::io(out))
}

/// Values, float64.
fn npy(learned: &Learned) -> std::io::Result<Vec<u8>> {
    output::npy(learned.rows(), learned.columns(), learned.values())
}

/// Values, below the columns' names.
fn csv(learned: &Learned) -> std::io::Result<Vec<u8>> {
    let cells: Vec<String> = learned.values().map(output::number).collect();
    Ok(output::csv(&learned.names, cells.chunks(learned.columns())))
}

/// A C header: words, format, scales, names.
fn header(learned: &Learned) -> std::io::Result<Vec<u8>> {
    let Learned { name, format, .. } = learned;
    let (rows, columns, capital) = (learned.rows(), learned.columns(), name.to_uppercase());
    let list = |of: &mut dyn Iterator<Item = f64>| {
        let all: Vec<String> = of.map(|x| format!("{x:e}")).collect();
        all.join(", ")
    };
    let mut text = format!(
        "/* Written by fixlearn: {rows} x {columns} words in {}. A word w of column k is\n   \
         {name}_offset[k] + {name}_scale[k] * w / 2^{capital}_FRACTION. */\n\
         #ifndef FIXLEARN_{capital}_H\n#define FIXLEARN_{capital}_H\n\n#include <stdint.h>\n\n\
         #define {capital}_ROWS {rows}\n#define {capital}_COLUMNS {columns}\n\
         #define {capital}_FRACTION {}\n\n\
         static const {} {name}[{rows}][{columns}] = {{\n",
        format.name(),
        format.fraction,
        format.c_type(),
    );
    for row in learned.words.chunks(columns) {
        let row: Vec<String> = row.iter().map(|&word| constant(word)).collect();
        let _ = writeln!(text, "    {{{}}},", row.join(", "));
    }
    let _ = write!(
        text,
        "}};\n\nstatic const double {name}_offset[{columns}] = {{{}}};\n\
         static const double {name}_scale[{columns}] = {{{}}};\n",
        list(&mut learned.scales.iter().map(|s| s.offset)),
        list(&mut learned.scales.iter().map(|s| s.scale)),
    );
    if !learned.names.is_empty() {
        let names: Vec<String> = learned.names.iter().map(|name| quoted(name)).collect();
        let list = names.join(", ");
        let _ = writeln!(text, "static const char *const {name}_names[{columns}] = {{{list}}};");
    }
    text += "\n#endif\n";
    Ok(text.into_bytes())
}

/// An integer constant; C has no negative ones, and the smallest is not minus one that fits.
fn constant(word: i64) -> String {
    if word == i64::from(i32::MIN) {
        "-2147483647 - 1".into()
    } else {
        word.to_string()
    }
}

/// A C string of any text: what is not plain is in octal, which three digits end.
fn quoted(text: &str) -> String {
    let plain = |byte: u8| byte == b' ' || byte == b'_' || byte.is_ascii_alphanumeric();
    let one = |byte| if plain(byte) { char::from(byte).into() } else { format!("\\{byte:03o}") };
    let inside: String = text.bytes().map(one).collect();
    format!("\"{inside}\"")
}

/// Words for Verilog's `$readmemh`, one a line, row after row.
fn memory(learned: &Learned) -> std::io::Result<Vec<u8>> {
    let Learned { name, format, .. } = learned;
    let (rows, columns) = (learned.rows(), learned.columns());
    let mut text = format!(
        "// {name}, {rows} x {columns} words of {} bits in {}, row after row\n",
        format.bits,
        format.name()
    );
    let (digits, mask) = (format.bits.div_ceil(4) as usize, (1_u64 << format.bits) - 1);
    for &word in &learned.words {
        let _ = writeln!(text, "{:0digits$x}", word as u64 & mask);
    }
    Ok(text.into_bytes())
}
