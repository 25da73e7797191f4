import { arrayOf, isObject, type Json, type JsonObject } from '../model/json.ts';
import { groupOf, type KubernetesObject } from '../model/object.ts';

/**
 * By which field the items of a list are told apart: `x-kubernetes-patch-merge-key` of Kubernetes' own kinds. Lists that
 * aren't here are replaced as a whole.
 */
const mergeKeys: Readonly<Record<string, string>> = {
  containers: 'name',
  initContainers: 'name',
  ephemeralContainers: 'name',
  volumes: 'name',
  env: 'name',
  imagePullSecrets: 'name',
  secrets: 'name',
  resourceClaims: 'name',
  volumeMounts: 'mountPath',
  volumeDevices: 'devicePath',
  hostAliases: 'ip',
  topologySpreadConstraints: 'topologyKey',
};

/** Ports are told apart by another field in each place. */
const portKeys: Readonly<Record<string, string>> = {
  containers: 'containerPort',
  initContainers: 'containerPort',
  spec: 'port',
};

interface Place {
  readonly kind: string;
  /** Of the field itself, and of what it stands in. */
  readonly field: string;
  readonly parent: string;
}

/**
 * An object with a strategic merge patch, as `kubectl patch` applies it: mappings are merged, null takes away, lists with a
 * merge key are merged by it, `$patch: delete` and `$patch: replace` do what they say. Lists of foreign kinds are replaced.
 * Undefined where the patch deletes the object itself.
 */
export function strategicMerge(object: KubernetesObject, patch: JsonObject): JsonObject | undefined {
  if (patch.$patch === 'delete') return undefined;
  const isBuiltIn = !groupOf(object.apiVersion).includes('.') || object.apiVersion.includes('.k8s.io/');
  return mergeMaps(object, patch, { kind: isBuiltIn ? object.kind : '', field: '', parent: '' });
}

function mergeMaps(base: JsonObject, patch: JsonObject, place: Place): JsonObject {
  const { $patch: directive, ...fields } = patch;
  const merged: Record<string, Json | undefined> = directive === 'replace' ? {} : { ...base };
  for (const [key, value] of Object.entries(fields)) {
    const [, list] = /^\$deleteFromPrimitiveList\/(.+)$/.exec(key) ?? [];
    if (list !== undefined) merged[list] = arrayOf(merged[list]).filter((item) => !arrayOf(value).includes(item));
    else if (value === null) delete merged[key];
    else merged[key] = mergeValues(merged[key], value ?? null, { kind: place.kind, field: key, parent: place.field });
  }
  return merged;
}

function mergeValues(base: Json | undefined, value: Json, place: Place): Json {
  if (isObject(value)) return mergeMaps(isObject(base) ? base : {}, value, place);
  if (!Array.isArray(value)) return value;
  const key = mergeKeyOf(place);
  const items = value as readonly Json[];
  return key === undefined || !Array.isArray(base)
    ? items.filter(isNoDirective)
    : mergeLists(base as readonly Json[], items, key, place);
}

/**
 * Items of both are merged. Those of the patch come in its order, the others keep theirs, and stand before an item of the
 * patch that they stood before: the order of apimachinery's strategicpatch.
 */
function mergeLists(base: readonly Json[], patch: readonly Json[], key: string, place: Place): readonly Json[] {
  const items = patch.filter(isObject);
  const isReplaced = items.some((item) => item.$patch === 'replace' && item[key] === undefined);
  const before = isReplaced ? [] : base.filter(isObject);
  const indexOf = (item: JsonObject): number => before.findIndex((one) => one[key] === item[key]);
  const named = items.filter((item) => item[key] !== undefined);
  const others = before.filter((one) => !named.some((item) => item[key] === one[key]));
  const result: JsonObject[] = [];
  for (const item of named.filter(({ $patch }) => $patch !== 'delete')) {
    const index = indexOf(item);
    while (others[0] !== undefined && indexOf(others[0]) < index) result.push(...others.splice(0, 1));
    result.push(mergeMaps(before[index] ?? {}, item, place));
  }
  return [...result, ...others];
}

function isNoDirective(item: Json): boolean {
  return !(isObject(item) && item.$patch !== undefined);
}

function mergeKeyOf({ kind, field, parent }: Place): string | undefined {
  if (kind === '') return undefined;
  if (field === 'ports') return kind === 'Service' || parent !== 'spec' ? portKeys[parent] : undefined;
  // A Secret of a ServiceAccount has a name; of others `secrets` is something else.
  return field === 'secrets' && kind !== 'ServiceAccount' ? undefined : mergeKeys[field];
}
