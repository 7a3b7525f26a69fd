//! Mail addresses of persons: given, checked by a link, changed and taken away.
//!
//! Invariant: an address is what somebody says until a link that was sent there is followed, and the one
//! that was checked before stays until then. Whether somebody else has an address is told to them alone.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use wh_ledger::{
    Admits, AuditKind, AuditRecord, EmailCheckRow, EmailWanted, LedgerError, MailRow, MailTo,
    PersonRow, PersonStatus,
};
use wh_names::{Secret, Uid};

use crate::mail::{ASKED_MAX, MailAddress, Notice, after, letters};
use crate::provision::{Entry, Way, admission};
use crate::throttle::Key;
use crate::{FieldError, Peer, People, Person, Proven, Settings};

/// How long a link that checks an address may be followed.
pub const MAIL_CHECK_LIFE: SignedDuration = SignedDuration::from_hours(24);

/// One's own mail address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnEmail {
    /// The address.
    pub email: Option<String>,
    /// Whether it was checked.
    pub checked: bool,
    /// The one that waits to be checked, and until when.
    pub wanted: Option<(String, Timestamp)>,
}

/// What came of following a link that checks an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedEmail {
    /// Whose address it is.
    pub uid: Uid,
    /// Whether they may sign in; else they wait for an administrator.
    pub active: bool,
}

/// Why an address was not taken.
#[derive(Debug, thiserror::Error)]
pub enum EmailError {
    /// It is none.
    #[error(transparent)]
    Field(#[from] FieldError),
    /// The link is none, was followed or replaced, has expired, or its person is shut out.
    #[error("the link is not valid: it may have been used, replaced, or be too old")]
    Refused,
    /// There were too many attempts.
    #[error("there were too many attempts")]
    Throttled {
        /// How long to wait.
        retry_after: Duration,
    },
    /// In the meantime the session ended.
    #[error("the session has ended")]
    Ended,
    /// The ledger failed.
    #[error("the ledger did not do it")]
    Ledger(#[from] LedgerError),
}

impl EmailError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Field(error) => error.code(),
            Self::Refused => "mail-link-refused",
            Self::Throttled { .. } => "throttled",
            Self::Ended => "not-signed-in",
            Self::Ledger(error) => error.code(),
        }
    }

    /// The field at fault, if one is.
    pub fn field(&self) -> Option<&'static str> {
        match self {
            Self::Field(error) => Some(error.field()),
            Self::Refused | Self::Throttled { .. } | Self::Ended | Self::Ledger(_) => None,
        }
    }
}

impl People {
    /// One's own mail address.
    pub async fn own_email(&self, person: &Person) -> Result<OwnEmail, EmailError> {
        let row = self.ledger().person(person.uid()).await?.ok_or(EmailError::Ended)?;
        let wanted = self.ledger().email_wanted(person.uid()).await?;
        let wanted = wanted.filter(|wanted| wanted.expires_at > self.now());
        Ok(OwnEmail {
            checked: row.email_checked_at.is_some(),
            email: row.email,
            wanted: wanted.map(|wanted| (wanted.email, wanted.expires_at)),
        })
    }

    /// Asks for an address to be one's own: a link is sent there, and the address that was checked
    /// before is told. Nothing else changes until the link is followed.
    pub async fn want_email(&self, proven: &Proven, email: &str) -> Result<(), EmailError> {
        let uid = proven.person().uid();
        let keys = vec![Key::Mail(uid.as_str().to_owned())];
        let attempt = self.throttle().admit(keys, self.now());
        attempt.map(drop).map_err(|retry_after| EmailError::Throttled { retry_after })?;
        let address = MailAddress::parse(email)?;
        let row = self.ledger().person(uid).await?.ok_or(EmailError::Ended)?;
        let (check, mut mails) = self.check_of(&address, (uid, Admits::Nothing)).await?;
        if row.email_key.as_deref() != Some(address.key().as_str()) {
            mails.extend(self.notice(uid, &Notice::AddressToChange { to: address.as_str() }));
        }
        match self.ledger().with_mails(mails).put_email_check(uid, &check).await {
            Err(LedgerError::Conflict { .. }) => Err(EmailError::Ended),
            done => Ok(done?),
        }
    }

    /// Takes one's own address away. `false`: there was none.
    pub async fn remove_email(&self, proven: &Proven) -> Result<bool, EmailError> {
        let uid = proven.person().uid();
        let mails = self.notice(uid, &Notice::AddressChanged);
        Ok(self.ledger().with_mails(mails).remove_email(uid).await?)
    }

    /// Follows a link that checks an address. Nobody is signed in by it.
    pub async fn follow_mail_link(
        &self,
        token: &Secret,
        peer: &Peer,
    ) -> Result<CheckedEmail, EmailError> {
        let keys = peer.ip.map(Key::registration).into_iter().collect();
        let attempt = self.throttle().admit(keys, self.now());
        attempt.map(drop).map_err(|retry_after| EmailError::Throttled { retry_after })?;
        let (digest, now) = (token.digest(), self.now());
        // A glance at what to write; the link is spent below, in one transaction.
        let found = self.ledger().email_check_of(&digest, now).await?;
        let (row, wanted) = found.ok_or(EmailError::Refused)?;
        let settings = self.settings_now().await?;
        let enters = wanted.admits == Admits::Entry && self.still_enters(&settings, &wanted.email);
        let entry = enters.then(|| self.first_grants(&row.uid, &settings, now));
        let mails = self.told_of_check(&row, &wanted, entry.is_some()).await?;
        let ledger = self.ledger().with_mails(mails);
        match ledger.spend_email_check(&digest, now, entry.as_deref()).await {
            Ok(Some(uid)) => {
                let person = self.ledger().person(&uid).await?;
                let active = person.is_some_and(|row| row.status == PersonStatus::Active);
                Ok(CheckedEmail { uid, active })
            }
            // Somebody else has checked the same address meanwhile, and is not told of to this one.
            Ok(None) | Err(LedgerError::Conflict { .. }) => Err(EmailError::Refused),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether somebody who registered by the form would come in now, with an address that is checked: the
    /// house may have become another since they asked.
    fn still_enters(&self, settings: &Settings, email: &str) -> bool {
        let admitted = admission(settings, &Way::Form(Some(email)), self.mailing());
        match admitted.map(crate::provision::Admitted::entry) {
            Ok(Entry::AtOnce | Entry::ByCheck) => true,
            Ok(Entry::ByApproval | Entry::ByCheckAndApproval) | Err(_) => false,
        }
    }

    /// What is told when an address is checked: to the one before, and to who approves.
    async fn told_of_check(
        &self,
        row: &PersonRow,
        wanted: &EmailWanted,
        enters: bool,
    ) -> Result<Vec<MailRow>, LedgerError> {
        let mut mails = Vec::new();
        let before = (&row.email, &row.email_key, row.email_checked_at);
        if let (Some(email), Some(key), Some(_)) = before
            && *key != wanted.email_key
        {
            let (email, key, of) = (email.clone(), key.clone(), Some(row.uid.clone()));
            let letter = Notice::AddressChanged.letter(self.house_url(), self.now());
            mails.push(self.mail(MailTo::Address { email, key, of }, letter, None));
        }
        if row.status == PersonStatus::Pending && wanted.admits != Admits::Nothing && !enters {
            mails.extend(self.told_of_waiting(&row.name).await?);
        }
        Ok(mails)
    }

    /// A link that checks an address, and the letter with it. Where somebody else has checked the
    /// address, nobody gets a link, and its owner is told; whoever gave it cannot tell.
    pub(crate) async fn check_of(
        &self,
        address: &MailAddress,
        (uid, admits): (&Uid, Admits),
    ) -> Result<(EmailCheckRow, Vec<MailRow>), LedgerError> {
        let (token, expires_at) =
            (Secret::random(self.entropy()), after(self.now(), MAIL_CHECK_LIFE));
        let row = EmailCheckRow {
            digest: token.digest(),
            email: address.as_str().to_owned(),
            email_key: address.key(),
            admits,
            expires_at,
        };
        let owner = self.ledger().person_by_checked_email(&address.key()).await?;
        let owner = owner.filter(|owner| owner.uid != *uid);
        let (letter, of, email, most) = if let Some(owner) = owner {
            let letter = letters::address_in_use(self.house_url());
            (letter, owner.uid, owner.email.unwrap_or_else(|| row.email.clone()), 1)
        } else {
            let link = self.link_to("mail-check", &token);
            let letter = letters::check(self.house_url(), &link, expires_at);
            (letter, uid.clone(), row.email.clone(), ASKED_MAX)
        };
        let to = MailTo::Address { email, key: row.email_key.clone(), of: Some(of) };
        let mails = vec![self.mail(to, letter, Some(self.bounded(most)))];
        Ok((row, mails))
    }

    /// The same for an address that was perhaps given.
    pub(crate) async fn check_if_given(
        &self,
        address: Option<&MailAddress>,
        whose: (&Uid, Admits),
    ) -> Result<(Option<EmailCheckRow>, Vec<MailRow>), LedgerError> {
        let Some(address) = address else { return Ok((None, Vec::new())) };
        let (check, mails) = self.check_of(address, whose).await?;
        Ok((Some(check), mails))
    }

    /// Sends a link to the address of somebody who is in already. That it was not written keeps nobody
    /// out: they can ask for another.
    pub(crate) async fn begin_check(&self, uid: &Uid, address: Option<&MailAddress>) {
        let Some(address) = address else { return };
        let written = async {
            let (check, mails) = self.check_of(address, (uid, Admits::Nothing)).await?;
            self.ledger().with_mails(mails).put_email_check(uid, &check).await
        };
        if let Err(error) = written.await {
            tracing::warn!(%error, "a link that checks an address was not written");
        }
    }

    /// Forgets registrations whose address nobody checked in its time. Their names are free then.
    pub(crate) async fn sweep_registrations(&self) -> Result<(), LedgerError> {
        let now = self.now();
        for uid in self.ledger().registrations_unchecked(now).await? {
            let record = AuditRecord {
                at: now,
                kind: AuditKind::Intent,
                request_id: format!("{:032x}", u128::from_be_bytes(self.entropy().bytes::<16>())),
                operation: "ForgetRegistration".to_owned(),
                action: "wellhouse:ForgetRegistration".to_owned(),
                resource: format!("person/{uid}"),
                principal: "wellhouse".to_owned(),
                source_identity: None,
                source_ip: None,
                detail: Some("nobody followed the link that checks the address".to_owned()),
            };
            self.ledger().forget_registration(&uid, &record).await?;
        }
        Ok(())
    }
}
