import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  Capabilities$, ConflictException, ResourceExistsException, ResourceNotFoundException, paginateListCustomPermissions,
} from '@aws-sdk/client-quicksight';
import {
  account, answered, arn, describe, here, invalid, native, qs, refused, register, unique, update,
} from './rollcall.mjs';

const named = (CustomPermissionsName) => ({ ...account, CustomPermissionsName });
const profileArn = (name) => arn(`custompermissions/${name}`);

/** Creates a profile and returns its name. */
async function profile(fields) {
  const name = unique('profile');
  await qs.createCustomPermissions({ ...named(name), ...fields });
  return name;
}

const read = async (name) => (await qs.describeCustomPermissions(named(name))).CustomPermissions;

test('a profile is created, described, updated and deleted under its name', async () => {
  const name = unique('a+b=c,d.e@f_G-9');
  const Capabilities = { SubscribeDashboardEmailReports: 'DENY' };
  const created = await qs.createCustomPermissions({ ...named(name), Capabilities });
  answered(created, 200);
  assert.equal(created.Arn, profileArn(name));

  const described = await qs.describeCustomPermissions(named(name));
  answered(described, 200);
  assert.deepEqual(described.CustomPermissions, {
    Arn: profileArn(name),
    CustomPermissionsName: name,
    Capabilities,
  });

  const updated = await qs.updateCustomPermissions({ ...named(name), Capabilities: { ExportToCsv: 'DENY' } });
  answered(updated, 200);
  assert.equal(updated.Arn, profileArn(name));

  const deleted = await qs.deleteCustomPermissions(named(name));
  answered(deleted, 200);
  assert.equal(deleted.Arn, profileArn(name));
  await refused(read(name), ResourceNotFoundException, 404);
});

test('every capability the SDK knows is stored and echoed', async () => {
  const names = Capabilities$[4]; // [kind, namespace, name, traits, members, …]
  assert.ok(names.length > 200);
  const Capabilities = Object.fromEntries(names.map((name, i) => [name, i % 2 ? 'DENY' : 'ALLOW']));
  assert.deepEqual((await read(await profile({ Capabilities }))).Capabilities, Capabilities);
});

test('a profile needs no capabilities', async () => {
  const created = await read(await profile());
  assert.deepEqual(created.Capabilities ?? {}, {});
  assert.ok(!('Governance' in created));
});

test('governance is stored and echoed', async () => {
  for (const DefaultCategoryEffects of [{ AI: 'DENY_BY_DEFAULT' }, {}]) {
    const Governance = { DefaultCategoryEffects };
    assert.deepEqual((await read(await profile({ Governance }))).Governance, Governance);
  }
});

test('an update replaces the whole profile', async () => {
  const Governance = { DefaultCategoryEffects: { AI: 'DENY_BY_DEFAULT' } };
  const name = await profile({ Capabilities: { ExportToCsv: 'DENY', ExportToPdf: 'ALLOW' }, Governance });

  await qs.updateCustomPermissions({ ...named(name), Capabilities: { ExportToPdf: 'DENY' } });
  assert.deepEqual(await read(name), {
    Arn: profileArn(name),
    CustomPermissionsName: name,
    Capabilities: { ExportToPdf: 'DENY' },
  });

  await qs.updateCustomPermissions({ ...named(name), Governance });
  const replaced = await read(name);
  assert.deepEqual(replaced.Capabilities ?? {}, {});
  assert.deepEqual(replaced.Governance, Governance);
});

test('a name that is taken is ResourceExistsException, and the first profile stays', async () => {
  const name = await profile({ Capabilities: { ExportToCsv: 'DENY' } });
  await refused(qs.createCustomPermissions(named(name)), ResourceExistsException, 409);
  assert.deepEqual((await read(name)).Capabilities, { ExportToCsv: 'DENY' });
});

for (const [operation, call] of Object.entries({
  DescribeCustomPermissions: (name) => qs.describeCustomPermissions(name),
  UpdateCustomPermissions: (name) => qs.updateCustomPermissions(name),
  DeleteCustomPermissions: (name) => qs.deleteCustomPermissions(name),
})) {
  test(`${operation} of a profile that is not there is ResourceNotFoundException`, () =>
    refused(call(named('nothing')), ResourceNotFoundException, 404));
}

test('the paginator sees each profile once, as described', async () => {
  const names = [await profile(), await profile({ Capabilities: { ExportToCsv: 'DENY' } }), await profile()];
  const seen = [];
  for await (const page of paginateListCustomPermissions({ client: qs, pageSize: 1 }, { ...account })) {
    answered(page, 200);
    assert.ok(page.CustomPermissionsList.length <= 1);
    seen.push(...page.CustomPermissionsList.filter((entry) => names.includes(entry.CustomPermissionsName)));
  }
  const byName = Object.fromEntries(seen.map((entry) => [entry.CustomPermissionsName, entry]));
  assert.equal(seen.length, names.length);
  for (const name of names) assert.deepEqual(byName[name], await read(name));
});

for (const MaxResults of [0, 101]) {
  test(`ListCustomPermissions with MaxResults ${MaxResults} is refused`, () =>
    invalid(qs.listCustomPermissions({ ...account, MaxResults }), 'MaxResults'));
}

test('ListCustomPermissions with a token it did not give is InvalidParameterValueException', async () => {
  await register(native());
  await register(native());
  const { NextToken } = await qs.listUsers({ ...here, MaxResults: 1 });
  await invalid(qs.listCustomPermissions({ ...account, NextToken }));
  await invalid(qs.listCustomPermissions({ ...account, NextToken: 'garbage' }));
});

for (const [outcome, member, fields] of [
  ['no name', 'CustomPermissionsName', { CustomPermissionsName: undefined }],
  ['an empty name', 'CustomPermissionsName', { CustomPermissionsName: '' }],
  ['a blank in the name', 'CustomPermissionsName', { CustomPermissionsName: 'a b' }],
  ['a slash in the name', 'CustomPermissionsName', { CustomPermissionsName: 'a/b' }],
  ['a name of 65 characters', 'CustomPermissionsName', { CustomPermissionsName: 'p'.repeat(65) }],
  ['an unknown state', 'ExportToCsv', { Capabilities: { ExportToCsv: 'MAYBE' } }],
  ['an unknown effect', 'Governance', { Governance: { DefaultCategoryEffects: { AI: 'ALLOW' } } }],
  ['a category of 129 characters', 'Governance', {
    Governance: { DefaultCategoryEffects: { ['c'.repeat(129)]: 'DENY_BY_DEFAULT' } },
  }],
  ['an empty list of tags', 'Tags', { Tags: [] }],
]) {
  test(`CreateCustomPermissions with ${outcome} is refused, naming ${member}`, () =>
    invalid(qs.createCustomPermissions({ ...named(unique('profile')), ...fields }), member));
}

test('UpdateCustomPermissions with an unknown state is refused and changes nothing', async () => {
  const name = await profile({ Capabilities: { ExportToCsv: 'DENY' } });
  await invalid(qs.updateCustomPermissions({ ...named(name), Capabilities: { ExportToPdf: 'MAYBE' } }), 'ExportToPdf');
  assert.deepEqual((await read(name)).Capabilities, { ExportToCsv: 'DENY' });
});

test('a name of 64 characters is accepted', async () => {
  const name = unique('p').padEnd(64, '_');
  answered(await qs.createCustomPermissions({ ...named(name), Tags: [{ Key: 'team', Value: 'hr' }] }), 200);
  assert.equal((await read(name)).Arn, profileArn(name));
});

// Profiles of users

test('a profile given at registration is answered with the user, and none with users without one', async () => {
  const CustomPermissionsName = await profile();
  const user = await register(native({ CustomPermissionsName }));
  assert.equal(user.CustomPermissionsName, CustomPermissionsName);
  assert.deepEqual(await describe(user.UserName), user);
  assert.ok(!('CustomPermissionsName' in await register(native())));
});

test('an update keeps, replaces and unapplies the profile', async () => {
  const [first, second] = [await profile(), await profile()];
  const plain = await register(native());
  const user = await update(plain, { CustomPermissionsName: first });
  assert.deepEqual(user, { ...plain, CustomPermissionsName: first });
  assert.deepEqual(await update(user, { Email: 'new@example.com' }), { ...user, Email: 'new@example.com' });
  assert.deepEqual(await update(user, { CustomPermissionsName: second }), { ...user, CustomPermissionsName: second });
  assert.deepEqual(await update(user, { UnapplyCustomPermissions: true }), plain);
  assert.deepEqual(await update(user, { UnapplyCustomPermissions: true }), plain, 'without a profile it is harmless');
  assert.deepEqual(await describe(user.UserName), plain);
});

test('registering with an unknown profile is ResourceNotFoundException and leaves no user behind', async () => {
  const input = native({ CustomPermissionsName: unique('nothing') });
  await refused(qs.registerUser(input), ResourceNotFoundException, 404);
  await refused(describe(input.UserName), ResourceNotFoundException, 404, { ResourceType: 'USER' });
});

test('updating to an unknown profile is ResourceNotFoundException and changes nothing', async () => {
  const user = await register(native({ CustomPermissionsName: await profile() }));
  const change = { Email: 'new@example.com', CustomPermissionsName: unique('nothing') };
  await refused(update(user, change), ResourceNotFoundException, 404);
  assert.deepEqual(await describe(user.UserName), user);
});

test('UnapplyCustomPermissions takes only true, and no profile beside it', async () => {
  const name = await profile();
  const user = await register(native({ CustomPermissionsName: name }));
  await invalid(update(user, { UnapplyCustomPermissions: false }), 'UnapplyCustomPermissions');
  await invalid(update(user, { UnapplyCustomPermissions: true, CustomPermissionsName: name }));
  assert.deepEqual(await describe(user.UserName), user);
});

test('a profile in use is ConflictException to delete, until its last user lets it go', async () => {
  const name = await profile();
  const first = await register(native({ CustomPermissionsName: name }));
  const second = await register(native({ CustomPermissionsName: name }));
  await refused(qs.deleteCustomPermissions(named(name)), ConflictException, 409);
  await update(first, { UnapplyCustomPermissions: true });
  await refused(qs.deleteCustomPermissions(named(name)), ConflictException, 409);
  await qs.deleteUser({ ...here, UserName: second.UserName });
  answered(await qs.deleteCustomPermissions(named(name)), 200);
});
