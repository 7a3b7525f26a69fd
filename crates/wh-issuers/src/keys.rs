//! The keys of issuers: fetched, believed for some minutes, and asked for again where one is missing.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::jwk::{Jwk, JwkSet};

use crate::{Claims, Token, TokenError};

/// The longest key set that is read, in bytes. Who fetches it must not read more.
pub const KEY_SET_BYTES_MAX: usize = 256 * 1024;
/// How long a key set is believed.
const KEYS_AGE_MAX: SignedDuration = SignedDuration::from_mins(10);
/// How soon an issuer is asked again, after a failure or for a key that its set lacked.
const ASK_AGAIN_AFTER: SignedDuration = SignedDuration::from_secs(30);

/// Fetches the key set at an address that the operator configured: its body, or why there is none.
/// It must give up after some seconds, follow no redirect, and read no more than
/// [`KEY_SET_BYTES_MAX`].
#[derive(Clone)]
pub struct FetchKeys(Arc<dyn Fn(String) -> Fetching + Send + Sync>);

type Fetching = Pin<Box<dyn Future<Output = Result<Vec<u8>, String>> + Send>>;

impl FetchKeys {
    /// Fetches by `fetch`.
    pub fn new<F>(fetch: impl Fn(String) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<Vec<u8>, String>> + Send + 'static,
    {
        Self(Arc::new(move |address| Box::pin(fetch(address))))
    }
}

impl fmt::Debug for FetchKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FetchKeys(…)")
    }
}

/// An issuer whose tokens may count.
#[derive(Debug, Clone)]
pub struct Issuer {
    /// As its tokens name it: `https://accounts.example.com`.
    pub issuer: String,
    /// Where its keys are.
    pub jwks_uri: String,
}

/// What is known of the keys of issuers.
#[derive(Debug)]
pub struct KeySets {
    fetch: FetchKeys,
    /// One lock for all: who waits for keys waits once.
    keys: tokio::sync::Mutex<HashMap<String, Keys>>,
}

#[derive(Debug)]
struct Keys {
    set: Option<JwkSet>,
    asked: Timestamp,
}

impl KeySets {
    /// Of which nothing is known yet.
    pub fn new(fetch: FetchKeys) -> Self {
        Self { fetch, keys: tokio::sync::Mutex::default() }
    }

    /// The claims of a token of this issuer, if it counts now.
    pub async fn verify(
        &self,
        (token, kid): (&Token<'_>, &str),
        issuer: &Issuer,
        now: Timestamp,
    ) -> Result<Claims, TokenError> {
        let key = self.key(issuer, kid, now).await?;
        token.verify(&key, &issuer.issuer, now)
    }

    /// The key of this id.
    async fn key(&self, issuer: &Issuer, kid: &str, now: Timestamp) -> Result<Jwk, TokenError> {
        let mut all = self.keys.lock().await;
        let known = all.get(&issuer.issuer);
        let age = known.map(|keys| now.duration_since(keys.asked));
        let held = known.and_then(|keys| keys.set.as_ref()?.find(kid)).cloned();
        let missing = TokenError::invalid("its key is not known");
        match (held, age) {
            (Some(key), Some(age)) if age < KEYS_AGE_MAX => return Ok(key),
            (None, Some(age)) if age < ASK_AGAIN_AFTER => {
                let had = known.is_some_and(|keys| keys.set.is_some());
                return Err(if had { missing } else { TokenError::Unreachable });
            }
            _ => {}
        }
        let body = (self.fetch.0)(issuer.jwks_uri.clone()).await;
        let set = body.map_err(|error| {
            tracing::warn!(%error, issuer = %issuer.issuer, "the keys of an issuer cannot be fetched");
        });
        let set = set.ok().filter(|body| body.len() <= KEY_SET_BYTES_MAX);
        let set = set.and_then(|body| serde_json::from_slice::<JwkSet>(&body).ok());
        let found = set.as_ref().map(|set| set.find(kid).cloned());
        all.insert(issuer.issuer.clone(), Keys { set, asked: now });
        found.ok_or(TokenError::Unreachable)?.ok_or(missing)
    }
}
