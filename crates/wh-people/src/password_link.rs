//! Links by which a person sets their own password: for who has forgotten it, and for who was added by
//! an operator. Nobody else chooses it or sees it.
//!
//! Invariant: a link sets a password and signs nobody in, so that a second factor is asked for as ever. It
//! ends with the rights of the administrator who made it.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use wh_ledger::{AddedLinks, LedgerError, NewPasswordLink, PersonRow, PersonStatus};
use wh_names::{Secret, Uid};

use crate::mail::Notice;
use crate::name::PersonName;
use crate::password::{Chooser, Weight};
use crate::throttle::Key;
use crate::{Actor, AdministrationError, Entered, FieldError, Peer, People};

/// How long a link may be spent. Source: OWASP ASVS 5.0, 6.4.3.
pub const PASSWORD_LINK_LIFE: SignedDuration = SignedDuration::from_mins(20);

/// How long the first link of somebody new may be spent: as long as an invitation.
pub const FIRST_PASSWORD_LINK_LIFE: SignedDuration = SignedDuration::from_hours(24);

/// A link that was just made.
#[derive(Debug)]
#[must_use = "the token is shown once, and without it the link is lost"]
pub struct PasswordLink {
    /// What the link is recognised by.
    pub token: Secret,
    /// Until when it may be spent.
    pub expires_at: Timestamp,
}

/// Why a link set no password.
#[derive(Debug, thiserror::Error)]
pub enum PasswordLinkError {
    /// It is not one, was spent or replaced, has expired, or its person is shut out.
    #[error("the link is not valid: it may have been used, replaced, or be too old")]
    Refused,
    /// The password is not as it must be. The link is not spent.
    #[error(transparent)]
    Field(#[from] FieldError),
    /// There were too many attempts. The link is not spent.
    #[error("there were too many attempts")]
    Throttled {
        /// How long to wait.
        retry_after: Duration,
    },
    /// Too many passwords are being hashed at this moment. The link is not spent.
    #[error("too many are registering or signing in at this moment")]
    Busy,
    /// The ledger failed.
    #[error("the ledger did not do it")]
    Ledger(#[from] LedgerError),
}

impl PasswordLinkError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused => "password-link-refused",
            Self::Field(error) => error.code(),
            Self::Throttled { .. } => "throttled",
            Self::Busy => "busy",
            Self::Ledger(error) => error.code(),
        }
    }

    /// The field at fault, if one is.
    pub fn field(&self) -> Option<&'static str> {
        match self {
            Self::Field(_) => Some("password"),
            Self::Refused | Self::Throttled { .. } | Self::Busy | Self::Ledger(_) => None,
        }
    }
}

impl People {
    /// Makes a link by which a person sets their own password, once. An earlier one is void. Until it is
    /// followed, everything stays as it is; then linked sign-ins that were added may end, too.
    pub async fn make_password_link(
        &self,
        actor: Actor<'_>,
        (uid, links): (&Uid, AddedLinks),
    ) -> Result<PasswordLink, AdministrationError> {
        if self.existing(uid).await?.status == PersonStatus::Disabled {
            return Err(AdministrationError::Disabled);
        }
        let (link, row) = self.draw_link(actor.uid().cloned(), PASSWORD_LINK_LIFE);
        let row = NewPasswordLink { links, ..row };
        let ledger = self.ledger().with_mails(self.notice(uid, &Notice::PasswordLinkMade));
        match ledger.put_password_link(uid, &row, None).await {
            Ok(()) => Ok(link),
            Err(LedgerError::Conflict { .. }) => Err(AdministrationError::NoSuchPerson),
            Err(error) => Err(error.into()),
        }
    }

    /// A link that is not kept yet.
    pub(crate) fn draw_link(
        &self,
        created_by: Option<Uid>,
        life: SignedDuration,
    ) -> (PasswordLink, NewPasswordLink) {
        let token = Secret::random(self.entropy());
        let expires_at = self.now().checked_add(life).unwrap_or(Timestamp::MAX);
        let row = NewPasswordLink {
            digest: token.digest(),
            by_mail: false,
            expires_at,
            created_by,
            links: AddedLinks::Keep,
        };
        (PasswordLink { token, expires_at }, row)
    }

    /// A link for somebody whose password was right just now, and is too short to sign them in by itself.
    /// `None`: in the meantime it was changed, the person was shut out, or has a second factor.
    pub(crate) async fn ask_longer_password(
        &self,
        row: &PersonRow,
    ) -> Result<Option<Entered>, LedgerError> {
        let (link, kept) = self.draw_link(None, PASSWORD_LINK_LIFE);
        let whose = (&row.uid, &row.password_phc);
        let put = self.ledger().put_password_link_by(whose, &kept).await?;
        Ok(put.then(|| Entered::LongerPassword { link, uid: row.uid.clone() }))
    }

    /// Spends a link on a new password. Every session of its person ends; they sign in with it then.
    pub async fn follow_password_link(
        &self,
        token: &Secret,
        password: &Secret,
        peer: &Peer,
    ) -> Result<Uid, PasswordLinkError> {
        let keys = peer.ip.map(Key::registration).into_iter().collect();
        let attempt = self.throttle().admit(keys, self.now());
        attempt.map(drop).map_err(|retry_after| PasswordLinkError::Throttled { retry_after })?;
        let digest = token.digest();
        // A glance before the costly hash; the link is spent below, in one transaction.
        let row = self.ledger().password_link_of(&digest, self.now()).await?;
        let row = row.ok_or(PasswordLinkError::Refused)?;
        let name = PersonName::parse(&row.name)?;
        let weight = Weight::of(self.ledger().factors(&row.uid).await?);
        let chooser = Chooser { name: &name, email: row.email.as_deref(), weight };
        self.check_password(password, chooser)?;
        self.check_breaches(password).await?;
        let hash = self.hasher().hash(password).await.map_err(|_| PasswordLinkError::Busy)?;
        let set = (&hash, self.administration());
        let links = self.ledger().links_of_password_link(&digest).await?;
        let remain = self.other_ways(&row.uid, links).await?;
        let notice = Notice::PasswordSetByLink { remain: &remain };
        let ledger = self.ledger().with_mails(self.notice(&row.uid, &notice));
        let uid = ledger.spend_password_link(&digest, self.now(), set).await?;
        let uid = uid.ok_or(PasswordLinkError::Refused)?;
        // Once more with the time after the commit: a role may have been assumed between.
        self.ledger().revoke_person(&uid, self.now()).await?;
        Ok(uid)
    }
}
