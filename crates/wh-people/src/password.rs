//! What a new password must be: long, and not among the first that anybody tries.
//!
//! Source: NIST SP 800-63B-4, 3.1.1.2: length instead of composition, any Unicode, no truncation.

use unicode_normalization::UnicodeNormalization;
use wh_names::Secret;

use crate::FieldError;
use crate::blocklist::too_common;
use crate::name::{PersonName, fold};

/// The shortest password, in Unicode scalar values: it is the only factor.
pub(crate) const PASSWORD_CHARS_MIN: usize = 15;

/// The longest password, in bytes of UTF-8.
pub(crate) const PASSWORD_BYTES_MAX: usize = 256;

/// Names shorter than this may be part of a password by chance.
const NAME_CHARS_SIGNIFICANT: usize = 4;

/// Accepts a password that `name` may choose.
pub(crate) fn check_new_password(password: &Secret, name: &PersonName) -> Result<(), FieldError> {
    let text = password.expose();
    if text.len() > PASSWORD_BYTES_MAX {
        return Err(FieldError::PasswordTooLong { max: PASSWORD_BYTES_MAX });
    }
    if text.chars().count() < PASSWORD_CHARS_MIN {
        return Err(FieldError::PasswordTooShort { min: PASSWORD_CHARS_MIN });
    }
    let folded = fold(text);
    let significant = name.key().chars().count() >= NAME_CHARS_SIGNIFICANT;
    if folded == name.key() || (significant && folded.contains(name.key())) {
        return Err(FieldError::PasswordHoldsName);
    }
    too_common(&folded).map_or(Ok(()), |why| Err(FieldError::PasswordCommon { why }))
}

/// The password as it is hashed: NFKC, so that two keyboards that compose `é` differently agree.
pub(crate) fn normal(password: &Secret) -> zeroize::Zeroizing<String> {
    zeroize::Zeroizing::new(password.expose().nfkc().collect())
}
