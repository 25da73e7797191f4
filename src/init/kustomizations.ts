import { dirname, join } from 'node:path/posix';
import { labelSchema } from '../config/schema/names.ts';
import { isKustomization } from '../manifests/sources/owners.ts';
import { arrayOf, type JsonObject, objectOf, stringOf } from '../model/json.ts';
import { parseYaml } from '../model/yaml.ts';
import type { TextFile } from './evidence.ts';
import { plainOf } from './plain.ts';

/** A folder that Kustomize renders, and the namespace that it puts its objects into. */
export interface Kustomization {
  readonly path: string;
  readonly namespace?: string;
}

/** The folders and files that a kustomization is built on. */
export function basesOf(file: TextFile): readonly string[] {
  const body = bodyOf(file);
  return ['resources', 'bases', 'components']
    .flatMap((field) => arrayOf(body[field]))
    .flatMap((entry) => stringOf(entry) ?? [])
    .map((entry) => join(dirname(file.path), entry).replace(/\/$/, ''));
}

/** The kustomization of a folder. Its own `namespace:` goes before that of what it is built on, as Kustomize has it. */
export function kustomizationAt(path: string, files: readonly TextFile[]): Kustomization {
  const namespace = namespaceAt(
    path,
    files.filter(({ path: file }) => isKustomization(file)),
    [],
  );
  return { path, ...(namespace === undefined ? {} : { namespace }) };
}

function namespaceAt(folder: string, files: readonly TextFile[], trail: readonly string[]): string | undefined {
  const file = files.find(({ path }) => dirname(path) === folder);
  if (file === undefined || trail.includes(folder)) return undefined;
  const below = (): string | undefined => {
    const found = basesOf(file).map((base) => namespaceAt(base, files, [...trail, folder]));
    return found.find((one) => one !== undefined);
  };
  // One with a placeholder in it is none yet.
  return labelSchema.safeParse(bodyOf(file).namespace).data ?? below();
}

function bodyOf({ text }: TextFile): JsonObject {
  const [document] = parseYaml(text).documents;
  return document === undefined || document.errors.length > 0 ? {} : objectOf(plainOf(document));
}
