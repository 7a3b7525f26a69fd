//! Quotas: room is taken before the first byte, of every counter over the key or of none, and given back
//! where nothing comes of it.
//!
//! Which keys are under a quota is in memory, in step with the ledger; a write that is under none asks the
//! ledger nothing. What is replaced makes room only where it is certain that nobody else's write makes the
//! same room, too: [`claims`].
//!
//! Invariant: nothing is written under a quota that the ledger has not taken room for, or no room is needed.
//! See `docs/adr/0043-quotas.md`.

mod claims;
mod hold;
mod places;

use std::future::Future;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;
use wh_ledger::{
    Ledger, LedgerError, QuotaAmount, QuotaCounterRow, QuotaFull, QuotaReserve, QuotaStored,
    QuotaSubject,
};
use wh_names::{Clock, Entropy, KeyPrefix};
use wh_objects::{
    HeadObject, ListVersions, ObjectAddress, PartMeta, StoreError, Stored, UploadId, VersionEntry,
    VersionId,
};

use self::claims::{Claims, Flight};
pub(crate) use self::hold::{Came, Hold, PartHold};
use self::places::Places;
use crate::{Caller, Gate, GateError};

/// How long room is taken for one body, unless it is still coming then.
const LEASE: SignedDuration = SignedDuration::from_mins(5);

/// How long room is taken for an upload in parts after its last part. One that goes on later takes it anew, and
/// all that it lacks when it completes.
const UPLOAD_LEASE: SignedDuration = SignedDuration::from_hours(24);

/// What the names of the room of uploads begin with.
const UPLOAD: &str = "mp:";

/// What one object is.
pub(crate) fn object_of(bytes: u64) -> QuotaAmount {
    QuotaAmount { bytes, objects: 1 }
}

/// What a quota's room for an upload in parts is called in the ledger. Whoever drops an upload past the gate gives it
/// back by this name.
pub fn quota_room_of(upload: &UploadId) -> String {
    format!("{UPLOAD}{}", upload.as_str())
}

/// Why a write was refused that its policies allow: a quota has no room for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuotaRefusal {
    /// The counter that had no room.
    pub counter: QuotaCounterRow,
    /// How much more was asked for.
    pub asked: QuotaAmount,
    /// Whether it is the asker's own: how much is there is told to nobody else here.
    pub own: bool,
}

/// Room that is asked for.
#[derive(Debug, Clone, Copy)]
struct Asked<'a> {
    more: QuotaAmount,
    whole: u64,
    part: Option<u16>,
    rounds: Option<&'a [(String, i64)]>,
}

impl Asked<'_> {
    /// For so many bytes that replace nothing, as far as is known.
    fn all_of(bytes: u64) -> Self {
        Self { more: object_of(bytes), whole: bytes, part: None, rounds: None }
    }
}

/// What is known of quotas, and what is on its way.
#[derive(Debug)]
pub(crate) struct Quotas {
    ledger: Ledger,
    clock: Clock,
    entropy: Entropy,
    places: std::sync::RwLock<Arc<Places>>,
    reading: Mutex<()>,
    claims: Claims,
    /// Parts that come.
    parts: Claims,
    /// Removals of single versions.
    removals: Claims,
}

impl Quotas {
    pub(crate) fn new(ledger: &Ledger, clock: &Clock, entropy: &Entropy) -> Arc<Self> {
        Arc::new(Self {
            ledger: ledger.clone(),
            clock: clock.clone(),
            entropy: entropy.clone(),
            places: std::sync::RwLock::default(),
            reading: Mutex::default(),
            claims: Claims::default(),
            parts: Claims::default(),
            removals: Claims::default(),
        })
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn known(&self) -> Arc<Places> {
        let known = self.places.read();
        Arc::clone(&known.unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    /// The counters over a key, by what the ledger said within the last second.
    pub(crate) async fn over(&self, at: &ObjectAddress) -> Result<Vec<String>, LedgerError> {
        let version = self.ledger.quotas_version().await?;
        let known = self.known();
        if known.is_of(version) {
            return Ok(known.over(at));
        }
        let _turn = self.reading.lock().await;
        let version = self.ledger.quotas_version().await?;
        if !self.known().is_of(version) {
            let read = Arc::new(Places::of(version, self.ledger.quota_places().await?));
            let known = self.places.write();
            *known.unwrap_or_else(std::sync::PoisonError::into_inner) = read;
        }
        Ok(self.known().over(at))
    }
}

impl Gate {
    /// Whether a key is under a quota.
    pub(crate) async fn is_under_quota(&self, at: &ObjectAddress) -> Result<bool, GateError> {
        let over = self.quotas.over(at).await.map_err(GateError::QuotaUnknown)?;
        Ok(!over.is_empty())
    }

    /// Takes room for a write; `None`: it is under no quota.
    pub(crate) async fn room(
        &self,
        caller: &Caller,
        at: &ObjectAddress,
        bytes: u64,
    ) -> Result<Option<Hold>, GateError> {
        let counters = self.quotas.over(at).await.map_err(GateError::QuotaUnknown)?;
        if counters.is_empty() {
            return Ok(None);
        }
        // Before the look at the object: what a count that ends after it has missed is in no later round.
        let rounds = self.quotas.ledger.quota_rounds(&counters).await;
        let rounds = rounds.map_err(GateError::QuotaUnknown)?;
        let flight = self.quotas.claims.enter(at);
        let (replaced, certain) = self.replaced(&flight, at).await;
        let amount = object_of(bytes);
        let more = QuotaAmount {
            bytes: bytes.saturating_sub(replaced.bytes),
            objects: 1_u64.saturating_sub(replaced.objects),
        };
        let id = self.quotas.new_id();
        let room = Asked { more, whole: bytes, part: None, rounds: Some(&rounds) };
        if let Err(error) = self.reserve(caller, &id, &counters, room).await {
            flight.give_back();
            return Err(error);
        }
        let of = (id, counters);
        Ok(Some(Hold::of(&self.quotas, of, (flight, replaced, certain), amount)))
    }

    /// Writes in the room that was taken, and tells what came of it: also to quotas that came to be over the
    /// key meanwhile, whose count may have passed it.
    pub(crate) async fn written(
        &self,
        (at, room): (&ObjectAddress, Option<Hold>),
        writing: impl Future<Output = Result<Stored, StoreError>>,
    ) -> Result<Stored, StoreError> {
        let (stored, held) = match room {
            None => (writing.await, Vec::new()),
            Some(room) => {
                let stored = room.during(writing).await;
                let held = room.settle(Came::of(stored.as_ref().map(Stored::size))).await;
                (stored, held)
            }
        };
        if let Ok(stored) = &stored {
            self.came_late(at, &held, stored.size()).await;
        }
        stored
    }

    /// Adds what came to the counters over a key of which no room was taken.
    async fn came_late(&self, at: &ObjectAddress, held: &[String], bytes: u64) {
        let added = async {
            let mut late = self.quotas.over(at).await?;
            late.retain(|counter| !held.contains(counter));
            if late.is_empty() {
                return Ok(());
            }
            let rounds = self.quotas.ledger.quota_rounds(&late).await?;
            let (stored, replaced) = (object_of(bytes), QuotaAmount::default());
            let came = QuotaStored { stored, replaced, certain: false, at: self.now() };
            self.quotas.ledger.free_quota(&rounds, came).await
        };
        if let Err::<(), LedgerError>(error) = added.await {
            tracing::error!(%error, "what came is not counted until the next count");
        }
    }

    /// The same, of a part.
    pub(crate) async fn part_written(
        &self,
        room: Option<PartHold>,
        writing: impl Future<Output = Result<PartMeta, StoreError>>,
    ) -> Result<PartMeta, StoreError> {
        let part = writing.await;
        if let Some(room) = room {
            room.settle(Came::of(part.as_ref().map(|part| part.size))).await;
        }
        part
    }

    /// Takes the room for a part of an upload, beside what the upload has already; `None`: it is under no
    /// quota.
    pub(crate) async fn room_of_part(
        &self,
        caller: &Caller,
        (at, upload): (&ObjectAddress, &UploadId),
        (part, bytes): (u16, u64),
    ) -> Result<Option<PartHold>, GateError> {
        let counters = self.quotas.over(at).await.map_err(GateError::QuotaUnknown)?;
        if counters.is_empty() {
            return Ok(None);
        }
        let id = quota_room_of(upload);
        let flight = self.quotas.parts.enter_part(&id, part);
        let before = self.quotas.ledger.quota_part(&id, part).await;
        let before = before.map_err(GateError::QuotaUnknown)?;
        let room = Asked { part: Some(part), ..Asked::all_of(bytes) };
        self.reserve(caller, &id, &counters, room).await?;
        Ok(Some(PartHold::of(&self.quotas, (id, part), (flight, before))))
    }

    /// Takes what room an upload lacks that becomes an object now; `None`: it is under no quota.
    pub(crate) async fn room_of_upload(
        &self,
        caller: &Caller,
        (at, upload): (&ObjectAddress, &UploadId),
    ) -> Result<Option<Hold>, GateError> {
        let counters = self.quotas.over(at).await.map_err(GateError::QuotaUnknown)?;
        if counters.is_empty() {
            return Ok(None);
        }
        let id = quota_room_of(upload);
        // As much as the store has of it: it may have begun before the quota did, its room may have expired, or
        // one of its parts may have come twice at once. What is taken already is not taken again.
        let bytes = self.uploaded(at, upload).await?;
        self.reserve(caller, &id, &counters, Asked::all_of(bytes)).await?;
        let flight = self.quotas.claims.enter(at);
        let (replaced, certain) = self.replaced(&flight, at).await;
        let of = (id, counters);
        Ok(Some(Hold::of(&self.quotas, of, (flight, replaced, certain), object_of(0))))
    }

    /// Gives back the room of an upload that was dropped.
    pub(crate) async fn upload_dropped(&self, at: &ObjectAddress, upload: &UploadId) {
        let dropped = async {
            if !self.quotas.over(at).await?.is_empty() {
                self.quotas.ledger.release_quota(&quota_room_of(upload)).await?;
            }
            Ok::<(), LedgerError>(())
        };
        if let Err(error) = dropped.await {
            tracing::error!(%error, "the room of an upload was not given back yet");
        }
    }

    /// Bytes of the parts that the store has of an upload.
    async fn uploaded(&self, at: &ObjectAddress, upload: &UploadId) -> Result<u64, GateError> {
        let (mut after, mut bytes) = (0, 0_u64);
        loop {
            let page = self.store.list_parts(at, upload, after, 1_000).await?;
            bytes = page.parts.iter().fold(bytes, |sum, part| sum.saturating_add(part.size));
            match page.next_after.filter(|_| page.truncated) {
                Some(next) => after = next,
                None => return Ok(bytes),
            }
        }
    }

    /// What is at a key whose room this write gives back, and whether that is all there is to give. Where
    /// other nodes write, too, nobody can say that they do not give back the same.
    async fn replaced(&self, flight: &Flight, at: &ObjectAddress) -> (QuotaAmount, bool) {
        let nothing = QuotaAmount::default();
        match self.store.head_object(at, HeadObject::default()).await {
            Ok(_) if self.quotas.ledger.is_shared() => (nothing, false),
            Ok(meta) => {
                let which = format!("{}/{}/{}", meta.sequence, meta.etag, meta.modified);
                match flight.claim(which) {
                    true => (object_of(meta.size), true),
                    false => (nothing, false),
                }
            }
            Err(
                StoreError::NoSuchKey
                | StoreError::Deleted { .. }
                | StoreError::DeleteMarker { .. },
            ) => (nothing, true),
            Err(_) => (nothing, false),
        }
    }

    async fn reserve(
        &self,
        caller: &Caller,
        id: &str,
        counters: &[String],
        Asked { more, whole, part, rounds }: Asked<'_>,
    ) -> Result<(), GateError> {
        let lease = if id.starts_with(UPLOAD) { UPLOAD_LEASE } else { LEASE };
        let expires = self.now().checked_add(lease).unwrap_or(Timestamp::MAX);
        let reserve = QuotaReserve { id, counters, more, rounds, whole, part, expires };
        let full = self.quotas.ledger.reserve_quota(reserve).await;
        match full.map_err(GateError::QuotaUnknown)? {
            None => Ok(()),
            Some(QuotaFull { counter, asked }) => {
                let asker = caller.principal.source_identity().map(ToString::to_string);
                let own = match &counter.subject {
                    QuotaSubject::Person(uid) => asker.as_deref() == Some(uid.as_str()),
                    QuotaSubject::Group(_)
                    | QuotaSubject::Location(_)
                    | QuotaSubject::EveryPerson => false,
                };
                Err(GateError::QuotaExceeded(Box::new(QuotaRefusal { counter, asked, own })))
            }
        }
    }

    /// What a removal changes, looked up before it. Where a version goes and an older one counts again, room
    /// for that is taken.
    pub(crate) async fn change_of(
        &self,
        caller: &Caller,
        at: &ObjectAddress,
        version: Option<VersionId>,
    ) -> Result<Change, GateError> {
        let counters = self.quotas.over(at).await.map_err(GateError::QuotaUnknown)?;
        if counters.is_empty() {
            return Ok(Change::Nothing);
        }
        let removal = version.map(|_| self.quotas.removals.enter(at));
        let mut sure = true;
        if let Some(version) = version {
            match self.comes_back(at, version).await {
                Ok(Some(bytes)) => {
                    let room = self.room(caller, at, bytes).await?;
                    return Ok(
                        room.map_or(Change::Nothing, |room| Change::Brings(room, bytes, removal))
                    );
                }
                Ok(None) => {}
                // It may be anything.
                Err(_) => sure = false,
            }
        }
        let rounds = self.quotas.ledger.quota_rounds(&counters).await;
        let rounds = rounds.map_err(GateError::QuotaUnknown)?;
        let flight = self.quotas.claims.enter(at);
        let (replaced, certain) = self.gone(&flight, at, version).await;
        let certain = certain && sure;
        Ok(Change::Frees(Freeing { rounds, flight, replaced, certain, removal }))
    }

    /// What goes: the newest version, where it is the one that is named or none is.
    async fn gone(
        &self,
        flight: &Flight,
        at: &ObjectAddress,
        version: Option<VersionId>,
    ) -> (QuotaAmount, bool) {
        if version.is_some() {
            match self.store.head_object(at, HeadObject::default()).await {
                Ok(newest) if newest.version == version => {}
                Ok(_) => return (QuotaAmount::default(), true),
                Err(_) => return (QuotaAmount::default(), false),
            }
        }
        self.replaced(flight, at).await
    }

    /// Tells whether it was removed.
    pub(crate) async fn changed(&self, at: &ObjectAddress, change: Change, came: Removed) {
        let (crowded, held) = match change {
            Change::Nothing => return,
            Change::Brings(room, bytes, removal) => {
                let held = room.settle(came.of_bytes(bytes)).await;
                (is_crowded(removal.as_ref()), held)
            }
            Change::Frees(freeing) => {
                let held = freeing.rounds.iter().map(|(counter, _)| counter.clone()).collect();
                let crowded = is_crowded(freeing.removal.as_ref());
                self.freed(freeing, came).await;
                (crowded, held)
            }
        };
        if came == Removed::No || !(crowded || held.is_empty()) {
            return;
        }
        // Of removals at once each saw what the others took away: what is there now is looked at again.
        if let Ok(meta) = self.store.head_object(at, HeadObject::default()).await {
            self.came_late(at, &[], meta.size).await;
        }
    }

    async fn freed(&self, freeing: Freeing, came: Removed) {
        let Freeing { rounds, flight, replaced, certain, removal } = freeing;
        let (replaced, certain) = match came {
            Removed::Yes => (replaced, certain),
            Removed::No => return flight.give_back(),
            Removed::Perhaps => (QuotaAmount::default(), false),
        };
        if replaced == QuotaAmount::default() && certain {
            return;
        }
        let (stored, at) = (QuotaAmount::default(), self.now());
        let came = QuotaStored { stored, replaced, certain, at };
        if let Err(error) = self.quotas.ledger.free_quota(&rounds, came).await {
            tracing::error!(%error, "what was removed is counted until the next count");
        }
        drop((flight, removal));
    }

    /// What comes back when a version is removed that is the newest: the one before it. Nothing, where that
    /// is none or is a delete marker.
    async fn comes_back(
        &self,
        at: &ObjectAddress,
        version: VersionId,
    ) -> Result<Option<u64>, StoreError> {
        let Ok(prefix) = KeyPrefix::parse(at.key.as_str()) else { return Ok(None) };
        let list = ListVersions { prefix, delimiter: None, after: None, max_keys: 2 };
        let page = self.store.list_object_versions(&at.bucket, list).await?;
        let mut versions = page.entries.into_iter().filter_map(|entry| match entry {
            VersionEntry::Version(version) if version.key == at.key => Some(version),
            VersionEntry::Version(_) | VersionEntry::CommonPrefix(_) => None,
        });
        let newest = versions.next();
        if newest.is_none_or(|newest| newest.version != version || !newest.latest) {
            return Ok(None);
        }
        let before = versions.next().and_then(|before| before.object);
        Ok(before.map(|object| object.size))
    }
}

fn is_crowded(removal: Option<&Flight>) -> bool {
    removal.is_some_and(|removal| !removal.was_alone())
}

/// Whether something was removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Removed {
    Yes,
    No,
    /// The store's answer was lost.
    Perhaps,
}

impl Removed {
    pub(crate) fn of<T>(done: &Result<T, StoreError>) -> Self {
        match Came::of(done.as_ref().map(|_| 0)) {
            Came::Bytes(_) => Self::Yes,
            Came::Nothing => Self::No,
            Came::Perhaps => Self::Perhaps,
        }
    }

    fn of_bytes(self, bytes: u64) -> Came {
        match self {
            Self::Yes => Came::Bytes(bytes),
            Self::No => Came::Nothing,
            Self::Perhaps => Came::Perhaps,
        }
    }
}

/// What a removal changes under quotas.
#[derive(Debug)]
pub(crate) enum Change {
    /// It is under none.
    Nothing,
    /// Something goes.
    Frees(Freeing),
    /// An older version of so many bytes counts again.
    Brings(Hold, u64, Option<Flight>),
}

/// What a removal frees.
#[derive(Debug)]
pub(crate) struct Freeing {
    rounds: Vec<(String, i64)>,
    flight: Flight,
    replaced: QuotaAmount,
    certain: bool,
    /// Where it is of one version.
    removal: Option<Flight>,
}
