//! Why a link was not made, and why one opens nothing.

use wh_ledger::LedgerError;
use wh_people::LinkPasswordError;

use super::LinkState;
use super::make::{LINK_DAYS_MAX, LINK_NOTE_CHARS_MAX, LINKS_MAX};
use crate::{FilesError, PathError};

/// Why there is no such link, or none any more.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// Administrators turned links off.
    #[error("links are turned off in this house")]
    Off,
    /// Every link must have a password here.
    #[error("a link must have a password in this house")]
    PasswordDemanded,
    /// It would live too long, or not at all.
    #[error("a link may live between 1 and {max} days here")]
    Life {
        /// How many days a link may live.
        max: u32,
    },
    /// Nothing could be fetched by it.
    #[error("something is fetched at least once, and at most a million times")]
    Count,
    /// Its folder's name is so long that no session policy holds it twice, and so the link would never open.
    #[error("the path is too long for a link: share a file in it, or a folder above it")]
    PathLength,
    /// The note is too long, or holds a control character.
    #[error("a note has at most {LINK_NOTE_CHARS_MAX} characters and no control characters")]
    Note,
    /// How long links may live is no such number.
    #[error("links may live between 1 and {LINK_DAYS_MAX} days")]
    RuleDays,
    /// The person has as many links as they may.
    #[error("a person may have {LINKS_MAX} links: revoke one first")]
    TooMany,
    /// There is no such link of this person that is not revoked.
    #[error("there is no such link, or it is revoked already")]
    NoSuchLink,
    /// In the meantime the person was shut out.
    #[error("the session has ended")]
    Ended,
    /// The password guards no link.
    #[error(transparent)]
    Password(#[from] LinkPasswordError),
    /// It may not be read by whoever shares it.
    #[error(transparent)]
    Files(#[from] FilesError),
    /// The ledger failed.
    #[error("the ledger did not do it")]
    Ledger(#[from] LedgerError),
}

impl LinkError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Off => "links-off",
            Self::PasswordDemanded => "link-password-demanded",
            Self::Life { .. } => "link-life-invalid",
            Self::Count => "link-count-invalid",
            Self::PathLength => "link-path-too-long",
            Self::Note => "link-note-invalid",
            Self::RuleDays => "link-days-invalid",
            Self::TooMany => "too-many-links",
            Self::NoSuchLink => "no-such-link",
            Self::Ended => "not-signed-in",
            Self::Password(error) => error.code(),
            Self::Files(error) => error.code(),
            Self::Ledger(error) => error.code(),
        }
    }

    /// The field at fault, if one is.
    pub fn field(&self) -> Option<&'static str> {
        match self {
            Self::PasswordDemanded
            | Self::Password(LinkPasswordError::Length | LinkPasswordError::Common { .. }) => {
                Some("password")
            }
            Self::Life { .. } => Some("days"),
            Self::RuleDays => Some("days_max"),
            Self::Count => Some("downloads_max"),
            Self::PathLength => Some("path"),
            Self::Note => Some("note"),
            Self::Off
            | Self::TooMany
            | Self::NoSuchLink
            | Self::Ended
            | Self::Password(_)
            | Self::Files(_)
            | Self::Ledger(_) => None,
        }
    }
}

/// Why a link opens nothing, for the audit log: strangers are told one thing, whatever it was.
#[derive(Debug, thiserror::Error)]
pub enum LinkRefusal {
    /// Nobody made such a link, or it is forgotten.
    #[error("there is no such link")]
    Unknown,
    /// It does not count.
    #[error("the link does not count")]
    State(LinkState),
    /// Whoever made it is not active.
    #[error("whoever made the link may not come in")]
    OwnerGone,
    /// Its password was not given.
    #[error("the password is not given yet")]
    PasswordNeeded,
    /// It is for looking alone, and no browser shows this.
    #[error("the link is for looking alone")]
    NotShown,
    /// It opens a folder where a file was asked for, or a file where a folder was.
    #[error("the link opens something else")]
    OtherKind,
    /// What was asked for is not a path.
    #[error(transparent)]
    Path(#[from] PathError),
    /// What it opens could not be had.
    #[error(transparent)]
    Files(#[from] FilesError),
    /// The ledger failed.
    #[error("the ledger did not do it")]
    Ledger(#[from] LedgerError),
}

impl LinkRefusal {
    /// The stable code of this refusal.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "link-unknown",
            Self::State(LinkState::Active) => "link-taken",
            Self::State(LinkState::Revoked) => "link-revoked",
            Self::State(LinkState::Expired) => "link-expired",
            Self::State(LinkState::UsedUp) => "link-used-up",
            Self::State(LinkState::Closed) => "link-password-closed",
            Self::State(LinkState::Barred) => "link-barred",
            Self::State(LinkState::NotGranted) => "link-not-granted",
            Self::OwnerGone => "link-owner-gone",
            Self::PasswordNeeded => "link-password-needed",
            Self::NotShown => "link-not-shown",
            Self::OtherKind => "link-other-kind",
            Self::Path(error) => error.code(),
            Self::Files(error) => error.code(),
            Self::Ledger(error) => error.code(),
        }
    }
}
