//! The page of a sweep: one file, which needs no network.

use super::axis::Value;
use super::scatter::{shape, Dot, Scale, Scatter};
use super::table::{Group, Mean, Status, Table};
use crate::output::count;
use crate::page::html::{number, text};
use crate::page::STYLE;
use std::fmt::Write;

/// Rows of a table on the page; the CSV has all.
const ROWS: usize = 1000;

/// Values of an axis that stand side by side with their names.
const NAMES: usize = 14;

/// Points that failed, on the page.
const FAILED: usize = 100;

/// The page: what was swept, plots of the first goal against the others and against each axis,
/// and tables.
pub fn page(table: &Table) -> String {
    let plan = table.plan;
    let name = plan.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let groups = table.groups();
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n<meta \
         name=\"viewport\" content=\"width=device-width\">\n<title>{0}: a sweep</title>\n\
         <style>\n{STYLE}</style></head>\n<body><main>\n<h1>Sweep of {0}</h1>\n<p>{1}</p>\n",
        text(&name),
        text(&summary(table, &groups))
    );
    plots(&mut page, table, &groups);
    trade_offs(&mut page, table, &groups);
    failures(&mut page, table);
    // Writing to a string does not fail.
    let _ = write!(
        page,
        "<h2>The plan</h2>\n<pre>{}</pre>\n<p>Made by fixlearn {}. Every number of every point is \
         in sweep.csv.</p>\n</main></body></html>\n",
        text(&plan.text),
        env!("CARGO_PKG_VERSION")
    );
    page
}

fn summary(table: &Table, groups: &[Group]) -> String {
    let plan = table.plan;
    let mut words = format!(
        "{}: {} done, {} failed, {} missing.",
        count(table.rows.len(), "point"),
        table.count(Status::Done),
        table.count(Status::Failed),
        table.count(Status::Missing)
    );
    if groups.len() < table.rows.len() {
        let over: Vec<&str> = plan.mean_over.iter().map(|&i| plan.axes[i].name.as_str()).collect();
        let _ = write!(
            words,
            " Plots and table show {}: means over {}, with the deviation of one point.",
            count(groups.len(), "combination"),
            over.join(", ")
        );
    }
    if !plan.goals.is_empty() {
        let goal = |goal: &super::plan::Goal| {
            format!("{} {}", if goal.most { "most" } else { "least" }, goal.column)
        };
        let goals: Vec<String> = plan.goals.iter().map(goal).collect();
        let _ = write!(
            words,
            " Goals: {}. On the Pareto front is what nothing else beats: no other is as good in \
             every goal and better in one.",
            goals.join(", ")
        );
    }
    words
}

/// The values of the axes that are not averaged over, of a group.
fn values(table: &Table, group: &Group) -> Vec<(String, String)> {
    let plan = table.plan;
    let axes = plan.shown().filter(|axis| !plan.mean_over.contains(axis));
    axes.map(|axis| (plan.axes[axis].name.clone(), plan.value(group.first, axis).to_string()))
        .collect()
}

/// A mean as text, with its deviation if there is one.
fn mean(mean: &Mean) -> String {
    match mean.points > 1 && mean.deviation > 0.0 {
        true => format!("{} ± {}", number(mean.mean), number(mean.deviation)),
        false => number(mean.mean),
    }
}

/// What a dot is of, in a line.
fn title(table: &Table, group: &Group) -> String {
    let values = values(table, group);
    let mut parts: Vec<String> =
        values.iter().map(|(name, value)| format!("{name} {value}")).collect();
    for (goal, value) in table.plan.goals.iter().zip(&group.goals) {
        parts.extend(value.map(|value| format!("{} {}", goal.column, mean(&value))));
    }
    parts.join(", ")
}

fn plots(page: &mut String, table: &Table, groups: &[Group]) {
    let plan = table.plan;
    if plan.goals.is_empty() || groups.iter().all(|group| group.goals[0].is_none()) {
        page.push_str(
            "<p>There is nothing to plot: no point has a number for the first of the goals. \
             [goals] in the plan names columns of sweep.csv.</p>\n",
        );
        return;
    }
    page.push_str("<h2>Trade-offs</h2>\n");
    legend(page, table);
    page.push_str("<div class=\"plots\">\n");
    let mut figures = 0;
    let mut figure = |page: &mut String, plot: &Scatter| {
        let words = words(plot);
        let svg = plot.svg(figures, &words);
        figures += 1;
        let _ = write!(
            page,
            "<figure>\n{svg}<figcaption>{} against {}. {}</figcaption></figure>\n",
            text(&plot.y.title),
            text(&plot.x.title),
            text(&words)
        );
    };
    for goal in 1..plan.goals.len() {
        figure(page, &against_goal(table, groups, goal));
    }
    for axis in plan.shown().filter(|axis| !plan.mean_over.contains(axis)) {
        if plan.axes[axis].values.len() > 1 {
            figure(page, &against_axis(table, groups, axis));
        }
    }
    page.push_str("</div>\n");
}

/// What is to be seen, for those who do not see it.
fn words(plot: &Scatter) -> String {
    let many = count(plot.dots.len(), "dot");
    let mut front: Vec<&Dot> = plot.dots.iter().filter(|dot| dot.on_front).collect();
    if plot.front.is_none() || front.is_empty() {
        return format!("{many}.");
    }
    front.sort_by(|a, b| a.x.total_cmp(&b.x));
    let at = |dot: &&Dot| format!("{} at {}", number(dot.y), number(dot.x));
    let (shown, more) = front.split_at(front.len().min(8));
    let more = if more.is_empty() { String::new() } else { format!(", and {} more", more.len()) };
    let shown: Vec<String> = shown.iter().map(at).collect();
    format!("{many}, {} on the front: {}{more}.", front.len(), shown.join(", "))
}

fn colour(table: &Table, group: &Group) -> usize {
    table.plan.colour.map_or(0, |axis| table.plan.points[group.first][axis])
}

fn legend(page: &mut String, table: &Table) {
    let Some(axis) = table.plan.colour.map(|axis| &table.plan.axes[axis]) else { return };
    let _ = write!(page, "<ul class=\"legend\"><li>{}:</li>", text(&axis.name));
    for (i, value) in axis.values.iter().enumerate() {
        let _ = write!(
            page,
            "<li><svg viewBox=\"-7 -7 14 14\" aria-hidden=\"true\"><g class=\"c{i}\">{}</g></svg>\
             {}</li>",
            shape(i, 0.0, 0.0),
            text(&value.shown)
        );
    }
    page.push_str("</ul>\n");
}

/// The first goal against another one.
fn against_goal(table: &Table, groups: &[Group], goal: usize) -> Scatter {
    let front = table.front(groups, &[0, goal]);
    let dots: Vec<Dot> = groups
        .iter()
        .zip(front)
        .filter_map(|(group, on_front)| {
            let (y, x) = (group.goals[0]?, group.goals[goal]?);
            let spread = (x.deviation, y.deviation);
            let (colour, title) = (colour(table, group), title(table, group));
            Some(Dot { x: x.mean, y: y.mean, spread, colour, on_front, title })
        })
        .collect();
    let goals = &table.plan.goals;
    Scatter {
        x: scale(&goals[goal].column, &dots, |dot| (dot.x, dot.spread.0)),
        y: scale(&goals[0].column, &dots, |dot| (dot.y, dot.spread.1)),
        dots,
        front: Some((goals[goal].most, goals[0].most)),
    }
}

fn scale(title: &str, dots: &[Dot], of: impl Fn(&Dot) -> (f64, f64)) -> Scale {
    Scale::of(title, dots.iter().map(of).flat_map(|(x, spread)| [x - spread, x + spread]))
}

/// The first goal against an axis.
fn against_axis(table: &Table, groups: &[Group], axis: usize) -> Scatter {
    let plan = table.plan;
    let values = &plan.axes[axis].values;
    // Many numbers have a scale; a few stand side by side, as words do.
    let number = |value: &Value| value.shown.parse().ok().filter(|x: &f64| x.is_finite());
    let numbers: Option<Vec<f64>> = values.iter().map(number).collect();
    let numbers = numbers.filter(|numbers| numbers.len() > NAMES);
    let dots: Vec<Dot> = groups
        .iter()
        .filter_map(|group| {
            let (value, y) = (plan.points[group.first][axis], group.goals[0]?);
            let x = numbers.as_ref().map_or(value as f64, |numbers| numbers[value]);
            let (colour, title) = (colour(table, group), title(table, group));
            let spread = (0.0, y.deviation);
            Some(Dot { x, y: y.mean, spread, colour, on_front: group.on_front, title })
        })
        .collect();
    let name = &plan.axes[axis].name;
    let x = match &numbers {
        Some(numbers) => Scale::of(name, numbers.iter().copied()),
        None => Scale::names(name, values.iter().map(|value| value.shown.clone()).collect()),
    };
    let y = scale(&plan.goals[0].column, &dots, |dot| (dot.y, dot.spread.1));
    Scatter { x, y, dots, front: None }
}

fn trade_offs(page: &mut String, table: &Table, groups: &[Group]) {
    let plan = table.plan;
    let names = plan.shown().filter(|axis| !plan.mean_over.contains(axis));
    page.push_str("<h2>Combinations</h2>\n");
    if groups.len() > ROWS {
        let _ = writeln!(
            page,
            "<p>The first {ROWS} of {}, and those on the front; sweep.csv has all.</p>",
            groups.len()
        );
    }
    page.push_str("<div class=\"wide\"><table><thead><tr>");
    for name in names.map(|axis| &plan.axes[axis].name) {
        let _ = write!(page, "<th scope=\"col\">{}</th>", text(name));
    }
    for goal in &plan.goals {
        let _ = write!(page, "<th scope=\"col\" class=\"number\">{}</th>", text(&goal.column));
    }
    page.push_str("<th scope=\"col\">points done</th><th scope=\"col\">front</th></tr></thead>\n");
    page.push_str("<tbody>\n");
    for (_, group) in groups.iter().enumerate().filter(|(i, group)| *i < ROWS || group.on_front) {
        let (class, front) = match group.on_front {
            true => (" class=\"on\"", "on the front"),
            false => ("", ""),
        };
        let _ = write!(page, "<tr{class}>");
        for (_, value) in values(table, group) {
            let _ = write!(page, "<td>{}</td>", text(&value));
        }
        for value in &group.goals {
            let shown = value.as_ref().map_or("–".into(), mean);
            let _ = write!(page, "<td class=\"number\">{shown}</td>");
        }
        let _ = writeln!(page, "<td>{}</td><td>{front}</td></tr>", group.done);
    }
    page.push_str("</tbody></table></div>\n");
}

fn failures(page: &mut String, table: &Table) {
    let failed = |(_, row): &(usize, &super::table::Row)| row.status == Status::Failed;
    let mut failed = table.rows.iter().enumerate().filter(failed).peekable();
    if failed.peek().is_none() {
        return;
    }
    let _ = writeln!(
        page,
        "<h2>Failed</h2>\n<p>{} failed",
        count(table.count(Status::Failed), "point")
    );
    if table.count(Status::Failed) > FAILED {
        let _ = write!(page, ", of which these are the first {FAILED}");
    }
    page.push_str(".</p>\n<ul>\n");
    for (point, row) in failed.take(FAILED) {
        let plan = table.plan;
        let values: Vec<String> = plan
            .shown()
            .map(|axis| format!("{} {}", plan.axes[axis].name, plan.value(point, axis)))
            .collect();
        let _ = writeln!(page, "<li>{}: {}</li>", text(&values.join(", ")), text(&row.error));
    }
    page.push_str("</ul>\n");
}
