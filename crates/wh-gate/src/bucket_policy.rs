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
    policy: Arc<NamedPolicy>,
}

impl BucketPolicies {
    /// The policy of this very text. What cannot be understood in it opens no door.
    pub(crate) fn read(&self, bucket: &BucketName, text: Arc<str>) -> Arc<NamedPolicy> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(parsed) = known.get(bucket).filter(|parsed| same(&parsed.text, &text)) {
            return Arc::clone(&parsed.policy);
        }
        let document = Arc::new(PolicyDocument::read_stored(&text, PolicyKind::Resource));
        let policy = Arc::new(NamedPolicy { name: "bucket policy".to_owned(), document });
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
