import { Buffer } from 'node:buffer';
import type { Input, Inputs } from '../../model/input.ts';
import type { Scalar } from '../../model/json.ts';
import { type Placeholder, piecesOf, unmarked } from './tokens.ts';

/** What a scalar is in its object. */
export interface ScalarPlace {
  /** Without quotes, where YAML decides what a value is: then a lone placeholder takes its input's type. */
  readonly isPlain: boolean;
  /** In `data` of a Secret, where Kubernetes wants base64. */
  readonly isEncoded: boolean;
  /** A text that somebody else reads: a script, a file in a ConfigMap. `${name}` may be theirs. */
  readonly isProse: boolean;
}

/** The inputs that a scalar is filled with. */
export interface Fillings {
  readonly inputs: Inputs;
  /** Those that are meant also in a text for somebody else: somebody has declared or given them. */
  readonly meant: ReadonlySet<string>;
  /** Those whose value is base64 already. */
  readonly encoded: ReadonlySet<string>;
}

export type Filled =
  | {
      readonly state: 'filled';
      readonly value: Scalar;
      readonly used: readonly Input[];
      /** Placeholders that stay: they are somebody else's. */
      readonly left: readonly Placeholder[];
    }
  | { readonly state: 'unresolved'; readonly placeholders: readonly Placeholder[] };

/** Replaces the tokens of one scalar in a single pass: what a value contains is never read as a placeholder. */
export function fillScalar(tokenised: string, place: ScalarPlace, fillings: Fillings): Filled {
  const { inputs, meant } = fillings;
  const decoded = place.isEncoded ? unmarked(tokenised) : undefined;
  const pieces = piecesOf(decoded ?? tokenised);
  const isLeft = (piece: Placeholder): boolean => place.isProse && piece.isShell && !meant.has(piece.input);
  const placeholders = pieces.filter((piece) => typeof piece !== 'string');
  const open = placeholders.filter((one) => !isLeft(one));
  const unresolved = open.filter(({ input, fallback }) => !inputs.has(input) && fallback === undefined);
  if (unresolved.length > 0) return { state: 'unresolved', placeholders: unresolved };
  const used = open.flatMap(({ input }) => inputs.get(input) ?? []);
  const left = placeholders.filter(isLeft);
  const [only] = used;
  if (place.isPlain && only !== undefined && pieces.length === 1 && !place.isEncoded)
    return { state: 'filled', value: typedValue(only), used, left };
  const textOf = (piece: Placeholder): string =>
    isLeft(piece) ? piece.text : String(inputs.get(piece.input)?.value ?? piece.fallback ?? '');
  const text = pieces.map((piece) => (typeof piece === 'string' ? piece : textOf(piece))).join('');
  const isDone = decoded === undefined && (open.length === 0 || used.some(({ name }) => fillings.encoded.has(name)));
  const value = place.isEncoded && !isDone ? Buffer.from(text, 'utf8').toString('base64') : text;
  return { state: 'filled', value, used, left };
}

/** Variables, files, parameters and prompts know no types: their `3` and `true` mean what YAML would read there. */
const untypedSources: ReadonlySet<string> = new Set(['env', 'file', 'flag', 'prompt', 'ssm']);

function typedValue({ value, source }: Input): Scalar {
  if (typeof value !== 'string' || !untypedSources.has(source.kind)) return value;
  if (value === 'true' || value === 'false') return value === 'true';
  return /^(0|-?[1-9]\d{0,14})$/.test(value) ? Number(value) : value;
}
