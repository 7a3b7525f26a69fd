//! A role session as it stands in the audit trail: by its access key, whatever S3 or CloudTrail tells of
//! a request leads to the person, the grant and the session that it was done in.

use std::fmt;

use jiff::Timestamp;
use wh_names::{AccessKeyId, BucketName, KeyPrefix};

/// What a session was taken for: the detail of its line. No secret is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenSession {
    /// The session's access key, `ASIA…`: AWS gives none twice.
    pub access_key_id: AccessKeyId,
    /// The grant that it was taken by.
    pub grant: String,
    /// The bucket that it is narrowed to.
    pub bucket: BucketName,
    /// The beginning of the keys that it is narrowed to.
    pub prefix: KeyPrefix,
    /// The role session's name, `u-<uid>-<sid>`.
    pub session: String,
    /// When it ends.
    pub expires: Timestamp,
}

impl TakenSession {
    /// The operation of its line.
    pub const OPERATION: &str = "RoleSession";
    /// The action of its line.
    pub const ACTION: &str = "sts:AssumeRole";

    /// Reads what was written down.
    pub fn parse(detail: &str) -> Option<Self> {
        // The prefix may hold anything, so it is the last.
        let (words, prefix) = detail.split_once(" prefix=")?;
        let word = |name: &str| {
            let found = words.split(' ').find_map(|word| word.strip_prefix(name));
            found.and_then(|rest| rest.strip_prefix('='))
        };
        Some(Self {
            access_key_id: AccessKeyId::parse(word("key")?).ok()?,
            grant: word("grant")?.to_owned(),
            bucket: BucketName::parse(word("bucket")?).ok()?,
            prefix: KeyPrefix::parse(prefix).ok()?,
            session: word("session")?.to_owned(),
            expires: word("until")?.parse().ok()?,
        })
    }
}

impl fmt::Display for TakenSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { access_key_id, grant, bucket, prefix, session, expires } = self;
        write!(
            f,
            "key={access_key_id} grant={grant} session={session} until={expires} bucket={bucket} \
             prefix={prefix}"
        )
    }
}

#[cfg(test)]
mod tests {
    use wh_names::{AccessKeyId, BucketName, KeyPrefix};

    use super::TakenSession;

    #[track_caller]
    fn check(prefix: &str) {
        let taken = TakenSession {
            access_key_id: AccessKeyId::parse("ASIAEXAMPLE012345678").expect("an id"),
            grant: "0123456789abcdef".to_owned(),
            bucket: BucketName::parse("example-files").expect("a bucket"),
            prefix: KeyPrefix::parse(prefix).expect("a prefix"),
            session: "u-01k7d3m5q8w0e2r4t6y8v0b2n4-0a1b2c3d".to_owned(),
            expires: "2026-11-26T12:00:00Z".parse().expect("a time"),
        };
        assert_eq!(TakenSession::parse(&taken.to_string()), Some(taken));
    }

    #[test]
    fn what_is_written_down_is_read_back_whatever_the_prefix_is() {
        check("");
        check("home/01k7d3m5q8w0e2r4t6y8v0b2n4/");
        check("a folder/ grant=other key=ASIAOTHER prefix=x/");
    }

    #[test]
    fn another_detail_is_no_session() {
        assert_eq!(TakenSession::parse("it was refused"), None);
        assert_eq!(TakenSession::parse("key=ASIA prefix="), None);
    }
}
