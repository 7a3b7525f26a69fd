//! Typed condition values: decimals, dates, addresses, bytes.

use std::cmp::Ordering;
use std::net::{IpAddr, Ipv6Addr};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;

/// A decimal number of any length, compared by value: `9` < `100`, `10` = `10.0`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decimal {
    negative: bool,
    whole: String,
    fraction: String,
}

/// The largest exponent that is written out; no real value comes near it.
const EXPONENT_MAX: i32 = 400;

impl Decimal {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(fraction) || whole.len() + fraction.len() == 0 {
            return None;
        }
        let (whole, fraction) = shifted(whole, fraction, exponent)?;
        let whole = whole.trim_start_matches('0').to_owned();
        let fraction = fraction.trim_end_matches('0').to_owned();
        let negative = negative && !(whole.is_empty() && fraction.is_empty());
        Some(Self { negative, whole, fraction })
    }
}

fn shifted(whole: &str, fraction: &str, exponent: i32) -> Option<(String, String)> {
    if exponent.abs() > EXPONENT_MAX {
        return None;
    }
    let places = usize::try_from(exponent.unsigned_abs()).ok()?;
    if exponent >= 0 {
        let padded = format!("{fraction:0<places$}");
        let (up, down) = padded.split_at_checked(places)?;
        return Some((format!("{whole}{up}"), down.to_owned()));
    }
    let padded = format!("{whole:0>places$}");
    let (up, down) = padded.split_at_checked(padded.len() - places)?;
    Some((up.to_owned(), format!("{down}{fraction}")))
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let size = |a: &Self, b: &Self| {
            let whole = a.whole.len().cmp(&b.whole.len()).then_with(|| a.whole.cmp(&b.whole));
            whole.then_with(|| a.fraction.cmp(&b.fraction))
        };
        match (self.negative, other.negative) {
            (false, false) => size(self, other),
            (true, true) => size(other, self),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

const NANOSECONDS: i128 = 1_000_000_000;

/// An instant, in nanoseconds of the Unix epoch: ISO 8601 at any precision, or epoch seconds.
pub(crate) fn parse_date(text: &str) -> Option<i128> {
    let text = text.trim();
    // Four digits are a year: W3C's date format knows that, and nobody means 34 minutes past 1970.
    let year = text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit());
    if !year && let Some(seconds) = epoch_seconds(text) {
        return Some(seconds);
    }
    let (date, time) = text.split_once(['T', 't', ' ']).unwrap_or((text, "00:00Z"));
    let date = match date.len() {
        4 => format!("{date}-01-01"),
        7 => format!("{date}-01"),
        _ => date.to_owned(),
    };
    let offset_at = time.find(['Z', 'z', '+', '-']).unwrap_or(time.len());
    let (clock, offset) = time.split_at_checked(offset_at)?;
    let offset = if offset.is_empty() { "Z" } else { offset };
    let clock = if clock.len() == 2 { format!("{clock}:00") } else { clock.to_owned() };
    let instant: Timestamp = format!("{date}T{clock}{offset}").parse().ok()?;
    Some(instant.as_nanosecond())
}

fn epoch_seconds(text: &str) -> Option<i128> {
    let number = Decimal::parse(text)?;
    let whole: i128 = if number.whole.is_empty() { 0 } else { number.whole.parse().ok()? };
    let fraction = number.fraction.get(..9).unwrap_or(&number.fraction);
    let nanos: i128 = format!("{fraction:0<9}").parse().ok()?;
    let size = whole.checked_mul(NANOSECONDS)?.checked_add(nanos)?;
    Some(if number.negative { -size } else { size })
}

/// A range of addresses: base and prefix length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Network {
    base: IpAddr,
    length: u32,
}

/// An address; an IPv4 address written as IPv6 becomes IPv4.
pub(crate) fn parse_address(text: &str) -> Option<IpAddr> {
    let address: IpAddr = text.trim().parse().ok()?;
    Some(address.to_canonical())
}

impl Network {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (address, length) = match text.trim().split_once('/') {
            Some((address, length)) => (address, Some(decimal_length(length)?)),
            None => (text.trim(), None),
        };
        let written: IpAddr = address.parse().ok()?;
        let bits = if written.is_ipv4() { 32 } else { 128 };
        let length = length.unwrap_or(bits);
        if length > bits {
            return None;
        }
        let base = written.to_canonical();
        if written.is_ipv6() && base.is_ipv4() {
            // Only a range inside ::ffff:0:0/96 is a range of IPv4 addresses.
            return Some(match length.checked_sub(96) {
                Some(length) => Self { base, length },
                None => Self { base: written, length },
            });
        }
        Some(Self { base, length })
    }

    pub(crate) fn holds(&self, address: IpAddr) -> bool {
        match (self.base, address) {
            (IpAddr::V4(base), IpAddr::V4(address)) => {
                let differ = base.to_bits() ^ address.to_bits();
                differ.checked_shr(32_u32.saturating_sub(self.length)).unwrap_or(0) == 0
            }
            (IpAddr::V6(base), IpAddr::V6(address)) => self.holds_v6(base, address),
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }

    fn holds_v6(&self, base: Ipv6Addr, address: Ipv6Addr) -> bool {
        let differ = base.to_bits() ^ address.to_bits();
        differ.checked_shr(128_u32.saturating_sub(self.length)).unwrap_or(0) == 0
    }
}

fn decimal_length(text: &str) -> Option<u32> {
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| text.parse().ok())?
}

pub(crate) fn parse_bool(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        return Some(true);
    }
    text.eq_ignore_ascii_case("false").then_some(false)
}

pub(crate) fn parse_bytes(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text.trim()).ok()
}
