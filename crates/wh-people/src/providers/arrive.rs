//! Coming back from a provider: signing in, linking, or proving once more who one is.

use jiff::{SignedDuration, Timestamp};
use wh_ledger::{
    CeremonyKind, IdentityEntry, IdentityLinked, IdentityRow, IdentityUse, PersonRow, PersonStatus,
    ProofKind, RowId, Vouched,
};
use wh_names::Uid;

use crate::mail::Notice;
use crate::providers::discovery::Doors;
use crate::providers::known::Known;
use crate::providers::leave::{Purpose, Trip, Waiting};
use crate::providers::outbound::error_word;
use crate::providers::vouch::Vouch;
use crate::providers::{Provider, ProviderError};
use crate::throttle::{Attempt, Key};
use crate::{Entered, Peer, People, Person, SignInToken, SignedIn};

/// So many sign-ins one may link.
const IDENTITIES_MAX: usize = 10;

/// The clocks of the provider and of the house may differ by so much.
const SKEW_MAX: SignedDuration = SignedDuration::from_secs(30);

/// What a provider sent a browser back with.
#[derive(Debug, Clone)]
pub struct ProviderAnswer {
    /// What it repeats.
    pub state: String,
    /// What is spent on a token.
    pub code: Option<String>,
    /// Who it is, where it says so.
    pub iss: Option<String>,
    /// Why there is no code.
    pub error: Option<String>,
}

/// What came of an answer, and where the person wanted to go.
#[derive(Debug)]
#[must_use = "a session that nobody is told of is lost"]
pub enum Arrived {
    /// They are signed in, or half-way.
    Entered(Entered, String),
    /// The sign-in is linked to their account.
    Linked(Uid, String),
    /// They proved once more who they are; their session goes on under another token.
    Proved(SignedIn, String),
}

impl People {
    /// Takes a provider's answer, in the browser that left for it.
    pub async fn arrive(
        &self,
        (provider, answer): (&str, &ProviderAnswer),
        (token, person): (&SignInToken, Option<&Person>),
        peer: &Peer,
    ) -> Result<Arrived, ProviderError> {
        let keys = peer.ip.map(Key::address).into_iter().collect();
        let attempt = self.throttle().admit(keys, self.now());
        let attempt = attempt.map_err(|retry_after| ProviderError::Throttled { retry_after })?;
        let arrived = self.judge_answer((provider, answer), (token, person), peer).await;
        self.settle_arrival(attempt, &arrived, peer);
        arrived
    }

    async fn judge_answer(
        &self,
        (provider, answer): (&str, &ProviderAnswer),
        (token, person): (&SignInToken, Option<&Person>),
        peer: &Peer,
    ) -> Result<Arrived, ProviderError> {
        let known = self.providers().find(provider)?;
        let trip = Trip::new(token, &answer.state).map_err(|_| ProviderError::Over)?;
        let holder = (&trip.digest()?, CeremonyKind::Provider);
        let ended = self.ledger().take_ceremony(holder, self.now()).await?;
        let (uid, state) = ended.ok_or(ProviderError::Over)?;
        let waiting: Waiting = serde_json::from_str(&state).map_err(|_| ProviderError::Over)?;
        if waiting.provider != provider {
            return Err(ProviderError::MixedUp);
        }
        let began = person.filter(|person| uid.as_ref() == Some(person.uid()));
        if uid.is_some() && began.is_none() {
            return Err(ProviderError::AnotherPerson);
        }
        let doors = self.providers().doors(known, self.now()).await?;
        judge_sender(answer, &doors)?;
        if let Some(error) = &answer.error {
            return Err(ProviderError::Declined { error: error_word(error) });
        }
        let code = answer.code.as_deref().unwrap_or_default();
        let vouch = self.exchange((known, &doors), (code, &trip)).await?;
        let back = waiting.return_to.clone();
        match (waiting.purpose, began) {
            (Purpose::SignIn, _) => {
                Ok(Arrived::Entered(self.enter(known, &vouch, peer).await?, back))
            }
            (Purpose::Link, Some(person)) => {
                let uid = self.link(known, &vouch, (person, peer)).await?;
                Ok(Arrived::Linked(uid, back))
            }
            (Purpose::Proof, Some(person)) => {
                let left = waiting.left;
                let session = self.prove_again(known, (&vouch, left), (person, peer)).await?;
                Ok(Arrived::Proved(session, back))
            }
            (Purpose::Link | Purpose::Proof, None) => Err(ProviderError::AnotherPerson),
        }
    }

    /// Whoever was vouched for is rid of the attempt; what was never judged does not count.
    fn settle_arrival(
        &self,
        attempt: Attempt,
        arrived: &Result<Arrived, ProviderError>,
        peer: &Peer,
    ) {
        let error = arrived.as_ref().err();
        let shut_out =
            matches!(error, Some(ProviderError::AwaitingApproval | ProviderError::Disabled));
        let unjudged =
            matches!(error, Some(ProviderError::Ledger(_) | ProviderError::Unavailable { .. }));
        if arrived.is_ok() || shut_out {
            self.throttle().succeeded(attempt);
            if let Some(ip) = peer.ip {
                self.throttle().forgive(&Key::challenge(ip));
            }
        } else if unjudged {
            self.throttle().unjudged(attempt);
        }
    }

    /// Lets in whom a provider vouches for: as far as the house knows them, or may come to.
    async fn enter(
        &self,
        known: &Known,
        vouch: &Vouch,
        peer: &Peer,
    ) -> Result<Entered, ProviderError> {
        let issuer = &known.provider.options().issuer;
        let found = self.ledger().identity(issuer, &vouch.subject).await?;
        let identity = match found {
            Some(identity) => identity,
            None => self.come_in(&known.provider, vouch, peer).await?,
        };
        let row = self.ledger().person(&identity.uid).await?.ok_or(ProviderError::Closed)?;
        match row.status {
            PersonStatus::Pending => return Err(ProviderError::AwaitingApproval),
            PersonStatus::Disabled => return Err(ProviderError::Disabled),
            PersonStatus::Active => {}
        }
        self.begin(&known.provider, (vouch, &identity), (row, peer)).await
    }

    async fn begin(
        &self,
        provider: &Provider,
        (vouch, identity): (&Vouch, &IdentityRow),
        (row, peer): (PersonRow, &Peer),
    ) -> Result<Entered, ProviderError> {
        let (uid, groups) = (&row.uid, self.groups_of(provider, vouch).await?);
        let vouched = Vouched { identity, label: vouch.label.as_deref(), groups: &groups };
        let record = self.provider_record("FollowProviderGroups", (uid, "groups"), peer);
        let factors = self.ledger().factors(uid).await?;
        let (entered, changed) = if factors.any() && !vouch.strong {
            let (token, pending) = self.draw_pending(uid);
            let entry = IdentityEntry::Pending(&pending);
            let changed = self.ledger().enter_by_identity(vouched, entry, &record).await?;
            let (expires, uid) = (pending.expires_at, uid.clone());
            (Entered::HalfWay { token, expires, factors, uid }, changed)
        } else {
            let proof = (self.proved_at(vouch), proof_kind(vouch));
            let standing = self.standing_of(uid).await?;
            let (token, mut session) = self.draw_session(uid, peer, (self.now(), proof.1));
            session.proved_at = proof.0;
            let entry = IdentityEntry::Session(&session);
            let changed = self.ledger().enter_by_identity(vouched, entry, &record).await?;
            let person = Person::mint(&row, &session, standing);
            (Entered::SignedIn(SignedIn { token, person }), changed)
        };
        let changed = changed.ok_or(ProviderError::Over)?;
        if !changed.removed.is_empty() {
            // Once more with the time after the commit: a role may have been assumed between.
            self.ledger().revoke_person(uid, self.now()).await?;
        }
        match &entered {
            Entered::SignedIn(_) => self.note_device(uid, peer).await,
            Entered::HalfWay { .. } | Entered::LongerPassword { .. } => {}
        }
        Ok(entered)
    }

    /// The groups that a provider's word puts somebody in, of those that there are.
    async fn groups_of(
        &self,
        provider: &Provider,
        vouch: &Vouch,
    ) -> Result<Vec<RowId>, ProviderError> {
        let values = vouch.groups.iter().flatten();
        let wanted: Vec<&str> = values.filter_map(|value| provider.group_of(value)).collect();
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let rows = self.ledger().person_groups().await?;
        let known = |key: &str| rows.iter().any(|row| row.name_key == key);
        for missing in wanted.iter().filter(|key| !known(key)) {
            let id = &provider.options().id;
            tracing::warn!(provider = %id, group = %missing, "a group of a provider is not there");
        }
        let given = rows.iter().filter(|row| wanted.contains(&row.name_key.as_str()));
        Ok(given.map(|row| row.id.clone()).collect())
    }

    async fn link(
        &self,
        known: &Known,
        vouch: &Vouch,
        (person, peer): (&Person, &Peer),
    ) -> Result<Uid, ProviderError> {
        let uid = person.uid();
        let identity = self.identity_row(&known.provider, vouch, uid);
        let what = format!("identity/{}", identity.id.as_str());
        let record = self.provider_record("LinkIdentity", (uid, &what), peer);
        let notice = Notice::SignInLinked { provider: &known.provider.options().name };
        let ledger = self.ledger().with_mails(self.notice(uid, &notice));
        match ledger.link_identity(&identity, IDENTITIES_MAX, &record).await? {
            IdentityLinked::Done => Ok(uid.clone()),
            IdentityLinked::Taken => Err(ProviderError::Taken),
            IdentityLinked::Full => Err(ProviderError::Full),
        }
    }

    async fn prove_again(
        &self,
        known: &Known,
        (vouch, left): (&Vouch, Timestamp),
        (person, peer): (&Person, &Peer),
    ) -> Result<SignedIn, ProviderError> {
        let issuer = &known.provider.options().issuer;
        let found = self.ledger().identity(issuer, &vouch.subject).await?;
        let identity = found.filter(|row| row.uid == *person.uid());
        let mut identity = identity.ok_or(ProviderError::AnotherPerson)?;
        identity.label.clone_from(&vouch.label);
        let since = left.checked_sub(SKEW_MAX).unwrap_or(Timestamp::MIN);
        if vouch.asked_at.is_none_or(|at| at < since) {
            return Err(ProviderError::NotAsked);
        }
        if person.factors().outweigh_password() && !vouch.strong {
            return Err(ProviderError::SecondFactorNeeded);
        }
        let (token, renewal) = self.renewal(person, proof_kind(vouch));
        let used = IdentityUse { identity: &identity, renewal: &renewal };
        let record = self.provider_record("ProveIdentity", (person.uid(), "session"), peer);
        if !self.ledger().prove_by_identity(used, &record).await? {
            return Err(ProviderError::Ended);
        }
        Ok(self.renewed(token).await?)
    }

    /// When whoever is vouched for was last asked who they are, at the provider. One that does not say may
    /// have asked nobody: then it was never.
    fn proved_at(&self, vouch: &Vouch) -> Timestamp {
        vouch.asked_at.map_or(Timestamp::UNIX_EPOCH, |at| at.min(self.now()))
    }

    /// A link that was not written down yet.
    pub(crate) fn identity_row(
        &self,
        provider: &Provider,
        vouch: &Vouch,
        uid: &Uid,
    ) -> IdentityRow {
        let now = self.now();
        IdentityRow {
            id: RowId::generate(now, self.entropy()),
            issuer: provider.options().issuer.clone(),
            subject: vouch.subject.clone(),
            uid: uid.clone(),
            provider: provider.options().id.clone(),
            label: vouch.label.clone(),
            linked_at: now,
            used_at: None,
            added: true,
        }
    }
}

fn proof_kind(vouch: &Vouch) -> ProofKind {
    if vouch.strong { ProofKind::ProviderFactor } else { ProofKind::Provider }
}

/// That an answer is from the provider that was asked. Source: RFC 9207, 2.4.
fn judge_sender(answer: &ProviderAnswer, doors: &Doors) -> Result<(), ProviderError> {
    match &answer.iss {
        Some(iss) if *iss == doors.issuer.issuer => Ok(()),
        None if !doors.names_itself => Ok(()),
        Some(_) | None => Err(ProviderError::MixedUp),
    }
}
