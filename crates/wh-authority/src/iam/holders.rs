//! The policies of users and groups, which are alike for both.

use wh_ledger::{IamWrite, PoliciesRow};

use super::roles::named;
use super::{Ground, Holder, IamError, IamReply, PolicyCall, Verdict, check};

/// Managed policies attached to one user or group.
const ATTACHED_MAX: usize = 10;

fn no_inline(name: &str) -> IamError {
    IamError::NoSuchEntity { what: "inline policy", name: name.to_owned() }
}

impl Ground<'_> {
    fn policies_of(&self, holder: &Holder) -> Result<&PoliciesRow, IamError> {
        match holder {
            Holder::User(name) => Ok(&self.user(name)?.policies),
            Holder::Group(name) => Ok(&self.group(name)?.policies),
        }
    }

    /// The write that gives a holder these policies.
    fn with_policies(&self, holder: &Holder, policies: PoliciesRow) -> Verdict {
        let write = match holder {
            Holder::User(name) => {
                let mut row = self.user(name)?.clone();
                row.policies = policies;
                IamWrite::PutUser(row)
            }
            Holder::Group(name) => {
                let mut row = self.group(name)?.clone();
                row.policies = policies;
                IamWrite::PutGroup(row)
            }
        };
        Ok((IamReply::Done, Some(write)))
    }

    pub(super) fn judge_holder(&self, holder: &Holder, call: PolicyCall) -> Verdict {
        let mut policies = self.policies_of(holder)?.clone();
        match call {
            PolicyCall::PutInline { name, document } => {
                check::name(&name)?;
                let others = policies.inline.iter().filter(|(known, _)| **known != name);
                let already = others.map(|(_, text)| check::counted(text)).sum();
                check::inline_of(holder, &document, already)?;
                policies.inline.insert(name, document);
                self.with_policies(holder, policies)
            }
            PolicyCall::GetInline { name } => {
                let document = policies.inline.remove(&name).ok_or_else(|| no_inline(&name))?;
                Ok((IamReply::HolderPolicy { holder: holder.clone(), name, document }, None))
            }
            PolicyCall::ListInline => {
                Ok((IamReply::PolicyNames(policies.inline.into_keys().collect()), None))
            }
            PolicyCall::DeleteInline { name } => {
                policies.inline.remove(&name).ok_or_else(|| no_inline(&name))?;
                self.with_policies(holder, policies)
            }
            PolicyCall::Attach { policy_arn } => self.attach_to(holder, policies, policy_arn),
            PolicyCall::Detach { policy_arn } => {
                let before = policies.attached.len();
                policies.attached.retain(|arn| *arn != policy_arn);
                if policies.attached.len() == before {
                    return Err(IamError::NoSuchEntity {
                        what: "attached policy",
                        name: policy_arn,
                    });
                }
                self.with_policies(holder, policies)
            }
            PolicyCall::ListAttached => {
                let attached = policies.attached.iter().map(|arn| named(arn)).collect();
                Ok((IamReply::AttachedPolicies(attached), None))
            }
        }
    }

    fn attach_to(&self, holder: &Holder, mut policies: PoliciesRow, policy_arn: String) -> Verdict {
        self.policy(&policy_arn)?;
        if !policies.attached.contains(&policy_arn) {
            policies.attached.push(policy_arn);
            policies.attached.sort();
        }
        if policies.attached.len() > ATTACHED_MAX {
            let what = match holder {
                Holder::User(_) => "policies of a user",
                Holder::Group(_) => "policies of a group",
            };
            return Err(IamError::LimitExceeded { what, max: ATTACHED_MAX });
        }
        self.with_policies(holder, policies)
    }
}
