"""A person's static keys: one for all that the person may in a place, one for reading only."""

import os

import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

PREFIX = os.environ["PREFIX"]


def code(call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return None


mine = boto3.client("s3")
reader = boto3.client(
    "s3",
    aws_access_key_id=os.environ["READ_KEY"],
    aws_secret_access_key=os.environ["READ_SECRET"],
    config=Config(signature_version="s3v4"),
)
at = {"Bucket": "wellhouse", "Key": f"{PREFIX}report.txt"}
elsewhere = {"Bucket": "wellhouse", "Key": "home/01arz3ndektsv4rrffq69g5fav/report.txt"}

mine.put_object(Body=b"report", **at)
assert reader.get_object(**at)["Body"].read() == b"report"
listed = reader.list_objects_v2(Bucket="wellhouse", Prefix=PREFIX)
assert [entry["Key"] for entry in listed["Contents"]] == [at["Key"]]
assert code(reader.put_object, Body=b"other", **at) == "AccessDenied"
assert code(reader.delete_object, **at) == "AccessDenied"
assert code(reader.list_objects_v2, Bucket="wellhouse") == "AccessDenied"
for client in (mine, reader):
    assert code(client.get_object, **elsewhere) == "AccessDenied"
assert mine.get_object(**at)["Body"].read() == b"report", "nothing was overwritten"

# A link that a key signs ends with the key; until then it does what the key does.
link = reader.generate_presigned_url("get_object", Params=at)
assert urllib.request.urlopen(link).read() == b"report"
mine.delete_object(**at)
assert code(reader.get_object, **at) == "NoSuchKey"
