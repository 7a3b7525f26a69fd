//! From what the ledger holds to a message: plain text, one recipient, no name beside their address.

use std::error::Error;

use anyhow::{Context, Result};
use jiff::Timestamp;
use lettre::Address;
use lettre::message::header::{
    ContentTransferEncoding, ContentType, Header, HeaderName, HeaderValue,
};
use lettre::message::{Body, Mailbox, Message};
use wh_people::MailAddress;

use super::{SendError, host, system_time};
use crate::config::Config;

/// Nobody is to answer, and no machine. Source: RFC 3834, 5.
#[derive(Debug, Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_text: &str) -> Result<Self, Box<dyn Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

/// How wide text is, in characters.
const LINE_CHARS: usize = 72;

/// The longest line of a message, in bytes. Source: RFC 5322, 2.1.1.
const LINE_BYTES_MAX: usize = 998;

/// From whom mail comes.
#[derive(Debug, Clone)]
pub(super) struct Sender {
    from: Mailbox,
    host: String,
}

/// What a message is made of.
#[derive(Debug)]
pub(super) struct Text<'a> {
    pub(super) id: &'a str,
    pub(super) to: &'a str,
    pub(super) subject: &'a str,
    pub(super) body: &'a str,
    pub(super) at: Timestamp,
}

impl Sender {
    /// As the configuration says, or `wellhouse` at the portal's host.
    pub(super) fn of(config: &Config) -> Result<Self> {
        let host = host(config);
        let own = || {
            let address = Address::new("wellhouse", &host)
                .or_else(|_| Address::new("wellhouse", "localhost"))
                .context("mail.from is missing")?;
            Ok::<_, anyhow::Error>(Mailbox::new(Some("Wellhouse".to_owned()), address))
        };
        let from = config.mail.from()?.map_or_else(own, Ok)?;
        Ok(Self { from, host })
    }

    /// The message. The same mail has the same `Message-ID` however often it is sent.
    pub(super) fn message(&self, text: &Text<'_>) -> Result<Message, SendError> {
        let never = |why: &str| SendError::Never(format!("it cannot be written: {why}"));
        let to = MailAddress::parse(text.to).map_err(|error| never(&error.to_string()))?;
        let to: Address = to.wire().parse().map_err(|_| never("the address is not valid"))?;
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(text.subject)
            .message_id(Some(format!("<{}@{}>", text.id, self.host)))
            .date(system_time(text.at))
            .header(AutoSubmitted)
            .header(ContentType::TEXT_PLAIN)
            .body(body(text.body))
            .map_err(|error| never(&error.to_string()))
    }
}

/// The text in lines that people read without a window, as it is where it is ASCII: a link must stand on
/// one line, and be found by whoever reads the file.
fn body(text: &str) -> Body {
    let text = wrapped(text);
    if text.is_ascii() && text.lines().all(|line| line.len() <= LINE_BYTES_MAX) {
        let bytes = text.replace('\n', "\r\n").into_bytes();
        return Body::dangerous_pre_encoded(bytes, ContentTransferEncoding::SevenBit);
    }
    Body::new(text)
}

/// Breaks long lines between words; what is indented, a link, stays whole.
fn wrapped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for line in text.lines() {
        if line.starts_with("  ") {
            out.push_str(line);
        } else {
            wrap(line, &mut out);
        }
        out.push('\n');
    }
    out
}

/// Writes a line as one or several, broken between words.
fn wrap(line: &str, out: &mut String) {
    let mut width = 0;
    for word in line.split_whitespace() {
        let chars = word.chars().count();
        let breaks = width > 0 && width + 1 + chars > LINE_CHARS;
        if breaks {
            out.push('\n');
            width = 0;
        } else if width > 0 {
            out.push(' ');
            width += 1;
        }
        width += chars;
        out.push_str(word);
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::{Sender, Text};
    use crate::config::Config;

    #[test]
    fn a_message_is_plain_text_to_one_mailbox() {
        let sender = Sender::of(&Config::default()).expect("a sender");
        let text = |to| Text {
            id: "01",
            to,
            subject: "Your password was changed",
            body: "It was.\n",
            at: Timestamp::UNIX_EPOCH,
        };
        let message = sender.message(&text("ada@bücher.example")).expect("a message");
        let shown = String::from_utf8(message.formatted()).expect("text");
        for line in [
            "From: Wellhouse <wellhouse@localhost>\r\n",
            "To: ada@xn--bcher-kva.example\r\n",
            "Message-ID: <01@localhost>\r\n",
            "Date: Thu, 01 Jan 1970 00:00:00 +0000\r\n",
            "Auto-Submitted: auto-generated\r\n",
            "Content-Type: text/plain; charset=utf-8\r\n",
        ] {
            assert!(shown.contains(line), "{line} in {shown}");
        }
        assert_eq!(message.envelope().to().len(), 1);
        let link = format!("  https://files.example.org/new-password#token={}", "0".repeat(64));
        let long = format!("{}\n\n{link}\n", "some words ".repeat(20).trim_end());
        let message = sender.message(&Text { body: &long, ..text("ada@example.org") });
        let shown = String::from_utf8(message.expect("a message").formatted()).expect("text");
        assert!(shown.contains(&format!("\r\n\r\n{link}\r\n")), "{shown}");
        let (_, body) = shown.split_once("\r\n\r\n").expect("a body");
        assert!(body.lines().all(|line| line.len() <= 72 || line.starts_with("  ")), "{shown}");
        assert_eq!(body.matches("words").count(), 20);
        for bad in ["ada@example.org\r\nBcc: eve@example.org", "a@b.org, c@d.org", "A <a@b.org>"] {
            assert!(sender.message(&text(bad)).is_err(), "{bad}");
        }
    }
}
