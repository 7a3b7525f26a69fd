//! Simulation: what policies would decide, by the engine that decides.
//!
//! Source: IAM API Reference, `SimulatePrincipalPolicy`, `SimulateCustomPolicy`,
//! `GetContextKeysForPrincipalPolicy`, `GetContextKeysForCustomPolicy`.

use std::collections::BTreeSet;
use std::sync::Arc;

use wh_ledger::PoliciesRow;
use wh_names::{Action, Arn};
use wh_policy::{
    Context, ContextValue, Decision, Effect, NamedPolicy, Outcome, Place, PolicyDocument,
    PolicyKind, PolicySet, PolicyType, Request, Subject, evaluate, statement_places,
};

use super::check::validation;
use super::{Ground, IamError, IamReply, SimulateCall, Verdict};

/// Questions that one call may ask: actions by resources.
const QUESTIONS_MAX: usize = 1000;

/// What no policy names by a pattern but `*`: the resource of a question that names none.
const ANY_RESOURCE: &str = "arn:*:*:*:*:*";

/// What is to be simulated.
#[derive(Debug, Clone, Default)]
pub struct Simulation {
    /// The actions.
    pub actions: Vec<String>,
    /// The ARNs of the resources; `*` where none is given.
    pub resources: Vec<String>,
    /// The condition keys of the request.
    pub context: Vec<(String, ContextValue)>,
    /// Identity policies, beside those of the principal.
    pub policies: Vec<String>,
    /// The permissions boundary, in the place of the principal's.
    pub boundary: Option<String>,
    /// The policy of the resource.
    pub resource_policy: Option<String>,
    /// Who asks, where it is not the principal.
    pub caller: Option<String>,
}

/// A statement that had a part in what was decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatchedStatement {
    /// The policy's name, or its place among those given: `PolicyInputList.1`.
    pub source: String,
    /// `user`, `group`, `role`, `user-managed`, `resource`, or `IAM Policy` where it was given.
    pub kind: &'static str,
    /// Where it begins and ends in the policy's text.
    pub place: Option<(Place, Place)>,
}

/// What was decided for one action and one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimulationResult {
    /// The action.
    pub action: String,
    /// The resource.
    pub resource: String,
    /// `allowed`, `explicitDeny` or `implicitDeny`.
    pub decision: &'static str,
    /// What decided.
    pub matched: Vec<MatchedStatement>,
    /// Condition keys that the policies name and the request does not hold.
    pub missing: Vec<String>,
    /// Whether the permissions boundary allows it, where there is one.
    pub boundary_allows: Option<bool>,
}

/// A policy with its text.
#[derive(Debug, Clone)]
struct Source {
    name: String,
    kind: &'static str,
    text: String,
    policy: NamedPolicy,
}

impl Source {
    fn read(
        name: String,
        kind: &'static str,
        text: &str,
        of: PolicyKind,
    ) -> Result<Self, IamError> {
        let document =
            PolicyDocument::parse(text, of).map_err(IamError::MalformedPolicyDocument)?;
        let policy = NamedPolicy { name: name.clone(), document: Arc::new(document) };
        Ok(Self { name, kind, text: text.to_owned(), policy })
    }
}

/// Everything that has a say in a simulation.
struct Stage {
    subject: Subject,
    identity: Vec<Source>,
    boundary: Option<Source>,
    resource: Option<Source>,
    context: Context,
}

impl Stage {
    fn sources(&self) -> impl Iterator<Item = &Source> {
        self.identity.iter().chain(&self.boundary).chain(&self.resource)
    }

    fn keys(&self) -> BTreeSet<String> {
        self.sources().flat_map(|source| source.policy.document.context_keys()).collect()
    }

    fn missing(&self) -> Vec<String> {
        // Those that follow from the principal are there without being given.
        const DERIVED: [&str; 5] = [
            "aws:principalarn",
            "aws:principalaccount",
            "aws:principaltype",
            "aws:principalisawsservice",
            "aws:username",
        ];
        let known =
            |key: &String| self.context.get(key).is_some() || DERIVED.contains(&key.as_str());
        self.keys().into_iter().filter(|key| !known(key)).collect()
    }
}

impl Ground<'_> {
    pub(super) fn judge_simulation(&self, call: &SimulateCall) -> Verdict {
        match call {
            SimulateCall::Custom(ask) => self.simulate_custom(ask),
            SimulateCall::Principal { source, ask } => self.simulate_principal(source, ask),
            SimulateCall::CustomKeys { policies } => self.context_keys(None, policies),
            SimulateCall::PrincipalKeys { source, policies } => {
                self.context_keys(Some(source), policies)
            }
        }
    }

    /// Simulates policies that are given.
    fn simulate_custom(&self, ask: &Simulation) -> Verdict {
        let identity = inputs(&ask.policies)?;
        let caller = match &ask.caller {
            Some(arn) => subject_of(arn)?,
            None if ask.resource_policy.is_some() => {
                return Err(validation("a ResourcePolicy needs a CallerArn"));
            }
            None => Subject::User { arn: self.somebody()? },
        };
        self.simulate(ask, Stage { subject: caller, ..staged(identity, ask, None)? })
    }

    /// Simulates the policies of a user, group or role, with others that are given.
    fn simulate_principal(&self, source: &str, ask: &Simulation) -> Verdict {
        let (mut identity, boundary, mut context) = self.policies_named(source)?;
        identity.extend(inputs(&ask.policies)?);
        let subject = match (&ask.caller, self.is_group(source)) {
            (Some(arn), _) => subject_of(arn)?,
            (None, true) => Subject::User { arn: self.somebody()? },
            (None, false) => subject_of(source)?,
        };
        let stage = staged(identity, ask, boundary)?;
        for (key, value) in stage.context.iter() {
            context.set(key, value.clone());
        }
        self.simulate(ask, Stage { subject, context, ..stage })
    }

    /// The condition keys that policies name: those given, and those of a principal.
    fn context_keys(&self, source: Option<&str>, policies: &[String]) -> Verdict {
        let mut identity = inputs(policies)?;
        if let Some(source) = source {
            let (own, boundary, _) = self.policies_named(source)?;
            identity.extend(own.into_iter().chain(boundary));
        }
        let keys = identity.iter().flat_map(|source| source.policy.document.context_keys());
        let keys: BTreeSet<String> = keys.collect();
        Ok((IamReply::ContextKeys(keys.into_iter().collect()), None))
    }

    /// Some user: for questions that no principal asks.
    fn somebody(&self) -> Result<Arn, IamError> {
        let arn = self.place.iam("user", "/", "somebody");
        Arn::parse(&arn).map_err(|e| validation(e.to_string()))
    }

    fn is_group(&self, arn: &str) -> bool {
        arn.starts_with(&self.place.iam("group", "/", ""))
    }

    /// The policies, the boundary and the tags of the principal of an ARN.
    fn policies_named(
        &self,
        arn: &str,
    ) -> Result<(Vec<Source>, Option<Source>, Context), IamError> {
        let (rows, place) = (self.rows, self.place);
        let mut context = Context::new();
        let tag = |context: &mut Context, (key, value): (&String, &String)| {
            context.set(&format!("aws:PrincipalTag/{key}"), value.as_str());
        };
        if let Some(user) = rows.users.values().find(|row| place.user(row).as_str() == arn) {
            let mut all = self.held(&user.policies, "user")?;
            for group in rows.groups.values().filter(|row| user.groups.contains(&row.group_id)) {
                all.extend(self.held(&group.policies, "group")?);
            }
            user.tags.iter().for_each(|pair| tag(&mut context, pair));
            context.set("aws:userid", user.user_id.as_str());
            return Ok((all, self.bound(user.boundary.as_deref())?, context));
        }
        if let Some(role) = rows.roles.values().find(|row| place.role(row).as_str() == arn) {
            let (inline, attached) = (role.inline.clone(), role.attached.clone());
            let all = self.held(&PoliciesRow { inline, attached }, "role")?;
            role.tags.iter().for_each(|pair| tag(&mut context, pair));
            return Ok((all, self.bound(role.boundary.as_deref())?, context));
        }
        let group = rows.groups.values().find(|row| self.group_view(row).arn == arn);
        let group = group.ok_or_else(|| IamError::NoSuchEntity {
            what: "user, group or role",
            name: arn.to_owned(),
        })?;
        Ok((self.held(&group.policies, "group")?, None, context))
    }

    fn held(&self, policies: &PoliciesRow, kind: &'static str) -> Result<Vec<Source>, IamError> {
        let mut all = Vec::new();
        for (name, text) in &policies.inline {
            all.push(Source::read(name.clone(), kind, text, PolicyKind::Identity)?);
        }
        for arn in &policies.attached {
            all.push(self.managed(arn, PolicyKind::ManagedIdentity)?);
        }
        Ok(all)
    }

    fn bound(&self, arn: Option<&str>) -> Result<Option<Source>, IamError> {
        arn.map(|arn| self.managed(arn, PolicyKind::Boundary)).transpose()
    }

    fn managed(&self, arn: &str, of: PolicyKind) -> Result<Source, IamError> {
        let row = self.policy(arn)?;
        let version = row.versions.get(&row.default_version);
        let text = version.map(|version| version.document.as_str()).unwrap_or_default();
        Source::read(row.name.clone(), "user-managed", text, of)
    }

    fn simulate(&self, ask: &Simulation, mut stage: Stage) -> Verdict {
        // Policies of different holders may have one name; the trace must tell them apart.
        let all = stage.identity.iter_mut().chain(&mut stage.boundary).chain(&mut stage.resource);
        all.enumerate().for_each(|(n, source)| source.policy.name = n.to_string());
        let any = [ANY_RESOURCE.to_owned()];
        let resources = if ask.resources.is_empty() { &any[..] } else { &ask.resources };
        if ask.actions.is_empty() {
            return Err(validation("ActionNames must name an action"));
        }
        if ask.actions.len().saturating_mul(resources.len()) > QUESTIONS_MAX {
            let what = "actions by resources of a simulation";
            return Err(IamError::LimitExceeded { what, max: QUESTIONS_MAX });
        }
        let mut results = Vec::new();
        for action in &ask.actions {
            for resource in resources {
                results.push(self.simulated(&stage, action, resource)?);
            }
        }
        Ok((IamReply::Simulated(results), None))
    }

    fn simulated(
        &self,
        stage: &Stage,
        action: &str,
        resource: &str,
    ) -> Result<SimulationResult, IamError> {
        let named = if resource == "*" { ANY_RESOURCE } else { resource };
        let parsed = Action::parse(action).map_err(|e| validation(e.to_string()))?;
        let arn = Arn::parse(named).map_err(|e| validation(e.to_string()))?;
        let identity: Vec<NamedPolicy> =
            stage.identity.iter().map(|source| source.policy.clone()).collect();
        let policies = PolicySet {
            identity: &identity,
            resource: stage.resource.as_ref().map(|source| &source.policy),
            boundary: stage.boundary.as_ref().map(|source| &source.policy),
            ..PolicySet::default()
        };
        let request = Request {
            subject: &stage.subject,
            action: &parsed,
            resource: &arn,
            resource_account: &self.place.account,
            context: &stage.context,
        };
        let decision = evaluate(&policies, &request);
        Ok(SimulationResult {
            action: action.to_owned(),
            resource: if named == ANY_RESOURCE { "*".to_owned() } else { resource.to_owned() },
            decision: match decision.outcome() {
                Outcome::Allow => "allowed",
                Outcome::ExplicitDeny => "explicitDeny",
                Outcome::ImplicitDeny => "implicitDeny",
            },
            matched: matched(stage, &decision),
            missing: stage.missing(),
            boundary_allows: stage.boundary.as_ref().map(|_| boundary_allows(&decision)),
        })
    }
}

/// A user or role, by its ARN.
fn subject_of(arn: &str) -> Result<Subject, IamError> {
    let parsed = Arn::parse(arn).map_err(|e| validation(e.to_string()))?;
    match parsed.resource().split_once('/') {
        Some(("user", _)) => Ok(Subject::User { arn: parsed }),
        Some(("role", _)) => Ok(Subject::Role { arn: parsed }),
        _ => Err(validation(format!("`{arn}` must be the ARN of a user or role"))),
    }
}

/// The policies that were given, by their places.
fn inputs(texts: &[String]) -> Result<Vec<Source>, IamError> {
    let each = texts.iter().enumerate().map(|(n, text)| {
        let name = format!("PolicyInputList.{}", n + 1);
        Source::read(name, "IAM Policy", text, PolicyKind::Identity)
    });
    each.collect()
}

fn staged(
    identity: Vec<Source>,
    ask: &Simulation,
    boundary: Option<Source>,
) -> Result<Stage, IamError> {
    let given = ask.boundary.as_ref().map(|text| {
        let name = "PermissionsBoundaryPolicyInputList.1".to_owned();
        Source::read(name, "IAM Policy", text, PolicyKind::Boundary)
    });
    let resource = ask.resource_policy.as_ref().map(|text| {
        Source::read("ResourcePolicy".to_owned(), "resource", text, PolicyKind::Resource)
    });
    let mut context = Context::new();
    for (key, value) in &ask.context {
        context.set(key, value.clone());
    }
    Ok(Stage {
        subject: Subject::Anonymous,
        identity,
        boundary: given.transpose()?.or(boundary),
        resource: resource.transpose()?,
        context,
    })
}

/// The statements that did what was decided: those that allow, or those that deny.
fn matched(stage: &Stage, decision: &Decision<'_>) -> Vec<MatchedStatement> {
    let wanted = match decision.outcome() {
        Outcome::Allow => Effect::Allow,
        Outcome::ExplicitDeny => Effect::Deny,
        Outcome::ImplicitDeny => return Vec::new(),
    };
    let trace = decision.trace();
    let mut all = Vec::new();
    for policy in &trace.policies {
        let Some(source) = stage.sources().find(|source| source.policy.name == policy.name) else {
            continue;
        };
        let places = statement_places(&source.text);
        for (n, one) in policy.statements.iter().enumerate() {
            if one.obstacle.is_none() && one.statement.effect() == wanted {
                let (source, kind) = (source.name.clone(), source.kind);
                all.push(MatchedStatement { source, kind, place: places.get(n).copied() });
            }
        }
    }
    all
}

fn boundary_allows(decision: &Decision<'_>) -> bool {
    let trace = decision.trace();
    let mut boundaries = trace.policies.iter().filter(|one| one.kind == PolicyType::Boundary);
    boundaries.any(|one| one.says == wh_policy::Says::Allows)
}
