//! A small world of requests, to go through.

use std::collections::BTreeSet;

use wh_names::{Action, Arn};
use wh_policy::{Context, ContextValue, PolicySet, Request, evaluate};

use super::arn;
use super::worlds::Setting;

const ASKED_ACTIONS: [&str; 5] = [
    "s3:GetObject",
    "s3:PutObject",
    "s3:GetBucketPolicy",
    "sts:AssumeRole",
    "sts:GetCallerIdentity",
];
const HEADS: [&str; 4] = ["arn:aws:s3:::", "arn:aws:s3:::", "arn:aws:iam::a:", "arn:aws-cn:s3:::"];
const RESTS: [&str; 6] = ["a", "b", "ab", "ba", "aab", "z"];

/// One request.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) action: Action,
    pub(super) resource: Arn,
    pub(super) context: Context,
}

/// Values that key `x:k` and members of `x:s` take, for a family.
fn asked_values(family: usize) -> &'static [&'static str] {
    match family {
        0 => &["", "a", "ab", "A", "b", "*", "${x:v}", "5"],
        1 => &["0", "5", "10.0", "-1", "7", "x", "-2"],
        2 => &["2026-01-01", "0", "1767225601", "1", "2025", "2027", "x"],
        3 => &["10.0.0.1", "11.0.0.0", "::", "::ffff:10.0.0.7", "1.2.3.4", "x", "2001:db8::1"],
        4 => &["AAA=", "AQ==", "", "AAAA", "!"],
        _ => &[
            "arn:aws:s3:::a",
            "arn:aws:s3:::ab",
            "arn:aws:s3:::*",
            "true",
            "FALSE",
            "",
            "arn:x:s3:::b",
        ],
    }
}

/// What keys a family's requests may hold.
struct Values {
    sets: Vec<Option<ContextValue>>,
    singles: Vec<Option<ContextValue>>,
    variables: Vec<Option<ContextValue>>,
}

impl Values {
    fn of(family: usize, lists: bool) -> Self {
        let values = asked_values(family);
        let ones = || values.iter().map(|v| Some(ContextValue::from(*v)));
        let list =
            |all: &[&str]| Some(ContextValue::Many(all.iter().map(|v| (*v).to_owned()).collect()));
        let pairs = values.iter().zip(values.iter().skip(1)).map(|(a, b)| list(&[a, b]));
        let many = values.iter().map(|v| list(&[v])).chain(pairs).chain([list(&[])]);
        let many = many.filter(|_| lists);
        Self {
            sets: many.chain(ones()).chain([None]).collect(),
            singles: ones().chain([None]).collect(),
            variables: vec![None, Some("a".into()), Some("arn:aws:s3:::a".into())],
        }
    }
}

/// Takes one of the choices by the last digit of a number, and the digit off.
fn take<'c, T>(number: &mut usize, choices: &'c [T]) -> &'c T {
    let at = *number % choices.len();
    *number /= choices.len();
    &choices[at]
}

/// How many requests are gone through, and how far apart they are.
const SAMPLE: usize = 700;
const STRIDE: usize = 7_919;

/// Requests of a small world. Only where `lists` may a key hold one.
pub(super) fn universe(setting: &Setting, family: usize, lists: bool, start: usize) -> Vec<Asked> {
    let values = Values::of(family, lists);
    (0..SAMPLE).map(|at| request(setting, &values, start + at * STRIDE)).collect()
}

fn request(setting: &Setting, values: &Values, mut number: usize) -> Asked {
    let number = &mut number;
    let action: &str = take::<&str>(number, &ASKED_ACTIONS);
    let action = Action::parse(action).expect("an action");
    let (head, rest) = (take(number, &HEADS), take(number, &RESTS));
    let resource = arn(&format!("{head}{rest}"));
    let mut context = setting.known.clone();
    let keys = [("x:s", &values.sets), ("x:k", &values.singles), ("x:v", &values.variables)];
    for (key, choices) in keys {
        if let Some(value) = take(number, choices) {
            context.set(key, value.clone());
        }
    }
    Asked { action, resource, context }
}

impl Setting {
    pub(super) fn allows(&self, policies: &PolicySet<'_>, request: &Asked) -> bool {
        let request = Request {
            subject: &self.subject,
            action: &request.action,
            resource: &request.resource,
            resource_account: &self.owner,
            context: &request.context,
        };
        evaluate(policies, &request).allowed()
    }
}

/// The length of a request, as the analysis defines it; the context without what is known.
pub(super) fn length(setting: &Setting, resource: &Arn, context: &Context) -> [usize; 3] {
    let free = || context.iter().filter(|(key, _)| setting.known.get(key).is_none());
    let chars = |text: &str| text.chars().count();
    let values = free().map(|(_, value)| match value {
        ContextValue::One(value) => chars(value),
        ContextValue::Many(values) => {
            values.iter().collect::<BTreeSet<_>>().iter().map(|value| chars(value)).sum()
        }
    });
    let arn = chars(resource.region()) + chars(resource.account()) + chars(resource.resource());
    [free().count(), arn, values.sum()]
}
