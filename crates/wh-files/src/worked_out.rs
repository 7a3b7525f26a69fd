//! What the policy engine works out for all requests and all persons: some seconds of a processor, or more. One
//! question at a time, and never on a thread that answers others.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

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

/// How long somebody waits for an answer, and whether they still do.
#[derive(Debug, Clone)]
pub struct Patience {
    limit: Duration,
    until: Instant,
    gone: Arc<AtomicBool>,
}

impl Patience {
    /// So long, from now on.
    pub fn of(limit: Duration) -> Self {
        let now = Instant::now();
        Self { limit, until: now.checked_add(limit).unwrap_or(now), gone: Arc::default() }
    }

    /// That somebody waits still.
    ///
    /// # Errors
    /// [`FilesError::PatienceSpent`]: the time is up, or whoever asked has gone.
    pub fn left(&self) -> Result<(), FilesError> {
        if self.gone.load(Ordering::Relaxed) || Instant::now() >= self.until {
            return Err(FilesError::PatienceSpent { seconds: self.limit.as_secs() });
        }
        Ok(())
    }
}

/// Held by whoever waits: dropped, nobody does.
struct Waiting(Patience);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.gone.store(true, Ordering::Relaxed);
    }
}

/// Does `work` when it is its turn, for as long as somebody waits for it and the time is not up. Its turn is
/// waited for no longer either.
///
/// # Errors
/// Those of `work`, which looks at its patience; [`FilesError::NoTurn`]: others asked all the time.
pub async fn worked_out_within<T: Send + 'static>(
    limit: Duration,
    work: impl FnOnce(&Patience) -> Result<T, FilesError> + Send + 'static,
) -> Result<T, FilesError> {
    let turn = tokio::time::timeout(limit, ONE_AT_A_TIME.acquire()).await;
    let turn = turn.map_err(|_| FilesError::NoTurn)?.map_err(|_| FilesError::Unfinished)?;
    let waiting = Waiting(Patience::of(limit));
    let patience = waiting.0.clone();
    let working = tokio::task::spawn_blocking(move || {
        let done = work(&patience);
        drop(turn);
        done
    });
    working.await.map_err(|_| FilesError::Unfinished)?
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::{worked_out, worked_out_within};
    use crate::FilesError;

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

    /// Works until it is told to stop; says that it was.
    fn endless(
        ended: std::sync::mpsc::Sender<()>,
    ) -> impl FnOnce(&super::Patience) -> Result<(), FilesError> + Send + 'static {
        move |patience| {
            while patience.left().is_ok() {
                std::thread::sleep(Duration::from_millis(1));
            }
            ended.send(()).expect("somebody listens");
            patience.left()
        }
    }

    #[tokio::test]
    async fn whoever_asks_too_much_is_told_so_and_whoever_goes_is_not_worked_for() {
        let (tell, told) = std::sync::mpsc::channel();
        let spent = worked_out_within(Duration::from_millis(50), endless(tell.clone())).await;
        assert!(matches!(spent, Err(FilesError::PatienceSpent { .. })), "{spent:?}");
        told.recv_timeout(Duration::from_secs(5)).expect("it ended");
        let question = tokio::spawn(worked_out_within(Duration::from_mins(10), endless(tell)));
        tokio::time::sleep(Duration::from_millis(50)).await;
        question.abort();
        assert!(question.await.is_err_and(|gone| gone.is_cancelled()));
        told.recv_timeout(Duration::from_secs(5)).expect("it ended though there was time");
    }
}
