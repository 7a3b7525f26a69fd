//! The bucket policies as the store holds them, parsed once per text.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use wh_names::BucketName;
use wh_policy::{NamedPolicy, PolicyDocument, PolicyKind};

/// How many buckets' policies are remembered.
const REMEMBERED_MAX: usize = 256;

/// Parsed bucket policies.
#[derive(Debug, Default)]
pub(crate) struct BucketPolicies(Mutex<HashMap<BucketName, Parsed>>);

#[derive(Debug)]
struct Parsed {
    text: Arc<str>,
    policy: Arc<BucketPolicy>,
}

/// A bucket's policy, and what was found in it.
#[derive(Debug)]
pub(crate) struct BucketPolicy {
    /// The policy.
    pub(crate) named: NamedPolicy,
    /// Whether it lets in anybody.
    pub(crate) public: bool,
}

impl BucketPolicies {
    /// The policy of this very text. What cannot be understood in it opens no door.
    pub(crate) fn read(&self, bucket: &BucketName, text: Arc<str>) -> Arc<BucketPolicy> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(parsed) = known.get(bucket).filter(|parsed| same(&parsed.text, &text)) {
            return Arc::clone(&parsed.policy);
        }
        let document = Arc::new(PolicyDocument::read_stored(&text, PolicyKind::Resource));
        let public = document.is_public();
        let named = NamedPolicy { name: "bucket policy".to_owned(), document };
        let policy = Arc::new(BucketPolicy { named, public });
        if known.len() >= REMEMBERED_MAX {
            known.clear();
        }
        known.insert(bucket.clone(), Parsed { text, policy: Arc::clone(&policy) });
        policy
    }
}

fn same(a: &Arc<str>, b: &Arc<str>) -> bool {
    Arc::ptr_eq(a, b) || a == b
}
