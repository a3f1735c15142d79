"""What the suites share: a client of the server under test, registrations that no other test makes,
and what every answer and every refusal looks like.

Debian's boto3 is older than the custom permissions operations, user tags and the ListUsers paginator;
models/ adds them the way botocore itself is extended. It also ignores AWS_ENDPOINT_URL.
"""

import atexit
import functools
import itertools
import json
import os
import unittest
import uuid
from contextlib import contextmanager
from pathlib import Path

import boto3
import botocore.session
from botocore.config import Config

ENDPOINT = os.environ["AWS_ENDPOINT_URL"]
REGION = os.environ["AWS_REGION"]
ACCOUNT_ID = os.environ["ROLLCALL_ACCOUNT_ID"]
SERVER_URL = os.environ["ROLLCALL_URL"]

ACCOUNT = {"AwsAccountId": ACCOUNT_ID}
HERE = {**ACCOUNT, "Namespace": "default"}

core = botocore.session.get_session()
core.get_component("data_loader").search_paths.insert(0, str(Path(__file__).with_name("models")))
session = boto3.Session(botocore_session=core, region_name=REGION)


def connect(service="quicksight", **options):
    """A client that neither hides a failure by trying again nor forestalls a refusal by checking parameters."""
    config = Config(retries={"total_max_attempts": 1}, parameter_validation=False)
    return session.client(service, endpoint_url=ENDPOINT, config=config, **options)


qs, iam, sts = (connect(service) for service in ("quicksight", "iam", "sts"))
for client in qs, iam, sts:
    atexit.register(client.close)

run, numbers = uuid.uuid4().hex[:8], itertools.count(1)


def unique(word):
    return f"{word}-{run}-{next(numbers)}"


def arn(resource):
    return f"arn:aws:quicksight:{REGION}:{ACCOUNT_ID}:{resource}"


def iam_arn(resource):
    return f"arn:aws:iam::{ACCOUNT_ID}:{resource}"


def document(*statements):
    """A policy."""
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def allow(*actions, resource="*", **more):
    return {"Effect": "Allow", "Action": actions, "Resource": resource, **more}


def trust(*principals, **more):
    """A trust policy: these principals may assume the role, and tag the session."""
    actions = "sts:AssumeRole", "sts:TagSession"
    return document({"Effect": "Allow", "Principal": {"AWS": principals}, "Action": actions, **more})


def new_iam_user(name, **members):
    """Creates a user in IAM and returns its ARN."""
    return iam.create_user(UserName=name, **members)["User"]["Arn"]


def new_role(name, **members):
    """Creates a role that trusts the account and returns its ARN."""
    members = {"AssumeRolePolicyDocument": trust(ACCOUNT_ID), **members}
    return iam.create_role(RoleName=name, **members)["Role"]["Arn"]


@functools.cache
def embed_role():
    """The role that most sessions are of."""
    return new_role("embed")


PERSON = {**HERE, "Email": "ana@example.com", "UserRole": "READER"}


def without(members, *names):
    return {name: value for name, value in members.items() if name not in names}


def native(**members):
    return {**PERSON, "IdentityType": "QUICKSIGHT", "UserName": unique("ana"), **members}


def iam_user(**members):
    """A registration of the user of IAM with this ARN, or of a new one."""
    if "IamArn" not in members:
        members["IamArn"] = new_iam_user(unique("ana"))
    return {**PERSON, "IdentityType": "IAM", **members}


def role_session(**members):
    role = {"IdentityType": "IAM", "IamArn": embed_role(), "SessionName": unique("ana")}
    return {**PERSON, **role, **members}


def register(registration):
    return qs.register_user(**registration)["User"]


def describe(name):
    return qs.describe_user(**HERE, UserName=name)["User"]


def update(user, **changes):
    """Updates the user with what UpdateUser needs to leave him as he is, and the changes."""
    unchanged = {"UserName": user["UserName"], "Email": user["Email"], "Role": user["Role"]}
    return qs.update_user(**{**HERE, **unchanged, **changes})["User"]


def listed(name):
    """The user as the whole list shows him, or None."""
    pages = qs.get_paginator("list_users").paginate(**HERE, PaginationConfig={"PageSize": 100})
    return next((user for page in pages for user in page["UserList"] if user["UserName"] == name), None)


def unknown_user(name):
    """The refusal of a user who is not there."""
    message = f"AWS account id: {ACCOUNT_ID}, Namespace: default, Username: {name}. "
    return {"message": message, "resource_type": "USER"}


class Case(unittest.TestCase):
    maxDiff = None

    def connect(self, service="quicksight", **options):
        client = connect(service, **options)
        self.addCleanup(client.close)
        return client

    def assertAnswered(self, out, status):
        """What all answers have in common."""
        metadata = out["ResponseMetadata"]
        self.assertEqual((metadata["HTTPStatusCode"], out["Status"]), (status, status))
        self.assertRequestId(metadata)
        self.assertEqual(out["RequestId"], metadata["RequestId"])

    def assertRequestId(self, metadata):
        value = metadata["RequestId"]
        self.assertEqual(str(uuid.UUID(value, version=4)), value, "not a lower-case UUID version 4")

    @contextmanager
    def refused(self, code, status, message=None, pattern=".", resource_type=None, client=qs):
        """The block fails with this code, as the client's typed exception wherever the code is modelled."""
        with self.assertRaises(client.exceptions.from_code(code)) as caught:
            yield caught
        response = caught.exception.response
        metadata = response["ResponseMetadata"]
        self.assertEqual((response["Error"]["Code"], metadata["HTTPStatusCode"]), (code, status), response)
        self.assertRequestId(metadata)
        self.assertEqual(response.get("RequestId", metadata["RequestId"]), metadata["RequestId"])
        self.assertRegex(response["Error"]["Message"], pattern)
        if message is not None:
            self.assertEqual(response["Error"]["Message"], message)
        if resource_type is not None:
            self.assertEqual(response["ResourceType"], resource_type)

    def invalid(self, member=""):
        """The block is refused for the value of one member, which the message names."""
        return self.refused("InvalidParameterValueException", 400, pattern=f"(?i){member}")


@contextmanager
def bodies():
    """The JSON bodies as they came, before the client reads them."""
    seen = []

    def keep(http_response, **_):
        seen.append(json.loads(http_response.content))

    qs.meta.events.register("after-call.quicksight", keep)
    try:
        yield seen
    finally:
        qs.meta.events.unregister("after-call.quicksight", keep)
