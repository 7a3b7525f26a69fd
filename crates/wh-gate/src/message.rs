//! What a refusal does not say in the open: the encoded authorization message.
//!
//! Source: STS API Reference, `DecodeAuthorizationMessage`, on what a decoded message holds.

use serde_json::{Value, json};
use wh_policy::{Context, ContextValue, Outcome};

use crate::{Caller, Gate, Refusal, RefusalCause};

impl Gate {
    /// A refusal with its encoded message, where policies decided and the caller is no stranger.
    pub(crate) fn encoded(&self, caller: &Caller, refusal: Refusal) -> Refusal {
        if refusal.cause() != RefusalCause::Policy || caller.principal.is_anonymous() {
            return refusal;
        }
        let encoded = self.authority.seal_message(&message(caller, &refusal).to_string());
        refusal.with_encoded(encoded)
    }
}

fn message(caller: &Caller, refusal: &Refusal) -> Value {
    let why = refusal.explanation();
    let denies = why.outcome == Outcome::ExplicitDeny;
    let matched: Vec<Value> = why
        .statement
        .iter()
        .map(|statement| {
            json!({
                "statementId": statement,
                "effect": if denies { "DENY" } else { "ALLOW" },
                "policy": why.policy,
                "policyType": why.policy_type.map(wh_policy::PolicyType::as_str),
            })
        })
        .collect();
    json!({
        "allowed": false,
        "explicitDeny": denies,
        "matchedStatements": { "items": matched },
        "failures": { "items": [] },
        "explanation": why.message(),
        "nearMiss": why.near_miss,
        "context": {
            "principal": { "id": caller.principal.user_id(), "arn": why.principal },
            "action": why.action,
            "resource": why.resource,
            "conditions": { "items": refusal.context().map(conditions).unwrap_or_default() },
        },
    })
}

fn conditions(context: &Context) -> Vec<Value> {
    let each = context.iter().map(|(key, value)| {
        let values = match value {
            ContextValue::One(value) => std::slice::from_ref(value),
            ContextValue::Many(values) => values.as_slice(),
        };
        let items: Vec<Value> = values.iter().map(|value| json!({ "value": value })).collect();
        json!({ "key": key, "values": { "items": items } })
    });
    each.collect()
}
