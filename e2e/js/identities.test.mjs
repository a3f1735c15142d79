import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InvalidParameterValueException, ResourceExistsException } from '@aws-sdk/client-quicksight';
import {
  accountId, answered, arn, describe, here, iamArn, iamUser, invalid, listed, native, qs, refused, register,
  roleSession, unique, update,
} from './rollcall.mjs';

const wrongIdentifier = 'Invalid resource identifiers provided. Please check the documentation. ';
const notApplicable = (names) =>
  `The following parameters are not applicable to this identity type: ${names}. `
  + `AWS account ID: ${accountId}, Namespace: default. `;
const refusedFor = (message, input) =>
  refused(qs.registerUser(input), InvalidParameterValueException, 400, { message });

const cognito = { ExternalLoginFederationProviderType: 'COGNITO', ExternalLoginId: 'us-east-1:12345678-aaaa' };
const oidc = {
  ExternalLoginFederationProviderType: 'CUSTOM_OIDC',
  CustomFederationProviderUrl: 'HTTPS://Login.Example.com:443/Tenant%2Fa/?b=é#c/',
  ExternalLoginId: 'bd62c1ae-02e3-4b69-9295-21bdb5724cb0',
};

test('native users have a principal id in the directory of their namespace', async () => {
  const ids = [(await register(native())).PrincipalId, (await register(native())).PrincipalId];
  for (const id of ids) assert.match(id, /^user\/d-[0-9a-f]{10}\/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  assert.equal(ids[0].split('/')[1], ids[1].split('/')[1]);
  assert.notEqual(ids[0], ids[1]);
});

test('an IAM user is registered under the last part of his ARN, active, without an invitation', async () => {
  const name = unique('ana');
  const out = await qs.registerUser(iamUser({ IamArn: iamArn(`user/division/team/${name}`) }));
  answered(out, 201);
  assert.ok(!('UserInvitationUrl' in out));
  assert.match(out.User.PrincipalId, /^federated\/iam\/AIDA[A-Z0-9]{17}$/);
  assert.deepEqual(out.User, {
    Arn: arn(`user/default/${name}`),
    UserName: name,
    Email: 'ana@example.com',
    Role: 'READER',
    IdentityType: 'IAM',
    Active: true,
    PrincipalId: out.User.PrincipalId,
  });
  assert.deepEqual(await describe(name), out.User);
  assert.deepEqual(await listed(name), out.User);
});

test('a role session is registered as Role/Session, inactive, without an invitation', async () => {
  const SessionName = unique('ana+hr=x.y_z@example.com');
  const out = await qs.registerUser(roleSession({ IamArn: iamArn('role/service-role/embed'), SessionName }));
  answered(out, 201);
  assert.ok(!('UserInvitationUrl' in out));
  assert.match(out.User.PrincipalId, /^federated\/iam\/AROA[A-Z0-9]{17}:/);
  assert.ok(out.User.PrincipalId.endsWith(`:${SessionName}`));
  assert.deepEqual(out.User, {
    Arn: arn(`user/default/embed/${SessionName}`),
    UserName: `embed/${SessionName}`,
    Email: 'ana@example.com',
    Role: 'READER',
    IdentityType: 'IAM',
    Active: false,
    PrincipalId: out.User.PrincipalId,
  });
  assert.deepEqual(await describe(out.User.UserName), out.User);
  assert.deepEqual(await listed(out.User.UserName), out.User);
});

test('sessions of one role share its id, another role has another', async () => {
  const role = async (IamArn) => (await register(roleSession({ IamArn }))).PrincipalId.split(':')[0];
  const [embed, other] = [unique('role/embed'), unique('role/other')].map(iamArn);
  const id = await role(embed);
  assert.equal(await role(embed), id);
  assert.notEqual(await role(other), id);
});

test('the account root is registered under the account id', async () => {
  const user = await register(iamUser({ IamArn: iamArn('root') }));
  assert.equal(user.UserName, accountId);
  assert.equal(user.Arn, arn(`user/default/${accountId}`));
  assert.equal(user.PrincipalId, `federated/iam/${accountId}`);
  answered(await qs.deleteUserByPrincipalId({ ...here, PrincipalId: user.PrincipalId }), 200);
});

test('a name derived from an ARN is as taken as one that was given', async () => {
  const name = unique('ana');
  await register(native({ UserName: name }));
  await register(native({ UserName: `embed/${name}` }));
  for (const input of [
    iamUser({ IamArn: iamArn(`user/${name}`) }),
    roleSession({ IamArn: iamArn('role/embed'), SessionName: name }),
    roleSession({ IamArn: iamArn('role/some/path/embed'), SessionName: name }),
  ]) {
    await refused(qs.registerUser(input), ResourceExistsException, 409, { ResourceType: 'USER' });
  }
});

test('IAM with a user name is refused in the words of AWS', () =>
  refusedFor(notApplicable('User Name'), iamUser({ UserName: unique('ana') })));

for (const [outcome, input] of Object.entries({
  'QUICKSIGHT with an IAM ARN': native({ IamArn: iamArn('user/ana') }),
  'QUICKSIGHT with a session name': native({ SessionName: 'ana' }),
  'QUICKSIGHT with an external login': native(cognito),
  'an IAM user with an external login': iamUser(cognito),
})) {
  test(`${outcome} is refused as not applicable`, () => refusedFor(new RegExp(`^${notApplicable('.+')}$`), input));
}

for (const [outcome, input] of Object.entries({
  'no IAM ARN': iamUser({ IamArn: undefined }),
  'a name for an ARN': iamUser({ IamArn: 'ana' }),
  'a group': iamUser({ IamArn: iamArn('group/readers') }),
  'a user without a name': iamUser({ IamArn: iamArn('user/') }),
  'a user of another account': iamUser({ IamArn: 'arn:aws:iam::444455556666:user/ana' }),
  'a role of another account': roleSession({ IamArn: 'arn:aws:iam::444455556666:role/embed' }),
  'the root of another account': iamUser({ IamArn: 'arn:aws:iam::444455556666:root' }),
  'another partition': iamUser({ IamArn: `arn:aws-cn:iam::${accountId}:user/ana` }),
  'another service': roleSession({ IamArn: `arn:aws:sts::${accountId}:assumed-role/embed/ana` }),
  'a region in the ARN': iamUser({ IamArn: `arn:aws:iam:us-east-1:${accountId}:user/ana` }),
})) {
  test(`IAM with ${outcome} is refused as an invalid identifier`, () => refusedFor(wrongIdentifier, input));
}

for (const [outcome, input] of Object.entries({
  'a role without a session name': roleSession({ SessionName: undefined }),
  'an IAM user with a session name': iamUser({ SessionName: 'ana' }),
  'the root with a session name': iamUser({ IamArn: iamArn('root'), SessionName: 'ana' }),
  'IAM_IDENTITY_CENTER': native({ IdentityType: 'IAM_IDENTITY_CENTER' }),
})) {
  test(`${outcome} is refused`, () => invalid(qs.registerUser(input)));
}

for (const SessionName of ['x', 's'.repeat(65), 'ana maria', 'ana/hr', 'ana,hr']) {
  test(`the session name ${SessionName} is refused`, () =>
    invalid(qs.registerUser(roleSession({ SessionName })), 'SessionName'));
}

test('a session name of 2 and one of 64 characters are accepted', async () => {
  const IamArn = iamArn(unique('role/embed'));
  for (const SessionName of ['xy', 's'.repeat(64)]) await register(roleSession({ IamArn, SessionName }));
});

// External login

const stored = {
  cognito: { ...cognito, ExternalLoginFederationProviderUrl: 'cognito-identity.amazonaws.com' },
  oidc: {
    ExternalLoginFederationProviderType: 'CUSTOM_OIDC',
    ExternalLoginFederationProviderUrl: oidc.CustomFederationProviderUrl,
    ExternalLoginId: oidc.ExternalLoginId,
  },
};
const brokenLogins = {
  'COGNITO with a URL': { ...cognito, CustomFederationProviderUrl: 'https://login.example.com' },
  'COGNITO without an id': { ...cognito, ExternalLoginId: undefined },
  'CUSTOM_OIDC without a URL': { ...oidc, CustomFederationProviderUrl: undefined },
  'CUSTOM_OIDC without an id': { ...oidc, ExternalLoginId: undefined },
  'an unknown type': { ...oidc, ExternalLoginFederationProviderType: 'SAML' },
};

for (const [outcome, login, want] of [
  ['COGNITO is stored with its fixed URL', cognito, stored.cognito],
  ['CUSTOM_OIDC is stored with its URL byte for byte', oidc, stored.oidc],
]) {
  test(outcome, async () => {
    const user = await register(roleSession(login));
    assert.deepEqual(user, { ...user, ...want });
    assert.deepEqual(await describe(user.UserName), user);

    const later = await register(roleSession());
    assert.deepEqual(await update(later, login), { ...later, ...want });
  });
}

test('an update without an external login leaves it, with another replaces it, with NONE clears it', async () => {
  const plain = await register(roleSession());
  const user = await update(plain, oidc);
  assert.deepEqual(await update(user, { Email: 'new@example.com' }), { ...user, Email: 'new@example.com' });
  assert.deepEqual(await update(user, cognito), { ...plain, ...stored.cognito });
  assert.deepEqual(await update(user, { ExternalLoginFederationProviderType: 'NONE' }), plain);
  assert.deepEqual(await describe(user.UserName), plain);
});

for (const [outcome, login] of Object.entries(brokenLogins)) {
  test(`${outcome} is refused, in a registration and in an update`, async () => {
    const input = roleSession(login);
    await invalid(qs.registerUser(input));
    assert.equal(await listed(`embed/${input.SessionName}`), undefined);

    const user = await register(roleSession());
    await invalid(update(user, login));
    assert.deepEqual(await describe(user.UserName), user);
  });
}
