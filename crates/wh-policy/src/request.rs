//! What is asked, and the policies that answer.

use std::sync::Arc;

use wh_names::{AccountId, Action, Arn};

use crate::{Context, PolicyDocument, PolicyKind, Subject};

/// A document with the name that explanations call it by.
#[derive(Debug, Clone)]
pub struct NamedPolicy {
    /// The name in explanations.
    pub name: String,
    /// The document.
    pub document: Arc<PolicyDocument>,
}

/// Every policy that has a say.
///
/// Of the policies of one type, any one may allow. `session` that is `Some` and empty allows
/// nothing; `None` means that no session policy was passed. `scps` and `rcps` hold one list a level, and every level must
/// allow; that RCPs allow everything unless they deny it is implied.
#[derive(Debug, Clone, Copy, Default)]
pub struct PolicySet<'a> {
    /// The policies attached to the user (and its groups) or the role.
    pub identity: &'a [NamedPolicy],
    /// The policy of the resource: a bucket policy, or a role's trust policy.
    pub resource: Option<&'a NamedPolicy>,
    /// The permissions boundary.
    pub boundary: Option<&'a NamedPolicy>,
    /// What was passed when the session was made.
    pub session: Option<&'a [NamedPolicy]>,
    /// Service control policies of the caller's organisation, a list for each level.
    pub scps: Option<&'a [Vec<NamedPolicy>]>,
    /// Resource control policies of the resource's organisation, a list for each level.
    pub rcps: Option<&'a [Vec<NamedPolicy>]>,
}

impl<'a> PolicySet<'a> {
    /// Whether any of the policies names a condition key that begins with `beginning`, given in lower
    /// case: in a condition, or as a variable. Where none does, such keys decide nothing, and need
    /// not be found out.
    pub fn name_key(&self, beginning: &str) -> bool {
        let levels = [self.scps, self.rcps].into_iter().flatten().flatten().flatten();
        let own = self.identity.iter().chain(self.session.into_iter().flatten()).chain(levels);
        let mut all = own.chain(self.resource).chain(self.boundary);
        all.any(|policy| policy.document.names_key(beginning))
    }

    /// The resource's policy, where it has a say: a role's trust policy only decides who may become
    /// the role, never who may change it.
    pub(crate) fn resource_for(&self, at_role: bool) -> Option<&'a NamedPolicy> {
        self.resource.filter(|policy| at_role || policy.document.kind() != PolicyKind::Trust)
    }

    /// The service control policies that bind the caller: those of its own organisation.
    pub(crate) fn scps_for(&self, subject: &Subject) -> &'a [Vec<NamedPolicy>] {
        let bound = subject.account().is_some() && !subject.is_service_linked();
        self.scps.filter(|_| bound).unwrap_or_default()
    }

    /// The resource control policies that bind the caller. Like the others, they bind no role that
    /// an AWS service made for itself.
    ///
    /// Source: Organizations User Guide, "Service control policies" and "Resource control policies".
    pub(crate) fn rcps_for(&self, subject: &Subject) -> &'a [Vec<NamedPolicy>] {
        self.rcps.filter(|_| !subject.is_service_linked()).unwrap_or_default()
    }
}

/// One question.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// Who asks.
    pub subject: &'a Subject,
    /// To do what.
    pub action: &'a Action,
    /// To which resource.
    pub resource: &'a Arn,
    /// The account that owns the resource.
    pub resource_account: &'a AccountId,
    /// The condition keys of the request.
    pub context: &'a Context,
}
