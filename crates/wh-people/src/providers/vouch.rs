//! What a provider says of somebody, in our words.

use jiff::Timestamp;
use serde_json::{Map, Value};
use wh_issuers::Claims;

use crate::mail::MailAddress;
use crate::providers::Provider;

/// The longest name of somebody at a provider that is kept, in characters.
const LABEL_CHARS_MAX: usize = 120;

/// So many values of the claim that lists groups are looked at.
const GROUPS_MAX: usize = 2_000;

/// Somebody for whom a provider vouches.
#[derive(Debug, Clone)]
pub(crate) struct Vouch {
    /// What the issuer calls them, for ever.
    pub(crate) subject: String,
    /// What they could be called here, the best first.
    pub(crate) names: Vec<String>,
    /// A mail address that the provider has verified.
    pub(crate) email: Option<MailAddress>,
    /// What they are called there, to be shown.
    pub(crate) label: Option<String>,
    /// The values of the claim that lists groups; none where it is missing.
    pub(crate) groups: Option<Vec<String>>,
    /// Whether there was a second factor that counts.
    pub(crate) strong: bool,
    /// When the provider asked them who they are, where it says so.
    pub(crate) asked_at: Option<Timestamp>,
}

impl Vouch {
    pub(crate) fn of(provider: &Provider, claims: &Claims) -> Self {
        let asked_at = claims.get("auth_time").and_then(Value::as_i64);
        let mut vouch = Self {
            subject: claims.subject().to_owned(),
            names: Vec::new(),
            email: None,
            label: None,
            groups: None,
            strong: is_strong(provider, claims),
            asked_at: asked_at.and_then(|at| Timestamp::from_second(at).ok()),
        };
        vouch.complete(provider, claims.others());
        vouch
    }

    /// Whether something is missing that the provider may say elsewhere.
    pub(crate) fn lacks_something(&self, provider: &Provider) -> bool {
        let groups = provider.options().groups_claim.is_some() && self.groups.is_none();
        groups || self.email.is_none() || self.names.is_empty()
    }

    /// Takes over what was missing.
    pub(crate) fn complete(&mut self, provider: &Provider, said: &Map<String, Value>) {
        if self.email.is_none() {
            self.email = verified_email(said);
        }
        for claim in ["preferred_username", "name", "nickname"] {
            self.names.extend(text(said, claim).map(str::to_owned));
        }
        self.names.extend(self.email.as_ref().map(|email| email.as_str().to_owned()));
        let label = text(said, "preferred_username").or(text(said, "email"));
        if let (None, Some(label)) = (&self.label, label.or(text(said, "name"))) {
            let plain = label.chars().filter(|c| !c.is_control());
            self.label = Some(plain.take(LABEL_CHARS_MAX).collect());
        }
        let claim = provider.options().groups_claim.as_deref();
        if let (None, Some(claim)) = (&self.groups, claim) {
            self.groups = found(said, claim).map(values);
        }
    }
}

fn text<'v>(said: &'v Map<String, Value>, claim: &str) -> Option<&'v str> {
    said.get(claim).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty())
}

/// The mail address, if the provider says that it has verified it. Some say so by a word.
fn verified_email(said: &Map<String, Value>) -> Option<MailAddress> {
    let verified = match said.get("email_verified")? {
        Value::Bool(verified) => *verified,
        Value::String(word) => word == "true",
        Value::Null | Value::Number(_) | Value::Array(_) | Value::Object(_) => false,
    };
    if !verified {
        return None;
    }
    MailAddress::parse_optional(text(said, "email")).ok().flatten()
}

/// A claim by its name, or by a JSON pointer.
fn found<'v>(said: &'v Map<String, Value>, claim: &str) -> Option<&'v Value> {
    let Some(pointer) = claim.strip_prefix('/') else { return said.get(claim) };
    match pointer.split_once('/') {
        None => said.get(pointer),
        Some((first, rest)) => said.get(first)?.pointer(&format!("/{rest}")),
    }
}

/// One value, or each of a list; whatever is no text is none.
fn values(claim: &Value) -> Vec<String> {
    match claim {
        Value::String(one) => vec![one.clone()],
        Value::Array(many) => {
            many.iter().take(GROUPS_MAX).filter_map(Value::as_str).map(str::to_owned).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => Vec::new(),
    }
}

/// Whether the provider says that there was a second factor, by a word that counts here.
fn is_strong(provider: &Provider, claims: &Claims) -> bool {
    let counts = &provider.options().second_factor;
    let class = claims.get("acr").and_then(Value::as_str);
    let methods = claims.get("amr").map(values).unwrap_or_default();
    class.is_some_and(|class| counts.acr.iter().any(|one| one == class))
        || methods.iter().any(|method| counts.amr.contains(method))
}
