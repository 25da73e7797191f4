import type { Config } from '../../config/schema.ts';
import type { Finding } from '../../model/finding.ts';
import type { Json } from '../../model/json.ts';
import type { Origin } from '../../model/object.ts';

/** What stands in the way of a value: told where the manifest stands. */
export interface NoValue {
  readonly finding: (place: ValuePlace) => Finding;
}

/** Where a value is missing. */
interface ValuePlace {
  readonly addon: string;
  readonly origin: Origin;
  /** Of the configuration and its add-ons, by name. */
  readonly inputs: Config['inputs'];
}

export function isNoValue(value: Json | NoValue): value is NoValue {
  return typeof value === 'object' && value !== null && 'finding' in value && typeof value.finding === 'function';
}
