//! Lists buckets for what is to be scanned: all that was there before the scan, and, where the store has
//! no feed of changes, what has come since the last time.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use wh_aws::{AwsError, ListedVersion, VersionMark, VersionsRequest};
use wh_ledger::{LedgerError, NewScan, RowId, ScanTarget};
use wh_names::{BucketName, KeyPrefix};

use super::{Bench, FoundBy};

/// How often it is looked whether it is time.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// How long nobody else lists a bucket whose page is being asked for.
const TAKEN_FOR: SignedDuration = SignedDuration::from_mins(5);

/// How often what was scanned long ago is forgotten, in looks.
const SWEEP_AFTER: u32 = 1_800;

/// How many versions a page has.
const PAGE_VERSIONS: u16 = 1_000;

/// How far one listing looks behind the beginning of the one before. S3 dates an object that came in
/// parts by when its upload began. Source: S3 API Reference, `CreateMultipartUpload`.
const OVERLAP: SignedDuration = SignedDuration::from_hours(24);

/// When a bucket is listed again that has a feed of changes: not by itself.
const NEVER: SignedDuration = SignedDuration::from_hours(24 * 365 * 100);

/// How long it is remembered that a version was scanned: longer than listings overlap.
const DONE_KEPT: SignedDuration = SignedDuration::from_hours(48);

/// How long is waited after a failure.
const WAIT: SignedDuration = SignedDuration::from_mins(1);

/// How far the listing of a bucket has come.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Mark {
    /// What was written before was found by an earlier listing, in seconds.
    since: i64,
    /// What is found was there before the scan was.
    from_before: bool,
    /// When this listing began, in seconds.
    began: Option<i64>,
    /// The last key and version that were looked at.
    at: Option<(String, Option<String>)>,
}

impl Mark {
    fn first() -> Self {
        Self { from_before: true, ..Self::default() }
    }

    fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// Why a page was not looked at.
#[derive(Debug, thiserror::Error)]
enum ListError {
    #[error("the store: {0}")]
    Store(#[from] AwsError),
    #[error("the ledger: {0}")]
    Ledger(#[from] LedgerError),
}

fn name_of(bucket: &BucketName) -> String {
    format!("bucket:{bucket}")
}

/// Has every bucket listed from its beginning: nothing in it was ever scanned.
pub(super) async fn all_from_before(bench: &Bench) -> Result<(), LedgerError> {
    mark_all(bench, &Mark::first()).await
}

/// Has every bucket listed for what came since this second, where changes were lost.
pub(super) async fn all_since(bench: &Bench, second: i64) -> Result<(), LedgerError> {
    let since = second.saturating_sub(OVERLAP.as_secs());
    mark_all(bench, &Mark { since, ..Mark::default() }).await
}

async fn mark_all(bench: &Bench, mark: &Mark) -> Result<(), LedgerError> {
    let now = bench.parameters.clock.now();
    for bucket in &bench.buckets {
        let (name, text) = (name_of(bucket), mark.text());
        bench.parameters.ledger.queue_scans((&name, &text, now), &[], now).await?;
    }
    Ok(())
}

/// Lists what is to be listed, for ever.
pub(super) async fn follow(bench: Bench, found_by: FoundBy) {
    let mut looks = 0_u32;
    loop {
        if looks.is_multiple_of(SWEEP_AFTER) {
            forget(&bench).await;
        }
        looks = looks.wrapping_add(1);
        for bucket in &bench.buckets {
            if let Err(error) = look(&bench, bucket, found_by).await {
                tracing::warn!(%error, %bucket, "a bucket was not listed to be scanned");
                bench.forget_session().await;
            }
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Forgets what was scanned long ago.
async fn forget(bench: &Bench) {
    let now = bench.parameters.clock.now();
    let before = now.checked_sub(DONE_KEPT).unwrap_or(Timestamp::MIN);
    if let Err(error) = bench.parameters.ledger.sweep_scans(before).await {
        tracing::warn!(%error, "what was scanned is not forgotten");
    }
}

/// Lists one bucket as far as there is something to list, if it is time.
async fn look(bench: &Bench, bucket: &BucketName, found_by: FoundBy) -> Result<(), ListError> {
    let (ledger, name) = (&bench.parameters.ledger, name_of(bucket));
    loop {
        let now = bench.parameters.clock.now();
        let Some(taken) = ledger.take_scan_mark(&name, now, later(now, TAKEN_FOR)).await? else {
            return Ok(());
        };
        // The first to look at a bucket with a feed is whoever follows the feed.
        let known = serde_json::from_str(&taken).ok();
        let mark = match known {
            Some(mark) => mark,
            None if found_by == FoundBy::Feed => return Ok(()),
            None => Mark::first(),
        };
        match page(bench, bucket, &mark).await {
            Ok((scans, next)) => {
                let next_at = later(now, pause(bench, &next, found_by));
                ledger.queue_scans((&name, &next.text(), next_at), &scans, now).await?;
                if next.began.is_none() {
                    return Ok(());
                }
            }
            Err(error) => {
                ledger.queue_scans((&name, &mark.text(), later(now, WAIT)), &[], now).await?;
                return Err(error.into());
            }
        }
    }
}

/// How long it is until a bucket is looked at again.
fn pause(bench: &Bench, mark: &Mark, found_by: FoundBy) -> SignedDuration {
    match (mark.began, found_by) {
        (Some(_), _) => SignedDuration::ZERO,
        (None, FoundBy::Feed) => NEVER,
        (None, FoundBy::Listing) => SignedDuration::from_mins(i64::from(bench.limits.list_minutes)),
    }
}

/// What one page has that is to be scanned, and how far the listing has come by it.
async fn page(
    bench: &Bench,
    bucket: &BucketName,
    mark: &Mark,
) -> Result<(Vec<NewScan>, Mark), AwsError> {
    let (session, now) = (bench.session().await?, bench.parameters.clock.now());
    let began = mark.began.unwrap_or(now.as_second());
    let after = mark.at.clone().map(|(key, version)| VersionMark { key, version });
    let request = VersionsRequest { prefix: KeyPrefix::everything(), after, max: PAGE_VERSIONS };
    let listed = bench.objects.list_versions(&session, bucket, request).await?;
    let is_new =
        |version: &&ListedVersion| !version.marker && version.modified.as_second() >= mark.since;
    let new = |version: &ListedVersion| NewScan {
        id: RowId::generate(now, &bench.parameters.entropy),
        target: ScanTarget {
            bucket: bucket.to_string(),
            key: version.key.clone(),
            version: version.version.clone(),
        },
        uid: None,
        from_before: mark.from_before,
        modified_at: version.modified,
    };
    let scans = listed.versions.iter().filter(is_new).map(new).collect();
    let next = match listed.next {
        Some(VersionMark { key, version }) => Mark {
            since: mark.since,
            from_before: mark.from_before,
            began: Some(began),
            at: Some((key, version)),
        },
        None => Mark { since: began - OVERLAP.as_secs(), ..Mark::default() },
    };
    Ok((scans, next))
}

fn later(now: Timestamp, time: SignedDuration) -> Timestamp {
    now.checked_add(time).unwrap_or(Timestamp::MAX)
}
