//! `wellhouse policy who --place` and `policy what`: who of this installation reaches a place, and what a
//! person reaches. Read from the ledger and the configuration; nothing is asked of the store.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use jiff::Timestamp;
use serde_json::{Value, json};
use wh_files::{
    ActionReach, Census, Encryption, Laws, ReachPart, ReachPlace, RoleView, WhatPlace, WhatWay,
    Who, WhoGrant, WhoLink, WhoQuestion, WhoRequest, what_is_reached, who_reaches,
};
use wh_ledger::{GrantSubject, PersonStatus};
use wh_names::{AccountId, BucketName, Partition, RoleName, Uid};
use wh_people::Via;
use wh_policy::NamedPolicy;
use wh_policy::extent::Extent;
use wh_provision::UPLOAD_ROLE;

use super::Output;
use crate::config::Config;
use crate::{Ended, estate, ledger, paint, parameters, saved_policies, say, serve};

/// How many persons are named in words.
const NAMED_MAX: usize = 100;

/// Say what a person can reach: where, by which grant, and which statement allows it
///
/// As the portal knows it: grants, groups and persons from the ledger, roles and policies from the
/// configuration, with the permissions that administrators saved. Asked is a request over TLS that is made now.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  \
    wellhouse policy what ada\n  \
    wellhouse policy what ada --output json")]
pub(crate) struct What {
    /// The person: name or uid
    person: String,
    /// `text` or `json`
    #[arg(long, value_enum, default_value_t = Output::Text)]
    output: Output,
}

/// The roles and policies in force.
struct House {
    roles: BTreeMap<RoleName, Arc<RoleView>>,
    drop_role: RoleName,
    buckets: BTreeMap<BucketName, NamedPolicy>,
    encryption: Encryption,
    scanning: bool,
    partition: Partition,
    account: AccountId,
    census: Census,
}

impl House {
    fn read(config: &Config) -> Result<Self> {
        if !ledger::is_there(config) {
            bail!("there is no installation in {}", config.data.display());
        }
        let described = estate::configured(config)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let estate = runtime.block_on(saved_policies::in_force(config, described))?;
        let census = runtime.block_on(async {
            let clock = parameters::clock();
            let ledger = ledger::open(config, &clock).await?;
            let census = Census::read(&ledger, clock.now()).await;
            ledger.close().await;
            anyhow::Ok(census?)
        })?;
        let buckets = estate.buckets_of_files();
        let roles = serve::role_views(config, &estate)?.into_iter();
        Ok(Self {
            roles: roles.map(|(name, view)| (name, Arc::new(view))).collect(),
            drop_role: RoleName::parse(UPLOAD_ROLE)?,
            buckets: buckets.map(|one| (one.name.clone(), one.policy.clone())).collect(),
            encryption: estate.key().map_or(Encryption::StoresOwn, |_| Encryption::Kms),
            scanning: estate.description().scan.is_some(),
            partition: estate::partition(config)?,
            account: estate::account(config)?,
            census,
        })
    }

    fn laws(&self) -> Laws<'_> {
        Laws {
            roles: self.roles.clone(),
            drop_role: &self.drop_role,
            bucket_policies: &self.buckets,
            encryption: self.encryption,
            scanning: self.scanning,
            partition: &self.partition,
            account: &self.account,
        }
    }

    /// `bucket/key`, `bucket/folder/`, `bucket`; `s3://` may stand before it.
    fn place(&self, written: &str) -> Result<ReachPlace> {
        let path = written.strip_prefix("s3://").unwrap_or(written);
        let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
        let bucket = BucketName::parse(bucket).context("--place")?;
        if !self.buckets.contains_key(&bucket) {
            let names: Vec<&str> = self.buckets.keys().map(BucketName::as_str).collect();
            bail!("--place {written}: the estate's buckets of files are {}", names.join(", "));
        }
        ReachPlace::parse(bucket, key).context("--place")
    }
}

/// `policy who --place`.
pub(super) fn who(
    (written, named): (&str, &str),
    output: Output,
    config: &Config,
) -> Result<Ended> {
    let house = House::read(config)?;
    let persons_max = match output {
        Output::Text => NAMED_MAX,
        Output::Json => usize::MAX,
    };
    let place = house.place(written)?;
    let question = WhoQuestion { place, named: named.to_owned(), from: 0, persons_max };
    let who = who_reaches(&house.laws(), &house.census, &question);
    match output {
        Output::Text => print_who(written, &who),
        Output::Json => say(&format!("{:#}", who_json(&who))),
    }
    Ok(Ended::Done)
}

fn print_who(written: &str, who: &Who) {
    say(&format!("{} persons reach something of {written}:", who.persons_total));
    for (action, persons) in who.totals.iter().filter(|(_, persons)| *persons > 0) {
        say(&format!("  {persons:>6}  {action}"));
    }
    section("By grants");
    for one in who.grants.iter().take(NAMED_MAX) {
        let grant = &one.grant;
        let (role, bucket, prefix) = (&grant.role, &grant.bucket, &grant.prefix);
        let persons = one.persons;
        say(&format!("  {} by {role} on {bucket}/{prefix}, {persons} persons", subject(one)));
        reaches("    ", &one.reaches);
    }
    let more = who.grants.len().saturating_sub(NAMED_MAX);
    if more > 0 {
        say(&format!("  and {more} more; --output json shows them"));
    }
    section("Persons");
    for person in &who.persons {
        let actions: Vec<String> =
            person.actions.iter().map(|(action, extent)| short(action, *extent)).collect();
        say(&format!("  {} ({}): {}", person.name, person.uid, actions.join(", ")));
    }
    let more = who.persons_found.saturating_sub(who.persons.len());
    if more > 0 {
        say(&format!("  and {more} more; --name, or --output json, shows them"));
    }
    section("Sessions that no grant narrows");
    for one in &who.roles {
        let machines = match one.machines.as_slice() {
            [] => String::new(),
            names => format!(" (machines: {})", names.join(", ")),
        };
        say(&format!("  {}{machines}", one.role));
        reaches("    ", &one.reaches);
    }
    section("Strangers");
    if who.strangers.is_empty() {
        say("  nothing");
    }
    reaches("  ", &who.strangers);
    print_links(who);
    print_requests(who);
    section("Assumed");
    say("  over TLS, now, signed a moment ago; roles and policies of the configuration");
}

fn print_links(who: &Who) {
    section("Shared links");
    if who.links_total == 0 {
        say("  none");
    }
    for link in who.links.iter().take(NAMED_MAX) {
        let password = if link.password { ", by a password" } else { "" };
        let ends = until(link.ends);
        let how = short("s3:GetObject", link.extent);
        say(&format!("  {} of {}: {how} on {}, {ends}{password}", link.id, link.name, link.key));
    }
    let more = who.links_total.saturating_sub(who.links.len().min(NAMED_MAX));
    if more > 0 {
        say(&format!("  and {more} older ones to what lies here, or that open nothing any more"));
    }
}

fn print_requests(who: &Who) {
    section("File requests");
    if who.requests_total == 0 {
        say("  none");
    }
    for request in who.requests.iter().take(NAMED_MAX) {
        let password = if request.password { ", by a password" } else { "" };
        let (id, name, key, ends) = (&request.id, &request.name, &request.key, until(request.ends));
        let how = short("s3:PutObject", request.extent);
        say(&format!("  {id} of {name}: {how} into {key}, {ends}{password}"));
    }
    let more = who.requests_total.saturating_sub(who.requests.len().min(NAMED_MAX));
    if more > 0 {
        say(&format!("  and {more} older ones into what lies here, or that take nothing any more"));
    }
}

fn until(end: Option<Timestamp>) -> String {
    end.map_or_else(|| "without an end".to_owned(), |end| format!("until {end}"))
}

fn request_json(request: &WhoRequest) -> Value {
    json!({ "id": request.id.as_str(), "uid": request.uid.as_str(), "name": request.name,
        "key": request.key, "title": request.title, "password": request.password,
        "until": request.ends.map(|end| end.to_string()), "extent": extent(request.extent) })
}

fn link_json(link: &WhoLink) -> Value {
    json!({ "id": link.id.as_str(), "uid": link.uid.as_str(), "name": link.name, "key": link.key,
        "showing": link.showing.as_str(), "password": link.password,
        "until": link.ends.map(|end| end.to_string()), "extent": extent(link.extent) })
}

fn section(title: &str) {
    say("");
    say(&paint::bold(title));
}

fn subject(one: &WhoGrant) -> String {
    let name = one.subject_name.as_deref().unwrap_or("?");
    match &one.grant.subject {
        GrantSubject::Person(_) if one.grants > 1 => "each by name".to_owned(),
        GrantSubject::Person(_) => name.to_owned(),
        GrantSubject::Group(_) => format!("group {name}"),
        GrantSubject::Everyone => "everyone".to_owned(),
    }
}

fn short(action: &str, extent: Extent) -> String {
    match extent {
        Extent::Everywhere => action.to_owned(),
        Extent::Part => format!("{action} in parts"),
        Extent::Conditionally | Extent::Unknown => format!("{action} perhaps"),
        Extent::Nowhere => format!("{action} nowhere"),
    }
}

fn reaches(indent: &str, reaches: &[ActionReach]) {
    for reach in reaches {
        let by = reach.by.as_ref().and_then(|by| by.policy.as_ref().zip(by.statement.as_ref()));
        let by = by.map(|(policy, statement)| format!(", statement `{statement}` of `{policy}`"));
        let parts = |parts: &[ReachPart]| parts.iter().map(text).collect::<Vec<_>>().join(", ");
        let how = match reach.extent {
            Extent::Everywhere => String::new(),
            Extent::Part if reach.parts.is_empty() => " in parts".to_owned(),
            Extent::Part if reach.except.is_empty() => format!(" in {}", parts(&reach.parts)),
            Extent::Part => format!(" in {} but not {}", parts(&reach.parts), parts(&reach.except)),
            Extent::Conditionally => format!(" only by {}", reach.wanting.join(", ")),
            Extent::Unknown | Extent::Nowhere => " not known".to_owned(),
        };
        say(&format!("{indent}{}{how}{}", reach.action, by.unwrap_or_default()));
    }
}

/// As policies write it.
fn text(part: &ReachPart) -> String {
    if part.exact { part.text.clone() } else { format!("{}*", part.text) }
}

/// `policy what`.
pub(super) fn what(what: &What, config: &Config) -> Result<Ended> {
    let house = House::read(config)?;
    let uid = uid_of(&house.census, &what.person)?;
    let found = what_is_reached(&house.laws(), &house.census, &uid);
    let found = found.with_context(|| format!("nobody has the uid `{uid}`"))?;
    if matches!(what.output, Output::Json) {
        let places: Vec<Value> = found.places.iter().map(place_json).collect();
        let status = found.status.as_str();
        let told =
            json!({ "uid": uid.as_str(), "name": found.name, "status": status, "places": places });
        say(&format!("{told:#}"));
        return Ok(Ended::Done);
    }
    say(&format!("{} ({uid}) is {}", found.name, found.status.as_str()));
    if found.status != PersonStatus::Active {
        say("Nothing of this counts while they are not active.");
    }
    for place in &found.places {
        let indent = "  ".repeat(place.depth);
        let named = format!("{}/{}", place.bucket, text(&place.part));
        say(&format!("{indent}{}", paint::bold(&named)));
        for way in &place.ways {
            say(&format!("{indent}  {}", way_in_words(way)));
            reaches(&format!("{indent}    "), &way.reaches);
        }
    }
    Ok(Ended::Done)
}

fn uid_of(census: &Census, named: &str) -> Result<Uid> {
    // What is a uid is never a name.
    let by_uid = Uid::parse(named).is_ok();
    let mut persons = census.persons.iter();
    let fits = |uid: &Uid, name: &str| if by_uid { uid.as_str() == named } else { name == named };
    let found = persons.find(|row| fits(&row.uid, &row.name)).map(|row| row.uid.clone());
    found
        .with_context(|| format!("nobody has the name or uid `{named}`: see `wellhouse user list`"))
}

fn way_in_words(way: &WhatWay) -> String {
    let Some((grant, via)) = &way.grant else { return "open to anybody".to_owned() };
    let via = match via {
        Via::Own => String::new(),
        Via::Group { name, .. } => format!(", by the group {name}"),
        Via::Everyone => ", as everyone".to_owned(),
    };
    format!("{} on {}/{}{via}", grant.role, grant.bucket, grant.prefix)
}

fn extent(extent: Extent) -> &'static str {
    match extent {
        Extent::Nowhere => "nowhere",
        Extent::Unknown => "unknown",
        Extent::Conditionally => "conditionally",
        Extent::Part => "part",
        Extent::Everywhere => "everywhere",
    }
}

fn reach_json(reach: &ActionReach) -> Value {
    let by = reach.by.as_ref();
    let parts = |parts: &[ReachPart]| -> Vec<Value> {
        parts.iter().map(|part| json!({ "text": part.text, "exact": part.exact })).collect()
    };
    json!({
        "action": reach.action,
        "extent": extent(reach.extent),
        "policy_type": by.map(|by| &by.policy_type),
        "policy": by.and_then(|by| by.policy.as_ref()),
        "statement": by.and_then(|by| by.statement.as_ref()),
        "wanting": reach.wanting,
        "parts": parts(&reach.parts),
        "except": parts(&reach.except),
    })
}

fn reaches_json(reaches: &[ActionReach]) -> Vec<Value> {
    reaches.iter().map(reach_json).collect()
}

fn who_json(who: &Who) -> Value {
    let totals = who.totals.iter().map(|(action, persons)| (*action, json!(persons)));
    let persons = who.persons.iter().map(|person| {
        let actions = person.actions.iter().map(|(action, how)| (*action, json!(extent(*how))));
        let by: Vec<&str> = person.by.iter().map(wh_people::RowId::as_str).collect();
        json!({ "uid": person.uid.as_str(), "name": person.name,
            "actions": actions.collect::<BTreeMap<_, _>>(), "by": by })
    });
    let grants = who.grants.iter().map(|one| {
        let grant = &one.grant;
        let (kind, id) = match &grant.subject {
            GrantSubject::Person(_) if one.grants > 1 => ("persons", None),
            GrantSubject::Person(uid) => ("person", Some(uid.as_str())),
            GrantSubject::Group(id) => ("group", Some(id.as_str())),
            GrantSubject::Everyone => ("everyone", None),
        };
        json!({ "id": grant.id.as_str(), "role": grant.role.as_str(), "title": grant.title,
            "bucket": grant.bucket.as_str(), "prefix": grant.prefix.as_str(),
            "until": grant.ends_at.map(|end| end.to_string()),
            "subject": { "kind": kind, "id": id, "name": id.and(one.subject_name.as_ref()) },
            "persons": one.persons, "same_for_all": one.same_for_all,
            "reaches": reaches_json(&one.reaches) })
    });
    let roles = who.roles.iter().map(|one| {
        json!({ "role": one.role.as_str(), "machines": one.machines,
            "reaches": reaches_json(&one.reaches) })
    });
    json!({
        "bucket": who.place.bucket.as_str(),
        "key": who.place.text(),
        "totals": totals.collect::<BTreeMap<_, _>>(),
        "persons_total": who.persons_total,
        "persons": persons.collect::<Vec<_>>(),
        "grants": grants.collect::<Vec<_>>(),
        "roles": roles.collect::<Vec<_>>(),
        "strangers": reaches_json(&who.strangers),
        "links": who.links.iter().map(link_json).collect::<Vec<_>>(),
        "links_total": who.links_total,
        "requests": who.requests.iter().map(request_json).collect::<Vec<_>>(),
        "requests_total": who.requests_total,
    })
}

fn place_json(place: &WhatPlace) -> Value {
    let ways = place.ways.iter().map(|way| {
        let (grant, via) = match &way.grant {
            Some((grant, via)) => (Some(grant), Some(via)),
            None => (None, None),
        };
        let by = via.map(|via| match via {
            Via::Own => json!({ "kind": "own" }),
            Via::Group { id, name } => json!({ "kind": "group", "id": id.as_str(), "name": name }),
            Via::Everyone => json!({ "kind": "everyone" }),
        });
        json!({ "grant": grant.map(|grant| grant.id.as_str().to_owned()),
            "role": grant.map(|grant| grant.role.as_str().to_owned()),
            "by": by, "reaches": reaches_json(&way.reaches) })
    });
    json!({ "bucket": place.bucket.as_str(), "depth": place.depth,
        "part": { "text": place.part.text, "exact": place.part.exact },
        "ways": ways.collect::<Vec<_>>() })
}
