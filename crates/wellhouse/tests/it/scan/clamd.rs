//! Two scanners: the real clamd with a signature of our own, and one that behaves as it is told.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Debian's.
const CLAMD: &str = "/usr/sbin/clamd";

/// How long it may take until it listens.
const PATIENCE: Duration = Duration::from_mins(1);

/// The test file that every scanner knows, in two halves, so that no scanner takes this one for it.
/// Source: EICAR, "Anti-malware test file".
pub(super) fn eicar() -> String {
    [r"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTI", "VIRUS-TEST-FILE!$H+H*"].concat()
}

/// The real one.
pub(super) struct RealClamd {
    child: Child,
    folder: TempDir,
}

impl RealClamd {
    pub(super) fn start() -> Self {
        assert!(
            Path::new(CLAMD).exists(),
            "{CLAMD} is not there: run the tests by `cargo xtask test`"
        );
        let folder = tempfile::tempdir().expect("a folder");
        let signatures = folder.path().join("signatures");
        std::fs::create_dir(&signatures).expect("a folder");
        let known = format!("Eicar-Test-Signature:0:*:{}\n", hex::encode(eicar()));
        std::fs::write(signatures.join("eicar.ndb"), known).expect("a signature");
        let settings = format!(
            "Foreground yes\nLocalSocket {}\nDatabaseDirectory {}\nStreamMaxLength 1M\n",
            folder.path().join("clamd.ctl").display(),
            signatures.display()
        );
        std::fs::write(folder.path().join("clamd.conf"), settings).expect("settings");
        let child = Command::new(CLAMD)
            .arg("--config-file")
            .arg(folder.path().join("clamd.conf"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("clamd starts");
        let clamd = Self { child, folder };
        let began = Instant::now();
        while !clamd.folder.path().join("clamd.ctl").exists() {
            assert!(began.elapsed() < PATIENCE, "clamd does not listen");
            std::thread::sleep(Duration::from_millis(50));
        }
        clamd
    }

    /// As `scan.clamd` names it.
    pub(super) fn address(&self) -> String {
        format!("unix {}", self.folder.path().join("clamd.ctl").display())
    }
}

impl Drop for RealClamd {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// How the other one behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manners {
    /// It knows EICAR and nothing else.
    Good,
    /// It takes the file and never answers.
    Silent,
    /// It answers something else.
    Nonsense,
    /// It hangs up in the middle.
    HangsUp,
}

/// One that behaves as it is told.
pub(super) struct Clamd {
    port: u16,
    manners: Arc<Mutex<Manners>>,
    began: Arc<Mutex<usize>>,
}

impl Clamd {
    pub(super) fn start(manners: Manners) -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").expect("a port"), manners)
    }

    pub(super) fn on(listener: TcpListener, manners: Manners) -> Self {
        let port = listener.local_addr().expect("an address").port();
        let (manners, began) = (Arc::new(Mutex::new(manners)), Arc::default());
        let clamd = Self { port, manners: Arc::clone(&manners), began: Arc::clone(&began) };
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (manners, began) = (Arc::clone(&manners), Arc::clone(&began));
                // Whoever hangs up ends its conversation alone.
                std::thread::spawn(move || drop(talk(stream.expect("one"), &manners, &began)));
            }
        });
        clamd
    }

    pub(super) fn address(&self) -> String {
        format!("tcp 127.0.0.1:{}", self.port)
    }

    pub(super) fn behaves(&self, manners: Manners) {
        *self.manners.lock().expect("a lock") = manners;
    }

    /// How many files were begun.
    pub(super) fn began(&self) -> usize {
        *self.began.lock().expect("a lock")
    }
}

fn command(stream: &mut TcpStream) -> std::io::Result<String> {
    let (mut command, mut byte) = (Vec::new(), [0]);
    loop {
        stream.read_exact(&mut byte)?;
        if byte == [0] {
            return Ok(String::from_utf8_lossy(&command).into_owned());
        }
        command.extend(byte);
    }
}

fn file(stream: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut all = Vec::new();
    loop {
        let mut size = [0; 4];
        stream.read_exact(&mut size)?;
        let size = usize::try_from(u32::from_be_bytes(size)).expect("a size");
        if size == 0 {
            return Ok(all);
        }
        let at = all.len();
        all.resize(at + size, 0);
        stream.read_exact(&mut all[at..])?;
    }
}

fn talk(
    mut stream: TcpStream,
    manners: &Mutex<Manners>,
    began: &Mutex<usize>,
) -> std::io::Result<()> {
    match command(&mut stream)?.as_str() {
        "zPING" => return stream.write_all(b"PONG\0"),
        "zVERSION" => return stream.write_all(b"ClamAV of the tests\0"),
        _ => *began.lock().expect("a lock") += 1,
    }
    let behaves = || *manners.lock().expect("a lock");
    if behaves() == Manners::HangsUp {
        return Ok(());
    }
    let file = file(&mut stream)?;
    let known = String::from_utf8_lossy(&file).contains(&eicar());
    match behaves() {
        Manners::Good if known => stream.write_all(b"stream: Eicar-Of-The-Tests FOUND\0"),
        Manners::Good => stream.write_all(b"stream: OK\0"),
        Manners::Nonsense => stream.write_all(b"stream: perhaps\0"),
        Manners::HangsUp => Ok(()),
        // Until the other side has gone.
        Manners::Silent => stream.read(&mut [0]).map(drop),
    }
}
