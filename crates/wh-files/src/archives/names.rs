//! What the entries of an archive are called: a path's segments, each made harmless to whatever unpacks it.
//!
//! Invariant: a name has no empty, `.` or `..` segment, no drive, backslash or control character, and no
//! two entries of an archive have names that a file system without case takes for the same.

use std::collections::{HashMap, HashSet};

use unicode_normalization::UnicodeNormalization;

/// How long a segment may be, in bytes; file systems take 255.
const SEGMENT_BYTES_MAX: usize = 200;

/// Names that Windows keeps for devices, whatever stands after a dot. Source: Microsoft, *Naming Files, Paths, and
/// Namespaces*.
const DEVICES: [&str; 30] = [
    "con",
    "prn",
    "aux",
    "nul",
    "conin$",
    "conout$",
    "com1",
    "com2",
    "com3",
    "com4",
    "com5",
    "com6",
    "com7",
    "com8",
    "com9",
    "com\u{b9}",
    "com\u{b2}",
    "com\u{b3}",
    "lpt1",
    "lpt2",
    "lpt3",
    "lpt4",
    "lpt5",
    "lpt6",
    "lpt7",
    "lpt8",
    "lpt9",
    "lpt\u{b9}",
    "lpt\u{b2}",
    "lpt\u{b3}",
];

/// Gives names, and remembers which are taken.
#[derive(Debug, Default)]
pub(crate) struct Names {
    taken: HashSet<String>,
    folders: HashMap<String, String>,
}

impl Names {
    /// The name of the file at this path: `a/b.txt`.
    pub(crate) fn file(&mut self, path: &str) -> String {
        let (folder, segment) = match path.rsplit_once('/') {
            Some((folder, segment)) => (self.folder(folder), segment),
            None => (String::new(), path),
        };
        self.take(&folder, segment)
    }

    /// The name of the folder at this path, which ends in a slash: `a/b/`. Asked again, it is the same.
    pub(crate) fn folder(&mut self, path: &str) -> String {
        let mut name = String::new();
        let mut so_far = String::new();
        for segment in path.split('/') {
            so_far.push_str(segment);
            so_far.push('/');
            name = if let Some(known) = self.folders.get(&so_far) {
                known.clone()
            } else {
                let made = format!("{}/", self.take(&name, segment));
                self.folders.insert(so_far.clone(), made.clone());
                made
            };
        }
        name
    }

    fn take(&mut self, folder: &str, segment: &str) -> String {
        let segment = harmless(segment);
        let (stem, extension) = parted(&segment);
        let mut name = format!("{folder}{segment}");
        let mut count = 1_u32;
        while !self.taken.insert(folded(&name)) {
            count += 1;
            name = format!("{folder}{stem} ({count}){extension}");
        }
        name
    }
}

/// What a file system without case, and without the differences between equal letters, takes for the name.
pub(crate) fn folded(name: &str) -> String {
    name.nfkc().flat_map(char::to_lowercase).nfkc().collect()
}

/// The segment as every file system takes it.
fn harmless(segment: &str) -> String {
    let cut = cut(&spelt(segment));
    no_device(if cut.trim().is_empty() { "_".to_owned() } else { cut })
}

/// The segment without what a file system, a shell or an eye misreads, and without dots and blanks at its end, which
/// Windows leaves out.
pub(crate) fn spelt(segment: &str) -> String {
    let replaced: String = segment.chars().map(|c| if is_harmful(c) { '_' } else { c }).collect();
    replaced.trim_end_matches(['.', ' ']).to_owned()
}

/// The same, or another where Windows takes it for a device.
pub(crate) fn no_device(named: String) -> String {
    let stem = named.split('.').next().unwrap_or_default().trim_end().to_lowercase();
    if DEVICES.contains(&stem.as_str()) { format!("_{named}") } else { named }
}

/// What means something to a shell, a drive or an eye: separators, wildcards, control characters, and
/// those that turn the direction of writing or show nothing.
fn is_harmful(c: char) -> bool {
    c.is_control()
        || "\\/:*?\"<>|".contains(c)
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

/// At most [`SEGMENT_BYTES_MAX`] bytes, with what stands after the last dot kept.
fn cut(segment: &str) -> String {
    if segment.len() <= SEGMENT_BYTES_MAX {
        return segment.to_owned();
    }
    let (stem, extension) = parted(segment);
    let mut end = SEGMENT_BYTES_MAX.saturating_sub(extension.len());
    while !stem.is_char_boundary(end) {
        end = end.saturating_sub(1);
    }
    let stem = stem.split_at_checked(end).map_or(stem, |(kept, _rest)| kept);
    format!("{stem}{extension}")
}

/// `a.txt` is `a` and `.txt`. A long ending is none.
fn parted(segment: &str) -> (&str, &str) {
    const EXTENSION_BYTES_MAX: usize = 16;
    let at = segment.rfind('.').filter(|at| *at > 0);
    let parts = at.and_then(|at| segment.split_at_checked(at));
    parts.filter(|(_, extension)| extension.len() <= EXTENSION_BYTES_MAX).unwrap_or((segment, ""))
}

#[cfg(test)]
mod tests {
    use super::{Names, folded};

    #[track_caller]
    fn file(path: &str, expected: &str) {
        assert_eq!(Names::default().file(path), expected, "{path:?}");
    }

    #[test]
    fn what_is_harmless_stays_as_it_is() {
        for name in ["a.txt", "ключ/🦀.png", "a b/c (2).tar.gz", ".profile", "..a", "é/…", "a'b"]
        {
            file(name, name);
        }
    }

    /// File Browser and others: an archive that writes outside of the folder it is unpacked in.
    #[test]
    fn cve_2026_54093_a_name_in_an_archive_leads_nowhere_else() {
        file("../../etc/passwd", "_/_/etc/passwd");
        file("/etc/passwd", "_/etc/passwd");
        file("a//b", "a/_/b");
        file("./a", "_/a");
        file("a/..", "a/_");
        file("C:\\Windows\\x.dll", "C__Windows_x.dll");
        file("c:/x", "c_/x");
        file("..\\..\\x", ".._.._x");
    }

    #[test]
    fn what_a_file_system_or_an_eye_misreads_is_replaced() {
        file("a\u{202e}gpj.exe", "a_gpj.exe");
        file("a\u{200b}b\u{0}c\nd", "a_b_c_d");
        file("what? *.txt", "what_ _.txt");
        file("ends. . ", "ends");
        file("nul", "_nul");
        file("COM1.txt", "_COM1.txt");
        file("com\u{b9}", "_com\u{b9}");
        file("CONIN$", "_CONIN$");
        file("company.txt", "company.txt");
        file(" ", "_");
    }

    #[test]
    fn names_that_differ_only_in_case_or_form_get_numbers() {
        let mut names = Names::default();
        assert_eq!(names.file("A.txt"), "A.txt");
        assert_eq!(names.file("a.txt"), "a (2).txt");
        assert_eq!(names.file("a (2).txt"), "a (2) (2).txt");
        assert_eq!(names.file("é"), "é");
        assert_eq!(names.file("e\u{301}"), "e\u{301} (2)");
        assert_eq!(names.folder("Docs"), "Docs/");
        assert_eq!(names.folder("docs"), "docs (2)/");
        assert_eq!(names.file("docs/x"), "docs (2)/x", "its own folder, asked again");
        assert_eq!(names.file("Docs/x"), "Docs/x");
    }

    #[test]
    fn a_file_and_a_folder_of_one_name_are_kept_apart() {
        let mut names = Names::default();
        assert_eq!(names.file("a"), "a");
        assert_eq!(names.file("a/b"), "a (2)/b");
    }

    #[test]
    fn long_names_are_cut_and_keep_their_ending() {
        let mut names = Names::default();
        let long = format!("{}.txt", "é".repeat(400));
        let (first, second) = (names.file(&long), names.file(&long));
        assert!(first.len() <= 200 && first.ends_with("é.txt"), "{first}");
        assert!(second.ends_with(" (2).txt") && second.len() <= 210, "{second}");
        assert_ne!(folded(&first), folded(&second));
    }
}
