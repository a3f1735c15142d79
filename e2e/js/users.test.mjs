import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ResourceExistsException, ResourceNotFoundException } from '@aws-sdk/client-quicksight';
import {
  answered, arn, connect, describe, here, invalid, listed, native, qs, refused, register, roleSession, serverUrl,
  unique, unknownUser, update,
} from './rollcall.mjs';

test('a registered user is answered with 201, and described and listed as answered', async () => {
  const input = native({ Email: 'Ana@Example.com', UserRole: 'AUTHOR' });
  const out = await qs.registerUser(input);
  answered(out, 201);
  assert.deepEqual(out.User, {
    Arn: arn(`user/default/${input.UserName}`),
    UserName: input.UserName,
    Email: 'Ana@Example.com',
    Role: 'AUTHOR',
    IdentityType: 'QUICKSIGHT',
    Active: false,
    PrincipalId: out.User.PrincipalId,
  });

  const described = await qs.describeUser({ ...here, UserName: out.User.UserName });
  answered(described, 200);
  assert.deepEqual(described.User, out.User);
  assert.deepEqual(await listed(input.UserName), out.User);
});

test('an updated user has the new e-mail and role and is otherwise as before', async () => {
  const user = await register(native());
  const out = await qs.updateUser({ ...here, UserName: user.UserName, Email: 'new@example.com', Role: 'ADMIN' });
  answered(out, 200);
  assert.deepEqual(out.User, { ...user, Email: 'new@example.com', Role: 'ADMIN' });
  assert.deepEqual(await describe(user.UserName), out.User);
  assert.deepEqual(await update(out.User), out.User, 'an update that changes nothing');
});

test('a deleted user is gone, and can be registered again as somebody new', async () => {
  const input = native();
  const user = await register(input);
  answered(await qs.deleteUser({ ...here, UserName: user.UserName }), 200);
  await refused(describe(user.UserName), ResourceNotFoundException, 404, unknownUser(user.UserName));
  assert.equal(await listed(user.UserName), undefined);
  assert.notEqual((await register(input)).PrincipalId, user.PrincipalId);
});

test('a user deleted by principal id is gone', async () => {
  for (const input of [native(), roleSession()]) {
    const { PrincipalId, UserName } = await register(input);
    answered(await qs.deleteUserByPrincipalId({ ...here, PrincipalId }), 200);
    await refused(describe(UserName), ResourceNotFoundException, 404, unknownUser(UserName));
    await refused(qs.deleteUserByPrincipalId({ ...here, PrincipalId }), ResourceNotFoundException, 404);
  }
});

for (const [operation, call] of Object.entries({
  DescribeUser: (user) => qs.describeUser(user),
  UpdateUser: (user) => qs.updateUser({ ...user, Email: 'ana@example.com', Role: 'READER' }),
  DeleteUser: (user) => qs.deleteUser(user),
})) {
  test(`${operation} of a user who is not there is ResourceNotFoundException`, () =>
    refused(call({ ...here, UserName: 'nobody' }), ResourceNotFoundException, 404, unknownUser('nobody')));
}

test('a name that is taken is ResourceExistsException, and the first user stays as he was', async () => {
  const user = await register(native());
  const again = native({ UserName: user.UserName, Email: 'other@example.com', UserRole: 'ADMIN' });
  const err = await refused(qs.registerUser(again), ResourceExistsException, 409, { ResourceType: 'USER' });
  assert.equal(err.RequestId, err.$metadata.requestId);
  assert.deepEqual(await describe(user.UserName), user);
});

test('of 64 registrations of one name at once, one succeeds and 63 are ResourceExistsException', async () => {
  const crowd = connect({ requestHandler: { httpAgent: { maxSockets: 64 }, httpsAgent: { maxSockets: 64 } } });
  const input = native();
  const results = await Promise.allSettled(Array.from({ length: 64 }, () => crowd.registerUser(input)));
  const [won, lost] = ['fulfilled', 'rejected'].map((status) => results.filter((result) => result.status === status));
  assert.equal(won.length, 1);
  answered(won[0].value, 201);
  for (const { reason } of lost) {
    await refused(Promise.reject(reason), ResourceExistsException, 409, { ResourceType: 'USER' });
  }
  assert.deepEqual(await describe(input.UserName), won[0].value.User);
});

const oddNames = [
  'team/ana', 'ana maria', ' ana ', 'ana+hr', 'ana@example.com', 'josé', 'ÿ', 'a%2Fb', '100%', "~x!*'()",
  'a:b,c=d&e?f#g', '"<b>\\',
];

for (const odd of oddNames) {
  test(`the name ${odd} goes through every operation unchanged`, async () => {
    const UserName = odd + unique('') + odd;
    const user = await register(native({ UserName }));
    assert.equal(user.UserName, UserName);
    assert.equal(user.Arn, arn(`user/default/${UserName}`));
    assert.deepEqual(await describe(UserName), user);
    assert.deepEqual(await listed(UserName), user);
    assert.deepEqual(await update(user), user);
    answered(await qs.deleteUser({ ...here, UserName }), 200);
    await refused(describe(UserName), ResourceNotFoundException, 404, unknownUser(UserName));
  });
}

test('names that differ only in case or in escaping are different users', async () => {
  const base = unique('a');
  const names = [`${base}/b`, `${base}/B`, `${base}%2Fb`, `${base}%252Fb`, `${base} b`, `${base}+b`, `${base}%20b`];
  const users = await Promise.all(names.map((UserName) => register(native({ UserName }))));
  assert.deepEqual(await Promise.all(names.map(describe)), users);
});

for (const UserName of ['.', '..']) {
  test(`DescribeUser of ${UserName} is an error the client can read, not a redirect`, async () => {
    const err = await describe(UserName).then(() => assert.fail('accepted'), (err) => err);
    assert.equal(err.$fault, 'client', err.stack);
    assert.ok(err.$metadata.httpStatusCode >= 400, err.stack);
    assert.notEqual(err.name, 'Unknown');
  });
}

test('an e-mail address is neither judged nor unique', async () => {
  for (const Email of ['nottarealemailbutworks', 'ANA@example.com', 'ana@example.com', 'josé żółć <x>']) {
    const users = [await register(native({ Email })), await register(native({ Email }))];
    for (const user of users) assert.equal((await describe(user.UserName)).Email, Email);
  }
});

test('the invitation link leads to a page that names the user', async () => {
  const { User, UserInvitationUrl } = await qs.registerUser(native());
  assert.ok(UserInvitationUrl.startsWith(`${serverUrl}/sn/register?token=`), UserInvitationUrl);
  const page = await fetch(UserInvitationUrl);
  assert.equal(page.status, 200);
  assert.ok((await page.text()).includes(User.UserName));
});

test('a name registered again gets a new invitation link', async () => {
  const input = native();
  const first = await qs.registerUser(input);
  await qs.deleteUser({ ...here, UserName: input.UserName });
  const second = await qs.registerUser(input);
  assert.notEqual(second.UserInvitationUrl, first.UserInvitationUrl);
});

const roles = ['READER', 'AUTHOR', 'ADMIN', 'READER_PRO', 'AUTHOR_PRO', 'ADMIN_PRO'];
const isReader = (role) => role.startsWith('READER');

for (const from of roles) {
  for (const to of roles) {
    if (isReader(to) && !isReader(from)) {
      test(`${from} to ${to} is refused`, async () => {
        const user = await register(native({ UserRole: from }));
        await invalid(update(user, { Role: to, Email: 'new@example.com' }));
        assert.deepEqual(await describe(user.UserName), user);
      });
    } else {
      test(`${from} to ${to} is allowed`, async () => {
        const user = await register(native({ UserRole: from }));
        assert.deepEqual(await update(user, { Role: to }), { ...user, Role: to });
      });
    }
  }
}

for (const role of ['RESTRICTED_AUTHOR', 'RESTRICTED_READER']) {
  test(`${role} is refused`, async () => {
    const input = native({ UserRole: role });
    await invalid(qs.registerUser(input));
    await refused(describe(input.UserName), ResourceNotFoundException, 404);
    const user = await register(native());
    await invalid(update(user, { Role: role }));
    assert.deepEqual(await describe(user.UserName), user);
  });
}

const tags = (length) => Array.from({ length }, (_, i) => ({ Key: `k${i}`, Value: 'v' }));

test('tags are accepted', () =>
  register(native({ Tags: [{ Key: 'k'.repeat(128), Value: 'v'.repeat(256) }, ...tags(49)] })));

for (const [outcome, member, fields] of [
  ['no user name', 'User Name', { UserName: undefined }],
  ['an empty user name', 'UserName', { UserName: '' }],
  ['a user name beyond Latin-1', 'UserName', { UserName: 'Łucja' }],
  ['a control character in the user name', 'UserName', { UserName: 'ana\tmaria' }],
  ['no e-mail', 'Email', { Email: undefined }],
  ['an empty e-mail', 'Email', { Email: '' }],
  ['no role', 'UserRole', { UserRole: undefined }],
  ['an unknown role', 'UserRole', { UserRole: 'OWNER' }],
  ['a role in lower case', 'UserRole', { UserRole: 'reader' }],
  ['no identity type', 'IdentityType', { IdentityType: undefined }],
  ['an unknown identity type', 'IdentityType', { IdentityType: 'LDAP' }],
  ['an empty profile name', 'CustomPermissionsName', { CustomPermissionsName: '' }],
  ['a blank in the profile name', 'CustomPermissionsName', { CustomPermissionsName: 'a b' }],
  ['a profile name of 65 characters', 'CustomPermissionsName', { CustomPermissionsName: 'p'.repeat(65) }],
  ['an empty list of tags', 'Tags', { Tags: [] }],
  ['201 tags', 'Tags', { Tags: tags(201) }],
  ['a tag without a value', 'Value', { Tags: [{ Key: 'k' }] }],
  ['an empty tag key', 'Key', { Tags: [{ Key: '', Value: 'v' }] }],
  ['a tag key of 129 characters', 'Key', { Tags: [{ Key: 'k'.repeat(129), Value: 'v' }] }],
  ['a tag value of 257 characters', 'Value', { Tags: [{ Key: 'k', Value: 'v'.repeat(257) }] }],
  ['a blank in the namespace', 'Namespace', { Namespace: 'a b' }],
  ['a namespace of 65 characters', 'Namespace', { Namespace: 'n'.repeat(65) }],
  ['an account id of 11 digits', 'AwsAccountId', { AwsAccountId: '11112222333' }],
]) {
  test(`RegisterUser with ${outcome} is refused, naming ${member}`, () =>
    invalid(qs.registerUser(native(fields)), member));
}

for (const [outcome, member, fields] of [
  ['no e-mail', 'Email', { Email: undefined }],
  ['an empty e-mail', 'Email', { Email: '' }],
  ['no role', 'Role', { Role: undefined }],
  ['an unknown role', 'Role', { Role: 'OWNER' }],
  ['a blank in the profile name', 'CustomPermissionsName', { CustomPermissionsName: 'a b' }],
]) {
  test(`UpdateUser with ${outcome} is refused, naming ${member}, and changes nothing`, async () => {
    const user = await register(native());
    await invalid(update(user, { Email: 'new@example.com', Role: 'ADMIN', ...fields }), member);
    assert.deepEqual(await describe(user.UserName), user);
  });
}

test('DescribeUser with a name beyond Latin-1 is refused, naming UserName', () =>
  invalid(describe('Łucja'), 'UserName'));
