//! Stochastic quantization of samples that are learned from.

use crate::order::mix;

/// A sample of 8 bits, 0 to 255, is learned as one of `2^bits` levels: 0 and 255 of 1 bit, the
/// multiples of 85 of 2 bits, those of 17 of 4 bits. Between two levels it is rounded to the upper
/// one with the probability of its share of the way there, so that its mean is the sample
/// (stochastic quantization: Zhang et al., ZipML, ICML 2017). Each place has a draw of its own, a
/// hash of seed and place, the same in every pass and on every machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coarse {
    bits: u8,
    seed: u64,
}

impl Coarse {
    /// Bits that samples can be rounded to: those that vectors are packed in.
    pub const BITS: [u8; 3] = [1, 2, 4];

    /// None of other bits than [`Coarse::BITS`].
    pub fn new(bits: u8, seed: u64) -> Option<Self> {
        Self::BITS.contains(&bits).then_some(Self { bits, seed })
    }

    /// From one level to the next.
    fn step(self) -> u8 {
        u8::MAX / ((1 << self.bits) - 1)
    }

    /// The level of the sample at this place of all samples.
    fn level(self, place: u64, sample: u8) -> u8 {
        let step = self.step();
        let draw = mix(mix(self.seed).wrapping_add(place)) >> 32;
        // 0 to step - 1, each as often as the others but for 2^-32.
        let draw = (draw * u64::from(step)) >> 32;
        let up = draw < u64::from(sample % step);
        (sample / step + u8::from(up)) * step
    }

    /// Rounds samples that stand one after the other from this place on.
    pub fn round(self, place: u64, samples: &mut [u8]) {
        for (place, sample) in (place..).zip(samples) {
            *sample = self.level(place, *sample);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_level_is_next_to_its_sample_and_a_level_stays(
            bits in prop::sample::select(Coarse::BITS.to_vec()),
            seed in any::<u64>(),
            place in any::<u64>(),
            sample in any::<u8>(),
        ) {
            let coarse = Coarse::new(bits, seed).expect("bits on offer");
            let level = coarse.level(place, sample);
            prop_assert_eq!(level % coarse.step(), 0);
            prop_assert!(level.abs_diff(sample) < coarse.step());
            prop_assert_eq!(coarse.level(place.wrapping_add(1), level), level);
        }

        #[test]
        fn its_mean_is_the_sample(
            bits in prop::sample::select(Coarse::BITS.to_vec()),
            seed in any::<u64>(),
            sample in any::<u8>(),
        ) {
            let coarse = Coarse::new(bits, seed).expect("bits on offer");
            let mut many = vec![sample; 1 << 14];
            coarse.round(0, &mut many);
            let sum: u64 = many.iter().map(|&level| u64::from(level)).sum();
            let (mean, step) = (sum as f64 / many.len() as f64, f64::from(coarse.step()));
            // Six deviations of a mean of draws between two levels.
            let most = 6.0 * step / 2.0 / (many.len() as f64).sqrt();
            prop_assert!((mean - f64::from(sample)).abs() <= most, "{mean} of {sample}");
        }
    }

    #[test]
    fn another_seed_rounds_otherwise_and_the_same_one_alike() {
        let rounded = |seed| {
            let mut samples = Vec::from_iter(0..=255);
            Coarse::new(1, seed).expect("on offer").round(0, &mut samples);
            samples
        };
        assert_eq!(rounded(1), rounded(1));
        assert_ne!(rounded(1), rounded(2));
    }
}
