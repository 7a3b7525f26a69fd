//! How the embedded store is opened: its keys, and what it promises.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use jiff::Timestamp;
use wh_aws::PortalCredentials;
use wh_aws::kms::{self, KmsOptions};
use wh_names::Region;
use wh_objects::{DiskOptions, DiskStore, Durability, KeyId, Keyring, Keys, OpenError};
use zeroize::Zeroizing;

use crate::config::{Config, DurabilityConfig, KeySource, StoreKind};
use crate::parameters;

/// The store's folder in the data folder.
const FOLDER: &str = "objects";

/// The key file's name in the data folder, where the configuration names no other.
const KEY_FILE: &str = "store.keys";

/// The variable that holds the master keys where the configuration says so.
const KEYS_VARIABLE: &str = "WELLHOUSE_MASTER_KEYS";

/// Opens the store as the configuration says; nobody else may have it open.
pub(crate) async fn open(config: &Config) -> Result<DiskStore> {
    DiskStore::open(options(config).await?).await.map_err(|error| explained(error, config))
}

/// What to do about a store that was not opened.
pub(crate) fn explained(error: OpenError, config: &Config) -> anyhow::Error {
    let locked = matches!(error, OpenError::Locked { .. });
    let folder = config.data.display();
    let told = anyhow::Error::new(error).context(format!("cannot open the store in {folder}"));
    if locked { told.context("a server is running: stop it first") } else { told }
}

/// Refuses where there is no embedded store yet. Only a server makes one, and its key file.
pub(crate) fn is_there(config: &Config) -> Result<()> {
    if !folder(config)?.join("format").is_file() {
        bail!("there is no store in {}: name its folder by --data", config.data.display());
    }
    Ok(())
}

fn folder(config: &Config) -> Result<PathBuf> {
    match config.store.kind {
        StoreKind::Embedded => Ok(config.data.join(FOLDER)),
        StoreKind::Aws => bail!(
            "store.kind is \"aws\": Amazon looks after that store; this is for the embedded one"
        ),
        StoreKind::Gateway => bail!(
            "store.kind is \"gateway\": the upstream looks after its objects; this is for the embedded \
             store"
        ),
    }
}

/// How the store is opened as the configuration says. A key file is made where there is none and
/// nothing is encrypted yet.
pub(crate) async fn options(config: &Config) -> Result<DiskOptions> {
    let folder = folder(config)?;
    let now = parameters::clock().now();
    let keys = match config.store.encryption.keys {
        KeySource::Off => Keys::Off,
        KeySource::Environment => Keys::Ring(from_environment()?),
        KeySource::File => Keys::Ring(from_file(&key_file(config), &folder, now)?),
        KeySource::Kms => Keys::Ring(from_kms(config, &folder, now).await?),
    };
    let durability = match config.store.durability {
        DurabilityConfig::Strict => Durability::Strict,
        DurabilityConfig::LosesOnPowerCut => Durability::LosesOnPowerCut,
    };
    Ok(DiskOptions { keys, durability, ..DiskOptions::new(folder) })
}

/// Where the key file is.
pub(crate) fn key_file(config: &Config) -> PathBuf {
    let named = config.store.encryption.key_file.clone();
    named.unwrap_or_else(|| config.data.join(KEY_FILE))
}

#[expect(clippy::disallowed_methods, reason = "a secret, so no field of the configuration")]
fn from_environment() -> Result<Keyring> {
    let text = std::env::var(KEYS_VARIABLE).with_context(|| {
        format!("store.encryption.keys = \"environment\" needs the variable {KEYS_VARIABLE}")
    })?;
    Keyring::parse(&text.replace(';', "\n")).with_context(|| format!("in {KEYS_VARIABLE}"))
}

fn from_file(path: &Path, store: &Path, now: Timestamp) -> Result<Keyring> {
    let text = if let Some(text) = read_key_file(path, store)? {
        text
    } else {
        let line = Keyring::new_line(&new_id(now)?)?;
        write_key_file(path, &line)?
    };
    Keyring::parse(&text).with_context(|| format!("in the key file {}", path.display()))
}

async fn from_kms(config: &Config, store: &Path, now: Timestamp) -> Result<Keyring> {
    let (path, encryption) = (key_file(config), &config.store.encryption);
    let region = encryption.kms_region.as_deref().map(Region::parse).transpose();
    let options = KmsOptions {
        region: region.context("store.encryption.kms_region")?,
        endpoint_url: encryption.kms_endpoint_url.clone(),
        key: encryption.kms_key.clone(),
        credentials: PortalCredentials::DefaultChain,
    };
    let in_file = || format!("in the sealed key file {}", path.display());
    let Some(sealed) = read_key_file(&path, store)? else {
        let made = kms::generate(&options, new_id(now)?.as_str()).await?;
        write_key_file(&path, &made.sealed_line)?;
        return Keyring::parse(&made.plain_line).with_context(in_file);
    };
    let plain = kms::unseal(&options, &sealed).await.with_context(in_file)?;
    Keyring::parse(&plain).with_context(in_file)
}

/// A new key is named by its day.
fn new_id(now: Timestamp) -> Result<KeyId> {
    KeyId::parse(&now.strftime("%Y-%m-%d").to_string()).context("the date is no name of a key")
}

/// The text of a key file; none where there is none yet and none is missed.
fn read_key_file(path: &Path, store: &Path) -> Result<Option<Zeroizing<String>>> {
    let text = match fs::read_to_string(path) {
        Ok(text) => Zeroizing::new(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            if store.join("index.key").exists() {
                bail!(
                    "the key file {} is gone, and the store is encrypted under it: put it back from \
                     your backup of it, or name its place by store.encryption.key_file",
                    path.display()
                );
            }
            return Ok(None);
        }
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    };
    let mode = fs::metadata(path)?.permissions().mode();
    if mode & 0o077 != 0 {
        bail!("others may read the key file: run `chmod 600 {}`", path.display());
    }
    Ok(Some(text))
}

/// Written beside, synced, renamed, folder synced: nothing is encrypted under a key that a crash
/// could take away.
fn write_key_file(path: &Path, line: &str) -> Result<Zeroizing<String>> {
    let text = Zeroizing::new(format!(
        "# The master keys of this store: one a line, the last is in force. Without this file nothing\n\
         # of the store can be read. Keep a copy of it elsewhere; see docs/encryption.md.\n{}\n",
        line.trim_end()
    ));
    let cannot = || format!("cannot make the key file {}", path.display());
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let mut file = options.open(&beside).with_context(cannot)?;
    file.write_all(text.as_bytes()).with_context(cannot)?;
    file.sync_all().with_context(cannot)?;
    fs::rename(&beside, path).with_context(cannot)?;
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).with_context(cannot)?;
    tracing::info!(path = %path.display(), "made the key file; keep a copy of it elsewhere");
    Ok(text)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use jiff::Timestamp;

    use super::from_file;

    #[test]
    fn a_key_file_is_made_once_private_and_never_in_the_place_of_one_that_is_gone() {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, store) = (folder.path().join("store.keys"), folder.path().join("objects"));
        let made = from_file(&path, &store, Timestamp::UNIX_EPOCH).expect("a ring");
        assert_eq!(made.current().as_str(), "1970-01-01");
        let bits = std::fs::metadata(&path).expect("a file").permissions().mode() & 0o777;
        assert_eq!(bits, 0o600);
        let text = std::fs::read_to_string(&path).expect("a text");
        from_file(&path, &store, Timestamp::MAX).expect("the same ring");
        assert_eq!(std::fs::read_to_string(&path).expect("a text"), text);
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).expect("opened");
        let open = from_file(&path, &store, Timestamp::UNIX_EPOCH).expect_err("it is open");
        assert!(open.to_string().contains("chmod 600"), "{open}");
        std::fs::create_dir(&store).expect("a folder");
        std::fs::write(store.join("index.key"), "").expect("written");
        std::fs::remove_file(&path).expect("removed");
        let gone = from_file(&path, &store, Timestamp::UNIX_EPOCH).expect_err("it is gone");
        assert!(gone.to_string().contains("is gone"), "{gone}");
        assert!(!path.exists());
    }
}
