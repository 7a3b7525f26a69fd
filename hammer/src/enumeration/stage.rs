//! A house with people in it, of each kind that a stranger may like to know of.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::content::Random;
use crate::server::{House, Running};
use crate::visitor::{Administrator, PASSWORD, Visitor, name};

/// So many wrong attempts a name has before its first delay.
const FREE_ATTEMPTS: usize = 8;
/// What is new for who follows a password link.
const NEW_PASSWORD: &str = "another long password for the hammer";

/// The setting that has mail written into the data folder, and counted as set up.
pub(super) const MAIL: (&str, &str) = ("WELLHOUSE_MAIL__TRANSPORT", "file");
/// Mail that has not come by then does not come.
const MAIL_PATIENCE: Duration = Duration::from_mins(2);
const BETWEEN_LOOKS: Duration = Duration::from_millis(200);

/// Which of the two that must look alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// Nobody has this name, nobody was given this token.
    Unknown,
    /// Somebody has it.
    Known,
}

/// The house, and who is in it.
pub(super) struct Stage {
    pub(super) administrator: Administrator,
    url: String,
    random: Random,
    active: Vec<String>,
    disabled: Vec<String>,
    pending: Vec<String>,
    two_step: Vec<String>,
    spent_link: String,
    spent_invitation: String,
}

impl Stage {
    /// Enough people for so many samples: each is asked about only as often as their name is not throttled.
    pub(super) fn set(house: &House, running: &Running, samples: usize, seed: u64) -> Result<Self> {
        let administrator = Administrator::set_up(house, running)?;
        let mut stage = Self {
            administrator,
            url: house.portal_url(),
            random: Random::new(seed),
            active: Vec::new(),
            disabled: Vec::new(),
            pending: Vec::new(),
            two_step: Vec::new(),
            spent_link: String::new(),
            spent_invitation: String::new(),
        };
        let each = samples.div_ceil(FREE_ATTEMPTS) + 1;
        stage.active = stage.checked(house, each)?;
        stage.two_step = stage.register(each)?;
        for name in stage.two_step.clone() {
            stage.signed_in(&name)?.enrol()?;
        }
        stage.disabled = stage.register(each)?;
        stage.disable()?;
        stage.administrator.registration("approval")?;
        stage.pending = stage.register(each)?;
        stage.administrator.registration("open")?;
        stage.spend_links()?;
        Ok(stage)
    }

    fn register(&mut self, count: usize) -> Result<Vec<String>> {
        let mut names = Vec::new();
        for _ in 0..count {
            let name = name("guest", &mut self.random);
            let form = json!({ "name": name, "password": PASSWORD });
            let address = crate::visitor::address(&mut self.random);
            let visitor = Visitor::new(&self.url);
            visitor.ask(("POST", "registration"), Some(&form), &address)?.done("registration")?;
            names.push(name);
        }
        Ok(names)
    }

    /// Registers people with addresses, and follows the links that are written to them.
    fn checked(&mut self, house: &House, count: usize) -> Result<Vec<String>> {
        self.administrator.registration("checked")?;
        let mut names = Vec::new();
        for _ in 0..count {
            let name = self.nobody();
            let form = json!({ "name": name, "password": PASSWORD, "email": address_of(&name) });
            let from = crate::visitor::address(&mut self.random);
            let visitor = Visitor::new(&self.url);
            visitor.ask(("POST", "registration"), Some(&form), &from)?.done("registration")?;
            names.push(name);
        }
        let mails = mails(&house.data().join("mail"), count)?;
        for name in &names {
            let token = mails.get(&address_of(name)).context("no mail came")?;
            let from = crate::visitor::address(&mut self.random);
            let form = json!({ "token": token });
            let visitor = Visitor::new(&self.url);
            visitor.ask(("POST", "mail-check"), Some(&form), &from)?.done("mail-check")?;
        }
        self.administrator.registration("open")?;
        Ok(names)
    }

    fn signed_in(&self, name: &str) -> Result<Visitor> {
        let mut visitor = Visitor::new(&self.url);
        visitor.does("POST", "session", Some(&json!({ "name": name, "password": PASSWORD })))?;
        Ok(visitor)
    }

    fn uids(&mut self) -> Result<Vec<(String, String)>> {
        let all = self.administrator.does("GET", "people", None)?.json()?;
        let all = all.get("people").and_then(Value::as_array).context("people")?.clone();
        let text = |person: &Value, field: &str| {
            person.get(field).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        Ok(all.iter().map(|person| (text(person, "name"), text(person, "uid"))).collect())
    }

    fn disable(&mut self) -> Result<()> {
        for (name, uid) in self.uids()? {
            if self.disabled.contains(&name) {
                self.administrator.does("POST", &format!("people/{uid}/disable"), None)?;
            }
        }
        Ok(())
    }

    /// Makes a password link and an invitation, and spends both.
    fn spend_links(&mut self) -> Result<()> {
        let [name] = <[String; 1]>::try_from(self.register(1)?).ok().context("a name")?;
        let uid = self.uids()?.into_iter().find(|(found, _)| *found == name).context("a uid")?.1;
        let path = format!("people/{uid}/password-link");
        self.spent_link = token(&self.administrator.does("POST", &path, None)?.json()?)?;
        let form = json!({ "token": self.spent_link, "password": NEW_PASSWORD });
        Visitor::new(&self.url).does("POST", "new-password", Some(&form))?;
        let made = self.administrator.does("POST", "invitations", Some(&json!({})))?;
        self.spent_invitation = token(&made.json()?)?;
        let name = crate::visitor::name("guest", &mut self.random);
        let form = json!({ "token": self.spent_invitation, "name": name, "password": PASSWORD });
        Visitor::new(&self.url).does("POST", "invitation/accept", Some(&form)).map(drop)
    }

    /// Signs everybody in once more, so that no wrong attempt of before counts against their names.
    pub(super) fn forgive(&self) -> Result<()> {
        let visitor = Visitor::new(&self.url);
        let all = [&self.active, &self.disabled, &self.pending, &self.two_step];
        for (n, name) in all.into_iter().flatten().enumerate() {
            let form = json!({ "name": name, "password": PASSWORD });
            let address = format!("172.16.{}.{}", n / 250, n % 250 + 1);
            visitor.ask(("POST", "session"), Some(&form), &address)?;
        }
        Ok(())
    }

    fn one_of(&mut self, side: Side, known: fn(&Self) -> &[String], n: usize) -> String {
        let known = known(self);
        match known.get(n % known.len().max(1)) {
            Some(name) if side == Side::Known => name.clone(),
            Some(_) | None => self.nobody(),
        }
    }

    /// The name of nobody.
    pub(super) fn nobody(&mut self) -> String {
        name("guest", &mut self.random)
    }

    /// An address of nobody.
    pub(super) fn no_address(&mut self) -> String {
        address_of(&self.nobody())
    }

    /// The checked address of somebody, or of nobody.
    pub(super) fn address(&mut self, side: Side, n: usize) -> String {
        address_of(&self.active(side, n))
    }

    /// The name of somebody without a second factor, or of nobody.
    pub(super) fn active(&mut self, side: Side, n: usize) -> String {
        self.one_of(side, |stage| &stage.active, n)
    }

    /// The name of somebody whom an administrator has shut out, or of nobody.
    pub(super) fn disabled(&mut self, side: Side, n: usize) -> String {
        self.one_of(side, |stage| &stage.disabled, n)
    }

    /// The name of somebody who waits for approval, or of nobody.
    pub(super) fn pending(&mut self, side: Side, n: usize) -> String {
        self.one_of(side, |stage| &stage.pending, n)
    }

    /// The name of somebody with a second factor, or of nobody.
    pub(super) fn two_step(&mut self, side: Side, n: usize) -> String {
        self.one_of(side, |stage| &stage.two_step, n)
    }

    /// The token of a password link that was followed, or none that ever was.
    pub(super) fn link(&mut self, side: Side) -> String {
        match side {
            Side::Known => self.spent_link.clone(),
            Side::Unknown => self.no_token(),
        }
    }

    /// The token of an invitation that was accepted, or none that ever was.
    pub(super) fn invitation(&mut self, side: Side) -> String {
        match side {
            Side::Known => self.spent_invitation.clone(),
            Side::Unknown => self.no_token(),
        }
    }

    fn no_token(&mut self) -> String {
        let mut drawn = || self.random.next();
        format!("{:016x}{:016x}{:016x}{:016x}", drawn(), drawn(), drawn(), drawn())
    }
}

/// The address that goes with a name.
fn address_of(name: &str) -> String {
    format!("{}@example.org", name.replace(' ', "."))
}

/// The tokens of all links that were written, by the address they were written to.
fn mails(folder: &Path, count: usize) -> Result<BTreeMap<String, String>> {
    let began = Instant::now();
    while began.elapsed() < MAIL_PATIENCE {
        let mut tokens = BTreeMap::new();
        for file in std::fs::read_dir(folder).into_iter().flatten() {
            let path = file?.path();
            if path.extension().is_some_and(|extension| extension == "eml") {
                tokens.extend(link_in(&std::fs::read_to_string(path)?));
            }
        }
        if tokens.len() >= count {
            return Ok(tokens);
        }
        std::thread::sleep(BETWEEN_LOOKS);
    }
    bail!("fewer than {count} mails came into {}", folder.display())
}

/// Whom a mail is for, and the token of the link in it. Lines may be broken and signs spelled out
/// (quoted-printable, RFC 2045).
fn link_in(mail: &str) -> Option<(String, String)> {
    let to = mail.lines().find_map(|line| line.strip_prefix("To: "))?.to_owned();
    let text = mail.replace("=\r\n", "").replace("=3D", "=");
    let token = text.split_once("#token=")?.1;
    Some((to, token.chars().take_while(|c| !c.is_whitespace()).collect()))
}

/// The token of a link that was just made.
fn token(made: &Value) -> Result<String> {
    let path = made.get("path").and_then(Value::as_str).context("a link")?;
    Ok(path.split_once("#token=").context("a token")?.1.to_owned())
}
