//! What becomes of one file.

mod store;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::time::Instant;

use super::*;
use crate::ingest::folder::Stamp;
use crate::parameters;
use crate::store::Output;
use store::{Store, Tells};

pub(in crate::ingest) struct Kit {
    store: Arc<Store>,
    pub(in crate::ingest) sending: Sending,
    pub(in crate::ingest) home: tempfile::TempDir,
}

impl Kit {
    pub(in crate::ingest) async fn new() -> Self {
        let (store, sender) = Store::start().await;
        let home = tempfile::tempdir().expect("a folder");
        let folder = Arc::new(Folder::open(home.path()).expect("a folder"));
        let journal = Journal::open(&home.path().join("journal"), "s3://bucket/in/");
        let sending = Sending {
            sender,
            place: Place::parse("s3://bucket/in/").expect("a place"),
            folder,
            journal: Arc::new(journal.expect("a journal")),
            memory: memory(),
            events: Events::new(Output::Json),
            clock: parameters::clock(),
            stop: Stop::on_signals().expect("signals"),
        };
        Self { store, sending, home }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    async fn send(&self, name: &str) -> Result<Stands, SendError> {
        self.sending.send(&found(self.home.path(), name)).await
    }
}

/// A file as a look finds it.
pub(in crate::ingest) fn found(folder: &Path, name: &str) -> Found {
    let metadata = std::fs::symlink_metadata(folder.join(name)).expect("a file");
    Found { path: name.to_owned(), stamp: Stamp::of(&metadata), seen: Instant::now() }
}

#[tokio::test]
async fn a_file_that_changes_while_it_is_sent_is_known_by_it() {
    let kit = Kit::new().await;
    std::fs::write(kit.path("quiet"), "quiet").expect("written");
    assert_eq!(kit.send("quiet").await.expect("sent"), Stands::AsItWas);
    let path = kit.path("lively");
    std::fs::write(&path, "before").expect("written");
    let change = move || std::fs::write(&path, "after!").expect("written");
    *kit.store.meanwhile.lock().expect("a lock") = Some(Box::new(change));
    assert_eq!(kit.send("lively").await.expect("sent"), Stands::Otherwise);
    let sent = kit.store.objects.lock().expect("a lock")["/bucket/in/lively"].clone();
    assert_eq!(&sent[..], b"before", "all of it is of one moment");
    let again = kit.send("lively").await.expect_err("it was sent otherwise");
    assert!(matches!(again, SendError::ChangedSince), "{again}");
}

#[tokio::test]
async fn a_store_that_tells_no_sum_has_verified_nothing() {
    let kit = Kit::new().await;
    for (name, tells, proof) in
        [("sum", Tells::Sum, Proof::Verified), ("nothing", Tells::Nothing, Proof::Unverified)]
    {
        std::fs::write(kit.path(name), name).expect("written");
        *kit.store.tells.lock().expect("a lock") = tells;
        assert_eq!(kit.send(name).await.expect("sent"), Stands::AsItWas);
        let stamp = found(kit.home.path(), name).stamp;
        assert_eq!(kit.sending.journal.done(name, &stamp), Some(proof), "{name}");
    }
    assert_eq!(kit.sending.events.unverified(), 1);
    let told = std::fs::read_to_string(kit.path("journal")).expect("the journal");
    assert_eq!(told.matches("{\"done\"").count(), 1, "whoever goes by it deletes nothing: {told}");
}

#[tokio::test]
async fn a_lost_answer_is_found_by_who_may_look() {
    let kit = Kit::new().await;
    std::fs::write(kit.path("note"), "note").expect("written");
    *kit.store.tells.lock().expect("a lock") = Tells::NoAnswer;
    kit.send("note").await.expect_err("its answer is lost");
    let blind = kit.send("note").await.expect_err("nobody can know");
    assert!(matches!(blind, SendError::Unconfirmed(_)), "{blind}");
    kit.store.shows.store(true, Ordering::Relaxed);
    let key = "/bucket/in/note".to_owned();
    let ours = kit.store.objects.lock().expect("a lock").insert(key.clone(), "node".into());
    let other = kit.send("note").await.expect_err("it is another's");
    assert!(matches!(other, SendError::Unconfirmed(_)), "{other}");
    kit.store.objects.lock().expect("a lock").insert(key, ours.expect("an object"));
    assert_eq!(kit.send("note").await.expect("it is there"), Stands::AsItWas);
    let stamp = found(kit.home.path(), "note").stamp;
    assert_eq!(kit.sending.journal.done("note", &stamp), Some(Proof::Verified));
}
