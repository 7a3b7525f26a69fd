//! One key: what it was at a moment, and what it is now.

use jiff::Timestamp;
use wh_aws::ListedVersion;

/// What a version is called that was written while none were kept.
const UNVERSIONED: &str = "null";

/// What has become of something since a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// It has the same bytes, as far as size and `ETag` tell.
    Same,
    /// It is there with other bytes.
    Changed,
    /// It is there no more.
    Deleted,
    /// It was not there.
    Added,
}

/// What versions tell of whether any were kept at a moment. Once versions were kept, whoever stops that leaves
/// a `null` where they write or delete; before, they leave nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Traces {
    /// Something was written while no versions were kept.
    null: bool,
    /// Something was written while they were kept, and not after the moment.
    kept: bool,
}

impl Traces {
    /// What came in parts may bear the time at which its upload began, so that it tells nothing.
    pub(crate) fn see(&mut self, version: &ListedVersion, at: Timestamp) {
        let in_parts = version.etag.contains('-');
        if version.version == UNVERSIONED {
            self.null = true;
        } else if !in_parts && version.modified.as_second() <= at.as_second() {
            self.kept = true;
        }
    }

    /// Whether the moment may be one at which no versions had ever been kept.
    pub(crate) fn unsure(self) -> bool {
        self.null && !self.kept
    }
}

/// A key, of which the versions are seen one after the other, the newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeyThen {
    /// The newest version, or delete marker.
    pub(super) newest: ListedVersion,
    /// The newest one that is not younger than the moment.
    pub(super) then: Option<ListedVersion>,
    /// Whether something younger was written while no versions were kept: it may stand in the place of what
    /// was there.
    pub(super) unsure: bool,
}

impl KeyThen {
    /// By its newest version.
    fn begin(newest: ListedVersion, at: Timestamp) -> Self {
        let mut key = Self { newest: newest.clone(), then: None, unsure: false };
        key.see(newest, at);
        key
    }

    /// Takes the next version, of this key or of another; gives the key that has ended by it.
    pub(crate) fn go_on(
        current: &mut Option<Self>,
        version: ListedVersion,
        at: Timestamp,
    ) -> Option<Self> {
        match current {
            Some(key) if key.key() == version.key => {
                key.see(version, at);
                None
            }
            Some(_) | None => current.replace(Self::begin(version, at)),
        }
    }

    /// The next version of the same key. Stores tell the time of a version to the second.
    fn see(&mut self, version: ListedVersion, at: Timestamp) {
        if self.then.is_some() {
            return;
        }
        if version.modified.as_second() <= at.as_second() {
            self.then = Some(version);
        } else {
            self.unsure |= version.version == UNVERSIONED;
        }
    }

    pub(crate) fn key(&self) -> &str {
        &self.newest.key
    }

    /// What was there.
    pub(crate) fn was(&self) -> Option<&ListedVersion> {
        self.then.as_ref().filter(|version| !version.marker)
    }

    /// What is there.
    pub(crate) fn is(&self) -> Option<&ListedVersion> {
        Some(&self.newest).filter(|version| !version.marker)
    }

    /// In bytes; of what is there.
    pub(crate) fn newest_size(&self) -> u64 {
        self.newest.size
    }

    /// Whether something may have been there that was written over while no versions were kept.
    pub(crate) fn unsure(&self) -> bool {
        self.unsure
    }

    /// What has become of it; `None`: it was not there, and is not.
    pub(crate) fn since(&self) -> Option<Since> {
        match (self.was(), self.is()) {
            (None, None) => None,
            (None, Some(_)) => Some(Since::Added),
            (Some(_), None) => Some(Since::Deleted),
            (Some(was), Some(is)) => {
                let same = was.size == is.size && was.etag == is.etag;
                Some(if same { Since::Same } else { Since::Changed })
            }
        }
    }
}
