//! Buckets: their settings and their policies.

mod guards;
mod logs;
mod setting;
mod standard;

use wh_names::BucketName;
use wh_policy::NamedPolicy;

pub(crate) use guards::guards_of_logs;
pub(crate) use logs::logs;
pub use setting::{
    BucketSetting, BucketSettingKind, CorsRule, Encryption, Found, LifecycleRule, Logging, Shared,
    Unwanted,
};
pub(crate) use standard::{own_tags, standard};

/// The tag that says to which installation something belongs.
pub const INSTALLATION_TAG: &str = "installation-id";

/// What a bucket is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// People's files.
    Files,
    /// Access logs and trails.
    Logs,
}

/// A bucket, as it should be.
#[derive(Debug, Clone)]
pub struct BucketSpec {
    /// The bucket.
    pub name: BucketName,
    /// What it is for.
    pub holds: Holds,
    /// Whether object lock is asked for when it is made.
    pub locked: bool,
    /// Its settings in the order in which they are made; the policy is the last.
    pub settings: Vec<BucketSetting>,
    /// The bucket policy.
    pub policy: NamedPolicy,
}

/// Where the suffix of a name in an account's own namespace begins, such as
/// `-111122223333-eu-central-1-an`. Source: S3 User Guide, "Namespaces for general purpose buckets".
pub(crate) fn regional_suffix(name: &str) -> Option<usize> {
    let head = name.strip_suffix("-an")?;
    let digits = |at: usize| {
        let rest = head.get(at + 1..)?;
        let (account, region) = rest.split_once('-')?;
        let is_account = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
        (is_account && region.contains('-')).then_some(at)
    };
    head.match_indices('-').filter_map(|(at, _)| digits(at)).next_back()
}

/// Whether a name lies in the namespace of its account and region.
pub fn is_regional(name: &BucketName) -> bool {
    regional_suffix(name.as_str()).is_some()
}
