import { arrayOf, at, isObject, type Json, type JsonObject, objectOf, stringOf } from '../model/json.ts';
import type { Manifest } from '../model/manifest.ts';
import { isOpen } from '../model/open.ts';
import type { ContainerPlace, PodPlace } from './pods.ts';

/** A ConfigMap or Secret that pods read, and where that stands. */
export interface Reference {
  readonly pod: PodPlace;
  readonly kind: 'ConfigMap' | 'Secret';
  readonly name: string;
  /** Of one key; absent: of all of it. */
  readonly key?: string;
  readonly path: string;
}

/** Every reference without which a pod can't start, each at its own place; what is optional or open is left out. */
export function referencesOf(pod: PodPlace): readonly Reference[] {
  const found = [...pod.containers.flatMap(ofContainer), ...ofVolumes(pod)];
  return found.flatMap((one) => {
    const { kind, name, source, key, path } = one;
    if (name === undefined || isOpen(name) || isOpen(key) || at(source, 'optional') === true) return [];
    return [{ pod, kind, name, path, ...(key === undefined ? {} : { key }) }];
  });
}

interface Found {
  readonly kind: Reference['kind'];
  readonly name: string | undefined;
  readonly key?: string | undefined;
  readonly source: Json | undefined;
  readonly path: string;
}

function ofContainer({ container, path }: ContainerPlace): readonly Found[] {
  const keys = arrayOf(container.env).flatMap((entry, index) =>
    refsIn(objectOf(at(entry, 'valueFrom')), `${path}.env[${index}].valueFrom`, keyFields),
  );
  const wholes = arrayOf(container.envFrom).flatMap((entry, index) =>
    refsIn(objectOf(entry), `${path}.envFrom[${index}]`, wholeFields),
  );
  return [...keys, ...wholes];
}

const keyFields = { configMapKeyRef: 'ConfigMap', secretKeyRef: 'Secret' } as const;
const wholeFields = { configMapRef: 'ConfigMap', secretRef: 'Secret' } as const;

function refsIn(
  holder: JsonObject,
  path: string,
  fields: Readonly<Record<string, Reference['kind']>>,
): readonly Found[] {
  return Object.entries(fields).flatMap(([field, kind]) => {
    const source = holder[field];
    if (!isObject(source)) return [];
    const key = fields === keyFields ? stringOf(source.key) : undefined;
    const name = stringOf(source.name);
    return [{ kind, name, key, source, path: `${path}.${field}.${key === undefined ? 'name' : 'key'}` }];
  });
}

function ofVolumes({ spec, path }: PodPlace): readonly Found[] {
  return arrayOf(spec.volumes).flatMap((volume, index) => {
    const place = `${path}.volumes[${index}]`;
    const projected = arrayOf(at(volume, 'projected', 'sources')).flatMap((source, at) =>
      ofSources(objectOf(source), `${place}.projected.sources[${at}]`, 'name'),
    );
    return [...ofSources(objectOf(volume), place, 'secretName'), ...projected];
  });
}

function ofSources(holder: JsonObject, path: string, secretName: string): readonly Found[] {
  const kinds = [
    ['configMap', 'ConfigMap', 'name'],
    ['secret', 'Secret', secretName],
  ] as const;
  return kinds.flatMap(([field, kind, nameField]): Found[] => {
    const source = holder[field];
    if (!isObject(source)) return [];
    const name = stringOf(source[nameField]);
    const items = arrayOf(source.items);
    if (items.length === 0) return [{ kind, name, source, path: `${path}.${field}.${nameField}` }];
    return items.map((item, index) => ({
      kind,
      name,
      source,
      key: stringOf(at(item, 'key')),
      path: `${path}.${field}.items[${index}].key`,
    }));
  });
}

/** The keys of a ConfigMap or Secret. */
export function keysOf({ body }: Manifest): readonly string[] {
  return Object.keys({ ...objectOf(body.data), ...objectOf(body.binaryData), ...objectOf(body.stringData) });
}
