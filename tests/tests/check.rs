//! `check` on a device that is wrong: it names the first step at which a bit differs.

use fixlearn::device::Device;
use fixlearn::input::{Layout, Quantization, Samples, Selection};
use fixlearn::link::port::Simulated;
use fixlearn::order::Passes;
use fixlearn::session::{compare, Departure};
use fixlearn::task::Task;
use fixlearn::tasks::codebook::{Codebook, Init, Plan};
use fixlearn::tasks::optimize::Optimize;
use fixlearn_sim::board::Board;
use fixlearn_sim::golden::arith::xorshift64;
use fixlearn_tests::cores::gradient::valley;
use fixlearn_tests::cores::{built, design, Tested};

/// Where a board whose Verilog is changed departs from the golden model in this task.
fn departs<T: Task>(task: &T, data: &T::Data, mutate: fn(&str) -> String) -> Option<Departure>
where
    T::Core: Tested,
{
    let design = design::<T::Core>(T::Core::SIZE);
    let verilog = mutate(&design.top_verilog().expect("on offer"));
    let board = Board::from_verilog(&verilog, design.as_ref()).expect("it verilates");
    let mut device = Device::open(Box::new(Simulated::new(board))).expect("it answers");
    let start = task.start(data, &device.built()).expect("what is held");
    compare(&mut device, task, &start, data, task.steps(data), 64, Passes::default())
        .expect("it runs")
}

const VECTORS: usize = 300;

/// Vectors of four bytes.
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
        file: None,
        coarse: None,
        layout: Layout::Table { rows: VECTORS, columns: 4 },
        quantization: Quantization::IDENTITY,
        given: Vec::new(),
        names: Vec::new(),
        selection: Selection::default(),
        unused: Vec::new(),
    }
}

fn codebook(samples: &Samples) -> Codebook {
    let plan = Plan {
        frequency_passes: 1,
        seed: 3,
        init: Init::Random,
        count_based: false,
        fresh_counts: false,
        rate_shift: 3,
        rate_final: 3,
        ..Plan::new(16, 1)
    };
    Codebook::new(plan, samples, None)
}

fn optimize() -> Optimize {
    let start = valley(6, false, false);
    Optimize { iterations: 300, every: 1000, early: false, tolerance: None, start }
}

#[test]
fn a_right_device_is_equal() {
    let samples = samples();
    assert!(departs(&codebook(&samples), &samples, str::to_string).is_none());
    assert!(departs(&optimize(), &(), str::to_string).is_none());
}

#[test]
fn a_wrong_quantizer_departs_at_the_first_half() {
    // Halves round down: the first step whose dropped bits are exactly a half shows it.
    let samples = samples();
    let task = codebook(&samples);
    let design = design::<<Codebook as Task>::Core>("16x4x1+residues");
    let sizes = built::<<Codebook as Task>::Core>(design.as_ref());
    let mut golden = task.start(&samples, &sizes).expect("what is held");
    let numbers = Passes::default().numbers(task.order(&samples), 0..VECTORS as u64);
    let expected = numbers.into_iter().position(|i| {
        let before = golden.codebook.clone();
        let x = samples.vector(i);
        let at = golden.adapt(x).index * 4;
        (0..4).any(|k| {
            let difference = (i64::from(x[k]) << 7) - i64::from(before[at + k]);
            (difference << 8 >> 3) & 0xff == 0x80
        })
    });
    let found = departs(&task, &samples, |v| v.replace("nearest = 8'h80", "nearest = 8'h7f"));
    let found = found.expect("a departure");
    assert_eq!(Some(found.step as usize), expected, "{found:?}");
    assert!(found.what.contains("component") && found.what.contains("bit 0"), "{found:?}");
    assert!(found.clock > 0);
}

#[test]
fn a_wrong_gradient_core_departs_at_once() {
    // Without the sign of the product's factors the very first gradient is wrong.
    let found =
        departs(&optimize(), &(), |v| v.replace("high <= ~(hh2 + excess2)", "high <= ~hh2"));
    let found = found.expect("a departure");
    assert_eq!(found.step, 0, "{found:?}");
    // Registers come before memories.
    assert!(found.what.contains("register VALUE_LOW"), "{found:?}");
    assert!(found.clock > 0);
}
