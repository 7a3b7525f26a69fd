"""Changes an estate by hand, one named change at a time, as a person at the console would.

The first word says whose estate it is, `moto`'s or that of our own `embedded` endpoint; the second where it
is. Each line of standard input names a change; each answer is `ok` or
what went wrong. `--list` prints the changes of a kind with what a plan must say of each, and makes none.
"""

import json
import sys

import boto3

INSTALLATION = "moto"
PATH = f"/wellhouse/{INSTALLATION}/"
FILES = "wellhouse-files"
LOGS = "wellhouse-files-logs"
ALIAS = f"alias/wellhouse-{INSTALLATION}"
TRAIL = f"wellhouse-{INSTALLATION}"
EMBEDDED = sys.argv[1] == "embedded"
ACCOUNT = "000000000000" if EMBEDDED else "123456789012"
REGION = "us-east-1" if EMBEDDED else "eu-central-1"
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy{PATH}WellhouseBoundary"
PORTAL_BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy{PATH}WellhousePortalBoundary"
ROLES = ["PortalRole", "EC2UploadRole", "AdminRole", "RegularUserRole", "S3AccessRole", "UploadRole"]
WIDE = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
ANYONE = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}],
}

DRIFTS = {}
ADDITIONS = {}
clients = {}


def client(service):
    if service not in clients:
        clients[service] = boto3.client(
            service,
            endpoint_url=sys.argv[2],
            region_name=REGION,
            config=boto3.session.Config(s3={"addressing_style": "path"}),
        )
    return clients[service]


def drift(name, *says):
    """A change that a plan must find and `apply` must mend: `says` are the steps it takes."""

    def keep(change):
        DRIFTS[name] = (change, says)
        return change

    return keep


def addition(name, says):
    """Something of others, which a plan must tell and `apply` must keep."""

    def keep(change):
        ADDITIONS[name] = (change, (says,))
        return change

    return keep


def s3():
    return client("s3")


def iam():
    return client("iam")


def setting(kind, bucket):
    return f"set the {kind} of bucket `{bucket}`"


def block(bucket, **switches):
    full = dict.fromkeys(["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"], True)
    s3().put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=full | switches)


def encrypt(bucket, algorithm, key=None, bucket_key=None, blocked=("SSE-C",)):
    default = {"SSEAlgorithm": algorithm}
    if key:
        default["KMSMasterKeyID"] = key
    rule = {"ApplyServerSideEncryptionByDefault": default}
    if bucket_key is not None:
        rule["BucketKeyEnabled"] = bucket_key
    if blocked:
        rule["BlockedEncryptionTypes"] = {"EncryptionType": list(blocked)}
    s3().put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})


def key_arn():
    return f"arn:aws:kms:{REGION}:{ACCOUNT}:{ALIAS}"


def of_rules(bucket, change):
    rules = s3().get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    ours = next(rule for rule in rules if rule["ID"] == "wellhouse")
    change(ours)
    s3().put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": rules})


def of_cors(change):
    rules = s3().get_bucket_cors(Bucket=FILES)["CORSRules"]
    change(next(rule for rule in rules if rule.get("ID") == "wellhouse"))
    s3().put_bucket_cors(Bucket=FILES, CORSConfiguration={"CORSRules": rules})


def of_policy(bucket, change):
    document = json.loads(s3().get_bucket_policy(Bucket=bucket)["Policy"])
    change(document["Statement"])
    s3().put_bucket_policy(Bucket=bucket, Policy=json.dumps(document))


def statement(statements, sid):
    return next(one for one in statements if one.get("Sid") == sid)


def drop(statements, sid):
    statements.remove(statement(statements, sid))


def retag(bucket, change):
    tags = {tag["Key"]: tag["Value"] for tag in s3().get_bucket_tagging(Bucket=bucket)["TagSet"]}
    change(tags)
    tags = [{"Key": key, "Value": value} for key, value in tags.items()]
    s3().put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tags})


# These two come first: they take versions and a policy, which other changes take away.
@drift("replicated", setting("replication (none)", FILES))
def replicated():
    destination = {"Bucket": f"arn:aws:s3:::{LOGS}"}
    rules = [{"ID": "r", "Priority": 1, "Status": "Enabled", "Filter": {"Prefix": ""}, "Destination": destination}]
    rules[0]["DeleteMarkerReplication"] = {"Status": "Disabled"}
    role = f"arn:aws:iam::{ACCOUNT}:role/replicates"
    s3().put_bucket_replication(Bucket=FILES, ReplicationConfiguration={"Role": role, "Rules": rules})


@drift("logged_by_another_time", setting("access logs", FILES))
def logged_by_another_time():
    enabled = s3().get_bucket_logging(Bucket=FILES)["LoggingEnabled"]
    enabled["TargetObjectKeyFormat"] = {"PartitionedPrefix": {"PartitionDateSource": "DeliveryTime"}}
    s3().put_bucket_logging(Bucket=FILES, BucketLoggingStatus={"LoggingEnabled": enabled})


def for_both(kind):
    """The same change to the bucket of files and to that of logs."""

    def keep(change):
        for bucket, name in [(FILES, "files"), (LOGS, "logs")]:
            drift(f"{change.__name__}_of_{name}", setting(kind, bucket))(lambda bucket=bucket: change(bucket))
        return change

    return keep


@for_both("public access block")
def public_policies_let_in(bucket):
    block(bucket, BlockPublicPolicy=False)


@for_both("object ownership")
def lists_switched_on(bucket):
    rules = [{"ObjectOwnership": "ObjectWriter"}]
    s3().put_bucket_ownership_controls(Bucket=bucket, OwnershipControls={"Rules": rules})


@for_both("versioning")
def versioning_suspended(bucket):
    s3().put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})


@for_both("lifecycle")
def lifecycle_deleted(bucket):
    s3().delete_bucket_lifecycle(Bucket=bucket)


@for_both("lifecycle")
def old_versions_kept_longer(bucket):
    of_rules(bucket, lambda rule: rule["NoncurrentVersionExpiration"].update(NoncurrentDays=400))


@for_both("lifecycle")
def rule_switched_off(bucket):
    of_rules(bucket, lambda rule: rule.update(Status="Disabled"))


@for_both("tags")
def tag_changed(bucket):
    retag(bucket, lambda tags: tags.update({"data-class": "public"}))


@for_both("tags")
def tag_removed(bucket):
    retag(bucket, lambda tags: tags.pop("managed-by"))


@for_both("website (none)")
def website_opened(bucket):
    index = {"IndexDocument": {"Suffix": "index.html"}}
    s3().put_bucket_website(Bucket=bucket, WebsiteConfiguration=index)


@for_both("transfer acceleration (none)")
def accelerated(bucket):
    s3().put_bucket_accelerate_configuration(Bucket=bucket, AccelerateConfiguration={"Status": "Enabled"})


@for_both("requester pays (off)")
def requester_pays(bucket):
    s3().put_bucket_request_payment(Bucket=bucket, RequestPaymentConfiguration={"Payer": "Requester"})


@for_both("bucket policy")
def policy_deleted(bucket):
    s3().delete_bucket_policy(Bucket=bucket)


@for_both("bucket policy")
def plain_http_let_in(bucket):
    of_policy(bucket, lambda statements: drop(statements, "DenyInsecureTransport"))


@for_both("bucket policy")
def foreigners_let_in(bucket):
    of_policy(bucket, lambda statements: drop(statements, "DenyForeignAccountPrincipals"))


@for_both("default encryption")
def encryption_deleted(bucket):
    s3().delete_bucket_encryption(Bucket=bucket)


drift("block_deleted", setting("public access block", FILES))(lambda: s3().delete_public_access_block(Bucket=FILES))
drift("public_lists_let_in", setting("public access block", LOGS))(lambda: block(LOGS, BlockPublicAcls=False))
drift("ownership_deleted", setting("object ownership", FILES))(
    lambda: s3().delete_bucket_ownership_controls(Bucket=FILES)
)
drift("encrypted_without_the_key", setting("default encryption", FILES))(lambda: encrypt(FILES, "AES256"))
drift("encrypted_without_a_bucket_key", setting("default encryption", FILES))(
    lambda: encrypt(FILES, "aws:kms", key_arn(), bucket_key=False)
)
drift("encrypted_with_another_key", setting("default encryption", FILES))(
    lambda: encrypt(FILES, "aws:kms", key_arn() + "-other", bucket_key=True)
)
drift("own_keys_let_in", setting("default encryption", FILES))(
    lambda: encrypt(FILES, "aws:kms", key_arn(), bucket_key=True, blocked=())
)
drift("logs_encrypted_by_kms", setting("default encryption", LOGS))(
    lambda: encrypt(LOGS, "aws:kms", key_arn(), bucket_key=True)
)
drift("rule_narrowed", setting("lifecycle", FILES))(
    lambda: of_rules(FILES, lambda rule: rule.update(Filter={"Prefix": "home/"}))
)
drift("all_tags_deleted", setting("tags", FILES))(lambda: s3().delete_bucket_tagging(Bucket=FILES))
drift("another_origin", setting("cross-origin rule", FILES))(
    lambda: of_cors(lambda rule: rule.update(AllowedOrigins=["https://evil.example"]))
)
drift("another_method", setting("cross-origin rule", FILES))(
    lambda: of_cors(lambda rule: rule["AllowedMethods"].append("DELETE"))
)
drift("fewer_exposed_headers", setting("cross-origin rule", FILES))(
    lambda: of_cors(lambda rule: rule.update(ExposeHeaders=["ETag"]))
)
drift("cors_deleted", setting("cross-origin rule", FILES))(lambda: s3().delete_bucket_cors(Bucket=FILES))
drift("logging_stopped", setting("access logs", FILES))(
    lambda: s3().put_bucket_logging(Bucket=FILES, BucketLoggingStatus={})
)


@drift("events_stopped", setting("events to EventBridge", FILES))
def events_stopped():
    told = s3().get_bucket_notification_configuration(Bucket=FILES)
    told.pop("ResponseMetadata")
    told.pop("EventBridgeConfiguration")
    s3().put_bucket_notification_configuration(Bucket=FILES, NotificationConfiguration=told)


drift("older_tls_let_in", setting("bucket policy", FILES))(
    lambda: of_policy(
        FILES,
        lambda all: statement(all, "DenyOldTls").update(Condition={"NumericLessThan": {"s3:TlsVersion": "1.0"}}),
    )
)
drift("longer_urls_let_in", setting("bucket policy", FILES))(
    lambda: of_policy(
        FILES,
        lambda all: statement(all, "DenyLongPresign").update(
            Condition={"NumericGreaterThan": {"s3:signatureAge": "604800000"}}
        ),
    )
)
drift("other_keys_let_in", setting("bucket policy", FILES))(
    lambda: of_policy(FILES, lambda all: drop(all, "DenyOtherKeys"))
)
drift("logs_not_delivered", setting("bucket policy", LOGS))(
    lambda: of_policy(LOGS, lambda all: drop(all, "AccessLogsAreDelivered"))
)


def widen(role):
    iam().put_role_policy(RoleName=role, PolicyName=role, PolicyDocument=json.dumps(WIDE))


def trust_anyone(role):
    iam().update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(ANYONE))


for role in ROLES:
    drift(f"{role}_widened", f"write policy `{role}` of role `{role}`")(lambda role=role: widen(role))
    drift(f"{role}_trusts_anyone", f"replace the trust policy of role `{role}`")(
        lambda role=role: trust_anyone(role)
    )
    drift(f"{role}_tag_changed", f"tag role `{role}`")(
        lambda role=role: iam().tag_role(RoleName=role, Tags=[{"Key": "app", "Value": "other"}])
    )
    drift(f"{role}_given_another_policy", f"delete policy `Added` of role `{role}`")(
        lambda role=role: iam().put_role_policy(RoleName=role, PolicyName="Added", PolicyDocument=json.dumps(WIDE))
    )

for role in ROLES:
    bound = PORTAL_BOUNDARY if role == "PortalRole" else BOUNDARY
    drift(f"{role}_without_boundary", f"bound role `{role}` by `{bound}`")(
        lambda role=role: iam().delete_role_permissions_boundary(RoleName=role)
    )


def described(role):
    return f"set description and longest session of role `{role}`"


drift("portal_bounded_as_others", f"bound role `PortalRole` by `{PORTAL_BOUNDARY}`")(
    lambda: iam().put_role_permissions_boundary(RoleName="PortalRole", PermissionsBoundary=BOUNDARY)
)
drift("longer_sessions", described("AdminRole"))(
    lambda: iam().update_role(RoleName="AdminRole", MaxSessionDuration=43200)
)
drift("described_otherwise", described("UploadRole"))(
    lambda: iam().update_role(RoleName="UploadRole", Description="mine")
)

for role in ROLES:
    drift(f"{role}_untagged", f"tag role `{role}`")(
        lambda role=role: iam().untag_role(RoleName=role, TagKeys=["installation-id"])
    )

drift("policy_deleted_of_a_role", "write policy `RegularUserRole` of role `RegularUserRole`")(
    lambda: iam().delete_role_policy(RoleName="RegularUserRole", PolicyName="RegularUserRole")
)


@drift("administrator_attached", f"detach policy `arn:aws:iam::{ACCOUNT}:policy/theirs/Power` from role `S3AccessRole`")
def administrator_attached():
    made = iam().create_policy(Path="/theirs/", PolicyName="Power", PolicyDocument=json.dumps(WIDE))
    iam().attach_role_policy(RoleName="S3AccessRole", PolicyArn=made["Policy"]["Arn"])


@drift(
    "role_deleted",
    f"create role `{PATH}UploadRole`",
    "write policy `UploadRole` of role `UploadRole`",
)
def role_deleted():
    for name in iam().list_role_policies(RoleName="UploadRole")["PolicyNames"]:
        iam().delete_role_policy(RoleName="UploadRole", PolicyName=name)
    iam().delete_role(RoleName="UploadRole")


@drift("boundary_widened", f"give managed policy `{BOUNDARY}` a new default version")
def boundary_widened():
    everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    iam().create_policy_version(PolicyArn=BOUNDARY, PolicyDocument=json.dumps(everything), SetAsDefault=True)


@drift("portal_boundary_widened", f"give managed policy `{PORTAL_BOUNDARY}` a new default version")
def portal_boundary_widened():
    iam().create_policy_version(PolicyArn=PORTAL_BOUNDARY, PolicyDocument=json.dumps(WIDE), SetAsDefault=True)


drift("boundary_tag_changed", f"tag managed policy `{BOUNDARY}`")(
    lambda: iam().tag_policy(PolicyArn=BOUNDARY, Tags=[{"Key": "app", "Value": "other"}])
)
drift("profile_emptied", "put role `EC2UploadRole` into instance profile `EC2UploadRole`")(
    lambda: iam().remove_role_from_instance_profile(InstanceProfileName="EC2UploadRole", RoleName="EC2UploadRole")
)
drift("profile_tag_changed", "tag instance profile `EC2UploadRole`")(
    lambda: iam().tag_instance_profile(InstanceProfileName="EC2UploadRole", Tags=[{"Key": "app", "Value": "other"}])
)


@drift(
    "another_role_delivered",
    "take role `AdminRole` out of instance profile `EC2UploadRole`",
    "put role `EC2UploadRole` into instance profile `EC2UploadRole`",
)
def another_role_delivered():
    iam().remove_role_from_instance_profile(InstanceProfileName="EC2UploadRole", RoleName="EC2UploadRole")
    iam().add_role_to_instance_profile(InstanceProfileName="EC2UploadRole", RoleName="AdminRole")


@drift(
    "profile_deleted",
    f"create instance profile `{PATH}EC2UploadRole`",
    "put role `EC2UploadRole` into instance profile `EC2UploadRole`",
)
def profile_deleted():
    iam().remove_role_from_instance_profile(InstanceProfileName="EC2UploadRole", RoleName="EC2UploadRole")
    iam().delete_instance_profile(InstanceProfileName="EC2UploadRole")


@drift("support_lost", "have AWS make the service-linked role of `support.amazonaws.com`")
def support_lost():
    roles = iam().list_roles(PathPrefix="/aws-service-role/support.amazonaws.com/")["Roles"]
    for role in roles:
        iam().delete_role(RoleName=role["RoleName"])


def kms():
    return client("kms")


def key():
    return kms().describe_key(KeyId=ALIAS)["KeyMetadata"]["KeyId"]


KEY_POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*"}],
}
drift("key_not_rotated", f"have key `{ALIAS}` rotated every year")(lambda: kms().disable_key_rotation(KeyId=key()))
drift("key_opened", f"replace the policy of key `{ALIAS}`")(
    lambda: kms().put_key_policy(KeyId=key(), PolicyName="default", Policy=json.dumps(KEY_POLICY))
)
drift("key_disabled", f"enable key `{ALIAS}` and cancel its deletion")(lambda: kms().disable_key(KeyId=key()))
drift("key_on_its_way_out", f"enable key `{ALIAS}` and cancel its deletion")(
    lambda: kms().schedule_key_deletion(KeyId=key(), PendingWindowInDays=7)
)
drift("key_unnamed", f"give the key its name `{ALIAS}`")(lambda: kms().delete_alias(AliasName=ALIAS))
drift("key_tag_changed", f"tag key `{ALIAS}`")(
    lambda: kms().tag_resource(KeyId=key(), Tags=[{"TagKey": "app", "TagValue": "other"}])
)


def trail():
    return client("cloudtrail")


def trail_arn():
    return trail().get_trail(Name=TRAIL)["Trail"]["TrailARN"]


def selected(change):
    selectors = trail().get_event_selectors(TrailName=TRAIL)["AdvancedEventSelectors"]
    change(selectors)
    trail().put_event_selectors(TrailName=TRAIL, AdvancedEventSelectors=selectors)


def data_selector(selectors):
    fields = [field for one in selectors for field in one["FieldSelectors"]]
    return next(field for field in fields if field["Field"] == "resources.ARN")


UPDATED = f"have trail `{TRAIL}` write to `{LOGS}`, whole and sealed"
SELECTED = f"have trail `{TRAIL}` record every read and write of an object"
drift("trail_stopped", f"start trail `{TRAIL}`")(lambda: trail().stop_logging(Name=TRAIL))
drift("trail_in_one_region", UPDATED)(lambda: trail().update_trail(Name=TRAIL, IsMultiRegionTrail=False))
drift("trail_unsealed", UPDATED)(lambda: trail().update_trail(Name=TRAIL, EnableLogFileValidation=False))
drift("trail_elsewhere", UPDATED)(lambda: trail().update_trail(Name=TRAIL, S3BucketName=FILES))
drift("trail_records_less", SELECTED)(
    lambda: selected(lambda all: data_selector(all).update(StartsWith=[f"arn:aws:s3:::{FILES}/home/"]))
)
drift("trail_tag_changed", f"tag trail `{TRAIL}`")(
    lambda: trail().add_tags(ResourceId=trail_arn(), TagsList=[{"Key": "app", "Value": "other"}])
)
drift("trail_deleted", f"create trail `{TRAIL}`", SELECTED, f"start trail `{TRAIL}`")(
    lambda: trail().delete_trail(Name=TRAIL)
)

THEIRS = {"Key": "team", "Value": "theirs"}
addition("bucket_tag", f"bucket `{FILES}`: tag `team` = `theirs`")(
    lambda: retag(FILES, lambda tags: tags.update(team="theirs"))
)
addition("role_tag", "role `AdminRole`: tag `team` = `theirs`")(
    lambda: iam().tag_role(RoleName="AdminRole", Tags=[THEIRS])
)
addition("boundary_tag", "managed policy `WellhouseBoundary`: tag `team` = `theirs`")(
    lambda: iam().tag_policy(PolicyArn=BOUNDARY, Tags=[THEIRS])
)
addition("key_tag", f"key `{ALIAS}`: tag `team` = `theirs`")(
    lambda: kms().tag_resource(KeyId=key(), Tags=[{"TagKey": "team", "TagValue": "theirs"}])
)
addition("trail_tag", f"trail `{TRAIL}`: tag `team` = `theirs`")(
    lambda: trail().add_tags(ResourceId=trail_arn(), TagsList=[THEIRS])
)


@addition("lifecycle_rule", f"bucket `{FILES}`: lifecycle rule `theirs`")
def lifecycle_rule():
    rules = s3().get_bucket_lifecycle_configuration(Bucket=FILES)["Rules"]
    theirs = {"ID": "theirs", "Status": "Enabled", "Filter": {"Prefix": "tmp/"}, "Expiration": {"Days": 3}}
    configuration = {"Rules": [theirs, *rules]}
    s3().put_bucket_lifecycle_configuration(Bucket=FILES, LifecycleConfiguration=configuration)


@addition("cors_rule", f"bucket `{FILES}`: cross-origin rule `theirs` for https://theirs.example")
def cors_rule():
    rules = s3().get_bucket_cors(Bucket=FILES)["CORSRules"]
    theirs = {"ID": "theirs", "AllowedOrigins": ["https://theirs.example"], "AllowedMethods": ["GET"]}
    s3().put_bucket_cors(Bucket=FILES, CORSConfiguration={"CORSRules": [*rules, theirs]})


@addition("policy_statement", f"bucket `{FILES}`: statement")
def policy_statement():
    theirs = {
        "Sid": "Theirs",
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Action": "s3:DeleteBucket",
        "Resource": f"arn:aws:s3:::{FILES}",
    }
    of_policy(FILES, lambda statements: statements.append(theirs))


@addition("notification", f"bucket `{FILES}`: 1 notification(s) to a queue")
def notification():
    told = s3().get_bucket_notification_configuration(Bucket=FILES)
    told.pop("ResponseMetadata")
    queue = client("sqs").create_queue(QueueName="theirs")["QueueUrl"].rsplit("/", 1)[1]
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{queue}"
    told["QueueConfigurations"] = [{"Id": "theirs", "QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}]
    s3().put_bucket_notification_configuration(Bucket=FILES, NotificationConfiguration=told)


@addition("selector", f"trail `{TRAIL}`: it records `arn:aws:s3:::theirs/`, too")
def selector():
    fields = [
        {"Field": "eventCategory", "Equals": ["Data"]},
        {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
        {"Field": "resources.ARN", "StartsWith": ["arn:aws:s3:::theirs/"]},
    ]
    selected(lambda all: all.append({"Name": "theirs", "FieldSelectors": fields}))


# What our own endpoint has not, so that nobody can change it there: it may listen without TLS on
# loopback, and encrypts whatever a bucket says.
OF_AWS = (
    "accelerated",
    "encrypted_",
    "encryption_deleted",
    "events_",
    "key_",
    "lists_switched_on",
    "logg",
    "notification",
    "other_keys_let_in",
    "older_tls_let_in",
    "own_keys_let_in",
    "plain_http_let_in",
    "replicated",
    "requester_pays",
    "selector",
    "support_",
    "trail_",
    "website_opened",
)


def is_of_aws(name, says):
    return name.startswith(OF_AWS) or any(LOGS in said for said in says)


def main():
    if sys.argv[2] == "--list":
        listed = {"drifts": DRIFTS, "additions": ADDITIONS}
        for name, (_, says) in listed[sys.argv[3]].items():
            if not (EMBEDDED and is_of_aws(name, says)):
                print("\t".join([name, *says]))
        return
    for line in sys.stdin:
        name = line.strip()
        change = (DRIFTS.get(name) or ADDITIONS.get(name))[0]
        try:
            change()
            answer = "ok"
        except Exception as error:
            answer = f"{name}: {error}".replace("\n", " ")
        print(answer, flush=True)


main()
