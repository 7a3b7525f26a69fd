//! The policies of whoever makes, keeps or takes away the estate: each call that this takes, and no
//! other.
//!
//! They are made from the estate, so that they name its buckets, its roles and its boundaries alone.
//!
//! Invariant: by the everyday policy, and by those of a destruction, nobody comes to more than what the
//! boundaries leave: a role is made, widened, bounded anew or given other trust only under one of them, they themselves
//! cannot be written, no policy can be attached, and a key is changed or tagged only where it is ours
//! already. The policy of the set-up writes the boundaries, so it is worth an administrator.
//!
//! Source: Service Authorization Reference, for which call asks for which action on which resource, and
//! which knows `iam:PermissionsBoundary` (`UpdateAssumeRolePolicy` does, since 2026); IAM User Guide,
//! "Permissions boundaries for IAM entities", for delegation that cannot widen itself.

mod reads;
mod removals;
mod writes;

use serde_json::{Value, json};
use wh_policy::{NamedPolicy, PolicyKind};

use crate::bucket::INSTALLATION_TAG;
use crate::estate::{Estate, EstateError, policy};

/// What explanations call it.
const NAME: &str = "WellhouseProvisioner";

/// What a policy is needed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duty {
    /// `plan`, `adopt` up to its question, `verify --no-probes` and the schedule that looks for drift:
    /// nothing is written.
    Read,
    /// `plan`, `verify`, and an `apply` that changes no boundary, makes or claims no key, and leaves the
    /// trail where it is written.
    Everyday,
    /// The first `apply`, and any whose plan says so, beside the everyday policy: worth an administrator.
    SetUp,
    /// `destroy` of all that holds no data.
    Destroy,
    /// `destroy` with buckets and key.
    DestroyWithData,
}

impl Duty {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Read, Self::Everyday, Self::SetUp, Self::Destroy, Self::DestroyWithData];

    /// As it is written on a command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Everyday => "everyday",
            Self::SetUp => "set-up",
            Self::Destroy => "destroy",
            Self::DestroyWithData => "destroy-with-data",
        }
    }
}

/// The policy, as a managed policy of one user or role: it takes 6,144 characters at most.
pub fn provisioner_policy(estate: &Estate, duty: Duty) -> Result<NamedPolicy, EstateError> {
    let reads = reads::all(estate);
    let statements = match duty {
        Duty::Read => reads,
        Duty::Everyday => [reads, writes::everyday(estate)].concat(),
        Duty::SetUp => writes::set_up(estate),
        Duty::Destroy => [reads, removals::without_data(estate)].concat(),
        Duty::DestroyWithData => {
            [reads, removals::without_data(estate), removals::of_data(estate)].concat()
        }
    };
    let document = json!({"Version": "2012-10-17", "Statement": folded(statements)});
    policy(NAME, PolicyKind::ManagedIdentity, &document)
}

/// Statements that differ in their actions alone, as one by the name of the last: who keeps or deletes
/// something sees it, too. Each list of ARNs then stands there once, and the policy has room for more
/// buckets. What is allowed everywhere stays apart, by its names.
fn folded(statements: Vec<Value>) -> Vec<Value> {
    let mut folded: Vec<Value> = Vec::new();
    for statement in statements {
        let alike = |other: &&mut Value| {
            let same = |element: &&str| other.get(*element) == statement.get(*element);
            statement.get("Resource").is_some_and(|resource| resource != "*")
                && ["Effect", "Resource", "Condition"].iter().all(same)
        };
        match folded.iter_mut().find(alike) {
            Some(known) => add_to(known, &statement),
            None => folded.push(statement),
        }
    }
    folded
}

fn add_to(known: &mut Value, statement: &Value) {
    let named = |of: &Value| match of.get("Action") {
        Some(Value::Array(list)) => list.clone(),
        Some(one) => vec![one.clone()],
        None => Vec::new(),
    };
    let mut actions = named(known);
    actions.extend(named(statement));
    if let Some(fields) = known.as_object_mut() {
        fields.insert("Action".to_owned(), Value::Array(actions));
        fields.insert("Sid".to_owned(), statement.get("Sid").cloned().unwrap_or_default());
    }
}

fn allow(sid: &str, action: &Value, resource: &Value) -> Value {
    json!({"Sid": sid, "Effect": "Allow", "Action": action, "Resource": resource})
}

fn allow_if(sid: &str, action: &Value, resource: &Value, condition: &Value) -> Value {
    json!({"Sid": sid, "Effect": "Allow", "Action": action, "Resource": resource,
        "Condition": condition})
}

/// Actions of one service.
fn actions(service: &str, names: &[&str]) -> Value {
    names.iter().map(|name| format!("{service}:{name}")).collect()
}

fn iam(estate: &Estate, rest: &str) -> String {
    format!("arn:{}:iam::{}:{rest}", estate.partition(), estate.account())
}

/// The roles of the estate, and no others that somebody put under its path.
fn roles(estate: &Estate) -> Value {
    estate.roles().iter().map(|role| role.arn.as_str()).collect()
}

fn boundaries(estate: &Estate) -> Value {
    estate.boundaries().iter().map(|boundary| boundary.arn.as_str()).collect()
}

/// The keys of the account and region: which of them is ours, its tag says.
fn keys(estate: &Estate) -> String {
    let (partition, region, account) = (estate.partition(), estate.region(), estate.account());
    format!("arn:{partition}:kms:{region}:{account}:key/*")
}

/// That the installation's tag is on what is asked about (`ResourceTag`), or comes with the request
/// (`RequestTag`).
fn tagged(estate: &Estate, of: &str) -> Value {
    let name = format!("aws:{of}/{INSTALLATION_TAG}");
    json!({"StringEquals": {name: estate.installation()}})
}
