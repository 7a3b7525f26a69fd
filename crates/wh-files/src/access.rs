//! From a person and a location to the one grant, what the policies say there, and the role session
//! that asks the store.

use std::sync::Arc;

use jiff::Timestamp;
use wh_aws::{AwsError, RoleSession, SessionRequest};
use wh_ledger::{AuditKind, AuditRecord, AuditWriter, Durability, GrantRow, LedgerError};
use wh_names::{Action, Arn, ObjectKey, Partition, RoleSessionName, SCAN_TAG, ScanVerdict, Uid};
use wh_people::{LinkScope, Person, Scope, SenderScope};
use wh_policy::{
    Context, NamedPolicy, PolicyDocument, PolicyKind, PolicySet, Request, Subject, evaluate,
    s3::{
        Ending, action::PUT_OBJECT, action::PUT_OBJECT_TAGGING, and_reading, ending,
        session_policy, session_policy_of_link, session_policy_of_sender, with_use_of_keys,
    },
    size,
};

use crate::explain::{Decision, Explained};
use crate::foresight::Unforeseen;
use crate::options::{Encryption, RoleView};
use crate::scope::{in_scope, while_seen};
use crate::taken::TakenSession;
use crate::worst::Worst;
use crate::{Files, FilesError, PathError};

/// What the grant's narrowing is called in explanations.
pub(crate) const SESSION_POLICY_NAME: &str = "grant";

/// What an action is judged on: a resource, and what the request says besides.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    resource: Arn,
    listed_prefix: Option<String>,
    /// What the scan for malware said of it: that it is clean, where it was not looked up.
    scanned: Option<ScanVerdict>,
}

impl Target {
    pub(crate) fn other(resource: Arn) -> Self {
        Self { resource, listed_prefix: None, scanned: Some(ScanVerdict::Clean) }
    }

    /// The same, of which the scan said this.
    pub(crate) fn scanned(&self, scanned: Option<ScanVerdict>) -> Self {
        Self { scanned, ..self.clone() }
    }
}

/// What the policies say, and whether the store can only say the same.
#[derive(Debug, Clone)]
pub(crate) struct Judgement {
    pub(crate) explained: Explained,
    pub(crate) certain: bool,
}

/// One of a person's grants, opened.
#[derive(Debug)]
pub(crate) struct Access<'a> {
    files: &'a Files,
    person: &'a Person,
    pub(crate) grant: GrantRow,
    role: Option<Arc<RoleView>>,
    narrowing: [NamedPolicy; 1],
    /// Where somebody sends by a file request: the same with the grant's own role, which must allow it as well.
    own: Option<Box<Access<'a>>>,
}

impl Files {
    /// The grant that `location` names, if it is one of this person's.
    pub(crate) async fn access<'a>(
        &'a self,
        person: &'a Person,
        location: &str,
    ) -> Result<Access<'a>, FilesError> {
        let people = &self.options.people;
        let grants = people.grants_ever_for(person).await?;
        let grant = grants.into_iter().find(|grant| grant.id.as_str() == location);
        let grant = grant.ok_or(FilesError::NoSuchLocation)?;
        match grant.ends_at.filter(|_| !grant.counts_at(self.options.clock.now())) {
            Some(end) => Err(FilesError::GrantEnded { end }),
            None => Ok(self.open(person, grant)),
        }
    }

    pub(crate) fn open<'a>(&'a self, person: &'a Person, grant: GrantRow) -> Access<'a> {
        self.open_reading(person, grant, None)
    }

    /// The session policy of a grant that also reads what lies under `source`, but for when it ends.
    pub(crate) fn in_place(&self, grant: &GrantRow, source: Option<&GrantRow>) -> PolicyDocument {
        let options = &self.options;
        let document = session_policy(&options.partition, &grant.bucket, &grant.prefix);
        let document = match source {
            None => document,
            Some(source) => {
                let bucket = (&options.partition, &source.bucket);
                and_reading(document, bucket, &source.prefix)
            }
        };
        self.with_keys(document)
    }

    /// The session policy of a link: what it opens in the place of a grant, to be read, and nothing else.
    fn of_link(&self, grant: &GrantRow, link: &LinkScope) -> PolicyDocument {
        let key = format!("{}{}", grant.prefix, link.path);
        self.with_keys(session_policy_of_link(&self.options.partition, &grant.bucket, &key))
    }

    /// The session policy of somebody who sends by a file request: to write into their own folder.
    fn of_sender(&self, grant: &GrantRow, sender: &SenderScope) -> PolicyDocument {
        let key = format!("{}{}", grant.prefix, sender.folder);
        self.with_keys(session_policy_of_sender(&self.options.partition, &grant.bucket, &key))
    }

    fn with_keys(&self, document: PolicyDocument) -> PolicyDocument {
        match self.options.encryption {
            Encryption::StoresOwn => document,
            Encryption::Kms => with_use_of_keys(document),
        }
    }

    /// The same grant, which also reads what lies under `source`: whoever copies asks the store in one
    /// session for both. That the person may read there by `source` itself is asked before, object by
    /// object, in a session of that grant.
    pub(crate) fn open_reading<'a>(
        &'a self,
        person: &'a Person,
        grant: GrantRow,
        source: Option<&GrantRow>,
    ) -> Access<'a> {
        let options = &self.options;
        let document = match person.scope() {
            Some(scope) => match (scope.link(), scope.sender()) {
                (Some(link), _) => self.of_link(&grant, link),
                (None, Some(sender)) => self.of_sender(&grant, sender),
                (None, None) => in_scope(self.in_place(&grant, source), scope),
            },
            None => self.in_place(&grant, source),
        };
        let ends =
            [Some(&grant), source].into_iter().flatten().filter_map(|grant| grant.ends_at).min();
        let ends = ends.map(|end| (end, Ending::Grant));
        let token_ends = person.scope().and_then(|scope| match (scope.link(), scope.sender()) {
            (Some(link), _) => link.ends.map(|end| (end, Ending::Link)),
            (None, Some(sender)) => sender.ends.map(|end| (end, Ending::Request)),
            (None, None) => Some((scope.expires(), Ending::Token)),
        });
        let ends = ends.into_iter().chain(token_ends).min();
        let document = match ends {
            Some(end) => ending(document, end),
            None => document,
        };
        let name = SESSION_POLICY_NAME.to_owned();
        let narrowing = [NamedPolicy { name, document: Arc::new(document) }];
        let role = options.roles.get(&grant.role);
        let access = Access { files: self, person, role, grant, narrowing, own: None };
        if access.sends() { access.by_drop_role() } else { access }
    }
}

impl<'a> Access<'a> {
    /// The same in a session of the role of drop boxes, which writes and neither lists nor reads.
    fn by_drop_role(self) -> Access<'a> {
        let options = &self.files.options;
        let grant = GrantRow { role: options.drop_role.clone(), ..self.grant.clone() };
        let role = options.roles.get(&grant.role);
        let (files, person, narrowing) = (self.files, self.person, self.narrowing.clone());
        Access { files, person, grant, role, narrowing, own: Some(Box::new(self)) }
    }
}

impl Access<'_> {
    pub(crate) fn options(&self) -> &crate::FilesOptions {
        &self.files.options
    }

    pub(crate) fn partition(&self) -> &Partition {
        &self.files.options.partition
    }

    pub(crate) fn object_target(&self, key: &ObjectKey) -> Target {
        Target::other(Arn::object(self.partition(), &self.grant.bucket, key))
    }

    /// What stands for every object below `prefix`: the ARN that ends in `*`.
    pub(crate) fn everything_below(&self, prefix: &str) -> Result<Target, FilesError> {
        let key = ObjectKey::parse(&format!("{prefix}*")).map_err(PathError::Key)?;
        Ok(self.object_target(&key))
    }

    pub(crate) fn bucket_target(&self) -> Target {
        Target::other(Arn::bucket(self.partition(), &self.grant.bucket))
    }

    pub(crate) fn listing_target(&self, prefix: &str) -> Target {
        Target { listed_prefix: Some(prefix.to_owned()), ..self.bucket_target() }
    }

    /// The role as it is known here.
    pub(crate) fn role(&self) -> Option<Arc<RoleView>> {
        self.role.clone()
    }

    /// Whether these policies, with the grant's own narrowing, allow an action, where this is known besides.
    pub(crate) fn allowed_by(
        &self,
        policies: &PolicySet<'_>,
        asked: (&Action, &Target),
        besides: &Context,
    ) -> bool {
        let policies = PolicySet { session: Some(&self.narrowing), ..*policies };
        self.evaluated(&policies, asked, besides) == Some(true)
    }

    /// Whether the store will refuse an action to this session by a bucket's policy, where this is known besides.
    pub(crate) fn denied_by(
        &self,
        bucket: &NamedPolicy,
        asked: (&Action, &Target),
        besides: &Context,
    ) -> bool {
        let all = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
        let document = Arc::new(PolicyDocument::read_stored(all, PolicyKind::Identity));
        let identity = [NamedPolicy { name: String::new(), document }];
        let policies =
            PolicySet { identity: &identity, resource: Some(bucket), ..PolicySet::default() };
        self.evaluated(&policies, asked, besides) == Some(false)
    }

    /// Whether these policies alone allow an action; `None` where the role is not known.
    fn evaluated(
        &self,
        policies: &PolicySet<'_>,
        (action, target): (&Action, &Target),
        besides: &Context,
    ) -> Option<bool> {
        let (subject, mut context) = (self.subject()?, self.context(target));
        for (key, value) in besides.iter() {
            context.set(key, value.clone());
        }
        let request = Request {
            subject: &subject,
            action,
            resource: &target.resource,
            resource_account: &self.files.options.account,
            context: &context,
        };
        Some(evaluate(policies, &request).allowed())
    }

    /// The session of the role, as policies know it; `None` where the role is not known.
    fn subject(&self) -> Option<Subject> {
        let options = &self.files.options;
        let (role, session) = self.role.as_deref().zip(self.session_name().ok())?;
        Some(Subject::RoleSession {
            role_arn: role.arn.clone(),
            session_arn: Arn::assumed_role(
                &options.partition,
                &options.account,
                &self.grant.role,
                &session,
            ),
        })
    }

    /// What the policies say about an action in this location.
    pub(crate) fn judge(&self, action: &Action, target: &Target) -> Judgement {
        let Some((role, subject)) = self.role.as_deref().zip(self.subject()) else {
            return Judgement { explained: self.role_unknown(action, target), certain: true };
        };
        let options = &self.files.options;
        let mut context = self.context(target);
        // Whoever edits tags here brings along what the scan said, as it is.
        let scanned = target.scanned.filter(|_| options.scanning.is_some());
        if let (PUT_OBJECT_TAGGING, Some(verdict)) = (action.as_str(), scanned) {
            context.set(&format!("s3:RequestObjectTag/{SCAN_TAG}"), verdict.as_str());
        }
        let policies = PolicySet {
            identity: &role.permissions,
            resource: options.bucket_policies.get(&self.grant.bucket),
            boundary: role.boundary.as_ref(),
            session: Some(&self.narrowing),
            scps: None,
            rcps: None,
        };
        let request = Request {
            subject: &subject,
            action,
            resource: &target.resource,
            resource_account: &options.account,
            context: &context,
        };
        let decision = evaluate(&policies, &request);
        let explained = Explained::from_policy(&decision.explanation(), self.grant.role.as_str());
        // What the grant's own narrowing denies, no other policy gives back.
        let own = explained.decision == Decision::ExplicitDeny
            && explained.policy_type.as_deref() == Some("session policy");
        let certain = own || self.unforeseen(role).leaves_certain(explained.decision);
        Judgement { explained, certain }
    }

    /// What the policies say, by the action's name.
    pub(crate) fn says(&self, action: &str, target: &Target) -> Result<Explained, FilesError> {
        let action = Action::parse(action).map_err(|_| FilesError::Action)?;
        Ok(self.judge(&action, target).explained)
    }

    /// Refuses where the store would certainly refuse; everything else is the store's to decide.
    pub(crate) fn foresee(&self, action: &str, target: &Target) -> Result<(), FilesError> {
        let action = Action::parse(action).map_err(|_| FilesError::Action)?;
        if let Some(own) = self.own.as_deref().filter(|_| action.as_str() == PUT_OBJECT) {
            own.must_allow(self, &action, target)?;
        }
        let judgement = self.judge(&action, target);
        if judgement.certain && !judgement.explained.allowed() {
            return Err(FilesError::Refused(Box::new(judgement.explained)));
        }
        Ok(())
    }

    /// Refuses what is not certainly allowed: of this role the store will not be asked, but of `asking`.
    fn must_allow(
        &self,
        asking: &Access<'_>,
        action: &Action,
        target: &Target,
    ) -> Result<(), FilesError> {
        let worst = Worst::of_role(self, asking, self.files.search.wire(), (action, target));
        let explained = self.judge(action, target).explained;
        if explained.allowed() && worst.allows(self, action, target) {
            return Ok(());
        }
        Err(FilesError::Refused(Box::new(explained)))
    }

    /// Who sends, where somebody does by a file request.
    pub(crate) fn sender(&self) -> Option<&SenderScope> {
        self.person.scope().and_then(Scope::sender)
    }

    /// Whether somebody without an account sends, by a file request of this person's.
    pub(crate) fn sends(&self) -> bool {
        self.sender().is_some()
    }

    /// Whether somebody without an account is there, by a link of this person's.
    pub(crate) fn by_link(&self) -> bool {
        self.person.scope().is_some_and(|scope| scope.link().is_some())
    }

    /// What the person is told when the store did not do `action`.
    pub(crate) fn told(&self, action: &str, target: &Target, error: AwsError) -> FilesError {
        match error {
            AwsError::Denied { message } => match self.says(action, target) {
                Ok(says) => FilesError::Refused(Box::new(says.by_the_store(&message))),
                Err(error) => error,
            },
            AwsError::NotFound { .. } => FilesError::NotFound,
            AwsError::CredentialsRefused { .. } => {
                self.files.options.sessions.forget(self.person.uid());
                FilesError::Store(error)
            }
            AwsError::NoSuchUpload
            | AwsError::PreconditionFailed
            | AwsError::Conflict { .. }
            | AwsError::ContentDiffers { .. }
            | AwsError::QuotaExceeded { .. }
            | AwsError::Busy { .. }
            | AwsError::Unreachable { .. }
            | AwsError::Malformed { .. }
            | AwsError::Service { .. } => FilesError::Store(error),
        }
    }

    /// The role session of this person for this grant.
    pub(crate) async fn session(&self) -> Result<RoleSession, FilesError> {
        let unknown = || {
            let message = format!("the role `{}` is unknown here", self.grant.role);
            FilesError::RoleSession(AwsError::NotFound { message })
        };
        let request = SessionRequest {
            role_arn: self.role.as_ref().ok_or_else(unknown)?.arn.clone(),
            session_name: self.session_name()?,
            uid: self.person.uid().clone(),
            by: self.acting().clone(),
            session_policy: self.enforced().to_json(),
            grant: self.grant.id.to_string(),
        };
        self.files.acts_for(self.person.uid());
        let sessions = &self.files.options.sessions;
        let mut session =
            sessions.session(request.clone()).await.map_err(FilesError::RoleSession)?;
        // Another node may have revoked what is kept here: the store would refuse it.
        if self.files.options.ledger.revoked(self.person.uid(), session.issued()) {
            sessions.forget(self.person.uid());
            session = sessions.session(request).await.map_err(FilesError::RoleSession)?;
        }
        self.still_granted().await?;
        if let Some(log) = &self.files.options.session_log {
            session.tell_once(self.write_down(log, &session)).await?;
        }
        Ok(session)
    }

    /// Writes down whose session this is and by which grant: the store's own trail knows it by the access
    /// key alone, which is never used again for another.
    async fn write_down(
        &self,
        log: &AuditWriter,
        session: &RoleSession,
    ) -> Result<(), LedgerError> {
        let (options, uid) = (&self.files.options, self.person.uid());
        let taken = TakenSession {
            access_key_id: session.credentials().access_key_id.clone(),
            grant: self.grant.id.to_string(),
            bucket: self.grant.bucket.clone(),
            prefix: self.grant.prefix.clone(),
            session: RoleSessionName::said_of_person(uid, self.person.session_id()),
            expires: session.expires(),
        };
        let record = AuditRecord {
            at: options.clock.now(),
            kind: AuditKind::Intent,
            request_id: String::new(),
            operation: TakenSession::OPERATION.to_owned(),
            action: TakenSession::ACTION.to_owned(),
            resource: self.role.as_ref().map(|role| role.arn.to_string()).unwrap_or_default(),
            principal: format!("person/{}", self.acting()),
            source_identity: Some(self.acting().to_string()),
            source_ip: None,
            detail: Some(taken.to_string()),
        };
        let id = log.record(record, Durability::Process).await?;
        log.outcome(id, options.clock.now(), "done");
        Ok(())
    }

    /// A grant that was taken away while its role was being assumed opens nothing: the session may
    /// be younger than the revocation.
    async fn still_granted(&self) -> Result<(), FilesError> {
        let options = &self.files.options;
        let grants = options.people.grants_for(self.person).await?;
        // Whoever asked may have been shut out since: the head of a request is judged, its body waited for.
        let ended = options.ledger.session_revoked(self.person.session_id())
            || options.ledger.revoked(self.person.uid(), Timestamp::MAX);
        if !ended && grants.iter().any(|grant| grant.id == self.grant.id) {
            return Ok(());
        }
        options.sessions.forget(self.person.uid());
        Err(FilesError::NoSuchLocation)
    }

    /// Whether STS takes what narrows the session: no more characters than this.
    pub(crate) fn narrowing_fits(&self) -> bool {
        let most = size::limit(PolicyKind::Session).most;
        self.enforced().to_json().chars().count() <= most
    }

    fn narrowing(&self) -> &PolicyDocument {
        let [NamedPolicy { document, .. }] = &self.narrowing;
        document
    }

    /// What the store is told. Where an administrator sees as this person it lets nothing through but
    /// looking, however the person's own rights are shown.
    fn enforced(&self) -> PolicyDocument {
        let document = self.narrowing().clone();
        match self.person.seen() {
            None => document,
            Some(seen) => while_seen(document, seen),
        }
    }

    /// The person.
    pub(crate) fn uid(&self) -> &Uid {
        self.person.uid()
    }

    /// Who acts: the person, or the administrator who sees as them.
    fn acting(&self) -> &Uid {
        self.person.seen().map_or(self.person.uid(), |seen| &seen.by.uid)
    }

    fn session_name(&self) -> Result<RoleSessionName, FilesError> {
        let (uid, session) = (self.person.uid(), self.person.session_id());
        RoleSessionName::of_person(uid, session).map_err(|error| FilesError::Path(error.into()))
    }

    /// What is known of the request before it is made. Keys that are the store's to fill (the
    /// client's address, TLS) are left out; [`crate::foresight`] sees to the consequence.
    fn context(&self, target: &Target) -> Context {
        let uid = self.person.uid().as_str();
        let mut context = Context::new();
        context.set("aws:PrincipalTag/uid", uid);
        context.set("aws:SourceIdentity", uid);
        context.set("aws:PrincipalIsAWSService", "false");
        // The store judges by its own clock; here it tells whether the grant has ended.
        context.set("aws:CurrentTime", self.files.options.clock.now().to_string());
        if let Some(prefix) = &target.listed_prefix {
            context.set("s3:prefix", prefix.as_str());
            context.set("s3:delimiter", "/");
        }
        if let (Some(_), Some(verdict)) = (self.files.options.scanning, target.scanned) {
            context.set(&format!("s3:ExistingObjectTag/{SCAN_TAG}"), verdict.as_str());
        }
        context
    }

    fn unforeseen(&self, role: &RoleView) -> Unforeseen {
        let bucket = self.files.options.bucket_policies.get(&self.grant.bucket);
        let policies = role.permissions.iter().chain(&role.boundary).chain(bucket);
        policies.map(|policy| Unforeseen::in_document(&policy.document)).collect()
    }

    fn role_unknown(&self, action: &Action, target: &Target) -> Explained {
        Explained {
            decision: Decision::ImplicitDeny,
            principal: self.person.uid().as_str().to_owned(),
            action: action.as_str().to_owned(),
            resource: target.resource.as_str().to_owned(),
            policy_type: None,
            policy: None,
            statement: None,
            role: self.grant.role.as_str().to_owned(),
            message: format!("the role `{}` of this grant is unknown here", self.grant.role),
            near_miss: None,
        }
    }
}
