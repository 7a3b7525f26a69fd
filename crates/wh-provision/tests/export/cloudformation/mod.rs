//! A template, carried out: each resource as soon as what it waits for is there.

mod settings;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use wh_provision::{BucketSetting, Encryption, Estate, Logging, MemoryCloud, Step, TrailSpec};

use crate::Next;
use crate::reading::{Attributes, arn, bucket, perform, region, role, setting, texts};
use settings::{cors, lifecycle, lock};

struct Stack<'a> {
    estate: &'a Estate,
    cloud: &'a MemoryCloud,
    /// What a `Ref` stands for.
    made: BTreeMap<String, String>,
    /// What is there by name, for what AWS looks up.
    arns: BTreeSet<String>,
    policies_of: BTreeSet<String>,
    aliases: BTreeSet<String>,
}

pub(crate) fn deploy(
    estate: &Estate,
    cloud: &MemoryCloud,
    (files, next): (&BTreeMap<String, String>, Next),
) {
    assert_eq!(files.keys().collect::<Vec<_>>(), ["template.json"]);
    let template: Value = serde_json::from_str(&files["template.json"]).expect("JSON");
    let resources = template["Resources"].as_object().expect("resources");
    let mut waiting: Map<String, Value> = resources
        .iter()
        .filter(|(_, resource)| wanted(&template, resource))
        .map(|(id, resource)| (id.clone(), resource.clone()))
        .collect();
    let mut stack = Stack {
        estate,
        cloud,
        made: BTreeMap::new(),
        arns: BTreeSet::new(),
        policies_of: BTreeSet::new(),
        aliases: BTreeSet::new(),
    };
    while !waiting.is_empty() {
        let ready = next.of(waiting.iter().filter(|(_, resource)| stack.is_ready(resource)));
        let id = ready.expect("a circle of resources").0.clone();
        let resource = waiting.remove(&id).expect("it was there");
        stack.make(&id, &resource);
    }
}

/// The condition is met: everything is asked for.
fn wanted(template: &Value, resource: &Value) -> bool {
    if let Some(name) = resource["Condition"].as_str() {
        let on = json!({"Fn::Equals": [{"Ref": name}, "true"]});
        assert_eq!(template["Conditions"][name], on);
        assert_eq!(template["Parameters"][name]["Default"], "false");
    }
    true
}

fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(pairs) => {
            for (key, value) in pairs {
                if key == "Ref" {
                    found.push(value.as_str().expect("a name").to_owned());
                }
                references(value, found);
            }
        }
        Value::Array(list) => list.iter().for_each(|value| references(value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn tags(value: &Value) -> BTreeMap<String, String> {
    let Value::Array(list) = value else { return BTreeMap::new() };
    let text = |tag: &Value, name: &str| tag[name].as_str().expect("text").to_owned();
    list.iter().map(|tag| (text(tag, "Key"), text(tag, "Value"))).collect()
}

impl Stack<'_> {
    fn is_ready(&self, resource: &Value) -> bool {
        let mut needed = Vec::new();
        references(&resource["Properties"], &mut needed);
        if let Value::Array(others) = &resource["DependsOn"] {
            needed.extend(others.iter().map(|id| id.as_str().expect("an id").to_owned()));
        }
        needed.iter().all(|id| self.made.contains_key(id))
    }

    fn referred(&self, value: &Value) -> String {
        self.made[value["Ref"].as_str().expect("a reference")].clone()
    }

    fn make(&mut self, id: &str, resource: &Value) {
        let mut whole = Attributes::of(id, resource);
        let kind = whole.text("Type");
        let kept = matches!(
            kind.as_str(),
            "AWS::S3::Bucket" | "AWS::KMS::Key" | "AWS::S3::BucketPolicy" | "AWS::KMS::Alias"
        );
        let retain = if kept { json!("Retain") } else { Value::Null };
        whole.expect("DeletionPolicy", &retain);
        whole.expect("UpdateReplacePolicy", &retain);
        let mut properties = Attributes::of(id, &whole.take("Properties"));
        let (_, _) = (whole.take("DependsOn"), whole.take("Condition"));
        whole.done();
        let name = match kind.as_str() {
            "AWS::KMS::Key" => self.key(&mut properties),
            "AWS::KMS::Alias" => self.alias(&mut properties),
            "AWS::S3::Bucket" => self.bucket(&mut properties),
            "AWS::S3::BucketPolicy" => self.bucket_policy(&mut properties),
            "AWS::IAM::ManagedPolicy" => self.managed_policy(&mut properties),
            "AWS::IAM::Role" => self.role(&mut properties),
            "AWS::IAM::InstanceProfile" => self.profile(&mut properties),
            "AWS::IAM::ServiceLinkedRole" => self.service_linked(&mut properties),
            "AWS::CloudTrail::Trail" => self.trail(&mut properties),
            other => panic!("an unknown kind of resource: {other}"),
        };
        properties.done();
        self.made.insert(id.to_owned(), name);
    }

    fn key(&mut self, of: &mut Attributes) -> String {
        of.expect("Enabled", &json!(true));
        of.expect("EnableKeyRotation", &json!(true));
        of.expect("PendingWindowInDays", &json!(30));
        let step = Step::CreateKey {
            alias: String::new(),
            description: of.text("Description"),
            policy: of.take("KeyPolicy").to_string(),
            tags: tags(&of.take("Tags")),
        };
        perform(self.cloud, &step);
        "key".to_owned()
    }

    fn alias(&mut self, of: &mut Attributes) -> String {
        assert_eq!(self.referred(&of.take("TargetKeyId")), "key");
        let alias = of.text("AliasName");
        let installation = self.estate.installation().to_owned();
        perform(self.cloud, &Step::AliasKey { alias: alias.clone(), installation });
        perform(self.cloud, &Step::RotateKey { alias: alias.clone() });
        self.aliases.insert(alias.clone());
        alias
    }

    fn bucket(&mut self, of: &mut Attributes) -> String {
        let name = of.text("BucketName");
        let regional = if name.ends_with("-an") { json!("account-regional") } else { Value::Null };
        of.expect("BucketNamespace", &regional);
        let locked = of.take("ObjectLockEnabled") == json!(true);
        let place = region(self.estate.region().as_str());
        perform(self.cloud, &Step::CreateBucket { bucket: bucket(&name), region: place, locked });
        let block = json!({"BlockPublicAcls": true, "BlockPublicPolicy": true,
            "IgnorePublicAcls": true, "RestrictPublicBuckets": true});
        of.expect("PublicAccessBlockConfiguration", &block);
        let enforced = json!({"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]});
        of.expect("OwnershipControls", &enforced);
        of.expect("VersioningConfiguration", &json!({"Status": "Enabled"}));
        let mut settings = vec![
            BucketSetting::PublicAccessBlocked,
            BucketSetting::OwnerEnforced,
            BucketSetting::Versioned,
            BucketSetting::Tagged(tags(&of.take("Tags"))),
            self.encryption(&of.take("BucketEncryption")),
            lifecycle(&of.take("LifecycleConfiguration")),
        ];
        if of.has("LoggingConfiguration") {
            settings.push(self.logging(&of.take("LoggingConfiguration")));
        }
        if of.has("NotificationConfiguration") {
            let told = json!({"EventBridgeConfiguration": {"EventBridgeEnabled": true}});
            of.expect("NotificationConfiguration", &told);
            settings.push(BucketSetting::Events);
        }
        if of.has("ObjectLockConfiguration") {
            assert!(locked, "{name}");
            settings.push(lock(&of.take("ObjectLockConfiguration")));
        }
        if of.has("CorsConfiguration") {
            settings.push(cors(&of.take("CorsConfiguration")));
        }
        for one in settings {
            perform(self.cloud, &setting(&name, one));
        }
        name
    }

    fn encryption(&self, value: &Value) -> BucketSetting {
        let rules = value["ServerSideEncryptionConfiguration"].as_array().expect("rules");
        assert_eq!(rules.len(), 1);
        let mut rule = Attributes::of("encryption", &rules[0]);
        let mut by = Attributes::of("by default", &rule.take("ServerSideEncryptionByDefault"));
        let key = match by.text("SSEAlgorithm").as_str() {
            "aws:kms" => {
                rule.expect("BucketKeyEnabled", &json!(true));
                let key = by.text("KMSMasterKeyID");
                let alias = key.split_once(":alias/").expect("an alias").1;
                assert!(self.aliases.contains(&format!("alias/{alias}")), "{key} is not there yet");
                Some(key)
            }
            "AES256" => None,
            other => panic!("{other}"),
        };
        let blocked = rule.take("BlockedEncryptionTypes");
        let refuses_sse_c = blocked == json!({"EncryptionType": ["SSE-C"]});
        by.done();
        rule.done();
        BucketSetting::Encrypted(Encryption { key, refuses_sse_c })
    }

    fn logging(&self, value: &Value) -> BucketSetting {
        let mut to = Attributes::of("logging", value);
        let by_event = json!({"PartitionedPrefix": {"PartitionDateSource": "EventTime"}});
        to.expect("TargetObjectKeyFormat", &by_event);
        let name = to.text("DestinationBucketName");
        assert!(self.policies_of.contains(&name), "{name} does not take logs yet");
        let logging = Logging { bucket: bucket(&name), prefix: to.text("LogFilePrefix") };
        to.done();
        BucketSetting::Logged(logging)
    }

    fn bucket_policy(&mut self, of: &mut Attributes) -> String {
        let name = self.referred(&of.take("Bucket"));
        let text = of.take("PolicyDocument").to_string();
        perform(self.cloud, &setting(&name, BucketSetting::Policy(text)));
        self.policies_of.insert(name.clone());
        name
    }

    fn managed_policy(&mut self, of: &mut Attributes) -> String {
        let (name, path) = (of.text("ManagedPolicyName"), of.text("Path"));
        let document = of.take("PolicyDocument").to_string();
        let (partition, account) = (self.estate.partition(), self.estate.account());
        let arn = format!("arn:{partition}:iam::{account}:policy{path}{name}");
        perform(self.cloud, &Step::CreatePolicy { name, path, document, tags: BTreeMap::new() });
        arn
    }

    fn role(&mut self, of: &mut Attributes) -> String {
        let (name, path) = (of.text("RoleName"), of.text("Path"));
        let trust = of.take("AssumeRolePolicyDocument");
        let (partition, account) = (self.estate.partition(), self.estate.account());
        for statement in trust["Statement"].as_array().expect("statements") {
            if let Some(principal) = statement["Principal"]["AWS"].as_str() {
                assert!(self.arns.contains(principal), "{name}: no principal {principal} yet");
            }
        }
        let bounded = of.has("PermissionsBoundary");
        let boundary = bounded.then(|| arn(&self.referred(&of.take("PermissionsBoundary"))));
        self.arns.insert(format!("arn:{partition}:iam::{account}:role{path}{name}"));
        let step = Step::CreateRole {
            role: role(&name),
            path,
            description: of.text("Description"),
            trust: trust.to_string(),
            max_session_seconds: of.number("MaxSessionDuration"),
            boundary,
            tags: tags(&of.take("Tags")),
        };
        perform(self.cloud, &step);
        for inline in of.take("Policies").as_array().expect("policies") {
            let mut inline = Attributes::of(&name, inline);
            let (policy, document) =
                (inline.text("PolicyName"), inline.take("PolicyDocument").to_string());
            inline.done();
            perform(self.cloud, &Step::PutRolePolicy { role: role(&name), policy, document });
        }
        name
    }

    fn profile(&mut self, of: &mut Attributes) -> String {
        let (name, path) = (of.text("InstanceProfileName"), of.text("Path"));
        let roles = of.take("Roles");
        let roles: Vec<_> = roles.as_array().expect("roles").iter().collect();
        assert_eq!(roles.len(), 1);
        let step =
            Step::CreateInstanceProfile { profile: role(&name), path, tags: BTreeMap::new() };
        perform(self.cloud, &step);
        let within = role(&self.referred(roles[0]));
        let step = Step::AddRoleToInstanceProfile { profile: role(&name), role: within };
        perform(self.cloud, &step);
        name
    }

    fn service_linked(&mut self, of: &mut Attributes) -> String {
        let service = of.text("AWSServiceName");
        let path = format!("/aws-service-role/{service}/");
        perform(self.cloud, &Step::CreateServiceLinkedRole { service: service.clone(), path });
        service
    }

    fn trail(&mut self, of: &mut Attributes) -> String {
        for switch in [
            "IsLogging",
            "IsMultiRegionTrail",
            "IncludeGlobalServiceEvents",
            "EnableLogFileValidation",
        ] {
            of.expect(switch, &json!(true));
        }
        let logs = self.referred(&of.take("S3BucketName"));
        assert!(self.policies_of.contains(&logs), "{logs} does not take trails yet");
        let selectors = of.take("AdvancedEventSelectors");
        let fields = |number: usize| selectors[number]["FieldSelectors"].clone();
        assert_eq!(fields(0), json!([{"Field": "eventCategory", "Equals": ["Management"]}]));
        let of_data = fields(1);
        assert_eq!(of_data[0], json!({"Field": "eventCategory", "Equals": ["Data"]}));
        assert_eq!(of_data[1], json!({"Field": "resources.type", "Equals": ["AWS::S3::Object"]}));
        assert_eq!(of_data[2]["Field"], "resources.ARN");
        let name = of.text("TrailName");
        let spec = TrailSpec {
            arn: self.estate.trail().expect("a trail").arn.clone(),
            bucket: bucket(&logs),
            objects: texts(&of_data[2]["StartsWith"]).into_iter().collect(),
            tags: tags(&of.take("Tags")),
            name: name.clone(),
        };
        perform(self.cloud, &Step::CreateTrail(spec.clone()));
        perform(self.cloud, &Step::SelectEvents(spec.clone()));
        perform(self.cloud, &Step::StartTrail(spec));
        name
    }
}
