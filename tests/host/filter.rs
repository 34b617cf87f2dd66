//! The filter's command, as a user runs it: sound and tables there and back, over the simulated
//! board and the golden model, broken off and gone on with, and whatever can be wrong.

mod common;

use common::{fixlearn, json, refused, tool, Folder};
use hound::{SampleFormat, WavReader, WavSpec, WavWriter};
use std::process::Stdio;
use std::time::{Duration, Instant};

/// A sine in a little noise, Q1.15.
fn hum(count: usize) -> Vec<i16> {
    let mut random = fastrand::Rng::with_seed(5);
    let noise = move |_| random.i32(-300..300);
    let sine = |n: usize| (9000.0 * (0.2 * n as f64).sin()) as i32;
    (0..count).zip((0..count).map(noise)).map(|(n, noise)| (sine(n) + noise) as i16).collect()
}

/// Noise of every frequency.
fn rustle(count: usize) -> Vec<i16> {
    let mut random = fastrand::Rng::with_seed(6);
    (0..count).map(|_| random.i16(-8000..8000)).collect()
}

/// What a path of a few taps makes of it, and a little of its own.
fn path_of(x: &[i16]) -> Vec<i16> {
    let at = |n: usize, ago: usize| n.checked_sub(ago).map_or(0, |n| i32::from(x[n]));
    (0..x.len()).map(|n| ((at(n, 0) - at(n, 2)) / 2 + at(n, 3) / 4 + n as i32 % 3) as i16).collect()
}

/// Writes channels of 16 bits, 8000 a second.
fn sound(f: &Folder, name: &str, channels: &[&[i16]]) -> String {
    let spec = WavSpec {
        channels: channels.len() as u16,
        sample_rate: 8000,
        bits_per_sample: 16,
        sample_format: SampleFormat::Int,
    };
    let mut wav = WavWriter::create(f.path(name), spec).expect("a file");
    for n in 0..channels[0].len() {
        channels.iter().for_each(|c| wav.write_sample(c[n]).expect("written"));
    }
    wav.finalize().expect("whole");
    f.at(name)
}

/// The samples of a file of one channel of 16 bits, 8000 a second.
fn samples(f: &Folder, name: &str) -> Vec<i16> {
    let mut wav = WavReader::open(f.path(name)).expect("sound");
    let spec = wav.spec();
    assert_eq!((spec.channels, spec.sample_rate, spec.bits_per_sample), (1, 8000, 16));
    wav.samples().map(|s| s.expect("a sample")).collect()
}

fn numbers(f: &Folder, name: &str) -> Vec<f64> {
    let text = std::fs::read_to_string(f.path(name)).expect("text");
    text.lines().map(|line| line.parse().expect("a number")).collect()
}

#[test]
fn sound_is_predicted_with_the_same_bits_everywhere() {
    let f = Folder::new();
    let d = hum(3000);
    let input = sound(&f, "in.wav", &[&d]);
    let mut found = Vec::new();
    for port in ["sim", "core", "golden"] {
        let (e, y) = (format!("{port}-e.wav"), format!("{port}-y.wav"));
        let files = ["--errors", &f.at(&e), "--predicted", &f.at(&y), "--out", &f.at(port)];
        let words = ["filter", &input, "--port", port, "--taps", "8", "--plot", &f.at("c.svg")];
        let said = json(&[&words[..], &files].concat());
        assert_eq!((&said["measure"], &said["samples"]), (&"prediction gain".into(), &3000.into()));
        assert_eq!(said["saturated"], serde_json::json!([]));
        let gain = |field: &str| said[field].as_f64().expect("a number");
        // The sine is 31 dB above the noise.
        assert!(gain("gain_db") > 15.0 && gain("last_quarter_db") > 22.0, "{said}");
        let (e, y) = (samples(&f, &e), samples(&f, &y));
        assert!(d.iter().zip(e.iter().zip(&y)).all(|(d, (e, y))| *d == e + y));
        assert_eq!(e.len(), 3000);
        found.push((e, y, f.json(port)["state"].clone(), f.json(port)["curve"].clone()));
    }
    assert_eq!(found[0], found[1]);
    let plot = std::fs::read_to_string(f.path("c.svg")).expect("a plot");
    assert!(plot.starts_with("<svg") && plot.contains("<polyline"));
    // It is the golden model's in every step, and other programs have its weights.
    let checked = json(&["check", &input, "--model", &f.at("sim"), "--port", "sim"]);
    assert_eq!((&checked["equal"], &checked["steps"]), (&true.into(), &3000.into()));
    json(&["export", "--model", &f.at("sim"), "--out", &f.at("w.npy")]);
    let npy = std::fs::read(f.path("w.npy")).expect("a file");
    assert!(npy.starts_with(b"\x93NUMPY") && npy.len() == 128 + 8 * 8, "8 words of 8 bytes");
}

/// The reference as a channel, a column, and a file of its own.
#[test]
fn a_reference_is_cancelled() {
    let f = Folder::new();
    let x = rustle(2500);
    let d = path_of(&x);
    let row =
        |(d, x): (&i16, &i16)| format!("{},7,{}\n", f64::from(*d) / 16.0, f64::from(*x) / 4.0);
    let rows: String = d.iter().zip(&x).map(row).collect();
    f.file("in.csv", format!("heart,seven,mains\n{rows}"));
    sound(&f, "both.wav", &[&x, &d]);
    sound(&f, "d.wav", &[&d]);
    sound(&f, "x.wav", &[&x]);
    let run = |input: &str, more: &[&str]| {
        let rate = ["--rate-shift", "2", "--port", "golden", "--out", &f.at("run")];
        json(&[&["filter", &f.at(input), "--passes", "3"][..], &rate, more].concat())
    };
    let by_channel = ["--column", "right", "--reference", "1", "--errors", &f.at("a.wav")];
    let said = run("both.wav", &by_channel);
    assert_eq!(said["measure"], "cancellation");
    assert!(said["last_quarter_db"].as_f64().expect("a number") > 30.0, "{said}");
    let state = f.json("run")["state"].clone();
    run("d.wav", &["--reference", &f.at("x.wav"), "--errors", &f.at("b.wav")]);
    assert_eq!(f.json("run")["state"], state);
    assert_eq!(samples(&f, "a.wav"), samples(&f, "b.wav"));
    let files = [f.at("d.wav"), f.at("x.wav"), f.at("run")];
    json(&["check", &files[0], &files[1], "--model", &files[2]]);
    refused(&["check", &files[0], "--model", &files[2]], &["signal", "reference"]);
    refused(&["check", &files[1], &files[0], "--model", &files[2]], &["another signal"]);
    // A table has units of its own; what is written is in those of the signal.
    let columns = ["--header", "--column", "heart", "--reference", "mains"];
    let written = ["--errors", &f.at("e.csv"), "--predicted", &f.at("y.csv"), "--port", "sim"];
    let words = ["filter", &f.at("in.csv"), "--out", &f.at("table"), "--taps", "16"];
    json(&[&words[..], &columns, &written].concat());
    let (e, y) = (numbers(&f, "e.csv"), numbers(&f, "y.csv"));
    assert_eq!(e.len(), 2500);
    for (n, (e, y)) in e.iter().zip(&y).enumerate() {
        let d = f64::from(d[n]) / 16.0;
        assert!((e + y - d).abs() < 0.05, "{n}: {e} and {y} are not {d}");
    }
}

/// Every kind of sample gives the same words, where it can hold them.
#[test]
fn sound_of_every_width_is_read() {
    let f = Folder::new();
    let coarse: Vec<i16> = hum(400).iter().map(|s| s / 256 * 256).collect();
    let mut states = Vec::new();
    for (bits, format) in [
        (8, SampleFormat::Int),
        (16, SampleFormat::Int),
        (24, SampleFormat::Int),
        (32, SampleFormat::Float),
    ] {
        let spec = WavSpec {
            channels: 1,
            sample_rate: 44_100,
            bits_per_sample: bits,
            sample_format: format,
        };
        let mut wav = WavWriter::create(f.path("in.wav"), spec).expect("a file");
        for &s in &coarse {
            let s = i32::from(s);
            let done = match (bits, format) {
                (8, _) => wav.write_sample(s / 256),
                (24, _) => wav.write_sample(s * 256),
                (_, SampleFormat::Float) => wav.write_sample(s as f32 / 32768.0),
                _ => wav.write_sample(s),
            };
            done.expect("written");
        }
        wav.finalize().expect("whole");
        json(&["filter", &f.at("in.wav"), "--out", &f.at("run"), "--port", "golden"]);
        states.push(f.json("run")["state"].clone());
    }
    assert!(states.iter().all(|state| *state == states[0]));
    assert!(states[0]["config"]["energy"].as_u64() > Some(0));
}

/// Killed after a checkpoint and gone on with, also on a device that is reset on the way, it ends
/// with the bits of a run that nothing happened to, in the run and in the files.
#[test]
fn resumed_it_ends_with_the_same_bits() {
    let f = Folder::new();
    let input = sound(&f, "in.wav", &[&hum(15_000)]);
    let words = |out: &str, port: &str, e: &str, more: &[&str]| -> Vec<String> {
        ["filter", &input, "--passes", "6", "--out", &f.at(out), "--port", port]
            .iter()
            .chain(&["--errors", &f.at(e), "--taps", "5"])
            .chain(more)
            .map(|word| word.to_string())
            .collect()
    };
    assert!(fixlearn(&words("whole", "golden", "whole.wav", &[])).status.success());
    let mut run = tool(&words("parts", "sim", "parts.wav", &[]))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it runs");
    let end = Instant::now() + Duration::from_secs(120);
    while !f.path("parts").exists() || f.json("parts")["done"].as_u64() == Some(0) {
        assert!(Instant::now() < end, "no checkpoint");
        std::thread::sleep(Duration::from_millis(5));
    }
    run.kill().expect("killed");
    run.wait().expect("it ends");
    let done = f.json("parts")["done"].as_u64().expect("a number");
    assert!((1..90_000).contains(&done), "{done}");
    let resumed =
        fixlearn(&words("parts", "sim", "parts.wav", &["--resume", "--faults", "reset@90000"]));
    let said = String::from_utf8_lossy(&resumed.stderr);
    assert!(resumed.status.success() && said.contains("lost its state"), "{said}");
    for part in ["state", "plan", "done"] {
        assert_eq!(f.json("parts")[part], f.json("whole")[part], "{part}");
    }
    assert_eq!(samples(&f, "parts.wav"), samples(&f, "whole.wav"));
}

/// What is in other columns does not matter; and numbers of any size are written short.
#[test]
fn the_columns_that_are_not_used_may_hold_anything() {
    let f = Folder::new();
    let cell = |i: u32| i * i % 17;
    let row = |i: u32| {
        format!("2020-{i},{},{}e299,{}\n", cell(i), cell(i), if i == 4 { "" } else { "1" })
    };
    let body: String = (0..40).map(row).collect();
    let table = f.file("t.csv", format!("time,x,far,holes\n{body}"));
    let (table, out, answers) = (table.to_str().expect("text"), f.at("r.json"), f.at("p.csv"));
    let run = |name: &str| {
        let all = ["filter", table, "--port", "golden", "--out", &out, "--predicted", &answers];
        let all = [&all[..], &["--force", "--column", name]].concat();
        all.into_iter().map(String::from).collect::<Vec<_>>()
    };
    assert!(fixlearn(&run("x")).status.success());
    let state = f.json("r.json")["state"].clone();
    assert!(fixlearn(&run("far")).status.success());
    assert_eq!(f.json("r.json")["state"]["config"]["taps"], state["config"]["taps"]);
    let text = std::fs::read_to_string(&answers).expect("answers");
    assert!(text.lines().all(|line| line.len() < 30) && text.contains('e'), "{text}");
    refused(&run("time"), &["line 2, column 1 (`time`)", "`2020-0` is not a number"]);
    refused(&run("holes"), &["line 6, column 4 (`holes`)", "missing"]);
    let twice = f.file("twice.csv", "x,x\n1,2\n3,4\n5,6\n");
    let twice = twice.to_str().expect("text");
    let line = ["filter", twice, "--port", "golden", "--out", &out, "--force", "--column", "x"];
    refused(&line, &["columns 1 and 2", "`x`"]);
}

#[test]
fn what_cannot_be_filtered_is_refused_before_the_port_is_opened() {
    let f = Folder::new();
    let good = sound(&f, "good.wav", &[&hum(50)]);
    let (two, short) =
        (sound(&f, "two.wav", &[&[1, 2, 3], &[4, 5, 6]]), sound(&f, "short.wav", &[&[1, 2]]));
    let table = f.file("t.csv", "1,2\n3,4\n5,6\n").to_str().expect("text").to_string();
    let noise = f.file("noise.wav", "RIFF, but not really").to_str().expect("text").to_string();
    let cut = {
        let bytes = std::fs::read(f.path("good.wav")).expect("a file");
        f.file("cut.wav", &bytes[..bytes.len() - 7]).to_str().expect("text").to_string()
    };
    let (wav, txt) = (f.at("e.wav"), f.at("e.txt"));
    let three = sound(&f, "three.wav", &[&[1], &[2], &[3]]);
    let cases: &[(&[&str], &[&str])] = &[
        (&["none.wav"], &["none.wav"]),
        (&[&noise], &["noise.wav", "not a readable .wav"]),
        (&[&cut], &["cut.wav"]),
        (&[&three], &["3 channels"]),
        (&[&two], &["left, right", "--column"]),
        (&[&two, "--column", "middle"], &["no column `middle`", "left, right"]),
        (&[&two, "--column", "3"], &["no column `3`"]),
        (&[&table, "--column", "a"], &["no column `a`", "--header"]),
        (&[&good, "--delay", "50"], &["50 samples", "--delay"]),
        (&[&good, "--reference", "2"], &["no column `2`"]),
        (&[&good, "--reference", &short], &["2 samples", "50"]),
        (&[&good, "--reference", &two], &["2 columns"]),
        (&[&good, "--errors", &txt], &["e.txt", ".wav or .csv"]),
        (&[&table, "--column", "1", "--errors", &wav], &["no sample rate"]),
        (&[&good, "--passes", "1048576", "--port", "golden", "--baud", "9600"], &["--baud"]),
    ];
    for (arguments, words) in cases {
        // A port that there is not: it is never opened.
        let port: &[&str] =
            if arguments.contains(&"--port") { &[] } else { &["--port", "/dev/none"] };
        let out = f.at("run");
        let all = [&["filter"], *arguments, port, &["--out", &out]].concat();
        refused(&all, words);
        assert!(!f.path("run").exists());
    }
    for wrong in [["--taps", "0"], ["--taps", "257"], ["--rate-shift", "32"], ["--passes", "0"]] {
        let out = f.at("run");
        let done = fixlearn(&[&["filter", &good, "--out", &out][..], &wrong].concat());
        assert_eq!(done.status.code(), Some(2), "{wrong:?}");
    }
}

/// A float file of 32 bits or 64 of one channel, 8000 a second.
fn floats(f: &Folder, name: &str, values: &[f64], bits: u16) -> String {
    let sample = |v: &f64| match bits {
        64 => v.to_le_bytes().to_vec(),
        _ => (*v as f32).to_le_bytes().to_vec(),
    };
    let data: Vec<u8> = values.iter().flat_map(sample).collect();
    let (length, width) = (data.len() as u32, bits / 8);
    let mut bytes = b"RIFF".to_vec();
    bytes.extend((36 + length).to_le_bytes());
    bytes.extend(b"WAVEfmt \x10\0\0\0\x03\0\x01\0");
    bytes.extend(8000_u32.to_le_bytes());
    bytes.extend((8000 * u32::from(width)).to_le_bytes());
    bytes.extend([width.to_le_bytes(), bits.to_le_bytes()].concat());
    bytes.extend(b"data");
    bytes.extend(length.to_le_bytes());
    bytes.extend(data);
    f.file(name, bytes);
    f.at(name)
}

/// One wild value does not silence the others; what is scaled, or stands behind the sound, is said.
#[test]
fn the_range_of_a_signal_is_looked_at() {
    let f = Folder::new();
    let out = f.at("r.json");
    let mut tone: Vec<f64> = (0..200).map(|n| (0.2 * f64::from(n)).sin()).collect();
    let line = |path: &str| {
        ["filter", path, "--port", "golden", "--out", &out, "--force"].map(String::from)
    };
    let heard = |path: &str| {
        let done = fixlearn(&line(path));
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(done.status.success(), "{said}");
        said
    };
    assert_eq!(heard(&floats(&f, "a.wav", &tone, 32)), "");
    let loud: Vec<f64> = tone.iter().map(|v| v * 2.53).collect();
    let said = heard(&floats(&f, "loud.wav", &loud, 32));
    assert!(said.contains("peaks at 2.53 of full scale: scaled by 1/4"), "{said}");
    assert_eq!(said.lines().count(), 1);
    refused(&line(&floats(&f, "d.wav", &tone, 64)), &["d.wav", "32 bits of floating point"]);
    tone[50] = 3e38;
    let wild = floats(&f, "wild.wav", &tone, 32);
    refused(&line(&wild), &["sample 51", "3.00e38", "of 200 values are 0"]);
    tone[50] = 1e30;
    let column: String = tone.iter().map(|v| format!("{v}\n")).collect();
    f.file("wild.csv", column);
    refused(&line(&f.at("wild.csv")), &["line 51, column 1", "1e30", "of 200 values are 0"]);
    let good = sound(&f, "good.wav", &[&hum(50)]);
    let bytes = std::fs::read(&good).expect("a file");
    for (tail, count) in [(&b"TAIL"[..], "4 bytes"), (&bytes, "144 bytes")] {
        f.file("tail.wav", [&bytes[..], tail].concat());
        refused(&line(&f.at("tail.wav")), &["tail.wav", count, "behind its sound"]);
    }
}
