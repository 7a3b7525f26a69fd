//! A token as it came: what it says of itself, and whether a key signed it.

use jiff::Timestamp;
use jsonwebtoken::dangerous::insecure_decode_claims;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;

use crate::Claims;
use crate::claims::Read;

/// The longest token that is looked at, in bytes.
const TOKEN_BYTES_MAX: usize = 20_000;

/// The algorithms whose signatures count. Source: RFC 7518, 3.1, and RFC 8037: those of public keys that
/// the profiles of `OpenID` Connect ask for.
const ALGORITHMS: [Algorithm; 5] =
    [Algorithm::RS256, Algorithm::PS256, Algorithm::ES256, Algorithm::ES384, Algorithm::EdDSA];

/// The only type of a token that counts; one that says none is of this type. Source: RFC 8725, 3.11; OIDC
/// Core 1.0, 2.
const TYPE: &str = "JWT";

/// Why a token does not count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It is not a token of this issuer, or nobody may go by it.
    #[error("the token is not valid: {why}")]
    Invalid {
        /// In plain words, without anything of the token.
        why: &'static str,
    },
    /// Its time is over.
    #[error("the token has expired")]
    Expired,
    /// The issuer's keys cannot be had.
    #[error("the keys of the issuer cannot be fetched")]
    Unreachable,
}

impl TokenError {
    /// It does not count, for this reason.
    pub fn invalid(why: &'static str) -> Self {
        Self::Invalid { why }
    }

    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Invalid { .. } => "token-invalid",
            Self::Expired => "token-expired",
            Self::Unreachable => "issuer-unreachable",
        }
    }
}

/// A token that looks like one, and of which nothing was verified.
#[derive(Debug, Clone, Copy)]
pub struct Token<'t> {
    text: &'t str,
    algorithm: Algorithm,
}

impl<'t> Token<'t> {
    /// Reads the head of a token: signed by one of five algorithms of public keys, with the name of its key. A signature
    /// that takes no public key (`none`, `HS256`) is none.
    pub fn parse(text: &'t str) -> Result<(Self, String), TokenError> {
        if text.len() > TOKEN_BYTES_MAX {
            return Err(TokenError::invalid("it is too long"));
        }
        let header =
            decode_header(text).map_err(|_| TokenError::invalid("it is not a JSON web token"))?;
        if !ALGORITHMS.contains(&header.alg) {
            let why = "its algorithm is none of RS256, PS256, ES256, ES384 and EdDSA";
            return Err(TokenError::invalid(why));
        }
        // Others than ID tokens are signed by the same keys: access tokens (`at+jwt`), logout tokens.
        if header.typ.is_some_and(|kind| !kind.eq_ignore_ascii_case(TYPE)) {
            return Err(TokenError::invalid("it is of another type than JWT"));
        }
        if header.crit.is_some() {
            return Err(TokenError::invalid("it demands extensions"));
        }
        let unnamed = TokenError::invalid("it does not say which key signed it");
        let kid = header.kid.ok_or(unnamed)?;
        Ok((Self { text, algorithm: header.alg }, kid))
    }

    /// Its issuer, by its own word: only to find the keys by which it is then verified.
    pub fn claimed_issuer(&self) -> Result<String, TokenError> {
        #[derive(Deserialize)]
        struct Issuer {
            iss: String,
        }
        let claims = insecure_decode_claims::<Issuer>(self.text);
        claims.map(|claims| claims.iss).map_err(|_| TokenError::invalid("it has no issuer"))
    }

    /// Its claims, if this key of this issuer signed it and it counts now.
    pub(crate) fn verify(
        &self,
        key: &Jwk,
        issuer: &str,
        now: Timestamp,
    ) -> Result<Claims, TokenError> {
        if !fits(key, self.algorithm) {
            return Err(TokenError::invalid("its algorithm is not that of its key"));
        }
        let forged = |_| TokenError::invalid("its signature is wrong, or a claim is missing");
        let key = DecodingKey::from_jwk(key).map_err(forged)?;
        let mut validation = Validation::new(self.algorithm);
        // The times, the issuer and the audience are judged by the house's clock and its rules.
        validation.required_spec_claims.clear();
        (validation.validate_exp, validation.validate_nbf) = (false, false);
        validation.validate_aud = false;
        let read = decode::<Read>(self.text, &key, &validation).map_err(forged)?.claims;
        Claims::check(read, issuer, now)
    }
}

/// That a key is one that may verify by this algorithm: of its kind, and not meant for encryption.
fn fits(key: &Jwk, algorithm: Algorithm) -> bool {
    let signs = key.common.public_key_use.as_ref().is_none_or(|u| *u == PublicKeyUse::Signature);
    let kind = match (&key.algorithm, algorithm) {
        (AlgorithmParameters::RSA(_), Algorithm::RS256 | Algorithm::PS256) => true,
        (AlgorithmParameters::EllipticCurve(key), Algorithm::ES256) => {
            key.curve == EllipticCurve::P256
        }
        (AlgorithmParameters::EllipticCurve(key), Algorithm::ES384) => {
            key.curve == EllipticCurve::P384
        }
        (AlgorithmParameters::OctetKeyPair(key), Algorithm::EdDSA) => {
            key.curve == EllipticCurve::Ed25519
        }
        _ => false,
    };
    signs && kind
}
