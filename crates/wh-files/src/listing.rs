//! Listing a folder, one page at a time.
//!
//! Invariant: an empty page is the store's answer. A refusal or a failure is an error, and a page
//! that is not the last says so.

use jiff::Timestamp;
use wh_aws::{AwsError, ListRequest, Listing};
use wh_ledger::ScanState;
use wh_people::Person;
use wh_policy::s3::action;

use crate::scan::Held;
use crate::{Explained, Files, FilesError, FolderPath};

/// How many entries a page has at most; S3 gives no more at once. A first page of fewer would be there a
/// little sooner, and cost folders of up to a thousand a second request.
pub const PAGE_ENTRIES_MAX: u16 = 1_000;

/// Something in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// A folder; its name carries no slash.
    Folder {
        /// The folder's own name.
        name: String,
    },
    /// A file.
    File {
        /// The file's own name.
        name: String,
        /// Bytes.
        size: u64,
        /// When it was written.
        modified: Timestamp,
        /// The store's entity tag, without quotes.
        etag: String,
        /// What the scan for malware has against it: nothing, where it is clean or files are not scanned.
        held: Option<ScanState>,
    },
}

/// What may be done in a folder.
#[derive(Debug, Clone)]
pub struct EntryPermissions {
    /// Read files.
    pub get: Explained,
    /// Write files.
    pub put: Explained,
    /// Delete files.
    pub delete: Explained,
}

/// One page of a folder.
#[derive(Debug, Clone)]
pub struct FolderPage {
    /// Folders first, then files, each in the order of their keys.
    pub entries: Vec<Entry>,
    /// Where the next page begins; `None` on the last.
    pub next: Option<String>,
    /// Whether the store holds anything under the folder, its own marker at least; of a later page, and of
    /// the location itself, always.
    pub there: bool,
    /// What may be done here.
    pub may: EntryPermissions,
}

impl Files {
    /// One page of a folder, from `cursor` on.
    pub async fn list(
        &self,
        person: &Person,
        location: &str,
        folder: &FolderPath,
        cursor: Option<&str>,
    ) -> Result<FolderPage, FilesError> {
        let access = self.access(person, location).await?;
        let prefix = folder.prefix_under(&access.grant.prefix)?;
        let target = access.listing_target(prefix.as_str());
        access.foresee(action::LIST_BUCKET, &target)?;
        let session = access.session().await?;
        let bucket = &access.grant.bucket;
        let request = ListRequest {
            prefix: prefix.clone(),
            delimiter: Some("/".to_owned()),
            token: cursor.map(str::to_owned),
            max: PAGE_ENTRIES_MAX,
        };
        let listing = self.options.objects.list(&session, bucket, request).await;
        let listing = listing.map_err(|error| match error {
            error if cursor.is_some() && is_about_an_argument(&error) => FilesError::Cursor,
            error => access.told(action::LIST_BUCKET, &target, error),
        })?;
        let held = self.held(bucket, &listing).await?;
        let below = access.everything_below(prefix.as_str())?;
        let may = EntryPermissions {
            get: access.says(action::GET_OBJECT, &below)?,
            put: access.says(action::PUT_OBJECT, &below)?,
            delete: access.says(action::DELETE_OBJECT, &below)?,
        };
        let empty = listing.objects.is_empty() && listing.prefixes.is_empty();
        let there = !empty || cursor.is_some() || folder.is_root();
        Ok(FolderPage {
            entries: entries(&listing, prefix.as_str(), &held),
            next: listing.next,
            there,
            may,
        })
    }
}

/// Whether the store takes an argument for none. Of a listing only the cursor is a client's own word.
fn is_about_an_argument(error: &AwsError) -> bool {
    matches!(error, AwsError::Service { service_code, .. } if service_code == "InvalidArgument")
}

/// Folders first, then files; the folder's own marker is not in it.
fn entries(listing: &Listing, prefix: &str, held: &Held) -> Vec<Entry> {
    let name = |key: &str| key.strip_prefix(prefix).unwrap_or(key).to_owned();
    let folders = listing.prefixes.iter().map(|folder| {
        let name = name(folder);
        Entry::Folder { name: name.strip_suffix('/').map_or(name.clone(), str::to_owned) }
    });
    let files = listing.objects.iter().filter(|object| object.key != prefix);
    let files = files.map(|object| Entry::File {
        name: name(&object.key),
        size: object.size,
        modified: object.modified,
        etag: object.etag.clone(),
        held: held.of(object),
    });
    folders.chain(files).collect()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use wh_aws::{ListedObject, Listing};

    use super::{Entry, Held, entries};

    #[test]
    fn a_folder_shows_what_is_in_it_and_not_itself() {
        let object = |key: &str| ListedObject {
            key: key.to_owned(),
            size: 3,
            modified: Timestamp::UNIX_EPOCH,
            etag: "e".to_owned(),
        };
        let objects = vec![object("home/a/"), object("home/a/b.txt")];
        let prefixes = vec!["home/a/c/".to_owned()];
        let listing = Listing { objects, prefixes, next: None };
        let shown = entries(&listing, "home/a/", &Held::default());
        let folder = Entry::Folder { name: "c".to_owned() };
        let file = Entry::File {
            name: "b.txt".to_owned(),
            size: 3,
            modified: Timestamp::UNIX_EPOCH,
            etag: "e".to_owned(),
            held: None,
        };
        assert_eq!(shown, [folder, file]);
    }
}
