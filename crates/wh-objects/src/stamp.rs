//! Who changes something, and when.

use std::sync::Arc;

use jiff::Timestamp;

/// The time and the author of a change, as the feed of events tells them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// The time to record as last modification; stores keep it in milliseconds.
    pub at: Timestamp,
    /// Who asked for the change: an ARN, or a name of the house's own such as `lifecycle`.
    pub by: Arc<str>,
}

impl Stamp {
    /// A change by `by` at `at`.
    pub fn new(at: Timestamp, by: impl Into<Arc<str>>) -> Self {
        Self { at, by: by.into() }
    }
}
