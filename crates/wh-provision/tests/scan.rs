//! The scan for malware in the estate: who reads what by what was found, who writes that down, and that
//! an estate without a scan has nothing of it.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

use wh_names::{
    AccountId, Action, Arn, BucketName, KeyPrefix, ObjectKey, Partition, Region, RoleName,
    RoleSessionName, SCAN_TAG, ScanVerdict, Serving, Uid,
};
use wh_policy::{Context, Outcome, PolicySet, Request, Subject, evaluate};
use wh_provision::{
    ADMIN_ROLE, Came, EC2_UPLOAD_ROLE, Estate, MemoryCloud, MemoryProbes, PORTAL_ROLE,
    REGULAR_USER_ROLE, S3_ACCESS_ROLE, SCAN_ROLE, Settings, StandardEstate, Target, UPLOAD_ROLE,
    apply, diagram, document, plan, verify,
};

const ACCOUNT: &str = "123456789012";
const PORTAL: &str = "arn:aws:sts::123456789012:assumed-role/PortalRole/i-1";

fn estate(scan: Option<Serving>) -> Estate {
    Estate::standard(StandardEstate {
        partition: Partition::parse("aws").expect("a partition"),
        account: AccountId::parse(ACCOUNT).expect("an account"),
        region: Region::parse("eu-central-1").expect("a region"),
        bucket: BucketName::parse("wellhouse-files").expect("a bucket"),
        installation: "test".to_owned(),
        instance_prefix: KeyPrefix::parse("instances/").expect("a prefix"),
        portal_origins: vec!["https://files.example.org".to_owned()],
        target: Target::Aws,
        settings: Settings::All,
        scan,
    })
    .expect("an estate")
}

/// Whether a role may do something to an object whose tags are `there`, with a request that brings
/// `brought`. It is given all of S3: what is left is what bucket policy and boundary refuse.
fn may(
    estate: &Estate,
    (role, action): (&str, &str),
    (there, brought): (Option<&str>, Option<&str>),
) -> bool {
    let role = estate.role(&RoleName::parse(role).expect("a name")).expect("a role");
    let session = RoleSessionName::parse("u-a").expect("a name");
    let subject = Subject::RoleSession {
        role_arn: role.arn.clone(),
        session_arn: Arn::assumed_role(estate.partition(), estate.account(), &role.name, &session),
    };
    let mut context = Context::new();
    for (key, value) in [
        ("aws:PrincipalAccount", ACCOUNT),
        ("aws:PrincipalIsAWSService", "false"),
        ("aws:SecureTransport", "true"),
        ("s3:TlsVersion", "1.3"),
        ("s3:signatureAge", "0"),
        ("s3:signatureversion", "AWS4-HMAC-SHA256"),
    ] {
        context.set(key, value);
    }
    for (kind, value) in [("Existing", there), ("Request", brought)] {
        let Some(value) = value else { continue };
        context.set(&format!("s3:{kind}ObjectTag/{SCAN_TAG}"), value);
    }
    let key = ObjectKey::parse("home/a").expect("a key");
    let administrators = estate.role(&RoleName::parse(ADMIN_ROLE).expect("a name"));
    let request = Request {
        subject: &subject,
        action: &Action::parse(action).expect("an action"),
        resource: &Arn::object(estate.partition(), &estate.bucket().name, &key),
        resource_account: estate.account(),
        context: &context,
    };
    let policies = PolicySet {
        identity: &administrators.expect("a role").permissions,
        resource: Some(estate.bucket_policy()),
        boundary: Some(&role.boundary),
        ..PolicySet::default()
    };
    evaluate(&policies, &request).outcome() == Outcome::Allow
}

#[test]
fn what_is_infected_is_read_by_administrators_alone() {
    for serving in [Serving::AllButInfected, Serving::OnlyClean] {
        let estate = estate(Some(serving));
        for action in ["s3:GetObject", "s3:GetObjectVersion"] {
            let reads = |role, tag| may(&estate, (role, action), (tag, None));
            for role in [REGULAR_USER_ROLE, S3_ACCESS_ROLE, UPLOAD_ROLE, EC2_UPLOAD_ROLE, SCAN_ROLE]
            {
                assert!(!reads(role, Some("infected")), "{role} {action}");
                assert!(reads(role, Some("clean")), "{role} {action}");
                assert!(reads(role, Some("released")), "{role} {action}");
                let served = role == SCAN_ROLE || serving == Serving::AllButInfected;
                let others = [None, Some("unscanned"), Some("Clean"), Some("")];
                let odd = others.iter().find(|tag| reads(role, **tag) != served);
                assert_eq!(odd, None, "{role} {action} {serving:?}");
            }
            for tag in [None, Some("infected"), Some("unscanned")] {
                assert!(reads(ADMIN_ROLE, tag), "{action} {tag:?}");
            }
        }
    }
}

#[test]
fn nobody_but_the_scan_writes_what_was_found() {
    let estate = estate(Some(Serving::AllButInfected));
    let tagging = ["s3:PutObjectTagging", "s3:PutObjectVersionTagging"];
    let untagging = ["s3:DeleteObjectTagging", "s3:DeleteObjectVersionTagging"];
    let all = ScanVerdict::ALL.map(|verdict| Some(verdict.as_str()));
    let values = || all.into_iter().chain([None, Some("forged")]);
    for role in [ADMIN_ROLE, S3_ACCESS_ROLE, REGULAR_USER_ROLE] {
        for (there, brought) in values().flat_map(|one| values().map(move |two| (one, two))) {
            // What is there stays, and nothing comes from elsewhere; a foreign value may go.
            let keeps = there == brought && there != Some("forged");
            let takes_foreign_away = there == Some("forged") && brought.is_none();
            for action in tagging {
                let may = may(&estate, (role, action), (there, brought));
                assert_eq!(
                    may,
                    keeps || takes_foreign_away,
                    "{role} {action} {there:?} {brought:?}"
                );
            }
        }
        for action in untagging {
            assert!(may(&estate, (role, action), (None, None)), "{role}");
            assert!(!may(&estate, (role, action), (Some("infected"), None)), "{role}");
        }
        let puts = |brought| may(&estate, (role, "s3:PutObject"), (None, brought));
        assert!(puts(None) && !puts(Some("clean")) && !puts(Some("x")), "{role}");
    }
    for verdict in all {
        for action in tagging {
            assert!(may(&estate, (SCAN_ROLE, action), (Some("infected"), verdict)), "{verdict:?}");
            assert!(may(&estate, (SCAN_ROLE, action), (None, verdict)), "{verdict:?}");
        }
    }
}

#[test]
fn an_estate_without_a_scan_has_nothing_of_it() {
    let estate = estate(None);
    assert!(estate.role(&RoleName::parse(SCAN_ROLE).expect("a name")).is_none());
    let told = document(&estate);
    assert!(!told.contains(SCAN_TAG) && !told.contains(SCAN_ROLE), "{told}");
}

#[tokio::test]
async fn a_scanned_estate_is_verified_and_told() {
    for serving in [Serving::AllButInfected, Serving::OnlyClean] {
        let estate = estate(Some(serving));
        let account = AccountId::parse(ACCOUNT).expect("an account");
        let cloud = MemoryCloud::new(estate.partition().clone(), account);
        apply(&plan(&estate, &cloud).await.expect("a plan"), &cloud).await.expect("applied");
        let again = plan(&estate, &cloud).await.expect("a plan");
        assert!(again.is_empty(), "{:?}", again.changes());
        let probes = MemoryProbes::new(&cloud, PORTAL);
        let person = Uid::parse("01k7d3m5q8w0e2r4t6y8v0b2n4").expect("a uid");
        let report = verify(&estate, &cloud, &probes, &person).await.expect("a report");
        let wrong = report.probes.iter().filter(|probe| probe.holds() == Some(false));
        let wrong: Vec<String> = wrong.map(ToString::to_string).collect();
        assert_eq!(wrong, [""; 0]);
        let tried = |words: &str, came: fn(&Came) -> bool| {
            let line = report.probes.iter().find(|line| line.tried.contains(words));
            assert!(
                line.is_some_and(|line| line.who == PORTAL_ROLE && came(&line.came)),
                "{words}"
            );
        };
        tried("assume `ScanRole` as the portal does", |came| *came == Came::Allowed);
        tried("assume `ScanRole` as for a person", |came| matches!(came, Came::Denied(_)));
        let scanned = report.probes.iter().filter(|line| line.who == SCAN_ROLE);
        assert!(scanned.filter(|line| line.holds() == Some(true)).count() > 10);
        let told = document(&estate);
        assert!(told.contains(SCAN_ROLE) && told.contains("DenyInfectedFiles"), "{told}");
        // Where the scan is given up, its statements are ours to take away.
        let without = plan(&self::estate(None), &cloud).await.expect("a plan");
        apply(&without, &cloud).await.expect("applied");
        let mut steps = without.changes().iter().map(|change| change.step.to_string());
        assert!(steps.any(|step| step.contains("bucket policy")), "{:?}", without.changes());
        assert!(diagram(&estate).contains("for the scan"));
    }
}
