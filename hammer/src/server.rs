//! A server under test: started on free loopback ports over one data folder, killed, started again.

use std::collections::hash_map::RandomState;
use std::fs::File;
use std::hash::BuildHasher as _;
use std::io::{BufRead, BufReader};
use std::iter::repeat_with;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::client::{Credentials, S3};

/// How long a start may take before it counts as failed.
const START_SECONDS_MAX: u64 = 60;
/// The administrator's password in the house under test.
const PASSWORD: &str = "a long password for the hammer";

/// Who works here is an administrator with a password alone, whom the server would give no credentials.
const NO_FACTOR: (&str, &str) = ("WELLHOUSE_PEOPLE__ADMINISTRATORS_NEED_SECOND_FACTOR", "false");

/// One data folder, two ports, and the binary that serves them.
pub(crate) struct House {
    binary: PathBuf,
    data: PathBuf,
    log: PathBuf,
    portal_port: u16,
    s3_port: u16,
    settings: Vec<(&'static str, String)>,
}

/// A server process; dropping it kills it.
pub(crate) struct Running {
    child: Child,
    /// The one-time link, where the server printed one.
    pub(crate) setup_link: Option<String>,
    /// From spawning the process to its first healthy answer.
    pub(crate) started_in: Duration,
}

/// A signed-in administrator at the portal, with the session cookie.
pub(crate) struct Portal {
    agent: ureq::Agent,
    base: String,
    cookie: String,
}

/// One that no outgoing connection is given while the server is down: those have ports from 32768 on.
fn free_port() -> Result<u16> {
    let at_random = || u16::try_from(20_000 + RandomState::new().hash_one(0) % 12_000);
    let is_free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
    repeat_with(at_random).flatten().take(1_000).find(is_free).context("no port is free")
}

impl House {
    /// A house over a fresh folder in `scratch`.
    pub(crate) fn new(binary: PathBuf, scratch: PathBuf) -> Result<Self> {
        let log = scratch.join("server.log");
        let (portal_port, s3_port) = (free_port()?, free_port()?);
        let (data, settings) = (scratch.join("data"), Vec::new());
        Ok(Self { binary, data, log, portal_port, s3_port, settings }.with(NO_FACTOR))
    }

    /// The same house over another folder.
    pub(crate) fn moved_to(self, data: PathBuf) -> Self {
        Self { data, ..self }
    }

    /// The same house with a further setting, as an environment variable.
    pub(crate) fn with(mut self, (name, value): (&'static str, &str)) -> Self {
        self.settings.push((name, value.to_owned()));
        self
    }

    /// Another house of the same binary beside this one.
    pub(crate) fn another(&self, name: &str) -> Result<Self> {
        let folder = self.data.with_file_name(name);
        std::fs::create_dir_all(&folder)?;
        Self::new(self.binary.clone(), folder)
    }

    /// The data folder.
    pub(crate) fn data(&self) -> &Path {
        &self.data
    }

    /// The port of the S3 door.
    pub(crate) fn s3_port(&self) -> u16 {
        self.s3_port
    }

    /// The root user's access key and secret, once the server was started.
    pub(crate) fn root(&self) -> Result<(String, String)> {
        let keys = std::fs::read_to_string(self.data.join("authority.keys"))?;
        let value = |name: &str| {
            let found = keys.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
            found.map(ToOwned::to_owned).with_context(|| format!("no {name}"))
        };
        Ok((value("root-access-key-id")?, value("root-secret-access-key")?))
    }

    /// The portal's address.
    pub(crate) fn portal_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.portal_port)
    }

    /// Starts the server and waits until it is healthy.
    pub(crate) fn start(&self) -> Result<Running> {
        let began = Instant::now();
        let log = File::options().create(true).append(true).open(&self.log)?;
        let mut child = Command::new(&self.binary)
            .args(["serve", "--data"])
            .arg(&self.data)
            .args(["--portal-listen", &format!("127.0.0.1:{}", self.portal_port)])
            .args(["--s3-listen", &format!("127.0.0.1:{}", self.s3_port)])
            .envs(self.settings.iter().map(|(name, value)| (name, value)))
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .context("the server did not start")?;
        let output = child.stdout.take().context("the server has no output")?;
        let mut running = Running { child, setup_link: None, started_in: Duration::ZERO };
        for line in BufReader::new(output).lines() {
            let line = line?;
            if let Some((_, link)) = line.split_once("/setup#token=") {
                running.setup_link = Some(link.trim().to_owned());
            }
            if line.contains("Ctrl-C stops it") {
                break;
            }
        }
        self.wait_until_healthy(began, &mut running.child)?;
        running.started_in = began.elapsed();
        Ok(running)
    }

    fn wait_until_healthy(&self, began: Instant, child: &mut Child) -> Result<()> {
        let health = format!("{}/healthz", self.portal_url());
        while began.elapsed() < Duration::from_secs(START_SECONDS_MAX) {
            if let Some(status) = child.try_wait()? {
                let log = std::fs::read_to_string(&self.log).unwrap_or_default();
                bail!(
                    "the server ended ({status}): {}",
                    log.lines().last().unwrap_or("it said nothing")
                );
            }
            if ureq::get(&health).call().is_ok() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        bail!("the server was not healthy after {START_SECONDS_MAX} s; see {}", self.log.display())
    }

    /// Makes the first administrator and signs in.
    pub(crate) fn set_up(&self, running: &Running) -> Result<Portal> {
        let token = running.setup_link.as_deref().context("no one-time link was printed")?;
        let agent: ureq::Agent =
            ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let base = format!("{}/api/v1", self.portal_url());
        let form = json!({ "token": token, "name": "ada", "password": PASSWORD,
            "registration": "closed", "homes": true });
        Portal::by(agent, base, ("setup", form))
    }

    /// An S3 client with the administrator's temporary credentials, and the bucket they are for.
    pub(crate) fn s3(&self, portal: &Portal) -> Result<S3> {
        // Credentials ask for a session whose proof is fresh, and a run may take hours.
        let form = json!({ "name": "ada", "password": PASSWORD });
        let portal = Portal::by(portal.agent.clone(), portal.base.clone(), ("session", form))?;
        let location = portal.admin_location()?;
        let card = portal.post("/credentials", &json!({ "location": location }))?;
        let text = |name: &str| {
            card.get(name).and_then(Value::as_str).map(ToOwned::to_owned).context("a credential")
        };
        let credentials = Credentials {
            access_key_id: text("access_key_id")?,
            secret: text("secret_access_key")?,
            token: Some(text("session_token")?),
        };
        let endpoint = format!("http://127.0.0.1:{}", self.s3_port);
        Ok(S3::new(endpoint, text("bucket")?, text("region")?, credentials))
    }
}

impl Portal {
    /// Signs in by what `path` takes.
    fn by(agent: ureq::Agent, base: String, (path, form): (&str, Value)) -> Result<Self> {
        let request = agent.post(format!("{base}/{path}"));
        let answer = request.header("sec-fetch-site", "same-origin").send_json(form)?;
        let cookie = answer.headers().get("set-cookie").and_then(|c| c.to_str().ok());
        let cookie = cookie.and_then(|c| c.split(';').next()).map(ToOwned::to_owned);
        let Some(cookie) = cookie else {
            bail!("{path} failed: {} {}", answer.status(), answer.into_body().read_to_string()?);
        };
        Ok(Self { agent, base, cookie })
    }

    /// Posts JSON and gives the JSON answer; anything but success is an error.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Result<Value> {
        let answer = self
            .agent
            .post(format!("{}{path}", self.base))
            .header("sec-fetch-site", "same-origin")
            .header("cookie", &self.cookie)
            .send_json(body)?;
        read_json(path, answer)
    }

    /// Gets JSON; anything but success is an error.
    pub(crate) fn get(&self, path: &str) -> Result<Value> {
        let request = self.agent.get(format!("{}{path}", self.base)).header("cookie", &self.cookie);
        read_json(path, request.call()?)
    }

    /// The id of the location that is the whole bucket.
    pub(crate) fn admin_location(&self) -> Result<String> {
        let answer = self.get("/locations")?;
        let locations = answer.get("locations").and_then(Value::as_array);
        let whole = locations
            .into_iter()
            .flatten()
            .find(|l| l.get("role").and_then(Value::as_str) == Some("AdminRole"));
        let id = whole.and_then(|l| l.get("id")).and_then(Value::as_str);
        Ok(id.context("the administrator has no location with AdminRole")?.to_owned())
    }
}

fn read_json(path: &str, answer: ureq::http::Response<ureq::Body>) -> Result<Value> {
    let status = answer.status();
    let text = answer.into_body().read_to_string()?;
    if !status.is_success() {
        bail!("{path} answered {status}: {text}");
    }
    Ok(serde_json::from_str(&text)?)
}

impl Running {
    /// `kill -9`, and wait until the process is gone.
    pub(crate) fn kill(mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// A line of `/proc/<pid>/status` such as `VmRSS`, in KiB.
    pub(crate) fn memory_kib(&self, line: &str) -> Result<u64> {
        memory_kib(self.process(), line)
    }

    /// The id of the process.
    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }
}

/// A line of `/proc/<pid>/status` such as `VmRSS`, in KiB.
pub(crate) fn memory_kib(process: u32, line: &str) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let value = status.lines().find_map(|l| l.strip_prefix(line)?.strip_prefix(':'));
    let number = value.and_then(|v| v.split_whitespace().next()).context("no such line")?;
    Ok(number.parse()?)
}

impl Drop for Running {
    fn drop(&mut self) {
        // The process may be gone already; there is nobody to tell.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
