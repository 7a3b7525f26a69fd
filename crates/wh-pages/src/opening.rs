//! How a seal reaches the file that it is for: by a number in the name that SQLite is given.
//!
//! The number is good while the opening lasts. Afterwards the files themselves hold the seal, so
//! that no key outlives the connections that use it.

use std::collections::BTreeMap;
use std::ffi::CStr;
use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::layout::{PAGE, SEAL, page_offset};
use crate::open::Refusal;
use crate::seal::{CHECKSUM_ID, Place, Seal, label};
use crate::vfs::{Code, NAME, Real};

/// The parameter of the name.
pub(crate) const PARAMETER: &CStr = c"seal";

static OPENINGS: Mutex<BTreeMap<u64, Arc<Opening>>> = Mutex::new(BTreeMap::new());
static NEXT: AtomicU64 = AtomicU64::new(1);

/// How far to look for pages of ours before a key is called wrong.
const PAGES_LOOKED_AT: u32 = 16;

const PLAIN_MAGIC: &[u8] = b"SQLite format 3\0";

/// A database that is being opened.
#[derive(Debug)]
pub(crate) struct Opening {
    pub(crate) seal: Seal,
    refusal: Mutex<Option<Refusal>>,
}

/// Withdraws the number when dropped.
#[derive(Debug)]
pub(crate) struct Ticket {
    number: u64,
    opening: Arc<Opening>,
}

impl Ticket {
    pub(crate) fn new(seal: &Seal) -> Self {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let opening = Arc::new(Opening { seal: seal.clone(), refusal: Mutex::default() });
        let kept = Arc::clone(&opening);
        OPENINGS.lock().unwrap_or_else(PoisonError::into_inner).insert(number, kept);
        Self { number, opening }
    }

    /// The name that SQLite is to open.
    pub(crate) fn uri(&self, path: &Path) -> String {
        let mut uri = "file:".to_owned();
        for byte in path.as_os_str().as_bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'_' | b'-' => {
                    uri.push(char::from(*byte));
                }
                other => drop(write!(uri, "%{other:02x}")),
            }
        }
        let (vfs, parameter) = (NAME.to_string_lossy(), PARAMETER.to_string_lossy());
        let number = self.number;
        format!("{uri}?vfs={vfs}&{parameter}={number}")
    }

    /// Why the file was refused, if it was.
    pub(crate) fn refusal(&self) -> Option<Refusal> {
        *self.opening.refusal.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        OPENINGS.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.number);
    }
}

/// The opening that a number in a name means.
pub(crate) fn find(number: &CStr) -> Option<Arc<Opening>> {
    let number: u64 = number.to_str().ok()?.parse().ok()?;
    OPENINGS.lock().unwrap_or_else(PoisonError::into_inner).get(&number).cloned()
}

impl Opening {
    /// Refuses a database that is sealed otherwise, or not at all. Damage is not judged here: the
    /// log may hold a newer page.
    pub(crate) fn judge(&self, real: &Real) -> Result<(), Code> {
        let Some(refusal) = judge(&self.seal, real)? else { return Ok(()) };
        *self.refusal.lock().unwrap_or_else(PoisonError::into_inner) = Some(refusal);
        Err(Code(rusqlite::ffi::SQLITE_CANTOPEN))
    }
}

/// How a database is sealed, if not as it is to be opened.
pub(crate) fn judge(seal: &Seal, real: &Real) -> Result<Option<Refusal>, Code> {
    if real.size()? == 0 {
        return Ok(None);
    }
    let mut page = [0; PAGE];
    let whole = real.read(&mut page, 0)?;
    let said = label(&page).unwrap_or_default();
    let magic = page.starts_with(PLAIN_MAGIC);
    if !whole {
        return Ok(magic.then_some(Refusal::Plain));
    }
    if said == seal.id() || page.iter().all(|byte| *byte == 0) {
        return Ok(None);
    }
    if seal.open_unlabelled(Place::Page(1), &mut page).is_some() {
        return Ok(None);
    }
    let refusal = match (seal, said == CHECKSUM_ID) {
        (_, false) if magic => Refusal::Plain,
        (Seal::Checksum, _) => Refusal::Encrypted,
        (Seal::Encrypt(_), true) => Refusal::NotEncrypted,
        (Seal::Encrypt(_), false) => Refusal::WrongKey,
    };
    // One page that is ours, and the first is damaged and not somebody else's.
    Ok((!any_of_ours(seal, real)?).then_some(refusal))
}

fn any_of_ours(seal: &Seal, real: &Real) -> Result<bool, Code> {
    let mut label = [0; SEAL];
    for page in 2..2 + PAGES_LOOKED_AT {
        let at = page_offset(page + 1) - crate::layout::as_u64(SEAL);
        let whole = real.read(&mut label, at)?;
        if whole && label.first_chunk::<4>() == Some(&seal.id()) {
            return Ok(true);
        }
    }
    Ok(false)
}
