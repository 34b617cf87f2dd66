//! The serial ports of this machine: what each is, who may open it, who has it open, and why one
//! cannot be opened.

use crate::usb::{self, text};
use crate::{Error, Result};
use serialport::SerialPortType;
use std::fs::Metadata;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

/// A serial port.
#[derive(Clone, Debug, Default, serde::Serialize)]
pub struct Found {
    pub path: String,
    /// USB vendor and product as `vvvv:pppp`.
    pub usb: Option<String>,
    pub serial_number: Option<String>,
    pub product: Option<String>,
    /// Where its USB device is plugged in, such as `1-2`, and which of its interfaces it is.
    pub place: Option<String>,
    pub interface: Option<u8>,
    /// User and group that it belongs to, as `root:dialout`.
    pub owner: Option<String>,
    /// The group whose members may open it, if there is one.
    pub group: Option<String>,
    /// This user may open it.
    pub may_open: bool,
    /// Programs that have it open, of those that this user may look at.
    pub held_by: Vec<String>,
    /// Of an FTDI chip: how long it waits for more before it hands bytes over, in milliseconds.
    pub latency_ms: Option<u32>,
}

impl Found {
    /// What is known of the port at this path.
    pub fn at(path: &str) -> Self {
        let found = list().ok().and_then(|all| all.into_iter().find(|port| port.path == path));
        found.unwrap_or_else(|| Self { path: path.into(), ..Self::default() }.looked_at()).held()
    }

    /// With what the files say.
    fn looked_at(mut self) -> Self {
        let file = resolved(Path::new(&self.path));
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned());
        if let Some(name) = name {
            (self.place, self.interface) = interface(Path::new("/sys"), &name).unzip();
            self.latency_ms = text(&latency_file(Path::new("/sys"), &name))
                .and_then(|milliseconds| milliseconds.parse().ok());
        }
        (self.owner, self.group) = std::fs::metadata(&file).map_or((None, None), |f| owners(&f));
        self.may_open = usb::may_open(&file);
        self
    }

    /// With the programs that have it open: looks at every program.
    pub fn held(mut self) -> Self {
        self.held_by = holders(&resolved(Path::new(&self.path)));
        self
    }

    /// How to call it so that it is found wherever it is plugged in, or by where that is.
    pub fn names(&self) -> Vec<String> {
        let number = self.serial_number.iter().map(|number| format!("serial={number}"));
        number.chain(self.place.iter().map(|place| format!("usb={place}"))).collect()
    }
}

/// The file behind a path, which may be a link.
fn resolved(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.into())
}

/// The serial ports of this machine, by path.
pub fn list() -> Result<Vec<Found>> {
    // Where Linux has no such devices, the library ends the program.
    if cfg!(target_os = "linux") && !Path::new("/sys/class/tty").is_dir() {
        return Ok(Vec::new());
    }
    let ports = serialport::available_ports()
        .map_err(|e| Error::request(format!("the serial ports cannot be listed: {e}")))?;
    let mut found: Vec<Found> = ports
        .into_iter()
        .map(|p| {
            let mut found = Found { path: p.port_name, ..Found::default() };
            if let SerialPortType::UsbPort(usb) = p.port_type {
                found.usb = Some(format!("{:04x}:{:04x}", usb.vid, usb.pid));
                (found.serial_number, found.product) = (usb.serial_number, usb.product);
            }
            found.looked_at()
        })
        .collect();
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

/// Where the USB device of this terminal is plugged in, and the number of its interface, by what
/// is below this `/sys`.
pub fn interface(sys: &Path, name: &str) -> Option<(String, u8)> {
    let device = sys.join("class/tty").join(name).join("device").canonicalize().ok()?;
    device.ancestors().find_map(|folder| {
        let number = text(&folder.join("bInterfaceNumber"))?;
        let name = folder.file_name()?.to_string_lossy().into_owned();
        Some((name.split(':').next()?.to_string(), u8::from_str_radix(&number, 16).ok()?))
    })
}

/// Where the latency timer of an FTDI chip is read and set.
pub fn latency_file(sys: &Path, name: &str) -> PathBuf {
    sys.join("bus/usb-serial/devices").join(name).join("latency_timer")
}

/// User and group, and the group if its members may read and write.
#[cfg(unix)]
fn owners(there: &Metadata) -> (Option<String>, Option<String>) {
    use nix::unistd::{Gid, Group, Uid, User};
    use std::os::unix::fs::MetadataExt;
    let (uid, gid) = (there.uid(), there.gid());
    let user = User::from_uid(Uid::from_raw(uid)).ok().flatten();
    let group = Group::from_gid(Gid::from_raw(gid)).ok().flatten();
    let user = user.map_or_else(|| uid.to_string(), |user| user.name);
    let group = group.map_or_else(|| gid.to_string(), |group| group.name);
    let members = there.mode() & 0o060 == 0o060 && gid != 0;
    (Some(format!("{user}:{group}")), members.then_some(group))
}

#[cfg(not(unix))]
fn owners(_: &Metadata) -> (Option<String>, Option<String>) {
    (None, None)
}

/// This user is a member of the group by the system's files, and this program is not.
#[cfg(unix)]
fn joined(name: &str) -> bool {
    use nix::unistd::{getegid, getgroups, getuid, Group, User};
    let Ok(Some(group)) = Group::from_name(name) else { return false };
    let Ok(Some(user)) = User::from_uid(getuid()) else { return false };
    let here = getegid() == group.gid || getgroups().is_ok_and(|all| all.contains(&group.gid));
    !here && (user.gid == group.gid || group.mem.contains(&user.name))
}

#[cfg(not(unix))]
fn joined(_: &str) -> bool {
    false
}

/// Other programs that have this file open, as `pid 12 (minicom)`.
fn holders(file: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for process in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let name = process.file_name().to_string_lossy().into_owned();
        let number = name.parse::<u32>().ok().filter(|&pid| pid != std::process::id());
        let Some(pid) = number else { continue };
        let open = std::fs::read_dir(process.path().join("fd")).into_iter().flatten().flatten();
        if open.into_iter().any(|fd| std::fs::read_link(fd.path()).is_ok_and(|to| to == file)) {
            let command = text(&process.path().join("comm")).unwrap_or_else(|| "?".into());
            found.push(format!("pid {pid} ({command})"));
        }
    }
    found
}

/// What keeps a port from being opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    Missing,
    /// It is no terminal; what it is.
    NoTerminal(&'static str),
    Denied,
    Busy,
    Baud,
    /// In the system's words.
    Other(String),
}

impl Refused {
    /// Looks at what is there, before it is opened.
    pub fn look(path: &str) -> Option<Self> {
        let there = match std::fs::metadata(path) {
            Ok(there) => there,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Some(Self::Missing),
            Err(e) if e.kind() == io::ErrorKind::PermissionDenied => return Some(Self::Denied),
            Err(_) => return None,
        };
        if there.is_dir() {
            return Some(Self::NoTerminal("a folder"));
        }
        there.is_file().then_some(Self::NoTerminal("a file"))
    }

    /// What the system said when it was to be opened.
    pub fn of(path: &str, e: &serialport::Error, baud: u32) -> Self {
        use serialport::ErrorKind;
        match e.kind() {
            ErrorKind::NoDevice => Self::Busy,
            ErrorKind::Io(io::ErrorKind::NotFound) => Self::Missing,
            ErrorKind::Io(io::ErrorKind::PermissionDenied) => Self::Denied,
            _ if !is_terminal(path) => Self::NoTerminal("something else"),
            ErrorKind::InvalidInput => Self::Baud,
            _ if baud == 0 => Self::Baud,
            _ => Self::Other(e.to_string()),
        }
    }

    /// In one line, with the mend; `port` is what is known of it.
    pub fn says(&self, port: &Found, baud: u32) -> String {
        match self {
            Self::Missing => {
                "cannot be opened: there is no such port; `fixlearn ports` lists the ports here"
                    .into()
            }
            Self::NoTerminal(what) => format!(
                "cannot be opened: it is {what}, not a serial port; `fixlearn ports` lists the \
                 ports here"
            ),
            Self::Denied => format!("cannot be opened by you: {}", denied(port)),
            Self::Busy => {
                let who = match port.held_by.as_slice() {
                    [] => String::new(),
                    several => format!(", {}", several.join(", ")),
                };
                format!("in use by another program{who}; wait for it to end, or stop it")
            }
            Self::Baud => format!("cannot be opened at {baud} baud; give another --baud"),
            Self::Other(said) => {
                format!("cannot be opened ({said}); `fixlearn ports` lists the ports here")
            }
        }
    }
}

fn is_terminal(path: &str) -> bool {
    let mut options = std::fs::OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use nix::fcntl::OFlag;
        use std::os::unix::fs::OpenOptionsExt;
        options.custom_flags((OFlag::O_NOCTTY | OFlag::O_NONBLOCK).bits());
    }
    options.open(path).map_or(true, |file| file.is_terminal())
}

/// Who may open it, and how this user may.
pub fn denied(port: &Found) -> String {
    let owner = port.owner.as_deref().unwrap_or("somebody else");
    if let Some(group) = port.group.as_deref().filter(|group| joined(group)) {
        return format!(
            "it belongs to {owner}; you are a member of {group}, but your session is older than \
             that; log out and in again, or type `newgrp {group}`"
        );
    }
    let join = port.group.as_ref();
    let join = join.map(|group| format!("type `sudo usermod -aG {group} $USER` and log in again"));
    let rule = port.usb.as_deref().map(|usb| {
        let (rules, rule) = (usb::RULES, usb::rule("tty", usb));
        format!("put this line into {rules} and plug it in again: {rule}")
    });
    let mends: Vec<String> = join.into_iter().chain(rule).collect();
    let mend = if mends.is_empty() { "ask its owner".into() } else { mends.join("; or ") };
    format!("it belongs to {owner}; {mend}")
}
