//! What an answer to a file means. What is not known for certain to be clean is not clean.

use sha2::{Digest, Sha256};

use super::super::scanner::{Answer, ScannerError, printable};
use super::Method;
use super::reading::{HEAD_BYTES_MAX, Head, Reading};

/// The longest name that is kept of what was found, in characters.
const NAME_CHARS_MAX: usize = 200;

/// Why an answer by the beginning alone does not count.
const NOT_WHOLE: &str = "the ICAP server answered before it had all of it, and so did not scan it";

/// Why a file that came back changed does not count.
const CHANGED: &str =
    "the ICAP server gave back something else, and did not say that it is infected";

/// What an answer is the answer to.
#[derive(Debug)]
pub(super) struct Question {
    pub(super) method: Method,
    /// Whether it may say by 204 that it changes nothing.
    pub(super) allow_204: bool,
    /// Whether all of the file had been sent when the answer came.
    pub(super) whole: bool,
    /// The bytes that were sent.
    pub(super) sent: Sum,
}

/// How many bytes there were, and their digest.
#[derive(Debug, Clone, Default)]
pub(super) struct Sum {
    pub(super) bytes: u64,
    digest: Sha256,
}

impl Sum {
    pub(super) fn add(&mut self, bytes: &[u8]) {
        self.bytes = self.bytes.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        self.digest.update(bytes);
    }

    fn is(self, other: Self) -> bool {
        self.bytes == other.bytes && self.digest.finalize() == other.digest.finalize()
    }
}

/// Reads the answer whose head came.
pub(super) async fn read(
    reading: &mut Reading,
    head: &Head,
    question: Question,
) -> Result<Answer, ScannerError> {
    let status = head.status(&["ICAP/1.0"])?;
    if let Some(answer) = found(head) {
        return Ok(answer);
    }
    let nonsense = || ScannerError::nonsense(&head.first);
    match status {
        200 => encapsulated(reading, head, question).await,
        204 if !question.allow_204 => Err(nonsense()),
        204 => {
            let is_alone = matches!(head.one("encapsulated")?, None | Some("null-body=0"));
            if !is_alone || !reading.is_spent() {
                return Err(nonsense());
            }
            Ok(if question.whole { Answer::Clean } else { not_whole() })
        }
        // It would have failed on this file alone, or on any.
        500 => Err(ScannerError::Failed(head.told())),
        // It has no room, no service or no patience now: no fault of the file.
        404 | 405 | 408 | 501..=599 => Err(ScannerError::Unready(head.told())),
        _ => Err(nonsense()),
    }
}

fn not_whole() -> Answer {
    Answer::Unscanned(NOT_WHOLE.to_owned())
}

/// What is said to be in a file. Source: draft-stecher-icap-subid, 3; `X-Virus-ID` is of the same family.
fn found(head: &Head) -> Option<Answer> {
    let infections: Vec<&str> = head.each("x-infection-found").collect();
    if let Some(told) = infections.iter().find(|told| !is_of_policy(told)) {
        let virus = virus_id(head).unwrap_or_else(|| named(part(told, "Threat")));
        return Some(Answer::Found(virus));
    }
    // The other fields tell the same again, and no more of it than this one.
    if let Some(told) = infections.first() {
        let why = named(part(told, "Threat"));
        let why = format!("the ICAP server may not, or cannot, look into it: {why}");
        return Some(Answer::Unscanned(why));
    }
    if let Some(name) = virus_id(head) {
        return Some(Answer::Found(name));
    }
    let told = head.each("x-violations-found").find(|told| *told != "0")?;
    Some(Answer::Found(named(told.lines().nth(2).unwrap_or_default())))
}

/// The name of a virus. There are servers that send the field with each file (Kaspersky's).
fn virus_id(head: &Head) -> Option<String> {
    let mut told = head.each("x-virus-id").map(|told| told.lines().next().unwrap_or_default());
    told.find(|told| !told.trim().eq_ignore_ascii_case("no threats")).map(named)
}

/// Whether nothing was found, and a rule of the server is against the file: 1 is of mail, 2 of containers, such as an
/// archive with a password.
fn is_of_policy(told: &str) -> bool {
    matches!(part(told, "Type"), "1" | "2")
}

/// What `X-Infection-Found` says under this name, or nothing.
fn part<'a>(told: &'a str, name: &str) -> &'a str {
    let mut parts = told.split(';').filter_map(|part| part.trim().split_once('='));
    let found = parts.find(|(known, _)| known.trim().eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.trim()).unwrap_or_default()
}

fn named(name: &str) -> String {
    let name: String = name.trim().chars().take(NAME_CHARS_MAX).map(printable).collect();
    if name.is_empty() { "something without a name".to_owned() } else { name }
}

/// The part that an answer encapsulates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Request,
    Response,
}

/// Where an answer's parts are.
#[derive(Debug, PartialEq, Eq)]
struct Parts {
    part: Part,
    /// How long its head is, in bytes.
    head: usize,
    has_body: bool,
}

impl Parts {
    /// Reads `res-hdr=0, res-body=213`. A head and what follows it, and nothing else, are understood.
    fn parse(told: &str) -> Option<Self> {
        let (head, body) = told.split_once(',')?;
        let (head, body) = (head.trim().split_once('=')?, body.trim().split_once('=')?);
        let (part, has_body) = match (head, body.0) {
            (("res-hdr", "0"), "res-body") => (Part::Response, true),
            (("res-hdr", "0"), "null-body") => (Part::Response, false),
            (("req-hdr", "0"), "req-body") => (Part::Request, true),
            (("req-hdr", "0"), "null-body") => (Part::Request, false),
            _ => return None,
        };
        let is_number = body.1.bytes().all(|byte| byte.is_ascii_digit());
        let head = body.1.parse().ok().filter(|_| is_number)?;
        (4..=HEAD_BYTES_MAX).contains(&head).then_some(Self { part, head, has_body })
    }
}

/// A page in the file's stead, or the file itself from a server that does not say 204.
async fn encapsulated(
    reading: &mut Reading,
    head: &Head,
    question: Question,
) -> Result<Answer, ScannerError> {
    let told = head.one("encapsulated")?.unwrap_or_default();
    let parts = Parts::parse(told);
    let parts = parts.ok_or_else(|| ScannerError::nonsense(&format!("Encapsulated: {told}")))?;
    let inner = Head::parse(&reading.exactly(parts.head).await?)?;
    // Some tell it in the page's head alone. None of its fields comes from the file.
    if let Some(answer) = found(&inner) {
        return Ok(answer);
    }
    let kept = match (parts.part, question.method) {
        (Part::Response, method) => match (inner.status(&["HTTP/1.0", "HTTP/1.1"])?, method) {
            (403, _) => return Ok(Answer::Found("blocked by the ICAP server".to_owned())),
            (200, Method::Respmod) => true,
            (_, Method::Respmod | Method::Reqmod) => false,
        },
        (Part::Request, Method::Reqmod) => inner.first.starts_with("POST "),
        (Part::Request, Method::Respmod) => return Err(ScannerError::nonsense(&inner.first)),
    };
    if !question.whole {
        return Ok(not_whole());
    }
    if !kept {
        return Ok(Answer::Unscanned(CHANGED.to_owned()));
    }
    let mut back = Sum::default();
    let trailer =
        if parts.has_body { body(reading, &mut back, &question.sent).await? } else { None };
    match trailer.as_ref().and_then(found) {
        Some(answer) => Ok(answer),
        None if !back.is(question.sent) => Ok(Answer::Unscanned(CHANGED.to_owned())),
        None if !reading.is_spent() => Err(ScannerError::nonsense("more than one answer")),
        None => Ok(Answer::Clean),
    }
}

/// Reads what came back, and what follows it. No more is read than was sent.
async fn body(
    reading: &mut Reading,
    back: &mut Sum,
    sent: &Sum,
) -> Result<Option<Head>, ScannerError> {
    loop {
        let size = reading.chunk().await?;
        if size == 0 {
            return reading.trailer().await.map(Some);
        }
        if size > sent.bytes.saturating_sub(back.bytes) {
            // It is longer, and so another.
            *back = Sum { bytes: u64::MAX, ..Sum::default() };
            return Ok(None);
        }
        reading.drain(size, |bytes| back.add(bytes)).await?;
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::scanner::Answer;
    use super::super::reading::Head;
    use super::{Part, Parts, found};

    #[test]
    fn what_was_found_has_its_name_in_any_of_three_fields() {
        for (fields, name) in [
            ("X-Infection-Found: Type=0; Resolution=2; Threat=Eicar-Test;", Some("Eicar-Test")),
            ("x-virus-id: Eicar", Some("Eicar")),
            ("X-Virus-ID: no threats", None),
            ("X-Virus-ID: No Threats\r\nX-Virus-ID: Eicar", Some("Eicar")),
            ("X-Virus-ID:", Some("something without a name")),
            ("X-Infection-Found: yes", Some("something without a name")),
            ("X-Violations-Found: 1\r\n\tfile\r\n\tEicar\r\n\t7\r\n\t2", Some("Eicar")),
            ("X-Violations-Found: 0", None),
            ("X-Violations-Found: 0\r\nX-Violations-Found: 1", Some("something without a name")),
            ("ISTag: \"X-Virus-ID: Eicar\"", None),
        ] {
            let head = format!("ICAP/1.0 200 OK\r\n{fields}\r\n\r\n");
            let head = Head::parse(head.as_bytes()).expect("a head");
            let name = name.map(|name| Answer::Found(name.to_owned()));
            assert_eq!(found(&head), name, "{fields}");
        }
    }

    #[test]
    fn a_rule_of_the_server_is_no_virus_whatever_else_it_says_of_it() {
        for fields in [
            "X-Infection-Found: Type=2; Resolution=0; Threat=Encrypted;",
            "X-Infection-Found: type = 1;Resolution=2; Threat=Encrypted",
            "X-Virus-ID: Encrypted\r\nX-Infection-Found: Type=2; Resolution=0; Threat=Encrypted;",
        ] {
            let head = format!("ICAP/1.0 200 OK\r\n{fields}\r\n\r\n");
            let told = found(&Head::parse(head.as_bytes()).expect("a head"));
            assert!(
                matches!(&told, Some(Answer::Unscanned(why)) if why.ends_with(": Encrypted")),
                "{fields}: {told:?}"
            );
        }
        let both = "ICAP/1.0 200 OK\r\nX-Infection-Found: Type=2; Threat=Encrypted;\r\n\
                    X-Infection-Found: Type=0; Threat=Eicar;\r\n\r\n";
        let told = found(&Head::parse(both.as_bytes()).expect("a head"));
        assert_eq!(told, Some(Answer::Found("Eicar".to_owned())));
    }

    #[test]
    fn only_a_head_and_what_follows_it_is_understood() {
        let parts = Parts::parse("res-hdr=0, res-body=213").expect("parts");
        assert_eq!(parts, Parts { part: Part::Response, head: 213, has_body: true });
        assert!(Parts::parse("req-hdr=0,null-body=170").is_some_and(|parts| !parts.has_body));
        for told in [
            "",
            "null-body=0",
            "res-body=0",
            "res-hdr=0",
            "res-hdr=1, res-body=213",
            "res-hdr=0, res-body=-1",
            "res-hdr=0, res-body=+213",
            "res-hdr=0, res-body=3",
            "res-hdr=0, res-body=99999999999999999999999",
            "res-hdr=0, res-body=16385",
            "res-hdr=0, req-body=213",
            "req-hdr=0, res-hdr=100, res-body=213",
            "res-hdr=0, res-body=213, res-body=214",
        ] {
            assert_eq!(Parts::parse(told), None, "{told}");
        }
    }
}
