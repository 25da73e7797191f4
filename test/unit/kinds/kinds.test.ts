import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse as parseYaml } from 'yaml';
import { kindOf, kinds, waveOf } from '../../../src/kinds/index.ts';
import { type Kind, waveNames } from '../../../src/kinds/kind.ts';
import { podSignals } from '../../../src/kinds/pods/index.ts';
import { remember } from '../../../src/kinds/pods/signal.ts';
import { arrayOf, objectOf } from '../../../src/model/json.ts';
import { isKubernetesObject, type KubernetesObject } from '../../../src/model/object.ts';
import type { Moment, Readiness } from '../../../src/model/readiness.ts';
import { timeMs, type World, worldOf } from '../../../src/model/world.ts';

const root = new URL('../../fixtures/kinds/', import.meta.url);

/** `StatefulSet` -> `stateful-set`. */
function folderOf(kind: string): string {
  return kind.replace(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
}

/** A state: a live object alone, or with what is known beside it. `now` and `since` are times of the API. */
interface Fixture {
  readonly live: KubernetesObject;
  readonly world: World;
  readonly moment: Moment;
}

function readFixture(folder: string, file: string): Fixture {
  const value: unknown = parseYaml(readFileSync(new URL(`${folder}/${file}`, root), 'utf8'));
  const whole = objectOf(value);
  const live = isKubernetesObject(value) ? value : whole.live;
  assert.ok(isKubernetesObject(live), file);
  const related = arrayOf(whole.related).map((object) => {
    assert.ok(isKubernetesObject(object), file);
    return object;
  });
  const sinceMs = timeMs(whole.since) ?? 0;
  return {
    live,
    world: worldOf([live, ...related], timeMs(whole.now) ?? sinceMs),
    moment: { sinceMs, isChanged: whole.changed !== false, sightings: new Map() },
  };
}

/** One look, as a wait does it: what shows is remembered, then judged. */
function assessFixture({ assess, pods }: Kind, { live, world, moment }: Fixture): Readiness | undefined {
  const signals = (pods?.(live, world) ?? []).flatMap((pod) => podSignals(pod, world, moment));
  return assess?.(live, world, { ...moment, sightings: remember(moment.sightings, signals, world.nowMs) });
}

/** These wait for ever, or only warn: nothing that their controllers say is a certain failure. */
const neverFails = new Set(['PodDisruptionBudget']);

/** What each state must say, beyond the state in its file name. */
const whys: Readonly<Record<string, string>> = {
  'deployment/ready-paused': 'its rollout is paused',
  'deployment/progressing-new': 'the controller has not seen the change yet',
  'deployment/progressing-stale-generation': 'the controller has not seen the change yet',
  'deployment/progressing-stale-deadline': 'the controller has not seen the change yet',
  'deployment/progressing-updating': '2 of 3 pods updated',
  'deployment/progressing-old-pods': '1 old pod to end',
  'deployment/progressing-unready': '1 of 3 pods ready',
  'deployment/progressing-min-ready-seconds': '2 pods to stay ready for minReadySeconds',
  'deployment/failed-deadline': 'no progress in 120 s (progressDeadlineSeconds)',
  'stateful-set/ready-on-delete': 'pods keep their old version until they are deleted (OnDelete)',
  'stateful-set/progressing-stale-generation': 'the controller has not seen the change yet',
  'stateful-set/progressing-updating': '2 of 3 pods updated',
  'stateful-set/progressing-pods-not-seen': '2 of 3 ready pods seen',
  'stateful-set/progressing-partition': '0 of 1 pods updated',
  'stateful-set/progressing-unready': '2 of 3 pods ready',
  'stateful-set/progressing-on-delete-unready': '2 of 3 pods ready',
  'daemon-set/ready-on-delete': 'pods keep their old version until they are deleted (OnDelete)',
  'daemon-set/progressing-stale-generation': 'the controller has not seen the change yet',
  'daemon-set/progressing-new': 'the controller has not seen the change yet',
  'daemon-set/progressing-updating': '2 of 4 nodes updated',
  'daemon-set/progressing-unavailable': 'available on 3 of 4 nodes',
  'daemon-set/progressing-pods-not-seen': '3 of 4 ready pods seen',
  'daemon-set/progressing-on-delete-unavailable': 'available on 3 of 4 nodes',
  'horizontal-pod-autoscaler/progressing-changed': 'its controller has not looked at the change yet',
  'ingress/progressing-changed': 'its controller has 5 s to refuse the change',
  'ingress/progressing-changed-refused':
    "changed: its controller can't build it: Failed build model due to couldn't auto-discover subnets",
  'ingress/failed-changed-refused':
    "its controller can't build it: Failed build model due to couldn't auto-discover subnets",
  'custom-resource-definition/progressing-changed': 'the controller has not seen the change yet',
  'external-secret/progressing-changed': 'the controller has not seen the change yet',
  'job/ready-suspended': 'it is suspended',
  'job/progressing-new': '0 of 1 completions',
  'job/progressing-running': '2 of 5 completions',
  'job/progressing-resumed': '0 of 1 completions',
  'job/failed-backoff-limit': 'BackoffLimitExceeded: Job has reached the specified backoff limit',
  'job/failed-deadline': 'DeadlineExceeded: Job was active longer than specified deadline',
  'deployment/failed-crash': 'the container ends with exit code 1',
  'deployment/failed-image-denied': 'the registry does not let the nodes pull registry.example.com/api:1.4.2',
  'deployment/failed-image-not-found': 'the image registry.example.com/api:1.4.2 does not exist',
  'deployment/failed-oom': 'the container is killed for using more memory than its limit of 64Mi',
  'deployment/failed-quota':
    'the ResourceQuota lets no more pods in: small, requested: pods=1, used: pods=2, limited: pods=2',
  'deployment/progressing-config-lag':
    '1 of 2 pods ready: its configuration is refused: failed to sync configmap cache: timed out waiting for the condition',
  'deployment/progressing-crash-other-codes': '1 of 2 pods ready: the container ends with exit code 1',
  'deployment/progressing-deadline-before-apply': '1 of 2 pods ready',
  'deployment/failed-crash-again': 'the container ends with exit code 1',
  'deployment/failed-image-tried-again': 'the image registry.example.com/api:1.4.2 does not exist',
  'deployment/failed-quota-again':
    'the ResourceQuota lets no more pods in: small, requested: pods=1, used: pods=2, limited: pods=2',
  'deployment/progressing-crash-before-wait': '1 of 2 pods ready: the container ends with exit code 1',
  'deployment/progressing-image-before-wait':
    '1 of 2 pods ready: the image registry.example.com/api:1.4.2 does not exist',
  'deployment/progressing-oom-after-crash':
    '1 of 2 pods ready: the container is killed for using more memory than its limit of 64Mi',
  'deployment/progressing-quota-before-wait':
    '1 of 2 pods ready: the ResourceQuota lets no more pods in: small, requested: pods=1, used: pods=2, limited: pods=2',
  'deployment/progressing-pods-not-seen': '2 of 3 ready pods seen',
  'deployment/progressing-recreate': '0 of 2 pods updated',
  'deployment/failed-recreate': 'the container ends with exit code 1',
  'deployment/progressing-third-run': '1 of 2 pods ready: the container ends with exit code 1',
  'deployment/progressing-image-denied':
    '1 of 2 pods ready: the registry does not let the nodes pull registry.example.com/api:1.4.2',
  'deployment/progressing-image-not-found':
    '1 of 2 pods ready: the image registry.example.com/api:1.4.2 does not exist',
  'deployment/progressing-image-trouble':
    "1 of 2 pods ready: the image registry.example.com/api:1.4.2 can't be pulled at the moment",
  'deployment/progressing-old-pods-crash': '1 of 2 pods ready',
  'deployment/progressing-one-restart': '1 of 2 pods ready: the container ends with exit code 1',
  'deployment/progressing-probe':
    '1 of 2 pods ready: its readiness probe (GET /ready on port 80) fails: HTTP probe failed with statuscode: 503',
  'deployment/progressing-quota':
    '1 of 2 pods ready: the ResourceQuota lets no more pods in: small, requested: pods=1, used: pods=2, limited: pods=2',
  'deployment/progressing-soak': 'to run 10 s without a restart',
  'deployment/ready-zero-replicas': 'zero replicas, as asked',
  'stateful-set/failed-image':
    'the image registry.example.com/api:1.4.2 is not on the node and imagePullPolicy is Never',
  'stateful-set/failed-quota':
    'the ResourceQuota lets no more pods in: small, requested: pods=1, used: pods=2, limited: pods=2',
  'stateful-set/progressing-refused-once': '1 of 2 pods updated',
  'stateful-set/progressing-old-revision-broken': '1 of 2 pods updated',
  'stateful-set/ready-zero-replicas': 'zero replicas, as asked',
  'daemon-set/failed-quota':
    'the ResourceQuota lets no more pods in: small, requested: pods=1, used: pods=2, limited: pods=2',
  'daemon-set/failed-start': 'the image registry.example.com/api:1.4.2 is not on the node and imagePullPolicy is Never',
  'daemon-set/ready-no-nodes': 'no node matches',
  'job/failed-failure-target': '3 of its pods failed, backoffLimit is 2',
  'pod/failed-ended': 'it has ended and is not started again',
  'pod/failed-image-name': 'registry.example.com/migrate:1.4.2 is no valid image name',
  'pod/failed-unschedulable': 'no node takes its pods: 0/3 nodes are available: 3 Insufficient cpu',
  'pod/progressing-soak': 'to run 10 s without a restart',
  'pod/progressing-unschedulable': 'not ready: no node takes its pods: 0/3 nodes are available: 3 Insufficient cpu',
  'pod/progressing-unschedulable-before-wait':
    'not ready: no node takes its pods: 0/3 nodes are available: 3 Insufficient cpu',
  'pod/ready-succeeded': 'it has ended well',
  'service/failed-selector': 'no pod has the labels that it selects: app=api',
  'service/progressing-drain': 'no ready endpoint',
  'service/progressing-replaced': 'no ready endpoint',
  'service/progressing-load-balancer': 'no load balancer address yet',
  'service/progressing-new': 'no ready endpoint: no pod has the labels that it selects: app=api',
  'service/progressing-unready': 'no ready endpoint',
  'service/ready-external-name': 'it only names another host',
  'service/ready-no-selector': 'it has no selector: its endpoints are made by others',
  'service/ready-zero-replicas': 'no endpoint: Deployment crypto-oms/api has zero replicas',
  'horizontal-pod-autoscaler/failed-no-target': `it can't scale its target: deployments.apps "apo" not found`,
  'horizontal-pod-autoscaler/progressing-new': 'its controller has not looked at it yet',
  'horizontal-pod-autoscaler/progressing-no-target': `it cannot scale: it can't scale its target: deployments.apps "apo" not found`,
  'horizontal-pod-autoscaler/progressing-no-target-before-wait': `it cannot scale: it can't scale its target: deployments.apps "apo" not found`,
  'horizontal-pod-autoscaler/ready-disabled': 'its target has zero replicas: scaling is off',
  'horizontal-pod-autoscaler/ready-new-target-there': 'its controller has not looked at it yet',
  'horizontal-pod-autoscaler/ready-no-figures': 'it has no figures yet',
  'ingress/failed-refused': "its controller can't build it: Failed build model due to couldn't auto-discover subnets",
  'ingress/progressing-building': 'no address yet',
  'ingress/progressing-new': 'no address yet',
  'ingress/progressing-refused':
    "no address yet: its controller can't build it: Failed build model due to couldn't auto-discover subnets",
  'ingress/progressing-unchanged-refused':
    "no address yet: its controller can't build it: Failed build model due to couldn't auto-discover subnets",
  'ingress/ready-no-controller': 'no address: no controller answers',
  'ingress/ready-unchanged-no-controller': 'no address: no controller answers',
  'ingress/ready-unchanged-silent': 'no address: its controller has published none',
  'ingress/progressing-unchanged-building': 'no address yet',
  'persistent-volume-claim/failed-lost': 'its volume is gone',
  'persistent-volume-claim/progressing-named-volume': 'not bound yet',
  'persistent-volume-claim/progressing-new': 'not bound yet',
  'persistent-volume-claim/progressing-provisioning':
    'not bound yet: no volume is made for it: storageclass.storage.k8s.io "gp3" not found',
  'persistent-volume-claim/ready-first-consumer-event':
    'it is bound when its first pod is scheduled (WaitForFirstConsumer)',
  'persistent-volume-claim/ready-first-consumer': 'it is bound when its first pod is scheduled (WaitForFirstConsumer)',
  'pod-disruption-budget/progressing-new': 'the controller has not seen the change yet',
  'pod-disruption-budget/ready-blocks': 'it allows no disruption',
  'custom-resource-definition/failed-names': '"orders" is already in use',
  'custom-resource-definition/progressing-new': 'not established yet',
  'external-secret/failed-error': "its secret can't be read: could not get secret data from provider",
  'external-secret/progressing-error':
    "not synchronized: its secret can't be read: could not get secret data from provider",
  'external-secret/progressing-new': 'not synchronized yet',
};

const judged = kinds.filter(({ assess }) => assess !== undefined);

test('the kinds that are judged', () => {
  assert.deepEqual(
    judged.map(({ kind }) => kind),
    [
      'Deployment',
      'StatefulSet',
      'DaemonSet',
      'Job',
      'Pod',
      'Service',
      'HorizontalPodAutoscaler',
      'Ingress',
      'PersistentVolumeClaim',
      'PodDisruptionBudget',
      'CustomResourceDefinition',
      'ExternalSecret',
    ],
  );
});

for (const kind of judged) {
  const folder = folderOf(kind.kind);
  const files = readdirSync(new URL(folder, root)).sort();

  test(`${kind.kind} has fixtures of every state it can be in`, () => {
    const states = new Set(files.map((file) => file.split(/[-.]/)[0] ?? ''));
    const wanted = neverFails.has(kind.kind) ? ['progressing', 'ready'] : ['failed', 'progressing', 'ready'];
    assert.deepEqual(states, new Set(wanted));
  });

  for (const file of files) {
    const name = `${folder}/${file.replace(/\.\w+$/, '')}`;
    test(name, () => {
      const fixture = readFixture(folder, file);
      assert.equal(fixture.live.kind, kind.kind);
      const readiness = assessFixture(kind, fixture);
      assert.equal(readiness?.state, file.split(/[-.]/)[0], readiness?.why);
      assert.equal(readiness?.why, whys[name]);
      if (readiness?.state !== 'failed') return;
      assert.ok(readiness.problems.length > 0);
      assert.ok(readiness.problems.every(({ certain, cause, fix }) => certain && cause !== '' && fix !== ''));
    });
  }

  test(`${kind.kind}: an object without a status is never failed, and counts nothing ready`, () => {
    const { live } = readFixture(folder, files.find((file) => file.startsWith('ready')) ?? '');
    const { status: _, ...bare } = live;
    assert.ok(isKubernetesObject(bare));
    assert.notEqual(
      kind.assess?.(bare, worldOf([bare], 0), { sinceMs: 0, isChanged: false, sightings: new Map() }).state,
      'failed',
    );
    if (kind.count !== undefined) assert.equal(kind.count(bare).ready, 0);
  });

  test(`${kind.kind}: assess is pure`, () => {
    const fixture = readFixture(folder, files[0] ?? '');
    const copy = structuredClone(fixture.live);
    assert.deepEqual(assessFixture(kind, fixture), assessFixture(kind, fixture));
    assert.deepEqual(fixture.live, copy);
  });
}

test('every text that is expected belongs to a fixture', () => {
  const all = new Set(
    judged.flatMap(({ kind }) =>
      readdirSync(new URL(folderOf(kind), root)).map((file) => `${folderOf(kind)}/${file.replace(/\.\w+$/, '')}`),
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
    const { live } = readFixture(folder, `${file}.json`);
    assert.deepEqual(kindOf(live)?.count?.(live), expected);
  });
}

test('a Deployment without spec.replicas wants one pod', () => {
  const live = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'a' }, spec: {}, status: {} };
  assert.equal(kindOf(live)?.count?.(live).desired, 1);
  const moment = { sinceMs: 0, isChanged: true, sightings: new Map() };
  assert.equal(kindOf(live)?.assess?.(live, worldOf([live], 0), moment).state, 'progressing');
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
