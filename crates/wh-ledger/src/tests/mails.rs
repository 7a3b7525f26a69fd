//! What the ledger promises about mail, on each engine: it is written with what it tells of, and sent by
//! one node.

use futures::future::join_all;
use wh_names::Secret;

use super::second_factors::record;
use super::{House, at};
use crate::{sql, *};

/// How many do the same at the same moment.
const AT_ONCE: usize = 50;

impl House {
    fn mail(&self, to: MailTo, second: i64) -> MailRow {
        MailRow {
            id: RowId::generate(at(second), &self.entropy),
            kind: "note",
            to,
            subject: "A note".to_owned(),
            body: "a link".to_owned(),
            created_at: at(second),
            ends_at: at(second + 100),
            limit: None,
        }
    }

    fn to_bob(&self, second: i64) -> MailRow {
        let (email, key) = ("Bob@example.org".to_owned(), "bob@example.org".to_owned());
        self.mail(MailTo::Address { email, key, of: None }, second)
    }

    fn check(&self, email: &str, admits: Admits) -> EmailCheckRow {
        EmailCheckRow {
            digest: Secret::random(&self.entropy).digest(),
            email: email.to_owned(),
            email_key: email.to_ascii_lowercase(),
            admits,
            expires_at: at(100),
        }
    }

    async fn nodes_at_once(&self) -> Vec<Ledger> {
        let (one, two) = (self.ledger.clone(), self.other_node().await);
        (0..AT_ONCE).map(|n| if n % 2 == 0 { one.clone() } else { two.clone() }).collect()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_who_want_to_send_a_mail_at_once_one_takes_it() {
    for house in House::of_each_engine().await {
        house.ledger.post_mails(vec![house.to_bob(0)]).await.expect("written");
        let nodes = house.nodes_at_once().await;
        let takers = nodes.iter().map(|ledger| ledger.take_mail(at(1), at(50)));
        let taken: Vec<TakenMail> = join_all(takers)
            .await
            .into_iter()
            .filter_map(|taken| taken.expect("an answer"))
            .collect();
        assert_eq!(taken.len(), 1);
        let mail = &taken[0];
        assert_eq!((mail.recipient.as_str(), mail.attempts), ("Bob@example.org", 1));
        house.ledger.mail_put_off(mail, at(20), "try\r\nlater").await.expect("noted");
        assert_eq!(house.ledger.take_mail(at(19), at(50)).await.expect("read"), None);
        let unsent = house.ledger.mails_unsent().await.expect("read");
        assert_eq!(unsent[0].error.as_deref(), Some("try  later"));
        let again = house.ledger.take_mail(at(20), at(50)).await.expect("read").expect("its turn");
        assert_eq!(again.attempts, 2);
        let crashed = house.ledger.take_mail(at(50), at(90)).await.expect("read");
        let again = crashed.expect("whoever took it never came back");
        house.ledger.mail_given_up(mail, at(60), "an old hand").await.expect("ignored");
        house.ledger.mail_sent(&again, at(61)).await.expect("noted");
        assert_eq!(house.ledger.mails_unsent().await.expect("read"), []);
        assert_eq!(house.ledger.take_mail(at(99), at(200)).await.expect("read"), None);
    }
}

#[tokio::test]
async fn a_body_is_gone_once_it_was_sent_given_up_or_came_to_its_end() {
    for house in House::of_each_engine().await {
        for second in 0..3 {
            house.ledger.post_mails(vec![house.to_bob(second)]).await.expect("written");
        }
        let first = house.ledger.take_mail(at(5), at(50)).await.expect("read").expect("a mail");
        house.ledger.mail_sent(&first, at(5)).await.expect("noted");
        let second = house.ledger.take_mail(at(5), at(50)).await.expect("read").expect("a mail");
        assert!(!format!("{second:?} {:?}", house.to_bob(0)).contains("a link"));
        house.ledger.mail_given_up(&second, at(5), "no such mailbox").await.expect("noted");
        assert_eq!(house.ledger.mails_counted().await.expect("read"), (1, 1));
        assert_eq!(house.ledger.end_mails(at(101)).await.expect("done"), 0);
        assert_eq!(house.ledger.end_mails(at(102)).await.expect("done"), 1);
        let left = sql::query("SELECT id FROM mails WHERE body <> ''");
        assert!(left.fetch_all(house.ledger.reader()).await.expect("read").is_empty());
        house.ledger.sweep_mails(at(1_000)).await.expect("swept");
        assert_eq!(house.ledger.mails_counted().await.expect("read"), (0, 0));
    }
}

#[tokio::test]
async fn a_mail_is_written_with_what_it_tells_of_or_not_at_all() {
    for house in House::of_each_engine().await {
        let alice = house.person("alice").await;
        let mails = || vec![house.mail(MailTo::Person(alice.uid.clone()), 0), house.to_bob(0)];
        let nothing = house.ledger.with_mails(mails());
        let record = record(1, "RemoveSecondFactor");
        let kept = Secret::random(&house.entropy).digest();
        let done = nothing.remove_second_factor(&alice.uid, &kept, &record).await;
        assert!(!done.expect("an answer"), "there was none");
        assert_eq!(house.ledger.mails_counted().await.expect("read"), (0, 0));
        let check = house.check("Alice@example.org", Admits::Nothing);
        let carrying = house.ledger.with_mails(mails());
        carrying.put_email_check(&alice.uid, &check).await.expect("kept");
        let to = |mails: Vec<MailRecord>| {
            let mut to: Vec<_> = mails.into_iter().map(|mail| mail.recipient).collect();
            to.sort();
            to
        };
        let waiting = to(house.ledger.mails_unsent().await.expect("read"));
        assert_eq!(waiting, ["Bob@example.org"], "hers was not checked");
        let spent = house.ledger.with_mails(mails());
        let spent = spent.spend_email_check(&check.digest, at(1), None).await;
        assert_eq!(spent.expect("an answer"), Some(alice.uid.clone()));
        let waiting = to(house.ledger.mails_unsent().await.expect("read"));
        assert_eq!(waiting, ["Alice@example.org", "Bob@example.org", "Bob@example.org"]);
        let limit = Some(MailLimit { most: 2, since: at(-1) });
        let bounded = MailRow { limit, ..house.to_bob(0) };
        house.ledger.post_mails(vec![bounded]).await.expect("an answer");
        assert_eq!(house.ledger.mails_counted().await.expect("read").0, 3, "two are enough");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_who_follow_one_check_at_once_exactly_one_does() {
    for house in House::of_each_engine().await {
        let mut alice = house.person("alice").await;
        (alice.status, alice.approved_at) = (PersonStatus::Pending, None);
        alice.uid = wh_names::Uid::generate(at(1), &house.entropy);
        (alice.name_key, alice.name_look) = ("ann".to_owned(), "ann".to_owned());
        let check = house.check("ann@example.org", Admits::Entry);
        let kept = house.ledger.insert_person_to_check(&alice, &[], Some(&check)).await;
        kept.expect("inserted");
        let grant = house.grant(GrantSubject::Person(alice.uid.clone()));
        let nodes = house.nodes_at_once().await;
        let grants = [grant];
        let calls = nodes
            .iter()
            .map(|ledger| ledger.spend_email_check(&check.digest, at(2), Some(&grants)));
        let won = join_all(calls)
            .await
            .into_iter()
            .filter(|spent| spent.as_ref().expect("an answer").is_some());
        assert_eq!(won.count(), 1);
        let row = house.ledger.person(&alice.uid).await.expect("read").expect("a person");
        assert_eq!((row.status, row.email_checked_at), (PersonStatus::Active, Some(at(2))));
        assert_eq!(house.ledger.grants_of(&alice.uid).await.expect("read").len(), 1);
    }
}

#[tokio::test]
async fn two_persons_have_never_checked_one_address() {
    for house in House::of_each_engine().await {
        let (alice, bob) = (house.person("alice").await, house.person("bob").await);
        let mut digests = Vec::new();
        for person in [&alice, &bob] {
            let check = house.check("shared@example.org", Admits::Nothing);
            house.ledger.put_email_check(&person.uid, &check).await.expect("kept");
            digests.push(check.digest);
        }
        let first = house.ledger.spend_email_check(&digests[0], at(1), None).await;
        assert_eq!(first.expect("an answer"), Some(alice.uid.clone()));
        let second = house.ledger.spend_email_check(&digests[1], at(1), None).await;
        assert!(matches!(second, Err(LedgerError::Conflict { what: "email" })), "{second:?}");
        let found = house.ledger.person_by_checked_email("shared@example.org").await;
        assert_eq!(found.expect("read").map(|row| row.uid), Some(alice.uid));
    }
}
