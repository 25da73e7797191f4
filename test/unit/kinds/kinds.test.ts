import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { kindOf, kinds, waveOf } from '../../../src/kinds/index.ts';
import { waveNames } from '../../../src/kinds/kind.ts';
import { isKubernetesObject, type KubernetesObject } from '../../../src/model/object.ts';
import type { Readiness } from '../../../src/model/readiness.ts';

const root = new URL('../../fixtures/kinds/', import.meta.url);

/** `StatefulSet` -> `stateful-set`. */
function folderOf(kind: string): string {
  return kind.replace(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
}

function readFixture(folder: string, file: string): KubernetesObject {
  const value: unknown = JSON.parse(readFileSync(new URL(`${folder}/${file}`, root), 'utf8'));
  assert.ok(isKubernetesObject(value), file);
  return value;
}

/** Nothing but missing pods can keep these from getting ready: their controllers never give up. */
const neverFails = new Set(['StatefulSet', 'DaemonSet']);

/** What each state must say, beyond the state in its file name. */
const whys: Readonly<Record<string, string>> = {
  'deployment/ready-paused': 'its rollout is paused',
  'deployment/progressing-new': 'the controller has not seen the change yet',
  'deployment/progressing-stale-generation': 'the controller has not seen the change yet',
  'deployment/progressing-stale-deadline': 'the controller has not seen the change yet',
  'deployment/progressing-updating': '2 of 3 pods updated',
  'deployment/progressing-old-pods': '1 old pods to end',
  'deployment/progressing-unready': '1 of 3 pods ready',
  'deployment/progressing-min-ready-seconds': '2 pods to stay ready for minReadySeconds',
  'deployment/failed-deadline':
    'no progress in 120 s (progressDeadlineSeconds): ReplicaSet "order-ingestion-7c9d" has timed out progressing.',
  'stateful-set/ready-on-delete': 'pods keep their old version until they are deleted (OnDelete)',
  'stateful-set/progressing-stale-generation': 'the controller has not seen the change yet',
  'stateful-set/progressing-updating': '2 of 3 pods updated',
  'stateful-set/progressing-partition': '0 of 1 pods updated',
  'stateful-set/progressing-unready': '2 of 3 pods ready',
  'stateful-set/progressing-on-delete-unready': '2 of 3 pods ready',
  'daemon-set/ready-on-delete': 'pods keep their old version until they are deleted (OnDelete)',
  'daemon-set/progressing-stale-generation': 'the controller has not seen the change yet',
  'daemon-set/progressing-new': 'the controller has not seen the change yet',
  'daemon-set/progressing-updating': '2 of 4 nodes updated',
  'daemon-set/progressing-unavailable': 'available on 3 of 4 nodes',
  'daemon-set/progressing-on-delete-unavailable': 'available on 3 of 4 nodes',
  'job/ready-suspended': 'it is suspended',
  'job/progressing-new': '0 of 1 completions',
  'job/progressing-running': '2 of 5 completions',
  'job/progressing-resumed': '0 of 1 completions',
  'job/progressing-failure-target': '0 of 1 completions',
  'job/failed-backoff-limit': 'BackoffLimitExceeded: Job has reached the specified backoff limit',
  'job/failed-deadline': 'DeadlineExceeded: Job was active longer than specified deadline',
};

const workloads = kinds.filter(({ assess }) => assess !== undefined);

test('the workloads', () => {
  assert.deepEqual(
    workloads.map(({ kind }) => kind),
    ['Deployment', 'StatefulSet', 'DaemonSet', 'Job'],
  );
});

for (const { kind, assess, count } of workloads) {
  const folder = folderOf(kind);
  const files = readdirSync(new URL(folder, root)).sort();

  test(`${kind} has fixtures of every state it can be in`, () => {
    const states = new Set(files.map((file) => file.split(/[-.]/)[0] ?? ''));
    const wanted = neverFails.has(kind) ? ['progressing', 'ready'] : ['failed', 'progressing', 'ready'];
    assert.deepEqual(states, new Set(wanted));
  });

  for (const file of files) {
    const name = `${folder}/${file.replace('.json', '')}`;
    test(name, () => {
      const live = readFixture(folder, file);
      assert.equal(live.kind, kind);
      const readiness: Readiness | undefined = assess?.(live);
      assert.equal(readiness?.state, file.split(/[-.]/)[0]);
      assert.equal(readiness?.why, whys[name]);
      if (readiness?.state === 'failed') assert.equal(readiness.certain, true);
    });
  }

  test(`${kind}: an object without a status is progressing, and counts nothing ready`, () => {
    const { status: _, ...bare } = readFixture(folder, 'ready.json');
    assert.ok(isKubernetesObject(bare));
    assert.equal(assess?.(bare).state, 'progressing');
    assert.equal(count?.(bare).ready, 0);
  });

  test(`${kind}: assess is pure`, () => {
    const live = readFixture(folder, 'ready.json');
    const copy = structuredClone(live);
    assert.deepEqual(assess?.(live), assess?.(live));
    assert.deepEqual(live, copy);
  });
}

test('every text that is expected belongs to a fixture', () => {
  const all = new Set(
    workloads.flatMap(({ kind }) =>
      readdirSync(new URL(folderOf(kind), root)).map((file) => `${folderOf(kind)}/${file.replace('.json', '')}`),
    ),
  );
  assert.deepEqual(
    Object.keys(whys).filter((name) => !all.has(name)),
    [],
  );
});

const counts: readonly (readonly [string, { desired: number; updated: number; ready: number }])[] = [
  ['deployment/progressing-updating', { desired: 3, updated: 2, ready: 3 }],
  ['deployment/ready-zero-replicas', { desired: 0, updated: 0, ready: 0 }],
  ['stateful-set/ready-partition', { desired: 3, updated: 1, ready: 3 }],
  ['daemon-set/progressing-updating', { desired: 4, updated: 2, ready: 4 }],
  ['job/progressing-running', { desired: 5, updated: 5, ready: 2 }],
];

for (const [name, expected] of counts) {
  test(`counts ${name}`, () => {
    const [folder = '', file = ''] = name.split('/');
    const live = readFixture(folder, `${file}.json`);
    assert.deepEqual(kindOf(live)?.count?.(live), expected);
  });
}

test('a Deployment without spec.replicas wants one pod', () => {
  const live = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'a' }, spec: {}, status: {} };
  assert.equal(kindOf(live)?.count?.(live).desired, 1);
  assert.equal(kindOf(live)?.assess?.(live).state, 'progressing');
});

test('a kind is listed once, and known in every version of its group only', () => {
  const names = kinds.map(({ group, kind }) => `${group}/${kind}`);
  assert.deepEqual(
    names.filter((name, index) => names.indexOf(name) !== index),
    [],
  );
  assert.equal(kindOf({ apiVersion: 'apps/v1beta2', kind: 'Deployment' })?.kind, 'Deployment');
  assert.equal(kindOf({ apiVersion: 'example.com/v1', kind: 'Deployment' }), undefined);
  assert.equal(kindOf({ apiVersion: 'v1', kind: 'Deployment' }), undefined);
});

/** What must be there before what needs it. */
const order: readonly (readonly [string, string])[] = [
  ['v1/Namespace', 'v1/ServiceAccount'],
  ['apiextensions.k8s.io/v1/CustomResourceDefinition', 'v1/ServiceAccount'],
  ['v1/ResourceQuota', 'v1/ConfigMap'],
  ['rbac.authorization.k8s.io/v1/RoleBinding', 'apps/v1/Deployment'],
  ['networking.k8s.io/v1/NetworkPolicy', 'apps/v1/Deployment'],
  ['v1/ServiceAccount', 'v1/Secret'],
  ['v1/ConfigMap', 'v1/Service'],
  ['external-secrets.io/v1/ExternalSecret', 'apps/v1/Deployment'],
  ['v1/Service', 'apps/v1/StatefulSet'],
  ['apps/v1/Deployment', 'autoscaling/v2/HorizontalPodAutoscaler'],
  ['apps/v1/Deployment', 'policy/v1/PodDisruptionBudget'],
  ['autoscaling/v2/HorizontalPodAutoscaler', 'networking.k8s.io/v1/Ingress'],
  ['policy/v1/PodDisruptionBudget', 'monitoring.coreos.com/v1/ServiceMonitor'],
];

function waveOfKind(name: string, annotations?: Readonly<Record<string, string>>): number {
  const [kind = '', ...apiVersion] = name.split('/').reverse();
  return waveOf({
    apiVersion: apiVersion.reverse().join('/'),
    kind,
    metadata: { name: 'a', ...(annotations === undefined ? {} : { annotations }) },
  });
}

for (const [first, then] of order) {
  test(`${first} comes before ${then}`, () => assert.ok(waveOfKind(first) < waveOfKind(then)));
}

test('every wave has a name', () => {
  for (const { kind, wave } of kinds) assert.ok(waveNames[wave] !== undefined, kind);
});

const annotated: readonly (readonly [string, number])[] = [
  ['0', 0],
  ['9', 9],
  ['42', 42],
  ['', 4],
  ['-1', 4],
  ['1.5', 4],
  ['100', 4],
  ['soon', 4],
];

for (const [text, wave] of annotated) {
  test(`the annotation oms-deploy.io/wave: ${JSON.stringify(text)} gives wave ${wave}`, () => {
    assert.equal(waveOfKind('apps/v1/Deployment', { 'oms-deploy.io/wave': text }), wave);
  });
}
