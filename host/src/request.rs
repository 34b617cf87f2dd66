//! Commands to the device, of any length; the client cuts them into frames.

use fixlearn_map::link::{command, PAYLOAD_MAX, READ_MAX, RECALL_MAX};

/// A word's place in a space of which rows follow each other after `wrap` columns, if they do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub space: u8,
    pub row: usize,
    pub column: usize,
    pub wrap: Option<usize>,
}

impl Place {
    /// The place `words` further on.
    fn after(self, words: usize) -> Self {
        match self.wrap {
            Some(columns) => {
                let at = self.row * columns + self.column + words;
                Self { row: at / columns, column: at % columns, ..self }
            }
            None => Self { column: self.column + words, ..self },
        }
    }

    fn bytes(self) -> [u8; 3] {
        [self.space, self.row as u8, self.column as u8]
    }
}

/// What the device is to do. A unit is a word, or a vector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// CONFIGURE or WRITE, by its number.
    Write {
        command: u8,
        place: Place,
        words: Vec<u32>,
    },
    Read {
        place: Place,
        count: usize,
    },
    /// Whole vectors of so many bytes.
    Learn {
        vectors: Vec<u8>,
        size: usize,
    },
    Recall {
        vectors: Vec<u8>,
        size: usize,
    },
    Reset,
}

impl Request {
    /// The number of the command on the wire.
    pub fn command(&self) -> u8 {
        match self {
            Request::Write { command, .. } => *command,
            Request::Read { .. } => command::READ,
            Request::Learn { .. } => command::LEARN,
            Request::Recall { .. } => command::RECALL,
            Request::Reset => command::RESET,
        }
    }

    /// The bytes after the header.
    pub fn payload(&self) -> Vec<u8> {
        match self {
            Request::Write { place, words, .. } => {
                let words = words.iter().flat_map(|w| w.to_be_bytes());
                place.bytes().into_iter().chain(words).collect()
            }
            Request::Read { place, count } => {
                place.bytes().into_iter().chain([*count as u8]).collect()
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
            Request::Write { command, place, words } => {
                let most = (limit.saturating_sub(3) / 4).max(1);
                (words.len() > most).then(|| Request::Write {
                    command: *command,
                    place: place.after(most),
                    words: words.split_off(most),
                })
            }
            Request::Read { place, count } => {
                let most = (limit / 4).clamp(1, READ_MAX);
                let rest = count.checked_sub(most).filter(|&rest| rest > 0)?;
                *count = most;
                Some(Request::Read { place: place.after(most), count: rest })
            }
            Request::Learn { vectors, size } => {
                let most = (limit / (*size).max(1)).max(1) * *size;
                (vectors.len() > most)
                    .then(|| Request::Learn { vectors: vectors.split_off(most), size: *size })
            }
            Request::Recall { vectors, size } => {
                let most = (limit / (*size).max(4)).clamp(1, RECALL_MAX) * *size;
                (vectors.len() > most)
                    .then(|| Request::Recall { vectors: vectors.split_off(most), size: *size })
            }
            Request::Reset => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fixlearn_map::link::space;
    use proptest::prelude::*;

    fn requests() -> impl Strategy<Value = Request> {
        let place = (0..3_u8, 0..8_usize, 0..5_usize, prop::option::of(5..9_usize))
            .prop_map(|(space, row, column, wrap)| Place { space, row, column, wrap });
        let vectors = (1..20_usize, 1..60_usize)
            .prop_map(|(n, size)| ((0..n * size).map(|i| i as u8).collect::<Vec<u8>>(), size));
        prop_oneof![
            (place.clone(), prop::collection::vec(any::<u32>(), 1..200)).prop_map(
                |(place, words)| Request::Write { command: command::WRITE, place, words }
            ),
            (place, 1..200_usize).prop_map(|(place, count)| Request::Read { place, count }),
            vectors.clone().prop_map(|(vectors, size)| Request::Learn { vectors, size }),
            vectors.prop_map(|(vectors, size)| Request::Recall { vectors, size }),
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
                        Request::Write { place, words: some, .. },
                        Request::Write { place: first, words: all, .. },
                    ) => {
                        prop_assert_eq!(*place, first.after(words));
                        prop_assert_eq!(&all[words..words + some.len()], &some[..]);
                        prop_assert!(some.len() == 1 || 3 + 4 * some.len() <= limit);
                        words += some.len();
                    }
                    (Request::Read { place, count }, Request::Read { place: first, .. }) => {
                        prop_assert_eq!(*place, first.after(words));
                        prop_assert!(*count == 1 || 4 * count <= limit && *count <= READ_MAX);
                        words += count;
                    }
                    (Request::Learn { vectors, size }, Request::Learn { .. })
                    | (Request::Recall { vectors, size }, Request::Recall { .. }) => {
                        prop_assert_eq!(vectors.len() % size, 0);
                        prop_assert!(vectors.len() == *size || vectors.len() <= limit);
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
    fn rows_follow_each_other_where_they_wrap() {
        let place = Place { space: space::CODEBOOK, row: 2, column: 3, wrap: Some(5) };
        assert_eq!(place.after(9), Place { row: 4, column: 2, ..place });
        let line = Place { wrap: None, ..place };
        assert_eq!(line.after(9), Place { column: 12, ..line });
    }
}
