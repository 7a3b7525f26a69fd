//! Rules about the document as a whole: its version, its size, transport.

use super::Found;
use super::rules::{NEARLY_TOO_LARGE, NO_TLS, VERSION_MISSING};
use super::view::View;
use crate::PolicyKind;
use crate::size::{limit, measured};

pub(super) fn check(view: &View<'_>, found: &mut Vec<Found>) {
    version(view, found);
    size(view, found);
    transport(view, found);
}

fn version(view: &View<'_>, found: &mut Vec<Found>) {
    // The reader demands one of managed policies.
    let demanded = view.kind == PolicyKind::ManagedIdentity;
    let open = view.root.at + 1;
    if demanded || view.root.member("Version").is_some() || view.root.members().is_none() {
        return;
    }
    let comma = if view.root.members().is_some_and(<[_]>::is_empty) { "" } else { ", " };
    let missing = Found::new(&VERSION_MISSING, &view.whole(), "`Version` is missing");
    let written = format!("\"Version\": \"2012-10-17\"{comma}");
    found.push(missing.replace("write the version", open..open, written));
}

fn size(view: &View<'_>, found: &mut Vec<Found>) {
    let limit = limit(view.kind);
    let (size, measure) = (measured(view.text, view.kind), limit.measure);
    let whole = view.whole();
    if size > limit.most {
        // The reader says so.
        return;
    }
    if size > limit.least {
        let message = match view.kind {
            PolicyKind::Trust => format!(
                "{size} {measure}: more than {} need a raised quota of the account",
                limit.least
            ),
            PolicyKind::Identity
            | PolicyKind::ManagedIdentity
            | PolicyKind::Boundary
            | PolicyKind::Session
            | PolicyKind::Resource => format!(
                "{size} {measure}: a role holds {} inline, a group 5120, a user {}",
                limit.most, limit.least
            ),
        };
        found.push(Found::new(&NEARLY_TOO_LARGE, &whole, message));
    } else if size * 10 > limit.least * 9 {
        let message = format!("{size} {measure}, of which {} are allowed", limit.least);
        found.push(Found::new(&NEARLY_TOO_LARGE, &whole, message));
    }
}

fn transport(view: &View<'_>, found: &mut Vec<Found>) {
    let asks = |key: &str| {
        key.eq_ignore_ascii_case("aws:SecureTransport") || key.eq_ignore_ascii_case("s3:TlsVersion")
    };
    let mut tests = view.clauses.iter().flat_map(|clause| &clause.tests);
    if view.kind == PolicyKind::Resource
        && !view.clauses.is_empty()
        && !tests.any(|test| asks(&test.key.text))
    {
        let message = "requests without TLS are not refused";
        let advice = "deny `s3:*` where `aws:SecureTransport` is `false`";
        found.push(Found::new(&NO_TLS, &view.whole(), message).advise(advice));
    }
}
