//! The workload: operations that follow from a seed.
//!
//! Each client has buckets of its own, so that clients never wait for each other's outcome; what
//! is likely to succeed is chosen with a model in which everything before succeeded.

use anyhow::{Context, Result};
use wh_names::BucketName;
use wh_objects::{BucketDocument, ObjectAddress, PART_BYTES_MIN, Versioning};

use crate::model::Model;
use crate::model::content::{Content, INLINE_BYTES_MAX};
use crate::model::op::{Condition, CopiedHeaders, Op, Upload, address};
use crate::model::random::Random;
use crate::model::state::Bucket;

/// The keys that are used.
pub(crate) const KEYS: [&str; 6] = ["a", "a/b", "a/c/d", "ü", "b", "z/1"];

/// The largest body, in bytes, except for parts that others may follow.
const LARGE_BYTES_MAX: u64 = 3 << 20;

/// A workload.
#[derive(Debug)]
pub(crate) struct Script {
    pub(crate) seed: u64,
    pub(crate) clients: u64,
    pub(crate) ops: Vec<Op>,
}

impl Script {
    /// `ops` operations for some clients: operation `n` is of client `n` modulo `clients`.
    pub(crate) fn new(seed: u64, ops: u64, clients: u64) -> Result<Self> {
        Self::of_size(Size::Usual, seed, ops, clients)
    }

    /// As [`Self::new`], with small bodies: for trials that copy the whole store many times.
    pub(crate) fn light(seed: u64, ops: u64, clients: u64) -> Result<Self> {
        Self::of_size(Size::Light, seed, ops, clients)
    }

    fn of_size(size: Size, seed: u64, ops: u64, clients: u64) -> Result<Self> {
        let of_client = |client| Client::new(size, seed, client);
        let mut each = (0..clients).map(of_client).collect::<Result<Vec<_>>>()?;
        let mut script = Vec::new();
        for n in 0..ops {
            let client = usize::try_from(n % clients.max(1))?;
            let client = each.get_mut(client).context("there must be a client")?;
            let op = client.next(n / clients.max(1))?;
            // What the script takes for granted may be refused; that is part of the workload.
            drop(client.model.apply(n, &op));
            script.push(op);
        }
        Ok(Self { seed, clients, ops: script })
    }

    /// The operations of one client, with their numbers.
    pub(crate) fn of_client(&self, client: u64) -> impl Iterator<Item = (u64, &Op)> {
        (0..).zip(&self.ops).filter(move |(n, _)| n % self.clients.max(1) == client)
    }
}

/// The name of a client's bucket.
fn bucket(client: u64, which: &str) -> Result<BucketName> {
    Ok(BucketName::parse(&format!("client{client}-{which}"))?)
}

/// How long bodies are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Size {
    Usual,
    Light,
}

struct Client {
    size: Size,
    random: Random,
    model: Model,
    buckets: [BucketName; 2],
}

impl Client {
    fn new(size: Size, seed: u64, client: u64) -> Result<Self> {
        let random = Random::new(seed.wrapping_mul(1_000_003).wrapping_add(client));
        let buckets = [bucket(client, "main")?, bucket(client, "side")?];
        Ok(Self { size, random, model: Model::default(), buckets })
    }

    /// The client's next operation, its `i`-th.
    fn next(&mut self, i: u64) -> Result<Op> {
        let [main, side] = self.buckets.clone();
        match i {
            0 => return Ok(Op::CreateBucket { bucket: main }),
            1 => return Ok(Op::CreateBucket { bucket: side }),
            _ => {}
        }
        let at = self.slot()?;
        Ok(match self.random.below(100) {
            0..22 => Op::Put { at, len: self.small(), condition: Condition::Always },
            22..32 => Op::Put { at, len: self.large(), condition: Condition::Always },
            32..39 => Op::Delete { at: self.occupied(at) },
            39..47 => self.copy(at)?,
            47..53 => self.conditional(at),
            53..59 => self.get(at),
            59..63 => self.list(at.bucket),
            63..66 => self.document(at.bucket),
            66 => Op::Versioning { bucket: at.bucket, versioning: self.versioning() },
            67 => Op::Tag { at: self.occupied(at) },
            68 => self.version(at),
            69..72 => self.side_bucket(side),
            72..74 => Op::Begin { at },
            _ => self.of_upload(at)?,
        })
    }

    fn versioning(&mut self) -> Versioning {
        if self.random.one_in(3) { Versioning::Suspended } else { Versioning::Enabled }
    }

    /// The removal of any version of a key, delete markers included.
    fn version(&mut self, at: ObjectAddress) -> Op {
        let Some(bucket) = self.model.buckets.get(&at.bucket) else { return Op::Delete { at } };
        let all = bucket.keys.iter().flat_map(|(key, v)| v.iter().map(move |v| (key, v.id)));
        let all: Vec<_> = all.map(|(key, id)| (key.clone(), id)).collect();
        let Some((key, id)) = self.random.pick(&all).cloned() else { return Op::Delete { at } };
        Op::DeleteVersion { at: ObjectAddress { bucket: at.bucket, key }, id }
    }

    fn slot(&mut self) -> Result<ObjectAddress> {
        let [main, side] = &self.buckets;
        let bucket = if self.random.one_in(8) { side } else { main };
        let key = self.random.pick(&KEYS).copied().unwrap_or("a");
        address(bucket, key)
    }

    /// A key that holds something, if that is easily found.
    fn occupied(&mut self, other: ObjectAddress) -> ObjectAddress {
        let Some(bucket) = self.model.buckets.get(&other.bucket) else { return other };
        let keys: Vec<_> = bucket.objects().map(|(key, _)| key).collect();
        let key = self.random.pick(&keys).copied().cloned();
        key.map_or(other.clone(), |key| ObjectAddress { bucket: other.bucket.clone(), key })
    }

    fn small(&mut self) -> u64 {
        if self.size == Size::Light && !self.random.one_in(16) {
            return self.random.below(3000);
        }
        match self.random.below(8) {
            0 => 0,
            1 => INLINE_BYTES_MAX - self.random.below(2),
            2 => 4096,
            3..6 => 1 + self.random.below(300),
            _ => self.random.below(INLINE_BYTES_MAX),
        }
    }

    fn large(&mut self) -> u64 {
        if self.size == Size::Light {
            return INLINE_BYTES_MAX + 1 + self.random.below(3000);
        }
        let over = if self.random.one_in(8) { LARGE_BYTES_MAX - INLINE_BYTES_MAX } else { 300_000 };
        INLINE_BYTES_MAX + 1 + self.random.below(over)
    }

    fn copy(&mut self, to: ObjectAddress) -> Result<Op> {
        let from = self.slot()?;
        let from = self.occupied(from);
        let replaced = self.random.one_in(3);
        let headers = if replaced { CopiedHeaders::Replaced } else { CopiedHeaders::Kept };
        Ok(Op::Copy { from, to, headers })
    }

    fn conditional(&mut self, at: ObjectAddress) -> Op {
        let current = self.model.buckets.get(&at.bucket).and_then(|b| b.current(&at.key));
        let tag = current.map(|object| Condition::IfTag(object.tag.clone()));
        let condition = match self.random.below(5) {
            0 => Condition::IfNone,
            1 => Condition::IfAny,
            _ => tag.unwrap_or(Condition::IfNone),
        };
        let len = if self.random.one_in(3) { self.large() } else { self.small() };
        Op::Put { at, len, condition }
    }

    fn range(&mut self) -> Option<(u64, u64)> {
        let furthest = if self.random.one_in(2) { 100 } else { 100_000 };
        let first = self.random.below(furthest);
        let last = first + self.random.below(200_000);
        self.random.one_in(2).then_some((first, last))
    }

    fn get(&mut self, at: ObjectAddress) -> Op {
        Op::Get { at: self.occupied(at), range: self.range() }
    }

    fn list(&mut self, bucket: BucketName) -> Op {
        let delimiter = self.random.one_in(2).then_some('/');
        let max = if self.random.one_in(2) { 2 } else { 1000 };
        Op::List { bucket, delimiter, max }
    }

    fn document(&mut self, bucket: BucketName) -> Op {
        let kind =
            self.random.pick(&BucketDocument::ALL).copied().unwrap_or(BucketDocument::Policy);
        if self.random.one_in(3) {
            return Op::DropDocument { bucket, kind };
        }
        Op::KeepDocument { bucket, kind }
    }

    /// Makes the second bucket, or empties it bit by bit until it can be removed.
    fn side_bucket(&mut self, bucket: BucketName) -> Op {
        let Some(known) = self.model.buckets.get(&bucket) else {
            return Op::CreateBucket { bucket };
        };
        let oldest = known.keys.iter().next().and_then(|(key, v)| Some((key, v.first()?.id)));
        let oldest = oldest.map(|(key, id)| (key.clone(), id));
        match oldest {
            Some((key, id)) if !self.random.one_in(4) => {
                Op::DeleteVersion { at: ObjectAddress { bucket, key }, id }
            }
            _ => Op::DeleteBucket { bucket },
        }
    }

    /// An upload that is under way; without one, one that never was.
    fn upload(&mut self, at: &ObjectAddress) -> Upload {
        let under_way = |bucket: &Bucket| bucket.uploads.keys().cloned().collect::<Vec<_>>();
        let known = self.model.buckets.get(&at.bucket).map(under_way).unwrap_or_default();
        let found = self.random.pick(&known).cloned();
        let (key, begun) = found.unwrap_or_else(|| (at.key.clone(), 0));
        Upload { at: ObjectAddress { bucket: at.bucket.clone(), key }, begun }
    }

    fn of_upload(&mut self, at: ObjectAddress) -> Result<Op> {
        let upload = self.upload(&at);
        if upload.begun == 0 {
            return Ok(Op::Begin { at });
        }
        // Parts that others may follow are dear; once there is one, it is kept.
        let begun =
            self.parts(&upload).first().is_some_and(|(_, first)| first.len() >= PART_BYTES_MIN);
        let number = u16::try_from(if begun { 2 } else { 1 } + self.random.below(2))?;
        Ok(match self.random.below(if begun { 25 } else { 20 }) {
            9..13 => {
                let from = self.slot()?;
                Op::PartCopy { upload, number, from: self.occupied(from), range: self.range() }
            }
            0..9 => Op::Part { upload, number, len: self.part_len(number) },
            13..15 => Op::Abort { upload },
            15 => Op::Parts { upload },
            16 => Op::Uploads { bucket: at.bucket },
            _ => self.complete(upload),
        })
    }

    fn part_len(&mut self, number: u16) -> u64 {
        match (number, self.random.below(6)) {
            (1, 0..2) if self.size == Size::Usual => PART_BYTES_MIN,
            (_, 2..4) => self.large(),
            _ => self.small(),
        }
    }

    /// The parts that an upload has.
    fn parts(&self, upload: &Upload) -> Vec<(u16, Content)> {
        let kept = self.model.buckets.get(&upload.at.bucket);
        let kept = kept.and_then(|b| b.uploads.get(&(upload.at.key.clone(), upload.begun)));
        let kept = kept.into_iter().flatten();
        kept.map(|(n, part)| (*n, part.content.clone())).collect()
    }

    /// Completes with all parts where S3 allows it, else with the last one, now and then with
    /// what will be refused.
    fn complete(&mut self, upload: Upload) -> Op {
        let mut parts = self.parts(&upload);
        if !completes(&parts) && !self.random.one_in(6) {
            parts = parts.pop().into_iter().collect();
        }
        let condition = if self.random.one_in(6) { Condition::IfNone } else { Condition::Always };
        Op::Complete { upload, parts, condition }
    }
}

/// Whether all parts but the last are long enough.
pub(crate) fn completes(parts: &[(u16, Content)]) -> bool {
    let but_last = parts.len().saturating_sub(1);
    parts.iter().take(but_last).all(|(_, content)| content.len() >= PART_BYTES_MIN)
}
