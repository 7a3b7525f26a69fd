//! The estate as it is in force: as it is described, with the permissions that administrators saved.
//! How a saved one comes into force is the binary's to say.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use wh_provision::Estate;

type Enforcing = Pin<Box<dyn Future<Output = Result<(), String>> + Send>>;

/// How long is waited for what another node saved.
const IN_STEP_WAIT_MAX: Duration = Duration::from_secs(5);

/// A saved policy that cannot be laid over the estate any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnfitPolicy {
    /// Whose permissions it would be.
    pub role: String,
    /// Why it cannot, in words.
    pub why: String,
    /// Whether the store did not take it: then it is tried again.
    pub refused: bool,
}

/// What is in force.
#[derive(Debug, Clone)]
pub struct InForce {
    /// The estate, with what was saved laid over it.
    pub estate: Arc<Estate>,
    /// How many versions had been saved.
    pub versions: i64,
    /// What was saved and could not be laid over it.
    pub unfit: Vec<UnfitPolicy>,
}

impl InForce {
    /// What is described, and nothing saved.
    pub fn described(estate: Arc<Estate>) -> Self {
        Self { estate, versions: 0, unfit: Vec::new() }
    }
}

/// What should be, and how it comes to be. Cloning shares it.
#[derive(Clone)]
pub struct PolicyKeeper {
    described: Arc<Estate>,
    in_force: watch::Receiver<InForce>,
    enforce: Option<Arc<dyn Fn() -> Enforcing + Send + Sync>>,
}

impl PolicyKeeper {
    /// What administrators save comes into force by `enforce`, which reads it from the ledger; what is in
    /// force then, `in_force` tells. What goes wrong is told in words for the log.
    pub fn new<F>(
        described: Arc<Estate>,
        in_force: watch::Receiver<InForce>,
        enforce: impl Fn() -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<(), String>> + Send + 'static,
    {
        Self { described, in_force, enforce: Some(Arc::new(move || Box::pin(enforce()))) }
    }

    /// An estate that only an operator changes: this portal has no rights to IAM.
    pub fn by_operator(estate: Estate) -> Self {
        let described = Arc::new(estate);
        // What was sent last is seen although nobody sends any more.
        let (_, in_force) = watch::channel(InForce::described(Arc::clone(&described)));
        Self { described, in_force, enforce: None }
    }

    /// The estate as it is described, without what administrators saved.
    pub(crate) fn described(&self) -> &Estate {
        &self.described
    }

    /// The estate as it is in force.
    pub(crate) fn estate(&self) -> Arc<Estate> {
        Arc::clone(&self.in_force.borrow().estate)
    }

    /// The same, once as many versions are in force as were saved. `None`: they are not, for seconds.
    pub(crate) async fn estate_with(&self, versions: i64) -> Option<Arc<Estate>> {
        if self.enforce.is_none() {
            return Some(self.estate());
        }
        let mut news = self.in_force.clone();
        let in_step = news.wait_for(|now| now.versions >= versions);
        let now = tokio::time::timeout(IN_STEP_WAIT_MAX, in_step).await;
        now.ok()?.ok().map(|now| Arc::clone(&now.estate))
    }

    /// The estate as it would be with what was saved, whether or not it comes into force. Where a policy
    /// does not fit, the role is as it is.
    pub(crate) fn estate_of(&self, saved: BTreeMap<String, String>) -> Estate {
        let now = self.estate();
        let mut estate = Estate::clone(&self.described);
        for (role, text) in saved {
            let in_force = now.description().policies.get(&role);
            let with = |text: &String| {
                estate.with_policies(&BTreeMap::from([(role.clone(), text.clone())])).ok()
            };
            if let Some(laid) = with(&text).or_else(|| in_force.and_then(with)) {
                estate = laid;
            }
        }
        estate
    }

    /// What was saved and is not in force, for it does not fit the estate any more.
    pub(crate) fn unfit(&self) -> Vec<UnfitPolicy> {
        self.in_force.borrow().unfit.clone()
    }

    /// Whether what is saved comes into force here.
    pub(crate) fn at_once(&self) -> bool {
        self.enforce.is_some()
    }

    pub(crate) async fn enforce(&self) -> Result<(), String> {
        match &self.enforce {
            Some(enforce) => enforce().await,
            None => Err("only an operator changes this estate".to_owned()),
        }
    }
}

impl fmt::Debug for PolicyKeeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PolicyKeeper(…)")
    }
}
