//! How the commands of an operator reach the server that has the store open: a Unix socket in the
//! data folder, which only the folder's owner can enter.
//!
//! A request is one line of JSON; answers are lines of JSON, the last of them what it came to.

mod ask;
mod hands;

pub(crate) use ask::{ask, unheard};
pub(crate) use hands::{Hands, serve};

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::net::UnixListener;

use crate::backup::Place;
use crate::keys::Only;
use crate::store::{EventsRequest, QuotaRequest};

/// The longest line, in bytes.
const LINE_BYTES_MAX: u64 = 1 << 20;

/// How much is told on the way before whoever asked has heard some of it.
pub(crate) const PROGRESS_MAX: usize = 64;

/// What is asked for.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Request {
    /// A backup to a place.
    Backup(Place),
    /// A pass of the scrub.
    Scrub,
    /// What the scrub has done and found.
    ScrubStatus,
    /// What the lifecycle rules would remove now.
    Lifecycle,
    /// Changes of objects; each is told on its way.
    Events(EventsRequest),
    /// To take over what an operator took away in the ledger.
    Standing,
    /// To rotate the house's own keys, all or only some.
    RotateKeys(Option<Only>),
    /// To make the index of names anew, from the store.
    RebuildSearch,
    /// How much buckets hold, and how much they may, after a change of that.
    Quota(QuotaRequest),
}

/// What is answered.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Answer {
    /// It goes on.
    Progress(Value),
    /// It is done.
    Done(Value),
    /// It failed, for this reason.
    Failed(String),
}

fn path(data: &Path) -> PathBuf {
    data.join("control.sock")
}

/// Listens. The store is open, so whatever lies in the socket's place is of a process that is gone.
pub(crate) fn listen(data: &Path) -> io::Result<UnixListener> {
    let path = path(data);
    remove(data);
    let listener = UnixListener::bind(&path)?;
    fs::set_permissions(&path, Permissions::from_mode(0o600))?;
    Ok(listener)
}

/// Takes the socket away.
pub(crate) fn remove(data: &Path) {
    match fs::remove_file(path(data)) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => tracing::warn!(%error, "the control socket was not removed"),
    }
}
