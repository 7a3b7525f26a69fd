//! Key files are read strictly, and what is wrapped unwraps only where it belongs.

use super::guard::Guard;
use super::keyring::{KeyId, Keyring, KeyringError};
use super::wrap::{Purpose, Unwrap, Wrapped, new_secret};
use crate::disk::extent::BlobId;

const A: &str = "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=";
const B: &str = "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=";

fn first(text: &str, len: usize) -> &str {
    text.get(..len).expect("long enough")
}

fn ring(text: &str) -> Keyring {
    Keyring::parse(text).expect("a keyring")
}

fn blob(count: u64) -> BlobId {
    BlobId { opening: 1, count }
}

#[track_caller]
fn check(text: &str, expected: Result<&str, &str>) {
    let read = Keyring::parse(text);
    let read = read.as_ref().map(|r| r.current().as_str()).map_err(KeyringError::code);
    assert_eq!(read, expected, "{text}");
}

#[test]
fn a_key_file_is_read_strictly() {
    check(&format!("k1 {A}"), Ok("k1"));
    check(&format!("# old\n\n  k1\t{A}  \r\n# new\nk2 {B}\n"), Ok("k2"));
    check(&format!("2026-09.a_B {A}\n"), Ok("2026-09.a_B"));
    check("", Err("keyring-empty"));
    check("# only a comment\n\n", Err("keyring-empty"));
    check(A, Err("keyring-not-two-words"));
    check(&format!("k1 {A} # mine"), Err("keyring-not-two-words"));
    check(&format!("kéy {A}"), Err("keyring-bad-id"));
    check(&format!("a/b {A}"), Err("keyring-bad-id"));
    check(&format!("{} {A}", "k".repeat(65)), Err("keyring-bad-id"));
    check(&format!("k1 {}", first(A, 43)), Err("keyring-bad-key"));
    check("k1 c2hvcnQ=", Err("keyring-bad-key"));
    check(&format!("k1 {}!AA=", first(A, 40)), Err("keyring-bad-key"));
    // 33 bytes, and 32 whose last character has bits that mean nothing.
    check(&format!("k1 {}AA", first(A, 42)), Err("keyring-bad-key"));
    check(&format!("k1 {}B=", first(A, 42)), Err("keyring-bad-key"));
    check(&format!("k1 {}=", "A".repeat(43)), Err("keyring-weak-key"));
    check(&format!("k1 {A}\nk1 {B}"), Err("keyring-same-id"));
    check(&format!("k1 {A}\n\nk2 {A}"), Err("keyring-same-key"));
}

#[test]
fn an_error_names_the_line_and_no_key() {
    let error = Keyring::parse(&format!("# one\nk1 {A}\nk2 {A}x")).expect_err("an error");
    let (shown, debugged) = (error.to_string(), format!("{error:?}"));
    assert!(shown.contains("line 3"), "{shown}");
    for text in [shown, debugged, format!("{:?}", ring(&format!("k1 {A}")))] {
        assert!(!text.contains(first(A, 8)) && !text.contains("[1, 2, 3"), "{text}");
    }
}

#[test]
fn a_new_line_is_a_new_key_each_time() {
    let id = KeyId::parse("k1").expect("an id");
    let line = || Keyring::new_line(&id).expect("a line");
    let (one, two) = (line(), line());
    assert_eq!(ring(&one).current().as_str(), "k1");
    assert_ne!(one, two);
}

#[test]
fn a_secret_unwraps_only_where_it_belongs() {
    let ring = ring(&format!("k1 {A}"));
    let secret = new_secret().expect("a secret");
    let wrapped = Wrapped::new(&ring, Purpose::Blob(blob(1)), &secret).expect("wrapped");
    assert_eq!(wrapped.unwrap(&ring, Purpose::Blob(blob(1))), Ok(secret));
    let wrong = Err(Unwrap::Wrong("k1".to_owned()));
    for other in [Purpose::Blob(blob(2)), Purpose::Index, Purpose::Proof] {
        assert_eq!(wrapped.unwrap(&ring, other), wrong, "{other:?}");
    }
    let another = self::ring(&format!("k1 {B}"));
    assert_eq!(wrapped.unwrap(&another, Purpose::Blob(blob(1))), wrong);
    let without = self::ring(&format!("k2 {B}"));
    let missing = Err(Unwrap::NoKey("k1".to_owned()));
    assert_eq!(wrapped.unwrap(&without, Purpose::Blob(blob(1))), missing);
}

#[test]
fn no_flipped_bit_of_a_wrapped_secret_passes() {
    let ring = ring(&format!("k1 {A}"));
    let secret = new_secret().expect("a secret");
    let wrapped = Wrapped::new(&ring, Purpose::Index, &secret).expect("wrapped");
    assert_ne!(Wrapped::new(&ring, Purpose::Index, &secret).expect("wrapped"), wrapped);
    for bit in 0..wrapped.as_bytes().len() * 8 {
        let mut bytes = wrapped.as_bytes().to_vec();
        bytes[bit / 8] ^= 1 << (bit % 8);
        assert!(Wrapped::kept(bytes).unwrap(&ring, Purpose::Index).is_err(), "bit {bit}");
    }
    let longer = [wrapped.as_bytes(), b"x"].concat();
    assert!(Wrapped::kept(longer).unwrap(&ring, Purpose::Index).is_err());
    for len in 0..wrapped.as_bytes().len() {
        let cut = Wrapped::kept(wrapped.as_bytes()[..len].to_vec());
        assert!(cut.unwrap(&ring, Purpose::Index).is_err(), "{len} bytes");
    }
}

#[test]
fn a_block_is_good_only_as_what_it_is() {
    let secret = new_secret().expect("a secret");
    let sealed = Guard::sealed(&secret).expect("a guard");
    let other_key = Guard::sealed(&new_secret().expect("a secret")).expect("a guard");
    for guard in [sealed, Guard::Crc64] {
        let plain = [7_u8; 100];
        let mut data = plain;
        let mark = guard.cover(blob(1), 5, &mut data).expect("covered");
        assert_eq!(data == plain, !guard.is_sealed());
        let good = |guard: &Guard, blob, number, mut data: Vec<u8>| {
            let good = guard.check(blob, number, (&mut data, mark.as_bytes()));
            assert!(!good || data == plain, "what is good is in plain");
            good
        };
        assert!(good(&guard, blob(1), 5, data.to_vec()), "{guard:?}");
        assert!(!good(&guard, blob(1), 6, data.to_vec()), "{guard:?} of another place");
        assert!(!good(&guard, blob(2), 5, data.to_vec()), "{guard:?} of another blob");
        assert!(!good(&other_key, blob(1), 5, data.to_vec()), "{guard:?} of another key");
        assert!(!good(&guard, blob(1), 5, data[..99].to_vec()), "{guard:?} cut");
        for bit in 0..800 {
            let mut flipped = data;
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(!good(&guard, blob(1), 5, flipped.to_vec()), "{guard:?}, bit {bit}");
        }
        let mut again = plain;
        let mark_again = guard.cover(blob(1), 6, &mut again).expect("covered");
        assert_ne!(mark.as_bytes(), mark_again.as_bytes());
        assert_eq!(data == again, !guard.is_sealed(), "no nonce is used twice");
    }
}
