//! `wellhouse mail`: whether mail goes out, and what waits.

use anyhow::{Context, Result, bail};
use serde_json::json;
use wh_ledger::{MailRecord, MailState};
use wh_people::MailAddress;

use super::message::{Sender, Text};
use super::{SendError, Transport, in_words};
use crate::config::Config;
use crate::store::Output;
use crate::{Ended, ledger, parameters, say};

/// Mail: send one to see that it goes out, and list what waits or could not be sent
#[derive(clap::Subcommand)]
pub(crate) enum Mail {
    Test(Test),
    List(List),
}

/// Send a mail at once, as the configuration says, and tell what came of it
#[derive(clap::Args)]
#[command(after_help = "Example:\n  wellhouse mail test --to ada@example.org")]
pub(crate) struct Test {
    /// To whom
    #[arg(long, value_name = "ADDRESS")]
    to: String,
}

/// List mails that wait or were given up, the newest first; never what they say
#[derive(clap::Args)]
pub(crate) struct List {
    /// How the answer is printed
    #[arg(long, value_enum, default_value = "text")]
    output: Output,
}

pub(crate) async fn run(command: Mail, config: Config) -> Result<Ended> {
    match command {
        Mail::Test(test) => send(&test, &config).await,
        Mail::List(list) => show(&list, &config).await,
    }
}

async fn send(test: &Test, config: &Config) -> Result<Ended> {
    let to = MailAddress::parse(&test.to).with_context(|| format!("--to `{}`", test.to))?;
    let (transport, sender) = (Transport::open(config)?, Sender::of(config)?);
    let id = format!("test-{}", hex::encode(parameters::entropy().bytes::<8>()));
    let body = format!(
        "This is a test of mail from {}.\n\nSomebody who has the machine sent it. There is nothing \
         to do.\n",
        config.portal_url()
    );
    let message = sender.message(&Text {
        id: &id,
        to: to.as_str(),
        subject: "A test of mail",
        body: &body,
        at: parameters::clock().now(),
    })?;
    match transport.send(&id, message).await {
        Ok(()) => {
            say(&format!("Mail is {}. The test to {} was taken.", in_words(config), to.as_str()));
            Ok(Ended::Done)
        }
        Err(SendError::Later(why) | SendError::Never(why)) => {
            say(&format!("Mail is {}. The test was not taken: {why}", in_words(config)));
            Ok(Ended::Failed)
        }
    }
}

async fn show(list: &List, config: &Config) -> Result<Ended> {
    if !ledger::is_there(config) {
        bail!("there is no installation in {}", config.data.display());
    }
    let ledger = ledger::open(config, &parameters::clock()).await?;
    let mails = ledger.mails_unsent().await;
    ledger.close().await;
    let mails = mails?;
    if list.output == Output::Json {
        let told: Vec<_> = mails.iter().map(as_json).collect();
        say(&json!({ "mails": told }).to_string());
        return Ok(Ended::Done);
    }
    for mail in &mails {
        let (id, kind, state) = (&mail.id, &mail.kind, mail.state.as_str());
        let (to, at, tried) = (&mail.recipient, mail.created_at, mail.attempts);
        say(&format!("{id}  {state}: {kind} to {to}, of {at}, tried {tried} times"));
        if let Some(error) = &mail.error {
            say(&format!("  {error}"));
        }
    }
    if mails.is_empty() {
        say("No mail waits, and none was given up within a week.");
    }
    Ok(Ended::Done)
}

fn as_json(mail: &MailRecord) -> serde_json::Value {
    json!({
        "id": mail.id.as_str(),
        "kind": mail.kind,
        "recipient": mail.recipient,
        "state": mail.state.as_str(),
        "created": mail.created_at.to_string(),
        "next": (mail.state == MailState::Waiting).then(|| mail.next_at.to_string()),
        "attempts": mail.attempts,
        "error": mail.error,
    })
}
