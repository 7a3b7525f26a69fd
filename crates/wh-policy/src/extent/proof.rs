//! Questions that go to the analysis: about all keys at once, and about keys that are not known.

use std::sync::Arc;

use serde_json::{Value, json};
use wh_names::{Action, Arn};

use super::kinds::{PREFIX, statements};
use super::possible::keys_of;
use super::{Aim, Asking, Extent, Reach, Span};
use crate::analysis::{Access, Answer, Budget, Requests, Witness, allows_any, more_permissive};
use crate::s3::literal;
use crate::{NamedPolicy, PolicyDocument, PolicyKind, PolicySet, Request, evaluate};

/// What would have to be otherwise for a request to be allowed.
pub(super) enum Missing {
    /// Nothing would help.
    Nothing,
    /// That is not known.
    Unknown,
    /// These condition keys would have to hold what policies want.
    Keys(Vec<String>),
}

/// What keeps a request from being allowed, if it is only keys that are not known.
pub(super) fn missing(asking: &Asking<'_>, action: &Action, resource: &Arn) -> Missing {
    let set = among(action, &literal(resource.as_str()), None);
    let absent = never(asking, asking.known.get(PREFIX).is_none());
    match allows_any(&access(asking, &absent), &Requests::of(&set), Budget::default()) {
        Answer::No => Missing::Nothing,
        Answer::Unknown(_) => Missing::Unknown,
        Answer::Yes(witness) => Missing::Keys(wanting(asking, &witness)),
    }
}

/// How far an action reaches, where kinds of keys cannot be told apart.
pub(super) fn reach(asking: &Asking<'_>, action: &Action, (aim, span): (Aim, &Span)) -> Reach {
    let under = match span {
        Span::Key(text) | Span::Under(text) => literal(text),
    };
    let bucket = asking.bucket.as_str();
    let set = match aim {
        Aim::Objects => among(action, &format!("{bucket}/{under}*"), None),
        Aim::Listing | Aim::Bucket => among(action, bucket, Some(&format!("{under}*"))),
    };
    let requests = Requests::of(&set);
    let named: Vec<String> = statements(&asking.policies)
        .flat_map(keys_of)
        .map(|key| key.as_str().to_owned())
        .filter(|key| key != PREFIX && asking.known.get(key).is_none())
        .collect();
    let never = never(asking, aim == Aim::Objects);
    let absent: Vec<&str> = never.iter().copied().chain(named.iter().map(String::as_str)).collect();
    let as_known = access(asking, &absent);
    match allows_any(&as_known, &requests, Budget::default()) {
        Answer::Unknown(_) => Reach::bare(Extent::Unknown),
        Answer::Yes(witness) => {
            let extent = whole(&as_known, requests);
            Reach { by: Some(explained(asking, &witness)), ..Reach::bare(extent) }
        }
        Answer::No => on_conditions(asking, &never, requests),
    }
}

/// What no request holds: `s3:prefix` is of listings alone.
fn never<'a>(asking: &Asking<'a>, lists_nothing: bool) -> Vec<&'a str> {
    asking.absent.iter().copied().chain(lists_nothing.then_some(PREFIX)).collect()
}

/// Of what is allowed somewhere: whether it is everywhere.
fn whole(as_known: &Access<'_>, requests: Requests<'_>) -> Extent {
    let everything = json!({ "Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*" } });
    let document = PolicyDocument::read_stored(&everything.to_string(), PolicyKind::Resource);
    let resource = NamedPolicy { name: "everything".to_owned(), document: Arc::new(document) };
    let policies = PolicySet { resource: Some(&resource), ..PolicySet::default() };
    let all = Access { policies, ..*as_known };
    match more_permissive(&all, as_known, &requests, Budget::default()) {
        Answer::No => Extent::Everywhere,
        Answer::Yes(_) => Extent::Part,
        Answer::Unknown(_) => Extent::Unknown,
    }
}

fn on_conditions(asking: &Asking<'_>, absent: &[&str], requests: Requests<'_>) -> Reach {
    match allows_any(&access(asking, absent), &requests, Budget::default()) {
        Answer::No => Reach::bare(Extent::Nowhere),
        Answer::Unknown(_) => Reach::bare(Extent::Unknown),
        Answer::Yes(witness) => {
            let mut reach = Reach::bare(Extent::Conditionally);
            reach.wanting = wanting(asking, &witness);
            reach
        }
    }
}

fn access<'q>(asking: &Asking<'q>, absent: &'q [&'q str]) -> Access<'q> {
    Access {
        policies: asking.policies,
        subject: asking.subject,
        resource_account: asking.account,
        known: asking.known,
        absent,
    }
}

/// The requests to do this to that; of listings, of what begins so.
fn among(action: &Action, resource: &str, listed: Option<&str>) -> PolicyDocument {
    let mut statement =
        json!({ "Effect": "Allow", "Action": action.as_str(), "Resource": resource });
    if let Some((members, listed)) = statement.as_object_mut().zip(listed) {
        let condition: Value = json!({ "StringLike": { PREFIX: listed } });
        members.insert("Condition".to_owned(), condition);
    }
    let text = json!({ "Version": "2012-10-17", "Statement": statement }).to_string();
    PolicyDocument::read_stored(&text, PolicyKind::Identity)
}

fn wanting(asking: &Asking<'_>, witness: &Witness) -> Vec<String> {
    let keys = witness.context.iter().map(|(key, _)| key);
    let open = keys.filter(|key| *key != PREFIX && asking.known.get(key).is_none());
    open.map(str::to_owned).collect()
}

fn explained(asking: &Asking<'_>, witness: &Witness) -> crate::Explanation {
    let request = Request {
        subject: asking.subject,
        action: &witness.action,
        resource: &witness.resource,
        resource_account: asking.account,
        context: &witness.context,
    };
    evaluate(&asking.policies, &request).explanation()
}
