//! The largest core that fits a board and meets its clock, found by trying.

use super::flow::{build, CoreRequest, Outcome, Request};
use super::report::Report;
use super::tools::Toolchain;
use crate::{output, Error, Result};
use fixlearn_hdl::design::VQ_SIZES;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::path::Path;

/// One try.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attempt {
    pub size: String,
    /// built, too large, too slow.
    pub outcome: String,
    pub why: String,
    pub fmax_mhz: Option<f64>,
}

/// Sizes to try, the largest first: by codewords times dimensions, then by lanes; of a gradient
/// core, by objectives.
pub fn candidates(core: CoreRequest) -> Vec<CoreRequest> {
    match core {
        CoreRequest::Vq { residues, .. } => {
            let mut sizes = VQ_SIZES.to_vec();
            sizes.sort_by_key(|s| {
                (u32::from(s.codewords) * u32::from(s.dimension), s.codewords, s.lanes)
            });
            sizes.into_iter().rev().map(|size| CoreRequest::Vq { size, residues }).collect()
        }
        CoreRequest::Gradient { .. } => [7, 6, 5, 3, 4, 1, 2]
            .into_iter()
            .map(|objectives| CoreRequest::Gradient { objectives })
            .collect(),
    }
}

/// Tries until one is built into `out`. What was tried before with the same design, board, clock
/// and tools is remembered in the cache, and not tried again.
///
/// # Errors
/// As a build's; if nothing fits.
pub fn fit(request: &Request, out: &Path) -> Result<(Report, Vec<Attempt>)> {
    let mut attempts = Vec::new();
    for core in candidates(request.core) {
        let request = Request { core, ..request.clone() };
        let memory = memory(&request)?;
        let known: Option<Attempt> =
            std::fs::read(&memory).ok().and_then(|b| serde_json::from_slice(&b).ok());
        if let Some(known) = known {
            attempts.push(known);
            continue;
        }
        eprintln!("trying {}", core.size());
        let (attempt, report) = match build(&request, out)? {
            Outcome::Built(report) => (
                Attempt {
                    size: core.size(),
                    outcome: "built".into(),
                    why: String::new(),
                    fmax_mhz: Some(report.fmax_mhz),
                },
                Some(*report),
            ),
            Outcome::TooLarge(why) => (
                Attempt { size: core.size(), outcome: "too large".into(), why, fmax_mhz: None },
                None,
            ),
            Outcome::TooSlow(report) => (
                Attempt {
                    size: core.size(),
                    outcome: "too slow".into(),
                    why: format!("{} MHz of {}", report.fmax_mhz, report.clock_mhz),
                    fmax_mhz: Some(report.fmax_mhz),
                },
                None,
            ),
        };
        attempts.push(attempt.clone());
        if let Some(report) = report {
            let text = serde_json::to_string_pretty(&attempts)
                .map_err(|e| Error::request(e.to_string()))?;
            output::write(&out.join("fit.json"), (text + "\n").as_bytes())?;
            return Ok((report, attempts));
        }
        // Failures are remembered; a success is built, and so is there to look at.
        if let (Some(folder), Ok(bytes)) = (memory.parent(), serde_json::to_vec(&attempt)) {
            std::fs::create_dir_all(folder).map_err(Error::io(folder))?;
            output::write(&memory, &bytes)?;
        }
    }
    Err(Error::request(format!("no size of this core fits {} at this clock", request.board.title)))
}

/// Where a failure is remembered: by everything that it depends on.
fn memory(request: &Request) -> Result<std::path::PathBuf> {
    let tools = Toolchain::find(request.board.family, request.tools)?.versions();
    let what = format!("{request:?} {tools:?} {}", request.verilog()?);
    let hash = Sha256::digest(what).iter().fold(String::new(), |s, b| format!("{s}{b:02x}"));
    Ok(fixlearn_sim::cosim::cache_dir().join("fit").join(format!("{hash}.json")))
}
