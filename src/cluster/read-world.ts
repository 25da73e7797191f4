import { DeployError } from '../errors.ts';
import type { KubernetesObject } from '../model/object.ts';
import { type World, worldOf } from '../model/world.ts';
import type { Cluster } from './cluster.ts';
import type { Scope } from './lists.ts';

/** The objects of some scopes at one moment, and which kinds could not be read, with the reason. */
export interface ScopesRead {
  readonly objects: readonly KubernetesObject[];
  readonly unread: ReadonlyMap<string, string>;
}

/** The same, to be judged. */
export interface WorldRead extends Pick<ScopesRead, 'unread'> {
  readonly world: World;
}

/**
 * Lists the scopes at once. A kind that may not be read, or that the cluster doesn't know, is unread; `prepare` sees
 * every object before it is kept, so that secrets can be dropped.
 *
 * @throws DeployError `refused` where the cluster can't be reached.
 */
export async function readScopes(
  cluster: Cluster,
  scopes: readonly Scope[],
  signal: AbortSignal,
  prepare: (object: KubernetesObject) => KubernetesObject = (object) => object,
): Promise<ScopesRead> {
  const unread = new Map<string, string>();
  const lists = await Promise.all(
    scopes.map(async (scope) => {
      try {
        const { items } = await cluster.list(scope, signal);
        return items.map(prepare);
      } catch (error) {
        if (!(error instanceof DeployError) || error.code !== 'refused' || error.transient) throw error;
        unread.set(scope.kind, error.why ?? error.message);
        return [];
      }
    }),
  );
  return { objects: lists.flat(), unread };
}

/** Reads scopes as `readScopes` does, as a world. */
export async function readWorld(
  cluster: Cluster,
  scopes: readonly Scope[],
  signal: AbortSignal,
  prepare?: (object: KubernetesObject) => KubernetesObject,
): Promise<WorldRead> {
  const { objects, unread } = await readScopes(cluster, scopes, signal, prepare);
  return { world: worldOf(objects, cluster.now(), new Set(unread.keys())), unread };
}
