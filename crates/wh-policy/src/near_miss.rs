//! The nearest miss: which statement almost allowed it, and what stood in the way.

use crate::applies::Asked;
use crate::condition::KeyTest;
use crate::context::ContextValue;
use crate::statement::Listed;
use crate::{Effect, NamedPolicy, Statement};

/// How many values of a list are repeated in a sentence.
const VALUES_SHOWN_MAX: usize = 3;

/// How far a statement came: the further, the nearer to allowing.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Resource,
    Principal,
    Condition,
}

/// The sentence about the nearest miss; none where no statement even allows the action.
pub(crate) fn near_miss(
    policies: &[&NamedPolicy],
    asked: &Asked<'_>,
    by_principal: bool,
) -> Option<String> {
    let mut nearest: Option<(Stage, String)> = None;
    for policy in policies {
        for statement in &policy.document.statements {
            let Some((stage, obstacle)) = obstacle(statement, asked, by_principal) else {
                continue;
            };
            if nearest.as_ref().is_none_or(|(before, _)| stage > *before) {
                let label = statement.label();
                let sentence = format!("statement `{label}` of `{}` {obstacle}", policy.name);
                nearest = Some((stage, sentence));
            }
        }
    }
    nearest.map(|(_, sentence)| sentence)
}

fn obstacle(
    statement: &Statement,
    asked: &Asked<'_>,
    by_principal: bool,
) -> Option<(Stage, String)> {
    if statement.effect != Effect::Allow || !statement.covers_action(asked) {
        return None;
    }
    if statement.doubtful {
        return Some((Stage::Condition, "is malformed, so it allows nothing".to_owned()));
    }
    if !statement.covers_resource(asked) {
        let texts = statement.resources.as_ref().map(resource_texts).unwrap_or_default();
        let except = statement.resources.as_ref().is_some_and(|listed| listed.negated);
        let on = if except { "everything except" } else { "only" };
        return Some((Stage::Resource, format!("allows the action, but on {on} {texts}")));
    }
    if by_principal && !statement.reach(asked).any() {
        return Some((Stage::Principal, "allows the action, but to other principals".to_owned()));
    }
    let mut conditions = statement.conditions.iter();
    let (name, operator_known, test) = conditions.find_map(|condition| {
        let failing = condition.failing(statement.effect, &asked.facts);
        let unknown = condition.operator.is_none();
        (failing.is_some() || unknown).then_some((&condition.name, !unknown, failing))
    })?;
    let because = match test {
        Some(test) => condition_text(name, test, asked),
        None if operator_known => return None,
        None => format!("would allow it, but `{name}` is not a condition operator"),
    };
    Some((Stage::Condition, because))
}

fn resource_texts(listed: &Listed<crate::statement::ResourcePattern>) -> String {
    let texts: Vec<&str> = listed.items.iter().map(|item| item.text.as_str()).collect();
    enumerated(&texts)
}

fn condition_text(operator: &str, test: &KeyTest, asked: &Asked<'_>) -> String {
    let key = &test.key;
    let wanted: Vec<&str> = test.values.iter().map(String::as_str).collect();
    let wanted = enumerated(&wanted);
    if test.typed.is_none() {
        return format!("would allow it, but `{operator}` on `{key}` holds a malformed value");
    }
    let has = match asked.facts.get(&test.lowered) {
        None => "does not have it".to_owned(),
        Some(ContextValue::One(value)) => format!("has {}", enumerated(&[value])),
        Some(ContextValue::Many(values)) => {
            let values: Vec<&str> = values.iter().map(String::as_str).collect();
            format!("has {}", enumerated(&values))
        }
    };
    format!("would allow it, but `{operator}` on `{key}` asks for {wanted}, and the request {has}")
}

fn enumerated(texts: &[&str]) -> String {
    if texts.is_empty() {
        return "nothing".to_owned();
    }
    let shown: Vec<String> =
        texts.iter().take(VALUES_SHOWN_MAX).map(|text| format!("`{text}`")).collect();
    let more = texts.len().saturating_sub(VALUES_SHOWN_MAX);
    if more == 0 { shown.join(", ") } else { format!("{} and {more} more", shown.join(", ")) }
}
