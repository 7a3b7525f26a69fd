//! The real clock and the real randomness; everything below takes them as parameters.

use wh_names::{Clock, Entropy};

/// The time of day.
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
pub(crate) fn clock() -> Clock {
    Clock::new(jiff::Timestamp::now)
}

/// The operating system's randomness, through a generator that reseeds itself from it.
pub(crate) fn entropy() -> Entropy {
    Entropy::new(|buffer| rand::fill(buffer))
}
