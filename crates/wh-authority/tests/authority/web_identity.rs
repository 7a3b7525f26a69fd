//! Tokens of identity providers: which count, and what a role may ask of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm;
use serde_json::{Value, json};
use wh_authority::{
    AssumeRoleWithWebIdentity, FetchKeys, IamReply, IamRequest as R, OidcCall, Principal,
};
use wh_names::RoleSessionName;
use wh_policy::Context;

use crate::kit::{Kit, arn, create, role};
use crate::provider::{ISSUER, PROVIDER, issuers, key_set, token, token_of_type};

fn provider() -> R {
    R::CreateOpenIdConnectProvider {
        url: ISSUER.to_owned(),
        client_ids: vec!["app".to_owned()],
        thumbprints: Vec::new(),
    }
}

fn claims(kit: &Kit) -> Value {
    let now = kit.now().as_second();
    json!({ "iss": ISSUER, "aud": "app", "sub": "alice", "iat": now, "exp": now + 300 })
}

fn with(kit: &Kit, changes: Value) -> Value {
    let mut all = claims(kit);
    for (key, value) in changes.as_object().expect("an object") {
        if value.is_null() {
            all.as_object_mut().expect("an object").remove(key);
        } else {
            all[key] = value.clone();
        }
    }
    all
}

async fn code(kit: &Kit, token: &str) -> &'static str {
    kit.authority.recognise_web_identity(token).await.map_or_else(|e| e.code(), |_| "ok")
}

async fn iam_code(kit: &Kit, request: R) -> &'static str {
    kit.try_iam(request).await.map_or_else(|e| e.code(), |_| "ok")
}

fn trusts(condition: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"Federated":"{PROVIDER}"}},
        "Action":"sts:AssumeRoleWithWebIdentity","Condition":{{{condition}}}}}]}}"#
    )
}

fn ask(name: &str) -> AssumeRoleWithWebIdentity {
    AssumeRoleWithWebIdentity {
        role_arn: arn(name),
        session_name: RoleSessionName::parse("alice").expect("a name"),
        duration_s: None,
        policy: None,
        policy_arns: Vec::new(),
    }
}

async fn alice(kit: &Kit) -> Principal {
    let token = token("ec", Algorithm::ES256, &claims(kit));
    kit.authority.recognise_web_identity(&token).await.expect("alice")
}

#[tokio::test]
async fn a_token_counts_only_as_a_whole_in_its_time_and_for_a_client_of_the_provider() {
    let kit = Kit::build().await;
    let good = token("ec", Algorithm::ES256, &claims(&kit));
    assert_eq!(code(&kit, &good).await, "InvalidIdentityToken", "not a provider of the account");
    kit.iam(provider()).await;
    assert_eq!(code(&kit, &good).await, "ok");
    assert_eq!(code(&kit, &token("rsa", Algorithm::RS256, &claims(&kit))).await, "ok");
    let now = kit.now().as_second();
    for (changes, expected) in [
        (json!({ "iss": "https://evil.example" }), "InvalidIdentityToken"),
        (json!({ "iss": "https://id.example.com/tenant/" }), "InvalidIdentityToken"),
        (json!({ "iss": null }), "InvalidIdentityToken"),
        (json!({ "aud": "other" }), "InvalidIdentityToken"),
        (json!({ "aud": null }), "InvalidIdentityToken"),
        (json!({ "aud": ["app"] }), "ok"),
        (json!({ "aud": ["app", "other"] }), "InvalidIdentityToken"),
        (json!({ "aud": ["app", "other"], "azp": "app" }), "ok"),
        (json!({ "aud": ["other", "third"], "azp": "app" }), "InvalidIdentityToken"),
        (json!({ "aud": "other", "azp": "app" }), "InvalidIdentityToken"),
        (json!({ "sub": "" }), "InvalidIdentityToken"),
        (json!({ "sub": null }), "InvalidIdentityToken"),
        (json!({ "exp": null }), "InvalidIdentityToken"),
        (json!({ "exp": now - 31 }), "ExpiredTokenException"),
        (json!({ "exp": now - 29 }), "ok"),
        (json!({ "nbf": now + 31 }), "InvalidIdentityToken"),
        (json!({ "nbf": now + 29 }), "ok"),
        (json!({ "iat": now + 31 }), "InvalidIdentityToken"),
    ] {
        let told = changes.to_string();
        let token = token("ec", Algorithm::ES256, &with(&kit, changes));
        assert_eq!(code(&kit, &token).await, expected, "{told}");
    }
    let (signed, signature) = good.rsplit_once('.').expect("a signature");
    let letter = if signature.starts_with('A') { 'B' } else { 'A' };
    let rest: String = signature.chars().skip(1).collect();
    let forged = format!("{signed}.{letter}{rest}");
    for bad in [forged.as_str(), "", "a.b.c", "..", signed, &good.repeat(100)] {
        assert_eq!(code(&kit, bad).await, "InvalidIdentityToken");
    }
}

#[tokio::test]
async fn a_token_of_another_type_than_that_of_an_id_token_counts_for_nobody() {
    let kit = Kit::build().await;
    kit.iam(provider()).await;
    for (kind, expected) in [
        (Some("JWT"), "ok"),
        (Some("jwt"), "ok"),
        (None, "ok"),
        (Some("at+jwt"), "InvalidIdentityToken"),
        (Some("application/at+jwt"), "InvalidIdentityToken"),
        (Some("logout+jwt"), "InvalidIdentityToken"),
        (Some("secevent+jwt"), "InvalidIdentityToken"),
        (Some("JOSE"), "InvalidIdentityToken"),
        (Some(""), "InvalidIdentityToken"),
    ] {
        let token = token_of_type(kind, ("ec", Algorithm::ES256), &claims(&kit));
        assert_eq!(code(&kit, &token).await, expected, "{kind:?}");
    }
}

/// CVE-2026-33322, GHSA-5qfg: another algorithm than the key's, or none at all.
#[tokio::test]
async fn sec_no_algorithm_but_that_of_the_key_counts() {
    let kit = Kit::build().await;
    kit.iam(provider()).await;
    let claims = claims(&kit);
    for (kid, algorithm) in [
        ("rsa", Algorithm::HS256),
        ("ec", Algorithm::HS256),
        ("ec", Algorithm::HS384),
        ("rsa", Algorithm::ES256),
        ("ec", Algorithm::RS256),
        ("none", Algorithm::ES256),
        ("../ec", Algorithm::ES256),
    ] {
        let token = token(kid, algorithm, &claims);
        assert_eq!(code(&kit, &token).await, "InvalidIdentityToken", "{kid} {algorithm:?}");
    }
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    for alg in ["none", "None", "", "ES256"] {
        let header = part(&json!({ "alg": alg, "kid": "ec", "typ": "JWT" }));
        for token in [format!("{header}.{}.", part(&claims)), format!("{header}.{}", part(&claims))]
        {
            assert_eq!(code(&kit, &token).await, "InvalidIdentityToken", "{alg}");
        }
    }
}

#[tokio::test]
async fn a_role_decides_by_the_tokens_claims_who_becomes_it() {
    let kit = Kit::build().await;
    kit.iam(provider()).await;
    let who =
        r#""StringEquals":{"id.example.com/tenant:aud":"app","id.example.com/tenant:sub":"alice"}"#;
    kit.iam(R::CreateRole(create("Mine", trusts(who)))).await;
    kit.iam(R::CreateRole(create("Others", trusts(&who.replace("alice", "bob"))))).await;
    let foreign = trusts(who).replace("id.example.com/tenant\"},", "id.example.com/other\"},");
    kit.iam(R::CreateRole(create("Foreign", foreign))).await;
    let alice = alice(&kit).await;
    let assume = |name: &str| {
        kit.authority.assume_role_with_web_identity(&alice, &ask(name), &Context::new())
    };
    for name in ["Others", "Foreign", "Nobody"] {
        assert_eq!(assume(name).map_err(|e| e.code()).err(), Some("AccessDenied"), "{name}");
    }
    let opened = assume("Mine").expect("a session");
    let session = kit.recognise(&opened.credentials);
    assert_eq!(session.label(), "arn:aws:sts::111122223333:assumed-role/Mine/alice");
    assert!(session.is_temporary());
    let mut context = Context::new();
    kit.authority.standing(&session).expect("a standing").context(&session, &mut context);
    for (key, value) in [
        ("id.example.com/tenant:sub", "alice"),
        ("id.example.com/tenant:aud", "app"),
        ("aws:FederatedProvider", PROVIDER),
    ] {
        assert_eq!(context.get(key), Some(&value.into()), "{key}");
    }
    let mut long = ask("Mine");
    long.duration_s = Some(3601);
    let answer = kit.authority.assume_role_with_web_identity(&alice, &long, &Context::new());
    assert_eq!(answer.map_err(|e| e.code()).err(), Some("ValidationError"));
    let portal = kit.portal().await;
    let answer =
        kit.authority.assume_role_with_web_identity(&portal, &ask("Mine"), &Context::new());
    assert_eq!(answer.map_err(|e| e.code()).err(), Some("ValidationError"), "no token");
    assert!(kit.authority.get_session_token(&alice, None).is_err());
    kit.iam(R::DeleteRole { role: role("Mine") }).await;
    assert!(kit.authority.standing(&session).is_err());
}

#[tokio::test]
async fn only_issuers_that_the_operator_named_become_providers() {
    let kit = Kit::build().await;
    for url in ["https://evil.example", "http://169.254.169.254/", "file:///etc/passwd", ""] {
        let (client_ids, thumbprints) = (Vec::new(), Vec::new());
        let request =
            R::CreateOpenIdConnectProvider { url: url.to_owned(), client_ids, thumbprints };
        assert_eq!(iam_code(&kit, request).await, "InvalidInput", "{url}");
    }
    assert_eq!(kit.iam(provider()).await, IamReply::OidcProviderArn(PROVIDER.to_owned()));
    assert_eq!(iam_code(&kit, provider()).await, "EntityAlreadyExists");
    let listed = kit.iam(R::ListOpenIdConnectProviders).await;
    assert_eq!(listed, IamReply::OidcProviders(vec![PROVIDER.to_owned()]));
    let call = |call| R::OidcProvider(PROVIDER.to_owned(), call);
    let token = token("ec", Algorithm::ES256, &claims(&kit));
    kit.iam(call(OidcCall::RemoveClientId { id: "app".to_owned() })).await;
    assert_eq!(code(&kit, &token).await, "InvalidIdentityToken");
    kit.iam(call(OidcCall::AddClientId { id: "app".to_owned() })).await;
    assert_eq!(code(&kit, &token).await, "ok");
    kit.iam(call(OidcCall::Delete)).await;
    assert_eq!(code(&kit, &token).await, "InvalidIdentityToken");
    assert_eq!(iam_code(&kit, call(OidcCall::Get)).await, "NoSuchEntity");
}

#[tokio::test]
async fn keys_are_fetched_once_and_an_issuer_that_fails_is_left_alone_for_a_while() {
    let kit = Kit::build().await;
    kit.iam(provider()).await;
    let (asked, broken) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(1)));
    let (count, state) = (Arc::clone(&asked), Arc::clone(&broken));
    let fetch = FetchKeys::new(move |address| {
        assert_eq!(address, format!("{ISSUER}/jwks"));
        count.fetch_add(1, Ordering::Relaxed);
        let fails = state.load(Ordering::Relaxed) == 1;
        let answer = if fails { Err("no route".to_owned()) } else { Ok(key_set()) };
        std::future::ready(answer)
    });
    let Kit { authority, ledger, keys, .. } = kit;
    drop((ledger, keys));
    let authority = authority.with_issuers(issuers().0, fetch);
    let now = 1_790_000_000;
    let all = json!({ "iss": ISSUER, "aud": "app", "sub": "alice", "exp": now + 300 });
    let good = token("ec", Algorithm::ES256, &all);
    let ask = async |token: &str| {
        authority.recognise_web_identity(token).await.map_or_else(|e| e.code(), |_| "ok")
    };
    for _ in 0..3 {
        assert_eq!(ask(&good).await, "IDPCommunicationError");
    }
    assert_eq!(asked.load(Ordering::Relaxed), 1, "asked once");
    broken.store(0, Ordering::Relaxed);
    assert_eq!(ask(&good).await, "IDPCommunicationError", "not again so soon");
}
