//! The house's own keys: the authority's key ring, made at the first start and kept in a file of mode
//! 0600, and the key that signs the audit log. They are rotated here.

mod command;
mod facts;
mod rotate;

pub(crate) use command::{House, Only, Rotate, house, rotate, which};
pub(crate) use facts::{found, overdue};
pub(crate) use rotate::{OwnKeys, Sessions};

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use jiff::Timestamp;
use wh_authority::KeyRing;
use wh_ledger::Ledger;

use crate::config::Config;
use crate::embedded::Parameters;
use crate::secret_file;

/// The file's name in the data folder.
pub(crate) const FILE: &str = "authority.keys";

/// The setting by which nodes that share a ledger know that they have the same key ring.
const FINGERPRINT: &str = "authority.keys";

/// The setting by which one of them tells the others of rotations: each generation sealed under the one
/// before.
const ROTATIONS: &str = "authority.keys.rotations";

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
        None => {
            let keys = KeyRing::generate(&parameters.entropy)?;
            write(data, &keys)?;
            keys
        }
    };
    if shared && ledger.agreed(FINGERPRINT, &keys.fingerprint()).await? != keys.fingerprint() {
        bail!("the nodes that use this ledger have another {FILE} than this one: {}", copy());
    }
    if shared {
        catch_up(data, ledger, &keys).await?;
    }
    Ok(keys)
}

/// Takes over what other nodes have rotated to.
async fn catch_up(data: &Path, ledger: &Ledger, keys: &KeyRing) -> Result<()> {
    let Some(told) = ledger.setting(ROTATIONS).await? else { return Ok(()) };
    let told: Vec<String> = serde_json::from_str(&told)
        .with_context(|| format!("the setting {ROTATIONS} of the ledger is no list"))?;
    let before = keys.dates().len();
    let new = keys.follow(&told).with_context(|| {
        format!("the rotations of {FILE} in the ledger are not of whoever holds the keys")
    })?;
    if new {
        write(data, keys)?;
        let now = keys.dates().len();
        tracing::info!(before, now, "took over keys that another node rotated to");
    }
    Ok(())
}

/// Reads the key ring of `data`; none where there is none yet.
pub(crate) fn read(data: &Path) -> Result<Option<KeyRing>> {
    let path = data.join(FILE);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    };
    let keys = KeyRing::parse(&text)
        .with_context(|| format!("the keys in {} cannot be read", path.display()))?;
    let written = fs::metadata(&path).and_then(|found| found.modified()).ok();
    Ok(Some(keys.made_by_default(written.and_then(|at| Timestamp::try_from(at).ok()))))
}

fn write(data: &Path, keys: &KeyRing) -> Result<()> {
    secret_file::write(&data.join(FILE), &keys.to_text())
}
