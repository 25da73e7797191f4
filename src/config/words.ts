import type * as z from 'zod';
import { textOf } from '../model/json.ts';
import { didYouMean } from '../model/suggest.ts';

const types: Readonly<Record<string, string>> = {
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
};

/** What zod complains of in the names of its own types, in those of YAML. What a schema says itself comes first. */
export const inWords: z.core.$ZodErrorMap = (issue) => {
  if (issue.code === 'invalid_type') {
    const found = typeOf(issue.input);
    // What YAML takes for a number or a boolean was often meant as it stands: `no`, `1.10`.
    const isUnquoted = issue.expected === 'string' && ['number', 'boolean'].includes(typeof issue.input);
    const hint = isUnquoted ? ': write it in quotes' : '';
    return `must be ${types[issue.expected] ?? issue.expected}${found === undefined ? '' : `, not ${found}`}${hint}`;
  }
  if (issue.code === 'too_small')
    return issue.minimum === 1 ? 'must not be empty' : `must have ${String(issue.minimum)} letters or more`;
  if (issue.code !== 'invalid_value') return undefined;
  const values = issue.values.map(String);
  const near = values.length === 1 ? '' : didYouMean(textOf(issue.input), values);
  return `must be ${values.length === 1 ? '' : 'one of '}${values.join(', ')}${near === '' ? '' : `. ${near}`}`;
};

function typeOf(value: unknown): string | undefined {
  if (Array.isArray(value)) return 'a list';
  if (value === null) return 'empty';
  return types[typeof value];
}
