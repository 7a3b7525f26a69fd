//! `wellhouse machine`: machines that get credentials as EC2 instances do. An operator invites, lists
//! and revokes them; the agent runs on the machine itself.

mod agent;
mod credentials;
mod identity;
mod imds;
mod operator;

use anyhow::Result;

use crate::Ended;
use crate::config::Config;

/// Machines that get credentials as EC2 instances do
///
/// An operator makes a one-time token; the agent on the machine is enrolled with it, and then serves
/// the instance metadata service, version 2, to the AWS CLI and SDKs on that machine. They find the
/// credentials of the machine's instance profile there, as on EC2.
#[derive(clap::Subcommand)]
#[command(after_help = "docs/machines.md tells how, on this store and on EC2.")]
pub(crate) enum Machine {
    EnrolToken(operator::EnrolToken),
    List(operator::List),
    Revoke(operator::Revoke),
    Agent(agent::Agent),
}

pub(crate) async fn run(machine: Machine, config: &impl Fn() -> Result<Config>) -> Result<Ended> {
    match machine {
        Machine::EnrolToken(invite) => operator::invite(&invite, &config()?).await,
        Machine::List(list) => operator::list(&list, &config()?).await,
        Machine::Revoke(revoke) => operator::revoke(&revoke, &config()?).await,
        Machine::Agent(agent) => agent::run(agent, &config()?).await,
    }
}
