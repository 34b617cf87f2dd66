//! Frames on the wire: header, payload, CRC-24/INTERLAKEN, COBS, delimiter. See
//! [`fixlearn_map::link`].

use crc::{Crc, CRC_24_INTERLAKEN};
use fixlearn_map::link::{FRAME_MAX, FRAME_OVERHEAD, VERSION};

const CRC: Crc<u32> = Crc::<u32>::new(&CRC_24_INTERLAKEN);
const CRC_BYTES: usize = 3;

/// Bits of a frame's first byte that are the version.
const VERSION_BITS: u8 = 0x70;

/// A decoded frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Its number, with [`REPLY`](fixlearn_map::link::REPLY) in a reply.
    pub command: u8,
    pub sequence: u8,
    pub payload: Vec<u8>,
}

/// High byte first.
fn crc(bytes: &[u8]) -> [u8; CRC_BYTES] {
    let [_, sum @ ..] = CRC.checksum(bytes).to_be_bytes();
    sum
}

/// Why received bytes are no frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    #[error("not COBS")]
    Encoding,
    #[error("wrong length")]
    Length,
    #[error("wrong CRC")]
    Crc,
    #[error("protocol version {0}")]
    Version(u8),
}

impl Frame {
    /// The bytes to send, delimiter included. The command has no bits of the version, the payload
    /// at most [`PAYLOAD_MAX`](fixlearn_map::link::PAYLOAD_MAX) bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![self.command | VERSION << 4, self.sequence];
        bytes.extend_from_slice(&self.payload);
        bytes.extend_from_slice(&crc(&bytes));
        debug_assert!(bytes.len() <= FRAME_MAX);
        let mut wire = cobs::encode_vec(&bytes);
        wire.push(0);
        wire
    }

    /// The frame in the bytes before a delimiter.
    pub fn decode(wire: &[u8]) -> Result<Self, FrameError> {
        let bytes = cobs::decode_vec(wire).map_err(|_| FrameError::Encoding)?;
        if !(FRAME_OVERHEAD..=FRAME_MAX).contains(&bytes.len()) {
            return Err(FrameError::Length);
        }
        let (body, sum) = bytes.split_at(bytes.len() - CRC_BYTES);
        if crc(body) != sum {
            return Err(FrameError::Crc);
        }
        match body {
            [first, ..] if first & VERSION_BITS != VERSION << 4 => {
                Err(FrameError::Version((first & VERSION_BITS) >> 4))
            }
            [first, sequence, payload @ ..] => Ok(Self {
                command: first & !VERSION_BITS,
                sequence: *sequence,
                payload: payload.to_vec(),
            }),
            _ => Err(FrameError::Length),
        }
    }
}

/// Cuts a byte stream at delimiters. Holds at most one frame's worth of bytes.
#[derive(Debug, Default)]
pub struct Splitter {
    bytes: Vec<u8>,
    too_long: bool,
    pub discarded: u64,
    /// The version of the last frame that was whole and of another version.
    pub other: Option<u8>,
}

impl Splitter {
    /// Bytes held of a frame that has not ended: at most one more than the longest frame has.
    pub fn held(&self) -> usize {
        self.bytes.len()
    }

    /// Takes bytes; gives the good frames in them. Whatever else comes is counted and dropped.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<Frame> {
        let mut frames = Vec::new();
        for &byte in bytes {
            if byte != 0 {
                if self.bytes.len() <= FRAME_MAX {
                    self.bytes.push(byte);
                } else {
                    self.too_long = true;
                }
                continue;
            }
            if !self.bytes.is_empty() {
                match Frame::decode(&self.bytes) {
                    Ok(frame) if !self.too_long => frames.push(frame),
                    wrong => {
                        self.discarded += 1;
                        if let (Err(FrameError::Version(version)), false) = (wrong, self.too_long) {
                            self.other = Some(version);
                        }
                    }
                }
            }
            self.bytes.clear();
            self.too_long = false;
        }
        frames
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fixlearn_map::link::{PAYLOAD_MAX, REPLY};
    use proptest::prelude::*;

    #[test]
    fn crc_check_value() {
        assert_eq!(crc(b"123456789"), [0xb4, 0xf3, 0xe6]);
    }

    /// What a CRC without a final XOR lets through: a frame that ends with 0, without that byte.
    #[test]
    fn a_frame_without_its_last_byte_is_refused() {
        let mut tried = 0;
        for i in 0..100_000_u32 {
            let payload = i.to_be_bytes().to_vec();
            let wire = Frame { command: 4, sequence: 0, payload }.encode();
            if let [.., 1, 0] = wire[..] {
                tried += 1;
                assert_eq!(Splitter::default().push(&[&wire[..wire.len() - 2], &[0]].concat()), []);
            }
        }
        assert!(tried > 200, "{tried}");
    }

    proptest! {
        #[test]
        fn decode_inverts_encode(
            command in 0..16_u8,
            reply: bool,
            sequence: u8,
            payload in prop::collection::vec(any::<u8>(), 0..=PAYLOAD_MAX),
        ) {
            let command = command | if reply { REPLY } else { 0 };
            let frame = Frame { command, sequence, payload };
            let wire = frame.encode();
            prop_assert_eq!(wire.iter().filter(|&&b| b == 0).count(), 1);
            prop_assert!(wire.len() <= FRAME_MAX + 2);
            prop_assert_eq!(Frame::decode(&wire[..wire.len() - 1]), Ok(frame.clone()));
            let mut splitter = Splitter::default();
            prop_assert_eq!(splitter.push(&wire), vec![frame]);
        }

        #[test]
        fn garbage_never_panics_and_is_bounded(
            bytes in prop::collection::vec(any::<u8>(), 0..2000),
        ) {
            let mut splitter = Splitter::default();
            splitter.push(&bytes);
            prop_assert!(splitter.bytes.len() <= FRAME_MAX + 1);
        }

        #[test]
        fn a_changed_byte_is_noticed(
            payload in prop::collection::vec(any::<u8>(), 0..100),
            at: prop::sample::Index,
            flip in 1_u8..,
        ) {
            let frame = Frame { command: 4, sequence: 9, payload };
            let mut wire = frame.encode();
            let at = at.index(wire.len() - 1);
            wire[at] ^= flip;
            prop_assert_ne!(Splitter::default().push(&wire), vec![frame]);
        }
    }
}
