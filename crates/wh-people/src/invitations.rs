//! Invitations: an administrator or an operator says who may come in, and what they find there. A link
//! with 256 random bits lets one person in, once; whoever follows it chooses the password.
//!
//! Invariant: an invitation brings no administrator, and nothing while its maker is none any more.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use wh_ledger::{
    GrantRow, GrantSubject, Guest, InvitationRow, InvitedGrant, LedgerError, MailRow, MailTo,
    PersonGroupRow, RowId,
};
use wh_names::{KeyPrefix, RoleName, Secret, Uid};

use crate::form::CheckedForm;
use crate::holdings::{NamedPerson, named};
use crate::mail::{Invited, MailAddress, letters};
use crate::name::PersonName;
use crate::provision::{NotAdmitted, Way, admission};
use crate::throttle::Key;
use crate::{
    Actor, AdministrationError, Administrator, FieldError, GrantForm, Peer, People,
    ProvenAdministrator, check_grant,
};

/// The longest that an invitation may be spent, and how long it is without a word. Source: OWASP ASVS
/// 5.0, 6.4.1.
pub const INVITATION_LIFE_MAX: SignedDuration = SignedDuration::from_hours(24);

/// How long invitations are shown after they have expired.
pub(crate) const INVITATIONS_KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The most groups and the most grants that one invitation brings.
const BROUGHT_MAX: usize = 20;

/// What an invitation is to say.
#[derive(Debug, Clone, Default)]
pub struct InvitationForm {
    /// What the person will be called; they choose, without it.
    pub name: Option<String>,
    /// Their mail address; they may give one, without it.
    pub email: Option<String>,
    /// The groups that they will be in, by id.
    pub groups: Vec<String>,
    /// What they will be granted by name, besides what every new person is.
    pub grants: Vec<InvitedGrantForm>,
    /// How long it may be spent; [`INVITATION_LIFE_MAX`], without it.
    pub life: Option<SignedDuration>,
}

/// A grant that an invitation is to bring, on the bucket of the house.
#[derive(Debug, Clone)]
pub struct InvitedGrantForm {
    /// What may be done. Whether the role exists is the caller's to know.
    pub role: RoleName,
    /// Where: empty for the whole bucket, or ending in `/`. `${uid}` stands for the person's uid.
    pub prefix: KeyPrefix,
    /// What people see.
    pub title: String,
    /// When it stops counting; never, without it.
    pub ends_at: Option<Timestamp>,
}

/// An invitation that was just made.
#[derive(Debug)]
#[must_use = "the token is shown once, and without it the invitation is lost"]
pub struct MadeInvitation {
    /// What it says.
    pub row: InvitationRow,
    /// What lets the person in.
    pub token: Secret,
}

/// How an invitation stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InvitationStanding {
    /// It can be spent.
    Open,
    /// It was spent on this person.
    Spent(NamedPerson),
    /// It was revoked.
    Revoked,
    /// Its time is over.
    Expired,
}

/// An invitation, as administrators see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitationRecord {
    /// What it says.
    pub row: InvitationRow,
    /// How it stands.
    pub standing: InvitationStanding,
    /// Its groups, by name.
    pub groups: Vec<PersonGroupRow>,
    /// Who made it; nobody, when an operator did.
    pub made_by: Option<NamedPerson>,
}

/// What somebody with an invitation says. There is no field for rights, and there will be none.
#[derive(Debug)]
pub struct AcceptForm {
    /// The token.
    pub token: Secret,
    /// The name, where the invitation says none.
    pub name: Option<String>,
    /// A mail address, where the invitation says none.
    pub email: Option<String>,
    /// The password.
    pub password: Secret,
}

/// Somebody who came in by an invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// Who it is, for ever.
    pub uid: Uid,
    /// By what.
    pub invitation: InvitationRow,
}

/// What an invitation says to whoever holds its link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offered {
    /// What they will be called, where it says so.
    pub name: Option<String>,
    /// Their mail address, where it says so.
    pub email: Option<String>,
    /// Until when they may accept.
    pub expires_at: Timestamp,
}

/// Why nobody came in by an invitation.
#[derive(Debug, thiserror::Error)]
pub enum InvitationError {
    /// It is not one, was spent or revoked, has expired, or whoever made it may not invite any more.
    #[error("the invitation is not valid: it may have been used, revoked, or be too old")]
    Refused,
    /// Nobody may come in at all.
    #[error("registration is closed")]
    Closed,
    /// A field is not as it must be. The invitation is not spent.
    #[error(transparent)]
    Field(#[from] FieldError),
    /// There were too many attempts, or too many names that are taken. The invitation is not spent.
    #[error("there were too many attempts")]
    Throttled {
        /// How long to wait.
        retry_after: Duration,
    },
    /// Too many passwords are being hashed at this moment. The invitation is not spent.
    #[error("too many are registering or signing in at this moment")]
    Busy,
    /// The ledger failed.
    #[error("the ledger did not do it")]
    Ledger(#[from] LedgerError),
}

impl InvitationError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused => "invitation-refused",
            Self::Closed => "registration-closed",
            Self::Field(error) => error.code(),
            Self::Throttled { .. } => "throttled",
            Self::Busy => "busy",
            Self::Ledger(error) => error.code(),
        }
    }

    /// The field at fault, if one is.
    pub fn field(&self) -> Option<&'static str> {
        match self {
            Self::Field(error) => Some(error.field()),
            Self::Refused
            | Self::Closed
            | Self::Throttled { .. }
            | Self::Busy
            | Self::Ledger(_) => None,
        }
    }
}

impl People {
    /// Makes an invitation.
    pub async fn invite(
        &self,
        actor: Actor<'_>,
        form: InvitationForm,
    ) -> Result<MadeInvitation, AdministrationError> {
        if admission(&self.settings_now().await?, &Way::Invitation, self.mailing()).is_err() {
            return Err(AdministrationError::RegistrationClosed);
        }
        let now = self.now();
        let address = MailAddress::parse_optional(form.email.as_deref())?;
        let row = self.invitation_row(actor, form, (now, address.as_ref()))?;
        if let Some(name) = &row.name {
            let name = PersonName::parse(name)?;
            if self.ledger().person_by_name_key(name.key()).await?.is_some() {
                return Err(FieldError::NameTaken.into());
            }
        }
        let token = Secret::random(self.entropy());
        let mails = address.map(|to| self.invitation_mail(&to, (&row, &token)));
        let ledger = self.ledger().with_mails(mails.into_iter().collect());
        match ledger.insert_invitation(&row, &token.digest()).await {
            Ok(()) => Ok(MadeInvitation { row, token }),
            Err(LedgerError::Conflict { .. }) => Err(AdministrationError::NoSuchGroup),
            Err(error) => Err(error.into()),
        }
    }

    /// The link, to the address that the invitation names.
    fn invitation_mail(
        &self,
        to: &MailAddress,
        (row, token): (&InvitationRow, &Secret),
    ) -> MailRow {
        let link = self.link_to("invitation", token);
        let invited = Invited { link: &link, until: row.expires_at };
        let letter = letters::invitation(self.house_url(), &invited);
        let to = MailTo::Address { email: to.as_str().to_owned(), key: to.key(), of: None };
        self.mail(to, letter, None)
    }

    fn invitation_row(
        &self,
        actor: Actor<'_>,
        form: InvitationForm,
        (now, address): (Timestamp, Option<&MailAddress>),
    ) -> Result<InvitationRow, AdministrationError> {
        let life = form.life.unwrap_or(INVITATION_LIFE_MAX);
        if !life.is_positive() || life > INVITATION_LIFE_MAX {
            return Err(AdministrationError::Life { max: INVITATION_LIFE_MAX });
        }
        if form.groups.len() > BROUGHT_MAX || form.grants.len() > BROUGHT_MAX {
            return Err(AdministrationError::TooManyBrought { max: BROUGHT_MAX });
        }
        let name = form.name.filter(|name| !name.trim().is_empty());
        let name = name.map(|name| PersonName::choose(&name)).transpose()?;
        let group = |id: &String| RowId::parse(id).map_err(|_| AdministrationError::NoSuchGroup);
        let grants = form.grants.into_iter().map(|grant| self.invited_grant(grant, now));
        Ok(InvitationRow {
            id: RowId::generate(now, self.entropy()),
            name: name.map(|name| name.as_str().to_owned()),
            email: address.map(|address| address.as_str().to_owned()),
            groups: form.groups.iter().map(group).collect::<Result<_, _>>()?,
            grants: grants.collect::<Result<_, _>>()?,
            created_at: now,
            created_by: actor.uid().cloned(),
            expires_at: now.checked_add(life).unwrap_or(Timestamp::MAX),
            revoked_at: None,
            spent: None,
        })
    }

    /// As if it were given to everyone: nobody knows who will follow the link, so it may be nothing
    /// that only a person may be given by name.
    fn invited_grant(
        &self,
        form: InvitedGrantForm,
        now: Timestamp,
    ) -> Result<InvitedGrant, AdministrationError> {
        let InvitedGrantForm { role, prefix, title, ends_at } = form;
        let subject = GrantSubject::Everyone;
        let form = GrantForm { subject, role, bucket: None, prefix, title, ends_at };
        let form = check_grant(form, &self.standard().admin_role, now)?;
        Ok(InvitedGrant {
            role: form.role,
            bucket: self.standard().bucket.clone(),
            prefix: form.prefix,
            title: form.title,
            ends_at: form.ends_at,
        })
    }

    /// Every invitation that is remembered, the newest first.
    pub async fn list_invitations(
        &self,
        _administrator: &Administrator,
    ) -> Result<Vec<InvitationRecord>, AdministrationError> {
        let (names, groups, now) =
            (self.names().await?, self.ledger().person_groups().await?, self.now());
        let record = |row: InvitationRow| InvitationRecord {
            standing: match (&row.spent, row.revoked_at) {
                (Some((_, uid)), _) => InvitationStanding::Spent(named(uid, &names)),
                (None, Some(_)) => InvitationStanding::Revoked,
                (None, None) if now < row.expires_at => InvitationStanding::Open,
                (None, None) => InvitationStanding::Expired,
            },
            groups: groups.iter().filter(|group| row.groups.contains(&group.id)).cloned().collect(),
            made_by: row.created_by.as_ref().map(|uid| named(uid, &names)),
            row,
        };
        Ok(self.ledger().invitations().await?.into_iter().map(record).collect())
    }

    /// Revokes an invitation that was not spent.
    pub async fn revoke_invitation(
        &self,
        _administrator: &ProvenAdministrator,
        id: &str,
    ) -> Result<(), AdministrationError> {
        let id = RowId::parse(id).map_err(|_| AdministrationError::NoSuchInvitation)?;
        let done = self.ledger().revoke_invitation(&id, self.now()).await?;
        done.then_some(()).ok_or(AdministrationError::NoSuchInvitation)
    }

    /// What an invitation says to whoever holds its link; it is not spent.
    pub async fn look_at_invitation(&self, token: &Secret) -> Result<Offered, InvitationError> {
        let row = self.standing_invitation(token).await?;
        let settings = self.settings_now().await?;
        admission(&settings, &Way::Invitation, self.mailing())
            .map_err(|_| InvitationError::Closed)?;
        Ok(Offered { name: row.name, email: row.email, expires_at: row.expires_at })
    }

    /// Spends an invitation on a new person, who may sign in.
    /// Each try counts against the address for good, as registering does.
    pub async fn accept_invitation(
        &self,
        form: AcceptForm,
        peer: &Peer,
    ) -> Result<Accepted, InvitationError> {
        let keys = peer.ip.map(Key::registration).into_iter().collect();
        let attempt = self.throttle().admit(keys, self.now());
        attempt.map(drop).map_err(|retry_after| InvitationError::Throttled { retry_after })?;
        // A glance before the costly hash; it is spent below, in one transaction.
        let row = self.standing_invitation(&form.token).await?;
        let settings = self.settings_now().await?;
        let admitted = admission(&settings, &Way::Invitation, self.mailing());
        let admitted = admitted.map_err(|why| match why {
            NotAdmitted::Closed | NotAdmitted::InvitationOnly | NotAdmitted::MailDomain => {
                InvitationError::Closed
            }
        })?;
        let name = row.name.as_deref().or(form.name.as_deref()).unwrap_or_default();
        let email = row.email.as_deref().or(form.email.as_deref());
        let checked = CheckedForm::check(self, (name, email), form.password)?;
        self.check_breaches(&checked.password).await?;
        self.check_free(&checked.name, &form.token).await?;
        let hash = self.hasher().hash(&checked.password).await;
        let hash = hash.map_err(|_| InvitationError::Busy)?;
        let now = self.now();
        let email = checked.email.clone();
        let newcomer = self.provision(checked.identity(hash), admitted, &settings, now);
        let uid = newcomer.person.uid.clone();
        let whose = (&uid, admitted.entry().admits());
        let (check, mails) = self.check_if_given(email.as_ref(), whose).await?;
        let mut grants = newcomer.grants;
        grants.extend(row.grants.iter().map(|grant| self.brought(grant, (&uid, &row), now)));
        let guest = Guest {
            person: &newcomer.person,
            grants: &grants,
            check: check.as_ref(),
            administration: self.administration(),
        };
        let ledger = self.ledger().with_mails(mails);
        match ledger.spend_invitation(&form.token.digest(), now, guest).await {
            Ok(true) => Ok(Accepted { uid, invitation: row }),
            Ok(false) => Err(InvitationError::Refused),
            Err(LedgerError::Conflict { what: "person" }) => Err(FieldError::NameTaken.into()),
            Err(error) => Err(error.into()),
        }
    }

    /// That nobody has the name. Who is invited must choose one that is free and is told, so each that is
    /// taken counts against the invitation: it tells of few.
    async fn check_free(&self, name: &PersonName, token: &Secret) -> Result<(), InvitationError> {
        let tried = vec![Key::Invitation(token.digest())];
        let tried = self.throttle().admit(tried, self.now());
        let tried = tried.map_err(|retry_after| InvitationError::Throttled { retry_after })?;
        if self.ledger().person_by_name_key(name.key()).await?.is_some() {
            return Err(FieldError::NameTaken.into());
        }
        self.throttle().unjudged(tried);
        Ok(())
    }

    fn brought(
        &self,
        grant: &InvitedGrant,
        (uid, invitation): (&Uid, &InvitationRow),
        now: Timestamp,
    ) -> GrantRow {
        GrantRow {
            id: RowId::generate(now, self.entropy()),
            subject: GrantSubject::Person(uid.clone()),
            role: grant.role.clone(),
            bucket: grant.bucket.clone(),
            prefix: grant.prefix.clone(),
            title: grant.title.clone(),
            created_at: now,
            created_by: invitation.created_by.clone(),
            ends_at: grant.ends_at,
        }
    }

    async fn standing_invitation(&self, token: &Secret) -> Result<InvitationRow, InvitationError> {
        let row = self.ledger().invitation_that_stands(&token.digest(), self.now()).await?;
        row.ok_or(InvitationError::Refused)
    }
}
