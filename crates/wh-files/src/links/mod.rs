//! Links by which somebody without an account fetches one file, or what is in one folder.
//!
//! A link is our own: 256 random bits, of which the ledger has the digest. Whoever comes by it is the person
//! who made it, cut down to what it opens, and by the rights which that person has at that moment; the store
//! decides, by a session policy that names what was shared and nothing else.
//!
//! Invariant: nothing is fetched by a link but with an [`OpenedLink`], which [`Files::open_link`] alone makes
//! anew for each request; and what may be fetched so often is counted before it is handed out.

mod error;
mod make;
mod own;
mod rules;
mod using;

use jiff::{SignedDuration, Timestamp};
use wh_ledger::{Ledger, LedgerError, ShareLinkRow};
use wh_names::{BucketName, KeyPrefix};
use wh_people::{LINK_TRIES_MAX, LinkToken, NamedPerson};

pub use error::{LinkError, LinkRefusal};
pub use make::{LINK_DAYS_GIVEN, LINK_DAYS_MAX, LINK_NOTE_CHARS_MAX, LINKS_MAX, NewLink};
pub use own::LINKS_PAGE_MAX;
pub use rules::LinkRules;
pub use using::{FoundLink, OpenedLink, SharedFile, StandingLink};

/// Whether a link opens what it is for, or a file request takes files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkState {
    /// It does.
    Active,
    /// It was revoked, or its person was shut out.
    Revoked,
    /// Its time is over.
    Expired,
    /// As much was fetched, or sent, as may be.
    UsedUp,
    /// So many passwords were wrong that none is judged any more.
    Closed,
    /// The house's rules do not let it: links are off, or it lacks a password.
    Barred,
    /// Its person no longer holds the grant by which it was made.
    NotGranted,
}

/// A link as its person sees it, or an administrator. What it opens with is not in it.
#[derive(Debug, Clone)]
pub struct LinkRecord {
    /// The link.
    pub row: ShareLinkRow,
    /// Whether it opens.
    pub state: LinkState,
    /// When it stops by itself, by its own end or the house's rules.
    pub ends: Option<Timestamp>,
    /// Whose it is.
    pub owner: NamedPerson,
    /// Where its location begins, while its person is granted that.
    pub place: Option<(BucketName, KeyPrefix)>,
}

/// A link that counts, as far as that is known without its person.
#[derive(Debug, Clone)]
pub struct CountingLink {
    /// The link.
    pub row: ShareLinkRow,
    /// When it stops by itself, by its own end or the house's rules.
    pub ends: Option<Timestamp>,
}

/// All links that count; of those whose password is not judged any more, visits may go on.
pub async fn counting_links(
    ledger: &Ledger,
    now: Timestamp,
) -> Result<Vec<CountingLink>, LedgerError> {
    let rules = LinkRules::read(ledger).await?;
    let counting =
        ledger.standing_share_links(now).await?.into_iter().filter(|row| {
            matches!(state_of(row, &rules, now), LinkState::Active | LinkState::Closed)
        });
    Ok(counting.map(|row| CountingLink { ends: end_of(&row, &rules), row }).collect())
}

/// A link that was made.
#[derive(Debug)]
#[must_use = "the token is shown once"]
pub struct MadeLink {
    /// What is kept of it.
    pub record: LinkRecord,
    /// What stands in its address.
    pub token: LinkToken,
}

/// When a link stops by itself: by its own end, or by how long the house lets links live.
fn end_of(row: &ShareLinkRow, rules: &LinkRules) -> Option<Timestamp> {
    let by_rule = rules.days_max.map(|days| {
        let life = SignedDuration::from_hours(i64::from(days).saturating_mul(24));
        row.created_at.checked_add(life).unwrap_or(Timestamp::MAX)
    });
    row.expires_at.into_iter().chain(by_rule).min()
}

/// Whether a link counts, as far as that is known without its person.
fn state_of(row: &ShareLinkRow, rules: &LinkRules, now: Timestamp) -> LinkState {
    if row.revoked_at.is_some() {
        LinkState::Revoked
    } else if end_of(row, rules).is_some_and(|end| now >= end) {
        LinkState::Expired
    } else if row.downloads_max.is_some_and(|max| row.downloads >= max) {
        LinkState::UsedUp
    } else if !rules.enabled || (rules.password && row.password.is_none()) {
        LinkState::Barred
    } else if row.password.is_some() && row.wrong_tries >= LINK_TRIES_MAX {
        LinkState::Closed
    } else {
        LinkState::Active
    }
}
