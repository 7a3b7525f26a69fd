//! A random operation: everything that the port can be asked for, told in small numbers, so that a
//! list of them can be printed, shortened and played again.

mod buckets;
mod conditions;
mod content;
mod objects;
mod uploads;

pub(crate) use buckets::{OnBucket, Setting};
pub(crate) use conditions::{Cut, Reading, Tag, Which, Writing};
pub(crate) use content::{Body, Dress, Firmness, Lock, Told};
pub(crate) use objects::OnObject;
pub(crate) use uploads::{Chosen, OnUpload, Upload};

use crate::chance::Chance;
use buckets::on_bucket;
use objects::on_object;
use uploads::on_upload;

/// How many keys, uploads and contents there are to choose from. Few, so that they meet.
pub(crate) const KEYS: u8 = 14;
pub(crate) const UPLOADS: u8 = 4;
const CONTENTS: u64 = 12;

/// Which object: the number of its bucket and of its key.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub(crate) bucket: u8,
    pub(crate) key: u8,
}

/// An operation.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Op {
    Bucket(OnBucket),
    Object(OnObject),
    Upload(OnUpload),
    /// Close the store and open it again.
    Reopen,
    /// Take the store's folder as it is, as a crash would leave it, and open that.
    Crash,
}

/// How often each family of operations comes.
const FAMILIES: [u64; 5] = [40, 760, 164, 2, 1];

/// One operation by chance. `now` is its own number.
pub(crate) fn random(chance: &mut Chance, now: u64) -> Op {
    match chance.weighted(&FAMILIES) {
        0 => Op::Bucket(on_bucket(chance, now)),
        1 => Op::Object(on_object(chance, now)),
        2 => Op::Upload(on_upload(chance, now)),
        3 => Op::Reopen,
        _ => Op::Crash,
    }
}

fn small(chance: &mut Chance, end: u8) -> u8 {
    u8::try_from(chance.below(end.into())).unwrap_or_default()
}

fn max(chance: &mut Chance) -> usize {
    chance.weighted(&[1, 4, 4, 4]).pow(2) * if chance.one_in(2) { 100 } else { 1 }
}

/// Most of the time one of the first two.
fn bucket(chance: &mut Chance) -> u8 {
    match chance.weighted(&[50, 45, 5]) {
        0 => 0,
        1 => 1,
        _ => 2,
    }
}

fn place(chance: &mut Chance) -> Place {
    Place { bucket: bucket(chance), key: small(chance, KEYS) }
}
