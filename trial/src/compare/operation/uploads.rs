//! Operations on uploads in parts.

use super::conditions::{Cut, Reading, Which, Writing, range, reading, which, writing};
use super::content::{Body, Dress, body, dress};
use super::{KEYS, Place, UPLOADS, bucket, max, place, small};
use crate::chance::Chance;

/// An upload: where it goes and which it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Upload {
    pub(crate) to: Place,
    pub(crate) id: u8,
}

/// Which parts a completion names.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Chosen {
    All,
    Last,
    None,
    Backwards,
    WrongTag,
    WrongSize,
}

/// An operation on uploads in parts.
#[derive(Debug, Clone, Copy)]
pub(crate) enum OnUpload {
    Begin {
        upload: Upload,
        dress: Dress,
        checksum: Option<(u8, bool)>,
    },
    Part {
        upload: Upload,
        number: u16,
        body: Body,
    },
    PartCopy {
        upload: Upload,
        number: u16,
        from: Place,
        version: Which,
        range: Option<Cut>,
        source: Reading,
    },
    Complete {
        upload: Upload,
        chosen: Chosen,
        when: Writing,
    },
    Abort(Upload),
    Parts {
        upload: Upload,
        after: u16,
        max: usize,
    },
    List {
        bucket: u8,
        prefix: u8,
        after: Option<(u8, Option<u8>)>,
        max: usize,
    },
}

pub(super) fn on_upload(chance: &mut Chance, now: u64) -> OnUpload {
    // Few keys have uploads, so that operations on one upload meet.
    let to = Place { bucket: bucket(chance), key: small(chance, 2) };
    let upload = Upload { to, id: small(chance, UPLOADS) };
    let number = u16::from(small(chance, 4));
    match chance.weighted(&[25, 45, 25, 35, 10, 12, 12]) {
        0 => {
            let checksum = chance.one_in(2).then(|| (small(chance, 5), chance.one_in(2)));
            OnUpload::Begin { upload, dress: dress(chance, to), checksum }
        }
        1 => OnUpload::Part { upload, number, body: body(chance) },
        2 => {
            let (from, version, range) = (place(chance), which(chance), range(chance));
            let source = reading(chance, now);
            OnUpload::PartCopy { upload, number, from, version, range, source }
        }
        3 => {
            let chosen = chosen(chance);
            OnUpload::Complete { upload, chosen, when: writing(chance) }
        }
        4 => OnUpload::Abort(upload),
        5 => OnUpload::Parts { upload, after: u16::from(small(chance, 4)), max: max(chance) },
        _ => {
            let id = chance.one_in(2).then(|| small(chance, UPLOADS));
            let after = chance.one_in(2).then(|| (small(chance, KEYS), id));
            let prefix = small(chance, 5);
            OnUpload::List { bucket: to.bucket, prefix, after, max: max(chance) }
        }
    }
}

fn chosen(chance: &mut Chance) -> Chosen {
    match chance.weighted(&[10, 6, 1, 1, 1, 1]) {
        0 => Chosen::All,
        1 => Chosen::Last,
        2 => Chosen::None,
        3 => Chosen::Backwards,
        4 => Chosen::WrongTag,
        _ => Chosen::WrongSize,
    }
}
