//! Stopping: the first signal drains, the second ends.

use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// What is still running this long after the drain is cut.
pub(crate) const AFTER_DRAIN: Duration = Duration::from_secs(1);
/// So long the endpoint waits for the portal, whose requests in flight may need it.
const PORTAL_FIRST_MAX: Duration = Duration::from_millis(1500);
/// Requests in flight get this long to end.
pub(crate) const DRAIN_MAX: Duration = Duration::from_secs(8);

/// Tells everybody that it is time to stop; clones hear the same word.
#[derive(Clone, Debug)]
pub(crate) struct Stop(watch::Receiver<bool>);

impl Stop {
    /// Listens for SIGINT and SIGTERM from now on.
    pub(crate) fn on_signals() -> anyhow::Result<Self> {
        let (sender, receiver) = watch::channel(false);
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::spawn(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            sender.send_replace(true);
            // Kept alive, so that waiting clones see the word and not a closed channel.
            sender.closed().await;
        });
        Ok(Self(receiver))
    }

    /// A later word, for what the first to stop may need until they have stopped: it comes when `true`
    /// is sent, or a little after the word itself.
    pub(crate) fn later(&self) -> (watch::Sender<bool>, Self) {
        let (stopped, receiver) = watch::channel(false);
        let (word, sender) = (self.clone(), stopped.clone());
        tokio::spawn(async move {
            word.wait().await;
            tokio::time::sleep(PORTAL_FIRST_MAX).await;
            sender.send_replace(true);
            sender.closed().await;
        });
        (stopped, Self(receiver))
    }

    /// Whether the word has come.
    pub(crate) fn has_come(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits for the word.
    pub(crate) async fn wait(mut self) {
        if self.0.wait_for(|stop| *stop).await.is_err() {
            tracing::warn!("the signal handler is gone; stopping");
        }
    }
}
