//! The reader, on any text: it never panics, and what it takes it prints so that it takes the same
//! again. The first byte says what kind of document it is.

#![no_main]

use libfuzzer_sys::fuzz_target;
use wh_policy::{PolicyDocument, PolicyKind, size};

const KINDS: [PolicyKind; 6] = [
    PolicyKind::Identity,
    PolicyKind::ManagedIdentity,
    PolicyKind::Boundary,
    PolicyKind::Session,
    PolicyKind::Resource,
    PolicyKind::Trust,
];

fuzz_target!(|data: &[u8]| {
    let Some((first, rest)) = data.split_first() else { return };
    let kind = KINDS[usize::from(*first) % KINDS.len()];
    let text = String::from_utf8_lossy(rest);
    let stored = PolicyDocument::read_stored(&text, kind);
    let parsed = PolicyDocument::parse(&text, kind);
    assert_eq!(parsed.is_ok(), stored.faults().is_empty(), "strict and stored reading differ");
    // What is stored and faulty is printed, too.
    let compact = stored.to_json();
    let pretty = stored.to_json_pretty();
    let Ok(document) = parsed else { return };
    assert_eq!(document, stored);
    // White space counts in some kinds, and makes some documents too large.
    let fitting = |text: &&String| size::measured(text, kind) <= size::limit(kind).most;
    for printed in [&compact, &pretty].into_iter().filter(fitting) {
        let again = PolicyDocument::parse(printed, kind).expect("what was printed is taken");
        assert_eq!(again, document, "print and parse change the document");
        assert_eq!(again.to_json(), compact, "it is printed otherwise the second time");
    }
});
