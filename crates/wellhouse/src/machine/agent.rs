//! The agent: enrols the machine that it runs on, once, and serves the metadata service there.

use std::net::SocketAddrV4;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use tokio::net::TcpListener;
use wh_listen::{Doorway, Limits, Transport};
use wh_names::Clock;

use super::credentials::{Credentials, Unavailable, enrol};
use super::identity::{Enrolled, Identity};
use super::imds::{Imds, METADATA_ADDRESS};
use crate::config::Config;
use crate::stop::{DRAIN_MAX, Stop};
use crate::{Ended, address, logging, parameters, say, secret_file};

/// An answer must not leave the machine: the first router drops it. EC2's own default is the same.
///
/// Source: EC2 User Guide, "Use IMDSv2": `HttpPutResponseHopLimit`.
const HOP_LIMIT: u32 = 1;

/// Connections at once: tools open one, ask, and close it.
const CONNECTIONS_MAX: usize = 64;

/// Run on a machine: enrol it, then serve the metadata service to the tools on it
///
/// The first start spends the token; afterwards it is of no use to anybody, and the file can be
/// deleted. The machine's key is made here and never leaves the state file.
#[derive(clap::Args)]
pub(crate) struct Agent {
    /// The S3 endpoint: https, or http on this machine
    #[arg(long, value_name = "URL")]
    endpoint: String,
    /// The file that holds the one-time token, of mode 0600; needed until the machine is enrolled
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// Where the machine's key is kept, in a file of mode 0600
    #[arg(long, value_name = "FILE", default_value = "wellhouse-machine.json")]
    state: PathBuf,
    /// Where the metadata service listens: an address of loopback, or 169.254.169.254 where that is
    /// an address of this machine
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:1338")]
    listen: SocketAddrV4,
}

pub(super) async fn run(agent: Agent, config: &Config) -> Result<Ended> {
    logging::start(&config.log)?;
    address::check("--endpoint", &agent.endpoint)?;
    let (clock, entropy) = (parameters::clock(), parameters::entropy());
    // First of all: who cannot serve must not spend a token.
    let listener = listen(agent.listen).await?;
    let at = listener.local_addr()?;
    let stop = Stop::on_signals()?;
    let identity = Identity::open(&agent.state, &agent.endpoint, &entropy)?;
    let (identity, machine) = enrolled(&agent, identity, &clock).await?;
    let credentials = Arc::new(Credentials::new(identity, machine.clone(), clock.clone()));
    match credentials.current().await {
        Ok(held) => tracing::info!(role = held.role, expires = %held.expires, "has credentials"),
        Err(Unavailable::Refused { message, .. }) => bail!("no credentials: {message}"),
        Err(Unavailable::Unreachable(why)) => tracing::warn!(why, "no credentials yet"),
    }
    let imds = Arc::new(Imds::new(machine.clone(), credentials.source(), (clock, &entropy)));
    say(&format!("{} has its metadata service. Ctrl-C stops it. Tools find it by", machine.id));
    say(&format!("AWS_EC2_METADATA_SERVICE_ENDPOINT=http://{at}"));
    crate::output::written()?;
    let limits = Limits { connections: CONNECTIONS_MAX, drain: DRAIN_MAX, ..Limits::default() };
    let doorway = Doorway::new(listener, Transport::Plain, limits);
    let answer = move |request, peer| Arc::clone(&imds).answer(request, peer);
    doorway.serve(stop.wait(), answer).await;
    Ok(Ended::Done)
}

/// A socket that only this machine is meant to reach, and whose answers no router passes on.
async fn listen(at: SocketAddrV4) -> Result<TcpListener> {
    if !at.ip().is_loopback() && *at.ip() != METADATA_ADDRESS {
        bail!("--listen must be an address of loopback or {METADATA_ADDRESS}");
    }
    let listener = TcpListener::bind(at).await;
    let listener = listener.with_context(|| format!("cannot listen on {at}"))?;
    listener.set_ttl(HOP_LIMIT).context("cannot limit the hops of answers")?;
    Ok(listener)
}

/// The identity of a machine that is enrolled, now or before.
async fn enrolled(
    agent: &Agent,
    mut identity: Identity,
    clock: &Clock,
) -> Result<(Identity, Enrolled)> {
    if let Some(known) = identity.enrolled.clone() {
        return Ok((identity, known));
    }
    let path = agent.token_file.as_deref();
    let path = path.context("the machine is not enrolled: give its token by --token-file")?;
    let token = secret_file::read("--token-file", path)?;
    let machine = enrol(&identity, &token, clock).await?;
    identity.enrolled = Some(machine.clone());
    identity.write(&agent.state)?;
    tracing::info!(machine = %machine.id, "enrolled");
    Ok((identity, machine))
}

#[cfg(test)]
mod tests {
    use super::listen;

    #[tokio::test]
    async fn answers_hop_nowhere_and_no_other_address_is_listened_at() {
        let listener = listen("127.0.0.1:0".parse().expect("an address")).await.expect("a socket");
        let at = listener.local_addr().expect("an address");
        let (client, accepted) =
            tokio::join!(tokio::net::TcpStream::connect(at), listener.accept());
        let (accepted, _) = accepted.expect("a connection");
        assert_eq!(accepted.ttl().expect("a limit"), 1);
        drop(client);
        for elsewhere in ["0.0.0.0:0", "192.0.2.1:0", "169.254.169.253:0"] {
            let refused = listen(elsewhere.parse().expect("an address")).await;
            let refused = refused.expect_err(elsewhere).to_string();
            assert!(refused.contains("--listen must be"), "{refused}");
        }
    }
}
