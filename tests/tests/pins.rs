//! What must not change by accident: the Verilog of every size of every core, by hash.
//!
//! `FIXLEARN_RENEW=1 cargo test --release -p fixlearn-tests --test pins` writes the file anew; the
//! commit that does so says why the Verilog changed, and shows that the netlist does the same.
//! With `FIXLEARN_VERILOG=FOLDER` the Verilog is written there.

use fixlearn_hdl::design::{Target, KINDS};
use fixlearn_hdl::fabric::Fabric;
use sha2::{Digest, Sha256};
use std::path::Path;

#[test]
fn the_verilog_of_every_size() {
    let folder = std::env::var("FIXLEARN_VERILOG");
    let mut found = String::new();
    let designs = KINDS.iter().flat_map(|kind| {
        let core = kind.core().name;
        let sizes =
            kind.sizes().into_iter().flat_map(|s| Fabric::ALL.map(|fabric| (s.clone(), fabric)));
        sizes.map(move |(size, fabric)| {
            let design = kind.parse(&size, Target { fabric, ..Target::SIMULATED });
            (format!("{core}-{size}-{fabric}"), design.expect("on offer"))
        })
    });
    for (name, design) in designs {
        let verilog = design.top_verilog().expect("on offer");
        if let Ok(folder) = &folder {
            std::fs::write(Path::new(folder).join(format!("{name}.v")), &verilog).expect("written");
        }
        let hash = Sha256::digest(verilog).iter().map(|b| format!("{b:02x}")).collect::<String>();
        found += &format!("{name} {hash}\n");
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
