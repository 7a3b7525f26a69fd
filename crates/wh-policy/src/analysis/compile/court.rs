//! When a request is allowed: how the types of policy come together, as in `evaluate.rs`.

use super::Compiler;
use crate::analysis::Access;
use crate::analysis::formula::Formula;
use crate::evaluate::always_allowed;
use crate::principal::Reach;
use crate::{Effect, NamedPolicy, PolicyDocument, PolicyKind, Statement, Subject};

/// A statement that is left out, by its policy and number.
pub(crate) type Omitted<'a> = Option<(&'a NamedPolicy, usize)>;

/// The requests that are allowed.
pub(crate) fn allowed<'a>(
    compiler: &mut Compiler<'_, 'a>,
    access: &Access<'a>,
    omitted: Omitted<'a>,
) -> Formula {
    let mut court = Court { compiler, access, omitted };
    let always = court.always_allowed();
    let denied = court.denied();
    let granted = court.granted();
    always.or((!denied).and(granted))
}

/// Whether a statement of one of the policies speaks of the subject at all.
pub(crate) fn reaches(access: &Access<'_>, policy: &NamedPolicy, statement: &Statement) -> bool {
    let is = |other: &NamedPolicy| std::ptr::eq(other, policy);
    let policies = access.policies;
    let rcps = policies.rcps.unwrap_or_default();
    let by_principal = policies.resource.is_some_and(is)
        || (statement.effect == Effect::Deny && rcps.iter().flatten().any(is));
    !by_principal || statement.reach(access.subject, policies.boundary.is_some()).any()
}

/// The requests that a document describes: what it allows and does not deny.
pub(crate) fn among<'a>(
    compiler: &mut Compiler<'_, 'a>,
    document: Option<&'a PolicyDocument>,
) -> Formula {
    let Some(document) = document else { return Formula::True };
    let mut of = |effect: Effect| {
        let statements = document.statements.iter().filter(|s| s.effect == effect);
        Formula::any(statements.map(|s| compiler.applies(s)).collect::<Vec<_>>())
    };
    let (inside, outside) = (of(Effect::Allow), of(Effect::Deny));
    inside.and(!outside)
}

struct Court<'k, 'c, 'a> {
    compiler: &'k mut Compiler<'c, 'a>,
    access: &'k Access<'a>,
    omitted: Omitted<'a>,
}

/// What the resource's policy grants, by how it names the caller.
struct ResourceGrant {
    any: Formula,
    direct: Formula,
    entity: Formula,
}

impl<'a> Court<'_, '_, 'a> {
    fn always_allowed(&mut self) -> Formula {
        let actions = always_allowed(self.access.subject);
        let lowered: Vec<String> = actions.iter().map(|name| name.to_ascii_lowercase()).collect();
        let lowered: Vec<&str> = lowered.iter().map(String::as_str).collect();
        self.compiler.action_is(&lowered)
    }

    /// The action is judged by a role's trust policy.
    fn at_role(&mut self) -> Formula {
        self.compiler.action_is(&["sts:assumerole*", "sts:tagsession", "sts:setsourceidentity"])
    }

    /// Where the resource's policy counts: a trust policy only where somebody becomes the role.
    fn has_a_say(&mut self, policy: &NamedPolicy) -> Formula {
        match policy.document.kind() {
            PolicyKind::Trust => self.at_role(),
            PolicyKind::Identity
            | PolicyKind::ManagedIdentity
            | PolicyKind::Boundary
            | PolicyKind::Session
            | PolicyKind::Resource => Formula::True,
        }
    }

    fn has_account(&self) -> bool {
        self.access.subject.account().is_some()
    }

    fn is_own_account(&self) -> bool {
        self.access.subject.account() == Some(self.access.resource_account.as_str())
    }

    fn reach(&self, statement: &Statement) -> Reach {
        statement.reach(self.access.subject, self.access.policies.boundary.is_some())
    }

    fn statements(&self, policy: &'a NamedPolicy, effect: Effect) -> Vec<&'a Statement> {
        let omitted = self.omitted.filter(|(from, _)| std::ptr::eq(*from, policy));
        let omitted = omitted.map(|(_, number)| number);
        let statements = policy.document.statements.iter();
        statements.filter(|s| s.effect == effect && Some(s.number) != omitted).collect()
    }

    fn denied(&mut self) -> Formula {
        let policies = self.access.policies;
        let subject = self.access.subject;
        let (scps, rcps) = (policies.scps_for(subject), policies.rcps_for(subject));
        let own = policies.identity.iter().chain(policies.boundary);
        let own = own.chain(policies.session.unwrap_or_default()).chain(scps.iter().flatten());
        let mut parts: Vec<Formula> = own.map(|policy| self.denial(policy, false)).collect();
        parts.extend(rcps.iter().flatten().map(|policy| self.denial(policy, true)));
        if let Some(policy) = policies.resource {
            let denial = self.denial(policy, true).and(self.has_a_say(policy));
            parts.push((!self.root_repairs_its_bucket()).and(denial));
        }
        Formula::any(parts)
    }

    fn denial(&mut self, policy: &'a NamedPolicy, by_principal: bool) -> Formula {
        if policy.document.unreadable {
            return Formula::True;
        }
        let denials = self.statements(policy, Effect::Deny).into_iter();
        let reached = denials.filter(|s| !by_principal || self.reach(s).any()).collect::<Vec<_>>();
        Formula::any(reached.into_iter().map(|s| self.compiler.applies(s)).collect::<Vec<_>>())
    }

    fn root_repairs_its_bucket(&mut self) -> Formula {
        if !matches!(self.access.subject, Subject::Root { .. }) || !self.is_own_account() {
            return Formula::False;
        }
        let actions = ["s3:getbucketpolicy", "s3:putbucketpolicy", "s3:deletebucketpolicy"];
        self.compiler.action_is(&actions)
    }

    fn granted(&mut self) -> Formula {
        if !matches!(self.access.subject, Subject::Root { .. }) {
            return self.granted_by_policies();
        }
        // Root assumes no roles, whatever their trust.
        let elsewhere = !self.at_role();
        elsewhere.and(self.granted_by_policies())
    }

    fn granted_by_policies(&mut self) -> Formula {
        let organisation = self.organisation_allows();
        let resource = self.resource_grant();
        let outsider = !self.has_account();
        if outsider {
            return organisation.and(resource.direct);
        }
        if !self.is_own_account() {
            let own_side = self.within_limits(Formula::False);
            return Formula::all([organisation, resource.any, own_side]);
        }
        let trusted = (!self.at_role()).or(resource.any);
        let limited = self.within_limits(resource.entity);
        organisation.and(resource.direct.or(trusted.and(limited)))
    }

    fn organisation_allows(&mut self) -> Formula {
        let levels = self.access.policies.scps_for(self.access.subject);
        Formula::all(levels.iter().map(|level| self.some_allow(level)).collect::<Vec<_>>())
    }

    fn resource_grant(&mut self) -> ResourceGrant {
        let (mut any, mut direct, mut entity) = (Vec::new(), Vec::new(), Vec::new());
        let policy = self.access.policies.resource;
        let say = policy.map_or(Formula::True, |policy| self.has_a_say(policy));
        for statement in policy.map(|p| self.statements(p, Effect::Allow)).unwrap_or_default() {
            let reach = self.reach(statement);
            if !reach.any() {
                continue;
            }
            let applies = self.compiler.applies(statement).and(say.clone());
            if reach.direct {
                direct.push(applies.clone());
            }
            if reach.entity {
                entity.push(applies.clone());
            }
            any.push(applies);
        }
        ResourceGrant {
            any: Formula::any(any),
            direct: Formula::any(direct),
            entity: Formula::any(entity),
        }
    }

    fn within_limits(&mut self, entity: Formula) -> Formula {
        let policies = self.access.policies;
        let grant = match self.access.subject {
            Subject::Root { .. } => Formula::True,
            // A federated session without session policies has only what resources grant it.
            Subject::FederatedUser { .. } if policies.session.is_none() => entity,
            Subject::Anonymous
            | Subject::User { .. }
            | Subject::RoleSession { .. }
            | Subject::Role { .. }
            | Subject::Service { .. }
            | Subject::Federated { .. }
            | Subject::FederatedUser { .. } => entity.or(self.some_allow(policies.identity)),
        };
        let boundary = policies.boundary.map(std::slice::from_ref);
        let limits = [boundary, policies.session].into_iter().flatten();
        let limits = limits.map(|policies| self.some_allow(policies)).collect::<Vec<_>>();
        grant.and(Formula::all(limits))
    }

    fn some_allow(&mut self, policies: &'a [NamedPolicy]) -> Formula {
        let allows = policies.iter().flat_map(|p| self.statements(p, Effect::Allow));
        let allows = allows.collect::<Vec<_>>();
        Formula::any(allows.into_iter().map(|s| self.compiler.applies(s)).collect::<Vec<_>>())
    }
}
