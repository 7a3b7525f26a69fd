"""boto3 as the root user and as a user of its own: IAM and STS as Terraform and the AWS CLI use them."""

import json
import os

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

config = Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"}, signature_version="s3v4")
root = boto3.Session(aws_access_key_id=os.environ["ROOT_KEY"], aws_secret_access_key=os.environ["ROOT_SECRET"])
endpoint = os.environ["AWS_ENDPOINT_URL"]


def client(session, service):
    return session.client(service, endpoint_url=endpoint, config=Config(retries={"max_attempts": 1}) if service != "s3" else config)


iam, sts, s3 = client(root, "iam"), client(root, "sts"), client(root, "s3")
account = sts.get_caller_identity()["Account"]


def refused(code, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        found = error.response["Error"]["Code"]
        assert found == code, f"{found} instead of {code}: {error}"
        return error.response
    raise AssertionError(f"{code} was expected")


def document(effect, actions, resource="*"):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": effect, "Action": actions, "Resource": resource}]})


# A user with tags, a path and a boundary; inline and attached policies; a group.
s3.create_bucket(Bucket="tools")
boundary = iam.create_policy(PolicyName="edge", PolicyDocument=document("Allow", ["s3:*", "sts:*", "iam:GetUser"]))["Policy"]["Arn"]
read = iam.create_policy(PolicyName="read", PolicyDocument=document("Allow", ["s3:GetObject", "s3:ListBucket"]))["Policy"]["Arn"]
made = iam.create_user(UserName="robot", Path="/ci/", PermissionsBoundary=boundary, Tags=[{"Key": "team", "Value": "red"}])["User"]
assert made["Arn"] == f"arn:aws:iam::{account}:user/ci/robot" and made["UserId"].startswith("AIDA"), made
got = iam.get_user(UserName="ROBOT")["User"]
assert got["Tags"] == [{"Key": "team", "Value": "red"}] and got["PermissionsBoundary"]["PermissionsBoundaryArn"] == boundary, got
refused("EntityAlreadyExists", iam.create_user, UserName="Robot")
refused("InvalidInput", iam.create_user, UserName="root")
refused("NoSuchEntity", iam.get_user, UserName="nobody")
refused("MalformedPolicyDocument", iam.put_user_policy, UserName="robot", PolicyName="p", PolicyDocument="{}")
iam.put_user_policy(UserName="robot", PolicyName="own", PolicyDocument=document("Allow", "s3:PutObject", "arn:aws:s3:::tools/${aws:username}/*"))
assert iam.get_user_policy(UserName="robot", PolicyName="own")["PolicyDocument"]["Statement"][0]["Action"] == "s3:PutObject"
iam.create_group(GroupName="readers")
iam.attach_group_policy(GroupName="readers", PolicyArn=read)
iam.add_user_to_group(GroupName="readers", UserName="robot")
assert [g["GroupName"] for g in iam.list_groups_for_user(UserName="robot")["Groups"]] == ["readers"]
assert [u["UserName"] for u in iam.get_group(GroupName="readers")["Users"]] == ["robot"]
entities = iam.list_entities_for_policy(PolicyArn=read)
assert [g["GroupName"] for g in entities["PolicyGroups"]] == ["readers"] and not entities["PolicyUsers"], entities

# Its keys: shown once, at most two, and what they may.
key = iam.create_access_key(UserName="robot")["AccessKey"]
iam.create_access_key(UserName="robot")
refused("LimitExceeded", iam.create_access_key, UserName="robot")
robot = boto3.Session(aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"])
mine, me = client(robot, "s3"), client(robot, "sts")
assert me.get_caller_identity()["Arn"] == made["Arn"]
mine.put_object(Bucket="tools", Key="robot/a", Body=b"a")
assert mine.get_object(Bucket="tools", Key="robot/a")["Body"].read() == b"a"
denied = refused("AccessDenied", mine.put_object, Bucket="tools", Key="other/a", Body=b"a")
assert "no identity-based policy allows the s3:PutObject action" in denied["Error"]["Message"], denied
refused("AccessDenied", client(robot, "iam").list_users)
assert iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])["AccessKeyLastUsed"]["ServiceName"] in ("s3", "sts")
assert sts.get_access_key_info(AccessKeyId=key["AccessKeyId"])["Account"] == account

# What a refusal keeps to itself.
encoded = denied["ResponseMetadata"]["HTTPHeaders"]["x-wellhouse-encoded-authorization-message"]
refused("AccessDenied", me.decode_authorization_message, EncodedMessage=encoded)
decoded = json.loads(sts.decode_authorization_message(EncodedMessage=encoded)["DecodedMessage"])
assert decoded["context"]["action"] == "s3:PutObject" and decoded["explicitDeny"] is False, decoded

# A session of its own opens no other, and makes no credentials.
session = me.get_session_token(DurationSeconds=900)["Credentials"]
temporary = boto3.Session(aws_access_key_id=session["AccessKeyId"], aws_secret_access_key=session["SecretAccessKey"], aws_session_token=session["SessionToken"])
assert client(temporary, "s3").get_object(Bucket="tools", Key="robot/a")["Body"].read() == b"a"
refused("AccessDenied", client(temporary, "sts").get_session_token)
refused("AccessDenied", client(temporary, "iam").create_access_key, UserName="robot")

# The simulator says what the store does.
simulated = iam.simulate_principal_policy(PolicySourceArn=made["Arn"], ActionNames=["s3:PutObject", "s3:GetObject", "s3:DeleteObject"], ResourceArns=["arn:aws:s3:::tools/robot/a"])
assert [r["EvalDecision"] for r in simulated["EvaluationResults"]] == ["allowed", "allowed", "implicitDeny"], simulated
assert simulated["EvaluationResults"][0]["MatchedStatements"][0]["StartPosition"] == {"Line": 1, "Column": 41}, simulated
custom = iam.simulate_custom_policy(PolicyInputList=[document("Deny", "s3:*")], ActionNames=["s3:GetObject"])
assert custom["EvaluationResults"][0]["EvalDecision"] == "explicitDeny", custom
assert iam.get_context_keys_for_principal_policy(PolicySourceArn=made["Arn"])["ContextKeyNames"] == ["aws:username"]

# Lists in pages; the account as a whole.
for n in range(5):
    iam.create_user(UserName=f"u{n}", Path="/many/")
pages = iam.get_paginator("list_users").paginate(PathPrefix="/many/", PaginationConfig={"PageSize": 2})
sizes = [len(page["Users"]) for page in pages]
assert sizes == [2, 2, 1], sizes
details = iam.get_account_authorization_details(Filter=["User"])
found = {u["UserName"]: u for u in details["UserDetailList"]}
assert found["robot"]["GroupList"] == ["readers"] and not details["RoleDetailList"], details
assert iam.get_account_summary()["SummaryMap"]["Users"] == 6
assert iam.list_account_aliases()["AccountAliases"] == []

# A key that is switched off is off; a user goes when nothing hangs on it.
iam.update_access_key(UserName="robot", AccessKeyId=key["AccessKeyId"], Status="Inactive")
refused("InvalidAccessKeyId", mine.get_object, Bucket="tools", Key="robot/a")
refused("InvalidClientTokenId", me.get_caller_identity)
refused("DeleteConflict", iam.delete_user, UserName="robot")
for one in iam.list_access_keys(UserName="robot")["AccessKeyMetadata"]:
    iam.delete_access_key(UserName="robot", AccessKeyId=one["AccessKeyId"])
iam.delete_user_policy(UserName="robot", PolicyName="own")
iam.remove_user_from_group(GroupName="readers", UserName="robot")
iam.delete_user(UserName="robot")
refused("DeleteConflict", iam.delete_group, GroupName="readers")
iam.detach_group_policy(GroupName="readers", PolicyArn=read)
iam.delete_group(GroupName="readers")
refused("InvalidInput", iam.create_open_id_connect_provider, Url="https://evil.example", ClientIDList=["app"])

# Answers that say nothing, and lists with nothing in them, as botocore reads and writes them.
trust = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]})
iam.create_role(RoleName="told", AssumeRolePolicyDocument=trust)
iam.update_role(RoleName="told", Description="a role")
assert iam.get_role(RoleName="told")["Role"]["Description"] == "a role"
refused("InvalidInput", iam.create_open_id_connect_provider, Url="https://nobody.example", ThumbprintList=[])
