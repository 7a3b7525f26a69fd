//! Where a page of results ended, in one word: the place of the last result that was shown, and nothing of
//! any other.

use wh_index::Mark;

use crate::FilesError;

/// The longest cursor that is read: a key and a bucket in hexadecimal, and two numbers.
const CHARS_MAX: usize = 2 * (1_024 + 63) + 64;

/// A mark as a word.
pub(super) fn written(mark: &Mark) -> String {
    let text = format!("{}|{}|{}|{}", mark.rank, mark.modified, mark.bucket, mark.key);
    let digit = |four: u8| char::from_digit(u32::from(four), 16).unwrap_or_default();
    text.bytes().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// The mark that was written so. Whoever makes one up begins elsewhere in what they may see anyway.
pub(super) fn read(word: &str) -> Result<Mark, FilesError> {
    let text = bytes(word).and_then(|bytes| String::from_utf8(bytes).ok());
    let mark = text.as_deref().and_then(parse);
    mark.ok_or(FilesError::SearchCursor)
}

fn bytes(word: &str) -> Option<Vec<u8>> {
    let even = word.len() <= CHARS_MAX && word.len().is_multiple_of(2) && word.is_ascii();
    if !even {
        return None;
    }
    let pairs = (0..word.len()).step_by(2).map(|at| word.get(at..at + 2));
    pairs.map(|pair| u8::from_str_radix(pair?, 16).ok()).collect()
}

fn parse(text: &str) -> Option<Mark> {
    let mut parts = text.splitn(4, '|');
    let (rank, modified) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let (bucket, key) = (parts.next()?.to_owned(), parts.next()?.to_owned());
    Some(Mark { rank, modified, bucket, key })
}

#[cfg(test)]
mod tests {
    use wh_index::Mark;

    use super::{read, written};
    use crate::FilesError;

    #[test]
    fn a_cursor_is_read_as_it_was_written_and_nothing_else_is() {
        for key in ["a/b|c.txt", "é", ""] {
            let mark =
                Mark { rank: 3, modified: -7, bucket: "files".to_owned(), key: key.to_owned() };
            assert_eq!(read(&written(&mark)).expect("a cursor"), mark);
        }
        for word in ["", "zz", "abc", "+1+1", "é", &"00".repeat(3_000), "616161"] {
            assert!(matches!(read(word), Err(FilesError::SearchCursor)), "{word}");
        }
    }
}
