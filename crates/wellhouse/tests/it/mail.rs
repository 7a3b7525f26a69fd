//! Mail goes out: to a mail server that offers TLS, none or a wrong certificate, that defers and that
//! refuses; into the folder; and into the log, where an operator chose it.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Output;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::json;

use crate::actors::{Actor, PASSWORD};
use crate::server::{Server, wellhouse};

/// How long a mail may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// How a mail server is.
#[derive(Clone)]
struct Manners {
    /// Speaks TLS after `STARTTLS`, which it offers.
    starttls: Option<Arc<ServerConfig>>,
    /// What it answers to the recipient, each in turn, and then 250.
    recipient: Vec<&'static str>,
}

/// A mail server on loopback, and what it heard.
struct MailServer {
    port: u16,
    heard: Arc<Mutex<Vec<String>>>,
}

impl MailServer {
    fn start(manners: Manners) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let lines = Arc::clone(&heard);
        std::thread::spawn(move || {
            let mut recipient = manners.recipient.clone();
            for stream in listener.incoming() {
                let stream = stream.expect("a connection");
                // A client that hangs up ends its conversation alone.
                let _ended = talk(stream, manners.starttls.clone(), &lines, &mut recipient);
            }
        });
        Self { port, heard }
    }

    fn heard(&self) -> Vec<String> {
        self.heard.lock().expect("a lock").clone()
    }

    fn count(&self, line: &str) -> usize {
        self.heard().iter().filter(|heard| heard.starts_with(line)).count()
    }

    /// Waits until it has heard this so often.
    fn wait_for(&self, line: &str, times: usize) {
        let began = Instant::now();
        while self.count(line) < times {
            assert!(began.elapsed() < PATIENCE, "{line}: {:#?}", self.heard());
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

fn line<S: Read>(stream: &mut S) -> std::io::Result<String> {
    let (mut line, mut byte) = (Vec::new(), [0_u8; 1]);
    while line.last() != Some(&b'\n') {
        stream.read_exact(&mut byte)?;
        line.push(byte[0]);
    }
    Ok(String::from_utf8_lossy(&line).trim_end().to_owned())
}

fn talk(
    mut stream: TcpStream,
    starttls: Option<Arc<ServerConfig>>,
    heard: &Mutex<Vec<String>>,
    recipient: &mut Vec<&'static str>,
) -> std::io::Result<()> {
    stream.write_all(b"220 here\r\n")?;
    let Some(config) = starttls else { return converse(&mut stream, "", heard, recipient) };
    if converse(&mut stream, "250-STARTTLS\r\n", heard, recipient).is_ok() {
        let connection = ServerConnection::new(config).expect("a connection");
        let mut stream = StreamOwned::new(connection, stream);
        converse(&mut stream, "", heard, recipient)?;
    }
    Ok(())
}

/// Talks until the client quits or begins TLS.
fn converse<S: Read + Write>(
    stream: &mut S,
    offers: &str,
    heard: &Mutex<Vec<String>>,
    recipient: &mut Vec<&'static str>,
) -> std::io::Result<()> {
    let mut in_data = false;
    loop {
        let said = line(stream)?;
        heard.lock().expect("a lock").push(said.clone());
        let answer = match said.split([' ', ':']).next().unwrap_or_default() {
            _ if in_data && said == "." => {
                in_data = false;
                "250 taken\r\n".to_owned()
            }
            _ if in_data => continue,
            "EHLO" => format!("250-here\r\n{offers}250 8BITMIME\r\n"),
            "STARTTLS" => {
                stream.write_all(b"220 go\r\n")?;
                return Ok(());
            }
            "RCPT" if !recipient.is_empty() => format!("{}\r\n", recipient.remove(0)),
            "DATA" => {
                in_data = true;
                "354 go\r\n".to_owned()
            }
            "QUIT" => {
                stream.write_all(b"221 bye\r\n")?;
                return Err(std::io::ErrorKind::ConnectionAborted.into());
            }
            _ => "250 well\r\n".to_owned(),
        };
        stream.write_all(answer.as_bytes())?;
        stream.flush()?;
    }
}

/// A certificate for these names, as PEM, and a server's configuration with it.
fn certificate(name: &str) -> (String, Arc<ServerConfig>) {
    let made = rcgen::generate_simple_self_signed(vec![name.to_owned()]).expect("made");
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).expect("a key");
    let chain = vec![CertificateDer::from(made.cert.der().to_vec())];
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .expect("a certificate");
    (made.cert.pem(), Arc::new(config))
}

fn plain(recipient: Vec<&'static str>) -> MailServer {
    MailServer::start(Manners { starttls: None, recipient })
}

fn settings(port: u16, tls: &str) -> Vec<(&'static str, String)> {
    vec![
        ("WELLHOUSE_MAIL__TRANSPORT", "smtp".to_owned()),
        ("WELLHOUSE_MAIL__FROM", "Wellhouse <files@example.org>".to_owned()),
        ("WELLHOUSE_MAIL__SMTP__HOST", "127.0.0.1".to_owned()),
        ("WELLHOUSE_MAIL__SMTP__PORT", port.to_string()),
        ("WELLHOUSE_MAIL__SMTP__TLS", tls.to_owned()),
        ("WELLHOUSE_PORTAL__PUBLIC_URL", "https://files.example.org".to_owned()),
    ]
}

fn mail_test(settings: Vec<(&'static str, String)>, to: &str) -> Output {
    let mut command = wellhouse();
    command.envs(settings).args(["mail", "test", "--to", to]).output().expect("it runs")
}

#[track_caller]
fn told(output: &Output, code: i32, words: &str) {
    let said = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{said}");
    assert!(said.contains(words), "{said}");
}

#[test]
fn a_mail_is_given_to_a_server_with_tls_that_somebody_vouches_for_and_to_no_other() {
    let folder = tempfile::tempdir().expect("a folder");
    let (pem, config) = certificate("127.0.0.1");
    let (wrong_pem, wrong_config) = certificate("other.example");
    let trusted = folder.path().join("ca.pem");
    std::fs::write(&trusted, format!("{pem}{wrong_pem}")).expect("written");
    let with_ca = |port| {
        let mut with = settings(port, "starttls");
        with.push(("WELLHOUSE_MAIL__SMTP__CA_FILE", trusted.display().to_string()));
        with
    };
    let manners = |starttls| Manners { starttls, recipient: Vec::new() };

    let well = MailServer::start(manners(Some(Arc::clone(&config))));
    told(&mail_test(with_ca(well.port), "ada@b\u{fc}cher.example"), 0, "was taken");
    let heard = well.heard().join("\n");
    for line in [
        "MAIL FROM:<files@example.org>",
        "RCPT TO:<ada@xn--bcher-kva.example>",
        "From: Wellhouse <files@example.org>",
        "Auto-Submitted: auto-generated",
    ] {
        assert!(heard.contains(line), "{line} in {heard}");
    }
    let begins = heard.find("STARTTLS").expect("it asked for TLS");
    assert!(begins < heard.find("MAIL FROM").expect("a mail"), "{heard}");

    let unknown = MailServer::start(manners(Some(config)));
    told(&mail_test(settings(unknown.port, "starttls"), "ada@example.org"), 1, "not taken");
    let other = MailServer::start(manners(Some(wrong_config)));
    told(&mail_test(with_ca(other.port), "ada@example.org"), 1, "not taken");
    let bare = plain(Vec::new());
    told(&mail_test(with_ca(bare.port), "ada@example.org"), 1, "not taken");
    for server in [unknown, other, bare] {
        assert_eq!(server.count("MAIL"), 0, "{:#?}", server.heard());
    }
}

#[test]
fn what_is_wrong_with_the_configuration_is_told_by_key_and_fix() {
    for (key, value, words) in [
        ("WELLHOUSE_MAIL__SMTP__HOST", "192.0.2.1", "mail.smtp.tls"),
        ("WELLHOUSE_MAIL__FROM", "nobody", "mail.from"),
        ("WELLHOUSE_MAIL__SMTP__USER", "u", "mail.smtp.password_file"),
        ("WELLHOUSE_MAIL__TRANSPORT", "pigeon", "smtp"),
    ] {
        let mut with = settings(25, "none-loopback-only");
        with.retain(|(name, _)| *name != key);
        with.push((key, value.to_owned()));
        told(&mail_test(with, "ada@example.org"), 1, words);
    }
    let well = settings(25, "none-loopback-only");
    told(&mail_test(well, "ada@example.org\r\nBcc: eve@example.org"), 1, "--to");
}

/// Sets a house up with an address, to which a link goes.
fn set_up(server: &Server, email: &str) {
    let token = server.setup_token.as_deref().expect("a one-time link");
    let form = json!({ "token": token, "name": "ada", "email": email, "password": PASSWORD,
        "registration": "approval", "homes": true });
    let (status, body) = Actor::stranger(server).post("/setup", &form);
    assert_eq!(status, 201, "{body}");
}

fn house_before(mail: &MailServer) -> Server {
    let with = settings(mail.port, "none-loopback-only");
    let with: Vec<_> = with.iter().map(|(name, value)| (*name, value.as_str())).collect();
    Server::start_with(&with)
}

fn listed(server: &Server) -> String {
    let listed = wellhouse().args(["mail", "list"]).arg("--data").arg(server.data()).output();
    String::from_utf8_lossy(&listed.expect("it runs").stdout).into_owned()
}

#[test]
fn what_a_server_defers_is_tried_again() {
    let mail = plain(vec!["451 later"]);
    let server = house_before(&mail);
    set_up(&server, "ada@example.org");
    mail.wait_for("RCPT", 2);
    mail.wait_for("  https://files.example.org/mail-check#token=", 1);
    let id = |line: &String| line.starts_with("Message-ID: <");
    assert_eq!(mail.heard().iter().filter(|line| id(line)).count(), 1, "one message");
    assert!(!server.log().contains("#token="), "no link in the log");
}

#[test]
fn what_a_server_refuses_is_given_up_and_listed() {
    let mail = plain(vec!["550 no such mailbox"]);
    let server = house_before(&mail);
    set_up(&server, "ada@example.org");
    mail.wait_for("RCPT", 1);
    let began = Instant::now();
    while !listed(&server).contains("failed: mail-check to ada@example.org") {
        assert!(began.elapsed() < PATIENCE, "{}", listed(&server));
        std::thread::sleep(Duration::from_millis(50));
    }
    let listed = listed(&server);
    assert!(listed.contains("tried 1 times") && listed.contains("no such mailbox"), "{listed}");
    assert!(!listed.contains("token="), "{listed}");
    assert_eq!(mail.count("RCPT"), 1);
}

fn only_file(folder: &Path) -> std::path::PathBuf {
    let began = Instant::now();
    loop {
        let files: Vec<_> = std::fs::read_dir(folder).into_iter().flatten().flatten().collect();
        if let [file] = files.as_slice()
            && file.path().extension().is_some_and(|extension| extension == "eml")
        {
            return file.path();
        }
        assert!(began.elapsed() < PATIENCE, "{files:?}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn without_a_word_mail_lies_in_the_data_folder_and_nobody_is_offered_a_link() {
    let server = Server::start();
    set_up(&server, "ada@example.org");
    let path = only_file(&server.data().join("mail"));
    let mode = std::fs::metadata(&path).expect("there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let text = std::fs::read_to_string(path).expect("read");
    assert!(
        text.contains("To: ada@example.org\r\n") && text.contains("/mail-check#token"),
        "{text}"
    );
    let (_, registration) = Actor::stranger(&server).get("/registration");
    assert_eq!(registration["mail"], json!(false));
    assert!(!server.log().contains("token="), "no link in the log");
}

#[test]
fn a_link_is_in_the_log_only_where_the_log_was_chosen_which_is_said_at_the_start() {
    let server = Server::start_with(&[("WELLHOUSE_MAIL__TRANSPORT", "log")]);
    assert!(server.log().contains("links that set passwords are written into this log"));
    set_up(&server, "ada@example.org");
    let began = Instant::now();
    while !server.log().contains("/mail-check#token=") {
        assert!(began.elapsed() < PATIENCE, "{}", server.log());
        std::thread::sleep(Duration::from_millis(50));
    }
}
