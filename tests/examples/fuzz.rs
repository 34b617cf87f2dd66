//! Damaged frames through the host's decoder: `cargo run --release -p fixlearn-tests --example fuzz`.
//! The first argument is the number of inputs, 10 million if not given; the second the seed.

use fixlearn_tests::fuzz::decoder;

fn main() {
    let mut arguments = std::env::args().skip(1).map(|a| a.parse::<u64>().ok());
    let count = arguments.next().flatten().unwrap_or(10_000_000);
    let seed = arguments.next().flatten().unwrap_or(1);
    let through = decoder(count, seed);
    println!("{count} damaged streams, {through} good frames among them, no panic");
}
