"""boto3's presigned POST against the endpoint: forms that are as they were signed, and every way in which they are not."""

import base64
import datetime
import http.client
import json
import os
import re
import urllib.parse

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

path = {"s3": {"addressing_style": "path"}, "retries": {"max_attempts": 1}}
s3 = boto3.client("s3", config=Config(signature_version="s3v4", **path), aws_access_key_id=os.environ["ROOT_KEY"], aws_secret_access_key=os.environ["ROOT_SECRET"], aws_session_token=None)
person = boto3.client("s3", config=Config(signature_version="s3v4", **path))
bucket, mine = "forms", os.environ["BUCKET"]
s3.create_bucket(Bucket=bucket)
s3.create_bucket(Bucket="other-forms")
where = urllib.parse.urlsplit(s3.meta.endpoint_url).netloc


def send(fields, data=b"data", filename="f.txt", to=bucket, after=(), headers=None, cut=None):
    """Posts a form: status, headers, body."""
    body = b""
    for name, value in fields.items() if isinstance(fields, dict) else fields:
        body += f'--BOUND\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
    if data is not None:
        body += f'--BOUND\r\nContent-Disposition: form-data; name="file"; filename="{filename}"\r\nContent-Type: text/x-part\r\n\r\n'.encode() + data + b"\r\n"
    for name, value in after:
        body += f'--BOUND\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
    body += b"--BOUND--\r\n"
    if cut:
        body = body[:-cut]
    connection = http.client.HTTPConnection(where, timeout=30)
    try:
        connection.request("POST", f"/{to}", body, {"Content-Type": "multipart/form-data; boundary=BOUND", **(headers or {})})
        answer = connection.getresponse()
        return answer.status, dict((k.lower(), v) for k, v in answer.getheaders()), answer.read().decode()
    finally:
        connection.close()


def stored(key, to=bucket):
    try:
        return s3.get_object(Bucket=to, Key=key)
    except ClientError as error:
        assert error.response["Error"]["Code"] == "NoSuchKey", error
        return None


def form(key="up/k", fields=None, conditions=None, expires=600, client=s3, to=bucket):
    return client.generate_presigned_post(to, key, Fields=fields, Conditions=conditions, ExpiresIn=expires)["fields"]


# As signed: stored, with its headers, and answered as the form asks.
fields = {"Content-Type": "text/plain; charset=utf-8", "x-amz-meta-who": "me", "Cache-Control": "no-store"}
status, headers, text = send(form(fields=fields, conditions=[{k: v} for k, v in fields.items()]))
assert (status, text) == (204, ""), (status, text)
got = stored("up/k")
assert got["Body"].read() == b"data" and got["ContentType"] == fields["Content-Type"] and got["Metadata"] == {"who": "me"} and got["CacheControl"] == "no-store", got
assert headers["etag"] == got["ETag"] and headers["location"].endswith(f"/{bucket}/up/k") and headers["x-amz-request-id"], headers
assert headers["x-amz-server-side-encryption"] == "AES256", headers
for wanted, expected in [("200", 200), ("201", 201), ("204", 204), ("404", 204)]:
    status, headers, text = send(form(fields={"success_action_status": wanted}, conditions=[{"success_action_status": wanted}]))
    assert status == expected, (wanted, status, text)
    if expected == 201:
        told = {name: re.search(f"<{name}>(.*?)</{name}>", text).group(1) for name in ("Location", "Bucket", "Key", "ETag")}
        assert told["Bucket"] == bucket and told["Key"] == "up/k" and told["Location"].endswith("/forms/up/k"), text
back = {"success_action_redirect": "https://app.example/done?a=1"}
status, headers, _ = send(form(fields=back, conditions=[back]))
query = urllib.parse.parse_qs(urllib.parse.urlsplit(headers["location"]).query)
assert status == 303 and query == {"a": ["1"], "bucket": [bucket], "key": ["up/k"], "etag": [headers["etag"]]}, headers
for bad in ("javascript:alert(1)", "/relative", "//host/x", ""):
    back = {"success_action_redirect": bad}
    status, headers, _ = send(form(fields=back, conditions=[back]))
    assert status == 204 and "location" in headers and headers["location"].startswith("http://"), (bad, status, headers)

# The file's name, without folders, where the form says so; files of any shape.
status, _, text = send(form("up/${filename}"), filename="C:\\\\dir\\\\my file.txt")
assert status == 204 and stored("up/my file.txt"), text
for size in (0, 1, 8191, 70000, (5 << 20) + 3):
    data = (b"\r\n--BOUN\r\n--" * (size // 12 + 1))[:size]
    status, _, text = send(form(f"size/{size}"), data)
    assert status == 204 and stored(f"size/{size}")["Body"].read() == data, (size, text)
status, _, text = send(form("up/after"), after=[("submit", "Upload"), ("key", "elsewhere")])
assert status == 204 and stored("up/after") and not stored("elsewhere"), text
status, _, text = send({**form("up/ignored"), "x-ignore-this": "1"})
assert status == 204, text
status, _, text = send(form("up/acl", {"acl": "bucket-owner-full-control"}, [{"acl": "bucket-owner-full-control"}]))
assert status == 204, text


# Refused, each for its reason, and nothing is stored.
def refused(code, status, fields, data=b"data", **arguments):
    found, headers, text = send(fields, data, **arguments)
    assert (found, f"<Code>{code}</Code>" in text) == (status, True), (code, status, found, text)
    for to in (bucket, "other-forms"):
        left = [o["Key"] for o in s3.list_objects_v2(Bucket=to, Prefix="no").get("Contents", [])]
        assert not left, (code, left)
    return text


good = lambda **more: form("no/k", **more)
without = lambda name: {k: v for k, v in good().items() if k.lower() != name}
text = refused("AccessDenied", 403, {**good(), "x-amz-meta-extra": "1"})
assert "Extra input fields: x-amz-meta-extra" in text, text
refused("AccessDenied", 403, {**good(), "Content-Type": "text/html"})
refused("AccessDenied", 403, {**good(), "submit": "Upload"})
refused("AccessDenied", 403, {**good(), "key": "no/other"})
refused("AccessDenied", 403, good(), to="other-forms")
refused("AccessDenied", 403, {**good(), "bucket": "other-forms"})
refused("AccessDenied", 403, {**good(), "bucket": "other-forms"}, to="other-forms")
refused("AccessDenied", 403, good(expires=-1))
refused("AccessDenied", 403, good(conditions=[["starts-with", "$Content-Type", "image/"]]))
refused("AccessDenied", 403, {**good(conditions=[["starts-with", "$Content-Type", "image/"]]), "Content-Type": "text/html"})
refused("AccessDenied", 403, good(conditions=[{"x-amz-meta-who": "me"}]))
refused("EntityTooLarge", 400, good(conditions=[["content-length-range", 0, 3]]))
# So much too long that it is cut off long before its end, where the answer may be lost.
try:
    assert send(good(conditions=[["content-length-range", 0, 100000]]), b"x" * (32 << 20))[0] == 400
except (BrokenPipeError, ConnectionResetError):
    pass
assert not stored("no/k")
refused("EntityTooSmall", 400, good(conditions=[["content-length-range", 5, 9]]))
refused("AccessDenied", 403, good(conditions=[["content-length-range", 9, 5]]))
refused("InvalidArgument", 400, without("key"))
refused("InvalidArgument", 400, good(), None)
refused("InvalidArgument", 400, [*good().items(), ("key", "no/k")])
for name in ("x-amz-signature", "x-amz-credential", "x-amz-algorithm", "x-amz-date", "policy"):
    refused("InvalidArgument", 400, without(name))
refused("AccessDenied", 403, {"key": "no/k"})
signed = good()
refused("SignatureDoesNotMatch", 403, {**signed, "x-amz-signature": "0" * 64})
refused("InvalidArgument", 400, {**signed, "x-amz-signature": "00"})
wider = json.loads(base64.b64decode(signed["policy"]))
wider["conditions"].append(["starts-with", "$x-amz-meta-extra", ""])
refused("SignatureDoesNotMatch", 403, {**signed, "policy": base64.b64encode(json.dumps(wider).encode()).decode()})
refused("InvalidAccessKeyId", 403, {**signed, "x-amz-credential": "AKIAIOSFODNN7EXAMPLE" + signed["x-amz-credential"][20:]})
refused("InvalidArgument", 400, {**signed, "x-amz-credential": signed["x-amz-credential"].replace("/s3/", "/sts/")})
refused("InvalidArgument", 400, {**signed, "x-amz-credential": signed["x-amz-credential"].replace("us-east-1", "mars-1")})
refused("InvalidRequest", 400, {**signed, "x-amz-algorithm": "AWS4-HMAC-SHA512"})
refused("InvalidRequest", 400, {**signed, "AWSAccessKeyId": "x", "signature": "y"})
refused("InvalidArgument", 400, signed, headers={"Authorization": "AWS4-HMAC-SHA256 x"})
refused("InvalidArgument", 400, signed, headers={"x-amz-meta-who": "header"})
refused("InvalidArgument", 400, signed, to=f"{bucket}?acl")
refused("MethodNotAllowed", 405, signed, to=f"{bucket}/no/k")
refused("IncompleteBody", 400, signed, cut=13)
refused("MaxPostPreDataLengthExceededError", 400, {**signed, "x-ignore-me": "x" * 25000})
refused("AccessControlListNotSupported", 400, good(fields={"acl": "public-read"}, conditions=[{"acl": "public-read"}]))
refused("NotImplemented", 501, good(fields={"x-amz-website-redirect-location": "/"}, conditions=[{"x-amz-website-redirect-location": "/"}]))
refused("NotImplemented", 501, good(fields={"tagging": "<Tagging/>"}, conditions=[{"tagging": "<Tagging/>"}]))
refused("NoSuchBucket", 404, form("no/k", to="no-such-bucket-here"), to="no-such-bucket-here")
refused("BadDigest", 400, good(fields={"x-amz-checksum-crc32": "AAAAAA=="}, conditions=[{"x-amz-checksum-crc32": "AAAAAA=="}]))

# A person's form may do what the person may, and the bucket's policy has its say.
status, _, text = send(form("shared/posted", client=person, to=mine), to=mine)
assert status == 204 and stored("shared/posted", mine), text
refused("AccessDenied", 403, form("no/k", client=person))
deny = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{bucket}/*", "Condition": {"StringEquals": {"s3:authType": "POST"}}}]}
s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(deny))
text = refused("AccessDenied", 403, good())
assert "explicit deny" in text, text
s3.delete_bucket_policy(Bucket=bucket)

# A stranger's form needs a policy of the bucket that lets strangers in.
public = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{bucket}/open/*"}]}
s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(public))
status, _, text = send({"key": "open/k"})
assert status == 204 and stored("open/k"), text
refused("AccessDenied", 403, {"key": "no/k"})
