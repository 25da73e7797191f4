import assert from 'node:assert/strict';
import { test } from 'node:test';
import { strategicMerge } from '../../../src/manifests/strategic-merge.ts';
import type { JsonObject } from '../../../src/model/json.ts';
import { isKubernetesObject } from '../../../src/model/object.ts';
import { mergeCases, refusedPatches, refusingBase } from '../../support/strategic-merges.ts';

/** What a patch makes of the spec of an object. */
function merged(kind: string, apiVersion: string, spec: JsonObject, patch: JsonObject): unknown {
  const object = { apiVersion, kind, metadata: { name: 'x' }, spec };
  assert.ok(isKubernetesObject(object));
  const result = strategicMerge(object, { spec: patch });
  assert.deepEqual(
    result.mistakes.filter((mistake) => mistake.severity === 'error'),
    [],
  );
  assert.deepEqual(result.body?.metadata, { name: 'x' });
  return result.body.spec;
}

for (const { name, kind: [kind, apiVersion] = ['Deployment', 'apps/v1'], base, patch, expected } of mergeCases)
  test(`strategic merge: ${name}`, () => assert.deepEqual(merged(kind, apiVersion, base, patch), expected));

test('an object whose patch says so is left out', () => {
  const object = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'x' } };
  assert.ok(isKubernetesObject(object));
  assert.equal(strategicMerge(object, { $patch: 'delete' }).body, undefined);
});

for (const { name, patch } of refusedPatches)
  test(`strategic merge refuses: ${name}`, () => {
    const object = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'x' }, spec: refusingBase };
    assert.ok(isKubernetesObject(object));
    const { mistakes } = strategicMerge(object, { spec: patch });
    assert.deepEqual(
      mistakes.map(({ severity }) => severity),
      ['error'],
    );
  });
