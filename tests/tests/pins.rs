//! What must not change by accident: the Verilog of every size, by hash.
//!
//! `FIXLEARN_RENEW=1 cargo test --release -p fixlearn-tests --test pins` writes the file anew; the
//! commit that does so says why the Verilog changed, and shows that the netlist does the same.

use fixlearn_hdl::design::{Design, GradientDesign, VqDesign, ALL_OBJECTIVES, VQ_SIZES};
use fixlearn_hdl::fabric::Fabric;
use sha2::{Digest, Sha256};
use std::path::Path;

const FABRICS: [Fabric; 3] = [Fabric::Inferred, Fabric::Mac16, Fabric::Logic];
const CLOCK: (u32, u32) = (12_000_000, 3_000_000);

fn line(name: &str, design: &dyn Design) -> String {
    let verilog = design.top_verilog().expect("on offer");
    if let Ok(folder) = std::env::var("FIXLEARN_VERILOG") {
        std::fs::write(Path::new(&folder).join(format!("{name}.v")), &verilog).expect("written");
    }
    let hash = Sha256::digest(verilog).iter().map(|b| format!("{b:02x}")).collect::<String>();
    format!("{name} {hash}\n")
}

#[test]
fn the_verilog_of_every_size() {
    let (clock_hz, baud) = CLOCK;
    let mut found = String::new();
    for fabric in FABRICS {
        for &size in VQ_SIZES {
            for residues in [false, true] {
                let design = VqDesign { size, residues, fabric, clock_hz, baud };
                let residues = if residues { "-residues" } else { "" };
                found += &line(&format!("vq-{size}-{fabric:?}{residues}"), &design);
            }
        }
        for objectives in 1..=ALL_OBJECTIVES {
            let design = GradientDesign { objectives, fabric, clock_hz, baud };
            found += &line(&format!("gradient-{objectives}-{fabric:?}"), &design);
        }
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("pins/verilog.txt");
    if std::env::var_os("FIXLEARN_RENEW").is_some() {
        std::fs::write(&path, &found).expect("written");
    }
    let pinned = std::fs::read_to_string(&path).expect("the pins");
    for (found, pinned) in found.lines().zip(pinned.lines()) {
        assert_eq!(found, pinned, "the Verilog has changed");
    }
    assert_eq!(found.lines().count(), pinned.lines().count());
}
