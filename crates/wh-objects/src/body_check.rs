//! What a body was announced to be, held against it as it passes: for stores that hand it on.

use md5::{Digest, Md5};

use crate::digest::{Announced, Digests, Sum};
use crate::{ExpectedChecksum, StoreError};

/// Judges a body as it passes. Only what was announced is computed.
pub struct BodyCheck {
    announced: Announced,
    max: u64,
    size: u64,
    md5: Option<Md5>,
    sum: Option<Sum>,
}

impl std::fmt::Debug for BodyCheck {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BodyCheck").field("announced", &self.announced).finish_non_exhaustive()
    }
}

impl BodyCheck {
    /// A check of a body of at most `max` bytes, announced by its size in bytes, its MD5 in Base64, and
    /// a checksum.
    pub fn new(
        size: Option<u64>,
        content_md5: Option<String>,
        expected: Option<ExpectedChecksum>,
        max: u64,
    ) -> Self {
        let md5 = content_md5.is_some().then(Md5::new);
        let sum = expected.as_ref().map(|expected| Sum::new(expected.algorithm));
        let announced = Announced { size, content_md5, expected };
        Self { announced, max, size: 0, md5, sum }
    }

    /// Takes the next bytes; refuses what is too long already.
    pub fn update(&mut self, block: &[u8]) -> Result<(), StoreError> {
        self.size += block.len() as u64;
        self.announced.judge_so_far(self.size, self.max)?;
        if let Some(md5) = &mut self.md5 {
            md5.update(block);
        }
        if let Some(sum) = &mut self.sum {
            sum.update(block);
        }
        Ok(())
    }

    /// Judges the whole body.
    pub fn finish(self) -> Result<(), StoreError> {
        let md5 = self.md5.map(|md5| md5.finalize().into()).unwrap_or_default();
        let sums = self.sum.map(Sum::finish).into_iter().collect();
        self.announced.judge(&Digests { md5, size: self.size, sums })
    }
}

#[cfg(test)]
mod tests {
    use super::BodyCheck;
    use crate::{ChecksumAlgorithm, ExpectedChecksum, ExpectedValue};

    #[track_caller]
    fn check(size: Option<u64>, md5: Option<&str>, sum: Option<&str>, expected: &str) {
        let algorithm = ChecksumAlgorithm::Crc32;
        let value = |sum: &str| ExpectedValue::Now(sum.to_owned());
        let sum = sum.map(|sum| ExpectedChecksum { algorithm, value: value(sum) });
        let mut check = BodyCheck::new(size, md5.map(str::to_owned), sum, 9);
        let judged = check.update(b"12345").and_then(|()| check.update(b"6789"));
        let judged = judged.and_then(|()| check.finish());
        assert_eq!(judged.map_or_else(|error| error.code(), |()| "ok"), expected);
    }

    #[test]
    fn a_body_is_what_was_announced_or_is_refused() {
        check(None, None, None, "ok");
        check(Some(9), Some("JfnnlDI7RTiF9RgfG2JNCw=="), Some("y/Q5Jg=="), "ok");
        check(Some(8), None, None, "incomplete-body");
        check(Some(10), None, None, "incomplete-body");
        check(None, Some("1B2M2Y8AsgTpgAmY7PhCfg=="), None, "bad-digest");
        check(None, None, Some("AAAAAA=="), "checksum-mismatch");
        let mut long = BodyCheck::new(None, None, None, 8);
        assert_eq!(long.update(b"123456789").expect_err("too long").code(), "entity-too-large");
    }
}
