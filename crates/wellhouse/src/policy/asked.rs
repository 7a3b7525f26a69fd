//! What is asked: actions, resources and condition keys, as the command line writes them.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail};
use wh_names::{AccountId, Arn, Partition};
use wh_policy::{Context, ContextValue, tables};

use super::slip;
use super::world::World;

/// Condition keys of the request.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct Keys {
    /// A condition key of the request, such as `s3:prefix=home/`; again for a further value
    ///
    /// `KEY=` is the empty text, and of a key that holds a list the empty list.
    #[arg(long = "context", value_name = "KEY=VALUE")]
    context: Vec<String>,
}

impl Keys {
    /// The condition keys with their values.
    pub(crate) fn read(&self) -> Result<Context> {
        let mut values: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for written in &self.context {
            let Some((key, value)) = written.split_once('=') else {
                bail!("--context `{written}` has no value: write --context {written}=VALUE");
            };
            known("--context", key)?;
            values.entry(key).or_default().push(value.to_owned());
        }
        let mut context = Context::new();
        for (key, values) in values {
            context.set(key, value(key, values));
        }
        Ok(context)
    }
}

fn value(key: &str, mut values: Vec<String>) -> ContextValue {
    let listed = tables::key(key).is_some_and(|row| row.kind.multivalued());
    match values.pop() {
        Some(only) if values.is_empty() && !listed => ContextValue::One(only),
        Some(only) if values.is_empty() && only.is_empty() => ContextValue::Many(Vec::new()),
        last => {
            values.extend(last);
            ContextValue::Many(values)
        }
    }
}

/// Keys have a service before the colon; a slip in the names that the tables hold is pointed out.
pub(crate) fn known(flag: &str, key: &str) -> Result<()> {
    let Some((service, _)) = key.split_once(':') else {
        bail!("{flag} `{key}` is not a condition key: they are written `aws:…`, `s3:…`");
    };
    let held = service.eq_ignore_ascii_case("aws") || tables_hold(service);
    if !held || tables::key(key).is_some() {
        return Ok(());
    }
    let names: Vec<&str> = tables::keys().iter().map(|row| row.name).collect();
    let meant = slip::nearest(key, &names).map(|meant| format!("; did you mean `{meant}`?"));
    bail!("{flag} `{key}` is not a condition key of {service}{}", meant.unwrap_or_default())
}

/// A resource as people write it: an ARN, `bucket/key`, `s3://bucket/key`, a role's name.
pub(crate) fn resource(world: &World, action: &str, written: &str) -> String {
    if written.starts_with("arn:") {
        return written.to_owned();
    }
    let service = action.split(':').next().unwrap_or_default();
    let partition = &world.partition;
    if written == "*" {
        let every = |service: &str| format!("arn:{partition}:{service}:::*");
        return every(if tables_hold(service) { service } else { "s3" });
    }
    if let Some(role) = world.roles.get(written).filter(|_| service != "s3") {
        return role.arn.to_string();
    }
    let path = written.strip_prefix("s3://").unwrap_or(written);
    // `s3://bucket/` is how tools write the bucket itself.
    format!(
        "arn:{partition}:s3:::{}",
        path.strip_suffix('/').filter(|b| !b.contains('/')).unwrap_or(path)
    )
}

/// The resources that a pattern on the command line means: of STS and IAM, the roles whose names
/// match it.
pub(crate) fn resources(world: &World, action: &str, written: &str) -> Vec<String> {
    if written == "*" {
        return vec!["*".to_owned()];
    }
    let pattern = written.contains(['*', '?']) && !written.starts_with("arn:");
    let known = world.roles.contains_key(written);
    if on_roles(action) && !known && !written.starts_with("arn:") {
        let named = world.roles.iter().filter(|(name, _)| pattern && matches(written, name));
        return named.map(|(_, role)| role.arn.to_string()).collect();
    }
    vec![resource(world, action, written)]
}

/// Whether names without a slash are those of roles.
pub(crate) fn on_roles(action: &str) -> bool {
    let service = action.split(':').next().unwrap_or_default();
    ["sts", "iam"].contains(&service.to_ascii_lowercase().as_str())
}

/// Whether a name matches a pattern with `*` and `?`. Row by row, so that no pattern is slow.
pub(crate) fn matches(pattern: &str, name: &str) -> bool {
    let name: Vec<char> = name.chars().collect();
    // Whether what was read of the pattern matches the first so many characters.
    let mut row = vec![false; name.len() + 1];
    if let Some(first) = row.first_mut() {
        *first = true;
    }
    for wanted in pattern.chars() {
        let mut next = Vec::with_capacity(row.len());
        for at in 0..=name.len() {
            let before = at.checked_sub(1);
            let earlier = before.and_then(|at| row.get(at)).copied().unwrap_or_default();
            let here = row.get(at).copied().unwrap_or_default();
            let fits = wanted == '?' || before.and_then(|at| name.get(at)) == Some(&wanted);
            next.push(match wanted {
                '*' => here || next.last().copied().unwrap_or_default(),
                _ => earlier && fits,
            });
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

/// Keys that follow from who asks; a question that fixes them otherwise is about nobody.
const OF_THE_PRINCIPAL: [&str; 5] =
    ["aws:PrincipalAccount", "aws:PrincipalArn", "aws:PrincipalType", "aws:userid", "aws:username"];

/// Refuses keys that follow from who asks.
pub(crate) fn free_of_the_principal(context: &Context) -> Result<()> {
    for key in OF_THE_PRINCIPAL {
        if context.get(key).is_some() {
            bail!("--context {key}: it follows from who asks, and cannot be chosen here");
        }
    }
    Ok(())
}

fn tables_hold(service: &str) -> bool {
    ["s3", "sts", "iam"].contains(&service.to_ascii_lowercase().as_str())
}

/// A single resource; patterns are for questions about all requests.
pub(crate) fn one_resource(world: &World, action: &str, written: &str) -> Result<Arn> {
    let text = resource(world, action, written);
    Arn::parse(&text).with_context(|| format!("--resource `{written}`"))
}

/// The account that owns a resource: as its ARN says, else that of the world.
pub(crate) fn owner(world: &World, resource: &Arn) -> AccountId {
    AccountId::parse(resource.account()).unwrap_or_else(|_| world.account.clone())
}

/// The bucket that a resource is, or is in.
pub(crate) fn bucket_of(resource: &Arn) -> Option<&str> {
    let bucket = resource.resource().split('/').next()?;
    (resource.service() == "s3" && resource.account().is_empty()).then_some(bucket)
}

/// A condition key and its value, for reading.
pub(crate) fn in_words(context: &Context) -> Vec<String> {
    context.iter().map(|(key, value)| format!("{} = {}", spelt(key), values(value))).collect()
}

fn values(value: &ContextValue) -> String {
    match value {
        ContextValue::One(value) => format!("`{value}`"),
        ContextValue::Many(values) if values.is_empty() => "nothing".to_owned(),
        ContextValue::Many(values) => {
            let values: Vec<String> = values.iter().map(|value| format!("`{value}`")).collect();
            values.join(", ")
        }
    }
}

/// A key as AWS spells it: contexts keep keys in lower case.
pub(crate) fn spelt(key: &str) -> String {
    let Some(row) = tables::key(key) else { return key.to_owned() };
    match row.name.split_once("${") {
        None => row.name.to_owned(),
        Some((before, _)) => {
            let tag = key.get(before.len()..).unwrap_or_default();
            format!("{before}{tag}")
        }
    }
}

/// The flags that give a context again.
pub(crate) fn flags(context: &Context) -> Vec<String> {
    let mut flags = Vec::new();
    for (key, value) in context.iter() {
        let key = spelt(key);
        let values = match value {
            ContextValue::One(value) => std::slice::from_ref(value),
            ContextValue::Many(values) if values.is_empty() => &[String::new()],
            ContextValue::Many(values) => values.as_slice(),
        };
        for value in values {
            flags.extend(["--context".to_owned(), format!("{key}={value}")]);
        }
    }
    flags
}

/// A context as JSON.
pub(crate) fn json(context: &Context) -> serde_json::Value {
    let members = context.iter().map(|(key, value)| {
        let value = match value {
            ContextValue::One(value) => serde_json::json!(value),
            ContextValue::Many(values) => serde_json::json!(values),
        };
        (spelt(key), value)
    });
    serde_json::Value::Object(members.collect())
}

/// A command line that a shell reads as it is meant.
pub(crate) fn shell(words: &[String]) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@,+%".contains(c);
    let quoted = words.iter().map(|word| {
        if !word.is_empty() && word.chars().all(plain) {
            word.clone()
        } else {
            format!("'{}'", word.replace('\'', r"'\''"))
        }
    });
    quoted.collect::<Vec<_>>().join(" ")
}

/// The ARN of a bucket, and the pattern for everything in it.
pub(crate) fn object_arns(partition: &Partition, bucket: &str) -> [String; 2] {
    let arn = format!("arn:{partition}:s3:::{bucket}");
    let below = format!("{arn}/*");
    [arn, below]
}
