//! What the server does for its own audit trail: it links what an older version wrote, checks what was
//! added, and signs how far the chains reach.

use std::time::Duration;

use anyhow::Result;
use tokio::sync::watch::Sender;
use wh_ledger::{AuditChain, AuditCheck, AuditMark};
use wh_portal::AuditStanding;

use super::checkpoint::{self, Kept};
use super::key::{self, SigningKey};
use super::verify::words;
use crate::config::{AuditSigning, Config};
use crate::embedded::Parameters;

/// How often it is seen whether there is something new.
const EVERY: Duration = Duration::from_secs(20);

/// So many new lines are signed at once, however young the last checkpoint is.
const LINES_MAX: i64 = 1_000;

/// Goes on for ever, and tells by `standing` how the trail was found.
pub(crate) async fn watch(config: Config, parameters: Parameters, standing: Sender<AuditStanding>) {
    let mut watcher = Watcher::new(config, parameters);
    loop {
        match watcher.round().await {
            Ok(found) => drop(standing.send_replace(found)),
            Err(error) => {
                tracing::error!(error = format!("{error:#}"), "the audit trail was not checked");
            }
        }
        tokio::time::sleep(EVERY).await;
    }
}

struct Watcher {
    config: Config,
    parameters: Parameters,
    /// Up to where the chains were found whole.
    whole: Vec<(AuditChain, AuditMark)>,
    standing: AuditStanding,
}

impl Watcher {
    fn new(config: Config, parameters: Parameters) -> Self {
        Self { config, parameters, whole: Vec::new(), standing: AuditStanding::default() }
    }

    async fn round(&mut self) -> Result<AuditStanding> {
        self.parameters.ledger.link_audit().await?;
        let key = match self.config.audit.sign {
            AuditSigning::Here => {
                let path = key::path(&self.config.data);
                Some(SigningKey::open(&path, &self.parameters.entropy)?)
            }
            AuditSigning::Elsewhere => None,
        };
        let file = super::checkpoints(&self.config);
        let kept = match &key {
            Some(key) => checkpoint::newest(&file, &key.public())?,
            None => Kept::default(),
        };
        let found = self.look(&kept).await?;
        let mut faults: Vec<_> = found.iter().flat_map(in_words).collect();
        faults.extend(kept.faults.iter().map(|fault| format!("checkpoints: {fault}")));
        let mut signed_at = kept.checkpoints.last().map(|last| last.at);
        if faults.is_empty() {
            self.whole = found.iter().map(|c| (c.reach.chain, c.reach.head.clone())).collect();
            let now = self.parameters.clock.now();
            if let Some(key) = key.filter(|_| self.is_due(&kept, &found)) {
                let signed = checkpoint::add(&file, (&key, &kept), &found, now)?;
                signed_at = signed.map(|signed| signed.at).or(signed_at);
            }
        } else if faults != self.standing.faults {
            tracing::error!(?faults, "the audit trail is not whole: nothing is signed any more");
        }
        let lines = found.iter().map(|check| check.reach.head.link - check.reach.tail.link).sum();
        let checked_at = Some(self.parameters.clock.now());
        self.standing = AuditStanding { checked_at, signed_at, lines, faults };
        Ok(self.standing.clone())
    }

    /// What was added since the last round; at first, since the last checkpoint. All of it is read by
    /// `wellhouse audit verify`.
    async fn look(&self, kept: &Kept) -> Result<Vec<AuditCheck>> {
        let mut found = Vec::new();
        for chain in AuditChain::ALL {
            let marks = kept.marks(chain);
            let whole = self.whole.iter().find(|(of, _)| *of == chain).map(|(_, mark)| mark);
            let from = whole.or(marks.last());
            let check = self.parameters.ledger.check_audit_chain(chain, from, &marks);
            found.push(check.await?);
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
