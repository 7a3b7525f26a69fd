//! A role session as it was recognised: the token's claims, parsed once.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use wh_names::{
    AccessKeyId, AccountId, Arn, InstanceId, Partition, RoleName, RoleSessionName, SourceIdentity,
    Uid,
};
use wh_policy::{NamedPolicy, PolicyDocument, PolicyKind};

use crate::seal::Claims;

/// The name under which an inline session policy appears in explanations.
const SESSION_POLICY: &str = "session policy";

/// A role session. What it may do is not in here: that is asked of the role, now.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) role_id: String,
    pub(crate) role: RoleName,
    pub(crate) arn: Arn,
    pub(crate) name: RoleSessionName,
    pub(crate) issued: Timestamp,
    pub(crate) expires: Timestamp,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) transitive: Vec<String>,
    pub(crate) source_identity: Option<SourceIdentity>,
    pub(crate) inline: Option<NamedPolicy>,
    pub(crate) policy_arns: Vec<String>,
    pub(crate) service: Option<String>,
    /// The machine that it, or a session before it, was delivered to, and the machine's ARN.
    pub(crate) machine: Option<(InstanceId, Arn)>,
    /// The identity provider that vouched for whoever opened it, and the keys that its token filled.
    pub(crate) federated: Option<(String, BTreeMap<String, String>)>,
    /// The persons that the session's name, tags and source identity speak of.
    pub(crate) persons: Vec<Uid>,
    /// The portal session that it was issued for.
    pub(crate) sid: Option<String>,
    /// The person's access key that it stands for; none where it has a token.
    pub(crate) key: Option<AccessKeyId>,
}

impl Session {
    /// Reads claims. `None` when they hold what this authority would not have sealed.
    pub(crate) fn read(claims: Claims, partition: &Partition, account: &AccountId) -> Option<Self> {
        let role = RoleName::parse(&claims.rn).ok()?;
        let name = RoleSessionName::parse(&claims.sn).ok()?;
        let source = claims.si.as_deref().map(SourceIdentity::parse).transpose().ok()?;
        let inline = claims.po.as_deref().map(inline_policy).transpose().ok()?;
        let machine = match claims.mi.as_deref() {
            Some(arn) => Some(machine_of(arn)?),
            None => None,
        };
        let (person, sid) = name.person().map(|(uid, sid)| (uid, sid.to_owned())).unzip();
        let tag = claims.tags_uid();
        let identity = source.as_ref().and_then(|s| Uid::parse(s.as_str()).ok());
        let mut persons: Vec<Uid> = [person, tag, identity].into_iter().flatten().collect();
        persons.sort();
        persons.dedup();
        Some(Self {
            arn: Arn::assumed_role(partition, account, &role, &name),
            role_id: claims.ri,
            role,
            name,
            issued: Timestamp::from_millisecond(claims.ia).ok()?,
            expires: Timestamp::from_millisecond(claims.ex).ok()?,
            tags: claims.tg,
            transitive: claims.tt,
            source_identity: source,
            inline,
            policy_arns: claims.pa,
            service: claims.sv,
            machine,
            federated: claims.fp.map(|provider| (provider, claims.fk)),
            persons,
            sid,
            key: None,
        })
    }

    /// Whether the session was given a session policy of any kind.
    pub(crate) fn is_narrowed(&self) -> bool {
        self.inline.is_some() || !self.policy_arns.is_empty()
    }

    /// The tag of this name, ignoring case.
    pub(crate) fn tag(&self, key: &str) -> Option<&str> {
        let found = self.tags.iter().find(|(k, _)| k.eq_ignore_ascii_case(key));
        found.map(|(_, value)| value.as_str())
    }
}

impl Claims {
    fn tags_uid(&self) -> Option<Uid> {
        let tag = self.tg.iter().find(|(key, _)| key.eq_ignore_ascii_case("uid"));
        tag.and_then(|(_, uid)| Uid::parse(uid).ok())
    }
}

/// Reads an inline session policy.
pub(crate) fn inline_policy(text: &str) -> Result<NamedPolicy, wh_policy::PolicyError> {
    let document = PolicyDocument::parse(text, PolicyKind::Session)?;
    Ok(NamedPolicy { name: SESSION_POLICY.to_owned(), document: Arc::new(document) })
}

/// The machine of an ARN such as `arn:aws:ec2:us-east-1:111122223333:instance/i-…`.
fn machine_of(arn: &str) -> Option<(InstanceId, Arn)> {
    let arn = Arn::parse(arn).ok()?;
    let id = InstanceId::parse(arn.resource().strip_prefix("instance/")?).ok()?;
    Some((id, arn))
}
