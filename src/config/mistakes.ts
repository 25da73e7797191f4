import type { z } from 'zod';
import { isObject } from '../model/json.ts';
import { didYouMean } from '../model/suggest.ts';
import { fieldNames } from './schema.ts';

/** One mistake in a configuration: where, what, and what to do. */
interface Mistake {
  readonly path: readonly PropertyKey[];
  readonly cause: string;
  readonly fix: string;
}

const correct = 'Correct it; the README lists the fields.';

/** What zod found, in words: an unknown field with the one that was meant, a missing one, a wrong value. */
export function mistakesOf(issue: z.core.$ZodIssue, value: unknown): readonly Mistake[] {
  const { path } = issue;
  if (issue.code === 'unrecognized_keys') {
    const known = fieldNames(path);
    return issue.keys.map((key) => ({
      path: [...path, key],
      cause: `There is no field ${fieldOf([...path, key])}.`,
      fix: didYouMean(key, known) || `Remove it; the fields are ${known.join(', ')}.`,
    }));
  }
  const field = fieldOf(path) || 'The configuration';
  if (issue.code === 'invalid_type' && isAbsent(value, path))
    return [{ path, cause: `${field} is missing.`, fix: 'Add it; the README lists the fields.' }];
  // Of a key that breaks its rule zod says only that it does; the rule is one level deeper.
  const reason = issue.code === 'invalid_key' ? issue.issues.map(({ message }) => message).join('; ') : issue.message;
  return [{ path, cause: `${field}: ${reason}`, fix: correct }];
}

/** `inputs.redis_port.sources[0]`. */
export function fieldOf(path: readonly PropertyKey[]): string {
  return path
    .map((step, index) => (typeof step === 'number' ? `[${step}]` : `${index > 0 ? '.' : ''}${String(step)}`))
    .join('');
}

function isAbsent(value: unknown, path: readonly PropertyKey[]): boolean {
  let node = value;
  for (const step of path) node = isObject(node) || Array.isArray(node) ? Reflect.get(node, step) : undefined;
  return node === undefined;
}
