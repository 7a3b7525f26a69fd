//! What a verified token says.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::TokenError;

/// How long a token may live on or come early, for clocks that differ.
const LEEWAY_S: i64 = 30;

/// The claims of a token that was verified.
#[derive(Debug, Clone)]
pub struct Claims(Read);

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Read {
    iss: String,
    sub: String,
    aud: Audience,
    #[serde(default)]
    azp: Option<String>,
    exp: i64,
    #[serde(default)]
    nbf: Option<i64>,
    #[serde(default)]
    iat: Option<i64>,
    #[serde(flatten)]
    others: Map<String, Value>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Claims {
    /// The claims, if they are this issuer's, about somebody, and count now.
    pub(crate) fn check(read: Read, issuer: &str, now: Timestamp) -> Result<Self, TokenError> {
        if read.iss != issuer || read.sub.is_empty() {
            return Err(TokenError::invalid("its issuer or subject is not one"));
        }
        let now = now.as_second();
        if read.exp.saturating_add(LEEWAY_S) <= now {
            return Err(TokenError::Expired);
        }
        let begins = [read.nbf, read.iat].into_iter().flatten().max();
        if begins.is_some_and(|begins| begins.saturating_sub(LEEWAY_S) > now) {
            return Err(TokenError::invalid("it does not count yet"));
        }
        Ok(Self(read))
    }

    /// Who it is, by the issuer's word.
    pub fn subject(&self) -> &str {
        &self.0.sub
    }

    /// For whom the token was made: its only audience or, of several, the authorised party.
    pub fn audience(&self) -> Option<&str> {
        match (&self.0.aud, &self.0.azp) {
            (Audience::One(one), _) => Some(one),
            (Audience::Many(many), Some(party)) if many.contains(party) => Some(party),
            (Audience::Many(many), _) => match many.as_slice() {
                [one] => Some(one),
                _ => None,
            },
        }
    }

    /// Whom the issuer authorised to use the token, where it says so.
    pub fn authorised_party(&self) -> Option<&str> {
        self.0.azp.as_deref()
    }

    /// When the token was made.
    pub fn issued_at(&self) -> Option<Timestamp> {
        self.0.iat.and_then(|at| Timestamp::from_second(at).ok())
    }

    /// A claim besides those that every token has.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.others.get(name)
    }

    /// All claims besides those that every token has.
    pub fn others(&self) -> &Map<String, Value> {
        &self.0.others
    }
}
