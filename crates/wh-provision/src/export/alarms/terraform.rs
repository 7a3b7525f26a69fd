//! The alarms as a configuration for Terraform, beside a folder of patterns.

use serde_json::{Map, Value, json};

use super::super::{ExportedFile, json_file};
use super::{
    DENIED_MAX, DENIED_SECONDS, PERSON, PROVISIONERS, Ring, SILENT_HOURS, counted, first_region,
    log_group, most_refused, namespace, rings, words,
};
use crate::estate::Estate;
use crate::key::DELETION_DAYS;

/// The first release of the provider whose resources may stand in another region than its own.
const PROVIDER: &str = ">= 6.37.0";
/// For how many days refusals are kept.
const LOG_DAYS: u32 = 365;

/// The places where alarms stand, by what their resources' names end in.
fn places(estate: &Estate) -> Vec<(&'static str, String)> {
    let (home, first) = (estate.region().to_string(), first_region(estate).to_owned());
    if home == first { vec![("", home)] } else { vec![("", home), ("_first", first)] }
}

pub(super) fn configuration(estate: &Estate) -> Vec<ExportedFile> {
    let mut resources = Resources::default();
    let mut files = Vec::new();
    for (ending, region) in places(estate) {
        resources.topic(estate, (ending, &region));
        for ring in rings(estate).iter().filter(|ring| ending.is_empty() || ring.everywhere) {
            resources.ring(estate, (ending, &region), ring);
        }
    }
    for ring in rings(estate) {
        files.push(json_file(&format!("patterns/{}.json", ring.id), &ring.pattern));
    }
    resources.denied(estate);
    resources.silence(estate);
    files.push(json_file("patterns/Denied.json", &counted(estate).denied));
    files.push(json_file("patterns/Heard.json", &counted(estate).heard));
    let main = json_file("main.tf.json", &around(estate, &resources));
    [main].into_iter().chain(files).collect()
}

fn around(estate: &Estate, resources: &Resources) -> Value {
    json!({
        "terraform": {
            "required_version": ">= 1.5.0",
            "required_providers": {"aws": {"source": "hashicorp/aws", "version": PROVIDER}}},
        "provider": {"aws": {
            "region": estate.region().as_str(),
            "allowed_account_ids": [estate.account().as_str()]}},
        "variable": {
            "provisioners": {"type": "list(string)",
                "description": "The ARNs of the roles that may change the estate, as IAM shows them. \
                    Whoever else changes a bucket or the trail rings."},
            "email": {"type": "string", "default": "",
                "description": "Who is told. Empty: nobody yet; subscribe to the topics."},
            "denied_per_person": {"type": "number", "default": DENIED_MAX,
                "description": "How many refusals of one person within five minutes ring."},
            "silent_hours": {"type": "number", "default": SILENT_HOURS,
                "description": "After how many hours without a read or write of any file it rings."},
        },
        "resource": resources.0,
    })
}

/// The resources by type and name.
#[derive(Default)]
struct Resources(Map<String, Value>);

type Place<'p> = (&'p str, &'p str);

impl Resources {
    fn add(&mut self, kind: &str, name: &str, body: Value) {
        let of_kind = self.0.entry(kind).or_insert_with(|| json!({}));
        if let Some(of_kind) = of_kind.as_object_mut() {
            of_kind.insert(name.to_owned(), body);
        }
    }

    fn topic(&mut self, estate: &Estate, (ending, region): Place<'_>) {
        let (partition, account) = (estate.partition(), estate.account());
        let name = format!("alarms{ending}");
        let from_here = json!({"StringEquals": {"aws:SourceAccount": account.as_str()}});
        let senders = json!(["cloudwatch.amazonaws.com", "events.amazonaws.com"]);
        let logs = json!({"ArnLike": {"kms:EncryptionContext:aws:logs:arn":
            format!("arn:{partition}:logs:{region}:{account}:log-group:*")}});
        let policy = json!({"Version": "2012-10-17", "Statement": [
            {"Sid": "AccountDecidesByItsRoles", "Effect": "Allow", "Action": "kms:*",
             "Resource": "*", "Principal": {"AWS": format!("arn:{partition}:iam::{account}:root")}},
            {"Sid": "RingsAreSealed", "Effect": "Allow", "Principal": {"Service": senders},
             "Action": ["kms:Decrypt", "kms:GenerateDataKey*"], "Resource": "*",
             "Condition": from_here},
            {"Sid": "RefusalsAreSealed", "Effect": "Allow",
             "Principal": {"Service": format!("logs.{region}.amazonaws.com")},
             "Action": ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*",
                "kms:ReEncrypt*"],
             "Resource": "*", "Condition": logs}]});
        let key = json!({"region": region, "enable_key_rotation": true,
            "description": format!("Wellhouse: alarms on {}", estate.installation()),
            "deletion_window_in_days": DELETION_DAYS, "policy": policy.to_string()});
        self.add("aws_kms_key", &name, key);
        let topic = json!({"region": region,
            "name": format!("wellhouse-{}-alarms", estate.installation()),
            "kms_master_key_id": format!("${{aws_kms_key.{name}.arn}}")});
        self.add("aws_sns_topic", &name, topic);
        let arn = format!(
            "arn:{partition}:sns:{region}:{account}:wellhouse-{}-alarms",
            estate.installation()
        );
        let policy = json!({"Version": "2012-10-17", "Statement": [
            {"Sid": "AlarmsRing", "Effect": "Allow", "Principal": {"Service": senders},
             "Action": "sns:Publish", "Resource": arn, "Condition": from_here}]});
        let policy = json!({"region": region, "arn": format!("${{aws_sns_topic.{name}.arn}}"),
            "policy": policy.to_string()});
        self.add("aws_sns_topic_policy", &name, policy);
        let told = json!({"region": region, "count": "${var.email == \"\" ? 0 : 1}",
            "topic_arn": format!("${{aws_sns_topic.{name}.arn}}"), "protocol": "email",
            "endpoint": "${var.email}"});
        self.add("aws_sns_topic_subscription", &name, told);
    }

    fn rule(&mut self, (ending, region): Place<'_>, (id, means): (&str, &str)) -> String {
        let name = format!("{id}{ending}");
        let pattern = format!(
            "${{replace(file(\"${{path.module}}/patterns/{id}.json\"), \"\\\"{PROVISIONERS}\\\"\", \
             jsonencode(var.provisioners))}}"
        );
        let rule = json!({"region": region, "name_prefix": format!("wellhouse-{id}-"),
            "description": means, "event_pattern": pattern});
        self.add("aws_cloudwatch_event_rule", &name, rule);
        name
    }

    fn ring(&mut self, estate: &Estate, place: Place<'_>, ring: &Ring) {
        let name = self.rule(place, (&ring.id, ring.means));
        let (ending, region) = place;
        let (paths, line) = words(estate, ring.means);
        let target = json!({"region": region,
            "rule": format!("${{aws_cloudwatch_event_rule.{name}.name}}"),
            "arn": format!("${{aws_sns_topic.alarms{ending}.arn}}"),
            "input_transformer": {"input_paths": paths, "input_template": line}});
        self.add("aws_cloudwatch_event_target", &name, target);
    }

    /// Refusals go to a log of their own and are counted by person; only they are paid for.
    fn denied(&mut self, estate: &Estate) {
        let (region, group) = (estate.region().as_str(), log_group(estate));
        let log = json!({"region": region, "name": group, "retention_in_days": LOG_DAYS,
            "kms_key_id": "${aws_kms_key.alarms.arn}"});
        self.add("aws_cloudwatch_log_group", "denied", log);
        let services = json!(["delivery.logs.amazonaws.com", "events.amazonaws.com"]);
        let policy = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"Service": services},
             "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
             "Resource": format!("arn:{}:logs:{region}:{}:log-group:{group}:*",
                estate.partition(), estate.account())}]});
        let policy = json!({"region": region, "policy_document": policy.to_string(),
            "policy_name": format!("wellhouse-{}-denied", estate.installation())});
        self.add("aws_cloudwatch_log_resource_policy", "denied", policy);
        let name = self.rule(("", region), ("Denied", "Persons who were refused"));
        let target = json!({"region": region,
            "rule": format!("${{aws_cloudwatch_event_rule.{name}.name}}"),
            "arn": "${aws_cloudwatch_log_group.denied.arn}"});
        self.add("aws_cloudwatch_event_target", &name, target);
        let count = json!({"region": region, "name": "denied",
            "log_group_name": "${aws_cloudwatch_log_group.denied.name}",
            "pattern": format!("{{ {PERSON} = \"*\" }}"),
            "metric_transformation": {"name": "Denied", "namespace": namespace(estate),
                "value": "1", "dimensions": {"uid": PERSON}}});
        self.add("aws_cloudwatch_log_metric_filter", "denied", count);
        let alarm = json!({"region": region,
            "alarm_name": format!("wellhouse-{}-many-denied", estate.installation()),
            "alarm_description": "one person was refused more often than anybody mistypes",
            "metric_query": {"id": "denied", "expression": most_refused(estate),
                "period": DENIED_SECONDS, "return_data": true},
            "comparison_operator": "GreaterThanOrEqualToThreshold",
            "threshold": "${var.denied_per_person}", "evaluation_periods": 1,
            "treat_missing_data": "notBreaching",
            "alarm_actions": ["${aws_sns_topic.alarms.arn}"]});
        self.add("aws_cloudwatch_metric_alarm", "many_denied", alarm);
    }

    /// `EventBridge` counts what a rule matches, and tells nothing where that is nothing.
    fn silence(&mut self, estate: &Estate) {
        let region = estate.region().as_str();
        let means = "Every read and write of a file: only counted";
        let name = self.rule(("", region), ("Heard", means));
        let alarm = json!({"region": region,
            "alarm_name": format!("wellhouse-{}-silence", estate.installation()),
            "alarm_description": "the trail has told of no read and no write of a file",
            "namespace": "AWS/Events", "metric_name": "MatchedEvents", "statistic": "Sum",
            "dimensions": {"RuleName": format!("${{aws_cloudwatch_event_rule.{name}.name}}")},
            "period": 3600, "evaluation_periods": "${var.silent_hours}", "threshold": 1,
            "comparison_operator": "LessThanThreshold", "treat_missing_data": "breaching",
            "alarm_actions": ["${aws_sns_topic.alarms.arn}"]});
        self.add("aws_cloudwatch_metric_alarm", "silence", alarm);
    }
}
