//! What a new password must be: long, and not among the first that anybody tries.
//!
//! Source: NIST SP 800-63B-4, 3.1.1.2: length instead of composition, any Unicode, no truncation.

use std::sync::Arc;

use unicode_normalization::UnicodeNormalization;
use wh_names::Secret;

use crate::blocklist::too_common;
use crate::breached::BreachedPasswords;
use crate::name::{PersonName, fold};
use crate::{FieldError, People};

/// The shortest password, in Unicode scalar values: it is the only factor.
pub(crate) const PASSWORD_CHARS_MIN: usize = 15;

/// The longest password, in bytes of UTF-8.
pub(crate) const PASSWORD_BYTES_MAX: usize = 256;

/// Names shorter than this may be part of a password by chance.
const NAME_CHARS_SIGNIFICANT: usize = 4;

/// Words shorter than this may be part of a password by chance.
const WORD_CHARS_SIGNIFICANT: usize = 3;

/// What must be left of a password without the words that anybody would try here, in characters.
const REST_CHARS_MIN: usize = 8;

/// What everybody here would try first.
const HOUSE: &str = "wellhouse";

/// What is refused besides what is refused everywhere.
#[derive(Debug, Clone, Default)]
pub struct PasswordRules {
    /// Words that anybody would try here: of the organisation, its products, its place.
    pub words: Vec<String>,
    /// Passwords that were found in breaches.
    pub breached: Option<Arc<BreachedPasswords>>,
}

impl People {
    /// Accepts a password that somebody of this name and mail address may choose.
    pub(crate) async fn check_password(
        &self,
        password: &Secret,
        (name, email): (&PersonName, Option<&str>),
    ) -> Result<(), FieldError> {
        let rules = self.passwords();
        check_new_password(password, name)?;
        let local = email.and_then(|email| email.split('@').next());
        let words = rules.words.iter().map(String::as_str).chain(local).chain([HOUSE]);
        let words: Vec<&str> = words.collect();
        if is_made_of(&fold(password.expose()), &words) {
            let why = "it is little more than words that anybody would try here";
            return Err(FieldError::PasswordCommon { why });
        }
        let Some(breached) = rules.breached.clone() else { return Ok(()) };
        let password = password.clone();
        let found = tokio::task::spawn_blocking(move || breached.contains(&password)).await;
        match found {
            Ok(Ok(false)) => Ok(()),
            Ok(Ok(true)) => Err(FieldError::PasswordBreached),
            Ok(Err(error)) => {
                tracing::error!(%error, "the file of breached passwords cannot be read");
                Err(FieldError::PasswordUnchecked)
            }
            Err(_stopping) => Err(FieldError::PasswordUnchecked),
        }
    }
}

/// Whether too little is left of a folded password without these words.
fn is_made_of(folded: &str, words: &[&str]) -> bool {
    let bare = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    let length = |word: &String| word.chars().count();
    let mut words: Vec<String> = words.iter().map(|word| bare(&fold(word))).collect();
    words.retain(|word| length(word) >= WORD_CHARS_SIGNIFICANT);
    // The longest first: of a word that holds another, nothing is left over.
    words.sort_by_key(|word| std::cmp::Reverse(length(word)));
    let mut rest = bare(folded);
    for word in words {
        rest = rest.replace(&word, " ");
    }
    rest.chars().filter(|c| !c.is_whitespace()).count() < REST_CHARS_MIN
}

/// Accepts a password that is not too easily guessed anywhere.
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
