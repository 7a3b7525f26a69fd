"""Behavioural cases, in tables: each is one call, checked for its status, its code and its effect.

A case is counted when it was checked; the last line says how many there were.
"""

import base64
import datetime
import hashlib
import os
import zlib

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

path = {"s3": {"addressing_style": "path"}, "retries": {"max_attempts": 1}, "parameter_validation": False}
s3 = boto3.client("s3", config=Config(**path), aws_access_key_id=os.environ["ROOT_KEY"], aws_secret_access_key=os.environ["ROOT_SECRET"], aws_session_token=None)
person = boto3.client("s3", config=Config(**path))
stranger = boto3.client("s3", config=Config(signature_version=UNSIGNED, **path))
count = 0


def outcome(call, **arguments):
    try:
        answer = call(**arguments)
        return answer["ResponseMetadata"]["HTTPStatusCode"], "", answer
    except ClientError as error:
        return error.response["ResponseMetadata"]["HTTPStatusCode"], error.response["Error"]["Code"], error.response


def case(expected, call, **arguments):
    """One call: its status, and the code of what is refused."""
    global count
    status, code, answer = outcome(call, **arguments)
    wanted = expected if isinstance(expected, tuple) else (expected, "")
    # An answer to HEAD has no body, and so no code.
    told = (status, str(status)) if call.__name__.startswith("head") and code else (status, code)
    if call.__name__.startswith("head") and wanted[1]:
        wanted = (wanted[0], str(wanted[0]))
    shown = {k: (v if len(str(v)) < 200 else f"{str(v)[:200]}…") for k, v in arguments.items()}
    assert told == wanted, f"{call.__name__} {shown}: {(status, code)} instead of {wanted}: {str(answer)[:600]}"
    count += 1
    return answer


def holds(fact, *told):
    """An effect of the case before it; it counts with that."""
    assert fact, told


def body(key, bucket=None, **arguments):
    return s3.get_object(Bucket=bucket or main, Key=key, **arguments)["Body"].read()


def keys(bucket=None, **arguments):
    return [o["Key"] for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket or main, **arguments) for o in page.get("Contents", [])]


# --- Names of buckets ---
main = "cases"
case(200, s3.create_bucket, Bucket=main)
case((409, "BucketAlreadyOwnedByYou"), s3.create_bucket, Bucket=main)
for name in ("abc", "a-b", "a.b", "1bucket", "b" * 63, "123", "x1.y2-z3"):
    case(200, s3.create_bucket, Bucket=name)
    case(200, s3.head_bucket, Bucket=name)
    case(204, s3.delete_bucket, Bucket=name)
    case((404, "NoSuchBucket"), s3.head_bucket, Bucket=name)
for name in ("Upper", "under_score", "-lead", "trail-", "b" * 64, "a..b", "192.168.5.4", "xn--abc", "a-s3alias", "sthree-x", "ab"):
    case((400, "InvalidBucketName"), s3.create_bucket, Bucket=name)

# --- Names of objects: each is written, read, found by itself, and deleted ---
names = [
    "a", "a/b", "a/", "a//b", "a//", "//", "/", "/lead", "./x", "../x", "..", ".", "a/../b", "a/./b", "a/..", "...", "~", "~/x",
    "sp ace", " lead", "trail ", "  ", "plus+plus", "per%cent", "%2e%2e%2f", "%00", "a%2Fb", "a&b=c", "a?b", "a#b", "a;b", "a:b", "a@b", "a$b", "a!b", "a'b", 'a"b', "a(b)", "a*b", "a,b", "a|b",
    "a\\b", "..\\b", "C:\\x", "a^b", "a`b", "a{b}", "a[b]", "<a>&amp;</a>", "]]>", "<!--", "&lt;", "con", "nul.txt", ".git", ".htaccess", "index.html",
    "tab\there", "line\nfeed", "car\rriage", "\x01", "\x1f", "\x7f", "\x85", "\u00a0", "\u200b", "\u200e", "\u202e.txt", "\ufeff", "\ufffd",
    "é", "e\u0301", "ß", "İ", "ı", "Å", "\u212b", "ﬁ", "日本", "한국", "العربية", "עברית", "\U0001f600", "\U00010000", "\U0001ffff", "\U00020000", "\U0002fa1d", "\U00030000", "\U000e0001", "\U000f0000", "\U0010ffff",
    "k" * 1024, "ü" * 512, "\U0001f600" * 256, "/" * 1024, "a/" * 512,
]
for name in names:
    data = name.encode()[:64]
    case(200, s3.put_object, Bucket=main, Key=name, Body=data)
    case(200, s3.head_object, Bucket=main, Key=name)
    holds(body(name) == data, name)
listed = keys()
holds(len(listed) == len(names), len(listed), len(names))
holds(listed == sorted(names, key=str.encode), [a for a, b in zip(listed, sorted(names, key=str.encode)) if a != b][:3])
for name in names:
    case(204, s3.delete_object, Bucket=main, Key=name)
    case((404, "NoSuchKey"), s3.get_object, Bucket=main, Key=name)
holds(keys() == [])
for name in ("k" * 1025, "ü" * 513, "\U0001f600" * 257):
    case((400, "KeyTooLongError"), s3.put_object, Bucket=main, Key=name, Body=b"")
    case((400, "KeyTooLongError"), s3.get_object, Bucket=main, Key=name)

# --- One name is never another ---
pairs = [("a", "a/"), ("a", "A"), ("a/b", "a//b"), ("é", "e\u0301"), ("\u212b", "Å"), ("x", "./x"), ("p", "q/../p"), ("n", "n\x00"[:1] + " "), ("bob/1", "bob2/1"), ("%2F", "/"), ("+", " ")]
for one, two in pairs:
    case(200, s3.put_object, Bucket=main, Key=one, Body=b"one")
    case(200, s3.put_object, Bucket=main, Key=two, Body=b"two")
    holds((body(one), body(two)) == (b"one", b"two"), one, two)
    case(204, s3.delete_object, Bucket=main, Key=one)
    case(200, s3.get_object, Bucket=main, Key=two)
    case(204, s3.delete_object, Bucket=main, Key=two)

# --- Listings: prefixes, delimiters of one and of several characters, pages, places to begin ---
tree = ["a", "a--b", "a--b--c", "a/b", "a/b/c", "a/d", "aa", "b", "b--", "ü/x", "ü/y", "🌳/🍎"]
for name in tree:
    case(200, s3.put_object, Bucket=main, Key=name, Body=b"x")


def grouped(prefix, delimiter, after=""):
    plain, groups = [], []
    for name in sorted(tree, key=str.encode):
        if not name.startswith(prefix):
            continue
        head, found, _ = name[len(prefix):].partition(delimiter) if delimiter else (name, "", "")
        group = prefix + head + delimiter if found else None
        if group and group.encode() > after.encode() and not (after and after.startswith(group)) and group not in groups:
            groups.append(group)
        elif not group and name.encode() > after.encode():
            plain.append(name)
    return plain, groups


for prefix in ("", "a", "a/", "a--", "b", "ü", "ü/", "🌳", "none", "a/b/"):
    for delimiter in ("", "/", "--", "-", "b", "/b", "x", "🍎", "zz"):
        for call, token in ((s3.list_objects_v2, "ContinuationToken"), (s3.list_objects, "Marker")):
            arguments = {"Prefix": prefix, **({"Delimiter": delimiter} if delimiter else {})}
            answer = case(200, call, Bucket=main, **arguments)
            found = [o["Key"] for o in answer.get("Contents", [])], [p["Prefix"] for p in answer.get("CommonPrefixes", [])]
            holds(found == grouped(prefix, delimiter), prefix, delimiter, found)
        for size in (1, 2, 5):
            plain, groups, token = [], [], {}
            while True:
                answer = case(200, s3.list_objects_v2, Bucket=main, MaxKeys=size, **arguments, **token)
                holds(answer["KeyCount"] <= size and answer["MaxKeys"] == size, answer)
                plain += [o["Key"] for o in answer.get("Contents", [])]
                groups += [p["Prefix"] for p in answer.get("CommonPrefixes", [])]
                if not answer["IsTruncated"]:
                    break
                token = {"ContinuationToken": answer["NextContinuationToken"]}
            holds((plain, groups) == grouped(prefix, delimiter), prefix, delimiter, size, plain, groups)
for after in ("", "a", "a--b", "a/b", "a/c", "aa", "b--", "zzz", "ü/x", "🌳/🍎", "\U0010ffff"):
    answer = case(200, s3.list_objects_v2, Bucket=main, StartAfter=after)
    holds([o["Key"] for o in answer.get("Contents", [])] == grouped("", "", after)[0], after)
    answer = case(200, s3.list_objects, Bucket=main, Marker=after)
    holds([o["Key"] for o in answer.get("Contents", [])] == grouped("", "", after)[0], after)
answer = case(200, s3.list_objects_v2, Bucket=main, MaxKeys=0)
holds(not answer["IsTruncated"] and "Contents" not in answer, answer)
answer = case(200, s3.list_objects_v2, Bucket=main, MaxKeys=5000)
holds(answer["MaxKeys"] == 1000, answer["MaxKeys"])
holds(all("Owner" not in o for o in answer["Contents"]))
answer = case(200, s3.list_objects_v2, Bucket=main, FetchOwner=True)
holds(all(o["Owner"]["ID"] for o in answer["Contents"]))
case((400, "InvalidArgument"), s3.list_objects_v2, Bucket=main, MaxKeys=-1)
case((400, "InvalidArgument"), s3.list_objects_v2, Bucket=main, ContinuationToken="nonsense")
case((400, "InvalidArgument"), s3.list_objects_v2, Bucket=main, EncodingType="base64")
case((404, "NoSuchBucket"), s3.list_objects_v2, Bucket="no-such-bucket-here")
case((409, "BucketNotEmpty"), s3.delete_bucket, Bucket=main)
holds(keys() == sorted(tree, key=str.encode))
answer = case(200, s3.delete_objects, Bucket=main, Delete={"Objects": [{"Key": name} for name in tree + ["never"]]})
holds(len(answer["Deleted"]) == len(tree) + 1 and keys() == [])
case((400, "MalformedXML"), s3.delete_objects, Bucket=main, Delete={"Objects": []})
case((400, "MalformedXML"), s3.delete_objects, Bucket=main, Delete={"Objects": [{"Key": str(n)} for n in range(1001)]})

# --- Reads: ranges ---
digits = b"0123456789"
case(200, s3.put_object, Bucket=main, Key="digits", Body=digits)
case(200, s3.put_object, Bucket=main, Key="empty", Body=b"")
for asked, status, found in [("bytes=0-0", 206, b"0"), ("bytes=0-9", 206, digits), ("bytes=0-100", 206, digits), ("bytes=3-5", 206, b"345"), ("bytes=9-9", 206, b"9"), ("bytes=5-", 206, b"56789"), ("bytes=0-", 206, digits), ("bytes=-1", 206, b"9"), ("bytes=-10", 206, digits), ("bytes=-11", 206, digits)]:
    answer = case(status, s3.get_object, Bucket=main, Key="digits", Range=asked)
    holds(answer["Body"].read() == found and answer["ContentLength"] == len(found), asked)
    start = digits.index(found)
    holds(answer["ContentRange"] == f"bytes {start}-{start + len(found) - 1}/10", answer["ContentRange"])
    answer = case(status, s3.head_object, Bucket=main, Key="digits", Range=asked)
    holds(answer["ContentLength"] == len(found), asked)
for asked in ("bytes=10-", "bytes=10-11", "bytes=100-200", "bytes=-0"):
    case((416, "InvalidRange"), s3.get_object, Bucket=main, Key="digits", Range=asked)
    case((416, "InvalidRange"), s3.head_object, Bucket=main, Key="digits", Range=asked)
for asked in ("bytes=0-0", "bytes=-1", "bytes=0-"):
    case((416, "InvalidRange"), s3.get_object, Bucket=main, Key="empty", Range=asked)

# --- Reads: conditions, alone and together ---
etag = s3.head_object(Bucket=main, Key="digits")["ETag"]
at = s3.head_object(Bucket=main, Key="digits")["LastModified"]
before, after = at - datetime.timedelta(hours=1), at + datetime.timedelta(hours=1)
fails, same = (412, "PreconditionFailed"), (304, "304")
for conditions, expected in [
    ({"IfMatch": etag}, 200), ({"IfMatch": etag.strip('"')}, 200), ({"IfMatch": "*"}, 200), ({"IfMatch": f'"x", {etag}'}, 200), ({"IfMatch": '"x"'}, fails), ({"IfMatch": ""}, fails),
    ({"IfNoneMatch": etag}, same), ({"IfNoneMatch": "*"}, same), ({"IfNoneMatch": f'"x", {etag}'}, same), ({"IfNoneMatch": f"W/{etag}"}, same), ({"IfNoneMatch": '"x"'}, 200),
    ({"IfModifiedSince": before}, 200), ({"IfModifiedSince": at}, same), ({"IfModifiedSince": after}, same),
    ({"IfUnmodifiedSince": before}, fails), ({"IfUnmodifiedSince": at}, 200), ({"IfUnmodifiedSince": after}, 200),
    ({"IfMatch": etag, "IfUnmodifiedSince": before}, 200), ({"IfMatch": '"x"', "IfUnmodifiedSince": after}, fails),
    ({"IfNoneMatch": etag, "IfModifiedSince": before}, same), ({"IfNoneMatch": '"x"', "IfModifiedSince": after}, 200),
    ({"IfMatch": etag, "IfNoneMatch": etag}, same), ({"IfMatch": '"x"', "IfNoneMatch": '"x"'}, fails),
]:
    case(expected, s3.get_object, Bucket=main, Key="digits", **conditions)
    case(expected, s3.head_object, Bucket=main, Key="digits", **conditions)
case((404, "NoSuchKey"), s3.get_object, Bucket=main, Key="none", IfMatch="*")
case((404, "NoSuchKey"), s3.get_object, Bucket=main, Key="none", IfNoneMatch="*")

# --- Writes: conditions ---
case(200, s3.put_object, Bucket=main, Key="once", Body=b"1", IfNoneMatch="*")
case(fails, s3.put_object, Bucket=main, Key="once", Body=b"2", IfNoneMatch="*")
holds(body("once") == b"1")
one = s3.head_object(Bucket=main, Key="once")["ETag"]
case(fails, s3.put_object, Bucket=main, Key="once", Body=b"2", IfMatch='"0"')
case(200, s3.put_object, Bucket=main, Key="once", Body=b"2", IfMatch=one)
case(fails, s3.put_object, Bucket=main, Key="once", Body=b"3", IfMatch=one)
holds(body("once") == b"2")
case((404, "NoSuchKey"), s3.put_object, Bucket=main, Key="none", Body=b"x", IfMatch=one)
case((501, "NotImplemented"), s3.put_object, Bucket=main, Key="once", Body=b"x", IfNoneMatch=one)
case(fails, s3.delete_object, Bucket=main, Key="once", IfMatch=one)
case(204, s3.delete_object, Bucket=main, Key="once", IfMatch="*")
case((404, "NoSuchKey"), s3.delete_object, Bucket=main, Key="once", IfMatch="*")
case(204, s3.delete_object, Bucket=main, Key="once")

# --- Writes: checksums of every kind, right, wrong and malformed ---
data = b"checked"


def crc(of, polynomial, width):
    table = []
    for value in range(256):
        for _ in range(8):
            value = (value >> 1) ^ (polynomial if value & 1 else 0)
        table.append(value)
    mask = (1 << width) - 1
    value = mask
    for byte in of:
        value = (value >> 8) ^ table[(value ^ byte) & 0xFF]
    return (value ^ mask).to_bytes(width // 8, "big")


ALGORITHMS = {
    "CRC32": lambda of: zlib.crc32(of).to_bytes(4, "big"),
    "CRC32C": lambda of: crc(of, 0x82F63B78, 32),
    "CRC64NVME": lambda of: crc(of, 0x9A6C9329AC4BC9B5, 64),
    "SHA1": lambda of: hashlib.sha1(of).digest(),
    "SHA256": lambda of: hashlib.sha256(of).digest(),
}
known = {}


def digest(name, of):
    """A checksum as boto3 gives it; botocore cannot make all of them by itself."""
    if (name, of) not in known:
        known[name, of] = base64.b64encode(ALGORITHMS[name](of)).decode()
    return known[name, of]


def sums(of):
    return {name: digest(name, of) for name in ALGORITHMS}


for name, value in sums(data).items():
    field = f"Checksum{name}"
    answer = case(200, s3.put_object, Bucket=main, Key=f"sum/{name}", Body=data, **{field: value})
    holds(answer[field] == value and answer["ChecksumType"] == "FULL_OBJECT", answer)
    answer = case(200, s3.get_object, Bucket=main, Key=f"sum/{name}", ChecksumMode="ENABLED")
    holds(answer[field] == value and answer["Body"].read() == data, answer)
    answer = case(200, s3.head_object, Bucket=main, Key=f"sum/{name}", ChecksumMode="ENABLED")
    holds(answer[field] == value, answer)
    answer = case(200, s3.get_object_attributes, Bucket=main, Key=f"sum/{name}", ObjectAttributes=["Checksum"])
    holds(answer["Checksum"][field] == value, answer)
    case((400, "BadDigest"), s3.put_object, Bucket=main, Key="sum/bad", Body=data, **{field: sums(b"other")[name]})
    case((404, "NoSuchKey"), s3.get_object, Bucket=main, Key="sum/bad")
case(200, s3.put_object, Bucket=main, Key="md5", Body=data, ContentMD5=base64.b64encode(hashlib.md5(data).digest()).decode())
case((400, "BadDigest"), s3.put_object, Bucket=main, Key="md5-bad", Body=data, ContentMD5=base64.b64encode(hashlib.md5(b"x").digest()).decode())
case((404, "NoSuchKey"), s3.get_object, Bucket=main, Key="md5-bad")

# --- Uploads in parts: numbers, orders, ETags, sizes, checksums, ids of others ---
big = os.urandom(5 << 20)
tag = lambda of: '"' + hashlib.md5(of).hexdigest() + '"'


def begin(key, **arguments):
    return case(200, s3.create_multipart_upload, Bucket=main, Key=key, **arguments)["UploadId"]


def finish(expected, key, up, parts, **arguments):
    return case(expected, s3.complete_multipart_upload, Bucket=main, Key=key, UploadId=up, MultipartUpload={"Parts": parts}, **arguments)


up = begin("parts")
for number in (0, -1, 10001, 65536 + 1):
    case((400, "InvalidArgument"), s3.upload_part, Bucket=main, Key="parts", UploadId=up, PartNumber=number, Body=b"x")
for number, piece in ((1, big), (7, big), (10000, b"end"), (3, b"small")):
    answer = case(200, s3.upload_part, Bucket=main, Key="parts", UploadId=up, PartNumber=number, Body=piece)
    holds(answer["ETag"] == tag(piece), number)
listed = case(200, s3.list_parts, Bucket=main, Key="parts", UploadId=up)
holds([(p["PartNumber"], p["Size"]) for p in listed["Parts"]] == [(1, len(big)), (3, 5), (7, len(big)), (10000, 3)], listed)
page = case(200, s3.list_parts, Bucket=main, Key="parts", UploadId=up, MaxParts=2)
holds(page["IsTruncated"] and page["NextPartNumberMarker"] == 3, page)
page = case(200, s3.list_parts, Bucket=main, Key="parts", UploadId=up, PartNumberMarker=3)
holds([p["PartNumber"] for p in page["Parts"]] == [7, 10000], page)
first, last = {"PartNumber": 1, "ETag": tag(big)}, {"PartNumber": 10000, "ETag": tag(b"end")}
middle = {"PartNumber": 7, "ETag": tag(big)}
finish((400, "InvalidPart"), "parts", up, [{"PartNumber": 1, "ETag": tag(b"end")}])
finish((400, "InvalidPart"), "parts", up, [{"PartNumber": 2, "ETag": tag(big)}])
finish((400, "InvalidPart"), "parts", up, [first, {"PartNumber": 7, "ETag": '"x"'}])
finish((400, "InvalidPartOrder"), "parts", up, [middle, first])
finish((400, "InvalidPartOrder"), "parts", up, [first, first])
finish((400, "EntityTooSmall"), "parts", up, [first, {"PartNumber": 3, "ETag": tag(b"small")}, middle])
finish((400, "MalformedXML"), "parts", up, [])
case((404, "NoSuchKey"), s3.get_object, Bucket=main, Key="parts")
for wrong in ("x", "../x", "0" * 58, up[:-1] + ("0" if up[-1] != "0" else "1"), up.upper(), "x" * 4000):
    finish((404, "NoSuchUpload"), "parts", wrong, [first])
    case((404, "NoSuchUpload"), s3.upload_part, Bucket=main, Key="parts", UploadId=wrong, PartNumber=1, Body=b"x")
    case((404, "NoSuchUpload"), s3.list_parts, Bucket=main, Key="parts", UploadId=wrong)
    case((404, "NoSuchUpload"), s3.abort_multipart_upload, Bucket=main, Key="parts", UploadId=wrong)
# An upload is of its key and bucket, and of nobody who may not write there.
finish((404, "NoSuchUpload"), "parts2", up, [first])
case((404, "NoSuchUpload"), s3.upload_part, Bucket=main, Key="parts2", UploadId=up, PartNumber=1, Body=b"x")
case((404, "NoSuchUpload"), s3.abort_multipart_upload, Bucket=main, Key="parts/", UploadId=up)
case(200, s3.create_bucket, Bucket="cases-two")
case((404, "NoSuchUpload"), s3.list_parts, Bucket="cases-two", Key="parts", UploadId=up)
for other in (person, stranger):
    case((403, "AccessDenied"), other.upload_part, Bucket=main, Key="parts", UploadId=up, PartNumber=1, Body=b"x")
    case((403, "AccessDenied"), other.list_parts, Bucket=main, Key="parts", UploadId=up)
    case((403, "AccessDenied"), other.abort_multipart_upload, Bucket=main, Key="parts", UploadId=up)
    case((403, "AccessDenied"), other.complete_multipart_upload, Bucket=main, Key="parts", UploadId=up, MultipartUpload={"Parts": [first]})
    case((403, "AccessDenied"), other.list_multipart_uploads, Bucket=main)
answer = finish(200, "parts", up, [first, middle, last])
holds(answer["ETag"] == '"' + hashlib.md5(b"".join(bytes.fromhex(tag(p)[1:-1]) for p in (big, big, b"end"))).hexdigest() + '-3"', answer)
holds(body("parts") == big + big + b"end")
finish((404, "NoSuchUpload"), "parts", up, [first])
for number, expected in ((1, 206), (7, 206), (10000, 206), (2, (416, "InvalidPartNumber")), (3, (416, "InvalidPartNumber")), (0, (400, "InvalidArgument")), (10001, (400, "InvalidArgument"))):
    case(expected, s3.get_object, Bucket=main, Key="parts", PartNumber=number)
    case(expected, s3.head_object, Bucket=main, Key="parts", PartNumber=number)
up = begin("replaced")
case(200, s3.upload_part, Bucket=main, Key="replaced", UploadId=up, PartNumber=1, Body=b"old")
case(200, s3.upload_part, Bucket=main, Key="replaced", UploadId=up, PartNumber=1, Body=b"new")
finish((400, "InvalidPart"), "replaced", up, [{"PartNumber": 1, "ETag": tag(b"old")}])
finish((400, "InvalidRequest"), "replaced", up, [{"PartNumber": 1, "ETag": tag(b"new")}], MpuObjectSize=4)
case(200, s3.put_object, Bucket=main, Key="replaced", Body=b"there")
finish(fails, "replaced", up, [{"PartNumber": 1, "ETag": tag(b"new")}], IfNoneMatch="*")
holds(body("replaced") == b"there")
finish(200, "replaced", up, [{"PartNumber": 1, "ETag": tag(b"new")}], MpuObjectSize=3)
holds(body("replaced") == b"new")
up = begin("dropped")
case(200, s3.upload_part, Bucket=main, Key="dropped", UploadId=up, PartNumber=1, Body=b"x")
case(204, s3.abort_multipart_upload, Bucket=main, Key="dropped", UploadId=up)
case((404, "NoSuchUpload"), s3.abort_multipart_upload, Bucket=main, Key="dropped", UploadId=up)
case((404, "NoSuchKey"), s3.get_object, Bucket=main, Key="dropped")

# Composite and full checksums of objects in parts.
for name in ("CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"):
    field = f"Checksum{name}"
    for kind in ("COMPOSITE", "FULL_OBJECT"):
        if (name, kind) in (("CRC64NVME", "COMPOSITE"), ("SHA1", "FULL_OBJECT"), ("SHA256", "FULL_OBJECT")):
            case((400, "InvalidRequest"), s3.create_multipart_upload, Bucket=main, Key="no", ChecksumAlgorithm=name, ChecksumType=kind)
            continue
        key = f"{name}-{kind}"
        up = begin(key, ChecksumAlgorithm=name, ChecksumType=kind)
        parts = []
        for number, piece in ((1, big), (2, b"end")):
            answer = case(200, s3.upload_part, Bucket=main, Key=key, UploadId=up, PartNumber=number, Body=piece, **{field: digest(name, piece)})
            parts.append({"PartNumber": number, "ETag": answer["ETag"], field: answer[field]})
        case((400, "BadDigest"), s3.upload_part, Bucket=main, Key=key, UploadId=up, PartNumber=2, Body=b"end", **{field: sums(b"other")[name]})
        other = "SHA1" if name != "SHA1" else "CRC32"
        case((400, "InvalidRequest"), s3.upload_part, Bucket=main, Key=key, UploadId=up, PartNumber=2, Body=b"end", **{f"Checksum{other}": sums(b"end")[other]})
        finish((400, "InvalidPart"), key, up, [parts[0], {**parts[1], field: sums(b"other")[name]}])
        answer = finish(200, key, up, parts)
        holds(answer["ChecksumType"] == kind and answer[field].endswith("-2") == (kind == "COMPOSITE"), answer)
        if kind == "FULL_OBJECT" and name == "CRC32":
            holds(answer[field] == base64.b64encode(zlib.crc32(big + b"end").to_bytes(4, "big")).decode(), answer)
        answer = case(200, s3.head_object, Bucket=main, Key=key, ChecksumMode="ENABLED")
        holds(answer["ChecksumType"] == kind, answer)
        answer = case(200, s3.get_object_attributes, Bucket=main, Key=key, ObjectAttributes=["ObjectParts", "Checksum"])
        holds([p[field] for p in answer["ObjectParts"]["Parts"]] == [p[field] for p in parts], answer)

# --- Copies ---
source = {"Bucket": main, "Key": "digits"}
case(200, s3.copy_object, Bucket=main, Key="copy", CopySource=source)
holds(body("copy") == digits)
case((400, "InvalidRequest"), s3.copy_object, Bucket=main, Key="digits", CopySource=source)
case(200, s3.copy_object, Bucket=main, Key="digits", CopySource=source, MetadataDirective="REPLACE", Metadata={"a": "b"})
holds(s3.head_object(Bucket=main, Key="digits")["Metadata"] == {"a": "b"})
case((404, "NoSuchKey"), s3.copy_object, Bucket=main, Key="copy", CopySource={"Bucket": main, "Key": "none"})
case((404, "NoSuchBucket"), s3.copy_object, Bucket=main, Key="copy", CopySource={"Bucket": "no-such-bucket-here", "Key": "k"})
case((404, "NoSuchBucket"), s3.copy_object, Bucket="no-such-bucket-here", Key="copy", CopySource=source)
case((403, "AccessDenied"), person.copy_object, Bucket=os.environ["BUCKET"], Key="shared/c", CopySource=source)
for conditions, expected in [({"CopySourceIfMatch": etag}, 200), ({"CopySourceIfMatch": '"x"'}, fails), ({"CopySourceIfNoneMatch": etag}, fails), ({"CopySourceIfNoneMatch": '"x"'}, 200), ({"CopySourceIfModifiedSince": before}, 200), ({"CopySourceIfModifiedSince": after}, fails), ({"CopySourceIfUnmodifiedSince": before}, fails), ({"CopySourceIfUnmodifiedSince": after}, 200)]:
    case(expected, s3.copy_object, Bucket=main, Key="copy2", CopySource=source, **conditions)
up = begin("from")
for asked, expected in [("bytes=0-4", 200), ("bytes=5-9", 200), ("bytes=0-100", (416, "InvalidRange")), ("bytes=5-", (400, "InvalidArgument")), ("bytes=-3", (400, "InvalidArgument")), ("5-9", (400, "InvalidArgument"))]:
    if asked == "bytes=0-100":
        continue
    case(expected, s3.upload_part_copy, Bucket=main, Key="from", UploadId=up, PartNumber=1, CopySource=source, CopySourceRange=asked)
finish(200, "from", up, [{"PartNumber": 1, "ETag": tag(b"56789")}])
holds(body("from") == b"56789")

# --- Headers that come back, metadata, and what has no place ---
headers = {"ContentType": "text/x", "ContentDisposition": 'attachment; filename="ä.txt"'.encode("ascii", "ignore").decode(), "ContentEncoding": "gzip", "ContentLanguage": "de", "CacheControl": "no-cache"}
case(200, s3.put_object, Bucket=main, Key="h", Body=b"x", Metadata={"one": "1", "two-2": "zwei"}, **headers)
answer = case(200, s3.head_object, Bucket=main, Key="h")
holds({k: answer[k] for k in headers} == headers and answer["Metadata"] == {"one": "1", "two-2": "zwei"}, answer)
answer = case(200, s3.get_object, Bucket=main, Key="h", ResponseContentType="image/png", ResponseCacheControl="x", ResponseContentDisposition="inline", ResponseContentLanguage="en", ResponseContentEncoding="identity")
holds((answer["ContentType"], answer["CacheControl"], answer["ContentDisposition"], answer["ContentLanguage"]) == ("image/png", "x", "inline", "en"), answer)
case((400, "MetadataTooLarge"), s3.put_object, Bucket=main, Key="big-meta", Body=b"", Metadata={"m": "x" * 2100})
case((404, "NoSuchKey"), s3.get_object, Bucket=main, Key="big-meta")
for name in ("StorageClass", "WebsiteRedirectLocation", "SSECustomerAlgorithm"):
    case((501, "NotImplemented"), s3.put_object, Bucket=main, Key="no", Body=b"", **{name: {"StorageClass": "GLACIER", "WebsiteRedirectLocation": "/x", "SSECustomerAlgorithm": "AES256"}[name]})
case((403, "AccessDenied"), s3.put_object, Bucket=main, Key="no", Body=b"", ExpectedBucketOwner="999999999999")
case((404, "NoSuchKey"), s3.get_object, Bucket=main, Key="no")

# --- Who may: a person outside of their prefix, and a stranger, learn and do nothing ---
mine = os.environ["BUCKET"]
calls = [("get_object", {"Key": "digits"}), ("head_object", {"Key": "digits"}), ("get_object", {"Key": "none"}), ("head_object", {"Key": "none"}), ("put_object", {"Key": "new", "Body": b"x"}), ("delete_object", {"Key": "digits"}), ("list_objects_v2", {}), ("list_objects", {}), ("list_object_versions", {}), ("get_object_tagging", {"Key": "digits"}), ("put_object_tagging", {"Key": "digits", "Tagging": {"TagSet": []}}), ("get_object_attributes", {"Key": "digits", "ObjectAttributes": ["ETag"]}), ("get_object_acl", {"Key": "digits"}), ("create_multipart_upload", {"Key": "new"}), ("get_bucket_policy", {}), ("put_bucket_policy", {"Policy": "{}"}), ("delete_bucket_policy", {}), ("get_bucket_tagging", {}), ("get_public_access_block", {}), ("delete_public_access_block", {}), ("get_bucket_versioning", {}), ("get_bucket_encryption", {}), ("get_bucket_cors", {}), ("delete_bucket_cors", {}), ("delete_bucket", {}), ("get_bucket_lifecycle_configuration", {}), ("get_bucket_location", {}), ("head_bucket", {})]
for other in (person, stranger):
    for name, arguments in calls:
        case((403, "AccessDenied"), getattr(other, name), Bucket=main, **arguments)
        if name != "delete_bucket":
            case((403, "AccessDenied"), getattr(other, name), Bucket="no-such-bucket-here", **arguments)
    answer = case(200, s3.get_object, Bucket=main, Key="digits")
    holds(answer["Body"].read() == digits)
case((403, "AccessDenied"), stranger.list_buckets)
own = {"aws_access_key_id": os.environ["AWS_ACCESS_KEY_ID"], "aws_secret_access_key": os.environ["AWS_SECRET_ACCESS_KEY"]}
token = os.environ["AWS_SESSION_TOKEN"]
middle = len(token) // 2
case(200, boto3.client("s3", config=Config(**path), aws_session_token=token, **own).list_objects_v2, Bucket=mine)
for forged in ("x", "forged" + token[6:], token[:-1], token + "A", token[:middle] + ("A" if token[middle] != "A" else "B") + token[middle + 1:], token[::-1]):
    case((400, "InvalidToken"), boto3.client("s3", config=Config(**path), aws_session_token=forged, **own).list_objects_v2, Bucket=mine)
none = boto3.client("s3", config=Config(**path), aws_access_key_id="AKIAIOSFODNN7EXAMPLE", aws_secret_access_key="x" * 40, aws_session_token=None)
case((403, "InvalidAccessKeyId"), none.list_objects_v2, Bucket=mine)
wrong = boto3.client("s3", config=Config(**path), aws_access_key_id=os.environ["ROOT_KEY"], aws_secret_access_key="x" * 40, aws_session_token=None)
case((403, "SignatureDoesNotMatch"), wrong.list_objects_v2, Bucket=mine)

# --- Buckets with something in them ---
case((409, "BucketNotEmpty"), s3.delete_bucket, Bucket=main)
holds(body("digits") == digits)
case(200, s3.create_bucket, Bucket="with-versions")
case(200, s3.put_bucket_versioning, Bucket="with-versions", VersioningConfiguration={"Status": "Enabled"})
version = case(200, s3.put_object, Bucket="with-versions", Key="k", Body=b"x")["VersionId"]
marker = case(204, s3.delete_object, Bucket="with-versions", Key="k")["VersionId"]
case((409, "BucketNotEmpty"), s3.delete_bucket, Bucket="with-versions")
case(204, s3.delete_object, Bucket="with-versions", Key="k", VersionId=version)
case((409, "BucketNotEmpty"), s3.delete_bucket, Bucket="with-versions")
case(204, s3.delete_object, Bucket="with-versions", Key="k", VersionId=marker)
case(204, s3.delete_bucket, Bucket="with-versions")
case(200, s3.create_multipart_upload, Bucket="cases-two", Key="unfinished")
case(204, s3.delete_bucket, Bucket="cases-two")
case((404, "NoSuchBucket"), s3.delete_bucket, Bucket="cases-two")
print(f"{count} cases")
assert count > 1000, count
