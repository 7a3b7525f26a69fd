//! The gate: the only holder of the store.

use std::sync::Arc;

use jiff::Timestamp;
use wh_authority::Authority;
use wh_ledger::{AuditWriter, Ledger, LedgerError};
use wh_names::{AccountId, BucketName, Clock, Entropy, Partition};
use wh_objects::{BucketDocument, Encryption, ObjectStore, Stamp, StoreError};

use crate::Caller;
use crate::bucket_policy::BucketPolicies;
use crate::quotas::Quotas;
use crate::uses::Uses;

/// What a gate is made of.
#[derive(Debug)]
pub struct GateOptions {
    /// The store. Nobody else may have it.
    pub store: Arc<dyn ObjectStore>,
    /// Who says what principals may.
    pub authority: Arc<Authority>,
    /// Where the audit trail is.
    pub ledger: Ledger,
    /// How the store encrypts what is written, if it does.
    pub encryption: Option<Encryption>,
    /// The partition in ARNs.
    pub partition: Partition,
    /// The account that owns every bucket.
    pub account: AccountId,
    /// The time.
    pub clock: Clock,
    /// Randomness, for the ids of uploads.
    pub entropy: Entropy,
}

/// Why a gate could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The audit trail cannot be written.
    #[error("the audit trail cannot be opened")]
    Audit(#[from] LedgerError),
}

impl OpenError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Audit(error) => error.code(),
        }
    }
}

/// Admits, records and acts.
#[derive(Debug)]
pub struct Gate {
    pub(crate) store: Arc<dyn ObjectStore>,
    pub(crate) authority: Arc<Authority>,
    pub(crate) audit: AuditWriter,
    pub(crate) uses: Arc<Uses>,
    pub(crate) quotas: Arc<Quotas>,
    pub(crate) encryption: Option<Encryption>,
    pub(crate) partition: Partition,
    pub(crate) account: AccountId,
    pub(crate) clock: Clock,
    pub(crate) entropy: Entropy,
    pub(crate) policies: BucketPolicies,
}

impl Gate {
    /// A gate before a store. Must be called within a Tokio runtime.
    pub async fn new(options: GateOptions) -> Result<Self, OpenError> {
        Ok(Self {
            audit: AuditWriter::start(&options.ledger).await?,
            quotas: Quotas::new(&options.ledger, &options.clock, &options.entropy),
            uses: Uses::start(&options.ledger, &options.clock).await?,
            store: options.store,
            authority: options.authority,
            encryption: options.encryption,
            partition: options.partition,
            account: options.account,
            clock: options.clock,
            entropy: options.entropy,
            policies: BucketPolicies::default(),
        })
    }

    /// How the store encrypts what is written, if it does.
    pub fn encryption(&self) -> Option<Encryption> {
        self.encryption
    }

    /// The CORS rules of a bucket, for anybody: browsers ask before they may say who they are.
    pub async fn cors(&self, bucket: &BucketName) -> Result<Option<Arc<str>>, StoreError> {
        self.store.bucket_document(bucket, BucketDocument::Cors).await
    }

    /// Waits until the audit trail holds what has been recorded so far, outcomes included, and the ledger
    /// what roles were used for.
    pub async fn flush(&self) {
        self.audit.flush().await;
        self.uses.flush().await;
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Who changes something, and when: what the store's feed of changes tells.
    pub(crate) fn stamp(&self, caller: &Caller) -> Stamp {
        Stamp::new(self.now(), caller.principal.label())
    }
}
