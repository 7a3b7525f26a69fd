//! Kill the server again and again while a folder is moved, and count: each object is at one of the two
//! places, with its own bytes, and the job ends.

use std::collections::BTreeSet;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::busy::Upstream;
use crate::client::{Found, S3};
use crate::content::Random;
use crate::report;
use crate::server::{House, Portal};

/// The server is killed this long after the work was asked for, at random in the range.
const KILL_AFTER_MS: std::ops::Range<u64> = 20..900;
/// A server that was started again waits for the lease of the one that was killed: then it is killed this
/// much later.
const LEASE_MS: u64 = 14_000;
/// How long a job may go on without an object more: leases of servers that were killed end first.
const STANDS_STILL_MAX: Duration = Duration::from_mins(3);
/// Writers at once, before the work begins.
const WRITERS: usize = 8;

/// Kill the server while a folder is moved, again and again.
#[derive(clap::Args)]
pub(crate) struct Moves {
    /// How many times to kill it at least
    #[arg(long, default_value_t = 50)]
    kills: u32,
    /// How many objects are moved
    #[arg(long, default_value_t = 1_200)]
    objects: u64,
    /// Seed of the times
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The server is a gateway in front of a store that refuses every so many requests (503); 0: it is the
    /// store itself
    #[arg(long, default_value_t = 0)]
    busy_every: u64,
}

impl Moves {
    pub(crate) fn run(&self, house: House) -> Result<()> {
        let Self { kills, objects, seed, busy_every } = self;
        report(&format!("moves: {objects} objects, {kills} kills at least, seed {seed}"));
        let began = Instant::now();
        let (house, upstream) = match busy_every {
            0 => (house, None),
            _every => Upstream::start(house).map(|(house, upstream)| (house, Some(upstream)))?,
        };
        let refuse = |every: u64| upstream.iter().for_each(|upstream| upstream.refuse_every(every));
        let mut running = house.start()?;
        let portal = house.set_up(&running)?;
        let s3 = house.s3(&portal)?;
        fill(&s3, *objects)?;
        let location = portal.admin_location()?;
        let mut random = Random::new(*seed);
        let (mut killed, mut moves) = (0, 0);
        while killed < *kills {
            let (from, to) = if moves % 2 == 0 { ("a/", "b/") } else { ("b/", "a/") };
            refuse(*busy_every);
            let job = begin(&portal, &location, (from, to))?;
            let mut waits = 0;
            let mut pause = || {
                let span = KILL_AFTER_MS.end - KILL_AFTER_MS.start;
                let after = waits + KILL_AFTER_MS.start + random.below(span + waits / 8);
                thread::sleep(Duration::from_millis(after));
                waits = LEASE_MS;
            };
            pause();
            while standing(&portal, &job)?.is_some() && killed < *kills {
                running.kill()?;
                running = house.start()?;
                killed += 1;
                pause();
            }
            until_ended(&portal, &job)?;
            refuse(0);
            look(&house.s3(&portal)?, (from, to), *objects)?;
            moves += 1;
        }
        running.kill()?;
        let refused = upstream.as_ref().map_or(0, Upstream::refused);
        if *busy_every > 0 {
            report(&format!("  the store refused {refused} requests"));
        }
        let took = began.elapsed().as_secs();
        report(&format!(
            "  {killed} kills in {moves} moves of {objects} objects, {took} s: each object was once at one \
             of the two places, with its bytes"
        ));
        Ok(())
    }
}

fn fill(s3: &S3, objects: u64) -> Result<()> {
    thread::scope(|scope| {
        let writers: Vec<_> = (0..objects)
            .take(WRITERS)
            .map(|writer| {
                let s3 = s3.clone();
                scope.spawn(move || put_each(&s3, (writer..objects).step_by(WRITERS)))
            })
            .collect();
        for writer in writers {
            writer.join().map_err(|_panic| anyhow::anyhow!("a writer panicked"))??;
        }
        Ok(())
    })
}

fn put_each(s3: &S3, numbers: impl Iterator<Item = u64>) -> Result<()> {
    for n in numbers {
        s3.put(&format!("a/{n:06}"), n.to_string().as_bytes())?;
    }
    Ok(())
}

fn until_ended(portal: &Portal, job: &str) -> Result<()> {
    let (mut most, mut since) = (None, Instant::now());
    while let Some(done) = standing(portal, job)? {
        if most != Some(done) {
            (most, since) = (Some(done), Instant::now());
        }
        if since.elapsed() > STANDS_STILL_MAX {
            bail!("the job {job} stands still at {done} objects");
        }
        thread::sleep(Duration::from_millis(200));
    }
    Ok(())
}

/// `a/` becomes `b/`: a new name for the folder.
fn begin(portal: &Portal, location: &str, (from, to): (&str, &str)) -> Result<String> {
    let name = to.trim_end_matches('/');
    let to = json!({ "location": location, "folder": "", "name": name });
    let form = json!({ "kind": "move", "location": location, "paths": [from], "to": to });
    let job = portal.post("/jobs", &form)?;
    Ok(job.get("id").and_then(Value::as_str).context("a job has an id")?.to_owned())
}

/// How many objects are done, until the job has ended well.
fn standing(portal: &Portal, job: &str) -> Result<Option<u64>> {
    let told = portal.get(&format!("/jobs/{job}"))?;
    match told.get("status").and_then(Value::as_str) {
        Some("planning" | "running") => {
            Ok(Some(told.get("done").and_then(Value::as_u64).unwrap_or_default()))
        }
        Some("done") if told.get("failed") == Some(&json!(0)) => Ok(None),
        _otherwise => bail!("the job did not end well: {told}"),
    }
}

fn look(s3: &S3, (from, to): (&str, &str), objects: u64) -> Result<()> {
    let left = s3.list(from)?;
    if let Some(first) = left.first() {
        bail!("{} objects were not moved, the first is {first}", left.len());
    }
    let there: BTreeSet<String> = s3.list(to)?.into_iter().collect();
    for n in 0..objects {
        let key = format!("{to}{n:06}");
        if !there.contains(&key) {
            bail!("{key} is lost");
        }
        match s3.get(&key)? {
            Found::Object(body) if body == n.to_string().as_bytes() => {}
            Found::Object(_) | Found::Nothing => bail!("{key} has other bytes"),
        }
    }
    Ok(())
}
