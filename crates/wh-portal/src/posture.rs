//! How the house stands, as far as this door knows of it: what was found last, and that somebody can look now.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use jiff::Timestamp;
use wh_provision::posture::Judged;

/// What was found last.
#[derive(Debug, Clone)]
pub struct PostureTold {
    /// When the round ended.
    pub checked_at: Timestamp,
    /// The checks and what comes of each.
    pub judged: Vec<Judged>,
}

type Answer<T> = Pin<Box<dyn Future<Output = Result<T, String>> + Send>>;
type Asking<T> = Arc<dyn Fn() -> Answer<T> + Send + Sync>;

/// How it is told and found out. What goes wrong is told in words for the log.
#[derive(Clone)]
pub struct PostureKeeper {
    every_minutes: u32,
    last: Asking<Option<PostureTold>>,
    check: Asking<bool>,
}

impl PostureKeeper {
    /// By these: what was found last, if anything was; and looking now, which is `false` where somebody
    /// else is looking. It is looked again every so many minutes, or never by itself.
    pub fn new<L, C>(
        every_minutes: u32,
        last: impl Fn() -> L + Send + Sync + 'static,
        check: impl Fn() -> C + Send + Sync + 'static,
    ) -> Self
    where
        L: Future<Output = Result<Option<PostureTold>, String>> + Send + 'static,
        C: Future<Output = Result<bool, String>> + Send + 'static,
    {
        let last: Asking<_> = Arc::new(move || Box::pin(last()));
        let check: Asking<_> = Arc::new(move || Box::pin(check()));
        Self { every_minutes, last, check }
    }

    pub(crate) fn every_minutes(&self) -> u32 {
        self.every_minutes
    }

    pub(crate) async fn last(&self) -> Result<Option<PostureTold>, String> {
        (self.last)().await
    }

    pub(crate) async fn check(&self) -> Result<bool, String> {
        (self.check)().await
    }
}

impl fmt::Debug for PostureKeeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PostureKeeper(…)")
    }
}
