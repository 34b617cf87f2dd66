//! The sample memory in an SDRAM: passes over it against the golden model, beside a model of the
//! chip that refuses what its data sheet forbids.

use fixlearn_hdl::sdram::{Chip, CHIPS};
use fixlearn_tests::cores::vq::Vq;
use fixlearn_tests::cosim::core;
use fixlearn_tests::runner::random;
use fixlearn_tests::samples::{differs, in_sdram};

/// A chip of 1 Ki words, whose rows have 8: a vector crosses them, and the memory's end. A row
/// lives as long as four refreshes take.
fn small(of: &Chip) -> Chip {
    let mut chip = Chip { name: "4K", row_bits: 5, word_bits: 3, refreshes: 8, ..*of };
    chip.times.refresh = 8 * 7_800;
    chip
}

/// Beats of 8 to 128 bits, on chips of 16 and of 32 bits, at slow and fast clocks.
#[test]
fn passes_are_the_golden_models() {
    for (size, chip, hz) in [
        ("16x4x1+residues", &CHIPS[0], 12_000_000),
        ("16x4x1+residues", &small(&CHIPS[1]), 65_000_000),
        ("256x4x2+residues", &small(&CHIPS[0]), 50_000_000),
        ("16x16x4+residues", &small(&CHIPS[1]), 5_000_000),
        ("64x16x8+residues", &CHIPS[1], 70_000_000),
        ("64x16x8+residues", &small(&CHIPS[0]), 65_000_000),
        ("256x16x16+residues", &small(&CHIPS[0]), 65_000_000),
        ("256x16x16+residues", &small(&CHIPS[1]), 65_000_000),
    ] {
        let design = in_sdram::<Vq>(size, chip, hz);
        let mut core = core::<Vq>(design.as_ref(), str::to_string);
        let found = differs(design.as_ref(), &mut core, random(40));
        assert_eq!(found, None, "{size} at {hz} Hz, {} bits", chip.data);
    }
}
