"""boto3 and the AWS CLI: two ways to make the same call."""

import contextlib
import io
import json
import os
import re
import sys
import tempfile

import boto3
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError


def by_boto3(endpoint, key, secret):
    """A function that makes a call: its answer, or the code of its error."""
    session = boto3.Session(aws_access_key_id=key, aws_secret_access_key=secret, region_name="us-east-1")
    configs = {"s3": Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"})}
    clients = {}

    def make(service, operation, parameters):
        if service not in clients:
            config = configs.get(service, Config(retries={"max_attempts": 1}))
            clients[service] = session.client(service, endpoint_url=endpoint, config=config)
        try:
            answer = getattr(clients[service], xform_name(operation))(**parameters)
        except ClientError as error:
            return None, error.response["Error"]["Code"]
        except (BotoCoreError, KeyError) as error:
            # What the client makes of an answer that is not as it should be.
            return None, f"{type(error).__name__}: {error}"
        if hasattr(answer.get("Body"), "read"):
            answer["Body"].read()
        return answer, None

    return make


def by_cli(endpoint, key, secret):
    """The same through the AWS CLI, in this process, so that it starts once."""
    from awscli.clidriver import create_clidriver

    os.environ.update(AWS_ACCESS_KEY_ID=key, AWS_SECRET_ACCESS_KEY=secret, AWS_DEFAULT_REGION="us-east-1", AWS_PAGER="", AWS_MAX_ATTEMPTS="1", AWS_EC2_METADATA_DISABLED="true")
    driver = create_clidriver()

    def make(service, operation, parameters):
        command = "s3api" if service == "s3" else service
        name = xform_name(operation, "-").replace("web-site", "website")
        with tempfile.TemporaryDirectory() as folder:
            arguments = ["--endpoint-url", endpoint, "--output", "json", command, name]
            given = dict(parameters)
            if isinstance(given.get("Body"), bytes):
                path = os.path.join(folder, "body")
                with open(path, "wb") as body:
                    body.write(given.pop("Body"))
                arguments += ["--body", path]
            if operation in ("GetObject", "GetObjectTorrent"):
                # A file to write to does not go with JSON for the rest.
                for parameter, value in given.items():
                    arguments += ["--" + xform_name(parameter, "-"), value]
                arguments.append(os.path.join(folder, "out"))
            else:
                arguments += ["--cli-input-json", json.dumps(given)]
            out, errors = io.StringIO(), io.StringIO()
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
                try:
                    code = driver.main(arguments)
                except SystemExit as ended:
                    code = ended.code
        if code == 0:
            return json.loads(out.getvalue() or "{}"), None
        found = re.search(r"An error occurred \(([^)]+)\)", errors.getvalue())
        return None, found.group(1) if found else errors.getvalue().strip()[-300:] or f"exit {code}"

    return make


def recording(make, results, problems, who):
    """A `call` for steps.py that keeps what came of every operation."""

    def call(service, operation, refused=None, **parameters):
        answer, code = make(service, operation, parameters)
        if refused is None and code is None:
            told = "works"
        elif refused is not None and code == refused:
            told = f"refused ({code})"
        else:
            told = f"**{code or 'taken'}**"
            problems.append(f"{who}: {operation}: {code or 'taken'}, expected {refused or 'success'}")
            print(problems[-1], file=sys.stderr)
        # An operation that is called twice is as good as its worse call.
        kept = results.setdefault((service, operation), told)
        if told.startswith("**") or (told != "works" and kept == "works"):
            results[service, operation] = told
        return answer or {}

    return call
