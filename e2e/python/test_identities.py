from rollcall import (
    ACCOUNT_ID, HERE, Case, arn, describe, iam_arn, iam_user, listed, native, new_iam_user, new_role, qs, register,
    role_session, unique, update, without,
)

UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
OTHER = "arn:aws:iam::444455556666:"

WRONG_IDENTIFIER = "Invalid resource identifiers provided. Please check the documentation. "
NOT_APPLICABLE = (
    "The following parameters are not applicable to this identity type: {}. "
    "AWS account ID: {}, Namespace: default. "
)

COGNITO = {"ExternalLoginFederationProviderType": "COGNITO", "ExternalLoginId": "us-east-1:12345678-aaaa"}
STORED_COGNITO = {**COGNITO, "ExternalLoginFederationProviderUrl": "cognito-identity.amazonaws.com"}
OIDC_URL = "HTTPS://Login.Example.com:443/Tenant%2Fa/?b=é#c/"
OIDC_USER = {
    "ExternalLoginFederationProviderType": "CUSTOM_OIDC",
    "ExternalLoginId": "bd62c1ae-02e3-4b69-9295-21bdb5724cb0",
}
OIDC = {**OIDC_USER, "CustomFederationProviderUrl": OIDC_URL}
STORED_OIDC = {**OIDC_USER, "ExternalLoginFederationProviderUrl": OIDC_URL}


class Identities(Case):
    def test_native_users_have_a_principal_id_in_the_directory_of_their_namespace(self):
        first, second = (register(native())["PrincipalId"] for _ in range(2))
        for principal in first, second:
            self.assertRegex(principal, rf"^user/d-[0-9a-f]{{10}}/{UUID}$")
        self.assertEqual(first.split("/")[1], second.split("/")[1])
        self.assertNotEqual(first, second)

    def test_an_iam_user_is_active_under_the_last_part_of_his_arn(self):
        name = unique("ana")
        out = qs.register_user(**iam_user(IamArn=new_iam_user(name, Path="/division/team/")))
        self.assertAnswered(out, 201)
        self.assertNotIn("UserInvitationUrl", out)
        self.assertRegex(out["User"]["PrincipalId"], "^federated/iam/AIDA[A-Z0-9]{17}$")
        self.assertEqual(out["User"], {
            "Arn": arn(f"user/default/{name}"),
            "UserName": name,
            "Email": "ana@example.com",
            "Role": "READER",
            "IdentityType": "IAM",
            "Active": True,
            "PrincipalId": out["User"]["PrincipalId"],
        })
        self.assertEqual(describe(name), out["User"])
        self.assertEqual(listed(name), out["User"])

    def test_a_role_session_is_inactive_under_its_role_and_session(self):
        role, session = unique("embed"), unique("ana+hr=x.y_z@example.com")
        name = f"{role}/{session}"
        out = qs.register_user(**role_session(IamArn=new_role(role, Path="/service-role/"), SessionName=session))
        self.assertAnswered(out, 201)
        self.assertNotIn("UserInvitationUrl", out)
        principal, _, suffix = out["User"]["PrincipalId"].partition(":")
        self.assertRegex(principal, "^federated/iam/AROA[A-Z0-9]{17}$")
        self.assertEqual(suffix, session)
        self.assertEqual(out["User"], {
            "Arn": arn(f"user/default/{name}"),
            "UserName": name,
            "Email": "ana@example.com",
            "Role": "READER",
            "IdentityType": "IAM",
            "Active": False,
            "PrincipalId": out["User"]["PrincipalId"],
        })
        self.assertEqual(describe(name), out["User"])
        self.assertEqual(listed(name), out["User"])

    def test_the_account_root_is_registered_under_the_account_id(self):
        user = register(iam_user(IamArn=iam_arn("root")))
        self.assertEqual((user["UserName"], user["Arn"]), (ACCOUNT_ID, arn(f"user/default/{ACCOUNT_ID}")))
        self.assertEqual(user["PrincipalId"], f"federated/iam/{ACCOUNT_ID}")
        qs.delete_user_by_principal_id(**HERE, PrincipalId=user["PrincipalId"])

    def test_a_name_derived_from_an_arn_is_as_taken_as_one_that_was_given(self):
        name = unique("ana")
        register(native(UserName=name))
        register(native(UserName=f"embed/{name}"))
        for registration in iam_user(IamArn=new_iam_user(name)), role_session(SessionName=name):
            with self.refused("ResourceExistsException", 409, resource_type="USER"):
                qs.register_user(**registration)

    def test_members_of_another_identity_type_are_refused(self):
        with self.refused("InvalidParameterValueException", 400, NOT_APPLICABLE.format("User Name", ACCOUNT_ID)):
            qs.register_user(**iam_user(UserName=unique("ana")))
        for outcome, registration in {
            "QUICKSIGHT with an IAM ARN": native(IamArn=iam_arn("user/ana")),
            "QUICKSIGHT with a session name": native(SessionName="ana"),
            "QUICKSIGHT with an external login": native(**COGNITO),
            "an IAM user with an external login": iam_user(**COGNITO),
        }.items():
            pattern = f"^{NOT_APPLICABLE.format('.+', ACCOUNT_ID)}$"
            with self.subTest(outcome), self.refused("InvalidParameterValueException", 400, pattern=pattern):
                qs.register_user(**registration)

    def test_wrong_iam_arns_are_refused_as_invalid_identifiers(self):
        for outcome, registration in {
            "nobody in IAM": iam_user(IamArn=iam_arn("user/nobody")),
            "a role that is not in IAM": role_session(IamArn=iam_arn("role/nothing")),
            "another path": role_session(IamArn=iam_arn("role/path/embed")),
            "no ARN": without(iam_user(), "IamArn"),
            "a name": iam_user(IamArn="ana"),
            "a group": iam_user(IamArn=iam_arn("group/readers")),
            "a user without a name": iam_user(IamArn=iam_arn("user/")),
            "a user of another account": iam_user(IamArn=OTHER + "user/ana"),
            "a role of another account": role_session(IamArn=OTHER + "role/embed"),
            "the root of another account": iam_user(IamArn=OTHER + "root"),
            "another partition": iam_user(IamArn=f"arn:aws-cn:iam::{ACCOUNT_ID}:user/ana"),
            "another service": role_session(IamArn=f"arn:aws:sts::{ACCOUNT_ID}:assumed-role/embed/ana"),
        }.items():
            with self.subTest(outcome), self.refused("InvalidParameterValueException", 400, WRONG_IDENTIFIER):
                qs.register_user(**registration)

    def test_a_session_name_goes_with_a_role_and_only_with_a_role(self):
        for outcome, registration in {
            "a role without": without(role_session(), "SessionName"),
            "a user with": iam_user(SessionName="ana"),
            "the root with": iam_user(IamArn=iam_arn("root"), SessionName="ana"),
        }.items():
            with self.subTest(outcome), self.invalid():
                qs.register_user(**registration)

    def test_session_names_keep_to_length_and_characters(self):
        role = new_role(unique("embed"))
        for session in "xy", "s" * 64:
            register(role_session(IamArn=role, SessionName=session))
        for session in "x", "s" * 65, "ana maria", "ana/hr", "ana,hr":
            with self.subTest(session), self.invalid("SessionName"):
                qs.register_user(**role_session(SessionName=session))

    def test_iam_identity_center_is_refused(self):
        with self.invalid():
            qs.register_user(**native(IdentityType="IAM_IDENTITY_CENTER"))


class ExternalLogin(Case):
    def test_a_login_is_stored_with_its_url(self):
        for outcome, login, stored in (
            ("COGNITO, whose URL is fixed", COGNITO, STORED_COGNITO),
            ("CUSTOM_OIDC, byte for byte", OIDC, STORED_OIDC),
        ):
            with self.subTest(outcome):
                user = register(role_session(**login))
                self.assertEqual(user, {**user, **stored})
                self.assertEqual(describe(user["UserName"]), user)
                later = register(role_session())
                self.assertEqual(update(later, **login), {**later, **stored})

    def test_an_update_leaves_replaces_or_clears_it(self):
        plain = register(role_session())
        user = update(plain, **OIDC)
        self.assertEqual(update(user, Email="new@example.com"), {**user, "Email": "new@example.com"})
        self.assertEqual(update(user, **COGNITO), {**plain, **STORED_COGNITO})
        self.assertEqual(update(user, ExternalLoginFederationProviderType="NONE"), plain)
        self.assertEqual(describe(plain["UserName"]), plain)

    def test_a_broken_login_is_refused_and_changes_nothing(self):
        user = register(role_session())
        for outcome, login in {
            "COGNITO with a URL": {**COGNITO, "CustomFederationProviderUrl": "https://login.example.com"},
            "COGNITO without an id": without(COGNITO, "ExternalLoginId"),
            "CUSTOM_OIDC without a URL": OIDC_USER,
            "CUSTOM_OIDC without an id": without(OIDC, "ExternalLoginId"),
            "an unknown type": {**OIDC, "ExternalLoginFederationProviderType": "SAML"},
        }.items():
            registration = role_session(**login)
            with self.subTest(outcome):
                with self.invalid():
                    qs.register_user(**registration)
                self.assertIsNone(listed(f"embed/{registration['SessionName']}"))
                with self.invalid():
                    update(user, **login)
                self.assertEqual(describe(user["UserName"]), user)
