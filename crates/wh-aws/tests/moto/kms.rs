//! Master keys under KMS. moto names a foreign KMS key otherwise than KMS does, lets disabled keys
//! decrypt, gives few reasons, and knows no conditions on the encryption context; what KMS says
//! then is held in the unit tests.

use aws_credential_types::Credentials;
use aws_sdk_kms::config::{BehaviorVersion, Region as SdkRegion};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use wh_aws::kms::{KmsError, KmsOptions, generate, unseal};
use wh_aws::{AwsCredentials, PortalCredentials};
use wh_names::{AccessKeyId, Region, Secret};

use crate::{Moto, start_moto};

const REGION: &str = "eu-central-1";

fn credentials(id: &str, secret: &str) -> PortalCredentials {
    PortalCredentials::Static(AwsCredentials {
        access_key_id: AccessKeyId::parse(id).expect("a key id"),
        secret: Secret::parse(secret).expect("a secret"),
        session_token: None,
        expires: None,
    })
}

fn options(moto: &Moto, key: Option<&str>) -> KmsOptions {
    KmsOptions {
        region: Some(Region::parse(REGION).expect("a region")),
        endpoint_url: Some(moto.url.clone()),
        key: key.map(str::to_owned),
        credentials: credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI"),
    }
}

fn administrator(moto: &Moto) -> aws_sdk_kms::Client {
    let own = Credentials::new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI", None, None, "test");
    let config = aws_sdk_kms::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(SdkRegion::new(REGION))
        .endpoint_url(&moto.url)
        .credentials_provider(own)
        .build();
    aws_sdk_kms::Client::from_conf(config)
}

/// The ARN of a new KMS key.
async fn new_kms_key(moto: &Moto) -> String {
    let made = administrator(moto).create_key().send().await.expect("a KMS key");
    made.key_metadata.and_then(|key| key.arn).expect("its ARN")
}

#[track_caller]
fn check(refused: Result<impl std::fmt::Debug, KmsError>, code: &str, words: &[&str]) {
    let error = refused.expect_err("it is refused");
    assert_eq!(error.code(), code, "{error}");
    for word in words {
        assert!(error.to_string().contains(word), "`{word}` is not in: {error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_generated_is_unsealed_the_last_line_last() {
    let moto = start_moto();
    let arn = new_kms_key(&moto).await;
    let options = options(&moto, Some(&arn));
    let old = generate(&options, "2026-03").await.expect("a key");
    let new = generate(&options, "2026-09").await.expect("another");
    assert_ne!(old.plain_line.split_once(' '), new.plain_line.split_once(' '));
    let file = format!("# sealed\n{}\n  # again\r\n{}", old.sealed_line, new.sealed_line);
    let plain = unseal(&options, &file).await.expect("opened");
    let expected = format!("\n{}\n\n{}", old.plain_line.as_str(), new.plain_line.as_str());
    assert_eq!(plain.as_str(), expected);
    let secret = new.plain_line.trim_end().split_once(' ').expect("two words").1;
    assert_eq!((secret.len(), file.contains(secret)), (44, false));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kms_key_may_be_named_by_id_alias_or_not_at_all() {
    let moto = start_moto();
    let arn = new_kms_key(&moto).await;
    let alias = administrator(&moto).create_alias().alias_name("alias/wellhouse");
    alias.target_key_id(&arn).send().await.expect("an alias");
    let made = generate(&options(&moto, Some("alias/wellhouse")), "k").await.expect("a key");
    let id = arn.rsplit('/').next();
    for key in [id, Some(arn.as_str()), Some("alias/wellhouse"), None] {
        let plain = unseal(&options(&moto, key), &made.sealed_line).await.expect("opened");
        assert_eq!(plain, made.plain_line, "{key:?}");
    }
    let by_arn = KmsOptions { region: None, ..options(&moto, Some(&arn)) };
    let plain = unseal(&by_arn, &made.sealed_line).await.expect("opened in the ARN's region");
    assert_eq!(plain, made.plain_line);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_opens_under_its_own_id_only_and_undamaged() {
    let moto = start_moto();
    let arn = new_kms_key(&moto).await;
    let options = options(&moto, Some(&arn));
    let first = generate(&options, "first").await.expect("a key").sealed_line;
    let renamed = format!("{first}{}", first.replace("first", "second"));
    let refused = unseal(&options, &renamed).await;
    check(refused, "kms-not-for-this-id", &["line 2", "`second`", "never rename"]);
    let cut = first.trim_end().split_at(first.len() - 9).0;
    check(unseal(&options, cut).await, "kms-not-for-this-id", &["line 1", "`first`"]);
    // Sealed under our KMS key by somebody else, for something else.
    let strange = administrator(&moto).generate_data_key().key_id(&arn).number_of_bytes(32);
    let strange = strange.send().await.expect("a data key").ciphertext_blob.expect("sealed");
    let line = format!("first {}", BASE64_STANDARD.encode(strange));
    check(unseal(&options, &line).await, "kms-not-for-this-id", &["line 1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_under_a_foreign_kms_key_is_refused() {
    let moto = start_moto();
    let (ours, foreign) = (new_kms_key(&moto).await, new_kms_key(&moto).await);
    let planted = generate(&options(&moto, Some(&foreign)), "k").await.expect("a key");
    // KMS itself says `IncorrectKeyException`, as the unit tests have it.
    let refused = unseal(&options(&moto, Some(&ours)), &planted.sealed_line).await;
    check(refused, "kms-denied", &["line 1", "`k`", "kms:Decrypt"]);
    unseal(&options(&moto, None), &planted.sealed_line).await.expect("nothing is pinned");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_kms_key_is_told_as_that() {
    let moto = start_moto();
    for key in ["alias/absent", "11111111-2222-3333-4444-555555555555"] {
        let refused = generate(&options(&moto, Some(key)), "k").await;
        check(refused, "kms-unknown-key", &["`k`", key, "region"]);
    }
}

/// The credentials of a new IAM user, who may do what the policy allows.
async fn user(moto: &Moto, name: &str, policy: Option<&str>) -> PortalCredentials {
    let own = Credentials::new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI", None, None, "test");
    let config = aws_sdk_iam::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(SdkRegion::new(REGION))
        .endpoint_url(&moto.url)
        .credentials_provider(own)
        .build();
    let iam = aws_sdk_iam::Client::from_conf(config);
    iam.create_user().user_name(name).send().await.expect("a user");
    if let Some(policy) = policy {
        let put = iam.put_user_policy().user_name(name).policy_name("p").policy_document(policy);
        put.send().await.expect("a policy");
    }
    let made = iam.create_access_key().user_name(name).send().await.expect("an access key");
    let made = made.access_key.expect("an access key");
    credentials(&made.access_key_id, &made.secret_access_key)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_may_decrypt_opens_and_makes_none() {
    let moto = start_moto();
    let arn = new_kms_key(&moto).await;
    let administrator = options(&moto, Some(&arn));
    let made = generate(&administrator, "k").await.expect("a key");
    // moto looks at actions here, at keys and conditions not.
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"kms:Decrypt","Resource":"*"}]}"#;
    let server = user(&moto, "server", Some(policy)).await;
    let stranger = user(&moto, "stranger", None).await;
    // From now on moto asks for signatures and permissions.
    let asks = ureq::post(format!("{}/moto-api/reset-auth", moto.url)).send("0");
    asks.expect("moto takes it");
    let server = KmsOptions { credentials: server, ..administrator.clone() };
    let plain = unseal(&server, &made.sealed_line).await.expect("opened");
    assert_eq!(plain, made.plain_line);
    check(generate(&server, "l").await, "kms-denied", &["`l`", "kms:GenerateDataKey"]);
    let stranger = KmsOptions { credentials: stranger, ..administrator };
    let refused = unseal(&stranger, &made.sealed_line).await;
    check(refused, "kms-denied", &["line 1", "`k`", "kms:Decrypt"]);
}
