//! What kind of thing a name says it is: by its ending, and by nothing that was looked at.

/// What kind of thing a name says it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NameKind {
    /// A folder: what other names have in front of a slash.
    Folder,
    /// A picture.
    Image,
    /// A film.
    Video,
    /// Sound.
    Audio,
    /// Something to read.
    Document,
    /// A spreadsheet.
    Spreadsheet,
    /// Slides.
    Presentation,
    /// Several files in one.
    Archive,
    /// Plain text, and what programs are written in.
    Text,
    /// Anything else.
    Other,
}

impl NameKind {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Folder,
        Self::Image,
        Self::Video,
        Self::Audio,
        Self::Document,
        Self::Spreadsheet,
        Self::Presentation,
        Self::Archive,
        Self::Text,
        Self::Other,
    ];

    /// The kind in one lower-case word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Folder => "folder",
            Self::Image => "image",
            Self::Video => "video",
            Self::Audio => "audio",
            Self::Document => "document",
            Self::Spreadsheet => "spreadsheet",
            Self::Presentation => "presentation",
            Self::Archive => "archive",
            Self::Text => "text",
            Self::Other => "other",
        }
    }

    /// The kind that [`Self::as_str`] calls so.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// The endings of each kind.
const ENDINGS: [(NameKind, &[&str]); 8] = [
    (
        NameKind::Image,
        &[
            "jpg", "jpeg", "png", "gif", "webp", "avif", "heic", "heif", "svg", "tif", "tiff",
            "bmp", "ico", "raw", "dng", "cr2", "nef", "arw", "psd", "jxl",
        ],
    ),
    (
        NameKind::Video,
        &["mp4", "m4v", "mov", "mkv", "webm", "avi", "mpg", "mpeg", "wmv", "ogv", "mts", "3gp"],
    ),
    (
        NameKind::Audio,
        &["mp3", "m4a", "aac", "flac", "wav", "ogg", "oga", "opus", "aif", "aiff", "wma", "mid"],
    ),
    (
        NameKind::Document,
        &["pdf", "doc", "docx", "odt", "rtf", "epub", "pages", "tex", "ps", "eml", "msg", "mobi"],
    ),
    (NameKind::Spreadsheet, &["xls", "xlsx", "xlsm", "ods", "csv", "tsv", "numbers", "parquet"]),
    (NameKind::Presentation, &["ppt", "pptx", "odp", "key"]),
    (
        NameKind::Archive,
        &["zip", "tar", "gz", "tgz", "bz2", "xz", "zst", "7z", "rar", "jar", "iso", "dmg"],
    ),
    (
        NameKind::Text,
        &[
            "txt", "md", "log", "json", "jsonl", "xml", "yaml", "yml", "toml", "ini", "conf",
            "html", "htm", "css", "js", "mjs", "ts", "tsx", "jsx", "rs", "py", "go", "java", "kt",
            "c", "h", "cpp", "hpp", "cs", "rb", "php", "sh", "sql", "swift", "tf", "proto", "lua",
            "pl", "r",
        ],
    ),
];

/// The kind of a file of this name, folded or not.
pub fn kind_of(name: &str) -> NameKind {
    let Some((_, ending)) = name.rsplit_once('.') else { return NameKind::Other };
    let is = |known: &&str| known.eq_ignore_ascii_case(ending);
    let found = ENDINGS.iter().find(|(_, endings)| endings.iter().any(is));
    found.map_or(NameKind::Other, |(kind, _)| *kind)
}

#[cfg(test)]
mod tests {
    use super::{ENDINGS, NameKind, kind_of};

    #[test]
    fn a_kind_is_told_by_the_ending() {
        for (name, kind) in [
            ("a.JPG", NameKind::Image),
            ("film.mov", NameKind::Video),
            ("song.flac", NameKind::Audio),
            ("report.final.pdf", NameKind::Document),
            ("costs.xlsx", NameKind::Spreadsheet),
            ("slides.pptx", NameKind::Presentation),
            ("all.tar.gz", NameKind::Archive),
            ("main.rs", NameKind::Text),
            ("jpg", NameKind::Other),
            ("a.", NameKind::Other),
            ("", NameKind::Other),
        ] {
            assert_eq!(kind_of(name), kind, "{name}");
        }
        for kind in NameKind::ALL {
            assert_eq!(NameKind::parse(kind.as_str()), Some(kind));
        }
    }

    #[test]
    fn no_ending_is_of_two_kinds() {
        let mut all: Vec<&str> =
            ENDINGS.iter().flat_map(|(_, endings)| endings.iter().copied()).collect();
        all.sort_unstable();
        let before = all.len();
        all.dedup();
        assert_eq!(all.len(), before);
    }
}
