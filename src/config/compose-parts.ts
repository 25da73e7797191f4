import type { ComposePart } from './schema.ts';

/** A name in a composed value: `${name}`, or `${name|filter}`. */
export interface Reference {
  readonly name: string;
  readonly filter: string | undefined;
}

/** Where the names stand in a composed value. */
export const referencePattern = /\$\{([^}]*)\}/g;

/** The names in a piece of a composed value, in order; a malformed one may be among them. */
export function referencesIn(text: string): readonly Reference[] {
  return [...text.matchAll(referencePattern)].map(([, body = '']) => parseReference(body));
}

/** What stands between the braces. */
export function parseReference(body: string): Reference {
  const [name = '', ...rest] = body.split('|').map((word) => word.trim());
  return { name, filter: rest.length === 0 ? undefined : rest.join('|') };
}

/** The inputs that a composed value is made of, in order. */
export function partNames(parts: readonly ComposePart[]): readonly string[] {
  const conditions = parts.flatMap(conditionsOf);
  const references = parts.flatMap((part) => referencesIn(partText(part)).map(({ name }) => name));
  return [...new Set([...conditions, ...references])];
}

/** The inputs of which one must have a value for a piece to count; none for a piece that always does. */
export function conditionsOf(part: ComposePart): readonly string[] {
  return typeof part === 'string' ? [] : [part.when].flat();
}

/** The text of a piece. */
export function partText(part: ComposePart): string {
  return typeof part === 'string' ? part : part.text;
}
