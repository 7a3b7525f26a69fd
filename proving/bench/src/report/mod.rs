//! What was found, as one table for people and one value for programs.

mod aims;
mod json;
mod table;

use crate::decisions::Row;
use crate::hostile::{Hostile, Step};
use crate::own::Own;
use crate::parsing::Parsing;

pub use aims::{Aim, aims};
pub use json::json;
pub use table::table;

/// Everything that one run found.
#[derive(Debug)]
pub struct Report {
    /// Decisions, engine beside engine.
    pub rows: Vec<Row>,
    /// What only ours was asked.
    pub own: Vec<Own>,
    /// Hostile wildcards.
    pub hostile: Vec<Hostile>,
    /// Ours at growing hostile patterns.
    pub scaling: Vec<Step>,
    /// Reading a document.
    pub parsing: Vec<Parsing>,
    /// Allocations, as the counting binary gives them.
    pub allocations: Vec<Allocations>,
}

/// Allocations of one decision.
#[derive(Debug)]
pub struct Allocations {
    /// The setting.
    pub row: String,
    /// The engine.
    pub engine: String,
    /// On average over the requests.
    pub mean: f64,
    /// Of the request that needs most.
    pub most: u64,
}
