//! The alarms as a template of AWS CloudFormation.

use serde_json::{Map, Value, json};

use super::super::{ExportedFile, json_file};
use super::{
    DENIED_MAX, DENIED_SECONDS, PERSON, PROVISIONERS, Ring, SILENT_HOURS, counted, first_region,
    log_group, most_refused, namespace, rings, words,
};
use crate::estate::Estate;
use crate::key::DELETION_DAYS;

/// Holds where the stack stands in the estate's own region.
const AT_HOME: &str = "AtHome";
/// For how many days refusals are kept: the least that Control Tower's rules take.
const LOG_DAYS: u32 = 365;

pub(super) fn template(estate: &Estate) -> ExportedFile {
    let mut resources = Map::new();
    topic(&mut resources, estate);
    for ring in rings(estate) {
        resources.insert(ring.id.clone(), of_ring(estate, &ring));
    }
    denied(&mut resources, estate);
    silence(&mut resources, estate);
    json_file("alarms.json", &around(estate, resources))
}

fn around(estate: &Estate, resources: Map<String, Value>) -> Value {
    let (home, first) = (estate.region().as_str(), first_region(estate));
    let places = if home == first {
        format!("Deploy it in {home}")
    } else {
        format!("Deploy it in {home}, and once more in {first}, where AWS tells of sign-ins")
    };
    json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": format!("Wellhouse: alarms on the estate {}. {places}.", estate.installation()),
        "Parameters": {
            "Provisioners": {"Type": "CommaDelimitedList",
                "Description": "The ARNs of the roles that may change the estate, as IAM shows them. \
                    Whoever else changes a bucket or the trail rings."},
            "Email": {"Type": "String", "Default": "",
                "Description": "Who is told. Empty: nobody yet; subscribe to the topic."},
            "DeniedPerPerson": {"Type": "Number", "Default": DENIED_MAX, "MinValue": 1,
                "Description": "How many refusals of one person within five minutes ring."},
            "SilentHours": {"Type": "Number", "Default": SILENT_HOURS, "MinValue": 1, "MaxValue": 168,
                "Description": "After how many hours without a read or write of any file it rings."},
        },
        "Conditions": {
            AT_HOME: {"Fn::Equals": [{"Ref": "AWS::Region"}, home]},
            "Told": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Email"}, ""]}]},
        },
        "Resources": resources,
        "Outputs": {"Topic": {"Description": "Where rings are told.", "Value": {"Ref": "Topic"}}},
    })
}

fn resource(kind: &str, properties: Value) -> Value {
    json!({"Type": kind, "Properties": properties})
}

fn only_if(condition: &str, mut resource: Value) -> Value {
    if let Some(resource) = resource.as_object_mut() {
        resource.insert("Condition".to_owned(), json!(condition));
    }
    resource
}

/// The roles that may change the estate are a parameter of the stack.
fn with_parameter(pattern: Value) -> Value {
    match pattern {
        Value::String(text) if text == PROVISIONERS => json!({"Ref": "Provisioners"}),
        Value::Array(list) => list.into_iter().map(with_parameter).collect(),
        Value::Object(pairs) => {
            Value::Object(pairs.into_iter().map(|(key, of)| (key, with_parameter(of))).collect())
        }
        plain @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => plain,
    }
}

fn topic(resources: &mut Map<String, Value>, estate: &Estate) {
    let partition = estate.partition();
    let from_here = json!({"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}});
    let logs = json!({"ArnLike": {"kms:EncryptionContext:aws:logs:arn": {"Fn::Sub":
        format!("arn:{partition}:logs:${{AWS::Region}}:${{AWS::AccountId}}:log-group:*")}}});
    let senders = json!(["cloudwatch.amazonaws.com", "events.amazonaws.com"]);
    let uses = json!(["kms:Decrypt", "kms:GenerateDataKey*"]);
    let key = json!({"Version": "2012-10-17", "Statement": [
        {"Sid": "AccountDecidesByItsRoles", "Effect": "Allow", "Action": "kms:*", "Resource": "*",
         "Principal": {"AWS": {"Fn::Sub": format!("arn:{partition}:iam::${{AWS::AccountId}}:root")}}},
        {"Sid": "RingsAreSealed", "Effect": "Allow", "Principal": {"Service": senders},
         "Action": uses, "Resource": "*", "Condition": from_here},
        {"Sid": "RefusalsAreSealed", "Effect": "Allow",
         "Principal": {"Service": {"Fn::Sub": "logs.${AWS::Region}.amazonaws.com"}},
         "Action": ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*",
            "kms:ReEncrypt*"],
         "Resource": "*", "Condition": logs}]});
    let made = json!({"Description": format!("Wellhouse: alarms on {}", estate.installation()),
        "EnableKeyRotation": true, "KeyPolicy": key, "PendingWindowInDays": DELETION_DAYS});
    let mut key = resource("AWS::KMS::Key", made);
    if let Some(key) = key.as_object_mut() {
        key.insert("DeletionPolicy".to_owned(), json!("Delete"));
        key.insert("UpdateReplacePolicy".to_owned(), json!("Retain"));
    }
    resources.insert("AlarmKey".to_owned(), key);
    let topic = json!({"KmsMasterKeyId": {"Fn::GetAtt": ["AlarmKey", "Arn"]}});
    resources.insert("Topic".to_owned(), resource("AWS::SNS::Topic", topic));
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Sid": "AlarmsRing", "Effect": "Allow", "Principal": {"Service": senders},
         "Action": "sns:Publish", "Resource": {"Ref": "Topic"}, "Condition": from_here}]});
    let policy = json!({"Topics": [{"Ref": "Topic"}], "PolicyDocument": policy});
    resources.insert("TopicPolicy".to_owned(), resource("AWS::SNS::TopicPolicy", policy));
    let told = json!({"TopicArn": {"Ref": "Topic"}, "Protocol": "email",
        "Endpoint": {"Ref": "Email"}});
    let told = only_if("Told", resource("AWS::SNS::Subscription", told));
    resources.insert("Subscription".to_owned(), told);
}

fn of_ring(estate: &Estate, ring: &Ring) -> Value {
    let (paths, line) = words(estate, ring.means);
    let rule = resource(
        "AWS::Events::Rule",
        json!({"Description": ring.means, "State": "ENABLED",
            "EventPattern": with_parameter(ring.pattern.clone()),
            "Targets": [{"Id": "topic", "Arn": {"Ref": "Topic"},
                "InputTransformer": {"InputPathsMap": paths, "InputTemplate": line}}]}),
    );
    if ring.everywhere { rule } else { only_if(AT_HOME, rule) }
}

/// Refusals go to a log of their own and are counted by person; only they are paid for.
fn denied(resources: &mut Map<String, Value>, estate: &Estate) {
    let mut add = |id: &str, kind: &str, properties: Value| {
        resources.insert(id.to_owned(), only_if(AT_HOME, resource(kind, properties)));
    };
    let log = json!({"LogGroupName": log_group(estate), "RetentionInDays": LOG_DAYS,
        "KmsKeyId": {"Fn::GetAtt": ["AlarmKey", "Arn"]}});
    add("DeniedLog", "AWS::Logs::LogGroup", log);
    let services = json!(["delivery.logs.amazonaws.com", "events.amazonaws.com"]);
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": services},
         "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
         "Resource": format!("arn:{}:logs:{}:{}:log-group:{}:*", estate.partition(),
            estate.region(), estate.account(), log_group(estate))}]});
    let policy = json!({"PolicyName": format!("wellhouse-{}-denied", estate.installation()),
        "PolicyDocument": policy.to_string()});
    add("DeniedLogPolicy", "AWS::Logs::ResourcePolicy", policy);
    let log = json!({"Fn::Sub": format!(
        "arn:{}:logs:${{AWS::Region}}:${{AWS::AccountId}}:log-group:${{DeniedLog}}",
        estate.partition())});
    let rule = json!({"Description": "Persons who were refused", "State": "ENABLED",
        "EventPattern": counted(estate).denied, "Targets": [{"Id": "log", "Arn": log}]});
    add("Denied", "AWS::Events::Rule", rule);
    let count = json!({"LogGroupName": {"Ref": "DeniedLog"},
        "FilterPattern": format!("{{ {PERSON} = \"*\" }}"),
        "MetricTransformations": [{"MetricName": "Denied", "MetricNamespace": namespace(estate),
            "MetricValue": "1", "Dimensions": [{"Key": "uid", "Value": PERSON}]}]});
    add("DeniedCount", "AWS::Logs::MetricFilter", count);
    let alarm = json!({
        "AlarmDescription": "one person was refused more often than anybody mistypes",
        "Metrics": [{"Id": "denied", "Expression": most_refused(estate), "Period": DENIED_SECONDS,
            "ReturnData": true}],
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "Threshold": {"Ref": "DeniedPerPerson"}, "EvaluationPeriods": 1,
        "TreatMissingData": "notBreaching", "AlarmActions": [{"Ref": "Topic"}]});
    add("ManyDenied", "AWS::CloudWatch::Alarm", alarm);
}

/// `EventBridge` counts what a rule matches, and tells nothing where that is nothing.
fn silence(resources: &mut Map<String, Value>, estate: &Estate) {
    let rule = json!({"Description": "Every read and write of a file: only counted",
        "State": "ENABLED", "EventPattern": counted(estate).heard});
    let rule = only_if(AT_HOME, resource("AWS::Events::Rule", rule));
    resources.insert("Heard".to_owned(), rule);
    let alarm = json!({
        "AlarmDescription": "the trail has told of no read and no write of a file",
        "Namespace": "AWS/Events", "MetricName": "MatchedEvents", "Statistic": "Sum",
        "Dimensions": [{"Name": "RuleName", "Value": {"Ref": "Heard"}}], "Period": 3600,
        "EvaluationPeriods": {"Ref": "SilentHours"}, "Threshold": 1,
        "ComparisonOperator": "LessThanThreshold", "TreatMissingData": "breaching",
        "AlarmActions": [{"Ref": "Topic"}]});
    let alarm = only_if(AT_HOME, resource("AWS::CloudWatch::Alarm", alarm));
    resources.insert("Silence".to_owned(), alarm);
}
