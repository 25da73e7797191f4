import { at, stringOf } from '../model/json.ts';
import { itemsOf } from '../model/object.ts';
import { documentsIn } from '../model/yaml.ts';
import { hasToken } from './placeholders/tokens.ts';
import type { SourceFile } from './sources/source-file.ts';

/** The namespaces that manifests name or make, in order of appearance; those that hold a placeholder name none yet. */
export function namespacesIn(files: readonly SourceFile[]): readonly string[] {
  const mentioned = mentionedIn(files);
  const names = new Set<string>();
  for (const { text } of files) {
    for (const document of documentsIn(text)) {
      // Of a thousand objects in one namespace the first one tells.
      if (names.size === mentioned?.size) return [...names];
      if (document.errors.length > 0) continue;
      const body: unknown = document.toJS();
      for (const name of (itemsOf(body) ?? [body]).flatMap(namedBy)) names.add(name);
    }
  }
  return [...names];
}

function namedBy(body: unknown): readonly string[] {
  const named = at(body, 'kind') === 'Namespace' ? at(body, 'metadata', 'name') : at(body, 'metadata', 'namespace');
  const name = stringOf(named);
  return name === undefined || hasToken.test(name) ? [] : [name];
}

/** A namespace as nearly everybody writes it. */
const plain = /namespace["']?\s*:\s*(?:"([a-z0-9-]+)"|'([a-z0-9-]+)'|([a-z0-9-]*[a-z-][a-z0-9-]*))\s*(?=[\n,}#]|$)/y;

/**
 * The names after `namespace:`, among which those of the objects are; undefined where the word stands in any other way
 * (`kind: Namespace`, a placeholder, an escape), so that only reading everything tells.
 */
function mentionedIn(files: readonly SourceFile[]): ReadonlySet<string> | undefined {
  const names = new Set<string>();
  for (const { text } of files) {
    if (/\\[xuU]/.test(text)) return undefined;
    for (const { index } of text.matchAll(/namespace/gi)) {
      plain.lastIndex = index;
      const [, ...forms] = plain.exec(text) ?? [];
      const name = forms.find((form) => form !== undefined);
      if (name === undefined) return undefined;
      names.add(name);
    }
  }
  return names;
}
