//! Session tokens: what a role session is, sealed with AES-256-GCM and bound to its access key id.
//!
//! A token is `base64url(version ‖ nonce ‖ ciphertext ‖ tag)`. The version and the access key id are
//! associated data: a token opens only beside the id that it was issued with. See
//! `docs/adr/0004-sealed-session-tokens.md`.
//!
//! Invariant: what [`open`] returns is, bit for bit, what [`seal`] was given for this access key id.

use std::collections::BTreeMap;

use aes_gcm::aead::{Aead, Payload};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use wh_names::{AccessKeyId, Entropy};

use crate::KeyRing;

/// The version of the format, and of the claims in it.
const VERSION: u8 = 1;

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
}

/// Seals claims for an access key id. `None` only when the claims are beyond all limits.
pub(crate) fn seal(
    keys: &KeyRing,
    id: &AccessKeyId,
    claims: &Claims,
    entropy: &Entropy,
) -> Option<String> {
    let nonce = entropy.bytes::<NONCE_BYTES>();
    let msg = serde_json::to_vec(claims).ok()?;
    let payload = Payload { msg: &msg, aad: &associated(id) };
    let sealed = keys.cipher().encrypt(&nonce.into(), payload).ok()?;
    let mut token = Vec::with_capacity(1 + NONCE_BYTES + sealed.len());
    token.push(VERSION);
    token.extend(nonce);
    token.extend(sealed);
    Some(URL_SAFE_NO_PAD.encode(token))
}

/// Opens a token that came with an access key id. `None` for whatever this authority did not seal
/// for this very id.
pub(crate) fn open(keys: &KeyRing, id: &AccessKeyId, token: &str) -> Option<Claims> {
    if token.len() > TOKEN_BYTES_MAX {
        return None;
    }
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let (&version, rest) = bytes.split_first()?;
    let (nonce, sealed) = rest.split_first_chunk::<NONCE_BYTES>()?;
    if version != VERSION {
        return None;
    }
    let payload = Payload { msg: sealed, aad: &associated(id) };
    let msg = keys.cipher().decrypt(&(*nonce).into(), payload).ok()?;
    serde_json::from_slice(&msg).ok()
}

fn associated(id: &AccessKeyId) -> Vec<u8> {
    let mut aad = vec![VERSION];
    aad.extend_from_slice(id.as_str().as_bytes());
    aad
}
