//! The page of promises names tests that exist.

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
        let text = ["tests", "host"]
            .iter()
            .find_map(|folder| {
                std::fs::read_to_string(tests.join(folder).join(format!("{file}.rs"))).ok()
            })
            .unwrap_or_else(|| panic!("{word}: no such file"));
        assert!(text.contains(&format!("#[test]\nfn {test}()")), "{word}: no such test");
        named += 1;
    }
    assert!(named > 20, "{named}");
}
