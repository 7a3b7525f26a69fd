//! Two nodes on one ledger, at the same moment: what may happen once happens once.

use std::collections::BTreeSet;

use futures::future::join_all;
use wh_names::{Secret, SecretDigest, Uid};

use super::{House, at, keep, rounds};
use crate::*;

/// How often each race is run: half by either node.
const RUNNERS: usize = 8;

impl House {
    /// Both nodes, in turn.
    async fn nodes(&self) -> Vec<Ledger> {
        let (one, two) = (self.ledger.clone(), self.other_node().await);
        (0..RUNNERS).map(|n| if n % 2 == 0 { one.clone() } else { two.clone() }).collect()
    }

    /// An invitation that was made by whom; its digest.
    async fn invitation_by(&self, root: &PersonRow) -> SecretDigest {
        let digest = Secret::random(&self.entropy).digest();
        let invitation = InvitationRow {
            id: RowId::generate(at(0), &self.entropy),
            name: None,
            email: None,
            groups: Vec::new(),
            grants: Vec::new(),
            created_at: at(0),
            created_by: Some(root.uid.clone()),
            expires_at: at(100),
            revoked_at: None,
            spent: None,
        };
        self.ledger.insert_invitation(&invitation, &digest).await.expect("kept");
        digest
    }

    fn newcomer(&self, like: &PersonRow, name: &str) -> PersonRow {
        PersonRow {
            uid: Uid::generate(at(0), &self.entropy),
            name: name.to_owned(),
            name_key: name.to_owned(),
            name_look: name.to_owned(),
            ..like.clone()
        }
    }
}

/// Runs one call of each node at the same moment, and counts those that did it.
async fn winners(nodes: Vec<Ledger>, run: impl AsyncFn(usize, Ledger) -> bool) -> usize {
    let calls = nodes.into_iter().enumerate().map(|(n, ledger)| run(n, ledger));
    join_all(calls).await.into_iter().filter(|done| *done).count()
}

fn inserted(answer: Result<(), LedgerError>) -> bool {
    match answer {
        Ok(()) => true,
        Err(LedgerError::Conflict { what: "person" }) => false,
        Err(error) => panic!("{error:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_name_is_given_once() {
    for house in House::of_each_engine().await {
        let alice = house.person("alice").await;
        let rows: Vec<PersonRow> = (0..RUNNERS).map(|_| house.newcomer(&alice, "bob")).collect();
        let won = winners(house.nodes().await, async |n, ledger| {
            inserted(ledger.insert_person(&rows[n], &[]).await)
        });
        assert_eq!(won.await, 1);
        assert_eq!(house.ledger.persons().await.expect("read").len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_link_for_setting_up_is_spent_once_and_one_administrator_is_made() {
    for house in House::of_each_engine().await {
        let template = house.person("template").await;
        let token = Secret::random(&house.entropy).digest();
        house.ledger.replace_setup_token(&token, at(60)).await.expect("a token");
        let rows: Vec<PersonRow> =
            (0..RUNNERS).map(|n| house.newcomer(&template, &format!("root-{n}"))).collect();
        let grants: Vec<GrantRow> =
            rows.iter().map(|row| house.grant(GrantSubject::Person(row.uid.clone()))).collect();
        let sessions: Vec<SessionRow> =
            rows.iter().map(|row| house.draw_session(&row.uid)).collect();
        let won = winners(house.nodes().await, async |n, ledger| {
            let first = FirstPerson {
                person: &rows[n],
                grants: &grants[n..=n],
                session: &sessions[n],
                settings: &[],
                holding: &keep(&grants[n]),
            };
            let outcome = ledger.spend_setup_token(&token, at(1), first).await;
            outcome.expect("an answer") == SetupOutcome::Done
        });
        assert_eq!(won.await, 1);
        assert_eq!(house.ledger.holders(&keep(&grants[0])).await.expect("read").len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn administrators_who_disable_each_other_leave_one() {
    for house in House::of_each_engine().await {
        let mut rows = Vec::new();
        for n in 0..RUNNERS {
            let row = house.person(&format!("root-{n}")).await;
            let grant = house.grant(GrantSubject::Person(row.uid.clone()));
            house.ledger.insert_grant(&grant).await.expect("given");
            rows.push((row.uid, grant));
        }
        let holding = keep(&rows[0].1);
        let won = winners(house.nodes().await, async |n, ledger| {
            let change = ledger.disable_person(&rows[n].0, at(1), &holding).await;
            change.expect("an answer") == PersonChange::Done
        });
        assert_eq!(won.await, RUNNERS - 1);
        assert_eq!(house.ledger.holders(&holding).await.expect("read").len(), 1);
    }
}

/// Some say that it is complete, some give it up.
async fn ended_upload(n: usize, ledger: &Ledger, of: (&RowId, &UploadedObject)) -> bool {
    let (id, object) = of;
    let ended = match n % 4 {
        0 | 1 => ledger.upload_completed(id, object, at(2)).await,
        _ => ledger.upload_aborted(id, at(2)).await,
    };
    ended.expect("an answer")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_upload_is_taken_up_once_and_ends_once() {
    for house in House::of_each_engine().await {
        let alice = house.person("alice").await;
        let upload = house.upload(&alice.uid, UploadCondition::Create);
        house.ledger.insert_upload(&upload).await.expect("inserted");
        let id = upload.id.clone();
        let begun = winners(house.nodes().await, async |n, ledger| {
            let name = format!("upload-{n}");
            ledger.upload_transfers(&id, &name, at(1)).await.expect("an answer")
        });
        assert_eq!(begun.await, 1);
        let object = UploadedObject { etag: Some("e".to_owned()), crc64nvme: "c".to_owned() };
        let ended = winners(house.nodes().await, async |n, ledger| {
            ended_upload(n, &ledger, (&id, &object)).await
        });
        assert_eq!(ended.await, 1);
    }
}

/// Records on both lanes; the numbers that were given come back.
async fn recorded(ledger: Ledger, record: AuditRecord) -> Vec<i64> {
    let writer = AuditWriter::start(&ledger).await.expect("a writer");
    let mut numbers = Vec::new();
    for durability in [Durability::Disk, Durability::Process, Durability::Disk] {
        let id = writer.record(record.clone(), durability).await.expect("recorded");
        writer.outcome(id, at(1), "done");
        numbers.push(id.number());
    }
    writer.flush().await;
    numbers
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_number_of_the_audit_trail_is_given_once() {
    for house in House::of_each_engine().await {
        let record = AuditRecord {
            at: at(0),
            kind: AuditKind::Intent,
            request_id: "r".to_owned(),
            operation: "PutObject".to_owned(),
            action: "s3:PutObject".to_owned(),
            resource: "arn:aws:s3:::wellhouse-files/a".to_owned(),
            principal: "p".to_owned(),
            source_identity: None,
            source_ip: None,
            detail: None,
        };
        let nodes = house.nodes().await.into_iter();
        let writers = nodes.map(|ledger| recorded(ledger, record.clone()));
        let given = join_all(writers).await.concat();
        let entries = house.ledger.audit_recent(None, 1000).await.expect("read");
        assert!(entries.iter().all(|entry| entry.came_of_it() == "done"));
        let kept: BTreeSet<i64> = entries.iter().map(|entry| entry.seq).collect();
        assert_eq!(given.iter().copied().collect::<BTreeSet<_>>(), kept);
        assert_eq!((given.len(), kept.len()), (RUNNERS * 3, RUNNERS * 3));
    }
}

/// How many spend one invitation or one link at the same moment.
const SPENDERS: usize = 50;

/// So many calls at the same moment, by either of two nodes; how many did it.
async fn spenders(house: &House, spend: impl AsyncFn(usize, Ledger) -> bool) -> usize {
    let (one, two) = (house.ledger.clone(), house.other_node().await);
    let node = |n: usize| if n.is_multiple_of(2) { one.clone() } else { two.clone() };
    winners((0..SPENDERS).map(node).collect(), spend).await
}

/// How many of fifty come in by one invitation.
async fn come_in(
    house: &House,
    digest: &SecretDigest,
    (guests, holding): (&[PersonRow], &Holding),
) -> usize {
    spenders(house, async |n, ledger| {
        let guest = Guest { person: &guests[n], grants: &[], check: None, administration: holding };
        ledger.spend_invitation(digest, at(1), guest).await.expect("an answer")
    })
    .await
}

/// How many of fifty set a password by one link.
async fn set_password(
    house: &House,
    digest: &SecretDigest,
    (round, holding): (usize, &Holding),
) -> usize {
    spenders(house, async |n, ledger| {
        let hash = PasswordPhc::from_phc(&format!("$argon2id${n}${round}"));
        let spent = ledger.spend_password_link(digest, at(1), (&hash, holding)).await;
        spent.expect("an answer").is_some()
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_who_spend_one_invitation_at_once_exactly_one_comes_in() {
    for house in House::of_each_engine().await {
        let root = house.person("root").await;
        let administration = house.grant(GrantSubject::Person(root.uid.clone()));
        house.ledger.insert_grant(&administration).await.expect("given");
        let holding = keep(&administration);
        for round in 0..rounds() {
            let digest = house.invitation_by(&root).await;
            let guest = |n: usize| house.newcomer(&root, &format!("guest {n} of {round}"));
            let guests: Vec<PersonRow> = (0..SPENDERS).map(guest).collect();
            assert_eq!(come_in(&house, &digest, (&guests, &holding)).await, 1);
        }
        assert_eq!(house.ledger.persons().await.expect("read").len(), 1 + rounds());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_who_follow_one_password_link_at_once_exactly_one_sets_it() {
    for house in House::of_each_engine().await {
        let alice = house.person("alice").await;
        let session = house.session(&alice).await;
        let holding = keep(&house.grant(GrantSubject::Everyone));
        for round in 0..rounds() {
            let digest = Secret::random(&house.entropy).digest();
            let link = NewPasswordLink {
                digest,
                by_mail: false,
                expires_at: at(100),
                created_by: None,
                links: AddedLinks::End,
            };
            house.ledger.put_password_link(&alice.uid, &link, None).await.expect("kept");
            assert_eq!(set_password(&house, &digest, (round, &holding)).await, 1);
        }
        assert_eq!(house.ledger.session(&session.digest).await.expect("read"), None);
    }
}
