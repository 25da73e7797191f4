import assert from 'node:assert/strict';
import { test } from 'node:test';
import { handOverNeed, handOverPatch, isTakenOver } from '../../../src/deploy/hand-over.ts';
import { at, type Json, type JsonObject } from '../../../src/model/json.ts';
import type { KubernetesObject } from '../../../src/model/object.ts';
import { entry, live } from './helpers.ts';

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';
const status = entry('kube-controller-manager', { 'f:status': { 'f:replicas': {} } }, { subresource: 'status' });
const ours = (fields: JsonObject): JsonObject =>
  entry('oms-deploy', fields, { operation: 'Apply', time: '2026-01-01T00:00:00Z' });

function deployment(entries: readonly JsonObject[], annotations?: JsonObject): KubernetesObject {
  return live({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: 'web',
      resourceVersion: '77',
      managedFields: [...entries],
      ...(annotations === undefined ? {} : { annotations }),
    },
    spec: { replicas: 4 },
  });
}

/** name, entries, scaled by an HPA, managers that are adopted, replicas are released (undefined: no need). */
const needs: readonly (readonly [string, readonly JsonObject[], boolean, readonly string[], boolean | undefined])[] = [
  [
    'kubectl apply',
    [entry('kubectl-client-side-apply', { 'f:spec': { 'f:paused': {} } })],
    false,
    ['kubectl-client-side-apply'],
    false,
  ],
  [
    'kubectl apply --server-side',
    [entry('kubectl', { 'f:spec': {} }, { operation: 'Apply' })],
    false,
    ['kubectl'],
    false,
  ],
  ['kubectl create', [entry('kubectl-create', { 'f:spec': {} })], false, ['kubectl-create'], false],
  ['kubectl replace', [entry('kubectl-replace', { 'f:spec': {} })], false, ['kubectl-replace'], false],
  ['kubectl edit is kept', [entry('kubectl-edit', { 'f:spec': {} })], false, [], undefined],
  ['kubectl rollout restart is kept', [entry('kubectl-rollout', { 'f:spec': {} })], false, [], undefined],
  [
    'kubectl scale is kept',
    [entry('kubectl', { 'f:spec': { 'f:replicas': {} } }, { subresource: 'scale' })],
    true,
    [],
    undefined,
  ],
  ['another tool', [entry('helm', { 'f:spec': { 'f:replicas': {} } })], true, [], undefined],
  ['ours alone', [ours({ 'f:spec': { 'f:paused': {} } }), status], false, [], undefined],
  ['replicas are ours, but no HPA scales', [ours({ 'f:spec': { 'f:replicas': {} } })], false, [], undefined],
  ['replicas are ours and an HPA scales', [ours({ 'f:spec': { 'f:replicas': {} } })], true, [], true],
  [
    'replicas come with what is adopted and an HPA scales',
    [entry('kubectl-client-side-apply', { 'f:spec': { 'f:replicas': {} } })],
    true,
    ['kubectl-client-side-apply'],
    true,
  ],
  ['an HPA scales, but replicas are not ours', [ours({ 'f:spec': { 'f:paused': {} } })], true, [], undefined],
  ['no entries', [], true, [], undefined],
];

for (const [name, entries, scaled, adopted, releases] of needs) {
  test(`handOverNeed: ${name}`, () => {
    const need = handOverNeed(deployment(entries), scaled);
    if (releases === undefined) return assert.equal(need, undefined);
    assert.deepEqual(
      need?.adopted.map(({ manager }) => manager),
      adopted,
    );
    assert.equal(need?.releasesReplicas, releases);
  });
}

function patchOf(object: KubernetesObject, scaled = false): readonly Json[] {
  const need = handOverNeed(object, scaled);
  assert.ok(need);
  return handOverPatch(object, need);
}

test('kubectl apply: its entry becomes ours, and its record goes, with the entry for it', () => {
  const fields = {
    'f:metadata': { 'f:annotations': { '.': {}, 'f:x': {}, [`f:${lastApplied}`]: {} } },
    'f:spec': { 'f:paused': {} },
  };
  const kubectl = entry('kubectl-client-side-apply', fields, { time: '2026-01-01T00:00:00Z' });
  const patch = patchOf(deployment([kubectl, status], { [lastApplied]: '{}', x: 'y' }));
  assert.deepEqual(patch, [
    { op: 'test', path: '/metadata/resourceVersion', value: '77' },
    {
      op: 'replace',
      path: '/metadata/managedFields',
      value: [
        {
          ...kubectl,
          manager: 'oms-deploy',
          operation: 'Apply',
          fieldsV1: { 'f:metadata': { 'f:annotations': { '.': {}, 'f:x': {} } }, 'f:spec': { 'f:paused': {} } },
        },
        status,
      ],
    },
    { op: 'remove', path: '/metadata/annotations/kubectl.kubernetes.io~1last-applied-configuration' },
  ]);
});

test('without the record there is nothing to remove', () => {
  const patch = patchOf(deployment([entry('kubectl-create', { 'f:spec': {} })], { x: 'y' }));
  assert.deepEqual(
    patch.map((operation) => at(operation, 'op')),
    ['test', 'replace'],
  );
});

test('our own entry takes in the others; entries of others stay in their order', () => {
  const edit = entry('kubectl-edit', { 'f:spec': { 'f:paused': {} } });
  const patch = patchOf(
    deployment([
      edit,
      entry('kubectl-client-side-apply', { 'f:spec': { 'f:a': {} } }),
      ours({ 'f:spec': { 'f:b': {} } }),
      entry('kubectl', { 'f:spec': { 'f:c': {} } }, { operation: 'Apply', apiVersion: 'apps/v1beta2' }),
      status,
    ]),
  );
  assert.deepEqual(at(patch[1], 'value'), [ours({ 'f:spec': { 'f:a': {}, 'f:b': {}, 'f:c': {} } }), edit, status]);
});

test("replicas are released: the field is nobody's, its value is not touched", () => {
  const patch = patchOf(deployment([ours({ 'f:spec': { 'f:replicas': {}, 'f:paused': {} } }), status]), true);
  assert.deepEqual(at(patch[1], 'value'), [ours({ 'f:spec': { 'f:paused': {} } }), status]);
  assert.equal(patch.length, 2);
});

test('replicas stay ours where no HPA scales', () => {
  const patch = patchOf(deployment([entry('kubectl-client-side-apply', { 'f:spec': { 'f:replicas': {} } })]));
  assert.match(JSON.stringify(patch), /f:replicas/);
});

test('our entry for a subresource is not taken for the one of our apply', () => {
  const scale = entry('oms-deploy', { 'f:spec': { 'f:replicas': {} } }, { operation: 'Apply', subresource: 'scale' });
  assert.equal(handOverNeed(deployment([scale]), true), undefined);
});

for (const [manager, taken] of [
  ['kubectl', true],
  ['kubectl-client-side-apply', true],
  ['kubectl-edit', true],
  ['oms-deploy', true],
  ['kubectlish', false],
  ['helm', false],
  ['argocd-controller', false],
  ['', false],
] as const) {
  test(`isTakenOver ${manager}: ${taken}`, () => assert.equal(isTakenOver(manager), taken));
}
