import type { Path } from '../model/field-path.ts';
import { arrayOf, isObject, type Json, type JsonObject, objectOf, textOf } from '../model/json.ts';
import { didYouMean } from '../model/suggest.ts';
import { referencesIn } from './compose-parts.ts';
import type { Mistake } from './mistakes.ts';

/** A name that a composed input is made of, and where it stands. */
interface Part {
  readonly path: Path;
  readonly name: string;
  readonly filter?: string | undefined;
}

/**
 * What is wrong with the composed inputs of a configuration, which may have mistakes of other kinds, too: names of no input
 * (their piece would be left out without a word), filters that there aren't, and circles.
 */
export function composeMistakes(config: JsonObject): readonly Mistake[] {
  const inputs = objectOf(config.inputs);
  const parts = new Map(Object.entries(inputs).map(([name, entry]) => [name, partsOf(name, entry)]));
  const wrong = [...parts].flatMap(([name, list]) => list.flatMap((part) => mistakesOf(name, part, inputs)));
  return [...wrong, ...circlesIn(parts)];
}

function partsOf(input: string, entry: Json | undefined): readonly Part[] {
  const compose = isObject(entry) ? arrayOf(entry.compose) : [];
  return compose.flatMap((piece, index): readonly Part[] => {
    const path = ['inputs', input, 'compose', index];
    const referred = (text: Json | undefined, place: Path): readonly Part[] =>
      referencesIn(textOf(text)).map((reference) => ({ path: place, ...reference }));
    if (!isObject(piece)) return referred(piece, path);
    const conditions = Array.isArray(piece.when) ? arrayOf(piece.when) : [piece.when];
    const when = conditions.flatMap((name) => (typeof name === 'string' ? [{ path: [...path, 'when'], name }] : []));
    return [...when, ...referred(piece.text, [...path, 'text'])];
  });
}

function mistakesOf(input: string, { path, name, filter }: Part, inputs: JsonObject): readonly Mistake[] {
  return [
    ...(Object.hasOwn(inputs, name) ? [] : [unknownPart(input, { path, name }, inputs)]),
    ...(filter === undefined || filter === 'uri' ? [] : [unknownFilter(input, path, filter)]),
  ];
}

function unknownPart(input: string, { path, name }: Part, inputs: JsonObject): Mistake {
  const known = Object.keys(inputs).filter((one) => one !== input);
  const what = name === '' ? 'a reference without a name' : name;
  return {
    id: 'inputs/unknown',
    path,
    cause: `The input ${input} is composed of ${what}, which is no input.`,
    fix: didYouMean(name, known) || 'Correct it, or declare the input under inputs:.',
  };
}

function unknownFilter(input: string, path: Path, filter: string): Mistake {
  return {
    id: 'inputs/unknown-filter',
    path,
    cause: `The input ${input} is composed with the unknown filter |${filter}.`,
    fix: 'Use |uri, the only one there is, or none.',
  };
}

/** Each circle once, at the piece that closes it. */
function circlesIn(parts: ReadonlyMap<string, readonly Part[]>): readonly Mistake[] {
  const found: Mistake[] = [];
  const done = new Set<string>();
  const visit = (name: string, trail: readonly string[]): void => {
    for (const part of done.has(name) ? [] : (parts.get(name) ?? [])) {
      const start = [...trail, name].indexOf(part.name);
      if (start < 0) visit(part.name, [...trail, name]);
      else found.push(circle(part.path, [...[...trail, name].slice(start), part.name]));
    }
    done.add(name);
  };
  for (const name of parts.keys()) visit(name, []);
  return [...new Map(found.map((one) => [one.cause, one])).values()];
}

function circle(path: Path, names: readonly string[]): Mistake {
  return {
    id: 'inputs/cycle',
    path,
    cause: `The composed inputs need each other: ${names.join(' -> ')}.`,
    fix: 'Break the circle: compose one of them of something else, or give it sources.',
  };
}
