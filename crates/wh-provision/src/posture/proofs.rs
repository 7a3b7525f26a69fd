//! What a bucket policy keeps out, proved for all requests of somebody who may do everything.

use std::sync::Arc;

use serde_json::{Value, json};
use wh_names::{Arn, BucketName};
use wh_policy::analysis::{Access, Answer, Budget, Requests, allows_any};
use wh_policy::{Context, NamedPolicy, PolicyDocument, PolicyKind, PolicySet, Subject};

use crate::estate::{Estate, role_arn};
use crate::roles::ADMIN_ROLE;

/// What is proved of a bucket.
#[derive(Debug, Clone, Copy)]
pub(super) enum KeptOut {
    /// Requests in plain HTTP, whatever they ask.
    PlainHttp,
    /// Requests for objects with a signature older than so many seconds.
    OldSignatures(u32),
}

/// Whether the policy `text` of a bucket keeps it out: [`Answer::No`] proves that it does.
pub(super) fn lets_in(estate: &Estate, bucket: &BucketName, text: &str, what: KeptOut) -> Answer {
    let unreadable = || Answer::Unknown("the policy cannot be read".to_owned());
    let whole = json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"});
    let document = |value: &Value, kind| PolicyDocument::parse(&value.to_string(), kind).ok();
    let Some(everything) = document(&statement(whole), PolicyKind::Identity) else {
        return unreadable();
    };
    let arn = Arn::bucket(estate.partition(), bucket);
    let objects = format!("{}/*", arn.as_str());
    let mut known = Context::new();
    let on = match what {
        KeptOut::PlainHttp => {
            known.set("aws:SecureTransport", "false");
            json!([arn.as_str(), objects])
        }
        KeptOut::OldSignatures(seconds) => {
            let millis = u64::from(seconds) * 1000 + 1;
            known.set("s3:signatureAge", millis.to_string());
            json!([objects])
        }
    };
    let among = json!({"Effect": "Allow", "Action": "s3:*", "Resource": on});
    let Some(among) = document(&statement(among), PolicyKind::Identity) else {
        return unreadable();
    };
    let Ok((_, role)) = role_arn(estate.description(), ADMIN_ROLE) else { return unreadable() };
    let policy = PolicyDocument::read_stored(text, PolicyKind::Resource);
    let policy = NamedPolicy { name: "bucket policy".to_owned(), document: Arc::new(policy) };
    let all = [NamedPolicy { name: "everything".to_owned(), document: Arc::new(everything) }];
    let access = Access {
        policies: PolicySet { identity: &all, resource: Some(&policy), ..PolicySet::default() },
        subject: &Subject::Role { arn: role },
        resource_account: estate.account(),
        known: &known,
        absent: &[],
    };
    allows_any(&access, &Requests::of(&among), Budget::default())
}

fn statement(one: Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": [one]})
}
