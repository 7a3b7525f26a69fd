//! A wire to moto, or to our own endpoint, on which calls are counted, and which can be cut.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// How long the head of a request may be.
const HEAD_BYTES_MAX: usize = 64 * 1024;

/// Every so many calls the ordinary tests cut.
pub(crate) const STRIDE: usize = 17;

/// After each how many calls to cut: every one, where the chore says so.
#[expect(clippy::disallowed_methods, reason = "the chore says whether every call is cut off")]
pub(crate) fn stride() -> usize {
    if std::env::var_os("WELLHOUSE_TEST_CONVERGE").is_some() { 1 } else { STRIDE }
}

/// What one call is, such as `PUT /bucket?versioning`, `iam:CreateRole` or `kms:CreateKey`.
type Call = String;

#[derive(Debug)]
struct Shared {
    upstream: String,
    calls: Mutex<Vec<Call>>,
    writes: Mutex<Vec<Call>>,
    /// The heads of the requests, as they came.
    heads: Mutex<Vec<String>>,
    /// Headers that are put into moto's answers, by how a call begins.
    said: Mutex<Vec<(String, String)>>,
    /// Answers in moto's place, by how a call begins, each so many times.
    refused: Mutex<Vec<(String, String, usize)>>,
    refusals: AtomicUsize,
    /// After how many writes the wire is cut: the last one reaches moto, its answer does not reach us.
    cut_after: AtomicUsize,
    is_cut: AtomicBool,
}

/// The wire. Nothing passes once it is cut.
#[derive(Debug)]
pub(crate) struct Wire {
    pub(crate) url: String,
    shared: Arc<Shared>,
}

impl Wire {
    /// A wire to `upstream` that is cut after so many writes; `usize::MAX` never is.
    pub(crate) fn to(upstream: &str, cut_after: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("its address"));
        let shared = Arc::new(Shared {
            upstream: upstream.trim_start_matches("http://").to_owned(),
            calls: Mutex::default(),
            writes: Mutex::default(),
            heads: Mutex::default(),
            said: Mutex::default(),
            refused: Mutex::default(),
            refusals: AtomicUsize::new(0),
            cut_after: AtomicUsize::new(cut_after),
            is_cut: AtomicBool::new(cut_after == 0),
        });
        let serving = Arc::clone(&shared);
        // It ends with the test's process: nobody calls it any more.
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let shared = Arc::clone(&serving);
                std::thread::spawn(move || shared.carry(client));
            }
        });
        Self { url, shared }
    }

    /// The writes that reached moto.
    pub(crate) fn writes(&self) -> Vec<Call> {
        self.shared.writes.lock().expect("no panic").clone()
    }

    /// The calls that reached moto, reads included.
    pub(crate) fn calls(&self) -> Vec<Call> {
        self.shared.calls.lock().expect("no panic").clone()
    }

    /// The heads of the requests that reached moto.
    pub(crate) fn heads(&self) -> Vec<String> {
        self.shared.heads.lock().expect("no panic").clone()
    }

    /// Adds a header to the answers to calls that begin so.
    pub(crate) fn say(&self, call: &str, header: &str) {
        let said = (call.to_owned(), header.to_owned());
        self.shared.said.lock().expect("no panic").push(said);
    }

    /// How many calls were answered with an error by the wire.
    pub(crate) fn refusals(&self) -> usize {
        self.shared.refusals.load(Ordering::SeqCst)
    }

    /// Answers so many calls that begin so with an error, in the words of their service: they do not
    /// reach moto.
    pub(crate) fn refuse(&self, (call, times): (&str, usize), status: u16, code: &str) {
        let said = "said by the wire";
        let error = format!("<Error><Code>{code}</Code><Message>{said}</Message></Error>");
        let body = match call.split_once(':').map_or("s3", |(service, _)| service) {
            "iam" => format!("<ErrorResponse>{error}<RequestId>1</RequestId></ErrorResponse>"),
            "kms" | "cloudtrail" => format!(r#"{{"__type":"{code}","message":"{said}"}}"#),
            _ => error,
        };
        let answer = format!(
            "HTTP/1.1 {status} Said\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        let refused = (call.to_owned(), answer, times);
        self.shared.refused.lock().expect("no panic").push(refused);
    }

    pub(crate) fn is_cut(&self) -> bool {
        self.shared.is_cut.load(Ordering::SeqCst)
    }
}

impl Shared {
    /// One request, and its answer until moto closes the connection.
    fn carry(&self, mut client: TcpStream) {
        let Some((head, body)) = read_request(&mut client) else { return };
        if self.is_cut.load(Ordering::SeqCst) {
            return;
        }
        let call = name_of(&head, &body);
        self.calls.lock().expect("no panic").push(call.clone());
        self.heads.lock().expect("no panic").push(head.clone());
        if let Some(answer) = self.refusal(&call) {
            let answered = client.write_all(answer.as_bytes());
            return drop(answered.and_then(|()| client.shutdown(Shutdown::Both)));
        }
        let mut upstream = TcpStream::connect(&self.upstream).expect("moto answers");
        let (first, rest) = head.split_once("\r\n").expect("a request line");
        let closing = format!("{first}\r\nConnection: close\r\n{rest}");
        upstream.write_all(closing.as_bytes()).expect("moto listens");
        upstream.write_all(&body).expect("moto listens");
        let mut answer = Vec::new();
        upstream.read_to_end(&mut answer).expect("moto answers");
        let said = self.said.lock().expect("no panic").clone();
        for (_, header) in said.iter().filter(|(beginning, _)| call.starts_with(beginning)) {
            let at = answer.windows(2).position(|two| two == b"\r\n").expect("a head") + 2;
            answer.splice(at..at, format!("{header}\r\n").into_bytes());
        }
        if is_write(&call) {
            let mut writes = self.writes.lock().expect("no panic");
            if self.is_cut.load(Ordering::SeqCst) {
                return;
            }
            writes.push(call);
            if writes.len() >= self.cut_after.load(Ordering::SeqCst) {
                self.is_cut.store(true, Ordering::SeqCst);
                return;
            }
        }
        // A client that went away needs no answer.
        drop(client.write_all(&answer).and_then(|()| client.shutdown(Shutdown::Both)));
    }

    /// The answer in moto's place, where this call is to be refused once more.
    fn refusal(&self, call: &str) -> Option<String> {
        let mut refused = self.refused.lock().expect("no panic");
        let found = refused
            .iter_mut()
            .find(|(beginning, _, times)| *times > 0 && call.starts_with(beginning.as_str()));
        let (_, answer, times) = found?;
        *times = times.saturating_sub(1);
        self.refusals.fetch_add(1, Ordering::SeqCst);
        Some(answer.clone())
    }
}

fn read_request(client: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let mut read = Vec::new();
    let mut piece = [0; 4096];
    let end = loop {
        if let Some(at) = read.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
        let count = client.read(&mut piece).ok().filter(|count| *count > 0)?;
        read.extend_from_slice(piece.get(..count)?);
        assert!(read.len() < HEAD_BYTES_MAX, "the head of a request is too long");
    };
    let mut body = read.split_off(end);
    let head = String::from_utf8(read).expect("a head is text");
    let length = header(&head, "content-length").map_or(0, |n| n.parse().expect("a length"));
    while body.len() < length {
        let count = client.read(&mut piece).ok().filter(|count| *count > 0)?;
        body.extend_from_slice(piece.get(..count)?);
    }
    Some((head, body))
}

fn header<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    let lines = head.lines().filter_map(|line| line.split_once(':'));
    lines.into_iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, v)| v.trim())
}

fn name_of(head: &str, body: &[u8]) -> Call {
    if let Some(target) = header(head, "x-amz-target") {
        let service = if target.starts_with("TrentService") { "kms" } else { "cloudtrail" };
        return format!("{service}:{}", target.rsplit('.').next().unwrap_or_default());
    }
    let body = String::from_utf8_lossy(body);
    if let Some(action) = body.split('&').find_map(|pair| pair.strip_prefix("Action=")) {
        let is_sts = matches!(action, "AssumeRole" | "GetCallerIdentity");
        return format!("{}:{action}", if is_sts { "sts" } else { "iam" });
    }
    head.split(" HTTP/").next().unwrap_or_default().to_owned()
}

/// What is not a read by its name.
fn is_write(call: &str) -> bool {
    if let Some((_, action)) = call.split_once(':').filter(|_| !call.contains(' ')) {
        let reads = ["Get", "List", "Describe", "AssumeRole"];
        return !reads.iter().any(|read| action.starts_with(read));
    }
    !call.starts_with("GET ") && !call.starts_with("HEAD ")
}
