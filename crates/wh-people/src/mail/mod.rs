//! Mail: what is written to people, and to which address.
//!
//! Nothing is sent here: what is written goes into the ledger with the change that it tells of, and the
//! binary sends it. See `docs/adr/0025-mail.md`.
//!
//! Invariant: text that somebody else chose stands in no header, and in a mail to an address that was
//! not checked it stands nowhere. A link begins with the house's own address, never with what a request says.

mod address;
pub(crate) mod letters;
mod overview;
pub(crate) mod watched;

use jiff::{SignedDuration, Timestamp};
use wh_ledger::{AddedLinks, IdentityRow, LedgerError, MailLimit, MailRow, MailTo, RowId};
use wh_names::{Secret, Uid};

use crate::People;

pub use address::MailAddress;
use letters::Letter;
pub(crate) use letters::{Invited, Notice};
pub use overview::{MailOverview, UnsentMail};
pub use watched::{WatchedBy, WatchedDoing, WatchedLetter, WatchedPlace};

/// Whether what is written reaches people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mailing {
    /// By a way that an operator chose.
    Sent,
    /// By none: it lies in the data folder, and whoever forgot a password asks an administrator.
    NotSetUp,
}

/// A notice is worth sending for so long.
const NOTICE_LIFE: SignedDuration = SignedDuration::from_hours(24);

/// How long mails are remembered that were sent or given up.
pub(crate) const MAILS_KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// So many mails that somebody else can cause are written to one address in [`DAY`].
pub(crate) const ASKED_MAX: u32 = 5;

/// So many infected files are told to one person in [`DAY`].
const INFECTIONS_TOLD_MAX: u32 = 20;

/// A day.
pub(crate) const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Administrators are told once in this time that somebody waits.
const WAITING_TOLD_EVERY: SignedDuration = SignedDuration::from_hours(1);

/// The most administrators who are told of something.
const TOLD_MAX: usize = 50;

impl People {
    /// Where the house is, as its operator says.
    pub(crate) fn house_url(&self) -> &str {
        self.origins().first().map(String::as_str).unwrap_or_default()
    }

    /// The address of a page with a token, which browsers send to no server.
    pub(crate) fn link_to(&self, page: &str, token: &Secret) -> String {
        format!("{}/{page}#token={}", self.house_url(), token.expose())
    }

    /// A notice to a person, at their checked address.
    pub(crate) fn notice(&self, uid: &Uid, notice: &Notice<'_>) -> Vec<MailRow> {
        let letter = notice.letter(self.house_url(), self.now());
        vec![self.mail(MailTo::Person(uid.clone()), letter, None)]
    }

    /// A person is told that an access key was made in their name.
    pub fn told_of_key(&self, uid: &Uid, name: &str) -> Vec<MailRow> {
        self.notice(uid, &Notice::KeyMade { name })
    }

    /// A person is told that a file of theirs is infected; so often a day.
    pub fn told_of_infection(&self, uid: &Uid, file: &str, finding: &str) -> Vec<MailRow> {
        let letter = Notice::Infected { file, finding }.letter(self.house_url(), self.now());
        let limit = Some(self.bounded(INFECTIONS_TOLD_MAX));
        vec![self.mail(MailTo::Person(uid.clone()), letter, limit)]
    }

    /// A person is told that all their second factors were taken away, and what signs in still.
    pub async fn told_of_reset(
        &self,
        uid: &Uid,
        links: AddedLinks,
    ) -> Result<Vec<MailRow>, LedgerError> {
        let remain = self.linked_ways(uid, links).await?;
        Ok(self.notice(uid, &Notice::FactorsReset { remain: &remain }))
    }

    /// What signs somebody in besides a password, once this has become of what was added.
    pub(crate) async fn other_ways(
        &self,
        uid: &Uid,
        links: AddedLinks,
    ) -> Result<Vec<String>, LedgerError> {
        let passkeys = self.ledger().passkeys(uid).await?.into_iter();
        let mut ways: Vec<String> =
            passkeys.map(|key| format!("the passkey \"{}\"", key.name)).collect();
        ways.extend(self.linked_ways(uid, links).await?);
        Ok(ways)
    }

    async fn linked_ways(&self, uid: &Uid, links: AddedLinks) -> Result<Vec<String>, LedgerError> {
        let mut rows = self.ledger().identities_of(uid).await?;
        rows.retain(|row| links == AddedLinks::Keep || !row.added);
        let way = |row: IdentityRow| {
            let provider = self.providers().all().find(|one| one.options().issuer == row.issuer);
            provider.map_or(row.issuer, |one| one.options().name.clone())
        };
        Ok(rows.into_iter().map(|row| format!("a sign-in by \"{}\"", way(row))).collect())
    }

    /// A letter, ready for the ledger.
    pub(crate) fn mail(&self, to: MailTo, letter: Letter, limit: Option<MailLimit>) -> MailRow {
        let now = self.now();
        let Letter { kind, subject, body, ends_at } = letter;
        MailRow {
            id: RowId::generate(now, self.entropy()),
            kind,
            to,
            subject: subject.to_owned(),
            body,
            created_at: now,
            ends_at: ends_at.unwrap_or_else(|| after(now, NOTICE_LIFE)),
            limit,
        }
    }

    /// What somebody else can cause: so often a day for each address.
    pub(crate) fn bounded(&self, most: u32) -> MailLimit {
        MailLimit { most, since: before(self.now(), DAY) }
    }

    /// Tells the administrators that somebody waits for one of them; once an hour at most.
    pub(crate) async fn told_of_waiting(&self, name: &str) -> Result<Vec<MailRow>, LedgerError> {
        let since = before(self.now(), WAITING_TOLD_EVERY);
        let limit = Some(MailLimit { most: 1, since });
        let holders = self.ledger().holders(self.administration()).await?.into_iter();
        let mail = |uid| {
            let letter = Notice::Waiting { name }.letter(self.house_url(), self.now());
            self.mail(MailTo::Person(uid), letter, limit)
        };
        Ok(holders.take(TOLD_MAX).map(mail).collect())
    }
}

pub(crate) fn after(now: Timestamp, time: SignedDuration) -> Timestamp {
    now.checked_add(time).unwrap_or(Timestamp::MAX)
}

pub(crate) fn before(now: Timestamp, time: SignedDuration) -> Timestamp {
    now.checked_sub(time).unwrap_or(Timestamp::MIN)
}
