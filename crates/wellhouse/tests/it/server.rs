//! A server under test: the real binary over a temporary folder.

use std::collections::BTreeMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::io::{BufRead, BufReader, Read};
use std::iter::repeat_with;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::actors::PASSWORD;
use crate::kept;

/// How long a server may take to say that it is ready, or to stop.
const PATIENCE: Duration = Duration::from_mins(1);

/// The name of what is no secret among the keys of a data folder.
const ROOT_ID: &str = "root-access-key-id";

/// A running server; dropping it ends it.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    folder: TempDir,
    pub(crate) portal: String,
    pub(crate) s3: String,
    pub(crate) setup_token: Option<String>,
}

/// A port on loopback that was free a moment ago, and that no outgoing connection is given: those have
/// ports from 32768 on.
pub(crate) fn free_port() -> u16 {
    let at_random =
        || 20_000 + u16::try_from(RandomState::new().hash_one(0) % 12_000).expect("small");
    let is_free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
    repeat_with(at_random).find(is_free).expect("a free port")
}

/// The binary under test, with an environment that holds nothing of the developer's.
pub(crate) fn wellhouse() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wellhouse"));
    command.env_clear().env("PATH", "/usr/bin:/bin").current_dir("/");
    command
}

/// The same, for a server that is expected not to start: one that does is ended after a while.
pub(crate) fn wellhouse_that_ends() -> Command {
    let mut command = Command::new("timeout");
    command.arg("30").arg(env!("CARGO_BIN_EXE_wellhouse"));
    command.env_clear().env("PATH", "/usr/bin:/bin").current_dir("/");
    command
}

/// A tool's path from the variable that `cargo xtask test` sets.
#[expect(clippy::disallowed_methods, reason = "the chore tells the tests where its tools are")]
pub(crate) fn tool(variable: &str) -> PathBuf {
    let Some(path) = std::env::var_os(variable) else {
        panic!("{variable} is not set: run the tests by `cargo xtask test`");
    };
    PathBuf::from(path)
}

impl Server {
    /// A fresh house on the embedded store.
    pub(crate) fn start() -> Self {
        Self::start_in(tempfile::tempdir().expect("a folder"), &[])
    }

    /// A fresh house with further settings, as environment variables.
    pub(crate) fn start_with(settings: &[(&str, &str)]) -> Self {
        Self::start_in(tempfile::tempdir().expect("a folder"), settings)
    }

    /// A fresh house whose process masks nothing of what it creates.
    pub(crate) fn start_unmasked() -> Self {
        let mut command = Command::new("sh");
        command.args(["-c", "umask 0; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_wellhouse")]);
        command.env_clear().env("PATH", "/usr/bin:/bin").current_dir("/");
        let ports = (free_port(), free_port());
        Self::start_as(command, ports, tempfile::tempdir().expect("a folder"), (&[], &[]))
    }

    /// A fresh store without a portal.
    pub(crate) fn start_store_only() -> Self {
        Self::start_with_flags(tempfile::tempdir().expect("a folder"), &[], &["--store-only"])
    }

    fn start_in(folder: TempDir, settings: &[(&str, &str)]) -> Self {
        Self::start_with_flags(folder, settings, &[])
    }

    fn start_with_flags(folder: TempDir, settings: &[(&str, &str)], flags: &[&str]) -> Self {
        Self::start_on((free_port(), free_port()), folder, settings, flags)
    }

    /// Ends this server as an operator does, and starts it again at the same addresses.
    pub(crate) fn again_at_its_place(self, settings: &[(&str, &str)]) -> Self {
        self.again_after(settings, |_data| ())
    }

    /// The same; what is done `between` finds the data folder with nobody in it.
    pub(crate) fn again_after(
        self,
        settings: &[(&str, &str)],
        between: impl FnOnce(&Path),
    ) -> Self {
        let port = |url: &str| url.rsplit_once(':').expect("a port").1.parse().expect("a port");
        let ports = (port(&self.portal), port(&self.s3));
        let (folder, status, _) = self.stop("TERM");
        assert!(status.success(), "{status}");
        between(&folder.path().join("data"));
        Self::start_on(ports, folder, settings, &[])
    }

    /// Kills this server, and starts it again at the same addresses.
    pub(crate) fn killed_and_started_again(self) -> Self {
        self.again_after_kill(&[])
    }

    /// The same with other settings.
    pub(crate) fn again_after_kill(self, settings: &[(&str, &str)]) -> Self {
        let port = |url: &str| url.rsplit_once(':').expect("a port").1.parse().expect("a port");
        let ports = (port(&self.portal), port(&self.s3));
        let (folder, _, _) = self.stop("KILL");
        Self::start_on(ports, folder, settings, &[])
    }

    fn start_on(
        ports: (u16, u16),
        folder: TempDir,
        settings: &[(&str, &str)],
        flags: &[&str],
    ) -> Self {
        Self::start_as(wellhouse(), ports, folder, (settings, flags))
    }

    fn start_as(
        mut command: Command,
        (portal_port, s3_port): (u16, u16),
        folder: TempDir,
        (settings, flags): (&[(&str, &str)], &[&str]),
    ) -> Self {
        command.args(["serve"]).args(flags).arg("--data").arg(folder.path().join("data"));
        command.args(["--portal-listen", &format!("127.0.0.1:{portal_port}")]);
        command.args(["--s3-listen", &format!("127.0.0.1:{s3_port}")]);
        command.envs(kept::level()).envs(settings.iter().copied());
        let log = std::fs::File::create(folder.path().join("log")).expect("a log");
        let mut child =
            command.stdout(Stdio::piped()).stderr(log).spawn().expect("the server starts");
        let setup_token = wait_until_ready(&mut child, &folder.path().join("log"));
        kept::secret(PASSWORD);
        if let Some(token) = &setup_token {
            kept::secret(token);
        }
        keys_of(&folder.path().join("data"))
            .into_iter()
            .filter(|(name, _)| name != ROOT_ID && name != "made")
            .for_each(|(_, value)| kept::secret(&value));
        let portal = format!("http://127.0.0.1:{portal_port}");
        Self { child, folder, portal, s3: format!("http://127.0.0.1:{s3_port}"), setup_token }
    }

    /// Ends the process as `signal` says and gives its status and how long it took.
    pub(crate) fn stop(mut self, signal: &str) -> (TempDir, ExitStatus, Duration) {
        let began = Instant::now();
        self.signal(signal);
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("a status") {
                break status;
            }
            assert!(began.elapsed() < PATIENCE, "the server did not stop");
            std::thread::sleep(Duration::from_millis(10));
        };
        kept::log(&self.folder.path().join("log"));
        let empty = tempfile::tempdir().expect("a folder");
        (std::mem::replace(&mut self.folder, empty), status, began.elapsed())
    }

    /// Stops the server and starts it again over the same folder.
    pub(crate) fn restart(self) -> Self {
        let (folder, _, _) = self.stop("TERM");
        Self::start_in(folder, &[])
    }

    /// A house over a folder in which one was before.
    pub(crate) fn start_again(folder: TempDir) -> Self {
        Self::start_in(folder, &[])
    }

    /// The same, with further settings, as environment variables.
    pub(crate) fn start_again_with(folder: TempDir, settings: &[(&str, &str)]) -> Self {
        Self::start_in(folder, settings)
    }

    /// Sends a signal to this server, by its process id.
    pub(crate) fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args([&format!("-{signal}"), &pid]).status();
        assert!(sent.expect("kill").success());
    }

    /// The most memory that the process has held so far, in KiB.
    pub(crate) fn peak_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.expect("a status");
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let peak = peak.expect("a peak").trim_end_matches("kB").trim();
        peak.parse().expect("a number")
    }

    /// The data folder.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A place for files of the test.
    pub(crate) fn scratch(&self) -> PathBuf {
        self.folder.path().to_path_buf()
    }

    /// The root user's access key and secret, as the data folder holds them.
    pub(crate) fn root(&self) -> (String, String) {
        let mut keys = keys_of(&self.data());
        let mut value = |name: &str| keys.remove(name).expect(name);
        (value(ROOT_ID), value("root-secret-access-key"))
    }

    /// What the server has logged.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).expect("the log")
    }
}

/// What a data folder holds of secrets, by name.
fn keys_of(data: &Path) -> BTreeMap<String, String> {
    let keys = std::fs::read_to_string(data.join("authority.keys")).unwrap_or_default();
    let pairs = keys.lines().filter_map(|line| line.split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn wait_until_ready(child: &mut Child, log: &Path) -> Option<String> {
    let mut token = None;
    let output = child.stdout.take().expect("an output");
    let mut lines = BufReader::new(output).lines();
    for line in lines.by_ref() {
        let line = line.expect("text");
        if let Some((_, link)) = line.split_once("/setup#token=") {
            token = Some(link.trim().to_owned());
        }
        if line.contains("Ctrl-C stops it") {
            // The pipe stays open and is read, so that the server can go on writing.
            std::thread::spawn(move || lines.for_each(drop));
            return token;
        }
    }
    let mut text = String::new();
    std::fs::File::open(log).expect("the log").read_to_string(&mut text).expect("text");
    panic!("the server ended before it was ready:\n{text}");
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
        kept::log(&self.folder.path().join("log"));
    }
}
