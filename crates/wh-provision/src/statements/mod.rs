//! The statements of a policy that is shared with others: ours are replaced, theirs are kept.

mod deleted;
mod opens;

use serde_json::{Value, json};
use wh_names::AccountId;
use wh_policy::{PolicyDocument, PolicyKind};

use crate::canonical::returned_document;

/// The names of all statements that a bucket policy of ours may hold. One of these that is found and
/// no longer wanted is ours, and goes.
const OURS: [&str; 20] = [
    "DenyFilesNotScanned",
    "DenyForeignAccountPrincipals",
    "DenyInfectedFiles",
    "DenyInsecureTransport",
    "DenyLongPresign",
    "DenyManagedKey",
    "DenyNewScanTag",
    "DenyOldTls",
    "DenyOtherEncryption",
    "DenyOtherKeys",
    "DenyScanTagRemoval",
    "DenySigV2",
    "DenyTheseUids",
    "DenyUploadWithScanTag",
    "KeepScanTagClean",
    "KeepScanTagInfected",
    "KeepScanTagReleased",
    "KeepScanTagUnscanned",
    "TrailIsDelivered",
    "TrailLooksAtBucket",
];

/// Those that deliver access logs, each with a number from the second on.
const LOGS: &str = "AccessLogsAreDelivered";

/// A policy with what others added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Merged {
    /// The document, as JSON.
    pub(crate) document: String,
    /// The others' statements in words, with what they open.
    pub(crate) foreign: Vec<String>,
    /// What is left out of statements of others, in words.
    pub(crate) deleted: Vec<String>,
}

/// Our document with the statements of the found one that are not ours behind its own. What cannot
/// be read has none. Principals that were deleted are left out.
pub(crate) fn with_foreign(ours: &str, found: &str, account: &AccountId) -> Merged {
    let text = returned_document(found).unwrap_or_default();
    let found: Value = serde_json::from_str(&text).unwrap_or_default();
    let mut deleted = Vec::new();
    let mut theirs = Vec::new();
    for statement in statements(&found).into_iter().filter(|one| !is_ours(one, ours)) {
        let (left, gone) = deleted::without_deleted(&statement);
        deleted.extend(gone.iter().map(|principal| deleted::told(&statement, principal)));
        theirs.extend(left);
    }
    if theirs.is_empty() {
        return Merged { document: ours.to_owned(), foreign: Vec::new(), deleted };
    }
    let foreign = theirs.iter().filter_map(|statement| {
        let document = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
        let document = PolicyDocument::read_stored(&document, PolicyKind::Resource);
        let words = wh_policy::summary::in_words(&document);
        words.into_iter().chain(opens::opens(statement, account)).reduce(|a, b| format!("{a}: {b}"))
    });
    let foreign = foreign.collect();
    let mut document: Value = serde_json::from_str(ours).unwrap_or_default();
    if let Some(list) = document.get_mut("Statement").and_then(Value::as_array_mut) {
        list.extend(theirs);
    }
    Merged { document: document.to_string(), foreign, deleted }
}

/// The statement that names our account: by it a policy is known as ours, not by names that anybody
/// may give.
const MARK: &str = "DenyForeignAccountPrincipals";

/// Whether a policy that was found holds the statement of ours that names our account.
pub(crate) fn holds_ours(found: &str, ours: &str) -> bool {
    let text = returned_document(found).unwrap_or_default();
    let found: Value = serde_json::from_str(&text).unwrap_or_default();
    let ours: Value = serde_json::from_str(ours).unwrap_or_default();
    let named = |statement: &Value| statement.get("Sid").and_then(Value::as_str) == Some(MARK);
    let mark = statements(&ours).into_iter().find(named);
    mark.is_some_and(|mark| statements(&found).iter().any(|other| say_the_same(&mark, other)))
}

/// Whether two statements say the same, whatever they are called.
fn say_the_same(left: &Value, right: &Value) -> bool {
    let plain = |statement: &Value| {
        let mut statement = statement.clone();
        if let Some(fields) = statement.as_object_mut() {
            fields.remove("Sid");
        }
        json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
    };
    crate::canonical::same(&plain(left), &plain(right))
}

fn statements(document: &Value) -> Vec<Value> {
    match document.get("Statement") {
        Some(Value::Array(list)) => list.clone(),
        Some(one) => vec![one.clone()],
        None => Vec::new(),
    }
}

/// Whether a statement bears one of our names, or says what one of ours says: AWS keeps names, other
/// stores may not.
fn is_ours(statement: &Value, ours: &str) -> bool {
    if let Some(sid) = statement.get("Sid").and_then(Value::as_str).filter(|sid| !sid.is_empty()) {
        // One statement for each bucket's logs: the second has a 2 behind its name.
        let numbered =
            sid.strip_prefix(LOGS).is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()));
        return numbered || OURS.contains(&sid);
    }
    let ours: Value = serde_json::from_str(ours).unwrap_or_default();
    statements(&ours).iter().any(|own| say_the_same(own, statement))
}
