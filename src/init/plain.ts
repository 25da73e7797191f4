import type { Document } from 'yaml';

/** A document as plain values; undefined for one that is none, as with an alias of something that isn't there. */
export function plainOf(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: 1000 }) as unknown;
  } catch {
    return undefined;
  }
}
