import type { Document, Scalar } from 'yaml';
import type { Origin } from '../model/object.ts';
import { parseYaml } from '../model/yaml.ts';
import { placeOf } from './placeholders/place.ts';
import { hasToken, placeholdersIn } from './placeholders/tokens.ts';
import type { SourceFile } from './sources/source-file.ts';
import { holderOf, walk } from './tree.ts';

/** The inputs that manifest files have placeholders for. */
export interface Uses {
  /** All of them, and where each stands first. */
  readonly names: ReadonlyMap<string, Origin>;
  /** Those in texts for a shell or another program: `${name}` there is an input only where somebody says so. */
  readonly inProse: ReadonlyMap<string, Origin>;
  /** Those that stand in the values of a Secret. */
  readonly inSecrets: ReadonlySet<string>;
  /** A document is broken: whether what it uses stands in a Secret is unknown. */
  readonly isBroken: boolean;
}

interface Found {
  readonly names: Map<string, Origin>;
  readonly inProse: Map<string, Origin>;
  readonly inSecrets: Set<string>;
  isBroken: boolean;
}

/** Reads which inputs are used before any has a value: only those are looked for, and how each is handled depends on where it goes. */
export function usesOf(files: readonly SourceFile[]): Uses {
  const found: Found = { names: new Map(), inProse: new Map(), inSecrets: new Set(), isBroken: false };
  for (const file of files) if (hasToken.test(file.text)) addUses(file, found);
  return found;
}

function addUses({ name: file, text, origin: whole, originOf }: SourceFile, found: Found): void {
  const { documents, lines } = parseYaml(text);
  for (const document of documents) {
    walk(document.contents, [], (node, path, isKey) => {
      const origin = originOf?.(path) ?? whole ?? { file, line: lines.linePos(node.range?.[0] ?? 0).line };
      note(document, node, path, isKey, origin, found);
      return 'keep';
    });
  }
  if (documents.every(({ errors }) => errors.length === 0)) return;
  found.isBroken = true;
  // Of a broken document the tree has only a part. What its lines name is looked for, too: all is told at once.
  for (const [index, line] of text.split('\n').entries())
    for (const { input } of placeholdersIn(line)) add(found.names, input, { file, line: index + 1 });
}

function note(
  document: Document,
  node: Scalar,
  path: readonly string[],
  isKey: boolean,
  origin: Origin,
  { names, inProse, inSecrets }: Found,
): void {
  if (typeof node.value !== 'string') return;
  const placeholders = placeholdersIn(node.value);
  if (placeholders.length === 0) return;
  const { isProse } = placeOf(document, node, path, isKey);
  const isSecret = holderOf(document, path) === 'Secret';
  for (const { input, isShell } of placeholders) {
    add(isProse && isShell ? inProse : names, input, origin);
    if (isSecret && input !== '') inSecrets.add(input);
  }
}

function add(names: Map<string, Origin>, input: string, origin: Origin): void {
  if (input !== '' && !names.has(input)) names.set(input, origin);
}
