//! The page of a run: what a browser makes of it, and the command on it.

mod common;

use common::{fixlearn, json, refused, Folder};
use fixlearn::doctor::program;
use fixlearn::page::run::Given;
use fixlearn::task::Input;
use fixlearn::{run, tasks};
use headless_chrome::browser::tab::point::Point;
use headless_chrome::protocol::cdp::types::Event;
use headless_chrome::protocol::cdp::{Emulation, Network};
use headless_chrome::{Browser, LaunchOptions, Tab};
use serde_json::{from_value, json as object, Value};
use std::ffi::OsStr;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// How long a page may take to come to what is asked of it.
const PATIENCE: Duration = Duration::from_secs(60);

/// A browser without a window, its page, and what it has complained of or asked the network for.
struct Shown {
    tab: Arc<Tab>,
    problems: Arc<Mutex<Vec<String>>>,
    _browser: Browser,
    _profile: Folder,
}

impl Shown {
    fn new() -> Self {
        let names = ["chromium", "chromium-browser", "google-chrome"];
        let path = names.iter().find_map(|name| program(name));
        let path = path.expect("chromium; cargo verify installs it");
        let profile = Folder::new();
        let arguments = [
            "--disable-quic",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
        ];
        let options = LaunchOptions {
            path: Some(path),
            sandbox: false,
            user_data_dir: Some(profile.path("browser")),
            args: arguments.iter().map(OsStr::new).collect(),
            idle_browser_timeout: Duration::from_secs(120),
            ..LaunchOptions::default()
        };
        let browser = Browser::new(options).expect("a browser");
        let tab = browser.new_tab().expect("a tab");
        let problems = Arc::new(Mutex::new(Vec::new()));
        let heard = problems.clone();
        let listen = move |event: &Event| {
            let problem = match event {
                Event::LogEntryAdded(e) => Some(e.params.entry.text.clone()),
                Event::RuntimeExceptionThrown(e) => {
                    Some(format!("{:?}", e.params.exception_details))
                }
                Event::RuntimeConsoleAPICalled(e) => Some(format!("{:?}", e.params.args)),
                Event::NetworkRequestWillBeSent(e) => {
                    let url = &e.params.request.url;
                    let own = url.starts_with("file:") || url.starts_with("data:");
                    (!own).then(|| format!("asked for {url}"))
                }
                _ => None,
            };
            heard.lock().expect("a list").extend(problem);
        };
        tab.add_event_listener(Arc::new(listen)).expect("it listens");
        tab.enable_log().and_then(Tab::enable_runtime).expect("it says what is wrong");
        let all = Network::Enable {
            max_total_buffer_size: None,
            max_resource_buffer_size: None,
            max_post_data_size: None,
            report_direct_socket_traffic: None,
            enable_durable_messages: None,
        };
        tab.call_method(all).expect("it says what it asks for");
        Self { tab, problems, _browser: browser, _profile: profile }
    }

    /// A window of this width, in the light or in the dark.
    fn in_window(&self, width: u32, scheme: &str) {
        let size = object!({
            "width": width, "height": 900, "deviceScaleFactor": 1.0, "mobile": false
        });
        let size: Emulation::SetDeviceMetricsOverride = from_value(size).expect("a size");
        self.tab.call_method(size).expect("it has that size");
        let feature = object!({"name": "prefers-color-scheme", "value": scheme});
        let media = object!({"features": [feature]});
        let media: Emulation::SetEmulatedMedia = from_value(media).expect("a scheme");
        self.tab.call_method(media).expect("it has that scheme");
    }

    fn open(&self, page: &str) {
        self.tab.navigate_to(&format!("file://{page}")).expect("it opens");
        let there = format!("location.href === 'file://{page}' && document.readyState");
        self.until(&format!("({there}) === 'complete'"));
    }

    /// The value of an expression.
    fn value(&self, expression: &str) -> Value {
        let wrapped = format!("JSON.stringify({expression})");
        let found = self.tab.evaluate(&wrapped, false).expect(expression);
        let text = found.value.and_then(|v| v.as_str().map(String::from));
        text.map_or(Value::Null, |text| serde_json::from_str(&text).expect("JSON"))
    }

    fn text(&self, expression: &str) -> String {
        self.value(expression).as_str().expect(expression).to_string()
    }

    /// Waits until an expression is true.
    fn until(&self, expression: &str) {
        let end = Instant::now() + PATIENCE;
        loop {
            let found = self.value(expression);
            if found == Value::Bool(true) {
                return;
            }
            assert!(Instant::now() < end, "never true: {expression}: {found}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn is_content(&self) {
        let problems = self.problems.lock().expect("a list");
        assert!(problems.is_empty(), "{problems:?}");
    }
}

const TABLE: &str = "a,<script>alert(1)</script>,\"b,c\",y,class\n";

/// Files to learn from: a table, a signal, sources, images and a network for them.
fn inputs() -> Folder {
    let f = Folder::new();
    let wave = |i: u32, step: u32| f64::from(i * step % 97) / 97.0;
    let rows = (0..120_u32).map(|i| {
        let (a, b, c) = (wave(i, 13), wave(i, 29), wave(i, 41));
        let class = if a > b { "red" } else { "blue" };
        format!("{a:.3},{b:.3},{c:.3},{:.3},{class}\n", 2.0 * a - b + 0.1 * c)
    });
    f.file("table.csv", TABLE.to_string() + &rows.collect::<String>());
    let numbers = (0..120_u32).map(|i| format!("{:.3},{:.3}\n", wave(i, 13), wave(i, 29)));
    f.file("numbers.csv", "x,y\n".to_string() + &numbers.collect::<String>());
    let signal = (0..600_u32).map(|i| format!("{:.4}\n", (f64::from(i) * 0.2).sin() * 0.7));
    f.file("signal.csv", signal.collect::<String>());
    let two = (0..600_u32).map(|i| {
        let x = (f64::from(i) * 0.2).sin() * 0.7;
        format!("{:.4},{x:.4}\n", 0.5 * x + 0.1 * wave(i, 31))
    });
    f.file("two.csv", "d,x\n".to_string() + &two.collect::<String>());
    let sources = (0..200_u32).map(|i| {
        let (x, y) = (10.0 * wave(i, 13), 10.0 * wave(i, 29));
        let read = |p: f64, q: f64| 50.0 / ((x - p).powi(2) + (y - q).powi(2)).max(1.0);
        format!("{x:.3},{y:.3},{:.4},{:.4},{:.4}\n", read(1.0, 1.0), read(9.0, 2.0), read(5.0, 8.0))
    });
    f.file("sources.csv", "x,y,n0,n1,n2\n".to_string() + &sources.collect::<String>());
    f.file("i.csv", "a,b,side\n9,0,left\n0,9,right\n7,2,left\n3,5,right\n5,4,right\n");
    let halves = object!({
        "kind": "dense", "outputs": 2, "weight_bits": 2, "weights": [1, -1, -1, 1], "bias": [0, 0]
    });
    let network = object!({
        "format": 1, "core": "network",
        "input": {"channels": 1, "height": 1, "width": 2, "bits": 4},
        "layers": [halves], "classes": ["left", "right"]
    });
    f.file("n.json", network.to_string());
    for (name, phase) in [("one.png", 0_u32), ("two.png", 40)] {
        let pixel = |i: u32| (((i % 32) * 5 + (i / 32) * 3 + phase) % 256) as u8;
        let pixels: Vec<u8> = (0..32 * 24).map(pixel).collect();
        let png = fixlearn::picture::png(&pixels, 32, 24, 1).expect("a picture");
        f.file(name, png);
    }
    f
}

/// Runs of every task: the words of the command but for the port's, and the input.
const RUNS: &[(&[&str], &[&str])] = &[
    (
        &["train", "one.png", "two.png", "--codewords", "8", "--passes", "3"],
        &["one.png", "two.png"],
    ),
    (
        &["train", "numbers.csv", "--codewords", "16", "--radius", "2", "--columns", "4"],
        &["numbers.csv"],
    ),
    (&["regress", "table.csv", "--target", "y", "--drop", "class"], &["table.csv"]),
    (&["regress", "table.csv", "--target", "class"], &["table.csv"]),
    (&["optimize", "--iterations", "500"], &[]),
    (&["filter", "signal.csv", "--taps", "8"], &["signal.csv"]),
    (&["associate", "--task", "xor", "--epochs", "200"], &[]),
    (&["fuse", "sources.csv"], &["sources.csv"]),
    (&["load", "n.json", "i.csv", "--target", "side"], &["i.csv"]),
];

/// In a folder, with the words' files there.
fn run_in(f: &Folder, words: &[&str]) {
    let tool = common::tool(words).current_dir(f.path("")).output().expect("it runs");
    assert!(tool.status.success(), "{words:?}: {}", String::from_utf8_lossy(&tool.stderr));
}

/// Makes a run of these words, and its page; what the command says of that.
fn page(f: &Folder, words: &[&str], input: &[&str], name: &str) -> Value {
    let (run, html) = (f.at(&format!("{name}.json")), f.at(&format!("{name}.html")));
    run_in(f, &[words, &["--port", "golden", "--force", "--out", &run]].concat());
    let input: Vec<String> = input.iter().map(|file| f.at(file)).collect();
    let input: Vec<&str> = input.iter().map(String::as_str).collect();
    json(&[&["report", &run], &input[..], &["--out", &html]].concat())
}

/// What is wrong with the figures of these names, kinds and titles.
const CHECK: &str = r#"(figures) => figures.flatMap(({ name, kind, title }) => {
    const figure = document.getElementById(name);
    if (!figure || figure.tagName !== "FIGURE") return [`${name} is not there`];
    const all = (what) => [...figure.querySelectorAll(what)];
    const wrong = [];
    const must = (is, what) => { if (!is) wrong.push(`${name}: ${what}`); };
    must(figure.querySelector("h3").textContent === title, "title");
    must(figure.querySelector("figcaption").textContent.length > 10, "words");
    const inked = (canvas) => {
        const whole = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        return whole.data.some((x) => x > 0);
    };
    if (kind === "plot") {
        must(all("canvas[role=img][aria-label]").some(inked), "curve");
        must(all("details tbody tr").length > 0, "table of values");
    } else if (kind === "table") {
        must(all("tbody tr th[scope=row]").length > 0, "rows");
    } else if (kind === "drawing") {
        must(all("svg[role=img][aria-label] path").length > 0, "lines");
    } else {
        must(all("img[alt]").length > 0 && all("img").every((i) => i.naturalWidth > 0), "picture");
    }
    return wrong;
})"#;

#[test]
fn a_browser_shows_every_figure_of_every_task_and_has_nothing_to_say() {
    let f = inputs();
    let shown = Shown::new();
    for (i, (words, input)) in RUNS.iter().enumerate() {
        let said = page(&f, words, input, &format!("run{i}"));
        assert_eq!(said["missing"], object!([]), "{words:?}");
        let figures = said["figures"].as_array().expect("figures");
        assert!(figures.len() > 3, "{said}");
        for (width, scheme) in [(360, "light"), (1600, "dark")] {
            shown.in_window(width, scheme);
            shown.open(&f.at(&format!("run{i}.html")));
            let wrong = format!("({CHECK})({})", object!(figures));
            shown.until(&format!("{wrong}.length === 0 || {wrong}.join('; ')"));
            let over = "document.documentElement.scrollWidth - innerWidth";
            assert!(shown.value(over).as_i64() <= Some(0), "{words:?} is wider than {width}");
            let dark = "getComputedStyle(document.body).backgroundColor === 'rgb(20, 24, 28)'";
            assert_eq!(shown.value(dark), scheme == "dark", "{words:?}");
        }
        shown.is_content();
    }
    // A column's name is text, wherever it stands.
    shown.open(&f.at("run2.html"));
    let named = "[...document.querySelectorAll('#weights tbody th')].map((h) => h.textContent)";
    assert_eq!(shown.value(named), object!(["a", "<script>alert(1)</script>", "b,c", "constant"]));
    shown.is_content();
}

/// The page of a map has its classes: those of the column of words, or of one that is named.
#[test]
fn a_map_shows_classes() {
    let f = Folder::new();
    let iris = format!("{}/../tests/data/iris.csv", env!("CARGO_MANIFEST_DIR"));
    let (map, line) = (f.at("map.json"), f.at("line.json"));
    json(&["map", &iris, "--port", "golden", "--out", &map]);
    let said = json(&["report", &map, &iris]);
    let names: Vec<&str> = said["figures"]
        .as_array()
        .expect("figures")
        .iter()
        .map(|figure| figure["name"].as_str().expect("a name"))
        .collect();
    assert!(["classes", "u-matrix", "plane-4", "hits"].iter().all(|name| names.contains(name)));
    let shown = Shown::new();
    shown.in_window(1600, "light");
    shown.open(&f.at("map.html"));
    assert_eq!(
        shown.text("document.querySelector('h1').textContent"),
        "map.json: a map of 8 x 8 units"
    );
    let words = shown.text("document.querySelector('#classes figcaption').textContent");
    assert!(words.starts_with("class: a setosa, b versicolor, c virginica;"), "{words}");
    let classes = "document.querySelectorAll('#classes td[data-shade]').length";
    assert!(shown.value(classes).as_u64() > Some(40));
    // Figures of one grid stand side by side.
    let top = |name: &str| shown.value(&format!("document.getElementById('{name}').offsetTop"));
    assert_eq!(top("hits"), top("classes"));
    shown.is_content();
    let named = json(&["report", &map, &iris, "--labels", "5"]);
    assert_eq!(named["figures"], said["figures"]);
    refused(&["report", &map, &iris, "--labels", "x", "--force"], &["no column `x`"]);
    refused(&["report", &map, "--labels", "5"], &["INPUT"]);
    json(&["train", &iris, "--drop", "class", "--port", "golden", "--out", &line]);
    refused(&["report", &line, &iris, "--labels", "5"], &["--labels is of maps"]);
}

#[test]
fn a_browser_says_what_is_wrong_with_a_page_that_is_damaged() {
    let f = inputs();
    let said = page(&f, RUNS[2].0, RUNS[2].1, "run");
    let whole = std::fs::read_to_string(f.path("run.html")).expect("a page");
    let shown = Shown::new();
    let figures = said["figures"].to_string();
    let within = |from: &str, to: &str| {
        assert!(whole.contains(from), "{from}");
        f.file("run.html", whole.replacen(from, to, 1));
        shown.open(&f.at("run.html"));
    };
    let heard = |word: &str| {
        let end = Instant::now() + PATIENCE;
        while !shown.problems.lock().expect("a list").iter().any(|what| what.contains(word)) {
            assert!(Instant::now() < end, "nothing of {word}");
            std::thread::sleep(Duration::from_millis(10));
        }
        shown.problems.lock().expect("a list").clear();
    };
    within("</main>", "<script>nowhere()</script></main>");
    heard("nowhere");
    within("</main>", "<img alt=\"\" src=\"http://127.0.0.1:9/a.png\"></main>");
    heard("Content Security Policy");
    within("<figure id=\"weights\"", "<figure id=\"gone\"");
    let wrong = format!("({CHECK})({figures})");
    shown.until(&format!("{wrong}.join() === 'weights is not there'"));
}

/// The number behind a word of a text.
fn number(text: &str, word: &str) -> f64 {
    let behind = text.split(word).nth(1).unwrap_or_else(|| panic!("{word} in {text}"));
    let number = behind.trim_start().split([':', ',', ' ']).next().expect("a number");
    number.parse().unwrap_or_else(|_| panic!("{number} in {text}"))
}

#[test]
fn mouse_and_keys_walk_along_a_curve_and_say_its_values() {
    let f = inputs();
    page(&f, RUNS[2].0, RUNS[2].1, "run");
    let shown = Shown::new();
    shown.in_window(1000, "light");
    shown.open(&f.at("run.html"));
    shown.until("!!document.querySelector('#scores canvas')");
    let data = shown.text("document.querySelector('#scores script').textContent");
    let data: Value = serde_json::from_str(&data).expect("JSON");
    let at = |i: usize| data["at"][i].as_f64().expect("a place");
    let score = |i: usize| data["series"][0]["values"][i].as_f64().expect("a value");
    let last = data["at"].as_array().expect("places").len() - 1;
    let curve = f.json("run.json")["curve"].clone();
    assert_eq!(curve[last]["training"].as_f64(), Some(score(last)));
    let reading = "document.querySelector('#scores .reading').textContent";
    let says = |i: usize| {
        let text = shown.text(reading);
        assert_eq!(number(&text, "pass"), at(i), "{text}");
        assert!((number(&text, "learned rows") / score(i) - 1.0).abs() < 1e-3, "{text}");
    };
    let place = "[document.querySelector('#scores .u-over').getBoundingClientRect()]\
                 .map((r) => [r.left + r.width / 2, r.top + r.height / 2])[0]";
    shown.value("document.getElementById('scores').scrollIntoView()");
    let place = shown.value(place);
    let (x, y) = (place[0].as_f64().expect("x"), place[1].as_f64().expect("y"));
    shown.tab.move_mouse_to_point(Point { x: x - 3.0, y }).expect("it moves");
    shown.tab.move_mouse_to_point(Point { x, y }).expect("it moves");
    shown.until(&format!("{reading}.startsWith('pass ')"));
    let text = shown.text(reading);
    let i = (0..=last).find(|&i| at(i) == number(&text, "pass")).expect("a pass");
    assert!(i > 0 && i < last, "{text}");
    says(i);
    shown.value("document.querySelector('#scores .chart').focus()");
    for (key, to) in
        [("Home", 0), ("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1), ("End", last)]
    {
        shown.tab.press_key(key).expect("it is pressed");
        shown.until(&format!("{reading}.startsWith('pass {}:')", at(to)));
        says(to);
    }
    // It stays so when the light goes out, since the plot is drawn anew.
    shown.in_window(1000, "dark");
    shown.until("document.querySelectorAll('#scores canvas').length === 1");
    shown.tab.press_key("Home").expect("it is pressed");
    shown.until(&format!("{reading}.startsWith('pass {}:')", at(0)));
    shown.is_content();
}

#[test]
fn sliders_move_the_frames_and_the_rule_between_original_and_decoded() {
    let f = inputs();
    page(&f, RUNS[0].0, RUNS[0].1, "run");
    let shown = Shown::new();
    shown.in_window(1000, "light");
    shown.open(&f.at("run.html"));
    let frames = shown.text("document.querySelector('#clip script').textContent");
    let frames: Value = serde_json::from_str(&frames).expect("JSON");
    let source = "document.querySelector('#clip .given').getAttribute('src')";
    let is = |i: usize| {
        assert_eq!(shown.text(source), frames[i][0]);
        let became = "document.querySelector('#clip .became').getAttribute('src')";
        assert_eq!(shown.text(became), frames[i][1]);
        let said = shown.text("document.querySelector('#clip .reading').textContent");
        assert_eq!(said, frames[i][2].as_str().expect("words"));
        assert!(said.contains("PSNR") || said.contains("no error"), "{said}");
    };
    is(1);
    shown.value("document.querySelector('#clip input.frame').focus()");
    shown.tab.press_key("ArrowLeft").expect("it is pressed");
    shown.until("document.querySelector('#clip input.frame').value === '1'");
    is(0);
    shown.value("document.querySelector('#clip input.share').focus()");
    shown.tab.press_key("ArrowRight").expect("it is pressed");
    let place = "document.querySelector('#clip .stage').style.getPropertyValue('--at')";
    shown.until(&format!("{place} === '51%'"));
    shown.is_content();
}

/// The command on a page, as words.
fn command(f: &Folder, name: &str) -> Vec<String> {
    let html = std::fs::read_to_string(f.path(&format!("{name}.html"))).expect("a page");
    let code = html.split("<code>").nth(1).and_then(|rest| rest.split("</code>").next());
    let code = code.expect("a command").replace("<span>", "").replace("</span>", "");
    let code = code.replace("&lt;", "<").replace("&gt;", ">");
    let code = code.replace("&quot;", "\"").replace("&#39;", "'").replace("&amp;", "&");
    shlex::split(&code).expect("words")
}

/// Makes a run, its page, and the run again with the command on the page: the same bytes.
fn repeats(f: &Folder, words: &[&str], input: &[&str]) {
    page(f, words, input, "run");
    let again = command(f, "run");
    let again: Vec<&str> = again.iter().skip(1).map(String::as_str).collect();
    run_in(f, &[&again[..], &["--force"]].concat());
    let bytes = |name: &str| std::fs::read(f.path(name)).expect("a run");
    assert!(bytes("run.json") == bytes("run-again.json"), "{words:?}\n{again:?}");
}

#[test]
fn the_command_on_the_page_makes_the_run_again_to_the_byte() {
    let f = inputs();
    for (words, input) in RUNS {
        repeats(&f, words, input);
    }
}

#[test]
fn so_it_does_with_other_options() {
    let f = inputs();
    f.file("nodes.csv", "1,1\n9,2\n5,8\n");
    let train = |options: &str| format!("train numbers.csv --codewords 8 --passes 2 {options}");
    let regress =
        |options: &str| format!("regress table.csv --target y --drop class --passes 3 {options}");
    let optimize = |options: &str| format!("optimize --iterations 300 {options}");
    let associate = |options: &str| format!("associate --task parity3 --epochs 40 {options}");
    let fuse = |options: &str| format!("fuse --samples 2000 --places 1024 {options}");
    let cases = [
        (train("--fixed-rate"), "numbers.csv"),
        (train("--fixed-rate --rate-shift 4 --rate-final 9 --bits 4"), "numbers.csv"),
        (train("--keep-counts --rate-shift 6 --init random --metric l1"), "numbers.csv"),
        (train("--rate-period 100 --rate-final 15 --rate-shift 9"), "numbers.csv"),
        (train("--rate-shift 2 --rate-final 15 --rate-period 0"), "numbers.csv"),
        (train("--radius 2 --rate-shift 3 --falloff 0 --common-scale"), "numbers.csv"),
        (train("--radius 1 --fixed-rate --rate-shift 3 --rate-final 7"), "numbers.csv"),
        (train("--rounding stochastic --size 64x16x1 --frequency-passes 1"), "numbers.csv"),
        (train("--size 64x16x1 --seed 9 --init plus-plus --features y"), "numbers.csv"),
        ("train one.png --block 2 --grey --codewords 4 --resident 20".into(), "one.png"),
        ("train one.png --window 10,200 --codewords 4 --count-cap 50".into(), "one.png"),
        (regress("--hold-out 0.3 --seed 4 --rule adaptive --patience 3"), "table.csv"),
        (regress("--raw --scale 2 --weight-bits 12 --point-bits 8"), "table.csv"),
        (regress("--rounding stochastic --gradient-bits 12 --rate-period 0"), "table.csv"),
        (regress("--features a --features '\"b,c\"' --missing mean"), "table.csv"),
        (
            "regress table.csv --target class --class red --objective perceptron --levels 3 \
             --grey-levels 16"
                .into(),
            "table.csv",
        ),
        (optimize("--objective quadratic --start 1,2,-3 --condition 30 --centre 0.5,0,0.1"), ""),
        (optimize("--objective rastrigin --start 4,-3 --keep --seed 77"), ""),
        (optimize("--rule compensated --every 10 --tolerance 0.01 --rate-shift 9"), ""),
        (optimize("--rises both --resolution-period 50 --gradient-bits 6 --point-bits 10"), ""),
        (optimize("--rounding stochastic --seed 5 --rate-least 3 --rate-most 20"), ""),
        ("filter signal.csv --delay 3 --rate-shift 4 --passes 2".into(), "signal.csv"),
        ("filter two.csv --header --column d --reference x".into(), "two.csv"),
        (associate("--rule levels --moves 3 --chance 4 --band 2 --patience 10"), ""),
        (associate("--hidden 6 --levels 31 --range 2 --hot 4 --cold 1 --sweeps 2 --seed 3"), ""),
        ("associate numbers.csv --header --target y --epochs 20".into(), "numbers.csv"),
        (fuse("--nodes 4 --seed 8 --sigma 0.1 --side 20 --strength 30 --bits 2"), ""),
        (fuse("--merge fold --intervals 12 --passes 2 --weight 1"), ""),
        ("fuse sources.csv --header --merge none".into(), "sources.csv"),
        ("load n.json --size 16x4096x4096".into(), ""),
    ];
    for (words, input) in cases {
        let words = shlex::split(&words).expect("words");
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let input: Vec<&str> = Some(input).filter(|i| !i.is_empty()).into_iter().collect();
        repeats(&f, &words, &input);
    }
}

#[test]
fn a_network_that_learned_names_what_stands_for_the_one_before() {
    let f = inputs();
    let words = ["load", "n.json", "i.csv", "--target", "side", "--learn", "--epochs", "3"];
    page(&f, &[&words[..], &["--rate-shift", "1", "--seed", "4"]].concat(), &["i.csv"], "run");
    f.file("before.json", f.json("run.json")["plan"]["network"].to_string());
    let again: Vec<String> = command(&f, "run").into_iter().skip(1).collect();
    let again: Vec<&str> =
        again.iter().map(|w| if w == "NETWORK" { "before.json" } else { w }).collect();
    run_in(&f, &again);
    let bytes = |name: &str| std::fs::read(f.path(name)).expect("a run");
    assert!(bytes("run.json") == bytes("run-again.json"), "{again:?}");
}

#[test]
fn a_page_without_its_input_says_what_it_lacks() {
    let f = inputs();
    for (words, input) in RUNS.iter().filter(|(_, input)| !input.is_empty()) {
        page(&f, words, input, "run");
        let said = json(&["report", &f.at("run.json"), "--out", &f.at("plain.html")]);
        let missing = said["missing"][0].as_str().expect("something");
        assert!(missing.contains("fixlearn report RUN"), "{missing}");
        let there = std::fs::read_to_string(f.path("plain.html")).expect("a page");
        assert!(there.contains("INPUT stands for") && there.len() < 200_000, "{}", there.len());
    }
}

#[test]
fn what_is_no_run_or_no_place_for_a_page_is_refused() {
    let f = inputs();
    page(&f, RUNS[2].0, RUNS[2].1, "run");
    let (run, html) = (f.at("run.json"), f.at("run.html"));
    refused(&["report", &run], &["run.html", "is there already", "--force"]);
    refused(&["report", &f.at("table.csv"), "--out", &f.at("a.html")], &["not a fixlearn model"]);
    let over_input = ["report", &run, &html, "--out", &html, "--force"];
    refused(&over_input, &["run.html", "would replace an input"]);
    refused(&["report", &run, "--out", &f.at("a.txt")], &["--out is written as .html"]);
    let other = f.at("numbers.csv");
    refused(&["report", &run, &other, "--out", &f.at("a.html")], &["numbers.csv", "y"]);
    refused(&["report", &f.at(""), "--out", &f.at("a.html")], &["model.json"]);
    refused(&["report", &run, "--build", &f.at(""), "--out", &f.at("a.html")], &["no build"]);
    let done = fixlearn(&["report", &f.at("none.json")]);
    assert_eq!(done.status.code(), Some(2));
    assert!(!f.path("a.html").exists() && !f.path("none.html").exists());
}

/// Numbers in a value, of a list the first and the last, each replaced by others.
fn replaced(
    value: &Value,
    others: &[Value],
    found: &mut Vec<Value>,
    within: &dyn Fn(Value) -> Value,
) {
    match value {
        Value::Number(_) => found.extend(others.iter().map(|other| within(other.clone()))),
        Value::Object(fields) => {
            for (name, field) in fields {
                let within = |other: Value| {
                    let mut whole = value.clone();
                    whole[name] = other;
                    within(whole)
                };
                replaced(field, others, found, &within);
            }
        }
        Value::Array(values) => {
            for i in [0, values.len().saturating_sub(1)] {
                let within = |other: Value| {
                    let mut whole = value.clone();
                    whole[i] = other;
                    within(whole)
                };
                values.get(i).iter().for_each(|one| replaced(one, others, found, &within));
            }
        }
        _ => {}
    }
}

#[test]
fn whatever_a_run_says_it_has_a_page_or_is_refused() {
    let f = inputs();
    let others =
        [object!(0), object!(-1), object!(200), object!(4_000_000_000_u32), object!(1e300)];
    let (mut pages, mut refusals) = (0, 0);
    for (words, input) in RUNS {
        page(&f, words, input, "run");
        let mut damaged = Vec::new();
        replaced(&f.json("run.json"), &others, &mut damaged, &|whole| whole);
        for run in damaged {
            let head = run::head(Path::new("run.json"), run.to_string().into_bytes());
            let task = head.and_then(|head| tasks::of_head(Path::new("run.json"), head));
            let given =
                Given { input: &Input::default(), build: None, labels: None, made_by: None };
            match task.and_then(|(task, head)| (task.page)(&head, &given)) {
                Ok(page) => pages += usize::from(fixlearn::page::render(&page).len() > 50_000),
                Err(_) => refusals += 1,
            }
        }
    }
    println!("{pages} pages, {refusals} refusals");
    assert!(pages > 100 && refusals > 100, "{pages} pages, {refusals} refusals");
}

#[test]
fn a_build_stands_on_the_page_if_it_holds_the_run() {
    let f = inputs();
    page(&f, RUNS[5].0, RUNS[5].1, "run");
    let report = |core: &str, size: &str| {
        object!({
            "board": "icebreaker", "core": core, "size": size, "luts": 1234, "ffs": 567,
            "brams": 8, "dsps": 1, "device": {}, "clock_mhz": 24.0, "fmax_mhz": 31.5, "seed": 1,
            "placements": [], "baud": 1_000_000, "dimension": 256, "learn_clocks": 523,
            "vectors_per_second": 1.0, "updates_per_second": 1.0, "bitstream": "b",
            "tools": "native", "yosys": "", "nextpnr": ""
        })
    };
    f.file("report.json", report("lms", "256").to_string());
    let said = ["report", &f.at("run.json"), "--out", &f.at("b.html"), "--build", &f.at("")];
    json(&said);
    let html = std::fs::read_to_string(f.path("b.html")).expect("a page");
    let row = |name: &str| {
        let row = html.split(&format!("<th scope=\"row\">{name}</th>")).nth(1).expect(name);
        let row = row.split("</tr>").next().expect("a row").to_string();
        row.rsplit("<td class=\"number\">").next().expect("a cell").replace("</td>", "")
    };
    assert_eq!((row("LUT"), row("Fmax, MHz")), ("1234".into(), "31.50".into()));
    // 8 taps: 2 * 8 + 11 clocks; frames of 62 samples of 4 bytes, and 7 bytes around them.
    assert_eq!(row("Clocks for one sample"), "27");
    let (core, line) = (24e6 / 27.0, 1e5 / (4.0 + 7.0 / 62.0));
    assert_eq!(row("samples a second of the core"), format!("{core:.0}"));
    assert_eq!(row("samples a second of the line"), format!("{line:.0}"));
    assert_eq!(row("What holds it up"), "the line");
    f.file("report.json", report("vq", "64x16x8").to_string());
    refused(&[&said[..], &["--force"]].concat(), &["--build", "core `vq`"]);
}
