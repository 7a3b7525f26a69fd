//! A configuration, carried out: each resource as soon as what it waits for is there.

mod settings;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use wh_provision::{BucketSetting, Encryption, Estate, Logging, MemoryCloud, Step, TrailSpec};

use crate::Next;
use crate::reading::{Attributes, arn, bucket, pairs, perform, region, role, setting, texts};
use settings::{blocked, cors, lifecycle, lock};

struct Run<'a> {
    estate: &'a Estate,
    cloud: &'a MemoryCloud,
    files: &'a BTreeMap<String, String>,
    files_read: BTreeSet<String>,
    /// What stands behind an address.
    made: BTreeMap<String, String>,
    /// What AWS looks up.
    known: BTreeSet<String>,
    /// The last setting of each bucket: S3 refuses two at a time.
    last: BTreeMap<String, String>,
}

pub(crate) fn deploy(
    estate: &Estate,
    cloud: &MemoryCloud,
    (files, next): (&BTreeMap<String, String>, Next),
) {
    let main: Value = serde_json::from_str(&files["main.tf.json"]).expect("JSON");
    assert_eq!(main["provider"]["aws"]["allowed_account_ids"], json!([estate.account().as_str()]));
    assert_eq!(main["provider"]["aws"]["region"], estate.region().as_str());
    assert_eq!(main["variable"]["create_service_linked_roles"]["default"], false);
    let mut waiting = BTreeMap::new();
    for (kind, named) in main["resource"].as_object().expect("resources") {
        for (name, body) in named.as_object().expect("resources") {
            waiting.insert(format!("{kind}.{name}"), body.clone());
        }
    }
    let mut run = Run {
        estate,
        cloud,
        files,
        files_read: BTreeSet::new(),
        made: BTreeMap::new(),
        known: BTreeSet::new(),
        last: BTreeMap::new(),
    };
    while !waiting.is_empty() {
        let ready = next.of(waiting.iter().filter(|(_, body)| run.is_ready(body)));
        let address = ready.expect("a circle of resources").0.clone();
        let body = waiting.remove(&address).expect("it was there");
        run.make(&address, &body);
    }
    let policies: BTreeSet<String> =
        files.keys().filter(|path| path.starts_with("policies/")).cloned().collect();
    assert_eq!(run.files_read, policies, "every policy is used");
}

/// The addresses of other resources in a text.
fn addresses(text: &str) -> Option<String> {
    let expression = text.strip_prefix("${")?.strip_suffix('}')?;
    let mut parts = expression.split('.');
    let (kind, name) = (parts.next()?, parts.next()?);
    kind.starts_with("aws_").then(|| format!("{kind}.{name}"))
}

fn needs(body: &Value) -> Vec<String> {
    let others = body.get("depends_on");
    let mut needed: Vec<String> = others.map(texts).unwrap_or_default();
    let attributes = body.as_object().expect("attributes").values();
    needed.extend(attributes.filter_map(|value| addresses(value.as_str()?)));
    needed
}

/// A text as Terraform reads it, where it is no expression.
fn plain(text: &str) -> String {
    let read = text.replace("$${", "\u{1}").replace("%%{", "\u{2}");
    assert!(!read.contains("${") && !read.contains("%{"), "a template: {text}");
    read.replace('\u{1}', "${").replace('\u{2}', "%{")
}

fn plain_texts(value: &Value) -> Vec<String> {
    texts(value).iter().map(|text| plain(text)).collect()
}

fn tags(value: &Value) -> BTreeMap<String, String> {
    if value.is_null() { BTreeMap::new() } else { pairs(value) }
}

/// The one block of its kind.
fn block(value: &Value) -> Value {
    let blocks = value.as_array().expect("a list of blocks");
    assert_eq!(blocks.len(), 1, "{value}");
    blocks[0].clone()
}

impl Run<'_> {
    fn is_ready(&self, body: &Value) -> bool {
        needs(body).iter().all(|address| self.made.contains_key(address))
    }

    fn referred(&self, text: &str) -> String {
        self.made[&addresses(text).unwrap_or_else(|| panic!("no reference: {text}"))].clone()
    }

    fn policy(&mut self, text: &str) -> String {
        let path = text.strip_prefix("${file(\"${path.module}/");
        let path = path.and_then(|path| path.strip_suffix("\")}")).expect("a file");
        self.files_read.insert(path.to_owned());
        self.files[path].clone()
    }

    fn make(&mut self, address: &str, body: &Value) {
        let kind = address.split_once('.').expect("an address").0;
        let mut of = Attributes::of(address, body);
        let after = of.take("depends_on");
        let name = match kind {
            "aws_kms_key" => self.key(&mut of),
            "aws_kms_alias" => self.alias(&mut of),
            "aws_s3_bucket" => self.bucket(&mut of),
            "aws_iam_policy" => self.managed_policy(&mut of),
            "aws_iam_role" => self.role(&mut of),
            "aws_iam_role_policy" => self.role_policy(&mut of),
            "aws_iam_instance_profile" => self.profile(&mut of),
            "aws_iam_service_linked_role" => self.service_linked(&mut of),
            "aws_cloudtrail" => self.trail(&mut of),
            "aws_s3_account_public_access_block" => {
                blocked(&mut of);
                perform(self.cloud, &Step::BlockAccount);
                "account".to_owned()
            }
            other => self.bucket_setting(other, &mut of, &after),
        };
        of.done();
        self.made.insert(address.to_owned(), name);
    }

    fn key(&mut self, of: &mut Attributes) -> String {
        of.expect("enable_key_rotation", &json!(true));
        of.expect("deletion_window_in_days", &json!(30));
        of.expect("lifecycle", &json!({"prevent_destroy": true}));
        let policy = self.policy(&of.text("policy"));
        let description = plain(&of.text("description"));
        let tags = tags(&of.take("tags"));
        perform(self.cloud, &Step::CreateKey { alias: String::new(), description, policy, tags });
        "key".to_owned()
    }

    fn alias(&mut self, of: &mut Attributes) -> String {
        of.expect("target_key_id", &json!("${aws_kms_key.key.key_id}"));
        of.expect("lifecycle", &json!({"prevent_destroy": true}));
        let alias = of.text("name");
        let installation = self.estate.installation().to_owned();
        perform(self.cloud, &Step::AliasKey { alias: alias.clone(), installation });
        perform(self.cloud, &Step::RotateKey { alias: alias.clone() });
        self.known.insert(alias.clone());
        alias
    }

    fn bucket(&mut self, of: &mut Attributes) -> String {
        let name = of.text("bucket");
        let regional = if name.ends_with("-an") { json!("account-regional") } else { Value::Null };
        of.expect("bucket_namespace", &regional);
        of.expect("lifecycle", &json!({"prevent_destroy": true}));
        let locked = of.take("object_lock_enabled") == json!(true);
        let place = region(self.estate.region().as_str());
        perform(self.cloud, &Step::CreateBucket { bucket: bucket(&name), region: place, locked });
        let tagged = BucketSetting::Tagged(tags(&of.take("tags")));
        perform(self.cloud, &setting(&name, tagged));
        name
    }

    fn bucket_setting(&mut self, kind: &str, of: &mut Attributes, after: &Value) -> String {
        let name = self.referred(&of.text("bucket"));
        if let Some(last) = self.last.insert(name.clone(), kind.to_owned()) {
            let waited =
                texts(after).iter().any(|address| address.starts_with(&format!("{last}.")));
            assert!(waited, "{kind} of {name} does not wait for {last}");
        }
        let one = match kind {
            "aws_s3_bucket_public_access_block" => {
                blocked(of);
                BucketSetting::PublicAccessBlocked
            }
            "aws_s3_bucket_ownership_controls" => {
                of.expect("rule", &json!([{"object_ownership": "BucketOwnerEnforced"}]));
                BucketSetting::OwnerEnforced
            }
            "aws_s3_bucket_versioning" => {
                of.expect("versioning_configuration", &json!([{"status": "Enabled"}]));
                BucketSetting::Versioned
            }
            "aws_s3_bucket_server_side_encryption_configuration" => self.encryption(of),
            "aws_s3_bucket_lifecycle_configuration" => lifecycle(of),
            "aws_s3_bucket_logging" => self.logging(of),
            "aws_s3_bucket_notification" => {
                of.expect("eventbridge", &json!(true));
                BucketSetting::Events
            }
            "aws_s3_bucket_object_lock_configuration" => lock(of),
            "aws_s3_bucket_cors_configuration" => cors(of),
            "aws_s3_bucket_policy" => {
                self.known.insert(name.clone());
                BucketSetting::Policy(self.policy(&of.text("policy")))
            }
            other => panic!("an unknown kind of resource: {other}"),
        };
        perform(self.cloud, &setting(&name, one));
        name
    }

    fn encryption(&self, of: &mut Attributes) -> BucketSetting {
        let mut rule = Attributes::of("encryption", &block(&of.take("rule")));
        let by = block(&rule.take("apply_server_side_encryption_by_default"));
        let mut by = Attributes::of("by default", &by);
        let key = match by.text("sse_algorithm").as_str() {
            "aws:kms" => {
                rule.expect("bucket_key_enabled", &json!(true));
                let key = by.text("kms_master_key_id");
                let alias = key.split_once(":alias/").expect("an alias").1;
                assert!(self.known.contains(&format!("alias/{alias}")), "{key} is not there yet");
                Some(key)
            }
            "AES256" => None,
            other => panic!("{other}"),
        };
        let refuses_sse_c = rule.take("blocked_encryption_types") == json!(["SSE-C"]);
        by.done();
        rule.done();
        BucketSetting::Encrypted(Encryption { key, refuses_sse_c })
    }

    fn logging(&self, of: &mut Attributes) -> BucketSetting {
        let by_event = json!([{"partitioned_prefix": [{"partition_date_source": "EventTime"}]}]);
        of.expect("target_object_key_format", &by_event);
        let name = of.text("target_bucket");
        assert!(self.known.contains(&name), "{name} does not take logs yet");
        BucketSetting::Logged(Logging { bucket: bucket(&name), prefix: of.text("target_prefix") })
    }

    fn managed_policy(&mut self, of: &mut Attributes) -> String {
        let (name, path) = (of.text("name"), of.text("path"));
        let document = self.policy(&of.text("policy"));
        let (partition, account) = (self.estate.partition(), self.estate.account());
        let arn = format!("arn:{partition}:iam::{account}:policy{path}{name}");
        let tags = tags(&of.take("tags"));
        perform(self.cloud, &Step::CreatePolicy { name, path, document, tags });
        arn
    }

    fn role(&mut self, of: &mut Attributes) -> String {
        let (name, path) = (of.text("name"), of.text("path"));
        let trust = self.policy(&of.text("assume_role_policy"));
        let parsed: Value = serde_json::from_str(&trust).expect("JSON");
        for statement in parsed["Statement"].as_array().expect("statements") {
            if let Some(principal) = statement["Principal"]["AWS"].as_str() {
                assert!(self.known.contains(principal), "{name}: no principal {principal} yet");
            }
        }
        let boundary = of
            .has("permissions_boundary")
            .then(|| arn(&self.referred(&of.text("permissions_boundary"))));
        let (partition, account) = (self.estate.partition(), self.estate.account());
        self.known.insert(format!("arn:{partition}:iam::{account}:role{path}{name}"));
        let step = Step::CreateRole {
            role: role(&name),
            path,
            description: plain(&of.text("description")),
            trust,
            max_session_seconds: of.number("max_session_duration"),
            boundary,
            tags: tags(&of.take("tags")),
        };
        perform(self.cloud, &step);
        name
    }

    fn role_policy(&mut self, of: &mut Attributes) -> String {
        let (policy, of_role) = (of.text("name"), self.referred(&of.text("role")));
        let document = self.policy(&of.text("policy"));
        let step = Step::PutRolePolicy { role: role(&of_role), policy: policy.clone(), document };
        perform(self.cloud, &step);
        policy
    }

    fn profile(&mut self, of: &mut Attributes) -> String {
        let (name, path) = (of.text("name"), of.text("path"));
        let within = role(&self.referred(&of.text("role")));
        let tags = tags(&of.take("tags"));
        perform(self.cloud, &Step::CreateInstanceProfile { profile: role(&name), path, tags });
        let step = Step::AddRoleToInstanceProfile { profile: role(&name), role: within };
        perform(self.cloud, &step);
        name
    }

    fn service_linked(&mut self, of: &mut Attributes) -> String {
        of.expect("count", &json!("${var.create_service_linked_roles ? 1 : 0}"));
        let service = of.text("aws_service_name");
        let path = format!("/aws-service-role/{service}/");
        perform(self.cloud, &Step::CreateServiceLinkedRole { service: service.clone(), path });
        service
    }

    fn trail(&mut self, of: &mut Attributes) -> String {
        for switch in [
            "enable_logging",
            "is_multi_region_trail",
            "include_global_service_events",
            "enable_log_file_validation",
        ] {
            of.expect(switch, &json!(true));
        }
        let logs = self.referred(&of.text("s3_bucket_name"));
        assert!(self.known.contains(&logs), "{logs} does not take trails yet");
        let selectors = of.take("advanced_event_selector");
        let fields = |number: usize| selectors[number]["field_selector"].clone();
        assert_eq!(fields(0), json!([{"field": "eventCategory", "equals": ["Management"]}]));
        let of_data = fields(1);
        assert_eq!(of_data[0], json!({"field": "eventCategory", "equals": ["Data"]}));
        assert_eq!(of_data[1], json!({"field": "resources.type", "equals": ["AWS::S3::Object"]}));
        assert_eq!(of_data[2]["field"], "resources.ARN");
        let name = of.text("name");
        let spec = TrailSpec {
            arn: self.estate.trail().expect("a trail").arn.clone(),
            bucket: bucket(&logs),
            objects: texts(&of_data[2]["starts_with"]).into_iter().collect(),
            tags: tags(&of.take("tags")),
            name: name.clone(),
        };
        perform(self.cloud, &Step::CreateTrail(spec.clone()));
        perform(self.cloud, &Step::SelectEvents(spec.clone()));
        perform(self.cloud, &Step::StartTrail(spec));
        name
    }
}
