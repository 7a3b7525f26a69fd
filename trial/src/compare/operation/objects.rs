//! Operations on objects.

use super::conditions::{Cut, Reading, Which, Writing, range, reading, which, writing};
use super::content::{Body, Dress, Firmness, Lock, body, dress, lock, until};
use super::{KEYS, Place, max, place, small};
use crate::chance::Chance;

/// An operation on objects.
#[derive(Debug, Clone, Copy)]
pub(crate) enum OnObject {
    Put {
        at: Place,
        body: Body,
        dress: Dress,
        when: Writing,
    },
    Get {
        at: Place,
        version: Which,
        range: Option<Cut>,
        when: Reading,
    },
    Head {
        at: Place,
        version: Which,
        when: Reading,
    },
    Delete {
        at: Place,
        version: Which,
        when: Writing,
        bypass: bool,
    },
    Copy {
        from: Place,
        version: Which,
        to: Place,
        headers: Option<u8>,
        tags: Option<u8>,
        lock: Lock,
        source: Reading,
        when: Writing,
    },
    Tag {
        at: Place,
        version: Which,
        tags: u8,
    },
    Retain {
        at: Place,
        version: Which,
        until: Option<(Firmness, u64)>,
        bypass: bool,
    },
    Hold {
        at: Place,
        version: Which,
        on: bool,
    },
    List {
        bucket: u8,
        prefix: u8,
        delimiter: u8,
        after: Option<u8>,
        max: usize,
    },
    ListVersions {
        bucket: u8,
        prefix: u8,
        delimiter: u8,
        after: Option<(u8, Which)>,
        max: usize,
    },
}

pub(super) fn on_object(chance: &mut Chance, now: u64) -> OnObject {
    let (at, version) = (place(chance), which(chance));
    match chance.weighted(&[26, 17, 6, 13, 7, 9, 4, 2, 2, 6]) {
        0 => {
            let (body, dress) = (body(chance), dress(chance, at));
            OnObject::Put { at, body, dress, when: writing(chance) }
        }
        1 => OnObject::Get { at, version, range: range(chance), when: reading(chance, now) },
        2 => OnObject::Head { at, version, when: reading(chance, now) },
        3 => {
            let when = if chance.one_in(3) { writing(chance) } else { Writing::Always };
            OnObject::Delete { at, version, when, bypass: chance.one_in(2) }
        }
        4 => copy(chance, (at, version), now),
        5 => {
            let (prefix, delimiter) = (small(chance, 6), small(chance, 4));
            let after = chance.one_in(3).then(|| small(chance, KEYS + 4));
            OnObject::List { bucket: at.bucket, prefix, delimiter, after, max: max(chance) }
        }
        6 => OnObject::Tag { at, version, tags: small(chance, 4) },
        7 => OnObject::Retain { at, version, until: until(chance), bypass: chance.one_in(2) },
        8 => OnObject::Hold { at, version, on: chance.one_in(2) },
        _ => {
            let (prefix, delimiter) = (small(chance, 6), small(chance, 4));
            let after = chance.one_in(2).then(|| (small(chance, KEYS + 4), which(chance)));
            OnObject::ListVersions { bucket: at.bucket, prefix, delimiter, after, max: max(chance) }
        }
    }
}

fn copy(chance: &mut Chance, (from, version): (Place, Which), now: u64) -> OnObject {
    let headers = chance.one_in(2).then(|| small(chance, 4));
    let tags = chance.one_in(3).then(|| small(chance, 4));
    let (to, source) = (place(chance), reading(chance, now));
    let lock = lock(chance, to);
    OnObject::Copy { from, version, to, headers, tags, lock, source, when: writing(chance) }
}
