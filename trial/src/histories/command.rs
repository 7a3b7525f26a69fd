//! What clients ask of a store, and what it answers, in the words of the history.
//!
//! Every write has a stamp of its own, which the store keeps as the time of last modification and
//! as a header: whoever sees an object, if only in a listing, knows which write made it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a client asks for. Keys are told by their number.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Command {
    /// Writes the content whose number is the stamp.
    Put { key: u8, stamp: u64, size: u32, when: Wanted },
    /// Reads the object whole.
    Get { key: u8 },
    /// Asks about the object.
    Head { key: u8 },
    /// Removes the object.
    Delete { key: u8, stamp: u64 },
    /// Copies one object to another, or to itself with another stamp.
    Copy { from: u8, to: u8, stamp: u64 },
    /// Lists a page of at most `max` objects, after a key.
    List { after: Option<u8>, max: u16 },
    /// Asks for the feed of changes after this one.
    Feed { after: u64 },
    /// Lists all versions.
    Versions,
}

/// The condition of a put.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Wanted {
    /// None.
    Always,
    /// `If-None-Match: *`.
    Nothing,
    /// `If-Match` of the entity tag of this content.
    Content { etag: String, content: u64 },
}

/// What a store answers.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Answer {
    /// A write was done, as the change of this number; the object has this entity tag.
    Stored { etag: String, sequence: u64 },
    /// An object was seen.
    Found(Sight),
    /// There is no such object.
    Nothing,
    /// The condition did not hold.
    Refused,
    /// It is deleted.
    Deleted,
    /// A page of a listing, and whether there is more.
    Page { entries: Vec<(u8, Sight)>, more: bool },
    /// A piece of the feed, or versions: the newest of each key first.
    Changes(Vec<Change>),
    /// What no store may answer, in words.
    Wrong(String),
}

/// An object as it was seen.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Sight {
    /// The stamp of the write that made it.
    pub(crate) stamp: u64,
    /// Its entity tag.
    pub(crate) etag: String,
    /// Its size, in bytes.
    pub(crate) size: u64,
    /// The number of its content, where the bytes were read.
    pub(crate) content: Option<u64>,
}

/// By its stamp alone, so that a page can be read.
impl fmt::Debug for Sight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "stamp {}", self.stamp)
    }
}

/// A change as the feed tells it, or as the version that it made is listed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Change {
    pub(crate) sequence: u64,
    pub(crate) key: u8,
    /// The stamp of whoever asked for it.
    pub(crate) stamp: u64,
    /// The entity tag of what the key has now; `None` is a removal or a delete marker.
    pub(crate) etag: Option<String>,
}
