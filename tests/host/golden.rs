//! `--port golden`: the specification in the place of a device. It gives the bits of the simulated
//! board, and needs no other program.

mod common;

use common::{tool, Folder};

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
    for port in ["sim", "golden"] {
        run(&[arguments, &["--out", &f.at(port)]].concat(), port);
    }
    let (sim, golden) = (f.json("sim"), f.json("golden"));
    for part in ["state", "curve", "done", "plan"] {
        assert_eq!(sim[part], golden[part], "{arguments:?}: {part}");
    }
}

/// And so is the file that another command makes of it.
fn same_file(f: &Folder, command: &str, more: &[&str]) {
    let ending = if command == "encode" { "idx" } else { "csv" };
    let [sim, golden] = ["sim", "golden"].map(|port| f.at(&format!("{port}.{ending}")));
    for (port, out) in [("sim", &sim), ("golden", &golden)] {
        let words = [command, &f.at("in.csv"), "--header", "--model", &f.at("golden")];
        run(&[&words[..], &["--out", out], more].concat(), port);
    }
    let read = |name: &str| std::fs::read(name).expect("a file");
    assert_eq!(read(&sim), read(&golden), "{command}");
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
