//! `KeyRing`: the root access key, and the keys behind temporary credentials, in generations.
//!
//! Invariant: the secrets are independent random values. None is derived from another, so that whoever
//! learns one has learnt only that one.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use wh_names::{AccessKeyId, Entropy, NameError, Secret, Uid};
use zeroize::Zeroizing;

use crate::generations::{Generation, GenerationDates};
use crate::seal;

/// The first line of a key ring's text that has one generation, as all had once.
const HEADER: &str = "wellhouse-keys 1";

/// The first line of one that was rotated.
const HEADER_ROTATED: &str = "wellhouse-keys 2";

/// So many lines come before the generations that were handed over.
const PLAIN_LINES: usize = 6;

/// AWS's alphabet for access key ids and unique ids.
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The most generations of one house: after a hundred rotations keys are exchanged with the server
/// stopped.
const GENERATIONS_MAX: usize = 101;

/// The authority's own secrets. The binary keeps them in a file that only it may read. Cloning shares
/// it: what is taken over by one is known to all.
#[derive(Clone)]
pub struct KeyRing {
    root_id: AccessKeyId,
    root_secret: Secret,
    generations: Arc<RwLock<Arc<Generations>>>,
}

/// The generations in their order, and each after the first as it was handed over.
#[derive(Clone)]
struct Generations {
    first: Generation,
    later: Vec<(String, Generation)>,
}

impl Generations {
    fn newest(&self) -> &Generation {
        self.later.last().map_or(&self.first, |(_, newest)| newest)
    }

    /// The oldest first.
    fn all(&self) -> impl DoubleEndedIterator<Item = &Generation> {
        std::iter::once(&self.first).chain(self.later.iter().map(|(_, generation)| generation))
    }

    /// Takes one over, if the holder of the newest handed it over.
    fn take_over(&mut self, sealed: &str) -> Result<(), KeyRingError> {
        let number = self.later.len() + 2;
        let forged = KeyRingError::Forged { number };
        if number > GENERATIONS_MAX {
            return Err(forged);
        }
        let next = Generation::take_over(self.newest(), number, sealed).ok_or(forged)?;
        self.later.push((sealed.to_owned(), next));
        Ok(())
    }
}

/// A rotation that was asked for.
#[derive(Debug, Clone, Copy)]
pub struct Rotation {
    /// Now.
    pub made: Timestamp,
    /// From when on the new keys seal.
    pub from: Timestamp,
    /// Until when session tokens of the keys before count.
    pub before_until: Timestamp,
}

/// Why a text is not a key ring.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyRingError {
    /// The text is not a key ring of a version that this program knows.
    #[error("the key file is not of a version that this program knows")]
    Version,
    /// A line is missing, repeated, unknown or damaged. It is not repeated here: it is a secret.
    #[error("line {line} of the key file cannot be read")]
    Line {
        /// The line's number, from 1.
        line: usize,
    },
    /// Keys were put in by somebody who does not hold those before them.
    #[error("the keys of generation {number} were not put in by the holder of those before them")]
    Forged {
        /// Which, from 1.
        number: usize,
    },
    /// Two rotations went different ways from the same keys.
    #[error("two rotations of the same keys are known, and only one can be right")]
    Forked,
    /// Random bytes did not make a name; the source of randomness is broken.
    #[error("the source of randomness is broken")]
    Entropy(#[from] NameError),
}

impl KeyRingError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Version => "key-ring-version",
            Self::Line { .. } => "key-ring-line",
            Self::Forged { .. } => "key-ring-forged",
            Self::Forked => "key-ring-forked",
            Self::Entropy(_) => "key-ring-entropy",
        }
    }
}

impl KeyRing {
    /// A new key ring.
    pub fn generate(entropy: &Entropy) -> Result<Self, KeyRingError> {
        let root_id = AccessKeyId::parse(&unique_id("AKIA", entropy))?;
        let root_secret = Secret::parse(&STANDARD.encode(entropy.bytes::<30>()))?;
        let first = Generation::random(GenerationDates::FIRST, entropy);
        Ok(Self::of(root_id, root_secret, Generations { first, later: Vec::new() }))
    }

    fn of(root_id: AccessKeyId, root_secret: Secret, generations: Generations) -> Self {
        let generations = Arc::new(RwLock::new(Arc::new(generations)));
        Self { root_id, root_secret, generations }
    }

    /// Reads what [`KeyRing::to_text`] wrote.
    pub fn parse(text: &str) -> Result<Self, KeyRingError> {
        let mut lines = text.lines();
        let rotated = match lines.next() {
            Some(HEADER) => false,
            Some(HEADER_ROTATED) => true,
            Some(_) | None => return Err(KeyRingError::Version),
        };
        let mut value = |line: usize, name: &str| {
            let found = lines.next().and_then(|l| l.strip_prefix(name)?.strip_prefix('='));
            found.ok_or(KeyRingError::Line { line })
        };
        let root_id = value(2, "root-access-key-id")?;
        let root_secret = value(3, "root-secret-access-key")?;
        let sealing = value(4, "token-sealing-key")?;
        let derivation = value(5, "secret-derivation-key")?;
        let made = if rotated { parse_made(value(6, "made")?)? } else { None };
        let dates = GenerationDates { made, ..GenerationDates::FIRST };
        let first = Generation::new(key(4, sealing)?, key(5, derivation)?, dates);
        let mut generations = Generations { first, later: Vec::new() };
        for (at, line) in lines.enumerate().filter(|_| rotated) {
            let line_number = at + PLAIN_LINES + 1;
            let sealed = line.strip_prefix("next=");
            generations.take_over(sealed.ok_or(KeyRingError::Line { line: line_number })?)?;
        }
        let root_id = AccessKeyId::parse(root_id).map_err(|_| KeyRingError::Line { line: 2 })?;
        let root_secret = Secret::parse(root_secret).map_err(|_| KeyRingError::Line { line: 3 })?;
        Ok(Self::of(root_id, root_secret, generations))
    }

    /// The key ring as text, secrets and all. Every call is a place to look at in a review.
    pub fn to_text(&self) -> Secret {
        let generations = self.generations();
        let header = if generations.later.is_empty() { HEADER } else { HEADER_ROTATED };
        let mut text = Zeroizing::new(self.plain(header, &generations.first));
        if !generations.later.is_empty() {
            let made = generations.first.dates.made;
            text.push_str(&made.map_or("made=\n".to_owned(), |at| format!("made={at}\n")));
        }
        for (sealed, _) in &generations.later {
            text.push_str("next=");
            text.push_str(sealed);
            text.push('\n');
        }
        Secret::parse(&text).unwrap_or_else(|_| self.root_secret.clone())
    }

    fn plain(&self, header: &str, first: &Generation) -> String {
        format!(
            "{header}\nroot-access-key-id={}\nroot-secret-access-key={}\ntoken-sealing-key={}\n\
             secret-derivation-key={}\n",
            self.root_id,
            self.root_secret.expose(),
            STANDARD.encode(first.sealing()),
            STANDARD.encode(first.derivation()),
        )
    }

    fn generations(&self) -> Arc<Generations> {
        Arc::clone(&self.generations.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Makes the next generation of keys and takes it over. What comes back is what other holders of
    /// this key ring take it over by ([`KeyRing::follow`]); it tells nothing to anybody else. `None`
    /// where there are too many, or the source of randomness is broken.
    pub fn rotate(&self, rotation: Rotation, entropy: &Entropy) -> Option<String> {
        let Rotation { made, from, before_until } = rotation;
        let mut generations = Generations::clone(&self.generations());
        let dates = GenerationDates { made: Some(made), from, before_until };
        let (newest, number) = (generations.newest(), generations.later.len() + 2);
        let next = Generation::random(dates, entropy);
        let sealed = next.hand_over(newest, number, entropy)?;
        generations.take_over(&sealed).ok()?;
        self.replace(generations);
        Some(sealed)
    }

    /// Every generation after the first, as it was handed over.
    pub fn rotations(&self) -> Vec<String> {
        self.generations().later.iter().map(|(sealed, _)| sealed.clone()).collect()
    }

    /// Takes over what another holder of this key ring has rotated to; whether that was anything new.
    /// Nothing is taken over of what is not whole.
    pub fn follow(&self, rotations: &[String]) -> Result<bool, KeyRingError> {
        let mut generations = Generations::clone(&self.generations());
        let known = generations.later.iter().map(|(sealed, _)| sealed);
        if known.zip(rotations).any(|(ours, theirs)| ours != theirs) {
            return Err(KeyRingError::Forked);
        }
        let new = rotations.get(generations.later.len()..).unwrap_or_default();
        for sealed in new {
            generations.take_over(sealed)?;
        }
        let any = !new.is_empty();
        if any {
            self.replace(generations);
        }
        Ok(any)
    }

    fn replace(&self, generations: Generations) {
        *self.generations.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(generations);
    }

    /// When each generation was made and what it does when, the oldest first.
    pub fn dates(&self) -> Vec<GenerationDates> {
        self.generations().all().map(|generation| generation.dates).collect()
    }

    /// When the first keys were made, by what tells of it beside: the file, where they do not say.
    pub fn made_by_default(self, made: Option<Timestamp>) -> Self {
        let mut generations = Generations::clone(&self.generations());
        let dates = &mut generations.first.dates;
        dates.made = dates.made.or(made);
        self.replace(generations);
        self
    }

    /// The keys that seal now.
    pub(crate) fn sealing_now(&self, now: Timestamp) -> Generation {
        let generations = self.generations();
        let mut in_force = generations.all().rev().filter(|one| one.dates.from <= now);
        in_force.next().unwrap_or(&generations.first).clone()
    }

    /// The keys whose session tokens count now, the newest first. Those that do not seal yet are among
    /// them: another node's clock may be ahead.
    pub(crate) fn counting_now(&self, now: Timestamp) -> Vec<Generation> {
        let generations = self.generations();
        let newest_first =
            generations.all().rev().zip(session_ends(&self.dates()).into_iter().rev());
        let counting = newest_first.filter(|(_, end)| now < *end);
        counting.map(|(one, _)| one.clone()).collect()
    }

    /// All keys, the newest first: what lies in the ledger opens by one of them.
    pub(crate) fn newest_first(&self) -> Vec<Generation> {
        self.generations().all().rev().cloned().collect()
    }

    /// Tells this key ring from others without telling anything of it: SHA-256 of the text with which it
    /// began, whose secrets nobody can guess. A rotation leaves it.
    pub fn fingerprint(&self) -> String {
        let text = Zeroizing::new(self.plain(HEADER, &self.generations().first));
        hex::encode(Sha256::digest(text.as_bytes()))
    }

    /// The root user's access key id.
    pub fn root_access_key_id(&self) -> &AccessKeyId {
        &self.root_id
    }

    /// The root user's secret access key.
    pub fn root_secret(&self) -> &Secret {
        &self.root_secret
    }

    /// Seals the seed of a person's second factor for the ledger. `None` where it is beyond all limits.
    pub fn seal_seed(
        &self,
        (uid, now): (&Uid, Timestamp),
        seed: &[u8],
        entropy: &Entropy,
    ) -> Option<String> {
        seal::seal_seed(&self.sealing_now(now), uid, seed, entropy)
    }

    /// Opens what [`KeyRing::seal_seed`] sealed for this very person with these keys.
    pub fn open_seed(&self, uid: &Uid, sealed: &str) -> Option<Zeroizing<Vec<u8>>> {
        seal::open_seed(self, uid, sealed)
    }
}

/// Until when the session tokens of each generation count, the oldest first. Each ends those of all before
/// it, and none brings any back.
pub fn session_ends(dates: &[GenerationDates]) -> Vec<Timestamp> {
    let mut end = Timestamp::MAX;
    let of_later = |later: &GenerationDates| {
        let of_this = end;
        end = end.min(later.before_until.max(later.from));
        of_this
    };
    let mut ends: Vec<_> = dates.iter().rev().map(of_later).collect();
    ends.reverse();
    ends
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyRing").field("root_id", &self.root_id).finish_non_exhaustive()
    }
}

fn parse_made(text: &str) -> Result<Option<Timestamp>, KeyRingError> {
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| KeyRingError::Line { line: PLAIN_LINES })
}

fn key(line: usize, text: &str) -> Result<[u8; 32], KeyRingError> {
    let bytes = STANDARD.decode(text).map_err(|_| KeyRingError::Line { line })?;
    bytes.try_into().map_err(|_| KeyRingError::Line { line })
}

/// A prefix and 80 random bits in AWS's alphabet: `AKIA…`, `ASIA…`, `AROA…`.
pub(crate) fn unique_id(prefix: &str, entropy: &Entropy) -> String {
    let letter = |b: u8| ALPHABET.get(usize::from(b & 31)).copied().map_or('A', char::from);
    prefix.chars().chain(entropy.bytes::<16>().map(letter)).collect()
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};

    use super::{KeyRing, KeyRingError, Rotation};
    use wh_names::{AccessKeyId, Entropy, Uid};

    fn ring(seed: u8) -> KeyRing {
        let count = std::sync::atomic::AtomicU8::new(seed);
        let next = move |b: &mut [u8]| {
            b.fill_with(|| {
                count.fetch_add(1, std::sync::atomic::Ordering::Relaxed).wrapping_mul(167)
            });
        };
        KeyRing::generate(&Entropy::new(next)).expect("a key ring")
    }

    #[test]
    fn a_seed_opens_for_its_person_under_its_keys_and_nowhere_else() {
        let (ring, other) = (ring(1), ring(2));
        let entropy = Entropy::new(|bytes: &mut [u8]| bytes.fill(7));
        let uid = |text: &str| Uid::parse(text).expect("a uid");
        let alice = uid("01arz3ndektsv4rrffq69g5fav");
        let sealed = ring
            .seal_seed((&alice, Timestamp::UNIX_EPOCH), b"12345678901234567890", &entropy)
            .expect("sealed");
        assert_eq!(
            ring.open_seed(&alice, &sealed).expect("opened").as_slice(),
            b"12345678901234567890"
        );
        assert!(ring.open_seed(&uid("01arz3ndektsv4rrffq69g5faw"), &sealed).is_none());
        assert!(other.open_seed(&alice, &sealed).is_none());
        for at in 0..sealed.len() {
            let mut bent = sealed.clone().into_bytes();
            bent[at] = if bent[at] == b'A' { b'B' } else { b'A' };
            let bent = String::from_utf8(bent).expect("text");
            assert!(ring.open_seed(&alice, &bent).is_none(), "{at}");
        }
    }

    #[test]
    fn a_key_ring_survives_its_own_text() {
        let ring = ring(1);
        let again = KeyRing::parse(ring.to_text().expose()).expect("a key ring");
        assert_eq!(again.to_text().expose(), ring.to_text().expose());
        assert_eq!(again.fingerprint(), ring.fingerprint());
        assert_ne!(again.fingerprint(), self::ring(2).fingerprint());
        let text = ring.to_text().expose().replace("token-sealing-key", "token-signing-key");
        assert_eq!(KeyRing::parse(&text).expect_err("damaged"), KeyRingError::Line { line: 4 });
        assert_eq!(KeyRing::parse("").expect_err("empty"), KeyRingError::Version);
    }

    #[test]
    fn the_secrets_of_a_key_ring_are_independent() {
        let ring = ring(1);
        let text = ring.to_text();
        let values: Vec<_> =
            text.expose().lines().filter_map(|l| l.split_once('=')).map(|(_, v)| v).collect();
        assert_eq!(values.len(), 4);
        for (i, a) in values.iter().enumerate() {
            assert!(values.iter().skip(i + 1).all(|b| a != b));
        }
        assert!(!format!("{ring:?}").contains(ring.root_secret().expose()));
    }

    #[test]
    fn a_derived_secret_depends_on_the_key_and_on_the_id() {
        let a = AccessKeyId::parse("ASIAAAAAAAAAAAAAAAAA").expect("an id");
        let b = AccessKeyId::parse("ASIAAAAAAAAAAAAAAAAB").expect("an id");
        let now = Timestamp::UNIX_EPOCH;
        let (one, two) = (ring(1).sealing_now(now), ring(2).sealing_now(now));
        let secret = one.derive_secret(&a).expect("a secret");
        assert!(secret.matches(&one.derive_secret(&a).expect("a secret")));
        assert!(!secret.matches(&one.derive_secret(&b).expect("a secret")));
        assert!(!secret.matches(&two.derive_secret(&a).expect("a secret")));
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).expect("a time")
    }

    fn rotation(made: i64) -> Rotation {
        let hour = SignedDuration::from_hours(1);
        Rotation { made: at(made), from: at(made), before_until: at(made) + hour }
    }

    fn random() -> Entropy {
        let count = std::sync::atomic::AtomicU64::new(0x51ed_270b);
        Entropy::new(move |bytes: &mut [u8]| {
            bytes.fill_with(|| {
                let n =
                    count.fetch_add(0x9e37_79b9_7f4a_7c15, std::sync::atomic::Ordering::Relaxed);
                u8::try_from(n >> 56).expect("a byte")
            });
        })
    }

    #[test]
    fn what_was_sealed_before_a_rotation_opens_after_it_and_new_keys_seal() {
        let (ring, entropy) = (ring(1), random());
        let alice = Uid::parse("01arz3ndektsv4rrffq69g5fav").expect("a uid");
        let before = ring.seal_seed((&alice, at(999)), b"seed", &entropy).expect("sealed");
        let old = ring.clone();
        let fingerprint = ring.fingerprint();
        ring.rotate(rotation(1000), &entropy).expect("rotated");
        let after = ring.seal_seed((&alice, at(1000)), b"seed", &entropy).expect("sealed");
        let again = KeyRing::parse(ring.to_text().expose()).expect("a key ring");
        let unrotated = self::ring(1);
        for ring in [&ring, &again, &old] {
            for sealed in [&before, &after] {
                assert_eq!(ring.open_seed(&alice, sealed).expect("opened").as_slice(), b"seed");
            }
        }
        assert!(unrotated.open_seed(&alice, &before).is_some());
        assert!(unrotated.open_seed(&alice, &after).is_none(), "the old keys sealed");
        assert_eq!(again.fingerprint(), fingerprint);
        assert_eq!(again.dates(), ring.dates());
        assert_eq!(again.to_text().expose(), ring.to_text().expose());
    }

    #[test]
    fn tokens_of_keys_that_were_rotated_count_as_long_as_was_said() {
        let (ring, entropy) = (ring(1), random());
        ring.rotate(rotation(1000), &entropy).expect("rotated");
        let counting = |now| ring.counting_now(at(now)).len();
        assert_eq!((counting(999), counting(1000), counting(4599)), (2, 2, 2));
        assert_eq!(counting(4600), 1);
        let sealing = |now| *ring.sealing_now(at(now)).sealing();
        assert_ne!(sealing(999), sealing(1000), "it seals before its time");
        let at_once = Rotation { before_until: at(2000), ..rotation(2000) };
        ring.rotate(at_once, &entropy).expect("rotated");
        assert_eq!((counting(1999), counting(2000)), (3, 1), "all before it end at once");
        assert_eq!(sealing(2000), *ring.counting_now(at(2000))[0].sealing());
    }

    #[test]
    fn keys_that_the_holder_did_not_put_in_are_told_and_taken_over_by_nobody() {
        let (ring, entropy) = (ring(1), random());
        let one = ring.rotate(rotation(1000), &entropy).expect("rotated");
        let two = ring.rotate(rotation(2000), &entropy).expect("rotated");
        let forged = self::ring(2).rotate(rotation(1000), &entropy).expect("rotated");
        let other = self::ring(1).rotate(rotation(1001), &random()).expect("rotated");
        let follow = |list: &[&String]| {
            let node = self::ring(1);
            let list: Vec<String> = list.iter().map(|one| (*one).clone()).collect();
            let done = node.follow(&list);
            (done, node.dates().len())
        };
        assert_eq!(follow(&[]), (Ok(false), 1));
        assert_eq!(follow(&[&one, &two]), (Ok(true), 3));
        assert_eq!(follow(&[&forged]), (Err(KeyRingError::Forged { number: 2 }), 1));
        assert_eq!(follow(&[&one, &forged]), (Err(KeyRingError::Forged { number: 3 }), 1));
        assert_eq!(follow(&[&two]), (Err(KeyRingError::Forged { number: 2 }), 1), "out of order");
        assert_eq!(follow(&[&one, &one]), (Err(KeyRingError::Forged { number: 3 }), 1));
        assert_eq!(ring.follow(std::slice::from_ref(&other)), Err(KeyRingError::Forked));
        assert_eq!(ring.follow(std::slice::from_ref(&one)), Ok(false));
        let text = ring.to_text().expose().replace(&one, &forged);
        let found = KeyRing::parse(&text).expect_err("forged");
        assert_eq!(found, KeyRingError::Forged { number: 2 });
        let text = format!("{}next={forged}\n", ring.to_text().expose());
        let found = KeyRing::parse(&text).expect_err("forged");
        assert_eq!(found, KeyRingError::Forged { number: 4 });
    }
}
