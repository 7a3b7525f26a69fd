//! From policies and a request to a decision.
//!
//! A denial anywhere decides. Otherwise an allow is needed: from the resource where the caller is
//! named there directly, or from the caller's own policies within boundary and session policies;
//! from both where accounts differ; and for a role, never without its trust policy.
//!
//! Source: IAM User Guide, "Policy evaluation logic".

use std::cell::Cell;

use wh_names::Action;

use crate::applies::Asked;
use crate::index::Order;
use crate::principal::Reach;
use crate::{
    Decision, Effect, NamedPolicy, Outcome, PolicySet, PolicyType, Request, Statement, Subject,
};

/// Decides a request. `aws:PrincipalArn` and the other keys that follow from the subject are derived
/// unless the context gives them; no other key is added.
///
/// Allocates nothing where the tables know the action; why it was decided so is found out when the
/// [`Decision`] is asked.
pub fn evaluate<'a>(policies: &PolicySet<'a>, request: &Request<'a>) -> Decision<'a> {
    let outcome = Court::new(policies, request, Order::Any).rule().outcome;
    Decision { outcome, policies: *policies, request: *request }
}

/// Whether the action is judged by a role's trust policy.
fn is_about_a_role(action: &Action) -> bool {
    let action = action.as_str();
    let service = action.get(..4).is_some_and(|head| head.eq_ignore_ascii_case("sts:"));
    let named = |name: &str| action.eq_ignore_ascii_case(name);
    let assumes =
        || action.get(..14).is_some_and(|head| head.eq_ignore_ascii_case("sts:assumerole"));
    service && (assumes() || named("sts:TagSession") || named("sts:SetSourceIdentity"))
}

/// What no policy has a say in, not even one that denies: those who have signed may ask who they are,
/// and users for a session of their own.
///
/// Source: STS API Reference, `GetCallerIdentity`; IAM User Guide, "Permissions for
/// `GetSessionToken`".
pub(crate) fn always_allowed(subject: &Subject) -> &'static [&'static str] {
    match subject {
        Subject::Anonymous => &[],
        Subject::User { .. } | Subject::Root { .. } => {
            &["sts:GetCallerIdentity", "sts:GetSessionToken"]
        }
        Subject::RoleSession { .. }
        | Subject::Role { .. }
        | Subject::Service { .. }
        | Subject::Federated { .. }
        | Subject::FederatedUser { .. } => &["sts:GetCallerIdentity"],
    }
}

/// Whether statements of this type of policy name their principals.
pub(crate) fn by_principal(kind: PolicyType) -> bool {
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
pub(crate) struct Found<'a> {
    pub(crate) policy: &'a NamedPolicy,
    /// None where the document cannot be read at all.
    pub(crate) statement: Option<&'a Statement>,
}

/// What is decided, and by what.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ruling<'a> {
    pub(crate) outcome: Outcome,
    /// The type of policy that decided. An allow that needs no policy has none.
    pub(crate) kind: Option<PolicyType>,
    /// What denies or allows.
    pub(crate) found: Option<Found<'a>>,
    /// Where an allow is missing: the policies that might have held it.
    pub(crate) silent: &'a [NamedPolicy],
}

impl<'a> Ruling<'a> {
    fn of(outcome: Outcome, grant: Grant<'a>) -> Self {
        let kind = grant.map(|(kind, _)| kind);
        Self { outcome, kind, found: grant.map(|(_, found)| found), silent: &[] }
    }
}

/// A grant: the type of policy that makes it, and where it stands. Root needs none.
type Grant<'a> = Option<(PolicyType, Found<'a>)>;

/// An allow that is missing: the type of policy that should hold it, and those that were asked.
struct Missing<'a> {
    kind: PolicyType,
    asked: &'a [NamedPolicy],
}

/// What the resource's policy grants: how it names the caller, and the first statement of each kind.
#[derive(Debug, Default)]
struct ResourceGrant<'a> {
    reach: Reach,
    direct: Option<Found<'a>>,
    entity: Option<Found<'a>>,
}

/// Where a request is judged.
pub(crate) struct Court<'a> {
    policies: PolicySet<'a>,
    request: Request<'a>,
    pub(crate) asked: Asked<'a>,
    /// The caller's account, for those that belong to one.
    account: Option<&'a str>,
    at_role: bool,
    order: Order,
}

impl<'a> Court<'a> {
    pub(crate) fn new(policies: &PolicySet<'a>, request: &Request<'a>, order: Order) -> Self {
        let at_role = is_about_a_role(request.action);
        Self {
            policies: PolicySet { resource: policies.resource_for(at_role), ..*policies },
            request: *request,
            asked: Asked::new(request, policies.boundary.is_some()),
            account: request.subject.account(),
            at_role,
            order,
        }
    }

    pub(crate) fn rule(&self) -> Ruling<'a> {
        if self.is_always_allowed() {
            return Ruling::of(Outcome::Allow, None);
        }
        if let Some(denial) = self.denied() {
            return Ruling::of(Outcome::ExplicitDeny, Some(denial));
        }
        match self.granted() {
            Ok(grant) => Ruling::of(Outcome::Allow, grant),
            Err(Missing { kind, asked }) => Ruling {
                outcome: Outcome::ImplicitDeny,
                kind: Some(kind),
                found: None,
                silent: asked,
            },
        }
    }

    pub(crate) fn is_always_allowed(&self) -> bool {
        let action = self.request.action.as_str();
        let always = always_allowed(self.request.subject);
        always.iter().any(|name| action.eq_ignore_ascii_case(name))
    }

    pub(crate) fn resource_kind(&self) -> PolicyType {
        if self.at_role { PolicyType::Trust } else { PolicyType::Resource }
    }

    /// The first denial, in the order in which they are blamed.
    fn denied(&self) -> Option<(PolicyType, Found<'a>)> {
        let policies = self.policies;
        let subject = self.request.subject;
        let (scps, rcps) = (policies.scps_for(subject), policies.rcps_for(subject));
        let resource = self.resource_policy();
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
        let named = by_principal(kind);
        let statement =
            policy.document.find(Effect::Deny, &self.asked, self.order, |statement| {
                !named || self.asked.reach_of(statement).any()
            })?;
        Some(Found { policy, statement: Some(statement) })
    }

    /// S3 lets root read, replace and delete a bucket policy that has locked everybody out.
    fn root_repairs_its_bucket(&self) -> bool {
        const REPAIRS: [&str; 3] =
            ["s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"];
        matches!(self.request.subject, Subject::Root { .. })
            && self.is_own_account()
            && REPAIRS.iter().any(|name| self.request.action.as_str().eq_ignore_ascii_case(name))
    }

    /// The resource's policy, where it has a say.
    pub(crate) fn resource_policy(&self) -> Option<&'a NamedPolicy> {
        self.policies.resource.filter(|_| !self.root_repairs_its_bucket())
    }

    fn is_own_account(&self) -> bool {
        self.account == Some(self.request.resource_account.as_str())
    }

    fn granted(&self) -> Result<Grant<'a>, Missing<'a>> {
        self.organisation_allows()?;
        let outsider = self.account.is_none();
        let resource = self.resource_grant();
        let kind = self.resource_kind();
        let no_resource = || Missing { kind, asked: self.policies.resource.map_or(&[], one) };
        if self.at_role && matches!(self.request.subject, Subject::Root { .. }) {
            // "Roles may not be assumed by root accounts", whatever their trust.
            return Err(no_resource());
        }
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
        match self
            .policies
            .scps_for(self.request.subject)
            .iter()
            .find(|level| self.first_allow(level).is_none())
        {
            Some(level) => Err(Missing { kind: PolicyType::ServiceControl, asked: level }),
            None => Ok(()),
        }
    }

    fn resource_grant(&self) -> ResourceGrant<'a> {
        let grant = Cell::new(ResourceGrant::default());
        let Some(policy) = self.policies.resource else { return grant.take() };
        // Every statement is asked, until one grants to the caller directly.
        policy.document.find(Effect::Allow, &self.asked, self.order, |statement| {
            let reach = self.asked.reach_of(statement);
            let found = Some(Found { policy, statement: Some(statement) });
            let mut sum = grant.take();
            sum.reach = sum.reach.or(reach);
            sum.direct = sum.direct.or(found.filter(|_| reach.direct));
            sum.entity = sum.entity.or(found.filter(|_| reach.entity));
            grant.set(sum);
            reach.direct
        });
        grant.take()
    }

    /// The caller's own side: a grant of the entity, within its boundary and its session policies.
    fn within_limits(&self, entity: Grant<'a>) -> Result<Grant<'a>, Missing<'a>> {
        let policies = self.policies;
        let missing = |kind, asked| Err(Missing { kind, asked });
        let grant = match self.request.subject {
            Subject::Root { .. } => None,
            // A federated session without session policies has only what resources grant it.
            Subject::FederatedUser { .. } if policies.session.is_none() && entity.is_none() => {
                return missing(PolicyType::Session, &[]);
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
                    return missing(PolicyType::Identity, policies.identity);
                };
                Some(grant)
            }
        };
        if let Some(boundary) = policies.boundary
            && self.first_allow(one(boundary)).is_none()
        {
            return missing(PolicyType::Boundary, one(boundary));
        }
        if let Some(session) = policies.session
            && self.first_allow(session).is_none()
        {
            return missing(PolicyType::Session, session);
        }
        Ok(grant)
    }

    fn first_allow(&self, policies: &'a [NamedPolicy]) -> Option<Found<'a>> {
        policies.iter().find_map(|policy| {
            let statement =
                policy.document.find(Effect::Allow, &self.asked, self.order, |_| true)?;
            Some(Found { policy, statement: Some(statement) })
        })
    }
}

fn one(policy: &NamedPolicy) -> &[NamedPolicy] {
    std::slice::from_ref(policy)
}
