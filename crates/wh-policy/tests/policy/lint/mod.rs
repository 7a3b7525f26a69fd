//! The linter: for every code a document that it finds fault with, and one that it nearly does.

mod conditions;
mod errors;
mod estate;
mod fixes;
mod output;
mod properties;
mod shape;
mod targets;
mod who;

use std::collections::BTreeSet;

use wh_policy::PolicyKind;
use wh_policy::lint::{Finding, RULES, Severity, lint, reference, rule};

pub(super) use wh_policy::PolicyKind::{
    Identity as I, ManagedIdentity as M, Resource as R, Session as S, Trust as T,
};

/// A document with a finding, and one without that.
struct Pair {
    code: &'static str,
    kind: PolicyKind,
    /// `§` stands before the character at which the finding begins.
    bad: String,
    path: &'static str,
    good: String,
}

/// A pair. What is no object yet is the inside of the only statement of a document.
fn pair(code: &'static str, kind: PolicyKind, bad: &str, path: &'static str, good: &str) -> Pair {
    Pair { code, kind, bad: document(bad), path, good: document(good) }
}

fn document(text: &str) -> String {
    if text.starts_with(['{', '§']) {
        return text.to_owned();
    }
    format!("{{\"Version\": \"2012-10-17\",\n  \"Statement\": [{{{text}}}]}}")
}

fn pairs() -> Vec<Pair> {
    let families =
        [errors::pairs(), targets::pairs(), who::pairs(), conditions::pairs(), shape::pairs()];
    families.into_iter().flatten().collect()
}

fn found(text: &str, kind: PolicyKind, code: &str) -> Vec<Finding> {
    lint(text, kind).into_iter().filter(|finding| finding.code == code).collect()
}

#[test]
fn each_document_has_its_finding_where_it_is_marked() {
    for Pair { code, kind, bad, path, .. } in pairs() {
        let (before, after) = bad.split_once('§').unwrap_or_else(|| panic!("{code}: no mark"));
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        let text = format!("{before}{after}");
        let all = found(&text, kind, code);
        let [finding] = all.as_slice() else { panic!("{code}: {all:#?}\n{text}") };
        let place = (finding.start.line, finding.start.column, finding.path.as_str());
        assert_eq!(place, (line, column, path), "{code}: {text}");
        assert!(finding.end >= finding.start, "{code}: {finding:#?}");
        assert!(!finding.message.ends_with('.'), "{code}: {}", finding.message);
        assert_eq!(rule(code).map(|rule| rule.severity), Some(finding.severity));
    }
}

#[test]
fn each_near_miss_has_no_such_finding() {
    for Pair { code, kind, good, .. } in pairs() {
        assert_eq!(found(&good, kind, code), [], "{code}: {good}");
        assert_eq!(found(&good, kind, "policy-syntax"), [], "{code}: {good}");
    }
}

#[test]
fn every_code_has_a_pair() {
    let paired: BTreeSet<&str> = pairs().iter().map(|pair| pair.code).collect();
    let codes: BTreeSet<&str> = RULES.iter().map(|rule| rule.code).collect();
    assert_eq!(codes.len(), RULES.len());
    assert_eq!(codes, paired);
}

#[test]
fn a_fix_that_can_be_applied_makes_the_finding_go_away() {
    let mut applied = BTreeSet::new();
    for Pair { code, kind, bad, .. } in pairs() {
        let text = bad.replace('§', "");
        for finding in lint(&text, kind) {
            let Some(fixed) = finding.fix.and_then(|fix| fix.apply(&text)) else { continue };
            let left = found(&fixed, kind, finding.code);
            let before = found(&text, kind, finding.code).len();
            assert!(left.len() < before, "{code}, {}: {fixed}", finding.code);
            assert_eq!(found(&fixed, kind, "policy-syntax"), [], "{code}: {fixed}");
            applied.insert(finding.code);
        }
    }
    assert!(applied.len() >= 20, "{applied:?}");
}

#[test]
fn the_rules_are_documented_as_they_are() {
    let committed = include_str!("../../../../../docs/policy-lint.md");
    assert_eq!(
        committed,
        reference(),
        "run `cargo run -p wh-policy --example policy-lint > docs/policy-lint.md`"
    );
}

#[test]
fn a_rule_is_written_as_the_others_are() {
    for rule in RULES {
        let plain = |b: u8| b.is_ascii_lowercase() || b == b'-';
        assert!(rule.code.bytes().all(plain), "{}", rule.code);
        assert!(rule.why.ends_with(['.', '?']) && !rule.means.ends_with('.'), "{}", rule.code);
    }
    assert!(RULES.iter().take_while(|rule| rule.severity == Severity::Error).count() == 11);
}

#[test]
fn all_faults_are_found_and_not_only_the_first() {
    let text = r#"{"Version": "2013", "Extra": 1, "Statement": [
      {"Effect": "Allow", "action": "s3:GetObject", "Resource": ["b", 1, "arn:aws:s3:::b/*"]},
      {"Effect": "Maybe", "Action": "GetObject", "Resource": "*",
       "Condition": {"StringIs": {"a:b": "c"}, "Bool": {"aws:SecureTransport": "perhaps"}}},
      7
    ]}"#;
    let errors = lint(text, I).into_iter().filter(|f| f.severity == Severity::Error);
    let errors: Vec<_> = errors.map(|f| (f.start.line, f.start.column, f.path, f.code)).collect();
    let expected = [
        (1, 13, "Version", "policy-invalid-value"),
        (1, 21, "Extra", "policy-unknown-element"),
        (2, 7, "Statement[0]", "policy-missing-element"),
        (2, 27, "Statement[0].action", "policy-unknown-element"),
        (2, 66, "Statement[0].Resource[0]", "policy-invalid-value"),
        (2, 71, "Statement[0].Resource[1]", "policy-wrong-type"),
        (3, 18, "Statement[1].Effect", "policy-wrong-type"),
        (3, 37, "Statement[1].Action", "policy-invalid-value"),
        (4, 22, "Statement[1].Condition.StringIs", "policy-unknown-operator"),
        (4, 80, "Statement[1].Condition.Bool.aws:SecureTransport", "policy-invalid-value"),
        (5, 7, "Statement[2]", "policy-wrong-type"),
    ];
    let errors: Vec<_> = errors.iter().map(|(l, c, p, code)| (*l, *c, p.as_str(), *code)).collect();
    assert_eq!(errors, expected);
}

#[test]
fn a_document_without_fault_or_doubt_has_no_findings() {
    let text = r#"{"Version": "2012-10-17", "Statement": [
      {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"],
       "Resource": "arn:aws:s3:::bkt/home/${aws:username}/*"},
      {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::bkt",
       "Condition": {"StringLike": {"s3:prefix": ["", "home/", "home/${aws:username}/*"]}}},
      {"Effect": "Deny", "Action": "*", "Resource": "*",
       "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}]}"#;
    assert_eq!(lint(text, I), []);
    assert_eq!(lint(text, M), []);
}

#[test]
fn columns_count_characters_and_ends_lie_after_them() {
    let text = "{\"Version\": \"2012-10-17\", \"Statement\": {\"Effect\": \"Allow\", \"Resource\": \
                \"arn:aws:s3:::bé/*\", \"Action\": \"s3:ListBucket\"}}";
    let finding = found(text, I, "list-bucket-on-object-arn").remove(0);
    let column = text.chars().position(|c| c == 'L').expect("an action") - 3;
    assert_eq!(finding.start.column, column);
    assert_eq!(finding.end.column, column + "\"s3:ListBucket\"".len());
}

#[test]
fn a_set_operator_is_not_taken_away_where_that_opens_a_door() {
    #[track_caller]
    fn check(effect: &str, operator: &str, applied: bool) {
        let text = document(&format!(
            r#""Effect": "{effect}", "Action": "s3:*", "Resource": "*",
               "Condition": {{"{operator}": {{"aws:PrincipalOrgID": "o-1"}}}}"#
        ));
        let all = lint(&text, I).into_iter().filter(|f| f.code.ends_with("-on-single-value"));
        let fixes: Vec<_> = all.map(|f| f.fix.expect("a fix").replacement.is_some()).collect();
        assert_eq!(fixes, [applied], "{text}");
    }
    check("Allow", "ForAllValues:StringEquals", true);
    check("Deny", "ForAllValues:StringEquals", false);
    check("Deny", "ForAllValues:StringNotEquals", true);
    check("Allow", "ForAnyValue:StringNotEquals", false);
    check("Allow", "ForAnyValue:StringEquals", true);
    check("Deny", "ForAnyValue:StringNotEquals", true);
}
