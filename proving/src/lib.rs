//! The proving ground: holds the policy engine against a second account of the rules, and against
//! itself.

pub mod changes;
pub mod dice;
pub mod engine;
pub mod fuzz;
pub mod generate;
pub mod laws;
mod naming;
pub mod question;
pub mod shrink;
pub mod spec;
mod structure;
mod values;
pub mod vector;
mod vocabulary;
