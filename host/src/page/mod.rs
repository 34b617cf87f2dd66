//! Pages: one file each that loads nothing. A page is sections of figures, tables and text; what
//! a figure shows, it also says in words.

pub mod clip;
pub mod command;
pub mod hardware;
pub mod html;
pub mod plot;
pub mod run;
mod shell;
pub mod table;

use clip::Clip;
use html::text;
use plot::Plot;
use serde::Serialize;
pub use shell::{render, STYLE};
use table::Table;

/// A page.
#[derive(Clone, Debug, Default)]
pub struct Page {
    pub title: String,
    /// What it is of, in a sentence or two.
    pub lead: String,
    pub sections: Vec<Section>,
}

/// A part of a page with a heading.
#[derive(Clone, Debug)]
pub struct Section {
    pub title: String,
    pub parts: Vec<Part>,
}

impl Section {
    pub fn new(title: &str, parts: Vec<Part>) -> Self {
        Self { title: title.into(), parts }
    }
}

/// What a section holds.
#[derive(Clone, Debug)]
pub enum Part {
    Text(String),
    /// A figure that is not there, and what it needs.
    Missing(String),
    /// Names and values.
    Facts(Vec<(String, String)>),
    /// A command, as it is typed.
    Code(String),
    Plot(Plot),
    Table(Table),
    Picture(Picture),
    Drawing(Drawing),
    Clip(Clip),
    /// Something long, behind a line that opens it.
    Folded(String, Box<Part>),
}

/// A picture of pixels.
#[derive(Clone, Debug)]
pub struct Picture {
    pub name: &'static str,
    pub title: String,
    /// As PNG.
    pub png: Vec<u8>,
    pub size: (usize, usize),
    /// What is to be seen.
    pub words: String,
}

/// A picture of lines.
#[derive(Clone, Debug)]
pub struct Drawing {
    pub name: &'static str,
    pub title: String,
    /// What is within `<svg>`.
    pub svg: String,
    pub size: (usize, usize),
    /// What is to be seen.
    pub words: String,
}

/// What a page has of figures, for who asks for it as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Figure {
    /// The identifier of its element.
    pub name: String,
    /// `plot`, `table`, `picture`, `drawing` or `clip`.
    pub kind: &'static str,
    pub title: String,
}

impl Page {
    /// Its figures, in their order.
    pub fn figures(&self) -> Vec<Figure> {
        let parts = self.sections.iter().flat_map(|section| &section.parts);
        parts.filter_map(Part::figure).collect()
    }

    /// The figures that are not there, and what they need.
    pub fn missing(&self) -> Vec<String> {
        let parts = self.sections.iter().flat_map(|section| &section.parts);
        let missing = |part: &Part| match part {
            Part::Missing(what) => Some(what.clone()),
            _ => None,
        };
        parts.filter_map(missing).collect()
    }
}

impl Part {
    fn figure(&self) -> Option<Figure> {
        let (name, kind, title) = match self {
            Self::Plot(plot) => (plot.name, "plot", &plot.title),
            Self::Table(table) => (table.name, "table", &table.title),
            Self::Picture(picture) => (picture.name, "picture", &picture.title),
            Self::Drawing(drawing) => (drawing.name, "drawing", &drawing.title),
            Self::Clip(clip) => (clip.name, "clip", &clip.title),
            Self::Folded(_, part) => return part.figure(),
            Self::Text(_) | Self::Missing(_) | Self::Facts(_) | Self::Code(_) => return None,
        };
        Some(Figure { name: name.into(), kind, title: title.clone() })
    }

    fn html(&self) -> String {
        match self {
            Self::Text(words) => format!("<p>{}</p>\n", text(words)),
            Self::Missing(words) => format!("<p class=\"missing\">{}</p>\n", text(words)),
            Self::Facts(facts) => {
                let fact = |(name, value): &(String, String)| {
                    format!("<div><dt>{}</dt><dd>{}</dd></div>\n", text(name), text(value))
                };
                let facts: String = facts.iter().map(fact).collect();
                format!("<dl class=\"facts\">\n{facts}</dl>\n")
            }
            Self::Code(code) => {
                // Lines break between words alone.
                let word = |word: &str| format!("<span>{}</span>", text(word));
                let words: Vec<String> = code.split(' ').map(word).collect();
                format!("<pre tabindex=\"0\"><code>{}</code></pre>\n", words.join(" "))
            }
            Self::Plot(plot) => plot.html(),
            Self::Table(table) => table.html(),
            Self::Picture(picture) => picture.html(),
            Self::Drawing(drawing) => drawing.html(),
            Self::Clip(clip) => clip.html(),
            Self::Folded(summary, part) => {
                let (summary, part) = (text(summary), part.html());
                format!("<details><summary>{summary}</summary>\n{part}</details>\n")
            }
        }
    }
}

/// A figure with its heading and what is to be seen in it.
fn figure(name: &str, class: &str, title: &str, inside: &str, words: &str) -> String {
    format!(
        "<figure id=\"{name}\" class=\"{class}\">\n<h3>{}</h3>\n{inside}\
         <figcaption id=\"{name}-words\">{}</figcaption>\n</figure>\n",
        text(title),
        text(words)
    )
}

impl Picture {
    fn html(&self) -> String {
        let (width, height) = self.size;
        let inside = format!(
            "<div class=\"wide\" tabindex=\"0\" role=\"group\" aria-label=\"{0}\"><img \
             class=\"pixels\" width=\"{width}\" height=\"{height}\" alt=\"{0}\" \
             aria-describedby=\"{1}-words\" src=\"{2}\"></div>\n",
            text(&self.title),
            self.name,
            html::data(&self.png)
        );
        figure(self.name, "picture", &self.title, &inside, &self.words)
    }
}

impl Drawing {
    fn html(&self) -> String {
        let (width, height) = self.size;
        let inside = format!(
            "<svg viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{}\" \
             aria-describedby=\"{}-words\">\n{}</svg>\n",
            text(&self.title),
            self.name,
            self.svg
        );
        figure(self.name, "drawing", &self.title, &inside, &self.words)
    }
}
