//! What travels as JSON. Wire types hold raw strings; handlers parse them on their first lines.
//!
//! Times are RFC 3339 in UTC, sizes are bytes, checksums are CRC64NVME in Base64 as S3 writes them.

mod access_requests;
mod account;
mod activity;
mod changes;
mod documentation;
mod estate;
mod file_requests;
mod files;
mod folder_usage;
mod grants;
mod house_keys;
mod invitations;
mod jobs;
mod keys;
mod links;
mod mail;
mod passkeys;
mod past;
mod people;
mod places;
mod policies;
mod posture;
mod providers;
mod quotas;
mod reach;
mod scans;
mod search;
mod second_factor;
mod sessions;
mod simulations;
mod tokens;
mod uploads;
mod usage;
mod viewing;
mod watches;

pub(crate) use access_requests::{
    AccessDecisionBody, AccessRequestBody, AccessRequestFormBody, AccessRequestsBody,
    DeclineFormBody, GiveFormBody, OwnAccessRequestsBody, WaitingAccessRequestBody,
};
pub(crate) use account::{
    PasswordBody, PersonBody, RegisteredBody, RegistrationBody, RegistrationFormBody,
    RegistrationStatus, SessionBody, SessionFactorBody, SetupBody, SetupFormBody, SignInBody,
};
pub(crate) use activity::{
    ActivityBody, ActivityByBody, ActivityByKindBody, ActivityEntryBody, ActivityKindBody,
    ActivityQuery, ActivitySourceBody,
};
pub(crate) use changes::{
    AccessDifferenceBody, ActionClassBody, AffectedPersonsBody, AffectedRoleBody, ChangeFormBody,
    ChangeMadeBody, ChangeOrderBody, ChangeProposalBody, ChangeRefusalBody, ChangeSetBody,
    ChangeWarningBody, ChangedGrantSubjectBody, GuardRailBody, GuardRailsBody, OperatorOrderBody,
    PlaceChangeBody, PolicyExpectationBody, PolicyVersionBody, PolicyVersionsBody, UnfitPolicyBody,
    WitnessRequestBody,
};
pub(crate) use documentation::{DocumentationBody, DocumentationFormatBody, DocumentationQuery};
pub(crate) use estate::{
    AuditBody, AuditEntryBody, AuditExportQuery, AuditFilterQuery, AuditFormat, AuditQuery,
    AuditStandingBody, EstateCheckBody, EstateStandingBody, RoleBody, RolePolicyBody, RolesBody,
};
pub(crate) use file_requests::{
    FileRequestBody, FileRequestFormBody, FileRequestsBody, MadeFileRequestBody,
};
pub(crate) use files::{
    ArchiveBody, ArchiveFormBody, CredentialsBody, DeleteBody, DeletedBody, DownloadBody,
    DownloadFormBody, EntriesBody, EntriesQuery, EntryBody, EntryPermissionsBody, ExplainBody,
    ExplainQuery, FailedDeleteBody, FileVersionBody, FileVersionsBody, FolderBody, HeldBody,
    LocationBody, LocationPermissionsBody, LocationsBody, MetadataBody, PermissionBody,
    PropertiesBody, PropertiesQuery, RestoreVersionBody, ScannedBody, TagBody, TagsBody,
    VersionPermissionsBody, VersionsQuery,
};
pub(crate) use folder_usage::{
    FolderUsageBody, FolderUsageQuery, UsageSourceBody, UsedByBody, UsedEntryBody,
};
pub(crate) use grants::{
    EffectiveLocationBody, EffectiveLocationsBody, GrantBody, GrantFormBody, GrantSubjectBody,
    GrantToBody, GrantsBody, GroupBody, GroupFormBody, GroupMemberBody, GroupsBody,
    LocationSourceBody, MadeGroupBody, NamedPersonBody, NewGrantBody,
};
pub(crate) use house_keys::HouseKeysBody;
pub(crate) use invitations::{
    AcceptanceBody, AcceptedBody, DeletedPersonBody, InvitationBody, InvitationFormBody,
    InvitationStandingBody, InvitationsBody, InvitedGrantBody, InvitedGrantFormBody, LinkTokenBody,
    MadeInvitationBody, OfferedInvitationBody, PasswordByLinkBody, PasswordLinkBody, RecoveryQuery,
};
pub(crate) use jobs::{
    CursorQuery, JobBody, JobConflictBody, JobDestinationBody, JobFailureBody, JobFormBody,
    JobKindBody, JobReasonBody, JobStatusBody, JobWithFailuresBody, JobsBody, RetentionBody,
    TrashBody, TrashEntryBody, TrashPermissionsBody, TrashQuery,
};
pub(crate) use keys::{KeyBody, KeyFormBody, KeyStandingBody, KeyUseBody, KeysBody, MadeKeyBody};
pub(crate) use links::{
    LinkRulesBody, LinkRulesFormBody, LinkShowingBody, LinkStateBody, LinksHereBody,
    LinksHereQuery, MadeShareLinkBody, ShareLinkBody, ShareLinkFormBody, ShareLinksBody,
};
pub(crate) use mail::{
    CheckedEmailBody, EmailFormBody, ForgottenBody, MailBody, OwnEmailBody, UnsentMailBody,
    WantedEmailBody,
};
pub(crate) use passkeys::{
    MadePasskeyBody, PasskeyAnswerBody, PasskeyBody, PasskeyFormBody, PasskeyNameBody,
    PasskeyOptionsBody, PasskeysBody,
};
pub(crate) use past::{
    PastBody, PastEntryBody, PastPermissionsBody, PastQuery, PastSinceBody, PastTellsBody,
};
pub(crate) use people::{
    PeopleBody, PersonKeysBody, PersonRecordBody, PersonStatus, PersonTokensBody,
    RegistrationChoice, SettingsBody,
};
pub(crate) use places::{
    KeepRecentBody, PlaceBody, PlaceFormBody, PlaceQuery, PlacesBody, VisitsBody,
};
pub(crate) use policies::{
    PolicyActionBody, PolicyCheckBody, PolicyFindingBody, PolicyFixBody, PolicySeverityBody,
    PolicyTextBody, PolicyWordsBody,
};
pub(crate) use posture::{
    PostureAcceptedBody, PostureAreaBody, PostureBody, PostureCheckBody, PostureEvidenceBody,
    PostureFixBody, PostureLanguage, PostureQuery, PostureStandardBody, PostureStateBody,
};
pub(crate) use providers::{
    IdentitiesBody, IdentityBody, LinkedSignInsBody, ProviderAnswerBody, ProviderArrivalBody,
    ProviderBody, ProviderDepartureBody, ProviderLeaveBody, ProviderOutcomeBody, ProvidersBody,
};
pub(crate) use quotas::{
    OwnQuotaBody, OwnQuotasBody, QuotaBody, QuotaForBody, QuotaFormBody, QuotaUseBody, QuotasBody,
    SetQuotaBody,
};
pub(crate) use reach::{
    ActionReachBody, ExtentBody, PersonActionBody, ReachPartBody, WhatBody, WhatPlaceBody,
    WhatWayBody, WhoBody, WhoGrantBody, WhoLinkBody, WhoPersonBody, WhoQuery, WhoRequestBody,
    WhoRoleBody, WhoSubjectBody, WhoTotalBody,
};
pub(crate) use scans::{FindingBody, FindingStateBody, ScansBody, ServesBody};
pub(crate) use search::{
    SearchIndexBody, SearchKindBody, SearchMatchBody, SearchQuery, SearchResultBody,
    SearchResultsBody,
};
pub(crate) use second_factor::{
    CodeBody, FactorCodeBody, OfferedFactorBody, ProofBody, RecoveryCodesBody, SecondFactorBody,
    SecondFactorNeededBody,
};
pub(crate) use sessions::{EndedSessionsBody, OpenSessionBody, OpenSessionsBody};
pub(crate) use simulations::{
    SimulatedChainBody, SimulatedPolicyBody, SimulatedSaysBody, SimulatedStatementBody,
    SimulationBody, SimulationFormBody, SimulationLanguage, SimulatorBody, WantingBody,
};
pub(crate) use tokens::{
    CredentialsFormBody, MadeTokenBody, TokenActionBody, TokenBody, TokenFormBody,
    TokenStandingBody, TokensBody, UsedTokenBody,
};
pub(crate) use uploads::{
    CompleteBody, CompletedBody, ConflictChoice, PartBody, PartsBody, SignedPartBody,
    SignedPartsBody, UploadBody, UploadFormBody, UploadStatusBody, UploadWithPartsBody,
    UploadsBody, WholeFilesBody,
};
pub(crate) use usage::{
    NarrowingBody, PlaceUseBody, PolicyUseBody, RoleUseBody, StatementEffectBody, StatementUseBody,
    UnusedGrantBody, UseQuery,
};
pub(crate) use viewing::{ViewingBody, ViewingFormBody, ViewingKindBody};
pub(crate) use watches::{
    WatchBody, WatchFormBody, WatchLanguageBody, WatchMailBody, WatchRhythmBody, WatchStateBody,
    WatchesBody,
};
