//! What a wire or a file can hold does not make the host panic.

use fixlearn::{codec, data, model::Model};
use fixlearn_hdl::design::Design;
use fixlearn_sim::board::Board;
use fixlearn_tests::formal::mutant;
use fixlearn_tests::fuzz::{decoder, Luck};
use fixlearn_tests::runner::{failure, random, repeatable};
use fixlearn_tests::{board, vq};
use std::path::Path;

#[test]
fn damaged_frames() {
    let through = decoder(300_000, 7);
    assert!(through > 1000, "the faults leave some frames whole: {through}");
}

/// The first of `count` random sessions in which a board, its Verilog changed, answers otherwise
/// than `golden::link`.
fn sessions(count: u32, change: impl Fn(&str) -> String) -> Option<String> {
    let design = vq::design(16, 4, 1);
    let verilog = change(&design.top_verilog().expect("the size is on offer"));
    let runner = if count < 100 { random(count) } else { repeatable(count) };
    failure(runner, &board::sessions(), |session| {
        let board = Board::from_verilog(&verilog, &design).expect("it verilates");
        board::differs(&design, board, session, |_| ())
    })
}

/// A board answers whatever a host may send as the golden model does, byte for byte.
#[test]
fn sessions_with_a_board() {
    assert_eq!(sessions(60, str::to_string), None);
}

#[test]
fn sessions_notice_mutants_of_the_link() {
    for (from, to) in [
        // A gap is answered each time; 128 behind is a duplicate; a frame of 4 bytes is one; a
        // repeated READ is only acknowledged; RANGE is not kept.
        ("nak_sent$d = 1'b1", "nak_sent$d = 1'b0"),
        ("~behind[32'h7]", "1'b1"),
        ("position$q < 32'h5", "position$q < 32'h4"),
        ("(command$q == 32'h5) | (command$q == 32'h6)", "command$q == 32'h5"),
        ("if (bus_refused)", "if (1'b0)"),
    ] {
        let found = sessions(400, |verilog| mutant(verilog, from, to));
        assert!(found.is_some(), "not noticed: `{to}` in the place of `{from}`");
    }
}

/// Every input, damaged in `count` ways, is read, or refused with an error of one line.
fn files(name: &str, whole: &[u8], count: usize, read: impl Fn(&Path) -> fixlearn::Result<()>) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    std::fs::write(&path, whole).expect("written");
    read(&path).expect("the whole file is good");
    let mut luck = Luck(11);
    let mut refused = 0;
    for _ in 0..count {
        std::fs::write(&path, luck.spoil(whole)).expect("written");
        if let Err(e) = read(&path) {
            assert_eq!(e.to_string().lines().count(), 1, "{e}");
            refused += 1;
        }
    }
    assert!(refused > 0, "{name}: some are refused");
}

fn load(path: &Path) -> fixlearn::Result<()> {
    data::load(&[path.to_path_buf()], 2, false, None).map(|_| ())
}

#[test]
fn damaged_pictures_and_tables() {
    let pixels: Vec<u8> = (0..64).map(|i| i * 3).collect();
    files("a.pgm", &[b"P5 8 8 255\n", &pixels[..]].concat(), 3000, load);
    files("a.csv", b"1,2,3\n4,5.5,6\n-7,8e1,9\n", 3000, load);
    let npy = fixlearn::output::npy(4, 3, (0..12).map(|i| i as f32)).expect("an array");
    files("a.npy", &npy, 3000, load);
}

#[test]
fn damaged_models_and_indices() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let pixels: Vec<u8> = (0..64).map(|i| i * 3).collect();
    std::fs::write(at("a.pgm"), [b"P5 8 8 255\n", &pixels[..]].concat()).expect("written");
    let samples = data::load(&[at("a.pgm")], 2, false, None).expect("a picture");
    let plan = fixlearn::train::Plan {
        codewords: 4,
        passes: 1,
        frequency_passes: 1,
        seed: 1,
        init: fixlearn::train::Init::Random,
        metric: fixlearn_sim::golden::vq::Metric::L1,
        rounding: fixlearn_sim::golden::vq::Rounding::Nearest,
        count_based: true,
        rate_shift: 8,
        rate_final: 8,
        rate_period: 0,
        radius: 1,
        radius_period: 0,
        columns_log2: 8,
        falloff: 0,
        count_cap: 9,
    };
    let start = plan.start(&samples, 1);
    let model = Model::new(start, plan, samples.quantization, Some(2), samples.digest());
    model.write(&at("m.json")).expect("written");
    let text = std::fs::read(at("m.json")).expect("a model");
    // What is read can be learned with and decoded.
    files("m.json", &text, 5000, |path| {
        let mut model = Model::read(path)?;
        let vector = vec![7; model.vq.config.dimension];
        model.vq.learn(&vector);
        (0..model.vq.config.codewords).for_each(|i| assert!(model.decoded(i).count() > 0));
        Ok(())
    });
    let found: Vec<_> = (0..16).map(|i| model.vq.recall(samples.vector(i))).collect();
    let packed = codec::pack(&samples.layout, 4, &found).expect("packed");
    files("a.idx", &packed, 5000, |path| {
        let (_, indices) = codec::unpack(path, &model)?;
        indices.into_iter().for_each(|i| assert!(i < 4));
        Ok(())
    });
}
