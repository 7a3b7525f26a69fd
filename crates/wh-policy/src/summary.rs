//! Documents in plain words, for documentation. Words decide nothing.

use std::collections::BTreeSet;

use crate::condition::{Condition, KeyTest};
use crate::operator::{Family, Order, Quantifier};
use crate::principal::PrincipalElement;
use crate::{Effect, PolicyDocument, Statement};

/// One line for each statement: what it does, to what, and when.
pub fn in_words(document: &PolicyDocument) -> Vec<String> {
    document.statements.iter().map(statement).collect()
}

/// The action patterns that the document's Allow statements name, sorted, each once. Those of a
/// `NotAction` are not among them.
pub fn actions_allowed(document: &PolicyDocument) -> Vec<String> {
    let allowing = document.statements.iter().filter(|s| s.effect == Effect::Allow);
    let named = allowing.filter(|s| !s.actions.negated).flat_map(|s| s.actions().0);
    let sorted: BTreeSet<String> = named.map(str::to_owned).collect();
    sorted.into_iter().collect()
}

fn statement(statement: &Statement) -> String {
    let verb = match statement.effect {
        Effect::Allow => "allows",
        Effect::Deny => "denies",
    };
    let who = statement.principal.as_ref().map(principals).unwrap_or_default();
    let (actions, all_but) = statement.actions();
    let what = listed(&actions, all_but, "every action");
    let (resources, all_but) = statement.resources();
    let on = match resources.as_slice() {
        [] => String::new(),
        names => format!(" on {}", listed(names, all_but, "every resource")),
    };
    let when: Vec<String> = statement.conditions.iter().flat_map(condition).collect();
    let when =
        if when.is_empty() { String::new() } else { format!(", when {}", when.join(" and ")) };
    format!("{}: {verb}{who} {what}{on}{when}", statement.label())
}

fn principals(element: &PrincipalElement) -> String {
    let names: Vec<&str> = element.entries.iter().map(|entry| entry.text.as_str()).collect();
    let names = if element.star { vec!["*"] } else { names };
    format!(" {}", listed(&names, element.negated, "everyone"))
}

fn listed(names: &[&str], all_but: bool, every: &str) -> String {
    if names.contains(&"*") && !all_but {
        return every.to_owned();
    }
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    let joined = joined(&names, "and");
    if all_but { format!("{every} except {joined}") } else { joined }
}

fn joined(names: &[String], word: &str) -> String {
    match names {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        [before @ .., last] => format!("{} {word} {last}", before.join(", ")),
    }
}

fn condition(condition: &Condition) -> Vec<String> {
    condition.tests.iter().map(|test| key(condition, test)).collect()
}

fn key(condition: &Condition, test: &KeyTest) -> String {
    let key = &test.key;
    let values: Vec<String> = test.values.iter().map(|value| format!("`{value}`")).collect();
    let Some(operator) = condition.operator else {
        return format!("`{}` on `{key}` (unknown)", condition.name);
    };
    if operator.family == Family::Null {
        let absent = test.values.iter().any(|value| value.eq_ignore_ascii_case("true"));
        return format!("`{key}` is {}", if absent { "absent" } else { "present" });
    }
    let subject = match operator.quantifier {
        Quantifier::Single => format!("`{key}`"),
        Quantifier::All => format!("every value of `{key}`"),
        Quantifier::Any => format!("some value of `{key}`"),
    };
    let values = joined(&values, if operator.negated { "nor" } else { "or" });
    let not = if operator.negated { "not " } else { "" };
    let relation = match operator.family {
        Family::StringLike | Family::Arn => "like ",
        Family::IpAddress => "in ",
        Family::StringEqualsIgnoreCase => "(ignoring case) ",
        Family::Numeric(order) => compared(order, "below ", "above "),
        Family::Date(order) => compared(order, "before ", "after "),
        Family::StringEquals | Family::Bool | Family::Binary | Family::Null => "",
    };
    let if_exists = if operator.if_exists { " or is absent" } else { "" };
    format!("{subject} is {not}{relation}{values}{if_exists}")
}

fn compared(order: Order, below: &'static str, above: &'static str) -> &'static str {
    match order {
        Order::Equal => "",
        Order::Less => below,
        Order::LessOrEqual => "at most ",
        Order::Greater => above,
        Order::GreaterOrEqual => "at least ",
    }
}
