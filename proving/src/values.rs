//! How the second account reads lists, patterns and typed values.

use std::cmp::Ordering;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use base64::Engine as _;
use serde_json::Value;

/// A piece of a text that may hold wildcards and variables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    /// `*`
    Star,
    /// `?`
    Any,
    /// A character that stands for itself.
    Char(char),
    /// A variable's name in lower case, and its default.
    Variable(String, Option<String>),
}

/// One string, or a list of them.
pub(crate) fn strings(value: &Value) -> Vec<String> {
    let listed = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    listed.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect()
}

/// Condition values: strings, numbers and booleans, as text.
pub(crate) fn scalars(value: &Value) -> Vec<String> {
    let text = |v: &Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
    value.as_array().map_or_else(|| vec![text(value)], |items| items.iter().map(text).collect())
}

/// The names of a `Principal`, each with its kind.
pub(crate) fn names(value: &Value) -> Vec<(String, String)> {
    if value == "*" {
        return vec![("AWS".to_owned(), "*".to_owned())];
    }
    let kinds = value.as_object().into_iter().flatten();
    kinds.flat_map(|(kind, list)| strings(list).into_iter().map(|n| (kind.clone(), n))).collect()
}

/// Cuts a text into parts; `None` where a variable is malformed, or where nobody knows whether
/// there are variables.
pub(crate) fn parts(text: &str, variables: Option<bool>) -> Option<Vec<Part>> {
    let variables = variables.or((!text.contains("${")).then_some(false))?;
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some(inside) = rest.strip_prefix("${").filter(|_| variables) {
            let (part, after) = variable(inside)?;
            parts.push(part);
            rest = after;
            continue;
        }
        rest = rest.strip_prefix(c)?;
        parts.push(match c {
            '*' => Part::Star,
            '?' => Part::Any,
            c => Part::Char(c),
        });
    }
    Some(parts)
}

fn variable(inside: &str) -> Option<(Part, &str)> {
    for c in ['*', '?', '$'] {
        if let Some(after) = inside.strip_prefix(c).and_then(|rest| rest.strip_prefix('}')) {
            return Some((Part::Char(c), after));
        }
    }
    let (name, tail) = inside.split_at(inside.find([',', '}'])?);
    let odd = |c: char| c.is_whitespace() || "*?$'{".contains(c);
    if name.is_empty() || name.contains(odd) {
        return None;
    }
    let name = name.to_lowercase();
    if let Some(after) = tail.strip_prefix('}') {
        return Some((Part::Variable(name, None), after));
    }
    let quoted = tail.strip_prefix(',')?.trim_start_matches(' ').strip_prefix('\'')?;
    let (default, after) = quoted.split_once('\'')?;
    Some((Part::Variable(name, Some(default.to_owned())), after.strip_prefix('}')?))
}

/// Splits an ARN's pattern at its first five colons.
pub(crate) fn fields(parts: &[Part]) -> Vec<Vec<Part>> {
    let colon = |part: &Part| *part == Part::Char(':');
    parts.splitn(6, colon).map(<[Part]>::to_vec).collect()
}

/// Whether a pattern matches a whole text: after each part, where in the text it may have ended.
pub(crate) fn glob(pattern: &[Part], text: &[char]) -> bool {
    let mut ends = vec![0];
    for part in pattern {
        let first = ends.first().copied().unwrap_or(usize::MAX);
        ends = match part {
            Part::Star => (first..=text.len()).collect(),
            Part::Any => ends.iter().map(|at| at + 1).filter(|at| *at <= text.len()).collect(),
            Part::Char(c) => {
                let hits = ends.iter().filter(|at| text.get(**at) == Some(c));
                hits.map(|at| at + 1).collect()
            }
            Part::Variable(..) => Vec::new(),
        };
    }
    ends.last() == Some(&text.len())
}

/// A text's characters.
pub(crate) fn chars(text: &str) -> Vec<char> {
    text.chars().collect()
}

/// A text without wildcards.
pub(crate) fn literal(text: &str) -> Vec<Part> {
    text.chars().map(Part::Char).collect()
}

/// Parts as they were written.
pub(crate) fn plain(parts: &[Part]) -> String {
    let written = parts.iter().map(|part| match part {
        Part::Star => '*',
        Part::Any => '?',
        Part::Char(c) => *c,
        Part::Variable(..) => '\u{fffd}',
    });
    written.collect()
}

/// `true` or `false`, in any case.
pub(crate) fn boolean(text: &str) -> Option<bool> {
    text.to_ascii_lowercase().parse().ok()
}

/// What base64 stands for.
pub(crate) fn bytes(text: &str) -> Option<Vec<u8>> {
    base64::prelude::BASE64_STANDARD.decode(text).ok()
}

/// A decimal: whether it is below zero, its digits before the point without leading zeros, and
/// those behind without trailing ones.
pub(crate) type Decimal = (bool, String, String);

/// Reads a decimal.
pub(crate) fn number(text: &str) -> Option<Decimal> {
    let text = text.trim();
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, behind) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    digits(&format!("{whole}{behind}"))?;
    let whole = whole.trim_start_matches('0').to_owned();
    let behind = behind.trim_end_matches('0').to_owned();
    Some((negative && !(whole.is_empty() && behind.is_empty()), whole, behind))
}

fn digits(text: &str) -> Option<&str> {
    (!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())).then_some(text)
}

/// Which of two decimals is greater.
pub(crate) fn compare_numbers(a: &Decimal, b: &Decimal) -> Ordering {
    let size = |d: &Decimal| (d.1.len(), d.1.clone(), d.2.clone());
    match (a.0, b.0) {
        (false, false) => size(a).cmp(&size(b)),
        (true, true) => size(b).cmp(&size(a)),
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
    }
}

/// Nanoseconds since 1970 of a W3C date at any precision, or of epoch seconds.
pub(crate) fn instant(text: &str) -> Option<i128> {
    let (date, time) = text.split_once('T').map_or((text, None), |(d, t)| (d, Some(t)));
    let fields: Vec<&str> = date.split('-').collect();
    let widths: Vec<usize> = fields.iter().map(|f| f.len()).collect();
    let dated = fields.iter().all(|f| digits(f).is_some());
    if time.is_none() && !(dated && matches!(widths[..], [4] | [4, 2] | [4, 2, 2])) {
        return epoch(text);
    }
    let mut numbers = fields.iter().map(|f| digits(f)?.parse::<i128>().ok());
    let year = numbers.next()??;
    let month = numbers.next().unwrap_or(Some(1))?;
    let day = numbers.next().unwrap_or(Some(1))?;
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let february = if leap { 29 } else { 28 };
    let months = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let length = *months.get(usize::try_from(month.checked_sub(1)?).ok()?)?;
    if widths.iter().zip([4, 2, 2]).any(|(w, n)| *w != n) || day < 1 || day > length {
        return None;
    }
    let years = year - 1;
    let before: i128 = months.iter().take(usize::try_from(month - 1).ok()?).sum();
    let days = years * 365 + years / 4 - years / 100 + years / 400 + before + day - 1 - 719_162;
    let clock = match time {
        Some(time) if widths.len() == 3 => clock(time)?,
        Some(_) => return None,
        None => 0,
    };
    Some(days * 86_400 * 1_000_000_000 + clock)
}

fn epoch(text: &str) -> Option<i128> {
    let (negative, whole, fraction) = number(text)?;
    let nanoseconds = format!("{whole}{:0<9}", fraction.get(..9).unwrap_or(&fraction));
    let size: i128 = nanoseconds.parse().ok()?;
    Some(if negative { -size } else { size })
}

/// `hh`, `hh:mm`, `hh:mm:ss` or `hh:mm:ss.s`, and the zone, which is UTC where none is given.
fn clock(text: &str) -> Option<i128> {
    let (time, offset) = if let Some(time) = text.strip_suffix('Z') {
        (time, 0)
    } else if let Some(at) = text.rfind(['+', '-']) {
        let (time, zone) = text.split_at(at);
        let zone_fields = zone.split(':').count().min(2);
        let minutes = sexagesimal(zone.get(1..)?, zone_fields)?;
        (time, if zone.starts_with('-') { -minutes } else { minutes })
    } else {
        (text, 0)
    };
    let Some((whole, fraction)) = time.split_once('.') else {
        let seconds = sexagesimal(time, time.split(':').count())?;
        return Some((seconds - offset) * 1_000_000_000);
    };
    let nanoseconds = format!("{:0<9}", digits(fraction)?).get(..9)?.parse::<i128>().ok()?;
    Some((sexagesimal(whole, 3)? - offset) * 1_000_000_000 + nanoseconds)
}

fn sexagesimal(text: &str, fields: usize) -> Option<i128> {
    let mut total = 0;
    let parts: Vec<&str> = text.split(':').collect();
    if parts.len() != fields || !(1..=3).contains(&fields) {
        return None;
    }
    for ((part, limit), unit) in parts.iter().zip([24, 60, 60]).zip([3600, 60, 1]) {
        let number = digits(part).filter(|p| p.len() == 2)?.parse::<i128>().ok()?;
        total += if number < limit { number * unit } else { return None };
    }
    Some(total)
}

/// A network and the length of its prefix; an address is a network of its own.
pub(crate) fn network(text: &str) -> Option<(IpAddr, u32)> {
    let (address, prefix) = text.split_once('/').map_or((text, None), |(a, p)| (a, Some(p)));
    let address: IpAddr = address.parse().ok()?;
    let width = if address.is_ipv4() { Ipv4Addr::BITS } else { Ipv6Addr::BITS };
    let prefix = match prefix {
        Some(prefix) => digits(prefix)?.parse().ok().filter(|p| *p <= width)?,
        None => width,
    };
    let mapped = address.is_ipv6() && address.to_canonical().is_ipv4() && prefix >= 96;
    Some(if mapped { (address.to_canonical(), prefix - 96) } else { (address, prefix) })
}

/// Whether an address lies in a network; an IPv4-mapped address is the IPv4 address.
pub(crate) fn within(address: IpAddr, (network, prefix): (IpAddr, u32)) -> bool {
    match (network, address.to_canonical()) {
        (IpAddr::V4(n), IpAddr::V4(a)) => {
            prefix == 0 || (n.to_bits() ^ a.to_bits()) >> (32 - prefix) == 0
        }
        (IpAddr::V6(n), IpAddr::V6(a)) => {
            prefix == 0 || (n.to_bits() ^ a.to_bits()) >> (128 - prefix) == 0
        }
        (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
    }
}
