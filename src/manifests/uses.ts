import type { Origin } from '../model/object.ts';
import { parseYaml } from '../model/yaml.ts';
import type { SourceFile } from './load.ts';
import { findPlaceholders } from './placeholders.ts';
import { holderOf, walk } from './tree.ts';

/** The inputs that manifest files have placeholders for. */
export interface Uses {
  /** All of them, and where each stands first; those in comments included: more may be listed than is used. */
  readonly names: ReadonlyMap<string, Origin>;
  /** Those that stand in the values of a Secret. */
  readonly inSecrets: ReadonlySet<string>;
  /** Those that stand in `data` of a Secret, where base64 is what Kubernetes wants. */
  readonly encoded: ReadonlySet<string>;
}

/** Reads which inputs are used before any has a value: only those are looked for, and how each is handled depends on where it goes. */
export function usesOf(files: readonly SourceFile[]): Uses {
  const names = new Map<string, Origin>();
  for (const { name: file, text } of files) {
    for (const [index, line] of text.split('\n').entries()) {
      for (const { input } of findPlaceholders(line))
        if (!names.has(input)) names.set(input, { file, line: index + 1 });
    }
  }
  const inSecrets = new Set<string>();
  const encoded = new Set<string>();
  // Most files hold no Secret: they need not be parsed twice.
  for (const { text } of files.filter((file) => file.text.includes('Secret'))) {
    // Of a broken document as much as could be read: a secret is one also while a comma is missing.
    for (const document of parseYaml(text).documents) {
      walk(document.contents, [], (node, path) => {
        if (typeof node.value !== 'string' || holderOf(document, path) !== 'Secret') return 'keep';
        for (const { input } of findPlaceholders(node.value)) {
          inSecrets.add(input);
          if (path.at(-2) === 'data') encoded.add(input);
        }
        return 'keep';
      });
    }
  }
  return { names, inSecrets, encoded };
}
