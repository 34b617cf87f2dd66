//! The readers of files.

use super::{Outcome, Target, PICTURES};
use fixlearn::build::report::Report;
use fixlearn::codec::{self, Codewords};
use fixlearn::input::{self, from_pixels, Cut, Mend, Missing, Scaling, Selection};
use fixlearn::run::Run;
use fixlearn::task::Task;
use fixlearn::tasks::codebook::{Codebook, Init, Model, Plan};
use fixlearn::tasks::filter::signal::{Goal, Source};
use fixlearn::tasks::filter::Filter;
use fixlearn::tasks::optimize::Optimize;
use fixlearn::tasks::regress::{data, Regress};
use fixlearn::{output, picture, tasks, Error};
use fixlearn_map::vq::VqBuilt;
use fixlearn_sim::golden::cores::lms::{Config, Lms};
use fixlearn_sim::golden::cores::vq::{Metric, Rounding};
use std::path::Path;

/// All of them.
pub(super) fn targets() -> Vec<Target> {
    let mut all = pictures();
    // What writes these is no part of the host: the first that is kept is a good one.
    all.extend(PICTURES.into_iter().map(|name| {
        let mut target = file(name, &format!("a.{name}"), Vec::new(), Vec::new(), load);
        target.good = target.kept().into_iter().next().unwrap_or_default();
        target
    }));
    all.extend(tables());
    all.extend(arrays());
    all.extend(sounds());
    all.extend(runs());
    all.extend(indices());
    all.push(report());
    all
}

fn file(
    name: &'static str,
    file: &str,
    good: Vec<u8>,
    dense: Vec<Vec<u8>>,
    read: impl Fn(&Path) -> fixlearn::Result<()> + 'static,
) -> Target {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(file);
    let feed = move |bytes: &[u8]| {
        let _kept = &folder;
        std::fs::write(&path, bytes).expect("written");
        let done = read(&path);
        // Else they would be held for ever.
        output::say_notes();
        match done {
            Ok(()) => Outcome::Read,
            Err(e) => {
                let text = e.to_string();
                assert_eq!(text.lines().count(), 1, "one line: {text}");
                let text = text.replace(&path.display().to_string(), "the file");
                let plain = text.split(|c: char| c.is_ascii_digit()).collect::<Vec<_>>().join("");
                Outcome::Refused(plain)
            }
        }
    };
    Target { name, good, dense, besides: |_| 0, feed: Box::new(feed) }
}

/// How the pictures are cut.
const CUT: Cut = Cut { block: 2, grey: false };

/// Reads samples for the quantizer.
fn load(path: &Path) -> fixlearn::Result<()> {
    let all = Selection::default();
    input::load(&[path.to_path_buf()], CUT, false, &all, Scaling::ByColumn).map(|_| ())
}

const DENSE: usize = 1 << 18;

fn pictures() -> Vec<Target> {
    let pixels: Vec<u8> = (0..64).map(|i| i * 3).collect();
    let deep: Vec<u16> = pixels.iter().map(|&p| u16::from(p) * 257).collect();
    let png = picture::encode(Path::new("a.png"), &pixels, 8, 8, 1).expect("a picture");
    let deep_png = picture::encode_deep(Path::new("a.png"), &deep, 8, 8, 1).expect("a picture");
    let pgm = |most: &str, bytes: &[u8]| [b"P5 8 8 ", most.as_bytes(), b"\n", bytes].concat();
    let deep_bytes: Vec<u8> = deep.iter().flat_map(|p| p.to_be_bytes()).collect();
    let colours: String =
        pixels.iter().flat_map(|p| format!("{p} 7 {p}\n").into_bytes()).map(char::from).collect();
    let large =
        |head: &str, byte: &[u8], count: usize| [head.as_bytes(), &byte.repeat(count)].concat();
    vec![
        file(
            "pgm",
            "a.pgm",
            pgm("255", &pixels),
            vec![large("P5 512 512 255\n", b"a", DENSE)],
            load,
        ),
        file("png", "a.png", png, Vec::new(), load),
        file("deep_png", "a.png", deep_png, Vec::new(), load),
        file(
            "deep_pgm",
            "a.pgm",
            pgm("65535", &deep_bytes),
            vec![large("P5 512 256 65535\n", b"a", DENSE)],
            load,
        ),
        file(
            "colours",
            "a.ppm",
            [b"P3 8 8 255\n", colours.as_bytes()].concat(),
            vec![large("P3 512 256 255\n", b"7 ", 3 * 512 * 256)],
            load,
        ),
    ]
}

/// The run of an earlier version, which the tests of the tool have.
fn version_1<T: Task>(name: &str) -> Run<T> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("host/version_1");
    Run::read(&folder.join(name)).expect("a run")
}

fn tables() -> Vec<Target> {
    let chosen = |path: &Path| {
        let selection = Selection {
            drop: vec!["wei\u{df}".into()],
            missing: Missing::Mean,
            ..Selection::default()
        };
        input::load(&[path.to_path_buf()], CUT, false, &selection, Scaling::Common).map(|_| ())
    };
    let latin = b"gr\xf6\xdfe;wei\xdf;x\n1,5;ja;3\n;nein;4,25\n-2;\"a;b\";5\n".to_vec();
    let wide = "\u{feff}a\tb\n1\t2.5\n3\t-4e1\n# c\n5\t6\n";
    let wide: Vec<u8> = wide.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let utf_16 = |text: &str| {
        "\u{feff}"
            .chars()
            .chain(text.chars())
            .collect::<String>()
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect::<Vec<u8>>()
    };
    let regress = version_1::<Regress>("regress.json");
    let preparation = regress.plan.preparation;
    let target = preparation.target.clone();
    let options = data::Options { missing: Missing::Mean, ..preparation.options.clone() };
    let table = include_bytes!("../../host/version_1/table.csv").to_vec();
    let dense = |unit: &str| {
        let row = unit.repeat(DENSE / unit.len() / 64);
        (row + "\n").repeat(64).into_bytes()
    };
    let lines = |line: &str| line.repeat(DENSE / line.len()).into_bytes();
    let many = ["1,", ",", "a,", "\"\","].map(dense);
    let long = ["1\n", "a\n", "\n", "#\n", "\"\n", ",\n", "x,1\n", "x\n1\n"].map(lines);
    vec![
        file(
            "table",
            "a.csv",
            b"1,2,3\n4,5.5,6\n-7,8e1,9\n".to_vec(),
            many.into_iter().chain(long).collect(),
            load,
        ),
        file("latin_1", "a.csv", latin, vec![[b'\xff', b'\n'].repeat(DENSE / 2)], chosen),
        file(
            "utf_16",
            "a.tsv",
            wide,
            vec![utf_16(&"1\n".repeat(DENSE / 4)), utf_16(&"\u{20ac}\t".repeat(DENSE / 4))],
            load,
        ),
        file("regress", "a.csv", table.clone(), Vec::new(), move |path| {
            let table = input::cells(path, false)?;
            data::prepare(path, &table, &target, &options, Mend::Learn).map(|_| ())
        }),
        file("predict", "a.csv", table, Vec::new(), move |path| {
            let table = input::cells(path, true)?;
            data::apply(path, &table, &preparation, Missing::Drop).map(|_| ())
        }),
    ]
}

/// Arrays: of `f64`, and of a kind with another width, in the other orders of bytes and axes.
fn arrays() -> Vec<Target> {
    let npy = output::npy(4, 3, (0..12).map(f64::from)).expect("an array");
    let array = |kind: &str, fortran: &str, shape: &str, data: &[u8]| {
        let header =
            format!("{{'descr': '{kind}', 'fortran_order': {fortran}, 'shape': {shape}, }}");
        let header = format!("{header:<117}\n");
        [b"\x93NUMPY\x01\x00\x76\x00", header.as_bytes(), data].concat()
    };
    let halves: Vec<u8> = (0..12_u8).flat_map(|i| [0x3c, i * 16]).collect();
    let whole: Vec<u8> = (0..12_i64).flat_map(|i| (i * 1000 - 5000).to_le_bytes()).collect();
    let bytes = array("|u1", "False", "(1024, 256)", &vec![7; DENSE]);
    let flags = array("|b1", "True", "(256, 1024)", &vec![1; DENSE]);
    vec![
        file("array", "a.npy", npy, vec![bytes], load),
        file("array_f2", "a.npy", array(">f2", "True", "(4, 3)", &halves), vec![flags], load),
        file("array_i8", "a.npy", array("<i8", "False", "(3, 2, 2)", &whole), Vec::new(), load),
    ]
}

/// Sound, as a table and as the filter's signal.
fn sounds() -> Vec<Target> {
    let wav = |kind: u16, bits: u16, channels: u16, data: &[u8]| {
        let frame = channels * bits / 8;
        let mut bytes = b"RIFF".to_vec();
        bytes.extend((36 + data.len() as u32).to_le_bytes());
        bytes.extend(b"WAVEfmt \x10\0\0\0");
        bytes.extend([kind, channels].iter().flat_map(|x| x.to_le_bytes()));
        bytes.extend([8000, 8000 * u32::from(frame)].iter().flat_map(|x: &u32| x.to_le_bytes()));
        bytes.extend([frame, bits].iter().flat_map(|x| x.to_le_bytes()));
        bytes.extend(b"data");
        bytes.extend((data.len() as u32).to_le_bytes());
        [bytes, data.to_vec()].concat()
    };
    let filter = |path: &Path| {
        let goal = Goal::Cancel { column: Some("right".into()) };
        let source = Source { column: Some("left".into()), goal, header: false };
        source.read(&[path.to_path_buf()]).map(|signal| drop(signal.digest()))
    };
    let words: Vec<u8> = (0..40_u16).flat_map(|i| (i * 997).to_le_bytes()).collect();
    let floats: Vec<u8> = (0..20_i16).flat_map(|i| (f32::from(i) / 32.0).to_le_bytes()).collect();
    vec![
        file("sound", "a.wav", wav(3, 32, 1, &floats), vec![wav(1, 8, 1, &vec![99; DENSE])], load),
        file(
            "signal",
            "a.wav",
            wav(1, 16, 2, &words),
            vec![wav(1, 8, 2, &vec![99; DENSE])],
            filter,
        ),
    ]
}

fn runs() -> Vec<Target> {
    let written = |write: &dyn Fn(&Path) -> fixlearn::Result<()>| {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("m.json");
        write(&path).expect("written");
        std::fs::read(&path).expect("a run")
    };
    // What is read can say what it is, and be exported.
    let run = |path: &Path| {
        let (task, head) = tasks::of_file(path)?;
        (task.info)(&head)?;
        ["a.h", "a.hex", "a.csv"]
            .into_iter()
            .try_for_each(|to| (task.export)(&head, Path::new(to)).map(drop))
    };
    let goal = Goal::Predict { delay: 2 };
    let source = Source { column: None, goal, header: false };
    let filter = Filter { source, passes: 2, taps: 5, rate: 4, input: "0".repeat(64) };
    let start = Lms::new(Config { taps: 5, rate: 4, ..Config::power_up() });
    let filter = Run::new(filter, start);
    let (regress, optimize) =
        (version_1::<Regress>("regress.json"), version_1::<Optimize>("optimize.json"));
    let heads = || {
        ["2,\"task\":", "2,\"curve\":"]
            .map(|field| {
                let head = format!("{{\"format\":\"fixlearn-model\",\"version\":{field}[0");
                format!("{head}{}]}}", ",0".repeat(DENSE / 2)).into_bytes()
            })
            .to_vec()
    };
    vec![
        file("model", "m.json", codebook().1, heads(), |path| {
            // What is read can be learned with and decoded.
            let mut model = Model::read(path)?;
            let vector = vec![7; model.state.config.dimension];
            model.state.adapt(&vector);
            (0..model.state.config.codewords).for_each(|i| assert!(model.decoded(i).count() > 0));
            Ok(())
        }),
        file(
            "model_1",
            "m.json",
            include_bytes!("../../host/version_1/codebook.json").to_vec(),
            Vec::new(),
            run,
        ),
        file("linear", "m.json", written(&|path| regress.write(path)), Vec::new(), run),
        file(
            "linear_1",
            "m.json",
            include_bytes!("../../host/version_1/regress.json").to_vec(),
            Vec::new(),
            run,
        ),
        file("point", "m.json", written(&|path| optimize.write(path)), Vec::new(), run),
        file(
            "point_1",
            "m.json",
            include_bytes!("../../host/version_1/optimize.json").to_vec(),
            Vec::new(),
            run,
        ),
        file("filter", "m.json", written(&|path| filter.write(path)), Vec::new(), run),
    ]
}

/// A codebook of a small picture, its run's file, and the picture in indices.
fn codebook() -> (Model, Vec<u8>, Vec<u8>) {
    let pixels: Vec<u8> = (0..64).map(|i| i * 3).collect();
    let samples = from_pixels(&pixels, 8, 8, 2);
    let plan = Plan {
        codewords: 4,
        passes: 1,
        frequency_passes: 1,
        seed: 1,
        bits: Some(4),
        init: Init::Random,
        metric: Metric::L1,
        rounding: Rounding::Nearest,
        count_based: true,
        fresh_counts: false,
        rate_shift: 8,
        rate_final: 8,
        rate_period: 0,
        radius: 1,
        radius_period: 0,
        columns_log2: 8,
        falloff: 0,
        count_cap: 9,
    };
    let task = Codebook::new(plan, &samples, Some(CUT));
    let built = VqBuilt::narrow(4, 4, 1);
    let start = task.start(&samples, &built).expect("what is held");
    let model = Model::new(task, start);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("m.json");
    model.write(&path).expect("written");
    let text = std::fs::read(&path).expect("a model");
    let found: Vec<_> = (0..16).map(|i| model.state.nearest(samples.vector(i))).collect();
    let packed =
        codec::pack(&samples.layout, &Codewords::from(&model), &found, true).expect("packed");
    (model, text, packed)
}

fn indices() -> Vec<Target> {
    let (model, _, packed) = codebook();
    let codewords = Codewords::from(&model);
    // Version 1 named neither codebook nor content.
    let old = "{\"format\":\"fixlearn-indices\",\"version\":1,\"layout\":{\"kind\":\"images\",\
               \"count\":1,\"width\":8,\"height\":8,\"block\":2},\"bits\":2}\n";
    let old = [old.as_bytes(), &[0x1b, 0xff, 0, 0x55]].concat();
    let head = "{\"format\":\"fixlearn-indices\",\"version\":2,\"layout\":[0";
    let head = format!("{head}{}]}}\n", ",0".repeat(DENSE / 2)).into_bytes();
    let both = move |path: &Path| {
        // With the codebook of the model, and with the one that the file carries.
        let bytes = std::fs::read(path).map_err(Error::io(path))?;
        codec::unpack(path, &bytes, Some(codewords.clone()))?;
        let (layout, codewords, indices) = codec::unpack(path, &bytes, None)?;
        let decoded = codewords.decode(indices.into_iter());
        codec::files(Path::new("a.png"), &layout, &codewords, &decoded).map(|_| ())
    };
    let codewords = Codewords::from(&model);
    vec![
        file("indices", "a.idx", packed, vec![head], both),
        file("indices_1", "a.idx", old, Vec::new(), move |path| {
            let bytes = std::fs::read(path).map_err(Error::io(path))?;
            codec::unpack(path, &bytes, Some(codewords.clone())).map(|_| ())
        }),
    ]
}

/// What a build says of itself.
fn report() -> Target {
    let good = r#"{"board":"hx8k","core":"vq","size":"16x4x1","luts":1,"ffs":2,"brams":3,
        "dsps":0,"cells":{"used":1,"available":2},"device":{"SB_IO":{"used":3,"available":9}},
        "clock_mhz":48.0,"fmax_mhz":50.5,"seed":1,"placements":[[1,50.5]],"baud":3000000,
        "dimension":4,"learn_clocks":90,"vectors_per_second":1e5,"updates_per_second":4e5,
        "bitstream":"top.bin","tools":"native","yosys":"0.23","nextpnr":"0.4"}"#;
    let dense = format!("{{\"placements\":[[1,1]{}]}}", ",[1,1]".repeat(DENSE / 6)).into_bytes();
    file("report", "report.json", good.into(), vec![dense], |path| {
        Report::read(path.parent().expect("a folder")).map(|report| drop(report.summary()))
    })
}
