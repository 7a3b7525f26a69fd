//! API tokens: what they open at most, and how they end.

use std::net::IpAddr;

use jiff::SignedDuration;

use crate::tests::{CHEAP, GOOD, House, OTHER, secret};
use crate::*;

fn peer() -> Peer {
    Peer { ip: Some(IpAddr::from([192, 0, 2, 7])), ..Peer::default() }
}

impl House {
    pub(super) async fn locations(&self, person: &Person) -> Vec<String> {
        let grants = self.people.grants_for(person).await.expect("grants");
        grants.into_iter().map(|grant| grant.id.as_str().to_owned()).collect()
    }

    pub(super) async fn make(&self, person: &Person, locations: &[String]) -> (ApiToken, String) {
        let made = self.wish(person, |form| form.locations = locations.to_vec()).await;
        let made = made.expect("made");
        let token = ApiToken::parse(made.token.expose()).expect("a token");
        (token, made.record.row.id.as_str().to_owned())
    }

    async fn wish(
        &self,
        person: &Person,
        change: impl FnOnce(&mut TokenForm),
    ) -> Result<MadeToken, TokenError> {
        let mut form = TokenForm {
            name: " backup ".to_owned(),
            locations: self.locations(person).await,
            actions: vec![TokenAction::Read, TokenAction::List],
            days: 90,
        };
        change(&mut form);
        let proven = Proven::try_from(person.clone()).expect("a fresh proof");
        self.people.make_token(&proven, form, &peer()).await
    }

    pub(super) async fn by(&self, token: &ApiToken) -> Result<Person, TokenRefusal> {
        self.people.recognise_token(token, &peer()).await
    }
}

type Change = Box<dyn FnOnce(&mut TokenForm)>;

#[tokio::test]
async fn a_token_is_its_person_cut_down_and_never_an_administrator_or_proven() {
    let (house, root) = House::open().await;
    let root = root.administrator().person().clone();
    let held = house.locations(&root).await;
    let (token, id) = house.make(&root, &held[..1]).await;
    let by_token = house.by(&token).await.expect("root");
    assert_eq!((by_token.uid(), by_token.session_id()), (root.uid(), id.as_str()));
    assert!(!by_token.is_administrator() && by_token.administrator().is_err());
    assert!(Proven::try_from(by_token.clone()).is_err());
    assert_eq!(house.locations(&by_token).await, held[..1]);
    let scope = by_token.scope().expect("bounds");
    assert_eq!(scope.actions(), [TokenAction::List, TokenAction::Read]);
    assert_eq!(scope.token().name, "backup");
    assert_eq!(by_token.expires(), house.now() + SignedDuration::from_hours(24 * 90));
    let password = house
        .people
        .change_password(
            &by_token,
            &secret(GOOD),
            (&secret(OTHER), Programs::Keep),
            &Peer::default(),
        )
        .await;
    assert!(matches!(password, Err(PasswordError::Ended)), "{password:?}");
    let proof = Proof::Password(secret(GOOD));
    let proved = house.people.prove(&by_token, &proof, &peer()).await.map(drop);
    assert_eq!(proved.expect_err("a refusal").code(), "not-signed-in");
    let shown = format!("{token:?} {by_token:?}");
    let text = token.to_text().expect("text");
    let secret = text.expose().strip_prefix(API_TOKEN_PREFIX).expect("its beginning");
    assert!(!shown.contains(secret), "{shown}");

    let tokens = house.people.own_tokens(&root).await.expect("read");
    let used = tokens[0].row.used.clone().expect("used");
    assert_eq!((used.at, used.ip.as_deref()), (house.now(), Some("192.0.2.7")));
    house.pass(SignedDuration::from_secs(59));
    house.by(&token).await.expect("root");
    let tokens = house.people.own_tokens(&root).await.expect("read");
    assert_eq!(tokens[0].row.used, Some(used), "a note a minute");
}

#[tokio::test]
async fn a_token_holds_what_its_person_holds_at_the_moment() {
    let (house, root) = House::open().await;
    let alice = house.somebody("alice").await.person;
    let form = GrantForm {
        bucket: None,
        subject: GrantSubject::Person(alice.uid().clone()),
        role: house.people.standard().home_role.clone(),
        prefix: wh_names::KeyPrefix::parse("team/").expect("a prefix"),
        title: "Team".to_owned(),
        ends_at: None,
    };
    let team = house.people.add_grant(&root, form.clone()).await.expect("given");
    let (token, _) = house.make(&alice, &[team.grant.id.as_str().to_owned()]).await;
    let by_token = house.by(&token).await.expect("alice");
    assert_eq!(house.locations(&by_token).await, [team.grant.id.as_str()]);
    house.people.remove_grant(&root, team.grant.id.as_str()).await.expect("taken away");
    assert_eq!(house.locations(&by_token).await, [""; 0], "also of whoever is in already");
    let by_token = house.by(&token).await.expect("the token itself goes on");
    assert_eq!(house.locations(&by_token).await, [""; 0]);
    house.people.add_grant(&root, form).await.expect("given");
    assert_eq!(house.locations(&by_token).await, [""; 0], "another grant is not the token's");
}

#[tokio::test]
async fn a_token_ends_by_time_by_revocation_and_with_its_person() {
    let (house, root) = House::open().await;
    let alice = house.somebody("alice").await.person;
    let held = house.locations(&alice).await;
    let (token, id) = house.make(&alice, &held).await;
    let bob = house.somebody("bob").await.person;
    let theirs = house.people.revoke_token(&bob, &id, &peer()).await.expect_err("not bob's");
    assert_eq!(theirs.code(), "no-such-token");
    assert!(house.by(&token).await.is_ok());
    house.people.revoke_token(&alice, &id, &peer()).await.expect("revoked");
    let refusal = house.by(&token).await.expect_err("a refusal");
    assert_eq!(
        (refusal.code(), refusal.token().map(|t| t.id.as_str())),
        ("token-revoked", Some(&*id))
    );
    assert!(house.ledger.session_revoked(&id), "and what was issued for it");
    assert!(house.people.revoke_token(&alice, &id, &peer()).await.is_err());

    let (token, _) = house.make(&alice, &held).await;
    house.people.disable(&root, alice.uid()).await.expect("disabled");
    assert_eq!(house.by(&token).await.expect_err("a refusal").code(), "token-revoked");
    house.people.enable(&root, alice.uid()).await.expect("enabled");
    assert_eq!(house.by(&token).await.expect_err("for good").code(), "token-revoked");

    let alice = house.login("alice", GOOD).await.expect("signed in").person;
    let (token, _) = house.make(&alice, &held).await;
    let changed = house
        .people
        .change_password(&alice, &secret(GOOD), (&secret(OTHER), Programs::Keep), &Peer::default())
        .await;
    drop(changed.expect("changed"));
    house.pass(SignedDuration::from_hours(24 * 90) - SignedDuration::from_millis(1));
    assert!(house.by(&token).await.is_ok(), "it outlives sessions");
    house.pass(SignedDuration::from_millis(1));
    assert_eq!(house.by(&token).await.expect_err("a refusal").code(), "token-expired");
    let made_up = ApiToken::parse(&format!("wh_pat_{}", "0".repeat(64))).expect("a token");
    assert_eq!(house.by(&made_up).await.expect_err("a refusal").code(), "token-unknown");
}

#[tokio::test]
async fn a_token_does_not_outlive_a_changed_password_unless_its_person_says_so() {
    for programs in [Programs::End, Programs::Keep] {
        let (house, _) = House::open().await;
        let alice = house.somebody("alice").await.person;
        let held = house.locations(&alice).await;
        let (token, id) = house.make(&alice, &held).await;
        let wanted = (&secret(OTHER), programs);
        let changed = house.people.change_password(&alice, &secret(GOOD), wanted, &peer()).await;
        let changed = changed.expect("changed");
        assert!(house.is_signed_in(&changed.token).await);
        let goes_on = programs == Programs::Keep;
        assert_eq!(house.by(&token).await.is_ok(), goes_on, "{programs:?}");
        assert_eq!(house.ledger.session_revoked(&id), !goes_on, "{programs:?}");
    }
}

#[tokio::test]
async fn what_may_not_be_is_refused_with_its_field() {
    let (house, _) = House::open().await;
    let alice = house.somebody("alice").await.person;
    let bob = house.somebody("bob").await.person;
    let (mine, theirs) = (house.locations(&alice).await, house.locations(&bob).await);
    let foreign = theirs.into_iter().find(|id| !mine.contains(id)).expect("bob's home");
    let twice = vec![mine[0].clone(), mine[0].clone()];
    let wishes: Vec<(&str, Change)> = vec![
        ("name", Box::new(|form| form.name = " ".to_owned())),
        ("name", Box::new(|form| form.name = "a\nb".to_owned())),
        ("name", Box::new(|form| form.name = "x".repeat(61))),
        ("locations", Box::new(|form| form.locations.clear())),
        ("locations", Box::new(move |form| form.locations.push(foreign))),
        ("locations", Box::new(move |form| form.locations = twice)),
        ("locations", Box::new(|form| form.locations.push("nothing".to_owned()))),
        ("actions", Box::new(|form| form.actions.clear())),
        ("actions", Box::new(|form| form.actions.push(TokenAction::Read))),
        ("days", Box::new(|form| form.days = 0)),
        ("days", Box::new(|form| form.days = 366)),
    ];
    for (field, change) in wishes {
        let error = house.wish(&alice, change).await.map(drop).expect_err(field);
        assert_eq!(error.field(), Some(field), "{error}");
    }
    for _ in 0..20 {
        drop(house.wish(&alice, |form| form.days = 365).await.expect("made"));
    }
    let full = house.wish(&alice, |_| ()).await.map(drop).expect_err("one too many");
    assert_eq!(full.code(), "too-many-tokens");
    for text in ["", "wh_pat_", "wh_pat_0", &"0".repeat(64), &format!("wh_pat_{}", "A".repeat(64))]
    {
        assert!(ApiToken::parse(text).is_err(), "{text}");
    }
}

#[tokio::test]
async fn an_administrator_without_the_factor_that_they_must_have_makes_nothing_that_outlives_the_page()
 {
    let house = House::under(CHEAP, FactorRule::Required).await;
    let root = house.set_up(RegistrationMode::Open).await;
    assert!(root.person.lacks_second_factor());
    let token = house.wish(&root.person, |_| {}).await.expect_err("no token");
    assert_eq!(token.code(), "second-factor-required");
    let key = house
        .people
        .confirm(&root.person, &secret(GOOD), &Peer::default())
        .await
        .expect_err("no key");
    assert_eq!(key.code(), "second-factor-required");
    let alice = house.somebody("alice").await;
    house.wish(&alice.person, |_| {}).await.map(drop).expect("who need not have one");
    house
        .people
        .confirm(&alice.person, &secret(GOOD), &Peer::default())
        .await
        .map(drop)
        .expect("nor for a key");
    let root = house.enrol(root).await;
    house.wish(&root.session().person, |_| {}).await.map(drop).expect("with the factor");
}
