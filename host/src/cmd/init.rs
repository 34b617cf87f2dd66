//! `init`: what lets a user open a board: rules for udev, and what to do with them.

use super::printed::Context;
use fixlearn::build::boards;
use fixlearn::outputs::Kind;
use fixlearn::{output, usb, Result};
use serde::Serialize;
use std::path::PathBuf;

#[derive(clap::Args)]
pub struct Args {
    /// Boards, as `fixlearn boards` names them
    #[arg(required = true)]
    board: Vec<String>,
    /// Write the rules to this file (.rules) [default: stdout]
    #[arg(short, long)]
    out: Option<PathBuf>,
}

#[derive(Serialize)]
struct Report {
    boards: Vec<String>,
    rules: String,
    /// Where the rules belong.
    place: &'static str,
    steps: Vec<String>,
    out: Option<String>,
}

pub fn run(args: &Args, context: &Context) -> Result<bool> {
    let mut boards = Vec::new();
    for name in &args.board {
        let board = boards::find(name)?;
        if !boards.iter().any(|other: &boards::Board| other.name == board.name) {
            boards.push(board);
        }
    }
    let kinds: Vec<(&str, &str)> =
        boards.iter().map(|board| (board.title.as_str(), board.usb.as_str())).collect();
    let rules = usb::rules(&kinds);
    if let Some(out) = &args.out {
        let mut outputs = context.outputs::<PathBuf>([]);
        outputs.add("--out", out, Kind::As(&["rules"]))?;
        output::write(out, rules.as_bytes())?;
    }
    let names: Vec<String> = boards.iter().map(|board| board.name.clone()).collect();
    let out = args.out.as_ref().map(|out| out.display().to_string());
    let is_file = args.out.as_deref().is_some_and(|out| !output::is_special(out));
    let steps = steps(&names, out.as_deref().filter(|_| is_file));
    let report = Report { boards: names, rules, place: usb::RULES, steps, out };
    if context.json {
        context.report(&report, String::new)?;
        return Ok(true);
    }
    if report.out.is_none() {
        fixlearn::report::text(report.rules.trim_end())?;
    }
    report.steps.iter().for_each(output::say);
    Ok(true)
}

/// What is to be done with the rules, in order.
fn steps(boards: &[String], from: Option<&str>) -> Vec<String> {
    let (rules, names) = (usb::RULES, boards.join(" "));
    let put = match from {
        Some(from) => output::typed(&["sudo", "cp", from, rules].map(String::from)),
        None => format!("fixlearn init {names} | sudo tee {rules}"),
    };
    vec![
        format!("1. put the rules where udev looks: {put}"),
        "2. let udev read them, and plug the board in again: sudo udevadm control --reload".into(),
        "3. over ssh rules are not enough, since they are for who sits at the machine: sudo \
         usermod -aG dialout $USER, and log in again"
            .into(),
        "4. see that it worked: fixlearn doctor".into(),
    ]
}
