import { Buffer } from 'node:buffer';
import { type Document, isMap, isSeq, Scalar, type YAMLMap } from 'yaml';
import { parseYaml, scalarAt } from '../../model/yaml.ts';
import type { SourceFile } from '../sources/source-file.ts';
import { type Splice, withScalars } from '../splice.ts';
import { holderOf, walk } from '../tree.ts';
import { type PlaceholderRules, tokenise } from './scan.ts';
import { isMark, perhapsMarked } from './styles.ts';
import { hasToken, markDecoded, tokenOf, withoutTokens } from './tokens.ts';

/** A field of the configuration's `placeholders.fields`, and whether it was found. */
export interface WantedField {
  /** `Secret/app-secrets`. */
  readonly object: string;
  readonly field: string;
  readonly input: string;
}

export interface Marked {
  readonly file: SourceFile;
  /** The wanted fields that it has, and the objects that it has without the field. */
  readonly found: readonly WantedField[];
  readonly objects: ReadonlySet<string>;
}

/** The fields that the configuration fills. */
export function wantedFields({ fields }: Pick<PlaceholderRules, 'fields'>): readonly WantedField[] {
  return Object.entries(fields).flatMap(([object, byField]) =>
    Object.entries(byField).map(([field, input]) => ({ object, field, input })),
  );
}

/**
 * Placeholders that no pattern finds: fields that the configuration names, marks such as CHANGEME that fill a whole scalar,
 * and placeholders inside the base64 of a Secret's `data`. The file is tokenised already.
 */
export function markFields(file: SourceFile, rules: PlaceholderRules): Marked {
  const wanted = wantedFields(rules);
  const hasMarks = rules.styles.includes('change-me') && perhapsMarked.test(file.text);
  const hasData = /\bSecret\b/.test(file.text) && /\bdata\b/.test(file.text);
  if (wanted.length === 0 && !hasMarks && !hasData) return { file, found: [], objects: new Set() };
  const { documents } = parseYaml(file.text);
  const splices = new Map<number, Splice>();
  const found: WantedField[] = [];
  const objects = new Set<string>();
  const put = (scalar: Scalar, text: string): void => {
    const [start, end] = scalar.range ?? [];
    if (start === undefined || end === undefined || splices.has(start)) return;
    splices.set(start, { start, end, text, isPlain: scalar.type === Scalar.PLAIN });
  };
  for (const document of documents.filter(({ errors }) => errors.length === 0)) {
    for (const object of objectNodes(document)) {
      for (const one of wanted.filter((each) => isNamed(object, each.object))) {
        objects.add(one.object);
        const scalar = scalarAt(object, one.field);
        if (scalar === undefined) continue;
        found.push(one);
        put(scalar, tokenOf({ text: withoutTokens(String(scalar.value)), input: one.input, isShell: false }));
      }
    }
    walk(document.contents, [], (scalar, path) => {
      const text = marked(scalar, holderOf(document, path) === 'Secret' && path.at(-2) === 'data', rules);
      if (text !== undefined) put(scalar, text);
      return 'keep';
    });
  }
  return { file: withScalars(file, [...splices.values()]), found, objects };
}

/** The text with a token for what the whole of it stands for. */
function marked({ value }: Scalar, isData: boolean, rules: PlaceholderRules): string | undefined {
  if (typeof value !== 'string') return undefined;
  const hasMarks = rules.styles.includes('change-me');
  const isMarked = (text: string): boolean =>
    hasMarks && isMark(withoutTokens(text).trim()) && !rules.keep.includes(withoutTokens(text).trim());
  const markOf = (text: string): string => {
    const written = withoutTokens(text).trim();
    return tokenOf({ text: written, input: rules.inputs[written] ?? '', isShell: false });
  };
  if (isMarked(value)) return markOf(value);
  if (!isData || hasToken.test(value)) return undefined;
  const plain = decoded(value);
  if (plain === undefined) return undefined;
  if (isMarked(plain)) return markDecoded(markOf(plain));
  const inside = tokenise(plain, rules);
  return inside === plain ? undefined : markDecoded(inside);
}

/** What base64 says, if it is that of a text. */
function decoded(value: string): string | undefined {
  const compact = value.replaceAll(/\s/g, '');
  if (compact === '' || !/^[A-Za-z0-9+/]+={0,2}$/.test(compact)) return undefined;
  const text = Buffer.from(compact, 'base64').toString('utf8');
  return Buffer.from(text, 'utf8').toString('base64') === compact ? text.replace(/\n$/, '') : undefined;
}

/** The objects of a document: itself, or the items of a List. */
function objectNodes({ contents }: Document): readonly YAMLMap[] {
  if (!isMap(contents)) return [];
  if (contents.get('kind') !== 'List') return [contents];
  const items = contents.get('items');
  return isSeq(items) ? items.items.filter((item) => isMap(item)) : [];
}

/** Whether an object is the one that is meant by `Kind/name` or `Kind/namespace/name`. */
function isNamed(object: YAMLMap, wanted: string): boolean {
  const [kind = '', ...names] = wanted.split('/');
  const namespace = names.length > 1 ? names[0] : undefined;
  return (
    String(object.get('kind')).toLowerCase() === kind.toLowerCase() &&
    object.getIn(['metadata', 'name']) === names.at(-1) &&
    (namespace === undefined || object.getIn(['metadata', 'namespace']) === namespace)
  );
}
