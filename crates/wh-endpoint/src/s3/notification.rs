//! Who is told of changes in a bucket, between XML and the store's own form.
//!
//! A webhook that the operator declared is named as an SNS topic of this account and region,
//! `arn:aws:sns:REGION:ACCOUNT:NAME`: see `docs/adr/0018-webhooks.md`.
//!
//! Source: Amazon S3 API Reference, `PutBucketNotificationConfiguration`.

use s3s::{S3Request, S3Response, S3Result, dto};
use wh_gate::ops;
use wh_objects::{NotificationError, NotificationRule, Notifications};

use super::{S3Door, failed, read};
use crate::door::Visit;
use crate::fault::Fault;

type Answer<T> = S3Result<S3Response<T>>;

pub(super) async fn get_bucket_notification_configuration(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::GetBucketNotificationConfigurationInput>,
) -> Answer<dto::GetBucketNotificationConfigurationOutput> {
    let bucket = read::bucket(&request.input.bucket)?;
    let permit = door.admit(&visit, ops::GetBucketNotificationConfiguration { bucket }).await?;
    let kept = door.gate.get_bucket_notification_configuration(permit).await.map_err(failed)?;
    let rules: Vec<_> = kept.rules.into_iter().map(|rule| to_wire(door, rule)).collect();
    Ok(S3Response::new(dto::GetBucketNotificationConfigurationOutput {
        topic_configurations: (!rules.is_empty()).then_some(rules),
        ..Default::default()
    }))
}

pub(super) async fn put_bucket_notification_configuration(
    door: &S3Door,
    visit: Visit,
    request: S3Request<dto::PutBucketNotificationConfigurationInput>,
) -> Answer<dto::PutBucketNotificationConfigurationOutput> {
    let bucket = read::bucket(&request.input.bucket)?;
    if request.input.skip_destination_validation == Some(true) {
        let what = "Skipping the validation of destinations (x-amz-skip-destination-validation)";
        return Err(Fault::not_implemented(what).into());
    }
    let wire = request.input.notification_configuration;
    refuse_others(&wire)?;
    let topics = wire.topic_configurations.unwrap_or_default().into_iter().enumerate();
    let rules: Result<Vec<_>, Fault> = topics.map(|(n, topic)| rule(door, n, topic)).collect();
    let notifications = Notifications { rules: rules? }.checked().map_err(|e| refused(&e))?;
    let put = ops::PutBucketNotificationConfiguration { bucket, notifications };
    let permit = door.admit(&visit, put).await?;
    door.gate.put_bucket_notification_configuration(permit).await.map_err(failed)?;
    Ok(S3Response::new(dto::PutBucketNotificationConfigurationOutput::default()))
}

/// Refuses what is no webhook.
fn refuse_others(wire: &dto::NotificationConfiguration) -> Result<(), Fault> {
    if wire.event_bridge_configuration.is_some() {
        return Err(Fault::not_implemented("EventBridgeConfiguration"));
    }
    let queues = wire.queue_configurations.as_ref().is_some_and(|all| !all.is_empty());
    let functions = wire.lambda_function_configurations.as_ref().is_some_and(|all| !all.is_empty());
    if queues || functions {
        let what = "A QueueConfiguration or CloudFunctionConfiguration: a TopicConfiguration that \
                    names a webhook of this server is; any other";
        return Err(Fault::not_implemented(what));
    }
    Ok(())
}

fn refused(error: &NotificationError) -> Fault {
    match error {
        NotificationError::NeverHappens(event) => Fault::not_implemented(&format!(
            "The event '{event}', which never happens in this store,"
        )),
        NotificationError::Syntax => Fault::internal(),
        NotificationError::TooMany
        | NotificationError::Id(_)
        | NotificationError::Event(_)
        | NotificationError::Filter
        | NotificationError::Overlap(..) => {
            Fault::bad_request("InvalidArgument", error.to_string())
        }
    }
}

fn rule(door: &S3Door, n: usize, wire: dto::TopicConfiguration) -> Result<NotificationRule, Fault> {
    let (prefix, suffix) = filters(wire.filter)?;
    Ok(NotificationRule {
        id: wire.id.filter(|id| !id.is_empty()).unwrap_or_else(|| format!("topic-{}", n + 1)),
        webhook: webhook(door, &wire.topic_arn)?,
        events: wire.events.into_iter().map(String::from).collect(),
        prefix,
        suffix,
        since: 0,
    })
}

/// The webhook that an ARN names, if the operator declared it.
fn webhook(door: &S3Door, arn: &str) -> Result<String, Fault> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    if let ["arn", _partition, "sns", region, account, name] = parts.as_slice()
        && *region == door.region.as_str()
        && *account == door.account.as_str()
        && door.webhooks.iter().any(|known| known == name)
    {
        return Ok((*name).to_owned());
    }
    let why = format!(
        "Unable to validate the following destination configurations: TopicArn {arn} names no \
         webhook of this server; write arn:aws:sns:{}:{}:NAME with a NAME of s3.webhooks",
        door.region.as_str(),
        door.account.as_str()
    );
    Err(Fault::bad_request("InvalidArgument", why))
}

fn filters(wire: Option<dto::NotificationConfigurationFilter>) -> Result<(String, String), Fault> {
    let (mut prefix, mut suffix) = (None, None);
    let rules = wire.and_then(|filter| filter.key).and_then(|key| key.filter_rules);
    for rule in rules.unwrap_or_default() {
        let name = rule.name.ok_or_else(read::malformed)?;
        let place = match name.as_str().to_ascii_lowercase().as_str() {
            "prefix" => &mut prefix,
            "suffix" => &mut suffix,
            _ => {
                let why = "filter rule name must be either prefix or suffix";
                return Err(Fault::bad_request("InvalidArgument", why));
            }
        };
        if place.replace(rule.value.unwrap_or_default()).is_some() {
            let why = "Cannot specify more than one prefix rule or suffix rule in a filter.";
            return Err(Fault::bad_request("InvalidArgument", why));
        }
    }
    Ok((prefix.unwrap_or_default(), suffix.unwrap_or_default()))
}

fn to_wire(door: &S3Door, rule: NotificationRule) -> dto::TopicConfiguration {
    let (region, account) = (door.region.as_str(), door.account.as_str());
    let one = |name: &'static str, value: &str| {
        let name = Some(dto::FilterRuleName::from_static(name));
        (!value.is_empty()).then(|| dto::FilterRule { name, value: Some(value.to_owned()) })
    };
    let filters = [one("Prefix", &rule.prefix), one("Suffix", &rule.suffix)];
    let filters: Vec<_> = filters.into_iter().flatten().collect();
    let filter = match filters.is_empty() {
        true => None,
        false => Some(dto::NotificationConfigurationFilter {
            key: Some(dto::S3KeyFilter { filter_rules: Some(filters) }),
        }),
    };
    dto::TopicConfiguration {
        events: rule.events.into_iter().map(dto::Event::from).collect(),
        filter,
        id: Some(rule.id),
        topic_arn: format!("arn:aws:sns:{region}:{account}:{}", rule.webhook),
    }
}
