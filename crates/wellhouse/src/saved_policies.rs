//! Permissions that administrators saved: laid over the estate that is described, brought into force in
//! the store, and followed where another node saved them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::sync::{Mutex, watch};
use wh_aws::AwsCloud;
use wh_files::RoleViews;
use wh_ledger::{AuditKind, AuditRecord, Ledger};
use wh_portal::{InForce, UnfitPolicy};
use wh_provision::{ApplyError, CloudError, Estate, Step};

use crate::config::{Config, StoreKind};
use crate::embedded::Embedded;
use crate::output::remark;
use crate::serve::role_views;

/// How often it is looked whether another node saved something.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// How often it is tried again after it failed.
const LOOK_EVERY_MAX: Duration = Duration::from_secs(4);

/// There are never so many versions: what is saved is brought into force again.
const NONE_KNOWN: i64 = -1;

/// What keeps the store, the portal and the ledger at one.
pub(crate) struct SavedPolicies {
    config: Config,
    described: Arc<Estate>,
    ledger: Ledger,
    cloud: AwsCloud,
    roles: RoleViews,
    in_force: watch::Sender<InForce>,
    /// How many versions there were when they were last brought into force; one hand at a time.
    known: Mutex<i64>,
}

/// What a role is allowed whose saved permissions cannot be laid over the estate any more: nothing, until
/// somebody decides. What is described may be wider than what an administrator had narrowed.
const NOTHING: &str = r#"{"Version": "2012-10-17", "Statement": [{"Sid": "SavedPolicyDoesNotFit",
    "Effect": "Deny", "Action": "*", "Resource": "*"}]}"#;

/// The estate with what administrators saved laid over it. Where that does not fit any more, for the estate or
/// this program has changed since, the role is allowed nothing, and it is told.
pub(crate) async fn laid_over(described: &Estate, ledger: &Ledger) -> Result<InForce> {
    let versions = ledger.policy_versions_counted().await?;
    let (mut estate, mut unfit) = (described.clone(), Vec::new());
    for (role, text) in ledger.saved_policies().await.context("reading saved policies")? {
        let with =
            |text: &str| estate.with_policies(&BTreeMap::from([(role.clone(), text.to_owned())]));
        match with(&text) {
            Ok(with) => estate = with,
            Err(error) => {
                let nothing = with(NOTHING).ok();
                tracing::error!(
                    role, %error, "a saved policy does not fit this estate: the role is allowed nothing until \
                     an administrator saves another version or goes back to the described one"
                );
                unfit.push(UnfitPolicy { role, why: error.to_string(), refused: false });
                estate = nothing.unwrap_or(estate);
            }
        }
    }
    Ok(InForce { estate: Arc::new(estate), versions, unfit })
}

/// Writes into the audit trail what was saved and is not in force.
async fn record_unfit(ledger: &Ledger, in_force: &InForce) -> Result<()> {
    for one in &in_force.unfit {
        let record = AuditRecord {
            at: crate::parameters::clock().now(),
            kind: AuditKind::Refusal,
            request_id: String::new(),
            operation: "EnforcePolicy".to_owned(),
            action: "wellhouse:EnforcePolicy".to_owned(),
            resource: format!("role/{}", one.role),
            principal: "wellhouse".to_owned(),
            source_identity: None,
            source_ip: None,
            detail: Some(format!(
                "what was saved does not fit, and nothing is allowed: {}",
                one.why
            )),
        };
        ledger.record_refusal(&record).await.context("writing the audit trail")?;
    }
    Ok(())
}

/// Says on the terminal what was saved and is not in force.
fn remark_unfit(in_force: &InForce) {
    for UnfitPolicy { role, why, .. } in &in_force.unfit {
        remark(&format!(
            "The saved permissions of {role} do not fit this estate any more ({why}): the role is allowed nothing \
             until others are saved at Roles in the portal."
        ));
    }
}

/// What is in force where the store did not take what was saved for a role: that role is allowed nothing, until it
/// does. `None`: something else failed.
pub(crate) fn without(
    described: &Estate,
    started: &InForce,
    error: &anyhow::Error,
) -> Result<Option<InForce>> {
    let Some(ApplyError::Step { step: Step::PutRolePolicy { role, .. }, source, .. }) =
        error.downcast_ref::<ApplyError>()
    else {
        return Ok(None);
    };
    let role = role.to_string();
    let policies = &started.estate.description().policies;
    let own = described.description().policies.get(&role) != policies.get(&role);
    let denied = started.unfit.iter().any(|one| one.role == role);
    if matches!(source, CloudError::Unreachable { .. }) || !own || denied {
        return Ok(None);
    }
    let why = format!("the store does not take it: {error:#}");
    tracing::error!(
        role,
        why,
        "what was saved is not in force, and the role is allowed nothing until the store takes it or another is saved"
    );
    let nothing = BTreeMap::from([(role.clone(), NOTHING.to_owned())]);
    let mut unfit = started.unfit.clone();
    unfit.push(UnfitPolicy { role, why, refused: true });
    let estate = Arc::new(started.estate.with_policies(&nothing)?);
    Ok(Some(InForce { estate, versions: started.versions, unfit }))
}

/// The estate that a server starts with, where this program is its IAM with what administrators saved. A
/// guard rail that it does not keep to is told. A version that is saved meanwhile by another node is followed.
pub(crate) async fn estate(
    config: &Config,
    described: &Estate,
    ledger: &Ledger,
) -> Result<InForce> {
    let started = match config.store.kind {
        StoreKind::Aws => {
            InForce { estate: Arc::new(described.clone()), versions: 0, unfit: Vec::new() }
        }
        StoreKind::Embedded | StoreKind::Gateway => laid_over(described, ledger).await?,
    };
    let described = started.estate.description();
    if !described.policies.is_empty() || !described.rails.is_empty() {
        // The standard estate keeps to the standard rails; nobody waits for the proof of others.
        let proved = Arc::clone(&started.estate);
        tokio::task::spawn_blocking(move || tell_of_rails(&proved));
    }
    Ok(started)
}

fn tell_of_rails(estate: &Estate) {
    for broken in estate.broken_rails() {
        tracing::error!(
            rail = broken.rail,
            who = broken.who,
            "a guard rail does not hold: `wellhouse policy prove` shows by which request"
        );
    }
}

/// The estate of the configuration as it is in force: where this program is its IAM, with what
/// administrators saved.
pub(crate) async fn in_force(config: &Config, described: Estate) -> Result<Estate> {
    if config.store.kind == StoreKind::Aws || !crate::ledger::is_there(config) {
        return Ok(described);
    }
    let ledger = crate::ledger::open(config, &crate::parameters::clock()).await?;
    let in_force = laid_over(&described, &ledger).await;
    ledger.close().await;
    let in_force = in_force?;
    remark_unfit(&in_force);
    Ok(Estate::clone(&in_force.estate))
}

impl SavedPolicies {
    /// What was in force when the store was made is `started`. Before AWS nothing is saved: none.
    pub(crate) async fn start(
        config: &Config,
        ledger: &Ledger,
        (described, started): (Arc<Estate>, InForce),
        (store, roles): (Option<&Embedded>, &RoleViews),
    ) -> Result<Option<Arc<Self>>> {
        let Some(store) = store else { return Ok(None) };
        record_unfit(ledger, &started).await?;
        let refused = started.unfit.iter().any(|one| one.refused);
        let known = Mutex::new(if refused { NONE_KNOWN } else { started.versions });
        let (in_force, _) = watch::channel(started);
        Ok(Some(Arc::new(Self {
            config: config.clone(),
            described,
            ledger: ledger.clone(),
            cloud: store.cloud(config).await?,
            roles: roles.clone(),
            in_force,
            known,
        })))
    }

    /// What is in force.
    pub(crate) fn told(&self) -> watch::Receiver<InForce> {
        self.in_force.subscribe()
    }

    /// Brings what was saved into force: in the store first, whose word counts.
    pub(crate) async fn enforce(&self) -> Result<()> {
        let mut known = self.known.lock().await;
        // Whoever comes second applies what the first had saved, too.
        let alone = self.ledger.lock_house().await?;
        let now = laid_over(&self.described, &self.ledger).await?;
        let plan =
            wh_provision::plan(&now.estate, &self.cloud).await.context("planning the roles")?;
        wh_provision::apply(&plan, &self.cloud).await.context("changing the roles")?;
        drop(alone);
        record_unfit(&self.ledger, &now).await?;
        self.roles.replace(role_views(&self.config, &now.estate)?);
        *known = now.versions;
        self.in_force.send_replace(now);
        Ok(())
    }

    /// Brings into force what other nodes saved, and what was saved here and did not come to it.
    pub(crate) async fn follow(self: Arc<Self>) {
        let mut every = LOOK_EVERY;
        loop {
            tokio::time::sleep(every).await;
            every = LOOK_EVERY;
            if let Err(error) = self.catch_up().await {
                tracing::error!(error = format!("{error:#}"), "saved policies wait");
                every = LOOK_EVERY_MAX;
            }
        }
    }

    async fn catch_up(&self) -> Result<()> {
        let known = *self.known.lock().await;
        if self.ledger.policy_versions_counted().await? == known {
            return Ok(());
        }
        self.enforce().await
    }
}

#[cfg(test)]
mod tests {
    use wh_ledger::PolicyVersion;
    use wh_names::{RoleName, Uid};
    use wh_provision::Description;

    use super::*;

    const DESCRIBED: &str = "installation = \"main\"\naccount = \"000000000000\"\nregion = \"us-east-1\"\n\
         target = \"embedded\"\n[[bucket]]\nname = \"example-files\"\n";

    fn saved(role: &str, document: &str) -> PolicyVersion {
        PolicyVersion {
            role: RoleName::parse(role).expect("a role"),
            number: 1,
            document: Some(document.to_owned()),
            note: String::new(),
            author: Uid::parse("01arz3ndektsv4rrffq69g5fav").expect("a uid"),
            saved_at: jiff::Timestamp::UNIX_EPOCH,
        }
    }

    /// What is described may be wider than what was saved.
    #[tokio::test]
    async fn a_role_whose_saved_permissions_do_not_fit_is_allowed_nothing_and_the_others_stay() {
        let described = Description::read(DESCRIBED).expect("a description");
        let described = Estate::of(described).expect("an estate");
        let ledger = Ledger::in_memory().await.expect("a ledger");
        let narrow = r#"{"Version": "2012-10-17", "Statement": [{"Sid": "Narrow", "Effect": "Allow",
            "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::example-files"}]}"#;
        // As an older program took it.
        for version in [saved("S3AccessRole", "{}"), saved("UploadRole", narrow)] {
            assert!(ledger.add_policy_version(&version).await.expect("saved"));
        }
        let now = laid_over(&described, &ledger).await.expect("laid over");
        let permissions = |role: &str| {
            let role = RoleName::parse(role).expect("a role");
            text(&now.estate, &role)
        };
        assert!(permissions("S3AccessRole").contains("SavedPolicyDoesNotFit"));
        assert!(!permissions("S3AccessRole").contains("Allow"));
        assert!(permissions("UploadRole").contains("Narrow"));
        assert!(permissions("RegularUserRole").contains("Allow"));
        let roles: Vec<&str> = now.unfit.iter().map(|one| one.role.as_str()).collect();
        assert_eq!((roles, now.versions), (vec!["S3AccessRole"], 2));
        record_unfit(&ledger, &now).await.expect("written");
        let told = ledger.audit_entries(&wh_ledger::AuditFilter::default(), 10).await;
        let told = told.expect("read");
        assert_eq!(told[0].record.resource, "role/S3AccessRole");
        let role = |name: &str| RoleName::parse(name).expect("a role");
        let put = |name: &str| Step::PutRolePolicy {
            role: role(name),
            policy: "Permissions".to_owned(),
            document: String::new(),
        };
        let failed = |step: Step, source: CloudError| {
            anyhow::Error::new(ApplyError::Step { step, done: 1, source }).context("making it")
        };
        let no = || CloudError::Refused {
            service_code: "LimitExceeded".to_owned(),
            message: "no".to_owned(),
        };
        let after = |error: &anyhow::Error| without(&described, &now, error).expect("an estate");
        let without = after(&failed(put("UploadRole"), no())).expect("it is the role's");
        assert!(!text(&without.estate, &role("UploadRole")).contains("Allow"));
        assert!(text(&without.estate, &role("RegularUserRole")).contains("Allow"));
        let roles: Vec<(&str, bool)> =
            without.unfit.iter().map(|one| (one.role.as_str(), one.refused)).collect();
        assert_eq!(roles, [("S3AccessRole", false), ("UploadRole", true)]);
        // Whatever else fails takes nothing from anybody: the start fails, or is tried again.
        let gone = CloudError::Unreachable { message: "no".to_owned() };
        assert!(after(&failed(put("UploadRole"), gone)).is_none());
        assert!(after(&failed(put("RegularUserRole"), no())).is_none(), "it was not saved");
        assert!(after(&failed(Step::DeleteRole { role: role("UploadRole") }, no())).is_none());
        assert!(after(&anyhow::anyhow!("the disk is full")).is_none());
    }

    fn text(estate: &Estate, role: &RoleName) -> String {
        let policies = &estate.role(role).expect("the role").permissions;
        policies.iter().map(|policy| policy.document.to_json()).collect()
    }
}
