//! A second account of the rules: AWS's evaluation logic, written from its documentation alone and
//! as plainly as it can be said. Slow on purpose; it shares no code with the engine.
//!
//! Invariant: what is malformed is `Unsure`, and whoever is unsure does not allow and does deny.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde_json::Value;

use crate::naming::{Grant, is_aws_name};
use crate::question::{Given, Principal, Question, Verdict};
use crate::structure::is_policy;
use crate::values::{
    Part, boolean, bytes, chars, compare_numbers, fields, glob, instant, literal, names, network,
    number, parts, plain, scalars, strings, within,
};

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Truth {
    No,
    Unsure,
    Yes,
}
use Truth::{No, Unsure, Yes};

/// Where a document stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Caller,
    Bucket,
    Trust,
}

fn truth(yes: bool) -> Truth {
    if yes { Yes } else { No }
}

fn not(truth: Truth) -> Truth {
    match truth {
        No => Yes,
        Unsure => Unsure,
        Yes => No,
    }
}

/// Decides.
pub fn decide(q: &Question) -> Verdict {
    let account = q.principal.account();
    let signed = !matches!(q.principal, Principal::Anonymous);
    let user = matches!(q.principal, Principal::User(_) | Principal::Root(..));
    if (signed && q.action.eq_ignore_ascii_case("sts:GetCallerIdentity"))
        || (user && q.action.eq_ignore_ascii_case("sts:GetSessionToken"))
    {
        return Verdict::Allow;
    }
    let judge = Judge { q, facts: q.facts() };
    let place = if q.is_about_trust() { Place::Trust } else { Place::Bucket };
    let heeded = if q.repairs_a_bucket_policy() { &[] } else { q.resource.as_slice() };
    let caller = |docs: &[Value]| judge.denies(docs, Place::Caller);
    let bound = !q.principal.is_service_linked();
    let scps = q.scps.as_ref().filter(|_| account.is_some() && bound);
    let rcps = q.rcps.as_ref().filter(|_| bound);
    let denied = judge.denies(heeded, place)
        || caller(&q.identity)
        || caller(q.boundary.as_slice())
        || q.session.as_ref().is_some_and(|docs| caller(docs))
        || scps.is_some_and(|levels| levels.iter().any(|level| caller(level)))
        || rcps.into_iter().flatten().any(|level| judge.denies(level, Place::Bucket));
    if denied {
        return Verdict::ExplicitDeny;
    }
    let level_allows = |level: &Vec<Value>| judge.allows(level);
    let organisation = scps.is_none_or(|levels| levels.iter().all(level_allows));
    if organisation && judge.permitted(&judge.grants(q.resource.as_slice(), place)) {
        Verdict::Allow
    } else {
        Verdict::ImplicitDeny
    }
}

struct Judge<'a> {
    q: &'a Question,
    facts: BTreeMap<String, Given>,
}

impl Judge<'_> {
    /// Whether what the resource's policy grants and the caller's policies allow is enough.
    fn permitted(&self, grants: &[Grant]) -> bool {
        let q = self.q;
        let Some(account) = q.principal.account() else { return !grants.is_empty() };
        let granted = |grant| grants.contains(&grant);
        let without_own =
            matches!(q.principal, Principal::FederatedUser(..)) && q.session.is_none();
        let root = matches!(q.principal, Principal::Root(..));
        if root && q.is_about_trust() {
            return false;
        }
        let identity = root || (self.allows(&q.identity) && !without_own);
        let limits = q.boundary.as_ref().is_none_or(|_| self.allows(q.boundary.as_slice()))
            && q.session.as_ref().is_none_or(|docs| self.allows(docs));
        if account != q.owner {
            return !grants.is_empty() && identity && limits;
        }
        let delegated = identity && (granted(Grant::Account) || !q.is_about_trust());
        granted(Grant::Direct) || ((granted(Grant::Entity) || delegated) && limits)
    }

    fn allows(&self, docs: &[Value]) -> bool {
        !self.grants(docs, Place::Caller).is_empty()
    }

    fn denies(&self, docs: &[Value], place: Place) -> bool {
        let statements = docs.iter().flat_map(statements);
        let mut denials = statements.filter(|(_, s)| text(s, "Effect") != Some("Allow"));
        denials.any(|(doc, s)| self.applies(doc, s, place).0 != No)
    }

    fn grants(&self, docs: &[Value], place: Place) -> Vec<Grant> {
        let statements = docs.iter().flat_map(statements);
        let allowing = statements.filter(|(_, s)| text(s, "Effect") == Some("Allow"));
        let applying = allowing.map(|(doc, s)| self.applies(doc, s, place));
        applying.filter(|(truth, _)| *truth == Yes).flat_map(|(_, grants)| grants).collect()
    }

    /// Whether a statement applies, and by which names.
    fn applies(&self, doc: &Value, statement: &Value, place: Place) -> (Truth, Vec<Grant>) {
        let Some(map) = statement.as_object() else { return (Unsure, Vec::new()) };
        let version = text(doc, "Version").unwrap_or("2008-10-17");
        let variables = match version {
            "2012-10-17" => Some(true),
            "2008-10-17" => Some(false),
            _ => None,
        };
        let known = if variables.is_some() { Yes } else { Unsure };
        let allow = text(statement, "Effect") == Some("Allow");
        let (principal, grants) = self.principal(statement, place, allow);
        let action = either(statement, "Action", "NotAction", |p, _| self.action(p));
        let listed = map.contains_key("Resource") || map.contains_key("NotResource");
        let resource = match place {
            Place::Trust if listed => Unsure,
            Place::Trust => Yes,
            Place::Caller | Place::Bucket => {
                let without_value = |inverted| if inverted { Unsure } else { No };
                either(statement, "Resource", "NotResource", |p, inverted| {
                    self.resource(p, variables).unwrap_or_else(|| without_value(inverted))
                })
            }
        };
        let conditions = self.conditions(statement.get("Condition"), variables);
        let elements = [known, principal, action, resource, conditions];
        (elements.into_iter().min().unwrap_or(Unsure), grants)
    }

    fn principal(&self, statement: &Value, place: Place, allow: bool) -> (Truth, Vec<Grant>) {
        match (statement.get("Principal"), statement.get("NotPrincipal")) {
            (None, None) if place == Place::Caller => (Yes, vec![Grant::Direct]),
            (Some(named), None) if place != Place::Caller => {
                let by = |(kind, name): &(String, String)| self.q.principal.named_by(kind, name);
                let listed = names(named);
                let grants: Vec<Grant> = listed.iter().filter_map(by).collect();
                let clear = !listed.is_empty() && listed.iter().all(|n| is_readable(n, place));
                // An unreadable name is nobody whom an Allow means, and may be anybody in a Deny.
                let named = truth(!grants.is_empty());
                (if allow || clear { named } else { named.max(Unsure) }, grants)
            }
            (None, Some(named)) if place == Place::Bucket && !allow => {
                let spared = self.q.boundary.is_none() && self.q.principal.spared_by(&names(named));
                (truth(!spared), Vec::new())
            }
            _ => (Unsure, Vec::new()),
        }
    }

    fn action(&self, pattern: &str) -> Truth {
        let well = match pattern.split_once(':') {
            Some((vendor, name)) => {
                let odd = vendor.contains(['*', '?']) || name.contains(':');
                !odd && !vendor.is_empty() && !name.is_empty()
            }
            None => pattern == "*",
        };
        match parts(&pattern.to_ascii_lowercase(), Some(false)) {
            Some(lower) if well && !pattern.contains(char::is_whitespace) => {
                truth(glob(&lower, &chars(&self.q.action.to_ascii_lowercase())))
            }
            Some(_) | None => Unsure,
        }
    }

    /// `None` where a variable has no value.
    fn resource(&self, pattern: &str, variables: Option<bool>) -> Option<Truth> {
        if pattern == "*" {
            return Some(Yes);
        }
        let Some(parts) = parts(pattern, variables) else { return Some(Unsure) };
        let mut fields = fields(&parts);
        let mut heads = fields.iter().take(5).flatten();
        let odd = heads.any(|p| matches!(p, Part::Variable(..)));
        if odd || !pattern.starts_with("arn:") {
            return Some(Unsure);
        }
        fields.resize(6, vec![Part::Star]);
        let resolved: Option<Vec<_>> = fields.iter().map(|field| self.resolve(field)).collect();
        let matches = |(p, t): (&Vec<Part>, &str)| glob(p, &chars(t));
        Some(truth(resolved?.iter().zip(self.q.target.splitn(6, ':')).all(matches)))
    }

    fn conditions(&self, block: Option<&Value>, variables: Option<bool>) -> Truth {
        let mut all = Yes;
        for (operator, keys) in block.and_then(Value::as_object).into_iter().flatten() {
            for (key, values) in keys.as_object().into_iter().flatten() {
                all = all.min(self.condition(operator, key, &scalars(values), variables));
            }
        }
        all
    }

    fn condition(
        &self,
        operator: &str,
        key: &str,
        policy: &[String],
        variables: Option<bool>,
    ) -> Truth {
        let lower = operator.to_ascii_lowercase();
        let set = lower.split_once(':').map(|(set, _)| set);
        let rest = lower.split_once(':').map_or(lower.as_str(), |(_, rest)| rest);
        let (family, if_exists) = match rest.strip_suffix("ifexists") {
            Some(family) => (family, true),
            None => (rest, false),
        };
        let given = self.facts.get(&key.to_lowercase());
        if family == "null" && !if_exists && set.is_none_or(is_set_operator) {
            let wanted: Option<Vec<bool>> = policy.iter().map(|p| boolean(p)).collect();
            return wanted.map_or(Unsure, |w| truth(w.contains(&given.is_none())));
        }
        let (family, negated) = match family.split_once("not") {
            Some((before, after)) => (format!("{before}{after}"), true),
            None => (family.to_owned(), false),
        };
        let compare = |p: &str, v: &str| self.compare(&family, p, v, variables);
        if !is_operator(&family, negated) || policy.iter().any(|p| compare(p, "").is_none()) {
            return Unsure;
        }
        let meets = |v: &String| policy.iter().any(|p| compare(p, v) == Some(true)) != negated;
        match (given, set) {
            (_, Some(set)) if !is_set_operator(set) => Unsure,
            (None, _) if if_exists => Yes,
            (None, Some(set)) => truth(set == "forallvalues"),
            (None, None) => truth(negated),
            (Some(Given::One(v)), _) => truth(meets(v)),
            (Some(Given::Many(vs)), Some("forallvalues")) => truth(vs.iter().all(meets)),
            (Some(Given::Many(vs)), Some(_)) => truth(vs.iter().any(meets)),
            (Some(Given::Many(vs)), None) if vs.is_empty() => {
                truth(negated || if_exists).min(Unsure)
            }
            (Some(Given::Many(vs)), None) => truth(vs.iter().any(meets)).min(Unsure),
        }
    }

    /// Whether one request value matches one policy value; `None` where the latter is malformed.
    fn compare(
        &self,
        family: &str,
        policy: &str,
        value: &str,
        variables: Option<bool>,
    ) -> Option<bool> {
        let textual = family.starts_with("string") || family.starts_with("arn");
        let parts = parts(policy, variables.map(|v| v && textual));
        let ordered = |family: &str, order: Option<Ordering>| {
            let holds: fn(Ordering) -> bool = match family {
                "equals" => Ordering::is_eq,
                "lessthan" => Ordering::is_lt,
                "lessthanequals" => Ordering::is_le,
                "greaterthan" => Ordering::is_gt,
                "greaterthanequals" => Ordering::is_ge,
                _ => return None,
            };
            Some(order.is_some_and(holds))
        };
        if let Some(family) = family.strip_prefix("numeric") {
            let policy = number(policy)?;
            return ordered(family, number(value).map(|v| compare_numbers(&v, &policy)));
        }
        if let Some(family) = family.strip_prefix("date") {
            let policy = instant(policy)?;
            return ordered(family, instant(value).map(|v| v.cmp(&policy)));
        }
        match family {
            "stringequals" => Some(self.resolve(&parts?).is_some_and(|p| plain(&p) == value)),
            "stringequalsignorecase" => {
                let policy = self.resolve(&parts?).map(|p| plain(&p).to_lowercase());
                Some(policy == Some(value.to_lowercase()))
            }
            "stringlike" => Some(self.resolve(&parts?).is_some_and(|p| glob(&p, &chars(value)))),
            "arnequals" | "arnlike" => self.compare_arns(parts?, value),
            "bool" => boolean(policy).map(|p| boolean(value) == Some(p)),
            "binaryequals" => bytes(policy).map(|p| bytes(value) == Some(p)),
            "ipaddress" => network(policy).map(|n| value.parse().is_ok_and(|v| within(v, n))),
            _ => None,
        }
    }

    /// `*` is every ARN, and a text with variables may become an ARN by them.
    fn compare_arns(&self, policy: Vec<Part>, value: &str) -> Option<bool> {
        let value: Vec<&str> = value.splitn(6, ':').collect();
        let is_arn = value.len() == 6 && value.first() == Some(&"arn");
        if policy == [Part::Star] {
            return Some(is_arn);
        }
        let open = policy.iter().any(|p| matches!(p, Part::Variable(..)));
        let matches = |(p, v): (&Vec<Part>, &&str)| glob(p, &chars(v));
        let matches_all = |fields: Vec<Vec<Part>>| {
            is_arn && fields.len() == 6 && fields.iter().zip(&value).all(matches)
        };
        match fields(&policy) {
            written if written.len() == 6 && written.first() == Some(&literal("arn")) => {
                let resolved: Option<_> = written.iter().map(|f| self.resolve(f)).collect();
                Some(resolved.is_some_and(matches_all))
            }
            written if written.len() < 6 && open => {
                Some(self.resolve(&policy).is_some_and(|whole| matches_all(fields(&whole))))
            }
            _ => None,
        }
    }

    /// Puts values in for variables, as text; `None` where a variable has no value.
    fn resolve(&self, parts: &[Part]) -> Option<Vec<Part>> {
        let mut resolved = Vec::new();
        for part in parts {
            match part {
                Part::Variable(key, default) => {
                    let value = match self.facts.get(key) {
                        Some(Given::One(value)) if !value.is_empty() => Some(value),
                        _ => default.as_ref(),
                    };
                    resolved.extend(value?.chars().map(Part::Char));
                }
                Part::Star | Part::Any | Part::Char(_) => resolved.push(part.clone()),
            }
        }
        Some(resolved)
    }
}

fn text<'a>(object: &'a Value, key: &str) -> Option<&'a str> {
    object.get(key).and_then(Value::as_str)
}

/// The statements of a document; of something that is none, one that nobody can read.
fn statements(doc: &Value) -> Vec<(&Value, &Value)> {
    match doc.get("Statement").filter(|_| is_policy(doc)) {
        Some(Value::Array(list)) => list.iter().map(|s| (doc, s)).collect(),
        Some(statement) => vec![(doc, statement)],
        None => vec![(doc, &Value::Null)],
    }
}

/// Whether a list, or everything but the list, covers what is asked.
fn either(s: &Value, element: &str, opposite: &str, test: impl Fn(&str, bool) -> Truth) -> Truth {
    let any = |list: &Value, inverted: bool| strings(list).iter().map(|p| test(p, inverted)).max();
    match (s.get(element), s.get(opposite)) {
        (Some(list), None) => any(list, false).unwrap_or(Unsure),
        (None, Some(list)) => any(list, true).map_or(Unsure, not),
        (None, None) | (Some(_), Some(_)) => Unsure,
    }
}

/// Whether it can be told who is meant.
fn is_readable((kind, name): &(String, String), place: Place) -> bool {
    let plain = !name.is_empty() && !name.contains(|c: char| c == '*' || c.is_whitespace());
    match kind.as_str() {
        "AWS" => is_aws_name(name),
        "CanonicalUser" => plain && place != Place::Trust,
        _ => plain,
    }
}

fn is_set_operator(name: &str) -> bool {
    name == "forallvalues" || name == "foranyvalue"
}

fn is_operator(family: &str, negated: bool) -> bool {
    let both = ["stringequals", "stringequalsignorecase", "stringlike", "numericequals"];
    let both = [&both[..], &["dateequals", "ipaddress", "arnequals", "arnlike"]].concat();
    let orders = ["lessthan", "lessthanequals", "greaterthan", "greaterthanequals"];
    let ordered = family.strip_prefix("numeric").or(family.strip_prefix("date"));
    let plain = ["bool", "binaryequals"].contains(&family);
    let ordered = ordered.is_some_and(|order| orders.contains(&order));
    both.contains(&family) || (!negated && (plain || ordered))
}
