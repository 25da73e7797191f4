import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scaleTargetOf, stampManifests, workloadKey } from '../../../src/manifests/stamp.ts';
import { at } from '../../../src/model/json.ts';
import type { Manifest } from '../../../src/model/manifest.ts';
import { manifest, manifestsIn } from './helpers.ts';

function stamp(
  manifests: readonly Manifest[],
  namespace = 'target',
  labels: Readonly<Record<string, string>> = {},
): readonly Manifest[] {
  return stampManifests(manifests, {
    application: 'shop',
    namespace,
    writtenFor: ['shop-home'],
    labels,
    isNamespaced: ({ ref }) => ref.kind !== 'ClusterRole' && ref.kind !== 'Namespace',
  });
}

function stamped(body: Readonly<Record<string, unknown>>): Manifest {
  const [result] = stamp([manifest(body)]);
  assert.ok(result);
  return result;
}

const namespaces: readonly (readonly [string, string, string | undefined, string | undefined])[] = [
  ['none becomes the target', 'ConfigMap', undefined, 'target'],
  ["the configuration's moves along", 'ConfigMap', 'shop-home', 'target'],
  ['another one stays', 'ConfigMap', 'kube-system', 'kube-system'],
  ['a cluster-scoped object gets none', 'ClusterRole', undefined, undefined],
  ['a cluster-scoped object loses one', 'ClusterRole', 'shop-home', undefined],
];

for (const [name, kind, namespace, expected] of namespaces) {
  test(`namespace: ${name}`, () => {
    const metadata = namespace === undefined ? { name: 'a' } : { name: 'a', namespace };
    const { body, ref } = stamped({ apiVersion: 'v1', kind, metadata });
    assert.equal(body.metadata.namespace, expected);
    assert.equal('namespace' in body.metadata, expected !== undefined);
    assert.equal(ref.namespace, expected);
  });
}

test('the namespace that the manifests were written for becomes the target; another one keeps its name', () => {
  const names = ['shop-home', 'other'].map(
    (name) => stamped({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }).ref.name,
  );
  assert.deepEqual(names, ['target', 'other']);
});

test('labels: ours are added, those of the manifest win, but managed-by is always us', () => {
  assert.deepEqual(stamped({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' } }).body.metadata.labels, {
    'app.kubernetes.io/name': 'web',
    'app.kubernetes.io/part-of': 'shop',
    'app.kubernetes.io/managed-by': 'oms-deploy',
  });
  const labels = { app: 'front', 'app.kubernetes.io/part-of': 'mine', 'app.kubernetes.io/managed-by': 'helm', x: 'y' };
  assert.deepEqual(
    stamped({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', labels } }).body.metadata.labels,
    {
      ...labels,
      'app.kubernetes.io/name': 'front',
      'app.kubernetes.io/managed-by': 'oms-deploy',
    },
  );
});

test('pod templates and selectors get no labels: a selector is immutable', () => {
  const spec = { selector: { matchLabels: { app: 'a' } }, template: { metadata: { labels: { app: 'a' } } } };
  assert.deepEqual(
    stamped({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'a' }, spec }).body.spec,
    spec,
  );
});

test('stringData becomes data, and wins over it', () => {
  const { body } = stamped({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 's' },
    data: { kept: 'a2VwdA==', both: 'b2xk' },
    stringData: { both: 'new', text: 'é\n', empty: '' },
  });
  assert.deepEqual(body.data, { kept: 'a2VwdA==', both: 'bmV3', text: 'w6kK', empty: '' });
  assert.equal('stringData' in body, false);
});

test('stringData of other kinds is left alone', () => {
  const { body } = stamped({ apiVersion: 'x.io/v1', kind: 'Widget', metadata: { name: 'w' }, stringData: { a: 'b' } });
  assert.deepEqual(body.stringData, { a: 'b' });
});

function workload(name: string, namespace = '', kind = 'Deployment'): string {
  const where = namespace === '' ? '' : `, namespace: ${namespace}`;
  return `apiVersion: apps/v1\nkind: ${kind}\nmetadata: {name: ${name}${where}}\nspec: {replicas: 3, paused: false}\n`;
}

function hpa(target: string, apiVersion = 'autoscaling/v2', namespace = ''): string {
  const where = namespace === '' ? '' : `, namespace: ${namespace}`;
  return `apiVersion: ${apiVersion}\nkind: HorizontalPodAutoscaler\nmetadata: {name: h${where}}\nspec: {scaleTargetRef: ${target}}\n`;
}

const scaled: readonly (readonly [string, string, string, boolean])[] = [
  ['the workload it names', workload('web'), hpa('{apiVersion: apps/v1, kind: Deployment, name: web}'), true],
  ['without apiVersion', workload('web'), hpa('{kind: Deployment, name: web}'), true],
  [
    'autoscaling/v1',
    workload('web'),
    hpa('{apiVersion: apps/v1, kind: Deployment, name: web}', 'autoscaling/v1'),
    true,
  ],
  [
    'a StatefulSet',
    workload('web', '', 'StatefulSet'),
    hpa('{apiVersion: apps/v1, kind: StatefulSet, name: web}'),
    true,
  ],
  [
    'both moved along with the namespace',
    workload('web', 'shop-home'),
    hpa('{apiVersion: apps/v1, kind: Deployment, name: web}'),
    true,
  ],
  ['another name', workload('web'), hpa('{apiVersion: apps/v1, kind: Deployment, name: webs}'), false],
  ['another kind', workload('web'), hpa('{apiVersion: apps/v1, kind: StatefulSet, name: web}'), false],
  [
    'another namespace',
    workload('web'),
    hpa('{apiVersion: apps/v1, kind: Deployment, name: web}', 'autoscaling/v2', 'elsewhere'),
    false,
  ],
  ['an HPA of another group', workload('web'), hpa('{kind: Deployment, name: web}', 'example.com/v1'), false],
];

for (const [name, target, scaler, goes] of scaled) {
  test(`replicas beside an HPA: ${name}`, () => {
    const [web] = stamp(manifestsIn(`${target}---\n${scaler}`));
    assert.deepEqual(web?.body.spec, goes ? { paused: false } : { replicas: 3, paused: false });
  });
}

test('an HPA and its target have the same key, whatever the versions', () => {
  const [web, scaler] = manifestsIn(
    `${workload('web', 'n')}---\n${hpa('{apiVersion: apps/v1beta1, kind: Deployment, name: web}', 'autoscaling/v2', 'n')}`,
  );
  assert.ok(web && scaler);
  assert.equal(scaleTargetOf(scaler.body), workloadKey(web.body));
  assert.equal(scaleTargetOf(web.body), undefined);
});

test('the manifests that went in are not changed', () => {
  const before = manifestsIn(`${workload('web')}---\n${hpa('{kind: Deployment, name: web}')}`);
  const copy = structuredClone(before.map(({ body }) => body));
  stamp(before);
  assert.deepEqual(
    before.map(({ body }) => body),
    copy,
  );
});

test('labels of the configuration go on objects and their pods, and never over what a manifest says', () => {
  const body = {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'c', labels: { team: 'own' } },
    spec: { jobTemplate: { spec: { template: { metadata: { labels: { app: 'c' } }, spec: {} } } } },
  };
  const [cron, map] = stamp(
    [manifest(body), manifest({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'm' } })],
    'target',
    { team: 'trading', app: 'x' },
  );
  assert.deepEqual([cron?.body.metadata.labels?.team, cron?.body.metadata.labels?.app], ['own', 'x']);
  const template = at(cron?.body, 'spec', 'jobTemplate', 'spec', 'template', 'metadata', 'labels');
  assert.deepEqual(template, { team: 'trading', app: 'c' });
  assert.equal(map?.body.metadata.labels?.team, 'trading');
});
