//! What a change of the store is to a person: what happened, and by whom.

use std::sync::Arc;

use wh_ledger::{ActivityBy, ActivityKind, JobKind, Ledger};
use wh_names::{KeyPrefix, RoleSessionName};
use wh_objects::{
    Event, EventKind, HeadObject, ListVersions, ObjectAddress, ObjectStore, StoreError,
    VersionEntry, VersionId, VersionMarker,
};
use wh_provision::{EC2_UPLOAD_ROLE, ROLES_GRANTABLE, SCAN_ROLE};

use super::follow::FollowError;

/// Who the caller is whom the store wrote down with the change.
pub(crate) fn by(label: &str) -> ActivityBy {
    if label == "lifecycle" {
        return ActivityBy::Rule;
    }
    let session = label.split_once(":assumed-role/").and_then(|(_, rest)| rest.rsplit_once('/'));
    let Some((role, name)) = session else { return ActivityBy::Other };
    let role = role.rsplit('/').next().unwrap_or(role);
    // Of roles that others may assume the name says nothing: whoever assumes one chooses it.
    let person = RoleSessionName::parse(name).ok().filter(|_| ROLES_GRANTABLE.contains(&role));
    if let Some((uid, _)) = person.as_ref().and_then(RoleSessionName::person) {
        return ActivityBy::Person(uid);
    }
    match role {
        EC2_UPLOAD_ROLE => ActivityBy::Machine(name.to_owned()),
        _ => ActivityBy::Role(role.to_owned()),
    }
}

/// What happened; `None`: nothing that a person would call so.
pub(super) async fn kind(
    store: &Arc<dyn ObjectStore>,
    ledger: &Ledger,
    (event, by): (&Event, &ActivityBy),
) -> Result<Option<ActivityKind>, FollowError> {
    let job = match by {
        ActivityBy::Person(uid) => {
            let place = (event.bucket.as_str(), event.key.as_str());
            ledger.job_at(uid, place, event.at).await?
        }
        ActivityBy::Machine(_) | ActivityBy::Role(_) | ActivityBy::Rule | ActivityBy::Other => None,
    };
    Ok(match event.kind {
        EventKind::Put | EventKind::CompleteMultipartUpload | EventKind::Copy => {
            Some(match job.filter(|(_, there)| *there || restores(job)) {
                Some((JobKind::Copy, _)) => ActivityKind::Copied,
                Some((JobKind::Move, _)) => ActivityKind::MovedHere,
                Some((JobKind::Restore | JobKind::RestorePast, _)) => ActivityKind::Restored,
                Some((JobKind::Delete | JobKind::Purge, _)) | None => written(store, event).await?,
            })
        }
        EventKind::DeleteMarkerCreated => Some(match job {
            Some((JobKind::Move, false)) => ActivityKind::MovedAway,
            Some(
                (JobKind::Move, true)
                | (
                    JobKind::Copy
                    | JobKind::Delete
                    | JobKind::Purge
                    | JobKind::Restore
                    | JobKind::RestorePast,
                    _,
                ),
            )
            | None => ActivityKind::Trashed,
        }),
        EventKind::Delete => Some(match job {
            Some((JobKind::Purge, _)) => ActivityKind::Purged,
            Some((JobKind::Move, false)) => ActivityKind::MovedAway,
            Some(
                (JobKind::Move, true)
                | (JobKind::Copy | JobKind::Delete | JobKind::Restore | JobKind::RestorePast, _),
            )
            | None => removed(store, event).await?,
        }),
        EventKind::LifecycleDeleteMarkerCreated => Some(ActivityKind::Expired),
        // An older version that goes was not seen in the folder any more.
        EventKind::LifecycleDelete => {
            (event.version == VersionId::Null).then_some(ActivityKind::Expired)
        }
        EventKind::TaggingPut | EventKind::TaggingDelete => {
            let scans = *by == ActivityBy::Role(SCAN_ROLE.to_owned());
            (!scans).then_some(ActivityKind::Tagged)
        }
        EventKind::LockChanged => None,
    })
}

fn restores(job: Option<(JobKind, bool)>) -> bool {
    matches!(job, Some((JobKind::Restore | JobKind::RestorePast, _)))
}

/// What it was to write a version: something was there before it, or nothing, or nobody can tell.
async fn written(store: &Arc<dyn ObjectStore>, event: &Event) -> Result<ActivityKind, FollowError> {
    let key = event.key.as_str();
    if event.version == VersionId::Null {
        return Ok(ActivityKind::Written);
    }
    let Ok(prefix) = KeyPrefix::parse(key) else { return Ok(ActivityKind::Written) };
    let after = VersionMarker { key: key.to_owned(), version: Some(event.version) };
    let list = ListVersions { prefix, delimiter: None, after: Some(after), max_keys: 1 };
    let page = match store.list_object_versions(&event.bucket, list).await {
        Ok(page) => page,
        Err(StoreError::NoSuchBucket) => return Ok(ActivityKind::Written),
        Err(error) => return Err(error.into()),
    };
    let before = page.entries.into_iter().find_map(|entry| match entry {
        VersionEntry::Version(version) => Some(version),
        VersionEntry::CommonPrefix(_) => None,
    });
    let was_there = before.is_some_and(|one| one.key == event.key && one.object.is_some());
    Ok(if was_there { ActivityKind::Replaced } else { ActivityKind::Added })
}

/// What it was to remove a version: where it was the mark of a deletion, the file is there again.
async fn removed(store: &Arc<dyn ObjectStore>, event: &Event) -> Result<ActivityKind, FollowError> {
    if event.content.is_some() {
        return Ok(ActivityKind::Purged);
    }
    let address = ObjectAddress { bucket: event.bucket.clone(), key: event.key.clone() };
    match store.head_object(&address, HeadObject::default()).await {
        Ok(_) => Ok(ActivityKind::Restored),
        Err(StoreError::NoSuchKey | StoreError::Deleted { .. } | StoreError::NoSuchBucket) => {
            Ok(ActivityKind::Purged)
        }
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use wh_ledger::ActivityBy;
    use wh_names::Uid;

    use super::by;

    #[test]
    fn who_did_it_is_known_by_the_session() {
        let uid = "01k7d3m5q8w0e2r4t6y8v0b2n4";
        let person = Uid::parse(uid).expect("a uid");
        let role = |name: &str| ActivityBy::Role(name.to_owned());
        for (label, expected) in [
            (
                format!("arn:aws:sts::0:assumed-role/S3AccessRole/u-{uid}-abc"),
                ActivityBy::Person(person),
            ),
            (
                "arn:aws:sts::0:assumed-role/EC2UploadRole/i-1".to_owned(),
                ActivityBy::Machine("i-1".to_owned()),
            ),
            ("arn:aws:sts::0:assumed-role/AdminRole/u-x-y".to_owned(), role("AdminRole")),
            (format!("arn:aws:sts::0:assumed-role/Theirs/u-{uid}-abc"), role("Theirs")),
            ("arn:aws:sts::0:assumed-role/ScanRole/scan".to_owned(), role("ScanRole")),
            ("lifecycle".to_owned(), ActivityBy::Rule),
            ("arn:aws:iam::0:root".to_owned(), ActivityBy::Other),
            (String::new(), ActivityBy::Other),
        ] {
            assert_eq!(by(&label), expected, "{label}");
        }
    }
}
