//! What should come of a probe, by the estate's own documents, and why.
//!
//! The policy engine judges them, as it judges every request to the embedded store. That the documents
//! that are in force are the same is what reading back has shown.

use std::sync::Arc;

use wh_names::{Action, Arn, RoleName};
use wh_policy::{
    Context, ContextValue, Decision, NamedPolicy, Outcome, PolicyDocument, PolicyKind, PolicySet,
    Request, Subject as Principal, evaluate,
};

use super::attempt::Attempt;
use super::port::{Asker, Assumption, Expected, Transport};
use crate::estate::Estate;
use crate::roles::{EC2_UPLOAD_ROLE, RoleSpec};

/// What should come of it, and why.
pub(super) struct Verdict {
    pub(super) expected: Expected,
    pub(super) why: String,
}

/// Whom the probes run as.
#[derive(Debug, Clone)]
pub(super) struct Caller<'e> {
    pub(super) arn: Arn,
    /// The role of the estate whose session it is.
    pub(super) role: Option<&'e RoleSpec>,
}

impl<'e> Caller<'e> {
    pub(super) fn of(estate: &'e Estate, arn: &str) -> Option<Self> {
        let arn = Arn::parse(arn).ok()?;
        let session = arn.resource().strip_prefix("assumed-role/");
        let name = session.and_then(|session| session.split_once('/')).map(|(role, _)| role);
        let name = name.filter(|_| arn.account() == estate.account().as_str());
        let role = name.and_then(|name| estate.role(&RoleName::parse(name).ok()?));
        Some(Self { arn, role })
    }

    /// The name by which reports call it.
    pub(super) fn told(&self) -> String {
        self.role.map_or_else(|| self.arn.to_string(), |role| role.name.to_string())
    }

    fn principal(&self, estate: &Estate) -> Principal {
        if let Some(role) = self.role {
            let (role_arn, session_arn) = (role.arn.clone(), self.arn.clone());
            return Principal::RoleSession { role_arn, session_arn };
        }
        let resource = self.arn.resource();
        if let Some(session) = resource.strip_prefix("assumed-role/") {
            let name = session.split('/').next().unwrap_or_default();
            let role =
                format!("arn:{}:iam::{}:role/{name}", estate.partition(), self.arn.account());
            let role_arn = Arn::parse(&role).unwrap_or_else(|_| self.arn.clone());
            return Principal::RoleSession { role_arn, session_arn: self.arn.clone() };
        }
        if resource == "root" {
            let (account, partition) = (estate.account().clone(), estate.partition().clone());
            return Principal::Root { account, partition };
        }
        Principal::User { arn: self.arn.clone() }
    }
}

/// Judges what one role's session may do.
pub(super) struct Judge<'e> {
    pub(super) estate: &'e Estate,
    pub(super) transport: Transport,
    pub(super) caller: Caller<'e>,
}

impl Judge<'_> {
    /// What comes of a request; none where the asker is not of the estate.
    pub(super) fn attempt(&self, asker: &Asker, attempt: &Attempt) -> Option<Verdict> {
        let (role, principal, session) = self.asker(asker)?;
        let target = attempt.target(self.estate.partition(), self.estate.account()).ok()?;
        let mut context = self.context();
        if role.name.as_str() == EC2_UPLOAD_ROLE {
            context.set("ec2:RoleDelivery", "2.0");
        }
        if let Asker::Session(assumed) = asker {
            for (tag, value) in &assumed.tags {
                context.set(&format!("aws:PrincipalTag/{tag}"), value.as_str());
            }
            if let Some(who) = &assumed.source_identity {
                context.set("aws:SourceIdentity", who.as_str());
            }
        }
        attempt.describe(&mut context);
        let bucket = self.estate.buckets().find(|bucket| Some(&bucket.name) == attempt.bucket());
        let policies = PolicySet {
            identity: &role.permissions,
            resource: bucket.map(|bucket| &bucket.policy),
            boundary: Some(&role.boundary),
            session: session.as_ref().map(std::slice::from_ref),
            ..PolicySet::default()
        };
        let request = Request {
            subject: &principal,
            action: &target.action,
            resource: &target.resource,
            resource_account: self.estate.account(),
            context: &context,
        };
        Some(verdict(evaluate(&policies, &request), role.name.as_str()))
    }

    fn asker(&self, asker: &Asker) -> Option<(&RoleSpec, Principal, Option<NamedPolicy>)> {
        let assumed = match asker {
            Asker::Own => {
                let role = self.caller.role?;
                return Some((role, self.caller.principal(self.estate), None));
            }
            Asker::Session(assumed) => assumed,
        };
        let role = self.estate.roles().iter().find(|role| role.arn == assumed.role)?;
        let estate = self.estate;
        let session_arn = format!(
            "arn:{}:sts::{}:assumed-role/{}/{}",
            estate.partition(),
            estate.account(),
            role.name,
            assumed.session_name
        );
        let session_arn = Arn::parse(&session_arn).ok()?;
        let principal = Principal::RoleSession { role_arn: role.arn.clone(), session_arn };
        let session = assumed.session_policy.as_ref().map(|text| NamedPolicy {
            name: "the session policy".to_owned(),
            document: Arc::new(PolicyDocument::read_stored(text, PolicyKind::Session)),
        });
        Some((role, principal, session))
    }

    fn context(&self) -> Context {
        let mut context = Context::new();
        let secure = self.transport == Transport::Tls;
        context.set("aws:SecureTransport", secure);
        if secure {
            context.set("s3:TlsVersion", "1.3");
        }
        context.set("s3:signatureversion", "AWS4-HMAC-SHA256");
        context.set("s3:authType", "REST-HEADER");
        context.set("s3:signatureAge", "0");
        context
    }

    /// What comes of assuming a role. What a caller may do that is not of the estate is not known: it
    /// is taken to be everything, so that only what its trust refuses is expected to be refused. None
    /// where that leaves it open.
    pub(super) fn assume(&self, wanted: &Assumption) -> Option<Verdict> {
        let role = self.estate.roles().iter().find(|role| role.arn == wanted.role)?;
        let principal = self.caller.principal(self.estate);
        let everything = everything();
        let known = self.caller.role;
        let policies = PolicySet {
            identity: known.map_or_else(|| everything.as_slice(), |role| &role.permissions),
            resource: Some(&role.trust),
            boundary: known.map(|role| &role.boundary),
            ..PolicySet::default()
        };
        let context = self.assuming(wanted);
        let mut steps = vec!["sts:AssumeRole"];
        steps.extend((!wanted.tags.is_empty()).then_some("sts:TagSession"));
        steps.extend(wanted.source_identity.as_ref().map(|_| "sts:SetSourceIdentity"));
        let mut last = None;
        for step in steps {
            let request = Request {
                subject: &principal,
                action: &Action::parse(step).ok()?,
                resource: &wanted.role,
                resource_account: self.estate.account(),
                context: &context,
            };
            let verdict = verdict(evaluate(&policies, &request), &self.caller.told());
            if verdict.expected == Expected::Denied {
                return Some(verdict);
            }
            last.get_or_insert(verdict);
        }
        last.filter(|_| known.is_some())
    }

    fn assuming(&self, wanted: &Assumption) -> Context {
        let mut context = self.context();
        context.set("sts:RoleSessionName", wanted.session_name.as_str());
        if let Some(who) = &wanted.source_identity {
            context.set("sts:SourceIdentity", who.as_str());
        }
        if let Some(id) = &wanted.external_id {
            context.set("sts:ExternalId", id.as_str());
        }
        for (tag, value) in &wanted.tags {
            context.set(&format!("aws:RequestTag/{tag}"), value.as_str());
        }
        let tags: Vec<String> = wanted.tags.iter().map(|(tag, _)| tag.clone()).collect();
        if !tags.is_empty() {
            context.set("aws:TagKeys", ContextValue::Many(tags));
        }
        context
    }
}

fn everything() -> Vec<NamedPolicy> {
    let text =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
    let document = PolicyDocument::read_stored(text, PolicyKind::Identity);
    vec![NamedPolicy { name: "whatever it may do".to_owned(), document: Arc::new(document) }]
}

/// The decision with role and statement.
fn verdict(decision: Decision<'_>, who: &str) -> Verdict {
    let told = decision.explanation();
    let kind = told.policy_type.map_or("policy", |kind| kind.as_str());
    let by = match (&told.statement, &told.policy) {
        (Some(statement), Some(policy)) => format!("`{statement}` of the {kind} `{policy}`"),
        (Some(statement), None) => format!("`{statement}` of the {kind}"),
        (None, _) => format!("a {kind}"),
    };
    let (expected, why) = match told.outcome {
        Outcome::Allow => (Expected::Allowed, format!("{who}: {by} allows {}", told.action)),
        Outcome::ExplicitDeny => (Expected::Denied, format!("{who}: {by} denies {}", told.action)),
        Outcome::ImplicitDeny => {
            (Expected::Denied, format!("{who}: no {kind} allows {} there", told.action))
        }
    };
    Verdict { expected, why }
}
