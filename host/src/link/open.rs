//! From what a user says of a line to an open device.

use super::choose;
use super::client::Client;
use super::inside::Inside;
use super::port::{self, Port};
use crate::build::bitstream::bitstream_port;
use crate::device::Device;
use crate::{output, Error, Result};
use fixlearn_hdl::design::{self, Design, Target};
use fixlearn_map::link::Identity;
use fixlearn_map::Built;
use fixlearn_sim::board::Faults;
use fixlearn_sim::cosim;
use fixlearn_sim::golden::core::Core;
use std::path::PathBuf;
use std::time::Duration;

/// A line as a user says it.
#[derive(Clone, Debug)]
pub struct Line {
    /// `sim`, `core`, `golden`, `auto`, `serial=NUMBER`, `usb=PLACE` or the path of a serial port.
    pub port: String,
    /// Of a real port; 3 Mbaud if not said.
    pub baud: Option<u32>,
    /// How long to wait for a port that goes away; 30 s if not said.
    pub wait: Option<Duration>,
    /// Payload of every frame; else as the line allows.
    pub frame: Option<usize>,
    /// Built size of the core behind `sim`, `core` and `golden`; else the smallest that fits.
    pub size: Option<String>,
    /// On the simulated line.
    pub faults: Option<Faults>,
    /// In place of the simulated board's Verilog: the bitstream that a build packed into this
    /// folder, decoded.
    pub bitstream: Option<PathBuf>,
}

/// Of a real port, unless said otherwise.
pub const BAUD: u32 = 3_000_000;

impl Line {
    /// To this port, with nothing else said.
    pub fn new(port: &str) -> Self {
        Self {
            port: port.into(),
            baud: None,
            wait: None,
            frame: None,
            size: None,
            faults: None,
            bitstream: None,
        }
    }

    /// Says whether what was said goes together.
    ///
    /// # Errors
    /// Naming an option that this port has no use for.
    pub fn validate(&self) -> Result<()> {
        let simulated = self.port == "sim";
        let near = ["core", "golden"].contains(&self.port.as_str());
        let inside = simulated || near;
        let useless = |option: &str, port: &str| {
            let taken = if inside { "" } else { ", which is taken for a serial port" };
            let not = format!("not for --port {}{taken}", self.port);
            Err(Error::request(format!("{option} is for {port}, {not}")))
        };
        if inside && self.baud.is_some() {
            return useless("--baud", "a serial port");
        }
        if near && self.wait.is_some() {
            return useless("--wait", "a port that can go away");
        }
        if near && self.frame.is_some() {
            return useless("--frame", "a line");
        }
        if !inside && self.size.is_some() {
            return useless("--size", "--port sim, core and golden");
        }
        if self.bitstream.is_some() && self.size.is_some() {
            let message = "--size is for a generated design; a bitstream has the size that it has";
            return Err(Error::request(message));
        }
        if !simulated && self.faults.is_some() {
            return useless("--faults", "--port sim");
        }
        Ok(())
    }

    /// Opens it: a device that holds what is made for its sizes, and that.
    ///
    /// # Errors
    /// If the port cannot be opened, has another core, or sizes for which nothing can be made.
    pub fn open_for<C: Core>(
        &self,
        make: impl Fn(&C::Built) -> std::result::Result<C, String>,
    ) -> Result<(Device<C>, C)> {
        self.validate()?;
        let fits = |built: &C::Built| make(built).map(drop);
        let mut device = Device::<C>::open(self.connect::<C>(&fits)?)?;
        prepare(&mut device.client, self);
        let message = |message| Error::Port { port: device.client.port_name(), message };
        let state = make(&device.built()).map_err(message)?;
        opened(&device.client);
        Ok((device, state))
    }

    /// Opens it: a device that holds this state.
    ///
    /// # Errors
    /// If the port cannot be opened, has another core, or the state does not fit its sizes.
    pub fn open<C: Core>(&self, state: &C) -> Result<Device<C>> {
        self.validate()?;
        let fits = |built: &C::Built| state.check(built);
        let mut device = Device::open(self.connect::<C>(&fits)?)?;
        prepare(&mut device.client, self);
        device.check(state)?;
        opened(&device.client);
        Ok(device)
    }

    /// The size of the core behind `sim`, `core` and `golden` that holds this state, and learns on
    /// from it to the same bits; none if no size on offer does, or the one that was said does not.
    pub fn size_for<C: Core>(&self, state: &C) -> Option<String> {
        let fits = |built: &C::Built| state.check(built).and_then(|()| state.check_learning(built));
        self.design::<C>(&fits).ok().map(|design| design.size())
    }

    /// What is made in simulation fits, so that nothing is built in vain.
    fn connect<C: Core>(&self, fits: Fits<C>) -> Result<Box<dyn Port>> {
        cosim::say_builds(output::say_build);
        if ["sim", "core"].contains(&self.port.as_str()) {
            output::detail(|| format!("simulations are kept in {}", cosim::cache_dir().display()));
        }
        Ok(match self.port.as_str() {
            "sim" => {
                if let Some(folder) = &self.bitstream {
                    return bitstream_port(folder, &self.faults.clone().unwrap_or_default());
                }
                let design = self.design::<C>(fits)?;
                let faults = self.faults.clone().unwrap_or_default();
                let board = port::simulated_board(design.as_ref(), &faults, None)?;
                Box::new(port::Simulated::new(board))
            }
            "golden" => Box::new(Inside::golden::<C>(&self.design::<C>(fits)?.identity())?),
            "core" => Box::new(Inside::core::<C>(self.design::<C>(fits)?.as_ref())?),
            name => Box::new(choose::serial(name, self.baud.unwrap_or(BAUD))?),
        })
    }

    /// The size asked for, else the smallest on offer that fits.
    fn design<C: Core>(&self, fits: Fits<C>) -> Result<Box<dyn Design>> {
        let kind = design::find(C::Built::CORE.name).map_err(Error::Request)?;
        let parse = |size: &str| kind.parse(size, Target::SIMULATED).map_err(Error::Request);
        let sizes = |identity: &Identity| identity.built::<C::Built>();
        let fitting = kind.simulated(&|identity| sizes(identity).is_some_and(|b| fits(&b).is_ok()));
        let (asked, would_do) = match (&self.size, fitting) {
            (Some(size), fitting) => (parse(size)?, fitting),
            (None, Some(design)) => return Ok(design),
            // Nothing fits: the largest says what it lacks.
            (None, None) => match kind.sizes().first() {
                Some(size) => (parse(size)?, None),
                None => return Err(Error::request("no size of this core is on offer")),
            },
        };
        match sizes(&asked.identity()).map(|built| fits(&built)) {
            Some(Err(what)) => {
                let mend = would_do.map(|design| format!("; --size {} would do", design.size()));
                let message = format!("{what}{}", mend.unwrap_or_default());
                Err(Error::Port { port: self.port.clone(), message })
            }
            _ => Ok(asked),
        }
    }
}

/// Says what a device of these sizes lacks, if anything.
type Fits<'a, C> = &'a dyn Fn(&<C as Core>::Built) -> std::result::Result<(), String>;

/// The device is there: what it says of itself, to those who asked for it.
fn opened(client: &Client) {
    output::say_notes();
    output::detail(|| {
        let (id, name) = (&client.identity, client.port_name());
        let (core, mhz) = (fixlearn_map::title(id.core), f64::from(id.clock_hz) / 1e6);
        format!("{name}: {core}, {mhz} MHz, {} baud, room for {} frames", id.baud, id.slots)
    });
}

fn prepare(client: &mut Client, line: &Line) {
    client.wait = line.wait.unwrap_or(client.wait);
    client.pace.fixed = line.frame;
}
