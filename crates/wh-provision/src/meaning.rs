//! What changes in a policy, statement by statement, and what that means.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};
use wh_names::{AccountId, Arn};
use wh_policy::PolicyKind;
use wh_policy::analysis::{Access, Answer, Budget, Requests, allows_any, more_permissive};
use wh_policy::{
    Context, Effect, NamedPolicy, PolicyDocument, PolicySet, Subject as Asker, summary,
};

use crate::canonical::returned_document;
use crate::step::Subject;

/// A statement that goes, or comes. One that changes does both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// A statement that goes, in words.
    Gone(String),
    /// A statement that comes, in words.
    New(String),
}

/// What changes in a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyChange {
    /// The statements that differ, those that changed one after the other: before, after.
    pub lines: Vec<Line>,
    /// What that means, a sentence each. The engine judges it; the words only tell it.
    pub meaning: Vec<String>,
}

impl PolicyChange {
    /// As JSON: `gone`, `new`, `meaning`.
    pub fn to_json(&self) -> Value {
        let gone = self.lines.iter().filter_map(|line| match line {
            Line::Gone(text) => Some(text),
            Line::New(_) => None,
        });
        let new = self.lines.iter().filter_map(|line| match line {
            Line::New(text) => Some(text),
            Line::Gone(_) => None,
        });
        json!({
            "gone": gone.collect::<Vec<_>>(),
            "new": new.collect::<Vec<_>>(),
            "meaning": self.meaning,
        })
    }

    /// Of the permissions of a role, or of its boundary: who gains and loses what. An empty `new`
    /// takes them away. A boundary that comes gives nothing: its statements alone are told.
    pub(crate) fn of_permissions(subject: &Subject, old: Option<&str>, new: &str) -> Self {
        let is_policy = matches!(subject, Subject::Policy(_));
        let kind = if is_policy { PolicyKind::Boundary } else { PolicyKind::Identity };
        let comes = old.is_none();
        let (old, new) = (read(old, kind), read(Some(new), kind));
        if comes && is_policy {
            return Self { lines: lines(&old, &new), meaning: Vec::new() };
        }
        let name = subject_of(subject);
        let mut meaning = gains((&old, &new), &format!("{name} gains"));
        meaning.extend(gains((&new, &old), &format!("{name} loses")));
        if meaning.is_empty() {
            let before = if comes { "nothing by it" } else { "the same as before" };
            meaning.push(format!("{name} may do {before}"));
        }
        Self { lines: lines(&old, &new), meaning }
    }

    /// Of a bucket's or a key's policy: what is allowed or denied by it no longer, and from now on.
    pub(crate) fn of_resource(subject: &Subject, old: Option<&str>, new: &str) -> Self {
        Self::of_others(PolicyKind::Resource, subject, (old, new))
    }

    /// Of a trust policy: who may become the role no longer, and from now on.
    pub(crate) fn of_trust(subject: &Subject, old: Option<&str>, new: &str) -> Self {
        Self::of_others(PolicyKind::Trust, subject, (old, new))
    }

    /// Where there was none, its statements say it all.
    fn of_others(kind: PolicyKind, subject: &Subject, (old, new): (Option<&str>, &str)) -> Self {
        let comes = old.is_none();
        let (old, new) = (read(old, kind), read(Some(new), kind));
        let meaning = if comes { Vec::new() } else { told(subject, &old, &new) };
        Self { meaning, lines: lines(&old, &new) }
    }
}

/// A role by its name alone, as people speak of it.
fn subject_of(subject: &Subject) -> String {
    if let Subject::Role(role) = subject {
        return role.to_string();
    }
    subject.to_string()
}

fn read(text: Option<&str>, kind: PolicyKind) -> PolicyDocument {
    const NOTHING: &str = r#"{"Version":"2012-10-17","Statement":[]}"#;
    let text = text.filter(|text| !text.is_empty()).unwrap_or(NOTHING);
    PolicyDocument::read_stored(&returned_document(text).unwrap_or_default(), kind)
}

/// The statements by name, in words. Those without a name follow each other.
fn by_label(document: &PolicyDocument) -> BTreeMap<String, Vec<String>> {
    let mut known: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (statement, words) in document.statements().iter().zip(summary::in_words(document)) {
        known.entry(statement.label()).or_default().push(words);
    }
    known
}

fn lines(old: &PolicyDocument, new: &PolicyDocument) -> Vec<Line> {
    let (before, after) = (by_label(old), by_label(new));
    let mut lines = Vec::new();
    let labels: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for label in labels {
        let none = Vec::new();
        let (gone, come) = (before.get(label).unwrap_or(&none), after.get(label).unwrap_or(&none));
        lines.extend(gone.iter().filter(|w| !come.contains(w)).cloned().map(Line::Gone));
        lines.extend(come.iter().filter(|w| !gone.contains(w)).cloned().map(Line::New));
    }
    if lines.is_empty() && !old.says_the_same(new) {
        // The words are the same, and the documents are not: they are shown whole.
        lines.push(Line::Gone(old.to_canonical_json()));
        lines.push(Line::New(new.to_canonical_json()));
    }
    lines
}

/// What a resource's policy no longer says, and what it says from now on.
fn told(subject: &Subject, old: &PolicyDocument, new: &PolicyDocument) -> Vec<String> {
    let changed = |from: &PolicyDocument, to: &PolicyDocument, allow: &str, deny: &str| {
        let kept: Vec<String> = summary::in_words(to);
        let mut told = Vec::new();
        for (statement, words) in from.statements().iter().zip(summary::in_words(from)) {
            if kept.contains(&words) {
                continue;
            }
            let verb = match statement.effect() {
                Effect::Allow => allow,
                Effect::Deny => deny,
            };
            let verb = verb.replace("{}", &statement.label());
            told.push(format!("{subject} {verb}"));
        }
        told
    };
    let mut meaning = changed(
        old,
        new,
        "no longer lets pass what `{}` let pass",
        "no longer refuses what `{}` refused",
    );
    meaning.extend(changed(new, old, "lets pass what `{}` says", "refuses what `{}` says"));
    meaning
}

/// What the second of two documents allows and the first does not, by the resources that it names.
fn gains((before, after): (&PolicyDocument, &PolicyDocument), verb: &str) -> Vec<String> {
    let Some(asker) = Asking::new() else { return Vec::new() };
    let (before, after) = (named(before), named(after));
    let mut whole: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut told = Vec::new();
    for (action, resource) in pairs(&after.document) {
        let among = request(&action, &resource);
        let among = Requests::of(&among);
        let (old, new) = (asker.access(&before), asker.access(&after));
        match more_permissive(&new, &old, &among, BUDGET) {
            Answer::No => {}
            Answer::Unknown(why) => {
                told.push(format!(
                    "{verb}, perhaps, {action} on {resource}: it is not known, because {why}"
                ));
            }
            Answer::Yes(witness) => match allows_any(&old, &among, BUDGET) {
                Answer::No => whole.entry(resource).or_default().push(action),
                Answer::Yes(_) | Answer::Unknown(_) => told.push(format!(
                    "{verb} more of {action} on {}, such as {} on {}",
                    short(&resource),
                    witness.action,
                    short(witness.resource.as_str())
                )),
            },
        }
    }
    let whole = whole.into_iter().map(|(resource, actions)| {
        format!("{verb} {} on {}", actions.join(", "), short(&resource))
    });
    whole.chain(told).collect()
}

/// A resource without the beginning that all of S3's have.
fn short(resource: &str) -> &str {
    resource.split_once(":s3:::").map_or(resource, |(_, name)| name)
}

const BUDGET: Budget = Budget { states: 20_000, steps: 10_000 };

const TRUSTING: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
    "Principal":{"AWS":"arn:aws:iam::000000000000:root"},
    "Action":["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]}]}"#;

/// Whoever has the policies: which account it is in does not matter.
struct Asking {
    subject: Asker,
    account: AccountId,
    known: Context,
    /// Roles leave it to their account who may become them: without any trust nobody does, whatever his
    /// own policies say.
    trust: NamedPolicy,
}

impl Asking {
    fn new() -> Option<Self> {
        let account = AccountId::parse("000000000000").ok()?;
        let arn = Arn::parse("arn:aws:iam::000000000000:role/x").ok()?;
        let document = read(Some(TRUSTING), PolicyKind::Trust);
        let trust = NamedPolicy { name: String::new(), document: Arc::new(document) };
        Some(Self { subject: Asker::Role { arn }, account, known: Context::new(), trust })
    }

    fn access<'a>(&'a self, policy: &'a NamedPolicy) -> Access<'a> {
        Access {
            policies: PolicySet {
                identity: std::slice::from_ref(policy),
                resource: Some(&self.trust),
                ..PolicySet::default()
            },
            subject: &self.subject,
            resource_account: &self.account,
            known: &self.known,
            absent: &[],
        }
    }
}

/// As a policy that allows, whatever it was read as.
fn named(document: &PolicyDocument) -> NamedPolicy {
    let text = document.to_json();
    let document = PolicyDocument::read_stored(&text, PolicyKind::Identity);
    NamedPolicy { name: String::new(), document: Arc::new(document) }
}

/// Each action pattern with each resource pattern of the statements that allow.
fn pairs(document: &PolicyDocument) -> Vec<(String, String)> {
    let allowing = document.statements().iter().filter(|s| s.effect() == Effect::Allow);
    let mut pairs: Vec<(String, String)> = Vec::new();
    for statement in allowing {
        let ((actions, other_actions), (resources, other_resources)) =
            (statement.actions(), statement.resources());
        let actions = if other_actions { vec!["*"] } else { actions };
        let resources = if other_resources { vec!["*"] } else { resources };
        for action in actions {
            pairs.extend(resources.iter().map(|r| (action.to_owned(), (*r).to_owned())));
        }
    }
    pairs.sort();
    pairs.dedup();
    pairs
}

fn request(action: &str, resource: &str) -> PolicyDocument {
    let document = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": action, "Resource": resource}]});
    PolicyDocument::read_stored(&document.to_string(), PolicyKind::Identity)
}
