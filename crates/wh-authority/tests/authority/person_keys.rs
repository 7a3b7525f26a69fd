//! Access keys of persons: role sessions that end with their keys.

use jiff::SignedDuration;
use wh_authority::{
    AssumeRoleError, AuthenticationError, GetSessionTokenError, IamRequest, PersonKeyRefusal,
};
use wh_ledger::{
    AuditKind, AuditRecord, GrantRow, GrantSubject, Holding, PasswordPhc, PersonKeyRow, PersonRow,
    PersonStatus, RowId,
};
use wh_names::{AccessKeyId, BucketName, KeyPrefix, Secret, SourceIdentity, Uid};
use wh_policy::Context;

use crate::kit::{ALL_STS, Kit, UID, ask, create, entropy, role, trust};

struct Keys {
    kit: Kit,
    uid: Uid,
    grant: GrantRow,
}

impl Keys {
    async fn new() -> Self {
        let kit = Kit::build().await;
        let anybody = trust(r#"{"AWS":"*"}"#, ALL_STS, "");
        kit.iam(IamRequest::CreateRole(create("FilesRole", anybody))).await;
        kit.allow("FilesRole", r#"["s3:*"]"#).await;
        let uid = Uid::parse(UID).expect("a uid");
        let person = PersonRow {
            uid: uid.clone(),
            name: "alice".to_owned(),
            name_key: "alice".to_owned(),
            name_look: "alice".to_owned(),
            email: None,
            email_key: None,
            email_checked_at: None,
            password_phc: PasswordPhc::from_phc("$argon2id$one"),
            status: PersonStatus::Active,
            created_at: kit.now(),
            approved_at: Some(kit.now()),
        };
        let grant = GrantRow {
            id: RowId::generate(kit.now(), &entropy(9)),
            subject: GrantSubject::Person(uid.clone()),
            role: role("FilesRole"),
            bucket: BucketName::parse("wellhouse").expect("a bucket"),
            prefix: KeyPrefix::parse("home/${uid}/").expect("a prefix"),
            title: "Home".to_owned(),
            created_at: kit.now(),
            created_by: None,
            ends_at: None,
        };
        kit.ledger.insert_person(&person, std::slice::from_ref(&grant)).await.expect("a person");
        Self { kit, uid, grant }
    }

    /// A key that lives for a day.
    async fn make(&self, seed: u64, actions: Option<Vec<String>>) -> (AccessKeyId, Secret) {
        let minted = self.kit.keys.mint_person_key(self.kit.now(), &entropy(seed)).expect("a key");
        let now = self.kit.now();
        let row = PersonKeyRow {
            id: minted.id.clone(),
            uid: self.uid.clone(),
            grant: self.grant.id.clone(),
            name: "backup".to_owned(),
            actions,
            sealed_secret: minted.sealed_secret,
            created_at: now,
            created_by: None,
            expires_at: now.checked_add(SignedDuration::from_hours(24)).expect("a time"),
            revoked_at: None,
        };
        assert!(self.kit.ledger.insert_person_key(&row, 9, &self.record()).await.expect("kept"));
        (minted.id, minted.secret)
    }

    fn record(&self) -> AuditRecord {
        AuditRecord {
            at: self.kit.now(),
            kind: AuditKind::Intent,
            request_id: "1".to_owned(),
            operation: "CreatePersonKey".to_owned(),
            action: "wellhouse:CreatePersonKey".to_owned(),
            resource: "key".to_owned(),
            principal: "operator".to_owned(),
            source_identity: None,
            source_ip: None,
            detail: None,
        }
    }

    async fn recognise(
        &self,
        id: &AccessKeyId,
    ) -> Result<wh_authority::Principal, AuthenticationError> {
        self.kit.authority.learn(id).await.expect("read");
        self.kit.authority.recognise(id, None)
    }

    fn nobody() -> Holding {
        let bucket = BucketName::parse("wellhouse").expect("a bucket");
        Holding { role: role("AdminRole"), bucket, prefix: KeyPrefix::everything() }
    }
}

fn refused<T>(why: PersonKeyRefusal) -> Result<T, AuthenticationError> {
    Err(AuthenticationError::KeyRefused(why))
}

#[tokio::test]
async fn a_key_is_a_session_of_the_grants_role_in_the_name_of_its_person() {
    let keys = Keys::new().await;
    let (id, secret) = keys.make(5, None).await;
    let authority = &keys.kit.authority;
    let unknown = Some(AuthenticationError::InvalidAccessKeyId);
    assert_eq!(authority.secret_key(&id, None).err(), unknown, "nobody looked it up");
    let alice = keys.recognise(&id).await.expect("alice");
    assert!(authority.secret_key(&id, None).expect("a secret").matches(&secret));
    let session = format!("arn:aws:sts::111122223333:assumed-role/FilesRole/u-{UID}-{id}");
    assert_eq!(alice.label(), session);
    assert!(alice.is_temporary(), "it may not call IAM");
    assert_eq!(alice.source_identity().map(SourceIdentity::as_str), Some(UID));
    let standing = authority.standing(&alice).expect("a standing");
    let mut context = Context::new();
    standing.context(&alice, &mut context);
    for (key, value) in [("aws:PrincipalTag/uid", UID), ("aws:SourceIdentity", UID)] {
        assert!(format!("{context:?}").contains(value), "{key}");
    }
    let policy = standing.session.expect("a session policy")[0].document.to_json();
    assert!(policy.contains(&format!("wellhouse/home/{UID}/*")), "{policy}");
    assert!(!policy.contains("Deny"), "{policy}");
    assert!(authority.recognise(&id, Some("token")).is_err(), "it has no token");
}

#[tokio::test]
async fn a_narrowed_key_denies_all_but_its_actions() {
    let keys = Keys::new().await;
    let (id, _) = keys.make(5, Some(vec!["s3:Get*".to_owned()])).await;
    let alice = keys.recognise(&id).await.expect("alice");
    let standing = keys.kit.authority.standing(&alice).expect("a standing");
    let policy = standing.session.expect("a session policy")[0].document.to_json();
    assert!(
        policy.contains(r#""NotAction":"s3:Get*""#)
            || policy.contains(r#""NotAction":["s3:Get*"]"#),
        "{policy}"
    );
    assert!(policy.contains(r#""Effect":"Deny""#), "{policy}");
}

#[tokio::test]
async fn a_key_opens_no_further_sessions() {
    let keys = Keys::new().await;
    let (id, _) = keys.make(5, None).await;
    let alice = keys.recognise(&id).await.expect("alice");
    let authority = &keys.kit.authority;
    let assumed = authority.assume_role(&alice, &ask("FilesRole"), &Context::new());
    assert!(matches!(assumed, Err(AssumeRoleError::PersonKey)), "{assumed:?}");
    let own = authority.get_session_token(&alice, None);
    assert!(matches!(own, Err(GetSessionTokenError::NotAUser)), "{own:?}");
}

#[tokio::test]
async fn a_key_ends_by_itself_and_when_it_is_revoked() {
    let keys = Keys::new().await;
    let (one, _) = keys.make(5, None).await;
    let (two, _) = keys.make(50, None).await;
    let alice = keys.recognise(&one).await.expect("alice");
    let revoked = keys.kit.ledger.revoke_person_key(&keys.uid, &one, &keys.record()).await;
    assert!(revoked.expect("asked"));
    keys.kit.pass(1);
    assert_eq!(keys.recognise(&one).await.err(), refused::<()>(PersonKeyRefusal::Revoked).err());
    let standing = keys.kit.authority.standing(&alice).map(drop);
    assert_eq!(standing, refused(PersonKeyRefusal::Revoked), "who was recognised before");
    assert!(keys.recognise(&two).await.is_ok());
    keys.kit.pass(24 * 3600);
    assert_eq!(keys.recognise(&two).await.err(), refused::<()>(PersonKeyRefusal::Expired).err());
}

#[tokio::test]
async fn a_key_falls_with_its_grant_its_role_and_its_person() {
    let keys = Keys::new().await;
    let (id, _) = keys.make(5, None).await;
    let alice = keys.recognise(&id).await.expect("alice");
    let ledger = &keys.kit.ledger;
    ledger.revoke_person(&keys.uid, keys.kit.now()).await.expect("asked");
    assert!(keys.kit.authority.standing(&alice).is_ok(), "what ends sessions ends no keys");
    ledger.delete_grant(&keys.grant.id, keys.kit.now(), &Keys::nobody()).await.expect("asked");
    keys.kit.pass(1);
    assert_eq!(keys.recognise(&id).await.err(), refused::<()>(PersonKeyRefusal::GrantGone).err());
    ledger.insert_grant(&keys.grant).await.expect("given again");
    keys.kit.pass(1);
    assert!(keys.recognise(&id).await.is_ok());
    let (files, name) = (role("FilesRole"), "FilesRole".to_owned());
    keys.kit.iam(IamRequest::DeleteRolePolicy { role: files.clone(), name }).await;
    keys.kit.iam(IamRequest::DeleteRole { role: files }).await;
    keys.kit.pass(1);
    assert_eq!(keys.recognise(&id).await.err(), refused::<()>(PersonKeyRefusal::RoleGone).err());
}
