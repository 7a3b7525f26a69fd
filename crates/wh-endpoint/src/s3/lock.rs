//! Object lock: of buckets, and of versions.
//!
//! Source: S3 User Guide, "Locking objects with Object Lock".

use http::{HeaderMap, StatusCode};
use s3s::{S3Request, S3Response, S3Result, dto};
use wh_gate::ops;
use wh_objects::{
    DefaultRetention, ObjectLock, ObjectLockState, Retention, RetentionMode, RetentionPeriod,
};

use super::deletes::bypass;
use super::{S3Door, failed, read, write};
use crate::door::Visit;
use crate::fault::Fault;

type Answer<T> = S3Result<S3Response<T>>;

/// What is to hold a new version: `x-amz-object-lock-…`.
pub(super) fn of_headers(headers: &HeaderMap) -> Result<ObjectLock, Fault> {
    let invalid = |why| Fault::bad_request("InvalidArgument", why);
    let until = read::text(headers, "x-amz-object-lock-retain-until-date")?;
    let retention = match (read::text(headers, "x-amz-object-lock-mode")?, until) {
        (None, None) => None,
        (Some(given), Some(until)) => Some(Retention {
            mode: mode(given).ok_or_else(|| invalid("Unknown wormMode directive."))?,
            until: until.parse().map_err(|_| {
                invalid("The retain until date must be provided in ISO 8601 format")
            })?,
        }),
        (Some(_), None) | (None, Some(_)) => {
            return Err(invalid(
                "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be \
                 supplied",
            ));
        }
    };
    let legal_hold = match read::text(headers, "x-amz-object-lock-legal-hold")? {
        None | Some("OFF") => false,
        Some("ON") => true,
        Some(_) => return Err(invalid("Legal Hold must be either of 'ON' or 'OFF'")),
    };
    Ok(ObjectLock { retention, legal_hold })
}

fn mode(text: &str) -> Option<RetentionMode> {
    [RetentionMode::Governance, RetentionMode::Compliance]
        .into_iter()
        .find(|mode| write::mode(*mode) == text)
}

/// A retention as the wire gives it; an empty one ends what there is.
fn retention(wire: dto::ObjectLockRetention) -> Result<Option<Retention>, Fault> {
    match (wire.mode, wire.retain_until_date) {
        (None, None) => Ok(None),
        (Some(given), Some(until)) => Ok(Some(Retention {
            mode: mode(given.as_str()).ok_or_else(read::malformed)?,
            until: read::instant(&until).ok_or_else(read::malformed)?,
        })),
        (Some(_), None) | (None, Some(_)) => Err(read::malformed()),
    }
}

fn none(code: &'static str, why: &'static str) -> Fault {
    Fault::new(StatusCode::NOT_FOUND, code, why)
}

/// What AWS says of a version that has no lock of the kind that was asked for.
fn none_on_object() -> Fault {
    let why = "The specified object does not have a ObjectLock configuration";
    none("NoSuchObjectLockConfiguration", why)
}

pub(super) async fn get_object_retention(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::GetObjectRetentionInput>,
) -> Answer<dto::GetObjectRetentionOutput> {
    let input = request.input;
    let version = read::version_address(&input.bucket, &input.key, input.version_id.as_deref())?;
    let permit = door.admit(&visit, ops::GetObjectRetention { version }).await?;
    let kept = door.gate.get_object_retention(permit).await.map_err(failed)?;
    let kept = kept.ok_or_else(none_on_object)?;
    let retention = dto::ObjectLockRetention {
        mode: Some(dto::ObjectLockRetentionMode::from_static(write::mode(kept.mode))),
        retain_until_date: Some(write::time(kept.until)),
    };
    Ok(S3Response::new(dto::GetObjectRetentionOutput { retention: Some(retention) }))
}

pub(super) async fn put_object_retention(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::PutObjectRetentionInput>,
) -> Answer<dto::PutObjectRetentionOutput> {
    let input = request.input;
    let put = ops::PutObjectRetention {
        version: read::version_address(&input.bucket, &input.key, input.version_id.as_deref())?,
        retention: retention(input.retention.ok_or_else(read::malformed)?)?,
        bypass: bypass(input.bypass_governance_retention),
    };
    let permit = door.admit(&visit, put).await?;
    door.gate.put_object_retention(permit).await.map_err(failed)?;
    Ok(S3Response::new(dto::PutObjectRetentionOutput::default()))
}

pub(super) async fn get_object_legal_hold(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::GetObjectLegalHoldInput>,
) -> Answer<dto::GetObjectLegalHoldOutput> {
    let input = request.input;
    let version = read::version_address(&input.bucket, &input.key, input.version_id.as_deref())?;
    let permit = door.admit(&visit, ops::GetObjectLegalHold { version }).await?;
    let on = door.gate.get_object_legal_hold(permit).await.map_err(failed)?;
    let status = dto::ObjectLockLegalHoldStatus::from_static(if on { "ON" } else { "OFF" });
    let legal_hold = Some(dto::ObjectLockLegalHold { status: Some(status) });
    Ok(S3Response::new(dto::GetObjectLegalHoldOutput { legal_hold }))
}

pub(super) async fn put_object_legal_hold(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::PutObjectLegalHoldInput>,
) -> Answer<dto::PutObjectLegalHoldOutput> {
    let input = request.input;
    let status = input.legal_hold.and_then(|hold| hold.status);
    let put = ops::PutObjectLegalHold {
        version: read::version_address(&input.bucket, &input.key, input.version_id.as_deref())?,
        on: match status.as_ref().map(dto::ObjectLockLegalHoldStatus::as_str) {
            Some("ON") => true,
            Some("OFF") => false,
            Some(_) | None => return Err(read::malformed().into()),
        },
    };
    let permit = door.admit(&visit, put).await?;
    door.gate.put_object_legal_hold(permit).await.map_err(failed)?;
    Ok(S3Response::new(dto::PutObjectLegalHoldOutput::default()))
}

pub(super) async fn get_object_lock_configuration(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::GetObjectLockConfigurationInput>,
) -> Answer<dto::GetObjectLockConfigurationOutput> {
    let bucket = read::bucket(&request.input.bucket)?;
    let permit = door.admit(&visit, ops::GetObjectLockConfiguration { bucket }).await?;
    let state = door.gate.get_object_lock_configuration(permit).await.map_err(failed)?;
    let Some(state) = state else {
        let why = "Object Lock configuration does not exist for this bucket";
        return Err(none("ObjectLockConfigurationNotFoundError", why).into());
    };
    let configuration = dto::ObjectLockConfiguration {
        object_lock_enabled: Some(dto::ObjectLockEnabled::from_static("Enabled")),
        rule: state.default.map(|default| dto::ObjectLockRule {
            default_retention: Some(default_to_wire(default)),
        }),
    };
    let object_lock_configuration = Some(configuration);
    Ok(S3Response::new(dto::GetObjectLockConfigurationOutput { object_lock_configuration }))
}

fn default_to_wire(default: DefaultRetention) -> dto::DefaultRetention {
    let small = |n: u32| Some(i32::try_from(n).unwrap_or(i32::MAX));
    let (days, years) = match default.period {
        RetentionPeriod::Days(days) => (small(days), None),
        RetentionPeriod::Years(years) => (None, small(years)),
    };
    let mode = Some(dto::ObjectLockRetentionMode::from_static(write::mode(default.mode)));
    dto::DefaultRetention { days, mode, years }
}

pub(super) async fn put_object_lock_configuration(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::PutObjectLockConfigurationInput>,
) -> Answer<dto::PutObjectLockConfigurationOutput> {
    let input = request.input;
    let bucket = read::bucket(&input.bucket)?;
    let wire = input.object_lock_configuration.ok_or_else(read::malformed)?;
    if wire.object_lock_enabled.as_ref().is_none_or(|enabled| enabled.as_str() != "Enabled") {
        return Err(read::malformed().into());
    }
    let default = match wire.rule {
        None => None,
        Some(rule) => Some(default(rule.default_retention.ok_or_else(read::malformed)?)?),
    };
    let state = ObjectLockState { default };
    let permit = door.admit(&visit, ops::PutObjectLockConfiguration { bucket, state }).await?;
    door.gate.put_object_lock_configuration(permit).await.map_err(failed)?;
    Ok(S3Response::new(dto::PutObjectLockConfigurationOutput::default()))
}

/// A default retention: a mode, and either days or years.
fn default(wire: dto::DefaultRetention) -> Result<DefaultRetention, Fault> {
    let count = |n: i32| {
        let why = "Default retention period must be a positive integer value.";
        u32::try_from(n).map_err(|_| Fault::bad_request("InvalidArgument", why))
    };
    let given = wire.mode.as_ref().and_then(|given| mode(given.as_str()));
    let period = match (wire.days, wire.years) {
        (Some(days), None) => RetentionPeriod::Days(count(days)?),
        (None, Some(years)) => RetentionPeriod::Years(count(years)?),
        (Some(_), Some(_)) | (None, None) => return Err(read::malformed()),
    };
    Ok(DefaultRetention { mode: given.ok_or_else(read::malformed)?, period })
}
