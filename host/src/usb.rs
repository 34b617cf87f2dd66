//! The USB devices of this machine as Linux lists them, and who may open them.

use serde::Serialize;
use std::path::{Path, PathBuf};

/// A device on the USB.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Device {
    /// Where it is plugged in, such as `1-2`.
    pub place: String,
    /// Vendor and product as `vvvv:pppp`.
    pub usb: String,
    pub serial_number: Option<String>,
    pub product: Option<String>,
    /// The file that programs open.
    pub node: PathBuf,
}

/// The text of a file of sysfs, without blanks around it; none if it is empty or not there.
pub fn text(path: &Path) -> Option<String> {
    let text = std::fs::read(path).ok()?;
    let text = String::from_utf8_lossy(&text).trim().to_string();
    (!text.is_empty()).then_some(text)
}

/// The devices below this `/sys`, by place; none of a system that does not list them there.
pub fn devices(sys: &Path) -> Option<Vec<Device>> {
    let entries = std::fs::read_dir(sys.join("bus/usb/devices")).ok()?;
    let device = |folder: PathBuf| {
        let read = |name: &str| text(&folder.join(name));
        let number = |name: &str| read(name)?.parse::<u16>().ok();
        Some(Device {
            place: folder.file_name()?.to_string_lossy().into_owned(),
            usb: format!("{}:{}", read("idVendor")?, read("idProduct")?),
            serial_number: read("serial"),
            product: read("product"),
            node: format!("/dev/bus/usb/{:03}/{:03}", number("busnum")?, number("devnum")?).into(),
        })
    };
    let mut found: Vec<Device> = entries.flatten().filter_map(|e| device(e.path())).collect();
    found.sort_by(|a, b| a.place.cmp(&b.place));
    Some(found)
}

/// Where a rule of udev's is kept.
pub const RULES: &str = "/etc/udev/rules.d/70-fixlearn.rules";

/// The rule that lets whoever sits at the machine open such a device, as `subsystem` (`usb` or
/// `tty`); `usb` is `vvvv:pppp`.
///
/// ```
/// assert_eq!(
///     fixlearn::usb::rule("tty", "0403:6010"),
///     r#"SUBSYSTEM=="tty", ATTRS{idVendor}=="0403", ATTRS{idProduct}=="6010", TAG+="uaccess""#,
/// );
/// ```
pub fn rule(subsystem: &str, usb: &str) -> String {
    let (vendor, product) = usb.split_once(':').unwrap_or((usb, ""));
    format!(
        "SUBSYSTEM==\"{subsystem}\", ATTRS{{idVendor}}==\"{vendor}\", \
         ATTRS{{idProduct}}==\"{product}\", TAG+=\"uaccess\""
    )
}

/// The file of rules for such boards: each its name, and vendor and product as `vvvv:pppp`. They
/// let whoever sits at the machine open programmer (`usb`, and `hidraw` of those that speak HID)
/// and UART (`tty`), and have FTDI's chips hand bytes over after 1 ms.
pub fn rules(boards: &[(&str, &str)]) -> String {
    let mut text = format!("# {RULES}: boards that fixlearn trains on, for who sits here.\n");
    let mut done: Vec<&str> = Vec::new();
    for (title, usb) in boards {
        let same = if done.contains(usb) { ", as above" } else { "" };
        text += &format!("\n# {title}: {usb}{same}\n");
        if done.contains(usb) {
            continue;
        }
        done.push(usb);
        for subsystem in ["usb", "tty", "hidraw"] {
            text += &format!("{}\n", rule(subsystem, usb));
        }
        if let Some(product) = usb.strip_prefix(&format!("{FTDI}:")) {
            text += &format!(
                "ACTION==\"add\", SUBSYSTEM==\"usb-serial\", DRIVERS==\"ftdi_sio\", \
                 ATTRS{{idVendor}}==\"{FTDI}\", ATTRS{{idProduct}}==\"{product}\", \
                 ATTR{{latency_timer}}=\"1\"\n"
            );
        }
    }
    text
}

/// FTDI's number as a vendor.
const FTDI: &str = "0403";

/// Whether this user may read and write the file.
pub fn may_open(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use nix::unistd::{access, AccessFlags};
        access(path, AccessFlags::R_OK | AccessFlags::W_OK).is_ok()
    }
    #[cfg(not(unix))]
    {
        path.exists()
    }
}
