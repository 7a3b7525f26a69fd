"""Tries every documented operation with the clients that people use, and writes what came of it.

`cargo xtask compatibility` starts this with the paths of the tools in its environment; it ends with 1
where something is not as documented.
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile

import clients
import steps
import tools

BINARY = os.environ["WELLHOUSE_BINARY"]
RCLONE = os.environ["WELLHOUSE_TEST_RCLONE"]
S3FS = os.environ["WELLHOUSE_TEST_S3FS"]
WAYS = ("embedded", "gateway")
NOT_OFFERED = "–"
# An issuer that may be named; nothing asks it.
SETTINGS = {"WELLHOUSE_STS__OIDC": '[{issuer="https://issuer.example",jwks_uri="https://issuer.example/keys"}]'}


class House:
    """A running store."""

    def __init__(self, folder, settings):
        os.mkdir(folder)
        self.folder = folder
        self.endpoint = f"http://127.0.0.1:{free_port()}"
        listens = ["--s3-listen", self.endpoint[7:], "--portal-listen", f"127.0.0.1:{free_port()}"]
        environment = {"PATH": "/usr/bin:/bin", **settings}
        with open(f"{folder}/log", "wb") as log:
            command = [BINARY, "serve", "--store-only", "--data", f"{folder}/data", *listens]
            self.process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=log, text=True)
        for line in self.process.stdout:
            if "Ctrl-C stops it" in line:
                break
        else:
            with open(f"{folder}/log", encoding="utf-8") as log:
                sys.exit(f"the server did not start:\n{log.read()}")
        with open(f"{folder}/data/authority.keys", encoding="ascii") as keys:
            kept = dict(line.strip().split("=", 1) for line in keys if "=" in line)
        self.key, self.secret = kept["root-access-key-id"], kept["root-secret-access-key"]

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def houses(way, folder):
    """Fresh stores: the one that is asked comes last."""
    if way == "embedded":
        return [House(f"{folder}/house", SETTINGS)]
    upstream = House(f"{folder}/upstream", {})
    secret = f"{folder}/secret"
    with open(secret, "w", opener=lambda path, flags: os.open(path, flags, 0o600), encoding="ascii") as file:
        file.write(upstream.secret)
    settings = {
        **SETTINGS, "WELLHOUSE_STORE__KIND": "gateway", "WELLHOUSE_STORE__BUCKET": "front", "WELLHOUSE_STORE__ENDPOINT_URL": upstream.endpoint,
        "WELLHOUSE_STORE__ACCESS_KEY_ID": upstream.key, "WELLHOUSE_STORE__SECRET_ACCESS_KEY_FILE": secret,
    }
    return [upstream, House(f"{folder}/house", settings)]


def lacks(way):
    """What the gateway is documented to refuse of what the embedded store does."""
    # Encryption at rest is the upstream's; it encrypts here, and the gateway has seen it.
    assert way in WAYS
    return {}.get


def by_calls(make_client):
    def attempt(house, way, folder, results, problems):
        call = clients.recording(make_client(house.endpoint, house.key, house.secret), results, problems, f"{make_client.__name__} {way}")
        steps.every_step(call, "tried", lacks(way), {"id": "000000000000", "key": house.key})

    return attempt


def by_rclone(house, _way, folder, results, problems):
    tools.rclone(RCLONE, house.endpoint, house.key, house.secret, folder, results, problems)


def by_s3fs(house, _way, folder, results, problems):
    if not S3FS:
        return
    clients.by_boto3(house.endpoint, house.key, house.secret)("s3", "CreateBucket", {"Bucket": "tools"})
    tools.s3fs(S3FS, house.endpoint, house.key, house.secret, folder, results, problems)


def by_sdk(_house, way, _folder, results, _problems):
    """What the test `compatibility` of crates/wellhouse left; it fails by itself."""
    with open(os.environ["WELLHOUSE_TEST_COMPATIBILITY"], encoding="utf-8") as file:
        for name, told in json.load(file)[way].items():
            results[tuple(name.split())] = "works" if told == "works" else f"refused ({told})"


CLIENTS = {"AWS CLI": by_calls(clients.by_cli), "boto3": by_calls(clients.by_boto3), "AWS SDK for Rust": by_sdk, "rclone": by_rclone, "s3fs": by_s3fs}


def version(program):
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    return re.search(r"\d+(\.\d+)+", told).group()


def heads():
    """The columns: clients with their versions."""
    import awscli
    import boto3

    known = {"AWS CLI": awscli.__version__, "boto3": boto3.__version__, "rclone": version(RCLONE)}
    with open("Cargo.lock", encoding="utf-8") as lock:
        known["AWS SDK for Rust"] = re.search(r'name = "aws-sdk-s3"\nversion = "([^"]+)"', lock.read()).group(1)
    known["s3fs"] = version(S3FS) if S3FS else "not tried: no /dev/fuse"
    return [f"{name} {known[name]}" for name in CLIENTS]


def cell(found, key):
    """What came of one operation by one client, both ways."""
    told = [found[way].get(key, NOT_OFFERED) for way in WAYS]
    return told[0] if told[0] == told[1] else " / ".join(told)


def page(found):
    operations = list(dict.fromkeys(key for by_way in found.values() for way in WAYS for key in by_way[way]))
    lines = [
        "# Which tools were tried", "",
        "Written by `cargo xtask compatibility`, which makes every call of this table against a fresh store: the embedded one, and a gateway whose upstream is another Wellhouse. Do not edit it.", "",
        "- *works*: the root user made the call with this client, which took the answer. What is asked, and in which order, is in `tests/compatibility`.",
        "- *refused (Code)*: it got the error that is documented, for what this store does not do or what was asked wrongly on purpose.",
        "- –: the client does not offer the operation, or nothing that was done with it needed it; of the SDK for Rust, that it was not tried.",
        "- Two answers with a stroke between them: embedded / gateway.", "",
    ]
    for service, title in (("s3", "S3"), ("sts", "STS"), ("iam", "IAM")):
        lines += [f"## {title}", "", "| operation | " + " | ".join(heads()) + " |", "|---|" + "---|" * len(CLIENTS)]
        for key in operations:
            if key[0] == service:
                lines.append(f"| {key[1]} | " + " | ".join(cell(found[name], key) for name in CLIENTS) + " |")
        lines.append("")
    return "\n".join(lines)


def main():
    found, problems = {}, []
    for name, attempt in CLIENTS.items():
        found[name] = {}
        for way in WAYS:
            results = found[name][way] = {}
            with tempfile.TemporaryDirectory() as folder:
                running = houses(way, folder)
                try:
                    attempt(running[-1], way, folder, results, problems)
                finally:
                    for house in reversed(running):
                        house.stop()
            print(f"{name}, {way}: {len(results)} operations", file=sys.stderr)
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        file.write(page(found))
    for problem in problems:
        print(problem, file=sys.stderr)
    sys.exit(1 if problems else 0)


main()
