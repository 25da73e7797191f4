import type { Document, LineCounter } from 'yaml';
import type { Path } from '../model/field-path.ts';
import { isObject, type Json, type JsonObject } from '../model/json.ts';
import type { Origin } from '../model/object.ts';
import { nodeAt } from '../model/yaml.ts';

/** Which part of a configuration says something. */
export type LayerName = 'built-in' | 'file' | 'environment';

/** A part of a configuration that lies over the ones before it. */
export interface Layer {
  readonly name: LayerName;
  /** How messages call its file. */
  readonly file: string;
  readonly document: Document;
  readonly lines: LineCounter;
  /** Where in the document it begins: `environments.prod`. */
  readonly prefix: Path;
  readonly value: JsonObject;
}

/** Where something is written, and by which part of the configuration. */
export interface Place {
  readonly origin: Origin;
  readonly layer: LayerName;
  /** Whether it is the field itself, not only what it would stand in. */
  readonly isExact: boolean;
}

/** One value out of the layers: mappings are merged, everything else is replaced, and null takes away. */
export function mergeLayers(layers: readonly Layer[]): JsonObject {
  return layers.reduce<JsonObject>((below, { value }) => merge(below, value), {});
}

function merge(below: JsonObject, above: JsonObject): JsonObject {
  const merged: Record<string, Json | undefined> = { ...below };
  for (const [key, value] of Object.entries(above)) {
    const before = merged[key];
    if (value === null) delete merged[key];
    else merged[key] = isObject(value) && isObject(before) ? merge(before, value) : value;
  }
  return merged;
}

/** Where a field stands: in the topmost layer that has it, else in the one that has most of its path. */
export function placeIn(layers: readonly Layer[], path: Path): Place | undefined {
  const best = deepestIn(layers, path);
  if (best === undefined || best.offset === undefined) return undefined;
  const { line, col } = best.layer.lines.linePos(best.offset);
  const origin = { file: best.layer.file, line, column: col };
  return { origin, layer: best.layer.name, isExact: best.depth === path.length };
}

/** What stands before a field in its file: `environments.prod`. Nothing where no part of it is written. */
export function prefixIn(layers: readonly Layer[], path: Path): Path {
  const best = deepestIn(layers, path);
  return best === undefined || best.depth === 0 ? [] : best.layer.prefix;
}

interface Deepest {
  readonly layer: Layer;
  /** How many steps of a path it has. */
  readonly depth: number;
  readonly offset: number | undefined;
}

function deepestIn(layers: readonly Layer[], path: Path): Deepest | undefined {
  const found = layers.toReversed().map((layer) => {
    const { depth, offset } = nodeAt(layer.document, [...layer.prefix, ...path]);
    return { layer, depth: depth - layer.prefix.length, offset };
  });
  const deepest = Math.max(...found.map(({ depth }) => depth));
  return found.find(({ depth }) => depth === deepest);
}
