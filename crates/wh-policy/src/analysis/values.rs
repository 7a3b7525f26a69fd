//! Values that stand for all values: of numbers, instants, addresses and bytes.
//!
//! What a comparison takes is a union of intervals. The bounds of all of them cut the line into
//! pieces, and values of one piece are told apart by nothing; one of each piece, and one text that is
//! no such value, are enough.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;

use super::language::Reading;
use crate::condition::Typed;
use crate::value::Decimal;

/// A text that is neither number nor date, address or base64.
const PLAIN: &str = "a";

/// One value of every piece into which the tests cut the line, the plainer first, each in a few
/// spellings; and last a text that is not such a value.
pub(super) fn representatives(reading: Reading, tests: &[&Typed]) -> Vec<String> {
    let mut out = match reading {
        Reading::Number => numbers(tests),
        Reading::Instant => instants(tests),
        Reading::Address => addresses(tests),
        Reading::Bytes => bytes(tests),
    };
    out.sort_by_key(|text| (text.chars().count(), text.clone()));
    out.dedup();
    out.push(PLAIN.to_owned());
    out
}

/// Other ways to write a value, for keys whose text is looked at as well.
pub(super) fn spellings(reading: Reading, text: &str) -> Vec<String> {
    match reading {
        Reading::Number => {
            let point = if text.contains('.') { "" } else { "." };
            ["0", "00", "000"].iter().map(|zeros| format!("{text}{point}{zeros}")).collect()
        }
        Reading::Instant | Reading::Address | Reading::Bytes => {
            [" ", "  ", "   "].iter().map(|space| format!("{text}{space}")).collect()
        }
    }
}

fn numbers(tests: &[&Typed]) -> Vec<String> {
    let mut bounds: Vec<&Decimal<'_>> = Vec::new();
    for test in tests {
        if let Typed::Numbers(numbers, _) = test {
            bounds.extend(numbers);
        }
    }
    bounds.sort_unstable();
    bounds.dedup();
    let mut out: Vec<String> = bounds.iter().map(|number| number.to_text()).collect();
    out.push("0".to_owned());
    out.extend(bounds.first().map(|least| least.below()));
    out.extend(bounds.last().map(|most| most.above()));
    let pairs = bounds.iter().zip(bounds.iter().skip(1));
    out.extend(pairs.flat_map(|(low, high)| low.up_to(high)));
    out
}

const SECOND: i128 = 1_000_000_000;

fn instants(tests: &[&Typed]) -> Vec<String> {
    let mut bounds: Vec<i128> = vec![0];
    for test in tests {
        if let Typed::Dates(dates, _) = test {
            bounds.extend(dates);
        }
    }
    let near = bounds.iter().flat_map(|bound| {
        [0, SECOND, -SECOND, 1, -1].into_iter().filter_map(|step| bound.checked_add(step))
    });
    near.map(instant).collect()
}

/// As ISO 8601 where a calendar reaches that far, else in epoch seconds.
fn instant(nanoseconds: i128) -> String {
    if let Ok(instant) = Timestamp::from_nanosecond(nanoseconds)
        && !instant.to_string().starts_with('-')
    {
        return instant.to_string();
    }
    let size = nanoseconds.unsigned_abs();
    let second = SECOND.unsigned_abs();
    let sign = if nanoseconds < 0 { "-" } else { "" };
    format!("{sign}{}.{:09}", size / second, size % second)
}

/// The first IPv6 address behind those that are IPv4 addresses in another spelling.
const BEHIND_MAPPED: u128 = 0x1_0000_0000_0000;

fn addresses(tests: &[&Typed]) -> Vec<String> {
    let mut four = vec![0];
    let mut six = vec![0, BEHIND_MAPPED];
    for test in tests {
        let Typed::Networks(networks) = test else { continue };
        for network in networks {
            match network.bounds() {
                (IpAddr::V4(first), IpAddr::V4(last)) => {
                    four.push(first.to_bits());
                    four.extend(last.to_bits().checked_add(1));
                }
                (IpAddr::V6(first), IpAddr::V6(last)) => {
                    six.push(first.to_bits());
                    six.extend(last.to_bits().checked_add(1));
                }
                (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => {}
            }
        }
    }
    let four = four.into_iter().map(|bits| Ipv4Addr::from_bits(bits).to_string());
    four.chain(six.into_iter().map(|bits| Ipv6Addr::from_bits(bits).to_string())).collect()
}

fn bytes(tests: &[&Typed]) -> Vec<String> {
    let mut listed: Vec<&Vec<u8>> = Vec::new();
    for test in tests {
        if let Typed::Bytes(all) = test {
            listed.extend(all);
        }
    }
    // Longer than all that are listed, so it is none of them.
    let other = vec![0; listed.iter().map(|bytes| bytes.len()).max().unwrap_or(0) + 1];
    listed.into_iter().chain([&other]).map(|bytes| STANDARD.encode(bytes)).collect()
}
