//! Rules about condition keys: whether there is such a one, whether the actions have it, and whether
//! the operator fits its type.

use super::Found;
use super::actions::SERVICES;
use super::distance::nearest;
use super::rules::{
    FOR_ALL_MISSING, FOR_ALL_SINGLE, FOR_ANY_NEGATED, FOR_ANY_SINGLE, KEY_NEVER, KEY_NOT_ALL,
    KEY_UNKNOWN, MISSING_QUALIFIER, OPERATOR_TYPE, TAG_KEY_MISSING,
};
use super::span::{quoted, token};
use super::view::{Clause, Spot, Test, View, has_wildcard, rows_of, service_and_name};
use crate::operator::{Family, Quantifier};
use crate::tables::{self, ActionRow, KeyKind, KeyRow};

pub(super) fn check(view: &View<'_>, found: &mut Vec<Found>) {
    for clause in &view.clauses {
        for test in &clause.tests {
            let Some(row) = tables::key(&test.key.text) else {
                found.extend(unknown(view, test));
                continue;
            };
            if !row.global {
                presence(clause, test, row, found);
            }
            found.extend(operator_type(test, row));
            found.extend(quantifier(view, clause, test, row));
        }
    }
}

/// The services whose keys the tables hold in full.
pub(super) fn is_known_service(key: &str) -> bool {
    let service = key.split_once(':').map_or("", |(service, _)| service).to_ascii_lowercase();
    SERVICES.contains(&service.as_str()) || service == "aws" || service == "saml"
}

/// The key of the tables that was probably meant.
pub(super) fn meant(key: &str) -> Option<&'static str> {
    let names = tables::keys().iter().map(|row| row.name);
    nearest(key, names.filter(|name| !name.contains("${")))
}

fn unknown(view: &View<'_>, test: &Test) -> Option<Found> {
    let (spot, key) = (&test.key, test.key.text.as_str());
    if needs_tag(key) {
        let message = format!("which tag is meant by `{key}`?");
        let found = Found::new(&TAG_KEY_MISSING, spot, message);
        return Some(
            found.advise(format!("write `{}/` and the tag's key", key.trim_end_matches('/'))),
        );
    }
    if key.contains(':') && !is_known_service(key) {
        return None;
    }
    let found = Found::new(&KEY_UNKNOWN, spot, format!("there is no condition key `{key}`"));
    Some(match meant(key) {
        Some(name) => {
            found.replace(format!("write `{name}`"), token(view.text, spot.at), quoted(name))
        }
        None => found,
    })
}

/// Whether a key is that of a tag, without saying of which.
fn needs_tag(key: &str) -> bool {
    let bare = key.trim_end_matches('/');
    let forms = tables::keys().iter().filter_map(|row| row.name.strip_suffix("/${TagKey}"));
    forms.into_iter().any(|form| form.eq_ignore_ascii_case(bare))
}

/// Whether the requests of an action can carry a key.
fn has_key(row: &ActionRow, key: &str) -> bool {
    let service = row.name.split_once(':').map_or("", |(service, _)| service);
    let types = row.resources.iter().filter_map(|name| tables::resource(service, name));
    row.keys.contains(&key) || types.into_iter().any(|kind| kind.keys.contains(&key))
}

fn presence(clause: &Clause, test: &Test, row: &KeyRow, found: &mut Vec<Found>) {
    let actions = clause.named_actions();
    let known = |item: &&Spot| service_and_name(&item.text).is_some();
    let rows: Vec<(&Spot, Vec<&ActionRow>)> =
        actions.iter().filter(known).map(|item| (item, rows_of(&item.text))).collect();
    let sure = rows.len() == actions.len() && rows.iter().all(|(_, rows)| !rows.is_empty());
    if actions.is_empty() || !sure {
        return;
    }
    let lacks = |rows: &[&ActionRow]| !rows.iter().any(|action| has_key(action, row.name));
    let key = &test.key.text;
    if rows.iter().all(|(_, rows)| lacks(rows)) {
        if test.operator.family != Family::Null {
            let message = format!(
                "none of the actions has `{key}`, so {}",
                outcome(clause, test, "anything")
            );
            found.push(Found::new(&KEY_NEVER, &test.key, message));
        }
        return;
    }
    if !matters(test) {
        return;
    }
    let exact = |item: &Spot| !has_wildcard(&item.text) && !travels_along(&item.text);
    for (item, _) in rows.iter().filter(|(item, rows)| exact(item) && lacks(rows)) {
        let message =
            format!("`{}` never has `{key}`, so {}", item.text, outcome(clause, test, "it"));
        let found_here = Found::new(&KEY_NOT_ALL, item, message);
        found.push(found_here.advise(format!("put `{}` into a statement of its own", item.text)));
    }
}

/// Whether an action is asked for by the same request as `sts:AssumeRole`, whose keys are then there.
fn travels_along(action: &str) -> bool {
    ["sts:TagSession", "sts:SetSourceIdentity", "sts:SetContext"]
        .iter()
        .any(|name| name.eq_ignore_ascii_case(action))
}

/// Whether a missing key makes a difference that the statement does not ask for by itself.
fn matters(test: &Test) -> bool {
    let operator = test.operator;
    operator.family != Family::Null && !operator.if_exists && operator.quantifier != Quantifier::All
}

/// What a statement does where the key of the test is missing.
fn outcome(clause: &Clause, test: &Test, what: &str) -> String {
    match (test.demands_presence(), clause.allows()) {
        (true, true) => format!("the statement never allows {what}"),
        (true, false) => format!("the statement never denies {what}"),
        (false, _) => "the condition holds whatever is asked".to_owned(),
    }
}

fn operator_type(test: &Test, row: &KeyRow) -> Option<Found> {
    let family = test.operator.family;
    let fits = match row.kind {
        KeyKind::String | KeyKind::ArrayOfString => is_text(family),
        KeyKind::Arn | KeyKind::ArrayOfArn => is_text(family) || family == Family::Arn,
        KeyKind::Bool => family == Family::Bool,
        KeyKind::Numeric => matches!(family, Family::Numeric(_)),
        // The one date that is a number of seconds.
        KeyKind::Date if row.name == "aws:EpochTime" => {
            matches!(family, Family::Date(_) | Family::Numeric(_))
        }
        KeyKind::Date => matches!(family, Family::Date(_)),
        KeyKind::IpAddress => family == Family::IpAddress,
        KeyKind::Binary => family == Family::Binary,
    };
    if fits || family == Family::Null {
        return None;
    }
    let (what, operators) = match row.kind {
        KeyKind::String | KeyKind::ArrayOfString => ("a text", "`String…`"),
        KeyKind::Arn | KeyKind::ArrayOfArn => ("an ARN", "`Arn…`"),
        KeyKind::Bool => ("true or false", "`Bool`"),
        KeyKind::Numeric => ("a number", "`Numeric…`"),
        KeyKind::Date => ("a date", "`Date…`"),
        KeyKind::IpAddress => ("an address", "`IpAddress`"),
        KeyKind::Binary => ("base64", "`BinaryEquals`"),
    };
    let message = format!("`{}` is {what}, which `{}` does not compare", row.name, test.name.text);
    Some(Found::new(&OPERATOR_TYPE, &test.key, message).advise(format!("use {operators}")))
}

fn is_text(family: Family) -> bool {
    matches!(family, Family::StringEquals | Family::StringEqualsIgnoreCase | Family::StringLike)
}

fn quantifier(view: &View<'_>, clause: &Clause, test: &Test, row: &KeyRow) -> Option<Found> {
    let (many, operator) = (row.kind.multivalued(), test.operator);
    let name = row.name;
    match operator.quantifier {
        Quantifier::Single if many && operator.family != Family::Null => {
            let message = format!("`{name}` has many values: of which must it hold?");
            let found = Found::new(&MISSING_QUALIFIER, &test.key, message);
            Some(found.advise("write `ForAllValues:` or `ForAnyValue:` before the operator"))
        }
        Quantifier::All if !many => {
            let message = format!("`{name}` has one value; where it is missing, this is true");
            Some(without_set(view, clause, test, Found::new(&FOR_ALL_SINGLE, &test.key, message)))
        }
        Quantifier::Any if !many => {
            let message = format!("`{name}` has one value");
            Some(without_set(view, clause, test, Found::new(&FOR_ANY_SINGLE, &test.key, message)))
        }
        Quantifier::All if clause.allows() && !clause.demands(|key| implies(key, name)) => {
            let message = format!("where `{name}` is missing, this is true");
            let found = Found::new(&FOR_ALL_MISSING, &test.key, message);
            Some(found.advise(format!("add `\"Null\": {{\"{name}\": \"false\"}}`")))
        }
        Quantifier::Any if clause.allows() && operator.negated => {
            let message = format!("one value of `{name}` outside of the list is enough");
            let found = Found::new(&FOR_ANY_NEGATED, &test.key, message);
            Some(found.advise("use `ForAllValues:`, and demand the key by `Null`"))
        }
        Quantifier::Single | Quantifier::All | Quantifier::Any => None,
    }
}

/// Takes the set operator away, where no other key stands under it and nothing is opened by it: a
/// missing key passes `ForAllValues`, and fails `ForAnyValue`.
fn without_set(view: &View<'_>, clause: &Clause, test: &Test, found: Found) -> Found {
    let bare = test.name.text.split_once(':').map_or("", |(_, bare)| bare);
    let opens = match test.operator.quantifier {
        Quantifier::All => !clause.allows() && !test.operator.negated,
        Quantifier::Any => clause.allows() && test.operator.negated,
        Quantifier::Single => false,
    };
    if opens {
        return found.advise(format!("move it to `{bare}`, and mind that the key may be missing"));
    }
    if !test.alone {
        return found.advise(format!("move it to `{bare}`"));
    }
    found.replace(format!("write `{bare}`"), token(view.text, test.name.at), quoted(bare))
}

/// Whether a request that has the one key has the other: who sends a tag sends tag keys.
fn implies(key: &str, other: &str) -> bool {
    let tag =
        |form: &str| key.get(..form.len()).is_some_and(|head| head.eq_ignore_ascii_case(form));
    key.eq_ignore_ascii_case(other)
        || (other == "aws:TagKeys" && tag("aws:RequestTag/"))
        || (other == "s3:RequestObjectTagKeys" && tag("s3:RequestObjectTag/"))
}
