//! Judges a store after a run: everything acknowledged is there, nothing is half there, nothing
//! is left over, and it goes on working.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tokio::runtime::Runtime;
use wh_names::BucketName;
use wh_objects::DiskStore;

use super::drive::{Workload, options};
use super::facts::{self, Facts};
use super::history::History;
use super::perform::{Hand, code};
use super::replay::{Allowed, Faults, replay};
use super::script::{Script, completes};
use crate::model::content::Contents;
use crate::model::op::{Condition, Op, Upload, address};
use crate::model::{Model, content};
use crate::report;

/// How long files without a name may take to go away. They do within milliseconds; the limit only
/// ends a check that fails.
const SETTLING_MAX: Duration = Duration::from_secs(10);

/// How long to wait before looking again, the first time.
const SETTLING_PAUSE: Duration = Duration::from_millis(2);

/// So many differences are told.
const DIFFERENCES_MAX: usize = 6;

/// A promise that was not kept, in plain words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Violation(pub(crate) String);

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Compare a store with what a log says that it must hold. The store is changed by that.
#[derive(clap::Args, Debug, Clone)]
pub(crate) struct Verify {
    /// The store's folder
    #[arg(long)]
    folder: PathBuf,
    /// The log of `trial drive`
    #[arg(long)]
    log: PathBuf,
    #[command(flatten)]
    work: Workload,
    /// Errors of the disk were injected, and are no violations
    #[arg(long)]
    faults: bool,
}

impl Verify {
    /// Prints what is wrong, and fails if anything is.
    pub(crate) fn start(&self) -> Result<()> {
        let history = History::read(&self.log)?;
        let faults = if self.faults { Faults::Injected } else { Faults::None };
        let contents = Contents::new(self.work.seed);
        let verifier = Verifier::new(&self.work.script()?, &history, contents, faults)?;
        let violations = verifier.check(&self.folder)?;
        for violation in &violations {
            report(&violation.to_string());
        }
        if !violations.is_empty() {
            bail!("{} violations", violations.len());
        }
        let begun = history.outcomes.len();
        report(&format!("{begun} operations were begun; the store holds what it must"));
        Ok(())
    }
}

/// Judges stores that a run, as far as it is logged, may have left behind.
#[derive(Debug)]
pub(crate) struct Verifier {
    allowed: Allowed,
    expected: Vec<Vec<Facts>>,
    contents: Contents,
    next: u64,
    runtime: Runtime,
}

impl Verifier {
    /// Works out what may be there. `contents` remembers what it computed; share it among the
    /// verifiers of one seed.
    pub(crate) fn new(
        script: &Script,
        history: &History,
        contents: Contents,
        faults: Faults,
    ) -> Result<Self> {
        let allowed = replay(script, history, &contents, faults)?;
        let facts = |states: &Vec<Model>| {
            states.iter().map(|state| facts::of_model(state, &contents)).collect()
        };
        let expected = allowed.states.iter().map(facts).collect::<Result<_>>()?;
        let runtime = tokio::runtime::Builder::new_current_thread().build()?;
        let next = u64::try_from(script.ops.len())?;
        Ok(Self { allowed, expected, contents, next, runtime })
    }

    /// Opens the store in a folder and judges it. What it holds is then the same but for uploads,
    /// which are completed and removed.
    pub(crate) fn check(&self, folder: &Path) -> Result<Vec<Violation>> {
        self.runtime.block_on(self.check_in(folder))
    }

    /// As [`Self::check`], but only reads: whether it goes on working is not asked.
    pub(crate) fn look(&self, folder: &Path) -> Result<Vec<Violation>> {
        self.runtime.block_on(self.look_in(folder))
    }

    async fn look_in(&self, folder: &Path) -> Result<Vec<Violation>> {
        let mut violations = self.allowed.wrong.clone();
        let Some(store) = open(folder, &mut violations).await else { return Ok(violations) };
        let hand = Hand::new(&store, self.contents.clone());
        let held = facts::of_store(&hand).await?;
        self.closest(&held, &mut violations)?;
        store.close().await;
        Ok(violations)
    }

    async fn check_in(&self, folder: &Path) -> Result<Vec<Violation>> {
        let mut violations = self.allowed.wrong.clone();
        let Some(store) = open(folder, &mut violations).await else { return Ok(violations) };
        let hand = Hand::new(&store, self.contents.clone());
        let held = facts::of_store(&hand).await?;
        let before = violations.len();
        let state = self.closest(&held, &mut violations)?;
        let mut after =
            After { hand: &hand, folder, next: self.next, state, violations: Vec::new() };
        if violations.len() == before {
            after.settle("after opening");
            after.work().await?;
            after.complete().await?;
            after.settle("after further work");
        } else {
            after.state = Model::default();
            after.work().await?;
        }
        violations.extend(after.violations);
        store.close().await;
        Ok(violations)
    }

    /// The state that the store is in; where it is in none, tells the differences from the
    /// nearest.
    fn closest(&self, held: &Facts, violations: &mut Vec<Violation>) -> Result<Model> {
        let mut whole = Model::default();
        let mut told = Facts::new();
        for (states, expected) in self.allowed.states.iter().zip(&self.expected) {
            let distance = |facts: &Facts| {
                let missing = facts.iter().filter(|(k, v)| held.get(*k) != Some(v)).count();
                let ours: Vec<_> = expected.iter().flat_map(Facts::keys).collect();
                missing
                    + ours
                        .iter()
                        .filter(|k| held.contains_key(**k) && !facts.contains_key(**k))
                        .count()
            };
            let best = states.iter().zip(expected).min_by_key(|(_, facts)| distance(facts));
            let (state, facts) = best.context("a client must have a state")?;
            whole.buckets.extend(state.buckets.clone());
            whole.feed.extend(state.feed.clone());
            told.extend(facts.clone());
        }
        let names: std::collections::BTreeSet<_> = told.keys().chain(held.keys()).collect();
        let differing = names.into_iter().filter(|name| told.get(*name) != held.get(*name));
        for name in differing.take(DIFFERENCES_MAX) {
            let text =
                |facts: &Facts| facts.get(name).map_or("nothing".to_owned(), |t| format!("`{t}`"));
            violations.push(Violation(format!(
                "{name}: {} instead of {}",
                text(held),
                text(&told)
            )));
        }
        Ok(whole)
    }
}

/// Opens the store in a folder; that it does not open is a violation.
async fn open(folder: &Path, violations: &mut Vec<Violation>) -> Option<DiskStore> {
    match DiskStore::open(options(folder)).await {
        Ok(store) => Some(store),
        Err(error) => {
            violations.push(Violation(format!("it does not open: {} ({error})", error.code())));
            None
        }
    }
}

/// What is done with a store to see whether it goes on.
struct After<'a> {
    hand: &'a Hand<'a>,
    folder: &'a Path,
    next: u64,
    state: Model,
    violations: Vec<Violation>,
}

impl After<'_> {
    async fn both(&mut self, op: Op) -> Result<()> {
        let n = self.next;
        self.next += 1;
        let expected = match self.state.apply(n, &op) {
            Ok(answer) => answer.text(&self.hand.contents)?,
            Err(code) => code.to_owned(),
        };
        let answer = self.hand.answer(n, &op).await?;
        let answer = answer.unwrap_or_else(|error| code(&error).to_owned());
        if answer != expected {
            let what = format!("afterwards, {op:?}: `{answer}` instead of `{expected}`");
            self.violations.push(Violation(what));
        }
        Ok(())
    }

    /// Writes, reads and deletes.
    async fn work(&mut self) -> Result<()> {
        let bucket = BucketName::parse("afterwards")?;
        let (small, large) = (address(&bucket, "small")?, address(&bucket, "large")?);
        let put = |at, len| Op::Put { at, len, condition: Condition::Always };
        self.both(Op::CreateBucket { bucket: bucket.clone() }).await?;
        self.both(put(small.clone(), 100)).await?;
        self.both(put(large.clone(), content::INLINE_BYTES_MAX + 5000)).await?;
        self.both(put(small.clone(), 10)).await?;
        self.both(Op::Get { at: small.clone(), range: None }).await?;
        self.both(Op::Get { at: large.clone(), range: None }).await?;
        self.both(Op::Delete { at: small }).await?;
        self.both(Op::Delete { at: large.clone() }).await?;
        self.both(Op::Get { at: large, range: None }).await?;
        self.both(Op::DeleteBucket { bucket }).await
    }

    /// Makes objects of the parts that were kept, so that their bytes are read, too.
    async fn complete(&mut self) -> Result<()> {
        let mut under_way = Vec::new();
        for (name, bucket) in &self.state.buckets {
            for ((key, begun), parts) in &bucket.uploads {
                let upload = Upload { at: address(name, key.as_str())?, begun: *begun };
                let parts: Vec<_> = parts.iter().map(|(n, p)| (*n, p.content.clone())).collect();
                under_way.push((upload, parts));
            }
        }
        for (upload, mut parts) in under_way {
            let at = upload.at.clone();
            if !completes(&parts) {
                parts = parts.pop().into_iter().collect();
            }
            if parts.is_empty() {
                self.both(Op::Abort { upload }).await?;
                continue;
            }
            self.both(Op::Complete { upload, parts, condition: Condition::Always }).await?;
            self.both(Op::Get { at: at.clone(), range: None }).await?;
            self.both(Op::Delete { at }).await?;
        }
        Ok(())
    }

    /// Waits until there is a file for each large body, and no other.
    fn settle(&mut self, when: &str) {
        let expected = self.state.files().len();
        let begun = Instant::now();
        let mut pause = SETTLING_PAUSE;
        let found = loop {
            let found = files(&self.folder.join("blobs")) + files(&self.folder.join("incoming"));
            if found == expected || begun.elapsed() > SETTLING_MAX {
                break found;
            }
            // Looking walks hundreds of folders, as does what is waited for.
            std::thread::sleep(pause);
            pause *= 2;
        };
        if found != expected {
            let what = format!("{when}, there are {found} blob files instead of {expected}");
            self.violations.push(Violation(what));
        }
    }
}

/// How many files there are in a folder and the folders in it.
fn files(folder: &Path) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    let count = |entry: std::fs::DirEntry| match entry.file_type() {
        Ok(kind) if kind.is_dir() => files(&entry.path()),
        _ => 1,
    };
    entries.filter_map(std::io::Result::ok).map(count).sum()
}
