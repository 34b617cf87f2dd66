//! Training runs over lines with faults: what each costs, and whether the codebook is the golden
//! model's. The first argument is the number of vectors, the second, if given, the only faults.
//! Ends with the baud mismatch at which the link begins to fail.

use fixlearn_tests::cores::vq::design;
use fixlearn_tests::line::train;
use std::process::ExitCode;

const LINES: [&str; 6] =
    ["", "ber=1e-6", "ber=1e-5", "ber=1e-4", "lost=0.01", "ber=1e-4,lost=0.01"];

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let count = arguments.next().and_then(|n| n.parse().ok()).unwrap_or(100_000);
    let only = arguments.next();
    let lines: Vec<&str> = only.as_deref().map_or(LINES.to_vec(), |only| vec![only]);
    println!("{count} vectors of 16 bytes, 16 codewords, 4 lanes, 3 Mbaud");
    println!(
        "| faults | equal | frames | sent again | time-outs | payload | goodput, byte/s | share |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    let mut equal = true;
    for faults in lines {
        let run = train(&design(16, 16, 4), count, faults, None);
        equal &= run.equal;
        let l = run.link;
        println!(
            "| {} | {} | {} | {} | {} | {} to {} | {:.0} | {:.1} % |",
            if faults.is_empty() { "none" } else { faults },
            if run.equal { "yes" } else { "NO" },
            l.frames,
            l.resent,
            l.timeouts,
            l.payload_least,
            l.payload_most,
            run.share * 300_000.0,
            100.0 * run.share,
        );
    }
    if only.is_none() {
        sweep();
    }
    if equal {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Baud mismatch in steps of half a percent: clean, or frames sent again.
fn sweep() {
    std::panic::set_hook(Box::new(|_| {}));
    println!("\n| mismatch | 3 Mbaud | 1 Mbaud | 115200 baud |\n|---|---|---|---|");
    for step in -12..=12 {
        let drift = f64::from(step) * 0.005;
        let cells = [3_000_000, 1_000_000, 115_200].map(|baud| {
            let design = fixlearn_hdl::design::VqDesign { baud, ..design(16, 4, 1) };
            // Beyond some mismatch not even opening works: that is a cell, not a message.
            let run =
                std::panic::catch_unwind(|| train(&design, 200, &format!("drift={drift}"), None));
            match run {
                Ok(run) if run.equal && run.link.resent + run.link.timeouts == 0 => "clean",
                Ok(run) if run.equal => "sent again",
                Ok(_) => "WRONG",
                Err(_) => "no link",
            }
        });
        println!("| {:+.1} % | {} |", 100.0 * drift, cells.join(" | "));
    }
}
