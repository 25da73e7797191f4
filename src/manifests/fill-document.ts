import { type Document, type Scalar, visit } from 'yaml';
import type { Finding } from '../model/finding.ts';
import type { Input, Inputs } from '../model/input.ts';
import type { Origin } from '../model/object.ts';
import { fillScalar } from './placeholders/fill.ts';
import { duplicateKeys, placeOf } from './placeholders/place.ts';
import { hasToken, type Placeholder, placeholdersIn, withoutTokens } from './placeholders/tokens.ts';
import { walk } from './tree.ts';
import { doubleKey, leftAlone, misplacedFilters, noteUnresolved, type UnresolvedNotes } from './unresolved.ts';

/** The inputs a rendering may use. `absent` are optional inputs without a value: their entries are left out. */
export interface Values {
  readonly inputs: Inputs;
  readonly absent: ReadonlySet<string>;
  /** Declared inputs whose lack has been reported already; their placeholders aren't reported again. */
  readonly missing: ReadonlySet<string>;
  /** Those that are meant also in a text for a shell or another program: somebody has declared or given them. */
  readonly meant: ReadonlySet<string>;
  /** Those whose values are base64 already. */
  readonly encoded: ReadonlySet<string>;
  /** Inputs that may not be given on the command line. */
  readonly secret: ReadonlySet<string>;
  /** All names that a placeholder can have, for who mistyped one. */
  readonly known: readonly string[];
}

/** What one rendering gathers. */
export interface Pass {
  readonly values: Values;
  readonly findings: Finding[];
  readonly unresolved: UnresolvedNotes;
  /** Documents that are left out, because an input has no value. */
  readonly lacking: Origin[];
}

/** A scalar that inputs have filled. */
export interface FilledScalar {
  /** From the root of its document. */
  readonly path: readonly string[];
  readonly origin: Origin;
  /** As it stands in the file: `http://<HOST>:80`. */
  readonly written: string;
  readonly inputs: readonly Input[];
}

/** Fills every placeholder of a document in place, and says which scalars were; undefined if one stays unresolved. */
export function fillDocument(
  document: Document,
  originAt: (offset: number) => Origin,
  pass: Pass,
): readonly FilledScalar[] | undefined {
  const scalars: FilledScalar[] = [];
  let complete = true;
  let hasFilledKey = false;
  const fill = (node: Scalar, path: readonly string[], isKey: boolean): 'keep' | 'remove' => {
    if (typeof node.value !== 'string') return 'keep';
    if (node.value.includes('|')) {
      pass.findings.push(...misplacedFilters(node.value, pass.values.meant, originAt(node.range?.[0] ?? 0)));
    }
    if (!hasToken.test(node.value)) return 'keep';
    hasFilledKey ||= isKey;
    const origin = originAt(node.range?.[0] ?? 0);
    const place = placeOf(document, node, path, isKey);
    const found = placeholdersIn(node.value);
    const isAbsent = ({ input, isShell }: Placeholder): boolean =>
      pass.values.absent.has(input) && !(place.isProse && isShell && !pass.values.meant.has(input));
    if (found.some(isAbsent)) return 'remove';
    const filled = fillScalar(node.value, place, pass.values);
    if (filled.state === 'filled') {
      if (filled.used.length > 0)
        scalars.push({ path, origin, written: withoutTokens(node.value), inputs: filled.used });
      node.value = filled.value;
      if (!String(filled.value).includes('\n')) pass.findings.push(...filled.left.map((one) => leftAlone(one, origin)));
      return 'keep';
    }
    complete = false;
    const scalar = { document, path, origin };
    for (const placeholder of filled.placeholders)
      if (!pass.values.missing.has(placeholder.input)) noteUnresolved(pass.unresolved, placeholder, scalar);
    return 'keep';
  };
  walk(document.contents, [], fill);
  if (hasFilledKey) {
    visit(document, {
      Map(_, node) {
        const doubles = duplicateKeys(node);
        complete &&= doubles.length === 0;
        pass.findings.push(...doubles.map((key) => doubleKey(key, originAt(key.range?.[0] ?? 0))));
      },
    });
  }
  return complete ? scalars : undefined;
}
