//! Probes of a cloud in memory: they are judged by the documents that are in force in it.

use std::sync::Arc;

use async_trait::async_trait;
use wh_names::{Action, Arn, BucketName, KeyPrefix, RoleName};
use wh_policy::{
    Context, ContextValue, NamedPolicy, PolicyDocument, PolicyKind, PolicySet, Request, Subject,
    evaluate,
};

use super::MemoryCloud;
use crate::bucket::{BucketSetting, BucketSettingKind};
use crate::cloud::RoleState;
use crate::verify::{Asker, Assumption, Attempt, Came, Expected, Probes, Transport};

/// Probes with the credentials of one caller, over TLS.
#[derive(Debug)]
pub struct MemoryProbes<'c> {
    cloud: &'c MemoryCloud,
    caller: String,
}

impl<'c> MemoryProbes<'c> {
    /// Probes of `cloud` by a caller, as `GetCallerIdentity` would name it.
    pub fn new(cloud: &'c MemoryCloud, caller: impl Into<String>) -> Self {
        Self { cloud, caller: caller.into() }
    }

    fn role(&self, arn: &str) -> Option<RoleState> {
        self.cloud.state().roles.values().find(|role| role.arn == arn).cloned()
    }

    /// The role behind a session's ARN.
    fn role_of_session(&self, session: &Arn) -> Option<RoleState> {
        let name = session.resource().strip_prefix("assumed-role/")?.split('/').next()?;
        let name = RoleName::parse(name).ok()?;
        self.cloud.state().roles.get(name.as_str()).cloned()
    }

    fn boundary(&self, role: &RoleState) -> Option<NamedPolicy> {
        let arn = role.boundary.as_ref()?;
        let state = self.cloud.state();
        let document = state.policies.get(arn).map_or("", |policy| policy.document.as_str());
        Some(read(document, PolicyKind::Boundary))
    }

    fn bucket_policy(&self, bucket: Option<&BucketName>) -> Option<NamedPolicy> {
        let state = self.cloud.state();
        let found = state.buckets.get(bucket?.as_str())?;
        match found.settings.get(&BucketSettingKind::Policy) {
            Some(BucketSetting::Policy(text)) => Some(read(text, PolicyKind::Resource)),
            Some(_) | None => None,
        }
    }

    /// Whether the caller may assume a role: its own policies and the role's trust must both allow it.
    fn may_assume(&self, wanted: &Assumption, context: &Context) -> Option<bool> {
        let caller = Arn::parse(&self.caller).ok()?;
        let role = self.role(wanted.role.as_str())?;
        let own = self.role_of_session(&caller);
        let identity = own.as_ref().map_or_else(|| vec![everything()], permissions);
        let subject = match &own {
            Some(own) => {
                let role_arn = Arn::parse(&own.arn).ok()?;
                Subject::RoleSession { role_arn, session_arn: caller }
            }
            None => Subject::User { arn: caller },
        };
        let trust = read(&role.trust, PolicyKind::Trust);
        let policies = PolicySet {
            identity: &identity,
            resource: Some(&trust),
            boundary: None,
            ..PolicySet::default()
        };
        let mut steps = vec!["sts:AssumeRole"];
        steps.extend((!wanted.tags.is_empty()).then_some("sts:TagSession"));
        steps.extend(wanted.source_identity.as_ref().map(|_| "sts:SetSourceIdentity"));
        let actions = steps.into_iter().map(Action::parse).collect::<Result<Vec<_>, _>>().ok()?;
        Some(actions.iter().all(|action| {
            let request = Request {
                subject: &subject,
                action,
                resource: &wanted.role,
                resource_account: &self.cloud.account,
                context,
            };
            evaluate(&policies, &request).allowed()
        }))
    }

    fn may(&self, asker: &Asker, attempt: &Attempt) -> Option<bool> {
        let (arn, context, session) = match asker {
            Asker::Own => (Arn::parse(&self.caller).ok()?, over_tls(), None),
            Asker::Session(assumed) => {
                let name = assumed.role.as_str().rsplit('/').next()?;
                let (cloud, session) = (self.cloud, &assumed.session_name);
                let arn = format!(
                    "arn:{}:sts::{}:assumed-role/{name}/{session}",
                    cloud.partition, cloud.account
                );
                (Arn::parse(&arn).ok()?, of_session(assumed), assumed.session_policy.as_ref())
            }
        };
        let role = self.role_of_session(&arn)?;
        let target = attempt.target(&self.cloud.partition, &self.cloud.account).ok()?;
        let mut context = context;
        attempt.describe(&mut context);
        let (identity, boundary) = (permissions(&role), self.boundary(&role));
        let bucket = self.bucket_policy(attempt.bucket());
        let session = session.map(|text| vec![read(text, PolicyKind::Session)]);
        let subject =
            Subject::RoleSession { role_arn: Arn::parse(&role.arn).ok()?, session_arn: arn };
        let policies = PolicySet {
            identity: &identity,
            resource: bucket.as_ref(),
            boundary: boundary.as_ref(),
            session: session.as_deref(),
            ..PolicySet::default()
        };
        let request = Request {
            subject: &subject,
            action: &target.action,
            resource: &target.resource,
            resource_account: &self.cloud.account,
            context: &context,
        };
        Some(evaluate(&policies, &request).allowed())
    }
}

#[async_trait]
impl Probes for MemoryProbes<'_> {
    async fn caller(&self) -> Result<String, String> {
        Ok(self.caller.clone())
    }

    fn transport(&self) -> Transport {
        Transport::Tls
    }

    async fn assume(&self, wanted: &Assumption, _: Expected) -> Came {
        came(self.may_assume(wanted, &assuming(wanted)))
    }

    async fn attempt(&self, asker: &Asker, attempt: &Attempt) -> Came {
        came(self.may(asker, attempt))
    }

    async fn clean(&self, _: &Asker, _: &BucketName, _: &KeyPrefix) -> Result<usize, String> {
        Ok(0)
    }
}

fn came(may: Option<bool>) -> Came {
    match may {
        Some(true) => Came::Allowed,
        Some(false) => Came::Denied("access denied".to_owned()),
        None => Came::NotTried("there is no such role".to_owned()),
    }
}

fn read(text: &str, kind: PolicyKind) -> NamedPolicy {
    let document = Arc::new(PolicyDocument::read_stored(text, kind));
    NamedPolicy { name: String::new(), document }
}

fn everything() -> NamedPolicy {
    read(
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#,
        PolicyKind::Identity,
    )
}

fn permissions(role: &RoleState) -> Vec<NamedPolicy> {
    role.inline.values().map(|text| read(text, PolicyKind::Identity)).collect()
}

fn over_tls() -> Context {
    let mut context = Context::new();
    context.set("aws:SecureTransport", true);
    context.set("s3:TlsVersion", "1.3");
    context.set("s3:signatureversion", "AWS4-HMAC-SHA256");
    context.set("s3:signatureAge", "0");
    context.set("ec2:RoleDelivery", "2.0");
    context
}

fn of_session(assumed: &Assumption) -> Context {
    let mut context = over_tls();
    context.remove("ec2:RoleDelivery");
    for (tag, value) in &assumed.tags {
        context.set(&format!("aws:PrincipalTag/{tag}"), value.as_str());
    }
    context
}

fn assuming(wanted: &Assumption) -> Context {
    let mut context = over_tls();
    context.set("sts:RoleSessionName", wanted.session_name.as_str());
    let given = [
        ("sts:SourceIdentity", wanted.source_identity.as_ref()),
        ("sts:ExternalId", wanted.external_id.as_ref()),
    ];
    for (key, value) in given {
        if let Some(value) = value {
            context.set(key, value.as_str());
        }
    }
    for (tag, value) in &wanted.tags {
        context.set(&format!("aws:RequestTag/{tag}"), value.as_str());
    }
    if !wanted.tags.is_empty() {
        let tags = wanted.tags.iter().map(|(tag, _)| tag.clone()).collect();
        context.set("aws:TagKeys", ContextValue::Many(tags));
    }
    context
}
