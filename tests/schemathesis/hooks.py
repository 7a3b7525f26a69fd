"""What Schemathesis is told beside the OpenAPI document: who asks, and from where.

Nobody does anything to the two persons who ask, by their uid: they could not ask any more. What else is left out stands in run.py.
"""

import os
import random

import schemathesis

import house

WHO = os.environ["WELLHOUSE_WHO"]
URL = os.environ["WELLHOUSE_URL"]
PEOPLE = {os.environ["WELLHOUSE_ADMINISTRATOR"], os.environ["WELLHOUSE_REGULAR"]}
ENDS_A_SESSION = {("DELETE", "/api/v1/session"), ("DELETE", "/api/v1/account/sessions/{id}")}

SESSION = {
    "nobody": None,
    "regular": house.Session(URL, house.REGULAR),
    "administrator": house.Session(URL, house.ADMINISTRATOR, os.environ["WELLHOUSE_SEED"], float(os.environ["WELLHOUSE_STEP"])),
}[WHO]
CHANCE = random.Random(20261126)


def operation(case):
    return case.operation.method.upper(), case.operation.path


@schemathesis.hook
def filter_case(ctx, case):
    return not PEOPLE.intersection(map(str, (case.path_parameters or {}).values()))


@schemathesis.hook
def before_call(ctx, case, kwargs):
    """Says who asks, from which address, and every other time names a location that exists."""
    case.headers = dict(case.headers or {})
    case.headers["X-Forwarded-For"] = ".".join(str(CHANCE.randrange(1, 255)) for _ in range(4))
    # A page of the portal asks; without it every change is refused as cross-site.
    case.headers["Sec-Fetch-Site"] = "same-origin"
    if SESSION is None:
        return
    case.headers["Cookie"] = SESSION.fresh()
    if SESSION.location is None or CHANCE.random() < 0.5:
        return
    if case.operation.path.startswith("/api/v1/locations/") and case.path_parameters:
        case.path_parameters = {**case.path_parameters, "id": SESSION.location}
    if isinstance(case.body, dict) and isinstance(case.body.get("location"), str):
        case.body = {**case.body, "location": SESSION.location}


@schemathesis.hook
def after_call(ctx, case, response):
    if SESSION is None:
        return
    if operation(case) in ENDS_A_SESSION and response.status_code == 204 or response.status_code == 401:
        SESSION.cookie = None
