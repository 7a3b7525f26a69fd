//! Answers about all requests: proofs, and counterexamples.
//!
//! Where [`evaluate`](crate::evaluate) judges one request, this judges every request that a principal
//! could make. Policies become one Boolean formula over questions such as "the resource matches this
//! pattern" and "this key is absent"; a search decides whether any request answers them as the formula
//! wants. Patterns are decided by automata, numbers, dates and addresses by intervals, lists by what
//! their values have to be. So [`Answer::No`] is a proof, [`Answer::Yes`] holds a request that was put
//! to the engine before it was returned, and what neither was found for is [`Answer::Unknown`], with
//! the reason.
//!
//! **All requests** means: any action of the form `service:Name`, any ARN, any text for every
//! condition key that is not fixed, whether or not AWS would ever send it. A key holds one value,
//! unless the tables call it multivalued, or do not know it and some statement looks at it with a set
//! operator.
//!
//! **Shortest** means: with an action that the tables know, if there is one; then with the fewest
//! condition keys; then with the fewest characters of region, account and resource; then with the
//! fewest characters of values; then with a resource of S3 in the partition `aws`. Numbers, dates, addresses and bytes are written as the analysis writes
//! them. [`Witness::shortest`] says whether it is proved that there is no shorter one.
//!
//! ```
//! use wh_names::{AccountId, Arn};
//! use wh_policy::analysis::{Access, Answer, Budget, Requests, more_permissive};
//! use wh_policy::{Context, NamedPolicy, PolicyDocument, PolicyKind, PolicySet, Subject};
//!
//! let policy = |resource: &str| {
//!     let text = format!(
//!         r#"{{"Statement":{{"Effect":"Allow","Action":"s3:GetObject","Resource":"{resource}"}}}}"#
//!     );
//!     let document = PolicyDocument::parse(&text, PolicyKind::Identity)?;
//!     Ok::<_, wh_policy::PolicyError>([NamedPolicy { name: "own".into(), document: document.into() }])
//! };
//! let (old, new) = (policy("arn:aws:s3:::bkt/home/*")?, policy("arn:aws:s3:::bkt/h*")?);
//! let subject = Subject::User { arn: Arn::parse("arn:aws:iam::111122223333:user/ada")? };
//! let (account, known) = (AccountId::parse("111122223333")?, Context::new());
//! let access = |identity| Access {
//!     policies: PolicySet { identity, ..PolicySet::default() },
//!     subject: &subject,
//!     resource_account: &account,
//!     known: &known,
//!     absent: &[],
//! };
//! let ask = |new, old| more_permissive(&access(new), &access(old), &Requests::all(), Budget::default());
//! assert_eq!(ask(&old, &new), Answer::No);
//! let Answer::Yes(witness) = ask(&new, &old) else { panic!("more is allowed") };
//! assert_eq!(witness.resource.as_str(), "arn:aws:s3:::bkt/h");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Invariant: no answer is a guess. A document that cannot be read, a budget that runs out, a variable
//! whose value matters and is not known: each is [`Answer::Unknown`].

mod automaton;
mod clauses;
mod compile;
mod formula;
mod idle;
mod inquiry;
mod language;
pub mod least;
mod pattern;
mod side;
mod solver;
mod space;
mod text;
mod theory;
mod values;
mod witness;

#[cfg(test)]
mod tests;

use wh_names::AccountId;

pub use idle::{Idle, IdleReason, Possible, can_apply, idle_statements, matches_nothing};
pub use witness::Witness;

use crate::{Context, PolicyDocument, PolicySet, Subject};
use inquiry::{Goal, Inquiry};

/// The policies that bear upon one principal, and what is known of its requests.
#[derive(Debug, Clone, Copy)]
pub struct Access<'a> {
    /// The policies.
    pub policies: PolicySet<'a>,
    /// The principal.
    pub subject: &'a Subject,
    /// The account that owns the resources in question.
    pub resource_account: &'a AccountId,
    /// Keys that every request of this principal holds with this value: its tags, its `aws:userid`.
    /// Variables are replaced from it. What follows from the subject need not be repeated.
    pub known: &'a Context,
    /// Keys that no request of this principal holds; `aws:PrincipalTag/*` is all that begin so.
    pub absent: &'a [&'a str],
}

/// A set of requests: those that the `Allow` statements of a document match and its `Deny` statements
/// do not. Principals that it names are not looked at.
#[derive(Debug, Clone, Copy)]
pub struct Requests<'a>(Option<&'a PolicyDocument>);

impl<'a> Requests<'a> {
    /// Every request.
    pub fn all() -> Self {
        Self(None)
    }

    /// What the document describes. One with faults describes nothing that can be told, and the answer
    /// is [`Answer::Unknown`].
    pub fn of(document: &'a PolicyDocument) -> Self {
        Self(Some(document))
    }
}

/// How much work an answer may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// States of automata over patterns.
    pub states: usize,
    /// Decisions and dead ends of the search.
    pub steps: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { states: 200_000, steps: 50_000 }
    }
}

/// An answer about all requests.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "an answer that nobody reads proves nothing"]
pub enum Answer {
    /// It is proved that there is no such request.
    No,
    /// There is, and this is one.
    Yes(Box<Witness>),
    /// It is not known: "because …".
    Unknown(String),
}

/// Whether any request of this principal that is in the set is allowed.
pub fn allows_any(access: &Access<'_>, among: &Requests<'_>, budget: Budget) -> Answer {
    Inquiry { access, before: &[], among, goal: Goal::Allowed }.answer(budget)
}

/// Whether `new` allows a request in the set that `old` does not allow. [`Answer::No`] proves that it
/// is no more permissive.
///
/// A key that only one of the two fixes is taken to be fixed for both: they are asked about the same
/// requests.
pub fn more_permissive(
    new: &Access<'_>,
    old: &Access<'_>,
    among: &Requests<'_>,
    budget: Budget,
) -> Answer {
    beyond_all(new, std::slice::from_ref(old), among, budget)
}

/// Whether `new` allows a request in the set that none of `old` allows: what somebody gains who already
/// has several ways. [`Answer::No`] proves that all of it is allowed by one of them.
pub fn beyond_all<'a>(
    new: &Access<'a>,
    old: &[Access<'a>],
    among: &Requests<'a>,
    budget: Budget,
) -> Answer {
    Inquiry { access: new, before: old, among, goal: Goal::NewlyAllowed }.answer(budget)
}

/// For each of the principals, by its name, whether any of its requests in the set is allowed.
pub fn who_can<'n>(
    principals: &[(&'n str, Access<'_>)],
    among: &Requests<'_>,
    budget: Budget,
) -> Vec<(&'n str, Answer)> {
    principals.iter().map(|(name, access)| (*name, allows_any(access, among, budget))).collect()
}
