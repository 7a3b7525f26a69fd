//! Whether a pattern can name a resource of a type, and whether one pattern covers another.

use crate::glob::{compile, matches_plain};
use crate::tables::ResourceRow;
use crate::template::{Reading, Template};

/// What a piece of a pattern may stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Letters {
    Any,
    NoSlash,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    Char(char),
    One(Letters),
    Run(Letters),
}

/// Parts of ARNs that may hold slashes.
const WITH_SLASHES: [&str; 3] = ["ObjectName", "EntityPath", "OidcProviderName"];

/// Whether some ARN of the type matches the pattern. A variable in the pattern may be anything.
pub(super) fn can_name(pattern: &str, row: &ResourceRow, variables: bool) -> bool {
    if pattern == "*" {
        return true;
    }
    let Some(fields) = fields(pattern, variables) else { return true };
    let arn = row.arn.splitn(6, ':');
    fields.iter().zip(arn).all(|(field, form)| meet(&wild(field, variables), &form_of(form)))
}

/// Whether some text matches both patterns.
pub(super) fn overlap(one: &str, other: &str, variables: bool) -> bool {
    meet(&wild(one, variables), &wild(other, variables))
}

/// The six fields of a pattern for ARNs.
pub(super) fn fields(pattern: &str, variables: bool) -> Option<Vec<&str>> {
    Template::split_source(pattern, Reading { variables, wildcards: true }, 6)
}

/// Whether the pattern matches all that the other matches, as far as the two texts show it.
pub(super) fn covers(pattern: &str, other: &str) -> bool {
    if pattern == other {
        return true;
    }
    // A `?` would take the star of the other pattern for a letter, a `$` begin a variable.
    let doubtful = pattern.contains('?') && other.contains(['*', '$']);
    !doubtful && !pattern.contains("${") && matches_plain(&compile(pattern), &opaque(other))
}

/// What stands for a variable: no pattern that is written holds it, so that only a star takes it.
const VARIABLE: char = '\u{e000}';

/// The text with one letter for each variable: its name says nothing of its value.
fn opaque(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        out.push_str(before);
        let (inside, behind) = after.split_once('}').unwrap_or((after, ""));
        match inside {
            "*" | "?" | "$" => out.push_str(inside),
            _ => out.push(VARIABLE),
        }
        rest = behind;
    }
    out.push_str(rest);
    out
}

/// As [`covers`], field by field.
pub(super) fn covers_arn(pattern: &str, other: &str, variables: bool) -> bool {
    if pattern == "*" || pattern == other {
        return true;
    }
    match (fields(pattern, variables), fields(other, variables)) {
        (Some(wide), Some(narrow)) => wide.iter().zip(&narrow).all(|(a, b)| covers(a, b)),
        (None, _) | (_, None) => false,
    }
}

fn wild(text: &str, variables: bool) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${").filter(|_| variables) {
        pieces.extend(before.chars().map(piece));
        let (inside, behind) = after.split_once('}').unwrap_or((after, ""));
        pieces.push(match inside {
            "*" | "?" | "$" => Piece::Char(inside.chars().next().unwrap_or('$')),
            _ => Piece::Run(Letters::Any),
        });
        rest = behind;
    }
    pieces.extend(rest.chars().map(piece));
    pieces
}

fn piece(c: char) -> Piece {
    match c {
        '*' => Piece::Run(Letters::Any),
        '?' => Piece::One(Letters::Any),
        c => Piece::Char(c),
    }
}

/// The form of an ARN: each `${…}` stands for one letter or more.
fn form_of(form: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = form;
    while let Some((before, after)) = rest.split_once("${") {
        pieces.extend(before.chars().map(Piece::Char));
        let (name, behind) = after.split_once('}').unwrap_or((after, ""));
        let slashes = name.ends_with("WithPath") || WITH_SLASHES.contains(&name);
        let letters = if slashes { Letters::Any } else { Letters::NoSlash };
        pieces.extend([Piece::One(letters), Piece::Run(letters)]);
        rest = behind;
    }
    pieces.extend(rest.chars().map(Piece::Char));
    pieces
}

/// Whether some text fits both. Walks the pairs of positions that can be reached, row by row.
fn meet(one: &[Piece], other: &[Piece]) -> bool {
    let width = other.len() + 1;
    let mut here = vec![false; width];
    mark(&mut here, 0);
    for at in 0..=one.len() {
        let mut below = vec![false; width];
        for to in 0..width {
            if here.get(to) == Some(&true) {
                step(one.get(at), other.get(to), to, (&mut here, &mut below));
            }
        }
        if at == one.len() {
            return here.last() == Some(&true);
        }
        here = below;
    }
    false
}

/// Marks where one step leads from column `to`: in this row, and in the one below.
fn step(
    one: Option<&Piece>,
    other: Option<&Piece>,
    to: usize,
    (here, below): (&mut [bool], &mut [bool]),
) {
    if let Some(Piece::Run(_)) = one {
        mark(below, to);
    }
    if let Some(Piece::Run(_)) = other {
        mark(here, to + 1);
    }
    let (Some(one), Some(other)) = (one, other) else { return };
    if !share(*one, *other) {
        return;
    }
    match (one, other) {
        (Piece::Run(_), Piece::Run(_)) => {}
        (Piece::Run(_), Piece::Char(_) | Piece::One(_)) => mark(here, to + 1),
        (Piece::Char(_) | Piece::One(_), Piece::Run(_)) => mark(below, to),
        (Piece::Char(_) | Piece::One(_), Piece::Char(_) | Piece::One(_)) => mark(below, to + 1),
    }
}

fn mark(row: &mut [bool], at: usize) {
    if let Some(cell) = row.get_mut(at) {
        *cell = true;
    }
}

/// Whether one letter fits both.
fn share(one: Piece, other: Piece) -> bool {
    match (one, other) {
        (Piece::Char(a), Piece::Char(b)) => a == b,
        (Piece::Char(c), Piece::One(l) | Piece::Run(l))
        | (Piece::One(l) | Piece::Run(l), Piece::Char(c)) => l == Letters::Any || c != '/',
        (Piece::One(_) | Piece::Run(_), Piece::One(_) | Piece::Run(_)) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::{can_name, covers, covers_arn, overlap};
    use crate::tables::resource;

    #[track_caller]
    fn names(pattern: &str, bucket: bool, object: bool) {
        let of = |name| resource("s3", name).expect("a type");
        let got = ["bucket", "object"].map(|name| can_name(pattern, of(name), true));
        assert_eq!(got, [bucket, object], "{pattern}");
    }

    #[test]
    fn a_pattern_names_buckets_or_objects_or_both() {
        names("*", true, true);
        names("arn:aws:s3:::bkt", true, false);
        names("arn:aws:s3:::bkt/*", false, true);
        names("arn:aws:s3:::bkt/", false, false);
        names("arn:aws:s3:::bkt/k", false, true);
        names("arn:aws:s3:::bkt*", true, true);
        names("arn:aws:s3:::*", true, true);
        names("arn:aws:s3:::*/", false, true);
        names("arn:aws:s3:::?", true, false);
        names("arn:aws:s3:::b?k", true, true);
        names("arn:aws:s3:::${aws:username}", true, true);
        names("arn:aws:s3:::bkt/${*}", false, true);
        names("arn:aws:iam::111122223333:role/x", false, false);
        names("arn:aws:s3:eu-west-1:111122223333:accesspoint/a", false, false);
    }

    #[test]
    fn texts_may_fit_two_patterns() {
        assert!(overlap("a*c", "ab*", false));
        assert!(!overlap("a*c", "b*", false));
        assert!(overlap("?", "*", false) && overlap("", "*", false) && !overlap("", "?", false));
        assert!(overlap("${x}", "y", true) && !overlap("${x}", "y", false));
    }

    #[test]
    fn a_cover_is_shown_by_the_texts() {
        assert!(covers("s3:*", "s3:Get*") && covers("s3:get*", "s3:getobject"));
        assert!(!covers("s3:Get*", "s3:*") && !covers("s3:Ge?", "s3:Ge*"));
        assert!(covers_arn("arn:aws:s3:::b/*", "arn:aws:s3:::b/${x}", true));
        assert!(!covers_arn("arn:aws:*:::b", "arn:aws:s3::x:b", true));
        assert!(!covers_arn("arn:aws:s3:::b/${*}", "arn:aws:s3:::b/x", true));
    }
}
