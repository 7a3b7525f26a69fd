//! `trial schedules`: the shelf's locks under as many schedules as chance brings.

use std::time::Instant;

use anyhow::{Result, anyhow};

use crate::chance::Chance;
use crate::report;

/// Try the shelf's locks under many schedules: no file goes that is needed, and none stays
#[derive(Debug, clap::Args)]
pub(crate) struct Schedules {
    /// How many schedules
    #[arg(long, default_value_t = 50_000)]
    count: usize,
    /// Seed of the run, printed at the start; the same seed tries the same schedules
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many are tried side by side
    #[arg(long, default_value_t = 2)]
    lanes: usize,
}

impl Schedules {
    /// Tries them all.
    pub(crate) fn start(self) -> Result<()> {
        let Self { count, seed, lanes } = self;
        report(&format!("schedules: {count}, seed {seed}"));
        let (begun, mut chance) = (Instant::now(), Chance::new(seed));
        let each = count.div_ceil(lanes.max(1));
        let threads: Vec<_> = (0..lanes)
            .map(|_| chance.next())
            .map(|seed| std::thread::spawn(move || wh_objects::schedules::shelf(each, seed)))
            .collect();
        for thread in threads {
            thread
                .join()
                .map_err(|_| anyhow!("a schedule breaks a promise; it is printed above"))?;
        }
        let seconds = begun.elapsed().as_secs_f64();
        report(&format!("{} schedules in {seconds:.0} s: every promise was kept", each * lanes));
        Ok(())
    }
}
