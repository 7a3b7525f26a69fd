//! Tests of what only the disk does.

mod backup;
mod busy;
mod check;
mod damage;
mod endings;
mod engine;
mod estate;
mod golden;
mod golden_2;
mod kit;
mod log;
mod model;
mod moment;
mod repair;
mod restart;
mod rotation;
mod scrub;
mod sealed;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::conformance;
use kit::open;

#[tokio::test(flavor = "multi_thread")]
async fn the_disk_store_conforms() {
    let folder = tempfile::tempdir().expect("a folder");
    let count = AtomicU32::new(0);
    conformance::run_all(async || {
        let name = count.fetch_add(1, Ordering::Relaxed).to_string();
        Arc::new(open(&folder.path().join(name)).await) as Arc<dyn crate::ObjectStore>
    })
    .await;
}
