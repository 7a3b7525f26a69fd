//! An identity provider of the tests: its keys, and the tokens that it signs. The keys were made for
//! this file and guard nothing.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use wh_authority::{FetchKeys, OidcIssuer};

pub(crate) const ISSUER: &str = "https://id.example.com/tenant";
pub(crate) const PROVIDER: &str = "arn:aws:iam::111122223333:oidc-provider/id.example.com/tenant";

const EC: &str = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgnqkgxib6D3P3orEYEiO/6h9mWBWFpZZd+KrFKuMSYw\
    +hRANCAASPad3lz7GHV8cK/scCqp6egafoza8Upeavj9pYtVskgRQwWC+UPkmllB5FgGrFAWXn/fbuYePt4jWfxemV\
    TRQI";

/// The key set, as the provider publishes it.
pub(crate) fn key_set() -> Vec<u8> {
    json!({ "keys": [
        { "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": "ec",
          "x": "j2nd5c-xh1fHCv7HAqqenoGn6M2vFKXmr4_aWLVbJIE", "y": "FDBYL5Q-SaWUHkWAasUBZef99u5h4-3iNZ_F6ZVNFAg" },
    ] })
    .to_string()
    .into_bytes()
}

pub(crate) fn issuers() -> (Vec<OidcIssuer>, FetchKeys) {
    let known = OidcIssuer { issuer: ISSUER.to_owned(), jwks_uri: format!("{ISSUER}/jwks") };
    (vec![known], FetchKeys::new(|_| async { Ok(key_set()) }))
}

fn bytes(key: &str) -> Vec<u8> {
    STANDARD.decode(key).expect("base64")
}

/// A token of these claims.
pub(crate) fn token(claims: &Value) -> String {
    let mut header = Header::new(Algorithm::ES256);
    header.kid = Some("ec".to_owned());
    encode(&header, claims, &EncodingKey::from_ec_der(&bytes(EC))).expect("a token")
}
