//! Passkeys, by an authenticator that is written here: what it takes to make one, and to be let in by it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::SignedDuration;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::tests::{GOOD, House, secret};
use crate::*;

const ORIGIN: &str = "https://files.example.org";
const RP: &str = "files.example.org";

/// What the authenticator says of its person, as bits of its data. Source: Web
/// Authentication Level 3, 6.1.
const PRESENT: u8 = 0b0000_0001;
const VERIFIED: u8 = 0b0000_0101;
const WITH_KEY: u8 = 0b0100_0000;

/// An authenticator with one passkey.
struct Authenticator {
    key: SigningKey,
    id: Vec<u8>,
    user: Vec<u8>,
    counter: u32,
    flags: u8,
    origin: &'static str,
    rp: &'static str,
}

fn base64(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl Authenticator {
    /// One that was made from this number alone.
    fn new(number: u8) -> Self {
        Self {
            key: SigningKey::from_slice(&[number; 32]).expect("a scalar"),
            id: vec![number; 16],
            user: Vec::new(),
            counter: 0,
            flags: VERIFIED,
            origin: ORIGIN,
            rp: RP,
        }
    }

    fn data(&self, flags: u8) -> Vec<u8> {
        let mut data = Sha256::digest(self.rp.as_bytes()).to_vec();
        data.push(self.flags | flags);
        data.extend(self.counter.to_be_bytes());
        data
    }

    fn client_data(&self, kind: &str, options: &Value) -> Vec<u8> {
        let challenge = options["challenge"].as_str().expect("a challenge");
        let origin = self.origin;
        json!({ "type": kind, "challenge": challenge, "origin": origin, "crossOrigin": false })
            .to_string()
            .into_bytes()
    }

    /// A `RegistrationResponseJSON`, without attestation.
    fn make(&mut self, options: &Value) -> Value {
        let user = options["user"]["id"].as_str().expect("a user");
        self.user = URL_SAFE_NO_PAD.decode(user).expect("base64url");
        let point = self.key.verifying_key().to_sec1_point(false);
        let mut data = self.data(WITH_KEY);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.id.len()).expect("short").to_be_bytes());
        data.extend(&self.id);
        // {1: 2 (EC2), 3: -7 (ES256), -1: 1 (P-256), -2: x, -3: y}
        data.extend([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20]);
        data.extend(point.x().expect("a point").as_slice());
        data.extend([0x22, 0x58, 0x20]);
        data.extend(point.y().expect("a point").as_slice());
        let mut object = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".to_vec();
        object.push(u8::try_from(data.len()).expect("short"));
        object.extend(data);
        let client_data = self.client_data("webauthn.create", options);
        json!({
            "id": base64(&self.id), "rawId": base64(&self.id), "type": "public-key",
            "clientExtensionResults": {},
            "response": {
                "attestationObject": base64(&object), "clientDataJSON": base64(&client_data),
                "transports": ["internal"],
            },
        })
    }

    /// An `AuthenticationResponseJSON`.
    fn answer(&mut self, options: &Value) -> PasskeyAnswer {
        self.counter += 1;
        self.answer_again(options)
    }

    /// The same as one that has forgotten its last answer would give it.
    fn answer_again(&self, options: &Value) -> PasskeyAnswer {
        let (data, client_data) = (self.data(0), self.client_data("webauthn.get", options));
        let signed = [data.as_slice(), Sha256::digest(&client_data).as_slice()].concat();
        let signature: Signature = self.key.sign(&signed);
        let answer = json!({
            "id": base64(&self.id), "rawId": base64(&self.id), "type": "public-key",
            "clientExtensionResults": {},
            "response": {
                "authenticatorData": base64(&data), "clientDataJSON": base64(&client_data),
                "signature": base64(signature.to_der().as_bytes()),
                "userHandle": base64(&self.user),
            },
        });
        PasskeyAnswer::parse(&answer).expect("an answer")
    }
}

impl House {
    async fn offered(&self, person: &Person) -> Value {
        let person = Proven::try_from(person.clone()).expect("a fresh proof");
        self.people.offer_passkey(&person, &Peer::default()).await.expect("offered")
    }

    async fn add(&self, person: &Person, made: &Value) -> Result<MadePasskey, PasskeyError> {
        self.people.add_passkey(person, ("Phone", made), &Peer::default()).await
    }

    /// Somebody with a passkey.
    async fn with_passkey(&self, name: &str, device: &mut Authenticator) -> MadePasskey {
        let session = self.somebody(name).await;
        let made = device.make(&self.offered(&session.person).await);
        self.add(&session.person, &made).await.expect("kept")
    }

    async fn asked(&self) -> (SignInToken, Value) {
        self.people.ask_passkey_of_anybody(&Peer::default()).await.expect("asked")
    }

    async fn enter(
        &self,
        token: &SignInToken,
        answer: &PasskeyAnswer,
    ) -> Result<SignedIn, ProofError> {
        self.people.sign_in_by_passkey(token, answer, &Peer::default()).await
    }
}

#[tokio::test]
async fn a_passkey_is_the_only_step_of_signing_in_and_a_fresh_proof_of_both_factors() {
    let (house, _) = House::open().await;
    let mut device = Authenticator::new(7);
    let made = house.with_passkey("alice", &mut device).await;
    assert_eq!(made.codes.len(), 10);
    assert!(made.session.person.has_second_factor());
    house.pass(SignedDuration::from_mins(20));

    let (token, options) = house.asked().await;
    assert_eq!(options["userVerification"], "required");
    assert_eq!(options["allowCredentials"], json!([]), "nobody is told who has passkeys");
    let answer = device.answer(&options);
    let session = house.enter(&token, &answer).await.expect("signed in");
    assert_eq!(session.person.uid(), made.session.person.uid());
    assert!(Proven::try_from(session.person.clone()).is_ok());
    let again = house.enter(&token, &answer).await.expect_err("answered once");
    assert_eq!(again.code(), "passkey-over");
    let mine = house.people.passkeys(&session.person).await.expect("read");
    assert_eq!((mine.len(), mine[0].name.as_str(), mine[0].used.is_some()), (1, "Phone", true));
}

#[tokio::test]
async fn a_passkey_is_the_second_step_and_the_proof_of_whoever_is_signed_in() {
    let (house, _) = House::open().await;
    let mut device = Authenticator::new(7);
    let made = house.with_passkey("alice", &mut device).await;
    let form = LoginForm { name: "alice".to_owned(), password: secret(GOOD) };
    let entered = house.people.login(form, &Peer::default()).await.expect("half-way");
    let Entered::HalfWay { token, factors, .. } = entered else { panic!("no second step") };
    assert_eq!(factors, Factors { totp: false, passkey: true, provider: false });
    let peer = Peer::default();
    let options = house.people.ask_passkey_for_second_step(&token, &peer).await.expect("asked");
    assert_eq!(options["allowCredentials"][0]["id"], made.id.as_str());
    let answer = device.answer(&options);
    let other = house.enter(&token, &answer).await.expect_err("asked for something else");
    assert_eq!(other.code(), "passkey-over");
    let code = FactorCode::Passkey(answer);
    let session = house.people.finish_login(&token, &code, &peer).await.expect("signed in");

    house.pass(SignedDuration::from_mins(20));
    let person = house.people.recognise(&session.token).await.expect("signed in");
    assert!(Proven::try_from(person.clone()).is_err(), "too long ago");
    let by_password = house.people.prove(&person, &Proof::Password(secret(GOOD)), &peer).await;
    assert_eq!(by_password.map(drop).expect_err("too little").code(), "second-factor-needed");
    let options = house.people.ask_passkey_for_proof(&person, &peer).await.expect("asked");
    let proof = Proof::Factor(FactorCode::Passkey(device.answer(&options)));
    let proved = house.people.prove(&person, &proof, &peer).await.expect("proved");
    assert!(Proven::try_from(proved.person).is_ok());
    let again = house.people.prove(&person, &proof, &peer).await.map(drop);
    assert_eq!(again.expect_err("answered once").code(), "passkey-refused");
}

/// A way for an authenticator or a page to be wrong.
type Wrong = fn(&mut Authenticator);

#[tokio::test]
async fn what_does_not_verify_its_person_here_and_now_lets_nobody_in() {
    let (house, _) = House::open().await;
    let mut device = Authenticator::new(7);
    house.with_passkey("alice", &mut device).await;
    house.with_passkey("bobby", &mut Authenticator::new(8)).await;
    let (token, options) = house.asked().await;
    drop(house.enter(&token, &device.answer(&options)).await.expect("signed in"));
    let wrongs: [(&str, Wrong); 8] = [
        ("not verified", |device| device.flags = PRESENT),
        ("not present", |device| device.flags = VERIFIED & !PRESENT),
        ("another page", |device| device.origin = "https://files.example.org.evil.example"),
        ("plain http", |device| device.origin = "http://files.example.org"),
        ("another house", |device| device.rp = "evil.example"),
        ("another key", |device| device.key = Authenticator::new(9).key),
        ("another's passkey", |device| device.id = vec![8; 16]),
        ("another's name", |device| device.user = vec![8; 16]),
    ];
    for (what, wrong) in wrongs {
        let (token, options) = house.asked().await;
        let mut device = Authenticator {
            key: device.key.clone(),
            id: device.id.clone(),
            user: device.user.clone(),
            ..Authenticator { counter: device.counter, ..Authenticator::new(7) }
        };
        wrong(&mut device);
        let refused = house.enter(&token, &device.answer(&options)).await.map(drop);
        assert_eq!(refused.expect_err(what).code(), "passkey-refused", "{what}");
    }
    let (token, options) = house.asked().await;
    let copy = house.enter(&token, &device.answer_again(&options)).await.map(drop);
    assert_eq!(copy.expect_err("a copy").code(), "passkey-refused", "the counter stood still");
    let (token, options) = house.asked().await;
    house.pass(SignedDuration::from_mins(5));
    let late = house.enter(&token, &device.answer(&options)).await.map(drop);
    assert_eq!(late.expect_err("late").code(), "passkey-over");
    let (token, options) = house.asked().await;
    drop(house.enter(&token, &device.answer(&options)).await.expect("signed in"));
}

#[tokio::test]
async fn two_challenges_at_once_give_a_copied_counter_no_second_chance() {
    let (house, _) = House::open().await;
    let mut device = Authenticator::new(7);
    house.with_passkey("alice", &mut device).await;
    let ((first, one), (second, other)) = (house.asked().await, house.asked().await);
    let (third, last) = house.asked().await;
    let silent = device.answer_again(&last);
    let (answer, copied) = (device.answer(&one), device.answer_again(&other));
    drop(house.enter(&first, &answer).await.expect("signed in"));
    let copied = house.enter(&second, &copied).await.map(drop);
    assert_eq!(copied.expect_err("a copy").code(), "passkey-refused");
    let silent = house.enter(&third, &silent).await.map(drop);
    assert_eq!(silent.expect_err("one that counts nothing any more").code(), "passkey-refused");
}

#[tokio::test]
async fn a_passkey_is_made_by_whoever_was_asked_for_it_and_is_nobody_elses() {
    let (house, root) = House::open().await;
    let mut device = Authenticator::new(7);
    let alice = house.with_passkey("alice", &mut device).await;
    let bob = house.somebody("bobby").await;
    let options = house.offered(&bob.person).await;
    let there = options["excludeCredentials"].as_array().map_or(0, Vec::len);
    assert_eq!(
        (there, &options["authenticatorSelection"]["residentKey"]),
        (0, &json!("preferred"))
    );
    let refused = house.add(&bob.person, &device.make(&options)).await.map(drop);
    assert_eq!(refused.expect_err("alice's").code(), "passkey-taken");
    let mut unverified = Authenticator { flags: PRESENT, ..Authenticator::new(8) };
    let made = unverified.make(&house.offered(&bob.person).await);
    let refused = house.add(&bob.person, &made).await.map(drop).expect_err("unverified");
    assert_eq!(refused.code(), "passkey-refused");
    let made = Authenticator::new(8).make(&house.offered(&bob.person).await);
    let person = &alice.session.person;
    let unasked = house.add(person, &made).await.map(drop).expect_err("asked of bob");
    assert_eq!(unasked.code(), "passkey-over");
    for name in ["", "  ", "a\u{7}b", &"n".repeat(65)] {
        let refused = house.people.add_passkey(&bob.person, (name, &made), &Peer::default()).await;
        assert_eq!(refused.map(drop).expect_err("a name").code(), "passkey-name-invalid");
    }
    house.add(&bob.person, &made).await.expect("kept");

    let (token, options) = house.asked().await;
    house.people.disable(&root, alice.session.person.uid()).await.expect("disabled");
    let refused = house.enter(&token, &device.answer(&options)).await.map(drop);
    assert_eq!(refused.expect_err("disabled").code(), "passkey-refused");
}

#[tokio::test]
async fn a_house_that_is_reached_by_a_number_has_no_passkeys() {
    use crate::passkeys::RelyingParty;
    for (origin, named) in [
        ("https://files.example.org", true),
        ("https://files.example.org:8443", true),
        ("http://localhost:8080", true),
        ("http://127.0.0.1:8080", false),
        ("https://[::1]", false),
        ("files", false),
    ] {
        assert_eq!(RelyingParty::of(&[origin.to_owned()]).is_some(), named, "{origin}");
    }
    assert!(RelyingParty::of(&[]).is_none());
}

#[tokio::test]
async fn administrators_take_all_factors_of_somebody_away_at_once() {
    let (house, root) = House::open().await;
    let mut device = Authenticator::new(7);
    let alice = house.with_passkey("alice", &mut device).await;
    let uid = alice.session.person.uid();
    house
        .people
        .reset_second_factor(&root, (uid, AddedLinks::End), &Peer::default())
        .await
        .expect("reset");
    assert!(!house.is_signed_in(&alice.session.token).await);
    let (token, options) = house.asked().await;
    let refused = house.enter(&token, &device.answer(&options)).await.map(drop);
    assert_eq!(refused.expect_err("reset").code(), "passkey-refused");
    assert!(house.login("alice", GOOD).await.is_ok(), "the password alone signs in again");
}

#[tokio::test]
async fn a_passkey_is_let_in_where_passwords_are_closed_and_opens_them_again() {
    let (house, _) = House::open().await;
    let mut device = Authenticator::new(7);
    drop(house.with_passkey("alice", &mut device).await);
    let people = &house.people;
    assert_eq!(super::guessing::stuff(&house, &[people], "alice", 1_000).await, 100);
    let form = || LoginForm { name: "alice".to_owned(), password: secret(GOOD) };
    let closed = people.login(form(), &Peer::default()).await.expect_err("closed");
    assert_eq!(closed.code(), "password-sign-in-closed");
    let (token, options) = house.asked().await;
    let session = house.enter(&token, &device.answer(&options)).await.expect("by the passkey");
    assert!(house.is_signed_in(&session.token).await);
    house.pass(SignedDuration::from_mins(15));
    let entered = people.login(form(), &Peer::default()).await.expect("open again");
    assert!(matches!(entered, Entered::HalfWay { .. }), "{entered:?}");
}
