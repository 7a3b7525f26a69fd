//! `PersonName`: what a person is called, and which names are the same name.
//!
//! Invariant: two persons' names are neither equal after folding nor alike to the eye. Nothing is
//! stored under a name; that is what the uid is for.

use unicode_normalization::UnicodeNormalization;
use unicode_security::{GeneralSecurityProfile, MixedScript, skeleton};

use wh_names::Uid;

use crate::FieldError;

/// The shortest name, in Unicode scalar values.
const NAME_CHARS_MIN: usize = 2;

/// The longest name, in Unicode scalar values after folding.
const NAME_CHARS_MAX: usize = 64;

/// A person's name: 2–64 characters of one script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonName {
    shown: String,
    key: String,
    look: String,
}

impl PersonName {
    /// Accepts letters, digits and marks of one script (UTS 39), and ` `, `.`, `_`, `-`, `'`, `+`,
    /// `@` between them. Space around the name is not part of it.
    pub fn parse(input: &str) -> Result<Self, FieldError> {
        // Normalisation may lengthen a character eighteenfold; what is far too long stays outside.
        if input.len() > NAME_CHARS_MAX * 16 {
            return Err(refused("it is longer than 64 characters"));
        }
        let shown: String = input.trim().nfkc().collect();
        let key = fold(&shown);
        let longest = shown.chars().count().max(key.chars().count());
        if shown.chars().count() < NAME_CHARS_MIN {
            return Err(refused("it is shorter than 2 characters"));
        }
        if longest > NAME_CHARS_MAX {
            return Err(refused("it is longer than 64 characters"));
        }
        if let Some(why) = rule_broken(&shown) {
            return Err(refused(why));
        }
        // Of the name as shown: `I` and `l` look alike, `i` and `l` do not.
        let look = fold(&skeleton(&shown).collect::<String>());
        Ok(Self { shown, key, look })
    }

    /// The same for a name that somebody is to bear: none that could be taken for an id, for whoever names
    /// persons and groups by either.
    pub fn choose(input: &str) -> Result<Self, FieldError> {
        let name = Self::parse(input)?;
        if Uid::parse(&name.key).is_ok() {
            return Err(refused("it looks like an id of this house"));
        }
        Ok(name)
    }

    /// The name as it is shown.
    pub fn as_str(&self) -> &str {
        &self.shown
    }

    /// The name folded: two names with one key are one name.
    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    /// What the name looks like: two names with one look are easily mistaken for each other.
    pub(crate) fn look(&self) -> &str {
        &self.look
    }
}

fn refused(why: &'static str) -> FieldError {
    FieldError::Name { why }
}

fn rule_broken(name: &str) -> Option<&'static str> {
    if !name.chars().all(may_stand) {
        return Some("it holds a character that a name may not hold");
    }
    if name.contains("  ") {
        return Some("it holds two spaces in a row");
    }
    if !name.chars().any(char::is_alphanumeric) {
        return Some("it holds no letter and no digit");
    }
    if !name.is_single_script() {
        return Some("it mixes scripts");
    }
    None
}

fn may_stand(c: char) -> bool {
    let joiner = matches!(c, '\u{200C}' | '\u{200D}');
    matches!(c, ' ' | '@' | '+') || (c.identifier_allowed() && !joiner)
}

/// NFKC and case folding. Through the upper case and back, so that `ß` is `ss` and `ς` is `σ`.
pub(crate) fn fold(text: &str) -> String {
    text.nfkc().flat_map(char::to_uppercase).flat_map(char::to_lowercase).nfkc().collect()
}
