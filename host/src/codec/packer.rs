//! Indices, packed as they come.

use super::{index_bits, Codewords};
use crate::input::Layout;
use fixlearn_sim::golden::cores::vq::Match;
use sha2::{Digest, Sha256};
use std::io::{Result, Write};

/// What follows an index file's first line, and its digest.
pub struct Packer<W> {
    out: W,
    hash: Sha256,
    /// Of an index.
    bits: usize,
    /// Bits that are no whole byte yet, the last one lowest, and how many they are.
    rest: u32,
    held: usize,
}

impl<W: Write> Packer<W> {
    /// Writes the codebook first, if the file is to carry it.
    pub fn new(layout: &Layout, codewords: &Codewords, carry: bool, out: W) -> Result<Self> {
        let bits = index_bits(codewords.count);
        let hash = Sha256::new_with_prefix(layout.text());
        let mut packer = Self { out, hash, bits, rest: 0, held: 0 };
        if carry {
            packer.put(&codewords.samples)?;
        }
        Ok(packer)
    }

    /// Adds indices.
    pub fn push(&mut self, found: &[Match]) -> Result<()> {
        let mut bytes = Vec::with_capacity(found.len() * self.bits / 8 + 1);
        for m in found {
            self.rest = self.rest << self.bits | m.index as u32;
            self.held += self.bits;
            while self.held >= 8 {
                self.held -= 8;
                bytes.push((self.rest >> self.held) as u8);
            }
        }
        self.put(&bytes)
    }

    fn put(&mut self, bytes: &[u8]) -> Result<()> {
        self.hash.update(bytes);
        self.out.write_all(bytes)
    }

    /// Fills the last byte with zeros; where all was written to, and the digest.
    pub fn end(mut self) -> Result<(W, String)> {
        if self.held > 0 {
            self.put(&[(self.rest << (8 - self.held)) as u8])?;
        }
        Ok((self.out, fixlearn_sim::hex(self.hash.finalize())))
    }
}
