//! A design with a sample memory between link and core.

use super::between::before;
use super::{FromRows, FromSdram, Samples};
use crate::design::{Design, Target};
use crate::fabric::Fabric;
use crate::primitive::spram;
use crate::sdram::{Chip, Clocks, CLOCK_HZ};
use crate::verilog::{self, Port};
use fixlearn_map::link::Identity;
use fixlearn_map::samples::Samples as Size;

/// What a size with a sample memory says before its bytes.
pub const SAMPLES: &str = "+samples";

/// And before those of one in the board's SDRAM.
pub const SDRAM: &str = "+sdram";

/// So many bytes, as `64K` or `2M`.
fn number(text: &str) -> Option<u32> {
    let text = text.to_ascii_uppercase();
    let (number, unit) = match text.strip_suffix('M') {
        Some(number) => (number, 20),
        None => (text.strip_suffix('K')?, 10),
    };
    // `parse` takes a sign, too.
    let number = Some(number).filter(|number| number.bytes().all(|b| b.is_ascii_digit()))?;
    number.parse::<u32>().ok()?.checked_mul(1 << unit)
}

/// The text of so many bytes.
pub fn named(bytes: u32) -> String {
    match bytes >> 20 {
        0 => format!("{}K", bytes >> 10),
        mega => format!("{mega}M"),
    }
}

/// Where the samples are.
#[derive(Clone, Copy)]
enum Kept {
    Rows(Fabric),
    Sdram(Chip, Clocks),
}

/// A design whose core has a sample memory before it.
pub struct Stored {
    design: Box<dyn Design>,
    size: Size,
    kept: Kept,
}

impl Stored {
    /// The core of this design behind a sample memory of so many bytes, as `64K`.
    ///
    /// # Errors
    /// If there is none of that size on the fabric; the message names those that there are.
    pub fn new(design: Box<dyn Design>, bytes: &str, fabric: Fabric) -> Result<Self, String> {
        let beat = design.beat();
        let size = number(bytes).and_then(|bytes| Size::of(bytes, beat)).ok_or_else(|| {
            let (least, most) = (named(4 << Size::BITS.start()), named(4 << Size::BITS.end()));
            format!(
                "there is no sample memory of `{bytes}` bytes; give a power of two from {least} \
                 to {most}, as {SAMPLES}64K"
            )
        })?;
        if fabric == Fabric::Mac16 && (size.bytes() > spram::BYTES || beat > 64) {
            let most = named(spram::BYTES);
            return Err(format!(
                "an UltraPlus's RAMs hold samples of up to {most} bytes, for beats of up to 64 \
                 bits; a sample memory of {bytes} for beats of {beat} bits is more"
            ));
        }
        Ok(Self { design, size, kept: Kept::Rows(fabric) })
    }

    /// The core of this design behind a sample memory in this chip.
    ///
    /// # Errors
    /// If the design's clock is none for an SDRAM; the message says which are.
    pub fn in_sdram(design: Box<dyn Design>, chip: &Chip, target: Target) -> Result<Self, String> {
        let hz = target.clock_hz;
        if !CLOCK_HZ.contains(&hz) {
            let mhz = |hz: u32| f64::from(hz) / 1e6;
            let (least, most) = (mhz(*CLOCK_HZ.start()), mhz(*CLOCK_HZ.end()));
            return Err(format!(
                "a sample memory in an SDRAM takes clocks from {least} to {most} MHz, not {} MHz; \
                 give --freq {most} or less",
                mhz(hz)
            ));
        }
        let size = Size::of(chip.bytes(), design.beat())
            .ok_or_else(|| format!("an SDRAM of {} bytes is no sample memory", chip.bytes()))?;
        Ok(Self { design, size, kept: Kept::Sdram(*chip, Clocks::of(chip, hz)) })
    }

    /// The core's module with the memory before it, and the ports that it has more than the core.
    fn around(&self, text: &str, core: &str) -> Option<(String, Vec<Port>)> {
        let (samples, memory) = match self.design.beat() {
            8 => self.blocks::<8>(),
            16 => self.blocks::<16>(),
            32 => self.blocks::<32>(),
            64 => self.blocks::<64>(),
            128 => self.blocks::<128>(),
            _ => return None,
        };
        before(text, core, &[("samples", samples), ("memory", memory)], "stored_core")
    }

    /// The modules `samples` and `memory` for beats of `SB` bits.
    fn blocks<const SB: usize>(&self) -> (String, String) {
        let samples = verilog::of(Samples::<SB>::new(self.size), "samples");
        let memory = match &self.kept {
            Kept::Rows(fabric) => verilog::of(FromRows::<SB>::new(self.size, *fabric), "memory"),
            Kept::Sdram(chip, clocks) if chip.data == 16 => {
                verilog::of(FromSdram::<SB, 16>::new(self.size, chip, clocks), "memory")
            }
            Kept::Sdram(chip, clocks) => {
                verilog::of(FromSdram::<SB, 32>::new(self.size, chip, clocks), "memory")
            }
        };
        (samples, memory)
    }
}

/// The top with these ports of its core as ports of its own.
fn through(text: &str, pins: &[Port]) -> String {
    let names = pins.iter().map(|port| format!(",{}", port.name)).collect::<String>();
    let declared = pins.iter().map(|p| format!("    {}\n", p.declared())).collect::<String>();
    let joined = pins.iter().map(|p| format!("        .{0}({0}),\n", p.name)).collect::<String>();
    text.replacen(
        "\nmodule top(clock,rx,tx);\n",
        &format!("\nmodule top(clock,rx,tx{names});\n{declared}"),
        1,
    )
    .replacen("top$core core(\n", &format!("top$core core(\n{joined}"), 1)
}

impl Design for Stored {
    as_its_core!();

    fn size(&self) -> String {
        let bytes = named(self.size.bytes());
        let kind = if self.chip().is_some() { SDRAM } else { SAMPLES };
        format!("{}{kind}{bytes}", self.design.size())
    }

    fn identity(&self) -> Identity {
        self.design.identity().with(Some(self.size))
    }

    fn top_of(&self, identity: Identity) -> Option<String> {
        let (text, pins) = self.around(&self.design.top_of(identity)?, "top$core")?;
        Some(through(&text, &pins))
    }

    fn core_verilog(&self) -> Option<String> {
        self.around(&self.design.core_verilog()?, "top").map(|(text, _)| text)
    }

    fn chip(&self) -> Option<&Chip> {
        match &self.kept {
            Kept::Rows(_) => None,
            Kept::Sdram(chip, _) => Some(chip),
        }
    }
}
