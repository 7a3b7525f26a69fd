//! A house for the tests: a gate before a store in memory, with the roles of the standard estate.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use jiff::Timestamp;
use wh_authority::{
    AssumeRole, Authority, AuthorityOptions, CreatePolicy, CreateRole, Holder, IamReply,
    IamRequest, KeyRing, PolicyCall, Principal, TemporaryCredentials, UserCall,
};
use wh_gate::{AuthType, Caller, Gate, GateOptions, RequestFacts, ops};
use wh_ledger::Ledger;
use wh_names::{
    AccessKeyId, AccountId, Arn, BucketName, Clock, Entropy, KeyPrefix, ObjectKey, Partition,
    RoleName, RoleSessionName, SourceIdentity, UserName,
};
use wh_objects::{MemoryStore, ObjectAddress};
use wh_policy::Context;

use crate::provider::{ISSUER, PROVIDER};

pub(crate) const ALICE: &str = "01hq3v5x7z9b1d3f5h7k9m1p3r";
pub(crate) const BOB: &str = "01hq3v5x7z9b1d3f5h7k9m1p3s";
const PATH: &str = "/wellhouse/test/";

pub(crate) struct House {
    pub(crate) gate: Gate,
    pub(crate) authority: Arc<Authority>,
    pub(crate) ledger: Ledger,
    keys: KeyRing,
    now: Arc<AtomicI64>,
}

/// A user with an access key.
pub(crate) struct User {
    pub(crate) name: UserName,
    pub(crate) key: AccessKeyId,
}

/// Randomness that never repeats and is the same in every run.
fn entropy() -> Entropy {
    let state = AtomicU64::new(1);
    Entropy::new(move |buffer| {
        for byte in buffer {
            let mut z = state.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            *byte = (z ^ (z >> 27)).to_le_bytes()[3];
        }
    })
}

pub(crate) fn bucket() -> BucketName {
    BucketName::parse("files").expect("a bucket name")
}

pub(crate) fn at(key: &str) -> ObjectAddress {
    ObjectAddress { bucket: bucket(), key: ObjectKey::parse(key).expect("a key") }
}

pub(crate) fn account() -> AccountId {
    AccountId::parse("111122223333").expect("an account")
}

fn role_name(name: &str) -> RoleName {
    RoleName::parse(name).expect("a role name")
}

pub(crate) fn role_arn(name: &str) -> Arn {
    Arn::parse(&format!("arn:aws:iam::111122223333:role{PATH}{name}")).expect("an ARN")
}

pub(crate) fn boundary_arn() -> String {
    format!("arn:aws:iam::111122223333:policy{PATH}Boundary")
}

fn trust(principal: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{principal},
        "Action":["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]}}]}}"#
    )
}

fn trust_instances() -> String {
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
    "Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#
        .to_owned()
}

/// A document of statements `(actions, resource)` that allow.
pub(crate) fn allows(statements: &[(&str, &str)]) -> String {
    let statements: Vec<String> = statements
        .iter()
        .map(|(actions, on)| {
            format!(r#"{{"Effect":"Allow","Action":[{actions}],"Resource":["{on}"]}}"#)
        })
        .collect();
    format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","))
}

const BUCKET: &str = "arn:aws:s3:::files";
const OBJECTS: &str = "arn:aws:s3:::files/*";
const FULL_ACCESS: [(&str, &str); 3] =
    [(r#""s3:*""#, BUCKET), (r#""s3:*""#, OBJECTS), (r#""s3:ListAllMyBuckets""#, "*")];

/// The permissions of the standard estate's roles, and of one that may do everything.
fn roles() -> Vec<(&'static str, String)> {
    vec![
        ("AdminRole", allows(&FULL_ACCESS)),
        (
            "RegularUserRole",
            allows(&[
                (r#""s3:ListBucket","s3:GetBucketLocation""#, BUCKET),
                (r#""s3:GetObject""#, OBJECTS),
            ]),
        ),
        (
            "S3AccessRole",
            allows(&[
                (r#""s3:GetObject","s3:PutObject","s3:DeleteObject""#, OBJECTS),
                (r#""s3:ListBucket""#, BUCKET),
                (r#""s3:AbortMultipartUpload","s3:ListMultipartUploadParts""#, OBJECTS),
            ]),
        ),
        ("UploadRole", allows(&[(r#""s3:PutObject","s3:AbortMultipartUpload""#, OBJECTS)])),
        ("EverythingRole", allows(&[(r#""s3:*","iam:*","sts:*""#, "*")])),
    ]
}

impl House {
    pub(crate) async fn build() -> Self {
        let ledger = Ledger::in_memory().await.expect("a ledger");
        Self::over(ledger).await
    }

    pub(crate) async fn over(ledger: Ledger) -> Self {
        let now = Arc::new(AtomicI64::new(1_790_000_000_000));
        let source = Arc::clone(&now);
        let clock = Clock::new(move || {
            Timestamp::from_millisecond(source.load(Ordering::Relaxed)).expect("a time")
        });
        let keys = KeyRing::generate(&entropy()).expect("a key ring");
        let partition = Partition::parse("aws").expect("a partition");
        let account = account();
        let options = AuthorityOptions {
            partition: partition.clone(),
            account: account.clone(),
            ledger: ledger.clone(),
            keys: keys.clone(),
            clock: clock.clone(),
            entropy: entropy(),
        };
        let (known, fetch) = crate::provider::issuers();
        let authority = Authority::open(options).await.expect("an authority");
        let authority = Arc::new(authority.with_issuers(known, fetch));
        let gate = Gate::new(GateOptions {
            store: Arc::new(MemoryStore::new()),
            authority: Arc::clone(&authority),
            encryption: None,
            ledger: ledger.clone(),
            partition,
            account,
            clock,
            entropy: entropy(),
        });
        let gate = gate.await.expect("a gate");
        let house = Self { gate, authority, ledger, keys, now };
        house.furnish().await;
        house
    }

    async fn furnish(&self) {
        self.iam(IamRequest::CreatePolicy(CreatePolicy {
            name: "Boundary".to_owned(),
            path: PATH.to_owned(),
            document: allows(&FULL_ACCESS),
            description: String::new(),
            tags: Vec::new(),
        }))
        .await;
        let portal = allows(&[(
            r#""sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity""#,
            &format!("arn:aws:iam::111122223333:role{PATH}*"),
        )]);
        self.role("PortalRole", &trust_instances(), &portal, None).await;
        let trusts = trust(&format!(r#"{{"AWS":"{}"}}"#, role_arn("PortalRole")));
        for (name, permissions) in roles() {
            let boundary = (name != "EverythingRole").then(boundary_arn);
            self.role(name, &trusts, &permissions, boundary).await;
        }
        self.iam(IamRequest::CreateOpenIdConnectProvider {
            url: ISSUER.to_owned(),
            client_ids: vec!["app".to_owned()],
            thumbprints: Vec::new(),
        })
        .await;
        let trusts = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow",
            "Principal":{{"Federated":"{PROVIDER}"}},"Action":"sts:AssumeRoleWithWebIdentity",
            "Condition":{{"StringEquals":{{"id.example.com/tenant:sub":"alice",
            "id.example.com/tenant:aud":"app"}}}}}}]}}"#
        );
        self.role("FederatedRole", &trusts, &allows(&[(r#""s3:GetObject""#, OBJECTS)]), None).await;
        let root = self.root();
        let make =
            self.gate.admit(&root, ops::CreateBucket { bucket: bucket(), object_lock: None }).await;
        self.gate.create_bucket(make.expect("a permit")).await.expect("a bucket");
    }

    async fn role(&self, name: &str, trust: &str, permissions: &str, boundary: Option<String>) {
        self.iam(IamRequest::CreateRole(CreateRole {
            name: role_name(name),
            path: PATH.to_owned(),
            trust: trust.to_owned(),
            description: String::new(),
            max_session_s: None,
            boundary,
            tags: Vec::new(),
        }))
        .await;
        self.permissions(name, permissions).await;
    }

    /// Replaces what a role may do.
    pub(crate) async fn permissions(&self, name: &str, document: &str) {
        self.iam(IamRequest::PutRolePolicy {
            role: role_name(name),
            name: name.to_owned(),
            document: document.to_owned(),
        })
        .await;
    }

    pub(crate) async fn iam(&self, request: IamRequest) {
        self.authority.execute(request).await.expect("an answer of IAM");
    }

    /// Puts a bucket policy, as root.
    pub(crate) async fn bucket_policy(&self, text: &str) {
        let put = ops::PutBucketPolicy { bucket: bucket(), text: text.to_owned() };
        let permit = self.gate.admit(&self.root(), put).await.expect("a permit");
        self.gate.put_bucket_policy(permit).await.expect("a bucket policy");
    }

    pub(crate) fn pass(&self, seconds: i64) {
        self.now.fetch_add(seconds * 1000, Ordering::Relaxed);
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.now.load(Ordering::Relaxed)).expect("a time")
    }

    pub(crate) fn caller(&self, principal: Principal) -> Caller {
        let auth = match principal.is_anonymous() {
            true => AuthType::Unsigned,
            false => AuthType::Header,
        };
        let facts = RequestFacts {
            request_id: "REQUEST".to_owned(),
            at: self.now(),
            source_ip: Some([192, 0, 2, 7].into()),
            secure_transport: false,
            user_agent: None,
            referer: None,
            auth,
            signature_age_ms: Some(10),
            content_sha256: None,
            server_side_encryption: None,
        };
        Caller { principal, facts }
    }

    pub(crate) fn stranger(&self) -> Caller {
        self.caller(Principal::anonymous())
    }

    pub(crate) fn root(&self) -> Caller {
        let id = self.keys.root_access_key_id();
        self.caller(self.authority.recognise(id, None).expect("the root user"))
    }

    /// Somebody for whom a provider vouches.
    pub(crate) async fn federated(&self) -> Caller {
        let now = self.now().as_second();
        let token = crate::provider::token(
            "ec",
            jsonwebtoken::Algorithm::ES256,
            &serde_json::json!({
            "iss": ISSUER, "aud": "app", "sub": "alice", "exp": now + 300, "iat": now }),
        );
        let known = self.authority.recognise_web_identity(&token).await;
        self.caller(known.expect("somebody known"))
    }

    pub(crate) fn root_key(&self) -> AccessKeyId {
        self.keys.root_access_key_id().clone()
    }

    /// A new user with an access key.
    pub(crate) async fn user(&self, name: &str, policies: &[(&str, &str)]) -> User {
        let name = UserName::parse(name).expect("a user name");
        let (path, boundary, tags) = (PATH.to_owned(), None, Vec::new());
        self.iam(IamRequest::User(name.clone(), UserCall::Create { path, boundary, tags })).await;
        for (policy, document) in policies {
            let call = PolicyCall::PutInline {
                name: (*policy).to_owned(),
                document: (*document).to_owned(),
            };
            self.iam(IamRequest::Policies(Holder::User(name.clone()), call)).await;
        }
        let made = IamRequest::User(name.clone(), UserCall::CreateAccessKey);
        let made = self.authority.execute(made).await.expect("an access key");
        let IamReply::NewAccessKey(key) = made else { panic!("no access key") };
        User { name, key: key.id }
    }

    /// The user behind a request.
    pub(crate) fn as_user(&self, user: &User) -> Caller {
        self.caller(self.authority.recognise(&user.key, None).expect("a user"))
    }

    /// A session of the user's own.
    pub(crate) fn own_session(&self, caller: &Caller) -> Caller {
        let opened = self.authority.get_session_token(&caller.principal, None);
        self.recognise(&opened.expect("a session"))
    }

    fn recognise(&self, credentials: &TemporaryCredentials) -> Caller {
        let token = Some(credentials.session_token.expose());
        let principal = self.authority.recognise(&credentials.access_key_id, token);
        self.caller(principal.expect("a principal"))
    }

    pub(crate) fn portal(&self) -> Caller {
        let session = RoleSessionName::parse("portal").expect("a session name");
        let role = role_name("PortalRole");
        let credentials = self.authority.deliver("ec2.amazonaws.com", &role, &session);
        self.recognise(&credentials.expect("credentials"))
    }

    /// A person's session of a role, narrowed to a prefix.
    pub(crate) fn person(&self, uid: &str, role: &str, prefix: &str) -> Caller {
        let partition = Partition::parse("aws").expect("a partition");
        let prefix = KeyPrefix::parse(prefix).expect("a prefix");
        let policy = wh_policy::s3::session_policy(&partition, &bucket(), &prefix).to_json();
        self.session(uid, role, Some(policy))
    }

    /// A person's session of a role.
    pub(crate) fn session(&self, uid: &str, role: &str, policy: Option<String>) -> Caller {
        let asked = ask(uid, role, policy);
        let portal = self.portal().principal;
        let assumed = self.authority.assume_role(&portal, &asked, &Context::new());
        self.recognise(&assumed.expect("a session").credentials)
    }
}

/// What a person's session is asked for with.
pub(crate) fn ask(uid: &str, role: &str, policy: Option<String>) -> AssumeRole {
    AssumeRole {
        role_arn: role_arn(role),
        session_name: RoleSessionName::parse(&format!("u-{uid}-0123abcd")).expect("a name"),
        duration_s: None,
        policy,
        policy_arns: Vec::new(),
        tags: vec![("uid".to_owned(), uid.to_owned())],
        transitive_tag_keys: Vec::new(),
        source_identity: Some(SourceIdentity::parse(uid).expect("a source identity")),
        external_id: None,
    }
}
