//! Encoding rows as they are read: of an input of any size, little is held at a time.

use super::quality::Tally;
use super::{head, matches, Codewords, Packer, Quality};
use crate::device::Device;
use crate::input::{Layout, Rows};
use crate::{output, Error, Result};
use fixlearn_sim::golden::cores::vq::Vq;
use std::io::{BufWriter, Seek};
use std::path::Path;

/// Bytes that are read at once.
const PIECE: usize = 1 << 20;

/// Encodes rows into an index file, which carries the codebook with `carry`, on a device that holds
/// it. `progress` gets the number of vectors done.
///
/// # Errors
/// As the link's; and if the rows cannot be read, or the file cannot be written.
pub fn encode_rows(
    rows: &mut Rows,
    device: &mut Device<Vq>,
    codewords: &Codewords,
    out: &Path,
    carry: bool,
    mut progress: impl FnMut(usize),
) -> Result<Quality> {
    let layout = Layout::Table { rows: rows.rows, columns: rows.columns };
    // The first line names the digest of what comes behind it.
    let place = std::env::temp_dir();
    let spool = tempfile::tempfile().map(BufWriter::new).map_err(Error::io(&place))?;
    let failed = |e| Error::Io { path: place.clone(), source: e };
    let mut packer = Packer::new(&layout, codewords, carry, spool).map_err(failed)?;
    let mut tally = Tally::new(codewords);
    let mut done = 0;
    rows.rewind()?;
    let port = device.client.port_name();
    let mut answered: Option<(Vec<u8>, Vec<u8>)> = None;
    loop {
        let mut kept = Ok(());
        // What was answered is kept while the next is asked for.
        let next = rayon::in_place_scope(|scope| -> Result<_> {
            let (packer, tally, kept, port) = (&mut packer, &mut tally, &mut kept, &port);
            if let Some((vectors, answers)) = answered.take() {
                scope.spawn(move |_| {
                    *kept = matches(&answers, codewords.count, port).and_then(|found| {
                        tally.add(&vectors, &found, codewords);
                        packer.push(&found).map_err(failed)
                    });
                });
            }
            let Some(vectors) = rows.next((PIECE / rows.columns).max(1))? else { return Ok(None) };
            let answers = device.answers(&vectors, |_| {})?;
            Ok(Some((vectors, answers)))
        });
        kept?;
        answered = next?;
        let Some((vectors, _)) = &answered else { break };
        done += vectors.len() / rows.columns;
        progress(done);
    }
    let (spool, content) = packer.end().map_err(failed)?;
    let mut spool = spool.into_inner().map_err(|e| failed(e.into_error()))?;
    let behind = spool.stream_position().and_then(|length| spool.rewind().map(|()| length));
    let behind = behind.map_err(failed)?;
    let first = head(&layout, codewords, content, carry)?;
    output::write_by(out, |file| {
        file.write_all(&first)?;
        std::io::copy(&mut spool, file).map(drop)
    })?;
    Ok(tally.quality(codewords, first.len() + behind as usize))
}
