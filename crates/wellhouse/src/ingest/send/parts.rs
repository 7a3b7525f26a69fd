//! A file that goes in parts.

use jiff::SignedDuration;
use wh_aws::{AwsError, CompleteUpload, PartInfo, WriteCondition};

use super::{MEMORY_UNIT_BYTES, PART_BYTES_MIN, SendError, Sending, Way, index, proof, slices};
use crate::ingest::events::Event;
use crate::ingest::file::{ReadError, Sum};
use crate::ingest::journal::{Known, Line, PARTS_MAX, Part, Proof, Upload};

/// So long after an upload was begun, nobody but us has ended it: a bucket's own rules count in days.
const OURS_FOR: SignedDuration = SignedDuration::from_hours(23);

impl Sending {
    /// Sends a file in parts, those that the store has not. `false`: the parts are lost or of no use,
    /// and were given up.
    pub(super) async fn put_parts(&self, way: &Way<'_>) -> Result<bool, SendError> {
        let upload = self.upload(way).await?;
        let mut sum = Sum::new();
        let (mut parts, mut proof) = (Vec::new(), Proof::Verified);
        for (n, (at, len)) in (1..).zip(slices(way.version.size, upload.part_bytes)) {
            if self.stop.has_come() {
                return Err(SendError::Stopped);
            }
            let _held = self.hold(len).await;
            let body = match way.open.read(at, index(len)).await {
                Err(ReadError::Changed) => return self.changed(way, &upload.id).await,
                read => read?,
            };
            sum.update(&body);
            let crc64nvme = Sum::of(&body);
            let part = match upload.parts.get(&n) {
                Some(sent) if sent.crc64nvme == crc64nvme => sent.clone(),
                Some(_) => return self.changed(way, &upload.id).await,
                None => match self.send_part(way, &upload.id, (n, body, crc64nvme)).await {
                    Err(SendError::Store(AwsError::NoSuchUpload)) if !upload.completing => {
                        self.give_up(way).await?;
                        return Ok(false);
                    }
                    sent => sent?,
                },
            };
            if part.proof == Proof::Unverified {
                proof = Proof::Unverified;
            }
            let (etag, crc64nvme) = (part.etag, Some(part.crc64nvme));
            let part = PartInfo { n, size: len, etag, crc64nvme };
            parts.push(part);
        }
        if way.open.unchanged().await.is_err() {
            return self.changed(way, &upload.id).await;
        }
        self.complete(way, &upload, (parts, proof, sum.text())).await
    }

    /// The upload that was begun before, or a new one.
    async fn upload(&self, way: &Way<'_>) -> Result<Upload, SendError> {
        let path = &way.found.path;
        let known = match self.journal.known(path) {
            Some(Known::Upload(upload)) => Some(upload),
            Some(Known::Putting { .. } | Known::Done { .. }) | None => None,
        };
        let upload = if let Some(upload) = known {
            upload
        } else {
            let (version, begun_at) = (way.version, self.clock.now());
            let part_bytes = part_bytes(version.size);
            let id = self.sender.begin(&way.key).await?;
            let (path, upload_id) = (path.clone(), id.clone());
            let begun = Line::Begun { path, version, upload_id, part_bytes, at: begun_at };
            self.journal.write(begun).await?;
            let parts = Default::default();
            Upload { version, id, part_bytes, begun_at, parts, completing: false }
        };
        let bytes = way.version.size;
        let parts = bytes.div_ceil(upload.part_bytes);
        let sent_before = u64::try_from(upload.parts.len()).unwrap_or(u64::MAX);
        let key = way.key.as_str().to_owned();
        self.events.tell(path, &Event::Begins { key, bytes, parts, sent_before });
        Ok(upload)
    }

    async fn send_part(
        &self,
        way: &Way<'_>,
        upload_id: &str,
        (n, body, crc64nvme): (u16, bytes::Bytes, String),
    ) -> Result<Part, SendError> {
        let sent = self.sender.send_part((&way.key, upload_id), n, body.clone(), &crc64nvme);
        let written = sent.await?;
        let proof = proof::of_bytes(&written, &crc64nvme, &body)?;
        let part = Part { etag: written.etag, crc64nvme, proof };
        let (etag, crc64nvme) = (part.etag.clone(), part.crc64nvme.clone());
        let path = way.found.path.clone();
        self.journal.write(Line::Part { path, n, etag, crc64nvme, proof }).await?;
        Ok(part)
    }

    async fn complete(
        &self,
        way: &Way<'_>,
        upload: &Upload,
        (parts, proof, crc64nvme): (Vec<PartInfo>, Proof, String),
    ) -> Result<bool, SendError> {
        let path = &way.found.path;
        if !upload.completing {
            self.journal.write(Line::Completing { path: path.clone() }).await?;
        }
        let asked = CompleteUpload {
            upload_id: upload.id.clone(),
            parts: parts.clone(),
            crc64nvme: crc64nvme.clone(),
            size: way.version.size,
            condition: WriteCondition::IfAbsent,
        };
        match self.sender.complete(&way.key, asked).await {
            Ok(written) => {
                let proof = proof::of_parts(&written, &crc64nvme, (&parts, proof))?;
                let settled = self.settle(way, (crc64nvme, proof), Some(written.etag));
                settled.await.map(|()| true)
            }
            // Nobody else ends it so soon: it was made, and the answer was lost.
            Err(AwsError::NoSuchUpload) if upload.completing && self.is_ours(upload) => {
                self.settle(way, (crc64nvme, proof), None).await.map(|()| true)
            }
            Err(AwsError::NoSuchUpload) => {
                self.give_up(way).await?;
                Ok(false)
            }
            // A store that looks at the condition first: the object may be the one that was asked for.
            Err(AwsError::PreconditionFailed) if upload.completing => {
                self.confirm(way, crc64nvme).await.map(|()| true)
            }
            Err(AwsError::PreconditionFailed) => {
                self.abandon(way, &upload.id).await?;
                Err(SendError::Occupied(way.key.clone()))
            }
            Err(error) => Err(error.into()),
        }
    }

    fn is_ours(&self, upload: &Upload) -> bool {
        let age = self.clock.now().duration_since(upload.begun_at);
        (SignedDuration::ZERO..OURS_FOR).contains(&age)
    }

    async fn changed(&self, way: &Way<'_>, upload_id: &str) -> Result<bool, SendError> {
        self.abandon(way, upload_id).await?;
        Err(ReadError::Changed.into())
    }
}

fn part_bytes(size: u64) -> u64 {
    let least = size.div_ceil(PARTS_MAX).div_ceil(MEMORY_UNIT_BYTES) * MEMORY_UNIT_BYTES;
    least.max(PART_BYTES_MIN)
}

#[cfg(test)]
mod tests {
    use super::super::FILE_BYTES_MAX;
    use super::{PART_BYTES_MIN, PARTS_MAX, part_bytes, slices};

    #[test]
    fn a_file_is_cut_into_parts_that_the_store_takes() {
        for size in [1, PART_BYTES_MIN, PART_BYTES_MIN + 1, 100 << 30, 200 << 30, FILE_BYTES_MAX] {
            let of = part_bytes(size);
            assert!(of >= PART_BYTES_MIN && size.div_ceil(of) <= PARTS_MAX, "{size}: {of}");
            let mut end = 0;
            for (at, len) in slices(size, of) {
                assert!(at == end && len > 0 && len <= of, "{size}: {at} {len}");
                end = at + len;
            }
            assert_eq!(end, size);
        }
        assert_eq!(slices(0, 5).count(), 0);
    }
}
