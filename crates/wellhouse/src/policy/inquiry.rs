//! Questions about all requests. A bucket's policy counts for the bucket alone and a role's trust for
//! the role, so each question is put once for every such place, and once for everywhere else.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use wh_policy::analysis::{Access, Answer, Requests};
use wh_policy::{Context, NamedPolicy, PolicyDocument, PolicyKind, PolicySet, Subject};

use super::asked::{self, Keys};
use super::principal::Principal;
use super::world::World;

/// Where requests are judged by the same policies.
#[derive(Debug)]
pub(crate) enum Place {
    /// A bucket and what is in it.
    Bucket(String),
    /// A role, which may be assumed.
    Role(String),
    /// Whatever has no policy of its own.
    Elsewhere,
}

/// The places of these worlds, those first that most questions are about.
pub(crate) fn places(worlds: &[&World]) -> Vec<Place> {
    let buckets: BTreeSet<&String> = worlds.iter().flat_map(|world| world.buckets.keys()).collect();
    let trusted = worlds.iter().flat_map(|world| &world.roles);
    let roles: BTreeSet<&String> =
        trusted.filter(|(_, role)| role.trust.is_some()).map(|(name, _)| name).collect();
    let buckets = buckets.into_iter().map(|bucket| Place::Bucket(bucket.clone()));
    let roles = roles.into_iter().map(|role| Place::Role(role.clone()));
    buckets.chain(roles).chain([Place::Elsewhere]).collect()
}

impl Place {
    /// The policy of the place.
    pub(crate) fn policy<'w>(&self, world: &'w World) -> Option<&'w NamedPolicy> {
        match self {
            Self::Bucket(bucket) => world.buckets.get(bucket),
            Self::Role(role) => world.roles.get(role)?.trust.as_ref(),
            Self::Elsewhere => None,
        }
    }

    /// What is there, in any of the worlds.
    fn arns(&self, worlds: &[&World]) -> BTreeSet<String> {
        let there = |world: &&World| match self {
            Self::Bucket(bucket) => asked::object_arns(&world.partition, bucket).to_vec(),
            Self::Role(role) => {
                world.roles.get(role).map(|role| role.arn.to_string()).into_iter().collect()
            }
            Self::Elsewhere => Vec::new(),
        };
        worlds.iter().flat_map(there).collect()
    }

    /// Denies what is not at this place: what is left of a set of requests is there.
    fn outside(&self, worlds: &[&World]) -> Value {
        let everything = json!({ "Effect": "Deny", "Action": "*" });
        let (element, arns) = match self {
            Self::Bucket(_) | Self::Role(_) => ("NotResource", self.arns(worlds)),
            Self::Elsewhere => {
                let others = places(worlds);
                let arns = others.iter().filter(|place| !matches!(place, Self::Elsewhere));
                ("Resource", arns.flat_map(|place| place.arns(worlds)).collect())
            }
        };
        let mut statement = everything;
        if let Some(members) = statement.as_object_mut() {
            members.insert(element.to_owned(), json!(arns));
        }
        statement
    }
}

/// A set of requests, as the statements of an identity policy describe it.
#[derive(Debug, Clone)]
pub(crate) struct Set {
    document: Value,
}

impl Set {
    /// Every request.
    pub(crate) fn everything() -> Self {
        Self::of_statement(json!({ "Effect": "Allow", "Action": "*", "Resource": "*" }))
    }

    /// Requests about buckets, objects and IAM's resources in the partition of a world: those that
    /// people know.
    pub(crate) fn familiar(world: &World) -> Self {
        let partition = &world.partition;
        let arns = [format!("arn:{partition}:s3:::*"), format!("arn:{partition}:iam::*:*")];
        Self::of_statement(json!({ "Effect": "Allow", "Action": "*", "Resource": arns }))
    }

    fn of_statement(statement: Value) -> Self {
        Self { document: json!({ "Version": "2012-10-17", "Statement": [statement] }) }
    }

    /// These actions on these resources, both patterns.
    pub(crate) fn of(world: &World, actions: &[String], resources: &[String]) -> Result<Self> {
        let first = actions.first().map(String::as_str).unwrap_or_default();
        let arns: Vec<String> = resources
            .iter()
            .map(|written| match written.as_str() {
                "*" => "*".to_owned(),
                written => asked::resource(world, first, written),
            })
            .collect();
        let set = Self::of_statement(json!({
            "Effect": "Allow", "Action": actions, "Resource": arns,
        }));
        PolicyDocument::parse(&set.document.to_string(), PolicyKind::Identity)
            .map_err(|error| anyhow::anyhow!("{}", error.fault()))
            .context("--action or --resource")?;
        Ok(set)
    }

    /// What a document describes: the `Allow` statements match, and the `Deny` statements do not.
    pub(crate) fn described(text: &str) -> Result<Self> {
        PolicyDocument::parse(text, PolicyKind::Identity)?;
        let mut document: Value = serde_json::from_str(text)?;
        if let Some(statement) = document.get_mut("Statement").filter(|one| !one.is_array()) {
            *statement = json!([statement.take()]);
        }
        Ok(Self { document })
    }

    /// The part of the set that is at a place.
    pub(crate) fn at(&self, place: &Place, worlds: &[&World]) -> PolicyDocument {
        let outside = place.outside(worlds);
        let mut document = self.document.clone();
        let nothing_is_outside = outside.get("Resource") == Some(&json!([]));
        if let Some(Value::Array(statements)) = document.get_mut("Statement")
            && !nothing_is_outside
        {
            statements.push(outside);
        }
        // Read as it is: with many places it may be larger than any policy that is stored.
        PolicyDocument::read_stored(&document.to_string(), PolicyKind::Identity)
    }
}

/// What is known of every request.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct Known {
    #[command(flatten)]
    keys: Keys,
    /// A condition key that no request has, such as `aws:PrincipalTag/team`; `aws:PrincipalTag/*`
    /// is all of them
    #[arg(long, value_name = "KEY")]
    absent: Vec<String>,
}

impl Known {
    pub(crate) fn read(&self) -> Result<(Context, Vec<&str>)> {
        let absent = self.absent.iter().map(String::as_str).collect::<Vec<_>>();
        for key in absent.iter().filter(|key| !key.ends_with('*')) {
            asked::known("--absent", key)?;
        }
        Ok((self.keys.read()?, absent))
    }

    /// What was taken for granted, for reading.
    pub(crate) fn in_words(&self) -> Result<Vec<String>> {
        let (context, absent) = self.read()?;
        let mut lines = asked::in_words(&context);
        lines.extend(absent.iter().map(|key| format!("{key} is absent")));
        let keys = match lines.as_slice() {
            [] => "any condition key may have any value or be absent, persons' tags too".to_owned(),
            fixed => format!("{}; any other key may have any value or be absent", fixed.join("; ")),
        };
        let sessions = "a session for a grant may do less: its session policy is not looked at";
        Ok(vec![keys, sessions.to_owned()])
    }
}

/// What one principal may do at a place of a world.
pub(crate) fn access<'a>(
    world: &'a World,
    principal: &'a Principal<'a>,
    place: &Place,
    (known, absent): (&'a Context, &'a [&'a str]),
) -> Access<'a> {
    let policies = PolicySet {
        identity: principal.role.map_or(&[], |role| &role.permissions),
        resource: place.policy(world),
        boundary: principal.role.and_then(|role| role.boundary.as_ref()),
        session: None,
        scps: None,
        rcps: None,
    };
    let (subject, resource_account): (&Subject, _) = (&principal.subject, &world.account);
    Access { policies, subject, resource_account, known, absent }
}

/// Puts a question for the part of a set at each place: a witness anywhere is a yes, and only a no
/// everywhere is a no.
pub(crate) fn everywhere(
    worlds: &[&World],
    set: &Set,
    mut ask: impl FnMut(&Place, &Requests<'_>) -> Option<Answer>,
) -> Answer {
    let mut sum = Answer::No;
    for place in places(worlds) {
        let part = set.at(&place, worlds);
        match ask(&place, &Requests::of(&part)) {
            None | Some(Answer::No) => {}
            Some(yes @ Answer::Yes(_)) => return yes,
            Some(unknown @ Answer::Unknown(_)) => sum = unknown,
        }
    }
    sum
}

/// Whoever may ask: the roles of a world, the services that its trust policies name, and nobody.
pub(crate) fn principals(world: &World) -> Result<Vec<Principal<'_>>> {
    let mut all: Vec<Principal<'_>> =
        world.roles.iter().map(|(name, role)| Principal::of_role(name, role)).collect();
    let mut services = BTreeSet::new();
    for document in world.documents.iter().filter(|document| document.kind == PolicyKind::Trust) {
        let root: Value = serde_json::from_str(&document.text).unwrap_or_default();
        services_in(&root, &mut services);
    }
    for service in &services {
        all.push(Principal::written(world, service)?);
    }
    all.push(Principal::anonymous());
    Ok(all)
}

/// Collects the values of `Service` members.
fn services_in(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| services_in(item, found)),
        Value::Object(members) => {
            for (name, member) in members {
                match (name.as_str(), member) {
                    ("Service", Value::String(service)) => {
                        found.insert(service.clone());
                    }
                    ("Service", Value::Array(services)) => {
                        found.extend(services.iter().filter_map(Value::as_str).map(str::to_owned));
                    }
                    (_, member) => services_in(member, found),
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
