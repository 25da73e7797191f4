import { at, stringOf } from '../model/json.ts';
import { itemsOf } from '../model/object.ts';
import { parseYaml } from '../model/yaml.ts';
import { hasToken } from './placeholders/tokens.ts';
import type { SourceFile } from './sources/source-file.ts';

/** The namespaces that manifests name or make, in order of appearance; those that hold a placeholder name none yet. */
export function namespacesIn(files: readonly SourceFile[]): readonly string[] {
  const documents = files.flatMap(({ text }) => parseYaml(text).documents).filter(({ errors }) => errors.length === 0);
  const objects = documents.map((document) => document.toJS() as unknown).flatMap((body) => itemsOf(body) ?? [body]);
  const names = objects.flatMap((body) => {
    const named = at(body, 'kind') === 'Namespace' ? at(body, 'metadata', 'name') : at(body, 'metadata', 'namespace');
    return stringOf(named) ?? [];
  });
  return [...new Set(names)].filter((name) => !hasToken.test(name));
}
