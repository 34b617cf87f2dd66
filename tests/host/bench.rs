//! `bench`: what it refuses, and what it says. How fast anything is, no test says.

mod common;

use common::{json, refused, Folder};

#[test]
fn nonsense_is_refused() {
    let f = Folder::new();
    refused(&["bench", "silver"], &["silver", "golden", "growth", "memory", "hardware"]);
    refused(&["bench", "golden", "--rounds", "0"], &["--rounds"]);
    refused(&["bench", "hardware", "--plot", &f.at("p.svg")], &["--plot", "golden"]);
    refused(&["bench", "golden", "--plot", &f.at("p.txt")], &[".svg", ".png"]);
    let nowhere = f.at("nowhere/p.svg");
    refused(&["bench", "golden", "--without-rivals", "--plot", &nowhere], &["nowhere"]);
}

#[test]
fn hardware_counts_all_connections_and_those_that_move() {
    let report = json(&["bench", "hardware"]);
    assert_eq!((&report["command"], &report["held"]), (&"bench".into(), &true.into()));
    let table = &report["parts"]["hardware"];
    let columns = table["columns"].as_array().expect("columns");
    let rows = table["rows"].as_array().expect("rows");
    assert!(rows.len() >= 3, "{rows:?}");
    for row in rows {
        let values = row["values"].as_array().expect("numbers");
        assert_eq!(values.len(), columns.len());
        let values: Vec<f64> = values.iter().map(|v| v.as_f64().expect("a number")).collect();
        let [fmax, recall, learn, mcps, mcups, moved] = values[..] else { panic!("{values:?}") };
        let name = row["name"].as_str().expect("a name");
        let size = name.rsplit(' ').next().and_then(|size| size.split('+').next());
        let size: Vec<f64> = size.expect("a size").split('x').flat_map(str::parse).collect();
        // As hdl/src/cores/vq/mod.rs says: a beat for each lane's dimension; of a wide core, all
        // its lanes in every clock.
        let (connections, beats) = (size[0] * size[1], size[1] / size[2]);
        let narrow = beats + size[0] * beats + 12.0;
        assert_eq!(recall, if size[2] > 16.0 { connections / size[2] } else { narrow }, "{name}");
        assert!(learn > recall && (mcps - fmax / recall * connections).abs() < 1e-6 * mcps);
        assert!((mcups - moved * size[0]).abs() < 1e-6 * mcups, "{name}");
    }
}

#[test]
fn the_golden_model_is_measured_without_other_programs() {
    let f = Folder::new();
    let plot = f.at("p.svg");
    let options = ["--without-rivals", "--rounds", "1", "--plot", &plot];
    let report = json(&[&["bench", "golden"], &options[..]].concat());
    let rows = report["parts"]["golden"]["rows"].as_array().expect("rows");
    let names: Vec<&str> = rows.iter().filter_map(|row| row["name"].as_str()).collect();
    assert_eq!(names, ["fixlearn", "the whole command"]);
    let rates = rows.iter().flat_map(|row| row["values"].as_array().expect("numbers"));
    assert!(rates.map(|v| v.as_f64()).all(|v| v.is_some_and(|v| v > 0.0)));
    assert_eq!(report["bars"], serde_json::json!([]), "there is nothing to compare with");
    let drawn = std::fs::read_to_string(&plot).expect("a plot");
    assert!(drawn.contains("the whole command") && drawn.contains("train"), "{drawn}");
}
