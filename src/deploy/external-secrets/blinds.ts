import { randomBytes } from 'node:crypto';
import { composeInputs } from '../../inputs/compose.ts';
import { encodeStrict, redactorOf, secretsOf } from '../../inputs/redact.ts';
import type { InputSpecs } from '../../inputs/specs.ts';
import type { Input, Inputs } from '../../model/input.ts';

/** A part of a text that was filled with blinds. */
export type Piece =
  | { readonly text: string }
  /** The value of a secret input goes here; `uri`: percent-encoded. */
  | { readonly input: Input; readonly uri: boolean };

/** Inputs without the values of the secret ones: a blind stands for each, so that none can get into what is written. */
export interface Blinds {
  readonly inputs: Inputs;
  /** Takes a text apart at its blinds. */
  readonly piecesOf: (text: string) => readonly Piece[];
  /** The secret inputs whose blinds are in a text. */
  readonly inputsIn: (text: string) => readonly Input[];
  /** Hides the secret values in what is printed; what is only composed of others is none by itself. */
  readonly redact: (text: string) => string;
}

/**
 * Puts a blind in the place of each secret value. A composed input is composed anew, of blinds: of those whose parts are
 * none of them secret the value stays.
 */
export function blind({ inputs, specs }: { readonly inputs: Inputs; readonly specs: InputSpecs }): Blinds {
  const random = randomBytes(8).toString('hex');
  const hidden = [...inputs.values()].filter(({ secret, source }) => secret && source.kind !== 'composed');
  const blinds = new Map(hidden.map(({ name }, index) => [name, `blind!${random}!n${index}!`]));
  const given = [...inputs.values()]
    .filter(({ source }) => source.kind !== 'composed')
    .map((input): readonly [string, Input] => [input.name, { ...input, value: blinds.get(input.name) ?? input.value }]);
  // Percent-encoded it is told by its marks.
  const mark = `(?:!|${encodeStrict('!')})`;
  const pattern = new RegExp(`(blind${mark}${random}${mark}n\\d+${mark})`);
  const pieceOf = (text: string): Piece => {
    const index = pattern.test(text) ? /n(\d+)\D/.exec(text.slice(`blind!${random}`.length))?.[1] : undefined;
    const input = index === undefined ? undefined : hidden[Number(index)];
    return input === undefined ? { text } : { input, uri: !text.endsWith('!') };
  };
  const piecesOf = (text: string): readonly Piece[] =>
    text
      .split(pattern)
      .filter((part) => part !== '')
      .map(pieceOf);
  return {
    inputs: composeInputs(specs, new Map(given)).inputs,
    piecesOf,
    inputsIn: (text) => [...new Set(piecesOf(text).flatMap((piece) => ('input' in piece ? [piece.input] : [])))],
    redact: redactorOf(secretsOf(new Map(hidden.map((input) => [input.name, input])))),
  };
}
