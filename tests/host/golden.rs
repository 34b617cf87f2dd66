//! `--port golden`: the specification in the place of a device. It gives the bits of the simulated
//! board, and needs no other program. So does `--port core`, the board's core without its line.

#[macro_use]
mod common;

use common::{json, tool, Folder};
use fixlearn::device::Device;
use fixlearn::input::{self, Cut, Quantization, Rows, Samples, Scaling, Selection};
use fixlearn::link::inside::Inside;
use fixlearn::link::open::Line;
use fixlearn::link::Port;
use fixlearn::session;
use fixlearn::task::Task;
use fixlearn::tasks::codebook::{Codebook, Init, Model, Plan};
use fixlearn_hdl::design::{find, Target};
use fixlearn_map::vq::VqBuilt;
use fixlearn_sim::golden::cores::vq::{Config, Vq};
use fixlearn_sim::golden::Core;
use std::io;
use std::sync::atomic::AtomicBool;

/// A table of 40 rows; the last column is a line of the others, nearly.
fn table() -> String {
    let mut text = String::from("a,b,c,y\n");
    for i in 0..40_i32 {
        let (a, b, c) = (i * 7 % 40, i * 11 % 40, i * 23 % 40);
        text += &format!("{a},{b},{c},{}\n", 3 * a - 2 * b + i % 3);
    }
    text
}

/// On this port; on the golden model, without any program to call.
fn run(arguments: &[&str], port: &str) {
    let mut command = tool(arguments);
    command.args(["--port", port, "--force"]);
    if port == "golden" {
        command.env("PATH", "");
    }
    let done = command.output().expect("it runs");
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{arguments:?} on {port}: {said}");
}

/// The run that a command makes on each port is the same.
fn same_run(f: &Folder, arguments: &[&str]) {
    for port in ["sim", "core", "golden"] {
        run(&[arguments, &["--out", &f.at(port)]].concat(), port);
    }
    let golden = f.json("golden");
    for port in ["sim", "core"] {
        let found = f.json(port);
        for part in ["state", "curve", "done", "plan"] {
            assert_eq!(found[part], golden[part], "{arguments:?} on {port}: {part}");
        }
    }
}

/// And so is the file that another command makes of it.
fn same_file(f: &Folder, command: &str, more: &[&str]) {
    let ending = if command == "encode" { "idx" } else { "csv" };
    let [sim, core, golden] = ["sim", "core", "golden"].map(|port| {
        let out = f.at(&format!("{port}.{ending}"));
        let words = [command, &f.at("in.csv"), "--header", "--model", &f.at("golden")];
        run(&[&words[..], &["--out", &out], more].concat(), port);
        std::fs::read(out).expect("a file")
    });
    assert!(sim == golden && core == golden, "{command}");
}

#[test]
fn a_codebook_is_the_simulated_boards() {
    let f = Folder::new();
    let input = f.file("in.csv", table()).to_str().expect("text").to_string();
    let rule = ["--codewords", "13", "--passes", "4", "--rounding", "stochastic"];
    let grid = ["--radius", "2", "--radius-period", "50", "--columns", "4", "--falloff", "1"];
    same_run(&f, &[&["train", &input, "--header"], &rule[..], &grid].concat());
    same_file(&f, "encode", &[]);
    run(&["check", &input, "--header", "--model", &f.at("sim")], "golden");
    same_run(&f, &[&["train", &input, "--header", "--rounding", "feedback"], &rule[..4]].concat());
}

#[test]
fn a_linear_model_is_the_simulated_boards() {
    let f = Folder::new();
    let input = f.file("in.csv", table()).to_str().expect("text").to_string();
    let rule = ["--rule", "adaptive", "--rounding", "stochastic", "--gradient-bits", "9"];
    let task = ["regress", &input, "--header", "--target", "y", "--passes", "3"];
    same_run(&f, &[&task[..], &rule].concat());
    same_file(&f, "predict", &[]);
    run(&["check", &input, "--header", "--model", &f.at("sim")], "golden");
}

#[test]
fn an_optimization_is_the_simulated_boards() {
    let f = Folder::new();
    let bowl = ["--objective", "quadratic", "--start=1,2,3", "--centre=0.5,0,-1"];
    let rule = ["--iterations", "900", "--rounding", "stochastic", "--gradient-bits", "8"];
    same_run(&f, &[&["optimize"], &rule[..]].concat());
    same_run(&f, &[&["optimize"], &rule[..], &bowl].concat());
    run(&["check", "--model", &f.at("sim")], "golden");
}

/// The golden model at the other end of a line.
struct Far(Inside);

impl Port for Far {
    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.send(bytes)
    }

    as_the_port_within!();
}

#[test]
fn frames_carry_the_bits_that_go_without_them() {
    let design = find("vq").expect("a core").parse("64x16x8", Target::SIMULATED);
    let design = design.expect("on offer");
    let golden = || Inside::golden::<Vq>(&design.identity()).expect("its own core");
    let config =
        Config { count_based: true, radius: 1, columns_log2: 3, ..Config::power_up(64, 16) };
    let mut start = Vq::new(config, 8);
    let mut luck = fastrand::Rng::with_seed(7);
    start.codebook.fill_with(|| luck.u16(0..=255) << 7);
    let vectors: Vec<u8> = (0..3000 * 16).map(|_| luck.u8(..)).collect();
    let learned = |port: Box<dyn Port>| {
        let mut device = Device::<Vq>::open(port).expect("it answers");
        device.load(&start).expect("it loads");
        device.learn(vectors.clone()).expect("it learns");
        let last = device.finish().expect("it answers").expect("an acknowledgement");
        let mut state = start.clone();
        device.save(&mut state).expect("it reads");
        let answers = device.answers(&vectors, |_| {}).expect("it recalls");
        (state.state(), last, answers, device.client.statistics.frames)
    };
    let (near, far) = (learned(Box::new(golden())), learned(Box::new(Far(golden()))));
    assert_eq!((near.0, near.1, near.2), (far.0, far.1, far.2));
    assert!(far.3 > near.3 + 300, "{} frames, and {} without", far.3, near.3);
}

/// An array of bytes in a file, as numpy writes it.
fn array(kind: &str, columns: usize, bytes: &[u8]) -> Vec<u8> {
    let rows = bytes.len() / columns;
    let shape =
        format!("{{'descr': '|{kind}', 'fortran_order': False, 'shape': ({rows}, {columns}), }}");
    let mut file = b"\x93NUMPY\x01\x00\x76\x00".to_vec();
    file.extend(format!("{shape:117}\n").bytes());
    file.extend(bytes);
    file
}

/// Rows of bytes are encoded as they are read; the same numbers as text are read first.
#[test]
fn rows_as_they_come_are_encoded_as_a_table_is() {
    let f = Folder::new();
    // More than is read at once, and no whole number of times.
    let mut luck = fastrand::Rng::with_seed(3);
    let bytes: Vec<u8> = (0..3 * 400_001).map(|_| luck.u8(..100) + luck.u8(..80)).collect();
    for (kind, codewords) in [("u1", "5"), ("i1", "256")] {
        let text = |&b: &u8| if kind == "i1" { (b as i8).to_string() } else { b.to_string() };
        let rows = bytes.chunks(3).map(|row| row.iter().map(text).collect::<Vec<_>>().join(","));
        let table = f.file("in.csv", rows.collect::<Vec<_>>().join("\n")).display().to_string();
        let input = f.file("in.npy", array(kind, 3, &bytes)).display().to_string();
        let some = f.file("some.npy", array(kind, 3, &bytes[..3000])).display().to_string();
        let (model, golden) = (f.at("model"), ["--port", "golden"]);
        let rule = ["--out", &model, "--codewords", codewords, "--passes", "1"];
        json(&[&["train", &some], &rule[..], &golden].concat());
        let encoded = |input: &str, out: &str| {
            let files = ["encode", input, "--model", &model, "--out", out, "--with-codebook"];
            (json(&[&files[..], &golden].concat()), std::fs::read(out).expect("a file"))
        };
        let (streamed, read) = (encoded(&input, &f.at("a.idx")), encoded(&table, &f.at("b.idx")));
        assert!(streamed.1 == read.1, "{kind}: the files differ");
        assert_eq!(streamed.0, read.0, "{kind}");
        let (back, index) = (f.at("back.npy"), f.at("a.idx"));
        json(&["decode", &index, "--out", &back]);
    }
}

/// Rows that stay in their file are learned, checked and gone on with to the bits of those that
/// are held, and of those that are read as any table is.
#[test]
fn rows_that_stay_in_their_file_are_learned_to_the_same_bits() {
    let f = Folder::new();
    let mut luck = fastrand::Rng::with_seed(5);
    // More than a block of the first codebook's, and no whole number of them.
    let bytes: Vec<u8> = (0..3 * 40_001).map(|_| luck.u8(..100) + luck.u8(..80)).collect();
    let small: Vec<u8> = bytes.iter().map(|byte| byte >> 1).collect();
    for (kind, bytes) in [("u1", &bytes), ("i1", &bytes), ("i1", &small)] {
        let path = f.file("in.npy", array(kind, 3, bytes));
        let read = input::load(
            std::slice::from_ref(&path),
            Cut { block: 4, grey: false },
            false,
            &Selection::default(),
            Scaling::ByColumn,
        );
        let read = read.expect("a table");
        let rows = |scaling, held| {
            let rows = Rows::open(&path).expect("plain rows");
            Samples::of_rows(rows, scaling, held).expect("readable")
        };
        let as_read = Scaling::As(&read.quantization);
        for samples in [
            rows(Scaling::ByColumn, usize::MAX),
            rows(Scaling::ByColumn, bytes.len() - 1),
            rows(Scaling::Common, 0),
            rows(as_read, 0),
        ] {
            let samples = samples.expect("as they are");
            assert_eq!(samples.digest(), read.digest(), "{kind}");
            assert_eq!(samples.quantization, read.quantization, "{kind}");
            for init in [Init::Greedy, Init::PlusPlus, Init::Random] {
                let run = |samples: &Samples| {
                    let plan = Plan { init, ..Plan::new(9, 2) };
                    let task = Codebook::new(plan, samples, None);
                    let built = VqBuilt::narrow(16, 4, 1);
                    let start = task.start(samples, &built).expect("readable");
                    let mut run = Model::new(task, start);
                    let device = Line::new("golden").open(&run.state);
                    let stop = AtomicBool::new(false);
                    let mut device = device.expect("it opens");
                    session::learn(&mut device, &mut run, samples, &|_, _| Ok(()), &stop)
                        .expect("it learns");
                    serde_json::to_string(&run).expect("JSON")
                };
                assert!(run(&samples) == run(&read), "{kind}, {init:?}");
            }
        }
        // What is not a sample as it is is read, and scaled.
        let scaled = Quantization::steps(0.0, 1000.0);
        assert!(rows(Scaling::As(&scaled), 0).is_none());
        let other = Quantization { signed: !read.quantization.signed, ..read.quantization.clone() };
        // Numbers from 0 to 127 in bytes with a sign are the same with and without.
        assert_eq!(rows(Scaling::As(&other), 0).is_some(), kind == "i1" && *bytes == small);
    }
}

/// A file that becomes shorter while it is learned from ends that with one line.
#[test]
fn a_file_that_becomes_shorter_ends_learning() {
    let f = Folder::new();
    let path = f.file("in.npy", array("u1", 4, &[7; 4 * 50_000]));
    let rows = Rows::open(&path).expect("plain rows");
    let samples =
        Samples::of_rows(rows, Scaling::Common, 0).expect("readable").expect("as they are");
    let file = std::fs::File::options().write(true).open(&path).expect("the array");
    file.set_len(100_000).expect("shorter");
    let task = Codebook::new(Plan::new(4, 1), &samples, None);
    let error = task.start(&samples, &VqBuilt::narrow(16, 4, 1)).expect_err("it is short");
    assert!(error.to_string().contains("shorter than its header says"), "{error}");
    let error = task.gather(&samples, &[0, 49_999]).expect_err("it is short");
    assert!(error.to_string().contains("in.npy"), "{error}");
}
