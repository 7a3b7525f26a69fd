//! Questions that ask about nothing: an action that does not exist, on a resource of the wrong type,
//! in a bucket that is not there. "No" is no answer to them.

use std::collections::BTreeSet;

use wh_policy::analysis::{Access, Answer, Budget, Requests, allows_any};
use wh_policy::{Context, NamedPolicy, PolicyDocument, PolicyKind, PolicySet, Subject};

use super::asked;
use super::inquiry::Set;
use super::slip;
use super::world::World;

/// A question as it was written.
#[derive(Debug)]
pub(crate) struct Question<'q> {
    pub(crate) actions: &'q [String],
    pub(crate) resources: &'q [String],
    /// The flag that says what is asked.
    pub(crate) flag: &'q str,
}

impl Question<'_> {
    /// Buckets and roles that are asked about and that the world does not have.
    pub(crate) fn astray(&self, world: &World) -> Vec<String> {
        let first = self.actions.first().map(String::as_str).unwrap_or_default();
        let resources = self.resources.iter().filter(|resource| *resource != "*");
        resources.filter_map(|written| astray(world, first, written)).collect()
    }

    /// Why no request is asked about, where that is so.
    pub(crate) fn empty(&self, world: &World, set: &Set) -> Vec<String> {
        let flag = self.flag;
        if self.actions.is_empty() {
            return vec![format!(
                "{flag} has no Allow statement: those say which requests are meant"
            )];
        }
        let odd = |action: &&String| !slip::oddities(std::slice::from_ref(*action), &[]).is_empty();
        let unknown: Vec<String> = self.actions.iter().filter(odd).cloned().collect();
        if unknown.len() < self.actions.len() && holds_any(&set.without(&unknown).fitting()) {
            return Vec::new();
        }
        let first = self.actions.first().map(String::as_str).unwrap_or_default();
        let arns = self.resources.iter().map(|written| asked::resource(world, first, written));
        let arns: Vec<String> = arns.collect();
        let words = slip::oddities(self.actions, &arns);
        if words.is_empty() {
            let (actions, resources) = (self.actions.join(", "), self.resources.join(", "));
            return vec![format!(
                "{flag}: {actions} does not act on such a resource as {resources}"
            )];
        }
        words.into_iter().map(|words| format!("{flag}: {words}")).collect()
    }
}

/// Whether there is any request in a set, whoever makes it.
fn holds_any(set: &Set) -> bool {
    let text = r#"{"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}"#;
    let document = PolicyDocument::read_stored(text, PolicyKind::Resource).into();
    let open = NamedPolicy { name: "everything".to_owned(), document };
    // Of a service, no other policy has a say.
    let subject = Subject::Service { name: "requests".to_owned() };
    let Ok(account) = wh_names::AccountId::parse("000000000000") else { return true };
    let access = Access {
        policies: PolicySet { resource: Some(&open), ..PolicySet::default() },
        subject: &subject,
        resource_account: &account,
        known: &Context::new(),
        absent: &[],
    };
    allows_any(&access, &Requests::of(&set.document()), Budget::default()) != Answer::No
}

fn astray(world: &World, action: &str, written: &str) -> Option<String> {
    let from = &world.source;
    if let Some(bare) = written.strip_prefix('/') {
        return Some(format!("--resource `{written}` begins with `/`; did you mean `{bare}`?"));
    }
    let arns = asked::resources(world, action, written);
    let roles: Vec<&str> = world.roles.keys().map(String::as_str).collect();
    let wild = written.contains(['*', '?']);
    let Some(arn) = arns.first() else {
        return Some(no_such("role", from, written, (written, &roles)));
    };
    if let Some((_, path)) = arn.split_once(":role/").filter(|_| !wild) {
        let there = world.roles.values().any(|role| role.arn.as_str() == arn);
        let name = path.rsplit('/').next().unwrap_or_default();
        return (!there).then(|| no_such("role", from, written, (name, &roles)));
    }
    let (_, path) = arn.split_once(":s3:::")?;
    let name = path.split('/').next().unwrap_or_default();
    let buckets = buckets(world);
    let buckets: Vec<&str> = buckets.iter().map(String::as_str).collect();
    if name.contains(['*', '?', '$']) || buckets.is_empty() || buckets.contains(&name) {
        return None;
    }
    if asked::on_roles(action) {
        return Some(no_such("role", from, written, (name, &roles)));
    }
    Some(no_such("bucket", from, written, (name, &buckets)))
}

fn no_such(
    what: &str,
    from: &super::world::Source,
    written: &str,
    (name, names): (&str, &[&str]),
) -> String {
    let meant = slip::nearest(name, names)
        .map(|meant| format!(" (did you mean `{}`?)", written.replace(name, meant)));
    let (meant, names) = (meant.unwrap_or_default(), names.join(", "));
    format!("--resource `{written}`: {from} has no such {what}{meant}; its {what}s: {names}")
}

/// The buckets that have a policy, and those that any policy names.
fn buckets(world: &World) -> BTreeSet<String> {
    let mut found: BTreeSet<String> = world.buckets.keys().cloned().collect();
    for document in &world.documents {
        for after in document.text.split(":s3:::").skip(1) {
            let name = after.split(['/', '"']).next().unwrap_or_default();
            if !name.is_empty() && !name.contains(['*', '?', '$']) {
                found.insert(name.to_owned());
            }
        }
    }
    found
}
