//! What a new password must be: long, and not among the first that anybody tries.
//!
//! Source: NIST SP 800-63B-4, 3.1.1.2: length instead of composition, any Unicode, no truncation; 15
//! characters where the password alone signs in, 8 where it never does.

use std::sync::Arc;

use unicode_normalization::UnicodeNormalization;
use wh_ledger::Factors;
use wh_names::Secret;

use crate::blocklist::too_common;
use crate::breached::BreachedPasswords;
use crate::name::{PersonName, fold};
use crate::{FieldError, People};

/// The shortest password that is the only factor, in Unicode scalar values.
const CHARS_ALONE_MIN: usize = 15;

/// The shortest password beside a second factor.
const CHARS_BESIDE_MIN: usize = 8;

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

/// Whether a password signs its person in by itself. It does unless they have set up a second factor:
/// from then on no session begins without it, whatever the configuration asks of whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weight {
    /// It is all that is asked for.
    Alone,
    /// A second factor is asked for as well, always.
    BesideFactor,
}

impl Weight {
    pub(crate) fn of(factors: Factors) -> Self {
        if factors.any() { Self::BesideFactor } else { Self::Alone }
    }

    fn chars_min(self) -> usize {
        match self {
            Self::Alone => CHARS_ALONE_MIN,
            Self::BesideFactor => CHARS_BESIDE_MIN,
        }
    }

    /// Whether a password is too short to weigh so much.
    pub(crate) fn is_too_much_for(self, password: &Secret) -> bool {
        password.expose().chars().count() < self.chars_min()
    }
}

/// Who chooses a password, and for what.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Chooser<'a> {
    pub(crate) name: &'a PersonName,
    pub(crate) email: Option<&'a str>,
    pub(crate) weight: Weight,
}

impl People {
    /// Accepts a password that somebody may choose, as far as it can be told without a list of breaches.
    pub(crate) fn check_password(
        &self,
        password: &Secret,
        chooser: Chooser<'_>,
    ) -> Result<(), FieldError> {
        check_new_password(password, chooser)?;
        let local = chooser.email.and_then(|email| email.split('@').next());
        let words = self.passwords().words.iter().map(String::as_str).chain(local).chain([HOUSE]);
        let words: Vec<&str> = words.collect();
        if is_made_of(&fold(password.expose()), &words) {
            let why = "it is little more than words that anybody would try here";
            return Err(FieldError::PasswordCommon { why });
        }
        Ok(())
    }

    /// Accepts a password that was in no breach. It reads a file: whoever asks was admitted before.
    pub(crate) async fn check_breaches(&self, password: &Secret) -> Result<(), FieldError> {
        let Some(breached) = self.passwords().breached.clone() else { return Ok(()) };
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
    let whole = bare(folded);
    let mut rest = whole.clone();
    for word in words {
        rest = rest.replace(&word, " ");
    }
    rest != whole && rest.chars().filter(|c| !c.is_whitespace()).count() < REST_CHARS_MIN
}

/// Accepts a password that is not too easily guessed anywhere.
pub(crate) fn check_new_password(
    password: &Secret,
    chooser: Chooser<'_>,
) -> Result<(), FieldError> {
    let (text, name) = (password.expose(), chooser.name);
    if text.len() > PASSWORD_BYTES_MAX {
        return Err(FieldError::PasswordTooLong { max: PASSWORD_BYTES_MAX });
    }
    if chooser.weight.is_too_much_for(password) {
        return Err(FieldError::PasswordTooShort { min: chooser.weight.chars_min() });
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
