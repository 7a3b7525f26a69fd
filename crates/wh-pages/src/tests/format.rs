//! The bytes on the disk, told in numbers: what a later version must still read.

use super::kit::key;
use crate::layout::{FRAME, SEAL};
use crate::seal::{Place, Seal};

/// The seal of zeros at page 2, with SHA-256 as `sha256sum` computes it of the bound and the
/// content.
#[test]
fn a_checksummed_page_has_the_bytes_that_the_format_says() {
    let mut page = vec![0; 4096];
    Seal::Checksum.close(Place::Page(2), 0, &mut page).unwrap();
    let end = &page[4096 - SEAL..];
    assert_eq!(&end[..4], b"sum1");
    assert!(end[4..24].iter().all(|byte| *byte == 0), "no generation, no nonce, no count");
    let tag = u128::from_be_bytes(end[24..].try_into().unwrap());
    assert_eq!(tag, 0xc28a_3fb3_fcb7_a7b2_cb78_b670_0193_b9dc);
}

#[test]
fn a_seal_opens_at_its_place_only() {
    for seal in super::kit::both() {
        let mut frame = vec![5; FRAME];
        seal.close(Place::Frame(3), 2, &mut frame).unwrap();
        let mut same = frame.clone();
        assert_eq!(seal.open(Place::Frame(3), &mut same), Ok(2));
        assert!(same[..FRAME - SEAL].iter().all(|byte| *byte == 5));
        assert!(same[FRAME - SEAL..].iter().all(|byte| *byte == 0));
        for place in [Place::Frame(4), Place::Page(3), Place::Mark(3)] {
            assert!(seal.open(place, &mut frame.clone()).is_err(), "{place:?}");
        }
    }
}

#[test]
fn the_same_page_is_never_sealed_twice_alike() {
    let seal = key(1);
    let mut pages = [vec![0; 4096], vec![0; 4096]];
    for page in &mut pages {
        seal.close(Place::Page(1), 0, page).unwrap();
    }
    assert_ne!(pages[0], pages[1]);
    assert_ne!(format!("{seal:?}"), "", "and its key is not printed");
    assert!(!format!("{seal:?}").contains('1'));
}
