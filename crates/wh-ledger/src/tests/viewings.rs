//! What the ledger promises about administrators who see as somebody else, on each engine.

use wh_names::{BucketName, KeyPrefix, RoleName, Uid};

use super::second_factors::record;
use super::{House, at};
use crate::*;

fn viewing(house: &House, sid: &str, viewed: ViewedAs) -> ViewingRow {
    ViewingRow {
        sid: sid.to_owned(),
        by: Uid::generate(at(0), &house.entropy),
        viewed,
        began_at: at(0),
        ends_at: at(900),
        over_at: None,
    }
}

#[tokio::test]
async fn a_session_sees_as_one_and_what_ended_by_itself_is_told_once() {
    for house in House::of_each_engine().await {
        let ledger = &house.ledger;
        let person = Uid::generate(at(1), &house.entropy);
        let first = viewing(&house, "aaaa", ViewedAs::Person(person));
        let role = RoleName::parse("UploadRole").expect("a role");
        let bucket = BucketName::parse("files").expect("a bucket");
        let inbox = KeyPrefix::parse("inbox/").expect("a prefix");
        let other = viewing(&house, "bbbb", ViewedAs::Role(role, bucket, inbox));
        for row in [&first, &other] {
            assert!(ledger.begin_viewing(row).await.expect("written"));
            assert_eq!(ledger.viewing(&row.sid).await.expect("read").as_ref(), Some(row));
        }
        let again = ViewingRow { viewed: other.viewed.clone(), ..first.clone() };
        assert!(!ledger.begin_viewing(&again).await.expect("asked"), "one at a time");
        assert_eq!(ledger.viewings().await.expect("read").len(), 2);
        let lapse = async || {
            let told = ledger.lapse_viewing("aaaa", at(900), &record(900, "EndSeeingAs")).await;
            told.expect("written")
        };
        assert_eq!([lapse().await, lapse().await], [true, false]);
        let trail = ledger.audit_entries(&AuditFilter::default(), 10).await.expect("read");
        let told = trail.iter().filter(|line| line.record.operation == "EndSeeingAs");
        assert_eq!(told.count(), 1);
        let over = ViewingRow { over_at: Some(at(900)), ..first };
        assert_eq!(ledger.end_viewing("aaaa").await.expect("written"), Some(over));
        assert_eq!(ledger.end_viewing("aaaa").await.expect("written"), None);
        assert_eq!(ledger.viewing("bbbb").await.expect("read"), Some(other));
        assert!(!ledger.has_session("bbbb").await.expect("read"));
    }
}
