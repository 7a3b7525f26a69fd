//! The engine against itself: laws that hold whatever the rules are.

use anyhow::{Result, bail, ensure};
use serde_json::{Value, json};
use wh_policy::{Outcome, PolicyDocument, size};

use crate::dice::Dice;
use crate::engine::{self, Asked, Policies};
use crate::generate::{Place, statement};
use crate::question::{Question, Verdict};

/// Holds one case against every law; the error says which is broken.
pub fn hold(dice: &mut Dice<'_>, q: &Question, policies: &Policies) -> Result<()> {
    let verdict = policies.decide(q)?;
    printing_loses_nothing(policies)?;
    the_explanation_agrees(q, policies)?;
    order_never_matters(dice, q, verdict)?;
    a_further_denial_opens_no_door(dice, q, verdict)
}

/// Reading what was printed gives the document back.
fn printing_loses_nothing(policies: &Policies) -> Result<()> {
    for policy in policies.all().filter(|policy| policy.document.faults().is_empty()) {
        let document: &PolicyDocument = &policy.document;
        let most = size::limit(document.kind()).most;
        let printed = [document.to_json(), document.to_json_pretty()];
        // White space counts in some kinds, and makes some documents too large.
        let fitting = |text: &String| size::measured(text, document.kind()) <= most;
        for printed in printed.into_iter().filter(fitting) {
            match PolicyDocument::parse(&printed, document.kind()) {
                Ok(again) => ensure!(again == *document, "print and parse changed {printed}"),
                Err(error) => bail!("what was printed is refused: {error}: {printed}"),
            }
        }
    }
    Ok(())
}

/// The explanation is of the outcome, and a denial has a statement, or a document that is none.
fn the_explanation_agrees(q: &Question, policies: &Policies) -> Result<()> {
    Asked::new(q)?.decide(policies, |decision| {
        let why = decision.explanation();
        let outcome = decision.outcome();
        ensure!(why.outcome == outcome, "explained as {:?}, decided {outcome:?}", why.outcome);
        ensure!(decision.allowed() == (outcome == Outcome::Allow), "allowed() is not {outcome:?}");
        let unreadable = policies.all().any(|policy| policy.document.statements().is_empty());
        let named = why.policy.is_some() && (why.statement.is_some() || unreadable);
        ensure!(outcome != Outcome::ExplicitDeny || named, "an explicit denial names no statement");
        ensure!(!why.message().is_empty(), "an explanation without words");
        Ok(())
    })
}

/// Statements in a document, and policies of a type, are a set.
fn order_never_matters(dice: &mut Dice<'_>, q: &Question, verdict: Verdict) -> Result<()> {
    let mut other = q.clone();
    dice.shuffle(&mut other.identity);
    other.session.iter_mut().for_each(|list| dice.shuffle(list));
    other.scps.iter_mut().for_each(|levels| dice.shuffle(levels));
    for document in other.documents_mut() {
        if let Some(Value::Array(statements)) = document.get_mut("Statement") {
            dice.shuffle(statements);
        }
    }
    let shuffled = engine::decide(&other)?;
    ensure!(shuffled == verdict, "in another order {shuffled:?}, not {verdict:?}");
    Ok(())
}

/// Adding a Deny never turns a refusal into an Allow.
fn a_further_denial_opens_no_door(
    dice: &mut Dice<'_>,
    q: &Question,
    verdict: Verdict,
) -> Result<()> {
    let mut other = q.clone();
    let place = if q.is_about_trust() { Place::Trust } else { Place::Bucket };
    let names_principals = |document: &Value| {
        let text = document.to_string();
        text.contains("\"Principal\"") || text.contains("\"NotPrincipal\"")
    };
    let count = other.documents_mut().len();
    let at = dice.below(count);
    let Some(document) = other.documents_mut().into_iter().nth(at) else { return Ok(()) };
    let place = if names_principals(document) { place } else { Place::Caller };
    let mut denial = statement(dice, q, place);
    if let Value::Object(members) = &mut denial {
        members.insert("Effect".to_owned(), json!("Deny"));
    }
    match document.get_mut("Statement") {
        Some(Value::Array(statements)) => statements.push(denial),
        Some(only) => *only = json!([only.clone(), denial]),
        None => return Ok(()),
    }
    let after = engine::decide(&other)?;
    let opened = verdict != Verdict::Allow && after == Verdict::Allow;
    ensure!(!opened, "a further denial turned {verdict:?} into Allow: {other:?}");
    let closed_only = verdict != Verdict::ExplicitDeny || after == Verdict::ExplicitDeny;
    ensure!(closed_only, "a further denial turned ExplicitDeny into {after:?}");
    Ok(())
}
