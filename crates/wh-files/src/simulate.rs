//! Simulating: how a request would be decided, whoever makes it and however. Nothing is asked of the store.
//!
//! Unlike [`crate::explain`], what is not known here is not guessed: it is part of the question, and a
//! condition key that nobody gave is absent. The answer names those that would have mattered.

use std::sync::Arc;

use wh_ledger::GrantRow;
use wh_names::{Action, Arn, BucketName, ObjectKey, RoleName, RoleSessionName, Uid};
use wh_policy::{
    Context, Effect, Language, NamedPolicy, PolicySet, PolicyTrace, Request, Says, Subject,
    evaluate,
    s3::{Ending, ending},
};

use crate::access::SESSION_POLICY_NAME;
use crate::explain::Explained;
use crate::{Files, FilesError, PathError};

/// What a session is called that is nobody's.
const SESSION: &str = "simulated";

/// Who would ask.
#[derive(Debug, Clone, Copy)]
pub enum Asker<'a> {
    /// A person by one of their grants, with `${uid}` filled in.
    Grant(&'a Uid, &'a GrantRow),
    /// A session of a role that no grant narrows.
    Role(&'a RoleName),
    /// Nobody: the request is not signed.
    Stranger,
}

/// What would be asked.
#[derive(Debug, Clone)]
pub struct SimulatedRequest {
    /// What is done.
    pub action: Action,
    /// In which bucket.
    pub bucket: BucketName,
    /// To which key; of what is done to a bucket, the prefix that is listed. Empty: to the bucket, or to
    /// every object in it.
    pub key: String,
    /// The condition keys of the request. They go before what is known of whoever asks.
    pub context: Context,
}

/// How it would be decided.
#[derive(Debug, Clone)]
pub struct Simulated {
    /// The decision and what decided it.
    pub explained: Explained,
    /// The same as a sentence.
    pub sentence: String,
    /// Every policy that has a say, in the order in which they are blamed.
    pub policies: Vec<SimulatedPolicy>,
    /// The condition keys that were not given and would have mattered, each with the label of the
    /// statement that asks for it.
    pub wanting: Vec<(String, String)>,
}

/// What one policy says.
#[derive(Debug, Clone)]
pub struct SimulatedPolicy {
    /// Its type, in words.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// What came of it.
    pub says: Says,
    /// Its statements, in the order of the document.
    pub statements: Vec<SimulatedStatement>,
}

/// What one statement did.
#[derive(Debug, Clone)]
pub struct SimulatedStatement {
    /// Its `Sid`, or `#` and its number.
    pub label: String,
    /// Whether it allows or denies.
    pub effect: Effect,
    /// Whether it applied.
    pub applies: bool,
    /// What it did, or why it did not apply: the end of a sentence that begins with its label.
    pub words: String,
}

/// Who asks, as the engine knows them, and with which policies.
struct Principal<'a> {
    subject: Subject,
    role: Option<&'a RoleName>,
    session: Option<NamedPolicy>,
}

impl Files {
    /// How a request would be decided, in the words of a language.
    pub fn simulate(
        &self,
        asker: Asker<'_>,
        request: &SimulatedRequest,
        language: Language,
    ) -> Result<Simulated, FilesError> {
        let options = &self.options;
        let principal = self.principal(asker)?;
        let role = principal.role.and_then(|role| options.roles.get(role));
        let policies = PolicySet {
            identity: role.as_ref().map_or(&[], |role| &role.permissions),
            resource: options.bucket_policies.get(&request.bucket),
            boundary: role.as_ref().and_then(|role| role.boundary.as_ref()),
            session: principal.session.as_ref().map(std::slice::from_ref),
            scps: None,
            rcps: None,
        };
        let (resource, context) = (self.resource(request)?, self.known(asker, request));
        let whole = Request {
            subject: &principal.subject,
            action: &request.action,
            resource: &resource,
            resource_account: &options.account,
            context: &context,
        };
        let trace = evaluate(&policies, &whole).trace();
        let wanting = trace.wanting().into_iter();
        Ok(Simulated {
            explained: Explained::from_policy(
                &trace.summary,
                principal.role.map_or("", RoleName::as_str),
            ),
            sentence: trace.summary.in_words(language),
            policies: trace.policies.iter().map(|policy| simulated(policy, language)).collect(),
            wanting: wanting.map(|one| (one.key.to_owned(), one.statement.label())).collect(),
        })
    }

    fn principal<'a>(&self, asker: Asker<'a>) -> Result<Principal<'a>, FilesError> {
        let (role, name, grant) = match asker {
            Asker::Grant(uid, grant) => {
                (&grant.role, RoleSessionName::said_of_person(uid, SESSION), Some(grant))
            }
            Asker::Role(role) => (role, SESSION.to_owned(), None),
            Asker::Stranger => {
                return Ok(Principal { subject: Subject::Anonymous, role: None, session: None });
            }
        };
        let options = &self.options;
        let name = RoleSessionName::parse(&name).map_err(PathError::from)?;
        let view = options.roles.get(role).ok_or_else(|| FilesError::NoSuchRole(role.clone()))?;
        let document = grant.map(|grant| {
            let document = self.in_place(grant, None);
            match grant.ends_at {
                Some(end) => ending(document, (end, Ending::Grant)),
                None => document,
            }
        });
        Ok(Principal {
            subject: Subject::RoleSession {
                role_arn: view.arn.clone(),
                session_arn: Arn::assumed_role(&options.partition, &options.account, role, &name),
            },
            role: Some(role),
            session: document.map(|document| NamedPolicy {
                name: SESSION_POLICY_NAME.to_owned(),
                document: Arc::new(document),
            }),
        })
    }

    fn resource(&self, request: &SimulatedRequest) -> Result<Arn, FilesError> {
        let partition = &self.options.partition;
        if request.action.as_str() == wh_policy::s3::action::LIST_ALL_MY_BUCKETS {
            return Ok(Arn::every_bucket(partition));
        }
        if request.action.as_str().contains("Bucket") {
            return Ok(Arn::bucket(partition, &request.bucket));
        }
        let key = if request.key.is_empty() { "*" } else { &request.key };
        let key = ObjectKey::parse(key).map_err(PathError::Key)?;
        Ok(Arn::object(partition, &request.bucket, &key))
    }

    fn known(&self, asker: Asker<'_>, request: &SimulatedRequest) -> Context {
        let mut context = Context::new();
        if let Asker::Grant(uid, _) = asker {
            context.set("aws:PrincipalTag/uid", uid.as_str());
            context.set("aws:SourceIdentity", uid.as_str());
        }
        context.set("aws:PrincipalIsAWSService", "false");
        context.set("aws:CurrentTime", self.options.clock.now().to_string());
        if request.action.as_str().contains("ListBucket") {
            context.set("s3:prefix", request.key.as_str());
            context.set("s3:delimiter", "/");
        }
        for (key, value) in request.context.iter() {
            context.set(key, value.clone());
        }
        context
    }
}

fn simulated(policy: &PolicyTrace<'_>, language: Language) -> SimulatedPolicy {
    let statements = policy.statements.iter().map(|one| SimulatedStatement {
        label: one.statement.label(),
        effect: one.statement.effect(),
        applies: one.obstacle.is_none(),
        words: one.in_words(language),
    });
    SimulatedPolicy {
        kind: policy.kind.in_words(language),
        name: policy.name.to_owned(),
        says: policy.says,
        statements: statements.collect(),
    }
}
