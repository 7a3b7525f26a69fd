//! Rules about who: everyone, nobody, and roles that are handed on.

use super::Found;
use super::rules::{
    ASSUME_STAR, LOCK_OUT, NOT_PRINCIPAL, PASS_ROLE, PUBLIC, SERVICE_NO_SOURCE, TRUST_EVERYONE,
    TRUST_MISMATCH, TRUST_NEVER, WEB_NO_SUBJECT,
};
use super::view::{Clause, Principals, Spot, Test, View, action_matches};
use crate::PolicyKind;
use crate::operator::{Family, Quantifier};
use crate::principal::PrincipalKind;

pub(super) fn check(view: &View<'_>, found: &mut Vec<Found>) {
    match view.kind {
        PolicyKind::Resource => view.clauses.iter().for_each(|clause| bucket(clause, found)),
        PolicyKind::Trust => {
            view.clauses.iter().for_each(|clause| trust(clause, found));
            never_assumed(view, found);
        }
        PolicyKind::Identity
        | PolicyKind::ManagedIdentity
        | PolicyKind::Boundary
        | PolicyKind::Session => view.clauses.iter().for_each(|clause| roles(clause, found)),
    }
}

fn bucket(clause: &Clause, found: &mut Vec<Found>) {
    let Some(principals) = &clause.principals else { return };
    if principals.negated && !clause.allows() {
        let message = "the list spares only who is named as session, role and account";
        let advice = "use `Principal` `*` with `ArnNotEquals` on `aws:PrincipalArn`";
        found.push(Found::new(&NOT_PRINCIPAL, &principals.spot, message).advise(advice));
    }
    let service = principals.entries.iter().find(|(kind, _)| *kind == PrincipalKind::Service);
    let unnamed = clause.allows() && !principals.negated && !narrowed(clause) && !clause.unread;
    if let Some((_, service)) = service.filter(|_| unnamed) {
        let message = format!("`{}` is let in for every account", service.text);
        let advice = "add a condition on `aws:SourceAccount` or `aws:SourceArn`";
        found.push(Found::new(&SERVICE_NO_SOURCE, service, message).advise(advice));
    }
    if !clause.names_everyone() || clause.unread {
        return;
    }
    if clause.allows() && !narrowed(clause) {
        let message = "everyone is allowed, without name or key";
        let advice = "name principals, or add a condition such as `aws:PrincipalOrgID`";
        found.push(Found::new(&PUBLIC, &principals.spot, message).advise(advice));
    }
    let locks = clause.holds_action("s3:PutBucketPolicy");
    if !clause.allows() && clause.tests.is_empty() && locks {
        let message = "nobody but the account's root user can change this policy again";
        let advice = "leave `s3:PutBucketPolicy` and `s3:DeleteBucketPolicy` out";
        found.push(Found::new(&LOCK_OUT, &clause.actions.spot, message).advise(advice));
    }
}

/// Keys that say who asks, or from where.
const NARROWING: [&str; 22] = [
    "aws:principalarn",
    "aws:principalaccount",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principalservicename",
    "aws:sourcearn",
    "aws:sourceaccount",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:sourceip",
    "aws:sourcevpc",
    "aws:sourcevpcarn",
    "aws:sourcevpce",
    "aws:vpceaccount",
    "aws:vpceorgid",
    "aws:vpceorgpaths",
    "aws:vpcsourceip",
    "aws:userid",
    "aws:username",
    "s3:accesspointnetworkorigin",
    "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn",
];

/// Whether a condition leaves only some principals or places.
fn narrowed(clause: &Clause) -> bool {
    clause.tests.iter().any(narrows)
}

fn narrows(test: &Test) -> bool {
    let key = test.key.text.to_ascii_lowercase();
    let operator = test.operator;
    let everything = |value: &Spot| matches!(value.text.as_str(), "*" | "0.0.0.0/0" | "::/0");
    let about = NARROWING.contains(&key.as_str())
        || key.starts_with("aws:principaltag/")
        || key == "sts:externalid";
    about
        && !operator.negated
        && !operator.if_exists
        && operator.family != Family::Null
        && operator.quantifier != Quantifier::All
        && !test.values.iter().any(everything)
}

fn trust(clause: &Clause, found: &mut Vec<Found>) {
    let Some(principals) = &clause.principals else { return };
    if !clause.allows() || principals.negated {
        return;
    }
    if clause.names_everyone() && !clause.unread && !narrowed(clause) {
        let message = "every principal of every account may assume the role";
        let advice = "name principals, or add a condition such as `aws:PrincipalOrgID`";
        found.push(Found::new(&TRUST_EVERYONE, &principals.spot, message).advise(advice));
    }
    let providers = || principals.entries.iter().filter(|(k, _)| *k == PrincipalKind::Federated);
    let others = principals.star || providers().count() < principals.entries.len();
    for item in clause.named_actions() {
        let missing = match item.text.to_ascii_lowercase().as_str() {
            "sts:assumerole" if !others => "a provider does not come by",
            "sts:assumerolewithsaml" | "sts:assumerolewithwebidentity"
                if providers().count() == 0 =>
            {
                "only a provider comes by"
            }
            _ => continue,
        };
        let message = format!("{missing} `{}`", item.text);
        found.push(Found::new(&TRUST_MISMATCH, item, message));
    }
    web_identity(clause, principals, found);
}

/// Trust in a provider that says nothing about whom the provider names.
fn web_identity(clause: &Clause, principals: &Principals, found: &mut Vec<Found>) {
    if clause.unread || !clause.holds_action("sts:AssumeRoleWithWebIdentity") {
        return;
    }
    let open = |(kind, spot): &&(PrincipalKind, Spot)| {
        let saml = spot.text.contains(":saml-provider/");
        *kind == PrincipalKind::Federated
            && !saml
            && !clause.demands(|key| is_subject(key, &spot.text))
    };
    if let Some((_, provider)) = principals.entries.iter().find(open) {
        let message = format!("everyone whom `{}` knows may assume the role", provider.text);
        let advice = "add a condition on the provider's `:sub` key";
        found.push(Found::new(&WEB_NO_SUBJECT, provider, message).advise(advice));
    }
}

/// Whether a key of the provider says more than for whom the token was made out. Of the providers
/// that AWS knows by name, a token for one's own application is all that there is to ask.
fn is_subject(key: &str, provider: &str) -> bool {
    let (own, host) = match provider.split_once(":oidc-provider/") {
        Some((_, host)) => (true, host),
        None => (false, provider),
    };
    let key = key.to_ascii_lowercase();
    let Some(claim) = key.strip_prefix(&host.to_ascii_lowercase()) else { return false };
    !own || !matches!(claim, ":aud" | ":iss" | ":azp" | ":amr")
}

fn never_assumed(view: &View<'_>, found: &mut Vec<Found>) {
    const WAYS: [&str; 3] =
        ["sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"];
    let opens = |clause: &Clause| WAYS.iter().any(|way| clause.holds_action(way));
    if !view.clauses.is_empty() && !view.clauses.iter().any(|c| c.allows() && opens(c)) {
        let message = "no statement allows the role to be assumed";
        let advice = "allow `sts:AssumeRole` to the principals that are meant";
        found.push(Found::new(&TRUST_NEVER, &view.whole(), message).advise(advice));
    }
}

/// What an identity policy says about other roles. A bare `*` is an administrator's, and means it.
fn roles(clause: &Clause, found: &mut Vec<Found>) {
    let star = clause.named_resources().iter().any(|item| item.text == "*");
    if !clause.allows() || !star {
        return;
    }
    let names = |name: &str| {
        let mut items = clause.named_actions().iter();
        items.find(|item| item.text != "*" && action_matches(&item.text, name))
    };
    let to_service = |key: &str| key.eq_ignore_ascii_case("iam:PassedToService");
    if let Some(item) = names("iam:PassRole").filter(|_| !clause.demands(to_service)) {
        let message = format!("`{}` on `*` passes every role to every service", item.text);
        let advice = "name the roles, and the service by `iam:PassedToService`";
        found.push(Found::new(&PASS_ROLE, item, message).advise(advice));
    }
    if let Some(item) = names("sts:AssumeRole") {
        let message = format!("`{}` on `*` reaches every role that trusts the account", item.text);
        found.push(Found::new(&ASSUME_STAR, item, message).advise("name the roles"));
    }
}
