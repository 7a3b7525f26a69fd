//! The Wellhouse binary: reads flags, environment, clock and randomness, and wires the house.

// The futures of the SDK's calls nest deeper than the compiler's default lets it look.
#![recursion_limit = "256"]

mod account;
mod activity;
mod address;
mod audit;
mod backup;
mod behind;
mod caller;
mod cellar;
mod config;
mod control;
mod doctor;
mod document;
mod doors;
mod embedded;
mod estate;
mod ingest;
mod keys;
mod ledger;
mod logging;
mod machine;
mod mail;
mod metrics;
mod operator;
mod output;
mod paint;
mod parameters;
mod passwords;
mod person_keys;
mod policy;
mod posture;
mod providers;
mod quotas;
mod ready;
mod saved_policies;
mod scan;
mod search;
mod secret_file;
mod serve;
mod stop;
mod store;
mod upkeep;
mod upstream;
mod webhooks;

use std::io::ErrorKind;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};

use crate::config::{Config, Listeners, Overrides};
pub(crate) use crate::output::say;
use crate::output::{complain, visible, written};

/// Files on S3, under the IAM policies that you read.
#[derive(Parser)]
#[command(name = "wellhouse", version, about, disable_help_subcommand = true)]
struct Arguments {
    #[command(flatten)]
    overrides: Overrides,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start the portal and, on the embedded store, the S3 endpoint
    Serve(Listeners),
    Document(document::Document),
    Plan(estate::Plan),
    Apply(estate::Apply),
    Verify(estate::Verify),
    Posture(posture::Posture),
    Adopt(estate::Adopt),
    Destroy(estate::Destroy),
    Export(estate::Export),
    ProvisionerPolicy(estate::ProvisionerPolicy),
    #[command(subcommand)]
    Estate(estate::Versions),
    #[command(subcommand)]
    Policy(policy::Policy),
    #[command(subcommand)]
    Store(store::Store),
    #[command(subcommand)]
    Keys(person_keys::Keys),
    #[command(subcommand)]
    Machine(machine::Machine),
    #[command(subcommand)]
    User(operator::User),
    #[command(subcommand)]
    Group(operator::Group),
    #[command(subcommand)]
    Grant(operator::Grant),
    #[command(subcommand)]
    Passwords(passwords::Passwords),
    #[command(subcommand)]
    Invite(operator::Invite),
    #[command(subcommand)]
    Mail(mail::Mail),
    #[command(subcommand)]
    Request(operator::AccessRequests),
    #[command(subcommand)]
    Scan(operator::Scan),
    #[command(subcommand)]
    Quota(Quota),
    #[command(subcommand)]
    Audit(audit::Audit),
    Login(account::Login),
    Logout(account::Logout),
    Whoami(account::Whoami),
    Credentials(account::Credentials),
    #[command(subcommand)]
    Job(account::Job),
    #[command(subcommand)]
    Trash(account::Trash),
    #[command(subcommand)]
    Past(account::Past),
    Activity(account::Activity),
    Usage(account::Usage),
    #[command(subcommand)]
    Versions(account::Versions),
    #[command(subcommand)]
    Watch(account::Watch),
    Search(account::Search),
    #[command(subcommand)]
    Share(account::Share),
    #[command(subcommand)]
    Collect(account::Collect),
    Ingest(ingest::Ingest),
    Backup(backup::Backup),
    Doctor(doctor::Doctor),
    Restore(backup::Restore),
    /// Print the OpenAPI document of the portal's HTTP API
    Openapi,
}

/// Quotas: how much there may be in the places of a person, of a group, of every person, or in one place
///
/// Whoever has the machine sets them without signing in, while the server runs or not; a running server goes
/// by it within seconds. It stands in the audit log as `operator`. `mine` is for everybody else.
#[derive(Subcommand)]
enum Quota {
    #[command(flatten)]
    Kept(operator::Quota),
    Mine(account::OwnQuotas),
}

/// What a command that ended well has to say by its exit code.
pub(crate) enum Ended {
    /// 0
    Done,
    /// 1: it ran, and the answer is no
    Failed,
    /// 2: there is a difference
    Different,
}

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(usage) => return explain_usage(&usage),
    };
    let ended = run(arguments).and_then(|ended| {
        written().context(UNWRITTEN)?;
        Ok(ended)
    });
    match ended {
        Ok(Ended::Done) => ExitCode::SUCCESS,
        Ok(Ended::Failed) => ExitCode::FAILURE,
        Ok(Ended::Different) => ExitCode::from(2),
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

const UNWRITTEN: &str = "cannot write to standard output";

/// Help is an answer; a wrong flag is a failure. clap's own code for it, 2, means a difference here.
fn explain_usage(usage: &clap::Error) -> ExitCode {
    if usage.use_stderr() {
        // The usage quotes what was written: it is put together again from what can be shown.
        let shown = std::env::args_os().map(|word| visible(&word.to_string_lossy()));
        let shown = Arguments::try_parse_from(shown).err();
        let _printed = shown.as_ref().unwrap_or(usage).print();
        return ExitCode::FAILURE;
    }
    match usage.print().and_then(|()| written()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            complain(&anyhow::Error::new(error).context(UNWRITTEN));
            ExitCode::FAILURE
        }
        Ok(()) | Err(_) => ExitCode::SUCCESS,
    }
}

fn run(arguments: Arguments) -> Result<Ended> {
    let load = |listeners: &Listeners| Config::load(&arguments.overrides, listeners);
    let config = || load(&Listeners::default());
    match arguments.command {
        Command::Serve(listeners) if listeners.store_only => {
            asynchronously(serve::serve_store_only(load(&listeners)?))
        }
        Command::Serve(listeners) => asynchronously(serve::serve(load(&listeners)?)),
        Command::Document(asked) => asynchronously(document::print(config()?, asked)),
        Command::Plan(plan) => asynchronously(estate::plan(config()?, plan)),
        Command::Apply(apply) => asynchronously(estate::apply(config()?, apply)),
        Command::Posture(asked) => asynchronously(posture::run(config()?, asked)),
        Command::Verify(verify) => asynchronously(estate::verify(config()?, verify)),
        Command::Adopt(adopt) => asynchronously(estate::adopt(config()?, adopt)),
        Command::Destroy(destroy) => asynchronously(estate::destroy(config()?, destroy)),
        Command::Export(export) => estate::export(&config()?, &export),
        Command::ProvisionerPolicy(asked) => estate::provisioner_policy(&config()?, &asked),
        Command::Estate(command) => asynchronously(estate::versions(config()?, command)),
        Command::Policy(policy) => policy::run(&policy, &config),
        Command::Store(store) => asynchronously(store::run(store, config()?)),
        Command::Keys(keys) => asynchronously(person_keys::run(keys, config()?)),
        Command::Passwords(command) => passwords::run(&command),
        Command::User(command) => operated(operator::Command::User(command), config()?),
        Command::Group(command) => operated(operator::Command::Group(command), config()?),
        Command::Invite(command) => operated(operator::Command::Invite(command), config()?),
        Command::Mail(command) => asynchronously(mail::run(command, config()?)),
        Command::Request(command) => operated(operator::Command::Request(command), config()?),
        Command::Quota(Quota::Kept(command)) => {
            operated(operator::Command::Quota(command), config()?)
        }
        Command::Quota(Quota::Mine(asked)) => asynchronously(account::own_quotas(asked)),
        Command::Scan(command) => operated(operator::Command::Scan(command), config()?),
        Command::Grant(command) => operated(operator::Command::Grant(command), config()?),
        Command::Audit(command) => asynchronously(audit::run(command, config()?)),
        Command::Login(login) => asynchronously(account::login(login)),
        Command::Logout(logout) => account::logout(&logout),
        Command::Whoami(whoami) => asynchronously(account::whoami(whoami)),
        Command::Credentials(asked) => asynchronously(account::credentials(asked)),
        Command::Job(job) => asynchronously(account::job(job)),
        Command::Trash(trash) => asynchronously(account::trash(trash)),
        Command::Past(past) => asynchronously(account::past(past)),
        Command::Versions(versions) => asynchronously(account::versions(versions)),
        Command::Activity(asked) => asynchronously(account::activity(asked)),
        Command::Watch(watch) => asynchronously(account::watch(watch)),
        Command::Usage(asked) => asynchronously(account::usage(asked)),
        Command::Search(asked) => asynchronously(account::search(asked, &config)),
        Command::Share(share) => asynchronously(account::share(share)),
        Command::Collect(collect) => asynchronously(account::collect(collect)),
        Command::Ingest(ingest) => asynchronously(ingest::run(ingest, &config()?)),
        Command::Machine(machine) => asynchronously(machine::run(machine, &config)),
        Command::Backup(backup) => asynchronously(backup::run(backup, &config)),
        Command::Doctor(doctor) => asynchronously(doctor::run(doctor, config())),
        Command::Restore(restore) => asynchronously(backup::restore(restore)),
        Command::Openapi => {
            say(&wh_portal::openapi());
            Ok(Ended::Done)
        }
    }
}

fn operated(command: operator::Command, config: Config) -> Result<Ended> {
    asynchronously(operator::run(command, config))
}

fn asynchronously(work: impl Future<Output = Result<Ended>>) -> Result<Ended> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let ended = runtime.block_on(work);
    // A blocking read that hangs on a bad disk must not keep the process.
    runtime.shutdown_timeout(stop::AFTER_DRAIN);
    ended
}
