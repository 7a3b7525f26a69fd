//! What buckets hold, added up from their rows.

use std::collections::HashMap;

use rusqlite::Connection;

use crate::disk::holders::{Holder, Names, bytes_of, shown};
use crate::disk::index::sql;
use crate::disk::rows::run;
use crate::disk::versions::{Place, signed};
use crate::{BucketUsage, StoreError};

/// What each bucket holds.
#[derive(Debug, Default)]
pub(in crate::disk) struct Sums(HashMap<i64, BucketUsage>);

impl Sums {
    /// Adds a version or a part. Tells whether there is a bucket that it counts for.
    pub(in crate::disk) fn add(&mut self, names: &Names, holder: &Holder, size: u64) -> bool {
        match holder {
            Holder::Version(version) => {
                let usage = self.0.entry(version.bucket).or_default();
                usage.objects += u64::from(version.place == Place::Current);
                usage.versions += 1;
                usage.bytes += size;
                names.has_bucket(version.bucket)
            }
            Holder::Part { upload, .. } => {
                let Some(bucket) = names.bucket_of_upload(*upload) else { return false };
                self.0.entry(bucket).or_default().upload_bytes += size;
                true
            }
        }
    }

    /// Where buckets tell something else, in plain words.
    pub(super) fn differences(&self, conn: &Connection) -> Result<Vec<String>, StoreError> {
        let text = "SELECT id, name, objects, versions, bytes, upload_bytes FROM bucket";
        let mut statement = conn.prepare(text).map_err(sql)?;
        let mut rows = statement.query([]).map_err(sql)?;
        let mut differences = Vec::new();
        while let Some(row) = rows.next().map_err(sql)? {
            let id: i64 = row.get(0).map_err(sql)?;
            let name = shown(&bytes_of(row, 1).map_err(sql)?);
            let sum = self.0.get(&id).copied().unwrap_or_default();
            for (column, what, there) in [
                (2, "objects", sum.objects),
                (3, "versions", sum.versions),
                (4, "bytes", sum.bytes),
                (5, "bytes of uploads", sum.upload_bytes),
            ] {
                let told: i64 = row.get(column).map_err(sql)?;
                let differs = told != signed(there);
                let tell = || format!("bucket `{name}` tells of {told} {what} and has {there}");
                differences.extend(differs.then(tell));
            }
        }
        Ok(differences)
    }

    /// Makes all buckets tell what they hold.
    pub(in crate::disk) fn write(&self, conn: &Connection) -> Result<(), StoreError> {
        let none = "UPDATE bucket SET objects = 0, versions = 0, bytes = 0, upload_bytes = 0";
        run(conn, none, [])?;
        let text = "UPDATE bucket SET objects = ?2, versions = ?3, bytes = ?4, upload_bytes = ?5 \
                    WHERE id = ?1";
        for (bucket, usage) in &self.0 {
            let (objects, versions) = (signed(usage.objects), signed(usage.versions));
            let (bytes, parts) = (signed(usage.bytes), signed(usage.upload_bytes));
            run(conn, text, (bucket, objects, versions, bytes, parts))?;
        }
        Ok(())
    }
}
