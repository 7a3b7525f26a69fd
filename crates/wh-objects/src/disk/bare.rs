//! Whether a store of the newest format was only begun.

use super::folder::{Folder, names_in};

/// What a new store may have before it has its index, drafts among it.
const BARE: [&str; 9] = [
    "lock",
    "format",
    "format.new",
    "index.key",
    "index.key.new",
    "index-2.db",
    "index-2.db.new",
    "incoming",
    "blobs",
];

/// Whether nothing but what a new store begins with is there, and its index is still without a
/// byte. Older versions wrote `format` first, and may have ended then; nothing was ever stored in
/// it. Anything else beside it makes that uncertain, and so does an index that is missing: somebody
/// took it away.
pub(super) fn is_bare(folder: &Folder) -> bool {
    let index = std::fs::metadata(folder.index());
    index.is_ok_and(|index| index.len() == 0)
        && names_in(folder.path())
            .is_ok_and(|names| names.iter().all(|name| BARE.iter().any(|bare| name == bare)))
        && names_in(&folder.path().join("incoming")).is_ok_and(|names| names.is_empty())
        && folder.every_blob().next().is_none()
}
