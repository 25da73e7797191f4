import { fieldManager } from '../cluster/cluster.ts';
import { fieldPath, type Path } from '../model/field-path.ts';
import { arrayOf, isObject, type Json, type JsonObject, objectOf, stringOf } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';

/** One entry of `metadata.managedFields`: who owns which fields, and by which operation. */
export interface ManagedFields {
  readonly manager: string;
  readonly operation: string;
  readonly apiVersion: string;
  readonly subresource: string;
  readonly fields: JsonObject;
  readonly raw: JsonObject;
}

/** The owners of an object's fields. */
export function managedFieldsOf(object: KubernetesObject): readonly ManagedFields[] {
  return arrayOf(object.metadata.managedFields)
    .filter(isObject)
    .map((raw) => ({
      manager: stringOf(raw.manager) ?? '',
      operation: stringOf(raw.operation) ?? '',
      apiVersion: stringOf(raw.apiVersion) ?? '',
      subresource: stringOf(raw.subresource) ?? '',
      fields: objectOf(raw.fieldsV1),
      raw,
    }));
}

/** Whether an entry is that of what we have applied, as against single patches. */
export function isOwnApply({ manager, operation, subresource }: ManagedFields): boolean {
  return manager === fieldManager && operation === 'Apply' && subresource === '';
}

/** Whether a FieldsV1 set holds a field, by its steps: `hasField(set, 'f:spec', 'f:replicas')`. */
export function hasField(set: JsonObject, ...steps: readonly string[]): boolean {
  let here: Json | undefined = set;
  for (const step of steps) {
    if (!isObject(here) || !(step in here)) return false;
    here = here[step];
  }
  return true;
}

/** The set without one field; parents that become empty go, too. */
export function withoutField(set: JsonObject, ...steps: readonly string[]): JsonObject {
  const [step, ...rest] = steps;
  if (step === undefined || !(step in set)) return set;
  const { [step]: inner, ...others } = set;
  if (rest.length === 0) return others;
  const left = withoutField(objectOf(inner), ...rest);
  return Object.keys(left).length === 0 ? others : { ...others, [step]: left };
}

/** Both sets together. */
export function unionFields(a: JsonObject, b: JsonObject): JsonObject {
  const union: Record<string, Json | undefined> = { ...a };
  for (const [step, inner] of Object.entries(b)) {
    union[step] = step in a ? unionFields(objectOf(a[step]), objectOf(inner)) : inner;
  }
  return union;
}

/**
 * A copy of `value` without the fields that `owned` has and none of `kept` has: what server-side apply removes
 * when an owner stops naming them. FieldsV1: `f:name` a field, `k:{...}` a list item by its keys, `v:...` a set item.
 */
export function withoutOwned(value: Json, owned: JsonObject, kept: readonly JsonObject[]): Json {
  if (Array.isArray(value)) return removeItems(value as readonly Json[], owned, kept);
  if (!isObject(value)) return value;
  const result: Record<string, Json | undefined> = { ...value };
  for (const [step, inner] of Object.entries(owned)) {
    if (!step.startsWith('f:')) continue;
    const name = step.slice(2);
    const child = result[name];
    if (child === undefined) continue;
    const keptInner = kept.flatMap((set) => (step in set ? [objectOf(set[step])] : []));
    if (keptInner.length === 0) delete result[name];
    else result[name] = withoutOwned(child, objectOf(inner), keptInner);
  }
  return result;
}

function removeItems(items: readonly Json[], owned: JsonObject, kept: readonly JsonObject[]): Json {
  const stepOf = stepsOfItems(owned);
  return items.flatMap((item) => {
    const step = stepOf(item);
    if (step === undefined) return [item];
    const keptInner = kept.flatMap((set) => (step in set ? [objectOf(set[step])] : []));
    return keptInner.length === 0 ? [] : [withoutOwned(item, objectOf(owned[step]), keptInner)];
  });
}

/** Finds the step of a list's item in a set: `k:{"name":"app"}` by its keys, `v:"a"` by its value. */
export function stepsOfItems(set: JsonObject): (item: Json) => string | undefined {
  const keyed = Object.keys(set)
    .filter((step) => step.startsWith('k:'))
    .map((step) => [step, keysIn(step)] as const);
  return (item) => {
    const value = `v:${JSON.stringify(item)}`;
    return keyed.find(([, keys]) => hasKeys(item, keys))?.[0] ?? (value in set ? value : undefined);
  };
}

function matchesItem(step: string, item: Json): boolean {
  if (step.startsWith('v:')) return step.slice(2) === JSON.stringify(item);
  return step.startsWith('k:') && hasKeys(item, keysIn(step));
}

function keysIn(step: string): JsonObject {
  return objectOf(JSON.parse(step.slice(2)));
}

function hasKeys(item: Json, keys: JsonObject): boolean {
  return isObject(item) && Object.entries(keys).every(([key, value]) => item[key] === value);
}

/**
 * The paths of the fields that a set holds, in the words of an object's differences; those of lists by the object's
 * items. What the set has and the object hasn't is left out.
 */
export function ownedPaths(object: Json, fields: JsonObject): readonly string[] {
  return pathsOf(object, object, fields, []);
}

function pathsOf(root: Json, value: Json, fields: JsonObject, steps: Path): readonly string[] {
  const inner = Object.entries(fields).flatMap(([step, set]): readonly string[] => {
    const key = keyOf(value, step);
    const child = key === undefined ? undefined : childOf(value, key);
    return key === undefined || child === undefined ? [] : pathsOf(root, child, objectOf(set), [...steps, key]);
  });
  return Object.keys(fields).some((step) => step !== '.') ? inner : [fieldPath(root, steps)];
}

function keyOf(value: Json, step: string): string | number | undefined {
  if (step.startsWith('f:')) return step.slice(2);
  if (!Array.isArray(value)) return undefined;
  const index = (value as readonly Json[]).findIndex((item) => matchesItem(step, item));
  return index < 0 ? undefined : index;
}

function childOf(value: Json, key: string | number): Json | undefined {
  if (Array.isArray(value)) return (value as readonly Json[])[Number(key)];
  return isObject(value) ? value[key] : undefined;
}

/**
 * Puts back what was taken out of `before` where the server would set it by itself: where `fresh`, the same manifest as a
 * new object, has the field. List items are matched by name, else by position.
 */
export function withDefaults(after: Json, before: Json, fresh: Json): Json {
  if (isObject(after) && isObject(before) && isObject(fresh)) {
    const result: Record<string, Json | undefined> = { ...after };
    for (const [name, value] of Object.entries(before)) {
      const set = fresh[name];
      if (value === undefined || set === undefined || name === 'metadata') continue;
      const left = after[name];
      result[name] = left === undefined ? set : withDefaults(left, value, set);
    }
    return result;
  }
  if (!Array.isArray(after) || !Array.isArray(before) || !Array.isArray(fresh)) return after;
  const [olds, news] = [before as readonly Json[], fresh as readonly Json[]];
  return (after as readonly Json[]).map((item, index) =>
    withDefaults(item, counterpart(item, index, olds), counterpart(item, index, news)),
  );
}

function counterpart(item: Json, index: number, items: readonly Json[]): Json {
  const name = isObject(item) ? item.name : undefined;
  const match = name === undefined ? items[index] : items.find((other) => isObject(other) && other.name === name);
  return match ?? null;
}
