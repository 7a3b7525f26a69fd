//! The rules of a bucket's lifecycle, between XML and the store's own form.
//!
//! Source: Amazon S3 API Reference, `PutBucketLifecycleConfiguration`.

use http::StatusCode;
use s3s::{S3Request, S3Response, S3Result, dto};
use wh_gate::ops;
use wh_objects::lifecycle::{
    AbortUploads, Expiration, Filter, Lifecycle, NoncurrentExpiration, Rule, RuleStatus,
    RulesError, Tag,
};

use super::{S3Door, failed, read, write};
use crate::door::Visit;
use crate::fault::Fault;

type Answer<T> = S3Result<S3Response<T>>;

pub(super) async fn put_bucket_lifecycle_configuration(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::PutBucketLifecycleConfigurationInput>,
) -> Answer<dto::PutBucketLifecycleConfigurationOutput> {
    let input = request.input;
    let bucket = read::bucket(&input.bucket)?;
    let wire = input.lifecycle_configuration.ok_or_else(read::malformed)?;
    let rules = wire.rules.into_iter().map(rule).collect::<Result<Vec<_>, _>>()?;
    let text = Lifecycle { rules }.checked().map_err(|error| refused(&error))?.to_json();
    let put = ops::PutBucketLifecycleConfiguration { bucket, text };
    let permit = door.admit(&visit, put).await?;
    door.gate.put_bucket_lifecycle_configuration(permit).await.map_err(failed)?;
    Ok(S3Response::new(dto::PutBucketLifecycleConfigurationOutput::default()))
}

fn refused(error: &RulesError) -> Fault {
    let code = match error {
        RulesError::Syntax(_) => "MalformedXML",
        RulesError::Rule { .. } | RulesError::Rules(_) => "InvalidArgument",
    };
    Fault::bad_request(code, error.to_string())
}

/// A number that must not be negative; what is too large is no number of days or bytes either.
fn number<T: TryFrom<i64>>(wire: impl Into<i64>) -> Result<T, Fault> {
    T::try_from(wire.into()).map_err(|_| read::malformed())
}

fn rule(wire: dto::LifecycleRule) -> Result<Rule, Fault> {
    if wire.transitions.is_some_and(|all| !all.is_empty())
        || wire.noncurrent_version_transitions.is_some_and(|all| !all.is_empty())
    {
        return Err(Fault::not_implemented("A transition to another storage class"));
    }
    let noncurrent = |wire: dto::NoncurrentVersionExpiration| {
        Ok::<_, Fault>(NoncurrentExpiration {
            noncurrent_days: number(wire.noncurrent_days.ok_or_else(read::malformed)?)?,
            newer_noncurrent_versions: wire.newer_noncurrent_versions.map(number).transpose()?,
        })
    };
    let abort = |wire: dto::AbortIncompleteMultipartUpload| {
        let days = wire.days_after_initiation.ok_or_else(read::malformed)?;
        Ok::<_, Fault>(AbortUploads { days_after_initiation: number(days)? })
    };
    Ok(Rule {
        id: wire.id.unwrap_or_default(),
        status: match wire.status.as_str() {
            "Enabled" => RuleStatus::Enabled,
            "Disabled" => RuleStatus::Disabled,
            _ => return Err(read::malformed()),
        },
        filter: filter(wire.filter, wire.prefix)?,
        expiration: wire.expiration.map(|expiration| expires(&expiration)).transpose()?,
        noncurrent_version_expiration: wire
            .noncurrent_version_expiration
            .map(noncurrent)
            .transpose()?,
        abort_incomplete_multipart_upload: wire
            .abort_incomplete_multipart_upload
            .map(abort)
            .transpose()?,
    })
}

/// One of three, as S3 demands.
fn expires(wire: &dto::LifecycleExpiration) -> Result<Expiration, Fault> {
    match (wire.days, &wire.date, wire.expired_object_delete_marker) {
        (Some(days), None, None) => Ok(Expiration::Days(number(days)?)),
        (None, Some(date), None) => {
            Ok(Expiration::Date(read::instant(date).ok_or_else(read::malformed)?))
        }
        (None, None, Some(removes)) => Ok(Expiration::ExpiredObjectDeleteMarker(removes)),
        (_, _, _) => Err(read::malformed()),
    }
}

/// What a rule is about: a prefix of the old form, one thing, or several together.
fn filter(wire: Option<dto::LifecycleRuleFilter>, prefix: Option<String>) -> Result<Filter, Fault> {
    let Some(wire) = wire else {
        return Ok(Filter { prefix: prefix.unwrap_or_default(), ..Filter::default() });
    };
    let named = [
        prefix.is_some(),
        wire.prefix.is_some(),
        wire.tag.is_some(),
        wire.object_size_greater_than.is_some(),
        wire.object_size_less_than.is_some(),
        wire.and.is_some(),
    ];
    if named.into_iter().filter(|is| *is).count() > 1 {
        return Err(read::malformed());
    }
    let and = wire.and.unwrap_or_default();
    let wanted = and.tags.unwrap_or_default().into_iter().chain(wire.tag);
    let tag = |tag: dto::Tag| Some(Tag { key: tag.key?, value: tag.value.unwrap_or_default() });
    let tags = wanted.map(tag).collect::<Option<Vec<_>>>().ok_or_else(read::malformed)?;
    let size = |alone: Option<i64>, with: Option<i64>| alone.or(with).map(number).transpose();
    Ok(Filter {
        prefix: wire.prefix.or(and.prefix).unwrap_or_default(),
        tags,
        larger_than: size(wire.object_size_greater_than, and.object_size_greater_than)?,
        smaller_than: size(wire.object_size_less_than, and.object_size_less_than)?,
    })
}

pub(super) async fn get_bucket_lifecycle_configuration(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::GetBucketLifecycleConfigurationInput>,
) -> Answer<dto::GetBucketLifecycleConfigurationOutput> {
    let bucket = read::bucket(&request.input.bucket)?;
    let permit = door.admit(&visit, ops::GetBucketLifecycleConfiguration { bucket }).await?;
    let kept = door.gate.get_bucket_lifecycle_configuration(permit).await.map_err(failed)?;
    let Some(kept) = kept else {
        let why = "The lifecycle configuration does not exist";
        let absent = Fault::new(StatusCode::NOT_FOUND, "NoSuchLifecycleConfiguration", why);
        return Err(absent.into());
    };
    let rules = Lifecycle::parse(&kept).map_err(|_| Fault::internal())?.rules;
    Ok(S3Response::new(dto::GetBucketLifecycleConfigurationOutput {
        rules: Some(rules.into_iter().map(rule_to_wire).collect()),
        transition_default_minimum_object_size: None,
    }))
}

fn count(n: u32) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}

fn rule_to_wire(rule: Rule) -> dto::LifecycleRule {
    let noncurrent = rule.noncurrent_version_expiration;
    dto::LifecycleRule {
        abort_incomplete_multipart_upload: rule.abort_incomplete_multipart_upload.map(|abort| {
            let days_after_initiation = Some(count(abort.days_after_initiation));
            dto::AbortIncompleteMultipartUpload { days_after_initiation }
        }),
        expiration: rule.expiration.map(expiration_to_wire),
        filter: Some(filter_to_wire(rule.filter)),
        id: Some(rule.id).filter(|id| !id.is_empty()),
        noncurrent_version_expiration: noncurrent.map(|expiration| {
            dto::NoncurrentVersionExpiration {
                newer_noncurrent_versions: expiration.newer_noncurrent_versions.map(count),
                noncurrent_days: Some(count(expiration.noncurrent_days)),
            }
        }),
        noncurrent_version_transitions: None,
        prefix: None,
        status: dto::ExpirationStatus::from_static(match rule.status {
            RuleStatus::Enabled => "Enabled",
            RuleStatus::Disabled => "Disabled",
        }),
        transitions: None,
    }
}

fn expiration_to_wire(expiration: Expiration) -> dto::LifecycleExpiration {
    let mut wire = dto::LifecycleExpiration::default();
    match expiration {
        Expiration::Days(days) => wire.days = Some(count(days)),
        Expiration::Date(date) => wire.date = Some(write::time(date)),
        Expiration::ExpiredObjectDeleteMarker(removes) => {
            wire.expired_object_delete_marker = Some(removes);
        }
    }
    wire
}

/// One thing stands alone, and several within `And`.
fn filter_to_wire(filter: Filter) -> dto::LifecycleRuleFilter {
    let size = |bytes: Option<u64>| bytes.map(write::count);
    let tag = |tag: Tag| dto::Tag { key: Some(tag.key), value: Some(tag.value) };
    if !filter.is_about_content() {
        return dto::LifecycleRuleFilter { prefix: Some(filter.prefix), ..Default::default() };
    }
    let and = dto::LifecycleRuleAndOperator {
        object_size_greater_than: size(filter.larger_than),
        object_size_less_than: size(filter.smaller_than),
        prefix: Some(filter.prefix).filter(|prefix| !prefix.is_empty()),
        tags: Some(filter.tags.into_iter().map(tag).collect()),
    };
    dto::LifecycleRuleFilter { and: Some(and), ..Default::default() }
}

pub(super) async fn delete_bucket_lifecycle(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::DeleteBucketLifecycleInput>,
) -> Answer<dto::DeleteBucketLifecycleOutput> {
    let bucket = read::bucket(&request.input.bucket)?;
    let permit = door.admit(&visit, ops::DeleteBucketLifecycle { bucket }).await?;
    door.gate.delete_bucket_lifecycle(permit).await.map_err(failed)?;
    Ok(S3Response::new(dto::DeleteBucketLifecycleOutput::default()))
}
