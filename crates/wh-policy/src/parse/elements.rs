//! Actions and resources.

use super::Reader;
use crate::arn_pattern::ArnPattern;
use crate::error::PolicyFault;
use crate::glob::compile;
use crate::json::Node;
use crate::statement::{ActionPattern, Listed, ResourcePattern};
use crate::{Effect, PolicyKind};

/// What the resource part of an IAM ARN may begin with.
const IAM_RESOURCES: [&str; 14] = [
    "*",
    "user/",
    "federated-user/",
    "role/",
    "group/",
    "instance-profile/",
    "mfa/",
    "server-certificate/",
    "policy/",
    "sms-mfa/",
    "saml-provider/",
    "oidc-provider/",
    "report/",
    "access-report/",
];

/// S3 resources that live in a region. Buckets and their objects do not.
const S3_REGIONAL: [&str; 6] =
    ["accesspoint/", "job/", "storage-lens/", "access-grants/", "async-request/", "*"];

impl Reader<'_> {
    /// The one of two elements that is there, and whether it is the second.
    fn one_of<'n>(
        &mut self,
        node: &'n Node,
        path: &str,
        names: [&'static str; 2],
        both: &'static str,
    ) -> Option<(&'n Node, bool, String)> {
        let [plain, negated] = names;
        match (node.member(plain), node.member(negated)) {
            (Some(found), Some(second)) => {
                self.fail(second.at, path, PolicyFault::Forbidden(both));
                Some((found, false, format!("{path}.{plain}")))
            }
            (Some(found), None) => Some((found, false, format!("{path}.{plain}"))),
            (None, Some(found)) => Some((found, true, format!("{path}.{negated}"))),
            (None, None) => None,
        }
    }

    pub(super) fn actions(
        &mut self,
        node: &Node,
        path: &str,
        effect: Effect,
    ) -> (Listed<ActionPattern>, bool) {
        let both = "a statement has either `Action` or `NotAction`";
        let found = self.one_of(node, path, ["Action", "NotAction"], both);
        let Some((found, negated, path)) = found else {
            self.fail(node.at, path, PolicyFault::Missing("`Action`"));
            return (Listed { negated: false, items: Vec::new() }, true);
        };
        let texts = self.texts(found, &path, |item| item.as_str().map(str::to_owned));
        let doubtful = texts.is_empty();
        if is_empty_list(found) {
            self.note(found.at, &path, PolicyFault::Missing("an action"));
        }
        // Of a pattern that means nothing, a Deny may mean any action and an Allow means none. For a
        // list that is turned round, a match is what stands in the way.
        let in_doubt = if effect.when_in_doubt() == negated { "" } else { "*" };
        let mut items = Vec::new();
        for (at, text) in texts {
            let mut item = ActionPattern::new(text);
            if let Err(rule) = action_rule(&item.text) {
                self.note_invalid(at, &path, &item.text, rule);
                item.pattern = compile(in_doubt);
            } else if self.kind == PolicyKind::Trust
                && let Err(rule) = trust_action_rule(&item.text)
            {
                // Refused where it is written; but what it means is clear.
                self.note_invalid(at, &path, &item.text, rule);
            }
            items.push(item);
        }
        (Listed { negated, items }, doubtful)
    }

    pub(super) fn resources(
        &mut self,
        node: &Node,
        path: &str,
    ) -> (Option<Listed<ResourcePattern>>, bool) {
        let both = "a statement has either `Resource` or `NotResource`";
        let found = self.one_of(node, path, ["Resource", "NotResource"], both);
        let trust = self.kind == PolicyKind::Trust;
        let Some((found, negated, path)) = found else {
            if !trust {
                self.note(node.at, path, PolicyFault::Missing("`Resource`"));
            }
            return (None, !trust);
        };
        if trust {
            let fault = PolicyFault::Forbidden("a trust policy has no `Resource`");
            self.note(found.at, &path, fault);
        }
        let texts = self.texts(found, &path, |item| item.as_str().map(str::to_owned));
        let doubtful = texts.is_empty() || trust;
        if is_empty_list(found) {
            self.note(found.at, &path, PolicyFault::Missing("a resource"));
        }
        let items = texts.into_iter().map(|(at, text)| {
            let read = self.resource(at, &path, text);
            // What it should mean in a trust policy cannot be told.
            ResourcePattern { pattern: read.pattern.filter(|_| !trust), ..read }
        });
        (Some(Listed { negated, items: items.collect() }), doubtful)
    }

    fn resource(&mut self, at: usize, path: &str, text: String) -> ResourcePattern {
        let read = ArnPattern::parse(&text, self.variables);
        let rule = read.as_ref().err().copied().or_else(|| resource_rule(&text).err());
        if let Some(rule) = rule {
            self.note_invalid(at, path, &text, rule);
        }
        let pattern = read.ok().or_else(|| ArnPattern::padded(&text, self.variables));
        ResourcePattern { text, pattern }
    }
}

/// A list that lacks items, and not one whose items could not be read.
pub(super) fn is_empty_list(node: &Node) -> bool {
    node.items().is_some_and(<[Node]>::is_empty)
}

fn action_rule(text: &str) -> Result<(), &'static str> {
    if text == "*" {
        return Ok(());
    }
    let Some((vendor, name)) = text.split_once(':') else {
        return Err("an action must be prefaced by a vendor, such as s3");
    };
    if vendor.is_empty() || !vendor.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
        return Err("the vendor of an action is made of letters, digits and hyphens");
    }
    if name.contains(':') {
        return Err("an action holds one colon");
    }
    let in_name = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'*' | b'?' | b'-' | b'_');
    if name.is_empty() || !name.bytes().all(in_name) {
        return Err("the name of an action is made of letters, digits and wildcards");
    }
    Ok(())
}

/// What STS asks a role's trust policy about.
const TRUST_ACTIONS: [&str; 7] = [
    "sts:AssumeRole",
    "sts:AssumeRoleWithSAML",
    "sts:AssumeRoleWithWebIdentity",
    "sts:AssumeRoot",
    "sts:SetContext",
    "sts:SetSourceIdentity",
    "sts:TagSession",
];

/// Source: IAM's own words when one is written: "`AssumeRole` policy may only specify STS
/// `AssumeRole` actions".
fn trust_action_rule(text: &str) -> Result<(), &'static str> {
    let wild = text.contains(['*', '?']);
    let sts = text.get(..4).is_some_and(|vendor| vendor.eq_ignore_ascii_case("sts:"));
    let known = || TRUST_ACTIONS.iter().any(|name| name.eq_ignore_ascii_case(text));
    if text == "*" || (wild && sts) || known() {
        return Ok(());
    }
    Err("a trust policy names only STS's actions that assume a role, tag a session or say who acts")
}

fn resource_rule(text: &str) -> Result<(), &'static str> {
    if text == "*" {
        return Ok(());
    }
    let mut fields = text.splitn(6, ':').skip(1);
    let mut next = || fields.next().unwrap_or_default();
    let (partition, service, region, _account, rest) = (next(), next(), next(), next(), next());
    let wild = |field: &str| field.contains(['*', '?']);
    if !wild(partition) && wh_names::Partition::parse(partition).is_err() {
        return Err("its partition is not one of AWS's");
    }
    if service.is_empty() || wild(service) {
        return Err("the vendor of a resource must be fully qualified, without wildcards");
    }
    if rest.is_empty() {
        return Err("the resource part of the ARN is empty");
    }
    if service == "s3" && !region.is_empty() && !S3_REGIONAL.iter().any(|s| rest.starts_with(s)) {
        return Err("the ARN of a bucket or object holds no region");
    }
    if service == "iam" && !region.is_empty() {
        return Err("the ARN of an IAM resource holds no region");
    }
    if service == "iam" && !IAM_RESOURCES.iter().any(|s| rest.starts_with(s)) {
        return Err("an IAM resource must be `*` or begin with user/, role/, policy/ …");
    }
    Ok(())
}
