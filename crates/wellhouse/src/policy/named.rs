//! Whom trust and bucket policies name besides the roles of a world: users, sessions, accounts,
//! services, identity providers, and whoever `*` lets in.

use std::collections::BTreeSet;

use serde_json::Value;
use wh_policy::PolicyKind;

use super::principal::Principal;
use super::world::World;

/// Somebody whom policies name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Who {
    /// A service, by its name.
    Service(String),
    /// An identity provider, by its name or ARN.
    Provider(String),
    /// A user, role or session, by its ARN.
    Arn(String),
    /// A user of the world's account whom no policy gives anything.
    Insider,
    /// A user of the world's account whose policies let it assume roles.
    Assumer,
    /// A user of another account whose policies allow everything.
    Foreigner(String),
    /// The same, of an account that nobody names.
    Outsider,
}

/// Who is named, and which names cannot be asked about.
#[derive(Debug, Default)]
pub(crate) struct Named {
    pub(crate) who: BTreeSet<Who>,
    pub(crate) unasked: BTreeSet<String>,
}

impl Who {
    /// The principal to ask about, with the policies that it has in a world.
    pub(crate) fn principal<'w>(&self, world: &'w World) -> Option<Principal<'w>> {
        match self {
            Self::Service(service) => Principal::written(world, service).ok(),
            Self::Provider(provider) => Some(Principal::of_provider(provider)),
            Self::Arn(arn) => Principal::named_by_arn(world, arn),
            Self::Insider => Principal::insider(world),
            Self::Assumer => Principal::assumer(world),
            Self::Foreigner(account) => Principal::foreigner(world, account),
            Self::Outsider => Principal::outsider(world),
        }
    }
}

/// Whom the trust and bucket policies of these worlds name, apart from their roles.
pub(crate) fn everybody(worlds: &[&World]) -> BTreeSet<Who> {
    let mut named = Named::default();
    for world in worlds {
        let documents = world.documents.iter();
        let naming = documents
            .filter(|document| matches!(document.kind, PolicyKind::Trust | PolicyKind::Resource));
        naming.for_each(|document| named.read(world, &document.text));
    }
    let is_role = |who: &Who| {
        let mut roles = worlds.iter().flat_map(|world| world.roles.values());
        matches!(who, Who::Arn(arn) if roles.any(|role| role.arn.as_str() == arn))
    };
    named.who.into_iter().filter(|who| !is_role(who)).collect()
}

impl Named {
    /// Takes in whom a document names.
    pub(crate) fn read(&mut self, world: &World, text: &str) {
        let root: Value = serde_json::from_str(text).unwrap_or_default();
        let statements = root.get("Statement").unwrap_or(&Value::Null);
        for statement in each(statements) {
            let allows = statement.get("Effect").and_then(Value::as_str) == Some("Allow");
            let lists = ["Principal", "NotPrincipal"].map(|element| statement.get(element));
            for list in lists.into_iter().flatten() {
                self.list(world, list, allows);
            }
            let operators = statement.get("Condition").and_then(Value::as_object);
            let tests = operators.into_iter().flat_map(|operators| operators.values());
            for (key, values) in tests.filter_map(Value::as_object).flatten() {
                each(values)
                    .iter()
                    .filter_map(|value| value.as_str())
                    .for_each(|value| self.condition(world, key, value));
            }
        }
    }

    fn list(&mut self, world: &World, list: &Value, allows: bool) {
        let Some(kinds) = list.as_object() else {
            return self.everyone(allows && list.as_str() == Some("*"));
        };
        for (kind, names) in kinds {
            let names = each(names).into_iter().filter_map(Value::as_str);
            names.for_each(|name| self.entry(world, (kind, name), allows));
        }
    }

    fn entry(&mut self, world: &World, entry: (&str, &str), allows: bool) {
        match entry {
            ("AWS", "*") => self.everyone(allows),
            ("AWS", name) => self.aws(world, name),
            ("Service", name) => {
                self.who.insert(Who::Service(name.to_owned()));
            }
            ("Federated", name) => {
                self.who.insert(Who::Provider(name.to_owned()));
            }
            (kind, name) => {
                self.unasked.insert(format!("{kind} {name}"));
            }
        }
    }

    fn everyone(&mut self, allowed: bool) {
        if allowed {
            self.who.extend([Who::Insider, Who::Outsider]);
        }
    }

    fn aws(&mut self, world: &World, name: &str) {
        let account = name.strip_suffix(":root").and_then(|arn| arn.rsplit(':').next());
        let account = account.unwrap_or(name);
        let who = if account == world.account.as_str() {
            self.who.insert(Who::Insider);
            Who::Assumer
        } else if is_account(account) {
            Who::Foreigner(account.to_owned())
        } else {
            Who::Arn(name.to_owned())
        };
        if who.principal(world).is_some() {
            self.who.insert(who);
        } else {
            self.unasked.insert(name.to_owned());
        }
    }

    /// Conditions name principals too. A pattern stands for many: one of them is asked about.
    fn condition(&mut self, world: &World, key: &str, value: &str) {
        let account = key.eq_ignore_ascii_case("aws:PrincipalAccount");
        if !account && !key.eq_ignore_ascii_case("aws:PrincipalArn") {
            return;
        }
        if value.contains(['*', '?', '$']) {
            self.unasked.insert(format!("whoever is meant by `{value}`"));
            let example = value.replace("${*}", "x").replace(['*', '?'], "x");
            if !account && Who::Arn(example.clone()).principal(world).is_some() {
                self.who.insert(Who::Arn(example));
            }
        } else if value != world.account.as_str() {
            // The own account in a condition is there to keep the others out.
            self.aws(world, value);
        }
    }
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

/// The items of a list, or the one value that stands for it.
pub(crate) fn each(value: &Value) -> Vec<&Value> {
    value.as_array().map_or_else(|| vec![value], |items| items.iter().collect())
}
