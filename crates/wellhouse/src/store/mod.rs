//! `wellhouse store …`: looking after the embedded store.

mod check;
mod events;
mod lifecycle;
mod quota;
mod repair;
mod scrub;

use std::num::NonZeroU64;

use anyhow::Result;
use clap::ValueEnum;
use jiff::SignedDuration;
use wh_objects::ScrubOptions;

use crate::config::Config;
use crate::{Ended, cellar};

/// Look after the embedded store: whether it is whole, what it holds, and what will be removed
///
/// Exit codes of check, scrub and repair: 0 the store is whole, 2 damage was found, 1 it could not
/// be looked at.
#[derive(clap::Subcommand)]
#[command(after_help = "docs/store-maintenance.md tells what each of them is for.")]
pub(crate) enum Store {
    Check(check::Check),
    Scrub(scrub::Scrub),
    Repair(repair::Repair),
    Lifecycle(lifecycle::Rehearsal),
    Quota(quota::Quota),
    Events(events::Events),
}

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// For people
    Text,
    /// For machines
    Json,
}

pub(crate) use events::{EventsRequest, tell};
pub(crate) use lifecycle::rehearse;
pub(crate) use quota::{QuotaRequest, bytes, quotas};
pub(crate) use scrub::{as_json as scrub_as_json, whole as scrub_whole};

pub(crate) async fn run(store: Store, config: Config) -> Result<Ended> {
    cellar::is_there(&config)?;
    match store {
        Store::Check(check) => check::run(check, &config).await,
        Store::Scrub(scrub) => scrub::run(scrub, &config).await,
        Store::Repair(repair) => repair::run(repair, &config).await,
        Store::Lifecycle(lifecycle) => lifecycle::run(lifecycle, &config).await,
        Store::Events(events) => events::run(events, &config).await,
        Store::Quota(quota) => quota::run(quota, &config).await,
    }
}

/// How the scrub goes about.
pub(crate) fn scrub_options(config: &Config) -> ScrubOptions {
    let bytes_per_second = NonZeroU64::new(u64::from(config.scrub.mib_per_second) << 20);
    let every = SignedDuration::from_hours(24 * i64::from(config.scrub.every_days));
    ScrubOptions { bytes_per_second, every }
}

/// A number of bytes, as people read it.
pub(crate) fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["bytes", "KiB", "MiB", "GiB", "TiB"];
    let (mut whole, mut rest, mut unit) = (bytes, 0, 0);
    while whole >= 1024 && unit + 1 < UNITS.len() {
        rest = whole % 1024;
        whole /= 1024;
        unit += 1;
    }
    let name = UNITS.get(unit).copied().unwrap_or_default();
    if unit == 0 {
        format!("{whole} {name}")
    } else {
        format!("{whole}.{} {name}", rest * 10 / 1024)
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn sizes_are_read_by_people() {
        for (bytes, text) in [
            (0, "0 bytes"),
            (1023, "1023 bytes"),
            (1024, "1.0 KiB"),
            (1536, "1.5 KiB"),
            (5 << 30, "5.0 GiB"),
            (u64::MAX, "16777215.9 TiB"),
        ] {
            assert_eq!(super::size(bytes), text);
        }
    }
}
