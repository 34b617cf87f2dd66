//! SB_MAC16, the UltraPlus's multiplier (Lattice FPGA-TN-02007), in the ways that the cores use.
//!
//! Behavioural model: the `Fabric::Inferred` Verilog of the block that places it.

/// Two 8 x 8 products, registered once.
const PAIR: &str = ".TOP_8x8_MULT_REG(1'b1), .BOT_8x8_MULT_REG(1'b1), .MODE_8x8(1'b1),
  .TOPOUTPUT_SELECT(2'b10), .BOTOUTPUT_SELECT(2'b10)";

/// Two unsigned 8 x 8 products of one multiplier, registered once:
/// `o[31:16] <= a[15:8] * b[15:8]`, `o[15:0] <= a[7:0] * b[7:0]`.
pub(crate) fn pair_8x8(name: &str, a: &str, b: &str, o: &str) -> String {
    instance(name, (a, false), (b, false), o, PAIR)
}

/// The same with signed `a`: products of a signed and an unsigned byte.
pub(crate) fn pair_8x8_signed(name: &str, a: &str, b: &str, o: &str) -> String {
    instance(name, (a, true), (b, false), o, PAIR)
}

/// An unsigned 16 x 16 product, its operands and its result registered: 2 clocks.
pub(crate) fn product_16x16(name: &str, a: &str, b: &str, o: &str) -> String {
    instance(
        name,
        (a, false),
        (b, false),
        o,
        ".A_REG(1'b1), .B_REG(1'b1), .PIPELINE_16x16_MULT_REG2(1'b1),
  .TOPOUTPUT_SELECT(2'b11), .BOTOUTPUT_SELECT(2'b11)",
    )
}

/// A 16 x 16 product, its result registered: 1 clock. Operands, and whether signed.
pub(crate) fn product_once(name: &str, a: (&str, bool), b: (&str, bool), o: &str) -> String {
    instance(
        name,
        a,
        b,
        o,
        ".PIPELINE_16x16_MULT_REG2(1'b1), .TOPOUTPUT_SELECT(2'b11), .BOTOUTPUT_SELECT(2'b11)",
    )
}

/// A 16 x 16 product with every register on its way: 3 clocks. Operands, and whether signed.
pub(crate) fn product_pipelined(name: &str, a: (&str, bool), b: (&str, bool), o: &str) -> String {
    instance(
        name,
        a,
        b,
        o,
        ".A_REG(1'b1), .B_REG(1'b1), .TOP_8x8_MULT_REG(1'b1), .BOT_8x8_MULT_REG(1'b1),
  .PIPELINE_16x16_MULT_REG1(1'b1), .PIPELINE_16x16_MULT_REG2(1'b1),
  .TOPOUTPUT_SELECT(2'b11), .BOTOUTPUT_SELECT(2'b11)",
    )
}

fn instance(
    name: &str,
    (a, a_signed): (&str, bool),
    (b, b_signed): (&str, bool),
    o: &str,
    parameters: &str,
) -> String {
    let (a_signed, b_signed) = (u8::from(a_signed), u8::from(b_signed));
    format!(
        "\
(* keep *) SB_MAC16 #(
  .NEG_TRIGGER(1'b0), .A_SIGNED(1'b{a_signed}), .B_SIGNED(1'b{b_signed}),
  {parameters}
) {name} (
  .CLK(clock), .CE(1'b1), .A({a}), .B({b}), .C(16'd0), .D(16'd0), .O({o}),
  .AHOLD(1'b0), .BHOLD(1'b0), .CHOLD(1'b0), .DHOLD(1'b0), .IRSTTOP(1'b0), .IRSTBOT(1'b0),
  .ORSTTOP(1'b0), .ORSTBOT(1'b0), .OLOADTOP(1'b0), .OLOADBOT(1'b0), .ADDSUBTOP(1'b0),
  .ADDSUBBOT(1'b0), .OHOLDTOP(1'b0), .OHOLDBOT(1'b0), .CI(1'b0), .ACCUMCI(1'b0),
  .SIGNEXTIN(1'b0)
);
"
    )
}
