"""What a wrong, late or cut signature gets from the endpoint, and that nothing was written."""

import datetime
import os
import re
import urllib.request
from urllib.error import HTTPError

import boto3
import botocore.auth
from botocore.config import Config
from botocore.exceptions import ClientError

bucket, endpoint = os.environ["BUCKET"], os.environ["AWS_ENDPOINT_URL"]
config = Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1}, signature_version="s3v4")
s3 = boto3.client("s3", config=config)


def code_of(call):
    try:
        call()
    except ClientError as error:
        return error.response["Error"]["Code"]
    return "accepted"


def fetch(url, method="GET", data=None):
    request = urllib.request.Request(url, method=method, data=data)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()


# A wrong secret, an unknown key, a token of somebody else, no token at all.
wrong = boto3.client("s3", config=config, aws_secret_access_key="wrong" * 8, aws_access_key_id=os.environ["AWS_ACCESS_KEY_ID"], aws_session_token=os.environ["AWS_SESSION_TOKEN"])
assert code_of(lambda: wrong.put_object(Bucket=bucket, Key="w", Body=b"x")) == "SignatureDoesNotMatch"
unknown = boto3.client("s3", config=config, aws_access_key_id="AKIAAAAAAAAAAAAAAAAA", aws_secret_access_key="x" * 40)
assert code_of(lambda: unknown.put_object(Bucket=bucket, Key="w", Body=b"x")) == "InvalidAccessKeyId"
cut = boto3.client("s3", config=config, aws_access_key_id=os.environ["AWS_ACCESS_KEY_ID"], aws_secret_access_key=os.environ["AWS_SECRET_ACCESS_KEY"], aws_session_token=os.environ["AWS_SESSION_TOKEN"][:-8] + "AAAAAAAA")
assert code_of(lambda: cut.put_object(Bucket=bucket, Key="w", Body=b"x")) == "InvalidToken"
anonymous = boto3.client("s3", config=Config(signature_version=botocore.UNSIGNED, s3={"addressing_style": "path"}))
assert code_of(lambda: anonymous.put_object(Bucket=bucket, Key="w", Body=b"x")) == "AccessDenied"

# A clock that is off by an hour, in either direction.
real = botocore.auth.get_current_datetime if hasattr(botocore.auth, "get_current_datetime") else None
for hours in (-1, 1):
    shifted = lambda remove_tzinfo=True: (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=hours)).replace(tzinfo=None if remove_tzinfo else datetime.timezone.utc)
    assert real is not None, "botocore moved its clock; look for the new place"
    botocore.auth.get_current_datetime = shifted
    try:
        found = code_of(lambda: s3.put_object(Bucket=bucket, Key="w", Body=b"x"))
        assert found == "RequestTimeTooSkewed", found
    finally:
        botocore.auth.get_current_datetime = real

# Presigned: right, expired, changed, for another key, with another method.
s3.put_object(Bucket=bucket, Key="p", Body=b"presigned")
url = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "p"}, ExpiresIn=60)
assert fetch(url) == (200, "presigned")
for bad in (url[:-4] + "0000", url.replace("/p?", "/range?"), re.sub("X-Amz-Expires=60", "X-Amz-Expires=600", url)):
    status, body = fetch(bad)
    assert status == 403 and "SignatureDoesNotMatch" in body, body
assert fetch(url, method="DELETE")[0] == 403
botocore.auth.get_current_datetime = lambda remove_tzinfo=True: (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=5)).replace(tzinfo=None if remove_tzinfo else datetime.timezone.utc)
late = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "p"}, ExpiresIn=60)
botocore.auth.get_current_datetime = real
status, body = fetch(late)
assert status == 403 and "AccessDenied" in body and "expired" in body, body
status, body = fetch(s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "p"}, ExpiresIn=604801))
assert status in (400, 403), body

# The bucket policy's ceiling on presigned URLs: signed 20 minutes ago, valid for an hour, refused.
botocore.auth.get_current_datetime = lambda remove_tzinfo=True: (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=20)).replace(tzinfo=None if remove_tzinfo else datetime.timezone.utc)
old = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "p"}, ExpiresIn=3600)
botocore.auth.get_current_datetime = real
status, body = fetch(old)
assert status == 403 and "explicit deny in a resource-based policy" in body, body

assert [o["Key"] for o in s3.list_objects_v2(Bucket=bucket, Prefix="w").get("Contents", [])] == []
