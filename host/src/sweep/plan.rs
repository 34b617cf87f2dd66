//! What a sweep explores: a file of TOML, checked as a whole before anything is done.

use super::axis::{axis, fault, files, hex, Axis, Checked, Value};
use super::points::{points, Sample, MOST};
use super::template::{templates, Template};
use super::word::{is_name, Word};
use crate::{output, Error, Result};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use toml::{Table, Value as Toml};

/// Bytes of a plan.
const LONGEST: u64 = 1 << 20;

/// Colours that a plot tells apart.
const COLOURS: usize = 8;

/// Part of every job's name; another one does every job anew.
const FORMAT: u32 = 1;

/// The file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    axes: Table,
    #[serde(default)]
    files: Table,
    jobs: Table,
    #[serde(default)]
    together: Vec<Vec<String>>,
    sample: Option<Sample>,
    mean_over: Option<Vec<String>>,
    colour: Option<String>,
    #[serde(default)]
    goals: Table,
    #[serde(default = "yes")]
    keep: bool,
}

fn yes() -> bool {
    true
}

/// What is to be had of a column.
#[derive(Clone, Debug)]
pub struct Goal {
    pub column: String,
    /// More is better, not less.
    pub most: bool,
}

/// What to explore.
#[derive(Clone, Debug)]
pub struct Plan {
    pub path: PathBuf,
    /// The file as it stands.
    pub text: String,
    pub axes: Vec<Axis>,
    /// For each point the number of each axis' value.
    pub points: Vec<Vec<usize>>,
    jobs: Vec<Template>,
    /// The first one is plotted against the others.
    pub goals: Vec<Goal>,
    /// Numbers of the axes that are averaged over.
    pub mean_over: Vec<usize>,
    /// The axis that colours are of.
    pub colour: Option<usize>,
    /// What jobs write stays.
    pub keep: bool,
}

/// Commands with their values, to be run once, whatever the number of points that they are of.
#[derive(Clone, Debug, Serialize)]
pub struct Job {
    /// A digest of what is run; its folder's name.
    pub id: String,
    /// As the plan calls it.
    pub name: String,
    pub commands: Vec<Vec<String>>,
}

/// What there is to do.
#[derive(Clone, Debug)]
pub struct Work {
    pub jobs: Vec<Job>,
    /// For each point the number of its job of each kind.
    pub of: Vec<Vec<usize>>,
}

impl Plan {
    /// Reads it; every file that it names is there.
    ///
    /// # Errors
    /// With the place in the file, and the mend.
    pub fn read(path: &Path) -> Result<Self> {
        let wrong = |message: String| Error::input(path, message);
        let there = std::fs::metadata(path).map_err(Error::io(path))?;
        if !there.is_file() || there.len() > LONGEST {
            return Err(wrong("is no plan: a file of TOML, at most a megabyte".into()));
        }
        let bytes = std::fs::read(path).map_err(Error::io(path))?;
        let text = String::from_utf8(bytes).map_err(|_| wrong("is no text in UTF-8".into()))?;
        let file: File = toml::from_str(&text).map_err(|e| {
            let line = e.span().and_then(|span| text.get(..span.start));
            let line = line.map(|before| format!("line {}: ", before.matches('\n').count() + 1));
            wrong(format!("{}{}", line.unwrap_or_default(), e.message().replace('\n', ", ")))
        })?;
        let folder = std::path::absolute(path).map_err(Error::io(path))?;
        let folder = folder.parent().unwrap_or(Path::new("/")).to_owned();
        Self::of(path, text, file, &folder).map_err(|e| match e {
            Error::Request(message) => wrong(message),
            e => e,
        })
    }

    fn of(path: &Path, text: String, file: File, folder: &Path) -> Result<Self> {
        let mut axes = Vec::new();
        for (name, values) in &file.files {
            axes.push(files(name, values, folder)?);
        }
        for (name, values) in &file.axes {
            axes.push(axis(name, values).map_err(|why| fault(&format!("axes.{name}"), why))?);
        }
        let mut names = BTreeSet::new();
        for Axis { name, values, .. } in &axes {
            let place = |why: &str| Err(fault(&format!("axes, {name}"), why.into()));
            if !is_name(name) || ["status", "error"].contains(&name.as_str()) {
                return place(
                    "a name is of letters, digits, _ and -, a letter first, and neither status \
                     nor error",
                );
            }
            if !names.insert(name) {
                return place("stands in [axes] and in [files]; choose another name");
            }
            if values.is_empty() {
                return place("has no values; give some, as [1, 2, 3]");
            }
        }
        let jobs = templates(&file.jobs, &axes)?;
        let find = |key: &str, name: &str| {
            let found = axes.iter().position(|axis| axis.name == *name && axis.is_shown);
            found.ok_or_else(|| {
                let names: Vec<&str> = shown(&axes).map(|axis| axis.name.as_str()).collect();
                fault(key, format!("no axis `{name}`; there are: {}", names.join(", ")))
            })
        };
        let mut mean_over = Vec::new();
        match &file.mean_over {
            Some(names) => {
                for name in names {
                    mean_over.push(find("mean_over", name)?);
                }
            }
            None => mean_over.extend(axes.iter().position(|axis| axis.name == "seed")),
        }
        let mut tied = Vec::new();
        for names in &file.together {
            let mut group = Vec::new();
            for name in names {
                group.push(find("together", name)?);
            }
            tied.push(group);
        }
        let points = points(&axes, &tied, file.sample.as_ref())?;
        let fits = |axis: &Axis| (2..=COLOURS).contains(&axis.values.len()) && axis.is_shown;
        let colour = match &file.colour {
            Some(name) => Some(find("colour", name)?),
            None => (0..axes.len()).find(|i| fits(&axes[*i]) && !mean_over.contains(i)),
        };
        if let Some(axis) = colour.map(|i| &axes[i]).filter(|axis| axis.values.len() > COLOURS) {
            let (name, many) = (&axis.name, axis.values.len());
            let why = format!("{name} has {many} values; a plot tells {COLOURS} apart");
            return Err(fault("colour", why));
        }
        let goals = goals(&file.goals, &jobs)?;
        let path = path.to_owned();
        Ok(Self { path, text, axes, points, jobs, goals, mean_over, colour, keep: file.keep })
    }

    /// The jobs of all points, each of which stands there once. `check` says what of fixlearn runs
    /// for these words, or why it cannot.
    ///
    /// # Errors
    /// What `check` says, with the job.
    pub fn work(&self, check: &mut dyn FnMut(&[String]) -> Checked<Vec<String>>) -> Result<Work> {
        let mut numbers: HashMap<String, usize> = HashMap::new();
        let (mut jobs, mut of) = (Vec::new(), Vec::new());
        let by_name: BTreeMap<&str, usize> =
            self.axes.iter().enumerate().map(|(i, axis)| (axis.name.as_str(), i)).collect();
        for point in &self.points {
            let value = |name: &str| &self.axes[by_name[name]].values[point[by_name[name]]];
            let mut own = Vec::new();
            for Template { name, commands } in &self.jobs {
                let filled = |key: bool| -> Vec<Vec<String>> {
                    let words = |value: &'_ Value| match key {
                        true => value.key.clone(),
                        false => value.words.clone(),
                    };
                    let all: BTreeMap<&str, Vec<String>> =
                        by_name.keys().map(|name| (*name, words(value(name)))).collect();
                    let fill = |word: &Word| word.fill(|name| all[name].as_slice());
                    commands.iter().map(|c| c.words.iter().flat_map(fill).collect()).collect()
                };
                let keys = filled(true);
                for word in keys.iter().flatten() {
                    super::axis::place(word)
                        .map_err(|why| Error::input(&self.path, format!("jobs.{name}: {why}")))?;
                }
                let id = id(&keys);
                if let Some(&known) = numbers.get(&id) {
                    own.push(known);
                    continue;
                }
                let mut commands = Vec::new();
                for words in filled(false) {
                    let run = check(&words).map_err(|why| {
                        let place = format!("jobs.{name}: `{}`", output::typed(&words));
                        Error::input(&self.path, format!("{place}: {why}"))
                    })?;
                    commands.push(run);
                }
                if jobs.len() == MOST {
                    let message = format!("has more than {MOST} jobs; give a sample, or less axes");
                    return Err(Error::input(&self.path, message));
                }
                numbers.insert(id.clone(), jobs.len());
                own.push(jobs.len());
                jobs.push(Job { id, name: name.clone(), commands });
            }
            of.push(own);
        }
        Ok(Work { jobs, of })
    }

    /// What the columns of a job's commands begin with, a list for each kind of job.
    pub fn prefixes(&self) -> impl Iterator<Item = impl Iterator<Item = &str>> {
        self.jobs.iter().map(|job| job.commands.iter().map(|command| command.prefix.as_str()))
    }

    /// Numbers of the axes that are columns.
    pub fn shown(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.axes.len()).filter(|&i| self.axes[i].is_shown)
    }

    /// What a point has of an axis.
    pub fn value(&self, point: usize, axis: usize) -> &str {
        &self.axes[axis].values[self.points[point][axis]].shown
    }
}

fn shown(axes: &[Axis]) -> impl Iterator<Item = &Axis> {
    axes.iter().filter(|axis| axis.is_shown)
}

/// What a job is known by: its commands, the bytes of its files, and fixlearn's version.
fn id(commands: &[Vec<String>]) -> String {
    let text = serde_json::json!([FORMAT, env!("CARGO_PKG_VERSION"), commands]).to_string();
    hex(&Sha256::digest(text)[..16])
}

/// What is to be had, by column.
fn goals(goals: &Table, jobs: &[Template]) -> Result<Vec<Goal>> {
    let prefixes: Vec<&str> =
        jobs.iter().flat_map(|job| job.commands.iter().map(|c| c.prefix.as_str())).collect();
    let goal = |(column, which): (&String, &Toml)| {
        let place = format!("goals, \"{column}\"");
        let most = match which.as_str() {
            Some("most") => true,
            Some("least") => false,
            _ => return Err(fault(&place, "\"most\" or \"least\" says what is better".into())),
        };
        let known = prefixes
            .iter()
            .any(|prefix| column.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('.')));
        match known {
            true => Ok(Goal { column: column.clone(), most }),
            false => Err(fault(
                &place,
                format!(
                    "a column is in quotes, and begins with a command of the plan and a point: {}",
                    prefixes.iter().map(|p| format!("\"{p}.\"")).collect::<Vec<_>>().join(", ")
                ),
            )),
        }
    };
    goals.iter().map(goal).collect()
}
