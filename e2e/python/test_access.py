import os
import re

from rollcall import ACCOUNT, ACCOUNT_ID, HERE, Case, native, qs

NOBODY = {**HERE, "UserName": "nobody"}
NOTHING = {**ACCOUNT, "CustomPermissionsName": "nothing"}
KEY = {
    "aws_access_key_id": os.environ["AWS_ACCESS_KEY_ID"],
    "aws_secret_access_key": os.environ["AWS_SECRET_ACCESS_KEY"],
}

USER_OPERATIONS = {
    "RegisterUser": lambda qs, **where: qs.register_user(**native(**where)),
    "UpdateUser": lambda qs, **where: qs.update_user(**{**NOBODY, "Email": "a@example.com", "Role": "READER", **where}),
    "DescribeUser": lambda qs, **where: qs.describe_user(**{**NOBODY, **where}),
    "DeleteUser": lambda qs, **where: qs.delete_user(**{**NOBODY, **where}),
    "DeleteUserByPrincipalId": lambda qs, **where: qs.delete_user_by_principal_id(
        **{**HERE, "PrincipalId": "federated/iam/nobody", **where}),
    "ListUsers": lambda qs, **where: qs.list_users(**{**HERE, **where}),
}
PROFILE_OPERATIONS = {
    "CreateCustomPermissions": lambda qs, **where: qs.create_custom_permissions(**{**NOTHING, **where}),
    "DescribeCustomPermissions": lambda qs, **where: qs.describe_custom_permissions(**{**NOTHING, **where}),
    "UpdateCustomPermissions": lambda qs, **where: qs.update_custom_permissions(**{**NOTHING, **where}),
    "ListCustomPermissions": lambda qs, **where: qs.list_custom_permissions(**{**ACCOUNT, **where}),
    "DeleteCustomPermissions": lambda qs, **where: qs.delete_custom_permissions(**{**NOTHING, **where}),
}
OPERATIONS = {**USER_OPERATIONS, **PROFILE_OPERATIONS}


class Access(Case):
    def test_an_unknown_namespace_is_not_found(self):
        message = f"Namespace nope not found in account {ACCOUNT_ID}. AWS account ID: {ACCOUNT_ID}, Namespace: nope."
        for operation, call in USER_OPERATIONS.items():
            with self.subTest(operation), self.refused("ResourceNotFoundException", 404, message):
                call(qs, Namespace="nope")

    def test_another_region_than_the_identity_region_is_denied(self):
        message = (
            "Operation is being called from endpoint us-west-2, but your identity region is us-east-1. "
            "Please use the us-east-1 endpoint."
        )
        west = self.connect(region_name="us-west-2")
        for operation, call in USER_OPERATIONS.items():
            with self.subTest(operation), self.refused("AccessDeniedException", 401, message):
                call(west)

    def test_another_account_is_denied_and_nothing_told_of_it(self):
        for operation, call in OPERATIONS.items():
            with self.subTest(operation):
                texts = set()
                for account in "444455556666", "999999999999":
                    pattern = rf"is not authorized to perform: quicksight:{operation}\b"
                    with self.refused("AccessDeniedException", 403, pattern=pattern) as caught:
                        call(qs, AwsAccountId=account)
                    text = caught.exception.response["Error"]["Message"].replace(account, "ID")
                    # Names of users are made up anew for each call; what remains must be the same.
                    texts.add(re.sub(r"ana-\w+-\d+", "ana", text))
                self.assertEqual(len(texts), 1, texts)

    def test_a_wrong_secret_is_an_invalid_signature(self):
        client = self.connect(**{**KEY, "aws_secret_access_key": "wrong"})
        pattern = "^The request signature we calculated does not match the signature you provided"
        for operation, call in OPERATIONS.items():
            with self.subTest(operation), self.refused("InvalidSignatureException", 403, pattern=pattern):
                call(client)

    def test_an_unknown_access_key_is_an_unrecognized_client(self):
        client = self.connect(aws_access_key_id="AKIAEXAMPLEUNKNOWN00", aws_secret_access_key="any")
        message = "The security token included in the request is invalid."
        with self.refused("UnrecognizedClientException", 403, message):
            client.list_users(**HERE)

    def test_a_made_up_session_token_is_an_unrecognized_client(self):
        client = self.connect(**KEY, aws_session_token="made up")
        with self.refused("UnrecognizedClientException", 403):
            client.list_users(**HERE)

    def test_an_operation_that_is_not_served_is_named(self):
        for operation, call in {
            "ListDashboards": lambda: qs.list_dashboards(**ACCOUNT),
            "DescribeDashboard": lambda: qs.describe_dashboard(**ACCOUNT, DashboardId="sales"),
            "CreateFolder": lambda: qs.create_folder(**ACCOUNT, FolderId="team", Name="Team"),
            "DeleteDataSet": lambda: qs.delete_data_set(**ACCOUNT, DataSetId="sales"),
        }.items():
            with self.subTest(operation):
                with self.refused("UnknownOperationException", 404, pattern=rf"\b{operation}\b"):
                    call()
