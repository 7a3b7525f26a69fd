//! `garage`: a cluster of Garage on the loopback, as an upstream for gateways. For trying and
//! measuring; the tests do without it, because building it takes long.

use std::fs;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::run::{command, output, run, say, target};
use crate::tools;

/// How long a node may take to answer.
const WAIT_MAX: Duration = Duration::from_mins(1);

/// The first port; each node has ten of its own.
const PORT: u16 = 3900;

/// The region that Garage's requests are signed for.
const REGION: &str = "garage";

/// Run a cluster of Garage on the loopback until Ctrl-C
#[derive(clap::Args)]
pub(crate) struct Garage {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// Build Garage where it is missing, start the nodes, and print what a gateway needs
    Up(Up),
}

#[derive(clap::Args)]
struct Up {
    /// How many nodes; each keeps a copy of everything, up to three
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=9))]
    nodes: u16,
    /// Where they keep what they are given; what is there goes on
    #[arg(long)]
    folder: Option<PathBuf>,
}

impl Garage {
    /// Runs what is asked for.
    pub(crate) fn start(&self) -> Result<()> {
        match &self.what {
            What::Up(up) => up.start(),
        }
    }
}

impl Up {
    fn start(&self) -> Result<()> {
        let folder = self.folder.clone().unwrap_or_else(|| target().join("garage"));
        let mut cluster = Cluster::start(&folder, self.nodes)?;
        say(&cluster.told());
        // Ctrl-C reaches the nodes as it reaches this, and they end by themselves.
        cluster.nodes.iter_mut().try_for_each(|node| node.server.wait().map(drop))?;
        bail!("no node of Garage runs any more; their logs are in {}", folder.display())
    }
}

/// Running nodes; they end when this is dropped.
pub(crate) struct Cluster {
    program: PathBuf,
    nodes: Vec<Node>,
    key: Key,
}

struct Node {
    folder: PathBuf,
    port: u16,
    server: Child,
}

/// The key that a gateway opens the cluster with.
#[derive(Debug, Clone)]
struct Key {
    id: String,
    secret_file: PathBuf,
}

impl Cluster {
    /// Starts so many nodes, and makes one cluster of them.
    pub(crate) fn start(folder: &Path, nodes: u16) -> Result<Self> {
        let program = tools::garage()?;
        let secrets = Secrets::of(folder)?;
        let mut cluster = Self { program, nodes: Vec::new(), key: secrets.key.clone() };
        for number in 0..nodes {
            let node = cluster.start_node(folder, (number, nodes), &secrets)?;
            cluster.nodes.push(node);
        }
        for node in &cluster.nodes {
            node.wait_until_it_listens()?;
        }
        cluster.join()?;
        cluster.let_in(&secrets)?;
        Ok(cluster)
    }

    fn start_node(&self, folder: &Path, (number, of): (u16, u16), own: &Secrets) -> Result<Node> {
        let (folder, port) = (folder.join(format!("node-{}", number + 1)), PORT + 10 * number);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("garage.toml"), configuration(&folder, port, of.min(3), own))?;
        let log = fs::File::create(folder.join("log"))?;
        let mut server = self.asked_of(&folder);
        server.arg("server").stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let server = server.spawn().context("starting a node of Garage")?;
        Ok(Node { folder, port, server })
    }

    fn asked_of(&self, folder: &Path) -> Command {
        let mut garage = Command::new(&self.program);
        garage.arg("-c").arg(folder.join("garage.toml"));
        garage
    }

    /// Asks the first node, and gives what it printed.
    fn ask(&self, words: &[&str]) -> Result<String> {
        let first = self.nodes.first().context("there is no node")?;
        self.ask_of(first, words)
    }

    fn ask_of(&self, node: &Node, words: &[&str]) -> Result<String> {
        let output = self.asked_of(&node.folder).args(words).output()?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        if !output.status.success() {
            let errors = String::from_utf8_lossy(&output.stderr);
            bail!("garage {} failed: {said}{errors}", words.join(" "));
        }
        Ok(said)
    }

    /// Tells the first node of the others, and shares the data out among them.
    fn join(&self) -> Result<()> {
        let mut ids = Vec::new();
        for node in &self.nodes {
            ids.push(self.ask_of(node, &["node", "id", "-q"])?.trim().to_owned());
        }
        for id in ids.iter().skip(1) {
            self.ask(&["node", "connect", id])?;
        }
        if !self.ask(&["layout", "show"])?.contains("No nodes currently have a role") {
            return Ok(());
        }
        for id in &ids {
            let id = id.split('@').next().unwrap_or_default();
            self.ask(&["layout", "assign", "-z", "loopback", "-c", "100G", id])?;
        }
        self.ask(&["layout", "apply", "--version", "1"]).map(drop)
    }

    /// Makes the key known; it may make buckets, and nobody else has one.
    fn let_in(&self, own: &Secrets) -> Result<()> {
        if !self.ask(&["key", "list"])?.contains(&own.key.id) {
            let secret = fs::read_to_string(&own.key.secret_file)?;
            self.ask(&["key", "import", "--yes", "-n", "wellhouse", &own.key.id, secret.trim()])?;
        }
        self.ask(&["key", "allow", "--create-bucket", &own.key.id]).map(drop)
    }

    /// What the hammer needs to measure the first node.
    pub(crate) fn as_arguments(&self) -> Result<Vec<String>> {
        let first = self.nodes.first().context("there is no node")?;
        let (endpoint, process) =
            (format!("http://127.0.0.1:{}", first.port), first.server.id().to_string());
        let file = self.key.secret_file.to_string_lossy().into_owned();
        let words = [
            ["--name", "Garage"],
            ["--beside", &endpoint],
            ["--region", REGION],
            ["--key", &self.key.id],
            ["--secret-file", &file],
            ["--process", &process],
        ];
        Ok(words.concat().into_iter().map(str::to_owned).collect())
    }

    fn told(&self) -> String {
        let line = |node: &Node| {
            let (port, process) = (node.port, node.server.id());
            format!("  endpoint_url = \"http://127.0.0.1:{port}\"   # process {process}")
        };
        let nodes: Vec<_> = self.nodes.iter().map(line).collect();
        let (id, file) = (&self.key.id, self.key.secret_file.display());
        format!(
            "Garage answers. For the configuration of a gateway, one of these:\n\n{}\n\n  and:\n\n  \
             [store]\n  kind = \"gateway\"\n  region = \"{REGION}\"\n  access_key_id = \"{id}\"\n  \
             secret_access_key_file = \"{file}\"\n\nCtrl-C ends the nodes; what they keep stays.",
            nodes.join("\n")
        )
    }
}

impl Node {
    fn wait_until_it_listens(&self) -> Result<()> {
        let started = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            if started.elapsed() > WAIT_MAX {
                let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
                bail!("the node in {} does not answer:\n{log}", self.folder.display());
            }
            sleep(Duration::from_millis(100));
        }
        Ok(())
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let ended = run(command("kill", &["-TERM", &self.server.id().to_string()]))
            .and_then(|()| Ok(self.server.wait()?));
        if let Err(error) = ended {
            say(&format!("the node in {} was not ended: {error:#}", self.folder.display()));
        }
    }
}

/// What the nodes share, and the key of whoever uses them. Made once for a folder.
struct Secrets {
    rpc: String,
    key: Key,
}

impl Secrets {
    fn of(folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder)?;
        let rpc = kept(&folder.join("rpc.secret"), &random(32)?)?;
        let id = kept(&folder.join("key.id"), &format!("GK{}", random(12)?))?;
        let secret_file = folder.join("key.secret");
        kept(&secret_file, &random(32)?)?;
        Ok(Self { rpc, key: Key { id, secret_file } })
    }
}

/// What a file holds; before that it is given that.
fn kept(file: &Path, new: &str) -> Result<String> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt;
    if !file.exists() {
        let mut made = fs::File::options().write(true).create_new(true).mode(0o600).open(file)?;
        made.write_all(new.as_bytes())?;
    }
    Ok(fs::read_to_string(file)?.trim().to_owned())
}

/// So many random bytes, in hexadecimal digits.
fn random(bytes: usize) -> Result<String> {
    let count = bytes.to_string();
    let drawn = output("od", &["-An", "-v", "-tx1", "-N", &count, "/dev/urandom"]);
    let digits: String = drawn.context("od gave nothing")?.split_whitespace().collect();
    Ok(digits)
}

fn configuration(folder: &Path, port: u16, copies: u16, own: &Secrets) -> String {
    let (folder, rpc) = (folder.display(), port + 1);
    let secret = &own.rpc;
    format!(
        "metadata_dir = \"{folder}/meta\"\n\
         data_dir = \"{folder}/data\"\n\
         db_engine = \"lmdb\"\n\
         metadata_fsync = true\n\
         data_fsync = true\n\
         replication_factor = {copies}\n\
         rpc_bind_addr = \"127.0.0.1:{rpc}\"\n\
         rpc_public_addr = \"127.0.0.1:{rpc}\"\n\
         rpc_secret = \"{secret}\"\n\n\
         [s3_api]\n\
         s3_region = \"{REGION}\"\n\
         api_bind_addr = \"127.0.0.1:{port}\"\n\
         root_domain = \".s3.garage.localhost\"\n"
    )
}
