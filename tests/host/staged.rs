//! `encode` by stages and `decode`, as a user runs them: the same file on every port and after any
//! interruption, the rate that is asked for, and nothing lost of what a damaged file still holds.

mod common;

use common::{fixlearn, json, refused, tool, Board, Folder};
use fixlearn::{demo, picture};
use std::io::Write;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

/// Frames of a generated angiogram; their paths.
fn frames(folder: &Folder, many: usize, side: usize) -> Vec<String> {
    let pixels = demo::angiogram(many, side);
    let one = |(i, pixels): (usize, &[u8])| {
        let name = format!("f{i:02}.png");
        let bytes = picture::encode(Path::new("a.png"), pixels, side, side, 1).expect("a picture");
        folder.file(&name, bytes);
        folder.at(&name)
    };
    pixels.chunks_exact(side * side).enumerate().map(one).collect()
}

/// `encode` of these frames into a file, with more options.
fn encode<'a>(frames: &'a [String], out: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let frames = frames.iter().map(String::as_str);
    ["encode"].into_iter().chain(frames).chain(["--out", out]).chain(more.iter().copied()).collect()
}

const GOLDEN: [&str; 2] = ["--port", "golden"];

fn pixels(path: &str) -> Vec<u8> {
    image::open(path).expect("a picture").into_luma8().into_raw()
}

/// PSNR of decoded frames against the given ones.
fn psnr(given: &[String], folder: &Folder, name: &str) -> f64 {
    let (mut squares, mut count) = (0.0, 0.0);
    for (i, path) in given.iter().enumerate() {
        let found = pixels(&folder.at(&format!("{name}-{i:03}.png")));
        for (a, b) in pixels(path).iter().zip(&found) {
            squares += (f64::from(*a) - f64::from(*b)).powi(2);
            count += 1.0;
        }
    }
    10.0 * (255.0_f64.powi(2) * count / squares).log10()
}

/// The golden model, the simulated board, and the board behind a pseudo-terminal.
#[test]
fn every_port_makes_the_same_file() {
    let f = Folder::new();
    let given = frames(&f, 3, 24);
    let board = Board::start(&["--size", "16x16x4"]);
    let stages = ["--stages", "4x4:16,2x2:8", "--passes", "2", "--threshold", "1"];
    let mut files = Vec::new();
    for port in ["golden", "sim", &board.1] {
        let out = f.at("a.flvq");
        let report = json(&encode(&given, &out, &[&stages[..], &["--port", port]].concat()));
        assert_eq!(report["bytes"], std::fs::metadata(&out).expect("a file").len(), "{report}");
        assert!(report["stages"][1]["blocks"].as_u64() > Some(0), "{report}");
        files.push(std::fs::read(&out).expect("a file"));
    }
    assert!(files[0] == files[1] && files[0] == files[2]);
}

/// What is reported is what decoding shows; a rate is met within 2 %.
#[test]
fn a_rate_is_met_and_reported() {
    let f = Folder::new();
    let given = frames(&f, 12, 64);
    let out = f.at("a.flvq");
    for rate in [0.4, 0.9] {
        let bits = rate.to_string();
        let more = [&GOLDEN[..], &["--two-stage", "--passes", "4", "--bpp", &bits]].concat();
        let report = json(&encode(&given, &out, &more));
        let found = report["bits_per_sample"].as_f64().expect("a number");
        assert!((found / rate - 1.0).abs() <= 0.02, "{report}");
        let bytes = std::fs::metadata(&out).expect("a file").len();
        assert_eq!(found, 8.0 * bytes as f64 / (12 * 64 * 64) as f64);
        json(&["decode", &out, "--out", &f.at("back.png")]);
        let (said, measured) = (report["psnr_db"].as_f64().expect("dB"), psnr(&given, &f, "back"));
        assert!((said - measured).abs() < 1e-9, "{said} {measured}");
        // Sizes of the head and the end are the rest.
        let parts = ["codebook_bytes", "frame_bytes"].map(|part| report[part].as_u64().expect("n"));
        assert!(parts.iter().sum::<u64>() <= bytes && parts.iter().all(|&n| n > 0), "{report}");
    }
    let none = [&GOLDEN[..], &["--two-stage", "--passes", "1", "--bpp", "9", "--force"]].concat();
    refused(&encode(&given, &out, &none), &["--bpp 9", "bits a sample", "learned is in --out"]);
    refused(&encode(&given, &out, &[&none[..], &["--resume"]].concat()), &["--bpp 9"]);
}

/// Also of the loudest sound, whose blocks save up to 2^40; a rate that is out of reach is named.
#[test]
fn a_rate_of_sound_is_met() {
    let f = Folder::new();
    let mut state = 1_u32;
    let noise = (0..8000).map(|_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        if state >> 31 == 0 {
            i16::MIN
        } else {
            i16::MAX
        }
    });
    let bytes = fixlearn::input::wav::write(Path::new("a.wav"), 1, 8000, noise).expect("sound");
    f.file("a.wav", bytes);
    let (given, out) = ([f.at("a.wav")], f.at("a.flvq"));
    let stages = ["--stages", "16x1:8,8x1:32,2x1:16", "--passes", "1", "--bpp"];
    for rate in [0.9, 1.3, 2.0] {
        let bits = rate.to_string();
        let report = json(&encode(&given, &out, &[&GOLDEN[..], &stages, &[&bits]].concat()));
        let found = report["bits_per_sample"].as_f64().expect("a number");
        assert!((found / rate - 1.0).abs() <= 0.02, "{report}");
    }
    let tiny = encode(&given, &out, &[&GOLDEN[..], &stages, &["1e-300", "--force"]].concat());
    refused(&tiny, &["--bpp 1e-300: these stages make", "is the nearest to it"]);
}

/// INT in the middle leaves a checkpoint, from which --resume makes the same file.
#[test]
fn interrupted_and_resumed_it_is_the_same_file() {
    let f = Folder::new();
    let given = frames(&f, 8, 64);
    let (whole, parts) = (f.at("whole.flvq"), f.at("parts.flvq"));
    let stages = [&GOLDEN[..], &["--stages", "8x8:32,4x4:32,2x2:16", "--passes", "400"]].concat();
    json(&encode(&given, &whole, &stages));
    let mut kept = 0;
    for wait in [100, 200, 400] {
        let more = [&stages[..], &["--resume"]].concat();
        let mut run = tool(&encode(&given, &parts, &more))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it runs");
        std::thread::sleep(Duration::from_millis(wait));
        let id = nix::unistd::Pid::from_raw(run.id() as i32);
        if run.try_wait().expect("a child").is_none() {
            nix::sys::signal::kill(id, nix::sys::signal::Signal::SIGINT).expect("sent");
            let begun = Instant::now();
            run.wait().expect("it ends");
            assert!(begun.elapsed() < Duration::from_secs(5));
        }
        let bytes = std::fs::read(&parts).unwrap_or_default();
        kept += usize::from(bytes.starts_with(b"{\"format\":\"fixlearn-encoding\""));
        if bytes.starts_with(b"FLVQ") {
            break;
        }
    }
    assert!(kept > 0, "no checkpoint was seen");
    if !std::fs::read(&parts).expect("a file").starts_with(b"FLVQ") {
        // Another setting is refused, and the checkpoint stays.
        let other = ["--stages", "8x8:32", "--passes", "400", "--resume"];
        let other = [&GOLDEN[..], &other].concat();
        refused(&encode(&given, &parts, &other), &["parts.flvq", "another --stages"]);
        json(&encode(&given, &parts, &[&stages[..], &["--resume"]].concat()));
    }
    assert!(std::fs::read(&whole).expect("a file") == std::fs::read(&parts).expect("a file"));
    refused(&encode(&given, &parts, &[&stages[..], &["--resume"]].concat()), &["is finished"]);
}

/// What a checkpoint holds is looked at before it is relied upon; --resume waits for no pipe.
#[test]
fn a_checkpoint_that_cannot_be_is_refused() {
    let f = Folder::new();
    let given = frames(&f, 2, 32);
    let out = f.at("a.flvq");
    let stages = ["--stages", "4x4:16,2x2:8", "--passes", "2"];
    let all = encode(&given, &out, &[&GOLDEN[..], &stages, &["--resume"]].concat());
    // A rate that is not met leaves all that was learned.
    let learned = [&all[..], &["--bpp", "30"]].concat();
    assert_eq!(fixlearn(&learned).status.code(), Some(2));
    refused(&["info", "--model", &out], &["is a checkpoint", "--resume"]);
    let good = f.json("a.flvq");
    let refused_after = |change: &dyn Fn(&mut serde_json::Value), words: &[&str]| {
        let mut changed = good.clone();
        change(&mut changed);
        let bytes = serde_json::to_vec(&changed).expect("JSON");
        f.file("a.flvq", &bytes);
        refused(&learned, words);
        assert!(std::fs::read(&out).expect("a file") == bytes);
    };
    refused_after(&|c| c["done"][0]["step"] = 0.into(), &["damaged", "a step of 0"]);
    refused_after(&|c| c["done"][1] = c["done"][0].clone(), &["damaged", "a stage's size"]);
    refused_after(&|c| c["done"][1]["state"]["codebook"] = vec![1].into(), &["damaged"]);
    refused_after(&|c| c["asked"]["stages"] = Vec::<u8>::new().into(), &["damaged", "no stages"]);
    refused_after(&|c| c["version"] = 2.into(), &["version 2"]);
    refused_after(
        &|c| {
            c["asked"]["seed"] = 7.into();
            c["asked"]["passes"] = 3.into();
        },
        &["was begun with another --passes, --seed;"],
    );
    refused_after(&|c| c["format"] = "other".into(), &["`other`"]);
    nix::unistd::mkfifo(&f.path("pipe"), nix::sys::stat::Mode::S_IRWXU).expect("a pipe");
    let pipe = f.at("pipe");
    let piped = encode(&given, &pipe, &[&GOLDEN[..], &stages, &["--resume"]].concat());
    refused(&piped, &["is no regular file"]);
}

/// A cut file gives the frames before the cut, and says so.
#[test]
fn frames_before_the_damage_are_decoded() {
    let f = Folder::new();
    let given = frames(&f, 6, 32);
    let out = f.at("a.flvq");
    json(&encode(&given, &out, &[&GOLDEN[..], &["--stages", "4x4:16", "--passes", "2"]].concat()));
    json(&["decode", &out, "--out", &f.at("all.png")]);
    let bytes = std::fs::read(&out).expect("a file");
    let mut flipped = bytes.clone();
    let at = bytes.len() - 60;
    flipped[at] ^= 4;
    for (name, damaged) in [("cut", bytes[..bytes.len() - 60].to_vec()), ("flip", flipped)] {
        f.file("bad.flvq", damaged);
        let done = fixlearn(&["decode", &f.at("bad.flvq"), "--out", &f.at(&format!("{name}.png"))]);
        let said = String::from_utf8_lossy(&done.stderr);
        assert_eq!(done.status.code(), Some(2), "{said}");
        assert!(said.contains("is damaged: frames 1 to"), "{said}");
        let many = (0..6).filter(|i| f.path(&format!("{name}-{i:03}.png")).exists()).count();
        assert!((1..6).contains(&many), "{many}");
        for i in 0..many {
            let pair = ["all", name].map(|n| std::fs::read(f.path(&format!("{n}-{i:03}.png"))));
            let [a, b] = pair.map(|bytes| bytes.expect("a frame"));
            assert!(a == b, "frame {i}");
        }
    }
}

/// The one frame that is left keeps its number; a checkpoint is called one; a pipe gives bytes
/// once.
#[test]
fn what_is_decoded_is_named() {
    let f = Folder::new();
    let given = frames(&f, 3, 32);
    let (out, stages) = (f.at("a.flvq"), ["--stages", "4x4:16", "--passes", "1"]);
    json(&encode(&given, &out, &[&GOLDEN[..], &stages].concat()));
    let bytes = std::fs::read(&out).expect("a file");
    // Down to the first frame alone.
    let one = (0..bytes.len()).rev().find_map(|end| {
        let left = fixlearn::stages::file::decode(&bytes[..end]).ok()?.frames.len();
        (left == 1).then(|| bytes[..end].to_vec())
    });
    f.file("cut.flvq", one.expect("a cut behind the first frame"));
    let done = fixlearn(&["decode", &f.at("cut.flvq"), "--out", &f.at("b.png")]);
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.code() == Some(2) && said.contains("frames 1 to 1 of 3"), "{said}");
    assert!(f.path("b-000.png").exists() && !f.path("b.png").exists());
    let rate = [&GOLDEN[..], &["--two-stage", "--passes", "1", "--bpp", "90", "--force"]].concat();
    assert_eq!(fixlearn(&encode(&given, &out, &rate)).status.code(), Some(2));
    refused(&["decode", &out, "--out", &f.at("c.png")], &["is a checkpoint", "--resume"]);
    let (model, index) = (f.at("m.json"), f.at("m.idx"));
    json(&["train", &given[0], "--codewords", "8", "--out", &model, "--port", "golden"]);
    let encode = ["encode", &given[0], "--out", &index, "--model", &model, "--with-codebook"];
    json(&[&encode[..], &GOLDEN].concat());
    let mut run = tool(&["decode", "/dev/stdin", "--out", &f.at("i.png")])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("it runs");
    let mut pipe = run.stdin.take().expect("a pipe");
    pipe.write_all(&std::fs::read(&index).expect("indices")).expect("written");
    drop(pipe);
    assert!(run.wait().expect("it ends").success());
    assert_eq!(pixels(&f.at("i.png")).len(), 32 * 32);
}

/// Colours, 16 bits with a window, and sizes that are no multiple of a block come back.
#[test]
fn what_pictures_are_comes_back() {
    let f = Folder::new();
    let colour: Vec<u8> = (0..27 * 19 * 3).map(|i| (i * 7 % 251) as u8).collect();
    let bytes = picture::encode(Path::new("a.png"), &colour, 27, 19, 3).expect("a picture");
    f.file("c.png", bytes);
    let deep: Vec<u16> = (0..16 * 16).map(|i| 1000 + i * 11).collect();
    f.file("d.png", picture::encode_deep(Path::new("a.png"), &deep, 16, 16, 1).expect("a picture"));
    let exact = [&GOLDEN[..], &["--stages", "1x1:256"]].concat();
    let out = f.at("a.flvq");
    json(&encode(&[f.at("c.png")], &out, &exact));
    json(&["decode", &out, "--out", &f.at("c2.png")]);
    let back = image::open(f.path("c2.png")).expect("a picture").into_rgb8();
    assert_eq!(back.dimensions(), (27, 19));
    assert!(back.into_raw() == colour, "256 codewords of one pixel hold every value");
    let window = ["--stages", "1x1:256", "--window", "1000,4060"];
    json(&encode(&[f.at("d.png")], &out, &[&GOLDEN[..], &window].concat()));
    json(&["decode", &out, "--out", &f.at("d2.png")]);
    let back = image::open(f.path("d2.png")).expect("a picture").into_luma16().into_raw();
    assert!(back.iter().zip(&deep).all(|(a, b)| a.abs_diff(*b) <= 12));
    // The steps of one value go on beyond what a picture holds.
    let white = picture::encode_deep(Path::new("a.png"), &[65535; 64], 8, 8, 1);
    f.file("w.png", white.expect("a picture"));
    json(&encode(&[f.at("w.png")], &out, &exact));
    json(&["decode", &out, "--out", &f.at("w2.png")]);
    let back = image::open(f.path("w2.png")).expect("a picture").into_luma16().into_raw();
    assert_eq!(back, [65535; 64]);
}

/// Codebooks of a file or of a model; a line's differences make fewer bytes than frequencies.
#[test]
fn codebooks_are_taken_from_files_and_models() {
    let f = Folder::new();
    let given = frames(&f, 8, 64);
    let (first, second, model) = (f.at("a.flvq"), f.at("b.flvq"), f.at("m.json"));
    json(&encode(&given, &first, &[&GOLDEN[..], &["--two-stage", "--passes", "2"]].concat()));
    // With the same codebooks, and all blocks searched, it is the same file.
    let again = [&GOLDEN[..], &["--model", &first]].concat();
    json(&encode(&given, &second, &again));
    assert!(std::fs::read(&first).expect("a file") == std::fs::read(&second).expect("a file"));
    let paths: Vec<&str> = given.iter().map(String::as_str).collect();
    let train = ["--codewords", "64", "--radius", "32", "--out", &model, "--port", "golden"];
    json(&[&["train"], &paths[..], &train].concat());
    let compress = [&GOLDEN[..], &["--model", &model, "--compress"]].concat();
    let small = json(&encode(&given, &second, &compress));
    let plain = f.at("p.idx");
    let large = json(&encode(&given, &plain, &[&GOLDEN[..], &["--model", &model]].concat()));
    assert_eq!(small["psnr_db"], large["psnr_db"]);
    let bits = |report: &serde_json::Value, field: &str| report[field].as_f64().expect("bits");
    let (few, many) =
        (bits(&small, "bits_per_sample"), bits(&large, "bits_per_sample_with_codebook"));
    assert!(few < 0.7 * many, "{few} {many}");
}

/// Stages that no block has are not in the file, and `info` shows those that are.
#[test]
fn stages_that_no_block_has_are_left_out() {
    let f = Folder::new();
    let given = frames(&f, 2, 32);
    let out = f.at("a.flvq");
    let stages = ["--stages", "8x8:8,4x4:8,2x2:8", "--passes", "1", "--threshold"];
    let (mut bytes, mut stages_there) = (Vec::new(), Vec::new());
    for threshold in ["0", "1e12"] {
        let more = [&GOLDEN[..], &stages, &[threshold]].concat();
        let report = json(&encode(&given, &out, &more));
        let info = json(&["info", "--model", &out]);
        assert_eq!(info["bytes"], report["bytes"]);
        assert_eq!((&info["content"], &info["frames"]), (&"pictures".into(), &2.into()), "{info}");
        let of = |value: &serde_json::Value| value["stages"].as_array().expect("stages").len();
        assert_eq!(of(&info), of(&report));
        json(&["decode", &out, "--out", &f.at("b.png")]);
        bytes.push(report["codebook_bytes"].as_u64());
        stages_there.push(of(&info));
    }
    assert_eq!(stages_there, [3, 1]);
    assert!(bytes[1] < bytes[0], "{bytes:?}");
}

/// A tone, as a .wav file.
fn tone(folder: &Folder) -> String {
    let wave = (0..3000).map(|i| (9000.0 * (f64::from(i) / 9.0).sin()) as i16);
    let bytes = fixlearn::input::wav::write(Path::new("a.wav"), 1, 8000, wave).expect("sound");
    folder.file("a.wav", bytes);
    folder.at("a.wav")
}

/// A model codes what it was learned from, in its units, or a line says why not.
#[test]
fn a_model_is_taken_for_its_own_kind() {
    let f = Folder::new();
    let sound = tone(&f);
    let picture = frames(&f, 1, 32)[0].clone();
    f.file("t.csv", (0..40).map(|i| format!("{i},{}\n", i % 7)).collect::<String>());
    f.file("u.csv", (0..40).map(|i| format!("{i},{},3\n", i % 7)).collect::<String>());
    let (table, other) = (f.at("t.csv"), f.at("u.csv"));
    let residual = [&GOLDEN[..], &["--residual", "2", "--codewords", "8"]].concat();
    let models = [&picture, &sound, &table].map(|input| {
        let model = format!("{input}.flvq");
        json(&encode(std::slice::from_ref(input), &model, &residual));
        model
    });
    let (plain, out) = (f.at("m.json"), f.at("o.flvq"));
    json(&["train", &picture, "--codewords", "8", "--out", &plain, "--port", "golden"]);
    let said = |input: &str, model: &str, more: &[&str]| {
        let all = ["encode", input, "--out", &out, "--force", "--port", "golden", "--model", model];
        let done = fixlearn(&[&all[..], more].concat());
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        // Of a table with names it is said how it was read.
        (done.status.code(), said.lines().last().unwrap_or_default().to_string())
    };
    for (input, model, more, words) in [
        (&sound, &models[0], &[][..], "is of pictures, and the input is sound"),
        (&picture, &models[1], &[], "is of sound, and the input is pictures"),
        (&picture, &models[2], &[], "is of a table, and the input is pictures"),
        (&table, &models[0], &[], "is of pictures, and the input is a table"),
        (&other, &models[2], &[], "is of a table of 2 columns, and the input has 3"),
        (&sound, &plain, &["--compress"], "is of pictures, and the input is sound"),
        (&picture, &models[0], &["--compress"], "leave out --compress"),
        (&picture, &picture, &["--compress"], "not a fixlearn model"),
    ] {
        let (status, said) = said(input, model, more);
        assert!(status == Some(2) && said.contains(words), "{words}: {said}");
        assert!(said.contains(model.as_str()) && !f.path("o.flvq").exists(), "{said}");
    }
    // Other numbers of planes share the codebooks; other values are taken in the model's units.
    let colour: Vec<u8> = (0..24 * 24 * 3).map(|i| (i * 5 % 253) as u8).collect();
    f.file("c.png", picture::encode(Path::new("a.png"), &colour, 24, 24, 3).expect("a picture"));
    let (status, line) = said(&f.at("c.png"), &models[0], &[]);
    assert_eq!(status, Some(0), "{line}");
    assert!(line.contains("learned on 1 plane a frame, and code 3 planes"), "{line}");
    let deep: Vec<u16> = (0..16 * 16).map(|i| i * 2).collect();
    f.file("d.png", picture::encode_deep(Path::new("a.png"), &deep, 16, 16, 1).expect("a picture"));
    for (model, more) in [(&models[0], &[][..]), (&plain, &["--compress"])] {
        let (status, line) = said(&f.at("d.png"), model, more);
        assert_eq!(status, Some(0), "{line}");
        assert!(line.contains("128 of 256 values are outside the range"), "{line}");
        json(&["decode", &out, "--out", &f.at("d2.png")]);
        let back = image::open(f.path("d2.png")).expect("a picture");
        assert_eq!(back.color(), image::ColorType::L8);
    }
    // A pipe gives a model once.
    let whole = [&models[0], &plain].map(std::fs::read);
    for (bytes, more) in whole.into_iter().zip([&[][..], &["--compress"]]) {
        let all = ["encode", &picture, "--out", &out, "--force", "--port", "golden"];
        let run = tool(&[&all[..], &["--model", "/dev/stdin"], more].concat())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn();
        let mut run = run.expect("it runs");
        let mut pipe = run.stdin.take().expect("a pipe");
        pipe.write_all(&bytes.expect("a model")).expect("written");
        drop(pipe);
        assert!(run.wait().expect("it ends").success());
    }
}

#[test]
fn requests_that_cannot_be() {
    let f = Folder::new();
    let given = frames(&f, 1, 16);
    let out = f.at("a.flvq");
    let line = |more: &[&'static str]| -> Vec<String> {
        encode(&given, &out, &[&GOLDEN[..], more].concat()).iter().map(|s| s.to_string()).collect()
    };
    for (more, words) in [
        (&["--stages", "8x8:16,3x3:16"][..], &["8x8 has no parts of 3x3"][..]),
        (&["--stages", "4x4"], &["--stages", "WIDTHxHEIGHT:CODEWORDS"]),
        (&["--two-stage", "--bpp", "-1"], &["--bpp"]),
        (&["--two-stage", "--threshold", "nan"], &["--threshold"]),
        (&["--two-stage", "--with-codebook"], &["--with-codebook"]),
        (&["--bpp", "1"], &["--model", "--two-stage", "--residual"]),
        (&[], &["--model", "--two-stage", "--residual"]),
        (&["--two-stage", "--residual", "2"], &["--residual"]),
        (&["--stages", "16x16:256", "--size", "16x16x4"], &["1 to 16 codewords"]),
        (&["--residual", "2", "--threshold", "4"], &["--threshold", "split"]),
        (&["--stages", "4x4:16", "--bpp", "1"], &["--bpp", "split"]),
        (&["--two-stage", "--model", "x"], &["--model", "--two-stage"]),
    ] {
        let done = fixlearn(&line(more));
        let said = String::from_utf8_lossy(&done.stderr);
        assert_eq!(done.status.code(), Some(2), "{more:?}: {said}");
        assert!(words.iter().all(|word| said.contains(word)), "{more:?}: {said}");
        assert!(!f.path("a.flvq").exists(), "{more:?}");
    }
    let named =
        encode(&given, &given[0], &GOLDEN).iter().map(|s| s.to_string()).collect::<Vec<_>>();
    refused(&[&named[..], &["--two-stage".into()]].concat(), &["--out"]);
    f.file("b.pbm", b"P4 8 1 a");
    let other = ["encode", &f.at("b.pbm"), "--out", &out, "--two-stage"].map(String::from);
    refused(&other, &["b.pbm: not a kind of input", ".png"]);
    let folder = f.0.path().to_str().expect("text");
    refused(&["encode", folder, "--out", &out, "--two-stage"], &["is a folder", "*.png"]);
    refused(&["train", folder, "--out", &f.at("m.json")], &["is a folder", "*.png"]);
    f.file("x.flvq", b"FLVQ\x09rest");
    refused(&["decode", &f.at("x.flvq"), "--out", &f.at("x.png")], &["version 9"]);
    f.file("x.flvq", b"FLVQ\x01rest");
    refused(&["decode", &f.at("x.flvq"), "--out", &f.at("x.png")], &["damaged in its head"]);
}

/// Sound of two channels, and a table with names, come back in their kind.
#[test]
fn sound_and_tables_are_coded_too() {
    let f = Folder::new();
    let out = f.at("a.flvq");
    let spec = hound::WavSpec {
        channels: 2,
        sample_rate: 8000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut wav = hound::WavWriter::create(f.path("a.wav"), spec).expect("a file");
    for i in 0..5001 {
        let t = f64::from(i) / 8000.0;
        for hertz in [220.0, 331.0] {
            let phase = std::f64::consts::TAU * hertz * t;
            wav.write_sample((9000.0 * phase.sin()) as i16).expect("written");
        }
    }
    wav.finalize().expect("written");
    let stages = [&GOLDEN[..], &["--residual", "3", "--codewords", "32", "--dimension", "4"]];
    let report = json(&encode(&[f.at("a.wav")], &out, &stages.concat()));
    assert!(report["snr_db"].as_f64() > Some(25.0), "{report}");
    assert!(report["psnr_db"].is_null(), "{report}");
    refused(&["decode", &out, "--out", &f.at("b.csv")], &["b.csv: sound is written as .wav"]);
    json(&["decode", &out, "--out", &f.at("b.wav")]);
    let back = hound::WavReader::open(f.path("b.wav")).expect("sound");
    assert_eq!((back.spec(), back.duration()), (spec, 5001));
    let row = |i: usize| format!("{},{}\n", i % 7, (i % 5) as f64 / 4.0);
    f.file("t.csv", format!("a,b\n{}", (0..300).map(row).collect::<String>()));
    let stages = [&GOLDEN[..], &["--residual", "2", "--codewords", "64"]].concat();
    json(&encode(&[f.at("t.csv")], &out, &stages));
    json(&["decode", &out, "--out", &f.at("u.csv")]);
    let text = std::fs::read_to_string(f.path("u.csv")).expect("a table");
    let rows: Vec<&str> = text.lines().collect();
    assert_eq!((rows[0], rows.len()), ("a,b", 301));
    refused(&["decode", &out, "--out", &f.at("u.wav")], &["u.wav"]);
    let words = ["two-stage is of pictures", "--stages 8x1:64,4x1:128"];
    refused(&["encode", &f.at("a.wav"), "--two-stage", "--out", &f.at("n.flvq")], &words);
    let named = encode(&[f.at("t.csv")], &out, &[&GOLDEN[..], &["--two-stage"]].concat())
        .iter()
        .map(|s| s.to_string())
        .collect::<Vec<_>>();
    refused(&[&named[..], &["--force".into()]].concat(), &["--two-stage"]);
}
