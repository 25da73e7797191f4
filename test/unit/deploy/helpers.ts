import assert from 'node:assert/strict';
import type { JsonObject } from '../../../src/model/json.ts';
import { isKubernetesObject, type KubernetesObject } from '../../../src/model/object.ts';

export function live(body: JsonObject): KubernetesObject {
  assert.ok(isKubernetesObject(body));
  return body;
}

/** An entry of `metadata.managedFields`. */
export function entry(manager: string, fieldsV1: JsonObject, rest: JsonObject = {}): JsonObject {
  return { manager, operation: 'Update', apiVersion: 'apps/v1', fieldsType: 'FieldsV1', fieldsV1, ...rest };
}
