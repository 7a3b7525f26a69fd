"""Every operation that docs/s3-operations.md and docs/iam.md name, once, in an order that works.

`call(service, operation, refused=None, **parameters)` makes one call by whatever client is tried, and
returns the answer; `refused` is the code that is documented.
"""

import json

PART = b"p" * (5 << 20)


def allow(actions, resource="*", **more):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": resource, **more}]})


def buckets(call, me, lacks):
    """What is done to buckets, and what is set on them."""
    b = f"{me}-bucket"
    call("s3", "CreateBucket", Bucket=b)
    call("s3", "ListBuckets")
    call("s3", "HeadBucket", Bucket=b)
    call("s3", "GetBucketLocation", Bucket=b)
    call("s3", "PutBucketVersioning", refused=lacks("versions"), Bucket=b, VersioningConfiguration={"Status": "Enabled"})
    call("s3", "GetBucketVersioning", Bucket=b)
    call("s3", "PutBucketTagging", Bucket=b, Tagging={"TagSet": [{"Key": "team", "Value": "red"}]})
    call("s3", "GetBucketTagging", Bucket=b)
    call("s3", "DeleteBucketTagging", Bucket=b)
    policy = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{b}/secret/*"}]})
    call("s3", "PutBucketPolicy", Bucket=b, Policy=policy)
    call("s3", "GetBucketPolicy", Bucket=b)
    call("s3", "GetBucketPolicyStatus", Bucket=b)
    call("s3", "DeleteBucketPolicy", Bucket=b)
    call("s3", "PutBucketCors", Bucket=b, CORSConfiguration={"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["https://example.com"]}]})
    call("s3", "GetBucketCors", Bucket=b)
    call("s3", "DeleteBucketCors", Bucket=b)
    aes = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}
    call("s3", "PutBucketEncryption", refused=lacks("encryption"), Bucket=b, ServerSideEncryptionConfiguration=aes)
    call("s3", "GetBucketEncryption", refused=lacks("GetBucketEncryption"), Bucket=b)
    call("s3", "DeleteBucketEncryption", refused=lacks("encryption removal"), Bucket=b)
    call("s3", "PutPublicAccessBlock", Bucket=b, PublicAccessBlockConfiguration={"BlockPublicPolicy": True})
    call("s3", "GetPublicAccessBlock", Bucket=b)
    call("s3", "DeletePublicAccessBlock", Bucket=b)
    owner = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    call("s3", "PutBucketOwnershipControls", Bucket=b, OwnershipControls=owner)
    call("s3", "GetBucketOwnershipControls", Bucket=b)
    call("s3", "DeleteBucketOwnershipControls", refused="NotImplemented", Bucket=b)
    call("s3", "PutBucketAcl", Bucket=b, ACL="bucket-owner-full-control")
    call("s3", "GetBucketAcl", Bucket=b)
    rules = {"Rules": [{"ID": "r", "Status": "Enabled", "Filter": {"Prefix": "tmp/"}, "Expiration": {"Days": 30}}]}
    call("s3", "PutBucketLifecycleConfiguration", refused=lacks("lifecycle"), Bucket=b, LifecycleConfiguration=rules)
    call("s3", "GetBucketLifecycleConfiguration", refused=lacks("lifecycle state"), Bucket=b)
    call("s3", "DeleteBucketLifecycle", refused=lacks("lifecycle removal"), Bucket=b)
    call("s3", "GetBucketAccelerateConfiguration", Bucket=b)
    call("s3", "GetBucketRequestPayment", Bucket=b)
    call("s3", "GetBucketWebsite", refused="NoSuchWebsiteConfiguration", Bucket=b)
    call("s3", "GetBucketReplication", refused="ReplicationConfigurationNotFoundError", Bucket=b)
    call("s3", "GetBucketLogging", Bucket=b)
    call("s3", "GetBucketNotificationConfiguration", Bucket=b)
    call("s3", "PutBucketWebsite", refused="NotImplemented", Bucket=b, WebsiteConfiguration={"IndexDocument": {"Suffix": "i"}})
    call("s3", "PutBucketAccelerateConfiguration", refused="NotImplemented", Bucket=b, AccelerateConfiguration={"Status": "Enabled"})
    call("s3", "PutBucketLogging", refused="NotImplemented", Bucket=b, BucketLoggingStatus={"LoggingEnabled": {"TargetBucket": b, "TargetPrefix": "l/"}})
    call("s3", "DeleteBucket", Bucket=b)


def objects(call, me, lacks):
    """What is done to objects."""
    b = f"{me}-objects"
    call("s3", "CreateBucket", Bucket=b)
    call("s3", "PutObject", Bucket=b, Key="a", Body=b"hello", ContentType="text/plain", Metadata={"of": "me"})
    call("s3", "HeadObject", Bucket=b, Key="a")
    call("s3", "GetObject", Bucket=b, Key="a", Range="bytes=1-3")
    call("s3", "GetObjectAttributes", Bucket=b, Key="a", ObjectAttributes=["ETag", "ObjectSize"])
    call("s3", "CopyObject", Bucket=b, Key="b", CopySource=f"{b}/a")
    call("s3", "ListObjectsV2", Bucket=b, Prefix="", Delimiter="/")
    call("s3", "ListObjects", Bucket=b)
    call("s3", "ListObjectVersions", refused=lacks("version lists"), Bucket=b)
    call("s3", "PutObjectTagging", refused=lacks("tags"), Bucket=b, Key="a", Tagging={"TagSet": [{"Key": "k", "Value": "v"}]})
    call("s3", "GetObjectTagging", refused=lacks("tags"), Bucket=b, Key="a")
    call("s3", "DeleteObjectTagging", refused=lacks("tags"), Bucket=b, Key="a")
    call("s3", "PutObjectAcl", Bucket=b, Key="a", ACL="bucket-owner-full-control")
    call("s3", "GetObjectAcl", Bucket=b, Key="a")
    call("s3", "GetObjectTorrent", refused="NotImplemented", Bucket=b, Key="a")
    call("s3", "RestoreObject", refused="NotImplemented", Bucket=b, Key="a", RestoreRequest={"Days": 1})
    parts(call, b)
    call("s3", "DeleteObject", Bucket=b, Key="a")
    call("s3", "DeleteObjects", Bucket=b, Delete={"Objects": [{"Key": "b"}, {"Key": "parts"}]})
    call("s3", "DeleteBucket", Bucket=b)


def parts(call, b):
    """Uploads in parts."""
    on = {"Bucket": b, "Key": "parts"}
    upload = call("s3", "CreateMultipartUpload", **on).get("UploadId", "none")
    first = call("s3", "UploadPart", **on, UploadId=upload, PartNumber=1, Body=PART)
    second = call("s3", "UploadPartCopy", **on, UploadId=upload, PartNumber=2, CopySource=f"{b}/a")
    call("s3", "ListParts", **on, UploadId=upload)
    call("s3", "ListMultipartUploads", Bucket=b)
    etags = [first.get("ETag", ""), second.get("CopyPartResult", {}).get("ETag", "")]
    done = {"Parts": [{"PartNumber": n, "ETag": etag} for n, etag in enumerate(etags, 1)]}
    call("s3", "CompleteMultipartUpload", **on, UploadId=upload, MultipartUpload=done)
    upload = call("s3", "CreateMultipartUpload", **on).get("UploadId", "none")
    call("s3", "AbortMultipartUpload", **on, UploadId=upload)


def locks(call, me, lacks):
    """Object lock."""
    b = f"{me}-locks"
    refused = lacks("locks")
    call("s3", "CreateBucket", refused=refused, Bucket=b, ObjectLockEnabledForBucket=True)
    if refused:
        b = f"{me}-plain"
        call("s3", "CreateBucket", Bucket=b)
    on = {"Bucket": b, "Key": "a"}
    call("s3", "PutObject", **on, Body=b"x")
    call("s3", "PutObjectLockConfiguration", refused=refused, Bucket=b, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled"})
    call("s3", "GetObjectLockConfiguration", refused=lacks("lock state"), Bucket=b)
    call("s3", "PutObjectRetention", refused=lacks("retention"), **on, Retention={"Mode": "GOVERNANCE", "RetainUntilDate": "2099-01-01T00:00:00Z"})
    call("s3", "GetObjectRetention", refused=lacks("retention state"), **on)
    call("s3", "PutObjectLegalHold", refused=lacks("hold"), **on, LegalHold={"Status": "OFF"})
    call("s3", "GetObjectLegalHold", refused=lacks("hold state"), **on)


def sts(call, me, account):
    """Sessions."""
    call("sts", "GetCallerIdentity")
    call("sts", "GetSessionToken", DurationSeconds=900)
    call("sts", "GetAccessKeyInfo", AccessKeyId=account["key"])
    call("sts", "AssumeRole", refused="AccessDenied", RoleArn=f"arn:aws:iam::{account['id']}:role/none", RoleSessionName="session")
    call("sts", "AssumeRoleWithWebIdentity", refused="InvalidIdentityToken", RoleArn=f"arn:aws:iam::{account['id']}:role/none", RoleSessionName="session", WebIdentityToken="aaaa.bbbb.cccc")
    call("sts", "DecodeAuthorizationMessage", refused="InvalidAuthorizationMessageException", EncodedMessage="none")
    call("sts", "GetFederationToken", refused="InvalidAction", Name="somebody")


def users(call, me, account):
    """Users, their keys, groups and policies."""
    u, g = f"{me}-user", f"{me}-group"
    arn = call("iam", "CreatePolicy", PolicyName=f"{me}-read", PolicyDocument=allow("s3:GetObject")).get("Policy", {}).get("Arn", "arn:aws:iam::000000000000:policy/none")
    call("iam", "CreateUser", UserName=u)
    call("iam", "GetUser", UserName=u)
    call("iam", "ListUsers")
    call("iam", "UpdateUser", UserName=u, NewPath="/ci/")
    call("iam", "TagUser", UserName=u, Tags=[{"Key": "team", "Value": "red"}])
    call("iam", "ListUserTags", UserName=u)
    call("iam", "UntagUser", UserName=u, TagKeys=["team"])
    call("iam", "PutUserPermissionsBoundary", UserName=u, PermissionsBoundary=arn)
    call("iam", "DeleteUserPermissionsBoundary", UserName=u)
    key = call("iam", "CreateAccessKey", UserName=u).get("AccessKey", {}).get("AccessKeyId", "AKIAAAAAAAAAAAAAAAAA")
    call("iam", "ListAccessKeys", UserName=u)
    call("iam", "UpdateAccessKey", UserName=u, AccessKeyId=key, Status="Inactive")
    call("iam", "GetAccessKeyLastUsed", AccessKeyId=key)
    call("iam", "DeleteAccessKey", UserName=u, AccessKeyId=key)
    call("iam", "CreateGroup", GroupName=g)
    call("iam", "ListGroups")
    call("iam", "AddUserToGroup", GroupName=g, UserName=u)
    call("iam", "GetGroup", GroupName=g)
    call("iam", "ListGroupsForUser", UserName=u)
    call("iam", "RemoveUserFromGroup", GroupName=g, UserName=u)
    for kind, name in (("User", u), ("Group", g)):
        policies_of(call, kind, {f"{kind}Name": name}, arn)
    call("iam", "UpdateGroup", GroupName=g, NewPath="/ci/")
    call("iam", "DeleteGroup", GroupName=g)
    call("iam", "DeleteUser", UserName=u)
    call("iam", "DeletePolicy", PolicyArn=arn)
    call("iam", "CreateLoginProfile", refused="InvalidAction", UserName=u, Password="aB3$aB3$aB3$")
    call("iam", "ListMFADevices", refused="InvalidAction", UserName=u)


def policies_of(call, kind, whose, arn):
    """Inline and attached policies of a user, a group or a role."""
    call("iam", f"Put{kind}Policy", **whose, PolicyName="own", PolicyDocument=allow("s3:GetObject"))
    call("iam", f"Get{kind}Policy", **whose, PolicyName="own")
    plural = f"List{kind}Policies"
    call("iam", plural, **whose)
    call("iam", f"Delete{kind}Policy", **whose, PolicyName="own")
    call("iam", f"Attach{kind}Policy", **whose, PolicyArn=arn)
    call("iam", f"ListAttached{kind}Policies", **whose)
    call("iam", f"Detach{kind}Policy", **whose, PolicyArn=arn)


def roles(call, me, account):
    """Roles, managed policies and instance profiles."""
    r, p = f"{me}-role", f"{me}-profile"
    trust = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]})
    arn = call("iam", "CreatePolicy", PolicyName=f"{me}-managed", PolicyDocument=allow("s3:GetObject")).get("Policy", {}).get("Arn", "arn:aws:iam::000000000000:policy/none")
    call("iam", "GetPolicy", PolicyArn=arn)
    call("iam", "ListPolicies", Scope="Local")
    call("iam", "CreatePolicyVersion", PolicyArn=arn, PolicyDocument=allow("s3:ListBucket"))
    call("iam", "ListPolicyVersions", PolicyArn=arn)
    call("iam", "TagPolicy", PolicyArn=arn, Tags=[{"Key": "team", "Value": "red"}])
    call("iam", "ListPolicyTags", PolicyArn=arn)
    call("iam", "UntagPolicy", PolicyArn=arn, TagKeys=["team"])
    call("iam", "GetPolicyVersion", PolicyArn=arn, VersionId="v2")
    call("iam", "SetDefaultPolicyVersion", PolicyArn=arn, VersionId="v2")
    call("iam", "DeletePolicyVersion", PolicyArn=arn, VersionId="v1")
    call("iam", "ListEntitiesForPolicy", PolicyArn=arn)
    call("iam", "CreateRole", RoleName=r, AssumeRolePolicyDocument=trust)
    call("iam", "GetRole", RoleName=r)
    call("iam", "ListRoles")
    call("iam", "UpdateRole", RoleName=r, Description="a role")
    call("iam", "UpdateAssumeRolePolicy", RoleName=r, PolicyDocument=trust)
    call("iam", "TagRole", RoleName=r, Tags=[{"Key": "team", "Value": "red"}])
    call("iam", "ListRoleTags", RoleName=r)
    call("iam", "UntagRole", RoleName=r, TagKeys=["team"])
    call("iam", "PutRolePermissionsBoundary", RoleName=r, PermissionsBoundary=arn)
    call("iam", "DeleteRolePermissionsBoundary", RoleName=r)
    policies_of(call, "Role", {"RoleName": r}, arn)
    call("iam", "CreateInstanceProfile", InstanceProfileName=p)
    call("iam", "GetInstanceProfile", InstanceProfileName=p)
    call("iam", "ListInstanceProfiles", PathPrefix="/")
    call("iam", "TagInstanceProfile", InstanceProfileName=p, Tags=[{"Key": "team", "Value": "red"}])
    call("iam", "ListInstanceProfileTags", InstanceProfileName=p)
    call("iam", "UntagInstanceProfile", InstanceProfileName=p, TagKeys=["team"])
    call("iam", "AddRoleToInstanceProfile", InstanceProfileName=p, RoleName=r)
    call("iam", "ListInstanceProfilesForRole", RoleName=r)
    call("iam", "RemoveRoleFromInstanceProfile", InstanceProfileName=p, RoleName=r)
    call("iam", "DeleteInstanceProfile", InstanceProfileName=p)
    call("iam", "CreateServiceLinkedRole", AWSServiceName="support.amazonaws.com")
    call("iam", "DeleteRole", RoleName=r)
    call("iam", "DeletePolicy", PolicyArn=arn)


def rest_of_iam(call, me, account):
    """Providers, the simulator and the account."""
    arn = f"arn:aws:iam::{account['id']}:oidc-provider/issuer.example"
    call("iam", "CreateOpenIDConnectProvider", Url="https://issuer.example", ClientIDList=["a"], ThumbprintList=[])
    call("iam", "ListOpenIDConnectProviders")
    call("iam", "GetOpenIDConnectProvider", OpenIDConnectProviderArn=arn)
    call("iam", "AddClientIDToOpenIDConnectProvider", OpenIDConnectProviderArn=arn, ClientID="b")
    call("iam", "RemoveClientIDFromOpenIDConnectProvider", OpenIDConnectProviderArn=arn, ClientID="b")
    call("iam", "UpdateOpenIDConnectProviderThumbprint", OpenIDConnectProviderArn=arn, ThumbprintList=["0" * 40])
    call("iam", "DeleteOpenIDConnectProvider", OpenIDConnectProviderArn=arn)
    call("iam", "SimulateCustomPolicy", PolicyInputList=[allow("s3:GetObject")], ActionNames=["s3:GetObject"])
    call("iam", "GetContextKeysForCustomPolicy", PolicyInputList=[allow("s3:GetObject")])
    u = f"{me}-simulated"
    user = call("iam", "CreateUser", UserName=u).get("User", {}).get("Arn", "none")
    call("iam", "SimulatePrincipalPolicy", PolicySourceArn=user, ActionNames=["s3:GetObject"])
    call("iam", "GetContextKeysForPrincipalPolicy", PolicySourceArn=user)
    call("iam", "DeleteUser", UserName=u)
    call("iam", "GetAccountAuthorizationDetails")
    call("iam", "GetAccountSummary")
    call("iam", "ListAccountAliases")


def every_step(call, me, lacks, account):
    buckets(call, me, lacks)
    objects(call, me, lacks)
    locks(call, me, lacks)
    sts(call, me, account)
    users(call, me, account)
    roles(call, me, account)
    rest_of_iam(call, me, account)
