//! How far an action reaches within a part of a bucket: everywhere, in parts of it, on conditions, or
//! nowhere.
//!
//! Policies hold finitely many patterns. Keys that the same patterns match are of one kind, and what is
//! decided of one is decided of all of its kind: so [`Survey`] finds the kinds that there are in a part of a
//! bucket, and asks the engine about one key of each. Where a pattern has wildcards in its middle, kinds
//! are not told apart so, and the question goes to [`analysis`](crate::analysis), which answers for all
//! requests at once.
//!
//! What is asked is a request as its maker would send it, with the condition keys that are known of it and
//! no others. Where that is refused, and a key that is not known stands in the way, the analysis finds a
//! value with which it would be allowed, or proves that there is none.
//!
//! Invariant: no answer is a guess, as in `analysis`; what is neither found nor proved is
//! [`Extent::Unknown`].

mod kinds;
mod possible;
mod proof;

use wh_names::{AccountId, Action, Arn};

use crate::{Context, Decision, Explanation, PolicySet, Request, Subject, evaluate};
use kinds::Ground;

pub use kinds::{Class, Spot};

/// A part of a bucket.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Span {
    /// One object.
    Key(String),
    /// Every object whose key begins so; with nothing, the whole bucket.
    Under(String),
}

/// What an action acts on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Aim {
    /// The objects of the part.
    Objects,
    /// A listing of the part, which is asked of the bucket with `s3:prefix`, and `/` as the delimiter; of
    /// one object, a listing of the folder that it is in.
    Listing,
    /// The bucket itself.
    Bucket,
}

/// Who asks, and all that has a say.
#[derive(Debug, Clone, Copy)]
pub struct Asking<'a> {
    /// The policies.
    pub policies: PolicySet<'a>,
    /// Who asks.
    pub subject: &'a Subject,
    /// The account that the bucket is in.
    pub account: &'a AccountId,
    /// The bucket.
    pub bucket: &'a Arn,
    /// The condition keys that are known of every request; what a listing says of itself is not among
    /// them.
    pub known: &'a Context,
    /// Condition keys that no such request ever holds; `aws:PrincipalTag/*` is all that begin so.
    pub absent: &'a [&'a str],
}

/// How far an action reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Extent {
    /// Nothing of the part.
    Nowhere,
    /// It is not known.
    Unknown,
    /// Nothing as things are, and something where condition keys have the right values.
    Conditionally,
    /// Something of it.
    Part,
    /// All of it.
    Everywhere,
}

impl Extent {
    /// Whether the action is allowed somewhere, as things are.
    pub fn any(self) -> bool {
        match self {
            Self::Part | Self::Everywhere => true,
            Self::Nowhere | Self::Unknown | Self::Conditionally => false,
        }
    }
}

/// How far one action reaches, and why.
#[derive(Debug, Clone)]
pub struct Reach {
    /// How far.
    pub extent: Extent,
    /// What allows it, or, on conditions, what refuses it as things are; none where nothing does.
    pub by: Option<Explanation>,
    /// The condition keys that would have to be as policies want them.
    pub wanting: Vec<String>,
    /// Where it is allowed, by the numbers of [`Survey::spots`]; empty where that was proved at once.
    pub spots: Vec<usize>,
}

impl Reach {
    fn bare(extent: Extent) -> Self {
        Self { extent, by: None, wanting: Vec::new(), spots: Vec::new() }
    }
}

/// A part of a bucket as the policies of somebody tell its keys apart.
#[derive(Debug)]
pub struct Survey<'a> {
    asking: Asking<'a>,
    span: &'a Span,
    objects: Ground,
    listings: Ground,
}

impl<'a> Survey<'a> {
    /// Tells the kinds of keys apart.
    pub fn of(asking: Asking<'a>, span: &'a Span) -> Self {
        let objects = kinds::of_objects(&asking, span);
        let listings = kinds::of_listings(&asking, span);
        Self { asking, span, objects, listings }
    }

    /// What the decisions here follow from, besides the policies, the bucket and what is known of every
    /// request alike: two surveys by the same policies that are of one class have the same answers.
    ///
    /// `telling` are the beginnings of condition keys, in lower case, whose values differ from one to
    /// another of those who are compared.
    pub fn class(&self, telling: &[&str]) -> Class {
        kinds::class(&self.asking, telling, (&self.objects, &self.listings))
    }

    /// The kinds of keys that an action may be asked about.
    pub fn spots(&self, aim: Aim) -> &[Spot] {
        match aim {
            Aim::Objects => &self.objects.spots,
            Aim::Listing => &self.listings.spots,
            Aim::Bucket => &[],
        }
    }

    /// How far an action reaches.
    pub fn reach(&self, action: &Action, aim: Aim) -> Reach {
        let ground = match aim {
            Aim::Objects => &self.objects,
            Aim::Listing => &self.listings,
            Aim::Bucket => return self.of_bucket(action),
        };
        if !ground.regular {
            return proof::reach(&self.asking, action, (aim, self.span));
        }
        let mut asked = Vec::with_capacity(ground.spots.len());
        for spot in &ground.spots {
            let Some(one) = self.question(&spot.sample, aim) else {
                return Reach::bare(Extent::Unknown);
            };
            asked.push(one);
        }
        self.sum(action, &asked)
    }

    fn of_bucket(&self, action: &Action) -> Reach {
        let question = Question { resource: self.asking.bucket.clone(), context: None };
        self.sum(action, &[question])
    }

    fn question(&self, sample: &str, aim: Aim) -> Option<Question> {
        let bucket = self.asking.bucket;
        match aim {
            Aim::Objects => {
                let resource = Arn::parse(&format!("{bucket}/{sample}")).ok()?;
                Some(Question { resource, context: None })
            }
            Aim::Listing => {
                let mut context = self.asking.known.clone();
                context.set(kinds::PREFIX, sample);
                context.set("s3:delimiter", "/");
                Some(Question { resource: bucket.clone(), context: Some(context) })
            }
            Aim::Bucket => None,
        }
    }

    fn sum(&self, action: &Action, asked: &[Question]) -> Reach {
        let decisions = asked.iter().map(|one| one.decided(&self.asking, action));
        let decisions: Vec<Decision<'_>> = decisions.collect();
        let spots = decisions.iter().enumerate().filter(|(_, decision)| decision.allowed());
        let spots: Vec<usize> = spots.map(|(at, _)| at).collect();
        let extent = match spots.len() {
            0 => return self.on_conditions(action, (asked, &decisions)),
            all if all == asked.len() => Extent::Everywhere,
            _some => Extent::Part,
        };
        let first = spots.first().and_then(|at| decisions.get(*at));
        Reach { extent, by: first.map(Decision::explanation), wanting: Vec::new(), spots }
    }

    /// Of what is refused everywhere: whether a key that is not known is all that stands in the way.
    fn on_conditions(
        &self,
        action: &Action,
        (asked, decisions): (&[Question], &[Decision<'_>]),
    ) -> Reach {
        let mut unknown = false;
        for (question, decision) in asked.iter().zip(decisions) {
            let known = question.context.as_ref().unwrap_or(self.asking.known);
            let asking = Asking { known, ..self.asking };
            if !possible::may_be(&asking, decision) {
                continue;
            }
            match proof::missing(&asking, action, &question.resource) {
                proof::Missing::Nothing => {}
                proof::Missing::Unknown => unknown = true,
                proof::Missing::Keys(wanting) => {
                    let by = Some(decision.explanation());
                    let extent = Extent::Conditionally;
                    return Reach { extent, by, wanting, spots: Vec::new() };
                }
            }
        }
        Reach::bare(if unknown { Extent::Unknown } else { Extent::Nowhere })
    }
}

/// One request.
#[derive(Debug)]
struct Question {
    resource: Arn,
    /// What is known of it, where that is more than of every request.
    context: Option<Context>,
}

impl Question {
    fn decided<'q>(&'q self, asking: &Asking<'q>, action: &'q Action) -> Decision<'q> {
        let request = Request {
            subject: asking.subject,
            action,
            resource: &self.resource,
            resource_account: asking.account,
            context: self.context.as_ref().unwrap_or(asking.known),
        };
        evaluate(&asking.policies, &request)
    }
}

#[cfg(test)]
mod tests;
