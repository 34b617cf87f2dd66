//! What samples stand for: columns by their own ranges, pictures of any depth, index files that
//! know their codebook, and quality against what was given.

mod common;

use common::{fixlearn, json, refused, Folder};
use std::path::Path;

const GOLDEN: [&str; 2] = ["--port", "golden"];

fn train(input: &str, out: &str, more: &[&str]) -> serde_json::Value {
    json(&[&["train", input, "--out", out], &GOLDEN[..], more].concat())
}

fn encode(input: &str, model: &str, out: &str, more: &[&str]) -> serde_json::Value {
    json(&[&["encode", input, "--model", model, "--out", out], &GOLDEN[..], more].concat())
}

/// What is said on stderr.
fn said(arguments: &[&str]) -> String {
    let done = fixlearn(&[arguments, &["--force"]].concat());
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(done.status.success(), "{said}");
    said
}

/// Columns of very different units: each is as good as if it were alone, and decoded with its name.
#[test]
fn columns_have_scales_of_their_own() {
    let f = Folder::new();
    let row = |i: u32| format!("{},{},{}\n", 1 + i % 3, i % 2 * 50_000, f64::from(i % 4) * 1e-6);
    let body: String = (0..48).map(row).collect();
    let table = f.file("t.csv", format!("a,\"b, in m\",c\n{body}"));
    let table = table.to_str().expect("text");
    let (model, indices, back) = (f.at("m.json"), f.at("t.idx"), f.at("back.csv"));
    train(table, &model, &["--codewords", "16", "--passes", "4"]);
    let quality = encode(table, &model, &indices, &[]);
    let columns = quality["columns"].as_array().expect("columns");
    assert_eq!(columns.len(), 3);
    for (column, most) in columns.iter().zip([0.01, 100.0, 2e-8]) {
        assert!(column["rmse"].as_f64().expect("a number") < most, "{quality}");
        assert_eq!(column["distinct"], column["told_apart"], "{quality}");
    }
    json(&["decode", &indices, "--model", &model, "--out", &back]);
    let text = std::fs::read_to_string(&back).expect("a table");
    let given = std::fs::read_to_string(table).expect("a table");
    assert_eq!(text.lines().next(), given.lines().next());
    let number = |cell: &str| cell.parse::<f64>().expect("a number");
    for (old, new) in given.lines().zip(text.lines()).skip(1) {
        let cells = old.split(',').map(number).zip(new.split(',').map(number));
        for ((old, new), most) in cells.zip([0.02, 300.0, 5e-8]) {
            assert!((old - new).abs() < most, "{old} {new}");
        }
    }
    // Alike, the small columns come to one value each, and that is said.
    let common = f.at("common.json");
    train(table, &common, &["--codewords", "16", "--passes", "4", "--common-scale"]);
    let quality = encode(table, &common, &indices, &[]);
    assert_eq!(quality["columns"][0]["told_apart"], 1, "{quality}");
    let line = ["encode", table, "--model", &common, "--out", &indices, "--port", "golden"];
    assert!(said(&line).contains("column `a`: 256 steps tell 1 of its 3 values apart"));
    // Another table: other columns are refused, values beyond the range are counted.
    let other = f.file("o.csv", "b,a,c\n1,2,3\n4,5,6\n");
    let line = |input: &Path| {
        let input = input.to_str().expect("text").to_string();
        [&["encode".into(), input], &["--header", "--model", &model, "--out"].map(String::from)[..]]
            .concat()
    };
    let words = |input: &Path| [line(input), vec![f.at("o.idx")]].concat();
    refused(&words(&other), &["has no column `b, in m`", "b, a, c"]);
    let far = f.file("far.csv", "a,\"b, in m\",c\n9,0,0\n2,0,-1\n");
    let quality = encode(far.to_str().expect("text"), &model, &indices, &[]);
    assert_eq!(quality["outside"], 2, "{quality}");
    let beyond = f.file("x.csv", "a,\"b, in m\",c\n1,2,1e305\n2,0,1\n");
    refused(&words(&beyond), &["line 2, column `c`", "1e305", "1e300"]);
}

/// One far value takes the range of its column alone, and is named.
#[test]
fn quality_is_measured_against_what_was_given() {
    let f = Folder::new();
    let table = f.file("t.csv", "a,b\n1,1\n2,2\n3,3\n1,999999\n2,1\n3,2\n");
    let table = table.to_str().expect("text");
    let (model, indices) = (f.at("m.json"), f.at("i.idx"));
    train(table, &model, &["--codewords", "6"]);
    let quality = encode(table, &model, &indices, &[]);
    assert!(quality["psnr_db"].as_f64().is_some_and(f64::is_finite), "{quality}");
    let b = &quality["columns"][1];
    assert_eq!((&b["distinct"], &b["told_apart"]), (&4.into(), &2.into()), "{quality}");
    let line = ["encode", table, "--model", &model, "--out", &indices, "--port", "golden"];
    assert!(said(&line).contains("column `b`"), "{}", said(&line));
}

/// A netpbm picture of 16 bits a sample.
fn deep(width: usize, height: usize, most: u16, pixel: impl Fn(usize, usize) -> u16) -> Vec<u8> {
    let mut bytes = format!("P5 {width} {height} {most}\n").into_bytes();
    let at = |i: usize| pixel(i % width, i / width).to_be_bytes();
    bytes.extend((0..width * height).flat_map(at));
    bytes
}

/// 12 bits in 16: learned between the least and the greatest, written again with 16.
#[test]
fn deep_pictures_keep_their_depth() {
    let f = Folder::new();
    let picture = f.file("d.pgm", deep(32, 32, 65535, |x, y| (x * 64 + y * 60) as u16));
    let (picture, model) = (picture.to_str().expect("text"), f.at("m.json"));
    train(picture, &model, &["--codewords", "64", "--block", "2", "--passes", "8"]);
    let quality = encode(picture, &model, &f.at("d.idx"), &["--with-codebook"]);
    let psnr = quality["psnr_db"].as_f64().expect("a number");
    assert!(psnr > 25.0, "{quality}");
    json(&["decode", &f.at("d.idx"), "--out", &f.at("back.pgm")]);
    let back = std::fs::read(f.path("back.pgm")).expect("a picture");
    let given = std::fs::read(picture).expect("a picture");
    let body = |bytes: &[u8]| -> Vec<f64> {
        let words = bytes[bytes.len() - 2048..].chunks_exact(2);
        words.map(|w| f64::from(u16::from_be_bytes([w[0], w[1]]))).collect()
    };
    let pairs: Vec<(f64, f64)> = body(&given).into_iter().zip(body(&back)).collect();
    let mse = pairs.iter().map(|(a, b)| (a - b).powi(2)).sum::<f64>() / 1024.0;
    let peak = f64::from(31 * 64 + 31 * 60);
    let measured = 10.0 * (peak * peak / mse).log10();
    // A model of 8 bits says that it cannot hold such a picture.
    let plain = f.file("p.pgm", [b"P5 8 8 255\n".to_vec(), (0..64).collect()].concat());
    let eight = f.at("8.json");
    train(plain.to_str().expect("text"), &eight, &["--codewords", "4", "--block", "2"]);
    let quality = encode(picture, &eight, &f.at("8.idx"), &[]);
    assert!(quality["outside"].as_u64().expect("a number") > 900, "{quality}");
    // The file's words are whole numbers.
    assert!((measured - psnr).abs() < 0.1, "{measured} {psnr}");
}

/// What a deep picture comes to is said in its own samples, once.
#[test]
fn deep_pictures_are_described_in_their_own_samples() {
    let f = Folder::new();
    let (model, indices) = (f.at("m.json"), f.at("i.idx"));
    for (name, bytes, words) in [
        ("ten.pgm", deep(8, 8, 1000, |x, y| (x * 80 + y * 10) as u16), "from 0 to 630"),
        ("one.pgm", deep(8, 8, 65535, |_, _| 994), "all are 994"),
        ("flat.pgm", deep(8, 8, 1000, |_, _| 994), "all are 994"),
    ] {
        f.file(name, bytes);
        let picture = f.at(name);
        let line = ["train", &picture, "--codewords", "1", "--out", &model, "--port", "golden"];
        assert!(said(&line).contains(words), "{}", said(&line));
        let line = ["encode", &picture, "--model", &model, "--out", &indices, "--port", "golden"];
        assert_eq!(said(&line), "");
    }
}

/// All of a picture file is used, refused or named.
#[test]
fn nothing_of_a_picture_is_dropped_in_silence() {
    let f = Folder::new();
    let out = f.at("m.json");
    let line = |path: &Path| {
        let path = path.to_str().expect("text").to_string();
        let rest = ["--codewords", "2", "--out", &out, "--port", "golden"].map(String::from);
        [&["train".into(), path][..], &rest].concat()
    };
    let plain = [b"P5 8 8 255\n".to_vec(), vec![7; 64]].concat();
    let two = f.file("two.pgm", [plain.clone(), plain.clone()].concat());
    refused(&line(&two), &["two.pgm", "behind its first picture"]);
    let over = f.file("over.pgm", [b"P5 8 8 100\n".to_vec(), vec![101; 64]].concat());
    refused(&line(&over), &["sample of 101", "above the 100"]);
    let over = f.file("deep.pgm", deep(8, 8, 1000, |x, _| 994 + x as u16));
    refused(&line(&over), &["sample of 1001", "above the 1000"]);
    let none = f.file("none.pgm", "P5\n0 8\n255\n");
    refused(&line(&none), &["none.pgm", "no pixels"]);
    let array = |more: &[u8]| {
        let array = fixlearn::output::npy(4, 4, (0..16).map(f64::from)).expect("an array");
        [&array[..], more].concat()
    };
    refused(&line(&f.file("long.npy", array(&[0]))), &["long.npy", "more than its header"]);
    let coloured = f.file("c.ppm", [b"P6 8 8 255\n".to_vec(), (0..192).collect()].concat());
    let words: Vec<String> = line(&coloured);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    assert!(said(&words).contains("colours"));
    let mut png = Vec::new();
    let pixels: Vec<u8> = (0..64_u8).flat_map(|i| [i, i, i, 4 * i]).collect();
    let encoder = image::codecs::png::PngEncoder::new(&mut png);
    let kind = image::ExtendedColorType::Rgba8;
    image::ImageEncoder::write_image(encoder, &pixels, 8, 8, kind).expect("a picture");
    std::fs::remove_file(&out).expect("the model before");
    let longer = [&png[..], b"x"].concat();
    refused(&line(&f.file("longer.png", longer)), &["longer.png", "behind its picture"]);
    let words: Vec<String> = line(&f.file("a.png", png));
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    assert!(said(&words).contains("transparency"));
}

/// An index file names its codebook, carries it if asked to, and says when it is not whole.
#[test]
fn an_index_file_knows_its_codebook() {
    let f = Folder::new();
    let pixels: Vec<u8> = (0..256_u32).map(|i| (i * i / 256) as u8).collect();
    let picture = f.file("p.pgm", [b"P5 16 16 255\n".to_vec(), pixels].concat());
    let picture = picture.to_str().expect("text");
    let (one, two, out) = (f.at("1.json"), f.at("2.json"), f.at("back.pgm"));
    train(picture, &one, &["--codewords", "8", "--seed", "1"]);
    train(picture, &two, &["--codewords", "8", "--seed", "2"]);
    let (plain, whole) = (f.at("plain.idx"), f.at("whole.idx"));
    encode(picture, &one, &plain, &[]);
    let quality = encode(picture, &one, &whole, &["--with-codebook"]);
    let length = std::fs::metadata(&whole).expect("a file").len();
    assert_eq!(quality["bits_per_sample_of_file"], 8.0 * length as f64 / 256.0);
    // 16 indices of 3 bits, 8 codewords of 16 bytes.
    assert_eq!(quality["bits_per_sample"], 48.0 / 256.0);
    assert_eq!(quality["bits_per_sample_with_codebook"], (48.0 + 1024.0) / 256.0);
    let decode = |indices: &str, more: &[&str]| {
        json(&[&["decode", indices, "--out", &out], more].concat());
        std::fs::read(&out).expect("a picture")
    };
    assert_eq!(decode(&plain, &["--model", &one]), decode(&whole, &[]));
    let none = f.at("none.pgm");
    refused(&["decode", &plain, "--out", &none], &["plain.idx", "--model", "--with-codebook"]);
    for indices in [&plain, &whole] {
        let line = ["decode", indices, "--model", &two, "--out", &none];
        refused(&line, &["was not encoded with this model"]);
    }
    // Cut anywhere, changed in the codebook, of a later version: said, not decoded.
    let bytes = std::fs::read(&whole).expect("a file");
    let line = bytes.iter().position(|&b| b == b'\n').expect("a line");
    let cut = f.at("cut.idx");
    for length in [0, 10, line, line + 1, line + 100, bytes.len() - 1] {
        std::fs::write(&cut, &bytes[..length]).expect("written");
        refused(&["decode", &cut, "--out", &none], &["cut.idx"]);
    }
    for place in [line + 5, bytes.len() - 1] {
        let mut changed = bytes.clone();
        changed[place] ^= 1;
        std::fs::write(&cut, &changed).expect("written");
        refused(&["decode", &cut, "--out", &none], &["cut.idx", "damaged"]);
    }
    let text = String::from_utf8_lossy(&bytes[..line]).replace("\"width\":16", "\"width\":15");
    std::fs::write(&cut, [text.as_bytes(), &bytes[line..]].concat()).expect("written");
    refused(&["decode", &cut, "--out", &none], &["cut.idx", "damaged"]);
    let text = String::from_utf8_lossy(&bytes[..line]).replace("\"version\":2", "\"version\":9");
    std::fs::write(&cut, text + "\n").expect("written");
    refused(&["decode", &cut, "--out", &none], &["version 9", "versions 1 to 3"]);
    // Version 1 named no codebook.
    let bytes = std::fs::read(&plain).expect("a file");
    let line = bytes.iter().position(|&b| b == b'\n').expect("a line");
    let mut head: serde_json::Value = serde_json::from_slice(&bytes[..line]).expect("JSON");
    head["version"] = 1.into();
    head.as_object_mut().expect("fields").remove("sha256");
    let old = f.file("old.idx", [head.to_string().as_bytes(), &bytes[line..]].concat());
    let line = ["decode", old.to_str().expect("text"), "--model", &one, "--out", &out];
    assert!(said(&line).contains("version 1"), "{}", said(&line));
    assert_eq!(decode(old.to_str().expect("text"), &["--model", &one]), decode(&whole, &[]));
}

/// Of a map, only the radius needs to be given: its schedules end with the run, and it unfolds.
#[test]
fn the_schedules_of_a_map_end_with_its_run() {
    let f = Folder::new();
    let body: String = (0..400).map(|i| format!("{},{}\n", i % 20, i / 20)).collect();
    let table = f.file("t.csv", format!("x,y\n{body}"));
    let (table, model) = (table.to_str().expect("text"), f.at("m.json"));
    let grid =
        ["--codewords", "16", "--columns", "4", "--radius", "3", "--passes", "20", "--seed", "2"];
    train(table, &model, &grid);
    let state = &f.json("m.json")["state"];
    let config = &state["config"];
    assert_eq!((&config["radius"], &config["rate_shift"]), (&0.into(), &6.into()), "{config}");
    // Neighbours on the grid are neighbours among the points.
    let words: Vec<f64> = serde_json::from_value(state["codebook"].clone()).expect("words");
    let far = |a: usize, b: usize| {
        (words[2 * a] - words[2 * b]).hypot(words[2 * a + 1] - words[2 * b + 1])
    };
    let beside = (0..16).filter(|i| i % 4 < 3).map(|i| far(i, i + 1));
    let below = (0..12).map(|i| far(i, i + 4));
    let most = beside.chain(below).fold(0.0, f64::max);
    assert!(most < far(0, 15) / 2.0, "{most} of {}", far(0, 15));
    // More codewords than there are vectors to put them at.
    let few = f.file("few.csv", "a,b\n1,2\n3,4\n1,2\n5,6\n");
    let few = few.to_str().expect("text");
    let words = ["train", few, "--out", &model, "--port", "golden", "--codewords"];
    assert!(said(&[&words[..], &["4"]].concat()).contains("3 different vectors"));
    assert!(!said(&[&words[..], &["3"]].concat()).contains("different vectors"));
}

/// Columns are taken by name or number, found again by name, and rows with holes are refused, left
/// out or filled; whatever is left out is said.
#[test]
fn columns_and_rows_of_a_table_are_chosen() {
    let f = Folder::new();
    let row = |i: u32| {
        let hole = if i % 10 == 3 { "NA".into() } else { (i * 7 % 20).to_string() };
        format!("{i},{},{hole},{}\n", i % 5, ["red", "blue"][i as usize % 2])
    };
    let body: String = (0..50).map(row).collect();
    let table = f.file("t.csv", format!("id,a,b,kind\n{body}"));
    let table = table.to_str().expect("text");
    let out = f.at("m.json");
    let line = |more: &[&str]| {
        let all = ["train", table, "--header", "--codewords", "4", "--out", &out];
        [&all[..], &GOLDEN, more].concat().into_iter().map(String::from).collect::<Vec<_>>()
    };
    refused(&line(&[]), &["line 2, column 4 (`kind`)", "`red` is not a number", "--drop kind"]);
    refused(&line(&["--drop", "kind"]), &["line 5, column 3 (`b`)", "missing", "--missing drop"]);
    refused(&line(&["--drop", "colour"]), &["no column `colour`", "id, a, b, kind"]);
    refused(&line(&["--drop", "1,2,3,4"]), &["leaves no column"]);
    assert!(!f.path("m.json").exists());
    let words = |more: &[&str]| line(more);
    let run = |more: &[&str]| {
        let words = words(more);
        said(&words.iter().map(String::as_str).collect::<Vec<_>>())
    };
    assert!(run(&["--drop", "id,4", "--missing", "drop"]).contains("5 rows left out"));
    let dropped = f.json("m.json");
    assert_eq!(dropped["plan"]["names"], serde_json::json!(["a", "b"]));
    assert!(run(&["--features", "a,b", "--missing", "drop"]).contains("5 rows left out"));
    assert_eq!(f.json("m.json")["state"], dropped["state"]);
    assert!(run(&["--features", "2,b", "--missing", "mean"]).contains("5 means taken"));
    let means = f.json("m.json")["plan"]["selection"]["means"].clone();
    assert_eq!(means.as_array().map(Vec::len), Some(2));
    // Another table, its columns in another order, one of them not the model's, with a hole.
    let other = f.file("o.csv", "b,note,a\n1,x,2\n,y,3\n");
    let other = other.to_str().expect("text");
    let indices = f.at("o.idx");
    let encoded = ["encode", other, "--model", &out, "--out", &indices, "--port", "golden"];
    let heard = said(&encoded);
    assert!(heard.contains("does not use: note") && heard.contains("1 mean taken"), "{heard}");
    // What the run was begun with is what it goes on with.
    let resume = ["--resume", "--features", "a,b", "--missing", "mean", "--passes", "12"];
    assert_eq!(run(&resume).matches("means taken").count(), 1, "the table is read once");
    let open = f.file("open.csv", "a,b\n1,2\n3,\"4\n5,6\n7,8\n");
    let open = open.to_str().expect("text");
    refused(&["train", open, "--header", "--out", &f.at("n")], &["line 3", "quotation mark"]);
    let other = words(&["--resume", "--features", "a", "--missing", "mean"]);
    let done = fixlearn(&other);
    assert_eq!(done.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&done.stderr).contains("another --features"));
    let check = ["check", table, "--header", "--model", &out];
    assert_eq!(json(&check)["equal"], true);
    let twice = f.file("twice.csv", "a,a\n1,2\n3,4\n");
    let twice = twice.to_str().expect("text");
    refused(&["train", twice, "--header", "--out", &f.at("n")], &["columns 1 and 2", "`a`"]);
}

/// Arrays: more dimensions are said, whole numbers that would be rounded are refused where used.
#[test]
fn arrays_are_taken_as_they_are() {
    let f = Folder::new();
    let array = |name: &str, kind: &str, shape: &str, data: Vec<u8>| {
        let head = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': ({shape}), }}");
        let head = format!("{head:<117}\n");
        let length = (head.len() as u16).to_le_bytes();
        f.file(name, [&b"\x93NUMPY\x01\0"[..], &length, head.as_bytes(), &data].concat());
        f.at(name)
    };
    let out = f.at("m.json");
    let line = |path: &str, more: &[&str]| {
        let all = ["train", path, "--out", &out, "--codewords", "2"];
        [&all[..], &GOLDEN, more].concat().into_iter().map(String::from).collect::<Vec<_>>()
    };
    let heard = |line: Vec<String>| said(&line.iter().map(String::as_str).collect::<Vec<_>>());
    let deep = array("deep.npy", "|u1", "4, 2, 3", (0..24).collect());
    let note = heard(line(&deep, &[]));
    assert!(note.contains("4 rows of 6 columns") && note.contains("4 x 2 x 3"), "{note}");
    let none = array("none.npy", "|u1", "0, 3", Vec::new());
    refused(&line(&none, &["--force"]), &["[0, 3]", "nothing in it"]);
    let whole = [1_i64, 2, 3, (1 << 53) + 1, 5, 6];
    let whole = array("w.npy", "<i8", "3, 2", whole.iter().flat_map(|v| v.to_le_bytes()).collect());
    refused(&line(&whole, &["--force"]), &["row 2, column 2", "`9007199254740993`", "--drop 2"]);
    heard(line(&whole, &["--drop", "2"]));
}
