//! Drift: the estate read back from time to time, and what was found kept for the portal to show.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use jiff::Timestamp;
use tokio::sync::watch;
use wh_aws::AwsCloud;
use wh_ledger::{EstateCheck, Ledger};
use wh_names::Clock;
use wh_portal::InForce;
use wh_provision::Plan;

/// Writes down what a plan found.
pub(crate) async fn record(ledger: &Ledger, plan: &Plan, now: Timestamp) -> Result<()> {
    let differences = plan.changes().iter().map(ToString::to_string).collect();
    let kept = plan.foreign().iter().map(ToString::to_string).collect();
    let check = EstateCheck { checked_at: now, differences, kept };
    ledger.put_estate_check(&check).await.context("writing down what was found of the estate")
}

/// Reads the estate back every so often, for ever, and says in the log what is not as described.
pub(crate) async fn watch(
    (estate, cloud): (watch::Receiver<InForce>, AwsCloud),
    (ledger, clock): (Ledger, Clock),
    every: Duration,
) {
    loop {
        // What is saved while it is read was not read.
        let began = clock.now();
        let now = Arc::clone(&estate.borrow().estate);
        let found = wh_provision::plan(&now, &cloud).await;
        match found {
            Ok(plan) => {
                for change in plan.changes() {
                    tracing::warn!(difference = %change, "the estate is not as it is described");
                }
                if let Err(error) = record(&ledger, &plan, began).await {
                    tracing::warn!(error = format!("{error:#}"), "the check was not kept");
                }
            }
            Err(error) => {
                let error = format!("{:#}", anyhow::Error::new(error));
                tracing::warn!(error, "the estate could not be read back");
                if let Err(error) = ledger.note_estate_unread(clock.now()).await {
                    tracing::warn!(error = format!("{error:#}"), "that was not kept");
                }
            }
        }
        tokio::time::sleep(every).await;
    }
}
