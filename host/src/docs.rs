//! The documentation that is not of one item, as it stands in `host/docs`.

/// Commands, inputs, checkpoints, bad lines.
#[doc = include_str!("../docs/guide.md")]
pub mod guide {}

/// The vector quantizer.
#[doc = include_str!("../docs/quantizer.md")]
pub mod quantizer {}

/// Kohonen maps.
#[doc = include_str!("../docs/map.md")]
pub mod map {}

/// The gradient core.
#[doc = include_str!("../docs/gradient.md")]
pub mod gradient {}

/// The adaptive filter.
#[doc = include_str!("../docs/filter.md")]
pub mod filter {}

/// The Boltzmann machine.
#[doc = include_str!("../docs/associate.md")]
pub mod associate {}

/// Fusing quantized readings.
#[doc = include_str!("../docs/fuse.md")]
pub mod fuse {}

/// Low-bit networks.
#[doc = include_str!("../docs/network.md")]
pub mod network {}

/// Packed vectors.
#[doc = include_str!("../docs/packed.md")]
pub mod packed {}

/// The sample memory.
#[doc = include_str!("../docs/samples.md")]
pub mod samples {}

/// Staged quantizers: the codec and its file, to the byte.
#[doc = include_str!("../docs/codec.md")]
pub mod codec {}

/// Sweeps: other commands at every point of some axes.
#[doc = include_str!("../docs/sweep.md")]
pub mod sweep {}

/// The page of a run.
#[doc = include_str!("../docs/page.md")]
pub mod page {}
/// The Python package.
#[doc = include_str!("../docs/python.md")]
pub mod python {}

/// A new core, step by step.
#[doc = include_str!("../docs/adding-a-core.md")]
pub mod adding_a_core {}

/// Bitstreams, pins, the largest size of each board.
#[doc = include_str!("../docs/boards.md")]
pub mod boards {}

/// Speed and memory beside other programs.
#[doc = include_str!("../docs/benchmarks.md")]
pub mod benchmarks {}

/// The JSON of every command, and the run file.
#[doc = include_str!("../docs/reports.md")]
pub mod reports {}

/// What the papers found that fixlearn follows, and what is found here.
#[doc = include_str!("../docs/papers.md")]
pub mod papers {}

/// What is promised, what is not, and the test that shows it.
#[doc = include_str!("../docs/guarantees.md")]
pub mod guarantees {}
