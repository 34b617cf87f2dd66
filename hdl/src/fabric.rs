//! What a design is built of: the multipliers of an FPGA family.

/// How products are made. The bits are the same on each; size, speed and update clocks differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Fabric {
    /// `*`, which the tools map to the family's multipliers: ECP5, and simulation. As many
    /// update units as lanes, up to 8.
    #[default]
    Inferred,
    /// The UltraPlus: every multiplier an SB_MAC16 placed by hand, squares in pairs; one update
    /// unit. For `synth_ice40` without `-dsp`, whose packing takes placed multipliers for its own.
    Mac16,
    /// Logic cells alone, as on the iCE40 HX: one update unit.
    Logic,
}

impl Fabric {
    /// Every fabric.
    pub const ALL: [Fabric; 3] = [Fabric::Inferred, Fabric::Mac16, Fabric::Logic];

    /// Update units of a quantizer with so many lanes.
    pub const fn update_units(self, lanes: usize) -> usize {
        match self {
            Fabric::Inferred if lanes < 8 => lanes,
            Fabric::Inferred => 8,
            Fabric::Mac16 | Fabric::Logic => 1,
        }
    }
}

impl std::fmt::Display for Fabric {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Fabric::Inferred => "inferred",
            Fabric::Mac16 => "mac16",
            Fabric::Logic => "logic",
        })
    }
}

impl std::str::FromStr for Fabric {
    type Err = String;

    /// As [`Display`](std::fmt::Display) writes it.
    fn from_str(text: &str) -> Result<Self, String> {
        Fabric::ALL.into_iter().find(|fabric| fabric.to_string() == text).ok_or_else(|| {
            format!(
                "no fabric `{text}`; there are: {}",
                Fabric::ALL.map(|f| f.to_string()).join(", ")
            )
        })
    }
}
