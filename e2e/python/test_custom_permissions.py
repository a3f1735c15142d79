from rollcall import (
    ACCOUNT, HERE, Case, arn, bodies, describe, native, qs, register, unique, update, without,
)

GOVERNANCE = {"DefaultCategoryEffects": {"AI": "DENY_BY_DEFAULT"}}


def named(name):
    return {**ACCOUNT, "CustomPermissionsName": name}


def profile_arn(name):
    return arn(f"custompermissions/{name}")


def profile(**members):
    """Creates a profile and returns its name."""
    name = unique("profile")
    qs.create_custom_permissions(**named(name), **members)
    return name


def read(name):
    return qs.describe_custom_permissions(**named(name))["CustomPermissions"]


class Profiles(Case):
    def test_a_profile_is_created_described_updated_and_deleted_under_its_name(self):
        name = unique("a+b=c,d.e@f_G-9")
        capabilities = {"SubscribeDashboardEmailReports": "DENY"}
        with bodies() as seen:
            created = qs.create_custom_permissions(**named(name), Capabilities=capabilities)
            described = qs.describe_custom_permissions(**named(name))
            updated = qs.update_custom_permissions(**named(name), Capabilities={"ExportToCsv": "DENY"})
            deleted = qs.delete_custom_permissions(**named(name))
        for out in created, described, updated, deleted:
            self.assertAnswered(out, 200)
        self.assertEqual([body["Status"] for body in seen], [200] * 4, "here the status is a member of the body")
        self.assertEqual({out["Arn"] for out in (created, updated, deleted)}, {profile_arn(name)})
        self.assertEqual(described["CustomPermissions"], {
            "Arn": profile_arn(name), "CustomPermissionsName": name, "Capabilities": capabilities,
        })
        with self.refused("ResourceNotFoundException", 404):
            read(name)

    def test_a_profile_needs_no_capabilities(self):
        created = read(profile())
        self.assertEqual(created.get("Capabilities", {}), {})
        self.assertNotIn("Governance", created)

    def test_an_update_replaces_the_whole_profile(self):
        name = profile(Capabilities={"ExportToCsv": "DENY", "ExportToPdf": "ALLOW"}, Governance=GOVERNANCE)
        self.assertEqual(read(name)["Governance"], GOVERNANCE)
        qs.update_custom_permissions(**named(name), Capabilities={"ExportToPdf": "DENY"})
        self.assertEqual(read(name), {
            "Arn": profile_arn(name), "CustomPermissionsName": name, "Capabilities": {"ExportToPdf": "DENY"},
        })
        qs.update_custom_permissions(**named(name))
        self.assertEqual(read(name).get("Capabilities", {}), {})

    def test_a_name_that_is_taken_is_refused_and_the_first_profile_stays(self):
        name = profile(Capabilities={"ExportToCsv": "DENY"})
        with self.refused("ResourceExistsException", 409):
            qs.create_custom_permissions(**named(name))
        self.assertEqual(read(name)["Capabilities"], {"ExportToCsv": "DENY"})

    def test_a_profile_that_is_not_there_is_not_found(self):
        for call in qs.describe_custom_permissions, qs.update_custom_permissions, qs.delete_custom_permissions:
            with self.subTest(call.__name__), self.refused("ResourceNotFoundException", 404):
                call(**named("nothing"))

    def test_the_paginator_sees_each_profile_once_as_described(self):
        names = [profile(), profile(Capabilities={"ExportToCsv": "DENY"}), profile()]
        seen = []
        for page in qs.get_paginator("list_custom_permissions").paginate(**ACCOUNT, PaginationConfig={"PageSize": 1}):
            self.assertAnswered(page, 200)
            self.assertLessEqual(len(page["CustomPermissionsList"]), 1)
            seen += (entry for entry in page["CustomPermissionsList"] if entry["CustomPermissionsName"] in names)
        self.assertCountEqual(seen, [read(name) for name in names])

    def test_the_status_of_a_list_travels_on_the_status_line_alone(self):
        with bodies() as seen:
            qs.list_custom_permissions(**ACCOUNT)
        self.assertNotIn("Status", seen[0])

    def test_a_token_of_another_list_is_refused(self):
        register(native())
        register(native())
        token = qs.list_users(**HERE, MaxResults=1)["NextToken"]
        for wrong in token, "garbage":
            with self.invalid():
                qs.list_custom_permissions(**ACCOUNT, NextToken=wrong)

    def test_a_profile_that_breaks_a_constraint_is_refused_by_the_name_of_the_member(self):
        good = named(unique("profile"))
        for outcome, member, members in (
            ("no name", "CustomPermissionsName", without(good, "CustomPermissionsName")),
            ("an empty name", "CustomPermissionsName", named("")),
            ("a blank in the name", "CustomPermissionsName", named("a b")),
            ("a name of 65 characters", "CustomPermissionsName", named("p" * 65)),
            ("an unknown state", "ExportToCsv", {**good, "Capabilities": {"ExportToCsv": "MAYBE"}}),
            ("an unknown effect", "Governance", {**good, "Governance": {"DefaultCategoryEffects": {"AI": "ALLOW"}}}),
        ):
            with self.subTest(outcome), self.invalid(member):
                qs.create_custom_permissions(**members)
        with self.refused("ResourceNotFoundException", 404):
            read(good["CustomPermissionsName"])

    def test_pages_are_of_1_to_100(self):
        for size in 1, 100:
            self.assertAnswered(qs.list_custom_permissions(**ACCOUNT, MaxResults=size), 200)
        for size in 0, 101:
            with self.subTest(size), self.invalid("MaxResults"):
                qs.list_custom_permissions(**ACCOUNT, MaxResults=size)


class ProfilesOfUsers(Case):
    def test_a_profile_given_at_registration_is_the_users(self):
        name = profile()
        user = register(native(CustomPermissionsName=name))
        self.assertEqual(user["CustomPermissionsName"], name)
        self.assertEqual(describe(user["UserName"]), user)
        self.assertNotIn("CustomPermissionsName", register(native()))

    def test_an_update_keeps_replaces_and_unapplies_it(self):
        first, second = profile(), profile()
        plain = register(native())
        user = update(plain, CustomPermissionsName=first)
        self.assertEqual(user, {**plain, "CustomPermissionsName": first})
        self.assertEqual(update(user, Email="new@example.com"), {**user, "Email": "new@example.com"})
        self.assertEqual(update(user, CustomPermissionsName=second), {**user, "CustomPermissionsName": second})
        self.assertEqual(update(user, UnapplyCustomPermissions=True), plain)
        self.assertEqual(update(user, UnapplyCustomPermissions=True), plain, "without a profile it is harmless")
        self.assertEqual(describe(user["UserName"]), plain)

    def test_an_unknown_profile_is_not_found_and_leaves_nothing_behind(self):
        registration = native(CustomPermissionsName=unique("nothing"))
        with self.refused("ResourceNotFoundException", 404):
            qs.register_user(**registration)
        with self.refused("ResourceNotFoundException", 404, resource_type="USER"):
            describe(registration["UserName"])

        user = register(native(CustomPermissionsName=profile()))
        with self.refused("ResourceNotFoundException", 404):
            update(user, Email="new@example.com", CustomPermissionsName=unique("nothing"))
        self.assertEqual(describe(user["UserName"]), user)

    def test_unapply_takes_only_true_and_no_profile_beside_it(self):
        name = profile()
        user = register(native(CustomPermissionsName=name))
        with self.invalid("UnapplyCustomPermissions"):
            update(user, UnapplyCustomPermissions=False)
        with self.invalid():
            update(user, UnapplyCustomPermissions=True, CustomPermissionsName=name)
        self.assertEqual(describe(user["UserName"]), user)

    def test_a_profile_in_use_is_a_conflict_to_delete_until_its_last_user_lets_it_go(self):
        name = profile()
        first, second = (register(native(CustomPermissionsName=name)) for _ in range(2))
        with self.refused("ConflictException", 409):
            qs.delete_custom_permissions(**named(name))
        update(first, UnapplyCustomPermissions=True)
        with self.refused("ConflictException", 409):
            qs.delete_custom_permissions(**named(name))
        qs.delete_user(**HERE, UserName=second["UserName"])
        self.assertAnswered(qs.delete_custom_permissions(**named(name)), 200)
