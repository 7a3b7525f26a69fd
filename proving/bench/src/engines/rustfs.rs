//! The crate `rustfs-policy`: IAM's JSON, in the part of it that the crate reads.

use std::collections::HashMap;
use std::hint::black_box;

use anyhow::{Context as _, Result, bail};
use rustfs_policy::policy::action::Action;
use rustfs_policy::policy::{Args, Policy};
use serde_json::Value;

use super::document::{Dialect, document};
use super::{Answer, Engine, Reader};
use crate::scenario::{Ask, Fact, Rule, STATEMENTS_PER_DOCUMENT, USER};

/// It puts the service before a variable's name twice, and compares dates the other way round.
const DIALECT: Dialect =
    Dialect { actions: written_out, before: "DateGreaterThan", username: "${aws:aws:username}" };

pub(super) struct Rustfs {
    policy: Policy,
    groups: Option<Vec<String>>,
    claims: HashMap<String, Value>,
    requests: Vec<Request>,
}

struct Request {
    action: Action,
    bucket: String,
    object: String,
    conditions: HashMap<String, Vec<String>>,
}

impl Rustfs {
    pub(super) fn new(rules: &[Rule], asks: &[Ask]) -> Result<Self> {
        let texts = rules.chunks(STATEMENTS_PER_DOCUMENT).map(|chunk| document(chunk, &DIALECT));
        let policies: Result<Vec<_>> = texts
            .map(|text| Policy::parse_config(text.as_bytes()).context("rustfs-policy"))
            .collect();
        let policy = Policy::merge_policies(policies?);
        if policy.statements.len() != rules.len() {
            bail!("rustfs-policy has merged statements that differ");
        }
        let requests: Result<Vec<_>> = asks.iter().map(Request::new).collect();
        Ok(Self { policy, groups: None, claims: HashMap::new(), requests: requests? })
    }
}

impl Engine for Rustfs {
    fn decide(&self, ask: usize) -> Answer {
        let Some(request) = self.requests.get(ask) else { return Answer::Failed };
        let allowed = self.policy.is_allowed(&Args {
            account: USER,
            groups: &self.groups,
            action: request.action,
            bucket: &request.bucket,
            conditions: &request.conditions,
            is_owner: false,
            object: &request.object,
            claims: &self.claims,
            deny_only: false,
        });
        if allowed { Answer::Allow } else { Answer::Deny }
    }
}

pub(super) fn reader(rules: &[Rule]) -> Reader {
    let text = document(rules, &DIALECT);
    Box::new(move || black_box(Policy::parse_config(black_box(text.as_bytes()))).is_ok())
}

impl Request {
    fn new(ask: &Ask) -> Result<Self> {
        let mut conditions = HashMap::from([("username".to_owned(), vec![USER.to_owned()])]);
        for (key, fact) in &ask.facts {
            // It looks keys up without their service.
            let name = key.split_once(':').map_or(*key, |(_, name)| name);
            conditions.insert(name.to_owned(), values(fact));
        }
        Ok(Self {
            action: Action::try_from(ask.action).context("rustfs-policy has no such action")?,
            bucket: ask.bucket.clone(),
            object: ask.key.clone().unwrap_or_default(),
            conditions,
        })
    }
}

fn values(fact: &Fact) -> Vec<String> {
    match fact {
        Fact::Text(text) | Fact::Time(text) | Fact::Address(text) => vec![(*text).to_owned()],
        Fact::Flag(flag) => vec![flag.to_string()],
        Fact::Number(number) => vec![number.to_string()],
        Fact::Many(values) => values.iter().map(|&text| text.to_owned()).collect(),
    }
}

/// The actions of its closed list that a pattern stands for.
fn written_out(pattern: &'static str) -> Vec<&'static str> {
    let Some(prefix) = pattern.strip_suffix('*').filter(|prefix| *prefix != "s3:") else {
        return vec![pattern];
    };
    KNOWN.into_iter().filter(|name| name.starts_with(prefix)).collect()
}

/// Those of its actions that a pattern of the rules covers.
const KNOWN: [&str; 27] = [
    "s3:DeleteBucket",
    "s3:DeleteBucketCors",
    "s3:DeleteBucketPolicy",
    "s3:DeleteObject",
    "s3:DeleteObjectTagging",
    "s3:DeleteObjectVersion",
    "s3:DeleteObjectVersionTagging",
    "s3:GetObject",
    "s3:GetObjectAttributes",
    "s3:GetObjectLegalHold",
    "s3:GetObjectRetention",
    "s3:GetObjectTagging",
    "s3:GetObjectVersion",
    "s3:ListAllMyBuckets",
    "s3:ListBucket",
    "s3:ListBucketMultipartUploads",
    "s3:ListBucketVersions",
    "s3:ListMultipartUploadParts",
    "s3:PutBucketCors",
    "s3:PutBucketEncryption",
    "s3:PutBucketLifecycle",
    "s3:PutBucketNotification",
    "s3:PutBucketObjectLockConfiguration",
    "s3:PutBucketPolicy",
    "s3:PutBucketTagging",
    "s3:PutBucketVersioning",
    "s3:GetObjectVersionTagging",
];
