use fixlearn_hdl::design::*;
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let n = |i: usize| a[i].parse::<u16>().unwrap();
    let d = VqDesign {
        size: VqSize { codewords: n(2), dimension: n(3), lanes: n(4) as u8 },
        residues: a[5] == "1",
        clock_hz: 12_000_000,
        baud: 3_000_000,
    };
    print!("{}", if a[1] == "top" { d.top_verilog() } else { d.core_verilog() }.unwrap());
}
