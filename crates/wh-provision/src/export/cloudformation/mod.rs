//! A template of AWS CloudFormation.
//!
//! Names are fixed and not left to CloudFormation, for policies name roles, buckets and the key by
//! them: the stack needs `CAPABILITY_NAMED_IAM`. What holds data, what opens it and what guards it stay
//! when the stack is deleted.

mod bucket;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::names;
use super::{ExportedFile, SELECTOR, json_file, object, value_of};
use crate::estate::Estate;
use crate::key::{DELETION_DAYS, KeySpec};
use crate::roles::{ManagedPolicySpec, PORTAL_ROLE, RoleSpec};
use crate::trail::TrailSpec;

/// The parameter that asks for the service-linked roles.
const LINKED_ROLES: &str = "CreateServiceLinkedRoles";

/// The longest template that CloudFormation takes without a bucket to fetch it from. Source:
/// `CloudFormation` User Guide, "Understand `CloudFormation` quotas".
const BODY_BYTES_MAX: usize = 51_200;

/// What a stack leaves to `wellhouse apply`. Source: the resource types of CloudFormation's own
/// specification.
fn left_to_apply(estate: &Estate) -> Vec<&'static str> {
    let mut left = vec![
        "tags of the managed policies and of the instance profile: CloudFormation has no property for \
         them",
        "the service-linked roles, unless CreateServiceLinkedRoles is true: AWS made them already, and \
         a stack that makes them again fails",
    ];
    if estate.description().block_account {
        left.push(
            "Block Public Access of the account as a whole: CloudFormation has no resource for it",
        );
    }
    left
}

pub(super) fn template(estate: &Estate) -> ExportedFile {
    let mut resources = Map::new();
    if let Some(key) = estate.key() {
        resources.insert("Key".to_owned(), of_key(key));
        resources.insert("KeyAlias".to_owned(), of_alias(key));
    }
    for bucket in names::buckets(estate) {
        bucket::add(&mut resources, estate, &bucket);
    }
    for boundary in estate.boundaries() {
        resources.insert(boundary.policy.name.clone(), of_boundary(boundary));
    }
    for role in estate.roles() {
        resources.insert(role.name.to_string(), of_role(role));
    }
    for profile in estate.instance_profiles() {
        let properties = json!({"InstanceProfileName": profile.name.as_str(), "Path": profile.path,
            "Roles": [{"Ref": profile.role.as_str()}]});
        let resource = resource("AWS::IAM::InstanceProfile", properties);
        resources.insert(format!("{}Profile", profile.name), resource);
    }
    for linked in estate.service_linked_roles() {
        let mut resource =
            resource("AWS::IAM::ServiceLinkedRole", json!({"AWSServiceName": linked.service}));
        set(&mut resource, "Condition", json!(LINKED_ROLES));
        resources.insert(names::service_linked(linked.name), resource);
    }
    if let Some(trail) = estate.trail() {
        resources.insert("Trail".to_owned(), of_trail(trail));
    }
    printed(&around(estate, resources))
}

/// Indented where that is not too long to be handed over as it is.
fn printed(template: &Value) -> ExportedFile {
    let file = json_file("template.json", template);
    if file.text.len() <= BODY_BYTES_MAX {
        return file;
    }
    ExportedFile { text: format!("{template}\n"), ..file }
}

fn around(estate: &Estate, resources: Map<String, Value>) -> Value {
    let (account, region) = (estate.account(), estate.region());
    let description = format!(
        "Wellhouse: the estate {} in account {account}, {region}. It names its roles, so it needs \
         CAPABILITY_NAMED_IAM.",
        estate.installation()
    );
    json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": description,
        "Metadata": {"Wellhouse": {"Account": account.as_str(), "Region": region.as_str(),
            "LeftToApply": left_to_apply(estate)}},
        "Parameters": {LINKED_ROLES: {
            "Type": "String", "Default": "false", "AllowedValues": ["true", "false"],
            "Description": "Make the service-linked roles of Support and Trusted Advisor. Say true \
                only where IAM does not show them yet."}},
        "Conditions": {LINKED_ROLES: {"Fn::Equals": [{"Ref": LINKED_ROLES}, "true"]}},
        "Resources": resources,
    })
}

fn resource(kind: &str, properties: Value) -> Value {
    json!({"Type": kind, "Properties": properties})
}

fn set(resource: &mut Value, attribute: &str, value: Value) {
    if let Some(resource) = resource.as_object_mut() {
        resource.insert(attribute.to_owned(), value);
    }
}

/// What a stack does not take with it.
fn retained(mut resource: Value) -> Value {
    set(&mut resource, "DeletionPolicy", json!("Retain"));
    set(&mut resource, "UpdateReplacePolicy", json!("Retain"));
    resource
}

fn after(mut resource: Value, others: &[&str]) -> Value {
    if !others.is_empty() {
        set(&mut resource, "DependsOn", json!(others));
    }
    resource
}

fn tags(tags: &BTreeMap<String, String>) -> Value {
    let tags: Vec<Value> =
        tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect();
    if tags.is_empty() { Value::Null } else { Value::Array(tags) }
}

fn of_key(key: &KeySpec) -> Value {
    retained(resource(
        "AWS::KMS::Key",
        object([
            ("Description", json!(key.description)),
            ("Enabled", json!(true)),
            ("EnableKeyRotation", json!(true)),
            ("KeyPolicy", value_of(&key.policy.document)),
            ("PendingWindowInDays", json!(DELETION_DAYS)),
            ("Tags", tags(&key.tags)),
        ]),
    ))
}

fn of_alias(key: &KeySpec) -> Value {
    let properties = json!({"AliasName": key.alias, "TargetKeyId": {"Ref": "Key"}});
    retained(resource("AWS::KMS::Alias", properties))
}

fn of_boundary(boundary: &ManagedPolicySpec) -> Value {
    resource(
        "AWS::IAM::ManagedPolicy",
        json!({"ManagedPolicyName": boundary.policy.name, "Path": boundary.path,
            "PolicyDocument": value_of(&boundary.policy.document)}),
    )
}

/// Persons' roles name the portal's as their principal, which IAM looks up.
fn of_role(role: &RoleSpec) -> Value {
    let inline = role.permissions.iter().map(
        |inline| json!({"PolicyName": inline.name, "PolicyDocument": value_of(&inline.document)}),
    );
    let properties = object([
        ("RoleName", json!(role.name.as_str())),
        ("Path", json!(role.path)),
        ("Description", json!(role.description())),
        ("AssumeRolePolicyDocument", value_of(&role.trust.document)),
        ("MaxSessionDuration", json!(role.max_session_seconds)),
        ("PermissionsBoundary", json!({"Ref": role.boundary.name})),
        ("Policies", inline.collect()),
        ("Tags", tags(&role.tags)),
    ]);
    let resource = resource("AWS::IAM::Role", properties);
    let names_the_portal = role.trust.document.to_json().contains(&format!("/{PORTAL_ROLE}\""));
    after(resource, if names_the_portal { &[PORTAL_ROLE] } else { &[] })
}

fn of_trail(trail: &TrailSpec) -> Value {
    let equals = |field: &str, value: &str| json!({"Field": field, "Equals": [value]});
    let selectors = json!([
        {"Name": "Management events selector", "FieldSelectors": [equals("eventCategory", "Management")]},
        {"Name": SELECTOR, "FieldSelectors": [
            equals("eventCategory", "Data"),
            equals("resources.type", "AWS::S3::Object"),
            {"Field": "resources.ARN", "StartsWith": trail.objects},
        ]},
    ]);
    let properties = object([
        ("TrailName", json!(trail.name)),
        ("S3BucketName", json!({"Ref": "LogBucket"})),
        ("IsLogging", json!(true)),
        ("IsMultiRegionTrail", json!(true)),
        ("IncludeGlobalServiceEvents", json!(true)),
        ("EnableLogFileValidation", json!(true)),
        ("AdvancedEventSelectors", selectors),
        ("Tags", tags(&trail.tags)),
    ]);
    after(resource("AWS::CloudTrail::Trail", properties), &["LogBucketPolicy"])
}
