import { fieldPath, type Path } from '../../model/field-path.ts';
import { isObject, type Json } from '../../model/json.ts';
import type { Filling, Manifest } from '../../model/manifest.ts';
import type { KubernetesObject } from '../../model/object.ts';

/** A scalar of an object, by the path that plans have for it. */
export interface Leaf {
  readonly path: string;
  readonly value: Json;
}

/** The scalars of an object, but those that only the server writes. */
export function leavesOf(object: KubernetesObject): readonly Leaf[] {
  const { status: _, ...body } = object;
  const { managedFields: __, ...metadata } = object.metadata;
  const collect = (value: Json | undefined, steps: Path): readonly Leaf[] => {
    if (Array.isArray(value))
      return (value as readonly Json[]).flatMap((item, index) => collect(item, [...steps, index]));
    if (isObject(value)) return Object.entries(value).flatMap(([key, inner]) => collect(inner, [...steps, key]));
    return value === undefined ? [] : [{ path: fieldPath(object, steps), value }];
  };
  return collect({ ...body, metadata }, []);
}

/** What filled the scalars of a manifest, by their paths. What a file has in `stringData` is in `data` of the object. */
export function fillingsByPath({ body, fillings = [] }: Manifest): ReadonlyMap<string, Filling> {
  return new Map(
    fillings.map((filling) => {
      const [first = '', ...rest] = filling.path;
      const steps = body.kind === 'Secret' && first === 'stringData' ? ['data', ...rest] : filling.path;
      return [fieldPath(body, steps), filling];
    }),
  );
}

/**
 * The fields that somebody means: by the whole path, by its end, by the key in a ConfigMap or Secret, or by the name of an
 * environment variable.
 */
export function meantFields(paths: readonly string[], wanted: string): readonly string[] {
  const asPath = wanted.replace(/^\./, '');
  const ends = [`.${asPath}`, `[${asPath}]`, `[${asPath}].value`];
  const exact = paths.filter((path) => path === asPath);
  if (exact.length > 0) return exact;
  const byEnd = paths.filter((path) => ends.some((end) => path.endsWith(end)));
  if (byEnd.length > 0) return byEnd;
  // All of a mapping or of a list item.
  return paths.filter((path) =>
    [...ends, asPath].some((part) => path.includes(`${part}.`) || path.includes(`${part}[`)),
  );
}
