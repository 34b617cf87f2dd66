use fixlearn_hdl::design::*;
fn main() {
    let a = std::env::args().nth(1).unwrap();
    let d = GradientDesign { clock_hz: 12_000_000, baud: 3_000_000 };
    print!(
        "{}",
        if a == "core" { GradientDesign::core_verilog() } else { d.top_verilog().unwrap() }
    );
}
