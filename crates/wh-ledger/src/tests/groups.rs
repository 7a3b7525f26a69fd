//! Groups of persons, and grants that are given to them or end.

use jiff::Timestamp;
use wh_names::Uid;

use super::{House, at, keep};
use crate::*;

impl House {
    async fn group(&self, name: &str) -> PersonGroupRow {
        let row = PersonGroupRow {
            id: RowId::generate(at(0), &self.entropy),
            name: name.to_owned(),
            name_key: name.to_lowercase(),
            name_look: name.to_lowercase(),
            created_at: at(0),
            created_by: None,
        };
        self.ledger.insert_person_group(&row).await.expect("made");
        row
    }

    async fn put(&self, group: &PersonGroupRow, uid: &Uid) -> bool {
        let member = MembershipRow {
            group: group.id.clone(),
            uid: uid.clone(),
            added_at: at(1),
            added_by: None,
            issuer: None,
        };
        self.ledger.add_member(&member).await.expect("put in")
    }

    async fn held(&self, uid: &Uid, now: Timestamp) -> Vec<RowId> {
        let grants = self.ledger.grants_for(uid, now).await.expect("read");
        grants.into_iter().map(|grant| grant.id).collect()
    }
}

#[tokio::test]
async fn what_is_granted_to_a_group_counts_for_whoever_is_in_it_and_nobody_else() {
    for house in House::of_each_engine().await {
        let (ada, bob) = (house.person("ada").await, house.person("bob").await);
        let (team, other) = (house.group("team").await, house.group("other").await);
        let grant = house.grant(GrantSubject::Group(team.id.clone()));
        house.ledger.insert_grant(&grant).await.expect("given");
        let all = house.ledger.grants().await.expect("read");
        assert_eq!(all, std::slice::from_ref(&grant), "as it was given");
        assert!(house.put(&team, &ada.uid).await);
        assert!(!house.put(&team, &ada.uid).await, "once is enough");
        assert!(house.put(&other, &bob.uid).await);
        assert_eq!(house.held(&ada.uid, at(2)).await, std::slice::from_ref(&grant.id));
        assert_eq!(house.held(&bob.uid, at(2)).await, [], "a group's is not everyone's");
        assert_eq!(house.ledger.grants_of(&ada.uid).await.expect("read"), [], "not by name");
        let groups = house.ledger.person_groups_of(&ada.uid).await.expect("read");
        assert_eq!(groups, [team]);
    }
}

#[tokio::test]
async fn who_leaves_a_group_loses_what_was_issued_until_then() {
    for house in House::of_each_engine().await {
        let (ada, bob) = (house.person("ada").await, house.person("bob").await);
        let team = house.group("team").await;
        house.put(&team, &ada.uid).await;
        house.put(&team, &bob.uid).await;
        assert!(house.ledger.remove_member(&team.id, &ada.uid, at(10)).await.expect("out"));
        assert!(!house.ledger.remove_member(&team.id, &ada.uid, at(11)).await.expect("out before"));
        assert!(house.ledger.revoked(&ada.uid, at(10)));
        assert!(!house.ledger.revoked(&ada.uid, at(11)));
        assert!(!house.ledger.revoked(&bob.uid, at(0)), "who stays keeps what they have");
        let gone = house.ledger.delete_person_group(&team.id, at(20)).await.expect("deleted");
        assert_eq!(gone, Some((team.clone(), vec![bob.uid.clone()])));
        assert!(house.ledger.revoked(&bob.uid, at(20)));
        assert_eq!(house.ledger.delete_person_group(&team.id, at(21)).await.expect("gone"), None);
        assert_eq!(house.ledger.memberships().await.expect("read"), []);
    }
}

#[tokio::test]
async fn a_grant_of_a_group_that_is_taken_away_is_taken_from_all_in_it() {
    for house in House::of_each_engine().await {
        let (ada, bob) = (house.person("ada").await, house.person("bob").await);
        let team = house.group("team").await;
        house.put(&team, &ada.uid).await;
        let grant = house.grant(GrantSubject::Group(team.id.clone()));
        house.ledger.insert_grant(&grant).await.expect("given");
        let done = house.ledger.delete_grant(&grant.id, at(5), &keep(&grant)).await;
        assert_eq!(done.expect("taken away"), GrantChange::Done(grant), "a group is no holder");
        assert!(house.ledger.revoked(&ada.uid, at(5)));
        assert!(!house.ledger.revoked(&bob.uid, at(0)));
    }
}

#[tokio::test]
async fn a_grant_that_ends_counts_until_then_and_makes_no_administrator() {
    for house in House::of_each_engine().await {
        let ada = house.person("ada").await;
        let mut grant = house.grant(GrantSubject::Person(ada.uid.clone()));
        grant.ends_at = Some(at(100));
        house.ledger.insert_grant(&grant).await.expect("given");
        assert_eq!(house.held(&ada.uid, at(99)).await, [grant.id.clone()]);
        assert_eq!(house.held(&ada.uid, at(100)).await, [], "the very moment is over");
        assert_eq!(house.ledger.grants_ever_for(&ada.uid).await.expect("read"), [grant.clone()]);
        assert_eq!(house.ledger.holders(&keep(&grant)).await.expect("read"), []);
        assert!(!keep(&grant).is_given_by(&grant));
    }
}

#[tokio::test]
async fn groups_have_names_of_their_own_and_keep_their_id() {
    for house in House::of_each_engine().await {
        let (team, other) = (house.group("team").await, house.group("other").await);
        let taken = PersonGroupRow {
            id: RowId::generate(at(9), &house.entropy),
            name: "Team".to_owned(),
            ..team.clone()
        };
        let error = house.ledger.insert_person_group(&taken).await.expect_err("a conflict");
        assert_eq!(error.code(), "ledger-conflict");
        let renamed = PersonGroupRow { id: other.id.clone(), ..team.clone() };
        let error = house.ledger.rename_person_group(&renamed).await.expect_err("a conflict");
        assert_eq!(error.code(), "ledger-conflict");
        let renamed = PersonGroupRow {
            name: "crew".to_owned(),
            name_key: "crew".to_owned(),
            name_look: "crew".to_owned(),
            ..team.clone()
        };
        let before = house.ledger.rename_person_group(&renamed).await.expect("renamed");
        assert_eq!(before, Some(team));
        assert_eq!(house.ledger.person_groups().await.expect("read"), [renamed, other]);
        let nobody = Uid::generate(at(9), &house.entropy);
        let lost = MembershipRow {
            group: RowId::generate(at(9), &house.entropy),
            uid: nobody,
            added_at: at(9),
            added_by: None,
            issuer: None,
        };
        let error = house.ledger.add_member(&lost).await.expect_err("neither exists");
        assert_eq!(error.code(), "ledger-conflict");
        let lost = house.grant(GrantSubject::Group(lost.group));
        assert!(house.ledger.insert_grant(&lost).await.is_err(), "to a group that is not");
    }
}

#[tokio::test]
async fn who_is_deleted_is_shut_out_for_ever_also_after_a_start() {
    for mut house in House::of_each_engine().await {
        let (ada, bob) = (house.person("ada").await, house.person("bob").await);
        let grant = house.grant(GrantSubject::Person(bob.uid.clone()));
        house.ledger.insert_grant(&grant).await.expect("given");
        let session = house.session(&ada).await;
        let gone = house.ledger.delete_person(&bob.uid, at(5), &keep(&grant)).await;
        assert_eq!(gone.expect("judged"), PersonChange::LastHolder);
        assert!(house.ledger.person(&bob.uid).await.expect("read").is_some(), "nothing changed");
        let gone = house.ledger.delete_person(&ada.uid, at(5), &keep(&grant)).await;
        assert_eq!(gone.expect("deleted"), PersonChange::Done);
        assert!(house.ledger.session_revoked(&session.sid));
        house.ledger.sweep_revocations(at(500)).await.expect("swept");
        house.reopen().await;
        assert!(house.ledger.revoked(&ada.uid, at(9999)));
        let error = house.ledger.insert_person(&ada, &[]).await.expect_err("never again");
        assert_eq!(error.code(), "ledger-conflict");
        let gone = house.ledger.delete_person(&ada.uid, at(6), &keep(&grant)).await;
        assert_eq!(gone.expect("judged"), PersonChange::Absent);
    }
}
