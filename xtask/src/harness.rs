//! `crash`, `bench`, `trial`, `enumeration` and `sign-ins`: build the release binaries, then let `hammer` work on the server and
//! `trial` on the store.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::garage::Cluster;
use crate::policy_bench::PolicyBench;
use crate::postgres::{self, Postgres};
use crate::run::{command, root, run, say, target};
use crate::tools;

/// Which build of the server is worked on. The hammer and the trials are always release builds.
#[derive(Clone, Copy)]
pub(crate) enum Build {
    /// The one that the tests of the workspace have just made: a release build beside it is most of the
    /// time that a cold run takes.
    OfTests,
    /// The one that people run.
    Release,
}

/// Kill the server under load and look for what was lost.
#[derive(clap::Args)]
pub(crate) struct Crash {
    /// How many times to kill it
    #[arg(long, default_value_t = 200)]
    pub(crate) cycles: u32,
    /// Seed of the run, printed at the start; the same seed makes the same load
    #[arg(long)]
    seed: Option<u64>,
}

/// Measure, side by side with the disk.
#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Bench {
    /// Smaller files and shorter rounds: to see that it works, not to quote
    #[arg(long)]
    quick: bool,
    #[command(subcommand)]
    part: Option<Part>,
}

/// A part of the house that is measured by itself.
#[derive(clap::Subcommand)]
enum Part {
    /// Measure the policy engine, side by side with three others
    Policy(PolicyBench),
    /// Measure the store by itself, side by side with plain files on the same disk
    Store(Trial),
    /// Measure the S3 endpoint, side by side with Garage on the same disk
    S3(BenchS3),
}

/// Measure the S3 endpoint beside Garage.
#[derive(clap::Args)]
pub(crate) struct BenchS3 {
    /// Smaller files and shorter rounds: to see that it works, not to quote
    #[arg(long)]
    quick: bool,
}

/// Compare what strangers are told of who is here and of who is not, and how fast.
#[derive(clap::Args)]
pub(crate) struct Enumeration {
    /// Answers of each side, for each question
    #[arg(long, default_value_t = 1_000)]
    samples: u32,
    /// Seed of the order and the names
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Sign in very many times at one moment, and spend one invitation, link and code fifty-fold at once.
#[derive(clap::Args)]
pub(crate) struct SignIns {
    /// How many sign in at one moment
    #[arg(long, default_value_t = 1_000)]
    logins: u32,
    /// How many times as long the slowest hundredth of other requests may take meanwhile
    #[arg(long, default_value_t = 2)]
    slower_max: u32,
    /// How often each race of fifty is run, on SQLite and on PostgreSQL; 0 leaves them out
    #[arg(long, default_value_t = 1_000)]
    races: u32,
}

/// Kill the server again and again while a folder is moved, and count its objects.
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
    /// Through a gateway whose store refuses every so many requests (503); 0: the server is the store
    #[arg(long, default_value_t = 0)]
    busy_every: u64,
}

/// Put the store on trial: `cargo xtask trial help` lists the trials.
#[derive(clap::Args)]
pub(crate) struct Trial {
    /// The trial and its options
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

impl Crash {
    /// Builds and runs the harness.
    pub(crate) fn start(&self, build: Build) -> Result<()> {
        let mut arguments =
            vec!["crash".to_owned(), "--cycles".to_owned(), self.cycles.to_string()];
        if let Some(seed) = self.seed {
            arguments.extend(["--seed".to_owned(), seed.to_string()]);
        }
        build.hammer(&arguments)
    }
}

impl Moves {
    /// Builds and runs the harness.
    pub(crate) fn start(&self, build: Build) -> Result<()> {
        let Self { kills, objects, seed, busy_every } = self;
        let [kills, objects, seed, every] =
            [u64::from(*kills), *objects, *seed, *busy_every].map(|number| number.to_string());
        let times = ["--kills", &kills, "--objects", &objects, "--seed", &seed];
        let all = ["moves", "--busy-every", &every].into_iter().chain(times);
        build.hammer(&all.collect::<Vec<_>>())
    }

    /// What `cargo xtask test` does.
    pub(crate) fn slice(build: Build) -> Result<()> {
        let slice = Self { kills: 3, objects: 500, seed: 1, busy_every: 0 };
        slice.start(build)?;
        Self { kills: 2, busy_every: 50, ..slice }.start(build)
    }
}

impl Enumeration {
    /// Builds and runs the harness.
    pub(crate) fn start(&self) -> Result<()> {
        let (samples, seed) = (self.samples.to_string(), self.seed.to_string());
        Build::Release.hammer(&["enumeration", "--samples", &samples, "--seed", &seed])
    }

    /// What `cargo xtask test` asks.
    pub(crate) fn slice() -> Result<()> {
        Self { samples: 60, seed: 1 }.start()
    }
}

impl SignIns {
    /// Builds and runs the harness, and then the races, which are tests of the ledger.
    pub(crate) fn start(&self) -> Result<()> {
        let (logins, slower_max) = (self.logins.to_string(), self.slower_max.to_string());
        Build::Release.hammer(&["sign-ins", "--logins", &logins, "--slower-max", &slower_max])?;
        if self.races == 0 {
            return Ok(());
        }
        tools::postgres()?;
        let postgres = Postgres::start()?;
        // Of the whole workspace, as everything else builds it.
        let mut races = command("cargo", &["test", "--workspace", "--lib", "--", "of_fifty_who"]);
        races.env("WELLHOUSE_TEST_RACES", self.races.to_string());
        races.env(postgres::VARIABLE, postgres.address());
        run(races)
    }

    /// What `cargo xtask test` does; it runs the races among the other tests, a few times each.
    pub(crate) fn slice() -> Result<()> {
        // How long others wait is measured where nothing else runs; here nobody may be shut out.
        Self { logins: 200, slower_max: 100, races: 0 }.start()
    }
}

impl Bench {
    /// Builds and runs the measurements.
    pub(crate) fn start(&self) -> Result<()> {
        match &self.part {
            Some(Part::Policy(bench)) => return bench.start(),
            Some(Part::Store(bench)) => return bench.start_as("bench"),
            Some(Part::S3(bench)) => return bench.start(),
            None => {}
        }
        let mut arguments = vec!["bench".to_owned()];
        if self.quick {
            arguments.push("--quick".to_owned());
        }
        Build::Release.hammer(&arguments)
    }
}

impl BenchS3 {
    /// Builds both, starts a Garage of one node, and measures.
    fn start(&self) -> Result<()> {
        let folder = target().join("bench-garage");
        if folder.exists() {
            std::fs::remove_dir_all(&folder)?;
        }
        let garage = Cluster::start(&folder, 1)?;
        let mut arguments = vec!["bench-s3".to_owned()];
        arguments.extend(self.quick.then(|| "--quick".to_owned()));
        arguments.extend(garage.as_arguments()?);
        let measured = Build::Release.hammer(&arguments);
        drop(garage);
        std::fs::remove_dir_all(&folder)?;
        measured
    }
}

impl Trial {
    /// Builds and runs a trial. The one that needs the server is the hammer's.
    pub(crate) fn start(&self) -> Result<()> {
        if self.arguments.first().is_some_and(|name| name == "power-live") {
            return Build::Release.hammer(&self.arguments);
        }
        Build::Release.trial(&self.arguments)
    }

    /// As [`Self::start`], where the trial's name is known and only its options are given.
    fn start_as(&self, name: &str) -> Result<()> {
        Build::Release.trial(&[&[name.to_owned()], self.arguments.as_slice()].concat())
    }
}

impl Default for Crash {
    fn default() -> Self {
        Self { cycles: 100, seed: None }
    }
}

impl Build {
    /// The server's binary, built.
    pub(crate) fn server(self) -> Result<PathBuf> {
        self.make()?;
        Ok(self.binary())
    }

    fn binary(self) -> PathBuf {
        target().join(match self {
            Self::OfTests => "debug/wellhouse",
            Self::Release => "release/wellhouse",
        })
    }

    /// Builds the binaries at once. Cargo chooses the features of dependencies for the packages that are
    /// built together, so building them one by one compiles the dependencies again each time.
    fn make(self) -> Result<()> {
        let packages: &[&str] = match self {
            Self::OfTests => {
                say("building the hammer and the trials (release)");
                &["--package", "hammer", "--package", "trial"]
            }
            Self::Release => {
                say("building the server, the hammer and the trials (release)");
                &["--package", "wellhouse", "--package", "hammer", "--package", "trial"]
            }
        };
        run(command("cargo", &[&["build", "--release", "--quiet"], packages].concat()))
    }

    /// Runs `hammer` on the server with arguments.
    pub(crate) fn hammer<S: AsRef<std::ffi::OsStr>>(self, arguments: &[S]) -> Result<()> {
        self.make()?;
        let mut hammer = Command::new(target().join("release/hammer"));
        hammer.arg("--server").arg(self.binary());
        hammer.arg("--scratch").arg(target().join("hammer"));
        hammer.args(arguments).current_dir(root());
        run(hammer)
    }

    /// Runs `trial` with arguments.
    pub(crate) fn trial<S: AsRef<std::ffi::OsStr>>(self, arguments: &[S]) -> Result<()> {
        self.make()?;
        let mut trial = Command::new(target().join("release/trial"));
        trial.args(arguments).current_dir(root());
        run(trial)
    }
}
