//! The tags of managed policies and instance profiles, and what all tags have in common.
//!
//! Source: IAM API Reference, `TagPolicy`, `TagInstanceProfile` and their like.

use std::collections::BTreeMap;

use wh_ledger::IamWrite;

use super::{Ground, IamError, IamReply, Verdict, check};

/// What has the tags.
#[derive(Debug, Clone)]
pub enum Tagged {
    /// The managed policy of this ARN.
    Policy(String),
    /// The instance profile of this name.
    InstanceProfile(String),
}

/// What is done with tags.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the variants and fields are AWS's, by name")]
pub enum TagCall {
    Tag { tags: Vec<(String, String)> },
    Untag { keys: Vec<String> },
    List,
}

impl TagCall {
    /// AWS's name of the action: `TagPolicy`.
    pub(super) fn name(&self, tagged: &Tagged) -> &'static str {
        match (tagged, self) {
            (Tagged::Policy(_), Self::Tag { .. }) => "TagPolicy",
            (Tagged::Policy(_), Self::Untag { .. }) => "UntagPolicy",
            (Tagged::Policy(_), Self::List) => "ListPolicyTags",
            (Tagged::InstanceProfile(_), Self::Tag { .. }) => "TagInstanceProfile",
            (Tagged::InstanceProfile(_), Self::Untag { .. }) => "UntagInstanceProfile",
            (Tagged::InstanceProfile(_), Self::List) => "ListInstanceProfileTags",
        }
    }
}

/// The tags that something begins with.
pub(super) fn of_new(tags: Vec<(String, String)>) -> Result<BTreeMap<String, String>, IamError> {
    check::distinct(&tags)?;
    check::tags(&tags, 0)?;
    Ok(tags.into_iter().collect())
}

/// Adds tags; one whose key differs from a new one only in case is replaced.
pub(super) fn put(
    tags: &mut BTreeMap<String, String>,
    new: Vec<(String, String)>,
) -> Result<(), IamError> {
    check::distinct(&new)?;
    for (key, value) in new {
        tags.retain(|known, _| known.to_lowercase() != key.to_lowercase());
        check::tags(&[(key.clone(), value.clone())], tags.len())?;
        tags.insert(key, value);
    }
    Ok(())
}

/// Takes tags away, whatever the case of their keys.
pub(super) fn remove(tags: &mut BTreeMap<String, String>, keys: &[String]) {
    tags.retain(|known, _| !keys.iter().any(|key| key.to_lowercase() == known.to_lowercase()));
}

/// What a call makes of these tags; nothing where it only reads.
fn changed(
    tags: &BTreeMap<String, String>,
    call: TagCall,
) -> Result<Option<BTreeMap<String, String>>, IamError> {
    let mut after = tags.clone();
    match call {
        TagCall::Tag { tags: new } => put(&mut after, new)?,
        TagCall::Untag { keys } => remove(&mut after, &keys),
        TagCall::List => return Ok(None),
    }
    Ok(Some(after))
}

impl Ground<'_> {
    pub(super) fn judge_tags(&self, tagged: &Tagged, call: TagCall) -> Verdict {
        let (tags, write) = match tagged {
            Tagged::Policy(arn) => {
                let row = self.policy(arn)?;
                let put = |tags| IamWrite::PutPolicy(wh_ledger::PolicyRow { tags, ..row.clone() });
                (&row.tags, changed(&row.tags, call)?.map(put))
            }
            Tagged::InstanceProfile(name) => {
                let row = self.profile(name)?;
                let put = |tags| {
                    let row = wh_ledger::InstanceProfileRow { tags, ..row.clone() };
                    IamWrite::PutInstanceProfile(row)
                };
                (&row.tags, changed(&row.tags, call)?.map(put))
            }
        };
        match write {
            None => Ok((IamReply::Tags(tags.clone().into_iter().collect()), None)),
            Some(write) => Ok((IamReply::Done, Some(write))),
        }
    }
}
