import * as models from '@kubernetes/client-node';
import { arrayOf, at, textOf } from '../../src/model/json.ts';

/** The fields of each type of the Kubernetes API that objects are made of, with their types. */
export type Fields = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Reads the fields out of the models of @kubernetes/client-node; lists of objects are left out: nobody writes them. */
export function fieldTable(): Fields {
  const all: Readonly<Record<string, unknown>> = models;
  const types = Object.entries(all).flatMap(([name, model]) => {
    if (typeof model !== 'function' || !('attributeTypeMap' in model) || name.endsWith('List')) return [];
    const fields = arrayOf(model.attributeTypeMap).map((field) => [
      textOf(at(field, 'baseName')),
      textOf(at(field, 'type')),
    ]);
    return [[name, Object.fromEntries(fields)] as const];
  });
  return Object.fromEntries(types.sort(([a], [b]) => (a < b ? -1 : 1)));
}
