//! The letter that tells what happened where somebody watches: in the language that they chose there.
//!
//! Invariant: it is bounded, whatever happened: so many places, so many lines, each of so many characters. What
//! others chose, names of files and of persons, stands between quotes, which it cannot close, begins no line, and is
//! no address that a mail program would open.

use jiff::Timestamp;
use wh_ledger::{ActivityKind, WatchLanguage};

use super::letters::{plain, seconds};

/// What the letter is called.
pub(crate) const KIND: &str = "watched";

/// How many lines of one place a letter has.
const LINES_OF_PLACE: usize = 10;

/// How many lines of all places together a letter has; the others say how much happened, and no more.
const LINES_OF_ALL: usize = 40;

/// How many places a letter shows; of the others it says how many there are.
const PLACES_MAX: usize = 20;

/// How long the address of a place may be to be shown.
const PAGE_BYTES_MAX: usize = 600;

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
    /// Whether so much happened that not all of it was looked at.
    pub more: bool,
}

/// Subject and body.
pub(crate) fn letter(house: &str, letter: &WatchedLetter) -> (&'static str, String) {
    let words = Words(letter.language);
    let (mut left, mut parts) = (LINES_OF_ALL, vec![words.opening().to_owned()]);
    for place in letter.places.iter().take(PLACES_MAX) {
        let shown = place.doings.len().min(LINES_OF_PLACE).min(left);
        left -= shown;
        parts.push(words.place(house, place, shown));
    }
    let others = letter.places.len().saturating_sub(PLACES_MAX);
    parts.extend((others > 0).then(|| words.other_places(others)));
    parts.extend(letter.more.then(|| words.more(house)));
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
        // One that is too long is found by the page of all that is watched.
        let open = match page.len() {
            0..=PAGE_BYTES_MAX => format!("  {open}:\n  {house}{page}\n"),
            _ => String::new(),
        };
        format!("{}\n\n{open}  {end}:\n  {house}{stop}", lines.join("\n"))
    }

    fn other_places(self, others: usize) -> String {
        match self.0 {
            WatchLanguage::English => format!("And {others} more places that you watch."),
            WatchLanguage::German => format!("Und {others} weitere Orte, die Sie beobachten."),
        }
    }

    fn more(self, house: &str) -> String {
        match self.0 {
            WatchLanguage::English => format!(
                "More happened than one letter tells. What you may see of it:\n\n  {house}/activity"
            ),
            WatchLanguage::German => format!(
                "Es geschah mehr, als ein Brief erzählt. Was Sie davon sehen dürfen:\n\n  \
                 {house}/activity"
            ),
        }
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

/// What somebody chose, between quotes: it begins no line, turns no text, leaves its quotes nowhere, is no address,
/// and is no longer than it may be.
fn quoted(text: &str) -> String {
    let mut shown: String = text.chars().take(NAME_CHARS_MAX).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    format!("\"{}\"", unlinked(&plain(&shown).replace('"', "\u{201d}")))
}

/// The same, of which a mail program makes no link.
fn unlinked(text: &str) -> String {
    let mut shown = String::new();
    for c in text.chars() {
        let end = shown.get(shown.len().saturating_sub(3)..).unwrap_or_default();
        let links = match c {
            '/' => shown.ends_with(':'),
            '.' => end.eq_ignore_ascii_case("www"),
            _ => false,
        };
        if links {
            shown.push(' ');
        }
        shown.push(c);
    }
    shown
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use wh_ledger::{ActivityKind, WatchLanguage};

    use super::{LINES_OF_ALL, PLACES_MAX, WatchedBy, WatchedDoing, WatchedLetter, WatchedPlace};

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
        let letter = WatchedLetter { language, places, more: false };
        super::letter("https://files.example.org", &letter).1
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

    #[test]
    fn what_somebody_chose_stays_between_its_quotes_and_is_no_link() {
        let evil = "x\" see https://evil.example or WWW.evil.example or 語://x \"y";
        let body = written(WatchLanguage::English, vec![place(vec![doing(evil, 1)])]);
        let line = body.lines().find(|line| line.contains("added")).expect("a line");
        let told = line.split_once("added ").expect("what").1;
        assert_eq!(told.matches('"').count(), 2, "{told}");
        assert!(told.starts_with('"') && told.ends_with('"'), "{told}");
        assert!(!told.contains("://") && !told.to_lowercase().contains("www."), "{told}");
    }

    #[test]
    fn the_letter_is_bounded_wherever_the_places_lie() {
        let long = WatchedPlace {
            title: "deep/".repeat(600),
            page: format!("/files/1/{}", "%C3%A9".repeat(500)),
            ..place(vec![doing("a", 1)])
        };
        for language in [WatchLanguage::English, WatchLanguage::German] {
            let body = written(language, vec![long.clone(); 100]);
            assert!(body.len() < 20_000, "{}", body.len());
            assert!(body.contains(&(100 - PLACES_MAX).to_string()), "{body}");
            assert!(!body.contains("%C3") && body.contains("/watches?end=2\n"), "{body}");
        }
    }

    #[test]
    fn it_says_where_the_rest_is_that_was_not_looked_at() {
        let places = vec![place(vec![doing("a", 1)])];
        for language in [WatchLanguage::English, WatchLanguage::German] {
            let letter = WatchedLetter { language, places: places.clone(), more: true };
            let body = super::letter("https://files.example.org", &letter).1;
            assert!(body.contains("https://files.example.org/activity\n"), "{body}");
            let all = written(language, places.clone());
            assert!(!all.contains("/activity"), "{all}");
        }
    }
}
