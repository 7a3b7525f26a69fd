//! Passkeys: made, named, taken away, and asked for: as the only step of signing in, as its second,
//! and where somebody proves once more who they are.
//!
//! Invariant: a passkey verifies its person itself (by a finger, a face, a PIN), or it counts for
//! nothing; so it is two factors by itself. Source: Web Authentication Level 3, by `webauthn-rs`.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use webauthn_rs::prelude::{
    DiscoverableAuthentication, PasskeyAuthentication, PasskeyRegistration, PublicKeyCredential,
    RegisterPublicKeyCredential, Url, Uuid, Webauthn, WebauthnBuilder,
};
use wh_ledger::{
    CeremonyKind, CeremonyRow, LedgerError, NewPasskey, PasskeyKept, PasskeyRow, PasskeyUse,
    ProofKind, WayTaken,
};
use wh_names::{Secret, SecretDigest, Uid};

use crate::mail::Notice;
use crate::providers::LAST_WAY;
use crate::throttle::{Key, network};
use crate::{Peer, People, Person, ProofError, Proven, SignInToken, SignedIn};

/// For so long a challenge waits for its answer.
const ANSWER_WITHIN: SignedDuration = SignedDuration::from_mins(5);

/// So many passkeys a person may have.
const PASSKEYS_MAX: usize = 20;

/// The longest name of a passkey, in characters.
const NAME_CHARS_MAX: usize = 64;

/// What authenticators call the house.
const HOUSE: &str = "Wellhouse";

/// One's own passkey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passkey {
    /// What its authenticator calls it, in base64url.
    pub id: String,
    /// What its person calls it.
    pub name: String,
    /// When it was made.
    pub created: Timestamp,
    /// When it was last used.
    pub used: Option<Timestamp>,
}

/// A passkey that was just made.
#[derive(Debug)]
pub struct MadePasskey {
    /// What its authenticator calls it.
    pub id: String,
    /// The session under its new token.
    pub session: SignedIn,
    /// The recovery codes, where it is the first factor; they are shown once.
    pub codes: Vec<Secret>,
}

/// What an authenticator answered to a challenge.
#[derive(Clone)]
pub struct PasskeyAnswer(Box<PublicKeyCredential>);

impl fmt::Debug for PasskeyAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasskeyAnswer(…)")
    }
}

impl PasskeyAnswer {
    /// Reads an `AuthenticationResponseJSON`. Source: Web Authentication Level 3, 5.1.8.2.
    pub fn parse(json: &Value) -> Option<Self> {
        PublicKeyCredential::deserialize(json).ok().map(|answer| Self(Box::new(answer)))
    }

    fn id(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.0.raw_id)
    }
}

/// Why nothing was done about passkeys.
#[derive(Debug, thiserror::Error)]
pub enum PasskeyError {
    /// The house is reached by a number; browsers keep passkeys for names alone.
    #[error(
        "passkeys need a portal with a name: set portal.public_url to https://… with a host name"
    )]
    Unavailable,
    /// The challenge was not asked for, was answered before, or took too long.
    #[error("the passkey took too long; begin again")]
    Over,
    /// What was answered is not a passkey that verified its person.
    #[error(
        "the passkey was not taken: it must be made here, and verify you by finger, face or PIN"
    )]
    Refused,
    /// The name is empty, too long, or has control characters.
    #[error("a passkey's name has 1 to 64 characters, and no control characters")]
    Name,
    /// There are too many.
    #[error("one may have 20 passkeys; remove one to make another")]
    Full,
    /// The passkey is there already.
    #[error("this passkey is there already")]
    Taken,
    /// The person has no such passkey.
    #[error("there is no such passkey")]
    Absent,
    /// The person could not sign in without it.
    #[error("{LAST_WAY}")]
    Last,
    /// The library could not make a challenge.
    #[error("no challenge could be made")]
    NotMade,
    /// The session or the sign-in ended, or there were too many attempts.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// The ledger failed.
    #[error("the ledger did not do it")]
    Ledger(#[from] LedgerError),
}

impl PasskeyError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unavailable => "passkeys-unavailable",
            Self::Over => "passkey-over",
            Self::Refused => "passkey-refused",
            Self::Name => "passkey-name-invalid",
            Self::Full => "passkeys-full",
            Self::Taken => "passkey-taken",
            Self::Absent => "no-such-passkey",
            Self::Last => "last-way-in",
            Self::NotMade => "passkey-not-made",
            Self::Proof(error) => error.code(),
            Self::Ledger(error) => error.code(),
        }
    }
}

/// The house as authenticators know it: by its name.
#[derive(Debug)]
pub(crate) struct RelyingParty {
    webauthn: Webauthn,
    origin: String,
}

impl RelyingParty {
    /// The house whose page comes from these origins, the first of which people type. None where that
    /// one has no name.
    pub(crate) fn of(origins: &[String]) -> Option<Self> {
        let (origin, others) = origins.split_first()?;
        let url = Url::parse(origin).ok()?;
        let name = url.domain()?;
        let mut builder = WebauthnBuilder::new(name, &url).ok()?.rp_name(HOUSE);
        for other in others.iter().filter_map(|other| Url::parse(other).ok()) {
            if other.domain() == Some(name) {
                builder = builder.append_allowed_origin(&other);
            }
        }
        let webauthn = builder.build().ok()?;
        Some(Self { webauthn, origin: url.origin().ascii_serialization() })
    }
}

/// What the ledger keeps of a challenge.
#[derive(Serialize, Deserialize)]
enum State {
    Making(PasskeyRegistration),
    Known(PasskeyAuthentication),
    Anybody(DiscoverableAuthentication),
}

/// How an answer was found.
enum Judged {
    Right(Uid, PasskeyUse),
    Wrong,
    Over,
}

impl People {
    /// Where passkeys can be made and used; none where the house has no name.
    pub fn passkey_origin(&self) -> Option<&str> {
        self.party().map(|party| party.origin.as_str())
    }

    /// One's own passkeys, the oldest first.
    pub async fn passkeys(&self, person: &Person) -> Result<Vec<Passkey>, LedgerError> {
        let rows = self.ledger().passkeys(person.uid()).await?;
        Ok(rows.into_iter().map(told).collect())
    }

    /// Asks for a new passkey: what `navigator.credentials.create` takes, as JSON.
    pub async fn offer_passkey(&self, proven: &Proven, peer: &Peer) -> Result<Value, PasskeyError> {
        let party = self.party().ok_or(PasskeyError::Unavailable)?;
        let person = proven.person();
        let rows = self.ledger().passkeys(person.uid()).await?;
        if rows.len() >= PASSKEYS_MAX {
            return Err(PasskeyError::Full);
        }
        let (user, name) = (user_of(person.uid()), person.name());
        let there = credentials(&rows).iter().map(|key| key.cred_id().clone()).collect();
        let started = party.webauthn.start_passkey_registration(user, name, name, Some(there));
        let (asked, state) = started.map_err(|_| PasskeyError::NotMade)?;
        let mut options =
            serde_json::to_value(&asked.public_key).map_err(|_| PasskeyError::NotMade)?;
        // One that its authenticator finds by itself can be the only step of signing in.
        if let Some(selection) = options.get_mut("authenticatorSelection")
            && let Some(selection) = selection.as_object_mut()
        {
            selection.insert("residentKey".to_owned(), Value::from("preferred"));
        }
        let holder = (person.session_digest(), CeremonyKind::Making);
        self.await_answer(holder, Some(person.uid()), &State::Making(state), peer).await?;
        Ok(options)
    }

    /// Keeps the passkey that an authenticator has just made: a `RegistrationResponseJSON`. The session
    /// that asked is renewed.
    pub async fn add_passkey(
        &self,
        person: &Person,
        (name, made): (&str, &Value),
        peer: &Peer,
    ) -> Result<MadePasskey, PasskeyError> {
        let party = self.party().ok_or(PasskeyError::Unavailable)?;
        let (uid, now, name) = (person.uid(), self.now(), checked_name(name)?);
        let made = RegisterPublicKeyCredential::deserialize(made);
        let made = made.map_err(|_| PasskeyError::Refused)?;
        let holder = (&person.session_digest(), CeremonyKind::Making);
        let Some(State::Making(state)) = self.awaited(holder, now).await? else {
            return Err(PasskeyError::Over);
        };
        let record = self.factor_record("AddPasskey", (uid, uid), peer);
        let Ok(passkey) = party.webauthn.finish_passkey_registration(&made, &state) else {
            self.note_refusal(record).await?;
            return Err(PasskeyError::Refused);
        };
        let (codes, digests) = self.draw_codes().ok_or(PasskeyError::NotMade)?;
        let row = PasskeyRow {
            id: URL_SAFE_NO_PAD.encode(passkey.cred_id()),
            uid: uid.clone(),
            name,
            credential: serde_json::to_string(&passkey).map_err(|_| PasskeyError::NotMade)?,
            created_at: now,
            used_at: None,
        };
        let (token, renewal) = self.renewal(person, ProofKind::Passkey);
        let new = NewPasskey { row: &row, codes: &digests, max: PASSKEYS_MAX };
        let mails = self.notice(uid, &Notice::PasskeyAdded { name: &row.name });
        let codes =
            match self.ledger().with_mails(mails).keep_passkey(new, &renewal, &record).await? {
                PasskeyKept::First => codes,
                PasskeyKept::Further => Vec::new(),
                PasskeyKept::Over => return Err(PasskeyError::Over),
                PasskeyKept::Taken => return Err(PasskeyError::Taken),
                PasskeyKept::Full => return Err(PasskeyError::Full),
            };
        Ok(MadePasskey { id: row.id, session: self.renewed(token).await?, codes })
    }

    /// Calls one's own passkey something else.
    pub async fn rename_passkey(
        &self,
        proven: &Proven,
        (id, name): (&str, &str),
        peer: &Peer,
    ) -> Result<(), PasskeyError> {
        let (uid, name) = (proven.person().uid(), checked_name(name)?);
        let record = self.factor_record("RenamePasskey", (uid, uid), peer);
        let done = self.ledger().rename_passkey((uid, id), &name, &record).await?;
        done.then_some(()).ok_or(PasskeyError::Absent)
    }

    /// Takes one's own passkey away. All sessions but this one end.
    pub async fn remove_passkey(
        &self,
        proven: &Proven,
        id: &str,
        peer: &Peer,
    ) -> Result<(), PasskeyError> {
        let uid = proven.person().uid();
        let record = self.factor_record("RemovePasskey", (uid, uid), peer);
        let kept = proven.person().session_digest();
        let left = (&kept, self.providers().issuers());
        let ledger = self.ledger().with_mails(self.notice(uid, &Notice::PasskeyRemoved));
        match ledger.remove_passkey((uid, id), left, &record).await? {
            WayTaken::Done => Ok(()),
            WayTaken::Absent => Err(PasskeyError::Absent),
            WayTaken::Last => Err(PasskeyError::Last),
        }
    }

    /// Asks anybody for a passkey: what `navigator.credentials.get` takes, as JSON, and the token of
    /// whoever may answer.
    pub async fn ask_passkey_of_anybody(
        &self,
        peer: &Peer,
    ) -> Result<(SignInToken, Value), PasskeyError> {
        let party = self.party().ok_or(PasskeyError::Unavailable)?;
        let keys = peer.ip.map(Key::challenge).into_iter().collect();
        // It counts until it is answered: each is a row.
        let attempt = self.throttle().admit(keys, self.now());
        attempt.map(drop).map_err(|retry_after| ProofError::Throttled { retry_after })?;
        let started = party.webauthn.start_discoverable_authentication();
        let (asked, state) = started.map_err(|_| PasskeyError::NotMade)?;
        let token = SignInToken::random(self.entropy());
        let holder = (token.digest(), CeremonyKind::SignIn);
        self.await_answer(holder, None, &State::Anybody(state), peer).await?;
        let options = serde_json::to_value(&asked.public_key);
        Ok((token, options.map_err(|_| PasskeyError::NotMade)?))
    }

    /// Asks for a passkey of somebody whose password was right.
    pub async fn ask_passkey_for_second_step(
        &self,
        token: &SignInToken,
        peer: &Peer,
    ) -> Result<Value, PasskeyError> {
        let uid = self.half_way_person(token).await?;
        self.ask_passkey_of((token.digest(), CeremonyKind::SecondStep), &uid, peer).await
    }

    /// Asks for a passkey of somebody who is signed in.
    pub async fn ask_passkey_for_proof(
        &self,
        person: &Person,
        peer: &Peer,
    ) -> Result<Value, PasskeyError> {
        let holder = (person.session_digest(), CeremonyKind::Proof);
        self.ask_passkey_of(holder, person.uid(), peer).await
    }

    /// Signs somebody in by a passkey alone. Why it was not taken is not said.
    pub async fn sign_in_by_passkey(
        &self,
        token: &SignInToken,
        answer: &PasskeyAnswer,
        peer: &Peer,
    ) -> Result<SignedIn, ProofError> {
        let now = self.now();
        let keys = peer.ip.map(Key::address).into_iter().collect();
        let attempt = self.throttle().admit(keys, now);
        let attempt = attempt.map_err(|retry_after| ProofError::Throttled { retry_after })?;
        let holder = (token.digest(), CeremonyKind::SignIn);
        let (uid, used) = match self.judge_passkey(holder, answer, now).await? {
            Judged::Right(uid, used) => (uid, used),
            Judged::Wrong => return Err(ProofError::PasskeyRefused),
            Judged::Over => {
                self.throttle().unjudged(attempt);
                return Err(ProofError::PasskeyOver);
            }
        };
        let row = self.ledger().person(&uid).await?.ok_or(ProofError::PasskeyRefused)?;
        let (token, session) = self.draw_session(&uid, peer, (now, ProofKind::Passkey));
        if !self.ledger().sign_in_by_passkey(&used, &session).await? {
            return Err(ProofError::PasskeyRefused);
        }
        self.throttle().succeeded(attempt);
        if let Some(ip) = peer.ip {
            self.throttle().forgive(&Key::challenge(ip));
        }
        self.reopen(&row).await?;
        self.note_device(&uid, peer).await;
        let standing = self.standing_of(&uid).await?;
        Ok(SignedIn { token, person: Person::mint(&row, &session, standing) })
    }

    /// What a person's answer would spend, if it is right.
    pub(crate) async fn passkey_use(
        &self,
        uid: &Uid,
        holder: (SecretDigest, CeremonyKind),
        answer: &PasskeyAnswer,
    ) -> Result<Option<PasskeyUse>, LedgerError> {
        Ok(match self.judge_passkey(holder, answer, self.now()).await? {
            Judged::Right(owner, used) if owner == *uid => Some(used),
            Judged::Right(..) | Judged::Wrong | Judged::Over => None,
        })
    }

    async fn ask_passkey_of(
        &self,
        holder: (SecretDigest, CeremonyKind),
        uid: &Uid,
        peer: &Peer,
    ) -> Result<Value, PasskeyError> {
        let party = self.party().ok_or(PasskeyError::Unavailable)?;
        let keys = credentials(&self.ledger().passkeys(uid).await?);
        if keys.is_empty() {
            return Err(PasskeyError::Absent);
        }
        let started = party.webauthn.start_passkey_authentication(&keys);
        let (asked, state) = started.map_err(|_| PasskeyError::NotMade)?;
        self.await_answer(holder, Some(uid), &State::Known(state), peer).await?;
        serde_json::to_value(&asked.public_key).map_err(|_| PasskeyError::NotMade)
    }

    async fn await_answer(
        &self,
        (holder, kind): (SecretDigest, CeremonyKind),
        uid: Option<&Uid>,
        state: &State,
        peer: &Peer,
    ) -> Result<(), PasskeyError> {
        let row = CeremonyRow {
            holder,
            kind,
            uid: uid.cloned(),
            ip: peer.ip.map(|ip| network(ip).to_string()).unwrap_or_default(),
            state: serde_json::to_string(state).map_err(|_| PasskeyError::NotMade)?,
            expires_at: self.now().checked_add(ANSWER_WITHIN).unwrap_or(Timestamp::MAX),
        };
        Ok(self.ledger().begin_ceremony(&row).await?)
    }

    async fn awaited(
        &self,
        (holder, kind): (&SecretDigest, CeremonyKind),
        now: Timestamp,
    ) -> Result<Option<State>, LedgerError> {
        let state = self.ledger().ceremony(holder, kind, now).await?;
        Ok(state.and_then(|state| serde_json::from_str(&state).ok()))
    }

    async fn judge_passkey(
        &self,
        (holder, kind): (SecretDigest, CeremonyKind),
        answer: &PasskeyAnswer,
        now: Timestamp,
    ) -> Result<Judged, LedgerError> {
        let Some(state) = self.awaited((&holder, kind), now).await? else {
            return Ok(Judged::Over);
        };
        let Some(row) = self.ledger().passkey(&answer.id()).await? else {
            return Ok(Judged::Wrong);
        };
        let Some(credential) = self.verified(&state, answer, &row) else {
            return Ok(Judged::Wrong);
        };
        let used =
            PasskeyUse { holder, kind, id: row.id, judged_by: row.credential, credential, at: now };
        Ok(Judged::Right(row.uid, used))
    }

    /// What is known of a passkey after this answer, if it is right.
    fn verified(&self, state: &State, answer: &PasskeyAnswer, row: &PasskeyRow) -> Option<String> {
        let webauthn = &self.party()?.webauthn;
        let mut passkey: webauthn_rs::prelude::Passkey =
            serde_json::from_str(&row.credential).ok()?;
        let judged = match state {
            State::Making(_) => return None,
            State::Known(state) => webauthn.finish_passkey_authentication(&answer.0, state),
            State::Anybody(state) => {
                let (user, _id) = webauthn.identify_discoverable_authentication(&answer.0).ok()?;
                if user != user_of(&row.uid) {
                    return None;
                }
                webauthn.finish_discoverable_authentication_v2(&answer.0, state.clone(), &passkey)
            }
        };
        let judged = judged.ok()?;
        passkey.update_credential(&judged)?;
        // One whose counter does not go forward may be a copy. The challenge was judged by what was
        // known when it was asked; what is known now counts.
        let known: Value = serde_json::from_str(&row.credential).ok()?;
        let known = known.pointer("/cred/counter").and_then(Value::as_u64)?;
        let counter = u64::from(judged.counter());
        if !judged.user_verified() || ((known > 0 || counter > 0) && counter <= known) {
            return None;
        }
        serde_json::to_string(&passkey).ok()
    }
}

/// A uid as authenticators keep it, in 16 bytes.
fn user_of(uid: &Uid) -> Uuid {
    Uuid::from_u128(uid.to_u128())
}

fn credentials(rows: &[PasskeyRow]) -> Vec<webauthn_rs::prelude::Passkey> {
    rows.iter().filter_map(|row| serde_json::from_str(&row.credential).ok()).collect()
}

fn told(row: PasskeyRow) -> Passkey {
    Passkey { id: row.id, name: row.name, created: row.created_at, used: row.used_at }
}

fn checked_name(name: &str) -> Result<String, PasskeyError> {
    let name = name.trim();
    let fits = !name.is_empty() && name.chars().count() <= NAME_CHARS_MAX;
    if !fits || name.chars().any(char::is_control) {
        return Err(PasskeyError::Name);
    }
    Ok(name.to_owned())
}
