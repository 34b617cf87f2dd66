//! Sweeps: every point is run once, whatever ends the program, and on a farm as on one machine.

mod common;

use common::{fixlearn, json, refused, tool, Folder};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// A plan of quick jobs: two rates and so many seeds.
fn optimize(seeds: usize, iterations: usize) -> String {
    let seeds: Vec<String> = (1..=seeds).map(|seed| seed.to_string()).collect();
    format!(
        "[axes]\nrate = [3, 5]\nseed = [{}]\n[jobs]\ndescent = \"optimize --objective quadratic \
         --rule plain --rate-shift {{rate}} --rounding stochastic --seed {{seed}} --tolerance 0 \
         --iterations {iterations} --out run.json\"\n[goals]\n\"optimize.value\" = \"least\"\n\
         \"optimize.seconds\" = \"least\"\n",
        seeds.join(", ")
    )
}

/// The table: names and rows.
fn csv(path: PathBuf) -> (Vec<String>, Vec<Vec<String>>) {
    let mut reader = csv::Reader::from_path(path).expect("a table");
    let names = reader.headers().expect("names").iter().map(String::from).collect();
    let row = |row: csv::StringRecord| row.iter().map(String::from).collect();
    (names, reader.records().map(|record| row(record.expect("a row"))).collect())
}

/// A column of the table.
fn column(path: PathBuf, name: &str) -> Vec<String> {
    let (names, rows) = csv(path);
    let at = names.iter().position(|n| n == name).unwrap_or_else(|| panic!("{name}: {names:?}"));
    rows.into_iter().map(|mut row| row.swap_remove(at)).collect()
}

fn sweep<'a>(plan: &'a str, out: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["sweep", plan, "--out", out], more].concat()
}

/// Points, jobs, and jobs that were run, of a sweep that succeeds.
fn counts(report: &serde_json::Value) -> [u64; 3] {
    ["points", "jobs", "jobs_run"].map(|name| report[name].as_u64().expect(name))
}

/// A table with odd names of columns.
fn people(f: &Folder) {
    let row = |i: usize| format!("{},{},{}\n", i % 17, (i * 7) % 23, 2 * (i % 17) + (i * 7) % 23);
    let rows: String = (0..60).map(row).collect();
    f.file("people, \"all\".csv", format!("the width,\"a \"\"b\"\", $c\",sum\n{rows}"));
}

#[test]
fn every_point_is_run_as_if_by_hand() {
    let f = Folder::new();
    people(&f);
    let plan = r#"
colour = "target"
mean_over = []
[axes]
target = ["the width", 'a "b", $c']
passes = [1, 3]
[axes.how]
usual = ""
"two options" = "--rounding stochastic --hold-out '0.5'"
[files]
table = 'people, "all".csv'
[jobs]
quality = [
    "regress {table} --target {target} --rate-shift 4 --passes {passes} {how} --out 'm 1.json'",
    "predict {table} --model 'm 1.json' --out answers.csv",
]
[goals]
"regress.held_out" = "least"
"regress.passes" = "least"
"#;
    f.file("plan.toml", plan);
    let (plan, out) = (f.at("plan.toml"), f.at("out"));
    let report = json(&sweep(&plan, &out, &[]));
    assert_eq!(counts(&report), [8, 8, 8]);
    assert_eq!(
        (&report["done"], &report["failed"], &report["missing"]),
        (&8.into(), &0.into(), &0.into())
    );
    let (names, rows) = csv(f.path("out/sweep.csv"));
    assert_eq!(names[..3], ["target", "passes", "how"]);
    assert!(!names.contains(&"table".to_string()), "a file that is the same is no column");
    let expected: Vec<[&str; 3]> = ["the width", r#"a "b", $c"#]
        .iter()
        .flat_map(|t| {
            [
                [*t, "1", "usual"],
                [t, "1", "two options"],
                [t, "3", "usual"],
                [t, "3", "two options"],
            ]
        })
        .collect();
    assert_eq!(rows.iter().map(|row| row[..3].to_vec()).collect::<Vec<_>>(), expected);
    // By hand, the last one; the table is where it was, and nothing else is there.
    let table = f.at("people, \"all\".csv");
    let by_hand = json(&[
        "regress",
        &table,
        "--target",
        r#"a "b", $c"#,
        "--rate-shift",
        "4",
        "--passes",
        "3",
        "--rounding",
        "stochastic",
        "--hold-out",
        "0.5",
        "--port",
        "golden",
        "--out",
        &f.at("h.json"),
    ]);
    for name in ["held_out", "training", "r2", "link.frames", "interrupted"] {
        let value = name.split('.').fold(&by_hand, |value, name| &value[name]);
        let found = column(f.path("out/sweep.csv"), &format!("regress.{name}"));
        assert_eq!(found[7], value.to_string(), "{name}");
    }
    let predicted = column(f.path("out/sweep.csv"), "predict.rows");
    assert_eq!(predicted, ["60"; 8]);
    assert_eq!(f.names(), ["h.json", "out", "people, \"all\".csv", "plan.toml"]);
    // What the jobs wrote is in their folders.
    let jobs: Vec<PathBuf> = std::fs::read_dir(f.path("out/jobs"))
        .expect("jobs")
        .map(|entry| entry.expect("a job").path())
        .collect();
    assert_eq!(jobs.len(), 8);
    for job in jobs {
        let mut names: Vec<_> = std::fs::read_dir(job)
            .expect("a job")
            .map(|entry| entry.expect("a file").file_name().into_string().expect("text"))
            .collect();
        names.sort();
        assert_eq!(names, ["answers.csv", "m 1.json", "result.json"]);
    }
}

/// The page says what the table says, in both themes, for eyes and for readers, without a network.
#[test]
fn the_page_shows_the_trade_offs() {
    let f = Folder::new();
    // Squares of 1 to 4 steps: value falls, seconds rise, so that every one is on the front but
    // those whose rate is worse at the same time.
    f.file(
        "plan.toml",
        "[axes]\nsteps = [1, 2, 4, 8]\nrate = [6, 3]\nseed = [1, 2]\n[jobs]\n\
        descent = \"optimize --objective quadratic --rule plain --rate-shift {rate} --rounding \
        stochastic --tolerance 0 --seed {seed} --iterations {steps} --out r.json\"\n[goals]\n\
        \"optimize.value\" = \"least\"\n\"optimize.iterations\" = \"least\"\n",
    );
    let (plan, out) = (f.at("plan.toml"), f.at("out"));
    assert_eq!(counts(&json(&sweep(&plan, &out, &[]))), [16, 16, 16]);
    let page = std::fs::read_to_string(f.path("out/sweep.html")).expect("a page");
    assert!(page.starts_with("<!doctype html>") && page.trim_end().ends_with("</html>"));
    for outside in ["http", "src=", "@import", "<link", "<script"] {
        assert!(!page.contains(outside), "{outside}");
    }
    for word in [
        "prefers-color-scheme: dark",
        "role=\"img\"",
        "<title id=\"t0\">optimize.value against optimize.iterations</title>",
        "means over seed",
        "16 done, 0 failed, 0 missing",
        "8 dots, 4 on the front",
        "\"optimize.value\" = \"least\"".replace('"', "&quot;").as_str(),
        " ± ",
    ] {
        assert!(page.contains(word), "{word}: {page}");
    }
    // One plot against the other goal, and one for each axis that is not averaged over.
    assert_eq!(page.matches("<svg viewBox=\"0 0 640").count(), 3);
    assert_eq!(page.matches("<g class=\"dot").count(), 3 * 8);
    // Of each number of steps the greater rate is on the front: means over both seeds, from the
    // table.
    let values = column(f.path("out/sweep.csv"), "optimize.value");
    let number = |i: usize| values[i].parse::<f64>().expect("a number");
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("<tr")).collect();
    let rows = &rows[rows.len() - 8..];
    for (i, row) in rows.iter().enumerate() {
        let (steps, rate) = ([1, 2, 4, 8][i / 2], [6, 3][i % 2]);
        assert!(row.contains(&format!("<td>{steps}</td><td>{rate}</td>")), "{row}");
        assert_eq!(row.contains("on the front"), rate == 3, "{row}");
        let mean = (number(2 * i) + number(2 * i + 1)) / 2.0;
        let shown = row.split("<td class=\"number\">").nth(1).expect("a cell");
        let shown: f64 = shown.split([' ', '<']).next().expect("a number").parse().expect("one");
        assert!((shown - mean).abs() <= 1e-4 * mean.abs().max(1e-2), "{row}: {mean}");
    }
}

#[test]
fn killed_it_goes_on_where_it_was() {
    let f = Folder::new();
    f.file("plan.toml", optimize(20, 3000));
    let plan = f.at("plan.toml");
    let whole = f.at("whole");
    assert_eq!(counts(&json(&sweep(&plan, &whole, &["--jobs", "3"]))), [40, 40, 40]);
    let out = f.at("out");
    let results = || {
        let jobs = std::fs::read_dir(f.path("out/jobs")).into_iter().flatten().flatten();
        jobs.filter(|job| job.path().join("result.json").is_file()).count()
    };
    let until = |enough: usize, child: &mut Child| {
        let end = Instant::now() + Duration::from_secs(120);
        while results() < enough && child.try_wait().expect("it runs").is_none() {
            assert!(Instant::now() < end, "no results");
            std::thread::sleep(Duration::from_millis(2));
        }
    };
    let start = || {
        let command = &mut tool(&sweep(&plan, &out, &["--jobs", "2"]));
        command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("it runs")
    };
    let mut first = start();
    until(3, &mut first);
    first.kill().expect("killed");
    first.wait().expect("it ends");
    let kept = results();
    assert!((3..40).contains(&kept), "{kept}");
    // And by a signal that it hears.
    let mut second = start();
    until(kept + 3, &mut second);
    let id = nix::unistd::Pid::from_raw(second.id() as i32);
    nix::sys::signal::kill(id, nix::sys::signal::Signal::SIGINT).expect("it is there");
    let ended = second.wait_with_output().expect("it ends");
    assert_eq!(ended.status.code(), Some(130));
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(said.contains("the same command goes on"), "{said}");
    let kept = results();
    // --gather says what is missing, and both it and another sweep leave what is done alone.
    let done = fixlearn(&sweep(&plan, &out, &["--gather", "--json"]));
    assert_eq!(done.status.code(), Some(1));
    let report: serde_json::Value = serde_json::from_slice(&done.stdout).expect("JSON");
    assert_eq!(report["missing"], 40 - kept, "{report}");
    let missing = column(f.path("out/sweep.csv"), "status");
    assert_eq!(missing.iter().filter(|status| *status == "missing").count(), 40 - kept);
    let report = json(&sweep(&plan, &out, &[]));
    assert_eq!(report["jobs_run"], 40 - kept, "{report}");
    for name in ["sweep.csv", "sweep.html"] {
        let read = |folder: &str| std::fs::read(f.path(folder).join(name)).expect("a file");
        assert!(read("out") == read("whole"), "{name}");
    }
    // Nothing of jobs that were ended is left, and a damaged result is made anew.
    let jobs = std::fs::read_dir(f.path("out/jobs")).expect("jobs");
    let names: Vec<_> = jobs.map(|job| job.expect("a job").path()).collect();
    assert_eq!(names.len(), 40, "{names:?}");
    let file = names[7].join("result.json");
    let text = std::fs::read(&file).expect("a result");
    std::fs::write(&file, &text[..text.len() / 2]).expect("written");
    assert_eq!(counts(&json(&sweep(&plan, &out, &[]))), [40, 40, 1]);
}

/// A scheduler that wants its processor back, or a system without memory: the job failed by no
/// fault of its own.
#[cfg(target_os = "linux")]
#[test]
fn a_job_that_a_signal_ends_is_run_again() {
    let f = Folder::new();
    f.file("plan.toml", optimize(1, 300_000));
    let (plan, out) = (f.at("plan.toml"), f.at("out"));
    let mut first = tool(&sweep(&plan, &out, &["--jobs", "1"]));
    first.stdout(Stdio::null()).stderr(Stdio::piped());
    let mut first = first.spawn().expect("it runs");
    let end = Instant::now() + Duration::from_secs(120);
    let child = loop {
        let threads = std::fs::read_dir(format!("/proc/{}/task", first.id())).expect("threads");
        let children = threads.flatten().map(|thread| thread.path().join("children"));
        let children = children.flat_map(std::fs::read_to_string).collect::<String>();
        if let Some(child) = children.split_whitespace().next() {
            break child.parse().expect("a number");
        }
        assert!(first.try_wait().expect("it runs").is_none() && Instant::now() < end, "no job");
        std::thread::sleep(Duration::from_millis(2));
    };
    let child = nix::unistd::Pid::from_raw(child);
    nix::sys::signal::kill(child, nix::sys::signal::Signal::SIGKILL).expect("it is there");
    let ended = first.wait_with_output().expect("it ends");
    assert_eq!(ended.status.code(), Some(1));
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(said.contains("signal: 9") && said.contains("runs it again"), "{said}");
    assert_eq!(column(f.path("out/sweep.csv"), "status"), ["missing", "done"]);
    let listed = || {
        let list = json(&sweep(&plan, &out, &["--list"]));
        (list["jobs"].as_array().expect("jobs").len(), list["jobs_ended"].clone())
    };
    assert_eq!(listed(), (1, 1.into()));
    assert_eq!(counts(&json(&sweep(&plan, &out, &[]))), [2, 2, 1]);
    assert_eq!(listed(), (0, 2.into()));
}

#[test]
fn a_changed_plan_uses_what_is_the_same() {
    let f = Folder::new();
    people(&f);
    let plan = |passes: &str, more: &str| {
        let text = format!(
            "keep = false\n[axes]\npasses = [{passes}]\nbits = [2, 4]\n[files]\ntable = 'people, \
             \"all\".csv'\n[jobs]\nlearn = \"regress {{table}} --target sum --rate-shift 4 \
             --passes {{passes}} --out m.json\"\ndescent = \"optimize --iterations 9 \
             --rate-shift {{bits}} --rule plain --out o.json\"\n{more}"
        );
        f.file("plan.toml", text);
    };
    let (path, out) = (f.at("plan.toml"), f.at("out"));
    let run = || counts(&json(&sweep(&path, &out, &[])));
    plan("1, 2", "");
    // Each of both jobs has one of both axes: 4 points, 2 and 2 jobs.
    assert_eq!(run(), [4, 4, 4]);
    plan("2, 5, 1", "[goals]\n\"regress.held_out\" = \"least\"\n");
    assert_eq!(run(), [6, 5, 1]);
    assert_eq!(run(), [6, 5, 0]);
    // Without what they wrote.
    for job in std::fs::read_dir(f.path("out/jobs")).expect("jobs") {
        let names = std::fs::read_dir(job.expect("a job").path()).expect("a job");
        assert_eq!(names.count(), 1);
    }
    // A file of other bytes is another file, and the same bytes elsewhere are the same.
    std::fs::create_dir(f.path("there")).expect("a folder");
    let table = "people, \"all\".csv";
    std::fs::copy(f.path(table), f.path("there").join(table)).expect("copied");
    std::fs::copy(f.path("plan.toml"), f.path("there/plan.toml")).expect("copied");
    assert_eq!(counts(&json(&sweep(&f.at("there/plan.toml"), &out, &[]))), [6, 5, 0]);
    let text = std::fs::read_to_string(f.path(table)).expect("a table");
    f.file(table, text + "3,4,10\n");
    assert_eq!(run(), [6, 5, 3]);
}

#[test]
fn a_job_that_fails_is_told_and_the_others_run() {
    let f = Folder::new();
    people(&f);
    // 16x4x1 holds 16 codewords.
    f.file(
        "plan.toml",
        "[axes]\ncodewords = [4, 64, 8]\n[files]\ntable = 'people, \"all\".csv'\n\
        [jobs]\nlearn = [\"train {table} --size 16x4x1 --codewords {codewords} --passes 1 --out \
        m.json\", \"encode {table} --model m.json --out i.idx\"]\n[goals]\n\"encode.mse\" = \
        \"least\"\n",
    );
    let (plan, out) = (f.at("plan.toml"), f.at("out"));
    let run = |more: &[&str]| {
        let done = fixlearn(&[&sweep(&plan, &out, &["--json"])[..], more].concat());
        assert_eq!(done.status.code(), Some(1));
        let report: serde_json::Value = serde_json::from_slice(&done.stdout).expect("JSON");
        (report, String::from_utf8_lossy(&done.stderr).into_owned())
    };
    let (report, said) = run(&[]);
    assert_eq!((&report["done"], &report["failed"]), (&2.into(), &1.into()));
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.contains("learn: `train") && said.contains("1 to 16 codewords, not 64"), "{said}");
    let table =
        || (column(f.path("out/sweep.csv"), "status"), column(f.path("out/sweep.csv"), "error"));
    let (status, error) = table();
    assert_eq!(status, ["done", "failed", "done"]);
    assert!(error[1].contains("1 to 16 codewords, not 64") && error[0].is_empty(), "{error:?}");
    assert!(column(f.path("out/sweep.csv"), "encode.mse")[1].is_empty());
    let page = std::fs::read_to_string(f.path("out/sweep.html")).expect("a page");
    assert!(page.contains("codewords 64: ") && page.contains("1 to 16 codewords"), "{page}");
    // It is not run again unless that is asked for.
    let (report, said) = run(&[]);
    assert_eq!((&report["jobs_run"], said.as_str()), (&0.into(), ""));
    let (report, _) = run(&["--retry"]);
    assert_eq!((&report["jobs_run"], &report["jobs_failed"]), (&1.into(), &1.into()));
    assert_eq!(table().0, status);
}

/// Which points there are.
#[test]
fn axes_go_together_and_samples_are_drawn() {
    let f = Folder::new();
    let (plan, out) = (f.at("plan.toml"), f.at("out"));
    let list = |head: &str, axes: &str| {
        let text = format!(
            "{head}\n[axes]\n{axes}\n[jobs]\nbuild = \"build --board hx8k --size \
             {{a}}x16x{{b}} --freq {{c}} --out o\"\n"
        );
        f.file("plan.toml", text);
        let report = json(&sweep(&plan, &out, &["--list"]));
        let jobs = report["jobs"].as_array().expect("jobs").iter();
        let words = |job: &serde_json::Value| -> [String; 2] {
            let word = |i: usize| job["commands"][0][i].as_str().expect("a word").to_string();
            [word(4), word(6)]
        };
        let jobs: Vec<[String; 2]> = jobs.map(words).collect();
        assert_eq!(report["points"], jobs.len(), "{report}");
        jobs
    };
    let axes = "a = [64, 64, 256]\nb = [1, 8, 8]\nc = [12, 24.5]";
    let jobs = list("together = [[\"a\", \"b\"]]", axes);
    let expected = [
        ["64x16x1", "12"],
        ["64x16x1", "24.5"],
        ["64x16x8", "12"],
        ["64x16x8", "24.5"],
        ["256x16x8", "12"],
        ["256x16x8", "24.5"],
    ];
    assert_eq!(jobs, expected.map(|job| job.map(String::from)));
    // A sample of too much to be run as a whole: the same each time, another with another seed.
    let many: Vec<String> = (1..2000).map(|i| i.to_string()).collect();
    let axes = format!("a = [{0}]\nb = [{0}]\nc = [{0}]", many.join(", "));
    let first = list("sample = { points = 300, seed = 1 }", &axes);
    assert_eq!(first.iter().collect::<BTreeSet<_>>().len(), 300);
    assert_eq!(list("sample = { points = 300, seed = 1 }", &axes), first);
    assert_ne!(list("sample = { points = 300, seed = 2 }", &axes), first);
    // Every axis is about evenly drawn from.
    let low = first.iter().filter(|job| job[1].parse::<u32>().expect("a number") < 1000).count();
    assert!((100..200).contains(&low), "{low}");
    // As many as there are is all of them.
    let few = "a = [64]\nb = [1, 8]\nc = [12, 24]";
    assert_eq!(list("sample = { points = 300 }", few).len(), 4);
    assert!(!f.path("out").exists(), "a list runs and writes nothing");
}

/// Whatever is wrong with a plan is one line that says where, before anything is written.
#[test]
fn plans_that_are_none_are_refused() {
    let f = Folder::new();
    f.file("t.csv", "1,2\n3,4\n");
    let (path, out) = (f.at("plan.toml"), f.at("out"));
    let good = "[axes]\nn = [1, 2]\n[jobs]\nd = \"optimize --iterations {n} --out r.json\"\n";
    let with = |text: &str, words: &[&str]| {
        f.file("plan.toml", text);
        refused(&sweep(&path, &out, &[]), &[&["plan.toml"], words].concat());
        assert_eq!(f.names(), ["plan.toml", "t.csv"], "{text}");
    };
    let job = |words: &str| format!("[axes]\nn = [1, 2]\n[jobs]\nd = '{words}'\n");
    with("axes = 3", &["line 1"]);
    with("[axes]\nn = [1, 2\n", &["line "]);
    with(&format!("colours = 3\n{good}"), &["line 1", "colours", "colour"]);
    with("[axes]\nn = [1]\n", &["missing field `jobs`"]);
    with("[jobs]\n", &["jobs", "there are none"]);
    with(&good.replace("{n}", "{m}"), &["jobs.d", "{m} is neither an axis nor a file", "n"]);
    with(&good.replace("{n}", "9"), &["no job has {n} in it"]);
    with(&good.replace("{n}", "{n"), &["jobs.d", "a name in braces"]);
    with(&good.replace("[1, 2]", "[]"), &["axes, n", "has no values"]);
    with(&good.replace("[1, 2]", "[1, 1]"), &["`1` is there twice"]);
    with(&good.replace("[1, 2]", "3"), &["axes.n", "a list of values"]);
    with(&good.replace("[1, 2]", "[1, [2]]"), &["axes.n", "not a array"]);
    with(&good.replace("n =", "status ="), &["neither status nor error"]);
    with(&good.replace("[1, 2]", "['a', 'b']"), &["jobs.d", "'a'", "--iterations", "whole number"]);
    with(&good.replace("[1, 2]", "{ a = 3 }"), &["axes.n", "`a` stands for options"]);
    with(&good.replace("[1, 2]", "{ a = '\"' }"), &["axes.n", "a quote is not closed"]);
    let options = good.replace("[1, 2]", "{ a = '9' }");
    with(&options.replace("{n}", "1{n}"), &["{n} stands for whole words"]);
    with(&job("flash {n}"), &["`flash` is no job"]);
    with(&job("sweep {n}"), &["`sweep` is no job"]);
    with(&job("tune --rate {n}"), &["'tune'", "lists the commands"]);
    with(&job("{n} --rate 3"), &["begins with a command"]);
    with(&job("optimize --iterations {n} --ruel plain"), &["'--ruel'", "'--rule'"]);
    for own in ["--json", "--port golden", "--port=golden", "--force", "--resume", "--help"] {
        let option = own.split([' ', '=']).next().expect("an option");
        let words = [option, "not for a job"];
        with(&job(&format!("optimize --iterations {{n}} --out r.json {own}")), &words);
    }
    for out in ["/tmp/r.json", "../r.json", "a/../../r.json"] {
        for words in [format!("--out {out}"), format!("--out={out}"), format!("-o{out}")] {
            let line = job(&format!("optimize --iterations {{n}} {words}"));
            with(&line, &[out, "leads out of the job's own folder", "[files]"]);
        }
    }
    with(&good.replace("[1, 2]", "['../x']"), &["axes.n", "leads out"]);
    with(&good.replace("[1, 2]", "[\"a\\u0000\"]"), &["axes.n", "NUL"]);
    with(&job("optimize --iterations {n} --out result.json"), &["result.json", "another name"]);
    let joined = good.replace("[1, 2]", "['.', './r']");
    with(&joined.replace("{n}", "{n}{n}"), &["leads out of the job's own folder"]);
    f.file("plan.toml", format!("{good}[files]\nt = 'none.csv'\n"));
    refused(&sweep(&path, &out, &[]), &["none.csv", "there is no such file"]);
    with(&format!("{good}[files]\nt = 't.csv'\n"), &["no job has {t} in it"]);
    with(&format!("{good}[files]\nn = 't.csv'\n"), &["stands in [axes] and in [files]"]);
    let both = good.replace("--out", "{t}.x --out");
    with(&format!("{both}[files]\nt = 't.csv'\n"), &["{t} stands for whole words"]);
    with(&format!("{good}[goals]\nvalue = 'least'\n"), &["goals", "\"optimize.\""]);
    with(&format!("{good}[goals]\n\"optimize.value\" = 'low'\n"), &["\"most\" or \"least\""]);
    with(&format!("mean_over = ['s']\n{good}"), &["mean_over", "no axis `s`", "n"]);
    with(&format!("colour = 's'\n{good}"), &["colour", "no axis `s`"]);
    let long = good.replace("[1, 2]", "[1, 2, 3, 4, 5, 6, 7, 8, 9]");
    with(&format!("colour = 'n'\n{long}"), &["n has 9 values", "8"]);
    with(&format!("together = [['n', 'n']]\n{good}"), &["together", "twice"]);
    let two = good.replace("[1, 2]", "[1, 2]\nm = [1]").replace("{n}", "{n} --passes {m}");
    with(&format!("together = [['n', 'm']]\n{two}"), &["n has 2 values, and m 1"]);
    with(&format!("sample = {{ points = 0 }}\n{good}"), &["sample.points", "1 to 100000"]);
    let hundred: Vec<String> = (0..400).map(|i| i.to_string()).collect();
    let axis = format!("[{}]", hundred.join(", "));
    let many = two.replace("[1, 2]", &axis).replace("[1]", &axis);
    with(&many, &["160000 points", "at most 100000", "sample"]);
    // The folder, and options.
    f.file("plan.toml", good);
    let there = f.at("there");
    std::fs::create_dir(&there).expect("a folder");
    f.file("there/x", "1");
    refused(&sweep(&path, &there, &[]), &["there", "holds other files, and no sweep"]);
    refused(&sweep(&path, &f.at("t.csv"), &[]), &["t.csv", "is a file"]);
    // A folder that cannot be read is not an empty one; this is one for root, too.
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("loop", f.path("loop")).expect("a link");
        refused(&sweep(&path, &f.at("loop"), &["--list"]), &["loop: "]);
    }
    refused(&sweep(&path, &out, &["--gather"]), &["out", "holds no sweep"]);
    refused(&sweep(&f.at("none.toml"), &out, &[]), &["none.toml", "no such file"]);
    for share in ["3", "3/3", "a/b"] {
        refused(&sweep(&path, &out, &["--job", share]), &["--job", "as 0/8"]);
    }
    refused(&sweep(&path, &out, &["--wait"]), &["--slurm"]);
    let none = tool(&sweep(&path, &out, &["--slurm"])).env("PATH", "").output().expect("it runs");
    let said = String::from_utf8_lossy(&none.stderr);
    assert_eq!(none.status.code(), Some(2), "{said}");
    assert!(said.contains("no sbatch here"), "{said}");
}

/// Two sweeps do not share a folder; tasks of an array do.
#[test]
fn a_folder_is_one_sweeps() {
    let f = Folder::new();
    f.file("plan.toml", optimize(20, 20_000));
    let (plan, out) = (f.at("plan.toml"), f.at("out"));
    let mut first = tool(&sweep(&plan, &out, &["--jobs", "1"]));
    let mut first = first.stderr(Stdio::null()).spawn().expect("it runs");
    let end = Instant::now() + Duration::from_secs(60);
    while !f.path("out/jobs").exists() {
        assert!(Instant::now() < end, "no folder");
        std::thread::sleep(Duration::from_millis(2));
    }
    refused(&sweep(&plan, &out, &[]), &["out", "a sweep is at work there"]);
    refused(&sweep(&plan, &out, &["--job", "0/9"]), &["a sweep is at work there"]);
    first.kill().expect("killed");
    first.wait().expect("it ends");
    // Shares are dealt: each job is of one.
    f.file("plan.toml", optimize(3, 20));
    let shares = f.at("shares");
    let run = |share: &str| json(&sweep(&plan, &shares, &["--job", share]))["jobs_run"].clone();
    assert_eq!(["0/4", "1/4", "2/4", "3/4", "0/4"].map(run), [2, 2, 1, 1, 0]);
    let report = json(&sweep(&plan, &shares, &["--gather"]));
    assert_eq!((&report["done"], counts(&report)), (&6.into(), [6, 6, 0]));
}

/// Debian's Slurm with one node, this one, in a folder of its own.
struct Slurm {
    folder: Folder,
    daemons: Vec<Child>,
}

/// A program of Slurm or munge, wherever Debian has put it.
fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin", "/sbin"].map(PathBuf::from));
    folders.map(|folder| folder.join(name)).find(|path| path.is_file())
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    listener.local_addr().expect("an address").port()
}

impl Slurm {
    fn start() -> Self {
        const PROGRAMS: [&str; 5] = ["munged", "slurmctld", "slurmd", "sbatch", "sinfo"];
        if PROGRAMS.iter().any(|name| program(name).is_none()) {
            let install = "apt-get install -y --no-install-recommends slurm-wlm";
            fixlearn::doctor::install(install).expect("Slurm");
        }
        let folder = Folder::new();
        let name = std::fs::read_to_string("/proc/sys/kernel/hostname").expect("a name");
        let host = name.trim().split('.').next().unwrap_or("localhost").to_string();
        let user = Command::new("id").arg("-un").output().expect("it runs").stdout;
        let user = String::from_utf8(user).expect("a name").trim().to_string();
        let conf = format!(
            "ClusterName=fixlearn\nSlurmctldHost={host}(127.0.0.1)\nSlurmctldPort={}\n\
             SlurmdPort={}\nSlurmUser={user}\nSlurmdUser={user}\nAuthType=auth/munge\n\
             AuthInfo=socket={at}/munge.sock\nCredType=cred/munge\nStateSaveLocation={at}/state\n\
             SlurmdSpoolDir={at}/spool\nSlurmctldPidFile={at}/slurmctld.pid\n\
             SlurmdPidFile={at}/slurmd.pid\nSlurmctldLogFile={at}/slurmctld.log\n\
             SlurmdLogFile={at}/slurmd.log\nProctrackType=proctrack/linuxproc\n\
             TaskPlugin=task/none\nSelectType=select/cons_tres\nSelectTypeParameters=CR_CPU\n\
             ReturnToService=2\nMaxArraySize=1001\n\
             SlurmdParameters=config_overrides\nSchedulerParameters=sched_interval=1\n\
             NodeName={host} NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN\n\
             PartitionName=all Nodes={host} Default=YES MaxTime=10 State=UP\n",
            free_port(),
            free_port(),
            at = folder.0.path().display(),
        );
        for name in ["state", "spool"] {
            std::fs::create_dir(folder.path(name)).expect("a folder");
        }
        folder.file("slurm.conf", conf);
        let key = folder.file("munge.key", [(); 128].map(|()| fastrand::u8(..)));
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(key, PermissionsExt::from_mode(0o400)).expect("a mode");
        let munge = [
            "--foreground".into(),
            "--force".into(),
            format!("--key-file={}", folder.at("munge.key")),
            format!("--socket={}", folder.at("munge.sock")),
            format!("--pid-file={}", folder.at("munge.pid")),
            format!("--log-file={}", folder.at("munge.log")),
            format!("--seed-file={}", folder.at("munge.seed")),
        ];
        let mut slurm = Self { folder, daemons: Vec::new() };
        slurm.daemon("munged", &munge);
        let socket = slurm.folder.path("munge.sock");
        slurm.until("munge", || socket.exists());
        slurm.daemon("slurmctld", &["-D".into()]);
        slurm.daemon("slurmd", &["-D".into(), "-N".into(), host]);
        let idle = || slurm.run("sinfo", &["--noheader", "--format=%t"]).stdout == b"idle\n";
        slurm.until("an idle node", idle);
        slurm
    }

    fn daemon(&mut self, name: &str, arguments: &[String]) {
        let log = std::fs::File::create(self.folder.path(&format!("{name}.out"))).expect("a file");
        let mut command = Command::new(program(name).expect("a program"));
        command.args(arguments).env("SLURM_CONF", self.folder.path("slurm.conf"));
        command.stdin(Stdio::null()).stdout(log.try_clone().expect("a file")).stderr(log);
        self.daemons.push(command.spawn().expect("it runs"));
    }

    /// Waits for it, but not for ever.
    fn until(&self, what: &str, holds: impl Fn() -> bool) {
        let end = Instant::now() + Duration::from_secs(60);
        while !holds() {
            let log =
                |name: &str| std::fs::read_to_string(self.folder.path(name)).unwrap_or_default();
            let logs = ["munged.out", "slurmctld.out", "slurmd.out"].map(log).concat();
            assert!(Instant::now() < end, "no {what}: {logs}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Runs a program that speaks with it, for two minutes at most.
    fn run(&self, name: impl AsRef<Path>, arguments: &[&str]) -> Output {
        let mut command = Command::new("timeout");
        command.args(["-k", "5", "120"]).arg(name.as_ref()).args(arguments);
        command.env("SLURM_CONF", self.folder.path("slurm.conf")).stdin(Stdio::null());
        command.output().expect("it runs")
    }

    fn fixlearn(&self, arguments: &[&str]) -> Output {
        self.run(env!("CARGO_BIN_EXE_fixlearn"), arguments)
    }
}

impl Drop for Slurm {
    fn drop(&mut self) {
        // Jobs that run are no children of ours.
        let _ = self.run("scancel", &["--quiet", "--partition=all"]);
        for daemon in self.daemons.iter_mut().rev() {
            let _ = daemon.kill();
            let _ = daemon.wait();
        }
    }
}

/// The array's bits are the local sweep's, and what is left to do is what is submitted.
#[test]
fn an_array_of_slurm_does_the_same() {
    let f = Folder::new();
    people(&f);
    let plan = |seeds: &str| {
        let text = format!(
            "[axes]\ncodewords = [4, 64]\nseed = [{seeds}]\n[files]\ntable = 'people, \
             \"all\".csv'\n[jobs]\nlearn = [\"train {{table}} --size 16x4x1 --codewords \
             {{codewords}} --seed {{seed}} --passes 1 --out m.json\", \"encode {{table}} --model \
             m.json --out i.idx\"]\n[goals]\n\"encode.mse\" = \"least\"\n"
        );
        f.file("it's a plan.toml", text);
    };
    plan("1, 2, 3");
    let slurm = Slurm::start();
    let (path, farm, local) = (f.at("it's a plan.toml"), f.at("the farm"), f.at("local"));
    // What sbatch refuses is one line.
    let wrong =
        slurm.fixlearn(&sweep(&path, &farm, &["--slurm", "--slurm-option=--partition=none"]));
    let said = String::from_utf8_lossy(&wrong.stderr);
    assert_eq!((wrong.status.code(), said.lines().count()), (Some(2), 1), "{said}");
    assert!(said.contains("sbatch refused the array") && said.contains("partition"), "{said}");

    // Submitted, and gathered later.
    let done = slurm.fixlearn(&sweep(&path, &farm, &["--slurm", "--json", "--tasks", "4"]));
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{said}");
    let report: serde_json::Value = serde_json::from_slice(&done.stdout).expect("JSON");
    assert!(report["slurm"].as_str().expect("a number").parse::<u64>().is_ok(), "{report}");
    let gathered = || {
        let done = fixlearn(&sweep(&path, &farm, &["--gather", "--json"]));
        // Half of the points fail.
        assert_eq!(done.status.code(), Some(1));
        serde_json::from_slice::<serde_json::Value>(&done.stdout).expect("JSON")
    };
    slurm.until("end of the array", || gathered()["missing"] == 0);
    assert_eq!(fixlearn(&sweep(&path, &local, &[])).status.code(), Some(1));
    let same = || {
        for name in ["sweep.csv", "sweep.html"] {
            let read = |folder: &str| std::fs::read(f.path(folder).join(name)).expect("a file");
            assert!(read("the farm") == read("local"), "{name}");
        }
    };
    same();
    let status = column(f.path("the farm/sweep.csv"), "status");
    assert_eq!(status, ["done", "done", "done", "failed", "failed", "failed"]);

    // More of them, waited for: only what is not there is run.
    plan("1, 2, 3, 4, 5");
    let before = std::fs::read_dir(f.path("the farm/jobs")).expect("jobs").count();
    let done = slurm.fixlearn(&sweep(&path, &farm, &["--slurm", "--wait", "--json"]));
    let said = String::from_utf8_lossy(&done.stderr);
    assert_eq!(done.status.code(), Some(1), "{said}");
    let report: serde_json::Value = serde_json::from_slice(&done.stdout).expect("JSON");
    assert_eq!((&report["done"], &report["failed"]), (&5.into(), &5.into()), "{report}");
    assert_eq!(std::fs::read_dir(f.path("the farm/jobs")).expect("jobs").count(), before + 4);
    assert_eq!(fixlearn(&sweep(&path, &local, &[])).status.code(), Some(1));
    same();
    // One task a job: those of the new points alone.
    let logs = std::fs::read_dir(f.path("the farm")).expect("a folder").flatten();
    let logs = logs.filter(|entry| entry.file_name().to_string_lossy().ends_with(".out"));
    assert_eq!(logs.count(), 4 + 4);
}
