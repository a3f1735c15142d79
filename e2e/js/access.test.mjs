import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  AccessDeniedException, QuickSightServiceException, ResourceNotFoundException,
} from '@aws-sdk/client-quicksight';
import { account, accountId, connect, here, native, qs, refused } from './rollcall.mjs';

const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = process.env;
const key = { accessKeyId, secretAccessKey };

const nobody = { ...here, UserName: 'nobody' };
const nothing = { ...account, CustomPermissionsName: 'nothing' };

const userOperations = {
  RegisterUser: (qs, where) => qs.registerUser(native(where)),
  UpdateUser: (qs, where) => qs.updateUser({ ...nobody, Email: 'ana@example.com', Role: 'READER', ...where }),
  DescribeUser: (qs, where) => qs.describeUser({ ...nobody, ...where }),
  DeleteUser: (qs, where) => qs.deleteUser({ ...nobody, ...where }),
  DeleteUserByPrincipalId: (qs, where) =>
    qs.deleteUserByPrincipalId({ ...here, PrincipalId: 'federated/iam/nobody', ...where }),
  ListUsers: (qs, where) => qs.listUsers({ ...here, ...where }),
};
const profileOperations = {
  CreateCustomPermissions: (qs, where) => qs.createCustomPermissions({ ...nothing, ...where }),
  DescribeCustomPermissions: (qs, where) => qs.describeCustomPermissions({ ...nothing, ...where }),
  UpdateCustomPermissions: (qs, where) => qs.updateCustomPermissions({ ...nothing, ...where }),
  ListCustomPermissions: (qs, where) => qs.listCustomPermissions({ ...account, ...where }),
  DeleteCustomPermissions: (qs, where) => qs.deleteCustomPermissions({ ...nothing, ...where }),
};

for (const [operation, call] of Object.entries(userOperations)) {
  test(`${operation} in an unknown namespace is ResourceNotFoundException`, () =>
    refused(call(qs, { Namespace: 'nope' }), ResourceNotFoundException, 404, {
      message: `Namespace nope not found in account ${accountId}. AWS account ID: ${accountId}, Namespace: nope.`,
    }));

  test(`${operation} in another region than the identity region is AccessDeniedException`, () =>
    refused(call(connect({ region: 'us-west-2' })), AccessDeniedException, 401, {
      message: 'Operation is being called from endpoint us-west-2, but your identity region is us-east-1. '
        + 'Please use the us-east-1 endpoint.',
    }));
}

for (const [operation, call] of Object.entries({ ...userOperations, ...profileOperations })) {
  test(`${operation} in another account is AccessDeniedException that tells nothing of that account`, async () => {
    const texts = [];
    for (const AwsAccountId of ['444455556666', '999999999999']) {
      const err = await refused(call(qs, { AwsAccountId }), AccessDeniedException, 403, {
        message: new RegExp(`is not authorized to perform: quicksight:${operation}\\b`),
      });
      // Names of users are made up anew for each call; what remains must be the same.
      texts.push(err.message.replaceAll(AwsAccountId, 'ID').replace(/ana-\w+-\d+/g, 'ana'));
    }
    assert.equal(texts[0], texts[1]);
  });

  test(`${operation} with a wrong secret is InvalidSignatureException`, () =>
    refused(call(connect({ credentials: { ...key, secretAccessKey: 'wrong' } })), QuickSightServiceException, 403, {
      name: 'InvalidSignatureException',
      message: /^The request signature we calculated does not match the signature you provided\. Check your AWS Secret/,
    }));
}

test('an unknown access key is UnrecognizedClientException', () => {
  const credentials = { accessKeyId: 'AKIAEXAMPLEUNKNOWN00', secretAccessKey: 'any' };
  return refused(connect({ credentials }).listUsers(here), QuickSightServiceException, 403, {
    name: 'UnrecognizedClientException',
    message: 'The security token included in the request is invalid.',
  });
});

test('a made-up session token is UnrecognizedClientException', () => {
  const credentials = { ...key, sessionToken: 'made up' };
  return refused(connect({ credentials }).listUsers(here), QuickSightServiceException, 403, {
    name: 'UnrecognizedClientException',
  });
});

const clock = (minutes) => connect({ systemClockOffset: minutes * 60_000 });

for (const [outcome, minutes, message] of [
  ['16 minutes behind', -16, /^Signature expired: \d{8}T\d{6}Z is now earlier than \d{8}T\d{6}Z/],
  ['16 minutes ahead', 16, /^Signature not yet current: \d{8}T\d{6}Z is still later than \d{8}T\d{6}Z/],
]) {
  test(`a clock ${outcome} is InvalidSignatureException`, () =>
    refused(clock(minutes).listUsers(here), QuickSightServiceException, 403, {
      name: 'InvalidSignatureException',
      message,
    }));
}

test('a clock 14 minutes off is good enough', async () => {
  for (const minutes of [-14, 14]) await clock(minutes).listUsers(here);
});

for (const [operation, call] of Object.entries({
  ListDashboards: () => qs.listDashboards(account),
  DescribeDashboard: () => qs.describeDashboard({ ...account, DashboardId: 'sales' }),
  CreateFolder: () => qs.createFolder({ ...account, FolderId: 'team', Name: 'Team' }),
  DeleteDataSet: () => qs.deleteDataSet({ ...account, DataSetId: 'sales' }),
})) {
  test(`${operation}, which is not served, is UnknownOperationException that names it`, () =>
    refused(call(), QuickSightServiceException, 404, {
      name: 'UnknownOperationException',
      message: new RegExp(`\\b${operation}\\b`),
    }));
}
