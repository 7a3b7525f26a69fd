//! What went wrong with others' tokens and keys, tried with ours. Each test bears the number of the
//! advisory whose lesson it keeps; `cargo xtask tidy` counts them.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use wh_authority::{
    AssumeRoleWithWebIdentity, Authority, AuthorityOptions, IamReply, IamRequest as R, KeyRing,
    UserCall,
};
use wh_names::{AccessKeyId, AccountId, Clock, Partition, RoleSessionName, UserName};
use wh_policy::Context;

use crate::kit::{ALL_STS, Kit, arn, ask, create, entropy, tags, trust};
use crate::provider::{ISSUER, PROVIDER, key_set, token};

async fn with_provider() -> Kit {
    let kit = Kit::build().await;
    kit.iam(R::CreateOpenIdConnectProvider {
        url: ISSUER.to_owned(),
        client_ids: vec!["app".to_owned()],
        thumbprints: Vec::new(),
    })
    .await;
    kit
}

fn claims(kit: &Kit) -> Value {
    let now = kit.now().as_second();
    json!({ "iss": ISSUER, "aud": "app", "sub": "alice", "iat": now, "exp": now + 300 })
}

async fn counts(kit: &Kit, token: &str) -> bool {
    kit.authority.recognise_web_identity(token).await.is_ok()
}

/// What somebody may take for the secret, of one part of a public key.
fn forms_of(text: &str) -> [Vec<u8>; 3] {
    let pem = format!(
        "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
        STANDARD.encode(text)
    );
    let raw = URL_SAFE_NO_PAD.decode(text).expect("base64");
    [text.as_bytes().to_vec(), raw, pem.into_bytes()]
}

/// MinIO: a token signed with the public key, as if that were a secret that both know. In every form
/// that the public key is published in.
#[tokio::test]
async fn cve_2026_33322_a_public_key_is_no_shared_secret() {
    let kit = with_provider().await;
    let set: Value = serde_json::from_slice(&key_set()).expect("JSON");
    let claims = claims(&kit);
    for key in set["keys"].as_array().expect("keys") {
        let kid = key["kid"].as_str().expect("a kid");
        let parts = ["n", "x", "y", "e"].into_iter().filter_map(|field| key[field].as_str());
        let mut secrets = vec![key.to_string().into_bytes(), key_set(), Vec::new()];
        secrets.extend(parts.flat_map(forms_of));
        let algorithms = [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512];
        let tries = secrets.iter().flat_map(|secret| algorithms.map(|with| (secret, with)));
        for (secret, algorithm) in tries {
            let header = Header { kid: Some(kid.to_owned()), ..Header::new(algorithm) };
            let forged = encode(&header, &claims, &EncodingKey::from_secret(secret));
            assert!(!counts(&kit, &forged.expect("a token")).await, "{kid} {algorithm:?}");
        }
    }
    assert!(counts(&kit, &token("ec", Algorithm::ES256, &claims)).await, "its own key counts");
}

/// RustFS: a token was believed without a look at its signature, or by a key that it brought along.
#[tokio::test]
async fn ghsa_jxrr_a_token_is_believed_by_no_key_of_its_own() {
    let kit = with_provider().await;
    let claims = claims(&kit);
    let good = token("ec", Algorithm::ES256, &claims);
    let (signed, signature) = good.rsplit_once('.').expect("a signature");
    let (_, body) = signed.split_once('.').expect("a body");
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let own = json!({ "kty": "oct", "k": "c2VjcmV0", "alg": "HS256", "kid": "own" });
    for header in [
        json!({ "alg": "ES256", "kid": "ec", "jwk": own }),
        json!({ "alg": "HS256", "kid": "own", "jwk": own }),
        json!({ "alg": "ES256", "jku": "https://evil.example/keys", "kid": "evil" }),
        json!({ "alg": "RS256", "x5u": "https://evil.example/cert", "kid": "evil" }),
        json!({ "alg": "RS256", "x5c": ["AAAA"], "kid": "rsa" }),
        json!({ "alg": "ES256", "kid": "/dev/null" }),
        json!({ "alg": "ES256", "kid": "ec' OR '1'='1" }),
        json!({ "alg": "ES256", "kid": ["ec"] }),
        json!({ "alg": "ES256" }),
        json!({ "alg": ["ES256", "none"], "kid": "ec" }),
        json!({ "alg": "nOnE", "kid": "ec" }),
        json!({ "alg": "ES256", "kid": "ec", "crit": ["exp"] }),
    ] {
        for signature in [signature, "", "AAAA", &"A".repeat(86)] {
            let forged = format!("{}.{body}.{signature}", part(&header));
            assert!(!counts(&kit, &forged).await, "{header} {signature}");
        }
    }
    let mallory = part(&json!({ "iss": ISSUER, "aud": "app", "sub": "mallory", "exp": 9e9 }));
    let (head, _) = signed.split_once('.').expect("a header");
    assert!(!counts(&kit, &format!("{head}.{mallory}.{signature}")).await, "other claims");
    assert!(counts(&kit, &good).await);
}

/// RustFS: what a token claimed of itself was taken for rights. Claims that we do not know are nothing,
/// whatever they are called.
#[tokio::test]
async fn ghsa_48rf_a_claim_is_no_right() {
    let kit = with_provider().await;
    let trusts = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"Federated":"{PROVIDER}"}},
        "Action":"sts:AssumeRoleWithWebIdentity"}}]}}"#
    );
    kit.iam(R::CreateRole(create("Federated", trusts))).await;
    let mut more = claims(&kit);
    for (name, value) in [
        ("policy", json!("AdminRole")),
        ("sessionPolicy", json!("")),
        ("parent", json!("root")),
        ("accessKey", json!("root")),
        ("sa-policy", json!("inherited-policy")),
        ("https://aws.amazon.com/tags", json!({ "principal_tags": { "team": ["red"] } })),
        ("https://aws.amazon.com/source_identity", json!("boss")),
        ("aws:PrincipalTag/team", json!("red")),
        ("aws:SourceIdentity", json!("boss")),
        ("aws:username", json!("boss")),
        ("roles", json!(["AdminRole"])),
    ] {
        more[name] = value;
    }
    let identity = token("ec", Algorithm::ES256, &more);
    let known = kit.authority.recognise_web_identity(&identity).await.expect("somebody");
    let asked = AssumeRoleWithWebIdentity {
        role_arn: arn("Federated"),
        session_name: RoleSessionName::parse("alice").expect("a name"),
        duration_s: None,
        policy: None,
        policy_arns: Vec::new(),
    };
    let opened = kit.authority.assume_role_with_web_identity(&known, &asked, &Context::new());
    let session = kit.recognise(&opened.expect("a session").credentials);
    let mut context = Context::new();
    kit.authority.standing(&session).expect("a standing").context(&session, &mut context);
    for key in ["aws:PrincipalTag/team", "aws:SourceIdentity", "aws:username"] {
        assert_eq!(context.get(key), None, "{key}");
    }
    let shown = format!("{context:?}");
    assert!(!shown.contains("boss") && !shown.contains("AdminRole"), "{shown}");
    assert!(!session.is_root() && session.is_temporary());
}

/// RustFS: sessions without an end. Whatever is asked for, a session ends within its role's time.
#[tokio::test]
async fn ghsa_ccrv_every_session_has_an_end() {
    let kit = Kit::build().await;
    let portal = kit.portal().await;
    let trusts = trust(r#"{"AWS":"arn:aws:iam::111122223333:role/PortalRole"}"#, ALL_STS, "");
    kit.iam(R::CreateRole(create("Reader", trusts))).await;
    for seconds in [0, 1, 899, 3_601, 43_201, u32::MAX] {
        let mut long = ask("Reader");
        long.duration_s = Some(seconds);
        assert!(kit.assume(&portal, &long).is_err(), "{seconds}");
    }
    for seconds in [None, Some(900), Some(3_600)] {
        let mut asked = ask("Reader");
        asked.duration_s = seconds;
        let given = kit.assume(&portal, &asked).expect("a session").credentials;
        let life = given.expires.as_second() - kit.now().as_second();
        assert_eq!(life, i64::from(seconds.unwrap_or(3_600)));
    }
    let given = kit.assume(&portal, &ask("Reader")).expect("a session").credentials;
    let token = given.session_token.expose();
    assert!(kit.authority.recognise(&given.access_key_id, Some(token)).is_ok());
    for hours in [1, 24, 24 * 365] {
        kit.pass(hours * 3_600);
        assert!(kit.authority.recognise(&given.access_key_id, Some(token)).is_err(), "{hours} h");
    }
}

/// The authority of a house with these keys.
async fn house(keys: KeyRing, kit: &Kit) -> Authority {
    let now = kit.now();
    let options = AuthorityOptions {
        partition: Partition::parse("aws").expect("a partition"),
        account: AccountId::parse("111122223333").expect("an account"),
        ledger: kit.ledger.clone(),
        keys,
        clock: Clock::new(move || now),
        entropy: entropy(9),
    };
    Authority::open(options).await.expect("an authority")
}

/// RustFS: session tokens were signed with the root user's secret, so that whoever knew that made
/// them. Here another root secret opens the same tokens, and another sealing key opens none.
#[tokio::test]
async fn ghsa_m77q_no_accounts_secret_seals_a_session() {
    let kit = Kit::build().await;
    kit.portal().await;
    let given = kit.deliver("PortalRole");
    let text = kit.keys.to_text().expose().to_owned();
    let other = KeyRing::generate(&entropy(77)).expect("a key ring").to_text();
    let with = |name: &str| {
        let line = |text: &str| text.lines().find(|l| l.starts_with(name)).expect(name).to_owned();
        KeyRing::parse(&text.replace(&line(&text), &line(other.expose()))).expect("a key ring")
    };
    let opens = async |keys: KeyRing| {
        let authority = house(keys, &kit).await;
        let token = Some(given.session_token.expose());
        authority.recognise(&given.access_key_id, token).is_ok()
    };
    assert!(opens(kit.keys.clone()).await);
    assert!(opens(with("root-secret-access-key")).await, "the root secret has no part in it");
    assert!(opens(with("secret-derivation-key")).await, "nor have the secrets of sessions");
    assert!(!opens(with("token-sealing-key")).await, "the sealing key has");
}

/// RustFS: whoever named themselves in a token of their own making was believed.
#[tokio::test]
async fn ghsa_xvfh_a_session_that_somebody_made_up_is_none() {
    let kit = Kit::build().await;
    kit.portal().await;
    let given = kit.deliver("PortalRole");
    let root = kit.keys.root_access_key_id().clone();
    let claims = json!({ "parent": "root", "accessKey": root.as_str(), "exp": 9_999_999_999_u64,
        "policy": "AdminRole", "sub": "root" });
    let secrets = [kit.keys.root_secret().expose(), given.secret_access_key.expose(), ""];
    let mut made_up: Vec<String> = vec![String::new(), "null".to_owned(), claims.to_string()];
    for secret in secrets {
        for algorithm in [Algorithm::HS256, Algorithm::HS512] {
            let key = EncodingKey::from_secret(secret.as_bytes());
            made_up.push(encode(&Header::new(algorithm), &claims, &key).expect("a token"));
        }
    }
    made_up.push(URL_SAFE_NO_PAD.encode(claims.to_string()));
    let unknown = AccessKeyId::parse("ASIAAAAAAAAAAAAAAAAA").expect("an id");
    for id in [&root, &given.access_key_id, &unknown] {
        for token in &made_up {
            assert!(kit.authority.recognise(id, Some(token)).is_err(), "{id} {token}");
        }
    }
}

/// RustFS: a key file that lacked its secret was filled with a default. Ours is read whole or not at
/// all, and no two are alike.
#[tokio::test]
async fn ghsa_h956_a_key_ring_that_lacks_a_key_is_none() {
    let text = KeyRing::generate(&entropy(1)).expect("a key ring").to_text();
    let lines: Vec<&str> = text.expose().lines().collect();
    for (n, this) in lines.iter().enumerate() {
        let without: Vec<&str> =
            lines.iter().enumerate().filter(|(at, _)| *at != n).map(|(_, line)| *line).collect();
        assert!(KeyRing::parse(&without.join("\n")).is_err(), "without line {n}");
        let name = this.split_once('=').map_or("", |(name, _)| name);
        let values = ["", "AAAA", "minio", "rustfs rpc", "0"].into_iter();
        let secret_of_root = name == "root-secret-access-key";
        let values =
            values.filter(|value| !name.is_empty() && (!secret_of_root || value.is_empty()));
        for value in values {
            let emptied = text.expose().replace(this, &format!("{name}={value}"));
            assert!(KeyRing::parse(&emptied).is_err(), "{name}={value}");
        }
    }
    let other = KeyRing::generate(&entropy(2)).expect("a key ring").to_text();
    for (mine, theirs) in lines.iter().zip(other.expose().lines()).skip(1) {
        assert_ne!(*mine, theirs);
    }
}

/// RustFS: secrets stood in logs, by way of `Debug` and of errors.
#[tokio::test]
async fn ghsa_8cm2_no_key_is_shown_by_debug_or_by_an_error() {
    let kit = Kit::build().await;
    let portal = kit.portal().await;
    let trusts = trust(r#"{"AWS":"arn:aws:iam::111122223333:role/PortalRole"}"#, ALL_STS, "");
    kit.iam(R::CreateRole(create("Reader", trusts))).await;
    let opened = kit.assume(&portal, &ask("Reader")).expect("a session");
    let name = UserName::parse("tool").expect("a user name");
    let made = UserCall::Create { path: "/".to_owned(), boundary: None, tags: Vec::new() };
    kit.iam(R::User(name.clone(), made)).await;
    let key = kit.iam(R::User(name, UserCall::CreateAccessKey)).await;
    let IamReply::NewAccessKey(made) = &key else { panic!("no key: {key:?}") };
    let text = kit.keys.to_text();
    let damaged = text.expose().replace("token-sealing-key=", "token-sealing-key=?");
    let error = KeyRing::parse(&damaged).expect_err("a damaged line");
    let session = kit.recognise(&opened.credentials);
    let standing = kit.authority.standing(&session).expect("a standing");
    let shown = format!(
        "{:?} {opened:?} {key:?} {error:?} {error} {session:?} {standing:?} {text:?} {:?}",
        kit.keys, kit.authority
    );
    let of_ring = text.expose().lines().skip(2).filter_map(|line| line.split_once('='));
    let mut secrets: Vec<&str> = of_ring.map(|(_, value)| value).collect();
    secrets.push(opened.credentials.secret_access_key.expose());
    secrets.push(opened.credentials.session_token.expose());
    secrets.push(made.secret.expose());
    assert_eq!(secrets.len(), 6);
    for secret in secrets {
        assert!(!shown.contains(secret), "{shown}");
    }
}

/// SFTPGo: what filled a placeholder was read as a pattern. Nothing that could be one becomes a tag, a
/// session's name or a source identity.
#[tokio::test]
async fn cve_2026_30915_what_fills_a_variable_is_never_a_pattern() {
    let kit = Kit::build().await;
    let portal = kit.portal().await;
    let trusts = trust(r#"{"AWS":"arn:aws:iam::111122223333:role/PortalRole"}"#, ALL_STS, "");
    kit.iam(R::CreateRole(create("Reader", trusts))).await;
    for value in ["*", "a*", "?", "${aws:userid}", "a\u{0}", "a\nb", "[a]", "a,b;c\\"] {
        let mut tagged = ask("Reader");
        tagged.tags = tags(&[("team", value)]);
        assert!(kit.assume(&portal, &tagged).is_err(), "a tag of {value:?}");
        assert!(RoleSessionName::parse(value).is_err(), "a session of {value:?}");
        assert_eq!(crate::kit::source(value), None, "a source identity of {value:?}");
        assert!(UserName::parse(value).is_err(), "a user of {value:?}");
    }
}
