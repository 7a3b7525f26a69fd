"""A running house for Schemathesis, and sessions of the people in it."""

import base64
import hashlib
import hmac
import json
import signal
import socket
import struct
import subprocess
import sys
import time
import urllib.error
import urllib.request

PASSWORD = "a long password for schemathesis"
ADMINISTRATOR, REGULAR = "ada", "bob"
# Seconds in which a one-time code counts, and which part of the time of a fresh proof a session is used.
STEP, FRESH = 30, 180


class House:
    """The release binary over a folder, on free ports of the loopback."""

    def __init__(self, binary, folder):
        self.folder = folder
        self.url = f"http://127.0.0.1:{free_port()}"
        command = [binary, "serve", "--data", f"{folder}/data", "--portal-listen", self.url[7:]]
        command += ["--s3-listen", f"127.0.0.1:{free_port()}"]
        # Each request comes from an address of its own, so that no throttle answers in the place of what is tried.
        environment = {"PATH": "/usr/bin:/bin", "WELLHOUSE_PORTAL__TRUSTED_PROXIES": '["127.0.0.1"]'}
        with open(f"{folder}/log", "wb") as log:
            self.process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=log, text=True)
        self.setup_token = None
        for line in self.process.stdout:
            if "/setup#token=" in line:
                self.setup_token = line.split("/setup#token=")[1].strip()
            if "Ctrl-C stops it" in line:
                return
        sys.exit(f"the server did not start:\n{self.log()}")

    def log(self):
        with open(f"{self.folder}/log", encoding="utf-8", errors="replace") as log:
            return log.read()

    def runs(self):
        return self.process.poll() is None

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)

    def people(self):
        """Sets up the administrator, with a second factor, and somebody who may do little. What comes back says who they are."""
        form = {"token": self.setup_token, "name": ADMINISTRATOR, "password": PASSWORD, "registration": "open", "homes": True}
        _, cookie = ask(self.url, "POST", "setup", form)
        offer, _ = ask(self.url, "POST", "account/second-factor", None, cookie)
        seed = offer["secret"].replace(" ", "")
        step = time.time() // STEP
        _, cookie = ask(self.url, "POST", "account/second-factor/confirm", {"code": code(seed)}, cookie)
        ask(self.url, "POST", "registration", {"name": REGULAR, "password": PASSWORD})
        everybody, _ = ask(self.url, "GET", "people", None, cookie)
        uids = {person["name"]: person["uid"] for person in everybody["people"]}
        return {"seed": seed, "step": step, "administrator": uids[ADMINISTRATOR], "regular": uids[REGULAR]}


class Session:
    """A session that is begun anew before its proof is old, and where it was ended."""

    def __init__(self, url, name, seed=None, step=0.0):
        self.url, self.name, self.seed, self.step = url, name, seed, step
        self.cookie, self.since = None, 0.0
        self.location = None

    def fresh(self):
        if self.cookie is None or time.monotonic() - self.since > FRESH:
            self.begin()
        return self.cookie

    def begin(self):
        _, cookie = ask(self.url, "POST", "session", {"name": self.name, "password": PASSWORD})
        if self.seed:
            # A code counts once.
            while time.time() // STEP <= self.step:
                time.sleep(0.5)
            self.step = time.time() // STEP
            _, cookie = ask(self.url, "POST", "session/second-factor", {"code": code(self.seed)}, cookie)
        self.cookie, self.since = cookie, time.monotonic()
        locations, _ = ask(self.url, "GET", "locations", None, cookie)
        self.location = locations["locations"][-1]["id"] if locations["locations"] else None


def ask(url, method, path, body=None, cookie=None):
    """Asks as a page of the portal does; gives the answer and the cookie that it set."""
    headers = {"Sec-Fetch-Site": "same-origin"}
    if cookie:
        headers["Cookie"] = cookie
    if body is not None:
        headers["Content-Type"] = "application/json"
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{url}/api/v1/{path}", data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            text, set_cookie = answer.read(), answer.headers.get("Set-Cookie")
    except urllib.error.HTTPError as refused:
        raise RuntimeError(f"{method} {path}: {refused.code} {refused.read().decode()}") from refused
    return (json.loads(text) if text else None), (set_cookie or "").split(";")[0] or cookie


def code(seed):
    """The one-time code of this moment. Source: RFC 6238."""
    key = base64.b32decode(seed + "=" * (-len(seed) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(time.time()) // STEP), hashlib.sha1).digest()
    place = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[place:place + 4])[0] & 0x7FFFFFFF) % 1000000:06}"


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]
