import { isObject, type Json, textOf } from './json.ts';

/** The steps to a value in an object: keys, and places in lists. */
export type Path = readonly (string | number)[];

/** A step of a field path that a text names. */
export type PathStep =
  | { readonly key: string }
  | { readonly index: number }
  | { readonly match: readonly (readonly [string, string])[] };

/**
 * Splits a field path as the API server writes them: `spec.ports[0].port`, `.spec.containers[name="c"].image`,
 * `metadata.labels[app.kubernetes.io/name]`; and as a plan does: `spec.containers[c].image`.
 */
export function parseFieldPath(path: string): readonly PathStep[] {
  const steps: PathStep[] = [];
  for (const [, key, bracket] of path.matchAll(/([^.[\]]+)|\[((?:"(?:[^"\\]|\\.)*"|[^\]"])*)\]/g)) {
    if (key !== undefined) steps.push({ key });
    else if (bracket !== undefined) steps.push(parseBracket(bracket));
  }
  return steps;
}

function parseBracket(text: string): PathStep {
  if (/^\d+$/.test(text)) return { index: Number(text) };
  const pairs = [...text.matchAll(/([A-Za-z]+)=("(?:[^"\\]|\\.)*"|[^,]*)/g)].map(
    ([, name = '', value = '']) => [name, value.replace(/^"(.*)"$/s, '$1')] as const,
  );
  return pairs.length > 0 ? { match: pairs } : { key: text.replace(/^"(.*)"$/s, '$1') };
}

/** The items of a list by their names; undefined where one has none, or two share one. */
export function byName(items: readonly Json[]): ReadonlyMap<string, Json> | undefined {
  const named = items.flatMap((item) =>
    isObject(item) && typeof item.name === 'string' ? [[item.name, item] as const] : [],
  );
  const map = new Map(named);
  return map.size === items.length ? map : undefined;
}

/** The path of a value in an object as a plan writes it: items of a list by their names where all have one. */
export function fieldPath(object: Json, steps: Path): string {
  let path = '';
  let here: Json | undefined = object;
  for (const step of steps) {
    if (Array.isArray(here)) {
      const items = here as readonly Json[];
      const item: Json | undefined = items[Number(step)];
      const isNamed = byName(items) !== undefined && isObject(item);
      path += `[${isNamed ? textOf(item.name) : step}]`;
      here = item;
    } else {
      path = joinKey(path, String(step));
      here = isObject(here) ? here[step] : undefined;
    }
  }
  return path;
}

/** The path of a key below `path`. */
export function joinKey(path: string, key: string): string {
  if (!/^[A-Za-z0-9_-]+$/.test(key)) return `${path}[${key}]`;
  return path === '' ? key : `${path}.${key}`;
}

/** The steps that a field path means in an object, with places for names. Of what the object lacks, the keys as they are. */
export function stepsIn(object: Json, path: string): Path {
  let here: Json | undefined = object;
  return parseFieldPath(path).map((step): string | number => {
    const key = stepIn(here, step);
    here = childOf(here, key);
    return key;
  });
}

/** The step that a part of a path means where it stands as text: digits are a place in a list. */
export function stepOf(text: string): string | number {
  return /^\d+$/.test(text) ? Number(text) : text;
}

/** What a value has under a key or at a place. */
export function childOf(value: Json | undefined, step: string | number): Json | undefined {
  if (Array.isArray(value)) return (value as readonly Json[])[Number(step)];
  return isObject(value) ? value[step] : undefined;
}

function stepIn(here: Json | undefined, step: PathStep): string | number {
  if ('index' in step) return step.index;
  const wanted = 'key' in step ? [['name', step.key] as const] : step.match;
  if (Array.isArray(here))
    return (here as readonly Json[]).findIndex(
      (item) => isObject(item) && wanted.every(([name, value]) => textOf(item[name]) === value),
    );
  return wanted.map(([, value]) => value).join(',');
}

/** All texts in a value, each with the way to it. */
export function textsIn(value: Json | undefined): readonly PlacedText[] {
  const texts: PlacedText[] = [];
  collectTexts(value, [], texts);
  return texts;
}

/** A text in an object, and the way to it. */
interface PlacedText {
  readonly path: Path;
  readonly text: string;
}

/** One list for all: each text of hundreds of objects comes by here more than once. */
function collectTexts(value: Json | undefined, path: Path, texts: PlacedText[]): void {
  if (typeof value === 'string') texts.push({ path, text: value });
  else if (Array.isArray(value)) {
    for (const [index, one] of (value as readonly Json[]).entries()) collectTexts(one, [...path, index], texts);
  } else if (isObject(value)) {
    for (const [key, one] of Object.entries(value)) collectTexts(one, [...path, key], texts);
  }
}
