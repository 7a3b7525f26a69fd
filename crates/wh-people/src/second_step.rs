//! The second step of signing in, and proving once more who one is.
//!
//! Invariant: a wrong code, a code that was used and one of somebody else get the same answer. An
//! attempt counts before it is judged: against the person, the address and the sign-in itself.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use wh_ledger::{
    AuditKind, AuditRecord, CeremonyKind, FactorUse, Factors, LedgerError, PendingSignInRow,
    PersonRow, ProofKind, Renewal,
};
use wh_names::{Secret, SecretDigest, Uid};

use crate::known_device::Turned;
use crate::password::Weight;
use crate::seed::Seed;
use crate::{
    PasskeyAnswer, PasswordError, PasswordLink, Peer, People, Person, SessionToken, SignInToken,
    SignedIn, recovery,
};

/// For so long the second step may follow the first.
const PENDING_FOR: SignedDuration = SignedDuration::from_mins(5);

/// So many codes one sign-in may try; then it asks for the password again.
const ATTEMPTS_MAX: u32 = 5;

/// What comes of a right name and password.
#[derive(Debug)]
#[must_use = "the token is shown once, and without it the sign-in is lost"]
pub enum Entered {
    /// The person is signed in: they have no second factor.
    SignedIn(SignedIn),
    /// The second factor is awaited. Nothing is open yet.
    HalfWay {
        /// What the sign-in is recognised by at its second step.
        token: SignInToken,
        /// When it must be begun anew.
        expires: Timestamp,
        /// What it can be finished by, besides a recovery code.
        factors: Factors,
        /// Whose password was right, for the audit log alone.
        uid: Uid,
    },
    /// The password was right, and is too short to be the only factor now that there is no other.
    /// Nothing is open; a longer one is set by the link.
    LongerPassword {
        /// The link.
        link: PasswordLink,
        /// Whose password was right, for the audit log alone.
        uid: Uid,
    },
}

/// A proof of a second factor, as sent.
#[derive(Debug)]
pub enum FactorCode {
    /// A one-time code.
    Totp(Secret),
    /// A recovery code.
    Recovery(Secret),
    /// The answer of a passkey.
    Passkey(PasskeyAnswer),
}

impl FactorCode {
    fn kind(&self) -> ProofKind {
        match self {
            Self::Totp(_) => ProofKind::Totp,
            Self::Recovery(_) => ProofKind::RecoveryCode,
            Self::Passkey(_) => ProofKind::Passkey,
        }
    }
}

/// By what somebody proves once more who they are.
#[derive(Debug)]
pub enum Proof {
    /// Their password, where they have no second factor.
    Password(Secret),
    /// Their second factor.
    Factor(FactorCode),
}

/// Why a proof was not taken.
#[derive(Debug, thiserror::Error)]
pub enum ProofError {
    /// The sign-in took too long or too many attempts, or there is none.
    #[error("the sign-in has ended; begin again with name and password")]
    Over,
    /// The code does not count: it is wrong, or was used. Which one is not said.
    #[error("the code is not right, or was used already")]
    Refused,
    /// The passkey does not count: it is not the person's, did not verify them, or answered to something
    /// else. Which one is not said.
    #[error("the passkey was not taken")]
    PasskeyRefused,
    /// The challenge was not asked for, was answered before, or took too long.
    #[error("the passkey took too long; begin again")]
    PasskeyOver,
    /// The password is wrong.
    #[error("the password is wrong")]
    PasswordWrong,
    /// The password is right, and too short to prove anything now that there is no second factor.
    #[error(
        "the password is shorter than 15 characters, and two-step sign-in is off: set a longer password first"
    )]
    TooShortAlone,
    /// The person has a second factor, and the password alone proves too little.
    #[error("the second factor is needed")]
    SecondFactorNeeded,
    /// There were too many attempts.
    #[error("there were too many attempts")]
    Throttled {
        /// How long to wait.
        retry_after: Duration,
    },
    /// A hundred attempts have failed, one after the other, and this browser is not known.
    #[error(
        "too many attempts have failed: sign in by a passkey, in a browser that you have signed in with before, or after a new password by a link from an administrator"
    )]
    Closed,
    /// In the meantime the session ended.
    #[error("the session has ended")]
    Ended,
    /// Too many passwords are being hashed at this moment.
    #[error("too many are registering or signing in at this moment")]
    Busy,
    /// The ledger failed.
    #[error("the ledger did not do it")]
    Ledger(#[from] LedgerError),
}

impl ProofError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Over => "sign-in-over",
            Self::Refused => "code-refused",
            Self::PasskeyRefused => "passkey-refused",
            Self::PasskeyOver => "passkey-over",
            Self::PasswordWrong => "password-wrong",
            Self::TooShortAlone => "password-too-short-alone",
            Self::SecondFactorNeeded => "second-factor-needed",
            Self::Throttled { .. } => "throttled",
            Self::Closed => "password-sign-in-closed",
            Self::Ended => "not-signed-in",
            Self::Busy => "busy",
            Self::Ledger(error) => error.code(),
        }
    }

    /// The field at fault, if one is.
    pub fn field(&self) -> Option<&'static str> {
        match self {
            Self::Refused => Some("code"),
            Self::PasswordWrong => Some("password"),
            Self::Over
            | Self::PasskeyRefused
            | Self::PasskeyOver
            | Self::TooShortAlone
            | Self::SecondFactorNeeded
            | Self::Throttled { .. }
            | Self::Closed
            | Self::Ended
            | Self::Busy
            | Self::Ledger(_) => None,
        }
    }
}

impl People {
    /// Begins the second step for somebody whose password was verified. `None`: in the meantime the
    /// password was changed or the person shut out.
    pub(crate) async fn half_way(
        &self,
        row: &PersonRow,
        factors: Factors,
    ) -> Result<Option<Entered>, LedgerError> {
        let (token, pending) = self.draw_pending(&row.uid);
        let begun = self.ledger().begin_sign_in(&pending, &row.password_phc).await?;
        let PendingSignInRow { digest: _, uid, expires_at: expires } = pending;
        Ok(begun.then_some(Entered::HalfWay { token, expires, factors, uid }))
    }

    /// A second step that has not begun yet.
    pub(crate) fn draw_pending(&self, uid: &Uid) -> (SignInToken, PendingSignInRow) {
        let token = SignInToken::random(self.entropy());
        let expires_at = self.now().checked_add(PENDING_FOR).unwrap_or(Timestamp::MAX);
        let pending = PendingSignInRow { digest: token.digest(), uid: uid.clone(), expires_at };
        (token, pending)
    }

    /// The second step of signing in: a code of the second factor.
    pub async fn finish_login(
        &self,
        token: &SignInToken,
        code: &FactorCode,
        peer: &Peer,
    ) -> Result<SignedIn, ProofError> {
        let (digest, now) = (token.digest(), self.now());
        let uid = self.half_way_person(token).await?;
        let Some(row) = self.ledger().person(&uid).await? else { return Err(ProofError::Over) };
        let tried = self.admit_factor(&row, code.kind(), peer).await?;
        if !self.ledger().count_sign_in_attempt(&digest, now, ATTEMPTS_MAX).await? {
            self.settle(tried, Turned::Unjudged).await?;
            return Err(ProofError::Over);
        }
        let (token, session) = self.draw_session(&uid, peer, (now, code.kind()));
        let record = self.factor_record("SignInBySecondFactor", (&uid, &uid), peer);
        let holder = (digest, CeremonyKind::SecondStep);
        let done = match self.factor_use(&row, code, holder).await? {
            Some(used) => self.ledger().finish_sign_in(&digest, &used, &session, &record).await?,
            None => false,
        };
        if !done {
            return self.refused(record, code.kind()).await;
        }
        self.settle(tried, Turned::AllTheWay).await?;
        if code.kind() == ProofKind::Passkey {
            self.reopen(&row).await?;
        }
        self.note_device(&uid, peer).await;
        let standing = self.standing_of(&uid).await?;
        Ok(SignedIn { token, person: Person::mint(&row, &session, standing) })
    }

    /// Whose sign-in is half-way, if it still counts.
    pub(crate) async fn half_way_person(&self, token: &SignInToken) -> Result<Uid, ProofError> {
        let (digest, now) = (token.digest(), self.now());
        let pending = self.ledger().pending_sign_in(&digest, now, ATTEMPTS_MAX).await?;
        pending.ok_or(ProofError::Over)
    }

    /// Takes a fresh proof of somebody who is signed in. Their session goes on under another token.
    pub async fn prove(
        &self,
        person: &Person,
        proof: &Proof,
        peer: &Peer,
    ) -> Result<SignedIn, ProofError> {
        let uid = person.uid();
        let row = self.ledger().person(uid).await?.ok_or(ProofError::Ended)?;
        let record = self.factor_record("ProveIdentity", (uid, uid), peer);
        let known = self.ledger().factors(uid).await?;
        let set = known.outweigh_password() || person.factors().provider;
        match proof {
            Proof::Password(_) if set => Err(ProofError::SecondFactorNeeded),
            Proof::Password(password) => {
                let judged = self.judge_password(person, password, peer).await;
                if matches!(judged, Err(PasswordError::Wrong)) {
                    self.note_refusal(record).await?;
                    return Err(ProofError::PasswordWrong);
                }
                judged?;
                if Weight::Alone.is_too_much_for(password) {
                    return Err(ProofError::TooShortAlone);
                }
                self.renew(person, (ProofKind::Password, None), &record).await
            }
            Proof::Factor(code) => {
                let tried = self.admit_factor(&row, code.kind(), peer).await?;
                let holder = (person.session_digest(), CeremonyKind::Proof);
                let used = self.factor_use(&row, code, holder).await?;
                let Some(used) = used else { return self.refused(record, code.kind()).await };
                let renewed = self.renew(person, (code.kind(), Some(used)), &record).await;
                if renewed.is_ok() {
                    self.settle(tried, Turned::Right).await?;
                }
                renewed
            }
        }
    }

    async fn renew(
        &self,
        person: &Person,
        (proved_by, used): (ProofKind, Option<FactorUse>),
        record: &AuditRecord,
    ) -> Result<SignedIn, ProofError> {
        let (token, renewal) = self.renewal(person, proved_by);
        let spent = used.as_ref().map(|used| (person.uid(), used));
        if !self.ledger().renew_session(&renewal, spent, record).await? {
            let gone = self.ledger().session(&renewal.from).await?.is_none();
            if gone {
                return Err(ProofError::Ended);
            }
            return self.refused(record.clone(), proved_by).await;
        }
        self.renewed(token).await
    }

    /// The person of a session that was just renewed.
    pub(crate) async fn renewed(&self, token: SessionToken) -> Result<SignedIn, ProofError> {
        match self.recognise(&token).await {
            Ok(person) => Ok(SignedIn { token, person }),
            Err(crate::NotSignedIn::NoSession) => Err(ProofError::Ended),
            Err(crate::NotSignedIn::Ledger(error)) => Err(error.into()),
        }
    }

    /// A new token for a person's session, proved now.
    pub(crate) fn renewal(&self, person: &Person, by: ProofKind) -> (SessionToken, Renewal) {
        let token = SessionToken::random(self.entropy());
        let (from, to) = (person.session_digest(), token.digest());
        (token, Renewal { from, to, proved_at: self.now(), proved_by: by })
    }

    /// What a proof would spend, if it is right; whether it was spent before, the ledger decides.
    async fn factor_use(
        &self,
        row: &PersonRow,
        code: &FactorCode,
        holder: (SecretDigest, CeremonyKind),
    ) -> Result<Option<FactorUse>, LedgerError> {
        let code = match code {
            FactorCode::Recovery(code) => {
                return Ok(recovery::digest(code).map(FactorUse::Recovery));
            }
            FactorCode::Passkey(answer) => {
                let used = self.passkey_use(&row.uid, holder, answer).await?;
                return Ok(used.map(FactorUse::from));
            }
            FactorCode::Totp(code) => code,
        };
        let Some(factor) = self.ledger().second_factor(&row.uid).await? else { return Ok(None) };
        let Some(seed) = self.open_seed(row, &factor.sealed_seed) else { return Ok(None) };
        Ok(seed.step_of(code, self.now()).map(FactorUse::Step))
    }

    pub(crate) fn open_seed(&self, row: &PersonRow, sealed: &str) -> Option<Seed> {
        let opened = (self.seal().open)(&row.uid, sealed);
        if opened.is_none() {
            let uid = &row.uid;
            tracing::error!(%uid, "a second factor cannot be opened with the keys of this house");
        }
        Seed::of(&row.name, opened?)
    }

    async fn refused<T>(&self, record: AuditRecord, by: ProofKind) -> Result<T, ProofError> {
        self.note_refusal(record).await?;
        Err(match by {
            ProofKind::Passkey => ProofError::PasskeyRefused,
            ProofKind::Password
            | ProofKind::Totp
            | ProofKind::RecoveryCode
            | ProofKind::Provider
            | ProofKind::ProviderFactor => ProofError::Refused,
        })
    }

    /// Writes a refusal down in the place of what was about to be done.
    pub(crate) async fn note_refusal(&self, record: AuditRecord) -> Result<(), LedgerError> {
        let detail = Some("the code, the passkey or the password did not count".to_owned());
        let record = AuditRecord { kind: AuditKind::Refusal, detail, ..record };
        self.ledger().record_refusal(&record).await
    }

    /// What somebody (`by`) does with the second factor of a person.
    pub(crate) fn factor_record(
        &self,
        operation: &str,
        (uid, by): (&Uid, &Uid),
        peer: &Peer,
    ) -> AuditRecord {
        AuditRecord {
            at: self.now(),
            kind: AuditKind::Intent,
            request_id: format!("{:032x}", u128::from_be_bytes(self.entropy().bytes::<16>())),
            operation: operation.to_owned(),
            action: format!("wellhouse:{operation}"),
            resource: format!("person/{uid}/second-factor"),
            principal: format!("person/{by}"),
            source_identity: Some(by.as_str().to_owned()),
            source_ip: peer.ip.map(|ip| ip.to_string()),
            detail: None,
        }
    }
}

impl From<PasswordError> for ProofError {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Wrong => Self::PasswordWrong,
            PasswordError::TooShortAlone => Self::TooShortAlone,
            PasswordError::StepUp(_) => Self::SecondFactorNeeded,
            PasswordError::Throttled { retry_after } => Self::Throttled { retry_after },
            PasswordError::Closed => Self::Closed,
            PasswordError::New(_)
            | PasswordError::SecondFactorMissing(_)
            | PasswordError::Ended => Self::Ended,
            PasswordError::Busy => Self::Busy,
            PasswordError::Ledger(error) => Self::Ledger(error),
        }
    }
}
