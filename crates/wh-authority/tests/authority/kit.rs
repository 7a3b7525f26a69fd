//! An authority for the tests.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use jiff::Timestamp;
use wh_authority::{
    AssumeRole, AssumeRoleError, AssumedRole, Authority, AuthorityOptions, CreateRole, IamError,
    IamReply, IamRequest, KeyRing, Principal, TemporaryCredentials,
};
use wh_ledger::Ledger;
use wh_names::{
    AccountId, Arn, Clock, Entropy, Partition, RoleName, RoleSessionName, SourceIdentity,
};
use wh_policy::Context;

pub(crate) const UID: &str = "01hq3v5x7z9b1d3f5h7k9m1p3r";

pub(crate) struct Kit {
    pub(crate) authority: Authority,
    pub(crate) ledger: Ledger,
    pub(crate) keys: KeyRing,
    now: Arc<AtomicI64>,
}

pub(crate) fn entropy(seed: u64) -> Entropy {
    let state = AtomicU64::new(seed);
    Entropy::new(move |buffer| {
        for byte in buffer {
            let mut z = state.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            *byte = (z ^ (z >> 27)).to_le_bytes()[3];
        }
    })
}

pub(crate) fn role(name: &str) -> RoleName {
    RoleName::parse(name).expect("a role name")
}

pub(crate) fn arn(name: &str) -> Arn {
    Arn::parse(&format!("arn:aws:iam::111122223333:role/{name}")).expect("an ARN")
}

/// A trust policy: the principal, the actions, the condition.
pub(crate) fn trust(principal: &str, actions: &str, condition: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{principal},
        "Action":[{actions}],"Condition":{{{condition}}}}}]}}"#
    )
}

pub(crate) const ALL_STS: &str = r#""sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity""#;

pub(crate) fn create(name: &str, trust: String) -> CreateRole {
    CreateRole {
        name: role(name),
        path: "/".to_owned(),
        trust,
        description: String::new(),
        max_session_s: None,
        boundary: None,
        tags: Vec::new(),
    }
}

pub(crate) fn ask(name: &str) -> AssumeRole {
    AssumeRole {
        role_arn: arn(name),
        session_name: RoleSessionName::parse(&format!("u-{UID}-0123abcd")).expect("a name"),
        duration_s: None,
        policy: None,
        policy_arns: Vec::new(),
        tags: Vec::new(),
        transitive_tag_keys: Vec::new(),
        source_identity: None,
        external_id: None,
    }
}

pub(crate) fn source(text: &str) -> Option<SourceIdentity> {
    SourceIdentity::parse(text).ok()
}

pub(crate) fn tags(tags: &[(&str, &str)]) -> Vec<(String, String)> {
    tags.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
}

impl Kit {
    pub(crate) async fn build() -> Self {
        let ledger = Ledger::in_memory().await.expect("a ledger");
        Self::over(ledger, 1).await
    }

    pub(crate) async fn over(ledger: Ledger, seed: u64) -> Self {
        Self::node(ledger, seed, seed + 1).await
    }

    /// One of several with the same keys, whose ids differ by `ids`.
    pub(crate) async fn node(ledger: Ledger, seed: u64, ids: u64) -> Self {
        let now = Arc::new(AtomicI64::new(1_790_000_000_000));
        let told = Arc::clone(&now);
        let keys = KeyRing::generate(&entropy(seed)).expect("a key ring");
        let authority = Authority::open(AuthorityOptions {
            partition: Partition::parse("aws").expect("a partition"),
            account: AccountId::parse("111122223333").expect("an account"),
            ledger: ledger.clone(),
            keys: keys.clone(),
            clock: Clock::new(move || {
                Timestamp::from_millisecond(told.load(Ordering::Relaxed)).expect("a time")
            }),
            entropy: entropy(ids),
        });
        let (known, fetch) = crate::provider::issuers();
        let authority = authority.await.expect("an authority").with_issuers(known, fetch);
        Self { authority, ledger, keys, now }
    }

    pub(crate) fn pass(&self, seconds: i64) {
        self.now.fetch_add(seconds * 1000, Ordering::Relaxed);
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.now.load(Ordering::Relaxed)).expect("a time")
    }

    pub(crate) async fn iam(&self, request: IamRequest) -> IamReply {
        self.try_iam(request).await.expect("an answer of IAM")
    }

    pub(crate) async fn try_iam(&self, request: IamRequest) -> Result<IamReply, IamError> {
        self.authority.execute(request).await
    }

    /// A role that instances may have, which may assume every role.
    pub(crate) async fn portal(&self) -> Principal {
        let service = r#"{"Service":"ec2.amazonaws.com"}"#;
        let portal = create("PortalRole", trust(service, r#""sts:AssumeRole""#, ""));
        self.iam(IamRequest::CreateRole(portal)).await;
        self.allow("PortalRole", &format!("[{ALL_STS}]")).await;
        self.recognise(&self.deliver("PortalRole"))
    }

    /// Lets a role do something everywhere.
    pub(crate) async fn allow(&self, name: &str, actions: &str) {
        let document = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":{actions},
            "Resource":"*"}}]}}"#
        );
        let name = name.to_owned();
        self.iam(IamRequest::PutRolePolicy { role: role(&name), name, document }).await;
    }

    pub(crate) fn deliver(&self, name: &str) -> TemporaryCredentials {
        let session = RoleSessionName::parse("i-0123456789").expect("a name");
        let delivered = self.authority.deliver("ec2.amazonaws.com", &role(name), &session);
        delivered.expect("credentials")
    }

    pub(crate) fn recognise(&self, credentials: &TemporaryCredentials) -> Principal {
        let token = Some(credentials.session_token.expose());
        self.authority.recognise(&credentials.access_key_id, token).expect("a principal")
    }

    pub(crate) fn assume(
        &self,
        caller: &Principal,
        ask: &AssumeRole,
    ) -> Result<AssumedRole, AssumeRoleError> {
        self.authority.assume_role(caller, ask, &Context::new())
    }
}
