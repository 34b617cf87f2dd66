//! Golden models, co-simulation with Verilator, and the simulated board.

pub mod board;
pub mod cosim;
pub mod golden;

/// Bytes as hexadecimal digits, two a byte.
pub fn hex(bytes: impl AsRef<[u8]>) -> String {
    bytes.as_ref().iter().map(|b| format!("{b:02x}")).collect()
}
