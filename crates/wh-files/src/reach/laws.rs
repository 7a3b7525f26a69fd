//! `Laws`: the roles and policies in force, and what is known of every request.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use wh_ledger::GrantRow;
use wh_names::{
    AccountId, Arn, BucketName, Partition, RoleName, RoleSessionName, SCAN_TAG, ScanVerdict, Uid,
};
use wh_policy::s3::{session_policy, with_use_of_keys};
use wh_policy::{Context, NamedPolicy, PolicyDocument, PolicySet, Subject};

use super::TAGGING;
use crate::access::SESSION_POLICY_NAME;
use crate::{Encryption, RoleView};

/// The roles and policies in force.
#[derive(Debug, Clone)]
pub struct Laws<'a> {
    /// The roles, as they were when the question was asked.
    pub roles: BTreeMap<RoleName, Arc<RoleView>>,
    /// The role in whose sessions files are sent by file requests.
    pub drop_role: &'a RoleName,
    /// The policies of the estate's buckets.
    pub bucket_policies: &'a BTreeMap<BucketName, NamedPolicy>,
    /// What the buckets' objects are encrypted with.
    pub encryption: Encryption,
    /// Whether files are scanned for malware.
    pub scanning: bool,
    /// The partition that everything is in.
    pub partition: &'a Partition,
    /// The account that everything is in.
    pub account: &'a AccountId,
}

impl<'a> Laws<'a> {
    pub(crate) fn role(&self, role: &RoleName) -> Option<&RoleView> {
        self.roles.get(role).map(Arc::as_ref)
    }

    /// What a session of a role is judged by in a bucket.
    pub(super) fn policies(
        &self,
        role: Option<&'a RoleView>,
        bucket: &BucketName,
        session: Option<&'a [NamedPolicy]>,
    ) -> PolicySet<'a> {
        PolicySet {
            identity: role.map_or(&[], |role| &role.permissions),
            resource: self.bucket_policies.get(bucket),
            boundary: role.and_then(|role| role.boundary.as_ref()),
            session,
            scps: None,
            rcps: None,
        }
    }

    /// What narrows a session to a grant. When the grant ends is left out: one that has ended is not asked
    /// about, and of the others it denies nothing yet.
    pub(super) fn narrowing(&self, grant: &GrantRow) -> [NamedPolicy; 1] {
        let name = SESSION_POLICY_NAME.to_owned();
        [NamedPolicy { name, document: Arc::new(self.session_policy_of(grant)) }]
    }

    /// The session policy of a grant, but for when it ends.
    pub(crate) fn session_policy_of(&self, grant: &GrantRow) -> PolicyDocument {
        let document = session_policy(self.partition, &grant.bucket, &grant.prefix);
        match self.encryption {
            Encryption::StoresOwn => document,
            Encryption::Kms => with_use_of_keys(document),
        }
    }

    /// A session of a role, of this person or of nobody.
    pub(super) fn session_of(
        &self,
        name: &RoleName,
        role: &RoleView,
        uid: Option<&Uid>,
    ) -> Subject {
        let session =
            uid.map_or("reach".to_owned(), |uid| RoleSessionName::said_of_person(uid, "reach"));
        let session_arn = RoleSessionName::parse(&session)
            .map(|session| Arn::assumed_role(self.partition, self.account, name, &session));
        Subject::RoleSession {
            role_arn: role.arn.clone(),
            session_arn: session_arn.unwrap_or_else(|_| role.arn.clone()),
        }
    }

    /// What is known of every request of a person, or of whoever is no person.
    pub(super) fn known(&self, uid: Option<&Uid>, at: Timestamp) -> Context {
        let mut context = Context::new();
        if let Some(uid) = uid {
            context.set("aws:PrincipalTag/uid", uid.as_str());
            context.set("aws:SourceIdentity", uid.as_str());
        }
        let at = Timestamp::from_second(at.as_second()).unwrap_or(at);
        context.set("aws:CurrentTime", at.to_string());
        context.set("aws:EpochTime", at.as_second().to_string());
        context.set("aws:SecureTransport", "true");
        if self.scanning {
            let clean = ScanVerdict::Clean.as_str();
            context.set(&format!("s3:ExistingObjectTag/{SCAN_TAG}"), clean);
        }
        context
    }

    /// The same of one action: whoever edits tags here brings along what the scan said, as it is.
    pub(super) fn known_of(&self, action: &str, known: &Context) -> Option<Context> {
        (self.scanning && action == TAGGING).then(|| {
            let mut known = known.clone();
            let brought = format!("s3:RequestObjectTag/{SCAN_TAG}");
            known.set(&brought, ScanVerdict::Clean.as_str());
            known
        })
    }
}
