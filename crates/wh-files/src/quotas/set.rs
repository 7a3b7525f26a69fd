//! Quotas as administrators set and see them.

use wh_ledger::{QuotaCounterRow, QuotaLimits, QuotaPlace, QuotaRow, QuotaSubject, RowId};
use wh_names::Uid;
use wh_people::{Administrator, ProvenAdministrator};

use super::QuotaError;
use crate::Files;

/// How many of the persons under a quota for every person are told of: those who are nearest to it.
pub const QUOTA_USES_TOLD_MAX: usize = 200;

/// The largest limit.
const LIMIT_MAX: u64 = 1 << 62;

/// A quota to be set.
#[derive(Debug, Clone)]
pub struct NewQuota {
    /// What for.
    pub subject: QuotaSubject,
    /// How much there may be.
    pub limits: QuotaLimits,
}

impl NewQuota {
    /// As it goes into the ledger, if it can be set.
    pub fn checked(
        self,
        id: RowId,
        (at, by): (jiff::Timestamp, Option<Uid>),
    ) -> Result<QuotaRow, QuotaError> {
        let Self { subject, limits } = self;
        if limits.bytes.is_none() && limits.objects.is_none() {
            return Err(QuotaError::NoLimit);
        }
        if [limits.bytes, limits.objects].into_iter().flatten().any(|limit| limit > LIMIT_MAX) {
            return Err(QuotaError::TooLarge { max: LIMIT_MAX });
        }
        if let QuotaSubject::Location(place) = &subject {
            let prefix = place.prefix.as_str();
            if !prefix.is_empty() && !prefix.ends_with('/') {
                return Err(QuotaError::Prefix);
            }
        }
        Ok(QuotaRow { id, subject, limits, created_at: at, updated_at: at, updated_by: by })
    }
}

/// What a quota counts, and of whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuotaUse {
    /// The counter.
    pub counter: QuotaCounterRow,
    /// Where it counts.
    pub places: Vec<QuotaPlace>,
    /// What the person or group is called.
    pub name: Option<String>,
}

/// A quota as administrators see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuotaRecord {
    /// The quota.
    pub row: QuotaRow,
    /// What the person or group is called that it is for.
    pub name: Option<String>,
    /// What it counts, the fullest first: at most [`QUOTA_USES_TOLD_MAX`].
    pub uses: Vec<QuotaUse>,
    /// How many that would be.
    pub uses_total: usize,
}

impl Files {
    /// Every quota with what it counts.
    pub async fn quotas(
        &self,
        _administrator: &Administrator,
    ) -> Result<Vec<QuotaRecord>, QuotaError> {
        let ledger = &self.options.ledger;
        let (rules, counters) = (ledger.quotas().await?, ledger.quota_counters().await?);
        if rules.is_empty() {
            return Ok(Vec::new());
        }
        let (persons, groups) = (ledger.persons().await?, ledger.person_groups().await?);
        let name = |subject: &QuotaSubject| match subject {
            QuotaSubject::Person(uid) => {
                persons.iter().find(|row| row.uid == *uid).map(|row| row.name.clone())
            }
            QuotaSubject::Group(id) => {
                groups.iter().find(|row| row.id == *id).map(|row| row.name.clone())
            }
            QuotaSubject::Location(_) | QuotaSubject::EveryPerson => None,
        };
        let records = rules.into_iter().map(|row| {
            let mine = counters.iter().filter(|(counter, _)| counter.quota_id == row.id);
            let mut uses: Vec<_> = mine.collect();
            let uses_total = uses.len();
            uses.sort_by_key(|(counter, _)| std::cmp::Reverse(counter.used.bytes));
            uses.truncate(QUOTA_USES_TOLD_MAX);
            let told = uses.into_iter().map(|(counter, places)| QuotaUse {
                name: name(&counter.subject),
                counter: counter.clone(),
                places: places.clone(),
            });
            QuotaRecord { name: name(&row.subject), uses: told.collect(), uses_total, row }
        });
        Ok(records.collect())
    }

    /// Sets the quota of somebody or of a place, and counts by it from then on. What it was before comes
    /// back with what it is now.
    pub async fn set_quota(
        &self,
        administrator: &ProvenAdministrator,
        quota: NewQuota,
    ) -> Result<(Option<QuotaRow>, QuotaRow), QuotaError> {
        if !self.keeps_quotas() {
            return Err(QuotaError::Unavailable);
        }
        let now = self.options.clock.now();
        let id = RowId::generate(now, &self.options.entropy);
        let row = quota.checked(id, (now, Some(administrator.uid().clone())))?;
        self.check_subject(&row.subject).await?;
        let before = self.options.ledger.put_quota(&row).await?;
        self.measure_quotas().await?;
        let row = match &before {
            Some(known) => QuotaRow { id: known.id.clone(), created_at: known.created_at, ..row },
            None => row,
        };
        Ok((before, row))
    }

    /// Removes a quota. What it was comes back.
    pub async fn remove_quota(
        &self,
        _administrator: &ProvenAdministrator,
        id: &str,
    ) -> Result<QuotaRow, QuotaError> {
        let id = RowId::parse(id).map_err(|_| QuotaError::NoSuchQuota)?;
        let removed = self.options.ledger.remove_quota(&id).await?;
        let removed = removed.ok_or(QuotaError::NoSuchQuota)?;
        self.measure_quotas().await?;
        Ok(removed)
    }

    /// Whether the store behind this portal refuses what a quota does not let in.
    pub fn keeps_quotas(&self) -> bool {
        // Sessions are logged here where the store is another's.
        self.options.session_log.is_none()
    }

    async fn check_subject(&self, subject: &QuotaSubject) -> Result<(), QuotaError> {
        let ledger = &self.options.ledger;
        match subject {
            QuotaSubject::Person(uid) => match ledger.person(uid).await? {
                Some(_) => Ok(()),
                None => Err(QuotaError::NoSuchPerson),
            },
            QuotaSubject::Group(id) => {
                let groups = ledger.person_groups().await?;
                let known = groups.iter().any(|group| group.id == *id);
                if known { Ok(()) } else { Err(QuotaError::NoSuchGroup) }
            }
            QuotaSubject::Location(place) => {
                let known = self.options.bucket_policies.contains_key(&place.bucket);
                let none = || QuotaError::NoSuchBucket(place.bucket.to_string());
                if known { Ok(()) } else { Err(none()) }
            }
            QuotaSubject::EveryPerson => Ok(()),
        }
    }
}
