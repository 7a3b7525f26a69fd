//! A workload on a store, a log of what was answered, and the judgement of what is there later.
//!
//! `script` makes the operations, `perform` does them, `history` logs them; `replay` tells which
//! states the log allows, `facts` what a store holds, and `verify` compares.

pub(crate) mod drive;
pub(crate) mod facts;
mod feed;
pub(crate) mod history;
pub(crate) mod perform;
pub(crate) mod replay;
pub(crate) mod script;
pub(crate) mod verify;

pub(crate) use drive::{Drive, Workload};
pub(crate) use history::History;
pub(crate) use script::Script;
pub(crate) use verify::{Verifier, Verify};

#[cfg(test)]
mod tests;
