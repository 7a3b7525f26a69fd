//! Tokens of `OpenID` Connect providers: who vouches for somebody, verified.
//!
//! Only issuers that the operator has configured are ever asked, and only at the address of their keys
//! that the operator gave with them: nothing that a token, a document or a caller of IAM says leads
//! anywhere else.
//!
//! Invariant: a [`WebIdentity`] exists only for a token whose signature, issuer, audience and times
//! were found good.
//!
//! Sources: RFC 7519, RFC 8725 ("JSON Web Token Best Current Practices"); OIDC Core 1.0,
//! section 3.1.3.7; STS API Reference, `AssumeRoleWithWebIdentity`.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::dangerous::insecure_decode_claims;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;
use wh_names::Arn;

use crate::{Authority, Principal};

/// The longest token that is looked at, in bytes.
const TOKEN_BYTES_MAX: usize = 20_000;
/// The longest key set that is read, in bytes. Who fetches it must not read more.
pub const KEY_SET_BYTES_MAX: usize = 256 * 1024;
/// How long a key set is believed.
const KEYS_AGE_MAX: SignedDuration = SignedDuration::from_mins(10);
/// How soon an issuer is asked again, after a failure or for a key that its set lacked.
const ASK_AGAIN_AFTER: SignedDuration = SignedDuration::from_secs(30);
/// How long a token may live on or come early, for clocks that differ.
const LEEWAY_S: i64 = 30;

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

/// An issuer that the operator lets roles trust.
#[derive(Debug, Clone)]
pub struct OidcIssuer {
    /// As its tokens name it: `https://accounts.example.com`.
    pub issuer: String,
    /// Where its keys are.
    pub jwks_uri: String,
}

/// The issuers, and what is known of their keys.
#[derive(Debug)]
pub(crate) struct Issuers {
    known: Vec<OidcIssuer>,
    fetch: FetchKeys,
    /// One lock for all: who waits for keys waits once.
    keys: tokio::sync::Mutex<HashMap<String, Keys>>,
}

#[derive(Debug)]
struct Keys {
    set: Option<JwkSet>,
    asked: Timestamp,
}

/// Somebody for whom a provider vouches.
#[derive(Debug, Clone)]
pub(crate) struct WebIdentity {
    provider: Arn,
    issuer: String,
    subject: String,
    audience: String,
}

impl WebIdentity {
    /// The provider's ARN.
    pub(crate) fn provider(&self) -> &Arn {
        &self.provider
    }

    /// Who it is, by the provider's word.
    pub(crate) fn subject(&self) -> &str {
        &self.subject
    }

    /// The condition keys that the token fills: `ISSUER:aud` and `ISSUER:sub`.
    pub(crate) fn keys(&self) -> [(String, String); 2] {
        let key = |name: &str| format!("{}:{name}", self.issuer);
        [(key("aud"), self.audience.clone()), (key("sub"), self.subject.clone())]
    }
}

/// Why a token does not count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WebIdentityError {
    /// It is not a token of a provider of this account, or not for a client of it.
    #[error("the web identity token is not valid: {why}")]
    Invalid {
        /// In plain words, without anything of the token.
        why: &'static str,
    },
    /// Its time is over.
    #[error("the web identity token has expired")]
    Expired,
    /// The provider's keys cannot be had.
    #[error("the keys of the identity provider cannot be fetched")]
    Unreachable,
}

impl WebIdentityError {
    /// AWS's code for this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Invalid { .. } => "InvalidIdentityToken",
            Self::Expired => "ExpiredTokenException",
            Self::Unreachable => "IDPCommunicationError",
        }
    }
}

fn invalid(why: &'static str) -> WebIdentityError {
    WebIdentityError::Invalid { why }
}

#[derive(Debug, Clone, Deserialize)]
struct Claims {
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
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Claims {
    /// For whom the token was made: its only audience or, of several, the authorised party.
    fn audience(&self) -> Option<&str> {
        match (&self.aud, &self.azp) {
            (Audience::One(one), _) => Some(one),
            (Audience::Many(many), Some(party)) if many.contains(party) => Some(party),
            (Audience::Many(many), _) => match many.as_slice() {
                [one] => Some(one),
                _ => None,
            },
        }
    }
}

/// The issuer of a token, by its own word: only to find the keys by which it is then verified.
fn claimed_issuer(token: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Issuer {
        iss: String,
    }
    insecure_decode_claims::<Issuer>(token).ok().map(|claims| claims.iss)
}

impl Issuers {
    pub(crate) fn new(known: Vec<OidcIssuer>, fetch: FetchKeys) -> Self {
        Self { known, fetch, keys: tokio::sync::Mutex::default() }
    }

    /// The issuer without its scheme, if it is configured.
    pub(crate) fn find(&self, url: &str) -> Option<&OidcIssuer> {
        self.known.iter().find(|known| known.issuer == url)
    }

    /// The key of this id.
    async fn key(
        &self,
        issuer: &OidcIssuer,
        kid: &str,
        now: Timestamp,
    ) -> Result<Jwk, WebIdentityError> {
        let mut all = self.keys.lock().await;
        let known = all.get(&issuer.issuer);
        let age = known.map(|keys| now.duration_since(keys.asked));
        let held = known.and_then(|keys| keys.set.as_ref()?.find(kid)).cloned();
        match (held, age) {
            (Some(key), Some(age)) if age < KEYS_AGE_MAX => return Ok(key),
            (None, Some(age)) if age < ASK_AGAIN_AFTER => {
                let had = known.is_some_and(|keys| keys.set.is_some());
                return Err(if had {
                    invalid("its key is not known")
                } else {
                    WebIdentityError::Unreachable
                });
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
        found.ok_or(WebIdentityError::Unreachable)?.ok_or(invalid("its key is not known"))
    }
}

/// That a key is one that may verify by this algorithm: of its kind, and not meant for encryption.
fn fits(key: &Jwk, algorithm: Algorithm) -> bool {
    let signs = key.common.public_key_use.as_ref().is_none_or(|u| *u == PublicKeyUse::Signature);
    let kind = match (&key.algorithm, algorithm) {
        (AlgorithmParameters::RSA(_), Algorithm::RS256) => true,
        (AlgorithmParameters::EllipticCurve(curve), Algorithm::ES256) => {
            curve.curve == EllipticCurve::P256
        }
        _ => false,
    };
    signs && kind
}

/// The claims of a token that this key signed.
fn verified(token: &str, key: &Jwk, algorithm: Algorithm) -> Result<Claims, WebIdentityError> {
    if !fits(key, algorithm) {
        return Err(invalid("its algorithm is not that of its key"));
    }
    let forged = |_| invalid("its signature is wrong, or a claim is missing");
    let key = DecodingKey::from_jwk(key).map_err(forged)?;
    let mut validation = Validation::new(algorithm);
    // The times, the issuer and the audience are judged below: by the house's clock.
    validation.required_spec_claims.clear();
    (validation.validate_exp, validation.validate_nbf) = (false, false);
    validation.validate_aud = false;
    Ok(decode::<Claims>(token, &key, &validation).map_err(forged)?.claims)
}

/// That a token is neither over nor yet to come.
fn check_times(claims: &Claims, now: Timestamp) -> Result<(), WebIdentityError> {
    let now = now.as_second();
    if claims.exp.saturating_add(LEEWAY_S) <= now {
        return Err(WebIdentityError::Expired);
    }
    let begins = [claims.nbf, claims.iat].into_iter().flatten().max();
    if begins.is_some_and(|begins| begins.saturating_sub(LEEWAY_S) > now) {
        return Err(invalid("it does not count yet"));
    }
    Ok(())
}

impl Authority {
    /// Lets roles trust these issuers, whose keys `fetch` fetches.
    #[must_use]
    pub fn with_issuers(mut self, known: Vec<OidcIssuer>, fetch: FetchKeys) -> Self {
        self.issuers = Issuers::new(known, fetch);
        self
    }

    /// Who it is for whom a provider of this account vouches with this token.
    pub async fn recognise_web_identity(&self, token: &str) -> Result<Principal, WebIdentityError> {
        self.verify(token).await.map(Principal::federated)
    }

    async fn verify(&self, token: &str) -> Result<WebIdentity, WebIdentityError> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(invalid("it is too long"));
        }
        let header = decode_header(token).map_err(|_| invalid("it is not a JSON web token"))?;
        if !matches!(header.alg, Algorithm::RS256 | Algorithm::ES256) {
            return Err(invalid("its algorithm is neither RS256 nor ES256"));
        }
        if header.crit.is_some() {
            return Err(invalid("it demands extensions"));
        }
        let kid = header.kid.ok_or(invalid("it does not say which key signed it"))?;
        let claimed = claimed_issuer(token).ok_or(invalid("it has no issuer"))?;
        let unknown = invalid("its issuer is not a provider of this account");
        let issuer = self.issuers.find(&claimed).ok_or_else(|| unknown.clone())?;
        let name = without_scheme(&issuer.issuer);
        if !self.state().rows.oidc_providers.contains_key(name) {
            return Err(unknown);
        }
        let key = self.issuers.key(issuer, &kid, self.now()).await?;
        let claims = verified(token, &key, header.alg)?;
        if claims.iss != issuer.issuer || claims.sub.is_empty() {
            return Err(invalid("its issuer or subject is not one"));
        }
        check_times(&claims, self.now())?;
        let audience = claims.audience().ok_or(invalid("it is for several audiences"))?.to_owned();
        let state = self.state();
        let provider = state.rows.oidc_providers.get(name).ok_or(unknown)?;
        if !provider.client_ids.contains(&audience) {
            return Err(invalid("its audience is not a client of the provider"));
        }
        let arn = Arn::parse(&self.place.oidc(name)).map_err(|_| invalid("no provider"))?;
        Ok(WebIdentity { provider: arn, issuer: name.to_owned(), subject: claims.sub, audience })
    }
}

/// An issuer as ARNs and condition keys name it.
pub(crate) fn without_scheme(issuer: &str) -> &str {
    issuer.split_once("://").map_or(issuer, |(_, rest)| rest)
}
