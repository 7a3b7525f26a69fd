//! The cookies of this door: of the session, of a sign-in that is half-way, of a browser that is known, of
//! one that is at a provider, and of one in which the password of a shared link was given: set, read, and
//! taken away.
//!
//! Source: RFC 6265bis, "Cookie Name Prefixes"; OWASP ASVS 5.0.0, V3.3.

use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue};
use http::header::InvalidHeaderValue;
use jiff::SignedDuration;
use wh_people::DEVICE_KNOWN_FOR;

/// How the cookie is named and guarded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SessionCookie {
    /// `__Host-sid`, `Secure`: over TLS, and on `localhost`, which browsers hold to be secure.
    Secure,
    /// `sid`: for plain HTTP under another loopback name.
    Plain,
}

impl SessionCookie {
    fn name(self) -> &'static str {
        match self {
            Self::Secure => "__Host-sid",
            Self::Plain => "sid",
        }
    }

    fn sign_in_name(self) -> &'static str {
        match self {
            Self::Secure => "__Host-sign-in",
            Self::Plain => "sign-in",
        }
    }

    fn device_name(self) -> &'static str {
        match self {
            Self::Secure => "__Host-device",
            Self::Plain => "device",
        }
    }

    fn provider_name(self) -> &'static str {
        match self {
            Self::Secure => "__Host-provider",
            Self::Plain => "provider",
        }
    }

    fn visit_name(self) -> &'static str {
        match self {
            Self::Secure => "__Secure-visit",
            Self::Plain => "visit",
        }
    }

    fn sender_name(self) -> &'static str {
        match self {
            Self::Secure => "__Secure-sender",
            Self::Plain => "sender",
        }
    }

    /// Those of a cookie that is sent to one link alone, and to what is below its address.
    fn guards_of_link(self, place: &str) -> String {
        let guards = self.guards();
        guards.replacen("Path=/", &format!("Path={place}"), 1)
    }

    fn guards(self) -> &'static str {
        match self {
            Self::Secure => "Path=/; Secure; HttpOnly; SameSite=Lax",
            Self::Plain => "Path=/; HttpOnly; SameSite=Lax",
        }
    }

    /// The `Set-Cookie` that signs in. It carries no lifetime: the server decides that.
    pub(crate) fn set(self, token: &str) -> Result<HeaderValue, InvalidHeaderValue> {
        let mut value =
            HeaderValue::from_str(&format!("{}={token}; {}", self.name(), self.guards()))?;
        value.set_sensitive(true);
        Ok(value)
    }

    /// The `Set-Cookie` that signs out.
    pub(crate) fn clear(self) -> Result<HeaderValue, InvalidHeaderValue> {
        HeaderValue::from_str(&format!("{}=; Max-Age=0; {}", self.name(), self.guards()))
    }

    /// The `Set-Cookie` by which this browser, and no other, may do the second step.
    pub(crate) fn set_sign_in(self, token: &str) -> Result<HeaderValue, InvalidHeaderValue> {
        let name = self.sign_in_name();
        let mut value = HeaderValue::from_str(&format!("{name}={token}; {}", self.guards()))?;
        value.set_sensitive(true);
        Ok(value)
    }

    /// The `Set-Cookie` after the second step.
    pub(crate) fn clear_sign_in(self) -> Result<HeaderValue, InvalidHeaderValue> {
        HeaderValue::from_str(&format!("{}=; Max-Age=0; {}", self.sign_in_name(), self.guards()))
    }

    /// The `Set-Cookie` by which this browser is known from now on. It stays when somebody signs out.
    pub(crate) fn set_device(self, token: &str) -> Result<HeaderValue, InvalidHeaderValue> {
        let (name, guards) = (self.device_name(), self.guards());
        let seconds = DEVICE_KNOWN_FOR.as_secs();
        let mut value =
            HeaderValue::from_str(&format!("{name}={token}; Max-Age={seconds}; {guards}"))?;
        value.set_sensitive(true);
        Ok(value)
    }

    /// The `Set-Cookie` by which this browser, and no other, brings a provider's answer, so long.
    pub(crate) fn set_provider(
        self,
        token: &str,
        life: SignedDuration,
    ) -> Result<HeaderValue, InvalidHeaderValue> {
        let (name, life, guards) = (self.provider_name(), life.as_secs(), self.guards());
        let mut value =
            HeaderValue::from_str(&format!("{name}={token}; Max-Age={life}; {guards}"))?;
        value.set_sensitive(true);
        Ok(value)
    }

    /// The `Set-Cookie` after the answer.
    pub(crate) fn clear_provider(self) -> Result<HeaderValue, InvalidHeaderValue> {
        HeaderValue::from_str(&format!("{}=; Max-Age=0; {}", self.provider_name(), self.guards()))
    }

    /// The `Set-Cookie` by which this browser need not give the password of a shared link again, so long.
    pub(crate) fn set_visit(
        self,
        (link, visit): (&str, &str),
        life: SignedDuration,
    ) -> Result<HeaderValue, InvalidHeaderValue> {
        let guards = self.guards_of_link(&format!("/s/{link}"));
        let (name, life) = (self.visit_name(), life.as_secs());
        let mut value =
            HeaderValue::from_str(&format!("{name}={visit}; Max-Age={life}; {guards}"))?;
        value.set_sensitive(true);
        Ok(value)
    }

    /// The `Set-Cookie` by which this browser sends to one file request as one sender, so long.
    pub(crate) fn set_sender(
        self,
        (request, sender): (&str, &str),
        life: SignedDuration,
    ) -> Result<HeaderValue, InvalidHeaderValue> {
        let guards = self.guards_of_link(&format!("/r/{request}"));
        let (name, life) = (self.sender_name(), life.as_secs());
        let mut value =
            HeaderValue::from_str(&format!("{name}={sender}; Max-Age={life}; {guards}"))?;
        value.set_sensitive(true);
        Ok(value)
    }

    /// The same as [`Self::read`], for a sender of a file request.
    pub(crate) fn read_sender(self, headers: &HeaderMap) -> Option<&str> {
        only(headers, self.sender_name())
    }

    /// The same as [`Self::read`], for a visit of a shared link.
    pub(crate) fn read_visit(self, headers: &HeaderMap) -> Option<&str> {
        only(headers, self.visit_name())
    }

    /// The token of a session that came with a request; two different ones are none.
    pub(crate) fn read(self, headers: &HeaderMap) -> Option<&str> {
        only(headers, self.name())
    }

    /// The same for the token of a browser that is known, perhaps.
    pub(crate) fn read_device(self, headers: &HeaderMap) -> Option<&str> {
        only(headers, self.device_name())
    }

    /// The same for the token of a sign-in that is half-way.
    pub(crate) fn read_sign_in(self, headers: &HeaderMap) -> Option<&str> {
        only(headers, self.sign_in_name())
    }

    /// The same for the token of a browser that was at a provider.
    pub(crate) fn read_provider(self, headers: &HeaderMap) -> Option<&str> {
        only(headers, self.provider_name())
    }
}

fn only<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let lines = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.split_once('='));
    let mut ours = pairs.filter(|(theirs, _)| theirs.trim() == name).map(|(_, v)| v.trim());
    match (ours.next(), ours.next()) {
        (Some(token), None) if !token.is_empty() => Some(token),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::header::COOKIE;
    use axum::http::{HeaderMap, HeaderValue};

    use super::SessionCookie;

    #[test]
    fn the_cookie_is_bound_to_this_host_and_hidden_from_scripts() {
        let set = SessionCookie::Secure.set("abc").expect("a header");
        assert_eq!(set, "__Host-sid=abc; Path=/; Secure; HttpOnly; SameSite=Lax");
        assert!(set.is_sensitive());
        assert!(SessionCookie::Secure.set("a\r\nb").is_err());
    }

    #[test]
    fn only_one_cookie_of_our_name_is_a_session() {
        for (line, expected) in [
            ("__Host-sid=abc", Some("abc")),
            ("a=b; __Host-sid=abc; c=d", Some("abc")),
            ("__Host-sid=abc; __Host-sid=def", None),
            ("__Host-sid=", None),
            ("sid=abc", None),
            ("x__Host-sid=abc", None),
        ] {
            let headers = HeaderMap::from_iter([(COOKIE, HeaderValue::from_static(line))]);
            assert_eq!(SessionCookie::Secure.read(&headers), expected, "{line}");
        }
    }
}
