import assert from 'node:assert/strict';
import { test } from 'node:test';
import { driftsOf } from '../../../src/deploy/drift.ts';
import { driftFindings } from '../../../src/deploy/drift-findings.ts';
import type { DriftedField } from '../../../src/model/drift.ts';
import type { JsonObject } from '../../../src/model/json.ts';
import { type KubernetesObject, refOf } from '../../../src/model/object.ts';
import type { Change, ChangeOp, Plan } from '../../../src/model/plan.ts';
import type { Release } from '../../../src/model/release.ts';
import { entry, live } from './helpers.ts';

const before = '2026-01-01T00:00:00Z';
const endedAt = '2026-01-02T00:00:00Z';
const after = '2026-01-03T00:00:00Z';
const nowMs = Date.parse('2026-01-03T01:00:00Z');
const origin = { file: 'k8s/app.yaml', line: 1 };

function releaseOf(...bodies: readonly KubernetesObject[]): Release {
  return {
    number: 4,
    status: 'deployed',
    action: 'up',
    startedAt: endedAt,
    endedAt,
    author: { user: 'kim', host: 'laptop' },
    toolVersion: '0.1.0',
    changes: { created: 0, updated: 0, unchanged: 0, deleted: 0 },
    application: 'shop',
    namespace: 'shop',
    target: { cluster: 'dev', server: 'https://dev.example' },
    inputs: [],
    objects: bodies.map((body) => ({ ref: refOf(body), body, origin, secretPaths: [] })),
    left: [],
    overrides: [],
    images: [],
    findings: [],
  };
}

function deployment(spec: JsonObject, metadata: JsonObject = {}): KubernetesObject {
  return live({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'cart', namespace: 'shop', ...metadata },
    spec,
  });
}

function inPod(container: JsonObject, annotations?: JsonObject): JsonObject {
  const metadata = annotations === undefined ? {} : { metadata: { annotations } };
  return { template: { ...metadata, spec: { containers: [{ name: 'cart', ...container }] } } };
}

/** What owns a field of the container, or of the template's annotations. */
function ofPod(fields: JsonObject, annotations?: JsonObject): JsonObject {
  const container = { 'k:{"name":"cart"}': { '.': {}, 'f:name': {}, ...fields } };
  const metadata = annotations === undefined ? {} : { 'f:metadata': { 'f:annotations': annotations } };
  return { 'f:spec': { 'f:template': { ...metadata, 'f:spec': { 'f:containers': container } } } };
}

function by(manager: string, time: string, fields: JsonObject, rest: JsonObject = {}): JsonObject {
  return entry(manager, fields, { time, ...rest });
}

const ours = (fields: JsonObject): JsonObject => by('oms-deploy', endedAt, fields, { operation: 'Apply' });

/** `.env[FOO] added, older, by kubectl-set`; of paths only what is in the container. */
function lineOf({ path, isAdded, isOlder, manager }: DriftedField): string {
  const short = path.replace('spec.template.spec.containers[cart]', '').replace('spec.template.metadata', '');
  return `${short} ${isAdded ? 'added' : 'changed'}${isOlder ? ', older' : ''}, by ${manager ?? 'nobody'}`;
}

function driftOf(recorded: KubernetesObject, now: KubernetesObject): readonly string[] {
  return driftsOf(releaseOf(recorded), () => now).flatMap(({ fields }) => fields.map(lineOf));
}

const env = [{ name: 'FOO', value: 'bar' }];
const ownsFoo = { 'f:env': { '.': {}, 'k:{"name":"FOO"}': { '.': {}, 'f:name': {}, 'f:value': {} } } };
const ownsArgs = { 'f:args': {} };
const restarted = 'kubectl.kubernetes.io/restartedAt';

/** name, recorded spec, live spec, owners, what is said. */
type Case = readonly [string, JsonObject, JsonObject, readonly JsonObject[], readonly string[]];

const cases: readonly Case[] = [
  [
    'added since',
    inPod({}),
    inPod({ env }),
    [by('kubectl-set', after, ofPod(ownsFoo))],
    ['.env[FOO] added, by kubectl-set'],
  ],
  [
    'added before the release',
    inPod({}),
    inPod({ env }),
    [by('kubectl-set', before, ofPod(ownsFoo))],
    ['.env[FOO] added, older, by kubectl-set'],
  ],
  [
    'by two hands: the last one is named, once',
    inPod({}),
    inPod({ env }),
    [by('kubectl-set', before, ofPod(ownsFoo)), by('kubectl-edit', after, ofPod(ownsFoo))],
    ['.env[FOO] added, by kubectl-edit'],
  ],
  ['by a controller', inPod({}), inPod({ env }), [by('injector', after, ofPod(ownsFoo))], []],
  [
    'by a tool that may be one, since',
    inPod({}),
    inPod({ env }),
    [by('rancher', after, ofPod(ownsFoo))],
    ['.env[FOO] added, by rancher'],
  ],
  ['by a tool that may be one, before', inPod({}), inPod({ env }), [by('rancher', before, ofPod(ownsFoo))], []],
  ['kubectl in the name of a controller', inPod({}), inPod({ env }), [by('kubectld', before, ofPod(ownsFoo))], []],
  [
    'with a controller that wants it, too',
    inPod({}),
    inPod({ image: 'cart:2' }),
    [by('kubectl-edit', after, ofPod({ 'f:image': {} })), by('operator', after, ofPod({ 'f:image': {} }))],
    [],
  ],
  [
    'an apply of kubectl is taken over, and goes',
    inPod({}),
    inPod({ env }),
    [by('kubectl-client-side-apply', after, ofPod(ownsFoo))],
    ['.env[FOO] changed, by kubectl-client-side-apply'],
  ],
  [
    'a part of a list that was applied as a whole comes back',
    inPod({ args: ['serve'] }),
    inPod({ args: ['serve', '--debug'] }),
    [ours(ofPod({})), by('kubectl-edit', after, ofPod(ownsArgs))],
    ['.args[1] changed, by kubectl-edit'],
  ],
  [
    'a whole list that was not asked for stays',
    inPod({}),
    inPod({ args: ['serve'] }),
    [by('kubectl-edit', after, ofPod(ownsArgs))],
    ['.args added, by kubectl-edit'],
  ],
  [
    'changed and removed',
    inPod({ image: 'cart:1', env }),
    inPod({ image: 'cart:2' }),
    [ours(ofPod({})), by('kubectl-set', after, ofPod({ 'f:image': {} }))],
    ['.env changed, by nobody', '.image changed, by kubectl-set'],
  ],
  [
    'a restart beside a note, on a template without annotations',
    inPod({}),
    inPod({}, { [restarted]: after, note: 'x' }),
    [by('kubectl-rollout', before, ofPod({}, { [`f:${restarted}`]: {}, 'f:note': {} }))],
    ['.annotations.note added, older, by kubectl-rollout'],
  ],
  [
    'of a map with defaults only what is by hand',
    { paused: false },
    { paused: false, strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 2, maxUnavailable: '25%' } } },
    [
      ours({ 'f:spec': { 'f:paused': {} } }),
      by('kubectl-edit', before, { 'f:spec': { 'f:strategy': { 'f:rollingUpdate': { 'f:maxSurge': {} } } } }),
    ],
    ['spec.strategy.rollingUpdate.maxSurge added, older, by kubectl-edit'],
  ],
  [
    'replicas that were left open',
    { paused: false },
    { paused: false, replicas: 5 },
    [
      ours({ 'f:spec': { 'f:paused': {} } }),
      by('kubectl-edit', after, { 'f:spec': { 'f:replicas': {} } }),
      entry('kubectl', { 'f:spec': { 'f:replicas': {} } }, { subresource: 'scale' }),
    ],
    [],
  ],
  [
    'a default that nobody has set, and a null',
    inPod({}),
    { ...inPod({ imagePullPolicy: 'Always' }), revisionHistoryLimit: 10, minReadySeconds: null },
    [by('kubectl-edit', before, { 'f:spec': { 'f:minReadySeconds': {} } })],
    [],
  ],
];

for (const [name, recorded, now, managedFields, wanted] of cases) {
  test(`drift: ${name}`, () => {
    assert.deepEqual(driftOf(deployment(recorded), deployment(now, { managedFields })), wanted);
  });
}

test('nothing that looks like a password is shown of what was added in a list or map of its own', () => {
  const body: JsonObject = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings', namespace: 'shop' } };
  const added = {
    ...body,
    metadata: {
      name: 'settings',
      namespace: 'shop',
      managedFields: [by('kubectl-edit', after, { 'f:data': { 'f:DB_PASSWORD': {}, 'f:mode': {} } })],
    },
    data: { DB_PASSWORD: 'hunter2', mode: 'fast' },
  };
  const [drift] = driftsOf(releaseOf(live(body)), () => live(added));
  assert.deepEqual(
    drift?.fields.map(({ path, after: value }) => [path, value]),
    [
      ['data.DB_PASSWORD', '****'],
      ['data.mode', 'fast'],
    ],
  );
});

function changeTo(body: KubernetesObject, op: ChangeOp, there: KubernetesObject): Change {
  const manifest = { ref: refOf(body), body, origin, lineOf: () => undefined };
  return { op, manifest, fields: [], wave: 1, notes: [], handOver: false, force: false, live: there };
}

function planOf(...changes: readonly Change[]): Plan {
  const target = {
    application: 'shop',
    cluster: 'dev',
    server: 'https://dev.example',
    connection: 'kubeconfig' as const,
    version: '1.36',
    namespace: 'shop',
    namespaceState: 'exists' as const,
  };
  return { target, waves: [{ number: 1, name: 'all', changes }], findings: [] };
}

function settings(data: JsonObject, managedFields: readonly JsonObject[] = []): KubernetesObject {
  return live({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'settings', namespace: 'shop', managedFields },
    data,
  });
}

function reader(kind: string, apiVersion: string, name: string): KubernetesObject {
  const template = { spec: { containers: [{ name, envFrom: [{ configMapRef: { name: 'settings' } }] }] } };
  const spec = kind === 'CronJob' ? { jobTemplate: { spec: { template } } } : { template };
  return live({ apiVersion, kind, metadata: { name, namespace: 'shop' }, spec });
}

test('what comes back and what stays are findings of their own, and each restart is a command', () => {
  const recorded = settings({ level: 'Information' });
  const fields = { 'f:data': { 'f:level': {}, 'f:X': {} } };
  const now = settings({ level: 'Debug', X: '1' }, [by('kubectl-edit', after, fields)]);
  const readers = [
    reader('Deployment', 'apps/v1', 'a'),
    reader('StatefulSet', 'apps/v1', 'b'),
    reader('CronJob', 'batch/v1', 'c'),
  ];
  const plan = planOf(changeTo(recorded, 'update', now), ...readers.map((one) => changeTo(one, 'unchanged', one)));
  const [changed, added, ...others] = driftFindings(releaseOf(recorded, ...readers), plan, nowMs);
  assert.deepEqual(others, []);
  assert.deepEqual([changed?.id, changed?.severity], ['drift/changed', 'warning']);
  assert.deepEqual(changed?.evidence, ['data.level: Information -> Debug, by kubectl-edit 60 min ago']);
  assert.equal(changed?.cause, 'ConfigMap shop/settings: a field was changed by hand since release 4.');
  assert.match(
    changed.fix,
    /comes back .*: oms-deploy rollout restart deployment\/a && oms-deploy rollout restart statefulset\/b\.$/,
  );
  assert.deepEqual([added?.id, added?.severity], ['drift/added', 'warning']);
  assert.deepEqual(added?.evidence, ['data.X: + 1, by kubectl-edit 60 min ago']);
  assert.equal(added?.cause, 'ConfigMap shop/settings: a field was added by hand, and no deploy takes it away.');
  assert.equal(added.fix, 'Remove it with kubectl edit configmap settings -n shop, or write it into the manifests.');
});

test('what was added before the release is a note that names it', () => {
  const recorded = settings({ level: 'Information' });
  const owned = by('kubectl-edit', before, { 'f:data': { 'f:X': {}, 'f:Y': {} } });
  const now = settings({ level: 'Information', X: '1', Y: '2' }, [ours({ 'f:data': { 'f:level': {} } }), owned]);
  const found = driftFindings(releaseOf(recorded), planOf(changeTo(recorded, 'unchanged', now)), nowMs);
  assert.deepEqual(
    found.map(({ severity, cause }) => [severity, cause]),
    [['info', 'ConfigMap shop/settings: 2 fields were added by hand, and no deploy takes them away: data.X, data.Y.']],
  );
});
