//! What does not count: answers that lie, that were used, or that belong to somebody else.

use std::sync::Arc;

use futures::future::join_all;
use jiff::SignedDuration;
use jsonwebtoken::Algorithm;
use serde_json::{Value, json};

use super::faked::{Forging, ISSUER, token, token_of_type, unsigned};
use super::{OTHER_ISSUER, Signing, answer};
use crate::*;

/// How many bring one answer at the same moment.
const ANSWERERS: usize = 50;

fn forged(signing: &Signing, forge: impl Fn(&Value) -> String + Send + Sync + 'static) {
    signing.main.set(|manners| manners.sign = Arc::new(forge));
}

/// The claims with another value of one of them; `null` leaves it out.
fn with(claims: &Value, key: &str, value: Value) -> Value {
    let mut claims = claims.clone();
    if value.is_null() {
        drop(claims.as_object_mut().expect("an object").remove(key));
    } else {
        claims[key] = value;
    }
    claims
}

#[tokio::test]
async fn a_token_that_lies_about_anything_signs_nobody_in() {
    let signing = Signing::new().await;
    let now = signing.house.now().as_second();
    for (key, value) in [
        ("nonce", json!("another")),
        ("nonce", Value::Null),
        ("aud", json!("another client")),
        ("aud", json!(["wellhouse", "another"])),
        ("aud", Value::Null),
        ("azp", json!("another")),
        ("iss", json!(OTHER_ISSUER)),
        ("iss", json!(format!("{ISSUER}/"))),
        ("iss", Value::Null),
        ("sub", json!("")),
        ("sub", Value::Null),
        ("exp", json!(now - 31)),
        ("exp", Value::Null),
        ("iat", json!(now + 120)),
        ("iat", Value::Null),
        ("nbf", json!(now + 120)),
    ] {
        let told = value.clone();
        forged(&signing, move |claims| {
            token(Some("rsa"), Algorithm::RS256, &with(claims, key, told.clone()))
        });
        assert_eq!(signing.refused("main").await, "provider-answer-refused", "{key}: {value}");
    }
    forged(&signing, |claims| {
        let claims = with(claims, "aud", json!(["another", "wellhouse"]));
        token(Some("ec"), Algorithm::ES256, &with(&claims, "azp", json!("wellhouse")))
    });
    assert!(signing.enter("main").await.is_ok(), "ours among several, and for us");
    let known = signing.house.ledger.persons().await.expect("read");
    assert_eq!(known.len(), 2, "root and whoever came in honestly");
}

#[tokio::test]
async fn a_token_of_another_type_signs_nobody_in() {
    let signing = Signing::new().await;
    for kind in ["at+jwt", "application/at+jwt", "logout+jwt", "secevent+jwt", "JWE", ""] {
        forged(&signing, move |claims| token_of_type(Some(kind), claims));
        assert_eq!(signing.refused("main").await, "provider-answer-refused", "{kind}");
    }
    for kind in [Some("JWT"), Some("jwt"), None] {
        forged(&signing, move |claims| token_of_type(kind, claims));
        assert!(signing.enter("main").await.is_ok(), "{kind:?}");
    }
}

/// The kinds of keys that the provider has, by their `kid`.
const KINDS: [&str; 4] = ["rsa", "ec", "ec384", "ed"];

#[tokio::test]
async fn a_token_counts_by_each_algorithm_that_is_taken_and_only_by_a_key_of_its_kind() {
    let signing = Signing::new().await;
    let taken = [
        (Algorithm::RS256, "rsa"),
        (Algorithm::PS256, "rsa"),
        (Algorithm::ES256, "ec"),
        (Algorithm::ES384, "ec384"),
        (Algorithm::EdDSA, "ed"),
    ];
    let tried = taken.iter().flat_map(|taken| KINDS.map(|kid| (*taken, kid)));
    for ((algorithm, its), kid) in tried {
        forged(&signing, move |claims| token(Some(kid), algorithm, claims));
        if kid == its {
            assert!(signing.enter("main").await.is_ok(), "{algorithm:?} by {kid}");
        } else {
            let refused = signing.refused("main").await;
            assert_eq!(refused, "provider-answer-refused", "{algorithm:?} by {kid}");
        }
    }
}

#[tokio::test]
async fn cve_2026_33322_a_token_by_no_algorithm_or_by_the_public_key_as_a_secret_signs_nobody_in() {
    let signing = Signing::new().await;
    let forgeries: [Forging; 7] = [
        Arc::new(unsigned),
        Arc::new(|claims| token(Some("rsa"), Algorithm::HS256, claims)),
        Arc::new(|claims| token(Some("ec"), Algorithm::RS256, claims)),
        Arc::new(|claims| token(Some("unknown"), Algorithm::RS256, claims)),
        Arc::new(|claims| token(None, Algorithm::RS256, claims)),
        // Signed, and another body put in its place.
        Arc::new(|claims| {
            let good = token(Some("rsa"), Algorithm::RS256, claims);
            let other = token(Some("rsa"), Algorithm::RS256, &with(claims, "sub", json!("eve")));
            let (parts, others): (Vec<_>, Vec<_>) =
                (good.split('.').collect(), other.split('.').collect());
            format!("{}.{}.{}", parts[0], others[1], parts[2])
        }),
        Arc::new(|_| "a.b.c".to_owned()),
    ];
    for (at, forgery) in forgeries.into_iter().enumerate() {
        signing.house.pass(SignedDuration::from_secs(31));
        signing.main.set(|manners| manners.sign = forgery);
        assert_eq!(signing.refused("main").await, "provider-answer-refused", "forgery {at}");
    }
}

#[tokio::test]
async fn an_answer_counts_once_in_the_browser_that_left_and_for_its_provider() {
    let signing = Signing::new().await;
    let (left, stranger) = (signing.leave("main").await, signing.leave("main").await);
    let code = |result: Result<Arrived, ProviderError>| result.expect_err("refused").code();
    // Another browser's state, and a state of nobody.
    let people = signing.people();
    let peer = Peer::default();
    for (state, token) in [
        (left.asked.get("state"), &stranger.token),
        (stranger.asked.get("state"), &left.token),
        ("", &left.token),
        ("0", &left.token),
        (&"0".repeat(64), &left.token),
    ] {
        let answer = ProviderAnswer { state: state.to_owned(), ..answer(&left) };
        let result = people.arrive(("main", &answer), (token, None), &peer).await;
        assert_eq!(code(result), "provider-answer-over", "{state}");
    }
    // Nothing of that spent what its own browser holds.
    assert!(signing.arrive("main", &left).await.is_ok());
    assert_eq!(code(signing.arrive("main", &left).await), "provider-answer-over");
    // Too late.
    signing.house.pass(SignedDuration::from_mins(10));
    assert_eq!(code(signing.arrive("main", &stranger).await), "provider-answer-over");
    assert_eq!(code(signing.arrive("nobody", &left).await), "no-such-provider");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_who_bring_one_answer_at_once_exactly_one_signs_in() {
    let signing = Signing::new().await;
    let left = signing.leave("main").await;
    let all = join_all((0..ANSWERERS).map(|_| signing.arrive("main", &left))).await;
    assert_eq!(all.iter().filter(|one| one.is_ok()).count(), 1);
    assert_eq!(signing.main.times_asked("/token"), 1, "the code was spent once");
}

#[tokio::test]
async fn an_answer_of_one_provider_is_not_taken_for_anothers() {
    let signing = Signing::new().await;
    // The browser left for one and comes back at the address of the other.
    let left = signing.leave("main").await;
    let refused = signing.arrive("other", &left).await.expect_err("refused");
    assert_eq!(refused.code(), "provider-mixed-up");
    assert_eq!(signing.other.times_asked("/token"), 0, "the code was shown to nobody");
    // It says itself that it is from another, or from nobody where it always says so.
    for (iss, named) in [(Some(OTHER_ISSUER), false), (None, true), (Some("x"), true)] {
        signing.house.pass(SignedDuration::from_hours(2));
        signing.main.set(|manners| {
            manners.document = json!({ "authorization_response_iss_parameter_supported": named });
        });
        let left = signing.leave("main").await;
        let answer = ProviderAnswer { iss: iss.map(str::to_owned), ..answer(&left) };
        let who = (&left.token, None);
        let result = signing.people().arrive(("main", &answer), who, &Peer::default()).await;
        assert_eq!(result.expect_err("refused").code(), "provider-mixed-up", "{iss:?}");
    }
    let left = signing.leave("main").await;
    let answer = ProviderAnswer { iss: Some(ISSUER.to_owned()), ..answer(&left) };
    let who = (&left.token, None);
    assert!(signing.people().arrive(("main", &answer), who, &Peer::default()).await.is_ok());
}

#[tokio::test]
async fn a_stolen_code_is_worth_nothing_in_another_browser() {
    let signing = Signing::new().await;
    let (alice, mallory) = (signing.leave("main").await, signing.leave("main").await);
    // Mallory's browser brings Alice's code with its own state: the verifier is another.
    let stolen = ProviderAnswer { code: Some(alice.code.clone()), ..answer(&mallory) };
    let who = (&mallory.token, None);
    let result = signing.people().arrive(("main", &stolen), who, &Peer::default()).await;
    assert_eq!(result.expect_err("refused").code(), "provider-unavailable");
}

#[tokio::test]
async fn what_the_provider_declines_is_told_in_one_plain_word() {
    let signing = Signing::new().await;
    let left = signing.leave("main").await;
    let error = Some("access_denied<script>\r\nx".to_owned());
    let answer = ProviderAnswer { code: None, error, ..answer(&left) };
    let who = (&left.token, None);
    let result = signing.people().arrive(("main", &answer), who, &Peer::default()).await;
    let error = result.expect_err("refused");
    assert_eq!(error.code(), "provider-declined");
    assert_eq!(error.to_string(), "the provider did not sign you in: access_deniedscriptx");
}

#[tokio::test]
async fn a_provider_that_is_down_or_answers_nonsense_is_told_so_and_passwords_go_on() {
    let signing = Signing::new().await;
    drop(signing.house.somebody("alice").await);
    let huge = vec![b' '; PROVIDER_ANSWER_BYTES_MAX + 1];
    for (down, asked) in [
        (Err("it took longer than 5 s".to_owned()), 1),
        (Ok((302, Vec::new())), 2),
        (Ok((200, huge)), 3),
        (Ok((200, b"<html>".to_vec())), 4),
    ] {
        signing.house.pass(SignedDuration::from_hours(2));
        signing.main.set(|manners| manners.down = Some(down.clone()));
        for _ in 0..3 {
            let left = signing.people().leave_to_sign_in("main", None, &Peer::default()).await;
            assert_eq!(left.expect_err("down").code(), "provider-unavailable");
        }
        let times = signing.main.times_asked("openid-configuration");
        assert_eq!(times, asked, "it is left alone for some seconds");
    }
    assert!(signing.house.login("alice", super::super::GOOD).await.is_ok());
    assert_eq!(signing.people().provider_faults().await.len(), 1);
    // It answers again, and goes away between leaving and coming back.
    signing.house.pass(SignedDuration::from_secs(16));
    signing.main.set(|manners| manners.down = None);
    let left = signing.leave("main").await;
    signing.main.set(|manners| manners.down = Some(Ok((500, Vec::new()))));
    let refused = signing.arrive("main", &left).await.expect_err("down");
    assert_eq!(refused.code(), "provider-unavailable");
}

#[tokio::test]
async fn a_document_that_leads_elsewhere_is_not_followed() {
    let signing = Signing::new().await;
    for (document, words) in [
        (json!({ "issuer": OTHER_ISSUER }), "its `issuer` is another one"),
        (json!({ "token_endpoint": "http://169.254.169.254/" }), "`token_endpoint`"),
        (json!({ "jwks_uri": "http://127.0.0.1/keys" }), "`jwks_uri`"),
        (json!({ "authorization_endpoint": "javascript:alert(1)" }), "`authorization_endpoint`"),
        (json!({ "userinfo_endpoint": "file:///etc/passwd" }), "`userinfo_endpoint`"),
        (json!({ "code_challenge_methods_supported": ["plain"] }), "PKCE"),
        (json!({ "token_endpoint_auth_methods_supported": ["none"] }), "no client secret"),
    ] {
        signing.house.pass(SignedDuration::from_hours(2));
        signing.main.set(|manners| manners.document = document.clone());
        let faults = signing.people().provider_faults().await;
        let main: Vec<_> = faults.iter().filter(|(id, _)| id == "main").collect();
        assert!(main.len() == 1 && main[0].1.contains(words), "{document}: {faults:?}");
    }
}

#[tokio::test]
async fn a_new_key_is_fetched_and_an_unknown_one_is_not_asked_for_again_and_again() {
    let signing = Signing::new().await;
    let all = signing.main.manners.lock().expect("manners").keys.clone();
    signing.main.set(|manners| manners.keys = json!([all[0]]));
    forged(&signing, |claims| token(Some("ec"), Algorithm::ES256, claims));
    assert!(signing.enter("main").await.is_ok());
    assert!(signing.enter("main").await.is_ok());
    assert_eq!(signing.main.times_asked("/keys"), 1);
    // The provider signs by a key that it did not have before.
    signing.main.set(|manners| manners.keys = all.clone());
    forged(&signing, |claims| token(Some("rsa"), Algorithm::RS256, claims));
    signing.house.pass(SignedDuration::from_secs(30));
    assert!(signing.enter("main").await.is_ok());
    assert_eq!(signing.main.times_asked("/keys"), 2);
    forged(&signing, |claims| token(Some("lost"), Algorithm::RS256, claims));
    for _ in 0..5 {
        assert_eq!(signing.refused("main").await, "provider-answer-refused");
    }
    assert_eq!(signing.main.times_asked("/keys"), 2, "asked a moment ago");
    // What is old is not believed for ever: a key that was taken back counts no more.
    signing.main.set(|manners| manners.keys = json!([all[0]]));
    forged(&signing, |claims| token(Some("rsa"), Algorithm::RS256, claims));
    assert!(signing.enter("main").await.is_ok());
    signing.house.pass(SignedDuration::from_mins(10));
    assert_eq!(signing.refused("main").await, "provider-answer-refused");
}

#[tokio::test]
async fn whatever_is_asked_for_it_leads_back_to_our_own_pages() {
    let signing = Signing::new().await;
    for (asked, back) in [
        ("/files/x/a%20b", "/files/x/a%20b"),
        ("/account?a=b#c", "/account?a=b#c"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example/", "/"),
        ("\\\\evil.example", "/"),
        ("/\t/evil.example", "/"),
        ("/\n/evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/a\\b", "/"),
        ("", "/"),
        ("files", "/"),
        ("/api/v1/session", "/"),
        ("/sign-in?next=//evil.example", "/"),
        (&format!("/{}", "a".repeat(2_000)), "/"),
    ] {
        let peer = Peer::default();
        let left = signing.people().leave_to_sign_in("main", Some(asked), &peer).await;
        let left = signing.gone("main", left.expect("a departure"));
        let arrived = signing.arrive("main", &left).await.expect("arrived");
        let Arrived::Entered(_, to) = arrived else { panic!("{arrived:?}") };
        assert_eq!(to, back, "{asked:?}");
    }
}

#[tokio::test]
async fn cve_2025_27414_who_leaves_again_and_again_is_slowed_down_and_fills_no_table() {
    let signing = Signing::new().await;
    let ip = |last: u8| Peer { ip: Some([192, 0, 2, last].into()), ..Peer::default() };
    let mut left = 0;
    while signing.people().leave_to_sign_in("main", None, &ip(1)).await.is_ok() {
        left += 1;
        assert!(left <= 200, "nobody is slowed down");
    }
    assert!(signing.people().leave_to_sign_in("main", None, &ip(2)).await.is_ok());
    // And who brings made-up answers.
    let (gone, answer) = (signing.leave("main").await, |n: u32| ProviderAnswer {
        state: format!("{n:064x}"),
        code: Some("x".to_owned()),
        iss: None,
        error: None,
    });
    let mut tried = 0;
    loop {
        let (answer, who) = (answer(tried), (&gone.token, None));
        let error = signing.people().arrive(("main", &answer), who, &ip(3)).await;
        if error.expect_err("made up").code() == "throttled" {
            break;
        }
        tried += 1;
        assert!(tried <= 200, "nobody is slowed down");
    }
    assert_eq!(signing.main.times_asked("/token"), 0);
}
