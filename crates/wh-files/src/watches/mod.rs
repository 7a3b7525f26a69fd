//! What persons watch: folders and files of which they are told by mail what others did there.
//!
//! What happened is noted for each watch with what the ledger writes down of it (`wh-ledger/src/watches.rs`); here
//! it is judged for whom, and told.
//!
//! Invariant: a letter names what its person may list at that moment, judged as the page of activity is, and
//! nothing else; what may not be told is forgotten, and what could not be judged waits. See
//! `docs/adr/0045-watches.md`.

mod letter;
mod tell;

use wh_ledger::{LedgerError, RowId, WatchLanguage, WatchRhythm, WatchRow};
use wh_names::KeyPrefix;
use wh_people::{Mailing, Person};
use wh_policy::s3::action;

use crate::access::Access;
use crate::search::folder_of;
use crate::{EntryPath, Files, FilesError};

/// How many places a person watches.
pub const WATCHES_MAX: usize = 100;

/// Whether what is told reaches a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WatchMail {
    /// At the address that they confirmed.
    Reaches,
    /// They have confirmed no address.
    NoAddress,
    /// No mail leaves this house.
    NotSetUp,
}

/// How a watch stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WatchState {
    /// Its person is told.
    Standing,
    /// The person may list the folder no longer, and is told nothing.
    NotListed,
    /// The person has the location no longer, and is told nothing.
    NotGranted,
}

/// What somebody wants to be told of.
#[derive(Debug, Clone)]
pub struct NewWatch {
    /// The location.
    pub location: String,
    /// Where in it; all of it without one.
    pub path: Option<EntryPath>,
    /// How often.
    pub rhythm: WatchRhythm,
    /// In which language.
    pub language: WatchLanguage,
}

/// A watch as its person sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watch {
    /// The watch.
    pub row: WatchRow,
    /// How it stands.
    pub state: WatchState,
}

/// Why there is no such watch.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    /// No mail leaves this house.
    #[error("this house sends no mail, so nobody can be told: an operator sets `mail.transport`")]
    MailNotSetUp,
    /// There is no address to write to.
    #[error("no mail address of yours is confirmed: give one on the account page (/account) first")]
    NoAddress,
    /// The person watches as much as they may.
    #[error("{WATCHES_MAX} places are watched already; end one first")]
    TooMany,
    /// The person has no such watch.
    #[error("there is no such watch, or it has ended")]
    NoSuchWatch,
    /// The person may not see what happens there.
    #[error(transparent)]
    Files(#[from] FilesError),
    /// The ledger failed.
    #[error("the ledger did not do it")]
    Ledger(#[from] LedgerError),
}

impl WatchError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::MailNotSetUp => "watch-mail-not-set-up",
            Self::NoAddress => "watch-no-address",
            Self::TooMany => "too-many-watches",
            Self::NoSuchWatch => "no-such-watch",
            Self::Files(error) => error.code(),
            Self::Ledger(error) => error.code(),
        }
    }
}

impl Files {
    /// Whether what is told reaches a person.
    pub async fn watch_mail(&self, person: &Person) -> Result<WatchMail, LedgerError> {
        let people = &self.options.people;
        if people.mailing() == Mailing::NotSetUp {
            return Ok(WatchMail::NotSetUp);
        }
        let reaches = people.mail_reaches(person.uid()).await?;
        Ok(if reaches { WatchMail::Reaches } else { WatchMail::NoAddress })
    }

    /// What a person watches, the newest first. By an API token: what the token is for.
    pub async fn watches(&self, person: &Person) -> Result<Vec<Watch>, WatchError> {
        let options = &self.options;
        let rows = options.ledger.watches(person.uid()).await?;
        let grants = options.people.grants_for(person).await?;
        let mut watches = Vec::new();
        for row in rows {
            let grant = grants.iter().find(|grant| grant.id == row.grant);
            let state = match grant {
                None if person.scope().is_some() => continue,
                None => WatchState::NotGranted,
                Some(grant) => {
                    let access = self.open(person, grant.clone());
                    match may_list(&access, &row.key) {
                        Ok(()) => WatchState::Standing,
                        Err(FilesError::Refused(_)) => WatchState::NotListed,
                        Err(error) => return Err(error.into()),
                    }
                }
            };
            watches.push(Watch { row, state });
        }
        Ok(watches)
    }

    /// Begins to tell a person what others do there, in a folder whose names and versions they may list. One that
    /// they watch already is told of so from now on.
    pub async fn watch(&self, person: &Person, new: NewWatch) -> Result<Watch, WatchError> {
        let options = &self.options;
        let access = self.access(person, &new.location).await?;
        match self.watch_mail(person).await? {
            WatchMail::Reaches => {}
            WatchMail::NoAddress => return Err(WatchError::NoAddress),
            WatchMail::NotSetUp => return Err(WatchError::MailNotSetUp),
        }
        let path = new.path.as_ref().map(EntryPath::as_str).unwrap_or_default().to_owned();
        let key = format!("{}{path}", access.grant.prefix);
        KeyPrefix::parse(&key).map_err(|error| FilesError::Path(error.into()))?;
        may_list(&access, &key)?;
        let now = options.clock.now();
        let row = WatchRow {
            id: RowId::generate(now, &options.entropy),
            grant: access.grant.id.clone(),
            bucket: access.grant.bucket.to_string(),
            path,
            key,
            rhythm: new.rhythm,
            language: new.language,
            created_at: now,
            next_at: tell::next_of(new.rhythm, now),
        };
        if !options.ledger.put_watch(person.uid(), &row, WATCHES_MAX).await? {
            return Err(WatchError::TooMany);
        }
        // One that was there keeps its name.
        let rows = options.ledger.watches(person.uid()).await?;
        let kept = rows.into_iter().find(|one| one.grant == row.grant && one.path == row.path);
        Ok(Watch { row: kept.ok_or(WatchError::NoSuchWatch)?, state: WatchState::Standing })
    }

    /// Ends a watch. What it was comes back.
    pub async fn end_watch(&self, person: &Person, id: &RowId) -> Result<WatchRow, WatchError> {
        let watches = self.watches(person).await?;
        let found = watches.into_iter().find(|watch| watch.row.id == *id);
        let row = found.ok_or(WatchError::NoSuchWatch)?.row;
        match self.options.ledger.end_watch(person.uid(), id).await? {
            true => Ok(row),
            false => Err(WatchError::NoSuchWatch),
        }
    }
}

/// Refuses where the person certainly may not list the folder that holds it, or the versions there.
fn may_list(access: &Access<'_>, key: &str) -> Result<(), FilesError> {
    let prefix = access.grant.prefix.as_str();
    let folder = holding(key);
    let folder = if folder.len() < prefix.len() { prefix } else { folder };
    let target = access.listing_target(folder);
    access.foresee(action::LIST_BUCKET, &target)?;
    access.foresee(action::LIST_BUCKET_VERSIONS, &target)
}

/// The folder itself, or the one that holds the file.
fn holding(path: &str) -> &str {
    if path.ends_with('/') { path } else { folder_of(path).unwrap_or_default() }
}
