//! `wellhouse keys`: access keys of persons, made, listed and revoked on the machine itself; and what
//! keys the portal may make.

use std::sync::Arc;

use anyhow::{Context, Result, bail};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use wh_files::{
    KeyActor, KeyForm, KeyOptions, MadeKey, MintedSecret, NewKey, OwnKey, issue_key, key_record,
};
use wh_ledger::{GrantRow, Ledger, PersonKeyRefusal, PersonRow};
use wh_names::{AccessKeyId, Entropy};
use wh_people::SignOnOptions;

use crate::config::{Config, StoreKind};
use crate::store::Output;
use crate::{Ended, keys, ledger, operator, parameters, say};

/// Access keys of persons, for tools that cannot refresh temporary credentials; and the house's own keys
///
/// A key stands for its person under one of their grants. Persons make keys of their own in the portal;
/// here an operator does it for them. Works while the server runs or not; what is revoked ends within a
/// second.
#[derive(clap::Subcommand)]
pub(crate) enum Keys {
    Create(Create),
    List(List),
    Revoke(Revoke),
    Rotate(keys::Rotate),
    House(keys::House),
}

/// Make a key and print its secret, once
#[derive(clap::Args)]
pub(crate) struct Create {
    /// The person: name or uid
    person: String,
    /// What the key is to be called
    #[arg(long)]
    name: String,
    /// The grant that it is for: its id, or the prefix as the person sees it; not needed where the
    /// person has one grant only
    #[arg(long, value_name = "ID|PREFIX")]
    grant: Option<String>,
    /// How many days it lives
    #[arg(long, default_value_t = 30)]
    days: u32,
    /// An action that the key is for, such as s3:GetObject or s3:Get*; may be repeated [default: all
    /// that the grant allows]
    #[arg(long, value_name = "ACTION")]
    only: Vec<String>,
    /// How the answer is printed
    #[arg(long, value_enum, default_value = "text")]
    output: Output,
}

/// List keys: of everybody, or of one person
#[derive(clap::Args)]
pub(crate) struct List {
    /// The person: name or uid
    person: Option<String>,
    /// How the answer is printed
    #[arg(long, value_enum, default_value = "text")]
    output: Output,
}

/// Revoke a key, for good
#[derive(clap::Args)]
pub(crate) struct Revoke {
    /// The access key id
    #[arg(value_parser = AccessKeyId::parse)]
    id: AccessKeyId,
}

/// What keys persons may have, by the configuration.
pub(crate) fn options(config: &Config, entropy: &Entropy) -> Result<KeyOptions> {
    let life_max = SignedDuration::from_hours(24 * i64::from(config.keys.days_max));
    let per_person_max = config.keys.per_person_max;
    let limits = KeyOptions { mint: None, life_max, per_person_max };
    if config.store.kind == StoreKind::Aws {
        return Ok(limits);
    }
    let (data, entropy, clock) = (config.data.clone(), entropy.clone(), parameters::clock());
    keys::read(&data)?
        .context("the store was never started: it has no keys to seal secrets with")?;
    let mint = move || {
        // Read each time: they may have been rotated since.
        let ring = keys::read(&data).ok()??;
        let minted = ring.mint_person_key(clock.now(), &entropy)?;
        Some(MintedSecret { id: minted.id, secret: minted.secret, sealed: minted.sealed_secret })
    };
    Ok(KeyOptions { mint: Some(Arc::new(mint)), ..limits })
}

pub(crate) async fn run(command: Keys, config: Config) -> Result<Ended> {
    if !ledger::is_there(&config) {
        bail!("there is no installation in {}", config.data.display());
    }
    let ledger = ledger::open(&config, &parameters::clock()).await?;
    let (now, entropy) = (parameters::clock().now(), parameters::entropy());
    let done = match command {
        Keys::Create(create) => made(&create, (&config, &ledger), now, &entropy).await,
        Keys::List(list) => listed(&list, &ledger, now).await,
        Keys::Revoke(revoke) => revoked(&revoke.id, &ledger, now, &entropy).await,
        Keys::Rotate(asked) => Box::pin(keys::rotate(&asked, &config, &ledger)).await,
        Keys::House(asked) => keys::house(&asked, &config),
    };
    ledger.close().await;
    done
}

fn operator() -> KeyActor {
    KeyActor { principal: "operator".to_owned(), uid: None, ip: None }
}

async fn made(
    create: &Create,
    (config, ledger): (&Config, &Ledger),
    now: Timestamp,
    entropy: &Entropy,
) -> Result<Ended> {
    let options = options(config, entropy)?;
    let person = person(ledger, &create.person).await?;
    let grant = grant(ledger, &person, create.grant.as_deref()).await?;
    let actions = (!create.only.is_empty()).then(|| create.only.clone());
    let form = KeyForm { name: create.name.clone(), days: create.days, actions };
    let told = operator::people(config, ledger, SignOnOptions::default())?;
    let told = told.told_of_key(&person.uid, &create.name);
    let new = NewKey { uid: person.uid.clone(), grant, form };
    let made =
        issue_key((&ledger.with_mails(told), &options), new, &operator(), (now, entropy)).await?;
    match create.output {
        Output::Json => say(&made_as_json(&person, &made, config).to_string()),
        Output::Text => print_made(&person, &made, config),
    }
    Ok(Ended::Done)
}

fn made_as_json(person: &PersonRow, made: &MadeKey, config: &Config) -> Value {
    let mut told = as_json(person, &made.key);
    if let Some(told) = told.as_object_mut() {
        told.insert("secret_access_key".to_owned(), made.secret.expose().into());
        told.insert("endpoint".to_owned(), config.s3_url().into());
        told.insert("region".to_owned(), config.store.region.clone().into());
    }
    told
}

fn print_made(person: &PersonRow, made: &MadeKey, config: &Config) {
    let (grant, row) = (&made.grant, &made.key.row);
    say(&format!(
        "`{}` of {} opens s3://{}/{} as {} until {}. The secret is not shown again:",
        row.name, person.name, grant.bucket, grant.prefix, grant.role, row.expires_at
    ));
    say(&format!("AWS_ACCESS_KEY_ID={}", row.id));
    say(&format!("AWS_SECRET_ACCESS_KEY={}", made.secret.expose()));
    say(&format!("AWS_ENDPOINT_URL={}", config.s3_url()));
    say(&format!("AWS_REGION={}", config.store.region));
}

async fn listed(list: &List, ledger: &Ledger, now: Timestamp) -> Result<Ended> {
    let persons = match &list.person {
        Some(named) => vec![person(ledger, named).await?],
        None => ledger.persons().await?,
    };
    let mut told = Vec::new();
    for person in &persons {
        for state in ledger.person_keys_of(&person.uid).await? {
            told.push((person, OwnKey::read(state, now)));
        }
    }
    match list.output {
        Output::Json => {
            let keys: Vec<Value> = told.iter().map(|(person, key)| as_json(person, key)).collect();
            say(&json!({ "keys": keys }).to_string());
        }
        Output::Text if told.is_empty() => say("There is no access key."),
        Output::Text => told.iter().for_each(|(person, key)| print(person, key)),
    }
    Ok(Ended::Done)
}

fn standing(key: &OwnKey) -> String {
    match key.standing {
        Ok(()) => "active".to_owned(),
        Err(why) => why.to_string(),
    }
}

fn as_json(person: &PersonRow, key: &OwnKey) -> Value {
    let place = key.grant.as_ref();
    json!({
        "id": key.row.id.as_str(),
        "name": key.row.name,
        "person": person.name,
        "uid": person.uid.as_str(),
        "grant": key.row.grant.as_str(),
        "bucket": place.map(|grant| grant.bucket.as_str()),
        "prefix": place.map(|grant| grant.prefix.as_str()),
        "role": place.map(|grant| grant.role.as_str()),
        "actions": key.row.actions,
        "standing": key.standing.map_or_else(PersonKeyRefusal::code, |()| "active"),
        "created": key.row.created_at.to_string(),
        "expires": key.row.expires_at.to_string(),
        "used": key.used.as_ref().map(|used| used.at.to_string()),
        "used_from": key.used.as_ref().and_then(|used| used.ip.clone()),
    })
}

fn print(person: &PersonRow, key: &OwnKey) {
    let used = match &key.used {
        None => "never used".to_owned(),
        Some(used) => {
            let from = used.ip.as_deref().unwrap_or("an unknown address");
            format!("last used {} from {from}", used.at)
        }
    };
    let place = match &key.grant {
        Some(grant) => format!("s3://{}/{}", grant.bucket, grant.prefix),
        None => "nowhere".to_owned(),
    };
    say(&format!(
        "{}  {}: `{}` for {place}; {}; until {}; {used}",
        key.row.id,
        person.name,
        key.row.name,
        standing(key),
        key.row.expires_at
    ));
}

async fn revoked(
    id: &AccessKeyId,
    ledger: &Ledger,
    now: Timestamp,
    entropy: &Entropy,
) -> Result<Ended> {
    let state = ledger.person_key(id).await?;
    let key = state.with_context(|| format!("no person has the access key {id}"))?.key;
    let done = ("RevokePersonKey", "wellhouse:RevokePersonKey");
    let record = key_record(&operator(), done, &key, (now, entropy));
    if ledger.revoke_person_key(&key.uid, id, &record).await? {
        say(&format!("{id} is revoked: it ends within a second."));
    } else {
        say(&format!("{id} was revoked before."));
    }
    Ok(Ended::Done)
}

async fn person(ledger: &Ledger, named: &str) -> Result<PersonRow> {
    let persons = ledger.persons().await?;
    let found = persons.into_iter().find(|p| p.uid.as_str() == named || p.name == named);
    found.with_context(|| format!("nobody has the name or uid `{named}`"))
}

/// The grant that is meant, as it counts for the person.
async fn grant(ledger: &Ledger, person: &PersonRow, named: Option<&str>) -> Result<GrantRow> {
    let grants = ledger.grants_for(&person.uid, parameters::clock().now()).await?.into_iter();
    let held: Vec<GrantRow> = grants.filter_map(|grant| grant.as_held_by(&person.uid)).collect();
    let is_meant = |grant: &GrantRow| {
        named.is_none_or(|named| named == grant.id.as_str() || named == grant.prefix.as_str())
    };
    let mut meant: Vec<GrantRow> = held.iter().filter(|grant| is_meant(grant)).cloned().collect();
    if let (Some(grant), true) = (meant.pop(), meant.is_empty()) {
        return Ok(grant);
    }
    let shown = held.iter().map(|g| format!("{} ({} at `{}`)", g.id, g.role, g.prefix));
    let shown: Vec<String> = shown.collect();
    bail!("--grant must name one grant of {}: {}", person.name, shown.join(", "))
}
