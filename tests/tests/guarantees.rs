//! The page of guarantees names tests that exist, and every test is run.

use std::path::Path;

#[test]
fn every_test_that_the_page_names_exists() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(tests.join("../host/docs/guarantees.md")).expect("the page");
    let mut named = 0;
    for word in page.split('`').skip(1).step_by(2) {
        let Some((file, test)) = word.split_once("::") else {
            continue;
        };
        // A template, not a test.
        if file == "file" {
            continue;
        }
        let text: String = ["tests", "host"]
            .iter()
            .filter_map(|folder| {
                std::fs::read_to_string(tests.join(folder).join(format!("{file}.rs"))).ok()
            })
            .collect();
        assert!(!text.is_empty(), "{word}: no such file");
        // A property's test takes what it is tried on.
        let plain = text.contains(&format!("#[test]\nfn {test}()"));
        let property = text.contains(&format!("    #[test]\n    fn {test}("));
        assert!(plain || property, "{word}: no such test");
        named += 1;
    }
    assert!(named > 20, "{named}");
}

/// Where a library's or a program's own tests are switched off in Cargo.toml (they would cost a
/// second build of it), there are none.
#[test]
fn no_test_is_where_none_is_run() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = ["src", "../hdl/src", "../host/src/cmd"].map(|f| tests.join(f)).to_vec();
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = std::fs::read_to_string(&path).expect("a file");
                assert!(!text.contains("#[test]"), "{} has a test", path.display());
                seen += 1;
            }
        }
    }
    assert!(seen > 40, "{seen}");
}
