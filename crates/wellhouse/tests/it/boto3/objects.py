"""boto3 against the endpoint: objects, ranges, conditions, checksums, multipart, listings."""

import hashlib
import io
import os

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

bucket = os.environ["BUCKET"]
s3 = boto3.client("s3", config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1}))


def refused(code, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        found = error.response["Error"]["Code"]
        assert found == code, f"{found} instead of {code}"
        return error.response
    raise AssertionError(f"{code} was expected")


# Names that have broken others: zero bytes, plus, percent, emoji, dots, double slashes.
names = ["boto/plain", "boto/a+b c#d%20e?f&g=h", "boto/🦀/ünï/ключ", "boto/../../etc/passwd", "boto//double", "boto/\u00e9", "boto/e\u0301"]
for name in names:
    s3.put_object(Bucket=bucket, Key=name, Body=name.encode(), Metadata={"who": "ada"}, ContentType="text/plain")
    back = s3.get_object(Bucket=bucket, Key=name)
    assert back["Body"].read() == name.encode()
    assert back["Metadata"] == {"who": "ada"} and back["ContentType"] == "text/plain"
    assert back["ETag"] == '"' + hashlib.md5(name.encode()).hexdigest() + '"'
listed = [o["Key"] for o in s3.list_objects_v2(Bucket=bucket, Prefix="boto/")["Contents"]]
assert listed == sorted(names, key=lambda n: n.encode()), listed

# Folders, page by page.
for n in range(25):
    s3.put_object(Bucket=bucket, Key=f"pages/{n:02}/x", Body=b"")
pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="pages/", Delimiter="/", PaginationConfig={"PageSize": 7})
prefixes = [p["Prefix"] for page in pages for p in page.get("CommonPrefixes", [])]
assert prefixes == [f"pages/{n:02}/" for n in range(25)], prefixes

# Ranges and conditions.
s3.put_object(Bucket=bucket, Key="range", Body=bytes(range(256)) * 1000)
part = s3.get_object(Bucket=bucket, Key="range", Range="bytes=255-257")
assert part["Body"].read() == bytes([255, 0, 1]) and part["ContentRange"] == "bytes 255-257/256000"
assert s3.get_object(Bucket=bucket, Key="range", Range="bytes=-2")["Body"].read() == bytes([254, 255])
refused("InvalidRange", s3.get_object, Bucket=bucket, Key="range", Range="bytes=256000-")
etag = s3.head_object(Bucket=bucket, Key="range")["ETag"]
refused("PreconditionFailed", s3.get_object, Bucket=bucket, Key="range", IfMatch='"0"')
refused("304", s3.head_object, Bucket=bucket, Key="range", IfNoneMatch=etag)
refused("PreconditionFailed", s3.put_object, Bucket=bucket, Key="range", Body=b"x", IfNoneMatch="*")
s3.put_object(Bucket=bucket, Key="range", Body=b"new", IfMatch=etag)
refused("PreconditionFailed", s3.put_object, Bucket=bucket, Key="range", Body=b"x", IfMatch=etag)
refused("NoSuchKey", s3.get_object, Bucket=bucket, Key="nothing")

# Checksums are verified, kept and given back.
for algorithm, field in [("CRC32", "ChecksumCRC32"), ("CRC32C", None), ("SHA1", "ChecksumSHA1"), ("SHA256", "ChecksumSHA256"), ("CRC64NVME", None)]:
    if field is None:
        continue
    put = s3.put_object(Bucket=bucket, Key="sum", Body=b"123456789", ChecksumAlgorithm=algorithm)
    got = s3.get_object(Bucket=bucket, Key="sum", ChecksumMode="ENABLED")
    assert put[field] == got[field], (algorithm, put, got)
    got["Body"].read()
refused("BadDigest", s3.put_object, Bucket=bucket, Key="sum", Body=b"x", ChecksumSHA256="47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")
assert s3.get_object(Bucket=bucket, Key="sum")["Body"].read() == b"123456789"

# Multipart, with a copied part, and its errors.
up = s3.create_multipart_upload(Bucket=bucket, Key="multi")["UploadId"]
big = os.urandom(5 << 20)
s3.put_object(Bucket=bucket, Key="source", Body=big)
one = s3.upload_part(Bucket=bucket, Key="multi", UploadId=up, PartNumber=1, Body=big)
two = s3.upload_part_copy(Bucket=bucket, Key="multi", UploadId=up, PartNumber=2, CopySource={"Bucket": bucket, "Key": "source"})
three = s3.upload_part(Bucket=bucket, Key="multi", UploadId=up, PartNumber=3, Body=b"end")
assert [p["PartNumber"] for p in s3.list_parts(Bucket=bucket, Key="multi", UploadId=up)["Parts"]] == [1, 2, 3]
assert [u["Key"] for u in s3.list_multipart_uploads(Bucket=bucket)["Uploads"]] == ["multi"]
parts = [{"PartNumber": 1, "ETag": one["ETag"]}, {"PartNumber": 2, "ETag": two["CopyPartResult"]["ETag"]}, {"PartNumber": 3, "ETag": three["ETag"]}]
refused("InvalidPart", s3.complete_multipart_upload, Bucket=bucket, Key="multi", UploadId=up, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": '"00000000000000000000000000000000"'}]})
refused("InvalidPartOrder", s3.complete_multipart_upload, Bucket=bucket, Key="multi", UploadId=up, MultipartUpload={"Parts": parts[::-1]})
done = s3.complete_multipart_upload(Bucket=bucket, Key="multi", UploadId=up, MultipartUpload={"Parts": parts})
assert done["ETag"].endswith('-3"'), done
assert s3.get_object(Bucket=bucket, Key="multi")["Body"].read() == big + big + b"end"
refused("NoSuchUpload", s3.list_parts, Bucket=bucket, Key="multi", UploadId=up)
up = s3.create_multipart_upload(Bucket=bucket, Key="gone")["UploadId"]
s3.abort_multipart_upload(Bucket=bucket, Key="gone", UploadId=up)
refused("NoSuchUpload", s3.upload_part, Bucket=bucket, Key="gone", UploadId=up, PartNumber=1, Body=b"x")

# Copy, delete many, file objects.
s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "multi"})
assert s3.head_object(Bucket=bucket, Key="copy")["ContentLength"] == 2 * len(big) + 3
gone = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "copy"}, {"Key": "never was"}]})
assert sorted(d["Key"] for d in gone["Deleted"]) == ["copy", "never was"], gone
s3.upload_fileobj(io.BytesIO(big * 3), bucket, "fileobj")
out = io.BytesIO()
s3.download_fileobj(bucket, "fileobj", out)
assert out.getvalue() == big * 3

# The bucket.
assert s3.get_bucket_location(Bucket=bucket)["LocationConstraint"] in (None, "us-east-1")
assert [r["AllowedMethods"] for r in s3.get_bucket_cors(Bucket=bucket)["CORSRules"]]
assert "DenyLongPresign" in s3.get_bucket_policy(Bucket=bucket)["Policy"]
