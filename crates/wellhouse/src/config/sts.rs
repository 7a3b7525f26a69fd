//! Section `sts`: whose tokens roles of the embedded store may trust.

use anyhow::{Result, bail};
use serde::{Deserialize, Serialize};

/// STS of the embedded store.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct StsConfig {
    /// The `OpenID` Connect issuers that may become providers which roles trust. Nobody else is asked
    /// for keys, whatever a token or a caller of IAM says.
    pub(crate) oidc: Vec<OidcConfig>,
}

/// An `OpenID` Connect issuer.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OidcConfig {
    /// As its tokens name it: `https://token.actions.githubusercontent.com`.
    pub(crate) issuer: String,
    /// Where its keys are: HTTPS, or plain HTTP on the loopback.
    pub(crate) jwks_uri: String,
}

impl StsConfig {
    pub(super) fn check(&self) -> Result<()> {
        self.oidc.iter().try_for_each(check_oidc)
    }
}

/// That an issuer is one, and that its keys come by a way that nobody can change them on.
fn check_oidc(oidc: &OidcConfig) -> Result<()> {
    let secure = |url: &str| {
        let plain = url.strip_prefix("http://").map(|rest| rest.split(['/', ':']).next());
        url.starts_with("https://") || matches!(plain, Some(Some("127.0.0.1" | "localhost")))
    };
    let OidcConfig { issuer, jwks_uri } = oidc;
    if !secure(issuer) || issuer.ends_with('/') || issuer.contains(['?', '#', ' ']) {
        bail!("sts.oidc: the issuer {issuer} must be an https:// address without `/` at its end");
    }
    if !secure(jwks_uri) {
        bail!("sts.oidc: the jwks_uri {jwks_uri} must be an https:// address");
    }
    Ok(())
}
