//! From the text of `estate.toml` to a description.

use std::ops::Range;

use toml::Spanned;
use wh_names::{AccountId, BucketName, KeyPrefix, Region, Serving, Uid};

use super::raw::{
    Raw, RawBucket, RawEncryption, RawHost, RawLifecycle, RawLock, RawLockMode, RawLogs, RawScope,
    RawServing, RawSessionTags, RawTarget, RawTrail,
};
use super::{
    AdminScope, BucketDescription, Description, DescriptionError, DescriptionFault, KeyDescription,
    LockMode, LogsDescription, ObjectLock, PortalHost, Retention, SessionTags, Settings, Target,
    TlsVersion, TrailDescription, check, guards,
};
use crate::bucket::LifecycleRule;
use crate::estate::{LOG_DAYS, PRESIGN_SECONDS};

/// The one version of the format.
const VERSION: u32 = 1;
/// S3 signs no URL for longer than seven days.
const PRESIGN_SECONDS_MAX: u32 = 604_800;
/// The longest default retention that S3 takes, in days.
const RETENTION_DAYS_MAX: u32 = 36_500;
/// What has to be written out for what cannot be taken back.
pub(super) const IRREVERSIBLE: &str = "nobody can shorten this";

/// Collects what is wrong while the rest is read on.
pub(super) struct Reader<'t> {
    text: &'t str,
    faults: Vec<DescriptionFault>,
}

impl Reader<'_> {
    /// Line and column of a byte, from 1.
    fn place(&self, at: usize) -> (usize, usize) {
        let before = self.text.get(..at).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        (line, column)
    }

    pub(super) fn fault(&mut self, key: &str, span: Option<Range<usize>>, message: String) {
        let place = span.map(|span| self.place(span.start));
        self.faults.push(DescriptionFault { place, key: key.to_owned(), message });
    }

    /// What a text says, or a fault.
    fn parsed<T, E: std::fmt::Display>(
        &mut self,
        key: &str,
        text: &Spanned<String>,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        match parse(text.get_ref()) {
            Ok(value) => Some(value),
            Err(error) => {
                self.fault(key, Some(text.span()), error.to_string());
                None
            }
        }
    }

    /// A number that lies within limits; the default where nothing is said.
    fn number(
        &mut self,
        key: &str,
        written: Option<&Spanned<u32>>,
        (default, least, most): (u32, u32, u32),
    ) -> u32 {
        let Some(written) = written else { return default };
        let value = *written.get_ref();
        if !(least..=most).contains(&value) {
            let message = format!("{value} is out of range: write {least} to {most}");
            self.fault(key, Some(written.span()), message);
        }
        value
    }
}

pub(super) fn read(text: &str) -> Result<Description, DescriptionError> {
    let mut reader = Reader { text, faults: Vec::new() };
    let raw: Raw = match toml::from_str(text) {
        Ok(raw) => raw,
        Err(error) => {
            reader.fault("", error.span(), not_toml(&error));
            return Err(DescriptionError { faults: reader.faults });
        }
    };
    let description = reader.description(&raw);
    match description {
        Some(description) if reader.faults.is_empty() => Ok(description),
        Some(_) | None => {
            reader.faults.sort_by_key(|fault| fault.place);
            Err(DescriptionError { faults: reader.faults })
        }
    }
}

/// The parser's words in one line.
fn not_toml(error: &toml::de::Error) -> String {
    error.message().split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Reader<'_> {
    fn description(&mut self, raw: &Raw) -> Option<Description> {
        if let Some(version) = raw.version.as_ref().filter(|v| *v.get_ref() != VERSION) {
            let message = format!("version {} is not known: write {VERSION}", version.get_ref());
            self.fault("version", Some(version.span()), message);
        }
        let target = match raw.target {
            Some(RawTarget::Embedded) => Target::Embedded,
            Some(RawTarget::Aws) | None => Target::Aws,
        };
        check::check_text(self, raw, target);
        let account = self.parsed("account", &raw.account, AccountId::parse);
        let region = self.parsed("region", &raw.region, Region::parse);
        let buckets = raw.bucket.iter().enumerate();
        let buckets: Vec<_> =
            buckets.map(|(number, bucket)| self.bucket((number, target), bucket)).collect();
        let (account, region) = (account?, region?);
        let buckets = buckets.into_iter().collect::<Option<Vec<_>>>()?;
        let Some(first) = buckets.first() else {
            let message = "there is no bucket: write [[bucket]] and below it name = \"…\"";
            self.fault("bucket", None, message.to_owned());
            return None;
        };
        let partition = region.partition();
        let installation = raw.installation.get_ref().clone();
        let portal_host = match raw.portal_runs_on.as_ref().map(|host| *host.get_ref()) {
            Some(RawHost::Ec2) | None => PortalHost::Ec2,
            Some(RawHost::Ecs) => PortalHost::Ecs,
            Some(RawHost::Eks) => PortalHost::Eks,
        };
        let description = Description {
            partition,
            target,
            portal_origins: raw.portal_origins.iter().map(|o| o.get_ref().clone()).collect(),
            admin_scope: match raw.admin_scope {
                Some(RawScope::Account) => AdminScope::Account,
                Some(RawScope::Buckets) | None => AdminScope::Buckets,
            },
            portal_host,
            session_tags: session_tags(raw.session_tags, portal_host),
            external_id: raw.external_id.as_ref().map(|id| id.get_ref().clone()),
            tags: raw.tags.iter().map(|(k, v)| (k.clone(), v.get_ref().clone())).collect(),
            key: key(raw, target, &installation),
            logs: self.logs(raw.logs.as_ref(), target, &first.name),
            trail: trail(raw.trail.as_ref(), target, &installation),
            block_account: raw
                .block_public_access_of_account
                .as_ref()
                .is_some_and(|block| *block.get_ref()),
            scan: raw.scan.map(serving),
            policies: guards::policies(self, raw),
            standard_rails: raw.standard_rails.unwrap_or(true),
            rails: guards::rails(self, raw),
            expectations: guards::expectations(raw),
            installation,
            account,
            region,
            buckets,
        };
        check::check(self, raw, &description);
        Some(description)
    }

    fn bucket(
        &mut self,
        (number, target): (usize, Target),
        raw: &RawBucket,
    ) -> Option<BucketDescription> {
        let key = |name: &str| format!("bucket[{number}].{name}");
        let name = self.parsed(&key("name"), &raw.name, BucketName::parse);
        let instance_prefix = match (&raw.instance_prefix, number) {
            (Some(prefix), _) => {
                self.parsed(&key("instance_prefix"), prefix, KeyPrefix::parse).map(Some)
            }
            (None, 0) => KeyPrefix::parse("instances/").ok().map(Some),
            (None, _) => Some(None),
        };
        let uids = raw.denied_uids.iter();
        let uids: Vec<_> =
            uids.map(|uid| self.parsed(&key("denied_uids"), uid, Uid::parse)).collect();
        let presign = raw.presign_max_seconds.as_ref();
        let range = (PRESIGN_SECONDS, 60, PRESIGN_SECONDS_MAX);
        let presign_seconds_max = self.number(&key("presign_max_seconds"), presign, range);
        let lifecycle = self.lifecycle(number, raw.lifecycle.as_ref());
        let tls = self.tls(&key("tls_min"), raw.tls_min.as_ref(), target);
        let lock = raw.object_lock.as_ref().map(|lock| self.lock(number, lock));
        let data_class = raw.data_class.as_ref().map_or("internal", |class| class.get_ref());
        Some(BucketDescription {
            name: name?,
            data_class: data_class.to_owned(),
            instance_prefix: instance_prefix?,
            settings: Settings::All,
            lifecycle,
            presign_seconds_max,
            tls,
            denied_uids: uids.into_iter().collect::<Option<Vec<_>>>()?,
            lock,
        })
    }

    fn lifecycle(&mut self, number: usize, raw: Option<&RawLifecycle>) -> LifecycleRule {
        let standard = LifecycleRule::STANDARD;
        let Some(raw) = raw else { return standard };
        let key = |name: &str| format!("bucket[{number}].lifecycle.{name}");
        let days = |default| (default, 1, RETENTION_DAYS_MAX);
        let aborted = raw.abort_uploads_days.as_ref();
        let old = raw.old_version_days.as_ref();
        let kept = raw.old_versions_kept.as_ref();
        LifecycleRule {
            abort_uploads_days: self.number(
                &key("abort_uploads_days"),
                aborted,
                days(standard.abort_uploads_days),
            ),
            old_version_days: self.number(
                &key("old_version_days"),
                old,
                days(standard.old_version_days),
            ),
            old_versions_kept: self.number(
                &key("old_versions_kept"),
                kept,
                (standard.old_versions_kept, 0, 100),
            ),
            tiering_days: raw.intelligent_tiering_days.as_ref().map(|written| {
                let key = key("intelligent_tiering_days");
                self.number(&key, Some(written), (0, 0, RETENTION_DAYS_MAX))
            }),
            expire_days: None,
        }
    }

    /// Nobody says so: TLS 1.2 on AWS, and plain HTTP where the store is our own.
    fn tls(
        &mut self,
        key: &str,
        raw: Option<&Spanned<String>>,
        target: Target,
    ) -> Option<TlsVersion> {
        let on_aws = (target == Target::Aws).then_some(TlsVersion::V1_2);
        let Some(written) = raw else { return on_aws };
        match written.get_ref().as_str() {
            "1.2" => Some(TlsVersion::V1_2),
            "1.3" => Some(TlsVersion::V1_3),
            other => {
                let message = format!("`{other}` is no version of TLS here: write 1.2 or 1.3");
                self.fault(key, Some(written.span()), message);
                None
            }
        }
    }

    fn lock(&mut self, number: usize, raw: &Spanned<RawLock>) -> ObjectLock {
        let key = |name: &str| format!("bucket[{number}].object_lock.{name}");
        let (lock, span) = (raw.get_ref(), raw.span());
        let Some(mode) = lock.mode else {
            if let Some(days) = &lock.days {
                let message = "days without a mode: write mode = \"governance\" beside it";
                self.fault(&key("days"), Some(days.span()), message.to_owned());
            }
            return ObjectLock { retention: None };
        };
        let Some(days) = &lock.days else {
            let message = "a mode without days: write days = 30, or how long it shall be";
            self.fault(&key("mode"), Some(span), message.to_owned());
            return ObjectLock { retention: None };
        };
        let days = self.number(&key("days"), Some(days), (1, 1, RETENTION_DAYS_MAX));
        let mode = match mode {
            RawLockMode::Governance => LockMode::Governance,
            RawLockMode::Compliance => {
                let written = lock.irreversible.as_ref().map(|text| text.get_ref().as_str());
                if written != Some(IRREVERSIBLE) {
                    let message = format!(
                        "nobody can delete an object or shorten its retention before its time, the \
                         root user included: write irreversible = \"{IRREVERSIBLE}\" beside the mode, \
                         or mode = \"governance\""
                    );
                    self.fault(&key("mode"), Some(span), message);
                }
                LockMode::Compliance
            }
        };
        ObjectLock { retention: Some(Retention { mode, days }) }
    }

    fn logs(
        &mut self,
        raw: Option<&Spanned<RawLogs>>,
        target: Target,
        files: &BucketName,
    ) -> Option<LogsDescription> {
        let logs = raw.map(Spanned::get_ref);
        let asked = logs.map_or(target == Target::Aws, |logs| logs.enabled != Some(false));
        if !asked {
            return None;
        }
        let written = logs.and_then(|logs| logs.keep_days.as_ref());
        let keep_days = self.number("logs.keep_days", written, (LOG_DAYS, 1, RETENTION_DAYS_MAX));
        let name = match logs.and_then(|logs| logs.name.as_ref()) {
            Some(name) => self.parsed("logs.name", name, BucketName::parse)?,
            None => match BucketName::parse(&name_of_logs(files.as_str())) {
                Ok(name) => name,
                Err(error) => {
                    let message = format!("{error}; write logs.name, a name that is free");
                    self.fault("logs.name", None, message);
                    return None;
                }
            },
        };
        Some(LogsDescription { name, keep_days })
    }
}

/// Beside the bucket of files; in an account's own namespace its suffix stays the end.
fn name_of_logs(files: &str) -> String {
    match crate::bucket::regional_suffix(files) {
        Some(at) => {
            let (head, tail) = files.split_at(at);
            format!("{head}-logs{tail}")
        }
        None => format!("{files}-logs"),
    }
}

/// EKS Pod Identity tags the portal's session, and such tags go with it into each role that it becomes.
/// Source: EKS User Guide, "Grant Pods access to AWS resources based on tags".
fn session_tags(written: Option<RawSessionTags>, host: PortalHost) -> SessionTags {
    match (written, host) {
        (Some(RawSessionTags::Any), _) | (None, PortalHost::Eks) => SessionTags::Any,
        (Some(RawSessionTags::OnlyUid), _) | (None, PortalHost::Ec2 | PortalHost::Ecs) => {
            SessionTags::OnlyUid
        }
    }
}

fn serving(raw: RawServing) -> Serving {
    match raw {
        RawServing::UnscannedToo => Serving::AllButInfected,
        RawServing::OnlyClean => Serving::OnlyClean,
    }
}

fn key(raw: &Raw, target: Target, installation: &str) -> Option<KeyDescription> {
    let written = raw.encryption.as_ref().map(|encryption| *encryption.get_ref());
    let kms = written.map_or(target == Target::Aws, |written| written == RawEncryption::Kms);
    kms.then(|| {
        let alias = raw.key_alias.as_ref().map(|alias| alias.get_ref().clone());
        KeyDescription { alias: alias.unwrap_or_else(|| format!("alias/wellhouse-{installation}")) }
    })
}

fn trail(
    raw: Option<&Spanned<RawTrail>>,
    target: Target,
    installation: &str,
) -> Option<TrailDescription> {
    let trail = raw.map(Spanned::get_ref);
    let asked = trail.map_or(target == Target::Aws, |trail| trail.enabled != Some(false));
    asked.then(|| {
        let name = trail.and_then(|trail| trail.name.as_ref()).map(|name| name.get_ref().clone());
        TrailDescription { name: name.unwrap_or_else(|| format!("wellhouse-{installation}")) }
    })
}
