//! One suite for all stores: what S3 promises, held against any [`ObjectStore`].
//!
//! A store states what it lacks ([`crate::Capabilities`]). Of that the suite wants to see it refused, and
//! says on standard error which cases it could therefore not hold against the store.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a suite of tests fails by panicking"
)]

mod absences;
mod buckets;
mod conditions;
mod integrity;
mod keeping;
pub(crate) mod kit;
mod lifecycle;
mod listings;
mod objects;
mod uploads;
mod versions;

use std::sync::Arc;

use crate::ObjectStore;

/// Runs every case, each against a fresh store that `make` gives.
pub async fn run_all(make: impl AsyncFn() -> Arc<dyn ObjectStore>) {
    absences::run(&make().await).await;
    buckets::run(&make).await;
    objects::run(&make).await;
    integrity::run(&make).await;
    conditions::run(&make).await;
    listings::run(&make).await;
    uploads::run(&make).await;
    versions::run(&make).await;
    keeping::run(&make).await;
    lifecycle::run(&make).await;
}
