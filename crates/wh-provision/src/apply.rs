//! The effects of a plan, one after the other.

use crate::cloud::{Cloud, CloudError};
use crate::plan::Plan;
use crate::step::Step;

/// Which step failed, and why. The steps before it were done; a new plan goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// The cloud did not perform the step.
    #[error("could not {step}")]
    Step {
        /// What was to be written.
        step: Step,
        /// How many steps were done before.
        done: usize,
        /// What the cloud said.
        source: CloudError,
    },
    /// The cloud says that the role is there, and does not show it.
    #[error("the service-linked role of `{service}` was made and cannot be read back")]
    NotReadBack {
        /// The service's principal.
        service: String,
    },
}

impl ApplyError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Step { source, .. } => source.code(),
            Self::NotReadBack { .. } => "not-read-back",
        }
    }
}

/// Performs the plan in its order, one write at a time, and returns how many writes were made.
///
/// One at a time, because S3 refuses parallel writes to one bucket's settings. It stops at the first
/// failure; whatever was done stands, and a new plan holds the rest.
pub async fn apply(plan: &Plan, cloud: &dyn Cloud) -> Result<usize, ApplyError> {
    apply_telling(plan, cloud, &|_, _| ()).await
}

/// As [`apply`]; `tell` is called before each step with its number, from 1.
pub async fn apply_telling(
    plan: &Plan,
    cloud: &dyn Cloud,
    tell: &(dyn Fn(usize, &Step) + Send + Sync),
) -> Result<usize, ApplyError> {
    for (done, change) in plan.changes().iter().enumerate() {
        tell(done + 1, &change.step);
        perform(&change.step, done, cloud).await?;
    }
    Ok(plan.changes().len())
}

async fn perform(step: &Step, done: usize, cloud: &dyn Cloud) -> Result<(), ApplyError> {
    let failed = |source| ApplyError::Step { step: step.clone(), done, source };
    let performed = cloud.perform(step).await;
    let Step::CreateServiceLinkedRole { service, path } = step else {
        return performed.map_err(failed);
    };
    match performed {
        Ok(()) | Err(CloudError::AlreadyExists { .. }) => {}
        Err(error) => return Err(failed(error)),
    }
    if cloud.roles_under(path).await.map_err(failed)?.is_empty() {
        return Err(ApplyError::NotReadBack { service: service.clone() });
    }
    Ok(())
}
