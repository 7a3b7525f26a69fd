//! What administrators do with persons, grants and settings. Every call takes an [`Administrator`], and
//! every change a [`ProvenAdministrator`].
//!
//! Invariant: whatever is done here, an active administrator is left.

use std::collections::HashSet;

use jiff::Timestamp;
use wh_ledger::{
    GrantChange, GrantRow, GrantSubject, LedgerError, PersonChange, PersonRow, PersonStatus, RowId,
};
use wh_names::{KeyPrefix, RoleName, Uid};

use crate::{Administrator, People, Person, ProvenAdministrator, Settings};

/// The longest title of a grant, in characters.
const TITLE_CHARS_MAX: usize = 100;

/// A grant to be given, on the bucket of the house.
#[derive(Debug, Clone)]
pub struct GrantForm {
    /// To whom.
    pub subject: GrantSubject,
    /// What may be done. Whether the role exists is the caller's to know.
    pub role: RoleName,
    /// Where: empty for the whole bucket, or ending in `/`. `${uid}` stands for the holder's uid.
    pub prefix: KeyPrefix,
    /// What people see.
    pub title: String,
}

/// A person, as administrators see them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonRecord {
    /// Who it is, for ever.
    pub uid: Uid,
    /// The name as the person writes it.
    pub name: String,
    /// The mail address, as given and not verified.
    pub email: Option<String>,
    /// Whether the person may sign in.
    pub status: PersonStatus,
    /// When the person registered.
    pub created_at: Timestamp,
    /// Whether the person is active and an administrator.
    pub administrator: bool,
    /// Whether the person has a second factor.
    pub second_factor: bool,
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
    /// Only who is pending can be approved.
    #[error("the person does not wait for approval")]
    NotPending,
    /// There is no second factor to take away.
    #[error("the person has no second factor")]
    NoSecondFactor,
    /// The role of administrators cannot be given to everyone.
    #[error("this role cannot be given to everyone")]
    TooWide,
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
            Self::NotPending => "not-pending",
            Self::NoSecondFactor => "second-factor-not-set",
            Self::TooWide => "grant-too-wide",
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
            Self::NoSuchPerson
            | Self::NoSuchGrant
            | Self::LastAdministrator
            | Self::NotPending
            | Self::NoSecondFactor
            | Self::Ledger(_) => None,
        }
    }
}

impl People {
    /// The grants that count for a person: their own and everyone's, with `${uid}` filled in. Whoever
    /// came by an API token has those alone that the token is for.
    pub async fn grants_for(&self, person: &Person) -> Result<Vec<GrantRow>, LedgerError> {
        let grants = self.ledger().grants_for(person.uid()).await?;
        let held = grants.into_iter().filter_map(|grant| grant.as_held_by(person.uid()));
        let in_reach = |grant: &GrantRow| person.scope().is_none_or(|scope| scope.covers(grant));
        Ok(held.filter(in_reach).collect())
    }

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
    ) -> Result<(), AdministrationError> {
        let (settings, now) = (self.settings_now().await?, self.now());
        let grants = self.first_grants(uid, settings, now);
        if self.ledger().activate_person(uid, &grants, now).await? {
            return Ok(());
        }
        self.existing(uid).await?;
        Err(AdministrationError::NotPending)
    }

    /// Shuts a person out, at once and everywhere. Somebody who is out already stays out.
    pub async fn disable(
        &self,
        _administrator: &ProvenAdministrator,
        uid: &Uid,
    ) -> Result<(), AdministrationError> {
        let change = self.ledger().disable_person(uid, self.now(), self.administration()).await?;
        match change {
            PersonChange::Done => Ok(()),
            PersonChange::LastHolder => Err(AdministrationError::LastAdministrator),
            PersonChange::Absent => self.existing(uid).await.map(drop),
        }
    }

    /// Lets a person back who was shut out; who was pending before is pending again.
    pub async fn enable(
        &self,
        _administrator: &ProvenAdministrator,
        uid: &Uid,
    ) -> Result<(), AdministrationError> {
        match self.ledger().enable_person(uid, self.now()).await? {
            PersonChange::Done => Ok(()),
            PersonChange::Absent | PersonChange::LastHolder => self.existing(uid).await.map(drop),
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
    ) -> Result<Vec<GrantRow>, AdministrationError> {
        self.existing(uid).await?;
        Ok(self.ledger().grants_of(uid).await?)
    }

    /// Every grant.
    pub async fn all_grants(
        &self,
        _administrator: &Administrator,
    ) -> Result<Vec<GrantRow>, AdministrationError> {
        Ok(self.ledger().grants().await?)
    }

    /// Gives a grant.
    pub async fn add_grant(
        &self,
        administrator: &ProvenAdministrator,
        form: GrantForm,
    ) -> Result<GrantRow, AdministrationError> {
        let prefix = form.prefix.as_str();
        if !prefix.is_empty() && !prefix.ends_with('/') {
            return Err(AdministrationError::Prefix);
        }
        let title = form.title.trim();
        let chars = title.chars().count();
        if chars == 0 || chars > TITLE_CHARS_MAX || title.chars().any(char::is_control) {
            return Err(AdministrationError::Title);
        }
        let standard = self.standard();
        if form.subject == GrantSubject::Everyone && form.role == standard.admin_role {
            return Err(AdministrationError::TooWide);
        }
        let now = self.now();
        let grant = GrantRow {
            id: RowId::generate(now, self.entropy()),
            subject: form.subject,
            role: form.role,
            bucket: standard.bucket.clone(),
            prefix: form.prefix,
            title: title.to_owned(),
            created_at: now,
            created_by: Some(administrator.uid().clone()),
        };
        match self.ledger().insert_grant(&grant).await {
            Ok(()) => Ok(grant),
            Err(LedgerError::Conflict { .. }) => Err(AdministrationError::NoSuchPerson),
            Err(error) => Err(error.into()),
        }
    }

    /// Takes a grant away, and with it whatever was issued to those who held it. What it was comes
    /// back, so that role sessions held for its subject can be dropped.
    pub async fn remove_grant(
        &self,
        _administrator: &ProvenAdministrator,
        id: &str,
    ) -> Result<GrantRow, AdministrationError> {
        let id = RowId::parse(id).map_err(|_| AdministrationError::NoSuchGrant)?;
        match self.ledger().delete_grant(&id, self.now(), self.administration()).await? {
            GrantChange::Done(grant) => {
                // Once more with the time after the commit: a role may have been assumed between.
                if let Some(uid) = grant.subject.uid() {
                    self.ledger().revoke_person(uid, self.now()).await?;
                }
                Ok(grant)
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

    /// Changes the settings. Who is registered already keeps what they have.
    pub async fn set_settings(
        &self,
        _administrator: &ProvenAdministrator,
        settings: Settings,
    ) -> Result<(), AdministrationError> {
        Ok(self.ledger().put_settings(&settings.rows()).await?)
    }

    pub(crate) async fn existing(&self, uid: &Uid) -> Result<PersonRow, AdministrationError> {
        self.ledger().person(uid).await?.ok_or(AdministrationError::NoSuchPerson)
    }
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
        status: row.status,
        created_at: row.created_at,
    }
}
