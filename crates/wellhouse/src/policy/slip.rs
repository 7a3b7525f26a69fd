//! Slips of the pen: the name that was meant, and requests that no policy will ever see.

use wh_policy::{PolicyKind, lint};

/// The name among `names` that is nearest to `written`, where one is near.
pub(crate) fn nearest<'n>(written: &str, names: &[&'n str]) -> Option<&'n str> {
    let lower = written.to_lowercase();
    let distance = |name: &&str| edits(&lower, &name.to_lowercase());
    let nearest = names.iter().min_by_key(|name| distance(name))?;
    let near = (written.chars().count() / 3).max(2);
    (distance(nearest) <= near).then_some(*nearest)
}

/// How many letters have to be put in, left out or changed (Levenshtein's distance).
fn edits(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, c) in one.chars().enumerate() {
        let mut left = at + 1;
        let mut next = vec![left];
        for (d, above) in other.iter().zip(row.windows(2)) {
            let [corner, up] = above else { continue };
            left = (left + 1).min(up + 1).min(corner + usize::from(c != *d));
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
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
