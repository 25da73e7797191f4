import type { Config } from './schema.ts';

/** What the built-in configuration says by itself, wherever its file is. It has no environments, and overrides nothing. */
export type BuiltInSettings = Omit<
  Config,
  'file' | 'directory' | 'origin' | 'isAsked' | 'environment' | 'overrides' | 'placeOf'
>;

/**
 * Of a build, which has checked it once for all runs: it can't change any more. Undefined in a checkout, where it is read
 * as any other file is.
 */
export function builtInSettings(): BuiltInSettings | undefined {
  return undefined;
}
