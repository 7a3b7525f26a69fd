//! Session tokens: what a session is, sealed with AES-256-GCM and bound to its access key id.
//!
//! A token is `base64url(version ‖ nonce ‖ ciphertext ‖ tag)`. The version and the access key id are
//! associated data: a token opens only beside the id that it was issued with. See
//! `docs/adr/0004-sealed-session-tokens.md`.
//!
//! Invariant: what [`open`] returns is, bit for bit, what [`seal`] was given for this access key id.

use std::collections::BTreeMap;

use aes_gcm::Aes256Gcm;
use aes_gcm::aead::{Aead, Payload};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use wh_names::{AccessKeyId, Entropy, Secret, Uid};
use zeroize::Zeroizing;

use crate::KeyRing;
use crate::generations::Generation;

/// The version of the format, and of the claims in it.
const VERSION: u8 = 1;

/// The version of tokens that hold [`OwnClaims`].
const OWN_VERSION: u8 = 2;

/// AES-GCM's nonce, in bytes. Random: the chance of a repetition is below 2⁻³² up to 2³² tokens.
const NONCE_BYTES: usize = 12;

/// The longest token that is looked at, in bytes.
const TOKEN_BYTES_MAX: usize = 24 * 1024;

/// What a session token says. Short names: every request carries them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Claims {
    /// The role's unique id: a role made again under the same name is another role.
    pub(crate) ri: String,
    /// The role's name.
    pub(crate) rn: String,
    /// The session's name.
    pub(crate) sn: String,
    /// When it was issued, in milliseconds since 1970.
    pub(crate) ia: i64,
    /// When it expires, in milliseconds since 1970.
    pub(crate) ex: i64,
    /// The session's tags.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) tg: BTreeMap<String, String>,
    /// Which of them go on to further sessions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) tt: Vec<String>,
    /// The source identity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) si: Option<String>,
    /// The inline session policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) po: Option<String>,
    /// The ARNs of managed session policies.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) pa: Vec<String>,
    /// The service that the credentials were delivered to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) sv: Option<String>,
    /// The ARN of the machine that it, or a session before it, was delivered to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) mi: Option<String>,
    /// The ARN of the identity provider that vouched for whoever opened the session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) fp: Option<String>,
    /// The condition keys that its token filled.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) fk: BTreeMap<String, String>,
}

/// What the token of a user's or the root user's own session says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OwnClaims {
    /// The access key that asked for it.
    pub(crate) pk: String,
    /// The user's unique id; none for the root user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ui: Option<String>,
    /// When it was issued, in milliseconds since 1970.
    pub(crate) ia: i64,
    /// When it expires, in milliseconds since 1970.
    pub(crate) ex: i64,
}

/// What a token said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Opened {
    Role(Box<Claims>),
    Own(OwnClaims),
}

/// Seals claims for an access key id. `None` only when the claims are beyond all limits.
pub(crate) fn seal(
    keys: &Generation,
    id: &AccessKeyId,
    claims: &Claims,
    entropy: &Entropy,
) -> Option<String> {
    let msg = serde_json::to_vec(claims).ok()?;
    sealed(&keys.cipher(), &associated(VERSION, id.as_str()), &msg, entropy)
}

/// The same for the claims of a session of one's own.
pub(crate) fn seal_own(
    keys: &Generation,
    id: &AccessKeyId,
    claims: &OwnClaims,
    entropy: &Entropy,
) -> Option<String> {
    let msg = serde_json::to_vec(claims).ok()?;
    sealed(&keys.cipher(), &associated(OWN_VERSION, id.as_str()), &msg, entropy)
}

/// `base64url(version ‖ nonce ‖ ciphertext ‖ tag)`; the version is the first byte of `aad`.
fn sealed(cipher: &Aes256Gcm, aad: &[u8], msg: &[u8], entropy: &Entropy) -> Option<String> {
    let nonce = entropy.bytes::<NONCE_BYTES>();
    let sealed = cipher.encrypt(&nonce.into(), Payload { msg, aad }).ok()?;
    let mut token = Vec::with_capacity(1 + NONCE_BYTES + sealed.len());
    token.push(*aad.first()?);
    token.extend(nonce);
    token.extend(sealed);
    Some(URL_SAFE_NO_PAD.encode(token))
}

/// What [`sealed`] was given, for this cipher and these associated data.
fn unsealed(cipher: &Aes256Gcm, aad: &[u8], bytes: &[u8]) -> Option<Vec<u8>> {
    let (version, rest) = bytes.split_first()?;
    let (nonce, sealed) = rest.split_first_chunk::<NONCE_BYTES>()?;
    if aad.first() != Some(version) {
        return None;
    }
    cipher.decrypt(&(*nonce).into(), Payload { msg: sealed, aad }).ok()
}

/// What any generation of the keys sealed for this purpose. What lies in the ledger stays readable.
fn unsealed_by_any(keys: &KeyRing, purpose: &str, aad: &[u8], bytes: &[u8]) -> Option<Vec<u8>> {
    let all = keys.newest_first();
    all.iter().find_map(|one| unsealed(&one.cipher_for(purpose), aad, bytes))
}

/// What the keys of the next generation are sealed for.
const GENERATIONS: &str = "wellhouse-key-generations/1";

/// Seals the keys of generation `number` under those before.
pub(crate) fn seal_generation(
    before: &Generation,
    number: usize,
    text: &[u8],
    entropy: &Entropy,
) -> Option<String> {
    let aad = associated(VERSION, &number.to_string());
    sealed(&before.cipher_for(GENERATIONS), &aad, text, entropy)
}

/// Opens what [`seal_generation`] made for this very number.
pub(crate) fn open_generation(
    before: &Generation,
    number: usize,
    sealed: &str,
) -> Option<Zeroizing<Vec<u8>>> {
    let bytes = URL_SAFE_NO_PAD.decode(sealed).ok()?;
    let aad = associated(VERSION, &number.to_string());
    unsealed(&before.cipher_for(GENERATIONS), &aad, &bytes).map(Zeroizing::new)
}

/// What messages about refusals are sealed for.
const MESSAGES: &str = "wellhouse-authorization-messages/1";

/// Seals what a refusal does not say in the open.
pub(crate) fn seal_message(keys: &Generation, text: &str, entropy: &Entropy) -> Option<String> {
    sealed(&keys.cipher_for(MESSAGES), &[VERSION], text.as_bytes(), entropy)
}

/// Opens what [`seal_message`] made.
pub(crate) fn open_message(keys: &KeyRing, message: &str) -> Option<String> {
    if message.len() > TOKEN_BYTES_MAX {
        return None;
    }
    let bytes = URL_SAFE_NO_PAD.decode(message).ok()?;
    let opened = unsealed_by_any(keys, MESSAGES, &[VERSION], &bytes)?;
    String::from_utf8(opened).ok()
}

/// What secrets of access keys are sealed for.
const SECRETS: &str = "wellhouse-access-key-secrets/1";

/// Seals an access key's secret, bound to the key's id.
pub(crate) fn seal_secret(
    keys: &Generation,
    id: &AccessKeyId,
    secret: &Secret,
    entropy: &Entropy,
) -> Option<String> {
    let aad = associated(VERSION, id.as_str());
    sealed(&keys.cipher_for(SECRETS), &aad, secret.expose().as_bytes(), entropy)
}

/// Opens what [`seal_secret`] made for this very id.
pub(crate) fn open_secret(keys: &KeyRing, id: &AccessKeyId, sealed: &str) -> Option<Secret> {
    let bytes = URL_SAFE_NO_PAD.decode(sealed).ok()?;
    let opened = unsealed_by_any(keys, SECRETS, &associated(VERSION, id.as_str()), &bytes)?;
    Secret::parse(std::str::from_utf8(&opened).ok()?).ok()
}

/// What seeds of second factors are sealed for.
const SEEDS: &str = "wellhouse-second-factor-seeds/1";

/// Seals the seed of a person's second factor, bound to the person.
pub(crate) fn seal_seed(
    keys: &Generation,
    uid: &Uid,
    seed: &[u8],
    entropy: &Entropy,
) -> Option<String> {
    sealed(&keys.cipher_for(SEEDS), &associated(VERSION, uid.as_str()), seed, entropy)
}

/// Opens what [`seal_seed`] made for this very person.
pub(crate) fn open_seed(keys: &KeyRing, uid: &Uid, sealed: &str) -> Option<Zeroizing<Vec<u8>>> {
    let bytes = URL_SAFE_NO_PAD.decode(sealed).ok()?;
    let aad = associated(VERSION, uid.as_str());
    unsealed_by_any(keys, SEEDS, &aad, &bytes).map(Zeroizing::new)
}

/// A new secret of so many random bytes.
pub(crate) fn random_secret<const BYTES: usize>(entropy: &Entropy) -> Option<Secret> {
    Secret::parse(&STANDARD.encode(entropy.bytes::<BYTES>())).ok()
}

/// Opens a token that came with an access key id, by the first of these keys that sealed it, and says
/// which it was. `None` for whatever none of them sealed for this very id.
pub(crate) fn open<'k>(
    counting: &'k [Generation],
    id: &AccessKeyId,
    token: &str,
) -> Option<(Opened, &'k Generation)> {
    if token.len() > TOKEN_BYTES_MAX {
        return None;
    }
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let version = *bytes.first()?;
    let aad = associated(version, id.as_str());
    let opened = |keys: &'k Generation| Some((unsealed(&keys.cipher(), &aad, &bytes)?, keys));
    let (msg, keys) = counting.iter().find_map(opened)?;
    let opened = match version {
        VERSION => Opened::Role(Box::new(serde_json::from_slice(&msg).ok()?)),
        OWN_VERSION => Opened::Own(serde_json::from_slice(&msg).ok()?),
        _ => return None,
    };
    Some((opened, keys))
}

fn associated(version: u8, of: &str) -> Vec<u8> {
    let mut aad = vec![version];
    aad.extend_from_slice(of.as_bytes());
    aad
}
