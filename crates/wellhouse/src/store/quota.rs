//! `wellhouse store quota`: how much buckets hold, and how much they may.

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use wh_names::BucketName;
use wh_objects::{BucketChange, DiskStore, ObjectStore};

use super::{Output, size};
use crate::config::Config;
use crate::control::{self, Request};
use crate::{Ended, cellar, say};

/// Units of sizes, as they are written, and how many bits to the left they shift.
const UNITS: [(&str, u32); 5] = [("TiB", 40), ("GiB", 30), ("MiB", 20), ("KiB", 10), ("", 0)];

/// Show how much buckets hold, and set or remove the quota of one, while the server runs or not
///
/// A quota counts the bytes of all versions of all objects, and of the parts of unfinished uploads.
/// A write that would exceed it is refused; what is there already stays.
#[derive(clap::Args)]
pub(crate) struct Quota {
    /// The bucket; all of them without it
    #[arg(value_parser = BucketName::parse)]
    bucket: Option<BucketName>,
    /// What the bucket may hold from now on: bytes, or with KiB, MiB, GiB or TiB, such as 50GiB
    #[arg(long, value_name = "SIZE", value_parser = bytes, requires = "bucket")]
    set: Option<u64>,
    /// Let the bucket hold as much as the disk does
    #[arg(long, requires = "bucket", conflicts_with = "set")]
    none: bool,
    /// How the answer is printed
    #[arg(long, value_enum, default_value = "text")]
    output: Output,
}

/// What is asked about quotas.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct QuotaRequest {
    /// The bucket; `None` is all of them.
    bucket: Option<String>,
    /// The change, where one is asked for.
    change: Option<QuotaChange>,
}

/// A change of a bucket's quota.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum QuotaChange {
    /// So many bytes.
    Set(u64),
    /// None any more.
    Remove,
}

pub(super) async fn run(quota: Quota, config: &Config) -> Result<Ended> {
    let removed = quota.none.then_some(QuotaChange::Remove);
    let request = QuotaRequest {
        bucket: quota.bucket.map(|bucket| bucket.to_string()),
        change: quota.set.map(QuotaChange::Set).or(removed),
    };
    let asked = Request::Quota(request.clone());
    let told = match control::ask(&config.data, &asked, &mut control::unheard).await? {
        Some(told) => told,
        None => alone(&request, config).await?,
    };
    match quota.output {
        Output::Json => say(&told.to_string()),
        Output::Text => print(&told),
    }
    Ok(Ended::Done)
}

/// When no server runs.
async fn alone(request: &QuotaRequest, config: &Config) -> Result<Value> {
    let store = cellar::open(config).await?;
    let told = quotas(&store, request).await;
    store.close().await;
    told
}

/// Does what is asked, and tells how it stands afterwards.
pub(crate) async fn quotas(store: &DiskStore, request: &QuotaRequest) -> Result<Value> {
    let named = match &request.bucket {
        Some(name) => vec![BucketName::parse(name)?],
        None => store.list_buckets().await?.into_iter().map(|bucket| bucket.name).collect(),
    };
    if let (Some(change), [bucket]) = (request.change, &named[..]) {
        let quota_bytes = match change {
            QuotaChange::Set(bytes) => Some(bytes),
            QuotaChange::Remove => None,
        };
        let changed = store.change_bucket(bucket, BucketChange::Quota(quota_bytes)).await;
        changed.with_context(|| about(bucket))?;
        tracing::info!(%bucket, ?quota_bytes, "the quota of a bucket was changed");
    }
    let mut buckets = Vec::new();
    for bucket in named {
        let settings = store.bucket_settings(&bucket).await.with_context(|| about(&bucket))?;
        let usage = store.bucket_usage(&bucket).await.with_context(|| about(&bucket))?;
        buckets.push(json!({
            "bucket": bucket.as_str(),
            "quota_bytes": settings.quota_bytes,
            "held_bytes": usage.held_bytes(),
            "version_bytes": usage.bytes,
            "upload_bytes": usage.upload_bytes,
            "objects": usage.objects,
            "versions": usage.versions,
        }));
    }
    Ok(json!({ "buckets": buckets }))
}

fn about(bucket: &BucketName) -> String {
    format!("bucket `{bucket}`")
}

fn print(told: &Value) {
    let buckets = told.get("buckets").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    for bucket in buckets {
        let number = |name: &str| bucket.get(name).and_then(Value::as_u64).unwrap_or_default();
        let held = number("held_bytes");
        let may = match bucket.get("quota_bytes").and_then(Value::as_u64) {
            None => format!("{}, without a quota", size(held)),
            Some(quota) if held > quota => {
                format!(
                    "{} of {}, more than it may hold: writes are refused",
                    size(held),
                    size(quota)
                )
            }
            Some(quota) => format!("{} of {}", size(held), size(quota)),
        };
        say(&format!(
            "{}: {may}; objects: {}, versions: {}, in unfinished uploads: {}",
            bucket.get("bucket").and_then(Value::as_str).unwrap_or_default(),
            number("objects"),
            number("versions"),
            size(number("upload_bytes")),
        ));
    }
    if buckets.is_empty() {
        say("There is no bucket.");
    }
}

/// Reads a size.
pub(crate) fn bytes(text: &str) -> Result<u64, String> {
    let wrong = || {
        format!("`{text}` is no size: write a whole number of bytes, or of KiB, MiB, GiB or TiB")
    };
    let stripped = UNITS.iter().find_map(|(unit, bits)| Some((text.strip_suffix(unit)?, *bits)));
    let (number, bits) = stripped.ok_or_else(wrong)?;
    let number: u64 = number.trim_end().parse().map_err(|_| wrong())?;
    number
        .checked_mul(1 << bits)
        .ok_or_else(|| format!("`{text}` is more than any disk holds: use --none for no quota"))
}

#[cfg(test)]
mod tests {
    use super::bytes;

    #[test]
    fn sizes_are_whole_numbers_with_units_of_1024() {
        for (text, expected) in [
            ("0", Some(0)),
            ("1023", Some(1023)),
            ("1KiB", Some(1024)),
            ("2 MiB", Some(2 << 20)),
            ("50GiB", Some(50 << 30)),
            ("16777215TiB", Some(16_777_215 << 40)),
            ("16777216TiB", None),
            ("18446744073709551616", None),
            ("1.5GiB", None),
            ("5GB", None),
            ("-1", None),
            ("GiB", None),
            ("", None),
        ] {
            assert_eq!(bytes(text).ok(), expected, "{text}");
        }
    }
}
