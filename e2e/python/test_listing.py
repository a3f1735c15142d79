from rollcall import ACCOUNT, HERE, Case, native, qs, register, unique


class Listing(Case):
    @classmethod
    def setUpClass(cls):
        # One more than fits on a page.
        cls.users = [register(native()) for _ in range(101)]

    def test_the_paginator_sees_each_user_once_in_order_of_creation(self):
        names = {user["UserName"] for user in self.users}
        for size in 7, 100:
            with self.subTest(size):
                seen = []
                for page in qs.get_paginator("list_users").paginate(**HERE, PaginationConfig={"PageSize": size}):
                    self.assertAnswered(page, 200)
                    self.assertLessEqual(len(page["UserList"]), size)
                    seen += (user for user in page["UserList"] if user["UserName"] in names)
                self.assertNotIn("NextToken", page)
                self.assertEqual(seen, self.users)

    def test_a_page_has_as_many_users_as_asked_for_and_100_by_default(self):
        for size, options in (1, {"MaxResults": 1}), (99, {"MaxResults": 99}), (100, {"MaxResults": 100}), (100, {}):
            with self.subTest(options):
                page = qs.list_users(**HERE, **options)
                self.assertEqual(len(page["UserList"]), size)
                self.assertTrue(page["NextToken"])

    def test_other_sizes_are_refused(self):
        for size in -1, 0, 101:
            with self.subTest(size), self.invalid("MaxResults"):
                qs.list_users(**HERE, MaxResults=size)

    def test_a_token_can_be_used_twice(self):
        token = qs.list_users(**HERE, MaxResults=1)["NextToken"]
        first, second = (qs.list_users(**HERE, MaxResults=1, NextToken=token)["UserList"] for _ in range(2))
        self.assertEqual(first, second)

    def test_a_token_of_another_list_is_refused(self):
        for name in unique("profile"), unique("profile"):
            qs.create_custom_permissions(**ACCOUNT, CustomPermissionsName=name)
        token = qs.list_custom_permissions(**ACCOUNT, MaxResults=1)["NextToken"]
        with self.refused("InvalidNextTokenException", 400):
            qs.list_users(**HERE, NextToken=token)

    def test_a_token_that_was_made_up_or_altered_is_refused(self):
        token = qs.list_users(**HERE, MaxResults=1)["NextToken"]
        for wrong in "garbage", token + "x", token[1:], token[:-4]:
            with self.subTest(wrong), self.refused("InvalidNextTokenException", 400):
                qs.list_users(**HERE, NextToken=wrong)
