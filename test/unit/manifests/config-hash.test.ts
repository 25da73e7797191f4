import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  configHashAnnotation,
  hashConfigs,
  readsFrom,
  saltAnnotation,
  saltSecrets,
} from '../../../src/manifests/config-hash.ts';
import { configReferences, podTemplateOf } from '../../../src/manifests/pod-template.ts';
import { at, type JsonObject } from '../../../src/model/json.ts';
import { manifest } from './helpers.ts';

/** Everything that a pod can read a ConfigMap or Secret by. */
const readings: Readonly<Record<string, JsonObject>> = {
  'env from a key': {
    containers: [{ name: 'c', env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'config', key: 'used' } } }] }],
  },
  'an init container': {
    initContainers: [
      { name: 'i', env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'config', key: 'used' } } }] },
    ],
    containers: [{ name: 'c' }],
  },
  'a volume with items': {
    volumes: [{ name: 'v', configMap: { name: 'config', items: [{ key: 'used', path: 'x' }] } }],
  },
  'a projected volume with items': {
    volumes: [
      { name: 'v', projected: { sources: [{ configMap: { name: 'config', items: [{ key: 'used', path: 'x' }] } }] } },
    ],
  },
  envFrom: { containers: [{ name: 'c', envFrom: [{ configMapRef: { name: 'config' } }] }] },
  'a volume': { volumes: [{ name: 'v', configMap: { name: 'config' } }] },
  'a projected volume': { volumes: [{ name: 'v', projected: { sources: [{ configMap: { name: 'config' } }] } }] },
};
const whole = new Set(['envFrom', 'a volume', 'a projected volume']);

const secretReadings: Readonly<Record<string, JsonObject>> = {
  'env from a key': {
    containers: [{ name: 'c', env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'secret', key: 'used' } } }] }],
  },
  envFrom: { containers: [{ name: 'c', envFrom: [{ secretRef: { name: 'secret' } }] }] },
  'a volume': { volumes: [{ name: 'v', secret: { secretName: 'secret' } }] },
  'a projected volume': { volumes: [{ name: 'v', projected: { sources: [{ secret: { name: 'secret' } }] } }] },
};

const config = (data: JsonObject, name = 'config', namespace = 'n'): JsonObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace },
  data,
});
const secret = (data: JsonObject, salt = 'salt'): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'secret', namespace: 'n', annotations: { [saltAnnotation]: salt } },
  data,
});

function workload(podSpec: JsonObject, kind = 'Deployment'): JsonObject {
  return {
    apiVersion: kind === 'Job' || kind === 'CronJob' ? 'batch/v1' : 'apps/v1',
    kind,
    metadata: { name: 'w', namespace: 'n' },
    spec:
      kind === 'CronJob' ? { jobTemplate: { spec: { template: { spec: podSpec } } } } : { template: { spec: podSpec } },
  };
}

function hashOf(podSpec: JsonObject, sources: readonly JsonObject[], kind = 'Deployment'): unknown {
  const [hashed] = hashConfigs([workload(podSpec, kind), ...sources].map((body) => manifest(body)));
  return at(hashed?.body, 'spec', 'template', 'metadata', 'annotations', configHashAnnotation);
}

for (const [name, podSpec] of Object.entries(readings)) {
  test(`a ConfigMap by ${name}: only keys that are read count`, () => {
    const before = hashOf(podSpec, [config({ used: '1', other: '1' })]);
    assert.match(String(before), /^[0-9a-f]{16}$/);
    assert.equal(hashOf(podSpec, [config({ other: '1', used: '1' })]), before, 'the order of keys says nothing');
    assert.notEqual(hashOf(podSpec, [config({ used: '2', other: '1' })]), before);
    const otherChanged = hashOf(podSpec, [config({ used: '1', other: '2' })]);
    const otherAdded = hashOf(podSpec, [config({ used: '1', other: '1', more: '1' })]);
    if (whole.has(name)) {
      assert.notEqual(otherChanged, before);
      assert.notEqual(otherAdded, before);
    } else {
      assert.equal(otherChanged, before);
      assert.equal(otherAdded, before);
    }
    assert.notEqual(hashOf(podSpec, [config({ other: '1' })]), before, 'a key that goes counts');
  });
}

for (const [name, podSpec] of Object.entries(secretReadings)) {
  test(`a Secret by ${name}: values and salt count`, () => {
    const before = hashOf(podSpec, [secret({ used: 'MQ==' })]);
    assert.match(String(before), /^[0-9a-f]{16}$/);
    assert.equal(hashOf(podSpec, [secret({ used: 'MQ==' })]), before);
    assert.notEqual(hashOf(podSpec, [secret({ used: 'Mg==' })]), before);
    assert.notEqual(hashOf(podSpec, [secret({ used: 'MQ==' }, 'other salt')]), before);
  });
}

test('binaryData counts', () => {
  const podSpec = readings['a volume'] ?? {};
  const withBinary = (text: string): JsonObject => ({ ...config({}), binaryData: { blob: text } });
  assert.notEqual(hashOf(podSpec, [withBinary('AA==')]), hashOf(podSpec, [withBinary('AQ==')]));
});

test('nothing is stamped where none of the manifests is read', () => {
  const podSpec = readings.envFrom ?? {};
  assert.equal(hashOf(podSpec, []), undefined);
  assert.equal(hashOf(podSpec, [config({ used: '1' }, 'another')]), undefined);
  assert.equal(hashOf(podSpec, [config({ used: '1' }, 'config', 'another-namespace')]), undefined);
  assert.equal(hashOf({ containers: [{ name: 'c' }] }, [config({ used: '1' })]), undefined);
});

for (const [kind, stamps] of [
  ['Deployment', true],
  ['StatefulSet', true],
  ['DaemonSet', true],
  ['Job', false],
  ['CronJob', false],
  ['ReplicaSet', false],
] as const) {
  test(`the template of a ${kind} is ${stamps ? '' : 'not '}stamped`, () => {
    const [hashed] = hashConfigs([manifest(workload(readings.envFrom ?? {}, kind)), manifest(config({ used: '1' }))]);
    assert.equal(JSON.stringify(hashed?.body).includes(configHashAnnotation), stamps);
  });
}

test('other annotations and labels of the template stay', () => {
  const metadata = { labels: { app: 'w' }, annotations: { a: 'b' } };
  const body = { ...workload({}), spec: { replicas: 2, template: { metadata, spec: readings.envFrom } } };
  const [hashed] = hashConfigs([manifest(body), manifest(config({ used: '1' }))]);
  const hash = at(hashed?.body, 'spec', 'template', 'metadata', 'annotations', configHashAnnotation);
  assert.deepEqual(at(hashed?.body, 'spec'), {
    replicas: 2,
    template: {
      metadata: { labels: { app: 'w' }, annotations: { a: 'b', [configHashAnnotation]: hash } },
      spec: readings.envFrom,
    },
  });
});

test('saltSecrets gives Secrets their salt and leaves the rest', () => {
  const bare = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', annotations: { a: 'b' } } };
  const salted = saltSecrets(
    [manifest(bare), manifest(config({}))],
    ({ metadata }) => `salt of ${String(metadata.name)}`,
  );
  assert.deepEqual(
    salted.map(({ body }) => body.metadata.annotations),
    [{ a: 'b', [saltAnnotation]: 'salt of s' }, undefined],
  );
});

test('readsFrom: what a workload reads, in its namespace', () => {
  const configs = [config({}), config({}, 'other'), config({}, 'config', 'elsewhere'), secret({})].map((object) =>
    manifest(object),
  );
  const { body } = manifest(
    workload({
      containers: [{ name: 'c', envFrom: [{ configMapRef: { name: 'config' } }, { secretRef: { name: 'secret' } }] }],
    }),
  );
  assert.deepEqual(
    configs.map((other) => readsFrom(body, other.body)),
    [['all'], [], [], ['all']],
  );
});

test('configReferences: merged per object, keys sorted, all beats some, stable order', () => {
  const env = (kind: 'configMapKeyRef' | 'secretKeyRef', name: string, key: string): JsonObject => ({
    name: 'X',
    valueFrom: { [kind]: { name, key } },
  });
  const template = {
    spec: {
      initContainers: [{ env: [env('configMapKeyRef', 'b', 'z')] }],
      containers: [
        {
          env: [
            env('secretKeyRef', 'b', 'k'),
            env('configMapKeyRef', 'b', 'a'),
            env('configMapKeyRef', 'b', 'z'),
            env('configMapKeyRef', 'a', 'x'),
            { name: 'PLAIN', value: 'v' },
            { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
          ],
          envFrom: [{ prefix: 'P_', configMapRef: { name: 'a' } }],
        },
      ],
      volumes: [
        { name: 'e', emptyDir: {} },
        { name: 'p', persistentVolumeClaim: { claimName: 'c' } },
      ],
    },
  };
  assert.deepEqual(configReferences(template), [
    { kind: 'ConfigMap', name: 'a', keys: 'all' },
    { kind: 'ConfigMap', name: 'b', keys: ['a', 'z'] },
    { kind: 'Secret', name: 'b', keys: ['k'] },
  ]);
  assert.deepEqual(configReferences({}), []);
});

test('podTemplateOf knows where each kind has its template', () => {
  const template = { spec: {} };
  for (const kind of ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job', 'CronJob']) {
    assert.deepEqual(podTemplateOf(manifest(workload({}, kind)).body), template, kind);
  }
  assert.equal(podTemplateOf(manifest({ ...config({}), spec: { template } }).body), undefined);
  assert.equal(podTemplateOf(manifest({ ...workload({}), apiVersion: 'example.com/v1' }).body), undefined);
});
