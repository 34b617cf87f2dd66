//! A cosine and its slope by a table, for the objectives that have many minima.

/// Entries of a quarter of a wave.
pub const ENTRIES: usize = 256;

/// `h cos` with 34 fractional bits, and `2 pi h sin` with 31, over turns: a quarter of a wave in
/// [`ENTRIES`] entries, with a straight line from each to the next.
pub struct Wave([[u32; ENTRIES]; 2]);

impl Wave {
    /// Of the height `h`: 1 to 10.
    pub fn new(height: f64) -> Self {
        // Fractional bits of the entries: 16, and 13 of the slope.
        let quarter = |high: f64, fraction: u32| {
            let at = |k: usize| {
                let angle = std::f64::consts::FRAC_PI_2 * k as f64 / ENTRIES as f64;
                (high * angle.cos() * f64::from(fraction).exp2()).round() as u32
            };
            // Bits 31..12 the wave there, bits 11..0 how far it falls to the next entry.
            std::array::from_fn(|k| at(k) << 12 | (at(k) - at(k + 1)))
        };
        Self([quarter(height, 16), quarter(std::f64::consts::TAU * height, 13)])
    }

    /// `h cos(2 pi u)` with 34 fractional bits, of the fraction of `u`, Q4.28.
    pub fn cosine(&self, u: i32) -> i64 {
        let quarter = (u >> 26) & 3;
        let found = self.at(0, if quarter & 1 == 1 { !u } else { u });
        if quarter == 1 || quarter == 2 {
            -found
        } else {
            found
        }
    }

    /// `2 pi h sin(2 pi u)` with 31 fractional bits.
    pub fn slope(&self, u: i32) -> i64 {
        let quarter = (u >> 26) & 3;
        let found = self.at(1, if quarter & 1 == 1 { u } else { !u });
        if quarter >= 2 {
            -found
        } else {
            found
        }
    }

    /// The wave so far into its first quarter.
    fn at(&self, which: usize, u: i32) -> i64 {
        let entry = self.0[which][(u >> 18 & 0xff) as usize];
        (i64::from(entry >> 12) << 18) - i64::from(entry & 0xfff) * i64::from(u & 0x3_ffff)
    }
}
