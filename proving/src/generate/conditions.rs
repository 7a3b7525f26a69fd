//! Conditions: operators in all their forms, on keys that the request has, or has not.

use serde_json::{Map, Value, json};

use super::respelt;
use super::statements::{blurred, list};
use crate::dice::Dice;
use crate::question::{Given, Question};
use crate::vocabulary::{DERIVED, KEYS, OPERATORS, OPERATORS_UNKNOWN, Pool, patterns, values};

/// A `Condition` block.
pub(super) fn block(dice: &mut Dice<'_>, q: &Question) -> Value {
    let mut block = Map::new();
    for _ in 0..=dice.below(2) {
        let (key, pool) = key(dice, q);
        let (operator, pool) = operator(dice, pool);
        let given = q.context.iter().find(|(k, _)| k.eq_ignore_ascii_case(&key)).map(|(_, v)| v);
        let values = list(dice, |dice| value(dice, pool, given));
        let tests = block.entry(operator).or_insert_with(|| json!({}));
        if let Value::Object(tests) = tests
            && !tests.keys().any(|known| known.eq_ignore_ascii_case(&key))
        {
            tests.insert(key, values);
        }
    }
    Value::Object(block)
}

fn key(dice: &mut Dice<'_>, q: &Question) -> (String, Pool) {
    let given: Vec<&String> = q.context.keys().collect();
    let (name, pool) = match dice.below(10) {
        0..6 if !given.is_empty() => {
            let at = dice.below(given.len());
            let name = given.get(at).map_or("", |name| name.as_str());
            let known = KEYS.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
            (name, known.map_or(Pool::Text, |(_, pool)| *pool))
        }
        0..8 => dice.pick(&KEYS),
        _ => dice.pick(&DERIVED),
    };
    (respelt(dice, name, 20), pool)
}

fn operator(dice: &mut Dice<'_>, wanted: Pool) -> (String, Pool) {
    if dice.below(150) == 149 {
        return (dice.pick(&OPERATORS_UNKNOWN).to_owned(), Pool::Text);
    }
    let fitting = |pool: Pool| match wanted {
        Pool::Set => pool == Pool::Text || pool == Pool::Set,
        Pool::Arn => pool == Pool::Text || pool == Pool::Arn,
        Pool::Text | Pool::Number | Pool::Date | Pool::Bool | Pool::Address | Pool::Binary => {
            pool == wanted
        }
    };
    let all = OPERATORS.iter().filter(|(_, pool)| fitting(*pool)).copied();
    let fitting: Vec<(&str, Pool)> = all.collect();
    let any = dice.chance(8);
    let (name, pool) = if any { dice.pick(&OPERATORS) } else { dice.pick(&fitting) };
    if name == "Null" || dice.chance(4) {
        let null = ["Null", "Null", "Null", "ForAllValues:Null", "ForAnyValue:Null"];
        return (dice.pick(&null).to_owned(), Pool::Bool);
    }
    let with_set = dice.chance(if wanted == Pool::Set { 85 } else { 8 });
    let prefix = match (with_set, dice.chance(50)) {
        (true, true) => "ForAllValues:",
        (true, false) => "ForAnyValue:",
        (false, _) => "",
    };
    let suffix = if dice.chance(25) { "IfExists" } else { "" };
    let name = format!("{prefix}{name}{suffix}");
    let pool = if pool == Pool::Bool && name.contains("Bool") { Pool::Bool } else { pool };
    (respelt(dice, &name, 4), pool)
}

fn value(dice: &mut Dice<'_>, pool: Pool, given: Option<&Given>) -> Value {
    let same = match given {
        Some(Given::One(value)) => Some(value.clone()),
        Some(Given::Many(values)) => Some(dice.pick(values)),
        None => None,
    };
    let text = match (dice.below(20), same) {
        (0..9, Some(same)) => same,
        (9..11, Some(same)) => blurred(dice, &same),
        (11..15, _) => sound(dice, pool, patterns(pool)).to_owned(),
        _ => sound(dice, pool, values(pool)).to_owned(),
    };
    match (pool, text.parse::<i64>(), text.as_str()) {
        (Pool::Number | Pool::Date, Ok(number), _) if dice.chance(20) => json!(number),
        (Pool::Bool, _, "true" | "false") if dice.chance(20) => json!(text == "true"),
        _ => json!(text),
    }
}

/// An item, malformed less often than the pool has malformed ones.
fn sound(dice: &mut Dice<'_>, pool: Pool, items: &'static [&'static str]) -> &'static str {
    let malformed = match pool {
        Pool::Text | Pool::Set => 0,
        Pool::Number | Pool::Date | Pool::Bool | Pool::Address | Pool::Arn | Pool::Binary => 3,
    };
    let most = if dice.chance(4) { items.len() } else { items.len().saturating_sub(malformed) };
    let at = dice.below(most.max(1));
    items.get(at).copied().unwrap_or_default()
}
