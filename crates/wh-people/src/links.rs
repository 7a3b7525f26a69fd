//! Links by which somebody without an account fetches what a person may read: what stands in the address, the
//! password, and in whose name the store is asked.
//!
//! Invariant: whoever comes by a link is the link's person cut down to what the link opens, as they stand at
//! that moment; somebody who is not active, or who may not come in themselves, opens nothing. An attempt at
//! the password is counted in the ledger before it is judged.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use wh_ledger::{Guarded, LedgerError, PasswordPhc, PersonStatus, RowId, ShareLinkRow};
use wh_names::{NameError, Secret, SecretDigest};

use crate::blocklist::too_common;
use crate::hashing::Verdict;
use crate::name::fold;
use crate::password::PASSWORD_BYTES_MAX;
use crate::person::token;
use crate::scope::Scope;
use crate::second_factor::Standing;
use crate::throttle::Key;
use crate::{Peer, People, Person};

/// The shortest password of a link, in characters. It is tried at most [`LINK_TRIES_MAX`] times in a row.
pub const LINK_PASSWORD_CHARS_MIN: usize = 8;

/// How many wrong passwords of a link are judged, one after another. Then its person makes another link.
pub const LINK_TRIES_MAX: u32 = 100;

/// How long a browser in which the password was given need not give it again.
pub const LINK_VISIT_LIFE: SignedDuration = SignedDuration::from_hours(2);

/// What stands in the address of a link: 256 random bits.
#[derive(Debug, Clone)]
pub struct LinkToken(Secret);

impl LinkToken {
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

/// What a browser holds in which the password of a link was given.
#[derive(Debug, Clone)]
pub struct LinkVisit(Secret);

impl LinkVisit {
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

/// What a password guards that people without an account give.
pub(crate) struct GuardedBy<'a> {
    pub(crate) what: Guarded,
    pub(crate) id: &'a RowId,
    pub(crate) digest: SecretDigest,
    pub(crate) password: Option<&'a PasswordPhc>,
}

/// Why a password opens no link, or guards none.
#[derive(Debug, thiserror::Error)]
pub enum LinkPasswordError {
    /// It is not this link's.
    #[error("the password is not right")]
    Wrong,
    /// There were too many attempts.
    #[error("there were too many attempts; wait a little")]
    Throttled {
        /// How long.
        retry_after: Duration,
    },
    /// So many were wrong that none is judged any more.
    #[error("there were too many wrong passwords; ask for another link")]
    Closed,
    /// Too many passwords are being hashed.
    #[error("the server is busy; try again in a moment")]
    Busy,
    /// It is too short or too long to guard a link.
    #[error("a link's password has at least 8 characters and at most 256 bytes")]
    Length,
    /// It is among the first that anybody would guess.
    #[error("a link's password must not be easily guessed: {why}")]
    Common {
        /// What makes it so.
        why: &'static str,
    },
    /// The ledger failed.
    #[error("the ledger did not do it")]
    Ledger(#[from] LedgerError),
}

impl LinkPasswordError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Wrong => "link-password-wrong",
            Self::Throttled { .. } => "throttled",
            Self::Closed => "link-password-closed",
            Self::Busy => "busy",
            Self::Length => "link-password-length",
            Self::Common { .. } => "link-password-common",
            Self::Ledger(error) => error.code(),
        }
    }
}

impl People {
    /// A new token for a link.
    pub fn draw_link_token(&self) -> LinkToken {
        LinkToken(Secret::random(self.entropy()))
    }

    /// The hash of a password that is to guard a link.
    pub async fn hash_link_password(
        &self,
        password: &Secret,
    ) -> Result<PasswordPhc, LinkPasswordError> {
        let text = password.expose();
        if text.chars().count() < LINK_PASSWORD_CHARS_MIN || text.len() > PASSWORD_BYTES_MAX {
            return Err(LinkPasswordError::Length);
        }
        if let Some(why) = too_common(&fold(text)) {
            return Err(LinkPasswordError::Common { why });
        }
        self.hasher().hash(password).await.map_err(|_| LinkPasswordError::Busy)
    }

    /// Whether this browser need not give the password of a link again.
    pub async fn visits_link(
        &self,
        link: &ShareLinkRow,
        visit: Option<&LinkVisit>,
    ) -> Result<bool, LedgerError> {
        let Some(visit) = visit else { return Ok(false) };
        self.ledger().share_visit_stands(&link.id, &visit.digest(), self.now()).await
    }

    /// Tries the password of a link. Every attempt counts against the link and the address until one is
    /// right.
    pub async fn enter_link(
        &self,
        link: &ShareLinkRow,
        password: &Secret,
        peer: &Peer,
    ) -> Result<LinkVisit, LinkPasswordError> {
        let guarded = GuardedBy {
            what: Guarded::Link,
            id: &link.id,
            digest: link.digest,
            password: link.password.as_ref(),
        };
        self.judge_link_password(guarded, password, peer).await?;
        let visit = LinkVisit(Secret::random(self.entropy()));
        let ends = self.now().checked_add(LINK_VISIT_LIFE).unwrap_or(Timestamp::MAX);
        let begun = self.ledger().begin_share_visit(&link.id, (&visit.digest(), ends)).await?;
        // It was revoked while the password was hashed.
        if begun { Ok(visit) } else { Err(LinkPasswordError::Wrong) }
    }

    /// Judges a password that somebody without an account gives. Every attempt counts against what it guards and
    /// the address until one is right.
    pub(crate) async fn judge_link_password(
        &self,
        guarded: GuardedBy<'_>,
        password: &Secret,
        peer: &Peer,
    ) -> Result<(), LinkPasswordError> {
        let keys = [Some(Key::Link(guarded.digest)), peer.ip.map(Key::address)];
        let attempt = self.throttle().admit(keys.into_iter().flatten().collect(), self.now());
        let attempt =
            attempt.map_err(|retry_after| LinkPasswordError::Throttled { retry_after })?;
        match self.is_right(&guarded, password).await {
            Ok(()) => {
                self.throttle().succeeded(attempt);
                Ok(())
            }
            Err(why) => {
                if matches!(why, LinkPasswordError::Busy | LinkPasswordError::Ledger(_)) {
                    self.throttle().unjudged(attempt);
                }
                Err(why)
            }
        }
    }

    async fn is_right(
        &self,
        guarded: &GuardedBy<'_>,
        password: &Secret,
    ) -> Result<(), LinkPasswordError> {
        let (what, id) = (guarded.what, guarded.id);
        if !self.ledger().begin_share_try(what, id, LINK_TRIES_MAX).await? {
            return Err(LinkPasswordError::Closed);
        }
        // No password is that long; hashing it all the same keeps the work alike.
        let fits = password.expose().len() <= PASSWORD_BYTES_MAX;
        let stored = guarded.password.filter(|_| fits);
        let Ok(verdict) = self.hasher().verify(stored, password).await else {
            self.ledger().take_share_try_back(what, id).await?;
            return Err(LinkPasswordError::Busy);
        };
        match verdict {
            Verdict::Wrong => Err(LinkPasswordError::Wrong),
            Verdict::Right | Verdict::RightButWeak => Ok(()),
        }
    }

    /// The person by whose rights a link opens until `ends`, within what it opens. `None`: they are not
    /// active, may not come in themselves, or the API token by which it was made no longer counts.
    pub async fn person_of_link(
        &self,
        link: &ShareLinkRow,
        ends: Option<Timestamp>,
    ) -> Result<Option<Person>, LedgerError> {
        let scope = Scope::of_link(link, ends);
        self.cut_down(scope, link.digest, link.token_id.as_ref()).await
    }

    /// The person of a scope that somebody without an account comes by, as they stand at this moment. `None`: they
    /// are not active, may not come in themselves, or the API token by which it was made no longer counts.
    pub(crate) async fn cut_down(
        &self,
        scope: Scope,
        digest: SecretDigest,
        token: Option<&RowId>,
    ) -> Result<Option<Person>, LedgerError> {
        let uid = scope.token().uid.clone();
        if let Some(token) = token
            && self.on_behalf_of_token(&uid, token).await?.is_none()
        {
            return Ok(None);
        }
        let row = self.ledger().person(&uid).await?;
        let Some(row) = row.filter(|row| row.status == PersonStatus::Active) else {
            return Ok(None);
        };
        if self.ledger().session_revoked(scope.token().id.as_str()) {
            return Ok(None);
        }
        let standing = Standing { administrator: false, ..self.standing_of(&uid).await? };
        let person = Person::mint_scoped(&row, scope, (digest, standing));
        Ok(Some(person).filter(|person| !person.reaches_account_alone()))
    }
}
