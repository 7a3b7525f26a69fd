"""An account in which others live beside an estate, with names much like its own.

`make` makes them; `dump` prints the whole account but for what is marked as the estate's.
"""

import json
import sys

import boto3

sys.argv, (_, URL, COMMAND) = sys.argv[:1], sys.argv
INSTALLATION = "moto"
DENIES = {"Effect": "Deny", "Action": "s3:DeleteBucket", "Resource": "*"}
DOCUMENT = json.dumps({"Version": "2012-10-17", "Statement": [DENIES]})
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
)
BUCKETS = ["wellhouse-files2", "wellhouse-file", "my-wellhouse-files", "wellhouse-files-logs-old", "wellhouse"]
ROLES = [
    ("/", "AdminRole2"),
    ("/", "XAdminRole"),
    ("/", "Adminrole-"),
    ("/wellhouse/moto2/", "S3AccessRole2"),
    ("/wellhouse/mot/", "UploadRole-old"),
    ("/wellhouse/", "Portal"),
    (f"/wellhouse/{INSTALLATION}/", "Theirs"),
    (f"/wellhouse/{INSTALLATION}/deeper/", "AlsoTheirs"),
]
POLICIES = [
    ("/", "WellhouseBoundary"),
    ("/wellhouse/moto2/", "WellhouseBoundary"),
    (f"/wellhouse/{INSTALLATION}/", "WellhouseBoundary2"),
    (f"/wellhouse/{INSTALLATION}/deeper/", "WellhouseBoundary"),
]
OTHERS = [{"Key": "installation-id", "Value": "moto2"}]


def client(service):
    return boto3.client(
        service,
        endpoint_url=URL,
        region_name="eu-central-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
        config=boto3.session.Config(s3={"addressing_style": "path"}),
    )


s3, iam, kms, trails = client("s3"), client("iam"), client("kms"), client("cloudtrail")


def make():
    place = {"LocationConstraint": "eu-central-1"}
    for name in BUCKETS:
        s3.create_bucket(Bucket=name, CreateBucketConfiguration=place)
        s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": OTHERS})
        s3.put_object(Bucket=name, Key="home/theirs", Body=b"theirs")
    for path, name in ROLES:
        iam.create_role(Path=path, RoleName=name, AssumeRolePolicyDocument=TRUST, Tags=OTHERS)
        iam.put_role_policy(RoleName=name, PolicyName="AdminRole", PolicyDocument=DOCUMENT)
    for path, name in POLICIES:
        iam.create_policy(Path=path, PolicyName=name, PolicyDocument=DOCUMENT)
    for path, name in [("/", "EC2UploadRole2"), (f"/wellhouse/{INSTALLATION}/", "EC2UploadRole-theirs")]:
        iam.create_instance_profile(Path=path, InstanceProfileName=name)
        iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName="AdminRole2")
    key = kms.create_key(Tags=[{"TagKey": "installation-id", "TagValue": "moto2"}])["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/wellhouse-moto2", TargetKeyId=key)
    kms.create_key(Description="theirs")
    trails.create_trail(Name="wellhouse-moto2", S3BucketName="wellhouse-files2")
    trails.start_logging(Name="wellhouse-moto2")


def plain(answer):
    answer.pop("ResponseMetadata", None)
    return answer


def bucket(name):
    versions = s3.list_object_versions(Bucket=name)
    return {
        "tags": plain(s3.get_bucket_tagging(Bucket=name)),
        "versioning": plain(s3.get_bucket_versioning(Bucket=name)),
        "objects": [(v["Key"], v["VersionId"], v["ETag"]) for v in versions.get("Versions", [])],
    }


def dump():
    details = iam.get_account_authorization_details()
    roles = [r for r in details["RoleDetailList"] if not r["Path"].startswith("/aws-service-role/")]
    keys = {}
    for key in kms.list_keys()["Keys"]:
        tags = plain(kms.list_resource_tags(KeyId=key["KeyId"]))
        ours = {"TagKey": "installation-id", "TagValue": INSTALLATION} in tags["Tags"]
        if not ours:
            keys[key["KeyId"]] = [tags, plain(kms.describe_key(KeyId=key["KeyId"]))]
    account = {
        "buckets": {b["Name"]: bucket(b["Name"]) for b in s3.list_buckets()["Buckets"]},
        "roles": sorted(roles, key=lambda role: role["RoleName"]),
        "policies": sorted(iam.list_policies(Scope="Local")["Policies"], key=lambda policy: policy["Arn"]),
        "profiles": sorted(
            iam.list_instance_profiles()["InstanceProfiles"], key=lambda profile: profile["InstanceProfileName"]
        ),
        "keys": keys,
        "aliases": [a for a in kms.list_aliases()["Aliases"] if a.get("AliasName") != "alias/wellhouse-moto"],
        "trails": [
            [plain(trails.get_trail(Name=t["Name"])), plain(trails.get_event_selectors(TrailName=t["Name"]))]
            for t in trails.list_trails()["Trails"]
        ],
    }
    print(json.dumps(account, sort_keys=True, default=str, indent=1))


{"make": make, "dump": dump}[COMMAND]()
