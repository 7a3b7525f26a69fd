//! The one place that says yes.

use std::borrow::Cow;
use std::sync::Arc;

use jiff::Timestamp;
use wh_authority::{IamTarget, Standing};
use wh_names::{Action, Arn, BucketName};
use wh_objects::{BucketDocument, HeadObject, ObjectAddress, StoreError, Tags, VersionAddress};
use wh_policy::{Context, ContextValue, Decision, NamedPolicy, Request, evaluate};

use crate::bucket_policy::BucketPolicy;
use crate::operation::DemandWhen;
use crate::record::Target;
use crate::refusal::{RefusalCause, plain};
use crate::{Caller, Demand, Demands, Gate, GateError, Operation, OperationKind, Permit, Refusal};

const SECONDS_A_DAY: i64 = 24 * 60 * 60;

/// What every demand of one request is judged with.
pub(crate) struct Bench<'a> {
    pub(crate) caller: &'a Caller,
    kind: OperationKind,
    standing: Standing,
    context: Context,
    /// The tags of what is there, once somebody wanted to know.
    existing: Option<(VersionAddress, Tags)>,
}

/// The condition keys of the tags of what is there, in lower case.
const EXISTING_TAG: &str = "s3:existingobjecttag/";

/// What a judgement found.
pub(crate) struct Judged {
    target: Target,
    /// The tags that the judgement depended on, if it did on any.
    tags: Option<Tags>,
}

impl Judged {
    /// A judgement that asked no policy about an object.
    fn on(action: impl Into<String>, resource: impl Into<String>) -> Self {
        let target = Target { action: action.into(), resource: resource.into() };
        Self { target, tags: None }
    }
}

/// Whether a store's error says that there is nothing to read.
fn is_absence(error: &StoreError) -> bool {
    matches!(
        error,
        StoreError::NoSuchBucket
            | StoreError::NoSuchKey
            | StoreError::NoSuchVersion
            | StoreError::InvalidVersionId
            | StoreError::Deleted { .. }
            | StoreError::DeleteMarker { .. }
    )
}

/// How many days are left of a retention; what has begun counts.
fn days_left(until: Timestamp, at: Timestamp) -> i64 {
    let seconds = until.as_second().saturating_sub(at.as_second());
    seconds.saturating_add(SECONDS_A_DAY - 1).div_euclid(SECONDS_A_DAY)
}

impl Gate {
    /// Judges an operation. Yes is a permit, for a mutation with its intent recorded; no is
    /// recorded, too.
    pub async fn admit<Op: Operation>(
        &self,
        caller: &Caller,
        op: Op,
    ) -> Result<Permit<Op>, Refusal> {
        let judged = self.judge(caller, Op::KIND, op.demands(&self.partition)).await;
        let Judged { target, tags } = match judged {
            Ok(judged) => judged,
            Err(refusal) => {
                self.note(caller, Op::KIND, &refusal).await;
                return Err(self.encoded(caller, refusal));
            }
        };
        let ticket = match op.mutates() {
            true => Some(self.intend(caller, Op::KIND, target).await?),
            false => None,
        };
        Ok(Permit::mint(op, caller.clone(), ticket, tags))
    }

    /// Judges again what was read, if its tags are not those by which it was judged: another version
    /// may have come in between.
    pub(crate) async fn judge_found(
        &self,
        caller: &Caller,
        kind: OperationKind,
        demands: Demands<'_>,
        (judged, found): (Option<&Tags>, (&VersionAddress, &Tags)),
    ) -> Result<(), Refusal> {
        if judged.is_none_or(|judged| judged == found.1) {
            return Ok(());
        }
        let mut bench = self.bench(caller, kind)?;
        bench.existing = Some((found.0.clone(), found.1.clone()));
        let Demands::S3(demands) = demands else {
            return Err(Refusal::of(RefusalCause::Invalid, caller, plain(kind)));
        };
        let judged = self.judge_s3(bench, demands).await;
        if let Err(refusal) = &judged {
            self.note(caller, kind, refusal).await;
        }
        judged.map(drop)
    }

    /// Whether a caller may do something beside what they asked for. It is no refusal if not, and
    /// leaves no record.
    pub(crate) async fn may(&self, caller: &Caller, kind: OperationKind, demand: Demand) -> bool {
        self.judge(caller, kind, demand.alone()).await.is_ok()
    }

    /// The same, where what was asked for depends on it: a refusal is recorded.
    pub(crate) async fn insist(
        &self,
        caller: &Caller,
        kind: OperationKind,
        demand: Demand,
    ) -> Result<(), Refusal> {
        let judged = self.judge(caller, kind, demand.alone()).await;
        if let Err(refusal) = &judged {
            self.note(caller, kind, refusal).await;
        }
        judged.map(drop)
    }

    /// What a caller learns of an object or version that is not there: that it is not, if they may
    /// list it.
    ///
    /// Source: S3 API Reference, `GetObject` and `HeadObject`, "Permissions".
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "only these say that something is not there; all others are told as they are"
    )]
    pub(crate) async fn absent(
        &self,
        caller: &Caller,
        kind: OperationKind,
        at: &ObjectAddress,
        error: StoreError,
    ) -> GateError {
        let action = match &error {
            StoreError::NoSuchKey | StoreError::Deleted { .. } => "s3:ListBucket",
            StoreError::NoSuchVersion => "s3:ListBucketVersions",
            _ => return error.into(),
        };
        let list = Demand::on_bucket(action, &self.partition, &at.bucket)
            .with("s3:prefix", at.key.as_str());
        match self.insist(caller, kind, list).await {
            Ok(()) => error.into(),
            Err(refusal) => refusal.into(),
        }
    }

    fn bench<'a>(&self, caller: &'a Caller, kind: OperationKind) -> Result<Bench<'a>, Refusal> {
        let standing = self.authority.standing(&caller.principal);
        let standing = standing
            .map_err(|error| Refusal::of(RefusalCause::Credentials(error), caller, plain(kind)))?;
        let mut context = caller.facts.context();
        standing.context(&caller.principal, &mut context);
        Ok(Bench { caller, kind, standing, context, existing: None })
    }

    async fn judge(
        &self,
        caller: &Caller,
        kind: OperationKind,
        demands: Demands<'_>,
    ) -> Result<Judged, Refusal> {
        let bench = self.bench(caller, kind)?;
        match demands {
            Demands::S3(demands) => self.judge_s3(bench, demands).await,
            Demands::Iam(request) => {
                let target = self.authority.iam_target(request).ok_or_else(|| {
                    Refusal::of(RefusalCause::Invalid, caller, (request.name(), "*"))
                })?;
                self.judge_iam(bench, target)
            }
            Demands::Sts { action, resource } => {
                let decision = self.decide(&bench, None, (&action, &resource));
                match decision.allowed() {
                    true => Ok(Judged::on(action.to_string(), resource.to_string())),
                    false => Err(Refusal::by_policy(decision.explanation(), &bench.context)),
                }
            }
            Demands::WebIdentity(ask) => {
                let asked = ("sts:AssumeRoleWithWebIdentity", ask.role_arn.as_str());
                let context = caller.facts.context();
                self.authority
                    .judge_web_identity(&caller.principal, ask, &context)
                    .map_err(|error| Refusal::of_assume_role(&error, caller, asked))?;
                Ok(Judged::on(asked.0, asked.1))
            }
            Demands::Own if caller.principal.is_anonymous() => {
                let asked = format!("sts:{}", kind.as_str());
                Err(Refusal::of(RefusalCause::Anonymous, caller, (&asked, "*")))
            }
            Demands::Own if caller.principal.is_temporary() => {
                let asked = format!("sts:{}", kind.as_str());
                Err(Refusal::of(RefusalCause::SessionCredentials, caller, (&asked, "*")))
            }
            Demands::Own => Ok(Judged::on(format!("sts:{}", kind.as_str()), "*")),
            Demands::Trust(ask) => {
                let asked = ("sts:AssumeRole", ask.role_arn.as_str());
                let context = caller.facts.context();
                self.authority
                    .judge_assume_role(&caller.principal, ask, &context)
                    .map_err(|error| Refusal::of_assume_role(&error, caller, asked))?;
                Ok(Judged::on(asked.0, asked.1))
            }
            Demands::Known if caller.principal.is_anonymous() => {
                Err(Refusal::of(RefusalCause::Anonymous, caller, plain(kind)))
            }
            Demands::Known => Ok(Judged::on(kind.as_str(), "*")),
        }
    }

    async fn judge_s3(
        &self,
        mut bench: Bench<'_>,
        demands: Vec<Demand>,
    ) -> Result<Judged, Refusal> {
        let (mut allowed, mut depends) = (Vec::new(), false);
        bench.context.set("aws:ResourceAccount", self.account.as_str());
        bench.context.set("s3:ResourceAccount", self.account.as_str());
        for demand in demands {
            if let DemandWhen::Tagged(version) = &demand.when
                && self.tags(&mut bench, &demand, version).await?.is_empty()
            {
                continue;
            }
            let policy = self.bucket_policy(&bench, &demand).await?;
            if let Some(policy) = policy.as_ref().filter(|policy| policy.public) {
                self.judge_public(&bench, &demand, policy).await?;
            }
            let policy = policy.as_ref().map(|policy| &policy.named);
            let named = bench.standing.policies(policy).name_key(EXISTING_TAG);
            let keys = self.keys(&mut bench, &demand, named).await?;
            depends |= named && demand.existing.is_some();
            for (key, value) in &keys {
                bench.context.set(key, value.clone());
            }
            let on = (&demand.action, &demand.resource);
            let decision = self.decide(&bench, policy, on);
            if !decision.allowed() {
                return Err(Refusal::by_policy(decision.explanation(), &bench.context));
            }
            // What is true of one demand is not true of the next.
            for (key, _) in &keys {
                bench.context.remove(key);
            }
            allowed.push(demand);
        }
        // An operation that demands nothing is one that nobody has thought through.
        let invalid = || Refusal::of(RefusalCause::Invalid, bench.caller, plain(bench.kind));
        let first = allowed.first().ok_or_else(invalid)?;
        let target =
            Target { action: first.action.to_string(), resource: first.resource.to_string() };
        self.uses.note(bench.caller, &allowed);
        let tags = bench.existing.filter(|_| depends).map(|(_, tags)| tags);
        Ok(Judged { target, tags })
    }

    /// The condition keys of a demand: its own, and what is known of the tags of what is there, if
    /// a policy names them.
    async fn keys(
        &self,
        bench: &mut Bench<'_>,
        demand: &Demand,
        named: bool,
    ) -> Result<Vec<(Cow<'static, str>, ContextValue)>, Refusal> {
        let mut keys = demand.keys.clone();
        if let Some(until) = demand.retain_until {
            let days = days_left(until, bench.caller.facts.at).to_string();
            keys.push((Cow::Borrowed("s3:object-lock-remaining-retention-days"), days.into()));
        }
        let Some(existing) = demand.existing.as_ref().filter(|_| named) else { return Ok(keys) };
        for (key, value) in self.tags(bench, demand, existing).await?.iter() {
            keys.push((Cow::Owned(format!("{EXISTING_TAG}{key}")), value.into()));
        }
        Ok(keys)
    }

    /// The tags of what is there. What is not there has none; what cannot be read refuses.
    async fn tags<'a>(
        &self,
        bench: &'a mut Bench<'_>,
        demand: &Demand,
        at: &VersionAddress,
    ) -> Result<&'a Tags, Refusal> {
        let known = bench.existing.take().filter(|(known, _)| known == at);
        let found = match known {
            Some(found) => found,
            None => (at.clone(), self.look_up_tags(bench.caller, demand, at).await?),
        };
        Ok(&bench.existing.insert(found).1)
    }

    async fn look_up_tags(
        &self,
        caller: &Caller,
        demand: &Demand,
        at: &VersionAddress,
    ) -> Result<Tags, Refusal> {
        let head = HeadObject { version: at.version, ..HeadObject::default() };
        match self.store.head_object(&at.object, head).await {
            Ok(meta) => Ok(meta.tags),
            Err(error) if is_absence(&error) => Ok(Tags::default()),
            Err(error) => {
                tracing::error!(%error, "refused: an object's tags cannot be read");
                let asked = (demand.action.as_str(), demand.resource.as_str());
                Err(Refusal::of(RefusalCause::Unreadable, caller, asked))
            }
        }
    }

    /// Temporary credentials never change what credentials are worth, nor look.
    fn judge_iam(&self, mut bench: Bench<'_>, target: IamTarget) -> Result<Judged, Refusal> {
        let IamTarget { action, resource, keys, also } = target;
        if bench.caller.principal.is_temporary() {
            let asked = (action.as_str(), resource.as_str());
            return Err(Refusal::of(RefusalCause::TemporaryCredentials, bench.caller, asked));
        }
        for (key, value) in keys {
            bench.context.set(&key, value);
        }
        for (action, resource) in std::iter::once(&(action.clone(), resource.clone())).chain(&also)
        {
            let decision = self.decide(&bench, None, (action, resource));
            if !decision.allowed() {
                return Err(Refusal::by_policy(decision.explanation(), &bench.context));
            }
        }
        Ok(Judged::on(action.to_string(), resource.to_string()))
    }

    fn decide<'a>(
        &'a self,
        bench: &'a Bench<'_>,
        resource_policy: Option<&'a NamedPolicy>,
        (action, resource): (&'a Action, &'a Arn),
    ) -> Decision<'a> {
        let request = Request {
            subject: bench.caller.principal.subject(),
            action,
            resource,
            resource_account: &self.account,
            context: &bench.context,
        };
        evaluate(&bench.standing.policies(resource_policy), &request)
    }

    /// The policy of the demand's bucket. A bucket that is not there has none: whether it is there
    /// is for the store to say, to those who may ask.
    async fn bucket_policy(
        &self,
        bench: &Bench<'_>,
        demand: &Demand,
    ) -> Result<Option<Arc<BucketPolicy>>, Refusal> {
        let Some(bucket) = &demand.bucket else { return Ok(None) };
        if bench.kind.mends_bucket_policy() && bench.caller.principal.is_root() {
            return Ok(None);
        }
        match self.stored_policy(bucket).await {
            Ok(policy) => Ok(policy),
            Err(error) => {
                tracing::error!(%error, %bucket, "refused: the bucket's policy cannot be read");
                let asked = (demand.action.as_str(), demand.resource.as_str());
                Err(Refusal::of(RefusalCause::Unreadable, bench.caller, asked))
            }
        }
    }

    pub(crate) async fn stored_policy(
        &self,
        bucket: &BucketName,
    ) -> Result<Option<Arc<BucketPolicy>>, StoreError> {
        match self.store.bucket_document(bucket, BucketDocument::Policy).await {
            Ok(text) => Ok(text.map(|text| self.policies.read(bucket, text))),
            Err(StoreError::NoSuchBucket) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
