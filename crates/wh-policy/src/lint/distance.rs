//! What was probably meant: the nearest of some names.

/// The name that is nearest to a word, if it is near enough to be a slip of the pen: a letter in
/// five, and three at most.
pub fn nearest<'a>(word: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let lowered = word.to_lowercase();
    let most = (lowered.chars().count() / 5).clamp(1, 3);
    let near = names.filter(|name| name.len().abs_diff(lowered.len()) <= most);
    let near = near.map(|name| (distance(&lowered, &name.to_lowercase()), name));
    near.filter(|(far, _)| *far <= most).min_by_key(|(far, _)| *far).map(|(_, name)| name)
}

/// How many letters must be put in, taken out or replaced.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, a) in one.chars().enumerate() {
        let mut left = line + 1;
        let mut diagonal = line;
        let mut next = vec![left];
        for (b, above) in other.iter().zip(row.iter().skip(1)) {
            let replaced = diagonal + usize::from(a != *b);
            left = replaced.min(left + 1).min(above + 1);
            diagonal = *above;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{distance, nearest};

    #[test]
    fn distance_counts_letters() {
        let cases =
            [("", "", 0), ("", "abc", 3), ("kitten", "sitting", 3), ("ab", "ba", 2), ("a", "a", 0)];
        for (one, other, expected) in cases {
            assert_eq!(distance(one, other), expected, "{one} {other}");
            assert_eq!(distance(other, one), expected, "{other} {one}");
        }
    }

    #[test]
    fn only_a_near_name_was_meant() {
        let names = || ["s3:GetObject", "s3:PutObject", "s3:GetObjectAcl"].into_iter();
        assert_eq!(nearest("s3:GetObjet", names()), Some("s3:GetObject"));
        assert_eq!(nearest("S3:PUTOBJECTS", names()), Some("s3:PutObject"));
        assert_eq!(nearest("s3:Delete", names()), None);
    }
}
