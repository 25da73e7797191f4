import type { Input, Inputs } from '../model/input.ts';
import type { Scalar } from '../model/json.ts';

/** A placeholder found in a scalar: what stands there, and the input that it names. */
interface Placeholder {
  readonly text: string;
  readonly input: string;
}

interface Style {
  readonly pattern: RegExp;
  readonly inputOf: (match: RegExpMatchArray) => string;
}

/** `${name}`, `REPLACE_WITH_NAME` and `<NAME>`. `$${name}` is the way to keep a `${name}` as it is. */
const styles: readonly Style[] = [
  { pattern: /(?<!\$)\$\{([a-z][a-z0-9_]*)\}/g, inputOf: ([, name = '']) => name },
  { pattern: /REPLACE_WITH_([A-Z][A-Z0-9_]*)/g, inputOf: ([, name = '']) => name.toLowerCase() },
  { pattern: /<([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)>/g, inputOf: ([, name = '']) => name.toLowerCase() },
];

/** All placeholders of a scalar, in no particular order. */
export function findPlaceholders(text: string): readonly Placeholder[] {
  return styles.flatMap(({ pattern, inputOf }) =>
    [...text.matchAll(pattern)].map((match) => ({ text: match[0], input: inputOf(match) })),
  );
}

export type Filled =
  | { readonly state: 'filled'; readonly value: Scalar; readonly used: readonly Input[] }
  | { readonly state: 'unresolved'; readonly placeholders: readonly Placeholder[] };

/**
 * Replaces the placeholders of one scalar in a single pass: what a value contains is never read as a placeholder.
 *
 * @param plain whether the scalar stands without quotes: then a lone placeholder takes its input's type.
 */
export function fillScalar(text: string, inputs: Inputs, plain: boolean): Filled {
  const found = findPlaceholders(text);
  const unresolved = found.filter(({ input }) => !inputs.has(input));
  if (unresolved.length > 0) return { state: 'unresolved', placeholders: unresolved };
  const used = found.flatMap(({ input }) => inputs.get(input) ?? []);
  const [only] = used;
  if (plain && only !== undefined && found[0]?.text === text) return { state: 'filled', value: typedValue(only), used };
  return { state: 'filled', value: fillText(text, inputs), used };
}

/** An escaped `$${name}`, or a placeholder of any style. */
const escapeOrPlaceholder = new RegExp(
  [
    '\\$(\\$\\{[a-z][a-z0-9_]*\\})',
    ...styles.map(({ pattern }) => `(?:${pattern.source.replace(/\((?!\?)/g, '(?:')})`),
  ].join('|'),
  'g',
);

function fillText(text: string, inputs: Inputs): string {
  return text.replace(escapeOrPlaceholder, (whole: string, escaped: string | undefined) => {
    if (escaped !== undefined) return escaped;
    const [placeholder] = findPlaceholders(whole);
    return placeholder === undefined ? whole : String(inputs.get(placeholder.input)?.value ?? whole);
  });
}

/** Variables, files, parameters and prompts know no types: their `3` and `true` mean what YAML would read there. */
const untypedSources: ReadonlySet<string> = new Set(['env', 'file', 'flag', 'prompt', 'ssm']);

function typedValue({ value, source }: Input): Scalar {
  if (typeof value !== 'string' || !untypedSources.has(source.kind)) return value;
  if (value === 'true' || value === 'false') return value === 'true';
  return /^(0|-?[1-9]\d{0,14})$/.test(value) ? Number(value) : value;
}
