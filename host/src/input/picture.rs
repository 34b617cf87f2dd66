//! Grey pictures.

use crate::{Error, Result};
use std::path::Path;

/// A picture's pixels, row after row, its width and its height.
pub type Pixels = (Vec<u8>, usize, usize);

/// Reads a picture in grey.
///
/// # Errors
/// If the file is no picture that can be read.
pub fn read(path: &Path, bytes: &[u8]) -> Result<Pixels> {
    let image = image::load_from_memory(bytes)
        .map_err(|e| Error::input(path, format!("not a readable image: {e}")))?
        .into_luma8();
    let (width, height) = (image.width() as usize, image.height() as usize);
    Ok((image.into_raw(), width, height))
}
