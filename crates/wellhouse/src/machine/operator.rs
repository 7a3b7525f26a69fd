//! What an operator does about machines: invites, lists, revokes. Works while the server runs or not.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use wh_ledger::{AuditKind, AuditRecord, Ledger, MachineInvitation, MachineRow};
use wh_names::{Entropy, InstanceId, Secret};
use wh_provision::EC2_UPLOAD_ROLE;

use crate::config::{Config, StoreKind};
use crate::store::Output;
use crate::{Ended, ledger, parameters, say};

/// The longest that a token may count.
const VALID_MAX: SignedDuration = SignedDuration::from_hours(24);

/// The longest name, in bytes.
const NAME_BYTES_MAX: usize = 64;

/// Make a token by which one machine is enrolled, once
#[derive(clap::Args)]
pub(crate) struct EnrolToken {
    /// What the machine is to be called
    #[arg(long)]
    name: String,
    /// How long the token counts, at most 24h
    #[arg(long, default_value = "1h", value_name = "DURATION")]
    valid: SignedDuration,
    /// The instance profile whose role the machine gets
    #[arg(long, default_value = EC2_UPLOAD_ROLE)]
    profile: String,
    /// Write the token to this new file, of mode 0600, and do not print it
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
    /// How the answer is printed
    #[arg(long, value_enum, default_value = "text")]
    output: Output,
}

/// List machines
#[derive(clap::Args)]
pub(crate) struct List {
    /// How the answer is printed
    #[arg(long, value_enum, default_value = "text")]
    output: Output,
}

/// Revoke a machine for good: its credentials end within a second
#[derive(clap::Args)]
pub(crate) struct Revoke {
    /// Its name or instance id
    machine: String,
}

async fn open(config: &Config) -> Result<Ledger> {
    if config.store.kind == StoreKind::Aws {
        bail!("the store is Amazon S3: its machines are EC2 instances with an instance profile");
    }
    if !ledger::is_there(config) {
        bail!("there is no installation in {}", config.data.display());
    }
    ledger::open(config, &parameters::clock()).await
}

pub(super) async fn invite(invite: &EnrolToken, config: &Config) -> Result<Ended> {
    let letter = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let name = &invite.name;
    if name.is_empty() || name.len() > NAME_BYTES_MAX || !name.chars().all(letter) {
        bail!("--name must have 1–{NAME_BYTES_MAX} letters, digits, `-`, `_` and `.`");
    }
    if !invite.valid.is_positive() || invite.valid > VALID_MAX {
        bail!("--valid must be more than 0 and at most 24h");
    }
    let ledger = open(config).await?;
    let done = invited(invite, &ledger, parameters::clock().now(), &parameters::entropy()).await;
    ledger.close().await;
    done
}

async fn invited(
    invite: &EnrolToken,
    ledger: &Ledger,
    now: Timestamp,
    entropy: &Entropy,
) -> Result<Ended> {
    let (name, profile) = (&invite.name, &invite.profile);
    let known = ledger.iam().await?.profiles;
    if known.get(&profile.to_ascii_lowercase()).is_none_or(|profile| profile.role.is_none()) {
        bail!("--profile: there is no instance profile `{profile}` that holds a role");
    }
    let token = Secret::random(entropy);
    let invitation = MachineInvitation {
        id: InstanceId::generate(entropy),
        name: name.clone(),
        profile: profile.clone(),
        token: token.digest(),
        token_expires_at: now + invite.valid,
    };
    // The file first: a token that was made and lost would need another.
    if let Some(path) = &invite.to {
        write(path, &token)?;
    }
    let record = record("InviteMachine", (name, &invitation.id), (now, entropy));
    if !ledger.invite_machine(&invitation, &record).await? {
        if let Some(path) = &invite.to {
            std::fs::remove_file(path)?;
        }
        bail!("a machine `{name}` is enrolled: revoke it first, or take another name");
    }
    tell(invite, &invitation, &token);
    Ok(Ended::Done)
}

fn write(path: &Path, token: &Secret) -> Result<()> {
    let cannot = || format!("cannot write {}", path.display());
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let mut file = file.with_context(cannot)?;
    writeln!(file, "{}", token.expose()).and_then(|()| file.sync_all()).with_context(cannot)
}

fn tell(invite: &EnrolToken, made: &MachineInvitation, token: &Secret) {
    let shown = invite.to.is_none().then(|| token.expose());
    let (until, name) = (made.token_expires_at, &made.name);
    match (invite.output, shown) {
        (Output::Json, _) => say(&json!({
            "name": name,
            "instance_id": made.id.as_str(),
            "profile": made.profile,
            "token": shown,
            "expires": until.to_string(),
        })
        .to_string()),
        (Output::Text, Some(token)) => {
            say(&format!("One machine can be enrolled as `{name}`, once, until {until}."));
            say("The token is not shown again. Put it into a file of mode 0600 on the machine:");
            say(token);
        }
        (Output::Text, None) => {
            say(&format!("One machine can be enrolled as `{name}`, once, until {until}."));
        }
    }
}

pub(super) async fn list(list: &List, config: &Config) -> Result<Ended> {
    let ledger = open(config).await?;
    let machines = ledger.machines().await;
    ledger.close().await;
    let (machines, now) = (machines?, parameters::clock().now());
    match list.output {
        Output::Json => {
            let machines: Vec<Value> = machines.iter().map(|row| as_json(row, now)).collect();
            say(&json!({ "machines": machines }).to_string());
        }
        Output::Text if machines.is_empty() => say("There is no machine."),
        Output::Text => machines.iter().for_each(|row| print(row, now)),
    }
    Ok(Ended::Done)
}

fn standing(row: &MachineRow, now: Timestamp) -> &'static str {
    match (row.revoked_at, &row.enrolled) {
        (Some(_), _) => "revoked",
        (None, Some(_)) => "enrolled",
        (None, None) if now < row.token_expires_at => "invited",
        (None, None) => "invitation expired",
    }
}

fn as_json(row: &MachineRow, now: Timestamp) -> Value {
    json!({
        "name": row.name,
        "instance_id": row.id.as_str(),
        "profile": row.profile,
        "standing": standing(row, now),
        "created": row.created_at.to_string(),
        "enrolled": row.enrolled.as_ref().map(|key| key.at.to_string()),
        "revoked": row.revoked_at.map(|at| at.to_string()),
        "asked": row.asked.as_ref().map(|asked| asked.at.to_string()),
        "asked_from": row.asked.as_ref().and_then(|asked| asked.ip.clone()),
    })
}

fn print(row: &MachineRow, now: Timestamp) {
    let asked = match &row.asked {
        None => "never asked for credentials".to_owned(),
        Some(asked) => {
            let from = asked.ip.as_deref().unwrap_or("an unknown address");
            format!("last asked {} from {from}", asked.at)
        }
    };
    let (id, name, profile) = (&row.id, &row.name, &row.profile);
    say(&format!("{id}  {name}: {}, profile {profile}; {asked}", standing(row, now)));
}

pub(super) async fn revoke(revoke: &Revoke, config: &Config) -> Result<Ended> {
    let ledger = open(config).await?;
    let done = revoked(&revoke.machine, &ledger).await;
    ledger.close().await;
    done
}

async fn revoked(named: &str, ledger: &Ledger) -> Result<Ended> {
    let machines = ledger.machines().await?;
    let meant = |row: &&MachineRow| row.name == named || row.id.as_str() == named;
    let living = machines.iter().filter(|row| row.revoked_at.is_none()).find(meant);
    let Some(row) = living.or_else(|| machines.iter().find(meant)) else {
        bail!("there is no machine `{named}`");
    };
    let (now, entropy) = (parameters::clock().now(), parameters::entropy());
    let record = record("RevokeMachine", (&row.name, &row.id), (now, &entropy));
    if ledger.revoke_machine(&row.id, &record).await? {
        say(&format!("`{}` is revoked: its credentials end within a second.", row.name));
    } else {
        say(&format!("`{}` was revoked before.", row.name));
    }
    Ok(Ended::Done)
}

fn record(
    operation: &str,
    (name, id): (&str, &InstanceId),
    (at, entropy): (Timestamp, &Entropy),
) -> AuditRecord {
    AuditRecord {
        at,
        kind: AuditKind::Intent,
        request_id: format!("{:032x}", u128::from_be_bytes(entropy.bytes::<16>())),
        operation: operation.to_owned(),
        action: format!("wellhouse:{operation}"),
        resource: format!("machine/{name}/{id}"),
        principal: "operator".to_owned(),
        source_identity: None,
        source_ip: None,
        detail: None,
    }
}
