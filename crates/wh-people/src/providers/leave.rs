//! Leaving for a provider: where the browser goes, and what it must come back with.
//!
//! Of the browser's token and the state the ledger keeps one digest of both. Nonce and PKCE verifier are
//! kept by nobody: they are made of the token and the state again when the answer comes, so that an answer
//! counts in that browser alone.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use url::Url;
use wh_ledger::{CeremonyKind, CeremonyRow};
use wh_names::{Secret, SecretDigest, Uid};

use crate::providers::known::Known;
use crate::providers::{Provider, ProviderError};
use crate::throttle::{Key, network};
use crate::{Peer, People, Person, Proven, SignInToken};

/// For so long a provider's answer is awaited.
const ANSWER_WITHIN: SignedDuration = SignedDuration::from_mins(10);

/// The longest address within the house that is gone back to, in bytes.
const RETURN_BYTES_MAX: usize = 1_024;

/// Where a browser goes, and what it is recognised by when it comes back.
#[derive(Debug)]
#[must_use = "without the token the answer belongs to nobody"]
pub struct Departure {
    /// The provider's address.
    pub location: String,
    /// For the cookie.
    pub token: SignInToken,
    /// How long the cookie lives.
    pub life: SignedDuration,
}

/// What somebody leaves for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Purpose {
    /// To sign in.
    SignIn,
    /// To link the provider to their account.
    Link,
    /// To prove once more who they are.
    Proof,
}

/// What the ledger keeps of somebody who left.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Waiting {
    pub(crate) provider: String,
    pub(crate) purpose: Purpose,
    pub(crate) return_to: String,
    /// When they left.
    pub(crate) left: Timestamp,
}

/// What is made of a browser's token and a state, whenever it is needed.
pub(crate) struct Trip {
    token: Secret,
    state: Secret,
}

impl Trip {
    pub(crate) fn new(token: &SignInToken, state: &str) -> Result<Self, ProviderError> {
        Ok(Self { token: Secret::parse(token.expose())?, state: crate::person::token(state)? })
    }

    /// What the ledger knows it by.
    pub(crate) fn digest(&self) -> Result<SecretDigest, ProviderError> {
        Ok(self.made("holder")?.digest())
    }

    /// What the provider repeats in its token.
    pub(crate) fn nonce(&self) -> Result<Secret, ProviderError> {
        self.made("nonce")
    }

    /// What shows that the code is spent by whoever asked for it. Source: RFC 7636, 4.1.
    pub(crate) fn verifier(&self) -> Result<Secret, ProviderError> {
        self.made("verifier")
    }

    fn made(&self, what: &str) -> Result<Secret, ProviderError> {
        let key = Hmac::<Sha256>::new_from_slice(self.token.expose().as_bytes());
        // HMAC takes keys of every length.
        let mut mac = key.map_err(|_| ProviderError::NotMade)?;
        mac.update(what.as_bytes());
        mac.update(b"\0");
        mac.update(self.state.expose().as_bytes());
        Ok(Secret::parse(&URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))?)
    }
}

impl People {
    /// Begins to sign in by a provider.
    pub async fn leave_to_sign_in(
        &self,
        provider: &str,
        return_to: Option<&str>,
        peer: &Peer,
    ) -> Result<Departure, ProviderError> {
        self.leave(provider, (Purpose::SignIn, None), (return_to, peer)).await
    }

    /// Begins to link a provider to one's own account.
    pub async fn leave_to_link(
        &self,
        person: &Proven,
        provider: &str,
        (return_to, peer): (Option<&str>, &Peer),
    ) -> Result<Departure, ProviderError> {
        let uid = person.person().uid();
        self.leave(provider, (Purpose::Link, Some(uid)), (return_to, peer)).await
    }

    /// Begins to prove once more who one is, by a provider that is linked.
    pub async fn leave_to_prove(
        &self,
        person: &Person,
        provider: &str,
        (return_to, peer): (Option<&str>, &Peer),
    ) -> Result<Departure, ProviderError> {
        self.leave(provider, (Purpose::Proof, Some(person.uid())), (return_to, peer)).await
    }

    async fn leave(
        &self,
        provider: &str,
        (purpose, uid): (Purpose, Option<&Uid>),
        (return_to, peer): (Option<&str>, &Peer),
    ) -> Result<Departure, ProviderError> {
        let known = self.providers().find(provider)?;
        // It counts until it is answered: each is a row.
        let keys = peer.ip.map(Key::challenge).into_iter().collect();
        let attempt = self.throttle().admit(keys, self.now());
        attempt.map(drop).map_err(|retry_after| ProviderError::Throttled { retry_after })?;
        let now = self.now();
        let (token, state) = (SignInToken::random(self.entropy()), Secret::random(self.entropy()));
        let trip = Trip::new(&token, state.expose())?;
        let location = self.location(known, purpose, (&trip, now)).await?;
        let waiting = Waiting {
            provider: provider.to_owned(),
            purpose,
            return_to: checked_return(return_to),
            left: now,
        };
        let row = CeremonyRow {
            holder: trip.digest()?,
            kind: CeremonyKind::Provider,
            uid: uid.cloned(),
            ip: peer.ip.map(|ip| network(ip).to_string()).unwrap_or_default(),
            state: serde_json::to_string(&waiting).map_err(|_| ProviderError::NotMade)?,
            expires_at: now.checked_add(ANSWER_WITHIN).unwrap_or(Timestamp::MAX),
        };
        self.ledger().begin_ceremony(&row).await?;
        Ok(Departure { location, token, life: ANSWER_WITHIN })
    }

    async fn location(
        &self,
        known: &Known,
        purpose: Purpose,
        (trip, now): (&Trip, Timestamp),
    ) -> Result<String, ProviderError> {
        let doors = self.providers().doors(known, now).await?;
        let provider = &known.provider;
        let (nonce, verifier) = (trip.nonce()?, trip.verifier()?);
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.expose().as_bytes()));
        let mut url = doors.authorize.clone();
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &provider.options().client_id)
            .append_pair("redirect_uri", &self.providers().redirect_uri(provider))
            .append_pair("scope", &scope(provider))
            .append_pair("state", trip.state.expose())
            .append_pair("nonce", nonce.expose())
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256");
        let classes = &provider.options().second_factor.acr;
        if !classes.is_empty() {
            url.query_pairs_mut().append_pair("acr_values", &classes.join(" "));
        }
        if purpose == Purpose::Proof {
            url.query_pairs_mut().append_pair("prompt", "login").append_pair("max_age", "0");
        }
        Ok(url.into())
    }
}

/// `openid`, and what is configured.
fn scope(provider: &Provider) -> String {
    let asked = provider.options().scopes.iter().map(String::as_str);
    let others: Vec<&str> = asked.filter(|scope| *scope != "openid").collect();
    std::iter::once("openid").chain(others).collect::<Vec<_>>().join(" ")
}

/// A path of our own pages, or the first page: whatever else is asked for leads nowhere else.
pub(crate) fn checked_return(path: Option<&str>) -> String {
    let ours = path.filter(|path| is_ours(path));
    ours.unwrap_or("/").to_owned()
}

fn is_ours(path: &str) -> bool {
    let plain = |c: char| !c.is_control() && c != '\\' && c != ' ';
    if path.len() > RETURN_BYTES_MAX || !path.starts_with('/') || path.starts_with("//") {
        return false;
    }
    if !path.chars().all(plain) || path.starts_with("/api/") || path.starts_with("/sign-in") {
        return false;
    }
    // As a browser reads it.
    let Ok(base) = Url::parse("https://house.invalid/") else { return false };
    base.join(path).is_ok_and(|url| url.origin() == base.origin())
}
