import type { InputSource } from './schema/inputs.ts';

/** The Terraform outputs that sources name, in order of preference. */
export function outputsIn(sources: readonly InputSource[]): readonly string[] {
  return sources.flatMap((source) => ('terraform' in source ? source.terraform : []));
}
