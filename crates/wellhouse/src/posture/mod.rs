//! How the house stands: one round looks at everything, a part at a time; what cannot be looked at in time, or
//! at all, is not known, and nobody waits for it.
//!
//! Invariant: on a ledger that nodes share one looks at a time, and a change of what comes of a check is in
//! the audit log by the transaction that keeps the report.

mod command;
mod house;
mod people;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio::time::timeout;
use wh_aws::AwsCloud;
use wh_files::worked_out;
use wh_ledger::{AuditKind, AuditRecord};
use wh_people::People;
use wh_portal::{AuditStanding, InForce, PostureKeeper, PostureTold};
use wh_provision::Estate;
use wh_provision::posture::{
    Acceptance, CHECKS, CheckFound, Judged, Judgement, PostureReport, STORE_CHECKS, Said,
    Transport, judged, not_read, of_rails, of_store, read_back,
};

pub(crate) use command::{Posture, run};

use self::people::Persons;
use crate::config::{Config, StoreKind};
use crate::embedded::Parameters;

/// How long each part of a round may take.
const PART_SECONDS_MAX: Duration = Duration::from_mins(1);

/// How long a whole round may take; what was not looked at by then is not known.
const ROUND_SECONDS_MAX: Duration = Duration::from_mins(4);

/// For so long a round has the turn: to look, and to keep what was found.
const TURN_MAX: SignedDuration = SignedDuration::from_secs(300);

/// How often it is seen whether the turn is free, by whoever waits for it.
const TURN_ASKED_EVERY: Duration = Duration::from_millis(500);

/// How often the server sees whether it is time for another round.
const LOOK_EVERY: Duration = Duration::from_secs(20);

/// What an operator found, and the server cannot find out, is kept so long.
const FOUND_KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What a round looks at. Cloning shares it.
#[derive(Clone)]
pub(crate) struct Lookout {
    pub(crate) config: Config,
    pub(crate) parameters: Parameters,
    pub(crate) people: People,
    /// What should be.
    pub(crate) in_force: watch::Receiver<InForce>,
    /// By which the store is read back; or why it cannot be.
    pub(crate) cloud: std::result::Result<AwsCloud, Said>,
    /// How the server last found the audit log.
    pub(crate) standing: Option<watch::Receiver<AuditStanding>>,
}

/// A report as it is kept, with what came of each check by the risks that were accepted then.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Kept {
    report: PostureReport,
    #[serde(default)]
    came: BTreeMap<String, String>,
    /// When a server's own round ended last, in milliseconds since 1970. What an operator records is none.
    #[serde(default)]
    server_at: Option<i64>,
}

/// Who looked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Looker {
    Server,
    Operator,
}

/// Why the portal cannot read AWS back.
pub(crate) fn not_before_aws() -> Said {
    Said::both(
        "before AWS the portal has no rights to look: an operator's `wellhouse posture --record` tells it",
        "vor AWS hat das Portal keine Rechte, nachzusehen: `wellhouse posture --record` eines Betreibers sagt es ihm",
    )
}

impl Lookout {
    /// Looks at everything, in the time that a round has.
    async fn round(&self) -> PostureReport {
        let mut found = Vec::new();
        if timeout(ROUND_SECONDS_MAX, self.look_at_all(&mut found)).await.is_err() {
            let missed = CHECKS.iter().filter(|one| found.iter().all(|got| got.check != one.id));
            let missed: Vec<_> = missed
                .map(|one| CheckFound::unknown(one.id, too_slow(ROUND_SECONDS_MAX)))
                .collect();
            found.extend(missed);
        }
        PostureReport::of(found, self.parameters.clock.now().as_millisecond())
    }

    async fn look_at_all(&self, found: &mut Vec<CheckFound>) {
        let estate = Arc::clone(&self.in_force.borrow().estate);
        found.extend(self.of_store(&estate).await);
        let rails = async move { Ok(worked_out(move || of_rails(&estate)).await?) };
        found.push(in_time("guard-rails", rails).await);
        found.extend(self.of_people().await);
        found.extend(self.of_house().await);
    }

    async fn of_store(&self, estate: &Arc<Estate>) -> Vec<CheckFound> {
        let cloud = match &self.cloud {
            Ok(cloud) => cloud,
            Err(why) => return not_read(why),
        };
        let transport = transport(&self.config);
        let reading = async {
            let read = read_back(estate, cloud).await?;
            let estate = Arc::clone(estate);
            let found = worked_out(move || of_store(&estate, &read, transport)).await;
            found.context("working out what was read")
        };
        match timeout(PART_SECONDS_MAX, reading).await {
            Ok(Ok(found)) => found,
            Ok(Err(error)) => not_read(&failed(&error)),
            Err(_elapsed) => not_read(&too_slow(PART_SECONDS_MAX)),
        }
    }

    async fn of_people(&self) -> Vec<CheckFound> {
        let (config, ledger) = (&self.config, &self.parameters.ledger);
        let mut found = vec![people::demanded(config)];
        let opened = people::registration(&self.people);
        found.push(in_time("registration-not-open", opened).await);
        let persons = match Persons::read(config, ledger, self.parameters.clock.now()).await {
            Ok(persons) => persons,
            Err(error) => {
                let why = failed(&error);
                let checks = ["administrators-second-factor", "no-unused-persons"];
                found.extend(checks.map(|check| CheckFound::unknown(check, why.clone())));
                return found;
            }
        };
        found.push(in_time("administrators-second-factor", persons.without_factor()).await);
        found.push(in_time("no-unused-persons", persons.unused()).await);
        found.extend(both_in_time(["no-unused-keys", "keys-end"], persons.keys()).await);
        found.extend(both_in_time(["no-unused-tokens", "tokens-end"], persons.tokens()).await);
        found.push(in_time("links-end", persons.links()).await);
        found
    }

    async fn of_house(&self) -> Vec<CheckFound> {
        let (config, ledger) = (&self.config, &self.parameters.ledger);
        let now = self.parameters.clock.now();
        let standing = self.standing.as_ref().map(|standing| standing.borrow().clone());
        vec![
            in_time("malware-scan", house::scan(config, ledger)).await,
            house::audit_whole(standing.as_ref(), now),
            in_time("audit-signed", house::audit_signed(config, ledger, now)).await,
            house::own_keys(config, now)
                .unwrap_or_else(|error| CheckFound::unknown("house-keys-young", failed(&error))),
            house::data_folder(config),
            in_time("backup-young", house::backup(config, ledger, now)).await,
        ]
    }

    /// Looks, and keeps what was found. `false`: somebody else is looking.
    pub(crate) async fn check(&self) -> Result<bool> {
        let (ledger, clock) = (&self.parameters.ledger, &self.parameters.clock);
        let now = clock.now();
        let until = now + TURN_MAX;
        if !ledger.take_posture_turn(now, until).await? {
            return Ok(false);
        }
        let report = self.round().await;
        let kept = self.keep(report, Looker::Server).await;
        ledger.end_posture_turn(until).await?;
        kept.map(|()| true)
    }

    /// Keeps what an operator found, as soon as nobody else has the turn: neither takes away what the other
    /// keeps.
    async fn record(&self, report: PostureReport) -> Result<()> {
        let (ledger, clock) = (&self.parameters.ledger, &self.parameters.clock);
        let given_up = clock.now() + TURN_MAX;
        let until = loop {
            let now = clock.now();
            let until = now + TURN_MAX;
            if ledger.take_posture_turn(now, until).await? {
                break until;
            }
            if now > given_up {
                bail!("it was not recorded: the server is looking; try it again");
            }
            tokio::time::sleep(TURN_ASKED_EVERY).await;
        };
        let kept = self.keep(report, Looker::Operator).await;
        ledger.end_posture_turn(until).await?;
        kept
    }

    /// Keeps a report, with what changed by it in the audit log. Only whoever has the turn may.
    async fn keep(&self, report: PostureReport, looker: Looker) -> Result<()> {
        let (ledger, now) = (&self.parameters.ledger, self.parameters.clock.now());
        let before = self.kept().await?.unwrap_or_default();
        let (checks, since) = self.unseen();
        let report = report.keeping(checks, &before.report, (now - since).as_millisecond());
        let accepted = self.config.posture.accepted()?;
        let judged = judged(&report, &accepted, now.as_millisecond());
        let changes: Vec<_> =
            judged.iter().filter_map(|one| self.change(one, &before, now)).collect();
        let came =
            judged.iter().map(|one| (one.check.id.to_owned(), one.judgement.as_str().to_owned()));
        let server_at = match looker {
            Looker::Server => Some(report.checked_at),
            Looker::Operator => before.server_at,
        };
        let kept = Kept { came: came.collect(), report, server_at };
        ledger.put_posture(&serde_json::to_string(&kept)?, &changes).await?;
        Ok(())
    }

    /// What this process cannot look at and another can, and for how long that one's finding is kept.
    fn unseen(&self) -> (&'static [&'static str], SignedDuration) {
        match (&self.standing, &self.cloud) {
            (None, _) => {
                let rounds = i64::from(self.config.posture.every_minutes).saturating_mul(2);
                (&["audit-whole"], house::LOOK_KEPT.max(SignedDuration::from_mins(rounds)))
            }
            (Some(_), Err(_)) => (&STORE_CHECKS, FOUND_KEPT),
            (Some(_), Ok(_)) => (&[], FOUND_KEPT),
        }
    }

    async fn kept(&self) -> Result<Option<Kept>> {
        let Some(text) = self.parameters.ledger.posture().await? else { return Ok(None) };
        // What an earlier or later version wrote, and this one cannot read, is found out again.
        Ok(serde_json::from_str(&text).ok())
    }

    /// What the audit log says of a check of which something else comes than before. Of the first report it
    /// says what fails.
    fn change(&self, one: &Judged, before: &Kept, now: Timestamp) -> Option<AuditRecord> {
        let (came, id) = (one.judgement.as_str(), one.check.id);
        let earlier = before.came.get(id).map(String::as_str);
        let is_news = earlier.map_or(one.judgement == Judgement::Fails, |earlier| earlier != came);
        let things = one.evidence.iter().take(10).map(|one| one.evidence.thing.as_str());
        let things = things.collect::<Vec<_>>().join(", ");
        let mut detail = format!("before: {}; now: {came}", earlier.unwrap_or("not known"));
        if !things.is_empty() {
            detail = format!("{detail}: {things}");
        }
        is_news.then(|| AuditRecord {
            at: now,
            kind: AuditKind::Intent,
            request_id: hex::encode(self.parameters.entropy.bytes::<16>()),
            operation: "PostureChanged".to_owned(),
            action: "wellhouse:PostureChanged".to_owned(),
            resource: format!("posture/{id}"),
            principal: "wellhouse".to_owned(),
            source_identity: None,
            source_ip: None,
            detail: Some(detail),
        })
    }

    /// What was found last, with the risks that are accepted now.
    async fn told(&self) -> Result<Option<PostureTold>> {
        let Some(kept) = self.kept().await? else { return Ok(None) };
        let now = self.parameters.clock.now().as_millisecond();
        let checked_at = Timestamp::from_millisecond(kept.report.checked_at)?;
        let judged = judged(&kept.report, &self.accepted()?, now);
        Ok(Some(PostureTold { checked_at, judged }))
    }

    fn accepted(&self) -> Result<Vec<Acceptance>> {
        self.config.posture.accepted()
    }

    /// For the portal: what was found last, and looking now.
    pub(crate) fn keeper(&self) -> PostureKeeper {
        let (telling, checking) = (self.clone(), self.clone());
        let every = self.config.posture.every_minutes;
        PostureKeeper::new(
            every,
            move || {
                let lookout = telling.clone();
                async move { lookout.told().await.map_err(|error| format!("{error:#}")) }
            },
            move || {
                let lookout = checking.clone();
                // It goes on where whoever asked has gone: what was begun is kept.
                let looking = tokio::spawn(async move { lookout.check().await });
                async move {
                    let done = looking.await.map_err(|error| error.to_string())?;
                    done.map_err(|error| format!("{error:#}"))
                }
            },
        )
    }

    /// Looks every so often, for ever, unless another node did.
    pub(crate) async fn watch(self) {
        let minutes = i64::from(self.config.posture.every_minutes);
        if minutes == 0 {
            return;
        }
        let every = SignedDuration::from_mins(minutes);
        let mut first = true;
        loop {
            match self.is_due(every).await {
                Ok(due) if due || first => first &= !self.look().await,
                Ok(_) => {}
                Err(error) => {
                    tracing::warn!(error = format!("{error:#}"), "the last report cannot be read");
                }
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Whether it was looked at, by this server and now.
    async fn look(&self) -> bool {
        self.check().await.unwrap_or_else(|error| {
            tracing::warn!(error = format!("{error:#}"), "the house was not looked at");
            false
        })
    }

    async fn is_due(&self, every: SignedDuration) -> Result<bool> {
        let last = self.kept().await?.and_then(|kept| kept.server_at);
        let Some(last) = last else { return Ok(true) };
        let last = Timestamp::from_millisecond(last)?;
        Ok(self.parameters.clock.now().duration_since(last) >= every)
    }
}

/// How whoever reaches the store reaches it. A door that speaks plain HTTP to other machines is not opened.
fn transport(config: &Config) -> Transport {
    match (config.store.kind, &config.s3.tls) {
        (StoreKind::Aws, _) => Transport::Policies,
        (StoreKind::Embedded | StoreKind::Gateway, Some(_)) => Transport::OnlyTls,
        (StoreKind::Embedded | StoreKind::Gateway, None) if config.portal.behind_tls_proxy => {
            Transport::Proxy
        }
        (StoreKind::Embedded | StoreKind::Gateway, None) => Transport::Loopback,
    }
}

async fn in_time(check: &str, looking: impl Future<Output = Result<CheckFound>>) -> CheckFound {
    match timeout(PART_SECONDS_MAX, looking).await {
        Ok(Ok(found)) => found,
        Ok(Err(error)) => CheckFound::unknown(check, failed(&error)),
        Err(_elapsed) => CheckFound::unknown(check, too_slow(PART_SECONDS_MAX)),
    }
}

async fn both_in_time(
    checks: [&str; 2],
    looking: impl Future<Output = Result<[CheckFound; 2]>>,
) -> [CheckFound; 2] {
    let why = match timeout(PART_SECONDS_MAX, looking).await {
        Ok(Ok(found)) => return found,
        Ok(Err(error)) => failed(&error),
        Err(_elapsed) => too_slow(PART_SECONDS_MAX),
    };
    checks.map(|check| CheckFound::unknown(check, why.clone()))
}

fn failed(error: &anyhow::Error) -> Said {
    Said::english(format!("{error:#}"))
}

fn too_slow(most: Duration) -> Said {
    let seconds = most.as_secs();
    Said::both(
        format!("it took longer than {seconds} s"),
        format!("es dauerte länger als {seconds} s"),
    )
}
