//! What the pages of shared links say, in English and in German.

/// The words of one language. `{}` stands for a name or a moment.
#[derive(Debug)]
pub(super) struct Words {
    pub(super) language: &'static str,
    pub(super) shared: &'static str,
    pub(super) until: &'static str,
    pub(super) moment: &'static str,
    pub(super) decimal: char,
    pub(super) unavailable: &'static str,
    pub(super) unavailable_why: &'static str,
    pub(super) later: &'static str,
    pub(super) later_why: &'static str,
    pub(super) too_large: &'static str,
    pub(super) too_large_why: &'static str,
    pub(super) back: &'static str,
    pub(super) password_asked: &'static str,
    pub(super) password: &'static str,
    pub(super) open: &'static str,
    pub(super) wrong: &'static str,
    pub(super) too_often: &'static str,
    pub(super) closed: &'static str,
    pub(super) busy: &'static str,
    pub(super) save: &'static str,
    pub(super) save_what: &'static str,
    pub(super) look: &'static str,
    pub(super) look_at: &'static str,
    pub(super) save_all: &'static str,
    pub(super) folder: &'static str,
    pub(super) empty: &'static str,
    pub(super) more: &'static str,
    pub(super) only_looked_at: &'static str,
    pub(super) not_shown: &'static str,
    pub(super) way: &'static str,
    pub(super) entries: &'static str,
}

static ENGLISH: Words = Words {
    language: "en",
    shared: "Shared with you",
    until: "This link works until {}.",
    moment: "%-d %B %Y, %H:%M UTC",
    decimal: '.',
    unavailable: "There is nothing here",
    unavailable_why: "The link is not right, or it no longer works. Ask whoever gave it to you for a new one.",
    later: "Not just now",
    later_why: "This cannot be had at the moment. Try again shortly.",
    too_large: "Too much for one archive",
    too_large_why: "This folder holds more files than fit into one ZIP. Open a folder in it and download that.",
    back: "Back to the folder",
    password_asked: "Whoever shared this asks for a password.",
    password: "Password",
    open: "Open",
    wrong: "The password is not right.",
    too_often: "There were too many attempts. Try again in {} seconds.",
    closed: "There were too many wrong passwords. Ask whoever gave you the link for a new one.",
    busy: "Just now too many people are asking. Try again shortly.",
    save: "Download",
    save_what: "Download {}",
    look: "View",
    look_at: "View {}",
    save_all: "Download all as ZIP",
    folder: "Folder",
    empty: "Nothing is in this folder.",
    more: "More",
    only_looked_at: "This link is for viewing only.",
    not_shown: "No browser shows this kind of file.",
    way: "Where you are",
    entries: "What is here",
};

static GERMAN: Words = Words {
    language: "de",
    shared: "Mit Ihnen geteilt",
    until: "Dieser Link gilt bis {}.",
    moment: "%d.%m.%Y, %H:%M UTC",
    decimal: ',',
    unavailable: "Hier ist nichts",
    unavailable_why: "Der Link stimmt nicht oder gilt nicht mehr. Bitten Sie die Person, von der Sie den Link haben, um einen neuen.",
    later: "Gerade nicht möglich",
    later_why: "Das ist im Augenblick nicht zu haben. Versuchen Sie es gleich noch einmal.",
    too_large: "Zu viel für ein Archiv",
    too_large_why: "In diesem Ordner sind mehr Dateien, als in eine ZIP-Datei passen. Öffnen Sie einen Ordner darin und laden Sie diesen herunter.",
    back: "Zurück zum Ordner",
    password_asked: "Dieser Link verlangt ein Passwort.",
    password: "Passwort",
    open: "Öffnen",
    wrong: "Das Passwort stimmt nicht.",
    too_often: "Es waren zu viele Versuche. Versuchen Sie es in {} Sekunden noch einmal.",
    closed: "Zu oft war das Passwort falsch. Bitten Sie die Person, von der Sie den Link haben, um einen neuen.",
    busy: "Gerade fragen zu viele. Versuchen Sie es gleich noch einmal.",
    save: "Herunterladen",
    save_what: "{} herunterladen",
    look: "Ansehen",
    look_at: "{} ansehen",
    save_all: "Alles als ZIP herunterladen",
    folder: "Ordner",
    empty: "In diesem Ordner ist nichts.",
    more: "Weitere",
    only_looked_at: "Dieser Link ist nur zum Ansehen.",
    not_shown: "Diese Art von Datei zeigt kein Browser.",
    way: "Wo Sie sind",
    entries: "Was hier ist",
};

/// The words for whoever reads these languages: the first of ours in their list, which browsers write with
/// what is liked best in front.
pub(super) fn words_for(accepted: &str) -> &'static Words {
    let tags = accepted.split(',').map(|one| one.split(';').next().unwrap_or_default().trim());
    for tag in tags {
        match tag.split('-').next().unwrap_or_default().to_ascii_lowercase().as_str() {
            "de" => return &GERMAN,
            "en" => return &ENGLISH,
            _other => {}
        }
    }
    &ENGLISH
}

/// Whether the first of our languages in such a list is German.
pub(crate) fn is_german(accepted: &str) -> bool {
    words_for(accepted).language == GERMAN.language
}

#[cfg(test)]
mod tests {
    use super::words_for;

    #[test]
    fn pages_are_in_the_first_language_that_is_read_and_that_there_is() {
        for (accepted, language) in [
            ("", "en"),
            ("de", "de"),
            ("de-AT,de;q=0.9,en;q=0.8", "de"),
            ("fr,en-GB;q=0.8,de;q=0.7", "en"),
            ("fr, DE;q=0.5", "de"),
            ("den", "en"),
        ] {
            assert_eq!(words_for(accepted).language, language, "{accepted}");
        }
    }
}
