//! The crate `iam-rs`, given the same documents as ours.

use std::hint::black_box;

use anyhow::{Context as _, Result};
use chrono::DateTime;
use iam_rs::{
    Arn, Context, ContextValue, Decision, EvaluationOptions, IAMPolicy, IAMRequest,
    PolicyEvaluator, Principal, PrincipalId,
};

use super::document::{IAM, document};
use super::{Answer, Engine, Reader};
use crate::scenario::{Ask, Fact, Rule, STATEMENTS_PER_DOCUMENT, USER};

pub(super) struct IamRs {
    evaluator: PolicyEvaluator,
    requests: Vec<IAMRequest>,
}

impl IamRs {
    pub(super) fn new(rules: &[Rule], asks: &[Ask]) -> Result<Self> {
        let texts = rules.chunks(STATEMENTS_PER_DOCUMENT).map(|chunk| document(chunk, &IAM));
        let policies: Result<Vec<_>, _> = texts.map(|text| IAMPolicy::from_json(&text)).collect();
        // The default gives up after 1,000 statements.
        let options = EvaluationOptions { max_statements: usize::MAX, ..Default::default() };
        let requests: Result<Vec<_>> = asks.iter().map(request).collect();
        Ok(Self {
            evaluator: PolicyEvaluator::with_policies(policies?).with_options(options),
            requests: requests?,
        })
    }
}

impl Engine for IamRs {
    fn decide(&self, ask: usize) -> Answer {
        let Some(request) = self.requests.get(ask) else { return Answer::Failed };
        match self.evaluator.evaluate(request).map(|result| black_box(result).decision) {
            Ok(Decision::Allow) => Answer::Allow,
            Ok(Decision::Deny) => Answer::ExplicitDeny,
            Ok(Decision::NotApplicable) => Answer::ImplicitDeny,
            Err(_) => Answer::Failed,
        }
    }
}

pub(super) fn reader(rules: &[Rule]) -> Reader {
    let text = document(rules, &IAM);
    Box::new(move || black_box(IAMPolicy::from_json(black_box(&text))).is_ok())
}

fn request(ask: &Ask) -> Result<IAMRequest> {
    let mut context = Context::new().with_string("aws:username", USER);
    for (key, fact) in &ask.facts {
        context.insert((*key).to_owned(), value(fact)?);
    }
    let user = format!("arn:aws:iam::123456789012:user/{USER}");
    let principal = Principal::Aws(PrincipalId::String(user));
    let resource = Arn::parse(&ask.arn()).context("iam-rs does not read the ARN")?;
    Ok(IAMRequest::new_with_context(principal, ask.action, resource, context))
}

fn value(fact: &Fact) -> Result<ContextValue> {
    Ok(match fact {
        Fact::Text(text) | Fact::Address(text) => ContextValue::String((*text).to_owned()),
        Fact::Flag(flag) => ContextValue::Boolean(*flag),
        Fact::Number(number) => ContextValue::Number(number.to_string().parse()?),
        Fact::Time(time) => ContextValue::DateTime(DateTime::parse_from_rfc3339(time)?.to_utc()),
        Fact::Many(values) => {
            ContextValue::StringList(values.iter().map(|&text| text.to_owned()).collect())
        }
    })
}
