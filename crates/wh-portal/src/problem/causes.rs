//! From the errors of the rooms behind to problems: one exhaustive match for each of them.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use wh_aws::AwsError;
use wh_files::{FilesError, JobError, KeyError, PathError, UploadError};
use wh_ledger::LedgerError;
use wh_people::{
    AccessRequestError, AdministrationError, EmailError, FieldError, InvitationError, LoginError,
    NotSignedIn, PasskeyError, PasswordError, PasswordLinkError, Person, ProofError, ProviderError,
    RegistrationError, SecondFactorError, SessionError, SetupError, StepUpNeeded, TokenError,
    TokenRefusal, TooManyRequests, ViewingError,
};
use wh_provision::ADMIN_ROLE;

use super::{Code, DecisionBody, Existing, ExplanationBody, Problem};

/// When to come again after "busy".
const BUSY_WAIT: Duration = Duration::from_secs(2);

pub(super) fn at(problem: Problem, field: Option<&'static str>) -> Problem {
    match field {
        Some(field) => problem.at_field(field),
        None => problem,
    }
}

/// A field that is not as it must be. Where that cannot be told, it is not the client's fault.
fn of_field(why: &FieldError, field: Option<&'static str>) -> Problem {
    let (code, detail) = (why.code(), why.to_string());
    let problem = match why {
        FieldError::PasswordUnchecked => Problem::busy(code, &detail),
        FieldError::Name { .. }
        | FieldError::NameTaken
        | FieldError::Email
        | FieldError::EmailMissing
        | FieldError::PasswordTooShort { .. }
        | FieldError::PasswordTooLong { .. }
        | FieldError::PasswordHoldsName
        | FieldError::PasswordCommon { .. }
        | FieldError::PasswordBreached => Problem::coded(StatusCode::BAD_REQUEST, code, detail),
    };
    at(problem, field)
}

impl Problem {
    pub(super) fn busy(code: &'static str, detail: &str) -> Self {
        Self::coded(StatusCode::SERVICE_UNAVAILABLE, code, detail).after(BUSY_WAIT)
    }

    fn throttled(code: &'static str, wait: Duration) -> Self {
        let detail = "there were too many attempts; wait a little";
        Self::coded(StatusCode::TOO_MANY_REQUESTS, code, detail).after(wait)
    }

    /// A person asked for what only administrators may do.
    pub(crate) fn not_administrator(person: &Person, method: &Method, path: &str) -> Self {
        let uid = person.uid();
        let message = format!(
            "`{uid}` may not {method} {path} because no grant gives them {ADMIN_ROLE} on the whole \
             bucket"
        );
        let why = ExplanationBody {
            decision: DecisionBody::ImplicitDeny,
            principal: uid.as_str().to_owned(),
            action: format!("wellhouse:{method}"),
            resource: path.to_owned(),
            policy_type: Some("grant".to_owned()),
            policy: None,
            statement: None,
            role: ADMIN_ROLE.to_owned(),
            message,
            near_miss: None,
        };
        Self::new(Code::NotAdministrator, "only administrators may do this").explained(why)
    }
}

impl From<LedgerError> for Problem {
    fn from(error: LedgerError) -> Self {
        if matches!(error, LedgerError::OutOfTouch) {
            tracing::warn!(%error, "a request was refused");
            return Self::busy(error.code(), "the ledger does not answer; try again in a moment");
        }
        if matches!(error, LedgerError::AccessChanged) {
            return Self::coded(StatusCode::CONFLICT, error.code(), error.to_string());
        }
        Self::internal(&error)
    }
}

impl From<NotSignedIn> for Problem {
    fn from(error: NotSignedIn) -> Self {
        match error {
            NotSignedIn::NoSession => Self::new(Code::NotSignedIn, "nobody is signed in"),
            NotSignedIn::Ledger(error) => error.into(),
        }
    }
}

impl From<LoginError> for Problem {
    fn from(error: LoginError) -> Self {
        let (code, detail) = (error.code(), error.to_string());
        match error {
            LoginError::Refused => Self::coded(StatusCode::UNAUTHORIZED, code, detail),
            LoginError::Throttled { retry_after } => Self::throttled(code, retry_after),
            LoginError::Closed
            | LoginError::AwaitingApproval
            | LoginError::AwaitingCheck
            | LoginError::Disabled => Self::coded(StatusCode::FORBIDDEN, code, detail),
            LoginError::Busy => Self::busy(code, &detail),
            LoginError::Ledger(error) => error.into(),
        }
    }
}

impl From<RegistrationError> for Problem {
    fn from(error: RegistrationError) -> Self {
        let (code, field, detail) = (error.code(), error.field(), error.to_string());
        match error {
            RegistrationError::Closed | RegistrationError::InvitationOnly => {
                Self::coded(StatusCode::FORBIDDEN, code, detail)
            }
            RegistrationError::MailDomain => {
                at(Self::coded(StatusCode::FORBIDDEN, code, detail), field)
            }
            RegistrationError::Field(why) => of_field(&why, field),
            RegistrationError::Throttled { retry_after } => Self::throttled(code, retry_after),
            RegistrationError::Busy => Self::busy(code, &detail),
            RegistrationError::Ledger(error) => error.into(),
        }
    }
}

impl From<InvitationError> for Problem {
    fn from(error: InvitationError) -> Self {
        let (code, field, detail) = (error.code(), error.field(), error.to_string());
        match error {
            InvitationError::Refused | InvitationError::Closed => {
                Self::coded(StatusCode::FORBIDDEN, code, detail)
            }
            InvitationError::Field(why) => of_field(&why, field),
            InvitationError::Throttled { retry_after } => Self::throttled(code, retry_after),
            InvitationError::Busy => Self::busy(code, &detail),
            InvitationError::Ledger(error) => error.into(),
        }
    }
}

impl From<PasswordLinkError> for Problem {
    fn from(error: PasswordLinkError) -> Self {
        let (code, field, detail) = (error.code(), error.field(), error.to_string());
        match error {
            PasswordLinkError::Refused => Self::coded(StatusCode::FORBIDDEN, code, detail),
            PasswordLinkError::Field(why) => of_field(&why, field),
            PasswordLinkError::Throttled { retry_after } => Self::throttled(code, retry_after),
            PasswordLinkError::Busy => Self::busy(code, &detail),
            PasswordLinkError::Ledger(error) => error.into(),
        }
    }
}

impl From<TooManyRequests> for Problem {
    fn from(error: TooManyRequests) -> Self {
        Self::throttled(error.code(), error.retry_after)
    }
}

impl From<EmailError> for Problem {
    fn from(error: EmailError) -> Self {
        let (code, field, detail) = (error.code(), error.field(), error.to_string());
        match error {
            EmailError::Refused => Self::coded(StatusCode::FORBIDDEN, code, detail),
            EmailError::Field(_) => at(Self::coded(StatusCode::BAD_REQUEST, code, detail), field),
            EmailError::Throttled { retry_after } => Self::throttled(code, retry_after),
            EmailError::Ended => Self::new(Code::NotSignedIn, "nobody is signed in"),
            EmailError::Ledger(error) => error.into(),
        }
    }
}

impl From<SetupError> for Problem {
    fn from(error: SetupError) -> Self {
        let (code, field, detail) = (error.code(), error.field(), error.to_string());
        match error {
            SetupError::TokenRefused => Self::coded(StatusCode::FORBIDDEN, code, detail),
            SetupError::AlreadyDone => Self::coded(StatusCode::CONFLICT, code, detail),
            SetupError::Field(why) => of_field(&why, field),
            SetupError::Busy => Self::busy(code, &detail),
            SetupError::Ledger(error) => error.into(),
        }
    }
}

impl From<PasswordError> for Problem {
    fn from(error: PasswordError) -> Self {
        let (code, field, detail) = (error.code(), error.field(), error.to_string());
        match error {
            PasswordError::Wrong => {
                Self::coded(StatusCode::FORBIDDEN, code, detail).at_field("current")
            }
            PasswordError::StepUp(error) => error.into(),
            PasswordError::SecondFactorMissing(why) => {
                Self::new(Code::SecondFactorRequired, why.to_string())
            }
            PasswordError::TooShortAlone => Self::coded(StatusCode::CONFLICT, code, detail),
            PasswordError::New(why) => of_field(&why, field),
            PasswordError::Throttled { retry_after } => Self::throttled(code, retry_after),
            PasswordError::Closed => Self::coded(StatusCode::FORBIDDEN, code, detail),
            PasswordError::Ended => Self::new(Code::NotSignedIn, "nobody is signed in"),
            PasswordError::Busy => Self::busy(code, &detail),
            PasswordError::Ledger(error) => error.into(),
        }
    }
}

impl From<StepUpNeeded> for Problem {
    fn from(error: StepUpNeeded) -> Self {
        Self::new(Code::StepUpNeeded, error.to_string())
    }
}

impl From<ProofError> for Problem {
    fn from(error: ProofError) -> Self {
        let (code, field, detail) = (error.code(), error.field(), error.to_string());
        match error {
            ProofError::Over
            | ProofError::Refused
            | ProofError::PasskeyRefused
            | ProofError::PasskeyOver
            | ProofError::PasswordWrong
            | ProofError::Closed
            | ProofError::SecondFactorNeeded => {
                at(Self::coded(StatusCode::FORBIDDEN, code, detail), field)
            }
            ProofError::TooShortAlone => Self::coded(StatusCode::CONFLICT, code, detail),
            ProofError::Throttled { retry_after } => Self::throttled(code, retry_after),
            ProofError::Ended => Self::new(Code::NotSignedIn, "nobody is signed in"),
            ProofError::Busy => Self::busy(code, &detail),
            ProofError::Ledger(error) => error.into(),
        }
    }
}

impl From<PasskeyError> for Problem {
    fn from(error: PasskeyError) -> Self {
        let (code, detail) = (error.code(), error.to_string());
        match error {
            PasskeyError::Name => {
                Self::coded(StatusCode::BAD_REQUEST, code, detail).at_field("name")
            }
            PasskeyError::Refused | PasskeyError::Over => {
                Self::coded(StatusCode::FORBIDDEN, code, detail)
            }
            PasskeyError::Absent => Self::coded(StatusCode::NOT_FOUND, code, detail),
            PasskeyError::Unavailable
            | PasskeyError::Full
            | PasskeyError::Taken
            | PasskeyError::Last => Self::coded(StatusCode::CONFLICT, code, detail),
            PasskeyError::NotMade => Self::internal(&error),
            PasskeyError::Proof(error) => error.into(),
            PasskeyError::Ledger(error) => error.into(),
        }
    }
}

impl From<ProviderError> for Problem {
    fn from(error: ProviderError) -> Self {
        let (code, detail) = (error.code(), error.to_string());
        match error {
            ProviderError::NoSuchProvider | ProviderError::Absent => {
                Self::coded(StatusCode::NOT_FOUND, code, detail)
            }
            ProviderError::Unavailable { .. } => Self::busy(code, &detail),
            ProviderError::Over
            | ProviderError::MixedUp
            | ProviderError::Declined { .. }
            | ProviderError::Refused { .. }
            | ProviderError::Closed
            | ProviderError::InvitationOnly
            | ProviderError::MailDomain
            | ProviderError::AwaitingApproval
            | ProviderError::Disabled
            | ProviderError::AnotherPerson
            | ProviderError::SecondFactorNeeded
            | ProviderError::NotAsked => Self::coded(StatusCode::FORBIDDEN, code, detail),
            ProviderError::Taken
            | ProviderError::Full
            | ProviderError::LastWay
            | ProviderError::LastAdministrator => Self::coded(StatusCode::CONFLICT, code, detail),
            ProviderError::Throttled { retry_after } => Self::throttled(code, retry_after),
            ProviderError::NotMade => Self::internal(&error),
            ProviderError::Ended => Self::new(Code::NotSignedIn, "nobody is signed in"),
            ProviderError::Ledger(error) => error.into(),
        }
    }
}

impl From<SecondFactorError> for Problem {
    fn from(error: SecondFactorError) -> Self {
        let (code, detail) = (error.code(), error.to_string());
        match error {
            SecondFactorError::NoOffer | SecondFactorError::NotSet => {
                Self::coded(StatusCode::CONFLICT, code, detail)
            }
            SecondFactorError::Proof(error) => error.into(),
            SecondFactorError::NotMade => Self::internal(&error),
            SecondFactorError::Ledger(error) => error.into(),
        }
    }
}

impl From<AdministrationError> for Problem {
    fn from(error: AdministrationError) -> Self {
        let (code, field, detail) = (error.code(), error.field(), error.to_string());
        match error {
            AdministrationError::NoSuchPerson
            | AdministrationError::NoSuchGrant
            | AdministrationError::NoSuchGroup
            | AdministrationError::NotMember
            | AdministrationError::NoSuchInvitation => {
                Self::coded(StatusCode::NOT_FOUND, code, detail)
            }
            AdministrationError::LastAdministrator
            | AdministrationError::Disabled
            | AdministrationError::NotPending
            | AdministrationError::RegistrationClosed
            | AdministrationError::NoSecondFactor => {
                Self::coded(StatusCode::CONFLICT, code, detail)
            }
            AdministrationError::Name(why) => of_field(&why, field),
            AdministrationError::TooWide
            | AdministrationError::AdministratorEnds
            | AdministrationError::EndPast
            | AdministrationError::Life { .. }
            | AdministrationError::TooManyBrought { .. }
            | AdministrationError::Domains { .. }
            | AdministrationError::NoMail
            | AdministrationError::Prefix
            | AdministrationError::Title => {
                at(Self::coded(StatusCode::BAD_REQUEST, code, detail), field)
            }
            AdministrationError::Ledger(error) => error.into(),
        }
    }
}

impl From<SessionError> for Problem {
    fn from(error: SessionError) -> Self {
        let (code, detail) = (error.code(), error.to_string());
        match error {
            SessionError::NoSuchSession => Self::coded(StatusCode::NOT_FOUND, code, detail),
            SessionError::Ledger(error) => error.into(),
        }
    }
}

impl From<TokenRefusal> for Problem {
    fn from(error: TokenRefusal) -> Self {
        let (code, detail) = (error.code(), error.to_string());
        match error {
            TokenRefusal::Unknown | TokenRefusal::Revoked(_) | TokenRefusal::Expired(_) => {
                Self::coded(StatusCode::UNAUTHORIZED, code, detail)
            }
            TokenRefusal::Ledger(error) => error.into(),
        }
    }
}

impl From<TokenError> for Problem {
    fn from(error: TokenError) -> Self {
        let (code, field, detail) = (error.code(), error.field(), error.to_string());
        match error {
            TokenError::Name | TokenError::Locations | TokenError::Actions | TokenError::Life => {
                at(Self::coded(StatusCode::BAD_REQUEST, code, detail), field)
            }
            TokenError::SecondFactorMissing(why) => {
                Self::new(Code::SecondFactorRequired, why.to_string())
            }
            TokenError::TooMany => Self::coded(StatusCode::CONFLICT, code, detail),
            TokenError::NoSuchToken => Self::coded(StatusCode::NOT_FOUND, code, detail),
            TokenError::Ended => Self::new(Code::NotSignedIn, "nobody is signed in"),
            TokenError::NotMade => Self::internal(&error),
            TokenError::Ledger(error) => error.into(),
        }
    }
}

impl From<AccessRequestError> for Problem {
    fn from(error: AccessRequestError) -> Self {
        let (code, detail) = (error.code(), error.to_string());
        match error {
            AccessRequestError::Text { field, .. } => {
                Self::coded(StatusCode::BAD_REQUEST, code, detail).at_field(field)
            }
            AccessRequestError::TooMany { .. } => Self::coded(StatusCode::CONFLICT, code, detail),
            AccessRequestError::NoSuchRequest => Self::coded(StatusCode::NOT_FOUND, code, detail),
            AccessRequestError::Grant(error) => error.into(),
            AccessRequestError::Ledger(error) => error.into(),
        }
    }
}

impl From<ViewingError> for Problem {
    fn from(error: ViewingError) -> Self {
        let (code, detail) = (error.code(), error.to_string());
        match error {
            ViewingError::NoSuchPerson => Self::coded(StatusCode::NOT_FOUND, code, detail),
            ViewingError::NotActive | ViewingError::Oneself | ViewingError::Already => {
                Self::coded(StatusCode::CONFLICT, code, detail)
            }
            ViewingError::Ledger(error) => error.into(),
        }
    }
}

impl From<PathError> for Problem {
    fn from(error: PathError) -> Self {
        let detail = error.to_string();
        Self::coded(StatusCode::BAD_REQUEST, error.code(), detail).at_field("path")
    }
}

impl From<FilesError> for Problem {
    fn from(error: FilesError) -> Self {
        let (code, detail) = (error.code(), error.to_string());
        let bad = |field| Self::coded(StatusCode::BAD_REQUEST, code, &detail).at_field(field);
        match error {
            FilesError::NoSuchLocation
            | FilesError::NotFound
            | FilesError::NoSuchFinding
            | FilesError::NoSuchArchive => Self::coded(StatusCode::NOT_FOUND, code, detail),
            FilesError::GrantEnded { .. } => Self::coded(StatusCode::FORBIDDEN, code, detail),
            FilesError::Path(error) => error.into(),
            FilesError::Refused(why)
            | FilesError::Infected(why)
            | FilesError::NotScanned(why)
            | FilesError::NotScannable(why) => {
                Self::coded(StatusCode::FORBIDDEN, code, detail).explained((*why).into())
            }
            FilesError::Cursor | FilesError::SearchCursor => bad("cursor"),
            FilesError::NoSearchWords | FilesError::SearchTooLong => bad("q"),
            FilesError::Action => bad("action"),
            FilesError::NoSuchRole(_) => bad("who"),
            FilesError::NoSuchBucket(_) => bad("bucket"),
            FilesError::TooManyPaths { .. } | FilesError::ArchiveTooLarge { .. } => bad("paths"),
            FilesError::ArchivesAtOnce { .. } | FilesError::SearchesAtOnce { .. } => {
                Self::coded(StatusCode::TOO_MANY_REQUESTS, code, detail).after(BUSY_WAIT)
            }
            FilesError::Tags { .. } => bad("tags"),
            FilesError::ContentType => bad("content_type"),
            FilesError::Header { field, .. } => bad(field),
            FilesError::Metadata { .. } => bad("metadata"),
            FilesError::Version => bad("version"),
            FilesError::Moment => bad("at"),
            FilesError::PastExpired { .. } | FilesError::PastUnversioned => bad("delete_newer"),
            FilesError::MoreLeft { .. }
            | FilesError::Changed
            | FilesError::TooManyFavourites { .. }
            | FilesError::AllowedAlready
            | FilesError::NoRoleWould => Self::coded(StatusCode::CONFLICT, code, detail),
            FilesError::RoleSession(error) | FilesError::Store(error) => store(code, &error),
            FilesError::Ledger(error) => error.into(),
            FilesError::PatienceSpent { .. } => {
                Self::coded(StatusCode::UNPROCESSABLE_ENTITY, code, detail)
            }
            FilesError::NoTurn => Self::busy(code, &detail),
            FilesError::Unfinished => Self::internal(&error),
        }
    }
}

/// What the store said goes to the log; it may name hosts and keys that are not the client's.
fn store(code: &'static str, error: &AwsError) -> Problem {
    tracing::warn!(code, %error, "the store did not do it");
    let bad_gateway = |detail: &str| Problem::coded(StatusCode::BAD_GATEWAY, code, detail);
    match error {
        AwsError::Unreachable { .. } => bad_gateway("the store cannot be reached"),
        AwsError::Busy { .. } => Problem::busy(code, "the store is busy"),
        AwsError::QuotaExceeded { .. } => {
            let why = "the store is full here: it holds as much as it may";
            Problem::coded(StatusCode::CONFLICT, code, why)
        }
        AwsError::CredentialsRefused { .. } => {
            Problem::busy(code, "the store no longer accepted this session; try again")
        }
        AwsError::Denied { .. }
        | AwsError::NotFound { .. }
        | AwsError::NoSuchUpload
        | AwsError::PreconditionFailed
        | AwsError::Conflict { .. }
        | AwsError::ContentDiffers { .. }
        | AwsError::Malformed { .. }
        | AwsError::Service { .. } => bad_gateway("the store did not do it"),
    }
}

impl From<KeyError> for Problem {
    fn from(error: KeyError) -> Self {
        let (code, field, detail) = (error.code(), error.field(), error.to_string());
        match error {
            KeyError::NotHere | KeyError::TooMany { .. } => {
                Self::coded(StatusCode::CONFLICT, code, detail)
            }
            KeyError::Name | KeyError::Life { .. } | KeyError::Actions => {
                at(Self::coded(StatusCode::BAD_REQUEST, code, detail), field)
            }
            KeyError::NoSuchKey => Self::coded(StatusCode::NOT_FOUND, code, detail),
            KeyError::NoSecret => Self::internal(&error),
            KeyError::Files(error) => error.into(),
            KeyError::Ledger(error) => error.into(),
        }
    }
}

impl From<JobError> for Problem {
    fn from(error: JobError) -> Self {
        let (code, detail) = (error.code(), error.to_string());
        let bad = |field| Self::coded(StatusCode::BAD_REQUEST, code, &detail).at_field(field);
        match error {
            JobError::Files(error) => error.into(),
            JobError::NoSuchJob => Self::coded(StatusCode::NOT_FOUND, code, detail),
            JobError::TooManyJobs { .. } => {
                Self::coded(StatusCode::TOO_MANY_REQUESTS, code, detail).after(BUSY_WAIT)
            }
            JobError::Destination => bad("to"),
            JobError::Name => bad("name"),
            JobError::IntoItself { .. } | JobError::SameName { .. } => bad("paths"),
            JobError::Undoes => bad("undoes"),
            JobError::Confirm { .. } => bad("confirm"),
            JobError::At => bad("at"),
        }
    }
}

impl From<UploadError> for Problem {
    fn from(error: UploadError) -> Self {
        let (code, detail) = (error.code(), error.to_string());
        let bad = |field| Self::coded(StatusCode::BAD_REQUEST, code, &detail).at_field(field);
        match error {
            UploadError::Files(error) => error.into(),
            UploadError::Quota(error) => error.into(),
            UploadError::FileExists { size, modified, etag, crc64nvme } => {
                let modified = modified.to_string();
                let existing = Existing { size, modified, etag, crc64nvme };
                Self::coded(StatusCode::CONFLICT, code, detail).over(existing)
            }
            UploadError::FileChanged
            | UploadError::NotOpen { .. }
            | UploadError::PartsMissing { .. }
            | UploadError::ChecksumMismatch => Self::coded(StatusCode::CONFLICT, code, detail),
            UploadError::TooLarge { .. } => bad("size"),
            UploadError::ContentType => bad("content_type"),
            UploadError::IfMatch => bad("if_match"),
            UploadError::NoSuchUpload => Self::coded(StatusCode::NOT_FOUND, code, detail),
            UploadError::PartCount { .. } | UploadError::Part { .. } => bad("parts"),
            UploadError::PartsAtOnce { .. } => {
                Self::coded(StatusCode::TOO_MANY_REQUESTS, code, detail).after(BUSY_WAIT)
            }
            UploadError::Checksum => bad("crc"),
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use wh_people::{FieldError, InvitationError, RegistrationError};

    use super::Problem;

    #[test]
    fn a_list_of_breaches_that_cannot_be_read_is_not_the_clients_fault() {
        let unchecked = || FieldError::PasswordUnchecked;
        for problem in [
            Problem::from(RegistrationError::Field(unchecked())),
            Problem::from(InvitationError::Field(unchecked())),
        ] {
            assert_eq!(problem.status(), StatusCode::SERVICE_UNAVAILABLE);
        }
        let breached = Problem::from(RegistrationError::Field(FieldError::PasswordBreached));
        assert_eq!(breached.status(), StatusCode::BAD_REQUEST);
    }
}
