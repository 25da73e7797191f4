import { createHmac } from 'node:crypto';
import { saltAnnotation } from '../manifests/config-hash.ts';
import { byName, joinKey } from '../model/field-path.ts';
import { isObject, type Json, type JsonObject } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';
import type { FieldChange } from '../model/plan.ts';

/** Fields that the server keeps for itself: they say nothing about what was asked for. */
const serverFields: ReadonlySet<string> = new Set([
  'managedFields',
  'resourceVersion',
  'generation',
  'uid',
  'creationTimestamp',
  'selfLink',
]);

const bookkeeping: ReadonlySet<string> = new Set(['kubectl.kubernetes.io/last-applied-configuration', saltAnnotation]);

/** The fields that differ between two states of an object, sorted by path. Values of Secrets are fingerprints. */
export function diffObjects(before: KubernetesObject, after: KubernetesObject): readonly FieldChange[] {
  const fields = diff('', comparable(before), comparable(after));
  if (after.kind !== 'Secret') return fields;
  const salt = after.metadata.annotations?.[saltAnnotation] ?? before.metadata.annotations?.[saltAnnotation] ?? '';
  return fields.map((field) => (/^(data|stringData)\b/.test(field.path) ? fingerprinted(field, salt) : field));
}

function comparable(object: KubernetesObject): JsonObject {
  const { status: _, ...rest } = object;
  const metadata = Object.fromEntries(Object.entries(object.metadata).filter(([key]) => !serverFields.has(key)));
  const annotations = Object.fromEntries(
    Object.entries(object.metadata.annotations ?? {}).filter(([key]) => !bookkeeping.has(key)),
  );
  return { ...rest, metadata: { ...metadata, annotations } };
}

function diff(path: string, before: Json | undefined, after: Json | undefined): readonly FieldChange[] {
  if (isObject(before) && isObject(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
    return keys.flatMap((key) => diff(joinKey(path, key), before[key], after[key]));
  }
  if (Array.isArray(before) && Array.isArray(after))
    return diffLists(path, before as readonly Json[], after as readonly Json[]);
  if (before === after) return [];
  return [{ path, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) }];
}

/** Lists whose items have names are compared by name, as the API merges them; others by position. */
function diffLists(path: string, before: readonly Json[], after: readonly Json[]): readonly FieldChange[] {
  const [named, wanted] = [byName(before), byName(after)];
  if (named === undefined || wanted === undefined) {
    const length = Math.max(before.length, after.length);
    return Array.from({ length }, (_, index) => diff(`${path}[${index}]`, before[index], after[index])).flat();
  }
  const names = [...new Set([...named.keys(), ...wanted.keys()])];
  const items = names.flatMap((name) => diff(`${path}[${name}]`, named.get(name), wanted.get(name)));
  return [...items, ...orderChange(path, [...named.keys()], [...wanted.keys()])];
}

/** The order counts: an environment variable sees only those before it in `$(NAME)`, init containers run in turn. */
function orderChange(path: string, before: readonly string[], after: readonly string[]): readonly FieldChange[] {
  const stayed = before.filter((name) => after.includes(name));
  const isSame = after.filter((name) => before.includes(name)).every((name, index) => name === stayed[index]);
  return isSame ? [] : [{ path, before, after }];
}

function fingerprinted(field: FieldChange, salt: string): FieldChange {
  const mark = (value: Json): string =>
    `**** (${createHmac('sha256', salt).update(JSON.stringify(value)).digest('hex').slice(0, 8)})`;
  return {
    path: field.path,
    ...(field.before === undefined ? {} : { before: mark(field.before) }),
    ...(field.after === undefined ? {} : { after: mark(field.after) }),
  };
}
