//! Noting what sessions of roles were allowed: what a smaller policy would have to allow as well.
//!
//! Unlike the audit log this holds what was only read, too. It is added up in memory, by action, folder and
//! person, and written every few seconds: a crash takes the newest of it.
//!
//! Invariant: what is in memory is bounded. Past the bounds a use is noted of a wider place, and past twice
//! of them the ledger is told that something is missing; nothing is ever noted of a smaller place.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use wh_ledger::{Ledger, LedgerError, RoleUseKey, RoleUseTimes};
use wh_names::{Clock, RoleName};
use wh_policy::ContextValue;

use crate::{Caller, Demand};

/// How long a use may wait until it is written.
const EVERY: Duration = Duration::from_secs(2);
/// How many are written in one transaction: nothing else is written to the ledger meanwhile.
const WRITTEN_AT_ONCE: usize = 200;
/// How many different uses are held before they are noted of wider places.
const HELD_MAX: usize = 16_384;
/// How many folders of one folder are told apart, for each role, until the process ends.
const FOLDERS_MAX: usize = 128;
/// In how many folders folders are told apart.
const PARENTS_MAX: usize = 1_024;

/// How many times of writing lie between two times of forgetting: an hour.
const SWEPT_EVERY: u64 = 1_800;
/// How long it is known what a role was last used for.
const KEPT: SignedDuration = SignedDuration::from_hours(400 * 24);

/// Who asks, when nothing is known of them.
const OTHER: &str = "other";
/// What keys and prefixes begin with that are a person's own, by their uid.
const OWN: &str = "${uid}";

/// What was used since it was last written.
#[derive(Debug)]
pub(crate) struct Uses {
    held: Mutex<Held>,
    ledger: Ledger,
    clock: Clock,
}

#[derive(Debug, Default)]
struct Held {
    uses: HashMap<RoleUseKey, RoleUseTimes>,
    /// By role, bucket and folder, the folders in it.
    folders: HashMap<(RoleName, String, String), HashSet<String>>,
    lost: Option<Timestamp>,
}

impl Uses {
    /// Begins to note uses. Must be called within a Tokio runtime.
    pub(crate) async fn start(ledger: &Ledger, clock: &Clock) -> Result<Arc<Self>, LedgerError> {
        ledger.begin_role_uses(clock.now()).await?;
        let (ledger, clock) = (ledger.clone(), clock.clone());
        let uses = Arc::new(Self { held: Mutex::default(), ledger, clock });
        drop(tokio::spawn(write_on(Arc::downgrade(&uses))));
        Ok(uses)
    }

    /// Notes that a role session was allowed all of this.
    pub(crate) fn note(&self, caller: &Caller, allowed: &[Demand]) {
        let Some(role) = caller.principal.role() else { return };
        let who = match (caller.principal.source_identity(), caller.principal.machine()) {
            (Some(source), _) => source.to_string(),
            (None, Some(machine)) => format!("machine/{machine}"),
            (None, None) => OTHER.to_owned(),
        };
        let at = caller.facts.at;
        let mut held = self.held();
        for demand in allowed {
            let (bucket, place) = place_of(demand, &who);
            let action = demand.action.as_str().to_owned();
            let key = RoleUseKey { role: role.clone(), action, bucket, place, who: who.clone() };
            held.add(key, RoleUseTimes { first: at, last: at, requests: 1 });
        }
    }

    /// Writes what was noted so far, a few at a time, so that others write in between. What cannot be
    /// written is kept.
    pub(crate) async fn flush(&self) {
        let mut left = self.held().uses.len();
        while self.write_some().await && left > WRITTEN_AT_ONCE {
            left -= WRITTEN_AT_ONCE;
        }
    }

    /// Writes as much as goes into one transaction, and says whether it could.
    async fn write_some(&self) -> bool {
        let (taken, lost) = {
            let mut held = self.held();
            let some = held.uses.extract_if(|_, _| true).take(WRITTEN_AT_ONCE);
            (some.collect::<Vec<_>>(), held.lost.take())
        };
        let Err(error) = self.write(&taken, lost).await else { return true };
        tracing::warn!(%error, "the uses of roles cannot be written");
        let mut held = self.held();
        held.lost = held.lost.max(lost);
        for (key, times) in taken {
            held.add(key, times);
        }
        false
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn sweep(&self) {
        let before = self.clock.now() - KEPT;
        if let Err(error) = self.ledger.sweep_role_uses(before).await {
            tracing::warn!(%error, "old uses of roles were not forgotten");
        }
    }

    async fn write(
        &self,
        taken: &[(RoleUseKey, RoleUseTimes)],
        lost: Option<Timestamp>,
    ) -> Result<(), LedgerError> {
        if let Some(at) = lost {
            self.ledger.lose_role_uses(at).await?;
        }
        if taken.is_empty() {
            return Ok(());
        }
        self.ledger.note_role_uses(taken).await
    }
}

async fn write_on(uses: Weak<Uses>) {
    for turn in 0_u64.. {
        tokio::time::sleep(EVERY).await;
        let Some(uses) = uses.upgrade() else { return };
        uses.flush().await;
        if turn.is_multiple_of(SWEPT_EVERY) {
            uses.sweep().await;
        }
    }
}

impl Held {
    fn add(&mut self, mut key: RoleUseKey, times: RoleUseTimes) {
        while !self.is_told_apart(&key, &key.place) {
            key.place = parent(&key.place);
        }
        if self.uses.len() >= HELD_MAX && !self.uses.contains_key(&key) {
            key.place = root(&key.place);
        }
        if let Some(known) = self.uses.get_mut(&key) {
            return known.join(&times);
        }
        if self.uses.len() >= 2 * HELD_MAX {
            self.lost = self.lost.max(Some(times.last));
            return;
        }
        self.uses.insert(key, times);
    }

    /// Whether there are few enough folders beside this one, and beside those around it.
    fn is_told_apart(&mut self, key: &RoleUseKey, place: &str) -> bool {
        let around = parent(place);
        if around == place {
            return true;
        }
        if !self.is_told_apart(key, &around) {
            return false;
        }
        let parents = self.folders.len();
        let at = (key.role.clone(), key.bucket.clone(), around);
        if parents >= PARENTS_MAX && !self.folders.contains_key(&at) {
            return false;
        }
        let known = self.folders.entry(at).or_default();
        known.contains(place) || (known.len() < FOLDERS_MAX && known.insert(place.to_owned()))
    }
}

/// The bucket, and the folder of it, two levels deep at most: `/a/b/` of objects, `?a/b/` of a listing, and
/// nothing of the bucket itself.
fn place_of(demand: &Demand, who: &str) -> (String, String) {
    let Some(bucket) = &demand.bucket else { return ("*".to_owned(), String::new()) };
    let after = demand.resource.resource().strip_prefix(bucket.as_str()).unwrap_or_default();
    let place = match after.strip_prefix('/') {
        Some(key) => format!("/{}", folder(key, who)),
        None => match prefix(demand) {
            Some(prefix) => format!("?{}", folder(prefix, who)),
            None => String::new(),
        },
    };
    (bucket.as_str().to_owned(), place)
}

fn prefix(demand: &Demand) -> Option<&str> {
    let (_, value) = demand.keys.iter().find(|(key, _)| key == "s3:prefix")?;
    match value {
        ContextValue::One(prefix) => Some(prefix),
        ContextValue::Many(_) => None,
    }
}

/// The first folders of a key; one that is named by whoever asks is everybody's own.
fn folder(key: &str, who: &str) -> String {
    let mut out = String::new();
    let Some((folders, _)) = key.rsplit_once('/') else { return out };
    for name in folders.split('/').take(2) {
        out.push_str(if name == who { OWN } else { name });
        out.push('/');
    }
    out
}

/// The folder around a folder: `/a/` of `/a/b/`, and the bucket's own of `/a/`.
fn parent(place: &str) -> String {
    let Some(inner) = place.strip_suffix('/') else { return place.to_owned() };
    match inner.rfind(['/', '?']) {
        Some(at) => place.get(..=at).unwrap_or_default().to_owned(),
        None => place.to_owned(),
    }
}

/// All objects of the bucket, or all listings.
fn root(place: &str) -> String {
    place.chars().take(1).collect()
}

#[cfg(test)]
mod tests {
    use super::{FOLDERS_MAX, HELD_MAX, WRITTEN_AT_ONCE};
    use super::{Held, Uses, folder, parent, root};
    use jiff::Timestamp;
    use std::sync::Mutex;
    use wh_ledger::{Ledger, RoleUseKey, RoleUseTimes};
    use wh_names::{Clock, RoleName};

    #[test]
    fn a_place_is_two_folders_deep_and_ones_own_is_everybodys() {
        assert_eq!(folder("a/b/c/d.txt", "u1"), "a/b/");
        assert_eq!(folder("a.txt", "u1"), "");
        assert_eq!(folder("home/u1/x/y", "u1"), "home/${uid}/");
        assert_eq!(folder("home/u2/x", "u1"), "home/u2/");
        for (place, around) in [
            ("/a/b/", "/a/"),
            ("/a/", "/"),
            ("/", "/"),
            ("?a/b/", "?a/"),
            ("?a/", "?"),
            ("?", "?"),
            ("", ""),
        ] {
            assert_eq!(parent(place), around, "{place}");
        }
        assert_eq!([root("/a/b/"), root("?a/"), root("")], ["/", "?", ""]);
    }

    fn used(place: String, who: &str) -> RoleUseKey {
        RoleUseKey {
            role: RoleName::parse("R").expect("a role"),
            action: "s3:GetObject".to_owned(),
            bucket: "b".to_owned(),
            place,
            who: who.to_owned(),
        }
    }

    fn once() -> RoleUseTimes {
        RoleUseTimes { first: Timestamp::UNIX_EPOCH, last: Timestamp::UNIX_EPOCH, requests: 1 }
    }

    #[test]
    fn a_million_places_are_held_as_few_and_none_is_lost() {
        let mut held = Held::default();
        for n in 0..1_000_000_u32 {
            held.add(used(format!("/a/{n}/"), "u1"), once());
        }
        assert_eq!(held.uses.len(), FOLDERS_MAX + 1);
        let rest = held.uses.get(&used("/a/".to_owned(), "u1")).expect("the others");
        assert_eq!(rest.requests, 1_000_000 - FOLDERS_MAX as u64);
        assert_eq!(held.lost, None);
    }

    /// Also where it is the folder around them of which there are many.
    #[test]
    fn a_million_folders_with_one_folder_each_are_held_as_few() {
        let mut held = Held::default();
        for n in 0..1_000_000_u32 {
            held.add(used(format!("/x{n}/y/"), "u1"), once());
        }
        assert_eq!(held.uses.len(), FOLDERS_MAX + 1);
        let rest = held.uses.get(&used("/".to_owned(), "u1")).expect("the others");
        assert_eq!(rest.requests, 1_000_000 - FOLDERS_MAX as u64);
        assert_eq!(held.lost, None);
    }

    #[test]
    fn past_all_bounds_it_is_said_that_something_is_missing() {
        let mut held = Held::default();
        for n in 0..3 * HELD_MAX {
            held.add(used("/a/b/".to_owned(), &format!("u{n}")), once());
        }
        assert_eq!(held.uses.len(), 2 * HELD_MAX);
        assert!(held.lost.is_some());
    }

    #[tokio::test]
    async fn more_than_goes_into_one_transaction_is_all_written_or_all_kept() {
        let many = 3 * WRITTEN_AT_ONCE + 1;
        let ledger = Ledger::in_memory().await.expect("a ledger");
        let clock = Clock::new(|| Timestamp::UNIX_EPOCH);
        let uses = Uses { held: Mutex::default(), ledger: ledger.clone(), clock };
        let one = |n| uses.held().add(used("/a/".to_owned(), &format!("u{n}")), once());
        (0..many).for_each(one);
        uses.flush().await;
        assert!(uses.held().uses.is_empty());
        let role = RoleName::parse("R").expect("a role");
        let by = ledger.role_users(&role, Timestamp::UNIX_EPOCH).await.expect("read");
        assert_eq!(by.persons, many as u64);
        (0..many).for_each(one);
        ledger.close().await;
        uses.flush().await;
        let kept = uses.held();
        assert_eq!((kept.uses.len(), kept.lost), (many, None));
    }
}
