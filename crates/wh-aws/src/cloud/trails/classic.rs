//! Classic selectors of a trail, as the advanced ones that record the same.
//!
//! Source: CloudTrail API Reference, `EventSelector` and `DataResource`; CloudTrail User Guide, "Logging
//! data events", which converts the one kind into the other in the same way.

use aws_sdk_cloudtrail::types::{
    AdvancedEventSelector, AdvancedFieldSelector, DataResource, EventSelector, ReadWriteType,
};

use super::{OBJECT, begins, equals, selector};
use crate::error::AwsError;

/// How many colons an ARN has that names something; with fewer it means all of its kind.
const COLONS_OF_ONE: usize = 5;

/// What a classic selector records, in words; none for that which every trail begins with: all management
/// events and nothing else.
pub(super) fn in_words(classic: &EventSelector) -> Option<String> {
    let verbs = match classic.read_write_type() {
        Some(ReadWriteType::ReadOnly) => "reads",
        Some(ReadWriteType::WriteOnly) => "writes",
        Some(_) | None => "reads and writes",
    };
    let managed = match (manages(classic), classic.exclude_management_event_sources()) {
        (false, _) => None,
        (true, []) => Some("of the account".to_owned()),
        (true, but) => Some(format!("of the account without {}", but.join(", "))),
    };
    let resources = classic.data_resources();
    if verbs == "reads and writes"
        && managed.as_deref() == Some("of the account")
        && resources.is_empty()
    {
        return None;
    }
    let data = resources.iter().map(|data| {
        format!("of {} {}", data.r#type().unwrap_or_default(), data.values().join(", "))
    });
    let what: Vec<String> = managed.into_iter().chain(data).collect();
    Some(format!("{verbs} {}", what.join("; ")))
}

/// The advanced selectors that record what a classic one does.
pub(super) fn as_advanced(
    number: usize,
    classic: &EventSelector,
) -> Result<Vec<AdvancedEventSelector>, AwsError> {
    let verbs = match classic.read_write_type() {
        Some(ReadWriteType::ReadOnly) => Some(equals("readOnly", &["true"])?),
        Some(ReadWriteType::WriteOnly) => Some(equals("readOnly", &["false"])?),
        Some(_) | None => None,
    };
    let mut selectors = Vec::new();
    if manages(classic) {
        let mut fields = vec![equals("eventCategory", &["Management"])?];
        let without = classic.exclude_management_event_sources();
        if !without.is_empty() {
            let but = AdvancedFieldSelector::builder().field("eventSource");
            let but = but.set_not_equals(Some(without.to_vec())).build();
            fields.push(but.map_err(AwsError::malformed)?);
        }
        fields.extend(verbs.clone());
        selectors.push(selector(&format!("Classic selector {number}: management events"), fields)?);
    }
    for data in classic.data_resources().iter().filter(|data| !data.values().is_empty()) {
        let mut fields = of_data(data)?;
        fields.extend(verbs.clone());
        let kind = data.r#type().unwrap_or_default();
        selectors.push(selector(&format!("Classic selector {number}: {kind}"), fields)?);
    }
    Ok(selectors)
}

/// Of objects the beginnings are named, of all else the things themselves.
fn of_data(data: &DataResource) -> Result<Vec<AdvancedFieldSelector>, AwsError> {
    let kind = data.r#type().unwrap_or_default();
    let mut fields = vec![equals("eventCategory", &["Data"])?, equals("resources.type", &[kind])?];
    let values: Vec<&str> = data.values().iter().map(String::as_str).collect();
    if values.iter().all(|value| value.matches(':').count() >= COLONS_OF_ONE) {
        fields.push(match kind {
            OBJECT => begins("resources.ARN", &values)?,
            _ => equals("resources.ARN", &values)?,
        });
    }
    Ok(fields)
}

/// That nothing is said of management events means that they are recorded.
fn manages(classic: &EventSelector) -> bool {
    classic.include_management_events().unwrap_or(true)
}
