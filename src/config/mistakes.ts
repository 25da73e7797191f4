import type * as z from 'zod';
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

/** What mistakes are told of. */
interface Subject {
  readonly value: unknown;
  /** With the names of all fields. */
  readonly schema: z.core.$ZodType;
  /** A field as it stands in its file: `environments.prod.namespace`. */
  readonly shown: (path: readonly PropertyKey[]) => string;
}

/** What zod found, in words. Whoever mistyped a field lacks the one that was meant: that isn't told, too. */
export function mistakesIn(issues: readonly z.core.$ZodIssue[], subject: Subject): readonly Mistake[] {
  const { value } = subject;
  const mistakes = issues.flatMap((issue) => mistakesOf(issue, subject));
  const lacking = mistakes
    .flatMap(({ path, meant = [] }) => meant.map((name) => [...path.slice(0, -1), name]))
    .filter((path) => isAbsent(value, path));
  return mistakes.filter(({ path }) => !lacking.some((one) => one.every((step, index) => step === path[index])));
}

/** An unknown field with the one that was meant, a missing one, a wrong value. */
function mistakesOf(issue: z.core.$ZodIssue, subject: Subject): readonly Mistake[] {
  const { value, shown } = subject;
  const { path } = issue;
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownField([...path, key], key, subject));
  if (issue.code === 'invalid_union' && !isAbsent(value, path)) {
    const meant = issuesOfUnion(issue).map((one) => ({ ...one, path: [...path, ...one.path] }));
    if (meant.length > 0) return meant.flatMap((one) => mistakesOf(one, subject));
  }
  const field = shown(path) || 'The configuration';
  if (issue.code === 'invalid_type' && isAbsent(value, path))
    return [{ path, cause: `${field} is missing.`, fix: 'Add it; the README lists the fields.' }];
  if (isOneLevelOff(issue, subject)) {
    const fix = `Write it one level deeper: inputs: {<name>: {${String(path[1])}: ...}}.`;
    return [{ path, cause: `${field} stands where the name of an input belongs.`, fix }];
  }
  // Of a key that breaks its rule zod says only that it does; the rule is one level deeper.
  const reason = issue.code === 'invalid_key' ? issue.issues.map(({ message }) => message).join('; ') : issue.message;
  return [{ path, cause: `${field}: ${reason}`, fix: correct }];
}

function unknownField(path: readonly PropertyKey[], key: string, { schema, shown }: Subject): Mistake {
  const field = shown(path);
  const isOfEnvironment = path.length === 1 && field !== key;
  if (isOfEnvironment && key === 'environments')
    return { path, cause: `${field}: an environment has none of its own.`, fix: 'Write them all under environments:.' };
  const known = fieldNames(schema, path.slice(0, -1)).filter((name) => !isOfEnvironment || name !== 'environments');
  return {
    path,
    cause: `There is no field ${field}.`,
    fix: didYouMean(key, known) || `Remove it; the fields are ${known.join(', ')}.`,
    meant: suggest(key, known),
  };
}

/** `inputs: {sources: [...]}`: what belongs to an input in the place of one. */
function isOneLevelOff({ code, path }: z.core.$ZodIssue, { schema }: Subject): boolean {
  const [first, name, ...rest] = path;
  if (code !== 'invalid_type' || first !== 'inputs' || typeof name !== 'string' || rest.length > 0) return false;
  return fieldNames(schema, ['inputs', '']).includes(name);
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
