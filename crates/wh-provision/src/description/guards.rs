//! What an estate says of its policies: permissions that it writes out, guard rails, expectations.

use std::collections::{BTreeMap, BTreeSet};

use wh_policy::rails::{EVERYONE, Expectation, Rail};
use wh_policy::{PolicyDocument, PolicyKind};

use super::raw::{Raw, RawDecision, RawExpectation, RawRail};
use super::read::Reader;
use crate::rails::ROLES_EDITABLE;

/// The permissions that are written out, by role.
pub(super) fn policies(reader: &mut Reader<'_>, raw: &Raw) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for (number, policy) in raw.policy.iter().enumerate() {
        let (role, span) = (policy.role.get_ref(), policy.role.span());
        if !ROLES_EDITABLE.contains(&role.as_str()) {
            let names = ROLES_EDITABLE.join(", ");
            let message = format!("the permissions of `{role}` are not written out: write {names}");
            reader.fault(&format!("policy[{number}].role"), Some(span), message);
            continue;
        }
        let text = policy.document.get_ref().trim();
        match PolicyDocument::parse(text, PolicyKind::Identity) {
            Ok(document) => {
                if found.insert(role.clone(), document.to_json_pretty()).is_some() {
                    let message = format!("the permissions of `{role}` are written out twice");
                    reader.fault(&format!("policy[{number}].role"), Some(span), message);
                }
            }
            Err(error) => {
                let key = format!("policy[{number}].document");
                reader.fault(&key, Some(policy.document.span()), error.to_string());
            }
        }
    }
    found
}

/// The guard rails; whether their roles are there, the estate says.
pub(super) fn rails(reader: &mut Reader<'_>, raw: &Raw) -> Vec<Rail> {
    let mut names = BTreeSet::new();
    for (number, rail) in raw.rail.iter().enumerate() {
        if !names.insert(rail.name.get_ref()) {
            let message = format!("there are two rails called `{}`", rail.name.get_ref());
            reader.fault(&format!("rail[{number}].name"), Some(rail.name.span()), message);
        }
    }
    raw.rail.iter().map(rail).collect()
}

/// Who and where are everyone and everywhere, where nothing is said: a rail is for what must never be.
fn rail(raw: &RawRail) -> Rail {
    let or = |written: &[String], other: &str| match written {
        [] => vec![other.to_owned()],
        written => written.to_vec(),
    };
    Rail {
        name: raw.name.get_ref().clone(),
        why: raw.why.clone(),
        who: or(&raw.who, EVERYONE),
        except: raw.except.clone(),
        never: raw.never.clone(),
        on: or(&raw.on, "*"),
        except_on: raw.except_on.clone(),
    }
}

/// What is expected of the policies.
pub(super) fn expectations(raw: &Raw) -> Vec<Expectation> {
    let expectation = |raw: &RawExpectation| Expectation {
        name: raw.name.get_ref().clone(),
        role: raw.role.clone(),
        action: raw.action.clone(),
        on: raw.on.clone(),
        context: raw.context.clone(),
        allowed: match raw.decision {
            RawDecision::Allow => true,
            RawDecision::Deny => false,
        },
    };
    raw.expect.iter().map(expectation).collect()
}
