//! Turns an estate into a plan, and a reviewed plan into effects over a cloud port; documents it.
//!
//! An [`Estate`] says what should be: one bucket, its settings, and the roles with their trust,
//! permissions and boundary. [`plan`] reads back what is and lists the writes that are missing;
//! [`apply`] makes them in the order that works; [`document`] puts the estate into plain words.
//! All three read the same values, so that what is documented is what is applied.
//!
//! Invariant: only [`plan`] mints a [`Plan`], and a plan for a cloud that already is as the estate
//! says is empty: a second [`apply`] writes nothing.

mod apply;
mod bucket;
mod canonical;
mod cloud;
mod description;
mod destroy;
mod document;
mod estate;
mod export;
mod key;
mod meaning;
mod memory;
mod plan;
pub mod posture;
mod provisioner;
mod rails;
mod roles;
mod shown;
mod statements;
mod step;
mod trail;
mod verify;
mod words;

pub use apply::{ApplyError, apply, apply_telling};
pub use bucket::{
    BucketSetting, BucketSettingKind, BucketSpec, CorsRule, Encryption, Found, Holds,
    INSTALLATION_TAG, LifecycleRule, Logging, Shared, Unwanted, is_regional,
};
pub use canonical::returned_document;
pub use cloud::{
    Cloud, CloudError, InstanceProfileState, KeyState, ManagedPolicyState, Owned, RoleState,
    TrailState,
};
pub use description::{
    AdminScope, BucketDescription, Description, DescriptionError, DescriptionFault, KeyDescription,
    LockMode, LogsDescription, ObjectLock, PortalHost, Retention, SessionTags, Settings, Target,
    TlsVersion, TrailDescription,
};
pub use destroy::{Destruction, destroy};
pub use document::{
    DocumentFormat, HeldPlace, HeldRoles, Standing, diagram, document, document_html,
    document_in_force, document_of_roles, saved_roles,
};
pub use estate::{Estate, EstateError, StandardEstate};
pub use export::{ExportError, ExportedFile, Format, export, export_alarms};
pub use key::{DELETION_DAYS, KeySpec};
pub use meaning::{Line, PolicyChange};
pub use memory::{MemoryCloud, MemoryProbes};
pub use plan::{
    Change, Foreign, Others, Plan, PlanError, Planning, Progress, Reason, Takeover, plan,
};
pub use provisioner::{Duty, provisioner_policy};
pub use rails::{ROLES_EDITABLE, is_grantable};
pub use roles::{
    ADMIN_ROLE, BOUNDARY_POLICY, EC2_UPLOAD_ROLE, InstanceProfileSpec, ManagedPolicySpec,
    PORTAL_BOUNDARY_POLICY, PORTAL_ROLE, REGULAR_USER_ROLE, ROLES_GRANTABLE, RoleSpec,
    S3_ACCESS_ROLE, SCAN_ROLE, SCAN_SESSION, SESSION_SECONDS_MAX, ServiceLinkedRole, UPLOAD_ROLE,
};
pub use step::{Step, Subject};
pub use trail::TrailSpec;
pub use verify::{
    Asker, Assumption, Attempt, Came, Expected, PROBES_FOLDER, ProbeLine, Probes, PropertyLine,
    Report, State, Transport, probe, verify,
};
pub use words::in_words;
