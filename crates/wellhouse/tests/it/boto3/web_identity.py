"""boto3 with a token of an OpenID Connect issuer, whose keys are fetched over HTTP: what a job of a CI service does."""

import base64
import http.server
import json
import os
import tempfile
import threading
import time

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

endpoint = os.environ["AWS_ENDPOINT_URL"]
key, strange = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
asked = []


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def jwks(kid="one"):
    numbers = key.public_key().public_numbers()
    x, y = b64(numbers.x.to_bytes(32, "big")), b64(numbers.y.to_bytes(32, "big"))
    return json.dumps({"keys": [{"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": kid, "x": x, "y": y}]}).encode()


class Issuer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        asked.append(self.path)
        status, body = {
            "/good": (200, jwks()),
            "/moved": (302, b""),
            "/broken": (500, jwks()),
            "/long": (200, jwks() + b" " * 300_000),
            "/odd": (200, b"<html>"),
        }.get(self.path, (404, b""))
        self.send_response(status)
        if status == 302:
            self.send_header("location", "/good")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["ISSUER_PORT"])), Issuer)
threading.Thread(target=server.serve_forever, daemon=True).start()


def token(by=key, kid="one", **claims):
    now = int(time.time())
    claims = {"iss": "https://good.example", "aud": "client", "sub": "repo:wellhouse:main", "iat": now, "exp": now + 300} | claims
    head = b64(json.dumps({"alg": "ES256", "typ": "JWT", "kid": kid}).encode())
    signed = f"{head}.{b64(json.dumps(claims).encode())}"
    r, s = decode_dss_signature(by.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
    return f"{signed}.{b64(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


root = boto3.Session(aws_access_key_id=os.environ["ROOT_KEY"], aws_secret_access_key=os.environ["ROOT_SECRET"])
once = Config(retries={"max_attempts": 1})
iam = root.client("iam", endpoint_url=endpoint, config=once)
sts = root.client("sts", endpoint_url=endpoint, config=once)
unsigned = boto3.client("sts", endpoint_url=endpoint, config=Config(signature_version=UNSIGNED, retries={"max_attempts": 1}))
account = sts.get_caller_identity()["Account"]


def provided(name):
    return iam.create_open_id_connect_provider(Url=f"https://{name}.example", ClientIDList=["client"])["OpenIDConnectProviderArn"]


def role(name, provider, conditions):
    trust = {"Effect": "Allow", "Principal": {"Federated": provider}, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": conditions}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    return iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]


def refused(code, **ask):
    try:
        unsigned.assume_role_with_web_identity(RoleSessionName="job", **ask)
    except ClientError as error:
        found = error.response["Error"]["Code"]
        assert found == code, f"{found} instead of {code}: {error}"
        return
    raise AssertionError(f"{code} was expected")


main = {"StringEquals": {"good.example:aud": "client"}, "StringLike": {"good.example:sub": "repo:wellhouse:*"}}
good = role("Job", provided("good"), main)
iam.put_role_policy(
    RoleName="Job",
    PolicyName="read",
    PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}]}),
)

# A token becomes a session of the role, and that may what the role may.
given = unsigned.assume_role_with_web_identity(RoleArn=good, RoleSessionName="job", WebIdentityToken=token(), DurationSeconds=900)
assert given["SubjectFromWebIdentityToken"] == "repo:wellhouse:main", given
assert given["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{account}:assumed-role/Job/job", given
session = boto3.Session(
    aws_access_key_id=given["Credentials"]["AccessKeyId"],
    aws_secret_access_key=given["Credentials"]["SecretAccessKey"],
    aws_session_token=given["Credentials"]["SessionToken"],
)
assert session.client("s3", endpoint_url=endpoint, config=once).list_buckets()["ResponseMetadata"]["HTTPStatusCode"] == 200
assert asked == ["/good"], asked

# As tools do it by themselves, from a file and the environment.
with tempfile.NamedTemporaryFile("w", suffix=".jwt") as file:
    file.write(token())
    file.flush()
    os.environ |= {"AWS_WEB_IDENTITY_TOKEN_FILE": file.name, "AWS_ROLE_ARN": good, "AWS_ROLE_SESSION_NAME": "by-itself"}
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        os.environ.pop(name, None)
    own = boto3.Session().client("sts", endpoint_url=endpoint, config=once)
    assert own.get_caller_identity()["Arn"].endswith("assumed-role/Job/by-itself")

# Tokens that do not count, and persons whom the role does not trust.
now = int(time.time())
refused("InvalidIdentityToken", RoleArn=good, WebIdentityToken=token(by=strange))
refused("InvalidIdentityToken", RoleArn=good, WebIdentityToken=token(aud="another"))
refused("InvalidIdentityToken", RoleArn=good, WebIdentityToken=token(iss="https://other.example"))
refused("ExpiredTokenException", RoleArn=good, WebIdentityToken=token(iat=now - 900, exp=now - 300))
refused("AccessDenied", RoleArn=good, WebIdentityToken=token(sub="repo:stranger:main"))

# Issuers whose keys cannot be had: nobody is let in, and no redirect is followed.
for name in ("moved", "broken", "long", "odd"):
    arn = role(f"Of-{name}", provided(name), {"StringEquals": {f"{name}.example:aud": "client"}})
    before = len(asked)
    refused("IDPCommunicationError", RoleArn=arn, WebIdentityToken=token(iss=f"https://{name}.example"))
    assert asked[before:] == [f"/{name}"], asked[before:]
    # It is left alone for a while.
    refused("IDPCommunicationError", RoleArn=arn, WebIdentityToken=token(iss=f"https://{name}.example"))
    assert asked[before:] == [f"/{name}"], asked[before:]
