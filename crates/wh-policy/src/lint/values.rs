//! Rules about the values of conditions.

use std::net::IpAddr;

use super::Found;
use super::resources::inside_name;
use super::rules::{
    PREFIX_KEY_WITHOUT_SLASH, PRIVATE_IP, SESSION_ARN, TRUE_AND_FALSE, VALUE_REDUNDANT,
    WILDCARD_NO_LIKE,
};
use super::span::{quoted, removal, token};
use super::view::{Spot, Test, View};
use crate::operator::Family;

pub(super) fn check(view: &View<'_>, found: &mut Vec<Found>) {
    let tests =
        view.clauses.iter().flat_map(|clause| clause.tests.iter().map(move |t| (clause, t)));
    for (clause, test) in tests {
        repeated(view, test, found);
        found.extend(both(test));
        let key = test.key.text.to_ascii_lowercase();
        for value in &test.values {
            found.extend(wildcard(view, test, value));
            if key == "aws:sourceip" {
                found.extend(private(test, value));
            }
            if key == "aws:principalarn" && value.text.contains(":assumed-role/") {
                let message = "a session's `aws:PrincipalArn` is its role's ARN";
                let advice = "write the role's ARN, or test `aws:userid`";
                found.push(Found::new(&SESSION_ARN, value, message).advise(advice));
            }
            if key == "s3:prefix" && clause.allows() && !test.operator.negated {
                found.extend(prefix(view, test, value));
            }
        }
    }
}

/// `Bool` and `Null` with both values.
fn both(test: &Test) -> Option<Found> {
    let has = |word: &str| test.values.iter().any(|value| value.text.eq_ignore_ascii_case(word));
    let asks = matches!(test.operator.family, Family::Bool | Family::Null);
    let message = "both values pass, so nothing is asked";
    (asks && has("true") && has("false")).then(|| Found::new(&TRUE_AND_FALSE, &test.key, message))
}

fn repeated(view: &View<'_>, test: &Test, found: &mut Vec<Found>) {
    let mut seen = std::collections::HashSet::new();
    for value in &test.values {
        if seen.insert(value.text.as_str()) {
            continue;
        }
        let message = format!("`{}` is there already", value.text);
        let again = Found::new(&VALUE_REDUNDANT, value, message);
        found.push(match removal(view.text, value.at) {
            Some(range) => again.replace("take it out", range, ""),
            None => again,
        });
    }
}

/// Keys of which a star is a real value.
const REAL_STARS: [&str; 2] = ["s3:if-none-match", "s3:if-match"];

fn wildcard(view: &View<'_>, test: &Test, value: &Spot) -> Option<Found> {
    let real = REAL_STARS.iter().any(|key| key.eq_ignore_ascii_case(&test.key.text));
    let escaped = value.text.replace("${*}", "").replace("${?}", "");
    let plain = if view.variables { escaped } else { value.text.clone() };
    let starred = plain.contains(['*', '?']);
    if test.operator.family != Family::StringEquals || real || !starred {
        return None;
    }
    let name = &test.name.text;
    let message = format!("`{name}` takes the `*` or `?` in `{}` as it is", value.text);
    let found = Found::new(&WILDCARD_NO_LIKE, value, message);
    let like = name.replace("Equals", "Like");
    if !test.alone || like == *name {
        return Some(found.advise(format!("move it to `{like}`")));
    }
    Some(found.replace(format!("write `{like}`"), token(view.text, test.name.at), quoted(&like)))
}

fn private(test: &Test, value: &Spot) -> Option<Found> {
    let address = value.text.split_once('/').map_or(value.text.as_str(), |(address, _)| address);
    let address: IpAddr = address.trim().parse().ok()?;
    let inside = match address {
        IpAddr::V4(v4) => v4.is_private() || v4.is_loopback() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_unique_local() || v6.is_loopback() || v6.is_unicast_link_local(),
    };
    if !inside || test.operator.family != Family::IpAddress {
        return None;
    }
    let message = format!("`{}` is private; AWS sees public addresses", value.text);
    let advice = "use public addresses, or `aws:VpcSourceIp` behind a VPC endpoint";
    Some(Found::new(&PRIVATE_IP, value, message).advise(advice))
}

fn prefix(view: &View<'_>, test: &Test, value: &Spot) -> Option<Found> {
    let given = value.text.as_str();
    let before = match test.operator.family {
        Family::StringLike => given.strip_suffix('*').unwrap_or(given),
        Family::StringEquals | Family::StringEqualsIgnoreCase => given,
        Family::Numeric(_)
        | Family::Date(_)
        | Family::Bool
        | Family::Binary
        | Family::IpAddress
        | Family::Arn
        | Family::Null => return None,
    };
    if !inside_name(before) {
        return None;
    }
    let star = if before.len() < given.len() { "*" } else { "" };
    let meant = format!("{before}/{star}");
    let message = format!("`{given}` is not the folder `{before}/`");
    let found = Found::new(&PREFIX_KEY_WITHOUT_SLASH, value, message);
    Some(found.replace(format!("write `{meant}`"), token(view.text, value.at), quoted(&meant)))
}
