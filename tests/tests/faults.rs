//! The link over a line with faults: nothing is lost, nothing applied twice.

use fixlearn::device::Device;
use fixlearn::link::frame::{Frame, Splitter};
use fixlearn_hdl::design::VqDesign;
use fixlearn_map::link::{command, PAYLOAD_MAX, REPLY};
use fixlearn_sim::golden::core::{difference, Core};
use fixlearn_sim::golden::cores::vq::Vq;
use fixlearn_tests::cores::vq::{design, open_vq};
use fixlearn_tests::line::{noise, start, train};
use std::time::Duration;

/// A bit in 10,000 flipped, a byte in 100 lost.
const BAD: &str = "ber=1e-4,lost=0.01";

#[test]
fn training_over_a_bad_line_ends_with_the_golden_models_bits() {
    let bad = train(&design(16, 16, 4), 5000, &format!("{BAD},seed=1"), None);
    println!("{:?} {:?} {:.1} %", bad.link, bad.device, 100.0 * bad.share);
    assert!(bad.equal);
    assert!(bad.link.resent > 100 && bad.link.negative > 100, "{:?}", bad.link);
    assert!(bad.device.crc_errors > 10 && bad.device.duplicates > 10, "{:?}", bad.device);
    assert_eq!(bad.device.overruns, 0);
    let again = train(&design(16, 16, 4), 5000, &format!("{BAD},seed=1"), None);
    assert_eq!((again.link, again.device), (bad.link, bad.device), "the seed decides all");
}

#[test]
fn every_kind_of_fault_is_survived() {
    for (i, faults) in [
        "ber=1e-3",
        "lost=0.02",
        "doubled=0.02",
        "inserted=0.02",
        "breaks=0.01",
        "stalls=0.005",
        "unplug@600,unplug@1501,unplug@2402",
        "reset@800,reset@3004",
        "ber=1e-4,lost=0.002,doubled=0.002,inserted=0.002,breaks=0.001,stalls=0.0002,\
         unplug@1000,reset@3000",
    ]
    .iter()
    .enumerate()
    {
        let bad = train(&design(16, 4, 1), 500, &format!("{faults},seed={i}"), None);
        println!("{faults}: {:?} {:?} {:.2} %", bad.link, bad.device, 100.0 * bad.share);
        assert!(bad.equal, "{faults}");
        let l = bad.link;
        let noticed = l.resent + l.timeouts + l.reconnections + l.resets > 0;
        assert!(noticed || faults.starts_with("stalls") && bad.share < 0.5, "{faults}: {l:?}");
        assert_eq!(l.reconnections, faults.matches("unplug").count() as u64, "{faults}");
        assert_eq!(l.resets, faults.matches("reset").count() as u64, "{faults}");
        assert_eq!(bad.device.overruns, 0, "{faults}");
    }
}

#[test]
fn recall_and_read_come_through_whole() {
    let design = design(16, 4, 1);
    let mut device = open_vq(&design, &format!("{BAD},doubled=0.005,seed=3"));
    let mut golden = start(16, 4, 1);
    let vectors = noise(5, 4 * 700);
    device.load(&golden).expect("it loads");
    device.learn(vectors.clone()).expect("it learns");
    device.finish().expect("it answers");
    vectors.chunks(4).for_each(|v| {
        golden.adapt(v);
    });
    let mut found = start(16, 4, 1);
    device.save(&mut found).expect("it reads");
    assert_eq!(difference(&found, &golden), None);
    let recalled = device.recall(&vectors, |_| {}).expect("it recalls");
    assert_eq!(recalled.len(), 700);
    assert!(recalled.iter().zip(vectors.chunks(4)).all(|(a, v)| *a == golden.recall(v)));
}

/// On a clean line, what is not samples: headers, CRCs, COBS, delimiters, questions, and the time
/// in which the line stands still.
#[test]
fn a_clean_line_carries_samples() {
    for (frame, most) in [(Some(64), 0.10), (Some(PAYLOAD_MAX), 0.03), (None, 0.035)] {
        let clean = train(&design(16, 16, 4), 5000, "", frame);
        assert!(clean.equal && clean.link.resent == 0 && clean.link.timeouts == 0);
        let bytes = 1.0 - clean.link.sample_bytes as f64 / clean.bytes as f64;
        let time = 1.0 - clean.share;
        println!(
            "{frame:?}: {:.2} % of the bytes, {:.2} % of the time",
            100.0 * bytes,
            100.0 * time
        );
        assert!(bytes <= most && time <= most, "{frame:?}: {bytes} {time}");
    }
}

/// Frames are short on a bad line, long on a clean one, and long again when it gets better.
#[test]
fn frames_follow_the_line() {
    let clean = train(&design(16, 16, 4), 3000, "", None).link;
    let bad = train(&design(16, 16, 4), 1000, BAD, None).link;
    assert_eq!(clean.payload_most, 240, "fifteen vectors of the 249 bytes");
    assert_eq!(bad.payload_least, 16, "one vector");
    assert!(bad.frames > 700 && clean.frames < 400, "{} {}", bad.frames, clean.frames);
}

/// Registers that make the core slow: every vector moves all codewords.
fn slow() -> Vq {
    let mut vq = start(256, 16, 8);
    vq.config.radius = 255;
    vq.config.columns_log2 = 4;
    vq
}

/// A client that submits as fast as it can, to a core that is slower than the line, has no more
/// frames underway than the device has slots.
#[test]
fn a_host_that_keeps_to_the_slots_never_overruns_them() {
    let mut device = open_vq(&design(256, 16, 8), "");
    let mut golden = slow();
    device.load(&golden).expect("it loads");
    let vectors = noise(7, 16 * 2000);
    device.learn(vectors.clone()).expect("it learns");
    device.finish().expect("it answers");
    for vector in vectors.chunks(16) {
        golden.adapt(vector);
    }
    let mut found = slow();
    device.save(&mut found).expect("it reads");
    assert_eq!(difference(&found, &golden), None);
    let (link, seen) = (device.client.statistics, device.client.counters().expect("it reads"));
    let busy = 10.0 * link.bytes as f64 / 3e6 / device.client.now().as_secs_f64();
    println!("line busy {busy:.2}; {link:?} {seen:?}");
    assert!(busy < 0.8, "the core is the slower one");
    assert_eq!((seen.overruns, link.resent), (0, 0));
}

/// A host that sends without regard to the slots loses what does not fit, is told so, and harms
/// nothing: what was acknowledged was learned, once and in order.
#[test]
fn a_host_that_floods_harms_nothing() {
    let mut device = open_vq(&design(256, 16, 8), "");
    let mut golden = slow();
    device.load(&golden).expect("it loads");
    device.finish().expect("it answers");
    let vectors = noise(8, 240 * 60);
    let (mut port, first) = (device.client.into_port(), 100);
    let ask = Frame { command: command::IDENTIFY, sequence: first, payload: vec![] };
    port.send(&ask.encode()).expect("sent");
    let mut splitter = Splitter::default();
    let mut expected = None;
    while expected.is_none() {
        let bytes = port.receive(Duration::from_millis(10)).expect("it answers");
        expected = splitter.push(&bytes).first().map(|f| f.payload[0]);
    }
    let expected = expected.expect("a number");
    for (i, payload) in vectors.chunks(240).enumerate() {
        let sequence = expected.wrapping_add(i as u8);
        let frame = Frame { command: command::LEARN, sequence, payload: payload.to_vec() };
        port.send(&frame.encode()).expect("sent");
    }
    let mut refused = 0;
    let end = port.now() + Duration::from_millis(300);
    while port.now() < end {
        let bytes = port.receive(Duration::from_millis(10)).expect("it answers");
        for reply in splitter.push(&bytes) {
            refused += usize::from(reply.command == command::NAK | REPLY);
        }
    }
    let mut device = Device::<Vq>::open(port).expect("it answers");
    let seen = device.client.counters().expect("it reads");
    println!("{refused} refusals heard, {seen:?}");
    assert!(seen.overruns > 0 && seen.gaps > 10 && refused > 0, "{seen:?}");
    let mut found = slow();
    device.save(&mut found).expect("it reads");
    let learned = found.config.vectors as usize;
    assert!((8 * 15..60 * 15).contains(&learned) && learned.is_multiple_of(15), "{learned}");
    for vector in vectors.chunks(16).take(learned) {
        golden.adapt(vector);
    }
    assert_eq!(difference(&found, &golden), None);
}

/// The other side's clock may be 2 % off either way, at the fastest rate and at a usual one.
#[test]
fn a_baud_two_percent_off_is_tolerated() {
    for baud in [3_000_000, 115_200] {
        let design = VqDesign { baud, ..design(16, 4, 1) };
        for drift in [-0.02, -0.01, 0.01, 0.02] {
            let run = train(&design, 300, &format!("drift={drift}"), None);
            let l = run.link;
            assert!(run.equal, "{baud} baud, {drift}");
            assert_eq!(
                (l.resent, l.negative, l.damaged_replies, l.timeouts),
                (0, 0, 0, 0),
                "{baud} baud, {drift}"
            );
        }
    }
}
