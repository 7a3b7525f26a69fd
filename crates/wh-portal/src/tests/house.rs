//! A house for tests: a real ledger, real persons, the standard estate, and a store that nobody
//! listens for, unless a test brings one.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tower::ServiceExt;
use wh_aws::{
    AwsCredentials, Client, ClientOptions, ObjectClient, PortalCredentials, RoleSessions,
};
use wh_files::{Encryption, Files, FilesOptions, KeyOptions, MintedSecret, RoleView, RoleViews};
use wh_ledger::{
    Admits, AuditEntry, AuditFilter, AuditWriter, EmailCheckRow, Holding, Ledger, NewScan,
    RoleUseKey, RoleUseTimes, RowId, ScanSettled, ScanTarget, TakenMail, UploadRow,
};
use wh_names::{
    AccessKeyId, AccountId, BucketName, Clock, Entropy, KeyPrefix, Partition, Region, RoleName,
    Secret, Uid,
};
use wh_people::{
    FactorRule, HashingOptions, Mailing, PasswordRules, People, PeopleOptions, Person, SeedSeal,
    SessionToken, StandardGrants,
};
use wh_policy::rails::Rail;
use wh_policy::{NamedPolicy, PolicyDocument, PolicyKind};
use wh_provision::posture::{Acceptance, CheckFound, Evidence, PostureReport, Said, judged};
use wh_provision::{
    ADMIN_ROLE, Estate, REGULAR_USER_ROLE, S3_ACCESS_ROLE, Settings, StandardEstate, Target,
};

use super::store::CRC;
use crate::router::hands_on;
use crate::{
    AuditStanding, HouseKey, HouseKeys, InForce, PolicyKeeper, Portal, PortalOptions,
    PostureKeeper, PostureTold,
};

pub(super) const ORIGIN: &str = "http://localhost:8080";
pub(super) const PASSWORD: &str = "a long and winding password";
/// A closed port.
const STORE: &str = "http://127.0.0.1:1";

/// What came back.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Answer {
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or(Value::Null)
    }

    /// The problem's code, after a look at its shape.
    #[track_caller]
    pub(super) fn problem(&self, status: u16, code: &str) -> Value {
        let json = self.json();
        assert_eq!((self.status.as_u16(), &json["code"]), (status, &json!(code)), "{}", self.body);
        assert_eq!(self.headers[CONTENT_TYPE], "application/problem+json");
        assert_eq!((&json["type"], &json["status"]), (&json!("about:blank"), &json!(status)));
        assert!(json["title"].is_string() && json["detail"].is_string(), "{json}");
        json
    }

    /// The cookie that was set, as it is sent back.
    pub(super) fn cookie(&self) -> String {
        let set = self.headers[SET_COOKIE].to_str().expect("text");
        set.split(';').next().unwrap_or_default().to_owned()
    }
}

/// What makes one-time codes, as an authenticator has it.
pub(super) struct Authenticator(totp_rs::Totp);

impl Authenticator {
    /// Takes over the address that a QR code holds.
    pub(super) fn scan(uri: &str) -> Self {
        Self(totp_rs::Totp::from_url(uri).expect("an otpauth address"))
    }

    pub(super) fn code(&self, now: Timestamp) -> String {
        let seconds = u64::try_from(now.as_second()).expect("a time after 1970");
        self.0.generate(seconds).to_string()
    }
}

pub(super) struct House {
    router: Router,
    seconds: Arc<AtomicI64>,
    pub(super) ledger: Ledger,
    pub(super) people: People,
    pub(super) files: Files,
    pub(super) admin: String,
    pub(super) authenticator: Option<Authenticator>,
    door: (String, Clock, Entropy),
    log: AuditWriter,
    /// Only an operator changes roles, as before AWS.
    by_operator: bool,
    rails: Vec<Rail>,
}

impl House {
    /// A house with an administrator, open to registration.
    pub(super) async fn new() -> Self {
        Self::over(STORE).await
    }

    /// The same, over a store that answers at `url`.
    pub(super) async fn over(url: &str) -> Self {
        Self::set_up(Self::bare(url, (FactorRule::Required, Mailing::Sent)).await).await
    }

    /// The same, whose bucket's policy has this statement as well.
    pub(super) async fn over_with(url: &str, statement: Value) -> Self {
        let asked = (FactorRule::Required, Mailing::Sent);
        Self::set_up(Self::bare_with(url, asked, Some(statement)).await).await
    }

    /// From now on nobody but administrators writes below `frozen/`, says a rail.
    pub(super) fn freeze(&mut self) {
        self.freeze_at("frozen/*");
    }

    /// The same of other keys.
    pub(super) fn freeze_at(&mut self, keys: &str) {
        let texts = |one: &str| vec![one.to_owned()];
        self.rails = vec![Rail {
            name: "frozen".to_owned(),
            why: "it is evidence".to_owned(),
            who: texts("everyone"),
            except: texts(ADMIN_ROLE),
            never: texts("write"),
            on: vec![format!("{}/{keys}", bucket())],
            except_on: Vec::new(),
        }];
        self.router = self.door(self.log.clone());
    }

    /// A house in which nobody but administrators writes below `frozen/`, says a rail: which the role of
    /// those who work with files does not keep to.
    pub(super) async fn with_a_frozen_folder() -> Self {
        let mut house = Self::bare(STORE, (FactorRule::Required, Mailing::Sent)).await;
        house.freeze();
        Self::set_up(house).await
    }

    /// A house whose roles only an operator changes.
    pub(super) async fn of_an_operator() -> Self {
        let mut house = Self::bare(STORE, (FactorRule::Required, Mailing::Sent)).await;
        house.by_operator = true;
        house.router = house.door(house.log.clone());
        Self::set_up(house).await
    }

    /// A house that asks a second factor of everybody.
    pub(super) async fn with_factors_of_everybody() -> Self {
        Self::set_up(Self::bare(STORE, (FactorRule::Everybody, Mailing::Sent)).await).await
    }

    /// A house that no mail leaves.
    pub(super) async fn without_mail() -> Self {
        let rules = (FactorRule::Required, Mailing::NotSetUp);
        Self::set_up(Self::bare(STORE, rules).await).await
    }

    async fn set_up(mut house: Self) -> Self {
        let token = house.people.issue_setup_token().await.expect("a token");
        let form = json!({
            "token": token.expose(), "name": "root", "password": PASSWORD, "registration": "open",
            "homes": true,
        });
        let answer = house.post("/api/v1/setup", "", form).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
        let (admin, authenticator) = house.enrol(&answer.cookie()).await;
        (house.admin, house.authenticator) = (admin, Some(authenticator));
        house
    }

    /// Sets up the second factor of somebody, by whose cookie; half a minute passes, so that the next
    /// code is another. What comes back is their new cookie, and what makes their codes.
    pub(super) async fn enrol(&self, cookie: &str) -> (String, Authenticator) {
        const PATH: &str = "/api/v1/account/second-factor";
        let offer = self.ask(Method::POST, PATH, cookie, None).await;
        assert_eq!(offer.status, StatusCode::CREATED, "{}", offer.body);
        let authenticator = Authenticator::scan(offer.json()["uri"].as_str().expect("a URI"));
        let code = json!({ "code": authenticator.code(self.now()) });
        let done = self.post(&format!("{PATH}/confirm"), cookie, code).await;
        assert_eq!(done.status, StatusCode::OK, "{}", done.body);
        self.pass(SignedDuration::from_secs(30));
        (done.cookie(), authenticator)
    }

    /// What the trail tells of an action beside the door's own lines, the newest first.
    pub(super) async fn trail(&self, of: &str) -> Vec<(String, Value)> {
        let trail = self.get("/api/v1/audit", &self.admin).await.json();
        let entries = trail["entries"].as_array().expect("entries").clone();
        let name = |entry: &Value| entry["operation"].as_str().unwrap_or_default().to_owned();
        let told = entries.into_iter().map(|entry| (name(&entry), entry));
        let of_door = |entry: &Value| {
            entry["action"].as_str().is_some_and(|action| action.starts_with("portal:"))
        };
        let told = told.filter(|(_, entry)| !of_door(entry));
        told.filter(|(operation, _)| operation.contains(of)).collect()
    }

    pub(super) fn now(&self) -> Timestamp {
        Timestamp::from_second(self.seconds.load(Ordering::Relaxed)).expect("a time")
    }

    /// A house that was never set up.
    pub(super) async fn empty() -> Self {
        Self::bare(STORE, (FactorRule::Required, Mailing::Sent)).await
    }

    async fn bare(store: &str, rules: (FactorRule, Mailing)) -> Self {
        Self::bare_with(store, rules, None).await
    }

    async fn bare_with(
        store: &str,
        (factors, mailing): (FactorRule, Mailing),
        statement: Option<Value>,
    ) -> Self {
        let seconds = Arc::new(AtomicI64::new(1_800_000_000));
        let told = Arc::clone(&seconds);
        let clock = Clock::new(move || {
            Timestamp::from_second(told.load(Ordering::Relaxed)).expect("a time")
        });
        let count = AtomicU64::new(1);
        let entropy = Entropy::new(move |bytes| {
            for byte in bytes.chunks_mut(8) {
                let n = count.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed).to_le_bytes();
                byte.copy_from_slice(&n[..byte.len()]);
            }
        });
        let ledger = Ledger::in_memory().await.expect("a ledger");
        let people = People::new(PeopleOptions {
            ledger: ledger.clone(),
            clock: clock.clone(),
            entropy: entropy.clone(),
            hashing: HashingOptions { memory_kib: 64, iterations: 1, lanes: 1, parallel: 2 },
            standard: standard(),
            seal: seal(),
            factors,
            origins: vec!["https://files.example.org".to_owned()],
            passwords: PasswordRules::default(),
            sign_on: super::providers::sign_on(),
            mailing,
        })
        .expect("hashing options");
        let estate = estate();
        let policy = with_statement(estate.bucket_policy(), statement);
        let files = files((store, policy), &estate, &ledger, &people, (&clock, &entropy)).await;
        let audit = AuditWriter::start(&ledger).await.expect("a writer");
        let mut house = Self {
            router: Router::new(),
            seconds,
            ledger,
            people,
            files,
            admin: String::new(),
            authenticator: None,
            door: (store.to_owned(), clock, entropy),
            log: audit.clone(),
            by_operator: false,
            rails: Vec::new(),
        };
        house.router = house.door(audit);
        house
    }

    /// The web door, with this writer of its log.
    fn door(&self, audit: AuditWriter) -> Router {
        Portal::router(self.portal_options(audit)).expect("a router")
    }

    /// What handlers reach.
    pub(super) fn portal(&self) -> Portal {
        Portal::new(self.portal_options(self.log.clone())).expect("a portal")
    }

    fn portal_options(&self, audit: AuditWriter) -> PortalOptions {
        let (store, clock, entropy) = self.door.clone();
        PortalOptions {
            people: self.people.clone(),
            files: self.files.clone(),
            ledger: self.ledger.clone(),
            audit,
            audited: tokio::sync::watch::channel(AuditStanding::default()).1,
            house_keys: house_keys(),
            posture: posture(),
            policies: self.keeper(),
            origins: vec![ORIGIN.to_owned()],
            s3_public_url: store,
            secure_cookies: true,
            trusted_proxies: Vec::new(),
            clock,
            entropy,
        }
    }

    /// The estate, with the rails of this house.
    fn estate(&self) -> Estate {
        let mut described = estate().description().clone();
        described.rails.clone_from(&self.rails);
        Estate::of(described).expect("an estate")
    }

    /// What is saved counts at once, as in a store of our own.
    fn keeper(&self) -> PolicyKeeper {
        if self.by_operator {
            return PolicyKeeper::by_operator(self.estate());
        }
        let (ledger, roles) = (self.ledger.clone(), self.files.roles().clone());
        let described = Arc::new(self.estate());
        let first = InForce { estate: Arc::clone(&described), versions: 0, unfit: Vec::new() };
        let (tell, told) = tokio::sync::watch::channel(first);
        let (tell, over) = (Arc::new(tell), Arc::clone(&described));
        PolicyKeeper::new(described, told, move || {
            let (ledger, roles) = (ledger.clone(), roles.clone());
            let (tell, over) = (Arc::clone(&tell), Arc::clone(&over));
            async move {
                let counted = ledger.policy_versions_counted().await;
                let versions = counted.map_err(|error| error.to_string())?;
                let saved = ledger.saved_policies().await.map_err(|error| error.to_string())?;
                let estate = over.with_policies(&saved).map_err(|error| error.to_string())?;
                roles.replace(views(&estate));
                let estate = Arc::new(estate);
                tell.send_replace(InForce { estate, versions, unfit: Vec::new() });
                Ok(())
            }
        })
    }

    /// What was written to the log after this number, the newest first.
    pub(super) async fn lines_after(&self, after: i64) -> Vec<AuditEntry> {
        self.log.flush().await;
        let asked = AuditFilter { after: Some(after), ..AuditFilter::default() };
        self.ledger.audit_entries(&asked, 1_000).await.expect("read")
    }

    /// From now on nothing can be written to the audit log.
    pub(super) async fn lose_the_log(&mut self) {
        let other = Ledger::in_memory().await.expect("a ledger");
        let audit = AuditWriter::start(&other).await.expect("a writer");
        other.close().await;
        self.router = self.door(audit);
    }

    /// A file that the scan for malware holds back.
    pub(super) async fn finding(&self, key: &str, finding: &str) -> String {
        let now = self.now();
        let id = RowId::generate(now, &self.door.2);
        let (bucket, version) = (bucket().to_string(), id.to_string());
        let target = ScanTarget { bucket, key: key.to_owned(), version };
        let scan =
            NewScan { id: id.clone(), target, uid: None, from_before: false, modified_at: now };
        self.ledger.queue_scans(("feed", "1", now), &[scan], now).await.expect("written");
        let taken = self.ledger.take_scan(now, Timestamp::MAX).await.expect("read");
        let found = ScanSettled::Infected(finding.to_owned());
        let settled = self.ledger.scan_settled(&taken.expect("a scan"), &found, now).await;
        assert!(settled.expect("settled"));
        id.to_string()
    }

    /// As if a role had been used, and uses were kept since `since`.
    pub(super) async fn as_if_used(
        &self,
        (role, who): (&str, &str),
        (action, place): (&str, &str),
        since: Timestamp,
    ) {
        let key = RoleUseKey {
            role: RoleName::parse(role).expect("a role"),
            action: action.to_owned(),
            bucket: bucket().to_string(),
            place: place.to_owned(),
            who: who.to_owned(),
        };
        let (first, last) = (self.now(), self.now());
        let times = RoleUseTimes { first, last, requests: 1 };
        self.ledger.begin_role_uses(since).await.expect("written");
        self.ledger.note_role_uses(&[(key, times)]).await.expect("written");
    }

    /// From now on nothing can be read or written.
    pub(super) async fn lose_the_ledger(&self) {
        self.ledger.close().await;
    }

    /// Gives somebody an address that they confirmed, as if by the link that was sent there.
    pub(super) async fn confirm_address(&self, name: &str) {
        let (uid, email) = (self.uid_of(name).await, format!("{name}@example.org"));
        let check = EmailCheckRow {
            digest: Secret::parse(&format!("of {name}")).expect("a secret").digest(),
            email: email.clone(),
            email_key: email,
            admits: Admits::Nothing,
            expires_at: self.now() + SignedDuration::from_hours(1),
        };
        self.ledger.put_email_check(&uid, &check).await.expect("written");
        let spent = self.ledger.spend_email_check(&check.digest, self.now(), None).await;
        assert_eq!(spent.expect("followed"), Some(uid));
    }

    /// Takes the mail that has waited longest, as whoever sends it does.
    pub(super) async fn mail(&self) -> Option<TakenMail> {
        let mail = self.ledger.take_mail(self.now(), Timestamp::MAX).await.expect("read")?;
        self.ledger.mail_sent(&mail, self.now()).await.expect("noted");
        Some(mail)
    }

    /// Gives the mail up that has waited longest, if one waits.
    pub(super) async fn give_up_a_mail(&self, why: &str) -> bool {
        let taken = self.ledger.take_mail(self.now(), self.now()).await.expect("read");
        let Some(mail) = taken else { return false };
        self.ledger.mail_given_up(&mail, self.now(), why).await.expect("noted");
        true
    }

    pub(super) fn pass(&self, time: SignedDuration) {
        self.seconds.fetch_add(time.as_secs(), Ordering::Relaxed);
    }

    pub(super) async fn uid_of(&self, name: &str) -> Uid {
        let people = self.get("/api/v1/people", &self.admin).await.json();
        let people = people["people"].as_array().expect("people").clone();
        let found = people.iter().find(|person| person["name"] == name).expect("a person");
        Uid::parse(found["uid"].as_str().expect("a uid")).expect("a uid")
    }

    /// Shuts somebody out, as another node or an operator does.
    pub(super) async fn shut_out(&self, name: &str) {
        let persons = self.ledger.persons().await.expect("read");
        let row = persons.into_iter().find(|row| row.name == name).expect("a person");
        let keep = Self::administration();
        self.ledger.disable_person(&row.uid, self.now(), &keep).await.expect("written");
    }

    /// Takes administration from somebody, in the same way.
    pub(super) async fn demote(&self, name: &str) {
        let persons = self.ledger.persons().await.expect("read");
        let row = persons.into_iter().find(|row| row.name == name).expect("a person");
        let grants = self.ledger.grants_of(&row.uid).await.expect("read");
        let admin = grants.into_iter().find(|grant| grant.role.as_str() == ADMIN_ROLE);
        let (id, keep) = (admin.expect("a grant").id, Self::administration());
        self.ledger.delete_grant(&id, self.now(), &keep).await.expect("written");
    }

    fn administration() -> Holding {
        let prefix = KeyPrefix::everything();
        Holding { role: role(ADMIN_ROLE), bucket: bucket(), prefix }
    }

    /// Who is signed in with this cookie.
    pub(super) async fn person(&self, cookie: &str) -> Person {
        let (_name, token) = cookie.split_once('=').expect("a cookie");
        let token = SessionToken::parse(token).expect("a token");
        self.people.recognise(&token).await.expect("somebody signed in")
    }

    /// The row of an upload.
    pub(super) async fn upload(&self, uid: &Uid, id: &str) -> UploadRow {
        let id = RowId::parse(id).expect("an id");
        self.ledger.upload_of(uid, &id).await.expect("read").expect("an upload")
    }

    /// Notes that the store was asked for this upload, though it was not.
    pub(super) async fn as_if_begun(&self, id: &str) {
        let (id, now) = (RowId::parse(id).expect("an id"), Timestamp::UNIX_EPOCH);
        assert!(self.ledger.upload_transfers(&id, "U", now).await.expect("noted"));
    }

    /// Registers a person and signs them in.
    pub(super) async fn register(&self, name: &str) -> String {
        let form = json!({ "name": name, "password": PASSWORD });
        let answer = self.post("/api/v1/registration", "", form).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
        let form = json!({ "name": name, "password": PASSWORD });
        let answer = self.post("/api/v1/session", "", form).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        answer.cookie()
    }

    pub(super) async fn get(&self, path: &str, cookie: &str) -> Answer {
        self.ask(Method::GET, path, cookie, None).await
    }

    pub(super) async fn post(&self, path: &str, cookie: &str, body: Value) -> Answer {
        self.ask(Method::POST, path, cookie, Some(body)).await
    }

    /// As one of our own pages asks.
    pub(super) async fn ask(
        &self,
        method: Method,
        path: &str,
        cookie: &str,
        body: Option<Value>,
    ) -> Answer {
        let part = hands_on(&method, path);
        let mut request = Request::builder().method(method).uri(path).header("origin", ORIGIN);
        if !cookie.is_empty() {
            request = request.header(COOKIE, cookie);
        }
        let body = match body {
            Some(_) if part => {
                request = request.header(CONTENT_TYPE, "application/octet-stream");
                request = request.header(CONTENT_LENGTH, "9");
                request = request.header("x-amz-checksum-crc64nvme", CRC);
                Body::from("123456789")
            }
            Some(body) => {
                request = request.header(CONTENT_TYPE, "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        self.send(request.body(body).expect("a request")).await
    }

    pub(super) async fn send(&self, mut request: Request<Body>) -> Answer {
        let peer = SocketAddr::new(IpAddr::from([192, 0, 2, 7]), 40_000);
        request.extensions_mut().insert(ConnectInfo(peer));
        let response = self.router.clone().oneshot(request).await.expect("infallible");
        let (head, body) = response.into_parts();
        let body = body.collect().await.expect("a body").to_bytes();
        let body = String::from_utf8_lossy(&body).into_owned();
        Answer { status: head.status, headers: head.headers, body }
    }

    /// The id of the location with this prefix.
    pub(super) async fn location(&self, cookie: &str, prefix: &str) -> String {
        let all = self.get("/api/v1/locations", cookie).await.json();
        let all = all["locations"].as_array().expect("locations").clone();
        let begins = |l: &&Value| l["prefix"].as_str().is_some_and(|p| p.starts_with(prefix));
        let found = all.iter().find(begins).expect("a location with this prefix");
        found["id"].as_str().expect("an id").to_owned()
    }
}

fn bucket() -> BucketName {
    BucketName::parse("wellhouse-files").expect("a bucket name")
}

fn role(name: &str) -> RoleName {
    RoleName::parse(name).expect("a role name")
}

fn standard() -> StandardGrants {
    StandardGrants {
        bucket: bucket(),
        regular_role: role(REGULAR_USER_ROLE),
        shared_prefix: KeyPrefix::parse("shared/").expect("a prefix"),
        home_role: role(S3_ACCESS_ROLE),
        home_prefix: KeyPrefix::parse("home/").expect("a prefix"),
        admin_role: role(ADMIN_ROLE),
    }
}

fn partition() -> Partition {
    Partition::parse("aws").expect("a partition")
}

pub(super) fn account() -> AccountId {
    AccountId::parse("000000000000").expect("an account")
}

fn region() -> Region {
    Region::parse("us-east-1").expect("a region")
}

fn estate() -> Estate {
    let described = StandardEstate {
        partition: partition(),
        account: account(),
        region: region(),
        bucket: bucket(),
        installation: "test".to_owned(),
        instance_prefix: KeyPrefix::parse("instances/").expect("a prefix"),
        portal_origins: vec![ORIGIN.to_owned()],
        target: Target::Embedded,
        settings: Settings::Guards,
        scan: None,
    };
    Estate::standard(described).expect("an estate")
}

/// It hides nothing; the real one is the authority's.
fn seal() -> SeedSeal {
    let sealed = std::sync::Mutex::new(Vec::<Vec<u8>>::new());
    let kept = Arc::new(sealed);
    let opened = Arc::clone(&kept);
    SeedSeal {
        seal: Arc::new(move |_uid, seed| {
            let mut kept = kept.lock().ok()?;
            kept.push(seed.to_vec());
            Some((kept.len() - 1).to_string())
        }),
        open: Arc::new(move |_uid, sealed| {
            let place: usize = sealed.parse().ok()?;
            opened.lock().ok()?.get(place).cloned().map(zeroize::Zeroizing::new)
        }),
    }
}

/// Keys of which nobody verifies a signature here.
fn keys() -> KeyOptions {
    let count = AtomicU64::new(1);
    let mint = move || {
        let n = count.fetch_add(1, Ordering::Relaxed);
        Some(MintedSecret {
            id: AccessKeyId::parse(&format!("AKIA{n:016}")).ok()?,
            secret: Secret::parse(&format!("secret {n}")).ok()?,
            sealed: "sealed".to_owned(),
        })
    };
    KeyOptions {
        mint: Some(Arc::new(mint)),
        life_max: SignedDuration::from_hours(24 * 90),
        per_person_max: 3,
    }
}

/// The policy, with a statement more.
fn with_statement(policy: &NamedPolicy, statement: Option<Value>) -> NamedPolicy {
    let Some(statement) = statement else { return policy.clone() };
    let mut whole: Value = serde_json::from_str(&policy.document.to_json()).expect("JSON");
    whole["Statement"].as_array_mut().expect("statements").push(statement);
    let document = PolicyDocument::read_stored(&whole.to_string(), PolicyKind::Resource);
    NamedPolicy { name: policy.name.clone(), document: Arc::new(document) }
}

async fn files(
    (store, policy): (&str, NamedPolicy),
    estate: &Estate,
    ledger: &Ledger,
    people: &People,
    (clock, entropy): (&Clock, &Entropy),
) -> Files {
    let client = Client::connect(ClientOptions {
        region: region(),
        endpoint_url: Some(store.to_owned()),
        public_s3_url: None,
        path_style: true,
        credentials: PortalCredentials::Static(AwsCredentials {
            access_key_id: AccessKeyId::parse("AKIAAAAAAAAAAAAAAAAA").expect("a key id"),
            secret: Secret::parse("not a secret").expect("a secret"),
            session_token: None,
            expires: None,
        }),
    })
    .await;
    Files::new(FilesOptions {
        people: people.clone(),
        ledger: ledger.clone(),
        sessions: RoleSessions::new(client, clock.clone()),
        session_log: None,
        objects: ObjectClient::new(clock.clone()),
        roles: RoleViews::new(views(estate)),
        drop_role: RoleName::parse("UploadRole").expect("a role"),
        bucket_policies: std::iter::once((estate.bucket().name.clone(), policy)).collect(),
        scanning: None,
        encryption: Encryption::StoresOwn,
        keys: keys(),
        partition: partition(),
        account: account(),
        clock: clock.clone(),
        entropy: entropy.clone(),
    })
}

fn views(estate: &Estate) -> BTreeMap<RoleName, RoleView> {
    let view = |role: &wh_provision::RoleSpec| RoleView {
        arn: role.arn.clone(),
        permissions: role.permissions.clone(),
        boundary: Some(role.boundary.clone()),
    };
    estate.roles().iter().map(|role| (role.name.clone(), view(role))).collect()
}

/// One key, of which every rotation makes another.
fn house_keys() -> HouseKeys {
    let made = Arc::new(AtomicU64::new(1));
    let rotated = Arc::clone(&made);
    let list = move || {
        let count = usize::try_from(made.load(Ordering::Relaxed)).expect("few");
        let key = |generation| HouseKey {
            file: "authority.keys",
            generation,
            fingerprint: None,
            made_at: None,
            seals_from: None,
            opens_sessions_until: None,
            in_force: generation == count,
            due_at: None,
        };
        Ok((1..=count).map(key).collect())
    };
    HouseKeys::new(list, move || {
        rotated.fetch_add(1, Ordering::Relaxed);
        async { Ok(()) }
    })
}

/// Nobody has looked until somebody asks; then versions are not kept, which is accepted for one bucket.
fn posture() -> PostureKeeper {
    let looked = Arc::new(AtomicU64::new(0));
    let seen = Arc::clone(&looked);
    let last = move || {
        let told = (seen.load(Ordering::Relaxed) > 0).then(told);
        async move { Ok(told) }
    };
    PostureKeeper::new(60, last, move || {
        looked.fetch_add(1, Ordering::Relaxed);
        async { Ok(true) }
    })
}

fn told() -> PostureTold {
    let evidence = |bucket: &str| Evidence {
        thing: format!("bucket/{bucket}"),
        name: bucket.to_owned(),
        said: Said::english("it keeps no versions"),
    };
    let found = vec![
        CheckFound::by("versioning", vec![evidence("files")]),
        CheckFound::by("lifecycle", vec![evidence("files")]),
        CheckFound::by("acls-off", Vec::new()),
        CheckFound::unknown("audit-whole", Said::both("nobody looked", "niemand sah nach")),
    ];
    let accepted = Acceptance {
        check: "lifecycle".to_owned(),
        thing: "bucket/files".to_owned(),
        reason: "a test".to_owned(),
        until: 2_000_000_000_000,
    };
    let report = PostureReport::of(found, 1_800_000_000_000);
    PostureTold {
        checked_at: Timestamp::from_second(1_800_000_000).expect("a time"),
        judged: judged(&report, &[accepted], 1_800_000_000_000),
    }
}
