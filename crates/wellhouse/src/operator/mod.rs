//! What whoever has the machine does with persons, groups, grants and invitations; also when nobody can
//! sign in any more, and while the server runs or not.
//!
//! It is written into the ledger. A server that runs beside it on the same data folder is told by the
//! control socket, so that what was taken away ends there within a second, too; nodes on a PostgreSQL
//! know by themselves.

mod grant;
mod group;
mod invite;
mod quota;
mod request;
mod scan;
mod user;
mod weigh;

pub(crate) use grant::Grant;
pub(crate) use group::Group;
pub(crate) use invite::Invite;
pub(crate) use quota::Quota;
pub(crate) use request::AccessRequests;
pub(crate) use scan::Scan;
pub(crate) use user::User;

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use wh_ledger::{
    AuditKind, AuditOutcome, AuditRecord, AuditWriter, Durability, Holding, Ledger, LedgerError,
    PersonGroupRow, PersonRow, RowId,
};
use wh_names::{BucketName, KeyPrefix, RoleName, Secret, Uid};
use wh_people::{AdministrationError, FactorRule, People, SeedSeal, SignOnOptions};
use wh_provision::{ADMIN_ROLE, Estate};

use crate::config::{Config, StoreKind};
use crate::control::{self, Request, unheard};
use crate::embedded::Parameters;
use crate::{Ended, estate, ledger, parameters, saved_policies, say, serve};

/// What an operator wants.
pub(crate) enum Command {
    /// Of persons.
    User(User),
    /// Of groups.
    Group(Group),
    /// Of grants.
    Grant(Grant),
    /// Of invitations.
    Invite(Invite),
    /// Of requests for access.
    Request(AccessRequests),
    /// Of the scan for malware.
    Scan(Scan),
    /// Of quotas.
    Quota(Quota),
}

/// What an operator works with.
struct House {
    ledger: Ledger,
    holding: Holding,
    /// The estate's buckets of files.
    buckets: Vec<BucketName>,
    shared: bool,
    data: PathBuf,
    people: People,
    portal_url: String,
    config: Config,
    /// As it is in force: with what administrators saved.
    estate: Estate,
}

/// What is done to what, for the audit log.
pub(crate) struct Deed<'a> {
    operation: &'a str,
    resource: String,
    detail: Option<String>,
}

impl<'a> Deed<'a> {
    pub(crate) fn to(operation: &'a str, resource: impl Into<String>) -> Self {
        Self { operation, resource: resource.into(), detail: None }
    }

    fn to_person(operation: &'a str, person: &PersonRow) -> Self {
        Self::to(operation, format!("person/{}", person.uid))
    }

    fn to_group(operation: &'a str, group: &PersonGroupRow) -> Self {
        Self::to(operation, format!("group/{}", group.id))
    }

    /// And what was before and is to be.
    fn saying(self, detail: impl Into<String>) -> Self {
        Self { detail: Some(detail.into()), ..self }
    }
}

pub(crate) async fn run(command: Command, config: Config) -> Result<Ended> {
    if !ledger::is_there(&config) {
        bail!("there is no installation in {}", config.data.display());
    }
    let ledger = ledger::open(&config, &parameters::clock()).await?;
    let described = estate::configured(&config)?;
    let house = House {
        estate: in_force(&config, described, &ledger).await?,
        people: people(&config, &ledger, SignOnOptions::default())?,
        portal_url: config.portal_url(),
        ledger,
        holding: Holding {
            role: RoleName::parse(ADMIN_ROLE)?,
            bucket: BucketName::parse(&config.store.bucket).context("store.bucket")?,
            prefix: KeyPrefix::everything(),
        },
        buckets: Vec::new(),
        shared: config.ledger.url.is_some(),
        data: config.data.clone(),
        config: config.clone(),
    };
    let buckets = house.estate.buckets_of_files().map(|bucket| bucket.name.clone()).collect();
    let house = House { buckets, ..house };
    let done = match command {
        Command::User(command) => user::run(command, &house).await,
        Command::Group(command) => group::run(command, &house).await,
        Command::Grant(command) => grant::run(command, &house).await,
        Command::Invite(command) => invite::run(command, &house).await,
        Command::Request(command) => request::run(command, &house).await,
        Command::Quota(command) => quota::run(command, &house).await,
        Command::Scan(command) => scan::run(command, (&house, &config)).await,
    };
    house.ledger.close().await;
    done
}

/// The estate with what administrators saved; before AWS they save nothing.
async fn in_force(config: &Config, described: Estate, ledger: &Ledger) -> Result<Estate> {
    match config.store.kind {
        StoreKind::Aws => Ok(described),
        StoreKind::Embedded | StoreKind::Gateway => {
            let now = saved_policies::laid_over(&described, ledger).await?;
            Ok(Estate::clone(&now.estate))
        }
    }
}

impl House {
    /// Tells the server that runs on the same data folder, if one does, that access was taken away.
    async fn tell_the_server(&self) -> Result<()> {
        if self.shared {
            return Ok(());
        }
        if control::ask(&self.data, &Request::Standing, &mut unheard).await?.is_none() {
            say(
                "No server answers on this data folder. One that runs all the same learns of it when \
                 it is started anew; what it gave out before ends within an hour.",
            );
        }
        Ok(())
    }

    /// Who is in a group.
    async fn inside(&self, group: &RowId) -> Result<Vec<Uid>> {
        let members = self.ledger.memberships().await?.into_iter();
        Ok(members.filter(|member| member.group == *group).map(|member| member.uid).collect())
    }

    /// Once more with the time after the commit: a role may have been assumed between.
    async fn revoke_again(&self, uids: &[Uid]) -> Result<()> {
        for uid in uids {
            self.ledger.revoke_person(uid, parameters::clock().now()).await?;
        }
        Ok(())
    }

    /// The address of a page of the portal with a token, which browsers send to no server.
    fn link(&self, page: &str, token: &Secret) -> String {
        format!("{}/{page}#token={}", self.portal_url, token.expose())
    }

    /// As [`House::recorded`], of what is done by the rules for persons; the change says in words what was
    /// before and is now, and no secret.
    async fn recorded_of_people<T>(
        &self,
        deed: Deed<'_>,
        change: impl AsyncFnOnce(&People) -> Result<(T, String), AdministrationError>,
    ) -> Result<T> {
        self.recorded_with(deed, AdministrationError::code, change).await
    }

    /// The same, of what fails in another way, which has a code, too.
    async fn recorded_with<T, E: std::error::Error + Send + Sync + 'static>(
        &self,
        deed: Deed<'_>,
        code: fn(&E) -> &'static str,
        change: impl AsyncFnOnce(&People) -> Result<(T, String), E>,
    ) -> Result<T> {
        let audit = AuditWriter::start(&self.ledger).await?;
        let id = audit.record(record(deed), Durability::Disk).await?;
        let done = change(&self.people).await;
        let outcome = done.as_ref().map_or_else(code, |_| "done");
        let detail = done.as_ref().ok().map(|(_, told)| told.clone());
        let at = parameters::clock().now();
        audit.tell(id, AuditOutcome { detail, ..AuditOutcome::of(at, outcome) });
        audit.flush().await;
        Ok(done?.0)
    }

    async fn person(&self, named: &str) -> Result<PersonRow> {
        let persons = self.ledger.persons().await?;
        // What is a uid is never a name: whoever bears it as a name is not who was meant.
        let by_uid = Uid::parse(named).is_ok();
        let fits = |p: &PersonRow| if by_uid { p.uid.as_str() == named } else { p.name == named };
        let found = persons.into_iter().find(fits);
        found.with_context(|| format!("nobody has the name or uid `{named}`: see `user list`"))
    }

    async fn group(&self, named: &str) -> Result<PersonGroupRow> {
        let groups = self.ledger.person_groups().await?;
        let by_id = RowId::parse(named).is_ok();
        let fits =
            |g: &PersonGroupRow| if by_id { g.id.as_str() == named } else { g.name == named };
        let found = groups.into_iter().find(fits);
        found.with_context(|| format!("no group has the name or id `{named}`: see `group list`"))
    }

    /// Does what is written down first, and writes down what came of it.
    async fn recorded<T>(
        &self,
        deed: Deed<'_>,
        change: impl Future<Output = Result<T, LedgerError>>,
        code: impl FnOnce(&T) -> &'static str,
    ) -> Result<T> {
        let audit = AuditWriter::start(&self.ledger).await?;
        let id = audit.record(record(deed), Durability::Disk).await?;
        let done = change.await;
        let outcome = done.as_ref().map_or_else(LedgerError::code, code);
        audit.tell(id, AuditOutcome::of(parameters::clock().now(), outcome));
        audit.flush().await;
        Ok(done?)
    }
}

/// Persons by the rules of the house. Second factors are not an operator's to open: nothing is sealed
/// here and nothing opened.
pub(crate) fn people(config: &Config, ledger: &Ledger, sign_on: SignOnOptions) -> Result<People> {
    let (clock, entropy) = (parameters::clock(), parameters::entropy());
    let parameters = Parameters { ledger: ledger.clone(), clock, entropy };
    let seal = SeedSeal { seal: Arc::new(|_, _| None), open: Arc::new(|_, _| None) };
    // Nobody chooses a password here: a list of breached ones that cannot be read keeps nobody in.
    let mut config = config.clone();
    config.people.breached_passwords = None;
    serve::people(&config, &parameters, (seal, FactorRule::Required, sign_on))
}

/// What an operator is about to do.
pub(crate) fn record(deed: Deed<'_>) -> AuditRecord {
    let id = parameters::entropy().bytes::<16>();
    AuditRecord {
        at: parameters::clock().now(),
        kind: AuditKind::Intent,
        request_id: hex::encode(id),
        operation: deed.operation.to_owned(),
        action: format!("wellhouse:{}", deed.operation),
        resource: deed.resource,
        principal: "operator".to_owned(),
        source_identity: None,
        source_ip: None,
        detail: deed.detail,
    }
}
