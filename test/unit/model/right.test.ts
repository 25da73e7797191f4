import assert from 'node:assert/strict';
import { test } from 'node:test';
import { distinctRights, formatRight, rightRefused } from '../../../src/model/right.ts';

const base = { verb: 'get', group: '', resource: 'configmaps', namespace: 'shop', names: [] };

test('a right as people read it', () => {
  const cases = [
    [base, 'get configmaps in namespace shop'],
    [{ ...base, group: 'apps', resource: 'deployments' }, 'get deployments.apps in namespace shop'],
    [{ ...base, resource: 'pods/log' }, 'get pods/log in namespace shop'],
    [{ verb: 'create', group: '', resource: 'namespaces' }, 'create namespaces in the whole cluster'],
  ] as const;
  for (const [right, text] of cases) assert.equal(formatRight(right), text);
});

test('a right once, with all names; needed for any object it has none', () => {
  const [one, ...others] = distinctRights([
    { ...base, names: ['a'] },
    { ...base, names: ['b', 'a'] },
  ]);
  assert.deepEqual([one?.names, others], [['a', 'b'], []]);
  assert.deepEqual(distinctRights([{ ...base, names: ['a'] }, base])[0]?.names, []);
});

test('what the API server refuses is read as the same text', () => {
  const user = 'User "arn:aws:sts::1:assumed-role/ci/x"';
  const inside = `deployments.apps "web" is forbidden: ${user} cannot patch resource "deployments" in API group "apps" in the namespace "shop"`;
  assert.equal(rightRefused(inside), 'patch deployments.apps in namespace shop');
  const outside = `nodes is forbidden: ${user} cannot list resource "nodes" in API group "" at the cluster scope`;
  assert.equal(rightRefused(outside), 'list nodes in the whole cluster');
  assert.equal(rightRefused('admission webhook "x" denied the request: cannot create such things'), undefined);
});
