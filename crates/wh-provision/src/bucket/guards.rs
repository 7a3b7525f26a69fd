//! The statements of bucket policies. They only deny: what is allowed stands in the roles.

use serde_json::{Value, json};
use wh_names::{Arn, NameError, SCAN_TAG, ScanVerdict, Serving};

use crate::description::{BucketDescription, Description, Target};
use crate::estate::role_arn;
use crate::roles::{ADMIN_ROLE, SCAN_ROLE};

/// What a statement denies, for whom and where.
struct Guard<'d> {
    description: &'d Description,
    bucket: String,
}

impl Guard<'_> {
    fn of<'d>(description: &'d Description, bucket: &wh_names::BucketName) -> Guard<'d> {
        let arn = Arn::bucket(&description.partition, bucket);
        Guard { description, bucket: arn.as_str().to_owned() }
    }

    fn objects(&self) -> String {
        format!("{}/*", self.bucket)
    }

    fn everywhere(&self, sid: &str, condition: &Value) -> Value {
        json!({"Sid": sid, "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "s3:*",
            "Resource": [self.bucket, self.objects()], "Condition": condition})
    }

    fn of_objects(&self, sid: &str, action: &str, condition: &Value) -> Value {
        json!({"Sid": sid, "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": action,
            "Resource": self.objects(), "Condition": condition})
    }

    /// The same for everybody but these roles.
    fn but_for(&self, sid: &str, (roles, actions): (&[&Arn], &[&str]), condition: Value) -> Value {
        let roles: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
        let mut condition = condition;
        if let Some(condition) = condition.as_object_mut() {
            condition.insert("ArnNotEquals".to_owned(), json!({"aws:PrincipalArn": roles}));
        }
        json!({"Sid": sid, "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": actions,
            "Resource": self.objects(), "Condition": condition})
    }

    /// What the scan found is held by the store itself, and only the scan writes it. Reading is
    /// denied by the tag of that very version; a negated test is true of a version without one.
    ///
    /// The tag stays what it is when others of its version are changed: whoever replaces the tags must
    /// bring it along as it was. Source: Service Authorization Reference, "Actions, resources, and
    /// condition keys for Amazon S3", on `s3:ExistingObjectTag` and `s3:RequestObjectTag`.
    fn scan(&self, serving: Serving) -> Result<Vec<Value>, NameError> {
        let (_, admin) = role_arn(self.description, ADMIN_ROLE)?;
        let (_, scan) = role_arn(self.description, SCAN_ROLE)?;
        let existing = format!("s3:ExistingObjectTag/{SCAN_TAG}");
        let brought = format!("s3:RequestObjectTag/{SCAN_TAG}");
        let all = ScanVerdict::ALL.map(ScanVerdict::as_str);
        let infected = ScanVerdict::Infected.as_str();
        let mut statements = vec![self.but_for(
            "DenyInfectedFiles",
            (&[&admin], &READING),
            json!({"StringEquals": {&existing: infected}}),
        )];
        if serving == Serving::OnlyClean {
            let served = [ScanVerdict::Clean, ScanVerdict::Released].map(ScanVerdict::as_str);
            statements.push(self.but_for(
                "DenyFilesNotScanned",
                (&[&admin, &scan], &READING),
                json!({"StringNotEquals": {&existing: served}}),
            ));
        }
        statements.push(self.but_for(
            "DenyUploadWithScanTag",
            (&[&scan], &["s3:PutObject"]),
            json!({"Null": {&brought: "false"}}),
        ));
        statements.push(self.but_for(
            "DenyNewScanTag",
            (&[&scan], &TAGGING),
            json!({"Null": {&brought: "false"}, "StringNotEquals": {&existing: all}}),
        ));
        for verdict in ScanVerdict::ALL {
            statements.push(self.but_for(
                &format!("KeepScanTag{}", capitalised(verdict.as_str())),
                (&[&scan], &TAGGING),
                json!({"StringEquals": {&existing: verdict.as_str()},
                    "StringNotEquals": {&brought: verdict.as_str()}}),
            ));
        }
        statements.push(self.but_for(
            "DenyScanTagRemoval",
            (&[&scan], &["s3:DeleteObjectTagging", "s3:DeleteObjectVersionTagging"]),
            json!({"Null": {&existing: "false"}}),
        ));
        Ok(statements)
    }

    fn transport(&self, version: &str) -> Vec<Value> {
        vec![
            self.everywhere(
                "DenyInsecureTransport",
                &json!({"Bool": {"aws:SecureTransport": "false"}}),
            ),
            self.everywhere("DenyOldTls", &json!({"NumericLessThan": {"s3:TlsVersion": version}})),
        ]
    }

    /// Everybody but the account's own principals and AWS's services. An anonymous request is of the account
    /// `anonymous` and does not say whether a service makes it: `Bool` is false of an absent key, so only
    /// with `IfExists` are strangers without a name denied, too. All that is signed holds both. Source: IAM User Guide,
    /// "AWS global condition context keys", `aws:PrincipalIsAWSService`, and "Condition operators".
    fn foreigners(&self) -> Value {
        let account = self.description.account.as_str();
        self.everywhere(
            "DenyForeignAccountPrincipals",
            &json!({"StringNotEquals": {"aws:PrincipalAccount": account},
                "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}),
        )
    }

    /// A negated test of a key that a request does not hold is true, with `IfExists` or without: so
    /// the key's presence is asked for beside it, or every upload would be denied that leaves
    /// encryption to the bucket. Source: IAM User Guide, "Condition operators".
    fn other_keys(&self, alias_arn: &str) -> Vec<Value> {
        const KEY: &str = "s3:x-amz-server-side-encryption-aws-kms-key-id";
        const METHOD: &str = "s3:x-amz-server-side-encryption";
        let named_otherwise = |key: &str, value: &str| json!({"StringNotEquals": {key: value}, "Null": {key: "false"}});
        vec![
            self.of_objects("DenyOtherKeys", "s3:PutObject", &named_otherwise(KEY, alias_arn)),
            self.of_objects(
                "DenyOtherEncryption",
                "s3:PutObject",
                &named_otherwise(METHOD, "aws:kms"),
            ),
            // KMS without a key's name means the key that AWS keeps for S3, not the bucket's.
            self.of_objects(
                "DenyManagedKey",
                "s3:PutObject",
                &json!({"StringEquals": {METHOD: "aws:kms"}, "Null": {KEY: "true"}}),
            ),
        ]
    }
}

/// The actions by which an object's bytes are read, by a copy as well.
const READING: [&str; 2] = ["s3:GetObject", "s3:GetObjectVersion"];
/// The actions by which an object's tags are replaced.
const TAGGING: [&str; 2] = ["s3:PutObjectTagging", "s3:PutObjectVersionTagging"];

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The statements of a bucket of files.
pub(super) fn guards_of_files(
    description: &Description,
    bucket: &BucketDescription,
) -> Result<Vec<Value>, NameError> {
    let guard = Guard::of(description, &bucket.name);
    let mut statements = Vec::new();
    if let Some(tls) = bucket.tls {
        statements.extend(guard.transport(tls.as_str()));
    }
    if description.target == Target::Aws {
        statements.push(
            guard.everywhere("DenySigV2", &json!({"StringEquals": {"s3:signatureversion": "AWS"}})),
        );
    }
    let millis = u64::from(bucket.presign_seconds_max) * 1000;
    statements.push(guard.of_objects(
        "DenyLongPresign",
        "s3:*",
        &json!({"NumericGreaterThan": {"s3:signatureAge": millis.to_string()}}),
    ));
    if let Some(alias) = description.key_alias_arn() {
        statements.extend(guard.other_keys(&alias));
    }
    if !bucket.denied_uids.is_empty() {
        let uids: Vec<&str> = bucket.denied_uids.iter().map(wh_names::Uid::as_str).collect();
        statements.push(
            guard.everywhere(
                "DenyTheseUids",
                &json!({"StringEquals": {"aws:PrincipalTag/uid": uids}}),
            ),
        );
    }
    if let Some(serving) = description.scan {
        statements.extend(guard.scan(serving)?);
    }
    statements.push(guard.foreigners());
    Ok(statements)
}

/// The statements of the bucket of logs: AWS's own services deliver, and nobody uses plain HTTP.
pub(crate) fn guards_of_logs(description: &Description, logs: &wh_names::BucketName) -> Vec<Value> {
    let guard = Guard::of(description, logs);
    let account = description.account.as_str();
    let mut statements: Vec<Value> = (1..)
        .zip(&description.buckets)
        .map(|(number, bucket)| access_logs(&guard, account, (number, &bucket.name)))
        .collect();
    if let Some(trail) = crate::trail::arn(description) {
        let from = json!({"StringEquals": {"aws:SourceArn": trail}});
        statements.push(json!({
            "Sid": "TrailLooksAtBucket", "Effect": "Allow",
            "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "s3:GetBucketAcl",
            "Resource": guard.bucket, "Condition": from}));
        statements.push(json!({
            "Sid": "TrailIsDelivered", "Effect": "Allow",
            "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "s3:PutObject",
            "Resource": format!("{}/AWSLogs/{account}/*", guard.bucket),
            "Condition": {"StringEquals": {"aws:SourceArn": trail,
                "s3:x-amz-acl": "bucket-owner-full-control"}}}));
    }
    statements.extend(guard.transport("1.2"));
    statements.push(guard.foreigners());
    statements
}

/// Each bucket's logs go below its own name, and nowhere else.
fn access_logs(
    guard: &Guard<'_>,
    account: &str,
    (number, files): (usize, &wh_names::BucketName),
) -> Value {
    let number = if number == 1 { String::new() } else { number.to_string() };
    let source = Arn::bucket(&guard.description.partition, files);
    json!({
        "Sid": format!("AccessLogsAreDelivered{number}"), "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"}, "Action": "s3:PutObject",
        "Resource": format!("{}/{}*", guard.bucket, super::logs::access_prefix(files)),
        "Condition": {"StringEquals": {"aws:SourceAccount": account},
            "ArnLike": {"aws:SourceArn": source.as_str()}}})
}
