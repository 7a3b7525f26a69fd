//! `MailAddress`: an address that mail can be sent to, and which addresses are one mailbox.
//!
//! The part before the `@` is ASCII: few servers take anything else, and letters that look alike or fold
//! to one another have led mail astray elsewhere (CVE-2019-19844). The domain may be of any script.

use std::net::IpAddr;

use lettre::Address;

use crate::FieldError;

/// The longest mail address, in bytes. Source: RFC 5321, 4.5.3.1.3.
const EMAIL_BYTES_MAX: usize = 254;

/// A mail address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailAddress {
    shown: String,
    wire: Address,
}

impl MailAddress {
    /// Accepts one address: no name before it, no comment, no list; a domain and not a number.
    pub fn parse(input: &str) -> Result<Self, FieldError> {
        let input = input.trim();
        let plain = !input.chars().any(|c| c.is_control() || c.is_whitespace());
        let (local, domain) = input.rsplit_once('@').ok_or(FieldError::Email)?;
        if input.len() > EMAIL_BYTES_MAX || !plain || !local.is_ascii() || domain.ends_with('.') {
            return Err(FieldError::Email);
        }
        let ascii = idna::domain_to_ascii_strict(domain).map_err(|_| FieldError::Email)?;
        if ascii.parse::<IpAddr>().is_ok() {
            return Err(FieldError::Email);
        }
        let wire = Address::new(local, &ascii).map_err(|_| FieldError::Email)?;
        let (shown, _errors) = idna::domain_to_unicode(&ascii);
        Ok(Self { shown: format!("{local}@{shown}"), wire })
    }

    /// The address, if somebody gave one.
    pub(crate) fn parse_optional(input: Option<&str>) -> Result<Option<Self>, FieldError> {
        let given = input.map(str::trim).filter(|email| !email.is_empty());
        given.map(Self::parse).transpose()
    }

    /// As people read it.
    pub fn as_str(&self) -> &str {
        &self.shown
    }

    /// As it travels: in ASCII.
    pub fn wire(&self) -> &str {
        self.wire.as_ref()
    }

    /// The domain in ASCII and lower case.
    pub(crate) fn domain(&self) -> String {
        self.wire.domain().to_ascii_lowercase()
    }

    /// Two addresses with one key are one mailbox. Some servers tell upper from lower case before the
    /// `@`; whoever has one of two such mailboxes must not be taken for the other.
    pub(crate) fn key(&self) -> String {
        self.wire().to_ascii_lowercase()
    }
}

#[cfg(test)]
mod tests {
    use super::MailAddress;

    #[test]
    fn an_address_is_one_mailbox_at_a_domain_of_any_script() {
        for (input, shown, key) in [
            ("ada@example.org", "ada@example.org", "ada@example.org"),
            (" Ada.L+x@Example.ORG ", "Ada.L+x@example.org", "ada.l+x@example.org"),
            ("ada@bücher.example", "ada@bücher.example", "ada@xn--bcher-kva.example"),
            ("ada@xn--bcher-kva.example", "ada@bücher.example", "ada@xn--bcher-kva.example"),
            ("ada@BÜCHER.example", "ada@bücher.example", "ada@xn--bcher-kva.example"),
            ("root@localhost", "root@localhost", "root@localhost"),
        ] {
            let address = MailAddress::parse(input).unwrap_or_else(|error| {
                panic!("{input}: {error}");
            });
            assert_eq!((address.as_str(), address.key().as_str()), (shown, key), "{input}");
        }
    }

    #[test]
    fn what_is_no_address_or_more_than_one_is_refused() {
        for input in [
            "",
            "ada",
            "@example.org",
            "ada@",
            "ada@example..org",
            "ada@example.org.",
            "ada@example.org\r\nBcc: eve@example.net",
            "ada@example.org\nBcc:eve@example.net",
            "ada@exam\u{202e}ple.org",
            "a\u{202e}da@example.org",
            "Ada <ada@example.org>",
            "<ada@example.org>",
            "ada@example.org,eve@example.net",
            "ada@example.org;eve@example.net",
            "ada@example.org eve@example.net",
            "ada@127.0.0.1",
            "ada@[127.0.0.1]",
            "ada@[IPv6:::1]",
            "ada@exa%6dple.org",
            "ada@exa_mple.org",
            "ada@-example.org",
            "(comment)ada@example.org",
            "mıke@example.org",
            "ada\0@example.org",
            &format!("{}@example.org", "a".repeat(250)),
        ] {
            assert!(MailAddress::parse(input).is_err(), "{input:?}");
        }
    }
}
