//! Forgotten passwords: a link by mail, to whoever has a checked address.
//!
//! Invariant: whoever asks learns nothing by it, neither by the answer, which is given before anything
//! is looked up, nor by the time it takes, nor by that of what they ask next: it is looked into at a moment
//! that nobody knows. The link goes to the address that was checked, never to what
//! was typed, and begins with the house's own address.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use wh_ledger::{
    AddedLinks, AuditKind, AuditRecord, LedgerError, MailTo, NewPasswordLink, PersonRow,
    PersonStatus,
};
use wh_names::Secret;

use crate::mail::{ASKED_MAX, MailAddress, after, letters};
use crate::name::PersonName;
use crate::password_link::PASSWORD_LINK_LIFE;
use crate::throttle::Key;
use crate::{Peer, People};

/// So many requests of anybody are taken in [`WINDOW`].
const REQUESTS_MAX: u32 = 300;

/// The time in which requests are counted.
const WINDOW: SignedDuration = SignedDuration::from_mins(10);

/// How many requests are worked on at once; the others wait.
const AT_ONCE_MAX: usize = 4;

/// Within this time after the answer it is looked into. To write a link keeps the ledger busy, which whoever
/// asked could see by another request, if they knew when.
const LOOKED_INTO_WITHIN: Duration = Duration::from_secs(2);

/// There were too many requests from this address, or from all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there were too many attempts")]
pub struct TooManyRequests {
    /// How long to wait.
    pub retry_after: Duration,
}

impl TooManyRequests {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        "throttled"
    }
}

/// Counts requests of all addresses together.
#[derive(Debug)]
pub(crate) struct Requests {
    counted: Mutex<(Timestamp, u32)>,
    places: std::sync::Arc<tokio::sync::Semaphore>,
}

impl Default for Requests {
    fn default() -> Self {
        Self {
            counted: Mutex::new((Timestamp::MIN, 0)),
            places: std::sync::Arc::new(tokio::sync::Semaphore::new(AT_ONCE_MAX)),
        }
    }
}

impl Requests {
    fn admit(&self, now: Timestamp) -> Result<(), TooManyRequests> {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let ends = after(counted.0, WINDOW);
        if now >= ends {
            *counted = (now, 0);
        } else if counted.1 >= REQUESTS_MAX {
            return Err(TooManyRequests { retry_after: ends.duration_since(now).unsigned_abs() });
        }
        counted.1 = counted.1.saturating_add(1);
        Ok(())
    }
}

impl People {
    /// Takes the request of somebody who forgot their password: by name or by address. What it leads to
    /// is done after this returns, and nobody is told.
    pub fn ask_password_link(&self, who: &str, peer: &Peer) -> Result<(), TooManyRequests> {
        let now = self.now();
        let keys = peer.ip.map(Key::forgotten).into_iter().collect();
        let attempt = self.throttle().admit(keys, now);
        attempt.map(drop).map_err(|retry_after| TooManyRequests { retry_after })?;
        self.requests().admit(now)?;
        let (people, who, peer) = (self.clone(), who.to_owned(), peer.clone());
        let waits = LOOKED_INTO_WITHIN * u32::from(u16::from_ne_bytes(self.entropy().bytes()))
            / u32::from(u16::MAX);
        tokio::spawn(async move {
            tokio::time::sleep(waits).await;
            let places = std::sync::Arc::clone(&people.requests().places);
            let Ok(_place) = places.acquire_owned().await else { return };
            if let Err(error) = people.mail_password_link(&who, &peer).await {
                tracing::error!(%error, "a link for a forgotten password was not written");
            }
        });
        Ok(())
    }

    /// Writes a link to whoever this is, if they may have one. `false`: they may not.
    pub(crate) async fn mail_password_link(
        &self,
        who: &str,
        peer: &Peer,
    ) -> Result<bool, LedgerError> {
        let Some(person) = self.who_forgot(who).await? else { return Ok(false) };
        if !person.password_phc.is_set() {
            return self.mail_no_password(&person, peer).await;
        }
        let (token, now) = (Secret::random(self.entropy()), self.now());
        let link = NewPasswordLink {
            digest: token.digest(),
            by_mail: true,
            expires_at: after(now, PASSWORD_LINK_LIFE),
            created_by: None,
            links: AddedLinks::Keep,
        };
        let url = self.link_to("new-password", &token);
        let letter = letters::password_link(self.house_url(), &url, link.expires_at);
        let to = MailTo::Person(person.uid.clone());
        let mails = vec![self.mail(to, letter, Some(self.bounded(ASKED_MAX)))];
        let record = self.forgotten_record("MailPasswordLink", &person, peer);
        let ledger = self.ledger().with_mails(mails);
        match ledger.put_password_link(&person.uid, &link, Some(&record)).await {
            Ok(()) => Ok(true),
            // They were deleted meanwhile.
            Err(LedgerError::Conflict { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Whoever never had a password gets none by a mailbox alone: they are told how they sign in.
    async fn mail_no_password(&self, person: &PersonRow, peer: &Peer) -> Result<bool, LedgerError> {
        let letter = letters::no_password(self.house_url());
        let to = MailTo::Person(person.uid.clone());
        let mails = vec![self.mail(to, letter, Some(self.bounded(ASKED_MAX)))];
        let record = self.forgotten_record("MailNoPassword", person, peer);
        self.ledger().with_mails(mails).record_with_mails(&record).await?;
        Ok(false)
    }

    fn forgotten_record(&self, operation: &str, person: &PersonRow, peer: &Peer) -> AuditRecord {
        AuditRecord {
            at: self.now(),
            kind: AuditKind::Intent,
            request_id: format!("{:032x}", u128::from_be_bytes(self.entropy().bytes::<16>())),
            operation: operation.to_owned(),
            action: format!("wellhouse:{operation}"),
            resource: format!("person/{}", person.uid),
            principal: "anonymous".to_owned(),
            source_identity: None,
            source_ip: peer.ip.map(|ip| ip.to_string()),
            detail: Some("to the checked address; at most five a day".to_owned()),
        }
    }

    /// Who may have a mail: an active person with a checked address.
    async fn who_forgot(&self, who: &str) -> Result<Option<PersonRow>, LedgerError> {
        let mut found = None;
        if let Ok(address) = MailAddress::parse(who) {
            found = self.ledger().person_by_checked_email(&address.key()).await?;
        }
        if let (None, Ok(name)) = (&found, PersonName::parse(who)) {
            found = self.ledger().person_by_name_key(name.key()).await?;
        }
        Ok(found.filter(|person| {
            person.status == PersonStatus::Active && person.email_checked_at.is_some()
        }))
    }
}
