//! A folder of documents, in the layout that `wellhouse policy export` writes:
//! `roles/NAME/{trust,boundary}.json`, `roles/NAME/permissions/*.json`, `buckets/BUCKET/policy.json`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use wh_names::{Arn, BucketName, RoleName};
use wh_policy::{NamedPolicy, PolicyKind};

use super::{Role, Source, World, role_path};
use crate::config::Config;

pub(super) fn read(folder: &Path, config: &Config) -> Result<World> {
    let mut world = World::empty(Source::Path(folder.to_owned()), config)?;
    let (roles, buckets) = (folder.join("roles"), folder.join("buckets"));
    if !roles.is_dir() && !buckets.is_dir() {
        let folder = folder.display();
        bail!(
            "{folder} holds neither `roles/` nor `buckets/`; `wellhouse policy export DIR` writes a \
             folder to start from"
        );
    }
    for (name, path) in entries(&roles)? {
        let parsed = RoleName::parse(&name).with_context(|| path.display().to_string())?;
        let arn = Arn::role(&world.partition, &world.account, &role_path(config), &parsed);
        let role = role(&mut world, &path, arn)?;
        world.roles.insert(name, role);
    }
    for (name, path) in entries(&buckets)? {
        BucketName::parse(&name).with_context(|| path.display().to_string())?;
        for (file, path) in entries(&path)? {
            if file != "policy.json" {
                bail!("{} has no place there: a bucket has `policy.json`", path.display());
            }
            let policy = document(&mut world, path, "bucket policy", PolicyKind::Resource)?;
            world.buckets.insert(name.clone(), policy);
        }
    }
    Ok(world)
}

fn role(world: &mut World, folder: &Path, arn: Arn) -> Result<Role> {
    let mut role =
        Role { arn, trust: None, permissions: Vec::new(), places: Vec::new(), boundary: None };
    for (name, path) in entries(folder)? {
        match name.as_str() {
            "trust.json" => {
                role.trust = Some(document(world, path, "trust", PolicyKind::Trust)?);
            }
            "boundary.json" => {
                role.boundary = Some(document(world, path, "boundary", PolicyKind::Boundary)?);
            }
            "permissions" => permissions(world, &path, &mut role)?,
            _ => bail!(
                "{} has no place there: a role has `trust.json`, `boundary.json` and \
                 `permissions/*.json`",
                path.display()
            ),
        }
    }
    Ok(role)
}

fn permissions(world: &mut World, folder: &Path, role: &mut Role) -> Result<()> {
    for (name, path) in entries(folder)? {
        let Some(policy) = name.strip_suffix(".json") else {
            bail!("{} has no place there: permissions are `*.json`", path.display());
        };
        role.places.push(path.clone());
        role.permissions.push(document(world, path, policy, PolicyKind::Identity)?);
    }
    Ok(())
}

fn document(world: &mut World, path: PathBuf, name: &str, kind: PolicyKind) -> Result<NamedPolicy> {
    if !path.is_file() {
        // To read a pipe may never end.
        bail!("{} is not a file", path.display());
    }
    let text = super::super::files::read(&path)?;
    world.written(path, name, kind, text)
}

/// What a folder holds, by name; hidden files apart. A folder that is not there holds nothing.
fn entries(folder: &Path) -> Result<Vec<(String, PathBuf)>> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let cannot = || format!("cannot read {}", folder.display());
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).with_context(cannot)? {
        let entry = entry.with_context(cannot)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.starts_with('.') {
            found.push((name, entry.path()));
        }
    }
    found.sort();
    Ok(found)
}
