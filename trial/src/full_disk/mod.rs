//! `trial full-disk`: a small file system is filled until writes are refused, and emptied again.
//!
//! Two ways: the store keeps its reserve for deletes; or it keeps none, so that system calls meet
//! a disk that is really full, write a part of what they should, and fail. And once more with the
//! reserve and small objects alone, which leave nothing but free pages in the index.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use wh_names::BucketName;
use wh_objects::{DiskOptions, DiskStore, ObjectAddress, StoreError};

use crate::driver::drive::options;
use crate::driver::facts;
use crate::driver::history::{History, Outcome};
use crate::driver::perform::{Done, Hand, code};
use crate::driver::replay::Faults;
use crate::driver::{Script, Verifier};
use crate::model::Model;
use crate::model::content::Contents;
use crate::model::op::{Condition, Op, address};
use crate::model::random::Random;
use crate::model::short;
use crate::report;

/// So many refusals on end are a full disk.
const REFUSALS: u32 = 5;

/// How long space may take to return after deletes.
const RETURN_MAX: Duration = Duration::from_secs(5);

/// The largest body, in bytes.
const LARGE_BYTES_MAX: u64 = 2 << 20;

/// The largest body that is written where only the index is filled, in bytes.
const SMALL_BYTES_MAX: u64 = 40_000;

/// What something else keeps on the disk, and gives back where the store has no reserve.
const BALLAST_BYTES: usize = 2 << 20;

/// Fill a small disk, see what still works, and give space back.
#[derive(clap::Args, Debug)]
pub(crate) struct FullDisk {
    /// Seed of the sizes
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The size of the disk, in MiB
    #[arg(long, default_value_t = 48)]
    megabytes: u32,
    /// How often it is filled and emptied
    #[arg(long, default_value_t = 4)]
    rounds: u32,
}

/// Whether the store keeps space for deletes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reserve {
    Kept,
    None,
}

/// What it is filled with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sizes {
    All,
    /// Only objects that the index holds.
    Small,
}

impl FullDisk {
    /// Does it both ways; needs to mount, and so to be root.
    pub(crate) fn start(&self) -> Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread().build()?;
        let ways = [
            (Reserve::Kept, Sizes::All),
            (Reserve::None, Sizes::All),
            (Reserve::Kept, Sizes::Small),
        ];
        for (reserve, sizes) in ways {
            let disk = Disk::mount(self.megabytes)?;
            let (folder, ballast) = (disk.0.join("store"), disk.0.join("ballast"));
            let mut filling = Filling::new((self.seed, sizes), folder.clone())?;
            std::fs::write(&ballast, vec![1; BALLAST_BYTES])?;
            runtime.block_on(self.fill_and_empty(&mut filling, reserve, &ballast))?;
            let Filling { script, history, contents, .. } = &filling;
            let verifier = Verifier::new(script, history, contents.clone(), Faults::Injected)?;
            let violations = verifier.check(&folder)?;
            for violation in &violations {
                report(&violation.to_string());
            }
            ensure!(
                violations.is_empty(),
                "{} violations, {reserve:?}, {sizes:?}",
                violations.len()
            );
        }
        Ok(())
    }

    async fn fill_and_empty(
        &self,
        filling: &mut Filling,
        reserve: Reserve,
        ballast: &Path,
    ) -> Result<()> {
        let options = match reserve {
            Reserve::Kept => options(&filling.folder),
            Reserve::None => DiskOptions { reserve_bytes: 0, ..options(&filling.folder) },
        };
        let store = DiskStore::open(options).await?;
        let hand = Hand::new(&store, filling.contents.clone());
        filling.ask(&hand, Op::CreateBucket { bucket: filling.bucket.clone() }).await?;
        for round in 1..=self.rounds {
            let written = filling.fill(&hand).await?;
            filling.compare(&hand).await?;
            if reserve == Reserve::None {
                filling.try_deletes(&hand).await?;
                std::fs::remove_file(ballast)?;
            }
            let (deleted, waited) = filling.empty(&hand).await?;
            filling.compare(&hand).await?;
            report(&format!(
                "reserve {reserve:?}, sizes {:?}, round {round}: {written} objects until it was full, \
                 {deleted} deleted, and there was space after {} ms",
                filling.sizes,
                waited.as_millis()
            ));
            if reserve == Reserve::None {
                std::fs::write(ballast, vec![1; BALLAST_BYTES])?;
            }
        }
        store.close().await;
        Ok(())
    }
}

/// A small file system in memory, gone when it is dropped.
struct Disk(PathBuf);

impl Disk {
    fn mount(megabytes: u32) -> Result<Self> {
        let folder = std::env::temp_dir().join(format!("wellhouse-full-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        let size = format!("size={megabytes}m");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(&folder);
        ensure!(mount.status()?.success(), "a tmpfs was not mounted; this needs root");
        Ok(Self(folder))
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let gone = Command::new("umount").arg(&self.0).status().is_ok_and(|done| done.success());
        if !gone || std::fs::remove_dir(&self.0).is_err() {
            report(&format!("{} is still mounted", self.0.display()));
        }
    }
}

/// What was asked so far, and what must be there.
struct Filling {
    folder: PathBuf,
    bucket: BucketName,
    contents: Contents,
    random: Random,
    sizes: Sizes,
    model: Model,
    script: Script,
    history: History,
    keys: u64,
}

impl Filling {
    fn new((seed, sizes): (u64, Sizes), folder: PathBuf) -> Result<Self> {
        Ok(Self {
            folder,
            bucket: BucketName::parse("filling")?,
            contents: Contents::new(seed),
            random: Random::new(seed),
            sizes,
            model: Model::default(),
            script: Script { seed, clients: 1, ops: Vec::new() },
            history: History::default(),
            keys: 0,
        })
    }

    /// Asks the store, and tells whether it had the space. Anything else must be as the model
    /// says.
    async fn ask(&mut self, hand: &Hand<'_>, op: Op) -> Result<bool> {
        let n = u64::try_from(self.script.ops.len())?;
        let Done::Answered(answer) = hand.perform(n, &op).await? else {
            bail!("{op:?} was not done");
        };
        let mut after = self.model.clone();
        let expected = match after.apply(n, &op) {
            Ok(answer) => answer.text(&self.contents)?,
            Err(code) => code.to_owned(),
        };
        let outcome = match answer {
            Ok(text) if text == expected => Outcome::Ok(short(&text)),
            Err(StoreError::NoSpace) => Outcome::Err("no-space".to_owned()),
            Ok(text) => bail!("{op:?} was answered `{text}` instead of `{expected}`"),
            Err(error) => bail!("{op:?} was answered `{}` ({error})", code(&error)),
        };
        let had_space = matches!(outcome, Outcome::Ok(_));
        if had_space {
            self.model = after;
        }
        self.script.ops.push(op);
        self.history.outcomes.insert(n, outcome);
        Ok(had_space)
    }

    /// Writes, and now and then overwrites, until several writes on end were refused. Tells how
    /// many were not.
    async fn fill(&mut self, hand: &Hand<'_>) -> Result<u32> {
        let (mut written, mut refused) = (0, 0);
        while refused < REFUSALS {
            let again = self.keys > 0 && self.random.one_in(5);
            if !again {
                self.keys += 1;
            }
            let key = if again { self.random.below(self.keys) } else { self.keys };
            let at = address(&self.bucket, &format!("key{key}"))?;
            // The smaller ones fill what the larger ones leave.
            let most = match self.sizes {
                Sizes::All if refused == 0 => LARGE_BYTES_MAX,
                Sizes::All => 100_000,
                Sizes::Small => SMALL_BYTES_MAX,
            };
            let len = if self.random.one_in(2) { 40_000 } else { self.random.below(most) };
            if self.ask(hand, Op::Put { at, len, condition: Condition::Always }).await? {
                (written, refused) = (written + 1, 0);
            } else {
                refused += 1;
            }
        }
        Ok(written)
    }

    /// Everything can be read, and is what it must be.
    async fn compare(&self, hand: &Hand<'_>) -> Result<()> {
        let (held, told) =
            (facts::of_store(hand).await?, facts::of_model(&self.model, &self.contents)?);
        let wrong = told.iter().find(|(name, text)| held.get(*name) != Some(text));
        ensure!(wrong.is_none(), "{wrong:?} is not what the store holds");
        ensure!(held.len() == told.len(), "the store holds more than it must");
        Ok(())
    }

    fn kept(&self) -> Vec<ObjectAddress> {
        let bucket = self.model.buckets.get(&self.bucket);
        let keys = bucket.into_iter().flat_map(|bucket| bucket.keys.keys());
        keys.map(|key| ObjectAddress { bucket: self.bucket.clone(), key: key.clone() }).collect()
    }

    /// Deletes on a disk without any space may be refused, and nothing worse.
    async fn try_deletes(&mut self, hand: &Hand<'_>) -> Result<()> {
        for at in self.kept().into_iter().take(3) {
            self.ask(hand, Op::Delete { at }).await?;
        }
        Ok(())
    }

    /// Deletes two of three, which must be done, and tells how soon there is space for writes.
    async fn empty(&mut self, hand: &Hand<'_>) -> Result<(usize, Duration)> {
        let kept = self.kept();
        let many = kept.len() * 2 / 3;
        for at in kept.into_iter().take(many) {
            ensure!(self.ask(hand, Op::Delete { at }).await?, "a delete was refused");
        }
        let begun = Instant::now();
        let at = address(&self.bucket, "after")?;
        let len = match self.sizes {
            Sizes::All => LARGE_BYTES_MAX,
            Sizes::Small => SMALL_BYTES_MAX,
        };
        let put = || Op::Put { at: at.clone(), len, condition: Condition::Always };
        while !self.ask(hand, put()).await? {
            ensure!(begun.elapsed() < RETURN_MAX, "space did not return");
            tokio::task::yield_now().await;
        }
        Ok((many, begun.elapsed()))
    }
}
