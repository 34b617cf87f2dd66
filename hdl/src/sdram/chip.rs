//! The chips, and their times in clocks.

use std::ops::RangeInclusive;

/// What the data sheet of an SDRAM says in nanoseconds, and in clocks where it does so. Of a chip
/// that several makers' parts may stand for, each is the most careful of theirs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// After power-up, before the first command.
    pub power_up: u64,
    /// From ACTIVATE to READ or WRITE.
    pub rcd: u64,
    /// From PRECHARGE to ACTIVATE or REFRESH.
    pub rp: u64,
    /// From ACTIVATE to PRECHARGE, at least and at most.
    pub ras: u64,
    pub ras_most: u64,
    /// From ACTIVATE to ACTIVATE of the same bank, and to REFRESH.
    pub rc: u64,
    /// From ACTIVATE to ACTIVATE of another bank.
    pub rrd: u64,
    /// From REFRESH to what follows.
    pub rfc: u64,
    /// From the last word that is written to PRECHARGE, at least two clocks.
    pub wr: u64,
    /// From the mode's setting to what follows, in clocks.
    pub mrd_clocks: u64,
    /// So long a row keeps its bits.
    pub refresh: u64,
}

/// The most careful times of IS42S16160G-7, MT48LC16M16A2-75, W9825G6KH-75, AS4C16M16SA-7,
/// M12L64322A-7 and EM638325-6.
const CAREFUL: Times = Times {
    power_up: 200_000,
    rcd: 21,
    rp: 21,
    ras: 48,
    ras_most: 100_000,
    rc: 70,
    rrd: 15,
    rfc: 70,
    wr: 15,
    mrd_clocks: 2,
    refresh: 64_000_000,
};

/// A chip with four banks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chip {
    /// Its bytes, as a size says them.
    pub name: &'static str,
    /// Data bits, 16 or 32.
    pub data: usize,
    pub row_bits: u8,
    /// A row has `2^word_bits` words of 32 bits.
    pub word_bits: u8,
    /// Whether CKE, CS# and DQM are pins of the FPGA; else they are tied.
    pub control: bool,
    /// REFRESH commands that refresh every row.
    pub refreshes: u64,
    pub times: Times,
}

/// The chips that boards have.
pub const CHIPS: &[Chip] = &[
    // ULX3S.
    Chip {
        name: "32M",
        data: 16,
        row_bits: 13,
        word_bits: 8,
        control: true,
        refreshes: 8192,
        times: CAREFUL,
    },
    // Colorlight i5.
    Chip {
        name: "8M",
        data: 32,
        row_bits: 11,
        word_bits: 8,
        control: false,
        refreshes: 4096,
        times: CAREFUL,
    },
];

/// Clocks that a design with an SDRAM may have, in Hz. Slower ones leave no room between two
/// refreshes; with faster ones a word comes back too late for the falling edge at which it is
/// taken.
pub const CLOCK_HZ: RangeInclusive<u32> = 5_000_000..=70_000_000;

impl Chip {
    /// The chip of this name.
    ///
    /// # Errors
    /// If there is none; the message names those that there are.
    pub fn find(name: &str) -> Result<&'static Chip, String> {
        CHIPS.iter().find(|chip| chip.name.eq_ignore_ascii_case(name)).ok_or_else(|| {
            let names = CHIPS.iter().map(|chip| format!("+sdram{}", chip.name)).collect::<Vec<_>>();
            format!(
                "there is no SDRAM of `{name}` bytes; give {}, which a ULX3S and a Colorlight i5 \
                 have",
                names.join(" or ")
            )
        })
    }

    /// It has `2^bits` words of 32 bits.
    pub fn bits(&self) -> u8 {
        self.row_bits + 2 + self.word_bits
    }

    /// Its bytes.
    pub fn bytes(&self) -> u32 {
        4 << self.bits()
    }

    /// Its data bits' parts of a word of 32 bits: the length of a burst.
    pub fn burst(&self) -> u64 {
        32 / self.data as u64
    }

    /// The pins of the FPGA that it takes, with their widths, in the order of the top's ports: the
    /// clock, then what the controller drives, then the data.
    pub fn pins(&self) -> Vec<(&'static str, usize)> {
        let mut pins = vec![("sdram_clock", 1), ("sdram_ras", 1), ("sdram_cas", 1)];
        pins.extend([("sdram_we", 1), ("sdram_bank", 2)]);
        pins.push(("sdram_address", self.row_bits.max(11).into()));
        if self.control {
            pins.extend([("sdram_cke", 1), ("sdram_cs", 1), ("sdram_dqm", self.data / 8)]);
        }
        pins.push(("sdram_data", self.data));
        pins
    }
}

/// What the controller counts, in clocks from one command to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clocks {
    pub power_up: u64,
    pub rcd: u64,
    pub rp: u64,
    /// From ACTIVATE to PRECHARGE, so that the next ACTIVATE is late enough, too.
    pub ras: u64,
    pub rfc: u64,
    pub wr: u64,
    pub mrd: u64,
    /// From one refresh that is due to the next.
    pub interval: u64,
    /// From READ to the word.
    pub cas: u64,
}

impl Clocks {
    /// At this clock.
    pub fn of(chip: &Chip, hz: u32) -> Self {
        let times = &chip.times;
        let up = |ns: u64| (ns * u64::from(hz)).div_ceil(1_000_000_000).max(1);
        let rp = up(times.rp);
        Self {
            power_up: up(times.power_up),
            rcd: up(times.rcd),
            rp,
            ras: up(times.ras).max(up(times.rc).saturating_sub(rp)),
            rfc: up(times.rfc),
            wr: up(times.wr).max(2),
            mrd: times.mrd_clocks,
            // One less: a refresh waits until the row may be closed, and all of them together for
            // less than one clock each.
            interval: times.refresh * u64::from(hz) / 1_000_000_000 / chip.refreshes - 1,
            cas: if hz > 100_000_000 { 3 } else { 2 },
        }
    }
}
