//! Setting a second factor up, its recovery codes, and taking it away.
//!
//! Invariant: a seed counts once its person has shown that they can make its codes, and from then on
//! nobody is shown it again. Recovery codes are shown once, when they are made.

use jiff::{SignedDuration, Timestamp};
use wh_ledger::{AddedLinks, Factors, LedgerError, NewSecondFactor, ProofKind};
use wh_names::{Secret, SecretDigest, Uid};

use crate::known_device::Turned;
use crate::mail::Notice;
use crate::proof::FactorRule;
use crate::seed::Seed;
use crate::{
    AdministrationError, Peer, People, Person, ProofError, Proven, ProvenAdministrator, SignedIn,
    recovery,
};

/// For so long a seed that was shown may be confirmed.
const OFFER_FOR: SignedDuration = SignedDuration::from_mins(10);

/// How a person stands with their second factor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecondFactor {
    /// When one-time codes were set up; none where they are not.
    pub since: Option<Timestamp>,
    /// How many recovery codes are left.
    pub codes_left: i64,
}

/// A seed, shown to its person. It counts for nothing until they confirm it by a code.
#[derive(Debug)]
pub struct OfferedFactor {
    /// In base32, for who types it.
    pub secret: Secret,
    /// As `otpauth://totp/…`, for who scans it.
    pub uri: Secret,
    /// Until when it may be confirmed.
    pub expires: Timestamp,
}

/// A second factor that was just set up.
#[derive(Debug)]
pub struct EnrolledFactor {
    /// The session under its new token.
    pub session: SignedIn,
    /// The recovery codes; they are shown once.
    pub codes: Vec<Secret>,
}

/// Why nothing was changed about a second factor.
#[derive(Debug, thiserror::Error)]
pub enum SecondFactorError {
    /// Nothing was offered, or too long ago.
    #[error("setting up took too long; begin again")]
    NoOffer,
    /// The person has no second factor.
    #[error("no second factor is set up")]
    NotSet,
    /// The code was not taken.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// Random bytes did not make a seed, or it could not be sealed.
    #[error("the second factor could not be made")]
    NotMade,
    /// The ledger failed.
    #[error("the ledger did not do it")]
    Ledger(#[from] LedgerError),
}

impl SecondFactorError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoOffer => "second-factor-not-offered",
            Self::NotSet => "second-factor-not-set",
            Self::Proof(error) => error.code(),
            Self::NotMade => "second-factor-not-made",
            Self::Ledger(error) => error.code(),
        }
    }
}

impl People {
    /// How a person stands with their second factor.
    pub async fn second_factor(&self, person: &Person) -> Result<SecondFactor, LedgerError> {
        let row = self.ledger().second_factor(person.uid()).await?;
        let codes_left = self.ledger().recovery_codes_left(person.uid()).await?;
        Ok(SecondFactor { since: row.map(|row| row.created_at), codes_left })
    }

    /// Offers a person a new seed. What they have goes on until they confirm this one.
    pub async fn offer_second_factor(
        &self,
        proven: &Proven,
        peer: &Peer,
    ) -> Result<OfferedFactor, SecondFactorError> {
        let person = proven.person();
        let seed = Seed::random(person.name(), self.entropy()).ok_or(SecondFactorError::NotMade)?;
        let shown = seed.to_base32().zip(seed.to_uri());
        let (secret, uri) = shown.ok_or(SecondFactorError::NotMade)?;
        let sealed = (self.seal().seal)(person.uid(), seed.as_bytes());
        let sealed = sealed.ok_or(SecondFactorError::NotMade)?;
        let expires = self.now().checked_add(OFFER_FOR).unwrap_or(Timestamp::MAX);
        let by = (person.uid(), person.uid());
        let record = self.factor_record("OfferSecondFactor", by, peer);
        self.ledger().offer_second_factor(person.uid(), &sealed, expires, &record).await?;
        Ok(OfferedFactor { secret, uri, expires })
    }

    /// Takes the offered seed as the person's second factor, once they show a code of it, with new
    /// recovery codes. What they had before counts no more; the session that asked is
    /// renewed, and all others end.
    pub async fn confirm_second_factor(
        &self,
        person: &Person,
        code: &Secret,
        peer: &Peer,
    ) -> Result<EnrolledFactor, SecondFactorError> {
        let (uid, now) = (person.uid(), self.now());
        let row = self.ledger().person(uid).await?.ok_or(ProofError::Ended)?;
        let sealed = self.ledger().offered_second_factor(uid, now).await?;
        let sealed = sealed.ok_or(SecondFactorError::NoOffer)?;
        let seed = self.open_seed(&row, &sealed).ok_or(SecondFactorError::NotMade)?;
        let tried = self.admit_factor(&row, ProofKind::Totp, peer).await;
        let tried = tried.map_err(ProofError::from)?;
        let record = self.factor_record("ConfirmSecondFactor", (uid, uid), peer);
        let Some(step) = seed.step_of(code, now) else {
            self.note_refusal(record).await?;
            return Err(ProofError::Refused.into());
        };
        let (codes, digests) = self.draw_codes().ok_or(SecondFactorError::NotMade)?;
        let new = NewSecondFactor { uid, sealed_seed: &sealed, step, codes: &digests };
        let (token, renewal) = self.renewal(person, ProofKind::Totp);
        let ledger = self.ledger().with_mails(self.notice(uid, &Notice::CodesOn));
        if !ledger.confirm_second_factor(new, &renewal, &record).await? {
            return Err(SecondFactorError::NoOffer);
        }
        self.settle(tried, Turned::Right).await?;
        Ok(EnrolledFactor { session: self.renewed(token).await?, codes })
    }

    /// Replaces a person's recovery codes; the old ones are void.
    pub async fn replace_recovery_codes(
        &self,
        proven: &Proven,
        peer: &Peer,
    ) -> Result<Vec<Secret>, SecondFactorError> {
        let uid = proven.person().uid();
        let (codes, digests) = self.draw_codes().ok_or(SecondFactorError::NotMade)?;
        let record = self.factor_record("ReplaceRecoveryCodes", (uid, uid), peer);
        let ledger = self.ledger().with_mails(self.notice(uid, &Notice::CodesReplaced));
        let done = ledger.replace_recovery_codes(uid, &digests, &record).await?;
        done.then_some(codes).ok_or(SecondFactorError::NotSet)
    }

    /// Takes one's own one-time codes away. All sessions but this one end.
    pub async fn remove_second_factor(
        &self,
        proven: &Proven,
        peer: &Peer,
    ) -> Result<(), SecondFactorError> {
        let (uid, kept) = (proven.person().uid(), proven.person().session_digest());
        let record = self.factor_record("RemoveSecondFactor", (uid, uid), peer);
        let ledger = self.ledger().with_mails(self.notice(uid, &Notice::CodesOff));
        let done = ledger.remove_second_factor(uid, &kept, &record).await?;
        done.then_some(()).ok_or(SecondFactorError::NotSet)
    }

    /// Takes all second factors of somebody away, who has lost them, that of their provider too, and ends
    /// their sessions. Their password alone signs them in then.
    pub async fn reset_second_factor(
        &self,
        administrator: &ProvenAdministrator,
        (uid, links): (&Uid, AddedLinks),
        peer: &Peer,
    ) -> Result<(), AdministrationError> {
        self.existing(uid).await?;
        let record = self.factor_record("ResetSecondFactor", (uid, administrator.uid()), peer);
        let mails = self.told_of_reset(uid, links).await?;
        let ledger = self.ledger().with_mails(mails);
        let done = ledger.reset_second_factor(uid, links, &record).await?;
        done.then_some(()).ok_or(AdministrationError::NoSecondFactor)
    }

    pub(crate) fn draw_codes(&self) -> Option<(Vec<Secret>, Vec<SecretDigest>)> {
        let codes = (0..recovery::CODES).map(|_| recovery::random(self.entropy()));
        let codes: Vec<Secret> = codes.collect::<Option<_>>()?;
        let digests = codes.iter().map(recovery::digest).collect::<Option<_>>()?;
        Some((codes, digests))
    }

    /// What of a person is looked up for each request.
    pub(crate) async fn standing_of(&self, uid: &Uid) -> Result<Standing, LedgerError> {
        let administrator = self.administers(uid).await?;
        let mut factors = self.ledger().factors(uid).await?;
        let asked = administrator || self.rule() == FactorRule::Everybody;
        if asked && !factors.outweigh_password() {
            factors.provider = self.is_linked_strongly(uid).await?;
        }
        Ok(Standing { administrator, factors, rule: self.rule(), now: self.now() })
    }
}

/// How a person stands at the moment of a request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Standing {
    pub(crate) administrator: bool,
    pub(crate) factors: Factors,
    pub(crate) rule: FactorRule,
    pub(crate) now: Timestamp,
}
