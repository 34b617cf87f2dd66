//! What the figures of sound rest on, against vectors of other programs.

use fixlearn_tests::speech::{mu_law, mu_law_back, segmental_snr, snr, voice, Adpcm};
use proptest::prelude::*;

/// Bytes and samples as Python's `audioop` has them, after Sun's `g711.c`.
#[test]
fn mu_law_is_that_of_g711() {
    let samples = [0, 1, -1, 8, -8, 1000, -1000, 12345, -12345, 32767, -32768];
    let bytes = [0xff, 0xff, 0x7e, 0xfe, 0x7e, 0xce, 0x4e, 0x97, 0x17, 0x80, 0x00];
    let back = [0, 0, -8, 8, -8, 988, -988, 12412, -12412, 32124, -32124];
    assert_eq!(samples.map(mu_law), bytes);
    assert_eq!(bytes.map(mu_law_back), back);
    // Every byte stands for a sample that is coded by it; 0x7f is a second zero.
    for byte in (0..=255).filter(|&byte| byte != 0x7f) {
        assert_eq!(mu_law(mu_law_back(byte)), byte);
    }
}

/// Codes and samples as Python's `audioop` has them.
#[test]
fn adpcm_is_that_of_the_association() {
    let sound = [
        0, 4019, 7606, 10376, 11734, 12108, 11168, 8726, 5629, 1928, -2259, -5895, -8868, -11143,
        -11889, -11316,
    ];
    let codes = [0, 7, 7, 7, 7, 7, 7, 7, 7, 12, 11, 12, 10, 10, 8, 0];
    let back = [
        0, 11, 41, 104, 240, 533, 1164, 2521, 5431, 1689, -1833, -5950, -8717, -11233, -11690,
        -11275,
    ];
    let mut coder = Adpcm::default();
    assert_eq!(sound.map(|sample| coder.encode(sample)), codes);
    let mut decoder = Adpcm::default();
    assert_eq!(codes.map(|code| decoder.decode(code)), back);
}

proptest! {
    /// Within half of a step, which is at most 1/16 of the sample.
    #[test]
    fn mu_law_is_near(sample: i16) {
        prop_assume!((-32124..=32124).contains(&sample));
        let error = (i32::from(mu_law_back(mu_law(sample))) - i32::from(sample)).abs();
        prop_assert!(error <= 8 + i32::from(sample).abs() / 16);
    }
}

#[test]
fn ratios_are_in_decibels() {
    let sound: Vec<i16> = [100, -100].repeat(2000);
    let tenth: Vec<i16> = [90, -90].repeat(2000);
    assert!((snr(&sound, &tenth) - 20.0).abs() < 1e-9);
    assert!((segmental_snr(&sound, &tenth, 8000) - 20.0).abs() < 1e-9);
    // Half of the segments without an error count as 35 dB, silent ones do not.
    let half = [&sound[..1600], &tenth[..1600]].concat();
    let quiet = |sound: &[i16]| [sound, &[0; 1600]].concat();
    let found = segmental_snr(&quiet(&sound[..3200]), &quiet(&half), 8000);
    assert!((found - 27.5).abs() < 1e-9, "{found}");
}

#[test]
fn the_voice_is_a_sound() {
    let sound = voice(2);
    assert_eq!(sound.len(), 32000);
    let peak = sound.iter().map(|x| x.unsigned_abs()).max().expect("samples");
    assert!((4000..32767).contains(&peak), "{peak}");
    let mut coder = Adpcm::default();
    let mut decoder = Adpcm::default();
    let decoded: Vec<i16> = sound.iter().map(|&x| decoder.decode(coder.encode(x))).collect();
    assert!(snr(&sound, &decoded) > 10.0);
}
