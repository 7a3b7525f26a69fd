"""boto3 against the endpoint: reads by part number, attributes, uploads by folders, deletes by time and size, tags of buckets."""

import base64
import datetime
import hashlib
import os

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

config = Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1})
s3 = boto3.client("s3", config=config, aws_access_key_id=os.environ["ROOT_KEY"], aws_secret_access_key=os.environ["ROOT_SECRET"], aws_session_token=None)


def refused(code, status, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        found = error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]
        assert found == (code, status), f"{found} instead of {code}, {status}: {error}"
        return error.response
    raise AssertionError(f"{code} was expected")


bucket = "in-parts"
s3.create_bucket(Bucket=bucket)
data = {2: b"a" * (5 << 20), 5: b"b" * ((5 << 20) + 1), 10000: b"end"}


def upload(key, algorithm=None, kind=None):
    arguments = {"ChecksumAlgorithm": algorithm} if algorithm else {}
    if kind:
        arguments["ChecksumType"] = kind
    up = s3.create_multipart_upload(Bucket=bucket, Key=key, **arguments)["UploadId"]
    parts = []
    for number, body in data.items():
        part = s3.upload_part(Bucket=bucket, Key=key, UploadId=up, PartNumber=number, Body=body, **({"ChecksumAlgorithm": algorithm} if algorithm else {}))
        parts.append({"PartNumber": number, "ETag": part["ETag"], **{k: v for k, v in part.items() if algorithm and k == f"Checksum{algorithm}"}})
    s3.complete_multipart_upload(Bucket=bucket, Key=key, UploadId=up, MultipartUpload={"Parts": parts})


# Each part by the number that it was uploaded with, and nothing else.
upload("multi", "SHA256")
whole = b"".join(data.values())
start = 0
for number, body in data.items():
    for call in (s3.get_object, s3.head_object):
        got = call(Bucket=bucket, Key="multi", PartNumber=number, ChecksumMode="ENABLED")
        assert got["ResponseMetadata"]["HTTPStatusCode"] == 206, got
        assert got["PartsCount"] == 3 and got["ContentLength"] == len(body), got
        told = got["ResponseMetadata"]["HTTPHeaders"]
        assert told["content-range"] == f"bytes {start}-{start + len(body) - 1}/{len(whole)}", told
        assert got["ChecksumSHA256"] == base64.b64encode(hashlib.sha256(body).digest()).decode(), got
    assert s3.get_object(Bucket=bucket, Key="multi", PartNumber=number)["Body"].read() == body
    start += len(body)
for call in (s3.get_object, s3.head_object):
    code = "InvalidPartNumber" if call == s3.get_object else "416"
    refused(code, 416, call, Bucket=bucket, Key="multi", PartNumber=1)
    refused(code, 416, call, Bucket=bucket, Key="multi", PartNumber=3)
    refused("InvalidArgument" if call == s3.get_object else "400", 400, call, Bucket=bucket, Key="multi", PartNumber=10001)
refused("InvalidRequest", 400, s3.get_object, Bucket=bucket, Key="multi", PartNumber=2, Range="bytes=0-1")
refused("NoSuchKey", 404, s3.get_object, Bucket=bucket, Key="none", PartNumber=1)
refused("PreconditionFailed", 412, s3.get_object, Bucket=bucket, Key="multi", PartNumber=2, IfMatch='"0"')
etag = s3.head_object(Bucket=bucket, Key="multi")["ETag"]
refused("304", 304, s3.get_object, Bucket=bucket, Key="multi", PartNumber=2, IfNoneMatch=etag)
refused("304", 304, s3.head_object, Bucket=bucket, Key="multi", PartNumber=2, IfNoneMatch=etag)

# One body is its own part 1.
s3.put_object(Bucket=bucket, Key="one", Body=b"0123456789")
got = s3.get_object(Bucket=bucket, Key="one", PartNumber=1)
assert got["Body"].read() == b"0123456789" and "PartsCount" not in got, got
assert got["ResponseMetadata"]["HTTPHeaders"]["content-range"] == "bytes 0-9/10", got
refused("InvalidPartNumber", 416, s3.get_object, Bucket=bucket, Key="one", PartNumber=2)
s3.put_object(Bucket=bucket, Key="empty", Body=b"")
assert s3.get_object(Bucket=bucket, Key="empty", PartNumber=1)["Body"].read() == b""

# A copy has the parts of its source; what replaces it has none.
s3.copy_object(Bucket=bucket, Key="copied", CopySource={"Bucket": bucket, "Key": "multi"})
assert s3.get_object(Bucket=bucket, Key="copied", PartNumber=10000)["Body"].read() == b"end"
s3.put_object(Bucket=bucket, Key="copied", Body=b"x")
refused("InvalidPartNumber", 416, s3.get_object, Bucket=bucket, Key="copied", PartNumber=10000)

# Attributes: what is asked for and nothing else, parts in pages with their checksums.
every = ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"]
got = s3.get_object_attributes(Bucket=bucket, Key="multi", ObjectAttributes=every)
assert got["ETag"] == etag.strip('"') and got["ObjectSize"] == len(whole) and got["StorageClass"] == "STANDARD", got
assert got["Checksum"]["ChecksumType"] == "COMPOSITE" and got["Checksum"]["ChecksumSHA256"].endswith("-3"), got
parts = got["ObjectParts"]
assert parts["TotalPartsCount"] == 3 and parts["IsTruncated"] is False, parts
assert [(p["PartNumber"], p["Size"]) for p in parts["Parts"]] == [(n, len(b)) for n, b in data.items()], parts
sums = [base64.b64encode(hashlib.sha256(b).digest()).decode() for b in data.values()]
assert [p["ChecksumSHA256"] for p in parts["Parts"]] == sums, parts
page = s3.get_object_attributes(Bucket=bucket, Key="multi", ObjectAttributes=["ObjectParts"], MaxParts=2)["ObjectParts"]
assert page["IsTruncated"] and page["NextPartNumberMarker"] == 5 and page["MaxParts"] == 2, page
page = s3.get_object_attributes(Bucket=bucket, Key="multi", ObjectAttributes=["ObjectParts"], MaxParts=2, PartNumberMarker=5)["ObjectParts"]
assert [p["PartNumber"] for p in page["Parts"]] == [10000] and not page["IsTruncated"], page
for name in every:
    got = s3.get_object_attributes(Bucket=bucket, Key="one", ObjectAttributes=[name])
    assert [other for other in every if other in got] == ([] if name == "ObjectParts" else [name]), (name, got)
full = s3.get_object_attributes(Bucket=bucket, Key="one", ObjectAttributes=["Checksum"])["Checksum"]
assert full["ChecksumType"] == "FULL_OBJECT", full
refused("NoSuchKey", 404, s3.get_object_attributes, Bucket=bucket, Key="none", ObjectAttributes=["ETag"])
refused("InvalidArgument", 400, s3.get_object_attributes, Bucket=bucket, Key="one", ObjectAttributes=["Colour"])
policy = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:GetObjectAttributes","Resource":"arn:aws:s3:::in-parts/*"}]}'
s3.put_bucket_policy(Bucket=bucket, Policy=policy)
refused("AccessDenied", 403, s3.get_object_attributes, Bucket=bucket, Key="one", ObjectAttributes=["ETag"])
assert s3.head_object(Bucket=bucket, Key="one")["ContentLength"] == 10
s3.delete_bucket_policy(Bucket=bucket)

# Unfinished uploads by folders, in pages of every size, encoded and not.
keys = ["a", "b/1", "b/2", "c d", "c--1", "c--2", "ü/x"]
for key in keys:
    s3.create_multipart_upload(Bucket=bucket, Key=key)


def uploads(size, **arguments):
    pages = s3.get_paginator("list_multipart_uploads").paginate(Bucket=bucket, PaginationConfig={"PageSize": size}, **arguments)
    found, folders = [], []
    for page in pages:
        assert len(page.get("Uploads", [])) + len(page.get("CommonPrefixes", [])) <= size, page
        found += [u["Key"] for u in page.get("Uploads", [])]
        folders += [p["Prefix"] for p in page.get("CommonPrefixes", [])]
    return found, folders


for size in (1, 2, 3, 7, 1000):
    for arguments, expected in [
        ({}, (keys, [])),
        ({"Delimiter": "/"}, (["a", "c d", "c--1", "c--2"], ["b/", "ü/"])),
        ({"Delimiter": "--"}, (["a", "b/1", "b/2", "c d", "ü/x"], ["c--"])),
        ({"Delimiter": "/", "Prefix": "b"}, ([], ["b/"])),
        ({"Delimiter": "/", "Prefix": "b/"}, (["b/1", "b/2"], [])),
        ({"Prefix": "none"}, ([], [])),
    ]:
        found = uploads(size, **arguments)
        assert found == expected, (size, arguments, found)
plain = s3.meta.client if hasattr(s3.meta, "client") else s3
raw = s3.list_multipart_uploads(Bucket=bucket, EncodingType="url", Prefix="c d")
assert raw["EncodingType"] == "url" and raw["Uploads"][0]["Key"] == "c%20d" and raw["Prefix"] == "c%20d", raw

# Deletes by time and size: of one, and of each of many.
s3.put_object(Bucket=bucket, Key="then", Body=b"12345")
at = s3.head_object(Bucket=bucket, Key="then")["LastModified"]
other = at - datetime.timedelta(seconds=1)
refused("PreconditionFailed", 412, s3.delete_object, Bucket=bucket, Key="then", IfMatchSize=4)
refused("PreconditionFailed", 412, s3.delete_object, Bucket=bucket, Key="then", IfMatchLastModifiedTime=other)
refused("PreconditionFailed", 412, s3.delete_object, Bucket=bucket, Key="then", IfMatchLastModifiedTime=at, IfMatchSize=6)
refused("NoSuchKey", 404, s3.delete_object, Bucket=bucket, Key="none", IfMatchSize=0)
many = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "then", "Size": 1}, {"Key": "one", "Size": 10}]})
assert [e["Code"] for e in many["Errors"]] == ["PreconditionFailed"] and [d["Key"] for d in many["Deleted"]] == ["one"], many
assert s3.get_object(Bucket=bucket, Key="then")["Body"].read() == b"12345"
s3.delete_object(Bucket=bucket, Key="then", IfMatchLastModifiedTime=at, IfMatchSize=5)
refused("NoSuchKey", 404, s3.get_object, Bucket=bucket, Key="then")

# Tags of buckets.
refused("NoSuchTagSet", 404, s3.get_bucket_tagging, Bucket=bucket)
tags = [{"Key": "team", "Value": "blue"}, {"Key": "Team", "Value": ""}]
s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tags})
assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == tags
for bad in [[{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}], [{"Key": "aws:x", "Value": ""}], [{"Key": "k" * 129, "Value": ""}], [{"Key": "k", "Value": "v" * 257}], [{"Key": "k", "Value": "<"}], [{"Key": str(n), "Value": ""} for n in range(51)]]:
    refused("InvalidTag", 400, s3.put_bucket_tagging, Bucket=bucket, Tagging={"TagSet": bad})
assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == tags
s3.delete_bucket_tagging(Bucket=bucket)
refused("NoSuchTagSet", 404, s3.get_bucket_tagging, Bucket=bucket)
refused("NoSuchBucket", 404, s3.get_bucket_tagging, Bucket="no-such-bucket-here")
