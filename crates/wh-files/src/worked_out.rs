//! What the policy engine works out for all requests and all persons: some seconds of a processor, or more. One
//! question at a time, and never on a thread that answers others.

use tokio::sync::Semaphore;

use crate::FilesError;

/// The blocking threads are the store's, too: whoever asks much would take them from it.
static ONE_AT_A_TIME: Semaphore = Semaphore::const_new(1);

/// Does `work` when it is its turn.
///
/// # Errors
/// [`FilesError::Unfinished`]: it ended before it was done.
pub async fn worked_out<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, FilesError> {
    let turn = ONE_AT_A_TIME.acquire().await.map_err(|_| FilesError::Unfinished)?;
    let working = tokio::task::spawn_blocking(move || {
        let done = work();
        drop(turn);
        done
    });
    working.await.map_err(|_| FilesError::Unfinished)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::worked_out;

    /// How many are at it now, and the most there ever were.
    #[derive(Clone, Default)]
    struct Count(Arc<AtomicUsize>, Arc<AtomicUsize>);

    impl Count {
        fn work(&self) {
            self.1.fetch_max(self.0.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            std::thread::sleep(Duration::from_millis(20));
            self.0.fetch_sub(1, Ordering::SeqCst);
        }
    }

    #[tokio::test]
    async fn questions_are_worked_out_one_after_the_other_beside_everything_else() {
        let count = Count::default();
        let questions = std::iter::repeat_n(count.clone(), 8);
        let all = questions.map(|count| worked_out(move || count.work()));
        let all = futures::future::join_all(all).await;
        assert!(all.into_iter().all(|one| one.is_ok()));
        assert_eq!(count.1.load(Ordering::SeqCst), 1);
    }
}
