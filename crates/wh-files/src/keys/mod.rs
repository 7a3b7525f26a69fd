//! A person's access keys, for tools that cannot refresh temporary credentials: made, listed, revoked.
//!
//! A key stands for its person under one of their grants, with no more actions than were named, until
//! it expires. It is worth what the grant's role is worth when it is used. Only a store of our own can
//! take such keys: with Amazon S3 the credentials of a person are always temporary.

mod list;
mod make;
mod revoke;

use std::fmt;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use wh_ledger::{
    AuditKind, AuditRecord, GrantRow, LedgerError, PersonKeyRefusal, PersonKeyRow, PersonKeyState,
};
use wh_names::{AccessKeyId, Entropy, Secret, Uid};

use crate::FilesError;

pub use make::{KeyForm, MadeKey, NewKey, issue_key};

/// An access key that counts once it is in the ledger.
#[derive(Debug)]
pub struct MintedSecret {
    /// `AKIA…`.
    pub id: AccessKeyId,
    /// The secret, which is shown once.
    pub secret: Secret,
    /// What is kept of it, sealed by whoever verifies signatures.
    pub sealed: String,
}

/// Mints access keys: whoever verifies signatures must be able to open what is sealed. `None` when
/// the source of randomness is broken.
pub type MintKey = Arc<dyn Fn() -> Option<MintedSecret> + Send + Sync>;

/// What keys persons may have.
#[derive(Clone)]
pub struct KeyOptions {
    /// Where secrets come from; nowhere, when the store is not our own.
    pub mint: Option<MintKey>,
    /// How long a key may live.
    pub life_max: SignedDuration,
    /// How many keys that count a person may have.
    pub per_person_max: u32,
}

impl KeyOptions {
    /// Nobody may have any.
    pub fn none() -> Self {
        Self { mint: None, life_max: SignedDuration::ZERO, per_person_max: 0 }
    }

    /// How many days a key may live.
    pub fn days_max(&self) -> u32 {
        u32::try_from(self.life_max.as_hours() / 24).unwrap_or_default()
    }
}

impl fmt::Debug for KeyOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyOptions")
            .field("life_max", &self.life_max)
            .field("per_person_max", &self.per_person_max)
            .finish_non_exhaustive()
    }
}

/// A key as its person sees it. The secret is not in it.
#[derive(Debug, Clone)]
pub struct OwnKey {
    /// The key.
    pub row: PersonKeyRow,
    /// Its grant, if it is still held.
    pub grant: Option<GrantRow>,
    /// Whether it counts.
    pub standing: Result<(), PersonKeyRefusal>,
    /// When it was last used, and from where.
    pub used: Option<wh_ledger::PersonKeyUse>,
}

impl OwnKey {
    /// A key as it stands at `now`.
    pub fn read(state: PersonKeyState, now: Timestamp) -> Self {
        let standing = state.opens(now).map(drop);
        Self { standing, row: state.key, grant: state.grant, used: state.used }
    }
}

/// Why there is no key, or none any more.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The store takes no keys of persons.
    #[error("this store takes temporary credentials only")]
    NotHere,
    /// The name is empty, too long, or holds a control character.
    #[error("the name must have 1–60 characters and no control characters")]
    Name,
    /// A key must live at least a day, and no longer than is configured.
    #[error("a key may live between 1 and {max} days")]
    Life {
        /// The longest life, in days.
        max: u32,
    },
    /// What is named is no action of S3, or nothing or too much is named.
    #[error("name 1–20 actions of S3, such as `s3:GetObject` or `s3:Get*`")]
    Actions,
    /// The person has as many keys as they may.
    #[error("a person may have {max} access keys: revoke one first")]
    TooMany {
        /// How many a person may have.
        max: u32,
    },
    /// The person has no such key that is not revoked.
    #[error("there is no such access key, or it is revoked already")]
    NoSuchKey,
    /// No secret could be made.
    #[error("no secret could be made")]
    NoSecret,
    /// The location is none of the person's, or its role cannot be had.
    #[error(transparent)]
    Files(#[from] FilesError),
    /// The ledger did not do it.
    #[error("the ledger did not do it")]
    Ledger(#[from] LedgerError),
}

impl KeyError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotHere => "keys-not-here",
            Self::Name => "key-name-invalid",
            Self::Life { .. } => "key-life-invalid",
            Self::Actions => "key-actions-invalid",
            Self::TooMany { .. } => "too-many-keys",
            Self::NoSuchKey => "no-such-key",
            Self::NoSecret => "no-secret",
            Self::Files(error) => error.code(),
            Self::Ledger(error) => error.code(),
        }
    }

    /// The field at fault, if one is.
    pub fn field(&self) -> Option<&'static str> {
        match self {
            Self::Name => Some("name"),
            Self::Life { .. } => Some("days"),
            Self::Actions => Some("actions"),
            Self::NotHere
            | Self::TooMany { .. }
            | Self::NoSuchKey
            | Self::NoSecret
            | Self::Files(_)
            | Self::Ledger(_) => None,
        }
    }
}

/// Who makes or revokes a key, for the audit trail.
#[derive(Debug, Clone)]
pub struct KeyActor {
    /// What stands in the trail: `u-<uid>-<sid>`, or `operator` on the machine.
    pub principal: String,
    /// The person, if one acts.
    pub uid: Option<Uid>,
    /// Where from, where it is known.
    pub ip: Option<std::net::IpAddr>,
}

/// An audit record of what `actor` does to a key.
pub fn key_record(
    actor: &KeyActor,
    (operation, action): (&str, &str),
    key: &PersonKeyRow,
    (at, entropy): (Timestamp, &Entropy),
) -> AuditRecord {
    AuditRecord {
        at,
        kind: AuditKind::Intent,
        request_id: format!("{:032x}", u128::from_be_bytes(entropy.bytes::<16>())),
        operation: operation.to_owned(),
        action: action.to_owned(),
        resource: format!("person/{}/access-key/{}", key.uid, key.id),
        principal: actor.principal.clone(),
        source_identity: actor.uid.as_ref().map(|uid| uid.as_str().to_owned()),
        source_ip: actor.ip.map(|ip| ip.to_string()),
        detail: None,
    }
}
