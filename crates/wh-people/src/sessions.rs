//! Sessions: begun, recognised, ended. No self-contained tokens: what the ledger does not hold is
//! no session.

use jiff::{SignedDuration, Timestamp};
use wh_ledger::{
    AUDIT_REFUSALS_KEPT, Factors, LedgerError, PersonRow, PersonStatus, ProofKind, SessionRow,
};
use wh_names::Uid;

use crate::device::Device;
use crate::invitations::INVITATIONS_KEPT;
use crate::mail::{MAILS_KEPT, Notice};
use crate::proof::FactorRule;
use crate::second_factor::Standing;
use crate::{Peer, People, Person, SessionToken, SignedIn};

/// A session ends when it was not used for this long. Source: NIST SP 800-63B-4, AAL2.
const IDLE_MAX: SignedDuration = SignedDuration::from_mins(60);

/// A session ends after this long however much it is used. Source: NIST SP 800-63B-4, AAL2.
const AGE_MAX: SignedDuration = SignedDuration::from_hours(24);

/// Use is written down when the last note is this old; a session is not a write per request.
const TOUCH_AFTER: SignedDuration = SignedDuration::from_secs(60);

/// Revocations are kept until all that they could concern has expired.
const REVOCATIONS_KEPT: SignedDuration = SignedDuration::from_hours(48);

/// Access keys and API tokens that have ended are shown for so long, and their refusals say why.
const ENDED_KEYS_KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Who gave a name at a file request and sent nothing is forgotten after so long.
const IDLE_SENDERS_KEPT: SignedDuration = SignedDuration::from_hours(24);

/// A device is known for so long after it was last used.
const DEVICES_KEPT: SignedDuration = SignedDuration::from_hours(180 * 24);

/// How often another token is drawn when a session's short name has been used already.
const DRAWS_MAX: usize = 3;

/// The longest user agent that is kept, in characters.
const USER_AGENT_CHARS_MAX: usize = 200;

/// Why a token is nobody's.
#[derive(Debug, thiserror::Error)]
pub enum NotSignedIn {
    /// There is no such session, or it has ended.
    #[error("there is no such session, or it has ended")]
    NoSession,
    /// The ledger failed.
    #[error("the ledger did not do it")]
    Ledger(#[from] LedgerError),
}

impl NotSignedIn {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoSession => "not-signed-in",
            Self::Ledger(error) => error.code(),
        }
    }
}

impl People {
    /// The person whose session this is, as they stand at this moment.
    pub async fn recognise(&self, token: &SessionToken) -> Result<Person, NotSignedIn> {
        let now = self.now();
        let session = self.ledger().session(&token.digest()).await?;
        let session = session.ok_or(NotSignedIn::NoSession)?;
        if has_ended(&session, now) {
            self.ledger().end_session(&session.digest, now).await?;
            return Err(NotSignedIn::NoSession);
        }
        // Memory learns of an end before the disk does.
        if self.ledger().session_revoked(&session.sid) {
            return Err(NotSignedIn::NoSession);
        }
        let row = self.ledger().person(&session.uid).await?.ok_or(NotSignedIn::NoSession)?;
        if row.status != PersonStatus::Active {
            return Err(NotSignedIn::NoSession);
        }
        if now.duration_since(session.seen_at) >= TOUCH_AFTER {
            self.ledger().touch_session(&session.digest, now).await?;
        }
        let standing = self.standing_of(&row.uid).await?;
        Ok(Person::mint(&row, &session, standing))
    }

    /// A person who is not here, for upkeep of what is theirs; `None` if they are not active.
    ///
    /// The session that it speaks of exists nowhere and opens nothing, and it is never an
    /// administrator. What it may do is what the person's own grants say.
    pub async fn on_behalf_of(&self, uid: &Uid) -> Result<Option<Person>, LedgerError> {
        let row = self.ledger().person(uid).await?;
        Ok(row.filter(|row| row.status == PersonStatus::Active).map(|row| {
            let now = self.now();
            let proof = (now, ProofKind::Password);
            let (_token, session) = self.draw_session(uid, &Peer::default(), proof);
            let (factors, rule) = (Factors::default(), FactorRule::Required);
            Person::mint(&row, &session, Standing { administrator: false, factors, rule, now })
        }))
    }

    /// Ends the session, and whatever was issued for it. A token that is nobody's is no error.
    pub async fn logout(&self, token: &SessionToken) -> Result<(), LedgerError> {
        self.ledger().end_session(&token.digest(), self.now()).await?;
        Ok(())
    }

    /// Ends sessions that have ended by themselves, and whatever was issued for them. To be called every
    /// minute: credentials that were given out know nothing of a session's idleness.
    pub async fn end_idle_sessions(&self) -> Result<u64, LedgerError> {
        let now = self.now();
        let idle_since = now.checked_sub(IDLE_MAX).unwrap_or(Timestamp::MIN);
        let ended = self.ledger().sweep_sessions(idle_since, now).await?;
        // They are over for whoever comes by them, swept or not.
        if let Err(error) = self.lapse_viewings().await {
            tracing::warn!(%error, "what administrators saw as others was not swept");
        }
        Ok(ended)
    }

    /// Forgets sessions, sign-ins, revocations, access keys and API tokens that no longer mean anything, and all but the newest refusals
    /// of anonymous callers. To be called now and then.
    pub async fn sweep(&self) -> Result<(), LedgerError> {
        let now = self.now();
        let before = |age| now.checked_sub(age).unwrap_or(Timestamp::MIN);
        self.end_idle_sessions().await?;
        self.lapse_groups().await?;
        self.ledger().sweep_sign_ins(now).await?;
        self.ledger().sweep_revocations(before(REVOCATIONS_KEPT)).await?;
        self.ledger().sweep_person_keys(before(ENDED_KEYS_KEPT)).await?;
        self.ledger().sweep_api_tokens(before(ENDED_KEYS_KEPT)).await?;
        self.ledger().sweep_share_links(before(ENDED_KEYS_KEPT), now).await?;
        self.ledger()
            .sweep_file_requests(before(ENDED_KEYS_KEPT), before(IDLE_SENDERS_KEPT))
            .await?;
        self.sweep_devices().await?;
        self.ledger().sweep_invitations(before(INVITATIONS_KEPT)).await?;
        self.sweep_registrations().await?;
        self.ledger().sweep_links(now, before(DEVICES_KEPT)).await?;
        self.ledger().sweep_mails(before(MAILS_KEPT)).await?;
        self.ledger().sweep_audit_of_strangers(AUDIT_REFUSALS_KEPT).await?;
        Ok(())
    }

    /// Begins a session of somebody whose password was verified and who has no second factor. `None`:
    /// in the meantime that or the password was changed or the person shut out.
    pub(crate) async fn issue(
        &self,
        row: &PersonRow,
        peer: &Peer,
        now: Timestamp,
    ) -> Result<Option<SignedIn>, LedgerError> {
        let standing = self.standing_of(&row.uid).await?;
        let (token, session) = self.draw_session(&row.uid, peer, (now, ProofKind::Password));
        if !self.ledger().insert_session(&session, &row.password_phc).await? {
            return Ok(None);
        }
        Ok(Some(SignedIn { token, person: Person::mint(row, &session, standing) }))
    }

    /// A session that has not begun yet, of somebody who has just proved who they are.
    pub(crate) fn draw_session(
        &self,
        uid: &Uid,
        peer: &Peer,
        (now, proved_by): (Timestamp, ProofKind),
    ) -> (SessionToken, SessionRow) {
        let mut token = SessionToken::random(self.entropy());
        let agent = peer.user_agent.as_deref();
        let mut session = SessionRow {
            digest: token.digest(),
            sid: SessionRow::name_of(&token.digest()),
            uid: uid.clone(),
            created_at: now,
            seen_at: now,
            expires_at: now.checked_add(AGE_MAX).unwrap_or(Timestamp::MAX),
            user_agent: agent.map(|agent| agent.chars().take(USER_AGENT_CHARS_MAX).collect()),
            ip: peer.ip.map(|ip| ip.to_string()),
            proved_at: now,
            proved_by,
        };
        for _ in 0..DRAWS_MAX {
            if !self.ledger().session_revoked(&session.sid) {
                break;
            }
            token = SessionToken::random(self.entropy());
            session.digest = token.digest();
            session.sid = SessionRow::name_of(&session.digest);
        }
        (token, session)
    }

    /// Tells somebody who has just signed in where it was by a device that they never used. Signing in
    /// does not fail by it.
    pub(crate) async fn note_device(&self, uid: &Uid, peer: &Peer) {
        let Some(agent) = &peer.user_agent else { return };
        let device = Device::of(agent);
        let notice = Notice::NewDevice { device: &device, ip: peer.ip };
        let ledger = self.ledger().with_mails(self.notice(uid, &notice));
        if let Err(error) = ledger.note_device(uid, &device.to_string(), self.now()).await {
            tracing::warn!(%error, "a device was not noted");
        }
    }

    pub(crate) async fn administers(&self, uid: &Uid) -> Result<bool, LedgerError> {
        let grants = self.ledger().grants_of(uid).await?;
        Ok(grants.iter().any(|grant| self.administration().is_given_by(grant)))
    }
}

pub(crate) fn has_ended(session: &SessionRow, now: Timestamp) -> bool {
    now >= session.expires_at || now.duration_since(session.seen_at) >= IDLE_MAX
}
