//! Slips of the pen: the name that was meant, and requests that no policy will ever see.

use wh_policy::{PolicyKind, lint};

/// The name among `names` that was probably meant.
pub(crate) fn nearest<'n>(written: &str, names: &[&'n str]) -> Option<&'n str> {
    lint::nearest(written, names.iter().copied())
}

/// What is odd about asking for these actions on these resources: actions that do not exist, a
/// bucket's action on an object. In the linter's words.
pub(crate) fn oddities(actions: &[String], resources: &[String]) -> Vec<String> {
    let document = serde_json::json!({
        "Version": "2012-10-17",
        "Statement": [{ "Effect": "Allow", "Action": actions, "Resource": resources }],
    });
    let told = [
        "action-unknown",
        "call-not-action",
        "action-pattern-matches-nothing",
        "list-bucket-on-object-arn",
        "object-action-on-bucket-arn",
    ];
    let found = lint::lint(&document.to_string(), PolicyKind::Identity);
    let odd = found.into_iter().filter(|finding| told.contains(&finding.code));
    odd.map(|finding| match finding.fix {
        Some(fix) => format!("{}: {}", finding.message, fix.description),
        None => finding.message,
    })
    .collect()
}
