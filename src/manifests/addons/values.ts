import type { Finding } from '../../model/finding.ts';
import { at, type Json, type JsonObject } from '../../model/json.ts';
import type { Origin } from '../../model/object.ts';
import type { Application } from './application.ts';
import { quotaFor } from './quota.ts';

/** What `$[...]` stands for in one manifest, beside what it stands for in all of them. */
export type Scope = JsonObject;

/** What stands in the way of a value: told where the manifest stands. */
export interface NoValue {
  readonly finding: (place: { readonly addon: string; readonly origin: Origin }) => Finding;
}

export function isNoValue(value: Json | NoValue): value is NoValue {
  return typeof value === 'object' && value !== null && 'finding' in value && typeof value.finding === 'function';
}

/** What `$[...]` stands for in every manifest of an add-on. */
const ofApplication: Readonly<Record<string, (application: Application) => JsonObject>> = {
  quota: quotaFor,
};

/**
 * The value of an expression: `workload.selector`.
 *
 * @throws Error for one that stands for nothing: a mistake in an add-on.
 */
export function valueAt(expression: string, scope: Scope, application: Application): Json | NoValue {
  const [first = '', ...rest] = expression.split('.');
  const start = scope[first] ?? ofApplication[first]?.(application);
  const found = at(start, ...rest);
  if (found === undefined) throw new Error(`$[${expression}] stands for nothing`);
  return found;
}
