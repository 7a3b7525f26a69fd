//! Rules about resources: patterns that cover more than they seem to, and reading without listing.

use super::Found;
use super::reach::{fields, overlap};
use super::rules::{ALLOW_NOT_RESOURCE, BUCKET_STAR, PREFIX_WITHOUT_SLASH, READ_WITHOUT_LIST};
use super::span::{quoted, token};
use super::view::{Clause, Spot, View, action_matches};
use crate::PolicyKind;

pub(super) fn check(view: &View<'_>, found: &mut Vec<Found>) {
    for clause in view.clauses.iter().filter(|clause| clause.allows()) {
        if let Some(list) = clause.resources.as_ref().filter(|list| list.negated) {
            let message = "everything else is allowed, also what belongs to others";
            found.push(
                Found::new(&ALLOW_NOT_RESOURCE, &list.spot, message)
                    .advise("name the resources that are meant, and deny the exceptions"),
            );
        }
        for item in clause.named_resources() {
            let Some(rest) = s3_rest(&item.text, view) else { continue };
            found.extend(prefix(view, item, rest).or_else(|| bucket(item, rest)));
        }
    }
    read_without_list(view, found);
}

/// What stands after the fifth colon of a bucket's or object's ARN.
fn s3_rest<'a>(arn: &'a str, view: &View<'_>) -> Option<&'a str> {
    match fields(arn, view.variables)?.as_slice() {
        ["arn", _, "s3", "", "", rest] => Some(rest),
        _ => None,
    }
}

/// Whether a text ends inside a name: with a letter, a digit or a variable.
pub(super) fn inside_name(text: &str) -> bool {
    text.ends_with(|c: char| c.is_alphanumeric() || c == '}')
}

fn prefix(view: &View<'_>, item: &Spot, rest: &str) -> Option<Found> {
    let before = rest.strip_suffix('*')?;
    if !before.contains('/') || !inside_name(before) {
        return None;
    }
    let meant = format!("{}/*", item.text.strip_suffix('*')?);
    let message = format!("`{before}*` covers every name that begins so, not only the folder");
    let found = Found::new(&PREFIX_WITHOUT_SLASH, item, message);
    Some(found.replace(format!("write `{meant}`"), token(view.text, item.at), quoted(&meant)))
}

fn bucket(item: &Spot, rest: &str) -> Option<Found> {
    let (bucket, key) = rest.split_once('/').map_or((rest, None), |(b, key)| (b, Some(key)));
    let before = bucket.strip_suffix('*').filter(|before| !before.is_empty())?;
    // `team-*/…` names a family of buckets; `team*` is mostly an ARN without its slash.
    if before.ends_with('*') || (key.is_some() && !inside_name(before)) {
        return None;
    }
    let message = format!("`{bucket}` covers every bucket whose name begins with `{before}`");
    let found = Found::new(&BUCKET_STAR, item, message);
    Some(found.advise(format!("name the bucket `{before}`, and its objects `{before}/*`")))
}

fn read_without_list(view: &View<'_>, found: &mut Vec<Found>) {
    let browsed = match view.kind {
        PolicyKind::Identity
        | PolicyKind::ManagedIdentity
        | PolicyKind::Boundary
        | PolicyKind::Session => true,
        // Pages for everyone are often read without being listed, on purpose.
        PolicyKind::Resource | PolicyKind::Trust => false,
    };
    if !browsed {
        return;
    }
    let mut told: Vec<String> = Vec::new();
    for clause in view.clauses.iter().filter(|clause| clause.allows()) {
        let mut reads = clause.named_actions().iter();
        let Some(read) = reads.find(|item| action_matches(&item.text, "s3:GetObject")) else {
            continue;
        };
        for bucket in clause.named_resources().iter().filter_map(|item| bucket_of(item, view)) {
            if told.contains(&bucket) || listable(view, &bucket) {
                continue;
            }
            let message = format!("objects of `{bucket}` may be read, and the bucket not listed");
            let advice = format!("allow `s3:ListBucket` on `{bucket}`");
            found.push(Found::new(&READ_WITHOUT_LIST, read, message).advise(advice));
            told.push(bucket);
        }
    }
}

/// The ARN of the bucket whose objects an ARN names.
fn bucket_of(item: &Spot, view: &View<'_>) -> Option<String> {
    let (bucket, _) = s3_rest(&item.text, view)?.split_once('/')?;
    let head = item.text.split_once(":::").map_or("arn:aws:s3", |(head, _)| head);
    Some(format!("{head}:::{bucket}"))
}

fn listable(view: &View<'_>, bucket: &str) -> bool {
    let lists = |clause: &&Clause| clause.allows() && clause.holds_action("s3:ListBucket");
    let names = |item: &Spot| overlap(&item.text, bucket, view.variables);
    view.clauses.iter().filter(lists).any(|clause| {
        let negated = clause.resources.as_ref().is_some_and(|list| list.negated);
        negated || clause.named_resources().iter().any(names)
    })
}
