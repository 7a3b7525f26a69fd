//! Who may come in, and what a new person is given: the one place where rights come from without an
//! administrator. Every way in passes it: the form, an invitation, a provider, an operator, set-up.
//!
//! Invariant: nobody is made a person without an [`Admitted`], which [`admission`] alone mints. What it
//! brings is reading on what is shared, and work in one's own home. Nothing that anybody sends reaches
//! this file but a mail address, which only ever turns somebody away, or, proved, lets in whom its
//! domain may.

use jiff::Timestamp;
use wh_ledger::{GrantRow, GrantSubject, PasswordPhc, PersonRow, PersonStatus, RowId};
use wh_names::{KeyPrefix, RoleName, Uid};

use crate::name::PersonName;
use crate::{People, RegistrationMode, Settings};

/// By which way somebody comes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Way<'a> {
    /// By the form that anybody can fill in, with this mail address.
    Form(Option<&'a str>),
    /// By an invitation, whose maker vouches for them.
    Invitation,
    /// By the word of a provider, with the mail address that it has verified.
    Provider(Option<&'a str>),
    /// By an operator on the machine, who could write the ledger by hand.
    Operator,
    /// By the set-up token: the first of all.
    SetUp,
}

/// That somebody may come in, and how they stand at first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Admitted(PersonStatus);

impl Admitted {
    /// How they stand at first.
    pub(crate) fn status(self) -> PersonStatus {
        self.0
    }
}

/// Why nobody comes in by this way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotAdmitted {
    /// Nobody may come in.
    Closed,
    /// Only who is invited may.
    InvitationOnly,
    /// Only who has a mail address of the domains may.
    MailDomain,
}

/// Who somebody new is.
#[derive(Debug)]
pub(crate) struct Identity {
    pub(crate) name: PersonName,
    pub(crate) email: Option<String>,
    pub(crate) password_phc: PasswordPhc,
}

/// A new person, and all that they are granted.
#[derive(Debug)]
pub(crate) struct Newcomer {
    pub(crate) person: PersonRow,
    pub(crate) grants: Vec<GrantRow>,
}

/// How somebody who comes by a way stands at first, if they may come at all.
///
/// A mail address is what somebody says. Until it is proved, its domain lets nobody in by itself: who
/// has named one of the listed waits for an administrator, as they would for the proof. A provider has
/// proved it.
pub(crate) fn admission(settings: &Settings, way: &Way<'_>) -> Result<Admitted, NotAdmitted> {
    let status = match (way, settings.registration) {
        (
            Way::Operator | Way::SetUp,
            RegistrationMode::Open
            | RegistrationMode::Approval
            | RegistrationMode::Domains
            | RegistrationMode::Invitation
            | RegistrationMode::Closed,
        )
        | (
            Way::Invitation,
            RegistrationMode::Open
            | RegistrationMode::Approval
            | RegistrationMode::Domains
            | RegistrationMode::Invitation,
        )
        | (Way::Form(_) | Way::Provider(_), RegistrationMode::Open) => PersonStatus::Active,
        (Way::Form(_) | Way::Provider(_), RegistrationMode::Approval) => PersonStatus::Pending,
        (Way::Form(email) | Way::Provider(email), RegistrationMode::Domains) => {
            let proved = matches!(way, Way::Provider(_));
            let listed = settings.lists(*email).then_some(proved).ok_or(NotAdmitted::MailDomain);
            if listed? { PersonStatus::Active } else { PersonStatus::Pending }
        }
        (Way::Form(_) | Way::Provider(_), RegistrationMode::Invitation) => {
            return Err(NotAdmitted::InvitationOnly);
        }
        (Way::Form(_) | Way::Invitation | Way::Provider(_), RegistrationMode::Closed) => {
            return Err(NotAdmitted::Closed);
        }
    };
    Ok(Admitted(status))
}

impl People {
    /// A new person who was admitted, with what everybody who stands so is given.
    pub(crate) fn provision(
        &self,
        identity: Identity,
        admitted: Admitted,
        settings: &Settings,
        now: Timestamp,
    ) -> Newcomer {
        let status = admitted.status();
        let person = PersonRow {
            uid: Uid::generate(now, self.entropy()),
            name: identity.name.as_str().to_owned(),
            name_key: identity.name.key().to_owned(),
            name_look: identity.name.look().to_owned(),
            email: identity.email,
            password_phc: identity.password_phc,
            status,
            created_at: now,
            approved_at: (status == PersonStatus::Active).then_some(now),
        };
        let grants = match status {
            PersonStatus::Active => self.first_grants(&person.uid, settings, now),
            PersonStatus::Pending | PersonStatus::Disabled => Vec::new(),
        };
        Newcomer { person, grants }
    }

    /// The grants of a new active person.
    pub(crate) fn first_grants(
        &self,
        uid: &Uid,
        settings: &Settings,
        at: Timestamp,
    ) -> Vec<GrantRow> {
        let standard = self.standard();
        let shared = (&standard.regular_role, standard.shared_prefix.clone(), "Shared");
        let mut grants = vec![self.standard_grant(uid, shared, at)];
        let home = KeyPrefix::parse(&format!("{}{uid}/", standard.home_prefix));
        // `People::new` saw to it that a home's prefix is never too long.
        if let (true, Ok(prefix)) = (settings.homes, home) {
            grants.push(self.standard_grant(uid, (&standard.home_role, prefix, "Home"), at));
        }
        grants
    }

    /// The grant that makes an administrator; set-up alone gives it unasked.
    pub(crate) fn administrator_grant(&self, uid: &Uid, at: Timestamp) -> GrantRow {
        let holding = self.administration();
        self.standard_grant(uid, (&holding.role, holding.prefix.clone(), "Everything"), at)
    }

    fn standard_grant(
        &self,
        uid: &Uid,
        (role, prefix, title): (&RoleName, KeyPrefix, &str),
        at: Timestamp,
    ) -> GrantRow {
        GrantRow {
            id: RowId::generate(at, self.entropy()),
            subject: GrantSubject::Person(uid.clone()),
            role: role.clone(),
            bucket: self.standard().bucket.clone(),
            prefix,
            title: title.to_owned(),
            created_at: at,
            created_by: None,
            ends_at: None,
        }
    }
}
