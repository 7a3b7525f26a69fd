"""Schemathesis over the OpenAPI document of a running house: as nobody, as a regular person and as an administrator.

`cargo xtask schemathesis` starts this. It ends with 1 where an answer was a 5xx or is not as the document says, where fewer
cases were tried than were asked for, and where the server did not outlive them.
"""

import json
import os
import subprocess
import sys
import tempfile

import house

CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
]
# The administrator is last: what they change, the others would meet.
ROLES = ["nobody", "regular", "administrator"]
# The administrator neither signs out nor takes their second factor away: they could not go on without another code, and one counts
# once in half a minute. The regular person does both.
LEFT_OUT = {"administrator": ["session_sign_out", "second-factor_remove"]}
# Rounds of all three, each in a house of its own and with a seed of its own, until enough was tried.
ROUNDS_MAX = 50


def main(binary, cases, seconds, seed):
    tried = dict.fromkeys(ROLES, 0)
    for further in range(ROUNDS_MAX):
        with tempfile.TemporaryDirectory() as folder:
            found = attempts(house.House(binary, folder), (seconds, seed + further))
        for role, count in found.items():
            tried[role] += count
        if sum(tried.values()) >= cases:
            break
    told = ", ".join(f"{count:,} as {role}" for role, count in tried.items())
    print(f"schemathesis: {sum(tried.values()):,} cases, {told}, seed {seed}: no 5xx, and all as the document says")
    if sum(tried.values()) < cases:
        sys.exit(f"{cases} cases were asked for: give it more seconds")


def attempts(here, bounds):
    """One round; how many cases were tried as whom."""
    try:
        people = here.people()
        found = {role: attempt(here, people, role, bounds) for role in ROLES}
        lived = here.runs()
    finally:
        here.stop()
    if not lived:
        sys.exit(f"the server did not outlive it:\n{here.log()[-4000:]}")
    if any(failed for _, failed in found.values()):
        sys.exit("an answer was not as it should be: see above")
    return {role: count for role, (count, _) in found.items()}


def attempt(here, people, role, bounds):
    """Runs Schemathesis as somebody: how many cases it tried, and whether it found fault with an answer."""
    seconds, seed = bounds
    report = f"{here.folder}/{role}.ndjson"
    environment = {
        **os.environ,
        "PYTHONPATH": os.path.dirname(os.path.abspath(__file__)),
        "SCHEMATHESIS_HOOKS": "hooks",
        "WELLHOUSE_WHO": role,
        "WELLHOUSE_URL": here.url,
        "WELLHOUSE_SEED": people["seed"],
        "WELLHOUSE_STEP": str(people["step"]),
        "WELLHOUSE_ADMINISTRATOR": people["administrator"],
        "WELLHOUSE_REGULAR": people["regular"],
    }
    command = [os.path.join(os.path.dirname(sys.executable), "schemathesis"), "run", f"{here.url}/api/v1/openapi.json"]
    command += ["--checks", ",".join(CHECKS), "--max-time", str(seconds), "--seed", str(seed), "--workers", "1"]
    command += ["--generation-with-security-parameters", "false", "--generation-database", "none", "--no-shrink"]
    command += ["--continue-on-failure", "--report", "ndjson", "--report-ndjson-path", report]
    command += ["--suppress-health-check", "all", "--warnings", "off"]
    for name in LEFT_OUT.get(role, []):
        command += ["--exclude-operation-id", name]
    print(f"schemathesis as {role}", flush=True)
    ended = subprocess.run(command, env=environment, cwd=here.folder, check=False)
    return count(report), ended.returncode != 0


def count(report):
    """How many cases were sent."""
    with open(report, encoding="utf-8") as lines:
        events = [json.loads(line) for line in lines]
    sent = 0
    for event in events:
        for scenario in event.values():
            recorder = scenario.get("recorder") if isinstance(scenario, dict) else None
            sent += len(recorder.get("interactions", {})) if recorder else 0
    return sent


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:5]))
