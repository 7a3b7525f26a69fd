//! So many requests are worked on at once; who comes beyond that waits a moment and is then asked to
//! come again.
//!
//! Nobody gets more than half of the places, so that one client with a thousand threads does not
//! shut out the others. Places are given after the signature was verified: strangers who send slowly
//! hold none.
//!
//! Source: Amazon S3 API Reference, "Error responses", `SlowDown`; its clients wait and try again.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::StatusCode;
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};

use crate::fault::Fault;

/// How long a request waits for a place.
const WAIT_MAX: Duration = Duration::from_secs(1);

/// The places.
pub(crate) struct Places {
    all: Arc<Semaphore>,
    of: Arc<Mutex<HashMap<String, Arc<Semaphore>>>>,
    of_one: usize,
}

/// A place, held as long as this lives.
pub(crate) struct Place {
    of: Arc<Mutex<HashMap<String, Arc<Semaphore>>>>,
    who: String,
    held: Option<(OwnedSemaphorePermit, OwnedSemaphorePermit)>,
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Place").field("who", &self.who).finish_non_exhaustive()
    }
}

impl Places {
    /// `max` of them, at least two.
    pub(crate) fn new(max: usize) -> Self {
        let max = max.max(2);
        Self { all: Arc::new(Semaphore::new(max)), of: Arc::default(), of_one: max.div_ceil(2) }
    }

    /// Waits for a place, but not long.
    pub(crate) async fn take(&self, who: String) -> Result<Place, Fault> {
        let own = {
            let mut of = self.of.lock().unwrap_or_else(PoisonError::into_inner);
            let own = of.entry(who.clone());
            Arc::clone(own.or_insert_with(|| Arc::new(Semaphore::new(self.of_one))))
        };
        // From here on its drop tidies up, whatever comes.
        let mut place = Place { of: Arc::clone(&self.of), who, held: None };
        let all = Arc::clone(&self.all);
        let both = async { Ok((own.acquire_owned().await?, all.acquire_owned().await?)) };
        let both: Result<Result<_, AcquireError>, _> = tokio::time::timeout(WAIT_MAX, both).await;
        match both {
            Ok(Ok(held)) => {
                place.held = Some(held);
                Ok(place)
            }
            Ok(Err(_)) | Err(_) => Err(slow_down()),
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        drop(self.held.take());
        let mut of = self.of.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever waits or works holds the semaphore, too.
        if of.get(&self.who).is_some_and(|own| Arc::strong_count(own) == 1) {
            of.remove(&self.who);
        }
    }
}

fn slow_down() -> Fault {
    let message = "Please reduce your request rate.";
    Fault::new(StatusCode::SERVICE_UNAVAILABLE, "SlowDown", message)
}
