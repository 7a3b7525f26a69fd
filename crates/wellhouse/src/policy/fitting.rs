//! Which resources an action acts on: an object's action on a bucket asks about nothing.

use serde_json::{Value, json};
use wh_policy::tables;

use super::asked;
use super::world::World;

/// What can be done with the word of an identity provider.
pub(crate) const FEDERATED: [&str; 4] = [
    "sts:AssumeRoleWithWebIdentity",
    "sts:AssumeRoleWithSAML",
    "sts:TagSession",
    "sts:SetSourceIdentity",
];

/// The actions of three kinds: those on objects, on buckets, and on roles.
#[derive(Debug)]
pub(crate) struct Kinds {
    objects: Vec<&'static str>,
    buckets: Vec<&'static str>,
    roles: Vec<&'static str>,
}

impl Kinds {
    /// Those that any of these patterns matches: the others would only be work. No patterns match
    /// everything.
    pub(crate) fn among(patterns: &[String]) -> Self {
        Self {
            objects: acting_on(patterns, &["s3"], &["object", "accesspointobject"]),
            buckets: acting_on(patterns, &["s3"], &["bucket", "accesspoint"]),
            roles: acting_on(patterns, &["sts", "iam"], &["role"]),
        }
    }
}

/// The actions whose resources are only these.
fn acting_on(patterns: &[String], services: &[&str], of: &[&str]) -> Vec<&'static str> {
    let wanted = |name: &str| {
        let name = name.to_ascii_lowercase();
        let fits = |pattern: &String| asked::matches(&pattern.to_ascii_lowercase(), &name);
        patterns.is_empty() || patterns.iter().any(fits)
    };
    let rows = tables::actions().iter().filter(|row| {
        let service = row.name.split(':').next().unwrap_or_default();
        let types = row.resources;
        let fits = !types.is_empty() && types.iter().all(|t| of.contains(t));
        fits && services.contains(&service) && wanted(row.name)
    });
    rows.map(|row| row.name).collect()
}

/// Denials of what no action does: on resources of a type that it does not act on.
pub(crate) fn misfits(kinds: &Kinds) -> Vec<Value> {
    // An access point has an ARN with an account; of what has none, the slash makes the object.
    let object = ["arn:*:s3:::*/*", "arn:*:s3:*:*:accesspoint/*"];
    let bucket = ["arn:*:s3:::*", "arn:*:s3:*:*:accesspoint/*"];
    let deny = |actions: &[&str], element: &str, arns: &[&str]| {
        let denial = json!({ "Effect": "Deny", "Action": actions, element: arns });
        (!actions.is_empty()).then_some(denial)
    };
    let denials = [
        deny(&kinds.objects, "NotResource", &object),
        deny(&kinds.buckets, "NotResource", &bucket),
        deny(&kinds.buckets, "Resource", &["arn:*:s3:::*/*"]),
        deny(&kinds.roles, "NotResource", &["arn:*:iam::*:role/*"]),
    ];
    denials.into_iter().flatten().collect()
}

/// Denials of what shows little: actions of few people's acquaintance, and roles that are not there.
pub(crate) fn obscure(world: &World, kinds: &Kinds) -> Vec<Value> {
    let in_s3 = [kinds.objects.as_slice(), &kinds.buckets].concat();
    let known = [in_s3.as_slice(), &kinds.roles].concat();
    let roles: Vec<&str> = world.roles.values().map(|role| role.arn.as_str()).collect();
    if known.is_empty() {
        return vec![json!({ "Effect": "Deny", "Action": "*", "Resource": "*" })];
    }
    let mut out = vec![json!({ "Effect": "Deny", "NotAction": known, "Resource": "*" })];
    if !in_s3.is_empty() {
        let s3 = format!("arn:{}:s3:::*", world.partition);
        out.push(json!({ "Effect": "Deny", "Action": in_s3, "NotResource": s3 }));
    }
    if !roles.is_empty() && !kinds.roles.is_empty() {
        out.push(json!({ "Effect": "Deny", "Action": kinds.roles, "NotResource": roles }));
    }
    out
}
