//! Takes one version after the other, has the scanner look at it, and writes down what it says: as the
//! tag of that version, then in the ledger.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use wh_aws::{AwsError, ObjectTags, RoleSession};
use wh_files::TAGS_MAX;
use wh_ledger::{LedgerError, ScanRow, ScanSettled, ScanState};
use wh_names::{BucketName, NameError, ObjectKey, SCAN_TAG, ScanVerdict, Uid};
use wh_provision::PROBES_FOLDER;

use super::Bench;
use super::scanner::{self, Answer, Handing, ScannerError};

/// How often it is looked for something to scan.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Nobody else takes a version for so long beyond the time that its scan may take.
const TAKEN_BEYOND: SignedDuration = SignedDuration::from_mins(5);

/// How long is waited after the first failure; each further one doubles it.
const WAIT_FIRST: Duration = Duration::from_secs(1);

/// The longest wait between two attempts.
const WAIT_MAX: Duration = Duration::from_mins(5);

/// How often a version is tried that is the reason why there is no answer.
const ATTEMPTS_MAX: u32 = 5;

/// How often a version is tried on which the scanner itself fails: with the waits between, for a day. A scanner that is
/// out of order may so be mended before, and one file cannot be tried for ever.
const FAILURES_MAX: u32 = 300;

/// The probes of `wellhouse verify` try what may be done with an untagged object; theirs have no more
/// bytes than this, in which no malware has room.
const PROBE_BYTES_MAX: u64 = 32;

/// Why a version was not scanned.
#[derive(Debug, thiserror::Error)]
enum ScanError {
    #[error(transparent)]
    Scanner(#[from] ScannerError),
    #[error("the store: {0}")]
    Store(#[from] AwsError),
    #[error("what the store calls it is not understood: {0}")]
    Name(#[from] NameError),
    #[error("the scan was not done in time")]
    Late,
    #[error("it was replaced while it was scanned")]
    Replaced,
}

impl ScanError {
    /// Whether another version would have fared no better.
    fn is_of_the_house(&self) -> bool {
        match self {
            Self::Scanner(ScannerError::Away(_) | ScannerError::Unready(_))
            | Self::Store(
                AwsError::Unreachable { .. }
                | AwsError::Busy { .. }
                | AwsError::Denied { .. }
                | AwsError::CredentialsRefused { .. },
            )
            | Self::Replaced => true,
            Self::Scanner(
                ScannerError::Failed(_)
                | ScannerError::BrokeOff(_)
                | ScannerError::Nonsense(_)
                | ScannerError::Silent,
            )
            | Self::Store(
                AwsError::NotFound { .. }
                | AwsError::NoSuchUpload
                | AwsError::PreconditionFailed
                | AwsError::Conflict { .. }
                | AwsError::ContentDiffers { .. }
                | AwsError::QuotaExceeded { .. }
                | AwsError::Malformed { .. }
                | AwsError::Service { .. },
            )
            | Self::Name(_)
            | Self::Late => false,
        }
    }

    /// After how many tries it is settled that a version is not scanned.
    fn tries(&self) -> u32 {
        if matches!(self, Self::Scanner(ScannerError::Failed(_))) {
            FAILURES_MAX
        } else {
            ATTEMPTS_MAX
        }
    }
}

/// The version that is scanned.
struct At<'a> {
    session: RoleSession,
    bucket: BucketName,
    key: ObjectKey,
    version: &'a str,
}

/// Scans what there is, for ever.
pub(super) async fn work(bench: Bench) {
    let mut failures = 0_u32;
    loop {
        // While nobody answers nothing is taken, and so nothing counts as tried.
        if failures > 0 && scanner::ping(&bench.scanner).await.is_err() {
            failures = failures.saturating_add(1);
            tokio::time::sleep(wait(failures)).await;
            continue;
        }
        match turn(&bench).await {
            Ok(true) => failures = 0,
            Ok(false) => tokio::time::sleep(LOOK_EVERY).await,
            Err(error) => {
                if failures == 0 {
                    tracing::warn!(%error, "files are not scanned");
                }
                failures = failures.saturating_add(1);
                tokio::time::sleep(wait(failures)).await;
            }
        }
    }
}

/// Why nothing is scanned.
#[derive(Debug, thiserror::Error)]
enum TurnError {
    #[error("the ledger: {0}")]
    Ledger(#[from] LedgerError),
    #[error(transparent)]
    Scan(#[from] ScanError),
}

/// Takes one version and scans it. `false`: there was none.
async fn turn(bench: &Bench) -> Result<bool, TurnError> {
    let (ledger, now) = (&bench.parameters.ledger, bench.parameters.clock.now());
    let life = SignedDuration::try_from(bench.limits.timeout()).unwrap_or_default() + TAKEN_BEYOND;
    let Some(scan) = ledger.take_scan(now, later(now, life)).await? else { return Ok(false) };
    let done = match tokio::time::timeout(bench.limits.timeout(), look(bench, &scan)).await {
        Ok(done) => done,
        Err(_elapsed) => Err(ScanError::Late),
    };
    match done {
        Ok(settled) => settle(bench, &scan, &settled).await?,
        Err(error) => failed(bench, &scan, error).await?,
    }
    Ok(true)
}

async fn settle(bench: &Bench, scan: &ScanRow, settled: &ScanSettled) -> Result<(), LedgerError> {
    let (ledger, now) = (&bench.parameters.ledger, bench.parameters.clock.now());
    let (id, version) = (&scan.id, &scan.target.version);
    let mails = match settled {
        ScanSettled::Done => Vec::new(),
        ScanSettled::Infected(name) => {
            tracing::warn!(%id, version, name, "a file is infected and is held back");
            let place = format!("{}/{}", scan.target.bucket, scan.target.key);
            let owner = scan.uid.clone().or_else(|| at_home(&scan.target.key));
            owner.map(|uid| bench.people.told_of_infection(&uid, &place, name)).unwrap_or_default()
        }
        ScanSettled::Unscanned(why) => {
            tracing::warn!(%id, version, why, "a file cannot be scanned");
            Vec::new()
        }
    };
    ledger.with_mails(mails).scan_settled(scan, settled, now).await?;
    Ok(())
}

/// Whose home a key lies in.
fn at_home(key: &str) -> Option<Uid> {
    let (uid, _inside) = key.strip_prefix("home/")?.split_once('/')?;
    Uid::parse(uid).ok()
}

async fn failed(bench: &Bench, scan: &ScanRow, error: ScanError) -> Result<(), TurnError> {
    let (ledger, now) = (&bench.parameters.ledger, bench.parameters.clock.now());
    let why = error.to_string();
    if error.is_of_the_house() {
        bench.forget_session().await;
        ledger.scan_waits(scan, later_by(now, wait(1)), &why).await?;
        return Err(error.into());
    }
    if scan.attempts >= error.tries() && scan.state == ScanState::Waiting {
        // It stays as it is in the store, without a tag, where even that cannot be written.
        let tagged = match located(bench, scan).await {
            Ok(at) => tag(bench, &at, ScanVerdict::Unscanned).await.map(drop),
            Err(error) => Err(error),
        };
        if let Err(error) = tagged {
            tracing::warn!(%error, id = %scan.id, "a file was not tagged as not scanned");
        }
        let why = format!("{why}; it was tried {} times", scan.attempts);
        settle(bench, scan, &ScanSettled::Unscanned(why)).await?;
        return Ok(());
    }
    tracing::info!(id = %scan.id, why, attempts = scan.attempts, "a file was not scanned yet");
    ledger.scan_put_off(scan, later_by(now, wait(scan.attempts)), &why).await?;
    Ok(())
}

async fn located<'a>(bench: &Bench, scan: &'a ScanRow) -> Result<At<'a>, ScanError> {
    Ok(At {
        session: bench.session().await?,
        bucket: BucketName::parse(&scan.target.bucket)?,
        key: ObjectKey::parse(&scan.target.key)?,
        version: &scan.target.version,
    })
}

/// Has one version looked at, and tags it.
async fn look(bench: &Bench, scan: &ScanRow) -> Result<ScanSettled, ScanError> {
    let at = located(bench, scan).await?;
    match looked(bench, scan, &at).await {
        // It was deleted meanwhile.
        Err(ScanError::Store(AwsError::NotFound { .. })) => Ok(ScanSettled::Done),
        looked => looked,
    }
}

async fn looked(bench: &Bench, scan: &ScanRow, at: &At<'_>) -> Result<ScanSettled, ScanError> {
    if scan.state == ScanState::Releasing {
        let written = tag(bench, at, ScanVerdict::Released).await?;
        return Ok(tagged(written, ScanSettled::Done));
    }
    let tags = bench.objects.version_tags(&at.session, (&at.bucket, &at.key), at.version).await?;
    let known = ScanVerdict::of_tags(&tags);
    // No tag is believed that says well of a file: it may have come with a copy from elsewhere.
    match (known, scan.from_before) {
        (Some(ScanVerdict::Infected), false) => {
            return Ok(ScanSettled::Infected("found before".to_owned()));
        }
        // Somebody wrote it before the scan was there, and it would keep the scan itself away.
        (Some(ScanVerdict::Infected), true) => {
            tag(bench, at, ScanVerdict::Unscanned).await?;
        }
        (Some(_) | None, _) => {}
    }
    judge(bench, at).await
}

async fn judge(bench: &Bench, at: &At<'_>) -> Result<ScanSettled, ScanError> {
    let place = (&at.bucket, &at.key);
    let before = unversioned(bench, at).await?;
    let mut body = bench.objects.read_version(&at.session, place, at.version).await?;
    if at.key.as_str().starts_with(PROBES_FOLDER) && body.size <= PROBE_BYTES_MAX {
        return Ok(ScanSettled::Done);
    }
    let most = bench.limits.bytes_max;
    if body.size > most {
        let why = format!("it has {} bytes; scan.bytes_max is {most}", body.size);
        let written = tag(bench, at, ScanVerdict::Unscanned).await?;
        return Ok(tagged(written, ScanSettled::Unscanned(why)));
    }
    let mut file = Handing::begin(&bench.scanner, body.size).await?;
    let mut early = None;
    while let Some(bytes) = body.next().await? {
        early = file.send(&bytes).await?;
        if early.is_some() {
            break;
        }
    }
    let answer = match early {
        Some(answer) => answer,
        None => file.finish().await?,
    };
    let (verdict, settled) = match answer {
        Answer::Clean => (ScanVerdict::Clean, ScanSettled::Done),
        Answer::Found(name) => (ScanVerdict::Infected, ScanSettled::Infected(name)),
        Answer::Unscanned(why) => (ScanVerdict::Unscanned, ScanSettled::Unscanned(why)),
    };
    let written = tag(bench, at, verdict).await?;
    if unversioned(bench, at).await? != before {
        tag(bench, at, ScanVerdict::Unscanned).await?;
        return Err(ScanError::Replaced);
    }
    Ok(tagged(written, settled))
}

/// What an object is that has no version of its own and so can be replaced under the scan's hands.
async fn unversioned(bench: &Bench, at: &At<'_>) -> Result<Option<(String, Timestamp)>, ScanError> {
    if at.version != "null" {
        return Ok(None);
    }
    let place = (&at.bucket, &at.key, Some(at.version));
    let found = bench.objects.look(&at.session, place).await?;
    Ok(Some((found.etag, found.modified)))
}

/// Whether the tag is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tagged {
    Written,
    /// All tags that a version may have are others'.
    Full,
}

/// What is to be remembered, with the tag or for want of it.
fn tagged(tagged: Tagged, settled: ScanSettled) -> ScanSettled {
    match (tagged, settled) {
        (Tagged::Full, ScanSettled::Done) => ScanSettled::Unscanned(FULL.to_owned()),
        (Tagged::Full, ScanSettled::Unscanned(why)) => {
            ScanSettled::Unscanned(format!("{why}; {FULL}"))
        }
        (Tagged::Full | Tagged::Written, settled) => settled,
    }
}

const FULL: &str = "it has ten tags, and so no room for what was found";

/// Writes what was found beside a version's other tags.
async fn tag(bench: &Bench, at: &At<'_>, verdict: ScanVerdict) -> Result<Tagged, ScanError> {
    let place = (&at.bucket, &at.key);
    let tags = bench.objects.version_tags(&at.session, place, at.version).await?;
    let Some(tags) = with_verdict(tags, verdict) else { return Ok(Tagged::Full) };
    let place = (&at.bucket, &at.key, at.version);
    bench.objects.put_version_tags(&at.session, place, &tags).await?;
    Ok(Tagged::Written)
}

/// A version's tags with the verdict. Where there is no room, one of the others gives way to a quarantine,
/// and to nothing else.
fn with_verdict(mut tags: ObjectTags, verdict: ScanVerdict) -> Option<ObjectTags> {
    tags.retain(|(key, _)| key != SCAN_TAG);
    if tags.len() >= TAGS_MAX {
        if verdict != ScanVerdict::Infected {
            return None;
        }
        tags.truncate(TAGS_MAX - 1);
    }
    tags.push((SCAN_TAG.to_owned(), verdict.as_str().to_owned()));
    Some(tags)
}

fn later(now: Timestamp, time: SignedDuration) -> Timestamp {
    now.checked_add(time).unwrap_or(Timestamp::MAX)
}

fn later_by(now: Timestamp, time: Duration) -> Timestamp {
    later(now, SignedDuration::try_from(time).unwrap_or(SignedDuration::MAX))
}

/// Doubles with each failure.
fn wait(failures: u32) -> Duration {
    WAIT_FIRST.saturating_mul(1 << failures.saturating_sub(1).min(16)).min(WAIT_MAX)
}

#[cfg(test)]
mod tests {
    use wh_aws::ObjectTags;
    use wh_names::{SCAN_TAG, ScanVerdict};

    use super::super::scanner::ScannerError;
    use super::{ScanError, at_home, wait, with_verdict};

    fn tags(count: usize) -> ObjectTags {
        (0..count).map(|n| (format!("k{n}"), "v".to_owned())).collect()
    }

    #[test]
    fn other_tags_stay_and_a_quarantine_always_has_room() {
        let mut known = tags(9);
        known.insert(0, (SCAN_TAG.to_owned(), "unscanned".to_owned()));
        let written = with_verdict(known, ScanVerdict::Clean).expect("room");
        assert_eq!(written[..9], tags(9)[..]);
        assert_eq!(written[9], (SCAN_TAG.to_owned(), "clean".to_owned()));
        for verdict in [ScanVerdict::Clean, ScanVerdict::Unscanned, ScanVerdict::Released] {
            assert_eq!(with_verdict(tags(10), verdict), None, "{verdict:?}");
        }
        let written = with_verdict(tags(10), ScanVerdict::Infected).expect("room");
        assert_eq!(written.len(), 10);
        assert_eq!(ScanVerdict::of_tags(&written), Some(ScanVerdict::Infected));
    }

    #[test]
    fn no_file_is_given_up_for_a_scanner_that_is_out_of_order() {
        let told = || "ICAP/1.0 500 Oh".to_owned();
        assert!(ScanError::from(ScannerError::Unready(told())).is_of_the_house());
        let failed = ScanError::from(ScannerError::Failed(told()));
        assert!(!failed.is_of_the_house(), "the others go on");
        let waits: u64 = (1..failed.tries()).map(|n| wait(n).as_secs()).sum();
        assert!((20..28).contains(&(waits / 3600)), "for a day: {waits}");
        assert_eq!(ScanError::from(ScannerError::Nonsense(told())).tries(), 5);
    }

    #[test]
    fn each_failure_doubles_the_wait_up_to_five_minutes() {
        assert_eq!([1, 2, 3, 9, 10, u32::MAX].map(|n| wait(n).as_secs()), [1, 2, 4, 256, 300, 300]);
    }

    #[test]
    fn whose_home_it_is_tells_the_path() {
        let uid = "01k7d3m5q8w0e2r4t6y8v0b2n4";
        assert_eq!(at_home(&format!("home/{uid}/a")).expect("a home").as_str(), uid);
        assert_eq!(at_home("shared/a"), None);
        assert_eq!(at_home(&format!("home/{uid}")), None);
    }
}
