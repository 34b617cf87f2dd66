//! Tables as people have them, and numbers beyond what can be learned from.

mod common;

use common::{json, refused, tool, Folder};

fn regress<'a>(table: &'a str, out: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let rest = ["--port", "golden", "--target", "y", "--passes", "3", "--out", out];
    [&["regress", table][..], &rest, more].concat()
}

fn rows(count: u32, row: impl Fn(u32) -> String) -> String {
    (0..count).map(|i| row(i) + "\n").collect()
}

/// The same table in five forms comes to the same model; what was recognized is said.
#[test]
fn forms_of_a_table_come_to_the_same_model() {
    let f = Folder::new();
    let cells = |i: u32| (i % 13, f64::from(i * i % 17) / 4.0, f64::from(i % 13) * 2.0 + 0.25);
    let plain = |separator: &str, decimal: &str| {
        let body = rows(50, |i| {
            let (a, b, y) = cells(i);
            [a.to_string(), b.to_string(), y.to_string()]
                .map(|c| c.replace('.', decimal))
                .join(separator)
        });
        format!("{}\n{body}", ["a", "b", "y"].join(separator))
    };
    let utf16: Vec<u8> =
        format!("\u{feff}{}", plain(",", ".")).encode_utf16().flat_map(u16::to_be_bytes).collect();
    let forms: [(&str, Vec<u8>, &str); 5] = [
        ("plain.csv", plain(",", ".").into(), "names in the first line"),
        ("german.csv", plain(";", ",").into(), "decimal commas"),
        ("tabs.csv", plain("\t", ".").into(), "tabs"),
        ("marked.csv", format!("# {}", plain(",", ".")).into(), "behind a #"),
        ("wide.csv", utf16, "UTF-16BE"),
    ];
    let states: Vec<_> = forms
        .iter()
        .map(|(name, bytes, words)| {
            f.file(name, bytes);
            let (table, out) = (f.at(name), f.at(&format!("{name}.json")));
            let done = tool(&regress(&table, &out, &[])).output().expect("it runs");
            let said = String::from_utf8_lossy(&done.stderr).into_owned();
            assert!(done.status.success() && said.contains(words), "{name}: {said}");
            assert_eq!(said.lines().count(), 1, "{said}");
            f.json(&format!("{name}.json"))["state"].clone()
        })
        .collect();
    assert!(states.iter().all(|state| *state == states[0]));
}

/// Whatever cannot be learned from is refused before a port is opened, and quickly.
#[test]
fn numbers_beyond_range_are_refused_by_row_and_column() {
    let f = Folder::new();
    let out = f.at("r.json");
    let away = ["--port", "/dev/none"];
    let with = |body: String, more: &[&str], words: &[&str]| {
        f.file("t.csv", format!("a,b,y\n{body}"));
        let table = f.at("t.csv");
        let rest = ["--target", "y", "--header", "--out", &out];
        refused(&[&["regress", &table][..], &rest, &away, more].concat(), words);
        assert!(!f.path("r.json").exists());
    };
    let usual = |i: u32| format!("{},{},{}", i % 7, i % 5, i % 7 + i % 5);
    with(
        rows(40, |i| if i == 9 { "1,1.7976931348623157e308,2".into() } else { usual(i) }),
        &[],
        &["row 10", "`b`", "1e100"],
    );
    with(rows(40, |i| format!("{},{}e200,{}", i % 7, i + 1, i % 5)), &[], &["row 1", "`b`"]);
    with(rows(40, usual), &["--scale", "1e308"], &["--scale"]);
    with(rows(40, usual), &["--scale", "1e-308"], &["--scale"]);
    with(
        rows(40, |i| format!("{},{},14.01", i % 7, i % 5)),
        &[],
        &["`y`", "14.01", "nothing to learn"],
    );
    with(rows(40, |_| "0.1,14,1".into()), &[], &["`y`", "nothing to learn"]);
    with(rows(40, |i| format!("0.1,14,{}", i % 3)), &[], &["0 features that vary"]);
    with(
        rows(40, |i| if i == 4 { "1,,2".into() } else { usual(i) }),
        &[],
        &["line 6", "`b`", "missing"],
    );
    // Advice has few digits.
    let far = rows(400, |i| format!("{},{},{}", i % 7, if i == 0 { "1e90" } else { "0" }, i % 5));
    with(far, &[], &["does not fit", "--scale"]);
}

#[test]
fn a_name_that_is_there_twice_is_refused() {
    let f = Folder::new();
    f.file("t.csv", format!("x,x,y\n{}", rows(30, |i| format!("{i},{},{}", i % 3, i % 4))));
    let (table, out) = (f.at("t.csv"), f.at("r.json"));
    refused(&regress(&table, &out, &["--header"]), &["columns 1 and 2", "`x`"]);
    // A model without names does not read another table's names as numbers.
    f.file("n.csv", rows(30, |i| format!("{},{},{}", i, i * i % 7, 2 * i)));
    let (plain, model) = (f.at("n.csv"), f.at("n.json"));
    json(&["regress", &plain, "--port", "golden", "--target", "3", "--out", &model]);
    f.file(
        "years.csv",
        format!("2,1,3\n{}", rows(30, |i| format!("{},{},{}", i, i * i % 7, 2 * i))),
    );
    let years = f.at("years.csv");
    let predict = |table: &str, out: &str, more: &[&str]| {
        let (model, out) = (f.at("n.json"), f.at(out));
        let all = ["predict", table, "--port", "golden", "--model", &model, "--out", &out];
        json(&[&all[..], more].concat());
        std::fs::read_to_string(out).expect("predictions")
    };
    assert_eq!(predict(&plain, "p1.csv", &[]), predict(&years, "p2.csv", &["--header"]));
}

/// Of each class the same share is held out, and one is always left to learn from.
#[test]
fn classes_are_held_out_alike() {
    let f = Folder::new();
    f.file("t.csv", format!("a,y\n{}", rows(160, |i| format!("{},{}", i % 31, u32::from(i < 7)))));
    let (table, out) = (f.at("t.csv"), f.at("r.json"));
    let logistic = ["--objective", "logistic", "--hold-out", "0.4"];
    let report = json(&regress(&table, &out, &logistic));
    // 153 and 7 rows: 61 and 3 of them.
    assert_eq!(report["held_out_rows"], 64);
    assert_eq!(report["rows"], 96);
    let share = report["baseline"].as_f64().expect("a number");
    assert!((share - 61.0 / 64.0).abs() < 1e-9, "{share}");
}
