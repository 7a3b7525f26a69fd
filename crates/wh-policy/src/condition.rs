//! Conditions: an operator, and for each key the values that it is held against.
//!
//! All operators and all keys must hold; of the values of one key any one must, or none of them
//! where the operator is negated.
//!
//! Source: IAM User Guide, "IAM JSON policy elements: Condition", and "Set operators".

use std::net::IpAddr;

use crate::Effect;
use crate::arn_pattern::{ArnPattern, ArnText};
use crate::context::{Facts, Held};
use crate::key::KeyName;
use crate::operator::{Family, Operator, Order, Quantifier};
use crate::template::{Reading, Template};
use crate::value::{Decimal, Network, parse_address, parse_bool, parse_bytes, parse_date};

/// One operator block of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Condition {
    /// The operator as written.
    pub(crate) name: String,
    /// The operator; one that IAM does not know has none.
    pub(crate) operator: Option<Operator>,
    pub(crate) tests: Vec<KeyTest>,
}

/// One key of an operator block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeyTest {
    /// The key as written.
    pub(crate) key: String,
    pub(crate) name: KeyName,
    /// The values as written.
    pub(crate) values: Vec<String>,
    /// The values as the operator reads them; malformed ones leave none.
    pub(crate) typed: Option<Typed>,
}

/// Values, read as the operator compares them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Typed {
    Text { templates: Vec<Template>, ignore_case: bool },
    Arns(Vec<ArnPattern>),
    Numbers(Vec<Decimal<'static>>, Order),
    Dates(Vec<i128>, Order),
    Bools(Vec<bool>),
    Networks(Vec<Network>),
    Bytes(Vec<Vec<u8>>),
    Absent(Vec<bool>),
}

impl Typed {
    /// Reads all values; the error is the first that is malformed, and the rule that it breaks.
    pub(crate) fn read(
        family: Family,
        values: &[String],
        variables: bool,
    ) -> Result<Self, (usize, &'static str)> {
        let templates = |wildcards| {
            let reading = Reading { variables, wildcards };
            each(values, |v| Template::parse(v, reading))
        };
        Ok(match family {
            Family::StringEquals => Self::Text { templates: templates(false)?, ignore_case: false },
            Family::StringEqualsIgnoreCase => {
                Self::Text { templates: templates(false)?, ignore_case: true }
            }
            Family::StringLike => Self::Text { templates: templates(true)?, ignore_case: false },
            Family::Arn => Self::Arns(each(values, |v| ArnPattern::parse_value(v, variables))?),
            Family::Numeric(order) => {
                let read = |v: &str| Some(Decimal::parse(v)?.into_owned());
                let read = |v: &str| read(v).ok_or("it is not a number");
                Self::Numbers(each(values, read)?, order)
            }
            Family::Date(order) => {
                let rule = "it is not an ISO 8601 date or a number of epoch seconds";
                Self::Dates(each(values, |v| parse_date(v).ok_or(rule))?, order)
            }
            Family::Bool | Family::Null => {
                let bools = each(values, |v| parse_bool(v).ok_or("it is not true or false"))?;
                if family == Family::Null { Self::Absent(bools) } else { Self::Bools(bools) }
            }
            Family::IpAddress => {
                let rule = "it is not an IP address or a range in CIDR notation";
                Self::Networks(each(values, |v| Network::parse(v).ok_or(rule))?)
            }
            Family::Binary => {
                Self::Bytes(each(values, |v| parse_bytes(v).ok_or("it is not base64"))?)
            }
        })
    }

    /// Whether any of the values matches what the request holds.
    fn any_matches(&self, given: &str, facts: &Facts<'_>) -> bool {
        match self {
            Self::Text { templates, ignore_case } => {
                text_matches(templates, *ignore_case, given, facts)
            }
            Self::Arns(patterns) => ArnText::parse(given)
                .is_some_and(|arn| patterns.iter().any(|p| p.matches(&arn, facts))),
            Self::Numbers(numbers, order) => Decimal::parse(given)
                .is_some_and(|have| numbers.iter().any(|want| in_order(*order, &have, want))),
            Self::Dates(dates, order) => parse_date(given)
                .is_some_and(|have| dates.iter().any(|want| in_order(*order, &have, want))),
            Self::Bools(bools) => parse_bool(given).is_some_and(|have| bools.contains(&have)),
            Self::Networks(networks) => parse_address(given)
                .is_some_and(|have: IpAddr| networks.iter().any(|n| n.holds(have))),
            Self::Bytes(all) => parse_bytes(given).is_some_and(|have| all.contains(&have)),
            Self::Absent(_) => false,
        }
    }
}

fn each<T>(
    values: &[String],
    read: impl Fn(&str) -> Result<T, &'static str>,
) -> Result<Vec<T>, (usize, &'static str)> {
    values.iter().enumerate().map(|(at, v)| read(v).map_err(|rule| (at, rule))).collect()
}

pub(crate) fn in_order<T: Ord>(order: Order, have: &T, want: &T) -> bool {
    match order {
        Order::Equal => have == want,
        Order::Less => have < want,
        Order::LessOrEqual => have <= want,
        Order::Greater => have > want,
        Order::GreaterOrEqual => have >= want,
    }
}

fn text_matches(templates: &[Template], ignore: bool, given: &str, facts: &Facts<'_>) -> bool {
    templates.iter().any(|template| {
        if ignore {
            same_ignoring_case(template, given, facts)
        } else {
            template.matches(given, facts)
        }
    })
}

/// Compares as `str::to_lowercase` makes both sides; without making them where they are ASCII.
fn same_ignoring_case(template: &Template, given: &str, facts: &Facts<'_>) -> bool {
    let same = |wanted: &str| {
        if wanted.is_ascii() && given.is_ascii() {
            wanted.eq_ignore_ascii_case(given)
        } else {
            wanted.to_lowercase() == given.to_lowercase()
        }
    };
    match template.as_literal() {
        Some(wanted) => same(wanted),
        None => template.filled(facts).is_some_and(|wanted| same(&wanted)),
    }
}

impl Condition {
    /// Whether every key passes.
    pub(crate) fn holds(&self, effect: Effect, facts: &Facts<'_>) -> bool {
        self.failing(effect, facts).is_none() && (self.operator.is_some() || effect.when_in_doubt())
    }

    /// The first key that does not pass.
    pub(crate) fn failing(&self, effect: Effect, facts: &Facts<'_>) -> Option<&KeyTest> {
        let operator = self.operator?;
        self.tests.iter().find(|test| !test.holds(operator, effect, facts))
    }
}

impl KeyTest {
    /// Whether a value is one of those that are listed, whatever the operator makes of that.
    pub(crate) fn takes(&self, value: &str, facts: &Facts<'_>) -> bool {
        self.typed.as_ref().is_some_and(|typed| typed.any_matches(value, facts))
    }

    /// Whether the key passes.
    pub(crate) fn holds(&self, operator: Operator, effect: Effect, facts: &Facts<'_>) -> bool {
        let Some(typed) = &self.typed else {
            return effect.when_in_doubt();
        };
        let given = facts.get(&self.name);
        if let Typed::Absent(wanted) = typed {
            return wanted.contains(&given.is_none());
        }
        let when_missing = operator.if_exists || operator.negated;
        let passes = |value: &str| typed.any_matches(value, facts) != operator.negated;
        match (operator.quantifier, given) {
            (Quantifier::Single, None) => when_missing,
            (Quantifier::All, None) => true,
            (Quantifier::Any, None) => operator.if_exists,
            (_, Some(Held::One(value))) => passes(value),
            (Quantifier::All, Some(Held::Many(values))) => values.iter().all(|v| passes(v)),
            (Quantifier::Any, Some(Held::Many(values))) => values.iter().any(|v| passes(v)),
            // AWS leaves a multivalued key without a set operator undefined: it never helps to
            // allow, and denies where any value would.
            (Quantifier::Single, Some(Held::Many(values))) => match effect {
                Effect::Allow => false,
                Effect::Deny if values.is_empty() => when_missing,
                Effect::Deny => values.iter().any(|v| passes(v)),
            },
        }
    }
}
