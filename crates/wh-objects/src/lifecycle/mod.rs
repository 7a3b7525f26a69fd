//! Lifecycle: what expires by a bucket's rules, told in advance or carried out.
//!
//! A pass walks over a bucket's versions and uploads as anybody may who can list them, so it works
//! on every store. What it removes it removes on condition that nothing changed since it looked.

mod pass;
mod rules;

pub use pass::{Action, Doing, Mode, Report, pass};
pub use rules::{
    AbortUploads, Expiration, Filter, Lifecycle, NoncurrentExpiration, Rule, RuleStatus,
    RulesError, Tag,
};
