//! What the commands look at: roles with their policies, and buckets with theirs.

mod folder;
mod running;
mod standard;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use wh_names::{AccountId, Arn, Partition};
use wh_policy::{NamedPolicy, PolicyDocument, PolicyKind};
use wh_provision::returned_document;

use super::slip;
use crate::config::Config;

/// Where a world is read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// The estate that the configuration describes.
    Standard,
    /// The same, read back from the store.
    Running,
    /// A folder in the layout of `wellhouse policy export`, the description of an estate, or one document.
    Path(PathBuf),
}

impl FromStr for Source {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text {
            "standard" => Self::Standard,
            "running" => Self::Running,
            path => Self::Path(PathBuf::from(path)),
        })
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Standard => f.write_str("standard"),
            Self::Running => f.write_str("running"),
            Self::Path(path) => path.display().fmt(f),
        }
    }
}

/// Roles and buckets, and the account that they belong to.
#[derive(Debug)]
pub(crate) struct World {
    /// Where it was read from.
    pub(crate) source: Source,
    pub(crate) partition: Partition,
    pub(crate) account: AccountId,
    /// By name, in order.
    pub(crate) roles: BTreeMap<String, Role>,
    /// The policy of each bucket that has one.
    pub(crate) buckets: BTreeMap<String, NamedPolicy>,
    /// Every document, as it is laid out in a folder.
    pub(crate) documents: Vec<Document>,
}

/// One role.
#[derive(Debug)]
pub(crate) struct Role {
    pub(crate) arn: Arn,
    pub(crate) trust: Option<NamedPolicy>,
    pub(crate) permissions: Vec<NamedPolicy>,
    /// The places of the documents of `permissions`, in the same order.
    pub(crate) places: Vec<PathBuf>,
    pub(crate) boundary: Option<NamedPolicy>,
}

/// A document as text, and its place in a folder.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) place: PathBuf,
    pub(crate) kind: PolicyKind,
    pub(crate) text: String,
}

/// What the one role of a world is called that is a single document.
pub(crate) const UNNAMED: &str = "unnamed";

/// Reads a world.
pub(crate) fn read(source: &Source, config: &Config) -> Result<World> {
    match source {
        Source::Standard => standard::read(config),
        Source::Running => running::read(config),
        Source::Path(path) if path.is_dir() => folder::read(path, config),
        Source::Path(path) if path.is_file() && path.extension().is_some_and(|e| e == "toml") => {
            standard::of_file(path, config)
        }
        Source::Path(path) if path.is_file() => one_document(path, config),
        Source::Path(path) => bail!(
            "`{}` is neither `standard` nor `running`, and there is no such folder or file",
            path.display()
        ),
    }
}

/// The path in IAM of a role of the estate.
fn role_path(config: &Config) -> String {
    format!("/wellhouse/{}/", config.estate.installation)
}

fn one_document(path: &Path, config: &Config) -> Result<World> {
    let mut world = World::empty(Source::Path(path.to_owned()), config)?;
    let text = super::files::read(path)?;
    let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let kind = PolicyKind::Identity;
    let name = name.unwrap_or_default();
    let permissions = vec![world.written(path.to_owned(), &name, kind, text)?];
    let places = vec![path.to_owned()];
    let arn = format!("arn:{}:iam::{}:role/{UNNAMED}", world.partition, world.account);
    let arn = Arn::parse(&arn)?;
    let role = Role { arn, trust: None, permissions, places, boundary: None };
    world.roles.insert(UNNAMED.to_owned(), role);
    Ok(world)
}

impl World {
    fn empty(source: Source, config: &Config) -> Result<Self> {
        Ok(Self {
            source,
            partition: crate::estate::partition(config)?,
            account: crate::estate::account(config)?,
            roles: BTreeMap::new(),
            buckets: BTreeMap::new(),
            documents: Vec::new(),
        })
    }

    /// Takes in a document that somebody wrote: a fault in it is theirs to mend.
    fn written(
        &mut self,
        place: PathBuf,
        name: &str,
        kind: PolicyKind,
        text: String,
    ) -> Result<NamedPolicy> {
        let document = PolicyDocument::parse(&text, kind).with_context(|| {
            let place = place.display();
            format!("{place} is not a valid policy (`wellhouse policy check {place}` shows more)")
        })?;
        self.documents.push(Document { place, kind, text });
        Ok(NamedPolicy { name: name.to_owned(), document: Arc::new(document) })
    }

    /// Takes in a document that is in force, whatever is wrong with it.
    fn stored(&mut self, place: PathBuf, name: &str, kind: PolicyKind, text: &str) -> NamedPolicy {
        let written = returned_document(text);
        let text = written.as_deref().unwrap_or(text);
        let document = PolicyDocument::read_stored(text, kind);
        let whole = document.faults().is_empty();
        let text = if whole { document.to_json_pretty() } else { text.to_owned() };
        self.documents.push(Document { place, kind, text });
        NamedPolicy { name: name.to_owned(), document: Arc::new(document) }
    }

    /// The role of a name; an error that lists the names.
    pub(crate) fn role(&self, name: &str) -> Result<(&str, &Role)> {
        if let Some((name, role)) = self.roles.get_key_value(name) {
            return Ok((name, role));
        }
        let names: Vec<&str> = self.roles.keys().map(String::as_str).collect();
        let meant = slip::nearest(name, &names).map(|meant| format!(" (did you mean `{meant}`?)"));
        let meant = meant.unwrap_or_default();
        bail!(
            "--role `{name}`: {} has no such role{meant}; its roles: {}",
            self.source,
            names.join(", ")
        )
    }

    /// The policy of the resource itself: a bucket's policy, a role's trust.
    pub(crate) fn policy_of(&self, resource: &Arn) -> Option<&NamedPolicy> {
        match resource.service() {
            "s3" => {
                let bucket = resource.resource().split('/').next().unwrap_or_default();
                self.buckets.get(bucket)
            }
            "iam" => self.roles.values().find(|role| role.arn == *resource)?.trust.as_ref(),
            _ => None,
        }
    }
}

/// Where the documents of a role and of a bucket stand in a folder.
mod layout {
    use std::path::PathBuf;

    pub(super) fn trust(role: &str) -> PathBuf {
        PathBuf::from(format!("roles/{role}/trust.json"))
    }

    pub(super) fn boundary(role: &str) -> PathBuf {
        PathBuf::from(format!("roles/{role}/boundary.json"))
    }

    pub(super) fn permission(role: &str, policy: &str) -> PathBuf {
        PathBuf::from(format!("roles/{role}/permissions/{policy}.json"))
    }

    pub(super) fn bucket(bucket: &str) -> PathBuf {
        PathBuf::from(format!("buckets/{bucket}/policy.json"))
    }
}
