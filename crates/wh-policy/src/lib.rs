//! Decides from documents and a request alone, says why, and proves things about documents.
//!
//! The language is AWS IAM's, with AWS's meaning. Nothing here does I/O, asks the time or waits.
//!
//! Invariant: what cannot be understood opens no door. A malformed document, value, operator or
//! version makes an Allow not apply and a Deny apply, and is reported.
//!
#![doc = include_str!("../README.md")]

pub mod analysis;
mod applies;
mod arn_pattern;
mod canonical;
pub mod changes;
mod condition;
mod context;
mod document;
mod error;
mod evaluate;
mod explain;
pub mod extent;
mod glob;
mod index;
mod json;
mod key;
pub mod lint;
mod operator;
mod parse;
mod principal;
mod print;
mod public;
pub mod rails;
mod realm;
mod references;
mod request;
pub mod s3;
pub mod size;
mod statement;
mod subject;
pub mod summary;
pub mod tables;
mod template;
pub mod testfile;
mod value;

pub use context::{Context, ContextValue};
pub use document::{PolicyDocument, PolicyKind, Version};
pub use error::{PolicyError, PolicyFault};
pub use evaluate::evaluate;
pub use explain::{
    Decision, Explanation, Language, Obstacle, Outcome, PolicyTrace, PolicyType, Says,
    StatementTrace, Trace, Wanting,
};
pub use realm::{Realm, RealmRole};
pub use references::{Place, statement_places};
pub use request::{NamedPolicy, PolicySet, Request};
pub use statement::{Effect, Statement};
pub use subject::Subject;
