//! What the scan for malware says of a file, as a tag of that very version.

/// The key of the tag. Condition keys do not tell upper case from lower case.
pub const SCAN_TAG: &str = "wellhouse-scan";

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ScanVerdict {
    /// The scanner knows nothing against it.
    Clean,
    /// The scanner knows it: nobody but administrators reads it.
    Infected,
    /// It could not be scanned.
    Unscanned,
    /// The scanner knows it, or could not scan it, and an administrator let it go.
    Released,
}

impl ScanVerdict {
    /// Every verdict.
    pub const ALL: [Self; 4] = [Self::Clean, Self::Infected, Self::Unscanned, Self::Released];

    /// As the tag's value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Clean => "clean",
            Self::Infected => "infected",
            Self::Unscanned => "unscanned",
            Self::Released => "released",
        }
    }

    /// What a value of the tag says; `None` for what the scanner never wrote.
    pub fn parse(value: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.as_str() == value)
    }

    /// What the tags of a file say of it.
    pub fn of_tags(tags: &[(String, String)]) -> Option<Self> {
        let ours = |(key, _): &&(String, String)| key == SCAN_TAG;
        tags.iter().find(ours).and_then(|(_, value)| Self::parse(value))
    }
}

/// Which files are served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Serving {
    /// All but those that the scanner knows.
    AllButInfected,
    /// Only those that were scanned and found clean, or released.
    OnlyClean,
}

impl Serving {
    /// As it is written in a configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AllButInfected => "unscanned-too",
            Self::OnlyClean => "only-clean",
        }
    }

    /// Whether a file of which the scan said this, or nothing yet, is served.
    pub fn serves(self, verdict: Option<ScanVerdict>) -> bool {
        match verdict {
            Some(ScanVerdict::Clean | ScanVerdict::Released) => true,
            Some(ScanVerdict::Infected) => false,
            Some(ScanVerdict::Unscanned) | None => self == Self::AllButInfected,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{SCAN_TAG, ScanVerdict, Serving};

    #[test]
    fn what_nobody_scanned_is_not_clean() {
        let tag = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        let tags = |value: &str| [tag("a", "b"), tag(SCAN_TAG, value)];
        for verdict in ScanVerdict::ALL {
            assert_eq!(ScanVerdict::of_tags(&tags(verdict.as_str())), Some(verdict));
        }
        for value in ["", "Clean", "clean ", "infected,clean"] {
            assert_eq!(ScanVerdict::of_tags(&tags(value)), None, "{value}");
        }
        assert_eq!(ScanVerdict::of_tags(&[]), None);
        assert!(Serving::AllButInfected.serves(None) && !Serving::OnlyClean.serves(None));
        for serving in [Serving::AllButInfected, Serving::OnlyClean] {
            assert!(!serving.serves(Some(ScanVerdict::Infected)), "{serving:?}");
            assert!(serving.serves(Some(ScanVerdict::Released)), "{serving:?}");
        }
    }
}
