//! `check` on a device that is wrong: it names the first vector at which a bit differs.

use fixlearn::data::{Layout, Quantization, Samples};
use fixlearn::device::Device;
use fixlearn::port::Simulated;
use fixlearn::train::{compare, order, Init, Plan};
use fixlearn_hdl::design::{Design, ALL_OBJECTIVES};
use fixlearn_hdl::fabric::Fabric;
use fixlearn_sim::board::Board;
use fixlearn_sim::golden::vq::{xorshift64, Metric, Rounding};
use fixlearn_tests::vq::design;

const VECTORS: usize = 300;

fn samples() -> Samples {
    let mut noise = 12345;
    let vectors = (0..VECTORS * 4)
        .map(|_| {
            noise = xorshift64(noise);
            (noise >> 40) as u8
        })
        .collect();
    Samples {
        vectors,
        layout: Layout::Table { rows: VECTORS, columns: 4 },
        quantization: Quantization::IDENTITY,
    }
}

fn plan() -> Plan {
    Plan {
        codewords: 16,
        passes: 1,
        frequency_passes: 1,
        seed: 3,
        init: Init::Random,
        metric: Metric::SquaredL2,
        rounding: Rounding::Nearest,
        count_based: false,
        rate_shift: 3,
        rate_final: 3,
        rate_period: 0,
        radius: 0,
        radius_period: 0,
        columns_log2: 8,
        falloff: 0,
        count_cap: 65535,
    }
}

fn device(mutate: impl Fn(&str) -> String) -> Device {
    let design = design(16, 4, 1);
    let verilog = mutate(&design.top_verilog().expect("on offer"));
    let board = Board::from_verilog(&verilog, &design).expect("it verilates");
    Device::open(Box::new(Simulated::new(board))).expect("it answers")
}

#[test]
fn a_right_device_is_equal() {
    let found = compare(&mut device(str::to_string), &samples(), &plan(), VECTORS as u64, 64);
    assert!(found.expect("it runs").is_none());
}

#[test]
fn a_wrong_device_departs_at_the_first_half() {
    // Halves round down: the first step whose dropped bits are exactly a half shows it.
    let (samples, plan) = (samples(), plan());
    let mut golden = plan.start(&samples, 1);
    let expected = order(plan.seed, 0, VECTORS).into_iter().position(|i| {
        let before = golden.codebook.clone();
        let x = samples.vector(i);
        let at = golden.learn(x).index * 4;
        (0..4).any(|k| {
            let difference = (i64::from(x[k]) << 7) - i64::from(before[at + k]);
            (difference << 8 >> 3) & 0xff == 0x80
        })
    });
    let mut device = device(|v| v.replace("nearest = 8'h80", "nearest = 8'h7f"));
    let found = compare(&mut device, &samples, &plan, VECTORS as u64, 64)
        .expect("it runs")
        .expect("a departure");
    assert_eq!(Some(found.vector as usize), expected, "{found:?}");
    assert!(found.what.contains("codeword") && found.what.contains("bit 0"), "{found:?}");
    assert!(found.cycle > 0);
}

/// The gradient core's: right over many iterations, and wrong from the one on that shows it.
#[test]
fn a_gradient_core_is_right_or_departs_where_it_does() {
    use fixlearn::gradient::check::compare;
    use fixlearn::gradient::device::Device;
    use fixlearn::gradient::run::{Run, Task};
    use fixlearn_hdl::design::GradientDesign;

    let design = GradientDesign {
        objectives: ALL_OBJECTIVES,
        fabric: Fabric::Inferred,
        clock_hz: 12_000_000,
        baud: 3_000_000,
    };
    let task = Task::Optimize { iterations: 300, every: 1, trace: Vec::new() };
    let mut run = Run::new(fixlearn_tests::gradient::valley(6, false, false), task);
    (0..300).for_each(|_| drop(run.state.iterate(None)));
    let found = |mutate: fn(&str) -> String| {
        let verilog = mutate(&design.top_verilog().expect("on offer"));
        let board = Board::from_verilog(&verilog, &design).expect("it verilates");
        let mut device = Device::open(Box::new(Simulated::new(board))).expect("it answers");
        compare(&mut device, &run, None, 64).expect("it runs")
    };
    assert_eq!(found(str::to_string), None);
    // Without the sign of the product's factors the very first gradient is wrong.
    let wrong = found(|v| v.replace("high <= ~(hh2 + excess2)", "high <= ~hh2"));
    let (at, what) = wrong.expect("a departure");
    assert_eq!(at, 0, "{what}");
    assert!(what.contains("component"), "{what}");
}
