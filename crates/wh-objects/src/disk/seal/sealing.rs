//! Whether and under what a store seals, from its opening on.
//!
//! A store that was ever written with encryption names, in the table `master_key`, every master key
//! that something in it is wrapped under, each with a proof: a secret that unwraps only under that
//! key. A key enters before anything is wrapped under it, and leaves when nothing is any more.
//!
//! Invariant: a store opens with all the keys that it needs, or not at all.

use bytes::{Bytes, BytesMut};
use rusqlite::Connection;
use wh_pages::{Key, Seal};
use zeroize::Zeroizing;

use super::guard::Guard;
use super::index_key::{self, refusal};
use super::keyring::{KEY_BYTES, KeyId, Keyring, Keys};
use super::wrap::{Purpose, Secret, Wrapped, new_secret};
use crate::StoreError;
use crate::digest::block_crc;
use crate::disk::OpenError;
use crate::disk::extent::BlobId;
use crate::disk::folder::Folder;

/// Whether a store seals what it writes.
#[derive(Debug)]
pub(in crate::disk) enum Sealing {
    Off,
    On(Open),
}

/// The keys of a store that is open.
pub(in crate::disk) struct Open {
    ring: Keyring,
    index_key: Secret,
    /// The index key, when it is not on the disk yet.
    unsaved: Option<Wrapped>,
}

impl std::fmt::Debug for Open {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Open").field("ring", &self.ring).finish_non_exhaustive()
    }
}

/// What becomes of a wrapped key when the master keys were rotated.
#[derive(Debug)]
pub(in crate::disk) enum Rewrap {
    /// It is under the current key.
    Current,
    /// So it is from now on.
    Anew(Wrapped),
    /// It does not unwrap.
    Damaged,
}

/// A small blob, as its row holds it.
#[derive(Debug)]
pub(in crate::disk) struct Inline {
    /// The bytes; when they are sealed, the tag follows them.
    pub(in crate::disk) data: Bytes,
    /// How many bytes there are in plain.
    pub(in crate::disk) len: usize,
    /// What covers plain bytes.
    pub(in crate::disk) crc: Option<u32>,
    /// The key of sealed ones.
    pub(in crate::disk) wrapped: Option<Wrapped>,
}

impl Sealing {
    /// Takes the keys for a store whose index is not open yet, and makes the index key when there
    /// is none.
    pub(in crate::disk) fn open(folder: &Folder, keys: Keys) -> Result<Self, OpenError> {
        match keys {
            Keys::Off if index_key::read(folder)?.is_some() => Err(keys_off(folder)),
            Keys::Off => Ok(Self::Off),
            Keys::Ring(ring) => {
                let (index_key, unsaved) = index_key::open_or_make(folder, &ring)?;
                Ok(Self::On(Open { ring, index_key, unsaved }))
            }
        }
    }

    /// How the pages of the index are sealed.
    pub(in crate::disk) fn page_seal(&self) -> Seal {
        let key = |key: &[u8; KEY_BYTES]| Seal::Encrypt(Key::new(Zeroizing::new(*key)));
        self.index_key().map_or(Seal::Checksum, key)
    }

    /// The key that seals the index; `None` when encryption is off.
    pub(in crate::disk) fn index_key(&self) -> Option<&[u8; KEY_BYTES]> {
        match self {
            Self::Off => None,
            Self::On(open) => Some(&open.index_key),
        }
    }

    /// Keeps an index key that was made for an index from before: nothing is sealed under a key that
    /// could be lost.
    pub(in crate::disk) fn keep_index_key(&self, folder: &Folder) -> Result<(), OpenError> {
        match self {
            Self::On(Open { unsaved: Some(unsaved), .. }) => index_key::keep(folder, unsaved),
            Self::On(_) | Self::Off => Ok(()),
        }
    }

    /// Refuses when a key that the store needs is not there or not the right one. Then enters the
    /// current one, and keeps an index key that was made for an index from before.
    pub(in crate::disk) fn admit(
        &self,
        conn: &Connection,
        folder: &Folder,
    ) -> Result<(), OpenError> {
        let needed = self.judge(conn, folder)?;
        let Self::On(open) = self else { return Ok(()) };
        self.keep_index_key(folder)?;
        let current = open.ring.current().as_str();
        if needed.iter().any(|(id, _)| id == current) {
            return Ok(());
        }
        let proof = new_secret().and_then(|s| Wrapped::new(&open.ring, Purpose::Proof, &s));
        let proof = proof.ok_or_else(|| OpenError::Io {
            doing: "making the proof of a master key",
            source: std::io::Error::other("no random bytes"),
        })?;
        let text = "INSERT INTO master_key (id, proof) VALUES (?1, ?2)";
        conn.execute(text, (current, proof.as_bytes())).map(drop).map_err(|e| folder.unusable(&e))
    }

    /// Refuses when a key that the store needs is not there or not the right one, and tells which
    /// ones it needs.
    pub(in crate::disk) fn judge(
        &self,
        conn: &Connection,
        folder: &Folder,
    ) -> Result<Vec<(String, Wrapped)>, OpenError> {
        let needed = needed(conn).map_err(|e| folder.unusable(&e))?;
        let open = match self {
            Self::Off if needed.is_empty() => return Ok(needed),
            Self::Off => return Err(keys_off(folder)),
            Self::On(open) => open,
        };
        for (id, proof) in &needed {
            if proof.key_id() != Some(id) {
                return Err(folder.damaged(format!("the proof of the master key `{id}`")));
            }
            proof.unwrap(&open.ring, Purpose::Proof).map_err(|why| refusal(folder, why))?;
        }
        Ok(needed)
    }

    /// What covers a new blob, and the key to keep with it.
    pub(in crate::disk) fn begin(
        &self,
        blob: BlobId,
    ) -> Result<(Guard, Option<Wrapped>), StoreError> {
        let Self::On(open) = self else { return Ok((Guard::Crc64, None)) };
        let made = || {
            let data_key = new_secret()?;
            let wrapped = Wrapped::new(&open.ring, Purpose::Blob(blob), &data_key)?;
            Some((Guard::sealed(&data_key)?, Some(wrapped)))
        };
        made().ok_or_else(no_randomness)
    }

    /// What covers a blob that is kept.
    pub(in crate::disk) fn guard(
        &self,
        blob: BlobId,
        wrapped: Option<&Wrapped>,
    ) -> Result<Guard, StoreError> {
        let Some(wrapped) = wrapped else { return Ok(Guard::Crc64) };
        let guard = match self {
            Self::Off => None,
            Self::On(open) => wrapped
                .unwrap(&open.ring, Purpose::Blob(blob))
                .ok()
                .and_then(|data_key| Guard::sealed(&data_key)),
        };
        guard.ok_or_else(|| StoreError::Corrupt { what: format!("the key of blob {blob}") })
    }

    /// The name of the master key that new data keys are wrapped under.
    pub(in crate::disk) fn current(&self) -> Option<&KeyId> {
        match self {
            Self::Off => None,
            Self::On(open) => Some(open.ring.current()),
        }
    }

    /// Wraps a data key under the current master key.
    pub(in crate::disk) fn rewrap(
        &self,
        blob: BlobId,
        kept: &Wrapped,
    ) -> Result<Rewrap, StoreError> {
        let Self::On(open) = self else { return Ok(Rewrap::Damaged) };
        let purpose = Purpose::Blob(blob);
        if kept.is_current(&open.ring) {
            return Ok(Rewrap::Current);
        }
        let Ok(data_key) = kept.unwrap(&open.ring, purpose) else { return Ok(Rewrap::Damaged) };
        let anew = Wrapped::new(&open.ring, purpose, &data_key);
        anew.map(Rewrap::Anew).ok_or_else(no_randomness)
    }

    /// Wraps the index key under the current master key. Tells whether that was to do.
    pub(in crate::disk) fn rewrap_index_key(&self, folder: &Folder) -> std::io::Result<bool> {
        match self {
            Self::Off => Ok(false),
            Self::On(open) => index_key::rewrap(folder, &open.ring, &open.index_key),
        }
    }

    /// Seals a small blob, or only covers it.
    pub(in crate::disk) fn cover_inline(
        &self,
        blob: BlobId,
        mut data: BytesMut,
    ) -> Result<Inline, StoreError> {
        let len = data.len();
        let (guard, wrapped) = self.begin(blob)?;
        if !guard.is_sealed() {
            let crc = Some(block_crc(&data));
            return Ok(Inline { data: data.freeze(), len, crc, wrapped });
        }
        data.reserve(guard.mark_bytes());
        let tag = guard.cover(blob, 0, &mut data)?;
        data.extend_from_slice(tag.as_bytes());
        Ok(Inline { data: data.freeze(), len, crc: None, wrapped })
    }

    /// The bytes of a small blob, verified and in plain.
    pub(in crate::disk) fn open_inline(
        &self,
        blob: BlobId,
        mut data: Vec<u8>,
        (crc, wrapped): (Option<u32>, Option<&Wrapped>),
    ) -> Result<Vec<u8>, StoreError> {
        let damaged = || StoreError::Corrupt { what: format!("the bytes of blob {blob}") };
        let guard = self.guard(blob, wrapped)?;
        if !guard.is_sealed() {
            return if Some(block_crc(&data)) == crc { Ok(data) } else { Err(damaged()) };
        }
        let len = data.len().checked_sub(guard.mark_bytes()).ok_or_else(damaged)?;
        let tag = data.split_off(len);
        if guard.check(blob, 0, (&mut data, &tag)) { Ok(data) } else { Err(damaged()) }
    }
}

fn no_randomness() -> StoreError {
    let source = std::io::Error::other("the operating system gave no random bytes");
    StoreError::Io { doing: "making a key", source }
}

fn keys_off(folder: &Folder) -> OpenError {
    OpenError::KeysOff { folder: folder.path().to_owned() }
}

/// The master keys that the store needs, with their proofs.
fn needed(conn: &Connection) -> rusqlite::Result<Vec<(String, Wrapped)>> {
    let mut statement = conn.prepare("SELECT id, proof FROM master_key")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, Wrapped::kept(row.get(1)?))))?;
    rows.collect()
}
