//! `wellhouse quota`: how much there may be in the places of persons and groups, and in places.

use anyhow::{Result, bail};
use serde_json::{Value, json};
use wh_files::NewQuota;
use wh_ledger::{QuotaLimits, QuotaPlace, QuotaRow, QuotaSubject, RowId};
use wh_names::{BucketName, KeyPrefix};

use super::{Deed, House};
use crate::config::StoreKind;
use crate::store::{Output, bytes};
use crate::{Ended, parameters, say};

/// What whoever has the machine does with quotas, without signing in. A running server goes by it within seconds;
/// it stands in the audit log as `operator`.
#[derive(clap::Subcommand)]
pub(crate) enum Quota {
    List(List),
    Set(Set),
    Remove(Remove),
}

/// List quotas with how much is there
#[derive(clap::Args)]
pub(crate) struct List {
    /// How the answer is printed
    #[arg(long, value_enum, default_value = "text")]
    output: Output,
}

/// What a quota is for
#[derive(clap::Args)]
#[group(required = true, multiple = false)]
pub(crate) struct For {
    /// The places of a person: name or uid
    #[arg(long)]
    person: Option<String>,
    /// The places of a group: name or id
    #[arg(long)]
    group: Option<String>,
    /// One place: `bucket/prefix/`, or `bucket/` for all of it
    #[arg(long, value_name = "BUCKET/PREFIX")]
    location: Option<String>,
    /// The places of each person who has no quota by name
    #[arg(long)]
    every_person: bool,
}

/// Set a quota; what is there already stays
#[derive(clap::Args)]
pub(crate) struct Set {
    #[command(flatten)]
    of: For,
    /// Bytes at most, or with KiB, MiB, GiB or TiB, such as 10GiB
    #[arg(long, value_name = "SIZE", value_parser = bytes)]
    size: Option<u64>,
    /// Files at most
    #[arg(long, value_name = "COUNT")]
    files: Option<u64>,
}

/// Remove a quota
#[derive(clap::Args)]
pub(crate) struct Remove {
    #[command(flatten)]
    of: For,
}

pub(super) async fn run(command: Quota, house: &House) -> Result<Ended> {
    match command {
        Quota::List(list) => house.list_quotas(list.output).await,
        Quota::Set(set) => house.set_quota(&set).await,
        Quota::Remove(remove) => house.remove_quota(&remove.of).await,
    }
}

impl House {
    async fn list_quotas(&self, output: Output) -> Result<Ended> {
        let (quotas, counters) = (self.ledger.quotas().await?, self.ledger.quota_counters().await?);
        let uses = |quota: &QuotaRow| -> Vec<Value> {
            let mine = counters.iter().filter(|(counter, _)| counter.quota_id == quota.id);
            let told = mine.map(|(counter, _)| {
                json!({ "of": counter.id, "used_bytes": counter.used.bytes,
                    "used_objects": counter.used.objects,
                    "reserved_bytes": counter.reserved.bytes,
                    "counted": counter.counted_at.map(|at| at.to_string()) })
            });
            told.collect()
        };
        if output == Output::Json {
            let told = quotas.iter().map(|quota| {
                json!({ "id": quota.id.as_str(), "kind": quota.subject.kind(),
                    "subject": quota.subject.subject(), "limit_bytes": quota.limits.bytes,
                    "limit_objects": quota.limits.objects, "uses": uses(quota) })
            });
            say(&json!({ "quotas": told.collect::<Vec<_>>() }).to_string());
            return Ok(Ended::Done);
        }
        for quota in &quotas {
            say(&in_words(quota));
            for (counter, _) in counters.iter().filter(|(c, _)| c.quota_id == quota.id) {
                let (held, coming) = (counter.used, counter.reserved.bytes);
                let (bytes, files, of) = (held.bytes, held.objects, &counter.id);
                say(&format!("  {of}: {bytes} bytes in {files} files, {coming} on their way"));
            }
        }
        if quotas.is_empty() {
            say("There is no quota: `wellhouse quota set --every-person --size 10GiB` sets one.");
        }
        Ok(Ended::Done)
    }

    async fn set_quota(&self, set: &Set) -> Result<Ended> {
        if self.config.store.kind == StoreKind::Aws {
            bail!("this store keeps no quotas: only the embedded store and a gateway do");
        }
        let limits = QuotaLimits { bytes: set.size, objects: set.files };
        let quota = NewQuota { subject: self.quota_subject(&set.of).await?, limits };
        let now = parameters::clock().now();
        let row = quota.checked(RowId::generate(now, &parameters::entropy()), (now, None))?;
        let known = self.quota_of(&row.subject).await?;
        let before = known.as_ref().map_or_else(|| "nothing".to_owned(), in_words);
        let deed = Deed::to("SetQuota", resource(&row.subject))
            .saying(format!("before: {before}; now: {}", in_words(&row)));
        self.recorded(deed, self.ledger.put_quota(&row), |_| "done").await?;
        say(&in_words(&row));
        Ok(Ended::Done)
    }

    async fn remove_quota(&self, of: &For) -> Result<Ended> {
        let subject = self.quota_subject(of).await?;
        let Some(known) = self.quota_of(&subject).await? else {
            bail!("there is no such quota: `wellhouse quota list` lists them");
        };
        let deed = Deed::to("RemoveQuota", resource(&subject))
            .saying(format!("before: {}; now: nothing", in_words(&known)));
        let code = |gone: &Option<QuotaRow>| if gone.is_some() { "done" } else { "no-change" };
        self.recorded(deed, self.ledger.remove_quota(&known.id), code).await?;
        say(&format!("{} is removed.", in_words(&known)));
        Ok(Ended::Done)
    }

    async fn quota_of(&self, subject: &QuotaSubject) -> Result<Option<QuotaRow>> {
        let quotas = self.ledger.quotas().await?;
        Ok(quotas.into_iter().find(|quota| quota.subject == *subject))
    }

    async fn quota_subject(&self, of: &For) -> Result<QuotaSubject> {
        if let Some(person) = &of.person {
            return Ok(QuotaSubject::Person(self.person(person).await?.uid));
        }
        if let Some(group) = &of.group {
            return Ok(QuotaSubject::Group(self.group(group).await?.id));
        }
        let Some(place) = &of.location else { return Ok(QuotaSubject::EveryPerson) };
        let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
        let bucket = BucketName::parse(bucket)?;
        if !self.buckets.contains(&bucket) {
            bail!("the estate has no bucket `{bucket}`");
        }
        Ok(QuotaSubject::Location(QuotaPlace { bucket, prefix: KeyPrefix::parse(prefix)? }))
    }
}

fn resource(subject: &QuotaSubject) -> String {
    format!("quota/{}", subject.counter_id())
}

fn in_words(row: &QuotaRow) -> String {
    let of = row.subject.counter_id();
    let bytes = row.limits.bytes.map(|bytes| format!(" {bytes} bytes")).unwrap_or_default();
    let files = row.limits.objects.map(|n| format!(" {n} files")).unwrap_or_default();
    format!("quota of {}:{bytes}{files}", of.trim_end_matches(':'))
}
