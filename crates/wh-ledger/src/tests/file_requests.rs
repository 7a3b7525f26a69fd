//! What the ledger promises about file requests, on each engine.

use futures::future::join_all;
use wh_names::{BucketName, ObjectKey, Secret, Uid};

use super::{House, at, keep, stale_at};
use crate::*;

/// How many senders ask at the same moment for what room is left.
const TRIES: usize = 1_000;

impl House {
    fn file_request(&self, uid: &Uid) -> FileRequestRow {
        let id = || RowId::generate(at(0), &self.entropy);
        FileRequestRow {
            id: id(),
            uid: uid.clone(),
            digest: Secret::random(&self.entropy).digest(),
            grant_id: id(),
            path: "inbox/".to_owned(),
            title: "Receipts".to_owned(),
            message: "of November".to_owned(),
            password: None,
            wrong_tries: 0,
            asks_email: false,
            kinds: Vec::new(),
            file_bytes_max: 100,
            bytes_max: 1_000,
            files_max: 50,
            sender_files_max: 50,
            created_at: at(0),
            expires_at: Some(at(100)),
            token_id: None,
            revoked_at: None,
            bytes: 0,
            files: 0,
            arrived: 0,
            arrived_at: None,
            senders: 0,
        }
    }

    async fn keeps_request(&self, request: &FileRequestRow) {
        assert!(self.ledger.insert_file_request(request, 100).await.expect("written"));
    }

    async fn comes(&self, request: &FileRequestRow, folder: &str) -> SenderRow {
        let sender = self.sender_who_came(request, folder);
        assert!(self.ledger.insert_sender(&sender, 100).await.expect("written"));
        sender
    }

    fn sender_who_came(&self, request: &FileRequestRow, folder: &str) -> SenderRow {
        SenderRow {
            id: RowId::generate(at(0), &self.entropy),
            request_id: request.id.clone(),
            digest: Secret::random(&self.entropy).digest(),
            name: "Eve".to_owned(),
            email: None,
            folder: folder.to_owned(),
            created_at: at(1),
        }
    }

    fn upload_to(&self, request: &FileRequestRow, size: u64) -> UploadRow {
        UploadRow {
            id: RowId::generate(at(0), &self.entropy),
            uid: request.uid.clone(),
            grant_id: request.grant_id.clone(),
            bucket: BucketName::parse("files").expect("a bucket"),
            key: ObjectKey::parse("inbox/x").expect("a key"),
            size,
            part_size: 8,
            content_type: "application/octet-stream".to_owned(),
            upload_id: None,
            condition: UploadCondition::Create,
            status: UploadStatus::Begun,
            created_at: at(0),
            updated_at: at(0),
            last_modified_ms: Some(0),
            object: None,
        }
    }

    async fn asks_room(&self, sender: &SenderRow, name: &str, upload: &UploadRow) -> Room {
        let file = Promised { sender, name, name_key: name, client_key: None, upload };
        self.ledger.promise_room(&file, at(2)).await.expect("asked")
    }

    async fn as_it_is(&self, request: &FileRequestRow) -> FileRequestRow {
        self.ledger.file_request_by_id(&request.id).await.expect("read").expect("a request")
    }
}

#[tokio::test]
async fn a_request_is_found_by_its_digest_and_comes_back_as_it_was_kept() {
    for house in House::of_each_engine().await {
        let (ledger, alice) = (&house.ledger, house.person("alice").await);
        let full = FileRequestRow {
            password: Some(PasswordPhc::from_phc("$argon2id$x")),
            asks_email: true,
            kinds: vec!["jpg".to_owned(), "pdf".to_owned()],
            token_id: Some(RowId::generate(at(0), &house.entropy)),
            ..house.file_request(&alice.uid)
        };
        let bare = FileRequestRow { expires_at: None, ..house.file_request(&alice.uid) };
        for request in [&bare, &full] {
            house.keeps_request(request).await;
            let found = ledger.file_request(&request.digest).await.expect("read");
            assert_eq!(found.as_ref(), Some(request));
            assert_eq!(&house.as_it_is(request).await, request);
        }
        let filter = FileRequestFilter { uid: Some(&alice.uid), before: None };
        assert_eq!(ledger.file_requests(filter, 9).await.expect("read").len(), 2);
        assert_eq!(ledger.standing_file_requests(at(100)).await.expect("read"), [bare]);
        assert!(
            !ledger.insert_file_request(&house.file_request(&alice.uid), 2).await.expect("asked")
        );
    }
}

#[tokio::test]
async fn a_thousand_senders_at_once_get_no_more_room_than_there_is() {
    for house in House::of_each_engine().await {
        let alice = house.person("alice").await;
        let request = house.file_request(&alice.uid);
        house.keeps_request(&request).await;
        let sender = house.comes(&request, "Eve").await;
        let tries = (0..TRIES).map(async |n| {
            let upload = house.upload_to(&request, 1);
            house.asks_room(&sender, &format!("{n}.txt"), &upload).await
        });
        let rooms = join_all(tries).await;
        let promised = rooms.iter().filter(|room| **room == Room::Promised).count();
        assert_eq!(promised, 50);
        assert!(rooms.iter().all(|room| matches!(room, Room::Promised | Room::Full)));
        let now = house.as_it_is(&request).await;
        assert_eq!((now.files, now.bytes), (50, 50));
    }
}

#[tokio::test]
async fn room_is_bounded_by_each_limit_and_refused_without_a_trace() {
    for house in House::of_each_engine().await {
        let alice = house.person("alice").await;
        let request = FileRequestRow { sender_files_max: 2, ..house.file_request(&alice.uid) };
        house.keeps_request(&request).await;
        let (eve, bob) = (house.comes(&request, "Eve").await, house.comes(&request, "Bob").await);
        let asks = async |sender: &SenderRow, name: &str, size| {
            let upload = house.upload_to(&request, size);
            let room = house.asks_room(sender, name, &upload).await;
            let written = house.ledger.upload(&upload.id).await.expect("read").is_some();
            assert_eq!(written, room == Room::Promised, "{name}");
            room
        };
        assert_eq!(asks(&eve, "large", 101).await, Room::Full);
        assert_eq!(asks(&eve, "a", 100).await, Room::Promised);
        assert_eq!(asks(&eve, "a", 100).await, Room::NameTaken);
        assert_eq!(asks(&eve, "b", 100).await, Room::Promised);
        assert_eq!(asks(&eve, "c", 100).await, Room::SenderFull);
        assert_eq!(asks(&bob, "a", 100).await, Room::Promised, "names are each sender's own");
        let now = house.as_it_is(&request).await;
        assert_eq!((now.files, now.bytes), (3, 300));
        let clash = house.sender_who_came(&request, "Eve");
        let refused = house.ledger.insert_sender(&clash, 100).await;
        assert!(matches!(refused, Err(LedgerError::Conflict { what: "sender" })));
        let many = house.sender_who_came(&request, "Carol");
        assert!(!house.ledger.insert_sender(&many, 2).await.expect("asked"), "as many as may come");
    }
}

#[tokio::test]
async fn what_was_promised_is_given_back_once_and_what_arrives_is_counted_once() {
    for house in House::of_each_engine().await {
        let (ledger, alice) = (&house.ledger, house.person("alice").await);
        let request = house.file_request(&alice.uid);
        house.keeps_request(&request).await;
        let eve = house.comes(&request, "Eve").await;
        let (first, second) = (house.upload_to(&request, 10), house.upload_to(&request, 20));
        let lost = house.upload_to(&request, 30);
        for (name, upload) in [("a", &first), ("b", &second), ("c", &lost)] {
            assert_eq!(house.asks_room(&eve, name, upload).await, Room::Promised);
        }
        assert_eq!(ledger.uploads_unfinished(&alice.uid).await.expect("read"), [], "not her own");
        assert_eq!(ledger.upload_of(&alice.uid, &first.id).await.expect("read"), None);
        assert!(ledger.upload_of_sender(&eve.id, &first.id).await.expect("read").is_some());
        let bob = house.comes(&request, "Bob").await;
        assert_eq!(ledger.upload_of_sender(&bob.id, &first.id).await.expect("read"), None);
        for again in [true, false] {
            assert_eq!(ledger.upload_aborted(&first.id, at(3)).await.expect("asked"), again);
        }
        let object = UploadedObject { etag: Some("e".to_owned()), crc64nvme: "c".to_owned() };
        for again in [true, false] {
            let done = ledger.upload_completed(&second.id, &object, at(4)).await.expect("asked");
            assert_eq!(done, again);
        }
        ledger.keep_promise(&lost.id, at(5)).await.expect("kept");
        assert!(!ledger.upload_aborted(&lost.id, at(6)).await.expect("asked"));
        let now = house.as_it_is(&request).await;
        assert_eq!((now.files, now.bytes, now.arrived, now.senders), (2, 50, 1, 1));
        assert_eq!(now.arrived_at, Some(at(4)));
        let sent = ledger.sent_by(&eve.id).await.expect("read");
        let names: Vec<_> = sent.iter().map(|file| (file.name.as_str(), file.bytes)).collect();
        assert_eq!(names, [("b", 20)]);
        let upload = house.upload_to(&request, 1);
        assert_eq!(house.asks_room(&eve, "a", &upload).await, Room::Promised, "free again");
        let upload = house.upload_to(&request, 1);
        assert_eq!(house.asks_room(&eve, "c", &upload).await, Room::NameTaken, "nobody knows");
        let stale = ledger.uploads_stale(&stale_at(0, 1, 0)).await.expect("read");
        assert_eq!(stale.len(), 1, "those of requests alone, and begun");
    }
}

#[tokio::test]
async fn what_sends_nothing_is_given_up_early_and_what_sent_a_part_is_not() {
    for house in House::of_each_engine().await {
        let (ledger, alice) = (&house.ledger, house.person("alice").await);
        let request = house.file_request(&alice.uid);
        house.keeps_request(&request).await;
        let eve = house.comes(&request, "Eve").await;
        let (silent, sending) = (house.upload_to(&request, 1), house.upload_to(&request, 1));
        let asked = house.upload_to(&request, 1);
        for (name, upload) in [("a", &silent), ("b", &sending), ("c", &asked)] {
            assert_eq!(house.asks_room(&eve, name, upload).await, Room::Promised);
            assert!(ledger.upload_transfers(&upload.id, name, at(3)).await.expect("written"));
            // Whoever only says that a part is to come holds nothing by it.
            ledger.touch_upload(&upload.id, at(50)).await.expect("written");
        }
        ledger.part_passed(&sending.id, at(4)).await.expect("written");
        ledger.completing(&asked.id, at(5)).await.expect("written");
        let stale = ledger.uploads_stale(&stale_at(0, 0, 0)).await.expect("read");
        assert_eq!(stale, [], "not a moment too early");
        let stale = ledger.uploads_stale(&stale_at(0, 0, 1)).await.expect("read");
        assert_eq!(stale.iter().map(|row| &row.id).collect::<Vec<_>>(), [&silent.id]);
        // A day counts from the last part that came, and not from the last question.
        let found = async |stale| {
            let rows = ledger.uploads_stale(&stale).await.expect("read").into_iter();
            rows.map(|row| row.id).collect::<std::collections::BTreeSet<_>>()
        };
        assert_eq!(found(stale_at(0, 4, 0)).await, [silent.id.clone()].into());
        let two = [silent.id.clone(), sending.id.clone()];
        assert_eq!(found(stale_at(0, 5, 0)).await, two.into());
        let begun = Stale { of_requests_begun: at(0), ..stale_at(0, 0, 0) };
        assert!(found(begun).await.is_empty());
        let begun = Stale { of_requests_begun: at(1), ..stale_at(0, 0, 0) };
        assert_eq!(found(begun).await.len(), 3, "none is under way for ever");
        assert!(!ledger.upload_unbegun(&silent.id, at(51)).await.expect("asked"), "it is known");
        let new = house.upload_to(&request, 1);
        assert_eq!(house.asks_room(&eve, "d", &new).await, Room::Promised);
        assert!(ledger.upload_unbegun(&new.id, at(51)).await.expect("given up"));
        assert!(!ledger.upload_transfers(&new.id, "d", at(52)).await.expect("too late"));
        let (of, sender) =
            ledger.request_of_upload(&sending.id).await.expect("read").expect("one of a request");
        assert_eq!((of.id, sender), (request.id.clone(), eve.clone()));
        let stranger = RowId::generate(at(0), &house.entropy);
        assert!(ledger.request_of_upload(&stranger).await.expect("read").is_none());
    }
}

#[tokio::test]
async fn what_was_begun_is_found_by_its_sender_and_key_alone() {
    for house in House::of_each_engine().await {
        let (ledger, alice) = (&house.ledger, house.person("alice").await);
        let request = house.file_request(&alice.uid);
        house.keeps_request(&request).await;
        let (eve, bob) = (house.comes(&request, "Eve").await, house.comes(&request, "Bob").await);
        let promise = async |sender: &SenderRow, name: &str, key: &str| {
            let upload = &house.upload_to(&request, 1);
            let client_key = Some(key);
            let file = Promised { sender, name, name_key: name, client_key, upload };
            ledger.promise_room(&file, at(2)).await.map(|_room| upload.id.clone())
        };
        let first = promise(&eve, "a.txt", "key").await.expect("written");
        let other = promise(&bob, "a.txt", "key").await.expect("written");
        let again = promise(&eve, "b.txt", "key").await;
        assert!(matches!(again, Err(LedgerError::Conflict { .. })), "{again:?}");
        let found = ledger.sent_as(&eve.id, "key").await.expect("read").expect("begun");
        assert_eq!((found.0.id, found.1), (first, "a.txt".to_owned()));
        let found = ledger.sent_as(&bob.id, "key").await.expect("read").expect("begun");
        assert_eq!(found.0.id, other);
        assert_eq!(ledger.sent_as(&eve.id, "none").await.expect("read"), None);
        for name in ["a (2).txt", "a (3).txt", "a (", "a", "a2.txt", "b (2).txt", "A (2).txt"] {
            promise(&eve, name, &format!("key of {name}")).await.expect("written");
        }
        let taken = async |most| {
            let names = ledger.names_like(&eve.id, ("a.txt", "a"), most).await.expect("read");
            names.into_iter().collect::<std::collections::BTreeSet<_>>()
        };
        let all = ["a (", "a (2).txt", "a (3).txt", "a.txt"].map(str::to_owned);
        assert_eq!(taken(10).await, all.into());
        assert_eq!(taken(2).await.len(), 2);
        assert_eq!(taken(1).await, ["a.txt".to_owned()].into(), "the name itself before others");
    }
}

#[tokio::test]
async fn arrivals_are_told_once_and_again_only_later() {
    for house in House::of_each_engine().await {
        let (ledger, alice) = (&house.ledger, house.person("alice").await);
        let request = house.file_request(&alice.uid);
        house.keeps_request(&request).await;
        let eve = house.comes(&request, "Eve").await;
        let object = UploadedObject { etag: Some("e".to_owned()), crc64nvme: "c".to_owned() };
        let arrives = async |name: &str| {
            let upload = house.upload_to(&request, 1);
            assert_eq!(house.asks_room(&eve, name, &upload).await, Room::Promised);
            assert!(ledger.upload_completed(&upload.id, &object, at(4)).await.expect("done"));
        };
        let untold = async |before| ledger.untold_file_requests(at(before)).await.expect("read");
        assert_eq!(untold(9).await, []);
        arrives("a").await;
        arrives("b").await;
        let first = untold(0).await;
        assert_eq!((first.len(), first[0].new, first[0].arrived), (1, 2, 2));
        assert!(ledger.tell_of_file_request(&first[0], at(5)).await.expect("told"));
        assert!(!ledger.tell_of_file_request(&first[0], at(5)).await.expect("asked"), "one node");
        arrives("c").await;
        assert_eq!(untold(4).await, [], "too soon");
        assert_eq!(untold(5).await[0].new, 1);
    }
}

#[tokio::test]
async fn a_request_ends_with_its_person_and_takes_nothing_then() {
    for house in House::of_each_engine().await {
        let (ledger, alice) = (&house.ledger, house.person("alice").await);
        let keeping = keep(&house.grant(GrantSubject::Everyone));
        let (mine, other) = (house.file_request(&alice.uid), house.file_request(&alice.uid));
        for request in [&mine, &other] {
            house.keeps_request(request).await;
        }
        let eve = house.comes(&mine, "Eve").await;
        let bob = house.person("bob").await;
        let revoke = async |uid| ledger.revoke_file_request(&other.id, uid, at(3)).await;
        assert!(!revoke(&bob.uid).await.expect("asked"));
        assert!(revoke(&alice.uid).await.expect("asked"));
        assert!(!revoke(&alice.uid).await.expect("asked"), "once");
        assert!(ledger.session_revoked(other.id.as_str()));
        assert!(
            !ledger.insert_sender(&house.sender_who_came(&other, "Eve"), 9).await.expect("asked")
        );
        assert!(ledger.begin_share_try(Guarded::Request, &mine.id, 1).await.expect("asked"));
        assert!(!ledger.begin_share_try(Guarded::Request, &mine.id, 1).await.expect("asked"));
        ledger.disable_person(&alice.uid, at(4), &keeping).await.expect("shut out");
        assert!(ledger.session_revoked(mine.id.as_str()));
        assert_eq!(house.as_it_is(&mine).await.revoked_at, Some(at(4)));
        let upload = house.upload_to(&mine, 1);
        assert_eq!(house.asks_room(&eve, "a", &upload).await, Room::Full);
        assert_eq!(ledger.sweep_file_requests(at(5), at(0)).await.expect("swept"), 2);
    }
}

#[tokio::test]
async fn what_the_store_may_just_make_a_file_gives_nothing_back() {
    for house in House::of_each_engine().await {
        let (ledger, alice) = (&house.ledger, house.person("alice").await);
        let request = house.file_request(&alice.uid);
        house.keeps_request(&request).await;
        let eve = house.comes(&request, "Eve (1)").await;
        let object = UploadedObject { etag: None, crc64nvme: "AAAAAAAAAAA=".to_owned() };
        let mut uploads = Vec::new();
        for name in ["a", "b", "c"] {
            let upload = house.upload_to(&request, 10);
            assert_eq!(house.asks_room(&eve, name, &upload).await, Room::Promised);
            assert_eq!(ledger.completing(&upload.id, at(3)).await.expect("asked"), None, "begun");
            assert!(ledger.upload_transfers(&upload.id, "x", at(3)).await.expect("noted"));
            assert_eq!(ledger.completing(&upload.id, at(3)).await.expect("noted"), Some(0));
            assert!(!ledger.upload_aborted(&upload.id, at(4)).await.expect("asked"));
            uploads.push(upload.id);
        }
        let now = house.as_it_is(&request).await;
        assert_eq!((now.files, now.bytes), (3, 30), "nothing was given back");
        // The store said no to one: its sender gives it up, and its room is free.
        ledger.not_completing(&uploads[0]).await.expect("noted");
        assert!(ledger.upload_aborted(&uploads[0], at(5)).await.expect("given up"));
        assert_eq!(ledger.completing(&uploads[0], at(6)).await.expect("asked"), None);
        // Of one nobody learns what came of it; the other turns out to have arrived.
        assert_eq!(ledger.completing(&uploads[1], at(6)).await.expect("noted"), Some(1));
        for id in &uploads[1..] {
            ledger.keep_promise(id, at(7)).await.expect("kept");
        }
        assert!(ledger.upload_completed(&uploads[2], &object, at(8)).await.expect("noted"));
        assert!(!ledger.upload_completed(&uploads[0], &object, at(8)).await.expect("asked"));
        let now = house.as_it_is(&request).await;
        assert_eq!((now.files, now.bytes, now.arrived), (2, 20, 1));
    }
}
