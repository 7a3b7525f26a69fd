//! What was used, as a policy can say it: few places, each an action and a folder.

use std::collections::{BTreeMap, BTreeSet};

use wh_ledger::RolePlaceUse;
use wh_names::{Action, Arn, BucketName, Partition};
use wh_policy::analysis::least::Seen;

/// How many folders of one folder are named, for each action; the folder itself stands for more.
const FOLDERS_MAX: usize = 8;
/// How many folders of a bucket are named, for each action; the bucket stands for more.
const BUCKET_FOLDERS_MAX: usize = 32;
/// What the gate writes for a folder that is everybody's own.
const OWN: &str = "${uid}/";

/// Folders of a bucket in which an action was used.
type Folders = BTreeSet<String>;

/// What was used.
#[derive(Debug)]
pub(super) struct Gathered<'p> {
    partition: &'p Partition,
    /// Actions on buckets themselves; of `*`, on none in particular.
    buckets: BTreeSet<(String, String)>,
    /// By action and bucket, the folders.
    objects: BTreeMap<(String, String), Folders>,
    widened: BTreeSet<String>,
}

impl<'p> Gathered<'p> {
    pub(super) fn new(partition: &'p Partition) -> Self {
        Self {
            partition,
            buckets: BTreeSet::new(),
            objects: BTreeMap::new(),
            widened: BTreeSet::new(),
        }
    }

    pub(super) fn add(&mut self, row: &RolePlaceUse) {
        let at = (row.action.clone(), row.bucket.clone());
        let Some(folder) = row.place.strip_prefix('/') else {
            self.buckets.insert(at);
            return;
        };
        let folder = match folder.strip_suffix(OWN) {
            Some(around) => {
                self.widened.insert(format!("{}/{around}", row.bucket));
                around
            }
            None => folder,
        };
        let folders = self.objects.entry(at).or_default();
        if folders.iter().any(|known| folder.starts_with(known.as_str())) {
            return;
        }
        let around = around(folder).to_owned();
        let beside = folders.iter().filter(|known| self::around(known) == around);
        if !around.is_empty() && beside.count() >= FOLDERS_MAX {
            return widen(folders, &around, (&row.bucket, &mut self.widened));
        }
        if folders.len() >= BUCKET_FOLDERS_MAX {
            return widen(folders, "", (&row.bucket, &mut self.widened));
        }
        folders.retain(|known| !known.starts_with(folder));
        folders.insert(folder.to_owned());
    }

    /// What was seen, and which folders stand for more than that.
    pub(super) fn told(self) -> (Vec<Seen>, Vec<String>) {
        let mut seen = Vec::new();
        for (action, bucket) in &self.buckets {
            seen.extend(self.parsed(action, bucket).map(|(action, on)| Seen::on(&action, &on)));
        }
        for ((action, bucket), folders) in &self.objects {
            let Some((action, on)) = self.parsed(action, bucket) else { continue };
            seen.extend(folders.iter().map(|folder| Seen::below(&action, &on, folder)));
        }
        (seen, self.widened.into_iter().collect())
    }

    fn parsed(&self, action: &str, bucket: &str) -> Option<(Action, Arn)> {
        let on = match bucket {
            "*" => Arn::every_bucket(self.partition),
            name => Arn::bucket(self.partition, &BucketName::parse(name).ok()?),
        };
        Some((Action::parse(action).ok()?, on))
    }
}

fn widen(folders: &mut Folders, around: &str, (bucket, widened): (&str, &mut BTreeSet<String>)) {
    folders.retain(|known| !known.starts_with(around));
    folders.insert(around.to_owned());
    widened.insert(format!("{bucket}/{around}"));
}

/// The folder around a folder: `a/` of `a/b/`, and nothing of `a/`.
fn around(folder: &str) -> &str {
    let inner = folder.strip_suffix('/').unwrap_or(folder);
    inner.rfind('/').and_then(|at| folder.get(..=at)).unwrap_or_default()
}
