//! Keeps rows and decides nothing: persons, sessions, roles, grants, machines, uploads, audit.
//!
//! One [`Ledger`] holds one database: SQLite in WAL with `synchronous = FULL`, one connection that
//! writes and several that read; or a schema in a PostgreSQL, which several nodes share. What a method
//! returned `Ok` for is on the disk.
//!
//! Invariant: every change of several rows is one transaction, those transactions come one after
//! another, and SQL is spoken nowhere else in the house.

mod access;
mod access_requests;
mod activity;
mod api_tokens;
mod archives;
mod audit;
mod email_checks;
mod error;
mod estates;
mod file_requests;
mod follow;
mod grants;
mod iam;
mod identities;
mod invitations;
mod jobs;
mod known_devices;
mod machines;
mod mails;
mod open;
mod passkeys;
mod password_links;
mod person_groups;
mod person_keys;
mod persons;
mod places;
mod policy_versions;
mod postgres;
mod posture;
mod quotas;
mod revocations;
mod role_uses;
mod row_id;
mod scans;
mod second_factors;
mod sessions;
mod settings;
mod setup;
mod share_links;
mod sign_ins;
mod snapshot;
mod sql;
mod uploads;
mod versions;
mod viewings;
mod watches;
mod webhooks;

pub use access::{AccessRevision, AccessRows};
pub use access_requests::{AccessDecision, AccessRequestRow, Asked};
pub use activity::{
    ActivityBy, ActivityFilter, ActivityKind, ActivityMark, ActivityPlace, ActivityRow,
};
pub use api_tokens::{ApiTokenRow, ApiTokenUse, TokenAction};
pub use archives::ArchiveRow;
pub use audit::{
    AUDIT_REFUSALS_KEPT, AuditChain, AuditCheck, AuditEntry, AuditEntryId, AuditFault,
    AuditFaultKind, AuditFilter, AuditKind, AuditMark, AuditOutcome, AuditReach, AuditRecord,
    AuditWriter, Durability,
};
pub use email_checks::{Admits, EmailCheckRow, EmailWanted};
pub use error::LedgerError;
pub use estates::{EstateCheck, EstateVersion};
pub use file_requests::{
    FileRequestFilter, FileRequestRow, Promised, Room, SenderRow, SentRow, Untold,
};
pub use grants::{GrantChange, GrantRow, GrantSubject, Holding};
pub use iam::{
    AccessKeyRow, AccessKeyStatus, AccessKeyUse, GroupRow, IamRows, IamWrite, InstanceProfileRow,
    OidcProviderRow, PoliciesRow, PolicyRow, PolicyVersionRow, RoleRow, UserRow,
};
pub use identities::{
    AddedLinks, GroupsChanged, IdentityEntry, IdentityLinked, IdentityRow, IdentityUse, Vouched,
    WayTaken,
};
pub use invitations::{Guest, InvitationRow, InvitedGrant};
pub use jobs::{
    Held, JobConflict, JobItem, JobItemStatus, JobKind, JobOrder, JobRow, JobStatus, Lease,
    NewJobItem, PastOrder, SettledItem,
};
pub use known_devices::CountedBy;
pub use machines::{
    MACHINE_KEY_BYTES, MachineEnrolment, MachineInvitation, MachineKey, MachineRow, MachineUse,
};
pub use mails::{MailLimit, MailRecord, MailRow, MailState, MailTo, TakenMail};
pub use open::Ledger;
pub use passkeys::{CeremonyKind, CeremonyRow, NewPasskey, PasskeyKept, PasskeyRow, PasskeyUse};
pub use password_links::NewPasswordLink;
pub use person_groups::{MembershipRow, PersonGroupRow};
pub use person_keys::{PersonKeyRefusal, PersonKeyRow, PersonKeyState, PersonKeyUse};
pub use persons::{PasswordPhc, PersonChange, PersonRow, PersonStatus, Programs};
pub use places::{PlaceBounds, PlaceKind, PlaceRow};
pub use policy_versions::PolicyVersion;
pub use postgres::{HouseLock, PostgresOptions, PostgresOptionsError};
pub use posture::LastBackup;
pub use quotas::{
    QuotaAmount, QuotaCounterRow, QuotaFull, QuotaLimits, QuotaPlace, QuotaPlaces, QuotaReserve,
    QuotaRow, QuotaStored, QuotaSubject, WantedCounter,
};
pub use role_uses::{
    ROLE_USES_PAGE, RolePlaceUse, RoleUseKey, RoleUseTimes, RoleUserPlace, RoleUsers, RoleUsesKept,
};
pub use row_id::RowId;
pub use scans::{
    NewScan, SCANS_LISTED_MAX, ScanRow, ScanSettled, ScanState, ScanTarget, ScansCounted,
};
pub use second_factors::{FactorUse, Factors, NewSecondFactor, SecondFactorRow};
pub use sessions::{ProofKind, Renewal, SESSION_ID_CHARS, SessionRow};
pub use setup::{FirstPerson, SetupOutcome};
pub use share_links::{Guarded, LinkShowing, ShareLinkFilter, ShareLinkRow};
pub use sign_ins::PendingSignInRow;
pub use uploads::{Stale, UploadCondition, UploadRow, UploadStatus, UploadedObject};
pub use viewings::{ViewedAs, ViewingRow};
pub use watches::{WatchLanguage, WatchNews, WatchRhythm, WatchRow};
pub use webhooks::WebhookState;

#[cfg(test)]
mod tests;
