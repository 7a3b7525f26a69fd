//! What an API token may do, as the session policy says it that goes with every role session of the
//! token: the store enforces it.
//!
//! The token's locations are those grants that [`wh_people::People::grants_for`] leaves; each role
//! session is narrowed to one of them already. Here the actions are cut; that what was handed out ends
//! with the token is said where the ends of grants are.

use wh_people::{Scope, Seen, TokenAction};
use wh_policy::PolicyDocument;
use wh_policy::s3::{Ending, ending, narrowed_to};

/// The document of a grant, for the actions of a token alone.
pub(crate) fn in_scope(document: PolicyDocument, scope: &Scope) -> PolicyDocument {
    let actions = scope.actions().iter().flat_map(|action| actions_of(*action));
    let mut actions: Vec<String> = actions.map(|action| (*action).to_owned()).collect();
    actions.sort_unstable();
    actions.dedup();
    narrowed_to(document, &actions)
}

/// What an administrator may ask of the store who sees as somebody else: which files there are, and of which
/// versions. Nothing that a file holds, and nothing that changes anything.
const LOOKING: [&str; 5] = [
    "s3:GetBucketLocation",
    "s3:GetBucketVersioning",
    "s3:GetLifecycleConfiguration",
    "s3:ListBucket",
    "s3:ListBucketVersions",
];

/// The document of a grant, for looking alone and as long as that lasts.
pub(crate) fn while_seen(document: PolicyDocument, seen: &Seen) -> PolicyDocument {
    let looking = narrowed_to(document, &LOOKING.map(str::to_owned));
    ending(looking, (seen.ends, Ending::Viewing))
}

/// The actions of S3 that a word stands for, with the use of keys that they take under KMS. Of settings none
/// is among them (no policy, no retention, no access list), but what tells whether and how long older versions
/// are kept: without it nobody knows what a list of versions means.
fn actions_of(action: TokenAction) -> &'static [&'static str] {
    match action {
        TokenAction::List => &[
            "s3:GetBucketLocation",
            "s3:GetBucketVersioning",
            "s3:GetLifecycleConfiguration",
            "s3:ListBucket",
            "s3:ListBucketMultipartUploads",
            "s3:ListBucketVersions",
        ],
        TokenAction::Read => &[
            "kms:Decrypt",
            "s3:GetObject",
            "s3:GetObjectAttributes",
            "s3:GetObjectTagging",
            "s3:GetObjectVersion",
            "s3:GetObjectVersionAttributes",
            "s3:GetObjectVersionTagging",
        ],
        TokenAction::Write => &[
            "kms:Decrypt",
            "kms:GenerateDataKey",
            "s3:AbortMultipartUpload",
            "s3:ListMultipartUploadParts",
            "s3:PutObject",
            "s3:PutObjectTagging",
        ],
        TokenAction::Delete => &["s3:DeleteObject", "s3:DeleteObjectVersion"],
    }
}
