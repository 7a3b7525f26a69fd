//! A configuration for Terraform, in its JSON syntax, beside a folder of policies.
//!
//! Policies are read from files, so that no character of theirs is taken for a template. Source:
//! Terraform language, "JSON configuration syntax"; the provider's documentation of each resource.

mod bucket;

use serde_json::{Map, Value, json};

use super::{ExportedFile, SELECTOR, json_file, names, policy_file};
use crate::estate::Estate;
use crate::key::{DELETION_DAYS, KeySpec};
use crate::roles::{PORTAL_ROLE, RoleSpec};
use crate::trail::TrailSpec;

/// The variable that asks for the service-linked roles.
const LINKED_ROLES: &str = "create_service_linked_roles";
/// The first release of the provider that knows buckets in an account's own namespace.
const PROVIDER: &str = ">= 6.37.0";

pub(super) fn configuration(estate: &Estate) -> Vec<ExportedFile> {
    let mut resources = Resources::default();
    if let Some(key) = estate.key() {
        resources.add_key(key);
    }
    for bucket in names::buckets(estate) {
        bucket::add(&mut resources, estate, &bucket);
    }
    resources.add_roles(estate);
    if let Some(trail) = estate.trail() {
        resources.add_trail(trail);
    }
    if estate.description().block_account {
        resources.add("aws_s3_account_public_access_block", "account", bucket::blocked(), &[]);
    }
    let policies = names::policies(estate).into_iter();
    let policies = policies
        .map(|(name, policy)| policy_file(format!("policies/{name}.json"), &policy.document));
    [json_file("main.tf.json", &around(estate, resources))].into_iter().chain(policies).collect()
}

fn around(estate: &Estate, resources: Resources) -> Value {
    json!({
        "terraform": {
            "required_version": ">= 1.5.0",
            "required_providers": {"aws": {"source": "hashicorp/aws", "version": PROVIDER}}},
        "provider": {"aws": {
            "region": estate.region().as_str(),
            "allowed_account_ids": [estate.account().as_str()]}},
        "variable": {LINKED_ROLES: {
            "type": "bool", "default": false,
            "description": "Make the service-linked roles of Support and Trusted Advisor. Say true \
                only where IAM does not show them yet."}},
        "resource": resources.0,
    })
}

/// What a resource takes from another, by the attribute: an expression of Terraform's.
type References<'a> = &'a [(&'a str, String)];

/// The resources by type and name.
#[derive(Default)]
struct Resources(Map<String, Value>);

impl Resources {
    fn add(&mut self, kind: &str, name: &str, data: Value, references: References<'_>) {
        let mut body = literal(data);
        if let Some(body) = body.as_object_mut() {
            body.retain(|_, value| !value.is_null());
            for (attribute, expression) in references {
                body.insert((*attribute).to_owned(), json!(format!("${{{expression}}}")));
            }
        }
        let of_kind = self.0.entry(kind).or_insert_with(|| json!({}));
        if let Some(of_kind) = of_kind.as_object_mut() {
            of_kind.insert(name.to_owned(), body);
        }
    }

    fn add_key(&mut self, key: &KeySpec) {
        let data = json!({"description": key.description, "enable_key_rotation": true,
            "deletion_window_in_days": DELETION_DAYS, "tags": key.tags,
            "lifecycle": {"prevent_destroy": true}});
        self.add("aws_kms_key", "key", data, &[("policy", file("key"))]);
        let id = "aws_kms_key.key.key_id".to_owned();
        let data = json!({"name": key.alias, "lifecycle": {"prevent_destroy": true}});
        self.add("aws_kms_alias", "key", data, &[("target_key_id", id)]);
    }

    fn add_roles(&mut self, estate: &Estate) {
        for boundary in estate.boundaries() {
            let name = &boundary.policy.name;
            let data = json!({"name": name, "path": boundary.path, "tags": boundary.tags});
            self.add("aws_iam_policy", &snake(name), data, &[("policy", file(name))]);
        }
        for role in estate.roles() {
            self.add_role(role);
        }
        for profile in estate.instance_profiles() {
            let data = json!({"name": profile.name.as_str(), "path": profile.path,
                "tags": profile.tags});
            let role = format!("aws_iam_role.{}.name", snake(profile.role.as_str()));
            let name = snake(profile.name.as_str());
            self.add("aws_iam_instance_profile", &name, data, &[("role", role)]);
        }
        for linked in estate.service_linked_roles() {
            let count = format!("var.{LINKED_ROLES} ? 1 : 0");
            let name = snake(&names::service_linked(linked.name));
            let data = json!({"aws_service_name": linked.service});
            self.add("aws_iam_service_linked_role", &name, data, &[("count", count)]);
        }
    }

    /// Persons' roles name the portal's as their principal, which IAM looks up.
    fn add_role(&mut self, role: &RoleSpec) {
        let name = snake(role.name.as_str());
        let portal = format!("aws_iam_role.{}", snake(PORTAL_ROLE));
        let names_the_portal = role.trust.document.to_json().contains(&format!("/{PORTAL_ROLE}\""));
        let data = json!({
            "name": role.name.as_str(),
            "path": role.path,
            "description": role.description(),
            "max_session_duration": role.max_session_seconds,
            "tags": role.tags,
            "depends_on": names_the_portal.then(|| json!([portal])),
        });
        let boundary = format!("aws_iam_policy.{}.arn", snake(&role.boundary.name));
        let references = [
            ("assume_role_policy", file(&format!("{}-trust", role.name))),
            ("permissions_boundary", boundary),
        ];
        self.add("aws_iam_role", &name, data, &references);
        for policy in &role.permissions {
            let whole = policy.name == role.name.as_str();
            let (id, document) = if whole {
                (name.clone(), role.name.to_string())
            } else {
                (
                    format!("{name}_{}", snake(&policy.name)),
                    format!("{}-{}", role.name, policy.name),
                )
            };
            let references =
                [("role", format!("aws_iam_role.{name}.name")), ("policy", file(&document))];
            self.add("aws_iam_role_policy", &id, json!({"name": policy.name}), &references);
        }
    }

    fn add_trail(&mut self, trail: &TrailSpec) {
        let equals = |field: &str, value: &str| json!({"field": field, "equals": [value]});
        let data = json!({
            "name": trail.name,
            "enable_logging": true,
            "is_multi_region_trail": true,
            "include_global_service_events": true,
            "enable_log_file_validation": true,
            "tags": trail.tags,
            "advanced_event_selector": [
                {"name": "Management events selector",
                 "field_selector": [equals("eventCategory", "Management")]},
                {"name": SELECTOR, "field_selector": [
                    equals("eventCategory", "Data"),
                    equals("resources.type", "AWS::S3::Object"),
                    {"field": "resources.ARN", "starts_with": trail.objects}]}],
            "depends_on": ["aws_s3_bucket_policy.log_bucket"],
        });
        let bucket = "aws_s3_bucket.log_bucket.id".to_owned();
        self.add("aws_cloudtrail", "trail", data, &[("s3_bucket_name", bucket)]);
    }
}

/// A policy's file, as an expression.
fn file(name: &str) -> String {
    format!("file(\"${{path.module}}/policies/{name}.json\")")
}

/// A value of the estate, of which Terraform shall take no character for the beginning of a template.
fn literal(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(text.replace("${", "$${").replace("%{", "%%{")),
        Value::Array(list) => list.into_iter().map(literal).collect(),
        Value::Object(pairs) => {
            pairs.into_iter().map(|(key, value)| (key, literal(value))).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value,
    }
}

/// A name as Terraform's users write them: `EC2UploadRole` as `ec2_upload_role`.
fn snake(name: &str) -> String {
    let mut out = String::new();
    let mut before = None;
    for c in name.chars() {
        let begins_word = before.is_some_and(|b: char| {
            (b.is_ascii_lowercase() || b.is_ascii_digit()) && c.is_ascii_uppercase()
        });
        if begins_word {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
        before = Some(c);
    }
    out
}
