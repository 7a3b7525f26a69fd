//! One suite for all stores: what S3 promises, held against any [`ObjectStore`].
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a suite of tests fails by panicking"
)]

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
