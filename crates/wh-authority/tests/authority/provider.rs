//! An identity provider of the tests, and the tokens that it signs.

use jsonwebtoken::{Algorithm, Header, encode};
use serde_json::{Value, json};
use wh_authority::{FetchKeys, OidcIssuer};

use crate::provider_keys::{public_keys, signing_key};

pub(crate) const ISSUER: &str = "https://id.example.com/tenant";
pub(crate) const PROVIDER: &str = "arn:aws:iam::111122223333:oidc-provider/id.example.com/tenant";

/// The key set, as the provider publishes it.
pub(crate) fn key_set() -> Vec<u8> {
    json!({ "keys": public_keys() }).to_string().into_bytes()
}

pub(crate) fn issuers() -> (Vec<OidcIssuer>, FetchKeys) {
    let known = OidcIssuer { issuer: ISSUER.to_owned(), jwks_uri: format!("{ISSUER}/jwks") };
    (vec![known], FetchKeys::new(|_| async { Ok(key_set()) }))
}

/// A token of these claims.
pub(crate) fn token(kid: &str, algorithm: Algorithm, claims: &Value) -> String {
    token_of_type(Some("JWT"), (kid, algorithm), claims)
}

/// One that says of itself what it is.
pub(crate) fn token_of_type(
    kind: Option<&str>,
    (key, algorithm): (&str, Algorithm),
    claims: &Value,
) -> String {
    let mut header = Header::new(algorithm);
    (header.kid, header.typ) = (Some(key.to_owned()), kind.map(str::to_owned));
    encode(&header, claims, &signing_key(algorithm)).expect("a token")
}
