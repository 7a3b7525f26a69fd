"""boto3 against the endpoint: versions, tags, retention, legal holds, conditional deletes, lifecycle, encryption."""

import datetime
import os

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

config = Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1})
# The root user sets buckets up; the person's keys are what the environment holds.
s3 = boto3.client("s3", config=config, aws_access_key_id=os.environ["ROOT_KEY"], aws_secret_access_key=os.environ["ROOT_SECRET"], aws_session_token=None)
person = boto3.client("s3", config=config)


def refused(code, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        found = error.response["Error"]["Code"]
        assert found == code, f"{found} instead of {code}: {error}"
        return error.response
    raise AssertionError(f"{code} was expected")


def body(**arguments):
    return s3.get_object(Bucket=bucket, **arguments)["Body"].read()


def put(key, data=b"x", **arguments):
    return s3.put_object(Bucket=bucket, Key=key, Body=data, **arguments)


bucket = "keeping"
s3.create_bucket(Bucket=bucket)
assert "Status" not in s3.get_bucket_versioning(Bucket=bucket)
put("old", b"before")
s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
assert body(Key="old", VersionId="null") == b"before"

# Restore: an older version is read, copied back; a delete marker is undone.
one, two = put("a", b"one")["VersionId"], put("a", b"two")["VersionId"]
assert one != two and body(Key="a") == b"two" and body(Key="a", VersionId=one) == b"one"
assert s3.head_object(Bucket=bucket, Key="a")["VersionId"] == two
back = s3.copy_object(Bucket=bucket, Key="a", CopySource={"Bucket": bucket, "Key": "a", "VersionId": one})
assert back["CopySourceVersionId"] == one and back["VersionId"] not in (one, two)
assert body(Key="a") == b"one"
gone = s3.delete_object(Bucket=bucket, Key="a")
assert gone["DeleteMarker"] is True
refused("NoSuchKey", s3.get_object, Bucket=bucket, Key="a")
answer = refused("MethodNotAllowed", s3.get_object, Bucket=bucket, Key="a", VersionId=gone["VersionId"])
assert answer["ResponseMetadata"]["HTTPHeaders"]["x-amz-delete-marker"] == "true"
undone = s3.delete_object(Bucket=bucket, Key="a", VersionId=gone["VersionId"])
assert undone["DeleteMarker"] is True and undone["VersionId"] == gone["VersionId"]
assert body(Key="a") == b"one"
refused("NoSuchVersion", s3.get_object, Bucket=bucket, Key="a", VersionId="ffffffffffffffff")
refused("InvalidArgument", s3.get_object, Bucket=bucket, Key="a", VersionId="nonsense")

# Listings of versions in pages of every size, whole, by prefix and by folders.
for key in ["list/a", "list/b/1", "list/b/2", "list/c"]:
    for _ in range(3):
        put(key)
s3.delete_object(Bucket=bucket, Key="list/b/1")
s3.delete_object(Bucket=bucket, Key="list/c")


def listed(size, **arguments):
    pages = s3.get_paginator("list_object_versions").paginate(Bucket=bucket, PaginationConfig={"PageSize": size}, **arguments)
    found = []
    for page in pages:
        assert sum(len(page.get(kind, [])) for kind in ("Versions", "DeleteMarkers", "CommonPrefixes")) <= size
        found += [(v["Key"], v["VersionId"], v["IsLatest"], "version") for v in page.get("Versions", [])]
        found += [(m["Key"], m["VersionId"], m["IsLatest"], "marker") for m in page.get("DeleteMarkers", [])]
        found += [(p["Prefix"],) for p in page.get("CommonPrefixes", [])]
    return sorted(found)


whole = listed(1000, Prefix="list/")
assert len(whole) == 14 and sum(1 for v in whole if v[2]) == 4, whole
for size in (1, 2, 3, 5):
    assert listed(size, Prefix="list/") == whole, size
    folders = listed(size, Prefix="list/", Delimiter="/")
    assert folders == sorted([v for v in whole if "/b/" not in v[0]] + [("list/b/",)]), (size, folders)

# Many versions at once, with delete markers, conditions and quiet mode.
etag = s3.head_object(Bucket=bucket, Key="old")["ETag"]
many = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "a", "VersionId": two}, {"Key": "old", "ETag": '"0"'}, {"Key": "list/a"}]})
assert [e["Code"] for e in many["Errors"]] == ["PreconditionFailed"], many
told = {d["Key"]: d for d in many["Deleted"]}
assert told["a"]["VersionId"] == two and told["list/a"]["DeleteMarker"] is True, told
undo = {"Key": "list/a", "VersionId": told["list/a"]["DeleteMarkerVersionId"]}
assert "Deleted" not in s3.delete_objects(Bucket=bucket, Delete={"Quiet": True, "Objects": [undo]})
assert body(Key="list/a") == b"x"

# Conditional deletes.
refused("PreconditionFailed", s3.delete_object, Bucket=bucket, Key="old", IfMatch='"0"')
s3.delete_object(Bucket=bucket, Key="old", IfMatch=etag)
refused("NoSuchKey", s3.delete_object, Bucket=bucket, Key="old", IfMatch="*")

# Tags: with a put, by version, in a copy, and as a condition of the bucket's policy.
first = put("tagged", Tagging="team=red&note=a%20b")["VersionId"]
put("tagged")
tags = s3.get_object_tagging(Bucket=bucket, Key="tagged", VersionId=first)
assert {t["Key"]: t["Value"] for t in tags["TagSet"]} == {"team": "red", "note": "a b"} and tags["VersionId"] == first
assert s3.get_object(Bucket=bucket, Key="tagged", VersionId=first)["TagCount"] == 2
assert s3.get_object_tagging(Bucket=bucket, Key="tagged")["TagSet"] == []
s3.put_object_tagging(Bucket=bucket, Key="tagged", Tagging={"TagSet": [{"Key": "secret", "Value": "yes"}]})
s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "tagged"})
assert s3.get_object_tagging(Bucket=bucket, Key="copy")["TagSet"] == [{"Key": "secret", "Value": "yes"}]
s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "tagged"}, TaggingDirective="REPLACE", Tagging="a=b")
assert s3.get_object_tagging(Bucket=bucket, Key="copy")["TagSet"] == [{"Key": "a", "Value": "b"}]
refused("InvalidTag", s3.put_object_tagging, Bucket=bucket, Key="copy", Tagging={"TagSet": [{"Key": str(n), "Value": ""} for n in range(11)]})
policy = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::keeping/*","Condition":{"StringEquals":{"s3:ExistingObjectTag/secret":"yes"}}}]}'
s3.put_bucket_policy(Bucket=bucket, Policy=policy)
refused("AccessDenied", s3.get_object, Bucket=bucket, Key="tagged")
assert body(Key="copy") == b"x"
s3.delete_object_tagging(Bucket=bucket, Key="tagged")
assert body(Key="tagged") == b"x"
s3.delete_bucket_policy(Bucket=bucket)

# Multipart: a part of a version, tags of the whole.
up = s3.create_multipart_upload(Bucket=bucket, Key="multi", Tagging="k=v")["UploadId"]
part = s3.upload_part_copy(Bucket=bucket, Key="multi", UploadId=up, PartNumber=1, CopySource={"Bucket": bucket, "Key": "a", "VersionId": one})
assert part["CopySourceVersionId"] == one
parts = {"Parts": [{"PartNumber": 1, "ETag": part["CopyPartResult"]["ETag"]}]}
done = s3.complete_multipart_upload(Bucket=bucket, Key="multi", UploadId=up, MultipartUpload=parts)
assert s3.head_object(Bucket=bucket, Key="multi")["VersionId"] == done["VersionId"]
assert s3.get_object(Bucket=bucket, Key="multi")["TagCount"] == 1

# Suspended: what is written now is the version `null`.
s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
assert put("a", b"three")["VersionId"] == "null" and put("a", b"four")["VersionId"] == "null"
assert body(Key="a", VersionId=one) == b"one"

# Lifecycle rules are kept as they were given.
refused("NoSuchLifecycleConfiguration", s3.get_bucket_lifecycle_configuration, Bucket=bucket)
rules = [{"ID": "old", "Status": "Enabled", "Filter": {"And": {"Prefix": "tmp/", "Tags": [{"Key": "k", "Value": "v"}]}}, "Expiration": {"Days": 3}},
         {"ID": "uploads", "Status": "Enabled", "Filter": {"Prefix": ""}, "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}}]
s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": rules})
assert s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"] == rules
rules[0]["Expiration"] = {"Days": 0}
refused("InvalidArgument", s3.put_bucket_lifecycle_configuration, Bucket=bucket, LifecycleConfiguration={"Rules": rules})
s3.delete_bucket_lifecycle(Bucket=bucket)

# Object lock.
bucket = "locked"
s3.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=True)
assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
assert s3.get_object_lock_configuration(Bucket=bucket)["ObjectLockConfiguration"] == {"ObjectLockEnabled": "Enabled"}
refused("ObjectLockConfigurationNotFoundError", s3.get_object_lock_configuration, Bucket="keeping")
refused("InvalidBucketState", s3.put_bucket_versioning, Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
day = datetime.timedelta(days=1)
now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
kept = put("kept", ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=now + 2 * day)["VersionId"]
head = s3.head_object(Bucket=bucket, Key="kept")
assert head["ObjectLockMode"] == "GOVERNANCE" and head["ObjectLockRetainUntilDate"] == now + 2 * day, head
error = refused("AccessDenied", s3.delete_object, Bucket=bucket, Key="kept", VersionId=kept)
assert "object protected by object lock" in error["Error"]["Message"], error
assert s3.delete_object(Bucket=bucket, Key="kept")["DeleteMarker"] is True
shorter = {"Mode": "GOVERNANCE", "RetainUntilDate": now + day}
refused("AccessDenied", s3.put_object_retention, Bucket=bucket, Key="kept", VersionId=kept, Retention=shorter)
s3.put_object_retention(Bucket=bucket, Key="kept", VersionId=kept, Retention=shorter, BypassGovernanceRetention=True)
assert s3.get_object_retention(Bucket=bucket, Key="kept", VersionId=kept)["Retention"] == shorter
many = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "kept", "VersionId": kept}]})
assert [e["Code"] for e in many["Errors"]] == ["AccessDenied"] and "Deleted" not in many, many
many = s3.delete_objects(Bucket=bucket, BypassGovernanceRetention=True, Delete={"Objects": [{"Key": "kept", "VersionId": kept}]})
assert "Errors" not in many, many
firm = put("firm", ObjectLockMode="COMPLIANCE", ObjectLockRetainUntilDate=now + day)["VersionId"]
refused("AccessDenied", s3.delete_object, Bucket=bucket, Key="firm", VersionId=firm, BypassGovernanceRetention=True)
refused("AccessDenied", s3.put_object_retention, Bucket=bucket, Key="firm", Retention={"Mode": "GOVERNANCE", "RetainUntilDate": now + 9 * day}, BypassGovernanceRetention=True)
s3.put_object_retention(Bucket=bucket, Key="firm", Retention={"Mode": "COMPLIANCE", "RetainUntilDate": now + 2 * day})
held = put("held", ObjectLockLegalHoldStatus="ON")["VersionId"]
assert s3.get_object_legal_hold(Bucket=bucket, Key="held")["LegalHold"]["Status"] == "ON"
refused("AccessDenied", s3.delete_object, Bucket=bucket, Key="held", VersionId=held, BypassGovernanceRetention=True)
s3.put_object_legal_hold(Bucket=bucket, Key="held", LegalHold={"Status": "OFF"})
s3.delete_object(Bucket=bucket, Key="held", VersionId=held)
s3.put_object_lock_configuration(Bucket=bucket, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}})
put("default")
assert s3.get_object_retention(Bucket=bucket, Key="default")["Retention"]["Mode"] == "GOVERNANCE"

# A person of the portal may read versions of their own, and set up nothing.
mine = os.environ["BUCKET"]
refused("AccessDenied", person.put_bucket_versioning, Bucket=mine, VersioningConfiguration={"Status": "Enabled"})
refused("AccessDenied", person.put_object_lock_configuration, Bucket=mine, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled"})
s3.put_bucket_versioning(Bucket=mine, VersioningConfiguration={"Status": "Enabled"})
was = person.put_object(Bucket=mine, Key="shared/v", Body=b"one")["VersionId"]
person.put_object(Bucket=mine, Key="shared/v", Body=b"two")
assert person.get_object(Bucket=mine, Key="shared/v", VersionId=was)["Body"].read() == b"one"
assert len(person.list_object_versions(Bucket=mine, Prefix="shared/v")["Versions"]) == 2

# Encrypted at rest by the store's own keys, and so it says.
rule = s3.get_bucket_encryption(Bucket=mine)["ServerSideEncryptionConfiguration"]["Rules"][0]
assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256", rule
assert s3.put_object(Bucket=mine, Key="e", Body=b"x", ServerSideEncryption="AES256")["ServerSideEncryption"] == "AES256"
assert s3.head_object(Bucket=mine, Key="e")["ServerSideEncryption"] == "AES256"
copied = s3.copy_object(Bucket=mine, Key="f", CopySource={"Bucket": mine, "Key": "e"})
assert copied["ServerSideEncryption"] == "AES256", copied

# Keys of the client's own are refused, in words.
key = "0" * 32
for call, arguments in [(s3.put_object, {"Body": b"x"}), (s3.get_object, {}), (s3.create_multipart_upload, {})]:
    error = refused("NotImplemented", call, Bucket=bucket, Key="c", SSECustomerAlgorithm="AES256", SSECustomerKey=key, **arguments)
    assert "SSE-C" in error["Error"]["Message"], error
copy = {"Bucket": bucket, "Key": "default"}
refused("NotImplemented", s3.copy_object, Bucket=bucket, Key="c", CopySource=copy, CopySourceSSECustomerAlgorithm="AES256", CopySourceSSECustomerKey=key)
refused("NotImplemented", s3.put_object, Bucket=bucket, Key="c", Body=b"x", ServerSideEncryption="aws:kms")
