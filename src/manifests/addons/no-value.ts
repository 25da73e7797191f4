import type { Finding } from '../../model/finding.ts';
import type { Json } from '../../model/json.ts';
import type { Origin } from '../../model/object.ts';

/** What stands in the way of a value: told where the manifest stands. */
export interface NoValue {
  readonly finding: (place: { readonly addon: string; readonly origin: Origin }) => Finding;
}

export function isNoValue(value: Json | NoValue): value is NoValue {
  return typeof value === 'object' && value !== null && 'finding' in value && typeof value.finding === 'function';
}
