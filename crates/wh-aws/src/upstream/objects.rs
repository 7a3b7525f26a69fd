//! Writing, reading and removing objects of the upstream store.

use aws_sdk_s3::types::ChecksumMode;
use wh_objects::{BodyCheck, Checksum, ObjectLock};
use wh_objects::{
    ByteRange, ByteStream, Capability, ChecksumAlgorithm, DeleteObject, Deleted, ExpectedChecksum,
    ExpectedValue, GetObject, HeadObject, ObjectAddress, ObjectHeaders, ObjectMeta, ObjectRead,
    PUT_BYTES_MAX, PutObject, ReadConditions, Stamp, StoreError, Stored, Tags, VersionId,
    WriteCondition,
};

use super::UpstreamStore;
use super::body::{Fate, incoming, outgoing};
use super::fault::{answer, fault};
use super::meta::{Told, checksum_of, dressed, is_plain, sent, told, with_checksum};
use super::wire::{
    asked, bare, broken, date, encryption, length, lock_fields, quoted, range, signed, tags,
    tags_header, version, write_headers,
};

/// What is said to the upstream about the checksum of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Announced {
    /// Nothing: the upstream does not know the algorithm. It is verified here alone.
    Nothing,
    /// The value, as the client gave it.
    Value(ChecksumAlgorithm, String),
    /// The algorithm; its value follows the body.
    Trailer(ChecksumAlgorithm),
}

impl UpstreamStore {
    /// What is to be said about the checksum of a body; CRC-64/NVME where the client says nothing and
    /// `by_default` asks for one.
    pub(super) fn announced(
        &self,
        expected: Option<&ExpectedChecksum>,
        by_default: Option<ChecksumAlgorithm>,
    ) -> Announced {
        let known = |algorithm: ChecksumAlgorithm| self.findings.verifies(algorithm);
        match (expected, by_default) {
            (Some(ExpectedChecksum { algorithm, value }), _) if known(*algorithm) => match value {
                ExpectedValue::Now(value) => Announced::Value(*algorithm, value.clone()),
                ExpectedValue::AfterBody(_) => Announced::Trailer(*algorithm),
            },
            (None, Some(algorithm)) if known(algorithm) => Announced::Trailer(algorithm),
            (Some(_) | None, _) => Announced::Nothing,
        }
    }

    pub(super) async fn put(
        &self,
        address: &ObjectAddress,
        put: PutObject,
        (body, stamp): (ByteStream, &Stamp),
    ) -> Result<Stored, StoreError> {
        const DOING: &str = "putting an object";
        let bucket = self.visible(&address.bucket)?;
        let size = put.size.ok_or_else(unmeasured)?;
        self.may_bring((&put.headers, &put.tags, &put.lock))?;
        let pinned = self.pinned((address, None), &put.condition).await?;
        let (if_match, if_none_match) = write_headers(&put.condition);
        let announced = self.announced(put.expected.as_ref(), Some(ChecksumAlgorithm::Crc64Nvme));
        let fate = Fate::default();
        let check =
            BodyCheck::new(Some(size), put.content_md5.clone(), put.expected, PUT_BYTES_MAX);
        let body = outgoing(body, (check, size), &fate).await?;
        let (mode, until, hold) = lock_fields(&put.lock);
        let call = self.clients.body.put_object().bucket(bucket).key(address.key.as_str());
        let call = dressed!(call, put.headers)
            .set_tagging(tags_header(&put.tags))
            .set_object_lock_mode(mode)
            .set_object_lock_retain_until_date(until)
            .set_object_lock_legal_hold_status(hold)
            .set_if_match(pinned.or(if_match))
            .set_if_none_match(if_none_match)
            .set_content_md5(put.content_md5)
            .content_length(signed(size))
            .body(body);
        let call = match announced {
            Announced::Nothing => call,
            Announced::Value(algorithm, value) => with_checksum!(call, algorithm, Some(value)),
            Announced::Trailer(algorithm) => {
                call.checksum_algorithm(super::wire::algorithm(algorithm))
            }
        };
        let answer = fate.answered(sent!(call, put.headers)).await?;
        let answer = answer.map_err(|e| fate.refused().unwrap_or_else(|| fault(DOING, e)))?;
        let told = Told {
            size,
            etag: bare(answer.e_tag()),
            modified: stamp.at,
            version: version(answer.version_id())?,
            headers: ObjectHeaders::default(),
            checksum: checksum_of!(answer),
            lock: ObjectLock::default(),
            encryption: encryption(answer.server_side_encryption()),
            tag_count: None,
        };
        Ok(Stored::acknowledged(&told.into_meta(&address.key, Tags::default())))
    }

    /// Refuses tags and locks where the upstream has none, and headers that HTTP does not carry as they
    /// are.
    pub(super) fn may_bring(
        &self,
        (headers, tags, lock): (&ObjectHeaders, &Tags, &ObjectLock),
    ) -> Result<(), StoreError> {
        if !is_plain(headers) {
            self.needs(Capability::WideHeaders)?;
        }
        if !tags.is_empty() {
            self.needs(Capability::Tags)?;
        }
        if lock.legal_hold || lock.retention.is_some() {
            self.needs(Capability::ObjectLock)?;
        }
        Ok(())
    }

    /// Sees to a condition of a write that is not the upstream's own: the entity tag to pin it to.
    pub(super) async fn pinned(
        &self,
        (address, version): (&ObjectAddress, Option<VersionId>),
        condition: &WriteCondition,
    ) -> Result<Option<String>, StoreError> {
        let wanted = match condition {
            WriteCondition::Always => return Ok(None),
            WriteCondition::IfMatch(any) if any.trim() == "*" => {
                self.needs(Capability::ConditionalWrites)?;
                return self.whatever_there_is((address, version)).await.map(Some);
            }
            WriteCondition::IfNoneMatchAny | WriteCondition::IfMatch(_) => {
                return self.needs(Capability::ConditionalWrites).map(|()| None);
            }
            WriteCondition::IfSequence(wanted) => *wanted,
        };
        let there = self.head(address, HeadObject { version, ..HeadObject::default() }).await;
        match there {
            Ok(meta) if meta.sequence == wanted => Ok(Some(quoted(&meta.etag))),
            Ok(_)
            | Err(StoreError::NoSuchKey | StoreError::NoSuchVersion | StoreError::Deleted { .. }) => {
                Err(StoreError::PreconditionFailed)
            }
            // A marker is not written over; only one with the id `null` may be another by now.
            Err(StoreError::DeleteMarker { version }) => {
                let same = self.marker_number(address, version).await? == Some(wanted);
                if same { Ok(None) } else { Err(StoreError::PreconditionFailed) }
            }
            Err(error) => Err(error),
        }
    }

    /// The entity tag of what is there: S3 has no `If-Match: *` for writes.
    async fn whatever_there_is(
        &self,
        (address, version): (&ObjectAddress, Option<VersionId>),
    ) -> Result<String, StoreError> {
        let head = HeadObject { version, ..HeadObject::default() };
        match self.head(address, head).await {
            Ok(meta) => Ok(quoted(&meta.etag)),
            Err(StoreError::Deleted { .. } | StoreError::DeleteMarker { .. }) => {
                Err(StoreError::NoSuchKey)
            }
            Err(error) => Err(error),
        }
    }

    pub(super) async fn get(
        &self,
        address: &ObjectAddress,
        get: GetObject,
    ) -> Result<ObjectRead, StoreError> {
        let bucket = self.visible(&address.bucket)?;
        if matches!(get.range, Some(ByteRange::FromTo(first, last)) if first > last) {
            return Err(self.outside(address, get.version).await);
        }
        let conditions = &get.conditions;
        let call = self.clients.read.get_object().bucket(bucket).key(address.key.as_str());
        let answer = call
            .set_version_id(asked(get.version))
            .set_range(get.range.map(range))
            .set_if_match(conditions.if_match.clone())
            .set_if_none_match(conditions.if_none_match.clone())
            .set_if_modified_since(conditions.if_modified_since.map(date))
            .set_if_unmodified_since(conditions.if_unmodified_since.map(date))
            // The SDK verifies the checksum of a whole object as it passes.
            .set_checksum_mode(get.range.is_none().then_some(ChecksumMode::Enabled))
            .send()
            .await;
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => {
                return Err(self.unread(address, get.version, fault(READING, error)).await);
            }
        };
        let length = length(answer.content_length())?;
        let (range, size) = match answer.content_range() {
            Some(text) => {
                parse_range(text).ok_or_else(|| broken(READING, format!("the range {text}")))?
            }
            None => (0..length, length),
        };
        if get.range.is_some_and(|asked| asked.resolve(size).ok().as_ref() != Some(&range)) {
            return Err(broken(READING, "another range than was asked for"));
        }
        let told = told!(answer, size);
        let tags = self.tags_of(address, &told).await?;
        let body = incoming(answer.body, range.end.saturating_sub(range.start));
        Ok(ObjectRead { meta: told.into_meta(&address.key, tags), range, body })
    }

    pub(super) async fn head(
        &self,
        address: &ObjectAddress,
        head: HeadObject,
    ) -> Result<ObjectMeta, StoreError> {
        let bucket = self.visible(&address.bucket)?;
        let conditions = &head.conditions;
        let call = self.clients.read.head_object().bucket(bucket).key(address.key.as_str());
        let answer = call
            .set_version_id(asked(head.version))
            .set_if_match(conditions.if_match.clone())
            .set_if_none_match(conditions.if_none_match.clone())
            .set_if_modified_since(conditions.if_modified_since.map(date))
            .set_if_unmodified_since(conditions.if_unmodified_since.map(date))
            .checksum_mode(ChecksumMode::Enabled)
            .send()
            .await;
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => {
                let invalid = answer_status(&error) == Some(400) && head.version.is_some();
                let error = fault("asking for an object", error);
                let error = if invalid { StoreError::InvalidVersionId } else { error };
                return Err(self.unread(address, head.version, error).await);
            }
        };
        let told = told!(answer, length(answer.content_length())?);
        let tags = self.tags_of(address, &told).await?;
        Ok(told.into_meta(&address.key, tags))
    }

    /// What a read that failed comes to, which `HEAD` does not say in words.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "only these are said in too few words; all others are told as they are"
    )]
    async fn unread(
        &self,
        address: &ObjectAddress,
        version: Option<VersionId>,
        error: StoreError,
    ) -> StoreError {
        match error {
            StoreError::NoSuchKey => match self.settings_of(&address.bucket).await {
                Ok(_) if version.is_some() => StoreError::NoSuchVersion,
                Ok(_) => StoreError::NoSuchKey,
                Err(error) => error,
            },
            StoreError::InvalidRange { size: 0 } => self.outside(address, version).await,
            other => other,
        }
    }

    /// The refusal of a range, with the size of the object.
    async fn outside(&self, address: &ObjectAddress, version: Option<VersionId>) -> StoreError {
        let head = HeadObject { version, ..HeadObject::default() };
        match Box::pin(self.head(address, head)).await {
            Ok(meta) => StoreError::InvalidRange { size: meta.size },
            Err(error) => error,
        }
    }

    /// The tags of what was just told of; asked for only if there are any.
    async fn tags_of(&self, address: &ObjectAddress, told: &Told) -> Result<Tags, StoreError> {
        let counted = self.findings.counts_tags && told.tag_count.unwrap_or_default() == 0;
        if counted || self.needs(Capability::Tags).is_err() {
            return Ok(Tags::default());
        }
        let call = self.clients.read.get_object_tagging().bucket(address.bucket.as_str());
        let call = call.key(address.key.as_str()).set_version_id(asked(told.version));
        let answer = call.send().await.map_err(|error| fault("asking for tags", error))?;
        tags(answer.tag_set())
    }

    pub(super) async fn delete(
        &self,
        address: &ObjectAddress,
        delete: DeleteObject,
    ) -> Result<Deleted, StoreError> {
        let bucket = self.visible(&address.bucket)?;
        let if_match = self.delete_condition(address, &delete).await?;
        let bypass = delete.bypass == wh_objects::GovernanceBypass::Yes;
        let call = self.clients.write.delete_object().bucket(bucket).key(address.key.as_str());
        let answer = call
            .set_version_id(asked(delete.version))
            .set_if_match(if_match)
            .set_bypass_governance_retention(bypass.then_some(true))
            .send()
            .await;
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => {
                let denied = answer_status(&error) == Some(403);
                let error = fault("deleting an object", error);
                let locked = denied && self.is_locked(address, delete.version).await;
                return Err(if locked { StoreError::Locked { why: LOCKED } } else { error });
            }
        };
        let marker = answer.delete_marker().unwrap_or_default();
        Ok(Deleted { version: version(answer.version_id())?.or(delete.version), marker })
    }

    /// The entity tag that a removal depends on.
    async fn delete_condition(
        &self,
        address: &ObjectAddress,
        delete: &DeleteObject,
    ) -> Result<Option<String>, StoreError> {
        if delete.if_modified.is_some() || delete.if_size.is_some() {
            return self.pinned_by_facts(address, delete).await.map(Some);
        }
        match &delete.condition {
            WriteCondition::Always => return Ok(None),
            WriteCondition::IfNoneMatchAny => {
                let why = "a removal has no If-None-Match";
                return Err(StoreError::InvalidRequest { why });
            }
            WriteCondition::IfMatch(etag) if etag.trim() == "*" => {
                self.needs(Capability::ConditionalDeletes)?;
                return self.whatever_there_is((address, delete.version)).await.map(Some);
            }
            WriteCondition::IfMatch(etag) => {
                return self.needs(Capability::ConditionalDeletes).map(|()| Some(quoted(etag)));
            }
            WriteCondition::IfSequence(_) => self.needs(Capability::ConditionalDeletes)?,
        }
        let pinned = self.pinned((address, delete.version), &delete.condition).await?;
        // A version with an id of its own never becomes another.
        let fixed = delete.version.is_some_and(|version| version != VersionId::Null);
        Ok(pinned.filter(|_| !fixed))
    }

    /// The entity tag of what has the time and the size that a removal wants: S3 itself takes these two
    /// conditions in directory buckets only.
    async fn pinned_by_facts(
        &self,
        address: &ObjectAddress,
        delete: &DeleteObject,
    ) -> Result<String, StoreError> {
        self.needs(Capability::ConditionalDeletes)?;
        let etag = self.whatever_there_is((address, delete.version)).await?;
        let mut conditions = ReadConditions { if_match: Some(etag.clone()), ..Default::default() };
        if let WriteCondition::IfMatch(wanted) = &delete.condition {
            conditions.if_match = Some(quoted(wanted));
        }
        let head = HeadObject { version: delete.version, conditions };
        let meta = self.head(address, head).await?;
        let then = delete.if_modified.is_none_or(|at| at.as_second() == meta.modified.as_second());
        if then && delete.if_size.is_none_or(|size| size == meta.size) && quoted(&meta.etag) == etag
        {
            return Ok(etag);
        }
        Err(StoreError::PreconditionFailed)
    }

    /// Whether a version is protected, and the upstream's refusal therefore not one of our own key.
    pub(super) async fn is_locked(
        &self,
        address: &ObjectAddress,
        version: Option<VersionId>,
    ) -> bool {
        let head = HeadObject { version, ..HeadObject::default() };
        let lock = self.head(address, head).await.map(|meta| meta.lock);
        lock.is_ok_and(|lock| lock.legal_hold || lock.retention.is_some())
    }
}

const READING: &str = "reading an object";

/// What holds a version, as far as the upstream says.
pub(super) const LOCKED: &str = "the version is retained or under a legal hold";

pub(super) fn unmeasured() -> StoreError {
    StoreError::NotKept { what: Capability::UnmeasuredBodies.as_str() }
}

/// The status of an answer that says no.
pub(super) fn answer_status<E>(
    error: &aws_sdk_s3::error::SdkError<E, crate::error::HttpResponse>,
) -> Option<u16>
where
    E: aws_sdk_s3::error::ProvideErrorMetadata + std::error::Error + 'static,
{
    answer(error).map(|answer| answer.status)
}

/// `bytes 0-8/9`: the offsets of the body, and the object's size.
fn parse_range(text: &str) -> Option<(std::ops::Range<u64>, u64)> {
    let (range, size) = text.strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = range.split_once('-')?;
    let last: u64 = last.parse().ok()?;
    Some((first.parse().ok()?..last.checked_add(1)?, size.parse().ok()?))
}

/// The checksum of a part's or copy's answer.
pub(super) type Summed = Option<Checksum>;

#[cfg(test)]
mod tests {
    use super::parse_range;

    #[test]
    fn a_range_is_read_as_http_writes_it() {
        assert_eq!(parse_range("bytes 0-8/9"), Some((0..9, 9)));
        assert_eq!(parse_range("bytes 3-4/10"), Some((3..5, 10)));
        for text in ["", "bytes */9", "bytes 1-/9", "bytes 1-2/*", "0-8/9"] {
            assert_eq!(parse_range(text), None, "{text}");
        }
    }
}
