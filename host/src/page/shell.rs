//! A page as HTML: what stands around its sections.

use super::html::text;
use super::{Page, Part};
use std::fmt::Write;

/// What every page looks like.
pub const STYLE: &str = include_str!("page.css");
const FIGURES: &str = include_str!("figures.css");
const SCRIPT: &str = include_str!("figures.js");

/// The plotting library, its style and its licence.
const PLOTS: &str = include_str!("uplot/uPlot.iife.min.js");
const PLOTS_STYLE: &str = include_str!("uplot/uPlot.min.css");
const LICENCE: &str = include_str!("uplot/LICENSE");

/// Nothing is loaded, from anywhere.
const POLICY: &str = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src \
                      'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// Columns of a picture of cells that may stand beside another.
const NARROW: usize = 17;

/// What parts are of, if they stand side by side where there is room.
fn beside(part: &Part) -> Option<&'static str> {
    match part {
        Part::Plot(_) => Some("plots"),
        Part::Table(table) if table.is_map && table.columns.len() <= NARROW => Some("maps"),
        _ => None,
    }
}

/// The parts of a section.
fn parts(parts: &[Part]) -> String {
    let together = parts.chunk_by(|a, b| beside(a).is_some() && beside(a) == beside(b));
    let one = |parts: &[Part]| {
        let html: String = parts.iter().map(Part::html).collect();
        match beside(&parts[0]).filter(|_| parts.len() > 1) {
            Some(class) => format!("<div class=\"{class}\">\n{html}</div>\n"),
            None => html,
        }
    };
    together.map(one).collect()
}

/// The page as a file.
pub fn render(page: &Page) -> String {
    let title = text(&page.title);
    let mut html = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n<meta \
         http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n<meta name=\"viewport\" \
         content=\"width=device-width\">\n<meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{title}</title>\n<style>\n{STYLE}{PLOTS_STYLE}\n{FIGURES}</style>\n</head>\n\
         <body><main>\n<h1>{title}</h1>\n<p>{}</p>\n",
        text(&page.lead)
    );
    if page.sections.len() > 2 {
        html += "<nav aria-label=\"On this page\"><ul>";
        for (i, section) in page.sections.iter().enumerate() {
            // Writing to a string does not fail.
            let _ = write!(html, "<li><a href=\"#part{i}\">{}</a></li>", text(&section.title));
        }
        html += "</ul></nav>\n";
    }
    let plots = page.figures().iter().any(|figure| figure.kind == "plot");
    if plots {
        html += "<noscript><p class=\"missing\">Plots are drawn by a script within this page, \
                 which is switched off; the tables below them have their values.</p></noscript>\n";
    }
    for (i, section) in page.sections.iter().enumerate() {
        let _ = write!(
            html,
            "<section aria-labelledby=\"part{i}\">\n<h2 id=\"part{i}\">{}</h2>\n",
            text(&section.title)
        );
        html += &parts(&section.parts);
        html += "</section>\n";
    }
    let _ = write!(
        html,
        "</main>\n<footer><p>Made by fixlearn {}. This page is one file, and loads nothing.</p>\
         </footer>\n",
        env!("CARGO_PKG_VERSION")
    );
    if plots {
        let _ = write!(html, "<!-- uPlot:\n{LICENCE}-->\n<script>{PLOTS}</script>\n");
    }
    let _ = write!(html, "<script>\n{SCRIPT}</script>\n</body></html>\n");
    html
}
