//! `wellhouse serve`: from configuration to two open doors, and back.

use std::collections::BTreeMap;
use std::fs::{self, DirBuilder};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use axum::body::Body;
use axum::extract::ConnectInfo;
use http::Request;
use hyper::body::Incoming;
use tokio::sync::watch;
use tower::ServiceExt;
use wh_aws::{Client, ClientOptions, ObjectClient, PortalCredentials, RoleSessions};
use wh_files::{Encryption, Files, FilesOptions, RoleView, RoleViews, SearchIndex};
use wh_ledger::AuditWriter;
use wh_listen::{Doorway, Peer};
use wh_names::{Arn, BucketName, KeyPrefix, Region, RoleName, Secret};
use wh_objects::DiskStore;
use wh_people::{
    BreachedPasswords, FactorRule, HashingOptions, PasswordRules, People, PeopleOptions, SeedSeal,
    SignOnOptions, StandardGrants,
};
use wh_portal::{
    AuditStanding, HouseKeys, InForce, PolicyKeeper, Portal, PortalOptions, PostureKeeper,
};
use wh_provision::{Estate, UPLOAD_ROLE};

use crate::config::{Config, StoreKind};
use crate::doors::{bind, doorway};
use crate::embedded::{Embedded, Parameters};
use crate::keys::OwnKeys;
use crate::posture::Lookout;
use crate::saved_policies::{self, SavedPolicies};
use crate::scan::Scanning;
use crate::stop::Stop;
use crate::{
    Ended, activity, audit, caller, control, estate, logging, mail, metrics, person_keys, posture,
    providers, quotas, ready, search, store,
};

/// How often what has expired is removed.
const SWEEP_MINUTES: u32 = 60;

/// The size of the parts that large objects are copied in, in bytes: 5 TiB are 5,120 of them.
const COPY_PART: u64 = 1024 * 1024 * 1024;

/// How often sessions are ended that were not used.
const MINUTE: Duration = Duration::from_mins(1);

/// Serves until a signal comes.
pub(crate) async fn serve(config: Config) -> Result<Ended> {
    logging::start(&config.log)?;
    make_data_folder(&config.data)?;
    let portal_listener = bind("portal", config.portal.listen)?;
    let proxies = &config.portal.trusted_proxies;
    let at_portal = doorway(("portal", config.portal.tls.as_ref()), portal_listener, proxies)?;
    let stop = Stop::on_signals()?;
    let parameters = Parameters::open(&config).await?;
    let own = OwnKeys::open(&config, &parameters).await?;
    let described = Arc::new(estate::configured(&config)?);
    let mut started = saved_policies::estate(&config, &described, &parameters.ledger).await?;
    let (portal_stopped, after_portal) = stop.later();
    let estates = (&*described, &mut started);
    let embedded = make_store(&config, &parameters, &own, (estates, after_portal)).await?;
    let client = if let Some(embedded) = &embedded {
        embedded.portal_client(&config).await?
    } else {
        let client = aws_client(&config).await?;
        caller::check(&config, &client).await?;
        client
    };
    let (seal, sign_on) = (seal(&own, &parameters), providers::sign_on(&config)?);
    let people = people(&config, &parameters, (seal, rule(&config), sign_on))?;
    tokio::spawn(providers::look(people.clone()));
    let setup = issue_setup_token(&people).await?;
    let audit_writer = AuditWriter::start(&parameters.ledger).await?;
    let sessions = RoleSessions::new(client, parameters.clock.clone());
    let reach = (sessions.clone(), session_log(&config, &audit_writer));
    let estate = Arc::clone(&started.estate);
    let files = files((&config, embedded.as_ref()), &parameters, &estate, &people, reach)?;
    let estates = (Arc::clone(&described), started);
    let over = (embedded.as_ref(), files.roles());
    let saved = SavedPolicies::start(&config, &parameters.ledger, estates, over).await?;
    let following = saved.as_ref().map(|saved| tokio::spawn(Arc::clone(saved).follow()));
    let sweeping = tokio::spawn(sweep(people.clone(), files.clone()));
    let mailing = mail::start(&config, &parameters)?;
    let working = tokio::spawn(files.clone().work_on_jobs());
    let with = (&people, &sessions);
    let searching = search::start(&files, &parameters, &estate, embedded.as_ref());
    let counting = quotas::start(&files, &parameters, embedded.as_ref());
    let telling = activity::start((&config, &files), &parameters, &estate, embedded.as_ref());
    let scanning = Scanning::start(&config, &parameters, &estate, with, embedded.as_ref()).await?;
    let cellar = embedded.as_ref().and_then(|embedded| embedded.store().disk());
    let keeping = Keeping::start(&config, &parameters, &own, (cellar, Some(files.search_index())));
    let measuring = metrics::start(&config, &parameters.ledger, &sessions).await?;
    let watching = watch_estate(&config, &parameters, saved.as_deref(), embedded.as_ref()).await?;
    let (standing, audited) = watch::channel(AuditStanding::default());
    let auditing = tokio::spawn(audit::watch(beside(&config, &parameters), own.turn(), standing));
    let seen = (in_force(&described, saved.as_deref()), embedded.as_ref());
    let lookout = lookout(&config, &parameters, (&people, audited.clone()), seen).await?;
    let log = (audit_writer.clone(), audited);
    let keepers = (policy_keeper(described, saved.as_ref()), lookout.keeper());
    let looking = tokio::spawn(lookout.watch());
    let router = portal(&config, &parameters, keepers, (people, files, log, own.at_portal()))?;
    ready::announce(&config, setup.as_ref());
    serve_portal(at_portal, router, stop).await;
    portal_stopped.send_replace(true);
    let some =
        [watching, measuring, following, searching, counting].into_iter().flatten().chain(telling);
    let always = [sweeping, mailing, working, auditing, looking];
    always.into_iter().chain(some).for_each(|task| task.abort());
    keeping.stop(&config);
    drop(scanning);
    if let Some(embedded) = embedded {
        embedded.stopped().await?;
    }
    audit_writer.flush().await;
    parameters.ledger.close().await;
    Ok(Ended::Done)
}

/// Serves the S3, STS and IAM endpoint alone until a signal comes: an account with nothing in it
/// but its root user.
pub(crate) async fn serve_store_only(config: Config) -> Result<Ended> {
    logging::start(&config.log)?;
    if config.store.kind == StoreKind::Aws {
        bail!(
            "--store-only serves our own endpoint: store.kind must be \"embedded\" or \"gateway\""
        );
    }
    make_data_folder(&config.data)?;
    let stop = Stop::on_signals()?;
    let parameters = Parameters::open(&config).await?;
    let own = OwnKeys::open(&config, &parameters).await?;
    let embedded = start_store(&config, &parameters, &own, stop.clone()).await?;
    let keeping = Keeping::start(&config, &parameters, &own, (embedded.store().disk(), None));
    let (standing, _nobody_asks) = watch::channel(AuditStanding::default());
    let auditing = tokio::spawn(audit::watch(beside(&config, &parameters), own.turn(), standing));
    ready::announce_store(&config);
    stop.wait().await;
    auditing.abort();
    keeping.stop(&config);
    embedded.stopped().await?;
    parameters.ledger.close().await;
    Ok(Ended::Done)
}

/// What a task of its own works with.
fn beside(config: &Config, parameters: &Parameters) -> (Config, Parameters) {
    (config.clone(), parameters.clone())
}

fn make_data_folder(data: &Path) -> Result<()> {
    let cannot = || format!("cannot use {} as the data folder", data.display());
    make_durable_folder(data).with_context(cannot)?;
    fs::set_permissions(data, fs::Permissions::from_mode(0o700)).with_context(cannot)?;
    let probe = data.join(".writable");
    fs::write(&probe, "").and_then(|()| fs::remove_file(&probe)).with_context(cannot)
}

/// Makes a folder and those above it, and the name of each durable: what is synced in a folder is
/// lost with it where its name is not.
fn make_durable_folder(path: &Path) -> std::io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let above = path.parent().filter(|above| !above.as_os_str().is_empty());
    let above = above.unwrap_or(Path::new("."));
    make_durable_folder(above)?;
    match DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => return Err(error),
        Ok(()) | Err(_) => {}
    }
    fs::File::open(above)?.sync_all()
}

/// Reads the estate back from time to time. Before AWS the portal may not: there an operator's
/// `wellhouse plan --record` does.
async fn watch_estate(
    config: &Config,
    parameters: &Parameters,
    saved: Option<&SavedPolicies>,
    embedded: Option<&Embedded>,
) -> Result<Option<tokio::task::JoinHandle<()>>> {
    let hours = u64::from(config.estate.check_hours);
    let Some((saved, embedded)) = saved.zip(embedded).filter(|_| hours > 0) else {
        return Ok(None);
    };
    let (estate, cloud) = (saved.told(), embedded.cloud(config).await?);
    let kept = (parameters.ledger.clone(), parameters.clock.clone());
    let every = Duration::from_hours(hours);
    Ok(Some(tokio::spawn(estate::watch((estate, cloud), kept, every))))
}

/// What should be, from now on.
fn in_force(described: &Arc<Estate>, saved: Option<&SavedPolicies>) -> watch::Receiver<InForce> {
    let operators = || watch::channel(InForce::described(Arc::clone(described))).1;
    saved.map_or_else(operators, SavedPolicies::told)
}

/// What is looked at to see how the house stands. Before AWS the portal reads nothing back.
async fn lookout(
    config: &Config,
    parameters: &Parameters,
    (people, standing): (&People, watch::Receiver<AuditStanding>),
    (in_force, embedded): (watch::Receiver<InForce>, Option<&Embedded>),
) -> Result<Lookout> {
    let cloud = match embedded {
        Some(embedded) => Ok(embedded.cloud(config).await?),
        None => Err(posture::not_before_aws()),
    };
    Ok(Lookout {
        config: config.clone(),
        parameters: parameters.clone(),
        people: people.clone(),
        in_force,
        cloud,
        standing: Some(standing),
    })
}

/// Our own store, with the estate in it; none before AWS.
async fn make_store(
    config: &Config,
    parameters: &Parameters,
    own: &OwnKeys,
    ((described, started), stop): ((&Estate, &mut InForce), Stop),
) -> Result<Option<Embedded>> {
    match config.store.kind {
        StoreKind::Aws => {
            // What happens to objects is in CloudTrail, and not here.
            parameters.ledger.end_role_uses().await?;
            Ok(None)
        }
        StoreKind::Embedded | StoreKind::Gateway => {
            let embedded = start_store(config, parameters, own, stop).await?;
            let alone = parameters.ledger.lock_house().await?;
            provision(&embedded, config, (described, started)).await?;
            drop(alone);
            Ok(Some(embedded))
        }
    }
}

/// Permissions of a role that were saved and that the store does not take do not keep the house shut: that role
/// alone is allowed nothing. What else fails does.
async fn provision(
    embedded: &Embedded,
    config: &Config,
    (described, started): (&Estate, &mut InForce),
) -> Result<()> {
    while let Err(error) = embedded.provision(config, &started.estate).await {
        let Some(without) = saved_policies::without(described, started, &error)? else {
            return Err(error);
        };
        *started = without;
    }
    Ok(())
}

async fn start_store(
    config: &Config,
    parameters: &Parameters,
    own: &OwnKeys,
    stop: Stop,
) -> Result<Embedded> {
    let listener = bind("S3 endpoint", config.s3.listen)?;
    Embedded::start(config, parameters, own.ring(), (listener, stop)).await
}

pub(crate) async fn aws_client(config: &Config) -> Result<Client> {
    let endpoint_url = config.store.endpoint_url.clone();
    let public = config.store.public_endpoint_url.clone().or_else(|| endpoint_url.clone());
    let client = Client::connect(ClientOptions {
        region: Region::parse(&config.store.region).context("store.region")?,
        path_style: endpoint_url.is_some(),
        endpoint_url,
        public_s3_url: public,
        credentials: PortalCredentials::DefaultChain,
    })
    .await;
    Ok(client.expecting(estate::account(config)?))
}

/// Seals what second factors are made of with the keys of the data folder.
fn seal(own: &OwnKeys, parameters: &Parameters) -> SeedSeal {
    let (sealing, opening) = (own.ring().clone(), own.ring().clone());
    let (clock, entropy) = (parameters.clock.clone(), parameters.entropy.clone());
    SeedSeal {
        seal: Arc::new(move |uid, seed| sealing.seal_seed((uid, clock.now()), seed, &entropy)),
        open: Arc::new(move |uid, sealed| opening.open_seed(uid, sealed)),
    }
}

fn rule(config: &Config) -> FactorRule {
    if config.people.everybody_needs_second_factor {
        return FactorRule::Everybody;
    }
    if config.people.administrators_need_second_factor {
        return FactorRule::Required;
    }
    tracing::warn!(
        "people.administrators_need_second_factor is false: whoever learns an administrator's \
         password is one"
    );
    FactorRule::Optional
}

/// Persons, by the rules of the house.
pub(crate) fn people(
    config: &Config,
    parameters: &Parameters,
    (seal, factors, sign_on): (SeedSeal, FactorRule, SignOnOptions),
) -> Result<People> {
    let standard = StandardGrants {
        bucket: BucketName::parse(&config.store.bucket).context("store.bucket")?,
        regular_role: RoleName::parse("RegularUserRole")?,
        shared_prefix: KeyPrefix::parse("shared/")?,
        home_role: RoleName::parse("S3AccessRole")?,
        home_prefix: KeyPrefix::parse("home/")?,
        admin_role: RoleName::parse("AdminRole")?,
    };
    Ok(People::new(PeopleOptions {
        ledger: parameters.ledger.clone(),
        clock: parameters.clock.clone(),
        entropy: parameters.entropy.clone(),
        hashing: hashing(config),
        standard,
        seal,
        origins: config.portal_origins(),
        factors,
        passwords: passwords(config)?,
        sign_on,
        mailing: mail::mailing(config),
    })?)
}

/// One core is left to everybody else: a hash that runs on each of them makes the slowest hundredth of other
/// requests three times as slow, however far it steps back (`cargo xtask sign-ins`).
fn hashing(config: &Config) -> HashingOptions {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let parallel = cores.saturating_sub(1).max(1);
    let (memory_kib, iterations) =
        (config.people.argon2_memory_kib, config.people.argon2_iterations);
    HashingOptions { memory_kib, iterations, lanes: 1, parallel }
}

/// Which passwords are refused here besides those that are refused everywhere.
fn passwords(config: &Config) -> Result<PasswordRules> {
    let breached = config.people.breached_passwords.as_deref().map(|file| {
        let shown = || format!("people.breached_passwords: {}", file.display());
        BreachedPasswords::open(file).map(Arc::new).with_context(shown)
    });
    Ok(PasswordRules {
        words: config.people.password_words.clone(),
        breached: breached.transpose()?,
    })
}

/// Ends sessions that were not used, every minute. Removes what has expired from the ledger and gives up
/// uploads that nobody goes on with, once an hour.
async fn sweep(people: People, files: Files) {
    for minute in (0..SWEEP_MINUTES).cycle() {
        tokio::time::sleep(MINUTE).await;
        if let Err(error) = people.end_idle_sessions().await {
            tracing::warn!(%error, "idle sessions were not ended");
        }
        if let Err(error) = people.tell_of_arrivals().await {
            tracing::warn!(%error, "nobody was told what arrived by file requests");
        }
        if minute + 1 < SWEEP_MINUTES {
            continue;
        }
        if let Err(error) = people.sweep().await {
            tracing::warn!(%error, "what has expired was not swept");
        }
        match files.sweep_uploads().await {
            Ok(count) => tracing::info!(count, "gave up stale uploads"),
            Err(error) => tracing::warn!(%error, "stale uploads were not swept"),
        }
        if let Err(error) = files.sweep_jobs().await {
            tracing::warn!(%error, "ended jobs were not swept");
        }
    }
}

/// What is done beside serving: the scrub of a cellar, and what an operator asks for.
struct Keeping {
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

impl Keeping {
    fn start(
        config: &Config,
        parameters: &Parameters,
        own: &OwnKeys,
        (store, names): (Option<&Arc<DiskStore>>, Option<&SearchIndex>),
    ) -> Self {
        let mut tasks = vec![tokio::spawn(own.clone().follow())];
        if let (true, Some(store)) = (config.scrub.on, store) {
            let (scrubbed, clock) = (Arc::clone(store), parameters.clock.clone());
            let options = store::scrub_options(config);
            let scrub = async move { scrubbed.scrub_when_due(options, &clock).await };
            tasks.push(tokio::spawn(scrub));
        }
        match control::listen(&config.data) {
            Ok(listener) => {
                let kept = (store.cloned(), names.cloned());
                let hands = control::Hands::new(config, parameters, own, kept);
                tasks.push(tokio::spawn(control::serve(listener, hands)));
            }
            Err(error) => tracing::warn!(
                %error,
                "`wellhouse backup`, `store scrub`, `user` and `group` cannot reach this server"
            ),
        }
        Self { tasks }
    }

    fn stop(self, config: &Config) {
        self.tasks.iter().for_each(tokio::task::JoinHandle::abort);
        control::remove(&config.data);
    }
}

async fn issue_setup_token(people: &People) -> Result<Option<Secret>> {
    if people.setup_needed().await? {
        return Ok(Some(people.issue_setup_token().await?));
    }
    Ok(None)
}

/// The roles of an estate, as persons' rights are told from them.
pub(crate) fn role_views(config: &Config, estate: &Estate) -> Result<BTreeMap<RoleName, RoleView>> {
    let mut views = BTreeMap::new();
    for role in estate.roles() {
        let arn = match config.store.role_arns.get(role.name.as_str()) {
            Some(arn) => {
                Arn::parse(arn).with_context(|| format!("store.role_arns.{}", role.name))?
            }
            None => role.arn.clone(),
        };
        let (permissions, boundary) = (role.permissions.clone(), Some(role.boundary.clone()));
        views.insert(role.name.clone(), RoleView { arn, permissions, boundary });
    }
    Ok(views)
}

/// Before AWS the portal writes down whose session is whose: CloudTrail knows none of our grants.
fn session_log(config: &Config, writer: &AuditWriter) -> Option<AuditWriter> {
    match config.store.kind {
        StoreKind::Aws => Some(writer.clone()),
        StoreKind::Embedded | StoreKind::Gateway => None,
    }
}

fn files(
    (config, embedded): (&Config, Option<&Embedded>),
    parameters: &Parameters,
    estate: &Estate,
    people: &People,
    (sessions, session_log): (RoleSessions, Option<AuditWriter>),
) -> Result<Files> {
    let files = Files::new(FilesOptions {
        people: people.clone(),
        ledger: parameters.ledger.clone(),
        sessions,
        session_log,
        objects: ObjectClient::new(parameters.clock.clone()),
        roles: RoleViews::new(role_views(config, estate)?),
        drop_role: RoleName::parse(UPLOAD_ROLE)?,
        bucket_policies: estate
            .buckets_of_files()
            .map(|bucket| (bucket.name.clone(), bucket.policy.clone()))
            .collect(),
        scanning: estate.description().scan,
        encryption: estate.key().map_or(Encryption::StoresOwn, |_| Encryption::Kms),
        keys: person_keys::options(config, &parameters.entropy)?,
        partition: estate::partition(config)?,
        account: estate::account(config)?,
        clock: parameters.clock.clone(),
        entropy: parameters.entropy.clone(),
    });
    let whole_max = config.store.copy_whole_max;
    let files = files.copying_in_parts(whole_max, whole_max.min(COPY_PART));
    Ok(activity::told(files.searching_in(search::index(config)), embedded))
}

/// The audit log: where it is written, and how it was found.
type Log = (AuditWriter, watch::Receiver<AuditStanding>);

fn portal(
    config: &Config,
    parameters: &Parameters,
    (policies, posture): (PolicyKeeper, PostureKeeper),
    (people, files, (audit, audited), house_keys): (People, Files, Log, HouseKeys),
) -> Result<axum::Router> {
    Ok(Portal::router(PortalOptions {
        people,
        files,
        ledger: parameters.ledger.clone(),
        audit,
        audited,
        house_keys,
        posture,
        policies,
        origins: config.portal_origins(),
        s3_public_url: config.browsers_store_url(),
        secure_cookies: true,
        trusted_proxies: config.portal.trusted_proxies.clone(),
        clock: parameters.clock.clone(),
        entropy: parameters.entropy.clone(),
    })?)
}

/// How the portal's administrators change roles: at once where the store's IAM is our own; before AWS
/// the portal has no rights to IAM, and an operator does.
fn policy_keeper(described: Arc<Estate>, saved: Option<&Arc<SavedPolicies>>) -> PolicyKeeper {
    let Some(saved) = saved else { return PolicyKeeper::by_operator(Estate::clone(&described)) };
    let (told, saved) = (saved.told(), Arc::clone(saved));
    PolicyKeeper::new(described, told, move || {
        let saved = Arc::clone(&saved);
        async move { saved.enforce().await.map_err(|error| format!("{error:#}")) }
    })
}

async fn serve_portal(doorway: Doorway, router: axum::Router, stop: Stop) {
    let answer = move |request: Request<Incoming>, peer: Peer| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer.address));
        let answered = router.clone().oneshot(request);
        async move {
            match answered.await {
                Ok(response) => response,
                Err(never) => match never {},
            }
        }
    };
    doorway.serve(stop.wait(), answer).await;
}
