//! The trail.

mod classic;

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_cloudtrail::types::{AdvancedEventSelector, AdvancedFieldSelector, EventSelector};
use wh_provision::{Step, TrailSpec, TrailState};

use super::{AwsCloud, tags};
use crate::error::{AwsError, sort};

/// The name of our selector; selectors of others are kept.
const SELECTOR: &str = "Wellhouse: every read and write of an object";
/// The kind of the resources that it selects.
const OBJECT: &str = "AWS::S3::Object";

/// What CloudTrail says of a trail that is not there.
fn absent(error: AwsError) -> AwsError {
    if let AwsError::Service { service_code, message } = &error
        && service_code == "TrailNotFoundException"
    {
        return AwsError::NotFound { message: message.clone() };
    }
    error
}

impl AwsCloud {
    pub(super) async fn read_trail(&self, name: &str) -> Result<TrailState, AwsError> {
        let answer = self.cloudtrail.get_trail().name(name).send().await;
        let trail = answer.map_err(sort).map_err(absent)?.trail;
        let trail = trail.ok_or_else(|| AwsError::malformed("an empty trail"))?;
        let status = self.cloudtrail.get_trail_status().name(name).send().await.map_err(sort)?;
        let arn = trail.trail_arn.unwrap_or_default();
        let listed = self.cloudtrail.list_tags().resource_id_list(&arn).send().await;
        let listed = listed.map_err(sort)?.resource_tag_list.unwrap_or_default();
        let tags: BTreeMap<String, String> = listed
            .into_iter()
            .flat_map(|tags| tags.tags_list.unwrap_or_default())
            .map(|tag| (tag.key, tag.value.unwrap_or_default()))
            .collect();
        let whole = trail.is_multi_region_trail.unwrap_or_default()
            && trail.include_global_service_events.unwrap_or_default()
            && trail.log_file_validation_enabled.unwrap_or_default();
        let (advanced, classic) = self.selectors(name).await?;
        Ok(TrailState {
            bucket: trail.s3_bucket_name.unwrap_or_default(),
            whole,
            recording: status.is_logging.unwrap_or_default(),
            objects: advanced.iter().flat_map(objects).collect(),
            classic: classic.iter().filter_map(classic::in_words).collect(),
            tags,
        })
    }

    /// A trail has selectors of one of two kinds: advanced or classic.
    async fn selectors(
        &self,
        name: &str,
    ) -> Result<(Vec<AdvancedEventSelector>, Vec<EventSelector>), AwsError> {
        let answer = self.cloudtrail.get_event_selectors().trail_name(name).send().await;
        let answer = answer.map_err(sort)?;
        let advanced = answer.advanced_event_selectors.unwrap_or_default();
        Ok((advanced, answer.event_selectors.unwrap_or_default()))
    }

    pub(super) async fn write_trail(&self, step: &Step) -> Result<(), AwsError> {
        if let Step::CreateTrail(trail) = step {
            let call = self.cloudtrail.create_trail().name(&trail.name);
            let call = call.s3_bucket_name(trail.bucket.as_str()).is_multi_region_trail(true);
            let call = call.include_global_service_events(true).enable_log_file_validation(true);
            let call = call.set_tags_list(Some(tags::cloudtrail(&trail.tags)?));
            call.send().await.map_err(sort)?;
        }
        if let Step::UpdateTrail(trail) = step {
            let call = self.cloudtrail.update_trail().name(&trail.name);
            let call = call.s3_bucket_name(trail.bucket.as_str()).is_multi_region_trail(true);
            let call = call.include_global_service_events(true).enable_log_file_validation(true);
            call.send().await.map_err(sort)?;
        }
        if let Step::SelectEvents(trail) = step {
            self.select_events(trail).await?;
        }
        if let Step::StartTrail(trail) = step {
            self.cloudtrail.start_logging().name(&trail.name).send().await.map_err(sort)?;
        }
        if let Step::TagTrail(trail) = step {
            let call = self.cloudtrail.add_tags().resource_id(&trail.arn);
            let call = call.set_tags_list(Some(tags::cloudtrail(&trail.tags)?));
            call.send().await.map_err(sort)?;
        }
        if let Step::DeleteTrail { name } = step {
            self.cloudtrail.delete_trail().name(name).send().await.map_err(sort)?;
        }
        Ok(())
    }

    /// Advanced selectors take the place of all others: what classic ones record is asked for in their
    /// words, and management events beside ours where nobody asked for them.
    async fn select_events(&self, trail: &TrailSpec) -> Result<(), AwsError> {
        let (mut selectors, classic) = self.selectors(&trail.name).await?;
        for (number, classic) in (1..).zip(&classic) {
            selectors.extend(classic::as_advanced(number, classic)?);
        }
        selectors.retain(|selector| selector.name() != Some(SELECTOR));
        if !selectors.iter().any(is_management) {
            selectors.push(selector(
                "Management events selector",
                vec![equals("eventCategory", &["Management"])?],
            )?);
        }
        let beginnings: Vec<&str> = trail.objects.iter().map(String::as_str).collect();
        let ours = vec![
            equals("eventCategory", &["Data"])?,
            equals("resources.type", &[OBJECT])?,
            begins("resources.ARN", &beginnings)?,
        ];
        selectors.push(selector(SELECTOR, ours)?);
        let call = self.cloudtrail.put_event_selectors().trail_name(&trail.name);
        call.set_advanced_event_selectors(Some(selectors)).send().await.map_err(sort)?;
        Ok(())
    }
}

fn is_management(selector: &AdvancedEventSelector) -> bool {
    selector.field_selectors().iter().any(|field| {
        field.field() == "eventCategory" && field.equals().iter().any(|value| value == "Management")
    })
}

/// The beginnings of the ARNs whose reads and writes a selector records, all of them: none where it
/// leaves any out, and an empty one where it names no ARN.
fn objects(selector: &AdvancedEventSelector) -> BTreeSet<String> {
    let fields = selector.field_selectors();
    let only = |name: &str, value: &str| {
        fields
            .iter()
            .any(|field| field.field() == name && field.equals().iter().any(|v| v == value))
    };
    let plain = |field: &AdvancedFieldSelector| match field.field() {
        "eventCategory" | "resources.type" => narrows_by(field, &[Operator::Equals]),
        "resources.ARN" => narrows_by(field, &[Operator::StartsWith]),
        _ => false,
    };
    if !only("resources.type", OBJECT) || !fields.iter().all(plain) {
        return BTreeSet::new();
    }
    let mut arns = fields.iter().filter(|field| field.field() == "resources.ARN").peekable();
    if arns.peek().is_none() {
        return BTreeSet::from([String::new()]);
    }
    arns.flat_map(|field| field.starts_with().to_vec()).collect()
}

/// How a field is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Equals,
    StartsWith,
    EndsWith,
    NotEquals,
    NotStartsWith,
    NotEndsWith,
}

/// Whether a field is compared in these ways and no others: each further one leaves something out.
fn narrows_by(field: &AdvancedFieldSelector, allowed: &[Operator]) -> bool {
    let used = [
        (Operator::Equals, field.equals()),
        (Operator::StartsWith, field.starts_with()),
        (Operator::EndsWith, field.ends_with()),
        (Operator::NotEquals, field.not_equals()),
        (Operator::NotStartsWith, field.not_starts_with()),
        (Operator::NotEndsWith, field.not_ends_with()),
    ];
    used.iter().all(|(operator, values)| values.is_empty() || allowed.contains(operator))
}

fn selector(
    name: &str,
    fields: Vec<AdvancedFieldSelector>,
) -> Result<AdvancedEventSelector, AwsError> {
    let built = AdvancedEventSelector::builder().name(name).set_field_selectors(Some(fields));
    built.build().map_err(AwsError::malformed)
}

fn equals(field: &str, values: &[&str]) -> Result<AdvancedFieldSelector, AwsError> {
    let values = values.iter().map(|&value| value.to_owned()).collect();
    let built = AdvancedFieldSelector::builder().field(field).set_equals(Some(values));
    built.build().map_err(AwsError::malformed)
}

fn begins(field: &str, values: &[&str]) -> Result<AdvancedFieldSelector, AwsError> {
    let values = values.iter().map(|&value| value.to_owned()).collect();
    let built = AdvancedFieldSelector::builder().field(field).set_starts_with(Some(values));
    built.build().map_err(AwsError::malformed)
}

#[cfg(test)]
mod tests {
    use super::{AdvancedFieldSelector, begins, equals, objects, selector};

    fn found(fields: Vec<AdvancedFieldSelector>) -> Vec<String> {
        objects(&selector("theirs", fields).expect("a selector")).into_iter().collect()
    }

    #[test]
    fn only_a_selector_that_leaves_nothing_out_counts() {
        let data = || equals("eventCategory", &["Data"]).expect("a field");
        let kind = || equals("resources.type", &["AWS::S3::Object"]).expect("a field");
        let arn = || begins("resources.ARN", &["arn:aws:s3:::files/"]).expect("a field");
        assert_eq!(found(vec![data(), kind(), arn()]), ["arn:aws:s3:::files/"]);
        assert_eq!(found(vec![data(), kind()]), [""], "every object");
        let but = |set: fn(&mut AdvancedFieldSelector, Option<Vec<String>>)| {
            let mut field = arn();
            set(&mut field, Some(vec!["arn:aws:s3:::files/x".to_owned()]));
            field
        };
        let narrower = [
            but(|field, values| field.not_starts_with = values),
            but(|field, values| field.not_equals = values),
            but(|field, values| field.not_ends_with = values),
            but(|field, values| field.ends_with = values),
            but(|field, values| field.equals = values),
            equals("readOnly", &["true"]).expect("a field"),
            equals("eventName", &["GetObject"]).expect("a field"),
        ];
        for field in narrower {
            let told = format!("{field:?}");
            assert_eq!(found(vec![data(), kind(), arn(), field]), [""; 0], "{told}");
        }
        let other = equals("resources.type", &["AWS::Lambda::Function"]).expect("a field");
        assert_eq!(found(vec![data(), other]), [""; 0]);
    }
}
