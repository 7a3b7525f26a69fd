"""moto's server, with its known gaps mended where answers are misnamed or lose what was written.

Every gap that the tests know of stands in this file, so that a new one still fails.
"""

import json
import sys

from moto.core.serialize import S3Serializer
from moto.s3.responses import S3Response
from moto.server import main

# Answers of S3 that it misnames, and their names.
ROOTS = {
    "GetBucketAccelerateConfigurationResponse": "AccelerateConfiguration",
    "GetBucketLoggingResponse": "BucketLoggingStatus",
    "GetBucketNotificationResponse": "NotificationConfiguration",
    "GetBucketVersioningResponse": "VersioningConfiguration",
    "ListPartsResponse": "ListPartsResult",
}

# Settings of buckets that it takes and does not give back whole: NewerNoncurrentVersions, the blocked
# kinds of encryption, EventBridge, the partitions of access logs, and who pays. They are given back as
# they were written.
KEPT = ("encryption", "lifecycle", "logging", "notification", "requestPayment")
UNSET = {"requestPayment": "<RequestPaymentConfiguration><Payer>BucketOwner</Payer></RequestPaymentConfiguration>"}

serialize_body = S3Serializer._serialize_body
bucket_put = S3Response._bucket_response_put
bucket_get = S3Response._bucket_response_get
bucket_delete = S3Response._bucket_response_delete


def serialize_named(self, body):
    return serialize_body(self, {ROOTS.get(root, root): rest for root, rest in body.items()})


# It fails over a policy that is not JSON, where S3 says so.
MALFORMED = "<Error><Code>MalformedPolicy</Code><Message>Policies must be valid JSON.</Message></Error>"


def kept_of(self, bucket_name):
    """What was kept of a bucket: with the bucket itself, so that it goes with it."""
    return vars(self.backend.get_bucket(bucket_name)).setdefault("kept_bodies", {})


def put_and_keep(self, request, bucket_name, querystring):
    if "policy" in querystring:
        try:
            json.loads(self.body)
        except ValueError:
            return 400, {"Content-Type": "application/xml"}, MALFORMED
    for setting in KEPT:
        if setting in querystring:
            answer = "" if setting in UNSET else bucket_put(self, request, bucket_name, querystring)
            kept_of(self, bucket_name)[setting] = self.body
            return answer
    return bucket_put(self, request, bucket_name, querystring)


def get_kept(self, bucket_name, querystring):
    for setting in KEPT:
        if setting not in querystring:
            continue
        kept = kept_of(self, bucket_name).get(setting, UNSET.get(setting))
        if kept:
            return 200, {"Content-Type": "application/xml"}, kept
    return bucket_get(self, bucket_name, querystring)


def delete_and_forget(self, bucket_name, querystring):
    answer = bucket_delete(self, bucket_name, querystring)
    for setting in (setting for setting in KEPT if setting in querystring):
        kept_of(self, bucket_name).pop(setting, None)
    return answer


S3Serializer._serialize_body = serialize_named
S3Response._bucket_response_put = put_and_keep
S3Response._bucket_response_get = get_kept
S3Response._bucket_response_delete = delete_and_forget
main(sys.argv[1:])
