//! The web door: JSON API, cookies, OpenAPI, embedded user interface.
//!
//! A handler parses, calls one function of a room behind it, and renders. `router.rs` is the whole
//! door on one page; `problem` is the one place that says no.
//!
//! Invariant: every route asks for a [`wh_people::Person`] unless its own description says that it
//! is public, every response carries the security headers, and no file's bytes pass through here. What opens a
//! shared link asks for a [`wh_files::OpenedLink`] in the place of a person (`shared`).

// The futures of handlers that go through several rooms nest deeper than the compiler's default lets it look.
#![recursion_limit = "256"]

mod answers;
mod bearer;
mod changes;
mod cookie;
mod crowd;
mod csrf;
mod description;
mod extract;
mod headers;
mod house_keys;
mod observe;
mod pace;
mod posture;
mod problem;
mod record;
mod render;
mod requests;
mod router;
mod routes;
mod shared;
mod state;
mod turned_away;
mod turns;
mod ui;
mod wire;

pub use changes::{InForce, PolicyKeeper, UnfitPolicy};
pub use house_keys::{HouseKey, HouseKeys};
pub use posture::{PostureKeeper, PostureTold};
pub use problem::Problem;
pub use router::openapi;
pub use state::{AuditStanding, Portal, PortalError, PortalOptions};

#[cfg(test)]
mod tests;
