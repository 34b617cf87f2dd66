//! The page of a run, of any task.

use super::command::Words;
use super::hardware::{self, Asked};
use super::table::{Cell, Row, Table};
use super::{Page, Part, Section};
use crate::build::report::Report;
use crate::run::{Head, Run};
use crate::task::{Input, Task};
use crate::{Error, Result};
use fixlearn_hdl::design::{self, Design};
use fixlearn_map::link::Identity;
use fixlearn_map::Built;
use fixlearn_sim::golden::core::Core;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// A task whose runs have a page.
pub trait Paged: Task {
    /// Whether the data come from the input files: else they follow from the plan.
    fn needs_input(&self) -> bool {
        true
    }

    /// The SHA-256 of the data, of what they are of.
    fn digests(&self) -> Vec<(&'static str, String)>;

    /// What was learned, as figures and words; those of the data only if they are there.
    ///
    /// # Errors
    /// If data that stay in a file cannot be read, or a picture cannot be made.
    fn sections(run: &Run<Self>, data: Option<&Self::Data>, given: &Given) -> Result<Vec<Section>>;

    /// What the run is, in a title.
    fn title(&self) -> String {
        format!("a run of fixlearn {}", Self::COMMAND)
    }

    /// The inputs, as the command takes them, and its options but for the line's.
    fn options(run: &Run<Self>, files: &Files, words: &mut Words);

    /// Whether classes can be shown on it.
    fn has_labels(&self) -> bool {
        false
    }

    /// Clocks of a step on a device, if that is stated.
    fn clocks(state: &Self::Core, design: &dyn Design) -> Option<u64>;

    /// Which steps take more of them, in a sentence.
    fn of_clocks(&self) -> &'static str {
        ""
    }

    /// Whether a device of these sizes leaves its mark on the state as the run's did.
    fn repeats(_state: &Self::Core, _built: &<Self::Core as Core>::Built) -> bool {
        true
    }
}

/// The files of a run.
pub struct Files<'a> {
    pub run: &'a Path,
    pub input: &'a Input,
}

impl Files<'_> {
    /// The inputs, or what stands for them.
    pub fn inputs(&self) -> Vec<PathBuf> {
        match self.input.paths.is_empty() {
            true => vec!["INPUT".into()],
            false => self.input.paths.clone(),
        }
    }
}

/// What a page is made from.
pub struct Given<'a> {
    pub input: &'a Input,
    pub build: Option<&'a Report>,
    /// The column of classes of what a map was made of.
    pub labels: Option<&'a str>,
    /// The command that made the run, if it is another one than the task's.
    pub made_by: Option<String>,
}

/// Names and values of a table.
pub type Pairs = Vec<(String, String)>;

/// The page; `settings` and `registers` are the run's, as text.
///
/// # Errors
/// If the input is not the run's, the build does not hold it, or a figure cannot be made.
pub fn page<T: Paged>(
    head: &Head,
    given: &Given,
    settings: Pairs,
    registers: Pairs,
) -> Result<Page> {
    let run = Run::<T>::parse(head)?;
    let asked = !given.input.paths.is_empty();
    let data = match asked || !run.plan.needs_input() {
        true => Some(run.plan.load(given.input, head.path())?),
        false => None,
    };
    page_of(&run, head, data.as_ref(), given, settings, registers)
}

/// The same with the data at hand.
///
/// # Errors
/// If the build does not hold the run, or a figure cannot be made.
pub fn page_of<T: Paged>(
    run: &Run<T>,
    head: &Head,
    data: Option<&T::Data>,
    given: &Given,
    settings: Pairs,
    registers: Pairs,
) -> Result<Page> {
    if given.labels.is_some() && !run.plan.has_labels() {
        return Err(Error::request("--labels is of maps, and the run is none; leave it out"));
    }
    let mut sections = T::sections(run, data, given)?;
    sections.push(hardware(run, given.build)?);
    sections.push(repeat(run, head, given, data, settings, registers));
    let name = head.path().file_name().unwrap_or_default().to_string_lossy().into_owned();
    let (core, done) = (<T::Core as Core>::Built::CORE.name, run.done);
    let state = match data {
        Some(data) if done < run.plan.steps(data) && !run.is_over() => {
            format!(" It is not finished: there are {} in all.", run.plan.steps(data))
        }
        _ => String::new(),
    };
    Ok(Page {
        title: format!("{name}: {}", run.plan.title()),
        lead: format!(
            "Task {}, learned in fixed point by the core {core}: {done} {} are done.{state}",
            T::NAME,
            T::STEP
        ),
        sections,
    })
}

fn fits<T: Paged>(run: &Run<T>, identity: &Identity) -> std::result::Result<(), String> {
    let built = identity.built::<<T::Core as Core>::Built>().ok_or("is of another core")?;
    run.state.check(&built)?;
    run.state.check_learning(&built)
}

fn hardware<T: Paged>(run: &Run<T>, build: Option<&Report>) -> Result<Section> {
    let asked = Asked {
        core: <T::Core as Core>::Built::CORE,
        fits: &|identity| fits(run, identity),
        clocks: &|design| T::clocks(&run.state, design),
        of_clocks: run.plan.of_clocks(),
        step: T::STEP,
        vector_bytes: T::STREAMS.then(|| run.state.vector_bytes()),
    };
    hardware::section(&asked, build)
}

/// The command that makes this run again, to the byte.
pub fn command<T: Paged>(run: &Run<T>, files: &Files) -> Words {
    let mut words = Words::default();
    words.word("fixlearn");
    words.word(T::COMMAND);
    T::options(run, files, &mut words);
    if let Some(resident) = run.resident {
        words.option("--resident", resident);
    }
    words.option("--port", "golden");
    if let Some(size) = size(run) {
        words.option("--size", size);
    }
    let stem = files.run.file_stem().unwrap_or_default().to_string_lossy();
    words.word("--out");
    words.path(&files.run.with_file_name(format!("{stem}-again.json")));
    words
}

/// The size that leaves the same mark on the state, if it is not the one that is taken by itself.
fn size<T: Paged>(run: &Run<T>) -> Option<String> {
    let kind = design::find(<T::Core as Core>::Built::CORE.name).ok()?;
    let same = |identity: &Identity| {
        let built = identity.built::<<T::Core as Core>::Built>();
        built.is_some_and(|built| T::repeats(&run.state, &built))
    };
    let holds = |identity: &Identity| {
        let built = identity.built::<<T::Core as Core>::Built>();
        built.is_some_and(|built| run.state.check(&built).is_ok())
    };
    let usual = kind.simulated(&holds);
    if usual.is_some_and(|design| same(&design.identity())) {
        return None;
    }
    kind.simulated(&|identity| holds(identity) && same(identity)).map(|design| design.size())
}

fn repeat<T: Paged>(
    run: &Run<T>,
    head: &Head,
    given: &Given,
    data: Option<&T::Data>,
    settings: Pairs,
    registers: Pairs,
) -> Section {
    let files = Files { run: head.path(), input: given.input };
    let words = command(run, &files);
    let mut parts = Vec::new();
    let version = head.version();
    if given.made_by.is_some() {
        parts.push(Part::Text("This command makes the same run, to the byte.".into()));
    } else if !words.unknown.is_empty() {
        let words = "This command comes as near as the run's file tells; what it does not is said \
                     below.";
        parts.push(Part::Text(words.into()));
    } else if version < crate::run::VERSION {
        parts.push(Part::Text(format!(
            "The file is of version {version}, whose runs learned their vectors in another order: \
             the command asks for the same, and does not come to the same bits."
        )));
    } else {
        parts.push(Part::Text(
            "This command makes the same run, to the byte, on the golden model; any device comes \
             to the same bits."
                .into(),
        ));
    }
    match &given.made_by {
        Some(command) => parts.push(Part::Code(command.clone())),
        None => {
            parts.push(Part::Code(words.shell()));
            if run.plan.needs_input() && given.input.paths.is_empty() {
                let words = "INPUT stands for the files that were learned from.";
                parts.push(Part::Text(words.into()));
            }
            parts.extend(words.unknown.into_iter().map(Part::Text));
        }
    }
    if data.is_some_and(|data| run.done < run.plan.steps(data) && !run.is_over()) {
        parts.push(Part::Text(
            "The run is not finished: the same command with --resume and the run itself as --out \
             goes on from it."
                .into(),
        ));
    }
    let mut facts = vec![
        ("fixlearn".into(), env!("CARGO_PKG_VERSION").into()),
        ("SHA-256 of the run's file".into(), head.sha256()),
        ("Version of the file's format".into(), version.to_string()),
    ];
    for (what, digest) in run.plan.digests() {
        facts.push((format!("SHA-256 of {what}"), digest));
    }
    for path in &given.input.paths {
        if let Ok(bytes) = std::fs::read(path) {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            facts.push((format!("SHA-256 of {name}"), fixlearn_sim::hex(Sha256::digest(bytes))));
        }
    }
    parts.push(Part::Facts(facts));
    for (name, title, pairs) in
        [("settings", "Settings", settings), ("registers", "Registers of the core", registers)]
    {
        let rows = pairs.into_iter().map(|(name, value)| Row::new(name, vec![Cell::word(value)]));
        let table = Table {
            name,
            title: title.into(),
            columns: vec!["Name".into(), "Value".into()],
            rows: rows.collect(),
            words: "As the run's file has them.".into(),
            is_map: false,
        };
        parts.push(Part::Folded(title.into(), Box::new(Part::Table(table))));
    }
    Section::new("What was asked for, and how to repeat it", parts)
}

/// A folder or file that is no run says so before a page is thought of.
///
/// # Errors
/// If there is none in the folder.
pub fn file_of(path: &Path) -> Result<PathBuf> {
    if !path.is_dir() {
        return Ok(path.into());
    }
    let model = path.join("model.json");
    match model.is_file() {
        true => Ok(model),
        false => Err(Error::input(
            path,
            "is a folder without model.json, which demo writes; name a run's file",
        )),
    }
}
