//! What was built as a simulated board: what a build put into its files, not what it meant to.
//!
//! Of the HX8K it is the bitstream itself. Project IceStorm's `iceunpack` and `icebox_vlog` turn it
//! back into logic cells, block RAMs and a PLL; of the build's folder only `top.bin`, and the
//! board, the clock and the baud of `report.json` are read, neither the Verilog that was generated
//! nor the netlist. Pins are looked up in the board's own constraint file. Of ECP5, whose
//! bitstreams nobody decodes to a netlist, it is what nextpnr routed, in `routed.json`. The clock
//! follows from the PLL's dividers as they were built.

use super::boards::{self, Board};
use super::family::{Back, Routed};
use super::flow::ROUTED;
use super::report::Report;
use crate::doctor::program;
use crate::link::port::{Port, Simulated};
use crate::{Error, Result};
use fixlearn_hdl::samples::SDRAM;
use fixlearn_sim::board::Faults;
use fixlearn_sim::cosim::BuildError;
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Stdio};

/// A design that was decoded from a bitstream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// Verilog, top module `top` with ports `clock`, `rx`, `tx` and the board's held outputs. The
    /// PLL passes `clock` through: `clock` is the design's clock, not the oscillator.
    pub verilog: String,
    /// What the board's oscillator and the bitstream's PLL make.
    pub clock_hz: u32,
    /// Of the link, as the report has it: the bitstream does not say.
    pub baud: u32,
}

/// A port to a simulated board that runs the bitstream in `folder`, with these faults on its line.
///
/// # Errors
/// As [`decode`], and if Verilator is missing or fails.
pub fn bitstream_port(folder: &Path, faults: &Faults) -> Result<Box<dyn Port>> {
    let Decoded { verilog, clock_hz, baud } = decode(folder)?;
    let mut board = fixlearn_sim::board::Board::from_netlist(&verilog, clock_hz, baud)?;
    // The gate behind the PLL opens within a few clocks. No host speaks before.
    board.advance(1);
    Ok(Box::new(Simulated::new(board.with_faults(faults))))
}

/// Decodes the bitstream of a folder that [`build`](super::build) wrote.
///
/// # Errors
/// If the folder holds no build, the board's bitstreams cannot be decoded, a tool is missing, the
/// file is damaged, or it is not for this board: its device, its pins or its clock differ.
pub fn decode(folder: &Path) -> Result<Decoded> {
    let report = Report::read(folder)?;
    let board = boards::find(&report.board)?;
    if report.size.contains(SDRAM) {
        let what =
            "a design with an SDRAM, which is no part of a bitstream; --port sim simulates it";
        return Err(Error::input(folder, what));
    }
    match board.family.back(board.fabric) {
        Back::Not(why) => Err(Error::input(folder, format!("a bitstream of {} {why}", board.name))),
        Back::Routed(read) => routed(folder, &report, &board, read),
        Back::IceStorm => unpacked(folder, &report, &board),
    }
}

/// Reads the netlist that nextpnr routed.
fn routed(
    folder: &Path,
    report: &Report,
    board: &Board,
    read: fn(&Value) -> std::result::Result<Routed, String>,
) -> Result<Decoded> {
    let path = folder.join(ROUTED);
    let text = std::fs::read(&path).map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => Error::input(&path, "is missing; build again"),
        _ => Error::io(&path)(e),
    })?;
    let wrong = |what: String| Error::input(&path, what);
    let netlist: Value = serde_json::from_slice(&text)
        .map_err(|e| wrong(format!("is damaged ({e}); build again")))?;
    let Routed { body, clock, models } = read(&netlist).map_err(wrong)?;
    let (divider, multiplier) = clock.unwrap_or((1, 1));
    let hz = u64::from(board.clock_hz) * u64::from(multiplier) / u64::from(divider.max(1));
    let clock_hz = asked(report, hz).map_err(wrong)?;
    let missing = |port: &&String| {
        !body.contains(&format!(" {port};")) && !body.contains(&format!(" {port} ="))
    };
    if let Some(port) = board.ports().iter().find(missing) {
        return Err(wrong(format!("has no pin {port}; build it for {}", board.name)));
    }
    let (ports, declared) = declared(board);
    let verilog = format!(
        "\nmodule top({ports});\n{declared}{body}endmodule\n{models}{}",
        board.family.models()
    );
    Ok(Decoded { verilog, clock_hz, baud: report.baud })
}

/// The clock that was built, if it is the one that was asked for.
fn asked(report: &Report, hz: u64) -> std::result::Result<u32, String> {
    let asked = (report.clock_mhz * 1e6).round();
    match u32::try_from(hz) {
        Ok(found) if f64::from(found) == asked => Ok(found),
        _ => Err(format!("its clock is {hz} Hz, and {asked} Hz in report.json; build it again")),
    }
}

/// The ports of the top module, and their declarations.
fn declared(board: &Board) -> (String, String) {
    let ports = board.ports();
    let direction = |p: &String| if p == "clock" || p == "rx" { "input" } else { "output" };
    let declared = ports.iter().map(|p| format!("{} {p};\n", direction(p))).collect();
    (ports.join(","), declared)
}

/// Decodes the packed bitstream by Project IceStorm.
fn unpacked(folder: &Path, report: &Report, board: &Board) -> Result<Decoded> {
    let path = folder.join("top.bin");
    let bitstream = std::fs::read(&path).map_err(Error::io(&path))?;
    let wrong = |what: String| Error::input(&path, what);

    let work = tempfile::tempdir().map_err(Error::io(&std::env::temp_dir()))?;
    let at = |name: &str| work.path().join(name);
    std::fs::write(at("top.bin"), bitstream).map_err(Error::io(work.path()))?;
    // icebox_vlog takes an option of a pin for the port's name.
    let pins = board.assignments()?;
    let pins = pins.iter().map(|(port, pin)| format!("set_io {port} {pin}\n")).collect::<String>();
    std::fs::write(at("top.pcf"), pins).map_err(Error::io(work.path()))?;
    run("iceunpack", &["top.bin", "top.asc"], work.path())?
        .map_err(|said| wrong(format!("it is damaged ({said}); build it again")))?;
    let unpacked = std::fs::read_to_string(at("top.asc")).map_err(Error::io(&at("top.asc")))?;
    let device = unpacked.lines().find_map(|l| l.strip_prefix(".device ")).unwrap_or("none");
    if !board.device.ends_with(device) {
        let device = format!("it is for a device {device}, not {}", board.device);
        return Err(wrong(format!("{device}; build it again")));
    }
    let flags = ["-s", "-n", "top", "-d", &board.package, "-p", "top.pcf", "top.asc"];
    let verilog = run("icebox_vlog", &flags, work.path())?
        .map_err(|said| wrong(format!("icebox_vlog cannot decode it ({said})")))?;
    let clock_hz = clock_hz(&verilog, board).map_err(wrong)?;
    let clock_hz = asked(report, clock_hz.into()).map_err(wrong)?;
    let verilog = with_ports(&verilog, board).map_err(wrong)? + CELLS;
    Ok(Decoded { verilog, clock_hz, baud: report.baud })
}

/// What a program printed, or what it complained of.
type Said = std::result::Result<String, String>;

/// What it printed; or, in the inner error, the last line of its complaint.
fn run(name: &'static str, arguments: &[&str], folder: &Path) -> Result<Said> {
    let path = program(name).ok_or(BuildError::Missing(name, "fpga-icestorm"))?;
    let output = Command::new(path)
        .args(arguments)
        .current_dir(folder)
        // The same bitstream gives the same text, and so a model that is in the cache.
        .env("PYTHONHASHSEED", "0")
        .stdin(Stdio::null())
        .output()
        .map_err(|e| Error::request(format!("{name} does not start: {}", crate::unnumbered(&e))))?;
    if output.status.success() {
        return Ok(Ok(String::from_utf8_lossy(&output.stdout).into_owned()));
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let line = said.lines().rfind(|l| !l.trim().is_empty()).unwrap_or("it does not say why");
    Ok(Err(line.trim().to_string()))
}

/// The clock that the oscillator and the PLL make, if there is a PLL.
fn clock_hz(verilog: &str, board: &Board) -> std::result::Result<u32, String> {
    let mut plls = verilog.split("\nSB_PLL40_CORE #(").skip(1);
    let Some(pll) = plls.next() else {
        return Ok(board.clock_hz);
    };
    let parameter = |name: &str| {
        let (_, rest) = pll.split_once(&format!(".{name}("))?;
        Some(rest.split_once(')')?.0)
    };
    let divider = |name: &str| {
        let (_, digits) = parameter(name)?.split_once("'b")?;
        u32::from_str_radix(digits, 2).ok()
    };
    let simple = parameter("FEEDBACK_PATH") == Some("\"SIMPLE\"")
        && parameter("PLLOUT_SELECT") == Some("\"GENCLK\"")
        && plls.next().is_none();
    match (divider("DIVR"), divider("DIVF"), divider("DIVQ")) {
        (Some(r), Some(f), Some(q)) if simple => {
            let oscillator = u64::from(board.clock_hz) * u64::from(f + 1) / u64::from(r + 1);
            u32::try_from(oscillator >> q).map_err(|_| "its PLL's dividers make no clock".into())
        }
        _ => Err("its PLL is not set as a build sets it; build it again".into()),
    }
}

/// The same module with a head that our Verilator driver reads, whose ports are the board's.
fn with_ports(verilog: &str, board: &Board) -> Said {
    let parts = verilog.split_once("\nmodule top (").and_then(|(_, rest)| rest.split_once(");"));
    let (head, body) = parts.ok_or("icebox_vlog made no module of it")?;
    let mut found: Vec<&str> = head.split(", ").collect();
    found.sort_unstable();
    let ports = board.ports();
    if let Some(port) = ports.iter().find(|p| body.contains(&format!("unmatched port '{p}'"))) {
        return Err(format!("nothing is at the pin of {port}; build it for {}", board.name));
    }
    let direction = |p: &String| if p == "clock" || p == "rx" { "input" } else { "output" };
    let mut expected: Vec<String> = ports.iter().map(|p| format!("{} {p}", direction(p))).collect();
    expected.sort_unstable();
    if found != expected {
        let (found, expected) = (found.join(", "), expected.join(", "));
        return Err(format!("its pins are {found}; those of {} are {expected}", board.name));
    }
    let (ports, declared) = declared(board);
    Ok(format!("\nmodule top({ports});\n{declared}{body}"))
}

/// Models of the cells that are left: the PLL, which passes its reference through, and the block
/// RAM, 4096 bits in rows of 16 (Lattice FPGA-TN-02002, and the iCE Technology Library).
///
/// In mode `m` a port is 16 >> m bits wide. Bits 7:0 of the address choose the row, and the m bits
/// from 8 on choose one bit of each 2^m in it. Those pass through the pin 2^m / 2 - 1 of each 2^m.
/// `MASK` counts in mode 0 alone, where a 1 keeps the bit.
const CELLS: &str = "
module SB_PLL40_CORE #(
  parameter FEEDBACK_PATH = \"\", DELAY_ADJUSTMENT_MODE_FEEDBACK = \"\",
  DELAY_ADJUSTMENT_MODE_RELATIVE = \"\", PLLOUT_SELECT = \"\", SHIFTREG_DIV_MODE = 0,
  FDA_FEEDBACK = 0, FDA_RELATIVE = 0, DIVR = 0, DIVF = 0, DIVQ = 0, FILTER_RANGE = 0,
  ENABLE_ICEGATE = 0, TEST_MODE = 0
) (
  input REFERENCECLK, EXTFEEDBACK, BYPASS, RESETB, LATCHINPUTVALUE, SDI, SCLK,
  input [7:0] DYNAMICDELAY, output PLLOUTCORE, PLLOUTGLOBAL, LOCK, SDO
);
assign PLLOUTCORE = REFERENCECLK;
assign PLLOUTGLOBAL = REFERENCECLK;
assign LOCK = RESETB & !BYPASS;
assign SDO = 1'b0;
endmodule

module SB_RAM40_4K #(
  parameter READ_MODE = 0, WRITE_MODE = 0,
  parameter [255:0] INIT_0 = 0, INIT_1 = 0, INIT_2 = 0, INIT_3 = 0, INIT_4 = 0, INIT_5 = 0,
  INIT_6 = 0, INIT_7 = 0, INIT_8 = 0, INIT_9 = 0, INIT_A = 0, INIT_B = 0, INIT_C = 0, INIT_D = 0,
  INIT_E = 0, INIT_F = 0
) (
  input [10:0] WADDR, RADDR, input [15:0] MASK, WDATA, output [15:0] RDATA,
  input WE, WCLKE, WCLK, RE, RCLKE, RCLK
);
localparam [4095:0] INIT = {
  INIT_F, INIT_E, INIT_D, INIT_C, INIT_B, INIT_A, INIT_9, INIT_8,
  INIT_7, INIT_6, INIT_5, INIT_4, INIT_3, INIT_2, INIT_1, INIT_0
};
localparam integer WSTEP = 1 << WRITE_MODE, RSTEP = 1 << READ_MODE;
localparam integer WPIN = WSTEP > 1 ? WSTEP / 2 - 1 : 0, RPIN = RSTEP > 1 ? RSTEP / 2 - 1 : 0;
reg [15:0] rows [0:255];
reg [15:0] row;
reg [2:0] chosen;
integer i;
initial begin
  for (i = 0; i < 256; i = i + 1) rows[i] = INIT[16 * i +: 16];
  row = 0;
  chosen = 0;
end
wire [15:0] kept, data;
genvar b;
generate
  for (b = 0; b < 16; b = b + 1) begin : bits
    assign data[b] = WDATA[b - b % WSTEP + WPIN];
    assign kept[b] = WSTEP == 1 ? MASK[b] : (WADDR[10:8] & (WSTEP - 1)) != b % WSTEP;
    assign RDATA[b] = b % RSTEP == RPIN & row[b - b % RSTEP + (chosen & (RSTEP - 1))];
  end
endgenerate
always @(posedge WCLK) if (WE & WCLKE)
  rows[WADDR[7:0]] <= (rows[WADDR[7:0]] & kept) | (data & ~kept);
always @(posedge RCLK) if (RE & RCLKE) begin
  row <= rows[RADDR[7:0]];
  chosen <= RADDR[10:8];
end
endmodule
";
