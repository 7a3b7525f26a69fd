//! Permissions that administrators saved: laid over the estate that is described, brought into force in
//! the store, and followed where another node saved them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::sync::{Mutex, watch};
use wh_aws::AwsCloud;
use wh_files::RoleViews;
use wh_ledger::Ledger;
use wh_provision::Estate;

use crate::config::{Config, StoreKind};
use crate::embedded::Embedded;
use crate::serve::role_views;

/// How often it is looked whether another node saved something.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What keeps the store, the portal and the ledger at one.
pub(crate) struct SavedPolicies {
    config: Config,
    described: Arc<Estate>,
    ledger: Ledger,
    cloud: AwsCloud,
    roles: RoleViews,
    in_force: watch::Sender<Arc<Estate>>,
    /// How many versions there were when they were last brought into force; one hand at a time.
    known: Mutex<i64>,
}

/// The estate with what administrators saved laid over it. What cannot be laid over it any more, for the
/// estate has changed since, is told and left out.
async fn laid_over(described: &Estate, ledger: &Ledger) -> Result<Estate> {
    let mut estate = described.clone();
    for (role, text) in ledger.saved_policies().await.context("reading saved policies")? {
        match estate.with_policies(&BTreeMap::from([(role.clone(), text)])) {
            Ok(with) => estate = with,
            Err(error) => tracing::error!(role, %error, "a saved policy does not fit this estate"),
        }
    }
    Ok(estate)
}

/// The estate that a server starts with, where this program is its IAM with what administrators saved. A
/// guard rail that it does not keep to is told. With it, how many versions there were before it was read: one
/// that is saved meanwhile by another node is followed.
pub(crate) async fn estate(
    config: &Config,
    described: &Estate,
    ledger: &Ledger,
) -> Result<(Estate, i64)> {
    let (estate, counted) = match config.store.kind {
        StoreKind::Aws => (described.clone(), 0),
        StoreKind::Embedded | StoreKind::Gateway => {
            let counted = ledger.policy_versions_counted().await?;
            (laid_over(described, ledger).await?, counted)
        }
    };
    let described = estate.description();
    if !described.policies.is_empty() || !described.rails.is_empty() {
        // The standard estate keeps to the standard rails; nobody waits for the proof of others.
        let proved = estate.clone();
        tokio::task::spawn_blocking(move || tell_of_rails(&proved));
    }
    Ok((estate, counted))
}

fn tell_of_rails(estate: &Estate) {
    for broken in estate.broken_rails() {
        tracing::error!(
            rail = broken.rail,
            who = broken.who,
            "a guard rail does not hold: `wellhouse policy prove` shows by which request"
        );
    }
}

/// The estate of the configuration as it is in force: where this program is its IAM, with what
/// administrators saved.
pub(crate) async fn in_force(config: &Config, described: Estate) -> Result<Estate> {
    if config.store.kind == StoreKind::Aws || !crate::ledger::is_there(config) {
        return Ok(described);
    }
    let ledger = crate::ledger::open(config, &crate::parameters::clock()).await?;
    let estate = laid_over(&described, &ledger).await;
    ledger.close().await;
    estate
}

impl SavedPolicies {
    /// What was in force when the store was made is `estate`, and so many versions were `known`. Before AWS
    /// nothing is saved: none.
    pub(crate) async fn start(
        config: &Config,
        ledger: &Ledger,
        (described, estate, known): (Arc<Estate>, Arc<Estate>, i64),
        (store, roles): (Option<&Embedded>, &RoleViews),
    ) -> Result<Option<Arc<Self>>> {
        let Some(store) = store else { return Ok(None) };
        let (in_force, _) = watch::channel(estate);
        Ok(Some(Arc::new(Self {
            config: config.clone(),
            described,
            ledger: ledger.clone(),
            cloud: store.cloud(config).await?,
            roles: roles.clone(),
            in_force,
            known: Mutex::new(known),
        })))
    }

    /// What is in force.
    pub(crate) fn told(&self) -> watch::Receiver<Arc<Estate>> {
        self.in_force.subscribe()
    }

    /// Brings what was saved into force: in the store first, whose word counts.
    pub(crate) async fn enforce(&self) -> Result<()> {
        let mut known = self.known.lock().await;
        // Whoever comes second applies what the first had saved, too.
        let alone = self.ledger.lock_house().await?;
        let counted = self.ledger.policy_versions_counted().await?;
        let estate = laid_over(&self.described, &self.ledger).await?;
        let plan = wh_provision::plan(&estate, &self.cloud).await.context("planning the roles")?;
        wh_provision::apply(&plan, &self.cloud).await.context("changing the roles")?;
        drop(alone);
        self.roles.replace(role_views(&self.config, &estate)?);
        self.in_force.send_replace(Arc::new(estate));
        *known = counted;
        Ok(())
    }

    /// Brings into force what other nodes saved, and what was saved here and did not come to it.
    pub(crate) async fn follow(self: Arc<Self>) {
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            if let Err(error) = self.catch_up().await {
                tracing::error!(error = format!("{error:#}"), "saved policies wait");
            }
        }
    }

    async fn catch_up(&self) -> Result<()> {
        let known = *self.known.lock().await;
        if self.ledger.policy_versions_counted().await? == known {
            return Ok(());
        }
        self.enforce().await
    }
}
