//! Groups, and grants that are given to them or end.

use jiff::SignedDuration;
use wh_ledger::{GrantSubject, RowId};
use wh_names::{KeyPrefix, RoleName};

use super::administration::refusal;
use crate::tests::{House, rights};
use crate::{GrantForm, ProvenAdministrator, Via};

fn form(subject: GrantSubject, role: &str, prefix: &str) -> GrantForm {
    GrantForm {
        bucket: None,
        subject,
        role: RoleName::parse(role).expect("a role"),
        prefix: KeyPrefix::parse(prefix).expect("a prefix"),
        title: "Files".to_owned(),
        ends_at: None,
    }
}

async fn group(house: &House, root: &ProvenAdministrator, name: &str) -> RowId {
    house.people.make_group(root, name).await.expect("made").id
}

#[tokio::test]
async fn who_is_in_a_group_has_what_it_has_and_who_leaves_it_has_it_no_more() {
    let (house, root) = House::open().await;
    let (ada, bob) = (house.somebody("ada").await.person, house.somebody("bob").await.person);
    let team = group(&house, &root, "team").await;
    let subject = GrantSubject::Group(team.clone());
    let given = house.people.add_grant(&root, form(subject, "S3AccessRole", "team/${uid}/"));
    let given = given.await.expect("given");
    assert_eq!(given.subject_name.as_deref(), Some("team"));
    assert_eq!(given.given_by.and_then(|by| by.name).as_deref(), Some("root"));
    house.people.add_member(&root, team.as_str(), ada.uid()).await.expect("put in");

    let of_the_team = format!("S3AccessRole team/{}/", ada.uid());
    let held = house.people.grants_for(&ada).await.expect("grants");
    assert!(rights(&held).contains(&of_the_team), "with their own uid in it");
    let held = house.people.grants_for(&bob).await.expect("grants");
    assert!(!rights(&held).iter().any(|right| right.contains("team/")));
    let administrator = root.administrator();
    let seen = house.people.effective_locations(administrator, ada.uid()).await.expect("held");
    let by = Via::Group { id: team.clone(), name: "team".to_owned() };
    for held in &seen {
        let own = !held.grant.prefix.as_str().starts_with("team/");
        assert_eq!(held.via, if own { Via::Own } else { by.clone() });
    }
    assert_eq!(seen.len(), 3);

    house.people.remove_member(&root, team.as_str(), ada.uid()).await.expect("taken out");
    assert!(house.ledger.revoked(ada.uid(), house.now()), "what was issued by it counts no more");
    let held = house.people.grants_for(&ada).await.expect("grants");
    assert!(!rights(&held).contains(&of_the_team));
    let out = house.people.remove_member(&root, team.as_str(), ada.uid()).await;
    assert_eq!(refusal(out), "not-a-member");
}

#[tokio::test]
async fn a_group_that_is_deleted_takes_its_grants_with_it() {
    let (house, root) = House::open().await;
    let ada = house.somebody("ada").await.person;
    let team = group(&house, &root, "team").await;
    house.people.add_member(&root, team.as_str(), ada.uid()).await.expect("put in");
    let given = form(GrantSubject::Group(team.clone()), "S3AccessRole", "team/");
    house.people.add_grant(&root, given).await.expect("given");
    assert_eq!(house.people.grants_for(&ada).await.expect("grants").len(), 3);
    let (gone, inside) = house.people.delete_group(&root, team.as_str()).await.expect("deleted");
    assert_eq!((gone.id, inside), (team.clone(), vec![ada.uid().clone()]));
    assert_eq!(house.people.grants_for(&ada).await.expect("grants").len(), 2);
    assert!(house.ledger.revoked(ada.uid(), house.now()));
    for id in [team.as_str(), "", "../x"] {
        assert_eq!(refusal(house.people.delete_group(&root, id).await), "no-such-group");
        assert_eq!(refusal(house.people.rename_group(&root, id, "crew").await), "no-such-group");
        assert_eq!(refusal(house.people.add_member(&root, id, ada.uid()).await), "no-such-group");
    }
}

#[tokio::test]
async fn no_two_groups_are_called_alike() {
    let (house, root) = House::open().await;
    group(&house, &root, "Ops team").await;
    let crew = group(&house, &root, "crew").await;
    for alike in ["ops team", "OPS TEAM", "0ps team", " ops team ", "ｏｐｓ team"] {
        let made = house.people.make_group(&root, alike).await;
        assert_eq!(refusal(made), "name-taken", "{alike}");
        let renamed = house.people.rename_group(&root, crew.as_str(), alike).await;
        assert_eq!(refusal(renamed), "name-taken", "{alike}");
    }
    // Cyrillic letters among Latin ones.
    assert_eq!(refusal(house.people.make_group(&root, "\u{0441}rew").await), "name-invalid");
    let (before, now) =
        house.people.rename_group(&root, crew.as_str(), "Crew").await.expect("renamed");
    assert_eq!((before.name.as_str(), now.name.as_str()), ("crew", "Crew"));
    let groups = house.people.list_groups(root.administrator()).await.expect("groups");
    let names: Vec<&str> = groups.iter().map(|group| group.name.as_str()).collect();
    assert_eq!(names, ["Crew", "Ops team"]);
}

#[tokio::test]
async fn a_grant_ends_by_itself() {
    let (house, root) = House::open().await;
    let ada = house.somebody("ada").await.person;
    let ends = house.now() + SignedDuration::from_secs(60);
    let subject = GrantSubject::Person(ada.uid().clone());
    let given = GrantForm { ends_at: Some(ends), ..form(subject, "UploadRole", "inbox/") };
    house.people.add_grant(&root, given).await.expect("given");
    assert_eq!(house.people.grants_for(&ada).await.expect("grants").len(), 3);
    house.pass(SignedDuration::from_secs(61));
    assert_eq!(house.people.grants_for(&ada).await.expect("grants").len(), 2);
    let all = house.people.all_grants(root.administrator()).await.expect("grants");
    let ended: Vec<&str> =
        all.iter().filter(|g| !g.counts).map(|g| g.grant.prefix.as_str()).collect();
    assert_eq!(ended, ["inbox/"], "administrators see that it has");
}

#[tokio::test]
async fn administration_is_given_by_name_and_for_good() {
    let (house, root) = House::open().await;
    let ada = house.somebody("ada").await;
    let team = group(&house, &root, "team").await;
    house.people.add_member(&root, team.as_str(), ada.person.uid()).await.expect("put in");
    let later = Some(house.now() + SignedDuration::from_hours(1));
    let to_group = form(GrantSubject::Group(team), "AdminRole", "");
    assert_eq!(refusal(house.people.add_grant(&root, to_group).await), "grant-too-wide");
    let to_ada = form(GrantSubject::Person(ada.person.uid().clone()), "AdminRole", "");
    let ending = GrantForm { ends_at: later, ..to_ada };
    let refused = house.people.add_grant(&root, ending).await;
    assert_eq!(refusal(refused), "administrator-grant-ends");
    let person = house.people.recognise(&ada.token).await.expect("ada");
    assert!(!person.is_administrator());

    let subject = GrantSubject::Person(ada.person.uid().clone());
    for ends_at in [house.now(), house.now() - SignedDuration::from_secs(1)] {
        let past = form(subject.clone(), "UploadRole", "inbox/");
        let past = GrantForm { ends_at: Some(ends_at), ..past };
        assert_eq!(refusal(house.people.add_grant(&root, past).await), "grant-end-past");
    }
    let nobody = RowId::generate(house.now(), &super::entropy());
    let to_nobody = form(GrantSubject::Group(nobody), "UploadRole", "inbox/");
    assert_eq!(refusal(house.people.add_grant(&root, to_nobody).await), "no-such-group");
}
