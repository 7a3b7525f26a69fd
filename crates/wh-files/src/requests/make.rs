//! Making a request: of a folder that its person may write into at that moment.

use jiff::{SignedDuration, Timestamp};
use wh_ledger::{FileRequestRow, LedgerError, RowId, SenderRow};
use wh_names::{Secret, SecretDigest};
use wh_people::{NamedPerson, Person};
use wh_policy::s3::action;

use super::names::SENDER_NAME_BYTES_MAX;
use super::{MadeRequest, RequestError, RequestRecord, end_of, state_of};
use crate::links::LinkRules;
use crate::uploads::parts::FILE_SIZE_MAX;
use crate::{Files, FolderPath};

/// How long a request lives that does not say, in days, where the house lets requests live so long.
pub const REQUEST_DAYS_GIVEN: u32 = 14;

/// How many days a request may live that ends.
pub const REQUEST_DAYS_MAX: u32 = 3_650;

/// How many requests that count a person may have.
pub const REQUESTS_MAX: u32 = 200;

/// The longest title, in characters.
pub const REQUEST_TITLE_CHARS_MAX: usize = 120;

/// The longest message to senders, in characters.
pub const REQUEST_MESSAGE_CHARS_MAX: usize = 2_000;

/// How many extensions a request names.
pub(super) const REQUEST_KINDS_MAX: usize = 50;

/// The longest extension, in characters.
const KIND_CHARS_MAX: usize = 16;

/// The most files that a request takes.
const FILES_MAX: u32 = 1_000_000;

/// The most bytes that a request takes: 1 PiB.
const BYTES_MAX: u64 = 1 << 50;

/// How many bytes what keys of a request begin with may have: senders' folders and files need room below it.
const PREFIX_BYTES_MAX: usize = 400;

/// How much a request takes. There is always a bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestLimits {
    /// The largest file, in bytes.
    pub file_bytes: u64,
    /// All files together, in bytes.
    pub bytes: u64,
    /// All files together.
    pub files: u32,
    /// The files of one sender.
    pub sender_files: u32,
}

impl Default for RequestLimits {
    /// What a request takes that does not say: files of 1 GiB, 10 GiB in all, a thousand files, a hundred of each.
    fn default() -> Self {
        Self { file_bytes: 1 << 30, bytes: 10 << 30, files: 1_000, sender_files: 100 }
    }
}

/// A request that a person wishes for.
#[derive(Debug)]
pub struct NewRequest {
    /// The folder in the location into which files are sent.
    pub folder: FolderPath,
    /// What it is called; senders read it.
    pub title: String,
    /// What senders read.
    pub message: String,
    /// The password that it is to ask for.
    pub password: Option<Secret>,
    /// Whether senders must give a mail address.
    pub asks_email: bool,
    /// Extensions that are taken, in any case, with or without a dot; none: all.
    pub kinds: Vec<String>,
    /// How many days it shall live; `None`: until it is revoked.
    pub days: Option<u32>,
    /// How much it takes.
    pub limits: RequestLimits,
}

impl Files {
    /// Makes a request for files into a folder that the person may write into. The store is asked whether it lets
    /// the session be taken by which files are sent.
    pub async fn make_request(
        &self,
        person: &Person,
        location: &str,
        form: NewRequest,
    ) -> Result<MadeRequest, RequestError> {
        let (options, rules) = (&self.options, self.link_rules().await?);
        let access = self.access(person, location).await?;
        let now = options.clock.now();
        let expires_at = checked(&form, &rules, now)?;
        let prefix = form.folder.prefix_under(&access.grant.prefix).map_err(|_| too_long())?;
        if prefix.as_str().len() > PREFIX_BYTES_MAX {
            return Err(too_long());
        }
        access.foresee(action::PUT_OBJECT, &access.everything_below(prefix.as_str())?)?;
        let password = match &form.password {
            Some(password) => Some(options.people.hash_link_password(password).await?),
            None => None,
        };
        let token = options.people.draw_request_token();
        // What an API token makes ends with it.
        let by_token = person.scope().map(|scope| (scope.token().id.clone(), scope.expires()));
        let expires_at = expires_at.into_iter().chain(by_token.as_ref().map(|(_, end)| *end)).min();
        let row = FileRequestRow {
            grant_id: access.grant.id.clone(),
            password,
            expires_at,
            token_id: by_token.map(|(id, _)| id),
            kinds: kinds(&form.kinds)?,
            ..self.bare_row(person, &form, token.digest())
        };
        self.takes(&row, location, end_of(&row, &rules)).await?;
        match options.ledger.insert_file_request(&row, REQUESTS_MAX).await {
            Ok(true) => {}
            Ok(false) => return Err(RequestError::TooMany),
            Err(LedgerError::Conflict { what: "person" }) => return Err(RequestError::Ended),
            Err(error) => return Err(error.into()),
        }
        let record = RequestRecord {
            state: state_of(&row, &rules, now),
            ends: end_of(&row, &rules),
            owner: NamedPerson { uid: row.uid.clone(), name: Some(person.name().to_owned()) },
            place: Some((access.grant.bucket.clone(), access.grant.prefix.clone())),
            row,
        };
        Ok(MadeRequest { record, token })
    }

    /// A request of this form of which nothing has come yet.
    fn bare_row(&self, person: &Person, form: &NewRequest, digest: SecretDigest) -> FileRequestRow {
        let now = self.options.clock.now();
        let id = RowId::generate(now, &self.options.entropy);
        FileRequestRow {
            grant_id: id.clone(),
            id,
            uid: person.uid().clone(),
            digest,
            path: form.folder.as_str().to_owned(),
            title: form.title.trim().to_owned(),
            message: form.message.trim().to_owned(),
            password: None,
            wrong_tries: 0,
            asks_email: form.asks_email,
            kinds: Vec::new(),
            file_bytes_max: form.limits.file_bytes,
            bytes_max: form.limits.bytes,
            files_max: form.limits.files,
            sender_files_max: form.limits.sender_files,
            created_at: now,
            expires_at: None,
            token_id: None,
            revoked_at: None,
            bytes: 0,
            files: 0,
            arrived: 0,
            arrived_at: None,
            senders: 0,
        }
    }

    /// That files could be sent by it, into the folder of whoever has the longest name, and that the store takes the
    /// session policy for that.
    async fn takes(
        &self,
        request: &FileRequestRow,
        location: &str,
        ends: Option<Timestamp>,
    ) -> Result<(), RequestError> {
        let longest = anybody(request, &"x".repeat(SENDER_NAME_BYTES_MAX));
        let person = self.options.people.person_of_request(request, longest, ends).await?;
        let person = person.ok_or(RequestError::Ended)?;
        let access = self.access(&person, location).await?;
        if !access.narrowing_fits() {
            return Err(too_long());
        }
        access.foresee(action::PUT_OBJECT, &access.everything_sent()?)?;
        access.session().await?;
        Ok(())
    }
}

/// Somebody who might send.
pub(super) fn anybody(request: &FileRequestRow, name: &str) -> SenderRow {
    SenderRow {
        id: request.id.clone(),
        request_id: request.id.clone(),
        digest: request.digest,
        name: name.to_owned(),
        email: None,
        folder: format!("{name} (2000-01-01 0000)"),
        created_at: request.created_at,
    }
}

fn too_long() -> RequestError {
    RequestError::PathLength
}

/// When the request ends, if all that is wished for may be.
fn checked(
    form: &NewRequest,
    rules: &LinkRules,
    now: Timestamp,
) -> Result<Option<Timestamp>, RequestError> {
    if !rules.requests {
        return Err(RequestError::Off);
    }
    if rules.password && form.password.is_none() {
        return Err(RequestError::PasswordDemanded);
    }
    let title = form.title.trim();
    let titled = (1..=REQUEST_TITLE_CHARS_MAX).contains(&title.chars().count());
    if !titled || title.chars().any(char::is_control) {
        return Err(RequestError::Title);
    }
    let unreadable = |c: char| c.is_control() && c != '\n';
    let message = form.message.trim();
    if message.chars().count() > REQUEST_MESSAGE_CHARS_MAX || message.chars().any(unreadable) {
        return Err(RequestError::Message);
    }
    check_limits(&form.limits)?;
    let max = rules.days_max.unwrap_or(REQUEST_DAYS_MAX);
    match form.days {
        None if rules.days_max.is_some() => Err(RequestError::Life { max }),
        None => Ok(None),
        Some(days) if days == 0 || days > max => Err(RequestError::Life { max }),
        Some(days) => {
            let life = SignedDuration::from_hours(i64::from(days).saturating_mul(24));
            Ok(Some(now.checked_add(life).unwrap_or(Timestamp::MAX)))
        }
    }
}

fn check_limits(limits: &RequestLimits) -> Result<(), RequestError> {
    let each = [
        ("file_bytes_max", limits.file_bytes, FILE_SIZE_MAX),
        ("bytes_max", limits.bytes, BYTES_MAX),
        ("files_max", limits.files.into(), FILES_MAX.into()),
        ("sender_files_max", limits.sender_files.into(), FILES_MAX.into()),
    ];
    match each.into_iter().find(|(_, limit, max)| *limit == 0 || limit > max) {
        Some((field, _, max)) => Err(RequestError::Limit { field, max }),
        None => Ok(()),
    }
}

/// Extensions as they are compared: in lower case, without a dot, each once.
fn kinds(wanted: &[String]) -> Result<Vec<String>, RequestError> {
    let plain = |kind: &String| kind.trim().trim_start_matches('.').to_lowercase();
    let mut kinds: Vec<String> = wanted.iter().map(plain).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let shaped = |kind: &String| {
        (1..=KIND_CHARS_MAX).contains(&kind.chars().count())
            && kind.chars().all(char::is_alphanumeric)
    };
    let fit = kinds.len() <= REQUEST_KINDS_MAX && kinds.iter().all(shaped);
    if fit { Ok(kinds) } else { Err(RequestError::Kinds) }
}

#[cfg(test)]
mod tests {
    use super::kinds;

    #[test]
    fn extensions_are_compared_in_one_form() {
        let of = |words: &[&str]| {
            kinds(&words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>()).ok()
        };
        let both = Some(vec!["jpg".to_owned(), "pdf".to_owned()]);
        assert_eq!(of(&["PDF", ".jpg", " pdf "]), both);
        assert_eq!(of(&[]), Some(Vec::new()));
        for bad in ["", ".", "a b", "tar.gz", "a,b", "*", "../x", "abcdefghijklmnopq"] {
            assert_eq!(of(&[bad]), None, "{bad}");
        }
    }
}
