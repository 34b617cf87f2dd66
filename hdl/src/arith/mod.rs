//! Arithmetic blocks: the few operations that RustHDL cannot say exactly.
//!
//! RustHDL multiplies only 16 by 16 bits, has no arithmetic shift and no saturation, and its
//! casts do not truncate. Each of those is one small block here, with its Verilog by hand and an
//! integer model in [`Logic::update`] beside it. Everything
//! else in the crate is a RustHDL kernel.
//!
//! | block | result | cycles |
//! |---|---|---|
//! | [`Pipe`], [`Later`], [`Delay`] | its input, `N` clocks later | N |
//! | [`Multiply`] | 16 x 16 -> 32 bits, signed; one SB_MAC16 or MULT18X18D | 1 |
//! | [`MultiplyWide`] | 32 x 32 -> 64 bits, signed, of four multipliers | 5 |
//! | [`Extend`], [`Clamp`] | wider with its sign, narrower with saturation | 0 |
//! | [`ShiftRight`] | arithmetic shift right by 4, 8, 12 or 16 | 1 |
//! | [`AddDither`] | signed value plus an unsigned fraction | 1 |
//! | [`SaturatingAdd`] | codeword plus step, clamped to the sample range | 1 |
//! | [`ScaleSaturating`] | 24 x 16 -> 32 bits, unsigned, clamped | 4 |
//! | [`Noise`] | xorshift64, a new state a step | 1 |
//! | [`Normalize`] | leading one and the 7 bits below it | 1 |

mod multiply;
mod multiply_wide;
mod noise;
mod normalize;
mod pipe;
mod round;
mod scale;
mod width;

pub use multiply::{Multiply, ShiftRight};
pub use multiply_wide::MultiplyWide;
pub use noise::{Noise, NOISE_SEED};
pub use normalize::Normalize;
pub use pipe::{Delay, Later, Pipe};
pub use round::{AddDither, SaturatingAdd};
pub use scale::ScaleSaturating;
pub use width::{Clamp, Extend};

use rust_hdl::prelude::*;

/// The low 64 bits of `x` as an integer.
pub(crate) fn value<const N: usize>(x: Bits<N>) -> u64 {
    (0..N.min(64)).fold(0, |acc, i| acc | (u64::from(x.get_bit(i)) << i))
}

/// The low `N` bits of `x`, as two's complement, extended to 64 bits.
pub(crate) fn signed_value<const N: usize>(x: Bits<N>) -> i64 {
    let shift = 64 - N;
    ((value(x) << shift) as i64) >> shift
}

/// The low `N` bits of `x`.
pub(crate) fn to_bits<const N: usize>(x: i64) -> Bits<N> {
    let mask = if N >= 64 { u64::MAX } else { (1 << N) - 1 };
    (x as u64 & mask).into()
}
