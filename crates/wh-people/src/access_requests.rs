//! Asking for access: a person says what they were refused, and an administrator gives it or not.
//!
//! Invariant: nothing is given but by an administrator or an operator, as every other grant is, and once.

use jiff::{SignedDuration, Timestamp};
use wh_ledger::{
    AccessDecision, AccessRequestRow, Asked, GrantRow, GrantSubject, LedgerError, RowId,
};
use wh_names::{BucketName, KeyPrefix, RoleName};

use crate::administration::check_grant;
use crate::holdings::{NamedPerson, named};
use crate::{Actor, AdministrationError, Administrator, GrantForm, GrantRecord, People, Person};

/// How many requests of one person may wait.
pub const ACCESS_REQUESTS_MAX: usize = 10;

/// The longest note or answer, in characters.
pub const NOTE_CHARS_MAX: usize = 500;

/// How long a person sees what was decided.
const SHOWN_FOR: SignedDuration = SignedDuration::from_hours(14 * 24);

/// What a person would like to be let do.
#[derive(Debug, Clone)]
pub struct AccessWish {
    /// Where: the bucket.
    pub bucket: BucketName,
    /// Where: the beginning of keys, which ends in `/` or is empty.
    pub prefix: KeyPrefix,
    /// What was refused: an action as policies name it.
    pub action: String,
    /// The role that would allow it.
    pub role: RoleName,
    /// Why, in the person's words.
    pub note: Option<String>,
}

/// A request, as administrators see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessRequestRecord {
    /// The request.
    pub request: AccessRequestRow,
    /// Who asks.
    pub person: NamedPerson,
}

/// Why a request was not made or not decided.
#[derive(Debug, thiserror::Error)]
pub enum AccessRequestError {
    /// The note or the answer is too long, or holds control characters.
    #[error("it has at most {max} characters, and no control characters but line ends")]
    Text {
        /// The field.
        field: &'static str,
        /// The most.
        max: usize,
    },
    /// The person has asked for much that nobody has decided.
    #[error("{max} requests of yours wait already; wait until some are decided")]
    TooMany {
        /// How many may wait.
        max: usize,
    },
    /// No request with this id waits.
    #[error("there is no such request, or it was decided already")]
    NoSuchRequest,
    /// What is to be given may not be given.
    #[error(transparent)]
    Grant(#[from] AdministrationError),
    /// The ledger failed.
    #[error("the ledger did not do it")]
    Ledger(#[from] LedgerError),
}

impl AccessRequestError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Text { .. } => "text-invalid",
            Self::TooMany { .. } => "too-many-requests-wait",
            Self::NoSuchRequest => "no-such-access-request",
            Self::Grant(error) => error.code(),
            Self::Ledger(error) => error.code(),
        }
    }
}

impl People {
    /// The role that nobody is given for asking: administration is given by name, and not by one click.
    pub fn never_given_for_asking(&self) -> &RoleName {
        &self.standard().admin_role
    }

    /// Asks administrators for something. What waits already is not asked twice.
    pub async fn ask_access(
        &self,
        person: &Person,
        wish: AccessWish,
    ) -> Result<AccessRequestRow, AccessRequestError> {
        let now = self.now();
        let request = AccessRequestRow {
            id: RowId::generate(now, self.entropy()),
            uid: person.uid().clone(),
            bucket: wish.bucket,
            prefix: wish.prefix,
            action: wish.action,
            role: wish.role,
            note: checked(wish.note, "note")?,
            created_at: now,
            decision: AccessDecision::Open,
            decided: None,
        };
        match self.ledger().ask_access(&request, ACCESS_REQUESTS_MAX).await? {
            Asked::New => Ok(request),
            Asked::Again(earlier) => Ok(*earlier),
            Asked::TooMany => Err(AccessRequestError::TooMany { max: ACCESS_REQUESTS_MAX }),
        }
    }

    /// What a person asked for: what waits, and what was decided lately.
    pub async fn own_access_requests(
        &self,
        person: &Person,
    ) -> Result<Vec<AccessRequestRow>, AccessRequestError> {
        let since = self.now() - SHOWN_FOR;
        Ok(self.ledger().access_requests_of(person.uid(), since).await?)
    }

    /// What waits to be decided, the oldest first.
    pub async fn access_requests(
        &self,
        _administrator: &Administrator,
    ) -> Result<Vec<AccessRequestRecord>, AccessRequestError> {
        let names = self.names().await?;
        let open = self.ledger().open_access_requests().await?.into_iter();
        let record = |request: AccessRequestRow| {
            let person = named(&request.uid, &names);
            AccessRequestRecord { request, person }
        };
        Ok(open.map(record).collect())
    }

    /// Gives what was asked for: a grant of the role that the request names, on the place that it names.
    pub async fn give_access(
        &self,
        actor: Actor<'_>,
        id: &str,
        ends_at: Option<Timestamp>,
    ) -> Result<GrantRecord, AccessRequestError> {
        let (request, grant) = self.access_to_give(actor, id, ends_at).await?;
        if !self.ledger().give_access(&request, &grant, actor.uid()).await? {
            return Err(AccessRequestError::NoSuchRequest);
        }
        Ok(self.grant_record(grant).await?)
    }

    /// The request that waits, and the grant that would be given for it.
    pub async fn access_to_give(
        &self,
        actor: Actor<'_>,
        id: &str,
        ends_at: Option<Timestamp>,
    ) -> Result<(RowId, GrantRow), AccessRequestError> {
        let request = self.open_request(id).await?;
        let now = self.now();
        let form = GrantForm {
            subject: GrantSubject::Person(request.uid.clone()),
            title: titled(&request),
            role: request.role,
            bucket: Some(request.bucket.clone()),
            prefix: request.prefix,
            ends_at,
        };
        let form = check_grant(form, &self.standard().admin_role, now)?;
        let grant = GrantRow {
            id: RowId::generate(now, self.entropy()),
            subject: form.subject,
            role: form.role,
            bucket: request.bucket,
            prefix: form.prefix,
            title: form.title,
            created_at: now,
            created_by: actor.uid().cloned(),
            ends_at: form.ends_at,
        };
        Ok((request.id, grant))
    }

    /// Declines what was asked for; the answer is told to who asked. What it was comes back.
    pub async fn decline_access(
        &self,
        actor: Actor<'_>,
        id: &str,
        answer: Option<String>,
    ) -> Result<AccessRequestRow, AccessRequestError> {
        let (request, answer) = (self.open_request(id).await?, checked(answer, "answer")?);
        let by = (self.now(), actor.uid());
        if self.ledger().decline_access(&request.id, by, answer.as_deref()).await? {
            return Ok(request);
        }
        Err(AccessRequestError::NoSuchRequest)
    }

    async fn open_request(&self, id: &str) -> Result<AccessRequestRow, AccessRequestError> {
        let id = RowId::parse(id).map_err(|_| AccessRequestError::NoSuchRequest)?;
        let request = self.ledger().open_access_request(&id).await?;
        request.ok_or(AccessRequestError::NoSuchRequest)
    }
}

/// Trimmed, and `None` where nothing is said.
fn checked(
    text: Option<String>,
    field: &'static str,
) -> Result<Option<String>, AccessRequestError> {
    let Some(text) = text else { return Ok(None) };
    let text = text.trim();
    let odd = |c: char| c.is_control() && c != '\n';
    if text.chars().count() > NOTE_CHARS_MAX || text.chars().any(odd) {
        return Err(AccessRequestError::Text { field, max: NOTE_CHARS_MAX });
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// What the grant is called: as its folder.
fn titled(request: &AccessRequestRow) -> String {
    const TITLE_CHARS: usize = 100;
    let folder = request.prefix.as_str().trim_end_matches('/').rsplit('/').next();
    let title = folder.filter(|name| !name.trim().is_empty());
    let title = title.unwrap_or_else(|| request.bucket.as_str());
    title.chars().filter(|c| !c.is_control()).take(TITLE_CHARS).collect()
}
