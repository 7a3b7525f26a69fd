//! The provisioner's own policy, and the probes, on our own endpoint, where both are enforced.

use std::collections::{BTreeMap, BTreeSet};

use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use jiff::Timestamp;
use serde_json::Value;
use wh_aws::{AwsCloud, AwsCredentials, AwsProbes, ClientOptions, PortalCredentials};
use wh_names::{AccessKeyId, BucketName, Clock, KeyPrefix, Secret, Uid};
use wh_provision::{
    BucketSetting, Cloud, CloudError, Description, Destruction, Duty, EC2_UPLOAD_ROLE, Estate,
    PORTAL_ROLE, Plan, Planning, Step, apply, plan, provisioner_policy, verify,
};

use crate::server::Server;

const ACCOUNT: &str = "000000000000";

/// An estate with every setting that our endpoint honours, beside the one that the server made itself.
fn estate() -> Estate {
    let text = format!(
        "installation = \"second\"\naccount = \"{ACCOUNT}\"\nregion = \"us-east-1\"\n\
         target = \"embedded\"\nportal_origins = [\"https://files.example.org\"]\n\n\
         [[bucket]]\nname = \"second-files\"\ninstance_prefix = \"instances/\"\n"
    );
    Estate::of(Description::read(&text).expect("a description")).expect("an estate")
}

fn options(server: &Server, keys: (&str, &str, Option<&str>)) -> ClientOptions {
    options_at(&server.s3, keys)
}

/// Somebody with this key id, secret and session token at that endpoint.
pub(crate) fn options_at(
    url: &str,
    (id, secret, token): (&str, &str, Option<&str>),
) -> ClientOptions {
    ClientOptions {
        region: wh_names::Region::parse("us-east-1").expect("a region"),
        endpoint_url: Some(url.to_owned()),
        public_s3_url: None,
        path_style: true,
        credentials: PortalCredentials::Static(AwsCredentials {
            access_key_id: AccessKeyId::parse(id).expect("a key id"),
            secret: Secret::parse(secret).expect("a secret"),
            session_token: token.map(|token| Secret::parse(token).expect("a token")),
            expires: None,
        }),
    }
}

async fn shared(server: &Server, id: &str, secret: &str) -> aws_config::SdkConfig {
    let credentials = Credentials::new(id, secret, None, None, "test");
    let loader = aws_config::defaults(BehaviorVersion::latest()).region(Region::new("us-east-1"));
    loader.endpoint_url(&server.s3).credentials_provider(credentials).load().await
}

/// A user who has these policies and no other; gives its access key.
async fn user_with(iam: &aws_sdk_iam::Client, name: &str, policies: &[String]) -> (String, String) {
    iam.create_user().user_name(name).send().await.expect("a user");
    for (number, policy) in policies.iter().enumerate() {
        let made = iam.create_policy().policy_name(format!("{name}-{number}"));
        let made = made.policy_document(policy).send().await;
        let made = made.expect("a policy").policy.expect("a policy");
        let arn = made.arn().expect("an ARN");
        let attached = iam.attach_user_policy().user_name(name).policy_arn(arn);
        attached.send().await.expect("attached");
    }
    let key = iam.create_access_key().user_name(name).send().await.expect("a key");
    let key = key.access_key.expect("a key");
    (key.access_key_id, key.secret_access_key)
}

fn steps(plan: &Plan) -> Vec<String> {
    plan.changes().iter().map(|change| change.step.to_string()).collect()
}

/// An error with its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// The policy without one of its actions.
fn without(policy: &str, action: &str) -> String {
    let mut document: Value = serde_json::from_str(policy).expect("JSON");
    for statement in document["Statement"].as_array_mut().expect("statements") {
        if let Some(actions) = statement["Action"].as_array_mut() {
            actions.retain(|one| one != action);
        } else if statement["Action"] == action {
            statement["Effect"] = "Deny".into();
        }
    }
    document.to_string()
}

fn policy(estate: &Estate, duty: Duty) -> String {
    provisioner_policy(estate, duty).expect("a policy").document.to_json()
}

async fn cloud_of(server: &Server, (id, secret): &(String, String)) -> AwsCloud {
    AwsCloud::new(options(server, (id, secret, None))).await
}

/// Plans and makes it; what was refused, with its causes.
async fn applied(estate: &Estate, cloud: &AwsCloud) -> Result<(), String> {
    match plan(estate, cloud).await {
        Ok(missing) => apply(&missing, cloud).await.map(drop).map_err(|error| chain(&error)),
        Err(error) => Err(chain(&error)),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provisioner_needs_exactly_what_its_policies_allow() {
    let server = Server::start_store_only();
    let (id, secret) = server.root();
    let iam = aws_sdk_iam::Client::new(&shared(&server, &id, &secret).await);
    let root = cloud_of(&server, &server.root()).await;
    let estate = estate();
    let (everyday, set_up) = (policy(&estate, Duty::Everyday), policy(&estate, Duty::SetUp));
    // Each of these is missed at another place: when it is read, made, or handed on.
    for (number, action) in [
        "s3:CreateBucket",
        "s3:ListBucket",
        "s3:PutBucketPolicy",
        "s3:GetBucketCORS",
        "iam:GetRole",
        "iam:CreateRole",
        "iam:PutRolePolicy",
        "iam:CreatePolicy",
        "iam:CreateInstanceProfile",
        "iam:PassRole",
    ]
    .iter()
    .enumerate()
    {
        let name = format!("without-{number}");
        let policies = [&everyday, &set_up].map(|policy| without(policy, action));
        assert_ne!(policies, [everyday.clone(), set_up.clone()], "{action} is in none");
        let key = user_with(&iam, &name, &policies).await;
        let refused = applied(&estate, &cloud_of(&server, &key).await).await.expect_err(action);
        // A HEAD is answered without words.
        let told = if *action == "s3:ListBucket" { "403" } else { action };
        assert!(refused.contains(told), "{action}: {refused}");
        // What it made before it was refused is taken away, so that the next begins from nothing.
        let leaving = wh_provision::destroy(&estate, &root, EVERYTHING).await.expect("a plan");
        apply(&leaving, &root).await.expect("destroyed");
    }
    let everyday_key = user_with(&iam, "provisioner", std::slice::from_ref(&everyday)).await;
    let everyday_cloud = cloud_of(&server, &everyday_key).await;
    let refused = applied(&estate, &everyday_cloud).await.expect_err("the boundaries are missing");
    assert!(refused.contains("iam:CreatePolicy"), "{refused}");
    let key = user_with(&iam, "set-up", &[everyday, set_up]).await;
    applied(&estate, &cloud_of(&server, &key).await).await.expect("applied");
    reading_needs_its_actions_and_writes_nothing(&server, &iam, &estate).await;
    everyday_goes_on(&estate, &everyday_cloud, &root).await;
    escapes(&server, &everyday_key, &estate).await;
    let left = plan(&estate, &everyday_cloud).await.expect("a plan");
    assert_eq!(steps(&left), [""; 0], "nothing came of the attempts");

    let key = user_with(&iam, "destroyer", &[policy(&estate, Duty::Destroy)]).await;
    let cloud = cloud_of(&server, &key).await;
    let plain = wh_provision::destroy(&estate, &cloud, Destruction::default()).await;
    let plain = plain.expect("a plan");
    apply(&plain, &cloud).await.expect("destroyed");
    let all = wh_provision::destroy(&estate, &cloud, EVERYTHING).await.expect("a plan");
    let refused = apply(&all, &cloud).await.expect_err("data goes by another policy");
    assert!(chain(&refused).contains("denied"), "{}", chain(&refused));
    let key = user_with(&iam, "eraser", &[policy(&estate, Duty::DestroyWithData)]).await;
    let cloud = cloud_of(&server, &key).await;
    let all = wh_provision::destroy(&estate, &cloud, EVERYTHING).await.expect("a plan");
    assert!(!all.is_empty());
    apply(&all, &cloud).await.expect("destroyed");
}

const EVERYTHING: Destruction = Destruction { delete_data: true, delete_key: true };

/// What our own endpoint has not, and is not asked for.
const ONLY_AMAZON_IS_ASKED: [&str; 4] = [
    "s3:GetAccelerateConfiguration",
    "s3:GetBucketLogging",
    "s3:GetBucketNotification",
    "s3:GetBucketRequestPayment",
];

/// `plan`, and the `adopt` that only shows, by the policy for reading: without any action that this endpoint
/// is asked for they fail, and no step is taken by it.
async fn reading_needs_its_actions_and_writes_nothing(
    server: &Server,
    iam: &aws_sdk_iam::Client,
    estate: &Estate,
) {
    let reads = policy(estate, Duty::Read);
    let key = user_with(iam, "reader", std::slice::from_ref(&reads)).await;
    let cloud = cloud_of(server, &key).await;
    let plain = plan(estate, &cloud).await.expect("a plan");
    assert_eq!(steps(&plain), [""; 0]);
    assert!(wh_provision::Report::of_plan(estate, &plain).is_good());
    let adopting = Planning::new(estate, &cloud).adopting().plan().await.expect("a plan");
    assert!(adopting.is_empty());
    let mut needless = Vec::new();
    for (number, action) in actions(&reads).into_iter().enumerate() {
        let key = user_with(iam, &format!("blind-{number}"), &[without(&reads, &action)]).await;
        if plan(estate, &cloud_of(server, &key).await).await.is_ok() {
            needless.push(action);
        }
    }
    assert_eq!(needless, ONLY_AMAZON_IS_ASKED);
    let role = estate.roles()[0].name.clone();
    let (bucket, document) = (estate.bucket().name.clone(), WIDE.to_owned());
    let setting = BucketSetting::Tagged(BTreeMap::from([("app".to_owned(), "other".to_owned())]));
    for step in [
        Step::PutBucketSetting { bucket, setting },
        Step::PutTrust { role: role.clone(), trust: TRUSTS_ANYONE.to_owned() },
        Step::PutBoundary { role: role.clone(), boundary: estate.boundaries()[1].arn.clone() },
        Step::PutRolePolicy { role: role.clone(), policy: "Added".to_owned(), document },
        Step::DeleteRolePolicy { policy: role.to_string(), role },
    ] {
        let refused = cloud.perform(&step).await.expect_err("a write");
        assert!(matches!(refused, CloudError::Denied { .. }), "{step}: {refused:?}");
    }
    let left = plan(estate, &cloud).await.expect("a plan");
    assert_eq!(steps(&left), [""; 0]);
}

/// Every action that a policy names.
fn actions(policy: &str) -> BTreeSet<String> {
    let document: Value = serde_json::from_str(policy).expect("JSON");
    let mut all = BTreeSet::new();
    for statement in document["Statement"].as_array().expect("statements") {
        let named = &statement["Action"];
        let list = named.as_array().cloned().unwrap_or_else(|| vec![named.clone()]);
        all.extend(list.iter().filter_map(Value::as_str).map(str::to_owned));
    }
    all
}

/// A second apply, what drifted and is mended, and the reading back of `verify`: every day.
async fn everyday_goes_on(estate: &Estate, cloud: &AwsCloud, root: &AwsCloud) {
    let left = plan(estate, cloud).await.expect("a plan");
    assert_eq!(steps(&left), [""; 0]);
    let role = estate.roles()[2].name.clone();
    let document = WIDE.to_owned();
    let bucket = estate.bucket().name.clone();
    let setting = BucketSetting::Tagged(BTreeMap::from([("app".to_owned(), "other".to_owned())]));
    for drift in [
        Step::PutRolePolicy { role: role.clone(), policy: "Added".to_owned(), document },
        Step::DeleteRolePolicy { role: role.clone(), policy: role.to_string() },
        Step::PutTrust { role: role.clone(), trust: TRUSTS_ANYONE.to_owned() },
        Step::PutBoundary { role, boundary: estate.boundaries()[1].arn.clone() },
        Step::PutBucketSetting { bucket, setting },
    ] {
        root.perform(&drift).await.expect("drift");
    }
    let drifted = plan(estate, cloud).await.expect("a plan");
    assert!(drifted.changes().len() >= 5, "{:?}", steps(&drifted));
    apply(&drifted, cloud).await.expect("mended");
    let left = plan(estate, cloud).await.expect("a plan");
    assert_eq!(steps(&left), [""; 0]);
    assert!(wh_provision::Report::of_plan(estate, &left).is_good());
}

const WIDE: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
const TRUSTS_ANYONE: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}"#;

/// Whoever holds the everyday policy comes to no more by it: each way up is refused.
async fn escapes(server: &Server, (id, secret): &(String, String), estate: &Estate) {
    let config = shared(server, id, secret).await;
    let iam = aws_sdk_iam::Client::new(&config);
    let path = estate.path();
    let boundaries = estate.boundaries().iter().map(|boundary| boundary.arn.to_string());
    let boundaries: Vec<String> = boundaries.collect();
    let role = iam.create_role().role_name("Own").path(&path);
    let role = role.assume_role_policy_document(TRUSTS_ANYONE);
    assert!(role.send().await.is_err(), "a role without a boundary");
    for role in estate.roles() {
        let name = role.name.as_str();
        let loose = iam.delete_role_permissions_boundary().role_name(name);
        assert!(loose.send().await.is_err(), "{name} without its boundary");
        let attached = iam.attach_role_policy().role_name(name);
        let attached = attached.policy_arn("arn:aws:iam::aws:policy/AdministratorAccess");
        let denied =
            attached.send().await.expect_err("administrator attached").into_service_error();
        assert!(format!("{denied:?}").contains("AccessDenied"), "{name}: {denied:?}");
    }
    for arn in &boundaries {
        let version = iam.create_policy_version().policy_arn(arn).set_as_default(true);
        let version = version.policy_document(WIDE).send().await.expect_err("a wider boundary");
        let version = version.into_service_error();
        assert!(format!("{version:?}").contains("AccessDenied"), "{arn}: {version:?}");
        assert!(iam.delete_policy().policy_arn(arn).send().await.is_err(), "no boundary");
    }
    let policy = iam.create_policy().policy_name("Own").path(&path).policy_document(WIDE);
    assert!(policy.send().await.is_err(), "a policy that is not the boundary");
    let user = iam.put_user_policy().user_name("provisioner").policy_name("Own");
    assert!(user.policy_document(WIDE).send().await.is_err(), "its own permissions");
    climb_by_the_portal(server, &iam, estate).await;
}

/// The role of the portal may be rewritten, and trust anybody: under its boundary that opens no IAM.
/// Where its boundary is gone, it cannot be rewritten.
async fn climb_by_the_portal(server: &Server, iam: &aws_sdk_iam::Client, estate: &Estate) {
    let role = estate.roles().iter().find(|role| role.name.as_str() == PORTAL_ROLE);
    let role = role.expect("the portal's role");
    let put = || iam.put_role_policy().role_name(PORTAL_ROLE).policy_name(PORTAL_ROLE);
    put().policy_document(WIDE).send().await.expect("it is bounded");
    let trust = iam.update_assume_role_policy().role_name(PORTAL_ROLE);
    let me = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::{ACCOUNT}:user/climber"}},"Action":"sts:AssumeRole"}}]}}"#
    );
    let (id, secret) = server.root();
    let root = aws_sdk_iam::Client::new(&shared(server, &id, &secret).await);
    let (id, secret) = user_with(&root, "climber", &[WIDE.to_owned()]).await;
    trust.policy_document(me).send().await.expect("trusted");
    let sts = aws_sdk_sts::Client::new(&shared(server, &id, &secret).await);
    let given = sts.assume_role().role_arn(role.arn.as_str()).role_session_name("up");
    let given = given.send().await.expect("assumed").credentials.expect("credentials");
    let config = shared(server, &id, &secret).await;
    let session = Credentials::new(
        given.access_key_id,
        given.secret_access_key,
        Some(given.session_token),
        None,
        "test",
    );
    let config = aws_sdk_iam::config::Builder::from(&config).credentials_provider(session).build();
    let up = aws_sdk_iam::Client::from_conf(config);
    assert!(up.list_users().send().await.is_err(), "the boundary leaves no IAM");
    assert!(up.create_user().user_name("mine").send().await.is_err(), "nor a user");
    root.delete_role_permissions_boundary().role_name(PORTAL_ROLE).send().await.expect("loose");
    let refused = put().policy_document(WIDE).send().await;
    assert!(refused.is_err(), "a role without a boundary is not rewritten");
    let trust = iam.update_assume_role_policy().role_name(PORTAL_ROLE);
    let refused = trust.policy_document(TRUSTS_ANYONE).send().await;
    assert!(refused.is_err(), "nor does it trust anybody else");
    let boundary = role.boundary_arn.as_str();
    let bound = iam.put_role_permissions_boundary().role_name(PORTAL_ROLE);
    bound.permissions_boundary(boundary).send().await.expect("bounded again");
    let own = role.permissions[0].document.to_json();
    put().policy_document(own).send().await.expect("as it was");
    let trust = iam.update_assume_role_policy().role_name(PORTAL_ROLE);
    let own = role.trust.document.to_json();
    trust.policy_document(own).send().await.expect("as it was");
}

/// The portal's credentials are an instance's, and nobody else can have them: the test lets root become
/// the portal for a moment, and takes that back before anything is verified.
async fn portal_session(server: &Server, estate: &Estate) -> (String, String, String) {
    let (id, secret) = server.root();
    let config = shared(server, &id, &secret).await;
    let iam = aws_sdk_iam::Client::new(&config);
    let (id, secret) = user_with(&iam, "stands-in", &[WIDE.to_owned()]).await;
    let portal = estate.roles().iter().find(|role| role.name.as_str() == PORTAL_ROLE);
    let portal = portal.expect("the portal's role");
    let trusts = |principal: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{principal},"Action":"sts:AssumeRole"}}]}}"#
        )
    };
    let open = trusts(&format!(r#"{{"AWS":"arn:aws:iam::{ACCOUNT}:user/stands-in"}}"#));
    let call = iam.update_assume_role_policy().role_name(PORTAL_ROLE).policy_document(open);
    call.send().await.expect("opened");
    let sts = aws_sdk_sts::Client::new(&shared(server, &id, &secret).await);
    let call = sts.assume_role().role_arn(portal.arn.as_str()).role_session_name("portal");
    let given = call.send().await.expect("assumed").credentials.expect("credentials");
    let call = iam.update_assume_role_policy().role_name(PORTAL_ROLE);
    let trust = portal.trust.document.to_json();
    call.policy_document(trust).send().await.expect("closed again");
    (given.access_key_id, given.secret_access_key, given.session_token)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_role_is_verified_by_trying_it() {
    let server = Server::start_store_only();
    let (id, secret) = server.root();
    let estate = estate();
    let cloud = AwsCloud::new(options(&server, (&id, &secret, None))).await;
    apply(&plan(&estate, &cloud).await.expect("a plan"), &cloud).await.expect("applied");
    let (id, secret, token) = portal_session(&server, &estate).await;
    let given = options(&server, (&id, &secret, Some(&token)));
    let clock = Clock::new(|| {
        let now = std::time::UNIX_EPOCH.elapsed().expect("after 1970");
        Timestamp::from_second(i64::try_from(now.as_secs()).expect("seconds")).expect("a time")
    });
    let probes = AwsProbes::new(given, clock).await;
    let person = Uid::parse("01k7d3m5q8w0e2r4t6y8v0b2n4").expect("a uid");
    let report = verify(&estate, &cloud, &probes, &person).await.expect("a report");
    let wrong: Vec<String> = report
        .probes
        .iter()
        .filter(|probe| probe.holds() == Some(false))
        .map(ToString::to_string)
        .collect();
    assert_eq!(wrong, [""; 0]);
    assert!(report.is_good(), "{:#}", report.to_json());
    assert!(report.refused() >= 40, "{}", report.refused());
    let not_tried = report.probes.iter().filter(|probe| probe.holds().is_none());
    let not_tried: BTreeSet<String> = not_tried.map(ToString::to_string).collect();
    let about = |line: &&String| line.contains(EC2_UPLOAD_ROLE) || line.contains("plain HTTP");
    assert_eq!(not_tried.iter().filter(about).count(), not_tried.len(), "{not_tried:#?}");
    let everything = KeyPrefix::everything();
    let left = s3_keys(&server, &estate.bucket().name, &everything).await;
    assert_eq!(left, [""; 0], "the probes left something behind");
}

/// The versions and unfinished uploads that are in a bucket.
async fn s3_keys(server: &Server, bucket: &BucketName, prefix: &KeyPrefix) -> Vec<String> {
    let (id, secret) = server.root();
    let config = shared(server, &id, &secret).await;
    let config = aws_sdk_s3::config::Builder::from(&config).force_path_style(true).build();
    let s3 = aws_sdk_s3::Client::from_conf(config);
    let call = s3.list_object_versions().bucket(bucket.as_str()).prefix(prefix.as_str());
    let versions = call.send().await.expect("a list");
    let uploads =
        s3.list_multipart_uploads().bucket(bucket.as_str()).send().await.expect("uploads");
    let versions = versions.versions().iter().filter_map(|version| version.key.clone());
    versions.chain(uploads.uploads().iter().filter_map(|upload| upload.key.clone())).collect()
}
