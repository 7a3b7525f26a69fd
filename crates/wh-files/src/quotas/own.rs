//! What a person is told of the quotas over their places, and the room for an upload of theirs.

use jiff::{SignedDuration, Timestamp};
use wh_ledger::{
    GrantRow, QuotaAmount, QuotaCounterRow, QuotaFull, QuotaPlace, QuotaReserve, QuotaSubject,
    RowId, UploadRow,
};
use wh_people::Person;
use wh_policy::s3::action;

use super::{FullMeasures, FullQuota, QuotaError, QuotaOwner};
use crate::{Files, FilesError, UploadError};

/// How long an upload has its room before anything of it came: whoever only begins uploads keeps it from others
/// no longer. The store takes room anew for what comes later.
const ROOM_BEFORE_A_PART: SignedDuration = SignedDuration::from_hours(1);

/// A quota over some of a person's places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnQuota {
    /// The counter.
    pub counter: QuotaCounterRow,
    /// Whether it counts the person's own places, and not those of somebody else or of several.
    pub own: bool,
    /// Whether how much is there may be told: it is their own, or they may list all of it.
    pub measured: bool,
    /// The person's locations that lie in it, whole or in part.
    pub locations: Vec<RowId>,
}

impl Files {
    /// The quotas over a person's places. Of those that are not their own, and that they may not list all
    /// of, it is told that there are any and no more.
    pub async fn own_quotas(&self, person: &Person) -> Result<Vec<OwnQuota>, FilesError> {
        let ledger = &self.options.ledger;
        let grants = self.options.people.grants_for(person).await?;
        let mut ids = vec![QuotaSubject::Person(person.uid().clone()).counter_id()];
        for grant in &grants {
            let (bucket, prefix) = (grant.bucket.as_str(), grant.prefix.as_str());
            ids.extend(ledger.quota_counters_over(bucket, prefix).await?);
        }
        ids.sort_unstable();
        ids.dedup();
        let found = ledger.quota_counters_named(&ids).await?;
        let told = found.into_iter().filter_map(|(counter, places)| {
            let inside = grants.iter().filter(|grant| {
                let grant = place_of(grant);
                places.iter().any(|place| place.holds(&grant) || grant.holds(place))
            });
            let locations: Vec<RowId> = inside.map(|grant| grant.id.clone()).collect();
            let measured = self.may_measure(person, &grants, (&counter, &places));
            let own = counter.subject == QuotaSubject::Person(person.uid().clone());
            (!locations.is_empty()).then_some(OwnQuota { counter, own, measured, locations })
        });
        Ok(told.collect())
    }

    fn may_measure(
        &self,
        person: &Person,
        grants: &[GrantRow],
        (counter, places): (&QuotaCounterRow, &[QuotaPlace]),
    ) -> bool {
        if counter.subject == QuotaSubject::Person(person.uid().clone()) {
            return true;
        }
        places.iter().all(|place| {
            grants.iter().filter(|grant| place_of(grant).holds(place)).any(|grant| {
                let access = self.open(person, grant.clone());
                let target = access.listing_target(place.prefix.as_str());
                access.foresee(action::LIST_BUCKET, &target).is_ok()
            })
        })
    }

    /// Takes the room for an upload as a whole, before anything of it comes.
    pub(crate) async fn take_room(
        &self,
        person: &Person,
        upload: &UploadRow,
    ) -> Result<(), UploadError> {
        let id = begun(&upload.id);
        let now = self.options.clock.now();
        let expires = now.checked_add(ROOM_BEFORE_A_PART).unwrap_or(Timestamp::MAX);
        let (bucket, key) = (upload.bucket.as_str(), upload.key.as_str());
        let counters = self.options.ledger.quota_counters_over(bucket, key).await?;
        if counters.is_empty() {
            return Ok(());
        }
        let more = QuotaAmount { bytes: upload.size, objects: 1 };
        let (counters, whole) = (counters.as_slice(), upload.size);
        let reserve =
            QuotaReserve { id: &id, counters, more, rounds: None, whole, part: None, expires };
        match self.options.ledger.reserve_quota(reserve).await? {
            None => Ok(()),
            Some(full) => Err(self.told_full(person, full).await?.into()),
        }
    }

    /// Refuses what has no room now, and takes none: whoever writes takes it.
    pub(crate) async fn check_room(
        &self,
        person: &Person,
        (bucket, key): (&str, &str),
        bytes: u64,
    ) -> Result<(), UploadError> {
        let ledger = &self.options.ledger;
        let counters = ledger.quota_counters_over(bucket, key).await?;
        if counters.is_empty() {
            return Ok(());
        }
        let asked = QuotaAmount { bytes, objects: 1 };
        let found = ledger.quota_counters_named(&counters).await?;
        match found.into_iter().find(|(counter, _)| !counter.has_room_for(asked)) {
            None => Ok(()),
            Some((counter, _)) => {
                Err(self.told_full(person, QuotaFull { counter, asked }).await?.into())
            }
        }
    }

    /// The room of an upload is the store's from now on, by the name that the store has for it.
    pub(crate) async fn hand_room_over(
        &self,
        upload: &RowId,
        store_upload: &str,
    ) -> Result<(), UploadError> {
        let ledger = &self.options.ledger;
        Ok(ledger.rename_quota_reservation(&begun(upload), &at_store(store_upload)).await?)
    }

    /// Gives back the room of an upload that the store has dropped.
    pub(crate) async fn give_store_room_back(&self, store_upload: &str) {
        if let Err(error) = self.options.ledger.release_quota(&at_store(store_upload)).await {
            tracing::warn!(%error, "the room of an upload is given back when it expires");
        }
    }

    /// Gives back the room of an upload that did not begin at the store.
    pub(crate) async fn give_room_back(&self, upload: &RowId) {
        if let Err(error) = self.options.ledger.release_quota(&begun(upload)).await {
            tracing::warn!(%error, "the room of an upload is given back when it expires");
        }
    }

    async fn told_full(&self, person: &Person, full: QuotaFull) -> Result<QuotaError, FilesError> {
        let own = self.own_quotas(person).await?;
        let known = own.iter().any(|own| own.counter.id == full.counter.id && own.measured);
        let QuotaFull { counter, asked } = full;
        let (limits, used, reserved) = (counter.limits, counter.used, counter.reserved);
        let measures = known.then_some(FullMeasures { limits, used, reserved, asked });
        let of = self.told_whose(person, &counter.subject).await?;
        Ok(QuotaError::Full(Box::new(FullQuota { of, measures })))
    }

    /// Whose a quota is, as far as this person knows of them. A place is around what they write, so that they know
    /// it; a group's name is told to its members alone.
    async fn told_whose(
        &self,
        person: &Person,
        subject: &QuotaSubject,
    ) -> Result<QuotaOwner, FilesError> {
        Ok(match subject {
            QuotaSubject::Person(uid) if uid == person.uid() => QuotaOwner::Oneself,
            QuotaSubject::Person(_) | QuotaSubject::EveryPerson => QuotaOwner::SomebodyElse,
            QuotaSubject::Group(id) => {
                let groups = self.options.ledger.person_groups_of(person.uid()).await?;
                let group = groups.into_iter().find(|group| group.id == *id);
                QuotaOwner::Group(group.map(|group| group.name))
            }
            QuotaSubject::Location(place) => QuotaOwner::Place(place.clone()),
        })
    }
}

/// What the room of an upload is called before the store has a name for it.
fn begun(upload: &RowId) -> String {
    format!("up:{upload}")
}

/// What it is called from then on, also by the gate.
fn at_store(store_upload: &str) -> String {
    format!("mp:{store_upload}")
}

fn place_of(grant: &GrantRow) -> QuotaPlace {
    QuotaPlace { bucket: grant.bucket.clone(), prefix: grant.prefix.clone() }
}
