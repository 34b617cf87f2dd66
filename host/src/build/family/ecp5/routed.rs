//! What nextpnr-ecp5 routed, as Verilog: the netlist after packing, placement and routing, in the
//! cells of the device.

use crate::build::family::Routed;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::Write;

/// Reads a netlist that nextpnr wrote (`--write`).
///
/// # Errors
/// If it is none, or a cell of it has no model.
pub fn read(netlist: &Value) -> Result<Routed, String> {
    let cells = netlist["modules"]["top"]["cells"].as_object();
    let cells = cells.ok_or("is no netlist of nextpnr's; build it again")?;
    let (mut nets, mut body, mut clock) = (BTreeSet::new(), String::new(), None);
    for (number, (name, value)) in cells.iter().enumerate() {
        let cell = Cell::of(value).ok_or_else(|| format!("has a cell {name} that is none"))?;
        let mut net = |port: &str| {
            let bit = cell.bit(port)?;
            Some(match bit.as_u64() {
                Some(n) => {
                    nets.insert(n);
                    format!("n{n}")
                }
                None => format!("1'b{}", bit.as_str()?),
            })
        };
        let _ = match cell.kind {
            "TRELLIS_IO" => {
                let pin = name.split('$').next().unwrap_or_default();
                let high = || "1'b1".to_string();
                match cell.parameter("DIR") {
                    "INPUT" => {
                        let o = net("O").ok_or_else(|| format!("leaves {pin} unused"))?;
                        writeln!(body, "assign {o} = {pin};")
                    }
                    _ => writeln!(body, "assign {pin} = {};", net("I").unwrap_or_else(high)),
                }
            }
            // It passes its reference through: the clock is the design's, not the oscillator's.
            "EHXPLLL" => {
                let divider = |name| number_of(cell.parameter(name)).filter(|n| *n > 0);
                clock = divider("CLKI_DIV").zip(divider("CLKFB_DIV"));
                let fed_back = cell.parameter("FEEDBK_PATH") == "CLKOP";
                let (clki, clkop) = (net("CLKI"), net("CLKOP"));
                let (Some(clki), Some(clkop), Some(_), true) = (clki, clkop, clock, fed_back)
                else {
                    return Err("has a PLL that is not set as a build sets it".into());
                };
                let lock = net("LOCK").map(|lock| format!("assign {lock} = 1'b1;\n"));
                write!(body, "assign {clkop} = {clki};\n{}", lock.unwrap_or_default())
            }
            kind if MODELLED.contains(&kind) => {
                let ports = cell.ports(&mut net);
                let parameters = cell.parameters();
                writeln!(body, "{kind} #({parameters}) c{number} ({ports});")
            }
            kind => return Err(format!("has a cell {kind}, which has no model")),
        };
    }
    let nets: Vec<String> = nets.into_iter().map(|n| format!("n{n}")).collect();
    Ok(Routed { body: format!("wire {};\n{body}", nets.join(", ")), clock, models: MODELS })
}

/// Of these there are models: here, and of those that yosys outlines, too.
const MODELLED: [&str; 6] =
    ["TRELLIS_COMB", "TRELLIS_FF", "TRELLIS_RAMW", "DCCA", "DP16KD", "MULT18X18D"];

/// A cell of the netlist; each of its ports is a bit.
struct Cell<'a> {
    kind: &'a str,
    parameters: &'a serde_json::Map<String, Value>,
    directions: &'a serde_json::Map<String, Value>,
    connections: &'a serde_json::Map<String, Value>,
}

impl<'a> Cell<'a> {
    fn of(value: &'a Value) -> Option<Self> {
        Some(Self {
            kind: value["type"].as_str()?,
            parameters: value["parameters"].as_object()?,
            directions: value["port_directions"].as_object()?,
            connections: value["connections"].as_object()?,
        })
    }

    fn bit(&self, port: &str) -> Option<&'a Value> {
        self.connections.get(port)?.as_array()?.first()
    }

    fn parameter(&self, name: &str) -> &'a str {
        self.parameters.get(name).and_then(Value::as_str).unwrap_or_default().trim_end()
    }

    /// Of a hard block the choice at each input, which stands among its parameters.
    fn choices(&self) -> bool {
        ["DP16KD", "MULT18X18D"].contains(&self.kind)
    }

    /// The connections, with what the device gives an input that has none.
    fn ports(&self, net: &mut impl FnMut(&str) -> Option<String>) -> String {
        let mut ports = Vec::new();
        for (port, direction) in self.directions {
            let wire = net(port);
            if direction != "input" {
                ports.extend(wire.map(|wire| format!(".{port}({wire})")));
                continue;
            }
            let low = match self.kind {
                "TRELLIS_FF" => ["LSR", "M"].contains(&port.as_str()),
                "TRELLIS_COMB" => {
                    ["FCI", "WRE", "WCK", "WD", "F1", "FXA", "FXB"].contains(&port.as_str())
                }
                _ => false,
            };
            let free = if low { "1'b0" } else { "1'b1" };
            let choice = if self.choices() { self.parameter(&format!("{port}MUX")) } else { "" };
            let value = match (choice, wire) {
                ("0", _) | ("INV", None) => "1'b0".into(),
                ("1", _) => "1'b1".into(),
                ("INV", Some(wire)) => format!("!{wire}"),
                (_, wire) => wire.unwrap_or_else(|| free.into()),
            };
            ports.push(format!(".{port}({value})"));
        }
        ports.join(", ")
    }

    fn parameters(&self) -> String {
        let mut parameters: Vec<String> = Vec::new();
        for name in self.parameters.keys() {
            if self.choices() && name.ends_with("MUX") {
                continue;
            }
            // A word of bits; a text of such digits ends with a space.
            let raw = self.parameters[name].as_str().unwrap_or_default();
            let binary = !raw.is_empty() && raw.chars().all(|c| c == '0' || c == '1');
            let value = raw.trim_end();
            parameters.push(match binary {
                true => format!(".{name}({}'b{value})", value.len()),
                false => format!(".{name}(\"{value}\")"),
            });
        }
        // The upper of two multiplexers in a slice chooses between those of both.
        if self.kind == "TRELLIS_COMB" && self.bit("FXA").is_some() {
            parameters.push(".IS_Z1(1)".into());
        }
        parameters.join(", ")
    }
}

/// A parameter that is a number: digits of a word, or decimal.
fn number_of(text: &str) -> Option<u32> {
    match text.len() {
        32 => u32::from_str_radix(text, 2).ok(),
        _ => text.parse().ok(),
    }
}

/// Behavioural models of a slice's parts (Lattice FPGA-TN-02205, Project Trellis): LUT, carry,
/// distributed RAM and multiplexer; the RAM's write port; the flip-flop.
const MODELS: &str = "
module TRELLIS_FF #(
  parameter GSR = \"\", CEMUX = \"\", CLKMUX = \"CLK\", LSRMUX = \"LSR\", SRMODE = \"LSR_OVER_CE\",
  REGSET = \"RESET\", SD = \"0\", LSRMODE = \"LSR\"
) (input CLK, LSR, CE, DI, M, output reg Q);
  wire ce = CEMUX == \"1\" ? 1'b1 : CEMUX == \"0\" ? 1'b0 : CEMUX == \"INV\" ? !CE : CE;
  wire lsr = LSRMUX == \"INV\" ? !LSR : LSR;
  wire clk = CLKMUX == \"INV\" ? !CLK : CLK;
  wire v = REGSET == \"SET\";
  wire d = SD == \"1\" ? DI : M;
  initial Q = v;
  generate
    if (SRMODE == \"ASYNC\") begin
      always @(posedge clk, posedge lsr) if (lsr) Q <= v; else if (ce) Q <= d;
    end else if (SRMODE == \"CE_OVER_LSR\") begin
      always @(posedge clk) if (ce) Q <= lsr ? v : d;
    end else begin
      always @(posedge clk) if (lsr) Q <= v; else if (ce) Q <= d;
    end
  endgenerate
endmodule
module TRELLIS_COMB #(
  parameter MODE = \"LOGIC\", parameter [15:0] INITVAL = 0,
  parameter CCU2_INJECT1 = \"NO\", WREMUX = \"WRE\", WCKMUX = \"WCK\", IS_Z1 = 0
) (
  input A, B, C, D, M, FCI, F1, FXA, FXB, WD, WAD0, WAD1, WAD2, WAD3, WRE, WCK, DI0, DI1,
  output F, FCO, OFX
);
  wire l4 = INITVAL[{D, C, B, A}];
  wire l2 = INITVAL[{2'b00, B, A}];
  generate
    if (MODE == \"CCU2\") begin
      wire inj = CCU2_INJECT1 == \"YES\";
      assign F = l4 ^ (inj ? 1'b0 : FCI);
      assign FCO = (!l4 & !inj & l2) | (l4 & FCI);
    end else if (MODE == \"DPRAM\") begin
      wire wre = WREMUX == \"INV\" ? !WRE : WREMUX == \"0\" ? 1'b0 : WREMUX == \"1\" ? 1'b1 : WRE;
      reg [15:0] ram;
      initial ram = INITVAL;
      always @(posedge WCK) if (wre) ram[{WAD3, WAD2, WAD1, WAD0}] <= WD;
      assign F = ram[{A, C, B, D}];
      assign FCO = 0;
    end else begin
      assign F = l4;
      assign FCO = 0;
    end
    if (IS_Z1) assign OFX = M ? FXB : FXA;
    else assign OFX = M ? F1 : F;
  endgenerate
endmodule
module TRELLIS_RAMW (
  input A0, A1, B0, B1, C0, C1, D0, D1,
  output WDO0, WDO1, WDO2, WDO3, WADO0, WADO1, WADO2, WADO3
);
  assign WDO0 = C1;
  assign WDO1 = A1;
  assign WDO2 = D1;
  assign WDO3 = B1;
  assign WADO0 = D0;
  assign WADO1 = B0;
  assign WADO2 = C0;
  assign WADO3 = A0;
endmodule
";
