//! Where a file request is said to write agrees with asking for each key, by the grant of whoever made it and by the
//! role of drop boxes: it is never said to write nowhere where it does.

use std::sync::Arc;

use wh_ledger::{FileRequestRow, PersonStatus};
use wh_names::SecretDigest;
use wh_policy::extent::{Aim, Extent, Span};
use wh_policy::{NamedPolicy, PolicyDocument, PolicyKind};

use super::{Asker, Dice, Estate, UIDS, compare, estates, places, row_id, texts, uid};
use crate::CountingRequest;
use crate::reach::{ReachPlace, WhoQuestion, who_reaches};

const PATHS: [&str; 4] = ["", "a/", "q/", "home/"];

/// Of somebody who holds the grant, most times.
fn request(number: usize, dice: &mut Dice, estate: &Estate) -> CountingRequest {
    let grant = row_id(dice.below(6));
    let granted = estate.census.grants.iter().find(|one| one.id == grant);
    let holder = granted.and_then(|one| one.subject.uid()).filter(|_| dice.below(8) > 0);
    let row = FileRequestRow {
        id: row_id(2_000 + number),
        uid: holder.cloned().unwrap_or_else(|| uid(dice.pick(&UIDS))),
        digest: SecretDigest::from_bytes([0; 32]),
        grant_id: grant,
        path: dice.pick(&PATHS).to_owned(),
        title: "Receipts".to_owned(),
        message: String::new(),
        password: None,
        wrong_tries: 0,
        asks_email: false,
        kinds: Vec::new(),
        file_bytes_max: 1,
        bytes_max: 1,
        files_max: 1,
        sender_files_max: 1,
        created_at: super::at(),
        expires_at: None,
        token_id: None,
        revoked_at: None,
        bytes: 0,
        files: 0,
        arrived: 0,
        arrived_at: None,
        senders: 0,
    };
    CountingRequest { row, ends: None }
}

/// Which keys of a place somebody may write who sends by a request.
fn written(estate: &Estate, row: &FileRequestRow, place: &ReachPlace) -> Vec<bool> {
    let person = estate.census.persons.iter().find(|one| one.uid == row.uid).expect("somebody");
    let held = estate.held(person).into_iter().find(|grant| grant.id == row.grant_id);
    let writes = |text: &String| {
        let Some(grant) = held.as_ref().filter(|_| person.status == PersonStatus::Active) else {
            return false;
        };
        let key = format!("{}{}", grant.prefix, row.path);
        let sent = text.strip_prefix(&key).map(|rest| rest.split('/').collect::<Vec<_>>());
        let of_sender = sent.is_some_and(|sent| sent.len() == 2 && !sent.contains(&""));
        let name = place.bucket.as_str();
        let allows = |role| {
            let asker = Asker { role: Some(role), grant: Some((grant, &row.uid)) };
            estate.allows(&asker, ("s3:PutObject", Aim::Objects), (name, text))
        };
        of_sender
            && grant.bucket == place.bucket
            && allows(&grant.role)
            && allows(&estate.drop_role)
    };
    texts(Aim::Objects, &place.span).iter().map(writes).collect()
}

/// Compares what is told of each request at a place; how often, and how many took files.
fn compare_requests(estate: &Estate, place: &ReachPlace) -> (usize, usize) {
    let question =
        WhoQuestion { place: place.clone(), named: String::new(), from: 0, persons_max: 1 };
    let who = who_reaches(&estate.laws(), &estate.census, &question);
    assert!(who.requests.len() <= who.requests_total);
    let (mut compared, mut open) = (0, 0);
    for CountingRequest { row, .. } in &estate.census.requests {
        let written = written(estate, row, place);
        let about = format!("{} to {} at {}", row.id, row.path, place.text());
        let told = who.requests.iter().find(|one| one.id == row.id);
        let told = told.map_or(Extent::Nowhere, |one| one.extent);
        open += usize::from(written.contains(&true));
        compared += match place.span {
            Span::Key(_) => compare(told, &written, &about),
            // Parts of two roles may have nothing in common, and keys of no sender are asked for as well.
            Span::Under(_) => {
                let nowhere = matches!(told, Extent::Nowhere | Extent::Conditionally);
                assert!(!(nowhere && written.contains(&true)), "{told:?}? {about}: {written:?}");
                written.len()
            }
        };
    }
    (compared, open)
}

#[test]
fn where_requests_are_said_to_write_agrees_with_asking_for_each_key() {
    let (mut compared, mut open) = (0, 0);
    for seed in 0..estates() * 4 {
        let mut estate = Estate::random(seed);
        let mut dice = Dice(seed + 99);
        // Of two random roles hardly ever both allow something.
        if dice.below(4) > 0 {
            let all = r#"{"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}"#;
            let document = Arc::new(PolicyDocument::read_stored(all, PolicyKind::Identity));
            let permissions = vec![NamedPolicy { name: "all".to_owned(), document }];
            let writer = Arc::new(super::role("R2", permissions, None));
            estate.roles.insert(estate.drop_role.clone(), writer);
        }
        let requests = (0..30).map(|number| request(number, &mut dice, &estate));
        estate.census.requests = requests.collect();
        for place in places() {
            let (more, opening) = compare_requests(&estate, &place);
            (compared, open) = (compared + more, open + opening);
        }
    }
    eprintln!("{compared} comparisons, {open} times something was taken");
    assert!(compared > 20_000 && open > 40, "{compared}, {open}");
}
