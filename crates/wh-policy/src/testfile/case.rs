//! One case of a test file.

use std::sync::Arc;

use wh_names::{AccountId, Action, Arn};

use super::{CaseResult, Explained, principal};
use crate::canonical::equivalent;
use crate::json::{Node, Value};
use crate::{
    Context, ContextValue, Decision, NamedPolicy, Outcome, PolicyDocument, PolicyKind, PolicySet,
    Request, evaluate, parse,
};

/// What a case came to.
struct Verdict {
    expected: String,
    decision: String,
    explicit: bool,
    pass: bool,
    explanation: String,
}

/// The account of resources where neither the case nor an ARN names one.
const ACCOUNT_UNNAMED: &str = "000000000000";

/// Runs a case; `number` names one without a name.
pub(super) fn run(text: &str, node: &Node, number: usize) -> CaseResult {
    let case = Case { text, node };
    let verdict = case.judge().unwrap_or_else(|why| case.error(why));
    CaseResult {
        name: case.name(number),
        expected: verdict.expected,
        decision: verdict.decision,
        explicit: verdict.explicit,
        pass: verdict.pass,
        explanation: verdict.explanation,
    }
}

/// Hands a case that asks for a decision to `see` with the decision, any other with its result.
pub(super) fn explain(
    text: &str,
    node: &Node,
    number: usize,
    see: &mut impl FnMut(&str, Explained<'_, '_>),
) {
    let case = Case { text, node };
    let name = case.name(number);
    let decides = node.member("document").is_none() && node.member("policy1").is_none();
    let seen = decides
        .then(|| case.decide(|decision, _| see(&name, Explained::Decision(decision))).ok())
        .flatten();
    if seen.is_none() {
        see(&name, Explained::Other(&run(text, node, number)));
    }
}

struct Case<'a> {
    text: &'a str,
    node: &'a Node,
}

/// Every policy of a case.
struct Policies {
    identity: Vec<NamedPolicy>,
    resource: Option<NamedPolicy>,
    boundary: Option<NamedPolicy>,
    session: Option<Vec<NamedPolicy>>,
    scps: Option<Vec<Vec<NamedPolicy>>>,
    rcps: Option<Vec<Vec<NamedPolicy>>>,
}

impl Case<'_> {
    fn name(&self, number: usize) -> String {
        let name = self.node.member("name").and_then(Node::as_str);
        name.map_or_else(|| format!("#{number}"), str::to_owned)
    }

    /// A field that is there and not null.
    fn field(&self, name: &str) -> Option<&Node> {
        self.node.member(name).filter(|node| !node.is_null())
    }

    fn text_field(&self, name: &'static str) -> Result<&str, String> {
        let text = self.field(name).and_then(Node::as_str);
        text.ok_or_else(|| format!("`{name}` is missing, or not a string"))
    }

    fn flag(&self, name: &'static str) -> Option<bool> {
        self.field(name).and_then(|node| match node.value {
            Value::Bool(flag) => Some(flag),
            Value::Null
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_)
            | Value::Object(_) => None,
        })
    }

    fn expected(&self) -> &str {
        self.field("expected").and_then(Node::as_str).unwrap_or("Allow or Deny")
    }

    fn error(&self, why: String) -> Verdict {
        let expected = self.expected().to_owned();
        let pass = expected == "Error";
        Verdict { expected, decision: "Error".to_owned(), explicit: false, pass, explanation: why }
    }

    fn judge(&self) -> Result<Verdict, String> {
        if self.node.member("document").is_some() {
            return self.validity();
        }
        if self.node.member("policy1").is_some() {
            return self.equivalence();
        }
        self.decision()
    }

    fn validity(&self) -> Result<Verdict, String> {
        let wanted = self.flag("valid").ok_or("`valid` is missing, or not a boolean")?;
        let kind = match self.field("policy_kind").and_then(Node::as_str).unwrap_or("identity") {
            "identity" => PolicyKind::Identity,
            "managed-identity" => PolicyKind::ManagedIdentity,
            "boundary" => PolicyKind::Boundary,
            "session" => PolicyKind::Session,
            "resource" => PolicyKind::Resource,
            "trust" => PolicyKind::Trust,
            other => return Err(format!("`{other}` is not a policy kind")),
        };
        let node = self.node.member("document").ok_or("`document` is missing")?;
        let read = self.document(node, kind, true);
        let word = |valid: bool| if valid { "valid" } else { "invalid" }.to_owned();
        Ok(Verdict {
            expected: word(wanted),
            decision: word(read.is_ok()),
            explicit: false,
            pass: read.is_ok() == wanted,
            explanation: read.err().unwrap_or_default(),
        })
    }

    fn equivalence(&self) -> Result<Verdict, String> {
        let wanted = self.flag("equivalent").ok_or("`equivalent` is missing, or not a boolean")?;
        let node = |name| self.field(name).ok_or_else(|| format!("`{name}` is missing"));
        let read = |name| self.document(node(name)?, PolicyKind::Resource, false);
        let (same, explanation) = match (read("policy1"), read("policy2")) {
            (Ok(one), Ok(other)) => (equivalent(&one, &other), String::new()),
            (Err(one), Err(_)) => {
                (node("policy1")?.value == node("policy2")?.value, format!("malformed: {one}"))
            }
            (Err(why), Ok(_)) | (Ok(_), Err(why)) => (false, format!("malformed: {why}")),
        };
        let word = |same: bool| if same { "equivalent" } else { "different" }.to_owned();
        Ok(Verdict {
            expected: word(wanted),
            decision: word(same),
            explicit: false,
            pass: same == wanted,
            explanation,
        })
    }

    /// A document, given as an object or as a string. Where an error is expected any fault is one;
    /// otherwise only what makes the document unreadable, and the rest fails closed.
    fn document(
        &self,
        node: &Node,
        kind: PolicyKind,
        strict: bool,
    ) -> Result<PolicyDocument, String> {
        let read = match node.as_str() {
            Some(text) => PolicyDocument::read(text, kind),
            None => parse::document(self.text, node, kind),
        };
        let document = read.map_err(|error| error.to_string())?;
        match document.faults.first().filter(|_| strict) {
            Some(fault) => Err(fault.to_string()),
            None => Ok(document),
        }
    }

    fn named(&self, node: &Node, name: String, kind: PolicyKind) -> Result<NamedPolicy, String> {
        let strict = self.expected() == "Error";
        let document = self.document(node, kind, strict).map_err(|why| format!("{name}: {why}"))?;
        Ok(NamedPolicy { name, document: Arc::new(document) })
    }

    fn one(&self, field: &str, kind: PolicyKind) -> Result<Option<NamedPolicy>, String> {
        self.field(field).map(|node| self.named(node, field.to_owned(), kind)).transpose()
    }

    fn many(&self, field: &str, kind: PolicyKind) -> Result<Option<Vec<NamedPolicy>>, String> {
        let Some(node) = self.field(field) else { return Ok(None) };
        let items = node.items().unwrap_or(std::slice::from_ref(node)).iter().enumerate();
        let named = items.map(|(at, item)| self.named(item, format!("{field}[{at}]"), kind));
        named.collect::<Result<_, _>>().map(Some)
    }

    /// Organisation policies: a document is a level of its own, a list is a level.
    fn levels(
        &self,
        field: &str,
        kind: PolicyKind,
    ) -> Result<Option<Vec<Vec<NamedPolicy>>>, String> {
        let Some(node) = self.field(field) else { return Ok(None) };
        let items = node.items().unwrap_or(std::slice::from_ref(node)).iter().enumerate();
        let level = |(at, item): (usize, &Node)| {
            let within = item.items().unwrap_or(std::slice::from_ref(item)).iter().enumerate();
            let name = |inner| format!("{field}[{at}][{inner}]");
            within.map(|(inner, item)| self.named(item, name(inner), kind)).collect()
        };
        items.map(level).collect::<Result<_, _>>().map(Some)
    }

    fn policies(&self, action: &str) -> Result<Policies, String> {
        let action = action.to_ascii_lowercase();
        let of_role = action.starts_with("sts:assumerole")
            || action == "sts:tagsession"
            || action == "sts:setsourceidentity";
        let resource = if of_role { PolicyKind::Trust } else { PolicyKind::Resource };
        Ok(Policies {
            identity: self.many("identity_policies", PolicyKind::Identity)?.unwrap_or_default(),
            resource: self.one("resource_policy", resource)?,
            boundary: self.one("boundary", PolicyKind::Boundary)?,
            session: self.many("session_policies", PolicyKind::Session)?,
            scps: self.levels("scps", PolicyKind::Identity)?,
            rcps: self.levels("rcps", PolicyKind::Resource)?,
        })
    }

    fn decision(&self) -> Result<Verdict, String> {
        self.decide(|decision, policies| self.verdict(decision, policies))
    }

    fn decide<T>(&self, then: impl FnOnce(&Decision<'_>, &Policies) -> T) -> Result<T, String> {
        let context = self.context()?;
        let principal = self.field("principal").ok_or("`principal` is missing")?;
        let subject = principal::subject(principal, &context)?;
        let action =
            Action::parse(self.text_field("action")?).map_err(|error| error.to_string())?;
        let resource = self.resource(&action)?;
        let account = self.account(&resource, subject.account())?;
        let policies = self.policies(action.as_str())?;
        let set = PolicySet {
            identity: &policies.identity,
            resource: policies.resource.as_ref(),
            boundary: policies.boundary.as_ref(),
            session: policies.session.as_deref(),
            scps: policies.scps.as_deref(),
            rcps: policies.rcps.as_deref(),
        };
        let request = Request {
            subject: &subject,
            action: &action,
            resource: &resource,
            resource_account: &account,
            context: &context,
        };
        Ok(then(&evaluate(&set, &request), &policies))
    }

    fn verdict(&self, decision: &Decision<'_>, policies: &Policies) -> Verdict {
        let expected = self.expected().to_owned();
        let word = if decision.allowed() { "Allow" } else { "Deny" };
        let explicit = decision.outcome() == Outcome::ExplicitDeny;
        let as_explicit = self.flag("expected_explicit").is_none_or(|wanted| wanted == explicit);
        Verdict {
            pass: expected == word && (decision.allowed() || as_explicit),
            expected,
            decision: word.to_owned(),
            explicit,
            explanation: explanation(decision, policies),
        }
    }

    fn context(&self) -> Result<Context, String> {
        let mut context = Context::new();
        let Some(node) = self.field("context") else { return Ok(context) };
        let members = node.members().ok_or("`context` is not an object")?;
        for (_, key, value) in members {
            let wrong =
                || format!("the value of `{key}` in `context` is not one of the known forms");
            if value.is_null() {
                continue;
            }
            match value.items() {
                Some(items) => {
                    let values: Option<Vec<String>> = items.iter().map(Node::scalar).collect();
                    context.set(key, values.ok_or_else(wrong)?);
                }
                None => context.set(key, ContextValue::One(value.scalar().ok_or_else(wrong)?)),
            }
        }
        Ok(context)
    }

    fn resource(&self, action: &Action) -> Result<Arn, String> {
        let text = self.text_field("resource")?;
        let service = action.as_str().split(':').next().unwrap_or_default();
        let every = format!("arn:aws:{service}:::*");
        let text = if text == "*" { &every } else { text };
        Arn::parse(text).map_err(|error| error.to_string())
    }

    fn account(&self, resource: &Arn, principals: Option<&str>) -> Result<AccountId, String> {
        if let Some(given) = self.field("resource_account").and_then(Node::as_str) {
            return AccountId::parse(given).map_err(|error| error.to_string());
        }
        let own = AccountId::parse(resource.account());
        let account = own.or_else(|_| AccountId::parse(principals.unwrap_or(ACCOUNT_UNNAMED)));
        account.map_err(|error| error.to_string())
    }
}

/// The decision in words, with its statement, the nearest miss, and whatever is malformed.
fn explanation(decision: &Decision<'_>, policies: &Policies) -> String {
    let why = decision.explanation();
    let mut parts = vec![why.message()];
    if let (Some(policy), Some(statement)) = (&why.policy, &why.statement) {
        parts.push(format!("statement `{statement}` of `{policy}`"));
    }
    parts.extend(why.near_miss.clone());
    let session = policies.session.iter().flatten();
    let levels = policies.scps.iter().chain(&policies.rcps).flatten().flatten();
    let all = policies.identity.iter().chain(&policies.resource).chain(&policies.boundary);
    for policy in all.chain(session).chain(levels) {
        let faults = policy.document.faults().iter();
        parts.extend(faults.map(|fault| format!("malformed: `{}`: {fault}", policy.name)));
    }
    parts.join("; ")
}
