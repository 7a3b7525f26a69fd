//! The house's own keys, as far as this door knows of them: what there is, and that they can be rotated.
//! The keys themselves never come here.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use jiff::Timestamp;

/// What is known of one of the house's own keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HouseKey {
    /// The file in the data folder: `authority.keys` or `audit.key`.
    pub file: &'static str,
    /// Which it is, from 1.
    pub generation: usize,
    /// The public half in hexadecimal digits, where there is one.
    pub fingerprint: Option<String>,
    /// When it was made, where that is known.
    pub made_at: Option<Timestamp>,
    /// From when on it seals; `None`: from its beginning.
    pub seals_from: Option<Timestamp>,
    /// Until when sessions that it sealed count; `None`: no end is set.
    pub opens_sessions_until: Option<Timestamp>,
    /// Whether new things are sealed or signed by it.
    pub in_force: bool,
    /// When it should be rotated; of keys in force alone.
    pub due_at: Option<Timestamp>,
}

type Rotating = Pin<Box<dyn Future<Output = Result<(), String>> + Send>>;
type List = dyn Fn() -> Result<Vec<HouseKey>, String> + Send + Sync;

/// How the house's keys are seen and rotated. What goes wrong is told in words for the log.
#[derive(Clone)]
pub struct HouseKeys {
    list: Arc<List>,
    rotate: Arc<dyn Fn() -> Rotating + Send + Sync>,
}

impl HouseKeys {
    /// By these.
    pub fn new<F>(
        list: impl Fn() -> Result<Vec<HouseKey>, String> + Send + Sync + 'static,
        rotate: impl Fn() -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<(), String>> + Send + 'static,
    {
        Self { list: Arc::new(list), rotate: Arc::new(move || Box::pin(rotate())) }
    }

    pub(crate) fn list(&self) -> Result<Vec<HouseKey>, String> {
        (self.list)()
    }

    pub(crate) async fn rotate(&self) -> Result<(), String> {
        (self.rotate)().await
    }
}

impl fmt::Debug for HouseKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HouseKeys(…)")
    }
}
