//! What the ledger promises to whoever weighs a change of access: one moment, and that moment or nothing.

use wh_names::RoleName;

use super::{House, at, keep};
use crate::*;

impl House {
    async fn revision(&self) -> AccessRevision {
        self.ledger.access_rows().await.expect("read").revision
    }

    /// Whether a grant is still given by whoever weighed it at this revision.
    async fn gives_at(&self, revision: AccessRevision, to: &PersonRow) -> bool {
        let grant = self.grant(GrantSubject::Person(to.uid.clone()));
        match self.ledger.weighed_at(revision).insert_grant(&grant).await {
            Ok(()) => true,
            Err(LedgerError::AccessChanged) => false,
            Err(error) => panic!("{error:?}"),
        }
    }

    fn team(&self, name: &str) -> PersonGroupRow {
        PersonGroupRow {
            id: RowId::generate(at(0), &self.entropy),
            name: name.to_owned(),
            name_key: name.to_owned(),
            name_look: name.to_owned(),
            created_at: at(0),
            created_by: None,
        }
    }
}

fn saved(number: u32) -> PolicyVersion {
    PolicyVersion {
        role: RoleName::parse("RegularUserRole").expect("a role"),
        number,
        document: Some("{}".to_owned()),
        note: String::new(),
        author: wh_names::Uid::parse("01arz3ndektsv4rrffq69g5fav").expect("a uid"),
        saved_at: at(0),
    }
}

#[tokio::test]
async fn whatever_a_weighing_reads_makes_it_stale_when_it_changes() {
    for house in House::of_each_engine().await {
        let (ada, bob) = (house.person("ada").await, house.person("bob").await);
        // Another node's, as far as there are several.
        let other = house.other_node().await;
        let team = house.team("team");
        let member = MembershipRow {
            group: team.id.clone(),
            uid: bob.uid.clone(),
            added_at: at(1),
            added_by: None,
            issuer: None,
        };
        let holding = keep(&house.grant(GrantSubject::Everyone));
        let given = house.grant(GrantSubject::Group(team.id.clone()));
        let mut revision = house.revision().await;
        assert!(house.gives_at(revision, &ada).await, "nothing has changed");
        let mut changes = 0;
        // A macro would hide which of them it was.
        let mut stale = async |what: &str| {
            assert!(!house.gives_at(revision, &ada).await, "{what} is not seen");
            revision = house.revision().await;
            changes += 1;
        };
        stale("a grant").await;
        other.insert_person_group(&team).await.expect("made");
        stale("a group").await;
        other.insert_grant(&given).await.expect("given");
        stale("a grant to a group").await;
        other.add_member(&member).await.expect("in");
        stale("who is in a group").await;
        other.remove_member(&team.id, &bob.uid, at(2)).await.expect("out");
        stale("who is out of a group").await;
        other.delete_grant(&given.id, at(3), &holding).await.expect("taken");
        stale("a grant taken away").await;
        other.delete_person_group(&team.id, at(3)).await.expect("deleted");
        stale("a group deleted").await;
        other.disable_person(&bob.uid, at(4), &holding).await.expect("out");
        stale("somebody shut out").await;
        other.enable_person(&bob.uid, at(5)).await.expect("back");
        stale("somebody let back").await;
        assert!(other.add_policy_version(&saved(1)).await.expect("saved"));
        stale("saved permissions").await;
        other.delete_person(&bob.uid, at(6), &holding).await.expect("deleted");
        stale("somebody deleted").await;
        house.person("carol").await;
        stale("somebody new").await;
        assert_eq!(changes, 12);
        let rows = house.ledger.access_rows().await.expect("read");
        assert_eq!((rows.persons.len(), rows.policy_versions), (2, 1));
        assert_eq!(rows.able.len(), 2);
    }
}

#[tokio::test]
async fn what_changes_nobodys_access_makes_nothing_stale() {
    for house in House::of_each_engine().await {
        let ada = house.person("ada").await;
        let revision = house.revision().await;
        house.session(&ada).await;
        let stronger = PasswordPhc::from_phc("$argon2id$two");
        let done = house.ledger.rehash_password(&ada.uid, &ada.password_phc, &stronger).await;
        assert!(done.expect("written"));
        house.ledger.put_settings(&[("homes", "on")]).await.expect("written");
        assert!(house.gives_at(revision, &ada).await);
    }
}

/// What is written of bob, who is active and has a grant, and whether his access changes by it.
const WRITTEN: [(&str, bool); 20] = [
    ("UPDATE persons SET name = 'Robert' WHERE name_key = 'bob'", true),
    ("UPDATE persons SET email = 'robert@example.org' WHERE name_key = 'bob'", false),
    // He has a password, too.
    (PASSKEY, false),
    ("UPDATE persons SET password_phc = 'none' WHERE name_key = 'bob'", true),
    ("UPDATE passkeys SET name = 'another' WHERE id = 'one'", false),
    ("DELETE FROM passkeys WHERE id = 'one'", true),
    (PASSKEY, true),
    (
        "INSERT INTO identities (issuer, subject, id, uid, provider, linked_at)
         SELECT 'https://id.example.org', '1', 'two', uid, 'main', 1 FROM persons
         WHERE name_key = 'bob'",
        true,
    ),
    ("DELETE FROM identities WHERE id = 'two'", true),
    ("UPDATE persons SET provider_factor_at = 1 WHERE name_key = 'bob'", true),
    ("UPDATE persons SET provider_factor_at = 2 WHERE name_key = 'bob'", false),
    ("UPDATE grants SET title = 'All' WHERE title = 'nothing has it'", false),
    ("DELETE FROM person_groups WHERE id = 'none'", false),
    ("DELETE FROM policy_versions WHERE number = 99", false),
    ("UPDATE persons SET status = 'disabled' WHERE name_key = 'bob'", true),
    ("UPDATE persons SET name = 'Bobby' WHERE name_key = 'bob'", false),
    ("DELETE FROM passkeys WHERE id = 'one'", false),
    ("UPDATE persons SET status = 'pending' WHERE name_key = 'bob'", false),
    ("DELETE FROM grants WHERE uid = (SELECT uid FROM persons WHERE name_key = 'bob')", false),
    ("DELETE FROM persons WHERE name_key = 'bob'", false),
];

const PASSKEY: &str = "INSERT INTO passkeys (id, uid, name, credential, created_at)
    SELECT 'one', uid, 'a key', '{}', 1 FROM persons WHERE name_key = 'bob'";

#[tokio::test]
async fn each_trigger_raises_the_revision_where_access_changes_and_only_there() {
    for house in House::of_each_engine().await {
        let bob = house.person("bob").await;
        let grant = house.grant(GrantSubject::Person(bob.uid.clone()));
        house.ledger.insert_grant(&grant).await.expect("given");
        for (sql, expected) in WRITTEN {
            let before = house.revision().await;
            let done = sql::query(sql).execute(house.ledger.writer()).await;
            done.unwrap_or_else(|error| panic!("{sql}: {error}"));
            assert_eq!(house.revision().await != before, expected, "{sql}");
        }
    }
}

#[tokio::test]
async fn strangers_who_register_make_nothing_stale_until_they_are_let_in() {
    for house in House::of_each_engine().await {
        house.person("ada").await;
        let before = house.revision().await;
        let stranger = PersonRow {
            uid: wh_names::Uid::generate(at(1), &house.entropy),
            name: "eve".to_owned(),
            name_key: "eve".to_owned(),
            name_look: "eve".to_owned(),
            email: None,
            email_key: None,
            email_checked_at: None,
            password_phc: PasswordPhc::from_phc("$argon2id$one"),
            status: PersonStatus::Pending,
            created_at: at(1),
            approved_at: None,
        };
        let own = house.grant(GrantSubject::Person(stranger.uid.clone()));
        house.ledger.insert_person(&stranger, &[own]).await.expect("registered");
        assert_eq!(house.revision().await, before);
        assert!(house.ledger.activate_person(&stranger.uid, &[], at(2)).await.expect("let in"));
        assert_ne!(house.revision().await, before);
    }
}

async fn given(node: Ledger, grant: &GrantRow) -> Result<(), LedgerError> {
    node.insert_grant(grant).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_those_who_weighed_the_same_moment_one_gives() {
    for house in House::of_each_engine().await {
        let ada = house.person("ada").await;
        let (one, two) = (house.ledger.clone(), house.other_node().await);
        for round in 0..super::rounds() {
            let revision = house.revision().await;
            let grants: Vec<GrantRow> =
                (0..8).map(|_| house.grant(GrantSubject::Person(ada.uid.clone()))).collect();
            let nodes = [&one, &two].into_iter().cycle().map(|node| node.weighed_at(revision));
            let tries = nodes.zip(&grants).map(|(node, grant)| given(node, grant));
            let tries = futures::future::join_all(tries).await;
            let refused =
                |done: &&Result<(), LedgerError>| matches!(done, Err(LedgerError::AccessChanged));
            assert_eq!(tries.iter().filter(|done| done.is_ok()).count(), 1, "round {round}");
            assert_eq!(tries.iter().filter(refused).count(), 7, "round {round}");
        }
    }
}

/// A group comes with a grant, and goes.
async fn come_and_go(house: &House, writer: &Ledger) {
    for _ in 0..20 {
        let team = house.team("team");
        writer.insert_person_group(&team).await.expect("made");
        let grant = house.grant(GrantSubject::Group(team.id.clone()));
        writer.insert_grant(&grant).await.expect("given");
        writer.delete_person_group(&team.id, at(1)).await.expect("deleted");
    }
}

/// No grant is seen whose group is not.
async fn look(reader: &Ledger) {
    for _ in 0..60 {
        let rows = reader.access_rows().await.expect("read");
        let groups: Vec<&RowId> = rows.groups.iter().map(|group| &group.id).collect();
        let lost = rows.grants.iter().filter_map(|grant| grant.subject.group());
        let lost: Vec<&RowId> = lost.filter(|id| !groups.contains(id)).collect();
        assert_eq!(lost, Vec::<&RowId>::new(), "a grant of a group that is not there");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn all_of_it_is_read_at_one_moment() {
    for house in House::of_each_engine().await {
        let ada = house.person("ada").await;
        let (reader, writer) = (house.ledger.clone(), house.other_node().await);
        let holding = keep(&house.grant(GrantSubject::Everyone));
        // In each of these moments either the group is there with its grant, or neither is.
        tokio::join!(come_and_go(&house, &writer), look(&reader));
        let keeps = house.ledger.disable_person(&ada.uid, at(9), &holding).await.expect("out");
        assert_eq!(keeps, PersonChange::Done);
        assert!(house.ledger.access_rows().await.expect("read").able.is_empty());
    }
}
