import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster, Scope } from '../cluster/cluster.ts';
import { type KubernetesObject, type ObjectRef, refOf } from '../model/object.ts';

/** A pause before a watch that ended is begun again, so that a server in trouble isn't hammered. */
const rewatchDelayMs = 250;

/**
 * Hands every state of the objects in a scope to `take`: those that exist first, then each change; `undefined` for one
 * that was deleted. Lists again whenever the watch ends, breaks, stalls or is too old. Returns when the signal fires.
 */
export async function watchObjects(
  cluster: Cluster,
  scope: Scope,
  take: (object: KubernetesObject | undefined, ref: ObjectRef) => void,
  signal: AbortSignal,
): Promise<void> {
  let seen = new Map<string, ObjectRef>();
  try {
    while (!signal.aborted) {
      const { items, resourceVersion } = await cluster.list(scope, signal);
      const listed = new Map(items.map((item) => [item.metadata.uid ?? '', refOf(item)]));
      for (const item of items) take(item, refOf(item));
      for (const [uid, ref] of seen) if (!listed.has(uid) && !hasName(listed, ref)) take(undefined, ref);
      seen = listed;
      await follow(cluster, scope, resourceVersion, seen, take, signal);
      if (!signal.aborted) await delay(rewatchDelayMs, undefined, { signal });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

async function follow(
  cluster: Cluster,
  scope: Scope,
  resourceVersion: string,
  seen: Map<string, ObjectRef>,
  take: (object: KubernetesObject | undefined, ref: ObjectRef) => void,
  signal: AbortSignal,
): Promise<void> {
  for await (const event of cluster.watch(scope, resourceVersion, signal)) {
    if (event.type === 'gone') return;
    if (event.type === 'BOOKMARK') continue;
    const ref = refOf(event.object);
    const uid = event.object.metadata.uid ?? '';
    if (event.type === 'DELETED') seen.delete(uid);
    else seen.set(uid, ref);
    take(event.type === 'DELETED' ? undefined : event.object, ref);
  }
}

function hasName(objects: ReadonlyMap<string, ObjectRef>, ref: ObjectRef): boolean {
  return [...objects.values()].some(({ name, namespace }) => name === ref.name && namespace === ref.namespace);
}
