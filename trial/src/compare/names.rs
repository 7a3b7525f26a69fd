//! The names that the numbers of an operation stand for.

use std::collections::BTreeMap;

use jiff::Timestamp;
use wh_names::{BucketName, Entropy, KeyPrefix, NameError, ObjectKey};
use wh_objects::{
    BucketChange, BucketDocument, ChecksumAlgorithm, ChecksumKind, DefaultRetention,
    GovernanceBypass, ObjectAddress, ObjectHeaders, ObjectLock, ObjectLockState, Retention,
    RetentionMode, RetentionPeriod, Stamp, Tags, UploadId, Versioning,
};

use super::operation::{Firmness, Lock, Place, Setting};

/// What a number stands for cannot exist.
#[derive(Debug)]
pub(crate) struct Impossible;

impl From<NameError> for Impossible {
    fn from(_: NameError) -> Self {
        Self
    }
}

/// Keys that are each other's folders and beginnings, with the ends of Unicode among them.
const NAMES: [&str; super::operation::KEYS as usize] = [
    "a",
    "b",
    "a/",
    "a/b",
    "a/b/c",
    "a//b",
    "a.b",
    "ü",
    "ü/é",
    "üé",
    "\u{1}",
    "\u{10ffff}",
    "\u{10ffff}/\u{10ffff}",
    "zz/very/long/way/down/to/an/object",
];

/// What else a page may begin after.
const ELSEWHERE: [&str; 4] = ["a/b/", "ü/", "\u{10ffff}/", "zzz"];

pub(super) fn bucket(number: u8) -> Result<BucketName, Impossible> {
    Ok(BucketName::parse(&format!("bucket-{number}"))?)
}

fn name(number: u8) -> &'static str {
    let all = NAMES.iter().chain(&ELSEWHERE);
    all.cycle().nth(usize::from(number)).copied().unwrap_or_default()
}

pub(super) fn key(number: u8) -> Result<ObjectKey, Impossible> {
    Ok(ObjectKey::parse(name(number))?)
}

pub(super) fn after(number: u8) -> String {
    name(number).to_owned()
}

pub(super) fn address(at: Place) -> Result<ObjectAddress, Impossible> {
    Ok(ObjectAddress { bucket: bucket(at.bucket)?, key: key(at.key)? })
}

pub(super) fn prefix(number: u8) -> Result<KeyPrefix, Impossible> {
    let prefixes = ["", "a", "a/", "ü", "\u{10ffff}", "zz/very/"];
    Ok(KeyPrefix::parse(prefixes.get(usize::from(number)).ok_or(Impossible)?)?)
}

pub(super) fn delimiter(number: u8) -> Option<String> {
    [None, Some("/"), Some("b"), Some("")].get(usize::from(number)).copied()?.map(str::to_owned)
}

pub(super) fn document(number: u8) -> BucketDocument {
    let all = BucketDocument::ALL;
    all.get(usize::from(number)).copied().unwrap_or(BucketDocument::Policy)
}

pub(super) fn setting(setting: Setting) -> BucketChange {
    match setting {
        Setting::Unversioned => BucketChange::Versioning(Versioning::Unversioned),
        Setting::Enabled => BucketChange::Versioning(Versioning::Enabled),
        Setting::Suspended => BucketChange::Versioning(Versioning::Suspended),
        Setting::Lock(default) => {
            let default = default.map(|(firmness, days)| DefaultRetention {
                mode: mode(firmness),
                period: RetentionPeriod::Days(days),
            });
            BucketChange::ObjectLock(ObjectLockState { default })
        }
        Setting::Quota(bytes) => BucketChange::Quota(bytes),
    }
}

fn mode(firmness: Firmness) -> RetentionMode {
    match firmness {
        Firmness::Governance => RetentionMode::Governance,
        Firmness::Compliance => RetentionMode::Compliance,
    }
}

/// A retention that begins with the operation of this number.
pub(super) fn retention(
    given: Option<(Firmness, u64)>,
    number: u64,
) -> Result<Option<Retention>, Impossible> {
    let Some((firmness, operations)) = given else { return Ok(None) };
    Ok(Some(Retention { mode: mode(firmness), until: time(number + operations)? }))
}

pub(super) fn lock(lock: Lock, number: u64) -> Result<ObjectLock, Impossible> {
    Ok(ObjectLock { retention: retention(lock.retention, number)?, legal_hold: lock.hold })
}

pub(super) fn bypass(yes: bool) -> GovernanceBypass {
    if yes { GovernanceBypass::Yes } else { GovernanceBypass::No }
}

pub(super) fn tags(number: u8) -> Result<Tags, Impossible> {
    let pairs = (0..number).map(|n| (format!("tag-{n}"), format!("ü {number}")));
    Tags::new(pairs).map_err(|_| Impossible)
}

/// Who does the operation of this number, and when.
pub(super) fn stamp(number: u64) -> Result<Stamp, Impossible> {
    let who = format!("arn:aws:iam::000000000000:user/user-{}", number % 3);
    Ok(Stamp::new(time(number)?, who))
}

pub(super) fn headers(number: u8) -> ObjectHeaders {
    let text = |what: &str| (number > 0).then(|| format!("{what} {number}"));
    let user = (0..number).map(|n| (format!("name-{n}"), format!("value {number} ü")));
    ObjectHeaders {
        content_type: text("text/plain"),
        content_disposition: text("attachment"),
        content_encoding: None,
        content_language: text("de"),
        cache_control: text("max-age"),
        expires: text("never"),
        user: user.collect::<BTreeMap<_, _>>(),
    }
}

pub(super) fn algorithm(number: u8) -> ChecksumAlgorithm {
    let all = ChecksumAlgorithm::ALL;
    all.get(usize::from(number)).copied().unwrap_or(ChecksumAlgorithm::Crc32)
}

pub(super) fn kind(is_composite: bool) -> ChecksumKind {
    if is_composite { ChecksumKind::Composite } else { ChecksumKind::FullObject }
}

/// The time of the operation of this number: they are some seconds apart.
pub(super) fn time(number: u64) -> Result<Timestamp, Impossible> {
    let millis = i64::try_from(number * 777 + 1_000_000).map_err(|_| Impossible)?;
    Timestamp::from_millisecond(millis).map_err(|_| Impossible)
}

pub(super) fn upload(number: u8) -> Result<UploadId, Impossible> {
    let entropy = Entropy::new(move |bytes| bytes.fill(number));
    Ok(UploadId::generate(time(number.into())?, &entropy))
}
