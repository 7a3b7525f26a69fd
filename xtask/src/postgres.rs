//! A PostgreSQL for the tests: Debian's program, a data folder of its own below target/, the loopback,
//! and an end with the run. No cluster of the system is touched.

use std::fs;
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::run::{command, output, run, say, target};
use crate::tools;

/// Where the tests find it.
pub(crate) const VARIABLE: &str = "WELLHOUSE_TEST_POSTGRES";

/// How long it may take to start and to end.
const WAIT_MAX: Duration = Duration::from_mins(1);

/// Who may come, from this machine only: the tests; and two who are meant to be refused. Nobody comes
/// as the superuser.
const HBA: &str = "host all locked,stranger 127.0.0.1/32 scram-sha-256\n\
                   host wellhouse wellhouse 127.0.0.1/32 trust\n\
                   host nowhere wellhouse 127.0.0.1/32 trust\n";

/// What the tests find there. A line is a statement.
const CONTENT: &str = "CREATE ROLE wellhouse LOGIN;\n\
                       CREATE ROLE locked LOGIN PASSWORD 'of-the-tests';\n\
                       CREATE DATABASE wellhouse OWNER wellhouse ENCODING 'UTF8' TEMPLATE template0;\n";

/// Run a command with a PostgreSQL beside it: `cargo xtask postgres cargo test -p wh-ledger`
#[derive(clap::Args)]
pub(crate) struct Beside {
    /// The command and its arguments
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
    words: Vec<String>,
}

impl Beside {
    /// Starts the server, runs the command, ends the server.
    pub(crate) fn start(&self) -> Result<()> {
        let Some((program, arguments)) = self.words.split_first() else {
            bail!("name a command");
        };
        let postgres = Postgres::start()?;
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let mut beside = command(program, &arguments);
        beside.env(VARIABLE, postgres.address());
        run(beside)
    }
}

/// A running server; it ends when this is dropped, and its data with it.
pub(crate) struct Postgres {
    server: Child,
    folder: PathBuf,
    port: u16,
}

/// As whom the server runs: it refuses to run as root.
#[derive(Clone, Copy)]
struct User {
    uid: u32,
    gid: u32,
}

impl Postgres {
    /// Starts one, and installs the program where it is missing and we may.
    pub(crate) fn start() -> Result<Self> {
        let programs = tools::postgres()?;
        let user = unprivileged()?;
        let folder = folder(user)?;
        say(&format!("starting a PostgreSQL in {}", folder.display()));
        let data = folder.join("data");
        let mut make = as_user(user, &programs.join("initdb"));
        make.args(["--username", "postgres", "--auth", "reject", "--encoding", "UTF8"]);
        make.args(["--locale", "C.UTF-8", "--no-sync", "--pgdata"]).arg(&data);
        make.stdout(Stdio::null());
        run(make).context("making the data folder of a PostgreSQL")?;
        fs::write(data.join("pg_hba.conf"), HBA)?;
        fill(as_user(user, &programs.join("postgres")), &data)?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut server = as_user(user, &programs.join("postgres"));
        server.arg("-D").arg(&data).args(["-p", &port.to_string()]);
        // No test cuts the power of this machine, so nothing waits for its disk.
        for setting in [
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "max_connections=500",
            "fsync=off",
        ] {
            server.args(["-c", setting]);
        }
        let log = fs::File::create(folder.join("log"))?;
        server.stdout(log.try_clone()?).stderr(log).stdin(Stdio::null());
        let server = server.spawn().context("starting a PostgreSQL")?;
        let mut started = Self { server, folder, port };
        started.wait_until_ready(&programs)?;
        Ok(started)
    }

    /// Its address.
    pub(crate) fn address(&self) -> String {
        format!("postgres://wellhouse@127.0.0.1:{}/wellhouse", self.port)
    }

    fn wait_until_ready(&mut self, programs: &Path) -> Result<()> {
        let started = Instant::now();
        let asks = programs.join("pg_isready").to_string_lossy().into_owned();
        let port = self.port.to_string();
        while output(&asks, &["-q", "-h", "127.0.0.1", "-p", &port]).is_none() {
            if self.server.try_wait()?.is_some() || started.elapsed() > WAIT_MAX {
                let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
                bail!("the PostgreSQL for the tests did not start:\n{log}");
            }
            sleep(Duration::from_millis(100));
        }
        Ok(())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // SIGINT: it ends its sessions and itself.
        let ended = run(command("kill", &["-INT", &self.server.id().to_string()]))
            .and_then(|()| Ok(self.server.wait()?));
        if let Err(error) = ended.and_then(|_status| Ok(fs::remove_dir_all(&self.folder)?)) {
            say(&format!("the PostgreSQL in {} was not ended: {error:#}", self.folder.display()));
        }
    }
}

/// Nobody else where we are not root; else the user that Debian's package made.
fn unprivileged() -> Result<Option<User>> {
    if output("id", &["-u"]).as_deref() != Some("0") {
        return Ok(None);
    }
    let id = |what: &str| -> Result<u32> {
        let found = output("id", &[what, "postgres"]);
        let found = found.context("there is no user `postgres`, and PostgreSQL refuses root")?;
        Ok(found.parse()?)
    };
    Ok(Some(User { uid: id("-u")?, gid: id("-g")? }))
}

fn as_user(user: Option<User>, program: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir("/");
    if let Some(User { uid, gid }) = user {
        command.uid(uid).gid(gid);
    }
    command
}

/// A new folder below target/, or below /tmp where the other user cannot reach target/.
fn folder(user: Option<User>) -> Result<PathBuf> {
    let name = format!("postgres-{}", std::process::id());
    let wished = target().join(&name);
    for folder in [wished, std::env::temp_dir().join(format!("wellhouse-{name}"))] {
        fs::create_dir_all(&folder)?;
        let Some(User { uid, gid }) = user else { return Ok(folder) };
        chown(&folder, Some(uid), Some(gid))?;
        let mut probe = as_user(user, Path::new("test"));
        if probe.arg("-w").arg(&folder).status()?.success() {
            return Ok(folder);
        }
        fs::remove_dir(&folder)?;
    }
    bail!("the user `postgres` can reach neither target/ nor /tmp")
}

/// Roles and a database, while the server is not open to anybody.
fn fill(mut single: Command, data: &Path) -> Result<()> {
    single.arg("--single").arg("-D").arg(data).arg("postgres");
    single.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = single.spawn().context("filling a PostgreSQL")?;
    child.stdin.take().context("no input")?.write_all(CONTENT.as_bytes())?;
    let done = child.wait_with_output()?;
    let said = String::from_utf8_lossy(&done.stderr);
    if !done.status.success() || said.contains("ERROR") {
        bail!("filling the PostgreSQL for the tests failed:\n{said}");
    }
    Ok(())
}
