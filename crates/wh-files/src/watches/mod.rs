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
use crate::search::{Judge, folder_of};
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
    /// It is not certain any longer that the person may list the folder, and nothing in it is told.
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
    /// The policies depend on what is known only when the store is asked.
    #[error(
        "it is not certain that you may list this folder and its versions, so nothing in it would be told: \
         ask an administrator for `s3:ListBucket` and `s3:ListBucketVersions` without conditions"
    )]
    NotCertain,
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
            Self::NotCertain => "watch-not-certain",
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
                    match self.tells(access, &row.key)? {
                        true => WatchState::Standing,
                        // What a token may not list it does not know of either.
                        false if person.scope().is_some() => continue,
                        false => WatchState::NotListed,
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
        let (grant, bucket) = (access.grant.id.clone(), access.grant.bucket.to_string());
        if !self.tells(access, &key)? {
            return Err(WatchError::NotCertain);
        }
        let now = options.clock.now();
        let row = WatchRow {
            id: RowId::generate(now, &options.entropy),
            grant,
            bucket,
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

    /// Whether a letter would tell what happens in the folder that holds it, as the policies are known.
    fn tells(&self, access: Access<'_>, key: &str) -> Result<bool, FilesError> {
        let folder = listed(&access, key).to_owned();
        let mut judge = Judge::of_versions(access, self.search.wire())?;
        Ok(judge.lists(&folder, &mut 1).unwrap_or_default())
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

/// Refuses where the person certainly may not list the folder that holds it, or the versions there: it says why.
fn may_list(access: &Access<'_>, key: &str) -> Result<(), FilesError> {
    let target = access.listing_target(listed(access, key));
    access.foresee(action::LIST_BUCKET, &target)?;
    access.foresee(action::LIST_BUCKET_VERSIONS, &target)
}

/// The folder that is listed to see what happens to it.
fn listed<'a>(access: &'a Access<'_>, key: &'a str) -> &'a str {
    let (prefix, folder) = (access.grant.prefix.as_str(), holding(key));
    if folder.len() < prefix.len() { prefix } else { folder }
}

/// The folder itself, or the one that holds the file.
fn holding(path: &str) -> &str {
    if path.ends_with('/') { path } else { folder_of(path).unwrap_or_default() }
}
