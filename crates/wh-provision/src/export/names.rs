//! What the parts of an estate are called within an export: words without hyphens, for logical ids.

use wh_policy::NamedPolicy;

use crate::bucket::{BucketSpec, Holds};
use crate::estate::Estate;

/// A bucket with its name within the export: `LogBucket`, `FileBucket`, `FileBucket2` and so on.
pub(super) struct NamedBucket<'e> {
    pub(super) id: String,
    pub(super) bucket: &'e BucketSpec,
}

/// The buckets in the order in which they are made.
pub(super) fn buckets(estate: &Estate) -> Vec<NamedBucket<'_>> {
    let logs = estate.buckets().filter(|bucket| bucket.holds == Holds::Logs);
    let logs = logs.map(|bucket| NamedBucket { id: "LogBucket".to_owned(), bucket });
    let files = (1..).zip(estate.buckets_of_files()).map(|(number, bucket)| {
        let number = if number == 1 { String::new() } else { number.to_string() };
        NamedBucket { id: format!("FileBucket{number}"), bucket }
    });
    logs.chain(files).collect()
}

/// The name of a service-linked role within the export: without the words that all have.
pub(super) fn service_linked(name: &str) -> String {
    format!("{}ServiceLinkedRole", name.trim_start_matches("AWSServiceRoleFor"))
}

/// Every policy of the estate, with the name of its file below `policies/`, without an ending.
pub(super) fn policies(estate: &Estate) -> Vec<(String, &NamedPolicy)> {
    let mut policies = Vec::new();
    policies.extend(estate.key().map(|key| ("key".to_owned(), &key.policy)));
    for bucket in estate.buckets() {
        policies.push((format!("bucket-{}", bucket.name), &bucket.policy));
    }
    for boundary in estate.boundaries() {
        policies.push((boundary.policy.name.clone(), &boundary.policy));
    }
    for role in estate.roles() {
        policies.push((format!("{}-trust", role.name), &role.trust));
        for policy in &role.permissions {
            // A role's first policy has the role's own name.
            let name = if policy.name == role.name.as_str() {
                role.name.to_string()
            } else {
                format!("{}-{}", role.name, policy.name)
            };
            policies.push((name, policy));
        }
    }
    policies
}
