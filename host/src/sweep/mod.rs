//! Sweeps: one command line, or a few, run at every point of some axes, and what came of it in a
//! table and a page. `host/docs/sweep.md` is its page.

mod axis;
mod folder;
mod front;
mod job;
mod outcome;
mod page;
mod plan;
mod points;
mod scatter;
mod slurm;
mod table;
mod template;
mod word;

pub use folder::{Folder, Use};
pub use front::front;
pub use job::{run_all, Ended};
pub use outcome::Outcome;
pub use page::page;
pub use plan::{Job, Plan, Work};
pub use slurm::{submit, Submission};
pub use table::{Status, Table};
