import type { Path } from '../model/field-path.ts';
import { arrayOf, isObject, type Json, type JsonObject, textOf } from '../model/json.ts';
import { groupOf, type KubernetesObject } from '../model/object.ts';
import { didYouMean, suggest } from '../model/suggest.ts';
import type { ItemSource, MergeSources } from './merge-sources.ts';

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
  /** In the patch. */
  readonly path: Path;
}

/** Something in a patch that can't be carried out as it is written. */
export interface PatchMistake {
  /** In the patch. */
  readonly path: Path;
  readonly severity: 'error' | 'warning';
  /** A clause: what the patch has. */
  readonly cause: string;
  readonly fix: string;
}

/** An object with a patch in it. */
export interface Merged {
  /** Undefined where the patch deletes the object itself. */
  readonly body: JsonObject | undefined;
  readonly mistakes: readonly PatchMistake[];
  /** Where the fields of the result are from. */
  readonly sources: MergeSources;
}

/** What one merge gathers. */
interface Merging {
  readonly mistakes: PatchMistake[];
  readonly lists: Map<readonly Json[], readonly ItemSource[]>;
}

/**
 * An object with a strategic merge patch, as `kubectl patch` applies it: mappings are merged, null takes away, lists with a
 * merge key are merged by it, `$patch: delete` and `$patch: replace` do what they say. Lists of foreign kinds are replaced.
 */
export function strategicMerge(object: KubernetesObject, patch: JsonObject): Merged {
  const merging: Merging = { mistakes: [], lists: new Map() };
  const isBuiltIn = !groupOf(object.apiVersion).includes('.') || object.apiVersion.includes('.k8s.io/');
  const place: Place = { kind: isBuiltIn ? object.kind : '', field: '', parent: '', path: [] };
  const body = patch.$patch === 'delete' ? undefined : mergeMaps(object, patch, place, merging);
  return { body, mistakes: merging.mistakes, sources: { base: object, patch, body: body ?? {}, lists: merging.lists } };
}

function mergeMaps(base: JsonObject, patch: JsonObject, place: Place, merging: Merging): JsonObject {
  const { $patch: directive, ...fields } = patch;
  checkDirective(directive, place, merging);
  if (directive === 'delete') return {};
  const merged: Record<string, Json | undefined> = directive === 'replace' ? {} : { ...base };
  for (const [key, value] of Object.entries(fields)) {
    const [, list] = /^\$deleteFromPrimitiveList\/(.+)$/.exec(key) ?? [];
    if (list !== undefined) merged[list] = withoutItems(arrayOf(merged[list]), arrayOf(value), merging);
    else if (value === null) delete merged[key];
    else {
      const inner: Place = { kind: place.kind, field: key, parent: place.field, path: [...place.path, key] };
      merged[key] = mergeValues(merged[key], value ?? null, inner, merging);
    }
  }
  return merged;
}

function withoutItems(base: readonly Json[], gone: readonly Json[], { lists }: Merging): readonly Json[] {
  const kept = base.flatMap((item, index) => (gone.includes(item) ? [] : [{ item, index }]));
  const items = kept.map(({ item }) => item);
  lists.set(
    items,
    kept.map(({ index }) => ({ base: index })),
  );
  return items;
}

function mergeValues(base: Json | undefined, value: Json, place: Place, merging: Merging): Json {
  checkShape(base, value, place, merging);
  if (isObject(value)) return mergeMaps(isObject(base) ? base : {}, value, place, merging);
  if (!Array.isArray(value)) return value;
  const key = mergeKeyOf(place);
  const items = value as readonly Json[];
  if (key !== undefined) return mergeLists(arrayOf(base), items, key, place, merging);
  const kept = items.flatMap((item, index) => (isDirective(item) ? [] : [{ item, index }]));
  const result = kept.map(({ item }) => item);
  merging.lists.set(
    result,
    kept.map(({ index }) => ({ patch: index })),
  );
  return result;
}

/** An item of a list, and its place there. */
interface Item {
  readonly item: JsonObject;
  readonly index: number;
}

/**
 * Items of both are merged. Those of the patch come in its order, the others keep theirs, and stand before an item of the
 * patch that they stood before: the order of apimachinery's strategicpatch.
 */
function mergeLists(
  base: readonly Json[],
  patch: readonly Json[],
  key: string,
  place: Place,
  merging: Merging,
): readonly Json[] {
  const isReplaced = patch.some((item) => isObject(item) && item.$patch === 'replace' && item[key] === undefined);
  const before = isReplaced ? [] : itemsOf(base);
  const named = itemsOf(patch).filter(({ item }) => item[key] !== undefined);
  const indexOf = ({ item }: Item): number => before.findIndex((one) => one.item[key] === item[key]);
  checkItems(patch, before, key, place, merging);
  const others = before.filter((one) => !named.some(({ item }) => item[key] === one.item[key]));
  const result: JsonObject[] = [];
  const sources: ItemSource[] = [];
  const keep = (one: Item): void => {
    result.push(one.item);
    sources.push({ base: one.index });
  };
  for (const one of named.filter(({ item }) => item.$patch !== 'delete')) {
    const position = indexOf(one);
    while (others[0] !== undefined && indexOf(others[0]) < position) others.splice(0, 1).forEach(keep);
    const old = before[position];
    result.push(mergeMaps(old?.item ?? {}, one.item, { ...place, path: [...place.path, one.index] }, merging));
    sources.push({ ...(old === undefined ? {} : { base: old.index }), patch: one.index });
  }
  others.forEach(keep);
  merging.lists.set(result, sources);
  return result;
}

function itemsOf(list: readonly Json[]): readonly Item[] {
  return list.flatMap((item, index) => (isObject(item) ? [{ item, index }] : []));
}

function isDirective(item: Json): boolean {
  return isObject(item) && item.$patch !== undefined;
}

const shapes = { list: 'a list', mapping: 'a mapping', scalar: 'a single value' } as const;

function shapeOf(value: Json): keyof typeof shapes {
  if (Array.isArray(value)) return 'list';
  return isObject(value) ? 'mapping' : 'scalar';
}

/** A field of a kind that is known has one shape: that of its merge key, or what the object has there. */
function checkShape(base: Json | undefined, value: Json, place: Place, { mistakes }: Merging): void {
  const key = mergeKeyOf(place);
  const found = shapeOf(value);
  const wanted = key !== undefined ? 'list' : base === undefined || base === null ? found : shapeOf(base);
  if (place.kind === '' || found === wanted) return;
  const { field, path } = place;
  const cause = `has ${shapes[found]} for ${field}, which is ${shapes[wanted]}.`;
  const fix = key !== undefined && isObject(value) ? `: write - before its first field, with ${key} in it` : '';
  mistakes.push({ path, severity: 'error', cause, fix: `Make it ${shapes[wanted]}${fix}.` });
}

/** What would be lost without a word: items that nothing tells apart, and those to delete that aren't there. */
function checkItems(
  patch: readonly Json[],
  before: readonly Item[],
  key: string,
  { field, path }: Place,
  { mistakes }: Merging,
): void {
  const names = before.map(({ item }) => textOf(item[key]));
  for (const [index, item] of patch.entries()) {
    const place = { path: [...path, index] };
    if (!isObject(item)) {
      const cause = `has an item in ${field} that isn't a mapping.`;
      mistakes.push({ ...place, severity: 'error', cause, fix: `Write it as a mapping with ${key}.` });
    } else if (item[key] === undefined && item.$patch !== 'replace') {
      const known = Object.keys(item).filter((one) => !one.startsWith('$'));
      const cause = `has an item in ${field} without ${key}, by which the items are told apart.`;
      const [near] = suggest(key, known);
      const fix = near === undefined ? `Add ${key}.` : `Did you mean ${key} where it says ${near}?`;
      mistakes.push({ ...place, severity: 'error', cause, fix });
    } else if (item.$patch === 'delete' && !names.includes(textOf(item[key]))) {
      const name = textOf(item[key]);
      const cause = `deletes ${name} from ${field}, which doesn't have it.`;
      const fix = didYouMean(name, names) || 'Take it out of the override.';
      mistakes.push({ ...place, severity: 'warning', cause, fix });
    } else if (lacksImage(item, field) && !names.includes(textOf(item[key]))) {
      const name = textOf(item[key]);
      const near = didYouMean(name, names);
      const cause = `adds ${name} to ${field}, without an image.`;
      // One that is called as no other is an object's mistake like any other: lint knows it.
      if (near !== '') mistakes.push({ ...place, severity: 'error', cause, fix: `${near} If not, add image.` });
    }
  }
}

/** An image may be left out by who changes a container, not by who adds one. */
function lacksImage(item: JsonObject, field: string): boolean {
  const isContainer = field === 'containers' || field === 'initContainers';
  return isContainer && item.image === undefined && item.$patch === undefined;
}

const directives = ['delete', 'merge', 'replace'];

function checkDirective(directive: Json | undefined, { path }: Place, { mistakes }: Merging): void {
  if (directive === undefined || directives.includes(textOf(directive))) return;
  const cause = `says $patch: ${textOf(directive)}: there is no such directive.`;
  const fix = didYouMean(textOf(directive), directives) || `Use one of ${directives.join(', ')}.`;
  mistakes.push({ path: [...path, '$patch'], severity: 'error', cause, fix });
}

function mergeKeyOf({ kind, field, parent }: Place): string | undefined {
  if (kind === '') return undefined;
  if (field === 'ports') return kind === 'Service' || parent !== 'spec' ? portKeys[parent] : undefined;
  // A Secret of a ServiceAccount has a name; of others `secrets` is something else.
  return field === 'secrets' && kind !== 'ServiceAccount' ? undefined : mergeKeys[field];
}
