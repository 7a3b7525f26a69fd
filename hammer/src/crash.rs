//! Kill the server under load, start it again, and look for what was lost.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::client::S3;
use crate::content::Random;
use crate::load::{Look, Tally, Worker, look};
use crate::report;
use crate::server::House;

/// Writers at once.
const WORKERS: u64 = 8;
/// Keys of each writer.
const KEYS_EACH: u64 = 24;
/// The server is killed this long after the load began, at random in the range.
const KILL_AFTER_MS: std::ops::Range<u64> = 30..400;
/// Between two looks at everything; every look in between is at the keys that were touched.
const CYCLES_BETWEEN_FULL_LOOKS: u32 = 20;

/// Runs `cycles` cycles; fails at the first loss.
pub(crate) fn run(house: House, cycles: u32, seed: Option<u64>) -> Result<()> {
    let seed = seed.unwrap_or(0x5EED);
    report(&format!("crash: {cycles} cycles of kill -9 under load, seed {seed}"));
    let began = Instant::now();
    let mut running = house.start()?;
    let portal = house.set_up(&running)?;
    let mut s3 = house.s3(&portal)?;
    let mut timing = Random::new(seed);
    let mut workers: Vec<Worker> =
        (0..WORKERS).map(|id| Worker::new(id, seed, KEYS_EACH)).collect();
    let (mut tally, mut slowest) = (Tally::default(), Duration::ZERO);
    for cycle in 1..=cycles {
        let span = KILL_AFTER_MS.end - KILL_AFTER_MS.start;
        let after = Duration::from_millis(KILL_AFTER_MS.start + timing.below(span));
        load_until_killed(&mut workers, &s3, running, after)?;
        running = house.start()?;
        slowest = slowest.max(running.started_in);
        let full = cycle % CYCLES_BETWEEN_FULL_LOOKS == 0 || cycle == cycles;
        if full {
            s3 = house.s3(&portal)?;
        }
        let much = if full { Look::Everything } else { Look::Touched };
        look(&mut workers, &s3, much, &mut tally)?;
    }
    running.kill()?;
    let took = began.elapsed().as_secs();
    report(&format!("  {cycles} kills in {took} s; slowest restart {} ms", slowest.as_millis()));
    tally.tell(&workers);
    Ok(())
}

fn load_until_killed(
    workers: &mut [Worker],
    s3: &S3,
    running: crate::server::Running,
    after: Duration,
) -> Result<()> {
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        for worker in workers.iter_mut() {
            let (client, stop) = (s3.clone(), &stop);
            scope.spawn(move || worker.work(&client, stop));
        }
        thread::sleep(after);
        let killed = running.kill();
        stop.store(true, Ordering::SeqCst);
        killed
    })
}
