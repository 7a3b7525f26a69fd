//! Typed condition values: decimals, dates, addresses, bytes.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;

/// A decimal number of any length, compared by value: `9` < `100`, `10` = `10.0`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decimal<'t> {
    negative: bool,
    /// Without leading zeros.
    whole: Cow<'t, str>,
    /// Without trailing zeros.
    fraction: Cow<'t, str>,
}

/// The largest exponent that is written out; no real value comes near it.
const EXPONENT_MAX: i32 = 400;

impl<'t> Decimal<'t> {
    pub(crate) fn parse(text: &'t str) -> Option<Self> {
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
        let (whole, fraction) = match exponent {
            0 => (Cow::Borrowed(whole), Cow::Borrowed(fraction)),
            _ => shifted(whole, fraction, exponent)?,
        };
        let whole = trimmed(whole, |text| text.trim_start_matches('0'));
        let fraction = trimmed(fraction, |text| text.trim_end_matches('0'));
        let negative = negative && !(whole.is_empty() && fraction.is_empty());
        Some(Self { negative, whole, fraction })
    }

    pub(crate) fn into_owned(self) -> Decimal<'static> {
        Decimal {
            negative: self.negative,
            whole: Cow::Owned(self.whole.into_owned()),
            fraction: Cow::Owned(self.fraction.into_owned()),
        }
    }
}

/// Numbers near a number, as text, for whoever looks for a number between others.
impl Decimal<'_> {
    pub(crate) fn to_text(&self) -> String {
        let sign = if self.negative { "-" } else { "" };
        let whole = if self.whole.is_empty() { "0" } else { &self.whole };
        let point = if self.fraction.is_empty() { "" } else { "." };
        format!("{sign}{whole}{point}{}", self.fraction)
    }

    /// A number below.
    pub(crate) fn below(&self) -> String {
        if self.negative { self.larger() } else { "-1".to_owned() }
    }

    /// A number above.
    pub(crate) fn above(&self) -> String {
        if self.negative { "1".to_owned() } else { self.larger() }
    }

    /// Further from zero, by a digit in front of all others.
    fn larger(&self) -> String {
        let sign = if self.negative { "-" } else { "" };
        format!("{sign}1{:0<width$}", "", width = self.whole.len())
    }

    /// Numbers strictly between this one and a greater one: a plain one where there is one, and in
    /// any case one.
    pub(crate) fn up_to(&self, greater: &Decimal<'_>) -> Vec<String> {
        if self.negative && !greater.negative {
            let zero = !greater.whole.is_empty() || !greater.fraction.is_empty();
            return if zero { vec!["0".to_owned()] } else { self.towards(greater) };
        }
        // Of the two, the one nearer to zero grows a little.
        if greater.negative { greater.towards(self) } else { self.towards(greater) }
    }

    /// From the number nearer to zero towards the other: the next whole number, and the shortest
    /// fraction that is small enough.
    fn towards(&self, further: &Decimal<'_>) -> Vec<String> {
        let (low, high) = if self < further { (self, further) } else { (further, self) };
        let between = |text: &String| {
            Decimal::parse(text).is_some_and(|number| *low < number && number < *high)
        };
        let sign = if low.negative { "-" } else { "" };
        let nearer = if self.size() < further.size() { self } else { further };
        let digits = if nearer.whole.is_empty() { "0" } else { &nearer.whole };
        let whole = digits.parse::<u128>().ok().and_then(|whole| whole.checked_add(1));
        let mut out: Vec<String> =
            whole.map(|whole| format!("{sign}{whole}")).into_iter().collect();
        let places = self.fraction.len() + further.fraction.len() + 1;
        let small =
            (0..=places).map(|zeros| format!("{sign}{digits}.{}{:0<zeros$}1", nearer.fraction, ""));
        out.extend(small.filter(|text| between(text)).take(1));
        out.retain(between);
        out
    }

    fn size(&self) -> Self {
        Self { negative: false, ..self.clone() }
    }
}

fn trimmed(text: Cow<'_, str>, trim: impl Fn(&str) -> &str) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(trim(text)),
        Cow::Owned(text) => Cow::Owned(trim(&text).to_owned()),
    }
}

fn shifted(
    whole: &str,
    fraction: &str,
    exponent: i32,
) -> Option<(Cow<'static, str>, Cow<'static, str>)> {
    if exponent.abs() > EXPONENT_MAX {
        return None;
    }
    let places = usize::try_from(exponent.unsigned_abs()).ok()?;
    if exponent >= 0 {
        let padded = format!("{fraction:0<places$}");
        let (up, down) = padded.split_at_checked(places)?;
        return Some((format!("{whole}{up}").into(), down.to_owned().into()));
    }
    let padded = format!("{whole:0>places$}");
    let (up, down) = padded.split_at_checked(padded.len() - places)?;
    Some((up.to_owned().into(), format!("{down}{fraction}").into()))
}

impl Ord for Decimal<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        let size = |a: &Decimal<'_>, b: &Decimal<'_>| {
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

impl PartialOrd for Decimal<'_> {
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
    if date.len() == 10 && time.len() > 8 && time.ends_with('Z') && text.contains('T') {
        // The usual form needs no completing, and so no second text.
        let instant: Timestamp = text.parse().ok()?;
        return Some(instant.as_nanosecond());
    }
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
    let digits = number.fraction.bytes().chain(std::iter::repeat(b'0')).take(9);
    let nanos = digits.fold(0_i128, |sum, digit| sum * 10 + i128::from(digit - b'0'));
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

    /// The first and the last address of the range.
    pub(crate) fn bounds(&self) -> (IpAddr, IpAddr) {
        match self.base {
            IpAddr::V4(base) => {
                let host = u32::MAX.checked_shr(self.length).unwrap_or(0);
                let first = base.to_bits() & !host;
                (Ipv4Addr::from_bits(first).into(), Ipv4Addr::from_bits(first | host).into())
            }
            IpAddr::V6(base) => {
                let host = u128::MAX.checked_shr(self.length).unwrap_or(0);
                let first = base.to_bits() & !host;
                (Ipv6Addr::from_bits(first).into(), Ipv6Addr::from_bits(first | host).into())
            }
        }
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

#[cfg(test)]
mod tests {
    use super::{Decimal, Network, parse_address, parse_date};

    #[track_caller]
    fn in_network(network: &str, address: &str, expected: bool) {
        let network = Network::parse(network).expect("a network");
        let address = parse_address(address).expect("an address");
        assert_eq!(network.holds(address), expected);
    }

    #[test]
    fn addresses_are_compared_as_numbers() {
        in_network("10.1.2.3/8", "10.9.9.9", true);
        in_network("10.0.0.0/8", "11.0.0.0", false);
        in_network("0.0.0.0/0", "255.1.2.3", true);
        in_network("0.0.0.0/0", "2001:db8::1", false);
        in_network("::/0", "10.0.0.1", false);
        in_network("::/0", "2001:db8::1", true);
        in_network("2001:0db8:0:0::1", "2001:db8::1", true);
        in_network("2001:db8::/33", "2001:db8:8000::", false);
        in_network("203.0.113.7", "::ffff:203.0.113.7", true);
        in_network("::ffff:10.0.0.0/104", "10.2.3.4", true);
        assert_eq!(Network::parse("10.0.0.0/33"), None);
        assert_eq!(Network::parse("10.0.0/8"), None);
        assert_eq!(Network::parse("10.0.0.0/+8"), None);
    }

    #[track_caller]
    fn ordered(small: &str, large: &str) {
        assert!(Decimal::parse(small) < Decimal::parse(large), "{small} < {large}");
    }

    #[test]
    fn between_two_numbers_there_is_another() {
        let numbers =
            ["-100", "-9.5", "-9.4", "-0.01", "0", "0.001", "0.01", "9", "9.5", "10", "1e30"];
        for (low, high) in numbers.iter().zip(numbers.iter().skip(1)) {
            let (low, high) = (Decimal::parse(low).unwrap(), Decimal::parse(high).unwrap());
            let found = low.up_to(&high);
            assert!(!found.is_empty(), "{low:?} {high:?}");
            for text in found {
                let between = Decimal::parse(&text).expect("a number");
                assert!(low < between && between < high, "{text}");
            }
        }
        for number in numbers {
            let number = Decimal::parse(number).unwrap();
            assert!(Decimal::parse(&number.below()).unwrap() < number);
            assert!(Decimal::parse(&number.above()).unwrap() > number);
            assert_eq!(Decimal::parse(&number.to_text()), Some(number));
        }
    }

    #[test]
    fn numbers_are_compared_by_value() {
        ordered("9", "100");
        ordered("-100", "-9");
        ordered("-0.1", "0");
        ordered("1.09", "1.1");
        ordered("9007199254740992", "9007199254740993");
        ordered("9e1", "9.1e1");
        assert_eq!(Decimal::parse("10"), Decimal::parse("1.0e1"));
        assert_eq!(Decimal::parse("-0"), Decimal::parse("0.00"));
        assert_eq!(Decimal::parse("125e-2"), Decimal::parse("1.25"));
        for bad in ["", ".", "1.2.3", "abc", "1e", "1e9999", "0x1", "1 2"] {
            assert_eq!(Decimal::parse(bad), None, "{bad}");
        }
    }

    #[track_caller]
    fn same_instant(one: &str, other: &str) {
        assert!(parse_date(one).is_some(), "{one}");
        assert_eq!(parse_date(one), parse_date(other), "{one} = {other}");
    }

    #[test]
    fn dates_are_instants_at_any_precision() {
        same_instant("2026-06-30", "2026-06-30T00:00:00Z");
        same_instant("2026-06", "2026-06-01T00:00Z");
        same_instant("2026", "2026-01-01T00:00:00Z");
        same_instant("2026-06-30T02:00:00+02:00", "2026-06-30T00:00:00Z");
        same_instant("1782777600", "2026-06-30T00:00:00Z");
        same_instant("1782777600.5", "2026-06-30T00:00:00.5Z");
        for bad in ["", "yesterday", "2026-13-01", "2026-06-30T25:00:00Z"] {
            assert_eq!(parse_date(bad), None, "{bad}");
        }
    }
}
