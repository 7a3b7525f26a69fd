//! Rotating the house's own keys, while it serves or not.
//!
//! New keys are on the disk before anything is sealed by them. On a ledger that nodes share they are told
//! there first, sealed under the keys before, and seal only after [`LEARNT_WITHIN`]: by then every node
//! that serves opens what they seal.

use std::time::Duration;

use anyhow::{Context, Result};
use jiff::{SignedDuration, Timestamp};
use wh_authority::{KeyRing, Rotation};
use wh_portal::{HouseKey, HouseKeys};

use super::facts::{found, house_keys};
use super::{ROTATIONS, catch_up, open, write};
use crate::audit::{Signing, SigningTurn};
use crate::config::Config;
use crate::embedded::Parameters;

/// How often a node asks the ledger for rotations of others.
const EVERY: Duration = Duration::from_secs(5);

/// Within so long every node that serves knows new keys. It is twelve times as long as [`EVERY`]; a node
/// that cannot reach the ledger answers nobody.
const LEARNT_WITHIN: SignedDuration = SignedDuration::from_secs(60);

/// The longest session: that of a user, by `GetSessionToken`.
const SESSION_MAX: SignedDuration = SignedDuration::from_hours(36);

/// Which keys are rotated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    Authority,
    Audit,
    Both,
}

/// What becomes of the sessions of the keys that are rotated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sessions {
    /// They live as long as they were to.
    LiveOn,
    /// They end with their keys.
    End,
}

/// The house's own keys. Cloning shares them.
#[derive(Clone)]
pub(crate) struct OwnKeys {
    config: Config,
    parameters: Parameters,
    ring: KeyRing,
    turn: SigningTurn,
}

impl OwnKeys {
    /// Reads the keys, or makes them where there are none.
    pub(crate) async fn open(config: &Config, parameters: &Parameters) -> Result<Self> {
        let ring = open(config, parameters).await?;
        let (config, parameters) = (config.clone(), parameters.clone());
        Ok(Self { config, parameters, ring, turn: SigningTurn::default() })
    }

    /// The key ring.
    pub(crate) fn ring(&self) -> &KeyRing {
        &self.ring
    }

    /// Whose turn it is to sign.
    pub(crate) fn turn(&self) -> SigningTurn {
        SigningTurn::clone(&self.turn)
    }

    fn shared(&self) -> bool {
        self.config.ledger.url.is_some()
    }

    /// Takes over what other nodes rotate to, for ever.
    pub(crate) async fn follow(self) {
        let mut told = String::new();
        while self.shared() {
            tokio::time::sleep(EVERY).await;
            let done = catch_up(&self.config.data, &self.parameters.ledger, &self.ring).await;
            let error = done.err().map(|error| format!("{error:#}")).unwrap_or_default();
            if !error.is_empty() && error != told {
                tracing::error!(error, "keys of another node were not taken over");
            }
            told = error;
        }
    }

    /// Rotates. The audit log goes first: where it is not whole nothing is done.
    pub(crate) async fn rotate(&self, which: Which, sessions: Sessions) -> Result<()> {
        if which != Which::Authority {
            self.rotate_audit().await?;
        }
        if which != Which::Audit {
            self.rotate_authority(sessions).await?;
        }
        Ok(())
    }

    async fn rotate_audit(&self) -> Result<()> {
        let Some(signing) = Signing::of(&self.config) else { return Ok(()) };
        let _turn = self.turn.lock().await;
        signing.rotate(self.parameters.clock.now(), &self.parameters.entropy)
    }

    async fn rotate_authority(&self, sessions: Sessions) -> Result<()> {
        let Parameters { ledger, clock, entropy } = &self.parameters;
        let data = &self.config.data;
        let alone = ledger.lock_house().await?;
        let _turn = self.turn.lock().await;
        if self.shared() {
            catch_up(data, ledger, &self.ring).await?;
        }
        let rotation = self.rotation(clock.now(), sessions);
        // By a copy: nothing is sealed by keys that a power cut could take.
        let made = self.ring.dates().first().and_then(|first| first.made);
        let copy = KeyRing::parse(self.ring.to_text().expose())?.made_by_default(made);
        copy.rotate(rotation, entropy).context("there are too many generations of keys")?;
        let rotations = copy.rotations();
        if self.shared() {
            let told = serde_json::to_string(&rotations)?;
            ledger.put_settings(&[(ROTATIONS, told.as_str())]).await?;
        }
        write(data, &copy)?;
        self.ring.follow(&rotations)?;
        drop(alone);
        Ok(())
    }

    fn rotation(&self, now: Timestamp, sessions: Sessions) -> Rotation {
        let after = |at: Timestamp, wait| at.checked_add(wait).unwrap_or(Timestamp::MAX);
        let from = if self.shared() { after(now, LEARNT_WITHIN) } else { now };
        let before_until = match sessions {
            Sessions::LiveOn => after(from, SESSION_MAX),
            Sessions::End => from,
        };
        Rotation { made: now, from, before_until }
    }

    /// What is known of the keys, without them.
    pub(crate) fn facts(&self) -> Result<Vec<HouseKey>> {
        let found = found(&self.config, Some(&self.ring));
        Ok(house_keys(found?, self.parameters.clock.now()))
    }

    /// As the portal's administrators see and rotate them.
    pub(crate) fn at_portal(&self) -> HouseKeys {
        let (listing, rotating) = (self.clone(), self.clone());
        let in_words = |error: anyhow::Error| format!("{error:#}");
        HouseKeys::new(
            move || listing.facts().map_err(in_words),
            move || {
                let own = rotating.clone();
                async move {
                    own.rotate(Which::Both, Sessions::LiveOn).await.map_err(|e| format!("{e:#}"))
                }
            },
        )
    }
}
