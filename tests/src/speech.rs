//! What sound is coded by where nothing is learned, and how its quality is told.
//!
//! Mu-law is ITU-T G.711's, 8 bits a sample; ADPCM is that of the Interactive Multimedia
//! Association (1992), 4 bits a sample.

const BIAS: i32 = 132;

/// The mu-law byte of a sample of 16 bits.
pub fn mu_law(sample: i16) -> u8 {
    // The two lowest bits do not count.
    let (sign, least) = (u8::from(sample < 0) << 7, (i32::from(sample) >> 2) << 2);
    let biased = (least.abs() + BIAS).min(32767);
    let segment = 31 - (biased >> 7).leading_zeros() as i32;
    let step = biased >> (segment + 3) & 15;
    !(sign | (segment << 4 | step) as u8)
}

/// The sample of 16 bits that a mu-law byte stands for.
pub fn mu_law_back(byte: u8) -> i16 {
    let byte = i32::from(!byte);
    let size = (((byte & 15) << 3) + BIAS) << (byte >> 4 & 7);
    (if byte > 127 { BIAS - size } else { size - BIAS }) as i16
}

/// The sizes of ADPCM's step: 88 factors of 1.1, as the standard rounds them.
const STEPS: [i32; 89] = [
    7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 19, 21, 23, 25, 28, 31, 34, 37, 41, 45, 50, 55, 60, 66,
    73, 80, 88, 97, 107, 118, 130, 143, 157, 173, 190, 209, 230, 253, 279, 307, 337, 371, 408, 449,
    494, 544, 598, 658, 724, 796, 876, 963, 1060, 1166, 1282, 1411, 1552, 1707, 1878, 2066, 2272,
    2499, 2749, 3024, 3327, 3660, 4026, 4428, 4871, 5358, 5894, 6484, 7132, 7845, 8630, 9493,
    10442, 11487, 12635, 13899, 15289, 16818, 18500, 20350, 22385, 24623, 27086, 29794, 32767,
];

/// ADPCM's decoder, which the encoder carries too.
#[derive(Clone, Copy, Debug, Default)]
pub struct Adpcm {
    sample: i32,
    step: i32,
}

impl Adpcm {
    /// The code of 4 bits of the next sample.
    pub fn encode(&mut self, sample: i16) -> u8 {
        let step = STEPS[self.step as usize];
        let difference = i32::from(sample) - self.sample;
        let (mut left, mut code) = (difference.abs(), 0);
        for (bit, part) in [(4, step), (2, step >> 1), (1, step >> 2)] {
            if left >= part {
                (left, code) = (left - part, code | bit);
            }
        }
        let code = code | u8::from(difference < 0) << 3;
        self.decode(code);
        code
    }

    /// The sample that a code stands for.
    pub fn decode(&mut self, code: u8) -> i16 {
        let step = STEPS[self.step as usize];
        let parts = [(4, step), (2, step >> 1), (1, step >> 2)];
        let size: i32 = parts.iter().filter(|(bit, _)| code & bit != 0).map(|(_, part)| part).sum();
        let size = size + (step >> 3);
        let change = if code & 8 != 0 { -size } else { size };
        self.sample = (self.sample + change).clamp(-32768, 32767);
        let faster = [-1, -1, -1, -1, 2, 4, 6, 8][usize::from(code & 7)];
        self.step = (self.step + faster).clamp(0, 88);
        self.sample as i16
    }
}

/// Signal over error in dB.
pub fn snr(sound: &[i16], decoded: &[i16]) -> f64 {
    let power = |x: i32| f64::from(x).powi(2);
    let signal: f64 = sound.iter().map(|&x| power(x.into())).sum();
    let error = sound.iter().zip(decoded).map(|(&x, &y)| power(i32::from(x) - i32::from(y)));
    10.0 * (signal / error.sum::<f64>()).log10()
}

/// The mean over segments of 20 ms of their signal over error, each within -10 to 35 dB; segments
/// of silence do not count.
pub fn segmental_snr(sound: &[i16], decoded: &[i16], rate: u32) -> f64 {
    let length = (rate as usize / 50).max(1);
    let segments = sound.chunks(length).zip(decoded.chunks(length));
    let loud = segments.filter(|(sound, _)| sound.iter().any(|&x| x != 0));
    let each: Vec<f64> = loud.map(|(a, b)| snr(a, b).clamp(-10.0, 35.0)).collect();
    each.iter().sum::<f64>() / each.len().max(1) as f64
}

/// A voice that sings at 16 kHz, the same on every machine of one mathematics library: syllables of
/// decaying harmonics with vibrato under moving formants, bursts of noise before them, and pauses.
pub fn voice(seconds: usize) -> Vec<i16> {
    const RATE: f64 = 16000.0;
    let random = |n: usize| fixlearn::order::mix(n as u64) as f64 / 2.0_f64.powi(64);
    let mut sound = Vec::with_capacity(seconds * 16000);
    let mut noise = 0.0;
    for syllable in 0.. {
        let drawn = |k: usize| random(syllable * 8 + k);
        let length = (RATE * (0.18 + 0.3 * drawn(0))) as usize;
        let pitch = 90.0 * 2.0_f64.powf(1.6 * drawn(1));
        let formants = [300.0 + 500.0 * drawn(2), 900.0 + 1300.0 * drawn(3), 2700.0];
        let (loud, burst) = (1500.0 + 6500.0 * drawn(4), 0.02 + 0.06 * drawn(5));
        let mut phase = 0.0;
        for at in 0..length {
            let time = at as f64 / RATE;
            let vibrato = 1.0 + 0.012 * (std::f64::consts::TAU * 5.5 * time).sin();
            phase += std::f64::consts::TAU * pitch * vibrato / RATE;
            let harmonic = |k: usize| {
                let at = pitch * k as f64;
                let near = |f: &f64| 1.0 / (1.0 + ((at - f) / (60.0 + 0.06 * f)).powi(2));
                let decay = (-time * (2.0 + 0.8 * k as f64)).exp();
                formants.iter().map(near).sum::<f64>() * decay * (phase * k as f64).sin()
            };
            let highest = (4000.0 / pitch) as usize;
            let rise = ((time - burst) / 0.015).clamp(0.0, 1.0);
            let fall = ((length - at) as f64 / (0.03 * RATE)).min(1.0);
            let sung: f64 = (1..=highest).map(harmonic).sum::<f64>() * rise * fall;
            // Noise through a differencing filter, and a little of it always.
            let fresh = random(sound.len() ^ 1 << 40) - 0.5;
            let hiss = fresh - 0.6 * std::mem::replace(&mut noise, fresh);
            let hiss = hiss * (0.004 + 0.35 * (1.0 - rise) * (1.0 - (time / burst).min(1.0)));
            sound.push((loud * (sung + hiss)).clamp(-32768.0, 32767.0) as i16);
            if sound.len() == seconds * 16000 {
                return sound;
            }
        }
        // A pause at every fourth.
        if syllable % 4 == 3 {
            let pause = (seconds * 16000 - sound.len()).min(2400);
            let hiss = |n: usize| ((random(n ^ 1 << 41) - 0.5) * 12.0) as i16;
            let start = sound.len();
            sound.extend((start..start + pause).map(hiss));
            if sound.len() == seconds * 16000 {
                return sound;
            }
        }
    }
    sound
}
