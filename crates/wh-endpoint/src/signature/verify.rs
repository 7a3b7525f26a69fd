//! Holds a claim against a request, a secret and the time.

use hmac::{Hmac, KeyInit, Mac};
use http::request::Parts;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use wh_names::Secret;

use super::claim::Claim;
use super::text::{QueryString, Signed, canonical_path};
use super::{PayloadForm, SignatureError};
use crate::host::path_as_sent;

/// How far a signature's time may lie from ours.
const SKEW_MAX: SignedDuration = SignedDuration::from_mins(15);

/// What the door demands of a scope.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Expectation<'a> {
    pub(crate) service: &'a str,
    /// The regions that may be named; the first is told to who names another.
    pub(crate) regions: &'a [&'a str],
    pub(crate) now: Timestamp,
}

impl Expectation<'_> {
    /// Checks scope and time. Needs no secret, so it comes first.
    pub(crate) fn check(&self, claim: &Claim) -> Result<(), SignatureError> {
        let (scope, form) = (&claim.scope, claim.form);
        if scope.service != self.service {
            let (expected, found) = (self.service.to_owned(), scope.service.clone());
            return Err(SignatureError::WrongService { expected, found, form });
        }
        if !self.regions.contains(&scope.region.as_str()) {
            let expected = self.regions.first().copied().unwrap_or_default().to_owned();
            let found = scope.region.clone();
            return Err(SignatureError::WrongRegion { expected, found, form });
        }
        let age = self.now.duration_since(claim.signed_at);
        match claim.expires_s {
            None if age.abs() > SKEW_MAX => Err(SignatureError::TooSkewed),
            Some(_) if -age > SKEW_MAX => Err(SignatureError::NotYetValid),
            Some(expires) if age.as_secs() > expires => Err(SignatureError::Expired),
            None | Some(_) => Ok(()),
        }
    }
}

/// The key that a secret yields for one scope, and what a chunk's signature hangs on.
#[derive(Clone)]
pub(crate) struct SigningKey {
    key: Hmac<Sha256>,
    stamp: String,
    scope: String,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningKey(…)")
    }
}

impl SigningKey {
    fn derive(claim: &Claim, secret: &Secret) -> Option<Self> {
        let first = format!("AWS4{}", secret.expose());
        let mut key = Hmac::<Sha256>::new_from_slice(first.as_bytes()).ok()?;
        for step in [&claim.scope.date, &claim.scope.region, &claim.scope.service, "aws4_request"] {
            key.update(step.as_bytes());
            key = Hmac::<Sha256>::new_from_slice(&key.finalize().into_bytes()).ok()?;
        }
        Some(Self { key, stamp: claim.stamp.clone(), scope: claim.scope.text() })
    }

    /// A key that the seeds of the fuzzer are signed with.
    #[cfg(any(test, feature = "fuzz"))]
    pub(crate) fn of_seeds() -> Option<Self> {
        let key = Hmac::<Sha256>::new_from_slice(b"seeds").ok()?;
        let scope = "20261123/us-east-1/s3/aws4_request".to_owned();
        Some(Self { key, stamp: "20261123T120000Z".to_owned(), scope })
    }

    /// Whether `signature` is this key's over a form's policy, as it stands in the form. Compared in
    /// constant time.
    fn verifies_policy(&self, policy: &str, signature: &[u8; 32]) -> bool {
        let mut mac = self.key.clone();
        mac.update(policy.as_bytes());
        mac.verify_slice(signature).is_ok()
    }

    /// Whether `signature` is this key's over `kind`, the time, the scope and `rest`. Compared in
    /// constant time.
    pub(crate) fn verifies(&self, kind: &str, rest: &str, signature: &[u8; 32]) -> bool {
        let mut mac = self.key.clone();
        for piece in [kind, "\n", &self.stamp, "\n", &self.scope, "\n", rest] {
            mac.update(piece.as_bytes());
        }
        mac.verify_slice(signature).is_ok()
    }
}

/// Verifies `claim` with `secret`: every `x-amz-*` header must be signed, every signed header must
/// be there, and the signature must be the secret's.
pub(crate) fn verify(
    request: &Parts,
    query: &QueryString,
    claim: &Claim,
    payload: &PayloadForm,
    secret: &Secret,
) -> Result<SigningKey, SignatureError> {
    all_signed(request, claim)?;
    let key = SigningKey::derive(claim, secret).ok_or(SignatureError::Mismatch)?;
    let raw = path_as_sent(request);
    let path = canonical_path(raw).ok_or(SignatureError::Mismatch)?;
    // Clients differ in what they leave unencoded in a path; what was sent may be what was signed.
    for path in [path.as_str(), raw] {
        let signed = Signed {
            method: &request.method,
            path,
            query,
            headers: &request.headers,
            names: &claim.signed_headers,
            payload: payload.text(),
        };
        let digest = hex::encode(Sha256::digest(signed.canonical()?.as_bytes()));
        if key.verifies("AWS4-HMAC-SHA256", &digest, &claim.signature) {
            return Ok(key);
        }
    }
    Err(SignatureError::Mismatch)
}

/// Verifies the claim of a form with `secret`: the signature must be the secret's over the policy.
pub(crate) fn verify_policy(
    policy: &str,
    claim: &Claim,
    secret: &Secret,
) -> Result<SigningKey, SignatureError> {
    let key = SigningKey::derive(claim, secret).ok_or(SignatureError::Mismatch)?;
    let verified = key.verifies_policy(policy, &claim.signature);
    verified.then_some(key).ok_or(SignatureError::Mismatch)
}

fn all_signed(request: &Parts, claim: &Claim) -> Result<(), SignatureError> {
    let unsigned: Vec<&str> = request
        .headers
        .keys()
        .map(http::HeaderName::as_str)
        .filter(|name| name.starts_with("x-amz-"))
        .filter(|name| !claim.signed_headers.iter().any(|signed| signed == name))
        // STS and IAM know the body's hash from the body itself.
        .filter(|name| claim.scope.service == "s3" || *name != "x-amz-content-sha256")
        .collect();
    if unsigned.is_empty() {
        return Ok(());
    }
    Err(SignatureError::HeadersNotSigned(unsigned.join(", ")))
}
