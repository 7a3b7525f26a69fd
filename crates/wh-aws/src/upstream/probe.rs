//! What the upstream store can do, found out by trying it in the control bucket.
//!
//! A store that ignores a condition or a checksum answers as if it had heeded it. So each is tried with
//! one that must fail, and what does not fail is taken for not there: a gateway then refuses it too.

use aws_sdk_s3::operation::put_object::builders::PutObjectFluentBuilder;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{BucketVersioningStatus, ChecksumMode, VersioningConfiguration};
use jiff::Timestamp;
use wh_names::{BucketName, Entropy};
use wh_objects::{Capabilities, Capability, ChecksumAlgorithm, Encryption, StoreError, VersionId};

use super::buckets::NO_LOCK;
use super::clients::Clients;
use super::fault::{answer, fault};
use super::meta::with_checksum;
use super::wire::{broken, encryption};
use crate::answer_date::Date;

/// What the probes write.
const DATA: &[u8] = b"123456789";

/// What [`DATA`] has by each algorithm, in the order of [`ChecksumAlgorithm::ALL`]. The CRCs are those of
/// the "check" column in Cook's catalogue of parametrised CRC algorithms.
const SUMS: [&str; 5] = [
    "y/Q5Jg==",
    "4waSgw==",
    "rosUhgp5mIg=",
    "98O8HYCOBHMq32eZZczDTKeuNEE=",
    "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=",
];

/// Keys in the order in which S3 lists them: that of their bytes.
const ORDERED: [&str; 6] = ["a", "a-", "a/b", "ä", "\u{e000}", "\u{10400}"];

/// How good a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// As on Amazon S3.
    Good,
    /// It is not there, and the gateway refuses what needs it.
    Lacking,
}

/// One thing that was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What, in plain words.
    pub what: &'static str,
    /// How it went.
    pub verdict: Verdict,
    /// What that means, where it means something.
    pub note: &'static str,
}

/// What was found out about an upstream store.
#[derive(Debug, Clone)]
pub struct Findings {
    /// What a gateway before it does.
    pub capabilities: Capabilities,
    /// What was tried, one after the other.
    pub tried: Vec<Finding>,
    /// The time at the upstream when it was asked, in whole seconds, where it told.
    pub upstream_time: Option<Timestamp>,
    /// How it encrypts what nobody asked it to.
    pub encryption: Option<Encryption>,
    /// The algorithms by which it verifies what comes.
    pub(super) algorithms: Vec<ChecksumAlgorithm>,
    /// Whether answers to `HEAD` tell how many tags there are.
    pub(super) counts_tags: bool,
}

impl Findings {
    pub(super) fn verifies(&self, algorithm: ChecksumAlgorithm) -> bool {
        self.algorithms.contains(&algorithm)
    }

    fn note(&mut self, what: &'static str, holds: Held, note: &'static str) {
        let (verdict, note) = match holds {
            Held::Yes => (Verdict::Good, ""),
            Held::No => (Verdict::Lacking, note),
        };
        self.tried.push(Finding { what, verdict, note });
    }

    /// A finding on which a capability depends.
    fn depends(&mut self, one: Capability, holds: Held, note: &'static str) {
        self.note(one.as_str(), holds, note);
        if holds == Held::No {
            self.capabilities = self.capabilities.clone().without([one]);
        }
    }
}

/// Whether something is as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Held {
    Yes,
    No,
}

impl From<bool> for Held {
    fn from(yes: bool) -> Self {
        if yes { Self::Yes } else { Self::No }
    }
}

/// The probes, all on keys of their own under one random prefix.
struct Probe<'a> {
    clients: &'a Clients,
    bucket: &'a str,
    prefix: String,
}

/// Tries what the upstream can do. Leaves nothing behind unless it fails in the middle.
pub(super) async fn probe(
    clients: &Clients,
    bucket: &BucketName,
    entropy: &Entropy,
) -> Result<Findings, StoreError> {
    let name = u64::from_be_bytes(entropy.bytes::<8>());
    let prefix = format!("probe/{name:016x}/");
    let probe = Probe { clients, bucket: bucket.as_str(), prefix };
    // S3 has none of these in any store.
    let never = [
        Capability::Stamps,
        Capability::Sequences,
        Capability::Events,
        Capability::Quotas,
        Capability::Usage,
        Capability::UnmeasuredBodies,
        Capability::WideHeaders,
        Capability::Parts,
    ];
    let mut findings = Findings {
        capabilities: Capabilities::all().without(never),
        tried: Vec::new(),
        upstream_time: probe.time().await?,
        encryption: probe.encryption().await?,
        algorithms: Vec::new(),
        counts_tags: false,
    };
    probe.order().await?;
    findings.note("listings in the order of bytes", Held::Yes, "");
    probe.checksums(&mut findings).await?;
    probe.conditions(&mut findings).await?;
    probe.tags(&mut findings).await?;
    probe.versions(&mut findings).await?;
    probe.lock(&mut findings).await?;
    Ok(findings)
}

impl Probe<'_> {
    fn key(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    fn put(&self, name: &str) -> PutObjectFluentBuilder {
        let call = self.clients.read.put_object().bucket(self.bucket).key(self.key(name));
        call.body(ByteStream::from_static(DATA))
    }

    /// Writes what must not be refused.
    async fn write(&self, name: &str) -> Result<(), StoreError> {
        let written = self.put(name).send().await;
        written.map(drop).map_err(|error| fault("writing a probe", error))
    }

    async fn remove(&self, name: &str, version: Option<&str>) -> Result<(), StoreError> {
        let call = self.clients.read.delete_object().bucket(self.bucket).key(self.key(name));
        let removed = call.set_version_id(version.map(str::to_owned)).send().await;
        removed.map(drop).map_err(|error| fault("removing a probe", error))
    }

    async fn time(&self) -> Result<Option<Timestamp>, StoreError> {
        let date = Date::default();
        let call = self.clients.read.head_bucket().bucket(self.bucket);
        let call = call.customize().interceptor(date.clone()).send().await;
        call.map_err(|error| fault("reaching the control bucket", error))?;
        Ok(date.told())
    }

    /// Clients repeat in a copy what they were told of the source, and must not be refused it.
    async fn encryption(&self) -> Result<Option<Encryption>, StoreError> {
        const NAME: &str = "encrypted";
        let written = self.put(NAME).send().await;
        let written = written.map_err(|error| fault("writing a probe", error))?;
        self.remove(NAME, None).await?;
        Ok(encryption(written.server_side_encryption()))
    }

    /// Pages would skip keys, or never end, where a listing has another order.
    async fn order(&self) -> Result<(), StoreError> {
        const DOING: &str = "listing probes";
        for name in ORDERED {
            self.write(name).await?;
        }
        let listed = self.listed(None).await?;
        let rest = self.listed(ORDERED.get(2).copied()).await?;
        for name in ORDERED {
            self.remove(name, None).await?;
        }
        if listed != ORDERED {
            return Err(broken(DOING, "another order than that of the keys' bytes"));
        }
        if !ORDERED.ends_with(&rest.iter().map(String::as_str).collect::<Vec<_>>())
            || rest.len() != 3
        {
            return Err(broken(DOING, "more or less than what comes after start-after"));
        }
        Ok(())
    }

    async fn listed(&self, after: Option<&str>) -> Result<Vec<String>, StoreError> {
        let call = self.clients.read.list_objects_v2().bucket(self.bucket).prefix(&self.prefix);
        let call = call.set_start_after(after.map(|after| self.key(after))).send().await;
        let answer = call.map_err(|error| fault("listing probes", error))?;
        let name = |one: &aws_sdk_s3::types::Object| {
            let name = one.key().and_then(|key| key.strip_prefix(&self.prefix));
            name.unwrap_or_default().to_owned()
        };
        Ok(answer.contents().iter().map(name).collect())
    }

    async fn checksums(&self, findings: &mut Findings) -> Result<(), StoreError> {
        for (algorithm, sum) in ChecksumAlgorithm::ALL.into_iter().zip(SUMS) {
            if self.is_verified(algorithm, sum).await? {
                findings.algorithms.push(algorithm);
            }
        }
        self.remove("sum", None).await?;
        let note = |algorithm| match algorithm {
            ChecksumAlgorithm::Crc32 => "CRC32 checksums",
            ChecksumAlgorithm::Crc32c => "CRC32C checksums",
            ChecksumAlgorithm::Crc64Nvme => "CRC64NVME checksums",
            ChecksumAlgorithm::Sha1 => "SHA1 checksums",
            ChecksumAlgorithm::Sha256 => "SHA256 checksums",
        };
        let alone = "the gateway verifies them, and the upstream does not keep them";
        for algorithm in ChecksumAlgorithm::ALL {
            let holds = findings.verifies(algorithm).into();
            findings.note(note(algorithm), holds, alone);
        }
        let default = findings.verifies(ChecksumAlgorithm::Crc64Nvme).into();
        let without = "what comes without a checksum has none";
        findings.depends(Capability::Checksums, default, without);
        Ok(())
    }

    /// Whether a right checksum is taken and told again, and a wrong one refused.
    async fn is_verified(
        &self,
        algorithm: ChecksumAlgorithm,
        sum: &str,
    ) -> Result<bool, StoreError> {
        let right = with_checksum!(self.put("sum"), algorithm, Some(sum.to_owned())).send().await;
        if let Err(error) = right {
            return no(fault("writing a probe", error));
        }
        let head = self.clients.read.head_object().bucket(self.bucket).key(self.key("sum"));
        let head = head.checksum_mode(ChecksumMode::Enabled).send().await;
        let told = head.map_err(|error| fault("reading a probe", error))?;
        let told = super::meta::checksum_of!(told);
        if told.is_none_or(|told| told.algorithm != algorithm || told.value != sum) {
            return Ok(false);
        }
        // The same length, and another value.
        let wrong = format!("A{}", sum.get(1..).unwrap_or_default());
        let wrong = with_checksum!(self.put("sum"), algorithm, Some(wrong)).send().await;
        is_refused(wrong.map_err(|error| fault("writing a probe", error)))
    }

    async fn conditions(&self, findings: &mut Findings) -> Result<(), StoreError> {
        const OTHER: &str = "\"00000000000000000000000000000000\"";
        self.write("condition").await?;
        let none = self.put("condition").if_none_match("*").send().await;
        let none = is_refused(none.map_err(|error| fault("writing a probe", error)))?;
        let other = self.put("condition").if_match(OTHER).send().await;
        let other = is_refused(other.map_err(|error| fault("writing a probe", error)))?;
        let call = self.clients.read.delete_object().bucket(self.bucket);
        let kept = call.key(self.key("condition")).if_match(OTHER).send().await;
        let kept = is_refused(kept.map_err(|error| fault("removing a probe", error)))?;
        self.remove("condition", None).await?;
        let refused = "If-Match and If-None-Match of writes are refused";
        findings.depends(Capability::ConditionalWrites, (none && other).into(), refused);
        let refused = "If-Match of deletes and lifecycle rules are refused";
        findings.depends(Capability::ConditionalDeletes, kept.into(), refused);
        Ok(())
    }

    async fn tags(&self, findings: &mut Findings) -> Result<(), StoreError> {
        let put = self.put("tagged").tagging("a=1").send().await;
        let taken = put.is_ok();
        if let Err(error) = put {
            no(fault("writing a probe", error))?;
        }
        let call = self.clients.read.get_object_tagging().bucket(self.bucket);
        let told = call.key(self.key("tagged")).send().await;
        let told = told.is_ok_and(|told| told.tag_set().iter().any(|tag| tag.key() == "a"));
        let head = self.clients.read.head_object().bucket(self.bucket).key(self.key("tagged"));
        let head = head.send().await;
        findings.counts_tags = head.is_ok_and(|head| head.tag_count() == Some(1));
        self.remove("tagged", None).await?;
        findings.depends(Capability::Tags, (taken && told).into(), "tags of objects are refused");
        Ok(())
    }

    /// The control bucket is versioned where that can be: what its documents were is kept.
    async fn versions(&self, findings: &mut Findings) -> Result<(), StoreError> {
        let enabled = BucketVersioningStatus::Enabled;
        let wanted = VersioningConfiguration::builder().status(enabled).build();
        let call = self.clients.read.put_bucket_versioning().bucket(self.bucket);
        let enabled = call.versioning_configuration(wanted).send().await.is_ok();
        let mut version = None;
        if enabled {
            let put = self.put("version").send().await;
            let put = put.map_err(|error| fault("writing a probe", error))?;
            version = put.version_id;
        }
        if let Some(id) = version.as_deref() {
            self.remove("version", Some(id)).await?;
            if VersionId::parse(id).is_none() {
                let long = "ids of versions longer than a gateway can keep (102 bytes)";
                return Err(broken("keeping versions", long));
            }
        } else if enabled {
            self.remove("version", None).await?;
        }
        let refused = "buckets stay unversioned";
        findings.depends(Capability::Versioning, version.is_some().into(), refused);
        Ok(())
    }

    async fn lock(&self, findings: &mut Findings) -> Result<(), StoreError> {
        let call = self.clients.read.get_object_lock_configuration().bucket(self.bucket);
        let known = match call.send().await {
            Ok(_) => true,
            Err(error) => answer(&error).is_some_and(|answer| answer.code == NO_LOCK),
        };
        let versioned = findings.capabilities.has(Capability::Versioning);
        let refused = "retention and legal holds are refused";
        findings.depends(Capability::ObjectLock, (known && versioned).into(), refused);
        Ok(())
    }
}

/// An answer that says no to what is tried; that there is none, or a store that fails, is no answer.
fn no(error: StoreError) -> Result<bool, StoreError> {
    let silent = matches!(error, StoreError::Unreachable { .. } | StoreError::Busy);
    if silent { Err(error) } else { Ok(false) }
}

/// Whether what had to be refused was.
fn is_refused<T>(answer: Result<T, StoreError>) -> Result<bool, StoreError> {
    match answer {
        Err(error @ (StoreError::Unreachable { .. } | StoreError::Busy)) => Err(error),
        // One that does not know the condition, or the checksum, refuses it whatever it says.
        Ok(_) | Err(StoreError::NotKept { .. }) => Ok(false),
        Err(_) => Ok(true),
    }
}
