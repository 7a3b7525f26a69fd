//! The letter that tells what happened where somebody watches: in the language that they chose there.
//!
//! Invariant: it is bounded, whatever happened: so many lines, each of so many characters. What others chose, names
//! of files and of persons, stands between quotes and begins no line.

use jiff::Timestamp;
use wh_ledger::{ActivityKind, WatchLanguage};

use super::letters::{plain, seconds};

/// What the letter is called.
pub(crate) const KIND: &str = "watched";

/// How many lines of one place a letter has.
const LINES_OF_PLACE: usize = 10;

/// How many lines of all places together a letter has; the others say how much happened, and no more.
const LINES_OF_ALL: usize = 40;

/// How many characters of a name are shown.
const NAME_CHARS_MAX: usize = 100;

/// Who did it, as others may know them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WatchedBy {
    /// A person, by their name; `None`: they are no longer here.
    Person(Option<String>),
    /// A machine, by its name.
    Machine(String),
    /// A session of this role that is no person's.
    Role(String),
    /// A rule of the bucket.
    Rule,
    /// Somebody else.
    Other,
}

/// What one hand did in one folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchedDoing {
    /// When the last of it happened.
    pub at: Timestamp,
    /// What.
    pub kind: ActivityKind,
    /// By whom.
    pub by: WatchedBy,
    /// In which folder of the location, with the slash at its end.
    pub folder: String,
    /// What some of them are called there.
    pub names: Vec<String>,
    /// How many there are.
    pub count: usize,
}

/// What happened in one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchedPlace {
    /// What the place is called.
    pub title: String,
    /// Where the page of the place is, below the house's own address: it begins with a slash.
    pub page: String,
    /// Where the watch is ended, below the house's own address.
    pub stop: String,
    /// What happened, the newest first.
    pub doings: Vec<WatchedDoing>,
}

/// What happened in several places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchedLetter {
    /// In which language it is written.
    pub language: WatchLanguage,
    /// Where.
    pub places: Vec<WatchedPlace>,
}

/// Subject and body.
pub(crate) fn letter(house: &str, letter: &WatchedLetter) -> (&'static str, String) {
    let words = Words(letter.language);
    let (mut left, mut parts) = (LINES_OF_ALL, vec![words.opening().to_owned()]);
    for place in &letter.places {
        let shown = place.doings.len().min(LINES_OF_PLACE).min(left);
        left -= shown;
        parts.push(words.place(house, place, shown));
    }
    parts.push(words.closing(house));
    (words.subject(), format!("{}\n", parts.join("\n\n")))
}

/// What is said, in a language.
#[derive(Clone, Copy)]
struct Words(WatchLanguage);

impl Words {
    fn subject(self) -> &'static str {
        match self.0 {
            WatchLanguage::English => "News of folders that you watch",
            WatchLanguage::German => "Neues in Ordnern, die Sie beobachten",
        }
    }

    fn opening(self) -> &'static str {
        match self.0 {
            WatchLanguage::English => "This happened in folders that you watch. Times are in UTC.",
            WatchLanguage::German => {
                "Das geschah in Ordnern, die Sie beobachten. Die Zeiten sind in UTC."
            }
        }
    }

    fn place(self, house: &str, place: &WatchedPlace, shown: usize) -> String {
        let WatchedPlace { title, page, stop, doings } = place;
        let mut lines = vec![quoted(title)];
        lines.extend(doings.iter().take(shown).map(|doing| self.doing(doing)));
        let others = doings.iter().skip(shown).map(|doing| doing.count).sum::<usize>();
        lines.extend((others > 0).then(|| self.others(others, shown)));
        let (open, end) = match self.0 {
            WatchLanguage::English => ("Open it", "Watch it no longer"),
            WatchLanguage::German => ("Öffnen", "Nicht mehr beobachten"),
        };
        format!("{}\n\n  {open}:\n  {house}{page}\n  {end}:\n  {house}{stop}", lines.join("\n"))
    }

    fn others(self, others: usize, shown: usize) -> String {
        match (self.0, shown) {
            (WatchLanguage::English, 0) => format!("- {others} doings"),
            (WatchLanguage::English, _) => format!("- and {others} more"),
            (WatchLanguage::German, 0) => format!("- {others} Vorgänge"),
            (WatchLanguage::German, _) => format!("- und {others} weitere"),
        }
    }

    fn doing(self, doing: &WatchedDoing) -> String {
        let WatchedDoing { at, kind, by, folder, names, count } = doing;
        let names: Vec<String> = names.iter().map(|name| quoted(name)).collect();
        let (names, others) = (names.join(", "), count.saturating_sub(names.len()));
        let (who, did) = (self.who(by), self.did(*kind));
        let at = seconds(*at).strftime("%Y-%m-%d %H:%M");
        let others = match (self.0, others) {
            (_, 0) => String::new(),
            (WatchLanguage::English, _) => format!(" and {others} more"),
            (WatchLanguage::German, _) => format!(" und {others} weitere"),
        };
        let folder = match (self.0, folder.as_str()) {
            (_, "") => String::new(),
            (_, folder) => format!(" in {}", quoted(folder)),
        };
        match self.0 {
            WatchLanguage::English => format!("- {at}: {who} {did} {names}{others}{folder}"),
            WatchLanguage::German => format!("- {at}: {names}{others}{folder} – {did}: {who}"),
        }
    }

    fn who(self, by: &WatchedBy) -> String {
        let (gone, machine, tool, rule, other) = match self.0 {
            WatchLanguage::English => (
                "somebody who is no longer here",
                "the machine",
                "a tool of the role",
                "a rule of the bucket",
                "somebody else",
            ),
            WatchLanguage::German => (
                "jemand, der nicht mehr hier ist",
                "die Maschine",
                "ein Werkzeug der Rolle",
                "eine Regel des Buckets",
                "jemand anderes",
            ),
        };
        match by {
            WatchedBy::Person(Some(name)) => quoted(name),
            WatchedBy::Person(None) => gone.to_owned(),
            WatchedBy::Machine(name) => format!("{machine} {}", quoted(name)),
            WatchedBy::Role(name) => format!("{tool} {}", quoted(name)),
            WatchedBy::Rule => rule.to_owned(),
            WatchedBy::Other => other.to_owned(),
        }
    }

    fn did(self, kind: ActivityKind) -> &'static str {
        let (english, german) = match kind {
            ActivityKind::Added => ("added", "hinzugefügt"),
            ActivityKind::Replaced => ("replaced", "ersetzt"),
            ActivityKind::Written => ("wrote", "geschrieben"),
            ActivityKind::Copied => ("copied here", "hierher kopiert"),
            ActivityKind::MovedHere => ("moved here", "hierher verschoben"),
            ActivityKind::MovedAway => ("moved away", "weggeschoben"),
            ActivityKind::Trashed => ("moved to the trash", "in den Papierkorb gelegt"),
            ActivityKind::Restored => ("restored", "wiederhergestellt"),
            ActivityKind::Purged => ("deleted for ever", "endgültig gelöscht"),
            ActivityKind::Expired => ("deleted by age", "nach Ablauf gelöscht"),
            ActivityKind::Tagged => ("changed the tags of", "mit anderen Tags versehen"),
        };
        match self.0 {
            WatchLanguage::English => english,
            WatchLanguage::German => german,
        }
    }

    fn closing(self, house: &str) -> String {
        match self.0 {
            WatchLanguage::English => format!(
                "You get this because you watch these folders. All that you watch:\n\n  {house}/watches"
            ),
            WatchLanguage::German => format!(
                "Sie erhalten das, weil Sie diese Ordner beobachten. Alles, was Sie beobachten:\n\n  \
                 {house}/watches"
            ),
        }
    }
}

/// What somebody chose, between quotes: it begins no line, turns no text, and is no longer than it may be.
fn quoted(text: &str) -> String {
    let mut shown: String = text.chars().take(NAME_CHARS_MAX).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    format!("\"{}\"", plain(&shown))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use wh_ledger::{ActivityKind, WatchLanguage};

    use super::{LINES_OF_ALL, WatchedBy, WatchedDoing, WatchedLetter, WatchedPlace, letter};

    fn doing(name: &str, count: usize) -> WatchedDoing {
        WatchedDoing {
            at: Timestamp::UNIX_EPOCH,
            kind: ActivityKind::Added,
            by: WatchedBy::Person(Some("Bob".to_owned())),
            folder: String::new(),
            names: vec![name.to_owned()],
            count,
        }
    }

    fn place(doings: Vec<WatchedDoing>) -> WatchedPlace {
        WatchedPlace {
            title: "Plans".to_owned(),
            page: "/files/1/".to_owned(),
            stop: "/watches?end=2".to_owned(),
            doings,
        }
    }

    fn written(language: WatchLanguage, places: Vec<WatchedPlace>) -> String {
        letter("https://files.example.org", &WatchedLetter { language, places }).1
    }

    #[test]
    fn it_says_what_happened_where_and_how_to_end_it_in_both_languages() {
        for (language, line, more) in [
            (WatchLanguage::English, "- 1970-01-01 00:00: \"Bob\" added \"a.txt\"", "more"),
            (
                WatchLanguage::German,
                "- 1970-01-01 00:00: \"a.txt\" – hinzugefügt: \"Bob\"",
                "weitere",
            ),
        ] {
            let body = written(language, vec![place(vec![doing("a.txt", 1), doing("b", 4)])]);
            for expected in [
                line,
                &format!("3 {more}"),
                "https://files.example.org/files/1/\n",
                "https://files.example.org/watches?end=2\n",
            ] {
                assert!(body.contains(expected), "{expected}: {body}");
            }
        }
    }

    #[test]
    fn what_somebody_chose_begins_no_line_and_the_letter_is_bounded() {
        let evil = "x\r\nBcc: eve@example.org\u{202e}";
        let long = "n".repeat(2_000);
        let doings = vec![doing(evil, 1); 40].into_iter().chain(vec![doing(&long, 3); 40]);
        let places = vec![place(doings.collect()); 100];
        let body = written(WatchLanguage::English, places);
        assert!(!body.lines().any(|line| line.starts_with("Bcc")), "{body}");
        assert!(!body.contains(['\r', '\u{202e}']));
        assert_eq!(body.lines().filter(|line| line.contains("added")).count(), LINES_OF_ALL);
        assert!(body.contains("- and 150 more") && body.contains("- 160 doings"), "{body}");
        assert!(body.len() < 30_000, "{}", body.len());
        assert!(written(WatchLanguage::German, vec![place(vec![doing(&long, 1)])]).contains('…'));
    }
}
