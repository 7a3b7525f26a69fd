//! The policy engine beside three others: the same rules and the same requests, in one process and
//! one thread.
//!
//! Invariant: nothing is timed before its answers were compared with what they must be. An engine
//! that decides otherwise is named and left out of that row.

pub mod decisions;
pub mod engines;
pub mod hostile;
pub mod measure;
pub mod own;
pub mod parsing;
pub mod report;
pub mod scenario;
