//! The registry of what can be built.

use fixlearn_hdl::design::{find, Target, KINDS};
use fixlearn_map::Core;
use std::collections::HashSet;

/// In every registry a core has the same number and name, once.
#[test]
fn every_core_of_the_map_can_be_built() {
    let numbers = |cores: &[&Core]| cores.iter().map(|c| c.number).collect::<Vec<_>>();
    let built: Vec<&Core> = KINDS.iter().map(|kind| kind.core()).collect();
    assert_eq!(numbers(&built), numbers(fixlearn_map::CORES));
    for kind in KINDS {
        assert_eq!(find(kind.core().name).expect("its name").core(), kind.core());
    }
    let Err(said) = find("lms9") else { panic!("it is found") };
    assert!(said.starts_with("no core `lms9`; there are: "), "{said}");
}

#[test]
fn every_size_is_read_as_it_is_written() {
    for kind in KINDS {
        let sizes = kind.sizes();
        assert_eq!(sizes.iter().collect::<HashSet<_>>().len(), sizes.len(), "{kind:?}");
        for size in sizes.iter().chain([&kind.simulated_size()]) {
            let design = kind.parse(size, Target::SIMULATED).expect("on offer");
            assert_eq!(design.core(), kind.core());
            assert_eq!(design.identity().core, kind.core().number);
            let canonical = design.size();
            assert!(sizes.contains(&canonical), "{kind:?} {size}: {canonical}");
            let again = kind.parse(&canonical, Target::SIMULATED).expect("its own");
            assert_eq!(again.identity(), design.identity(), "{kind:?} {size}");
        }
        let options: Vec<_> = sizes.iter().map(|s| s.split_once('+').map(|s| s.1)).collect();
        assert!(options.is_sorted(), "{kind:?}: those without options first");
    }
}

#[test]
fn options_of_a_size_have_no_order() {
    let kind = find("vq").expect("a core");
    let design = kind.parse("64x16x64+residues+l1", Target::SIMULATED).expect("on offer");
    assert_eq!(design.size(), "64x16x64+l1+residues");
    assert!(kind.parse("64x16x64+l1+l1", Target::SIMULATED).is_err());
}

#[test]
fn what_is_no_size_is_refused_in_one_line() {
    for kind in KINDS {
        for size in ["", "+", "0", "64x16", "64x16x", "64x16x8x2", "64x16x8+", "vq", "-1x1x1"] {
            let said = kind.parse(size, Target::SIMULATED).err().expect("refused");
            assert!(said.lines().count() == 1, "{kind:?} `{size}`: {said}");
            assert!(said.contains(&format!("`{size}`")), "{kind:?} `{size}`: {said}");
            assert!(said.contains(&kind.form()), "{kind:?} `{size}`: {said}");
        }
    }
}

/// Every set of objectives can be built; the first size has them all.
#[test]
fn every_set_of_objectives_is_on_offer() {
    let kind = find("gradient").expect("a core");
    let sizes: HashSet<_> = kind.sizes().into_iter().collect();
    assert_eq!(sizes.len(), usize::from(fixlearn_hdl::design::ALL_OBJECTIVES));
    let design = kind.parse("all", Target::SIMULATED).expect("on offer");
    assert_eq!(kind.sizes()[0], design.size());
}
