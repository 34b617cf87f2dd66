//! RustHDL's own simulator beside Verilator: each block has a model in Rust beside its Verilog.

use fixlearn::link::frame::Frame;
use fixlearn_hdl::design::{find, in_rust_hdl, Target};
use fixlearn_map::link::command::IDENTIFY;
use fixlearn_sim::cosim::{build, Flags};

/// Clocks of a bit on the line, 12 MHz for 3 Mbaud.
const BIT: usize = 4;

/// The whole design, UART and link included, says who it is, clock for clock as its Verilog does.
#[test]
fn the_whole_design_answers_as_its_verilog_does() {
    let design = find("vq").and_then(|kind| kind.parse("64x16x8", Target::SIMULATED));
    let verilog = design.expect("on offer").top_verilog().expect("on offer");
    let mut model = build(&verilog, Flags::default()).expect("it verilates");
    let (rx, tx) = (model.port("rx"), model.port("tx"));
    let mut own = in_rust_hdl();
    let asked = Frame { command: IDENTIFY, sequence: 0, payload: vec![0; 4] };
    let bits = asked.encode().into_iter().flat_map(|byte| {
        let data = (0..8).map(move |i| byte >> i & 1 == 1);
        std::iter::once(false).chain(data).chain([true])
    });
    let line = bits.flat_map(|level| [level; BIT]);
    // Clearing comes first.
    let levels = [true; 600].into_iter().chain(line).chain([true; 3000]);
    let mut low = 0;
    for (clock, level) in levels.enumerate() {
        model.set(rx, level.into());
        model.step();
        let answer = own.step(level).expect("it comes to rest");
        assert_eq!(answer, model.get(tx) == 1, "clock {clock}");
        low += usize::from(!answer);
    }
    assert!(low > 40 * BIT, "it answered nothing: {low} clocks low");
}
