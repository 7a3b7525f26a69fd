//! Statements: an effect, and elements that match the request, or nearly.

use serde_json::{Map, Value, json};

use super::{Place, conditions, principals, respelt};
use crate::dice::Dice;
use crate::question::Question;
use crate::vocabulary::{
    ACTION_PATTERNS, ACTION_PATTERNS_MALFORMED, RESOURCES, RESOURCES_MALFORMED,
};

/// A statement for a document that stands in this place.
pub(crate) fn statement(dice: &mut Dice<'_>, q: &Question, place: Place) -> Value {
    let allow = dice.chance(78);
    let mut statement = Map::new();
    let mut put = |name: &str, value: Value| {
        statement.insert(name.to_owned(), value);
    };
    put("Effect", json!(if allow { "Allow" } else { "Deny" }));
    if place != Place::Caller {
        let inverted = place == Place::Bucket && !allow && dice.chance(40);
        let name = if inverted { "NotPrincipal" } else { "Principal" };
        put(name, principals::element(dice, &q.principal));
    }
    let inverted = dice.chance(10);
    put(
        if inverted { "NotAction" } else { "Action" },
        list(dice, |dice| action(dice, q, inverted)),
    );
    if place != Place::Trust {
        let inverted = dice.chance(10);
        let name = if inverted { "NotResource" } else { "Resource" };
        put(name, list(dice, |dice| resource(dice, q, inverted)));
    }
    if dice.chance(if allow { 45 } else { 70 }) {
        put("Condition", conditions::block(dice, q));
    }
    Value::Object(statement)
}

/// One item, or a list of one to three.
pub(super) fn list(dice: &mut Dice<'_>, mut item: impl FnMut(&mut Dice<'_>) -> Value) -> Value {
    let count = if dice.chance(65) { 1 } else { 1 + dice.below(3) };
    let mut list = Value::Array((0..count).map(|_| item(dice)).collect());
    if dice.chance(60) {
        principals::unlist(&mut list);
    }
    list
}

fn action(dice: &mut Dice<'_>, q: &Question, inverted: bool) -> Value {
    let vendor = q.action.split(':').next().unwrap_or_default();
    json!(match dice.below(if inverted { 20 } else { 40 }) {
        0 if dice.chance(15) => dice.pick(&ACTION_PATTERNS_MALFORMED).to_owned(),
        0..14 => dice.pick(&ACTION_PATTERNS).to_owned(),
        14..24 => respelt(dice, &q.action, 30),
        24..32 => format!("{vendor}:*"),
        _ => "*".to_owned(),
    })
}

fn resource(dice: &mut Dice<'_>, q: &Question, inverted: bool) -> Value {
    json!(match dice.below(if inverted { 20 } else { 40 }) {
        0 if dice.chance(25) => dice.pick(&RESOURCES_MALFORMED).to_owned(),
        0..14 => dice.pick(&RESOURCES).to_owned(),
        14..20 => q.target.clone(),
        20..26 => blurred(dice, &q.target),
        26..31 => "arn:aws:s3:::*".to_owned(),
        _ => "*".to_owned(),
    })
}

/// A pattern that matches a text, or nearly: characters replaced by wildcards.
pub(super) fn blurred(dice: &mut Dice<'_>, text: &str) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    let head = if text.starts_with("arn:") { 13.min(characters.len()) } else { 0 };
    let mut tail = characters.split_off(head);
    for _ in 0..=dice.below(2) {
        let at = dice.below(tail.len() + 1);
        match dice.below(5) {
            0 | 1 => tail.truncate(at),
            2 => tail.insert(at, '*'),
            3 => drop(tail.get_mut(at).map(|c| *c = '?')),
            _ => drop(tail.get_mut(at).map(|c| *c = '*')),
        }
    }
    if dice.chance(60) {
        tail.push('*');
    }
    characters.extend(tail);
    characters.into_iter().collect()
}
