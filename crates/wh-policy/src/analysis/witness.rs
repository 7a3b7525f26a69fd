//! A request that shows something, put to the engine before anyone sees it.

use std::collections::BTreeMap;

use wh_names::{Action, Arn};

use super::side::Side;
use super::solver::Model;
use super::space::{Component, Field, Space};
use super::theory::{Value, fits};
use super::{Access, Requests};
use crate::principal::PrincipalElement;
use crate::{
    Context, ContextValue, NamedPolicy, Outcome, PolicyKind, PolicySet, Request, Subject, evaluate,
    tables,
};

/// A request, and what the engine decides about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// What is done.
    pub action: Action,
    /// To which resource.
    pub resource: Arn,
    /// The condition keys: those that are known of the principal, and those that the request needs.
    pub context: Context,
    /// What the engine decides.
    pub outcome: Outcome,
    /// What it decides under the old policies, where two are compared.
    pub before: Option<Outcome>,
    /// Whether it is proved that there is no shorter one.
    pub shortest: bool,
}

/// The parts of a request that a model settles.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) action: Action,
    pub(super) resource: Arn,
    pub(super) free: Context,
}

impl Found {
    /// The request of a model; none where its parts do not make one.
    pub(super) fn of(space: &Space<'_>, model: &Model) -> Option<Self> {
        let text = |field: Field| text_of(&model.values, Component::Field(field));
        let (action, service) = action_and_service(space, model)?;
        let (partition, region) = (text(Field::Partition)?, text(Field::Region)?);
        let (account, rest) = (text(Field::Account)?, text(Field::Rest)?);
        let resource = format!("arn:{partition}:{service}:{region}:{account}:{rest}");
        let mut free = Context::new();
        for (component, value) in &model.values {
            let Component::Key(number) = component else { continue };
            let name = &space.key_of(*number)?.name;
            match value {
                Value::Text(text) => free.set(name, text.as_str()),
                Value::Listed(values) => free.set(name, values.clone()),
                Value::Absent => {}
            }
        }
        let action = Action::parse(&action).ok()?;
        Some(Self { action, resource: Arn::parse(&resource).ok()?, free })
    }

    /// What the engine decides for a principal, and the context that it is given.
    pub(super) fn replay(&self, access: &Access<'_>, side: &Side) -> (Outcome, Context) {
        let context = side.context(&self.free);
        let request = Request {
            subject: access.subject,
            action: &self.action,
            resource: &self.resource,
            resource_account: access.resource_account,
            context: &context,
        };
        let outcome = evaluate(&access.policies, &request).outcome();
        (outcome, context)
    }

    /// Whether the engine finds the request in the set. It is asked as about the policy of a resource
    /// that speaks of everyone, since no other policy has a say then.
    pub(super) fn is_among(&self, among: Requests<'_>, access: &Access<'_>, side: &Side) -> bool {
        let Some(document) = among.0 else { return true };
        let mut document = document.clone();
        document.kind = PolicyKind::Resource;
        let everyone = PrincipalElement { negated: false, star: true, entries: Vec::new() };
        for statement in &mut document.statements {
            statement.principal = Some(everyone.clone());
        }
        let policy = NamedPolicy { name: "requests".to_owned(), document: document.into() };
        let request = Request {
            subject: &Subject::Service { name: "requests".to_owned() },
            action: &self.action,
            resource: &self.resource,
            resource_account: access.resource_account,
            context: &side.whole_context(&self.free),
        };
        let policies = PolicySet { resource: Some(&policy), ..PolicySet::default() };
        evaluate(&policies, &request).allowed()
    }
}

fn text_of(values: &BTreeMap<Component, Value>, component: Component) -> Option<String> {
    match values.get(&component)? {
        Value::Text(text) => Some(text.clone()),
        Value::Absent => None,
        Value::Listed(values) => values.first().cloned(),
    }
}

/// Actions that everybody knows, before all others.
const WELL_KNOWN: [&str; 3] = ["s3:GetObject", "s3:PutObject", "s3:ListBucket"];

/// The action, and the service of the resource: of one service where that may be.
fn action_and_service(space: &Space<'_>, model: &Model) -> Option<(String, String)> {
    let asked = |field: Field| {
        model.asked.get(&Component::Field(field)).map(Vec::as_slice).unwrap_or_default()
    };
    let service = text_of(&model.values, Component::Field(Field::Service))?;
    let mut names: Vec<&str> = tables::actions().iter().map(|row| row.name).collect();
    names.sort_by_key(|name| (!WELL_KNOWN.contains(name), !name.starts_with("s3:"), name.len()));
    names.retain(|name| fits(space, asked(Field::Action), &name.to_ascii_lowercase()));
    let own = |name: &str| name.split(':').next().unwrap_or_default().to_owned();
    let both = names.iter().find(|name| fits(space, asked(Field::Service), &own(name)));
    if let Some(name) = both {
        return Some(((*name).to_owned(), own(name)));
    }
    let action = match names.first() {
        Some(name) => (*name).to_owned(),
        None => text_of(&model.values, Component::Field(Field::Action))?,
    };
    Some((action, service))
}

impl Side {
    /// The context with what follows from the principal written out.
    fn whole_context(&self, free: &Context) -> Context {
        let mut context = self.derived().clone();
        let own = self.context(free);
        let mut put = |key: &str, value: &ContextValue| context.set(key, value.clone());
        own.iter().for_each(|(key, value)| put(key, value));
        context
    }
}
