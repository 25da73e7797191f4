import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseWorkload, rollsOut, workloadName } from '../../../src/deploy/workload-name.ts';
import { DeployError } from '../../../src/errors.ts';
import type { ObjectRef } from '../../../src/model/object.ts';

function ref(kind: string, name: string, namespace = 'shop'): ObjectRef {
  return { apiVersion: 'apps/v1', kind, namespace, name };
}

const there = [
  ref('Deployment', 'web'),
  ref('StatefulSet', 'db'),
  ref('DaemonSet', 'agent'),
  ref('Deployment', 'cache'),
  ref('StatefulSet', 'cache'),
  ref('Deployment', 'web', 'elsewhere'),
  ref('Deployment', 'far', 'elsewhere'),
];

function choose(text: string): string {
  const { kind, namespace = '', name } = chooseWorkload(text, there, 'shop', 'release 3 of shop');
  return `${kind} ${namespace}/${name}`;
}

const names: readonly (readonly [string, string])[] = [
  ['web', 'Deployment shop/web'],
  ['deployment/web', 'Deployment shop/web'],
  ['Deployment/web', 'Deployment shop/web'],
  ['deployments/web', 'Deployment shop/web'],
  ['deployment.apps/web', 'Deployment shop/web'],
  ['deploy/web', 'Deployment shop/web'],
  ['sts/db', 'StatefulSet shop/db'],
  ['statefulset/cache', 'StatefulSet shop/cache'],
  ['ds/agent', 'DaemonSet shop/agent'],
  ['far', 'Deployment elsewhere/far'],
];

for (const [text, expected] of names) test(`the workload ${text}`, () => assert.equal(choose(text), expected));

const wrong: readonly (readonly [string, RegExp, RegExp])[] = [
  ['cache', /not clear/, /deployment\/cache or statefulset\/cache/],
  ['wbe', /no workload wbe in release 3 of shop/, /Did you mean .*web\?/],
  ['deployment/db', /no workload deployment\/db/, /Did you mean statefulset\/db\?/],
  ['something-else', /no workload/, /oms-deploy status/],
  ['job/web', /"job" is no kind that rolls out/, /Deployment, StatefulSet, DaemonSet/],
  ['/web', /"" is no kind/, /deployment\/web/],
];

for (const [text, message, fix] of wrong) {
  test(`no workload: ${text}`, () => {
    assert.throws(
      () => choose(text),
      (error) => {
        assert.ok(error instanceof DeployError && error.code === 'usage');
        assert.match(error.message, message);
        assert.match(error.fix ?? '', fix);
        return true;
      },
    );
  });
}

test('what there is is named, and none at all is said', () => {
  assert.throws(() => choose('wbe'), { why: /There are daemonset\/agent, deployment\/cache, .*statefulset\/db/ });
  assert.throws(() => chooseWorkload('web', [], 'shop', 'the namespace shop'), { why: 'There is none at all.' });
});

test('what rolls out, and its name', () => {
  assert.equal(rollsOut({ apiVersion: 'apps/v1', kind: 'Deployment' }), true);
  assert.equal(rollsOut({ apiVersion: 'apps/v1', kind: 'ReplicaSet' }), false);
  assert.equal(rollsOut({ apiVersion: 'batch/v1', kind: 'Job' }), false);
  assert.equal(rollsOut({ apiVersion: 'example.com/v1', kind: 'Deployment' }), false);
  assert.equal(workloadName(ref('StatefulSet', 'db')), 'statefulset/db');
});
