//! The one place that says yes.

use std::sync::Arc;

use wh_authority::Standing;
use wh_names::{Action, Arn, BucketName};
use wh_objects::{BucketDocument, ObjectAddress, StoreError};
use wh_policy::{Context, Decision, NamedPolicy, Request, evaluate};

use crate::record::Target;
use crate::refusal::{RefusalCause, plain};
use crate::{Caller, Demand, Demands, Gate, GateError, Operation, OperationKind, Permit, Refusal};

/// What every demand of one request is judged with.
struct Bench<'a> {
    caller: &'a Caller,
    kind: OperationKind,
    standing: Standing,
    context: Context,
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
        let target = match judged {
            Ok(target) => target,
            Err(refusal) => {
                self.note(caller, Op::KIND, &refusal).await;
                return Err(refusal);
            }
        };
        let ticket = match op.mutates() {
            true => Some(self.intend(caller, Op::KIND, target).await?),
            false => None,
        };
        Ok(Permit::mint(op, caller.clone(), ticket))
    }

    /// What a caller learns of an object that is not there: that it is not, if they may list it.
    ///
    /// Source: S3 API Reference, `GetObject` and `HeadObject`, "Permissions".
    pub(crate) async fn absent(
        &self,
        caller: &Caller,
        kind: OperationKind,
        at: &ObjectAddress,
        error: StoreError,
    ) -> GateError {
        if !matches!(error, StoreError::NoSuchKey | StoreError::Deleted { .. }) {
            return error.into();
        }
        let list = Demand::on_bucket("s3:ListBucket", &self.partition, &at.bucket)
            .with("s3:prefix", at.key.as_str());
        match self.judge(caller, kind, list.alone()).await {
            Ok(_) => error.into(),
            Err(refusal) => {
                self.note(caller, kind, &refusal).await;
                refusal.into()
            }
        }
    }

    async fn judge(
        &self,
        caller: &Caller,
        kind: OperationKind,
        demands: Demands<'_>,
    ) -> Result<Target, Refusal> {
        let standing = self.authority.standing(&caller.principal);
        let standing = standing
            .map_err(|error| Refusal::of(RefusalCause::Credentials(error), caller, plain(kind)))?;
        let mut context = caller.facts.context();
        standing.context(&caller.principal, &mut context);
        let bench = Bench { caller, kind, standing, context };
        match demands {
            Demands::S3(demands) => self.judge_s3(bench, demands).await,
            Demands::Iam(request) => {
                let target = self.authority.iam_target(request).ok_or_else(|| {
                    Refusal::of(RefusalCause::Invalid, caller, (request.name(), "*"))
                })?;
                self.judge_iam(&bench, &target)
            }
            Demands::Trust(ask) => {
                let asked = ("sts:AssumeRole", ask.role_arn.as_str());
                let context = caller.facts.context();
                self.authority
                    .judge_assume_role(&caller.principal, ask, &context)
                    .map_err(|error| Refusal::of_assume_role(&error, caller, asked))?;
                Ok(Target { action: asked.0.to_owned(), resource: asked.1.to_owned() })
            }
            Demands::Known if caller.principal.is_anonymous() => {
                Err(Refusal::of(RefusalCause::Anonymous, caller, plain(kind)))
            }
            Demands::Known => {
                Ok(Target { action: kind.as_str().to_owned(), resource: "*".to_owned() })
            }
        }
    }

    async fn judge_s3(
        &self,
        mut bench: Bench<'_>,
        demands: Vec<Demand>,
    ) -> Result<Target, Refusal> {
        let mut first = None;
        bench.context.set("aws:ResourceAccount", self.account.as_str());
        bench.context.set("s3:ResourceAccount", self.account.as_str());
        for demand in demands {
            let policy = self.bucket_policy(&bench, &demand).await?;
            for (key, value) in &demand.keys {
                bench.context.set(key, value.clone());
            }
            let on = (&demand.action, &demand.resource);
            let decision = self.decide(&bench, policy.as_deref(), on);
            if !decision.allowed() {
                return Err(Refusal::by_policy(decision.explanation()));
            }
            // What is true of one demand is not true of the next.
            for (key, _) in &demand.keys {
                bench.context.remove(key);
            }
            first.get_or_insert_with(|| Target {
                action: demand.action.to_string(),
                resource: demand.resource.to_string(),
            });
        }
        // An operation that demands nothing is one that nobody has thought through.
        first.ok_or_else(|| Refusal::of(RefusalCause::Invalid, bench.caller, plain(bench.kind)))
    }

    /// Temporary credentials never change what credentials are worth, nor look.
    fn judge_iam(&self, bench: &Bench<'_>, target: &(Action, Arn)) -> Result<Target, Refusal> {
        let (action, resource) = target;
        if bench.caller.principal.is_temporary() {
            let asked = (action.as_str(), resource.as_str());
            return Err(Refusal::of(RefusalCause::TemporaryCredentials, bench.caller, asked));
        }
        let decision = self.decide(bench, None, (action, resource));
        if !decision.allowed() {
            return Err(Refusal::by_policy(decision.explanation()));
        }
        Ok(Target { action: action.to_string(), resource: resource.to_string() })
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
    ) -> Result<Option<Arc<NamedPolicy>>, Refusal> {
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

    async fn stored_policy(
        &self,
        bucket: &BucketName,
    ) -> Result<Option<Arc<NamedPolicy>>, StoreError> {
        match self.store.bucket_document(bucket, BucketDocument::Policy).await {
            Ok(text) => Ok(text.map(|text| self.policies.read(bucket, text))),
            Err(StoreError::NoSuchBucket) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
