//! What the ledger promises about links for people without an account, on each engine.

use futures::future::join_all;
use wh_names::{Secret, Uid};

use super::api_tokens::record;
use super::{House, at, keep};
use crate::*;

/// How many ask at the same moment for what may be fetched a few times.
const TRIES: usize = 1_000;

impl House {
    fn link(&self, uid: &Uid, downloads_max: Option<u32>) -> ShareLinkRow {
        let id = || RowId::generate(at(0), &self.entropy);
        ShareLinkRow {
            id: id(),
            uid: uid.clone(),
            digest: Secret::random(&self.entropy).digest(),
            grant_id: id(),
            path: "reports/".to_owned(),
            showing: LinkShowing::Download,
            note: "for the auditors".to_owned(),
            password: None,
            wrong_tries: 0,
            created_at: at(0),
            expires_at: Some(at(100)),
            downloads_max,
            downloads: 0,
            used_at: None,
            token_id: None,
            revoked_at: None,
        }
    }

    async fn keeps_link(&self, link: &ShareLinkRow) {
        assert!(self.ledger.insert_share_link(link, 100).await.expect("written"));
    }

    fn keeping(&self) -> Holding {
        keep(&self.grant(GrantSubject::Everyone))
    }

    async fn now(&self, link: &ShareLinkRow) -> ShareLinkRow {
        self.ledger.share_link_by_id(&link.id).await.expect("read").expect("a link")
    }
}

#[tokio::test]
async fn a_link_is_found_by_its_digest_and_by_its_id_and_comes_back_as_it_was_kept() {
    for house in House::of_each_engine().await {
        let (ledger, alice) = (&house.ledger, house.person("alice").await);
        let bare = ShareLinkRow { expires_at: None, ..house.link(&alice.uid, None) };
        let full = ShareLinkRow {
            password: Some(PasswordPhc::from_phc("$argon2id$x")),
            showing: LinkShowing::View,
            token_id: Some(RowId::generate(at(0), &house.entropy)),
            ..house.link(&alice.uid, Some(3))
        };
        for link in [&bare, &full] {
            house.keeps_link(link).await;
            assert_eq!(ledger.share_link(&link.digest).await.expect("read").as_ref(), Some(link));
            assert_eq!(&house.now(link).await, link);
        }
        let other = Secret::random(&house.entropy).digest();
        assert_eq!(ledger.share_link(&other).await.expect("read"), None);
        let clash = ShareLinkRow { digest: bare.digest, ..house.link(&alice.uid, None) };
        assert!(ledger.insert_share_link(&clash, 100).await.is_err(), "a digest is one link's");
    }
}

#[tokio::test]
async fn links_are_listed_from_the_newest_page_after_page_of_whom_and_of_what_is_asked() {
    for house in House::of_each_engine().await {
        let (ledger, alice) = (&house.ledger, house.person("alice").await);
        let bob = house.person("bob").await;
        let mut links = Vec::new();
        for uid in [&alice.uid, &bob.uid, &alice.uid, &alice.uid] {
            let link = house.link(uid, None);
            house.keeps_link(&link).await;
            links.push(link);
        }
        links.sort_by(|a, b| b.id.cmp(&a.id));
        let ask = async |filter: ShareLinkFilter<'_>, limit| {
            ledger.share_links(filter, limit).await.expect("read")
        };
        assert_eq!(ask(ShareLinkFilter::default(), 10).await, links);
        let own: Vec<_> = links.iter().filter(|link| link.uid == alice.uid).cloned().collect();
        let of_alice = ShareLinkFilter { uid: Some(&alice.uid), ..ShareLinkFilter::default() };
        assert_eq!(ask(of_alice, 2).await, own[..2]);
        let further = ShareLinkFilter { before: Some(&own[1].id), ..of_alice };
        assert_eq!(ask(further, 2).await, own[2..]);
        let grant = own[0].grant_id.as_str();
        let here = ShareLinkFilter { at: Some((grant, "reports/")), ..of_alice };
        assert_eq!(ask(here, 10).await, own[..1]);
        let elsewhere = ShareLinkFilter { at: Some((grant, "reports")), ..of_alice };
        assert_eq!(ask(elsewhere, 10).await, []);
    }
}

#[tokio::test]
async fn a_person_has_so_many_links_that_count() {
    for house in House::of_each_engine().await {
        let (ledger, alice) = (&house.ledger, house.person("alice").await);
        let (first, second) = (house.link(&alice.uid, None), house.link(&alice.uid, None));
        assert!(ledger.insert_share_link(&first, 1).await.expect("written"));
        assert!(!ledger.insert_share_link(&second, 1).await.expect("asked"));
        let later = ShareLinkRow { created_at: at(100), ..second.clone() };
        assert!(ledger.insert_share_link(&later, 1).await.expect("written"), "one is over by now");
        let bob = house.person("bob").await;
        ledger.disable_person(&bob.uid, at(0), &house.keeping()).await.expect("shut out");
        let link = house.link(&bob.uid, None);
        assert!(matches!(
            ledger.insert_share_link(&link, 9).await,
            Err(LedgerError::Conflict { what: "person" })
        ));
    }
}

#[tokio::test]
async fn one_revokes_ones_own_link_and_with_it_ends_what_was_issued_for_it() {
    for house in House::of_each_engine().await {
        let (ledger, alice) = (&house.ledger, house.person("alice").await);
        let (bob, link) = (house.person("bob").await, house.link(&alice.uid, None));
        house.keeps_link(&link).await;
        let visit = Secret::random(&house.entropy).digest();
        assert!(ledger.begin_share_visit(&link.id, (&visit, at(50))).await.expect("begun"));
        let revoke = async |uid| ledger.revoke_share_link(&link.id, uid, at(10)).await;
        assert!(!revoke(Some(&bob.uid)).await.expect("asked"));
        assert!(!ledger.session_revoked(link.id.as_str()));
        assert!(ledger.take_share_download(&link.id, at(9)).await.expect("asked"));
        assert!(revoke(Some(&alice.uid)).await.expect("asked"));
        assert!(!revoke(None).await.expect("asked"), "once");
        assert!(ledger.session_revoked(link.id.as_str()));
        assert_eq!(house.now(&link).await.revoked_at, Some(at(10)));
        assert!(!ledger.share_visit_stands(&link.id, &visit, at(11)).await.expect("asked"));
        assert!(!ledger.take_share_download(&link.id, at(11)).await.expect("asked"));
        assert!(!ledger.begin_share_try(Guarded::Link, &link.id, 9).await.expect("asked"));
        assert!(!ledger.begin_share_visit(&link.id, (&visit, at(50))).await.expect("asked"));
    }
}

#[tokio::test]
async fn links_end_with_their_person_who_is_deleted() {
    for house in House::of_each_engine().await {
        let (ledger, alice) = (&house.ledger, house.person("alice").await);
        let link = house.link(&alice.uid, None);
        house.keeps_link(&link).await;
        ledger.delete_person(&alice.uid, at(5), &house.keeping()).await.expect("deleted");
        assert_eq!(ledger.share_link(&link.digest).await.expect("read"), None);
        assert!(!ledger.take_share_download(&link.id, at(7)).await.expect("asked"));
    }
}

#[tokio::test]
async fn links_end_for_good_with_their_person_who_is_shut_out() {
    for house in House::of_each_engine().await {
        let (ledger, alice) = (&house.ledger, house.person("alice").await);
        let link = house.link(&alice.uid, None);
        house.keeps_link(&link).await;
        ledger.disable_person(&alice.uid, at(5), &house.keeping()).await.expect("shut out");
        assert!(ledger.session_revoked(link.id.as_str()));
        ledger.enable_person(&alice.uid, at(6)).await.expect("let back");
        assert_eq!(house.now(&link).await.revoked_at, Some(at(5)));
        assert!(!ledger.take_share_download(&link.id, at(7)).await.expect("asked"));
    }
}

/// What gives an account back to its person ends what somebody else may have shared meanwhile.
#[derive(Debug, Clone, Copy)]
enum Recovery {
    SessionsEnded,
    PasswordByLink,
    PasswordChanged,
    PasswordChangedAlone,
}

async fn recover(house: &House, person: &PersonRow, how: Recovery) {
    let ledger = &house.ledger;
    let hash = PasswordPhc::from_phc("$argon2id$two");
    match how {
        Recovery::SessionsEnded => {
            ledger.end_sessions(&person.uid, at(5)).await.expect("ended");
        }
        Recovery::PasswordByLink => {
            let link = NewPasswordLink {
                digest: Secret::random(&house.entropy).digest(),
                by_mail: true,
                expires_at: at(60),
                created_by: None,
                links: AddedLinks::Keep,
            };
            ledger.put_password_link(&person.uid, &link, None).await.expect("kept");
            let (hash, keeping) = (&hash, &house.keeping());
            let spent = ledger.spend_password_link(&link.digest, at(5), (hash, keeping)).await;
            assert!(spent.expect("asked").is_some());
        }
        Recovery::PasswordChanged | Recovery::PasswordChangedAlone => {
            let ended = matches!(how, Recovery::PasswordChanged);
            let programs = if ended { Programs::End } else { Programs::Keep };
            let next = SessionRow { created_at: at(5), ..house.draw_session(&person.uid) };
            let changed = (&hash, programs);
            let done = ledger.change_password(&person.password_phc, changed, &next).await;
            assert_eq!(done.expect("written"), PersonChange::Done);
        }
    }
}

#[tokio::test]
async fn links_end_where_an_account_is_given_back_to_its_person() {
    for house in House::of_each_engine().await {
        for (name, how, ends) in [
            ("ann", Recovery::SessionsEnded, true),
            ("ben", Recovery::PasswordByLink, true),
            ("cat", Recovery::PasswordChanged, true),
            ("dan", Recovery::PasswordChangedAlone, false),
        ] {
            let person = house.person(name).await;
            let link = house.link(&person.uid, None);
            house.keeps_link(&link).await;
            recover(&house, &person, how).await;
            assert_eq!(house.now(&link).await.revoked_at, ends.then(|| at(5)), "{how:?}");
            let id = link.id.as_str();
            assert_eq!(house.ledger.session_revoked(id), ends, "{how:?}");
            assert_eq!(house.other_node().await.session_revoked(id), ends, "{how:?}");
        }
    }
}

#[tokio::test]
async fn links_end_with_the_token_that_they_were_made_by() {
    for house in House::of_each_engine().await {
        let (ledger, alice) = (&house.ledger, house.person("alice").await);
        let tokens = [house.token(&alice.uid, 90), house.token(&alice.uid, 90)];
        let mut links = vec![house.link(&alice.uid, None)];
        for token in &tokens {
            assert!(house.keeps(token, 9).await);
            let token_id = Some(token.id.clone());
            links.push(ShareLinkRow { token_id, ..house.link(&alice.uid, None) });
        }
        for link in &links {
            house.keeps_link(link).await;
        }
        let visit = Secret::random(&house.entropy).digest();
        assert!(ledger.begin_share_visit(&links[1].id, (&visit, at(50))).await.expect("begun"));
        let revoke = record(10, "RevokeApiToken");
        let done = ledger.revoke_api_token(&alice.uid, &tokens[0].id, &revoke).await;
        assert!(done.expect("asked"));
        let other = house.other_node().await;
        for (link, ends) in links.iter().zip([false, true, false]) {
            let id = link.id.as_str();
            assert_eq!(house.now(link).await.revoked_at, ends.then(|| at(10)));
            assert_eq!((ledger.session_revoked(id), other.session_revoked(id)), (ends, ends));
        }
        assert!(!ledger.share_visit_stands(&links[1].id, &visit, at(11)).await.expect("asked"));
        assert!(ledger.session_revoked(tokens[0].id.as_str()));
    }
}

#[tokio::test]
async fn of_links_that_ended_the_newest_are_remembered() {
    for house in House::of_each_engine().await {
        let (ledger, alice) = (&house.ledger, house.person("alice").await);
        let bob = house.person("bob").await;
        let of_bob = house.link(&bob.uid, None);
        house.keeps_link(&of_bob).await;
        assert!(ledger.revoke_share_link(&of_bob.id, None, at(1)).await.expect("revoked"));
        for _ in 0..5 {
            let link = house.link(&alice.uid, None);
            assert!(ledger.insert_share_link(&link, 2).await.expect("written"));
            assert!(ledger.revoke_share_link(&link.id, None, at(1)).await.expect("revoked"));
        }
        let left = ledger.share_links(ShareLinkFilter::default(), 99).await.expect("read");
        let of_alice: Vec<_> = left.iter().filter(|link| link.uid == alice.uid).collect();
        assert_eq!(of_alice.len(), 3, "the last, and two before it");
        assert!(left.iter().any(|link| link.id == of_bob.id), "others' are left alone");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_a_thousand_at_once_as_many_fetch_as_may_and_as_many_try_as_are_judged() {
    for house in House::of_each_engine().await {
        let alice = house.person("alice").await;
        let link = house.link(&alice.uid, Some(10));
        house.keeps_link(&link).await;
        let (one, two) = (house.ledger.clone(), house.other_node().await);
        let nodes = || (0..TRIES).map(|n| if n % 2 == 0 { one.clone() } else { two.clone() });
        let id = &link.id;
        let taken = join_all(
            nodes().map(async |ledger| ledger.take_share_download(id, at(1)).await.expect("asked")),
        );
        assert_eq!(taken.await.into_iter().filter(|taken| *taken).count(), 10);
        let tried = join_all(nodes().map(async |ledger| {
            ledger.begin_share_try(Guarded::Link, id, 7).await.expect("asked")
        }));
        assert_eq!(tried.await.into_iter().filter(|tried| *tried).count(), 7);
        let now = house.now(&link).await;
        assert_eq!((now.downloads, now.wrong_tries, now.used_at), (10, 7, Some(at(1))));
    }
}

#[tokio::test]
async fn a_visit_is_of_one_link_and_for_a_time_and_rids_the_link_of_wrong_tries() {
    for house in House::of_each_engine().await {
        let (ledger, alice) = (&house.ledger, house.person("alice").await);
        let (link, other) = (house.link(&alice.uid, None), house.link(&alice.uid, None));
        house.keeps_link(&link).await;
        house.keeps_link(&other).await;
        for _ in 0..3 {
            assert!(ledger.begin_share_try(Guarded::Link, &link.id, 3).await.expect("asked"));
        }
        assert!(!ledger.begin_share_try(Guarded::Link, &link.id, 3).await.expect("asked"));
        ledger.take_share_try_back(Guarded::Link, &link.id).await.expect("taken back");
        assert!(ledger.begin_share_try(Guarded::Link, &link.id, 3).await.expect("asked"));
        let visit = Secret::random(&house.entropy).digest();
        assert!(ledger.begin_share_visit(&link.id, (&visit, at(50))).await.expect("begun"));
        assert_eq!(house.now(&link).await.wrong_tries, 0);
        let stands = async |link: &ShareLinkRow, second| {
            ledger.share_visit_stands(&link.id, &visit, at(second)).await.expect("asked")
        };
        assert!(stands(&link, 49).await && !stands(&link, 50).await && !stands(&other, 1).await);
        assert_eq!(ledger.sweep_share_links(at(100), at(50)).await.expect("swept"), 0);
        assert!(!stands(&link, 1).await, "what is over is forgotten");
        assert_eq!(ledger.sweep_share_links(at(101), at(50)).await.expect("swept"), 2);
    }
}
