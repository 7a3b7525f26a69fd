//! The estate that the configuration describes.

use std::path::Path;

use anyhow::Result;
use wh_policy::{NamedPolicy, PolicyKind};
use wh_provision::Estate;

use super::{Document, Role, Source, World, layout};
use crate::config::Config;

pub(super) fn read(config: &Config) -> Result<World> {
    of(&crate::estate::configured(config)?, (Source::Standard, config))
}

/// The estate that a file describes.
pub(super) fn of_file(path: &Path, config: &Config) -> Result<World> {
    of(&crate::estate::read(path)?, (Source::Path(path.to_owned()), config))
}

fn of(estate: &Estate, (source, config): (Source, &Config)) -> Result<World> {
    let mut world = World::empty(source, config)?;
    world.partition = estate.partition().clone();
    world.account = estate.account().clone();
    let mut add = |place, policy: &NamedPolicy, kind| {
        let text = policy.document.to_json_pretty();
        world.documents.push(Document { place, kind, text });
        policy.clone()
    };
    let mut roles = Vec::new();
    for spec in estate.roles() {
        let name = spec.name.as_str();
        let trust = add(layout::trust(name), &spec.trust, PolicyKind::Trust);
        let permissions = spec.permissions.iter().map(|policy| {
            add(layout::permission(name, &policy.name), policy, PolicyKind::Identity)
        });
        let permissions = permissions.collect();
        let boundary = Some(add(layout::boundary(name), &spec.boundary, PolicyKind::Boundary));
        let places = spec.permissions.iter().map(|p| layout::permission(name, &p.name)).collect();
        let (arn, trust) = (spec.arn.clone(), Some(trust));
        roles.push((name.to_owned(), Role { arn, trust, permissions, places, boundary }));
    }
    let bucket = estate.bucket().name.as_str();
    let policy = add(layout::bucket(bucket), estate.bucket_policy(), PolicyKind::Resource);
    world.roles.extend(roles);
    world.buckets.insert(bucket.to_owned(), policy);
    Ok(world)
}
