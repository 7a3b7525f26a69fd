//! What the ledger promises about persons' access keys.

use jiff::Timestamp;
use wh_names::{AccessKeyId, BucketName, Entropy, KeyPrefix, RoleName, Uid};

use crate::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).expect("a time")
}

fn entropy() -> Entropy {
    let counter = std::sync::atomic::AtomicU8::new(1);
    Entropy::new(move |out| {
        out.fill_with(|| counter.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
    })
}

struct Kit {
    ledger: Ledger,
    uid: Uid,
    grant: GrantRow,
}

impl Kit {
    async fn new() -> Self {
        let (ledger, entropy) = (Ledger::in_memory().await.expect("a ledger"), entropy());
        let uid = Uid::generate(at(0), &entropy);
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
            created_at: at(0),
            approved_at: Some(at(0)),
        };
        let grant = GrantRow {
            id: RowId::generate(at(0), &entropy),
            subject: GrantSubject::Everyone,
            role: RoleName::parse("S3AccessRole").expect("a role"),
            bucket: BucketName::parse("wellhouse").expect("a bucket"),
            prefix: KeyPrefix::parse("home/${uid}/").expect("a prefix"),
            title: "Home".to_owned(),
            created_at: at(0),
            created_by: None,
            ends_at: None,
        };
        ledger.insert_person(&person, &[]).await.expect("a person");
        ledger.insert_grant(&grant).await.expect("a grant");
        Self { ledger, uid, grant }
    }

    fn key(&self, letter: char) -> PersonKeyRow {
        let id = format!("AKIA{}", letter.to_string().repeat(16));
        PersonKeyRow {
            id: AccessKeyId::parse(&id).expect("an id"),
            uid: self.uid.clone(),
            grant: self.grant.id.clone(),
            name: "backup".to_owned(),
            actions: Some(vec!["s3:Get*".to_owned(), "s3:List*".to_owned()]),
            sealed_secret: "sealed".to_owned(),
            created_at: at(10),
            created_by: Some(self.uid.clone()),
            expires_at: at(1000),
            revoked_at: None,
        }
    }

    async fn insert(&self, key: &PersonKeyRow, max: u32) -> bool {
        self.ledger.insert_person_key(key, max, &record("CreatePersonKey")).await.expect("written")
    }

    async fn opens(&self, key: &PersonKeyRow, second: i64) -> Result<String, PersonKeyRefusal> {
        let state = self.ledger.person_key(&key.id).await.expect("read").expect("a key");
        state.opens(at(second)).map(|grant| grant.prefix.as_str().to_owned())
    }

    fn holding() -> Holding {
        Holding {
            role: RoleName::parse("AdminRole").expect("a role"),
            bucket: BucketName::parse("wellhouse").expect("a bucket"),
            prefix: KeyPrefix::everything(),
        }
    }
}

fn record(operation: &str) -> AuditRecord {
    AuditRecord {
        at: at(20),
        kind: AuditKind::Intent,
        request_id: "1".to_owned(),
        operation: operation.to_owned(),
        action: "wellhouse:CreateKey".to_owned(),
        resource: "key".to_owned(),
        principal: "alice".to_owned(),
        source_identity: None,
        source_ip: None,
        detail: None,
    }
}

#[tokio::test]
async fn a_key_opens_its_grant_until_it_ends() {
    let kit = Kit::new().await;
    let key = kit.key('A');
    assert!(kit.insert(&key, 2).await);
    let read = kit.ledger.person_key(&key.id).await.expect("read").expect("a key");
    assert_eq!((&read.key, read.used), (&key, None));
    assert_eq!(kit.opens(&key, 999).await, Ok(format!("home/{}/", kit.uid)));
    assert_eq!(kit.opens(&key, 1000).await, Err(PersonKeyRefusal::Expired));
    let used = PersonKeyUse { at: at(30), ip: Some("192.0.2.7".to_owned()) };
    kit.ledger.note_person_key_use(&key.id, &used).await.expect("noted");
    let keys = kit.ledger.person_keys_of(&kit.uid).await.expect("read");
    assert_eq!(keys.first().and_then(|state| state.used.clone()), Some(used));
    let mallory = Uid::generate(at(1), &entropy());
    let revoke = record("RevokePersonKey");
    let revoked = kit.ledger.revoke_person_key(&mallory, &key.id, &revoke).await.expect("asked");
    assert!(!revoked, "it is not hers");
    assert!(kit.ledger.revoke_person_key(&kit.uid, &key.id, &revoke).await.expect("asked"));
    assert!(!kit.ledger.revoke_person_key(&kit.uid, &key.id, &revoke).await.expect("asked"));
    assert_eq!(kit.opens(&key, 30).await, Err(PersonKeyRefusal::Revoked));
    let trail = kit.ledger.audit_recent(None, 10).await.expect("the trail");
    let told: Vec<_> =
        trail.iter().map(|e| (e.record.operation.as_str(), e.came_of_it())).collect();
    assert_eq!(told, [("RevokePersonKey", "done"), ("CreatePersonKey", "done")]);
}

#[tokio::test]
async fn a_person_has_so_many_keys_that_count() {
    let kit = Kit::new().await;
    let keys = ['A', 'B', 'C'].map(|letter| kit.key(letter));
    assert!(kit.insert(&keys[0], 2).await && kit.insert(&keys[1], 2).await);
    assert!(!kit.insert(&keys[2], 2).await, "two count");
    assert_eq!(kit.ledger.audit_recent(None, 10).await.expect("the trail").len(), 2);
    let revoke = record("RevokePersonKey");
    assert!(kit.ledger.revoke_person_key(&kit.uid, &keys[0].id, &revoke).await.expect("asked"));
    assert!(kit.insert(&keys[2], 2).await, "one that ended counts no more");
    assert!(kit.ledger.insert_person_key(&keys[2], 9, &revoke).await.is_err(), "the id is taken");
    assert_eq!(kit.ledger.sweep_person_keys(at(20)).await.expect("swept"), 0);
    assert_eq!(kit.ledger.sweep_person_keys(at(21)).await.expect("swept"), 1);
}

#[tokio::test]
async fn a_key_falls_with_its_grant_and_with_its_person() {
    let kit = Kit::new().await;
    let (key, other) = (kit.key('A'), kit.key('B'));
    assert!(kit.insert(&key, 9).await);
    // Others are about; only then may one be shut out.
    let admin = GrantRow { prefix: KeyPrefix::everything(), ..kit.grant.clone() };
    let admin = GrantRow { role: Kit::holding().role, ..admin };
    let entropy = entropy();
    let root = PersonRow {
        uid: Uid::generate(at(5), &entropy),
        name: "root".to_owned(),
        name_key: "root".to_owned(),
        name_look: "root".to_owned(),
        email: None,
        email_key: None,
        email_checked_at: None,
        password_phc: PasswordPhc::from_phc("$argon2id$one"),
        status: PersonStatus::Active,
        created_at: at(0),
        approved_at: Some(at(0)),
    };
    let subject = GrantSubject::Person(root.uid.clone());
    let id = RowId::generate(at(6), &entropy);
    kit.ledger.insert_person(&root, &[GrantRow { id, subject, ..admin }]).await.expect("root");
    let shut = kit.ledger.disable_person(&kit.uid, at(30), &Kit::holding()).await.expect("asked");
    assert_eq!(shut, PersonChange::Done);
    assert_eq!(kit.opens(&key, 31).await, Err(PersonKeyRefusal::Revoked));
    let late = kit.ledger.insert_person_key(&other, 9, &record("CreatePersonKey")).await;
    assert!(matches!(late, Err(LedgerError::Conflict { what: "person" })), "{late:?}");
    kit.ledger.enable_person(&kit.uid, at(32)).await.expect("let back");
    assert!(kit.insert(&other, 9).await);
    assert_eq!(kit.opens(&key, 33).await, Err(PersonKeyRefusal::Revoked), "it stays ended");
    assert!(kit.opens(&other, 33).await.is_ok());
    kit.ledger.delete_grant(&kit.grant.id, at(34), &Kit::holding()).await.expect("taken away");
    assert_eq!(kit.opens(&other, 35).await, Err(PersonKeyRefusal::GrantGone));
    kit.ledger.end_sessions(&kit.uid, at(36)).await.expect("ended");
    assert_eq!(kit.opens(&other, 37).await, Err(PersonKeyRefusal::Revoked));
}

#[tokio::test]
async fn a_key_for_what_a_group_has_ends_with_the_grant_and_with_the_membership() {
    let (kit, entropy) = (Kit::new().await, entropy());
    let id = RowId::generate(at(1), &entropy);
    let group = PersonGroupRow {
        id: id.clone(),
        name: "team".to_owned(),
        name_key: "team".to_owned(),
        name_look: "team".to_owned(),
        created_at: at(1),
        created_by: None,
    };
    kit.ledger.insert_person_group(&group).await.expect("a group");
    let grant = GrantRow {
        id: RowId::generate(at(2), &entropy),
        subject: GrantSubject::Group(id.clone()),
        ends_at: Some(at(100)),
        ..kit.grant.clone()
    };
    kit.ledger.insert_grant(&grant).await.expect("given");
    let key = PersonKeyRow { grant: grant.id.clone(), ..kit.key('G') };
    assert!(kit.insert(&key, 9).await);
    assert_eq!(kit.opens(&key, 50).await, Err(PersonKeyRefusal::GrantGone), "not in the group");
    let (uid, added_at) = (kit.uid.clone(), at(3));
    let (group, added_by, issuer) = (id.clone(), None, None);
    let member = MembershipRow { group, uid, added_at, added_by, issuer };
    assert!(kit.ledger.add_member(&member).await.expect("put in"));
    assert_eq!(kit.opens(&key, 99).await, Ok(format!("home/{}/", kit.uid)));
    assert_eq!(kit.opens(&key, 100).await, Err(PersonKeyRefusal::GrantEnded));
    kit.ledger.remove_member(&id, &kit.uid, at(50)).await.expect("taken out");
    assert_eq!(kit.opens(&key, 51).await, Err(PersonKeyRefusal::GrantGone));
}
