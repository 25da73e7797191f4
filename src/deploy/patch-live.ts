import type { Applied, Cluster } from '../cluster/cluster.ts';
import type { Json } from '../model/json.ts';
import type { KubernetesObject, ObjectRef } from '../model/object.ts';

const maxTries = 5;

/**
 * Patches an object as it was read. Controllers write status at any moment: a patch that begins with `sameVersion` holds
 * for one version only, and is made anew for the next. Where there is nothing to do (any more), nothing is written.
 */
export async function patchLive(
  ref: ObjectRef,
  live: KubernetesObject,
  operations: (live: KubernetesObject) => readonly Json[] | undefined,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<Applied> {
  let current = live;
  for (let tries = 1; ; tries += 1) {
    const patch = operations(current);
    if (patch === undefined) return { ok: true, object: current, warnings: [] };
    const patched = await cluster.patch(ref, patch, signal);
    if (patched.ok || tries === maxTries || !isStale(patched)) return patched;
    const read = await cluster.get(ref, signal);
    if (read === undefined) return patched;
    current = read;
  }
}

/** The operation that makes a patch fail where the object was written since. */
export function sameVersion({ metadata }: KubernetesObject): Json {
  return { op: 'test', path: '/metadata/resourceVersion', value: metadata.resourceVersion ?? '' };
}

/** A failed `test` operation is answered with 422, a lost race with 409. */
function isStale(applied: Applied): boolean {
  return !applied.ok && (applied.failure.status === 422 || applied.failure.status === 409);
}
