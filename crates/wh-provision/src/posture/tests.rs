//! Every check of the store, once holding and once failing, by breaking what it is about.

use serde_json::json;
use wh_names::BucketName;

use super::*;
use crate::description::{Description, Settings};
use crate::memory::{Break, MemoryCloud};
use crate::{BucketSettingKind, Estate, apply, plan};

const AWS: &str = r#"
installation = "files"
account = "111122223333"
region = "eu-central-1"
block_public_access_of_account = true
[[bucket]]
name = "example-files"
"#;

fn estate(text: &str) -> Estate {
    Estate::of(Description::read(text).expect("a description")).expect("an estate")
}

fn aws() -> Estate {
    estate(AWS)
}

async fn made(estate: &Estate) -> MemoryCloud {
    let cloud = MemoryCloud::new(estate.partition().clone(), estate.account().clone());
    let plan = plan(estate, &cloud).await.expect("a plan");
    apply(&plan, &cloud).await.expect("applied");
    cloud
}

async fn found(estate: &Estate, cloud: &MemoryCloud) -> Vec<CheckFound> {
    let read = read_back(estate, cloud).await.expect("read");
    of_store(estate, &read, Transport::Policies)
}

fn failing(found: &[CheckFound]) -> Vec<&str> {
    let failing = found.iter().filter(|one| one.state == CheckState::Fails);
    failing.map(|one| one.check.as_str()).collect()
}

fn state<'f>(found: &'f [CheckFound], check: &str) -> &'f CheckFound {
    found.iter().find(|one| one.check == check).expect("a check")
}

#[tokio::test]
async fn everything_holds_of_an_estate_on_aws_that_was_just_made() {
    let estate = aws();
    let found = found(&estate, &made(&estate).await).await;
    let states: Vec<_> = found.iter().map(|one| (one.check.as_str(), one.state)).collect();
    let expected: Vec<_> = STORE_CHECKS.iter().map(|id| (*id, CheckState::Holds)).collect();
    assert_eq!(states, expected, "{found:#?}");
    assert_eq!(of_rails(&estate).state, CheckState::Holds);
}

/// What is broken, and which checks must fail by that and no others. Every drift is one of `no-drift`, too.
#[tokio::test]
async fn each_check_of_the_store_fails_by_what_it_is_about_and_by_nothing_else() {
    let estate = aws();
    let bucket = BucketName::parse("example-files").expect("a bucket");
    let policy = estate.bucket_policy().document.to_json();
    let without = |sid: &str| {
        let mut document: serde_json::Value = serde_json::from_str(&policy).expect("JSON");
        let statements = document["Statement"].as_array_mut().expect("statements");
        statements.retain(|one| one["Sid"] != sid);
        document.to_string()
    };
    let with = |statement: serde_json::Value| {
        let mut document: serde_json::Value = serde_json::from_str(&policy).expect("JSON");
        document["Statement"].as_array_mut().expect("statements").push(statement);
        document.to_string()
    };
    let open = |principal| {
        json!({"Sid": "Open", "Effect": "Allow", "Principal": principal,
            "Action": "s3:GetObject", "Resource": "arn:aws:s3:::example-files/*"})
    };
    let named = json!({"AWS": "arn:aws:iam::999999999999:root"});
    let kind = BucketSettingKind::PublicAccess;
    for (breaks, expected) in [
        (Break::Setting(kind), &["public-access-blocked", "no-drift"][..]),
        (Break::Setting(BucketSettingKind::Encryption), &["encrypted-at-rest", "no-drift"]),
        (Break::Setting(BucketSettingKind::Versioning), &["versioning", "no-drift"]),
        (Break::Setting(BucketSettingKind::Ownership), &["acls-off", "no-drift"]),
        (Break::Setting(BucketSettingKind::Lifecycle), &["lifecycle", "no-drift"]),
        (Break::Setting(BucketSettingKind::Logging), &["access-logs", "no-drift"]),
        (Break::Policy(without("DenyInsecureTransport")), &["tls-only", "no-drift"]),
        (Break::Policy(without("DenyLongPresign")), &["signed-links-end", "no-drift"]),
        (Break::Policy(with(open(json!("*")))), &["no-public-policy", "no-foreign-statements"]),
        (Break::Policy(with(open(named))), &["no-foreign-statements"]),
        (Break::Account, &["account-public-access-blocked", "no-drift"]),
        (Break::Trail, &["trail", "no-drift"]),
        (Break::Rotation, &["key-rotated", "no-drift"]),
        (Break::Boundary, &["no-drift", "roles-bounded"]),
        (Break::Wide, &["no-drift", "no-wide-statements"]),
        (Break::Attached, &["no-drift", "no-wide-statements"]),
        (Break::Unreadable, &["no-drift"]),
    ] {
        let cloud = made(&estate).await;
        cloud.break_it(&bucket, &breaks);
        let found = found(&estate, &cloud).await;
        let mut expected = expected.to_vec();
        expected.sort_by_key(|id| STORE_CHECKS.iter().position(|known| known == id));
        assert_eq!(failing(&found), expected, "{breaks:?}: {found:#?}");
        for one in found.iter().filter(|one| one.state == CheckState::Fails) {
            assert!(!one.evidence.is_empty(), "{one:?}");
        }
        let statements = state(&found, "no-wide-statements").state;
        let is_unread = matches!(breaks, Break::Unreadable);
        assert_eq!(statements == CheckState::Unknown, is_unread, "{breaks:?}");
        apply(&plan(&estate, &cloud).await.expect("a plan"), &cloud).await.expect("mended");
    }
}

#[tokio::test]
async fn without_a_proof_tls_holds_only_where_no_door_is_open_to_plain_http() {
    let estate = aws();
    let cloud = made(&estate).await;
    let bucket = BucketName::parse("example-files").expect("a bucket");
    cloud.break_it(&bucket, &Break::Setting(BucketSettingKind::Policy));
    let read = read_back(&estate, &cloud).await.expect("read");
    for (transport, expected) in [
        (Transport::Policies, CheckState::Fails),
        (Transport::OnlyTls, CheckState::Holds),
        (Transport::Loopback, CheckState::Holds),
        (Transport::Proxy, CheckState::Unknown),
    ] {
        let found = of_store(&estate, &read, transport);
        assert_eq!(state(&found, "tls-only").state, expected, "{transport:?}");
    }
}

#[tokio::test]
async fn a_link_that_is_described_to_live_longer_than_an_hour_does_not_end_soon() {
    for (seconds, expected) in [(3600, CheckState::Holds), (3601, CheckState::Fails)] {
        let estate = estate(&format!("{AWS}presign_max_seconds = {seconds}\n"));
        let found = found(&estate, &made(&estate).await).await;
        assert_eq!(state(&found, "signed-links-end").state, expected, "{seconds}");
    }
}

#[tokio::test]
async fn a_store_that_encrypts_nothing_fails_and_one_of_others_is_not_known() {
    let mut described = Description::read(AWS).expect("a description");
    for (settings, encryption, versions) in [
        (Settings::Unencrypted, CheckState::Fails, CheckState::Holds),
        (Settings::Guards, CheckState::Unknown, CheckState::Unknown),
    ] {
        described.buckets[0].settings = settings;
        let estate = Estate::of(described.clone()).expect("an estate");
        let found = found(&estate, &made(&estate).await).await;
        assert_eq!(state(&found, "encrypted-at-rest").state, encryption, "{settings:?}");
        assert_eq!(state(&found, "versioning").state, versions, "{settings:?}");
    }
}

#[tokio::test]
async fn on_aws_what_the_estate_does_not_ask_for_fails_until_it_is_accepted() {
    let asks_for_none =
        format!("encryption = \"s3\"\n{AWS}[logs]\nenabled = false\n[trail]\nenabled = false\n");
    let estate = estate(&asks_for_none);
    let found = found(&estate, &made(&estate).await).await;
    let expected = ["encrypted-at-rest", "access-logs", "trail"];
    assert_eq!(failing(&found), expected, "{found:#?}");
    let accepted = expected.map(|check| Acceptance {
        check: check.to_owned(),
        thing: "estate".to_owned(),
        reason: "a test".to_owned(),
        until: 2,
    });
    let judged = judged(&PostureReport::of(found, 1), &accepted, 1);
    let of = judged.iter().filter(|one| one.judgement == Judgement::Accepted);
    assert_eq!(of.map(|one| one.check.id).collect::<Vec<_>>(), expected);
}

#[test]
fn an_estate_without_guard_rails_fails_and_so_does_one_that_breaks_them() {
    let bare = format!("standard_rails = false\n{AWS}");
    assert_eq!(of_rails(&estate(&bare)).state, CheckState::Fails);
    let wide = json!({"Version": "2012-10-17", "Statement": [{"Sid": "Write", "Effect": "Allow",
        "Action": "s3:PutObject", "Resource": "arn:aws:s3:::example-files/*"}]});
    let policies = [("RegularUserRole".to_owned(), wide.to_string())].into();
    let broken = of_rails(&aws().with_policies(&policies).expect("an estate"));
    assert_eq!(broken.evidence[0].thing, "role/RegularUserRole", "{broken:?}");
}

#[test]
fn of_very_many_things_a_hundred_are_told_and_how_many_more_there_are() {
    let thing = |n: usize| Evidence {
        thing: format!("role/{n}"),
        name: n.to_string(),
        said: Said::english("wide"),
    };
    for (count, told, last) in [(100, 100, "99"), (101, 101, "+ 1"), (5_000, 101, "+ 4900")] {
        for check in ["no-wide-statements", "no-unused-persons"] {
            let found = CheckFound::by(check, (0..count).map(thing).collect());
            let report = PostureReport::of(vec![found], 1);
            let evidence = &state(&report.found, check).evidence;
            assert_eq!(evidence.len(), told);
            assert_eq!(evidence.last().map(|one| one.name.as_str()), Some(last));
        }
    }
}

#[test]
fn a_risk_is_accepted_for_its_thing_until_its_time_is_over() {
    let evidence = |name: &str| Evidence {
        thing: format!("bucket/{name}"),
        name: name.to_owned(),
        said: Said::english("no versions"),
    };
    let report = |names: &[&str]| {
        let evidence = names.iter().map(|name| evidence(name)).collect();
        PostureReport::of(vec![CheckFound::by("versioning", evidence)], 100)
    };
    let accept = |thing: &str, until| Acceptance {
        check: "versioning".to_owned(),
        thing: thing.to_owned(),
        reason: "a test".to_owned(),
        until,
    };
    for (names, accepted, expected) in [
        (&["a"][..], vec![], Judgement::Fails),
        (&["a"], vec![accept("bucket/a", 101)], Judgement::Accepted),
        (&["a"], vec![accept("bucket/a", 100)], Judgement::Fails),
        (&["a"], vec![accept("bucket/b", 101)], Judgement::Fails),
        (&["a", "b"], vec![accept("bucket/a", 101)], Judgement::Fails),
        (&["a", "b"], vec![accept("*", 101)], Judgement::Accepted),
        (&["a"], vec![accept("bucket/a", 99), accept("*", 101)], Judgement::Accepted),
        (&[], vec![accept("*", 101)], Judgement::Holds),
    ] {
        let judged = judged(&report(names), &accepted, 100);
        let one = judged.iter().find(|one| one.check.id == "versioning").expect("judged");
        assert_eq!(one.judgement, expected, "{names:?} {accepted:?}");
    }
    let over = judged(&report(&["a"]), &[accept("bucket/a", 100)], 100);
    let over = over.iter().find(|one| one.check.id == "versioning").expect("judged");
    assert!(over.evidence[0].accepted.as_ref().is_some_and(|one| one.over), "{over:?}");
}

#[test]
fn what_is_not_known_is_never_told_to_hold_unless_another_looks_and_knew_it_a_while_ago() {
    let unknown = PostureReport::of(Vec::new(), 200);
    let all = judged(&unknown, &[], 200);
    assert_eq!(all.len(), CHECKS.len());
    assert!(all.iter().all(|one| one.judgement == Judgement::Unknown && one.found.why.is_some()));
    let held = CHECKS.iter().map(|one| CheckFound::by(one.id, Vec::new()));
    let known = PostureReport::of(held.collect(), 100);
    for (others, oldest) in
        [(&STORE_CHECKS[..], 100), (&STORE_CHECKS, 101), (&["audit-whole"], 100), (&[], 100)]
    {
        let kept = unknown.clone().keeping(others, &known, oldest);
        for one in &kept.found {
            let is_kept = oldest == 100 && others.contains(&one.check.as_str());
            let expected = if is_kept { CheckState::Holds } else { CheckState::Unknown };
            assert_eq!((one.state, one.at == 100), (expected, is_kept), "{others:?} {one:?}");
        }
    }
    let wrong = vec![Evidence {
        thing: "bucket/a".to_owned(),
        name: "a".to_owned(),
        said: Said::english("no versions"),
    }];
    let now = PostureReport::of(vec![CheckFound::by("versioning", wrong)], 200);
    let kept = now.clone().keeping(&STORE_CHECKS, &known, 100);
    assert_eq!(state(&kept.found, "versioning"), state(&now.found, "versioning"));
}

#[test]
fn ids_are_once_in_the_table_and_every_check_has_words_in_both_languages() {
    for (at, one) in CHECKS.iter().enumerate() {
        assert!(CHECKS.iter().skip(at + 1).all(|other| other.id != one.id), "{}", one.id);
        for words in [one.title, one.means, one.fix.words] {
            assert!(!words.en.is_empty() && !words.de.is_empty() && words.en != words.de);
        }
        assert!(one.id.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", one.id);
    }
    assert!(STORE_CHECKS.iter().all(|id| check(id).is_some()));
}

#[test]
fn the_page_lists_every_check_with_the_ids_of_its_standards() {
    let page = include_str!("../../../../docs/posture.md");
    let row = |id: &str| page.lines().find(|line| line.starts_with(&format!("| `{id}` |")));
    for one in CHECKS {
        let row = row(one.id).unwrap_or_else(|| panic!("no row of {}", one.id));
        assert!(row.contains(one.means.en), "{row}");
        for standard in one.standards {
            assert!(row.contains(standard.id), "{row}: {}", standard.id);
        }
        assert!(one.fix.command.is_none_or(|command| row.contains(command)), "{row}");
    }
}
