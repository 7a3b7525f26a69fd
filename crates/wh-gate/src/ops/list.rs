//! Listing objects and their versions.

use wh_names::{BucketName, KeyPrefix, Partition};
use wh_objects::{ListObjects as StoreList, ListPage, ListVersions, VersionMarker, VersionsPage};

use crate::operation::sealed::Sealed;
use crate::{Demand, Demands, Gate, GateError, Operation, OperationKind, Permit};

/// The most entries of one page, and what is given when nothing was asked.
pub const LIST_KEYS_MAX: usize = 1000;

/// Lists objects: `ListObjects` and `ListObjectsV2`. What was not sent is `None`: policies can tell
/// a prefix that is empty from one that is absent.
#[derive(Debug, Clone)]
pub struct ListObjects {
    /// The bucket.
    pub bucket: BucketName,
    /// The beginning of the keys.
    pub prefix: Option<KeyPrefix>,
    /// What ends a common prefix.
    pub delimiter: Option<String>,
    /// Begin after this key or common prefix.
    pub after: Option<String>,
    /// How many entries; at most [`LIST_KEYS_MAX`] are given.
    pub max_keys: Option<usize>,
}

impl Sealed for ListObjects {}

impl Operation for ListObjects {
    const KIND: OperationKind = OperationKind::ListObjects;

    fn demands(&self, partition: &Partition) -> Demands<'_> {
        let keys = (self.prefix.as_ref(), self.delimiter.as_deref(), self.max_keys);
        listing("s3:ListBucket", partition, &self.bucket, keys)
    }
}

/// Lists versions of objects and delete markers.
#[derive(Debug, Clone)]
pub struct ListObjectVersions {
    /// The bucket.
    pub bucket: BucketName,
    /// The beginning of the keys.
    pub prefix: Option<KeyPrefix>,
    /// What ends a common prefix.
    pub delimiter: Option<String>,
    /// Where to begin.
    pub after: Option<VersionMarker>,
    /// How many entries; at most [`LIST_KEYS_MAX`] are given.
    pub max_keys: Option<usize>,
}

impl Sealed for ListObjectVersions {}

impl Operation for ListObjectVersions {
    const KIND: OperationKind = OperationKind::ListObjectVersions;

    fn demands(&self, partition: &Partition) -> Demands<'_> {
        let keys = (self.prefix.as_ref(), self.delimiter.as_deref(), self.max_keys);
        listing("s3:ListBucketVersions", partition, &self.bucket, keys)
    }
}

fn listing(
    action: &'static str,
    partition: &Partition,
    bucket: &BucketName,
    (prefix, delimiter, max_keys): (Option<&KeyPrefix>, Option<&str>, Option<usize>),
) -> Demands<'static> {
    let max_keys = max_keys.unwrap_or(LIST_KEYS_MAX);
    let mut demand =
        Demand::on_bucket(action, partition, bucket).with("s3:max-keys", max_keys.to_string());
    if let Some(prefix) = prefix {
        demand = demand.with("s3:prefix", prefix.as_str());
    }
    if let Some(delimiter) = delimiter {
        demand = demand.with("s3:delimiter", delimiter);
    }
    demand.alone()
}

impl Gate {
    /// One page of a listing.
    pub async fn list_objects(&self, permit: Permit<ListObjects>) -> Result<ListPage, GateError> {
        let (op, _, spent) = permit.spend();
        let list = StoreList {
            prefix: op.prefix.unwrap_or_else(KeyPrefix::everything),
            delimiter: op.delimiter,
            after: op.after,
            max_keys: op.max_keys.unwrap_or(LIST_KEYS_MAX).min(LIST_KEYS_MAX),
        };
        spent.settle(self.store.list_objects(&op.bucket, list).await)
    }

    /// One page of a listing of versions.
    pub async fn list_object_versions(
        &self,
        permit: Permit<ListObjectVersions>,
    ) -> Result<VersionsPage, GateError> {
        let (op, _, spent) = permit.spend();
        let list = ListVersions {
            prefix: op.prefix.unwrap_or_else(KeyPrefix::everything),
            delimiter: op.delimiter,
            after: op.after,
            max_keys: op.max_keys.unwrap_or(LIST_KEYS_MAX).min(LIST_KEYS_MAX),
        };
        spent.settle(self.store.list_object_versions(&op.bucket, list).await)
    }
}
