//! Rules about the document as a whole: its version, its size, transport.

use super::Found;
use super::rules::{NEARLY_TOO_LARGE, NO_TLS, TOO_LARGE, VERSION_MISSING};
use super::view::View;
use crate::PolicyKind;

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

/// What a document may hold, in its kind's own measure.
struct Limit {
    /// The kind never holds more.
    most: usize,
    /// Some of the kind hold less: users' inline policies, trust policies without a raised quota.
    least: usize,
    measure: &'static str,
}

/// Source: IAM User Guide, "IAM and AWS STS quotas"; S3 User Guide, "Bucket policies".
fn limit(kind: PolicyKind) -> Limit {
    const PLAIN: &str = "characters without white space";
    match kind {
        PolicyKind::Identity => Limit { most: 10_240, least: 2_048, measure: PLAIN },
        PolicyKind::ManagedIdentity | PolicyKind::Boundary => {
            Limit { most: 6_144, least: 6_144, measure: PLAIN }
        }
        PolicyKind::Session => Limit { most: 2_048, least: 2_048, measure: "characters" },
        PolicyKind::Resource => Limit { most: 20_480, least: 20_480, measure: "bytes" },
        PolicyKind::Trust => Limit { most: 4_096, least: 2_048, measure: PLAIN },
    }
}

/// The size of a document as its kind measures it.
fn measured(text: &str, kind: PolicyKind) -> usize {
    match kind {
        PolicyKind::Resource => text.len(),
        PolicyKind::Session => text.chars().count(),
        PolicyKind::Identity
        | PolicyKind::ManagedIdentity
        | PolicyKind::Boundary
        | PolicyKind::Trust => without_space(text),
    }
}

/// Characters, without the white space that stands outside of strings.
fn without_space(text: &str) -> usize {
    let (mut quoted, mut escaped, mut count) = (false, false, 0);
    for c in text.chars() {
        let blank = !quoted && matches!(c, ' ' | '\t' | '\n' | '\r');
        count += usize::from(!blank);
        if c == '"' && !escaped {
            quoted = !quoted;
        }
        escaped = quoted && c == '\\' && !escaped;
    }
    count
}

fn size(view: &View<'_>, found: &mut Vec<Found>) {
    let limit = limit(view.kind);
    let (size, measure) = (measured(view.text, view.kind), limit.measure);
    let whole = view.whole();
    if size > limit.most {
        let message = format!("{size} {measure}, of which {} are allowed", limit.most);
        found.push(Found::new(&TOO_LARGE, &whole, message).advise("split the policy"));
    } else if size > limit.least {
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
