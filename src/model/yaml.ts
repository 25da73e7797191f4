import {
  Composer,
  type CST,
  Document,
  type ErrorCode,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type ParseOptions,
  Parser,
  type Scalar,
  type ScalarTag,
  type SchemaOptions,
  stringify,
  type Tags,
  YAMLParseError,
} from 'yaml';
import { type PathStep, parseFieldPath } from './field-path.ts';

/** YAML 1.1 types that have no JSON form; kubectl's parser (go-yaml v2) leaves dates and base-60 numbers strings. */
const foreignTags: ReadonlySet<string> = new Set(
  ['timestamp', 'binary', 'omap', 'pairs', 'set'].map((name) => `tag:yaml.org,2002:${name}`),
);

/** Octal as YAML 1.2 writes it: go-yaml reads it in 1.1, too. */
const modernOctal: ScalarTag = {
  tag: 'tag:yaml.org,2002:int',
  default: true,
  format: 'OCT',
  test: /^[-+]?0o[0-7]+$/,
  resolve: (text) => (text.startsWith('-') ? -1 : 1) * Number.parseInt(text.replace(/^[-+]?0o/, ''), 8),
};

function kubernetesTags(tags: Tags): Tags {
  const kept = tags.filter((tag) => typeof tag !== 'string' && !foreignTags.has(tag.tag) && tag.format !== 'TIME');
  return [modernOctal, ...kept];
}

/** YAML as kubectl reads it: 1.1, so that `yes` is a boolean, `0644` is octal and `<<` merges. */
const yamlOptions = {
  version: '1.1',
  customTags: kubernetesTags,
  // The parser compares each key with all others; see checkTree.
  uniqueKeys: false,
  // It would write warnings to stderr by itself.
  logLevel: 'error',
} as const satisfies ParseOptions & SchemaOptions & { version: '1.1'; logLevel: 'error' };

export interface ParsedYaml {
  readonly documents: readonly Document[];
  readonly lines: LineCounter;
}

/** Parses all documents of a text. Syntax errors are in each document's `errors`. */
export function parseYaml(text: string): ParsedYaml {
  const lines = new LineCounter();
  return { documents: [...documentsIn(text, lines)], lines };
}

/** The same, one document after the other: what nobody asks for isn't parsed. */
export function* documentsIn(text: string, lines: LineCounter = new LineCounter()): Iterable<Document> {
  for (const document of composedIn(text, lines)) {
    checkTree(document);
    yield document;
  }
}

function* composedIn(text: string, lines: LineCounter): Iterable<Document> {
  const composer = new Composer({ ...yamlOptions, lineCounter: lines, prettyErrors: false });
  const parser = new Parser(lines.addNewLine);
  // The parser goes back step by step from the last line's indentation, too.
  const wide = wideIndentation.exec(text)?.index;
  for (const token of parser.parse(wide === undefined ? text : '')) {
    if (token.type === 'document' && isTooDeep(token)) yield tooDeep(token.offset);
    else yield* composer.next(token);
  }
  yield* composer.end();
  if (wide !== undefined) yield tooDeep(wide);
}

/**
 * The composer calls itself for each level, and whoever reads a tree does. Where the stack ends, V8 may end the process
 * (when it is about to compile a regular expression): it must not come to that. Manifests have some dozens of levels.
 */
const maxDepth = 250;
const wideIndentation = /^[ \-?:]{1000}/m;

function isTooDeep(document: CST.Document): boolean {
  const open: (readonly [CST.Token, number])[] = [[document, 0]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [token, depth] = next;
    if (depth > maxDepth) return true;
    const inside =
      'items' in token
        ? token.items.flatMap(({ key, value }) => [key, value])
        : token.type === 'document'
          ? [token.value]
          : [];
    for (const one of inside) if (one !== undefined && one !== null) open.push([one, depth + 1]);
  }
  return false;
}

/** Stands for a document that isn't composed. */
function tooDeep(offset: number): Document {
  const document = new Document(undefined, yamlOptions);
  document.errors.push(new YAMLParseError([offset, offset + 1], 'RESOURCE_EXHAUSTION', 'It is nested too deeply'));
  return document;
}

/** Adds an error for each key that stands twice in a mapping, and for keys and numbers that JSON can't hold. */
function checkTree(document: Document): void {
  const complain = (node: unknown, code: ErrorCode, message: string): void => {
    const start = startOf(node) ?? 0;
    document.errors.push(new YAMLParseError([start, start + 1], code, message));
  };
  const open: unknown[] = [document.contents];
  while (open.length > 0) {
    const node = open.pop();
    if (isSeq(node)) for (const item of node.items) open.push(item);
    else if (isScalar(node) && isLossy(node))
      complain(
        node,
        'TAG_RESOLVE_FAILED',
        `The number ${node.source ?? ''} would not arrive as it is: write it in quotes`,
      );
    if (!isMap(node)) continue;
    const seen = new Set<string>();
    for (const { key, value } of node.items) {
      open.push(value);
      if (isMap(key) || isSeq(key)) complain(key, 'UNEXPECTED_TOKEN', 'A key is a mapping or a list');
      if (!isScalar(key) || key.value === '<<') continue;
      const name = String(key.value);
      if (seen.has(name)) complain(key, 'DUPLICATE_KEY', `The key ${JSON.stringify(name)} stands twice`);
      seen.add(name);
    }
  }
}

/** `.inf`, and whole numbers of more digits than JavaScript keeps. */
function isLossy({ value, source = '' }: Scalar): boolean {
  if (typeof value !== 'number') return false;
  if (!Number.isFinite(value)) return true;
  if (Number.isSafeInteger(value) || !/^-?\d+$/.test(source)) return false;
  return String(value) !== source && BigInt(value) !== BigInt(source);
}

/** A value as a YAML document that kubectl reads back as the same value. */
export function formatYaml(value: unknown): string {
  return stringify(value, { ...yamlOptions, lineWidth: 0, aliasDuplicateObjects: false });
}

/** The offset of the field at `path`, or of its deepest ancestor that the document has. */
export function offsetOf(document: Document, path: string): number | undefined {
  let node: unknown = document.contents;
  let offset: number | undefined;
  for (const step of parseFieldPath(path)) {
    const next = descend(node, step);
    if (next === undefined) break;
    ({ node, offset } = next);
  }
  return offset;
}

/** The scalar at `path` below a node, undefined where there is none. */
export function scalarAt(start: unknown, path: string): Scalar | undefined {
  let node = start;
  for (const step of parseFieldPath(path)) node = descend(node, step)?.node;
  return isScalar(node) ? node : undefined;
}

/** How many steps of a path a document has, and where the last of them begins. Numbers are places in a list. */
export function nodeAt(
  document: Document,
  path: readonly (string | number)[],
): { readonly depth: number; readonly offset: number | undefined } {
  let node: unknown = document.contents;
  let offset = startOf(node);
  for (const [depth, step] of path.entries()) {
    const next = descend(node, typeof step === 'number' ? { index: step } : { key: step });
    if (next === undefined) return { depth, offset };
    ({ node, offset } = next);
  }
  return { depth: path.length, offset };
}

function descend(node: unknown, step: PathStep): { node: unknown; offset: number | undefined } | undefined {
  if (isMap(node) && 'key' in step) {
    const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === step.key);
    return pair === undefined ? undefined : { node: pair.value, offset: startOf(pair.key) };
  }
  if (isSeq(node) && 'index' in step) {
    const item = node.items[step.index];
    return item === undefined ? undefined : { node: item, offset: startOf(item) };
  }
  if (isSeq(node) && 'key' in step) {
    const item = node.items.find((entry) => isMap(entry) && String(entry.get('name')) === step.key);
    return item === undefined ? undefined : { node: item, offset: startOf(item) };
  }
  if (isSeq(node) && 'match' in step) {
    const item = node.items.find(
      (entry) => isMap(entry) && step.match.every(([name, value]) => String(entry.get(name)) === value),
    );
    return item === undefined ? undefined : { node: item, offset: startOf(item) };
  }
  return undefined;
}

function startOf(node: unknown): number | undefined {
  if (typeof node !== 'object' || node === null || !('range' in node) || !Array.isArray(node.range)) return undefined;
  const [start] = node.range as readonly unknown[];
  return typeof start === 'number' ? start : undefined;
}
