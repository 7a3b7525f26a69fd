//! Which trust and bucket policies two worlds write differently.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use wh_policy::NamedPolicy;

use super::inquiry::{Place, places};
use super::named::{Named, each};
use super::world::World;

/// A trust or bucket policy that is written differently.
#[derive(Debug)]
pub(crate) struct Edited {
    /// Which one.
    what: String,
    /// The denials that only the old one holds.
    dropped: Vec<String>,
    /// The denials that only the new one holds.
    added: Vec<String>,
    /// Whom either names and no question can be put about.
    pub(crate) unasked: BTreeSet<String>,
}

/// The text of a policy in a form that formatting does not change.
pub(crate) fn text(policy: Option<&NamedPolicy>) -> Option<String> {
    policy.map(|policy| policy.document.to_json())
}

/// The trust and bucket policies that two worlds write differently; those of roles in both.
pub(crate) fn policies(old: &World, new: &World) -> Vec<Edited> {
    let both = places(&[old, new]).into_iter().filter_map(|place| {
        let what = match &place {
            Place::Bucket(bucket) => format!("the policy of bucket `{bucket}`"),
            Place::Role(role) if old.roles.contains_key(role) && new.roles.contains_key(role) => {
                format!("the trust policy of `{role}`")
            }
            Place::Role(_) | Place::Elsewhere => return None,
        };
        let (was, is) = (text(place.policy(old)), text(place.policy(new)));
        (was != is).then(|| edited(new, what, [was, is].map(Option::unwrap_or_default)))
    });
    both.collect()
}

fn edited(world: &World, what: String, [was, is]: [String; 2]) -> Edited {
    let mut named = Named::default();
    named.read(world, &was);
    named.read(world, &is);
    let (before, after) = (denials(&was), denials(&is));
    let only = |one: &[(String, Value)], other: &[(String, Value)]| -> Vec<String> {
        let missing = one.iter().filter(|(_, s)| !other.iter().any(|(_, o)| o == s));
        missing.map(|(name, _)| name.clone()).collect()
    };
    let (dropped, added) = (only(&before, &after), only(&after, &before));
    Edited { what, dropped, added, unasked: named.unasked }
}

/// The statements that deny, by Sid or number.
fn denials(text: &str) -> Vec<(String, Value)> {
    let root: Value = serde_json::from_str(text).unwrap_or_default();
    let statements = each(root.get("Statement").unwrap_or(&Value::Null));
    let denials = statements
        .iter()
        .zip(1..)
        .filter(|(one, _)| one.get("Effect").and_then(Value::as_str) == Some("Deny"));
    let named = denials.map(|(one, number)| {
        let sid = one.get("Sid").and_then(Value::as_str);
        (sid.map_or_else(|| format!("statement {number}"), str::to_owned), (*one).clone())
    });
    named.collect()
}

impl Edited {
    /// For reading; `same` where nobody is allowed anything else.
    pub(crate) fn in_words(&self, same: bool) -> Vec<String> {
        let (sign, end) = match same && self.unasked.is_empty() {
            true => ("=", ", and allows the same to everybody who was asked about"),
            false => ("~", ""),
        };
        let mut lines = vec![format!("{sign} {} is written differently{end}", self.what)];
        let quoted = |names: &[String]| {
            names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
        };
        if !self.dropped.is_empty() {
            lines.push(format!("  it no longer denies by {}", quoted(&self.dropped)));
        }
        if !self.added.is_empty() {
            lines.push(format!("  it now denies by {}", quoted(&self.added)));
        }
        lines.extend(self.unasked.iter().map(|name| {
            format!("  not known for {name}, because no question can be put about them")
        }));
        lines
    }

    pub(crate) fn json(&self) -> Value {
        json!({
            "policy": self.what,
            "denials_dropped": self.dropped,
            "denials_added": self.added,
            "not_known_for": self.unasked,
        })
    }
}
