//! What cannot be, though each value by itself could.

use std::collections::BTreeSet;
use std::ops::Range;

use toml::Spanned;

use super::raw::{Raw, RawEncryption, RawHost};
use super::read::Reader;
use super::{Description, Target};

/// The longest name of an installation.
const INSTALLATION_CHARS_MAX: usize = 32;
/// S3 takes 50 tags, and four are ours.
const TAGS_MAX: usize = 46;
/// Tags that are ours.
const OWN_TAGS: [&str; 4] = ["app", "managed-by", "installation-id", "data-class"];

/// Whether a name may stand in the path of every role.
pub(crate) fn installation_is_valid(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (1..=INSTALLATION_CHARS_MAX).contains(&name.len()) && name.bytes().all(plain)
}

/// Adds the faults that the text alone tells.
pub(super) fn check_text(reader: &mut Reader<'_>, raw: &Raw, target: Target) {
    let installation = raw.installation.get_ref();
    if !installation_is_valid(installation) {
        let message = format!(
            "`{installation}` cannot stand in the path of roles: write 1–{INSTALLATION_CHARS_MAX} of a–z, 0–9 and `-`"
        );
        reader.fault("installation", Some(raw.installation.span()), message);
    }
    check_origins(reader, raw);
    check_key(reader, raw);
    check_tags(reader, raw);
    check_prefixes(reader, raw);
    check_external_id(reader, raw);
    check_trail(reader, raw);
    check_data_class(reader, raw);
    if target == Target::Embedded {
        check_embedded(reader, raw);
    }
}

/// Adds the faults of combinations.
pub(super) fn check(reader: &mut Reader<'_>, raw: &Raw, description: &Description) {
    check_names(reader, raw, description);
    if let (Some(trail), None, true) = (&raw.trail, &description.logs, description.trail.is_some())
    {
        let message = "a trail needs the bucket of logs: write [logs], or enabled = false here";
        reader.fault("trail", Some(trail.span()), message.to_owned());
    }
}

fn check_external_id(reader: &mut Reader<'_>, raw: &Raw) {
    let Some(id) = &raw.external_id else { return };
    let plain = |c: char| c.is_ascii_alphanumeric() || "+=,.@:/-_".contains(c);
    let text = id.get_ref();
    if !(2..=1224).contains(&text.chars().count()) || !text.chars().all(plain) {
        let message = "it must be 2–1,224 letters, digits or any of +=,.@:/-_".to_owned();
        reader.fault("external_id", Some(id.span()), message);
    }
}

/// Source: CloudTrail User Guide, "Naming requirements for CloudTrail resources".
fn check_trail(reader: &mut Reader<'_>, raw: &Raw) {
    let trail = raw.trail.as_ref().and_then(|trail| trail.get_ref().name.as_ref());
    let Some(name) = trail else { return };
    let text = name.get_ref();
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let ends = |c: char| c.is_ascii_alphanumeric();
    let doubled = text.as_bytes().windows(2).any(|two| two.iter().all(|b| b"._-".contains(b)));
    let address = text.parse::<std::net::Ipv4Addr>().is_ok();
    let fits = (3..=128).contains(&text.len()) && text.chars().all(plain);
    if !fits || !text.starts_with(ends) || !text.ends_with(ends) || doubled || address {
        let message = format!(
            "`{text}` is no name of a trail: write 3–128 letters, digits or any of ._-, beginning and \
             ending with a letter or digit, no two of ._- together, and no IP address"
        );
        reader.fault("trail.name", Some(name.span()), message);
    }
}

fn check_data_class(reader: &mut Reader<'_>, raw: &Raw) {
    for (number, bucket) in raw.bucket.iter().enumerate() {
        let Some(class) = &bucket.data_class else { continue };
        if class.get_ref().is_empty() || !tag_is_valid(class.get_ref(), 256) {
            let message =
                "the value of a tag has 1–256 letters, digits, spaces or any of _.:/=+-@ here";
            let place = format!("bucket[{number}].data_class");
            reader.fault(&place, Some(class.span()), message.to_owned());
        }
    }
}

fn check_origins(reader: &mut Reader<'_>, raw: &Raw) {
    for origin in &raw.portal_origins {
        let text = origin.get_ref().as_str();
        let host = text.strip_prefix("https://").or_else(|| {
            let host = text.strip_prefix("http://")?;
            let name = host.split(':').next().unwrap_or_default();
            matches!(name, "localhost" | "127.0.0.1" | "[::1]").then_some(host)
        });
        let plain = |host: &str| {
            !host.is_empty() && !host.contains(['/', '*', '?', '#', '@', ' ']) && host.is_ascii()
        };
        if !host.is_some_and(plain) {
            let message = format!(
                "`{text}` is no origin of the portal: write https:// and its host, and the port where \
                 it is not 443, without a path and without `*`"
            );
            reader.fault("portal_origins", Some(origin.span()), message);
        }
    }
}

fn check_key(reader: &mut Reader<'_>, raw: &Raw) {
    let Some(alias) = &raw.key_alias else { return };
    let (text, span) = (alias.get_ref(), alias.span());
    let name = text.strip_prefix("alias/").unwrap_or_default();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/_-".contains(c);
    if name.is_empty() || name.starts_with("aws/") || !name.chars().all(plain) {
        let message = format!(
            "`{text}` is no alias of a key of yours: write alias/ and letters, digits or any of /_-"
        );
        reader.fault("key_alias", Some(span), message);
    } else if raw.encryption.as_ref().is_some_and(|e| *e.get_ref() == RawEncryption::S3) {
        let message = "there is no key: leave it out, or write encryption = \"kms\"".to_owned();
        reader.fault("key_alias", Some(span), message);
    }
}

fn check_tags(reader: &mut Reader<'_>, raw: &Raw) {
    if raw.tags.len() > TAGS_MAX {
        let message = format!("{} tags: S3 takes {TAGS_MAX} beside ours", raw.tags.len());
        reader.fault("tags", None, message);
    }
    for (key, value) in &raw.tags {
        let place = format!("tags.{key}");
        // IAM takes two keys that differ in case only for one.
        let message = if OWN_TAGS.contains(&key.to_ascii_lowercase().as_str()) {
            "this tag is the estate's own: take another name"
        } else if key.to_ascii_lowercase().starts_with("aws:") {
            "tags that begin in aws: are AWS's own: take another name"
        } else if !tag_is_valid(key, 128) || key.is_empty() {
            "a key has 1–128 letters, digits, spaces or any of _.:/=+-@"
        } else if !tag_is_valid(value.get_ref(), 256) {
            "a value has at most 256 letters, digits, spaces or any of _.:/=+-@"
        } else {
            continue;
        };
        reader.fault(&place, Some(value.span()), message.to_owned());
    }
}

fn tag_is_valid(text: &str, chars_max: usize) -> bool {
    let plain = |c: char| c.is_alphanumeric() || c == ' ' || "_.:/=+-@".contains(c);
    text.chars().count() <= chars_max && text.chars().all(plain)
}

fn check_names(reader: &mut Reader<'_>, raw: &Raw, description: &Description) {
    let mut names = BTreeSet::new();
    for (number, bucket) in raw.bucket.iter().enumerate() {
        let (name, span) = (bucket.name.get_ref().as_str(), bucket.name.span());
        let place = format!("bucket[{number}].name");
        if !names.insert(name) {
            let message = format!("`{name}` stands here twice: describe each bucket once");
            reader.fault(&place, Some(span.clone()), message);
        }
        check_regional(reader, (&place, name, span), description);
    }
    let logs = raw.logs.as_ref().and_then(|logs| logs.get_ref().name.as_ref());
    if let Some(logs) = logs.filter(|logs| names.contains(logs.get_ref().as_str())) {
        let message = "logs beside the files that they are about: take a bucket of their own";
        reader.fault("logs.name", Some(logs.span()), message.to_owned());
    }
}

/// A name in an account's own namespace tells account and region, and S3 holds them against ours.
fn check_regional(
    reader: &mut Reader<'_>,
    (place, name, span): (&str, &str, Range<usize>),
    description: &Description,
) {
    let Some(at) = crate::bucket::regional_suffix(name) else { return };
    let ours = format!("-{}-{}-an", description.account, description.region);
    if name.get(at..) != Some(ours.as_str()) {
        let message = format!(
            "a name that ends in `-an` belongs to an account and a region, and these are others: \
             it must end in `{ours}`"
        );
        reader.fault(place, Some(span), message);
    }
}

fn check_prefixes(reader: &mut Reader<'_>, raw: &Raw) {
    for (number, bucket) in raw.bucket.iter().enumerate() {
        let Some(prefix) = &bucket.instance_prefix else { continue };
        if !prefix.get_ref().ends_with('/') {
            let message = format!(
                "`{0}` would also open what only begins so: write `{0}/`",
                prefix.get_ref()
            );
            let place = format!("bucket[{number}].instance_prefix");
            reader.fault(&place, Some(prefix.span()), message);
        }
    }
}

fn check_embedded(reader: &mut Reader<'_>, raw: &Raw) {
    let asked = [
        (
            "encryption",
            raw.encryption
                .as_ref()
                .filter(|e| *e.get_ref() == RawEncryption::Kms)
                .map(Spanned::span),
            "the embedded store has no KMS: leave it out, and the store's own keys encrypt",
        ),
        (
            "logs",
            raw.logs
                .as_ref()
                .filter(|logs| logs.get_ref().enabled != Some(false))
                .map(Spanned::span),
            "the embedded store writes no access logs into buckets: its audit is in the ledger; leave \
             it out",
        ),
        (
            "trail",
            raw.trail
                .as_ref()
                .filter(|trail| trail.get_ref().enabled != Some(false))
                .map(Spanned::span),
            "the embedded store has no CloudTrail: its audit is in the ledger; leave it out",
        ),
        (
            "portal_runs_on",
            raw.portal_runs_on
                .as_ref()
                .filter(|host| *host.get_ref() != RawHost::Ec2)
                .map(Spanned::span),
            "the embedded store delivers the portal's credentials as an instance's: leave it out",
        ),
        (
            "block_public_access_of_account",
            raw.block_public_access_of_account.as_ref().filter(|b| *b.get_ref()).map(Spanned::span),
            "the embedded store has no setting for the account as a whole: leave it out",
        ),
    ];
    for (number, bucket) in raw.bucket.iter().enumerate() {
        let tiering = bucket.lifecycle.as_ref().and_then(|l| l.intelligent_tiering_days.as_ref());
        if let Some(days) = tiering {
            let key = format!("bucket[{number}].lifecycle.intelligent_tiering_days");
            let message = "the embedded store has no storage classes: leave it out".to_owned();
            reader.fault(&key, Some(days.span()), message);
        }
    }
    for (key, span, message) in asked {
        if let Some(span) = span {
            reader.fault(key, Some(span), message.to_owned());
        }
    }
}
