//! The records of buckets' settings.

use wh_names::BucketName;

use super::dress::{mode, mode_byte};
use super::{damaged, open, put_u64, seal};
use crate::{
    BucketSettings, DefaultRetention, ObjectLockState, RetentionPeriod, StoreError, Versioning,
};

/// A bucket's settings; their name is the bucket's.
pub(in crate::disk) fn settings(bucket: &BucketName, settings: &BucketSettings) -> Vec<u8> {
    let mut out = vec![match settings.versioning {
        Versioning::Unversioned => 0,
        Versioning::Enabled => 1,
        Versioning::Suspended => 2,
    }];
    out.push(u8::from(settings.quota_bytes.is_some()));
    put_u64(&mut out, settings.quota_bytes.unwrap_or_default());
    out.push(u8::from(settings.object_lock.is_some()));
    let default = settings.object_lock.and_then(|state| state.default);
    out.push(default.map_or(0, |default| mode_byte(default.mode)));
    if let Some(DefaultRetention { period, .. }) = default {
        let (unit, count) = match period {
            RetentionPeriod::Days(days) => (1, days),
            RetentionPeriod::Years(years) => (2, years),
        };
        out.push(unit);
        put_u64(&mut out, u64::from(count));
    }
    seal(bucket.as_str().as_bytes(), out)
}

/// Reads what [`settings`] wrote.
pub(in crate::disk) fn read_settings(
    bucket: &str,
    record: &[u8],
) -> Result<BucketSettings, StoreError> {
    let name = bucket.as_bytes();
    read_settings_fields(name, record).ok_or_else(|| damaged("the settings", name))
}

fn read_settings_fields(name: &[u8], record: &[u8]) -> Option<BucketSettings> {
    let mut fields = open(name, record)?;
    let versioning = match fields.byte()? {
        0 => Versioning::Unversioned,
        1 => Versioning::Enabled,
        2 => Versioning::Suspended,
        _ => return None,
    };
    let limited = fields.byte()? == 1;
    let quota_bytes = Some(fields.u64()?).filter(|_| limited);
    let locked = fields.byte()? == 1;
    let default = match fields.byte()? {
        0 => None,
        byte => {
            let mode = mode(byte)?;
            let (unit, count) = (fields.byte()?, u32::try_from(fields.u64()?).ok()?);
            let period = match unit {
                1 => RetentionPeriod::Days(count),
                2 => RetentionPeriod::Years(count),
                _ => return None,
            };
            Some(DefaultRetention { mode, period })
        }
    };
    let object_lock = locked.then_some(ObjectLockState { default });
    Some(BucketSettings { versioning, object_lock, quota_bytes })
}
