//! Very many sign in at one moment: is the memory bounded, does everybody come in, and are others answered
//! meanwhile? What another process's hashing does to those others is measured in the same run: a machine whose
//! cores share caches slows them down whatever the server does.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use argon2::{Algorithm, Argon2, Params, Version};
use serde_json::json;

use crate::content::Random;
use crate::report;
use crate::server::{House, Running, memory_kib};
use crate::visitor::{Administrator, PASSWORD, TRUSTED, Visitor, address, name};

/// The server may take so much more while they come, in MiB.
const GROWTH_MIB_MAX: u64 = 150;
/// So many people sign in, over and over.
const PEOPLE: usize = 40;
/// A look at the memory, and another request, every so often.
const BETWEEN_LOOKS: Duration = Duration::from_millis(5);
/// Other requests while nobody signs in.
const QUIET_REQUESTS: usize = 1_000;
/// Who was told to come again without being told when comes after this.
const PAUSE: Duration = Duration::from_secs(1);
/// And gives up after so long.
const PATIENCE: Duration = Duration::from_mins(10);
/// Those who sign in would sit at machines of their own: here they step back (`nice`, 0 to 19) for the server
/// and for whoever asks beside them, and still come before what is hashed.
const CLIENTS_STEP_BACK: i32 = 5;
/// One hash of a password, as the server makes them where nothing else is configured: KiB, passes, lanes.
const HASH: (u32, u32, u32) = (47_104, 1, 1);
/// Whoever hashes beside the server, for comparison, steps back as far as its own hashes do.
const HASHES_STEP_BACK: i32 = 10;
/// A client is little more than a connection.
const STACK_BYTES: usize = 256 * 1024;

/// Sign in very many times at one moment
#[derive(clap::Args)]
pub(crate) struct SignIns {
    /// How many sign in at one moment
    #[arg(long, default_value_t = 1_000)]
    logins: usize,
    /// How many times as long the slowest hundredth of other requests may take meanwhile
    #[arg(long, default_value_t = 2.0)]
    slower_max: f64,
}

/// What became of them.
#[derive(Default)]
struct Tally {
    signed_in: AtomicU64,
    /// For there were too many others.
    turned_away: AtomicU64,
    /// For there were too many of one name.
    throttled: AtomicU64,
}

/// What was seen beside them.
struct Beside {
    peak_kib: u64,
    milliseconds: Vec<f64>,
}

impl SignIns {
    /// Has them sign in; fails where the memory was not bounded, or others had to wait.
    pub(crate) fn run(&self, house: House) -> Result<()> {
        report(&format!("sign-ins: {} at one moment", self.logins));
        let house = house.with(TRUSTED);
        let running = house.start()?;
        Administrator::set_up(&house, &running)?;
        let names = register(&house)?;
        let mut other = Visitor::new(&house.portal_url());
        let first = names.first().context("a name")?;
        other.does("POST", "session", Some(&json!({ "name": first, "password": PASSWORD })))?;
        let quiet = quiet(&other)?;
        let foreign = beside_foreign_hashes(&other)?;
        let before = running.memory_kib("VmRSS")?;
        let (tally, began) = (Tally::default(), Instant::now());
        let beside = self.all_at_once(&house, &running, (&names, &tally), &other)?;
        let signed_in = tally.signed_in.load(Ordering::SeqCst);
        let [away, throttled] =
            [&tally.turned_away, &tally.throttled].map(|of| of.load(Ordering::SeqCst));
        let took = began.elapsed().as_secs_f64();
        report(&format!(
            "  {signed_in} signed in within {took:.1} s, turned away {away} times, throttled \
             {throttled} times"
        ));
        running.kill()?;
        let grown = beside.peak_kib.saturating_sub(before) / 1024;
        report(&format!("  memory {} MiB before, {grown} MiB more at the most", before / 1024));
        let slower = compare(&quiet, &foreign, &beside.milliseconds)?;
        if usize::try_from(signed_in)? != self.logins {
            bail!("{signed_in} of {} signed in", self.logins);
        }
        if grown > GROWTH_MIB_MAX {
            bail!("the memory grew by {grown} MiB, more than {GROWTH_MIB_MAX}");
        }
        if slower > self.slower_max {
            bail!("others waited {slower:.1} times as long, more than {}", self.slower_max);
        }
        Ok(())
    }

    fn all_at_once(
        &self,
        house: &House,
        running: &Running,
        (names, tally): (&[String], &Tally),
        other: &Visitor,
    ) -> Result<Beside> {
        let (url, over) = (house.portal_url(), AtomicBool::new(false));
        let process = running.process();
        thread::scope(|scope| {
            let beside = scope.spawn(|| watch(other, process, &over));
            let mut clients = Vec::new();
            for (n, name) in names.iter().cycle().take(self.logins).enumerate() {
                let visitor = Visitor::new(&url);
                let client = thread::Builder::new().stack_size(STACK_BYTES);
                clients
                    .push(client.spawn_scoped(scope, move || sign_in(&visitor, name, n, tally))?);
            }
            let ended: Vec<_> = clients.into_iter().map(thread::ScopedJoinHandle::join).collect();
            over.store(true, Ordering::SeqCst);
            let beside = beside.join().ok().context("the watch ended")?;
            for end in ended {
                end.ok().context("a client ended")??;
            }
            beside
        })
    }
}

fn register(house: &House) -> Result<Vec<String>> {
    let mut random = Random::new(1);
    let mut names = Vec::new();
    for _ in 0..PEOPLE {
        let name = name("guest", &mut random);
        let form = json!({ "name": name, "password": PASSWORD });
        let from = address(&mut random);
        let visitor = Visitor::new(&house.portal_url());
        visitor.ask(("POST", "registration"), Some(&form), &from)?.done("registration")?;
        names.push(name);
    }
    Ok(names)
}

/// Signs in; who is told to come again comes again when they were told, or a little later.
fn sign_in(visitor: &Visitor, name: &str, n: usize, tally: &Tally) -> Result<()> {
    rustix::process::nice(CLIENTS_STEP_BACK)?;
    let (form, began) = (json!({ "name": name, "password": PASSWORD }), Instant::now());
    let mut random = Random::new(u64::try_from(n)?);
    let from = address(&mut random);
    let mut times = 1_u32..;
    while began.elapsed() < PATIENCE {
        let (asked, times) = (Instant::now(), times.next().unwrap_or_default());
        let answer = visitor.ask(("POST", "session"), Some(&form), &from).with_context(|| {
            let (asked, began) = (asked.elapsed().as_secs_f64(), began.elapsed().as_secs_f64());
            format!(
                "client {n}, time {times}, {began:.1} s after the first, asked {asked:.3} s ago"
            )
        })?;
        match answer.status {
            200 => {
                tally.signed_in.fetch_add(1, Ordering::SeqCst);
                return Ok(());
            }
            // Those of one name at one moment count as guesses until they are judged.
            429 | 503 => {
                let counted =
                    if answer.status == 429 { &tally.throttled } else { &tally.turned_away };
                counted.fetch_add(1, Ordering::SeqCst);
                let pause = answer.retry_after().unwrap_or(PAUSE);
                // Seconds are told, and nobody keeps them to the millisecond.
                let later = random.below(PAUSE.as_millis().try_into()?);
                thread::sleep(pause + Duration::from_millis(later));
            }
            _other => bail!("signing in answered {}: {}", answer.status, answer.body),
        }
    }
    bail!("{name} did not come in within {} s", PATIENCE.as_secs())
}

/// Another request, of somebody who is signed in.
fn look(other: &Visitor) -> Result<f64> {
    let answer = other.ask(("GET", "locations"), None, "192.0.2.1")?.done("locations")?;
    Ok(answer.took.as_secs_f64() * 1_000.0)
}

fn quiet(other: &Visitor) -> Result<Vec<f64>> {
    let mut milliseconds = Vec::new();
    for _ in 0..QUIET_REQUESTS {
        milliseconds.push(look(other)?);
        thread::sleep(BETWEEN_LOOKS);
    }
    Ok(milliseconds)
}

/// The same requests while nobody signs in, and a thread that is not the server's hashes passwords.
fn beside_foreign_hashes(other: &Visitor) -> Result<Vec<f64>> {
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let hashing = scope.spawn(|| hash_until(&over));
        let milliseconds = quiet(other);
        over.store(true, Ordering::SeqCst);
        hashing.join().ok().context("the hashing ended")??;
        milliseconds
    })
}

fn hash_until(over: &AtomicBool) -> Result<()> {
    rustix::process::nice(HASHES_STEP_BACK)?;
    let (memory_kib, passes, lanes) = HASH;
    let params = Params::new(memory_kib, passes, lanes, None)
        .map_err(|error| anyhow::anyhow!("the parameters: {error}"))?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let mut out = [0; 32];
    while !over.load(Ordering::SeqCst) {
        argon2
            .hash_password_into(PASSWORD.as_bytes(), b"a salt of sixteen", &mut out)
            .map_err(|error| anyhow::anyhow!("a hash: {error}"))?;
    }
    Ok(())
}

fn watch(other: &Visitor, process: u32, over: &AtomicBool) -> Result<Beside> {
    let mut beside = Beside { peak_kib: 0, milliseconds: Vec::new() };
    while !over.load(Ordering::SeqCst) {
        beside.milliseconds.push(look(other)?);
        beside.peak_kib = beside.peak_kib.max(memory_kib(process, "VmRSS")?);
        thread::sleep(BETWEEN_LOOKS);
    }
    Ok(beside)
}

/// How many times as long the slowest hundredth took.
fn compare(quiet: &[f64], foreign: &[f64], busy: &[f64]) -> Result<f64> {
    let [quiet, foreign, busy] = [hundredths(quiet)?, hundredths(foreign)?, hundredths(busy)?];
    let whens = [
        ("nobody signs in", quiet),
        ("nobody does, beside somebody else's hashes", foreign),
        ("they do", busy),
    ];
    for (when, [half, slowest]) in whens {
        report(&format!("  other requests while {when}: p50 {half:.2} ms, p99 {slowest:.2} ms"));
    }
    let [[_, quiet], [_, foreign], [_, busy]] = [quiet, foreign, busy];
    report(&format!(
        "  others' slowest hundredth: {:.1} times as long as alone, {:.1} times as long as beside somebody \
         else's hashes",
        busy / quiet,
        busy / foreign
    ));
    Ok(busy / quiet)
}

/// The middle one and that of which one in a hundred is slower.
fn hundredths(of: &[f64]) -> Result<[f64; 2]> {
    let mut sorted = of.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |part: usize| sorted.get(sorted.len() * part / 100).copied();
    Ok([at(50).context("no requests")?, at(99).context("no requests")?])
}
