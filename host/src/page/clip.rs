//! Pictures beside what became of them: a slider goes from frame to frame, another one from the
//! picture that was given to the one that came of it.

use super::figure;
use super::html::{data, json, text};
use std::fmt::Write;

/// Frames, as they were and as they became.
#[derive(Clone, Debug)]
pub struct Clip {
    pub name: &'static str,
    pub title: String,
    pub size: (usize, usize),
    pub frames: Vec<Frame>,
    /// What is to be seen.
    pub words: String,
}

/// A picture twice, as PNG.
#[derive(Clone, Debug)]
pub struct Frame {
    pub given: Vec<u8>,
    pub became: Vec<u8>,
    /// What is said of it, as how far both are apart.
    pub words: String,
}

impl Clip {
    pub(super) fn html(&self) -> String {
        let (name, (width, height)) = (self.name, self.size);
        // The middle says more of a sequence than its beginning.
        let middle = self.frames.len() / 2;
        let Some(first) = self.frames.get(middle) else { return String::new() };
        let mut inside = String::from("<div class=\"stage\">");
        for (class, png) in [("given", &first.given), ("became", &first.became)] {
            let what = if class == "given" { "Original" } else { "Decoded" };
            let _ = write!(
                inside,
                "<img class=\"{class}\" width=\"{width}\" height=\"{height}\" alt=\"{what}, frame \
                 {}\" src=\"{}\">",
                middle + 1,
                data(png)
            );
        }
        inside +=
            "<span class=\"rule\" aria-hidden=\"true\"></span></div>\n<div class=\"sliders\">";
        if self.frames.len() > 1 {
            let _ = writeln!(
                inside,
                "<label for=\"{name}-frame\">Frame</label><input id=\"{name}-frame\" \
                 class=\"frame\" type=\"range\" min=\"1\" max=\"{}\" value=\"{}\" step=\"1\">",
                self.frames.len(),
                middle + 1
            );
        }
        let all: Vec<_> = self
            .frames
            .iter()
            .map(|frame| (data(&frame.given), data(&frame.became), &frame.words))
            .collect();
        let _ = write!(
            inside,
            "<label for=\"{name}-share\">Original to decoded</label><input id=\"{name}-share\" \
             class=\"share\" type=\"range\" min=\"0\" max=\"100\" value=\"50\" step=\"1\">\n\
             </div>\n<output class=\"reading\" for=\"{name}-share\">{}</output>\n\
             <script type=\"application/json\">{}</script>\n",
            text(&first.words),
            json(&all)
        );
        figure(name, "clip", &self.title, &inside, &self.words)
    }
}
