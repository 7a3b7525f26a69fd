//! What is searched for: words, and what else a name must be.

use crate::fold::fold;
use crate::kind::NameKind;

/// How long the words may be, all together, in characters.
pub const QUERY_CHARS_MAX: usize = 200;

/// How many words there may be.
pub const QUERY_WORDS_MAX: usize = 8;

/// Why something cannot be searched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueryError {
    /// There is no word.
    Empty,
    /// There are more words, or more letters, than are taken.
    TooLong,
}

/// What is searched for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameQuery {
    /// All of it, folded, with single spaces.
    pub(crate) whole: String,
    pub(crate) words: Vec<String>,
    /// Only this kind.
    pub kind: Option<NameKind>,
    /// Of so many bytes at least, and of so many at most: folders have none.
    pub size: (Option<u64>, Option<u64>),
    /// Written at this time or later, and before that: in milliseconds since 1970. Folders have none.
    pub modified: (Option<i64>, Option<i64>),
}

/// How well a name fits: less is better.
pub(crate) type Rank = u8;

const EXACT: Rank = 0;
const BEGINNING: Rank = 1;
const WORD: Rank = 2;
const INSIDE: Rank = 3;
const PATH: Rank = 4;

impl NameQuery {
    /// Parses words that are apart by white space. Every one must be in the path, and one in the name.
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        if text.chars().count() > QUERY_CHARS_MAX {
            return Err(QueryError::TooLong);
        }
        let words: Vec<String> =
            text.split_whitespace().map(|word| fold(word).into_owned()).collect();
        if words.is_empty() {
            return Err(QueryError::Empty);
        }
        if words.len() > QUERY_WORDS_MAX {
            return Err(QueryError::TooLong);
        }
        let (whole, none) = (words.join(" "), (None, None));
        Ok(Self { whole, words, kind: None, size: none, modified: (None, None) })
    }

    /// The words, folded.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(String::as_str)
    }

    /// The longest word: whatever fits holds it.
    pub(crate) fn longest(&self) -> &str {
        self.words.iter().max_by_key(|word| word.len()).map_or("", String::as_str)
    }

    /// The one word, if it is one that can be in a name alone.
    pub(crate) fn is_one_plain_word(&self) -> bool {
        matches!(self.words.as_slice(), [word] if !word.contains('/'))
    }

    /// How well a name fits, folded as `path` is, which ends in it; `None` where it does not.
    pub(crate) fn rank(&self, name: &str, path: &str) -> Option<Rank> {
        if let [word] = self.words.as_slice() {
            return name_rank(name, word).or_else(|| slashed(name, path, word));
        }
        let mut worst = EXACT;
        let mut in_name = false;
        for word in &self.words {
            let rank = match name_rank(name, word) {
                Some(rank) => {
                    in_name = true;
                    rank.max(WORD)
                }
                None => path.contains(word.as_str()).then_some(PATH)?,
            };
            worst = worst.max(rank);
        }
        let whole = name_rank(name, &self.whole).filter(|rank| *rank < WORD);
        in_name.then(|| whole.unwrap_or(worst))
    }

    /// Whether something of this size and time is searched for; a folder has neither.
    pub(crate) fn takes(&self, kind: NameKind, measures: Option<(u64, i64)>) -> bool {
        if self.kind.is_some_and(|only| only != kind) {
            return false;
        }
        let ((least, most), (from, to)) = (self.size, self.modified);
        let Some((size, modified)) = measures else {
            return least.is_none() && most.is_none() && from.is_none() && to.is_none();
        };
        least.is_none_or(|least| size >= least)
            && most.is_none_or(|most| size <= most)
            && from.is_none_or(|from| modified >= from)
            && to.is_none_or(|to| modified < to)
    }
}

/// A word with a slash in it is of a path: its last part must reach into the name.
fn slashed(name: &str, path: &str, word: &str) -> Option<Rank> {
    if !word.contains('/') {
        return None;
    }
    let begins = path.len().saturating_sub(name.len());
    let reaches = |at: usize| at + word.len() > begins;
    path.match_indices(word).any(|(at, _)| reaches(at)).then_some(PATH)
}

/// Where a word is first found. What begins a search for a text takes longer than looking whether it is there.
fn place_of(text: &str, word: &str) -> Option<usize> {
    let mut letters = word.chars();
    match (letters.next(), letters.next()) {
        (Some(letter), None) => text.find(letter),
        (Some(_) | None, _) => text.contains(word).then(|| text.find(word)).flatten(),
    }
}

fn name_rank(name: &str, word: &str) -> Option<Rank> {
    let mut at = place_of(name, word)?;
    if at == 0 {
        let rest = name.get(word.len()..).unwrap_or_default();
        let stem = rest.starts_with('.') && !rest.get(1..).unwrap_or_default().contains('.');
        return Some(if rest.is_empty() || stem { EXACT } else { BEGINNING });
    }
    loop {
        let before = name.get(..at).and_then(|before| before.chars().next_back());
        if before.is_none_or(|letter| !letter.is_alphanumeric()) {
            return Some(WORD);
        }
        let step = name.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8);
        let next = name.get(at + step..).and_then(|rest| place_of(rest, word));
        match next {
            Some(found) => at += step + found,
            None => return Some(INSIDE),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{BEGINNING, EXACT, INSIDE, NameQuery, PATH, QueryError, Rank, WORD};

    #[track_caller]
    fn check(query: &str, path: &str, expected: Option<Rank>) {
        let query = NameQuery::parse(query).expect("a query");
        let name = path.trim_end_matches('/').rsplit('/').next().expect("a name");
        assert_eq!(query.rank(name, path.trim_end_matches('/')), expected, "{query:?} {path}");
    }

    #[test]
    fn names_that_are_it_come_before_names_that_hold_it() {
        check("report", "a/report", Some(EXACT));
        check("report", "a/report.pdf", Some(EXACT));
        check("report.pdf", "report.pdf", Some(EXACT));
        check("report", "report.old.pdf", Some(BEGINNING));
        check("report", "reports", Some(BEGINNING));
        check("report", "annual report.pdf", Some(WORD));
        check("report", "xreport and report", Some(WORD));
        check("report", "myreport.pdf", Some(INSIDE));
        check("report", "report/a.pdf", None);
        check("annual report", "annual report.pdf", Some(EXACT));
        check("report annual", "annual report.pdf", Some(WORD));
        check("2026 report", "2026/report.pdf", Some(PATH));
        check("2026 report", "2026/reports/a.pdf", None);
        check("2026/rep", "2026/report.pdf", Some(PATH));
        check("2026/", "2026/report.pdf", None);
        check("a/", "b/a/x/y", None);
    }

    #[test]
    fn what_is_no_query_is_refused() {
        assert_eq!(NameQuery::parse(" \t"), Err(QueryError::Empty));
        assert_eq!(NameQuery::parse(&"a ".repeat(9)), Err(QueryError::TooLong));
        assert_eq!(NameQuery::parse(&"a".repeat(201)), Err(QueryError::TooLong));
    }
}
