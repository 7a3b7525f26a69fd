//! `Files`, and what it is made of.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use wh_aws::{ObjectClient, RoleSessions};
use wh_ledger::{AuditWriter, Ledger};
use wh_names::{AccountId, Arn, BucketName, Clock, Entropy, Partition, RoleName, Serving, Uid};
use wh_people::People;
use wh_policy::NamedPolicy;

use crate::activity::ToldBy;
use crate::jobs::Workplace;
use crate::search::Confirmed;
use crate::under_way::UnderWay;
use crate::{KeyOptions, SearchIndex};

/// A role as the estate describes it: enough to foresee what the store will say.
#[derive(Debug, Clone)]
pub struct RoleView {
    /// The role's ARN, with its path.
    pub arn: Arn,
    /// Its permission policies.
    pub permissions: Vec<NamedPolicy>,
    /// Its permissions boundary.
    pub boundary: Option<NamedPolicy>,
}

/// The roles as they are at this moment: a policy that is saved counts from then on. Cloning shares it.
#[derive(Debug, Clone, Default)]
pub struct RoleViews(Arc<RwLock<BTreeMap<RoleName, Arc<RoleView>>>>);

impl RoleViews {
    /// These roles.
    pub fn new(views: impl IntoIterator<Item = (RoleName, RoleView)>) -> Self {
        let roles = Self::default();
        roles.replace(views);
        roles
    }

    /// One role, as it is now.
    pub fn get(&self, role: &RoleName) -> Option<Arc<RoleView>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(role).cloned()
    }

    /// All of them, as they are now.
    pub(crate) fn all(&self) -> BTreeMap<RoleName, Arc<RoleView>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The names of all.
    pub fn names(&self) -> Vec<RoleName> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).keys().cloned().collect()
    }

    /// Puts others in their place.
    pub fn replace(&self, views: impl IntoIterator<Item = (RoleName, RoleView)>) {
        let views = views.into_iter().map(|(name, view)| (name, Arc::new(view))).collect();
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = views;
    }
}

/// What the buckets' objects are encrypted with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encryption {
    /// The store's own keys: nobody needs a right to them.
    StoresOwn,
    /// A key under AWS KMS, which whoever reads or writes must be allowed to use.
    Kms,
}

/// What files are reached with.
#[derive(Debug)]
pub struct FilesOptions {
    /// Who has which grant.
    pub people: People,
    /// Where uploads are written down.
    pub ledger: Ledger,
    /// Where role sessions come from.
    pub sessions: RoleSessions,
    /// Where each role session is written down with its grant, before it is used; `None` where the store
    /// is our own, which writes down itself what is done by whom.
    pub session_log: Option<AuditWriter>,
    /// How the store is spoken to.
    pub objects: ObjectClient,
    /// The roles that grants may name.
    pub roles: RoleViews,
    /// The role of drop boxes: whoever sends by a file request does so in its sessions.
    pub drop_role: RoleName,
    /// The policies of the estate's buckets.
    pub bucket_policies: BTreeMap<BucketName, NamedPolicy>,
    /// What the bucket's objects are encrypted with.
    pub encryption: Encryption,
    /// The partition that everything is in.
    pub partition: Partition,
    /// The account that everything is in.
    pub account: AccountId,
    /// Files are scanned for malware, and these are served; `None`: they are not scanned.
    pub scanning: Option<Serving>,
    /// What access keys persons may have.
    pub keys: KeyOptions,
    /// The time.
    pub clock: Clock,
    /// Randomness for the names of uploads.
    pub entropy: Entropy,
}

/// What persons do with files. One operation, one file of this crate. Cloning shares it.
#[derive(Debug, Clone)]
pub struct Files {
    pub(crate) options: Arc<FilesOptions>,
    /// Everybody for whom a role session was ever asked: those whom there is something to forget of.
    acted_for: Arc<Mutex<BTreeSet<Uid>>>,
    pub(crate) archives: UnderWay,
    /// Archives that are fetched by somebody's links: not counted with their own.
    pub(crate) linked: UnderWay,
    pub(crate) parts: UnderWay,
    pub(crate) jobs: Workplace,
    pub(crate) search: SearchIndex,
    pub(crate) searching: UnderWay,
    pub(crate) confirmed: Confirmed,
    pub(crate) told_by: ToldBy,
}

impl Files {
    /// Files, reached with these.
    pub fn new(options: FilesOptions) -> Self {
        Self {
            options: Arc::new(options),
            acted_for: Arc::default(),
            archives: UnderWay::default(),
            linked: UnderWay::default(),
            parts: UnderWay::default(),
            jobs: Workplace::default(),
            search: SearchIndex::default(),
            searching: UnderWay::default(),
            confirmed: Confirmed::default(),
            told_by: ToldBy::default(),
        }
    }

    /// The same, with names found in this index, which whoever made it keeps in step.
    pub fn searching_in(self, search: SearchIndex) -> Self {
        Self { search, ..self }
    }

    /// The index that names are found in.
    pub fn search_index(&self) -> &SearchIndex {
        &self.search
    }

    /// The same, of which the store tells what happens to files, and not the portal.
    pub fn told_by_the_store(self) -> Self {
        Self { told_by: ToldBy::Store, ..self }
    }

    /// The roles, as they are now; whoever replaces them here does so for all.
    pub fn roles(&self) -> &RoleViews {
        &self.options.roles
    }

    /// Drops the role sessions of a person who signed out, was shut out, or lost a grant.
    pub fn forget(&self, uid: &Uid) {
        self.options.sessions.forget(uid);
    }

    /// Drops everybody's role sessions: a grant to everyone was taken away.
    pub fn forget_everyone(&self) {
        let acted_for = self.acted_for.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for uid in &acted_for {
            self.forget(uid);
        }
    }

    /// Notes that a role session is about to be asked for.
    pub(crate) fn acts_for(&self, uid: &Uid) {
        let mut acted_for = self.acted_for.lock().unwrap_or_else(PoisonError::into_inner);
        if !acted_for.contains(uid) {
            acted_for.insert(uid.clone());
        }
    }
}
