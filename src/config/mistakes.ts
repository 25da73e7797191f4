import type { z } from 'zod';
import { isObject } from '../model/json.ts';
import { didYouMean, suggest } from '../model/suggest.ts';
import { fieldNames } from './field-names.ts';

/** One mistake in a configuration: where, what, and what to do. */
export interface Mistake {
  /** `config/invalid` where nothing else is said. */
  readonly id?: string;
  readonly path: readonly PropertyKey[];
  readonly cause: string;
  readonly fix: string;
  /** The fields that may have been meant by one that there isn't. */
  readonly meant?: readonly string[];
}

export const correct = 'Correct it; the README lists the fields.';

/** What zod found, in words. Whoever mistyped a field lacks the one that was meant: that isn't told, too. */
export function mistakesIn(
  issues: readonly z.core.$ZodIssue[],
  value: unknown,
  schema: z.core.$ZodType,
): readonly Mistake[] {
  const mistakes = issues.flatMap((issue) => mistakesOf(issue, value, schema));
  const lacking = mistakes
    .flatMap(({ path, meant = [] }) => meant.map((name) => [...path.slice(0, -1), name]))
    .filter((path) => isAbsent(value, path));
  return mistakes.filter(({ path }) => !lacking.some((one) => one.every((step, index) => step === path[index])));
}

/** An unknown field with the one that was meant, a missing one, a wrong value. */
function mistakesOf(issue: z.core.$ZodIssue, value: unknown, schema: z.core.$ZodType): readonly Mistake[] {
  const { path } = issue;
  if (issue.code === 'unrecognized_keys') {
    const known = fieldNames(schema, path);
    return issue.keys.map((key) => ({
      path: [...path, key],
      cause: `There is no field ${fieldOf([...path, key])}.`,
      fix: didYouMean(key, known) || `Remove it; the fields are ${known.join(', ')}.`,
      meant: suggest(key, known),
    }));
  }
  if (issue.code === 'invalid_union' && !isAbsent(value, path)) {
    const meant = issuesOfUnion(issue).map((one) => ({ ...one, path: [...path, ...one.path] }));
    if (meant.length > 0) return meant.flatMap((one) => mistakesOf(one, value, schema));
  }
  const field = fieldOf(path) || 'The configuration';
  if (issue.code === 'invalid_type' && isAbsent(value, path))
    return [{ path, cause: `${field} is missing.`, fix: 'Add it; the README lists the fields.' }];
  // Of a key that breaks its rule zod says only that it does; the rule is one level deeper.
  const reason = issue.code === 'invalid_key' ? issue.issues.map(({ message }) => message).join('; ') : issue.message;
  return [{ path, cause: `${field}: ${reason}`, fix: correct }];
}

/**
 * What is wrong with a value that may have several forms, told for the form that was meant: fields that no form has, else
 * the form that comes closest. Empty where none of them does.
 */
function issuesOfUnion({ errors }: z.core.$ZodIssueInvalidUnion): readonly z.core.$ZodIssue[] {
  const forms = errors.filter(
    (issues) => !issues.some(({ code, path }) => code === 'invalid_type' && path.length === 0),
  );
  const unknownKeys = forms.map((issues) => issues.find((issue) => issue.code === 'unrecognized_keys'));
  const [first, ...others] = unknownKeys;
  const keys = first?.keys.filter((key) => others.every((other) => other?.keys.includes(key))) ?? [];
  if (first !== undefined && keys.length > 0) return [{ ...first, keys }];
  const [best, second] = forms.toSorted((a, b) => distanceOf(a) - distanceOf(b));
  const isPlain = best !== undefined && (second === undefined || distanceOf(best) < distanceOf(second));
  return isPlain ? best : [];
}

/** How far a value is from a form: fields too many, fields too few. */
function distanceOf(issues: readonly z.core.$ZodIssue[]): number {
  return issues.reduce((sum, issue) => sum + (issue.code === 'unrecognized_keys' ? 2 * issue.keys.length : 1), 0);
}

/** `inputs.redis_port.sources[0]`. */
function fieldOf(path: readonly PropertyKey[]): string {
  return path
    .map((step, index) => (typeof step === 'number' ? `[${step}]` : `${index > 0 ? '.' : ''}${String(step)}`))
    .join('');
}

function isAbsent(value: unknown, path: readonly PropertyKey[]): boolean {
  let node = value;
  for (const step of path) node = isObject(node) || Array.isArray(node) ? Reflect.get(node, step) : undefined;
  return node === undefined;
}
