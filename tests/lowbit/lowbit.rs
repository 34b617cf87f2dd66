//! `pretrain` and `quantize`: what they learn, the bits, the checkpoint, and what is refused.

use candle_core::{CustomOp1, Tensor, Var};
use fixlearn_lowbit::adam::Parameters;
use fixlearn_lowbit::closed::equalize;
use fixlearn_lowbit::export;
use fixlearn_lowbit::file::{self, Named, SAYS};
use fixlearn_lowbit::layers::{Input, Layers};
use fixlearn_lowbit::network::Network;
use fixlearn_lowbit::ops::{tensor, values, BatchNorm, Patches, Pool};
use fixlearn_lowbit::student::{Bits, Codes, Student};
use fixlearn_sim::golden::cores::network::file::{FileLayer, NetworkFile};
use proptest::prelude::*;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

fn tool(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fixlearn-lowbit"));
    command.args(arguments);
    command
}

fn run(arguments: &[&str]) -> Output {
    tool(arguments).output().expect("it runs")
}

/// It succeeds; what it reports.
fn json(arguments: &[&str]) -> serde_json::Value {
    let done = tool(arguments).arg("--json").output().expect("it runs");
    assert!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
    serde_json::from_slice(&done.stdout).expect("JSON")
}

/// It fails with status 2 and one line that holds all of `words`.
fn refused(arguments: &[&str], words: &[&str]) {
    let done = run(arguments);
    let said = String::from_utf8_lossy(&done.stderr);
    assert_eq!(done.status.code(), Some(2), "{arguments:?}: {said}");
    assert_eq!(said.trim_end().lines().count(), 1, "{said}");
    assert!(done.stdout.is_empty());
    for word in words {
        assert!(said.contains(word), "no `{word}` in: {said}");
    }
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn at(&self, name: &str) -> String {
        self.path(name).to_str().expect("text").to_string()
    }

    /// A table of pictures of 8x8: a bar that lies, stands, or leans to either side.
    fn table(&self) -> String {
        let mut random = fastrand::Rng::with_seed(5);
        let mut text: String = (0..64).map(|i| format!("p{i},")).collect();
        text += "class\n";
        for row in 0..240 {
            let (class, shift) = (row % 4, random.usize(2..6));
            for (y, x) in (0..8).flat_map(|y| (0..8).map(move |x| (y, x))) {
                let on = [y == shift, x == shift, x == y, x + y == 7][class];
                let noise = random.u32(0..5);
                text += &format!("{},", if on { 16 - noise } else { noise });
            }
            text += &format!("{}\n", ["lies", "stands", "falls", "rises"][class]);
        }
        std::fs::write(self.path("bars.csv"), text).expect("written");
        self.at("bars.csv")
    }

    /// A network that was trained on it, and the table.
    fn trained(&self) -> (String, String) {
        let (table, network) = (self.table(), self.at("bars.safetensors"));
        let size = ["--network", "6,pool,8,pool", "--steps", "80", "--batch", "32"];
        let mut arguments = vec!["pretrain", &table, "--out", &network];
        arguments.extend(size);
        let report = json(&arguments);
        assert_eq!(
            (report["format"].as_str(), report["version"].as_u64()),
            (Some("fixlearn-report"), Some(1))
        );
        assert_eq!(report["tested"], 48);
        assert!(report["accuracy"].as_f64() > Some(0.9), "{report}");
        (network, table)
    }

    fn bytes(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).expect("a file")
    }

    fn load(&self, network: &str) -> Network {
        let path = Path::new(network);
        let read = file::read(path, SAYS).expect("a file");
        let says: file::Says =
            serde_json::from_str(read.says.as_deref().expect("it says")).expect("JSON");
        read.network(path, &says.layers).expect("a network")
    }
}

#[test]
fn every_method_gives_a_network_that_a_core_holds_and_the_same_bits() {
    let folder = Folder::new();
    let (network, table) = folder.trained();
    for method in
        ["rounding", "equalization", "correction", "generator", "aware", "attention", "data"]
    {
        let mut all = Vec::new();
        for name in ["a.json", "b.json"] {
            let out = folder.at(name);
            let steps = match method {
                "rounding" | "equalization" | "correction" => &[][..],
                _ => &["--steps", "24", "--batch", "16"],
            };
            let ask = ["quantize", &network, "--data", &table, "--method", method, "--bits", "4"];
            let report = json(&[&ask[..], steps, &["--out", &out, "--force"]].concat());
            assert_eq!(report["tested"], 48);
            assert!(report["accuracy"].as_f64() > Some(0.5), "{report}");
            assert!(report["differing"].as_u64() < Some(4), "{report}");
            let file: NetworkFile = serde_json::from_slice(&folder.bytes(name)).expect("JSON");
            file.validate().expect("a network");
            all.push(folder.bytes(name));
        }
        assert!(all[0] == all[1], "{method}");
    }
    let without =
        json(&["quantize", &network, "--method", "rounding", "--out", &folder.at("c.json")]);
    assert_eq!(without["tested"], 0);
    assert!(without["accuracy"].is_null());
}

/// An activation of the whole network is the rounded one's, but for what rounding of its multiplier
/// to 16 bits explains.
#[test]
fn whole_numbers_agree_with_the_rounded_network() {
    let folder = Folder::new();
    let (network, _) = folder.trained();
    let network = folder.load(&network);
    let mut inside = 0;
    for bits in [2, 3, 5, 8] {
        let most = (1 << bits) - 1;
        let bits = Bits { weights: bits, activations: bits };
        let student = Student::new(&network, bits, &mut Parameters::default()).expect("a student");
        let file = export::file(&student).expect("exported");
        let Codes { weights, bias, scales, next } = student.codes().expect("codes").remove(0);
        let next = f64::from(next.expect("hidden"));
        for seed in 0..8 {
            let mut random = fastrand::Rng::with_seed(seed);
            let image: Vec<u8> = (0..64).map(|_| random.u8(..16)).collect();
            let pictures = network.pictures([image.as_slice()].into_iter()).expect("a picture");
            let (_, hidden) = student.scores(&pictures).expect("scores");
            let rounded = values(&hidden[0]).expect("numbers");
            let whole = &file.forward(&image).activations[0];
            for (c, pixel) in (0..6).flat_map(|c| (0..64_usize).map(move |pixel| (c, pixel))) {
                let unit = 16.0 / 15.0 * f64::from(scales[c]);
                let (y, x) = (pixel / 8, pixel % 8);
                let near = (0_usize..9).filter_map(|k| {
                    let (y, x) = ((y + k / 3).checked_sub(1)?, (x + k % 3).checked_sub(1)?);
                    (y < 8 && x < 8)
                        .then(|| f64::from(weights[k * 6 + c]) * f64::from(image[y * 8 + x]))
                });
                let bias = (f64::from(bias[c]) / unit).round();
                let exact = (near.sum::<f64>() + bias) * unit / next;
                let slack = 0.5 + exact.abs() / 65536.0 + 1e-4;
                let is = f64::from(whole[c * 64 + pixel]);
                let off = (exact.clamp(0.0, f64::from(most)) - is).abs();
                assert!(off <= slack, "{exact} {is}, channel {c}, pixel {pixel}, {bits:?}");
                let float = f64::from(rounded[pixel * 6 + c]) / next;
                assert!((exact.clamp(0.0, f64::from(most)) - float).abs() <= 0.501);
                inside += i32::from(is > 0.0 && is < f64::from(most));
            }
        }
    }
    assert!(inside > 1000, "{inside}");
}

/// Exported weights are those of the file, in its order.
#[test]
fn weights_are_exported_in_the_order_of_the_file() {
    let folder = Folder::new();
    let (path, _) = folder.trained();
    let network = folder.load(&path);
    let bits = Bits { weights: 8, activations: 8 };
    let student = Student::new(&network, bits, &mut Parameters::default()).expect("a student");
    let exported = export::file(&student).expect("exported");
    let read = file::read(Path::new(&path), SAYS).expect("a file");
    let dense = read.tensor(Path::new(&path), "dense.weight", &[4, 32]).expect("weights");
    let Some(FileLayer::Dense(last)) = exported.layers.last() else { panic!("no dense layer") };
    let largest = dense.iter().fold(0.0_f32, |a, w| a.max(w.abs()));
    let most = f32::from(last.weights.iter().map(|w| w.abs()).max().expect("weights"));
    for (w, code) in dense.iter().zip(&last.weights) {
        assert!((w / largest - f32::from(*code) / most).abs() < 0.02, "{w} {code}");
    }
    let conv = read.tensor(Path::new(&path), "conv2.weight", &[8, 6, 3, 3]).expect("weights");
    let mut middle = exported.layers.iter().filter_map(|layer| match layer {
        FileLayer::Conv(weights) => Some(weights),
        _ => None,
    });
    let second = middle.next_back().expect("a convolution");
    for (row, codes) in conv.chunks(54).zip(second.weights.chunks(54)) {
        // Batch norm's factor, which may be negative, is in the codes.
        let product: f32 = row.iter().zip(codes).map(|(w, c)| w * f32::from(*c)).sum();
        let squares: f32 = row.iter().map(|w| w * w).sum();
        let codes: f32 = codes.iter().map(|c| f32::from(*c).powi(2)).sum();
        assert!(product.abs() > 0.999 * (squares * codes).sqrt(), "{product}");
    }
}

#[test]
fn what_is_interrupted_goes_on_to_the_same_bits() {
    let folder = Folder::new();
    let (network, table) = folder.trained();
    let shared = ["--steps", "700", "--batch", "16"];
    let jobs: [Vec<&str>; 2] = [
        vec!["quantize", &network, "--method", "attention", "--bits", "3"],
        vec!["pretrain", &table, "--network", "6,pool,8,pool"],
    ];
    for (job, end) in jobs.into_iter().zip(["json", "safetensors"]) {
        let (whole, parts) =
            (folder.at(&format!("whole.{end}")), folder.at(&format!("parts.{end}")));
        let arguments = |out| [job.as_slice(), &shared, &["--out", out]].concat();
        json(&arguments(&whole));
        let mut child = tool(&arguments(&parts)).spawn().expect("it runs");
        let checkpoint = PathBuf::from(format!("{parts}.checkpoint"));
        let start = Instant::now();
        while !checkpoint.exists() && start.elapsed() < Duration::from_secs(60) {
            std::thread::sleep(Duration::from_millis(5));
        }
        let stopped = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
        assert!(stopped.expect("it runs").success());
        let asked = Instant::now();
        assert_eq!(child.wait().expect("it ends").code(), Some(130));
        assert!(asked.elapsed() < Duration::from_secs(3), "{:?}", asked.elapsed());
        assert!(!Path::new(&parts).exists());
        refused(&arguments(&parts), &["checkpoint", "--resume", "--force"]);
        let mut other = arguments(&parts);
        other.extend(["--resume", "--seed", "9"]);
        refused(&other, &["other settings"]);
        let mut resumed = arguments(&parts);
        resumed.push("--resume");
        json(&resumed);
        assert!(!checkpoint.exists());
        assert!(std::fs::read(&whole).expect("a file") == std::fs::read(&parts).expect("a file"));
        let none = folder.at(&format!("none.{end}"));
        let mut from_nothing = arguments(&none);
        from_nothing.push("--resume");
        refused(&from_nothing, &["no checkpoint to go on from"]);
    }
}

/// A checkpoint takes no input's place, and another method leaves it alone.
#[test]
fn a_checkpoint_costs_no_other_file() {
    let folder = Folder::new();
    let (network, table) = folder.trained();
    let list = folder.at("X.json.checkpoint");
    std::fs::write(&list, "a layer list, for all that is known").expect("written");
    let (out, other) = (folder.at("X.json"), folder.at("Y.json"));
    let short = ["--steps", "5", "--batch", "4", "--force"];
    let quantize = ["quantize", &network, "--out", &out];
    let over = [&quantize[..], &short, &["--layers", &list]].concat();
    refused(&over, &["X.json.checkpoint", "would replace an input", "another --out"]);
    // A method without steps has no checkpoint to go on from, nor one to remove.
    let plain = [&quantize[..], &["--method", "rounding"]].concat();
    refused(&[&plain[..], &["--resume"]].concat(), &["--resume is of a method that trains"]);
    for option in ["--seed", "--steps", "--batch"] {
        let words = [&format!("{option} is of a method that trains")[..]];
        refused(&[&plain[..], &[option, "9"]].concat(), &words);
    }
    refused(&[&plain[..], &["--target", "kind"]].concat(), &["--data"]);
    json(&plain);
    assert!(Path::new(&list).exists());
    std::fs::create_dir(folder.path("Y.json.checkpoint")).expect("made");
    let into = ["quantize", &network, "--out", &other];
    refused(&[&into[..], &short].concat(), &["Y.json.checkpoint", "is a folder"]);
    assert!(!Path::new(&other).exists());
    let none = ["pretrain", &table, "--channels", "0", "--out", &folder.at("n.safetensors")];
    refused(&none, &["--channels: give at least 1"]);
}

/// A table, a network and a layer list are files: nothing is waited for that has no end.
#[cfg(unix)]
#[test]
fn a_named_pipe_is_no_input() {
    let folder = Folder::new();
    let table = folder.table();
    for name in ["x.csv", "x.safetensors", "x.json"] {
        let made = Command::new("mkfifo").arg(folder.path(name)).status();
        assert!(made.is_ok_and(|status| status.success()));
    }
    let [csv, network, list] = ["x.csv", "x.safetensors", "x.json"].map(|name| folder.at(name));
    let (out, trained) = (folder.at("o.json"), folder.at("o.safetensors"));
    refused(&["pretrain", &csv, "--out", &trained], &["x.csv", "named pipe"]);
    refused(&["quantize", &network, "--out", &out], &["x.safetensors", "named pipe"]);
    json(&["pretrain", &table, "--out", &trained, "--network", "2,pool", "--steps", "1"]);
    let quantize = ["quantize", &trained, "--out", &out];
    refused(&[&quantize[..], &["--layers", &list]].concat(), &["x.json", "named pipe"]);
    refused(&[&quantize[..], &["--data", &csv]].concat(), &["x.csv", "named pipe"]);
}

const LIST: &str = r#"{"input":{"channels":1,"height":8,"width":8,"bits":4,"largest":16.0},
"layers":[{"kind":"conv","name":"a"},{"kind":"batch_norm","name":"b"},{"kind":"relu"},
{"kind":"pool"},{"kind":"dense","name":"c"}],"classes":["x","y"]}"#;

/// A network of this list: a convolution of 3 outputs.
fn tensors() -> Vec<Named> {
    let some = |count: usize| (0..count).map(|i| (i as f32 * 0.7).sin()).collect::<Vec<f32>>();
    let mut all = vec![
        ("a.weight".to_string(), vec![3, 1, 3, 3], some(27)),
        ("c.weight".to_string(), vec![2, 48], some(96)),
        ("c.bias".to_string(), vec![2], some(2)),
    ];
    for part in ["weight", "bias", "running_mean", "running_var"] {
        let numbers = some(3).iter().map(|x| x.abs() + 0.1).collect();
        all.push((format!("b.{part}"), vec![3], numbers));
    }
    all
}

fn written(tensors: &[Named]) -> Vec<u8> {
    file::bytes(tensors, "other", "nothing".into()).expect("bytes")
}

#[test]
fn a_network_that_is_not_one_is_refused_in_one_line() {
    let folder = Folder::new();
    let (network, list, out) =
        (folder.at("n.safetensors"), folder.at("list.json"), folder.at("o.json"));
    let ask =
        ["quantize", &network, "--layers", &list, "--method", "rounding", "--out", &out, "--force"];
    let with = |bytes: &[u8], text: &str| {
        std::fs::write(&network, bytes).expect("written");
        std::fs::write(&list, text).expect("written");
    };
    let whole = written(&tensors());
    with(&whole, LIST);
    json(&ask);
    for cut in [0, 4, 8, 60, whole.len() / 2, whole.len() - 1] {
        with(&whole[..cut], LIST);
        refused(&ask, &["n.safetensors", "no whole .safetensors file"]);
    }
    let changed = |change: &dyn Fn(&mut Vec<Named>)| {
        let mut all = tensors();
        change(&mut all);
        written(&all)
    };
    with(&changed(&|all| all[0].2[5] = f32::NAN), LIST);
    refused(&ask, &["a.weight", "NaN at place 5"]);
    with(&changed(&|all| all[0].1 = vec![1, 3, 3, 3]), LIST);
    refused(&ask, &["a.weight", "[1, 3, 3, 3]", "[1, 1, 3, 3]"]);
    with(&changed(&|all| drop(all.remove(1))), LIST);
    refused(&ask, &["c.weight", "the layer list asks for"]);
    with(&changed(&|all| all.retain(|t| t.0 != "b.running_var")), LIST);
    refused(&ask, &["b.running_var"]);
    with(&changed(&|all| all.last_mut().expect("variances").2[1] = -1.0), LIST);
    refused(&ask, &["b.running_var", "-1 at place 1"]);
    let lists = [
        ("\"pool\"", "\"softmax\"", "unknown variant `softmax`"),
        ("{\"kind\":\"relu\"},", "", "needs ReLU before it"),
        ("\"height\":8", "\"height\":0", "height 0"),
        ("\"bits\":4", "\"bits\":9", "9 bits"),
        ("[\"x\",\"y\"]", "[\"x\",\"y\",\"z\"]", "2 scores for 3 classes"),
        ("\"largest\":16.0", "\"largest\":-1", "largest"),
        ("\"largest\"", "\"most\"", "unknown field `most`"),
    ];
    for (old, new, words) in lists {
        let text = LIST.replace(old, new);
        assert!(text != LIST, "{old}");
        with(&whole, &text);
        refused(&ask, &[words]);
    }
    let without = r#"{"kind":"batch_norm","name":"b"},"#;
    with(&whole, &LIST.replace(without, ""));
    for method in ["rounding", "generator", "aware", "attention"] {
        let ask =
            ["quantize", &network, "--layers", &list, "--method", method, "--out", &out, "--force"];
        refused(&ask, &["no batch norm", "--method data"]);
    }
    // Nothing is trained for a network that no core holds.
    with(&whole, &LIST.replace("\"height\":8,\"width\":8", "\"height\":64,\"width\":1"));
    refused(&ask, &["layer 4", "less than 2x2"]);
    let large = changed(&|all| {
        all[1] = ("c.weight".into(), vec![2, 192], vec![0.5; 384]);
    });
    with(&large, &LIST.replace("\"height\":8,\"width\":8", "\"height\":16,\"width\":16"));
    refused(&ask, &["no core holds the network", "256 inputs"]);
    refused(&["quantize", &network, "--out", &folder.at("p.json")], &["--layers"]);
    refused(
        &["quantize", &network, "--method", "data", "--out", &folder.at("p.json")],
        &["--data"],
    );
    refused(&["quantize", &network, "--bits", "1", "--out", &out], &["2..=8"]);
    refused(&["quantize", &out, "--out", &folder.at("p.json")], &["no .safetensors"]);
}

#[test]
fn a_table_that_does_not_fit_is_refused_in_one_line() {
    let folder = Folder::new();
    let table = folder.at("t.csv");
    let out = folder.at("o.safetensors");
    let ask = ["pretrain", &table, "--header", "--out", &out];
    for (text, words) in [
        ("a,b,c,class\n1,2,3,x\n4,5,6,y\n", "no square"),
        ("a,class\n-1,x\n2,y\n", "no pixel"),
        ("a,class\nred,x\n2,y\n", "line 2"),
        ("a,class\n1,x\n2,x\n", "1 classes"),
        ("a,kind\n1,x\n2,y\n", "class"),
        ("a,class\n1,x\n2,\n", "no class"),
    ] {
        std::fs::write(&table, text).expect("written");
        refused(&ask, &[words]);
    }
}

/// What no core would hold is refused before it is trained, and so is a file that says what cannot
/// be.
#[test]
fn what_no_core_holds_is_not_trained() {
    let folder = Folder::new();
    let (table, out) = (folder.at("t.csv"), folder.at("o.safetensors"));
    let write = |pixels: usize, classes: usize| {
        let names: String = (0..pixels).map(|i| format!("p{i},")).collect();
        let row = |row: usize| {
            let pixels: String = (0..pixels).map(|i| format!("{},", (row * i) % 7)).collect();
            format!("{pixels}c{}\n", row % classes)
        };
        let rows: String = (0..classes.max(10)).map(row).collect();
        std::fs::write(folder.path("t.csv"), format!("{names}class\n{rows}")).expect("written");
    };
    let ask = |network| ["pretrain", &table, "--out", &out, "--network", network, "--steps", "1"];
    write(64, 61);
    refused(&ask("4,pool"), &["t.csv", "61 classes", "2 to 60"]);
    write(256, 2);
    refused(&ask("4,pool"), &["256 inputs, not 1 to 240", "--network gives"]);
    write(64, 2);
    refused(&ask("128,pool,128"), &["258 outputs", "--network gives", "16,16,pool,32,pool"]);
    refused(&ask("4,pool,pool,pool,pool"), &["layer 5: pools less than two rows", "--network"]);
    refused(&ask("64"), &["layer 2: 4096 inputs, more than 2048", "--network"]);
    let size = ["--size", "4294967296x4294967296"];
    refused(&[&ask("4")[..], &size].concat(), &["64 columns of pixels"]);
    assert!(!Path::new(&out).exists());
    write(64, 60);
    json(&ask("64,pool,128"));
    let layers: Layers = serde_json::from_str(LIST).expect("a list");
    for hold_out in [-0.5, 0.95, 1e300] {
        let says = file::Says { layers: layers.clone(), seed: 1, hold_out };
        let text = serde_json::to_string(&says).expect("JSON");
        let bytes = file::bytes(&tensors(), SAYS, text).expect("bytes");
        std::fs::write(folder.path("n.safetensors"), bytes).expect("written");
        let quantize = ["quantize", &folder.at("n.safetensors"), "--out", &folder.at("n.json")];
        refused(&quantize, &["n.safetensors", "held out", "0 to 0.9"]);
    }
}

#[test]
fn help_fits_a_screen() {
    for command in ["pretrain", "quantize"] {
        let done = run(&[command, "--help"]);
        let help = String::from_utf8_lossy(&done.stdout).into_owned();
        assert!(done.status.success() && help.contains("--out <OUT>"), "{help}");
        assert!((20..=60).contains(&help.lines().count()), "{help}");
        assert!(help.lines().all(|line| line.chars().count() <= 100), "{help}");
    }
}

/// The derivative of a sum of squares by each number, against differences.
fn gradient(
    x: Vec<f32>,
    shape: (usize, usize),
    of: impl Fn(&Tensor) -> candle_core::Result<Tensor>,
) {
    let loss = |x: &Tensor| -> candle_core::Result<Tensor> {
        let y = of(x)?;
        let count = y.elem_count();
        let weights = (0..count).map(|i| (i as f32).cos()).collect();
        (y.sqr()? * tensor(weights, y.shape().clone())?)?.sum_all()
    };
    let var = Var::from_tensor(&tensor(x.clone(), shape).expect("a tensor")).expect("a variable");
    let gradients = loss(&var).and_then(|l| l.backward()).expect("a gradient");
    let gradient = values(gradients.get(&var).expect("a gradient")).expect("numbers");
    for i in 0..x.len() {
        let at = |by: f32| {
            let mut x = x.clone();
            x[i] += by;
            let x = tensor(x, shape).expect("a tensor");
            loss(&x).and_then(|l| l.to_scalar::<f32>()).expect("a number")
        };
        let difference = (at(1e-2) - at(-1e-2)) / 2e-2;
        let near = (difference - gradient[i]).abs() <= 0.03 * (1.0 + difference.abs());
        assert!(near, "{i}: {difference} {}", gradient[i]);
    }
}

#[test]
fn gradients_are_those_of_differences() {
    let some = |count: usize| (0..count).map(|i| (i as f32 * 1.7).sin()).collect::<Vec<f32>>();
    for enlarge in [1, 2] {
        let patches = Patches { height: 4, width: 6, enlarge };
        let pixels = 2 * 24 / enlarge / enlarge;
        gradient(some(pixels * 2), (pixels, 2), |x| x.apply_op1(patches));
    }
    gradient(some(60), (30, 2), |x| x.apply_op1(Pool { height: 3, width: 5 }));
    let (factor, offset) = (tensor(vec![1.5, 0.5], 2), tensor(vec![0.1, -0.3], 2));
    let (factor, offset) = (factor.expect("a tensor"), offset.expect("a tensor"));
    gradient(some(24), (12, 2), |x| x.apply_op3(&factor, &offset, BatchNorm));
    assert_eq!(Pool { height: 2, width: 2 }.name(), "pool");
}

#[test]
fn equalization_changes_weights_but_not_what_is_computed() {
    let folder = Folder::new();
    let (path, _) = folder.trained();
    let network = folder.load(&path);
    let mut equal = network.clone();
    equalize(&mut equal);
    let image: Vec<u8> = (0..64).map(|i| (i * 7 % 16) as u8).collect();
    let pictures = network.pictures([image.as_slice()].into_iter()).expect("a picture");
    let scores = |network: &Network| {
        let weights = network.tensors().expect("weights");
        values(&network.scores(&pictures, &weights).expect("scores").0).expect("numbers")
    };
    let (a, b) = (scores(&network), scores(&equal));
    assert!(a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 1e-3 * (1.0 + a.abs())), "{a:?} {b:?}");
    let ranges = |network: &Network| {
        let layers: Vec<_> = network.linear().cloned().collect();
        let range = |c: usize| {
            let column = layers[0].weights.iter().skip(c).step_by(6);
            let rows = layers[1].weights.chunks(8).skip(c).step_by(6).flatten();
            let most = |x: &mut dyn Iterator<Item = &f32>| x.fold(0.0_f32, |a, w| a.max(w.abs()));
            most(&mut column.into_iter()) / most(&mut rows.into_iter())
        };
        (0..6).map(range).collect::<Vec<f32>>()
    };
    assert!(ranges(&equal).iter().all(|r| (r - 1.0).abs() < 0.1), "{:?}", ranges(&equal));
    assert!(ranges(&network).iter().any(|r| (r - 1.0).abs() > 0.1));
}

proptest! {
    /// Multiplier and shift say a factor to its last of 16 bits, where the shift suffices.
    #[test]
    fn a_factor_is_near(exponent in -15.0_f64..15.9) {
        let wanted = exponent.exp2();
        let (multiplier, shift) = export::factor(wanted).expect("a factor");
        let is = f64::from(multiplier) / f64::from(shift).exp2();
        prop_assert!((is / wanted - 1.0).abs() <= 1.0 / 65535.0, "{is} {wanted}");
    }

    /// A damaged list is refused or read, and what is read is one that a network can be of.
    #[test]
    fn a_damaged_list_makes_no_panic(
        at in 0..LIST.len(),
        length in 0_usize..12,
        new in r#"[0-9a-z{}\[\]",:.e-]{0,8}"#,
    ) {
        let end = (at + length).min(LIST.len());
        let text = [&LIST[..at], &new, &LIST[end..]].concat();
        match Layers::read(text.as_bytes()) {
            Err(what) => prop_assert!(!what.is_empty() && !what.contains('\n'), "{what}"),
            Ok(list) => {
                prop_assert!(list.validate().is_ok());
                let folder = Folder::new();
                let path = folder.path("n.safetensors");
                std::fs::write(&path, written(&tensors())).expect("written");
                if let Err(e) = file::read(&path, SAYS).expect("a file").network(&path, &list) {
                    prop_assert!(!e.to_string().contains('\n'), "{e}");
                }
            }
        }
    }
}

/// A class that the network lacks is named with its line.
#[test]
fn an_unknown_class_is_named_with_its_line() {
    use fixlearn_lowbit::data;
    let f = Folder::new();
    let table = f.path("x.csv");
    std::fs::write(&table, "a,class\n1,cat\n2,dog\n3,cow\n").expect("written");
    let pixels = data::read(&table, true, "class").expect("a table");
    let input = Input { channels: 1, height: 1, width: 1, bits: 8, largest: 3.0 };
    let classes = ["cat", "dog"].map(String::from);
    let error = pixels.samples(&table, &input, &classes).expect_err("a cow is no class");
    let said = error.to_string();
    assert!(said.contains("line 4, column 2 (`class`): `cow` is no class"), "{said}");
    assert!(said.contains("it has cat, dog"), "{said}");
}
