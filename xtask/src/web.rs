//! The web UI: installed and built only when its sources changed.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use crate::run::{command, output, root, run, say, target};

/// The oldest Node that the UI's tools run on.
const NODE_OLDEST: (u32, u32) = (20, 19);

/// Checks that Node is there and new enough.
pub(crate) fn check_node() -> Result<()> {
    let Some(version) = output("node", &["--version"]) else {
        bail!(
            "Node.js was not found: install Node {}.{} or newer and npm",
            NODE_OLDEST.0,
            NODE_OLDEST.1
        );
    };
    let mut numbers = version.trim_start_matches('v').split('.').map(|n| n.parse().unwrap_or(0));
    let found: (u32, u32) = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    if found < NODE_OLDEST {
        bail!("Node {version} is too old: install {}.{} or newer", NODE_OLDEST.0, NODE_OLDEST.1);
    }
    Ok(())
}

/// Installs what the web UI needs.
pub(crate) fn install() -> Result<()> {
    install_in("web")
}

/// Runs `npm ci` in a folder where the lock file changed since the last time.
pub(crate) fn install_in(folder: &str) -> Result<()> {
    check_node()?;
    let folder = root().join(folder);
    let lock = folder.join("package-lock.json");
    let lock = fs::read(&lock).with_context(|| lock.display().to_string())?;
    let stamp = folder.join("node_modules/.wellhouse-installed");
    if is_stamped(&stamp, &digest(&lock)) {
        return Ok(());
    }
    say(&format!("installing the packages of {} (npm ci)", folder.display()));
    let mut npm = command("npm", &["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
    npm.current_dir(folder);
    run(npm)?;
    fs::write(stamp, digest(&lock))?;
    Ok(())
}

/// Builds `web/dist` where a source changed since the last time.
pub(crate) fn build() -> Result<()> {
    install()?;
    let sources = digest_of_sources()?;
    let stamp = target().join("web-built");
    if root().join("web/dist/index.html").exists() && is_stamped(&stamp, &sources) {
        return Ok(());
    }
    say("building the web UI");
    npm_run("build")?;
    fs::create_dir_all(target())?;
    fs::write(stamp, sources)?;
    Ok(())
}

/// Runs one of the UI's npm scripts.
pub(crate) fn npm_run(script: &str) -> Result<()> {
    let mut npm = command("npm", &["run", "--silent", script]);
    npm.current_dir(root().join("web"));
    run(npm)
}

fn is_stamped(stamp: &Path, digest: &str) -> bool {
    fs::read_to_string(stamp).is_ok_and(|found| found == digest)
}

fn digest(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

fn digest_of_sources() -> Result<String> {
    let web = root().join("web");
    let mut files = Vec::new();
    for folder in ["src", "public", "scripts"] {
        collect(&web.join(folder), &mut files)?;
    }
    for file in fs::read_dir(&web)? {
        let path = file?.path();
        if path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    let mut hash = Sha256::new();
    for file in files {
        hash.update(file.to_string_lossy().as_bytes());
        hash.update(fs::read(&file)?);
    }
    Ok(hex::encode(hash.finalize()))
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    if !folder.exists() {
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}
