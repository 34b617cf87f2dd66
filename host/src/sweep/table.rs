//! What came of every point: the table of a sweep.

use super::folder::Folder;
use super::front::front;
use super::outcome::Outcome;
use super::plan::{Plan, Work};
use crate::output;
use std::collections::{BTreeMap, BTreeSet};

/// How far a point is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    Done,
    Failed,
    Missing,
}

impl Status {
    /// As the table has it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Missing => "missing",
        }
    }
}

/// What came of a point.
#[derive(Clone, Debug)]
pub struct Row {
    /// By column.
    pub numbers: BTreeMap<String, String>,
    pub status: Status,
    /// What its first job that failed said.
    pub error: String,
}

/// What came of all points.
#[derive(Clone, Debug)]
pub struct Table<'a> {
    pub plan: &'a Plan,
    /// Of what the commands reported, in the order of the commands.
    pub columns: Vec<String>,
    /// One a point.
    pub rows: Vec<Row>,
}

/// Points that differ in nothing but what is averaged over.
#[derive(Clone, Debug)]
pub struct Group {
    /// One of its points.
    pub first: usize,
    /// Its points that are done.
    pub done: usize,
    /// Of each goal's column.
    pub goals: Vec<Option<Mean>>,
    /// No other group is at least as good in every goal and better in one.
    pub on_front: bool,
}

/// A mean over the points of a group that have the number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mean {
    pub mean: f64,
    /// Of a point, not of the mean; 0 of one point.
    pub deviation: f64,
    pub points: usize,
}

impl Mean {
    fn of(values: &[f64]) -> Option<Self> {
        let points = values.len();
        let mean = values.iter().sum::<f64>() / points as f64;
        let squares: f64 = values.iter().map(|x| (x - mean).powi(2)).sum();
        let deviation = (squares / points.saturating_sub(1).max(1) as f64).sqrt();
        (points > 0).then_some(Self { mean, deviation, points })
    }
}

impl<'a> Table<'a> {
    /// Of what is in the folder.
    pub fn gather(plan: &'a Plan, work: &Work, folder: &Folder) -> Self {
        let outcomes: Vec<Option<Outcome>> =
            work.jobs.iter().map(|job| folder.outcome(job)).collect();
        let prefixes: Vec<Vec<&str>> = plan.prefixes().map(Iterator::collect).collect();
        let mut found: BTreeMap<(usize, usize), BTreeSet<String>> = BTreeMap::new();
        let mut rows = Vec::new();
        for jobs in &work.of {
            let mut row =
                Row { numbers: BTreeMap::new(), status: Status::Done, error: String::new() };
            for (kind, &job) in jobs.iter().enumerate() {
                let Some(outcome) = &outcomes[job] else {
                    row.status = Status::Missing;
                    continue;
                };
                for (command, prefix) in prefixes[kind].iter().enumerate() {
                    let names = found.entry((kind, command)).or_default();
                    for (name, number) in outcome.numbers(command) {
                        let column = format!("{prefix}.{name}");
                        names.insert(column.clone());
                        row.numbers.insert(column, number);
                    }
                }
                if let (Some(why), true) = (&outcome.error, row.error.is_empty()) {
                    row.status = row.status.max(Status::Failed);
                    row.error.clone_from(why);
                }
            }
            rows.push(row);
        }
        Self { plan, columns: found.into_values().flatten().collect(), rows }
    }

    /// So many points are of this status.
    pub fn count(&self, status: Status) -> usize {
        self.rows.iter().filter(|row| row.status == status).count()
    }

    /// The number that a point has in a column.
    pub fn number(&self, point: usize, column: &str) -> Option<f64> {
        let text = self.rows[point].numbers.get(column)?;
        match text.as_str() {
            "true" => Some(1.0),
            "false" => Some(0.0),
            text => text.parse().ok().filter(|x: &f64| x.is_finite()),
        }
    }

    /// A line of names, and a row a point.
    pub fn csv(&self) -> Vec<u8> {
        let axes: Vec<usize> = self.plan.shown().collect();
        let names: Vec<String> = axes
            .iter()
            .map(|&axis| self.plan.axes[axis].name.clone())
            .chain(self.columns.iter().cloned())
            .chain(["status", "error"].map(String::from))
            .collect();
        let rows: Vec<Vec<String>> = (0..self.rows.len())
            .map(|point| {
                let Row { numbers, status, error } = &self.rows[point];
                let values = axes.iter().map(|&axis| self.plan.value(point, axis).to_string());
                let number = |column| numbers.get(column).cloned().unwrap_or_default();
                values
                    .chain(self.columns.iter().map(number))
                    .chain([status.word().to_string(), error.clone()])
                    .collect()
            })
            .collect();
        output::csv(&names, rows.iter().map(Vec::as_slice))
    }

    /// Goals of which no report has the column.
    pub fn unknown_goals(&self) -> impl Iterator<Item = &str> {
        let goals = self.plan.goals.iter().map(|goal| goal.column.as_str());
        goals.filter(|column| !self.columns.iter().any(|known| known == column))
    }

    /// The points, averaged over what the plan says, in their order.
    pub fn groups(&self) -> Vec<Group> {
        let key = |point: usize| -> Vec<usize> {
            let axes = (0..self.plan.axes.len()).filter(|axis| !self.plan.mean_over.contains(axis));
            axes.map(|axis| self.plan.points[point][axis]).collect()
        };
        let mut points: BTreeMap<Vec<usize>, Vec<usize>> = BTreeMap::new();
        for point in 0..self.rows.len() {
            points.entry(key(point)).or_default().push(point);
        }
        let goals = &self.plan.goals;
        let mut groups: Vec<Group> = points
            .into_values()
            .map(|points| {
                let is_done = |&&point: &&usize| self.rows[point].status == Status::Done;
                let mean = |column: &str| {
                    let all = points.iter().filter_map(|&point| self.number(point, column));
                    Mean::of(&all.collect::<Vec<f64>>())
                };
                Group {
                    first: points[0],
                    done: points.iter().filter(is_done).count(),
                    goals: goals.iter().map(|goal| mean(&goal.column)).collect(),
                    on_front: false,
                }
            })
            .collect();
        groups.sort_by_key(|group| group.first);
        let on = self.front(&groups, &(0..goals.len()).collect::<Vec<_>>());
        groups.iter_mut().zip(on).for_each(|(group, on)| group.on_front = on);
        groups
    }

    /// Which groups no other beats in these goals; of those that lack one of them none is.
    pub fn front(&self, groups: &[Group], goals: &[usize]) -> Vec<bool> {
        let sign = |goal: usize| if self.plan.goals[goal].most { 1.0 } else { -1.0 };
        let numbers = |group: &Group| -> Option<Vec<f64>> {
            goals.iter().map(|&goal| Some(sign(goal) * group.goals[goal]?.mean)).collect()
        };
        let whole: Vec<(usize, Vec<f64>)> = groups
            .iter()
            .enumerate()
            .filter_map(|(i, group)| Some((i, numbers(group)?)))
            .filter(|(_, numbers)| !numbers.is_empty())
            .collect();
        let points: Vec<Vec<f64>> = whole.iter().map(|(_, numbers)| numbers.clone()).collect();
        let mut on = vec![false; groups.len()];
        whole.iter().zip(front(&points)).for_each(|((i, _), is)| on[*i] = is);
        on
    }
}
