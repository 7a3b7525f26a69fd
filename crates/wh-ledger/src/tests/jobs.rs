//! Jobs: one portal at a time, a journal that a crash does not confuse, and an end.

use jiff::SignedDuration;
use wh_names::{BucketName, Uid};

use super::{House, at};
use crate::{
    GrantRow, GrantSubject, Held, JobConflict, JobItemStatus, JobKind, JobOrder, JobRow, JobStatus,
    Lease, NewJobItem, PastOrder, RowId, SettledItem,
};

const LEASE: SignedDuration = SignedDuration::from_secs(15);

impl House {
    async fn job(&self, open_max: u32) -> Option<JobRow> {
        let uid = self.person("alice").await.uid;
        let id = || RowId::generate(at(0), &self.entropy);
        let job = JobRow {
            id: id(),
            uid,
            token: None,
            order: JobOrder {
                kind: JobKind::Move,
                from_grant: id(),
                paths: vec!["a/".to_owned(), "b".to_owned()],
                to_grant: Some(id()),
                to_folder: Some("c/".to_owned()),
                to_name: None,
                undoes: None,
                conflict: JobConflict::KeepBoth,
                past: None,
            },
            status: JobStatus::Planning,
            cancel: false,
            reason: None,
            total: 0,
            position: 0,
            done: 0,
            skipped: 0,
            failed: 0,
            unchanged: 0,
            created_at: at(0),
            updated_at: at(0),
        };
        let kept = self.ledger.insert_job(&job, open_max).await.expect("asked");
        kept.then_some(job)
    }
}

fn item(key: &str) -> NewJobItem {
    let to_key = Some(format!("c/{key}"));
    NewJobItem { from_key: key.to_owned(), version: None, to_key, size: 3, over: None }
}

fn settled(n: u64, status: JobItemStatus) -> SettledItem {
    SettledItem { n, status, to_key: None, told: None, why: None }
}

#[tokio::test]
async fn a_job_is_one_portals_at_a_time_and_another_goes_on_when_its_lease_ends() {
    for house in House::of_each_engine().await {
        let job = house.job(9).await.expect("kept");
        let ledger = &house.ledger;
        assert_eq!(ledger.job_of(&job.uid, &job.id).await.expect("read"), Some(job.clone()));
        let one = RowId::generate(at(1), &house.entropy);
        let other = RowId::generate(at(2), &house.entropy);
        let claim = |holder, second| async move {
            let claimed = ledger.claim_job(holder, (at(second), at(second) + LEASE)).await;
            claimed.expect("asked").map(|job| job.id)
        };
        assert_eq!(claim(&one, 0).await, Some(job.id.clone()));
        assert_eq!(claim(&other, 14).await, None, "it is the other's");
        let of_one = Lease { job: &job.id, holder: &one };
        assert_eq!(ledger.hold_job(of_one, at(20)).await.expect("asked"), Held::GoOn);
        assert_eq!(claim(&other, 19).await, None, "the lease was renewed");
        assert_eq!(claim(&other, 20).await, Some(job.id.clone()), "it had ended");
        assert_eq!(ledger.hold_job(of_one, at(99)).await.expect("asked"), Held::Lost);
        assert!(!ledger.replan_job(of_one).await.expect("asked"));
        assert_eq!(ledger.plan_job(of_one, 0, &[item("x")]).await.expect("asked"), None);
        let ended = ledger.end_job(of_one, (JobStatus::Done, at(21)), None).await;
        assert!(!ended.expect("asked"), "who lost it does not end it");
        let of_other = Lease { job: &job.id, holder: &other };
        assert!(ledger.cancel_job(&job.uid, &job.id).await.expect("asked"));
        assert_eq!(ledger.hold_job(of_other, at(50)).await.expect("asked"), Held::GiveUp);
        let ended = ledger.end_job(of_other, (JobStatus::Cancelled, at(22)), None).await;
        assert!(ended.expect("asked"));
        assert!(!ledger.cancel_job(&job.uid, &job.id).await.expect("asked"), "it has ended");
        assert_eq!(claim(&one, 90).await, None);
        assert_eq!(ledger.sweep_jobs(at(22)).await.expect("swept"), 0);
        assert_eq!(ledger.sweep_jobs(at(23)).await.expect("swept"), 1);
    }
}

#[tokio::test]
async fn whoever_takes_a_job_over_sees_what_was_begun_and_nothing_is_counted_twice() {
    for house in House::of_each_engine().await {
        let job = house.job(9).await.expect("kept");
        let ledger = &house.ledger;
        let me = RowId::generate(at(1), &house.entropy);
        let of = Lease { job: &job.id, holder: &me };
        ledger.claim_job(&me, (at(0), at(0) + LEASE)).await.expect("asked").expect("a job");
        assert!(ledger.replan_job(of).await.expect("asked"));
        let first = [item("a"), item("b"), item("c")];
        assert_eq!(ledger.plan_job(of, 0, &first).await.expect("planned"), Some(3));
        let more = [item("b"), item("d")];
        let total = ledger.plan_job(of, 3, &more).await.expect("planned");
        assert_eq!(total, Some(4), "a key is planned once");
        assert!(
            ledger.begin_job_items(of, 2).await.expect("asked").is_none(),
            "not before the end"
        );
        assert!(ledger.run_job(of).await.expect("asked"));
        let names = |items: Option<Vec<crate::JobItem>>| {
            let items = items.expect("still mine").into_iter();
            items.map(|one| (one.item.from_key, one.status)).collect::<Vec<_>>()
        };
        let begun = || async { names(ledger.begin_job_items(of, 2).await.expect("begun")) };
        let (waiting, again) = (JobItemStatus::Waiting, JobItemStatus::Begun);
        assert_eq!(begun().await, [("a".to_owned(), waiting), ("b".to_owned(), waiting)]);
        assert_eq!(begun().await, [("a".to_owned(), again), ("b".to_owned(), again)]);
        let failed = SettledItem {
            told: Some(("file-exists".to_owned(), "it is there".to_owned())),
            why: Some("{}".to_owned()),
            ..settled(2, JobItemStatus::Failed)
        };
        // The first has no end yet: the job's place stays before it.
        let ends = ([failed], Some(0));
        assert!(ledger.settle_job_items(of, (&ends.0, ends.1), at(5)).await.expect("settled"));
        assert_eq!(begun().await, [("a".to_owned(), again), ("c".to_owned(), waiting)]);
        let ends = [settled(1, JobItemStatus::Done), settled(3, JobItemStatus::Skipped)];
        assert!(ledger.settle_job_items(of, (&ends, Some(3)), at(6)).await.expect("settled"));
        assert_eq!(begun().await, [("d".to_owned(), waiting)]);
        let ends = [settled(5, JobItemStatus::Done)];
        assert!(ledger.settle_job_items(of, (&ends, Some(5)), at(7)).await.expect("settled"));
        assert_eq!(begun().await, []);
        let row = ledger.job_of(&job.uid, &job.id).await.expect("read").expect("a job");
        assert_eq!((row.total, row.done, row.skipped, row.failed), (4, 2, 1, 1));
        let failures = ledger.job_failures(&job.id, (0, 9)).await.expect("read");
        assert_eq!(failures.len(), 1);
        assert_eq!(failures[0].told.as_ref().expect("told").0, "file-exists");
        assert_eq!(ledger.job_failures(&job.id, (0, 0)).await.expect("read"), []);
        assert_eq!(ledger.job_failures(&job.id, (failures[0].n, 9)).await.expect("read"), []);
        assert!(ledger.job_did(&job.id, "a").await.expect("asked"));
        assert!(!ledger.job_did(&job.id, "b").await.expect("asked"));
    }
}

#[tokio::test]
async fn of_two_nodes_one_goes_on_where_the_other_died_and_the_dead_one_writes_nothing() {
    for house in House::of_each_engine().await {
        let job = house.job(9).await.expect("kept");
        let nodes = [house.ledger.clone(), house.other_node().await];
        let holders = [1, 2].map(|second| RowId::generate(at(second), &house.entropy));
        let claims = nodes.iter().zip(&holders).map(async |(node, holder)| {
            node.claim_job(holder, (at(0), at(0) + LEASE)).await.expect("asked").is_some()
        });
        let claims = futures::future::join_all(claims).await;
        assert_eq!(claims.iter().filter(|has| **has).count(), 1, "one has it: {claims:?}");
        let first = usize::from(claims[1]);
        let (dead, heir) = (&nodes[first], &nodes[1 - first]);
        let of_dead = Lease { job: &job.id, holder: &holders[first] };
        let of_heir = Lease { job: &job.id, holder: &holders[1 - first] };
        let plan = [item("a"), item("b"), item("c")];
        assert_eq!(dead.plan_job(of_dead, 0, &plan).await.expect("planned"), Some(3));
        assert!(dead.run_job(of_dead).await.expect("asked"));
        let begun = dead.begin_job_items(of_dead, 2).await.expect("begun").expect("its own");
        assert_eq!(begun.len(), 2);
        // It dies here: nothing is heard of it until its lease has ended.
        let claim = |at, until| heir.claim_job(of_heir.holder, (at, until));
        assert_eq!(claim(at(14), at(29)).await.expect("asked"), None);
        let taken = claim(at(15), at(30)).await.expect("asked").expect("the lease has ended");
        assert_eq!((taken.status, taken.total), (JobStatus::Running, 3));
        // It was not dead, only held up: what it writes now counts for nothing.
        let late = [settled(1, JobItemStatus::Done), settled(2, JobItemStatus::Failed)];
        let counts = dead.settle_job_items(of_dead, (&late, Some(2)), at(16)).await;
        assert!(!counts.expect("asked"));
        assert!(dead.begin_job_items(of_dead, 2).await.expect("asked").is_none());
        assert_eq!(dead.hold_job(of_dead, at(99)).await.expect("asked"), Held::Lost);
        dead.set_job_aside(of_dead, at(0)).await.expect("asked");
        let goes_on = heir.begin_job_items(of_heir, 9).await.expect("begun").expect("its own");
        let stand: Vec<_> = goes_on.iter().map(|one| (one.n, one.status)).collect();
        let (begun, waiting) = (JobItemStatus::Begun, JobItemStatus::Waiting);
        assert_eq!(stand, [(1, begun), (2, begun), (3, waiting)]);
        let ends = [1, 2, 3].map(|n| settled(n, JobItemStatus::Done));
        assert!(heir.settle_job_items(of_heir, (&ends, Some(3)), at(17)).await.expect("settled"));
        let ended = heir.end_job(of_heir, (JobStatus::Done, at(18)), None).await;
        assert!(ended.expect("asked"));
        let row = dead.job_of(&job.uid, &job.id).await.expect("read").expect("a job");
        assert_eq!((row.status, row.done, row.failed), (JobStatus::Done, 3, 0));
    }
}

#[tokio::test]
async fn another_name_is_none_that_the_job_brings_something_else_to() {
    for house in House::of_each_engine().await {
        let job = house.job(9).await.expect("kept");
        let ledger = &house.ledger;
        let me = RowId::generate(at(1), &house.entropy);
        let of = Lease { job: &job.id, holder: &me };
        ledger.claim_job(&me, (at(0), at(0) + LEASE)).await.expect("asked").expect("a job");
        let plan = [item("x"), item("x (2)")];
        ledger.plan_job(of, 0, &plan).await.expect("planned");
        let brings = async |planned, key| {
            ledger.job_brings_to(&job.id, (planned, key)).await.expect("asked")
        };
        assert!(!brings("c/x", "c/x").await, "its own");
        assert!(brings("c/x", "c/x (2)").await);
        assert!(!brings("c/x", "c/x (3)").await);
    }
}

#[tokio::test]
async fn a_person_has_so_many_open_jobs_and_no_more() {
    for house in House::of_each_engine().await {
        let first = house.job(1).await.expect("kept");
        let again = JobRow { id: RowId::generate(at(9), &house.entropy), ..first.clone() };
        assert!(!house.ledger.insert_job(&again, 1).await.expect("asked"));
        assert!(house.ledger.insert_job(&again, 2).await.expect("asked"));
        let page = async |before, max| {
            let jobs = house.ledger.jobs_of(&first.uid, (before, max)).await.expect("read");
            jobs.into_iter().map(|job| job.id).collect::<Vec<_>>()
        };
        assert_eq!(page(None, 9).await, [again.id.clone(), first.id.clone()], "the newest first");
        assert_eq!(page(None, 1).await, std::slice::from_ref(&again.id));
        assert_eq!(page(Some(&again.id), 9).await, std::slice::from_ref(&first.id));
        assert_eq!(page(Some(&first.id), 9).await, []);
    }
}

#[tokio::test]
async fn a_restore_of_the_past_keeps_its_moment_and_what_was_there_when_it_was_planned() {
    for house in House::of_each_engine().await {
        let ledger = &house.ledger;
        let mut job = house.job(9).await.expect("kept");
        job.id = RowId::generate(at(3), &house.entropy);
        job.order.kind = JobKind::RestorePast;
        job.order.paths = Vec::new();
        job.order.past = Some(PastOrder { at: at(-60), delete_newer: true });
        assert!(ledger.insert_job(&job, 9).await.expect("kept"));
        let read = async || ledger.job_of(&job.uid, &job.id).await.expect("read").expect("a job");
        assert_eq!(read().await, job);
        let me = RowId::generate(at(4), &house.entropy);
        let of = Lease { job: &job.id, holder: &me };
        // The other one is older, and is taken first.
        for _ in 0..2 {
            ledger.claim_job(&me, (at(5), at(5) + LEASE)).await.expect("asked").expect("a job");
        }
        assert!(ledger.note_unchanged(of, 3).await.expect("noted"));
        assert!(ledger.replan_job(of).await.expect("asked"));
        assert_eq!(read().await.unchanged, 0, "a plan that is made anew counts anew");
        assert!(ledger.note_unchanged(of, 2).await.expect("noted"));
        assert!(ledger.note_unchanged(of, 1).await.expect("noted"));
        assert_eq!(read().await.unchanged, 3);
        let over = NewJobItem { over: Some("e".to_owned()), ..item("a") };
        ledger.plan_job(of, 0, &[over.clone(), item("b")]).await.expect("planned");
        assert!(ledger.run_job(of).await.expect("asked"));
        let begun = ledger.begin_job_items(of, 9).await.expect("begun").expect("its own");
        assert_eq!((&begun[0].item, begun[1].item.over.as_ref()), (&over, None));
        assert!(!ledger.note_unchanged(of, 1).await.expect("asked"), "only while it is planned");
        let other = RowId::generate(at(5), &house.entropy);
        let of_other = Lease { job: &job.id, holder: &other };
        assert!(!ledger.note_unchanged(of_other, 1).await.expect("asked"), "nor by anybody else");
    }
}

#[tokio::test]
async fn what_a_job_did_is_known_by_person_bucket_key_and_time() {
    for house in House::of_each_engine().await {
        let (job, ledger) = (house.job(1).await.expect("kept"), &house.ledger);
        let to = job.order.to_grant.as_ref().expect("an end");
        for (id, bucket) in [(&job.order.from_grant, "from-here"), (to, "over-there")] {
            let whole = house.grant(GrantSubject::Person(job.uid.clone()));
            let bucket = BucketName::parse(bucket).expect("a bucket");
            let grant = GrantRow { id: id.clone(), bucket, ..whole };
            ledger.insert_grant(&grant).await.expect("given");
        }
        let me = RowId::generate(at(1), &house.entropy);
        let of = Lease { job: &job.id, holder: &me };
        ledger.claim_job(&me, (at(0), at(0) + LEASE)).await.expect("asked").expect("a job");
        assert_eq!(
            ledger.plan_job(of, 0, &[item("a"), item("b")]).await.expect("planned"),
            Some(2)
        );
        assert!(ledger.run_job(of).await.expect("asked"));
        let did = async |bucket, key, second| {
            ledger.job_at(&job.uid, (bucket, key), at(second)).await.expect("read")
        };
        assert_eq!(did("from-here", "a", 1).await, None, "it is not begun");
        ledger.begin_job_items(of, 1).await.expect("asked").expect("begun");
        assert_eq!(did("from-here", "a", 1).await, Some((JobKind::Move, false)));
        assert_eq!(did("over-there", "c/a", 1).await, Some((JobKind::Move, true)));
        assert_eq!(did("over-there", "a", 1).await, None, "it was taken from another bucket");
        assert_eq!(did("from-here", "c/a", 1).await, None, "it was brought to another bucket");
        assert_eq!(did("from-here", "b", 1).await, None, "that one waits");
        let other = Uid::generate(at(9), &house.entropy);
        let theirs = ledger.job_at(&other, ("from-here", "a"), at(1)).await.expect("read");
        assert_eq!(theirs, None, "it is another's job");
        assert!(ledger.end_job(of, (JobStatus::Done, at(5)), None).await.expect("ended"));
        assert_eq!(did("from-here", "a", 5).await, Some((JobKind::Move, false)));
        assert_eq!(did("from-here", "a", 6).await, None, "it had ended");
    }
}
