// What the suites share: a client of the server under test, registrations that no other test makes,
// and what every answer and every refusal looks like.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { InvalidParameterValueException, QuickSight, paginateListUsers } from '@aws-sdk/client-quicksight';

const { AWS_ENDPOINT_URL, AWS_REGION, ROLLCALL_ACCOUNT_ID, ROLLCALL_URL } = process.env;
assert.ok(AWS_ENDPOINT_URL, 'AWS_ENDPOINT_URL is not set: these tests would call AWS itself');

export const accountId = ROLLCALL_ACCOUNT_ID;
export const serverUrl = ROLLCALL_URL;
// Frozen, because paginators write page size and token into the input they are given.
export const account = Object.freeze({ AwsAccountId: accountId });
export const here = Object.freeze({ ...account, Namespace: 'default' });

/** A client as users have it, configured by the environment, except that it never hides a failure by trying again. */
export const connect = (config) => new QuickSight({ maxAttempts: 1, ...config });
export const qs = connect();

const run = randomUUID().slice(0, 8);
let made = 0;
export const unique = (word) => `${word}-${run}-${++made}`;

export const arn = (resource) => `arn:aws:quicksight:${AWS_REGION}:${accountId}:${resource}`;
export const iamArn = (resource) => `arn:aws:iam::${accountId}:${resource}`;

const person = { ...here, Email: 'ana@example.com', UserRole: 'READER' };
export const native = (fields) => ({ ...person, IdentityType: 'QUICKSIGHT', UserName: unique('ana'), ...fields });
export const iamUser = (fields) => ({
  ...person, IdentityType: 'IAM', IamArn: iamArn(`user/${unique('ana')}`), ...fields,
});
export const roleSession = (fields) => ({
  ...person, IdentityType: 'IAM', IamArn: iamArn('role/embed'), SessionName: unique('ana'), ...fields,
});

export const register = async (input) => (await qs.registerUser(input)).User;
export const describe = async (UserName) => (await qs.describeUser({ ...here, UserName })).User;

/** What UpdateUser needs to leave the user as he is, and the fields to change. */
export const update = async (user, fields) =>
  (await qs.updateUser({ ...here, UserName: user.UserName, Email: user.Email, Role: user.Role, ...fields })).User;

/** The user as the whole list shows him, or undefined. */
export async function listed(name) {
  for await (const page of paginateListUsers({ client: qs, pageSize: 100 }, { ...here })) {
    const user = page.UserList.find(({ UserName }) => UserName === name);
    if (user) return user;
  }
}

const requestId = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Asserts what all answers have in common. */
export function answered(out, status) {
  assert.equal(out.$metadata.httpStatusCode, status);
  assert.equal(out.Status, status);
  assert.match(out.RequestId, requestId);
  assert.equal(out.RequestId, out.$metadata.requestId);
}

/**
 * Asserts that a call fails with an instance of ErrorClass, and returns it.
 * The members wanted are given literally, or as a pattern.
 */
export async function refused(call, ErrorClass, status, want = {}) {
  const err = await call.then((out) => assert.fail(`accepted: ${JSON.stringify(out)}`), (err) => err);
  assert.ok(err instanceof ErrorClass, `want ${ErrorClass.name}, got ${err.stack}`);
  assert.equal(err.$metadata.httpStatusCode, status, err.message);
  assert.match(err.$metadata.requestId, requestId);
  if (err.RequestId !== undefined) assert.equal(err.RequestId, err.$metadata.requestId);
  for (const [member, value] of Object.entries(want)) {
    if (value instanceof RegExp) assert.match(err[member], value);
    else assert.equal(err[member], value);
  }
  return err;
}

/** Asserts that a call is refused for the value of one member, which the message names. */
export const invalid = (call, member = '') =>
  refused(call, InvalidParameterValueException, 400, { message: new RegExp(member, 'i') });

/** The refusal of a user who is not there. */
export const unknownUser = (name) => ({
  message: `AWS account id: ${accountId}, Namespace: default, Username: ${name}. `,
  ResourceType: 'USER',
});
