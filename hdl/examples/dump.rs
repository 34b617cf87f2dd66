use fixlearn_hdl::design::*;
use fixlearn_hdl::fabric::Fabric;
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let n = |i: usize| a[i].parse::<u16>().unwrap();
    let fabric = |s: &str| match s {
        "i" => Fabric::Inferred,
        "m" => Fabric::Mac16,
        _ => Fabric::Logic,
    };
    let d = || VqDesign {
        size: VqSize { codewords: n(2), dimension: n(3), lanes: n(4) as u8 },
        residues: false,
        fabric: fabric(&a[5]),
        clock_hz: 24_000_000,
        baud: 1_000_000,
    };
    let v = match a[1].as_str() {
        "g" => GradientDesign {
            objectives: n(2),
            fabric: fabric(&a[3]),
            clock_hz: 24_000_000,
            baud: 1_000_000,
        }
        .top_verilog(),
        "gc" => Some(
            GradientDesign {
                objectives: n(2),
                fabric: fabric(&a[3]),
                clock_hz: 24_000_000,
                baud: 1_000_000,
            }
            .core_verilog(),
        ),
        "vc" => d().core_verilog(),
        _ => d().top_verilog(),
    };
    print!("{}", v.unwrap());
}
