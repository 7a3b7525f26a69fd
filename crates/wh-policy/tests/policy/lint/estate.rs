//! The standard estate's own documents pass.

use wh_policy::PolicyKind;
use wh_policy::lint::{Severity, lint};

/// The documents of the committed description of the estate, each with its kind.
fn documents() -> Vec<(PolicyKind, &'static str)> {
    let page = include_str!("../../../../../docs/roles-and-policies.md");
    let blocks = page.split("```json\n").skip(1);
    let documents = blocks.map(|block| block.split("```").next().expect("a document"));
    let kind = |text: &str| match (text.contains("\"Principal\""), text.contains("arn:aws:s3:::")) {
        (true, true) => PolicyKind::Resource,
        (true, false) => PolicyKind::Trust,
        (false, _) => PolicyKind::ManagedIdentity,
    };
    documents.map(|text| (kind(text), text)).collect()
}

#[test]
fn the_standard_estate_has_no_errors_and_no_holes() {
    let documents = documents();
    assert!(documents.len() >= 14, "{}", documents.len());
    for (kind, text) in documents {
        let grave = lint(text, kind).into_iter().filter(|f| f.severity <= Severity::Security);
        assert_eq!(grave.collect::<Vec<_>>(), [], "{text}");
    }
}
