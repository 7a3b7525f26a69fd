//! What administrators do with persons, grants and settings. Every call takes an [`Administrator`], and
//! every change a [`ProvenAdministrator`].
//!
//! Invariant: whatever is done here, an active administrator is left.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};
use wh_ledger::{
    GrantChange, GrantRow, GrantSubject, LedgerError, PersonChange, PersonRow, PersonStatus, RowId,
};
use wh_names::{BucketName, KeyPrefix, RoleName, Uid};

use crate::mail::{Mailing, Notice};
use crate::{
    Administrator, FieldError, GrantRecord, People, ProvenAdministrator, RegistrationMode, Settings,
};

/// The longest title of a grant, in characters.
const TITLE_CHARS_MAX: usize = 100;

/// The most mail domains.
const DOMAINS_MAX: usize = 50;

/// A grant to be given.
#[derive(Debug, Clone)]
pub struct GrantForm {
    /// To whom.
    pub subject: GrantSubject,
    /// What may be done. Whether the role exists is the caller's to know.
    pub role: RoleName,
    /// The bucket, of which the caller knows that it is one of the house's; the house's first without it.
    pub bucket: Option<BucketName>,
    /// Where: empty for the whole bucket, or ending in `/`. `${uid}` stands for the holder's uid.
    pub prefix: KeyPrefix,
    /// What people see.
    pub title: String,
    /// When it stops counting; never, without it.
    pub ends_at: Option<Timestamp>,
}

/// A person, as administrators see them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonRecord {
    /// Who it is, for ever.
    pub uid: Uid,
    /// The name as the person writes it.
    pub name: String,
    /// The mail address, as given.
    pub email: Option<String>,
    /// Whether its person followed a link that was sent there.
    pub email_checked: bool,
    /// Whether the person may sign in.
    pub status: PersonStatus,
    /// When the person registered.
    pub created_at: Timestamp,
    /// Whether the person is active and an administrator.
    pub administrator: bool,
    /// Whether the person has a second factor.
    pub second_factor: bool,
}

/// How a person stood, and how they stand now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatusChange {
    /// Before.
    pub before: PersonStatus,
    /// Now. The same where there was nothing to do.
    pub now: PersonStatus,
}

/// Why an administrator's wish was not done.
#[derive(Debug, thiserror::Error)]
pub enum AdministrationError {
    /// Nobody has this uid.
    #[error("there is no such person")]
    NoSuchPerson,
    /// There is no grant with this id.
    #[error("there is no such grant")]
    NoSuchGrant,
    /// Nobody would be left to administer.
    #[error("this would leave no administrator")]
    LastAdministrator,
    /// The person is shut out, and a new password would not let them in.
    #[error("the person is disabled: enable them first, then make the link")]
    Disabled,
    /// Only who is pending can be approved.
    #[error("the person does not wait for approval")]
    NotPending,
    /// There is no second factor to take away.
    #[error("the person has no second factor")]
    NoSecondFactor,
    /// There is no group with this id.
    #[error("there is no such group")]
    NoSuchGroup,
    /// The name of a group is not as it must be.
    #[error(transparent)]
    Name(#[from] FieldError),
    /// The person is not in the group.
    #[error("the person is not in this group")]
    NotMember,
    /// The role of administrators is given to persons by name: a group's would come and go with who is
    /// in it.
    #[error("this role is given to persons by name, not to a group and not to everyone")]
    TooWide,
    /// The role of administrators is given without an end: the last one could be lost by waiting.
    #[error("this role is given without an end")]
    AdministratorEnds,
    /// The end of a grant is not in the future.
    #[error("the end must be in the future")]
    EndPast,
    /// Nobody may come in, so nobody may be invited.
    #[error("registration is closed: open it for invitations in the settings first")]
    RegistrationClosed,
    /// There is no invitation with this id that could be used still.
    #[error("there is no such invitation that could be used still")]
    NoSuchInvitation,
    /// An invitation is to last too long, or not at all.
    #[error("an invitation lasts more than nothing and at most {} hours", max.as_hours())]
    Life {
        /// The longest.
        max: SignedDuration,
    },
    /// An invitation is to bring too much.
    #[error("an invitation brings at most {max} groups and {max} grants")]
    TooManyBrought {
        /// The most of each.
        max: usize,
    },
    /// The list of mail domains is empty where it must not be, too long, or holds what is no domain.
    #[error("mail domains are 1–{max} names like `example.org`")]
    Domains {
        /// The most.
        max: usize,
    },
    /// Mail reaches nobody here, so no address can be checked.
    #[error("mail is not set up: name mail.transport in the configuration first")]
    NoMail,
    /// The prefix is neither empty nor a folder.
    #[error("the prefix must be empty or end in `/`")]
    Prefix,
    /// The title is empty, too long, or holds a control character.
    #[error("the title must have 1–100 characters and no control characters")]
    Title,
    /// The ledger failed.
    #[error("the ledger did not do it")]
    Ledger(#[from] LedgerError),
}

impl AdministrationError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoSuchPerson => "no-such-person",
            Self::NoSuchGrant => "no-such-grant",
            Self::LastAdministrator => "last-administrator",
            Self::Disabled => "person-disabled",
            Self::NotPending => "not-pending",
            Self::NoSecondFactor => "second-factor-not-set",
            Self::NoSuchGroup => "no-such-group",
            Self::Name(error) => error.code(),
            Self::NotMember => "not-a-member",
            Self::TooWide => "grant-too-wide",
            Self::AdministratorEnds => "administrator-grant-ends",
            Self::EndPast => "grant-end-past",
            Self::RegistrationClosed => "registration-closed",
            Self::NoSuchInvitation => "no-such-invitation",
            Self::Life { .. } => "invitation-life-invalid",
            Self::TooManyBrought { .. } => "invitation-too-large",
            Self::Domains { .. } => "mail-domains-invalid",
            Self::NoMail => "mail-not-set-up",
            Self::Prefix => "prefix-invalid",
            Self::Title => "title-invalid",
            Self::Ledger(error) => error.code(),
        }
    }

    /// The field at fault, if one is.
    pub fn field(&self) -> Option<&'static str> {
        match self {
            Self::TooWide => Some("role"),
            Self::Prefix => Some("prefix"),
            Self::Title => Some("title"),
            Self::AdministratorEnds | Self::EndPast => Some("ends"),
            Self::Name(error) => Some(error.field()),
            Self::Life { .. } => Some("hours"),
            Self::Domains { .. } => Some("domains"),
            Self::NoMail => Some("mail_check"),
            Self::NoSuchPerson
            | Self::NoSuchGroup
            | Self::RegistrationClosed
            | Self::NoSuchInvitation
            | Self::TooManyBrought { .. }
            | Self::NotMember
            | Self::NoSuchGrant
            | Self::LastAdministrator
            | Self::Disabled
            | Self::NotPending
            | Self::NoSecondFactor
            | Self::Ledger(_) => None,
        }
    }
}

impl People {
    /// Every person, the oldest first.
    pub async fn list_persons(
        &self,
        _administrator: &Administrator,
    ) -> Result<Vec<PersonRecord>, AdministrationError> {
        let holders = self.ledger().holders(self.administration()).await?;
        let holders: HashSet<Uid> = holders.into_iter().collect();
        let with_factor = self.ledger().with_second_factor().await?;
        let persons = self.ledger().persons().await?;
        Ok(persons.into_iter().map(|row| record(row, (&holders, &with_factor))).collect())
    }

    /// Lets a pending person in, with the grants of every new person.
    pub async fn approve(
        &self,
        _administrator: &ProvenAdministrator,
        uid: &Uid,
    ) -> Result<StatusChange, AdministrationError> {
        let (settings, now) = (self.settings_now().await?, self.now());
        let grants = self.first_grants(uid, &settings, now);
        let ledger = self.ledger().with_mails(self.notice(uid, &Notice::Approved));
        if ledger.activate_person(uid, &grants, now).await? {
            return Ok(StatusChange { before: PersonStatus::Pending, now: PersonStatus::Active });
        }
        self.existing(uid).await?;
        Err(AdministrationError::NotPending)
    }

    /// Shuts a person out, at once and everywhere. Somebody who is out already stays out.
    pub async fn disable(
        &self,
        _administrator: &ProvenAdministrator,
        uid: &Uid,
    ) -> Result<StatusChange, AdministrationError> {
        let before = self.existing(uid).await?.status;
        match self.ledger().disable_person(uid, self.now(), self.administration()).await? {
            PersonChange::Done | PersonChange::Absent => self.change_from(uid, before).await,
            PersonChange::LastHolder => Err(AdministrationError::LastAdministrator),
        }
    }

    /// Lets a person back who was shut out; who was pending before is pending again.
    pub async fn enable(
        &self,
        _administrator: &ProvenAdministrator,
        uid: &Uid,
    ) -> Result<StatusChange, AdministrationError> {
        let before = self.existing(uid).await?.status;
        match self.ledger().enable_person(uid, self.now()).await? {
            PersonChange::Done | PersonChange::Absent | PersonChange::LastHolder => {
                self.change_from(uid, before).await
            }
        }
    }

    /// Ends every session of a person, and whatever was issued for them.
    pub async fn end_sessions(
        &self,
        _administrator: &ProvenAdministrator,
        uid: &Uid,
    ) -> Result<(), AdministrationError> {
        self.existing(uid).await?;
        self.ledger().end_sessions(uid, self.now()).await?;
        Ok(())
    }

    /// The grants given to one person by name.
    pub async fn grants_of(
        &self,
        _administrator: &Administrator,
        uid: &Uid,
    ) -> Result<Vec<GrantRecord>, AdministrationError> {
        self.existing(uid).await?;
        Ok(self.grant_records(self.ledger().grants_of(uid).await?).await?)
    }

    /// A grant as it would be given, if it may be.
    pub fn checked_grant(&self, form: GrantForm) -> Result<GrantForm, AdministrationError> {
        check_grant(form, &self.standard().admin_role, self.now())
    }

    /// Gives a grant.
    pub async fn add_grant(
        &self,
        administrator: &ProvenAdministrator,
        form: GrantForm,
    ) -> Result<GrantRecord, AdministrationError> {
        let now = self.now();
        let form = check_grant(form, &self.standard().admin_role, now)?;
        let grant = GrantRow {
            id: RowId::generate(now, self.entropy()),
            subject: form.subject,
            role: form.role,
            bucket: form.bucket.unwrap_or_else(|| self.standard().bucket.clone()),
            prefix: form.prefix,
            title: form.title,
            created_at: now,
            created_by: Some(administrator.uid().clone()),
            ends_at: form.ends_at,
        };
        match self.ledger().insert_grant(&grant).await {
            Ok(()) => Ok(self.grant_record(grant).await?),
            Err(LedgerError::Conflict { .. }) => Err(match grant.subject {
                GrantSubject::Group(_) => AdministrationError::NoSuchGroup,
                GrantSubject::Person(_) | GrantSubject::Everyone => {
                    AdministrationError::NoSuchPerson
                }
            }),
            Err(error) => Err(error.into()),
        }
    }

    /// Takes a grant away, and with it whatever was issued to those who held it. What it was and who
    /// held it comes back, so that role sessions can be dropped; nobody, where everyone held it.
    pub async fn remove_grant(
        &self,
        _administrator: &ProvenAdministrator,
        id: &str,
    ) -> Result<(GrantRow, Vec<Uid>), AdministrationError> {
        let id = RowId::parse(id).map_err(|_| AdministrationError::NoSuchGrant)?;
        match self.ledger().delete_grant(&id, self.now(), self.administration()).await? {
            GrantChange::Done(grant) => {
                // Once more with the time after the commit: a role may have been assumed between.
                let held_by = self.holders_of(&grant).await?;
                for uid in &held_by {
                    self.ledger().revoke_person(uid, self.now()).await?;
                }
                if matches!(grant.subject, GrantSubject::Everyone) {
                    self.ledger().revoke_everyone(self.now()).await?;
                }
                Ok((grant, held_by))
            }
            GrantChange::Absent => Err(AdministrationError::NoSuchGrant),
            GrantChange::LastHolder => Err(AdministrationError::LastAdministrator),
        }
    }

    /// The settings.
    pub async fn settings(
        &self,
        _administrator: &Administrator,
    ) -> Result<Settings, AdministrationError> {
        Ok(self.settings_now().await?)
    }

    /// Changes the settings, which come back as they are kept. Who is registered already keeps what they
    /// have.
    pub async fn set_settings(
        &self,
        _administrator: &ProvenAdministrator,
        settings: Settings,
    ) -> Result<Settings, AdministrationError> {
        let settings = checked_settings(settings)?;
        if settings.mail_check && self.mailing() == Mailing::NotSetUp {
            return Err(AdministrationError::NoMail);
        }
        let rows = settings.rows();
        let rows: Vec<(&str, &str)> = rows.iter().map(|(name, it)| (*name, it.as_str())).collect();
        self.ledger().put_settings(&rows).await?;
        Ok(settings)
    }

    async fn change_from(
        &self,
        uid: &Uid,
        before: PersonStatus,
    ) -> Result<StatusChange, AdministrationError> {
        Ok(StatusChange { before, now: self.existing(uid).await?.status })
    }

    pub(crate) async fn existing(&self, uid: &Uid) -> Result<PersonRow, AdministrationError> {
        self.ledger().person(uid).await?.ok_or(AdministrationError::NoSuchPerson)
    }
}

/// The same grant, if it may be given: a folder or everything, a title, an end to come, and never
/// administration but by name and for good.
pub fn check_grant(
    form: GrantForm,
    admin_role: &RoleName,
    now: Timestamp,
) -> Result<GrantForm, AdministrationError> {
    let prefix = form.prefix.as_str();
    if !prefix.is_empty() && !prefix.ends_with('/') {
        return Err(AdministrationError::Prefix);
    }
    let title = form.title.trim();
    let chars = title.chars().count();
    if chars == 0 || chars > TITLE_CHARS_MAX || title.chars().any(char::is_control) {
        return Err(AdministrationError::Title);
    }
    // Policies tell times in seconds.
    let ends_at = form.ends_at.map(in_seconds);
    if ends_at.is_some_and(|end| end <= now) {
        return Err(AdministrationError::EndPast);
    }
    if form.role == *admin_role {
        match form.subject {
            GrantSubject::Person(_) if ends_at.is_some() => {
                return Err(AdministrationError::AdministratorEnds);
            }
            GrantSubject::Person(_) => {}
            GrantSubject::Group(_) | GrantSubject::Everyone => {
                return Err(AdministrationError::TooWide);
            }
        }
    }
    Ok(GrantForm { title: title.to_owned(), ends_at, ..form })
}

/// The same settings with domains in lower case, if each of them is one.
fn checked_settings(settings: Settings) -> Result<Settings, AdministrationError> {
    let mut domains: Vec<String> =
        settings.domains.iter().map(|domain| in_ascii(domain.trim())).collect();
    domains.sort();
    domains.dedup();
    let missing = settings.registration == RegistrationMode::Domains && domains.is_empty();
    if missing || domains.len() > DOMAINS_MAX || !domains.iter().all(|domain| is_domain(domain)) {
        return Err(AdministrationError::Domains { max: DOMAINS_MAX });
    }
    Ok(Settings { domains, ..settings })
}

/// A domain as it travels, in lower case; what is none stays what it is.
fn in_ascii(domain: &str) -> String {
    idna::domain_to_ascii(domain).unwrap_or_else(|_| domain.to_ascii_lowercase())
}

/// Whether it is a name of two or more labels of letters, digits and hyphens. Source: RFC 1035, 2.3.1.
fn is_domain(text: &str) -> bool {
    let letter = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(letter)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= 253 && text.contains('.') && text.split('.').all(label)
}

/// The second that a time is in.
fn in_seconds(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

fn record(
    row: PersonRow,
    (administrators, with_factor): (&HashSet<Uid>, &HashSet<Uid>),
) -> PersonRecord {
    PersonRecord {
        second_factor: with_factor.contains(&row.uid),
        administrator: administrators.contains(&row.uid),
        uid: row.uid,
        name: row.name,
        email: row.email,
        email_checked: row.email_checked_at.is_some(),
        status: row.status,
        created_at: row.created_at,
    }
}
