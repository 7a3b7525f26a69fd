//! The shelf under many schedules: the very source of `shelf.rs`, compiled with the locks and
//! threads of a scheduler that chooses by chance who takes the next step.
//!
//! Promises held here: no file is removed while a reader may need it, or while the index names
//! it; and every dead file is removed at last. A schedule that breaks one is printed.
//!
//! Source: Burckhardt et al., "A Randomized Scheduler with Probabilistic Guarantees of Finding
//! Bugs", ASPLOS 2010, which one of the two schedulers follows.

mod cellar;
mod folder;
#[path = "../shelf.rs"]
#[expect(clippy::duplicate_mod, reason = "once for the store, once for the scheduler")]
#[expect(dead_code, reason = "what the store alone asks a shelf for")]
mod shelf;
mod sync;

/// The keys of the files, which the shelf only hands on.
mod seal {
    #[derive(Debug)]
    pub(super) struct Sealing;
}

use shuttle::scheduler::{PctScheduler, RandomScheduler};
use shuttle::{Config, Runner};

use super::extent;

/// At how many places a schedule of the second kind turns to another thread against all odds.
const TURNS: usize = 4;

/// Tries `count` schedules, half of them by plain chance. The same seed tries the same ones.
///
/// # Panics
///
/// When a schedule breaks a promise; the schedule is printed.
pub fn shelf(count: usize, seed: u64) {
    let by_chance = RandomScheduler::new_from_seed(seed, count.div_ceil(2));
    Runner::new(by_chance, Config::new()).run(cellar::one_evening);
    let by_turns = PctScheduler::new_from_seed(seed, TURNS, count / 2);
    Runner::new(by_turns, Config::new()).run(cellar::one_evening);
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_file_goes_while_it_is_needed_and_none_stays() {
        super::shelf(2_000, 1);
    }
}
