//! How long searches take over very many names, and adding up what lies in each folder, beside `grep`'s work on the same names: going over all of
//! them once and counting the lines that hold a word. `cargo run --release -p wh-index --example
//! search-bench -- 1000000`.

use std::collections::BTreeMap;
use std::io::Write;
use std::time::{Duration, Instant};

use wh_index::{IndexedName, NameIndex, NameQuery, SearchPlace};

const QUERIES: usize = 1_000;
const PAGE: usize = 50;

const WORDS: [&str; 16] = [
    "report", "invoice", "holiday", "budget", "draft", "meeting", "photo", "contract", "summary",
    "scan", "plan", "letter", "backup", "notes", "music", "map",
];
const ENDINGS: [&str; 8] = ["pdf", "jpg", "docx", "xlsx", "txt", "mp4", "zip", "png"];

/// A small generator of numbers that are the same every time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(bound).unwrap_or(1)).unwrap_or_default()
    }

    fn word(&mut self) -> &'static str {
        WORDS.get(self.below(WORDS.len())).copied().unwrap_or_default()
    }
}

fn names(count: usize) -> Vec<IndexedName> {
    let mut numbers = Numbers(88_172_645_463_325_252);
    let mut all: Vec<IndexedName> = (0..count)
        .map(|n| {
            let (year, month) = (2000 + numbers.below(27), 1 + numbers.below(12));
            let (one, two, three) = (numbers.word(), numbers.word(), numbers.word());
            let ending = ENDINGS.get(numbers.below(ENDINGS.len())).copied().unwrap_or_default();
            IndexedName {
                key: format!("shared/{one}/{year}/{month:02}/{two} {three} {n:07}.{ending}"),
                size: 1,
                modified: i64::try_from(n).unwrap_or_default(),
            }
        })
        .collect();
    all.sort_by(|one, other| one.key.cmp(&other.key));
    all
}

/// Words of every kind: all over, rare, in no name, of one letter, several.
fn query(numbers: &mut Numbers, count: usize) -> String {
    match numbers.below(8) {
        0 | 1 => numbers.word().to_owned(),
        2 => format!("{} {}", numbers.word(), numbers.word()),
        3 | 4 => format!("{:07}", numbers.below(count)),
        5 => format!("{} {}", 2000 + numbers.below(27), numbers.word()),
        6 => "e".to_owned(),
        _ => format!("nowhere{}", numbers.below(count)),
    }
}

fn page(index: &NameIndex, text: &str) -> usize {
    let Ok(query) = NameQuery::parse(text) else { return 0 };
    let place = SearchPlace {
        bucket: "files".to_owned(),
        prefix: "shared/".to_owned(),
        folder: String::new(),
    };
    let mut ranking = index.search(vec![place], &query);
    let mut shown = 0;
    while shown < PAGE {
        let alike = ranking.next_alike();
        if alike.is_empty() {
            break;
        }
        shown += alike.len();
    }
    shown
}

/// Bytes and files below each folder in `prefix`, as usage by folder adds them up.
fn usage(index: &NameIndex, prefix: &str) -> BTreeMap<String, (u64, u64)> {
    let mut sums: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    index.each_below("files", prefix, |key, bytes| {
        let rest = key.get(prefix.len()..).unwrap_or_default();
        let child = rest.split_once('/').map_or("", |(child, _)| child);
        match sums.get_mut(child) {
            Some(sum) => *sum = (sum.0 + bytes, sum.1 + 1),
            None => drop(sums.insert(child.to_owned(), (bytes, 1))),
        }
    });
    sums
}

fn at(times: &[Duration], part: usize, of: usize) -> f64 {
    let place = times.len() * part / of;
    times.get(place.min(times.len().saturating_sub(1))).map_or(0.0, |time| time.as_secs_f64() * 1e3)
}

fn resident_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse::<u64>().map_or(0, |kib| kib / 1024)
}

fn main() -> std::io::Result<()> {
    let count = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    let names = names(count);
    let lines: String = names.iter().flat_map(|name| [name.key.as_str(), "\n"]).collect();
    let index = NameIndex::new(count);
    let (before, began) = (resident_mib(), Instant::now());
    for chunk in names.chunks(1_000) {
        let first = chunk.first().map_or("", |name| name.key.as_str());
        let _full = index.replace("files", (first, None), chunk.to_vec());
    }
    let (filled, held) = (began.elapsed(), resident_mib().saturating_sub(before));
    drop(names);
    let mut numbers = Numbers(2_463_534_242);
    let (mut times, mut plain) = (Vec::new(), Vec::new());
    for _ in 0..QUERIES {
        let text = query(&mut numbers, count);
        let began = Instant::now();
        std::hint::black_box(page(&index, &text));
        times.push(began.elapsed());
    }
    for _ in 0..20 {
        let word = numbers.word();
        let began = Instant::now();
        std::hint::black_box(lines.lines().filter(|line| line.contains(word)).count());
        plain.push(began.elapsed());
    }
    times.sort_unstable();
    plain.sort_unstable();
    let (median, p99, grep) = (at(&times, 1, 2), at(&times, 99, 100), at(&plain, 1, 2));
    let mut out = std::io::stdout().lock();
    writeln!(out, "names {count}, filled in {:.2} s, {held} MiB", filled.as_secs_f64())?;
    writeln!(
        out,
        "queries {QUERIES}: median {median:.1} ms, p99 {p99:.1} ms, most {:.1} ms",
        at(&times, 1, 1)
    )?;
    for prefix in ["shared/", "shared/report/", "shared/report/2010/"] {
        let mut times = Vec::new();
        for _ in 0..50 {
            let began = Instant::now();
            std::hint::black_box(usage(&index, prefix));
            times.push(began.elapsed());
        }
        times.sort_unstable();
        let names: u64 = usage(&index, prefix).values().map(|(_, files)| files).sum();
        let (median, most) = (at(&times, 1, 2), at(&times, 1, 1));
        writeln!(
            out,
            "usage of {prefix}, {names} names: median {median:.1} ms, most {most:.1} ms"
        )?;
    }
    writeln!(out, "counting lines with a word in the same names: median {grep:.1} ms")?;
    writeln!(out, "median {:.2} and p99 {:.2} times that", median / grep, p99 / grep)
}
