//! Somebody at the portal, from whatever address they say: the server under test trusts the loopback as a
//! proxy, so that each request may come from an address of its own and no throttle answers.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use totp_rs::Totp;
use ureq::http;

use crate::content::Random;
use crate::server::{House, Running};

/// The setting that has the server believe who a visitor says they are.
pub(crate) const TRUSTED: (&str, &str) = ("WELLHOUSE_PORTAL__TRUSTED_PROXIES", "[\"127.0.0.1\"]");
/// The password of everybody here.
pub(crate) const PASSWORD: &str = "a long password for the hammer";
/// A one-time code counts for so long, and once.
const STEP_SECONDS: u64 = 30;
/// A proof is fresh for ten minutes; we ask for another well before.
const PROOF_SECONDS_MAX: u64 = 240;

/// What came back, and how long it took from the first byte sent to the last one read.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
    pub(crate) took: Duration,
}

impl Answer {
    /// The cookie that was set, as it is sent back.
    fn cookie(&self) -> Option<&str> {
        let set = self.headers.iter().find(|(name, _)| name == "set-cookie")?;
        set.1.split(';').next()
    }

    /// When to come again, where that was told.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        let told = self.headers.iter().find(|(name, _)| name == "retry-after")?;
        told.1.parse().ok().map(Duration::from_secs)
    }

    pub(crate) fn json(&self) -> Result<Value> {
        serde_json::from_str(&self.body).with_context(|| format!("no JSON: {}", self.body))
    }

    /// The answer, if it is a success.
    pub(crate) fn done(self, what: &str) -> Result<Self> {
        if !(200..300).contains(&self.status) {
            bail!("{what} answered {}: {}", self.status, self.body);
        }
        Ok(self)
    }
}

/// A client with connections and a cookie of its own.
#[derive(Clone)]
pub(crate) struct Visitor {
    agent: ureq::Agent,
    base: String,
    pub(crate) cookie: Option<String>,
}

impl Visitor {
    /// A stranger to the portal at `url`.
    pub(crate) fn new(url: &str) -> Self {
        let config = ureq::Agent::config_builder().http_status_as_error(false);
        let agent = config.max_idle_connections(1).build().into();
        Self { agent, base: format!("{url}/api/v1"), cookie: None }
    }

    /// Asks as a page of the portal does, from `address`.
    pub(crate) fn ask(
        &self,
        (method, path): (&str, &str),
        body: Option<&Value>,
        address: &str,
    ) -> Result<Answer> {
        let mut request = http::Request::builder()
            .method(method)
            .uri(format!("{}/{path}", self.base))
            .header("sec-fetch-site", "same-origin")
            .header("x-forwarded-for", address);
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        let text = body.map(Value::to_string).unwrap_or_default();
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        let request = request.body(text)?;
        let began = Instant::now();
        let answer = self.agent.run(request)?;
        let status = answer.status().as_u16();
        let text =
            |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers = answer.headers().iter();
        let headers = headers.map(|(name, value)| (name.to_string(), text(value))).collect();
        let body = answer.into_body().read_to_string()?;
        Ok(Answer { status, headers, body, took: began.elapsed() })
    }

    /// Asks from one address, and keeps the cookie that is set; anything but success is an error.
    pub(crate) fn does(
        &mut self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Answer> {
        let answer = self.ask((method, path), body, "192.0.2.1")?.done(path)?;
        if let Some(cookie) = answer.cookie() {
            self.cookie = Some(cookie.to_owned());
        }
        Ok(answer)
    }

    /// Sets up a second factor, and gives what makes its codes and its recovery codes.
    pub(crate) fn enrol(&mut self) -> Result<Factor> {
        let offer = self.does("POST", "account/second-factor", None)?.json()?;
        let uri = offer.get("uri").and_then(Value::as_str).context("no seed was offered")?;
        let mut factor = Factor { totp: Totp::from_url(uri)?, step: 0 };
        let code = json!({ "code": factor.code() });
        self.does("POST", "account/second-factor/confirm", Some(&code))?;
        Ok(factor)
    }
}

/// What makes one-time codes.
pub(crate) struct Factor {
    totp: Totp,
    step: u64,
}

impl Factor {
    /// A code that was not used before; it may be half a minute until there is one.
    pub(crate) fn code(&mut self) -> String {
        while seconds() / STEP_SECONDS <= self.step {
            std::thread::sleep(Duration::from_millis(200));
        }
        self.step = seconds() / STEP_SECONDS;
        self.totp.generate(self.step * STEP_SECONDS).to_string()
    }
}

/// The administrator of the house under test, whose proof is fresh whenever they do something.
pub(crate) struct Administrator {
    visitor: Visitor,
    factor: Factor,
    proved: Instant,
}

impl Administrator {
    /// Sets the house up, open to registration.
    pub(crate) fn set_up(house: &House, running: &Running) -> Result<Self> {
        let token = running.setup_link.as_deref().context("no one-time link was printed")?;
        let mut visitor = Visitor::new(&house.portal_url());
        let form = json!({ "token": token, "name": "ada", "password": PASSWORD,
            "registration": "open", "homes": true });
        visitor.does("POST", "setup", Some(&form))?;
        let factor = visitor.enrol()?;
        Ok(Self { visitor, factor, proved: Instant::now() })
    }

    /// Does something that asks for a fresh proof.
    pub(crate) fn does(
        &mut self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Answer> {
        if self.proved.elapsed() > Duration::from_secs(PROOF_SECONDS_MAX) {
            let code = json!({ "code": self.factor.code() });
            self.visitor.does("POST", "session/proof", Some(&code))?;
            self.proved = Instant::now();
        }
        self.visitor.does(method, path, body)
    }

    /// Says who may register from now on.
    ///
    /// `checked` is open to whoever follows a link that is written to them.
    pub(crate) fn registration(&mut self, mode: &str) -> Result<()> {
        let (mode, checked) = if mode == "checked" { ("open", true) } else { (mode, false) };
        let settings = json!({ "registration": mode, "homes": true, "mail_check": checked });
        self.does("PUT", "settings", Some(&settings)).map(drop)
    }
}

/// A name of eight random letters behind a word; names of one word are alike in length.
pub(crate) fn name(word: &str, random: &mut Random) -> String {
    format!("{word} {:08x}", random.below(1 << 32))
}

/// An address that hardly anybody else has.
pub(crate) fn address(random: &mut Random) -> String {
    let part = |n: u64| n % 254 + 1;
    let bits = random.next();
    format!("10.{}.{}.{}", part(bits >> 32), part(bits >> 16), part(bits))
}

#[expect(clippy::disallowed_methods, reason = "one-time codes go by the time of day")]
fn seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
