//! What a stranger may ask that could tell who is here: one line a question.

use serde_json::{Value, json};

use super::stage::{Side, Stage};
use crate::visitor::PASSWORD;

const WRONG: &str = "not the password of anybody";

/// A question that is asked of somebody known and of somebody unknown, and must be answered alike.
pub(super) struct Probe {
    pub(super) name: &'static str,
    /// Who may register while it is asked.
    pub(super) registration: &'static str,
    /// Where it is asked.
    pub(super) path: &'static str,
    /// What is asked: of the `n`th of that side.
    pub(super) body: fn(&mut Stage, Side, usize) -> Value,
}

/// All of them.
pub(super) const PROBES: [Probe; 11] = [
    post(
        "signing in: nobody, somebody",
        "open",
        "session",
        |stage, side, n| json!({ "name": stage.active(side, n), "password": WRONG }),
    ),
    post(
        "signing in: nobody, somebody disabled",
        "open",
        "session",
        |stage, side, n| json!({ "name": stage.disabled(side, n), "password": WRONG }),
    ),
    post(
        "signing in: nobody, somebody who waits",
        "open",
        "session",
        |stage, side, n| json!({ "name": stage.pending(side, n), "password": WRONG }),
    ),
    post(
        "signing in: nobody, somebody with two steps",
        "open",
        "session",
        |stage, side, n| json!({ "name": stage.two_step(side, n), "password": WRONG }),
    ),
    post(
        "registering at once: a free name, one that is taken",
        "open",
        "registration",
        |stage, side, n| json!({ "name": stage.active(side, n), "password": PASSWORD }),
    ),
    post(
        "registering to wait: a free name, one that is taken",
        "approval",
        "registration",
        |stage, side, n| json!({ "name": stage.active(side, n), "password": PASSWORD }),
    ),
    post(
        "registering while it is closed",
        "closed",
        "registration",
        |stage, side, n| json!({ "name": stage.active(side, n), "password": PASSWORD }),
    ),
    post(
        "registering with a refused password",
        "open",
        "registration",
        |stage, side, n| json!({ "name": stage.active(side, n), "password": "short" }),
    ),
    post(
        "following a password link: none, one that was used",
        "open",
        "new-password",
        |stage, side, _| json!({ "token": stage.link(side), "password": PASSWORD }),
    ),
    post(
        "looking at an invitation: none, one that was used",
        "open",
        "invitation",
        |stage, side, _| json!({ "token": stage.invitation(side) }),
    ),
    post(
        "accepting an invitation: none, one that was used",
        "open",
        "invitation/accept",
        |stage, side, _| json!({ "token": stage.invitation(side), "name": "somebody else", "password": PASSWORD }),
    ),
];

const fn post(
    name: &'static str,
    registration: &'static str,
    path: &'static str,
    body: fn(&mut Stage, Side, usize) -> Value,
) -> Probe {
    Probe { name, registration, path, body }
}
