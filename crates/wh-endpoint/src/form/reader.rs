//! `multipart/form-data`: the fields that come before the file, and the file as a stream.
//!
//! Source: RFC 7578; S3 API Reference, "POST Object".

use bytes::{Bytes, BytesMut};
use futures::{StreamExt, stream};
use http::HeaderMap;
use http::header::CONTENT_TYPE;

use crate::fault::Fault;
use crate::signature::{PayloadError, RawBody};

/// The largest amount of fields and their headers before the file, in bytes. Source: S3 API
/// Reference, "POST Object": 20 KB.
const BEFORE_FILE_BYTES_MAX: usize = 20 * 1024;
/// The longest boundary, in bytes. Source: RFC 2046 section 5.1.1.
const BOUNDARY_BYTES_MAX: usize = 70;
/// What is put before a form, whose first boundary need not have a line before it.
const LINE_END: &[u8] = b"\r\n";

/// The fields of a form, in the order in which they came, by their names in lower case.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Fields {
    pub(super) pairs: Vec<(String, String)>,
    /// The name of the file, without folders.
    pub(super) filename: String,
    /// How many bytes of the form are not the file's, at least: what comes before it, and the boundary after it.
    pub(super) around: u64,
}

impl Fields {
    /// The value of a field.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Puts the file's name in place of `${filename}`, in every field.
    fn expand(&mut self) {
        for (name, value) in &mut self.pairs {
            if name != "policy" {
                *value = value.replace("${filename}", &self.filename);
            }
        }
    }
}

/// The boundary of a form's parts, if the body is a form.
pub(super) fn boundary(headers: &HeaderMap) -> Option<String> {
    let kind = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let (kind, parameters) = kind.split_once(';').unwrap_or((kind, ""));
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    parameter(parameters, "boundary")
}

/// A parameter of a header's value, quoted or not.
fn parameter(parameters: &str, wanted: &str) -> Option<String> {
    let mut rest = parameters;
    loop {
        rest = rest.trim_start_matches([';', ' ', '\t']);
        let (name, after) = rest.split_once('=')?;
        let (value, next) = if let Some(quoted) = after.strip_prefix('"') {
            unquoted(quoted)?
        } else {
            let (value, next) = after.split_once(';').unwrap_or((after, ""));
            (value.trim().to_owned(), next)
        };
        if name.trim().eq_ignore_ascii_case(wanted) {
            return Some(value);
        }
        rest = next;
    }
}

/// A quoted string after its opening quote, and what follows it.
fn unquoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return Some((value, text.get(at + 1..)?)),
            // Browsers escape nothing but the quote, and leave the backslashes of Windows alone.
            '\\' if text.get(at + 1..).is_some_and(|rest| rest.starts_with('"')) => {
                value.push('"');
                letters.next();
            }
            _ => value.push(letter),
        }
    }
    None
}

fn malformed() -> Fault {
    let why = "The body of your POST request is not well-formed multipart/form-data.";
    Fault::bad_request("MalformedPOSTRequest", why)
}

/// What is being read of a form.
struct Reader {
    body: RawBody,
    buffer: BytesMut,
    /// What stands before and between parts: a line's end, two dashes and the boundary.
    mark: Vec<u8>,
    /// How many bytes may still come before the file.
    left: usize,
}

/// Where `needle` begins in `hay`, at `from` or later.
fn find(hay: &[u8], needle: &[u8], mut from: usize) -> Option<usize> {
    let first = needle.first()?;
    loop {
        let at = from + hay.get(from..)?.iter().position(|byte| byte == first)?;
        if hay.get(at..)?.starts_with(needle) {
            return Some(at);
        }
        from = at + 1;
    }
}

impl Reader {
    /// Reads on; `false` at the end of the body.
    async fn more(&mut self) -> Result<bool, PayloadError> {
        let Some(piece) = self.body.next().await.transpose()? else { return Ok(false) };
        self.buffer.extend_from_slice(&piece);
        Ok(true)
    }

    /// Takes what comes before `needle`, and the needle off.
    async fn until(&mut self, needle: &[u8]) -> Result<Bytes, Fault> {
        // What was looked at is not looked at again: it may come byte by byte.
        let mut looked_at = 0;
        loop {
            if let Some(at) = find(&self.buffer, needle, looked_at) {
                let found = self.buffer.split_to(at).freeze();
                drop(self.buffer.split_to(needle.len()));
                self.left = self.left.checked_sub(at + needle.len()).ok_or_else(too_long)?;
                return Ok(found);
            }
            if self.buffer.len() > self.left {
                return Err(too_long());
            }
            looked_at = self.buffer.len().saturating_sub(needle.len().saturating_sub(1));
            if !self.more().await.map_err(PayloadError::s3)? {
                return Err(malformed());
            }
        }
    }

    /// The headers of the next part: its field's name, and its file's name if it is one.
    async fn head(&mut self) -> Result<(String, Option<String>), Fault> {
        if !self.until(b"\r\n").await?.iter().all(|byte| b" \t".contains(byte)) {
            // Also the end of the form, which has come without a file.
            let why = "POST requires exactly one file upload per request.";
            return Err(Fault::bad_request("InvalidArgument", why));
        }
        let mut disposition = None;
        loop {
            let line = self.until(b"\r\n").await?;
            let line = std::str::from_utf8(&line).map_err(|_| malformed())?;
            if line.is_empty() {
                return disposition.ok_or_else(malformed);
            }
            let (name, value) = line.split_once(':').ok_or_else(malformed)?;
            if !name.eq_ignore_ascii_case("content-disposition") {
                continue;
            }
            let (kind, parameters) = value.split_once(';').ok_or_else(malformed)?;
            let field = parameter(parameters, "name").ok_or_else(malformed)?;
            if !kind.trim().eq_ignore_ascii_case("form-data") || disposition.is_some() {
                return Err(malformed());
            }
            disposition = Some((field.to_lowercase(), parameter(parameters, "filename")));
        }
    }

    /// The next piece of the file; the end of the body before the boundary is an error.
    async fn piece(&mut self) -> Result<Option<Bytes>, PayloadError> {
        loop {
            if let Some(at) = find(&self.buffer, &self.mark, 0) {
                return Ok(Some(self.buffer.split_to(at).freeze()).filter(|last| !last.is_empty()));
            }
            // The end of what is here may be the beginning of the boundary.
            let sure = self.buffer.len().saturating_sub(self.mark.len().saturating_sub(1));
            if sure > 0 {
                return Ok(Some(self.buffer.split_to(sure).freeze()));
            }
            if !self.more().await? {
                return Err(PayloadError::Length);
            }
        }
    }
}

fn too_long() -> Fault {
    let why = "Your POST request fields preceding the upload file were too large.";
    Fault::bad_request("MaxPostPreDataLengthExceededError", why)
}

/// Reads the fields, up to the file; what comes after the file is not looked at.
pub(super) async fn read(body: RawBody, boundary: &str) -> Result<(Fields, RawBody), Fault> {
    if boundary.is_empty() || boundary.len() > BOUNDARY_BYTES_MAX {
        return Err(malformed());
    }
    let mark = format!("\r\n--{boundary}").into_bytes();
    let buffer = BytesMut::from(LINE_END);
    let mut reader = Reader { body, buffer, mark, left: BEFORE_FILE_BYTES_MAX };
    let mut fields = Fields::default();
    let mark = reader.mark.clone();
    drop(reader.until(&mark).await?);
    loop {
        let (name, filename) = reader.head().await?;
        if name == "file" {
            let name = filename.unwrap_or_default();
            name.rsplit(['/', '\\']).next().unwrap_or_default().clone_into(&mut fields.filename);
            fields.expand();
            break;
        }
        let value = reader.until(&mark).await?;
        let value = String::from_utf8(value.to_vec()).map_err(|_| malformed())?;
        if fields.get(&name).is_some() {
            let why = format!("The form field {name} was given more than once.");
            return Err(Fault::bad_request("InvalidArgument", why));
        }
        fields.pairs.push((name, value));
    }
    let before = BEFORE_FILE_BYTES_MAX.saturating_sub(reader.left).saturating_sub(LINE_END.len());
    fields.around = u64::try_from(before.saturating_add(mark.len())).unwrap_or(u64::MAX);
    // An empty file has its boundary at once, without a line's end of its own.
    let file = stream::try_unfold(reader, |mut reader| async move {
        Ok(reader.piece().await?.map(|piece| (piece, reader)))
    });
    Ok((fields, Box::pin(file)))
}

#[cfg(test)]
mod tests {
    use futures::TryStreamExt;

    use super::{Fields, parameter, read};
    use crate::signature::{PayloadError, RawBody};

    fn body(text: &str, size: usize) -> RawBody {
        let pieces: Vec<_> = text.as_bytes().chunks(size).map(|c| Ok(c.to_vec().into())).collect();
        Box::pin(futures::stream::iter(pieces))
    }

    async fn whole(text: &str, size: usize) -> Result<(Fields, Vec<u8>), String> {
        let read = read(body(text, size), "B").await;
        let (fields, file) = read.map_err(|fault| fault.code.to_owned())?;
        let file: Result<Vec<_>, PayloadError> = file.try_collect().await;
        Ok((fields, file.map_err(|error| format!("{error:?}"))?.concat()))
    }

    fn form(fields: &[(&str, &str)], filename: &str, file: &str) -> String {
        let mut text = String::new();
        for (name, value) in fields {
            let head = "--B\r\nContent-Disposition: form-data; name=\"";
            text.extend([head, name, "\"\r\n\r\n", value, "\r\n"]);
        }
        text + &format!(
            "--B\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{filename}\"\r\n\
             Content-Type: text/plain\r\n\r\n{file}\r\n--B--\r\n"
        )
    }

    #[tokio::test]
    async fn fields_and_file_are_read_whatever_pieces_they_come_in() {
        let file = "line\r\n--\r\n--C\r\n-\r\r\n--\u{e4}";
        let text = form(&[("Key", "up/${filename}"), ("x", "")], "C:\\dir\\a b.txt", file);
        for size in 1..60 {
            let (fields, found) = whole(&text, size).await.expect("a form");
            assert_eq!(fields.get("key"), Some("up/a b.txt"), "{size}");
            assert_eq!(fields.get("x"), Some(""));
            assert_eq!(found, file.as_bytes(), "{size}");
            // Two dashes and the end of the line come after the last boundary.
            let around = text.len() - file.len() - "--\r\n".len();
            assert_eq!(usize::try_from(fields.around), Ok(around), "{size}");
        }
        let (_, empty) = whole(&form(&[], "", ""), 7).await.expect("a form");
        assert!(empty.is_empty());
    }

    #[tokio::test]
    async fn what_is_no_form_is_refused() {
        let code = async |text: &str| whole(text, 9).await.expect_err("refused");
        let text = form(&[("key", "k")], "f", "data");
        assert_eq!(code("").await, "MalformedPOSTRequest");
        assert_eq!(code("--B--\r\n").await, "InvalidArgument");
        let cut = text.strip_suffix("\r\n--B--\r\n").expect("an end");
        assert_eq!(code(cut).await, "Length");
        let twice = form(&[("key", "k"), ("KEY", "l")], "f", "data");
        assert_eq!(code(&twice).await, "InvalidArgument");
        let long = form(&[("key", &"k".repeat(21_000))], "f", "data");
        assert_eq!(code(&long).await, "MaxPostPreDataLengthExceededError");
        let nameless = text.replace("name=\"key\"", "nam=\"key\"");
        assert_eq!(code(&nameless).await, "MalformedPOSTRequest");
    }

    #[test]
    fn parameters_are_quoted_or_not() {
        let of = |text: &str| parameter(text, "name");
        assert_eq!(of(" name=a; x=b").as_deref(), Some("a"));
        assert_eq!(of("; filename=\"name=c\"; NAME=\"a;\\\"b\"").as_deref(), Some("a;\"b"));
        assert_eq!(of("filename=\"name=c\""), None);
        assert_eq!(of("name=\"open"), None);
    }
}
