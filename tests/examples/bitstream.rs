//! How many single bits of a bitstream may be flipped, its CRC made right, before it is noticed:
//! the quantizer 16x4x1 for the HX8K breakout board, and set bits of it, drawn at random.
//! `cargo run --release -p fixlearn-tests --example bitstream -- [bits] [seed]`.

use fixlearn_tests::bitstream::{
    changed, frames, make, quantizer_differs, seal, set_bits, Frame, QUANTIZER,
};
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // A flipped wire can make a loop, which ends the process that simulates it: each has its own.
    if let [one, folder] = arguments.as_slice() {
        if one == "--one" {
            let differs = quantizer_differs(Path::new(folder));
            println!("{}", differs.as_deref().unwrap_or("equal").lines().next().unwrap_or(""));
            std::process::exit(differs.is_some().into());
        }
    }
    let number = |at: usize| arguments.get(at).and_then(|a| a.parse::<u64>().ok());
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    make("hx8k", QUANTIZER, &at("built"));
    let bitstream = std::fs::read(at("built").join("top.bin")).expect("a bitstream");
    let mut bits = set_bits(&bitstream, |_| true);
    println!("{} bits are set", bits.len());
    fastrand::Rng::with_seed(number(1).unwrap_or(1)).shuffle(&mut bits);
    bits.truncate(number(0).unwrap_or(40) as usize);
    let frames = frames(&bitstream);
    let (left, tally) = (Mutex::new(bits.into_iter()), Mutex::new([(0, 0); 2]));
    std::thread::scope(|scope| {
        for worker in ["a", "b"] {
            let (at, left, tally, frames) = (&at, &left, &tally, &frames);
            scope.spawn(move || loop {
                let Some((byte, bit)) = left.lock().expect("a bit").next() else { return };
                let broken = at(worker);
                std::fs::create_dir_all(&broken).expect("a folder");
                changed(&at("built"), &broken, |b| {
                    b[byte] ^= 1 << bit;
                    seal(b);
                });
                // The models are of no use afterwards.
                let child = Command::new(std::env::current_exe().expect("this program"))
                    .arg("--one")
                    .arg(&broken)
                    .env("FIXLEARN_CACHE", broken.join("cache"))
                    .output()
                    .expect("it runs");
                std::fs::remove_dir_all(&broken).expect("removed");
                let frame = frames.iter().find(|(_, range)| range.contains(&byte));
                let frame = frame.expect("a frame").0;
                let said = String::from_utf8_lossy(&child.stdout);
                println!("{frame:?}, byte {byte}, bit {bit}: {}", said.trim());
                let slot = &mut tally.lock().expect("the tally")[usize::from(frame == Frame::Ram)];
                slot.0 += 1;
                slot.1 += usize::from(!child.status.success());
            });
        }
    });
    let [(logic, logic_noticed), (ram, ram_noticed)] = tally.into_inner().expect("the tally");
    println!("logic: {logic_noticed} of {logic} noticed; RAM contents: {ram_noticed} of {ram}");
}
