"""boto3 against the endpoint in virtual-host style, and the headers that every answer has."""

import http.client
import os
import re
import socket
import urllib.parse

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

# Every host below a base domain is this machine.
real = socket.getaddrinfo
socket.getaddrinfo = lambda host, *rest, **more: real("127.0.0.1" if str(host).endswith(("localhost", ".test")) else host, *rest, **more)
port = urllib.parse.urlsplit(os.environ["AWS_ENDPOINT_URL"]).port


def client(host, style="virtual"):
    return boto3.client("s3", endpoint_url=f"http://{host}:{port}", config=Config(signature_version="s3v4", s3={"addressing_style": style}, retries={"max_attempts": 1}), aws_access_key_id=os.environ["ROOT_KEY"], aws_secret_access_key=os.environ["ROOT_SECRET"], aws_session_token=None)


def refused(code, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        found = error.response["Error"]["Code"]
        assert found == code, f"{found} instead of {code}: {error}"
        return
    raise AssertionError(f"{code} was expected")


s3, plain, other = client("s3.localhost"), client("127.0.0.1", "path"), client("files.test")
sent = []
s3.meta.events.register("before-send.s3.*", lambda request, **_: sent.append(urllib.parse.urlsplit(request.url).hostname))
s3.create_bucket(Bucket="hosted")
for bucket in ("hosted", "my.bucket"):
    if bucket != "hosted":
        plain.create_bucket(Bucket=bucket)
    for key in ("k", "a/b", "a//b", "/lead", "sp ace+plus%25", "ü/\N{GRINNING FACE}", "..", "s3.localhost/x"):
        s3.put_object(Bucket=bucket, Key=key, Body=key.encode(), Metadata={"k": "v"})
        for reader in (s3, plain, other):
            assert reader.get_object(Bucket=bucket, Key=key)["Body"].read() == key.encode(), (bucket, key)
    assert len(s3.list_objects_v2(Bucket=bucket)["Contents"]) == 8
    assert [o["Key"] for o in s3.list_objects_v2(Bucket=bucket, Prefix="a/")["Contents"]] == ["a//b", "a/b"]
    s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "k"}]})
    refused("NoSuchKey", s3.get_object, Bucket=bucket, Key="k")
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    assert plain.get_bucket_tagging(Bucket=bucket)["TagSet"] == [{"Key": "a", "Value": "b"}]
    s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "a/b"})
    up = s3.create_multipart_upload(Bucket=bucket, Key="mp")["UploadId"]
    part = s3.upload_part(Bucket=bucket, Key="mp", UploadId=up, PartNumber=1, Body=b"x")
    s3.complete_multipart_upload(Bucket=bucket, Key="mp", UploadId=up, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})
    assert s3.head_object(Bucket=bucket, Key="mp")["ContentLength"] == 1
assert {"hosted.s3.localhost", "my.bucket.s3.localhost"} <= set(sent), set(sent)
refused("NoSuchBucket", s3.get_object, Bucket="not-there", Key="k")
assert "hosted" in [b["Name"] for b in s3.list_buckets()["Buckets"]]


def ask(url, method="GET", host=None, body=None, headers=None):
    target = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    path = target.path + (f"?{target.query}" if target.query else "")
    connection.request(method, path, body, {"Host": host or target.netloc, **(headers or {})})
    answer = connection.getresponse()
    return answer, answer.read().decode()


# Presigned, the host is part of what was signed: another host is another bucket.
url = s3.generate_presigned_url("get_object", Params={"Bucket": "hosted", "Key": "a/b"})
assert urllib.parse.urlsplit(url).hostname == "hosted.s3.localhost", url
answer, text = ask(url)
assert (answer.status, text) == (200, "a/b"), text
for host in (f"my.bucket.s3.localhost:{port}", f"s3.localhost:{port}", f"hosted.files.test:{port}", f"127.0.0.1:{port}"):
    answer, text = ask(url, host=host)
    assert answer.status == 403 and "SignatureDoesNotMatch" in text, (host, answer.status, text)
answer, text = ask(url.replace("/a/b", "/hosted/a/b"))
assert answer.status == 403, text
answer, text = ask(f"http://x/k", host="-bad-.s3.localhost")
assert answer.status == 400 and "InvalidBucketName" in text, text

# A form, to the bucket's host.
post = s3.generate_presigned_post("hosted", "posted")
body = "".join(f'--B\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in post["fields"].items())
body += '--B\r\nContent-Disposition: form-data; name="file"\r\n\r\nform\r\n--B--\r\n'
answer, text = ask(post["url"], "POST", body=body, headers={"Content-Type": "multipart/form-data; boundary=B"})
assert answer.status == 204 and plain.get_object(Bucket="hosted", Key="posted")["Body"].read() == b"form", text

# What every answer has, of every operation, allowed and refused.
seen = []
root = client("127.0.0.1", "path")
root.meta.events.register("response-received.s3.*", lambda response_dict, **_: seen.append((response_dict["status_code"], response_dict["headers"])))
arguments = {"Bucket": "hosted", "Key": "a/b", "UploadId": "none", "PartNumber": 1, "Body": b"x", "CopySource": "hosted/a/b", "ObjectAttributes": ["ETag"], "Tagging": {"TagSet": []}, "Delete": {"Objects": [{"Key": "none"}]}, "MultipartUpload": {"Parts": [{"PartNumber": 1, "ETag": "x"}]}, "Policy": "{}", "PolicyDocument": "{}", "VersioningConfiguration": {"Status": "Enabled"}, "CORSConfiguration": {"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]}, "LifecycleConfiguration": {"Rules": []}, "PublicAccessBlockConfiguration": {}, "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}, "ServerSideEncryptionConfiguration": {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}, "ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled"}, "Retention": {}, "LegalHold": {"Status": "OFF"}, "AccelerateConfiguration": {"Status": "Enabled"}, "BucketLoggingStatus": {}, "NotificationConfiguration": {}, "RequestPaymentConfiguration": {"Payer": "BucketOwner"}, "WebsiteConfiguration": {"IndexDocument": {"Suffix": "i"}}, "Id": "i"}
model = root.meta.service_model
names = {name: method for method, name in root.meta.method_to_api_mapping.items()}
asked = 0
for name in model.operation_names:
    shape = model.operation_model(name).input_shape
    needed = shape.required_members if shape else []
    if name in ("DeleteBucket", "WriteGetObjectResponse", "SelectObjectContent") or any(n not in arguments for n in needed):
        continue
    before = len(seen)
    try:
        getattr(root, names[name])(**{n: arguments[n] for n in needed})
    except ClientError:
        pass
    assert len(seen) > before, name
    asked += 1
    status, headers = seen[-1]
    headers = {k.lower(): v for k, v in headers.items()}
    assert re.fullmatch(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT", headers["date"]), (name, headers)
    assert re.fullmatch("[0-9A-F]{16}", headers["x-amz-request-id"]) and len(headers["x-amz-id-2"]) >= 32, (name, headers)
    assert headers["server"] and status < 500 or status == 501, (name, status, headers)
assert asked > 60, asked
assert len({h["x-amz-request-id"] for _, h in ((s, {k.lower(): v for k, v in h.items()}) for s, h in seen)}) == len(seen)
