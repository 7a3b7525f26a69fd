//! When a file has settled.

use super::*;
use crate::ingest::file::ReadError;
use crate::ingest::send::tests::{Kit, found as found_in};

const SETTLE: Duration = Duration::from_secs(2);

fn found(stamp: Stamp, seen: Instant) -> Found {
    Found { path: "file".to_owned(), stamp, seen }
}

#[test]
fn a_file_has_settled_by_two_looks_and_not_by_its_own_times() {
    // Its times say that nobody has touched it since 1970.
    let old = Stamp { device: 1, inode: 1, size: 1, modified: 0, changed: 0 };
    let began = Instant::now();
    let waiting = Waiting::new(old, began);
    let after = |millis| began + Duration::from_millis(millis);
    assert!(!waiting.has_settled(&found(old, began), SETTLE), "it was seen once");
    assert!(!waiting.has_settled(&found(old, after(1_999)), SETTLE));
    assert!(waiting.has_settled(&found(old, after(2_000)), SETTLE));
    assert!(waiting.has_settled(&found(old, began), Duration::ZERO), "no settling was asked for");
    for other in [
        Stamp { size: 2, ..old },
        Stamp { modified: 1, ..old },
        Stamp { changed: 1, ..old },
        Stamp { inode: 2, ..old },
    ] {
        assert!(!waiting.has_settled(&found(other, after(9_000)), SETTLE), "{other:?}");
    }
}

#[test]
fn who_watches_has_failed_by_what_could_not_be_sent_alone() {
    let stamp = Stamp { device: 1, inode: 1, size: 1, modified: 0, changed: 0 };
    let fresh = || Waiting::new(stamp, Instant::now());
    let refused = Waiting { refused: true, ..fresh() };
    let given_up = Waiting { given_up: true, ..fresh() };
    assert!(!fresh().counts_as_failed(Patience::ForEver), "it goes on at the next start");
    assert!(fresh().counts_as_failed(Patience::OnePass), "it was to be sent");
    for file in [refused, given_up] {
        assert!(file.counts_as_failed(Patience::ForEver), "{file:?}");
    }
    for (error, failure) in [
        (SendError::Stopped, false),
        (SendError::Read(ReadError::Changed), false),
        (SendError::PartsLost, true),
        (SendError::Store(wh_aws::AwsError::PreconditionFailed), true),
    ] {
        assert_eq!(error.is_failure(), failure, "{error}");
    }
}

/// A clock that is set back can give what a file has become the stamp of what was sent.
#[tokio::test]
async fn a_file_that_changed_on_its_way_is_sent_again_whatever_the_journal_says() {
    let kit = Kit::new().await;
    std::fs::write(kit.home.path().join("note"), "note").expect("written");
    let note = found_in(kit.home.path(), "note");
    assert_eq!(kit.sending.send(&note).await.expect("sent"), Stands::AsItWas);
    let mut queue = Queue::new(Arc::new(kit.sending), Duration::ZERO, 1);
    for (stands, readied) in [(None, 0), (Some(Stands::Otherwise), 1), (Some(Stands::AsItWas), 0)] {
        if let Some(stands) = stands {
            queue.finished(&note, Ok(stands), Patience::OnePass).expect("told");
        }
        queue.look(Patience::OnePass).await.expect("looked");
        assert_eq!(queue.ready.len(), readied, "{stands:?}");
        assert_eq!(queue.pending(), readied, "{stands:?}");
        queue.ready.clear();
    }
}
