//! Tables as people have them, and numbers beyond what can be learned from.

mod common;

use common::{fixlearn, json, refused, tool, Folder};

fn regress<'a>(table: &'a str, out: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let rest = ["--port", "golden", "--target", "y", "--passes", "3", "--out", out];
    [&["regress", table][..], &rest, more].concat()
}

fn rows(count: u32, mut row: impl FnMut(u32) -> String) -> String {
    (0..count).map(|i| row(i) + "\n").collect()
}

/// The same table in ten forms comes to the same model; what was recognized is said.
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
    let wide = |text: String, unit: fn(u32) -> [u8; 4]| -> Vec<u8> {
        text.chars().flat_map(|c| unit(c.into())).collect()
    };
    let unmarked = |unit: fn(u16) -> [u8; 2]| -> Vec<u8> {
        plain(";", ",").encode_utf16().flat_map(unit).collect()
    };
    let marked = || format!("\u{feff}{}", plain(",", "."));
    let forms: [(&str, Vec<u8>, &str); 10] = [
        ("plain.csv", plain(",", ".").into(), "names in the first line"),
        ("german.csv", plain(";", ",").into(), "decimal commas"),
        ("tabs.csv", plain("\t", ".").into(), "tabs"),
        ("marked.csv", format!("# {}", plain(",", ".")).into(), "behind a #"),
        ("wide.csv", utf16, "UTF-16BE"),
        ("little.csv", unmarked(u16::to_le_bytes), "UTF-16LE"),
        ("big.csv", unmarked(u16::to_be_bytes), "UTF-16BE"),
        ("little32.csv", wide(marked(), u32::to_le_bytes), "UTF-32"),
        ("big32.csv", wide(marked(), u32::to_be_bytes), "UTF-32"),
        ("plain32.csv", wide(plain(",", "."), u32::to_le_bytes), "UTF-32"),
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
        &["line 11", "`b`", "1e100"],
    );
    with(rows(40, |i| format!("{},{}e200,{}", i % 7, i + 1, i % 5)), &[], &["line 2", "`b`"]);
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
    // Advice is a scale that can be given.
    let far = rows(400, |i| format!("{},{}e90,{}", i % 7, i % 3, i % 5));
    with(far, &["--raw"], &["213 of 320 values", "do not fit", "write it in other units"]);
}

/// Words for classes, numbers for names, cells that are missing, and a value far from all others.
fn people() -> String {
    let row = |i: u32| {
        let age = if i == 4 { "?".into() } else { (20 + i * 7 % 50).to_string() };
        let pay = if i == 11 { 1_000_000 } else { 1000 + i * 13 % 97 };
        let bought = if (20 + i * 7 % 50) > 44 { "yes" } else { "no" };
        format!("{i:04},P. {i},{age},{pay},{}", if i == 8 { "" } else { bought })
    };
    format!("id,name,age,pay,bought\n{}", rows(200, row))
}

#[test]
fn words_missing_values_and_outliers_are_learned_from() {
    let f = Folder::new();
    f.file("people.csv", people());
    let (table, model, split) = (f.at("people.csv"), f.at("m.json"), f.at("s.csv"));
    let plain = ["regress", &table, "--port", "golden", "--out", &model, "--target", "bought"];
    fn all<'a>(plain: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
        [plain, more].concat()
    }
    let with = |more| all(&plain, more);
    refused(&with(&[]), &["line 2, column 2 (`name`)", "`P. 0`", "--drop name"]);
    refused(
        &with(&["--drop", "id,2"]),
        &["line 6, column 3 (`age`)", "missing", "--missing drop", "--missing mean"],
    );
    refused(&with(&["--drop", "ids"]), &["no column `ids`", "id, name, age, pay, bought"]);
    refused(&with(&["--features", "bought"]), &["`bought` is the target"]);
    refused(
        &with(&["--features", "age", "--objective", "least-squares", "--missing", "drop"]),
        &["line 2, column 5 (`bought`)", "`no` is not a number", "logistic"],
    );
    let mean = with(&["--features", "age,4", "--missing", "mean", "--split", &split]);
    let report = json(&mean);
    assert_eq!((&report["objective"], &report["features"]), (&"logistic".into(), &2.into()));
    assert_eq!((&report["rows_left_out"], &report["means_taken"]), (&1.into(), &1.into()));
    assert_eq!(report["held"], serde_json::json!({ "pay": 1 }));
    assert!(report["held_out"].as_f64() > Some(0.94), "{report}");
    let confusion = &report["confusion"];
    assert_eq!(confusion["classes"], serde_json::json!(["no", "yes"]));
    let counts: u64 = (0..4).filter_map(|i| confusion["counts"][i / 2][i % 2].as_u64()).sum();
    assert_eq!(Some(counts), report["held_out_rows"].as_u64());
    // Every row is in one part, in its order.
    let parts = std::fs::read_to_string(&split).expect("a split");
    let lines: Vec<&str> = parts.lines().skip(1).collect();
    let many = |part: &str| lines.iter().filter(|line| line.ends_with(part)).count();
    assert_eq!((lines.len(), lines[8], many("left out")), (200, "9,left out", 1));
    assert_eq!(Some(many("test") as u64), report["held_out_rows"].as_u64());

    // The model's mean and words are those of predict; rows stay in line.
    let answers = f.at("a.csv");
    let predict =
        ["predict", &table, "--port", "golden", "--model", &model, "--out", &answers, "--id", "id"];
    let report = json(&predict);
    assert_eq!((&report["rows"], &report["scored_rows"]), (&200.into(), &199.into()));
    let text = std::fs::read_to_string(&answers).expect("answers");
    let line = |i: usize| text.lines().nth(i).expect("a line").to_string();
    assert_eq!((text.lines().count(), line(0)), (201, "id,prediction,output".into()));
    assert!(line(1).starts_with("0000,no,") && line(6).starts_with("0005,yes,"), "{text}");
    let class = &f.json("m.json")["plan"]["preparation"]["constant"];
    let name = if *class == 0.0 { ",no" } else { ",yes" };
    let most = people().lines().filter(|line| line.ends_with(name)).count();
    assert!((report["baseline"].as_f64().expect("a number") - most as f64 / 199.0).abs() < 1e-9);
    let left_out = json(&[&predict[..], &["--missing", "drop"]].concat());
    assert_eq!((&left_out["rows"], &left_out["rows_left_out"]), (&199.into(), &1.into()));
    let text = std::fs::read_to_string(&answers).expect("answers");
    assert_eq!((text.lines().count(), text.lines().nth(5)), (201, Some("0004,,")));
    assert_eq!(json(&["check", &table, "--model", &model])["equal"], true);
}

#[test]
fn three_classes_are_named_and_one_is_learned_against_the_rest() {
    let f = Folder::new();
    let kinds = ["ash", "birch", "oak"];
    f.file(
        "trees.csv",
        format!("a,b,y\n{}", rows(90, |i| format!("{},{i},{}", i % 3, kinds[(i % 3) as usize]))),
    );
    let (table, out) = (f.at("trees.csv"), f.at("m.json"));
    refused(
        &regress(&table, &out, &[]),
        &["`y`", "3 (ash, birch, oak)", "--class ash learns one against the rest"],
    );
    refused(&regress(&table, &out, &["--class", "elm"]), &["no class `elm`", "ash, birch, oak"]);
    let report = json(&regress(&table, &out, &["--class", "oak"]));
    assert_eq!(report["confusion"]["classes"], serde_json::json!(["not oak", "oak"]));
    assert_eq!(report["held_out"], 1.0);
}

/// Rows of another file are held out; R2 is beside the error; and what was chosen is replayed.
#[test]
fn a_test_file_is_what_is_scored() {
    let f = Folder::new();
    let line =
        |i: u32| format!("{},{},{}", i % 13, i * i % 17, 3 * (i % 13) + 2 * (i * i % 17) + i % 3);
    f.file("t.csv", format!("a,b,y\n{}", rows(100, line)));
    f.file("new.csv", format!("y,b,a\n{}", rows(20, |i| format!("{},1,{i}", 3 * i + 3))));
    let (table, test, out) = (f.at("t.csv"), f.at("new.csv"), f.at("m.json"));
    let golden = ["--port", "golden", "--target", "y", "--out", &out, "--test", &test];
    let learn = [&["regress", &table][..], &golden].concat();
    let report = json(&learn);
    assert_eq!((&report["rows"], &report["held_out_rows"]), (&100.into(), &20.into()));
    assert!(report["held_out"].as_f64() < Some(1.0), "{report}");
    assert!(report["r2"].as_f64() > Some(0.99), "{report}");
    assert!(report["baseline"].as_f64() > Some(5.0), "{report}");
    assert_eq!(json(&["check", &table, "--model", &out])["equal"], true);
    let more = (report["passes"].as_u64().expect("passes") + 3).to_string();
    let again = json(&[&learn[..], &["--resume", "--passes", &more]].concat());
    assert_eq!(again["rate_shift"], report["rate_shift"]);
    assert_eq!(f.json("m.json")["curve"].as_array().map(Vec::len), more.parse().ok());
    f.file("new.csv", "y,b,a\n3,1,0\n");
    refused(&[&learn[..], &["--resume"]].concat(), &["another file than that of --test"]);
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

/// A cell that is wrong is named with what mends it, in the options that the command has.
#[test]
fn advice_fits_the_table_and_the_command() {
    let f = Folder::new();
    let usual = |i: u32| (i % 7, i % 5, i % 7 + i % 5);
    let with = |name: &str, b: &dyn Fn(u32) -> String, y: &dyn Fn(u32) -> String| {
        let row = |i| format!("{},{},{}", usual(i).0, b(i), y(i));
        f.file(name, format!("a,b,y\n{}", rows(40, row)));
        f.at(name)
    };
    let (b, y) = (|i| usual(i).1.to_string(), |i| usual(i).2.to_string());
    let one = |other: &'static str, usual: fn(u32) -> u32| {
        move |i| if i == 9 { other.to_string() } else { usual(i).to_string() }
    };
    let (sum, rest) = (|i: u32| i % 7 + i % 5, |i: u32| i % 5);
    let good = with("good.csv", &b, &y);
    let hole = with("hole.csv", &one("", rest), &y);
    let word = with("word.csv", &one("x", rest), &y);
    let bad = with("bad.csv", &b, &one("1.5x", sum));
    let empty = with("empty.csv", &|_| "NA".into(), &y);
    let goalless = with("goalless.csv", &b, &|_| "?".into());
    let (out, none, answers) = (f.at("m.json"), f.at("none.json"), f.at("p.csv"));
    // One bad cell makes no classes of a column of numbers.
    for more in [&[][..], &["--objective", "logistic"], &["--missing", "drop"]] {
        let words = ["line 11, column 3 (`y`)", "`1.5x` is not a number", "mend it", "--class"];
        refused(&regress(&bad, &none, more), &words);
    }
    let classes = json(&regress(&bad, &out, &["--class", "5"]));
    assert_eq!(classes["objective"], "logistic");
    // A column without a value, and a share that leaves nothing, are named.
    for more in [&[][..], &["--missing", "drop"]] {
        refused(&regress(&empty, &none, more), &["`b`", "--drop b"]);
    }
    let lost = with("lost.csv", &b, &one("NA", sum));
    refused(&regress(&lost, &none, &[]), &["line 11, column 3 (`y`)", "--missing drop"]);
    refused(&regress(&goalless, &none, &["--missing", "drop"]), &["`y`", "holds no value"]);
    let train = ["train", &empty, "--missing", "drop", "--out", &out, "--port", "golden"];
    refused(&[&train[..], &["--force"]].concat(), &["`b` holds no value", "--drop b"]);
    let most = ["--hold-out", "0.999"];
    refused(&regress(&good, &none, &most), &["--hold-out 0.999", "leaves 0 to learn from"]);
    // A file to test with is another, of which something is left, and is named by its own name.
    refused(&regress(&good, &none, &["--test", &good]), &["good.csv", "--test names the table"]);
    let test = ["--missing", "drop", "--test", &empty];
    refused(&regress(&good, &none, &test), &["empty.csv", "none is left to test with"]);
    let far = with("far.csv", &one("9999", rest), &y);
    let done = tool(&regress(&good, &out, &["--test", &far, "--force"])).output().expect("it runs");
    let said = String::from_utf8_lossy(&done.stderr);
    let held = said.lines().find(|line| line.contains("held at its end")).expect("a line");
    assert!(held.contains("far.csv") && !held.contains("good.csv"), "{said}");
    // predict has --missing, but not --drop, and the mean of what was standardized.
    let predict = |table: &str, more: &[&str]| -> Vec<String> {
        let all = ["predict", table, "--port", "golden", "--model", &out, "--out", &answers];
        [&all[..], more].concat().into_iter().map(String::from).collect()
    };
    let report =
        |arguments: Vec<String>| json(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    let lacks = |arguments: &[String], word: &str| {
        let done = tool(arguments).output().expect("it runs");
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(done.status.code() == Some(2) && !said.contains(word), "{said}");
    };
    json(&regress(&good, &out, &[]));
    refused(&predict(&hole, &[]), &["line 11", "--missing drop", "--missing mean"]);
    refused(&predict(&word, &[]), &["line 11", "`x` is not a number", "mend it"]);
    lacks(&predict(&hole, &[]), "--drop");
    lacks(&predict(&word, &[]), "--drop");
    assert_eq!(report(predict(&hole, &["--missing", "mean"]))["means_taken"], 1);
    let mean = std::fs::read_to_string(&answers).expect("answers");
    json(&regress(&good, &out, &["--missing", "mean"]));
    assert_eq!(report(predict(&hole, &[]))["means_taken"], 1);
    assert_eq!(std::fs::read_to_string(&answers).expect("answers"), mean);
    json(&regress(&good, &out, &["--raw", "--scale", "0.1"]));
    lacks(&predict(&hole, &[]), "--missing mean");
    let raw = predict(&hole, &["--missing", "mean", "--force"]);
    refused(&raw, &["--missing mean", "--raw", "--missing drop"]);
    // Whose cells are those of a run already can only be mended.
    lacks(&["check", &hole, "--model", &out].map(String::from), "--missing");
    let scored = report(predict(&bad, &[]));
    assert_eq!((&scored["rows"], &scored["scored_rows"]), (&40.into(), &39.into()));
}

/// What was taken for names or left out is said where it is why a column is not there.
#[test]
fn what_a_file_was_taken_for_is_in_the_message() {
    let f = Folder::new();
    let cells = |i| format!("{},{},{}", i % 7, i % 5, i % 7 + i % 5);
    f.file("all.csv", format!("#a,b,y\n{}", rows(9, |i| format!("#{}", cells(i)))));
    f.file("some.csv", format!("#a,b,z\n#1,2,3\n{}", rows(40, cells)));
    let out = f.at("m.json");
    let left_out = "10 lines that begin with # left out";
    refused(&regress(&f.at("all.csv"), &out, &[]), &["holds no numbers", left_out]);
    let names = ["no column `y`", "a, b, z", "1 line that begins with #", "names in the first"];
    refused(&regress(&f.at("some.csv"), &out, &[]), &names);
    f.file("first.csv", format!("a,b,y\n,NA,?\n{}", rows(40, cells)));
    assert_eq!(json(&regress(&f.at("first.csv"), &out, &["--missing", "drop"]))["features"], 2);
    // Names that hold numbers are none to guess; that there may be some is said.
    f.file("odd.csv", format!("a,1,y\n{}", rows(40, cells)));
    let odd = ["regress", &f.at("odd.csv"), "--target", "3", "--out", &out];
    refused(&[&odd[..], &["--force"]].concat(), &["line 1", "is not a number", "--header"]);
}

/// A name with a comma is one name in quotes, in every option that takes columns.
#[test]
fn a_name_may_hold_a_comma() {
    let f = Folder::new();
    let cells = |i| format!("{},{},{}", i % 7, i % 5, i % 7 + i % 5);
    f.file("t.csv", format!("a,\"b, in m\",y\n{}", rows(40, cells)));
    let (table, out, answers) = (f.at("t.csv"), f.at("m.json"), f.at("p.csv"));
    let features = |more: &[&str]| {
        json(&regress(&table, &out, more));
        f.json("m.json")["plan"]["preparation"]["features"].clone()
    };
    assert_eq!(features(&["--drop", "\"b, in m\""]), serde_json::json!(["a"]));
    assert_eq!(features(&["--features", "\"b, in m\""]), serde_json::json!(["b, in m"]));
    let both = serde_json::json!(["a", "b, in m"]);
    assert_eq!(features(&["--features", "a,\"b, in m\""]), both);
    assert_eq!(features(&["--features", "a", "--features", "2"]), both);
    refused(&regress(&table, &f.at("none.json"), &["--drop", "b, in m"]), &["no column `b`"]);
    let predict = ["predict", &table, "--port", "golden", "--model", &out, "--out", &answers];
    json(&[&predict[..], &["--id", "\"b, in m\",y"]].concat());
    let text = std::fs::read_to_string(&answers).expect("answers");
    assert!(text.starts_with("\"b, in m\",y,prediction,output\n"), "{text}");
}

/// No number is written in hundreds of digits.
#[test]
fn large_and_small_numbers_are_written_short() {
    let f = Folder::new();
    let out = f.at("m.json");
    for (name, unit) in [("large.csv", "e98"), ("small.csv", "e-90")] {
        f.file(
            name,
            format!("a,b,y\n{}", rows(40, |i| { format!("{},{},{}{unit}", i % 7, i % 5, i % 7) })),
        );
        let (table, trace, answers) = (f.at(name), f.at("t.csv"), f.at("p.csv"));
        let done = tool(&regress(&table, &out, &["--trace", &trace, "--force"])).output();
        let text = String::from_utf8(done.expect("it runs").stdout).expect("text");
        let id = ["--id", "y", "--force"];
        let predict = ["predict", &table, "--port", "golden", "--model", &out, "--out", &answers];
        let done = tool(&[&predict[..], &id].concat()).output().expect("it runs");
        let more = String::from_utf8(done.stdout).expect("text");
        let read = |path: &str| std::fs::read_to_string(path).expect("a file");
        for text in [text, more, read(&trace), read(&answers)] {
            let word = |c: char| c.is_ascii_digit() || c == '.';
            let longest = text.split(|c| !word(c)).map(str::len).max();
            assert!(longest <= Some(20), "{text}");
            assert!(text.contains(&unit[..2]), "{text}");
        }
    }
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

/// Few rows make a model in a moment in which nothing was clamped, and which is no worse than a
/// constant.
#[test]
fn a_few_rows_make_a_sensible_model_at_once() {
    let f = Folder::new();
    let (table, out) = (f.at("t.csv"), f.at("r.json"));
    let learn = ["regress", &table, "--port", "golden", "--target", "y", "--out", &out];
    let mut luck = fastrand::Rng::with_seed(4);
    for (count, features) in (2..=10).flat_map(|count| [1, 3, 9].map(|d| (count, d))) {
        for kind in ["number", "class"] {
            let mut body = String::new();
            for row in 0..count {
                // The first two rows differ in every column.
                let cell = |luck: &mut fastrand::Rng| row.min(2) * 40 + luck.i32(0..30);
                (0..features).for_each(|_| body += &format!("{},", cell(&mut luck)));
                body += &match kind {
                    "number" => format!("{}\n", cell(&mut luck)),
                    _ => format!("{}\n", ["no", "yes"][usize::from(row > 0)]),
                };
            }
            let names: String = (0..features).map(|i| format!("x{i},")).collect();
            f.file("t.csv", format!("{names}y\n{body}"));
            let begun = std::time::Instant::now();
            let report = json(&[&learn[..], &["--header", "--hold-out", "0"]].concat());
            let (took, what) = (begun.elapsed(), format!("{kind}, {body}: {report}"));
            assert!(took.as_secs_f64() < 3.0, "{took:?} for {what}");
            assert_eq!(report["saturated"], serde_json::json!([]), "{what}");
            assert!(report["passes"].as_u64() <= Some(1000), "{what}");
            let score = |name: &str| report[name].as_f64().expect("a number");
            let (ours, constant) = (score("training"), score("baseline"));
            let better = if kind == "number" { ours <= constant } else { ours >= constant };
            assert!(better, "{what}");
        }
    }
}

/// A rate that is tried on some rows and saturates on all of them gives way to a lower one.
#[test]
fn classes_that_can_be_told_apart_do_not_saturate() {
    let f = Folder::new();
    let (table, out) = (f.at("t.csv"), f.at("r.json"));
    let learn = ["regress", &table, "--port", "golden", "--target", "y", "--out", &out];
    let mut lower = 0;
    for seed in 0..6 {
        let mut luck = fastrand::Rng::with_seed(seed);
        let body = rows(3000, |_| {
            // Two that are normally distributed.
            let far = (-2.0 * (1.0 - luck.f64()).ln()).sqrt();
            let (a, b) = (luck.f64() * std::f64::consts::TAU).sin_cos();
            let (a, b) = (far * a, far * b);
            format!("{a:.4},{b:.4},{}", if a + b / 2.0 > 0.0 { "yes" } else { "no" })
        });
        f.file("t.csv", format!("a,b,y\n{body}"));
        let report = json(&learn);
        assert_eq!(report["saturated"], serde_json::json!([]), "{seed}: {report}");
        assert!(report["held_out"].as_f64() > Some(0.98), "{report}");
        let notes = report["notes"].as_array().expect("notes");
        let said = notes.iter().filter_map(|note| note.as_str()).find(|n| n.contains("saturates"));
        let Some(said) = said else { continue };
        // The rate that was tried does saturate.
        let rate = report["rate_shift"].as_u64().expect("a rate");
        assert!(said.ends_with(&format!("2^-{rate} is taken")), "{said}");
        let (rate, passes) = ((rate - 1).to_string(), report["passes"].to_string());
        let more = ["--rate-shift", &rate, "--passes", &passes];
        let report = json(&[&learn[..], &more].concat());
        assert_eq!(report["saturated"], serde_json::json!(["point"]), "{seed}: {report}");
        lower += 1;
    }
    assert!(lower > 1, "of these tables {lower} would saturate");
}

/// Two whole numbers are perhaps classes, which is said; what is learned stays a number's.
#[test]
fn numbers_that_look_like_classes_are_named() {
    let f = Folder::new();
    let line = |i: u32| format!("{},{},{}", i % 13, u32::from(i % 13 > 6), i % 3);
    f.file("t.csv", format!("a,y,z\n{}", rows(60, line)));
    let (table, out) = (f.at("t.csv"), f.at("m.json"));
    let report = json(&regress(&table, &out, &[]));
    assert_eq!(report["measure"], "rmse");
    let notes = report["notes"].as_array().expect("notes");
    let said = notes[0].as_str().expect("a line");
    assert!(notes.len() == 1 && said.contains("`y` holds only 0 and 1"), "{said}");
    assert!(said.contains("--objective logistic") && said.contains("--class 1"), "{said}");
    let report = json(&regress(&table, &out, &["--class", "1"]));
    assert_eq!((&report["measure"], &report["held_out"]), (&"accuracy".into(), &1.0.into()));
    // Who asks for numbers knows; three are none.
    let numbers = json(&regress(&table, &out, &["--objective", "least-squares"]));
    assert_eq!(numbers["notes"], serde_json::json!([]));
    let three = ["regress", &table, "--port", "golden", "--target", "z", "--out", &out];
    assert_eq!(json(&three)["notes"], serde_json::json!([]));
}

/// 0 holds the rate, as the register says; without the option the rate falls over the run.
#[test]
fn a_rate_period_of_0_holds_the_rate() {
    let f = Folder::new();
    f.file("t.csv", format!("a,y\n{}", rows(60, |i| format!("{},{}", i % 13, i % 13 * 2 + i % 3))));
    let (table, out) = (f.at("t.csv"), f.at("m.json"));
    let rates = |more: &[&str]| {
        json(&[&regress(&table, &out, &["--rate-shift", "4"])[..], more].concat());
        let run = f.json("m.json");
        let rate = |mark: &serde_json::Value| mark["rate"].as_u64().expect("a rate");
        run["curve"].as_array().expect("a curve").iter().map(rate).collect::<Vec<_>>()
    };
    assert_eq!(rates(&["--rate-period", "0"]), [4, 4, 4]);
    let falling = rates(&[]);
    assert!(falling.is_sorted() && falling[2] > 4, "{falling:?}");
}

/// The mean of the rows that were learned from is what `predict` compares with, too; a model of an
/// earlier version does not hold it.
#[test]
fn predict_says_what_a_constant_scores() {
    let f = Folder::new();
    let table = |name: &str, rows: u32| {
        let line = |i: u32| format!("{},{}\n", i % 13, i % 13 * 3 + i % 2);
        f.file(name, format!("a,y\n{}", (0..rows).map(line).collect::<String>()));
        f.at(name)
    };
    let (all, few, out) = (table("t.csv", 130), table("new.csv", 9), f.at("m.json"));
    json(&regress(&all, &out, &["--hold-out", "0"]));
    let answers = f.at("a.csv");
    let ask = ["predict", &few, "--port", "golden", "--model", &out, "--out", &answers];
    let target = |i: u32| f64::from(i % 13 * 3 + i % 2);
    let mean = (0..130).map(target).sum::<f64>() / 130.0;
    let squares = (0..9).map(|i| (target(i) - mean).powi(2)).sum::<f64>();
    let report = json(&ask);
    let baseline = report["baseline"].as_f64().expect("a number");
    assert!((baseline - (squares / 9.0).sqrt()).abs() < 1e-9, "{report}");
    assert!(report["r2"].as_f64() > Some(0.9) && report["measure"] == "rmse", "{report}");
    let said = tool(&ask).arg("--force").output().expect("it runs").stdout;
    let said = String::from_utf8_lossy(&said);
    assert!(said.contains("R2 0.9") && said.contains("the mean alone: "), "{said}");
    let mut old = f.json("m.json");
    let held = old["plan"]["preparation"].as_object_mut().and_then(|p| p.remove("constant"));
    assert!(held.is_some());
    f.file("m.json", old.to_string());
    assert_eq!(json(&ask)["baseline"], serde_json::Value::Null);
    assert_eq!(json(&["check", &all, "--model", &out])["equal"], true);
}

/// What a cell or a file cannot mean is refused by its place, with the mend.
#[test]
fn what_would_be_misread_is_refused() {
    let f = Folder::new();
    let out = f.at("m.json");
    let cells = |i| format!("{},{},{}", i % 7, i % 5, i % 7 + i % 5);
    let with = |at: u32, line: &str| rows(40, |i| if i == at { line.into() } else { cells(i) });
    let no = |body: &str, more: &[&str], words: &[&str]| {
        f.file("t.csv", format!("a,b,y\n{body}"));
        refused(&regress(&f.at("t.csv"), &out, more), words);
        assert!(!f.path("m.json").exists());
    };
    // Text behind a quotation mark that closes, but not in a comment.
    no(&with(3, "1,\"2\"3,4"), &[], &["line 5, column 2", "quotation mark closes", "text follows"]);
    no(&with(3, "\"1\"\"x\" y,2,3"), &[], &["line 5, column 1", "text follows"]);
    // Whole numbers that would be rounded, in columns that are used.
    let large = rows(40, |i| {
        format!("{},{},{}", 9_007_199_254_740_993_u64 + 2 * u64::from(i), i % 5, i % 7)
    });
    no(&large, &[], &["line 2, column 1 (`a`)", "`9007199254740993`", "2^53", "--drop a"]);
    no(&large, &["--drop", "b,a", "--features", "b"], &["--features and --drop", "`b`"]);
    no(&large, &["--features", "b,2"], &["`b` twice"]);
    f.file("t.csv", format!("a,b,y\n{large}"));
    json(&regress(&f.at("t.csv"), &out, &["--drop", "a"]));
    std::fs::remove_file(f.path("m.json")).expect("removed");
    let same = rows(40, |i| {
        format!("{},{},{}", i % 3, i % 5, 9_007_199_254_740_992_u64 + u64::from(i % 2))
    });
    no(&same, &[], &["line 3, column 3 (`y`)", "`9007199254740993`", "2^53"]);
    // Numbers with something around them are no classes.
    for cell in ["{}%", "$ {}", "\"{}1,000\"", "{} kg"] {
        let body =
            rows(40, |i| format!("{},{},{}", i % 7, i % 5, cell.replace("{}", &i.to_string())));
        let first = cell.replace("{}", "0").replace('"', "");
        no(&body, &[], &["line 2, column 3 (`y`)", &format!("`{first}`"), "not a number"]);
    }
    // Files that are no text, or none that is known.
    for (bytes, words) in [
        (b"a,y\n1,2\n3\0,4\n".to_vec(), "line 3: text has no bytes 0"),
        (vec![0x1f, 0x8b, 8, 0, 0], "gzip"),
        (b"PK\x03\x04".to_vec(), "ZIP"),
    ] {
        f.file("t.csv", bytes);
        refused(&regress(&f.at("t.csv"), &out, &[]), &["t.csv", words]);
    }
    // Names alone, whether or not it is said that they are.
    f.file("t.csv", rows(40, cells));
    let (model, table) = (f.at("learned.json"), f.at("t.csv"));
    json(&["regress", &table, "--target", "3", "--out", &model, "--port", "golden"]);
    f.file("t.csv", "a,b,y\n");
    for command in [
        &["train", &table, "--out", &out][..],
        &["regress", &table, "--target", "y", "--out", &out],
        &["filter", &table, "--column", "1", "--out", &out],
        &["predict", &table, "--model", &model, "--out", &f.at("p.csv")],
    ] {
        for header in [&[][..], &["--header"]] {
            refused(&[command, header].concat(), &["t.csv: has names but no rows below them"]);
        }
    }
    f.file("t.csv", rows(40, cells));
    let done = tool(&regress(&f.at("t.csv"), &out, &[])).output().expect("it runs");
    assert!(String::from_utf8_lossy(&done.stderr).contains("names need --header"));
    let nine = ["regress", &f.at("t.csv"), "--target", "9", "--out", &out];
    let done = tool(&nine).output().expect("it runs");
    assert!(!String::from_utf8_lossy(&done.stderr).contains("--header"));
}

/// Forms that the help promises, and a line that names the separator.
#[test]
fn separators_and_decimal_commas_are_recognized() {
    let f = Folder::new();
    let out = f.at("m.json");
    let forms = [
        ("a.tsv", "a,b,y\n", ["", ",", ""]),
        ("a.csv", "a|b|y\n", [",", "|", ""]),
        ("b.csv", "a,b,y\n", [",", ",", "\""]),
        ("c.csv", "sep=;\na;b;y\n", [",", ";", ""]),
        ("d.csv", "sep=,\r\na,b,y\n", ["", ",", ""]),
    ];
    let states = forms.map(|(name, head, [decimal, between, mark])| {
        let cell = |v: f64| {
            let text = format!("{v:.2}");
            let text = if decimal.is_empty() { text } else { text.replace('.', decimal) };
            format!("{mark}{text}{mark}")
        };
        let row = |i: u32| {
            let (a, b) = (f64::from(i % 7) / 4.0, f64::from(i % 5) / 2.0);
            [a, b, a + b].map(cell).join(between)
        };
        f.file(name, format!("{head}{}", rows(40, row)));
        json(&regress(&f.at(name), &out, &[]));
        f.json("m.json")["state"].clone()
    });
    assert!(states.iter().all(|state| *state == states[0]));
    // With three digits behind it, a comma is perhaps of thousands.
    f.file("e.csv", format!("a,y\n{}", rows(40, |i| format!("\"1,{:03}\",{i}", 100 + i))));
    refused(&regress(&f.at("e.csv"), &out, &["--force"]), &["line 2, column 1", "`1,100`"]);
}

/// A value far beyond the format counts as little for the mean alone as for the model.
#[test]
fn the_mean_alone_leaves_out_what_the_model_does() {
    let f = Folder::new();
    let (out, answers) = (f.at("m.json"), f.at("p.csv"));
    let row = |i: u32| {
        let y = if i == 7 { 1e6 } else { f64::from(i % 7 + i % 5) };
        format!("{},{},{y}", i % 7, i % 5)
    };
    f.file("far.csv", format!("a,b,y\n{}", rows(200, row)));
    f.file("test.csv", format!("a,b,y\n{}", rows(35, |i| row(i % 7))));
    let report = json(&regress(&f.at("far.csv"), &out, &["--test", &f.at("test.csv")]));
    assert_eq!(report["held"]["y"], 1, "{report}");
    assert!(report["baseline"].as_f64() < Some(10.0), "{report}");
    assert_eq!(json(&["check", &f.at("far.csv"), "--model", &out])["equal"], true);
    // A target that cannot be scored is refused as regress does.
    f.file("new.csv", "a,b,y\n1,2,3\n2,3,1e308\n");
    let predict =
        ["predict", &f.at("new.csv"), "--port", "golden", "--model", &out, "--out", &answers];
    refused(&predict, &["line 3, column `y`", "1e308", "cannot be scaled"]);
    assert!(!f.path("p.csv").exists());
    // A column without a value is said to be that.
    let hole = |i: u32| format!("{},,1,{}", i % 7, i % 7 + i % 2);
    f.file("holes.csv", format!("a,b,c,y\n{}", rows(40, hole)));
    let learn = regress(&f.at("holes.csv"), &out, &["--missing", "mean", "--force"])
        .into_iter()
        .map(String::from)
        .collect::<Vec<_>>();
    let done = tool(&learn).output().expect("it runs");
    let (said, told) =
        (String::from_utf8_lossy(&done.stderr), String::from_utf8_lossy(&done.stdout));
    assert!(said.contains("no row to learn from has a value: b"), "{said}");
    assert!(
        told.contains("do not vary: c;") || told.trim_end().ends_with("do not vary: c"),
        "{told}"
    );
}

/// Line feeds alone or with carriage returns, and blank lines.
#[test]
fn lines_are_numbered_as_an_editor_does() {
    let f = Folder::new();
    let out = f.at("out.json");
    for end in ["\n", "\r\n"] {
        for (blank, line) in [("", "line 11, "), (end, "line 12, ")] {
            let cell = |i: usize| if i == 9 { "1.5x".into() } else { (3 * i).to_string() };
            let rows: String = (0..30).map(|i| format!("{i},{}{end}", cell(i))).collect();
            f.file("in.csv", format!("x,y{end}{blank}{rows}"));
            let table = f.at("in.csv");
            refused(&["regress", &table, "--target", "y", "--out", &out], &[line, "`1.5x`"]);
        }
    }
}

/// What a table was taken for is said once the command can begin: an error comes alone.
#[test]
fn an_error_is_the_only_line() {
    let f = Folder::new();
    let text = format!("a;b;y\n{}", rows(40, |i| format!("{};{};{}", i % 7, i % 5, i % 3)));
    f.file("t.csv", text);
    let (table, out, answers) = (f.at("t.csv"), f.at("m.json"), f.at("a.csv"));
    json(&regress(&table, &out, &[]));
    let other = f.at("o.json");
    for line in [
        &["train", &table, "--codewords", "4", "--out", &other][..],
        &["regress", &table, "--target", "y", "--out", &other],
        &["filter", &table, "--column", "a", "--out", &other],
        &["associate", &table, "--target", "y", "--out", &other],
        &["fuse", &table, "--position", "a,b", "--out", &other],
        &["predict", &table, "--model", &out, "--out", &answers],
        &["check", &table, "--model", &out],
    ] {
        refused(&[line, &["--port", "/dev/none"]].concat(), &["/dev/none"]);
    }
    let predict = ["predict", &table, "--model", &out, "--out", &answers, "--port", "golden"];
    let done = fixlearn(&predict);
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success() && said.contains("separated by `;`"), "{said}");
}
