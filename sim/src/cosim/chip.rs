//! The SDRAM beside a design: a behavioural model that refuses what the data sheet forbids.

use fixlearn_hdl::design::Design;
use fixlearn_hdl::sdram::Chip;
use fixlearn_hdl::verilog::ports;
use std::fmt::Write as _;

/// The ports by which the model says what it refuses, and when.
pub(super) const REFUSES: [&str; 2] = ["refuses", "refused_at"];

/// The design's Verilog with its chip beside it, if it needs one: the top's ports are then those of
/// a design without one, and those by which the chip says what it refuses.
pub fn beside(verilog: &str, design: &dyn Design) -> String {
    match design.chip() {
        Some(chip) => with(verilog, chip, design.identity().clock_hz),
        None => verilog.into(),
    }
}

/// A top that has the ports of a chip, with this chip at this clock beside it.
///
/// # Panics
/// If it has not: the Verilog is the design's, not the user's.
pub fn with(verilog: &str, chip: &Chip, clock_hz: u32) -> String {
    let all = ports(verilog, "top").unwrap_or_default();
    assert!(all.iter().any(|port| port.name == "sdram_command"), "a top with a chip's ports");
    let (pins, own): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|port| port.name.starts_with("sdram_"));
    let names = |ports: &[fixlearn_hdl::verilog::Port]| {
        ports.iter().map(|port| port.name.clone()).collect::<Vec<_>>()
    };
    let joined = |ports: &[fixlearn_hdl::verilog::Port]| {
        let each = |name: String| format!(".{name}({name})");
        names(ports).into_iter().map(each).collect::<Vec<_>>().join(", ")
    };
    let mut text = verilog.replace("\nmodule top(", "\nmodule beside_chip(");
    let _ = writeln!(text, "\nmodule top({},{});", names(&own).join(","), REFUSES.join(","));
    for port in &own {
        let _ = writeln!(text, "{}", port.declared());
    }
    let _ = writeln!(text, "output [511:0] {};\noutput [63:0] {};", REFUSES[0], REFUSES[1]);
    for port in &pins {
        let _ = writeln!(text, "wire {}{};", port.range(), port.name);
    }
    let _ = writeln!(text, "beside_chip beside_chip({}, {});", joined(&own), joined(&pins));
    let to = |name: &str| format!(".{name}(sdram_{name})");
    let signals = ["command", "bank", "address", "mask", "out", "drive", "in"].map(to);
    let _ = writeln!(
        text,
        "sdram_chip #({}) sdram_chip(.clock(clock), {}, .refuses(refuses), \
         .refused_at(refused_at));\nendmodule",
        parameters(chip, clock_hz),
        signals.join(", ")
    );
    text + include_str!("chip.v")
}

/// The model's parameters: the data sheet's times, which it counts by itself.
fn parameters(chip: &Chip, clock_hz: u32) -> String {
    let times = &chip.times;
    let burst = chip.burst();
    let values = [
        ("DATA", chip.data as u64),
        ("ROW", chip.row_bits.into()),
        ("COLUMN", u64::from(chip.word_bits) + burst - 1),
        ("BURST", burst),
        ("REFRESHES", chip.refreshes),
        ("HZ", clock_hz.into()),
        ("POWER_UP", times.power_up),
        ("RCD", times.rcd),
        ("RP", times.rp),
        ("RAS", times.ras),
        ("RAS_MOST", times.ras_most),
        ("RC", times.rc),
        ("RRD", times.rrd),
        ("RFC", times.rfc),
        ("WR", times.wr),
        ("MRD_CLOCKS", times.mrd_clocks),
        ("REFRESH", times.refresh),
    ];
    let each = values.map(|(name, value)| format!(".{name}(64'd{value})"));
    each.join(", ")
}
