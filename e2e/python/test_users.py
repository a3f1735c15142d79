from rollcall import (
    ACCOUNT_ID, HERE, SERVER_URL, Case, arn, bodies, describe, listed, native, qs, register, role_session, unique,
    unknown_user, update, without,
)

ROLES = "READER", "AUTHOR", "ADMIN", "READER_PRO", "AUTHOR_PRO", "ADMIN_PRO"
ODD_NAMES = (
    "team/ana", "ana maria", " ana ", "ana+hr", "ana@example.com", "josé", "ÿ", "a%2Fb", "100%", "~x!*'()",
    "a:b,c=d&e?f#g", '"<b>\\',
)


class Lifecycle(Case):
    def test_a_registered_user_is_described_and_listed_as_answered(self):
        registration = native(Email="Ana@Example.com", UserRole="AUTHOR")
        name = registration["UserName"]
        out = qs.register_user(**registration)
        self.assertAnswered(out, 201)
        self.assertTrue(out["UserInvitationUrl"].startswith(f"{SERVER_URL}/sn/register?token="), out)
        self.assertEqual(out["User"], {
            "Arn": arn(f"user/default/{name}"),
            "UserName": name,
            "Email": "Ana@Example.com",
            "Role": "AUTHOR",
            "IdentityType": "QUICKSIGHT",
            "Active": False,
            "PrincipalId": out["User"]["PrincipalId"],
        })

        described = qs.describe_user(**HERE, UserName=name)
        self.assertAnswered(described, 200)
        self.assertEqual(described["User"], out["User"])
        self.assertEqual(listed(name), out["User"])

    def test_an_updated_user_is_otherwise_as_before(self):
        user = register(native())
        out = qs.update_user(**HERE, UserName=user["UserName"], Email="new@example.com", Role="ADMIN")
        self.assertAnswered(out, 200)
        self.assertEqual(out["User"], {**user, "Email": "new@example.com", "Role": "ADMIN"})
        self.assertEqual(describe(user["UserName"]), out["User"])
        self.assertEqual(update(out["User"]), out["User"], "an update that changes nothing")

    def test_a_deleted_user_is_gone_and_can_be_registered_again(self):
        registration = native()
        user, name = register(registration), registration["UserName"]
        self.assertAnswered(qs.delete_user(**HERE, UserName=name), 200)
        with self.refused("ResourceNotFoundException", 404, **unknown_user(name)):
            describe(name)
        self.assertIsNone(listed(name))
        self.assertNotEqual(register(registration)["PrincipalId"], user["PrincipalId"])

    def test_a_user_deleted_by_principal_id_is_gone(self):
        for user in register(native()), register(role_session()):
            principal = {**HERE, "PrincipalId": user["PrincipalId"]}
            self.assertAnswered(qs.delete_user_by_principal_id(**principal), 200)
            with self.refused("ResourceNotFoundException", 404, **unknown_user(user["UserName"])):
                describe(user["UserName"])
            with self.refused("ResourceNotFoundException", 404):
                qs.delete_user_by_principal_id(**principal)

    def test_a_user_who_is_not_there_is_not_found(self):
        nobody = {**HERE, "UserName": "nobody"}
        for outcome, call in {
            "DescribeUser": lambda: qs.describe_user(**nobody),
            "UpdateUser": lambda: qs.update_user(**nobody, Email="ana@example.com", Role="READER"),
            "DeleteUser": lambda: qs.delete_user(**nobody),
        }.items():
            with self.subTest(outcome), self.refused("ResourceNotFoundException", 404, **unknown_user("nobody")):
                call()

    def test_a_name_that_is_taken_is_refused_and_the_first_user_stays(self):
        user = register(native())
        again = native(UserName=user["UserName"], Email="other@example.com", UserRole="ADMIN")
        with self.refused("ResourceExistsException", 409, resource_type="USER"):
            qs.register_user(**again)
        self.assertEqual(describe(user["UserName"]), user)

    def test_the_status_travels_on_the_status_line_alone(self):
        with bodies() as seen:
            user = register(native())
            describe(user["UserName"])
            update(user)
            qs.list_users(**HERE)
            qs.delete_user(**HERE, UserName=user["UserName"])
        self.assertEqual(len(seen), 5)
        for body in seen:
            self.assertNotIn("Status", body)
            self.assertIn("RequestId", body)


class Names(Case):
    def test_odd_names_go_through_every_operation_unchanged(self):
        for odd in ODD_NAMES:
            with self.subTest(odd):
                name = odd + unique("") + odd
                user = register(native(UserName=name))
                self.assertEqual((user["UserName"], user["Arn"]), (name, arn(f"user/default/{name}")))
                self.assertEqual(describe(name), user)
                self.assertEqual(listed(name), user)
                self.assertEqual(update(user), user)
                self.assertAnswered(qs.delete_user(**HERE, UserName=name), 200)
                with self.refused("ResourceNotFoundException", 404, **unknown_user(name)):
                    describe(name)

    def test_names_that_differ_only_in_case_or_in_escaping_are_different_users(self):
        base = unique("a")
        names = [base + end for end in ("/b", "/B", "%2Fb", "%252Fb", " b", "+b", "%20b")]
        users = [register(native(UserName=name)) for name in names]
        self.assertEqual([describe(name) for name in names], users)

    def test_an_email_address_is_neither_judged_nor_unique(self):
        for email in "nottarealemailbutworks", "ANA@example.com", "ana@example.com", "josé żółć <x>":
            for user in register(native(Email=email)), register(native(Email=email)):
                self.assertEqual(describe(user["UserName"])["Email"], email)


class Roles(Case):
    def test_only_a_downgrade_to_a_reader_is_refused(self):
        for before in ROLES:
            for after in ROLES:
                with self.subTest(f"{before} to {after}"):
                    user = register(native(UserRole=before))
                    if after.startswith("READER") and not before.startswith("READER"):
                        with self.invalid():
                            update(user, Role=after, Email="new@example.com")
                        self.assertEqual(describe(user["UserName"]), user)
                    else:
                        self.assertEqual(update(user, Role=after), {**user, "Role": after})

    def test_restricted_roles_are_refused(self):
        for role in "RESTRICTED_AUTHOR", "RESTRICTED_READER":
            with self.subTest(role):
                registration = native(UserRole=role)
                with self.invalid():
                    qs.register_user(**registration)
                with self.refused("ResourceNotFoundException", 404):
                    describe(registration["UserName"])
                user = register(native())
                with self.invalid():
                    update(user, Role=role)
                self.assertEqual(describe(user["UserName"]), user)


class Constraints(Case):
    def test_a_registration_that_breaks_one_is_refused_by_the_name_of_the_member(self):
        for outcome, member, registration in (
            ("no user name", "User Name", without(native(), "UserName")),
            ("an empty user name", "UserName", native(UserName="")),
            ("a user name beyond Latin-1", "UserName", native(UserName="Łucja")),
            ("a control character in the user name", "UserName", native(UserName="ana\tmaria")),
            ("no e-mail", "Email", without(native(), "Email")),
            ("an empty e-mail", "Email", native(Email="")),
            ("no role", "UserRole", without(native(), "UserRole")),
            ("an unknown role", "UserRole", native(UserRole="OWNER")),
            ("no identity type", "IdentityType", without(native(), "IdentityType")),
            ("an unknown identity type", "IdentityType", native(IdentityType="LDAP")),
            ("a blank in the profile name", "CustomPermissionsName", native(CustomPermissionsName="a b")),
            ("a profile name of 65 characters", "CustomPermissionsName", native(CustomPermissionsName="p" * 65)),
            ("an empty list of tags", "Tags", native(Tags=[])),
            ("an empty tag key", "Key", native(Tags=[{"Key": "", "Value": "v"}])),
            ("a tag value of 257 characters", "Value", native(Tags=[{"Key": "k", "Value": "v" * 257}])),
            ("a blank in the namespace", "Namespace", native(Namespace="a b")),
            ("an account id of 11 digits", "AwsAccountId", native(AwsAccountId=ACCOUNT_ID[:-1])),
        ):
            with self.subTest(outcome), self.invalid(member):
                qs.register_user(**registration)

    def test_an_update_that_breaks_one_changes_nothing(self):
        user = register(native())
        good = {**HERE, "UserName": user["UserName"], "Email": "new@example.com", "Role": "ADMIN"}
        for outcome, member, change in (
            ("no e-mail", "Email", without(good, "Email")),
            ("an empty e-mail", "Email", {**good, "Email": ""}),
            ("no role", "Role", without(good, "Role")),
            ("an unknown role", "Role", {**good, "Role": "OWNER"}),
        ):
            with self.subTest(outcome), self.invalid(member):
                qs.update_user(**change)
        self.assertEqual(describe(user["UserName"]), user)

    def test_tags_are_accepted(self):
        register(native(Tags=[{"Key": "k" * 128, "Value": "v" * 256}]))
