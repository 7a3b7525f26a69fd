//! What the ledger promises about identities, on each engine.

use futures::future::join_all;
use wh_names::{Secret, Uid};

use super::second_factors::record;
use super::{House, at};
use crate::*;

/// How many take one answer at the same moment.
const TAKERS: usize = 50;

const ISSUER: &str = "https://id.example.org";

impl House {
    fn identity(&self, uid: &Uid, subject: &str) -> IdentityRow {
        IdentityRow {
            id: RowId::generate(at(1), &self.entropy),
            issuer: ISSUER.to_owned(),
            subject: subject.to_owned(),
            uid: uid.clone(),
            provider: "main".to_owned(),
            label: None,
            linked_at: at(1),
            used_at: None,
            added: true,
        }
    }

    async fn named_group(&self, name: &str) -> RowId {
        let row = PersonGroupRow {
            id: RowId::generate(at(1), &self.entropy),
            name: name.to_owned(),
            name_key: name.to_owned(),
            name_look: name.to_owned(),
            created_at: at(1),
            created_by: None,
        };
        self.ledger.insert_person_group(&row).await.expect("made");
        row.id
    }

    /// Enters with a session; the groups that changed, or nothing where it was refused.
    async fn enter(&self, identity: &IdentityRow, groups: &[RowId]) -> Option<GroupsChanged> {
        let session =
            SessionRow { proved_by: ProofKind::Provider, ..self.draw_session(&identity.uid) };
        let vouched = Vouched { identity, label: Some("ada@there"), groups };
        let change = record(50, "FollowProviderGroups");
        let entry = IdentityEntry::Session(&session);
        let entered = self.ledger.enter_by_identity(vouched, entry, &change).await;
        let entered = entered.expect("an answer");
        let begun = self.ledger.session(&session.digest).await.expect("read");
        assert_eq!(begun.is_some(), entered.is_some(), "a session begins with it or not at all");
        if let Some(begun) = begun {
            assert_eq!(begun.proved_by, ProofKind::Provider);
        }
        entered
    }
}

#[tokio::test]
async fn an_issuer_and_its_subject_are_one_persons_and_a_newcomer_is_whole_or_not_at_all() {
    for house in House::of_each_engine().await {
        let (alice, bob) = (house.person("alice").await, house.person("bob").await);
        let (first, change) = (house.identity(&alice.uid, "1"), record(40, "LinkIdentity"));
        let link = async |row: IdentityRow, max| {
            house.ledger.link_identity(&row, max, &change).await.expect("an answer")
        };
        assert_eq!(link(first.clone(), 2).await, IdentityLinked::Done);
        assert_eq!(link(house.identity(&bob.uid, "1"), 2).await, IdentityLinked::Taken);
        assert_eq!(link(house.identity(&alice.uid, "2"), 2).await, IdentityLinked::Done);
        assert_eq!(link(house.identity(&alice.uid, "3"), 2).await, IdentityLinked::Full);
        let found = house.ledger.identity(ISSUER, "1").await.expect("read").expect("alice");
        assert_eq!(found, first);
        assert_eq!(house.ledger.identity("https://other.example", "1").await.expect("read"), None);
        assert_eq!(house.ledger.identities().await.expect("read").len(), 2);
        // A newcomer with an identity that is taken is nobody.
        let (mut carol, mut grants) = (house.person("carol").await, Vec::new());
        carol.uid = Uid::generate(at(9), &house.entropy);
        for part in [&mut carol.name, &mut carol.name_key, &mut carol.name_look] {
            part.push('2');
        }
        grants.clear();
        let taken = house.identity(&carol.uid, "1");
        let new = (&carol, grants.as_slice());
        let error = house.ledger.insert_person_with_identity(new, &taken, &change).await;
        assert!(matches!(error, Err(LedgerError::Conflict { what: "identity" })), "{error:?}");
        assert_eq!(house.ledger.person(&carol.uid).await.expect("read"), None);
        let own = house.identity(&carol.uid, "4");
        house.ledger.insert_person_with_identity(new, &own, &change).await.expect("inserted");
        let rows = house.ledger.identities_of(&carol.uid).await.expect("read");
        assert_eq!(rows, [own]);
    }
}

#[tokio::test]
async fn entering_gives_and_takes_the_groups_of_the_issuer_alone() {
    for house in House::of_each_engine().await {
        let ada = house.person("ada").await;
        let identity = house.identity(&ada.uid, "1");
        let change = record(40, "LinkIdentity");
        house.ledger.link_identity(&identity, 9, &change).await.expect("linked");
        let (given, own) = (house.named_group("given").await, house.named_group("own").await);
        let member = MembershipRow {
            group: own.clone(),
            uid: ada.uid.clone(),
            added_at: at(2),
            added_by: None,
            issuer: None,
        };
        assert!(house.ledger.add_member(&member).await.expect("put in"));
        let gone = RowId::generate(at(3), &house.entropy);
        let wanted = [given.clone(), own.clone(), gone];
        let changed = house.enter(&identity, &wanted).await.expect("entered");
        assert_eq!((changed.added, changed.removed), (vec![given.clone()], vec![]));
        let issued = at(50);
        let changed = house.enter(&identity, &[]).await.expect("entered");
        assert_eq!((changed.added, changed.removed), (vec![], vec![given.clone()]));
        assert!(house.ledger.revoked(&ada.uid, issued), "what was issued to them by it");
        // What somebody gives by hand is theirs to take.
        assert!(house.enter(&identity, std::slice::from_ref(&given)).await.is_some());
        let by_hand = MembershipRow { group: given.clone(), ..member.clone() };
        assert!(house.ledger.add_member(&by_hand).await.expect("put in"));
        assert!(!house.ledger.add_member(&by_hand).await.expect("in it already"));
        let changed = house.enter(&identity, &[]).await.expect("entered");
        assert_eq!(changed, GroupsChanged::default());
        let known = house.ledger.identity(ISSUER, "1").await.expect("read").expect("known");
        assert_eq!((known.used_at, known.label.as_deref()), (Some(at(50)), Some("ada@there")));
    }
}

#[tokio::test]
async fn nobody_enters_who_is_shut_out_unlinked_or_has_a_second_factor() {
    for house in House::of_each_engine().await {
        let (ada, bob) = (house.person("ada").await, house.person("bob").await);
        let change = record(40, "LinkIdentity");
        let identity = house.identity(&ada.uid, "1");
        assert!(house.enter(&identity, &[]).await.is_none(), "never linked");
        house.ledger.link_identity(&identity, 9, &change).await.expect("linked");
        assert!(house.enter(&identity, &[]).await.is_some());
        let others = IdentityRow { uid: bob.uid.clone(), ..identity.clone() };
        assert!(house.enter(&others, &[]).await.is_none(), "it is somebody else's");
        let session = house.session(&ada).await;
        house.keep(&session, "key").await;
        assert!(house.enter(&identity, &[]).await.is_none(), "a second factor is asked");
        let strong =
            SessionRow { proved_by: ProofKind::ProviderFactor, ..house.draw_session(&ada.uid) };
        let vouched = Vouched { identity: &identity, label: None, groups: &[] };
        let entry = IdentityEntry::Session(&strong);
        let entered = house.ledger.enter_by_identity(vouched, entry, &change).await;
        assert!(entered.expect("an answer").is_some(), "unless the provider's counts");
    }
}

#[tokio::test]
async fn the_last_way_in_is_not_taken_by_ones_own_hand() {
    for house in House::of_each_engine().await {
        let mut ada = house.person("ada").await;
        let (change, none) = (record(40, "UnlinkIdentity"), PasswordPhc::none());
        let identity = house.identity(&ada.uid, "1");
        house.ledger.link_identity(&identity, 9, &change).await.expect("linked");
        let session = house.session(&ada).await;
        let old = std::mem::replace(&mut ada.password_phc, none.clone());
        assert!(house.ledger.rehash_password(&ada.uid, &old, &none).await.expect("no password"));
        let issuers = [ISSUER.to_owned()];
        let kept = (&session.digest, issuers.as_slice());
        let unlink = async |row: IdentityRow| {
            let which = (&row.uid, &row.id);
            house.ledger.remove_identity(which, kept, &change).await.expect("an answer")
        };
        assert_eq!(unlink(identity.clone()).await, WayTaken::Last);
        assert!(house.ledger.identity(ISSUER, "1").await.expect("read").is_some());
        // An issuer that nobody can sign in by any more is no way.
        let lost = IdentityRow {
            issuer: "https://gone.example".to_owned(),
            ..house.identity(&ada.uid, "1")
        };
        house.ledger.link_identity(&lost, 9, &change).await.expect("linked");
        assert_eq!(unlink(identity.clone()).await, WayTaken::Last);
        house.keep(&session, "key").await;
        assert_eq!(unlink(lost.clone()).await, WayTaken::Done);
        assert_eq!(unlink(lost).await, WayTaken::Absent);
        let nowhere = (&session.digest, [].as_slice());
        let removed = house.ledger.remove_passkey((&ada.uid, "key"), nowhere, &change).await;
        assert_eq!(removed.expect("an answer"), WayTaken::Last, "no provider is configured");
        let removed = house.ledger.remove_passkey((&ada.uid, "key"), kept, &change).await;
        assert_eq!(removed.expect("an answer"), WayTaken::Done);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_who_take_one_answer_at_once_exactly_one_gets_it() {
    for house in House::of_each_engine().await {
        let holder = Secret::random(&house.entropy).digest();
        let row = CeremonyRow {
            holder,
            kind: CeremonyKind::Provider,
            uid: None,
            ip: String::new(),
            state: "{}".to_owned(),
            expires_at: at(100),
        };
        house.ledger.begin_ceremony(&row).await.expect("begun");
        let key = (&holder, CeremonyKind::Provider);
        let late = house.ledger.take_ceremony(key, at(100)).await.expect("an answer");
        assert_eq!(late, None, "too late");
        let wrong = (&holder, CeremonyKind::SignIn);
        assert_eq!(house.ledger.take_ceremony(wrong, at(50)).await.expect("an answer"), None);
        let all = join_all((0..TAKERS).map(|_| house.ledger.take_ceremony(key, at(50)))).await;
        let taken = all.into_iter().filter(|one| one.as_ref().expect("an answer").is_some());
        assert_eq!(taken.count(), 1);
    }
}
