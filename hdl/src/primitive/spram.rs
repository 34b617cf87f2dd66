//! SB_SPRAM256KA, the UltraPlus's large RAM of one port: 16384 words of 16 bits.
//!
//! Behavioural model: a memory that either writes or reads in a clock.

/// Bytes of all four that an UltraPlus has.
pub(crate) const BYTES: u32 = 1 << 17;

/// Two of them side by side: `o` is the word at `address` a clock later, `d` is written to it.
pub(crate) fn words_of_32(address: &str, write: &str, d: &str, o: &str) -> String {
    [(15, 0, "low"), (31, 16, "high")]
        .map(|(from, to, name)| {
            format!(
                "\
(* keep *) SB_SPRAM256KA {name} (
  .CLOCK(clock), .ADDRESS({address}), .DATAIN({d}[{from}:{to}]), .MASKWREN(4'b1111),
  .WREN({write}), .CHIPSELECT(1'b1), .STANDBY(1'b0), .SLEEP(1'b0), .POWEROFF(1'b1),
  .DATAOUT({o}[{from}:{to}])
);
"
            )
        })
        .concat()
}
