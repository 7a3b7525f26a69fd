//! Quotas as they travel.

use wh_files::{OwnQuota, QuotaPlace, QuotaRecord, QuotaRow, QuotaSubject, QuotaUse};

use crate::wire::{OwnQuotaBody, QuotaBody, QuotaForBody, QuotaUseBody, SetQuotaBody};

pub(crate) fn quota(record: QuotaRecord) -> QuotaBody {
    let QuotaRecord { row, name, uses, uses_total } = record;
    QuotaBody {
        id: row.id.to_string(),
        what: what(&row.subject),
        name,
        limit_bytes: row.limits.bytes,
        limit_objects: row.limits.objects,
        updated: row.updated_at.to_string(),
        uses: uses.into_iter().map(one_use).collect(),
        uses_total: u64::try_from(uses_total).unwrap_or(u64::MAX),
    }
}

pub(crate) fn set(row: &QuotaRow) -> SetQuotaBody {
    SetQuotaBody {
        id: row.id.to_string(),
        what: what(&row.subject),
        limit_bytes: row.limits.bytes,
        limit_objects: row.limits.objects,
    }
}

fn one_use(of: QuotaUse) -> QuotaUseBody {
    let QuotaUse { counter, places, name } = of;
    QuotaUseBody {
        what: what(&counter.subject),
        name,
        used_bytes: counter.used.bytes,
        used_objects: counter.used.objects,
        reserved_bytes: counter.reserved.bytes,
        reserved_objects: counter.reserved.objects,
        counted: counter.counted_at.map(|at| at.to_string()),
        places: places.iter().map(QuotaPlace::to_string).collect(),
    }
}

fn what(subject: &QuotaSubject) -> QuotaForBody {
    match subject {
        QuotaSubject::Person(uid) => QuotaForBody::Person { uid: uid.to_string() },
        QuotaSubject::Group(id) => QuotaForBody::Group { id: id.to_string() },
        QuotaSubject::Location(QuotaPlace { bucket, prefix }) => {
            let (bucket, prefix) = (bucket.to_string(), prefix.to_string());
            QuotaForBody::Location { bucket, prefix }
        }
        QuotaSubject::EveryPerson => QuotaForBody::EveryPerson {},
    }
}

pub(crate) fn own(own: OwnQuota) -> OwnQuotaBody {
    let OwnQuota { counter, own, measured, locations } = own;
    let told = |n: u64| measured.then_some(n);
    OwnQuotaBody {
        kind: counter.subject.kind().to_owned(),
        own,
        limit_bytes: counter.limits.bytes.and_then(told),
        limit_objects: counter.limits.objects.and_then(told),
        used_bytes: told(counter.used.bytes),
        used_objects: told(counter.used.objects),
        reserved_bytes: told(counter.reserved.bytes),
        counted: counter.counted_at.is_some(),
        locations: locations.iter().map(ToString::to_string).collect(),
    }
}
