import { isObject, type Json } from '../model/json.ts';
import type { Manifest } from '../model/manifest.ts';
import { isOpen } from '../model/open.ts';
import type { FieldTable } from './fields.ts';
import { newerFields } from './newer-fields.ts';
import { entriesAt } from './walk.ts';

/** What stands at a place where the API has something else. */
export type Mismatch =
  | { readonly kind: 'unknown'; readonly path: string; readonly name: string; readonly known: readonly string[] }
  | { readonly kind: 'type'; readonly path: string; readonly wanted: string };

/** Compares an object with the fields of its kind; of a custom kind only the metadata. */
export function compareFields({ body, ref }: Manifest, table: FieldTable): readonly Mismatch[] {
  const type = table.typeOf(ref.apiVersion, ref.kind);
  if (type !== undefined) return compare(body, type, '', table);
  return compare(body.metadata, 'V1ObjectMeta', 'metadata', table);
}

function compare(value: Json | undefined, type: string, path: string, table: FieldTable): readonly Mismatch[] {
  if (value === undefined || value === null || isOpen(value)) return [];
  const [, item] = /^(?:Array|Set)<(.+)>$/.exec(type) ?? [];
  if (item !== undefined) {
    if (!Array.isArray(value)) return [{ kind: 'type', path, wanted: 'a list' }];
    return entriesAt(value, path).flatMap((entry) => compare(entry.value, item, entry.path, table));
  }
  const [, each] = /^\{ \[key: string\]: (.+); \}$/.exec(type) ?? [];
  if (each !== undefined) {
    if (!isObject(value)) return [{ kind: 'type', path, wanted: 'a mapping' }];
    return entriesAt(value, path).flatMap((entry) => compare(entry.value, each, entry.path, table));
  }
  const fields = table.fieldsOf(type);
  if (fields !== undefined) {
    if (!isObject(value)) return [{ kind: 'type', path, wanted: 'a mapping' }];
    return entriesAt(value, path).flatMap((entry): readonly Mismatch[] => {
      const of = fields.get(entry.key);
      if (of !== undefined) return compare(entry.value, of, entry.path, table);
      if (newerFields[type]?.includes(entry.key) === true) return [];
      return [{ kind: 'unknown', path: entry.path, name: entry.key, known: [...fields.keys()] }];
    });
  }
  return isScalarOf(value, type, path) ? [] : [{ kind: 'type', path, wanted: scalarWords[type] ?? type }];
}

const scalarWords: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  boolean: 'true or false',
  IntOrString: 'a number or a text',
  Date: 'a time',
};

/** The models call quantities texts; the API takes numbers for them, too. */
const quantities =
  /(^|\.)(requests|limits|hard|capacity|overhead|max|min|default|defaultRequest|maxLimitRequestRatio|allocatable)[.[][^.]*$|\.(sizeLimit|divisor|averageValue|targetAverageValue)$|\.target\.value$/;

function isScalarOf(value: Json, type: string, path: string): boolean {
  switch (type) {
    case 'string':
    case 'Date':
      return typeof value === 'string' || (typeof value === 'number' && quantities.test(path));
    case 'number':
    case 'boolean':
      return typeof value === type;
    case 'IntOrString':
      return typeof value === 'number' || typeof value === 'string';
    default:
      // `any`, `object`, and what this version of the models doesn't spell out.
      return true;
  }
}
