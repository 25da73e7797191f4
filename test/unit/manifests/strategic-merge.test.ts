import assert from 'node:assert/strict';
import { test } from 'node:test';
import { strategicMerge } from '../../../src/manifests/strategic-merge.ts';
import type { JsonObject } from '../../../src/model/json.ts';
import { isKubernetesObject } from '../../../src/model/object.ts';
import { mergeCases } from '../../support/strategic-merges.ts';

/** What a patch makes of the spec of an object. */
function merged(kind: string, apiVersion: string, spec: JsonObject, patch: JsonObject): unknown {
  const object = { apiVersion, kind, metadata: { name: 'x' }, spec };
  assert.ok(isKubernetesObject(object));
  const result = strategicMerge(object, { spec: patch });
  assert.deepEqual(result?.metadata, { name: 'x' });
  return result?.spec;
}

for (const { name, kind: [kind, apiVersion] = ['Deployment', 'apps/v1'], base, patch, expected } of mergeCases)
  test(`strategic merge: ${name}`, () => assert.deepEqual(merged(kind, apiVersion, base, patch), expected));

test('an object whose patch says so is left out', () => {
  const object = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'x' } };
  assert.ok(isKubernetesObject(object));
  assert.equal(strategicMerge(object, { $patch: 'delete' }), undefined);
});
