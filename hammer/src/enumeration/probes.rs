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
    /// So many answers a server gives before it asks everybody to wait; then the harness starts it anew.
    pub(super) answers_max: usize,
    /// What is asked: of the `n`th of that side.
    pub(super) body: fn(&mut Stage, Side, usize) -> Value,
}

/// How many ask for a new password before all are asked to wait.
const RESETS_MAX: usize = 290;

/// All of them.
pub(super) const PROBES: [Probe; 15] = [
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
        "registering to be written to: a free name, one that is taken",
        "checked",
        "registration",
        |stage, side, n| json!({ "name": stage.active(side, n), "password": PASSWORD, "email": stage.no_address() }),
    ),
    post(
        "registering to be written to: a free address, a taken one",
        "checked",
        "registration",
        |stage, side, n| json!({ "name": stage.nobody(), "password": PASSWORD, "email": stage.address(side, n) }),
    ),
    few(
        "asking for a new password by name: nobody, somebody",
        "password-reset",
        |stage, side, n| json!({ "who": stage.active(side, n) }),
    ),
    few(
        "asking for a new password by address: nobody, somebody",
        "password-reset",
        |stage, side, n| json!({ "who": stage.address(side, n) }),
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
    Probe { name, registration, path, answers_max: usize::MAX, body }
}

const fn few(
    name: &'static str,
    path: &'static str,
    body: fn(&mut Stage, Side, usize) -> Value,
) -> Probe {
    Probe { name, registration: "open", path, answers_max: RESETS_MAX, body }
}
