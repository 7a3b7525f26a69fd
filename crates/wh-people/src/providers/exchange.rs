//! Spending a code at its provider, and verifying what it gives.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};
use url::form_urlencoded::{Serializer, byte_serialize};
use wh_issuers::{Claims, Token, TokenError};
use wh_names::Secret;

use crate::People;
use crate::providers::discovery::{ClientProof, Doors};
use crate::providers::known::{Known, unavailable};
use crate::providers::leave::Trip;
use crate::providers::vouch::Vouch;
use crate::providers::{Asking, Provider, ProviderError};

/// The longest code that is spent, in bytes.
const CODE_BYTES_MAX: usize = 4_096;

#[derive(Deserialize)]
struct Tokens {
    id_token: String,
    #[serde(default)]
    access_token: Option<String>,
    token_type: String,
}

impl People {
    /// Whom a provider vouches for with this code.
    pub(crate) async fn exchange(
        &self,
        (known, doors): (&Known, &Doors),
        (code, trip): (&str, &Trip),
    ) -> Result<Vouch, ProviderError> {
        let provider = &known.provider;
        if code.is_empty() || code.len() > CODE_BYTES_MAX {
            return Err(refused("its code is empty or too long"));
        }
        let asking = spending((provider, doors), (code, trip), &self.redirect_uri(provider))?;
        let body = self.ask_provider(provider, asking).await?;
        let tokens: Tokens = serde_json::from_slice(&body)
            .map_err(|_| refused("its answer holds no ID token and no token type"))?;
        if !tokens.token_type.eq_ignore_ascii_case("bearer") {
            return Err(refused("its tokens are of another type than Bearer"));
        }
        let now = self.now();
        let claims = self.verified_token(&tokens.id_token, doors, now).await;
        let claims = claims.map_err(|error| told(&error, provider))?;
        judge_audience(&claims, provider)?;
        judge_nonce(&claims, trip)?;
        let mut vouch = Vouch::of(provider, &claims);
        if vouch.lacks_something(provider)
            && let (Some(address), Some(token)) = (&doors.userinfo, &tokens.access_token)
        {
            let said = self.userinfo(provider, (address, token)).await?;
            if said.get("sub").and_then(Value::as_str) != Some(claims.subject()) {
                return Err(refused("its two answers are about two persons"));
            }
            vouch.complete(provider, &said);
        }
        Ok(vouch)
    }

    async fn verified_token(
        &self,
        token: &str,
        doors: &Doors,
        now: Timestamp,
    ) -> Result<Claims, TokenError> {
        let (token, kid) = Token::parse(token)?;
        self.providers().keys.verify((&token, &kid), &doors.issuer, now).await
    }

    async fn userinfo(
        &self,
        provider: &Provider,
        (address, token): (&str, &str),
    ) -> Result<Map<String, Value>, ProviderError> {
        let authorization = Some(Secret::parse(&format!("Bearer {token}"))?);
        let asking = Asking { address: address.to_owned(), form: None, authorization };
        let body = self.ask_provider(provider, asking).await?;
        serde_json::from_slice(&body).map_err(|_| refused("what it says of you is no JSON object"))
    }

    async fn ask_provider(
        &self,
        provider: &Provider,
        asking: Asking,
    ) -> Result<Vec<u8>, ProviderError> {
        let address = asking.address.clone();
        self.providers().outbound.ask(asking).await.map_err(|why| {
            let id = &provider.options().id;
            tracing::warn!(provider = %id, %address, %why, "a provider did not do what was asked");
            unavailable(provider)
        })
    }

    fn redirect_uri(&self, provider: &Provider) -> String {
        self.providers().redirect_uri(provider)
    }
}

fn refused(why: &'static str) -> ProviderError {
    ProviderError::Refused { why }
}

fn told(error: &TokenError, provider: &Provider) -> ProviderError {
    let id = &provider.options().id;
    tracing::warn!(provider = %id, %error, "the ID token of a provider does not count");
    match error {
        TokenError::Invalid { why } => ProviderError::Refused { why },
        TokenError::Expired => refused("its ID token has expired"),
        TokenError::Unreachable => unavailable(provider),
    }
}

/// The form that spends a code. Source: RFC 6749, 4.1.3 and 2.3.1; RFC 7636, 4.5.
fn spending(
    (provider, doors): (&Provider, &Doors),
    (code, trip): (&str, &Trip),
    redirect_uri: &str,
) -> Result<Asking, ProviderError> {
    let options = provider.options();
    let mut form = Serializer::new(String::new());
    form.append_pair("grant_type", "authorization_code")
        .append_pair("code", code)
        .append_pair("redirect_uri", redirect_uri)
        .append_pair("code_verifier", trip.verifier()?.expose());
    let mut authorization = None;
    match (doors.proof, &options.client_secret) {
        (ClientProof::Basic, Some(secret)) => {
            let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
            let pair = format!("{}:{}", encoded(&options.client_id), encoded(secret.expose()));
            authorization = Some(Secret::parse(&format!("Basic {}", STANDARD.encode(pair)))?);
        }
        (ClientProof::Post, Some(secret)) => {
            form.append_pair("client_id", &options.client_id);
            form.append_pair("client_secret", secret.expose());
        }
        (ClientProof::None, _) | (ClientProof::Basic | ClientProof::Post, None) => {
            form.append_pair("client_id", &options.client_id);
        }
    }
    let form = Some(Secret::parse(&form.finish())?);
    Ok(Asking { address: doors.token.clone(), form, authorization })
}

/// That a token was made for this house. Source: OIDC Core 1.0, 3.1.3.7, 3 to 5.
fn judge_audience(claims: &Claims, provider: &Provider) -> Result<(), ProviderError> {
    let ours = provider.options().client_id.as_str();
    if claims.audience() != Some(ours) {
        return Err(refused("its ID token was made for another client"));
    }
    if claims.authorised_party().is_some_and(|party| party != ours) {
        return Err(refused("its ID token may be used by another client alone"));
    }
    if claims.issued_at().is_none() {
        return Err(refused("its ID token does not say when it was made"));
    }
    Ok(())
}

/// That a token answers to what this browser asked. Source: OIDC Core 1.0, 3.1.3.7, 11.
fn judge_nonce(claims: &Claims, trip: &Trip) -> Result<(), ProviderError> {
    let said = claims.get("nonce").and_then(Value::as_str).map(Secret::parse);
    let Some(Ok(said)) = said else {
        return Err(refused("its ID token does not say what it answers to"));
    };
    if !said.matches(&trip.nonce()?) {
        return Err(refused("its ID token answers to another sign-in"));
    }
    Ok(())
}
