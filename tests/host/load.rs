//! Low-bit networks, as a user loads them: the same on every port, and what can be wrong.

mod common;

use common::{fixlearn, json, refused, Folder};
use serde_json::{json as object, Value};

/// An image of 2 x 4 is bright in its left half, or in its right one: a convolution that blurs, a
/// pool, and a dense layer that compares both halves.
fn network() -> Value {
    let blur = object!({
        "kind": "conv", "outputs": 1, "weight_bits": 2, "weights": [0, 0, 0, 0, 1, 0, 0, 0, 0],
        "bias": [0], "multiplier": [1], "shift": [0], "activation_bits": 4
    });
    let halves = object!({
        "kind": "dense", "outputs": 2, "weight_bits": 1, "weights": [1, -1, -1, 1], "bias": [0, 1]
    });
    object!({
        "format": 1, "core": "network",
        "input": {"channels": 1, "height": 2, "width": 4, "bits": 4},
        "layers": [blur, {"kind": "pool"}, halves],
        "classes": ["left", "right"]
    })
}

const IMAGES: &str = "a,b,c,d,e,f,g,h,side\n\
    9,3,0,0,1,2,3,4,left\n\
    0,0,15,3,0,0,0,0,right\n\
    5,0,0,0,0,0,0,5,right\n\
    7,0,0,0,0,0,0,0,right\n";

#[test]
fn a_network_is_loaded_and_counts_the_same_everywhere() {
    let f = Folder::new();
    f.file("n.json", network().to_string());
    f.file("i.csv", IMAGES);
    let (network, images) = (f.at("n.json"), f.at("i.csv"));
    refused(&["check", &images, "--model", &network], &["n.json", "a network", "fixlearn load"]);
    let mut states = Vec::new();
    for port in ["sim", "core", "golden"] {
        let out = f.at(port);
        let load = ["load", &network, &images, "--target", "side", "--port", port, "--out", &out];
        let said = json(&load);
        assert_eq!((&said["equal"], &said["weights"]), (&true.into(), &13.into()), "{said}");
        assert_eq!((&said["images"], &said["wrong"]), (&4.into(), &1.into()), "{said}");
        assert_eq!(said["accuracy"], 0.75);
        states.push(f.json(port)["state"].clone());
        let checked = json(&["check", &images, "--model", &out, "--port", port]);
        assert_eq!((&checked["equal"], &checked["steps"]), (&true.into(), &4.into()));
    }
    assert_eq!(states[0], states[1]);
    // Without images, it is put there and read back; and on a core of more lanes.
    let said = json(&["load", &network, "--port", "golden", "--size", "16x4096x4096"]);
    assert_eq!((&said["equal"], &said["lanes"]), (&true.into(), &16.into()));
    assert_eq!((&said["images"], &said["accuracy"]), (&0.into(), &Value::Null));
    let info = json(&["info", "--model", &f.at("sim")]);
    assert_eq!((&info["task"], &info["core"]), (&"classify".into(), &"network".into()));
    json(&["export", "--model", &f.at("sim"), "--out", &f.at("w.csv")]);
}

#[test]
fn rows_are_answered_with_classes_and_scores() {
    let f = Folder::new();
    f.file("n.json", network().to_string());
    f.file("i.csv", IMAGES);
    let (network, images, out) = (f.at("n.json"), f.at("i.csv"), f.at("run"));
    json(&["load", &network, &images, "--target", "side", "--port", "golden", "--out", &out]);
    let mut texts = Vec::new();
    for (model, port) in [(&network, "sim"), (&network, "golden"), (&out, "golden")] {
        let answers = f.at("answers.csv");
        let predict = ["predict", &images, "--model", model, "--port", port, "--out", &answers];
        // A run knows the column of the class.
        let target = ["--class", "side"];
        let said = json(&[&predict[..], if *model == out { &[] } else { &target }].concat());
        assert_eq!((&said["rows"], &said["score"]), (&4.into(), &0.75.into()), "{said}");
        texts.push(std::fs::read_to_string(&answers).expect("answers"));
    }
    let expected = "prediction,score left,score right\n\
        left,5,-4\nright,-15,16\nright,0,1\nleft,7,-6\n";
    assert_eq!(texts[0], expected);
    assert!(texts.iter().all(|text| text == expected));
    // A row without a class is not scored; one with an unknown class is wrong, and said.
    f.file(
        "part.csv",
        IMAGES.replace("7,0,0,0,0,0,0,0,right", "7,0,0,0,0,0,0,0,").replace("4,left", "4,up"),
    );
    let (part, answers) = (f.at("part.csv"), f.at("answers.csv"));
    let predict = ["predict", &part, "--model", &network, "--class", "side", "--port", "golden"];
    let done = fixlearn(&[&predict[..], &["--force", "--json", "--out", &answers]].concat());
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(said.contains("does not know, counted as wrong: 1"), "{said}");
    let report: Value = serde_json::from_slice(&done.stdout).expect("a report");
    assert_eq!((&report["rows"], &report["scored_rows"]), (&4.into(), &3.into()), "{report}");
    // Pixels of another range are the same samples, if the network says its range; one above it is
    // said.
    let mut wide = self::network();
    wide["largest"] = object!(30.0);
    f.file("wide.json", wide.to_string());
    let double = |cell: &str| cell.parse::<u32>().map_or(cell.into(), |n| (2 * n).to_string());
    let lines =
        IMAGES.lines().map(|line| line.split(',').map(double).collect::<Vec<_>>().join(","));
    f.file("wide.csv", lines.collect::<Vec<_>>().join("\n").replace("30", "31"));
    let (wide, answers) = (f.at("wide.csv"), f.at("answers.csv"));
    let predict = ["predict", &wide, "--model", &f.at("wide.json"), "--class", "side", "--force"];
    let done = fixlearn(&[&predict[..], &["--port", "golden", "--out", &answers]].concat());
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(done.status.success() && said.contains("1 of 32 pixels are above 30"), "{said}");
    assert_eq!(std::fs::read_to_string(&answers).expect("answers"), expected);
}

/// More images: left, right, and those that are bright in both halves.
fn three_kinds() -> String {
    let mut random = fastrand::Rng::with_seed(1);
    let mut text = String::from("a,b,c,d,e,f,g,h,side\n");
    for i in 0..60 {
        let kind = ["left", "right", "both"][i % 3];
        let cells: Vec<String> = (0..8)
            .map(|pixel| {
                let bright = kind == "both" || (pixel % 4 < 2) == (kind == "left");
                (if bright { random.u8(9..16) } else { random.u8(..4) }).to_string()
            })
            .collect();
        text += &format!("{},{kind}\n", cells.join(","));
    }
    text
}

#[test]
fn the_last_layer_learns_a_class_and_the_same_everywhere() {
    let f = Folder::new();
    let mut two = network();
    two["layers"][2]["weight_bits"] = 2.into();
    f.file("n.json", two.to_string());
    f.file("i.csv", three_kinds());
    let (network, images) = (f.at("n.json"), f.at("i.csv"));
    let learn = ["load", &network, &images, "--target", "side", "--learn", "--new-class", "both"];
    let mut states = Vec::new();
    for port in ["sim", "core", "golden"] {
        let (out, plot) = (f.at(port), f.at("curve.svg"));
        let said = json(
            &[&learn[..], &["--port", port, "--out", &out, "--plot", &plot, "--epochs", "4"]]
                .concat(),
        );
        assert_eq!((&said["equal"], &said["images"]), (&true.into(), &240.into()), "{said}");
        let wrong: Vec<u64> = said["wrong_by_epoch"]
            .as_array()
            .expect("epochs")
            .iter()
            .filter_map(Value::as_u64)
            .collect();
        assert!(wrong.len() == 4 && wrong[0] > wrong[3], "{said}");
        assert!(said["moved_weights"].as_u64() > Some(0), "{said}");
        assert!(std::fs::read_to_string(f.at("curve.svg")).expect("a file").contains("epochs"));
        states.push(f.json(port)["state"].clone());
        let checked = json(&["check", &images, "--model", &out, "--port", port]);
        assert_eq!((&checked["equal"], &checked["steps"]), (&true.into(), &240.into()));
    }
    assert_eq!(states[0], states[1]);
    // Pixels are found by their names, wherever they stand, and one that is missing is said.
    let turned: Vec<String> = three_kinds()
        .lines()
        .map(|line| line.split(',').rev().collect::<Vec<_>>().join(","))
        .collect();
    f.file("turned.csv", turned.join("\n"));
    let (learned, answers) = (f.at("golden"), f.at("turned-answers.csv"));
    let predict = ["predict", &f.at("turned.csv"), "--model", &learned, "--port", "golden"];
    let said = json(&[&predict[..], &["--out", &answers]].concat());
    assert!(said["score"].as_f64() > Some(0.9), "{said}");
    f.file("turned.csv", turned.join("\n").replacen("side,h", "side,z", 1));
    let done = fixlearn(&[&predict[..], &["--force", "--out", &answers]].concat());
    assert_eq!(done.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&done.stderr).contains("`h`"));
    // What it learned answers, and goes on as a network of its own.
    let (run, answers) = (f.at("golden"), f.at("answers.csv"));
    let said = json(&["predict", &images, "--model", &run, "--port", "sim", "--out", &answers]);
    assert!(said["score"].as_f64() > Some(0.9), "{said}");
    assert!(std::fs::read_to_string(f.at("answers.csv")).expect("a file").contains("score both"));
    let again = ["load", &run, &images, "--target", "side", "--port", "golden"];
    let said = json(&again);
    assert_eq!((&said["wrong_by_epoch"], &said["moved_weights"]), (&object!([]), &0.into()));
    assert!(said["accuracy"].as_f64() > Some(0.9), "{said}");
    let said = json(&[&again[..], &["--learn", "--epochs", "1", "--rounding", "nearest"]].concat());
    assert_eq!(said["wrong_by_epoch"].as_array().map(Vec::len), Some(1), "{said}");
    // Rounded to the nearest at this rate, nothing moves.
    let still = ["--epochs", "2", "--rounding", "nearest", "--rate-shift", "9", "--port", "golden"];
    let said = json(&[&learn[..], &still].concat());
    assert_eq!(said["moved_weights"], 0, "{said}");
    // What is wrong.
    let refuses = |options: &[&str], words: &[&str]| {
        let done = fixlearn(&[&["load", &network, &images, "--target", "side"], options].concat());
        let text = String::from_utf8_lossy(&done.stderr).into_owned();
        assert_eq!(done.status.code(), Some(2), "{text}");
        assert!(words.iter().all(|word| text.contains(word)), "{text}");
    };
    refuses(&["--epochs", "2"], &["--learn"]);
    refuses(&["--learn"], &["line 4", "`both`", "left, right", "--new-class"]);
    refuses(&["--learn", "--new-class", "left"], &["--new-class", "`left`"]);
    refuses(&["--learn", "--new-class", "both", "--last-bits", "3"], &["2, 4 or 8"]);
    refuses(&["--learn", "--new-class", "both", "--rounding", "feedback"], &["rounding"]);
    refuses(&["--learn", "--new-class", "both", "--margin", "67108864"], &["margin"]);
    let fewer = ["--target", "side", "--port", "golden", "--learn", "--last-bits", "4"];
    refused(&[&["load", &run, &images], &fewer[..]].concat(), &["8 bits, more than 4"]);
}

/// Interrupted between epochs, and gone on with: the same bits.
#[test]
fn learning_goes_on_to_the_same_bits() {
    let f = Folder::new();
    let mut two = network();
    two["layers"][2]["weight_bits"] = 2.into();
    f.file("n.json", two.to_string());
    f.file("i.csv", three_kinds());
    let (network, images, out) = (f.at("n.json"), f.at("i.csv"), f.at("run"));
    let learn = ["load", &network, &images, "--target", "side", "--learn", "--new-class", "both"];
    let golden = ["--port", "golden", "--out", &out];
    json(&[&learn[..], &golden, &["--epochs", "3"]].concat());
    let whole = f.json("run");
    // A checkpoint after the first epoch, as an interrupted run of three would leave it.
    json(&[&learn[..], &golden, &["--epochs", "1"]].concat());
    let mut checkpoint = f.json("run");
    checkpoint["plan"]["learning"]["epochs"] = 3.into();
    f.file("run", checkpoint.to_string());
    let resume = ["--epochs", "3", "--resume"];
    let said = json(&[&learn[..], &golden, &resume].concat());
    assert_eq!(said["images"], 180);
    assert_eq!(
        (&f.json("run")["state"], &f.json("run")["curve"]),
        (&whole["state"], &whole["curve"])
    );
    // What the file says was done is what the registers counted.
    let bad = |change: &dyn Fn(&mut Value)| {
        let mut edited = whole.clone();
        change(&mut edited);
        f.file("edited", edited.to_string());
        refused(&["info", "--model", &f.at("edited")], &["damaged"]);
    };
    bad(&|run| run["done"] = 179.into());
    bad(&|run| run["curve"][2]["wrong"] = 500.into());
    bad(&|run| run["curve"][1]["images"] = 60.into());
    bad(&|run| run["plan"]["learning"]["epochs"] = 0.into());
    let other = ["--epochs", "3", "--resume", "--seed", "2"];
    let done = fixlearn(&[&learn[..], &golden, &other].concat());
    assert_eq!(done.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&done.stderr).contains("other options"));
}

/// A checkpoint in the middle of an epoch makes no mark of its own.
#[test]
fn epochs_of_many_images_have_a_mark_each() {
    let f = Folder::new();
    let row = |i: u32| {
        let pixels: Vec<String> = (0..8).map(|p| (i * (p + 3) % 16).to_string()).collect();
        format!("{},{}\n", pixels.join(","), ["left", "right"][i as usize % 2])
    };
    let rows: String = (0..3000).map(row).collect();
    let mut two = network();
    two["layers"][2]["weight_bits"] = 2.into();
    f.file("n.json", two.to_string());
    f.file("i.csv", format!("a,b,c,d,e,f,g,h,side\n{rows}"));
    let (network, images, out) = (f.at("n.json"), f.at("i.csv"), f.at("run.json"));
    let load = ["load", &network, &images, "--target", "side", "--port", "golden", "--out", &out];
    json(&[&load[..], &["--learn", "--epochs", "2"]].concat());
    let info = json(&["info", "--model", &out]);
    assert_eq!((&info["marks"], &info["done"]), (&2.into(), &6000.into()), "{info}");
    json(&["check", &images, "--model", &out, "--port", "golden"]);
}

#[test]
fn what_is_wrong_is_one_line() {
    let f = Folder::new();
    let good = network();
    f.file("n.json", good.to_string());
    f.file("i.csv", IMAGES);
    let (network, images) = (f.at("n.json"), f.at("i.csv"));
    let bad = |change: &dyn Fn(&mut Value), words: &[&str]| {
        let mut changed = good.clone();
        change(&mut changed);
        f.file("bad.json", changed.to_string());
        let words = [&["bad.json"], words].concat();
        refused(&["load", &f.at("bad.json"), "--port", "golden"], &words);
    };
    bad(&|n| n["layers"][0]["weights"][3] = 2.into(), &["layer 1", "weight 3 is 2"]);
    bad(&|n| n["layers"][0]["weights"][3] = 70_000.into(), &["no network"]);
    bad(&|n| n["layers"][0]["shift"] = object!([40]), &["layer 1", "shift"]);
    bad(&|n| n["layers"][1]["kind"] = "lstm".into(), &["no network", "lstm"]);
    bad(&|n| n["input"]["width"] = 400.into(), &["800 inputs"]);
    bad(&|n| n["classes"] = object!(["one"]), &["1 classes"]);
    let whole = good.to_string();
    f.file("cut.json", &whole[..whole.len() / 2]);
    refused(&["load", &f.at("cut.json"), "--port", "golden"], &["cut.json", "no network"]);
    refused(&["load", &f.at("none.json"), "--port", "golden"], &["none.json"]);
    let load = ["load", &network, &images, "--port", "golden"];
    refused(&[&load[..], &["--target", "nothing"]].concat(), &["nothing"]);
    refused(&[&load[..], &["--target", "a"]].concat(), &["i.csv", "`left`"]);
    let table = |name: &str, text: &str| f.file(name, text).to_str().expect("text").to_string();
    let classify = |images: &str, words: &[&str]| {
        refused(&["load", &network, images, "--target", "9", "--port", "golden"], words);
    };
    classify(&table("half.csv", "1,2,3,4,5,6,7,8.5,left\n"), &["line 1, column 8", "8.5"]);
    classify(&table("large.csv", "1,2,3,4,5,6,7,16,left\n"), &["line 1, column 8", "0 to 15"]);
    classify(&table("hole.csv", "1,2,3,4,5,6,7,,left\n"), &["line 1, column 8", "missing"]);
    classify(&table("up.csv", "1,2,3,4,5,6,7,8,up\n"), &["line 1", "`up`", "left, right"]);
    classify(
        &table("more.csv", "1,2,3,4,5,6,7,8,left,3\n"),
        &["9 columns of pixels", "8", "take out"],
    );
    let few = table("few.csv", "1,2,3,4,5,6,7,left\n");
    let words = ["7 columns of pixels", "8; add those"];
    refused(&["load", &network, &few, "--target", "8", "--port", "golden"], &words);
    // What was recognized of a table is said of one that is counted.
    let names = "a,b,c,d,e,f,g,h,side\n1,2,3,4,5,6,7,8,up\n";
    let up = table("names.csv", names);
    let side = ["--target", "side", "--port", "golden"];
    refused(&[&["load", &network, &up], &side[..]].concat(), &["line 2", "`up`", "left, right"]);
    // A damaged run; images that are not those of the run; another network to go on with.
    let out = f.at("run");
    json(&["load", &network, &images, "--target", "side", "--port", "golden", "--out", &out]);
    let other = table("other.csv", &IMAGES.replace("9,3", "8,3"));
    let done = fixlearn(&["check", &other, "--model", &out]);
    assert_eq!(done.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&done.stderr).contains("made of other images"));
    let mut run = f.json("run");
    run["state"]["lanes"] = 7.into();
    f.file("run.json", run.to_string());
    refused(&["check", &images, "--model", &f.at("run.json")], &["damaged"]);
    let resume = ["--target", "side", "--port", "golden", "--out", &out, "--resume"];
    let done = fixlearn(&[&["load", &network, &other], &resume[..]].concat());
    assert_eq!(done.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&done.stderr).contains("another network, other images"));
    json(&[&["load", &network, &images], &resume[..]].concat());
    // Options of the other kind of model.
    let predict =
        ["predict", &images, "--model", &network, "--out", &f.at("a"), "--missing", "drop"];
    let done = fixlearn(&predict);
    assert_eq!(done.status.code(), Some(2));
}
