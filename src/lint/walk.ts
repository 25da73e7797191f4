import { isObject, type Json, type JsonObject } from '../model/json.ts';

/** A value somewhere in an object, and the path that leads to it. */
export interface Place {
  readonly path: string;
  readonly value: Json;
}

/** A path with one more step; a key that is no plain word stands in quotes. */
export function below(path: string, key: string): string {
  if (!/^[A-Za-z_][\w-]*$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === '' ? key : `${path}.${key}`;
}

/** The entries of an object or list, with their paths. */
export function entriesAt(value: Json | undefined, path: string): readonly (Place & { readonly key: string })[] {
  if (Array.isArray(value)) {
    return value.map((item: Json, index) => ({ key: String(index), path: `${path}[${index}]`, value: item }));
  }
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, item]) =>
    item === undefined ? [] : [{ key, path: below(path, key), value: item }],
  );
}

/** All values inside an object that are neither objects nor lists. */
export function scalarsIn(value: JsonObject | Json | undefined, path = ''): readonly Place[] {
  return entriesAt(value, path).flatMap((entry) =>
    isObject(entry.value) || Array.isArray(entry.value) ? scalarsIn(entry.value, entry.path) : [entry],
  );
}
