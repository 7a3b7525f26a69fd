//! From policies and a request to a decision.
//!
//! A denial anywhere decides. Otherwise an allow is needed: from the resource where the caller is
//! named there directly, or from the caller's own policies within boundary and session policies;
//! from both where accounts differ; and for a role, never without its trust policy.
//!
//! Source: IAM User Guide, "Policy evaluation logic".

use wh_names::Action;

use crate::applies::Asked;
use crate::near_miss::near_miss;
use crate::principal::Reach;
use crate::{
    Decision, Effect, Explanation, NamedPolicy, Outcome, PolicySet, PolicyType, Request, Statement,
    Subject,
};

/// Decides a request. `aws:PrincipalArn` and the other keys that follow from the subject are derived
/// unless the context gives them; no other key is added.
pub fn evaluate(policies: &PolicySet<'_>, request: &Request<'_>) -> Decision {
    let court = Court {
        policies,
        request,
        asked: Asked::new(request, policies.boundary.is_some()),
        at_role: is_about_a_role(request.action),
    };
    court.decide()
}

/// Whether the action is judged by a role's trust policy.
fn is_about_a_role(action: &Action) -> bool {
    let action = action.as_str().to_ascii_lowercase();
    action.starts_with("sts:assumerole")
        || matches!(action.as_str(), "sts:tagsession" | "sts:setsourceidentity")
}

/// Whether statements of this type of policy name their principals.
fn by_principal(kind: PolicyType) -> bool {
    match kind {
        PolicyType::Resource | PolicyType::ResourceControl | PolicyType::Trust => true,
        PolicyType::Identity
        | PolicyType::Boundary
        | PolicyType::Session
        | PolicyType::ServiceControl => false,
    }
}

/// The policy and statement that decided.
#[derive(Debug, Clone, Copy)]
struct Found<'a> {
    policy: &'a NamedPolicy,
    /// None where the document cannot be read at all.
    statement: Option<&'a Statement>,
}

/// A grant: the type of policy that makes it, and where it stands. Root needs none.
type Grant<'a> = Option<(PolicyType, Found<'a>)>;

/// An allow that is missing: the type of policy that should hold it, and those that were asked.
struct Missing<'a> {
    kind: PolicyType,
    asked: Vec<&'a NamedPolicy>,
}

/// What the resource's policy grants: how it names the caller, and the first statement of each kind.
#[derive(Debug, Default)]
struct ResourceGrant<'a> {
    reach: Reach,
    direct: Option<Found<'a>>,
    entity: Option<Found<'a>>,
}

struct Court<'a> {
    policies: &'a PolicySet<'a>,
    request: &'a Request<'a>,
    asked: Asked<'a>,
    at_role: bool,
}

impl<'a> Court<'a> {
    fn decide(&self) -> Decision {
        if self.is_always_allowed() {
            return self.decision(Outcome::Allow, None, None);
        }
        if let Some((kind, found)) = self.denied() {
            return self.decision(Outcome::ExplicitDeny, Some((kind, Some(found))), None);
        }
        match self.granted() {
            Ok(None) => self.decision(Outcome::Allow, None, None),
            Ok(Some((kind, found))) => {
                self.decision(Outcome::Allow, Some((kind, Some(found))), None)
            }
            Err(missing) => {
                let hint = near_miss(&missing.asked, &self.asked, by_principal(missing.kind));
                self.decision(Outcome::ImplicitDeny, Some((missing.kind, None)), hint)
            }
        }
    }

    fn decision(
        &self,
        outcome: Outcome,
        cause: Option<(PolicyType, Option<Found<'a>>)>,
        near_miss: Option<String>,
    ) -> Decision {
        let found = cause.and_then(|(_, found)| found);
        Decision::new(Explanation {
            outcome,
            principal: self.request.subject.display_name(),
            action: self.request.action.as_str().to_owned(),
            resource: self.request.resource.as_str().to_owned(),
            policy_type: cause.map(|(kind, _)| kind),
            policy: found.map(|found| found.policy.name.clone()),
            statement: found.and_then(|found| found.statement).map(Statement::label),
            near_miss,
        })
    }

    /// "No permissions are required to perform this operation", not even where it is denied.
    fn is_always_allowed(&self) -> bool {
        self.asked.action == "sts:getcalleridentity" && *self.request.subject != Subject::Anonymous
    }

    fn resource_kind(&self) -> PolicyType {
        if self.at_role { PolicyType::Trust } else { PolicyType::Resource }
    }

    /// The first denial, in the order in which they are blamed.
    fn denied(&self) -> Option<(PolicyType, Found<'a>)> {
        let policies = self.policies;
        let has_account = self.request.subject.account().is_some();
        let scps = policies.scps.filter(|_| has_account).unwrap_or_default();
        let rcps = policies.rcps.unwrap_or_default();
        let resource = policies.resource.filter(|_| !self.root_repairs_its_bucket());
        let deny = |kind, policy| Some((kind, self.denial(kind, policy)?));
        None.or_else(|| scps.iter().flatten().find_map(|p| deny(PolicyType::ServiceControl, p)))
            .or_else(|| rcps.iter().flatten().find_map(|p| deny(PolicyType::ResourceControl, p)))
            .or_else(|| resource.and_then(|p| deny(self.resource_kind(), p)))
            .or_else(|| policies.identity.iter().find_map(|p| deny(PolicyType::Identity, p)))
            .or_else(|| policies.boundary.and_then(|p| deny(PolicyType::Boundary, p)))
            .or_else(|| policies.session?.iter().find_map(|p| deny(PolicyType::Session, p)))
    }

    fn denial(&self, kind: PolicyType, policy: &'a NamedPolicy) -> Option<Found<'a>> {
        if policy.document.unreadable {
            return Some(Found { policy, statement: None });
        }
        let statement = policy.document.statements.iter().find(|statement| {
            statement.effect == Effect::Deny
                && statement.applies(&self.asked)
                && (!by_principal(kind) || statement.reach(&self.asked).any())
        })?;
        Some(Found { policy, statement: Some(statement) })
    }

    /// S3 lets root read, replace and delete a bucket policy that has locked everybody out.
    fn root_repairs_its_bucket(&self) -> bool {
        matches!(self.request.subject, Subject::Root { .. })
            && self.is_own_account()
            && matches!(
                self.asked.action.as_str(),
                "s3:getbucketpolicy" | "s3:putbucketpolicy" | "s3:deletebucketpolicy"
            )
    }

    fn is_own_account(&self) -> bool {
        self.request.subject.account() == Some(self.request.resource_account.as_str())
    }

    fn granted(&self) -> Result<Grant<'a>, Missing<'a>> {
        self.organisation_allows()?;
        let resource = self.resource_grant();
        let kind = self.resource_kind();
        let no_resource = || Missing { kind, asked: self.policies.resource.into_iter().collect() };
        let outsider = self.request.subject.account().is_none();
        if outsider || self.is_own_account() {
            if let Some(direct) = resource.direct {
                return Ok(Some((kind, direct)));
            }
            if outsider || (self.at_role && !resource.reach.any()) {
                return Err(no_resource());
            }
            return self.within_limits(resource.entity.map(|found| (kind, found)));
        }
        if !resource.reach.any() {
            return Err(no_resource());
        }
        self.within_limits(None)
    }

    /// Every level of the caller's organisation must allow. RCPs allow what they do not deny.
    fn organisation_allows(&self) -> Result<(), Missing<'a>> {
        let has_account = self.request.subject.account().is_some();
        let levels = self.policies.scps.filter(|_| has_account).unwrap_or_default();
        match levels.iter().find(|level| self.first_allow(level).is_none()) {
            Some(level) => {
                Err(Missing { kind: PolicyType::ServiceControl, asked: level.iter().collect() })
            }
            None => Ok(()),
        }
    }

    fn resource_grant(&self) -> ResourceGrant<'a> {
        let mut grant = ResourceGrant::default();
        let Some(policy) = self.policies.resource else { return grant };
        for statement in &policy.document.statements {
            if statement.effect != Effect::Allow || !statement.applies(&self.asked) {
                continue;
            }
            let reach = statement.reach(&self.asked);
            let found = Some(Found { policy, statement: Some(statement) });
            grant.reach = grant.reach.or(reach);
            grant.direct = grant.direct.or(found.filter(|_| reach.direct));
            grant.entity = grant.entity.or(found.filter(|_| reach.entity));
        }
        grant
    }

    /// The caller's own side: a grant of the entity, within its boundary and its session policies.
    fn within_limits(&self, entity: Grant<'a>) -> Result<Grant<'a>, Missing<'a>> {
        let policies = self.policies;
        let missing = |kind, asked| Err(Missing { kind, asked });
        let grant = match self.request.subject {
            Subject::Root { .. } => None,
            // A federated session without session policies has only what resources grant it.
            Subject::FederatedUser { .. } if policies.session.is_none() && entity.is_none() => {
                return missing(PolicyType::Session, Vec::new());
            }
            Subject::Anonymous
            | Subject::User { .. }
            | Subject::RoleSession { .. }
            | Subject::Role { .. }
            | Subject::Service { .. }
            | Subject::Federated { .. }
            | Subject::FederatedUser { .. } => {
                let own = || Some((PolicyType::Identity, self.first_allow(policies.identity)?));
                let Some(grant) = entity.or_else(own) else {
                    return missing(PolicyType::Identity, policies.identity.iter().collect());
                };
                Some(grant)
            }
        };
        if let Some(boundary) = policies.boundary
            && self.first_allow(std::slice::from_ref(boundary)).is_none()
        {
            return missing(PolicyType::Boundary, vec![boundary]);
        }
        if let Some(session) = policies.session
            && self.first_allow(session).is_none()
        {
            return missing(PolicyType::Session, session.iter().collect());
        }
        Ok(grant)
    }

    fn first_allow(&self, policies: &'a [NamedPolicy]) -> Option<Found<'a>> {
        policies.iter().find_map(|policy| {
            let mut statements = policy.document.statements.iter();
            let statement =
                statements.find(|s| s.effect == Effect::Allow && s.applies(&self.asked))?;
            Some(Found { policy, statement: Some(statement) })
        })
    }
}
