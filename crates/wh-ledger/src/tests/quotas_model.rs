//! Random sequences of writes, deletions, kills and counts against a model of what is there: a counter that was
//! counted is never below it, and nothing is let in above its limit.

use std::collections::BTreeMap;

use super::quotas::{ID, amount};
use super::{House, at};
use crate::*;

const LIMIT: u64 = 100;
const KEYS: u64 = 5;

/// Numbers that are the same every time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// An object at a key. A write or a deletion that makes room of it has it for itself.
#[derive(Clone, Copy)]
struct Object {
    bytes: u64,
    claimed: bool,
    /// What tells it from others that were at its key.
    number: i64,
}

/// A write that has looked at what it replaces, and for which no room was taken yet.
struct Look {
    key: u64,
    bytes: u64,
    /// What it makes room of, and which object that is.
    replaced: QuotaAmount,
    number: Option<i64>,
    certain: bool,
    rounds: Vec<(String, i64)>,
}

/// A write for which room was taken.
struct Write {
    id: String,
    key: u64,
    bytes: u64,
    /// What it makes room of.
    replaced: QuotaAmount,
    number: Option<i64>,
    certain: bool,
    landed: bool,
}

/// A count that goes on: up to which key it has looked, and what it found.
struct Count {
    token: i64,
    next: u64,
    found: QuotaAmount,
}

struct World<'a> {
    house: &'a House,
    numbers: Numbers,
    now: i64,
    objects: BTreeMap<u64, Object>,
    looks: Vec<Look>,
    writes: Vec<Write>,
    count: Option<Count>,
    admitted: u32,
    /// How often a count ended between a look and its reservation.
    late: u32,
    refused: u32,
}

impl World<'_> {
    fn there(&self) -> QuotaAmount {
        let bytes = self.objects.values().map(|object| object.bytes).sum();
        amount(bytes, self.objects.len() as u64)
    }

    /// Makes room of what is at a key, unless somebody else does.
    fn claim(&mut self, key: u64) -> (QuotaAmount, Option<i64>, bool) {
        match self.objects.get_mut(&key) {
            None => (amount(0, 0), None, true),
            Some(object) if object.claimed => (amount(0, 0), None, false),
            Some(object) => {
                object.claimed = true;
                (amount(object.bytes, 1), Some(object.number), true)
            }
        }
    }

    async fn looks(&mut self) {
        let (key, bytes) = (self.numbers.below(KEYS), self.numbers.below(40));
        let rounds = self.house.ledger.quota_rounds(&[ID.to_owned()]).await.expect("read");
        let (replaced, number, certain) = self.claim(key);
        self.looks.push(Look { key, bytes, replaced, number, certain, rounds });
    }

    /// Takes the room for one that has looked.
    async fn begins(&mut self) {
        let Some(one) = self.any_of(self.looks.len()) else { return };
        let Look { key, bytes, replaced, number, certain, rounds } = self.looks.swap_remove(one);
        let before = self.house.counter(ID).await;
        let more =
            amount(bytes.saturating_sub(replaced.bytes), 1_u64.saturating_sub(replaced.objects));
        let id = format!("write {}", self.now);
        let counters = [ID.to_owned()];
        let (counters, expires) = (&counters[..], at(1_000_000));
        let (id, whole, part) = (id.as_str(), bytes, None);
        let known = Some(&rounds[..]);
        let reserve = QuotaReserve { id, counters, more, rounds: known, whole, part, expires };
        let full = self.house.ledger.reserve_quota(reserve).await.expect("asked");
        let late = rounds != [(ID.to_owned(), before.round)];
        self.late += u32::from(late);
        let more = if late { amount(bytes, 1) } else { more };
        let taken = before.used.bytes + before.reserved.bytes;
        // What needs no room is let in where there is none left.
        let fits = before.counted_at.is_none() || more.bytes == 0 || taken + more.bytes <= LIMIT;
        assert_eq!(full.is_none(), fits, "{taken} and {}", more.bytes);
        if full.is_some() {
            self.refused += 1;
            self.unclaim(key, number);
            return;
        }
        self.admitted += 1;
        let id = id.to_owned();
        self.writes.push(Write { id, key, bytes, replaced, number, certain, landed: false });
    }

    /// Gives back what was claimed, unless something else is there by now.
    fn unclaim(&mut self, key: u64, number: Option<i64>) {
        if let Some(object) = self.objects.get_mut(&key).filter(|one| Some(one.number) == number) {
            object.claimed = false;
        }
    }

    fn any_of(&mut self, all: usize) -> Option<usize> {
        let bound = u64::try_from(all).expect("few");
        (bound > 0).then(|| usize::try_from(self.numbers.below(bound)).expect("few"))
    }

    fn any_write(&mut self) -> Option<usize> {
        self.any_of(self.writes.len())
    }

    fn lands(&mut self) {
        let Some(one) = self.any_write() else { return };
        let Write { key, bytes, landed, .. } = &mut self.writes[one];
        if !std::mem::replace(landed, true) {
            let number = self.now;
            self.objects.insert(*key, Object { bytes: *bytes, claimed: false, number });
        }
    }

    /// Tells what came of a write: what it was, or nothing.
    async fn ends(&mut self) {
        let Some(one) = self.any_write() else { return };
        let write = self.writes.swap_remove(one);
        let ledger = &self.house.ledger;
        if write.landed {
            let stored = amount(write.bytes, 1);
            let Write { replaced, certain, .. } = write;
            let came = QuotaStored { stored, replaced, certain, at: at(self.now) };
            assert!(ledger.settle_quota(&write.id, came).await.expect("settled"));
        } else {
            ledger.release_quota(&write.id).await.expect("released");
            self.unclaim(write.key, write.number);
        }
    }

    /// Nobody tells what came of a write: its server was killed.
    async fn is_lost(&mut self) {
        let Some(one) = self.any_write() else { return };
        let lost = self.writes.swap_remove(one);
        let over = at(self.now + i64::try_from(self.numbers.below(4)).expect("small"));
        self.house.ledger.renew_quota(&lost.id, over).await.expect("put off no more");
    }

    async fn deletes(&mut self) {
        let key = self.numbers.below(KEYS);
        let rounds = self.house.ledger.quota_rounds(&[ID.to_owned()]).await.expect("read");
        let (replaced, _, certain) = self.claim(key);
        self.objects.remove(&key);
        let came = QuotaStored { stored: amount(0, 0), replaced, certain, at: at(self.now) };
        self.house.ledger.free_quota(&rounds, came).await.expect("freed");
    }

    async fn counts(&mut self) {
        let ledger = &self.house.ledger;
        let Some(mut count) = self.count.take() else {
            let token = self.now + 1;
            let begun = ledger.begin_quota_count((ID, token), (at(self.now), at(self.now)));
            assert!(begun.await.expect("begun"));
            self.count = Some(Count { token, next: 0, found: amount(0, 0) });
            return;
        };
        match self.numbers.below(8) {
            0 => {
                let given_up = ledger.give_up_quota_count((ID, count.token), at(self.now));
                given_up.await.expect("given up");
            }
            _ if count.next >= KEYS => {
                let done = ledger.finish_quota_count((ID, count.token), count.found, at(self.now));
                assert!(done.await.expect("done"));
            }
            _ => {
                let keys = count.next..(count.next + 2).min(KEYS);
                let found = keys.clone().filter_map(|key| self.objects.get(&key));
                let found = found.fold(count.found, |sum, object| {
                    amount(sum.bytes + object.bytes, sum.objects + 1)
                });
                count = Count { next: keys.end, found, ..count };
                self.count = Some(count);
            }
        }
    }

    async fn is_held(&self, step: &str) {
        let counter = self.house.counter(ID).await;
        if counter.counted_at.is_none() {
            return;
        }
        let there = self.there();
        let taken = amount(
            counter.used.bytes + counter.reserved.bytes,
            counter.used.objects + counter.reserved.objects,
        );
        assert!(taken.bytes >= there.bytes, "{step}: {taken:?} and there are {there:?}");
        assert!(taken.objects >= there.objects, "{step}: {taken:?} and there are {there:?}");
        assert!(there.bytes <= LIMIT, "{step}: above the limit: {there:?}");
    }

    async fn step(&mut self) {
        self.now += 1;
        let step = match self.numbers.below(18) {
            0..=3 => {
                self.begins().await;
                "begins"
            }
            14..=17 => {
                self.looks().await;
                "looks"
            }
            4..=6 => {
                self.lands();
                "lands"
            }
            7 | 8 => {
                self.ends().await;
                "ends"
            }
            9 => {
                self.is_lost().await;
                "is lost"
            }
            10 => {
                self.deletes().await;
                "deletes"
            }
            11 => {
                let swept = self.house.ledger.sweep_quota_reservations(at(self.now)).await;
                swept.expect("swept");
                "sweeps"
            }
            _ => {
                self.counts().await;
                "counts"
            }
        };
        self.is_held(&format!("step {} {step}", self.now)).await;
    }
}

/// A sequence that is the same every time. How many were let in, were refused, and came after a count that ended
/// since they looked, comes back.
async fn runs(house: &House, seed: u64) -> [u32; 3] {
    house.quota("a/", LIMIT).await;
    assert!(house.ledger.begin_quota_count((ID, 1), (at(0), at(0))).await.expect("begun"));
    let done = house.ledger.finish_quota_count((ID, 1), amount(0, 0), at(0));
    assert!(done.await.expect("done"));
    let mut world = World {
        house,
        numbers: Numbers(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15)),
        now: 0,
        objects: BTreeMap::new(),
        looks: Vec::new(),
        writes: Vec::new(),
        count: None,
        admitted: 0,
        late: 0,
        refused: 0,
    };
    for _ in 0..300 {
        world.step().await;
    }
    [world.admitted, world.refused, world.late]
}

#[tokio::test]
async fn a_counter_is_never_below_what_is_there_and_nothing_comes_in_above_its_limit() {
    let mut tried = [0; 3];
    for seed in 1..=12_u64 {
        for house in House::of_each_engine().await {
            let of_this = runs(&house, seed).await;
            tried.iter_mut().zip(of_this).for_each(|(all, more)| *all += more);
        }
    }
    let [admitted, refused, late] = tried;
    assert!(admitted > 120 && refused > 30 && late > 20, "it was hardly tried: {tried:?}");
}
