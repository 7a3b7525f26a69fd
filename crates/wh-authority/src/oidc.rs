//! Tokens of `OpenID` Connect providers: who vouches for somebody. `wh-issuers` verifies them; what an
//! account's providers and their clients are is judged here.
//!
//! Invariant: a [`WebIdentity`] exists only for a token that `wh-issuers` found good, and whose audience
//! is a client of a provider of this account.
//!
//! Sources: OIDC Core 1.0, section 3.1.3.7; STS API Reference, `AssumeRoleWithWebIdentity`.

use wh_issuers::{Issuer, KeySets, Token, TokenError};
use wh_names::Arn;

use crate::{Authority, Principal};

pub use wh_issuers::{FetchKeys, Issuer as OidcIssuer, KEY_SET_BYTES_MAX};

/// The issuers, and what is known of their keys.
#[derive(Debug)]
pub(crate) struct Issuers {
    known: Vec<Issuer>,
    keys: KeySets,
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

impl From<TokenError> for WebIdentityError {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Invalid { why } => Self::Invalid { why },
            TokenError::Expired => Self::Expired,
            TokenError::Unreachable => Self::Unreachable,
        }
    }
}

impl Issuers {
    pub(crate) fn new(known: Vec<Issuer>, fetch: FetchKeys) -> Self {
        Self { known, keys: KeySets::new(fetch) }
    }

    /// The issuer without its scheme, if it is configured.
    pub(crate) fn find(&self, url: &str) -> Option<&Issuer> {
        self.known.iter().find(|known| known.issuer == url)
    }
}

impl Authority {
    /// Lets roles trust these issuers, whose keys `fetch` fetches.
    #[must_use]
    pub fn with_issuers(mut self, known: Vec<Issuer>, fetch: FetchKeys) -> Self {
        self.issuers = Issuers::new(known, fetch);
        self
    }

    /// Who it is for whom a provider of this account vouches with this token.
    pub async fn recognise_web_identity(&self, token: &str) -> Result<Principal, WebIdentityError> {
        self.verify(token).await.map(Principal::federated)
    }

    async fn verify(&self, token: &str) -> Result<WebIdentity, WebIdentityError> {
        let (token, kid) = Token::parse(token)?;
        let claimed = token.claimed_issuer()?;
        let unknown = invalid("its issuer is not a provider of this account");
        let issuer = self.issuers.find(&claimed).ok_or_else(|| unknown.clone())?;
        let name = without_scheme(&issuer.issuer);
        if !self.state().rows.oidc_providers.contains_key(name) {
            return Err(unknown);
        }
        let claims = self.issuers.keys.verify((&token, &kid), issuer, self.now()).await?;
        let audience = claims.audience().ok_or(invalid("it is for several audiences"))?.to_owned();
        let state = self.state();
        let provider = state.rows.oidc_providers.get(name).ok_or(unknown)?;
        if !provider.client_ids.contains(&audience) {
            return Err(invalid("its audience is not a client of the provider"));
        }
        let arn = Arn::parse(&self.place.oidc(name)).map_err(|_| invalid("no provider"))?;
        let (issuer, subject) = (name.to_owned(), claims.subject().to_owned());
        Ok(WebIdentity { provider: arn, issuer, subject, audience })
    }
}

/// An issuer as ARNs and condition keys name it.
pub(crate) fn without_scheme(issuer: &str) -> &str {
    issuer.split_once("://").map_or(issuer, |(_, rest)| rest)
}
