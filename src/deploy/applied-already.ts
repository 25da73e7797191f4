import { isDeepStrictEqual } from 'node:util';
import { isObject, type Json, type JsonObject } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';
import { isOwnApply, managedFieldsOf, stepsOfItems } from './managed-fields.ts';

/**
 * Whether an apply of `manifest` would leave the object as it is, beyond doubt: we have applied exactly these fields, and
 * each still has the value that we want. Server-side apply then has nothing to merge, to take over or to remove, so the
 * server needn't be asked. False wherever that isn't plain (a value that the server writes otherwise, defaults within
 * what it keeps whole, another order): then a dry run tells.
 * https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy
 */
export function isAppliedAlready(manifest: KubernetesObject, live: KubernetesObject): boolean {
  if (live.metadata.deletionTimestamp !== undefined) return false;
  const [entry, ...others] = managedFieldsOf(live).filter(isOwnApply);
  if (entry === undefined || others.length > 0 || entry.apiVersion !== manifest.apiVersion) return false;
  return holds(entry.fields, withoutIdentity(manifest), live);
}

/** What names an object is owned by nobody. */
function withoutIdentity(manifest: KubernetesObject): JsonObject {
  const { apiVersion: _, kind: __, metadata, ...rest } = manifest;
  const { name: ___, namespace: ____, ...said } = metadata;
  return Object.keys(said).length === 0 ? rest : { ...rest, metadata: said };
}

/** Whether the owned fields (FieldsV1) are those of the wanted value, no more and no fewer, and live has them as wanted. */
function holds(owned: JsonObject, wanted: Json | undefined, live: Json | undefined): boolean {
  const steps = Object.keys(owned).filter((step) => step !== '.');
  // A leaf: what has no parts, or is kept whole.
  if (steps.length === 0) return isPlain(wanted) && isDeepStrictEqual(wanted, live);
  if (isObject(wanted)) return isObject(live) && fieldsHold(owned, steps, wanted, live);
  return Array.isArray(wanted) && Array.isArray(live) && itemsHold(owned, steps, wanted, live);
}

/** An absent value, or one with null within, isn't what the server keeps. */
function isPlain(value: Json | undefined): boolean {
  if (value === undefined || value === null) return false;
  if (typeof value !== 'object') return true;
  return Object.values(value).every(isPlain);
}

function fieldsHold(owned: JsonObject, steps: readonly string[], wanted: JsonObject, live: JsonObject): boolean {
  if (Object.keys(wanted).length !== steps.length) return false;
  return steps.every((step) => {
    const name = step.slice(2);
    const inner = owned[step];
    return step.startsWith('f:') && name in wanted && isObject(inner) && holds(inner, wanted[name], live[name]);
  });
}

/** Items that have keys, or are members of a set: a live one has all its keys, defaults too. An order of another is a change, and so is an item of somebody else. */
function itemsHold(
  owned: JsonObject,
  steps: readonly string[],
  wanted: readonly Json[],
  live: readonly Json[],
): boolean {
  if (wanted.length !== steps.length || live.length !== steps.length) return false;
  const stepOf = stepsOfItems(owned);
  return live.every((item, index) => {
    const step = stepOf(item);
    const inner = step === undefined ? undefined : owned[step];
    return isObject(inner) && holds(inner, wanted[index], item);
  });
}
