//! The text of a sealed key file.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{KEY_BYTES, KmsError};

/// How long the id of a master key may be, in bytes.
pub(super) const ID_BYTES_MAX: usize = 64;
/// How many keys a file may hold: each is a call at every start.
pub(super) const KEYS_MAX: usize = 100;

/// One sealed key.
#[derive(Debug)]
pub(super) struct Sealed {
    /// Its line, from 1.
    pub(super) line: usize,
    pub(super) id: String,
    /// As KMS gave it.
    pub(super) blob: Vec<u8>,
}

/// What each line holds; `None` for an empty line and a comment.
pub(super) fn parse(text: &str) -> Result<Vec<Option<Sealed>>, KmsError> {
    let mut lines: Vec<Option<Sealed>> = Vec::new();
    for (line, text) in (1..).zip(text.lines()) {
        let text = text.trim();
        let is_key = !text.is_empty() && !text.starts_with('#');
        lines.push(is_key.then(|| parse_line(line, text)).transpose()?);
    }
    match lines.iter().flatten().count() {
        0 => Err(KmsError::Empty),
        keys if keys > KEYS_MAX => Err(KmsError::TooManyKeys { keys, max: KEYS_MAX }),
        _ => Ok(lines),
    }
}

fn parse_line(line: usize, text: &str) -> Result<Sealed, KmsError> {
    let mut words = text.split_ascii_whitespace();
    let (Some(id), Some(base64), None) = (words.next(), words.next(), words.next()) else {
        return Err(KmsError::NotTwoWords { line });
    };
    if !is_id(id) {
        return Err(KmsError::BadId { line });
    }
    let blob = STANDARD.decode(base64).map_err(|_| KmsError::NotBase64 { line })?;
    if blob.len() <= KEY_BYTES {
        return Err(KmsError::NotSealed { line });
    }
    Ok(Sealed { line, id: id.to_owned(), blob })
}

/// Whether a keyring will take the id. It says so itself in the end; here it is asked before KMS is.
pub(super) fn is_id(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    (1..=ID_BYTES_MAX).contains(&text.len()) && text.chars().all(fits)
}
