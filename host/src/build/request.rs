//! What to build.

use super::boards::Board;
use super::tools::Kind;
use crate::{Error, Result};
use fixlearn_hdl::board::board_verilog;
use fixlearn_hdl::design::{CoreKind, Design, Target};
use fixlearn_hdl::primitive::pll::Clocking;

/// What to build.
#[derive(Clone, Debug)]
pub struct Request {
    pub board: Board,
    pub kind: &'static dyn CoreKind,
    /// As [`CoreKind::parse`] reads it.
    pub size: String,
    pub mhz: f64,
    pub baud: u32,
    /// Of the placements to make: at least one.
    pub seeds: Vec<u32>,
    /// Default: see [`Toolchain::find`](super::tools::Toolchain::find).
    pub tools: Option<Kind>,
}

impl Request {
    /// What the board's entry says of this core, with seed 1.
    ///
    /// # Errors
    /// If it has none.
    pub fn of(board: &Board, kind: &'static dyn CoreKind) -> Result<Self> {
        let entry = board.entry(kind.core().name)?;
        Ok(Self {
            kind,
            size: entry.size.clone(),
            mhz: entry.mhz,
            baud: board.baud,
            seeds: vec![1],
            tools: None,
            board: board.clone(),
        })
    }

    /// How the board makes the clock, and what it is, in Hz.
    ///
    /// # Errors
    /// If the PLL cannot make it.
    pub fn clocking(&self) -> Result<(Clocking, u32)> {
        self.board.clocking((self.mhz * 1e6).round() as u32)
    }

    /// The design.
    ///
    /// # Errors
    /// If the size is not on offer, the PLL cannot make the clock, or the board has not the SDRAM
    /// that the size names.
    pub fn design(&self) -> Result<Box<dyn Design>> {
        let (_, clock_hz) = self.clocking()?;
        let target = Target { fabric: self.board.fabric, clock_hz, baud: self.baud };
        // What the board has comes before what its clock is.
        let any = Target { clock_hz: Target::SIMULATED.clock_hz, ..target };
        let parse = |target| self.kind.parse(&self.size, target).map_err(Error::Request);
        self.pins(parse(any)?.as_ref())?;
        parse(target)
    }

    /// The board's pins for this design, as nextpnr reads them.
    ///
    /// # Errors
    /// If the board has not the SDRAM that the design needs.
    pub fn pins(&self, design: &dyn Design) -> Result<String> {
        let sdram = design.chip().map(|chip| self.board.sdram_pins(chip.name)).transpose()?;
        Ok(self.board.pins()? + &sdram.unwrap_or_default())
    }

    /// Verilog of the design on the board.
    ///
    /// # Errors
    /// If the size is not on offer, or the PLL cannot make the clock.
    pub fn verilog(&self) -> Result<String> {
        let design = self.design()?;
        board_verilog(design.as_ref(), self.clocking()?.0, &self.board.high)
            .ok_or_else(|| Error::request(design.advice()))
    }
}
