//! One form for policies that say the same.
//!
//! AWS returns policies URL-encoded, reorders their lists, turns lists of one into strings, and
//! writes accounts as the ARN of their root. None of that is a difference.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use wh_policy::{PolicyDocument, PolicyKind};

/// A document as it was written, from what a cloud returned: IAM percent-encodes it, S3 does not. None
/// where it is not text.
pub fn returned_document(returned: &str) -> Option<Cow<'_, str>> {
    if returned.starts_with('%') {
        return percent_decode_str(returned).decode_utf8().ok();
    }
    Some(Cow::Borrowed(returned))
}

/// Whether two policy documents say the same. One that cannot be read says nothing.
pub(crate) fn same(left: &str, right: &str) -> bool {
    let read = |text| {
        let text = returned_document(text)?;
        // The kind decides what is a fault, not what is said.
        Some(PolicyDocument::read_stored(&text, PolicyKind::Resource))
    };
    match (read(left), read(right)) {
        (Some(left), Some(right)) => left.says_the_same(&right),
        (None, _) | (_, None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::same;

    const WANTED: &str = r#"{"Version":"2012-10-17","Statement":[
        {"Sid":"A","Effect":"Allow","Principal":{"AWS":["*"]},"Action":["s3:B","s3:A"],
         "Resource":["r"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}},
        {"Sid":"B","Effect":"Deny","Principal":{"AWS":"arn:aws:iam::111122223333:root"},
         "Action":"s3:*","Resource":"r"}]}"#;

    #[track_caller]
    fn check(found: &str, expected: bool) {
        assert_eq!(same(WANTED, found), expected, "{found}");
        assert_eq!(same(found, WANTED), expected, "{found}");
    }

    #[test]
    fn what_aws_does_to_a_policy_is_no_difference() {
        check(WANTED, true);
        check(
            r#"{"Statement":[
        {"Effect":"Deny","Sid":"B","Principal":{"AWS":"111122223333"},
         "Action":["s3:*"],"Resource":["r"]},
        {"Sid":"A","Effect":"Allow","Principal":"*","Action":["s3:A","s3:B"],
         "Resource":"r","Condition":{"bool":{"aws:securetransport":[false]}}}],
         "Version":"2012-10-17"}"#,
            true,
        );
        let encoded: String =
            percent_encoding::utf8_percent_encode(WANTED, percent_encoding::NON_ALPHANUMERIC)
                .to_string();
        check(&encoded, true);
    }

    #[test]
    fn what_changes_the_meaning_is_a_difference() {
        check(&WANTED.replace("s3:B", "s3:C"), false);
        check(&WANTED.replace("\"Deny\"", "\"Allow\""), false);
        check(&WANTED.replace("2012-10-17", "2008-10-17"), false);
        check(&WANTED.replace("111122223333:root", "111122223333:role/x"), false);
        check(&WANTED.replace("arn:aws:iam::111122223333:root", "AROAEXAMPLE"), false);
        check("", false);
        check("{}", false);
        assert!(!same("x", "x"));
    }
}
