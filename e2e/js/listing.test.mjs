import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InvalidNextTokenException, paginateListUsers } from '@aws-sdk/client-quicksight';
import { account, answered, here, invalid, native, qs, refused, register, unique } from './rollcall.mjs';

// One user more than fits on a page; in sequence, because lists come in the order of creation.
const users = [];
for (let i = 0; i < 101; i++) users.push(await register(native()));
const ours = new Set(users.map(({ UserName }) => UserName));

for (const pageSize of [7, 100]) {
  test(`the paginator with pages of ${pageSize} sees each user once, in order of creation`, async () => {
    const seen = [];
    for await (const page of paginateListUsers({ client: qs, pageSize }, { ...here })) {
      answered(page, 200);
      assert.ok(page.UserList.length <= pageSize);
      seen.push(...page.UserList);
    }
    assert.deepEqual(seen.filter(({ UserName }) => ours.has(UserName)), users);
  });
}

test('a page has 100 users when nothing else is asked for', async () => {
  const page = await qs.listUsers(here);
  assert.equal(page.UserList.length, 100);
  assert.ok(page.NextToken);
});

for (const MaxResults of [1, 2, 99, 100]) {
  test(`a page of ${MaxResults} has ${MaxResults} users and a token`, async () => {
    const page = await qs.listUsers({ ...here, MaxResults });
    assert.equal(page.UserList.length, MaxResults);
    assert.ok(page.NextToken);
  });
}

for (const MaxResults of [-1, 0, 101]) {
  test(`MaxResults ${MaxResults} is refused`, () => invalid(qs.listUsers({ ...here, MaxResults }), 'MaxResults'));
}

test('the last page has no token', async () => {
  let last;
  for await (const page of paginateListUsers({ client: qs, pageSize: 100 }, { ...here })) last = page;
  assert.ok(!('NextToken' in last));
});

test('a token of another list is InvalidNextTokenException', async () => {
  for (const CustomPermissionsName of [unique('profile'), unique('profile')]) {
    await qs.createCustomPermissions({ ...account, CustomPermissionsName });
  }
  const { NextToken } = await qs.listCustomPermissions({ ...account, MaxResults: 1 });
  await refused(qs.listUsers({ ...here, NextToken }), InvalidNextTokenException, 400);
});

test('a token that was made up or altered is InvalidNextTokenException', async () => {
  const { NextToken } = await qs.listUsers({ ...here, MaxResults: 1 });
  for (const token of ['garbage', `${NextToken}x`, NextToken.slice(1), NextToken.slice(0, -4)]) {
    await refused(qs.listUsers({ ...here, NextToken: token }), InvalidNextTokenException, 400);
  }
});
