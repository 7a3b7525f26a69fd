//! Who may come in, and what a new person is given: the one place where rights come from without an
//! administrator. Every way in passes it: the form, an invitation, a provider, an operator, set-up.
//!
//! Invariant: nobody is made a person without an [`Admitted`], which [`admission`] alone mints. What it
//! brings is reading on what is shared, and work in one's own home. Nothing that anybody sends reaches
//! this file but a mail address, which only ever turns somebody away until it was checked, or, proved by
//! a provider, lets in whom its domain may.

use jiff::Timestamp;
use wh_ledger::{Admits, GrantRow, GrantSubject, PasswordPhc, PersonRow, PersonStatus, RowId};
use wh_names::{KeyPrefix, RoleName, Uid};

use crate::mail::{MailAddress, Mailing};
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

/// That somebody may come in, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Admitted(Entry);

impl Admitted {
    /// How they come in.
    pub(crate) fn entry(self) -> Entry {
        self.0
    }
}

/// How somebody comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entry {
    /// At once.
    AtOnce,
    /// Once an administrator approves.
    ByApproval,
    /// Once they follow the link that is sent to their address.
    ByCheck,
    /// Once they follow it, and an administrator approves.
    ByCheckAndApproval,
}

impl Entry {
    /// How they stand at first.
    pub(crate) fn status(self) -> PersonStatus {
        match self {
            Self::AtOnce => PersonStatus::Active,
            Self::ByApproval | Self::ByCheck | Self::ByCheckAndApproval => PersonStatus::Pending,
        }
    }

    /// What following the link is worth.
    pub(crate) fn admits(self) -> Admits {
        match self {
            Self::AtOnce | Self::ByApproval => Admits::Nothing,
            Self::ByCheck => Admits::Entry,
            Self::ByCheckAndApproval => Admits::Approval,
        }
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
    pub(crate) email: Option<MailAddress>,
    pub(crate) password_phc: PasswordPhc,
}

/// A new person, and all that they are granted.
#[derive(Debug)]
pub(crate) struct Newcomer {
    pub(crate) person: PersonRow,
    pub(crate) grants: Vec<GrantRow>,
}

/// How somebody who comes by a way comes in, if they may at all.
///
/// A mail address is what somebody says. Its domain lets nobody in until a link that was sent there was
/// followed; where mail reaches nobody, who has named a listed one waits for an administrator instead. A
/// provider has proved it.
pub(crate) fn admission(
    settings: &Settings,
    way: &Way<'_>,
    mailing: Mailing,
) -> Result<Admitted, NotAdmitted> {
    let entry = match (way, settings.registration) {
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
        | (Way::Provider(_), RegistrationMode::Open) => Entry::AtOnce,
        (Way::Provider(_), RegistrationMode::Approval) => Entry::ByApproval,
        (Way::Form(_), RegistrationMode::Open) => match (settings.mail_check, mailing) {
            (false, Mailing::Sent | Mailing::NotSetUp) => Entry::AtOnce,
            (true, Mailing::Sent) => Entry::ByCheck,
            (true, Mailing::NotSetUp) => Entry::ByApproval,
        },
        (Way::Form(_), RegistrationMode::Approval) => match (settings.mail_check, mailing) {
            (true, Mailing::Sent) => Entry::ByCheckAndApproval,
            (true, Mailing::NotSetUp) | (false, Mailing::Sent | Mailing::NotSetUp) => {
                Entry::ByApproval
            }
        },
        (Way::Form(email) | Way::Provider(email), RegistrationMode::Domains) => {
            let proved = matches!(way, Way::Provider(_));
            if !settings.lists(*email) {
                return Err(NotAdmitted::MailDomain);
            }
            match (proved, mailing) {
                (true, Mailing::Sent | Mailing::NotSetUp) => Entry::AtOnce,
                (false, Mailing::Sent) => Entry::ByCheck,
                (false, Mailing::NotSetUp) => Entry::ByApproval,
            }
        }
        (Way::Form(_) | Way::Provider(_), RegistrationMode::Invitation) => {
            return Err(NotAdmitted::InvitationOnly);
        }
        (Way::Form(_) | Way::Invitation | Way::Provider(_), RegistrationMode::Closed) => {
            return Err(NotAdmitted::Closed);
        }
    };
    Ok(Admitted(entry))
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
        let status = admitted.entry().status();
        let person = PersonRow {
            uid: Uid::generate(now, self.entropy()),
            name: identity.name.as_str().to_owned(),
            name_key: identity.name.key().to_owned(),
            name_look: identity.name.look().to_owned(),
            email: identity.email.as_ref().map(|email| email.as_str().to_owned()),
            email_key: identity.email.as_ref().map(MailAddress::key),
            email_checked_at: None,
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
