//! A random operation: everything that the port can be asked for, told in small numbers, so that a
//! list of them can be printed, shortened and played again.

use crate::chance::Chance;

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

/// The bytes to write.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Body {
    pub(crate) content: u64,
    pub(crate) size: u64,
    /// How it comes: in blocks of so many bytes.
    pub(crate) block: u64,
    /// What is said of it beforehand.
    pub(crate) told: Told,
}

/// What is said of a body beforehand.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Told {
    Nothing,
    Size,
    WrongSize,
    Md5,
    WrongMd5,
    /// A checksum by the algorithm of this number.
    Checksum(u8),
    WrongChecksum(u8),
    /// It breaks off.
    BreaksOff,
}

/// An entity tag in a condition.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Tag {
    /// The one that the object has now.
    Current,
    /// One that no object has.
    Wrong,
    /// `*`.
    Any,
}

/// The condition of a write.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) enum Writing {
    #[default]
    Always,
    Nothing,
    Match(Tag),
    /// The number of the change that made the newest version, or one that did not.
    Sequence(Tag),
}

/// Which version of an object.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) enum Which {
    #[default]
    Newest,
    Null,
    /// The one that so many versions came after, by the listing.
    Older(u8),
    /// One that no object has.
    Wrong,
}

/// A lock: the kind of its retention and for how many operations it holds, and a legal hold.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Lock {
    pub(crate) retention: Option<(Firmness, u64)>,
    pub(crate) hold: bool,
}

/// How firmly a version is retained.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Firmness {
    Governance,
    Compliance,
}

/// What comes with an object beside its bytes: the numbers of its headers and tags, and its lock.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dress {
    pub(crate) headers: u8,
    pub(crate) tags: u8,
    pub(crate) lock: Lock,
}

/// The conditions of a read. Times are those of operations.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Reading {
    pub(crate) matches: Option<Tag>,
    pub(crate) differs: Option<Tag>,
    pub(crate) since: Option<u64>,
    pub(crate) before: Option<u64>,
}

/// A range of bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Cut {
    FromTo(u64, u64),
    From(u64),
    Last(u64),
}

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

/// An operation on buckets, by their numbers.
#[derive(Debug, Clone, Copy)]
pub(crate) enum OnBucket {
    Make(u8),
    Remove(u8),
    Tell(u8),
    TellAll,
    Keep {
        bucket: u8,
        kind: u8,
        text: Option<u64>,
    },
    Document {
        bucket: u8,
        kind: u8,
    },
    Change(u8, Setting),
    Settings(u8),
    Usage(u8),
    /// The feed, of all buckets.
    Events {
        after: u64,
        max: usize,
    },
    Trim {
        before: u64,
    },
}

/// A change of a bucket's settings.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Setting {
    Unversioned,
    Enabled,
    Suspended,
    /// Object lock, with a default retention of so many days.
    Lock(Option<(Firmness, u32)>),
    Quota(Option<u64>),
}

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

fn on_bucket(chance: &mut Chance, now: u64) -> OnBucket {
    let bucket = bucket(chance);
    match chance.weighted(&[4, 6, 2, 2, 4, 4, 8, 3, 6, 6, 1]) {
        0 => OnBucket::Make(bucket),
        1 => OnBucket::Remove(bucket),
        2 => OnBucket::Tell(bucket),
        3 => OnBucket::TellAll,
        4 => {
            let text = chance.one_in(2).then(|| chance.below(CONTENTS));
            OnBucket::Keep { bucket, kind: small(chance, 4), text }
        }
        5 => OnBucket::Document { bucket, kind: small(chance, 4) },
        // The first bucket mostly stays what it is, so that there is one that was never versioned.
        6 if bucket == 0 && !chance.one_in(6) => OnBucket::Settings(bucket),
        6 => OnBucket::Change(bucket, setting(chance)),
        7 => OnBucket::Settings(bucket),
        8 => OnBucket::Usage(bucket),
        9 => OnBucket::Events { after: chance.below(now + 1), max: max(chance) },
        _ => OnBucket::Trim { before: chance.below(now / 2 + 1) },
    }
}

fn setting(chance: &mut Chance) -> Setting {
    match chance.weighted(&[1, 8, 4, 2, 5]) {
        0 => Setting::Unversioned,
        1 => Setting::Enabled,
        2 => Setting::Suspended,
        3 => {
            let days = u32::from(small(chance, 3)) * 20_000;
            Setting::Lock(chance.one_in(2).then(|| (firmness(chance), days)))
        }
        _ => Setting::Quota(chance.one_in(3).then(|| chance.between(10_000, 500_000))),
    }
}

fn on_object(chance: &mut Chance, now: u64) -> OnObject {
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

fn which(chance: &mut Chance) -> Which {
    match chance.weighted(&[60, 10, 28, 2]) {
        0 => Which::Newest,
        1 => Which::Null,
        2 => Which::Older(small(chance, 5)),
        _ => Which::Wrong,
    }
}

fn dress(chance: &mut Chance, at: Place) -> Dress {
    Dress { headers: small(chance, 4), tags: small(chance, 4), lock: lock(chance, at) }
}

/// Only the second bucket may have locks from the beginning; elsewhere they are mostly refused.
fn lock(chance: &mut Chance, at: Place) -> Lock {
    if !chance.one_in(if at.bucket == 1 { 4 } else { 60 }) {
        return Lock::default();
    }
    Lock { retention: until(chance), hold: chance.one_in(3) }
}

/// For how many operations something is retained.
fn until(chance: &mut Chance) -> Option<(Firmness, u64)> {
    chance.one_in(2).then(|| (firmness(chance), chance.below(150)))
}

fn firmness(chance: &mut Chance) -> Firmness {
    if chance.one_in(2) { Firmness::Governance } else { Firmness::Compliance }
}

fn on_upload(chance: &mut Chance, now: u64) -> OnUpload {
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

/// Most bodies are small, some are just at the edges of what goes into the index, into one block
/// and into one chunk, and a few are as large as a part must be.
fn body(chance: &mut Chance) -> Body {
    let size = match chance.weighted(&[10, 900, 30, 10, 4, 1]) {
        0 => 0,
        1 => chance.between(1, 3_000),
        2 => chance.between(65_534, 65_540),
        3 => chance.between(262_142, 262_147),
        4 => chance.between(524_286, 600_000),
        _ => 5 << 20,
    };
    let told = match chance.weighted(&[150, 10, 3, 10, 3, 20, 3, 3]) {
        0 => Told::Nothing,
        1 => Told::Size,
        2 => Told::WrongSize,
        3 => Told::Md5,
        4 => Told::WrongMd5,
        5 => Told::Checksum(small(chance, 5)),
        6 => Told::WrongChecksum(small(chance, 5)),
        _ => Told::BreaksOff,
    };
    let block = if chance.one_in(2) { u64::MAX } else { chance.between(1_000, 70_000) };
    Body { content: chance.below(CONTENTS), size, block, told }
}

fn tag(chance: &mut Chance) -> Tag {
    match chance.weighted(&[3, 1, 1]) {
        0 => Tag::Current,
        1 => Tag::Wrong,
        _ => Tag::Any,
    }
}

fn writing(chance: &mut Chance) -> Writing {
    match chance.weighted(&[20, 3, 6, 1]) {
        0 => Writing::Always,
        1 => Writing::Nothing,
        2 => Writing::Match(tag(chance)),
        _ => Writing::Sequence(tag(chance)),
    }
}

fn reading(chance: &mut Chance, now: u64) -> Reading {
    if !chance.one_in(4) {
        return Reading::default();
    }
    Reading {
        matches: chance.one_in(3).then(|| tag(chance)),
        differs: chance.one_in(3).then(|| tag(chance)),
        since: chance.one_in(3).then(|| chance.below(now + 1)),
        before: chance.one_in(3).then(|| chance.below(now + 1)),
    }
}

fn range(chance: &mut Chance) -> Option<Cut> {
    let mut offset = || match chance.weighted(&[6, 1, 1]) {
        0 => chance.below(3_000),
        1 => chance.between(65_530, 65_545),
        _ => chance.between(262_140, 524_300),
    };
    let (one, other) = (offset(), offset());
    match chance.weighted(&[5, 2, 1, 1]) {
        0 => None,
        1 => Some(Cut::FromTo(one, other)),
        2 => Some(Cut::From(one)),
        _ => Some(Cut::Last(one)),
    }
}
