//! From JSON to a document: strict about structure always, about everything else where a document
//! is written.
//!
//! A fault that leaves the structure clear is noted and the reading goes on; a document that is
//! being written is refused for its first fault, and a stored one fails closed where it is faulty.
//!
//! Source: IAM User Guide, "Grammar of the IAM JSON policy language".

mod conditions;
mod elements;
mod principals;

use std::collections::HashSet;

use crate::error::PolicyFault;
use crate::index::Index;
use crate::json::{Node, place};
use crate::{Effect, PolicyDocument, PolicyError, PolicyKind, Statement, Version, size};

/// The fault of a `NotPrincipal` that would allow everyone else.
pub(crate) const NOT_PRINCIPAL_ALLOWED: &str = "`NotPrincipal` stands only beside `Deny`";

/// How many faults are noted: nobody reads more, and each costs a look at the text for its place.
const FAULTS_MAX: usize = 200;

/// The elements of a document.
pub(crate) const DOCUMENT_ELEMENTS: [&str; 3] = ["Version", "Id", "Statement"];

/// The elements of a statement.
pub(crate) const STATEMENT_ELEMENTS: [&str; 9] = [
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

/// What the readers of elements share.
struct Reader<'t> {
    text: &'t str,
    kind: PolicyKind,
    /// Whether `${…}` is a variable.
    variables: bool,
    /// What a stored document may have, and fails closed.
    faults: Vec<PolicyError>,
    /// What leaves no structure to judge: a document with any of these is not one.
    broken: Vec<PolicyError>,
}

/// Reads a document from its JSON; `text` is what the places refer to.
pub(crate) fn document(
    text: &str,
    root: &Node,
    kind: PolicyKind,
) -> Result<PolicyDocument, PolicyError> {
    let (document, broken) = read(text, root, kind);
    match broken.into_iter().next() {
        Some(first) => Err(first),
        None => Ok(document),
    }
}

/// Everything that is wrong with a document, in the order of the text.
pub(crate) fn faults(text: &str, root: &Node, kind: PolicyKind) -> Vec<PolicyError> {
    let (document, broken) = read(text, root, kind);
    let mut all = broken;
    all.extend(document.faults);
    all.sort_by_key(|fault| (fault.line(), fault.column()));
    all
}

/// Reads on after what is broken, to find the rest; the document is one only if nothing is.
fn read(text: &str, root: &Node, kind: PolicyKind) -> (PolicyDocument, Vec<PolicyError>) {
    let mut reader =
        Reader { text, kind, variables: false, faults: Vec::new(), broken: Vec::new() };
    reader.members(root, "$", &DOCUMENT_ELEMENTS);
    reader.characters(root);
    let (version, version_text) = reader.version(root);
    reader.variables = version == Version::V2012;
    let id = reader.id(root);
    let mut statements = reader.statements(root);
    if version == Version::Unknown {
        statements.iter_mut().for_each(doubt);
    }
    reader.unique_sids(root, &statements);
    reader.size(root);
    let faults = reader.faults;
    let index = Index::of(&statements);
    let document = PolicyDocument {
        kind,
        version,
        version_text,
        id,
        statements,
        index,
        faults,
        unreadable: false,
    };
    (document, reader.broken)
}

/// Takes back what was read of a statement whose language is not known: whether `${…}` is a variable
/// in it cannot be told.
fn doubt(statement: &mut Statement) {
    statement.doubtful = true;
    let resources = statement.resources.iter_mut().flat_map(|listed| listed.items.iter_mut());
    for item in resources.filter(|item| item.text.contains("${")) {
        item.pattern = None;
    }
    let tests = statement.conditions.iter_mut().flat_map(|condition| condition.tests.iter_mut());
    for test in tests.filter(|test| test.values.iter().any(|value| value.contains("${"))) {
        test.typed = None;
    }
}

impl Reader<'_> {
    /// Notes what is broken.
    fn fail(&mut self, at: usize, path: &str, fault: PolicyFault) {
        if self.broken.len() >= FAULTS_MAX {
            return;
        }
        self.broken.push(PolicyError::new(place(self.text, at), path, fault));
    }

    fn note(&mut self, at: usize, path: &str, fault: PolicyFault) {
        if self.faults.len() >= FAULTS_MAX {
            return;
        }
        self.faults.push(PolicyError::new(place(self.text, at), path, fault));
    }

    fn note_invalid(&mut self, at: usize, path: &str, value: &str, rule: &'static str) {
        self.note(at, path, PolicyFault::Invalid { value: shown(value), rule });
    }

    /// The members of an object: none twice, none unknown.
    fn members<'n>(
        &mut self,
        node: &'n Node,
        path: &str,
        known: &[&str],
    ) -> &'n [(usize, String, Node)] {
        let members = self.distinct(node, path, str::to_owned);
        for (at, key, _) in members.iter().filter(|(_, key, _)| !known.contains(&key.as_str())) {
            self.fail(*at, path, PolicyFault::UnknownElement(shown(key)));
        }
        members
    }

    /// The members of an object, none of which is the same as another in the eyes of `identity`.
    fn distinct<'n>(
        &mut self,
        node: &'n Node,
        path: &str,
        identity: impl Fn(&str) -> String,
    ) -> &'n [(usize, String, Node)] {
        let Some(members) = node.members() else {
            self.fail(node.at, path, PolicyFault::WrongType("an object"));
            return &[];
        };
        let mut seen = HashSet::new();
        for (at, key, _) in members.iter().filter(|(_, key, _)| !seen.insert(identity(key))) {
            self.fail(*at, path, PolicyFault::DuplicateKey(shown(key)));
        }
        members
    }

    /// One scalar or a list of them: the place and text of each.
    fn texts(
        &mut self,
        node: &Node,
        path: &str,
        scalar: impl Fn(&Node) -> Option<String>,
    ) -> Vec<(usize, String)> {
        let one = std::slice::from_ref(node);
        let mut texts = Vec::new();
        for item in node.items().unwrap_or(one) {
            match scalar(item) {
                Some(text) => texts.push((item.at, text)),
                None => self.fail(item.at, path, PolicyFault::WrongType("a string")),
            }
        }
        texts
    }

    /// Whether the text is the document's own, and not the file of cases that it stands in.
    fn is_own(&self, root: &Node) -> bool {
        root.at == self.text.len() - self.text.trim_start().len()
    }

    fn size(&mut self, root: &Node) {
        let limit = size::limit(self.kind);
        let (size, most) = (size::measured(self.text, self.kind), limit.most);
        if self.is_own(root) && size > most {
            let fault = PolicyFault::TooLarge { size, most, measure: limit.measure };
            self.note(root.at, "$", fault);
        }
    }

    fn characters(&mut self, root: &Node) {
        if !self.is_own(root) {
            return;
        }
        let allowed = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{ff}');
        if let Some((at, c)) = self.text.char_indices().find(|(_, c)| !allowed(*c)) {
            let rule = "policies are written in the characters U+0020 to U+00FF";
            self.note_invalid(at, "$", &c.to_string(), rule);
        }
    }

    fn version(&mut self, root: &Node) -> (Version, Option<String>) {
        let managed = self.kind == PolicyKind::ManagedIdentity;
        let Some(node) = root.member("Version") else {
            if managed {
                let fault = PolicyFault::Missing("`Version`, which must be 2012-10-17,");
                self.note(root.at, "$", fault);
            }
            return (Version::V2008, None);
        };
        let Some(text) = node.as_str() else {
            self.fail(node.at, "Version", PolicyFault::WrongType("a string"));
            return (Version::Unknown, None);
        };
        let version = match text {
            "2012-10-17" => Version::V2012,
            "2008-10-17" => Version::V2008,
            _ => Version::Unknown,
        };
        if version == Version::Unknown || (managed && version == Version::V2008) {
            let rule = if managed {
                "the version of a managed policy must be 2012-10-17"
            } else {
                "the version must be 2012-10-17 or 2008-10-17"
            };
            self.note_invalid(node.at, "Version", text, rule);
        }
        (version, Some(text.to_owned()))
    }

    fn id(&mut self, root: &Node) -> Option<String> {
        let node = root.member("Id")?;
        let Some(id) = node.as_str() else {
            self.fail(node.at, "Id", PolicyFault::WrongType("a string"));
            return None;
        };
        if !self.kind.names_principals() {
            self.note(node.at, "Id", PolicyFault::Forbidden("only resource policies have an `Id`"));
        }
        Some(id.to_owned())
    }

    fn statements(&mut self, root: &Node) -> Vec<Statement> {
        let Some(node) = root.member("Statement") else {
            self.fail(root.at, "$", PolicyFault::Missing("`Statement`"));
            return Vec::new();
        };
        let Some(items) = node.items() else {
            return vec![self.statement(node, "Statement", 1)];
        };
        if items.is_empty() {
            self.note(node.at, "Statement", PolicyFault::Missing("a statement"));
        }
        let numbered = items.iter().enumerate();
        numbered
            .map(|(at, item)| self.statement(item, &format!("Statement[{at}]"), at + 1))
            .collect()
    }

    fn statement(&mut self, node: &Node, path: &str, number: usize) -> Statement {
        self.members(node, path, &STATEMENT_ELEMENTS);
        let sid = self.sid(node, path);
        let effect = self.effect(node, path);
        let (principal, principal_doubtful) = self.principal(node, path, effect);
        let (actions, actions_doubtful) = self.actions(node, path, effect);
        let (resources, resources_doubtful) = self.resources(node, path);
        let conditions = self.conditions(node, path);
        let doubtful = principal_doubtful || actions_doubtful || resources_doubtful;
        Statement { sid, number, effect, principal, actions, resources, conditions, doubtful }
    }

    fn sid(&mut self, node: &Node, path: &str) -> Option<String> {
        let node = node.member("Sid")?;
        let path = format!("{path}.Sid");
        let Some(sid) = node.as_str() else {
            self.fail(node.at, &path, PolicyFault::WrongType("a string"));
            return None;
        };
        let plain = sid.bytes().all(|b| b.is_ascii_alphanumeric());
        if !plain && self.kind != PolicyKind::Resource {
            self.note_invalid(node.at, &path, sid, "a `Sid` holds only A–Z, a–z and 0–9");
        }
        Some(sid.to_owned())
    }

    /// What does not say `Allow` denies, in a document that is not one anyway.
    fn effect(&mut self, node: &Node, path: &str) -> Effect {
        let Some(effect) = node.member("Effect") else {
            self.fail(node.at, path, PolicyFault::Missing("`Effect`"));
            return Effect::Deny;
        };
        match effect.as_str() {
            Some("Allow") => return Effect::Allow,
            Some("Deny") => {}
            Some(_) | None => {
                let fault = PolicyFault::WrongType("`Allow` or `Deny`");
                self.fail(effect.at, &format!("{path}.Effect"), fault);
            }
        }
        Effect::Deny
    }

    fn unique_sids(&mut self, root: &Node, statements: &[Statement]) {
        if self.kind == PolicyKind::Resource {
            return;
        }
        let mut seen = HashSet::new();
        for statement in statements {
            let Some(sid) = statement.sid.as_deref().filter(|sid| !sid.is_empty()) else {
                continue;
            };
            if !seen.insert(sid) {
                let index = statement.number - 1;
                let items = root.member("Statement").and_then(Node::items);
                let at = items.and_then(|items| items.get(index)).map_or(root.at, |node| node.at);
                let rule = "a `Sid` may be used once in a policy";
                self.note_invalid(at, &format!("Statement[{index}].Sid"), sid, rule);
            }
        }
    }
}

/// How much of a refused value an error repeats, in characters.
const SHOWN_MAX: usize = 80;

fn shown(text: &str) -> String {
    text.chars().take(SHOWN_MAX).collect()
}
