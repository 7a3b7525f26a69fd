//! What an ICAP server says, read strictly and within bounds: heads, and bodies in chunks.
//!
//! Invariant: no more is held than a head's largest size and one read. Source: RFC 3507, 4.3 and 4.4; RFC
//! 7230, 4.1, for chunks.

use std::io;

use tokio::io::AsyncReadExt;
use tokio::net::tcp::OwnedReadHalf;

use super::super::scanner::{BLOCK_BYTES_MAX, ScannerError, printable};

/// The largest head, in bytes: of an answer, of what it encapsulates, and of what follows a body.
pub(super) const HEAD_BYTES_MAX: usize = 16 * 1024;

/// The longest line that says how large a chunk is, in bytes, with its extensions.
const SIZE_LINE_BYTES_MAX: usize = 1024;

/// How much is read at once, in bytes.
const READ_BYTES: u64 = 8 * 1024;

/// The side of a connection on which the server speaks.
pub(super) struct Reading {
    half: OwnedReadHalf,
    /// What came and was not looked at yet.
    bytes: Vec<u8>,
}

/// The first line and the fields of an answer.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) first: String,
    fields: Vec<(String, String)>,
}

impl Reading {
    pub(super) fn of(half: OwnedReadHalf) -> Self {
        Self { half, bytes: Vec::new() }
    }

    /// Whether all that came was looked at.
    pub(super) fn is_spent(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Waits for more. It may be given up while it waits, and nothing is lost.
    pub(super) async fn more(&mut self) -> Result<(), ScannerError> {
        self.bytes.reserve(usize::try_from(READ_BYTES).unwrap_or_default());
        let mut limited = (&mut self.half).take(READ_BYTES);
        match limited.read_buf(&mut self.bytes).await.map_err(ScannerError::BrokeOff)? {
            0 => Err(ScannerError::BrokeOff(io::ErrorKind::UnexpectedEof.into())),
            _ => Ok(()),
        }
    }

    /// The next so many bytes.
    pub(super) async fn exactly(&mut self, count: usize) -> Result<Vec<u8>, ScannerError> {
        while self.bytes.len() < count {
            self.more().await?;
        }
        Ok(self.bytes.drain(..count).collect())
    }

    /// What comes up to this mark, and the mark.
    async fn until(&mut self, mark: &[u8], most: usize) -> Result<Vec<u8>, ScannerError> {
        loop {
            let found = self.bytes.windows(mark.len()).position(|bytes| bytes == mark);
            match found.map(|at| at + mark.len()) {
                Some(end) if end <= most => return Ok(self.bytes.drain(..end).collect()),
                None if self.bytes.len() < most => self.more().await?,
                Some(_) | None => return Err(ScannerError::nonsense("a head without an end")),
            }
        }
    }

    /// The head of an answer.
    pub(super) async fn head(&mut self) -> Result<Head, ScannerError> {
        Head::parse(&self.until(b"\r\n\r\n", HEAD_BYTES_MAX).await?)
    }

    /// How large the next chunk is, in bytes; `0` at the end.
    pub(super) async fn chunk(&mut self) -> Result<u64, ScannerError> {
        let line = self.until(b"\r\n", SIZE_LINE_BYTES_MAX).await?;
        let line = String::from_utf8_lossy(&line).into_owned();
        let told = line.strip_suffix("\r\n").unwrap_or_default();
        let size = told.split(';').next().unwrap_or_default().trim_end_matches([' ', '\t']);
        let is_hex = !size.is_empty()
            && size.bytes().all(|byte| byte.is_ascii_hexdigit())
            && !told.contains(['\r', '\n', '\0']);
        let size = is_hex.then(|| u64::from_str_radix(size, 16).ok()).flatten();
        size.ok_or_else(|| ScannerError::nonsense(&line))
    }

    /// Hands a chunk of so many bytes on as it comes, and reads the line's end behind it.
    pub(super) async fn drain(
        &mut self,
        size: u64,
        mut each: impl FnMut(&[u8]),
    ) -> Result<(), ScannerError> {
        let mut left = size;
        while left > 0 {
            if self.bytes.is_empty() {
                self.more().await?;
            }
            let most = usize::try_from(left).unwrap_or(BLOCK_BYTES_MAX).min(self.bytes.len());
            let part: Vec<u8> = self.bytes.drain(..most).collect();
            left -= u64::try_from(part.len()).unwrap_or(left);
            each(&part);
        }
        self.line_end().await
    }

    async fn line_end(&mut self) -> Result<(), ScannerError> {
        match self.exactly(2).await?.as_slice() {
            b"\r\n" => Ok(()),
            _ => Err(ScannerError::nonsense("a chunk that is longer than it says")),
        }
    }

    /// The fields behind the last chunk.
    pub(super) async fn trailer(&mut self) -> Result<Head, ScannerError> {
        let mut all = b"\r\n".to_vec();
        loop {
            let left = HEAD_BYTES_MAX.saturating_sub(all.len());
            let line = self.until(b"\r\n", left).await?;
            all.extend_from_slice(&line);
            if line == b"\r\n" {
                return Head::parse(&all);
            }
        }
    }
}

impl Head {
    /// Reads a head with its empty line. Lines that go on are kept apart by a line's end.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, ScannerError> {
        let text = String::from_utf8_lossy(bytes);
        let wrong = || ScannerError::nonsense(&text);
        let mut lines = text.strip_suffix("\r\n\r\n").unwrap_or_default().split("\r\n");
        let mut head = Self { first: lines.next().unwrap_or_default().to_owned(), fields: vec![] };
        if head.first.contains(['\r', '\n', '\0']) {
            return Err(wrong());
        }
        for line in lines {
            if line.contains(['\r', '\n', '\0']) {
                return Err(wrong());
            }
            if line.starts_with([' ', '\t']) {
                let (_, value) = head.fields.last_mut().ok_or_else(wrong)?;
                value.push('\n');
                value.push_str(line.trim());
                continue;
            }
            let (name, value) = line.split_once(':').ok_or_else(wrong)?;
            if name.is_empty() || !name.bytes().all(is_of_a_name) {
                return Err(wrong());
            }
            head.fields.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        Ok(head)
    }

    /// The first line, as far as it is worth telling.
    pub(super) fn told(&self) -> String {
        self.first.chars().take(200).map(printable).collect()
    }

    /// The number of an answer of this protocol.
    pub(super) fn status(&self, protocols: &[&str]) -> Result<u16, ScannerError> {
        let wrong = || ScannerError::nonsense(&self.first);
        let (protocol, rest) = self.first.split_once(' ').ok_or_else(wrong)?;
        let code = rest.split(' ').next().unwrap_or_default();
        let is_code = code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_digit());
        if !is_code || !protocols.contains(&protocol) {
            return Err(wrong());
        }
        code.parse().map_err(|_not_a_number| wrong())
    }

    /// All that a field says, each time that it is there. The name is in small letters.
    pub(super) fn each<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// What a field says that may be there once.
    pub(super) fn one<'a>(&'a self, name: &'a str) -> Result<Option<&'a str>, ScannerError> {
        let mut all = self.each(name);
        match (all.next(), all.next()) {
            (found, None) => Ok(found),
            (_, Some(_)) => Err(ScannerError::nonsense(&format!("{name} twice"))),
        }
    }

    /// Whether a list that a field says has this word.
    pub(super) fn lists(&self, name: &str, word: &str) -> bool {
        let mut words = self.each(name).flat_map(|value| value.split([',', '\n']));
        words.any(|known| known.trim().eq_ignore_ascii_case(word))
    }
}

/// Whether a field's name may have this byte. Source: RFC 7230, 3.2.6, `tchar`.
fn is_of_a_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
