//! The crate `cedar-policy`: the closest that its language comes.

use std::collections::{BTreeSet, HashSet};
use std::fmt::Write as _;
use std::hint::black_box;
use std::str::FromStr as _;

use anyhow::{Context as _, Result};
use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid,
    PolicySet, Request, RestrictedExpression,
};

use super::{Answer, Engine, Reader, document};
use crate::scenario::{Ask, Fact, Rule, Ruling, Test, USER};

/// How the ARN, the first part of the key and the caller's name are called in the context.
const ARN: &str = "arn";
const OWNER: &str = "owner";
const USERNAME: &str = "aws:username";

pub(super) struct Cedar {
    authorizer: Authorizer,
    policies: PolicySet,
    entities: Entities,
    requests: Vec<Request>,
}

impl Cedar {
    pub(super) fn new(rules: &[Rule], asks: &[Ask]) -> Result<Self> {
        let requests: Result<Vec<_>> = asks.iter().map(request).collect();
        Ok(Self {
            authorizer: Authorizer::new(),
            policies: PolicySet::from_str(&text(rules)).context("Cedar does not read the rules")?,
            entities: entities(rules, asks)?,
            requests: requests?,
        })
    }
}

impl Engine for Cedar {
    fn decide(&self, ask: usize) -> Answer {
        let Some(request) = self.requests.get(ask) else { return Answer::Failed };
        let response = self.authorizer.is_authorized(request, &self.policies, &self.entities);
        let diagnostics = response.diagnostics();
        if diagnostics.errors().next().is_some() {
            return Answer::Failed;
        }
        match (response.decision(), diagnostics.reason().next()) {
            (Decision::Allow, _) => Answer::Allow,
            (Decision::Deny, Some(_)) => Answer::ExplicitDeny,
            (Decision::Deny, None) => Answer::ImplicitDeny,
        }
    }
}

pub(super) fn reader(rules: &[Rule]) -> Reader {
    let text = text(rules);
    Box::new(move || black_box(PolicySet::from_str(black_box(&text))).is_ok())
}

fn text(rules: &[Rule]) -> String {
    rules.iter().map(policy).collect()
}

fn policy(rule: &Rule) -> String {
    let effect = match rule.ruling {
        Ruling::Allow => "permit",
        Ruling::Deny => "forbid",
    };
    let actions: Vec<_> =
        rule.actions.iter().map(|name| format!("Action::{}", quoted(name))).collect();
    let resources: Vec<_> = rule.resources.iter().map(|pattern| resource(pattern)).collect();
    let mut policy = format!(
        "@id({}) {effect} (principal, action in [{}], resource) when {{ ({})",
        quoted(&rule.sid),
        actions.join(", "),
        resources.join(" || ")
    );
    for test in rule.tests {
        let _written = write!(policy, " && ({})", condition(test));
    }
    policy.push_str(" };\n");
    policy
}

fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}

fn resource(pattern: &str) -> String {
    let like = |pattern: &str| format!("context.{ARN} like {}", quoted(pattern));
    match pattern.split_once(document::USERNAME) {
        Some((before, after)) => format!(
            "{} && context has {OWNER} && context.{OWNER} == context[{}]",
            like(&format!("{before}*{after}")),
            quoted(USERNAME)
        ),
        None => like(pattern),
    }
}

fn condition(test: &Test) -> String {
    let address = || "context[\"aws:SourceIp\"]".to_owned();
    let within = |networks: &[&str]| {
        let ranges =
            networks.iter().map(|net| format!("{}.isInRange(ip({}))", address(), quoted(net)));
        ranges.collect::<Vec<_>>().join(" || ")
    };
    let present = |key: &str, then: String| format!("context has {} && {then}", quoted(key));
    let set =
        |values: &[&str]| values.iter().map(|value| quoted(value)).collect::<Vec<_>>().join(", ");
    match test {
        Test::AddressIn(networks) => present("aws:SourceIp", format!("({})", within(networks))),
        Test::AddressNotIn(networks) => {
            format!("!(context has \"aws:SourceIp\") || !({})", within(networks))
        }
        Test::Secure(wanted) => {
            present("aws:SecureTransport", format!("context[\"aws:SecureTransport\"] == {wanted}"))
        }
        Test::Like(key, patterns) => {
            let each = patterns
                .iter()
                .map(|text| format!("context[{}] like {}", quoted(key), quoted(text)));
            present(key, format!("({})", each.collect::<Vec<_>>().join(" || ")))
        }
        Test::OneOf(key, values) => {
            present(key, format!("[{}].contains(context[{}])", set(values), quoted(key)))
        }
        Test::AnyOf(key, values) => {
            present(key, format!("context[{}].containsAny([{}])", quoted(key), set(values)))
        }
        Test::Below(key, limit) => present(key, format!("context[{}] < {limit}", quoted(key))),
        Test::Before(time) => present(
            "aws:CurrentTime",
            format!("context[\"aws:CurrentTime\"] < datetime({})", quoted(time)),
        ),
    }
}

/// Every action that is named, within the groups that stand for the patterns that cover it.
fn entities(rules: &[Rule], asks: &[Ask]) -> Result<Entities> {
    let patterns = rules.iter().flat_map(|rule| rule.actions.iter().copied());
    let names: BTreeSet<_> = patterns.chain(asks.iter().map(|ask| ask.action)).collect();
    let groups: Vec<_> = names.iter().filter_map(|name| name.strip_suffix('*')).collect();
    let mut entities = Vec::new();
    for name in &names {
        let above =
            groups.iter().filter(|prefix| !name.ends_with('*') && name.starts_with(**prefix));
        let parents: Result<HashSet<_>> =
            above.map(|prefix| uid("Action", &format!("{prefix}*"))).collect();
        entities.push(Entity::new_no_attrs(uid("Action", name)?, parents?));
    }
    Ok(Entities::from_entities(entities, None)?)
}

fn uid(kind: &str, id: &str) -> Result<EntityUid> {
    Ok(EntityUid::from_type_name_and_id(EntityTypeName::from_str(kind)?, EntityId::new(id)))
}

fn request(ask: &Ask) -> Result<Request> {
    let mut pairs =
        vec![(ARN.to_owned(), text_value(&ask.arn())), (USERNAME.to_owned(), text_value(USER))];
    if let Some((owner, _)) = ask.key.as_deref().and_then(|key| key.split_once('/')) {
        pairs.push((OWNER.to_owned(), text_value(owner)));
    }
    pairs.extend(ask.facts.iter().map(|(key, fact)| ((*key).to_owned(), value(fact))));
    let user = uid("User", USER)?;
    let resource = uid(if ask.key.is_some() { "Object" } else { "Bucket" }, &ask.arn())?;
    let context = Context::from_pairs(pairs)?;
    Ok(Request::new(user, uid("Action", ask.action)?, resource, context, None)?)
}

fn text_value(text: &str) -> RestrictedExpression {
    RestrictedExpression::new_string(text.to_owned())
}

fn value(fact: &Fact) -> RestrictedExpression {
    match fact {
        Fact::Text(text) => text_value(text),
        Fact::Flag(flag) => RestrictedExpression::new_bool(*flag),
        Fact::Number(number) => RestrictedExpression::new_long(*number),
        Fact::Time(time) => RestrictedExpression::new_datetime(time),
        Fact::Address(address) => RestrictedExpression::new_ip(address),
        Fact::Many(values) => {
            RestrictedExpression::new_set(values.iter().map(|text| text_value(text)))
        }
    }
}
