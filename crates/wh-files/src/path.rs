//! The paths that people see: `FilePath` names a file in a location, `FolderPath` a folder.
//!
//! A path is a key seen from inside a location: the key is the location's prefix followed by the
//! path, character for character. S3 accepts any text as a key; the portal is stricter, because
//! what it writes will be unpacked, synchronised and typed by people.
//!
//! Invariant: a path never leaves its location, and never means two things to two file systems.

use std::fmt;

use wh_names::{KeyPrefix, NameError, ObjectKey};

/// Why a string is not a path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// The path is empty where a file or folder was expected.
    #[error("the path is empty")]
    Empty,
    /// The path begins with `/`; paths are relative to their location.
    #[error("the path begins with `/`")]
    Absolute,
    /// A folder's path does not end in `/`.
    #[error("a folder's path ends in `/`")]
    NotAFolder,
    /// A file's path ends in `/`.
    #[error("a file's path does not end in `/`")]
    NotAFile,
    /// Two slashes meet.
    #[error("the path holds an empty segment")]
    EmptySegment,
    /// A segment is `.` or `..`.
    #[error("the path holds the segment `.` or `..`")]
    DotSegment,
    /// The path holds a backslash or a control character, U+0000 among them.
    #[error("the path holds a backslash or a control character")]
    ForbiddenCharacter,
    /// Together with its location the path is longer than a key may be.
    #[error(transparent)]
    Key(#[from] NameError),
}

impl PathError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "path-empty",
            Self::Absolute => "path-absolute",
            Self::NotAFolder => "path-not-a-folder",
            Self::NotAFile => "path-not-a-file",
            Self::EmptySegment => "path-empty-segment",
            Self::DotSegment => "path-dot-segment",
            Self::ForbiddenCharacter => "path-forbidden-character",
            Self::Key(_) => "path-too-long",
        }
    }
}

/// A file's path in its location: `a/b.txt`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FilePath(Box<str>);

impl FilePath {
    /// Accepts segments joined by single slashes; see [`PathError`] for what is refused.
    pub fn parse(input: &str) -> Result<Self, PathError> {
        if input.ends_with('/') {
            return Err(PathError::NotAFile);
        }
        check_segments(input)?;
        Ok(Self(input.into()))
    }

    /// The path as it was checked.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last segment.
    pub fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// The object that this path names in the location that begins at `prefix`.
    pub fn key_under(&self, prefix: &KeyPrefix) -> Result<ObjectKey, PathError> {
        Ok(ObjectKey::parse(&format!("{prefix}{}", self.0))?)
    }
}

impl fmt::Display for FilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A folder's path in its location: `a/b/`, or the empty path for the location itself.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FolderPath(Box<str>);

impl FolderPath {
    /// Accepts the empty path, and segments that each end in one slash.
    pub fn parse(input: &str) -> Result<Self, PathError> {
        if input.is_empty() {
            return Ok(Self::root());
        }
        let Some(inner) = input.strip_suffix('/') else {
            return Err(PathError::NotAFolder);
        };
        check_segments(inner)?;
        Ok(Self(input.into()))
    }

    /// The location itself.
    pub fn root() -> Self {
        Self("".into())
    }

    /// Whether this is the location itself.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// The path as it was checked.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What the keys below this folder begin with.
    pub fn prefix_under(&self, prefix: &KeyPrefix) -> Result<KeyPrefix, PathError> {
        Ok(KeyPrefix::parse(&format!("{prefix}{}", self.0))?)
    }

    /// The empty object that keeps this folder alive while nothing is in it; its key ends in `/`.
    pub fn marker_under(&self, prefix: &KeyPrefix) -> Result<ObjectKey, PathError> {
        if self.is_root() {
            return Err(PathError::Empty);
        }
        Ok(ObjectKey::parse(&format!("{prefix}{}", self.0))?)
    }
}

impl fmt::Display for FolderPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A path that may name either; the trailing slash tells.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum EntryPath {
    /// A file.
    File(FilePath),
    /// A folder and all below it.
    Folder(FolderPath),
}

impl EntryPath {
    /// Accepts a file's path or a folder's; the location itself is refused.
    pub fn parse(input: &str) -> Result<Self, PathError> {
        if input.is_empty() {
            return Err(PathError::Empty);
        }
        if input.ends_with('/') {
            return FolderPath::parse(input).map(Self::Folder);
        }
        FilePath::parse(input).map(Self::File)
    }

    /// The path as it was checked.
    pub fn as_str(&self) -> &str {
        match self {
            Self::File(path) => path.as_str(),
            Self::Folder(path) => path.as_str(),
        }
    }

    /// The key that this path names: the object, or the folder's marker.
    pub fn key_under(&self, prefix: &KeyPrefix) -> Result<ObjectKey, PathError> {
        match self {
            Self::File(path) => path.key_under(prefix),
            Self::Folder(path) => path.marker_under(prefix),
        }
    }
}

fn check_segments(path: &str) -> Result<(), PathError> {
    if path.is_empty() {
        return Err(PathError::Empty);
    }
    if path.starts_with('/') {
        return Err(PathError::Absolute);
    }
    if path.chars().any(|c| c == '\\' || c.is_control()) {
        return Err(PathError::ForbiddenCharacter);
    }
    for segment in path.split('/') {
        match segment {
            "" => return Err(PathError::EmptySegment),
            "." | ".." => return Err(PathError::DotSegment),
            _name => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use wh_names::KeyPrefix;

    use super::{EntryPath, FilePath, FolderPath, PathError};

    #[track_caller]
    fn refused(input: &str, expected: PathError) {
        assert_eq!(FilePath::parse(input), Err(expected), "{input:?}");
    }

    #[test]
    fn a_file_path_is_segments_and_nothing_clever() {
        for good in ["a", "a/b.txt", "…", "a b/c", "%2e%2e/x", "..a", "a..", "ключ/🦀", "...", "~"]
        {
            assert_eq!(FilePath::parse(good).as_ref().map(FilePath::as_str), Ok(good));
        }
        refused("", PathError::Empty);
        for absolute in ["/a", "//a", "/../a"] {
            refused(absolute, PathError::Absolute);
        }
        for folder in ["a/", "/", "../"] {
            refused(folder, PathError::NotAFile);
        }
        for empty in ["a//b", "a///b"] {
            refused(empty, PathError::EmptySegment);
        }
        for dots in [".", "..", "../a", "a/../b", "a/..", "./a", "a/./b", "home/bob/../alice/x"] {
            refused(dots, PathError::DotSegment);
        }
        for bad in
            ["a\\b", "..\\a", "a\0b", "a\nb", "a\rb", "a\tb", "\u{7f}", "a\u{85}", "\u{1b}[2J"]
        {
            refused(bad, PathError::ForbiddenCharacter);
        }
    }

    #[test]
    fn a_folder_path_ends_in_a_slash_and_the_root_is_empty() {
        assert!(FolderPath::parse("").is_ok_and(|p| p.is_root()));
        assert_eq!(FolderPath::parse("a/b/").map(|p| p.as_str().to_owned()), Ok("a/b/".to_owned()));
        assert_eq!(FolderPath::parse("a"), Err(PathError::NotAFolder));
        assert_eq!(FolderPath::parse("/"), Err(PathError::Empty));
        assert_eq!(FolderPath::parse("a//"), Err(PathError::EmptySegment));
        assert_eq!(FolderPath::parse("../"), Err(PathError::DotSegment));
        assert_eq!(EntryPath::parse(""), Err(PathError::Empty));
    }

    #[test]
    fn a_key_is_the_prefix_and_the_path_character_for_character() {
        let bob = KeyPrefix::parse("home/bob/").expect("a prefix");
        let key = FilePath::parse("é/a.txt").expect("a path").key_under(&bob).expect("a key");
        assert_eq!(key.as_str(), "home/bob/é/a.txt");
        let long = FilePath::parse(&"x".repeat(1020)).expect("a path");
        assert_eq!(long.key_under(&bob).map_err(|e| e.code()), Err("path-too-long"));
    }
}
