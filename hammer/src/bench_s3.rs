//! Measure the endpoint beside another S3 server on the same disk, in turns within one run.

use std::io::Write;
use std::net::TcpStream;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::bench::{
    MIB, SMALL, drop_caches, median, per_second, put_multipart, put_single, rate, timed,
};
use crate::client::{Credentials, S3, drain};
use crate::content;
use crate::report;
use crate::server::{House, memory_kib};

/// The bucket at the other server.
const BUCKET: &str = "bench";

/// So many at once.
const CLIENTS: [usize; 3] = [1, 16, 64];

/// How many keys are listed.
const LISTED: usize = 10_000;

/// Connections on which nothing is said, and on which a body comes a byte at a time.
const IDLE: usize = 1_000;
const SLOW: usize = 200;

/// How long the slow ones go on, and how long they pause between two bytes.
const SLOW_TIME: Duration = Duration::from_secs(6);
const SLOW_PAUSE: Duration = Duration::from_millis(200);

/// Measure the endpoint beside another S3 server.
#[derive(clap::Args)]
pub(crate) struct BenchS3 {
    /// Smaller and shorter
    #[arg(long)]
    quick: bool,
    /// The other server's endpoint
    #[arg(long)]
    beside: String,
    /// What it is called in the report
    #[arg(long)]
    name: String,
    /// Its region
    #[arg(long)]
    region: String,
    /// A key that may make a bucket
    #[arg(long)]
    key: String,
    /// The file that holds the key's secret
    #[arg(long)]
    secret_file: PathBuf,
    /// Its process
    #[arg(long)]
    process: u32,
}

/// One of the two.
struct Side {
    s3: S3,
    process: u32,
}

/// What is measured of both, in the order of the report: ours, the other.
type Pair = [f64; 2];

impl BenchS3 {
    /// Measures everything and prints one table.
    pub(crate) fn run(&self, house: House) -> Result<()> {
        let running = house.start()?;
        let portal = house.set_up(&running)?;
        let ours = Side { s3: house.s3(&portal)?, process: running.process() };
        let sides = [ours, self.other()?];
        report(&format!("Wellhouse beside {}, on one disk, durable, in turns", self.name));
        report(&format!("  {:38} {:>9} {:>9} {:>7}", "", "Wellhouse", self.name, "ratio"));
        self.large(&sides)?;
        self.small(&sides)?;
        self.listing(&sides)?;
        self.denied(&sides)?;
        memory(&sides)?;
        running.kill()
    }

    fn other(&self) -> Result<Side> {
        let secret = std::fs::read_to_string(&self.secret_file)?.trim().to_owned();
        let credentials = Credentials { access_key_id: self.key.clone(), secret, token: None };
        let (endpoint, region) = (self.beside.clone(), self.region.clone());
        let s3 = S3::new(endpoint, BUCKET.to_owned(), region, credentials);
        s3.make_bucket()?;
        Ok(Side { s3, process: self.process })
    }

    fn rounds(&self) -> usize {
        if self.quick { 1 } else { 3 }
    }

    fn turn(&self) -> Duration {
        Duration::from_secs(if self.quick { 1 } else { 5 })
    }

    /// Medians of some rounds; the two take turns, and the first of a round is the second of the next.
    fn in_turns(&self, measure: impl Fn(&Side) -> Result<f64>, sides: &[Side; 2]) -> Result<Pair> {
        let mut rounds: [Vec<f64>; 2] = Default::default();
        for turn in 0..2 * self.rounds() {
            let who = (turn + turn / 2) % 2;
            let side = sides.get(who).zip(rounds.get_mut(who));
            let (side, round) = side.context("there are two sides")?;
            round.push(measure(side)?);
        }
        Ok(rounds.map(median))
    }

    fn large(&self, sides: &[Side; 2]) -> Result<()> {
        let size = if self.quick { 128 * MIB } else { 1024 * MIB };
        let block = content::bytes(7, 16 * MIB);
        let mib = size / MIB;
        let put = |side: &Side| Ok(rate(size, timed(|| put_single(&side.s3, &block, size))?));
        row(&format!("PUT {mib} MiB, one request, MiB/s"), self.in_turns(put, sides)?);
        let put = |side: &Side| Ok(rate(size, timed(|| put_multipart(&side.s3, &block, size))?));
        row(&format!("PUT {mib} MiB, 8 MiB parts by 4, MiB/s"), self.in_turns(put, sides)?);
        let get = |side: &Side| {
            drop_caches();
            Ok(rate(size, timed(|| drain(found(side.s3.get_raw("bench/multipart")?)?))?))
        };
        row(&format!("GET {mib} MiB, cold, MiB/s"), self.in_turns(get, sides)?);
        Ok(())
    }

    fn small(&self, sides: &[Side; 2]) -> Result<()> {
        let body = content::bytes(11, SMALL);
        for clients in CLIENTS {
            let put = |side: &Side| puts(&side.s3, clients, self.turn(), &body);
            row(&format!("PUT 4 KiB, {clients} clients, a second"), self.in_turns(put, sides)?);
        }
        for side in sides {
            for n in 0..64 {
                side.s3.put(&format!("small/get/{n}"), &body)?;
            }
        }
        for clients in CLIENTS {
            let get = |side: &Side| gets(&side.s3, clients, self.turn());
            row(&format!("GET 4 KiB, {clients} clients, a second"), self.in_turns(get, sides)?);
        }
        Ok(())
    }

    fn listing(&self, sides: &[Side; 2]) -> Result<()> {
        for side in sides {
            fill(&side.s3, LISTED)?;
        }
        let list = |side: &Side| {
            let began = Instant::now();
            let keys = side.s3.list("listed/")?.len();
            ensure!(keys == LISTED, "{keys} keys were listed");
            Ok(1.0 / began.elapsed().as_secs_f64())
        };
        let pair = self.in_turns(list, sides)?;
        row(&format!("LIST {LISTED} keys, pages of 1,000, a second"), pair);
        Ok(())
    }

    /// Requests that are signed well and refused by a policy. Only ours: the other has none.
    fn denied(&self, [ours, _]: &[Side; 2]) -> Result<()> {
        let elsewhere = ours.s3.for_bucket("of-somebody-else");
        for clients in CLIENTS {
            let refused = refusals(&elsewhere, clients, self.turn())?;
            let what = format!("denied, {clients} clients, a second");
            report(&format!("  {what:38} {refused:9.1}"));
        }
        Ok(())
    }
}

fn puts(s3: &S3, clients: usize, turn: Duration, body: &[u8]) -> Result<f64> {
    per_second(clients, turn, || {
        let (client, body) = (s3.clone(), body.to_vec());
        move |n, i| client.put(&format!("small/{n}/{i}"), &body).map(drop)
    })
}

fn gets(s3: &S3, clients: usize, turn: Duration) -> Result<f64> {
    per_second(clients, turn, || {
        let client = s3.clone();
        move |n, _| drain(found(client.get_raw(&format!("small/get/{n}"))?)?)
    })
}

fn refusals(s3: &S3, clients: usize, turn: Duration) -> Result<f64> {
    per_second(clients, turn, || {
        let client = s3.clone();
        move |_, _| {
            let answer = client.get_raw("a")?;
            ensure!(answer.status() == 403, "{} instead of a refusal", answer.status());
            drain(answer)
        }
    })
}

/// A line of the table.
fn row(what: &str, [ours, other]: Pair) {
    let ratio = ours / other;
    report(&format!("  {what:38} {ours:9.1} {other:9.1} {ratio:7.2}"));
}

fn found(answer: ureq::http::Response<ureq::Body>) -> Result<ureq::http::Response<ureq::Body>> {
    ensure!(answer.status().is_success(), "{}", answer.status());
    Ok(answer)
}

fn fill(s3: &S3, keys: usize) -> Result<()> {
    let clients: usize = 16;
    thread::scope(|scope| {
        let fill = |client: usize| {
            let s3 = s3.clone();
            move || -> Result<()> {
                let mut own = (client..keys).step_by(clients);
                own.try_for_each(|n| s3.put(&format!("listed/{n:06}"), b"x").map(drop))
            }
        };
        let filling: Vec<_> = (0..clients).map(|client| scope.spawn(fill(client))).collect();
        filling
            .into_iter()
            .try_for_each(|one| one.join().map_err(|_| anyhow::anyhow!("a worker panicked"))?)
    })
}

/// The memory of both under connections that say nothing, and under such as say little.
fn memory(sides: &[Side; 2]) -> Result<()> {
    let mut pairs: [Pair; 3] = Default::default();
    for (who, side) in sides.iter().enumerate() {
        let mib = || -> Result<f64> {
            let kib = u32::try_from(memory_kib(side.process, "VmRSS")?)?;
            Ok(f64::from(kib) / 1024.0)
        };
        let before = mib()?;
        let idle = connections(side, IDLE)?;
        thread::sleep(Duration::from_secs(1));
        let with_idle = mib()?;
        drop(idle);
        let mut slow = connections(side, SLOW)?;
        let (began, mut most) = (Instant::now(), before);
        for stream in &mut slow {
            let host = side.s3.address();
            write!(stream, "PUT /{BUCKET}/slow HTTP/1.1\r\nhost: {host}\r\n")?;
            write!(stream, "content-length: 1048576\r\n\r\n")?;
        }
        while began.elapsed() < SLOW_TIME {
            // Whoever is cut off by the server is not slow any more.
            slow.retain_mut(|stream| stream.write_all(b"x").is_ok());
            most = most.max(mib()?);
            thread::sleep(SLOW_PAUSE);
        }
        for (pair, value) in pairs.iter_mut().zip([before, with_idle, most]) {
            *pair.get_mut(who).context("there are two sides")? = value;
        }
    }
    let [before, idle, slow] = pairs;
    row("memory after all that, MiB", before);
    row(&format!("… with {IDLE} idle connections"), idle);
    row(&format!("… with {SLOW} slow ones"), slow);
    Ok(())
}

fn connections(side: &Side, many: usize) -> Result<Vec<TcpStream>> {
    let connect = |_| TcpStream::connect(side.s3.address());
    Ok((0..many).map(connect).collect::<Result<_, _>>()?)
}
