import { setTimeout as delay } from 'node:timers/promises';
import { DeployError } from '../errors.ts';
import { type KubernetesObject, refKey, refOf } from '../model/object.ts';
import type { Cluster } from './cluster.ts';
import type { Scope } from './lists.ts';

/** A pause before a watch that ended is begun again, so that a server in trouble isn't hammered. */
const rewatchDelayMs = 250;
/** The longest pause while the server can't be reached. */
const maxDelayMs = 2_000;
/**
 * A watch that says nothing for so long is begun anew: a connection that has died without a word looks just like a
 * cluster in which nothing happens. A list is cheap; minutes of waiting for a finished rollout are not.
 */
const inactivityMs = 20_000;

/** What a watch tells: the objects as they come. */
export interface Watcher {
  /** All objects of the scope, at the beginning and whenever the watch had to begin anew. */
  listed(objects: readonly KubernetesObject[]): void;
  changed(object: KubernetesObject): void;
  deleted(object: KubernetesObject): void;
  /** The server can't be reached for the moment; `undefined`: it can again. */
  trouble(error: DeployError | undefined): void;
}

/**
 * Follows the objects of a scope until the signal fires: lists them, then watches; lists again whenever the watch
 * ends, breaks, stalls or is too old (410). A server that can't be reached, or is overloaded, is tried again for ever:
 * the caller has the deadline.
 *
 * @throws DeployError `refused` where the server says no (401, 403, a kind that it doesn't know).
 */
export async function watchObjects(
  cluster: Cluster,
  scope: Scope,
  watcher: Watcher,
  signal: AbortSignal,
): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    try {
      const { items, resourceVersion } = await cluster.list(scope, signal);
      if (failures > 0) watcher.trouble(undefined);
      failures = 0;
      watcher.listed(items);
      await follow(cluster, scope, resourceVersion, watcher, signal);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof DeployError) || !error.transient) throw error;
      failures += 1;
      watcher.trouble(error);
    }
    const pauseMs = Math.min(maxDelayMs, rewatchDelayMs * 2 ** Math.min(failures, 4));
    await delay(pauseMs, undefined, { signal }).catch(() => undefined);
  }
}

/** Passes on what the watch says until it ends, breaks or falls silent. */
async function follow(
  cluster: Cluster,
  scope: Scope,
  resourceVersion: string,
  watcher: Watcher,
  signal: AbortSignal,
): Promise<void> {
  const inactive = new AbortController();
  const timer = setTimeout(() => inactive.abort(), inactivityMs);
  try {
    for await (const event of cluster.watch(scope, resourceVersion, AbortSignal.any([signal, inactive.signal]))) {
      timer.refresh();
      if (event.type === 'gone') return;
      if (event.type === 'BOOKMARK') continue;
      if (event.type === 'DELETED') watcher.deleted(event.object);
      else watcher.changed(event.object);
    }
  } catch (error) {
    if (!inactive.signal.aborted) throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** The key under which an object of a watch is stored: one instance, not just one name. */
export function instanceKey(object: KubernetesObject): string {
  return object.metadata.uid ?? refKey(refOf(object));
}
