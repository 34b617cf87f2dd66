//! The largest core that fits a board and meets its clock, found by trying.

use super::flow::{build, Outcome};
use super::report::Report;
use super::request::Request;
use super::tools::Toolchain;
use crate::{output, Error, Result};
use fixlearn_hdl::design::banks;
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

/// Sizes to try: from the request's on, the largest first, each with the same options and the same
/// before its core; of a wide quantizer wide ones, which take minutes to place, else narrow ones.
///
/// # Errors
/// If the request's is not on offer.
pub fn candidates(request: &Request) -> Result<Vec<String>> {
    let (whole, sizes) = (request.design()?.size(), request.kind.sizes());
    let core = sizes.iter().filter(|size| whole.starts_with(*size)).max_by_key(|size| size.len());
    let Some(from) = core.cloned() else { return Ok(vec![whole]) };
    let before = &whole[from.len()..];
    let options = |size: &str| {
        let options = size.split_once('+').map(|s| s.1.to_string());
        (banks(size).is_some(), options)
    };
    let sizes = sizes.into_iter().skip_while(|size| *size != from);
    let alike = sizes.filter(|size| options(size) == options(&from));
    Ok(alike.map(|size| size + before).collect())
}

/// Tries the request's size and those below it until one is built into `out`. What was tried
/// before with the same design, board, clock and tools is remembered in the cache, and not tried
/// again.
///
/// # Errors
/// As a build's; if nothing fits.
pub fn fit(request: &Request, out: &Path) -> Result<(Report, Vec<Attempt>)> {
    let mut attempts = Vec::new();
    for size in candidates(request)? {
        let request = Request { size: size.clone(), ..request.clone() };
        let memory = memory(&request)?;
        let known: Option<Attempt> =
            std::fs::read(&memory).ok().and_then(|b| serde_json::from_slice(&b).ok());
        if let Some(known) = known {
            attempts.push(known);
            continue;
        }
        output::say(format_args!("trying {size}"));
        let attempt = |outcome: &str, why: String, fmax_mhz: Option<f64>| Attempt {
            size: size.clone(),
            outcome: outcome.into(),
            why,
            fmax_mhz,
        };
        let (attempt, report) = match build(&request, out)? {
            Outcome::Built(report) => {
                (attempt("built", String::new(), Some(report.fmax_mhz)), Some(*report))
            }
            Outcome::TooLarge(why) => (attempt("too large", why, None), None),
            Outcome::TooSlow(report) => {
                let why = format!("{} MHz of {}", report.fmax_mhz, report.clock_mhz);
                (attempt("too slow", why, Some(report.fmax_mhz)), None)
            }
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
    let hash = fixlearn_sim::hex(Sha256::digest(what));
    Ok(fixlearn_sim::cosim::cache_dir().join("fit").join(format!("{hash}.json")))
}
