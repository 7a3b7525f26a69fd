//! Chooses which user interface is embedded: `$UI_DIST_DIR`, else `web/dist`, else a placeholder.
//! It never builds one: that would need Node, and the network.

use std::path::{Path, PathBuf};

fn main() {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    let placeholder = manifest.join("placeholder");
    let built = manifest.join("../../web/dist");
    tell("cargo:rerun-if-env-changed=UI_DIST_DIR");
    tell(&format!("cargo:rerun-if-changed={}", built.display()));
    tell(&format!("cargo:rerun-if-changed={}", placeholder.display()));
    let folder = chosen().or_else(|| built.join("index.html").is_file().then_some(built));
    if folder.is_none() {
        tell("cargo:warning=no user interface in web/dist: a placeholder page is embedded");
    }
    let folder = folder.unwrap_or(placeholder);
    let folder = folder.canonicalize().unwrap_or(folder);
    tell(&format!("cargo:rustc-env=UI_EMBED_DIR={}", folder.display()));
}

#[expect(clippy::disallowed_methods, reason = "a build script's options are its environment")]
fn chosen() -> Option<PathBuf> {
    let folder = PathBuf::from(std::env::var_os("UI_DIST_DIR")?);
    tell(&format!("cargo:rerun-if-changed={}", folder.display()));
    folder.join("index.html").is_file().then_some(folder)
}

fn tell(line: &str) {
    println!("{line}");
}
