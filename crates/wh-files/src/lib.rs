//! What a person does with files: locations, listings, uploads, downloads.
//!
//! A location is what a grant looks like to the person who has it. Everything that touches the store
//! goes through that person's role session for that grant, and the store decides. This room's own
//! judgement only explains: it refuses before asking where the answer is certain, and it tells why
//! the store refused where it was not.
//!
//! Invariant: nothing is asked of the store without a [`wh_people::Person`] and one of their grants,
//! and an upload is written down before anything is asked of the store.

mod access;
mod activity;
mod archives;
mod asking;
mod changes;
mod credentials;
mod delete;
mod downloads;
mod error;
mod explain;
mod folder_usage;
mod folders;
mod foresight;
mod jobs;
mod keys;
mod links;
mod listing;
mod locations;
mod options;
mod past;
mod path;
mod places;
mod properties;
mod quotas;
mod reach;
mod requests;
mod scan;
mod scope;
mod search;
mod simulate;
mod taken;
mod under_way;
mod uploads;
mod usage;
mod versions;
mod watches;
mod worked_out;
mod worst;

pub use activity::{
    ACTIVITY_MARK_PORTAL, ACTIVITY_MARK_STORE, ACTIVITY_PAGE_MAX, Activity, ActivityActor,
    ActivityEntry, ActivityQuestion, ToldBy,
};
pub use archives::{ARCHIVE_FILES_MAX, ARCHIVE_LIFE, ARCHIVE_PATHS_MAX, Archive, ArchiveBytes};
pub use asking::SmallestGrant;
pub use changes::{
    ADMINISTERS, Affected, ChangeSet, ChangeWarning, PlaceChange, ProposedChange, RoleAffected,
    Scales,
};
pub use credentials::ToolCredentials;
pub use delete::{DELETE_OBJECTS_MAX, DELETE_PATHS_MAX, Deletion, FailedDeletion};
pub use downloads::{Download, LINK_LIFE, Showing, is_shown};
pub use error::FilesError;
pub use explain::{Decision, Explained};
pub use folder_usage::{
    FOLDER_USAGE_ENTRIES_MAX, FolderUsage, UsageSource, UsedBy, UsedEntry, UsedSum,
};
pub use jobs::{
    Destination, JOB_OBJECTS_MAX, JOB_PATHS_MAX, JOBS_OPEN_MAX, Job, JobConflict, JobError,
    JobFailure, JobKind, JobStatus, Jobs, NewJob, PastOrder, Retention, Trash, TrashEntry,
    TrashPermissions,
};
pub use keys::{
    KeyActor, KeyError, KeyForm, KeyOptions, MadeKey, MintKey, MintedSecret, NewKey, OwnKey,
    issue_key, key_record,
};
pub use links::{
    CountingLink, FoundLink, LINK_DAYS_GIVEN, LINK_DAYS_MAX, LINK_NOTE_CHARS_MAX, LINKS_MAX,
    LINKS_PAGE_MAX, LinkError, LinkRecord, LinkRefusal, LinkRules, LinkState, MadeLink, NewLink,
    OpenedLink, SharedFile, StandingLink, counting_links,
};
pub use listing::{Entry, EntryPermissions, FolderPage, PAGE_ENTRIES_MAX};
pub use locations::{Location, LocationPermissions};
pub use options::{Encryption, Files, FilesOptions, RoleView, RoleViews};
pub use past::{Past, PastEntry, PastKind, PastPermissions, PastTells, Since, moment};
pub use path::{EntryPath, FilePath, FolderPath, PathError};
pub use places::{FAVOURITES_MAX, Place, Places, RECENT_MAX};
pub use properties::{METADATA_BYTES_MAX, NewMetadata, Properties, TAGS_MAX};
pub use quotas::{
    FullMeasures, FullQuota, NewQuota, OwnQuota, QUOTA_USES_TOLD_MAX, QuotaError, QuotaOwner,
    QuotaRecord, QuotaUse,
};
pub use reach::{
    ActionReach, Census, Laws, REACH_ACTIONS, ReachPart, ReachPlace, ReachedBy, What, WhatPlace,
    WhatWay, Who, WhoGrant, WhoLink, WhoPerson, WhoQuestion, WhoRequest, WhoRole, what_is_reached,
    who_reaches,
};
pub use requests::{
    CountingRequest, FileToSend, FoundRequest, MadeRequest, NewRequest, NewcomerForm, NotEntered,
    OpenedRequest, REQUEST_DAYS_GIVEN, REQUEST_DAYS_MAX, REQUEST_MESSAGE_CHARS_MAX,
    REQUEST_TITLE_CHARS_MAX, REQUESTS_MAX, REQUESTS_PAGE_MAX, RequestError, RequestLimits,
    RequestRecord, RequestRefusal, SENDER_NAME_CHARS_MAX, SentUpload, StandingRequest,
    counting_requests, sent_name,
};
pub use scan::{Finding, Found, Scanned};
pub use search::{
    IndexFull, IndexedName, QUERY_CHARS_MAX, QUERY_WORDS_MAX, SEARCH_PAGE_MAX, SEARCHES_AT_ONCE,
    Search, SearchHit, SearchIndex, SearchKind, SearchPage, SearchStanding,
};
pub use simulate::{Asker, Simulated, SimulatedPolicy, SimulatedRequest, SimulatedStatement};
pub use taken::TakenSession;
pub use uploads::parts::{Cut, FILE_SIZE_MAX, PART_SIZE_MIN, PARTS_MAX, cut, size_of_part};
pub use uploads::{
    Completion, Conflict, NewUpload, PART_LIFE, PARTS_PASSED_MAX, PARTS_SIGNED_MAX, PartWanted,
    SENT_AGE_MAX, SENT_STALE_AFTER, SignedPart, StoredPart, UNSENT_STALE_AFTER, UPLOAD_STALE_AFTER,
    Upload, UploadError, UploadStatus, WholeWanted,
};
pub use usage::{PolicyUse, RoleUse, USE_DAYS_MAX, UnusedGrant, UseQuestion, role_use};
pub use versions::{FileVersion, FileVersions, VERSIONS_PAGE_MAX, VersionPermissions};
pub use watches::{NewWatch, WATCHES_MAX, Watch, WatchError, WatchMail, WatchState};
pub use wh_ledger::{ActivityKind, LinkShowing, PlaceKind, WatchLanguage, WatchRhythm};
pub use wh_ledger::{QuotaAmount, QuotaLimits, QuotaPlace, QuotaRow, QuotaSubject};
pub use wh_policy::analysis::least::{Narrowing, StatementUse};
pub use worked_out::{Patience, worked_out, worked_out_within};
