//! File requests: what stands in their address, who sends, and in whose name the store is asked.
//!
//! Invariant: whoever sends is the request's person cut down to the sender's own folder, as that person stands at
//! that moment; for somebody who is not active, or who may not come in themselves, nothing is taken.

use jiff::{SignedDuration, Timestamp};
use wh_ledger::{FileRequestRow, Guarded, LedgerError, RowId, SenderRow, Untold};
use wh_names::{NameError, Secret, SecretDigest};

use crate::links::GuardedBy;
use crate::mail::{Notice, before};
use crate::person::token;
use crate::scope::Scope;
use crate::throttle::Key;
use crate::{LinkPasswordError, MailAddress, Peer, People, Person};

/// How many senders a request has at most.
pub const SENDERS_MAX: u32 = 10_000;

/// A request's person is told of what arrives once in this time.
pub const ARRIVALS_TOLD_EVERY: SignedDuration = SignedDuration::from_mins(10);

/// A folder's name gets so many random digits; where somebody has drawn them, others are drawn.
const DRAWS_MAX: usize = 8;

/// What stands in the address of a request: 256 random bits.
#[derive(Debug, Clone)]
pub struct RequestToken(Secret);

impl RequestToken {
    /// Accepts 64 lower-case hexadecimal digits.
    pub fn parse(input: &str) -> Result<Self, NameError> {
        token(input).map(Self)
    }

    /// What is kept of it.
    pub fn digest(&self) -> SecretDigest {
        self.0.digest()
    }

    /// The token as it is shown, once.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

/// What a sender's browser holds.
#[derive(Debug, Clone)]
pub struct SenderToken(Secret);

impl SenderToken {
    /// Accepts 64 lower-case hexadecimal digits.
    pub fn parse(input: &str) -> Result<Self, NameError> {
        token(input).map(Self)
    }

    /// What is kept of it.
    pub fn digest(&self) -> SecretDigest {
        self.0.digest()
    }

    /// What goes into the cookie.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

/// Somebody who wishes to send.
#[derive(Debug, Clone)]
pub struct NewSender {
    /// What they call themselves, as a name in a path.
    pub name: String,
    /// Their mail address, where one is asked for.
    pub email: Option<MailAddress>,
    /// The password, where one is asked for.
    pub password: Option<Secret>,
}

/// Why somebody may not send.
#[derive(Debug, thiserror::Error)]
pub enum EnterError {
    /// The password is not right, or is not judged.
    #[error(transparent)]
    Password(#[from] LinkPasswordError),
    /// The request has ended meanwhile, or has as many senders as one may have.
    #[error("the request takes no more senders")]
    NoMore,
    /// The ledger failed.
    #[error("the ledger did not do it")]
    Ledger(#[from] LedgerError),
}

impl EnterError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Password(error) => error.code(),
            Self::NoMore => "request-senders-full",
            Self::Ledger(error) => error.code(),
        }
    }
}

impl People {
    /// A new token for a request.
    pub fn draw_request_token(&self) -> RequestToken {
        RequestToken(Secret::random(self.entropy()))
    }

    /// Takes a sender's name, and the password where one is asked for, and gives them a folder that nobody else
    /// has: `NAME (2026-11-28 ab12)`.
    pub async fn enter_request(
        &self,
        request: &FileRequestRow,
        new: NewSender,
        peer: &Peer,
    ) -> Result<SenderToken, EnterError> {
        if request.password.is_some() {
            let guarded = GuardedBy {
                what: Guarded::Request,
                id: &request.id,
                digest: request.digest,
                password: request.password.as_ref(),
            };
            let password = new.password.as_ref().ok_or(LinkPasswordError::Wrong)?;
            self.judge_link_password(guarded, password, peer).await?;
        }
        // Whoever comes again and again under other names is slowed down, so that nobody takes all the places.
        let keys = peer.ip.map(|ip| Key::sender(&request.id, ip)).into_iter().collect();
        let attempt = self.throttle().admit(keys, self.now());
        let attempt =
            attempt.map_err(|retry_after| LinkPasswordError::Throttled { retry_after })?;
        let came_in = self.keep_sender(request, new).await;
        match &came_in {
            Err(EnterError::NoMore | EnterError::Ledger(_)) => self.throttle().unjudged(attempt),
            Ok(_) | Err(EnterError::Password(_)) => drop(attempt),
        }
        came_in
    }

    /// The first file of a sender has arrived from there: they came to send, and others at their address need not wait
    /// for them.
    pub fn sender_sends(&self, request: &RowId, peer: &Peer) {
        if let Some(ip) = peer.ip {
            self.throttle().forgive(&Key::sender(request, ip));
        }
    }

    async fn keep_sender(
        &self,
        request: &FileRequestRow,
        new: NewSender,
    ) -> Result<SenderToken, EnterError> {
        let token = SenderToken(Secret::random(self.entropy()));
        let now = self.now();
        for _ in 0..DRAWS_MAX {
            let sender = SenderRow {
                id: RowId::generate(now, self.entropy()),
                request_id: request.id.clone(),
                digest: token.digest(),
                name: new.name.clone(),
                email: new.email.as_ref().map(|email| email.as_str().to_owned()),
                folder: self.folder_for(&new.name, now),
                created_at: now,
            };
            match self.ledger().insert_sender(&sender, SENDERS_MAX).await {
                Ok(true) => return Ok(token),
                Ok(false) => return Err(EnterError::NoMore),
                Err(LedgerError::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(EnterError::NoMore)
    }

    fn folder_for(&self, name: &str, now: Timestamp) -> String {
        let drawn = u16::from_be_bytes(self.entropy().bytes::<2>());
        format!("{name} ({} {drawn:04x})", now.strftime("%Y-%m-%d"))
    }

    /// The sender whose browser holds this, if it is one of that request.
    pub async fn sender_of(
        &self,
        request: &FileRequestRow,
        held: Option<&SenderToken>,
    ) -> Result<Option<SenderRow>, LedgerError> {
        let Some(held) = held else { return Ok(None) };
        self.ledger().sender(&request.id, &held.digest()).await
    }

    /// The person by whose rights a sender's files are taken until `ends`, within the sender's folder. `None`: as
    /// of links, see [`Self::person_of_link`].
    pub async fn person_of_request(
        &self,
        request: &FileRequestRow,
        sender: SenderRow,
        ends: Option<Timestamp>,
    ) -> Result<Option<Person>, LedgerError> {
        let scope = Scope::of_sender(request, sender, ends);
        self.cut_down(scope, request.digest, request.token_id.as_ref()).await
    }

    /// Tells persons by mail what arrived for them by file requests, of each request at most once in
    /// [`ARRIVALS_TOLD_EVERY`]. To be called every minute.
    pub async fn tell_of_arrivals(&self) -> Result<(), LedgerError> {
        let now = self.now();
        for untold in self.ledger().untold_file_requests(before(now, ARRIVALS_TOLD_EVERY)).await? {
            let Untold { uid, title, arrived, new, .. } = &untold;
            let notice = Notice::FilesArrived { title, new: *new, all: *arrived };
            let ledger = self.ledger().with_mails(self.notice(uid, &notice));
            ledger.tell_of_file_request(&untold, now).await?;
        }
        Ok(())
    }
}
