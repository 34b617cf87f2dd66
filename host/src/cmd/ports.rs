//! `ports`: the serial ports of this machine.

use super::report::Context;
use fixlearn::link::port;
use fixlearn::Result;

#[derive(clap::Args)]
pub struct Args {}

pub fn run(_: &Args, context: &Context) -> Result<bool> {
    let ports = port::list()?;
    context.report(&serde_json::json!({ "ports": ports }), || {
        if ports.is_empty() {
            return "no serial port; --port sim and --port golden need none".into();
        }
        let line = |p: &port::Found| {
            let or_dash = |o: &Option<String>| o.clone().unwrap_or_else(|| "-".into());
            let (usb, number) = (or_dash(&p.usb), or_dash(&p.serial_number));
            format!("{}  {usb}  {number}  {}", p.path, or_dash(&p.product))
        };
        ports.iter().map(line).collect::<Vec<_>>().join("\n")
    })?;
    Ok(true)
}
