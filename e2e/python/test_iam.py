import json
import os
import urllib.request
from datetime import datetime, timedelta, timezone
from urllib.parse import unquote

from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from rollcall import (
    ACCOUNT, ACCOUNT_ID, ENDPOINT, HERE, REGION, Case, allow, arn, describe, document, iam, iam_arn, iam_user, listed,
    native, new_iam_user, new_role, qs, register, role_session, sts, trust, unique, unknown_user, without,
)

INVALID = "The security token included in the request is invalid."
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"


def grant(user, *statements):
    iam.put_user_policy(UserName=user, PolicyName="inline", PolicyDocument=document(*statements))


def by_principal():
    """All users, by their PrincipalId."""
    pages = qs.get_paginator("list_users").paginate(**HERE)
    return {user["PrincipalId"]: user for page in pages for user in page["UserList"]}


class IAMCase(Case):
    """Cases of people who have keys of their own."""

    def person(self, *statements, name=None):
        """Creates a user with a policy and a key; returns his name and his credentials."""
        name = name or unique("ana")
        new_iam_user(name)
        if statements:
            grant(name, *statements)
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return name, {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}

    def assume(self, key, role, session, **members):
        """The credentials of a session of a role."""
        out = self.connect("sts", **key).assume_role(RoleArn=role, RoleSessionName=session, **members)
        return {
            "aws_access_key_id": out["Credentials"]["AccessKeyId"],
            "aws_secret_access_key": out["Credentials"]["SecretAccessKey"],
            "aws_session_token": out["Credentials"]["SessionToken"],
        }

    def denied(self, key, action, resource, reason):
        """The block is denied by IAM in the words of AWS."""
        who = self.connect("sts", **key).get_caller_identity()["Arn"]
        text = f"User: {who} is not authorized to perform: quicksight:{action} on resource: {resource} {reason}"
        return self.refused("AccessDeniedException", 403, text)


class Lifecycle(IAMCase):
    def test_from_iam_into_quicksight_and_out_again(self):
        profile = unique("profile")
        qs.create_custom_permissions(**ACCOUNT, CustomPermissionsName=profile)
        name, key = self.person(allow("sts:AssumeRole"))
        role = new_role(unique("reading"), Path="/teams/", AssumeRolePolicyDocument=trust(iam_arn(f"user/{name}")))
        role_name = role.rpartition("/")[2]
        policy = iam.create_policy(PolicyName=unique("p"), PolicyDocument=document(allow("quicksight:DescribeUser")))
        iam.attach_role_policy(RoleName=role_name, PolicyArn=policy["Policy"]["Arn"])
        iam.put_role_policy(
            RoleName=role_name, PolicyName="listing", PolicyDocument=document(allow("quicksight:ListUsers")))

        extra = {"CustomPermissionsName": profile, "UserRole": "AUTHOR", "Email": "old@example.com"}
        users = [register(iam_user(IamArn=iam_arn(f"user/{name}"), **extra))]
        whoever = [self.connect("sts", **key).get_caller_identity()["UserId"]]
        for session in "morning", "evening":
            credentials = self.assume(key, role, session)
            identity = self.connect("sts", **credentials).get_caller_identity()
            self.assertEqual(identity["Arn"], f"arn:aws:sts::{ACCOUNT_ID}:assumed-role/{role_name}/{session}")
            whoever.append(identity["UserId"])
            user = register(role_session(IamArn=role, SessionName=session, **extra))
            self.assertEqual(user["UserName"], f"{role_name}/{session}")
            as_session = self.connect(**credentials)
            self.assertEqual(as_session.describe_user(**HERE, UserName=user["UserName"])["User"], user)
            as_session.list_users(**HERE)
            with self.refused("AccessDeniedException", 403):
                as_session.delete_user(**HERE, UserName=user["UserName"])
            users.append(user)
        self.assertEqual([user["PrincipalId"] for user in users], ["federated/iam/" + who for who in whoever])

        # The user goes, then the role.
        iam.delete_access_key(UserName=name, AccessKeyId=key["aws_access_key_id"])
        iam.delete_user_policy(UserName=name, PolicyName="inline")
        iam.delete_user(UserName=name)
        self.assertGone(users[0])
        self.assertEqual(describe(users[1]["UserName"]), users[1])
        iam.detach_role_policy(RoleName=role_name, PolicyArn=policy["Policy"]["Arn"])
        iam.delete_role_policy(RoleName=role_name, PolicyName="listing")
        iam.delete_role(RoleName=role_name)
        for user in users[1:]:
            self.assertGone(user)

        # The name is free: first for a native user, then for the next of that name.
        first = register(native(UserName=name))
        qs.delete_user(**HERE, UserName=name)
        new_iam_user(name)
        again = register(iam_user(IamArn=iam_arn(f"user/{name}")))
        self.assertEqual(again, {
            **without(users[0], "CustomPermissionsName"),
            "Email": "ana@example.com", "Role": "READER", "PrincipalId": again["PrincipalId"],
        })
        self.assertEqual(len({first["PrincipalId"], again["PrincipalId"], users[0]["PrincipalId"]}), 3)

        for user in users:
            principal = {**HERE, "PrincipalId": user["PrincipalId"]}
            self.assertAnswered(qs.delete_user_by_principal_id(**principal), 200)
            with self.refused("ResourceNotFoundException", 404):
                qs.delete_user_by_principal_id(**principal)
        self.assertEqual(describe(name), again)
        qs.delete_custom_permissions(**ACCOUNT, CustomPermissionsName=profile)

    def assertGone(self, user):
        """The user is listed without his name, which leads to nobody."""
        self.assertEqual(by_principal()[user["PrincipalId"]], {**user, "UserName": "N/A", "Arn": "N/A"})
        name = user["UserName"]
        self.assertIsNone(listed(name))
        for call in (
            lambda: describe(name),
            lambda: qs.update_user(**HERE, UserName=name, Email=user["Email"], Role=user["Role"]),
            lambda: qs.delete_user(**HERE, UserName=name),
        ):
            with self.refused("ResourceNotFoundException", 404, **unknown_user(name)):
                call()


class Sessions(IAMCase):
    def test_credentials_work_in_the_header_and_in_a_url_until_the_role_is_gone(self):
        _, key = self.person(allow("sts:AssumeRole"))
        role = new_role(unique("reading"))
        name = role.rpartition("/")[2]
        iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=document(allow("*")))
        credentials = self.assume(key, role, "ana")
        clients = {service: self.connect(service, **credentials) for service in ("quicksight", "iam", "sts")}
        clients["quicksight"].list_users(**HERE)
        clients["iam"].list_users()
        with urllib.request.urlopen(self.presigned(credentials)) as response:
            self.assertIn("UserList", json.load(response))

        iam.delete_role_policy(RoleName=name, PolicyName="all")
        iam.delete_role(RoleName=name)
        self.assertDead(clients)
        new_role(name)
        self.assertDead(clients)

    def presigned(self, key):
        credentials = Credentials(*(key[name] for name in ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")))
        request = AWSRequest("GET", f"{ENDPOINT}/accounts/{ACCOUNT_ID}/namespaces/default/users")
        SigV4QueryAuth(credentials, "quicksight", REGION, expires=60).add_auth(request)
        return request.url

    def assertDead(self, clients):
        with self.refused("UnrecognizedClientException", 403, INVALID):
            clients["quicksight"].list_users(**HERE)
        with self.refused("InvalidClientTokenId", 403, INVALID, client=iam):
            clients["iam"].list_users()
        with self.refused("InvalidClientTokenId", 403, INVALID, client=sts):
            clients["sts"].get_caller_identity()

    def test_tokens_that_are_not_whole_or_not_of_the_key_are_unknown(self):
        _, key = self.person(allow("sts:AssumeRole"))
        role = new_role(unique("reading"))
        mine, other = (self.assume(key, role, session) for session in ("ana", "ben"))
        token = mine["aws_session_token"]
        for wrong in token[:-4], token[:40], token[4:], token.swapcase(), "x" * 5000, other["aws_session_token"]:
            with self.subTest(wrong):
                credentials = {**mine, "aws_session_token": wrong}
                self.assertDead({service: self.connect(service, **credentials) for service in ("quicksight", "iam", "sts")})

    def test_an_access_key_stops_at_once_and_goes_on_at_once(self):
        name, key = self.person(allow("*"))
        clients = {service: self.connect(service, **key) for service in ("quicksight", "iam", "sts")}
        access_key = {"UserName": name, "AccessKeyId": key["aws_access_key_id"]}
        iam.update_access_key(**access_key, Status="Inactive")
        self.assertDead(clients)
        iam.update_access_key(**access_key, Status="Active")
        clients["quicksight"].list_users(**HERE)
        iam.delete_access_key(**access_key)
        self.assertDead(clients)

    def test_get_session_token_is_for_quicksight_and_not_for_iam(self):
        _, key = self.person(allow("*"))
        out = self.connect("sts", **key).get_session_token(DurationSeconds=900)["Credentials"]
        left = out["Expiration"] - datetime.now(timezone.utc)
        self.assertTrue(timedelta(minutes=14) < left <= timedelta(minutes=15), left)
        own = {
            "aws_access_key_id": out["AccessKeyId"], "aws_secret_access_key": out["SecretAccessKey"],
            "aws_session_token": out["SessionToken"],
        }
        self.connect(**own).list_users(**HERE)
        with self.refused("InvalidClientTokenId", 403, INVALID, client=iam):
            self.connect("iam", **own).list_users()

    def test_what_a_session_may_not_be_asked_for(self):
        _, key = self.person(allow("sts:AssumeRole", "sts:TagSession"))
        role = new_role(unique("embed"))
        name = role.rpartition("/")[2]
        iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=document(allow("sts:*")))
        partner = new_role(unique("partner"), AssumeRolePolicyDocument=trust(
            ACCOUNT_ID, Condition={"StringEquals": {"sts:ExternalId": "4711"}}))
        ask = {"RoleArn": role, "RoleSessionName": "ana"}
        ana, root = self.connect("sts", **key), sts
        chained = self.connect("sts", **self.assume(key, role, "first"))
        long = [{"Key": os.urandom(64).hex(), "Value": os.urandom(128).hex()} for _ in range(50)]
        for outcome, client, members, code, status in (
            ("by root", root, ask, "AccessDenied", 403),
            ("longer than the role allows", ana, {**ask, "DurationSeconds": 3601}, "ValidationError", 400),
            ("longer than an hour by chaining", chained, {**ask, "DurationSeconds": 3601}, "ValidationError", 400),
            ("shorter than 15 minutes", ana, {**ask, "DurationSeconds": 899}, "ValidationError", 400),
            ("without the external id", ana, {**ask, "RoleArn": partner}, "AccessDenied", 403),
            ("with another external id", ana, {**ask, "RoleArn": partner, "ExternalId": "4712"}, "AccessDenied", 403),
            ("of a role that is not there", ana, {**ask, "RoleArn": role + "x"}, "AccessDenied", 403),
            ("with a policy that is none", ana, {**ask, "Policy": "{}"}, "MalformedPolicyDocument", 400),
            ("with 50 tags of the longest kind", ana, {**ask, "Tags": long}, "PackedPolicyTooLarge", 400),
            ("with 51 tags", ana, {**ask, "Tags": [{"Key": str(n), "Value": ""} for n in range(51)]}, "ValidationError", 400),
        ):
            with self.subTest(outcome), self.refused(code, status, client=sts):
                client.assume_role(**members)
        ana.assume_role(RoleArn=partner, RoleSessionName="ana", ExternalId="4711")
        chained.assume_role(**ask)
        self.assertNotIn("PackedPolicySize", ana.assume_role(**ask))
        self.assertIn(ana.assume_role(**ask, Tags=[{"Key": "team", "Value": "blue"}])["PackedPolicySize"], range(1, 100))

    def test_session_tags_decide_and_the_transitive_are_handed_on(self):
        _, key = self.person(allow("sts:AssumeRole", "sts:TagSession"))
        first, second = (new_role(unique(name)) for name in ("first", "second"))
        blue = {"StringEquals": {"aws:PrincipalTag/team": "blue"}}
        for role in first, second:
            iam.put_role_policy(
                RoleName=role.rpartition("/")[2], PolicyName="blue",
                PolicyDocument=document(allow("quicksight:ListUsers", Condition=blue), allow("sts:*")))
        team = [{"Key": "team", "Value": "blue"}]
        passing = self.assume(key, first, "ana", Tags=team)
        handing = self.assume(key, first, "ana", Tags=team, TransitiveTagKeys=["team"])
        for outcome, credentials, allowed in (
            ("without tags", self.assume(key, first, "ana"), False),
            ("with another value", self.assume(key, first, "ana", Tags=[{"Key": "team", "Value": "red"}]), False),
            ("with the tag", passing, True),
            ("chained", self.assume(passing, second, "ana"), False),
            ("chained, the tag being transitive", self.assume(handing, second, "ana"), True),
        ):
            with self.subTest(outcome):
                client = self.connect(**credentials)
                if allowed:
                    client.list_users(**HERE)
                else:
                    with self.denied(credentials, "ListUsers", arn("user/default/*"),
                                     "because no identity-based policy allows the quicksight:ListUsers action"):
                        client.list_users(**HERE)


class Authorization(IAMCase):
    def test_policies_narrow_and_denials_say_by_what(self):
        listing = iam.create_policy(PolicyName=unique("p"), PolicyDocument=document(allow("quicksight:ListUsers")))
        listing = listing["Policy"]["Arn"]
        role = new_role(unique("all"))
        iam.put_role_policy(RoleName=role.rpartition("/")[2], PolicyName="all", PolicyDocument=document(allow("*")))
        _, nothing = self.person()
        _, assuming = self.person(allow("sts:AssumeRole"))
        bounded_name, bounded = self.person(allow("*"))
        iam.put_user_permissions_boundary(UserName=bounded_name, PermissionsBoundary=listing)
        _, refusing = self.person(allow("*"), {**allow("quicksight:DescribeUser"), "Effect": "Deny"})
        none = "because no {} allows the quicksight:DescribeUser action"
        for outcome, key, reason in (
            ("no policy", nothing, none.format("identity-based policy")),
            ("a boundary", bounded, none.format("permissions boundary")),
            ("a session policy", self.assume(assuming, role, "ana", Policy=document(allow("quicksight:ListUsers"))),
             none.format("session policy")),
            ("a managed session policy", self.assume(assuming, role, "ana", PolicyArns=[{"arn": listing}]),
             none.format("session policy")),
            ("a deny", refusing, "with an explicit deny in an identity-based policy"),
        ):
            with self.subTest(outcome):
                client = self.connect(**key)
                with self.denied(key, "DescribeUser", arn("user/default/nobody"), reason):
                    client.describe_user(**HERE, UserName="nobody")
                if key is nothing:
                    with self.denied(key, "ListUsers", arn("user/default/*"),
                                     "because no identity-based policy allows the quicksight:ListUsers action"):
                        client.list_users(**HERE)
                else:
                    client.list_users(**HERE)

    def test_a_registrar_keeps_to_one_role_and_its_session_names(self):
        role, other = new_role(unique("embed")), new_role(unique("other"))
        _, key = self.person(allow("quicksight:RegisterUser", resource=arn("user/default/*"), Condition={
            "ArnEquals": {"quicksight:IamArn": role}, "StringLike": {"quicksight:SessionName": "team-*"},
        }))
        registrar = self.connect(**key)
        out = registrar.register_user(**role_session(IamArn=role, SessionName="team-ana"))
        self.assertAnswered(out, 201)
        for outcome, registration in {
            "another session name": role_session(IamArn=role, SessionName="ana"),
            "another role": role_session(IamArn=other, SessionName="team-ana"),
            "an IAM user": iam_user(),
            "a native user": native(),
        }.items():
            with self.subTest(outcome), self.refused("AccessDeniedException", 403, pattern=r" quicksight:RegisterUser on "):
                registrar.register_user(**registration)
        with self.refused("AccessDeniedException", 403):
            registrar.describe_user(**HERE, UserName=out["User"]["UserName"])


class Entities(IAMCase):
    def test_the_paginators_see_each_once(self):
        names = [unique("page") for _ in range(3)]
        for name in names:
            new_iam_user(name, Path="/pages/")
            new_role(name, Path="/pages/")
            iam.create_policy(PolicyName=name, Path="/pages/", PolicyDocument=document(allow("*")))
        for operation, result, member in (
            ("list_users", "Users", "UserName"), ("list_roles", "Roles", "RoleName"),
            ("list_policies", "Policies", "PolicyName"),
        ):
            pages = list(iam.get_paginator(operation).paginate(PathPrefix="/pages/", PaginationConfig={"PageSize": 2}))
            self.assertEqual([len(page[result]) for page in pages], [2, 1])
            self.assertCountEqual([entity[member] for page in pages for entity in page[result]], names)

    def test_documents_come_back_decoded_by_the_client(self):
        name = unique("ana")
        given = json.loads(document(allow("quicksight:*", resource=arn("user/default/a+b c&d=é%2F<>"))))
        trusted = json.loads(trust(iam_arn(f"user/{new_iam_user(name).rpartition('/')[2]}")))
        role = unique("embed")
        new_role(role, AssumeRolePolicyDocument=json.dumps(trusted, indent=1))
        raw = []
        iam.meta.events.register("after-call.iam.GetUserPolicy", lambda http_response, **_: raw.append(http_response.text))
        iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=json.dumps(given, ensure_ascii=False, indent=1))
        got = iam.get_user_policy(UserName=name, PolicyName="p")["PolicyDocument"]
        self.assertEqual(got, given)
        encoded = raw[0].partition("<PolicyDocument>")[2].partition("</PolicyDocument>")[0]
        self.assertNotRegex(encoded, r"[^\w.~%-]")
        self.assertEqual(json.loads(unquote(encoded)), given)
        shown = iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
        self.assertEqual(shown["Statement"][0]["Principal"]["AWS"], trusted["Statement"][0]["Principal"]["AWS"])

    def test_openid_connect_providers(self):
        url = f"id.example.com/{unique('realm')}"
        made = iam.create_open_id_connect_provider(
            Url=f"https://{url}", ClientIDList=["app"], ThumbprintList=["a" * 40], Tags=[{"Key": "team", "Value": "blue"}])
        of = {"OpenIDConnectProviderArn": made["OpenIDConnectProviderArn"]}
        self.assertEqual(of["OpenIDConnectProviderArn"], iam_arn(f"oidc-provider/{url}"))
        for _ in range(2):
            iam.add_client_id_to_open_id_connect_provider(**of, ClientID="other")
            iam.remove_client_id_from_open_id_connect_provider(**of, ClientID="app")
        iam.update_open_id_connect_provider_thumbprint(**of, ThumbprintList=["b" * 40, "c" * 40])
        iam.tag_open_id_connect_provider(**of, Tags=[{"Key": "cost", "Value": ""}])
        iam.untag_open_id_connect_provider(**of, TagKeys=["team"])
        got = iam.get_open_id_connect_provider(**of)
        self.assertEqual(
            [got["Url"], got["ClientIDList"], got["ThumbprintList"], got["Tags"]],
            [url, ["other"], ["b" * 40, "c" * 40], [{"Key": "cost", "Value": ""}]])
        self.assertEqual(iam.list_open_id_connect_provider_tags(**of)["Tags"], got["Tags"])
        listed_arns = [each["Arn"] for each in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]]
        self.assertIn(of["OpenIDConnectProviderArn"], listed_arns)
        with self.refused("EntityAlreadyExists", 409, f"Provider with url https://{url} already exists.", client=iam):
            iam.create_open_id_connect_provider(Url=f"https://{url}", ThumbprintList=[])
        iam.delete_open_id_connect_provider(**of)
        with self.refused("NoSuchEntity", 404, client=iam):
            iam.get_open_id_connect_provider(**of)

    def test_refusals_are_typed(self):
        name, _ = self.person(allow("*"))
        iam.create_access_key(UserName=name)
        for outcome, call, code, status in (
            ("nobody", lambda: iam.get_user(UserName="nobody"), "NoSuchEntity", 404),
            ("a user again", lambda: new_iam_user(name), "EntityAlreadyExists", 409),
            ("a user with keys", lambda: iam.delete_user(UserName=name), "DeleteConflict", 409),
            ("a broken policy", lambda: grant(name, {"Effect": "Perhaps"}), "MalformedPolicyDocument", 400),
            ("a third key", lambda: iam.create_access_key(UserName=name), "LimitExceeded", 409),
            ("a blank in the name", lambda: new_iam_user("a b"), "ValidationError", 400),
        ):
            with self.subTest(outcome), self.refused(code, status, client=iam):
                call()

    def test_waiters_find_what_is_there(self):
        name = unique("ana")
        new_iam_user(name)
        new_role(name)
        iam.get_waiter("user_exists").wait(UserName=name)
        iam.get_waiter("role_exists").wait(RoleName=name)

    def test_an_administrator_needs_no_root(self):
        name, key = self.person()
        iam.attach_user_policy(UserName=name, PolicyArn=ADMINISTRATOR)
        self.connect("iam", **key).create_user(UserName=unique("ana"))
        user = self.connect(**key).register_user(**native())["User"]
        self.assertEqual(describe(user["UserName"]), user)
