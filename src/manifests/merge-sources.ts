import { childOf, type Path } from '../model/field-path.ts';
import { isObject, type Json, type JsonObject } from '../model/json.ts';

/** The places of an item in the list of the object and in that of the patch. */
export interface ItemSource {
  readonly base?: number;
  readonly patch?: number;
}

/** A merge, and from where its lists have their items. */
export interface MergeSources {
  readonly base: JsonObject;
  readonly patch: JsonObject;
  readonly body: JsonObject;
  /** By the lists of `body` that the patch has a part in. */
  readonly lists: ReadonlyMap<readonly Json[], readonly ItemSource[]>;
}

/** Which side says a field, and where. */
export interface FieldSource {
  readonly side: 'base' | 'patch';
  readonly path: Path;
}

/** One side of a merge on the way down. */
interface Trail {
  readonly path: Path;
  readonly value: Json | undefined;
}

/**
 * Says which side a field of a merged object is from, or the deepest that there is on the way to it: the patch, where it
 * has the value; what both have a part in, as a container or a mapping, is the object's own.
 */
export function fieldSource({ base, patch, body, lists }: MergeSources, path: Path): FieldSource {
  let here: Json | undefined = body;
  let own: Trail | undefined = { path: [], value: base };
  let other: Trail | undefined = { path: [], value: patch };
  let items = itemsIn(here, lists);
  for (const step of path) {
    const item = items?.[Number(step)];
    const isOwn = other === undefined || isShared(other.value, items);
    const next: readonly [Trail | undefined, Trail | undefined] =
      items === undefined
        ? [isOwn ? below(own, step) : undefined, below(other, step)]
        : [below(own, item?.base), below(other, item?.patch)];
    if (next[0] === undefined && next[1] === undefined) break;
    [own, other] = next;
    here = childOf(here, step);
    items = itemsIn(here, lists);
  }
  if (own !== undefined && (other === undefined || isShared(other.value, items)))
    return { side: 'base', path: own.path };
  return { side: 'patch', path: other?.path ?? [] };
}

function itemsIn(value: Json | undefined, lists: MergeSources['lists']): readonly ItemSource[] | undefined {
  return Array.isArray(value) ? lists.get(value as readonly Json[]) : undefined;
}

/** Whether a value of the patch is merged into the object's, and doesn't stand in its place. */
function isShared(value: Json | undefined, items: readonly ItemSource[] | undefined): boolean {
  if (Array.isArray(value)) return items?.some(({ base }) => base !== undefined) ?? false;
  return isObject(value) && value.$patch !== 'replace' && value.$patch !== 'delete';
}

function below(trail: Trail | undefined, step: string | number | undefined): Trail | undefined {
  if (trail === undefined || step === undefined) return undefined;
  const value = childOf(trail.value, step);
  return value === undefined ? undefined : { path: [...trail.path, step], value };
}

/** Where a field of one side is in the merged object; undefined where the other side has replaced or removed it. */
export function mergedPath(sources: MergeSources, side: FieldSource['side'], path: Path): Path | undefined {
  let here: Json | undefined = sources.body;
  const steps: (string | number)[] = [];
  for (const step of path) {
    const items = itemsIn(here, sources.lists);
    const next: string | number = items?.findIndex((item) => item[side] === Number(step)) ?? step;
    here = childOf(here, next);
    if (here === undefined) return undefined;
    steps.push(next);
  }
  const source = fieldSource(sources, steps);
  return source.side === side && source.path.length === path.length ? steps : undefined;
}
