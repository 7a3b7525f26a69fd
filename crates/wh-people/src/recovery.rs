//! Recovery codes: for who has lost their authenticator. Each counts once.

use wh_names::{Entropy, Secret, SecretDigest};

/// How many a person is given.
pub(crate) const CODES: usize = 10;

/// Letters of 5 bits each: 120 bits, so that a plain digest of them can be stored.
const LETTERS: usize = 24;

/// How many letters stand together when a code is shown.
const GROUP: usize = 4;

/// Crockford's alphabet: no letter that could be taken for another.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// A new code as it is shown, once: `abcd-efgh-…`, six groups.
pub(crate) fn random(entropy: &Entropy) -> Option<Secret> {
    let letter = |byte: u8| ALPHABET.get(usize::from(byte & 31)).copied().map(char::from);
    let letters: Option<Vec<char>> = entropy.bytes::<LETTERS>().map(letter).into_iter().collect();
    let groups: Vec<String> =
        letters?.chunks(GROUP).map(|group| group.iter().collect::<String>()).collect();
    Secret::parse(&groups.join("-")).ok()
}

/// The digest of a code as somebody typed it; none where it cannot be one.
pub(crate) fn digest(typed: &Secret) -> Option<SecretDigest> {
    let mut letters = String::with_capacity(LETTERS);
    for c in typed.expose().chars().filter(|c| !c.is_whitespace() && *c != '-') {
        let letter = match c.to_ascii_lowercase() {
            'o' => '0',
            'i' | 'l' => '1',
            other => other,
        };
        let known = u8::try_from(letter).is_ok_and(|byte| ALPHABET.contains(&byte));
        if !known || letters.len() == LETTERS {
            return None;
        }
        letters.push(letter);
    }
    let letters = Secret::parse(&letters).ok()?;
    (letters.expose().len() == LETTERS).then(|| letters.digest())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use wh_names::Secret;

    use super::{digest, random};
    use crate::tests::entropy;

    #[test]
    fn a_code_is_known_again_however_it_is_typed() {
        let entropy = entropy();
        let code = random(&entropy).expect("a code");
        let text = code.expose().to_owned();
        assert_eq!((text.len(), text.matches('-').count()), (29, 5));
        let typed = [
            text.to_uppercase(),
            text.replace('-', ""),
            text.replace('-', " "),
            text.replace('0', "O").replace('1', "I"),
            format!(" {text}\n"),
        ];
        for typed in typed {
            let typed = Secret::parse(&typed).expect("text");
            assert_eq!(digest(&typed), digest(&code), "{}", typed.expose());
        }
        let (short, long) = (text.chars().skip(1).collect(), format!("{text}0"));
        for bad in [short, long, "u".repeat(24), "-".to_owned(), "ü".repeat(24)] {
            assert_eq!(digest(&Secret::parse(&bad).expect("text")), None, "{bad}");
        }
        let many: HashSet<String> =
            (0..100).map(|_| random(&entropy).expect("a code").expose().to_owned()).collect();
        assert_eq!(many.len(), 100);
    }
}
