//! What a machine keeps of itself: its key, and as what it was enrolled where.
//!
//! Invariant: the key is on the disk, for nobody else to read, before a token is spent on it. A machine
//! that is cut off while it is enrolled asks again with the same key.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use wh_authority::MachineKeyPair;
use wh_names::{Arn, Entropy, InstanceId, Secret};

use crate::secret_file;

const VERSION: u32 = 1;

/// A machine's key, and what it is for.
#[derive(Debug)]
pub(super) struct Identity {
    pub(super) endpoint: String,
    pub(super) key: MachineKeyPair,
    pub(super) enrolled: Option<Enrolled>,
}

/// As what a machine was enrolled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Enrolled {
    pub(super) id: InstanceId,
    /// Names region and account, too.
    pub(super) arn: Arn,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    version: u32,
    endpoint: String,
    key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    instance_arn: Option<String>,
}

impl Enrolled {
    /// Reads the ARN of a machine.
    pub(super) fn parse(arn: &str) -> Result<Self> {
        let arn = Arn::parse(arn)?;
        let id = arn.resource().strip_prefix("instance/").unwrap_or_default();
        Ok(Self { id: InstanceId::parse(id)?, arn })
    }
}

impl Identity {
    /// The one in the file, or a new one, which is written there.
    pub(super) fn open(path: &Path, endpoint: &str, entropy: &Entropy) -> Result<Self> {
        if let Some(known) = read(path)? {
            if known.endpoint != endpoint {
                bail!(
                    "{} belongs to {}: use another --state for {endpoint}",
                    path.display(),
                    known.endpoint
                );
            }
            return Ok(known);
        }
        let key = MachineKeyPair::generate(entropy).context("no key could be made")?;
        let made = Self { endpoint: endpoint.to_owned(), key, enrolled: None };
        made.write(path)?;
        Ok(made)
    }

    pub(super) fn write(&self, path: &Path) -> Result<()> {
        let key = self.key.to_secret().context("the key cannot be written")?;
        let stored = Stored {
            version: VERSION,
            endpoint: self.endpoint.clone(),
            key: key.expose().to_owned(),
            instance_arn: self.enrolled.as_ref().map(|machine| machine.arn.as_str().to_owned()),
        };
        secret_file::write(path, &Secret::parse(&serde_json::to_string(&stored)?)?)
    }
}

fn read(path: &Path) -> Result<Option<Identity>> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
        Ok(_) => {}
    }
    let text = secret_file::read("--state", path)?;
    let damaged = || format!("{} is not a machine's state, or is damaged", path.display());
    // What serde would say could repeat the key.
    let stored: Option<Stored> = serde_json::from_str(text.expose()).ok();
    let stored = stored.filter(|stored| stored.version == VERSION).with_context(damaged)?;
    let key = Secret::parse(&stored.key).ok().and_then(|key| MachineKeyPair::parse(&key));
    let enrolled = stored.instance_arn.as_deref().map(Enrolled::parse).transpose();
    Ok(Some(Identity {
        endpoint: stored.endpoint,
        key: key.with_context(damaged)?,
        enrolled: enrolled.with_context(damaged)?,
    }))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::{Enrolled, Identity};
    use crate::parameters::entropy;

    #[test]
    fn an_identity_is_kept_for_its_machine_and_its_endpoint_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("machine");
        let open = |endpoint| Identity::open(&path, endpoint, &entropy());
        let mut made = open("https://one.example").expect("an identity");
        let permissions = std::fs::metadata(&path).expect("a file").permissions();
        assert_eq!(permissions.mode() & 0o777, 0o600);
        let again = open("https://one.example").expect("an identity");
        assert_eq!((again.key.public(), &again.enrolled), (made.key.public(), &None));
        let arn = "arn:aws:ec2:us-east-1:111122223333:instance/i-0123456789abcdef0";
        made.enrolled = Some(Enrolled::parse(arn).expect("a machine"));
        made.write(&path).expect("written");
        let again = open("https://one.example").expect("an identity");
        assert_eq!(again.enrolled, made.enrolled);
        let refused = open("https://two.example").expect_err("another's").to_string();
        assert!(refused.contains("belongs to https://one.example"), "{refused}");
        let key = made.key.to_secret().expect("a secret");
        std::fs::write(&path, format!("{{\"key\":\"{}\"}}", key.expose())).expect("written");
        let damaged = format!("{:#}", open("https://one.example").expect_err("damaged"));
        assert!(damaged.contains("is damaged") && !damaged.contains(key.expose()), "{damaged}");
    }

    #[test]
    fn a_key_goes_into_a_file_of_the_machines_own_and_is_read_from_no_other() {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, other) = (folder.path().join("machine"), folder.path().join("other"));
        let beside = folder.path().join("machine.new");
        let endpoint = "https://one.example";
        let open = || Identity::open(&path, endpoint, &entropy());
        let mode_of = |mode| std::fs::Permissions::from_mode(mode);
        // What lies beside is somebody's link, or a file that others may read.
        std::fs::write(&other, "other").expect("written");
        std::os::unix::fs::symlink(&other, &beside).expect("a link");
        let made = open().expect("an identity");
        assert_eq!(std::fs::read_to_string(&other).expect("text"), "other", "no link is followed");
        std::fs::write(&beside, "").expect("written");
        std::fs::set_permissions(&beside, mode_of(0o644)).expect("opened");
        made.write(&path).expect("written");
        let kept = std::fs::symlink_metadata(&path).expect("a file");
        assert_eq!((kept.is_file(), kept.permissions().mode() & 0o777), (true, 0o600));
        // One that others may read is refused, and so is what is no machine's; neither is replaced.
        for (text, mode, why) in [("x", 0o644, "chmod 600"), ("{}", 0o600, "is damaged")] {
            std::fs::write(&path, text).expect("written");
            std::fs::set_permissions(&path, mode_of(mode)).expect("set");
            let refused = format!("{:#}", open().expect_err("refused"));
            assert!(refused.contains(why), "{refused}");
            assert_eq!(std::fs::read_to_string(&path).expect("text"), text, "it stays");
        }
        // A link that leads nowhere is no invitation to make what it names.
        std::fs::remove_file(&path).expect("removed");
        let nowhere = folder.path().join("nowhere");
        std::os::unix::fs::symlink(&nowhere, &path).expect("a link");
        open().expect_err("refused");
        assert!(!nowhere.exists());
    }
}
