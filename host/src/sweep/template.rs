//! Jobs as a plan has them: command lines in which names stand for values.

use super::axis::{fault, place, split, Axis, Checked};
use super::word::{is_name, Word};
use crate::Result;
use std::collections::{BTreeMap, BTreeSet};
use toml::{Table, Value as Toml};

/// One command of a job.
#[derive(Clone, Debug)]
pub struct Command {
    /// What its columns begin with.
    pub prefix: String,
    pub words: Vec<Word>,
}

/// Commands that run one after another in one folder.
#[derive(Clone, Debug)]
pub struct Template {
    pub name: String,
    pub commands: Vec<Command>,
}

/// The commands of each job, and the prefixes of their columns.
pub(super) fn templates(jobs: &Table, axes: &[Axis]) -> Result<Vec<Template>> {
    let mut templates = Vec::new();
    let mut used = BTreeSet::new();
    for (name, lines) in jobs {
        let at = format!("jobs.{name}");
        let kind = || fault(&at, "a command line, or a list of them".into());
        if !is_name(name) {
            return Err(fault(&at, "a name is of letters, digits, _ and -, a letter first".into()));
        }
        let lines = match lines {
            Toml::Array(lines) if !lines.is_empty() => lines.as_slice(),
            Toml::String(_) => std::slice::from_ref(lines),
            _ => return Err(kind()),
        };
        let mut commands = Vec::new();
        for line in lines {
            let mut words = Vec::new();
            for text in split(line.as_str().ok_or_else(kind)?).map_err(|why| fault(&at, why))? {
                words.push(Word::parse(&text).map_err(|why| fault(&at, why))?);
            }
            for word in &words {
                check(word, axes).map_err(|why| fault(&at, why))?;
                used.extend(word.names().map(str::to_string));
            }
            let first = words.first().filter(|word| word.names().next().is_none());
            let first = first.map(|word| word.fill(|_| &[]).concat());
            let prefix = first.ok_or_else(|| {
                fault(&at, "a command line begins with a command, as `train`".into())
            })?;
            commands.push(Command { prefix, words });
        }
        templates.push(Template { name: name.clone(), commands });
    }
    if templates.is_empty() {
        return Err(fault("jobs", "there are none; give one, as quality = \"train ...\"".into()));
    }
    if let Some(axis) = axes.iter().find(|axis| !used.contains(&axis.name)) {
        let name = &axis.name;
        let why = format!("no job has {{{name}}} in it; put it there, or leave the axis out");
        return Err(fault(name, why));
    }
    tell_apart(&mut templates);
    Ok(templates)
}

/// Says whether a word can be filled.
fn check(word: &Word, axes: &[Axis]) -> Checked<()> {
    for name in word.names() {
        let Some(axis) = axes.iter().find(|axis| axis.name == *name) else {
            let names: Vec<&str> = axes.iter().map(|axis| axis.name.as_str()).collect();
            let there = names.join(", ");
            return Err(format!("{{{name}}} is neither an axis nor a file; there are: {there}"));
        };
        if axis.is_whole && !word.is_one_name() {
            return Err(format!("{{{name}}} stands for whole words; put spaces around it"));
        }
    }
    // What stands beside names is looked at as a path, too: the names' values are in their turn.
    place(&word.texts().collect::<Vec<_>>().join("x"))
}

/// A command that is there once gives its columns its name; of several, the job's name stands
/// before it, and of several in one job a number behind it.
fn tell_apart(templates: &mut [Template]) {
    let mut all: BTreeMap<String, usize> = BTreeMap::new();
    for command in templates.iter().flat_map(|job| &job.commands) {
        *all.entry(command.prefix.clone()).or_default() += 1;
    }
    for Template { name, commands } in templates {
        let mut own: BTreeMap<String, usize> = BTreeMap::new();
        for Command { prefix, .. } in commands.iter_mut().filter(|c| all[&c.prefix] > 1) {
            let number = own.entry(prefix.clone()).or_default();
            *number += 1;
            let number = if *number > 1 { number.to_string() } else { String::new() };
            *prefix = format!("{name}.{prefix}{number}");
        }
    }
}
