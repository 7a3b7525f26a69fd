//! The embedded authority's key ring: made at the first start, kept in a file of mode 0600.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::{Context, Result, bail};
use wh_authority::KeyRing;
use wh_names::Entropy;

use crate::config::Config;
use crate::embedded::Parameters;

/// The file's name in the data folder.
pub(crate) const FILE: &str = "authority.keys";

/// The setting by which nodes that share a ledger know that they have the same key ring.
const FINGERPRINT: &str = "authority.keys";

/// Reads the key ring in the data folder, or makes it where there is none. Nodes that share a ledger
/// need the same one: what one has sealed all must open.
pub(crate) async fn open(config: &Config, parameters: &Parameters) -> Result<KeyRing> {
    let (data, shared) = (&config.data, config.ledger.url.is_some());
    let ledger = &parameters.ledger;
    let copy =
        || format!("copy {FILE} from the data folder of a node that serves to {}", data.display());
    let keys = match read(data)? {
        Some(keys) => keys,
        None if shared && ledger.setting(FINGERPRINT).await?.is_some() => {
            bail!("other nodes use this ledger with keys that are not here: {}", copy());
        }
        None => make(data, &parameters.entropy)?,
    };
    if shared && ledger.agreed(FINGERPRINT, &keys.fingerprint()).await? != keys.fingerprint() {
        bail!("the nodes that use this ledger have another {FILE} than this one: {}", copy());
    }
    Ok(keys)
}

/// Reads the key ring of `data`; none where there is none yet.
pub(crate) fn read(data: &Path) -> Result<Option<KeyRing>> {
    let path = data.join(FILE);
    match fs::read_to_string(&path) {
        Ok(text) => KeyRing::parse(&text)
            .map(Some)
            .with_context(|| format!("the keys in {} cannot be read", path.display())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

/// Written beside, synced, renamed, folder synced: a crash leaves no ring or a whole one.
fn make(data: &Path, entropy: &Entropy) -> Result<KeyRing> {
    let keys = KeyRing::generate(entropy)?;
    let path = data.join(FILE);
    let beside = data.join(format!("{FILE}.new"));
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let mut file =
        options.open(&beside).with_context(|| format!("cannot write {}", beside.display()))?;
    file.write_all(keys.to_text().expose().as_bytes())?;
    file.sync_all()?;
    fs::rename(&beside, &path)?;
    File::open(data)?.sync_all()?;
    Ok(keys)
}
