import { countOf } from '../model/age.ts';
import { formatRef } from '../model/object.ts';
import type { PodPlace } from './pods.ts';
import type { Flaw } from './rule.ts';

/** One flaw for the whole application: at the first object, the others are named with it. */
export function adviceFor(pods: readonly PodPlace[], path: (pod: PodPlace) => string, cause: string): readonly Flaw[] {
  const [first, ...others] = pods;
  if (first === undefined) return [];
  const more = others.length === 0 ? '' : ` (the same for ${countOf(others.length, 'other')})`;
  return [
    {
      manifest: first.manifest,
      path: path(first),
      cause: `${cause}${more}`,
      hits: others.map(({ manifest: { ref } }) => formatRef(ref)),
    },
  ];
}
