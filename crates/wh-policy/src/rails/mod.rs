//! Guard rails: what must never be allowed, written once and proved for all requests.
//!
//! A rail names who must never do what, where. It is proved for every role, for whomever trust and
//! bucket policies name, for a stranger with an account of their own and for nobody; by the analysis, so
//! that "holds" is a proof and "broken" comes with a request that is allowed. A rail of which neither can
//! be told does not hold.

mod expectation;
#[cfg(test)]
mod tests;

use serde_json::{Value, json};
use wh_names::BucketName;

pub use expectation::{Expectation, Missed};

use crate::analysis::{Access, Answer, Budget, Requests, Witness, allows_any};
use crate::realm::{Place, Somebody, crowd, of_role, places};
use crate::tables::{self, AccessLevel};
use crate::{Context, NamedPolicy, PolicyDocument, PolicyKind, PolicySet, Realm, Subject};

/// How a rail names everybody.
pub const EVERYONE: &str = "everyone";
/// How a rail names whoever is let in without being named: nobody in particular, and strangers.
pub const PUBLIC: &str = "public";

/// What must never be allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rail {
    /// What it is called, in kebab case.
    pub name: String,
    /// Why it is there, for whoever is refused.
    pub why: String,
    /// Who must not: names of roles, [`EVERYONE`] or [`PUBLIC`].
    pub who: Vec<String>,
    /// The roles that it spares.
    pub except: Vec<String>,
    /// What they must not do: actions, patterns of actions, or a class: `list`, `read`, `write`,
    /// `tagging`, `permissions`, where `write` holds the last two as well.
    pub never: Vec<String>,
    /// Where: `bucket/key` or ARNs, patterns too.
    pub on: Vec<String>,
    /// Where it is allowed after all.
    pub except_on: Vec<String>,
}

/// Why a rail cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RailError {
    /// Its name says nothing, or cannot be said again.
    #[error("`{0}` is no name of a rail: write a few words in lower case with `-` between them")]
    Name(String),
    /// It forbids nothing.
    #[error("`{0}` forbids nothing: it needs `never`, and `on`")]
    Empty(String),
    /// An action or a resource is not one.
    #[error("`{name}`: {why}")]
    Malformed {
        /// The rail.
        name: String,
        /// What is wrong.
        why: String,
    },
}

impl RailError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Name(_) => "invalid-rail-name",
            Self::Empty(_) => "empty-rail",
            Self::Malformed { .. } => "malformed-rail",
        }
    }
}

/// A rail that does not hold for somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// The rail's name.
    pub rail: String,
    /// Why it is there.
    pub why: String,
    /// Who: a role's name, an ARN, `anonymous`.
    pub who: String,
    /// How that is known.
    pub how: Breach,
}

/// How a rail is broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Breach {
    /// By this request, which is allowed.
    By(Box<Witness>),
    /// It cannot be told: "because …". What is not proved does not hold.
    NotProved(String),
}

/// A session of a role that is narrowed to a place: what a grant gives.
#[derive(Debug, Clone, Copy)]
pub struct Session<'a> {
    /// The role's name. The rails that concern it concern the session.
    pub role: &'a str,
    /// The session as policies see it.
    pub subject: &'a Subject,
    /// The bucket that it is narrowed to.
    pub bucket: &'a BucketName,
    /// What narrows it.
    pub narrowing: &'a [NamedPolicy],
    /// Keys that every request of it holds.
    pub known: &'a Context,
}

/// The rails that do not hold for a session, called `who` in the answer: one of its role that holds for the
/// role holds for it, too.
#[must_use = "a proof that nobody reads protects nothing"]
pub fn broken_by_session(
    rails: &[Rail],
    realm: &Realm,
    (who, session): (&str, &Session<'_>),
) -> Vec<Broken> {
    let one = of_role(realm, session.role, (who.to_owned(), session.subject.clone()));
    let place = realm.buckets.get_key_value(session.bucket.as_str());
    let place = place.map_or(Place::Elsewhere, |(name, policy)| Place::Bucket(name, policy));
    let concerned = rails.iter().filter(|rail| rail.concerns(&one));
    let broken = concerned.filter_map(|rail| {
        let narrowed = (Some(session.narrowing), session.known);
        let how = match rail.asked_at(place, (&one, realm), narrowed) {
            Answer::No => return None,
            Answer::Yes(witness) => Breach::By(witness),
            Answer::Unknown(because) => Breach::NotProved(because),
        };
        let (name, why) = (rail.name.clone(), rail.why.clone());
        Some(Broken { rail: name, why, who: who.to_owned(), how })
    });
    broken.collect()
}

/// The rails that do not hold in a realm. Empty: all of them are proved.
#[must_use = "a proof that nobody reads protects nothing"]
pub fn broken(rails: &[Rail], realm: &Realm) -> Vec<Broken> {
    broken_by(rails, realm, &crowd(realm))
}

/// Those that do not hold for whoever acts by a role: all that its permissions can break.
#[must_use = "a proof that nobody reads protects nothing"]
pub fn broken_by_role(rails: &[Rail], realm: &Realm, role: &str) -> Vec<Broken> {
    let mut crowd = crowd(realm);
    crowd.retain(|one| one.role.as_deref() == Some(role));
    broken_by(rails, realm, &crowd)
}

fn broken_by(rails: &[Rail], realm: &Realm, crowd: &[Somebody]) -> Vec<Broken> {
    let concerned =
        |rail: &Rail| crowd.iter().filter(|one| rail.concerns(one)).cloned().collect::<Vec<_>>();
    rails
        .iter()
        .flat_map(|rail| concerned(rail).into_iter().map(move |one| (rail, one)))
        .filter_map(|(rail, one)| {
            let how = rail.broken_by(&one, realm)?;
            let (name, why) = (rail.name.clone(), rail.why.clone());
            Some(Broken { rail: name, why, who: one.name, how })
        })
        .collect()
}

impl Rail {
    /// Checks that it can be asked about.
    pub fn check(&self, realm: &Realm) -> Result<(), RailError> {
        let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if self.name.is_empty() || !self.name.chars().all(word) {
            return Err(RailError::Name(self.name.clone()));
        }
        if self.never.is_empty() || self.on.is_empty() || self.who.is_empty() {
            return Err(RailError::Empty(self.name.clone()));
        }
        let malformed = |why: String| RailError::Malformed { name: self.name.clone(), why };
        for name in self.who.iter().chain(&self.except) {
            let special = [EVERYONE, PUBLIC].contains(&name.as_str());
            if !special && !realm.roles.contains_key(name) {
                return Err(malformed(format!("`{name}` is no role of this estate")));
            }
        }
        for written in &self.never {
            let text =
                json!({"Statement": {"Effect": "Allow", "Action": written, "Resource": "*"}});
            if class(written).is_none()
                && let Err(error) = PolicyDocument::parse(&text.to_string(), PolicyKind::Identity)
            {
                return Err(malformed(format!("`{written}` is no action: {}", error.fault())));
            }
        }
        let on = self.on.iter().chain(&self.except_on).map(|written| realm.resource(written));
        let on: Vec<String> = on.collect();
        let text =
            json!({"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": on}});
        PolicyDocument::parse(&text.to_string(), PolicyKind::Identity)
            .map(drop)
            .map_err(|error| malformed(error.fault().to_string()))
    }

    fn concerns(&self, one: &Somebody) -> bool {
        let is = |name: &String| one.role.as_ref() == Some(name);
        let named = self.who.iter().any(|name| match name.as_str() {
            EVERYONE => true,
            PUBLIC => one.public,
            _ => is(name),
        });
        named && !self.except.iter().any(is)
    }

    fn broken_by(&self, one: &Somebody, realm: &Realm) -> Option<Breach> {
        let (known, mut unknown) = (Context::new(), None);
        let assuming = self.never.iter().any(|action| action.starts_with(['*', 's']));
        for place in places(realm, assuming) {
            match self.asked_at(place, (one, realm), (None, &known)) {
                Answer::No => {}
                Answer::Yes(witness) => return Some(Breach::By(witness)),
                Answer::Unknown(because) => unknown = Some(Breach::NotProved(because)),
            }
        }
        unknown
    }

    /// Whether somebody is allowed at a place what they must not be; a session policy may narrow them.
    fn asked_at(
        &self,
        place: Place<'_>,
        (one, realm): (&Somebody, &Realm),
        (session, known): (Option<&[NamedPolicy]>, &Context),
    ) -> Answer {
        let requests = self.requests((one, realm), place);
        let policies = PolicySet {
            identity: &one.identity,
            resource: place.policy(),
            boundary: one.boundary.as_ref(),
            session,
            ..PolicySet::default()
        };
        let access = Access {
            policies,
            subject: &one.subject,
            resource_account: &realm.account,
            known,
            absent: &[],
        };
        allows_any(&access, &Requests::of(&requests), Budget::default())
    }

    /// What must not be allowed to somebody at a place: the requests that it forbids and that anybody
    /// could make.
    fn requests(&self, (one, realm): (&Somebody, &Realm), place: Place<'_>) -> PolicyDocument {
        let actions: Vec<String> = self.never.iter().flat_map(|written| meant(written)).collect();
        let arns = |written: &[String]| -> Vec<String> {
            written.iter().map(|one| realm.resource(one)).collect()
        };
        let mut statements =
            vec![json!({"Effect": "Allow", "Action": actions, "Resource": arns(&self.on)})];
        if !self.except_on.is_empty() {
            let spared = arns(&self.except_on);
            statements.push(json!({"Effect": "Deny", "Action": "*", "Resource": spared}));
        }
        statements.extend(misfits());
        statements.extend(unmade_by(&one.subject));
        statements.extend(place.outside(realm));
        let text = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
        PolicyDocument::read_stored(&text, PolicyKind::Identity)
    }
}

/// The actions that a word of a rail means.
fn meant(written: &str) -> Vec<String> {
    let Some(levels) = class(written) else { return vec![written.to_owned()] };
    let rows = tables::actions().iter();
    let of_class = rows.filter(|row| row.name.starts_with("s3:") && levels.contains(&row.access));
    of_class.map(|row| row.name.to_owned()).collect()
}

fn class(written: &str) -> Option<&'static [AccessLevel]> {
    Some(match written {
        "list" => &[AccessLevel::List],
        "read" => &[AccessLevel::Read],
        "write" => &[AccessLevel::Write, AccessLevel::PermissionsManagement, AccessLevel::Tagging],
        "tagging" => &[AccessLevel::Tagging],
        "permissions" => &[AccessLevel::PermissionsManagement],
        _ => return None,
    })
}

/// Denials of what nobody can ask for: an action of objects on a bucket, one of buckets on an object.
pub(crate) fn misfits() -> [Value; 4] {
    let (object, bucket) = (acting_on("object"), acting_on("bucket"));
    let only = |one: &[&'static str], other: &[&'static str]| -> Vec<&'static str> {
        one.iter().filter(|name| !other.contains(name)).copied().collect()
    };
    let (objects, buckets) = (only(&object, &bucket), only(&bucket, &object));
    let all = tables::actions().iter().map(|row| row.name).filter(|name| name.starts_with("s3:"));
    let others: Vec<&str> =
        all.filter(|name| !object.contains(name) && !bucket.contains(name)).collect();
    let access_point = "arn:*:s3:*:*:accesspoint/*";
    [
        json!({"Effect": "Deny", "Action": objects,
            "NotResource": ["arn:*:s3:::*/*", access_point]}),
        json!({"Effect": "Deny", "Action": buckets, "NotResource": ["arn:*:s3:::*", access_point]}),
        json!({"Effect": "Deny", "Action": buckets, "Resource": ["arn:*:s3:::*/*"]}),
        json!({"Effect": "Deny", "Action": others, "Resource": ["arn:*:s3:::*/*"]}),
    ]
}

/// The actions of S3 that act on a type of resource, such as `object`.
pub fn acting_on(kind: &str) -> Vec<&'static str> {
    let rows = tables::actions().iter().filter(|row| row.name.starts_with("s3:"));
    rows.filter(|row| row.resources.contains(&kind)).map(|row| row.name).collect()
}

/// Denials of what a principal cannot ask at all: STS and IAM take nothing that is not signed, and one
/// whom a provider vouches for can only assume a role with that.
fn unmade_by(subject: &Subject) -> Option<Value> {
    match subject {
        Subject::Anonymous => Some(json!({"Effect": "Deny", "Action": ["sts:*", "iam:*"],
            "Resource": "*"})),
        Subject::Federated { .. } => Some(json!({"Effect": "Deny", "Resource": "*",
            "NotAction": ["sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML",
                          "sts:TagSession", "sts:SetSourceIdentity"]})),
        Subject::Root { .. }
        | Subject::User { .. }
        | Subject::RoleSession { .. }
        | Subject::Role { .. }
        | Subject::Service { .. }
        | Subject::FederatedUser { .. } => None,
    }
}
