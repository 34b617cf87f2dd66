//! `stored`: twenty passes over vectors that stay on the board, beside the same passes streamed.
//!
//! The clocks of a vector are those of the co-simulated core behind its sample memory, with all
//! codewords and dimensions in use; Fmax is nextpnr's, of the whole design with its link
//! (`tests/stored.csv`), or the 70 MHz that an SDRAM takes; what the line takes is the bytes of
//! the frames at the board's baud.

use fixlearn::build::boards::find;
use fixlearn_hdl::design::{self, Target};
use fixlearn_hdl::fabric::Fabric;
use fixlearn_map::link::{FRAME_OVERHEAD, PAYLOAD_MAX};
use fixlearn_map::samples::{column, memory};
use fixlearn_map::{gradient, vq};
use fixlearn_sim::golden::core::{Core as Golden, Place};
use fixlearn_tests::bars::Bars;
use fixlearn_tests::cores::gradient::Gradient;
use fixlearn_tests::cores::vq::Vq;
use fixlearn_tests::cores::{built, Tested};
use fixlearn_tests::cosim::core;
use std::process::ExitCode;

const PASSES: f64 = 20.0;
/// Of a WRITE: memory, row, column.
const ADDRESS: usize = 4;

/// A line of the table of builds.
struct Build {
    board: String,
    core: String,
    size: String,
    dimension: u32,
    vectors: u64,
    fmax_mhz: f64,
}

/// The table of builds.
fn builds() -> impl Iterator<Item = Build> {
    let lines = include_str!("../stored.csv").lines().skip(1);
    lines.map(|line| {
        let [board, core, size, dimension, vectors, fmax] =
            line.split(',').collect::<Vec<_>>()[..].try_into().expect("six columns");
        Build {
            board: board.into(),
            core: core.into(),
            size: size.into(),
            dimension: dimension.parse().expect("a number"),
            vectors: vectors.parse().expect("a number"),
            fmax_mhz: fmax.parse().expect("a number"),
        }
    })
}

fn main() -> ExitCode {
    let mut bars = Bars::default();
    println!(
        "| board | size | dimensions | vectors | clocks a vector | MHz | Mbaud | sent once, s | \
         {PASSES} passes stored, s | streamed, s | streamed / stored |\n\
         |---|---|---|---|---|---|---|---|---|---|---|"
    );
    for build in builds() {
        let board = find(&build.board).expect("a board");
        // Its own cells cannot be simulated here; with logic it has as many update units.
        let fabric = match board.fabric {
            Fabric::Mac16 => Fabric::Logic,
            other => other,
        };
        let (clocks, bytes) = match build.core.as_str() {
            "vq" => clocks::<Vq>(&build, fabric, &[(vq::DIMENSION, build.dimension)]),
            _ => {
                let settings = [(gradient::OBJECTIVE, 2), (gradient::DIMENSION, build.dimension)];
                clocks::<Gradient>(&build, fabric, &settings)
            }
        };
        let vectors = build.vectors as f64;
        let learn = clocks / (build.fmax_mhz * 1e6);
        let on_line = |payload, header| on_line(payload, header) / f64::from(board.baud);
        let once = vectors * bytes as f64 * on_line(PAYLOAD_MAX - ADDRESS, ADDRESS);
        let stored = once + PASSES * vectors * learn;
        let whole = PAYLOAD_MAX / bytes * bytes;
        let streamed = PASSES * vectors * learn.max(bytes as f64 * on_line(whole, 0));
        let Build { size, dimension, vectors, fmax_mhz, .. } = &build;
        let title = &board.title;
        println!(
            "| {title} | {size} | {dimension} | {vectors} | {clocks} | {fmax_mhz:.1} | {:.3} | \
             {once:.2} | {stored:.2} | {streamed:.2} | {:.1} |",
            f64::from(board.baud) / 1e6,
            streamed / stored
        );
        match (build.board.as_str(), build.core.as_str()) {
            ("ulx3s-85f", "vq") => {
                let ratio = stored / once;
                let name = "20 passes over camera on the ULX3S-85F, to sending it once";
                let name = format!("{name}, {size}");
                bars.say(&name, format!("{ratio:.2}"), "at most 1.5", ratio <= 1.5);
            }
            ("icebreaker", "vq") => {
                let ratio = stored / streamed;
                let name = "20 passes over camera's half on the iCEBreaker, to streaming's time";
                bars.say(name, format!("{ratio:.3}"), "at most a quarter", ratio <= 0.25);
            }
            (_, "gradient") => {
                let formula = f64::from(6 * build.dimension + 62);
                let name = format!("clocks of a sample of {dimension} dimensions, gradient core");
                bars.say(&name, clocks, &format!("6 D + 62 = {formula}"), clocks <= formula);
            }
            _ => {}
        }
    }
    bars.status()
}

/// Bits on the line for each byte of `payload`, of which a frame carries so many behind a header:
/// COBS adds a byte, and a delimiter follows.
fn on_line(payload: usize, header: usize) -> f64 {
    10.0 * (payload + header + FRAME_OVERHEAD + 2) as f64 / payload as f64
}

/// Clocks from one vector to the next in a pass over the sample memory, in an order by a key, and
/// the bytes of a vector.
fn clocks<C: Tested>(build: &Build, fabric: Fabric, settings: &[(u8, u32)]) -> (f64, usize) {
    let kind = design::find(&build.core).expect("a core");
    let clock_hz = (build.fmax_mhz * 1e6) as u32;
    let target = Target { fabric, clock_hz, ..Target::SIMULATED };
    let design = kind.parse(&build.size, target).expect("on offer");
    let mut core = core::<C>(design.as_ref(), str::to_string);
    let mut state = C::power_up(&built::<C>(design.as_ref()));
    for &(register, word) in settings {
        assert!(Golden::write(&mut state, Place::register(register), word), "in range");
    }
    assert!(core.load(&state), "it takes the state");
    let mut set = |column, word| {
        assert!(core.bus.write(Place { memory: memory::ORDER, row: 0, column }, word));
        core.bus.wait_free()
    };
    set(column::LAST, build.vectors as u32 - 1);
    set(column::KEY, 0x1234_5678);
    // An SDRAM takes none before its power is up.
    set(column::LEARN, 1);
    let one = set(column::LEARN, 1);
    let many = set(column::LEARN, 101);
    ((many - one) as f64 / 100.0, state.vector_bytes())
}
