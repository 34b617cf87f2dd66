//! Commands to the device, of any length; the client cuts them into frames.

use fixlearn_map::link::{command, ANSWERS_MAX, PAYLOAD_MAX, READ_MAX};
use fixlearn_map::samples::memory::ORDER;
use fixlearn_sim::golden::Place;
use std::time::Duration;

/// Board time that a command over the sample memory takes, so that the link goes on answering.
pub const STRETCH: Duration = Duration::from_millis(20);

/// Bytes of an address in a frame.
const ADDRESS: usize = 4;

/// An address as a frame carries it.
fn address(at: Place) -> [u8; ADDRESS] {
    let [high, low] = at.row.to_be_bytes();
    [at.memory, high, low, at.column]
}

/// What the device is to do. A unit is a word, or a vector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Words from a place on, where a row has so many columns.
    Write {
        at: Place,
        columns: usize,
        words: Vec<u32>,
    },
    Read {
        at: Place,
        columns: usize,
        count: usize,
    },
    /// Whole vectors of so many bytes.
    Learn {
        vectors: Vec<u8>,
        size: usize,
    },
    /// And the bytes of the answer to each.
    Recall {
        vectors: Vec<u8>,
        size: usize,
        answer: usize,
    },
    Reset,
}

impl Request {
    /// The number of the command on the wire.
    pub fn command(&self) -> u8 {
        match self {
            Request::Write { .. } => command::WRITE,
            Request::Read { .. } => command::READ,
            Request::Learn { .. } => command::LEARN,
            Request::Recall { .. } => command::RECALL,
            Request::Reset => command::RESET,
        }
    }

    /// The time that the device may take for it, beside that of any other.
    pub fn takes(&self) -> Duration {
        match self {
            // A stretch is found out by trials, which may take longer.
            Request::Write { at, .. } if at.memory == ORDER => 4 * STRETCH,
            _ => Duration::ZERO,
        }
    }

    /// The bytes after the header.
    pub fn payload(&self) -> Vec<u8> {
        match self {
            Request::Write { at, words, .. } => {
                let words = words.iter().flat_map(|w| w.to_be_bytes());
                address(*at).into_iter().chain(words).collect()
            }
            Request::Read { at, count, .. } => {
                address(*at).into_iter().chain([*count as u8]).collect()
            }
            Request::Learn { vectors, .. } | Request::Recall { vectors, .. } => vectors.clone(),
            Request::Reset => Vec::new(),
        }
    }

    /// RECALL and READ are done only when their own reply is in; for the others a later reply
    /// will do, which acknowledges all before it.
    pub fn needs_its_reply(&self) -> bool {
        matches!(self, Request::Read { .. } | Request::Recall { .. })
    }

    /// Keeps as much as a frame of `limit` bytes of payload holds, in the command or in its reply,
    /// and at least a unit; gives the rest.
    pub fn cut(&mut self, limit: usize) -> Option<Self> {
        let limit = limit.min(PAYLOAD_MAX);
        match self {
            Request::Write { at, columns, words } => {
                let most = (limit.saturating_sub(ADDRESS) / 4).max(1);
                (words.len() > most).then(|| Request::Write {
                    at: at.after(most, *columns),
                    columns: *columns,
                    words: words.split_off(most),
                })
            }
            Request::Read { at, columns, count } => {
                let most = (limit / 4).clamp(1, READ_MAX);
                let rest = count.checked_sub(most).filter(|&rest| rest > 0)?;
                *count = most;
                Some(Request::Read { at: at.after(most, *columns), columns: *columns, count: rest })
            }
            Request::Learn { vectors, size } => {
                let most = (limit / (*size).max(1)).max(1) * *size;
                (vectors.len() > most)
                    .then(|| Request::Learn { vectors: vectors.split_off(most), size: *size })
            }
            Request::Recall { vectors, size, answer } => {
                let most = (limit / (*size).max(*answer)).max(1).min(ANSWERS_MAX / *answer);
                let most = most.max(1) * *size;
                (vectors.len() > most).then(|| Request::Recall {
                    vectors: vectors.split_off(most),
                    size: *size,
                    answer: *answer,
                })
            }
            Request::Reset => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn requests() -> impl Strategy<Value = Request> {
        let at = (0..3_u8, 0..8_u16, 0..5_u8).prop_map(|(memory, row, column)| Place {
            memory,
            row,
            column,
        });
        let vectors = (1..20_usize, 1..60_usize)
            .prop_map(|(n, size)| ((0..n * size).map(|i| i as u8).collect::<Vec<u8>>(), size));
        let columns = prop_oneof![5..9_usize, Just(256)];
        let words = prop::collection::vec(any::<u32>(), 1..200);
        prop_oneof![
            (at.clone(), columns.clone(), words).prop_map(|(at, columns, words)| Request::Write {
                at,
                columns,
                words
            }),
            (at, columns, 1..200_usize).prop_map(|(at, columns, count)| Request::Read {
                at,
                columns,
                count
            }),
            vectors.clone().prop_map(|(vectors, size)| Request::Learn { vectors, size }),
            (vectors, 1..249_usize).prop_map(|((vectors, size), answer)| Request::Recall {
                vectors,
                size,
                answer
            }),
        ]
    }

    proptest! {
        /// Pieces are within the limit unless they are a single unit, and together the whole.
        #[test]
        fn pieces_are_the_whole(whole in requests(), limit in 1..300_usize) {
            let mut pieces = Vec::new();
            let mut rest = Some(whole.clone());
            while let Some(mut piece) = rest.take() {
                rest = piece.cut(limit);
                prop_assert!(piece.payload().len() <= PAYLOAD_MAX);
                pieces.push(piece);
            }
            let mut words = 0;
            let mut bytes = Vec::new();
            for piece in &pieces {
                match (piece, &whole) {
                    (
                        Request::Write { at, words: some, .. },
                        Request::Write { at: first, columns, words: all },
                    ) => {
                        prop_assert_eq!(*at, first.after(words, *columns));
                        prop_assert_eq!(&all[words..words + some.len()], &some[..]);
                        prop_assert!(some.len() == 1 || ADDRESS + 4 * some.len() <= limit);
                        words += some.len();
                    }
                    (Request::Read { at, count, .. }, Request::Read { at: first, columns, .. }) => {
                        prop_assert_eq!(*at, first.after(words, *columns));
                        prop_assert!(*count == 1 || 4 * count <= limit && *count <= READ_MAX);
                        words += count;
                    }
                    (Request::Learn { vectors, size }, Request::Learn { .. }) => {
                        prop_assert_eq!(vectors.len() % size, 0);
                        prop_assert!(vectors.len() == *size || vectors.len() <= limit);
                        bytes.extend_from_slice(vectors);
                    }
                    (Request::Recall { vectors, size, answer }, Request::Recall { .. }) => {
                        prop_assert_eq!(vectors.len() % size, 0);
                        let count = vectors.len() / size;
                        prop_assert!(count * answer <= ANSWERS_MAX);
                        prop_assert!(count == 1 || vectors.len() <= limit);
                        bytes.extend_from_slice(vectors);
                    }
                    _ => prop_assert!(false, "another command"),
                }
            }
            match whole {
                Request::Write { words: all, .. } => prop_assert_eq!(words, all.len()),
                Request::Read { count, .. } => prop_assert_eq!(words, count),
                Request::Learn { vectors, .. } | Request::Recall { vectors, .. } => {
                    prop_assert_eq!(bytes, vectors)
                }
                Request::Reset => {}
            }
        }
    }

    #[test]
    fn rows_follow_each_other() {
        let at = Place { memory: 1, row: 2, column: 3 };
        assert_eq!(at.after(9, 5), Place { row: 4, column: 2, ..at });
        assert_eq!(at.after(9, 256), Place { column: 12, ..at });
    }
}
