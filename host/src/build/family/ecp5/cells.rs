//! Behavioural models of the ECP5's block RAM and multiplier (Lattice FPGA-TN-02204,
//! FPGA-TN-02205), of which yosys has only the outlines, in the modes that yosys uses: a RAM
//! without output registers, 9, 18 or 36 bits wide, one port writing and one reading, or a ROM; a
//! multiplier without registers. For the simulation of netlists.

/// DP16KD and MULT18X18D.
pub fn models() -> String {
    let bits = |name: &str, n: usize| -> Vec<String> {
        (0..n).rev().map(|i| format!("{name}{i}")).collect()
    };
    let list = |names: &[(&str, usize)]| {
        names.iter().flat_map(|&(name, n)| bits(name, n)).collect::<Vec<_>>().join(", ")
    };
    let vector = |name: &str, n: usize| format!("{{{}}}", bits(name, n).join(", "));
    let slices: Vec<String> = (0..64).map(|i| format!("INITVAL_{i:02X}")).collect();
    let parameters: Vec<String> = slices.iter().map(|s| format!("[319:0] {s} = 0")).collect();
    let initial: String = slices
        .iter()
        .enumerate()
        .map(|(i, s)| {
            format!(
                "  for (i = 0; i < 16; i = i + 1) begin\n    \
                 mem[2*({i}*16+i)] = {s}[20*i +: 9]; mem[2*({i}*16+i)+1] = {s}[20*i+9 +: 9];\n  \
                 end\n"
            )
        })
        .collect();
    format!(
        "
module DP16KD #(
  parameter {parameters},
  parameter DATA_WIDTH_A = 18, DATA_WIDTH_B = 18, REGMODE_A = \"NOREG\", REGMODE_B = \"NOREG\",
  RESETMODE = \"\", ASYNC_RESET_RELEASE = \"\", CSDECODE_A = \"\", CSDECODE_B = \"\",
  WRITEMODE_A = \"\", WRITEMODE_B = \"\", GSR = \"\", CLKAMUX = \"\", CLKBMUX = \"\",
  INIT_DATA = \"\"
) (
  input {inputs},
  input CEA, OCEA, CLKA, WEA, RSTA, CEB, OCEB, CLKB, WEB, RSTB,
  output {outputs}
);
wire [13:0] ada = {ada};
wire [13:0] adb = {adb};
wire [35:0] di = {{{dib}, {dia}}};
reg [8:0] mem [0:2047];
reg [17:0] qa, qb;
integer i;
initial begin
  qa = 0; qb = 0;
{initial}end
// Port A writes: bytes of 9 bits, each with its enable in the low address bits.
always @(posedge CLKA) if (CEA & WEA) begin
  if (DATA_WIDTH_A == 36) begin
    if (ada[0]) mem[{{ada[13:5], 2'd0}}] <= di[8:0];
    if (ada[1]) mem[{{ada[13:5], 2'd1}}] <= di[17:9];
    if (ada[2]) mem[{{ada[13:5], 2'd2}}] <= di[26:18];
    if (ada[3]) mem[{{ada[13:5], 2'd3}}] <= di[35:27];
  end else if (DATA_WIDTH_A == 18) begin
    if (ada[0]) mem[{{ada[13:4], 1'd0}}] <= di[8:0];
    if (ada[1]) mem[{{ada[13:4], 1'd1}}] <= di[17:9];
  end else mem[ada[13:3]] <= di[8:0];
end
// A port that does not write reads; 36 bits come from both, at port B's address.
wire wide = DATA_WIDTH_B == 36;
wire [13:0] at = wide ? adb : ada;
wire reads = wide ? CEB & !WEB : CEA & !WEA;
wire clock_a = wide ? CLKB : CLKA;
always @(posedge clock_a) if (reads)
  qa <= DATA_WIDTH_A == 9 ? {{9'd0, mem[at[13:3]]}}
    : wide ? {{mem[{{at[13:5], 2'd1}}], mem[{{at[13:5], 2'd0}}]}}
    : {{mem[{{at[13:4], 1'd1}}], mem[{{at[13:4], 1'd0}}]}};
always @(posedge CLKB) if (CEB & !WEB)
  qb <= DATA_WIDTH_B == 9 ? {{9'd0, mem[adb[13:3]]}}
    : wide ? {{mem[{{adb[13:5], 2'd3}}], mem[{{adb[13:5], 2'd2}}]}}
    : {{mem[{{adb[13:4], 1'd1}}], mem[{{adb[13:4], 1'd0}}]}};
assign {doa} = qa;
assign {dob} = qb;
endmodule

module MULT18X18D #(
  parameter REG_INPUTA_CLK = \"NONE\", REG_INPUTB_CLK = \"NONE\", REG_INPUTC_CLK = \"NONE\",
  REG_PIPELINE_CLK = \"NONE\", REG_OUTPUT_CLK = \"NONE\"
) (
  input {operands},
  input SIGNEDA, SIGNEDB, SOURCEA, SOURCEB, CLK0, CLK1, CLK2, CLK3, CE0, CE1, CE2, CE3, RST0, RST1,
  RST2, RST3,
  output {product}
);
wire [17:0] a = {a};
wire [17:0] b = {b};
wire signed [35:0] wide_a = {{{{18{{SIGNEDA & a[17]}}}}, a}};
wire signed [35:0] wide_b = {{{{18{{SIGNEDB & b[17]}}}}, b}};
wire [35:0] p = wide_a * wide_b;
assign {p} = p;
endmodule
",
        parameters = parameters.join(", "),
        inputs =
            list(&[("DIA", 18), ("ADA", 14), ("CSA", 3), ("DIB", 18), ("ADB", 14), ("CSB", 3)]),
        outputs = list(&[("DOA", 18), ("DOB", 18)]),
        ada = vector("ADA", 14),
        adb = vector("ADB", 14),
        dia = vector("DIA", 18),
        dib = vector("DIB", 18),
        doa = vector("DOA", 18),
        dob = vector("DOB", 18),
        operands = list(&[("A", 18), ("B", 18), ("C", 18), ("SRIA", 18), ("SRIB", 18)]),
        product = list(&[("P", 36)]),
        a = vector("A", 18),
        b = vector("B", 18),
        p = vector("P", 36),
    )
}
