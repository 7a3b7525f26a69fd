//! How large a document may be, in its kind's own measure.
//!
//! Source: IAM User Guide, "IAM and AWS STS quotas"; S3 User Guide, "Bucket policies" (20 KB).

use crate::PolicyKind;

/// What a document of a kind may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SizeLimit {
    /// No document of the kind is larger.
    pub most: usize,
    /// Some may not even be this large: users' inline policies together, trust policies where the
    /// account's quota was not raised.
    pub least: usize,
    /// What is counted.
    pub measure: &'static str,
}

/// What documents of a kind may hold. Inline policies of one user or role are counted together.
pub fn limit(kind: PolicyKind) -> SizeLimit {
    const PLAIN: &str = "characters without white space";
    match kind {
        PolicyKind::Identity => SizeLimit { most: 10_240, least: 2_048, measure: PLAIN },
        PolicyKind::ManagedIdentity | PolicyKind::Boundary => {
            SizeLimit { most: 6_144, least: 6_144, measure: PLAIN }
        }
        PolicyKind::Session => SizeLimit { most: 2_048, least: 2_048, measure: "characters" },
        PolicyKind::Resource => SizeLimit { most: 20_480, least: 20_480, measure: "bytes" },
        PolicyKind::Trust => SizeLimit { most: 4_096, least: 2_048, measure: PLAIN },
    }
}

/// The size of a document as its kind measures it.
pub fn measured(text: &str, kind: PolicyKind) -> usize {
    match kind {
        PolicyKind::Resource => text.len(),
        PolicyKind::Session => text.chars().count(),
        PolicyKind::Identity
        | PolicyKind::ManagedIdentity
        | PolicyKind::Boundary
        | PolicyKind::Trust => without_space(text),
    }
}

/// Characters, without the white space that stands outside of strings.
fn without_space(text: &str) -> usize {
    let (mut quoted, mut escaped, mut count) = (false, false, 0);
    for c in text.chars() {
        let blank = !quoted && matches!(c, ' ' | '\t' | '\n' | '\r');
        count += usize::from(!blank);
        if c == '"' && !escaped {
            quoted = !quoted;
        }
        escaped = quoted && c == '\\' && !escaped;
    }
    count
}
