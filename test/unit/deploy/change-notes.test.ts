import assert from 'node:assert/strict';
import { test } from 'node:test';
import { updateNotes, withRestarts } from '../../../src/deploy/change-notes.ts';
import { configHashAnnotation } from '../../../src/manifests/config-hash.ts';
import type { JsonObject } from '../../../src/model/json.ts';
import type { Change, ChangeOp, FieldChange } from '../../../src/model/plan.ts';
import { manifest } from '../manifests/helpers.ts';
import { live } from './helpers.ts';

function change(op: ChangeOp, body: JsonObject, fields: readonly FieldChange[] = [], status?: JsonObject): Change {
  const made = manifest(body);
  const current = status === undefined ? {} : { live: live({ ...body, status }) };
  return { op, manifest: made, fields, wave: 4, notes: ['an earlier note'], handOver: false, force: false, ...current };
}

const meta = (name: string): JsonObject => ({ name, namespace: 'n' });
const config = (name: string): JsonObject => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: meta(name) });
const secret: JsonObject = { apiVersion: 'v1', kind: 'Secret', metadata: meta('creds') };
const workload = (kind = 'Deployment'): JsonObject => ({
  apiVersion: kind === 'Job' ? 'batch/v1' : 'apps/v1',
  kind,
  metadata: meta('web'),
  spec: {
    template: {
      spec: {
        containers: [
          {
            envFrom: [
              { configMapRef: { name: 'app' } },
              { configMapRef: { name: 'other' } },
              { secretRef: { name: 'creds' } },
            ],
          },
        ],
      },
    },
  },
});

const hash: FieldChange = {
  path: `spec.template.metadata.annotations[${configHashAnnotation}]`,
  before: 'a',
  after: 'b',
};
const firstHash: FieldChange = { path: 'spec.template.metadata.annotations', after: { [configHashAnnotation]: 'b' } };
const image: FieldChange = { path: 'spec.template.spec.containers[c].image', before: '1', after: '2' };
const data = (key: string): FieldChange => ({ path: `data.${key}`, before: 'x', after: 'y' });
const scale: FieldChange = { path: 'spec.replicas', before: 1, after: 2 };

function notesOf(changes: readonly Change[]): { notes: readonly string[]; fields: readonly FieldChange[] } {
  const { notes = [], fields = [] } = withRestarts(changes).find(({ manifest }) => manifest.ref.name === 'web') ?? {};
  return { notes, fields };
}

test('a change of the template restarts all pods', () => {
  const { notes, fields } = notesOf([change('update', workload(), [image, scale], { replicas: 3 })]);
  assert.deepEqual(notes, ['restarts 3 pods', 'an earlier note']);
  assert.deepEqual(fields, [image, scale]);
});

test('only what changed among what is read is named, and the hash is not shown', () => {
  const { notes, fields } = notesOf([
    change('update', config('app'), [data('level')]),
    change('unchanged', config('other')),
    change('update', config('unread'), [data('level')]),
    change('create', secret),
    change('update', workload(), [hash], { replicas: 1 }),
  ]);
  assert.deepEqual(notes, ['restarts 1 pod: reads ConfigMap app, Secret creds', 'an earlier note']);
  assert.deepEqual(fields, []);
});

test('the first hash of all is the annotations as a whole', () => {
  const { notes, fields } = notesOf([
    change('update', config('app'), [data('level')]),
    change('update', workload(), [firstHash], { replicas: 2 }),
  ]);
  assert.deepEqual(notes, ['restarts 2 pods: reads ConfigMap app', 'an earlier note']);
  assert.deepEqual(fields, []);
});

test('where more than the hash changes, what is read is not the reason', () => {
  const changes = [
    change('update', config('app'), [data('level')]),
    change('update', workload(), [hash, image], { replicas: 2 }),
  ];
  assert.deepEqual(notesOf(changes), { notes: ['restarts 2 pods', 'an earlier note'], fields: [image] });
  const annotations = { path: 'spec.template.metadata.annotations', after: { a: 'b', [configHashAnnotation]: 'c' } };
  const more = [
    change('update', config('app'), [data('level')]),
    change('update', workload(), [annotations], { replicas: 2 }),
  ];
  assert.deepEqual(notesOf(more), { notes: ['restarts 2 pods', 'an earlier note'], fields: [annotations] });
});

test('a hash alone, where nothing that is read changed, names no reason', () => {
  const { notes } = notesOf([
    change('unchanged', config('app')),
    change('update', workload(), [hash], { replicas: 2 }),
  ]);
  assert.deepEqual(notes, ['restarts 2 pods', 'an earlier note']);
});

test('a DaemonSet counts its nodes; no pods, no restart', () => {
  const daemonSet = notesOf([change('update', workload('DaemonSet'), [image], { currentNumberScheduled: 4 })]);
  assert.deepEqual(daemonSet.notes, ['restarts 4 pods', 'an earlier note']);
  assert.deepEqual(notesOf([change('update', workload(), [image], {})]).notes, [
    'changes its pod template',
    'an earlier note',
  ]);
});

test('no note where the template stays, or pods do not restart', () => {
  for (const changes of [
    [change('update', workload(), [scale], { replicas: 3 })],
    [change('create', workload())],
    [change('update', workload('Job'), [image], { replicas: 3 })],
  ]) {
    assert.deepEqual(notesOf(changes), { notes: ['an earlier note'], fields: changes[0]?.fields });
  }
});

test('updateNotes', () => {
  const current = live({ ...workload(), spec: { replicas: 5 } });
  assert.deepEqual(updateNotes({ live: current, takenFrom: [], adopts: false }), []);
  assert.deepEqual(
    updateNotes({
      live: current,
      takenFrom: ['helm', 'argocd'],
      adopts: true,
      hpa: { name: 'web-hpa', minReplicas: 2 },
    }),
    ['replicas: left to HPA web-hpa (now 5)', 'takes over what kubectl applied', 'takes over fields of helm, argocd'],
  );
});

test('a ConfigMap of which only an unread key changed is no reason', () => {
  const keyed = (name: string, key: string): JsonObject => ({ valueFrom: { configMapKeyRef: { name, key } } });
  const body = {
    ...workload(),
    spec: { template: { spec: { containers: [{ env: [keyed('app', 'level'), keyed('other', 'host.name')] }] } } },
  };
  const dotted: FieldChange = { path: 'data[host.name]', before: 'x', after: 'y' };
  const { notes } = notesOf([
    change('update', config('app'), [data('color')]),
    change('update', config('other'), [dotted]),
    change('update', body, [hash], { replicas: 2 }),
  ]);
  assert.deepEqual(notes, ['restarts 2 pods: reads ConfigMap other', 'an earlier note']);
});
