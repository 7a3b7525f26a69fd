//! The estate as it is in force: as it is described, with the permissions that administrators saved.
//! How a saved one comes into force is the binary's to say.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use tokio::sync::watch;
use wh_provision::Estate;

type Enforcing = Pin<Box<dyn Future<Output = Result<(), String>> + Send>>;

/// What should be, and how it comes to be. Cloning shares it.
#[derive(Clone)]
pub struct PolicyKeeper {
    described: Arc<Estate>,
    in_force: watch::Receiver<Arc<Estate>>,
    enforce: Option<Arc<dyn Fn() -> Enforcing + Send + Sync>>,
}

impl PolicyKeeper {
    /// What administrators save comes into force by `enforce`, which reads it from the ledger; what is in
    /// force then, `in_force` tells. What goes wrong is told in words for the log.
    pub fn new<F>(
        described: Arc<Estate>,
        in_force: watch::Receiver<Arc<Estate>>,
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
        let (_, in_force) = watch::channel(Arc::clone(&described));
        Self { described, in_force, enforce: None }
    }

    /// The estate as it is described, without what administrators saved.
    pub(crate) fn described(&self) -> &Estate {
        &self.described
    }

    /// The estate as it is in force.
    pub(crate) fn estate(&self) -> Arc<Estate> {
        Arc::clone(&self.in_force.borrow())
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
