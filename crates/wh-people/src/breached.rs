//! Passwords that were found in breaches: a file of digests that an operator makes of a list they have.
//!
//! The file is the first eight bytes of each SHA-1 digest, in order, behind a head of 16 bytes: eight
//! bytes to a password, looked up where it lies by halving. Of the 2⁶⁴ beginnings a list of a thousand
//! million passwords holds so few that one password in eighteen thousand millions is refused for nothing.
//! Source of the digests: Pwned Passwords' list "ordered by hash" (`SHA1:count` in each line).

use std::fs::File;
use std::io::{self, BufRead, Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;

use sha1::{Digest, Sha1};
use wh_names::Secret;

use crate::password::normal;

/// How a file of ours begins.
const MAGIC: &[u8; 8] = b"WHPWND1\n";

/// The magic, and how many digests follow, as a 64-bit number with the highest byte first.
const HEAD_BYTES: u64 = 16;

/// Of each digest: a 64-bit number with the highest byte first.
const ENTRY_BYTES: u64 = 8;

/// Hexadecimal digits of a whole digest.
const DIGEST_DIGITS: usize = 40;

/// The longest line that a list may have, in bytes.
const LINE_BYTES_MAX: usize = 128;

/// A file of breached passwords, open.
#[derive(Debug)]
pub struct BreachedPasswords {
    file: File,
    count: u64,
}

/// Why a file or a list cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BreachedError {
    /// It is not a file that was made here, or only a part of one.
    #[error("it is not whole, or was not made by `wellhouse passwords compile`")]
    NotOurs,
    /// A line of the list has no digest.
    #[error("line {line} does not begin with a SHA-1 digest of 40 hexadecimal digits")]
    NoDigest {
        /// Which, from 1.
        line: u64,
    },
    /// The list is not in order.
    #[error("line {line} is not in order: take the list that is ordered by hash, or sort it")]
    NotInOrder {
        /// Which, from 1.
        line: u64,
    },
    /// Reading or writing failed.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl BreachedPasswords {
    /// Opens a file that [`compile`](Self::compile) made.
    pub fn open(path: &Path) -> Result<Self, BreachedError> {
        let file = File::open(path)?;
        let mut magic = [0_u8; MAGIC.len()];
        if file.metadata()?.len() < HEAD_BYTES {
            return Err(BreachedError::NotOurs);
        }
        file.read_exact_at(&mut magic, 0)?;
        let count = number_at(&file, HEAD_BYTES - ENTRY_BYTES)?;
        let whole = count.checked_mul(ENTRY_BYTES).and_then(|bytes| bytes.checked_add(HEAD_BYTES));
        if magic != *MAGIC || whole != Some(file.metadata()?.len()) {
            return Err(BreachedError::NotOurs);
        }
        Ok(Self { file, count })
    }

    /// How many passwords there are.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Whether the password is one of them, as it is typed or as it is hashed. Blocks on the disk.
    pub fn contains(&self, password: &Secret) -> io::Result<bool> {
        let typed = self.holds(beginning(password.expose()))?;
        Ok(typed || self.holds(beginning(&normal(password)))?)
    }

    fn holds(&self, wanted: u64) -> io::Result<bool> {
        let (mut low, mut high) = (0, self.count);
        while low < high {
            let middle = low + (high - low) / 2;
            match number_at(&self.file, HEAD_BYTES + middle * ENTRY_BYTES)?.cmp(&wanted) {
                std::cmp::Ordering::Equal => return Ok(true),
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        Ok(false)
    }

    /// Makes a file of a list, each line of which begins with the SHA-1 digest of a password in
    /// hexadecimal digits; what follows a `:` is not read. Says how many passwords there are.
    pub fn compile(
        mut list: impl BufRead,
        mut file: impl Write + Seek,
    ) -> Result<u64, BreachedError> {
        file.write_all(MAGIC)?;
        file.write_all(&0_u64.to_be_bytes())?;
        let (mut count, mut before, mut number) = (0_u64, None, 0_u64);
        let mut line = Vec::new();
        loop {
            line.clear();
            let limit = u64::try_from(LINE_BYTES_MAX).unwrap_or_default();
            if io::Read::take(&mut list, limit).read_until(b'\n', &mut line)? == 0 {
                break;
            }
            number += 1;
            let digest = line.split(|b| matches!(b, b':' | b'\r' | b'\n')).next();
            if digest == Some(&[]) && line.trim_ascii().is_empty() {
                continue;
            }
            let no_digest = BreachedError::NoDigest { line: number };
            let Some(entry) = digest.and_then(first_bytes) else { return Err(no_digest) };
            match before {
                Some(before) if entry < before => {
                    return Err(BreachedError::NotInOrder { line: number });
                }
                // Two digests that begin alike are one entry.
                Some(before) if entry == before => continue,
                Some(_) | None => {}
            }
            file.write_all(&entry.to_be_bytes())?;
            (before, count) = (Some(entry), count + 1);
        }
        file.seek(SeekFrom::Start(HEAD_BYTES - ENTRY_BYTES))?;
        file.write_all(&count.to_be_bytes())?;
        file.flush()?;
        Ok(count)
    }
}

fn number_at(file: &File, at: u64) -> io::Result<u64> {
    let mut bytes = [0_u8; size_of::<u64>()];
    file.read_exact_at(&mut bytes, at)?;
    Ok(u64::from_be_bytes(bytes))
}

/// What is kept of a password's digest.
fn beginning(password: &str) -> u64 {
    let digest = Sha1::digest(password.as_bytes());
    digest.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
}

fn first_bytes(digest: &[u8]) -> Option<u64> {
    if digest.len() != DIGEST_DIGITS || !digest.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let first = std::str::from_utf8(digest.get(..16)?).ok()?;
    u64::from_str_radix(first, 16).ok()
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write as _};

    use wh_names::Secret;

    use super::{BreachedError, BreachedPasswords, Sha1};
    use sha1::Digest as _;

    fn list(passwords: &[&str]) -> String {
        let mut lines: Vec<String> = passwords
            .iter()
            .map(|password| {
                let digest = Sha1::digest(password.as_bytes());
                let (high, low) = digest.iter().fold((0_u128, 0_u32), |(high, low), byte| {
                    (high << 8 | u128::from(low >> 24), low << 8 | u32::from(*byte))
                });
                format!("{high:032X}{low:08X}:{}\r\n", password.len())
            })
            .collect();
        lines.sort();
        lines.concat()
    }

    fn compiled(list: &str) -> Result<Vec<u8>, BreachedError> {
        let mut file = Cursor::new(Vec::new());
        BreachedPasswords::compile(list.as_bytes(), &mut file).map(|_| file.into_inner())
    }

    fn opened(bytes: &[u8]) -> Result<BreachedPasswords, BreachedError> {
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        file.write_all(bytes).expect("written");
        BreachedPasswords::open(file.path())
    }

    #[test]
    fn every_password_of_a_list_is_found_and_none_besides() {
        let words: Vec<String> = (0..2_000).map(|n| format!("breached password {n}")).collect();
        let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
        words.push("café, composed by hand");
        let file = opened(&compiled(&list(&words)).expect("made")).expect("opened");
        assert_eq!(file.count(), 2_001);
        let has = |word: &str| file.contains(&Secret::parse(word).expect("text")).expect("read");
        assert!(words.iter().all(|word| has(word)));
        assert!(has("cafe\u{301}, composed by hand"), "however the keyboard composes it");
        for n in 0..20_000 {
            let word = format!("a password of nobody's {n}");
            assert!(!has(&word), "{word}");
        }
        let none = opened(&compiled("").expect("made")).expect("opened");
        assert!(!none.contains(&Secret::parse("anything").expect("text")).expect("read"));
    }

    #[test]
    fn a_list_that_is_no_list_and_a_file_that_is_cut_are_refused_with_the_line() {
        let good = list(&["one", "two", "three"]);
        let lines: Vec<&str> = good.lines().collect();
        let backwards = format!("{}\n{}\n", lines[1], lines[0]);
        for (text, says) in [
            (format!("{good}hunter2\n"), "line 4 does not begin"),
            (lines[0].replacen(':', "x:", 1), "line 1 does not begin"),
            (format!("{}\n", "0".repeat(500)), "line 1 does not begin"),
            (backwards, "line 2 is not in order"),
        ] {
            let said = compiled(&text).expect_err("refused").to_string();
            assert!(said.starts_with(says), "{said}");
        }
        assert_eq!(compiled(&format!("{good}\n{}\n", lines[2])).expect("made").len(), 16 + 3 * 8);
        let file = compiled(&good).expect("made");
        for cut in 0..file.len() {
            assert!(matches!(opened(&file[..cut]), Err(BreachedError::NotOurs)), "{cut}");
        }
    }
}
