/// Levels of one byte's time on an 8N1 line, from the low end: start bit, data, stop bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Symbol {
    pub bits: u16,
    /// How often it is repeated.
    pub times: u32,
}

impl Symbol {
    /// A line that stands still.
    pub const IDLE: u16 = 0x3ff;

    pub fn byte(byte: u8) -> Self {
        Self { bits: u16::from(byte) << 1 | 1 << 9, times: 1 }
    }
}
