//! Session tokens and access keys: forged, cut, swapped, worn out.

use jiff::SignedDuration;
use wh_authority::{AuthenticationError, KeyRing, Rotation, TemporaryCredentials};
use wh_ledger::Ledger;
use wh_names::{AccessKeyId, RoleName, Uid};

use crate::kit::{ALL_STS, Kit, UID, ask, create, entropy, role, source, trust};

const INVALID: Option<AuthenticationError> = Some(AuthenticationError::InvalidToken);

fn other_letter(c: char) -> char {
    if c == 'A' { 'B' } else { 'A' }
}

#[tokio::test]
async fn a_token_opens_whole_and_beside_its_own_key_only() {
    let kit = Kit::build().await;
    kit.portal().await;
    let (mine, other) = (kit.deliver("PortalRole"), kit.deliver("PortalRole"));
    let token = mine.session_token.expose();
    let opened = |id: &AccessKeyId, token: &str| kit.authority.recognise(id, Some(token)).err();
    assert_eq!(opened(&mine.access_key_id, token), None);
    assert_eq!(opened(&other.access_key_id, token), INVALID, "swapped");
    for (at, c) in token.char_indices() {
        let forge = |(n, known)| if n == at { other_letter(c) } else { known };
        let forged: String = token.chars().enumerate().map(forge).collect();
        let cut: String = token.chars().take(at).collect();
        assert_eq!(opened(&mine.access_key_id, &forged), INVALID, "forged at {at}");
        assert_eq!(opened(&mine.access_key_id, &cut), INVALID, "cut at {at}");
    }
    for longer in [format!("{token}A"), format!("{token}="), token.repeat(200)] {
        assert_eq!(opened(&mine.access_key_id, &longer), INVALID);
    }
    assert_eq!(opened(&mine.access_key_id, token), None);
}

#[tokio::test]
async fn a_token_of_another_key_ring_does_not_open() {
    let (one, two) = (Kit::build().await, Kit::over(ledger().await, 77).await);
    one.portal().await;
    two.portal().await;
    let foreign = two.deliver("PortalRole");
    let token = Some(foreign.session_token.expose());
    assert_eq!(one.authority.recognise(&foreign.access_key_id, token).err(), INVALID);
    let secret = one.authority.secret_key(&foreign.access_key_id, None).expect("a secret");
    assert!(!secret.matches(&foreign.secret_access_key));
}

async fn ledger() -> Ledger {
    Ledger::in_memory().await.expect("a ledger")
}

#[tokio::test]
async fn a_secret_is_found_from_the_key_id_alone() {
    let kit = Kit::build().await;
    kit.portal().await;
    let issued = kit.deliver("PortalRole");
    let found = kit.authority.secret_key(&issued.access_key_id, None).expect("a secret");
    assert!(found.matches(&issued.secret_access_key));
    let root = kit.authority.secret_key(kit.keys.root_access_key_id(), None).expect("a secret");
    assert!(root.matches(kit.keys.root_secret()));
    let unknown = AccessKeyId::parse("AKIAAAAAAAAAAAAAAAAA").expect("an id");
    let answer = kit.authority.secret_key(&unknown, None).err();
    assert_eq!(answer, Some(AuthenticationError::InvalidAccessKeyId));
}

#[tokio::test]
async fn a_key_counts_only_with_what_belongs_to_it() {
    let kit = Kit::build().await;
    kit.portal().await;
    let issued = kit.deliver("PortalRole");
    let root = kit.keys.root_access_key_id();
    let token = Some(issued.session_token.expose());
    let id = Some(AuthenticationError::InvalidAccessKeyId);
    assert!(kit.authority.recognise(root, None).is_ok_and(|p| p.is_root() && !p.is_temporary()));
    assert_eq!(kit.authority.recognise(root, token).err(), INVALID);
    assert_eq!(kit.authority.recognise(&issued.access_key_id, None).err(), id);
    let other = KeyRing::generate(&entropy(99)).expect("a key ring");
    assert_eq!(kit.authority.recognise(other.root_access_key_id(), None).err(), id);
}

#[tokio::test]
async fn credentials_stop_counting_when_their_time_is_over() {
    let kit = Kit::build().await;
    kit.portal().await;
    let issued = kit.deliver("PortalRole");
    let principal = kit.recognise(&issued);
    kit.pass(3599);
    assert!(kit.authority.standing(&principal).is_ok());
    kit.pass(1);
    let token = Some(issued.session_token.expose());
    let expired = Some(AuthenticationError::ExpiredToken);
    assert_eq!(kit.authority.recognise(&issued.access_key_id, token).err(), expired);
    assert_eq!(kit.authority.standing(&principal).err(), expired);
}

#[tokio::test]
async fn revoking_a_person_reaches_every_session_in_their_name() {
    let kit = Kit::build().await;
    let portal = kit.portal().await;
    let trusts = trust(r#"{"AWS":"arn:aws:iam::111122223333:role/PortalRole"}"#, ALL_STS, "");
    kit.iam(wh_authority::IamRequest::CreateRole(create("Reader", trusts))).await;
    let by_name = ask("Reader");
    let mut by_tag = ask("Reader");
    by_tag.session_name = wh_names::RoleSessionName::parse("tool").expect("a name");
    let mut by_source = by_tag.clone();
    by_tag.tags = vec![("UID".to_owned(), UID.to_owned())];
    by_source.source_identity = source(UID);
    let asks = [by_name, by_tag, by_source];
    let issued = asks.each_ref().map(|ask| kit.assume(&portal, ask).expect("a session"));
    let uid = Uid::parse(UID).expect("a uid");
    kit.ledger.revoke_person(&uid, kit.now()).await.expect("a revocation");
    for (ask, old) in asks.iter().zip(&issued) {
        let token = Some(old.credentials.session_token.expose());
        let answer = kit.authority.recognise(&old.credentials.access_key_id, token).err();
        assert_eq!(answer, Some(AuthenticationError::Revoked), "{ask:?}");
        kit.pass(1);
        kit.recognise(&kit.assume(&portal, ask).expect("a session").credentials);
    }
    assert!(kit.authority.standing(&portal).is_ok());
}

#[tokio::test]
async fn credentials_are_delivered_only_to_a_service_that_the_role_trusts() {
    let kit = Kit::build().await;
    kit.portal().await;
    let session = wh_names::RoleSessionName::parse("i-1").expect("a name");
    let deliver = |service: &str, name: &RoleName| {
        kit.authority.deliver(service, name, &session).map_err(|e| e.code())
    };
    assert!(deliver("ec2.amazonaws.com", &role("PortalRole")).is_ok());
    assert_eq!(deliver("lambda.amazonaws.com", &role("PortalRole")).err(), Some("denied"));
    assert_eq!(deliver("ec2.amazonaws.com.evil", &role("PortalRole")).err(), Some("denied"));
    assert_eq!(deliver("ec2.amazonaws.com", &role("Nobody")).err(), Some("no-such-role"));
}

#[tokio::test]
async fn a_session_outlives_a_rotation_of_the_keys_as_long_as_was_said_and_new_keys_seal() {
    let kit = Kit::build().await;
    kit.portal().await;
    let before = kit.deliver("PortalRole");
    let secret = |of: &TemporaryCredentials| {
        let token = Some(of.session_token.expose());
        kit.authority.secret_key(&of.access_key_id, token).expect("a secret")
    };
    let counts = |of: &TemporaryCredentials| {
        let token = Some(of.session_token.expose());
        secret(of).matches(&of.secret_access_key)
            && kit.authority.recognise(&of.access_key_id, token).is_ok()
    };
    assert!(counts(&before), "remembered from before");
    let (now, hour) = (kit.now(), SignedDuration::from_hours(1));
    let dates = Rotation { made: now, from: now, before_until: now + hour / 2 };
    kit.keys.rotate(dates, &entropy(5)).expect("rotated");
    let after = kit.deliver("PortalRole");
    assert!(counts(&before) && counts(&after));
    let mixed = Some(before.session_token.expose());
    let answer = kit.authority.recognise(&after.access_key_id, mixed);
    assert_eq!(answer.err(), INVALID, "a token beside another's key");

    let unrotated = Kit::over(ledger().await, 1).await;
    unrotated.portal().await;
    let old_keys = |of: &TemporaryCredentials| {
        let token = Some(of.session_token.expose());
        unrotated.authority.recognise(&of.access_key_id, token).err()
    };
    assert_ne!(old_keys(&before), INVALID, "the same keys");
    assert_eq!(old_keys(&after), INVALID, "the old keys sealed");

    kit.pass(30 * 60);
    let token = Some(before.session_token.expose());
    assert_eq!(kit.authority.recognise(&before.access_key_id, token).err(), INVALID, "ended");
    assert!(!secret(&before).matches(&before.secret_access_key));
    assert!(counts(&after));
}
