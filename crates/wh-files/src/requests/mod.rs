//! File requests: folders into which people without an account send files.
//!
//! A request is our own: 256 random bits, of which the ledger has the digest. Whoever sends is the person who made it,
//! cut down to the sender's own folder, by the rights which that person has at that moment; the store is asked in a
//! session of the role of drop boxes, which writes and neither lists nor reads, with a session policy that names that
//! folder and nothing else.
//!
//! Invariant: nothing is sent but with an [`OpenedRequest`], which [`Files::open_request`] alone makes anew for each
//! request; room is promised in the ledger before the store is asked for anything; and a file never takes the place
//! of another.

mod error;
mod make;
mod names;
mod own;
mod sending;
mod using;

use jiff::{SignedDuration, Timestamp};
use wh_ledger::{FileRequestRow, Ledger, LedgerError};
use wh_names::{BucketName, KeyPrefix};
use wh_people::{LINK_TRIES_MAX, NamedPerson, RequestToken};

pub use error::{RequestError, RequestRefusal};
pub use make::{
    NewRequest, REQUEST_DAYS_GIVEN, REQUEST_DAYS_MAX, REQUEST_MESSAGE_CHARS_MAX,
    REQUEST_TITLE_CHARS_MAX, REQUESTS_MAX, RequestLimits,
};
pub use names::{SENDER_NAME_CHARS_MAX, sent_name};
pub use own::REQUESTS_PAGE_MAX;
pub use sending::{FileToSend, SentUpload};
pub use using::{FoundRequest, NewcomerForm, NotEntered, OpenedRequest, StandingRequest};

use crate::links::{LinkRules, LinkState};

/// A request as its person sees it, or an administrator. What it opens with is not in it.
#[derive(Debug, Clone)]
pub struct RequestRecord {
    /// The request.
    pub row: FileRequestRow,
    /// Whether it takes files.
    pub state: LinkState,
    /// When it stops by itself, by its own end or the house's rules.
    pub ends: Option<Timestamp>,
    /// Whose it is.
    pub owner: NamedPerson,
    /// Where its location begins, while its person is granted that.
    pub place: Option<(BucketName, KeyPrefix)>,
}

/// A request that was made.
#[derive(Debug)]
#[must_use = "the token is shown once"]
pub struct MadeRequest {
    /// What is kept of it.
    pub record: RequestRecord,
    /// What stands in its address.
    pub token: RequestToken,
}

/// A request that counts, as far as that is known without its person.
#[derive(Debug, Clone)]
pub struct CountingRequest {
    /// The request.
    pub row: FileRequestRow,
    /// When it stops by itself, by its own end or the house's rules.
    pub ends: Option<Timestamp>,
}

/// All requests that count; to those whose password is not judged any more, who sends already may go on.
pub async fn counting_requests(
    ledger: &Ledger,
    now: Timestamp,
) -> Result<Vec<CountingRequest>, LedgerError> {
    let rules = LinkRules::read(ledger).await?;
    let standing = ledger.standing_file_requests(now).await?.into_iter();
    let counting = standing.filter(|row| takes_files(state_of(row, &rules, now)));
    Ok(counting.map(|row| CountingRequest { ends: end_of(&row, &rules), row }).collect())
}

/// Whether somebody may come by a request in this state. Where all room is promised, what was begun goes on.
fn takes_files(state: LinkState) -> bool {
    match state {
        LinkState::Active | LinkState::Closed | LinkState::UsedUp => true,
        LinkState::Revoked | LinkState::Expired | LinkState::Barred | LinkState::NotGranted => {
            false
        }
    }
}

/// When a request stops by itself: by its own end, or by how long the house lets requests live.
fn end_of(row: &FileRequestRow, rules: &LinkRules) -> Option<Timestamp> {
    let by_rule = rules.days_max.map(|days| {
        let life = SignedDuration::from_hours(i64::from(days).saturating_mul(24));
        row.created_at.checked_add(life).unwrap_or(Timestamp::MAX)
    });
    row.expires_at.into_iter().chain(by_rule).min()
}

/// Whether a request takes files, as far as that is known without its person.
fn state_of(row: &FileRequestRow, rules: &LinkRules, now: Timestamp) -> LinkState {
    if row.revoked_at.is_some() {
        LinkState::Revoked
    } else if end_of(row, rules).is_some_and(|end| now >= end) {
        LinkState::Expired
    } else if !rules.requests || (rules.password && row.password.is_none()) {
        LinkState::Barred
    } else if row.files >= row.files_max || row.bytes >= row.bytes_max {
        LinkState::UsedUp
    } else if row.password.is_some() && row.wrong_tries >= LINK_TRIES_MAX {
        LinkState::Closed
    } else {
        LinkState::Active
    }
}
