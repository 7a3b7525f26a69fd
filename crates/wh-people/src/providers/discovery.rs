//! What a provider says of itself: where its doors are. Asked for once an hour.
//!
//! Source: `OpenID` Connect Discovery 1.0, section 4.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use url::Url;
use wh_issuers::Issuer;

use crate::providers::Outbound;
use crate::providers::options::{Provider, is_loopback_http, may_be_asked};

/// How long what a provider says of itself is believed.
const BELIEVED_FOR: SignedDuration = SignedDuration::from_hours(1);

/// How soon a provider that did not answer is asked again.
const ASK_AGAIN_AFTER: SignedDuration = SignedDuration::from_secs(15);

#[derive(Debug, Deserialize)]
struct Document {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    #[serde(default)]
    userinfo_endpoint: Option<String>,
    #[serde(default)]
    code_challenge_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

/// How the house proves to a provider who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ClientProof {
    /// The secret is in the header.
    Basic,
    /// The secret is in the form.
    Post,
    /// There is no secret.
    None,
}

/// The doors of a provider.
#[derive(Debug)]
pub(crate) struct Doors {
    pub(crate) authorize: Url,
    pub(crate) token: String,
    pub(crate) userinfo: Option<String>,
    pub(crate) issuer: Issuer,
    pub(crate) proof: ClientProof,
    /// Whether every answer says from whom it is.
    pub(crate) names_itself: bool,
}

/// What is known of a provider's doors, and since when.
#[derive(Debug, Default)]
pub(crate) struct Discovery(tokio::sync::Mutex<Option<(Timestamp, Found)>>);

/// What a provider said, or why it did not.
type Found = Result<Arc<Doors>, String>;

impl Discovery {
    /// The doors of a provider, as it said lately.
    pub(crate) async fn doors(
        &self,
        provider: &Provider,
        outbound: &Outbound,
        now: Timestamp,
    ) -> Result<Arc<Doors>, String> {
        let mut known = self.0.lock().await;
        if let Some((at, said)) = known.as_ref() {
            let age = now.duration_since(*at);
            let life = if said.is_ok() { BELIEVED_FOR } else { ASK_AGAIN_AFTER };
            if age < life {
                return said.clone();
            }
        }
        let said = ask(provider, outbound).await.map(Arc::new);
        if let Err(why) = &said {
            let id = &provider.options().id;
            tracing::warn!(provider = %id, %why, "a provider cannot be asked who it is");
        }
        *known = Some((now, said.clone()));
        said
    }
}

async fn ask(provider: &Provider, outbound: &Outbound) -> Result<Doors, String> {
    let issuer = &provider.options().issuer;
    let address = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
    let body = outbound.get(&address).await.map_err(|why| format!("{address}: {why}"))?;
    let document: Document =
        serde_json::from_slice(&body).map_err(|error| format!("{address}: {error}"))?;
    read(provider, document).map_err(|why| format!("{address}: {why}"))
}

fn read(provider: &Provider, document: Document) -> Result<Doors, String> {
    let options = provider.options();
    if document.issuer != options.issuer {
        return Err("its `issuer` is another one; write in the configuration what it says".into());
    }
    let here = Url::parse(&options.issuer).is_ok_and(|url| is_loopback_http(&url));
    let door = |name: &str, address: &str| match Url::parse(address) {
        Ok(url) if may_be_asked(&url) && (here || url.scheme() == "https") => Ok(url),
        Ok(_) | Err(_) => Err(format!("its `{name}` is no https:// address")),
    };
    let authorize = door("authorization_endpoint", &document.authorization_endpoint)?;
    door("token_endpoint", &document.token_endpoint)?;
    door("jwks_uri", &document.jwks_uri)?;
    if let Some(address) = &document.userinfo_endpoint {
        door("userinfo_endpoint", address)?;
    }
    let challenges = document.code_challenge_methods_supported.as_ref();
    if challenges.is_some_and(|methods| !methods.iter().any(|method| method == "S256")) {
        return Err("it does not know PKCE by S256".to_owned());
    }
    let methods = document.token_endpoint_auth_methods_supported;
    let knows = |method: &str| methods.as_ref().is_some_and(|m| m.iter().any(|one| one == method));
    let proof = match options.client_secret {
        None => ClientProof::None,
        // What is not said is `client_secret_basic`.
        Some(_) if methods.is_none() || knows("client_secret_basic") => ClientProof::Basic,
        Some(_) if knows("client_secret_post") => ClientProof::Post,
        Some(_) => return Err("it takes no client secret".to_owned()),
    };
    Ok(Doors {
        authorize,
        token: document.token_endpoint,
        userinfo: document.userinfo_endpoint,
        issuer: Issuer { issuer: document.issuer, jwks_uri: document.jwks_uri },
        proof,
        names_itself: document.authorization_response_iss_parameter_supported,
    })
}
