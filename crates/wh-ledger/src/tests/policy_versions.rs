//! What the ledger promises about saved permissions, on each engine.

use futures::future::join_all;

use super::{House, at};
use crate::*;

fn version(role: &str, number: u32, document: Option<&str>) -> PolicyVersion {
    PolicyVersion {
        role: wh_names::RoleName::parse(role).expect("a role"),
        number,
        document: document.map(str::to_owned),
        note: format!("the {number}."),
        author: wh_names::Uid::parse("01arz3ndektsv4rrffq69g5fav").expect("a uid"),
        saved_at: at(i64::from(number)),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_twenty_who_save_the_same_number_one_does() {
    for house in House::of_each_engine().await {
        let (one, two) = (house.ledger.clone(), house.other_node().await);
        let nodes: Vec<Ledger> =
            (0..20).map(|n| if n % 2 == 0 { one.clone() } else { two.clone() }).collect();
        let first = version("RegularUserRole", 1, Some("{}"));
        let tries = nodes.iter().map(|ledger| ledger.add_policy_version(&first));
        let saved = join_all(tries).await.into_iter().filter_map(Result::ok).filter(|done| *done);
        assert_eq!(saved.count(), 1);
        assert_eq!(house.ledger.policy_versions().await.expect("read"), [first]);
    }
}

#[tokio::test]
async fn the_newest_version_of_a_role_counts_and_one_without_a_document_ends_it() {
    for house in House::of_each_engine().await {
        let ledger = &house.ledger;
        for (saved, expected) in [
            (version("RegularUserRole", 1, Some("one")), true),
            (version("S3AccessRole", 1, Some("other")), true),
            (version("RegularUserRole", 3, Some("too far")), false),
            (version("RegularUserRole", 2, Some("two")), true),
            (version("S3AccessRole", 2, None), true),
        ] {
            let done = ledger.add_policy_version(&saved).await.expect("an answer");
            assert_eq!(done, expected, "{saved:?}");
        }
        let counts = ledger.saved_policies().await.expect("read");
        let counts: Vec<(&str, &str)> =
            counts.iter().map(|(role, text)| (role.as_str(), text.as_str())).collect();
        assert_eq!(counts, [("RegularUserRole", "two")]);
        assert_eq!(ledger.policy_versions_counted().await.expect("read"), 4);
    }
}
