//! What the server does for its own audit trail: it links what an older version wrote, checks what was
//! added, and signs how far the chains reach.

use std::time::Duration;

use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch::Sender;
use wh_ledger::{AuditChain, AuditCheck, AuditMark};
use wh_portal::AuditStanding;

use super::SigningTurn;
use super::checkpoint::{self, Kept};
use super::key::{self, SigningKey};
use super::verify::{too_short, words};
use crate::config::{AuditSigning, Config};
use crate::embedded::Parameters;

/// How often it is seen whether there is something new.
const EVERY: Duration = Duration::from_secs(20);

/// How often it is looked at again once something was wrong: all since the last good place is read.
const AFTER_FAULT: Duration = Duration::from_mins(5);

/// How often all of it is read again, and not only what was added.
const ALL_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// So many new lines are signed at once, however young the last checkpoint is.
const LINES_MAX: i64 = 1_000;

/// Goes on for ever, and tells by `standing` how the trail was found.
pub(crate) async fn watch(
    (config, parameters): (Config, Parameters),
    turn: SigningTurn,
    standing: Sender<AuditStanding>,
) {
    let mut watcher = Watcher::new(config, parameters);
    loop {
        let alone = turn.lock().await;
        let found = watcher.round().await.unwrap_or_else(|error| {
            let error = format!("{error:#}");
            tracing::error!(error, "the audit trail was not checked");
            AuditStanding { not_checked: Some(error), ..watcher.last() }
        });
        drop(alone);
        let is_well = found.faults.is_empty() && found.not_checked.is_none();
        let pause = if is_well { EVERY } else { AFTER_FAULT };
        standing.send_replace(found);
        tokio::time::sleep(pause).await;
    }
}

struct Watcher {
    config: Config,
    parameters: Parameters,
    /// Up to where the chains were found whole.
    whole: Vec<(AuditChain, AuditMark)>,
    /// When all of them were read last.
    all_read: Option<Timestamp>,
    standing: AuditStanding,
}

impl Watcher {
    fn new(config: Config, parameters: Parameters) -> Self {
        let (whole, all_read, standing) = (Vec::new(), None, AuditStanding::default());
        Self { config, parameters, whole, all_read, standing }
    }

    fn last(&self) -> AuditStanding {
        self.standing.clone()
    }

    async fn round(&mut self) -> Result<AuditStanding> {
        let begun = self.parameters.clock.now();
        if self.all_read.is_none_or(|read| begun.duration_since(read) >= ALL_AFTER) {
            self.whole.clear();
        }
        let file = super::checkpoints(&self.config);
        let key = match self.config.audit.sign {
            AuditSigning::Here => {
                let path = key::path(&self.config.data);
                Some(SigningKey::open(&path, &file, &self.parameters.entropy)?)
            }
            AuditSigning::Elsewhere => None,
        };
        let mut kept = match &key {
            Some(key) => checkpoint::newest(&file, key.known())?,
            None => Kept::default(),
        };
        kept.faults.extend(key.as_ref().and_then(SigningKey::fault));
        let found = self.look(&kept).await?;
        let mut faults: Vec<_> = found.iter().flat_map(in_words).collect();
        faults.extend(kept.faults.iter().map(|fault| format!("checkpoints: {fault}")));
        let mut signed_at = kept.checkpoints.last().map(|last| last.at);
        if faults.is_empty() {
            if self.whole.is_empty() {
                self.all_read = Some(begun);
            }
            self.whole = found.iter().map(|c| (c.reach.chain, c.reach.head.clone())).collect();
            if let Some(key) = key.filter(|_| self.is_due(&kept, &found)) {
                // What a power cut takes must not have been signed.
                self.parameters.ledger.settle_audit().await?;
                let signed = checkpoint::add(&file, (&key, &kept), &found, begun)?;
                signed_at = signed.map(|signed| signed.at).or(signed_at);
            }
        } else if faults != self.standing.faults {
            tracing::error!(?faults, "the audit trail is not whole: nothing is signed any more");
        }
        let lines = found.iter().map(|check| check.reach.head.link - check.reach.tail.link).sum();
        let checked_at = Some(self.parameters.clock.now());
        self.standing = AuditStanding { checked_at, signed_at, lines, faults, not_checked: None };
        Ok(self.standing.clone())
    }

    /// What was added since the last round; at first, and once a day, all of it.
    async fn look(&self, kept: &Kept) -> Result<Vec<AuditCheck>> {
        let mut found = Vec::new();
        for chain in AuditChain::ALL {
            let marks = kept.marks(chain);
            let whole = self.whole.iter().find(|(of, _)| *of == chain).map(|(_, mark)| mark);
            let ledger = &self.parameters.ledger;
            let mut check = ledger.check_audit_chain(chain, whole, &marks).await?;
            check.faults.extend(too_short(&check));
            found.push(check);
        }
        Ok(found)
    }

    fn is_due(&self, kept: &Kept, found: &[AuditCheck]) -> bool {
        let Some(last) = kept.checkpoints.last() else { return true };
        let age = self.parameters.clock.now().duration_since(last.at);
        let minutes = i64::from(self.config.audit.checkpoint_minutes);
        let reached = |chain| kept.marks(chain).last().map_or(0, |mark| mark.link);
        let new: i64 = found.iter().map(|c| c.reach.head.link - reached(c.reach.chain)).sum();
        new >= LINES_MAX || (new > 0 && age.as_mins() >= minutes)
    }
}

fn in_words(check: &AuditCheck) -> Vec<String> {
    let chain = check.reach.chain.as_str();
    check.faults.iter().map(|fault| format!("{chain}: {}", words(fault))).collect()
}
