"""Credentials of `credential_process`, held by a program that goes on: asked again at each line."""

import os
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

s3 = boto3.client("s3", config=Config(retries={"total_max_attempts": 1}))
at = {"Bucket": "wellhouse", "Key": os.environ["PREFIX"] + "held"}
elsewhere = {"Bucket": "wellhouse", "Key": "home/01arz3ndektsv4rrffq69g5fav/held"}

s3.put_object(Body=b"held", **at)
try:
    s3.put_object(Body=b"held", **elsewhere)
    sys.exit("the token reaches beyond its location")
except ClientError as error:
    assert error.response["Error"]["Code"] == "AccessDenied", error

for _ in sys.stdin:
    try:
        assert s3.get_object(**at)["Body"].read() == b"held"
        print("ok", flush=True)
    except ClientError as error:
        print(error.response["Error"]["Code"], flush=True)
