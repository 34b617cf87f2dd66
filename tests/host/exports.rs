//! What leaves the tool: the same values in every format, with their names, read by other programs.

mod common;

use common::{json, refused, Folder};
use std::process::Command;

/// A trained codebook of a table with names that are hard to quote.
fn codebook(f: &Folder) -> String {
    let row = |i: u32| format!("{},{},{}\n", i % 7, f64::from(i % 5) * -2.5, 100 * (i % 3));
    let body: String = (0..60).map(row).collect();
    let table = f.file("t.csv", format!("a,\"b \"\"\\ ??/\",µ\n{body}"));
    let (table, model) = (table.to_str().expect("text"), f.at("m.json"));
    let rule = ["--codewords", "6", "--passes", "5", "--port", "golden", "--out", &model];
    json(&[&["train", table], &rule[..]].concat());
    model
}

fn export(model: &str, out: &str) -> Vec<u8> {
    json(&["export", "--model", model, "--out", out]);
    std::fs::read(out).expect("a file")
}

/// A C program that includes the header says the values of the CSV file, and its names.
#[test]
fn a_c_program_reads_what_was_learned() {
    let f = Folder::new();
    let model = codebook(&f);
    let table = String::from_utf8(export(&model, &f.at("m.csv"))).expect("text");
    export(&model, &f.at("m.h"));
    let program = r#"#include "m.h"
#include <stdio.h>
int main(void) {
    for (int k = 0; k < CODEBOOK_COLUMNS; k++) printf("%s\n", codebook_names[k]);
    for (int i = 0; i < CODEBOOK_ROWS; i++)
        for (int k = 0; k < CODEBOOK_COLUMNS; k++)
            printf("%.17g\n", codebook_offset[k] + codebook_scale[k]
                * ((double)codebook[i][k] / (1 << CODEBOOK_FRACTION)));
    return 0;
}
"#;
    let (source, built) = (f.file("m.c", program), f.at("m"));
    let flags = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic", "-o", &built];
    let compiled = Command::new("cc").args(flags).arg(&source).output().expect("a C compiler");
    assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
    let said = Command::new(&built).output().expect("it runs").stdout;
    let said = String::from_utf8(said).expect("text");
    let mut lines = said.lines();
    let names: Vec<&str> = lines.by_ref().take(3).collect();
    assert_eq!(names, ["a", "b \"\\ ??/", "µ"]);
    assert_eq!(table.lines().next(), Some("a,\"b \"\"\\ ??/\",µ"));
    let number = |text: &str| text.parse::<f64>().expect("a number");
    let values: Vec<f64> = lines.map(number).collect();
    let cells: Vec<f64> =
        table.lines().skip(1).flat_map(|line| line.split(',').map(number)).collect();
    assert_eq!((values.len(), &values), (18, &cells));
    let array = export(&model, &f.at("m.npy"));
    let floats = array[array.len() - 8 * 18..].chunks_exact(8);
    let floats: Vec<f64> =
        floats.map(|b| f64::from_le_bytes(b.try_into().expect("8 bytes"))).collect();
    assert_eq!(floats, values);
}

/// The words for $readmemh are those of the run's file.
#[test]
fn a_memory_file_holds_the_words() {
    let f = Folder::new();
    let model = codebook(&f);
    let text = String::from_utf8(export(&model, &f.at("m.hex"))).expect("text");
    let words: Vec<u64> = text
        .lines()
        .filter(|line| !line.starts_with("//"))
        .map(|line| u64::from_str_radix(line, 16).expect("hexadecimal"))
        .collect();
    let state = f.json("m.json")["state"]["codebook"].clone();
    let kept: Vec<u64> = serde_json::from_value(state).expect("words");
    assert_eq!(words, kept);
    // Negative words are two's complement.
    let point = f.at("p.json");
    let golden = ["--port", "golden", "--iterations", "1", "--objective", "quadratic"];
    json(&[&["optimize", "--start=-1,-8", "--out", &point], &golden[..]].concat());
    let text = String::from_utf8(export(&point, &f.at("p.hex"))).expect("text");
    let state = f.json("p.json")["state"]["point"].clone();
    let kept: Vec<i32> = serde_json::from_value(state).expect("words");
    let lines: Vec<&str> = text.lines().skip(1).collect();
    assert_eq!(lines, kept.iter().take(2).map(|w| format!("{w:08x}")).collect::<Vec<_>>());
    let header = String::from_utf8(export(&point, &f.at("p.h"))).expect("text");
    assert!(header.contains("int32_t point[1][2]") && header.contains("Q4.28"), "{header}");
    let out = f.at("m.json5");
    refused(&["export", "--model", &model, "--out", &out], &[".npy", ".csv", ".h", ".hex"]);
}

/// The weights of a linear model are those of the table's own columns, by name.
#[test]
fn a_linear_model_is_exported_in_the_units_of_its_table() {
    let f = Folder::new();
    let row = |i: i32| {
        let (a, b) = (f64::from(i * 37 % 60) * 1e3, f64::from(i * 23 % 60) / 1e3);
        format!("{a},{b},{}\n", 0.002 * a - 300.0 * b + 7.0)
    };
    let body: String = (0..60).map(row).collect();
    let table = f.file("t.csv", format!("a,b,y\n{body}"));
    let (table, model) = (table.to_str().expect("text"), f.at("m.json"));
    json(&["regress", table, "--target", "y", "--port", "golden", "--out", &model]);
    let text = String::from_utf8(export(&model, &f.at("w.csv"))).expect("text");
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("a,b,constant"));
    let cells = lines.next().expect("a row").split(',').map(|c| c.parse().expect("a number"));
    let weights: Vec<f64> = cells.collect();
    for (weight, right) in weights.iter().zip([0.002, -300.0, 7.0]) {
        assert!((weight / right - 1.0).abs() < 0.01, "{weights:?}");
    }
}
