//! `cargo xtask test`: every check and test, in the order that fails fastest.

use std::process::Command;
use std::time::Instant;

use anyhow::{Result, bail};

use crate::harness::{Build, Crash, Enumeration, Moves, SignIns};
use crate::postgres::{self, Postgres};
use crate::run::{command, output, root, run, say, target};
use crate::{advisories, estate, fuzz, logs, sbom, schemathesis, tidy, tools, web};

/// A sample of the points of `trial syscalls`: some seconds, where all of them take the better part
/// of an hour.
const SYSCALLS: [&str; 3] = ["syscalls", "--sample", "1/200"];

/// Slices of the other trials: each some seconds.
const TRIALS: [&[&str]; 4] = [
    &["flips", "--count", "200", "--stores", "2"],
    &["histories", "--count", "20"],
    &["model", "--ops", "20000"],
    &["schedules", "--count", "50000"],
];

/// What all that is built and fetched takes on the disk, and what the tests write besides.
const ROOM_COLD_GIB: u64 = 14;

/// What is left to build, and what the tests write.
const ROOM_WARM_GIB: u64 = 4;

/// Run every check and test.
#[derive(clap::Args)]
pub(crate) struct Test {
    /// Leave out what takes longest: Chromium, the crash harness, the power cuts
    #[arg(long, conflicts_with = "long")]
    quick: bool,
    /// Take the release build of the server, too, run short slices of what asks the API at random and
    /// measures sign-in, and write the bills of materials
    #[arg(long)]
    long: bool,
}

impl Test {
    /// Runs all of it; the first failure ends the run.
    pub(crate) fn all(&self) -> Result<()> {
        room()?;
        step("formatting", || run(command("cargo", &["fmt", "--all", "--check"])))?;
        step("tidy", tidy::check)?;
        logs::fresh()?;
        let python = tools::python()?;
        tools::curl()?;
        tools::postgres()?;
        // The server embeds the page, and a placeholder where there is none: the browser wants the page.
        step("web: build", web::build)?;
        step("clippy", clippy)?;
        step("tests", || cargo_tests(&python, &Postgres::start()?))?;
        step("policy: two accounts of the rules", fuzz::slice)?;
        step("policy: change sets against enumeration", fuzz::slice_of_changes)?;
        step("doc tests and documentation", documentation)?;
        step("dependencies", dependencies)?;
        step("advisories", advisories::check_where_possible)?;
        step("the estate under others' rules", estate::templates)?;
        step("web: types, lint, unit tests", web_checks)?;
        if self.quick {
            return Ok(());
        }
        let build = if self.long { Build::Release } else { Build::OfTests };
        step("end to end in Chromium", || in_chromium(build, &["e2e"], &[]))?;
        step("no secret in any log", logs::of_a_whole_run)?;
        if self.long {
            step("bills of materials", sbom::write)?;
            step("the API under Schemathesis", schemathesis::slice)?;
            step("known and unknown people, compared", Enumeration::slice)?;
            step("200 sign-ins at one moment", SignIns::slice)?;
        }
        step("crash: 100 cycles", || Crash::default().start(build))?;
        step("moves that are killed", || Moves::slice(build))?;
        if cfg!(all(target_os = "linux", target_arch = "x86_64")) {
            step("trial: a sample of the system calls", || build.trial(&SYSCALLS))?;
        }
        for slice in TRIALS {
            step(&format!("trial: {}", slice.join(" ")), || build.trial(slice))?;
        }
        full_disk(build)?;
        power(build)
    }
}

/// A full disk makes compilers and linkers fail in words that nobody understands.
fn room() -> Result<()> {
    let built = target().join("debug/wellhouse").exists();
    let needed = if built { ROOM_WARM_GIB } else { ROOM_COLD_GIB };
    let free = output("df", &["-Pk", "."])
        .and_then(|text| text.lines().nth(1)?.split_whitespace().nth(3)?.parse::<u64>().ok());
    match free.map(|kib| kib / (1024 * 1024)) {
        Some(free) if free < needed => bail!(
            "the disk of this folder has {free} GiB free, and the tests need {needed}: make room first"
        ),
        _ => Ok(()),
    }
}

/// Fills a disk, where one can be mounted.
fn full_disk(build: Build) -> Result<()> {
    if output("id", &["-u"]).is_none_or(|user| user.trim() != "0") {
        say("full disk: NOT TRIED, because only root can mount one");
        return Ok(());
    }
    step("trial: full-disk", || build.trial(&["full-disk", "--rounds", "2"]))
}

/// Cuts the power, where a file system of our own can be mounted.
fn power(build: Build) -> Result<()> {
    if !std::path::Path::new("/dev/fuse").exists() {
        say("power: NOT TRIED, because there is no /dev/fuse here");
        return Ok(());
    }
    step("power: 10,000 images", || build.trial(&["power", "--images", "10000"]))?;
    step("power: 20 cuts under the server", || build.hammer(&["power-live", "--cycles", "20"]))
}

/// Takes the pictures of docs/images.
pub(crate) fn shots() -> Result<()> {
    in_chromium(Build::Release, &["shots"], &[])
}

fn step(name: &str, check: impl FnOnce() -> Result<()>) -> Result<()> {
    say(name);
    let started = Instant::now();
    check()?;
    say(&format!("{name}: passed in {} s", started.elapsed().as_secs()));
    Ok(())
}

fn clippy() -> Result<()> {
    let arguments = ["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"];
    run(command("cargo", &arguments))
}

fn cargo_tests(python: &std::path::Path, postgres: &Postgres) -> Result<()> {
    let nextest = output("cargo", &["nextest", "--version"]).is_some();
    let arguments: &[&str] = if nextest {
        &["nextest", "run", "--workspace", "--no-fail-fast"]
    } else {
        &["test", "--workspace", "--lib", "--bins", "--tests"]
    };
    tools::unpackers()?;
    tools::clamd()?;
    let mut tests = command("cargo", arguments);
    tests.env("WELLHOUSE_TEST_MOTO", python.join("bin/moto_server"));
    tests.env("WELLHOUSE_TEST_AWS", python.join("bin/aws"));
    tests.env("WELLHOUSE_TEST_PYTHON", python.join("bin/python"));
    tests.env(postgres::VARIABLE, postgres.address());
    tests.env("WELLHOUSE_TEST_RCLONE", tools::rclone()?);
    tests.env("WELLHOUSE_TEST_S3FS", tools::s3fs()?.unwrap_or_default());
    tests.env("INSTA_UPDATE", "no").env(logs::VARIABLE, logs::folder());
    run(tests)
}

fn documentation() -> Result<()> {
    run(command("cargo", &["test", "--workspace", "--doc", "--quiet"]))?;
    let mut doc = command("cargo", &["doc", "--workspace", "--no-deps", "--quiet"]);
    doc.env("RUSTDOCFLAGS", "-D warnings");
    run(doc)
}

fn dependencies() -> Result<()> {
    let deny = tools::cargo_deny()?;
    let mut check = Command::new(deny);
    check.args(["--all-features", "check", "bans", "licenses", "sources"]);
    check.current_dir(root());
    run(check)
}

fn web_checks() -> Result<()> {
    for script in ["typecheck", "lint", "test"] {
        web::npm_run(script)?;
    }
    web::npm_run("budget")
}

/// Runs a script of `web/package.json` that needs a browser and a server.
pub(crate) fn in_chromium(build: Build, script: &[&str], besides: &[(&str, String)]) -> Result<()> {
    let chromium = tools::chromium()?;
    let python = tools::python()?;
    web::build()?;
    let server = build.server()?;
    let mut npm = command("npm", &["run", "--silent"]);
    npm.args(script).envs(besides.iter().map(|(name, value)| (name, value)));
    npm.current_dir(root().join("web"));
    npm.env("PLAYWRIGHT_CHROMIUM", chromium);
    npm.env("WELLHOUSE_BINARY", server);
    npm.env("WELLHOUSE_TEST_AWS", python.join("bin/aws"));
    if script == ["e2e"] {
        npm.env(logs::VARIABLE, logs::folder());
    }
    run(npm)
}
