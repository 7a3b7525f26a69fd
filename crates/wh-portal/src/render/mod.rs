//! From what the rooms hand out to what travels as JSON.

pub(crate) mod activity;
mod changes;
pub(crate) mod file_requests;
pub(crate) mod folder_usage;
pub(crate) mod jobs;
pub(crate) mod links;
pub(crate) mod past;
pub(crate) mod quotas;
pub(crate) mod reach;
pub(crate) mod search;
pub(crate) mod usage;
pub(crate) mod watches;

use wh_files::{
    Completion, Conflict, Deletion, Entry, Explained, FileVersions, Finding, FolderPage, Found,
    Location, MadeKey, OwnKey, Places, Properties, Scanned, SignedPart, StoredPart,
    ToolCredentials, Upload, UploadStatus,
};
use wh_ledger::{
    AccessDecision, AccessRequestRow, AuditEntry, PersonKeyRefusal, PlaceRow, ScanState,
};
use wh_names::{ScanVerdict, Secret, Serving};
use wh_people::{
    AccessRequestRecord, Device, GrantRecord, GrantSubject, GroupRecord, HeldGrant, IdentityRecord,
    InvitationRecord, InvitationStanding, NamedPerson, Person, PersonRecord, PersonStatus,
    ProviderName, RegistrationMode, Scope, Seen, SessionRecord, TokenAction, TokenRecord,
    TokenStanding, Via,
};

pub(crate) use changes::{broken_rail, change_set};

use crate::problem::Problem;
use crate::state::Portal;
use crate::wire;
use crate::wire::{
    AccessDecisionBody, AccessRequestBody, AuditEntryBody, CompletedBody, ConflictChoice,
    CredentialsBody, DeletedBody, EffectiveLocationBody, EntriesBody, EntryBody,
    EntryPermissionsBody, FailedDeleteBody, FileVersionBody, FileVersionsBody, FindingBody,
    FindingStateBody, GrantBody, GrantSubjectBody, GroupBody, GroupMemberBody, HeldBody,
    IdentityBody, InvitationBody, InvitationStandingBody, InvitedGrantBody, KeyBody,
    KeyStandingBody, KeyUseBody, LocationBody, LocationPermissionsBody, LocationSourceBody,
    MadeKeyBody, NamedPersonBody, OpenSessionBody, OpenSessionsBody, PartBody, PermissionBody,
    PersonRecordBody, PlaceBody, PlacesBody, PropertiesBody, ProviderBody, RegistrationChoice,
    ScannedBody, ScansBody, ServesBody, SignedPartBody, TagBody, TokenActionBody, TokenBody,
    TokenStandingBody, UploadBody, UploadStatusBody, UploadWithPartsBody, UsedTokenBody,
    VersionPermissionsBody, ViewingBody, WaitingAccessRequestBody,
};

pub(crate) fn provider(provider: ProviderName) -> ProviderBody {
    ProviderBody { id: provider.id, name: provider.name }
}

pub(crate) fn identity(identity: IdentityRecord) -> IdentityBody {
    IdentityBody {
        id: identity.id,
        provider: identity.provider,
        usable: identity.usable,
        label: identity.label,
        linked: identity.linked.to_string(),
        used: identity.used.map(|at| at.to_string()),
        added: identity.added,
    }
}

fn permission(why: Explained) -> PermissionBody {
    PermissionBody { allowed: why.allowed(), explanation: why.into() }
}

pub(crate) fn location(location: Location) -> LocationBody {
    let Location { grant, via: by, may } = location;
    LocationBody {
        id: grant.id.as_str().to_owned(),
        title: grant.title,
        bucket: grant.bucket.as_str().to_owned(),
        prefix: grant.prefix.as_str().to_owned(),
        role: grant.role.as_str().to_owned(),
        by: via(by),
        until: grant.ends_at.map(|end| end.to_string()),
        may: LocationPermissionsBody {
            list: permission(may.list),
            get: permission(may.get),
            put: permission(may.put),
            delete: permission(may.delete),
        },
    }
}

pub(crate) fn page(path: String, page: FolderPage) -> EntriesBody {
    EntriesBody {
        path,
        entries: page.entries.into_iter().map(entry).collect(),
        next: page.next,
        there: page.there,
        may: EntryPermissionsBody {
            get: permission(page.may.get),
            put: permission(page.may.put),
            delete: permission(page.may.delete),
        },
    }
}

pub(crate) fn places(places: Places) -> PlacesBody {
    let all = |rows: Vec<PlaceRow>| rows.into_iter().map(place).collect();
    PlacesBody {
        favourites: all(places.favourites),
        recent: all(places.recent),
        keeps_recent: places.keeps_recent,
    }
}

fn place(row: PlaceRow) -> PlaceBody {
    PlaceBody { location: row.grant.to_string(), path: row.path, at: row.at.to_string() }
}

pub(crate) fn properties(of: Properties) -> PropertiesBody {
    let tags = |tags: Vec<(String, String)>| {
        tags.into_iter().map(|(key, value)| TagBody { key, value }).collect()
    };
    PropertiesBody {
        etag: of.etag,
        content_type: of.content_type,
        content_encoding: of.content_encoding,
        cache_control: of.carried.cache_control,
        content_disposition: of.carried.content_disposition,
        content_language: of.carried.content_language,
        checksum: of.crc64nvme,
        metadata: of.carried.metadata,
        tags: of.tags.map(tags),
        scan: of.scanned.map(scanned),
        may_read_tags: permission(of.may_read_tags),
        may_write_tags: permission(of.may_write_tags),
        may_write_metadata: permission(of.may_write_metadata),
    }
}

pub(crate) fn versions(of: FileVersions) -> FileVersionsBody {
    let versions = of.versions.into_iter().map(|one| FileVersionBody {
        version: one.version,
        current: one.current,
        deleted: one.deleted,
        modified: one.modified.to_string(),
        size: one.size,
        etag: one.etag,
    });
    FileVersionsBody {
        versions: versions.collect(),
        next: of.next,
        may: VersionPermissionsBody {
            read: permission(of.may.read),
            restore: permission(of.may.restore),
        },
    }
}

fn scanned(scanned: Scanned) -> ScannedBody {
    match scanned {
        Scanned::NotYet => ScannedBody::Waiting,
        Scanned::Unknown => ScannedBody::Unknown,
        Scanned::Said(ScanVerdict::Clean) => ScannedBody::Clean,
        Scanned::Said(ScanVerdict::Infected) => ScannedBody::Infected,
        Scanned::Said(ScanVerdict::Unscanned) => ScannedBody::Unscanned,
        Scanned::Said(ScanVerdict::Released) => ScannedBody::Released,
    }
}

/// A version that is being released is held back until it is.
fn scan_state(state: ScanState) -> HeldBody {
    match state {
        ScanState::Waiting => HeldBody::Waiting,
        ScanState::Infected | ScanState::Releasing => HeldBody::Infected,
        ScanState::Unscanned => HeldBody::Unscanned,
    }
}

pub(crate) fn found(found: Found) -> ScansBody {
    let finding = |finding: Finding| FindingBody {
        id: finding.id.as_str().to_owned(),
        bucket: finding.bucket,
        key: finding.key,
        version: finding.version,
        state: match finding.state {
            ScanState::Waiting | ScanState::Infected => FindingStateBody::Infected,
            ScanState::Unscanned => FindingStateBody::Unscanned,
            ScanState::Releasing => FindingStateBody::Releasing,
        },
        finding: finding.finding,
        person: finding.uid.map(|uid| uid.as_str().to_owned()),
        at: finding.at.map(|at| at.to_string()),
    };
    ScansBody {
        serves: match found.serving {
            None => ServesBody::NotScanned,
            Some(Serving::AllButInfected) => ServesBody::UnscannedToo,
            Some(Serving::OnlyClean) => ServesBody::OnlyClean,
        },
        waiting: found.counted.waiting,
        failing: found.counted.failing,
        findings: found.findings.into_iter().map(finding).collect(),
    }
}

fn entry(entry: Entry) -> EntryBody {
    match entry {
        Entry::Folder { name } => EntryBody::Folder { name },
        Entry::File { name, size, modified, etag, held } => EntryBody::File {
            name,
            size,
            modified: modified.to_string(),
            etag,
            scan: held.map(scan_state),
        },
    }
}

pub(crate) fn own_access_request(request: AccessRequestRow) -> AccessRequestBody {
    let (decision, answer) = match request.decision {
        AccessDecision::Open => (AccessDecisionBody::Open, None),
        AccessDecision::Given(_grant) => (AccessDecisionBody::Given, None),
        AccessDecision::Declined(answer) => (AccessDecisionBody::Declined, answer),
    };
    AccessRequestBody {
        id: request.id.as_str().to_owned(),
        bucket: request.bucket.as_str().to_owned(),
        prefix: request.prefix.as_str().to_owned(),
        action: request.action,
        role: request.role.as_str().to_owned(),
        note: request.note,
        asked: request.created_at.to_string(),
        decision,
        answer,
    }
}

pub(crate) fn access_request(record: AccessRequestRecord) -> WaitingAccessRequestBody {
    WaitingAccessRequestBody {
        person: named(record.person),
        request: own_access_request(record.request),
    }
}

pub(crate) fn deletion(deletion: Deletion) -> DeletedBody {
    let failed = deletion.failed.into_iter().map(|failed| FailedDeleteBody {
        path: failed.path.as_str().to_owned(),
        problem: Problem::from(failed.error),
    });
    DeletedBody { deleted: deletion.deleted, failed: failed.collect() }
}

pub(crate) fn credentials(portal: &Portal, given: ToolCredentials) -> CredentialsBody {
    let ToolCredentials { credentials, expires, grant } = given;
    let token = credentials.session_token.as_ref().map(Secret::expose);
    CredentialsBody {
        access_key_id: credentials.access_key_id.as_str().to_owned(),
        secret_access_key: credentials.secret.expose().to_owned(),
        session_token: token.unwrap_or_default().to_owned(),
        expiration: expires.to_string(),
        endpoint: portal.tool_endpoint().map(str::to_owned),
        region: portal.region().as_str().to_owned(),
        bucket: grant.bucket.as_str().to_owned(),
        prefix: grant.prefix.as_str().to_owned(),
    }
}

pub(crate) fn key(key: OwnKey) -> KeyBody {
    let used = key.used.map(|used| KeyUseBody { at: used.at.to_string(), ip: used.ip });
    KeyBody {
        id: key.row.id.as_str().to_owned(),
        name: key.row.name,
        standing: match key.standing {
            Ok(()) => KeyStandingBody::Active,
            Err(PersonKeyRefusal::Expired) => KeyStandingBody::Expired,
            Err(PersonKeyRefusal::GrantGone | PersonKeyRefusal::RoleGone) => {
                KeyStandingBody::GrantGone
            }
            Err(PersonKeyRefusal::GrantEnded) => KeyStandingBody::GrantEnded,
            // Whoever is shut out sees nothing at all, and has no key that counts.
            Err(PersonKeyRefusal::Revoked | PersonKeyRefusal::PersonNotActive) => {
                KeyStandingBody::Revoked
            }
        },
        location: key.grant.map(|grant| grant.id.as_str().to_owned()),
        actions: key.row.actions,
        created: key.row.created_at.to_string(),
        expires: key.row.expires_at.to_string(),
        used,
    }
}

pub(crate) fn made_key(portal: &Portal, made: MadeKey) -> MadeKeyBody {
    MadeKeyBody {
        key: key(made.key),
        secret_access_key: made.secret.expose().to_owned(),
        endpoint: portal.tool_endpoint().map(str::to_owned),
        region: portal.region().as_str().to_owned(),
        bucket: made.grant.bucket.as_str().to_owned(),
        prefix: made.grant.prefix.as_str().to_owned(),
    }
}

pub(crate) fn token(token: TokenRecord) -> TokenBody {
    let TokenRecord { row, standing } = token;
    TokenBody {
        id: row.id.as_str().to_owned(),
        name: row.name,
        standing: match standing {
            TokenStanding::Active => TokenStandingBody::Active,
            TokenStanding::Revoked => TokenStandingBody::Revoked,
            TokenStanding::Expired => TokenStandingBody::Expired,
        },
        locations: row.grants.iter().map(|grant| grant.as_str().to_owned()).collect(),
        actions: row.actions.into_iter().map(Into::into).collect(),
        created: row.created_at.to_string(),
        expires: row.expires_at.to_string(),
        used: row.used.map(|used| KeyUseBody { at: used.at.to_string(), ip: used.ip }),
    }
}

pub(crate) fn used_token(scope: &Scope) -> UsedTokenBody {
    UsedTokenBody {
        id: scope.token().id.as_str().to_owned(),
        name: scope.token().name.clone(),
        actions: scope.actions().iter().copied().map(Into::into).collect(),
    }
}

pub(crate) fn upload(upload: Upload) -> UploadBody {
    UploadBody {
        id: upload.id.as_str().to_owned(),
        location: upload.location.as_str().to_owned(),
        path: upload.path,
        size: upload.size,
        part_size: upload.part_size,
        part_count: upload.part_count,
        algorithm: "crc64nvme".to_owned(),
        status: match upload.status {
            UploadStatus::Begun => UploadStatusBody::Begun,
            UploadStatus::Transferring => UploadStatusBody::Transferring,
            UploadStatus::Completed => UploadStatusBody::Completed,
            UploadStatus::Aborted => UploadStatusBody::Aborted,
        },
        created: upload.created.to_string(),
        last_modified: upload.last_modified_ms,
    }
}

pub(crate) fn upload_with_parts(of: Upload, parts: Vec<StoredPart>) -> UploadWithPartsBody {
    let parts = parts.into_iter();
    let parts = parts.map(|part| PartBody { n: part.number, size: part.size, crc: part.crc });
    UploadWithPartsBody { upload: upload(of), parts: parts.collect() }
}

pub(crate) fn signed_part(part: SignedPart) -> SignedPartBody {
    SignedPartBody { n: part.number, url: part.url, headers: part.headers }
}

pub(crate) fn completion(done: Completion) -> CompletedBody {
    // A person's own upload has one: they may look at what they write.
    let etag = done.etag.unwrap_or_default();
    CompletedBody { path: done.path, size: done.size, etag, checksum: done.crc }
}

pub(crate) fn viewing(seen: &Seen) -> ViewingBody {
    ViewingBody {
        name: seen.name.clone(),
        role: seen.grant.is_some(),
        by: seen.by.name.clone().unwrap_or_default(),
        ends: seen.ends.to_string(),
        over: seen.over,
    }
}

pub(crate) fn person_status(status: PersonStatus) -> wire::PersonStatus {
    match status {
        PersonStatus::Pending => wire::PersonStatus::Pending,
        PersonStatus::Active => wire::PersonStatus::Active,
        PersonStatus::Disabled => wire::PersonStatus::Disabled,
    }
}

pub(crate) fn person_record(person: PersonRecord) -> PersonRecordBody {
    PersonRecordBody {
        uid: person.uid.as_str().to_owned(),
        name: person.name,
        email: person.email,
        email_checked: person.email_checked,
        status: person_status(person.status),
        created: person.created_at.to_string(),
        administrator: person.administrator,
        second_factor: person.second_factor,
    }
}

/// The sessions of somebody; `here` says which one is asking.
pub(crate) fn sessions(sessions: Vec<SessionRecord>, here: &Person) -> OpenSessionsBody {
    let body = |session: SessionRecord| {
        let device = Device::of(session.user_agent.as_deref().unwrap_or_default());
        OpenSessionBody {
            current: session.id == here.session_id(),
            id: session.id,
            program: device.program,
            system: device.system.map(str::to_owned),
            ip: session.ip,
            began: session.began.to_string(),
            seen: session.seen.to_string(),
            expires: session.expires.to_string(),
        }
    };
    OpenSessionsBody { sessions: sessions.into_iter().map(body).collect() }
}

pub(crate) fn grant(record: GrantRecord) -> GrantBody {
    let GrantRecord { grant, subject_name: name, given_by, counts } = record;
    GrantBody {
        id: grant.id.as_str().to_owned(),
        subject: match grant.subject {
            GrantSubject::Person(uid) => {
                GrantSubjectBody::Person { uid: uid.as_str().to_owned(), name }
            }
            GrantSubject::Group(id) => GrantSubjectBody::Group { id: id.as_str().to_owned(), name },
            GrantSubject::Everyone => GrantSubjectBody::Everyone,
        },
        role: grant.role.as_str().to_owned(),
        bucket: grant.bucket.as_str().to_owned(),
        prefix: grant.prefix.as_str().to_owned(),
        title: grant.title,
        created: grant.created_at.to_string(),
        given_by: given_by.map(named),
        ends: grant.ends_at.map(|end| end.to_string()),
        ended: !counts,
    }
}

fn named(person: NamedPerson) -> NamedPersonBody {
    NamedPersonBody { uid: person.uid.as_str().to_owned(), name: person.name }
}

fn via(via: Via) -> LocationSourceBody {
    match via {
        Via::Own => LocationSourceBody::Own,
        Via::Group { id, name } => LocationSourceBody::Group { id: id.as_str().to_owned(), name },
        Via::Everyone => LocationSourceBody::Everyone,
    }
}

pub(crate) fn effective_location(held: HeldGrant) -> EffectiveLocationBody {
    let HeldGrant { grant, via: by } = held;
    EffectiveLocationBody {
        id: grant.id.as_str().to_owned(),
        title: grant.title,
        bucket: grant.bucket.as_str().to_owned(),
        prefix: grant.prefix.as_str().to_owned(),
        role: grant.role.as_str().to_owned(),
        by: via(by),
        until: grant.ends_at.map(|end| end.to_string()),
    }
}

pub(crate) fn group(group: GroupRecord) -> GroupBody {
    let members = group.members.into_iter().map(|member| GroupMemberBody {
        uid: member.person.uid.as_str().to_owned(),
        name: member.person.name,
        added: member.added_at.to_string(),
        added_by: member.added_by.map(named),
    });
    GroupBody {
        members: members.collect(),
        id: group.id.as_str().to_owned(),
        name: group.name,
        created: group.created_at.to_string(),
        created_by: group.created_by.map(named),
    }
}

pub(crate) fn invitation(record: InvitationRecord) -> InvitationBody {
    let InvitationRecord { row, standing, groups, made_by } = record;
    let grants = row.grants.into_iter().map(|grant| InvitedGrantBody {
        role: grant.role.as_str().to_owned(),
        prefix: grant.prefix.as_str().to_owned(),
        title: grant.title,
        ends: grant.ends_at.map(|end| end.to_string()),
    });
    InvitationBody {
        id: row.id.as_str().to_owned(),
        standing: match standing {
            InvitationStanding::Open => InvitationStandingBody::Open,
            InvitationStanding::Spent(NamedPerson { uid, name }) => {
                InvitationStandingBody::Spent { uid: uid.as_str().to_owned(), name }
            }
            InvitationStanding::Revoked => InvitationStandingBody::Revoked,
            InvitationStanding::Expired => InvitationStandingBody::Expired,
        },
        name: row.name,
        email: row.email,
        groups: groups.into_iter().map(|group| group.name).collect(),
        grants: grants.collect(),
        created: row.created_at.to_string(),
        made_by: made_by.map(named),
        expires: row.expires_at.to_string(),
    }
}

pub(crate) fn audit_entry(entry: AuditEntry) -> AuditEntryBody {
    let came_of_it = entry.came_of_it().to_owned();
    let AuditEntry { seq, record, outcome } = entry;
    let details = [record.detail, outcome.and_then(|outcome| outcome.detail)];
    let detail = details.into_iter().flatten().collect::<Vec<_>>().join(": ");
    let told = !detail.is_empty();
    AuditEntryBody {
        seq,
        at: record.at.to_string(),
        request_id: record.request_id,
        principal: record.principal,
        source_identity: record.source_identity,
        source_ip: record.source_ip,
        operation: record.operation,
        action: record.action,
        resource: record.resource,
        outcome: came_of_it,
        detail: told.then_some(detail),
    }
}

impl From<RegistrationChoice> for RegistrationMode {
    fn from(choice: RegistrationChoice) -> Self {
        match choice {
            RegistrationChoice::Open => Self::Open,
            RegistrationChoice::Approval => Self::Approval,
            RegistrationChoice::Domains => Self::Domains,
            RegistrationChoice::Invitation => Self::Invitation,
            RegistrationChoice::Closed => Self::Closed,
        }
    }
}

impl From<TokenActionBody> for TokenAction {
    fn from(action: TokenActionBody) -> Self {
        match action {
            TokenActionBody::List => Self::List,
            TokenActionBody::Read => Self::Read,
            TokenActionBody::Write => Self::Write,
            TokenActionBody::Delete => Self::Delete,
        }
    }
}

impl From<TokenAction> for TokenActionBody {
    fn from(action: TokenAction) -> Self {
        match action {
            TokenAction::List => Self::List,
            TokenAction::Read => Self::Read,
            TokenAction::Write => Self::Write,
            TokenAction::Delete => Self::Delete,
        }
    }
}

impl From<RegistrationMode> for RegistrationChoice {
    fn from(mode: RegistrationMode) -> Self {
        match mode {
            RegistrationMode::Open => Self::Open,
            RegistrationMode::Approval => Self::Approval,
            RegistrationMode::Domains => Self::Domains,
            RegistrationMode::Invitation => Self::Invitation,
            RegistrationMode::Closed => Self::Closed,
        }
    }
}

impl From<ConflictChoice> for Conflict {
    fn from(choice: ConflictChoice) -> Self {
        match choice {
            ConflictChoice::Fail => Self::Fail,
            ConflictChoice::FailAtEnd => Self::FailAtEnd,
            ConflictChoice::Replace => Self::Replace,
        }
    }
}
