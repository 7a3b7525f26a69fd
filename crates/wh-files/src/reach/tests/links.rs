//! What shared links are said to open agrees with asking for each key, by the grant of whoever made them.

use wh_ledger::{LinkShowing, PersonStatus, ShareLinkRow};
use wh_names::SecretDigest;
use wh_policy::extent::{Aim, Extent};

use super::{Asker, Dice, Estate, UIDS, compare, estates, keys, places, row_id, texts, uid};
use crate::CountingLink;
use crate::reach::{ReachPlace, WhoLink, WhoQuestion, who_reaches};

const PATHS: [&str; 7] = ["", "x", "q", "a/", "a/x", "q/", "q/x"];

/// Of somebody who holds the grant, most times.
fn link(number: usize, dice: &mut Dice, estate: &Estate) -> CountingLink {
    let grant = row_id(dice.below(6));
    let granted = estate.census.grants.iter().find(|one| one.id == grant);
    let holder = granted.and_then(|one| one.subject.uid()).filter(|_| dice.below(8) > 0);
    let row = ShareLinkRow {
        id: row_id(1_000 + number),
        uid: holder.cloned().unwrap_or_else(|| uid(dice.pick(&UIDS))),
        digest: SecretDigest::from_bytes([0; 32]),
        grant_id: grant,
        path: dice.pick(&PATHS).to_owned(),
        showing: LinkShowing::View,
        note: String::new(),
        password: None,
        wrong_tries: 0,
        created_at: super::at(),
        expires_at: None,
        downloads_max: None,
        downloads: 0,
        used_at: None,
        token_id: None,
        revoked_at: None,
    };
    CountingLink { row, ends: None }
}

/// What a link opens of a place, key by key; nothing where it opens what none of the keys is.
fn opened(estate: &Estate, link: &ShareLinkRow, place: &ReachPlace) -> Option<Vec<bool>> {
    let person = estate.census.persons.iter().find(|row| row.uid == link.uid)?;
    let held = estate.held(person).into_iter().find(|grant| grant.id == link.grant_id);
    let active = person.status == PersonStatus::Active;
    let key = held.as_ref().map(|grant| format!("{}{}", grant.prefix, link.path));
    let folder = link.path.is_empty() || link.path.ends_with('/');
    let within = |text: &str, key: &str| if folder { text.starts_with(key) } else { text == key };
    if let Some(key) = &key
        && !keys().iter().any(|text| within(text, key))
    {
        return None;
    }
    let opens = |text: &String| {
        let (Some(grant), Some(key)) = (&held, &key) else { return false };
        let asker = Asker { role: Some(&grant.role), grant: Some((grant, &link.uid)) };
        let name = place.bucket.as_str();
        active
            && grant.bucket == place.bucket
            && within(text, key)
            && estate.allows(&asker, ("s3:GetObject", Aim::Objects), (name, text))
    };
    Some(texts(Aim::Objects, &place.span).iter().map(opens).collect())
}

fn told(links: &[WhoLink], link: &ShareLinkRow) -> Extent {
    links.iter().find(|one| one.id == link.id).map_or(Extent::Nowhere, |one| one.extent)
}

/// Compares what is told of each link at a place; how often, and how many opened something.
fn compare_links(estate: &Estate, place: &ReachPlace) -> (usize, usize) {
    let question =
        WhoQuestion { place: place.clone(), named: String::new(), from: 0, persons_max: 1 };
    let who = who_reaches(&estate.laws(), &estate.census, &question);
    assert!(who.links.len() <= who.links_total);
    let (mut compared, mut open) = (0, 0);
    for CountingLink { row, .. } in &estate.census.links {
        let Some(opened) = opened(estate, row, place) else { continue };
        let about = format!("{} to {} at {}", row.id, row.path, place.text());
        let told = told(&who.links, row);
        open += usize::from(told.any());
        compared += compare(told, &opened, &about);
    }
    (compared, open)
}

#[test]
fn what_links_are_said_to_open_agrees_with_asking_for_each_key() {
    let (mut compared, mut open) = (0, 0);
    for seed in 0..estates() * 4 {
        let mut estate = Estate::random(seed);
        let mut dice = Dice(seed + 77);
        let links = (0..30).map(|number| link(number, &mut dice, &estate));
        estate.census.links = links.collect();
        for place in places() {
            let (more, opening) = compare_links(&estate, &place);
            (compared, open) = (compared + more, open + opening);
        }
    }
    eprintln!("{compared} comparisons, {open} times something was open");
    assert!(compared > 20_000 && open > 50, "{compared}, {open}");
}
