//! Where the store tells nothing: the portal writes down what it did, after the store has done it.
//!
//! What is done past the portal is not told there, and what was done the moment before a crash may be missing.

use wh_ledger::{
    ActivityBy, ActivityKind, ActivityRow, JobItem, JobItemStatus, JobKind, RowId, SettledItem,
};

use super::ToldBy;
use crate::Files;
use crate::access::Access;

impl Files {
    /// Writes down that a person did this to one key.
    pub(crate) async fn did(&self, access: &Access<'_>, kind: ActivityKind, key: &str) {
        self.did_all(access, vec![(kind, key.to_owned())]).await;
    }

    /// Writes down what a person did to these keys.
    pub(crate) async fn did_all(&self, access: &Access<'_>, done: Vec<(ActivityKind, String)>) {
        if self.told_by == ToldBy::Store {
            return;
        }
        let (options, at) = (&self.options, self.options.clock.now());
        let row = |(kind, key)| ActivityRow {
            id: RowId::generate(at, &options.entropy),
            at,
            kind,
            bucket: access.grant.bucket.to_string(),
            key,
            by: ActivityBy::Person(access.uid().clone()),
        };
        let rows: Vec<ActivityRow> = done.into_iter().map(row).collect();
        if let Err(error) = options.ledger.note_activity(&rows).await {
            tracing::warn!(%error, "what was done is missing in the activity");
        }
    }

    /// Writes down what a job did to these objects, where it took them and where it brought them.
    pub(crate) async fn did_by_job(
        &self,
        (kind, from, to): (JobKind, &Access<'_>, &Access<'_>),
        (items, settled): (&[JobItem], &[SettledItem]),
    ) {
        if self.told_by == ToldBy::Store {
            return;
        }
        let (mut here, mut there) = (Vec::new(), Vec::new());
        for end in settled.iter().filter(|end| end.status == JobItemStatus::Done) {
            let Some(item) = items.iter().find(|item| item.n == end.n) else { continue };
            let source = item.item.from_key.clone();
            let brought = end.to_key.clone().or(item.item.to_key.clone());
            match kind {
                JobKind::Copy => there.extend(brought.map(|key| (ActivityKind::Copied, key))),
                JobKind::Move => {
                    here.push((ActivityKind::MovedAway, source));
                    there.extend(brought.map(|key| (ActivityKind::MovedHere, key)));
                }
                JobKind::Delete => here.push((ActivityKind::Trashed, source)),
                JobKind::Purge => here.push((ActivityKind::Purged, source)),
                JobKind::Restore => here.push((ActivityKind::Restored, brought.unwrap_or(source))),
                // What was made since goes to the trash; what was there then has a version.
                JobKind::RestorePast => here.push(match item.item.version {
                    Some(_) => (ActivityKind::Restored, source),
                    None => (ActivityKind::Trashed, source),
                }),
            }
        }
        self.did_all(from, here).await;
        self.did_all(to, there).await;
    }
}
