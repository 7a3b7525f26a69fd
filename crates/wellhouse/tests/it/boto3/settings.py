"""boto3 against the endpoint: public access, ownership, access control lists, encryption, and what no bucket has."""

import json
import os

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

path = {"s3": {"addressing_style": "path"}, "retries": {"max_attempts": 1}}
s3 = boto3.client("s3", config=Config(**path), aws_access_key_id=os.environ["ROOT_KEY"], aws_secret_access_key=os.environ["ROOT_SECRET"], aws_session_token=None)
person = boto3.client("s3", config=Config(**path))
stranger = boto3.client("s3", config=Config(signature_version=UNSIGNED, **path))


def refused(code, status, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        found = error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]
        assert found == (code, status), f"{found} instead of {code}, {status}: {error}"
        return error.response
    raise AssertionError(f"{code} was expected")


bucket = "settings"
s3.create_bucket(Bucket=bucket)
s3.put_object(Bucket=bucket, Key="k", Body=b"data")


def policy(principal, condition=None, effect="Allow"):
    statement = {"Effect": effect, "Principal": principal, "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    if condition:
        statement["Condition"] = condition
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


# Whether a policy is public, as AWS means it.
refused("NoSuchBucketPolicy", 404, s3.get_bucket_policy_status, Bucket=bucket)
for text, public in [
    (policy("*"), True),
    (policy({"AWS": "*"}), True),
    (policy({"AWS": "111122223333"}), False),
    (policy("*", effect="Deny"), False),
    (policy("*", {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}), False),
    (policy("*", {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}), True),
    (policy("*", {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}), False),
    (policy("*", {"Bool": {"aws:SecureTransport": "false"}}), True),
]:
    s3.put_bucket_policy(Bucket=bucket, Policy=text)
    assert s3.get_bucket_policy_status(Bucket=bucket)["PolicyStatus"]["IsPublic"] is public, text

# What is blocked takes effect at once, and ends when it is taken away.
refused("NoSuchPublicAccessBlockConfiguration", 404, s3.get_public_access_block, Bucket=bucket)
s3.put_bucket_policy(Bucket=bucket, Policy=policy("*"))
assert stranger.get_object(Bucket=bucket, Key="k")["Body"].read() == b"data"
none = {"BlockPublicAcls": False, "IgnorePublicAcls": False, "BlockPublicPolicy": False, "RestrictPublicBuckets": False}


def block(**on):
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=on)
    assert s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"] == {**none, **on}


block(BlockPublicAcls=True, IgnorePublicAcls=True)
assert stranger.get_object(Bucket=bucket, Key="k")["Body"].read() == b"data"
block(RestrictPublicBuckets=True)
refused("AccessDenied", 403, stranger.get_object, Bucket=bucket, Key="k")
refused("403", 403, stranger.head_object, Bucket=bucket, Key="k")
assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"data"
assert person.get_object(Bucket=bucket, Key="k")["Body"].read() == b"data", "the account keeps what the policy gives"
s3.put_bucket_policy(Bucket=bucket, Policy=policy("*", {"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}))
assert stranger.get_object(Bucket=bucket, Key="k")["Body"].read() == b"data", "a policy that is not public is not restricted"
block(BlockPublicPolicy=True)
error = refused("AccessDenied", 403, s3.put_bucket_policy, Bucket=bucket, Policy=policy("*"))
assert "BlockPublicPolicy" in error["Error"]["Message"], error
assert "127.0.0.0/8" in s3.get_bucket_policy(Bucket=bucket)["Policy"], "the earlier policy stays"
s3.put_bucket_policy(Bucket=bucket, Policy=policy({"AWS": "111122223333"}))
s3.delete_public_access_block(Bucket=bucket)
refused("NoSuchPublicAccessBlockConfiguration", 404, s3.get_public_access_block, Bucket=bucket)
s3.put_bucket_policy(Bucket=bucket, Policy=policy("*"))
assert stranger.get_object(Bucket=bucket, Key="k")["Body"].read() == b"data"
s3.delete_bucket_policy(Bucket=bucket)
for call, arguments in [(person.put_public_access_block, {"PublicAccessBlockConfiguration": none}), (person.delete_public_access_block, {}), (person.get_public_access_block, {}), (stranger.get_bucket_policy_status, {}), (stranger.get_bucket_acl, {})]:
    refused("AccessDenied", 403, call, Bucket=bucket, **arguments)

# Ownership: the bucket's owner, and nobody else.
controls = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
assert s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"] == controls
s3.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls=controls)
for other in ("BucketOwnerPreferred", "ObjectWriter"):
    refused("NotImplemented", 501, s3.put_bucket_ownership_controls, Bucket=bucket, OwnershipControls={"Rules": [{"ObjectOwnership": other}]})
s3.delete_bucket_ownership_controls(Bucket=bucket)
refused("OwnershipControlsNotFoundError", 404, s3.get_bucket_ownership_controls, Bucket=bucket)
refused("AccessControlListNotSupported", 400, s3.put_bucket_acl, Bucket=bucket, ACL="public-read")
s3.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls=controls)
assert s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"] == controls

# Access control lists: full control for the owner, which nobody can change.
for acl in (s3.get_bucket_acl(Bucket=bucket), s3.get_object_acl(Bucket=bucket, Key="k")):
    grants = [(g["Grantee"]["ID"], g["Grantee"]["Type"], g["Permission"]) for g in acl["Grants"]]
    assert grants == [(acl["Owner"]["ID"], "CanonicalUser", "FULL_CONTROL")], acl
refused("NoSuchKey", 404, s3.get_object_acl, Bucket=bucket, Key="none")
refused("NoSuchBucket", 404, s3.get_bucket_acl, Bucket="no-such-bucket-here")
no = ("AccessControlListNotSupported", 400)
owner = s3.get_bucket_acl(Bucket=bucket)["Owner"]
everyone = {"Owner": owner, "Grants": [{"Grantee": {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers"}, "Permission": "READ"}]}
for canned in ("private", "public-read", "authenticated-read"):
    refused(*no, s3.put_bucket_acl, Bucket=bucket, ACL=canned)
    refused(*no, s3.put_object_acl, Bucket=bucket, Key="k", ACL=canned)
    refused(*no, s3.put_object, Bucket=bucket, Key="k2", Body=b"", ACL=canned)
refused(*no, s3.put_bucket_acl, Bucket=bucket, AccessControlPolicy=everyone)
refused(*no, s3.put_object_acl, Bucket=bucket, Key="k", AccessControlPolicy=everyone)
refused(*no, s3.put_object_acl, Bucket=bucket, Key="k", GrantRead='uri="http://acs.amazonaws.com/groups/global/AllUsers"')
refused("AccessDenied", 403, person.put_object_acl, Bucket=bucket, Key="k", AccessControlPolicy=everyone)
s3.put_object_acl(Bucket=bucket, Key="k", ACL="bucket-owner-full-control")
s3.put_object(Bucket=bucket, Key="k2", Body=b"x", ACL="bucket-owner-full-control")
refused("AccessDenied", 403, stranger.get_object, Bucket=bucket, Key="k")
# A bucket may be made private, as rclone asks; a list that opens it is refused.
s3.create_bucket(Bucket="made-private", ACL="private")
refused("InvalidBucketAclWithObjectOwnership", 400, s3.create_bucket, Bucket="made-public", ACL="public-read")
refused("NoSuchBucket", 404, s3.get_bucket_acl, Bucket="made-public")

# Encryption as the store does it, and no other.
aes = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}
s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=aes)
rule = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256", rule
assert s3.put_object(Bucket=bucket, Key="e", Body=b"x")["ServerSideEncryption"] == "AES256"
for other in ("aws:kms", "aws:kms:dsse"):
    refused("NotImplemented", 501, s3.put_bucket_encryption, Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": other}}]})
refused("NotImplemented", 501, s3.put_bucket_encryption, Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [{**aes["Rules"][0], "BucketKeyEnabled": True}]})
s3.delete_bucket_encryption(Bucket=bucket)
assert s3.put_object(Bucket=bucket, Key="e", Body=b"x")["ServerSideEncryption"] == "AES256"
refused("AccessDenied", 403, person.put_bucket_encryption, Bucket=bucket, ServerSideEncryptionConfiguration=aes)

# What no bucket has: read as AWS answers, never set.
assert "Status" not in s3.get_bucket_accelerate_configuration(Bucket=bucket)
assert s3.get_bucket_request_payment(Bucket=bucket)["Payer"] == "BucketOwner"
assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket=bucket)
assert not set(s3.get_bucket_notification_configuration(Bucket=bucket)) - {"ResponseMetadata"}
refused("NoSuchWebsiteConfiguration", 404, s3.get_bucket_website, Bucket=bucket)
refused("ReplicationConfigurationNotFoundError", 404, s3.get_bucket_replication, Bucket=bucket)
for name in ("accelerate_configuration", "request_payment", "logging", "notification_configuration", "website", "replication"):
    refused("AccessDenied", 403, getattr(person, f"get_bucket_{name}"), Bucket=bucket)
    refused("NoSuchBucket", 404, getattr(s3, f"get_bucket_{name}"), Bucket="no-such-bucket-here")
refused("NotImplemented", 501, s3.put_bucket_accelerate_configuration, Bucket=bucket, AccelerateConfiguration={"Status": "Enabled"})
refused("NotImplemented", 501, s3.put_bucket_request_payment, Bucket=bucket, RequestPaymentConfiguration={"Payer": "Requester"})
refused("NotImplemented", 501, s3.put_bucket_website, Bucket=bucket, WebsiteConfiguration={"IndexDocument": {"Suffix": "index.html"}})
refused("NotImplemented", 501, s3.put_bucket_logging, Bucket=bucket, BucketLoggingStatus={})
s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={})
nowhere = {"TopicArn": "arn:aws:sns:us-east-1:000000000000:none", "Events": ["s3:ObjectCreated:*"]}
refused("InvalidArgument", 400, s3.put_bucket_notification_configuration, Bucket=bucket, NotificationConfiguration={"TopicConfigurations": [nowhere]})
