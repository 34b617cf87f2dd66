//! The gradient core's commands, as a user runs them: over a pseudo-terminal, broken off and gone
//! on with, and with whatever can be wrong with a request.

mod common;

use common::{fixlearn, json, refused, tool, Board, Folder};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// A file of this text; its path.
fn file(f: &Folder, name: &str, text: &str) -> String {
    f.file(name, text);
    f.at(name)
}

/// `y = 3 a - 2 b + 5` with a little that no line explains; `kind` is 1 where it is above 5.
fn table() -> String {
    let mut text = String::from("a,b,c,y,kind\n");
    for i in 0..60_i32 {
        let (a, b) = (f64::from(i * 37 % 60) / 7.0, f64::from(i * 23 % 60) / 9.0);
        let y = 3.0 * a - 2.0 * b + 5.0 + f64::from(i % 5) * 0.1;
        text += &format!("{a},{b},4,{y},{}\n", u8::from(y > 5.0));
    }
    text
}

#[test]
fn optimize_over_a_pty_with_trace_and_plot() {
    let f = Folder::new();
    let board = Board::start(&["--core", "gradient"]);
    let (run, trace, plot) = (f.at("run.json"), f.at("trace.csv"), f.at("path.svg"));
    let found = json(&[
        "optimize",
        "--objective",
        "rosenbrock",
        "--start=-1.2,1",
        "--port",
        &board.1,
        "--iterations",
        "8000",
        "--every",
        "100",
        "--out",
        &run,
        "--trace",
        &trace,
        "--plot",
        &plot,
    ]);
    assert!(found["value"].as_f64().expect("a number") < 1e-3, "{found}");
    assert_eq!(found["saturated"], serde_json::json!([]));
    let text = std::fs::read_to_string(&trace).expect("a trace");
    assert_eq!(text.lines().next(), Some("iteration,value,rate,step,gradient,x0,x1"));
    assert_eq!(text.lines().count(), 82);
    let svg = std::fs::read_to_string(&plot).expect("a plot");
    assert!(svg.starts_with("<svg") && svg.matches("<polyline").count() > 100, "contours");
    let checked = json(&["check", "--model", &run, "--port", &board.1, "--stride", "1000"]);
    assert_eq!((&checked["equal"], &checked["steps"]), (&true.into(), &8000.into()));
    assert!(fixlearn(&["export", "--model", &run, "--out", &f.at("x.npy")]).status.success());
    // Going on gives the same bits as never having stopped.
    let whole = f.at("whole.json");
    let both = ["--start=-1.2,1", "--every", "100", "--iterations", "9000"];
    json(&[&["optimize", "--out", &whole][..], &both].concat());
    json(&[&["optimize", "--out", &run, "--resume"][..], &both].concat());
    assert_eq!(f.json("run.json")["state"], f.json("whole.json")["state"]);
}

/// The number that stands behind this in a tag of SVG.
fn attribute(tag: &str, name: &str) -> u32 {
    let rest = tag.split_once(&format!("{name}=\"")).expect("an attribute").1;
    rest.split('"').next().and_then(|number| number.parse().ok()).expect("a number")
}

/// The disc at a path's end is seen on the minimum's cross, in both formats; every label is within
/// the picture.
#[test]
fn a_plot_is_one_picture_in_both_formats() {
    let f = Folder::new();
    let input = file(&f, "t.csv", &table());
    let golden = ["--port", "golden", "--plot"];
    let regress = ["regress", &input, "--target", "4", "--passes", "3", "--out", &f.at("m.json")];
    for (name, command, size) in [
        ("path", &["optimize"][..], (1120, 480)),
        ("value", &["optimize", "--start=1,2,3", "--objective", "quadratic"], (640, 480)),
        ("curve", &regress, (720, 400)),
    ] {
        let [svg, png] = ["svg", "png"].map(|ending| f.at(&format!("{name}.{ending}")));
        for file in [&svg, &png] {
            json(&[command, &golden, &[file]].concat());
        }
        let text = std::fs::read_to_string(&svg).expect("a plot");
        assert_eq!((attribute(&text, "width"), attribute(&text, "height")), size, "{name}");
        let picture = image::open(&png).expect("a picture").into_rgb8();
        assert_eq!(picture.dimensions(), (2 * size.0, 2 * size.1), "{name}");
        // The SVG has a tag a line, and a text's letters on the next.
        let lines: Vec<&str> = text.lines().collect();
        let texts = lines.windows(2).filter(|pair| pair[0].starts_with("<text"));
        let mut labels = 0;
        for pair in texts.filter(|pair| pair[0].contains("text-anchor=\"middle\"")) {
            let half = 3 * pair[1].len() as u32;
            assert!(attribute(pair[0], "x") + half <= size.0, "{name}: {pair:?} is cut");
            labels += 1;
        }
        assert!(labels > 5, "{name}: {labels}");
        if name == "path" {
            let is_disc =
                |tag: &&&str| tag.starts_with("<circle") && !tag.contains("fill=\"none\"");
            let disc = lines.iter().find(is_disc).expect("a disc");
            let (x, y) = (attribute(disc, "cx"), attribute(disc, "cy"));
            assert_eq!(picture.get_pixel(2 * x, 2 * y).0, [255, 0, 0]);
            // Around it the cross is seen.
            let dark = |(dx, dy): (i32, i32)| {
                let at = |v: u32, d: i32| (2 * v).saturating_add_signed(d);
                picture.get_pixel(at(x, dx), at(y, dy)).0.iter().all(|&c| c < 100)
            };
            assert!([(11, 11), (-11, 11), (11, -11), (-11, -11)].into_iter().any(dark));
        }
    }
}

/// Defaults find each function's minimum, and a run that has not come there says so.
#[test]
fn an_optimization_converges_or_says_that_it_has_not() {
    let golden = ["--port", "golden", "--objective"];
    for (objective, more) in [
        ("rosenbrock", &[][..]),
        ("quadratic", &[]),
        ("quadratic", &["--start=1,2,3,4,-5,6", "--condition", "1000"]),
        ("styblinski", &[]),
        ("styblinski", &["--start=5,4,-5,1"]),
    ] {
        let found = json(&[&["optimize"], &golden[..], &[objective], more].concat());
        assert_eq!(found["converged"], true, "{objective} {more:?}: {found}");
        assert!(found["gradient"].as_f64().expect("a number") <= 1.0 / 4096.0);
    }
    let short = [&["optimize"], &golden[..], &["rosenbrock", "--iterations", "500"]].concat();
    let found = json(&short);
    assert_eq!(found["converged"], false, "{found}");
    let said = fixlearn(&short).stdout;
    assert!(String::from_utf8_lossy(&said).contains("NOT converged"));
    // It ends when the gradient is small enough, and goes on from there only if asked for less.
    let f = Folder::new();
    let run = f.at("r.json");
    let early = ["--tolerance", "0.01", "--out", &run];
    let found = json(&[&["optimize"], &golden[..], &["rosenbrock"], &early].concat());
    let iterations = found["iterations"].as_u64().expect("a number");
    assert!((100..19_000).contains(&iterations), "{found}");
    assert!(found["gradient"].as_f64().expect("a number") <= 0.01);
    assert_eq!(found["converged"], true, "{found}");
    let again = [&["optimize"], &golden[..], &["rosenbrock", "--resume"], &early].concat();
    assert_eq!(json(&again)["iterations"], iterations);
    assert_eq!(json(&["check", "--model", &run])["equal"], true);
}

/// A search finds the lowest of many minima, goes on to the same bits, and reports the kept point;
/// a descent from the same place ends in the nearest.
#[test]
fn a_search_keeps_the_best_point() {
    let f = Folder::new();
    let (run, whole) = (f.at("r.json"), f.at("whole.json"));
    for (objective, start, most) in
        [("rastrigin", "--start=4,-3", 1e-3), ("griewank", "--start=2,1.5", 1e-3)]
    {
        let place = [objective, start, "--centre=0.7,-0.4"];
        let base = [&["optimize", "--port", "golden", "--objective"], &place[..]].concat();
        let descent = json(&base);
        assert!(descent["value"].as_f64().expect("a number") > 0.5, "{descent}");
        let search = [&base[..], &["--keep", "--noise-period", "1250"]].concat();
        let found = json(&[&search[..], &["--iterations", "20000", "--out", &whole]].concat());
        assert!(found["value"].as_f64().expect("a number") < most, "{found}");
        for (x, z) in found["point"].as_array().expect("a point").iter().zip([0.7, -0.4]) {
            assert!((x.as_f64().expect("a number") - z).abs() < 0.01, "{found}");
        }
        json(&[&search[..], &["--iterations", "7000", "--out", &run]].concat());
        let more = ["--iterations", "20000", "--out", &run, "--resume"];
        assert_eq!(json(&[&search[..], &more].concat())["point"], found["point"]);
        assert_eq!(json(&["check", "--model", &run])["equal"], true);
        refused(&[&base[..], &more, &["--noise-width", "3"]].concat(), &["another --noise-width"]);
    }
}

/// The resolution rises; what a size lacks is said in one line, and what has no use is refused.
#[test]
fn a_search_that_cannot_be_is_refused() {
    let golden = ["optimize", "--port", "golden"];
    let rising = ["--gradient-bits", "3", "--rises", "gradient", "--resolution-period", "1000"];
    let f = Folder::new();
    let run = f.at("r.json");
    json(&[&golden[..], &rising, &["--out", &run]].concat());
    let text = std::fs::read_to_string(&run).expect("a run");
    assert!(
        text.contains("\"gradient_bits\": 20") || text.contains("\"gradient_bits\":20"),
        "{text}"
    );
    // What would never rise is said, and a run that says how far has a range.
    let rises = |more: &[&str], words: &[&str]| refused(&[&golden[..], more].concat(), words);
    rises(&["--rises", "gradient", "--resolution-period", "0"], &["1..=16777215"]);
    let period = ["--resolution-period", "9"];
    rises(&[&["--rises", "point"], &period[..]].concat(), &["--point-bits is 28", "fewer"]);
    let most = ["--gradient-bits", "20", "--point-bits", "9", "--rises", "both"];
    rises(&[&most, &period[..]].concat(), &["--gradient-bits is 20", "fewer"]);
    for (field, value) in [("point_most", 28 + (1 << 24)), ("gradient_most", 0x1c14)] {
        let mut run = f.json("r.json");
        for place in ["/plan/start/config/search", "/state/config/search"] {
            run.pointer_mut(place).expect("a search")[field] = value.into();
            f.file("bad.json", run.to_string());
            refused(&["check", "--model", &f.at("bad.json")], &["damaged", "the most bits"]);
        }
    }
    let bowl = [&golden[..], &["--objective", "quadratic", "--size", "quadratic,linear"]].concat();
    json(&bowl);
    refused(&[&bowl[..], &["--keep"]].concat(), &["without a search", "rastrigin or griewank"]);
    refused(&[&golden[..], &["--noise-period", "9"]].concat(), &["--noise-period is of --keep"]);
    refused(&[&golden[..], &["--rises", "point"]].concat(), &["--resolution-period"]);
    let three = ["--objective", "griewank", "--start=1,2,3"];
    refused(&[&golden[..], &three].concat(), &["Griewank's function 2"]);
    refused(&[&golden[..], &["--centre=1,2"]].concat(), &["--centre is of --objective quadratic"]);
}

/// The seed decides the noise: one's own is another run, and the usual one is that of no seed.
#[test]
fn a_seed_decides_the_noise() {
    let f = Folder::new();
    let golden = ["optimize", "--port", "golden", "--iterations", "300"];
    for noise in [["--noise-width", "3"], ["--rounding", "stochastic"]] {
        let found = |seed: &[&str]| {
            let out = f.at("r.json");
            json(&[&golden[..], &noise, seed, &["--out", &out]].concat());
            assert_eq!(json(&["check", "--model", &out])["equal"], true);
            f.json("r.json")["state"].clone()
        };
        let (usual, other) = (found(&[]), found(&["--seed", "2"]));
        assert_eq!(usual, found(&["--seed", "1"]));
        assert_ne!(usual["point"], other["point"]);
        assert_eq!(other, found(&["--seed", "2"]));
        let resume = ["--out", &f.at("r.json"), "--resume", "--seed", "1"];
        refused(&[&golden[..], &noise, &resume].concat(), &["another --seed"]);
    }
    refused(&[&golden[..], &["--seed", "2"]].concat(), &["--seed is of noise"]);
}

#[test]
fn a_bowl_in_five_dimensions() {
    let found = json(&[
        "optimize",
        "--objective",
        "quadratic",
        "--start=1,2,3,-4,5",
        "--centre=0.5,0.25,-1,2,0",
        "--condition",
        "30",
        "--rate-shift",
        "2",
        "--rate-least",
        "0",
        "--iterations",
        "2000",
    ]);
    let centre = [0.5, 0.25, -1.0, 2.0, 0.0];
    for (x, z) in found["point"].as_array().expect("a point").iter().zip(centre) {
        assert!((x.as_f64().expect("a number") - z).abs() < 0.01, "{found}");
    }
}

#[test]
fn a_line_is_learned_in_its_own_units() {
    let f = Folder::new();
    let (input, out, plot) = (file(&f, "t.csv", &table()), f.at("m.json"), f.at("curve.svg"));
    let learned = json(&[
        "regress",
        &input,
        "--header",
        "--target",
        "y",
        "--out",
        &out,
        "--point-bits",
        "12",
        "--rate-shift",
        "4",
        "--rate-final",
        "9",
        "--rounding",
        "feedback",
        "--passes",
        "40",
        "--plot",
        &plot,
        "--trace",
        &f.at("curve.csv"),
    ]);
    let curve = std::fs::read_to_string(f.at("curve.csv")).expect("a curve");
    assert_eq!(curve.lines().next(), Some("pass,training,held_out,rate"));
    assert_eq!(curve.lines().count(), 41);
    // Columns: `kind` helps, `c` does not vary.
    assert_eq!(learned["dropped"], serde_json::json!(["c"]));
    assert_eq!((&learned["rows"], &learned["held_out_rows"]), (&48.into(), &12.into()));
    assert!(learned["held_out"].as_f64().expect("a number") < 1.0, "{learned}");
    assert!(std::fs::read_to_string(&plot).expect("a curve").contains("<polyline"));
    let checked = json(&["check", &input, "--model", &out, "--port", "sim", "--stride", "500"]);
    assert_eq!(checked["equal"], true);
    // New rows, without the target and with the columns in another order.
    let rows = file(&f, "new.csv", "kind,c,b,a\n1,4,1,6\n0,4,3,1\n");
    let answers = f.at("answers.csv");
    let predicted = json(&["predict", &rows, "--header", "--model", &out, "--out", &answers]);
    assert_eq!((&predicted["rows"], &predicted["score"]), (&2.into(), &serde_json::Value::Null));
    let text = std::fs::read_to_string(&answers).expect("answers");
    for (line, expected) in text.lines().skip(1).zip([21.0, 2.0]) {
        let answer: f64 = line.split(',').next().expect("a cell").parse().expect("a number");
        assert!((answer - expected).abs() < 1.5, "{text}");
    }
    let again = json(&["predict", &input, "--header", "--model", &out, "--out", &answers]);
    assert!(again["score"].as_f64().expect("a number") < 1.0, "{again}");
    let less = file(&f, "less.csv", "a,b\n1,2\n");
    refused(
        &["predict", &less, "--header", "--model", &out, "--out", &f.at("few.csv")],
        &["less.csv", "no column `kind`"],
    );
    // One bit of the file changed: status 1, and where.
    let mut run = f.json("m.json");
    let word = run["state"]["point"][1].as_i64().expect("a word");
    run["state"]["point"][1] = (word ^ (1 << 16)).into();
    std::fs::write(&out, run.to_string()).expect("written");
    let done = fixlearn(&["check", &input, "--model", &out]);
    assert_eq!(done.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&done.stdout).contains("component 1, bit 16"));
}

/// The same table as `.npy`, its columns by number.
#[test]
fn arrays_are_tables_too() {
    let f = Folder::new();
    let text = table();
    let numbers = text.lines().skip(1).flat_map(|l| l.split(','));
    let values = numbers.map(|n| n.parse::<f64>().expect("a number"));
    let npy = fixlearn::output::npy(60, 5, values).expect("an array");
    std::fs::write(f.at("t.npy"), npy).expect("written");
    let csv = file(&f, "t.csv", &text);
    let scores: Vec<f64> = [(&f.at("t.npy"), "4", ""), (&csv, "y", "--header")]
        .into_iter()
        .map(|(input, target, header)| {
            let mut arguments = vec!["regress", input, "--target", target];
            let out = f.at("m.json");
            arguments.extend(["--passes", "3", "--out", &out]);
            arguments.extend((!header.is_empty()).then_some(header));
            json(&arguments)["held_out"].as_f64().expect("a number")
        })
        .collect();
    assert!((scores[0] - scores[1]).abs() < 1e-3, "{scores:?}");
}

#[test]
fn classes_are_told_apart() {
    let f = Folder::new();
    let input = file(&f, "t.csv", &table());
    for (objective, shift) in [("logistic", "2"), ("perceptron", "6")] {
        let learned = json(&[
            "regress",
            &input,
            "--header",
            "--target",
            "kind",
            "--objective",
            objective,
            "--out",
            &f.at("m.json"),
            "--rate-shift",
            shift,
            "--passes",
            "30",
        ]);
        assert_eq!(learned["measure"], "accuracy");
        assert!(learned["training"].as_f64().expect("a number") > 0.9, "{learned}");
    }
}

#[test]
fn an_optimization_broken_off_goes_on_to_the_same_bits() {
    let f = Folder::new();
    let (parts, whole) = (f.at("parts.json"), f.at("whole.json"));
    let options = |out: &str, more: &[&str]| -> Vec<String> {
        let fixed = "optimize --iterations 300000 --rounding stochastic --gradient-bits 8 --out";
        let words = fixed.split_whitespace().chain([out]).chain(more.iter().copied());
        words.map(str::to_string).collect()
    };
    let start = |out: &str, more: &[&str]| {
        tool(&options(out, more))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it runs")
    };
    let child = start(&parts, &[]);
    while !Path::new(&parts).exists() {
        std::thread::sleep(Duration::from_millis(5));
    }
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().expect("it runs").success());
    let done = child.wait_with_output().expect("it ends");
    assert_eq!(done.status.code(), Some(130), "{}", String::from_utf8_lossy(&done.stderr));
    let part = f.json("parts.json")["state"]["config"]["iterations"].as_u64();
    assert!(part < Some(300_000), "it was interrupted");
    assert!(start(&parts, &["--resume"]).wait().expect("it ends").success());
    assert!(start(&whole, &[]).wait().expect("it ends").success());
    assert_eq!(f.json("parts.json")["state"], f.json("whole.json")["state"]);
}

#[test]
fn ctrl_c_leaves_a_checkpoint_and_resume_gives_the_same_bits() {
    let f = Folder::new();
    let input = file(&f, "t.csv", &table());
    let options = |out: &str, more: &[&str]| -> Vec<String> {
        let fixed = "regress --header --target y --rate-shift 6 --passes 500 \
                     --rounding stochastic --rule compensated --gradient-bits 9 --out";
        let words = fixed.split_whitespace().map(str::to_string);
        words.chain([f.at(out), input.clone()]).chain(more.iter().map(|s| s.to_string())).collect()
    };
    let start = |out: &str, more: &[&str]| {
        tool(&options(out, more))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it runs")
    };
    let child = start("parts.json", &[]);
    while !Path::new(&f.at("parts.json")).exists() {
        std::thread::sleep(Duration::from_millis(5));
    }
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().expect("it runs").success());
    let done = child.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&done.stderr);
    assert_eq!(done.status.code(), Some(130), "{said}");
    assert!(said.contains("--resume"), "{said}");
    let part = f.json("parts.json")["state"]["config"]["iterations"].as_u64();
    assert!(part < Some(48 * 500), "it was interrupted");
    for (out, more) in [("parts.json", &["--resume"][..]), ("whole.json", &[])] {
        assert!(start(out, more).wait().expect("it ends").success());
    }
    assert_eq!(f.json("parts.json")["state"], f.json("whole.json")["state"]);
}

fn train<'a>(input: &'a str, out: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let fixed = ["regress", input, "--out", out, "--passes", "1"];
    fixed.iter().chain(more).copied().collect()
}

#[test]
fn tables_that_will_not_do() {
    let f = Folder::new();
    let out = f.at("m.json");
    let good = file(&f, "t.csv", &table());
    let header = ["--header", "--target"];
    let with = |input: &str, target: &str, words: &[&str]| {
        refused(&train(input, &out, &[&header[..], &[target]].concat()), words);
    };
    let nan = file(&f, "nan.csv", "a,y\n1,2\nNaN,3\n4,5\n");
    with(&nan, "y", &["nan.csv", "line 3, column 1", "missing"]);
    with(&good, "z", &["t.csv", "no column `z`", "a, b, c, y, kind"]);
    refused(&train(&good, &out, &["--header"]), &["--target"]);
    with(&file(&f, "short.csv", "a,y\n1,2\n"), "y", &["1 rows"]);
    with(&file(&f, "flat.csv", "a,y\n1,2\n1,3\n1,4\n"), "y", &["0 features that vary"]);
    let bare = file(&f, "bare.csv", "1,2\n3,5\n4,4\n");
    refused(&train(&bare, &out, &["--target", "y"]), &["no column `y`", "--header"]);
    let three = [&header[..], &["y", "--objective", "logistic"]].concat();
    refused(&train(&good, &out, &three), &["column `y`", "60 different values"]);
    // Much of a column beyond the format: told which scale would fit, before a port is opened.
    let mut far = String::from("a,y\n");
    (0..200).for_each(|i| far += &format!("{},{}\n", i % 7 * 3, i % 3));
    let far = file(&f, "far.csv", &far);
    let options = [&header[..], &["y", "--raw", "--hold-out", "0"]].concat();
    refused(
        &train(&far, &out, &[&options[..], &["--port", "/dev/none"]].concat()),
        &["column `a`: 113 of 200 values", "do not fit Q4.12", "--scale 0.25 would fit"],
    );
    assert!(!Path::new(&out).exists());
    let scaled = [&options[..], &["--scale", "0.25"]].concat();
    assert!(fixlearn(&train(&far, &out, &scaled)).status.success());
}

#[test]
fn settings_that_will_not_do() {
    refused(&["optimize", "--start=9,1"], &["--start 9", "Q4.28", "scaled by 0.5"]);
    let far = fixlearn(&["optimize", "--start=1e308,1"]);
    let said = String::from_utf8_lossy(&far.stderr);
    assert!(said.contains("--start 1e308 does not fit") && said.len() < 150, "{said}");
    let quick = ["optimize", "--port", "golden", "--iterations", "9", "--rule", "plain"];
    let quick = fixlearn(&[&quick[..], &["--rate-shift", "0"]].concat());
    let said = String::from_utf8_lossy(&quick.stdout);
    assert!(said.contains("rate 1;"), "{said}");
    refused(&["optimize", "--start=1"], &["from 2"]);
    refused(&["optimize", "--objective", "quadratic", "--centre=1"], &["--centre", "--start 2"]);
    refused(&["optimize", "--gradient-bits", "21"], &["--gradient-bits", "0..=20"]);
    refused(&["optimize", "--point-bits", "29"], &["--point-bits", "0..=28"]);
    refused(&["optimize", "--rate-shift", "32"], &["--rate-shift", "0..=31"]);
    refused(&["optimize", "--patience", "0"], &["--patience", "1..=255"]);
    refused(&["optimize", "--objective", "quadratic", "--condition", "0"], &["--condition"]);
    // What is wrong with the adaptive rate's range is said of the options that were given.
    for (given, words) in [
        (["--rate-shift", "20", "--rate-most", "12"], ["--rate-shift 20", "--rate-most 12"]),
        (["--rate-least", "20", "--rate-most", "12"], ["--rate-least 20", "--rate-most 12"]),
        (["--rate-shift", "3", "--rate-least", "5"], ["--rate-shift 3", "--rate-least 5"]),
    ] {
        refused(&[&["optimize"][..], &given].concat(), &words);
    }
    let slow = ["optimize", "--port", "golden", "--iterations", "9"];
    assert_eq!(json(&[&slow[..], &["--rate-shift", "31"]].concat())["rate"], 31);
    json(&[&slow[..], &["--rate-shift", "31", "--rate-least", "20"]].concat());
    let f = Folder::new();
    let (good, out) = (file(&f, "t.csv", &table()), f.at("m.json"));
    let with = |more: &[&str], words: &[&str]| {
        let target = ["--header", "--target", "y"];
        refused(&train(&good, &out, &[&target[..], more].concat()), words);
    };
    with(&["--weight-bits", "20", "--point-bits", "12"], &["20 bits", "--point-bits 16"]);
    with(&["--grey-levels", "1"], &["--grey-levels"]);
    with(&["--hold-out", "1"], &["--hold-out"]);
    with(&["--scale", "0"], &["--scale"]);
    refused(&train(&good, &out, &["--target", "y", "--levels", "17"]), &["--levels", "2..=16"]);
    assert!(!Path::new(&out).exists());
}

#[test]
fn runs_and_boards_of_the_other_kind() {
    let f = Folder::new();
    let (input, run) = (file(&f, "t.csv", &table()), f.at("run.json"));
    json(&["optimize", "--iterations", "10", "--out", &run]);
    refused(
        &["encode", &input, "--model", &run, "--out", &f.at("i")],
        &["is of task `optimize` on core `gradient`, not `codebook`"],
    );
    let target = ["--header", "--target", "y", "--resume"];
    refused(
        &train(&input, &run, &target),
        &["is of task `optimize` on core `gradient`, not `regress`"],
    );
    let text = std::fs::read_to_string(&run).expect("a run");
    let damaged = text.replacen("\"dimension\":2", "\"dimension\":3", 1);
    refused(&["check", "--model", &file(&f, "d.json", &damaged)], &["d.json", "damaged"]);
    let newer = text.replacen("\"version\":3", "\"version\":4", 1);
    refused(&["check", "--model", &file(&f, "n.json", &newer)], &["n.json", "version 4"]);
    // A quantizer's board does not optimize.
    let board = Board::start(&["--size", "16x4x1"]);
    refused(
        &["optimize", "--port", &board.1],
        &[&board.1, "vector quantizer, not a gradient core"],
    );
}
